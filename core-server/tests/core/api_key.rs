//! Keys of programs.

use std::time::{Duration, Instant};

use base64::Engine as _;
use tonic::{Code, Status};
use warung_app::testing::{ADMIN_ID, OWNER_ID};
use warung_proto::{
    ErrorReason,
    identity::{CreateApiKeyRequest, CreateApiKeyResponse, RevokeApiKeyRequest},
    library::{ListTitlesRequest, ListTitlesResponse},
    membership::{GetMembershipRequest, GetMembershipResponse},
    metadata,
    operations::GetStoreRequest,
    order::{FollowOrderRequest, GetOrderRequest, ListOrdersRequest, PlaceOrderRequest, SendGoodsRequest},
};
use warung_store::{
    on_both_databases,
    testing::{Kind, TestDatabase},
};

use crate::support::{BUYER, Caller, Key, OTHER, SCOPES, Shop, Till, assert_refused, until};

on_both_databases! {
    a_key_is_made_listed_and_revoked;
    a_key_needs_a_name_and_scopes_that_the_api_declares;
    a_request_for_a_key_that_comes_again_shows_no_second_secret;
    what_is_no_key_of_ours_is_refused_and_not_repeated;
    a_key_that_is_revoked_is_refused_at_once;
    a_key_may_do_what_its_scopes_say_and_no_more;
    a_service_lends_a_key_nothing;
    a_key_has_a_budget_of_its_own;
    a_key_is_named_in_the_trail;
    the_last_use_is_known_to_within_a_minute;
    a_secret_is_nowhere_in_the_database;
    a_key_sees_the_memberships_of_its_own_buyers_alone;
    a_key_sees_the_orders_that_it_placed_alone;
}

fn create(shop: &Shop, name: &str, scopes: &[&str]) -> CreateApiKeyRequest {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    CreateApiKeyRequest { request_id: shop.request_id(), name: name.into(), scopes }
}

async fn make(shop: &Shop, message: CreateApiKeyRequest) -> Result<CreateApiKeyResponse, Status> {
    Ok(shop.api_keys().create_api_key(Caller::operator().says(message)).await?.into_inner())
}

async fn revoke(shop: &Shop, id: &str) -> Result<warung_proto::identity::ApiKey, Status> {
    let message = RevokeApiKeyRequest { request_id: shop.request_id(), api_key_id: id.into() };
    let revoked = shop.api_keys().revoke_api_key(Caller::operator().says(message)).await?;
    Ok(revoked.into_inner().api_key.unwrap())
}

async fn look(shop: &Shop, caller: &Caller) -> Result<ListTitlesResponse, Status> {
    Ok(shop.library().list_titles(caller.says(ListTitlesRequest::default())).await?.into_inner())
}

async fn a_key_is_made_listed_and_revoked(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let owner = shop.user(OWNER_ID).await;
    let message = create(&shop, "Bot pesanan é", &["order.write", "order.read"]);
    let made = shop.api_keys().create_api_key(owner.says(message)).await.unwrap().into_inner();
    let key = made.api_key.unwrap();
    assert!(key.api_key_id.starts_with("key_") && key.api_key_id.len() == 30, "{key:?}");
    assert_eq!(
        (key.name.as_str(), &key.scopes[..]),
        ("Bot pesanan é", &["order.read".into(), "order.write".into()][..])
    );
    assert_eq!((key.last_use_time, key.revoke_time), (None, None));
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(made.secret.strip_prefix("wrg_").unwrap());
    assert_eq!((bytes.unwrap().len(), made.secret.len()), (32, 47));

    shop.clock.advance_seconds(1);
    let other = shop.key("the other", &["library.read"]).await;
    let listed = shop.listed_keys().await;
    assert_eq!(listed.iter().map(|key| &key.api_key_id).collect::<Vec<_>>(), [&other.id, &key.api_key_id]);
    assert_eq!(listed[1], key);

    let revoked = revoke(&shop, &key.api_key_id).await.unwrap();
    assert!(revoked.revoke_time.is_some());
    shop.clock.advance_seconds(60);
    assert_eq!(revoke(&shop, &key.api_key_id).await.unwrap(), revoked, "the first time counts");
    assert_eq!(shop.listed_keys().await[1], revoked);
    assert_eq!(shop.listed_keys().await[0].revoke_time, None);
    for unknown in ["", "key_0", "key_00000000000000000000000000", &key.api_key_id.replace("key", "usr"), &made.secret]
    {
        let refused = revoke(&shop, unknown).await;
        assert_refused(refused, Code::NotFound, ErrorReason::NotFound);
    }
    let trail: Vec<_> = shop.audit_rows().await.into_iter().map(|row| (row.actor, row.command, row.target)).collect();
    let target = format!("api_key:{}", key.api_key_id);
    let by = |actor: &str, command: &str, target: &str| (actor.to_owned(), command.to_owned(), target.to_owned());
    let user = format!("user:{OWNER_ID}");
    assert!(trail.contains(&by(&user, "identity.create_api_key", &target)), "{trail:?}");
    let revocations = trail.iter().filter(|entry| entry.1 == "identity.revoke_api_key").collect::<Vec<_>>();
    assert_eq!(revocations, [&by("service:operator", "identity.revoke_api_key", &target)]);
}

async fn a_key_needs_a_name_and_scopes_that_the_api_declares(database: TestDatabase) {
    let shop = Shop::open(database).await;
    for (name, scopes) in [
        ("", &["order.read"][..]),
        ("two\nlines", &["order.read"]),
        (&"x".repeat(65), &["order.read"]),
        ("bot", &[]),
        ("bot", &["*"]),
        ("bot", &["order.read", "order.read order.write"]),
        ("bot", &["ROLE_ADMIN"]),
    ] {
        let refused = make(&shop, create(&shop, name, scopes)).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
    let status = make(&shop, create(&shop, "bot", &["order.delete"])).await.unwrap_err();
    for scope in SCOPES {
        assert!(status.message().contains(scope), "{}", status.message());
    }
    assert!(shop.listed_keys().await.is_empty());
    let made = make(&shop, create(&shop, &"é".repeat(64), &SCOPES)).await.unwrap();
    assert_eq!(made.api_key.unwrap().scopes, SCOPES);
}

async fn a_request_for_a_key_that_comes_again_shows_no_second_secret(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let message = create(&shop, "bot", &["library.read"]);
    let first = make(&shop, message.clone()).await.unwrap();
    for _ in 0..3 {
        let again = make(&shop, message.clone()).await;
        let status = assert_refused(again, Code::FailedPrecondition, ErrorReason::ApiKeyShown);
        assert!(!format!("{status:?}").contains(&first.secret[4..]));
    }
    let another = CreateApiKeyRequest { name: "another".into(), ..message };
    assert_refused(make(&shop, another).await, Code::InvalidArgument, ErrorReason::RequestIdReused);
    assert_eq!(shop.listed_keys().await.len(), 1);
    look(&shop, &Caller::nobody().with_session(&first.secret)).await.unwrap();
}

async fn what_is_no_key_of_ours_is_refused_and_not_repeated(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let Key { secret, .. } = shop.key("bot", &SCOPES).await;
    look(&shop, &Caller::nobody().with_session(&secret)).await.unwrap();
    let mut wrong = vec![
        "wrg_".to_owned(),
        format!("wrg_{}", "A".repeat(43)),
        secret[..46].to_owned(),
        format!("{secret}A"),
        format!("{secret}="),
        format!("wrg_{secret}"),
        format!("wrg_{}", "a".repeat(8_000)),
        "wrg_' or '1'='1".to_owned(),
    ];
    for place in (4..secret.len()).step_by(7).chain([secret.len() - 1]) {
        let letter = if secret[place..].starts_with('B') { "C" } else { "B" };
        let mut altered = secret.clone();
        altered.replace_range(place..=place, letter);
        wrong.push(altered);
    }
    for key in wrong {
        for caller in [Caller::nobody(), Caller::edge()] {
            let refused = look(&shop, &caller.with_session(&key)).await;
            let status = assert_refused(refused, Code::Unauthenticated, ErrorReason::ApiKeyInvalid);
            assert!(key.len() < 10 || !format!("{status:?}").contains(&key[4..]), "{status:?}");
        }
    }
    // The scheme is not the key's: its secret is nothing else.
    let other_scheme = Caller::nobody().with("authorization", format!("tma {secret}"));
    assert_refused(look(&shop, &other_scheme).await, Code::Unauthenticated, ErrorReason::InitDataInvalid);
    let lower = Caller::nobody().with("authorization", format!("bearer {secret}"));
    look(&shop, &lower).await.unwrap();
}

async fn a_key_that_is_revoked_is_refused_at_once(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let (key, other) = (shop.key("bot", &SCOPES).await, shop.key("other", &SCOPES).await);
    for _ in 0..20 {
        look(&shop, &key.caller()).await.unwrap();
    }
    revoke(&shop, &key.id).await.unwrap();
    for _ in 0..20 {
        assert_refused(look(&shop, &key.caller()).await, Code::Unauthenticated, ErrorReason::ApiKeyInvalid);
    }
    look(&shop, &other.caller()).await.unwrap();
    let shop = shop.restarted().await;
    assert_refused(look(&shop, &key.caller()).await, Code::Unauthenticated, ErrorReason::ApiKeyInvalid);
    look(&shop, &other.caller()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_revoked_is_refused_by_another_replica_within_a_second() {
    let shop = Shop::open(TestDatabase::new(Kind::Postgres).await).await;
    let replica = shop.replica().await;
    for round in 0..3 {
        let key = shop.key(&format!("bot {round}"), &SCOPES).await;
        look(&replica, &key.caller()).await.unwrap();
        revoke(&shop, &key.id).await.unwrap();
        let revoked = Instant::now();
        until(async || {
            // When it is let in, that was before this moment.
            let asked = revoked.elapsed();
            let refused = look(&replica, &key.caller()).await.is_err();
            assert!(refused || asked < Duration::from_secs(1), "still let in after {asked:?}");
            refused
        })
        .await;
        assert_refused(look(&replica, &key.caller()).await, Code::Unauthenticated, ErrorReason::ApiKeyInvalid);
    }
}

async fn a_key_may_do_what_its_scopes_say_and_no_more(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let (reader, buyer) = (shop.key("reader", &["library.read"]).await, shop.key("buyer", &["order.write"]).await);
    look(&shop, &reader.caller()).await.unwrap();
    // Titles are for anyone; a key without the scope is refused even so: what it was not given it has not.
    assert_refused(look(&shop, &buyer.caller()).await, Code::PermissionDenied, ErrorReason::Forbidden);
    look(&shop, &Caller::edge()).await.unwrap();
    // What declares no scope is for no key, though anyone may call it without.
    for key in [&reader, &buyer, &shop.key("all", &SCOPES).await] {
        let refused = shop.operations().get_store(key.caller().says(GetStoreRequest {})).await;
        assert_refused(refused, Code::PermissionDenied, ErrorReason::Forbidden);
        let refused = make_by(&shop, &key.caller()).await;
        assert_refused(refused, Code::PermissionDenied, ErrorReason::Forbidden);
    }
    // A seller makes no keys either.
    let refused = make_by(&shop, &shop.user(ADMIN_ID).await).await;
    assert_refused(refused, Code::PermissionDenied, ErrorReason::Forbidden);
}

async fn make_by(shop: &Shop, caller: &Caller) -> Result<CreateApiKeyResponse, Status> {
    let message = create(shop, "more", &["order.write"]);
    Ok(shop.api_keys().create_api_key(caller.says(message)).await?.into_inner())
}

async fn a_service_lends_a_key_nothing(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let key = shop.key("reader", &["library.read"]).await;
    for service in [Caller::nobody(), Caller::edge(), Caller::bot(), Caller::operator()] {
        let caller = service.with_session(&key.secret);
        look(&shop, &caller).await.unwrap();
        assert_refused(make_by(&shop, &caller).await, Code::PermissionDenied, ErrorReason::Forbidden);
    }
    let acting = Caller::bot().with_session(&key.secret).acting_for(OWNER_ID);
    assert_refused(look(&shop, &acting).await, Code::PermissionDenied, ErrorReason::Forbidden);
}

async fn a_key_has_a_budget_of_its_own(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.set("rate.read_per_minute", "10").await;
    shop.clock.advance_seconds(60);
    let (one, other) = (shop.key("one", &SCOPES).await, shop.key("other", &SCOPES).await);
    let from = |key: &Key, number: u8| key.caller().with(metadata::CLIENT_ADDRESS, format!("203.0.113.{number}"));
    for number in 0..10 {
        look(&shop, &from(&one, number)).await.unwrap();
    }
    assert_refused(look(&shop, &from(&one, 99)).await, Code::ResourceExhausted, ErrorReason::RateLimited);
    look(&shop, &from(&other, 1)).await.unwrap();
}

async fn a_key_is_named_in_the_trail(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let key = shop.key("bot", &["library.read"]).await;
    look(&shop, &key.caller()).await.unwrap();
    assert_refused(make_by(&shop, &key.caller()).await, Code::PermissionDenied, ErrorReason::Forbidden);
    shop.core.engine().flush_calls().await.unwrap();
    let calls: Vec<_> = shop.activity_rows().await.into_iter().map(|row| (row.principal, row.outcome)).collect();
    let name = format!("key:{}", key.id);
    assert!(calls.contains(&(name.clone(), "OK".into())) && calls.contains(&(name, "FORBIDDEN".into())), "{calls:?}");
}

async fn the_last_use_is_known_to_within_a_minute(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let key = shop.key("bot", &["library.read"]).await;
    let start = shop.listed_keys().await[0].create_time.unwrap().seconds;
    let last_use = async || {
        shop.core.engine().flush_api_key_uses().await.unwrap();
        shop.listed_keys().await.pop().unwrap().last_use_time.map(|time| time.seconds - start)
    };
    assert_eq!(last_use().await, None);
    let mut known = 0;
    for second in 1..=120 {
        shop.clock.advance_seconds(1);
        // A key that was just revoked makes the process read the others again.
        if second % 5 == 0 {
            revoke(&shop, &shop.key("another", &["library.read"]).await.id).await.unwrap();
        }
        for _ in 0..3 {
            look(&shop, &key.caller()).await.unwrap();
        }
        let written = last_use().await.unwrap_or_default();
        assert!(second - written < 60, "used at {second}, known is {written}");
        known += i64::from(written != 0 && written == second);
    }
    assert!((2..=10).contains(&known), "written {known} times in two minutes of 360 calls");
}

async fn a_secret_is_nowhere_in_the_database(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let message = create(&shop, "the name that is found", &SCOPES);
    let made = make(&shop, message.clone()).await.unwrap();
    let key = Key { id: made.api_key.unwrap().api_key_id, secret: made.secret };
    make(&shop, message).await.unwrap_err();
    look(&shop, &key.caller()).await.unwrap();
    make_by(&shop, &key.caller()).await.unwrap_err();
    revoke(&shop, &key.secret).await.unwrap_err();
    revoke(&shop, &key.id).await.unwrap();
    look(&shop, &key.caller()).await.unwrap_err();
    shop.core.engine().flush_calls().await.unwrap();
    shop.core.engine().flush_api_key_uses().await.unwrap();
    let dump = shop.dump();
    let has = |wanted: &[u8]| dump.windows(wanted.len()).any(|bytes| bytes == wanted);
    assert!(has(b"the name that is found"), "the dump holds what is stored");
    let encoded = &key.secret[4..];
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(encoded).unwrap();
    let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    assert!(!has(encoded.as_bytes()) && !has(&bytes), "the secret is stored");
    assert!(!has(hex(&bytes).as_bytes()) && !has(hex(key.secret.as_bytes()).as_bytes()), "the secret is stored");
}

async fn membership(shop: &Shop, caller: &Caller, telegram_id: i64) -> Result<GetMembershipResponse, Status> {
    Ok(shop.membership().get_membership(caller.says(GetMembershipRequest { telegram_id })).await?.into_inner())
}

async fn a_key_sees_the_memberships_of_its_own_buyers_alone(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let (key, foreign) = (shop.key("bot", &SCOPES).await, shop.key("foreign", &SCOPES).await);
    shop.make_member(BUYER, 30).await;
    shop.make_member(OTHER, 30).await;
    let unknown = membership(&shop, &key.caller(), BUYER).await;
    assert_refused(unknown, Code::NotFound, ErrorReason::NotFound);
    shop.plant_order(BUYER, Some(&key)).await;
    shop.plant_order(OTHER, Some(&foreign)).await;
    shop.plant_order(OTHER, None).await;
    let seen = membership(&shop, &key.caller(), BUYER).await.unwrap().membership.unwrap();
    assert_eq!((seen.telegram_id, seen.active), (BUYER, true));
    shop.clock.advance_seconds(31 * 86_400);
    assert!(!membership(&shop, &key.caller(), BUYER).await.unwrap().membership.unwrap().active);
    for (caller, telegram_id) in [(&foreign, BUYER), (&key, OTHER), (&key, 4_711), (&key, -1), (&key, i64::MAX)] {
        let refused = membership(&shop, &caller.caller(), telegram_id).await;
        assert_refused(refused, Code::NotFound, ErrorReason::NotFound);
    }
    let refused = membership(&shop, &key.caller(), 0).await;
    assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    let buyer = shop.user(BUYER).await;
    assert_eq!(membership(&shop, &buyer, 0).await.unwrap().membership.unwrap().telegram_id, BUYER);
    for telegram_id in [BUYER, OTHER] {
        let refused = membership(&shop, &buyer, telegram_id).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
}

async fn a_key_sees_the_orders_that_it_placed_alone(database: TestDatabase) {
    let till = Till::open(database).await;
    let shop = &till.shop;
    let (key, foreign) = (shop.key("bot", &SCOPES).await, shop.key("foreign", &SCOPES).await);
    let buyer = shop.user(BUYER).await;
    let basket = PlaceOrderRequest { buyer_telegram_id: BUYER, ..till.basket(1) };
    let order = till.place(&key.caller(), basket.clone()).await.unwrap();
    assert_eq!(order.buyer_telegram_id, BUYER);
    assert_eq!(till.place(&key.caller(), basket.clone()).await.unwrap().order_id, order.order_id);
    // The same request id of another key is another request.
    let other = till.place(&foreign.caller(), basket).await.unwrap();
    assert_ne!(other.order_id, order.order_id);
    let own = till.buy(&buyer).await;

    let list = async |caller: &Caller| {
        let listed = shop.orders().list_orders(caller.says(ListOrdersRequest::default())).await.unwrap().into_inner();
        listed.orders.into_iter().map(|order| order.order_id).collect::<Vec<_>>()
    };
    assert_eq!(list(&key.caller()).await, std::slice::from_ref(&order.order_id));
    assert_eq!(list(&foreign.caller()).await, std::slice::from_ref(&other.order_id));
    for unseen in [&other, &own] {
        for name in [&unseen.order_id, &unseen.code] {
            let get = GetOrderRequest { order_id: name.clone() };
            let refused = shop.orders().get_order(key.caller().says(get)).await;
            assert_refused(refused, Code::NotFound, ErrorReason::NotFound);
            let follow = FollowOrderRequest { order_id: name.clone(), ..FollowOrderRequest::default() };
            let refused = shop.orders().follow_order(key.caller().says(follow)).await;
            assert_refused(refused, Code::NotFound, ErrorReason::NotFound);
            let send = SendGoodsRequest { request_id: shop.request_id(), order_id: name.clone() };
            let refused = shop.orders().send_goods(key.caller().says(send)).await;
            assert_refused(refused, Code::NotFound, ErrorReason::NotFound);
        }
        assert_refused(till.cancel(&key.caller(), unseen).await, Code::NotFound, ErrorReason::NotFound);
    }
    // The buyer sees all that is theirs, whoever placed it; a key that was revoked sees nothing.
    assert_eq!(list(&buyer).await.len(), 3);
    revoke(shop, &key.id).await.unwrap();
    let refused = till.place(&key.caller(), till.basket(1)).await;
    assert_refused(refused, Code::Unauthenticated, ErrorReason::ApiKeyInvalid);
    // For nobody, or as somebody else, nobody orders.
    let refused = till.place(&foreign.caller(), till.basket(1)).await;
    assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    let as_other = PlaceOrderRequest { buyer_telegram_id: OTHER, ..till.basket(1) };
    assert_refused(till.place(&buyer, as_other).await, Code::InvalidArgument, ErrorReason::InvalidArgument);
}
