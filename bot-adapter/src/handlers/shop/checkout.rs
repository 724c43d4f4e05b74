//! What it costs, and how it shall be paid: the last look before an order is placed.

use std::sync::Arc;

use teloxide::types::CallbackQuery;
use warung_proto::{ErrorReason, catalog::Product, error::reason};

use super::{
    App, Failure, Person, RequestIds,
    methods::Bill,
    product::{gone, quantity_max},
    screen::{Place, Screen},
};
use crate::{
    callback::{Buy, Callback, Choice, ScreenId},
    format,
    words::{Key, isolate},
};

pub(in super::super) async fn pressed(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    choice: Choice,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let screen = match app.core.get_product(person.id, &choice.product_id).await {
        Ok(product) => screen(&app, &person, &product, &choice, ids.screen()).await?,
        Err(status) if reason(&status) == ErrorReason::NotFound => gone(&app, &person, &choice),
        Err(status) => return Err(status.into()),
    };
    app.show(Place::of(&query), screen).await?;
    app.answer(&query, None).await;
    Ok(())
}

async fn screen(
    app: &App,
    person: &Person,
    product: &Product,
    choice: &Choice,
    screen: ScreenId,
) -> Result<Screen, Failure> {
    let language = person.language;
    let back = Choice { product_id: product.product_id.clone(), quantity: choice.quantity, page: choice.page };
    let most = quantity_max(product);
    if most == 0 {
        return Ok(Screen::new(app.say(language, Key::OutOfStock)).keeping_picture().row([
            app.button(language, Key::ButtonBack, &Callback::Product(back)),
            app.button(language, Key::ButtonMenu, &Callback::Menu),
        ]));
    }
    let quantity = choice.quantity.clamp(1, most);
    let subtotal = format::units(product.price.as_ref()).saturating_mul(i64::from(quantity));
    let bill = Bill::of_order(app, person, subtotal).await?;
    let rows = bill.rows(app, language, |pay| {
        let subtotal = u64::try_from(subtotal).unwrap_or_default();
        Callback::Buy(Buy { product_id: product.product_id.clone(), quantity, pay, screen, subtotal })
    });
    let key = if rows.is_empty() { Key::CheckoutNoMethod } else { Key::Checkout };
    let (name, units) = (isolate(&product.name), quantity.to_string());
    let (amount, balance) = (format::rupiah(subtotal), format::rupiah(bill.balance));
    let values = [("name", name.as_str()), ("quantity", &units), ("amount", &amount), ("balance", &balance)];
    Ok(Screen::new(app.words.html(language, key, &values)).keeping_picture().rows(rows).row([
        app.button(language, Key::ButtonBack, &Callback::Product(back)),
        app.button(language, Key::ButtonMenu, &Callback::Menu),
    ]))
}
