//! A database belongs to one secret key.

use crate::common::{count, now};
use warung_domain::secret::Secret;
use warung_store::{OpenError, Store, on_both_databases, testing::TestDatabase};

on_both_databases! {
    a_database_belongs_to_the_key_that_it_was_started_with_first;
    looking_whose_a_database_is_writes_nothing;
    of_two_keys_at_once_one_wins_and_the_other_is_told;
}

fn secret(letter: &str) -> Secret {
    Secret::new(&letter.repeat(32)).unwrap()
}

async fn keep(store: &Store, letter: &str, random: u8) -> Result<(), OpenError> {
    store.keep_secret(&secret(letter), [random; 32], now()).await
}

async fn a_database_belongs_to_the_key_that_it_was_started_with_first(database: TestDatabase) {
    let store = database.open().await;
    keep(&store, "a", 1).await.unwrap();
    keep(&store, "a", 2).await.unwrap();
    let error = keep(&store, "b", 3).await.unwrap_err();
    let told = error.to_string();
    let ids = [secret("a").id().to_string(), secret("b").id().to_string()];
    assert!(told.starts_with("WARUNG_SECRET_KEY ") && ids.iter().all(|id| told.contains(id)), "{told}");
    assert!(matches!(error, OpenError::OtherSecret { .. }));
    keep(&store, "a", 4).await.unwrap();
    let dump = String::from_utf8_lossy(&database.dump()).into_owned();
    assert!(!dump.contains(&"a".repeat(32)), "the key itself is nowhere");
}

async fn looking_whose_a_database_is_writes_nothing(database: TestDatabase) {
    let store = database.open().await;
    assert!(!store.knows_secret(&secret("a")).await.unwrap(), "it belongs to nobody yet");
    assert_eq!(count(&store, "select count(*) as number from secret_check").await, 0);
    keep(&store, "a", 1).await.unwrap();
    assert!(store.knows_secret(&secret("a")).await.unwrap());
    assert!(matches!(store.knows_secret(&secret("b")).await, Err(OpenError::OtherSecret { .. })));
}

async fn of_two_keys_at_once_one_wins_and_the_other_is_told(database: TestDatabase) {
    let store = database.open().await;
    let outcomes = tokio::join!(keep(&store, "a", 1), keep(&store, "b", 2), keep(&store, "a", 3), keep(&store, "b", 4));
    let wins_of = |first: &Result<(), OpenError>, second: &Result<(), OpenError>| (first.is_ok(), second.is_ok());
    let won = (wins_of(&outcomes.0, &outcomes.2), wins_of(&outcomes.1, &outcomes.3));
    assert!(won == ((true, true), (false, false)) || won == ((false, false), (true, true)), "{outcomes:?}");
}
