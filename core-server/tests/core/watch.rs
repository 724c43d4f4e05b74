//! Watching: the video in the chat, or the way to it.

use tonic::Code;
use warung_domain::{ids::EpisodeId, library::WatchLink};
use warung_proto::{
    ErrorReason,
    library::ResolveWatchLinkRequest,
    messaging::{action::Kind, content::Media, delivery::Operation},
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{
    BUYER, Caller, OTHER, Says as _, Shop, assert_refused, copied, episode, file, free, linked, sent, title,
};

on_both_databases! {
    a_file_is_sent_and_can_not_be_passed_on;
    a_message_is_copied_and_can_not_be_passed_on;
    watching_asks_for_the_membership_again;
    presses_that_come_before_the_video_bring_one;
    what_can_not_be_watched_is_refused;
    a_link_is_good_for_six_hours_and_its_user;
    a_link_that_is_not_ours_leads_nowhere;
    a_caption_keeps_its_length_and_its_markup;
}

async fn a_file_is_sent_and_can_not_be_passed_on(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let film = shop.put(title("filem", [free(file())])).await;
    let id = shop.watch(BUYER, &film.episodes[0].episode_id).await.unwrap();
    let delivery = shop.worker("w1").claim_one().await;
    assert_eq!((delivery.delivery_id.as_str(), delivery.chat_id), (id.as_str(), BUYER));
    let content = delivery.content();
    assert!(content.protect_content);
    let Some(Media::Video(video)) = &content.media else { panic!("{content:?}") };
    assert_eq!((video.file_id.as_str(), video.duration_seconds), ("BAACAgUAAx0", 90));
}

async fn a_message_is_copied_and_can_not_be_passed_on(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let film = shop.put(title("filem", [free(copied())])).await;
    shop.watch(BUYER, &film.episodes[0].episode_id).await.unwrap();
    let delivery = shop.worker("w1").claim_one().await;
    let Some(Operation::Copy(copy)) = &delivery.operation else { panic!("{delivery:?}") };
    assert_eq!((copy.from_chat_id, copy.message_id, copy.protect_content), (-1_001_234, 77, true));
}

async fn watching_asks_for_the_membership_again(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let film = shop.put(title("filem", [episode(file())])).await;
    let id = &film.episodes[0].episode_id;
    let refused = shop.watch(BUYER, id).await;
    assert_refused(refused, Code::FailedPrecondition, ErrorReason::VipRequired);
    shop.make_member(BUYER, 1).await;
    shop.watch(BUYER, id).await.unwrap();
    shop.clock.advance(chrono::TimeDelta::days(1));
    let lapsed = shop.watch(BUYER, id).await;
    assert_refused(lapsed, Code::FailedPrecondition, ErrorReason::VipRequired);
}

async fn presses_that_come_before_the_video_bring_one(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let film = shop.put(title("filem", [free(file()), free(file())])).await;
    shop.user(BUYER).await;
    let (one, other) = (&film.episodes[0].episode_id, &film.episodes[1].episode_id);
    let presses = tokio::join!(shop.watch(BUYER, one), shop.watch(BUYER, one), shop.watch(BUYER, one));
    let first = presses.0.unwrap();
    assert_eq!((presses.1.unwrap(), presses.2.unwrap()), (first.clone(), first.clone()));
    assert_ne!(shop.watch(BUYER, other).await.unwrap(), first, "another episode is another matter");
    assert_ne!(shop.watch(OTHER, one).await.unwrap(), first, "and so is another viewer");
    let worker = shop.worker("w1");
    let claimed = worker.claim().await;
    let video = claimed.iter().find(|delivery| delivery.chat_id == BUYER).unwrap();
    assert_eq!(shop.watch(BUYER, one).await.unwrap(), first, "it is on its way");
    shop.clock.advance_seconds(1);
    worker.report(video, sent(1)).await;
    assert_eq!(shop.watch(BUYER, one).await.unwrap(), first, "it came this moment");
    shop.clock.advance_seconds(5);
    assert_ne!(shop.watch(BUYER, one).await.unwrap(), first, "asked for anew, it comes anew");
}

async fn what_can_not_be_watched_is_refused(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let film = shop.put(title("filem", [free(file()), free(None), free(linked())])).await;
    for (number, name) in [(1, "without a video"), (2, "a link, which is no callback")] {
        let refused = shop.watch(BUYER, &film.episodes[number].episode_id).await;
        let status = assert_refused(refused, Code::FailedPrecondition, ErrorReason::VideoMissing);
        assert!(!format!("{status:?}").contains("videos.example"), "{name}");
    }
    let mut hidden = title("filem", [free(file())]);
    hidden.hidden = true;
    shop.put(hidden).await;
    let unknown = "eps_7zzzzzzzzzzzzzzzzzzzzzzzzz";
    for id in [&film.episodes[0].episode_id, &film.episodes[1].episode_id, unknown, "", "filem"] {
        assert_refused(shop.watch(BUYER, id).await, Code::NotFound, ErrorReason::NotFound);
    }
    assert!(shop.delivery_rows().await.is_empty());
}

async fn resolve(shop: &Shop, token: &str) -> Result<String, tonic::Status> {
    let message = ResolveWatchLinkRequest { token: token.to_owned() };
    Ok(shop.library().resolve_watch_link(Caller::edge().says(message)).await?.into_inner().url)
}

/// A user asks for a film that is a link. Answers the link's token.
async fn link_of(shop: &Shop, telegram_id: i64) -> String {
    shop.request(&Caller::bot().acting_for(telegram_id), "tautan").await.unwrap();
    let delivery = shop.worker("w1").carry_out(sent(1)).await;
    let Some(Kind::Url(url)) = &delivery.content().rows[0].actions[0].kind else { panic!("{delivery:?}") };
    assert!(!format!("{delivery:?}").contains("videos.example"), "the address itself is shown to nobody");
    url.strip_prefix("https://warung.example/api/v1/watch/").unwrap().to_owned()
}

async fn a_link_is_good_for_six_hours_and_its_user(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.put(title("tautan", [episode(linked())])).await;
    shop.make_member(BUYER, 1).await;
    let token = link_of(&shop, BUYER).await;
    shop.clock.advance_ms(6 * 3_600_000 - 1);
    assert_eq!(resolve(&shop, &token).await.unwrap(), "https://videos.example/secret/1.mp4");
    shop.clock.advance_ms(1);
    let late = resolve(&shop, &token).await;
    assert_refused(late, Code::FailedPrecondition, ErrorReason::WatchLinkExpired);

    shop.clock.advance(chrono::TimeDelta::hours(17));
    let token = link_of(&shop, BUYER).await;
    shop.clock.advance(chrono::TimeDelta::hours(1));
    let lapsed = resolve(&shop, &token).await;
    assert_refused(lapsed, Code::FailedPrecondition, ErrorReason::VipRequired);
}

async fn a_link_that_is_not_ours_leads_nowhere(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let film = shop.put(title("tautan", [free(linked())])).await;
    let token = link_of(&shop, BUYER).await;
    let mut altered = token.clone();
    let last = if token.starts_with('A') { "B" } else { "A" };
    altered.replace_range(0..1, last);
    let environment = &shop.context().environment;
    let episode_id: EpisodeId = film.episodes[0].episode_id.parse().unwrap();
    let expire_time = shop.context().now + chrono::TimeDelta::hours(1);
    let stranger = WatchLink { telegram_id: OTHER, episode_id, expire_time }.token(&environment.secret);
    for token in ["", "x", &altered, &token[1..], &stranger, &"A".repeat(100_000)] {
        let refused = resolve(&shop, token).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::WatchLinkExpired);
    }
}

async fn a_caption_keeps_its_length_and_its_markup(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let names = ["<b>Tak & Tamat</b> \"1\"", "🎬 Rahasia 🌶️", "\u{202e}اردو‏ فلم"];
    for (name, code) in names.into_iter().zip(["satu", "dua", "tiga"]) {
        let mut film = title(code, [free(file())]);
        film.name = name.into();
        film.synopsis = "😀<&>\n".repeat(800);
        assert_eq!(film.synopsis.chars().count(), 4_000);
        shop.put(film).await;
        shop.clock.advance_seconds(5);
        shop.request(&Caller::bot().acting_for(BUYER), code).await.unwrap();
        let delivery = shop.worker("w1").carry_out(sent(1)).await;
        let text = &delivery.content().text_html;
        assert!(text.starts_with("<b>") && text.contains("</b>"), "{text}");
        let plain = text.replace("<b>", "").replace("</b>", "");
        assert!(!plain.contains('<'), "everything that the seller wrote is escaped: {text}");
        let seen = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        let units = seen.encode_utf16().count();
        assert!((900..=1_024).contains(&units), "{units} UTF-16 units");
    }
}
