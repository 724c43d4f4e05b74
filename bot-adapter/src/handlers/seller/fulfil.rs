//! `/serahkan KODE isi…`: hands over what a seller made by hand.

use std::sync::Arc;

use teloxide::types::Message;
use warung_proto::{
    ErrorReason,
    error::{fields, reason},
    order::FulfilOrderRequest,
};

use super::{
    App, Failure, Person, RequestIds, refusal,
    screen::{Place, Screen},
    unknown,
};
use crate::words::Key;

pub(in super::super) async fn command(
    app: Arc<App>,
    ids: RequestIds,
    message: Message,
    rest: String,
) -> Result<(), Failure> {
    let Some(user) = &message.from else {
        return Ok(());
    };
    let person = app.greet(ids, user).await?;
    let place = Place::answering(&message);
    let (code, goods) = rest.split_once(char::is_whitespace).unwrap_or((&rest, ""));
    let goods = goods.trim();
    let request = FulfilOrderRequest {
        request_id: ids.of("fulfil").to_string(),
        order_id: code.to_owned(),
        goods: goods.to_owned(),
    };
    if code.is_empty() || goods.is_empty() {
        return usage(&app, &person, place).await;
    }
    let text = match app.core.fulfil_order(person.id, request).await {
        Ok(order) => app.words.html(person.language, Key::Fulfilled, &[("code", &order.code)]),
        Err(status) => match reason(&status) {
            ErrorReason::Forbidden => return unknown::answer(&app, &person, place).await,
            // The goods themselves were refused, and not the way the command was written.
            ErrorReason::InvalidArgument if fields(&status).iter().any(|field| field == "goods") => {
                app.say(person.language, Key::FulfilGoods)
            }
            ErrorReason::InvalidArgument => return usage(&app, &person, place).await,
            _ => app.words.html(person.language, refusal(status)?, &[("code", code)]),
        },
    };
    app.show(place, Screen::new(text)).await
}

async fn usage(app: &App, person: &Person, place: Place) -> Result<(), Failure> {
    if !person.is_staff {
        return unknown::answer(app, person, place).await;
    }
    app.show(place, Screen::new(app.say(person.language, Key::FulfilUsage))).await
}
