//! Topping the balance up: how much, how to pay, and the invoice.

use std::sync::Arc;

use teloxide::types::{CallbackQuery, Message};
use warung_proto::{
    ErrorReason,
    error::reason,
    payment::ListPaymentMethodsRequest,
    wallet::{TopUpRequest, Wallet},
};

use super::{
    App, Failure, Person, RequestIds, later,
    screen::{Place, Screen, button},
    shop::{
        buy,
        methods::Bill,
        refusal::{self, Ways},
    },
};
use crate::{
    amount::{self, Fault},
    callback::{Callback, Pay, ScreenId, StartTopUp, TopUpBanks},
    format,
    words::{Key, Language},
};

/// The amounts that have a button, in rupiah.
const AMOUNTS: [i64; 5] = [10_000, 20_000, 50_000, 100_000, 200_000];
/// Amounts beside each other.
const IN_A_ROW: usize = 2;

/// `/topup` and an amount.
pub(in super::super) async fn command(
    app: Arc<App>,
    ids: RequestIds,
    message: Message,
    amount: String,
) -> Result<(), Failure> {
    let Some(user) = &message.from else {
        return Ok(());
    };
    let person = app.greet(ids, user).await?;
    let screen = match amount::read(&amount) {
        _ if amount.is_empty() => amounts_screen(&app, &person, None).await?,
        Ok(amount) => methods_screen(&app, &person, amount, ids, None).await?,
        // Its bounds say that it is too much.
        Err(Fault::TooLarge) => methods_screen(&app, &person, i64::MAX, ids, None).await?,
        Err(fault) => {
            let wrong = app.wrong_amount(person.language, &amount, fault);
            amounts_screen(&app, &person, Some(wrong)).await?
        }
    };
    app.show(Place::answering(&message), screen).await
}

/// The amounts.
pub(in super::super) async fn amounts(app: Arc<App>, ids: RequestIds, query: CallbackQuery) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let screen = amounts_screen(&app, &person, None).await?;
    app.show(Place::of(&query), screen).await?;
    app.answer(&query, None).await;
    Ok(())
}

/// The ways to pay an amount.
pub(in super::super) async fn methods(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    amount: u64,
) -> Result<(), Failure> {
    show(&app, ids, &query, amount, None).await
}

/// The banks to pay it through.
pub(in super::super) async fn banks(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    banks: TopUpBanks,
) -> Result<(), Failure> {
    show(&app, ids, &query, banks.amount, Some(banks.screen)).await
}

/// `of_banks`: the screen of ways to pay whose banks are shown.
async fn show(
    app: &App,
    ids: RequestIds,
    query: &CallbackQuery,
    amount: u64,
    of_banks: Option<ScreenId>,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let amount = i64::try_from(amount).unwrap_or(i64::MAX);
    let screen = methods_screen(app, &person, amount, ids, of_banks).await?;
    app.show(Place::of(query), screen).await?;
    app.answer(query, None).await;
    Ok(())
}

/// `wrong`: what is wrong with the amount that was written.
async fn amounts_screen(app: &App, person: &Person, wrong: Option<String>) -> Result<Screen, Failure> {
    let wallet = app.core.get_wallet(person.id).await?;
    let language = person.language;
    let offered = AMOUNTS.into_iter().filter(|amount| bounds(&wallet).contains(amount)).filter_map(|amount| {
        let code = Callback::TopUpAmount(u64::try_from(amount).ok()?);
        Some(button(&format::rupiah(amount), &code))
    });
    let offered: Vec<_> = offered.collect();
    let text = with_bounds(app, language, Key::TopUp, &wallet);
    Ok(Screen::new(wrong.map_or_else(|| text.clone(), |wrong| format!("{wrong}\n\n{text}")))
        .rows(offered.chunks(IN_A_ROW).map(<[_]>::to_vec))
        .row([
            app.button(language, Key::ButtonBack, &Callback::Wallet),
            app.button(language, Key::ButtonMenu, &Callback::Menu),
        ]))
}

async fn methods_screen(
    app: &App,
    person: &Person,
    amount: i64,
    ids: RequestIds,
    of_banks: Option<ScreenId>,
) -> Result<Screen, Failure> {
    let language = person.language;
    let wallet = app.core.get_wallet(person.id).await?;
    let back = app.button(language, Key::ButtonBack, &Callback::TopUp);
    if !bounds(&wallet).contains(&amount) {
        return Ok(Screen::new(with_bounds(app, language, Key::TopUpOutOfBounds, &wallet)).row([back]));
    }
    let asked = ListPaymentMethodsRequest { amount, ..Default::default() };
    let bill = Bill::of_top_up(app, person, asked).await?;
    let words = [("amount", &*format::rupiah(amount))];
    let amount = u64::try_from(amount).unwrap_or_default();
    let screen = of_banks.unwrap_or_else(|| ids.screen());
    let code = |pay: Pay| Callback::StartTopUp(StartTopUp { amount, method: pay.method, screen });
    if of_banks.is_some()
        && let Some(banks) = bill.banks(app, language, &Callback::TopUpAmount(amount), code)
    {
        return Ok(banks);
    }
    let rows = bill.rows(app, language, &Callback::TopUpBanks(TopUpBanks { amount, screen }), code);
    let key = if rows.is_empty() { Key::TopUpNoMethod } else { Key::TopUpMethods };
    let text = app.words.html(language, key, &words);
    Ok(Screen::new(text).rows(rows).row([back]))
}

fn bounds(wallet: &Wallet) -> std::ops::RangeInclusive<i64> {
    format::units(wallet.top_up_minimum.as_ref())..=format::units(wallet.top_up_maximum.as_ref())
}

fn with_bounds(app: &App, language: Language, key: Key, wallet: &Wallet) -> String {
    let (least, most) = (format::money(wallet.top_up_minimum.as_ref()), format::money(wallet.top_up_maximum.as_ref()));
    app.words.html(language, key, &[("least", &least), ("most", &most)])
}

/// Places the order of the top-up and has its invoice sent.
pub(in super::super) async fn start(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    start: StartTopUp,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    later::show(app, query, move |app| {
        let start = start.clone();
        async move { place(&app, ids.of_screen(start.screen), &person, &start).await }
    })
    .await
}

async fn place(app: &App, ids: RequestIds, person: &Person, start: &StartTopUp) -> Result<Screen, Failure> {
    let request = TopUpRequest {
        request_id: ids.of("top-up").to_string(),
        amount: i64::try_from(start.amount).ok().map(format::idr),
        ..TopUpRequest::default()
    };
    let again = Callback::StartTopUp(start.clone());
    let status = match app.core.top_up(person.id, request).await {
        Ok(order) => {
            let pay = Pay { method: start.method, use_balance: false };
            return buy::begin(app, ids, person, order, pay, again).await;
        }
        Err(status) => status,
    };
    if reason(&status) == ErrorReason::InvalidArgument {
        let wallet = app.core.get_wallet(person.id).await?;
        let back = app.button(person.language, Key::ButtonBack, &Callback::TopUp);
        return Ok(Screen::new(with_bounds(app, person.language, Key::TopUpOutOfBounds, &wallet)).row([back]));
    }
    let ways = Ways { again: Some(again), methods: Some(Callback::TopUpAmount(start.amount)), choice: None };
    refusal::screen(app, person.language, &status, &ways).ok_or_else(|| status.into())
}
