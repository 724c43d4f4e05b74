//! What leaves for a messenger.

mod claim;
mod file;
mod file_ids;
mod handover;
mod long_poll;
mod pace;
mod report;
mod resolve;
mod trouble;
mod write;

pub use claim::{ClaimDeliveries, Lease};
pub use file::{DeliveryFile, FilePage, delivery_file};
pub(crate) use handover::{Handovers, Recipient};
pub use long_poll::{ClaimAnswer, ClaimedDelivery, claim_deliveries};
pub use report::{Acceptance, Failure, Outcome, Report, ReportDeliveries, report_deliveries};
pub(crate) use write::{
    GOODS, INVOICE, NewDelivery, Purpose, open_chat, write_deliveries, write_delivery, write_delivery_once,
};

use crate::error::{Error, Result};

const WORKER_CHARACTERS_MAX: usize = 64;

/// Refuses what is no worker's name.
pub(crate) fn check_worker(worker_id: &str) -> Result<()> {
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if worker_id.is_empty() || worker_id.len() > WORKER_CHARACTERS_MAX || !worker_id.chars().all(is_allowed) {
        return Err(Error::invalid("worker_id", "must have 1 to 64 of `A-Z a-z 0-9 - _ .`"));
    }
    Ok(())
}
