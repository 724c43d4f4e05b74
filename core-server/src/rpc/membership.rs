//! `warung.membership.v1`.

use tonic::{Request, Response, Status};
use warung_app::{
    Context, Error, Result,
    membership::{GetBuyerMembership, GetMembership, GrantMembership, Membership, SetMembership},
};
use warung_domain::standing::Right;
use warung_proto::membership::{
    self as pb, GetMembershipRequest, GetMembershipResponse, GetUserMembershipRequest, GetUserMembershipResponse,
    GrantMembershipRequest, GrantMembershipResponse, SetMembershipRequest, SetMembershipResponse,
    membership_admin_service_server::MembershipAdminService, membership_service_server::MembershipService,
};

use super::{
    Rpc, answer,
    convert::{time, timestamp},
    enter,
};

#[tonic::async_trait]
impl MembershipService for Rpc {
    async fn get_membership(
        &self,
        request: Request<GetMembershipRequest>,
    ) -> Result<Response<GetMembershipResponse>, Status> {
        answer(async {
            let (ctx, GetMembershipRequest { telegram_id }) = enter(request)?;
            let membership = match (ctx.principal.api_key, telegram_id) {
                (Some(_), 0) => return Err(Error::invalid("telegram_id", "must name the buyer")),
                (Some(api_key_id), telegram_id) => {
                    membership(self.engine.ask(&ctx, GetBuyerMembership { api_key_id, telegram_id }).await?)
                }
                (None, 0) => self.membership(&ctx, ctx.person()?.telegram_id).await?,
                (None, _) => return Err(Error::invalid("telegram_id", "must be 0: a user asks for their own")),
            };
            // A key's own program knows whom its buyers write to.
            let seller = ctx.people.working_with(Right::Users).next().filter(|_| ctx.principal.api_key.is_none());
            Ok(GetMembershipResponse { membership: Some(membership), seller_telegram_id: seller.unwrap_or_default() })
        })
        .await
    }
}

#[tonic::async_trait]
impl MembershipAdminService for Rpc {
    async fn get_user_membership(
        &self,
        request: Request<GetUserMembershipRequest>,
    ) -> Result<Response<GetUserMembershipResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            Ok(GetUserMembershipResponse { membership: Some(self.membership(&ctx, request.telegram_id).await?) })
        })
        .await
    }

    async fn grant_membership(
        &self,
        request: Request<GrantMembershipRequest>,
    ) -> Result<Response<GrantMembershipResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let telegram_id = request.telegram_id;
            self.engine.run(&ctx, GrantMembership { telegram_id, days: i64::from(request.days) }).await?;
            Ok(GrantMembershipResponse { membership: Some(self.membership(&ctx, telegram_id).await?) })
        })
        .await
    }

    async fn set_membership(
        &self,
        request: Request<SetMembershipRequest>,
    ) -> Result<Response<SetMembershipResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let telegram_id = request.telegram_id;
            let expire_time = time("expire_time", request.expire_time)?;
            let changed = self.engine.run(&ctx, SetMembership { telegram_id, expire_time }).await?.changed;
            Ok(SetMembershipResponse { membership: Some(self.membership(&ctx, telegram_id).await?), changed })
        })
        .await
    }
}

impl Rpc {
    async fn membership(&self, ctx: &Context, telegram_id: i64) -> Result<pb::Membership> {
        Ok(membership(self.engine.ask(ctx, GetMembership { telegram_id }).await?))
    }
}

fn membership(Membership { telegram_id, active, expire_time }: Membership) -> pb::Membership {
    pb::Membership { telegram_id, active, expire_time: expire_time.map(timestamp) }
}
