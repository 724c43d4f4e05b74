//! Payments that need a look, dealt with in the chat.

use tonic::Code;
use warung_emulators::telegram::SimUser;
use warung_proto::{
    ErrorReason,
    messaging::{Action, ActionRow, Content, action::Kind},
};

use crate::{
    core::refusal,
    deliveries::{send, text},
    world::{BUDI, MAIN, SITI, World, current},
};

const PAYMENT: &str = "pay_01m8pdc9000000000000000000";
const REFUND: &str = "rfd_01m8pdc9000000000000000000";

/// A notice of the core's with a button, which has arrived.
async fn notice(world: &World, user: &SimUser, telegram_id: i64, data: &str) {
    let action = Action { label: "Tombol".to_owned(), kind: Some(Kind::CallbackData(data.to_owned())) };
    let words = format!("Periksa {data} {}", user.messages(MAIN).unwrap().len());
    world.core.deliver(telegram_id, send(Content { rows: vec![ActionRow { actions: vec![action] }], ..text(&words) }));
    world.message(user, &words).await;
}

#[tokio::test]
async fn a_seller_deals_with_a_payment_in_the_chat_once_it_is_said_twice() {
    let (world, _adapter) = World::with_adapter().await;
    let siti = world.started(SITI);
    world.core.change(|state| state.shop.sellers.insert(SITI));
    let cases = [
        (format!("v1:rs:{PAYMENT}:17000"), "Record Rp17.000", "Rp17.000 is recorded", format!("{PAYMENT} 17000")),
        (format!("v1:rd:{PAYMENT}"), "Has no money arrived", "no money has arrived", format!("{PAYMENT} none")),
        (format!("v1:rf:{REFUND}:1"), "gone back", "went back", format!("{REFUND} REFUND_STATE_DONE")),
        (format!("v1:rf:{REFUND}:0"), "not gone back", "did not go back", format!("{REFUND} REFUND_STATE_FAILED")),
    ];
    for (data, question, told, verdict) in cases {
        notice(&world, &siti, SITI, &data).await;
        world.tap(&siti, "Tombol").await;
        let asked = current(&siti);
        assert!(asked.text().contains(question), "{data}: {}", asked.text());
        let before = world.core.state().shop.verdicts.len();
        world.tap(&siti, "Cancel").await;
        let kept = current(&siti);
        assert!(kept.text().contains("nothing was changed"), "{}", kept.text());
        assert_eq!(world.core.state().shop.verdicts.len(), before, "nothing is done before it is meant");
        notice(&world, &siti, SITI, &data).await;
        world.tap(&siti, "Tombol").await;
        world.tap(&siti, "✅ Yes, record it").await;
        let done = current(&siti);
        assert!(done.text().contains(told), "{data}: {}", done.text());
        let last = world.core.state().shop.verdicts.last().cloned();
        assert_eq!(last, Some(format!("{verdict} answered in the chat")));
    }
}

#[tokio::test]
async fn a_review_that_is_dealt_with_or_not_ones_own_says_so() {
    let (world, _adapter) = World::with_adapter().await;
    let (siti, budi) = (world.started(SITI), world.started(BUDI));
    world.core.change(|state| state.shop.sellers.insert(SITI));
    let gone = refusal(Code::FailedPrecondition, ErrorReason::PaymentNotInReview);
    world.core.change(|state| state.shop.refusals.insert("DismissReview", gone));
    let early = refusal(Code::FailedPrecondition, ErrorReason::RefundNotClosable);
    world.core.change(|state| state.shop.refusals.insert("CloseRefund", early));
    for (data, told) in
        [(format!("v1:yd:{PAYMENT}"), "has been dealt with"), (format!("v1:yf:{REFUND}:1"), "Try again 5 minutes")]
    {
        notice(&world, &siti, SITI, &data).await;
        world.tap(&siti, "Tombol").await;
        let answer = current(&siti);
        assert!(answer.text().contains(told), "{data}: {}", answer.text());
    }
    notice(&world, &budi, BUDI, &format!("v1:ys:{PAYMENT}:17000")).await;
    world.tap(&budi, "Tombol").await;
    let answer = current(&budi);
    assert!(answer.text().contains("hanya untuk penjual"), "{}", answer.text());
    assert!(world.core.state().shop.verdicts.is_empty());
}
