//! Orders that one pays for and another receives.

use chrono::TimeDelta;
use warung_app::{
    Context, Error, PageRequest, Result,
    order::{FulfilOrder, GetOrder, ListOrders, Reach, SendGoods},
    payment::BeginRefund,
};
use warung_domain::{
    catalog::ProductKind, goods::Goods, ids::OrderId, money::Money, order::OrderState, payment::Destination,
    principal::Principal,
};
use warung_store::{Tx, on_both_databases, rows, testing::TestDatabase};

use crate::{
    goods::to,
    shop::{FindMembership, Plant, Planting, Shop},
};

on_both_databases! {
    goods_and_days_go_to_the_receiver_and_the_order_and_its_money_stay_the_payers;
    a_receiver_is_locked_in_the_order_of_ids_whoever_of_both_is_the_older;
}

/// An unpaid order is for somebody else.
struct ForAnother {
    order: OrderId,
    receiver: Principal,
}

impl Planting for ForAnother {
    async fn plant(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        let mut row: rows::Order = tx.find(self.order.0).await?.unwrap();
        row.receiver_id = Some(self.receiver.person.unwrap().user_id.0);
        Ok(tx.update(row).await?)
    }
}

async fn bought_for(shop: &Shop, payer: Principal, receiver: Principal, items: &[(&str, i64)]) -> OrderId {
    let order = shop.place(payer, items).await;
    shop.core(Plant(ForAnother { order, receiver })).await;
    let payment = shop.invoice(payer, order).await;
    let amount = shop.payment(payment).await.amount.minor_units;
    shop.pay(payment, amount).await;
    order
}

async fn goods_and_days_go_to_the_receiver_and_the_order_and_its_money_stay_the_payers(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let (payer, receiver) = (shop.buyer(7).await, shop.buyer(8).await);
    shop.stocked("akun", 20_000, 5).await;
    shop.product("logo", ProductKind::Manual, 50_000).await;
    shop.product("vip", ProductKind::Membership, 30_000).await;
    let full = shop.test.engine.now() + TimeDelta::days(30);
    let order = bought_for(&shop, payer, receiver, &[("akun", 1), ("logo", 1), ("vip", 1)]).await;
    let until = async |who: Principal| shop.ask(who, FindMembership(who.person.unwrap().user_id)).await;
    assert_eq!((until(payer).await, until(receiver).await), (None, Some(full)));
    let sent = shop.sent().await;
    let (to_payer, to_receiver) = (to(&sent, 7), to(&sent, 8));
    assert!(to_receiver.contains("rahasia-akun-0") && to_receiver.contains("VIP kamu aktif"), "{to_receiver}");
    assert!(!to_payer.contains("rahasia") && !to_payer.contains("VIP"), "{to_payer}");
    let fulfil = FulfilOrder { name: order.to_string(), line: None, goods: Goods::new("isi logo".to_owned()) };
    shop.run(Principal::CORE, fulfil).await.unwrap();
    let sent = shop.sent().await;
    assert!(to(&sent, 8).contains("isi logo") && !to(&sent, 7).contains("isi logo"));
    assert_eq!(shop.order(order).await.state, OrderState::Completed);
    shop.test.clock.advance_seconds(61);
    // The payer sees the order, the receiver the goods, and neither the other.
    for (who, sees) in [(payer, true), (receiver, false)] {
        let seen = GetOrder { name: order.to_string(), reach: Reach::Own };
        let seen = shop.test.engine.ask(&shop.call(who), seen).await;
        assert_eq!(seen.is_ok(), sees, "{seen:?}");
        let resent = shop.run(who, SendGoods { name: order.to_string() }).await;
        assert_eq!(matches!(resent, Err(Error::NotFound { .. })), sees, "{resent:?}");
        let list = ListOrders { reach: Reach::Received, page: PageRequest::default(), state: None };
        assert_eq!(shop.ask(who, list).await.0.is_empty(), sees);
    }
    assert!(to(&shop.sent().await, 8).contains("rahasia-akun-0"));
    let back = BeginRefund {
        order: order.to_string(),
        amount: None,
        lines: Vec::new(),
        destination: Destination::Balance,
        reason: "rusak".to_owned(),
        gateway_can_refund: true,
    };
    shop.run(Principal::CORE, back).await.unwrap();
    assert_eq!((shop.balance(payer).await, shop.balance(receiver).await), (100_000, 0));
    assert_eq!(until(receiver).await, Some(shop.test.engine.now()), "never what has passed");
    let sent = shop.sent().await;
    let (to_payer, to_receiver) = (to(&sent, 7), to(&sent, 8));
    assert!(to_payer.contains("Rp100.000") && !to_payer.contains("VIP kamu"), "{to_payer}");
    assert!(to_receiver.contains("VIP kamu") && !to_receiver.contains("Rp100.000"), "{to_receiver}");
    assert_eq!(shop.order(order).await.refunded, Money::idr(100_000));
    shop.proven().await;
}

async fn a_receiver_is_locked_in_the_order_of_ids_whoever_of_both_is_the_older(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let (one, other) = (shop.buyer(7).await, shop.buyer(8).await);
    shop.product("vip", ProductKind::Membership, 30_000).await;
    let mut orders = Vec::new();
    for (payer, receiver) in [(one, other), (other, one)].into_iter().cycle().take(6) {
        let order = shop.place(payer, &[("vip", 1)]).await;
        shop.core(Plant(ForAnother { order, receiver })).await;
        orders.push(shop.invoice(payer, order).await);
    }
    // Each needs both people: in another order than by their ids they would wait for each other.
    let settled = futures_util::future::join_all(orders.into_iter().map(|payment| shop.pay(payment, 30_000))).await;
    assert!(settled.iter().all(|outcome| *outcome == warung_app::payment::AppliedOutcome::Settled), "{settled:?}");
    for who in [one, other] {
        let until = shop.ask(who, FindMembership(who.person.unwrap().user_id)).await;
        assert_eq!(until, Some(shop.test.engine.now() + TimeDelta::days(90)), "all days of three orders");
    }
    shop.proven().await;
}
