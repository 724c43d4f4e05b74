//! `/refund KODE [jumlah] saldo|gateway alasan…`: gives money back.

use std::sync::Arc;

use teloxide::types::{Message, User};
use warung_proto::{
    ErrorReason,
    error::reason,
    order::{RefundDestination, RefundOrderRequest},
};

use super::{
    App, Failure, Person, RequestIds, later, refusal,
    screen::{Place, Screen},
    unknown,
};
use crate::{format, words::Key};

/// What stands behind `/refund`.
#[derive(Debug, PartialEq, Eq)]
struct Refund<'a> {
    code: &'a str,
    /// In rupiah; all of it without one.
    amount: Option<i64>,
    destination: RefundDestination,
    reason: &'a str,
}

impl<'a> Refund<'a> {
    fn parse(rest: &'a str) -> Option<Self> {
        let (code, rest) = word(rest)?;
        let (second, after) = word(rest)?;
        let (amount, destination, reason) = if let Some(destination) = destination(second) {
            (None, destination, after)
        } else {
            let amount = format::read_rupiah(second)?;
            let (third, after) = word(after)?;
            (Some(amount), destination(third)?, after)
        };
        let reason = reason.trim();
        (!reason.is_empty()).then_some(Self { code, amount, destination, reason })
    }
}

/// The first word, and what stands behind it.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (!word.is_empty()).then_some((word, rest))
}

fn destination(word: &str) -> Option<RefundDestination> {
    match word.to_lowercase().as_str() {
        "saldo" | "balance" => Some(RefundDestination::Balance),
        "gateway" => Some(RefundDestination::Gateway),
        _ => None,
    }
}

pub(in super::super) async fn command(
    app: Arc<App>,
    ids: RequestIds,
    message: Message,
    rest: String,
) -> Result<(), Failure> {
    let Some(user) = message.from else {
        return Ok(());
    };
    let person = app.greet(ids, &user).await?;
    let Some(refund) = Refund::parse(&rest) else {
        if !person.is_staff {
            return unknown::answer(&app, &person, &user).await;
        }
        return app.show(Place::new(&user), Screen::new(app.say(person.language, Key::RefundUsage))).await;
    };
    let request = RefundOrderRequest {
        request_id: ids.of("refund").to_string(),
        order_id: refund.code.to_owned(),
        amount: refund.amount.map(format::idr),
        destination: refund.destination.into(),
        reason: refund.reason.to_owned(),
    };
    let origin = later::Origin::Command(Box::new(user.clone()));
    later::carry_on(app, origin, move |app| {
        let (user, request) = (user.clone(), request.clone());
        async move { give_back(&app, &person, &user, request).await }
    })
    .await
}

async fn give_back(app: &App, person: &Person, user: &User, request: RefundOrderRequest) -> Result<(), Failure> {
    let code = request.order_id.clone();
    let words = |key, values: &[_]| app.words.html(person.language, key, values);
    let text = match app.core.refund_order(person.id, request).await {
        Ok(order) => {
            let (refunded, paid) = (format::money(order.refunded.as_ref()), format::money(order.paid.as_ref()));
            words(Key::Refunded, &[("code", order.code.as_str()), ("refunded", &refunded), ("paid", &paid)])
        }
        Err(status) => match reason(&status) {
            ErrorReason::Forbidden => return unknown::answer(app, person, user).await,
            ErrorReason::InvalidArgument => app.say(person.language, Key::RefundUsage),
            _ => words(refusal(status)?, &[("code", code.as_str())]),
        },
    };
    app.show(Place::new(user), Screen::new(text)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refund_is_read_with_and_without_an_amount() {
        let whole =
            Refund { code: "tg7-abc", amount: None, destination: RefundDestination::Balance, reason: "salah  beli" };
        assert_eq!(Refund::parse("tg7-abc saldo salah  beli"), Some(whole));
        let part = Refund::parse(" tg7-abc 25.000 Gateway\nstok rusak").unwrap();
        assert_eq!((part.amount, part.destination), (Some(25_000), RefundDestination::Gateway));
        assert_eq!(part.reason, "stok rusak");
    }

    #[test]
    fn half_a_refund_is_none() {
        for rest in
            ["", "tg7-abc", "tg7-abc saldo", "tg7-abc saldo ", "tg7-abc 5000", "tg7-abc -5 saldo x", "tg7-abc bank x"]
        {
            assert_eq!(Refund::parse(rest), None, "{rest}");
        }
    }
}
