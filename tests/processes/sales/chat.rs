//! What is bought in the chat, from the deep link to the goods.

use std::time::Duration;

use warung_emulators::{
    pakasir::{ApiCall, ApiFault, Endpoint, Fault, HookFault, Status, WebhookFault},
    telegram::{MediaKind, Message},
};

use super::{
    secrets::LINES,
    till::{BOOK, BOOK_LINES, POLLED, STOCK, on_both},
};
use crate::{
    shop::BOT,
    time::{DEADLINE, LEASE_DEADLINE},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_product_that_is_bought_in_the_chat_and_paid_on_the_page_arrives_in_the_chat() {
    on_both(async |till| {
        let buyer = till.buyer(0);
        let invoice = buyer.orders().await;
        assert_eq!(till.stock().await, STOCK - 1, "it is kept for the buyer");
        invoice.is_paid_on_its_page().await;
        buyer.gets_a_line(DEADLINE).await;
        buyer.invoice_says(&invoice, "lunas", DEADLINE).await;
        assert_eq!(buyer.lines().len(), 1);
        let told = till.pakasir.webhooks();
        assert_eq!(told.iter().map(|posted| posted.status).collect::<Vec<_>>(), [200], "{told:?}");
        // Another one after it gets another line.
        let other = till.buyer(1);
        other.orders().await.is_paid_on_its_page().await;
        other.gets_a_line(DEADLINE).await;
        assert_ne!(buyer.lines(), other.lines());
        assert_eq!(till.stock().await, STOCK - 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_that_do_not_fit_into_a_message_arrive_as_a_file() {
    on_both(async |till| {
        let buyer = till.buyer(0);
        buyer.orders_one(BOOK).await.is_paid_on_its_page().await;
        let has_file = |message: &Message| message.has(MediaKind::Document);
        let message = buyer.user.wait_for_message(BOT, has_file, DEADLINE).await.unwrap();
        let file = &message.content.media.as_ref().unwrap().file_unique_id;
        let text = String::from_utf8(till.shop.sim().file_bytes(file).unwrap().to_vec()).unwrap();
        assert_eq!(text.matches(LINES).count(), BOOK_LINES, "{text}");
        assert!(buyer.lines().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_whose_webhook_is_lost_is_found_by_asking() {
    on_both(async |till| {
        let buyer = till.buyer(0);
        let invoice = buyer.orders().await;
        till.pakasir.webhook_fault(WebhookFault::next(HookFault::Drop));
        invoice.is_paid_on_its_page().await;
        buyer.gets_a_line(POLLED).await;
        buyer.invoice_says(&invoice, "lunas", DEADLINE).await;
        assert!(till.pakasir.webhooks().is_empty());
        assert_eq!(buyer.lines().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_webhooks_at_once_and_a_late_failure_deliver_once() {
    on_both(async |till| {
        let buyer = till.buyer(0);
        let invoice = buyer.orders().await;
        till.pakasir.webhook_fault(WebhookFault::next(HookFault::Duplicate { copies: 20 }));
        till.pakasir.webhook_fault(WebhookFault::next(HookFault::Followed { status: "failed".into() }));
        invoice.is_paid_on_its_page().await;
        till.pakasir.wait_until_idle(DEADLINE).await.unwrap();
        buyer.gets_a_line(DEADLINE).await;
        buyer.invoice_says(&invoice, "lunas", DEADLINE).await;
        let answers: Vec<u16> = till.pakasir.webhooks().iter().map(|posted| posted.status).collect();
        assert_eq!(answers, [200; 21]);
        assert_eq!(buyer.lines().len(), 1);
        assert_eq!(till.stock().await, STOCK - 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_webhook_settles_nothing() {
    on_both(async |till| {
        let buyer = till.buyer(0);
        let invoice = buyer.orders().await;
        let forged = till.pakasir.forge(&invoice.reference).await.unwrap();
        assert_eq!(forged.status, 200, "{forged:?}");
        let asked = |call: &ApiCall| call.endpoint == Endpoint::Detail;
        till.pakasir.wait_for_call(asked, DEADLINE).await.unwrap();
        assert_eq!(till.pakasir.status(&invoice.reference), Some(Status::Pending));
        assert_eq!((buyer.lines().len(), till.stock().await), (0, STOCK - 1));
        assert_eq!(buyer.now(&invoice.message).edit_date, None, "the invoice is as it was");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_core_that_is_killed_between_the_money_and_its_settlement_delivers_once_when_it_is_back() {
    on_both(async |till| {
        let buyer = till.buyer(0);
        let invoice = buyer.orders().await;
        // The webhook arrives, and the gateway does not answer the question whether it is true.
        till.pakasir.fault(Fault::next(Endpoint::Detail, ApiFault::Timeout).of_order(&invoice.reference));
        invoice.is_paid_on_its_page().await;
        let asked = |call: &ApiCall| call.endpoint == Endpoint::Detail;
        till.pakasir.wait_for_call(asked, DEADLINE).await.unwrap();
        till.kill_core();
        assert_eq!(buyer.lines().len(), 0);
        till.start_core().await;
        buyer.gets_a_line(LEASE_DEADLINE + POLLED).await;
        buyer.invoice_says(&invoice, "lunas", LEASE_DEADLINE).await;
        assert_eq!((buyer.lines().len(), till.stock().await), (1, STOCK - 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_blocked_the_bot_gets_the_goods_at_the_next_start() {
    on_both(async |till| {
        let buyer = till.buyer(0);
        let invoice = buyer.orders().await;
        buyer.user.block(BOT).unwrap();
        invoice.is_paid_on_its_page().await;
        till.pakasir.wait_until_idle(DEADLINE).await.unwrap();
        assert_eq!(till.pakasir.webhooks()[0].status, 200);
        // The money is taken, and another sale goes on meanwhile.
        let other = till.buyer(1);
        other.orders().await.is_paid_on_its_page().await;
        other.gets_a_line(DEADLINE).await;
        assert_eq!(buyer.lines().len(), 0);
        buyer.user.press_start(BOT, None).unwrap();
        buyer.gets_a_line(DEADLINE).await;
        assert_eq!(buyer.lines().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invoice_that_expires_takes_its_code_away_and_sets_the_stock_free() {
    on_both(async |till| {
        till.pakasir.set_rules(|rules| rules.expiry = Duration::from_secs(5));
        let buyer = till.buyer(0);
        let invoice = buyer.orders().await;
        assert_eq!(till.stock().await, STOCK - 1);
        buyer.invoice_says(&invoice, "sudah kedaluwarsa", POLLED).await;
        till.stock_is(STOCK).await;
        assert_eq!((buyer.lines().len(), till.pakasir.status(&invoice.reference)), (0, Some(Status::Expired)));
    })
    .await;
}
