//! One order: where it stands, what it cost, and what can be done with it.

use std::sync::Arc;

use teloxide::types::CallbackQuery;
use warung_proto::{
    ErrorReason,
    catalog::ProductKind,
    error::reason,
    messaging::Action,
    order::{HoldReason, Order, OrderLine, OrderState},
    payment::PaymentState,
};

use super::{
    App, Failure, Person, RequestIds,
    screen::{Place, Screen},
};
use crate::{
    callback::{Callback, OrderName},
    format,
    words::{Key, Language, isolate},
};

/// The most UTF-16 units of a product's name where an order is told in a line.
const NAME_UNITS_MAX: usize = 40;

pub(in super::super) async fn pressed(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    name: OrderName,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let place = if name.here { Place::of(&query) } else { Place::beside(&query) };
    let screen = match app.core.get_order(person.id, &name.order_id).await {
        Ok(order) => screen(&app, &person, &order),
        Err(status) if reason(&status) == ErrorReason::NotFound => gone(&app, &person),
        Err(status) => return Err(status.into()),
    };
    app.show(place, screen).await?;
    app.answer(&query, None).await;
    Ok(())
}

/// The words for an order that is not there, or is somebody else's.
pub(super) fn gone(app: &App, person: &Person) -> Screen {
    Screen::new(app.say(person.language, Key::NotFound)).row([
        app.button(person.language, Key::ButtonOrders, &Callback::Orders(None)),
        app.button(person.language, Key::ButtonMenu, &Callback::Menu),
    ])
}

/// What was ordered, in a line: the first product, and how many more there are.
pub(super) fn name(app: &App, language: Language, order: &Order) -> String {
    let first = order.lines.first().map(|line| line_name(app, language, line));
    let name = first.map(|name| format::cut(&name, NAME_UNITS_MAX)).unwrap_or_default();
    match order.lines.len().saturating_sub(1) {
        0 => name,
        more => format!("{name} +{more}"),
    }
}

/// What a line is of. A top-up has no name of a seller's, so it is told in the reader's language, not the buyer's of then.
pub(in super::super) fn line_name(app: &App, language: Language, line: &OrderLine) -> String {
    match line.kind() {
        ProductKind::TopUp => app.words.plain(language, Key::TopUpName, &[]),
        _ => line.product_name.clone(),
    }
}

/// A sign for a state.
pub(super) fn emoji(state: OrderState) -> &'static str {
    match state {
        OrderState::Pending => "⏳",
        OrderState::Paid => "✅",
        OrderState::Completed => "🎁",
        OrderState::Cancelled => "❌",
        OrderState::Expired => "⌛",
        OrderState::Refunded => "↩️",
        OrderState::Unspecified => "❔",
    }
}

/// The order and its buttons.
pub(super) fn screen(app: &App, person: &Person, order: &Order) -> Screen {
    let language = person.language;
    Screen::new(text(app, language, order)).rows(buttons(app, language, order)).row([
        app.button(language, Key::ButtonOrders, &Callback::Orders(None)),
        app.button(language, Key::ButtonMenu, &Callback::Menu),
    ])
}

fn buttons(app: &App, language: Language, order: &Order) -> Vec<Vec<Action>> {
    let id = || order.order_id.clone();
    let way = |label, code: &Callback| app.button(language, label, code);
    match order.state() {
        OrderState::Pending => {
            let open = order.payments.iter().find(|payment| payment.state() == PaymentState::Open);
            let of_payment = open.map(|payment| {
                let id = &payment.payment_id;
                vec![
                    way(Key::ButtonInvoice, &Callback::Invoice(id.clone())),
                    way(Key::ButtonCheck, &Callback::CheckPayment(id.clone())),
                ]
            });
            let pay = if open.is_some() { Key::ButtonOtherMethod } else { Key::ButtonPay };
            let cancel = OrderName { order_id: id(), here: true };
            let others =
                [vec![way(pay, &Callback::Methods(id()))], vec![way(Key::ButtonCancel, &Callback::Cancel(cancel))]];
            of_payment.into_iter().chain(others).collect()
        }
        OrderState::Paid | OrderState::Completed if has_goods(order) => {
            vec![vec![way(Key::ButtonGoods, &Callback::SendGoods(id()))]]
        }
        _ => Vec::new(),
    }
}

/// Something of it was or will be sent to the chat.
fn has_goods(order: &Order) -> bool {
    let waits = order.hold_reason() == HoldReason::Manual;
    let is_sent = |kind| matches!(kind, ProductKind::Stock | ProductKind::Shared | ProductKind::Manual);
    !waits && order.lines.iter().any(|line| is_sent(line.kind()))
}

fn text(app: &App, language: Language, order: &Order) -> String {
    let placed = app.moment(language, order.create_time.as_ref());
    let mut text = app.words.html(language, Key::Order, &[("code", order.code.as_str()), ("time", &placed)]);
    for part in ["\n", emoji(order.state()), " ", &state(app, language, order), "\n\n"] {
        text.push_str(part);
    }
    for line in &order.lines {
        let (name, quantity) = (isolate(&line_name(app, language, line)), line.quantity.to_string());
        let amount = format::money(line.gross.as_ref());
        let values = [("name", name.as_str()), ("quantity", &quantity), ("amount", &amount)];
        text.push_str(&app.words.html(language, Key::OrderItem, &values));
        text.push('\n');
    }
    let price = order.price.clone().unwrap_or_default();
    let optional = [
        (Key::OrderDiscount, price.discount.as_ref()),
        (Key::OrderFee, price.fee.as_ref()),
        (Key::OrderTotal, price.total.as_ref()),
        (Key::OrderPaidSoFar, order.paid.as_ref().filter(|_| order.state() == OrderState::Pending)),
        (Key::OrderRefunded, order.refunded.as_ref()),
    ];
    text.push('\n');
    for (key, amount) in optional {
        // The total is told of what costs nothing, too.
        if format::units(amount) != 0 || key == Key::OrderTotal {
            text.push_str(&app.words.html(language, key, &[("amount", &format::money(amount))]));
            text.push('\n');
        }
    }
    text.truncate(text.trim_end().len());
    text
}

fn state(app: &App, language: Language, order: &Order) -> String {
    let key = match (order.state(), order.hold_reason()) {
        (OrderState::Pending, _) => Key::StatePending,
        (OrderState::Paid, HoldReason::Manual) => Key::StateManual,
        (OrderState::Paid, HoldReason::BuyerUnreachable) => Key::StateUnreachable,
        (OrderState::Paid, HoldReason::Undeliverable) => Key::StateUndeliverable,
        (OrderState::Paid, HoldReason::Unspecified) => Key::StatePaid,
        (OrderState::Completed, _) => Key::StateCompleted,
        (OrderState::Cancelled, _) => Key::StateCancelled,
        (OrderState::Expired, _) => Key::StateExpired,
        (OrderState::Refunded, _) => Key::StateRefunded,
        (OrderState::Unspecified, _) => Key::StateUnknown,
    };
    let time = app.moment(language, order.expire_time.as_ref());
    app.words.html(language, key, &[("time", &time)])
}
