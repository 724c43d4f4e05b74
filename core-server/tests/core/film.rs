//! Asking for a film: every answer.

use std::time::Duration;

use tonic::Code;
use warung_proto::{
    ErrorReason,
    library::{FollowTitleRequestRequest, RequestTitleRequest, TitleRequest, title_request::State},
    messaging::action::Kind,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{
    BUYER, Caller, OTHER, Says as _, Shop, assert_refused, blocked, copied, episode, failed, file, free, linked,
    never_started, sent, soon, title,
};

on_both_databases! {
    a_film_that_arrives_within_the_wait_is_sent;
    a_slow_film_is_queued_and_followed_to_its_end;
    a_user_who_never_started_gets_a_link_and_the_same_one_again;
    allowing_messages_tries_again_at_once;
    the_same_user_and_episode_within_ten_seconds_get_the_first_request;
    a_member_alone_gets_what_is_for_members;
    what_can_not_be_seen_or_sent_is_refused;
    a_request_is_its_own_users_alone;
    a_file_of_another_bot_is_a_missing_video;
    a_linked_video_needs_an_address_of_ours;
}

/// A shop with a free film of each kind of video, and one for members.
async fn stocked(shop: Shop) -> Shop {
    shop.put(title("filem", [free(file())])).await;
    shop.put(title("salinan", [free(copied())])).await;
    shop.put(title("tautan", [free(linked())])).await;
    shop.put(title("anggota", [free(file()), episode(file())])).await;
    shop
}

fn state(request: &TitleRequest) -> State {
    request.state()
}

async fn follow(shop: &Shop, caller: &Caller, request: &TitleRequest, wait: Duration) -> TitleRequest {
    let message = FollowTitleRequestRequest {
        title_request_id: request.title_request_id.clone(),
        wait: Some(wait.try_into().unwrap()),
    };
    soon(shop.library().follow_title_request(caller.says(message))).await.unwrap().into_inner().title_request.unwrap()
}

async fn a_film_that_arrives_within_the_wait_is_sent(database: TestDatabase) {
    let shop = stocked(Shop::patient(database).await).await;
    let buyer = shop.user(BUYER).await;
    let worker = shop.worker("w1");
    let (request, delivery) = tokio::join!(shop.request(&buyer, "filem"), worker.carry_out(sent(5)));
    let request = request.unwrap();
    assert_eq!((state(&request), request.link.as_str()), (State::Sent, ""));
    assert_eq!((delivery.chat_id, delivery.attempt, delivery.may_be_repeated), (BUYER, 1, false));
    let content = delivery.content();
    assert_eq!(content.text_html, "<b>Judul filem</b>\n\nRingkasan.");
    assert_eq!(content.rows[0].actions[0].label, "▶️ Tonton Sekarang");
    let Some(Kind::CallbackData(data)) = &content.rows[0].actions[0].kind else { panic!("{content:?}") };
    assert!(data.starts_with("v1:w:eps_") && data.len() <= 64, "{data}");
    assert!(shop.worker("w1").claim().await.is_empty());
}

async fn a_slow_film_is_queued_and_followed_to_its_end(database: TestDatabase) {
    let shop = stocked(Shop::open(database).await).await;
    let buyer = shop.user(BUYER).await;
    let worker = shop.worker("w1");
    for (outcome, end) in [(sent(1), State::Sent), (never_started(), State::NeedStart), (failed(), State::Failed)] {
        shop.clock.advance_seconds(60);
        let request = shop.request(&buyer, "filem").await.unwrap();
        assert_eq!(state(&request), State::Queued);
        let follows = follow(&shop, &buyer, &request, Duration::from_secs(15));
        let (followed, _) = tokio::join!(follows, worker.carry_out(outcome));
        assert_eq!(state(&followed), end);
        assert_eq!(followed.link.is_empty(), end != State::NeedStart);
        assert_eq!(followed.title_request_id, request.title_request_id);
    }
}

async fn a_user_who_never_started_gets_a_link_and_the_same_one_again(database: TestDatabase) {
    let shop = stocked(Shop::patient(database).await).await;
    let worker = shop.worker("w1");
    for (telegram_id, outcome) in [(BUYER, never_started()), (OTHER, blocked())] {
        let user = shop.user(telegram_id).await;
        let message =
            RequestTitleRequest { request_id: shop.request_id(), title_id: "filem".into(), ..Default::default() };
        let (request, _) = tokio::join!(shop.request_with(&user, message.clone()), worker.carry_out(outcome));
        let request = request.unwrap();
        assert_eq!(state(&request), State::NeedStart);
        let token = request.link.strip_prefix("https://t.me/warung_uji_bot?start=").unwrap();
        assert_eq!(token.len(), 43);
        assert!(request.expire_time.is_some());
        let again = shop.request_with(&user, message).await.unwrap();
        assert_eq!(again, request, "a replay has the same link");
        let second_tap = shop.request(&user, "filem").await.unwrap();
        assert_eq!(second_tap, request);
        assert!(worker.claim().await.is_empty(), "nothing was tried again");
    }
}

async fn allowing_messages_tries_again_at_once(database: TestDatabase) {
    let shop = stocked(Shop::patient(database).await).await;
    let buyer = shop.user(BUYER).await;
    let worker = shop.worker("w1");
    let (first, _) = tokio::join!(shop.request(&buyer, "filem"), worker.carry_out(never_started()));
    shop.clock.advance_seconds(2);
    let message = RequestTitleRequest {
        request_id: shop.request_id(),
        title_id: "filem".into(),
        write_access_granted: true,
        ..Default::default()
    };
    let (second, _) = tokio::join!(shop.request_with(&buyer, message), worker.carry_out(sent(9)));
    let second = second.unwrap();
    assert_eq!(state(&second), State::Sent);
    assert_ne!(second.title_request_id, first.unwrap().title_request_id);
}

async fn the_same_user_and_episode_within_ten_seconds_get_the_first_request(database: TestDatabase) {
    let shop = stocked(Shop::open(database).await).await;
    let buyer = shop.user(BUYER).await;
    let first = shop.request(&buyer, "filem").await.unwrap();
    shop.clock.advance_ms(9_999);
    let second = shop.request(&buyer, "filem").await.unwrap();
    assert_eq!(first, second);
    let other = shop.request(&shop.user(OTHER).await, "filem").await.unwrap();
    assert_ne!(other.title_request_id, first.title_request_id, "another user asks for themselves");
    shop.clock.advance_ms(1);
    let third = shop.request(&buyer, "filem").await.unwrap();
    assert_ne!(third.title_request_id, first.title_request_id);
    assert_eq!(shop.title_request_rows().await.len(), 3);
    assert_eq!(shop.delivery_rows().await.len(), 3);
}

async fn a_member_alone_gets_what_is_for_members(database: TestDatabase) {
    let shop = stocked(Shop::open(database).await).await;
    let buyer = shop.user(BUYER).await;
    let second = || RequestTitleRequest {
        request_id: shop.request_id(),
        title_id: "anggota".into(),
        episode_number: 2,
        ..Default::default()
    };
    let refused = shop.request_with(&buyer, second()).await.unwrap();
    assert_eq!((state(&refused), refused.title_request_id.as_str()), (State::VipRequired, ""));
    assert_eq!(refused.link, "https://t.me/warung_uji_bot?start=vip");
    assert!(shop.title_request_rows().await.is_empty() && shop.delivery_rows().await.is_empty());

    let free = shop.request(&buyer, "anggota").await.unwrap();
    assert_eq!(state(&free), State::Queued, "the first episode is free");

    shop.make_member(BUYER, 1).await;
    assert_eq!(state(&shop.request_with(&buyer, second()).await.unwrap()), State::Queued);
    shop.clock.advance(chrono::TimeDelta::days(1));
    let buyer = shop.user(BUYER).await;
    let expired = shop.request_with(&buyer, second()).await.unwrap();
    assert_eq!(state(&expired), State::VipRequired, "it ends at its very end");
}

async fn what_can_not_be_seen_or_sent_is_refused(database: TestDatabase) {
    let shop = stocked(Shop::open(database).await).await;
    let mut hidden = title("rahasia", [free(file())]);
    hidden.hidden = true;
    let hidden = shop.put(hidden).await;
    shop.put(title("segera", [free(None)])).await;
    shop.put(title("dipotong", [free(file()), free(file())])).await;
    shop.put(title("dipotong", [free(file())])).await;
    let buyer = shop.user(BUYER).await;
    let unknown = "ttl_7zzzzzzzzzzzzzzzzzzzzzzzzz";
    let long = "a".repeat(10_000);
    for name in ["tidak-ada", "rahasia", &hidden.title_id, unknown, "", "É", &long, "ttl_x"] {
        let status = assert_refused(shop.request(&buyer, name).await, Code::NotFound, ErrorReason::NotFound);
        assert!(status.details().len() < 1_000, "what was asked for is not echoed at length");
    }
    for (name, number) in [("filem", 2), ("dipotong", 2), ("dipotong", i32::MAX)] {
        let message = RequestTitleRequest {
            request_id: shop.request_id(),
            title_id: name.into(),
            episode_number: number,
            ..Default::default()
        };
        assert_refused(shop.request_with(&buyer, message).await, Code::NotFound, ErrorReason::NotFound);
    }
    let negative = RequestTitleRequest {
        request_id: shop.request_id(),
        title_id: "filem".into(),
        episode_number: -1,
        ..Default::default()
    };
    assert_refused(shop.request_with(&buyer, negative).await, Code::InvalidArgument, ErrorReason::InvalidArgument);
    assert_refused(shop.request(&buyer, "segera").await, Code::FailedPrecondition, ErrorReason::VideoMissing);
    assert!(shop.delivery_rows().await.is_empty());
}

async fn a_request_is_its_own_users_alone(database: TestDatabase) {
    let shop = stocked(Shop::open(database).await).await;
    let request = shop.request(&shop.user(BUYER).await, "filem").await.unwrap();
    let other = shop.user(OTHER).await;
    for id in [request.title_request_id.as_str(), "req_7zzzzzzzzzzzzzzzzzzzzzzzzz", ""] {
        let message = FollowTitleRequestRequest { title_request_id: id.into(), wait: None };
        let answer = shop.library().follow_title_request(other.says(message)).await;
        assert_refused(answer, Code::NotFound, ErrorReason::NotFound);
    }
}

async fn a_file_of_another_bot_is_a_missing_video(database: TestDatabase) {
    let shop = stocked(Shop::open(database).await).await;
    let before = shop.put(title("filem", [free(file())])).await;
    assert!(before.episodes[0].available);
    // The seller has made another bot: what the old one received is of no use to it.
    let shop = shop.restarted_as(|facts| "7000000002:OTHER".clone_into(&mut facts.main_bot.token)).await;
    let caller = Caller::bot().acting_for(BUYER);
    assert_refused(shop.request(&caller, "filem").await, Code::FailedPrecondition, ErrorReason::VideoMissing);
    let watched = shop.watch(BUYER, &before.episodes[0].episode_id).await;
    assert_refused(watched, Code::FailedPrecondition, ErrorReason::VideoMissing);
    let shown = warung_proto::library::GetTitleRequest { title_id: "filem".into() };
    let shown = shop.library().get_title(Caller::edge().says(shown)).await.unwrap().into_inner().title.unwrap();
    assert!(!shown.episodes[0].available, "nobody is shown as available what can't be sent");
}

async fn a_linked_video_needs_an_address_of_ours(database: TestDatabase) {
    let mut facts = warung_app::testing::environment();
    facts.public_url = None;
    let shop = stocked(Shop::of(database, facts).await).await;
    let buyer = shop.user(BUYER).await;
    assert_refused(shop.request(&buyer, "tautan").await, Code::FailedPrecondition, ErrorReason::VideoMissing);
}
