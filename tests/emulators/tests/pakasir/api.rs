//! The five endpoints: forms, refusals, and what becomes of a payment.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};
use warung_emulators::pakasir::{Endpoint, Method, Status};

use crate::support::{KEY, ORDER, SLUG, fields, world, world_with};

/// The tags of a QRIS string. Fails on a wrong length.
fn tags(text: &str) -> Vec<(String, String)> {
    let (mut rest, mut found) = (text, Vec::new());
    while !rest.is_empty() {
        let length: usize = rest[2..4].parse().unwrap();
        found.push((rest[..2].to_owned(), rest[4..4 + length].to_owned()));
        rest = &rest[4 + length..];
    }
    found
}

#[tokio::test]
async fn an_invoice_has_the_documented_form() {
    let world = world().await;
    let before = world.sim.now();
    let payment = world.create(99_000).await;
    let plain = |name: &str| payment[name].clone();
    assert_eq!(
        [
            plain("project"),
            plain("order_id"),
            plain("amount"),
            plain("fee"),
            plain("total_payment"),
            plain("payment_method")
        ],
        [json!(SLUG), json!(ORDER), json!(99_000), json!(1_003), json!(100_003), json!("qris")]
    );
    assert_eq!(payment.as_object().unwrap().len(), 8);
    let tags = tags(payment["payment_number"].as_str().unwrap());
    assert!(tags.contains(&("54".into(), "100003.00".into())), "{tags:?}");
    assert_eq!((&*tags.last().unwrap().0, tags.last().unwrap().1.len()), ("63", 4));
    let until = payment["expired_at"].as_str().unwrap();
    let (_, fraction) = until.split_once('.').unwrap();
    assert!(fraction.len() == 10 && fraction.ends_with('Z'), "nanoseconds and Z: {until}");
    let minutes = (DateTime::parse_from_rfc3339(until).unwrap().to_utc() - before).num_seconds();
    assert!((1_799..1_830).contains(&minutes), "{minutes}");
}

#[tokio::test]
async fn every_method_is_made_with_its_fee_and_number() {
    let world = world().await;
    for (index, method) in Method::ALL.into_iter().enumerate() {
        let order = format!("order-{index}");
        let path = format!("transactioncreate/{}", method.name());
        let (status, body) = world.post_json(&path, &fields(&order, 50_000)).await;
        assert_eq!((status, &body["payment"]["payment_method"]), (200, &json!(method.name())));
        assert_eq!(body["payment"]["fee"], method.fee(50_000));
        let number = body["payment"]["payment_number"].as_str().unwrap();
        let is_account = number.len() == 16 && number.bytes().all(|byte| byte.is_ascii_digit());
        assert_eq!(is_account, method != Method::Qris, "{number}");
    }
    let (status, body) = world.post_json("transactioncreate/gopay", &fields("order-x", 50_000)).await;
    assert_eq!((status, body), (400, json!({"message": "unknown payment method"})));
}

#[tokio::test]
async fn what_is_no_amount_or_order_is_refused() {
    let world = world().await;
    for amount in [json!("99000"), json!(99_000.5), json!(9.9e4), json!(null), json!(-500), json!(0), json!([500])] {
        let (status, body) = world.post_json("transactioncreate/qris", &fields(ORDER, amount.clone())).await;
        assert_eq!((status, body), (400, json!({"message": "amount must be a whole number of rupiah"})), "{amount}");
    }
    let (status, body) = world.post_json("transactioncreate/qris", &fields(ORDER, 499)).await;
    assert_eq!((status, body), (400, json!({"message": "amount must be at least 500"})));
    for order in ["abcd", "", "tg 1001", "tg/1001", "tg1001é"] {
        assert_eq!(world.post("transactioncreate/qris", &fields(order, 500)).await.status(), 400, "{order:?}");
    }
    let mut numeric = fields(ORDER, 500);
    numeric["order_id"] = json!(12_345);
    assert_eq!(world.post("transactioncreate/qris", &numeric).await.status(), 400);
    assert!(world.sim.transactions().is_empty(), "nothing of it was made");
    world.create(500).await;
}

#[tokio::test]
async fn only_the_project_with_its_key_is_served() {
    let world = world().await;
    world.create(500).await;
    for (name, value, expected) in [("project", "other", 404), ("api_key", "wrong", 401), ("api_key", "", 401)] {
        for path in ["transactioncreate/qris", "transactioncancel", "paymentsimulation"] {
            let mut body = fields(ORDER, 500);
            body[name] = json!(value);
            let (status, body) = world.post_json(path, &body).await;
            assert_eq!(status, expected, "{path}: {body}");
            assert!(body["message"].is_string() && body.get("payment").is_none(), "{body}");
        }
    }
    let url = format!("{}/api/transactiondetail?project={SLUG}&amount=500&order_id={ORDER}", world.pakasir.url());
    assert_eq!(world.http.get(&url).send().await.unwrap().status(), 401);
    assert_eq!(world.http.get(format!("{url}&api_key={KEY}")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_body_must_be_a_json_object() {
    let world = world().await;
    let url = format!("{}/api/transactioncreate/qris", world.pakasir.url());
    let send = async |kind: &'static str, body: String| {
        world.http.post(&url).header("content-type", kind).body(body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(send("application/x-www-form-urlencoded", "amount=500".into()).await, 415);
    assert_eq!(send("application/json", "[1]".into()).await, 400);
    assert_eq!(send("application/json", "{".into()).await, 400);
    assert_eq!(send("application/json", format!("{{\"x\":\"{}\"}}", "x".repeat(70_000))).await, 413);
    let fields = format!("{{\"extra\":true,{}", &fields(ORDER, 500).to_string()[1..]);
    assert_eq!(send("application/json; charset=utf-8", fields).await, 200, "unknown fields are ignored");
    assert_eq!(world.http.get(&url).send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn the_amount_is_part_of_what_detail_is_asked_for() {
    let world = world().await;
    world.create(22_000).await;
    let detail = world.detail(22_000).await;
    assert_eq!(
        detail,
        json!({"amount": 22_000, "order_id": ORDER, "project": SLUG, "status": "pending", "payment_method": "qris"})
    );
    for amount in ["22464", "21999", "0", "-22000", "22000.0", "2.2e4", ""] {
        let status = world.get_detail(ORDER, amount).await.unwrap().status().as_u16();
        assert!([400, 404].contains(&status), "{amount}: {status}");
    }
    assert_eq!(world.get_detail("tg1001-other", "22000").await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_paid_invoice_is_completed_at_a_time_of_jakarta() {
    let world = world().await;
    world.create(22_000).await;
    world.sim.pay(ORDER).unwrap();
    let detail = world.detail(22_000).await;
    assert_eq!(detail["status"], "completed");
    let at = detail["completed_at"].as_str().unwrap();
    assert!(at.ends_with("+07:00") && at.len() == "2024-09-10T08:07:02.819+07:00".len(), "{at}");
    let at = DateTime::parse_from_rfc3339(at).unwrap().to_utc();
    assert!((world.sim.now() - at).abs() < TimeDelta::seconds(60));
    assert!(world.sim.pay(ORDER).is_err(), "nothing is paid twice");
    let (status, body) = world.post_json("transactioncancel", &fields(ORDER, 22_000)).await;
    assert_eq!((status, body), (400, json!({"message": "transaction is already completed"})));
}

#[tokio::test]
async fn a_cancelled_invoice_can_be_paid_no_more_unless_the_money_was_on_its_way() {
    let world = world().await;
    world.create(22_000).await;
    assert_eq!(world.post("transactioncancel", &fields(ORDER, 22_001)).await.status(), 404);
    for _ in 0..2 {
        let (status, body) = world.post_json("transactioncancel", &fields(ORDER, 22_000)).await;
        assert_eq!((status, body), (200, json!({"success": true})));
    }
    assert_eq!(world.detail(22_000).await["status"], "cancelled");
    world.sim.set_rules(|rules| rules.american_spelling = true);
    assert_eq!(world.detail(22_000).await["status"], "canceled");
    assert!(world.sim.pay(ORDER).is_err());
    world.sim.pay_late(ORDER).unwrap();
    assert_eq!(world.detail(22_000).await["status"], "completed");
}

#[tokio::test]
async fn an_invoice_expires_by_the_emulators_clock() {
    let world = world().await;
    world.sim.set_rules(|rules| rules.expiry = Duration::from_mins(5));
    world.create(22_000).await;
    world.sim.advance(Duration::from_secs(299));
    assert_eq!(world.sim.status(ORDER), Some(Status::Pending));
    world.sim.advance(Duration::from_secs(1));
    assert_eq!(world.detail(22_000).await["status"], "expired");
    assert!(world.sim.pay(ORDER).is_err());
    assert_eq!(world.post("transactioncancel", &fields(ORDER, 22_000)).await.status(), 400);
    // Another one can be made to expire at once.
    world.post("transactioncreate/qris", &fields("tg1001-other", 22_000)).await;
    world.sim.expire("tg1001-other").unwrap();
    assert_eq!(world.sim.status("tg1001-other"), Some(Status::Expired));
}

#[tokio::test]
async fn the_injected_clock_is_the_one_that_counts() {
    let noon = DateTime::from_timestamp(1_795_251_900, 5).unwrap();
    let world = world_with(|config| config.clock = warung_emulators::Clock::new(move || noon)).await;
    let payment = world.create(22_000).await;
    assert_eq!(payment["expired_at"], "2026-11-21T09:35:00.000000005Z");
}

#[tokio::test]
async fn a_second_create_for_an_order_makes_a_second_payment_that_everybody_sees() {
    let world = world().await;
    let first = world.create(22_000).await;
    assert_eq!((world.sim.creates(ORDER), world.sim.created_twice()), (1, Vec::new()));
    let second = world.create(22_000).await;
    assert_ne!(first["payment_number"], second["payment_number"]);
    assert_eq!((world.sim.creates(ORDER), world.sim.created_twice()), (2, vec![ORDER.to_owned()]));
    let (_, listed) = world.page("/sim/transactions").await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!((&listed["created_twice"], &listed["transactions"][0]["creates"]), (&json!([ORDER]), &json!(2)));
}

#[tokio::test]
async fn only_a_sandbox_pays_by_simulation_and_its_webhook_says_so() {
    let world = world().await;
    world.create(22_000).await;
    assert_eq!(world.post("paymentsimulation", &fields(ORDER, 22_000)).await.status(), 403);
    world.sim.set_project(|project| project.sandbox = true);
    assert_eq!(world.post("paymentsimulation", &fields(ORDER, 21_000)).await.status(), 404);
    let (status, body) = world.post_json("paymentsimulation", &fields(ORDER, 22_000)).await;
    assert_eq!((status, body), (200, json!({"success": true})));
    assert_eq!(world.detail(22_000).await["status"], "completed");
    world.sim.wait_for_webhook(|_| true, crate::support::SOON).await.unwrap();
    assert_eq!(world.merchant.bodies()[0]["is_sandbox"], json!(true));
    assert_eq!(world.post("paymentsimulation", &fields(ORDER, 22_000)).await.status(), 400);
}

#[tokio::test]
async fn the_log_of_requests_has_everything_but_the_key() {
    let world = world().await;
    world.create(22_000).await;
    world.detail(22_000).await;
    let calls = world.sim.calls();
    assert_eq!(calls.iter().map(|call| call.endpoint).collect::<Vec<_>>(), [Endpoint::Create, Endpoint::Detail]);
    assert_eq!(calls[0].params, json!({"project": SLUG, "order_id": ORDER, "amount": 22_000, "method": "qris"}));
    assert!(calls.iter().all(|call| call.status == 200 && !format!("{call:?}").contains(KEY)));
    assert_eq!((world.sim.count(Endpoint::Detail, ORDER), world.sim.count(Endpoint::Detail, "other")), (1, 0));
    let (_, filtered) = world.page("/sim/calls?endpoint=detail").await;
    assert!(!filtered.contains(KEY) && filtered.contains("\"detail\"") && !filtered.contains("\"create\""));
}
