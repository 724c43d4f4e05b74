//! Money that goes back.

use chrono::TimeDelta;
use warung_app::{
    Error, Precondition, Result,
    payment::{BeginRefund, BegunRefund, FinishRefund},
    words::{Language, local_time},
};
use warung_domain::{
    catalog::ProductKind, ids::OrderId, message::Operation, money::Money, order::OrderState, payment::Destination,
    principal::Principal,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::shop::{FindMembership, FindWallet, Shop};

on_both_databases! {
    a_refund_to_the_balance_is_made_at_once_and_never_too_much;
    a_refund_through_a_gateway_is_made_when_the_gateway_says_so;
    days_of_membership_go_back_in_proportion;
    a_top_up_goes_back_through_its_gateway_and_what_is_spent_is_owed;
    what_was_never_paid_is_not_refunded;
}

fn refund(order: OrderId, amount: Option<i64>, destination: Destination) -> BeginRefund {
    let amount = amount.map(Money::idr);
    let reason = "rusak".to_owned();
    BeginRefund { order: order.to_string(), amount, lines: Vec::new(), destination, reason, gateway_can_refund: true }
}

async fn try_refund(shop: &Shop, order: OrderId, amount: Option<i64>, to: Destination) -> Result<BegunRefund> {
    shop.run(Principal::CORE, refund(order, amount, to)).await
}

fn is_refused(refused: &Result<BegunRefund>, precondition: Precondition) -> bool {
    matches!(refused, Err(Error::Precondition(found)) if *found == precondition)
}

async fn a_refund_to_the_balance_is_made_at_once_and_never_too_much(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let product = shop.stocked("akun", 20_000, 5).await;
    let order = shop.bought(buyer, &[("akun", 1)]).await;
    shop.sent().await;
    for amount in [0, -1] {
        assert!(matches!(try_refund(&shop, order, Some(amount), Destination::Balance).await, Err(Error::Invalid(_))));
    }
    let ctx = shop.call(Principal::CORE);
    let first = shop.test.engine.run(&ctx, refund(order, Some(5_000), Destination::Balance)).await.unwrap();
    let again = shop.test.engine.run(&ctx, refund(order, Some(5_000), Destination::Balance)).await.unwrap();
    assert_eq!((first, first.amount, first.payment_id), (again, Money::idr(5_000), None));
    let seen = shop.order(order).await;
    assert_eq!(
        (seen.state, seen.refunded, shop.balance(buyer).await),
        (OrderState::Completed, Money::idr(5_000), 5_000)
    );
    let too_much = try_refund(&shop, order, Some(15_001), Destination::Balance).await;
    assert!(is_refused(&too_much, Precondition::OrderNotRefundable), "{too_much:?}");
    try_refund(&shop, order, None, Destination::Balance).await.unwrap();
    assert_eq!((shop.order(order).await.state, shop.balance(buyer).await), (OrderState::Refunded, 20_000));
    let once_more = try_refund(&shop, order, None, Destination::Balance).await;
    assert!(is_refused(&once_more, Precondition::OrderNotRefundable), "{once_more:?}");
    assert_eq!(shop.units(product).await, (4, 0, 1), "what was sold stays sold");
    let sent = shop.sent().await;
    let told = sent.iter().filter(|sent| match &sent.operation {
        Operation::Send(content) => content.text_html.contains("dikembalikan ke saldo. Alasan: rusak"),
        _ => false,
    });
    assert_eq!(told.count(), 2);
    shop.proven().await;
}

async fn a_refund_through_a_gateway_is_made_when_the_gateway_says_so(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.bought(buyer, &[("akun", 1)]).await;
    let unable = BeginRefund { gateway_can_refund: false, ..refund(order, None, Destination::Gateway) };
    let refused = shop.run(Principal::CORE, unable).await;
    assert!(is_refused(&refused, Precondition::RefundUnsupported), "{refused:?}");
    let begun = try_refund(&shop, order, Some(12_000), Destination::Gateway).await.unwrap();
    assert_eq!((begun.order_id, begun.payment_id.is_some()), (order, true));
    assert_eq!(shop.order(order).await.refunded, Money::idr(0), "not yet");
    let meanwhile = try_refund(&shop, order, Some(8_001), Destination::Balance).await;
    assert!(is_refused(&meanwhile, Precondition::OrderNotRefundable), "what is on its way is kept");
    shop.core(FinishRefund { refund_id: begun.refund_id, done: false }).await;
    shop.core(FinishRefund { refund_id: begun.refund_id, done: true }).await;
    assert_eq!(shop.order(order).await.refunded, Money::idr(0), "it has failed, and stays so");
    let begun = try_refund(&shop, order, None, Destination::Gateway).await.unwrap();
    for _ in 0..2 {
        shop.core(FinishRefund { refund_id: begun.refund_id, done: true }).await;
    }
    let seen = shop.order(order).await;
    assert_eq!((seen.state, seen.refunded, shop.balance(buyer).await), (OrderState::Refunded, Money::idr(20_000), 0));
    // Goods that have not left yet do not leave any more.
    assert!(!format!("{:?}", shop.sent().await).contains("rahasia"));
    shop.proven().await;
}

/// Somebody has just been told this, among other things.
async fn assert_told(shop: &Shop, words: &str) {
    let sent = shop.sent().await;
    assert!(
        sent.iter()
            .any(|sent| matches!(&sent.operation, Operation::Send(content) if content.text_html.contains(words))),
        "{words}: {sent:?}"
    );
}

async fn days_of_membership_go_back_in_proportion(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let user_id = buyer.person.unwrap().user_id;
    shop.product("vip", ProductKind::Membership, 30_000).await;
    let start = shop.test.engine.now();
    let order = shop.bought(buyer, &[("vip", 1)]).await;
    try_refund(&shop, order, Some(10_000), Destination::Balance).await.unwrap();
    let shorter = start + TimeDelta::days(20);
    assert_eq!(shop.ask(buyer, FindMembership(user_id)).await, Some(shorter));
    let until = local_time(Language::Indonesian, shop.call(Principal::CORE).environment.time_zone, shorter);
    assert_told(&shop, &format!("VIP kamu sekarang sampai {until}.")).await;
    shop.test.clock.advance(TimeDelta::days(15));
    try_refund(&shop, order, None, Destination::Balance).await.unwrap();
    let now = shop.test.engine.now();
    assert_eq!(shop.ask(buyer, FindMembership(user_id)).await, Some(now), "never what has passed");
    assert_told(&shop, "VIP kamu sudah tidak aktif.").await;
    assert_eq!(shop.order(order).await.state, OrderState::Refunded);
    shop.proven().await;
}

async fn a_top_up_goes_back_through_its_gateway_and_what_is_spent_is_owed(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let user_id = buyer.person.unwrap().user_id;
    shop.stocked("akun", 15_000, 5).await;
    let top_up = shop.top_up(buyer, 20_000).await;
    let refused = try_refund(&shop, top_up, None, Destination::Balance).await;
    assert!(is_refused(&refused, Precondition::TopUpByGatewayOnly), "{refused:?}");
    // Where the gateway gives nothing back, neither way is named as one that would do.
    for to in [Destination::Balance, Destination::Gateway] {
        let unable = BeginRefund { gateway_can_refund: false, ..refund(top_up, None, to) };
        let refused = shop.run(Principal::CORE, unable).await;
        assert!(is_refused(&refused, Precondition::TopUpNotRefundable), "{refused:?}");
    }
    let order = shop.place(buyer, &[("akun", 1)]).await;
    shop.begin(buyer, order, warung_domain::payment::Method::Balance, false).await.unwrap();
    let begun = try_refund(&shop, top_up, None, Destination::Gateway).await.unwrap();
    shop.core(FinishRefund { refund_id: begun.refund_id, done: true }).await;
    assert_eq!(shop.ask(buyer, FindWallet(user_id)).await, (0, 15_000), "5,000 were there, 15,000 are owed");
    shop.proven().await;
    try_refund(&shop, order, Some(6_000), Destination::Balance).await.unwrap();
    assert_eq!(shop.ask(buyer, FindWallet(user_id)).await, (0, 9_000), "a credit pays what is owed first");
    shop.top_up(buyer, 10_000).await;
    assert_eq!(shop.ask(buyer, FindWallet(user_id)).await, (1_000, 0));
    shop.proven().await;
}

async fn what_was_never_paid_is_not_refunded(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 15_000, 5).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    for to in [Destination::Balance, Destination::Gateway] {
        let refused = try_refund(&shop, order, None, to).await;
        assert!(is_refused(&refused, Precondition::OrderNotRefundable), "{refused:?}");
    }
    // What came from the balance does not go back through a gateway.
    shop.top_up(buyer, 15_000).await;
    shop.begin(buyer, order, warung_domain::payment::Method::Balance, false).await.unwrap();
    let refused = try_refund(&shop, order, None, Destination::Gateway).await;
    assert!(is_refused(&refused, Precondition::RefundUnsupported), "{refused:?}");
    let unknown = BeginRefund { order: "tg7-00000000".into(), ..refund(order, None, Destination::Balance) };
    assert!(matches!(shop.run(Principal::CORE, unknown).await, Err(Error::NotFound { .. })));
}
