//! Another way to pay takes the place of the first, and one that can't be gone takes nothing away.

use tonic::Code;
use tonic_types::StatusExt;
use warung_emulators::pakasir::{Endpoint, Status as GatewayStatus};
use warung_proto::{
    ErrorReason,
    catalog::PutProductRequest,
    order::{OrderState, PlaceOrderRequest},
    payment::{ListPaymentMethodsRequest, Payment, PaymentMethod, PaymentState, StartPaymentRequest},
    wallet::TopUpRequest,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, OTHER, Till, assert_refused, rupiah, soon};

on_both_databases! {
    a_part_from_the_balance_takes_the_place_of_the_whole_by_the_same_method;
    a_top_ups_invoice_stays_when_somebody_wants_to_pay_it_from_the_balance;
    an_order_that_the_chosen_way_can_not_pay_keeps_nothing;
    only_what_a_product_may_be_paid_through_is_offered_for_it_and_its_orders;
    of_orders_placed_at_once_those_that_the_balance_can_not_pay_keep_nothing;
}

impl Till {
    async fn start_partly(&self, caller: &Caller, order_id: &str) -> Payment {
        let message = StartPaymentRequest {
            request_id: self.request_id(),
            order_id: order_id.to_owned(),
            method: PaymentMethod::Qris.into(),
            use_balance: true,
        };
        self.start_with(caller, message).await.unwrap()
    }

    fn balance_basket(&self) -> PlaceOrderRequest {
        PlaceOrderRequest { payment_method: PaymentMethod::Balance.into(), ..self.basket(1) }
    }
}

async fn a_part_from_the_balance_takes_the_place_of_the_whole_by_the_same_method(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    let same = till.start_partly(&buyer, &order.order_id).await;
    assert_eq!(same, order.payments[0], "a balance of nothing changes nothing");
    till.fill(&buyer, 10_000).await;
    let rest = till.start_partly(&buyer, &order.order_id).await;
    assert_eq!((rest.state(), rest.amount.clone()), (PaymentState::Open, Some(rupiah(15_000))));
    assert_eq!(till.sim.status(&order.payments[0].reference), Some(GatewayStatus::Cancelled));
    assert_eq!(till.start_partly(&buyer, &order.order_id).await, rest, "there is nothing more to take");
    assert_eq!(till.balance(&buyer).await, 0);
    till.pay(&rest).await;
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid);
}

async fn a_top_ups_invoice_stays_when_somebody_wants_to_pay_it_from_the_balance(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    till.fill(&buyer, 50_000).await;
    let message = TopUpRequest {
        request_id: till.request_id(),
        amount: Some(rupiah(20_000)),
        payment_method: PaymentMethod::Qris.into(),
    };
    let order = till.shop.wallet().top_up(buyer.says(message)).await.unwrap().into_inner().order.unwrap();
    let refused = till.start(&buyer, &order, PaymentMethod::Balance).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::PaymentMethodUnavailable);
    assert_eq!(till.order(&buyer, &order).await.payments, order.payments);
    assert_eq!(till.sim.count(Endpoint::Cancel, &order.payments[0].reference), 0);
    till.pay(&order.payments[0]).await;
    assert_eq!(till.balance(&buyer).await, 70_000);
}

async fn an_order_that_the_chosen_way_can_not_pay_keeps_nothing(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    till.fill(&buyer, 24_999).await;
    // More often than there may be unpaid orders.
    for _ in 0..5 {
        let refused = till.place(&buyer, till.balance_basket()).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::BalanceTooLow);
    }
    assert_eq!((till.stock().await, till.balance(&buyer).await), ((10, 0, 0), 24_999));
    assert_eq!(till.buy(&buyer).await.state(), OrderState::Pending, "none of them is unpaid");
}

async fn of_orders_placed_at_once_those_that_the_balance_can_not_pay_keep_nothing(database: TestDatabase) {
    let till = Till::open(database).await;
    let mut buyers = Vec::new();
    for number in 0..8 {
        let buyer = till.user(BUYER + 100 + number).await;
        if number % 2 == 0 {
            till.fill(&buyer, 25_000).await;
        }
        buyers.push(buyer);
    }
    let mut placing = tokio::task::JoinSet::new();
    for (number, buyer) in buyers.into_iter().enumerate() {
        let (mut orders, message) = (till.orders(), till.balance_basket());
        placing.spawn(async move { (number, orders.place_order(buyer.says(message)).await) });
    }
    for (number, answer) in soon(placing.join_all()).await {
        if number % 2 == 0 {
            assert_eq!(answer.unwrap().into_inner().order.unwrap().state(), OrderState::Paid);
        } else {
            assert_refused(answer, Code::FailedPrecondition, ErrorReason::BalanceTooLow);
        }
    }
    assert_eq!(till.stock().await, (6, 0, 4));
}

async fn only_what_a_product_may_be_paid_through_is_offered_for_it_and_its_orders(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let put = |gateway: &str| {
        let (gateways, update_mask) = (vec![gateway.to_owned()], vec!["gateways".to_owned()]);
        till.try_put_product(PutProductRequest {
            code: "pulsa".into(),
            etag: "*".into(),
            gateways,
            update_mask,
            ..Default::default()
        })
    };
    let refused = put("pakasirr").await.unwrap_err();
    let fields = refused.get_details_bad_request().unwrap().field_violations;
    assert_eq!(fields[0].field, "gateways[0]");
    assert_eq!(fields[0].description, "is no gateway of this store; there are: PAKASIR");
    let order = till.buy(&buyer).await;
    let put = put("pakasir").await.unwrap().product.unwrap();
    assert_eq!(put.gateways, ["PAKASIR"]);
    let of_product = |code: &str| ListPaymentMethodsRequest { product_ids: vec![code.into()], ..Default::default() };
    let of_order = ListPaymentMethodsRequest { order_id: order.order_id.clone(), ..Default::default() };
    let all = till.payments().list_payment_methods(buyer.says(of_product("pulsa"))).await.unwrap().into_inner().offers;
    assert_eq!(all.len(), 11);
    // The gateway has been taken out of the settings: the product waits for it.
    let till = till.restarted_with([]).await;
    let offered = async |message| {
        let answer = till.payments().list_payment_methods(buyer.says(message)).await;
        answer.map(|answer| answer.into_inner().offers.len())
    };
    assert_eq!(offered(of_product("pulsa")).await.unwrap(), 1, "the balance alone");
    assert_eq!(offered(of_order.clone()).await.unwrap(), 1);
    assert_refused(offered(of_product("tidak-ada")).await, Code::NotFound, ErrorReason::NotFound);
    let other = till.user(OTHER).await;
    let foreign = till.payments().list_payment_methods(other.says(of_order)).await;
    assert_refused(foreign, Code::NotFound, ErrorReason::NotFound);
    assert_refused(
        till.place(&buyer, till.basket(1)).await,
        Code::FailedPrecondition,
        ErrorReason::PaymentMethodUnavailable,
    );
}
