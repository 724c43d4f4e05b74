//! What others build for the same job: a `FastAPI` server with `SQLAlchemy` and psycopg2 (`tests/bench/peer`), on PostgreSQL.
//!
//! It runs beside Warung and is measured in the same rounds, so that how many times as fast Warung is does not depend on
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
use serde::Deserialize;
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

/// One for each core: with one process it answers fewer.
const WORKERS: &str = "2";
const START_MAX: Duration = Duration::from_mins(1);
const STOP_MAX: Duration = Duration::from_secs(10);
const JSON: &str = "application/json";

/// The server, its database and its users, until it is dropped.
#[derive(Debug)]
pub(crate) struct Peer {
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

/// The folder of its program.
fn program() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peer")
}

impl Peer {
    /// Starts a database and the server, with as many users and films as Warung has.
    pub(crate) async fn start(python: &Path, plan: &Plan, folder: &Path, bot_api: &BotApi) -> Result<Self, Failure> {
        let folder = folder.join("peer");
        std::fs::create_dir(&folder)?;
        let place = Place::new(Kind::Postgres, &folder, false).await?;
        let Place::Postgres(cluster) = &place else { return Err("the peer needs PostgreSQL".into()) };
        cluster.psql("postgres", "create database peer").await?;
        let database_url = format!("postgresql+psycopg2://warung@/peer?host={}", cluster.folder().display());
        let command = || {
            let mut command = Command::new("setpriv");
            // Asked to end when we are gone, it ends its workers, too.
            command.args(["--pdeathsig", "TERM", "--"]).arg(python).env_clear().env("PATH", "/usr/bin:/bin");
            command.env("PYTHONDONTWRITEBYTECODE", "1").env("BOT_TOKEN", BOT_TOKEN);
            command.env("TELEGRAM_API_URL", bot_api.url()).env("DATABASE_URL", &database_url);
            command.current_dir(program()).stdin(Stdio::null()).kill_on_drop(true);
            command
        };
        let made = command().arg("peer.py").output().await?;
        if !made.status.success() {
            return Err(format!("the peer's tables: {}", String::from_utf8_lossy(&made.stderr)).into());
        }
        cluster.psql("peer", &fill(plan)).await?;
        let (http, log) = (free_address().await?, folder.join("server.log"));
        let mut child = command()
            .args(["-m", "uvicorn", "peer:app", "--host", "127.0.0.1", "--workers", WORKERS, "--no-access-log"])
            .args(["--log-level", "warning", "--port", &http.port().to_string()])
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?)
            .spawn()?;
        until_ready(http, &mut child, &log).await?;
        let server_pid = child.id().ok_or("the peer ended at once")?;
        let users = (0..plan.users).map(User::new).collect();
        let mut fixture = Fixture::new(Signer::new(BOT_TOKEN), users, plan.active_users, Prepared::default());
        fixture.titles = (1..=plan.titles).map(|number| number.to_string()).collect();
        Ok(Self { child, target: Target { fixture: Arc::new(fixture), place, server_pid }, http })
    }

    /// What it is measured in, of what is wanted: it has no more than this.
    pub(crate) fn series(&self, plan: &Plan) -> Vec<Series> {
        let has = |workload: &&Workload| {
            matches!(workload, Workload::Film | Workload::List | Workload::Place | Workload::PlaceHot)
        };
        let of = |workload: &Workload| Series::of_peer(*workload, plan.in_flight);
        plan.workloads.iter().filter(has).map(of).collect()
    }

    /// Puts it under the same load, for the same time.
    pub(crate) async fn round(&self, workload: Workload, plan: &Plan) -> Result<Round, Failure> {
        let clients = (0..plan.in_flight).map(|_| Client::Peer(Connection::new(self.http))).collect();
        Ok(self.target.run(workload, clients, plan.warm_up, plan.round).await?.0)
    }
}

async fn until_ready(http: SocketAddr, child: &mut Child, log: &Path) -> Result<(), Failure> {
    let started = Instant::now();
    loop {
        let health = request(Method::GET, "/healthz", Bytes::new())?;
        if Connection::new(http).send(health).await.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(());
        }
        if child.try_wait()?.is_some() || started.elapsed() > START_MAX {
            return Err(format!("the peer did not start:\n{}", tail(log)).into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
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
                "request_id": call.request_id, "telegram_id": call.user.telegram_id,
                "product_id": Shop::product_number(workload, call.number), "quantity": 1,
            });
            ("/api/v1/orders", body, "pending")
        }
        _ => return Err("the peer has nothing of the kind".to_owned()),
    };
    let answer = connection.send(request(Method::POST, path, body.to_string().into())?).await?;
    let answered = serde_json::from_slice::<Answered>(answer.body()).map_err(|_| refused(&answer))?;
    if answered.status == wanted { Ok(()) } else { Err(format!("answered {}", answered.status)) }
}
