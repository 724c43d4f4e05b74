//! The machine that the figures are of.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::{
    Failure,
    results::{per_second, us_each},
};

/// Facts of the machine, before anything ran.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory_mib: u64,
    pub(crate) kernel: String,
    /// The file system of the databases.
    pub(crate) file_system: String,
    pub(crate) rustc: String,
    pub(crate) warung: String,
    pub(crate) warung_bytes: u64,
    /// Over 1, 5 and 15 minutes, before the run.
    pub(crate) load_average: String,
    pub(crate) fsync: Fsync,
}

/// What it costs to have 4 KiB on the disk.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Fsync {
    pub(crate) per_second: u64,
    pub(crate) us_each: u64,
}

impl Machine {
    pub(crate) fn read(server: &Path, folder: &Path) -> Result<Self, Failure> {
        let line = |path: &str, name: &str| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let value = text
                .lines()
                .find_map(|line| line.strip_prefix(name)?.split_once(':').map(|(_, value)| value.trim().to_owned()));
            value.unwrap_or_default()
        };
        let memory = line("/proc/meminfo", "MemTotal");
        let memory_kib: u64 = memory.split(' ').next().unwrap_or_default().parse().unwrap_or_default();
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Ok(Self {
            processor: line("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism()?.get(),
            memory_mib: memory_kib / 1_024,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
            file_system: first_line(Command::new("stat").args(["-f", "-c", "%T"]).arg(folder)),
            rustc: first_line(Command::new("rustc").arg("--version")),
            warung: first_line(Command::new(server).arg("--version")),
            warung_bytes: fs::metadata(server)?.len(),
            load_average: load.split(' ').take(3).collect::<Vec<_>>().join(" "),
            fsync: fsync(folder)?,
        })
    }
}

fn first_line(command: &mut Command) -> String {
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).lines().next().unwrap_or_default().to_owned()
}

/// Writes and syncs for a second, as a log of a database does.
fn fsync(folder: &Path) -> Result<Fsync, Failure> {
    let path = folder.join("fsync");
    let mut file = File::create(&path)?;
    let page = [7; 4_096];
    let started = Instant::now();
    let mut count = 0_u64;
    while started.elapsed() < Duration::from_secs(1) {
        file.write_all(&page)?;
        file.sync_data()?;
        count = count.saturating_add(1);
    }
    let time = started.elapsed();
    drop(file);
    fs::remove_file(path)?;
    Ok(Fsync { per_second: per_second(count, time), us_each: us_each(time, count) })
}
