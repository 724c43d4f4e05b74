//! Deliveries that meet a fault of Telegram or of the core.

use std::time::Duration;

use warung_bot::Limits;
use warung_emulators::telegram::{Fault, FaultKind};
use warung_proto::messaging::{Refused, delivery_report::Outcome};

use crate::{
    core::PATIENCE,
    deliveries::{send, text},
    world::{BUDI, MAIN, Running, SECRET, SITI, World, limits, texts},
};

/// A world whose adapter does not wait long for Telegram, and a user who may be written to.
async fn impatient() -> (World, Running) {
    let world = World::new().await;
    let limits = Limits { send_timeout: Duration::from_millis(400), ..limits() };
    let adapter = world.run(warung_bot::Config { limits, ..world.config("w1") });
    world.started(BUDI);
    (world, adapter)
}

/// The report of a message that meets the fault.
async fn meets(world: &World, kind: FaultKind) -> Outcome {
    world.fault(Fault::next("sendMessage", kind).in_chat(BUDI));
    let delivery = world.core.deliver(BUDI, send(text("Halo")));
    let outcome = world.core.outcome(&delivery).await;
    assert!(!format!("{outcome:?}").contains(SECRET), "no report shows the token");
    outcome
}

fn status(code: u16, description: &str) -> FaultKind {
    FaultKind::Status { code, description: Some(description.to_owned()), retry_after: None }
}

fn unavailable(outcome: Outcome) -> Refused {
    match outcome {
        Outcome::Unavailable(refused) => refused,
        other => panic!("not unavailable: {other:?}"),
    }
}

#[tokio::test]
async fn a_bad_request_fails_for_good_with_telegram_s_words() {
    let (world, _adapter) = impatient().await;
    let outcome = meets(&world, status(400, "Bad Request: BUTTON_DATA_INVALID")).await;
    let Outcome::Failed(refused) = outcome else { panic!("{outcome:?}") };
    assert_eq!((refused.code, refused.description.as_str()), (400, "Bad Request: BUTTON_DATA_INVALID"));
}

#[tokio::test]
async fn an_operation_of_a_newer_core_is_given_back() {
    let (world, _adapter) = impatient().await;
    let outcome = world.core.outcome(&world.core.deliver_something_new(BUDI)).await;
    assert!(unavailable(outcome).description.contains("does not know"));
}

#[tokio::test]
async fn a_user_who_never_started_is_told_from_one_who_blocked() {
    let (world, _adapter) = impatient().await;
    let never = [
        status(403, "Forbidden: bot can't initiate conversation with a user"),
        status(400, "Bad Request: chat not found"),
        status(400, "Bad Request: PEER_ID_INVALID"),
    ];
    for kind in never {
        let outcome = meets(&world, kind).await;
        assert!(matches!(outcome, Outcome::NeverStarted(_)), "{outcome:?}");
    }
    for words in ["Forbidden: bot was blocked by the user", "Forbidden: user is deactivated"] {
        let outcome = meets(&world, status(403, words)).await;
        assert!(matches!(outcome, Outcome::Blocked(_)), "{outcome:?}");
    }
    // And the same by what the users really did.
    let outcome = world.core.outcome(&world.core.deliver(SITI, send(text("Hello")))).await;
    assert!(matches!(outcome, Outcome::NeverStarted(_)), "{outcome:?}");
    world.budi().press_start(MAIN, None).unwrap();
    world.budi().block(MAIN).unwrap();
    let outcome = world.core.outcome(&world.core.deliver(BUDI, send(text("Halo")))).await;
    assert!(matches!(outcome, Outcome::Blocked(_)), "{outcome:?}");
}

#[tokio::test]
async fn a_revoked_token_loses_nothing_and_the_owner_is_told_once() {
    let (world, _adapter) = impatient().await;
    for code in [401, 404] {
        let refused = unavailable(meets(&world, FaultKind::status(code)).await);
        assert_eq!(refused.code, i32::from(code));
    }
    let alert = world.core.wait("the alert", |state| state.alerts.first().cloned()).await;
    assert_eq!(alert.key, "telegram.token_refused:main");
    assert!(!alert.text.contains(SECRET));
    let after = meets(&world, FaultKind::Delay { millis: 1 }).await;
    assert!(matches!(after, Outcome::Sent(_)), "it goes on afterwards: {after:?}");
    assert_eq!(world.core.state().alerts.len(), 1);
}

#[tokio::test]
async fn a_server_error_and_a_conflict_may_be_tried_again() {
    let (world, _adapter) = impatient().await;
    for code in [409, 500, 502] {
        let refused = unavailable(meets(&world, FaultKind::status(code)).await);
        assert_eq!(refused.code, i32::from(code));
    }
    assert_eq!(texts(&world.budi()).len(), 0);
}

#[tokio::test]
async fn the_wait_that_telegram_asks_for_is_reported_as_it_is() {
    let (world, _adapter) = impatient().await;
    let named = meets(&world, FaultKind::too_many_requests(35)).await;
    let Outcome::RetryAfter(retry) = named else { panic!("{named:?}") };
    assert_eq!(retry.delay.map(|delay| delay.seconds), Some(35));
    let unnamed = meets(&world, FaultKind::status(429)).await;
    let Outcome::RetryAfter(retry) = unnamed else { panic!("{unnamed:?}") };
    assert_eq!(retry.delay, None);
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_the_outcome_open() {
    let (world, _adapter) = impatient().await;
    for kind in [FaultKind::Hang, FaultKind::Drop, FaultKind::LostReply, FaultKind::Truncated] {
        let outcome = meets(&world, kind.clone()).await;
        assert!(matches!(outcome, Outcome::Uncertain(_)), "{kind:?}: {outcome:?}");
    }
    assert_eq!(texts(&world.budi()).len(), 2, "the adapter itself sends nothing twice");
}

#[tokio::test]
async fn a_telegram_that_can_t_be_reached_has_certainly_sent_nothing() {
    let world = World::new().await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let config = warung_bot::Config { api_url: address.parse().unwrap(), ..world.config("w1") };
    let _adapter = world.run(config);
    let refused = unavailable(world.core.outcome(&world.core.deliver(BUDI, send(text("Halo")))).await);
    assert_eq!(refused.code, 0);
    assert!(refused.description.contains("no connection") && !refused.description.contains(SECRET), "{refused:?}");
}

#[tokio::test]
async fn a_chat_that_hangs_holds_up_no_other() {
    let (world, _adapter) = World::with_adapter().await;
    let (_, siti) = (world.started(BUDI), world.started(SITI));
    world.fault(Fault::next("sendMessage", FaultKind::Hang).in_chat(BUDI));
    let hanging = world.core.deliver(BUDI, send(text("Macet")));
    world.sim.wait_for_call(|call| call.chat_id == Some(BUDI), PATIENCE).await.unwrap();
    for number in 0..5 {
        let delivery = world.core.deliver(SITI, send(text(&number.to_string())));
        assert!(matches!(world.core.outcome(&delivery).await, Outcome::Sent(_)));
    }
    assert_eq!(texts(&siti).len(), 5);
    assert!(world.core.state().reports.iter().all(|report| report.delivery_id != hanging));
    assert_eq!(world.calls("sendmessage", BUDI).len(), 1, "what is held is not sent again");
}

#[tokio::test]
async fn reports_are_kept_while_the_core_can_t_be_reached() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    world.fault(Fault::next("sendMessage", FaultKind::Delay { millis: 50 }).in_chat(BUDI));
    let delivery = world.core.deliver(BUDI, send(text("Halo")));
    world.core.wait("the claim", |state| state.deliveries[0].worker.is_some().then_some(())).await;
    world.core.change(|state| state.failures = 12);
    world.message(&budi, "Halo").await;
    assert!(matches!(world.core.outcome(&delivery).await, Outcome::Sent(_)));
    assert_eq!(world.core.state().reports.len(), 1);
    assert_eq!(texts(&budi), ["Halo"]);
}

#[tokio::test]
async fn what_is_under_way_at_the_shutdown_is_reported_before_the_end() {
    let (world, adapter) = World::with_adapter().await;
    world.started(BUDI);
    world.fault(Fault::next("sendMessage", FaultKind::Delay { millis: 300 }).in_chat(BUDI));
    let delivery = world.core.deliver(BUDI, send(text("Halo")));
    world.core.wait("the claim", |state| state.deliveries[0].worker.is_some().then_some(())).await;
    adapter.stop().await;
    let reported = world.core.state().reports.iter().any(|report| report.delivery_id == delivery);
    assert!(reported, "reported by the time that the adapter has stopped");
}
