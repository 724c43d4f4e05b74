//! "🔄 Cek status": has the money arrived?

use std::sync::Arc;

use teloxide::types::CallbackQuery;
use warung_proto::payment::PaymentState;

use super::{App, Failure, RequestIds, later, shop::refusal};
use crate::words::Key;

pub(in super::super) async fn pressed(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    payment_id: String,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let origin = later::Origin::Press(Box::new(query.clone()));
    later::carry_on(app, origin, move |app| {
        let (query, payment_id) = (query.clone(), payment_id.clone());
        async move {
            let key = match app.core.check_payment(person.id, &payment_id).await {
                Ok(payment) => words(payment.state()),
                Err(status) => refusal::key(&status).ok_or(status)?,
            };
            app.tell(&query, person.language, key).await
        }
    })
    .await
}

fn words(state: PaymentState) -> Key {
    match state {
        PaymentState::Paid => Key::PaymentPaid,
        PaymentState::Creating | PaymentState::Open | PaymentState::Awaiting | PaymentState::Unspecified => {
            Key::PaymentMissing
        }
        PaymentState::Expired => Key::PaymentExpired,
        PaymentState::Cancelled | PaymentState::Failed => Key::PaymentCancelled,
        PaymentState::Returned | PaymentState::Reversed => Key::PaymentReturned,
    }
}
