//! Paying an order that was placed before.

use std::sync::Arc;

use teloxide::types::CallbackQuery;
use warung_proto::{
    ErrorReason,
    catalog::ProductKind,
    error::reason,
    order::{Order, OrderState},
    payment::{ListPaymentMethodsRequest, PaymentMethod, PaymentState, StartPaymentRequest},
};

use super::{
    App, Failure, Person, RequestIds, later, order,
    screen::{Place, Screen},
    shop::{
        buy,
        methods::Bill,
        refusal::{self, Ways},
    },
};
use crate::{
    callback::{Callback, OrderName, ScreenId, StartPayment},
    format,
    words::Key,
};

/// The ways to pay it.
pub(in super::super) async fn methods(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    order_id: String,
) -> Result<(), Failure> {
    show(&app, ids, &query, &order_id, false).await
}

/// The banks to pay it through.
pub(in super::super) async fn banks(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    order_id: String,
) -> Result<(), Failure> {
    show(&app, ids, &query, &order_id, true).await
}

async fn show(
    app: &App,
    ids: RequestIds,
    query: &CallbackQuery,
    order_id: &str,
    of_banks: bool,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let screen = match app.core.get_order(person.id, order_id).await {
        Ok(order) if order.state() == OrderState::Pending => {
            choose(app, &person, &order, ids.screen(), of_banks).await?
        }
        Ok(order) => order::screen(app, &person, &order),
        Err(status) if reason(&status) == ErrorReason::NotFound => order::gone(app, &person),
        Err(status) => return Err(status.into()),
    };
    app.show(Place::of(query), screen).await?;
    app.answer(query, None).await;
    Ok(())
}

async fn choose(
    app: &App,
    person: &Person,
    order: &Order,
    screen: ScreenId,
    of_banks: bool,
) -> Result<Screen, Failure> {
    let price = order.price.clone().unwrap_or_default();
    let due = format::units(price.subtotal.as_ref())
        .saturating_sub(format::units(price.discount.as_ref()))
        .saturating_sub(format::units(order.paid.as_ref()));
    let is_top_up = order.lines.iter().any(|line| line.kind() == ProductKind::TopUp);
    let order_id = order.order_id.clone();
    let asked = ListPaymentMethodsRequest { amount: due, order_id, ..Default::default() };
    let bill =
        if is_top_up { Bill::of_top_up(app, person, asked).await? } else { Bill::of_goods(app, person, asked).await? };
    let code = |pay| Callback::StartPayment(StartPayment { order_id: order.order_id.clone(), pay, screen });
    if of_banks && let Some(banks) = bill.banks(app, person.language, &Callback::Methods(order.order_id.clone()), code)
    {
        return Ok(banks);
    }
    let rows = bill.rows(app, person.language, &Callback::OrderBanks(order.order_id.clone()), code);
    let key = if rows.is_empty() { Key::PayNoMethod } else { Key::Pay };
    let (amount, balance) = (format::rupiah(due), format::rupiah(bill.balance));
    let values = [("code", order.code.as_str()), ("amount", &amount), ("balance", &balance)];
    let back = Callback::Order(OrderName { order_id: order.order_id.clone(), here: true });
    Ok(Screen::new(app.words.html(person.language, key, &values)).rows(rows).row([app.button(
        person.language,
        Key::ButtonBack,
        &back,
    )]))
}

/// Begins a payment by the way that was chosen.
pub(in super::super) async fn start(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    start: StartPayment,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    later::show(app, query, move |app| {
        let start = start.clone();
        async move {
            let order = match app.core.get_order(person.id, &start.order_id).await {
                Ok(order) => order,
                Err(status) if reason(&status) == ErrorReason::NotFound => return Ok(order::gone(&app, &person)),
                Err(status) => return Err(status.into()),
            };
            let again = Callback::StartPayment(start.clone());
            buy::begin(&app, ids.of_screen(start.screen), &person, order, start.pay, again).await
        }
    })
    .await
}

/// Sends the invoice of an open payment once more.
pub(in super::super) async fn invoice(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    payment_id: String,
) -> Result<(), Failure> {
    let key = match app.core.send_invoice(ids.of("invoice"), super::super::telegram_id(&query.from), &payment_id).await
    {
        Ok(()) => {
            app.answer(&query, None).await;
            return Ok(());
        }
        Err(status) => refusal::key(&status).ok_or(status)?,
    };
    let person = app.greet(ids, &query.from).await?;
    app.tell(&query, person.language, key).await
}

/// "💰 Bayar dari saldo" under an invoice.
pub(in super::super) async fn from_balance(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    order_id: String,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let origin = later::Origin::Press(Box::new(query.clone()));
    later::carry_on(app, origin, move |app| {
        let (query, order_id) = (query.clone(), order_id.clone());
        async move {
            let request = StartPaymentRequest {
                request_id: ids.of("balance").to_string(),
                order_id,
                method: PaymentMethod::Balance.into(),
                use_balance: false,
            };
            match app.core.start_payment(person.id, request).await {
                Ok(payment) => {
                    let paid = payment.state() == PaymentState::Paid;
                    let key = if paid { Key::PaidFromBalance } else { Key::PaymentMissing };
                    app.tell(&query, person.language, key).await
                }
                Err(status) if reason(&status) == ErrorReason::BalanceTooLow => {
                    app.answer(&query, None).await;
                    let screen = refusal::screen(&app, person.language, &status, &Ways::default());
                    app.show(Place::beside(&query), screen.ok_or(status)?).await
                }
                Err(status) => {
                    let key = refusal::key(&status).ok_or(status)?;
                    app.tell(&query, person.language, key).await
                }
            }
        }
    })
    .await
}
