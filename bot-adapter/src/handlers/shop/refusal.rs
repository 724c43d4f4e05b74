//! Why an order or a payment was refused, in words that say what to do, and the buttons that do it.

use tonic::Status;
use warung_proto::{ErrorReason, error::reason};

use super::{App, screen::Screen};
use crate::{
    callback::{Callback, Choice},
    words::{Key, Language},
};

/// Where a buyer can go on from a refusal.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Ways {
    /// The same once more.
    pub again: Option<Callback>,
    /// Other ways to pay.
    pub methods: Option<Callback>,
    /// The product that was chosen.
    pub choice: Option<Choice>,
}

/// The words for a refusal; `None` for what no buyer can do anything about.
pub(in super::super) fn key(status: &Status) -> Option<Key> {
    Some(match reason(status) {
        ErrorReason::OutOfStock => Key::OutOfStock,
        ErrorReason::PriceChanged => Key::PriceChanged,
        ErrorReason::TooManyUnpaidOrders => Key::TooManyUnpaidOrders,
        ErrorReason::AmountBelowMinimum => Key::AmountBelowMinimum,
        ErrorReason::BalanceTooLow => Key::BalanceTooLow,
        ErrorReason::GatewayUnavailable => Key::GatewayUnavailable,
        ErrorReason::PaymentMethodUnavailable => Key::PaymentMethodUnavailable,
        ErrorReason::NoWayToPay => Key::NoWayToPay,
        ErrorReason::OrderNotPayable | ErrorReason::PaymentNotOpen => Key::OrderNotPayable,
        ErrorReason::TooManyPayments => Key::TooManyPayments,
        ErrorReason::InvoiceUnusable => Key::InvoiceUnusable,
        ErrorReason::OrderNotCancellable => Key::OrderNotCancellable,
        ErrorReason::NothingToSend => Key::NothingToSend,
        ErrorReason::NotFound => Key::NotFound,
        _ => return None,
    })
}

/// The screen for a refusal.
pub(in super::super) fn screen(app: &App, language: Language, status: &Status, ways: &Ways) -> Option<Screen> {
    let key = key(status)?;
    let way = |label, code: &Callback| app.button(language, label, code);
    let methods = ways.methods.as_ref().map(|code| way(Key::ButtonOtherMethod, code));
    let top_up = || Some(way(Key::ButtonTopUp, &Callback::TopUp));
    let product = || {
        let choice = ways.choice.clone().map(|choice| Callback::Product(Choice { quantity: 1, ..choice }));
        choice.map(|code| way(Key::ButtonBack, &code))
    };
    let (first, second) = match key {
        Key::OutOfStock => (product(), None),
        Key::PriceChanged => {
            (ways.choice.clone().map(|choice| way(Key::ButtonNewPrice, &Callback::Checkout(choice))), None)
        }
        Key::AmountBelowMinimum => (product(), methods),
        Key::BalanceTooLow => (top_up(), methods),
        Key::GatewayUnavailable => (ways.again.as_ref().map(|code| way(Key::ButtonAgain, code)), methods),
        Key::PaymentMethodUnavailable => (methods, None),
        _ => (None, None),
    };
    let screen = Screen::new(app.say(language, key)).keeping_picture().row(first).row(second);
    Some(screen.row([way(Key::ButtonOrders, &Callback::Orders(None)), way(Key::ButtonMenu, &Callback::Menu)]))
}
