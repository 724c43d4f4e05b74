use proptest::prelude::*;

use super::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn later() -> DateTime<Utc> {
    now() + chrono::TimeDelta::seconds(1)
}

fn stages() -> Vec<Stage> {
    let mut stages = vec![
        Stage::Pending { expire_time: now() },
        Stage::Completed { paid_time: now(), end_time: now() },
        Stage::Cancelled { end_time: now() },
        Stage::Expired { end_time: now() },
        Stage::Refunded { paid_time: now(), end_time: now() },
        Stage::Paid { paid_time: now(), hold: None },
    ];
    stages.extend(HoldReason::ALL.map(|hold| Stage::Paid { paid_time: now(), hold: Some(hold) }));
    stages
}

const EVENTS: [Event; 11] = [
    Event::Settled(HandOver::None),
    Event::Settled(HandOver::Message),
    Event::Settled(HandOver::Manual),
    Event::GoodsArrived,
    Event::BuyerRefused,
    Event::GoodsFailed,
    Event::Fulfilled { more: false },
    Event::Fulfilled { more: true },
    Event::Cancelled,
    Event::Expired,
    Event::Refunded,
];

#[test]
fn an_order_goes_only_the_ways_that_are_written() {
    use OrderState::{Cancelled, Completed, Expired, Paid, Pending, Refunded};
    let allowed = [
        (Pending, Paid),
        (Pending, Completed),
        (Pending, Cancelled),
        (Pending, Expired),
        (Cancelled, Paid),
        (Cancelled, Completed),
        (Expired, Paid),
        (Expired, Completed),
        (Paid, Completed),
        (Paid, Refunded),
        (Completed, Refunded),
    ];
    for stage in stages() {
        for event in EVENTS {
            let Ok(after) = stage.after(event, later()) else { continue };
            let way = (stage.state(), after.state());
            assert!(way.0 == way.1 || allowed.contains(&way), "{way:?} by {event:?}");
            if stage.state().is_settled() {
                assert_eq!(after.paid_time(), stage.paid_time(), "when it was paid stays so");
            }
        }
    }
}

#[test]
fn a_settled_order_is_never_settled_cancelled_or_expired() {
    for stage in stages().into_iter().filter(|stage| stage.state().is_settled()) {
        for event in [Event::Settled(HandOver::Message), Event::Cancelled, Event::Expired] {
            assert_eq!(stage.after(event, later()), Err(Impossible { state: stage.state(), event }));
        }
    }
}

#[test]
fn an_order_expires_at_its_time_and_not_before() {
    let stage = Stage::Pending { expire_time: later() };
    assert!(stage.after(Event::Expired, now()).is_err());
    assert_eq!(stage.after(Event::Expired, later()), Ok(Stage::Expired { end_time: later() }));
}

#[test]
fn goods_that_wait_for_their_buyer_complete_the_order_when_they_arrive() {
    let paid = Stage::Pending { expire_time: later() }.after(Event::Settled(HandOver::Message), now()).unwrap();
    let held = paid.after(Event::BuyerRefused, now()).unwrap();
    assert_eq!(held.hold(), Some(HoldReason::BuyerUnreachable));
    let done = held.after(Event::GoodsArrived, later()).unwrap();
    assert_eq!(done, Stage::Completed { paid_time: now(), end_time: later() });
    assert_eq!(done.after(Event::GoodsFailed, later()), Ok(done), "sending again can't undo it");
}

#[test]
fn what_is_made_by_hand_waits_for_the_seller() {
    let paid = Stage::Pending { expire_time: later() }.after(Event::Settled(HandOver::Manual), now()).unwrap();
    assert_eq!(paid.after(Event::GoodsArrived, now()), Ok(paid), "the rest of the goods does not end it");
    assert_eq!(paid.after(Event::Fulfilled { more: true }, now()), Ok(paid), "other lines wait");
    let fulfilled = paid.after(Event::Fulfilled { more: false }, now()).unwrap();
    assert_eq!(fulfilled.hold(), None);
    assert!(fulfilled.after(Event::Fulfilled { more: false }, now()).is_err());
    assert_eq!(fulfilled.after(Event::GoodsArrived, now()).unwrap().state(), OrderState::Completed);
}

proptest! {
    #[test]
    fn a_code_names_its_buyer(telegram_id in 1_i64.., random: [u8; 32]) {
        let code = order_code(telegram_id, random);
        let expected = format!("tg{telegram_id}-");
        prop_assert!(code.starts_with(&expected));
        let suffix = &code[expected.len()..];
        prop_assert!(suffix.len() == 8 && suffix.bytes().all(|byte| DIGITS.contains(&byte)), "{suffix}");
    }
}
