//! From an order to its money, as the buyer sees it.

use chrono::TimeDelta;
use tonic::Code;
use warung_app::{
    payment::{BeginRefund, Checkout},
    testing::ADMIN_ID,
};
use warung_domain::{payment::Destination, principal::Principal};
use warung_emulators::pakasir::{ApiFault, Endpoint, Fault, Status as GatewayStatus};
use warung_proto::{
    ErrorReason,
    catalog::ProductKind,
    order::{ListStoreOrdersRequest, OrderState, PlaceOrderRequest, RefundDestination, RefundOrderRequest},
    payment::{
        CloseRefundRequest, ListPaymentMethodsRequest, ListPaymentsToReviewRequest, PaymentMethod, PaymentState,
        RefundState, StartPaymentRequest, receive_webhook_response::Result as Received,
    },
    wallet::TopUpRequest,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, OTHER, Till, assert_refused, product, rupiah, sent, soon};

on_both_databases! {
    a_page_that_follows_a_paid_order_sees_its_refunds;
    an_order_by_qris_is_settled_by_its_webhook;
    an_order_is_paid_by_a_virtual_account;
    the_same_request_again_begins_nothing_new;
    another_method_takes_the_place_of_the_first;
    a_payment_that_arrived_while_switching_settles_the_order;
    a_late_repetition_does_not_end_what_was_begun_after_it;
    a_cancelled_order_is_cancelled_at_the_gateway_too;
    an_order_that_turns_out_to_be_paid_is_not_cancelled;
    an_order_is_cancelled_even_when_the_gateway_does_not_answer;
    an_order_expires_by_itself_and_frees_its_stock;
    money_that_came_before_the_end_without_a_webhook_settles_the_order;
    who_asks_learns_at_once_that_it_is_paid;
    the_core_finds_a_payment_whose_webhook_never_came;
    who_follows_an_order_is_told_of_its_settlement;
    a_top_up_credits_its_amount_and_pays_for_goods;
    the_way_to_pay_a_top_up_may_be_chosen_after_it;
    an_order_that_costs_nothing_needs_no_gateway;
    the_price_or_the_product_may_change_in_the_middle_of_a_checkout;
    another_buyers_order_is_not_found;
    what_the_store_does_not_offer_is_refused;
    who_follows_an_order_is_told_when_its_goods_arrive;
    a_seller_sees_every_order_and_gives_money_back;
    a_seller_closes_a_refund_whose_outcome_nobody_knows;
}

async fn an_order_by_qris_is_settled_by_its_webhook(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    let payment = &order.payments[0];
    assert!(order.code.starts_with(&format!("tg{BUYER}-")));
    assert_eq!(payment.reference, format!("{}-1", order.code));
    assert_eq!(payment.amount, Some(rupiah(25_000)));
    assert_eq!((payment.fee.clone(), payment.total.clone()), (Some(rupiah(485)), Some(rupiah(25_485))));
    assert!(payment.qr_payload.starts_with("000201") && payment.qr_payload.contains("540825485.00"), "{payment:?}");
    assert_eq!(order.expire_time, payment.expire_time, "the stock is kept as long as the invoice is good");
    assert_eq!(till.stock().await, (9, 1, 0));
    till.pay(payment).await;
    let settled = till.order(&buyer, &order).await;
    assert_eq!((settled.state(), settled.payments[0].state()), (OrderState::Paid, PaymentState::Paid));
    assert_eq!(settled.paid, Some(rupiah(25_000)), "the fee is the gateway's");
    assert!(settled.payments[0].qr_payload.is_empty(), "what is paid can't be paid again");
    assert_eq!(till.stock().await, (9, 0, 1));
    assert_eq!(till.post(till.webhook(payment)).await.unwrap(), Received::Repeated);
    assert_eq!(till.sim.count(Endpoint::Detail, &payment.reference), 1);
}

async fn an_order_is_paid_by_a_virtual_account(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let basket = PlaceOrderRequest { payment_method: PaymentMethod::BniVa.into(), ..till.basket(2) };
    let order = till.place(&buyer, basket).await.unwrap();
    let payment = &order.payments[0];
    assert_eq!(payment.total, Some(rupiah(53_500)));
    assert!(payment.account_number.len() >= 10 && payment.qr_payload.is_empty());
    till.pay(payment).await;
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid);
}

async fn the_same_request_again_begins_nothing_new(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let basket = till.basket(1);
    let order = till.place(&buyer, basket.clone()).await.unwrap();
    assert_eq!(till.place(&buyer, basket.clone()).await.unwrap(), order);
    // The open payment by the same method is answered to another request too.
    let again = till.start(&buyer, &order, PaymentMethod::Qris).await.unwrap();
    assert_eq!(again, order.payments[0]);
    assert_eq!(till.sim.transactions().len(), 1);
    let two = tokio::join!(till.place(&buyer, basket.clone()), till.place(&buyer, basket));
    assert_eq!((two.0.unwrap(), two.1.unwrap()), (order.clone(), order));
    assert_eq!(till.stock().await, (9, 1, 0));
}

async fn another_method_takes_the_place_of_the_first(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    let second = till.start(&buyer, &order, PaymentMethod::BriVa).await.unwrap();
    assert_eq!(second.reference, format!("{}-2", order.code));
    assert_eq!(till.sim.status(&order.payments[0].reference), Some(GatewayStatus::Cancelled));
    let order = till.order(&buyer, &order).await;
    let states: Vec<_> = order.payments.iter().map(|payment| (payment.method(), payment.state())).collect();
    assert_eq!(states, [(PaymentMethod::BriVa, PaymentState::Open), (PaymentMethod::Qris, PaymentState::Cancelled)]);
    till.pay(&second).await;
    assert_eq!(till.stock().await, (9, 0, 1));
}

async fn a_payment_that_arrived_while_switching_settles_the_order(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.sim.pay(&order.payments[0].reference).unwrap();
    let answered = till.start(&buyer, &order, PaymentMethod::BriVa).await.unwrap();
    assert_eq!((answered.method(), answered.state()), (PaymentMethod::Qris, PaymentState::Paid));
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid);
    assert_eq!(till.sim.transactions().len(), 1, "nothing else was begun");
    // While the gateway can't be asked nothing is begun either: it could be paid twice.
    let order = till.buy(&buyer).await;
    till.sim.fault(Fault::next(Endpoint::Detail, ApiFault::Html { code: 200 }));
    let answer = till.start(&buyer, &order, PaymentMethod::BriVa).await;
    assert_refused(answer, Code::Unavailable, ErrorReason::GatewayUnavailable);
    assert_eq!(till.order(&buyer, &order).await.payments, order.payments);
}

async fn a_late_repetition_does_not_end_what_was_begun_after_it(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.place(&buyer, PlaceOrderRequest { payment_method: 0, ..till.basket(1) }).await.unwrap();
    let first = StartPaymentRequest {
        request_id: till.request_id(),
        order_id: order.order_id.clone(),
        method: PaymentMethod::Qris.into(),
        use_balance: false,
    };
    till.start_with(&buyer, first.clone()).await.unwrap();
    let second = till.start(&buyer, &order, PaymentMethod::BniVa).await.unwrap();
    let repeated = till.start_with(&buyer, first).await.unwrap();
    assert_eq!((repeated.method(), repeated.state()), (PaymentMethod::Qris, PaymentState::Cancelled));
    assert_eq!(till.sim.status(&second.reference), Some(GatewayStatus::Pending));
    assert_eq!(till.order(&buyer, &order).await.payments[0], second);
}

async fn a_cancelled_order_is_cancelled_at_the_gateway_too(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    let cancelled = till.cancel(&buyer, &order).await.unwrap();
    assert_eq!((cancelled.state(), cancelled.payments[0].state()), (OrderState::Cancelled, PaymentState::Cancelled));
    assert_eq!(till.sim.status(&order.payments[0].reference), Some(GatewayStatus::Cancelled));
    assert_eq!(till.stock().await, (10, 0, 0));
    assert_refused(till.cancel(&buyer, &order).await, Code::FailedPrecondition, ErrorReason::OrderNotCancellable);
    let start = till.start(&buyer, &order, PaymentMethod::Qris).await;
    assert_refused(start, Code::FailedPrecondition, ErrorReason::OrderNotPayable);
}

async fn an_order_that_turns_out_to_be_paid_is_not_cancelled(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.sim.pay(&order.payments[0].reference).unwrap();
    assert_eq!(till.cancel(&buyer, &order).await.unwrap().state(), OrderState::Paid);
    assert_eq!(till.stock().await, (9, 0, 1));
}

async fn an_order_is_cancelled_even_when_the_gateway_does_not_answer(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.sim.fault(Fault::next(Endpoint::Detail, ApiFault::Drop));
    assert_eq!(till.cancel(&buyer, &order).await.unwrap().state(), OrderState::Cancelled);
    let at_gateway = till.sim.status(&order.payments[0].reference);
    assert_eq!(at_gateway, Some(GatewayStatus::Cancelled), "what is not known to have ended is cancelled there");
    let order = till.buy(&buyer).await;
    till.sim.fault(Fault::next(Endpoint::Detail, ApiFault::Drop));
    till.sim.fault(Fault::next(Endpoint::Cancel, ApiFault::Drop));
    assert_eq!(till.cancel(&buyer, &order).await.unwrap().state(), OrderState::Cancelled);
    // Money that comes all the same is late: the goods are still there.
    till.pay(&order.payments[0]).await;
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid);
    assert_eq!(till.stock().await, (9, 0, 1));
}

async fn an_order_expires_by_itself_and_frees_its_stock(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.clock.advance_seconds(30 * 60 + 1);
    let expired = till.until_state(&buyer, &order, OrderState::Expired).await;
    assert_eq!(expired.payments[0].state(), PaymentState::Expired);
    assert_eq!(till.stock().await, (10, 0, 0));
}

async fn money_that_came_before_the_end_without_a_webhook_settles_the_order(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.sim.pay(&order.payments[0].reference).unwrap();
    till.clock.advance_seconds(30 * 60 + 1);
    till.until_state(&buyer, &order, OrderState::Paid).await;
    assert_eq!(till.stock().await, (9, 0, 1));
}

async fn who_asks_learns_at_once_that_it_is_paid(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    let payment = &order.payments[0];
    assert_eq!(till.check(&buyer, payment).await.unwrap().state(), PaymentState::Open);
    till.sim.pay(&payment.reference).unwrap();
    assert_eq!(till.check(&buyer, payment).await.unwrap().state(), PaymentState::Paid);
    assert_eq!(till.check(&buyer, payment).await.unwrap().state(), PaymentState::Paid);
    assert_eq!(till.sim.count(Endpoint::Detail, &payment.reference), 2, "what is paid is not asked about");
    let other = till.user(OTHER).await;
    assert_refused(till.check(&other, payment).await, Code::NotFound, ErrorReason::NotFound);
}

async fn the_core_finds_a_payment_whose_webhook_never_came(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.sim.pay(&order.payments[0].reference).unwrap();
    till.clock.advance_seconds(21);
    till.until_state(&buyer, &order, OrderState::Paid).await;
    assert_eq!(till.sim.count(Endpoint::Detail, &order.payments[0].reference), 1);
}

async fn who_follows_an_order_is_told_of_its_settlement(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    let follow = till.follow(&buyer, &order);
    let pay = async {
        tokio::task::yield_now().await;
        till.pay(&order.payments[0]).await;
    };
    let (followed, ()) = Box::pin(soon(async { tokio::join!(follow, pay) })).await;
    assert_eq!(followed.state(), OrderState::Paid);
    assert!(followed.version > order.version);
}

async fn a_top_up_credits_its_amount_and_pays_for_goods(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    till.fill(&buyer, 40_000).await;
    assert_eq!(till.balance(&buyer).await, 40_000, "the fee is not credited");
    let basket = PlaceOrderRequest { payment_method: PaymentMethod::Balance.into(), ..till.basket(1) };
    let order = till.place(&buyer, basket).await.unwrap();
    assert_eq!((order.state(), till.balance(&buyer).await), (OrderState::Paid, 15_000));
    let basket = PlaceOrderRequest { payment_method: PaymentMethod::Balance.into(), ..till.basket(1) };
    assert_refused(till.place(&buyer, basket).await, Code::FailedPrecondition, ErrorReason::BalanceTooLow);
    // What the balance holds, and the rest by QRIS.
    let basket = PlaceOrderRequest { use_balance: true, ..till.basket(1) };
    let order = till.place(&buyer, basket).await.unwrap();
    assert_eq!(till.balance(&buyer).await, 0);
    let open = order.payments.iter().find(|payment| payment.state() == PaymentState::Open).unwrap();
    assert_eq!(open.amount, Some(rupiah(10_000)));
    till.pay(open).await;
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid);
    // Who can't pay it from the balance keeps the invoice that they have.
    let order = till.buy(&buyer).await;
    let answer = till.start(&buyer, &order, PaymentMethod::Balance).await;
    assert_refused(answer, Code::FailedPrecondition, ErrorReason::BalanceTooLow);
    assert_eq!(till.sim.status(&order.payments[0].reference), Some(GatewayStatus::Pending));
}

async fn the_way_to_pay_a_top_up_may_be_chosen_after_it(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let request_id = till.request_id();
    let message = |method: PaymentMethod| TopUpRequest {
        request_id: request_id.clone(),
        amount: Some(rupiah(10_000)),
        payment_method: method.into(),
    };
    let top_up = async |method| till.shop.wallet().top_up(buyer.says(message(method))).await;
    let order = top_up(PaymentMethod::Unspecified).await.unwrap().into_inner().order.unwrap();
    assert_eq!((order.state(), order.payments.len()), (OrderState::Pending, 0));
    let again = top_up(PaymentMethod::Unspecified).await.unwrap().into_inner().order.unwrap();
    assert_eq!(again.order_id, order.order_id);
    let refused = till.start(&buyer, &order, PaymentMethod::Balance).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::PaymentMethodUnavailable);
    till.start(&buyer, &order, PaymentMethod::Qris).await.unwrap();
    let payment = till.start(&buyer, &order, PaymentMethod::BniVa).await.unwrap();
    till.pay(&payment).await;
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Completed);
}

async fn an_order_that_costs_nothing_needs_no_gateway(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let mut gift = product("hadiah", ProductKind::Shared);
    gift.price = Some(rupiah(0));
    till.put_product(gift).await;
    let mut basket = till.basket(1);
    basket.items[0].product_id = "hadiah".into();
    let order = till.place(&buyer, basket).await.unwrap();
    assert_eq!((order.state(), order.payments.len()), (OrderState::Paid, 0));
    assert!(till.sim.calls().is_empty());
}

async fn the_price_or_the_product_may_change_in_the_middle_of_a_checkout(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    let mut changed = product("pulsa", ProductKind::Stock);
    (changed.price, changed.archived) = (Some(rupiah(30_000)), true);
    till.put_product(changed.clone()).await;
    till.pay(&order.payments[0]).await;
    assert_eq!(till.order(&buyer, &order).await.paid, Some(rupiah(25_000)), "the price was frozen");
    changed.archived = false;
    till.put_product(changed).await;
    let basket = PlaceOrderRequest { expected_subtotal: Some(rupiah(25_000)), ..till.basket(1) };
    assert_refused(till.place(&buyer, basket).await, Code::FailedPrecondition, ErrorReason::PriceChanged);
    assert_eq!(till.stock().await, (9, 0, 1));
}

async fn another_buyers_order_is_not_found(database: TestDatabase) {
    let till = Till::open(database).await;
    let (buyer, other) = (till.user(BUYER).await, till.user(OTHER).await);
    let order = till.buy(&buyer).await;
    for answer in
        [till.cancel(&other, &order).await.map(drop), till.start(&other, &order, PaymentMethod::BniVa).await.map(drop)]
    {
        assert_refused(answer, Code::NotFound, ErrorReason::NotFound);
    }
    assert_eq!(till.order(&buyer, &order).await, order);
    assert_eq!(till.sim.calls().len(), 1, "nobody was asked for a stranger");
}

async fn what_the_store_does_not_offer_is_refused(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let message = ListPaymentMethodsRequest { amount: 99_000, ..Default::default() };
    let offers = till.payments().list_payment_methods(buyer.says(message)).await.unwrap().into_inner().offers;
    assert_eq!((offers[0].method(), offers[0].estimated_fee.clone()), (PaymentMethod::Qris, Some(rupiah(1_003))));
    assert_eq!(offers.len(), 11);
    for method in [12, -1, 99] {
        let basket = PlaceOrderRequest { payment_method: method, ..till.basket(1) };
        assert_refused(till.place(&buyer, basket).await, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
    assert_eq!(till.stock().await, (10, 0, 0));
}

async fn who_follows_an_order_is_told_when_its_goods_arrive(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    till.pay(&order.payments[0]).await;
    let order = till.order(&buyer, &order).await;
    let follow = till.follow(&buyer, &order);
    let deliver = async {
        tokio::task::yield_now().await;
        let worker = till.worker("w");
        for delivery in worker.claim().await {
            worker.report(&delivery, sent(7)).await;
        }
    };
    let (followed, ()) = soon(async { tokio::join!(Box::pin(follow), Box::pin(deliver)) }).await;
    assert_eq!(followed.state(), OrderState::Completed);
}

async fn a_seller_sees_every_order_and_gives_money_back(database: TestDatabase) {
    let till = Till::open(database).await;
    let (buyer, admin) = (till.user(BUYER).await, till.user(ADMIN_ID).await);
    let (paid, unpaid) = (till.buy(&buyer).await, till.buy(&buyer).await);
    till.pay(&paid.payments[0]).await;
    let list = |state: OrderState| ListStoreOrdersRequest { state: state.into(), ..Default::default() };
    for (state, expected) in [(OrderState::Paid, vec![&paid]), (OrderState::Unspecified, vec![&unpaid, &paid])] {
        let found = till.orders_of_all().list_store_orders(admin.says(list(state))).await.unwrap().into_inner().orders;
        let ids = |orders: &[&str]| orders.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let found: Vec<_> = found.iter().map(|order| &*order.order_id).collect();
        assert_eq!(ids(&found), expected.iter().map(|order| order.order_id.clone()).collect::<Vec<_>>());
    }
    let refund = |destination: RefundDestination| RefundOrderRequest {
        lines: Vec::new(),
        request_id: till.request_id(),
        order_id: paid.code.clone(),
        amount: Some(rupiah(10_000)),
        destination: destination.into(),
        reason: "barang rusak".into(),
    };
    let through = till.orders_of_all().refund_order(admin.says(refund(RefundDestination::Gateway))).await;
    assert_refused(through, Code::FailedPrecondition, ErrorReason::RefundUnsupported);
    let message = refund(RefundDestination::Balance);
    for _ in 0..2 {
        let answer = till.orders_of_all().refund_order(admin.says(message.clone())).await.unwrap().into_inner();
        assert_eq!(answer.order.unwrap().refunded, Some(rupiah(10_000)));
    }
    assert_eq!(till.balance(&buyer).await, 10_000, "the same request gives it once");
}

async fn a_seller_closes_a_refund_whose_outcome_nobody_knows(database: TestDatabase) {
    let till = Till::open(database).await;
    let (buyer, admin) = (till.user(BUYER).await, till.user(ADMIN_ID).await);
    let order = till.buy(&buyer).await;
    till.pay(&order.payments[0]).await;
    // Pakasir gives nothing back: it was begun where a gateway can, and whoever asked there did not live to write it down.
    let begin = BeginRefund {
        order: order.code.clone(),
        amount: None,
        lines: Vec::new(),
        destination: Destination::Gateway,
        reason: "barang rusak".into(),
        gateway_can_refund: true,
    };
    let ctx = till.core.engine().context(Principal::CORE, "test").with_request_id(till.request_id().parse().unwrap());
    let refund_id = till.core.engine().run(&ctx, begin).await.unwrap().refund_id.to_string();
    let list = async || {
        let list = admin.says(ListPaymentsToReviewRequest::default());
        till.payments_of_all().list_payments_to_review(list).await.unwrap().into_inner().payments
    };
    let close = |refund_id: &str, outcome: RefundState| CloseRefundRequest {
        request_id: till.request_id(),
        refund_id: refund_id.to_owned(),
        outcome: outcome.into(),
        note: "terlihat di dasbor".into(),
    };
    let closed = async |message: CloseRefundRequest| till.payments_of_all().close_refund(admin.says(message)).await;
    let early = closed(close(&refund_id, RefundState::Done)).await;
    assert_refused(early, Code::FailedPrecondition, ErrorReason::RefundNotClosable);
    till.clock.advance(TimeDelta::minutes(6));
    let checkout = Checkout::new(till.core.engine().clone(), std::iter::once(till.gateway()).collect());
    checkout.review_stuck_refunds(&till.core.engine().context(Principal::CORE, "test")).await.unwrap();
    let found = list().await.remove(0);
    assert_eq!(found.payment.unwrap().payment_id, order.payments[0].payment_id);
    assert_eq!((found.refunds.len(), &*found.refunds[0].refund_id), (1, &*refund_id));
    assert_eq!(
        (found.refunds[0].state(), found.refunds[0].amount.clone()),
        (RefundState::Pending, Some(rupiah(25_000)))
    );

    for outcome in [RefundState::Unspecified, RefundState::Pending] {
        let refused = closed(close(&refund_id, outcome)).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
    for unknown in ["", "rfd_", &order.order_id] {
        assert_refused(closed(close(unknown, RefundState::Done)).await, Code::NotFound, ErrorReason::NotFound);
    }
    let message = close(&refund_id, RefundState::Done);
    for _ in 0..2 {
        let refund = closed(message.clone()).await.unwrap().into_inner().refund.unwrap();
        assert_eq!(
            (&*refund.refund_id, refund.state(), &*refund.reason),
            (&*refund_id, RefundState::Done, "barang rusak")
        );
    }
    assert_eq!(list().await, []);
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Refunded);
    let again = closed(close(&refund_id, RefundState::Failed)).await;
    assert_refused(again, Code::FailedPrecondition, ErrorReason::RefundNotClosable);
}

async fn a_page_that_follows_a_paid_order_sees_its_refunds(database: TestDatabase) {
    let till = Till::open(database).await;
    let (buyer, admin) = (till.user(BUYER).await, till.user(ADMIN_ID).await);
    let order = till.buy(&buyer).await;
    till.pay(&order.payments[0]).await;
    let mut seen = till.order(&buyer, &order).await;
    for (amount, state) in [(10_000, OrderState::Paid), (15_000, OrderState::Refunded)] {
        let refund = RefundOrderRequest {
            lines: Vec::new(),
            request_id: till.request_id(),
            order_id: order.order_id.clone(),
            amount: Some(rupiah(amount)),
            destination: RefundDestination::Balance.into(),
            reason: "barang rusak".into(),
        };
        let mut orders = till.orders_of_all();
        let (followed, refunded) = tokio::join!(till.follow(&buyer, &seen), orders.refund_order(admin.says(refund)));
        refunded.unwrap();
        seen = followed;
        assert_eq!(seen.state(), state, "{amount}");
        assert!(seen.refunded.as_ref().unwrap().minor_units >= amount);
    }
}
