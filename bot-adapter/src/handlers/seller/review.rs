//! A payment or a refund that needs a look: what a seller saw at the gateway, said twice.

use std::sync::Arc;

use teloxide::types::CallbackQuery;
use tonic::Status;
use warung_proto::{
    ErrorReason,
    error::reason,
    payment::{CloseRefundRequest, DismissReviewRequest, RefundState, SettlePaymentRequest},
};

use super::{
    App, Failure, Person, RequestIds, later,
    screen::{Place, Screen},
};
use crate::{
    callback::{Callback, Review, Verdict},
    format,
    words::Key,
};

pub(in super::super) async fn pressed(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    review: Review,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    match review {
        Review::Ask(verdict) => {
            // The notice stays, should it not be meant.
            app.show(Place::beside(&query), question(&app, &person, verdict)).await?;
            app.answer(&query, None).await;
            Ok(())
        }
        Review::Kept => {
            app.show(Place::of(&query), Screen::new(app.say(person.language, Key::ReviewKept))).await?;
            app.answer(&query, None).await;
            Ok(())
        }
        Review::Confirmed(verdict) => {
            later::show(app, query, move |app| {
                let verdict = verdict.clone();
                async move { confirmed(&app, ids, &person, verdict).await }
            })
            .await
        }
    }
}

fn amount_of(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Arrived(_, amount) => format::rupiah(i64::try_from(*amount).unwrap_or(i64::MAX)),
        Verdict::NoMoney(_) | Verdict::Refund(..) => String::new(),
    }
}

fn question(app: &App, person: &Person, verdict: Verdict) -> Screen {
    let key = match &verdict {
        Verdict::Arrived(..) => Key::ReviewArrivedQuestion,
        Verdict::NoMoney(_) => Key::ReviewNoMoneyQuestion,
        Verdict::Refund(_, true) => Key::ReviewRefundedQuestion,
        Verdict::Refund(_, false) => Key::ReviewNotRefundedQuestion,
    };
    let text = app.words.html(person.language, key, &[("amount", &amount_of(&verdict))]);
    Screen::new(text).row([
        app.button(person.language, Key::ButtonReviewYes, &Callback::Review(Review::Confirmed(verdict))),
        app.button(person.language, Key::ButtonReviewNo, &Callback::Review(Review::Kept)),
    ])
}

async fn confirmed(app: &App, ids: RequestIds, person: &Person, verdict: Verdict) -> Result<Screen, Failure> {
    let note = app.words.plain(person.language, Key::ReviewNote, &[]);
    let request_id = ids.of("review").to_string();
    let amount = amount_of(&verdict);
    let (done, told) = match verdict {
        Verdict::Arrived(payment_id, received) => {
            let received = i64::try_from(received).map_err(|_| Status::invalid_argument("received"))?;
            let received = Some(format::idr(received));
            let request = SettlePaymentRequest { request_id, payment_id, received, note };
            (app.core.settle_payment(person.id, request).await, Key::ReviewArrived)
        }
        Verdict::NoMoney(payment_id) => {
            let request = DismissReviewRequest { request_id, payment_id, note };
            (app.core.dismiss_review(person.id, request).await, Key::ReviewNoMoney)
        }
        Verdict::Refund(refund_id, made) => {
            let outcome = if made { RefundState::Done } else { RefundState::Failed }.into();
            let request = CloseRefundRequest { request_id, refund_id, outcome, note };
            let told = if made { Key::ReviewRefunded } else { Key::ReviewNotRefunded };
            (app.core.close_refund(person.id, request).await, told)
        }
    };
    let key = match done {
        Ok(()) => told,
        Err(status) => refusal(status)?,
    };
    Ok(Screen::new(app.words.html(person.language, key, &[("amount", &amount)])))
}

fn refusal(status: Status) -> Result<Key, Failure> {
    match reason(&status) {
        ErrorReason::PaymentNotInReview | ErrorReason::NotFound => Ok(Key::ReviewGone),
        ErrorReason::RefundNotClosable => Ok(Key::ReviewRefundNotClosable),
        ErrorReason::Forbidden => Ok(Key::SellersOnly),
        _ => Err(status.into()),
    }
}
