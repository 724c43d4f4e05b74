//! Users: each writer changes what it knows of, and no more.

use std::marker::PhantomData;

use warung_domain::contact::ContactState;
use warung_store::{Store, on_both_databases, rows, testing::TestDatabase};

use crate::{
    common::{at, id, user, write},
    round_trip::Find,
};

on_both_databases! {
    what_one_writer_changes_of_a_user_no_other_undoes;
    a_user_is_found_locked_by_the_id_that_telegram_knows;
}

/// Adds a user, and answers the row.
async fn added(store: &Store) -> rows::User {
    let user = user();
    let row = user.clone();
    let inserted = write(store, move |tx| {
        let row = row.clone();
        Box::pin(async move { tx.insert(row).await })
    });
    inserted.await.unwrap();
    user
}

async fn what_one_writer_changes_of_a_user_no_other_undoes(database: TestDatabase) {
    let store = database.open().await;
    let known = added(&store).await;
    // Others have changed it since it was read.
    let changed = write(&store, move |tx| {
        Box::pin(async move {
            tx.set_contact_open(7, ContactState::Open, at(5)).await?;
            tx.set_contact_state(7, ContactState::Blocked).await?;
            tx.choose_user_language(id(1), "en", at(6)).await?;
            tx.guess_user_language(id(1), "id", at(6)).await
        })
    });
    changed.await.unwrap();
    let renamed = rows::User {
        first_name: "Siti".into(),
        last_name: "A".into(),
        username: "siti".into(),
        update_time: at(7),
        ..known.clone()
    };
    let named = renamed.clone();
    let written = write(&store, move |tx| {
        let named = named.clone();
        Box::pin(async move { tx.set_user_names(&named).await })
    });
    written.await.unwrap();
    let found: rows::User = store.read(Find(id(1), PhantomData)).await.unwrap().unwrap();
    let language_code = "en".to_owned();
    let expected = rows::User {
        language_code,
        language_chosen: true,
        contact_state: ContactState::Blocked.into(),
        opened_time: Some(at(5)),
        ..renamed
    };
    assert_eq!(found, expected);
}

async fn a_user_is_found_locked_by_the_id_that_telegram_knows(database: TestDatabase) {
    let store = database.open().await;
    let user = added(&store).await;
    let found = write(&store, move |tx| {
        Box::pin(async move { Ok((tx.lock_user_by_telegram_id(7).await?, tx.lock_user_by_telegram_id(8).await?)) })
    });
    assert_eq!(found.await.unwrap(), (Some(user), None));
}
