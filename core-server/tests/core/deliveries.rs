//! Claims and reports: order, leases, and what becomes of every outcome.

use std::time::Duration;

use chrono::TimeDelta;
use tonic::Code;
use warung_app::{Command, Context};
use warung_domain::{
    delivery::Lane,
    message::{Content, Operation},
};
use warung_proto::{
    ErrorReason,
    identity::{ContactState, RecordContactRequest, TelegramProfile},
    messaging::{ClaimDeliveriesRequest, Delivery, report_deliveries_response::Acceptance},
};
use warung_store::{Tx, on_both_databases, testing::TestDatabase};

use crate::support::{
    BUYER, Caller, OTHER, Says as _, Shop, assert_refused, blocked, retry_after, sent, unavailable, uncertain,
};

on_both_databases! {
    a_chat_gets_one_at_a_time_and_in_order;
    a_reply_goes_before_an_order_and_that_before_a_broadcast;
    a_lease_that_ends_goes_to_another_worker;
    a_late_report_counts_while_nobody_else_has_it;
    a_worker_finds_what_a_lost_answer_gave_it;
    a_report_counts_once;
    a_chat_waits_as_long_as_the_messenger_asks;
    one_chat_that_has_to_wait_holds_up_the_others_for_a_moment;
    a_bot_whose_chats_are_all_refused_waits_longer_each_time;
    a_delivery_that_can_not_be_read_stops_no_other;
    a_report_of_what_can_not_be_read_keeps_no_other;
    a_claim_is_bounded_in_bytes_and_what_does_not_fit_follows;
    a_wait_without_a_time_is_chosen_and_is_no_fault;
    what_may_have_arrived_is_sent_again_unless_it_is_a_broadcast;
    an_order_waits_for_start_and_a_reply_does_not;
    what_is_no_worker_or_bot_is_refused;
}

fn ids(claimed: &[Delivery]) -> Vec<&str> {
    claimed.iter().map(|delivery| delivery.delivery_id.as_str()).collect()
}

async fn a_chat_gets_one_at_a_time_and_in_order(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let (one, two) = (shop.worker("w1"), shop.worker("w2"));
    let planted = shop.plant([(1, Lane::Reply), (1, Lane::Reply), (2, Lane::Reply), (1, Lane::Reply)]).await;
    let claimed = one.claim().await;
    assert_eq!(ids(&claimed), [&planted[0], &planted[2]]);
    shop.clock.advance_seconds(5);
    assert!(two.claim().await.is_empty(), "the first of its chat is still on its way");
    one.report(&claimed[0], sent(1)).await;
    assert!(two.claim().await.is_empty(), "a second between two messages to a chat");
    shop.clock.advance_ms(999);
    assert!(two.claim().await.is_empty());
    shop.clock.advance_ms(1);
    let next = two.claim_one().await;
    assert_eq!(next.delivery_id, planted[1]);
    assert_eq!((next.chat_id, next.attempt, next.may_be_repeated), (1, 1, false));
}

async fn a_reply_goes_before_an_order_and_that_before_a_broadcast(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let planted = shop.plant([(1, Lane::Broadcast), (2, Lane::Order), (3, Lane::Reply)]).await;
    let claimed = shop.worker("w1").claim().await;
    assert_eq!(ids(&claimed), [&planted[2], &planted[1], &planted[0]]);
}

async fn a_lease_that_ends_goes_to_another_worker(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let (one, two) = (shop.worker("w1"), shop.worker("w2"));
    shop.plant([(1, Lane::Reply)]).await;
    let first = one.claim_one().await;
    shop.clock.advance_ms(shop.lease_ms() - 1);
    assert!(two.claim().await.is_empty());
    shop.clock.advance_ms(1);
    let second = two.claim_one().await;
    assert_eq!(second.delivery_id, first.delivery_id);
    assert_eq!((second.attempt, second.may_be_repeated), (2, true), "the first may have sent it");
    assert_eq!(one.report(&first, sent(1)).await, Acceptance::LeaseLost);
    assert_eq!(two.report(&second, sent(2)).await, Acceptance::Accepted);
    assert_eq!(shop.delivery_rows().await[0].message_id, Some(2));
}

async fn a_late_report_counts_while_nobody_else_has_it(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    shop.plant([(1, Lane::Reply)]).await;
    let claimed = worker.claim_one().await;
    shop.clock.advance_seconds(3_000);
    assert_eq!(worker.report(&claimed, sent(1)).await, Acceptance::Accepted);
    assert!(shop.worker("w2").claim().await.is_empty());
}

async fn a_worker_finds_what_a_lost_answer_gave_it(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    let planted = shop.plant([(1, Lane::Reply), (2, Lane::Reply)]).await;
    let lost = worker.claim().await;
    assert_eq!(ids(&lost), [&planted[0], &planted[1]]);
    let again = worker.claim().await;
    assert_eq!(again, lost, "with the attempt and the lease that they had");
    assert!(shop.worker("w2").claim().await.is_empty());
    let busy = worker.claim_with(&[&lost[0]], Duration::ZERO).await;
    assert_eq!(ids(&busy), [&planted[1]], "what it holds is not given to it again");
    shop.plant([(3, Lane::Reply)]).await;
    let both = worker.claim_with(&[&lost[0]], Duration::ZERO).await;
    assert_eq!(both.iter().map(|delivery| delivery.chat_id).collect::<Vec<_>>(), [2, 3], "its own come first");
}

async fn a_report_counts_once(database: TestDatabase) {
    use Acceptance::{Accepted, LeaseLost, Repeated, Unknown};
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    shop.plant([(1, Lane::Reply), (2, Lane::Reply)]).await;
    let claimed = worker.claim().await;
    let (first, second) = (&claimed[0], &claimed[1]);
    let stranger = Delivery { delivery_id: "dlv_7zzzzzzzzzzzzzzzzzzzzzzzzz".into(), ..first.clone() };
    let nonsense = Delivery { delivery_id: "nonsense".into(), ..first.clone() };
    let reports = [
        (first, sent(1)),
        (first, sent(9)),
        (&stranger, sent(1)),
        (&nonsense, sent(1)),
        (second, unavailable()),
        (second, sent(1)),
    ];
    assert_eq!(worker.report_all(&reports).await, [Accepted, Repeated, Unknown, Unknown, Accepted, Repeated]);
    assert_eq!(worker.report(first, sent(7)).await, Repeated);
    assert_eq!(shop.delivery_rows().await[0].message_id, Some(1));
    let other_attempt = Delivery { attempt: 5, ..first.clone() };
    assert_eq!(worker.report(&other_attempt, sent(7)).await, LeaseLost);
    shop.clock.advance_ms(shop.lease_ms());
    let third = shop.worker("w2").claim_one().await;
    assert_eq!((&third.delivery_id, third.attempt), (&second.delivery_id, 2));
    assert_eq!(worker.report(&third, sent(3)).await, LeaseLost, "another worker holds it");
}

async fn a_chat_waits_as_long_as_the_messenger_asks(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    // What the messenger asks, and what is kept to.
    for (chat, asked, kept) in [(1, 0, 1_000), (2, 1, 1_000), (3, 35, 35_000), (4, 3_000, 3_000_000)] {
        shop.clock.advance_seconds(2);
        shop.plant([(chat, Lane::Order), (chat, Lane::Order)]).await;
        let claimed = worker.claim_one().await;
        worker.report(&claimed, retry_after(Some(Duration::from_secs(asked)))).await;
        shop.clock.advance_ms(kept - 1);
        assert!(worker.claim().await.is_empty(), "asked for {asked} s");
        // The bot itself pauses for two seconds at most.
        if kept > 2_000 {
            shop.plant([(100 + chat, Lane::Reply)]).await;
            let other = worker.claim_one().await;
            assert_eq!(other.chat_id, 100 + chat, "other chats do not wait");
            worker.report(&other, sent(1)).await;
        }
        shop.clock.advance_ms(1);
        let again = worker.claim_one().await;
        assert_eq!((&again.delivery_id, again.attempt, again.may_be_repeated), (&claimed.delivery_id, 2, false));
        // Out of the way of the next round.
        worker.report(&again, sent(1)).await;
        shop.clock.advance_seconds(1);
        let rest = worker.claim_one().await;
        worker.report(&rest, sent(1)).await;
    }
}

async fn one_chat_that_has_to_wait_holds_up_the_others_for_a_moment(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    shop.plant([(1, Lane::Reply)]).await;
    let claimed = worker.claim_one().await;
    worker.report(&claimed, retry_after(Some(Duration::from_secs(1_386)))).await;
    shop.plant([(2, Lane::Order)]).await;
    shop.clock.advance_ms(1_999);
    assert!(worker.claim().await.is_empty() && shop.worker("w2").claim().await.is_empty());
    shop.clock.advance_ms(1);
    let other = worker.claim_one().await;
    assert_eq!(other.chat_id, 2);
    worker.report(&other, sent(1)).await;
    shop.clock.advance_ms(1_383_999);
    assert!(worker.claim().await.is_empty(), "its chat waits as told");
    shop.clock.advance_ms(1);
    assert_eq!(worker.claim_one().await.delivery_id, claimed.delivery_id);
    let told = shop.worker("o1").of_owner().claim_one().await;
    let text = &told.content().text_html;
    assert!(text.contains("chat 1 ") && text.contains("1386 s"), "{text}");
}

async fn a_bot_whose_chats_are_all_refused_waits_longer_each_time(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    for (chat, pause) in [(1, 2), (2, 4), (3, 8), (4, 16), (5, 32), (6, 64), (7, 100), (8, 100)] {
        shop.plant([(chat, Lane::Order)]).await;
        let claimed = worker.claim_one().await;
        assert_eq!(claimed.chat_id, chat);
        worker.report(&claimed, retry_after(Some(Duration::from_secs(100)))).await;
        shop.clock.advance_ms(pause * 1_000 - 1);
        assert!(worker.claim().await.is_empty(), "after the chat {chat}");
        shop.clock.advance_ms(1);
        // The first are due again meanwhile: out of the way.
        loop {
            let again = worker.claim().await;
            if again.is_empty() {
                break;
            }
            for again in again {
                worker.report(&again, sent(1)).await;
            }
            shop.clock.advance_seconds(1);
        }
    }
    let owner = shop.worker("o1").of_owner();
    let mut told = Vec::new();
    while let [alert] = &owner.claim().await[..] {
        told.push(alert.content().text_html.clone());
        owner.report(alert, sent(1)).await;
        shop.clock.advance_seconds(1);
    }
    assert!(told.iter().any(|text| text.contains("one chat after another")), "{told:#?}");
}

/// Changes the rows of deliveries in a way that no version of ours does.
struct Spoil {
    operation: Option<String>,
    purpose: Option<String>,
    chats: Vec<i64>,
}

impl Command for Spoil {
    type Output = ();
    const NAME: &'static str = "test.spoil";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> warung_app::Result<()> {
        for chat_id in &self.chats {
            for mut row in tx.recent_deliveries("MAIN", *chat_id, ctx.now).await? {
                row.operation = self.operation.clone().unwrap_or(row.operation);
                row.purpose = self.purpose.clone().unwrap_or(row.purpose);
                tx.update(row).await?;
            }
        }
        Ok(())
    }
}

async fn spoil(shop: &Shop, spoil: Spoil) {
    shop.core.engine().run(&shop.context(), spoil).await.unwrap();
}

async fn a_delivery_that_can_not_be_read_stops_no_other(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    // More of them than a claim looks at.
    shop.plant((1..=10).map(|chat| (chat, Lane::Reply))).await;
    spoil(&shop, Spoil { operation: Some("{\"SendHologram\":{}}".into()), purpose: None, chats: (1..=5).collect() })
        .await;
    spoil(&shop, Spoil { operation: None, purpose: Some("HOLOGRAM".into()), chats: (6..=10).collect() }).await;
    shop.plant([(1, Lane::Reply), (99, Lane::Reply)]).await;
    assert_eq!(worker.claim_one().await.chat_id, 99);
    shop.clock.advance_seconds(61);
    assert!(worker.claim_with(&[], Duration::ZERO).await.iter().all(|delivery| delivery.chat_id == 99));
    let states: Vec<_> = shop.delivery_rows().await.into_iter().take(10).map(|row| row.state).collect();
    assert_eq!(states, vec!["PENDING"; 10], "a newer core may read them");
    // None has come: their chats go on, and the owner is told.
    shop.clock.advance_seconds(3_600);
    worker.claim().await;
    shop.clock.advance_seconds(1);
    let claimed = worker.claim().await;
    assert!(claimed.iter().any(|delivery| delivery.chat_id == 1), "{claimed:#?}");
    assert!(shop.delivery_rows().await.into_iter().take(10).all(|row| row.state == "FAILED"));
    let told = shop.worker("o1").of_owner().claim_one().await;
    assert!(told.content().text_html.contains("another version"), "{told:#?}");
}

async fn a_report_of_what_can_not_be_read_keeps_no_other(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    shop.plant([(1, Lane::Reply), (2, Lane::Reply)]).await;
    let claimed = worker.claim().await;
    spoil(&shop, Spoil { operation: None, purpose: Some("HOLOGRAM".into()), chats: vec![1] }).await;
    let reports = [(&claimed[0], sent(1)), (&claimed[1], sent(1))];
    assert_eq!(worker.report_all(&reports).await, [Acceptance::LeaseLost, Acceptance::Accepted]);
}

async fn a_claim_is_bounded_in_bytes_and_what_does_not_fit_follows(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    let of_size = |letters: usize| {
        let content = Content { text_html: "x".repeat(letters), ..Content::default() };
        Some(serde_json::to_string(&Operation::Send(content)).unwrap())
    };
    shop.plant([(1, Lane::Reply), (2, Lane::Reply), (3, Lane::Reply)]).await;
    spoil(&shop, Spoil { operation: of_size(500_000), purpose: None, chats: vec![1, 2] }).await;
    spoil(&shop, Spoil { operation: of_size(5_000_000), purpose: None, chats: vec![3] }).await;
    shop.plant([(4, Lane::Reply)]).await;
    let chats = |claimed: &[Delivery]| claimed.iter().map(|delivery| delivery.chat_id).collect::<Vec<_>>();
    let lost = worker.claim().await;
    assert_eq!(chats(&lost), [1, 2], "what no answer can carry is given up");
    shop.clock.advance_seconds(1);
    let claimed = worker.claim_with(&[&lost[0], &lost[1]], Duration::ZERO).await;
    assert_eq!(chats(&claimed), [4]);
    spoil(&shop, Spoil { operation: of_size(600_000), purpose: None, chats: vec![1, 2] }).await;
    let answer = worker.try_claim(&[]).await;
    assert_eq!(
        (chats(&answer.deliveries), answer.has_more_lost),
        (vec![1], true),
        "of what was lost some does not fit"
    );
    let answer = worker.try_claim(&[&answer.deliveries[0]]).await;
    assert_eq!((chats(&answer.deliveries), answer.has_more_lost), (vec![2, 4], false));
    let told = shop.worker("o1").of_owner().claim_one().await;
    assert!(told.content().text_html.contains("larger than an answer"), "{told:#?}");
}

async fn a_wait_without_a_time_is_chosen_and_is_no_fault(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    shop.plant([(1, Lane::Reply)]).await;
    // More often than a reply may fail, within the hour that it lives.
    for attempt in 1..=12 {
        let claimed = worker.claim_one().await;
        assert_eq!(claimed.attempt, attempt);
        worker.report(&claimed, retry_after(None)).await;
        assert!(worker.claim().await.is_empty(), "not at once");
        shop.clock.advance_seconds(150);
    }
    let claimed = worker.claim_one().await;
    assert_eq!(worker.report(&claimed, sent(1)).await, Acceptance::Accepted);
}

async fn what_may_have_arrived_is_sent_again_unless_it_is_a_broadcast(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    shop.plant([(1, Lane::Reply), (2, Lane::Order), (3, Lane::Broadcast)]).await;
    for claimed in worker.claim().await {
        worker.report(&claimed, uncertain()).await;
    }
    shop.clock.advance_seconds(10);
    let again = worker.claim().await;
    assert_eq!(
        again.iter().map(|delivery| (delivery.chat_id, delivery.may_be_repeated)).collect::<Vec<_>>(),
        [(1, true), (2, true)]
    );
    let states: Vec<_> = shop.delivery_rows().await.into_iter().map(|row| row.state).collect();
    assert_eq!(states, ["CLAIMED", "CLAIMED", "UNCERTAIN"]);
    // A worker that dies leaves the same doubt.
    shop.plant([(4, Lane::Broadcast)]).await;
    let claimed = worker.claim_with(&[&again[0], &again[1]], Duration::ZERO).await;
    assert_eq!(claimed[0].chat_id, 4);
    shop.clock.advance_ms(shop.lease_ms());
    let chats: Vec<_> = shop.worker("w2").claim().await.iter().map(|delivery| delivery.chat_id).collect();
    assert_eq!(chats, [1, 2]);
    assert_eq!(shop.delivery_rows().await[3].state, "UNCERTAIN");
}

async fn an_order_waits_for_start_and_a_reply_does_not(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    shop.user(BUYER).await;
    shop.plant([(BUYER, Lane::Reply), (BUYER, Lane::Order), (OTHER, Lane::Order)]).await;
    for _ in 0..2 {
        for claimed in worker.claim().await {
            worker.report(&claimed, blocked()).await;
        }
        shop.clock.advance_seconds(2);
    }
    assert_eq!(shop.user_rows().await[0].contact_state.0.name(), "BLOCKED");
    shop.clock.advance(TimeDelta::days(10));
    assert!(worker.claim().await.is_empty());
    let profile = TelegramProfile { telegram_id: BUYER, first_name: "Budi".into(), ..Default::default() };
    let message = RecordContactRequest {
        request_id: shop.request_id(),
        profile: Some(profile),
        state: ContactState::Open.into(),
        started: true,
    };
    shop.identity().record_contact(Caller::bot().says(message)).await.unwrap();
    let released = worker.claim_one().await;
    assert_eq!(released.chat_id, BUYER, "the other user has not pressed Start");
    assert_eq!(worker.report(&released, unavailable()).await, Acceptance::Accepted);
    shop.clock.advance_seconds(10);
    assert_eq!(worker.claim_one().await.delivery_id, released.delivery_id, "its three days begin with Start");
}

async fn what_is_no_worker_or_bot_is_refused(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let long = "w".repeat(65);
    for worker_id in ["", "w 1", "w\n", "é", &long] {
        let message = ClaimDeliveriesRequest { bot: 1, worker_id: worker_id.into(), ..Default::default() };
        let refused = shop.deliveries().claim_deliveries(Caller::bot().says(message)).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
    for bot in [0, 3, -1] {
        let message = ClaimDeliveriesRequest { bot, worker_id: "w1".into(), ..Default::default() };
        let refused = shop.deliveries().claim_deliveries(Caller::bot().says(message)).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
    let wait = Some(prost_types::Duration { seconds: -1, nanos: 0 });
    let message = ClaimDeliveriesRequest { bot: 1, worker_id: "w1".into(), wait, ..Default::default() };
    let refused = shop.deliveries().claim_deliveries(Caller::bot().says(message)).await;
    assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
}
