//! Goods: put into their message when it is claimed, so that they stand in no row of deliveries.
//!
//! They are opened a page at a time. What has one page and fits into a message is one; anything else is a file, whose pages
//! the worker asks for, so that an order of any size is neither in memory nor in an answer of the API at once. What many
//! orders have of goods is read together, as far as it is little.

use std::{collections::HashMap, fmt};

use uuid::Uuid;
use warung_domain::{
    catalog::ProductKind,
    goods::Goods,
    html::{Html, MAX_MESSAGE_UNITS},
    ids::OrderId,
    message::{Content, Media},
    order::OrderState,
};
use warung_store::{Read, rows};

use super::{
    line::{has_goods, lines_of},
    notice,
};
use crate::{
    context::Context,
    error::{Error, Result},
    identity::language_of,
    words::{Language, words},
};

/// So many bytes of goods are opened for a page, and the rest of what was read with them: less than a message of the API by
/// far.
const PAGE_BYTES: usize = 256 * 1024;
/// How many stock lines are read at once, each of up to 4,000 letters.
const STOCK_LINES_AT_ONCE: u64 = 32;
/// How many units are read together for several orders.
const UNITS_TOGETHER: i64 = 256;

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

/// The messages that carry the goods of orders. Of one whose goods can't be put together, however often it is tried: why.
pub(crate) async fn messages(read: &Read, ctx: &Context, ids: &[OrderId]) -> Result<HashMap<OrderId, Result<Content>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let orders = read.orders_by_ids(ids.iter().map(|id| id.0).collect()).await?;
    let receiver_of = |order: &rows::Order| order.receiver_id.unwrap_or(order.buyer_id);
    let receivers = read.users_by_ids(orders.iter().map(receiver_of).collect()).await?;
    let mut lines = lines_of(read, orders.iter().map(|order| order.id).collect()).await?;
    let mut together = ReadTogether::load(read, lines.values().flatten()).await?;
    let gone = |what| Err(Error::inconsistent(format!("the {what} of a delivery is gone")));
    let mut messages: HashMap<_, _> = ids.iter().map(|id| (*id, gone("order"))).collect();
    for order in orders {
        let lines = lines.remove(&order.id).unwrap_or_default();
        let message = match receivers.iter().find(|user| user.id == receiver_of(&order)) {
            Some(receiver) => message(read, ctx, (&order, lines), language_of(receiver), &mut together).await,
            None => gone("receiver"),
        };
        match message {
            Err(error) if !error.is_lasting() => return Err(error),
            message => drop(messages.insert(OrderId(order.id), message)),
        }
    }
    Ok(messages)
}

/// Goods of several orders that were read together, still encrypted.
#[derive(Default)]
struct ReadTogether {
    /// Of lines of orders: all that was sold with them.
    stock: HashMap<Uuid, Vec<rows::StockLine>>,
    /// Of products.
    shared: HashMap<Uuid, rows::Product>,
}

impl ReadTogether {
    /// The goods of these lines, up to a limit. What is not at hand is read by itself.
    async fn load(read: &Read, lines: impl Iterator<Item = &rows::OrderLine>) -> Result<Self> {
        let (mut stock, mut products, mut units) = (Vec::new(), Vec::new(), 0_i64);
        for line in lines.filter(|line| has_goods(line)) {
            units = units.saturating_add(line.quantity);
            match line.kind.0 {
                ProductKind::Stock if units <= UNITS_TOGETHER => stock.push(line.id),
                ProductKind::Shared => products.extend(line.product_id),
                _ => {}
            }
        }
        let mut together = Self::default();
        if !stock.is_empty() {
            together.stock = stock.iter().map(|line| (*line, Vec::new())).collect();
            for row in read.sold_stock_lines(stock).await? {
                if let Some(of_line) = row.order_line_id.and_then(|line| together.stock.get_mut(&line)) {
                    of_line.push(row);
                }
            }
        }
        if !products.is_empty() {
            let found = read.wanted_products(products, Vec::new()).await?;
            together.shared = found.into_iter().map(|found| (found.product.id, found.product)).collect();
        }
        Ok(together)
    }
}

/// The message that carries the goods of an order.
async fn message(
    read: &Read,
    ctx: &Context,
    (order, lines): (&rows::Order, Vec<rows::OrderLine>),
    language: Language,
    together: &mut ReadTogether,
) -> Result<Content> {
    let goods = match order.state.0 {
        OrderState::Refunded => None,
        _ => {
            Some(open(read, ctx, lines, GoodsCursor::default(), together).await?).filter(|page| !page.lines.is_empty())
        }
    };
    let Some(goods) = goods else {
        let text = Html::text(&words(language, "goods-refunded", &[("code", &order.code)]));
        return Ok(Content { text_html: text.to_string(), ..Content::default() });
    };
    Ok(written(language, order, &goods))
}

/// A page of the file that carries the goods of an order, and where the next one begins.
pub(crate) async fn file_page(
    read: &Read,
    ctx: &Context,
    id: OrderId,
    from: GoodsCursor,
) -> Result<(String, Option<GoodsCursor>)> {
    let order: Option<rows::Order> = read.find(id.0).await?;
    let order = order.ok_or_else(|| Error::inconsistent("the order of a delivery is gone"))?;
    if order.state == OrderState::Refunded {
        // Refunded while it was on its way: it is not shown any more.
        return Err(Error::not_found("goods of the order", &id));
    }
    let lines = read.lines_of_order(order.id).await?;
    let page = open(read, ctx, lines, from, &mut ReadTogether::default()).await?;
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

/// Opens goods of an order's lines from a place on, until they are a page.
async fn open(
    read: &Read,
    ctx: &Context,
    lines: Vec<rows::OrderLine>,
    from: GoodsCursor,
    together: &mut ReadTogether,
) -> Result<Page> {
    let (mut page, mut bytes) = (Page { lines: Vec::new(), next: None }, 0_usize);
    for line in lines {
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
            let (opened, last) = open_some(read, ctx, &line, cursor.after, together).await?;
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
    together: &mut ReadTogether,
) -> Result<(Vec<Goods>, Option<Uuid>)> {
    let broken = |error: warung_domain::seal::SealError| Error::Internal(error.to_string());
    let secret = &ctx.environment.secret;
    let mut goods = Vec::new();
    match line.kind.0 {
        ProductKind::Stock => {
            let all = together.stock.remove(&line.id).filter(|_| after.is_none());
            let is_all = all.is_some();
            let sold = match all {
                Some(all) => all,
                None => read.sold_stock_lines_after(line.id, after, STOCK_LINES_AT_ONCE).await?,
            };
            for row in &sold {
                goods.push(secret.unseal(row.id.as_bytes(), &row.cipher).map_err(broken)?);
            }
            let has_more = !is_all && u64::try_from(sold.len()).is_ok_and(|count| count == STOCK_LINES_AT_ONCE);
            return Ok((goods, sold.last().map(|row| row.id).filter(|_| has_more)));
        }
        ProductKind::Shared => {
            let product_id = line.product_id.ok_or_else(|| Error::inconsistent("order_line.product_id"))?;
            let product = match together.shared.get(&product_id) {
                Some(product) => Some(product.clone()),
                None => read.find(product_id).await?,
            };
            let cipher = product.and_then(|product: rows::Product| product.shared_cipher);
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
fn written(language: Language, order: &rows::Order, page: &Page) -> Content {
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
