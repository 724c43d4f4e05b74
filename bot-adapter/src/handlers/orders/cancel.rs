//! Cancelling an order, once the user has said so twice.

use std::sync::Arc;

use teloxide::types::CallbackQuery;
use warung_proto::{
    ErrorReason,
    error::reason,
    order::{Order, OrderState},
};

use super::{
    App, Failure, Person, RequestIds, later, order,
    screen::{Place, Screen},
    shop::refusal::{self, Ways},
};
use crate::{
    callback::{Callback, OrderName},
    format,
    words::{Key, isolate},
};

/// Asks whether it is meant.
pub(in super::super) async fn ask(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    name: OrderName,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    // The core's own invoice stays: the core changes it once the order has ended.
    let place = if name.here { Place::of(&query) } else { Place::beside(&query) };
    let screen = match app.core.get_order(person.id, &name.order_id).await {
        Ok(order) if order.state() == OrderState::Pending => question(&app, &person, &order),
        // There is nothing left to cancel.
        Ok(order) => order::screen(&app, &person, &order),
        Err(status) if reason(&status) == ErrorReason::NotFound => order::gone(&app, &person),
        Err(status) => return Err(status.into()),
    };
    app.show(place, screen).await?;
    app.answer(&query, None).await;
    Ok(())
}

/// The question names the order: it may stand far below the invoice that it is about.
fn question(app: &App, person: &Person, order: &Order) -> Screen {
    let language = person.language;
    let paid = format::units(order.paid.as_ref());
    let key = if paid > 0 { Key::CancelQuestionPaid } else { Key::CancelQuestion };
    let total = format::money(order.price.as_ref().and_then(|price| price.total.as_ref()));
    let (name, amount) = (isolate(&order::name(app, language, order)), format::rupiah(paid));
    let values = [("code", order.code.as_str()), ("name", &name), ("total", &total), ("amount", &amount)];
    let keep = Callback::Order(OrderName { order_id: order.order_id.clone(), here: true });
    Screen::new(app.words.html(language, key, &values)).row([
        app.button(language, Key::ButtonCancelYes, &Callback::CancelConfirmed(order.order_id.clone())),
        app.button(language, Key::ButtonCancelNo, &keep),
    ])
}

/// Cancels it. One whose money has just arrived is shown as paid.
pub(in super::super) async fn confirmed(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    order_id: String,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    later::show(app, query, move |app| {
        let order_id = order_id.clone();
        async move {
            match app.core.cancel_order(ids.of("cancel"), person.id, &order_id).await {
                Ok(order) => Ok(order::screen(&app, &person, &order)),
                Err(status) => {
                    let again = Some(Callback::CancelConfirmed(order_id));
                    let ways = Ways { again, ..Ways::default() };
                    refusal::screen(&app, person.language, &status, &ways).ok_or_else(|| status.into())
                }
            }
        }
    })
    .await
}
