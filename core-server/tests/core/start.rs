//! The start token: from a refusal to the film.

use futures_util::future::join_all;
use tonic::Code;
use warung_domain::{ids::PendingActionId, library::StartToken};
use warung_proto::{
    ErrorReason,
    identity::{ContactState, RecordContactRequest, TelegramProfile},
    library::{GetPendingActionRequest, RequestTitleRequest, title_request::State},
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{
    BUYER, Caller, OTHER, Shop, assert_refused, episode, file, free, never_started, sent, soon, title, until,
};

on_both_databases! {
    pressing_start_delivers_what_waited;
    a_token_is_redeemed_once;
    of_fifty_who_redeem_at_once_one_does;
    a_token_ends_at_its_very_end;
    a_token_is_its_own_users_alone;
    what_is_no_token_is_unknown;
    a_membership_that_lapsed_meanwhile_keeps_the_token;
    a_film_that_was_hidden_meanwhile_is_not_found_and_keeps_the_token;
    reading_what_waits_consumes_nothing;
    another_refusal_closes_the_token_before;
    a_repeated_update_is_answered_again;
    any_start_delivers_what_waits_once;
    of_many_starts_and_links_at_once_one_delivers;
    a_start_delivers_each_film_that_waits_and_none_twice;
    a_start_leaves_what_is_over_or_not_to_be_watched;
    what_came_by_another_request_comes_with_no_start;
}

/// A user asks, is refused by Telegram, and gets a link. Answers its token.
async fn token_of(shop: &Shop, telegram_id: i64, title: &str) -> String {
    let caller = Caller::bot().acting_for(telegram_id);
    let request = shop.request(&caller, title).await.unwrap();
    assert_eq!(request.state(), State::Queued);
    shop.worker("w1").carry_out(never_started()).await;
    let request = shop.request(&caller, title).await.unwrap();
    assert_eq!(request.state(), State::NeedStart);
    request.link.rsplit('=').next().unwrap().to_owned()
}

async fn stocked(database: TestDatabase) -> Shop {
    let shop = Shop::open(database).await;
    shop.put(title("filem", [free(file())])).await;
    shop.put(title("anggota", [episode(file())])).await;
    shop
}

async fn pressing_start_delivers_what_waited(database: TestDatabase) {
    let shop = stocked(database).await;
    let token = token_of(&shop, BUYER, "filem").await;
    shop.clock.advance_seconds(30);
    let redeemed = shop.redeem(BUYER, &token).await.unwrap();
    assert_eq!(redeemed.state(), State::Queued);
    let delivery = shop.worker("w1").carry_out(sent(8)).await;
    assert_eq!(delivery.chat_id, BUYER);
    shop.clock.advance_seconds(5);
    assert!(shop.worker("w1").claim().await.is_empty());
    let rows = shop.title_request_rows().await;
    assert_eq!(rows.iter().map(|row| row.state.0.name()).collect::<Vec<_>>(), ["SENT"]);
    assert_eq!(shop.user_rows().await[0].contact_state.0.name(), "OPEN");
}

async fn a_token_is_redeemed_once(database: TestDatabase) {
    let shop = stocked(database).await;
    let token = token_of(&shop, BUYER, "filem").await;
    shop.redeem(BUYER, &token).await.unwrap();
    let again = shop.redeem(BUYER, &token).await;
    assert_refused(again, Code::FailedPrecondition, ErrorReason::StartTokenUsed);
    shop.clock.advance_seconds(3_600);
    let late = shop.redeem(BUYER, &token).await;
    assert_refused(late, Code::FailedPrecondition, ErrorReason::StartTokenUsed);
    assert_eq!(shop.delivery_rows().await.len(), 2, "the refused one, and the one that Start released");
}

async fn of_fifty_who_redeem_at_once_one_does(database: TestDatabase) {
    let shop = stocked(database).await;
    let token = token_of(&shop, BUYER, "filem").await;
    let answers = soon(join_all((0..50).map(|_| shop.redeem(BUYER, &token)))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for answer in answers.into_iter().filter(Result::is_err) {
        assert_refused(answer, Code::FailedPrecondition, ErrorReason::StartTokenUsed);
    }
    assert_eq!(shop.delivery_rows().await.len(), 2);
}

async fn a_token_ends_at_its_very_end(database: TestDatabase) {
    let shop = stocked(database).await;
    let first = token_of(&shop, BUYER, "filem").await;
    let second = token_of(&shop, OTHER, "filem").await;
    shop.clock.advance_ms(900_000 - 1);
    assert_eq!(shop.redeem(BUYER, &first).await.unwrap().state(), State::Queued);
    shop.clock.advance_ms(1);
    let late = shop.redeem(OTHER, &second).await;
    assert_refused(late, Code::FailedPrecondition, ErrorReason::StartTokenExpired);
    let read = GetPendingActionRequest { token: second };
    let read = shop.library().get_pending_action(Caller::edge().says(read)).await;
    assert_refused(read, Code::FailedPrecondition, ErrorReason::StartTokenExpired);
}

async fn a_token_is_its_own_users_alone(database: TestDatabase) {
    let shop = stocked(database).await;
    let token = token_of(&shop, BUYER, "filem").await;
    let foreign = shop.redeem(OTHER, &token).await;
    assert_refused(foreign, Code::PermissionDenied, ErrorReason::StartTokenForeign);
    assert_eq!(shop.redeem(BUYER, &token).await.unwrap().state(), State::Queued, "it was left as it was");
}

async fn what_is_no_token_is_unknown(database: TestDatabase) {
    let shop = stocked(database).await;
    let token = token_of(&shop, BUYER, "filem").await;
    let guessed = StartToken::of(&shop.context().environment.secret, PendingActionId(uuid::Uuid::nil())).reveal();
    let long = "a".repeat(65);
    for text in ["", "a", &token[1..], &format!("{token}A"), &long, &guessed, "🎬"] {
        let answer = shop.redeem(BUYER, text).await;
        assert_refused(answer, Code::NotFound, ErrorReason::StartTokenUnknown);
        let read = GetPendingActionRequest { token: text.to_owned() };
        let read = shop.library().get_pending_action(Caller::edge().says(read)).await;
        assert_refused(read, Code::NotFound, ErrorReason::StartTokenUnknown);
    }
}

async fn a_membership_that_lapsed_meanwhile_keeps_the_token(database: TestDatabase) {
    let shop = stocked(database).await;
    shop.make_member(BUYER, 1).await;
    shop.clock.advance(chrono::TimeDelta::hours(24) - chrono::TimeDelta::seconds(10));
    let token = token_of(&shop, BUYER, "anggota").await;
    shop.clock.advance_seconds(10);
    let lapsed = shop.redeem(BUYER, &token).await.unwrap();
    assert_eq!(lapsed.state(), State::VipRequired);
    assert_eq!(shop.delivery_rows().await.len(), 1);
    shop.make_member(BUYER, 1).await;
    assert_eq!(shop.redeem(BUYER, &token).await.unwrap().state(), State::Queued, "they have renewed");
}

async fn a_film_that_was_hidden_meanwhile_is_not_found_and_keeps_the_token(database: TestDatabase) {
    let shop = stocked(database).await;
    let film = || title("serial", [free(file()), free(file())]);
    shop.put(film()).await;
    shop.put(title("filem", [free(file()), free(file())])).await;
    let (of_title, of_episode) = (token_of(&shop, BUYER, "serial").await, token_of(&shop, OTHER, "filem").await);
    let mut hidden = film();
    hidden.hidden = true;
    shop.put(hidden).await;
    // The first part is taken out; the second one stays.
    let mut second = title("filem", [free(file())]);
    second.episodes[0].number = 2;
    shop.put(second).await;
    for (user, token) in [(BUYER, &of_title), (OTHER, &of_episode)] {
        assert_refused(shop.redeem(user, token).await, Code::NotFound, ErrorReason::NotFound);
    }
    assert_eq!(shop.delivery_rows().await.len(), 2, "the two that Telegram refused");
    assert!(shop.pending_action_rows().await.iter().all(|action| action.redeem_time.is_none()));
    shop.put(film()).await;
    assert_eq!(shop.redeem(BUYER, &of_title).await.unwrap().state(), State::Queued, "it is shown again");
    let used = shop.redeem(BUYER, &of_title).await;
    assert_refused(used, Code::FailedPrecondition, ErrorReason::StartTokenUsed);
}

async fn reading_what_waits_consumes_nothing(database: TestDatabase) {
    let shop = stocked(database).await;
    let token = token_of(&shop, BUYER, "filem").await;
    for _ in 0..3 {
        let read = GetPendingActionRequest { token: token.clone() };
        let read = shop.library().get_pending_action(Caller::edge().says(read)).await.unwrap().into_inner();
        assert_eq!((read.telegram_id, read.episode_number), (BUYER, 1));
        assert_eq!(read.title.unwrap().code, "filem");
    }
    shop.redeem(BUYER, &token).await.unwrap();
    let read = shop.library().get_pending_action(Caller::bot().says(GetPendingActionRequest { token })).await;
    assert_refused(read, Code::FailedPrecondition, ErrorReason::StartTokenUsed);
}

async fn another_refusal_closes_the_token_before(database: TestDatabase) {
    let shop = stocked(database).await;
    let first = token_of(&shop, BUYER, "filem").await;
    shop.redeem(BUYER, &first).await.unwrap();
    shop.clock.advance_seconds(2);
    shop.worker("w1").carry_out(never_started()).await;
    let caller = Caller::bot().acting_for(BUYER);
    let request = shop.request(&caller, "filem").await.unwrap();
    let second = request.link.rsplit('=').next().unwrap();
    assert_ne!(second, first);
    assert_eq!(shop.redeem(BUYER, second).await.unwrap().state(), State::Queued);
    let open = shop.pending_action_rows().await.into_iter().filter(|row| row.redeem_time.is_none()).count();
    assert_eq!(open, 0);
}

async fn a_repeated_update_is_answered_again(database: TestDatabase) {
    let shop = stocked(database).await;
    let profile = TelegramProfile { telegram_id: BUYER, first_name: "Budi".into(), ..Default::default() };
    let message = RecordContactRequest {
        request_id: shop.request_id(),
        profile: Some(profile),
        state: ContactState::Open.into(),
        started: true,
    };
    let first = shop.identity().record_contact(Caller::bot().says(message.clone())).await.unwrap().into_inner();
    let again = shop.identity().record_contact(Caller::bot().says(message)).await.unwrap().into_inner();
    assert!(first.created);
    assert_eq!(first, again);
    let message = RequestTitleRequest { request_id: shop.request_id(), title_id: "filem".into(), ..Default::default() };
    let caller = Caller::bot().acting_for(BUYER);
    let first = shop.request_with(&caller, message.clone()).await.unwrap();
    shop.worker("w1").carry_out(sent(1)).await;
    let again = shop.request_with(&caller, message).await.unwrap();
    assert_eq!(first.title_request_id, again.title_request_id);
    assert_eq!(again.state(), State::Sent, "the same request as it stands now");
    until(async || shop.worker("w2").claim().await.is_empty()).await;
}

async fn any_start_delivers_what_waits_once(database: TestDatabase) {
    let shop = stocked(database).await;
    let token = token_of(&shop, BUYER, "filem").await;
    assert_eq!(shop.start(OTHER).await.unwrap(), 0, "it is not theirs");
    assert_eq!(shop.start(BUYER).await.unwrap(), 1);
    assert_eq!(shop.start(BUYER).await.unwrap(), 0);
    assert_refused(shop.redeem(BUYER, &token).await, Code::FailedPrecondition, ErrorReason::StartTokenUsed);
    shop.clock.advance_seconds(2);
    assert_eq!(shop.worker("w1").carry_out(sent(8)).await.chat_id, BUYER);
    assert!(shop.worker("w1").claim().await.is_empty());
    assert_eq!(shop.title_request_rows().await[0].state.0.name(), "SENT");
}

async fn of_many_starts_and_links_at_once_one_delivers(database: TestDatabase) {
    let shop = stocked(database).await;
    let token = token_of(&shop, BUYER, "filem").await;
    let starts = join_all((0..25).map(|_| shop.start(BUYER)));
    let links = join_all((0..25).map(|_| shop.redeem(BUYER, &token)));
    let (starts, links) = soon(async { tokio::join!(starts, links) }).await;
    let by_start: i32 = starts.into_iter().map(Result::unwrap).sum();
    let by_link = links.into_iter().flatten().count();
    assert_eq!(usize::try_from(by_start).unwrap() + by_link, 1);
    assert_eq!(shop.delivery_rows().await.len(), 2, "the refused one, and the one that was released");
}

async fn a_start_delivers_each_film_that_waits_and_none_twice(database: TestDatabase) {
    let shop = stocked(database).await;
    shop.put(title("lain", [free(file())])).await;
    token_of(&shop, BUYER, "filem").await;
    shop.clock.advance_seconds(2);
    token_of(&shop, BUYER, "lain").await;
    // Later than a second tap, so that it is another request.
    shop.clock.advance_seconds(60);
    token_of(&shop, BUYER, "filem").await;
    assert_eq!(shop.start(BUYER).await.unwrap(), 2);
    assert_eq!(shop.start(BUYER).await.unwrap(), 0);
    assert!(shop.pending_action_rows().await.iter().all(|action| action.redeem_time.is_some()));
}

async fn a_start_leaves_what_is_over_or_not_to_be_watched(database: TestDatabase) {
    let shop = stocked(database).await;
    token_of(&shop, BUYER, "filem").await;
    shop.clock.advance_ms(900_000);
    assert_eq!(shop.start(BUYER).await.unwrap(), 0, "its time is over");
    shop.make_member(OTHER, 1).await;
    shop.clock.advance(chrono::TimeDelta::hours(24) - chrono::TimeDelta::seconds(10));
    token_of(&shop, OTHER, "anggota").await;
    shop.clock.advance_seconds(10);
    assert_eq!(shop.start(OTHER).await.unwrap(), 0, "the membership has ended");
    shop.make_member(OTHER, 1).await;
    assert_eq!(shop.start(OTHER).await.unwrap(), 1, "they have renewed");
}

async fn what_came_by_another_request_comes_with_no_start(database: TestDatabase) {
    let shop = stocked(database).await;
    let token = token_of(&shop, BUYER, "filem").await;
    let granted = RequestTitleRequest {
        request_id: shop.request_id(),
        title_id: "filem".into(),
        write_access_granted: true,
        ..Default::default()
    };
    shop.clock.advance_seconds(2);
    shop.request_with(&Caller::bot().acting_for(BUYER), granted).await.unwrap();
    shop.worker("w1").carry_out(sent(8)).await;
    assert_eq!(shop.start(BUYER).await.unwrap(), 0);
    assert_refused(shop.redeem(BUYER, &token).await, Code::FailedPrecondition, ErrorReason::StartTokenUsed);
}
