//! Paying: by a gateway, from the balance, by both, and what the gateway's invoice becomes.

use chrono::TimeDelta;
use tokio::task::JoinSet;
use warung_app::{
    Error, Precondition,
    gateway::WebhookClaim,
    identity::UpdateMe,
    membership::SetMembership,
    operations::audit::ListAuditEntries,
    order::Reach,
    payment::{
        Answer, AppliedOutcome, ClaimQuestion, ClosePayment, FailPayment, KeepPosted, Kept, OpenPayment, Posted,
        QuestionClaim, ReviewPayment, SendInvoice, SettlePayment,
    },
    testing::{ADMIN_ID, OWNER_ID},
};
use warung_domain::{
    catalog::ProductKind,
    membership::MAX_REMAINING_DAYS,
    message::{ActionKind, Media, Operation, StatusPicture},
    money::Money,
    order::{HoldReason, OrderState},
    payment::{Closure, Method, PaymentState},
    principal::Principal,
    review::ReviewReason,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::shop::{FindMembership, LEAST, Shop};

on_both_databases! {
    a_payment_settles_its_order_once_however_often_it_is_told;
    each_kind_of_goods_is_settled_its_own_way;
    days_that_were_paid_for_reach_no_further_than_a_membership_may;
    a_balance_spent_from_two_places_at_once_is_spent_once;
    the_balance_pays_a_part_and_comes_back_when_the_order_is_given_up;
    balance_is_not_bought_with_balance;
    an_order_has_one_payment_underway;
    a_failed_or_closed_payment_makes_room_for_another;
    of_all_that_check_at_once_one_asks_the_gateway;
    a_gateway_is_asked_by_the_schedule;
    a_payment_to_review_is_told_once;
    a_review_is_told_in_each_readers_language;
    an_invoice_in_the_chat_never_stays_payable;
    a_seller_settles_a_payment_and_it_is_written_down;
}

async fn a_payment_settles_its_order_once_however_often_it_is_told(database: TestDatabase) {
    let shop = std::sync::Arc::new(Shop::new(database).await);
    let buyer = shop.buyer(7).await;
    let product = shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 2)]).await;
    let payment = shop.invoice(buyer, order).await;
    let open = shop.order(order).await;
    assert_eq!((open.fee, open.total), (Money::idr(400), Money::idr(40_400)), "the gateway's answer is the truth");
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let shop = std::sync::Arc::clone(&shop);
        tasks.spawn(async move { shop.pay(payment, 40_000).await });
    }
    let outcomes = tasks.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == AppliedOutcome::Settled).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == AppliedOutcome::Repeated).count(), 19);
    let seen = shop.order(order).await;
    assert_eq!((seen.state, seen.paid, seen.fee), (OrderState::Paid, Money::idr(40_000), Money::idr(400)));
    assert!(seen.version > open.version);
    assert_eq!((shop.units(product).await, shop.balance(buyer).await), ((3, 0, 2), 0));
    shop.proven().await;
}

async fn each_kind_of_goods_is_settled_its_own_way(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    for (code, kind) in [
        ("panduan", ProductKind::Shared),
        ("tangan", ProductKind::Manual),
        ("vip", ProductKind::Membership),
        ("saldo", ProductKind::TopUp),
    ] {
        shop.product(code, kind, 10_000).await;
    }
    for (code, state, hold) in [
        ("akun", OrderState::Paid, None),
        ("panduan", OrderState::Paid, None),
        ("tangan", OrderState::Paid, Some(HoldReason::Manual)),
        ("vip", OrderState::Completed, None),
        ("saldo", OrderState::Completed, None),
    ] {
        let order = shop.order(shop.bought(buyer, &[(code, 1)]).await).await;
        assert_eq!((order.state, order.hold_reason), (state, hold), "{code}");
        assert_eq!(order.paid_time, Some(shop.test.engine.now()));
    }
    assert_eq!(shop.balance(buyer).await, 10_000, "a top-up is credited without the fee");
    let user_id = buyer.person.unwrap().user_id;
    let month = shop.test.engine.now() + TimeDelta::days(30);
    assert_eq!(shop.ask(buyer, FindMembership(user_id)).await, Some(month));
    shop.bought(buyer, &[("vip", 1)]).await;
    assert_eq!(shop.ask(buyer, FindMembership(user_id)).await, Some(month + TimeDelta::days(30)), "from its end");
    shop.proven().await;
}

async fn days_that_were_paid_for_reach_no_further_than_a_membership_may(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.product("vip", ProductKind::Membership, 10_000).await;
    let furthest = shop.test.engine.now() + TimeDelta::days(MAX_REMAINING_DAYS);
    shop.core(SetMembership { telegram_id: 7, expire_time: furthest - TimeDelta::days(10) }).await;
    // Their 30 days are settled all the same: an order that is paid is never refused.
    for _ in 0..2 {
        let order = shop.order(shop.bought(buyer, &[("vip", 1)]).await).await;
        assert_eq!(order.state, OrderState::Completed);
        assert_eq!(shop.ask(buyer, FindMembership(buyer.person.unwrap().user_id)).await, Some(furthest));
    }
    shop.proven().await;
}

async fn a_balance_spent_from_two_places_at_once_is_spent_once(database: TestDatabase) {
    let shop = std::sync::Arc::new(Shop::new(database).await);
    let buyer = shop.buyer(7).await;
    shop.top_up(buyer, 20_000).await;
    shop.stocked("akun", 20_000, 5).await;
    let mut orders = Vec::new();
    for _ in 0..3 {
        orders.push(shop.place(buyer, &[("akun", 1)]).await);
    }
    let mut tasks = JoinSet::new();
    for order in orders.iter().copied().cycle().take(12) {
        let shop = std::sync::Arc::clone(&shop);
        tasks.spawn(async move { shop.begin(buyer, order, Method::Balance, false).await });
    }
    let mut paid = 0;
    for begun in tasks.join_all().await {
        match begun {
            Ok(begun) => {
                assert_eq!(begun.state, PaymentState::Paid);
                paid += 1;
            }
            Err(Error::Precondition(Precondition::BalanceTooLow | Precondition::OrderNotPayable)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((paid, shop.balance(buyer).await), (1, 0));
    let mut states = Vec::new();
    for order in orders {
        states.push(shop.order(order).await.state);
    }
    assert_eq!(states.iter().filter(|state| **state == OrderState::Paid).count(), 1);
    shop.proven().await;
}

async fn the_balance_pays_a_part_and_comes_back_when_the_order_is_given_up(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.top_up(buyer, 15_000).await;
    shop.stocked("akun", 20_000, 5).await;
    shop.stocked("murah", 15_300, 5).await;
    // A part, and the rest by the gateway.
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let begun = shop.begin(buyer, order, Method::Qris, true).await.unwrap();
    assert_eq!(begun.state, PaymentState::Creating);
    shop.record(begun.payment_id).await;
    let seen = shop.order(order).await;
    assert_eq!((seen.paid, shop.balance(buyer).await), (Money::idr(15_000), 0));
    assert_eq!(seen.payments[0].amount, Money::idr(5_000));
    assert_eq!(seen.payments[0].reference, format!("{}-2", seen.code));
    shop.proven().await;
    shop.run(buyer, warung_app::order::CancelOrder { name: order.to_string() }).await.unwrap();
    assert_eq!(shop.balance(buyer).await, 15_000, "it came back");
    assert_eq!(shop.order(order).await.paid, Money::idr(0));
    shop.proven().await;
    // The balance leaves the gateway its minimum.
    let order = shop.place(buyer, &[("murah", 1)]).await;
    let begun = shop.begin(buyer, order, Method::Qris, true).await.unwrap();
    assert_eq!(shop.payment(begun.payment_id).await.amount, Money::idr(LEAST));
    assert_eq!(shop.balance(buyer).await, 200);
    shop.record(begun.payment_id).await;
    assert_eq!(shop.pay(begun.payment_id, LEAST).await, AppliedOutcome::Settled);
    shop.proven().await;
    // Enough for all of it: no gateway is asked, and the invoice that was open is closed.
    shop.top_up(buyer, 20_000).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let open = shop.invoice(buyer, order).await;
    let begun = shop.begin(buyer, order, Method::Balance, false).await.unwrap();
    assert_eq!((begun.state, shop.balance(buyer).await), (PaymentState::Paid, 200));
    assert_eq!(shop.payment(open).await.state, PaymentState::Cancelled);
    assert_eq!(shop.order(order).await.state, OrderState::Paid);
    // Expiry gives back, too.
    let order = shop.place(buyer, &[("akun", 1)]).await;
    shop.begin(buyer, order, Method::Qris, true).await.unwrap();
    assert_eq!(shop.balance(buyer).await, 0);
    shop.test.clock.advance_seconds(900);
    assert!(shop.core(warung_app::order::ExpireOrder { order_id: order }).await);
    assert_eq!(shop.balance(buyer).await, 200);
    shop.proven().await;
}

async fn balance_is_not_bought_with_balance(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.top_up(buyer, 15_000).await;
    shop.product("saldo", ProductKind::TopUp, 10_000).await;
    let order = shop.place(buyer, &[("saldo", 1)]).await;
    let refused = shop.begin(buyer, order, Method::Balance, false).await;
    assert!(matches!(refused, Err(Error::Precondition(Precondition::PaymentMethodUnavailable))), "{refused:?}");
    let begun = shop.begin(buyer, order, Method::Qris, true).await.unwrap();
    assert_eq!(shop.payment(begun.payment_id).await.amount, Money::idr(10_000), "nothing of it is taken");
    shop.proven().await;
}

async fn an_order_has_one_payment_underway(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let (buyer, other) = (shop.buyer(7).await, shop.buyer(8).await);
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let open = OpenPayment { order: order.to_string(), reach: Reach::Own };
    assert_eq!(shop.ask(buyer, open.clone()).await, None);
    let payment = shop.invoice(buyer, order).await;
    let found = shop.ask(buyer, open.clone()).await.unwrap();
    assert_eq!((found.payment_id, found.charge.amount, found.state), (payment, Money::idr(20_000), PaymentState::Open));
    assert!(shop.test.engine.ask(&shop.call(other), open).await.is_err());
    let again = shop.begin(buyer, order, Method::Qris, true).await.unwrap();
    assert_eq!((again.payment_id, again.state), (payment, PaymentState::Open), "the same again");
    let another = shop.begin(buyer, order, Method::BriVa, false).await;
    assert!(matches!(another, Err(Error::Store(warung_store::Error::Conflict(_)))), "{another:?}");
    let foreign = shop.begin(other, order, Method::Qris, false).await;
    assert!(matches!(foreign, Err(Error::NotFound { .. })), "{foreign:?}");
}

async fn a_failed_or_closed_payment_makes_room_for_another(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let first = shop.begin(buyer, order, Method::Qris, false).await.unwrap().payment_id;
    assert_eq!(shop.core(FailPayment { payment_id: first, check_again: true }).await, PaymentState::Failed);
    let second = shop.invoice(buyer, order).await;
    assert_eq!(shop.payment(second).await.reference, format!("{}-2", shop.order(order).await.code));
    let close = ClosePayment { payment_id: second, how: Closure::Cancelled };
    assert_eq!(shop.core(close).await, PaymentState::Cancelled);
    assert_eq!(shop.core(close).await, PaymentState::Cancelled, "once more changes nothing");
    let third = shop.invoice(buyer, order).await;
    // The invoice of an attempt that was given up is paid all the same: it settles, and the open one is closed.
    assert_eq!(shop.pay(first, 20_000).await, AppliedOutcome::Settled);
    assert_eq!(shop.payment(third).await.state, PaymentState::Cancelled);
    // An answer that comes after its order was given up opens nothing.
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let late = shop.begin(buyer, order, Method::Qris, false).await.unwrap().payment_id;
    shop.run(buyer, warung_app::order::CancelOrder { name: order.to_string() }).await.unwrap();
    shop.record(late).await;
    assert_eq!(shop.payment(late).await.state, PaymentState::Cancelled);
    shop.proven().await;
}

/// A webhook of a payment of Rp20.000, which its receiver can ask about at once.
fn told(reference: &str) -> KeepPosted {
    let claim = WebhookClaim { reference: reference.to_owned(), amount: Money::idr(20_000), is_reversal: false };
    KeepPosted { posted: vec![Posted { gateway: "PAKASIR".to_owned(), claim }], places: 1 }
}

async fn of_all_that_check_at_once_one_asks_the_gateway(database: TestDatabase) {
    let shop = std::sync::Arc::new(Shop::new(database).await);
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    let reference = shop.payment(payment).await.reference;
    let claim = ClaimQuestion { payment_id: payment };
    let mut tasks = JoinSet::new();
    for index in 0..100 {
        let (shop, reference) = (std::sync::Arc::clone(&shop), reference.clone());
        tasks.spawn(async move {
            match index % 3 {
                0 => match shop.core(told(&reference)).await[..] {
                    [Kept::Claimed(_)] => Some(1),
                    [Kept::Asking { .. }] => Some(0),
                    _ => None,
                },
                1 => Some(shop.due().await),
                _ => match shop.core(claim).await {
                    QuestionClaim::Claimed(_) => Some(1),
                    QuestionClaim::BeingAsked => Some(0),
                    QuestionClaim::Paid | QuestionClaim::Unknown => None,
                },
            }
        });
    }
    let claimed: Vec<_> = tasks.join_all().await.into_iter().map(Option::unwrap).collect();
    assert_eq!(claimed.iter().sum::<usize>(), 1, "{claimed:?}");
    shop.answered(payment, Answer::NotPaid).await;
    let claimed = shop.core(claim).await;
    assert!(matches!(claimed, QuestionClaim::Claimed(question) if question.lookup.charge.reference == reference));
    shop.test.clock.advance_seconds(31);
    let kept = shop.core(told(&reference)).await;
    assert!(
        matches!(&kept[..], [Kept::Claimed(question)] if question.lookup.charge.reference == reference),
        "{kept:?}"
    );
    assert_eq!(shop.core(claim).await, QuestionClaim::BeingAsked, "the webhook's receiver asks");
    shop.test.clock.advance_seconds(31);
    assert!(matches!(shop.core(claim).await, QuestionClaim::Claimed(_)), "whoever asked has died");
    shop.pay(payment, 20_000).await;
    assert_eq!(shop.core(claim).await, QuestionClaim::Paid);
    assert_eq!(shop.core(told(&reference)).await, [Kept::Known]);
    for unknown in ["tg7-00000000-1", "", "a\u{0}b", &"x".repeat(65)] {
        assert_eq!(shop.core(told(unknown)).await, [Kept::Unknown]);
    }
}

async fn a_gateway_is_asked_by_the_schedule(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    let due = async || shop.due().await;
    for (wait, found) in [(19, 0), (1, 1), (0, 0)] {
        shop.test.clock.advance_seconds(wait);
        assert_eq!(due().await, found, "after {wait} s more");
    }
    shop.answered(payment, Answer::NotPaid).await;
    shop.test.clock.advance_seconds(29);
    assert_eq!(due().await, 0);
    shop.test.clock.advance_seconds(1);
    assert_eq!(due().await, 1);
    shop.answered(payment, Answer::NotPaid).await;
    shop.test.clock.advance_seconds(850);
    shop.core(warung_app::order::ExpireOrder { order_id: order }).await;
    shop.answered(payment, Answer::NotPaid).await;
    for wait in [60, 540, 3_000, 82_800] {
        shop.test.clock.advance_seconds(wait - 1);
        assert_eq!(due().await, 0, "{wait}");
        shop.test.clock.advance_seconds(1);
        assert_eq!(due().await, 1, "{wait}");
        shop.answered(payment, Answer::NotPaid).await;
    }
    shop.test.clock.advance(TimeDelta::days(30));
    assert_eq!(due().await, 0, "at last it is left alone");
}

async fn a_payment_to_review_is_told_once(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    let review =
        ReviewPayment { payment_id: payment, reason: ReviewReason::OtherAmount { received: Money::idr(7_000) } };
    assert!(shop.core(review).await);
    assert!(!shop.core(review).await);
    let found = shop.payments_to_review().await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].payment.id, &*found[0].reasons), (payment, &[review.reason][..]));
    assert_eq!(shop.sent().await.len(), 1, "one seller, told once");
    shop.pay(payment, 20_000).await;
    assert_eq!(shop.to_review().await, [""; 0], "what is paid needs no look");
}

async fn a_review_is_told_in_each_readers_language(database: TestDatabase) {
    for (language, seller, owner, button) in [
        (
            "id",
            "PAKASIR menerima Rp7.000, padahal tagihannya Rp20.000",
            "perlu diperiksa",
            "✅ Uang sudah masuk: Rp7.000",
        ),
        ("en", "PAKASIR has received Rp7.000", "needs a look", "✅ The money has arrived: Rp7.000"),
    ] {
        let database = TestDatabase::new(database.kind()).await;
        let shop = Shop::new(database).await;
        let buyer = shop.buyer(7).await;
        for reader in [ADMIN_ID, OWNER_ID] {
            let reader = shop.buyer(reader).await;
            shop.run(reader, UpdateMe { language_code: language.into() }).await.unwrap();
        }
        shop.stocked("akun", 20_000, 5).await;
        let order = shop.place(buyer, &[("akun", 1)]).await;
        let payment = shop.invoice(buyer, order).await;
        let reason = ReviewReason::OtherAmount { received: Money::idr(7_000) };
        shop.core(ReviewPayment { payment_id: payment, reason }).await;
        let sent = shop.sent().await.into_iter().filter(|sent| sent.chat_id == ADMIN_ID);
        let told: Vec<_> = sent
            .filter_map(|sent| match sent.operation {
                Operation::Send(content) => Some(content),
                _ => None,
            })
            .collect();
        let [told] = &told[..] else { panic!("{told:?}") };
        assert!(told.text_html.contains(seller), "{}", told.text_html);
        let buttons: Vec<_> = told.rows.iter().flatten().map(|action| (&*action.label, &action.kind)).collect();
        assert_eq!(buttons[0], (button, &ActionKind::Callback(format!("v1:rs:{payment}:7000"))));
        assert_eq!(buttons[1].1, &ActionKind::Callback(format!("v1:rs:{payment}:20000")), "it may have come as well");
        assert_eq!(buttons[2].1, &ActionKind::Callback(format!("v1:rd:{payment}")));
        let alerts = shop.owner_is_told().await;
        assert!(alerts.iter().any(|text| text.contains(owner) && text.contains(seller)), "{alerts:?}");
    }
}

async fn an_invoice_in_the_chat_never_stays_payable(database: TestDatabase) {
    use StatusPicture::{Cancelled, Credited, Expired, Paid};
    let shop = Shop::new(database).await;
    let (buyer, other) = (shop.buyer(7).await, shop.buyer(8).await);
    shop.stocked("akun", 20_000, 50).await;
    for picture in [Paid, Expired, Cancelled, Credited] {
        let order = shop.place(buyer, &[("akun", 2)]).await;
        let payment = shop.invoice(buyer, order).await;
        let command = SendInvoice { payment_id: payment };
        assert!(matches!(shop.run(other, command).await, Err(Error::NotFound { .. })));
        let delivery = shop.run(buyer, command).await.unwrap();
        let sent = shop.sent().await;
        let invoice = sent.iter().find(|sent| sent.id == delivery).unwrap();
        let Operation::Send(content) = &invoice.operation else { panic!("{invoice:?}") };
        assert_eq!(content.media, Some(Media::QrCode { payload: "00020101021226QRIS".into() }));
        for words in ["2 × Produk akun — Rp40.000", "Rp400", "Rp40.400", "Nov 2026", "WIB"] {
            assert!(content.text_html.contains(words), "{words}: {}", content.text_html);
        }
        assert_eq!(content.rows.len(), 3);
        match picture {
            Paid => drop(shop.pay(payment, 40_000).await),
            Credited => assert_eq!(shop.pay(payment, 39_999).await, AppliedOutcome::Short),
            Expired => {
                shop.test.clock.advance_seconds(900);
                shop.core(warung_app::order::ExpireOrder { order_id: order }).await;
            }
            Cancelled => {
                shop.run(buyer, warung_app::order::CancelOrder { name: order.to_string() }).await.unwrap();
            }
        }
        let refused = shop.run(buyer, command).await;
        assert!(matches!(refused, Err(Error::Precondition(Precondition::PaymentNotOpen))), "{refused:?}");
        let edits = shop.sent().await;
        let edit = edits.iter().find_map(|sent| match &sent.operation {
            Operation::Edit { message_id, content } => Some((*message_id, content.clone())),
            _ => None,
        });
        let (message_id, content) = edit.unwrap();
        assert_eq!(content.media, Some(Media::Status(picture)));
        assert_eq!(content.text_html.contains("lunas"), picture == Paid, "{}", content.text_html);
        assert_eq!(message_id, i64::try_from(delivery.0.as_u128() & 0xffff).unwrap(), "the very message");
    }
    // An invoice that never arrived is replaced by the news.
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment = shop.invoice(buyer, order).await;
    shop.run(buyer, SendInvoice { payment_id: payment }).await.unwrap();
    let failed = |_: &_| warung_app::messaging::Outcome::Failed("Bad Request".into());
    shop.deliver(failed).await;
    shop.pay(payment, 20_000).await;
    let sent = shop.sent().await;
    let news = sent.iter().filter_map(|sent| match &sent.operation {
        Operation::Send(content) => content.media.clone(),
        _ => None,
    });
    assert!(news.into_iter().any(|media| media == Media::Status(StatusPicture::Paid)));
}

async fn a_seller_settles_a_payment_and_it_is_written_down(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.place(buyer, &[("akun", 1)]).await;
    let payment_id = shop.invoice(buyer, order).await;
    let settle = |received, note: &str| SettlePayment { payment_id, received: Money::idr(received), note: note.into() };
    for refused in [settle(0, "terlihat"), settle(-1, "terlihat"), settle(20_000, ""), settle(20_000, &"x".repeat(201))]
    {
        assert!(matches!(shop.run(Principal::CORE, refused).await, Err(Error::Invalid(_))));
    }
    let applied = shop.run(Principal::CORE, settle(20_000, "terlihat di dasbor")).await.unwrap();
    assert_eq!((applied.order_id, applied.outcome), (order, AppliedOutcome::Settled));
    let (entries, _) = shop.ask(Principal::CORE, ListAuditEntries::default()).await;
    assert!(entries[0].command == "payment.settle" && entries[0].after_json.contains("terlihat di dasbor"));
    let again = shop.run(Principal::CORE, settle(20_000, "terlihat di dasbor")).await.unwrap();
    assert_eq!(again.outcome, AppliedOutcome::Repeated);
    shop.proven().await;
}
