//! Looking at the shop and buying in the chat.

use warung_emulators::telegram::{ButtonAction, MediaKind, Message};
use warung_proto::{
    catalog::{ProductCategory, ProductKind},
    order::OrderState,
    payment::{PaymentMethod, PaymentState},
};

use crate::{
    core_shop::{idr, offer, product},
    orders::press,
    world::{BUDI, MAIN, MINI_APP, SITI, World, current, picture, picture_of, texts},
};

/// A shop with so many products, QRIS, two banks and the balance.
pub(crate) fn stock(world: &World, products: usize) {
    world.core.change(|state| {
        let names = ["Akun Musik", "Kopi & <Senja>", "🎮 Voucher", "\u{202e}عمر", "Panduan"];
        state.shop.products = (1..=products)
            .map(|number| {
                let name = format!("{} {number}", names[(number - 1) % names.len()]);
                product(number, &name, 10_000 * i64::try_from(number).unwrap(), Some(12))
            })
            .collect();
        state.shop.offers = vec![
            offer(PaymentMethod::Qris, 500, 485),
            offer(PaymentMethod::BniVa, 10_000, 3_500),
            offer(PaymentMethod::BriVa, 10_000, 3_500),
            offer(PaymentMethod::Balance, 1, 0),
        ];
        state.shop.wallet.balance = Some(idr(0));
    });
}

fn in_category(world: &World, products: std::ops::Range<usize>) {
    let shelf = ProductCategory {
        product_category_id: format!("cat_{:026}", 1),
        code: "musik".to_owned(),
        name: "Musik <&>".to_owned(),
        emoji: "🎵".to_owned(),
        etag: String::new(),
    };
    world.core.change(|state| {
        state.shop.categories = vec![shelf.clone()];
        for product in &mut state.shop.products[products] {
            product.category = Some(shelf.clone());
        }
    });
}

#[tokio::test]
async fn a_list_shows_each_product_and_a_key_for_it() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    for (products, name) in [(0, "products_none"), (1, "products_1"), (10, "products_10"), (11, "products_11")] {
        stock(&world, products);
        let screen = world.say(&budi, "/produk").await;
        insta::assert_snapshot!(name, picture_of(&screen));
    }
    insta::assert_snapshot!("products_en", picture_of(&world.say(&world.started(SITI), "/shop").await));
}

#[tokio::test]
async fn pages_are_turned_in_place_and_back_leads_to_the_page_one_came_from() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 25);
    let first = world.say(&budi, "/produk").await;
    world.tap(&budi, "▶️").await;
    let second = current(&budi);
    assert!(second.text().contains("Akun Musik 11") && second.text().contains("halaman 2"), "{}", second.text());
    assert_eq!(second.message_id, first.message_id, "one message, edited");
    world.tap(&budi, "3").await;
    assert!(current(&budi).text().contains("Voucher 13"));
    world.tap(&budi, "◀️ Kembali").await;
    assert!(current(&budi).text().contains("halaman 2"));
    world.tap(&budi, "▶️").await;
    let third = current(&budi);
    assert!(third.text().contains("21") && third.button("▶️").is_none());
    for page in ["halaman 2", "halaman 1"] {
        world.tap(&budi, "◀️").await;
        assert!(current(&budi).text().contains(page));
    }
    assert!(current(&budi).button("◀️").is_none());
    assert_eq!(texts(&budi).len(), 1);
}

#[tokio::test]
async fn a_page_that_was_forgotten_or_is_too_old_begins_anew() {
    let (world, adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 25);
    let list = world.say(&budi, "/produk").await;
    world.tap(&budi, "▶️").await;
    adapter.stop().await;
    let _other = world.run(world.config("w2"));
    world.tap(&budi, "▶️").await;
    let screen = current(&budi);
    assert!(screen.text().contains("halaman 1") && screen.message_id == list.message_id, "{}", screen.text());
    let stale = tonic::Code::InvalidArgument;
    let reason = warung_proto::ErrorReason::PageTokenInvalid;
    world.core.change(|state| state.shop.refusals.insert("ListProducts", crate::core::refusal(stale, reason)));
    let shown = world.tap(&budi, "▶️").await.unwrap_or_default();
    assert!(shown.contains("tidak bisa dibaca"), "a core that refuses the first page too: {shown}");
}

#[tokio::test]
async fn shelves_and_searches_narrow_the_list_and_keep_it_narrow() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 25);
    in_category(&world, 0..12);
    world.say(&budi, "/produk").await;
    world.tap(&budi, "🗂 Kategori").await;
    insta::assert_snapshot!("categories", picture_of(&current(&budi)));
    world.tap(&budi, "🎵 Musik <&>").await;
    assert!(current(&budi).text().starts_with("🎵 \u{2068}Musik <&>"));
    world.tap(&budi, "▶️").await;
    let second = current(&budi);
    assert!(second.text().contains("12") && second.button("3").is_none() && second.button("▶️").is_none());
    world.tap(&budi, "1").await;
    world.tap(&budi, "◀️ Kembali").await;
    world.tap(&budi, "◀️").await;
    assert!(current(&budi).text().starts_with("🎵 \u{2068}Musik"), "back on the shelf's first page");
    let found = world.say(&budi, "/produk senja").await;
    assert!(found.text().contains("Kopi & <Senja> 2") && !found.text().contains("Akun Musik"), "{}", found.text());
}

#[tokio::test]
async fn a_product_shows_its_stock_with_the_store_s_time_and_how_many_are_wanted() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 2);
    world.say(&budi, "/produk").await;
    world.tap(&budi, "2").await;
    insta::assert_snapshot!("product", picture_of(&current(&budi)));
    let open = current(&budi).button("📱 Lihat di aplikasi").map(|button| button.action.clone());
    assert_eq!(open, Some(ButtonAction::WebApp(format!("{MINI_APP}#/products/prd_{:026}", 2))));
    let quantity = || current(&budi).content.keyboard[0][2].text.clone();
    for (key, expected) in [("−", "1"), ("+", "2"), ("+5", "7"), ("+5", "12"), ("+", "12"), ("−5", "7"), ("7", "7")]
    {
        assert_eq!(world.tap(&budi, key).await, None);
        assert_eq!(quantity(), expected, "after {key}");
    }
    world.tap(&budi, "−5").await;
    assert!(current(&budi).button("⚡ Beli sekarang · Rp40.000").is_some());
    world.core.change(|state| state.shop.products[1].stock = Some(0));
    world.tap(&budi, "2").await;
    let screen = current(&budi);
    assert!(
        screen.text().contains("Stok habis · per 16.05 WIB") && !picture_of(&screen).contains("Beli"),
        "{}",
        picture_of(&screen)
    );
}

#[tokio::test]
async fn a_picture_stays_with_its_product_and_goes_with_it() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    world.core.change(|state| {
        state.media.insert("med_1".to_owned(), (picture(), "image/png".to_owned()));
        state.shop.products[0].picture_media_id = "med_1".to_owned();
        state.shop.products[0].description = "🎬 panjang ".repeat(400);
    });
    let list = world.say(&budi, "/produk").await;
    world.tap(&budi, "1").await;
    let shown = current(&budi);
    assert!(shown.has(MediaKind::Photo) && shown.message_id == list.message_id, "{}", shown.text());
    assert!(shown.text().contains("Stok 12 · per 16.05 WIB") && shown.text().contains('…'));
    for key in ["+", "⚡ Beli sekarang · Rp20.000", "◀️ Kembali"] {
        world.tap(&budi, key).await;
        assert!(current(&budi).has(MediaKind::Photo), "{key}");
    }
    world.tap(&budi, "◀️ Kembali").await;
    let back = current(&budi);
    assert!(back.text().contains("Daftar produk") && !back.has(MediaKind::Photo));
    let gone = budi.messages(MAIN).unwrap().into_iter().find(|message| message.message_id == list.message_id).unwrap();
    assert!(gone.deleted, "no second screen is left above it");
    world.tap(&budi, "1").await;
    assert_eq!(world.core.state().media_asked, 1, "the picture is uploaded once");
}

#[tokio::test]
async fn buying_places_one_order_and_has_one_invoice_sent() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    world.say(&budi, "/produk").await;
    world.tap(&budi, "1").await;
    world.tap(&budi, "+").await;
    world.tap(&budi, "⚡ Beli sekarang · Rp20.000").await;
    let checkout = current(&budi);
    insta::assert_snapshot!("checkout", picture_of(&checkout));
    assert_eq!(world.tap(&budi, "📱 QRIS · biaya ± Rp485").await, None);
    insta::assert_snapshot!("order_placed", picture_of(&current(&budi)));
    let state = world.core.state();
    let [order] = state.shop.orders.as_slice() else { panic!("one order") };
    assert_eq!((order.state(), order.lines[0].quantity, order.buyer_telegram_id), (OrderState::Pending, 2, BUDI));
    assert_eq!(order.payments.len(), 1);
    assert_eq!(state.shop.invoices, [order.payments[0].payment_id.clone()]);
}

#[tokio::test]
async fn a_double_press_and_a_repeated_update_order_once() {
    let world = World::new().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    let adapter = world.run(world.config("w1"));
    world.say(&budi, "/produk").await;
    world.tap(&budi, "1").await;
    world.tap(&budi, "⚡ Beli sekarang · Rp10.000").await;
    let checkout = current(&budi);
    adapter.stop().await;
    // Nobody answers while the buyer presses again and again, each time with another update.
    for label in ["📱 QRIS · biaya ± Rp485", "📱 QRIS · biaya ± Rp485", "📱 QRIS · biaya ± Rp485"] {
        budi.press_button(MAIN, checkout.message_id, label).unwrap();
    }
    let adapter = world.run(world.config("w2"));
    world.message(&budi, "dibuat").await;
    world.idle().await;
    let invoice = world.core.wait("the invoice", |state| state.shop.invoices.first().cloned()).await;
    // A press that is still under way when the adapter ends is waited for.
    adapter.stop().await;
    let state = world.core.state();
    assert_eq!((state.shop.orders.len(), state.shop.invoices.as_slice()), (1, [invoice].as_slice()));
}

/// The data of a button, for a press on the screen as it was.
pub(crate) fn data_of(screen: &Message, label: &str) -> String {
    let action = screen.button(label).map(|button| button.action.clone());
    let Some(ButtonAction::Callback(data)) = action else { panic!("{label}: {action:?}") };
    data
}

#[tokio::test]
async fn another_way_to_pay_on_the_same_screen_or_its_banks_pays_the_same_order() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    world.say(&budi, "/produk").await;
    world.tap(&budi, "1").await;
    world.tap(&budi, "⚡ Beli sekarang · Rp10.000").await;
    let checkout = current(&budi);
    world.tap(&budi, "🏦 Virtual account bank").await;
    insta::assert_snapshot!("checkout_banks", picture_of(&current(&budi)));
    world.tap(&budi, "BRI · ± Rp3.500").await;
    assert_eq!(current(&budi).message_id, checkout.message_id, "one message, edited");
    press(&world, &data_of(&checkout, "📱 QRIS · biaya ± Rp485")).await;
    let state = world.core.state();
    assert_eq!(state.shop.orders.len(), 1);
    let payments = &state.shop.orders[0].payments;
    assert_eq!(payments.len(), 2);
    let open = payments.iter().filter(|payment| payment.state() == PaymentState::Open);
    assert_eq!(open.count(), 1, "one payment at a time can be paid");
}

#[tokio::test]
async fn banks_that_take_the_amount_no_more_give_way_to_the_checkout() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    budi.press_start(MAIN, Some("i_produk-1")).unwrap();
    world.idle().await;
    world.tap(&budi, "⚡ Beli sekarang · Rp10.000").await;
    world.core.change(|state| state.shop.offers.retain(|offer| offer.method() == PaymentMethod::Qris));
    world.tap(&budi, "🏦 Virtual account bank").await;
    let screen = current(&budi);
    assert!(screen.text().contains("Periksa pesananmu"), "{}", screen.text());
    assert!(screen.button("📱 QRIS · biaya ± Rp485").is_some() && screen.button("🏦 Virtual account bank").is_none());
}

#[tokio::test]
async fn the_ways_to_pay_are_those_that_take_the_amount() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    let open = async |price: i64, balance: i64| {
        world.core.change(|state| {
            state.shop.products[0].price = Some(idr(price));
            state.shop.wallet.balance = Some(idr(balance));
        });
        budi.press_start(MAIN, Some("i_produk-1")).unwrap();
        world.idle().await;
        let product = current(&budi);
        let buy = product.content.keyboard.iter().flatten().find(|button| button.text.contains("Beli")).unwrap();
        world.tap(&budi, &buy.text).await;
        current(&budi)
    };
    let screen = open(5_000, 0).await;
    world.core.change(|state| assert_eq!(state.shop.offered_for, state.shop.products[0].product_id));
    assert!(screen.button("📱 QRIS · biaya ± Rp485").is_some() && screen.button("🏦 Virtual account bank").is_none());
    let screen = open(5_000, 2_000).await;
    assert!(screen.button("💰 Saldo Rp2.000 + QRIS").is_some(), "{}", picture_of(&screen));
    let screen = open(5_000, 5_000).await;
    assert!(screen.button("💰 Bayar dari saldo (Rp5.000)").is_some(), "{}", picture_of(&screen));
    let screen = open(100, 0).await;
    insta::assert_snapshot!("checkout_no_method", picture_of(&screen));
    let screen = open(0, 0).await;
    assert!(screen.button("🎁 Ambil, gratis").is_some());
    world.tap(&budi, "🎁 Ambil, gratis").await;
    world.message(&budi, "lunas").await;
    assert_eq!(world.core.state().shop.invoices.len(), 0, "nothing is to be paid");
}

#[tokio::test]
async fn what_is_paid_from_the_balance_needs_no_invoice() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    world.core.change(|state| state.shop.wallet.balance = Some(idr(25_000)));
    budi.press_start(MAIN, Some("i_produk-1")).unwrap();
    world.idle().await;
    world.tap(&budi, "⚡ Beli sekarang · Rp10.000").await;
    world.tap(&budi, "💰 Bayar dari saldo (Rp25.000)").await;
    let screen = current(&budi);
    assert!(screen.text().contains("lunas"), "{}", screen.text());
    let state = world.core.state();
    assert_eq!((state.shop.invoices.len(), state.shop.wallet.balance.clone()), (0, Some(idr(15_000))));
}

#[tokio::test]
async fn a_deep_link_opens_a_product_by_code_or_id_and_one_that_is_gone_is_explained() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 2);
    for payload in ["i_produk-2".to_owned(), format!("i_prd_{:026}", 2)] {
        budi.press_start(MAIN, Some(&payload)).unwrap();
        world.idle().await;
        assert!(current(&budi).text().contains("Kopi & <Senja> 2"), "{payload}");
    }
    budi.press_start(MAIN, Some("i_hilang")).unwrap();
    world.message(&budi, "tidak dijual lagi").await;
}

#[tokio::test]
async fn the_plans_of_a_membership_are_bought_like_everything_else() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 0);
    let plan = |number, name: &str, price, days| warung_proto::catalog::Product {
        kind: ProductKind::Membership.into(),
        membership_days: days,
        ..product(number, name, price, None)
    };
    world.core.change(|state| {
        state.shop.products = vec![plan(1, "VIP <Setahun>", 250_000, 365), plan(2, "VIP Sebulan", 30_000, 30)];
    });
    insta::assert_snapshot!("plans", picture_of(&world.say(&budi, "/vip").await));
    world.core.change(|state| {
        let seconds = crate::core_shop::NOW + 86_400;
        state.shop.membership.active = true;
        state.shop.membership.expire_time = Some(prost_types::Timestamp { seconds, nanos: 0 });
    });
    let screen = world.say(&budi, "/vip").await;
    assert!(screen.text().starts_with("💎 Kamu anggota VIP sampai 22 Nov 2026 16.05 WIB"), "{}", screen.text());
    world.tap(&budi, "VIP Sebulan · Rp30.000").await;
    world.tap(&budi, "📱 QRIS · biaya ± Rp485").await;
    assert_eq!(world.core.state().shop.orders[0].lines[0].product_name, "VIP Sebulan");
    assert!(world.say(&budi, "/produk").await.text().contains("Belum ada produk"), "plans have a page of their own");
}

#[tokio::test]
async fn every_shelf_is_reached_by_pages_that_telegram_takes() {
    let (world, _adapter) = World::with_adapter().await;
    let budi = world.started(BUDI);
    stock(&world, 1);
    // As long as names get, of letters that take four bytes each.
    let name = |number: usize| format!("{number:02}{}", "𝐀".repeat(29));
    let shelf = |number: usize| ProductCategory {
        product_category_id: format!("cat_{number:026}"),
        code: format!("rak-{number}"),
        name: name(number),
        emoji: String::new(),
        etag: String::new(),
    };
    world.core.change(|state| state.shop.categories = (0..90).map(shelf).collect());
    world.say(&budi, "/produk").await;
    world.tap(&budi, "🗂 Kategori").await;
    let mut seen = 0;
    loop {
        let page = current(&budi);
        let shelves = page.content.keyboard.iter().flatten().filter(|button| button.text.contains('𝐀'));
        for button in shelves {
            assert!(button.text.starts_with(&format!("{seen:02}")), "{} is next", button.text);
            seen += 1;
        }
        if page.button("▶️").is_none() {
            break;
        }
        world.tap(&budi, "▶️").await;
    }
    assert_eq!(seen, 90);
    world.tap(&budi, "◀️").await;
    assert!(current(&budi).button("▶️").is_some());
    // A page that is gone leads to the last there is.
    world.core.change(|state| state.shop.categories.truncate(3));
    world.tap(&budi, "▶️").await;
    assert!(current(&budi).text().contains("Kategori") && current(&budi).button("▶️").is_none());
}
