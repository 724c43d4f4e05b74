//! `/serahkan KODE isi…`: hands over what a seller made by hand.

use std::sync::Arc;

use teloxide::types::Message;
use tonic::Status;
use warung_proto::{
    ErrorReason,
    error::{fields, reason},
    order::{FulfilOrderRequest, Order},
};

use super::{
    App, Failure, Person, RequestIds,
    line::{Named, choice},
    refusal,
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
    if code.is_empty() || goods.is_empty() {
        return usage(&app, &person, place).await;
    }
    let named = Named::parse(code);
    let mut request = FulfilOrderRequest {
        request_id: ids.of("fulfil").to_string(),
        order_id: named.code.to_owned(),
        goods: goods.to_owned(),
        order_line_id: String::new(),
    };
    let done = match request_line(&app, &person, named).await {
        Ok(Ok(order_line_id)) => {
            request.order_line_id = order_line_id;
            app.core.fulfil_order(person.id, request).await
        }
        Ok(Err(order)) => return app.show(place, lines(&app, &person, &order)).await,
        Err(status) => Err(status),
    };
    let code = named.code;
    let text = match done {
        Ok(order) => app.words.html(person.language, Key::Fulfilled, &[("code", &order.code)]),
        Err(status) => match reason(&status) {
            ErrorReason::Forbidden => return unknown::answer(&app, &person, place).await,
            // The goods themselves were refused, and not the way the command was written.
            ErrorReason::InvalidArgument if fields(&status).iter().any(|field| field == "goods") => {
                app.say(person.language, Key::FulfilGoods)
            }
            ErrorReason::InvalidArgument if fields(&status).iter().any(|field| field == "order_line_id") => {
                let order = app.core.get_store_order(person.id, code).await?;
                return app.show(place, lines(&app, &person, &order)).await;
            }
            ErrorReason::InvalidArgument => return usage(&app, &person, place).await,
            _ => app.words.html(person.language, refusal(status)?, &[("code", code)]),
        },
    };
    app.show(place, Screen::new(text)).await
}

/// The id of the line that is named, empty when none is; the order when it has no such line.
async fn request_line(app: &App, person: &Person, named: Named<'_>) -> Result<Result<String, Order>, Status> {
    if !named.names_a_line() {
        return Ok(Ok(String::new()));
    }
    let (order, line) = named.look_up(app, person).await?;
    Ok(line.map(|line| line.order_line_id).ok_or(order))
}

/// The lines that wait for goods.
fn lines(app: &App, person: &Person, order: &Order) -> Screen {
    if !order.lines.iter().any(|line| line.awaits_goods) {
        return Screen::new(app.words.html(person.language, Key::NothingToFulfil, &[("code", &order.code)]));
    }
    choice(app, person, order, (Key::FulfilLines, Key::FulfilLine), |line| line.awaits_goods)
}

async fn usage(app: &App, person: &Person, place: Place) -> Result<(), Failure> {
    if !person.is_staff {
        return unknown::answer(app, person, place).await;
    }
    app.show(place, Screen::new(app.say(person.language, Key::FulfilUsage))).await
}
