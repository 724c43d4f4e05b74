//! Who may call what.

use std::collections::BTreeSet;

use http::uri::PathAndQuery;
use tonic::{Code, client::Grpc};
use tonic_prost::ProstCodec;
use warung_app::testing::{ADMIN_ID, OWNER_ID};
use warung_proto::{
    ErrorReason,
    access::{Access, Right, Role},
    descriptor::{self, Idempotency},
    error, metadata,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, OTHER, SCOPES, Shop, all_rights};

on_both_databases! {
    an_rpc_lets_in_whom_it_declares_and_nobody_else;
}

/// A kind of caller, and the roles that it holds.
struct Kind {
    name: &'static str,
    caller: Caller,
    roles: Vec<Role>,
    /// An API key has scopes and no role, not even that of anyone.
    scopes: Vec<String>,
    /// Nobody is named or proven wrongly: signing in would help where a person's role would do.
    may_sign_in: bool,
    /// What a seller works in.
    rights: Vec<Right>,
    is_blocked: bool,
}

impl Kind {
    /// Whether an RPC that declares this lets them in. A seller needs one of its rights as well.
    fn is_let_in(&self, access: &Access) -> bool {
        let works_here =
            || self.roles.contains(&Role::Owner) || access.rights().any(|right| self.rights.contains(&right));
        access.roles().any(|role| self.roles.contains(&role) && (role != Role::Admin || works_here()))
            || access.scopes.iter().any(|scope| self.scopes.contains(scope))
    }
}

async fn kinds(shop: &Shop) -> Vec<Kind> {
    use Role::{Admin, Bot, Buyer, Edge, Operator, Owner};
    let kind = |name, caller, roles: &[Role], may_sign_in| {
        let roles = roles.iter().copied().chain([Role::Anyone]).collect();
        let (scopes, rights) = (Vec::new(), Vec::new());
        Kind { name, caller, roles, scopes, may_sign_in, rights, is_blocked: false }
    };
    let admin = |name, caller, rights: &[Right]| {
        let rights = rights.to_vec();
        Kind { rights, ..kind(name, caller, &[Edge, Buyer, Admin], false) }
    };
    let blocked = |name, caller, roles: &[Role]| Kind { is_blocked: true, ..kind(name, caller, roles, false) };
    let every: Vec<&str> = SCOPES.to_vec();
    let mut keys = Vec::new();
    for (name, edge, scopes) in [
        ("key with every scope", false, &every[..]),
        ("key with every scope by the edge", true, &every),
        ("key with one scope", true, &every[..1]),
    ] {
        let caller = if edge { Caller::edge() } else { Caller::nobody() };
        let caller = caller.with_session(&shop.key(name, scopes).await.secret);
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let (roles, rights) = (Vec::new(), Vec::new());
        keys.push(Kind { name, caller, roles, scopes, may_sign_in: false, rights, is_blocked: false });
    }
    for (right, telegram_id) in all_rights().into_iter().zip(2_001..) {
        shop.make_admin(telegram_id, &[right]).await;
        keys.push(admin(right.as_str_name(), shop.user(telegram_id).await, &[right]));
    }
    shop.block(&Caller::operator(), OTHER).await.unwrap();
    let people = vec![
        kind("nobody", Caller::nobody(), &[], true),
        kind("edge for nobody", Caller::edge(), &[Edge], true),
        kind("buyer by session", shop.user(BUYER).await, &[Edge, Buyer], false),
        kind("buyer by init data", Caller::edge().with_init_data(&shop.launch(BUYER)), &[Edge, Buyer], false),
        kind("buyer without the edge", Caller::nobody().with_init_data(&shop.launch(BUYER)), &[Buyer], false),
        admin("admin", shop.user(ADMIN_ID).await, &all_rights()),
        kind("owner", shop.user(OWNER_ID).await, &[Edge, Buyer, Admin, Owner], false),
        kind("bot", Caller::bot(), &[Bot], true),
        kind("bot for a buyer", Caller::bot().acting_for(BUYER), &[Bot, Buyer], false),
        Kind {
            rights: all_rights(),
            ..kind("bot for an admin", Caller::bot().acting_for(ADMIN_ID), &[Bot, Buyer, Admin], false)
        },
        blocked("blocked by session", shop.user(OTHER).await, &[Edge, Buyer]),
        blocked("blocked by init data", Caller::edge().with_init_data(&shop.launch(OTHER)), &[Edge, Buyer]),
        blocked("bot for who is blocked", Caller::bot().acting_for(OTHER), &[Bot, Buyer]),
        kind("operator", Caller::operator(), &[Operator], true),
    ];
    people.into_iter().chain(keys).collect()
}

/// Callers whom no RPC lets in, not even one for anyone.
async fn impostors(shop: &Shop) -> Vec<(&'static str, Caller, Code, ErrorReason)> {
    let no_key = (Code::Unauthenticated, ErrorReason::ApiKeyInvalid);
    let made_up = format!("wrg_{}", "A".repeat(43));
    let revoked = shop.key("revoked", &SCOPES).await;
    shop.revoke_key(&revoked).await;
    let good = shop.key("good", &SCOPES).await.secret;
    let altered = format!("{}{}", &good[..good.len() - 1], if good.ends_with('A') { 'E' } else { 'A' });
    let forbidden = (Code::PermissionDenied, ErrorReason::Forbidden);
    let stale =
        warung_app::testing::init_data(warung_app::testing::BOT_TOKEN, BUYER, "2026-11-19T00:00:00Z".parse().unwrap());
    let foreign = shop.launch(BUYER).replace("hash=", "hash=0");
    vec![
        ("a wrong key", Caller::nobody().with(metadata::SERVICE_KEY, "wsk_bot_00"), forbidden.0, forbidden.1),
        ("acting without a key", Caller::nobody().acting_for(OWNER_ID), forbidden.0, forbidden.1),
        ("acting by the edge", Caller::edge().acting_for(OWNER_ID), forbidden.0, forbidden.1),
        ("acting by the operator", Caller::operator().acting_for(OWNER_ID), forbidden.0, forbidden.1),
        ("acting beside a session", Caller::edge().with_session("x").acting_for(OWNER_ID), forbidden.0, forbidden.1),
        ("a made-up key", Caller::edge().with_session(&made_up), no_key.0, no_key.1),
        ("an altered key", Caller::edge().with_session(&altered), no_key.0, no_key.1),
        ("a revoked key", Caller::edge().with_session(&revoked.secret), no_key.0, no_key.1),
        ("a wrong key of the operator's", Caller::operator().with_session(&made_up), no_key.0, no_key.1),
        ("acting beside a key", Caller::bot().with_session(&good).acting_for(OWNER_ID), forbidden.0, forbidden.1),
        ("a made-up session", Caller::edge().with_session("AAAA"), Code::Unauthenticated, ErrorReason::SessionInvalid),
        ("stale init data", Caller::edge().with_init_data(&stale), Code::Unauthenticated, ErrorReason::InitDataExpired),
        (
            "forged init data",
            Caller::edge().with_init_data(&foreign),
            Code::Unauthenticated,
            ErrorReason::InitDataInvalid,
        ),
    ]
}

/// Calls an RPC with an empty message, and answers how it ended.
async fn call(shop: &Shop, path: &str, caller: &Caller) -> (Code, ErrorReason) {
    let mut grpc = Grpc::new(shop.core.channel());
    grpc.ready().await.unwrap();
    let path: PathAndQuery = path.parse().unwrap();
    match grpc.unary(caller.says(()), path, ProstCodec::<(), ()>::default()).await {
        Ok(_) => (Code::Ok, ErrorReason::Unspecified),
        Err(status) => (status.code(), error::reason(&status)),
    }
}

async fn an_rpc_lets_in_whom_it_declares_and_nobody_else(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let kinds = kinds(&shop).await;
    let impostors = impostors(&shop).await;
    let mut refused = 0;
    for method in descriptor::methods() {
        let path = descriptor::path(&method);
        let access = descriptor::access(&method).unwrap_or_else(|| panic!("{path} declares nobody"));
        let declared: Vec<_> = access.roles().collect();
        let is_for_people = declared.iter().any(|role| matches!(role, Role::Buyer | Role::Admin | Role::Owner));
        for kind in &kinds {
            let (code, reason) = call(&shop, &path, &kind.caller).await;
            let is_refused =
                matches!(reason, ErrorReason::Unauthenticated | ErrorReason::Forbidden | ErrorReason::UserBlocked);
            let is_let_in = kind.is_let_in(&access);
            if is_let_in && kind.is_blocked && !access.while_blocked && !declared.contains(&Role::Anyone) {
                refused += 1;
                let blocked = (Code::PermissionDenied, ErrorReason::UserBlocked);
                assert_eq!((code, reason), blocked, "{path}, {}", kind.name);
                continue;
            }
            if is_let_in {
                // A bot that names no user is let in, and then refused where the RPC is about a user.
                assert!(!is_refused, "{path} refused {}: {reason:?}", kind.name);
                assert_ne!(code, Code::Internal, "{path}, {}", kind.name);
                continue;
            }
            refused += 1;
            let nobody = kind.name == "nobody";
            let expected = if nobody || (kind.may_sign_in && is_for_people) {
                (Code::Unauthenticated, ErrorReason::Unauthenticated)
            } else {
                (Code::PermissionDenied, ErrorReason::Forbidden)
            };
            assert_eq!((code, reason), expected, "{path}, {}", kind.name);
        }
        for (name, caller, code, reason) in &impostors {
            assert_eq!(call(&shop, &path, caller).await, (*code, *reason), "{path}, {name}");
        }
    }
    assert!(refused > 100, "a table that refuses nobody proves nothing");
}

#[test]
fn every_rpc_declares_who_may_call_it_and_how_it_is_repeated() {
    let mut names = BTreeSet::new();
    for method in descriptor::methods() {
        let path = descriptor::path(&method);
        assert!(names.insert(path.clone()));
        let access = descriptor::access(&method).unwrap_or_else(|| panic!("{path} declares nobody"));
        assert!(access.roles().all(|role| role != Role::Unspecified), "{path}");
        let is_for_sellers = access.roles().any(|role| role == Role::Admin);
        assert_eq!(is_for_sellers, !access.rights.is_empty(), "{path}: what is for sellers belongs to a right");
        assert!(access.rights().all(|right| right != Right::Unspecified), "{path}");
        let is_for_buyers = access.roles().any(|role| matches!(role, Role::Buyer | Role::Bot));
        assert!(is_for_buyers || !access.while_blocked, "{path}: nobody who is blocked may call it anyway");
        assert!(access.scopes.iter().all(|scope| SCOPES.contains(&scope.as_str())), "{path}: a scope of its own");
        let first = method.input().fields().find(|field| field.number() == 1);
        let has_request_id = first.is_some_and(|field| field.name() == "request_id");
        let wants_request_id = descriptor::idempotency(&method) == Idempotency::ByRequestId;
        assert_eq!(has_request_id, wants_request_id, "{path}: request_id is field 1 of what is repeated by it");
        assert!(method.input().fields().all(|field| field.name() != "request_id" || wants_request_id), "{path}");
        let has_http = !descriptor::http_bindings(&method).is_empty();
        assert_eq!(has_http, descriptor::is_public(&method), "{path}: HTTP reaches what is public, and that alone");
    }
    assert!(names.len() > 20, "{names:?}");
}

#[tokio::test]
async fn what_there_is_not_is_unimplemented() {
    let database = TestDatabase::new(warung_store::testing::Kind::Sqlite).await;
    let shop = Shop::open(database).await;
    for path in
        ["/warung.library.v1.LibraryService/DropTables", "/warung.library.v9.LibraryService/GetTitle", "/", "/x"]
    {
        let outcome = call(&shop, path, &Caller::operator()).await;
        assert_eq!(outcome, (Code::Unimplemented, ErrorReason::Unimplemented), "{path}");
    }
}
