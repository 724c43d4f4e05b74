//! Money that a gateway takes back: a refund that was made there, or a chargeback.

use warung_app::{
    gateway::{GatewayError, GatewayStatus},
    order::Reach,
    payment::{Checkout, ReversePayment, WebhookResult},
    testing::ADMIN_ID,
};
use warung_domain::{
    catalog::ProductKind,
    ids::{OrderId, PaymentId},
    message::Operation,
    money::Money,
    order::OrderState,
    payment::PaymentState,
    principal::Principal,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::{
    gateway::{TestGateway, checkout, paid},
    shop::{FindMembership, FindWallet, Shop},
};

on_both_databases! {
    what_a_gateway_takes_back_is_booked_once_told_and_shown_with_what_the_buyer_has;
    days_and_a_top_up_go_back_with_the_money_that_a_gateway_takes;
    money_that_went_to_the_wallet_is_taken_from_there_and_what_it_lacks_is_owed;
    money_in_the_wallet_that_is_taken_back_part_by_part_is_booked_each_time;
    a_part_that_is_taken_back_leaves_the_rest_and_a_refund_gives_no_more_than_that;
    money_that_came_and_went_between_two_looks_is_booked_both_ways;
    what_a_gateway_takes_back_is_booked_though_it_does_not_say_so_at_first;
    a_webhook_that_tells_of_what_was_never_taken_back_is_asked_about_for_a_day_and_no_longer;
}

/// The gateway has taken so much back.
fn reversed(received: i64, reversed: i64) -> GatewayStatus {
    GatewayStatus::Reversed { received: Money::idr(received), reversed: Money::idr(reversed) }
}

impl Shop {
    /// The gateway says that it took so much back, and is asked.
    async fn taken_back(&self, checkout: &Checkout, gateway: &TestGateway, payment: PaymentId, status: GatewayStatus) {
        gateway.says([Ok(status)]);
        self.test.clock.advance_seconds(3);
        self.told_of_reversal(checkout, payment).await;
        assert_eq!(checkout.ask_due(&self.call(Principal::CORE)).await.unwrap(), 1);
    }

    async fn told_of_reversal(&self, checkout: &Checkout, payment: PaymentId) {
        let found = self.payment(payment).await;
        let body = format!("{} {} -", found.reference, found.amount.minor_units);
        let call = self.call(Principal::CORE);
        let told = checkout.receive_webhook(&call, "PAKASIR", body.as_bytes(), "").await.unwrap();
        assert_eq!(told, WebhookResult::Kept);
    }

    async fn paid_for(&self, buyer: Principal, code: &str) -> (OrderId, PaymentId) {
        let order = self.bought(buyer, &[(code, 1)]).await;
        (order, self.order(order).await.payments[0].id)
    }
}

async fn what_a_gateway_takes_back_is_booked_once_told_and_shown_with_what_the_buyer_has(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    let product = shop.stocked("akun", 20_000, 5).await;
    let (checkout, gateway) = checkout(&shop);
    let (order, payment) = shop.paid_for(buyer, "akun").await;
    shop.sent().await;
    for _ in 0..2 {
        shop.taken_back(&checkout, &gateway, payment, reversed(20_000, 20_000)).await;
    }
    let seen = shop.order(order).await;
    assert_eq!((seen.state, seen.refunded), (OrderState::Refunded, Money::idr(20_000)));
    assert_eq!(shop.payment(payment).await.state, PaymentState::Reversed);
    assert_eq!((shop.units(product).await, shop.balance(buyer).await), ((4, 0, 1), 0), "what was sold stays sold");
    assert_eq!(shop.to_review().await, ["REVERSED Rp20.000"]);
    let told: Vec<_> = shop
        .sent()
        .await
        .into_iter()
        .filter_map(|sent| match sent.operation {
            Operation::Send(content) => Some((sent.chat_id, content.text_html)),
            _ => None,
        })
        .collect();
    let to = |chat| told.iter().filter(|(to, _)| *to == chat).map(|(_, text)| text.as_str()).collect::<Vec<_>>();
    let [seller] = to(ADMIN_ID)[..] else { panic!("told once: {told:?}") };
    assert!(seller.contains("menarik kembali Rp20.000") && seller.contains("1 × Produk akun"), "{seller}");
    let [of_buyer] = to(7)[..] else { panic!("told once: {told:?}") };
    assert!(of_buyer.contains("Rp20.000") && of_buyer.contains("ditarik kembali oleh PAKASIR"), "{of_buyer}");
    shop.proven().await;
}

async fn days_and_a_top_up_go_back_with_the_money_that_a_gateway_takes(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.product("vip", ProductKind::Membership, 10_000).await;
    let (checkout, gateway) = checkout(&shop);
    let (_, payment) = shop.paid_for(buyer, "vip").await;
    shop.taken_back(&checkout, &gateway, payment, reversed(10_000, 10_000)).await;
    let until = shop.ask(buyer, FindMembership(buyer.person.unwrap().user_id)).await;
    assert!(until.unwrap() <= shop.test.engine.now(), "the days are gone: {until:?}");
    let order = shop.top_up(buyer, 30_000).await;
    let payment = shop.order(order).await.payments[0].id;
    shop.taken_back(&checkout, &gateway, payment, reversed(30_000, 30_000)).await;
    assert_eq!((shop.balance(buyer).await, shop.order(order).await.state), (0, OrderState::Refunded));
    shop.proven().await;
}

async fn money_that_went_to_the_wallet_is_taken_from_there_and_what_it_lacks_is_owed(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let (checkout, gateway) = checkout(&shop);
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    // Too little: all of it went to the wallet, and half of that was spent since.
    shop.pay(payment, 15_000).await;
    shop.product("panduan", ProductKind::Shared, 10_000).await;
    let other = shop.place(buyer, &[("panduan", 1)]).await;
    shop.begin(buyer, other, warung_domain::payment::Method::Balance, false).await.unwrap();
    assert_eq!(shop.balance(buyer).await, 5_000);
    shop.taken_back(&checkout, &gateway, payment, reversed(15_000, 15_000)).await;
    let wallet = shop.ask(Principal::CORE, FindWallet(buyer.person.unwrap().user_id)).await;
    assert_eq!(wallet, (0, 10_000), "what it lacks is owed");
    assert_eq!(shop.order(order).await.state, OrderState::Pending, "the order had none of it");
    shop.proven().await;
}

async fn money_in_the_wallet_that_is_taken_back_part_by_part_is_booked_each_time(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let (checkout, gateway) = checkout(&shop);
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    shop.pay(payment, 15_000).await;
    for (in_all, left) in [(5_000, 10_000), (5_000, 10_000), (12_000, 3_000), (15_000, 0)] {
        shop.taken_back(&checkout, &gateway, payment, reversed(15_000, in_all)).await;
        assert_eq!(shop.balance(buyer).await, left, "{in_all} are gone");
    }
    shop.proven().await;
}

async fn a_part_that_is_taken_back_leaves_the_rest_and_a_refund_gives_no_more_than_that(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let (checkout, gateway) = checkout(&shop);
    let (order, payment) = shop.paid_for(buyer, "akun").await;
    for (all, refunded, state) in [(5_000, 5_000, OrderState::Paid), (12_000, 12_000, OrderState::Paid)] {
        shop.taken_back(&checkout, &gateway, payment, reversed(20_000, all)).await;
        let seen = shop.order(order).await;
        assert_eq!((seen.refunded, seen.state), (Money::idr(refunded), state));
        shop.proven().await;
    }
    // What comes late, or is less than is known, is no news; and it is never more than had come.
    for all in [12_000, 3_000] {
        assert!(!shop.core(ReversePayment { payment_id: payment, reversed: Money::idr(all) }).await);
    }
    assert!(shop.core(ReversePayment { payment_id: payment, reversed: Money::idr(90_000) }).await);
    assert_eq!(shop.order(order).await.refunded, Money::idr(20_000));
    shop.proven().await;
}

async fn money_that_came_and_went_between_two_looks_is_booked_both_ways(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let (checkout, gateway) = checkout(&shop);
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    shop.taken_back(&checkout, &gateway, payment, reversed(20_000, 20_000)).await;
    assert_eq!(shop.payment(payment).await.state, PaymentState::Reversed);
    assert_eq!(shop.order(order).await.state, OrderState::Refunded, "its goods are not sent any more");
    let open = warung_app::payment::OpenPayment { order: order.to_string(), reach: Reach::Store };
    assert_eq!(shop.ask(Principal::CORE, open).await, None);
    shop.proven().await;
}

async fn what_a_gateway_takes_back_is_booked_though_it_does_not_say_so_at_first(database: TestDatabase) {
    for first in [Err(GatewayError::Unavailable("down".into())), Ok(paid(20_000)), Ok(GatewayStatus::Pending)] {
        let shop = Shop::new(TestDatabase::new(database.kind()).await).await;
        let buyer = shop.buyer(7).await;
        shop.stocked("akun", 20_000, 5).await;
        let (checkout, gateway) = checkout(&shop);
        let (order, payment) = shop.paid_for(buyer, "akun").await;
        let due = async |seconds| {
            shop.test.clock.advance_seconds(seconds);
            checkout.ask_due(&shop.call(Principal::CORE)).await.unwrap()
        };
        // Its webhook comes once.
        gateway.says([first.clone()]);
        shop.told_of_reversal(&checkout, payment).await;
        assert_eq!(due(3).await, 1);
        assert_eq!(shop.payment(payment).await.state, PaymentState::Paid, "{first:?}");
        gateway.says([Ok(reversed(20_000, 20_000))]);
        assert_eq!(due(600).await, 1, "{first:?}");
        assert_eq!(shop.payment(payment).await.state, PaymentState::Reversed, "{first:?}");
        assert_eq!(shop.order(order).await.state, OrderState::Refunded);
        assert_eq!(due(90_000).await, 0, "there is nothing left to ask");
        shop.proven().await;
    }
}

async fn a_webhook_that_tells_of_what_was_never_taken_back_is_asked_about_for_a_day_and_no_longer(
    database: TestDatabase,
) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let (checkout, gateway) = checkout(&shop);
    let (order, payment) = shop.paid_for(buyer, "akun").await;
    shop.told_of_reversal(&checkout, payment).await;
    let mut asked = 0;
    for _ in 0..200 {
        gateway.says([Ok(paid(20_000))]);
        shop.test.clock.advance_seconds(900);
        asked += checkout.ask_due(&shop.call(Principal::CORE)).await.unwrap();
    }
    assert!((3..=8).contains(&asked), "{asked}");
    assert_eq!(
        (shop.order(order).await.state, shop.payment(payment).await.state),
        (OrderState::Paid, PaymentState::Paid)
    );
    assert_eq!(shop.to_review().await, Vec::<String>::new());
    shop.proven().await;
}
