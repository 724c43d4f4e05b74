//! `/refund KODE [jumlah] saldo|gateway alasan…`: gives money back.

use std::sync::Arc;

use teloxide::types::Message;
use tonic::Status;
use warung_proto::{
    ErrorReason,
    error::reason,
    order::{Order, RefundDestination, RefundLine, RefundOrderRequest},
};

use super::{
    App, Failure, Person, RequestIds, later,
    line::{Named, choice, left},
    refusal,
    screen::{Place, Screen},
    unknown,
};
use crate::{
    amount::{self, Fault},
    format,
    words::Key,
};

/// What stands behind `/refund`.
#[derive(Debug, PartialEq, Eq)]
struct Refund<'a> {
    code: &'a str,
    /// In rupiah; all of it without one.
    amount: Option<i64>,
    destination: RefundDestination,
    reason: &'a str,
}

/// What is wrong with it.
#[derive(Debug, PartialEq, Eq)]
enum Wrong<'a> {
    /// A part is missing.
    Incomplete,
    /// This stands where the amount does, and is none.
    Amount(&'a str, Fault),
}

impl<'a> Refund<'a> {
    fn parse(rest: &'a str) -> Result<Self, Wrong<'a>> {
        let (code, rest) = word(rest).ok_or(Wrong::Incomplete)?;
        // An amount may have several words: "75 ribu".
        let mut behind = rest;
        let (destination, amount, reason) = loop {
            let (next, after) = word(behind).ok_or(Wrong::Incomplete)?;
            if let Some(destination) = destination(next) {
                break (destination, rest.strip_suffix(behind).unwrap_or_default().trim(), after.trim());
            }
            behind = after;
        };
        if reason.is_empty() {
            return Err(Wrong::Incomplete);
        }
        let read = |text| amount::read(text).map_err(|fault| Wrong::Amount(text, fault));
        let amount = Some(amount).filter(|text| !text.is_empty()).map(read).transpose()?;
        Ok(Self { code, amount, destination, reason })
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
    let Some(user) = &message.from else {
        return Ok(());
    };
    let person = app.greet(ids, user).await?;
    let place = Place::answering(&message);
    let refund = match Refund::parse(&rest) {
        Ok(refund) => refund,
        Err(_) if !person.is_staff => return unknown::answer(&app, &person, place).await,
        Err(wrong) => {
            let usage = app.say(person.language, Key::RefundUsage);
            let text = match wrong {
                Wrong::Incomplete => usage,
                Wrong::Amount(text, fault) => {
                    format!("{}\n\n{usage}", app.wrong_amount(person.language, text, fault))
                }
            };
            return app.show(place, Screen::new(text)).await;
        }
    };
    let request = RefundOrderRequest {
        request_id: ids.of("refund").to_string(),
        order_id: refund.code.to_owned(),
        amount: refund.amount.map(format::idr),
        destination: refund.destination.into(),
        reason: refund.reason.to_owned(),
        lines: Vec::new(),
    };
    let origin = later::Origin::Command(Box::new(message.clone()));
    later::carry_on(app, origin, move |app| {
        let request = request.clone();
        async move { give_back(&app, &person, place, request).await }
    })
    .await
}

async fn give_back(app: &App, person: &Person, place: Place, request: RefundOrderRequest) -> Result<(), Failure> {
    let name = request.order_id.clone();
    let named = Named::parse(&name);
    let code = named.code.to_owned();
    let words = |key, values: &[_]| app.words.html(person.language, key, values);
    let done = match of_line(app, person, named, request).await {
        Ok(Ok(request)) => app.core.refund_order(person.id, request).await,
        Ok(Err(order)) => {
            let keys = (Key::RefundLines, Key::RefundLine);
            return app.show(place, choice(app, person, &order, keys, |line| left(line) > 0)).await;
        }
        Err(status) => Err(status),
    };
    let text = match done {
        Ok(order) => {
            let (refunded, paid) = (format::money(order.refunded.as_ref()), format::money(order.paid.as_ref()));
            words(Key::Refunded, &[("code", order.code.as_str()), ("refunded", &refunded), ("paid", &paid)])
        }
        Err(status) => match reason(&status) {
            ErrorReason::Forbidden => return unknown::answer(app, person, place).await,
            ErrorReason::InvalidArgument => app.say(person.language, Key::RefundUsage),
            _ => words(refusal(status)?, &[("code", code.as_str())]),
        },
    };
    app.show(place, Screen::new(text)).await
}

/// The request of the line that is named; the order when it has no such line, or an amount could be of several.
async fn of_line(
    app: &App,
    person: &Person,
    named: Named<'_>,
    request: RefundOrderRequest,
) -> Result<Result<RefundOrderRequest, Order>, Status> {
    let request = RefundOrderRequest { order_id: named.code.to_owned(), ..request };
    if !named.names_a_line() && request.amount.is_none() {
        return Ok(Ok(request));
    }
    let (order, line) = named.look_up(app, person).await?;
    Ok(match line {
        Some(line) => {
            let lines = vec![RefundLine { order_line_id: line.order_line_id, amount: request.amount }];
            Ok(RefundOrderRequest { amount: None, lines, ..request })
        }
        None if !named.names_a_line() && order.lines.len() == 1 => Ok(request),
        None => Err(order),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refund_is_read_with_and_without_an_amount() {
        let whole =
            Refund { code: "tg7-abc", amount: None, destination: RefundDestination::Balance, reason: "salah  beli" };
        assert_eq!(Refund::parse("tg7-abc saldo salah  beli"), Ok(whole));
        let part = Refund::parse(" tg7-abc 25.000 Gateway\nstok rusak").unwrap();
        assert_eq!((part.amount, part.destination), (Some(25_000), RefundDestination::Gateway));
        assert_eq!(part.reason, "stok rusak");
        let words = Refund::parse("tg7-abc Rp. 75 ribu  saldo saldo kurang").unwrap();
        assert_eq!((words.amount, words.reason), (Some(75_000), "saldo kurang"));
    }

    #[test]
    fn half_a_refund_is_none() {
        for rest in ["", "tg7-abc", "tg7-abc saldo", "tg7-abc saldo ", "tg7-abc 5000", "tg7-abc 5000 bank x"] {
            assert_eq!(Refund::parse(rest), Err(Wrong::Incomplete), "{rest}");
        }
    }

    #[test]
    fn an_amount_that_is_none_is_named() {
        assert_eq!(Refund::parse("tg7-abc -5 saldo x"), Err(Wrong::Amount("-5", Fault::Negative)));
        assert_eq!(Refund::parse("tg7-abc semua saldo x"), Err(Wrong::Amount("semua", Fault::Unreadable)));
    }
}
