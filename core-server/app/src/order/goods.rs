//! Goods: put into their message when it is claimed, so that they stand in no row of deliveries, and what became of it.

use warung_domain::{
    catalog::ProductKind,
    delivery::{Refusal, State},
    html::{Html, MAX_MESSAGE_UNITS},
    ids::{DeliveryId, OrderId},
    message::{Content, Media},
    order::{Event, HoldReason, OrderState},
    seal::Goods,
};
use warung_store::{Read, Tx, rows};

use super::{
    OrderEdit,
    notice::{self, Notice},
    stage::{hold_of, state_of},
    view::kind_of,
};
use crate::{
    context::Context,
    error::{Error, Result},
    identity::language_of,
    messaging::GOODS,
    words::{Language, words},
};

/// What became of the delivery of an order's goods.
pub(crate) async fn goods_reported(
    tx: &mut Tx,
    ctx: &Context,
    id: OrderId,
    delivery: DeliveryId,
    state: &State,
) -> Result<()> {
    let event = match state {
        State::Sent { .. } => Event::GoodsArrived,
        State::Refused(Refusal::Blocked | Refusal::NeverStarted) => Event::BuyerRefused,
        State::Failed | State::Dead | State::Uncertain => Event::GoodsFailed,
        State::Pending { .. } | State::Claimed { .. } => return Ok(()),
    };
    let edit = OrderEdit::by_id(tx, id).await?;
    let mut edit = edit.ok_or_else(|| Error::inconsistent("delivery.purpose_id"))?;
    // A message shows the goods that there are when it leaves: of several the newest has them all, and it decides.
    let others = tx.deliveries_for(GOODS, id.0).await?;
    if others.iter().any(|other| other.id > delivery.0 && other.done_time.is_none()) {
        return Ok(());
    }
    if !edit.change(ctx, event)? {
        return Ok(());
    }
    if hold_of(&edit.order)? == Some(HoldReason::Undeliverable) {
        let notices = notice::to_sellers(ctx, &Notice::Undeliverable { order: &edit.order });
        edit.say(notices);
    }
    edit.save(tx, ctx).await
}

/// Notes that the goods of an order are shown, for each of its lines that has some.
pub(crate) async fn reveal(tx: &mut Tx, ctx: &Context, id: OrderId, delivery: DeliveryId, chat_id: i64) -> Result<()> {
    let mut revealed = Vec::new();
    for line in tx.lines_of_order(id.0).await? {
        let is_shown = match kind_of(&line)? {
            ProductKind::Stock | ProductKind::Shared => true,
            ProductKind::Manual => line.goods_cipher.is_some(),
            ProductKind::Membership | ProductKind::TopUp => false,
        };
        if is_shown {
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

/// The goods of a line, in the clear.
struct OfLine {
    name: String,
    goods: Vec<Goods>,
}

/// The message that carries the goods of an order.
pub(crate) async fn resolve(read: &Read, ctx: &Context, id: OrderId) -> Result<Content> {
    let gone = || Error::inconsistent("the order of a delivery is gone");
    let order: rows::Order = read.find(id.0).await?.ok_or_else(gone)?;
    let buyer: rows::User = read.find(order.buyer_id).await?.ok_or_else(gone)?;
    let language = language_of(&buyer);
    if state_of(&order)? == OrderState::Refunded {
        let text = Html::text(&words(language, "goods-refunded", &[("code", &order.code)]));
        return Ok(Content { text_html: text.to_string(), ..Content::default() });
    }
    Ok(message(language, &order, &opened(read, ctx, &order).await?))
}

async fn opened(read: &Read, ctx: &Context, order: &rows::Order) -> Result<Vec<OfLine>> {
    let broken = |error: warung_domain::seal::SealError| Error::Internal(error.to_string());
    let secret = &ctx.environment.secret;
    let lines = read.lines_of_order(order.id).await?;
    let sold = read.sold_stock_lines(lines.iter().map(|line| line.id).collect()).await?;
    let mut opened = Vec::new();
    for line in lines {
        let mut goods = Vec::new();
        match kind_of(&line)? {
            ProductKind::Stock => {
                for row in sold.iter().filter(|row| row.order_line_id == Some(line.id)) {
                    goods.push(secret.unseal(row.id.as_bytes(), &row.cipher).map_err(broken)?);
                }
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
        if !goods.is_empty() {
            opened.push(OfLine { name: line.product_name, goods });
        }
    }
    Ok(opened)
}

/// As text that a tap copies; as a file when that would be too long for a message.
fn message(language: Language, order: &rows::Order, lines: &[OfLine]) -> Content {
    let heading = Html::text(&words(language, "goods-title", &[("code", &order.code)])).bold();
    let mut text = heading.clone();
    for line in lines {
        text.push_text("\n\n").push(&Html::text(&line.name).bold());
        for goods in &line.goods {
            text.push_text("\n").push(&Html::code(goods.reveal()));
        }
    }
    let rows = vec![vec![notice::again_button(language, OrderId(order.id))]];
    if text.units() <= MAX_MESSAGE_UNITS {
        return Content { text_html: text.to_string(), rows, without_preview: true, ..Content::default() };
    }
    let mut file = String::new();
    for line in lines {
        file.push_str(&line.name);
        for goods in &line.goods {
            file.push('\n');
            file.push_str(goods.reveal());
        }
        file.push_str("\n\n");
    }
    let mut caption = heading;
    caption.push_text("\n").push_text(&words(language, "goods-file", &[]));
    let media = Media::TextFile { name: format!("{}.txt", order.code), text: file };
    Content { text_html: caption.to_string(), media: Some(media), rows, ..Content::default() }
}
