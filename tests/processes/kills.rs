//! `warung serve`, killed between any two steps of a film's way: what was accepted is carried out by the process that is
//! started after it.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use warung_emulators::telegram::{Call, Fault, FaultKind};
use warung_store::testing::{Kind, TestDatabase};

use crate::{
    api::Api,
    operator::request_id,
    process::{Process, port},
    shop::{BOT, Person, Shop, edges},
    time::{DEADLINE, LEASE_DEADLINE, eventually},
};

/// A store of one process on a data folder, and on PostgreSQL a database, that outlive it.
struct Store {
    shop: Shop,
    database: Option<TestDatabase>,
    http: u16,
    api: Api,
}

impl Store {
    async fn new(kind: Kind) -> Self {
        let http = port();
        let database = match kind {
            Kind::Postgres => Some(TestDatabase::new(kind).await),
            // A file in its data folder.
            Kind::Sqlite => None,
        };
        Self { shop: Shop::new().await, database, http, api: edges(&[http]) }
    }

    fn start(&self, role: &str) -> Process {
        let folder = self.shop.folder("store");
        let address = format!("127.0.0.1:{}", self.http);
        let public_url = format!("http://{address}");
        let mut more = vec![("WARUNG_HTTP_ADDR", &*address), ("WARUNG_PUBLIC_URL", &public_url)];
        more.extend(self.database.as_ref().map(|database| ("DATABASE_URL", &*database.config.url)));
        Process::start(role, role, &self.shop.values(&folder.join("data"), &more), &folder)
    }

    async fn ready(&self) {
        eventually("readiness", DEADLINE, async || self.api.is_ready().await.then_some(())).await;
    }

    /// Fills it, and lets leases end as soon as they may. Answers a film's id: by that it is asked for, as by its code
    /// nobody's request is carried out with others', nor handed over.
    async fn fill(&self) -> String {
        self.shop.operator().fill().await;
        self.shop.operator().set("messaging.lease_seconds", "60").await;
        let answer = self.api.get("/api/v1/titles/peron", "").await;
        answer.body["title"]["titleId"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
    }

    /// A store that serves and has films.
    async fn serving(&self) -> (Process, String) {
        let process = self.start("serve");
        self.ready().await;
        let film = self.fill().await;
        (process, film)
    }

    /// Kills the process, and starts it again: it is ready within moments.
    async fn restart(&self, process: &mut Process) {
        process.kill();
        let started = Instant::now();
        *process = self.start("serve");
        self.ready().await;
        let ready = started.elapsed();
        assert!(ready < Duration::from_secs(10), "it took {ready:?} until it was ready");
    }

    fn person(&self, index: usize) -> Person {
        let person = self.shop.person(index);
        person.open_chat();
        person
    }

    /// Somebody asks; the id under which they ask again is theirs from the start.
    fn asks(&self, person: &Person, film: &str) -> Asked {
        let (id, api, init_data) = (request_id(), self.api.clone(), person.init_data());
        let task = tokio::spawn({
            let (id, film) = (id.clone(), film.to_owned());
            async move { api.film_under(&id, &init_data, &film, LEASE_DEADLINE).await }
        });
        Asked { id, task }
    }

    async fn is_called(&self, predicate: impl Fn(&Call) -> bool) {
        self.shop.sim().wait_for_call(predicate, DEADLINE).await.unwrap();
    }
}

/// A request whose answer is waited for through any number of restarts.
struct Asked {
    id: String,
    task: tokio::task::JoinHandle<String>,
}

impl Asked {
    async fn ends_sent(self) {
        assert_eq!(self.task.await.unwrap(), "STATE_SENT", "request {}", self.id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_film_arrives_wherever_the_process_was_killed_on_sqlite() {
    Box::pin(killed_at_any_moment(Kind::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_film_arrives_wherever_the_process_was_killed_on_postgres() {
    Box::pin(killed_at_any_moment(Kind::Postgres)).await;
}

/// The leases of a worker that was killed have to end first, so all of these wait for theirs together.
async fn killed_at_any_moment(kind: Kind) {
    tokio::join!(
        before_it_was_claimed(kind),
        between_claim_and_send(kind),
        while_it_was_being_sent(kind),
        after_it_was_sent_and_before_it_was_reported(kind),
        in_the_middle_of_many(kind),
    );
}

async fn before_it_was_claimed(kind: Kind) {
    let store = Store::new(kind).await;
    // A core and an edge without a bot accept requests and carry none out.
    let (mut core, mut edge) = (store.start("core"), store.start("edge"));
    store.ready().await;
    let film = store.fill().await;
    let person = store.person(0);
    let id = request_id();
    let body = serde_json::json!({"requestId": id, "titleId": film});
    let authorization = format!("tma {}", person.init_data());
    let answer = store.api.post("/api/v1/title-requests", &[("authorization", &authorization)], &body).await;
    assert_eq!(answer.body["titleRequest"]["state"], "STATE_QUEUED", "{answer:?}");
    core.kill();
    edge.kill();
    let _serve = store.start("serve");
    let state = store.api.film_under(&id, &person.init_data(), &film, DEADLINE).await;
    assert_eq!((&*state, person.films()), ("STATE_SENT", 1));
}

async fn between_claim_and_send(kind: Kind) {
    let store = Store::new(kind).await;
    let (mut core, mut edge) = (store.start("core"), store.start("edge"));
    store.ready().await;
    let film = store.fill().await;
    let person = store.person(0);
    let asked = store.asks(&person, &film);
    // We are the bot that claims it, and is lost.
    let claimed = store.shop.operator().claim("lost-worker", BOT).await;
    assert_eq!(claimed.len(), 1);
    core.kill();
    edge.kill();
    let _serve = store.start("serve");
    asked.ends_sent().await;
    assert_eq!(person.films(), 1);
}

async fn while_it_was_being_sent(kind: Kind) {
    let store = Store::new(kind).await;
    let (mut process, film) = store.serving().await;
    store.shop.sim().fault(Fault::next("sendPhoto", FaultKind::Hang));
    let person = store.person(0);
    let asked = store.asks(&person, &film);
    store.is_called(|call| call.method == "sendphoto").await;
    store.restart(&mut process).await;
    asked.ends_sent().await;
    assert_eq!(person.films(), 1, "the send that was cut short was never performed");
}

async fn after_it_was_sent_and_before_it_was_reported(kind: Kind) {
    let store = Store::new(kind).await;
    let (mut process, film) = store.serving().await;
    store.shop.sim().fault(Fault::next("sendPhoto", FaultKind::LostReply));
    let person = store.person(0);
    let asked = store.asks(&person, &film);
    store.is_called(|call| call.method == "sendphoto").await;
    store.restart(&mut process).await;
    asked.ends_sent().await;
    assert_eq!(person.films(), 2, "nobody knows that it was sent, so it comes once more");
}

async fn in_the_middle_of_many(kind: Kind) {
    const CROWD: usize = 16;
    let store = Store::new(kind).await;
    let (mut process, film) = store.serving().await;
    let times = u32::try_from(CROWD).unwrap();
    store.shop.sim().fault(Fault::next("sendPhoto", FaultKind::Delay { millis: 150 }).times(times));
    let people: Vec<Person> = (0..CROWD).map(|index| store.person(index)).collect();
    let mut asking = JoinSet::new();
    for person in &people {
        let asked = store.asks(person, &film);
        asking.spawn(asked.ends_sent());
    }
    // Twice: the second time while what the first left undone is waiting. On PostgreSQL that waits for the end of its
    // leases, as another process may be at work on it; where there is but one process, it goes on at once.
    let all_arrived = if kind == Kind::Postgres { [2, 2] } else { [2, 6] };
    for arrived in all_arrived {
        let films = || people.iter().filter(|person| person.films() > 0).count();
        eventually("some films' arrival", DEADLINE, async || (films() >= arrived).then_some(())).await;
        store.restart(&mut process).await;
    }
    asking.join_all().await;
    for person in people {
        let films = person.films();
        assert!((1..=3).contains(&films), "{} has {films} films", person.id);
    }
}
