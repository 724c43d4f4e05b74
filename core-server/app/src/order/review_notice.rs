//! What sellers and owners are told of a payment that needs a look, each in their language.

use warung_domain::{
    html::{Html, MAX_MESSAGE_UNITS},
    ids::{PaymentId, RefundId},
    message::{Action, Content},
    money::Money,
    review::ReviewReason,
    standing::Right,
};
use warung_store::{Read, rows};

use super::notice::{button, line_list, notice};
use crate::{
    context::Context,
    error::Result,
    identity::languages_of,
    messaging::NewDelivery,
    words::{Language, words},
};

/// Why, in words.
fn reason_words(language: Language, payment: &rows::Payment, reason: ReviewReason) -> String {
    let key = format!("review-{}", reason.code().to_lowercase().replace('_', "-"));
    let amount = reason.amount().map(|amount| amount.to_string()).unwrap_or_default();
    let asked = payment.currency.0.amount(payment.amount_minor).to_string();
    words(language, &key, &[("amount", &amount), ("asked", &asked), ("gateway", &payment.gateway)])
}

/// What an owner is told.
pub(crate) fn review_alert(
    language: Language,
    order: &rows::Order,
    payment: &rows::Payment,
    reason: ReviewReason,
) -> String {
    let why = reason_words(language, payment, reason);
    words(language, "review", &[("payment", &payment.reference), ("code", &order.code), ("reason", &why)])
}

/// What every seller who works with payments is told, with the buttons that deal with it.
pub(crate) async fn review_notices(
    read: &Read,
    ctx: &Context,
    order: &rows::Order,
    payment: &rows::Payment,
    reason: ReviewReason,
) -> Result<Vec<NewDelivery>> {
    let sellers: Vec<_> = ctx.people.working_with(Right::Payments).collect();
    // Money is gone: what the buyer has for it is named.
    let is_gone = matches!(reason, ReviewReason::Reversed { .. });
    let had = if is_gone { read.lines_of_order(order.id).await? } else { Vec::new() };
    let told = languages_of(read, &sellers).await?.into_iter().map(|(seller, language)| {
        let mut text = Html::text(&format!("🔎 {}", review_alert(language, order, payment, reason)));
        if !had.is_empty() {
            text.push_text("\n")
                .push_text(&words(language, "review-reversed-has", &[]))
                .push(&line_list(language, order, &had, false));
        }
        let text_html = text.cut(MAX_MESSAGE_UNITS).to_string();
        let rows = buttons(language, payment, reason);
        notice(seller, order, Content { text_html, rows, without_preview: true, ..Content::default() })
    });
    Ok(told.collect())
}

/// A button an answer: money of one amount or another has arrived, or none has. Each asks once more before anything is done.
fn buttons(language: Language, payment: &rows::Payment, reason: ReviewReason) -> Vec<Vec<Action>> {
    let id = PaymentId(payment.id);
    if let ReviewReason::RefundUnknown { refund_id, .. } = reason {
        return refund_buttons(language, refund_id);
    }
    let arrived = |amount: Money| {
        let label = words(language, "button-money-arrived", &[("amount", &amount.to_string())]);
        Action { label, ..button(language, "", format!("v1:rs:{id}:{}", amount.minor_units)) }
    };
    if let ReviewReason::Reversed { .. } = reason {
        return vec![vec![button(language, "button-no-money", format!("v1:rd:{id}"))]];
    }
    let asked = payment.currency.0.amount(payment.amount_minor);
    // The amount that the reason tells of comes first; what was asked for may have arrived as well.
    let mut rows: Vec<_> = reason.amount().into_iter().map(|amount| vec![arrived(amount)]).collect();
    if reason.amount() != Some(asked) && payment.received_minor.is_none() {
        rows.push(vec![arrived(asked)]);
    }
    rows.push(vec![button(language, "button-no-money", format!("v1:rd:{id}"))]);
    rows
}

fn refund_buttons(language: Language, refund_id: RefundId) -> Vec<Vec<Action>> {
    vec![
        vec![button(language, "button-refund-made", format!("v1:rf:{refund_id}:1"))],
        vec![button(language, "button-refund-not-made", format!("v1:rf:{refund_id}:0"))],
    ]
}
