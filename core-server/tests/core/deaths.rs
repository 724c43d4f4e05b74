//! A process that dies between any two steps of an order's money: whoever comes next completes what it began, no unit
//! stays kept, and no rupiah is lost or doubled.

use tonic::Status;
use warung_app::{
    order::{Basket, Item, PlaceOrder, place_order},
    payment::{BeginRefund, PayBy},
    testing::ADMIN_ID,
};
use warung_domain::{
    payment::{Destination, Method},
    principal::Principal,
};
use warung_emulators::pakasir::{ApiFault, Endpoint, Fault, Status as AtGateway};
use warung_proto::{
    ErrorReason,
    order::{CancelOrderRequest, Order, OrderState},
    payment::{
        CloseRefundRequest, ListPaymentsToReviewRequest, PaymentMethod, PaymentState, RefundState, StartPaymentRequest,
    },
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, Deadly, Death, Till, assert_refused, until};

on_both_databases! {
    an_order_whose_process_dies_before_its_payment_is_paid_by_the_same_request;
    an_order_whose_process_dies_while_it_is_cancelled_is_cancelled_by_the_same_request;
    an_order_whose_process_dies_while_it_is_cancelled_ends_by_itself;
    money_for_an_order_whose_process_dies_while_it_is_cancelled_settles_it;
    a_way_to_pay_whose_process_dies_while_it_is_switched_is_switched_by_the_same_request;
    a_way_to_pay_whose_process_dies_while_it_is_switched_leaves_an_order_that_ends_by_itself;
    an_order_whose_process_dies_while_it_expires_ends_or_is_settled_by_the_next;
    a_refund_whose_process_dies_is_made_once_at_most_and_closed_by_a_seller;
}

/// Where a process dies that ends a payment: it asks, cancels, and asks again. And how often it outlives that.
const GIVING_UP: [(Death, usize); 6] = [
    (Death::BeforeStatus, 0),
    (Death::AfterStatus, 0),
    (Death::BeforeCancel, 0),
    (Death::AfterCancel, 0),
    (Death::BeforeStatus, 1),
    (Death::AfterStatus, 1),
];

async fn an_order_whose_process_dies_before_its_payment_is_paid_by_the_same_request(database: TestDatabase) {
    let mut till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let basket = till.basket(1);
    let basket_of_one = Basket::Products(vec![Item { product: "pulsa".into(), quantity: 1 }]);
    // What the request does first, and no more of it.
    let pay_by = Some(PayBy { method: Method::Qris, use_balance: false });
    let first = PlaceOrder { basket: basket_of_one, expected_subtotal: None, buyer_telegram_id: None, pay_by };
    let ctx = till.as_buyer("warung.order.v1.OrderService/PlaceOrder", &basket).await;
    let placed = place_order(till.core.engine(), &ctx, first).await.unwrap();
    till = till.restarted().await;
    let order = till.place(&buyer, basket).await.unwrap();
    assert_eq!((&order.order_id, till.stock().await), (&placed.id.to_string(), (9, 1, 0)));
    till.pay(&order.payments[0]).await;
    assert_eq!((till.stock().await, till.sim.transactions().len()), ((9, 0, 1), 1));
    till.proven().await;
}

/// Cancels an order in a process that dies of it, and starts another. Answers the order and the request.
async fn cancel_and_die(till: Till, buyer: &Caller, (death, outlived): (Death, usize)) -> (Till, CancelOrderRequest) {
    let order = till.buy(buyer).await;
    let message = CancelOrderRequest { request_id: till.request_id(), order_id: order.order_id };
    let deadly = Deadly::after(till.gateway(), death, outlived);
    let ctx = till.as_buyer("warung.order.v1.OrderService/CancelOrder", &message).await;
    let checkout = deadly.checkout(&till);
    deadly.kills(Box::pin(checkout.cancel_order(&ctx, &message.order_id))).await;
    drop((checkout, ctx));
    (till.restarted().await, message)
}

async fn cancel(till: &Till, buyer: &Caller, message: CancelOrderRequest) -> Result<Order, Status> {
    Ok(Box::pin(till.orders().cancel_order(buyer.says(message))).await?.into_inner().order.unwrap())
}

/// The order that is named in a request.
async fn order_of(till: &Till, buyer: &Caller, message: &CancelOrderRequest) -> Order {
    till.order(buyer, &Order { order_id: message.order_id.clone(), ..Order::default() }).await
}

async fn an_order_whose_process_dies_while_it_is_cancelled_is_cancelled_by_the_same_request(database: TestDatabase) {
    let mut till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    for death in GIVING_UP {
        let message;
        (till, message) = cancel_and_die(till, &buyer, death).await;
        for _ in 0..2 {
            let cancelled = cancel(&till, &buyer, message.clone()).await.unwrap();
            assert_eq!(cancelled.state(), OrderState::Cancelled, "{death:?}");
            assert_eq!(till.sim.status(&cancelled.payments[0].reference), Some(AtGateway::Cancelled), "{death:?}");
        }
        assert_eq!(till.stock().await, (10, 0, 0), "{death:?}");
    }
    till.proven().await;
}

async fn an_order_whose_process_dies_while_it_is_cancelled_ends_by_itself(database: TestDatabase) {
    let mut till = Till::open(database).await;
    for death in GIVING_UP {
        let buyer = till.user(BUYER).await;
        let message;
        (till, message) = cancel_and_die(till, &buyer, death).await;
        till.clock.advance_seconds(30 * 60 + 1);
        let order = order_of(&till, &buyer, &message).await;
        till.until_state(&buyer, &order, OrderState::Expired).await;
        assert_eq!(till.stock().await, (10, 0, 0), "{death:?}");
        assert_ne!(till.sim.status(&order.payments[0].reference), Some(AtGateway::Pending), "{death:?}");
    }
    till.proven().await;
}

async fn money_for_an_order_whose_process_dies_while_it_is_cancelled_settles_it(database: TestDatabase) {
    let mut till = Till::open(database).await;
    for (sold, death) in (1_i64..).zip(GIVING_UP) {
        let buyer = till.user(BUYER).await;
        let message;
        (till, message) = cancel_and_die(till, &buyer, death).await;
        let order = order_of(&till, &buyer, &message).await;
        till.sim.pay_late(&order.payments[0].reference).unwrap();
        till.tell(&order.payments[0]).await;
        let refused = cancel(&till, &buyer, message).await;
        assert_refused(refused, tonic::Code::FailedPrecondition, ErrorReason::OrderNotCancellable);
        assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid, "{death:?}");
        assert_eq!(till.stock().await, (10 - sold, 0, sold), "{death:?}");
    }
    till.proven().await;
}

/// Where a process dies that switches: it ends the one payment and begins the other.
fn switching() -> impl Iterator<Item = (Death, usize)> {
    GIVING_UP.into_iter().chain([(Death::BeforeCreate, 0), (Death::AfterCreate, 0)])
}

/// Pays an order by another way in a process that dies of it, and starts another. Answers the order and the request.
async fn switch_and_die(
    till: Till,
    buyer: &Caller,
    (death, outlived): (Death, usize),
) -> (Till, Order, StartPaymentRequest) {
    let order = till.buy(buyer).await;
    let message = StartPaymentRequest {
        request_id: till.request_id(),
        order_id: order.order_id.clone(),
        method: PaymentMethod::BniVa.into(),
        use_balance: false,
    };
    let deadly = Deadly::after(till.gateway(), death, outlived);
    let ctx = till.as_buyer("warung.payment.v1.PaymentService/StartPayment", &message).await;
    let checkout = deadly.checkout(&till);
    let pay_by = PayBy { method: Method::BniVa, use_balance: false };
    deadly.kills(Box::pin(checkout.start_payment(&ctx, &message.order_id, pay_by))).await;
    drop((checkout, ctx));
    (till.restarted().await, order, message)
}

async fn a_way_to_pay_whose_process_dies_while_it_is_switched_is_switched_by_the_same_request(database: TestDatabase) {
    let mut till = Till::open(database).await;
    for (sold, death) in (1_i64..).zip(switching()) {
        let buyer = till.user(BUYER).await;
        let (order, message);
        (till, order, message) = switch_and_die(till, &buyer, death).await;
        // So long the call that asks for an invoice counts as alive.
        till.clock.advance_seconds(35);
        // The core's own round may be asking just now: then it is tried again, as a client does.
        until(async || till.start_with(&buyer, message.clone()).await.is_ok()).await;
        let switched = till.order(&buyer, &order).await;
        let open: Vec<_> =
            switched.payments.iter().filter(|payment| payment.state() == PaymentState::Open).cloned().collect();
        assert_eq!((open.len(), open[0].method()), (1, PaymentMethod::BniVa), "{death:?}: {switched:?}");
        assert_eq!(till.sim.status(&order.payments[0].reference), Some(AtGateway::Cancelled), "{death:?}");
        assert!(till.sim.created_twice().is_empty(), "{death:?}");
        till.pay(&open[0]).await;
        assert_eq!(till.stock().await, (10 - sold, 0, sold), "{death:?}");
    }
    till.proven().await;
}

async fn a_way_to_pay_whose_process_dies_while_it_is_switched_leaves_an_order_that_ends_by_itself(
    database: TestDatabase,
) {
    let mut till = Till::open(database).await;
    for death in switching() {
        let buyer = till.user(BUYER).await;
        let order;
        (till, order, _) = switch_and_die(till, &buyer, death).await;
        till.clock.advance_seconds(30 * 60 + 1);
        till.until_state(&buyer, &order, OrderState::Expired).await;
        assert_eq!(till.stock().await, (10, 0, 0), "{death:?}");
        for made in till.sim.transactions() {
            assert_ne!(till.sim.status(&made.order_id), Some(AtGateway::Pending), "{death:?}: {}", made.order_id);
        }
    }
    till.proven().await;
}

async fn an_order_whose_process_dies_while_it_expires_ends_or_is_settled_by_the_next(database: TestDatabase) {
    let (mut till, deadly) = Till::mortal(database).await;
    let mut sold = 0;
    for death in [Death::BeforeStatus, Death::AfterStatus, Death::BeforeCancel, Death::AfterCancel] {
        for is_paid in [false, true] {
            let buyer = till.user(BUYER).await;
            // Its invoice is good at the gateway for longer than the order, as nobody got it.
            till.sim.fault(Fault::next(Endpoint::Create, ApiFault::LostAnswer));
            let order = till.place(&buyer, till.basket(1)).await.unwrap();
            deadly.dies_next(death, 0);
            till.clock.advance_seconds(15 * 60 + 1);
            deadly.died().await;
            let reference = &order.payments[0].reference;
            if is_paid {
                till.sim.pay_late(reference).unwrap();
            }
            till = till.restarted().await;
            // The dead process's right to ask has ended.
            till.clock.advance_seconds(31);
            let (ends, at_gateway) = if is_paid {
                (OrderState::Paid, AtGateway::Completed)
            } else {
                (OrderState::Expired, AtGateway::Cancelled)
            };
            till.until_state(&buyer, &order, ends).await;
            sold += i64::from(is_paid);
            assert_eq!(till.stock().await, (10 - sold, 0, sold), "{death:?}");
            assert_eq!(till.sim.status(reference), Some(at_gateway), "{death:?}");
        }
    }
    till.proven().await;
}

async fn a_refund_whose_process_dies_is_made_once_at_most_and_closed_by_a_seller(database: TestDatabase) {
    let mut till = Till::open(database).await;
    for (death, is_made) in [(Death::BeforeRefund, false), (Death::AfterRefund, true)] {
        let (buyer, admin) = (till.user(BUYER).await, till.user(ADMIN_ID).await);
        let order = till.buy(&buyer).await;
        till.pay(&order.payments[0]).await;
        let refund = BeginRefund {
            order: order.code.clone(),
            amount: None,
            lines: Vec::new(),
            destination: Destination::Gateway,
            reason: "barang rusak".into(),
            gateway_can_refund: false,
        };
        let deadly = Deadly::at(till.gateway(), death);
        let request_id = till.request_id().parse().unwrap();
        let seller = |till: &Till| till.core.engine().context(Principal::CORE, "test").with_request_id(request_id);
        let checkout = deadly.checkout(&till);
        deadly.kills(Box::pin(checkout.refund_order(&seller(&till), refund.clone()))).await;
        drop(checkout);
        till = till.restarted().await;
        // The same request again asks the gateway for nothing: it may have done it.
        let checkout = deadly.checkout(&till);
        checkout.refund_order(&seller(&till), refund).await.unwrap();
        assert_eq!(deadly.refunded(), vec![25_000; usize::from(is_made)]);
        till.clock.advance_seconds(6 * 60);
        checkout.review_stuck_refunds(&till.context()).await.unwrap();
        let list = admin.says(ListPaymentsToReviewRequest::default());
        let stuck = till.payments_of_all().list_payments_to_review(list).await.unwrap().into_inner().payments;
        assert_eq!((stuck.len(), stuck[0].refunds.len()), (1, 1));
        let close = CloseRefundRequest {
            request_id: till.request_id(),
            refund_id: stuck[0].refunds[0].refund_id.clone(),
            outcome: if is_made { RefundState::Done } else { RefundState::Failed }.into(),
            note: "terlihat di dasbor".into(),
        };
        till.payments_of_all().close_refund(admin.says(close)).await.unwrap();
        let ended = till.order(&buyer, &order).await;
        let expected = if is_made { OrderState::Refunded } else { OrderState::Paid };
        assert_eq!((ended.state(), ended.refunded.unwrap().minor_units), (expected, if is_made { 25_000 } else { 0 }));
        till.proven().await;
    }
}
