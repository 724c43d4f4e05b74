//! Goods that do not open, that were overtaken by newer ones, and that meet a Start.

use warung_app::{
    Context, Result,
    identity::{Contact, ContactState, GetUser, Profile, RecordContact},
    messaging::{ClaimedDelivery, Outcome},
    order::{FulfilOrder, SendGoods},
    payment::SendInvoice,
    testing::ADMIN_ID,
};
use warung_domain::{
    catalog::ProductKind,
    goods::Goods,
    ids::OrderId,
    message::Bot,
    order::{HoldReason, OrderState},
    principal::Principal,
};
use warung_store::{Tx, on_both_databases, testing::TestDatabase};

use crate::{
    goods::{Shown, to},
    shop::{Plant, Planting, Shop, arrived},
};

on_both_databases! {
    goods_that_do_not_open_are_told_and_hold_nothing_up;
    goods_that_no_longer_open_once_their_answer_was_lost_are_told;
    each_order_that_can_not_be_delivered_is_told_to_the_owner;
    an_invoice_or_news_that_do_not_arrive_name_their_order;
    a_message_from_before_the_seller_was_done_decides_nothing;
    a_refusal_from_before_the_start_counts_for_nothing;
    a_refusal_from_after_the_start_counts;
    however_a_start_and_a_refusal_meet_the_goods_arrive;
}

/// Turns the sealed goods of an order round: they do not open until it is done again.
pub(crate) struct Turn(pub(crate) OrderId);

impl Planting for Turn {
    async fn plant(&self, tx: &mut Tx, _ctx: &Context) -> Result<()> {
        let lines = tx.lines_of_order(self.0.0).await?;
        for mut row in tx.sold_stock_lines(lines.iter().map(|line| line.id).collect()).await? {
            row.cipher.reverse();
            tx.update(row).await?;
        }
        Ok(())
    }
}

async fn stands(shop: &Shop, order: OrderId) -> (OrderState, Option<HoldReason>) {
    let order = shop.order(order).await;
    (order.state, order.hold_reason)
}

async fn goods_that_do_not_open_are_told_and_hold_nothing_up(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    shop.product("vip", ProductKind::Membership, 5_000).await;
    let order = shop.bought(buyer, &[("akun", 1)]).await;
    shop.core(Plant(Turn(order))).await;
    let vip = shop.order(shop.bought(buyer, &[("vip", 1)]).await).await;
    let sent = shop.sent().await;
    assert_eq!(stands(&shop, order).await, (OrderState::Paid, Some(HoldReason::Undeliverable)));
    assert!(to(&sent, ADMIN_ID).contains("tidak bisa dikirim"));
    assert!(to(&sent, 7).contains(&vip.code), "what comes after it in the chat is sent");
    let held = shop.order(order).await;
    let told = to(&sent, 7);
    assert!(told.contains(&format!("Pesanan {} sudah lunas dan pembayaranmu aman", held.code)), "{told}");
    let told = shop.owner_is_told().await.concat();
    assert!(told.contains(&order.to_string()) && told.contains("WARUNG_SECRET_KEY"), "{told}");
    assert_eq!(shop.ask(buyer, Shown(order)).await, 0, "nobody has seen them");
    shop.core(Plant(Turn(order))).await;
    shop.run(buyer, SendGoods { name: order.to_string() }).await.unwrap();
    assert!(to(&shop.sent().await, 7).contains("rahasia-akun-0"));
    assert_eq!(stands(&shop, order).await, (OrderState::Completed, None));
    shop.proven().await;
}

async fn goods_that_no_longer_open_once_their_answer_was_lost_are_told(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.bought(buyer, &[("akun", 1)]).await;
    let lost = shop.claim(Bot::Main).await;
    assert!(to(&lost, 7).contains("rahasia-akun-0"));
    shop.core(Plant(Turn(order))).await;
    let again = shop.claim(Bot::Main).await;
    assert_eq!((to(&again, 7), again.len()), (String::new(), lost.len() - 1), "the others come again");
    assert_eq!(stands(&shop, order).await, (OrderState::Paid, Some(HoldReason::Undeliverable)));
}

async fn each_order_that_can_not_be_delivered_is_told_to_the_owner(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let orders = [shop.bought(buyer, &[("akun", 1)]).await, shop.bought(buyer, &[("akun", 1)]).await];
    let fail = |sent: &ClaimedDelivery| if sent.chat_id == 7 { Outcome::Failed("no".into()) } else { arrived(sent) };
    shop.deliver(fail).await;
    let told = shop.owner_is_told().await;
    for order in orders {
        assert_eq!(told.iter().filter(|text| text.contains(&order.to_string())).count(), 1, "{told:?}");
    }
}

async fn an_invoice_or_news_that_do_not_arrive_name_their_order(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.product("tangan", ProductKind::Manual, 5_000).await;
    let order = shop.place(buyer, &[("tangan", 1)]).await;
    let code = shop.order(order).await.code;
    let payment = shop.invoice(buyer, order).await;
    shop.run(buyer, SendInvoice { payment_id: payment }).await.unwrap();
    let fails = |sent: &ClaimedDelivery| {
        let is_told = to(std::slice::from_ref(sent), 7).contains("😔");
        if sent.chat_id == 7 && !is_told { Outcome::Failed("no".into()) } else { arrived(sent) }
    };
    let told = shop.deliver(fails).await;
    for (chat, words) in [(7, format!("Tagihan pesanan {code}")), (ADMIN_ID, format!("Tagihan pesanan {code}"))] {
        assert!(to(&told, chat).contains(&words), "{}", to(&told, chat));
    }
    shop.pay(payment, 5_000).await;
    let told = shop.deliver(fails).await;
    for (chat, words) in
        [(7, format!("kabar tentang pesanan {code}")), (ADMIN_ID, format!("Kabar tentang pesanan {code}"))]
    {
        assert!(to(&told, chat).contains(&words), "{}", to(&told, chat));
    }
    let owner = shop.owner_is_told().await.concat();
    assert!(owner.matches(&code).count() == 2, "{owner}");
}

/// Reports what comes as arrived, until the goods of an order are on their way to the buyer: they are answered.
pub(crate) async fn goods_on_their_way(shop: &Shop) -> Vec<ClaimedDelivery> {
    loop {
        let claimed = shop.claim(Bot::Main).await;
        assert!(!claimed.is_empty(), "no goods are due");
        if to(&claimed, 7).contains("rahasia-akun") {
            return claimed;
        }
        shop.report(&claimed, arrived).await;
    }
}

async fn a_message_from_before_the_seller_was_done_decides_nothing(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    shop.product("tangan", ProductKind::Manual, 5_000).await;
    for fails in [false, true] {
        let order = shop.bought(buyer, &[("akun", 1), ("tangan", 1)]).await;
        let before = goods_on_their_way(&shop).await;
        let goods = "rahasia-tangan".to_owned();
        shop.run(Principal::CORE, FulfilOrder { name: order.to_string(), line: None, goods: Goods::new(goods) })
            .await
            .unwrap();
        let outcome = |sent: &ClaimedDelivery| {
            if fails && sent.chat_id == 7 { Outcome::Failed("no".into()) } else { arrived(sent) }
        };
        shop.report(&before, outcome).await;
        assert_eq!(stands(&shop, order).await, (OrderState::Paid, None), "what was made by hand is not there yet");
        assert!(to(&shop.sent().await, 7).contains("rahasia-tangan"));
        assert_eq!(stands(&shop, order).await, (OrderState::Completed, None));
    }
    shop.proven().await;
}

fn refusals() -> [Outcome; 2] {
    [Outcome::Blocked("Forbidden".into()), Outcome::NeverStarted("Forbidden".into())]
}

async fn contact(shop: &Shop) -> ContactState {
    shop.ask(Principal::CORE, GetUser { telegram_id: 7 }).await.contact_state
}

async fn a_refusal_from_before_the_start_counts_for_nothing(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    for refusal in refusals() {
        let order = shop.bought(buyer, &[("akun", 1)]).await;
        let refused = goods_on_their_way(&shop).await;
        shop.test.clock.advance_seconds(1);
        shop.core(RecordContact { profile: Profile::of(7), contact: Contact::Started }).await;
        shop.report(&refused, |sent| if sent.chat_id == 7 { refusal.clone() } else { arrived(sent) }).await;
        assert_eq!(stands(&shop, order).await, (OrderState::Paid, None));
        assert_eq!(contact(&shop).await, ContactState::Open);
        assert!(to(&shop.sent().await, 7).contains("rahasia-akun"), "it is sent again by itself");
        assert_eq!(stands(&shop, order).await, (OrderState::Completed, None));
    }
}

async fn a_refusal_from_after_the_start_counts(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    for (refusal, expected) in refusals().into_iter().zip([ContactState::Blocked, ContactState::NeverStarted]) {
        shop.core(RecordContact { profile: Profile::of(7), contact: Contact::Started }).await;
        shop.sent().await;
        let order = shop.bought(buyer, &[("akun", 1)]).await;
        let refused = goods_on_their_way(&shop).await;
        shop.report(&refused, |sent| if sent.chat_id == 7 { refusal.clone() } else { arrived(sent) }).await;
        assert_eq!(stands(&shop, order).await, (OrderState::Paid, Some(HoldReason::BuyerUnreachable)));
        assert_eq!(contact(&shop).await, expected);
        shop.core(RecordContact { profile: Profile::of(7), contact: Contact::Blocked }).await;
        assert_eq!(to(&shop.sent().await, 7), "");
    }
}

async fn however_a_start_and_a_refusal_meet_the_goods_arrive(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 20).await;
    for round in 0..20 {
        let order = shop.bought(buyer, &[("akun", 1)]).await;
        let refused = goods_on_their_way(&shop).await;
        shop.test.clock.advance_seconds(1);
        let refusal = Outcome::Blocked("Forbidden".into());
        let report = shop.report(&refused, |sent| if sent.chat_id == 7 { refusal.clone() } else { arrived(sent) });
        let start = shop.core(RecordContact { profile: Profile::of(7), contact: Contact::Started });
        if round % 2 == 0 {
            tokio::join!(report, start);
        } else {
            tokio::join!(start, report);
        }
        assert_eq!(contact(&shop).await, ContactState::Open);
        assert!(to(&shop.sent().await, 7).contains("rahasia-akun"));
        assert_eq!(stands(&shop, order).await, (OrderState::Completed, None));
    }
}
