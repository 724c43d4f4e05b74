//! `warung doctor` looks at the store from outside: each thing that keeps it from being reached, with its remedy.

use std::{io::Read as _, net::TcpListener, sync::Arc, thread};

use axum::{
    Router,
    http::StatusCode,
    response::Redirect,
    routing::{get, post},
};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use crate::{
    doctor::{doctor, finding, shop},
    process::{Ended, Values, port},
    shop::{Shop, edges},
    time::{DEADLINE, eventually},
};

/// Serves on this machine; answers its address.
pub(crate) async fn front(app: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

/// What a proxy shows of a store that runs.
pub(crate) fn store() -> Router {
    let fine = || get(async || "ok\n");
    Router::new()
        .route("/healthz", fine())
        .route("/app/", fine())
        .route("/telegram/webhook", post(async || ""))
        .route("/webhooks/pakasir", post(async || ""))
}

/// What the doctor says when the store has this public address.
fn at(shop: &Shop, values: &Values, public: &str, more: &[(&str, &str)]) -> Ended {
    let more = [&[("WARUNG_PUBLIC_URL", public)], more].concat();
    doctor(shop, values, &more)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_reached_from_outside_is_said_to_be() {
    let (shop, values) = shop().await;
    let address = format!("127.0.0.1:{}", port());
    let public = format!("http://{address}");
    let api = edges(&[address.rsplit_once(':').unwrap().1.parse().unwrap()]);
    let http = ("WARUNG_HTTP_ADDR", &*address);
    let _serve = shop.start("store", "serve", &[http]);
    eventually("readiness", DEADLINE, async || api.is_ready().await.then_some(())).await;
    let pakasir = [
        ("PAKASIR_PROJECT_SLUG", "toko"),
        ("PAKASIR_API_KEY", "kunci"),
        ("PAKASIR_BASE_URL", &*format!("http://127.0.0.1:{}", port())),
    ];
    let ended = at(&shop, &values, &public, &[&[http][..], &pakasir].concat());
    assert_eq!(finding(&ended, "WARUNG_PUBLIC_URL"), [format!("ok     WARUNG_PUBLIC_URL: {public}/healthz answers")]);
    assert_eq!(finding(&ended, "Mini App"), [format!("ok     Mini App: {public}/app/ answers")]);
    assert_eq!(
        finding(&ended, "Pakasir webhook"),
        [format!("ok     Pakasir webhook: {public}/webhooks/pakasir answers")]
    );
    assert_eq!(
        finding(&ended, "Pakasir project"),
        [
            "notice Pakasir project: not asked: Pakasir does not tell where it posts webhooks to".to_owned(),
            format!(
                "       -> look at the project's page at Pakasir: its webhook address must be {public}/webhooks/pakasir"
            ),
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_passed_on_or_sends_elsewhere_is_named() {
    let (shop, values) = shop().await;
    let elsewhere = || get(async || Redirect::permanent("https://www.warung.example/app/"));
    let moved = Router::new().route("/healthz", get(async || "ok\n")).route("/app/", elsewhere());
    let public = front(moved).await;
    let ended = at(&shop, &values, &public, &[]);
    let found = finding(&ended, "Mini App");
    assert_eq!(found[0], format!("FAULT  Mini App: {public}/app/ sends elsewhere: https://www.warung.example/app/"));
    assert!(found[1].contains("Telegram ties a Mini App to the address"), "{found:?}");
    assert_eq!(ended.status.code(), Some(1));

    let whole = front(Router::new().fallback(async || Redirect::permanent("https://www.warung.example/"))).await;
    let found = at(&shop, &values, &whole, &[]);
    assert!(finding(&found, "WARUNG_PUBLIC_URL")[0].contains("/healthz sends elsewhere: "), "{found:?}");

    let other = front(Router::new().fallback(async || StatusCode::NOT_FOUND)).await;
    let ended = at(&shop, &values, &other, &[]);
    let expected = [
        format!("FAULT  WARUNG_PUBLIC_URL: {other}/healthz answers 404 Not Found: that is not Warung"),
        "       -> let the proxy pass every path on to WARUNG_HTTP_ADDR (deploy/caddy)".to_owned(),
    ];
    assert_eq!(finding(&ended, "WARUNG_PUBLIC_URL"), expected);

    let without = store().method_not_allowed_fallback(async || StatusCode::NOT_FOUND);
    let public = front(without).await;
    let ended = at(&shop, &values, &public, &[("WARUNG_BOT_MODE", "webhook")]);
    let found = finding(&ended, "Telegram webhook");
    assert!(found[0].starts_with("FAULT  Telegram webhook: ") && found[0].contains("404"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_is_a_fault_of_a_store_that_runs_and_not_asked_of_one_that_does_not() {
    let (shop, values) = shop().await;
    let nobody = format!("http://127.0.0.1:{}", port());
    let still = front(Router::new().fallback(async || StatusCode::BAD_GATEWAY)).await;
    let stands = ("WARUNG_HTTP_ADDR", &*format!("127.0.0.1:{}", port()));
    for public in [&nobody, &still] {
        let ended = at(&shop, &values, public, &[stands]);
        let expected = [
            format!(
                "notice WARUNG_PUBLIC_URL: not asked: nothing answers at {public}/healthz, and the store does not run here now"
            ),
            "       -> run `warung doctor` once more while the store runs".to_owned(),
        ];
        assert_eq!(
            (finding(&ended, "WARUNG_PUBLIC_URL"), ended.status.code()),
            (expected.iter().map(|line| &**line).collect(), Some(0))
        );
        assert!(!ended.stdout.contains("ok     Mini App"), "what was not asked is not ok: {ended:?}");
    }
    let here = front(store()).await;
    let runs = ("WARUNG_HTTP_ADDR", here.strip_prefix("http://").unwrap());
    let ended = at(&shop, &values, &nobody, &[runs]);
    let found = finding(&ended, "WARUNG_PUBLIC_URL");
    assert!(
        found[0].starts_with(&format!("FAULT  WARUNG_PUBLIC_URL: nothing answers at {nobody}/healthz: ")),
        "{found:?}"
    );
    let found = at(&shop, &values, &still, &[runs]);
    assert!(finding(&found, "WARUNG_PUBLIC_URL")[0].contains("answers 502 Bad Gateway"), "{found:?}");
}

/// Speaks TLS with a certificate of nobody's; answers its address.
fn untrusted() -> String {
    let pem = include_bytes!("untrusted.pem");
    let certificate = CertificateDer::from_pem_slice(pem).unwrap();
    let key = PrivateKeyDer::from_pem_slice(pem).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
            // Whoever does not like the certificate goes away.
            let _ = tls.read(&mut [0; 1_024]);
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_and_a_name_that_are_wrong_are_named() {
    let (shop, values) = shop().await;
    let ended = at(&shop, &values, &untrusted(), &[]);
    let found = finding(&ended, "WARUNG_PUBLIC_URL");
    assert!(
        found[0].starts_with("FAULT  WARUNG_PUBLIC_URL: the certificate of 127.0.0.1 is not accepted"),
        "{found:?}"
    );
    let proxies = finding(&ended, "WARUNG_TRUSTED_PROXIES");
    assert!(proxies[0].starts_with("notice WARUNG_TRUSTED_PROXIES: is 0, "), "{proxies:?}");
    assert!(proxies[1].contains("1 with Caddy"), "{proxies:?}");
    let told = at(&shop, &values, &untrusted(), &[("WARUNG_TRUSTED_PROXIES", "1")]);
    assert!(!told.stdout.contains("WARUNG_TRUSTED_PROXIES"), "{told:?}");

    // Too long for a name: no server is asked about it.
    let nowhere = format!("https://{}.example", "a".repeat(64));
    let ended = at(&shop, &values, &nowhere, &[]);
    let found = finding(&ended, "WARUNG_PUBLIC_URL");
    assert!(
        found[0].starts_with("FAULT  WARUNG_PUBLIC_URL: the name aaaa") && found[0].contains("leads nowhere"),
        "{found:?}"
    );
}
