//! What a block ends, and what it leaves.

use tonic::{Code, Status};
use warung_app::testing::ADMIN_ID;
use warung_proto::{
    ErrorReason,
    library::title_request::State,
    order::{FollowOrderRequest, OrderState, SendGoodsRequest},
    payment::PaymentMethod,
};
use warung_store::{
    on_both_databases,
    testing::{Kind, TestDatabase},
};

use crate::support::{
    BUYER, Caller, OTHER, Says as _, Shop, Till, assert_refused, episode, file, free, sent, soon, title,
};

on_both_databases! {
    who_is_blocked_begins_nothing_new_whichever_way_they_come;
    what_was_paid_for_is_delivered_all_the_same;
    a_block_ends_a_call_that_waits;
    a_program_orders_nothing_for_who_is_blocked;
    who_is_blocked_watches_what_their_membership_was_paid_for;
}

#[track_caller]
fn blocked<T: std::fmt::Debug>(answer: Result<T, Status>) {
    assert_refused(answer, Code::PermissionDenied, ErrorReason::UserBlocked);
}

async fn who_is_blocked_begins_nothing_new_whichever_way_they_come(database: TestDatabase) {
    let till = Till::open(database).await;
    let ways =
        [till.user(BUYER).await, Caller::edge().with_init_data(&till.launch(BUYER)), Caller::bot().acting_for(BUYER)];
    let order = till.buy(&ways[0]).await;
    till.block(&till.user(ADMIN_ID).await, BUYER).await.unwrap();
    for caller in &ways {
        blocked(till.place(caller, till.basket(1)).await);
        blocked(till.start(caller, &order, PaymentMethod::BniVa).await);
        let me = till.me(caller).await.unwrap();
        assert!(me.is_blocked && !me.is_admin, "they can be told so");
        assert_eq!(till.order(caller, &order).await.order_id, order.order_id, "what is theirs they see");
    }
    till.user(BUYER).await;
    assert_eq!(till.stock().await, (9, 1, 0), "nothing else is kept for them");
    till.cancel(&ways[0], &order).await.unwrap();
    till.unblock(&Caller::operator(), BUYER).await.unwrap();
    for caller in &ways {
        till.buy(caller).await;
    }
}

async fn what_was_paid_for_is_delivered_all_the_same(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.block(&Caller::operator(), BUYER).await.unwrap();
    // They had the code, and paid it a moment later.
    till.pay(&order.payments[0]).await;
    let worker = till.worker("w1");
    let mut texts = String::new();
    for number in 0.. {
        let claimed = worker.claim().await;
        if claimed.is_empty() {
            break;
        }
        for delivery in claimed {
            if delivery.chat_id == BUYER {
                texts += &delivery.content().text_html;
            }
            worker.report(&delivery, sent(100 + number)).await;
        }
        till.clock.advance_seconds(2);
    }
    assert!(texts.contains("kode-rahasia-"), "{texts}");
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Completed);
    // Not the press of a moment ago once more.
    till.clock.advance_seconds(10);
    let again = SendGoodsRequest { request_id: till.request_id(), order_id: order.order_id.clone() };
    till.orders().send_goods(buyer.says(again)).await.unwrap();
    assert!(worker.claim_one().await.content().text_html.contains("kode-rahasia-"));
}

fn following(order: &warung_proto::order::Order) -> FollowOrderRequest {
    let wait = Some(prost_types::Duration { seconds: 25, nanos: 0 });
    FollowOrderRequest { order_id: order.order_id.clone(), known_version: order.version, wait }
}

async fn a_block_ends_a_call_that_waits(database: TestDatabase) {
    let till = Till::open(database).await;
    let (buyer, other) = (till.user(BUYER).await, till.user(OTHER).await);
    let (order, others) = (till.buy(&buyer).await, till.buy(&other).await);
    let mut orders = till.orders();
    let mut waits = till.orders();
    let other_waits = waits.follow_order(other.says(following(&others)));
    tokio::pin!(other_waits);
    let both = async {
        tokio::join!(orders.follow_order(buyer.says(following(&order))), async {
            // It waits: what it waits for has not come.
            tokio::task::yield_now().await;
            till.block(&Caller::operator(), BUYER).await.unwrap();
        })
    };
    tokio::select! {
        (answer, ()) = soon(both) => blocked(answer),
        answer = &mut other_waits => panic!("another's goes on: {answer:?}"),
    }
    till.pay(&others.payments[0]).await;
    let settled = soon(other_waits).await.unwrap().into_inner().order.unwrap();
    assert_eq!(settled.state(), OrderState::Paid);
    blocked(till.orders().follow_order(buyer.says(following(&order))).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_at_one_replica_ends_a_call_that_waits_at_the_other() {
    let till = Till::open(TestDatabase::new(Kind::Postgres).await).await;
    let replica = till.replica().await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    let mut orders = replica.orders();
    let (answer, ()) = soon(async {
        tokio::join!(orders.follow_order(buyer.says(following(&order))), async {
            tokio::task::yield_now().await;
            till.block(&Caller::operator(), BUYER).await.unwrap();
        })
    })
    .await;
    blocked(answer);
}

async fn a_program_orders_nothing_for_who_is_blocked(database: TestDatabase) {
    let till = Till::open(database).await;
    let key = till.key("till", &["order.write", "order.read"]).await.caller();
    let basket = || warung_proto::order::PlaceOrderRequest { buyer_telegram_id: BUYER, ..till.basket(1) };
    till.place(&key, basket()).await.unwrap();
    till.block(&Caller::operator(), BUYER).await.unwrap();
    blocked(till.place(&key, basket()).await);
    let for_another = warung_proto::order::PlaceOrderRequest { buyer_telegram_id: OTHER, ..till.basket(1) };
    till.place(&key, for_another).await.unwrap();
}

async fn who_is_blocked_watches_what_their_membership_was_paid_for(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let film = shop.put(title("filem", [free(file()), episode(file())])).await;
    let (free, paid) = (&film.episodes[0].episode_id, &film.episodes[1].episode_id);
    let buyer = shop.user(BUYER).await;
    assert_eq!(shop.request(&buyer, "filem").await.unwrap().state(), State::Queued);
    shop.block(&Caller::operator(), BUYER).await.unwrap();
    shop.clock.advance_seconds(60);
    blocked(shop.request(&buyer, "filem").await);
    blocked(shop.watch(BUYER, free).await);
    blocked(shop.watch(BUYER, paid).await);
    shop.make_member(BUYER, 3).await;
    assert_eq!(shop.request(&buyer, "filem").await.unwrap().state(), State::Queued);
    shop.watch(BUYER, free).await.unwrap();
    shop.watch(BUYER, paid).await.unwrap();
}
