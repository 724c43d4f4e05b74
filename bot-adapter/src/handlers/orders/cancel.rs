//! Cancelling an order, once the user has said so twice.

use std::sync::Arc;

use teloxide::types::CallbackQuery;

use super::{
    App, Failure, RequestIds, later, order,
    screen::{Place, Screen},
    shop::refusal::{self, Ways},
};
use crate::{
    callback::{Callback, OrderName},
    words::Key,
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
    let place = if name.here { Place::of(&query) } else { Place::new(&query.from) };
    let keep = Callback::Order(OrderName { order_id: name.order_id.clone(), here: true });
    let screen = Screen::new(app.say(person.language, Key::CancelQuestion)).row([
        app.button(person.language, Key::ButtonCancelYes, &Callback::CancelConfirmed(name.order_id)),
        app.button(person.language, Key::ButtonCancelNo, &keep),
    ]);
    app.show(place, screen).await?;
    app.answer(&query, None).await;
    Ok(())
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
