//! A PostgreSQL cluster of this process's own, with the settings that PostgreSQL comes with: every commit is durable. Only
//! its log is that of a server that has run for a while, see [`LOG_FILES`].

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use serde::Serialize;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::{Failure, process, server::tail};

const START_MAX: Duration = Duration::from_mins(1);

/// How many files of its log (16 MiB each) are written before anything is measured, and reused from then on. A server that
/// was just made has none: it stops all commits for some 50 ms to fill the next with zeros, once a second under this load.
const LOG_FILES: usize = 32;

/// Runs under a shell that waits for the end of its input, which the system closes when we are gone.
const KEEPER: &str = r#"
    set -eu
    bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    [ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")
    echo "$bin" >"$1/bin"
    as=""
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$1"
        as="setpriv --reuid=postgres --regid=postgres --clear-groups"
    fi
    cd "$1"
    $as "$bin/initdb" -D "$1/data" -U warung -A trust -E UTF8 --no-locale >"$1/log" 2>&1
    $as "$bin/postgres" -D "$1/data" -k "$1" -c listen_addresses= -c fsync=on -c synchronous_commit=on -c min_wal_size=1GB \
        -c "shared_preload_libraries=$2" -c "pg_stat_statements.track_planning=on" >>"$1/log" 2>&1 &
    server=$!
    cat >/dev/null || true
    kill -INT $server 2>/dev/null || true
    wait $server 2>/dev/null || true
    rm -rf "$1/data"
"#;

/// A cluster that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Cluster {
    folder: PathBuf,
    bin: PathBuf,
    keeper: Option<Child>,
    /// The first of its processes.
    pub(crate) pid: u32,
}

/// A session that goes on, by a psql of its own.
#[derive(Debug)]
pub(crate) struct Session {
    /// Ends with the session.
    _psql: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// The server's process for it.
    pub(crate) backend: u32,
}

/// What psql prints after the rows of a statement.
const END: &str = "--";

impl Session {
    /// Runs one statement, and answers the rows that it prints.
    pub(crate) async fn query(&mut self, sql: &str) -> Result<Vec<String>, Failure> {
        self.input.write_all(format!("{sql};\n\\echo {END}\n").as_bytes()).await?;
        let mut rows = Vec::new();
        loop {
            let line = self.output.next_line().await?.ok_or("psql ended: see what it printed")?;
            if line == END {
                return Ok(rows);
            }
            rows.push(line);
        }
    }
}

/// What pgbench does here in the same time, durably: what the machine and PostgreSQL have to give.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct PgBench {
    /// Reads of one row by its key, a second.
    pub(crate) select_only: u64,
    /// Transactions of three statements with a durable commit, a second.
    pub(crate) simple_update: u64,
    /// With how many clients.
    pub(crate) clients: u32,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            // Until the keeper has ended, the folder is in use. There is nothing else to do here.
            let started = Instant::now();
            while started.elapsed() < Duration::from_secs(10) && matches!(keeper.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

impl Cluster {
    /// Starts one in an empty folder. `statements`: it counts them.
    pub(crate) async fn start(folder: &Path, statements: bool) -> Result<Self, Failure> {
        let keeper = Command::new("setsid")
            .args(["sh", "-c", KEEPER, "sh"])
            .arg(folder)
            .arg(if statements { "pg_stat_statements" } else { "" })
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut cluster = Self { folder: folder.to_path_buf(), bin: PathBuf::new(), keeper: Some(keeper), pid: 0 };
        let started = Instant::now();
        loop {
            let bin = fs::read_to_string(folder.join("bin")).unwrap_or_default();
            cluster.bin = PathBuf::from(bin.trim_end());
            if !bin.is_empty() && cluster.psql("postgres", "select 1").await.is_ok() {
                break;
            }
            if started.elapsed() > START_MAX {
                let log = tail(&folder.join("log"));
                return Err(format!("PostgreSQL 15 or later is needed and did not start:\n{log}").into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let first_line = fs::read_to_string(folder.join("data/postmaster.pid"))?;
        cluster.pid = first_line.lines().next().unwrap_or_default().trim().parse()?;
        // A file is closed only when something stands in it; the checkpoint makes the closed ones fit for reuse.
        let close_file = "select pg_logical_emit_message(false, 'bench', ''), pg_switch_wal();\n";
        cluster.psql("postgres", &(close_file.repeat(LOG_FILES) + "checkpoint")).await?;
        Ok(cluster)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.arg("-h").arg(&self.folder).args(["-U", "warung"]).kill_on_drop(true);
        command
    }

    fn psql_command(&self, database: &str) -> Command {
        let mut command = self.command("psql");
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database]);
        command
    }

    /// Opens a session of a database.
    pub(crate) async fn session(&self, database: &str) -> Result<Session, Failure> {
        let mut psql = self.psql_command(database).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (input, output) = (psql.stdin.take(), psql.stdout.take());
        let (Some(input), Some(output)) = (input, output) else { return Err("psql has no pipes".into()) };
        let output = BufReader::new(output).lines();
        let mut session = Session { _psql: psql, input, output, backend: 0 };
        let backend = session.query("select pg_backend_pid()").await?;
        session.backend = backend.first().ok_or("psql printed no process")?.parse()?;
        Ok(session)
    }

    /// Runs statements in one session, and answers what they print.
    pub(crate) async fn psql(&self, database: &str, sql: &str) -> Result<String, Failure> {
        let mut command = self.psql_command(database);
        for statement in sql.split(";\n").filter(|statement| !statement.trim().is_empty()) {
            command.args(["-c", statement]);
        }
        output(command).await
    }

    /// Where its socket is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The address of one of its databases, for the server.
    pub(crate) fn url(&self, database: &str) -> String {
        let host = self.folder.display().to_string().replace('/', "%2f");
        format!("postgres://warung@{host}/{database}")
    }

    /// The processor time of all its processes.
    pub(crate) fn processor_time(&self) -> Duration {
        process::processor_time_with_children(self.pid)
    }

    /// Its version.
    pub(crate) async fn version(&self) -> Result<String, Failure> {
        Ok(self.psql("postgres", "show server_version").await?.trim().to_owned())
    }

    /// Begins to count the statements of a database.
    pub(crate) async fn count_statements(&self, database: &str) -> Result<(), Failure> {
        self.psql(database, "create extension pg_stat_statements;\nselect pg_stat_statements_reset()").await.map(drop)
    }

    /// Which statements took the most time: how often, how many microseconds each, how often one was planned and in how
    /// many microseconds each, how many rows, and their beginning.
    pub(crate) async fn statements(&self, database: &str) -> Result<String, Failure> {
        let sql = "select lpad(calls::text, 9), lpad((mean_exec_time * 1000)::bigint::text, 8) || ' us', \
                   lpad(plans::text, 7), lpad((mean_plan_time * 1000)::bigint::text, 6) || ' us', \
                   lpad(rows::text, 9), left(regexp_replace(query, '\\s+', ' ', 'g'), 150) from pg_stat_statements \
                   order by total_exec_time + total_plan_time desc limit 30";
        self.psql(database, sql).await
    }

    /// Lets pgbench run for `time`, twice.
    pub(crate) async fn pgbench(&self, time: Duration) -> Result<PgBench, Failure> {
        self.psql("postgres", "create database pgbench").await?;
        let mut prepare = self.command("pgbench");
        prepare.args(["-i", "-q", "-s", "10", "pgbench"]);
        output(prepare).await?;
        let clients = 32;
        let seconds = time.as_secs().max(1).to_string();
        let mut measured = Vec::new();
        for script in ["select-only", "simple-update"] {
            let mut run = self.command("pgbench");
            run.args([
                "-n",
                "-b",
                script,
                "-M",
                "prepared",
                "-j",
                "2",
                "-T",
                &seconds,
                "-c",
                &clients.to_string(),
                "pgbench",
            ]);
            let text = output(run).await?;
            let figure = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split('.').next()?.parse().ok());
            measured.push(figure.ok_or("pgbench printed no figure")?);
        }
        self.psql("postgres", "drop database pgbench").await?;
        let [select_only, simple_update] = measured.as_slice() else { return Err("pgbench ran twice".into()) };
        Ok(PgBench { select_only: *select_only, simple_update: *simple_update, clients })
    }
}

async fn output(mut command: Command) -> Result<String, Failure> {
    let output = command.stdin(Stdio::null()).output().await?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
    }
}
