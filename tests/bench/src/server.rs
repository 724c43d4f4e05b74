//! The server under load: `warung serve`, as a process of its own.

use std::{
    fs::File,
    io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    time::timeout,
};

use crate::Failure;

/// Signs what the benchmark's users bring.
pub(crate) const BOT_TOKEN: &str = "7000000001:AAFbenchbenchbenchbenchbenchbenchbench";
/// The bot of that token.
pub(crate) const BOT_ID: i64 = 7_000_000_001;
/// The key from which services' keys are made.
pub(crate) const SERVICE_KEY: &str = "bench-bench-bench-bench-bench-bench-service-key";
const SECRET_KEY: &str = "bench-bench-bench-bench-bench-bench-secret-key";

const START_MAX: Duration = Duration::from_mins(1);
const STOP_MAX: Duration = Duration::from_secs(20);
/// How often the server is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(1);

/// What a server starts with.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) binary: PathBuf,
    pub(crate) database_url: String,
    pub(crate) telegram_url: String,
    pub(crate) gateway_url: String,
    /// Its data folder, which is there.
    pub(crate) folder: PathBuf,
}

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) pid: u32,
    pub(crate) http: SocketAddr,
    pub(crate) grpc: SocketAddr,
    /// From the start of its process to its first readiness.
    pub(crate) ready_after: Duration,
}

impl Start {
    /// Starts it, and waits until it is ready.
    pub(crate) async fn start(&self) -> Result<Server, Failure> {
        let (http, grpc) = (free_address().await?, free_address().await?);
        let log_path = self.folder.join("server.log");
        let log = File::options().create(true).append(true).open(&log_path)?;
        let started = Instant::now();
        // The system ends it when we are gone, whatever becomes of us.
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(&self.binary)
            .arg("serve")
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("BOT_TOKEN", BOT_TOKEN)
            .env("BOT_USERNAME", "warung_bench_bot")
            .env("TELEGRAM_API_URL", &self.telegram_url)
            .env("DATABASE_URL", &self.database_url)
            .env("PAKASIR_PROJECT_SLUG", crate::gateway::PROJECT)
            .env("PAKASIR_API_KEY", "bench-bench-bench-bench")
            .env("PAKASIR_BASE_URL", &self.gateway_url)
            .env("WARUNG_DATA_DIR", &self.folder)
            .env("WARUNG_HTTP_ADDR", http.to_string())
            .env("WARUNG_GRPC_ADDR", grpc.to_string())
            .env("WARUNG_SECRET_KEY", SECRET_KEY)
            .env("WARUNG_SERVICE_KEY", SERVICE_KEY)
            // So that the film's card has the button that opens the Mini App, too.
            .env("WARUNG_PUBLIC_URL", "https://warung.example")
            // Each user comes from an address of their own, as they do in life; all connections here are from one.
            .env("WARUNG_TRUSTED_PROXIES", "1")
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        let pid = child.id().ok_or("the server ended at once")?;
        loop {
            if is_ready(http).await {
                let ready_after = started.elapsed();
                return Ok(Server { child, pid, http, grpc, ready_after });
            }
            if let Some(status) = child.try_wait()? {
                return Err(format!("the server ended with {status}:\n{}", tail(&log_path)).into());
            }
            if started.elapsed() > START_MAX {
                return Err(format!("the server is not ready after {START_MAX:?}:\n{}", tail(&log_path)).into());
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    }
}

impl Server {
    /// Asks it to end, and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        let asked = Command::new("kill").args(["-TERM", &self.pid.to_string()]).status().await?;
        match timeout(STOP_MAX, self.child.wait()).await {
            Ok(status) if asked.success() => {
                let status = status?;
                if status.success() { Ok(()) } else { Err(format!("the server ended with {status}").into()) }
            }
            _ => Err(format!("the server did not end within {STOP_MAX:?} of being asked to").into()),
        }
    }
}

/// An address that nobody listens on now. Somebody else may take it first, and the server then says so.
pub(crate) async fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()
}

async fn is_ready(address: SocketAddr) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n").await?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await?;
        io::Result::Ok(answer == *b"HTTP/1.1 200")
    };
    matches!(timeout(Duration::from_secs(5), asked).await, Ok(Ok(true)))
}

/// The last lines of a log.
pub(crate) fn tail(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<_> = text.lines().rev().take(20).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
