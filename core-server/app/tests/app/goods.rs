//! Goods: they arrive, wait, are made by hand, and stand in no row.

use warung_app::{
    Context, Error, Precondition, Query, Result,
    identity::{Contact, Profile, RecordContact},
    messaging::{ClaimedDelivery, DeliveryFile, Outcome, delivery_file},
    order::{FulfilOrder, SendGoods},
    testing::ADMIN_ID,
};
use warung_domain::{
    catalog::ProductKind,
    goods::Goods,
    ids::OrderId,
    message::{Bot, Content, Media, Operation},
    order::{HoldReason, OrderState},
    principal::Principal,
};
use warung_store::{Read, on_both_databases, testing::TestDatabase};

use crate::{
    held_goods::Turn,
    shop::{Plant, Shop, arrived},
};

on_both_databases! {
    goods_arrive_and_complete_their_order;
    goods_wait_for_a_buyer_who_refused_and_arrive_with_their_start;
    goods_that_can_not_be_delivered_are_told_to_the_seller;
    no_row_holds_goods_in_the_clear_and_each_look_is_noted;
    long_goods_come_as_a_file;
    goods_larger_than_a_message_of_the_api_come_whole_and_hold_up_nobody;
    a_file_that_does_not_open_is_told_and_ends;
    what_is_made_by_hand_is_handed_over_by_the_seller;
    goods_are_sent_again_to_their_buyer_alone;
    goods_are_sent_again_at_most_once_a_minute;
    twenty_buyers_at_once_get_twenty_different_lines;
}

/// What a message says.
fn text(delivery: &ClaimedDelivery) -> String {
    match &delivery.operation {
        Operation::Send(content) => content.text_html.clone(),
        _ => String::new(),
    }
}

pub(crate) fn to(sent: &[ClaimedDelivery], chat_id: i64) -> String {
    sent.iter().filter(|sent| sent.chat_id == chat_id).map(text).collect::<Vec<_>>().join("\n")
}

async fn goods_arrive_and_complete_their_order(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    shop.product("panduan", ProductKind::Shared, 5_000).await;
    let order = shop.bought(buyer, &[("akun", 2), ("panduan", 1)]).await;
    assert_eq!(shop.order(order).await.state, OrderState::Paid);
    let sent = shop.sent().await;
    let told = to(&sent, 7);
    for line in
        ["<code>rahasia-akun-0</code>", "<code>rahasia-akun-1</code>", "<code>https://rahasia.example/panduan</code>"]
    {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert!(!told.contains("rahasia-akun-2"), "the oldest lines, and no more");
    assert!(to(&sent, ADMIN_ID).contains("Rp45.000"), "sellers are told of each paid order");
    assert!(!to(&sent, ADMIN_ID).contains("rahasia"), "but not what was sold");
    assert_eq!(shop.order(order).await.state, OrderState::Completed);
    shop.proven().await;
}

async fn goods_wait_for_a_buyer_who_refused_and_arrive_with_their_start(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    for refusal in [Outcome::Blocked("Forbidden".into()), Outcome::NeverStarted("Forbidden".into())] {
        let order = shop.bought(buyer, &[("akun", 1)]).await;
        let refuse = |sent: &ClaimedDelivery| if sent.chat_id == 7 { refusal.clone() } else { arrived(sent) };
        shop.deliver(refuse).await;
        let seen = shop.order(order).await;
        assert_eq!((seen.state, seen.hold_reason), (OrderState::Paid, Some(HoldReason::BuyerUnreachable)));
        assert_eq!(to(&shop.sent().await, 7), "", "they wait");
        shop.core(RecordContact { profile: Profile::of(7), contact: Contact::Started }).await;
        assert!(to(&shop.sent().await, 7).contains("rahasia-akun"), "they are resolved again");
        let seen = shop.order(order).await;
        assert_eq!((seen.state, seen.hold_reason), (OrderState::Completed, None));
    }
    shop.proven().await;
}

async fn goods_that_can_not_be_delivered_are_told_to_the_seller(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.bought(buyer, &[("akun", 1)]).await;
    let fail = |sent: &ClaimedDelivery| if sent.chat_id == 7 { Outcome::Failed("no".into()) } else { arrived(sent) };
    let sent = shop.deliver(fail).await;
    let seen = shop.order(order).await;
    assert_eq!((seen.state, seen.hold_reason), (OrderState::Paid, Some(HoldReason::Undeliverable)));
    assert!(to(&sent, ADMIN_ID).contains("tidak bisa dikirim"));
    assert!(to(&sent, 7).contains("pembayaranmu aman"));
    shop.run(buyer, SendGoods { name: order.to_string() }).await.unwrap();
    shop.sent().await;
    assert_eq!(shop.order(order).await.state, OrderState::Completed, "sent again, it arrived");
    shop.proven().await;
}

/// How often the goods of an order were shown.
pub(crate) struct Shown(pub(crate) OrderId);

impl Query for Shown {
    type Output = usize;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<usize> {
        let lines = read.lines_of_order(self.0.0).await?;
        Ok(read.reveals(lines.iter().map(|line| line.id).collect()).await?.len())
    }
}

async fn no_row_holds_goods_in_the_clear_and_each_look_is_noted(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    shop.product("tangan", ProductKind::Manual, 5_000).await;
    let order = shop.bought(buyer, &[("akun", 1), ("tangan", 1)]).await;
    assert!(to(&shop.sent().await, 7).contains("rahasia-akun-0"));
    assert_eq!(shop.ask(buyer, Shown(order)).await, 1, "of the stock line alone");
    let goods = "rahasia-tangan".to_owned();
    shop.run(Principal::CORE, FulfilOrder { name: order.to_string(), line: None, goods: Goods::new(goods) })
        .await
        .unwrap();
    assert!(to(&shop.sent().await, 7).contains("rahasia-tangan"));
    assert_eq!(shop.ask(buyer, Shown(order)).await, 3, "of both");
    let dump = shop.test.dump();
    let holds = |text: &str| dump.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    assert!(holds(&shop.order(order).await.code), "the dump is one of this shop");
    // In hexadecimal, too: that is how a dump of PostgreSQL shows bytes.
    let hex: String = "rahasia".bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    assert!(!holds("rahasia") && !holds(&hex));
}

/// The name of the file that the goods come in, if they do.
fn file_name(delivery: &ClaimedDelivery) -> Option<String> {
    match &delivery.operation {
        Operation::Send(Content { media: Some(Media::TextFile { name }), .. }) => Some(name.clone()),
        _ => None,
    }
}

fn asked(delivery: &ClaimedDelivery, page_token: &str) -> DeliveryFile {
    let (worker_id, page_token) = ("test".into(), page_token.to_owned());
    DeliveryFile { worker_id, delivery_id: delivery.id, attempt: delivery.attempt, page_token }
}

/// What a delivery's file holds, in the pages that it comes in.
async fn pages(shop: &Shop, delivery: &ClaimedDelivery) -> Vec<String> {
    let (mut pages, mut token) = (Vec::new(), String::new());
    loop {
        let ctx = shop.call(Principal::CORE);
        let page = delivery_file(&shop.test.engine, &ctx, asked(delivery, &token)).await.unwrap();
        pages.push(page.text);
        let Some(next) = page.next_page_token else { return pages };
        token = next;
    }
}

/// Claims until the goods of an order are on their way as a file, and reports everything else as arrived.
async fn file_on_its_way(shop: &Shop) -> ClaimedDelivery {
    loop {
        let mut claimed = shop.claim(Bot::Main).await;
        assert!(!claimed.is_empty(), "no file is due");
        if let Some(index) = claimed.iter().position(|delivery| file_name(delivery).is_some()) {
            let file = claimed.remove(index);
            shop.report(&claimed, arrived).await;
            return file;
        }
        shop.report(&claimed, arrived).await;
    }
}

async fn long_goods_come_as_a_file(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.product("akun", ProductKind::Stock, 20_000).await;
    shop.stock("akun", (0..3).map(|unit| format!("{unit}{}", "🎬".repeat(1_030)))).await;
    let order = shop.bought(buyer, &[("akun", 1)]).await;
    let sent = shop.sent().await;
    assert!(to(&sent, 7).contains(&"🎬".repeat(1_030)) && sent.iter().all(|sent| file_name(sent).is_none()));
    assert_eq!(shop.order(order).await.state, OrderState::Completed);
    let order = shop.bought(buyer, &[("akun", 2)]).await;
    let sent = file_on_its_way(&shop).await;
    assert_eq!(file_name(&sent).unwrap(), format!("{}.txt", shop.order(order).await.code));
    let expected = ["Produk akun".to_owned(), format!("1{}", "🎬".repeat(1_030)), format!("2{}", "🎬".repeat(1_030))];
    assert!(pages(&shop, &sent).await.concat() == expected.join("\n"));
    // Whoever does not hold the lease is given none of it, nor is anybody once it has arrived.
    let other = DeliveryFile { worker_id: "other".into(), ..asked(&sent, "") };
    let earlier = DeliveryFile { attempt: 7, ..asked(&sent, "") };
    let ctx = shop.call(Principal::CORE);
    for refused in [other, earlier] {
        let refused = delivery_file(&shop.test.engine, &ctx, refused).await.err();
        assert!(matches!(refused, Some(Error::NotFound { .. })), "{refused:?}");
    }
    let nonsense = delivery_file(&shop.test.engine, &ctx, asked(&sent, "nonsense")).await.err();
    assert!(matches!(nonsense, Some(Error::Invalid(_))), "{nonsense:?}");
    shop.report(std::slice::from_ref(&sent), arrived).await;
    let after = delivery_file(&shop.test.engine, &ctx, asked(&sent, "")).await.err();
    assert!(matches!(after, Some(Error::NotFound { .. })), "{after:?}");
}

async fn goods_larger_than_a_message_of_the_api_come_whole_and_hold_up_nobody(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let (buyer, other) = (shop.buyer(7).await, shop.buyer(8).await);
    let line = |product: &str, unit: usize| format!("{product}-{unit:03}-{}", "x".repeat(3_980));
    let products: Vec<_> = (0..11).map(|index| format!("akun{index:02}")).collect();
    for product in &products {
        shop.product(product, ProductKind::Stock, 20_000).await;
        shop.stock(product, (0..100).map(|unit| line(product, unit))).await;
    }
    shop.product("panduan", ProductKind::Shared, 5_000).await;
    let mut items: Vec<_> = products.iter().map(|product| (product.as_str(), 100)).collect();
    items.push(("panduan", 1));
    shop.bought(buyer, &items).await;
    shop.stocked("kecil", 20_000, 1).await;
    let small = shop.bought(other, &[("kecil", 1)]).await;
    let sent = file_on_its_way(&shop).await;
    // The other buyer's goods leave meanwhile.
    while shop.order(small).await.state != OrderState::Completed {
        let others: Vec<_> = shop.claim(Bot::Main).await.into_iter().filter(|sent| file_name(sent).is_none()).collect();
        assert!(!others.is_empty(), "nothing but the file leaves");
        shop.report(&others, arrived).await;
    }

    let pages = pages(&shop, &sent).await;
    assert!(pages.len() > 4 && pages.iter().all(|page| page.len() < 1024 * 1024));
    let of_product = |product: &String| {
        let lines: Vec<_> = (0..100).map(|unit| line(product, unit)).collect();
        format!("Produk {product}\n{}", lines.join("\n"))
    };
    let mut expected: Vec<_> = products.iter().map(of_product).collect();
    expected.push("Produk panduan\nhttps://rahasia.example/panduan".to_owned());
    assert!(pages.concat() == expected.join("\n\n"), "whole, and in order");
}

async fn a_file_that_does_not_open_is_told_and_ends(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.product("akun", ProductKind::Stock, 20_000).await;
    shop.stock("akun", (0..100).map(|unit| format!("{unit:03}{}", "x".repeat(3_990)))).await;
    let order = shop.bought(buyer, &[("akun", 100)]).await;
    let sent = file_on_its_way(&shop).await;
    let first = delivery_file(&shop.test.engine, &shop.call(Principal::CORE), asked(&sent, "")).await.unwrap();
    shop.core(Plant(Turn(order))).await;
    let next = asked(&sent, &first.next_page_token.unwrap());
    let gone = delivery_file(&shop.test.engine, &shop.call(Principal::CORE), next).await.err();
    assert!(matches!(gone, Some(Error::NotFound { .. })), "{gone:?}");
    let seen = shop.order(order).await;
    assert_eq!((seen.state, seen.hold_reason), (OrderState::Paid, Some(HoldReason::Undeliverable)));
    let told = shop.sent().await;
    assert!(to(&told, 7).contains("pembayaranmu aman") && to(&told, ADMIN_ID).contains("tidak bisa dibuka"));
    assert!(shop.owner_is_told().await.concat().contains("WARUNG_SECRET_KEY"));
}

async fn what_is_made_by_hand_is_handed_over_by_the_seller(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.product("tangan", ProductKind::Manual, 5_000).await;
    let order = shop.bought(buyer, &[("tangan", 1)]).await;
    let sent = shop.sent().await;
    assert!(to(&sent, ADMIN_ID).contains("diproses manual") && to(&sent, 7).contains("memprosesnya"));
    let resend = SendGoods { name: order.to_string() };
    assert!(matches!(shop.run(buyer, resend).await, Err(Error::Precondition(Precondition::NothingToSend))));
    let fulfil = |goods: &str| FulfilOrder { name: order.to_string(), line: None, goods: Goods::new(goods.to_owned()) };
    for refused in ["", &"x".repeat(16_001)] {
        assert!(matches!(shop.run(Principal::CORE, fulfil(refused)).await, Err(Error::Invalid(_))));
    }
    shop.run(Principal::CORE, fulfil("hasil kerja")).await.unwrap();
    let again = shop.run(Principal::CORE, fulfil("sekali lagi")).await;
    assert!(matches!(again, Err(Error::Precondition(Precondition::NothingToFulfil))), "{again:?}");
    assert!(to(&shop.sent().await, 7).contains("<code>hasil kerja</code>"));
    assert_eq!(shop.order(order).await.state, OrderState::Completed);
    shop.proven().await;
}

async fn goods_are_sent_again_to_their_buyer_alone(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let (buyer, other) = (shop.buyer(7).await, shop.buyer(8).await);
    shop.stocked("akun", 20_000, 5).await;
    shop.product("vip", ProductKind::Membership, 5_000).await;
    let unpaid = shop.place(buyer, &[("akun", 1)]).await;
    let vip = shop.bought(buyer, &[("vip", 1)]).await;
    for order in [unpaid, vip] {
        let refused = shop.run(buyer, SendGoods { name: order.to_string() }).await;
        assert!(matches!(refused, Err(Error::Precondition(Precondition::NothingToSend))), "{refused:?}");
    }
    let order = shop.bought(buyer, &[("akun", 1)]).await;
    shop.sent().await;
    let resend = SendGoods { name: shop.order(order).await.code };
    assert!(matches!(shop.run(other, resend.clone()).await, Err(Error::NotFound { .. })));
    let ctx = shop.call(buyer);
    for _ in 0..2 {
        assert_eq!(shop.test.engine.run(&ctx, resend.clone()).await.unwrap(), 1);
    }
    let sent = shop.sent().await;
    assert_eq!((sent.len(), to(&sent, 7).matches("rahasia-akun-0").count()), (1, 1));
    assert_eq!(shop.order(order).await.state, OrderState::Completed);
}

async fn goods_are_sent_again_at_most_once_a_minute(database: TestDatabase) {
    let shop = Shop::new(database).await;
    let buyer = shop.buyer(7).await;
    shop.stocked("akun", 20_000, 5).await;
    let order = shop.bought(buyer, &[("akun", 1)]).await;
    shop.sent().await;
    let resend = SendGoods { name: order.to_string() };
    shop.test.clock.advance_seconds(20);
    for _ in 0..15 {
        shop.run(buyer, resend.clone()).await.unwrap();
    }
    assert_eq!(shop.sent().await.len(), 1, "the first of all was the settlement's");
    shop.test.clock.advance_seconds(20);
    assert_eq!(shop.run(buyer, resend.clone()).await.unwrap(), 0);
    assert_eq!(shop.sent().await.len(), 0);
    shop.test.clock.advance_seconds(60);
    assert_eq!(shop.run(buyer, resend).await.unwrap(), 1);
}

async fn twenty_buyers_at_once_get_twenty_different_lines(database: TestDatabase) {
    let shop = std::sync::Arc::new(Shop::new(database).await);
    let product = shop.stocked("akun", 20_000, 20).await;
    let mut payments = Vec::new();
    for telegram_id in 1..=20 {
        let buyer = shop.buyer(telegram_id).await;
        let order = shop.place(buyer, &[("akun", 1)]).await;
        payments.push(shop.invoice(buyer, order).await);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for payment in payments {
        let shop = std::sync::Arc::clone(&shop);
        tasks.spawn(async move { shop.pay(payment, 20_000).await });
    }
    tasks.join_all().await;
    assert_eq!(shop.units(product).await, (0, 0, 20));
    shop.proven().await;
    let sent = shop.sent().await;
    let mut lines: Vec<_> = (1..=20).map(|telegram_id| to(&sent, telegram_id)).collect();
    for line in &mut lines {
        *line = line.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    }
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 20);
}
