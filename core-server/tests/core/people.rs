//! Roles, rights and blocks, as they are changed.

use tonic::{Code, Status};
use warung_app::testing::{ADMIN_ID, OWNER_ID};
use warung_proto::{
    ErrorReason,
    access::Right,
    catalog::ListProductsRequest,
    identity::{ListBlockedUsersRequest, StaffRole},
    membership::GetMembershipRequest,
    operations::{AuditEntry, ListAuditEntriesRequest, ListSettingsRequest, UpdateSettingRequest},
};
use warung_store::{
    on_both_databases,
    testing::{HeldTable, Kind, TestDatabase, until_one_waits},
};

use crate::support::{BUYER, Caller, OTHER, Shop, all_rights, assert_refused, soon, until};

on_both_databases! {
    the_environment_gives_a_role_once;
    a_demotion_holds_at_the_next_call_however_it_comes;
    the_last_owner_stays_one;
    of_two_owners_who_demote_each_other_one_stays;
    however_a_demotion_meets_a_call_it_is_done_whole_or_not_at_all;
    only_owners_give_roles_and_a_role_has_a_right;
    sellers_and_owners_are_not_blocked;
    buyers_are_told_of_a_seller_who_has_the_role_now;
    those_who_are_blocked_are_listed_page_by_page;
    every_change_is_in_the_trail_once;
}

/// Whether somebody may do what a seller of settings may.
async fn settings(shop: &Shop, caller: &Caller) -> Result<(), Status> {
    shop.operations().list_settings(caller.says(ListSettingsRequest {})).await.map(|_| ())
}

#[track_caller]
fn forbidden(answer: Result<(), Status>) {
    assert_refused(answer, Code::PermissionDenied, ErrorReason::Forbidden);
}

async fn the_environment_gives_a_role_once(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let (admin, owner) = (StaffRole::Admin, StaffRole::Owner);
    assert_eq!(shop.staff().await, [(ADMIN_ID, admin), (OWNER_ID, owner)]);
    // Who is taken out of the environment stays what they are, and who is put in is what it says.
    let shop = shop
        .restarted_as(|environment| {
            environment.admin_ids = vec![11, 12];
            environment.owner_ids = vec![12];
        })
        .await;
    let all = [(11, admin), (12, owner), (ADMIN_ID, admin), (OWNER_ID, owner)];
    assert_eq!(shop.staff().await, all);
    settings(&shop, &shop.user(ADMIN_ID).await).await.unwrap();
    // Who was demoted, made something else or blocked is not what the environment says ever after.
    shop.revoke_role(&Caller::operator(), 11).await.unwrap();
    shop.revoke_role(&Caller::operator(), 12).await.unwrap();
    shop.block(&Caller::operator(), 12).await.unwrap();
    let shop = shop.restarted().await;
    assert_eq!(shop.staff().await, [(ADMIN_ID, admin), (OWNER_ID, owner)]);
    forbidden(settings(&shop, &shop.user(11).await).await);
    assert!(shop.me(&shop.user(12).await).await.unwrap().is_blocked);
}

async fn a_demotion_holds_at_the_next_call_however_it_comes(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let ways = [
        shop.user(ADMIN_ID).await,
        Caller::edge().with_init_data(&shop.launch(ADMIN_ID)),
        Caller::bot().acting_for(ADMIN_ID),
    ];
    let key = shop.key("till", &["catalog.read"]).await;
    for caller in &ways {
        settings(&shop, caller).await.unwrap();
        assert_eq!(shop.me(caller).await.unwrap().rights, all_rights().into_iter().map(i32::from).collect::<Vec<_>>());
    }
    shop.revoke_role(&shop.user(OWNER_ID).await, ADMIN_ID).await.unwrap();
    for caller in &ways {
        forbidden(settings(&shop, caller).await);
        let me = shop.me(caller).await.unwrap();
        assert_eq!((me.is_admin, me.is_owner, me.rights), (false, false, Vec::new()), "they are a buyer");
    }
    // A key is the store's.
    shop.catalog().list_products(key.caller().says(ListProductsRequest::default())).await.unwrap();
    // A right that is taken away, in the same way.
    shop.make_admin(ADMIN_ID, &[Right::Settings]).await;
    settings(&shop, &ways[0]).await.unwrap();
    shop.make_admin(ADMIN_ID, &[Right::Orders]).await;
    forbidden(settings(&shop, &ways[0]).await);
}

async fn buyers_are_told_of_a_seller_who_has_the_role_now(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let buyer = shop.user(BUYER).await;
    let seller = async || {
        let message = GetMembershipRequest::default();
        shop.membership().get_membership(buyer.says(message)).await.unwrap().into_inner().seller_telegram_id
    };
    assert_eq!(seller().await, ADMIN_ID, "the first one came from the environment");
    shop.make_admin(OTHER, &[Right::Users]).await;
    shop.make_admin(ADMIN_ID, &[Right::Orders]).await;
    assert_eq!(seller().await, OTHER);
    shop.revoke_role(&Caller::operator(), OTHER).await.unwrap();
    let owner = shop.grant(&Caller::operator(), OWNER_ID, StaffRole::Owner, &[]).await;
    owner.unwrap();
    assert_eq!(seller().await, 0, "nobody gives memberships");
}

async fn the_last_owner_stays_one(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let owner = shop.user(OWNER_ID).await;
    let last = |answer: Result<(), Status>| {
        assert_refused(answer, Code::FailedPrecondition, ErrorReason::LastOwner);
    };
    for caller in [&owner, &Caller::operator()] {
        last(shop.revoke_role(caller, OWNER_ID).await);
        last(shop.grant(caller, OWNER_ID, StaffRole::Admin, &[Right::Orders]).await.map(|_| ()));
    }
    // What they work with is theirs to change.
    shop.grant(&owner, OWNER_ID, StaffRole::Owner, &[Right::Orders]).await.unwrap();
    shop.grant(&owner, BUYER, StaffRole::Owner, &[]).await.unwrap();
    shop.revoke_role(&owner, OWNER_ID).await.unwrap();
    last(shop.revoke_role(&shop.user(BUYER).await, BUYER).await);
    forbidden(shop.revoke_role(&owner, BUYER).await);
}

async fn of_two_owners_who_demote_each_other_one_stays(database: TestDatabase) {
    let shop = Shop::open(database).await;
    for _ in 0..5 {
        shop.grant(&Caller::operator(), OWNER_ID, StaffRole::Owner, &[]).await.unwrap();
        shop.grant(&Caller::operator(), OTHER, StaffRole::Owner, &[]).await.unwrap();
        let operator = Caller::operator();
        let (one, other) = tokio::join!(shop.revoke_role(&operator, OWNER_ID), shop.revoke_role(&operator, OTHER));
        assert!(one.is_ok() != other.is_ok(), "{one:?}, {other:?}");
        let owners = shop.staff().await.into_iter().filter(|(_, role)| *role == StaffRole::Owner).count();
        assert_eq!(owners, 1);
    }
}

async fn however_a_demotion_meets_a_call_it_is_done_whole_or_not_at_all(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let admin = shop.user(ADMIN_ID).await;
    let update = |value: &str| UpdateSettingRequest {
        request_id: shop.request_id(),
        key: "store.contact".into(),
        value: value.into(),
        etag: "*".into(),
    };
    let mut changed = 0;
    for round in 0..20 {
        shop.make_admin(ADMIN_ID, &[Right::Settings]).await;
        let value = format!("@penjual_{round}");
        let call = async { shop.operations().update_setting(admin.says(update(&value))).await.is_ok() };
        let operator = Caller::operator();
        let demotion = shop.revoke_role(&operator, ADMIN_ID);
        let was_done = if round % 2 == 0 {
            let (was_done, demoted) = tokio::join!(call, demotion);
            demoted.unwrap();
            was_done
        } else {
            let (demoted, was_done) = tokio::join!(demotion, call);
            demoted.unwrap();
            was_done
        };
        assert_eq!(shop.context().settings.contact == value, was_done);
        changed += usize::from(was_done);
        forbidden(shop.operations().update_setting(admin.says(update("@lain"))).await.map(|_| ()));
    }
    let told = trail(&shop).await.into_iter().filter(|entry| entry.target == "setting:store.contact").count();
    assert_eq!(told, changed, "and each that was done is in the trail");
}

async fn only_owners_give_roles_and_a_role_has_a_right(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let (admin, owner) = (shop.user(ADMIN_ID).await, shop.user(OWNER_ID).await);
    forbidden(shop.grant(&admin, ADMIN_ID, StaffRole::Owner, &[]).await.map(|_| ()));
    forbidden(shop.revoke_role(&admin, OWNER_ID).await);
    let invalid = |answer: Result<(), Status>| {
        assert_refused(answer, Code::InvalidArgument, ErrorReason::InvalidArgument);
    };
    invalid(shop.grant(&owner, BUYER, StaffRole::Admin, &[]).await.map(|_| ()));
    invalid(shop.grant(&owner, BUYER, StaffRole::Unspecified, &[Right::Orders]).await.map(|_| ()));
    invalid(shop.grant(&owner, BUYER, StaffRole::Admin, &[Right::Unspecified]).await.map(|_| ()));
    for nobody in [0, -5, i64::MAX] {
        invalid(shop.grant(&owner, nobody, StaffRole::Owner, &[]).await.map(|_| ()));
        invalid(shop.block(&owner, nobody).await);
    }
    let member = shop.grant(&owner, BUYER, StaffRole::Admin, &[Right::Users, Right::Orders]).await.unwrap();
    assert_eq!((member.telegram_id, member.role()), (BUYER, StaffRole::Admin));
    assert_eq!(member.rights().collect::<Vec<_>>(), [Right::Orders, Right::Users]);
    assert_eq!((&*member.changed_by, &*member.first_name), (&*format!("user:{OWNER_ID}"), ""), "they are yet to come");
    assert_eq!(shop.staff().await.len(), 3);
}

async fn sellers_and_owners_are_not_blocked(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let (admin, owner) = (shop.user(ADMIN_ID).await, shop.user(OWNER_ID).await);
    for staff in [ADMIN_ID, OWNER_ID] {
        for caller in [&admin, &owner] {
            let refused = shop.block(caller, staff).await;
            assert_refused(refused, Code::FailedPrecondition, ErrorReason::UserHasRole);
        }
    }
    forbidden(shop.block(&shop.user(BUYER).await, OTHER).await);
    shop.block(&admin, BUYER).await.unwrap();
    // Neither is a demotion of somebody else, nor does one lift it.
    shop.revoke_role(&owner, BUYER).await.unwrap();
    shop.unblock(&admin, ADMIN_ID).await.unwrap();
    assert!(shop.me(&shop.user(BUYER).await).await.unwrap().is_blocked);
    settings(&shop, &admin).await.unwrap();
    shop.unblock(&admin, BUYER).await.unwrap();
    assert!(!shop.me(&shop.user(BUYER).await).await.unwrap().is_blocked);
    shop.block(&admin, BUYER).await.unwrap();
    shop.grant(&owner, BUYER, StaffRole::Admin, &[Right::Orders]).await.unwrap();
    assert!(!shop.me(&shop.user(BUYER).await).await.unwrap().is_blocked, "a role ends a block");
}

async fn those_who_are_blocked_are_listed_page_by_page(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let admin = shop.user(ADMIN_ID).await;
    for telegram_id in [700, 30, 5_000_000_000, 4, 90] {
        shop.block(&admin, telegram_id).await.unwrap();
    }
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let message = ListBlockedUsersRequest { page_size: 2, page_token };
        let page = shop.people().list_blocked_users(admin.says(message)).await.unwrap().into_inner();
        assert!(page.blocked_users.len() <= 2);
        found.extend(page.blocked_users);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(found.iter().map(|user| user.telegram_id).collect::<Vec<_>>(), [4, 30, 90, 700, 5_000_000_000]);
    assert!(found.iter().all(|user| user.reason == "spam" && user.changed_by == format!("user:{ADMIN_ID}")));
    let forged = ListBlockedUsersRequest { page_size: 2, page_token: "AAAA".into() };
    let refused = shop.people().list_blocked_users(admin.says(forged)).await;
    assert_refused(refused, Code::InvalidArgument, ErrorReason::PageTokenInvalid);
}

async fn trail(shop: &Shop) -> Vec<AuditEntry> {
    let message = ListAuditEntriesRequest { page_size: 100, ..Default::default() };
    let listed = shop.operations().list_audit_entries(Caller::operator().says(message)).await.unwrap();
    listed.into_inner().audit_entries
}

async fn every_change_is_in_the_trail_once(database: TestDatabase) {
    let shop = Shop::patient(database).await;
    let owner = shop.user(OWNER_ID).await;
    for _ in 0..2 {
        shop.block(&owner, BUYER).await.unwrap();
    }
    for _ in 0..2 {
        shop.unblock(&owner, BUYER).await.unwrap();
    }
    for _ in 0..2 {
        shop.grant(&owner, BUYER, StaffRole::Admin, &[Right::Catalog]).await.unwrap();
    }
    for _ in 0..2 {
        shop.revoke_role(&owner, BUYER).await.unwrap();
    }
    let found = trail(&shop).await;
    let told: Vec<_> =
        found.iter().rev().map(|entry| (&*entry.command, &*entry.before_json, &*entry.after_json)).collect();
    let buyer = r#"{"state":"BUYER"}"#;
    let (blocked, admin) = (r#"{"reason":"spam","state":"BLOCKED"}"#, r#"{"rights":"CATALOG","state":"ADMIN"}"#);
    assert_eq!(
        told,
        [
            ("identity.block_user", buyer, blocked),
            ("identity.unblock_user", blocked, buyer),
            ("identity.grant_role", buyer, admin),
            ("identity.revoke_role", admin, buyer),
        ]
    );
    let is_owners =
        |entry: &AuditEntry| entry.actor == format!("user:{OWNER_ID}") && entry.target == format!("user:{BUYER}");
    assert!(found.iter().all(is_owners), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_in_whose_middle_its_caller_is_demoted_goes_on_to_its_end_and_is_their_last() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let url = database.config.url.clone();
    let shop = Shop::open(database).await;
    let admin = shop.user(ADMIN_ID).await;
    let update = |value: &str| UpdateSettingRequest {
        request_id: shop.request_id(),
        key: "store.contact".into(),
        value: value.into(),
        etag: "*".into(),
    };
    let held = HeldTable::new(&url, "setting").await;
    let call = async { shop.operations().update_setting(admin.says(update("@penjual"))).await };
    let demotion = async {
        until_one_waits(&url).await;
        shop.revoke_role(&Caller::operator(), ADMIN_ID).await.unwrap();
        forbidden(shop.operations().update_setting(admin.says(update("@lain"))).await.map(|_| ()));
        held.let_go().await;
    };
    let (done, ()) = tokio::join!(call, demotion);
    done.unwrap();
    assert_eq!(shop.context().settings.contact, "@penjual");
    let told = trail(&shop).await.into_iter().filter(|entry| entry.target == "setting:store.contact").count();
    assert_eq!(told, 1, "it is in the trail");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_replica_knows_a_demotion_and_a_block_within_a_second() {
    let shop = Shop::open(TestDatabase::new(Kind::Postgres).await).await;
    let replica = shop.replica().await;
    let (admin, buyer) = (shop.user(ADMIN_ID).await, shop.user(BUYER).await);
    settings(&replica, &admin).await.unwrap();
    assert!(!replica.me(&buyer).await.unwrap().is_blocked);
    shop.revoke_role(&Caller::operator(), ADMIN_ID).await.unwrap();
    shop.block(&Caller::operator(), BUYER).await.unwrap();
    // What the replica has read it holds for a second, and no longer.
    shop.clock.advance_seconds(1);
    forbidden(settings(&replica, &admin).await);
    assert!(replica.me(&buyer).await.unwrap().is_blocked);
    // It learns of it without a call as well, for those who wait.
    shop.unblock(&Caller::operator(), BUYER).await.unwrap();
    until(async || replica.context().people.of(BUYER) == warung_domain::standing::Standing::Buyer).await;
    soon(replica.me(&buyer)).await.unwrap();
}
