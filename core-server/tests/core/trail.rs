//! What those who run the store change leaves one trace in the audit trail, and nothing else does.

use std::{collections::BTreeSet, fmt::Debug};

use chrono::TimeDelta;
use tonic::{Response, Status};
use warung_app::{
    payment::{BeginRefund, ReviewPayment},
    testing::OWNER_ID,
};
use warung_domain::{money::Money, payment::Destination, review::ReviewReason};
use warung_proto::{
    access::{Right, Role},
    catalog::{AddStockRequest, ProductKind, PutProductCategoryRequest, PutProductRequest},
    descriptor::{self, Idempotency},
    identity::{
        BlockUserRequest, CreateApiKeyRequest, GrantRoleRequest, RevokeApiKeyRequest, RevokeRoleRequest, StaffRole,
        UnblockUserRequest,
    },
    library::{PutCategoryRequest, PutTitleRequest},
    membership::{GrantMembershipRequest, SetMembershipRequest},
    operations::{PutMediaRequest, UpdateSettingRequest},
    order::{FulfilOrderRequest, Order, OrderItem, PlaceOrderRequest, RefundDestination, RefundOrderRequest},
    payment::{CloseRefundRequest, DismissReviewRequest, RefundState, SettlePaymentRequest},
};
use warung_store::{on_both_databases, rows, testing::TestDatabase};

use crate::support::{BUYER, Caller, OTHER, Till, file, free, picture, product, rupiah, title};

on_both_databases! {
    every_change_of_those_who_run_the_store_leaves_one_trace_and_nothing_else_does;
}

/// The RPCs that change something and are for those who run the store alone, as the API declares it.
fn declared() -> BTreeSet<String> {
    let is_admins = |role| matches!(role, Role::Admin | Role::Owner | Role::Operator);
    descriptor::methods()
        .filter(|method| descriptor::idempotency(method) != Idempotency::NoSideEffects)
        .filter(|method| {
            let access = descriptor::access(method);
            access.is_some_and(|access| access.scopes.is_empty() && access.roles().all(is_admins))
        })
        .map(|method| method.name().to_owned())
        .collect()
}

/// Looks at what each call of a seller leaves.
struct Look {
    till: Till,
    seller: Caller,
    looked_at: BTreeSet<String>,
}

impl Look {
    fn id(&self) -> String {
        self.till.request_id()
    }

    /// A call of this RPC changes something, and leaves one trace of it.
    async fn changed<T: Debug>(
        &mut self,
        rpc: &str,
        before: Vec<rows::AuditEntry>,
        answer: Result<Response<T>, Status>,
    ) -> T {
        let answer = answer.unwrap_or_else(|status| panic!("{rpc}: {status:?}"));
        let mut left = self.till.audit_rows().await;
        left.retain(|row| !before.contains(row));
        let [row] = &left[..] else { panic!("{rpc}: {left:?}") };
        assert_eq!(row.actor, format!("user:{OWNER_ID}"), "{rpc}");
        assert!(
            row.target.contains(':') && row.before_json != row.after_json || rpc == "FulfilOrder",
            "{rpc}: {row:?}"
        );
        self.looked_at.insert(rpc.to_owned());
        answer.into_inner()
    }

    /// A call changes nothing, whether it is answered or refused.
    async fn unchanged<T: Debug>(&self, rpc: &str, before: Vec<rows::AuditEntry>, answer: Result<Response<T>, Status>) {
        assert_eq!(self.till.audit_rows().await, before, "{rpc}: {answer:?}");
    }
}

/// A call that changes something, and the same one once more: a replay.
macro_rules! change {
    ($look:ident, $rpc:literal, $client:ident.$call:ident, $message:expr) => {{
        let message = $message;
        let before = $look.till.audit_rows().await;
        let answer = Box::pin($look.till.$client().$call($look.seller.says(message.clone()))).await;
        let answer = $look.changed($rpc, before, answer).await;
        let before = $look.till.audit_rows().await;
        let replay = Box::pin($look.till.$client().$call($look.seller.says(message))).await;
        $look.unchanged($rpc, before, replay).await;
        answer
    }};
}

/// A call under an id of its own that changes nothing.
macro_rules! no_change {
    ($look:ident, $rpc:literal, $client:ident.$call:ident, $message:expr) => {{
        let mut message = $message;
        message.request_id = $look.id();
        let before = $look.till.audit_rows().await;
        let answer = Box::pin($look.till.$client().$call($look.seller.says(message))).await;
        $look.unchanged($rpc, before, answer).await;
    }};
}

async fn every_change_of_those_who_run_the_store_leaves_one_trace_and_nothing_else_does(database: TestDatabase) {
    let till = Till::open(database).await;
    let seller = till.user(OWNER_ID).await;
    let mut look = Look { till, seller, looked_at: BTreeSet::new() };
    shelves(&mut look).await;
    people(&mut look).await;
    store(&mut look).await;
    orders(&mut look).await;
    payments(&mut look).await;
    assert_eq!(look.looked_at, declared());
}

async fn shelves(look: &mut Look) {
    let request_id = look.id();
    let shelf = PutProductCategoryRequest { request_id, code: "rak".into(), name: "Rak".into(), ..Default::default() };
    change!(look, "PutProductCategory", catalog_admin.put_product_category, shelf.clone());
    no_change!(look, "PutProductCategory", catalog_admin.put_product_category, shelf);
    let goods = PutProductRequest { request_id: look.id(), ..product("baru", ProductKind::Shared) };
    change!(look, "PutProduct", catalog_admin.put_product, goods.clone());
    no_change!(look, "PutProduct", catalog_admin.put_product, goods);
    let stock = AddStockRequest { request_id: look.id(), code: "pulsa".into(), lines: vec!["sebaris".into()] };
    change!(look, "AddStock", catalog_admin.add_stock, stock.clone());
    no_change!(look, "AddStock", catalog_admin.add_stock, stock);
    let request_id = look.id();
    let shelf = PutCategoryRequest { request_id, code: "laga".into(), name: "Laga".into(), ..Default::default() };
    change!(look, "PutCategory", library_admin.put_category, shelf.clone());
    no_change!(look, "PutCategory", library_admin.put_category, shelf);
    let film = PutTitleRequest { request_id: look.id(), ..title("filem", [free(file())]) };
    change!(look, "PutTitle", library_admin.put_title, film.clone());
    no_change!(look, "PutTitle", library_admin.put_title, film);
}

async fn people(look: &mut Look) {
    let scopes = vec!["library.read".to_owned()];
    let key = CreateApiKeyRequest { request_id: look.id(), name: "bot".into(), scopes };
    let made = change!(look, "CreateApiKey", api_keys.create_api_key, key.clone());
    no_change!(look, "CreateApiKey", api_keys.create_api_key, CreateApiKeyRequest { scopes: Vec::new(), ..key });
    let api_key_id = made.api_key.unwrap().api_key_id;
    let revoke = RevokeApiKeyRequest { request_id: look.id(), api_key_id };
    change!(look, "RevokeApiKey", api_keys.revoke_api_key, revoke.clone());
    no_change!(look, "RevokeApiKey", api_keys.revoke_api_key, revoke);
    let days = GrantMembershipRequest { request_id: look.id(), telegram_id: BUYER, days: 30 };
    change!(look, "GrantMembership", memberships.grant_membership, days.clone());
    no_change!(look, "GrantMembership", memberships.grant_membership, GrantMembershipRequest { days: 0, ..days });
    let role = GrantRoleRequest {
        request_id: look.id(),
        telegram_id: OTHER,
        role: StaffRole::Admin.into(),
        rights: vec![Right::Catalog.into()],
    };
    change!(look, "GrantRole", people.grant_role, role.clone());
    no_change!(look, "GrantRole", people.grant_role, role);
    let role = RevokeRoleRequest { request_id: look.id(), telegram_id: OTHER };
    change!(look, "RevokeRole", people.revoke_role, role.clone());
    no_change!(look, "RevokeRole", people.revoke_role, role);
    let block = BlockUserRequest { request_id: look.id(), telegram_id: OTHER, reason: "curang".into() };
    change!(look, "BlockUser", people.block_user, block.clone());
    no_change!(look, "BlockUser", people.block_user, block);
    let block = UnblockUserRequest { request_id: look.id(), telegram_id: OTHER };
    change!(look, "UnblockUser", people.unblock_user, block.clone());
    no_change!(look, "UnblockUser", people.unblock_user, block);
    let expire_time = Some(prost_types::Timestamp { seconds: 1_800_000_000, nanos: 0 });
    let end = SetMembershipRequest { request_id: look.id(), telegram_id: BUYER, expire_time };
    change!(look, "SetMembership", memberships.set_membership, end.clone());
    no_change!(look, "SetMembership", memberships.set_membership, end);
}

async fn store(look: &mut Look) {
    let media = PutMediaRequest { request_id: look.id(), content: picture(9) };
    change!(look, "PutMedia", media.put_media, media.clone());
    no_change!(look, "PutMedia", media.put_media, media);
    let setting = UpdateSettingRequest {
        request_id: look.id(),
        key: "store.contact".into(),
        value: "@warung".into(),
        ..Default::default()
    };
    change!(look, "UpdateSetting", operations.update_setting, setting.clone());
    no_change!(look, "UpdateSetting", operations.update_setting, setting);
}

/// An order of one unit that is paid.
async fn paid(look: &Look, product_id: &str) -> Order {
    let buyer = look.till.user(BUYER).await;
    let items = vec![OrderItem { product_id: product_id.into(), quantity: 1 }];
    let order = look.till.place(&buyer, PlaceOrderRequest { items, ..look.till.basket(1) }).await.unwrap();
    look.till.pay(&order.payments[0]).await;
    order
}

async fn orders(look: &mut Look) {
    look.till.put_product(product("jasa", ProductKind::Manual)).await;
    let order_id = paid(look, "jasa").await.order_id;
    let goods = FulfilOrderRequest {
        request_id: look.id(),
        order_id: order_id.clone(),
        goods: "isinya".into(),
        order_line_id: String::new(),
    };
    change!(look, "FulfilOrder", orders_of_all.fulfil_order, goods.clone());
    no_change!(look, "FulfilOrder", orders_of_all.fulfil_order, goods);
    let refund = RefundOrderRequest {
        lines: Vec::new(),
        request_id: look.id(),
        order_id,
        amount: Some(rupiah(25_000)),
        destination: RefundDestination::Balance.into(),
        reason: "barang rusak".into(),
    };
    change!(look, "RefundOrder", orders_of_all.refund_order, refund.clone());
    no_change!(look, "RefundOrder", orders_of_all.refund_order, refund);
}

async fn payments(look: &mut Look) {
    let buyer = look.till.user(BUYER).await;
    let payment = look.till.buy(&buyer).await.payments.remove(0);
    let core = |look: &Look| look.till.context().with_request_id(look.id().parse().unwrap());
    let review = ReviewPayment {
        payment_id: payment.payment_id.parse().unwrap(),
        reason: ReviewReason::OtherAmount { received: Money::idr(7_000) },
    };
    look.till.core.engine().run(&core(look), review).await.unwrap();
    let dismissal = DismissReviewRequest {
        request_id: look.id(),
        payment_id: payment.payment_id.clone(),
        note: "sudah dikembalikan".into(),
    };
    change!(look, "DismissReview", payments_of_all.dismiss_review, dismissal.clone());
    no_change!(look, "DismissReview", payments_of_all.dismiss_review, dismissal);
    let seen = SettlePaymentRequest {
        request_id: look.id(),
        payment_id: payment.payment_id,
        received: Some(rupiah(25_000)),
        note: "terlihat di dasbor".into(),
    };
    change!(look, "SettlePayment", payments_of_all.settle_payment, seen.clone());
    no_change!(look, "SettlePayment", payments_of_all.settle_payment, seen);
    let begin = BeginRefund {
        lines: Vec::new(),
        order: paid(look, "pulsa").await.code,
        amount: None,
        destination: Destination::Gateway,
        reason: "barang rusak".into(),
        gateway_can_refund: true,
    };
    let refund = look.till.core.engine().run(&core(look), begin).await.unwrap();
    look.till.clock.advance(TimeDelta::minutes(6));
    look.seller = look.till.user(OWNER_ID).await;
    let close = CloseRefundRequest {
        request_id: look.id(),
        refund_id: refund.refund_id.to_string(),
        outcome: RefundState::Done.into(),
        note: "terlihat di dasbor".into(),
    };
    change!(look, "CloseRefund", payments_of_all.close_refund, close.clone());
    no_change!(look, "CloseRefund", payments_of_all.close_refund, close);
}
