//! `/pesanan`: what a user ordered, the last first.

use std::sync::Arc;

use teloxide::types::{CallbackQuery, Message};
use tonic::Status;
use warung_proto::{
    ErrorReason,
    error::reason,
    order::{ListOrdersRequest, ListOrdersResponse, Order},
};

use super::{
    App, Failure, Person, RequestIds, order,
    screen::{Place, Screen, button},
    shop::list::turn_keys,
};
use crate::{
    callback::{Callback, OrderName, PageKey},
    format,
    pages::{List, Page},
    words::{Key, Language, isolate},
};

/// Orders of a page: each has a key.
const PAGE_SIZE: i32 = 10;
/// Keys beside each other.
const KEYS_IN_A_ROW: usize = 5;

pub(in super::super) async fn command(app: Arc<App>, ids: RequestIds, message: Message) -> Result<(), Failure> {
    let Some(user) = &message.from else {
        return Ok(());
    };
    let person = app.greet(ids, user).await?;
    let screen = screen(&app, &person, first(&person)).await?;
    app.show(Place::answering(&message), screen).await
}

pub(in super::super) async fn pressed(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    key: Option<PageKey>,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let known = key.and_then(|key| app.pages.get(key));
    let page = known.filter(|page| page.list == first(&person).list).unwrap_or_else(|| first(&person));
    let screen = screen(&app, &person, page).await?;
    app.show(Place::of(&query), screen).await?;
    app.answer(&query, None).await;
    Ok(())
}

fn first(person: &Person) -> Page {
    Page::first(List::Orders { user: person.id })
}

async fn screen(app: &App, person: &Person, page: Page) -> Result<Screen, Failure> {
    match ask(app, person, &page).await {
        Ok(response) => Ok(compose(app, person.language, &page, &response)),
        Err(status) if reason(&status) == ErrorReason::PageTokenInvalid => {
            let page = first(person);
            let response = ask(app, person, &page).await?;
            Ok(compose(app, person.language, &page, &response))
        }
        Err(status) => Err(status.into()),
    }
}

async fn ask(app: &App, person: &Person, page: &Page) -> Result<ListOrdersResponse, Status> {
    let request = ListOrdersRequest { page_size: PAGE_SIZE, page_token: page.token.clone() };
    app.core.list_orders(person.id, request).await
}

fn compose(app: &App, language: Language, page: &Page, response: &ListOrdersResponse) -> Screen {
    let menu = app.button(language, Key::ButtonMenu, &Callback::Menu);
    if response.orders.is_empty() {
        let shop = app.button(language, Key::ButtonShop, &Callback::Products(None));
        return Screen::new(app.say(language, Key::OrdersNone)).row([shop, menu]);
    }
    let this = (page.number > 1).then(|| app.pages.keep(page.clone()));
    let next = (!response.next_page_token.is_empty()).then(|| {
        let (list, token) = (page.list.clone(), response.next_page_token.clone());
        app.pages.keep(Page { list, token, number: page.number + 1, previous: this })
    });
    let mut text = app.say(language, Key::Orders);
    text.push_str("\n\n");
    let mut keys = Vec::new();
    for (number, order) in (1_u32..).zip(&response.orders) {
        text.push_str(&line(app, language, number, order));
        text.push('\n');
        let name = OrderName { order_id: order.order_id.clone(), here: true };
        keys.push(button(&number.to_string(), &Callback::Order(name)));
    }
    Screen::new(text)
        .rows(keys.chunks(KEYS_IN_A_ROW).map(<[_]>::to_vec))
        .row(turn_keys(page, next, Callback::Orders))
        .row([menu])
}

fn line(app: &App, language: Language, number: u32, order: &Order) -> String {
    let time = format::time(order.create_time.as_ref()).map(|time| format::day(language, time, app.time_zone));
    let total = format::money(order.price.as_ref().and_then(|price| price.total.as_ref()));
    let (number, name, time) =
        (number.to_string(), isolate(&order::name(app, language, order)), time.unwrap_or_default());
    let values = [
        ("number", number.as_str()),
        ("state", order::emoji(order.state())),
        ("name", &name),
        ("total", &total),
        ("time", &time),
    ];
    app.words.html(language, Key::OrderLine, &values)
}
