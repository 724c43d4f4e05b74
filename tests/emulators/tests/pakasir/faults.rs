//! Every fault of the API.

use std::time::Duration;

use serde_json::{Value, json};
use warung_emulators::pakasir::{ApiFault, Endpoint, Fault, HookFault, Status};

use crate::support::{ORDER, SOON, World, fields, world};

fn create_url(world: &World) -> String {
    format!("{}/api/transactioncreate/qris", world.pakasir.url())
}

async fn try_create(world: &World, patience: Duration) -> reqwest::Result<reqwest::Response> {
    world.http.post(create_url(world)).json(&fields(ORDER, 22_000)).timeout(patience).send().await
}

#[tokio::test]
async fn a_request_that_meets_no_answer_did_nothing() {
    let world = world().await;
    world.sim.fault(Fault::next(Endpoint::Create, ApiFault::Timeout));
    assert!(try_create(&world, Duration::from_millis(200)).await.unwrap_err().is_timeout());
    world.sim.fault(Fault::next(Endpoint::Create, ApiFault::Drop));
    assert!(!try_create(&world, SOON).await.unwrap_err().is_timeout());
    assert!(world.sim.transactions().is_empty());
    let seen = world.sim.wait_for_call(|call| call.status == 0, SOON).await.unwrap();
    assert_eq!(seen.order_id.as_deref(), Some(ORDER));
}

#[tokio::test]
async fn a_lost_answer_was_carried_out() {
    let world = world().await;
    world.sim.fault(Fault::next(Endpoint::Create, ApiFault::LostAnswer));
    assert!(try_create(&world, SOON).await.is_err());
    assert_eq!((world.sim.creates(ORDER), world.sim.calls()[0].status), (1, 0));
    assert_eq!(world.detail(22_000).await["status"], "pending");
    world.sim.fault(Fault::next(Endpoint::Cancel, ApiFault::LostAnswer));
    let url = format!("{}/api/transactioncancel", world.pakasir.url());
    assert!(world.http.post(url).json(&fields(ORDER, 22_000)).send().await.is_err());
    assert_eq!(world.sim.status(ORDER), Some(Status::Cancelled));
}

#[tokio::test]
async fn an_error_a_page_and_a_redirect_do_nothing() {
    let world = world().await;
    let fault = |kind| world.sim.fault(Fault::next(Endpoint::Create, kind));
    fault(ApiFault::Status { code: 429, retry_after: Some(7) });
    let response = try_create(&world, SOON).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    fault(ApiFault::Status { code: 500, retry_after: None });
    let response = try_create(&world, SOON).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers().get("retry-after")), (500, None));
    fault(ApiFault::Html { code: 200 });
    let response = try_create(&world, SOON).await.unwrap();
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(response.text().await.unwrap().starts_with("<!doctype html>"));
    fault(ApiFault::Redirect { location: "http://127.0.0.1:1/steal".into() });
    let response = try_create(&world, SOON).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["location"]),
        (302, &"http://127.0.0.1:1/steal".parse().unwrap())
    );
    assert!(world.sim.transactions().is_empty());
}

#[tokio::test]
async fn a_delayed_answer_comes_in_the_end_and_a_cut_or_huge_one_is_no_answer() {
    let world = world().await;
    world.sim.fault(Fault::next(Endpoint::Create, ApiFault::Delay { millis: 300 }));
    assert!(try_create(&world, Duration::from_millis(50)).await.unwrap_err().is_timeout());
    world.sim.wait_for_transaction(|made| made.order_id == ORDER, SOON).await.unwrap();
    world.sim.fault(Fault::next(Endpoint::Detail, ApiFault::Truncated));
    let cut = world.get_detail(ORDER, "22000").await.unwrap();
    assert!(cut.status() == 200 && cut.json::<Value>().await.is_err());
    world.sim.fault(Fault::next(Endpoint::Detail, ApiFault::Huge { bytes: 100_000 }));
    assert!(world.get_detail(ORDER, "22000").await.unwrap().bytes().await.unwrap().len() > 100_000);
}

#[tokio::test]
async fn an_answer_can_be_of_another_order_amount_or_project() {
    let world = world().await;
    world.create(22_000).await;
    for (kind, field, value) in [
        (ApiFault::OtherOrder { order_id: "tg9-zzzzzzzz-1".into() }, "order_id", json!("tg9-zzzzzzzz-1")),
        (ApiFault::OtherAmount { amount: 1_000 }, "amount", json!(1_000)),
        (ApiFault::OtherProject { project: "lain".into() }, "project", json!("lain")),
    ] {
        world.sim.fault(Fault::next(Endpoint::Detail, kind));
        assert_eq!(world.detail(22_000).await[field], value);
        assert_ne!(world.detail(22_000).await[field], value, "only once");
    }
}

#[tokio::test]
async fn a_completed_payment_can_be_told_as_pending_for_a_while() {
    let world = world().await;
    world.create(22_000).await;
    world.sim.fault(Fault::next(Endpoint::Detail, ApiFault::StillPending).times(2));
    assert_eq!(world.detail(22_000).await["status"], "pending");
    world.sim.pay(ORDER).unwrap();
    for status in ["pending", "pending", "completed"] {
        let detail = world.detail(22_000).await;
        assert_eq!((&detail["status"], detail.get("completed_at").is_some()), (&json!(status), status == "completed"));
    }
}

#[tokio::test]
async fn an_invoice_can_come_with_a_string_or_sum_that_does_not_fit() {
    let world = world().await;
    let good = world.create(22_000).await;
    world.sim.fault(Fault::next(Endpoint::Create, ApiFault::WrongChecksum));
    let wrong = world.create(22_000).await;
    let text = |payment: &Value| payment["payment_number"].as_str().unwrap().to_owned();
    let stored = world.sim.transaction(ORDER).unwrap().payment_number;
    assert_eq!(text(&wrong)[..stored.len() - 1], stored[..stored.len() - 1]);
    assert_ne!(text(&wrong), stored);
    world.sim.fault(Fault::next(Endpoint::Create, ApiFault::OtherTotal { total: 1_000 }));
    assert!(text(&world.create(22_000).await).contains("54071000.00"));
    world.sim.fault(Fault::next(Endpoint::Create, ApiFault::WrongSum));
    assert_eq!(world.create(22_000).await["total_payment"], good["total_payment"].as_i64().unwrap() + 1);
}

#[tokio::test]
async fn a_fault_meets_its_endpoint_and_order_only_so_often() {
    let world = world().await;
    world.create(22_000).await;
    let down = ApiFault::Status { code: 503, retry_after: None };
    world.sim.fault(Fault::next(Endpoint::Detail, down.clone()).of_order("tg9-other"));
    world.sim.fault(Fault { endpoint: None, order_id: Some(ORDER.into()), times: 2, kind: down });
    assert_eq!(world.get_detail(ORDER, "22000").await.unwrap().status(), 503);
    assert_eq!(world.post("transactioncancel", &fields(ORDER, 22_000)).await.status(), 503);
    assert_eq!(world.get_detail(ORDER, "22000").await.unwrap().status(), 200);
    assert_eq!(world.sim.faults().0.len(), 1, "the other order's is still there");
    world.sim.clear_faults();
    assert_eq!(world.get_detail("tg9-other", "22000").await.unwrap().status(), 404);
}

#[tokio::test]
async fn faults_and_settings_can_be_reached_over_http() {
    let world = world().await;
    let fault = json!({"endpoint": "create", "kind": "status", "code": 429, "retry_after": 3});
    assert_eq!(world.sim_post("faults", fault).await.0, 200);
    assert_eq!(try_create(&world, SOON).await.unwrap().status(), 429);
    let hook = json!({"kind": "duplicate", "copies": 3, "times": 2, "order_id": ORDER});
    assert_eq!(world.sim_post("webhook_faults", hook).await.0, 200);
    let listed = world.sim.faults().1;
    assert_eq!((listed[0].times, &listed[0].kind), (2, &HookFault::Duplicate { copies: 3 }));
    let patch = json!({"expiry_ms": 1_000, "latency_ms": 50, "sandbox": true});
    let url = format!("{}/sim/settings", world.pakasir.url());
    assert_eq!(world.http.patch(&url).json(&patch).send().await.unwrap().status(), 200);
    let settings: Value = world.http.get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&settings["expiry_ms"], &settings["latency_ms"], &settings["sandbox"]),
        (&json!(1_000), &json!(50), &json!(true))
    );
    let started = tokio::time::Instant::now();
    world.create(22_000).await;
    assert!(started.elapsed() >= Duration::from_millis(50));
    world.sim_post("clock", json!({"advance_ms": 1_000})).await;
    let (status, body) = world.sim_post(&format!("transactions/{ORDER}/pay"), json!({})).await;
    assert_eq!((status, &body["reason"]), (409, &json!("not_payable")));
    let (status, body) = world.sim_post(&format!("transactions/{ORDER}/pay"), json!({"late": true})).await;
    assert_eq!((status, &body["status"], &body["total_payment"]), (200, &json!("completed"), &json!(22_464)));
    let (status, body) = world.sim_post("transactions/tg9-nobody/expire", json!({})).await;
    assert_eq!((status, &body["reason"]), (404, &json!("unknown")));
}
