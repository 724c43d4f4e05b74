//! What tells a request that changes something from another: its id, and what its client asked for.

use http::Request;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use prost_reflect::MessageDescriptor;
use tonic::{Status, body::Body};
use uuid::Uuid;
use warung_app::{Context, Error, context};
use warung_domain::principal::Service;
use warung_proto::{channel::MESSAGE_BYTES_MAX, request};

use super::status;

/// A message with what stands before it on the wire.
const BODY_BYTES_MAX: usize = MESSAGE_BYTES_MAX + 5;

/// Reads what came with a call that changes something, and has its context know it. What can't be read is refused by what
/// decodes it.
pub(super) async fn identify(
    method: &str,
    input: MessageDescriptor,
    call: Request<Body>,
    mut ctx: Context,
) -> Result<(Request<Body>, Context), Box<Status>> {
    let (head, body) = call.into_parts();
    let body = Limited::new(body, BODY_BYTES_MAX).collect().await.map_err(|error| Box::new(refused(error)))?.to_bytes();
    if let Some(request::Asked { request_id, content }) = request::read(input, &body) {
        let id = Uuid::try_parse(&request_id)
            .map_err(|_| status::from_error(&Error::invalid("request_id", "must be a UUID that the client makes")))?;
        ctx.request = Some(if has_source(&ctx, id) {
            context::Request::of_source(id)
        } else {
            context::Request::asked(&ctx.environment.secret, id, method, &content)
        });
    }
    Ok((Request::from_parts(head, Body::new(Full::new(body))), ctx))
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
