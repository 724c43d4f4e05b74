//! Pakasir as its documentation shows it, and a server that answers whatever a test says.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::StatusCode;
use sha2::Sha256;

use super::*;

const KEY: &str = "xxx123";
const CREATED: &str = r#"{"payment":{"project":"depodomain","order_id":"INV123123","amount":99000,"fee":1003,
    "total_payment":100003,"payment_method":"qris",
    "payment_number":"00020101021226610016ID.CO.SHOPEE.WWW01189360091800216005230208216005230303UME51440014ID.CO.QRIS.WWW0215ID10243228429300303UME5204792953033605409100003.005802ID5907Pakasir6012KAB. KEBUMEN61055439262230519SP25RZRATEQI2HQ65Q46304A079",
    "expired_at":"2025-09-19T01:18:49.678622564Z"}}"#;
const DETAIL: &str = r#"{"transaction":{"amount":99000,"order_id":"INV123123","project":"depodomain","status":"completed",
    "payment_method":"qris","completed_at":"2024-09-10T08:07:02.819+07:00"}}"#;
const WEBHOOK: &str = r#"{"amount":22000,"order_id":"240910HDE7C9","project":"depodomain","status":"completed",
    "payment_method":"qris","completed_at":"2024-09-10T08:07:02.819+07:00"}"#;

type Answers = Arc<Mutex<Vec<(u16, String)>>>;

/// A server, and the requests that came: verb, path with query, body.
struct Peer {
    gateway: Pakasir,
    seen: Arc<Mutex<Vec<String>>>,
}

/// Answers in this order, the last one again and again.
async fn peer(answers: &[(u16, &str)]) -> Peer {
    let answers: Answers =
        Arc::new(Mutex::new(answers.iter().rev().map(|(code, body)| (*code, (*body).into())).collect()));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let answer = move |request: Request| {
        let (answers, log) = (Arc::clone(&answers), Arc::clone(&log));
        async move {
            let line = format!("{} {}", request.method(), request.uri());
            let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
            log.lock().unwrap().push(format!("{line} {}", String::from_utf8_lossy(&body)));
            let mut answers = answers.lock().unwrap();
            let (code, body) = if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() };
            let mut response: Response = (StatusCode::from_u16(code).unwrap(), Body::from(body)).into_response();
            if code == 302 {
                response.headers_mut().insert("location", "http://127.0.0.1:1/elsewhere".parse().unwrap());
            }
            if code == 429 {
                response.headers_mut().insert("retry-after", "0".parse().unwrap());
            }
            response
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    Peer { gateway: Pakasir::new(config(&base_url)).unwrap(), seen }
}

fn config(base_url: &str) -> PakasirConfig {
    PakasirConfig {
        base_url: base_url.parse().unwrap(),
        project_slug: "depodomain".into(),
        api_key: KEY.into(),
        webhook_secret: None,
        sandbox: false,
        timeout: TIMEOUT,
    }
}

fn charge() -> Charge {
    Charge { reference: "INV123123".into(), method: Method::Qris, amount: Money::idr(99_000) }
}

#[tokio::test]
async fn the_documented_invoice_is_asked_for_and_read() {
    let peer = peer(&[(200, CREATED)]).await;
    let invoice = peer.gateway.create(&charge()).await.unwrap();
    assert_eq!((invoice.fee, invoice.total), (Money::idr(1_003), Money::idr(100_003)));
    assert!(invoice.payload.ends_with("6304A079"));
    assert_eq!(invoice.expire_time.to_rfc3339(), "2025-09-19T01:18:49.678622564+00:00");
    assert!(invoice.pay_url.unwrap().ends_with("/pay/depodomain/99000?order_id=INV123123&qris_only=1"));
    let seen = peer.seen.lock().unwrap().clone();
    let body = r#"{"project":"depodomain","order_id":"INV123123","amount":99000,"api_key":"xxx123"}"#;
    assert_eq!(seen, [format!("POST /api/transactioncreate/qris {body}")]);
}

#[tokio::test]
async fn an_invoice_that_does_not_fit_is_refused() {
    for (from, to) in [
        ("\"depodomain\"", "\"another\""),
        ("INV123123", "INV123124"),
        ("\"amount\":99000", "\"amount\":99001"),
        ("\"fee\":1003", "\"fee\":1002"),
        ("\"fee\":1003,", "\"fee\":-1,"),
        ("100003,", "100004,"),
        ("\"qris\"", "\"bni_va\""),
        ("5409100003.00", "5409100004.00"),
        ("6304A079", "6304A078"),
        ("000201010212", "https://qris"),
    ] {
        let changed = CREATED.replacen(from, to, 1);
        assert_ne!(changed, CREATED, "{from}");
        let answer = peer(&[(200, &changed)]).await.gateway.create(&charge()).await;
        assert!(matches!(answer, Err(GatewayError::Mismatch(_))), "{to}: {answer:?}");
    }
}

#[tokio::test]
async fn a_virtual_account_is_a_number() {
    let created = |number: &str| {
        format!(
            r#"{{"payment":{{"project":"depodomain","order_id":"INV123123","amount":99000,"fee":3500,"total_payment":102500,
            "payment_method":"bni_va","payment_number":"{number}","expired_at":"2027-01-01T00:00:00+07:00"}}}}"#
        )
    };
    let asked = Charge { method: Method::BniVa, ..charge() };
    let invoice = peer(&[(200, &created("8808123412341234"))]).await.gateway.create(&asked).await.unwrap();
    assert_eq!(invoice.payload, "8808123412341234");
    for number in ["", "12", "88081234 1234", "<b>8808</b>"] {
        let answer = peer(&[(200, &created(number))]).await.gateway.create(&asked).await;
        assert!(matches!(answer, Err(GatewayError::Mismatch(_))), "{number}");
    }
}

#[tokio::test]
async fn of_a_create_without_a_clear_answer_nobody_knows_and_it_is_asked_once() {
    let whole = CREATED.to_owned() + &" ".repeat(70_000);
    for (code, body) in [
        (500, "{}"),
        (502, "<html>"),
        (200, "<html>"),
        (200, "{}"),
        (200, r#"{"message":"ok"}"#),
        (200, &CREATED[..100]),
        (200, &CREATED.replace("99000", "\"99000\"")),
        (200, &CREATED.replace("99000", "99000.0")),
        (200, whole.as_str()),
        (302, ""),
    ] {
        let peer = peer(&[(code, body)]).await;
        let answer = peer.gateway.create(&charge()).await;
        assert!(matches!(answer, Err(GatewayError::Uncertain(_))), "{code} {body:.40}: {answer:?}");
        assert_eq!(peer.seen.lock().unwrap().len(), 1, "{code}");
    }
    for (code, refused) in [(400, true), (401, true), (404, true), (422, true), (429, false)] {
        let answer = peer(&[(code, r#"{"message":"no"}"#)]).await.gateway.create(&charge()).await.unwrap_err();
        assert_eq!(matches!(answer, GatewayError::Refused(_)), refused, "{code}");
        assert_eq!(matches!(answer, GatewayError::Unavailable(_)), !refused, "{code}");
    }
}

#[tokio::test]
async fn a_status_is_asked_with_our_amount_and_only_completed_is_paid() {
    let server = peer(&[(200, DETAIL)]).await;
    let status = server.gateway.status(&charge().reference, charge().amount).await.unwrap();
    let paid_time = Some("2024-09-10T01:07:02.819Z".parse().unwrap());
    assert_eq!(status, GatewayStatus::Paid { received: Money::idr(99_000), withheld: 0, paid_time });
    let seen = server.seen.lock().unwrap().clone();
    let query = "project=depodomain&amount=99000&order_id=INV123123&api_key=xxx123";
    assert_eq!(seen, [format!("GET /api/transactiondetail?{query} ")]);
    for (word, expected) in [
        ("pending", GatewayStatus::Pending),
        ("expired", GatewayStatus::Expired),
        ("cancelled", GatewayStatus::Cancelled),
        ("canceled", GatewayStatus::Cancelled),
    ] {
        let detail = DETAIL.replace("completed\"", &format!("{word}\""));
        assert_eq!(
            peer(&[(200, &detail)]).await.gateway.status(&charge().reference, charge().amount).await,
            Ok(expected),
            "{word}"
        );
    }
    let null = DETAIL.replace("\"2024-09-10T08:07:02.819+07:00\"", "null");
    let status = peer(&[(200, &null)]).await.gateway.status(&charge().reference, charge().amount).await;
    assert_eq!(status, Ok(GatewayStatus::Paid { received: Money::idr(99_000), withheld: 0, paid_time: None }));
}

#[tokio::test]
async fn no_other_answer_is_money() {
    for (code, body) in [
        (200, DETAIL.replace("\"completed\"", "\"COMPLETED\"")),
        (200, DETAIL.replace("\"completed\"", "\"success\"")),
        (200, DETAIL.replace("INV123123", "INV1")),
        (200, DETAIL.replace("99000", "99001")),
        (200, DETAIL.replace("99000", "\"99000\"")),
        (200, DETAIL.replace("99000", "99e3")),
        (200, DETAIL.replace("depodomain", "another")),
        (200, DETAIL.replace("\"amount\"", "\"is_sandbox\":true,\"amount\"")),
        (200, DETAIL.replace("transaction\"", "payment\"")),
        (200, "<html>completed</html>".into()),
        (200, String::new()),
        (302, DETAIL.into()),
        (400, DETAIL.into()),
        (500, DETAIL.into()),
        (404, "<html>not found</html>".into()),
    ] {
        let status = peer(&[(code, &body)]).await.gateway.status(&charge().reference, charge().amount).await;
        assert!(status.is_err(), "{code} {body}: {status:?}");
    }
    let unknown = peer(&[(404, r#"{"message":"transaction not found"}"#)])
        .await
        .gateway
        .status(&charge().reference, charge().amount)
        .await;
    assert_eq!(unknown, Ok(GatewayStatus::Unknown));
}

#[tokio::test]
async fn a_status_is_asked_again_when_the_gateway_is_busy_but_not_for_ever() {
    let server = peer(&[(429, "{}"), (503, "{}"), (200, DETAIL)]).await;
    assert!(matches!(
        server.gateway.status(&charge().reference, charge().amount).await,
        Ok(GatewayStatus::Paid { .. })
    ));
    let busy = peer(&[(429, "{}")]).await;
    assert!(busy.gateway.status(&charge().reference, charge().amount).await.is_err());
    assert_eq!(busy.seen.lock().unwrap().len(), 3);
    let broken = peer(&[(500, "{}")]).await;
    assert!(broken.gateway.status(&charge().reference, charge().amount).await.is_err());
    assert_eq!(broken.seen.lock().unwrap().len(), 1, "a fault of its own is not asked again at once");
}

#[tokio::test]
async fn all_tries_of_a_status_have_the_time_of_one_call() {
    // Each try is refused with a wait, so that two of them fit and the third does not.
    let server = peer(&[(503, "{}"), (503, "{}"), (200, DETAIL)]).await;
    let patient = Duration::from_millis(500);
    let impatient = PakasirConfig { timeout: patient, ..server.gateway.config.clone() };
    let started = std::time::Instant::now();
    let status = Pakasir::new(impatient).unwrap().status(&charge().reference, charge().amount).await;
    assert!(matches!(status, Err(GatewayError::Uncertain(_))), "{status:?}");
    assert!(started.elapsed() >= patient);
    assert!(server.seen.lock().unwrap().len() < 3, "three tries and the waits between them take 900 ms");
}

#[tokio::test]
async fn a_cancel_goes_out_with_all_four_fields() {
    let server = peer(&[(200, r#"{"success":true}"#)]).await;
    assert_eq!(server.gateway.cancel(&charge()).await, Ok(()));
    assert!(server.seen.lock().unwrap()[0].starts_with("POST /api/transactioncancel {\"project\":\"depodomain\""));
    assert!(peer(&[(200, r#"{"success":false}"#)]).await.gateway.cancel(&charge()).await.is_err());
}

#[tokio::test]
async fn the_key_is_in_no_error() {
    let echoed = format!(r#"{{"message":"wrong key {KEY}"}}"#);
    for answers in [&[(500, echoed.as_str())][..], &[(400, echoed.as_str())], &[(200, echoed.as_str())]] {
        let peer = peer(answers).await;
        let errors = [
            peer.gateway.create(&charge()).await.unwrap_err(),
            peer.gateway.status(&charge().reference, charge().amount).await.unwrap_err(),
        ];
        assert!(errors.iter().all(|error| !error.to_string().contains(KEY)), "{errors:?}");
    }
    // Nobody listens there.
    let gone = Pakasir::new(config("http://127.0.0.1:1")).unwrap();
    let error = gone.status(&charge().reference, charge().amount).await.unwrap_err();
    assert_eq!(error, GatewayError::Unavailable("no connection".into()));
    assert!(!format!("{gone:?}").contains(KEY));
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_the_answer_unknown() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            drop(listener.accept().await);
        }
    });
    let gateway = Pakasir::new(config(&base_url)).unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(15), gateway.create(&charge())).await.unwrap();
    assert!(matches!(answer, Err(GatewayError::Uncertain(_))), "{answer:?}");
}

#[tokio::test]
async fn a_probe_tells_a_wrong_key_from_a_payment_that_there_is_not() {
    for (code, body) in [(404, r#"{"message":"transaction not found"}"#), (400, r#"{"error":"Transaksi tidak ada"}"#)] {
        assert_eq!(peer(&[(code, body)]).await.gateway.probe().await, Ok(()), "{code} {body}");
    }
    for (code, body) in [
        (401, "{}"),
        (403, "<html>"),
        (404, r#"{"message":"project not found"}"#),
        (400, r#"{"error":"invalid api_key"}"#),
    ] {
        let answer = peer(&[(code, body)]).await.gateway.probe().await;
        assert!(matches!(answer, Err(GatewayError::Refused(_))), "{code} {body}: {answer:?}");
    }
    for (code, body) in [(500, "{}"), (200, "<html>"), (404, "<html>"), (302, "")] {
        let answer = peer(&[(code, body)]).await.gateway.probe().await;
        assert!(matches!(answer, Err(GatewayError::Uncertain(_))), "{code} {body}: {answer:?}");
    }
}

#[test]
fn the_fee_is_the_published_one() {
    for (amount, expected) in [
        (99_000, 1_003),
        (22_000, 464),
        (105_000, 1_045),
        (105_001, 1_050),
        (200_000, 2_000),
        (0, 310),
        (i64::MAX, i64::MAX / 100),
    ] {
        assert_eq!(fee(Method::Qris, amount), expected, "{amount}");
    }
    assert_eq!(fee(Method::BniVa, 1_000_000), 3_500);
    assert_eq!(fee(Method::SampoernaVa, 1_000_000), 2_000);
    assert_eq!(fee(Method::ArthaGrahaVa, 1_000_000), 2_000);
}

#[test]
fn the_documented_webhook_names_its_payment() {
    let claim = webhook::read(&config("http://x"), WEBHOOK.as_bytes(), "").unwrap();
    assert_eq!(
        claim,
        WebhookClaim { reference: "240910HDE7C9".into(), amount: Money::idr(22_000), is_reversal: false }
    );
}

#[test]
fn a_webhook_that_is_not_clear_is_malformed() {
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let large = WEBHOOK.replace("qris", &"q".repeat(70_000));
    let malformed = [
        String::new(),
        "null".into(),
        "[]".into(),
        "completed".into(),
        WEBHOOK[..60].into(),
        format!("{WEBHOOK}{WEBHOOK}"),
        WEBHOOK.replace("22000", "\"22000\""),
        WEBHOOK.replace("22000", "22000.0"),
        WEBHOOK.replace("22000", "22e3"),
        WEBHOOK.replace("22000", "1e3"),
        WEBHOOK.replace("22000", "null"),
        WEBHOOK.replace("22000", "-22000"),
        WEBHOOK.replace("22000", "0"),
        WEBHOOK.replace("22000", "99999999999999999999"),
        WEBHOOK.replace("\"amount\":22000", "\"amount\":1,\"amount\":22000"),
        WEBHOOK.replace("240910HDE7C9", ""),
        WEBHOOK.replace("240910HDE7C9", "a\\u0000b"),
        WEBHOOK.replace("240910HDE7C9", "' or 1=1"),
        WEBHOOK.replace("240910HDE7C9", &"9".repeat(65)),
        WEBHOOK.replace("\"completed\"", "7"),
        WEBHOOK.replace("\"status\":\"completed\",", ""),
        deep,
        large,
    ];
    for body in malformed {
        let read = webhook::read(&config("http://x"), body.as_bytes(), "");
        assert!(matches!(read, Err(WebhookError::Malformed(_))), "{body:.80}: {read:?}");
    }
    assert!(webhook::read(&config("http://x"), b"\xFF\xFE", "").is_err());
}

#[test]
fn a_webhook_of_another_project_or_of_the_sandbox_is_refused() {
    let sandbox = WEBHOOK.replace("\"amount\"", "\"is_sandbox\":true,\"amount\"");
    for body in [WEBHOOK.replace("depodomain", "another"), sandbox.clone()] {
        let read = webhook::read(&config("http://x"), body.as_bytes(), "");
        assert!(matches!(read, Err(WebhookError::Refused(_))), "{body}");
    }
    let trying = PakasirConfig { sandbox: true, ..config("http://x") };
    assert!(webhook::read(&trying, sandbox.as_bytes(), "").is_ok());
}

#[test]
fn with_a_secret_every_webhook_is_signed() {
    let config = PakasirConfig { webhook_secret: Some("a secret".into()), ..config("http://x") };
    let mut mac = Hmac::<Sha256>::new_from_slice(b"a secret").unwrap();
    mac.update(WEBHOOK.as_bytes());
    let bytes: Vec<_> = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let signature = bytes.concat();
    assert!(webhook::read(&config, WEBHOOK.as_bytes(), &signature).is_ok());
    let changed = WEBHOOK.replace("22000", "22001");
    assert!(matches!(webhook::read(&config, changed.as_bytes(), &signature), Err(WebhookError::Refused(_))));
    for wrong in ["", "00", &signature.to_uppercase(), &signature[2..], &format!("{signature}0"), "é"] {
        let read = webhook::read(&config, WEBHOOK.as_bytes(), wrong);
        assert!(matches!(read, Err(WebhookError::Refused(_))), "{wrong}");
    }
}
