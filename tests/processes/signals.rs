//! What processes say when they start, and how they end when they are asked to.

use std::{
    net::TcpListener,
    path::PathBuf,
    time::{Duration, Instant},
};

use crate::{
    api::Api,
    follow::{Follower, Store},
    operator::library,
    process::{Process, port},
    shop::{Shop, edges},
    time::{DEADLINE, eventually},
};

/// What stands behind these words on a line of the demo's, without the space around it.
fn told<'a>(output: &'a str, words: &str) -> &'a str {
    let line = output.lines().find_map(|line| line.trim().strip_prefix(words));
    line.unwrap_or_else(|| panic!("nothing is said of {words}: {output}")).trim()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_says_where_it_is_even_on_other_ports_and_leaves_nothing_behind() {
    // Where somebody else has the port, it is taken all the same.
    let _taken = TcpListener::bind(("127.0.0.1", 8070));
    let folder = tempfile::Builder::new().prefix("warung-signals-").tempdir().unwrap();
    let temporary = [("TMPDIR".to_owned(), folder.path().display().to_string())];
    let library = library().display().to_string();
    let mut demo = Process::start_with("demo", &["demo", "--library", &library], &temporary, folder.path());
    let output = eventually("the demo's start", DEADLINE, async || {
        assert_eq!(demo.ended(), None, "{}", demo.output());
        Some(demo.output()).filter(|output| output.contains("Ctrl-C ends it."))
    })
    .await;
    assert!(output.contains("Port 8070 is taken; using another."), "{output}");
    let chat = output.lines().map(str::trim).find(|line| line.starts_with("http://")).unwrap();
    assert!(!chat.contains(":8070"), "{chat}");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for url in [chat, told(&output, "Payments (emulated)"), told(&output, "JSON"), told(&output, "OpenAPI")] {
        let answer = http.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{url}");
    }
    let (host, grpc) = told(&output, "gRPC, with reflection").rsplit_once(':').unwrap();
    TcpListener::bind((host, grpc.parse().unwrap())).expect_err("gRPC is served where it is said");
    let data = PathBuf::from(told(&output, "Data").strip_suffix(" (removed at the end)").unwrap());
    assert!(data.starts_with(folder.path()) && data.join("warung.db").exists(), "{output}");

    demo.signal("INT");
    let status = eventually("the demo's end", DEADLINE, async || demo.ended()).await;
    let output = demo.output();
    assert_eq!(status.code(), Some(0), "{output}");
    assert!(output.ends_with("The demo has ended; its data is gone.\n"), "{output}");
    assert!(!data.exists(), "{} is still there", data.display());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_told_to_end_does_so_cleanly_and_can_start_at_once() {
    let shop = Shop::new().await;
    let http = port();
    let address = format!("127.0.0.1:{http}");
    for round in ["first", "second"] {
        let mut serve = shop.start("store", "serve", &[("WARUNG_HTTP_ADDR", &address)]);
        let api = edges(&[http]);
        eventually("readiness", DEADLINE, async || api.is_ready().await.then_some(())).await;
        serve.signal("TERM");
        let status = eventually("the store's end", DEADLINE, async || serve.ended()).await;
        assert_eq!(status.code(), Some(0), "{round}: {}", serve.output());
        assert!(!serve.output().contains("] [ERROR]"), "{round}: {}", serve.output());
    }
}

/// How soon a process ends that is told to: two seconds, and some room for a machine that is busy.
const END: Duration = Duration::from_secs(4);

/// Looks at titles again and again, as many do while a process ends, until nobody is there. What an edge that ends still
/// answers, it answers well.
async fn looks_on(api: Api, ends: &'static str) {
    loop {
        match api.try_get("/api/v1/titles").await {
            Some(answer) if ends == "edge" => assert!(matches!(answer.status.as_u16(), 200 | 429), "{answer:?}"),
            Some(answer) if answer.status.is_success() => {}
            Some(_) | None => return,
        }
    }
}

/// Tells a process to end while people wait through the edge and others look around.
async fn ends_soon_and_answers_who_waits(mut process: Process, ends: &'static str, edge: &Api, follower: &Follower) {
    let waiting = follower.wait_at(edge).await;
    let crowd: Vec<_> = (0..4).map(|_| tokio::spawn(looks_on(edge.clone(), ends))).collect();
    let told = Instant::now();
    process.signal("TERM");
    let status = eventually("the end", DEADLINE, async || process.ended()).await;
    let took = told.elapsed();
    assert!(status.success() && took < END, "{status} after {took:?}: {}", process.output());
    waiting.are_answered(told, END).await;
    for task in crowd {
        task.abort();
        if let Err(error) = task.await {
            assert!(error.is_cancelled(), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_is_answered_when_a_store_ends() {
    let store = Store::new().await;
    let http = port();
    let serve = store.start("store", "serve", Some(http));
    let api = edges(&[http]);
    eventually("readiness", DEADLINE, async || api.is_ready().await.then_some(())).await;
    let follower = Follower::new(&store, &api).await;
    ends_soon_and_answers_who_waits(serve, "edge", &api, &follower).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_is_answered_when_an_edge_or_the_core_ends() {
    let store = Store::new().await;
    let ports = [port(), port()];
    let core = store.start("core", "core", None);
    let [first, second] = ports.map(|port| store.start(&format!("edge-{port}"), "edge", Some(port)));
    let mut bot = store.start("bot", "bot", None);
    let api = edges(&ports);
    eventually("readiness", DEADLINE, async || api.is_ready().await.then_some(())).await;
    let follower = Follower::new(&store, &api).await;
    // The edge ends and the core goes on; and the other way about.
    ends_soon_and_answers_who_waits(first, "edge", &api.only(0), &follower).await;
    ends_soon_and_answers_who_waits(core, "core", &api.only(1), &follower).await;
    drop(second);
    let told = Instant::now();
    bot.signal("TERM");
    let status = eventually("the bot's end", DEADLINE, async || bot.ended()).await;
    // Its reports and its lease have nobody to go to any more, and are tried for a while.
    assert!(status.success(), "{status} after {:?}: {}", told.elapsed(), bot.output());
}
