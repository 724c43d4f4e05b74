//! What is measured, and for how long.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::Failure;

/// How many titles a list asks for.
pub(crate) const PAGE: i32 = 20;

/// A database that the server runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Workload {
    /// `GetStore`: no statement of a database.
    Bare,
    /// `ListTitles`, 20 a page.
    List,
    /// The same, with words that are searched for: two letters, a frequent word, one and the beginning of another, and two that
    /// no title has both of.
    Search,
    /// The same, with words that are mistyped by a letter.
    SearchMistyped,
    /// `CreateSession` of a user who is known, with a launch that was signed for this call.
    Session,
    /// `RequestTitle`, until the film's card is in the chat.
    Film,
    /// `PlaceOrder` of a product whose units are counted, without a payment.
    Place,
    /// The same, and everybody wants one product.
    PlaceHot,
    /// A paid order: from the post of its webhook until the delivery row of its goods is committed.
    Settle,
    /// The same, of orders of one product.
    SettleHot,
    /// `GetOrder` of an order with a payment.
    Read,
}

impl Workload {
    pub(crate) const ALL: [Self; 9] = [
        Self::Bare,
        Self::List,
        Self::Session,
        Self::Film,
        Self::Place,
        Self::PlaceHot,
        Self::Settle,
        Self::SettleHot,
        Self::Read,
    ];

    /// What is compared over libraries of different sizes.
    pub(crate) const OF_LIBRARIES: [Self; 3] = [Self::List, Self::Search, Self::SearchMistyped];

    /// Whether it is about orders.
    pub(crate) fn is_shop(self) -> bool {
        matches!(self, Self::Place | Self::PlaceHot | Self::Settle | Self::SettleHot | Self::Read)
    }

    /// Whether its orders are paid for: a webhook is posted, and goods are waited for.
    pub(crate) fn is_paid(self) -> bool {
        matches!(self, Self::Settle | Self::SettleHot)
    }

    /// Whether it is called by this wire. A gateway posts its webhooks as JSON; orders are measured by gRPC alone.
    pub(crate) fn is_called_by(self, wire: Wire) -> bool {
        match self {
            Self::Bare | Self::List | Self::Session | Self::Film => true,
            Self::Place | Self::PlaceHot | Self::Read | Self::Search | Self::SearchMistyped => wire == Wire::Grpc,
            Self::Settle | Self::SettleHot => wire == Wire::Json,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare call",
            Self::List => "list 20 titles",
            Self::Search => "search titles",
            Self::SearchMistyped => "search titles, mistyped",
            Self::Session => "session",
            Self::Film => "film request",
            Self::Place => "place order",
            Self::PlaceHot => "place order, one product",
            Self::Settle => "paid order, until its goods are written",
            Self::SettleHot => "paid order, one product",
            Self::Read => "read order",
        }
    }
}

/// How a call is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Wire {
    /// gRPC over HTTP/2, straight to the core, by a few connections that all calls share: so its clients do.
    Grpc,
    /// The same by a connection for each call in flight, as the others have: what they are compared with.
    GrpcApart,
    /// gRPC-Web over HTTP/1.1, by the edge.
    GrpcWeb,
    /// JSON over HTTP/1.1, by the edge.
    Json,
}

impl Wire {
    pub(crate) const ALL: [Self; 4] = [Self::Grpc, Self::GrpcApart, Self::GrpcWeb, Self::Json];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Grpc => "gRPC",
            Self::GrpcApart => "gRPC, a connection each",
            Self::GrpcWeb => "gRPC-Web",
            Self::Json => "JSON",
        }
    }
}

/// Measures a release build of Warung on this machine.
#[derive(Debug, Parser)]
#[command(name = "bench")]
pub(crate) struct Arguments {
    /// One short round of each, to try: its figures are rough.
    #[arg(long)]
    quick: bool,
    /// Only these databases.
    #[arg(long, value_enum)]
    database: Vec<Kind>,
    /// Only these workloads.
    #[arg(long, value_enum)]
    workload: Vec<Workload>,
    /// Only these ways to call.
    #[arg(long, value_enum)]
    wire: Vec<Wire>,
    /// Measures an older version in alternate rounds: a checkout with a release build of its own. Film requests and orders by
    /// gRPC, nine rounds of five seconds, unless told otherwise. What the older one has not got is left out.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["many_titles", "statements", "server"])]
    against: Option<PathBuf>,
    #[command(flatten)]
    long: Long,
    /// How many rounds, each with all workloads in turn.
    #[arg(long)]
    rounds: Option<u32>,
    /// How long one workload is measured in a round, in milliseconds.
    #[arg(long)]
    round_ms: Option<u64>,
    /// How many titles the large library has; 0 leaves it out.
    #[arg(long)]
    many_titles: Option<u64>,
    /// Tells which statements PostgreSQL spent its time on. Counting them slows it down a little.
    #[arg(long)]
    statements: bool,
    /// Leaves out the other servers that are measured in the same rounds.
    #[arg(long)]
    no_peers: bool,
    /// The Python that the other servers run with.
    #[arg(long, default_value = "target/peer/bin/python")]
    peer_python: PathBuf,
    /// The server's binary; by default the one beside this one.
    #[arg(long)]
    server: Option<PathBuf>,
    /// Where the results go.
    #[arg(long, default_value = "target/bench")]
    output: PathBuf,
}

/// The long run, and how long.
#[derive(Debug, Args)]
struct Long {
    /// A long run instead: mixed load on a store with a history of orders, and by turns on an empty one, on each database. It
    /// fails when answers are slower with the history, or memory grows.
    #[arg(long, conflicts_with_all = ["against", "workload", "wire", "statements", "rounds"])]
    soak: bool,
    /// How many orders the history of the long run has.
    #[arg(long, default_value_t = 1_000_000)]
    history: u64,
    /// How long the store with the history is under load.
    #[arg(long, default_value_t = 1_200)]
    soak_seconds: u64,
    /// How many calls a second the long run makes.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    soak_pace: u64,
}

/// What is measured, and for how long.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Plan {
    pub(crate) databases: Vec<Kind>,
    pub(crate) workloads: Vec<Workload>,
    pub(crate) wires: Vec<Wire>,
    pub(crate) rounds: u32,
    /// How long one workload is measured in a round.
    pub(crate) round: Duration,
    /// How long it runs before that.
    pub(crate) warm_up: Duration,
    /// How long a workload is measured with one call in flight.
    pub(crate) serial: Duration,
    /// How long an idle server is watched.
    pub(crate) idle: Duration,
    /// How many calls are in flight.
    pub(crate) in_flight: usize,
    /// How many users there are.
    pub(crate) users: usize,
    /// How many of them look around; all request films.
    pub(crate) active_users: usize,
    /// How many titles the library has.
    pub(crate) titles: u64,
    /// How many titles the large library has.
    pub(crate) many_titles: u64,
    /// How often a start is timed.
    pub(crate) starts: u32,
    /// Whether PostgreSQL counts its statements.
    pub(crate) statements: bool,
    pub(crate) server: PathBuf,
    /// The Python of the other servers; `None`: without it.
    pub(crate) peer: Option<PathBuf>,
    pub(crate) output: PathBuf,
}

/// A long run.
#[derive(Clone, Debug)]
pub(crate) struct Soak {
    pub(crate) plan: Plan,
    /// How many orders the store with a history has had.
    pub(crate) history: u64,
    /// How long that one is under load.
    pub(crate) length: Duration,
    pub(crate) calls_per_second: u64,
}

/// What is measured beside an older version, and for how long.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    /// Its checkout.
    pub(crate) older: PathBuf,
    pub(crate) databases: Vec<Kind>,
    pub(crate) workloads: Vec<Workload>,
    pub(crate) wires: Vec<Wire>,
    pub(crate) rounds: u32,
    /// How long one workload is measured in a round.
    pub(crate) round: Duration,
    pub(crate) output: PathBuf,
}

/// Those that were chosen, or else these.
fn chosen<T: Copy>(chosen: &[T], otherwise: &[T]) -> Vec<T> {
    if chosen.is_empty() { otherwise.to_vec() } else { chosen.to_vec() }
}

impl Arguments {
    /// The comparison that is asked for, if it is one.
    pub(crate) fn comparison(&self) -> Option<Comparison> {
        let quick = self.quick;
        let older = self.against.clone()?;
        let workloads = chosen(&self.workload, &[Workload::Film, Workload::Place]);
        // Webhooks are posted to the edge.
        let by_edge = workloads.iter().any(|workload| workload.is_paid());
        let others = workloads.iter().any(|workload| !workload.is_paid());
        let wires = [(others, Wire::Grpc), (by_edge, Wire::Json)].into_iter();
        let wires: Vec<_> = wires.filter_map(|(is_needed, wire)| is_needed.then_some(wire)).collect();
        Some(Comparison {
            older,
            databases: chosen(&self.database, &Kind::ALL),
            wires: chosen(&self.wire, &wires),
            workloads,
            rounds: self.rounds.unwrap_or(if quick { 1 } else { 9 }).max(1),
            round: Duration::from_millis(self.round_ms.unwrap_or(if quick { 1_000 } else { 5_000 }).max(100)),
            output: self.output.clone(),
        })
    }

    /// Whether it is the long run that is asked for.
    pub(crate) fn is_soak(&self) -> bool {
        self.long.soak
    }

    pub(crate) fn soak(mut self) -> Result<Soak, Failure> {
        // The others are not in it.
        self.no_peers = true;
        let (history, length) = (self.long.history, Duration::from_secs(self.long.soak_seconds.max(1)));
        let calls_per_second = self.long.soak_pace;
        Ok(Soak { plan: self.plan()?, history, length, calls_per_second })
    }

    pub(crate) fn plan(self) -> Result<Plan, Failure> {
        let server = match self.server {
            Some(server) => server,
            None => std::env::current_exe()?.with_file_name("warung"),
        };
        if !server.is_file() {
            return Err(format!("{} is not there: run `make bench`, which builds it", server.display()).into());
        }
        let peer = (!self.no_peers).then(|| std::path::absolute(&self.peer_python)).transpose()?;
        if let Some(python) = peer.as_ref().filter(|python| !python.is_file()) {
            let path = python.display();
            return Err(format!("{path} is not there: run `make bench`, which installs it, or add --no-peers").into());
        }
        let quick = self.quick;
        Ok(Plan {
            databases: chosen(&self.database, &Kind::ALL),
            workloads: chosen(&self.workload, &Workload::ALL),
            wires: chosen(&self.wire, &Wire::ALL),
            rounds: self.rounds.unwrap_or(if quick { 1 } else { 5 }).max(1),
            round: Duration::from_millis(self.round_ms.unwrap_or(if quick { 1_000 } else { 3_000 }).max(100)),
            warm_up: Duration::from_millis(if quick { 300 } else { 500 }),
            serial: Duration::from_millis(if quick { 500 } else { 1_500 }),
            idle: Duration::from_secs(if quick { 5 } else { 10 }),
            in_flight: 32,
            users: if quick { 5_000 } else { 20_000 },
            active_users: 1_000,
            titles: 1_000,
            many_titles: self.many_titles.unwrap_or(if quick { 100_000 } else { 1_000_000 }),
            starts: if quick { 2 } else { 5 },
            statements: self.statements,
            server: server.canonicalize()?,
            peer,
            output: self.output,
        })
    }
}
