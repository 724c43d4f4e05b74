//! An older version beside this one: its own bench program and server, in alternate rounds, so that neither the machine of
//! another day nor a changed API decides. Each round is a run of its own, with a new database.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use tokio::process::{Child, Command};

use crate::{
    Failure,
    fixture::now,
    plan::{Comparison, Kind, Wire, Workload},
    results::{Round, Spread, per_second, us_each},
    server::tail,
    table::{Table, thousandths, whole},
};

/// What is compared: a workload by a wire on a database.
type Line = (Kind, Workload, Wire);

/// One of the two versions.
struct Version {
    name: String,
    folder: PathBuf,
    program: PathBuf,
    /// What its bench program says of its flags.
    help: String,
}

/// Its rounds, line by line.
type Rounds = BTreeMap<Line, Vec<Round>>;

/// Measures both versions as the comparison says, and writes down what it found.
pub(crate) async fn run(comparison: Comparison) -> Result<(), Failure> {
    let begun = now();
    let versions = [Version::ours()?, Version::older(&comparison.older)?];
    let mut rounds = [Rounds::new(), Rounds::new()];
    let folder = tempfile::Builder::new().prefix("warung-bench-against-").tempdir_in("/var/tmp")?;
    for number in 1..=comparison.rounds {
        let mut turn: Vec<_> = versions.iter().zip(&mut rounds).collect();
        // Whoever is second has the disk and the processor as the first left them.
        if number % 2 == 0 {
            turn.reverse();
        }
        for (version, rounds) in turn {
            eprintln!("bench: round {number} of {}: {}", comparison.rounds, version.name);
            let workloads: Vec<_> =
                comparison.workloads.iter().copied().filter(|workload| version.knows(*workload)).collect();
            if workloads.is_empty() {
                return Err(format!("{} has none of these workloads", version.name).into());
            }
            for (line, round) in version.round(&comparison, &workloads, folder.path()).await? {
                let (kind, workload, wire) = line;
                let rate = whole(rate(&round));
                eprintln!("    {}: {} by {}: {rate}/s", kind.name(), workload.name(), wire.name());
                rounds.entry(line).or_default().push(round);
            }
        }
    }
    let [ours, older] = &rounds;
    let text = report(&comparison, &versions, ours, older);
    fs::create_dir_all(&comparison.output)?;
    let path = comparison.output.join(begun.format("%Y-%m-%d-%H%M%S-against.md").to_string());
    fs::write(&path, &text)?;
    let figures = serde_json::to_vec_pretty(&[listed(ours), listed(older)])?;
    fs::write(path.with_extension("json"), figures)?;
    let mut output = std::io::stdout().lock();
    writeln!(output, "{text}\n{}", path.display())?;
    Ok(())
}

/// A line with its rounds, for programs.
#[derive(Serialize)]
struct Listed<'a> {
    database: Kind,
    workload: Workload,
    wire: Wire,
    rounds: &'a [Round],
}

fn listed(rounds: &Rounds) -> Vec<Listed<'_>> {
    let lines = rounds.iter();
    lines.map(|(&(database, workload, wire), rounds)| Listed { database, workload, wire, rounds }).collect()
}

impl Version {
    fn ours() -> Result<Self, Failure> {
        Self::of("this version".to_owned(), ".".into(), std::env::current_exe()?)
    }

    /// A checkout with a release build of its own.
    fn older(folder: &Path) -> Result<Self, Failure> {
        let folder = folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?;
        let release = folder.join("target/release");
        for program in ["warung", "warung-bench"] {
            if !release.join(program).is_file() {
                let (folder, release) = (folder.display(), release.display());
                let build = "cargo build --release --locked --package warung --package warung-bench";
                return Err(format!("{release}/{program} is not there: run `{build}` in {folder}").into());
            }
        }
        let commit =
            std::process::Command::new("git").arg("-C").arg(&folder).args(["log", "-1", "--format=%h"]).output();
        let commit = commit.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
        let name = if commit.is_empty() { "older version".to_owned() } else { format!("older version ({commit})") };
        Self::of(name, folder, release.join("warung-bench"))
    }

    fn of(name: String, folder: PathBuf, program: PathBuf) -> Result<Self, Failure> {
        let help = std::process::Command::new(&program).arg("--help").stdin(Stdio::null()).output()?.stdout;
        Ok(Self { name, folder, program, help: String::from_utf8_lossy(&help).into_owned() })
    }

    /// Whether its bench program has a workload: an older one may have been made before it.
    fn knows(&self, workload: Workload) -> bool {
        names(&self.help, workload)
    }

    /// One round of all lines.
    async fn round(
        &self,
        comparison: &Comparison,
        workloads: &[Workload],
        folder: &Path,
    ) -> Result<Vec<(Line, Round)>, Failure> {
        let output = tempfile::Builder::new().prefix("round-").tempdir_in(folder)?;
        let said = output.path().join("said");
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).args(arguments(comparison, workloads)).arg("--output").arg(output.path());
        let file = File::create(&said)?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let mut running = Running(command.spawn()?);
        let status = running.0.wait().await?;
        if !status.success() {
            return Err(format!("{}: its bench program ended with {status}:\n{}", self.name, tail(&said)).into());
        }
        let results = fs::read_dir(output.path())?.filter_map(|entry| Some(entry.ok()?.path()));
        let results = results.filter(|path| path.extension().is_some_and(|extension| extension == "json")).max();
        let results = results.ok_or_else(|| format!("{}: its bench program wrote no results", self.name))?;
        read(&fs::read(results)?).map_err(|error| format!("{}: its results: {error}", self.name).into())
    }
}

/// What both bench programs are called with: flags that have meant the same in all versions.
fn arguments(comparison: &Comparison, workloads: &[Workload]) -> Vec<String> {
    let mut arguments = ["--quick", "--no-peers", "--many-titles", "0", "--rounds", "1"].map(str::to_owned).to_vec();
    arguments.extend(["--round-ms".to_owned(), comparison.round.as_millis().to_string()]);
    arguments.extend(repeated("--database", &comparison.databases));
    arguments.extend(repeated("--workload", workloads));
    arguments.extend(repeated("--wire", &comparison.wires));
    arguments
}

/// A flag once for each value.
fn repeated<T: ValueEnum>(flag: &str, values: &[T]) -> Vec<String> {
    let names = values.iter().filter_map(ValueEnum::to_possible_value);
    names.flat_map(|name| [flag.to_owned(), name.get_name().to_owned()]).collect()
}

/// Whether a bench program that says this of its flags has a workload.
fn names(help: &str, workload: Workload) -> bool {
    let Some(name) = workload.to_possible_value() else { return false };
    let flag = help.split_once("--workload <").map(|(_, rest)| rest.split("\n      --").next().unwrap_or_default());
    flag.is_some_and(|flag| flag.lines().any(|line| line.trim().starts_with(&format!("- {}:", name.get_name()))))
}

/// A bench program, which ends its servers when it is asked to end.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if let (Ok(None), Some(id)) = (self.0.try_wait(), self.0.id()) {
            let _ = std::process::Command::new("kill").args(["-TERM", &id.to_string()]).status();
        }
    }
}

/// Of the results of a bench program, what every version has written.
#[derive(Deserialize)]
struct Written {
    databases: Vec<WrittenDatabase>,
}

#[derive(Deserialize)]
struct WrittenDatabase {
    series: Vec<WrittenSeries>,
}

#[derive(Deserialize)]
struct WrittenSeries {
    database: Kind,
    workload: Workload,
    wire: Wire,
    in_flight: usize,
    rounds: Vec<Round>,
}

/// The lines of one round; those of one call after another are left out.
fn read(results: &[u8]) -> Result<Vec<(Line, Round)>, serde_json::Error> {
    let written: Written = serde_json::from_slice(results)?;
    let series = written.databases.into_iter().flat_map(|database| database.series);
    let lines = series.filter(|series| series.in_flight > 1).filter_map(|series| {
        let line = (series.database, series.workload, series.wire);
        series.rounds.into_iter().next().map(|round| (line, round))
    });
    Ok(lines.collect())
}

fn rate(round: &Round) -> u64 {
    per_second(round.calls, round.length)
}

/// Processor time of server and database: microseconds a call, which are milliseconds for a thousand.
fn processor(round: &Round) -> u64 {
    us_each(round.server_time.saturating_add(round.database_time), round.calls)
}

fn p99(round: &Round) -> u64 {
    round.p99_us
}

/// How many thousandths of the older one's figure ours is, round for round.
fn times(ours: &[Round], older: &[Round], figure: fn(&Round) -> u64) -> Spread {
    let each = ours.iter().zip(older);
    Spread::of(each.filter_map(|(ours, older)| figure(ours).saturating_mul(1_000).checked_div(figure(older))))
}

fn report(comparison: &Comparison, versions: &[Version; 2], ours: &Rounds, older: &Rounds) -> String {
    let [this, that] = versions;
    let mut text = format!(
        "# Warung beside an older version\n\n{} ({}) beside {} ({}), by the bench program and on the databases of each; {} \
         alternate rounds of {} ms. Medians, and the least and the most in parentheses; the ratios are round for round: one \
         whose least and most lie on both sides of 1 tells of no difference.\n\n",
        this.name,
        this.folder.display(),
        that.name,
        that.folder.display(),
        comparison.rounds,
        comparison.round.as_millis(),
    );
    let headings = [
        "database",
        "call",
        "by",
        "calls/s",
        "older",
        "ratio",
        "CPU-s / 1,000",
        "older",
        "ratio",
        "p99 ms",
        "older",
        "ratio",
        "own MiB",
        "older",
        "faults",
    ];
    let mut table = Table::new(&headings, 3);
    // The most of its own memory in all rounds; an older bench program may not have looked at it.
    let own = |rounds: &[Round]| match rounds.iter().map(|round| round.own_kib).max().unwrap_or_default() {
        0 => "–".to_owned(),
        kibibytes => thousandths(kibibytes.saturating_mul(1_000) / 1_024, 1),
    };
    for (line, ours) in ours {
        let Some(older) = older.get(line) else { continue };
        let (kind, workload, wire) = line;
        let spread = |rounds: &[Round], figure: fn(&Round) -> u64| Spread::of(rounds.iter().map(figure));
        let faults = |rounds: &[Round]| rounds.iter().flat_map(|round| round.faults.values()).sum::<u64>();
        table.row([
            kind.name().to_owned(),
            workload.name().to_owned(),
            wire.name().to_owned(),
            spread(ours, rate).words(whole),
            spread(older, rate).words(whole),
            times(ours, older, rate).words(|times| thousandths(times, 3)),
            spread(ours, processor).words(|time| thousandths(time, 3)),
            spread(older, processor).words(|time| thousandths(time, 3)),
            times(ours, older, processor).words(|times| thousandths(times, 3)),
            spread(ours, p99).words(|time| thousandths(time, 1)),
            spread(older, p99).words(|time| thousandths(time, 1)),
            times(ours, older, p99).words(|times| thousandths(times, 3)),
            own(ours),
            own(older),
            format!("{} / {}", whole(faults(ours)), whole(faults(older))),
        ]);
    }
    text.push_str(&table.text());
    for (kind, workload, wire) in ours.keys().filter(|line| !older.contains_key(line)) {
        let (workload, wire, kind) = (workload.name(), wire.name(), kind.name());
        let _ = writeln!(
            text,
            "\n{workload} by {wire} on {kind} is new: the older version's bench program has nothing of the kind."
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn round(calls: u64, server_ms: u64) -> Round {
        Round {
            calls,
            length: Duration::from_secs(1),
            p50_us: 1,
            p99_us: 2,
            server_time: Duration::from_millis(server_ms),
            database_time: Duration::ZERO,
            answered: None,
            memory_kib: 7,
            own_kib: 5,
            faults: BTreeMap::new(),
        }
    }

    /// As a version wrote it that knew less.
    fn older_round() -> serde_json::Value {
        let mut round = serde_json::to_value(round(10, 1)).unwrap();
        let fields = round.as_object_mut().unwrap();
        assert!(fields.remove("answered").is_some() && fields.remove("own_kib").is_some());
        round
    }

    #[test]
    fn ratios_are_of_the_rounds_beside_each_other() {
        let (ours, older) =
            ([round(200, 100), round(90, 45), round(300, 150)], [round(100, 100), round(100, 50), round(100, 50)]);
        assert_eq!(times(&ours, &older, rate), Spread { median: 2_000, least: 900, most: 3_000 });
        assert_eq!(times(&ours, &older, processor), Spread { median: 1_000, least: 500, most: 1_000 });
    }

    #[test]
    fn a_workload_that_a_bench_program_does_not_name_is_left_out() {
        use clap::CommandFactory as _;
        let help = crate::plan::Arguments::command().render_long_help().to_string();
        assert!(Workload::ALL.into_iter().all(|workload| names(&help, workload)), "{help}");
        let older = help.replace("- settle-hot:", "- another:");
        assert!(!names(&older, Workload::SettleHot));
        assert!(names(&older, Workload::Settle));
        assert!(!names("no such flag", Workload::Settle));
    }

    #[test]
    fn results_of_a_version_that_wrote_more_or_less_are_read() {
        let series = |in_flight: u64| {
            serde_json::json!({
                "database": "sqlite", "workload": "placehot", "wire": "grpc-apart", "in_flight": in_flight,
                "summary": {"was": "otherwise"}, "rounds": [older_round()],
            })
        };
        let results = serde_json::json!({"of": "another day", "databases": [{"series": [series(1), series(32)]}]});
        let lines = read(results.to_string().as_bytes()).unwrap();
        let [(line, round)] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!(*line, (Kind::Sqlite, Workload::PlaceHot, Wire::GrpcApart));
        assert_eq!((round.calls, round.length), (10, Duration::from_secs(1)));
    }
}
