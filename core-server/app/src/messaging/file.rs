//! The file that a delivery carries, page by page: goods may be larger than any message of the API.

use warung_domain::{delivery::Fault, ids::DeliveryId};
use warung_store::{Read, Tx, rows};

use super::{
    check_worker,
    claim::{give_up, showing},
    write::Purpose,
};
use crate::{
    context::Context,
    engine::{Command, Engine, Query},
    error::{Error, Result},
    order::{self, GoodsCursor},
};

/// A page of a delivery's file. Only who holds the delivery's lease is given it: what it shows was noted with the lease.
#[derive(Clone, Debug)]
pub struct DeliveryFile {
    /// Who holds the lease.
    pub worker_id: String,
    /// Of which delivery.
    pub delivery_id: DeliveryId,
    /// Of which attempt.
    pub attempt: i64,
    /// Where the page begins: what the one before named; empty: at the start.
    pub page_token: String,
}

/// A page of a file. Its text is secret.
pub struct FilePage {
    /// Its text.
    pub text: String,
    /// Where the next one begins; `None`: this is the last.
    pub next_page_token: Option<String>,
}

/// What a page was asked for, and did not have.
enum Found {
    Page(FilePage),
    /// The goods can't be put together, however often it is tried.
    Broken(String),
}

/// Looks for a page.
struct Look(DeliveryFile);

impl Query for Look {
    type Output = Found;

    async fn fetch(&self, read: &Read, ctx: &Context) -> Result<Found> {
        let asked = &self.0;
        let gone = || Error::not_found("delivery", &asked.delivery_id);
        let row: rows::Delivery = read.find(asked.delivery_id.0).await?.ok_or_else(gone)?;
        let is_held = row.worker.as_deref() == Some(&*asked.worker_id)
            && row.attempts == asked.attempt
            && row.done_time.is_none()
            && row.due_time > ctx.now;
        let (true, Purpose::Goods(order_id)) = (is_held, Purpose::from_row(&row)?) else { return Err(gone()) };
        let from = GoodsCursor::read(&asked.page_token)
            .ok_or_else(|| Error::invalid("page_token", "must be what the page before named"))?;
        match order::file_page(read, ctx, order_id, from).await {
            Ok((text, next)) => Ok(Found::Page(FilePage { text, next_page_token: next.map(|next| next.to_string()) })),
            Err(error) if error.is_lasting() => Ok(Found::Broken(error.to_string())),
            Err(error) => Err(error),
        }
    }
}

/// Ends a delivery whose goods can't be put together.
pub(super) struct GiveUp {
    /// Which.
    pub(super) id: DeliveryId,
    /// At which attempt.
    pub(super) attempt: i64,
    /// Why.
    pub(super) words: String,
    /// Its worker has been given some of them.
    pub(super) is_shown: bool,
}

impl Command for GiveUp {
    type Output = ();
    const NAME: &'static str = "messaging.give_up";
    // A delivery that has ended, or is at another attempt, stays as it is.
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let row: Option<rows::Delivery> = tx.find(self.id.0).await?;
        let is_same = |row: &rows::Delivery| row.attempts == self.attempt && row.done_time.is_none();
        let Some(row) = row.filter(is_same) else { return Ok(()) };
        if let Some(showing) = showing(&row)?.filter(|_| !self.is_shown && self.attempt == 1) {
            order::conceal(tx, showing).await?;
        }
        give_up(tx, ctx, &row, &self.words, Fault::GoodsUnreadable).await
    }
}

/// A page of the file that a delivery carries. A delivery whose file can't be put together ends, and those whom it concerns
/// are told: to the worker it is gone.
pub async fn delivery_file(engine: &Engine, ctx: &Context, asked: DeliveryFile) -> Result<FilePage> {
    check_worker(&asked.worker_id)?;
    let (id, attempt) = (asked.delivery_id, asked.attempt);
    match engine.ask(ctx, Look(asked)).await? {
        Found::Page(page) => Ok(page),
        Found::Broken(words) => {
            engine.run(ctx, GiveUp { id, attempt, words, is_shown: true }).await?;
            Err(Error::not_found("delivery", &id))
        }
    }
}
