//! What can't be delivered: it ends, somebody is told, and only by the owner's bot.

use tonic::Code;
use warung_domain::delivery::Lane;
use warung_proto::{
    ErrorReason,
    library::title_request::State,
    messaging::{Delivery, report_deliveries_response::Acceptance},
    operations::RaiseAlertRequest,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, Says as _, Shop, assert_refused, failed, file, free, sent, title, unavailable};

on_both_databases! {
    what_fails_too_often_is_given_up_and_the_owner_is_told;
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
    assert!(worker.claim().await.is_empty());
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
    assert!(raise(&shop, "disk.full", "The disk is <full> & \0slow").await.unwrap());
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
