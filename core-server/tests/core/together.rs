//! Several cores: replicas of one store, and two stores in one process.

use std::time::Instant;

use futures_util::future::join_all;
use tokio_stream::StreamExt as _;
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};
use warung_app::{KNOWN_FOR, testing::environment};
use warung_proto::{
    ErrorReason,
    identity::GetMeRequest,
    library::{ListTitlesRequest, RequestTitleRequest, title_request::State},
};
use warung_store::testing::{Kind, TestDatabase};

use crate::support::{BUYER, Caller, Shop, assert_refused, episode, file, free, sent, soon, title, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_film_asked_for_at_one_replica_is_sent_by_a_worker_of_another() {
    let shop = Shop::patient(TestDatabase::new(Kind::Postgres).await).await;
    shop.put(title("filem", [free(file())])).await;
    let replica = shop.replica().await;
    let buyer = shop.user(BUYER).await;
    let worker = replica.worker("w1");
    let (request, _) = tokio::join!(shop.request(&buyer, "filem"), worker.carry_out(sent(1)));
    assert_eq!(request.unwrap().state(), State::Sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_at_two_replicas_are_one() {
    let shop = Shop::open(TestDatabase::new(Kind::Postgres).await).await;
    shop.put(title("filem", [free(file())])).await;
    let replica = shop.replica().await;
    let buyer = Caller::bot().acting_for(BUYER);
    let message = RequestTitleRequest { request_id: shop.request_id(), title_id: "filem".into(), ..Default::default() };
    let both = [&shop, &replica];
    let answers = soon(join_all((0..16).map(|number| both[number % 2].request_with(&buyer, message.clone())))).await;
    let first = answers[0].as_ref().unwrap();
    assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer == first)), "{answers:?}");
    assert_eq!(shop.delivery_rows().await.len(), 1);
    assert_eq!(shop.user_rows().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_setting_changed_at_one_replica_holds_at_the_other_within_a_second() {
    let shop = Shop::open(TestDatabase::new(Kind::Postgres).await).await;
    let replica = shop.replica().await;
    let started = Instant::now();
    for days in 31..36 {
        shop.set("operations.activity_ttl_days", &days.to_string()).await;
        until(|| async { replica.context().settings.activity_ttl_days == days }).await;
    }
    // Each change comes right after the replica has looked, and so waits as long as one can.
    assert!(started.elapsed() < KNOWN_FOR * 5, "five changes took {:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_requests_at_once_each_gets_its_own_answer() {
    let shop = Shop::open(TestDatabase::new(Kind::Postgres).await).await;
    let film = shop.put(title("filem", [free(file())])).await.title_id;
    let for_members = shop.put(title("anggota", [free(file()), episode(file())])).await.title_id;
    let replica = shop.replica().await;
    let both = [&shop, &replica];
    let users = join_all((1..=30).map(|telegram_id| shop.user(telegram_id))).await;
    let message = |title: &str, episode_number| RequestTitleRequest {
        request_id: shop.request_id(),
        title_id: title.to_owned(),
        episode_number,
        ..Default::default()
    };
    let mut calls = Vec::new();
    for (number, user) in users.iter().enumerate() {
        // A request and its twin; another request for the same; one for members; and one for nothing there is.
        let (twin, nothing) = (message(&film, 0), message("ttl_7zzzzzzzzzzzzzzzzzzzzzzzzz", 0));
        let all = [twin.clone(), twin, message(&film, 1), message(&for_members, 2), nothing];
        calls.extend(all.into_iter().enumerate().map(|(place, message)| {
            let asked = both[(number + place) % 2];
            async move { asked.request_with(user, message).await }
        }));
    }
    let answers = soon(join_all(calls)).await;
    for answers in answers.chunks(5) {
        let [one, twin, again, members, nothing] = answers else { panic!("{answers:?}") };
        let one = one.as_ref().unwrap();
        assert_eq!(one.state(), State::Queued);
        assert_eq!((one, one), (twin.as_ref().unwrap(), again.as_ref().unwrap()));
        assert_eq!(members.as_ref().unwrap().state(), State::VipRequired);
        assert_eq!(nothing.as_ref().unwrap_err().code(), Code::NotFound);
    }
    assert_eq!((shop.title_request_rows().await.len(), shop.delivery_rows().await.len()), (30, 30));
    let claimed = shop.worker("w1").claim().await;
    assert!(!claimed.is_empty() && claimed.iter().all(|delivery| (1..=30).contains(&delivery.chat_id)));
}

#[tokio::test]
async fn the_api_describes_itself_and_tells_its_health() {
    let shop = Shop::open(TestDatabase::new(Kind::Sqlite).await).await;
    let mut health = HealthClient::new(shop.core.channel());
    let answer = health.check(HealthCheckRequest { service: String::new() }).await.unwrap().into_inner();
    assert_eq!(answer.status(), ServingStatus::Serving);
    let mut reflection = ServerReflectionClient::new(shop.core.channel());
    let ask = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers = reflection.server_reflection_info(tokio_stream::iter([ask])).await.unwrap().into_inner();
    let answer = soon(answers.next()).await.unwrap().unwrap().message_response;
    let Some(MessageResponse::ListServicesResponse(list)) = answer else { panic!("{answer:?}") };
    let names: Vec<_> = list.service.iter().map(|service| service.name.as_str()).collect();
    for service in warung_proto::descriptor::pool().services() {
        assert!(names.contains(&service.full_name()), "{} is not in {names:?}", service.full_name());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_stores_in_one_process_know_nothing_of_each_other() {
    let mut facts = environment();
    facts.secret = warung_core::Secret::new("the secret of the other store, as long as it must be").unwrap();
    facts.store_name = "Warung Sebelah".into();
    let one = Shop::open(TestDatabase::new(Kind::Sqlite).await).await;
    let two = Shop::of(TestDatabase::new(Kind::Postgres).await, facts).await;
    let both = [&one, &two];
    for shop in both {
        for code in ["filem", "lain"] {
            shop.put(title(code, [free(crate::support::linked())])).await;
        }
    }
    let session = one.user(BUYER).await;
    let refused = two.identity().get_me(session.says(GetMeRequest {})).await;
    assert_refused(refused, Code::Unauthenticated, ErrorReason::SessionInvalid);

    let page = ListTitlesRequest { page_size: 1, ..Default::default() };
    let first = one.library().list_titles(Caller::nobody().says(page)).await.unwrap().into_inner();
    let foreign = ListTitlesRequest { page_token: first.next_page_token, ..Default::default() };
    let refused = two.library().list_titles(Caller::nobody().says(foreign)).await;
    assert_refused(refused, Code::InvalidArgument, ErrorReason::PageTokenInvalid);

    let request = one.request(&session, "filem").await.unwrap();
    let own = two.user(BUYER).await;
    let message = warung_proto::library::FollowTitleRequestRequest {
        title_request_id: request.title_request_id.clone(),
        wait: None,
    };
    let refused = two.library().follow_title_request(own.says(message)).await;
    assert_refused(refused, Code::NotFound, ErrorReason::NotFound);
    assert!(two.worker("w1").claim().await.is_empty(), "the other store's film is not ours to send");
    one.worker("w1").carry_out(crate::support::never_started()).await;
    let request = one.request(&session, "filem").await.unwrap();
    let token = request.link.rsplit('=').next().unwrap();
    let refused = two.redeem(BUYER, token).await;
    assert_refused(refused, Code::NotFound, ErrorReason::StartTokenUnknown);
    assert_eq!(one.redeem(BUYER, token).await.unwrap().state(), State::Queued);
}
