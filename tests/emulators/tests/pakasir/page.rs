//! The hosted pay page.

use crate::support::{ORDER, SLUG, SOON, World, fields, world};

fn address(amount: i64) -> String {
    format!("/pay/{SLUG}/{amount}?order_id={ORDER}&redirect=https%3A%2F%2Ft.me%2Fwarung_bot")
}

async fn press(world: &World, address: &str) -> (u16, String) {
    let response = world.http.post(format!("{}{address}", world.pakasir.url())).send().await.unwrap();
    let location = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
    (response.status().as_u16(), location.unwrap_or_default())
}

#[tokio::test]
async fn an_invoice_is_shown_with_its_code_and_paid_by_a_button() {
    let world = world().await;
    world.create(99_000).await;
    let (status, page) = world.page(&address(99_000)).await;
    assert_eq!(status, 200);
    for part in [
        "lang=\"id\"",
        "Warung &lt;Contoh&gt;",
        "Rp99.000",
        "Rp1.003",
        "Rp100.003",
        "<svg",
        "Bayar sekarang",
        "width=device-width",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert!(!page.contains("Kembali ke halaman merchant"), "not before it is paid");
    assert_eq!(press(&world, &address(99_000)).await, (303, address(99_000)));
    world.sim.wait_for_webhook(|posted| posted.order_id.as_deref() == Some(ORDER), SOON).await.unwrap();
    let (_, page) = world.page(&address(99_000)).await;
    assert!(page.contains("Lunas") && page.contains("href=\"https://t.me/warung_bot\""), "{page}");
    assert!(!page.contains("Bayar sekarang") && !page.contains("<svg"), "nothing payable stays");
    press(&world, &address(99_000)).await;
    world.sim.wait_until_idle(SOON).await.unwrap();
    assert_eq!(world.merchant.got().len(), 1, "a second press pays nothing");
}

#[tokio::test]
async fn whoever_reads_the_demo_in_english_pays_in_english() {
    let world = world().await;
    world.create(99_000).await;
    let get = async |cookie: &str| {
        let url = format!("{}{}", world.pakasir.url(), address(99_000));
        world.http.get(url).header("cookie", cookie).send().await.unwrap().text().await.unwrap()
    };
    let page = get("theme=dark; language=en").await;
    assert!(page.contains("lang=\"en\"") && page.contains("Pay now") && !page.contains("Bayar"), "{page}");
    assert!(get("language=id").await.contains("Bayar sekarang"));
}

#[tokio::test]
async fn a_changed_amount_in_the_address_is_another_payment() {
    let world = world().await;
    world.create(99_000).await;
    press(&world, &address(500)).await;
    world.sim.wait_until_idle(SOON).await.unwrap();
    assert_eq!(world.merchant.bodies()[0]["amount"], 500);
    assert_eq!(world.detail(99_000).await["status"], "pending");
    assert_eq!(world.detail(500).await["status"], "completed");
    assert_eq!(world.sim.creates(ORDER), 1, "the page's own does not count as the merchant's");
}

#[tokio::test]
async fn a_virtual_account_is_shown_by_its_number() {
    let world = world().await;
    let (_, body) = world.post_json("transactioncreate/bni_va", &fields(ORDER, 99_000)).await;
    let number = body["payment"]["payment_number"].as_str().unwrap();
    let (_, page) = world.page(&address(99_000)).await;
    assert!(page.contains(number) && page.contains("BNI Virtual Account") && !page.contains("<svg"), "{page}");
}

#[tokio::test]
async fn what_is_over_can_be_paid_no_more() {
    let world = world().await;
    world.create(99_000).await;
    let state = format!("/pay/{SLUG}/99000/status?order_id={ORDER}");
    assert_eq!(world.page(&state).await.1, "{\"status\":\"pending\"}");
    world.sim.expire(ORDER).unwrap();
    assert_eq!(world.page(&state).await.1, "{\"status\":\"expired\"}");
    let (_, page) = world.page(&address(99_000)).await;
    assert!(page.contains("Kedaluwarsa") && !page.contains("Bayar sekarang") && !page.contains("<svg"), "{page}");
    press(&world, &address(99_000)).await;
    assert_eq!(world.detail(99_000).await["status"], "expired");
}

#[tokio::test]
async fn an_address_that_names_nothing_says_so() {
    let world = world().await;
    for address in [
        format!("/pay/lain/99000?order_id={ORDER}"),
        format!("/pay/{SLUG}/499?order_id={ORDER}"),
        format!("/pay/{SLUG}/99.000?order_id={ORDER}"),
        format!("/pay/{SLUG}/-99000?order_id={ORDER}"),
        format!("/pay/{SLUG}/99000?order_id=x"),
        format!("/pay/{SLUG}/99000"),
    ] {
        let (status, page) = world.page(&address).await;
        assert!(status == 404 && page.contains("Pembayaran tidak ditemukan"), "{address}: {status}");
    }
    assert!(world.sim.transactions().is_empty());
}

#[tokio::test]
async fn the_way_back_is_one_of_the_web() {
    let world = world().await;
    world.create(99_000).await;
    world.sim.pay(ORDER).unwrap();
    let (_, page) = world.page(&format!("/pay/{SLUG}/99000?order_id={ORDER}&redirect=javascript:alert(1)")).await;
    assert!(page.contains("Lunas") && !page.contains("javascript:"), "{page}");
    world.sim.set_project(|project| project.home_url = Some("http://127.0.0.1:8070/".into()));
    let (_, page) = world.page(&format!("/pay/{SLUG}/99000?order_id={ORDER}")).await;
    assert!(page.contains("href=\"http://127.0.0.1:8070/\""), "{page}");
}

#[tokio::test]
async fn the_list_shows_every_payment_and_lets_one_expire() {
    let world = world().await;
    assert!(world.page("/").await.1.contains("Belum ada pembayaran"));
    world.create(99_000).await;
    let (status, page) = world.page("/").await;
    assert!(status == 200 && page.contains(ORDER) && page.contains("pending"), "{page}");
    let number = world.sim.transaction(ORDER).unwrap().number;
    press(&world, &format!("/payments/{number}/expire")).await;
    assert!(world.page("/").await.1.contains("expired"));
    assert_eq!(press(&world, "/payments/999/expire").await.0, 404);
    for file in ["/style.css", "/pay.js", "/favicon.svg"] {
        assert_eq!(world.page(file).await.0, 200, "{file}");
    }
}
