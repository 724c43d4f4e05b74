//! What settings make of the edge, in one process and in one of its own.

use reqwest::{Client, Method, Response};

use crate::{
    process::{Process, port},
    shop::{Shop, edges},
    time::{DEADLINE, eventually},
};

/// A core with its edge, and another edge apart, whose settings are these.
struct Store {
    shop: Shop,
    serve: String,
    edge: String,
    http: Client,
    _processes: [Process; 2],
}

impl Store {
    async fn start(of_serve: &[(&str, &str)], of_edge: &[(&str, &str)]) -> Self {
        let shop = Shop::new().await;
        let ports = [port(), port()];
        let [serve, edge] = ports.map(|port| format!("127.0.0.1:{port}"));
        let with = |address| [("WARUNG_HTTP_ADDR", address), ("WARUNG_PUBLIC_URL", "https://warung.example")];
        let processes = [
            shop.start("serve", "serve", &[&with(&*serve)[..], of_serve].concat()),
            shop.start("edge", "edge", &[&with(&*edge)[..], of_edge].concat()),
        ];
        let api = edges(&ports);
        eventually("readiness", DEADLINE, async || api.is_ready().await.then_some(())).await;
        let http = Client::builder().no_proxy().build().unwrap();
        let [serve, edge] = [serve, edge].map(|address| format!("http://{address}"));
        Self { shop, serve, edge, http, _processes: processes }
    }

    async fn send(&self, method: Method, url: String, headers: &[(&'static str, &str)]) -> Response {
        let request = self.http.request(method, url);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.send().await.unwrap()
    }

    /// Looks at the list of titles through proxies that say this of the client, and answers whether it may.
    async fn is_let_in(&self, edge: &str, forwarded: &str) -> bool {
        let url = format!("{edge}/api/v1/titles");
        let answer = self.send(Method::GET, url, &[("x-forwarded-for", forwarded)]).await;
        assert!(matches!(answer.status().as_u16(), 200 | 429), "{answer:?}");
        answer.status() == 200
    }

    /// Looks until it is one time too many.
    async fn exhaust(&self, edge: &str, forwarded: &str) {
        eventually("a refusal", DEADLINE, async || {
            for _ in 0..200 {
                if !self.is_let_in(edge, forwarded).await {
                    return Some(());
                }
            }
            None
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mini_app_hosted_elsewhere_may_call_from_its_origin_and_no_other_may() {
    let store = Store::start(&[("WARUNG_WEBAPP_URL", "https://toko.example/app/")], &[]).await;
    let ask = async |edge: &str, origin: &'static str| {
        let headers = [("origin", origin), ("access-control-request-method", "POST")];
        let answer = store.send(Method::OPTIONS, format!("{edge}/api/v1/title-requests"), &headers).await;
        let allowed = answer.headers().get("access-control-allow-origin");
        allowed.map(|allowed| allowed.to_str().unwrap().to_owned())
    };
    assert_eq!(ask(&store.serve, "https://toko.example").await.as_deref(), Some("https://toko.example"));
    for other in ["https://another.example", "http://toko.example", "https://toko.example.another.example"] {
        assert_eq!(ask(&store.serve, other).await, None, "{other}");
    }
    assert_eq!(ask(&store.edge, "https://toko.example").await, None, "an edge that was told of none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_served_to_this_machine_by_the_store_and_by_an_edge_apart() {
    let store = Store::start(&[], &[]).await;
    for (edge, metrics) in [
        (&store.serve, &["http_server_request_duration_seconds", "rpc_server_call_duration"][..]),
        (&store.edge, &["http_server_request_duration_seconds"]),
    ] {
        assert!(store.is_let_in(edge, "").await);
        let answer = store.send(Method::GET, format!("{edge}/metrics"), &[]).await;
        assert_eq!(answer.status(), 200);
        let text = answer.text().await.unwrap();
        for metric in metrics {
            assert!(text.contains(metric), "{metric} is not in {text}");
        }
        let passed_on = store.send(Method::GET, format!("{edge}/metrics"), &[("x-forwarded-for", "203.0.113.7")]).await;
        assert_eq!(passed_on.status(), 404, "what a proxy passes on comes from elsewhere");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_behind_trusted_proxies_are_told_apart_and_no_others() {
    let store = Store::start(&[("WARUNG_TRUSTED_PROXIES", "1")], &[]).await;
    // The least there is: ten a minute for a person, a hundred for an address.
    store.shop.operator().set("rate.read_per_minute", "10").await;
    // What stands before the proxy's own word is the client's invention.
    store.exhaust(&store.serve, "198.51.100.1, 203.0.113.7").await;
    assert!(store.is_let_in(&store.serve, "203.0.113.7, 203.0.113.8").await, "another client is let in");

    // Without a trusted proxy the header says nothing. A minute may begin between the two; hardly three times.
    for turn in 1..=3 {
        store.exhaust(&store.edge, "203.0.113.9").await;
        if !store.is_let_in(&store.edge, "203.0.113.10").await {
            return;
        }
        assert!(turn < 3, "a header that nobody trusts has made another client");
    }
}
