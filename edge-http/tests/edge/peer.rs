//! A core of the tests' own: a real tonic server whose answers a test gives, and which remembers its calls.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use prost::Message;
use tonic::{Code, Request, Response, Status, metadata::MetadataMap, service::Routes};
use tonic_types::ErrorDetails;
use warung_proto::{
    ErrorReason, catalog,
    channel::{self, Channel},
    identity, library, membership, messaging, metadata, operations, order, payment, wallet,
};

use crate::support::status;

type Handler = Arc<dyn Fn(&[u8]) -> Option<Result<Vec<u8>, Status>> + Send + Sync>;

/// A call that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) rpc: &'static str,
    pub(crate) metadata: MetadataMap,
    message: Vec<u8>,
}

impl Call {
    pub(crate) fn message<M: Message + Default>(&self) -> M {
        M::decode(self.message.as_slice()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.metadata.get(name).map(|value| value.to_str().unwrap().to_owned())
    }
}

/// The core.
#[derive(Clone, Default)]
pub(crate) struct Peer {
    handlers: Arc<Mutex<HashMap<&'static str, Handler>>>,
    calls: Arc<Mutex<Vec<Call>>>,
    forbidden: Arc<Mutex<HashSet<&'static str>>>,
}

impl Peer {
    /// From now on the RPC answers what `answer` makes of its request.
    pub(crate) fn on<Q, A>(&self, rpc: &'static str, answer: impl Fn(Q) -> Result<A, Status> + Send + Sync + 'static)
    where
        Q: Message + Default,
        A: Message,
    {
        let handler =
            move |request: &[u8]| Some(answer(Q::decode(request).unwrap()).map(|answer| answer.encode_to_vec()));
        self.handlers.lock().unwrap().insert(rpc, Arc::new(handler));
    }

    /// From now on the RPC fails.
    pub(crate) fn fail(&self, rpc: &'static str, status: Status) {
        self.handlers.lock().unwrap().insert(rpc, Arc::new(move |_| Some(Err(status.clone()))));
    }

    /// From now on the RPC never answers.
    pub(crate) fn hang(&self, rpc: &'static str) {
        self.handlers.lock().unwrap().insert(rpc, Arc::new(|_| None));
    }

    /// From now on nobody may call the RPC.
    pub(crate) fn forbid(&self, rpc: &'static str) {
        self.forbidden.lock().unwrap().insert(rpc);
    }

    /// All calls so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// The only call so far.
    pub(crate) fn call(&self) -> Call {
        let calls = self.calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls[0].clone()
    }

    async fn answer<Q, A>(&self, rpc: &'static str, request: Request<Q>) -> Result<Response<A>, Status>
    where
        Q: Message,
        A: Message + Default,
    {
        if self.forbidden.lock().unwrap().contains(rpc) {
            return Err(status(Code::PermissionDenied, ErrorReason::Forbidden, ErrorDetails::new()));
        }
        if request.metadata().contains_key(metadata::ASK_ONLY) {
            return Ok(Response::new(A::default()));
        }
        let message = request.get_ref().encode_to_vec();
        let call = Call { rpc, metadata: request.metadata().clone(), message: message.clone() };
        self.calls.lock().unwrap().push(call);
        let handler = self.handlers.lock().unwrap().get(rpc).cloned();
        let handler = handler.ok_or_else(|| Status::unimplemented("the test gave no answer"))?;
        match handler(&message) {
            Some(answer) => Ok(Response::new(A::decode(answer?.as_slice()).unwrap())),
            None => std::future::pending().await,
        }
    }

    /// The services as a router, to be served or called in this process.
    pub(crate) fn routes(&self) -> Routes {
        Routes::new(identity::identity_service_server::IdentityServiceServer::new(self.clone()))
            .add_service(library::library_service_server::LibraryServiceServer::new(self.clone()))
            .add_service(library::library_admin_service_server::LibraryAdminServiceServer::new(self.clone()))
            .add_service(membership::membership_service_server::MembershipServiceServer::new(self.clone()))
            .add_service(membership::membership_admin_service_server::MembershipAdminServiceServer::new(self.clone()))
            .add_service(operations::operations_service_server::OperationsServiceServer::new(self.clone()))
            .add_service(operations::media_service_server::MediaServiceServer::new(self.clone()))
            .add_service(order::order_service_server::OrderServiceServer::new(self.clone()))
            .add_service(payment::payment_service_server::PaymentServiceServer::new(self.clone()))
            .add_service(catalog::catalog_admin_service_server::CatalogAdminServiceServer::new(self.clone()))
            .add_service(catalog::catalog_service_server::CatalogServiceServer::new(self.clone()))
            .add_service(identity::api_key_service_server::ApiKeyServiceServer::new(self.clone()))
            .add_service(identity::people_service_server::PeopleServiceServer::new(self.clone()))
            .add_service(messaging::delivery_service_server::DeliveryServiceServer::new(self.clone()))
            .add_service(order::order_admin_service_server::OrderAdminServiceServer::new(self.clone()))
            .add_service(payment::payment_admin_service_server::PaymentAdminServiceServer::new(self.clone()))
            .add_service(wallet::wallet_service_server::WalletServiceServer::new(self.clone()))
            .add_service(tonic_health::pb::health_server::HealthServer::new(self.clone()))
    }

    pub(crate) fn channel(&self) -> Channel {
        channel::in_process(self.routes())
    }
}

macro_rules! service {
    ($area:ident :: $module:ident :: $service:ident { $($method:ident $rpc:literal $request:ident $response:ident)* }) => {
        #[tonic::async_trait]
        impl $area::$module::$service for Peer {
            $(async fn $method(
                &self,
                request: Request<$area::$request>,
            ) -> Result<Response<$area::$response>, Status> {
                self.answer($rpc, request).await
            })*
        }
    };
}

service!(identity::identity_service_server::IdentityService {
    create_session "CreateSession" CreateSessionRequest CreateSessionResponse
    get_me "GetMe" GetMeRequest GetMeResponse
    update_me "UpdateMe" UpdateMeRequest UpdateMeResponse
    record_contact "RecordContact" RecordContactRequest RecordContactResponse
});
service!(library::library_service_server::LibraryService {
    list_categories "ListCategories" ListCategoriesRequest ListCategoriesResponse
    list_titles "ListTitles" ListTitlesRequest ListTitlesResponse
    get_title "GetTitle" GetTitleRequest GetTitleResponse
    request_title "RequestTitle" RequestTitleRequest RequestTitleResponse
    follow_title_request "FollowTitleRequest" FollowTitleRequestRequest FollowTitleRequestResponse
    watch_episode "WatchEpisode" WatchEpisodeRequest WatchEpisodeResponse
    redeem_start_token "RedeemStartToken" RedeemStartTokenRequest RedeemStartTokenResponse
    redeem_pending_actions "RedeemPendingActions" RedeemPendingActionsRequest RedeemPendingActionsResponse
    get_pending_action "GetPendingAction" GetPendingActionRequest GetPendingActionResponse
    resolve_watch_link "ResolveWatchLink" ResolveWatchLinkRequest ResolveWatchLinkResponse
});
service!(library::library_admin_service_server::LibraryAdminService {
    put_category "PutCategory" PutCategoryRequest PutCategoryResponse
    put_title "PutTitle" PutTitleRequest PutTitleResponse
});
service!(membership::membership_service_server::MembershipService {
    get_membership "GetMembership" GetMembershipRequest GetMembershipResponse
});
service!(membership::membership_admin_service_server::MembershipAdminService {
    get_user_membership "GetUserMembership" GetUserMembershipRequest GetUserMembershipResponse
    grant_membership "GrantMembership" GrantMembershipRequest GrantMembershipResponse
    set_membership "SetMembership" SetMembershipRequest SetMembershipResponse
});
service!(operations::operations_service_server::OperationsService {
    get_store "GetStore" GetStoreRequest GetStoreResponse
    list_settings "ListSettings" ListSettingsRequest ListSettingsResponse
    update_setting "UpdateSetting" UpdateSettingRequest UpdateSettingResponse
    list_audit_entries "ListAuditEntries" ListAuditEntriesRequest ListAuditEntriesResponse
    audit_books "AuditBooks" AuditBooksRequest AuditBooksResponse
    raise_alert "RaiseAlert" RaiseAlertRequest RaiseAlertResponse
});
service!(operations::media_service_server::MediaService {
    put_media "PutMedia" PutMediaRequest PutMediaResponse
    get_media "GetMedia" GetMediaRequest GetMediaResponse
});
service!(order::order_service_server::OrderService {
    place_order "PlaceOrder" PlaceOrderRequest PlaceOrderResponse
    get_order "GetOrder" GetOrderRequest GetOrderResponse
    list_orders "ListOrders" ListOrdersRequest ListOrdersResponse
    follow_order "FollowOrder" FollowOrderRequest FollowOrderResponse
    cancel_order "CancelOrder" CancelOrderRequest CancelOrderResponse
    send_goods "SendGoods" SendGoodsRequest SendGoodsResponse
});
service!(payment::payment_service_server::PaymentService {
    list_payment_methods "ListPaymentMethods" ListPaymentMethodsRequest ListPaymentMethodsResponse
    start_payment "StartPayment" StartPaymentRequest StartPaymentResponse
    check_payment "CheckPayment" CheckPaymentRequest CheckPaymentResponse
    send_invoice "SendInvoice" SendInvoiceRequest SendInvoiceResponse
    receive_webhook "ReceiveWebhook" ReceiveWebhookRequest ReceiveWebhookResponse
});
service!(catalog::catalog_admin_service_server::CatalogAdminService {
    put_product_category "PutProductCategory" PutProductCategoryRequest PutProductCategoryResponse
    put_product "PutProduct" PutProductRequest PutProductResponse
    add_stock "AddStock" AddStockRequest AddStockResponse
});
service!(catalog::catalog_service_server::CatalogService {
    list_product_categories "ListProductCategories" ListProductCategoriesRequest ListProductCategoriesResponse
    list_products "ListProducts" ListProductsRequest ListProductsResponse
    get_product "GetProduct" GetProductRequest GetProductResponse
});
service!(identity::api_key_service_server::ApiKeyService {
    create_api_key "CreateApiKey" CreateApiKeyRequest CreateApiKeyResponse
    list_api_keys "ListApiKeys" ListApiKeysRequest ListApiKeysResponse
    revoke_api_key "RevokeApiKey" RevokeApiKeyRequest RevokeApiKeyResponse
});
service!(identity::people_service_server::PeopleService {
    list_staff "ListStaff" ListStaffRequest ListStaffResponse
    grant_role "GrantRole" GrantRoleRequest GrantRoleResponse
    revoke_role "RevokeRole" RevokeRoleRequest RevokeRoleResponse
    list_blocked_users "ListBlockedUsers" ListBlockedUsersRequest ListBlockedUsersResponse
    block_user "BlockUser" BlockUserRequest BlockUserResponse
    unblock_user "UnblockUser" UnblockUserRequest UnblockUserResponse
});
service!(messaging::delivery_service_server::DeliveryService {
    claim_deliveries "ClaimDeliveries" ClaimDeliveriesRequest ClaimDeliveriesResponse
    report_deliveries "ReportDeliveries" ReportDeliveriesRequest ReportDeliveriesResponse
    get_delivery_file "GetDeliveryFile" GetDeliveryFileRequest GetDeliveryFileResponse
    acquire_polling_lease "AcquirePollingLease" AcquirePollingLeaseRequest AcquirePollingLeaseResponse
    release_polling_lease "ReleasePollingLease" ReleasePollingLeaseRequest ReleasePollingLeaseResponse
});
service!(order::order_admin_service_server::OrderAdminService {
    get_store_order "GetStoreOrder" GetStoreOrderRequest GetStoreOrderResponse
    list_store_orders "ListStoreOrders" ListStoreOrdersRequest ListStoreOrdersResponse
    fulfil_order "FulfilOrder" FulfilOrderRequest FulfilOrderResponse
    refund_order "RefundOrder" RefundOrderRequest RefundOrderResponse
});
service!(payment::payment_admin_service_server::PaymentAdminService {
    list_payments_to_review "ListPaymentsToReview" ListPaymentsToReviewRequest ListPaymentsToReviewResponse
    settle_payment "SettlePayment" SettlePaymentRequest SettlePaymentResponse
    dismiss_review "DismissReview" DismissReviewRequest DismissReviewResponse
    close_refund "CloseRefund" CloseRefundRequest CloseRefundResponse
});
service!(wallet::wallet_service_server::WalletService {
    get_wallet "GetWallet" GetWalletRequest GetWalletResponse
    list_wallet_entries "ListWalletEntries" ListWalletEntriesRequest ListWalletEntriesResponse
    top_up "TopUp" TopUpRequest TopUpResponse
});

#[tonic::async_trait]
impl tonic_health::pb::health_server::Health for Peer {
    type WatchStream = tonic::codegen::BoxStream<tonic_health::pb::HealthCheckResponse>;

    async fn check(
        &self,
        request: Request<tonic_health::pb::HealthCheckRequest>,
    ) -> Result<Response<tonic_health::pb::HealthCheckResponse>, Status> {
        self.answer("Check", request).await
    }

    async fn watch(
        &self,
        _request: Request<tonic_health::pb::HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("nobody watches"))
    }
}
