//! `warung.identity.v1`.

use tonic::{Request, Response, Status};
use warung_app::{
    Context, Error, Result,
    identity::{Contact, ContactState, GetUser, Profile, RecordContact, UpdateMe, User, create_session},
};
use warung_proto::identity::{
    self as pb, CreateSessionRequest, CreateSessionResponse, GetMeRequest, GetMeResponse, RecordContactRequest,
    RecordContactResponse, UpdateMeRequest, UpdateMeResponse, identity_service_server::IdentityService,
};

use super::{Rpc, answer, convert::timestamp, enter};

#[tonic::async_trait]
impl IdentityService for Rpc {
    async fn create_session(
        &self,
        request: Request<CreateSessionRequest>,
    ) -> Result<Response<CreateSessionResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let session = create_session(&self.engine, &ctx, &request.init_data).await?;
            Ok(CreateSessionResponse {
                session_token: session.token,
                expire_time: Some(timestamp(session.expire_time)),
                user: Some(user(&ctx, session.user)),
                start_param: session.start_param,
            })
        })
        .await
    }

    async fn get_me(&self, request: Request<GetMeRequest>) -> Result<Response<GetMeResponse>, Status> {
        answer(async {
            let (ctx, GetMeRequest {}) = enter(request)?;
            Ok(GetMeResponse { user: Some(self.me(&ctx).await?) })
        })
        .await
    }

    async fn update_me(&self, request: Request<UpdateMeRequest>) -> Result<Response<UpdateMeResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            self.engine.run(&ctx, UpdateMe { language_code: request.language_code }).await?;
            Ok(UpdateMeResponse { user: Some(self.me(&ctx).await?) })
        })
        .await
    }

    async fn record_contact(
        &self,
        request: Request<RecordContactRequest>,
    ) -> Result<Response<RecordContactResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let contact = match request.state() {
                pb::ContactState::Open => Contact::Opened,
                pb::ContactState::Blocked => Contact::Blocked,
                _ => return Err(Error::invalid("state", "must be OPEN or BLOCKED")),
            };
            let profile = request.profile.ok_or_else(|| Error::invalid("profile", "is required"))?;
            let profile = Profile {
                telegram_id: profile.telegram_id,
                first_name: profile.first_name,
                last_name: profile.last_name,
                username: profile.username,
                client_language: profile.language_code,
            };
            let telegram_id = profile.telegram_id;
            let recorded = self.engine.run(&ctx, RecordContact { profile, contact }).await?;
            let found = self.engine.ask(&ctx, GetUser { telegram_id }).await?;
            Ok(RecordContactResponse { user: Some(user(&ctx, found)), created: recorded.created })
        })
        .await
    }
}

impl Rpc {
    async fn me(&self, ctx: &Context) -> Result<pb::User> {
        let telegram_id = ctx.person()?.telegram_id;
        Ok(user(ctx, self.engine.ask(ctx, GetUser { telegram_id }).await?))
    }
}

fn user(ctx: &Context, user: User) -> pb::User {
    let person = ctx.environment.person(user.id, user.telegram_id);
    let contact_state = match user.contact_state {
        ContactState::Unknown => pb::ContactState::Unspecified,
        ContactState::Open => pb::ContactState::Open,
        ContactState::NeverStarted => pb::ContactState::NeverStarted,
        ContactState::Blocked => pb::ContactState::Blocked,
    };
    pb::User {
        user_id: user.id.to_string(),
        telegram_id: user.telegram_id,
        first_name: user.first_name,
        username: user.username,
        language_code: user.language.code().to_owned(),
        is_admin: person.is_admin,
        is_owner: person.is_owner,
        contact_state: contact_state.into(),
    }
}
