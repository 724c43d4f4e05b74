//! A request that comes again is carried out once.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use tonic::Code;
use warung_proto::{
    ErrorReason,
    library::{RequestTitleRequest, WatchEpisodeRequest, title_request::State},
    membership::{GetUserMembershipRequest, GrantMembershipRequest},
    operations::PutMediaRequest,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, OTHER, Shop, assert_refused, file, free, sent, soon, title, until};

on_both_databases! {
    twins_of_a_request_are_one_as_many_as_a_person_has_room_for;
    a_request_id_is_its_users_and_its_contents;
    a_change_needs_a_request_id;
    a_replay_changes_nothing_and_answers_the_same;
    what_a_lost_caller_asked_for_is_whole_or_not_there;
    a_deadline_ends_the_wait_and_not_the_request;
    a_refusal_does_not_use_the_request_id_up;
}

async fn stocked(shop: Shop) -> Shop {
    shop.put(title("filem", [free(file())])).await;
    shop.put(title("lain", [free(file())])).await;
    shop
}

fn ask(shop: &Shop, title: &str) -> RequestTitleRequest {
    RequestTitleRequest { request_id: shop.request_id(), title_id: title.into(), ..Default::default() }
}

async fn twins_of_a_request_are_one_as_many_as_a_person_has_room_for(database: TestDatabase) {
    let shop = stocked(Shop::open(database).await).await;
    let buyer = shop.user(BUYER).await;
    let message = ask(&shop, "filem");
    let answers = soon(join_all((0..8).map(|_| shop.request_with(&buyer, message.clone())))).await;
    let answers: BTreeSet<_> = answers.into_iter().map(|answer| answer.unwrap().title_request_id).collect();
    assert_eq!(answers.len(), 1);
    assert_eq!(shop.title_request_rows().await.len(), 1);
    assert_eq!(shop.delivery_rows().await.len(), 1);
}

async fn a_request_id_is_its_users_and_its_contents(database: TestDatabase) {
    let shop = stocked(Shop::open(database).await).await;
    let buyer = shop.user(BUYER).await;
    let message = ask(&shop, "filem");
    let first = shop.request_with(&buyer, message.clone()).await.unwrap();
    let other_title = RequestTitleRequest { title_id: "lain".into(), ..message.clone() };
    let refused = shop.request_with(&buyer, other_title).await;
    assert_refused(refused, Code::InvalidArgument, ErrorReason::RequestIdReused);
    let other_user = shop.request_with(&shop.user(OTHER).await, message.clone()).await.unwrap();
    assert_ne!(other_user.title_request_id, first.title_request_id);
    let by_bot = shop.request_with(&Caller::bot().acting_for(BUYER), message).await.unwrap();
    assert_eq!(by_bot, first, "a user is the same one whoever speaks for them");
}

async fn a_change_needs_a_request_id(database: TestDatabase) {
    let shop = stocked(Shop::open(database).await).await;
    let buyer = shop.user(BUYER).await;
    for request_id in ["", "1", "not-a-uuid", "\0", "🎬", &"a".repeat(256)] {
        let message = RequestTitleRequest { request_id: request_id.into(), ..ask(&shop, "filem") };
        let refused = shop.request_with(&buyer, message).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
    assert!(shop.delivery_rows().await.is_empty());
}

async fn a_replay_changes_nothing_and_answers_the_same(database: TestDatabase) {
    let shop = stocked(Shop::open(database).await).await;
    let operator = Caller::operator();
    let grant = GrantMembershipRequest { request_id: shop.request_id(), telegram_id: BUYER, days: 30 };
    let first = shop.memberships().grant_membership(operator.says(grant.clone())).await.unwrap().into_inner();
    shop.clock.advance_seconds(3_600);
    let again = shop.memberships().grant_membership(operator.says(grant)).await.unwrap().into_inner();
    assert_eq!(first, again, "thirty days, not sixty");
    let read = GetUserMembershipRequest { telegram_id: BUYER };
    let read = shop.memberships().get_user_membership(operator.says(read)).await.unwrap().into_inner();
    assert_eq!(read.membership, first.membership);

    let film = shop.put(title("filem", [free(file())])).await;
    let watch = WatchEpisodeRequest { request_id: shop.request_id(), episode_id: film.episodes[0].episode_id.clone() };
    let caller = Caller::bot().acting_for(BUYER);
    let first = shop.library().watch_episode(caller.says(watch.clone())).await.unwrap().into_inner();
    let again = shop.library().watch_episode(caller.says(watch)).await.unwrap().into_inner();
    assert_eq!(first, again);
    assert_eq!(shop.delivery_rows().await.len(), 1);

    let mut put = title("baru", [free(file())]);
    put.request_id = shop.request_id();
    let first = shop.library_admin().put_title(operator.says(put.clone())).await.unwrap().into_inner();
    let again = shop.library_admin().put_title(operator.says(put.clone())).await.unwrap().into_inner();
    assert_eq!(first, again, "the answer of the first time: CREATED");
    put.request_id = shop.request_id();
    let unchanged = shop.library_admin().put_title(operator.says(put)).await.unwrap().into_inner();
    assert_eq!(unchanged.result(), warung_proto::library::PutResult::Unchanged);
    assert_eq!(unchanged.title, first.title);

    let mut message = PutMediaRequest { request_id: shop.request_id(), content: crate::support::picture(1) };
    let first = shop.media().put_media(operator.says(message.clone())).await.unwrap().into_inner();
    let again = shop.media().put_media(operator.says(message.clone())).await.unwrap().into_inner();
    assert_eq!(first, again);
    message.content = crate::support::picture(2);
    let refused = shop.media().put_media(operator.says(message)).await;
    assert_refused(refused, Code::InvalidArgument, ErrorReason::RequestIdReused);
}

async fn what_a_lost_caller_asked_for_is_whole_or_not_there(database: TestDatabase) {
    let shop = stocked(Shop::open(database).await).await;
    let mut asked = Vec::new();
    for number in 0..60_u32 {
        let caller = Caller::bot().acting_for(1_000_000 + i64::from(number));
        let message = ask(&shop, "filem");
        let call = shop.request_with(&caller, message.clone());
        // The caller goes away somewhere on the way.
        let _ = tokio::time::timeout(Duration::from_micros(u64::from(number % 20) * 250), call).await;
        asked.push((caller, message));
    }
    // Whoever asks again with the same id finds what there is, or is the first.
    for (caller, message) in asked {
        shop.request_with(&caller, message).await.unwrap();
    }
    let (requests, deliveries) = (shop.title_request_rows().await, shop.delivery_rows().await);
    assert_eq!((requests.len(), deliveries.len()), (60, 60));
    let of_requests: BTreeSet<_> = requests.iter().map(|row| Some(row.id)).collect();
    let of_deliveries: BTreeSet<_> = deliveries.iter().map(|row| row.purpose_id).collect();
    assert_eq!(of_requests, of_deliveries);
}

async fn a_deadline_ends_the_wait_and_not_the_request(database: TestDatabase) {
    let shop = stocked(Shop::patient(database).await).await;
    let buyer = shop.user(BUYER).await;
    let message = ask(&shop, "filem");
    let refused = shop.request_with(&buyer.clone().within(Duration::from_millis(50)), message.clone()).await;
    assert_refused(refused, Code::DeadlineExceeded, ErrorReason::DeadlineExceeded);
    let worker = shop.worker("w1");
    let (found, _) = tokio::join!(shop.request_with(&buyer, message), worker.carry_out(sent(1)));
    assert_eq!(found.unwrap().state(), State::Sent);
    assert_eq!(shop.delivery_rows().await.len(), 1);
    until(async || worker.claim().await.is_empty()).await;
}

async fn a_refusal_does_not_use_the_request_id_up(database: TestDatabase) {
    let shop = stocked(Shop::open(database).await).await;
    let buyer = shop.user(BUYER).await;
    let message = ask(&shop, "belum-ada");
    let refused = shop.request_with(&buyer, message.clone()).await;
    assert_refused(refused, Code::NotFound, ErrorReason::NotFound);
    shop.put(title("belum-ada", [free(file())])).await;
    assert_eq!(shop.request_with(&buyer, message).await.unwrap().state(), State::Queued);
}
