//! Goods: put into their message when it is claimed, so that they stand in no row of deliveries, and what became of it.
//!
//! They are opened a page at a time. What has one page and fits into a message is one; anything else is a file, whose pages
//! the worker asks for, so that an order of any size is neither in memory nor in an answer of the API at once.

use std::fmt;

use uuid::Uuid;
use warung_domain::{
    catalog::ProductKind,
    delivery::{Refusal, State},
    goods::Goods,
    html::{Html, MAX_MESSAGE_UNITS},
    ids::{DeliveryId, OrderId},
    message::{Content, Media},
    order::{Event, OrderState},
};
use warung_store::{Read, Tx, rows};

use super::{OrderEdit, line::has_goods, notice};
use crate::{
    context::Context,
    error::{Error, Result},
    identity::language_of,
    messaging::GOODS,
    words::{Language, words},
};

/// So many bytes of goods are opened for a page, and the rest of what was read with them: less than a message of the API by
/// far.
const PAGE_BYTES: usize = 256 * 1024;
/// How many stock lines are read at once, each of up to 4,000 letters.
const STOCK_LINES_AT_ONCE: u64 = 32;

/// What became of the delivery of an order's goods. Answers whether it decides: a newer one that is on its way has all that
/// this one had.
pub(crate) async fn goods_reported(
    tx: &mut Tx,
    ctx: &Context,
    id: OrderId,
    delivery: DeliveryId,
    state: &State,
) -> Result<bool> {
    let event = match state {
        State::Sent { .. } => Event::GoodsArrived,
        State::Refused(Refusal::Blocked | Refusal::NeverStarted) => Event::BuyerRefused,
        State::Failed | State::Dead | State::Uncertain => Event::GoodsFailed,
        State::Pending { .. } | State::Claimed { .. } => return Ok(false),
    };
    let edit = OrderEdit::by_id(tx, id).await?;
    let mut edit = edit.ok_or_else(|| Error::inconsistent("delivery.purpose_id"))?;
    // A message shows the goods that there are when it leaves: of several the newest has them all, and it decides.
    let others = tx.deliveries_for(GOODS, vec![id.0]).await?;
    if others.iter().any(|other| other.id > delivery.0 && other.done_time.is_none()) {
        return Ok(false);
    }
    if edit.change(ctx, event)? {
        edit.save(tx, ctx).await?;
    }
    Ok(true)
}

/// Notes that the goods of an order are shown, for each of its lines that has some.
pub(crate) async fn reveal(tx: &mut Tx, ctx: &Context, id: OrderId, delivery: DeliveryId, chat_id: i64) -> Result<()> {
    let mut revealed = Vec::new();
    for line in tx.lines_of_order(id.0).await? {
        if has_goods(&line) {
            revealed.push(rows::Reveal {
                id: ctx.new_id(),
                order_line_id: line.id,
                actor: format!("user:{chat_id}"),
                delivery_id: Some(delivery.0),
                create_time: ctx.now,
            });
        }
    }
    Ok(tx.insert_all(revealed).await?)
}

/// Goods of a line, in the clear.
struct OfLine {
    name: String,
    /// The page before ended with goods of this line.
    goes_on: bool,
    goods: Vec<Goods>,
}

/// Where a page of an order's goods begins: with a line, after one of its stock lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct GoodsCursor {
    line: i64,
    after: Option<Uuid>,
}

impl GoodsCursor {
    /// The cursor of a token; an empty one is the start.
    pub(crate) fn read(token: &str) -> Option<Self> {
        if token.is_empty() {
            return Some(Self::default());
        }
        let (line, after) = token.split_once('.')?;
        let after = if after.is_empty() { None } else { Some(Uuid::try_parse(after).ok()?) };
        Some(Self { line: line.parse().ok()?, after })
    }
}

impl fmt::Display for GoodsCursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.", self.line)?;
        self.after.map_or(Ok(()), |after| write!(formatter, "{}", after.simple()))
    }
}

/// Goods that were opened, and where the next page begins, if there is one.
struct Page {
    lines: Vec<OfLine>,
    next: Option<GoodsCursor>,
}

async fn order_of(read: &Read, id: OrderId) -> Result<rows::Order> {
    read.find(id.0).await?.ok_or_else(|| Error::inconsistent("the order of a delivery is gone"))
}

/// The message that carries the goods of an order.
pub(crate) async fn resolve(read: &Read, ctx: &Context, id: OrderId) -> Result<Content> {
    let order = order_of(read, id).await?;
    let receiver: Option<rows::User> = read.find(order.receiver_id.unwrap_or(order.buyer_id)).await?;
    let language = language_of(&receiver.ok_or_else(|| Error::inconsistent("the receiver of an order is gone"))?);
    let goods = match order.state.0 {
        OrderState::Refunded => None,
        _ => Some(open(read, ctx, &order, GoodsCursor::default()).await?).filter(|page| !page.lines.is_empty()),
    };
    let Some(goods) = goods else {
        let text = Html::text(&words(language, "goods-refunded", &[("code", &order.code)]));
        return Ok(Content { text_html: text.to_string(), ..Content::default() });
    };
    Ok(message(language, &order, &goods))
}

/// A page of the file that carries the goods of an order, and where the next one begins.
pub(crate) async fn file_page(
    read: &Read,
    ctx: &Context,
    id: OrderId,
    from: GoodsCursor,
) -> Result<(String, Option<GoodsCursor>)> {
    let order = order_of(read, id).await?;
    if order.state == OrderState::Refunded {
        // Refunded while it was on its way: it is not shown any more.
        return Err(Error::not_found("goods of the order", &id));
    }
    let page = open(read, ctx, &order, from).await?;
    let mut text = String::new();
    for line in &page.lines {
        if !line.goes_on {
            let is_first = text.is_empty() && from == GoodsCursor::default();
            text.push_str(if is_first { "" } else { "\n\n" });
            text.push_str(&line.name);
        }
        for goods in &line.goods {
            text.push('\n');
            text.push_str(goods.reveal());
        }
    }
    Ok((text, page.next))
}

/// Opens goods from a place on, until they are a page.
async fn open(read: &Read, ctx: &Context, order: &rows::Order, from: GoodsCursor) -> Result<Page> {
    let (mut page, mut bytes) = (Page { lines: Vec::new(), next: None }, 0_usize);
    for line in read.lines_of_order(order.id).await? {
        if line.number < from.line || !has_goods(&line) {
            continue;
        }
        let mut cursor = GoodsCursor { line: line.number, after: None };
        if line.number == from.line {
            cursor.after = from.after;
        }
        let goes_on = cursor.after.is_some();
        let mut goods = Vec::new();
        loop {
            if bytes >= PAGE_BYTES {
                page.next = Some(cursor);
                break;
            }
            let (opened, last) = open_some(read, ctx, &line, cursor.after).await?;
            bytes = opened.iter().fold(bytes, |bytes, goods| bytes.saturating_add(goods.reveal().len()));
            goods.extend(opened);
            match last {
                Some(last) => cursor.after = Some(last),
                None => break,
            }
        }
        if !goods.is_empty() {
            page.lines.push(OfLine { name: line.product_name, goes_on, goods });
        }
        if page.next.is_some() {
            break;
        }
    }
    Ok(page)
}

/// Opens some goods of a line: of stock lines a few from the one after `after` on. Answers the last of them, if there are
/// more.
async fn open_some(
    read: &Read,
    ctx: &Context,
    line: &rows::OrderLine,
    after: Option<Uuid>,
) -> Result<(Vec<Goods>, Option<Uuid>)> {
    let broken = |error: warung_domain::seal::SealError| Error::Internal(error.to_string());
    let secret = &ctx.environment.secret;
    let mut goods = Vec::new();
    match line.kind.0 {
        ProductKind::Stock => {
            let sold = read.sold_stock_lines_after(line.id, after, STOCK_LINES_AT_ONCE).await?;
            for row in &sold {
                goods.push(secret.unseal(row.id.as_bytes(), &row.cipher).map_err(broken)?);
            }
            let has_more = u64::try_from(sold.len()).is_ok_and(|count| count == STOCK_LINES_AT_ONCE);
            return Ok((goods, sold.last().map(|row| row.id).filter(|_| has_more)));
        }
        ProductKind::Shared => {
            let product_id = line.product_id.ok_or_else(|| Error::inconsistent("order_line.product_id"))?;
            let product: Option<rows::Product> = read.find(product_id).await?;
            let cipher = product.and_then(|product| product.shared_cipher);
            let cipher = cipher.ok_or_else(|| Error::inconsistent("product.shared_cipher"))?;
            goods.push(secret.unseal(product_id.as_bytes(), &cipher).map_err(broken)?);
        }
        ProductKind::Manual => {
            if let Some(cipher) = &line.goods_cipher {
                goods.push(secret.unseal(line.id.as_bytes(), cipher).map_err(broken)?);
            }
        }
        ProductKind::Membership | ProductKind::TopUp => {}
    }
    Ok((goods, None))
}

/// As text that a tap copies; as a file when that would be too long for a message.
fn message(language: Language, order: &rows::Order, page: &Page) -> Content {
    let heading = Html::text(&words(language, "goods-title", &[("code", &order.code)])).bold();
    let rows = vec![vec![notice::again_button(language, OrderId(order.id))]];
    if page.next.is_none() {
        let mut text = heading.clone();
        for line in &page.lines {
            text.push_text("\n\n").push(&Html::text(&line.name).bold());
            for goods in &line.goods {
                text.push_text("\n").push(&Html::code(goods.reveal()));
            }
        }
        if text.units() <= MAX_MESSAGE_UNITS {
            return Content { text_html: text.to_string(), rows, without_preview: true, ..Content::default() };
        }
    }
    let mut caption = heading;
    caption.push_text("\n").push_text(&words(language, "goods-file", &[]));
    let media = Media::TextFile { name: format!("{}.txt", order.code) };
    Content { text_html: caption.to_string(), media: Some(media), rows, ..Content::default() }
}
