//! What an RPC declares, as the edge needs it before it reads a call's body.

use http::{HeaderMap, uri::PathAndQuery};
use prost_reflect::MethodDescriptor;
use tonic::Code;
use warung_proto::{
    ErrorReason,
    access::{Role, Room},
    descriptor,
};

use crate::{
    caller::{Caller, Credential},
    core::{Core, within},
    error::Fault,
    rooms::{Place, Received, Rooms},
};

/// An RPC, as it is known before a call of it is read.
pub(crate) struct Rpc {
    pub(crate) path: PathAndQuery,
    pub(crate) request_bytes: usize,
    room: Room,
    is_for_anyone: bool,
    is_for_people: bool,
    is_for_keys: bool,
}

impl Rpc {
    pub(crate) fn new(method: &MethodDescriptor) -> Option<Self> {
        let access = descriptor::access(method)?;
        let any = |wanted: &[Role]| access.roles().any(|role| wanted.contains(&role));
        Some(Self {
            path: descriptor::path(method).parse().ok()?,
            request_bytes: descriptor::request_bytes(method),
            room: descriptor::room(method),
            is_for_anyone: any(&[Role::Anyone]),
            is_for_people: any(&[Role::Anyone, Role::Buyer, Role::Admin, Role::Owner]),
            is_for_keys: !access.scopes.is_empty(),
        })
    }

    /// Refuses whoever can't be allowed to call, as far as a request's head shows it. The core judges the credential.
    pub(crate) fn admit(&self, caller: &Caller) -> Result<(), Fault> {
        let may = match caller.credential() {
            None if self.is_for_anyone => true,
            None => return Err(Fault::unauthenticated("nobody is signed in")),
            Some(Credential::ApiKey) => self.is_for_keys,
            Some(Credential::Person) => self.is_for_people,
        };
        let message = "the caller may not do this";
        if may { Ok(()) } else { Err(Fault::new(Code::PermissionDenied, ErrorReason::Forbidden, message)) }
    }

    /// Reads the body of a call of at most `limit` bytes. A large one is not taken in before the core has said that its
    /// caller may call.
    pub(crate) async fn read(
        &self,
        core: &Core,
        rooms: &Rooms,
        caller: &Caller,
        headers: &HeaderMap,
        body: axum::body::Body,
        limit: usize,
    ) -> Result<Received, Fault> {
        if self.request_bytes > descriptor::REQUEST_BYTES {
            let _place = self.enter(rooms, caller)?;
            core.may_call(&self.path, caller).await?;
        }
        within(caller.deadline, rooms.read(headers, body, limit, caller.address)).await
    }

    /// A place for a call whose body was read.
    pub(crate) fn enter<'r>(&self, rooms: &'r Rooms, caller: &Caller) -> Result<Place<'r>, Fault> {
        rooms.enter(self.room, caller.credential().is_none().then_some(caller.address))
    }
}
