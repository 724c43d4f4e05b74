//! Room for calls in work: one person's calls keep out nobody else.

use std::time::Duration;

use tokio::task::JoinSet;
use tonic::{Code, Status};
use warung_domain::api_key;
use warung_proto::{
    ErrorReason, error,
    identity::GetMeRequest,
    library::{FollowTitleRequestRequest, TitleRequest},
    metadata,
    operations::PutMediaRequest,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, OTHER, Shop, assert_refused, file, free, title};

on_both_databases! {
    one_person_who_waits_many_times_keeps_out_nobody_else;
    whoever_asks_whether_they_may_call_is_told_and_nothing_is_done;
}

/// How many calls of a person may wait.
const WAITS: usize = 8;

fn follow(shop: &Shop, caller: &Caller, request: &TitleRequest) -> impl Future<Output = Result<(), Status>> + use<> {
    let message = FollowTitleRequestRequest {
        title_request_id: request.title_request_id.clone(),
        wait: Some(prost_types::Duration { seconds: 25, nanos: 0 }),
    };
    let (mut library, call) = (shop.library(), caller.says(message));
    async move { library.follow_title_request(call).await.map(drop) }
}

async fn one_person_who_waits_many_times_keeps_out_nobody_else(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.put(title("filem", [free(file())])).await;
    let (greedy, other) = (shop.user(BUYER).await, shop.user(OTHER).await);
    let wanted = shop.request(&greedy, "filem").await.unwrap();
    let mut waiting = JoinSet::new();
    for _ in 0..=WAITS {
        waiting.spawn(follow(&shop, &greedy, &wanted));
    }
    // One of them finds no place; the others wait.
    let refused = tokio::time::timeout(Duration::from_secs(10), waiting.join_next()).await.unwrap().unwrap().unwrap();
    let retry = error::retry_delay(refused.as_ref().unwrap_err());
    assert_eq!(retry, Some(Duration::from_secs(1)));
    assert_refused(refused, Code::ResourceExhausted, ErrorReason::RateLimited);
    shop.identity().get_me(greedy.says(GetMeRequest {})).await.unwrap();
    let theirs = shop.request(&other, "filem").await.unwrap();
    let others = tokio::time::timeout(Duration::from_millis(50), follow(&shop, &other, &theirs)).await;
    assert!(others.is_err(), "another person waits like anybody");
    // A client that goes away frees its place.
    waiting.shutdown().await;
    let again = tokio::time::timeout(Duration::from_millis(50), follow(&shop, &greedy, &wanted)).await;
    assert!(again.is_err(), "there is a place again");
}

async fn whoever_asks_whether_they_may_call_is_told_and_nothing_is_done(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let buyer = shop.user(BUYER).await.with(metadata::ASK_ONLY, "1");
    let refused = shop.media().put_media(buyer.says(PutMediaRequest::default())).await;
    assert_refused(refused, Code::PermissionDenied, ErrorReason::Forbidden);
    let seller = shop.user(warung_app::testing::ADMIN_ID).await.with(metadata::ASK_ONLY, "1");
    let answer = shop.media().put_media(seller.says(PutMediaRequest::default())).await.unwrap().into_inner();
    assert_eq!(answer.media, None, "an empty picture would be refused");
    // Of anybody but the edge it is not looked at.
    let bot = Caller::bot().acting_for(warung_app::testing::ADMIN_ID).with(metadata::ASK_ONLY, "1");
    let refused = shop.media().put_media(bot.says(PutMediaRequest::default())).await;
    assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
}

#[test]
fn the_edge_tells_keys_from_sessions_as_the_core_does() {
    assert_eq!(metadata::API_KEY_PREFIX, api_key::PREFIX);
}
