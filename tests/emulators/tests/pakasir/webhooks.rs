//! Webhooks, and every fault of theirs.

use axum::http::StatusCode;
use serde_json::{Value, json};
use warung_emulators::pakasir::{HookFault, PakasirError, WebhookFault};

use crate::support::{ORDER, SLUG, SOON, World, fields, world, world_with};

async fn paid(world: &World) {
    world.create(22_000).await;
    world.sim.pay(ORDER).unwrap();
    world.sim.wait_until_idle(SOON).await.unwrap();
}

#[tokio::test]
async fn a_payment_is_told_once_in_the_documented_form() {
    let world = world().await;
    paid(&world).await;
    let bodies = world.merchant.bodies();
    assert_eq!(bodies.len(), 1);
    let detail = world.detail(22_000).await;
    assert_eq!(bodies[0], detail, "it has the fields of transactiondetail");
    assert_eq!((&bodies[0]["status"], &bodies[0]["project"]), (&json!("completed"), &json!(SLUG)));
    assert_eq!(world.merchant.got()[0].1, None, "it is not signed");
    let posted = world.sim.webhooks();
    assert_eq!((posted.len(), posted[0].status, posted[0].order_id.as_deref()), (1, 200, Some(ORDER)));
}

#[tokio::test]
async fn it_is_not_posted_again_unless_asked_for() {
    let world = world().await;
    world.merchant.answers(StatusCode::SERVICE_UNAVAILABLE);
    paid(&world).await;
    assert_eq!((world.merchant.got().len(), world.sim.webhooks()[0].status), (1, 503));
    world.sim.set_rules(|rules| rules.webhook_retries = 1);
    world.post("transactioncreate/qris", &fields("tg1001-second", 22_000)).await;
    world.sim.pay("tg1001-second").unwrap();
    world.sim.wait_until_idle(SOON).await.unwrap();
    assert_eq!(world.merchant.got().len(), 3);
}

#[tokio::test]
async fn a_merchant_that_is_not_there_is_noted() {
    let world = world().await;
    world.sim.set_project(|project| project.webhook_url = Some("http://127.0.0.1:1/webhooks/pakasir".into()));
    paid(&world).await;
    let posted = world.sim.webhooks();
    assert!(posted[0].status == 0 && !posted[0].answer.is_empty(), "{posted:?}");
    world.sim.set_project(|project| project.webhook_url = None);
    assert_eq!(world.sim.forge(ORDER).await.unwrap_err(), PakasirError::NoWebhook);
}

#[tokio::test]
async fn a_webhook_can_be_dropped_doubled_and_delayed() {
    let world = world().await;
    world.sim.webhook_fault(WebhookFault::next(HookFault::Drop));
    paid(&world).await;
    assert!(world.sim.webhooks().is_empty());
    world.sim.webhook_fault(WebhookFault::next(HookFault::Duplicate { copies: 20 }));
    world.sim.webhook_fault(WebhookFault::next(HookFault::Delay { millis: 100 }));
    world.post("transactioncreate/qris", &fields("tg1001-second", 22_000)).await;
    let started = tokio::time::Instant::now();
    world.sim.pay("tg1001-second").unwrap();
    world.sim.wait_until_idle(SOON).await.unwrap();
    assert!(started.elapsed().as_millis() >= 100);
    let bodies = world.merchant.bodies();
    assert!(bodies.len() == 20 && bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
}

#[tokio::test]
async fn webhooks_can_come_out_of_order() {
    let world = world().await;
    world.sim.webhook_fault(WebhookFault::next(HookFault::OutOfOrder).of_order(ORDER));
    paid(&world).await;
    assert!(world.merchant.got().is_empty());
    world.post("transactioncreate/qris", &fields("tg1001-second", 22_000)).await;
    world.sim.pay("tg1001-second").unwrap();
    world.sim.wait_until_idle(SOON).await.unwrap();
    let orders: Vec<Value> = world.merchant.bodies().iter().map(|body| body["order_id"].clone()).collect();
    assert_eq!(orders, ["tg1001-second", ORDER]);
}

#[tokio::test]
async fn a_webhook_can_say_what_is_not_so() {
    let world = world().await;
    world.create(22_000).await;
    let mut seen = 0;
    let mut told = async |kind: HookFault| {
        seen += 1;
        let order = format!("tg1001-{seen:08}");
        world.post("transactioncreate/qris", &fields(&order, 22_000)).await;
        world.sim.webhook_fault(WebhookFault::next(kind));
        world.sim.pay(&order).unwrap();
        world.sim.wait_until_idle(SOON).await.unwrap();
        world.merchant.got().pop().unwrap().0
    };
    let json = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    assert_eq!(json(told(HookFault::WrongAmount { amount: 1 }).await)["amount"], 1);
    assert_eq!(json(told(HookFault::WrongOrder { order_id: ORDER.into() }).await)["order_id"], ORDER);
    assert_eq!(json(told(HookFault::WrongProject { project: "lain".into() }).await)["project"], "lain");
    assert!(serde_json::from_str::<Value>(&told(HookFault::Malformed).await).is_err());
    assert_eq!(json(told(HookFault::Followed { status: "failed".into() }).await)["status"], "failed");
    let statuses: Vec<String> =
        world.merchant.got().iter().rev().take(2).map(|(body, _)| json(body.clone())["status"].to_string()).collect();
    assert_eq!(statuses, ["\"failed\"", "\"completed\""], "the newest first");
}

#[tokio::test]
async fn a_forged_webhook_claims_what_was_never_paid() {
    let world = world().await;
    world.create(22_000).await;
    let posted = world.sim.forge(ORDER).await.unwrap();
    assert_eq!(posted.status, 200);
    let body = &world.merchant.bodies()[0];
    assert_eq!((&body["status"], &body["amount"]), (&json!("completed"), &json!(22_000)));
    assert!(body["completed_at"].is_string());
    assert_eq!(world.detail(22_000).await["status"], "pending");
    world.sim.post_body("[]").await.unwrap();
    let (status, answer) = world.sim_post("webhooks", json!({"body": "nonsense"})).await;
    assert_eq!((status, &answer["status"]), (200, &json!(200)));
    assert_eq!(
        world.merchant.got().iter().map(|(body, _)| body.as_str()).skip(1).collect::<Vec<_>>(),
        ["[]", "nonsense"]
    );
}

#[tokio::test]
async fn with_a_secret_each_webhook_is_signed() {
    let world = world_with(|config| config.project.webhook_secret = Some("key".into())).await;
    world.sim.post_body("The quick brown fox jumps over the lazy dog").await.unwrap();
    assert_eq!(world.merchant.got()[0].1, None, "a body of the caller's own is not");
    world.create(22_000).await;
    world.sim.pay(ORDER).unwrap();
    world.sim.wait_until_idle(SOON).await.unwrap();
    let first = world.merchant.got()[1].1.clone().unwrap();
    assert!(first.len() == 64 && first.bytes().all(|byte| b"0123456789abcdef".contains(&byte)), "{first}");
    world.post("transactioncreate/qris", &fields("tg1001-second", 22_000)).await;
    world.sim.webhook_fault(WebhookFault::next(HookFault::WrongSignature));
    world.sim.pay("tg1001-second").unwrap();
    world.sim.wait_until_idle(SOON).await.unwrap();
    let (body, wrong) = world.merchant.got().pop().unwrap();
    assert_ne!(wrong.unwrap(), sign(&body));
    assert_eq!(first, sign(&world.merchant.got()[1].0));
}

/// The HMAC-SHA256 of a body under the secret `key`, reckoned by another road: the definition of HMAC.
fn sign(body: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let pad = |with: u8| {
        let mut block = [with; 64];
        for (place, byte) in block.iter_mut().zip(b"key") {
            *place ^= byte;
        }
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(body).finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
    format!("{:x}", axum::body::Bytes::copy_from_slice(&outer))
}
