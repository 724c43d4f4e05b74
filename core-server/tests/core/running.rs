//! Settings, budgets, the trail of calls and the trail of changes.

use std::time::Duration;

use tonic::{Code, Status};
use warung_app::testing::{ADMIN_ID, OWNER_ID};
use warung_proto::{
    ErrorReason, error,
    identity::UpdateMeRequest,
    library::{GetTitleRequest, ListTitlesRequest},
    membership::GetMembershipRequest,
    metadata,
    operations::{AuditEntry, ListAuditEntriesRequest, ListSettingsRequest, UpdateSettingRequest},
};
use warung_store::{
    on_both_databases,
    testing::{Kind, TestDatabase},
};

use crate::support::{BUYER, Caller, Shop, assert_refused, file, free, title, until};

on_both_databases! {
    a_setting_takes_effect_and_keeps_its_bounds;
    a_setting_of_the_owner_is_no_sellers;
    what_somebody_changed_is_written_down;
    every_call_leaves_a_trail_and_so_do_refusals;
    a_budget_ends_and_begins_again_with_the_minute;
    sixty_writes_a_minute_are_let_through_and_the_next_is_told_when_to_come_back;
    nobody_in_particular_pays_by_address;
}

async fn update(shop: &Shop, caller: &Caller, key: &str, value: &str) -> Result<String, Status> {
    let message =
        UpdateSettingRequest { request_id: shop.request_id(), key: key.into(), value: value.into(), etag: "*".into() };
    let answer = shop.operations().update_setting(caller.says(message)).await?.into_inner();
    Ok(answer.setting.unwrap().value)
}

async fn a_setting_takes_effect_and_keeps_its_bounds(database: TestDatabase) {
    let shop = Shop::patient(database).await;
    let admin = shop.user(ADMIN_ID).await;
    let key = "library.start_token_ttl_seconds";
    assert_eq!(update(&shop, &admin, key, "300").await.unwrap(), "300");
    assert_eq!(shop.context().settings.start_token_ttl_seconds, 300);
    for value in ["299", "901", "x", "300.0", "٣٠٠"] {
        let refused = update(&shop, &admin, key, value).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
    assert_eq!(update(&shop, &admin, key, "").await.unwrap(), "900", "empty gives the default back");
    for unknown in ["library.nothing", ""] {
        assert_refused(update(&shop, &admin, unknown, "1").await, Code::NotFound, ErrorReason::NotFound);
    }
    let listed = shop.operations().list_settings(admin.says(ListSettingsRequest {})).await.unwrap().into_inner();
    assert_eq!(listed.settings.len(), warung_domain::settings::DEFINITIONS.len());
    assert!(listed.settings.is_sorted_by(|one, next| one.key < next.key));
}

async fn a_setting_of_the_owner_is_no_sellers(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let (admin, owner) = (shop.user(ADMIN_ID).await, shop.user(OWNER_ID).await);
    let listed = shop.operations().list_settings(admin.says(ListSettingsRequest {})).await.unwrap().into_inner();
    let mut owners = Vec::new();
    for setting in listed.settings {
        let label = setting.label.unwrap();
        assert!(!label.indonesian.is_empty() && !label.english.is_empty(), "{}", setting.key);
        assert!(setting.key.starts_with(&format!("{}.", setting.group)) && setting.group_label.is_some());
        if setting.owner_only {
            let refused = update(&shop, &admin, &setting.key, &setting.default_value).await;
            assert_refused(refused, Code::PermissionDenied, ErrorReason::Forbidden);
            owners.push(setting.key);
        } else {
            update(&shop, &admin, &setting.key, &setting.default_value).await.unwrap();
        }
    }
    for key in ["operations.activity_ttl_days", "identity.session_ttl_seconds", "rate.read_per_minute"] {
        assert!(
            owners.iter().any(|owners| owners == key),
            "a seller shortens no trail and raises no limit: {owners:?}"
        );
    }
    let key = "messaging.bot_per_second";
    assert_eq!(update(&shop, &owner, key, "20").await.unwrap(), "20");
    assert_eq!(update(&shop, &Caller::operator(), key, "25").await.unwrap(), "25");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_setting_reaches_the_other_replica_by_itself() {
    let shop = Shop::open(TestDatabase::new(Kind::Postgres).await).await;
    let replica = shop.replica().await;
    shop.set("library.watch_link_ttl_seconds", "601").await;
    until(async || replica.context().settings.watch_link_ttl_seconds == 601).await;
}

async fn entries(shop: &Shop, caller: &Caller) -> Vec<AuditEntry> {
    let message = ListAuditEntriesRequest::default();
    shop.operations().list_audit_entries(caller.says(message)).await.unwrap().into_inner().audit_entries
}

async fn what_somebody_changed_is_written_down(database: TestDatabase) {
    let shop = Shop::patient(database).await;
    let (admin, owner) = (shop.user(ADMIN_ID).await, shop.user(OWNER_ID).await);
    update(&shop, &admin, "store.contact", "@warung_uji").await.unwrap();
    update(&shop, &admin, "store.contact", "@warung_uji").await.unwrap();
    let film = shop.put(title("filem", [free(crate::support::linked())])).await;
    shop.put(title("filem", [free(crate::support::linked())])).await;
    shop.make_member(BUYER, 3).await;
    let found = entries(&shop, &owner).await;
    let told: Vec<_> =
        found.iter().map(|entry| (entry.actor.as_str(), entry.command.as_str(), entry.target.clone())).collect();
    assert_eq!(
        told,
        [
            ("service:operator", "membership.set", format!("membership:{BUYER}")),
            ("service:operator", "library.put_title", format!("title:{}", film.title_id)),
            ("user:1001", "operations.update_setting", "setting:store.contact".to_owned()),
        ]
    );
    assert_eq!((found[2].before_json.as_str(), found[2].after_json.as_str()), ("", "\"@warung_uji\""));
    assert!(!format!("{found:?}").contains("videos.example"), "no secret is written down");
}

async fn every_call_leaves_a_trail_and_so_do_refusals(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let buyer = shop.user(BUYER).await.with(metadata::CALL_ID, "call-7");
    let missing = GetTitleRequest { title_id: "tidak-ada".into() };
    let _ = shop.library().get_title(buyer.says(missing)).await;
    let _ = shop.operations().list_audit_entries(buyer.says(ListAuditEntriesRequest::default())).await;
    let _ = shop.membership().get_membership(Caller::edge().says(GetMembershipRequest::default())).await;
    shop.worker("w1").claim().await;
    let trail = async || {
        shop.core.engine().flush_calls().await.unwrap();
        shop.activity_rows().await
    };
    until(async || trail().await.len() >= 5).await;
    let rows = trail().await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.principal.as_str(), row.method.rsplit('/').next().unwrap(), row.outcome.as_str()))
        .collect();
    for expected in [
        ("service:operator", "UpdateSetting", "OK"),
        ("service:edge", "CreateSession", "OK"),
        ("service:edge", "GetMembership", "UNAUTHENTICATED"),
    ] {
        assert!(told.contains(&expected), "{expected:?} is not in {told:#?}");
    }
    let named = format!("user:{BUYER}");
    assert!(told.contains(&(named.as_str(), "GetTitle", "NOT_FOUND")), "{told:#?}");
    assert!(told.contains(&(named.as_str(), "ListAuditEntries", "FORBIDDEN")), "who was refused is known: {told:#?}");
    assert!(rows.iter().any(|row| row.call_id == "call-7"));
    assert!(told.iter().all(|call| call.1 != "ClaimDeliveries"), "polls are no one's doing");
}

async fn a_budget_ends_and_begins_again_with_the_minute(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.put(title("filem", [free(file())])).await;
    let (buyer, other) = (shop.user(BUYER).await, shop.user(crate::support::OTHER).await);
    shop.clock.advance_seconds(17);
    for _ in 0..30 {
        shop.request(&buyer, "filem").await.unwrap();
    }
    let limited = shop.request(&buyer, "filem").await;
    let status = assert_refused(limited, Code::ResourceExhausted, ErrorReason::RateLimited);
    assert_eq!(error::retry_delay(&status), Some(Duration::from_secs(43)));
    shop.request(&other, "filem").await.unwrap();
    let looking = ListTitlesRequest::default();
    shop.library().list_titles(buyer.says(looking)).await.unwrap();
    shop.clock.advance_seconds(43);
    shop.request(&buyer, "filem").await.unwrap();
}

async fn sixty_writes_a_minute_are_let_through_and_the_next_is_told_when_to_come_back(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let (buyer, other) = (shop.user(BUYER).await, shop.user(crate::support::OTHER).await);
    shop.clock.advance_seconds(20);
    let write = async |who: &Caller| {
        let message = UpdateMeRequest { request_id: shop.request_id(), language_code: "en".into() };
        shop.identity().update_me(who.says(message)).await
    };
    for _ in 0..60 {
        write(&buyer).await.unwrap();
    }
    let status = assert_refused(write(&buyer).await, Code::ResourceExhausted, ErrorReason::RateLimited);
    assert_eq!(error::retry_delay(&status), Some(Duration::from_secs(40)));
    write(&other).await.unwrap();
    shop.clock.advance_seconds(40);
    write(&buyer).await.unwrap();
}

async fn nobody_in_particular_pays_by_address(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.set("rate.read_per_minute", "10").await;
    shop.clock.advance_seconds(60);
    let from = |address: &str| Caller::edge().with(metadata::CLIENT_ADDRESS, address);
    let look = async |caller: Caller| shop.library().list_titles(caller.says(ListTitlesRequest::default())).await;
    // A mobile carrier puts ten people behind one.
    for _ in 0..100 {
        look(from("203.0.113.7")).await.unwrap();
    }
    let limited = look(from("203.0.113.7")).await;
    assert_refused(limited, Code::ResourceExhausted, ErrorReason::RateLimited);
    look(from("203.0.113.8")).await.unwrap();
    look(Caller::operator()).await.unwrap();
    // Whoever is not the edge does not choose an address.
    for number in 0..100 {
        let made_up = format!("198.51.100.{number}");
        look(Caller::nobody().with(metadata::CLIENT_ADDRESS, made_up)).await.unwrap();
    }
    let limited = look(Caller::nobody().with(metadata::CLIENT_ADDRESS, "198.51.100.200")).await;
    assert_refused(limited, Code::ResourceExhausted, ErrorReason::RateLimited);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_share_a_budget() {
    let shop = Shop::open(TestDatabase::new(Kind::Postgres).await).await;
    shop.put(title("filem", [free(file())])).await;
    let replica = shop.replica().await;
    let buyer = shop.user(BUYER).await;
    let mut allowed = 0;
    for round in 0..80 {
        let asked = if round % 3 == 0 { &replica } else { &shop };
        match asked.request(&buyer, "filem").await {
            Ok(_) => allowed += 1,
            refused => {
                assert_refused(refused, Code::ResourceExhausted, ErrorReason::RateLimited);
            }
        }
    }
    assert_eq!(allowed, 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_passes_a_limit_by_what_it_lends_and_no_more() {
    let shop = Shop::open(TestDatabase::new(Kind::Postgres).await).await;
    shop.put(title("filem", [free(file())])).await;
    let buyer = shop.user(BUYER).await;
    let mut allowed = [0, 0];
    for (replica, allowed) in [shop.replica().await, shop].iter().zip(&mut allowed) {
        while replica.request(&buyer, "filem").await.is_ok() {
            *allowed += 1;
        }
    }
    assert_eq!(allowed, [30, 3], "all, and a tenth");
}
