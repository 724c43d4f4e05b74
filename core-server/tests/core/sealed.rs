//! Goods that do not open: the buyer reads that the money is safe, in the chat and by the API.

use warung_app::{Command, Context, Result};
use warung_domain::ids::OrderId;
use warung_proto::order::{HoldReason, OrderState, PlaceOrderRequest};
use warung_store::{Tx, on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, SCOPES, Says as _, Till, sent};

on_both_databases! {
    a_buyer_whose_goods_do_not_open_reads_that_the_payment_is_safe;
}

/// Makes the sealed lines of an order another key's: one byte of the key's id is another.
struct ToAnotherKey(OrderId);

impl Command for ToAnotherKey {
    type Output = ();
    const NAME: &'static str = "test.to_another_key";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        let lines = tx.lines_of_order(self.0.0).await?;
        for mut row in tx.sold_stock_lines(lines.iter().map(|line| line.id).collect()).await? {
            row.cipher[1] ^= 1;
            tx.update(row).await?;
        }
        Ok(())
    }
}

async fn a_buyer_whose_goods_do_not_open_reads_that_the_payment_is_safe(database: TestDatabase) {
    let till = Till::open(database).await;
    let key = till.key("a web shop", &SCOPES).await.caller();
    let message = PlaceOrderRequest { buyer_telegram_id: BUYER, ..till.basket(1) };
    let order = till.place(&key, message).await.unwrap();
    till.pay(&order.payments[0]).await;
    let id: OrderId = order.order_id.parse().unwrap();
    till.core.engine().run(&till.context(), ToAnotherKey(id)).await.unwrap();

    let worker = till.worker("w1");
    let mut told = Vec::new();
    loop {
        let claimed = worker.claim().await;
        if claimed.is_empty() {
            break;
        }
        for delivery in claimed {
            assert!(!delivery.content().text_html.contains("kode-rahasia"), "{delivery:?}");
            if delivery.chat_id == BUYER {
                told.push(delivery.content().text_html.clone());
            }
            worker.report(&delivery, sent(1)).await;
        }
        till.clock.advance_seconds(2);
    }
    let safe = format!("Pesanan {} sudah lunas dan pembayaranmu aman", order.code);
    assert_eq!(told.iter().filter(|text| text.contains(&safe)).count(), 1, "{told:?}");
    let seen = till.order(&key, &order).await;
    assert_eq!((seen.state(), seen.hold_reason()), (OrderState::Paid, HoldReason::Undeliverable));
    let alert = worker.of_owner().claim_one().await;
    let text = &alert.content().text_html;
    let id = till.context().environment.secret.id().to_string();
    assert!(text.contains("WARUNG_SECRET_KEY") && text.contains(&id), "which key is wanted is told: {text}");
}
