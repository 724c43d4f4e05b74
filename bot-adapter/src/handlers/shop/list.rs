//! `/produk`: what the shop sells, ten at a time, with a key for each.

use std::sync::Arc;

use teloxide::types::{CallbackQuery, Message};
use tonic::Status;
use warung_proto::{
    ErrorReason,
    catalog::{ListProductsRequest, ListProductsResponse, Product, ProductCategory},
    error::reason,
    messaging::Action,
};

use super::{
    App, Failure, Person, RequestIds,
    screen::{Place, Screen, button},
};
use crate::{
    callback::{Callback, Choice, PageKey},
    format,
    pages::{List, Page},
    words::{Key, Language, isolate},
};

/// Products of a page: each has a key.
const PAGE_SIZE: i32 = 10;
/// Keys beside each other.
const KEYS_IN_A_ROW: usize = 5;
/// The most UTF-16 units of a name in a list.
const NAME_UNITS_MAX: usize = 60;
/// The longest search, in characters.
const QUERY_LENGTH_MAX: usize = 64;

/// `/produk`, and `/produk` with words to look for.
pub(in super::super) async fn command(
    app: Arc<App>,
    ids: RequestIds,
    message: Message,
    query: String,
) -> Result<(), Failure> {
    let Some(user) = &message.from else {
        return Ok(());
    };
    let person = app.greet(ids, user).await?;
    let query = query.chars().take(QUERY_LENGTH_MAX).collect();
    let screen = screen(&app, &person, Page::first(List::Products { category: String::new(), query })).await?;
    app.show(Place::answering(&message), screen).await
}

/// A page.
pub(in super::super) async fn pressed(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    key: Option<PageKey>,
) -> Result<(), Failure> {
    let known = key.and_then(|key| app.pages.get(key)).filter(|page| matches!(page.list, List::Products { .. }));
    show(app, ids, query, known.unwrap_or_else(|| Page::first(everything()))).await
}

/// The first page of a shelf.
pub(in super::super) async fn category(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    category: String,
) -> Result<(), Failure> {
    show(app, ids, query, Page::first(List::Products { category, query: String::new() })).await
}

async fn show(app: Arc<App>, ids: RequestIds, query: CallbackQuery, page: Page) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let screen = screen(&app, &person, page).await?;
    app.show(Place::of(&query), screen).await?;
    app.answer(&query, None).await;
    Ok(())
}

fn everything() -> List {
    List::Products { category: String::new(), query: String::new() }
}

async fn screen(app: &App, person: &Person, page: Page) -> Result<Screen, Failure> {
    match ask(app, person, &page).await {
        Ok(products) => Ok(compose(app, person.language, &page, &products)),
        // A token that is too old, or a shelf that is gone: the beginning is always there.
        Err(status) if matches!(reason(&status), ErrorReason::PageTokenInvalid | ErrorReason::NotFound) => {
            let page = Page::first(everything());
            let products = ask(app, person, &page).await?;
            Ok(compose(app, person.language, &page, &products))
        }
        // Words without a letter or a digit find nothing; that is no fault.
        Err(status) if reason(&status) == ErrorReason::InvalidArgument && !query_of(&page).is_empty() => {
            Ok(compose(app, person.language, &page, &ListProductsResponse::default()))
        }
        Err(status) => Err(status.into()),
    }
}

/// The words that a page's list was searched for.
fn query_of(page: &Page) -> &str {
    match &page.list {
        List::Products { query, .. } => query,
        List::Orders { .. } => "",
    }
}

async fn ask(app: &App, person: &Person, page: &Page) -> Result<ListProductsResponse, Status> {
    let (category, query) = match &page.list {
        List::Products { category, query } => (category.clone(), query.clone()),
        List::Orders { .. } => Default::default(),
    };
    let request = ListProductsRequest {
        page_size: PAGE_SIZE,
        page_token: page.token.clone(),
        product_category_id: category,
        query,
        ..ListProductsRequest::default()
    };
    app.core.list_products(person.id, request).await
}

fn compose(app: &App, language: Language, page: &Page, response: &ListProductsResponse) -> Screen {
    let products = &response.products;
    // The first page of everything is where a list begins anyway, so it needs no name.
    let key = (*page != Page::first(everything())).then(|| app.pages.keep(page.clone()));
    let keys: Vec<_> = (1..).zip(products).map(|(number, product)| choice_key(number, product, key)).collect();
    let next = (!response.next_page_token.is_empty()).then(|| {
        let (list, token) = (page.list.clone(), response.next_page_token.clone());
        app.pages.keep(Page { list, token, number: page.number + 1, previous: key })
    });
    Screen::new(text(app, language, page, products, next.is_none()))
        .rows(keys.chunks(KEYS_IN_A_ROW).map(<[_]>::to_vec))
        .row(turn_keys(page, next, Callback::Products))
        .row([
            app.button(language, Key::ButtonCategories, &Callback::Categories(0)),
            app.button(language, Key::ButtonMenu, &Callback::Menu),
        ])
}

fn choice_key(number: u32, product: &Product, page: Option<PageKey>) -> Action {
    let choice = Choice { product_id: product.product_id.clone(), quantity: 1, page };
    button(&number.to_string(), &Callback::Product(choice))
}

/// ◀️ and ▶️, each where there is a page.
pub(in super::super) fn turn_keys(
    page: &Page,
    next: Option<PageKey>,
    code: impl Fn(Option<PageKey>) -> Callback,
) -> Vec<Action> {
    let previous = (page.number > 1).then(|| button("◀️", &code(page.previous)));
    previous.into_iter().chain(next.map(|next| button("▶️", &code(Some(next))))).collect()
}

fn text(app: &App, language: Language, page: &Page, products: &[Product], is_last: bool) -> String {
    if products.is_empty() {
        return match query_of(page) {
            "" => app.say(language, Key::ProductsNone),
            query => app.words.html(language, Key::ProductsNotFound, &[("query", &isolate(query))]),
        };
    }
    let in_category = matches!(&page.list, List::Products { category, .. } if !category.is_empty());
    let category = products.first().and_then(|product| product.category.as_ref()).filter(|_| in_category);
    let mut text = match category {
        Some(category) => {
            let (emoji, name) = (shelf_emoji(category), isolate(&category.name));
            let values = [("emoji", emoji), ("name", name.as_str())];
            app.words.html(language, Key::ProductsOfCategory, &values)
        }
        None => app.say(language, Key::Products),
    };
    text.push_str("\n\n");
    for (number, product) in (1..).zip(products) {
        text.push_str(&line(app, language, number, product));
        text.push('\n');
    }
    text.push('\n');
    let (time, number) = (app.time_of_day(language), page.number.to_string());
    let key = if page.number == 1 && is_last { Key::ProductsFoot } else { Key::ProductsFootPage };
    text.push_str(&app.words.html(language, key, &[("time", &time), ("page", &number)]));
    text
}

fn line(app: &App, language: Language, number: u32, product: &Product) -> String {
    let (number, name) = (number.to_string(), isolate(&format::cut(&product.name, NAME_UNITS_MAX)));
    let (price, stock) = (format::money(product.price.as_ref()), stock(app, language, product.stock));
    // What never runs out has no stock to tell.
    let key = if stock.is_some() { Key::ProductLine } else { Key::ProductLineEndless };
    let stock = stock.unwrap_or_default();
    let values = [("number", number.as_str()), ("name", &name), ("price", &price), ("stock", &stock)];
    app.words.html(language, key, &values)
}

/// How many there are, in words; `None` of what never runs out.
pub(super) fn stock(app: &App, language: Language, stock: Option<i64>) -> Option<String> {
    Some(match stock? {
        ..=0 => app.words.plain(language, Key::StockNone, &[]),
        left => left.to_string(),
    })
}

/// The sign of a shelf: its own, else the shop's.
fn shelf_emoji(category: &ProductCategory) -> &str {
    if category.emoji.is_empty() { "🛍" } else { &category.emoji }
}
