//! Writes that go together: seen by whatever is asked after them, and whole or not at all.

use std::sync::Arc;

use warung_domain::contact::ContactState;
use warung_store::{Error, Store, on_both_databases, rows, testing::TestDatabase};

use crate::common::{id, is_there, lease, look, now, user, write};

on_both_databases! {
    writes_to_many_tables_go_together_and_all_arrive;
    what_is_asked_sees_what_was_written_before;
    a_table_is_written_as_often_as_it_is_asked_for;
    when_one_of_many_writes_fails_nothing_is_written;
    a_write_after_one_that_fails_does_not_hide_it;
    rows_that_changed_are_as_they_are_now_and_others_stay;
}

fn users(count: u128) -> Vec<rows::User> {
    (1..=count)
        .map(|number| rows::User { id: id(number), telegram_id: i64::try_from(number).unwrap(), ..user() })
        .collect()
}

async fn contact_states(store: &Store, count: u128) -> Vec<ContactState> {
    let found = look(store, move |read| {
        Box::pin(async move {
            let mut states = Vec::new();
            for number in 1..=count {
                states.extend(read.find::<rows::User>(id(number)).await?.map(|user| user.contact_state.0));
            }
            Ok(states)
        })
    });
    found.await.unwrap()
}

async fn put(store: &Store, count: u128) {
    write(store, move |tx| Box::pin(async move { tx.insert_all(users(count)).await })).await.unwrap();
}

async fn writes_to_many_tables_go_together_and_all_arrive(database: TestDatabase) {
    let store = database.open().await;
    put(&store, 3).await;
    write(&store, |tx| {
        Box::pin(async move {
            tx.set_contact_states(vec![1, 3], ContactState::Open).await?;
            tx.insert_all(vec![lease("one"), lease("two"), lease("three")]).await?;
            let (bot, refill_time, blocked_until) = ("MAIN".into(), now(), now());
            let pace =
                rows::BotPace { bot, tokens_milli: 5, refill_time, blocked_until, pause_ms: 0, refused_chat_id: 0 };
            tx.insert_all(vec![pace]).await
        })
    })
    .await
    .unwrap();
    assert_eq!(contact_states(&store, 3).await, [ContactState::Open, ContactState::Unknown, ContactState::Open]);
    for name in ["one", "two", "three"] {
        assert!(is_there(&store, name).await, "{name}");
    }
    let pace = look(&store, |read| Box::pin(async move { read.bot_pace("MAIN").await })).await.unwrap();
    assert_eq!(pace.map(|pace| pace.tokens_milli), Some(5));
}

async fn what_is_asked_sees_what_was_written_before(database: TestDatabase) {
    let store = database.open().await;
    let seen = write(&store, |tx| {
        Box::pin(async move {
            tx.insert_all(users(2)).await?;
            tx.insert_all(vec![lease("one")]).await?;
            let user = tx.find::<rows::User>(id(2)).await?;
            Ok((user.is_some(), tx.find::<rows::Lease>("one".to_owned()).await?.is_some()))
        })
    });
    assert_eq!(seen.await, Ok((true, true)));
}

async fn a_table_is_written_as_often_as_it_is_asked_for(database: TestDatabase) {
    let store = database.open().await;
    put(&store, 2).await;
    write(&store, |tx| {
        Box::pin(async move {
            tx.set_contact_states(vec![1, 2], ContactState::Open).await?;
            tx.set_contact_states(vec![2], ContactState::Blocked).await
        })
    })
    .await
    .unwrap();
    assert_eq!(contact_states(&store, 2).await, [ContactState::Open, ContactState::Blocked]);
}

async fn rows_that_changed_are_as_they_are_now_and_others_stay(database: TestDatabase) {
    let store = database.open().await;
    put(&store, 5).await;
    let changes: Vec<_> = users(4)
        .into_iter()
        .zip(1..)
        .map(|(found, number)| {
            let mut row = found.clone();
            // Of different columns, and of none.
            match number {
                1 => "A".clone_into(&mut row.last_name),
                2 => "B".clone_into(&mut row.first_name),
                3 => {
                    "C".clone_into(&mut row.first_name);
                    "D".clone_into(&mut row.last_name);
                }
                _ => {}
            }
            (found, row)
        })
        .collect();
    let rows: Vec<_> = changes.iter().map(|(_, row)| row.clone()).chain(users(5).pop()).collect();
    write(&store, move |tx| {
        let changes = changes.clone();
        Box::pin(async move { tx.update_changed(changes).await })
    })
    .await
    .unwrap();
    for row in rows {
        let key = row.id;
        let found = look(&store, move |read| Box::pin(async move { read.find::<rows::User>(key).await }));
        assert_eq!(found.await.unwrap(), Some(row));
    }
}

async fn when_one_of_many_writes_fails_nothing_is_written(database: TestDatabase) {
    let store = database.open().await;
    put(&store, 2).await;
    let failed = write(&store, |tx| {
        Box::pin(async move {
            tx.set_contact_states(vec![1], ContactState::Open).await?;
            tx.insert_all(vec![lease("one")]).await?;
            let twin = rows::User { id: id(9), ..users(1).remove(0) };
            tx.insert_all(vec![twin]).await
        })
    });
    assert!(matches!(failed.await, Err(Error::Conflict(_))));
    assert_eq!(contact_states(&store, 2).await, [ContactState::Unknown, ContactState::Unknown]);
    assert!(!is_there(&store, "one").await);
}

async fn a_write_after_one_that_fails_does_not_hide_it(database: TestDatabase) {
    let store = database.open().await;
    put(&store, 1).await;
    let names = Arc::new(["one", "two"]);
    let failed = write(&store, move |tx| {
        let names = Arc::clone(&names);
        Box::pin(async move {
            let _ = tx.insert_all(users(1)).await;
            for name in *names {
                let _ = tx.insert(lease(name)).await;
            }
            Ok(())
        })
    });
    assert_eq!(failed.await, Err(Error::Swallowed));
    assert!(!is_there(&store, "two").await);
}
