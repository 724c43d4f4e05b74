//! The commands of the command line, one file each.

mod core;
mod demo;
mod doctor;
mod import;
mod key;
mod migrate;
mod role;
mod serve;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::compose::Failure;

/// A shop and a cinema that live inside Telegram.
///
/// Settings come from the environment or from a `.env` file in the current folder.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run core, edge and bot in this one process: all that a small shop needs.
    Serve,
    /// Run the core alone: the gRPC API, the database and the jobs.
    Core,
    /// Run the HTTP edge alone: the Mini App, JSON, grpc-web and webhooks.
    Edge,
    /// Run the bot adapter alone.
    Bot,
    /// Bring the database's schema up to date, make sure that the secret key is its own, and end.
    Migrate,
    /// Fill the library and the shop from a YAML file (docs/import.md); running it again changes only what differs.
    Import {
        /// The file; pictures are found relative to it.
        file: PathBuf,
    },
    /// Make, list and revoke the keys of programs that drive the store (docs/api-keys.md).
    Key {
        #[command(subcommand)]
        command: key::KeyCommand,
    },
    /// List, grant and revoke roles: who sells, and who owns the store (docs/running.md).
    Role {
        #[command(subcommand)]
        command: role::RoleCommand,
    },
    /// Check the settings, the public address, the database, the books, Telegram and Pakasir, and say how to mend what is
    /// wrong.
    Doctor {
        /// Prove the books from the first order on, which takes a while in a store with a history, instead of what came
        /// after the newest checkpoint.
        #[arg(long)]
        full: bool,
    },
    /// Try everything without an account: an emulated Telegram with a sample library, in the browser.
    Demo {
        /// A file to fill it from (docs/import.md) instead of the sample library.
        #[arg(long)]
        library: Option<PathBuf>,
    },
}

impl Cli {
    /// Runs the command to its end.
    ///
    /// # Errors
    ///
    /// What keeps it from its end, in words for the person who typed it.
    pub async fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Serve => as_task(Box::pin(serve::serve())).await,
            Command::Core => as_task(serve::core()).await,
            Command::Edge => as_task(serve::edge()).await,
            Command::Bot => as_task(serve::bot()).await,
            Command::Migrate => migrate::migrate().await,
            Command::Import { file } => import::import(&file).await,
            Command::Key { command } => key::key(command).await,
            Command::Role { command } => role::role(command).await,
            Command::Doctor { full } => doctor::doctor(full).await,
            Command::Demo { library } => demo::demo(library.as_deref()).await,
        }
    }
}

/// Serves as a task of the runtime: the main thread, which only waits, would have to be woken across threads for all that
/// the loops of a bot wait for.
async fn as_task(serving: impl Future<Output = Result<(), Failure>> + Send + 'static) -> Result<(), Failure> {
    tokio::spawn(serving).await?
}

/// Says something beside the outcome to the person at the command line.
fn note(text: impl std::fmt::Display) {
    eprintln!("{text}");
}

/// Says something to the person at the command line.
#[expect(clippy::print_stdout, reason = "this is the command line")]
fn say(text: impl std::fmt::Display) {
    println!("{text}");
}
