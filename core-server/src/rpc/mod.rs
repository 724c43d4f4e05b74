//! The RPCs: each decodes its request, runs a use case, and encodes its answer.

mod convert;
mod guard;
mod identity;
mod library;
mod library_admin;
mod media;
mod membership;
mod messaging;
mod operations;
mod shelves;
pub(crate) mod status;

use std::future::Future;

use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, service::Routes};
use uuid::Uuid;
use warung_app::{Context, Engine, Error, Result};
use warung_proto::{
    channel::MESSAGE_BYTES_MAX, identity as identity_pb, library as library_pb, membership as membership_pb,
    messaging as messaging_pb, operations as operations_pb,
};

use self::shelves::Shelves;
pub use guard::Undeclared;
pub(crate) use guard::{GuardLayer, Methods};

/// The services of one store.
#[derive(Clone, Debug)]
pub(crate) struct Rpc {
    engine: Engine,
    /// What everybody looks at.
    shelves: Shelves,
    /// The core is ending: whoever waits is answered at once.
    ending: CancellationToken,
}

impl Rpc {
    pub(crate) fn new(engine: Engine, ending: CancellationToken) -> Self {
        Self { engine, shelves: Shelves::default(), ending }
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
            library_pb::library_service_server::LibraryServiceServer<Self>,
            library_pb::library_admin_service_server::LibraryAdminServiceServer<Self>,
            membership_pb::membership_service_server::MembershipServiceServer<Self>,
            membership_pb::membership_admin_service_server::MembershipAdminServiceServer<Self>,
            messaging_pb::delivery_service_server::DeliveryServiceServer<Self>,
            operations_pb::media_service_server::MediaServiceServer<Self>,
            operations_pb::operations_service_server::OperationsServiceServer<Self>,
        ]
    }
}

/// The call's context and its message.
fn enter<T>(request: Request<T>) -> Result<(Context, T)> {
    let (_, mut extensions, message) = request.into_parts();
    let ctx = extensions.remove::<Context>();
    ctx.map(|ctx| (ctx, message)).ok_or_else(|| Error::Internal("a call came past the guard".into()))
}

/// The call under the request id that came with it.
fn under(ctx: Context, request_id: &str) -> Result<Context> {
    let id = Uuid::try_parse(request_id)
        .map_err(|_| Error::invalid("request_id", "must be a UUID that the client makes"))?;
    Ok(ctx.with_request_id(id))
}

/// The answer of a use case, or its status.
async fn answer<T>(use_case: impl Future<Output = Result<T>>) -> std::result::Result<Response<T>, Status> {
    match use_case.await {
        Ok(message) => Ok(Response::new(message)),
        Err(error) => Err(status::from_error(&error)),
    }
}
