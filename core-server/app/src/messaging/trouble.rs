//! Who is told when a delivery ends without arriving: whoever waits for it, at once and in their language; the sellers,
//! what it was, what is wrong and what to do; and the owner.
//!
//! Telling ends by itself: of a notice of this kind that does not arrive either, and of one to a seller, the owner alone is
//! told. One broken film that hundreds ask for is told to the sellers once in an hour.

use chrono::TimeDelta;
use warung_domain::{
    delivery::{Fault, Lane},
    html::{Html, MAX_MESSAGE_UNITS},
    ids::{DeliveryId, EpisodeId, OrderId, PaymentId, TitleRequestId},
    message::{Action, ActionKind, Bot, Content, Operation},
    standing::Right,
};
use warung_store::{Read, Tx, rows};

use super::write::{NewDelivery, Purpose, write_deliveries};
use crate::{
    context::Context,
    error::Result,
    identity::language_of,
    library,
    operations::alert::alert,
    words::{Language, words},
};

/// Sellers are told of the same fault once in this time.
const QUIET: TimeDelta = TimeDelta::hours(1);

/// What did not arrive.
enum Subject {
    /// The video of an episode, or the card that leads to it.
    Episode { id: EpisodeId, title: String, number: i64, is_one_of_many: bool, is_card: bool },
    /// The goods of an order.
    Goods { id: OrderId, code: String },
    /// The invoice of an order.
    Invoice { id: OrderId, code: String },
    /// News of an order.
    Notice { id: OrderId, code: String },
    /// Nothing that anybody but the owner can do something about.
    Other,
}

impl Subject {
    async fn of(read: &Read, purpose: Purpose) -> Result<Self> {
        Ok(match purpose {
            Purpose::Video(id) => Self::episode(read, id, false).await?,
            Purpose::TitleRequest(TitleRequestId(id)) => {
                let request: Option<rows::TitleRequest> = read.find(id).await?;
                match request {
                    Some(request) => Self::episode(read, EpisodeId(request.episode_id), true).await?,
                    None => Self::Other,
                }
            }
            Purpose::Goods(id) => order(read, id).await?.map_or(Self::Other, |code| Self::Goods { id, code }),
            Purpose::Notice(id) => order(read, id).await?.map_or(Self::Other, |code| Self::Notice { id, code }),
            Purpose::Invoice(PaymentId(id)) => {
                let payment: Option<rows::Payment> = read.find(id).await?;
                let Some(id) = payment.map(|payment| OrderId(payment.order_id)) else { return Ok(Self::Other) };
                order(read, id).await?.map_or(Self::Other, |code| Self::Invoice { id, code })
            }
            Purpose::Alert | Purpose::Trouble => Self::Other,
        })
    }

    async fn episode(read: &Read, id: EpisodeId, is_card: bool) -> Result<Self> {
        Ok(library::names_of(read, id).await?.map_or(Self::Other, |(title, number, is_one_of_many)| Self::Episode {
            id,
            title,
            number,
            is_one_of_many,
            is_card,
        }))
    }

    /// What people call it: a title, with its episode when there are several, or an order's code.
    fn name(&self, language: Language) -> String {
        match self {
            Self::Episode { title, number, is_one_of_many: true, .. } => {
                let episode = words(language, "episode-number", &[("number", &number.to_string())]);
                format!("{title} · {episode}")
            }
            Self::Episode { title, .. } => title.clone(),
            Self::Goods { code, .. } | Self::Invoice { code, .. } | Self::Notice { code, .. } => code.clone(),
            Self::Other => String::new(),
        }
    }

    /// Its part of the keys of words.
    fn kind(&self) -> &'static str {
        match self {
            Self::Episode { is_card: true, .. } => "film",
            Self::Episode { .. } => "video",
            Self::Goods { .. } => "goods",
            Self::Invoice { .. } => "invoice",
            Self::Notice { .. } => "notice",
            Self::Other => "message",
        }
    }

    /// What the sellers work with who are told.
    fn right(&self) -> Right {
        match self {
            Self::Episode { .. } => Right::Library,
            Self::Goods { .. } | Self::Invoice { .. } | Self::Notice { .. } | Self::Other => Right::Orders,
        }
    }

    /// What tells it from others of its kind.
    fn id(&self) -> String {
        match self {
            Self::Episode { id, .. } => id.to_string(),
            Self::Goods { id, .. } | Self::Invoice { id, .. } | Self::Notice { id, .. } => id.to_string(),
            Self::Other => String::new(),
        }
    }

    /// The button to go on with.
    fn button(&self, language: Language) -> Option<Action> {
        let id = match self {
            Self::Goods { id, .. } | Self::Invoice { id, .. } | Self::Notice { id, .. } => id,
            Self::Episode { .. } | Self::Other => return None,
        };
        let kind = ActionKind::Callback(format!("v1:o:{id}"));
        Some(Action { label: words(language, "button-order", &[]), kind })
    }
}

async fn order(read: &Read, id: OrderId) -> Result<Option<String>> {
    let order: Option<rows::Order> = read.find(id.0).await?;
    Ok(order.map(|order| order.code))
}

/// Tells of a delivery that ended without arriving.
pub(super) async fn tell(
    tx: &mut Tx,
    ctx: &Context,
    row: &rows::Delivery,
    purpose: Purpose,
    fault: Fault,
) -> Result<()> {
    if row.bot == Bot::Owner.name() {
        return Ok(());
    }
    let subject = Subject::of(tx, purpose).await?;
    tell_owner(tx, ctx, row, &subject, fault).await?;
    let is_to_seller = ctx.people.of(row.chat_id).is_admin();
    if matches!(subject, Subject::Other) || (is_to_seller && matches!(subject, Subject::Notice { .. })) {
        return Ok(());
    }
    let viewer = language(tx, row.chat_id).await?;
    let text = words(viewer, &format!("trouble-{}", subject.kind()), &[("name", &subject.name(viewer))]);
    let mut told = vec![notice(row.chat_id, Lane::Reply, &text, subject.button(viewer))];
    if tx.tell_alert(&seller_key(&subject, fault), ctx.now, ctx.now - QUIET).await? {
        for seller in ctx.people.working_with(subject.right()) {
            let language = language(tx, seller).await?;
            told.push(notice(seller, Lane::Order, &for_sellers(&subject, fault, language), None));
        }
    }
    write_deliveries(tx, ctx, told).await
}

/// What the sellers are told once: of a messenger that gave no answer it is one matter, whatever it was about. Goods that
/// were paid for and invoices are each a matter of their own.
fn seller_key(subject: &Subject, fault: Fault) -> String {
    let id = match (subject, fault) {
        (Subject::Episode { .. } | Subject::Notice { .. }, Fault::Unanswered) => String::new(),
        _ => subject.id(),
    };
    format!("seller.{}:{id}:{}", subject.kind(), fault.name())
}

fn for_sellers(subject: &Subject, fault: Fault, language: Language) -> String {
    let what = words(language, &format!("seller-trouble-{}", subject.kind()), &[("name", &subject.name(language))]);
    format!("{what}\n{}", words(language, &format!("fault-{}", fault.name()), &[]))
}

async fn tell_owner(tx: &mut Tx, ctx: &Context, row: &rows::Delivery, subject: &Subject, fault: Fault) -> Result<()> {
    let name = subject.name(Language::English);
    let what = match subject {
        Subject::Episode { is_card: true, .. } => format!("The card of the film {name}"),
        Subject::Episode { .. } => format!("The video of {name}"),
        Subject::Goods { id, .. } => format!("The goods of the order {name} ({id})"),
        Subject::Invoice { .. } => format!("The invoice of the order {name}"),
        Subject::Notice { .. } => format!("A notice of the order {name}"),
        Subject::Other => "A message".to_owned(),
    };
    // Each order's goods and each film for themselves: no other failure within the hour may hide them.
    let key = match subject {
        Subject::Goods { id, .. } => format!("goods.undeliverable:{id}"),
        Subject::Episode { .. } if fault != Fault::Unanswered => {
            format!("delivery.undeliverable:{}:{}", subject.kind(), subject.id())
        }
        _ => format!("delivery.undeliverable:{}", subject.kind()),
    };
    let (error, delivery) = (row.error.as_deref().unwrap_or("no answer"), DeliveryId(row.id));
    let text = format!("{what} could not be delivered ({error}). See the delivery {delivery}.");
    alert(tx, ctx, &key, &text).await?;
    Ok(())
}

async fn language(read: &Read, telegram_id: i64) -> Result<Language> {
    let user = read.user_by_telegram_id(telegram_id).await?;
    Ok(user.as_ref().map_or_else(Language::default, language_of))
}

fn notice(chat_id: i64, lane: Lane, text: &str, button: Option<Action>) -> NewDelivery {
    let content = Content {
        text_html: Html::text(text).cut(MAX_MESSAGE_UNITS).to_string(),
        rows: button.into_iter().map(|button| vec![button]).collect(),
        without_preview: true,
        ..Content::default()
    };
    NewDelivery { bot: Bot::Main, chat_id, lane, operation: Operation::Send(content), purpose: Purpose::Trouble }
}
