//! What the system counts of a process.

use std::{fs, process::Command, sync::LazyLock, time::Duration};

use serde::Serialize;

/// Processor time of a process is counted in ticks of this many a second.
static TICKS_PER_SECOND: LazyLock<u64> = LazyLock::new(|| {
    let answer = Command::new("getconf").arg("CLK_TCK").output().ok();
    let text = answer.and_then(|answer| String::from_utf8(answer.stdout).ok()).unwrap_or_default();
    text.trim().parse().ok().filter(|ticks| *ticks > 0).unwrap_or(100)
});

struct Stat {
    parent: u32,
    /// Of the process itself.
    own_ticks: u64,
    /// Of its children that have ended.
    ended_ticks: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses, and may hold anything.
    let (_, rest) = text.rsplit_once(") ")?;
    let fields: Vec<_> = rest.split(' ').collect();
    // Fields 4 and 14 to 17 of proc(5), which counts from 1 and from the id.
    let number = |place: usize| fields.get(place.checked_sub(3)?)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(number(4)?).ok()?,
        own_ticks: number(14)?.saturating_add(number(15)?),
        ended_ticks: number(16)?.saturating_add(number(17)?),
    })
}

fn time(ticks: u64) -> Duration {
    Duration::from_micros(ticks.saturating_mul(1_000_000).checked_div(*TICKS_PER_SECOND).unwrap_or_default())
}

/// The processor time that a process has used.
pub(crate) fn processor_time(pid: u32) -> Duration {
    stat(pid).map(|stat| time(stat.own_ticks)).unwrap_or_default()
}

/// The processor time that a process and its children have used: PostgreSQL has a process a connection.
pub(crate) fn processor_time_with_children(pid: u32) -> Duration {
    let Some(own) = stat(pid) else { return Duration::ZERO };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let children = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(stat)
        .filter(|stat| stat.parent == pid)
        .map(|stat| stat.own_ticks);
    time(children.sum::<u64>().saturating_add(own.own_ticks).saturating_add(own.ended_ticks))
}

/// Resident memory of a process, in KiB.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[expect(clippy::struct_field_names, reason = "a figure carries its unit, in the JSON too")]
pub(crate) struct Memory {
    /// All of it.
    pub(crate) now_kib: u64,
    /// Of this, what it made itself; the rest is its program, which the system shares and can drop.
    pub(crate) own_kib: u64,
    /// The most that all of it ever was.
    pub(crate) most_kib: u64,
}

pub(crate) fn memory(pid: u32) -> Memory {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    };
    Memory {
        now_kib: value("VmRSS:").unwrap_or_default(),
        own_kib: value("RssAnon:").unwrap_or_default(),
        most_kib: value("VmHWM:").unwrap_or_default(),
    }
}
