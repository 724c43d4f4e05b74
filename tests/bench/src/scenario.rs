//! A run: for each database, everything in its order.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use warung_proto::identity::{CreateSessionRequest, identity_service_client::IdentityServiceClient};

use crate::{
    Failure,
    bot_api::BotApi,
    client::{Client, clients},
    database::{Database, Place},
    fill::Content,
    fixture::{Fixture, User, now},
    gateway::Gateway,
    goods,
    init_data::Signer,
    load::Target,
    machine::Machine,
    peer::{Other, Peers},
    plan::{Kind, Plan, Wire, Workload},
    prepare::{prepare, stock, titles},
    process, report,
    results::{Footprint, NewUsers, OnDatabase, Results, Round, Scale, Series, Spread, Starts, per_second, us_each},
    server::{BOT_TOKEN, Server, Start},
    shop::Prepared,
    table::whole,
};

/// How long a server rests before its idleness is watched.
const REST: Duration = Duration::from_secs(2);

/// Measures all that the plan says, and writes it down.
pub(crate) async fn run(plan: Plan) -> Result<(), Failure> {
    let (begun, started) = (now(), Instant::now());
    // On a disk, which the folder for temporary files often is not.
    let folder = tempfile::Builder::new().prefix("warung-bench-").tempdir_in("/var/tmp")?;
    // PostgreSQL runs as a user of its own, who must be able to go through it.
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let machine = Machine::read(&plan.server, folder.path())?;
    let bot_api = BotApi::start().await?;
    let gateway = Gateway::start().await?;
    let peers = match &plan.peer {
        Some(python) => Some(Peers::start(python, &plan, folder.path(), (&gateway, &bot_api)).await?),
        None => None,
    };
    let mut results = Results {
        begun: begun.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        took_seconds: 0,
        machine,
        plan: plan.clone(),
        databases: Vec::new(),
    };
    for kind in &plan.databases {
        let bench = Bench { plan: &plan, kind: *kind, bot_api: &bot_api, gateway: &gateway, peers: peers.as_ref() };
        results.databases.push(bench.measure(folder.path()).await?);
    }
    results.took_seconds = started.elapsed().as_secs();
    report::write(&results, &plan.output, &begun.format("%Y-%m-%d-%H%M%S").to_string())
}

pub(crate) struct Bench<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) kind: Kind,
    pub(crate) bot_api: &'a BotApi,
    pub(crate) gateway: &'a Gateway,
    pub(crate) peers: Option<&'a Peers>,
}

impl Bench<'_> {
    async fn measure(&self, folder: &Path) -> Result<OnDatabase, Failure> {
        self.say("starts on an empty database");
        let place = Place::new(self.kind, folder, self.plan.statements).await?;
        let database = place.create("shop").await?;
        let start = self.start(&database, folder, "shop")?;
        let server = start.start().await?;
        let mut starts = Starts { empty_ms: milliseconds(server.ready_after), ..Starts::default() };
        let poster = prepare(&server).await?;
        self.say(&format!("{} users sign in", whole(u64::try_from(self.plan.users)?)));
        let prepared = Prepared::of(self.plan);
        let (mut fixture, new_users) = self.sign_in(&server, prepared).await?;
        server.stop().await?;
        database
            .fill(Content { titles: self.plan.titles, poster_hash: &poster, prepared: Some(prepared), history: 0 })
            .await?;
        let (server, few_titles_ms) = self.start_often(&start).await?;
        starts.few_titles_ms = few_titles_ms;
        fixture.titles = titles(&server, self.plan.titles).await?;
        stock(&server, prepared).await?;
        let target = Target {
            fixture: Arc::new(fixture),
            place: place.clone(),
            database: database.clone(),
            server_pid: server.pid,
        };
        let mut footprint = self.rest(&target).await;
        self.fill_tables(&server, &target, &database).await?;
        let sent_before = self.bot_api.sends();
        let counting =
            if let Place::Postgres(cluster) = &place { Some(cluster).filter(|_| self.plan.statements) } else { None };
        if let Some(cluster) = counting {
            cluster.count_statements("shop").await?;
        }
        let (mut series, peers) = self.rounds(&server, &target).await?;
        if let Some(cluster) = counting {
            eprintln!("{}", cluster.statements("shop").await?);
        }
        series.extend(self.serial(&server, &target).await?);
        let goods = self.follow_goods(&server, &target).await?;
        let messages_sent = self.bot_api.sends().saturating_sub(sent_before);
        tokio::time::sleep(REST).await;
        footprint.after = process::memory(server.pid);
        let mut scale = Vec::new();
        if self.plan.many_titles > 0 {
            (scale, starts.many_titles_ms) = self.scale(&server, &target, folder).await?;
        }
        server.stop().await?;
        let pgbench = place.pgbench(self.plan.round).await?;
        let version = place.version().await?;
        Ok(OnDatabase {
            kind: self.kind,
            version,
            starts,
            footprint,
            new_users,
            series,
            peers,
            scale,
            pgbench,
            goods,
            messages_sent,
        })
    }

    pub(crate) fn say(&self, what: &str) {
        eprintln!("bench: {}: {what}", self.kind.name());
    }

    pub(crate) fn start(&self, database: &Database, folder: &Path, name: &str) -> Result<Start, Failure> {
        let folder = folder.join(format!("{}-{name}", self.kind.name()));
        std::fs::create_dir(&folder)?;
        Ok(Start {
            binary: self.plan.server.clone(),
            database_url: database.url(),
            telegram_url: self.bot_api.url(),
            gateway_url: self.gateway.url(),
            folder,
        })
    }

    /// Starts a server as often as the plan says, and keeps the last.
    async fn start_often(&self, start: &Start) -> Result<(Server, Spread), Failure> {
        let mut server = start.start().await?;
        let mut times = vec![milliseconds(server.ready_after)];
        for _ in 1..self.plan.starts {
            server.stop().await?;
            server = start.start().await?;
            times.push(milliseconds(server.ready_after));
        }
        Ok((server, Spread::of(times)))
    }

    /// Gives every user a session.
    pub(crate) async fn sign_in(&self, server: &Server, prepared: Prepared) -> Result<(Fixture, NewUsers), Failure> {
        let users: Vec<_> = (0..self.plan.users).map(User::new).collect();
        let fixture =
            Arc::new(Fixture::new(Signer::new(BOT_TOKEN), users.clone(), self.plan.active_users, Prepared::default()));
        let next = Arc::new(AtomicUsize::new(0));
        let (started, before) = (Instant::now(), process::processor_time(server.pid));
        let mut callers = JoinSet::new();
        for client in clients(server, Wire::Grpc, self.plan.in_flight).await? {
            let Client::Grpc(channel) = client else { continue };
            let (fixture, next) = (Arc::clone(&fixture), Arc::clone(&next));
            callers.spawn(async move {
                let mut signed_in = Vec::new();
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(user) = fixture.users.get(place) else { return Ok::<_, Failure>(signed_in) };
                    let request = CreateSessionRequest { init_data: fixture.launch(user) };
                    let answer = IdentityServiceClient::new(channel.clone()).create_session(request).await?;
                    let token = answer.into_inner().session_token;
                    signed_in.push((place, User { authorization: format!("Bearer {token}").parse()?, ..user.clone() }));
                }
            });
        }
        let mut signed_in = BTreeMap::new();
        while let Some(users) = callers.join_next().await {
            signed_in.extend(users??);
        }
        let (time, used) = (started.elapsed(), process::processor_time(server.pid).saturating_sub(before));
        let count = u64::try_from(signed_in.len())?;
        let users = signed_in.into_values().collect();
        let fixture = Fixture::new(fixture.signer.clone(), users, self.plan.active_users, prepared);
        let per_second = per_second(count, time);
        Ok((fixture, NewUsers { users: count, per_second, server_us_per_call: us_each(used, count) }))
    }

    /// Lets the server rest, and watches it.
    async fn rest(&self, target: &Target) -> Footprint {
        self.say("rests");
        tokio::time::sleep(REST).await;
        let times = || (process::processor_time(target.server_pid), target.place.processor_time());
        let before = times();
        tokio::time::sleep(self.plan.idle).await;
        let after = times();
        let per_mille = |after: Duration, before: Duration| {
            let used = milliseconds(after.saturating_sub(before));
            used.checked_div(self.plan.idle.as_secs()).unwrap_or_default()
        };
        Footprint {
            before: process::memory(target.server_pid),
            idle_per_mille: per_mille(after.0, before.0),
            database_idle_per_mille: per_mille(after.1, before.1),
            ..Footprint::default()
        }
    }

    /// Lets each workload run once, so that no table is empty, and the database look at what is in them, as it does by
    /// itself within minutes: plans that were made for empty tables are not those of a store that has been open for a day.
    async fn fill_tables(&self, server: &Server, target: &Target, database: &Database) -> Result<(), Failure> {
        self.say("warms up");
        let plan = self.plan;
        for wire in [Wire::Json, Wire::Grpc] {
            let mut callers = clients(server, wire, plan.in_flight).await?;
            for workload in Workload::ALL {
                // Some are called by both: once is enough.
                let is_chosen = !workload.is_shop() || plan.workloads.contains(&workload);
                if is_chosen && workload.is_called_by(wire) && (wire == Wire::Json || workload.is_shop()) {
                    let (round, back) = target.run(workload, callers, Duration::ZERO, plan.round).await?;
                    callers = back;
                    // What fails here fails later as well, and may use up what it is made of.
                    if !round.faults.is_empty() {
                        self.tell(workload, wire.name(), &round);
                    }
                }
            }
        }
        database.analyze().await
    }

    /// All workloads by all wires, and the other servers, in turn, round after round.
    async fn rounds(&self, server: &Server, target: &Target) -> Result<(Vec<Series>, Vec<(Other, Series)>), Failure> {
        let plan = self.plan;
        let mut connected = BTreeMap::new();
        for wire in &plan.wires {
            connected.insert(*wire, clients(server, *wire, plan.in_flight).await?);
        }
        let mut all = Vec::new();
        for workload in &plan.workloads {
            let wires = plan.wires.iter().filter(|wire| workload.is_called_by(**wire));
            all.extend(wires.map(|wire| Series::new(self.kind, *workload, *wire, plan.in_flight)));
        }
        let mut peer_series = self.peers.map(|peers| peers.series(plan)).unwrap_or_default();
        for number in 1..=plan.rounds {
            self.say(&format!("round {number} of {}", plan.rounds));
            for series in &mut all {
                let callers = connected.remove(&series.wire).unwrap_or_default();
                let (round, callers) = target.run(series.workload, callers, plan.warm_up, plan.round).await?;
                connected.insert(series.wire, callers);
                self.tell(series.workload, series.wire.name(), &round);
                series.add(round);
            }
            for (other, series) in &mut peer_series {
                let Some(peers) = self.peers else { continue };
                let round = peers.round(*other, series.workload, plan).await?;
                self.tell(series.workload, other.name(), &round);
                series.add(round);
            }
        }
        Ok((all, peer_series))
    }

    fn tell(&self, workload: Workload, by: &str, round: &Round) {
        let faults: u64 = round.faults.values().sum();
        let rate = whole(per_second(round.calls, round.length));
        self.say(&format!("{} by {by}: {rate}/s, {faults} faults", workload.name()));
        for (fault, count) in round.faults.iter().take(3) {
            eprintln!("    {count} × {fault}");
        }
    }

    /// Each workload by each wire, one call after another.
    async fn serial(&self, server: &Server, target: &Target) -> Result<Vec<Series>, Failure> {
        self.say("one call after another");
        let mut all = Vec::new();
        for workload in &self.plan.workloads {
            // Of one call, one connection is what it has in any case.
            let differs = |wire: &&Wire| **wire != Wire::GrpcApart && workload.is_called_by(**wire);
            for wire in self.plan.wires.iter().filter(differs) {
                let mut series = Series::new(self.kind, *workload, *wire, 1);
                let callers = clients(server, *wire, 1).await?;
                let (round, _) = target.run(*workload, callers, self.plan.warm_up / 2, self.plan.serial).await?;
                series.add(round);
                all.push(series);
            }
        }
        Ok(all)
    }

    /// From payments to goods in the chat, where settlements are measured.
    async fn follow_goods(&self, server: &Server, target: &Target) -> Result<Option<goods::Goods>, Failure> {
        if !self.plan.workloads.contains(&Workload::Settle) {
            return Ok(None);
        }
        self.say("waits until the messages of the rounds have left");
        self.bot_api.quiet().await?;
        self.say("follows payments until their goods are in the chat");
        let stand_ins = (self.gateway, self.bot_api);
        goods::follow(server, &target.fixture, stand_ins, self.plan.in_flight).await.map(Some)
    }

    /// Lists and searches of the library there is and of a large one, by turns, on two servers.
    async fn scale(&self, few: &Server, target: &Target, folder: &Path) -> Result<(Vec<Scale>, Spread), Failure> {
        let plan = self.plan;
        self.say(&format!("makes a library of {} titles", whole(plan.many_titles)));
        let database = target.place.create("many").await?;
        let start = self.start(&database, folder, "many")?;
        let server = start.start().await?;
        let poster = prepare(&server).await?;
        server.stop().await?;
        database.fill(Content { titles: plan.many_titles, poster_hash: &poster, prepared: None, history: 0 }).await?;
        let (many, starts) = self.start_often(&start).await?;
        let many_target = Target { database, server_pid: many.pid, ..target.clone() };
        let mut all = Vec::new();
        let each_way = |workload| [(workload, plan.in_flight), (workload, 1)];
        for (workload, in_flight) in Workload::OF_LIBRARIES.into_iter().flat_map(each_way) {
            let series = || Series::new(self.kind, workload, Wire::Grpc, in_flight);
            let mut scale = Scale { workload, in_flight, few: series(), many: series() };
            let mut few_callers = clients(few, Wire::Grpc, in_flight).await?;
            let mut many_callers = clients(&many, Wire::Grpc, in_flight).await?;
            for _ in 0..plan.rounds {
                let (round, callers) = target.run(workload, few_callers, plan.warm_up, plan.round / 2).await?;
                few_callers = callers;
                scale.few.add(round);
                let (round, callers) = many_target.run(workload, many_callers, plan.warm_up, plan.round / 2).await?;
                many_callers = callers;
                scale.many.add(round);
            }
            all.push(scale);
        }
        many.stop().await?;
        Ok((all, starts))
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
