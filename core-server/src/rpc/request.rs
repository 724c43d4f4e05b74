//! What tells a request that changes something from another: its id, and what its client asked for.

use std::sync::Arc;

use http::Request;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use prost_reflect::{MessageDescriptor, MethodDescriptor};
use tonic::{Status, body::Body};
use uuid::Uuid;
use warung_app::{Context, context};
use warung_domain::principal::Service;
use warung_proto::{
    access::{Access, Role},
    channel::MESSAGE_BYTES_MAX,
    request,
};

/// A message with what stands before it on the wire.
const BODY_BYTES_MAX: usize = MESSAGE_BYTES_MAX + 5;

/// A call whose request id is none. It is refused once its message has been read, which may have other faults.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unidentified;

/// The requests of an RPC that changes something.
#[derive(Clone, Debug)]
pub(super) struct Changes {
    method: Arc<str>,
    input: MessageDescriptor,
    is_admins: bool,
}

impl Changes {
    /// Those of this RPC; `None`: they carry no request id.
    pub(super) fn by(method: &MethodDescriptor, name: &Arc<str>, access: &Access) -> Option<Self> {
        let is_admins = access.scopes.is_empty()
            && access.roles().all(|role| matches!(role, Role::Admin | Role::Owner | Role::Operator));
        Some(Self { method: Arc::clone(name), input: request::with_id(method)?, is_admins })
    }

    /// Reads what came with a call, and has its context know it. What can't be read is refused by what decodes it.
    pub(super) async fn identify(
        &self,
        call: Request<Body>,
        mut ctx: Context,
    ) -> Result<(Request<Body>, Context), Box<Status>> {
        let (mut head, body) = call.into_parts();
        let body = Limited::new(body, BODY_BYTES_MAX).collect().await;
        let body = body.map_err(|error| Box::new(refused(error)))?.to_bytes();
        if let Some(request::Asked { request_id, content }) = request::read(self.input.clone(), &body) {
            match Uuid::try_parse(&request_id) {
                Err(_) => {
                    head.extensions.insert(Unidentified);
                }
                Ok(id) => {
                    let request = if has_source(&ctx, id) {
                        context::Request::of_source(id)
                    } else {
                        context::Request::asked(&ctx.environment.secret, id, &self.method, &content)
                    };
                    ctx.request = Some(context::Request { is_admins: self.is_admins, ..request });
                }
            }
        }
        Ok((Request::from_parts(head, Body::new(Full::new(body))), ctx))
    }
}

/// Whether the id was derived from what brought the request: the bot derives its ids (of version 5) from bot, update and
/// step. A later version of the bot may make another content of the same update, and still it is the same request.
fn has_source(ctx: &Context, id: Uuid) -> bool {
    ctx.principal.service == Some(Service::Bot) && id.get_version() == Some(uuid::Version::Sha1)
}

fn refused(error: Box<dyn std::error::Error + Send + Sync>) -> Status {
    if error.is::<LengthLimitError>() {
        Status::out_of_range("the message is too large")
    } else {
        Status::from_error(error)
    }
}
