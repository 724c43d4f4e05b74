//! How far the books are proven, sealed with the store's key.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use warung_domain::secret::Purpose;
use warung_store::{Read, Tx, rows};

use crate::{context::Context, engine::Command, error::Result};

/// How long a sealed checkpoint may be: a product takes 64 bytes, and a call of the API has 4 MiB.
const SEALED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What everything up to a checkpoint sums to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Totals {
    /// By kind of account and currency, such as `wallet IDR`.
    pub(super) booked: BTreeMap<String, i64>,
    /// Units that were sold, by product.
    pub(super) sold: BTreeMap<Uuid, i64>,
}

impl Totals {
    /// What all accounts of a kind sum to, in whatever currency.
    pub(super) fn of_kind(&self, kind: &str) -> i64 {
        let is_of_kind = |name: &str| name.split(' ').next() == Some(kind);
        self.booked.iter().filter(|(name, _)| is_of_kind(name)).map(|(_, amount)| amount).sum()
    }
}

/// All orders and journals up to an id are proven, and sum to this. The ids of both are by time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub(super) until: Uuid,
    pub(super) totals: Totals,
}

impl Checkpoint {
    /// Nothing is proven.
    pub(super) fn start() -> Self {
        Self { until: Uuid::nil(), totals: Totals::default() }
    }

    /// Until when everything that was written is proven.
    #[must_use]
    pub fn until_time(&self) -> DateTime<Utc> {
        // The first 48 of its bits.
        let millis = i64::try_from(self.until.as_u128() >> 80).unwrap_or_default();
        DateTime::from_timestamp_millis(millis).unwrap_or_default()
    }

    /// It in a text that nobody else can make.
    pub fn seal(&self, ctx: &Context) -> Result<String> {
        Ok(ctx.environment.secret.sign(Purpose::Checkpoint, &serde_json::to_vec(self)?))
    }

    /// What [`Self::seal`] made; `None`: somebody else did.
    #[must_use]
    pub fn open(ctx: &Context, sealed: &str) -> Option<Self> {
        let bytes = ctx.environment.secret.open_within(Purpose::Checkpoint, sealed, SEALED_BYTES_MAX)?;
        serde_json::from_slice(&bytes).ok()
    }

    /// The newest that is kept.
    pub(super) async fn newest(read: &Read, ctx: &Context) -> Result<Kept> {
        let Some(row) = read.book_checkpoint().await? else { return Ok(Kept::None) };
        Ok(match Self::open(ctx, &row.sealed).filter(|checkpoint| checkpoint.until == row.until) {
            Some(checkpoint) => Kept::Checkpoint(checkpoint),
            None => Kept::Altered,
        })
    }
}

/// What is kept of earlier proofs.
pub(super) enum Kept {
    None,
    Checkpoint(Checkpoint),
    /// It is not as it was sealed.
    Altered,
}

/// Keeps a checkpoint.
#[derive(Debug)]
pub(super) struct KeepCheckpoint(pub(super) Checkpoint);

impl Command for KeepCheckpoint {
    type Output = ();
    const NAME: &'static str = "ledger.keep_checkpoint";
    // A checkpoint that is there already stays.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let row = rows::BookCheckpoint { until: self.0.until, sealed: self.0.seal(ctx)?, create_time: ctx.now };
        Ok(tx.keep_book_checkpoint(row).await?)
    }
}
