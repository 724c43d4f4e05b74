//! What is said of orders in chats, to their buyers and to the sellers.

use chrono::{DateTime, Utc};
use warung_domain::{
    catalog::ProductKind,
    delivery::Lane,
    html::{Html, MAX_CAPTION_UNITS, MAX_MESSAGE_UNITS},
    ids::{DeliveryId, OrderId, PaymentId},
    membership::Membership,
    message::{Action, ActionKind, Bot, Content, Media, Operation, StatusPicture},
    money::Money,
    named,
    payment::Method,
    standing::Right,
};
use warung_store::{Tx, rows};

use super::settle::Gives;
use crate::{
    context::Context,
    error::Result,
    identity::language_of,
    messaging::{INVOICE, NewDelivery, Purpose},
    words::{Language, local_time, local_until, words},
};

/// How much of a message its product lines may take, in UTF-16 units: the rest must stay to be seen.
const LINES_UNITS_MAX: usize = 400;

/// What a settlement gave, for those who are told.
pub(super) struct Settled {
    pub(super) gives: Gives,
    /// When the buyer's membership ends now.
    pub(super) member_until: Option<DateTime<Utc>>,
    /// The buyer's balance, with a top-up.
    pub(super) balance: Option<i64>,
}

named! {
    /// Why money went to the buyer's wallet instead of an order.
    pub(crate) enum Unused {
        /// The order had been given up, and its goods were gone, or it was not enough for them.
        Late = "late",
        /// It was more than the order costs.
        Over = "over",
        /// It was not enough.
        Short = "short",
        /// The order had been paid.
        Double = "double",
    }
}

/// Money that went back.
#[derive(Clone, Copy)]
pub(crate) struct Refunded<'a> {
    /// Of which order.
    pub(crate) order: &'a rows::Order,
    /// How much.
    pub(crate) amount: i64,
    /// To the balance; else the way it came.
    pub(crate) to_balance: bool,
    /// What of it is of which line, where there are several.
    pub(crate) parts: &'a [(String, i64)],
}

/// Something that somebody should know.
pub(crate) enum Notice<'a> {
    /// To the buyer: the seller makes it by hand now.
    Preparing { order: &'a rows::Order },
    /// To the buyer: they are a member.
    Member { order: &'a rows::Order, until: DateTime<Utc> },
    /// To the buyer: their balance has grown.
    ToppedUp { order: &'a rows::Order, balance: i64 },
    /// To both: money went to the buyer's wallet.
    Credited { order: &'a rows::Order, amount: i64, unused: Unused },
    /// To the buyer: money went back, and with it days of their membership, of which `member` is what is left.
    Refunded { refund: Refunded<'a>, reason: &'a str, member: Option<Membership> },
    /// To who received them, when somebody else paid: days of their membership went back.
    Shortened { order: &'a rows::Order, member: Membership },
    /// To the sellers: an order was paid.
    Sold { order: &'a rows::Order, lines: &'a [rows::OrderLine], buyer: &'a rows::User },
}

/// An amount of an order, as it is said.
fn said(order: &rows::Order, amount: i64) -> String {
    order.currency.0.amount(amount).to_string()
}

pub(super) fn button(language: Language, key: &str, data: String) -> Action {
    Action { label: words(language, key, &[]), kind: ActionKind::Callback(data) }
}

fn order_button(language: Language, order: &rows::Order) -> Action {
    button(language, "button-order", format!("v1:o:{}", OrderId(order.id)))
}

/// The button that sends the goods again.
pub(super) fn again_button(language: Language, id: OrderId) -> Action {
    button(language, "button-again", format!("v1:og:{id}"))
}

/// `2 × Akun Premium — Rp20.000` a line, with its number where the reader names lines by it.
pub(super) fn line_list(language: Language, order: &rows::Order, lines: &[rows::OrderLine], is_numbered: bool) -> Html {
    let mut list = Html::new();
    for line in lines {
        let (quantity, amount) = (line.quantity.to_string(), said(order, line.gross_minor));
        let values = [("quantity", &*quantity), ("name", &*line.product_name), ("amount", &*amount)];
        list.push_text("\n");
        if is_numbered {
            list.push_text(&format!("{}. ", line.number));
        }
        list.push_text(&words(language, "order-line", &values));
    }
    list.cut(LINES_UNITS_MAX)
}

/// Until when somebody is still a member.
fn shortened(ctx: &Context, language: Language, member: Membership) -> Html {
    let Some(end) = member.expire_time else { return Html::new() };
    let key = if end <= ctx.now { "notice-member-over" } else { "notice-member-shorter" };
    let time = local_until(language, ctx.environment.time_zone, end);
    Html::text(&words(language, key, &[("time", &time)]))
}

/// The numbers of the lines that a seller makes by hand.
fn by_hand(lines: &[rows::OrderLine]) -> Vec<String> {
    let by_hand = lines.iter().filter(|line| line.kind == ProductKind::Manual);
    by_hand.map(|line| line.number.to_string()).collect()
}

impl Notice<'_> {
    /// The order that it is about.
    fn order(&self) -> &rows::Order {
        match self {
            Self::Preparing { order }
            | Self::Member { order, .. }
            | Self::ToppedUp { order, .. }
            | Self::Credited { order, .. }
            | Self::Refunded { refund: Refunded { order, .. }, .. }
            | Self::Shortened { order, .. }
            | Self::Sold { order, .. } => order,
        }
    }

    fn content(&self, ctx: &Context, language: Language) -> Content {
        let zone = ctx.environment.time_zone;
        let say = |key: &str, values: &[(&str, &str)]| Html::text(&words(language, key, values));
        let (text, order) = match self {
            Self::Preparing { order } => (say("notice-preparing", &[("code", &order.code)]), Some(*order)),
            Self::Member { order, until } => {
                let until = local_until(language, zone, *until);
                (say("notice-member", &[("code", &order.code), ("time", &until)]), Some(*order))
            }
            Self::ToppedUp { order, balance } => {
                let (amount, balance) = (said(order, order.due_minor), Money::idr(*balance).to_string());
                (say("notice-topped-up", &[("amount", &amount), ("balance", &balance)]), Some(*order))
            }
            Self::Credited { order, amount, unused } => {
                let amount = said(order, *amount);
                let key = format!("notice-{}", unused.name());
                (say(&key, &[("code", &order.code), ("amount", &amount)]), Some(*order))
            }
            Self::Refunded { refund: Refunded { order, amount, to_balance, parts }, reason, member } => {
                let amount = said(order, *amount);
                let key = if *to_balance { "notice-refunded-balance" } else { "notice-refunded-gateway" };
                let mut text = say(key, &[("code", &order.code), ("amount", &amount), ("reason", reason)]);
                let mut list = Html::new();
                for (name, part) in *parts {
                    list.push_text(&format!("\n• {name}: {}", said(order, *part)));
                }
                text.push(&list.cut(LINES_UNITS_MAX));
                if let Some(member) = member {
                    text.push_text("\n").push(&shortened(ctx, language, *member));
                }
                (text, Some(*order))
            }
            Self::Shortened { member, .. } => (shortened(ctx, language, *member), None),
            Self::Sold { order, lines, buyer } => {
                let total = said(order, order.due_minor);
                let mut text = say("seller-sold", &[("code", &order.code), ("amount", &total)]).bold();
                let by_hand = by_hand(lines);
                text.push(&line_list(language, order, lines, !by_hand.is_empty() && lines.len() > 1)).push_text("\n");
                text.push(&called(language, buyer));
                match &*by_hand {
                    [] => {}
                    [first, ..] if lines.len() > 1 => {
                        let values = [("numbers", &*by_hand.join(", ")), ("code", &*order.code), ("first", &**first)];
                        text.push_text("\n").push(&say("seller-by-hand-lines", &values));
                    }
                    _ => {
                        text.push_text("\n").push(&say("seller-by-hand", &[]));
                    }
                }
                (text, None)
            }
        };
        let rows = order.map(|order| vec![vec![order_button(language, order)]]).unwrap_or_default();
        let text_html = text.cut(MAX_MESSAGE_UNITS).to_string();
        Content { text_html, rows, without_preview: true, ..Content::default() }
    }
}

/// A buyer as sellers are told of them: by the name that they show, if any, and by the id.
fn called(language: Language, buyer: &rows::User) -> Html {
    let id = buyer.telegram_id.to_string();
    let Some(name) = [&buyer.first_name, &buyer.last_name, &buyer.username].into_iter().find(|name| !name.is_empty())
    else {
        return Html::text(&words(language, "seller-buyer", &[("id", &id)]));
    };
    let mut called = Html::name(name);
    called.push_text(&format!(" ({id})"));
    called
}

pub(super) fn notice(chat_id: i64, order: &rows::Order, content: Content) -> NewDelivery {
    NewDelivery {
        bot: Bot::Main,
        chat_id,
        lane: Lane::Order,
        operation: Operation::Send(content),
        purpose: Purpose::Notice(OrderId(order.id)),
    }
}

/// A notice to a user, in their language.
pub(crate) fn to_user(ctx: &Context, user: &rows::User, what: &Notice<'_>) -> NewDelivery {
    notice(user.telegram_id, what.order(), what.content(ctx, language_of(user)))
}

/// A notice to every seller who works with orders.
pub(crate) fn to_sellers(ctx: &Context, what: &Notice<'_>) -> Vec<NewDelivery> {
    let content = what.content(ctx, Language::Indonesian);
    ctx.people.working_with(Right::Orders).map(|seller| notice(seller, what.order(), content.clone())).collect()
}

/// Buyer and sellers are told of money that went to the wallet.
pub(crate) fn credited(
    ctx: &Context,
    buyer: &rows::User,
    order: &rows::Order,
    amount: i64,
    unused: Unused,
) -> Vec<NewDelivery> {
    let mut told = vec![to_user(ctx, buyer, &Notice::Credited { order, amount, unused })];
    let content = Notice::Credited { order, amount, unused }.content(ctx, Language::Indonesian);
    let for_sellers = Content { rows: Vec::new(), text_html: format!("🛎 {}", content.text_html), ..content };
    told.extend(ctx.people.working_with(Right::Orders).map(|seller| notice(seller, order, for_sellers.clone())));
    told
}

/// What buyer, receiver and sellers are told of a settled order.
pub(super) fn settled(
    ctx: &Context,
    buyer: &rows::User,
    receiver: &rows::User,
    (order, lines): (&rows::Order, &[rows::OrderLine]),
    told: &Settled,
) -> Vec<NewDelivery> {
    let mut notices = Vec::new();
    if told.gives.manual {
        notices.push(to_user(ctx, receiver, &Notice::Preparing { order }));
    }
    if let Some(until) = told.member_until {
        notices.push(to_user(ctx, receiver, &Notice::Member { order, until }));
    }
    if let Some(balance) = told.balance {
        notices.push(to_user(ctx, buyer, &Notice::ToppedUp { order, balance }));
    }
    notices.extend(to_sellers(ctx, &Notice::Sold { order, lines, buyer }));
    notices
}

/// The message that carries an order's goods, which are put in when it is claimed.
pub(super) fn goods(receiver: &rows::User, id: OrderId) -> NewDelivery {
    NewDelivery {
        bot: Bot::Main,
        chat_id: receiver.telegram_id,
        lane: Lane::Order,
        operation: Operation::SendGoods { order_id: id },
        purpose: Purpose::Goods(id),
    }
}

/// The invoice of an open payment. `has_balance`: the buyer's wallet holds something to pay from.
pub(crate) fn invoice(
    ctx: &Context,
    buyer: &rows::User,
    order: &rows::Order,
    lines: &[rows::OrderLine],
    row: &rows::Payment,
    has_balance: bool,
) -> NewDelivery {
    let language = language_of(buyer);
    let say = |key: &str, values: &[(&str, &str)]| Html::text(&words(language, key, values));
    let mut text = say("invoice-title", &[("code", &order.code)]).bold();
    text.push(&line_list(language, order, lines, false)).push_text("\n");
    if order.discount_minor > 0 {
        text.push_text("\n").push(&say("invoice-discount", &[("amount", &said(order, order.discount_minor))]));
    }
    if order.paid_minor > 0 {
        text.push_text("\n").push(&say("invoice-paid", &[("amount", &said(order, order.paid_minor))]));
    }
    text.push_text("\n").push(&say("invoice-amount", &[("amount", &said(order, row.amount_minor))]));
    text.push_text("\n").push(&say("invoice-fee", &[("amount", &said(order, row.fee_minor))]));
    text.push_text("\n").push(&say("invoice-total", &[("amount", &said(order, row.total_minor))]).bold());
    if let Some(time) = row.expire_time {
        let time = local_time(language, ctx.environment.time_zone, time);
        text.push_text("\n").push(&say("invoice-until", &[("time", &time)]));
    }
    let payload = row.payload.clone().filter(|payload| !payload.is_empty());
    let mut media = None;
    match (row.method.0, payload) {
        (Method::Qris, Some(payload)) => {
            text.push_text("\n\n").push(&say("invoice-qris", &[]));
            media = Some(Media::QrCode { payload });
        }
        (_, Some(number)) => {
            text.push_text("\n\n").push(&say("invoice-account", &[("method", row.method.0.label())]));
            text.push_text("\n").push(&Html::code(&number));
        }
        (_, None) => {}
    }
    let id = OrderId(order.id);
    let mut rows = Vec::new();
    if let Some(url) = row.pay_url.clone().filter(|url| !url.is_empty()) {
        rows.push(vec![Action { label: words(language, "button-pay", &[]), kind: ActionKind::Url(url) }]);
    }
    rows.push(vec![button(language, "button-check", format!("v1:pc:{}", PaymentId(row.id)))]);
    let mut last = vec![button(language, "button-cancel", format!("v1:oc:{id}"))];
    // Balance is not bought with balance.
    if has_balance && Gives::of(lines).top_up == 0 {
        last.insert(0, button(language, "button-balance", format!("v1:ob:{id}")));
    }
    rows.push(last);
    let text_html = text.cut(MAX_CAPTION_UNITS).to_string();
    NewDelivery {
        bot: Bot::Main,
        chat_id: buyer.telegram_id,
        lane: Lane::Reply,
        operation: Operation::Send(Content { text_html, media, rows, without_preview: true, ..Content::default() }),
        purpose: Purpose::Invoice(PaymentId(row.id)),
    }
}

/// Why an invoice can't be paid any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvoiceEnd {
    /// It was paid, and the order with it.
    Settled,
    /// It was paid, and the money went to the wallet: it was late, short or too much.
    Credited,
    /// Nobody paid in time.
    Expired,
    /// It was cancelled.
    Cancelled,
}

/// The messages with invoices of payments.
pub(crate) async fn invoices(tx: &Tx, payments: &[PaymentId]) -> Result<Vec<rows::Delivery>> {
    Ok(tx.deliveries_for(INVOICE, payments.iter().map(|id| id.0).collect()).await?)
}

/// What becomes of the invoices of a payment that can't be paid any more: no payable picture stays in a chat.
pub(crate) fn invoice_edits(
    ctx: &Context,
    (buyer, order): (&rows::User, &rows::Order),
    row: &rows::Payment,
    sent: Vec<rows::Delivery>,
    end: InvoiceEnd,
) -> Vec<NewDelivery> {
    if sent.is_empty() {
        return Vec::new();
    }
    let language = language_of(buyer);
    let (key, picture) = match end {
        InvoiceEnd::Settled => ("status-paid", StatusPicture::Paid),
        InvoiceEnd::Credited => ("status-credited", StatusPicture::Credited),
        InvoiceEnd::Expired => ("status-expired", StatusPicture::Expired),
        InvoiceEnd::Cancelled => ("status-cancelled", StatusPicture::Cancelled),
    };
    // What the order took is told with the fee that was paid on it, what went to the wallet as it stands there.
    let amount = if end == InvoiceEnd::Credited { row.received_minor.unwrap_or_default() } else { row.total_minor };
    let time = local_time(language, ctx.environment.time_zone, ctx.now);
    let values = [("code", &*order.code), ("amount", &*said(order, amount)), ("time", &*time)];
    // A message keeps what it is: a picture takes another picture's place, and text other text's.
    let is_picture = row.method == Method::Qris && row.payload.as_ref().is_some_and(|p| !p.is_empty());
    let content = Content {
        text_html: Html::text(&words(language, key, &values)).to_string(),
        media: is_picture.then_some(Media::Status(picture)),
        rows: vec![vec![order_button(language, order)]],
        ..Content::default()
    };
    let edit = |delivery: rows::Delivery| NewDelivery {
        bot: Bot::Main,
        chat_id: delivery.chat_id,
        lane: Lane::Order,
        operation: Operation::EditSent { delivery_id: DeliveryId(delivery.id), content: content.clone() },
        purpose: Purpose::Notice(OrderId(order.id)),
    };
    sent.into_iter().map(edit).collect()
}
