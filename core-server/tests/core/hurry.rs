//! Those who wait for something to happen, when nobody may wait any longer.

use std::time::Duration;

use tokio::task::JoinSet;
use warung_proto::{
    library::{FollowTitleRequestRequest, RequestTitleRequest, TitleRequest, title_request::State},
    metadata,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, OTHER, Shop, file, free, soon, title};

on_both_databases! {
    whoever_says_that_they_can_not_wait_is_answered_with_how_things_stand;
    whoever_waits_is_answered_when_the_core_ends;
}

const WAIT: prost_types::Duration = prost_types::Duration { seconds: 25, nanos: 0 };

async fn follow(shop: &Shop, caller: &Caller, wanted: &TitleRequest) -> State {
    let message = FollowTitleRequestRequest { title_request_id: wanted.title_request_id.clone(), wait: Some(WAIT) };
    let answer = soon(shop.library().follow_title_request(caller.says(message))).await.unwrap();
    answer.into_inner().title_request.unwrap().state()
}

async fn whoever_says_that_they_can_not_wait_is_answered_with_how_things_stand(database: TestDatabase) {
    // Its requests wait for the film.
    let shop = Shop::patient(database).await;
    shop.set("library.request_wait_ms", "10000").await;
    shop.put(title("filem", [free(file())])).await;
    let hurried = shop.user(BUYER).await.with(metadata::NO_WAIT, "1");
    let message = RequestTitleRequest {
        request_id: shop.request_id(),
        title_id: "filem".into(),
        ..RequestTitleRequest::default()
    };
    let mut library = shop.library();
    let no_time = Duration::from_secs(5);
    let wanted = tokio::time::timeout(no_time, library.request_title(hurried.says(message.clone()))).await;
    let wanted = wanted.expect("nobody waits").unwrap().into_inner().title_request.unwrap();
    assert_eq!(wanted.state(), State::Queued);
    // Asked again under the same id, as an edge does that ends, it is the same request.
    let again = library.request_title(hurried.says(message)).await.unwrap().into_inner().title_request.unwrap();
    assert_eq!(again.title_request_id, wanted.title_request_id);
    let state = tokio::time::timeout(no_time, follow(&shop, &hurried, &wanted)).await.expect("nobody waits");
    assert_eq!(state, State::Queued);
}

async fn whoever_waits_is_answered_when_the_core_ends(database: TestDatabase) {
    let shop = std::sync::Arc::new(Shop::open(database).await);
    shop.put(title("filem", [free(file())])).await;
    let mut waiting = JoinSet::new();
    for id in [BUYER, OTHER] {
        let caller = shop.user(id).await;
        let wanted = shop.request(&caller, "filem").await.unwrap();
        let shop = std::sync::Arc::clone(&shop);
        waiting.spawn(async move { follow(&shop, &caller, &wanted).await });
    }
    let early = tokio::time::timeout(Duration::from_millis(50), waiting.join_next()).await;
    assert!(early.is_err(), "they wait");
    shop.core.hurry();
    assert_eq!(soon(waiting.join_all()).await, [State::Queued; 2]);
}
