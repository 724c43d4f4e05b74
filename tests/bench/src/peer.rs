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
    http::Connection,
    init_data::Signer,
    load::Target,
    plan::{Kind, PAGE, Plan, Workload},
    results::{Round, Series},
    server::{BOT_TOKEN, free_address, tail},
    shop::{HOT, PRICE, Prepared, Shop},
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
    /// Starts a database with as many users and films as Warung has, and the servers.
    pub(crate) async fn start(python: &Path, plan: &Plan, folder: &Path, bot_api: &BotApi) -> Result<Self, Failure> {
        let folder = folder.join("peer");
        std::fs::create_dir(&folder)?;
        let place = Place::new(Kind::Postgres, &folder, false).await?;
        let Place::Postgres(cluster) = &place else { return Err("the other servers need PostgreSQL".into()) };
        cluster.psql("postgres", "create database peer").await?;
        let database_url = format!("postgresql+psycopg2://warung@/peer?host={}", cluster.folder().display());
        let command = || {
            let mut command = Command::new("setpriv");
            // Asked to end when we are gone, it ends its workers, too.
            command.args(["--pdeathsig", "TERM", "--"]).arg(python).env_clear().env("PATH", "/usr/bin:/bin");
            command.env("PYTHONDONTWRITEBYTECODE", "1").env("BOT_TOKEN", BOT_TOKEN);
            command.env("TELEGRAM_API_URL", bot_api.url()).env("DATABASE_URL", &database_url);
            command.current_dir(programs()).stdin(Stdio::null()).kill_on_drop(true);
            command
        };
        let made = command().arg("fastapi_peer.py").output().await?;
        if !made.status.success() {
            return Err(format!("the other servers' tables: {}", String::from_utf8_lossy(&made.stderr)).into());
        }
        cluster.psql("peer", &fill(plan)).await?;
        let mut peers = Vec::new();
        for other in Other::ALL {
            let (http, log) = (free_address().await?, folder.join(format!("{other:?}.log")));
            let mut command = command();
            command.args(other.arguments(http.port()));
            command.stdout(File::create(&log)?).stderr(File::options().append(true).open(&log)?);
            let child = command.spawn()?;
            let server_pid = child.id().ok_or("it ended at once")?;
            let users = (0..plan.users).map(User::new).collect();
            let mut fixture = Fixture::new(Signer::new(BOT_TOKEN), users, plan.active_users, Prepared::default());
            fixture.titles = (1..=plan.titles).map(|number| number.to_string()).collect();
            let target = Target { fixture: Arc::new(fixture), place: place.clone(), server_pid };
            let mut peer = Peer { other, child, target, http };
            peer.until_ready(&log).await?;
            peers.push(peer);
        }
        Ok(Self(peers))
    }

    /// What they are measured in, of what is wanted: they have no more than this.
    pub(crate) fn series(&self, plan: &Plan) -> Vec<(Other, Series)> {
        let has = |workload: &&Workload| {
            matches!(workload, Workload::Film | Workload::List | Workload::Place | Workload::PlaceHot)
        };
        let of = |workload: &Workload, other| (other, Series::of_peer(*workload, plan.in_flight));
        let of_all = |workload| self.0.iter().map(move |peer| of(workload, peer.other));
        plan.workloads.iter().filter(has).flat_map(of_all).collect()
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

/// Users who are members, films and products, as many as Warung has.
fn fill(plan: &Plan) -> String {
    let Plan { users, titles, .. } = plan;
    format!(
        "insert into users select 1000000 + i, 'Tamu ' || i, timestamptz '2100-01-01T00:00:00Z' \
         from generate_series(1, {users}) i;\n\
         insert into movies select i, 'Kisah Senja ' || i, repeat('Seorang penjual kopi menemukan surat lama. ', 6), \
         'https://poster.example/' || i || '.jpg', 1990 + i % 36 from generate_series(1, {titles}) i;\n\
         insert into products select i, 'Akun ' || i, {PRICE}, 100000000 from generate_series(1, {HOT}) i;\n\
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

/// Makes one call of it, and checks that the answer is what was asked for.
pub(crate) async fn call(
    connection: &mut Connection,
    workload: Workload,
    fixture: &Fixture,
    call: &Call<'_>,
    other: Other,
) -> Result<(), String> {
    let (path, body, wanted) = match workload {
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
        _ => return Err("it has nothing of the kind".to_owned()),
    };
    let answer = connection.send(request(Method::POST, path, body.to_string().into())?).await?;
    let answered = serde_json::from_slice::<Answered>(answer.body()).map_err(|_| refused(&answer))?;
    if answered.status == wanted { Ok(()) } else { Err(format!("answered {}", answered.status)) }
}
