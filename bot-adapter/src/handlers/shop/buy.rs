//! "Buy": an order is placed, its payment is begun, and the core sends the invoice.
//!
//! Every request id follows from the screen of the button, so that whatever is pressed there, and however often, places one
//! order. The way to pay is chosen in a call of its own: a gateway that fails leaves an order that another way can pay.

use std::sync::Arc;

use teloxide::types::CallbackQuery;
use warung_proto::{
    order::{Order, OrderItem, OrderState, PlaceOrderRequest},
    payment::{PaymentMethod, PaymentState, StartPaymentRequest},
};

use super::{
    App, Failure, Person, RequestIds, later,
    refusal::{self, Ways},
    screen::Screen,
};
use crate::{
    callback::{Buy, Callback, Choice, OrderName, Pay},
    format,
    words::{Key, Language},
};

pub(in super::super) async fn pressed(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    buy: Buy,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    later::show(app, query, move |app| {
        let buy = buy.clone();
        async move { place(&app, ids.of_screen(buy.screen), &person, &buy).await }
    })
    .await
}

async fn place(app: &App, ids: RequestIds, person: &Person, buy: &Buy) -> Result<Screen, Failure> {
    let request = PlaceOrderRequest {
        request_id: ids.of("order").to_string(),
        items: vec![OrderItem { product_id: buy.product_id.clone(), quantity: buy.quantity.into() }],
        expected_subtotal: i64::try_from(buy.subtotal).ok().map(format::idr),
        ..PlaceOrderRequest::default()
    };
    match app.core.place_order(person.id, request).await {
        Ok(order) => begin(app, ids, person, order, buy.pay, Callback::Buy(buy.clone())).await,
        Err(status) => {
            let choice = Choice { product_id: buy.product_id.clone(), quantity: buy.quantity, page: None };
            let ways = Ways {
                again: Some(Callback::Buy(buy.clone())),
                methods: Some(Callback::Checkout(choice.clone())),
                choice: Some(choice),
            };
            refusal::screen(app, person.language, &status, &ways).ok_or_else(|| status.into())
        }
    }
}

/// Begins the payment of an order that was placed, and has the invoice sent; answers the screen that says so.
pub(in super::super) async fn begin(
    app: &App,
    ids: RequestIds,
    person: &Person,
    order: Order,
    pay: Pay,
    again: Callback,
) -> Result<Screen, Failure> {
    if order.state() != OrderState::Pending || pay.method == PaymentMethod::Unspecified {
        return Ok(placed(app, person.language, &order));
    }
    match invoice(app, ids, person, &order, pay).await {
        Ok(()) => Ok(placed(app, person.language, &app.core.get_order(person.id, &order.order_id).await?)),
        Err(Failure::Core(status)) => {
            let methods = Some(Callback::Methods(order.order_id.clone()));
            let ways = Ways { again: Some(again), methods, choice: None };
            refusal::screen(app, person.language, &status, &ways).ok_or(Failure::Core(status))
        }
        Err(failure) => Err(failure),
    }
}

async fn invoice(app: &App, ids: RequestIds, person: &Person, order: &Order, pay: Pay) -> Result<(), Failure> {
    let request = StartPaymentRequest {
        request_id: ids.of(&format!("pay:{}:{pay}", order.order_id)).to_string(),
        order_id: order.order_id.clone(),
        method: pay.method.into(),
        use_balance: pay.use_balance,
    };
    let payment = app.core.start_payment(person.id, request).await?;
    if payment.state() == PaymentState::Open {
        let request_id = ids.of(&format!("invoice:{}", payment.payment_id));
        app.core.send_invoice(request_id, person.id, &payment.payment_id).await?;
    }
    Ok(())
}

/// What became of an order that was placed just now.
pub(in super::super) fn placed(app: &App, language: Language, order: &Order) -> Screen {
    let key = match order.state() {
        OrderState::Pending => Key::OrderPlaced,
        OrderState::Paid | OrderState::Completed => Key::OrderPaid,
        _ => Key::OrderNotPayable,
    };
    let name = OrderName { order_id: order.order_id.clone(), here: true };
    Screen::new(app.words.html(language, key, &[("code", &order.code)]))
        .keeping_picture()
        .row([app.button(language, Key::ButtonOrder, &Callback::Order(name))])
        .row([app.button(language, Key::ButtonMenu, &Callback::Menu)])
}
