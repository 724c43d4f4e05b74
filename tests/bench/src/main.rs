//! Load generator and benchmark of Warung.
//!
//! Starts a release build of `warung serve` on a throw-away database, stands in for the Bot API, puts it under load, and
//! writes what it measured, with the facts of the machine, to `target/bench`. `make bench` runs it.

mod against;
mod bot_api;
mod client;
mod database;
mod fill;
mod fixture;
mod gateway;
mod goods;
mod goods_rows;
mod http;
mod init_data;
mod load;
mod machine;
mod paid;
mod peer;
mod plan;
mod postgres;
mod prepare;
mod process;
mod report;
mod results;
mod scenario;
mod server;
mod shop;
mod soak;
mod table;

use std::process::ExitCode;

use clap::Parser as _;
use tokio::signal::unix::{SignalKind, signal};

use crate::plan::Arguments;

/// Why a run can't go on. Its text is for the person who started it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    // Whichever way the run ends, its value goes, and with it every process that it started.
    match runtime.block_on(run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &Failure) -> ExitCode {
    eprintln!("bench: {error}");
    ExitCode::FAILURE
}

async fn measure(arguments: Arguments) -> Result<(), Failure> {
    match arguments.comparison() {
        Some(comparison) => against::run(comparison).await,
        None if arguments.is_soak() => soak::run(arguments.soak()?).await,
        None => scenario::run(arguments.plan()?).await,
    }
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        done = measure(arguments) => done,
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
        _ = terminate.recv() => Err("ended from outside".into()),
    }
}
