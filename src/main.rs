//! The command line of Warung.

use std::process::ExitCode;

use clap::Parser as _;
use warung::commands::Cli;

/// Of those that are as quick, the one that holds the least memory beyond what is in use, as `.cargo/config.toml` sets it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How many threads there are at most for what blocks: files and names that are looked up, and pictures that are made
/// smaller. Each keeps memory of its own, and waiting for a disk in more of them makes it no quicker.
const BLOCKING_THREADS: usize = 4;

fn main() -> ExitCode {
    warung::tls::choose_provider();
    let cli = Cli::parse();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(BLOCKING_THREADS).build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("warung: the runtime can't start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(cli.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("warung: {error}");
            ExitCode::FAILURE
        }
    }
}
