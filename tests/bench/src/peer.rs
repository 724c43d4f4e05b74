//! What others build for the same job, on PostgreSQL: a `FastAPI` server with `SQLAlchemy` and psycopg2, as such bots mostly
//! are, and one with aiohttp and asyncpg, as somebody builds it who wants it fast (`tests/bench/peer`).
//!
//! They run beside Warung and are measured in the same rounds, so that how many times as fast Warung is does not depend on
//! how fast the machine was on another day.

use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request};
use serde::{Deserialize, Serialize};
use tokio::process::{Child, Command};

use crate::{
    Failure,
    bot_api::BotApi,
    client::{Client, check_listed, refused},
    database::Place,
    fixture::{Call, Fixture, User},
    gateway::{Gateway, PROJECT},
    http::Connection,
    init_data::Signer,
    load::Target,
    plan::{Kind, PAGE, Plan, Workload},
    results::{Round, Series},
    server::{BOT_TOKEN, free_address, tail},
    shop::{HOT, PRICE, PRODUCTS, Prepared, Shop},
};

/// One for each core: with one process they answer fewer.
const WORKERS: &str = "2";
const START_MAX: Duration = Duration::from_mins(1);
const STOP_MAX: Duration = Duration::from_secs(10);
const JSON: &str = "application/json";

/// Another server for the same job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Other {
    FastApi,
    Aiohttp,
}

impl Other {
    pub(crate) const ALL: [Self; 2] = [Self::FastApi, Self::Aiohttp];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FastApi => "FastAPI, SQLAlchemy, psycopg2",
            Self::Aiohttp => "aiohttp, asyncpg",
        }
    }

    /// What its Python is called with.
    fn arguments(self, port: u16) -> Vec<String> {
        let port = port.to_string();
        let words: &[&str] = match self {
            Self::FastApi => &[
                "-m",
                "uvicorn",
                "fastapi_peer:app",
                "--host",
                "127.0.0.1",
                "--workers",
                WORKERS,
                "--no-access-log",
                "--log-level",
                "warning",
                "--port",
                &port,
            ],
            Self::Aiohttp => &["aiohttp_peer.py", &port],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }
}

/// Such a server, until it is dropped.
#[derive(Debug)]
struct Peer {
    other: Other,
    child: Child,
    target: Target,
    http: SocketAddr,
}

impl Drop for Peer {
    /// Asks it to end, as a server that is killed leaves its workers behind.
    fn drop(&mut self) {
        let pid = self.target.server_pid.to_string();
        let _ = std::process::Command::new("kill").args(["-TERM", &pid]).status();
        let started = Instant::now();
        while started.elapsed() < STOP_MAX && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The other servers, and the database that they share.
#[derive(Debug)]
pub(crate) struct Peers(Vec<Peer>);

/// The folder of their programs.
fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peer")
}

impl Peers {
    /// Starts a database with as many users, films and open payments as Warung has, and the servers.
    pub(crate) async fn start(
        python: &Path,
        plan: &Plan,
        folder: &Path,
        (gateway, bot_api): (&Gateway, &BotApi),
    ) -> Result<Self, Failure> {
        let folder = folder.join("peer");
        std::fs::create_dir(&folder)?;
        let place = Place::new(Kind::Postgres, &folder, false).await?;
        let Place::Postgres(cluster) = &place else { return Err("the other servers need PostgreSQL".into()) };
        let database = place.create("peer").await?;
        let database_url = format!("postgresql+psycopg2://warung@/peer?host={}", cluster.folder().display());
        let command = || {
            let mut command = Command::new("setpriv");
            // Asked to end when we are gone, it ends its workers, too.
            command.args(["--pdeathsig", "TERM", "--"]).arg(python).env_clear().env("PATH", "/usr/bin:/bin");
            command.env("PYTHONDONTWRITEBYTECODE", "1").env("BOT_TOKEN", BOT_TOKEN);
            command.env("TELEGRAM_API_URL", bot_api.url()).env("DATABASE_URL", &database_url);
            command.env("GATEWAY_URL", gateway.url()).env("GATEWAY_PROJECT", PROJECT);
            command.current_dir(programs()).stdin(Stdio::null()).kill_on_drop(true);
            command
        };
        let made = command().arg("fastapi_peer.py").output().await?;
        if !made.status.success() {
            return Err(format!("the other servers' tables: {}", String::from_utf8_lossy(&made.stderr)).into());
        }
        let prepared = Prepared::of(plan);
        cluster.psql("peer", &fill(plan, prepared)).await?;
        let mut peers = Vec::new();
        for other in Other::ALL {
            let (http, log) = (free_address().await?, folder.join(format!("{other:?}.log")));
            let mut command = command();
            command.args(other.arguments(http.port()));
            command.stdout(File::create(&log)?).stderr(File::options().append(true).open(&log)?);
            let child = command.spawn()?;
            let server_pid = child.id().ok_or("it ended at once")?;
            let users = (0..plan.users).map(User::new).collect();
            let mut fixture = Fixture::new(Signer::new(BOT_TOKEN), users, plan.active_users, prepared);
            fixture.titles = (1..=plan.titles).map(|number| number.to_string()).collect();
            let (fixture, database) = (Arc::new(fixture), database.clone());
            let target = Target { fixture, place: place.clone(), database, server_pid };
            let mut peer = Peer { other, child, target, http };
            peer.until_ready(&log).await?;
            peers.push(peer);
        }
        Ok(Self(peers))
    }

    /// What they are measured in: all that is wanted.
    pub(crate) fn series(&self, plan: &Plan) -> Vec<(Other, Series)> {
        let of = |workload: &Workload, other| (other, Series::of_peer(*workload, plan.in_flight));
        let of_all = |workload| self.0.iter().map(move |peer| of(workload, peer.other));
        plan.workloads.iter().flat_map(of_all).collect()
    }

    /// Puts one of them under the same load, for the same time.
    pub(crate) async fn round(&self, other: Other, workload: Workload, plan: &Plan) -> Result<Round, Failure> {
        let peer = self.0.iter().find(|peer| peer.other == other).ok_or("it was not started")?;
        let clients = (0..plan.in_flight).map(|_| Client::Peer(Connection::new(peer.http), other)).collect();
        Ok(peer.target.run(workload, clients, plan.warm_up, plan.round).await?.0)
    }
}

impl Peer {
    async fn until_ready(&mut self, log: &Path) -> Result<(), Failure> {
        let started = Instant::now();
        loop {
            let health = request(Method::GET, "/healthz", Bytes::new())?;
            if Connection::new(self.http).send(health).await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            if self.child.try_wait()?.is_some() || started.elapsed() > START_MAX {
                return Err(format!("{} did not start:\n{}", self.other.name(), tail(log)).into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Users who are members, films and products, as many as Warung has, and for each server as many open payments with the
/// goods that they buy.
fn fill(plan: &Plan, prepared: Prepared) -> String {
    let Plan { users, titles, .. } = plan;
    let (orders, spread) = (prepared.count(), prepared.spread);
    let Ok(servers) = u64::try_from(Other::ALL.len()) else { return String::new() };
    let (all, hot) = (orders.saturating_mul(servers), spread.saturating_add(prepared.hot));
    // The same as of Warung's orders, of each server's share.
    let number = format!("((i - 1) % {orders} + 1)");
    let product =
        format!("(case when {number} > {spread} and {number} <= {hot} then {HOT} else {number} % {PRODUCTS} + 1 end)");
    format!(
        "insert into users select 1000000 + i, 'Tamu ' || i, timestamptz '2100-01-01T00:00:00Z' \
         from generate_series(1, {users}) i;\n\
         insert into movies select i, 'Kisah Senja ' || i, repeat('Seorang penjual kopi menemukan surat lama. ', 6), \
         'https://poster.example/' || i || '.jpg', 1990 + i % 36 from generate_series(1, {titles}) i;\n\
         insert into products select i, 'Akun ' || i, {PRICE}, 100000000 from generate_series(1, {HOT}) i;\n\
         insert into orders select i, 'prepared-' || i, 1000001 + {number} % {users}, {product}, 1, {PRICE}, 'pending', \
         timestamptz '2026-01-01T00:00:00Z' from generate_series(1::bigint, {all}::bigint) i;\n\
         select setval('orders_id_seq', {all});\n\
         insert into payments (reference, order_id, amount, status) select 'p-' || i, i, {PRICE}, 'pending' \
         from generate_series(1::bigint, {all}::bigint) i;\n\
         insert into stock_items (product_id, content) \
         select {product}, 'akun-' || i || '@contoh.id | kata-sandi-' || i \
         from generate_series(1::bigint, {all}::bigint) i;\n\
         vacuum (analyze);\ncheckpoint;\n"
    )
}

fn request(method: Method, path: &str, body: Bytes) -> Result<Request<Full<Bytes>>, String> {
    let request = Request::builder().method(method).uri(path).header("host", "peer").header("content-type", JSON);
    request.body(Full::new(body)).map_err(|error| error.to_string())
}

#[derive(Deserialize)]
struct Listed {
    movies: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Answered {
    status: String,
}

#[derive(Deserialize)]
struct OrderRead {
    order_id: u64,
    lines: Vec<serde::de::IgnoredAny>,
    payments: Vec<serde::de::IgnoredAny>,
}

impl Other {
    /// The number in its database of an order of its share.
    fn order(self, shop: &Shop, number: u64) -> u64 {
        let share = shop.prepared.count();
        match self {
            Self::FastApi => number,
            Self::Aiohttp => share.saturating_add(number),
        }
    }

    /// Reads an order by its user, and checks that it is the one.
    async fn read(self, connection: &mut Connection, fixture: &Fixture, call: &Call<'_>) -> Result<(), String> {
        let order = fixture.shop.to_read(&fixture.users, call.number).ok_or("there is no order")?;
        let number = self.order(&fixture.shop, order.number);
        let mut request = request(Method::GET, &format!("/api/v1/orders/{number}"), Bytes::new())?;
        let launch = fixture.launch(order.user).parse().map_err(|_| "a launch is no header")?;
        request.headers_mut().insert("x-init-data", launch);
        let answer = connection.send(request).await?;
        let read = serde_json::from_slice::<OrderRead>(answer.body()).map_err(|_| refused(&answer))?;
        let is_it = (read.order_id, read.lines.len(), read.payments.len()) == (number, 1, 1);
        if is_it { Ok(()) } else { Err("another order".to_owned()) }
    }
}

/// Makes one call of it, and checks that the answer is what was asked for.
pub(crate) async fn call(
    connection: &mut Connection,
    workload: Workload,
    fixture: &Fixture,
    call: &Call<'_>,
    other: Other,
) -> Result<(), String> {
    let (path, body, wanted) = match workload {
        Workload::Bare => {
            let answer = connection.send(request(Method::GET, "/api/v1/store", Bytes::new())?).await?;
            return if answer.status().is_success() { Ok(()) } else { Err(refused(&answer)) };
        }
        Workload::Search | Workload::SearchMistyped => return Err("is not compared".to_owned()),
        Workload::Read => return other.read(connection, fixture, call).await,
        Workload::Session => {
            ("/api/v1/sessions", serde_json::json!({ "init_data": fixture.launch(call.looking) }), "created")
        }
        Workload::Settle | Workload::SettleHot => {
            let order = fixture.shop.next_to_settle(&fixture.users, workload);
            let order = order.ok_or("all prepared payments are settled")?;
            let reference = format!("p-{}", other.order(&fixture.shop, order.number));
            let body = serde_json::json!({
                "amount": PRICE, "order_id": reference, "project": PROJECT, "status": "completed",
                "payment_method": "qris", "completed_at": "2026-01-01T07:00:00.000000000+07:00",
            });
            ("/webhooks/pakasir", body, "settled")
        }
        Workload::List => {
            let answer = connection.send(request(Method::GET, &format!("/api/v1/movies?limit={PAGE}"), Bytes::new())?);
            let answer = answer.await?;
            let listed = serde_json::from_slice::<Listed>(answer.body()).map_err(|_| refused(&answer))?;
            return check_listed(listed.movies.len());
        }
        Workload::Film => {
            let movie_id: u64 = call.title.parse().map_err(|_| "no such film")?;
            let body = serde_json::json!({
                "chat_id": call.user.telegram_id, "movie_id": movie_id, "title": "Kisah", "poster_url": "",
                "init_data": fixture.launch(call.user),
            });
            ("/api/v1/handle_movie_request", body, "sent")
        }
        Workload::Place | Workload::PlaceHot => {
            let body = serde_json::json!({
                "request_id": format!("{other:?}-{}", call.request_id), "telegram_id": call.user.telegram_id,
                "product_id": Shop::product_number(workload, call.number), "quantity": 1,
            });
            ("/api/v1/orders", body, "pending")
        }
    };
    let answer = connection.send(request(Method::POST, path, body.to_string().into())?).await?;
    let answered = serde_json::from_slice::<Answered>(answer.body()).map_err(|_| refused(&answer))?;
    if answered.status == wanted { Ok(()) } else { Err(format!("answered {}", answered.status)) }
}
