//! What it costs, and how it shall be paid: the last look before an order is placed.

use std::sync::Arc;

use teloxide::types::CallbackQuery;
use warung_proto::{ErrorReason, catalog::Product, error::reason, payment::ListPaymentMethodsRequest};

use super::{
    App, Failure, Person, RequestIds,
    methods::Bill,
    product::{gone, quantity_max},
    screen::{Place, Screen},
};
use crate::{
    callback::{Buy, Callback, CheckoutBanks, Choice, ScreenId},
    format,
    words::{Key, isolate},
};

pub(in super::super) async fn pressed(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    choice: Choice,
) -> Result<(), Failure> {
    show(&app, ids, &query, &choice, None).await
}

/// The banks, in place of the checkout that led to them.
pub(in super::super) async fn banks(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    banks: CheckoutBanks,
) -> Result<(), Failure> {
    show(&app, ids, &query, &banks.choice, Some(banks.screen)).await
}

/// `of_banks`: the checkout whose banks are shown.
async fn show(
    app: &App,
    ids: RequestIds,
    query: &CallbackQuery,
    choice: &Choice,
    of_banks: Option<ScreenId>,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let screen = match app.core.get_product(person.id, &choice.product_id).await {
        Ok(product) => Checkout { app, person: &person, product: &product, choice }.screen(ids, of_banks).await?,
        Err(status) if reason(&status) == ErrorReason::NotFound => gone(app, &person, choice),
        Err(status) => return Err(status.into()),
    };
    app.show(Place::of(query), screen).await?;
    app.answer(query, None).await;
    Ok(())
}

/// What is looked at for the last time.
struct Checkout<'a> {
    app: &'a App,
    person: &'a Person,
    product: &'a Product,
    choice: &'a Choice,
}

impl Checkout<'_> {
    async fn screen(&self, ids: RequestIds, of_banks: Option<ScreenId>) -> Result<Screen, Failure> {
        let Self { app, person, product, choice } = *self;
        let language = person.language;
        let choice = Choice { product_id: product.product_id.clone(), quantity: choice.quantity, page: choice.page };
        let foot = [
            app.button(language, Key::ButtonBack, &Callback::Product(choice.clone())),
            app.button(language, Key::ButtonMenu, &Callback::Menu),
        ];
        let most = quantity_max(product);
        if most == 0 {
            return Ok(Screen::new(app.say(language, Key::OutOfStock)).keeping_picture().row(foot));
        }
        let quantity = choice.quantity.clamp(1, most);
        let subtotal = format::units(product.price.as_ref()).saturating_mul(i64::from(quantity));
        let product_ids = vec![product.product_id.clone()];
        let asked = ListPaymentMethodsRequest { amount: subtotal, product_ids, ..Default::default() };
        let bill = Bill::of_goods(app, person, asked).await?;
        let screen = of_banks.unwrap_or_else(|| ids.screen());
        let code = |pay| {
            let subtotal = u64::try_from(subtotal).unwrap_or_default();
            Callback::Buy(Buy { product_id: product.product_id.clone(), quantity, pay, screen, subtotal })
        };
        if of_banks.is_some()
            && let Some(banks) = bill.banks(app, language, &Callback::Checkout(choice.clone()), code)
        {
            return Ok(banks);
        }
        let banks = Callback::CheckoutBanks(CheckoutBanks { choice, screen });
        let rows = bill.rows(app, language, &banks, code);
        let key = if rows.is_empty() { Key::CheckoutNoMethod } else { Key::Checkout };
        let (name, units) = (isolate(&product.name), quantity.to_string());
        let (amount, balance) = (format::rupiah(subtotal), format::rupiah(bill.balance));
        let values = [("name", name.as_str()), ("quantity", &units), ("amount", &amount), ("balance", &balance)];
        Ok(Screen::new(app.words.html(language, key, &values)).keeping_picture().rows(rows).row(foot))
    }
}
