//! `warung.identity.v1`.

use tonic::{Request, Response, Status};
use warung_app::{
    Context, Error, Result,
    identity::{Contact, ContactState, GetUser, Profile, UpdateMe, User, create_session, record_contact, update_me},
};
use warung_domain::standing::Standing;
use warung_proto::identity::{
    self as pb, CreateSessionRequest, CreateSessionResponse, GetMeRequest, GetMeResponse, RecordContactRequest,
    RecordContactResponse, UpdateMeRequest, UpdateMeResponse, identity_service_server::IdentityService,
};

use super::{
    Rpc, answer,
    convert::{rights_of, timestamp},
    enter,
};

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
                user: Some(self.user(session.user).await?),
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
            let me = update_me(&self.engine, &ctx, UpdateMe { language_code: request.language_code }).await?;
            Ok(UpdateMeResponse { user: Some(self.user(me).await?) })
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
                pb::ContactState::Open if request.started => Contact::Started,
                pb::ContactState::Open => Contact::Seen,
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
            let (found, created) = record_contact(&self.engine, &ctx, profile, contact).await?;
            Ok(RecordContactResponse { user: Some(self.user(found).await?), created })
        })
        .await
    }
}

impl Rpc {
    async fn me(&self, ctx: &Context) -> Result<pb::User> {
        let telegram_id = ctx.person()?.telegram_id;
        self.user(self.engine.ask(ctx, GetUser { telegram_id }).await?).await
    }

    /// A user, with what they are to the store.
    async fn user(&self, user: User) -> Result<pb::User> {
        let standing = self.engine.standings().await?.of(user.telegram_id);
        Ok(view(user, standing))
    }
}

fn view(user: User, standing: Standing) -> pb::User {
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
        is_admin: standing.is_admin(),
        is_owner: standing.is_owner(),
        contact_state: contact_state.into(),
        rights: rights_of(standing.rights()),
        is_blocked: standing == Standing::Blocked,
    }
}
