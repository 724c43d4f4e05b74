//! A product: what it is, what it costs, how many there are, and how many are wanted.

use std::sync::Arc;

use teloxide::types::CallbackQuery;
use warung_proto::{
    ErrorReason,
    catalog::{Product, ProductKind},
    error::reason,
};

use super::{
    App, Failure, Person, RequestIds, list,
    screen::{Place, Screen, button},
};
use crate::{
    callback::{Callback, Choice, QUANTITY_MAX},
    format,
    words::{Key, isolate},
};

/// The most UTF-16 units of a description, so that with all the rest it stands under a picture (1,024) or alone (4,096).
const DESCRIPTION_UNITS_MAX: (usize, usize) = (520, 3_400);
/// How far the quick keys go.
const LEAP: u8 = 5;

/// A deep link to a product, by id or code.
pub(in super::super) async fn link(app: &App, person: &Person, place: Place, name: &str) -> Result<(), Failure> {
    let choice = Choice { product_id: name.to_owned(), quantity: 1, page: None };
    app.show(place, screen(app, person, &choice).await?).await
}

pub(in super::super) async fn pressed(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    choice: Choice,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let screen = screen(&app, &person, &choice).await?;
    app.show(Place::of(&query), screen).await?;
    app.answer(&query, None).await;
    Ok(())
}

async fn screen(app: &App, person: &Person, choice: &Choice) -> Result<Screen, Failure> {
    match app.core.get_product(person.id, &choice.product_id).await {
        Ok(product) => Ok(compose(app, person, &product, choice)),
        Err(status) if matches!(reason(&status), ErrorReason::NotFound | ErrorReason::InvalidArgument) => {
            Ok(gone(app, person, choice))
        }
        Err(status) => Err(status.into()),
    }
}

/// The words for a product that is not sold any more.
pub(super) fn gone(app: &App, person: &Person, choice: &Choice) -> Screen {
    Screen::new(app.say(person.language, Key::ProductGone)).row([
        app.button(person.language, Key::ButtonBack, &Callback::Products(choice.page)),
        app.button(person.language, Key::ButtonMenu, &Callback::Menu),
    ])
}

/// How many of it one order may have: 0 when there is none.
pub(super) fn quantity_max(product: &Product) -> u8 {
    let most = match product.kind() {
        ProductKind::Membership | ProductKind::TopUp => 1,
        _ => QUANTITY_MAX,
    };
    let left = product.stock.unwrap_or(i64::from(most)).max(0);
    u8::try_from(left).unwrap_or(most).min(most)
}

fn compose(app: &App, person: &Person, product: &Product, choice: &Choice) -> Screen {
    let language = person.language;
    let most = quantity_max(product);
    let quantity = choice.quantity.clamp(1, most.max(1));
    let code = |quantity| Choice { product_id: product.product_id.clone(), quantity, page: choice.page };
    let key = |label: String, quantity: u8| button(&label, &Callback::Product(code(quantity.clamp(1, most.max(1)))));
    let mut keys = Vec::new();
    if most > 1 {
        keys = vec![
            key("−".to_owned(), quantity - 1),
            key(quantity.to_string(), quantity),
            key("+".to_owned(), quantity + 1),
        ];
    }
    if most > LEAP {
        keys.insert(0, key(format!("−{LEAP}"), quantity.saturating_sub(LEAP)));
        keys.push(key(format!("+{LEAP}"), quantity.saturating_add(LEAP)));
    }
    let subtotal = format::units(product.price.as_ref()).saturating_mul(i64::from(quantity));
    let buy = (most > 0).then(|| {
        let label = app.words.plain(language, Key::ButtonBuy, &[("amount", &format::rupiah(subtotal))]);
        button(&label, &Callback::Checkout(code(quantity)))
    });
    let page = format!("#/products/{}", product.product_id);
    let back = match product.kind() {
        ProductKind::Membership => Callback::Plans,
        _ => Callback::Products(choice.page),
    };
    Screen::new(text(app, person, product))
        .picture(product.picture_media_id.clone())
        .row(keys)
        .row(buy)
        .row(app.open_button(language, Key::ButtonOpenProduct, &page))
        .row([app.button(language, Key::ButtonBack, &back), app.button(language, Key::ButtonMenu, &Callback::Menu)])
}

fn text(app: &App, person: &Person, product: &Product) -> String {
    let language = person.language;
    let (under_picture, alone) = DESCRIPTION_UNITS_MAX;
    let units = if product.picture_media_id.is_empty() { alone } else { under_picture };
    let (name, description) = (isolate(&product.name), format::cut(&product.description, units));
    let (price, stock) = (format::money(product.price.as_ref()), list::stock(app, language, product.stock));
    let time = app.time_of_day(language);
    let key = if stock.is_some() { Key::Product } else { Key::ProductEndless };
    let stock = stock.unwrap_or_default();
    let values =
        [("name", name.as_str()), ("description", &description), ("price", &price), ("stock", &stock), ("time", &time)];
    // Without a description its place closes up.
    app.words.html(language, key, &values).replace("\n\n\n\n", "\n\n")
}
