//! Titles: search, pages, and the start tokens that wait for a user.

use std::sync::Arc;

use crate::common::{at, id, look, now, user, write};
use uuid::Uuid;
use warung_domain::{
    category::CategoryArea,
    library::{EpisodeAccess, RequestState},
};
use warung_store::{Result, Store, TitleFilter, on_both_databases, rows, testing::TestDatabase};

fn title(number: u128) -> rows::Title {
    rows::Title {
        id: id(number),
        code: format!("t{number}"),
        name: format!("Title {number}"),
        synopsis: String::new(),
        category_id: None,
        poster_hash: None,
        release_year: 2026,
        hidden: false,
        episode_count: 1,
        free_episode_count: 0,
        create_time: now(),
        update_time: now(),
    }
}

async fn put(store: &Store, row: rows::Title, words: &str) {
    let words = Arc::<str>::from(words);
    let outcome = write(store, move |tx| {
        let (row, words) = (row.clone(), Arc::clone(&words));
        Box::pin(async move {
            tx.index_title(&row, &words).await?;
            tx.insert_new(row).await.map(drop)
        })
    });
    outcome.await.unwrap();
}

async fn list(store: &Store, filter: TitleFilter) -> Result<Vec<u128>> {
    let found = look(store, move |read| {
        let filter = filter.clone();
        Box::pin(async move { read.shown_titles(&filter).await })
    });
    Ok(found.await?.iter().map(|row| row.id.as_u128()).collect())
}

async fn search(store: &Store, words: &[&str]) -> Vec<u128> {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    list(store, TitleFilter { words, limit: 50, ..TitleFilter::default() }).await.unwrap()
}

on_both_databases! {
    a_search_finds_whole_words_and_the_beginning_of_the_last;
    words_that_mean_something_to_an_index_are_only_words;
    new_words_take_the_place_of_the_old;
    a_search_keeps_to_its_area_and_its_filters;
    a_letter_that_is_mistyped_is_forgiven;
    a_word_that_half_of_the_library_has_is_found_page_by_page;
    pages_show_every_title_once_while_others_are_added;
    a_hidden_title_and_its_category_are_not_shown;
    of_fifty_who_redeem_a_token_one_does;
    a_token_that_has_expired_is_not_redeemed;
}

async fn a_search_finds_whole_words_and_the_beginning_of_the_last(database: TestDatabase) {
    let store = database.open().await;
    put(&store, title(1), "laskar pelangi 2008").await;
    put(&store, title(2), "laskar merah").await;
    put(&store, title(3), "pelangi di matamu").await;
    put(&store, title(4), "映画館 кино é").await;
    for (words, found) in [
        (&["laskar"][..], &[2, 1][..]),
        // Two letters are enough, as the beginning of a word.
        (&["la"], &[2, 1]),
        (&["pe"], &[3, 1]),
        (&["laskar", "pe"], &[1]),
        // In any order; but only the last may be a beginning.
        (&["pelangi", "laskar"], &[1]),
        (&["lask", "pelangi"], &[]),
        (&["20"], &[1]),
        (&["ангел"], &[]),
        (&["кин"], &[4]),
        (&["映画"], &[4]),
        // The middle of a word is not found.
        (&["angi"], &[]),
        // Not a word that a language leaves out, nor a stem: both databases take words as they are.
        (&["di"], &[3]),
        (&["matamukah"], &[]),
    ] {
        assert_eq!(search(&store, words).await, found, "{words:?}");
    }
}

async fn words_that_mean_something_to_an_index_are_only_words(database: TestDatabase) {
    let store = database.open().await;
    put(&store, title(1), "and or not near").await;
    put(&store, title(2), "words").await;
    for (words, found) in [
        (&["and"][..], &[1][..]),
        (&["or", "not"], &[1]),
        (&["near"], &[1]),
        (&["not", "near"], &[1]),
        (&["or", "words"], &[]),
    ] {
        assert_eq!(search(&store, words).await, found, "{words:?}");
    }
    // What normalising takes away can still do no harm, should it come this far.
    for word in [
        "a'b",
        "a\"b",
        "'",
        "\"",
        "a*",
        "a & b",
        "a | b",
        "!a",
        "(a",
        "a)",
        "a:b",
        "a:*",
        "<->",
        "\\",
        "\\'",
        "^a",
        "-a",
        "words:",
        "words\" OR \"near",
        "');drop table title;--",
        "{a}",
        "+",
        "",
    ] {
        search(&store, &[word]).await;
        search(&store, &[word, word]).await;
    }
    assert_eq!(search(&store, &["wo"]).await, [2]);
}

async fn new_words_take_the_place_of_the_old(database: TestDatabase) {
    let store = database.open().await;
    put(&store, title(1), "first name").await;
    put(&store, title(1), "second name").await;
    assert_eq!(search(&store, &["first"]).await, []);
    assert_eq!(search(&store, &["second"]).await, [1]);
    assert_eq!(search(&store, &["name"]).await, [1]);
    put(&store, title(1), "").await;
    assert_eq!(search(&store, &["name"]).await, []);
}

async fn a_search_keeps_to_its_area_and_its_filters(database: TestDatabase) {
    let store = database.open().await;
    let drama = category(&store, 100, "drama").await;
    put(&store, rows::Title { category_id: Some(drama), ..title(1) }, "same word").await;
    put(&store, title(2), "same word").await;
    put(&store, rows::Title { hidden: true, ..title(3) }, "same word").await;
    write(&store, |tx| {
        Box::pin(async move { tx.index_words("product", id(2), "another", &["#product".into()]).await })
    })
    .await
    .unwrap();
    assert_eq!(search(&store, &["same"]).await, [2, 1]);
    assert_eq!(search(&store, &["another"]).await, []);
    let words = vec!["same".to_owned()];
    let of_drama = TitleFilter { words: words.clone(), category_id: Some(drama), limit: 50, ..TitleFilter::default() };
    assert_eq!(list(&store, of_drama).await.unwrap(), [1]);
    let after = TitleFilter { words, after: Some(id(2)), limit: 50, ..TitleFilter::default() };
    assert_eq!(list(&store, after).await.unwrap(), [1]);
}

async fn a_letter_that_is_mistyped_is_forgiven(database: TestDatabase) {
    let store = database.open().await;
    put(&store, title(1), "laskar pelangi").await;
    put(&store, title(2), "laskar merah").await;
    put(&store, rows::Title { hidden: true, ..title(3) }, "rahasia").await;
    for (words, found) in [
        // One too few, one too many, another one, two swapped.
        (&["laskr"][..], &[2, 1][..]),
        (&["lasskar"], &[2, 1]),
        (&["lazkar"], &[2, 1]),
        (&["lasakr"], &[2, 1]),
        // Beside words that are right, the last of them the beginning of one; and in each of two.
        (&["lasakr", "pel"], &[1]),
        (&["laskar", "pelagni"], &[1]),
        (&["lasakr", "pelagni"], &[1]),
        // Two letters are too much, and so is one of a short word.
        (&["lsakr"], &[]),
        (&["mer"], &[2]),
        (&["mra"], &[]),
        // What is found as it stands is not corrected, though another word stands beside it that fits no title.
        (&["merah", "pelangi"], &[]),
        // What is not shown is not what somebody meant.
        (&["rahasi"], &[]),
        (&["rahasja"], &[]),
    ] {
        assert_eq!(search(&store, words).await, found, "{words:?}");
    }
    let after = TitleFilter { words: vec!["laskr".into()], after: Some(id(2)), limit: 9, ..TitleFilter::default() };
    assert_eq!(list(&store, after).await.unwrap(), [1]);
}

async fn a_word_that_half_of_the_library_has_is_found_page_by_page(database: TestDatabase) {
    let store = database.open().await;
    // The newest have another word: on PostgreSQL they are looked through first, in vain.
    let numbers = Arc::new((1..=1_500).collect::<Vec<u128>>());
    let filled = write(&store, move |tx| {
        let numbers = Arc::clone(&numbers);
        Box::pin(async move {
            for number in numbers.iter() {
                let row = title(*number);
                let words = if *number <= 400 { "senja lama" } else { "hujan baru" };
                tx.index_title(&row, words).await?;
                tx.insert(row).await?;
            }
            Ok(())
        })
    });
    filled.await.unwrap();
    for (word, newest, count) in [("se", 400, 400), ("hu", 1_500, 1_100)] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let filter = TitleFilter { words: vec![word.to_owned()], after, limit: 99, ..TitleFilter::default() };
            let page = list(&store, filter).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(id(*last));
            seen.extend(page);
        }
        assert!(seen.iter().copied().eq((0..count).map(|older| newest - older)), "{word}: {} {seen:?}", seen.len());
    }
}

async fn category(store: &Store, number: u128, code: &'static str) -> Uuid {
    let outcome = write(store, move |tx| {
        Box::pin(async move {
            let (create_time, update_time) = (now(), now());
            let code = code.to_owned();
            tx.insert(rows::Category {
                id: id(number),
                area: CategoryArea::Library.into(),
                name: code.clone(),
                code,
                emoji: String::new(),
                create_time,
                update_time,
            })
            .await
        })
    });
    outcome.await.unwrap();
    id(number)
}

async fn pages_show_every_title_once_while_others_are_added(database: TestDatabase) {
    let store = database.open().await;
    for number in 100..150 {
        put(&store, title(number), "").await;
    }
    let (mut seen, mut after, mut page_number) = (Vec::new(), None, 0);
    loop {
        let page = list(&store, TitleFilter { after, limit: 7, ..TitleFilter::default() }).await.unwrap();
        assert!(page.len() <= 7);
        let Some(last) = page.last() else { break };
        after = Some(id(*last));
        seen.extend(page);
        // One that is newer than all and one that is older than all, between any two of the first pages.
        page_number += 1;
        if page_number <= 5 {
            put(&store, title(1_000 + page_number), "").await;
            put(&store, title(100 - page_number), "").await;
        }
    }
    assert!(seen.is_sorted_by(|one, next| one > next), "newest first, and none twice: {seen:?}");
    assert!((95..150).all(|number| seen.contains(&number)), "none is left out: {seen:?}");
    assert!(seen.iter().all(|number| *number < 1_000), "what came later is not pushed in");
}

async fn a_hidden_title_and_its_category_are_not_shown(database: TestDatabase) {
    let store = database.open().await;
    let (shown, empty) = (category(&store, 100, "shown").await, category(&store, 101, "empty").await);
    put(&store, rows::Title { category_id: Some(shown), ..title(1) }, "").await;
    put(&store, rows::Title { category_id: Some(empty), hidden: true, ..title(2) }, "").await;
    assert_eq!(list(&store, TitleFilter { limit: 50, ..TitleFilter::default() }).await.unwrap(), [1]);
    let categories =
        look(&store, |read| Box::pin(async move { read.shown_categories(CategoryArea::Library).await })).await.unwrap();
    assert_eq!(categories.iter().map(|row| row.id).collect::<Vec<_>>(), [shown]);
}

/// A user, a title with an episode, a request for it, and an action that waits until `expires`.
async fn pending_action(store: &Store, expires: i64) {
    put(store, title(5), "").await;
    let outcome = write(store, move |tx| {
        Box::pin(async move {
            let (create_time, update_time) = (now(), now());
            tx.insert(user()).await?;
            tx.insert(rows::Episode {
                id: id(6),
                title_id: id(5),
                number: 1,
                name: String::new(),
                access: EpisodeAccess::Free.into(),
                duration_seconds: 0,
                hidden: false,
                video_kind: None,
                video_file_id: None,
                video_bot_id: None,
                video_chat_id: None,
                video_message_id: None,
                video_url: None,
                create_time,
                update_time,
            })
            .await?;
            tx.insert(rows::TitleRequest {
                id: id(7),
                user_id: id(1),
                episode_id: id(6),
                state: RequestState::NeedStart.into(),
                pending_action_id: Some(id(8)),
                create_time,
                update_time,
            })
            .await?;
            tx.insert(rows::PendingAction {
                id: id(8),
                user_id: id(1),
                title_request_id: id(7),
                token_hash: vec![7; 32],
                expire_time: at(expires),
                redeem_time: None,
                create_time,
            })
            .await
        })
    });
    outcome.await.unwrap();
}

async fn redeem(store: &Store, seconds: i64) -> bool {
    write(store, move |tx| Box::pin(async move { tx.redeem_pending_action(id(8), at(seconds)).await })).await.unwrap()
}

async fn of_fifty_who_redeem_a_token_one_does(database: TestDatabase) {
    let store = database.open().await;
    pending_action(&store, 60).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let store = store.clone();
        tasks.spawn(async move { redeem(&store, 1).await });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|redeemed| *redeemed).count(), 1);
    let found = look(&store, |read| Box::pin(async move { read.pending_action_by_token(&[7; 32]).await }));
    assert_eq!(found.await.unwrap().unwrap().redeem_time, Some(at(1)));
}

async fn a_token_that_has_expired_is_not_redeemed(database: TestDatabase) {
    let store = database.open().await;
    pending_action(&store, 60).await;
    assert!(!redeem(&store, 60).await);
    assert!(!redeem(&store, 3_600).await);
    assert!(redeem(&store, 59).await);
}
