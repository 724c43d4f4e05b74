//! The RPCs: each decodes its request, runs a use case, and encodes its answer.

mod api_key;
mod catalog;
mod catalog_admin;
mod convert;
mod guard;
mod identity;
mod library;
mod library_admin;
mod media;
mod membership;
mod messaging;
mod operations;
mod order;
mod order_admin;
mod order_view;
mod payment;
mod payment_admin;
pub(crate) mod people;
mod refusals;
mod request;
mod rooms;
mod same_values;
mod shelves;
pub(crate) mod status;
mod wallet;

use std::{future::Future, sync::Arc};

use tokio::sync::Mutex;
use tonic::{Request, Response, Status, service::Routes};
use warung_app::{Context, Engine, Error, Result, payment::Checkout};
use warung_proto::{
    catalog as catalog_pb, channel::MESSAGE_BYTES_MAX, identity as identity_pb, library as library_pb,
    membership as membership_pb, messaging as messaging_pb, operations as operations_pb, order as order_pb,
    payment as payment_pb, wallet as wallet_pb,
};

use self::shelves::Shelves;
pub(crate) use convert::timestamp;
pub use guard::Undeclared;
pub(crate) use guard::{GuardLayer, Methods};

/// The services of one store.
#[derive(Clone, Debug)]
pub(crate) struct Rpc {
    engine: Engine,
    /// What takes orders from their placing to their money.
    checkout: Checkout,
    /// Titles that everybody looks at.
    shelves: Shelves<library_pb::ListTitlesRequest, library_pb::ListTitlesResponse>,
    /// Products that everybody looks at.
    goods: Shelves<catalog_pb::ListProductsRequest, catalog_pb::ListProductsResponse>,
    /// Held by the one who has the books proved.
    proof: Arc<Mutex<()>>,
}

impl Rpc {
    pub(crate) fn new(engine: Engine, checkout: Checkout) -> Self {
        Self { engine, checkout, shelves: Shelves::default(), goods: Shelves::default(), proof: Arc::default() }
    }

    /// All services of the API.
    pub(crate) fn routes(&self) -> Routes {
        macro_rules! services {
            ($($server:path),* $(,)?) => {{
                let mut routes = Routes::default();
                $(routes = routes.add_service(
                    <$server>::new(self.clone())
                        .max_decoding_message_size(MESSAGE_BYTES_MAX)
                        .max_encoding_message_size(MESSAGE_BYTES_MAX),
                );)*
                routes
            }};
        }
        services![
            identity_pb::identity_service_server::IdentityServiceServer<Self>,
            identity_pb::api_key_service_server::ApiKeyServiceServer<Self>,
            identity_pb::people_service_server::PeopleServiceServer<Self>,
            catalog_pb::catalog_service_server::CatalogServiceServer<Self>,
            catalog_pb::catalog_admin_service_server::CatalogAdminServiceServer<Self>,
            library_pb::library_service_server::LibraryServiceServer<Self>,
            library_pb::library_admin_service_server::LibraryAdminServiceServer<Self>,
            membership_pb::membership_service_server::MembershipServiceServer<Self>,
            membership_pb::membership_admin_service_server::MembershipAdminServiceServer<Self>,
            messaging_pb::delivery_service_server::DeliveryServiceServer<Self>,
            operations_pb::media_service_server::MediaServiceServer<Self>,
            operations_pb::operations_service_server::OperationsServiceServer<Self>,
            order_pb::order_service_server::OrderServiceServer<Self>,
            order_pb::order_admin_service_server::OrderAdminServiceServer<Self>,
            payment_pb::payment_service_server::PaymentServiceServer<Self>,
            payment_pb::payment_admin_service_server::PaymentAdminServiceServer<Self>,
            wallet_pb::wallet_service_server::WalletServiceServer<Self>,
        ]
    }
}

/// The call's context and its message.
fn enter<T>(request: Request<T>) -> Result<(Context, T)> {
    let (_, mut extensions, message) = request.into_parts();
    if extensions.remove::<request::Unidentified>().is_some() {
        return Err(Error::invalid("request_id", "must be a UUID that the client makes"));
    }
    let ctx = extensions.remove::<Context>();
    ctx.map(|ctx| (ctx, message)).ok_or_else(|| Error::Internal("a call came past the guard".into()))
}

/// The answer of a use case, or its status.
async fn answer<T>(use_case: impl Future<Output = Result<T>>) -> std::result::Result<Response<T>, Status> {
    match use_case.await {
        Ok(message) => Ok(Response::new(message)),
        Err(error) => Err(status::from_error(&error)),
    }
}
