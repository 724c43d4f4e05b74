//! A core, two edges and two bots as processes of their own on PostgreSQL, and the loss of each of them.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use warung_emulators::telegram::{Fault, FaultKind};
use warung_store::testing::{Kind, TestDatabase};

use crate::{
    api::Api,
    operator::library,
    process::{self, Process, port},
    shop::{BOT, Shop, edges},
    time::{DEADLINE, LEASE_DEADLINE, eventually},
};

/// How long it may take until another bot polls: the lease of the one before and a look in between.
const TAKEOVER: Duration = Duration::from_secs(15);

/// How many people ask at once.
const CROWD: usize = 24;

struct Replicas {
    shop: Shop,
    database: TestDatabase,
    public_url: String,
    core: Process,
    edges: Vec<Process>,
    bots: Vec<Process>,
    api: Api,
}

impl Replicas {
    async fn start() -> Self {
        let database = TestDatabase::new(Kind::Postgres).await;
        let shop = Shop::new().await;
        let ports = [port(), port()];
        let api = edges(&ports);
        let public_url = format!("http://127.0.0.1:{}", ports[0]);
        let core = start_core(&shop, &database, &public_url);
        let edges = (0..2).map(|index| {
            let address = format!("127.0.0.1:{}", ports[index]);
            let more = [("WARUNG_HTTP_ADDR", &*address), ("WARUNG_PUBLIC_URL", &public_url)];
            shop.start(&format!("edge-{index}"), "edge", &more)
        });
        let edges = edges.collect();
        let bots = (0..2).map(|index| shop.start(&format!("bot-{index}"), "bot", &[])).collect();
        eventually("the edges' readiness", DEADLINE, async || api.is_ready().await.then_some(())).await;
        Self { shop, database, public_url, core, edges, bots, api }
    }

    /// The bot that polls.
    async fn poller(&self) -> usize {
        eventually("the polling lease", DEADLINE, async || {
            self.bots.iter().position(|bot| bot.output().contains("held=true"))
        })
        .await
    }

    /// People ask for a film, each through the next edge; what became of their requests.
    fn crowd(&self, people: std::ops::Range<usize>) -> JoinSet<(usize, String)> {
        let mut asking = JoinSet::new();
        for index in people {
            let person = self.shop.person(index);
            person.open_chat();
            let api = self.api.beginning_at(index % 2);
            asking.spawn(async move { (index, api.film(&person.init_data(), "peron", LEASE_DEADLINE).await) });
        }
        asking
    }
}

fn start_core(shop: &Shop, database: &TestDatabase, public_url: &str) -> Process {
    shop.start("core", "core", &[("DATABASE_URL", &database.config.url), ("WARUNG_PUBLIC_URL", public_url)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_lost_when_a_bot_an_edge_and_the_core_are_killed() {
    let mut replicas = Replicas::start().await;
    import(&replicas);
    replicas.shop.operator().set("messaging.lease_seconds", "60").await;
    let poller = replicas.poller().await;

    // Sends take a while, so that some are under way in each bot when one of them is killed.
    let sim = replicas.shop.sim();
    sim.fault(Fault::next("sendPhoto", FaultKind::Delay { millis: 400 }).times(u32::try_from(CROWD).unwrap()));
    let asking = replicas.crowd(0..CROWD);
    let arrived = || (0..CROWD).map(|index| replicas.shop.person(index).films()).filter(|films| *films > 0).count();
    eventually("the first films' arrival", DEADLINE, async || (arrived() >= 4).then_some(())).await;
    replicas.bots[poller].kill();

    polling_is_taken_over(&replicas).await;
    an_edge_is_enough(&mut replicas).await;
    the_core_comes_back(&mut replicas).await;

    for (index, state) in asking.join_all().await {
        assert_eq!(state, "STATE_SENT", "the request of person {index}");
        let films = replicas.shop.person(index).films();
        // A film whose send was cut short comes again: of the one who was killed nobody knows what it did.
        assert!((1..=2).contains(&films), "person {index} has {films} films");
    }
}

/// The library comes through the core that runs, as an operator does it.
fn import(replicas: &Replicas) {
    let folder = replicas.shop.folder("operator");
    let values = replicas.shop.values(&folder.join("data"), &[("DATABASE_URL", &replicas.database.config.url)]);
    let file = library().display().to_string();
    for words in ["3 created, 0 updated, 0 unchanged", "0 created, 0 updated, 3 unchanged"] {
        let ended = process::run(&["import", &file], &values, &folder);
        assert!(ended.status.success() && ended.stdout.contains(words), "{words}: {ended:?}");
    }
}

async fn polling_is_taken_over(replicas: &Replicas) {
    let killed = Instant::now();
    let (sim, person) = (replicas.shop.sim(), replicas.shop.person(CROWD));
    let user = sim.user(person.id);
    user.press_start(BOT, None).unwrap();
    // Some room for a machine that is busy: the lease itself ends after 12 s.
    let deadline = TAKEOVER + Duration::from_secs(5);
    user.wait_for_message(BOT, |message| message.text().contains("Selamat datang"), deadline).await.unwrap();
    let holders = replicas.bots.iter().filter(|bot| bot.output().contains("held=true")).count();
    assert_eq!(holders, 2, "the other bot has held the lease too, {:?} after the first was killed", killed.elapsed());
}

async fn an_edge_is_enough(replicas: &mut Replicas) {
    replicas.edges[0].kill();
    let person = replicas.shop.person(CROWD + 1);
    person.open_chat();
    let state = replicas.api.only(1).film(&person.init_data(), "layar", DEADLINE).await;
    assert_eq!(state, "STATE_SENT");
}

async fn the_core_comes_back(replicas: &mut Replicas) {
    replicas.core.kill();
    let person = replicas.shop.person(CROWD + 2);
    person.open_chat();
    let edge = replicas.api.only(1);
    assert!(!edge.is_ready().await, "an edge without a core is not ready");
    // It is asked for while there is no core, and answered once there is.
    let asking = tokio::spawn({
        let (edge, init_data) = (edge.clone(), person.init_data());
        async move { edge.film(&init_data, "layar", DEADLINE).await }
    });
    replicas.core = start_core(&replicas.shop, &replicas.database, &replicas.public_url);
    assert_eq!(asking.await.unwrap(), "STATE_SENT");
    assert!(edge.is_ready().await);
    // The bot answers updates again too.
    let sim = replicas.shop.sim();
    let user = sim.user(replicas.shop.person(CROWD + 3).id);
    user.press_start(BOT, None).unwrap();
    user.wait_for_message(BOT, |message| message.text().contains("Selamat datang"), DEADLINE).await.unwrap();
}
