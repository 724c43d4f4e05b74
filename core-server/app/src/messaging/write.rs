//! Writing deliveries, in the transaction of whatever causes them.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use warung_domain::{
    contact::ContactState,
    delivery::{Lane, State, StateName},
    ids::{DeliveryId, EpisodeId, OrderId, PaymentId, TitleRequestId},
    message::{Bot, Operation},
    named,
};
use warung_store::{Tx, rows};

use crate::{
    context::Context,
    error::{Error, Result},
};

named! {
    /// What deliveries are for, without which one, as their rows have it.
    enum PurposeName {
        /// [`Purpose::TitleRequest`].
        TitleRequest = "TITLE_REQUEST",
        /// [`Purpose::Video`].
        Video = "VIDEO",
        /// [`Purpose::Alert`].
        Alert = "ALERT",
        /// [`Purpose::Invoice`].
        Invoice = "INVOICE",
        /// [`Purpose::Goods`].
        Goods = "GOODS",
        /// [`Purpose::Notice`].
        Notice = "NOTICE",
        /// [`Purpose::Trouble`].
        Trouble = "TROUBLE",
    }
}

/// The purpose of invoices: they are found by it when they are of no use any more.
pub(crate) const INVOICE: &str = PurposeName::Invoice.name();
/// The purpose of goods.
pub(crate) const GOODS: &str = PurposeName::Goods.name();

/// So long a delivery that arrived stands for its twins.
const SAME_AGAIN: TimeDelta = TimeDelta::seconds(5);

/// What a delivery is for: whoever wrote it learns what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The card of a film that was asked for.
    TitleRequest(TitleRequestId),
    /// The video of an episode.
    Video(EpisodeId),
    /// An alert to an owner.
    Alert,
    /// The invoice of a payment.
    Invoice(PaymentId),
    /// The goods of an order.
    Goods(OrderId),
    /// Something that a buyer or a seller should know of an order.
    Notice(OrderId),
    /// Something else did not arrive. When this does not either, the owner alone is told.
    Trouble,
}

impl Purpose {
    fn columns(self) -> (PurposeName, Option<Uuid>) {
        match self {
            Self::TitleRequest(id) => (PurposeName::TitleRequest, Some(id.0)),
            Self::Video(id) => (PurposeName::Video, Some(id.0)),
            Self::Alert => (PurposeName::Alert, None),
            Self::Invoice(id) => (PurposeName::Invoice, Some(id.0)),
            Self::Goods(id) => (PurposeName::Goods, Some(id.0)),
            Self::Notice(id) => (PurposeName::Notice, Some(id.0)),
            Self::Trouble => (PurposeName::Trouble, None),
        }
    }

    /// The purpose of a row. One that a newer version wrote may have another.
    pub(super) fn from_row(row: &rows::Delivery) -> Result<Self> {
        let unknown = || Error::inconsistent(format!("delivery.purpose {}", row.purpose));
        let id = || row.purpose_id.ok_or_else(unknown);
        Ok(match PurposeName::from_name(&row.purpose).ok_or_else(unknown)? {
            PurposeName::TitleRequest => Self::TitleRequest(TitleRequestId(id()?)),
            PurposeName::Video => Self::Video(EpisodeId(id()?)),
            PurposeName::Alert => Self::Alert,
            PurposeName::Invoice => Self::Invoice(PaymentId(id()?)),
            PurposeName::Goods => Self::Goods(OrderId(id()?)),
            PurposeName::Notice => Self::Notice(OrderId(id()?)),
            PurposeName::Trouble => Self::Trouble,
        })
    }
}

/// A delivery to be written.
pub(crate) struct NewDelivery {
    pub(crate) bot: Bot,
    pub(crate) chat_id: i64,
    pub(crate) lane: Lane,
    pub(crate) operation: Operation,
    pub(crate) purpose: Purpose,
}

impl NewDelivery {
    /// As a row that is due at once.
    pub(crate) fn row(&self, ctx: &Context) -> Result<rows::Delivery> {
        let (purpose, purpose_id) = self.purpose.columns();
        Ok(rows::Delivery {
            id: ctx.new_id(),
            bot: self.bot.name().to_owned(),
            chat_id: self.chat_id,
            lane: i64::from(self.lane.priority()),
            operation: serde_json::to_string(&self.operation)?,
            purpose: purpose.name().to_owned(),
            purpose_id,
            state: State::Pending { due_time: ctx.now }.name().to_owned(),
            attempts: 0,
            due_time: ctx.now,
            worker: None,
            may_be_repeated: false,
            message_id: None,
            error: None,
            create_time: ctx.now,
            release_time: ctx.now,
            done_time: None,
        })
    }
}

/// Writes a delivery that is due at once.
pub(crate) async fn write_delivery(tx: &mut Tx, ctx: &Context, new: NewDelivery) -> Result<DeliveryId> {
    let row = new.row(ctx)?;
    let id = DeliveryId(row.id);
    tx.insert(row).await?;
    Ok(id)
}

/// Writes a delivery that is due at once, unless its very twin still waits or was written within the last seconds: then
/// somebody pressed again before it came, and this answers the first one. Twins that come at the same moment must lock
/// the same row before.
pub(crate) async fn write_delivery_once(tx: &mut Tx, ctx: &Context, new: NewDelivery) -> Result<DeliveryId> {
    let row = new.row(ctx)?;
    let recent = ctx.now - SAME_AGAIN;
    let others = tx.recent_deliveries(&row.bot, row.chat_id, recent).await?;
    let is_twin = |other: &rows::Delivery| {
        let is_recent =
            other.done_time.is_none() || (other.create_time > recent && other.state == StateName::Sent.name());
        is_recent
            && (&other.purpose, other.purpose_id, &other.operation) == (&row.purpose, row.purpose_id, &row.operation)
    };
    if let Some(twin) = others.iter().find(|other| is_twin(other)) {
        return Ok(DeliveryId(twin.id));
    }
    let id = DeliveryId(row.id);
    tx.insert(row).await?;
    Ok(id)
}

/// Writes deliveries that are due at once, by one statement. Of those to one chat the first goes out first.
pub(crate) async fn write_deliveries(tx: &mut Tx, ctx: &Context, new: Vec<NewDelivery>) -> Result<()> {
    let rows = new.iter().map(|delivery| delivery.row(ctx)).collect::<Result<Vec<_>>>()?;
    Ok(tx.insert_all(rows).await?)
}

/// The user opened their chat with the main bot now: what their refusal held back is due again. The user is noted first: a
/// report that learns of a refusal meanwhile sees either this, or is seen here.
pub(crate) async fn open_chat(tx: &mut Tx, ctx: &Context, chat_id: i64) -> Result<()> {
    tx.set_contact_open(chat_id, ContactState::Open, ctx.now).await?;
    let waiting: Vec<i64> =
        Lane::ALL.into_iter().filter(|lane| lane.waits_for_start()).map(|lane| i64::from(lane.priority())).collect();
    tx.release_deliveries(Bot::Main.name(), chat_id, waiting, ctx.now).await?;
    Ok(())
}

/// Puts a state and what it carries into a row.
pub(super) fn set_state(row: &mut rows::Delivery, state: &State, now: DateTime<Utc>) {
    state.name().clone_into(&mut row.state);
    row.worker = None;
    row.done_time = state.is_final().then_some(now);
    match state {
        State::Pending { due_time } => row.due_time = *due_time,
        State::Sent { message_id, .. } => row.message_id = Some(*message_id),
        State::Claimed { .. } | State::Refused(_) | State::Failed | State::Uncertain | State::Dead => {}
    }
}

/// The lane of a row.
pub(super) fn lane(row: &rows::Delivery) -> Result<Lane> {
    i16::try_from(row.lane)
        .ok()
        .and_then(Lane::from_priority)
        .ok_or_else(|| Error::inconsistent(format!("delivery.lane {}", row.lane)))
}
