//! What can't be delivered: it ends, somebody is told, and only by the owner's bot.

use tonic::Code;
use warung_app::testing::ADMIN_ID;
use warung_domain::delivery::Lane;
use warung_proto::{
    ErrorReason,
    library::title_request::State,
    messaging::{Delivery, delivery::Operation, refused::Fault, report_deliveries_response::Acceptance},
    operations::RaiseAlertRequest,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{
    BUYER, Caller, Says as _, Shop, assert_refused, copied, failed, failed_by, file, free, sent, title, unavailable,
};

on_both_databases! {
    what_fails_too_often_is_given_up_and_the_owner_is_told;
    a_video_that_is_refused_is_told_to_its_viewer_the_sellers_and_the_owner;
    a_film_that_hundreds_ask_for_is_told_to_the_sellers_once_an_hour;
    a_notice_of_trouble_that_does_not_arrive_is_told_to_the_owner_alone;
    a_bad_request_is_not_tried_again_and_the_owner_is_told_once;
    an_alert_goes_to_the_owner_alone_and_once_an_hour;
    a_store_without_an_owners_bot_tells_nobody;
    an_alert_that_can_not_be_delivered_raises_no_other;
}

async fn what_fails_too_often_is_given_up_and_the_owner_is_told(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.put(title("filem", [free(file())])).await;
    let caller = Caller::bot().acting_for(BUYER);
    let request = shop.request(&caller, "filem").await.unwrap();
    let worker = shop.worker("w1");
    let mut waits = Vec::new();
    for attempt in 1..=10 {
        let claimed = worker.claim_one().await;
        assert_eq!(claimed.attempt, attempt);
        worker.report(&claimed, unavailable()).await;
        let mut waited = 0;
        while attempt < 10 && shop.delivery_rows().await[0].due_time > shop.context().now {
            shop.clock.advance_seconds(1);
            waited += 1;
        }
        waits.push(waited);
    }
    assert_eq!(waits[..4], [1, 2, 4, 8], "each wait is twice the one before");
    shop.clock.advance_seconds(600);
    let told = worker.claim().await;
    assert_eq!(told.iter().map(|told| told.chat_id).collect::<Vec<_>>(), [BUYER, ADMIN_ID]);
    let rows = shop.delivery_rows().await;
    assert_eq!(rows[0].state, "DEAD");
    assert_eq!(rows[0].error.as_deref(), Some("502 Bad Gateway"));
    let message =
        warung_proto::library::FollowTitleRequestRequest { title_request_id: request.title_request_id, wait: None };
    let followed = shop.library().follow_title_request(caller.says(message)).await.unwrap().into_inner();
    assert_eq!(followed.title_request.unwrap().state(), State::Failed);

    let alert = worker.of_owner().claim_one().await;
    assert_eq!(alert.chat_id, warung_app::testing::OWNER_ID);
    let text = &alert.content().text_html;
    assert!(text.contains("Warung Uji") && text.contains("502 Bad Gateway"), "{text}");
}

/// What these deliveries say to a chat.
fn said(claimed: &[Delivery], chat_id: i64) -> Vec<&str> {
    claimed.iter().filter(|one| one.chat_id == chat_id).map(|one| one.content().text_html.as_str()).collect()
}

async fn a_video_that_is_refused_is_told_to_its_viewer_the_sellers_and_the_owner(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let film = shop.put(title("filem", [free(copied()), free(copied())])).await;
    shop.watch(BUYER, &film.episodes[1].episode_id).await.unwrap();
    let worker = shop.worker("w1");
    worker.report(&worker.claim_one().await, failed_by(Fault::SourceNotFound)).await;
    shop.clock.advance_seconds(1);
    let told = worker.claim().await;
    let [viewer] = said(&told, BUYER)[..] else { panic!("{told:#?}") };
    assert!(viewer.contains("Judul filem") && viewer.contains("Episode 2"), "{viewer}");
    assert!(viewer.contains("Penjual sudah diberi tahu"), "{viewer}");
    let [seller] = said(&told, ADMIN_ID)[..] else { panic!("{told:#?}") };
    assert!(seller.contains("Judul filem · Episode 2") && seller.contains("tidak ada lagi di kanalnya"), "{seller}");
    let alert = worker.of_owner().claim_one().await;
    let text = &alert.content().text_html;
    assert!(text.contains("Judul filem · Episode 2") && text.contains("message to copy not found"), "{text}");
}

async fn a_film_that_hundreds_ask_for_is_told_to_the_sellers_once_an_hour(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let film = shop.put(title("filem", [free(copied())])).await;
    let worker = shop.worker("w1");
    for (viewers, sellers_told) in [(1..8, 1), (8..15, 0), (15..22, 1)] {
        let count = viewers.end - viewers.start;
        for viewer in viewers {
            shop.user(viewer).await;
            shop.watch(viewer, &film.episodes[0].episode_id).await.unwrap();
        }
        let (mut viewers_told, mut told_to_sellers) = (0, 0);
        for _ in 0..20 {
            shop.clock.advance_seconds(2);
            for claimed in worker.claim().await {
                let outcome = match &claimed.operation {
                    Some(Operation::Copy(_)) => failed_by(Fault::SourceNotFound),
                    _ if claimed.chat_id == ADMIN_ID => {
                        told_to_sellers += 1;
                        sent(1)
                    }
                    _ => {
                        viewers_told += 1;
                        sent(1)
                    }
                };
                worker.report(&claimed, outcome).await;
            }
        }
        assert_eq!((viewers_told, told_to_sellers), (count, sellers_told));
        if sellers_told == 0 {
            shop.clock.advance_seconds(3_600);
        }
    }
}

async fn a_notice_of_trouble_that_does_not_arrive_is_told_to_the_owner_alone(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let film = shop.put(title("filem", [free(file())])).await;
    shop.watch(BUYER, &film.episodes[0].episode_id).await.unwrap();
    let (worker, owner) = (shop.worker("w1"), shop.worker("o1").of_owner());
    let mut claimed = 0;
    for _ in 0..5 {
        for delivery in worker.claim().await {
            claimed += 1;
            worker.report(&delivery, failed()).await;
        }
        shop.clock.advance_seconds(5);
    }
    assert_eq!(claimed, 3, "the video, its viewer's notice and the seller's");
    let mut alerts = 0;
    while let [alert] = &owner.claim().await[..] {
        owner.report(alert, sent(1)).await;
        shop.clock.advance_seconds(2);
        alerts += 1;
    }
    assert_eq!(alerts, 2, "of the video, and of the notices");
}

async fn a_bad_request_is_not_tried_again_and_the_owner_is_told_once(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let worker = shop.worker("w1");
    shop.plant([(1, Lane::Reply), (2, Lane::Reply), (3, Lane::Order)]).await;
    for claimed in worker.claim().await {
        assert_eq!(worker.report(&claimed, failed()).await, Acceptance::Accepted);
    }
    shop.clock.advance_seconds(600);
    assert!(worker.claim().await.is_empty());
    let owner = shop.worker("o1").of_owner();
    let alerts = owner.claim().await;
    assert_eq!(alerts.len(), 1, "three failures, one alert");
    owner.report(&alerts[0], sent(1)).await;
    shop.plant([(4, Lane::Reply)]).await;
    shop.clock.advance_seconds(3_000);
    worker.report(&worker.claim_one().await, failed()).await;
    let again = owner.claim_one().await;
    assert_eq!(again.chat_id, warung_app::testing::OWNER_ID, "an hour later it is told again");
}

async fn raise(shop: &Shop, key: &str, text: &str) -> Result<bool, tonic::Status> {
    let message = RaiseAlertRequest { request_id: shop.request_id(), key: key.into(), text: text.into() };
    Ok(shop.operations().raise_alert(Caller::edge().says(message)).await?.into_inner().told)
}

async fn an_alert_goes_to_the_owner_alone_and_once_an_hour(database: TestDatabase) {
    let shop = Shop::open(database).await;
    assert!(raise(&shop, "disk.full", "The disk is <full> & \u{7}slow").await.unwrap());
    assert!(!raise(&shop, "disk.full", "still").await.unwrap());
    assert!(raise(&shop, "bot.token", "another matter").await.unwrap());
    shop.clock.advance_seconds(3_600);
    assert!(raise(&shop, "disk.full", "after an hour").await.unwrap());
    let rows = shop.delivery_rows().await;
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| (row.bot.as_str(), row.chat_id) == ("OWNER", warung_app::testing::OWNER_ID)));
    assert!(shop.worker("w1").claim().await.is_empty(), "the main bot says nothing of it");
    let first: Delivery = shop.worker("o1").of_owner().claim_one().await;
    let text = &first.content().text_html;
    assert!(text.contains("Warung Uji") && text.contains("&lt;full&gt; &amp;"), "{text}");
    let long = "x".repeat(1_001);
    for (key, text) in [("", "x"), ("Bad Key", "x"), (&"k".repeat(101), "x"), ("ok", ""), ("ok", &long)] {
        assert_refused(raise(&shop, key, text).await, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
}

async fn a_store_without_an_owners_bot_tells_nobody(database: TestDatabase) {
    let mut facts = warung_app::testing::environment();
    facts.has_owner_bot = false;
    let shop = Shop::of(database, facts).await;
    assert!(!raise(&shop, "disk.full", "The disk is full.").await.unwrap());
    assert!(shop.delivery_rows().await.is_empty());
}

async fn an_alert_that_can_not_be_delivered_raises_no_other(database: TestDatabase) {
    let shop = Shop::open(database).await;
    raise(&shop, "disk.full", "The disk is full.").await.unwrap();
    let owner = shop.worker("o1").of_owner();
    owner.report(&owner.claim_one().await, failed()).await;
    assert_eq!(shop.delivery_rows().await.len(), 1);
}
