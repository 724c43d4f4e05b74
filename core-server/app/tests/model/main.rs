//! Random histories of the shop, step by step beside a small model of it in memory: whatever is done in whatever order,
//! the store says what the model says, and its books are sound.
//!
//! `WARUNG_MODEL_OPERATIONS` asks for more of them on each database; `WARUNG_MODEL_SEED` repeats one history.
#![cfg(test)]

mod back;
mod compare;
mod flow;
mod model;
mod money;
mod walk;
mod webhooks;

use warung_store::testing::{Kind, TestDatabase};

use self::walk::Walk;

/// How many operations of random histories a database sees: about as many as it does in a minute.
const fn operations(kind: Kind) -> usize {
    match kind {
        Kind::Sqlite => 100_000,
        Kind::Postgres => 40_000,
    }
}

/// How many histories run beside each other, each in a store of its own.
const HISTORIES: u64 = 8;

fn number(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "the environment of a test says how long it runs")]
    std::env::var(name).ok().map(|text| text.parse().expect("a whole number"))
}

async fn histories(kind: Kind) {
    let operations =
        number("WARUNG_MODEL_OPERATIONS").map_or(operations(kind), |number| usize::try_from(number).unwrap());
    let one_seed = number("WARUNG_MODEL_SEED");
    let seeds: Vec<u64> = one_seed.map_or_else(|| (1..=HISTORIES).collect(), |seed| vec![seed]);
    let share = operations.div_ceil(seeds.len());
    let histories = seeds.into_iter().map(|seed| {
        tokio::spawn(async move {
            let mut walk = Walk::new(TestDatabase::new(kind).await, seed).await;
            walk.run(share).await;
        })
    });
    for history in histories.collect::<Vec<_>>() {
        history.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_history_loses_doubles_or_invents_a_rupiah_on_sqlite() {
    histories(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_history_loses_doubles_or_invents_a_rupiah_on_postgres() {
    histories(Kind::Postgres).await;
}
