//! The results, for people and for programs.

use std::{fmt::Write as _, fs, io::Write as _, path::Path};

use crate::{
    Failure,
    goods::Goods,
    peer::Other,
    plan::{Kind, Wire, Workload},
    results::{OnDatabase, Results, Scale, Series, Spread},
    table::{Table, ratio, thousandths, whole},
};

/// What a `FastAPI` and psycopg2 server that does the same on PostgreSQL reached in another run, on another machine of two
/// cores with 32 calls in flight: calls a second, and how many times as many are wanted on SQLite and on PostgreSQL.
const MARKS: [(Workload, u64, [u64; 2]); 4] = [
    (Workload::Film, 350, [10, 10]),
    (Workload::List, 425, [20, 20]),
    (Workload::Place, 390, [25, 6]),
    (Workload::PlaceHot, 300, [25, 6]),
];

/// Writes `{name}.md` and `{name}.json` into a folder, and the former to standard output.
pub(crate) fn write(results: &Results, folder: &Path, name: &str) -> Result<(), Failure> {
    let text = text(results);
    fs::create_dir_all(folder)?;
    let path = folder.join(format!("{name}.md"));
    fs::write(&path, &text)?;
    fs::write(folder.join(format!("{name}.json")), serde_json::to_vec_pretty(results)?)?;
    let mut output = std::io::stdout().lock();
    writeln!(output, "{text}")?;
    writeln!(output, "{}", path.display())?;
    Ok(())
}

fn text(results: &Results) -> String {
    let Results { begun, took_seconds, machine, plan, databases } = results;
    let mut text = format!("# Warung, measured {begun}\n\n");
    let _ = writeln!(
        text,
        "{processor}, {cores} cores, {memory} MiB; Linux {kernel}; databases on {file_system}; {rustc}; {warung} \
         ({size} KiB). Load average before: {load}. 4 KiB written and synced in {fsync} µs ({syncs}/s).\n\n\
         Load generator, server, stand-in Bot API and database share the cores. Commits are durable (SQLite \
         `synchronous=FULL`; PostgreSQL `fsync` and `synchronous_commit` on, and the files of its log reused as \
         on a server that has run for a while). {rounds} rounds of {round} ms for each line, in \
         turn; medians, and the least and the most in parentheses. gRPC goes to the core by {connections} connections, or by one for \
         each call in flight as the others do, which go through the edge. {users} users; {active} of them look around, all \
         request films, one after another. A paid order is timed from the post of its webhook until the delivery row of its goods \
         is seen in the database, which is looked at every 5 ms; up to eight orders for each webhook in flight wait for theirs. \
         Took {took_seconds} s.\n",
        processor = machine.processor,
        cores = machine.cores,
        memory = whole(machine.memory_mib),
        kernel = machine.kernel,
        file_system = machine.file_system,
        rustc = machine.rustc,
        warung = machine.warung,
        size = whole(machine.warung_bytes / 1_024),
        load = machine.load_average,
        fsync = machine.fsync.us_each,
        syncs = whole(machine.fsync.per_second),
        rounds = plan.rounds,
        round = plan.round.as_millis(),
        connections = crate::client::GRPC_CONNECTIONS,
        users = whole(u64::try_from(plan.users).unwrap_or_default()),
        active = whole(u64::try_from(plan.active_users).unwrap_or_default()),
    );
    for database in databases {
        on_database(&mut text, database, plan.many_titles, plan.titles);
    }
    text
}

fn on_database(text: &mut String, database: &OnDatabase, many_titles: u64, titles: u64) {
    let _ = writeln!(text, "## {}\n", database.version);
    text.push_str(&calls(database));
    text.push('\n');
    faults(text, database);
    facts(text, database, many_titles, titles);
    text.push_str(&ratios(database));
    marks(text, database);
    text.push('\n');
}

fn calls(database: &OnDatabase) -> String {
    let headings = [
        "call",
        "by",
        "in flight",
        "calls/s",
        "p50 ms",
        "p99 ms",
        "server CPU-s / 1,000",
        "database CPU-s / 1,000",
        "server MiB",
        "its own MiB",
        "faults",
    ];
    let mut table = Table::new(&headings, 2);
    let milliseconds = |spread: Spread| thousandths(spread.median, 2);
    let range = |spread: Spread| {
        let (least, most) = (thousandths(spread.least, 1), thousandths(spread.most, 1));
        format!("{} ({least}–{most})", milliseconds(spread))
    };
    for series in &database.series {
        let summary = &series.summary;
        let (wire, in_flight) = (series.wire.name().to_owned(), series.in_flight.to_string());
        table.row([
            series.workload.name().to_owned(),
            wire.clone(),
            in_flight.clone(),
            summary.calls_per_second.words(whole),
            milliseconds(summary.p50_us),
            range(summary.p99_us),
            // Microseconds a call are thousandths of a second a thousand calls.
            thousandths(summary.server_us_per_call.median, 3),
            thousandths(summary.database_us_per_call.median, 3),
            mebibytes(summary.memory_kib),
            mebibytes(summary.own_kib),
            whole(summary.faults.values().sum()),
        ]);
        if let Some(answered) = summary.answered {
            let name = format!("{}: the webhook's answer", series.workload.name());
            let [rate, server, its_database, memory, own, faults] = std::array::from_fn(|_| String::new());
            let (p50, p99) = (milliseconds(answered.p50_us), range(answered.p99_us));
            table.row([name, wire, in_flight, rate, p50, p99, server, its_database, memory, own, faults]);
        }
    }
    table.text()
}

fn mebibytes(kibibytes: u64) -> String {
    thousandths(kibibytes.saturating_mul(1_000) / 1_024, 1)
}

fn faults(text: &mut String, database: &OnDatabase) {
    for Series { workload, wire, in_flight, summary, .. } in &database.series {
        for (fault, count) in &summary.faults {
            let (workload, wire) = (workload.name(), wire.name());
            let _ = writeln!(text, "* fault: {workload} by {wire}, {in_flight} in flight: {count} × {fault}");
        }
    }
}

fn facts(text: &mut String, database: &OnDatabase, many_titles: u64, titles: u64) {
    let OnDatabase { starts, footprint, new_users, scale, pgbench, goods, messages_sent, .. } = database;
    let times = |times: Spread| times.words(|time| format!("{time} ms"));
    let _ = writeln!(
        text,
        "* start to ready: {} ms on an empty database, {} with {} titles{}; wanted: at most 300 ms",
        starts.empty_ms,
        times(starts.few_titles_ms),
        whole(titles),
        if many_titles == 0 {
            String::new()
        } else {
            format!(", {} with {}", times(starts.many_titles_ms), whole(many_titles))
        },
    );
    let _ = writeln!(
        text,
        "* memory of the server: {} MiB before the load ({} its own, the rest its program), {} at most, {} after it ({} its \
         own); wanted: at most 64",
        mebibytes(footprint.before.now_kib),
        mebibytes(footprint.before.own_kib),
        mebibytes(footprint.after.most_kib),
        mebibytes(footprint.after.now_kib),
        mebibytes(footprint.after.own_kib),
    );
    text.push_str(&own_memory(database));
    let _ = writeln!(
        text,
        "* idle: {} % of a core, its database {} %; wanted: at most 1 %",
        thousandths(footprint.idle_per_mille.saturating_mul(100), 1),
        thousandths(footprint.database_idle_per_mille.saturating_mul(100), 1),
    );
    let _ = writeln!(
        text,
        "* first sessions of {} new users: {}/s, {} server CPU-s / 1,000",
        whole(new_users.users),
        whole(new_users.per_second),
        thousandths(new_users.server_us_per_call, 3),
    );
    let _ = writeln!(text, "* messages that the Bot API was sent: {}", whole(*messages_sent));
    for scale in scale {
        text.push_str(&scaled(scale, many_titles, titles));
    }
    if let Some(goods) = goods {
        text.push_str(&followed(goods));
    }
    if let Some(pgbench) = pgbench {
        let _ = writeln!(
            text,
            "* pgbench on the same cluster, {} clients, prepared: {} reads of a row/s, {} simple updates/s",
            pgbench.clients,
            whole(pgbench.select_only),
            whole(pgbench.simple_update),
        );
    }
    text.push('\n');
}

/// The most memory of the server's own under load, and under which; and how soon webhooks were answered then.
fn own_memory(database: &OnDatabase) -> String {
    let mut text = String::new();
    if let Some(most) = database.series.iter().max_by_key(|series| series.summary.own_kib) {
        let (own, workload) = (mebibytes(most.summary.own_kib), most.workload.name());
        let _ = writeln!(
            text,
            "* memory of the server's own under load (RssAnon): {own} MiB at most, while the call was `{workload}`; wanted: at \
             most 20"
        );
    }
    for series in &database.series {
        let Some(answered) = series.summary.answered.filter(|_| series.in_flight > 1) else { continue };
        let (workload, p99) = (series.workload.name(), answered.p99_us.words(|time| thousandths(time, 1)));
        let _ = writeln!(
            text,
            "* webhooks are answered, {} in flight and all their orders settled, `{workload}`: p99 {p99} ms; wanted: at most 20",
            series.in_flight
        );
    }
    text
}

/// How lists and searches of a large library do against those of a small one.
fn scaled(scale: &Scale, many_titles: u64, titles: u64) -> String {
    let (few, many) = (&scale.few.summary, &scale.many.summary);
    let wanted = match (scale.workload, scale.in_flight) {
        (Workload::List, _) => "; wanted: at most 1.5 times",
        (Workload::Search, 1) => "; wanted: p99 at most 10 ms over 100,000",
        (Workload::SearchMistyped, 1) => "; wanted: p99 at most 25 ms over 100,000",
        _ => "",
    };
    format!(
        "* {} by gRPC, {} in flight, {} titles against {}: {} against {} calls/s, p50 {} against {} ms, p99 {} \
         against {} ms: {} times{wanted}\n",
        scale.workload.name(),
        scale.in_flight,
        whole(many_titles),
        whole(titles),
        whole(many.calls_per_second.median),
        whole(few.calls_per_second.median),
        thousandths(many.p50_us.median, 2),
        thousandths(few.p50_us.median, 2),
        thousandths(many.p99_us.median, 2),
        thousandths(few.p99_us.median, 2),
        ratio(many.p99_us.median, few.p99_us.median),
    )
}

/// How long goods took to arrive.
fn followed(goods: &Goods) -> String {
    format!(
        "* payment to goods in the chat, {} payments, {} at a time, a gateway that answers in {} ms: p50 {} ms, p99 {} ms, at \
         most {} ms; wanted: p99 at most 2,000 ms; the webhooks themselves are answered in p50 {} ms, p99 {} ms\n",
        whole(goods.payments),
        goods.in_flight,
        goods.gateway_ms,
        thousandths(goods.p50_us, 0),
        thousandths(goods.p99_us, 0),
        thousandths(goods.most_us, 0),
        thousandths(goods.answered.p50_us, 1),
        thousandths(goods.answered.p99_us, 1),
    )
}

fn find(database: &OnDatabase, workload: Workload, wire: Wire) -> Option<&Series> {
    let most = database.series.iter().map(|series| series.in_flight).max()?;
    database.series.iter().find(|series| (series.workload, series.wire, series.in_flight) == (workload, wire, most))
}

/// How the other wires do against gRPC by as many connections, for the same processor time of the server.
fn ratios(database: &OnDatabase) -> String {
    let mut table = Table::new(
        &[
            "calls per CPU-second against gRPC, a connection each",
            "gRPC-Web (wanted: 0.9)",
            "JSON (wanted: 0.6)",
            "gRPC by shared connections",
        ],
        1,
    );
    for workload in Workload::ALL {
        let time = |wire| find(database, workload, wire).map(|series| series.summary.server_us_per_call.median);
        let Some(grpc) = time(Wire::GrpcApart) else { continue };
        let against = |wire| time(wire).map_or_else(|| "–".to_owned(), |time| ratio(grpc, time));
        let [web, json, shared] = [Wire::GrpcWeb, Wire::Json, Wire::Grpc].map(against);
        table.row([workload.name().to_owned(), web, json, shared]);
    }
    table.text()
}

/// Ours beside the other servers, round for round, and what is wanted.
fn marks(text: &mut String, database: &OnDatabase) {
    let wanted = |times: [u64; 2]| times.get(usize::from(database.kind == Kind::Postgres)).copied().unwrap_or_default();
    if !database.peers.is_empty() {
        text.push_str(
            "\nBeside other servers that do the least the same job needs (`tests/bench/peer`), of two processes each, on a \
             PostgreSQL of their own, under the same load in the same rounds. What is wanted is wanted against the one with \
             FastAPI:\n\n",
        );
        text.push_str(&beside(database, &wanted));
    }
    text.push_str("\nAgainst what a FastAPI server reached in another run, on another machine of two cores:\n\n");
    for (workload, mark, times_wanted) in MARKS {
        let times = |wire: &Wire| {
            let series = find(database, workload, *wire)?;
            Some(format!("{} by {}", ratio(series.summary.calls_per_second.median, mark), wire.name()))
        };
        let times: Vec<_> = Wire::ALL.iter().filter_map(times).collect();
        if !times.is_empty() {
            let (name, times) = (workload.name(), times.join(", "));
            let _ =
                writeln!(text, "* {name}: {mark}/s; ours in times of it: {times} (wanted: {})", wanted(times_wanted));
        }
    }
}

fn beside(database: &OnDatabase, wanted: &dyn Fn([u64; 2]) -> u64) -> String {
    let headings = [
        "call",
        "beside",
        "its calls/s",
        "its p99 ms",
        "its CPU-s / 1,000",
        "ours by",
        "times as many",
        "wanted",
        "our p99, part of its",
    ];
    let mut table = Table::new(&headings, 2);
    for (other, peer) in &database.peers {
        let times_wanted = MARKS.iter().find(|(workload, ..)| *workload == peer.workload).map(|(_, _, times)| *times);
        let times_wanted = times_wanted.filter(|_| *other == Other::FastApi);
        let its = &peer.summary;
        let cpu = its.server_us_per_call.median.saturating_add(its.database_us_per_call.median);
        for wire in Wire::ALL {
            let Some(ours) = find(database, peer.workload, wire) else { continue };
            table.row([
                peer.workload.name().to_owned(),
                other.name().to_owned(),
                its.calls_per_second.words(whole),
                thousandths(its.p99_us.median, 0),
                thousandths(cpu, 2),
                wire.name().to_owned(),
                ours.times(peer).words(|times| thousandths(times, 1)),
                times_wanted.map_or_else(|| "–".to_owned(), |times| wanted(times).to_string()),
                ratio(ours.summary.p99_us.median, its.p99_us.median),
            ]);
        }
    }
    table.text()
}
