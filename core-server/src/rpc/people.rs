//! `warung.identity.v1.PeopleService`.

use tonic::{Request, Response, Status};
use warung_app::{
    Error, PageRequest, Result,
    identity::{
        BlockUser, BlockedUser, GrantRole, ListBlockedUsers, ListStaff, RevokeRole, StaffMember, UnblockUser,
        block_user, grant_role, revoke_role, unblock_user,
    },
};
use warung_proto::identity::{
    self as pb, BlockUserRequest, BlockUserResponse, GrantRoleRequest, GrantRoleResponse, ListBlockedUsersRequest,
    ListBlockedUsersResponse, ListStaffRequest, ListStaffResponse, RevokeRoleRequest, RevokeRoleResponse, StaffRole,
    UnblockUserRequest, UnblockUserResponse, people_service_server::PeopleService,
};

use super::{
    Rpc, answer,
    convert::{rights, rights_of, timestamp},
    enter,
};

#[tonic::async_trait]
impl PeopleService for Rpc {
    async fn list_staff(&self, request: Request<ListStaffRequest>) -> Result<Response<ListStaffResponse>, Status> {
        answer(async {
            let (ctx, ListStaffRequest {}) = enter(request)?;
            let staff = self.engine.ask(&ctx, ListStaff).await?;
            Ok(ListStaffResponse { staff: staff.into_iter().map(member).collect() })
        })
        .await
    }

    async fn grant_role(&self, request: Request<GrantRoleRequest>) -> Result<Response<GrantRoleResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let is_owner = match request.role() {
                StaffRole::Admin => false,
                StaffRole::Owner => true,
                StaffRole::Unspecified => return Err(Error::invalid("role", "must be ADMIN or OWNER")),
            };
            let rights = rights("rights", request.rights())?;
            let grant = GrantRole { telegram_id: request.telegram_id, is_owner, rights };
            Ok(GrantRoleResponse { member: Some(member(grant_role(&self.engine, &ctx, grant).await?)) })
        })
        .await
    }

    async fn revoke_role(&self, request: Request<RevokeRoleRequest>) -> Result<Response<RevokeRoleResponse>, Status> {
        answer(async {
            let (ctx, RevokeRoleRequest { telegram_id, .. }) = enter(request)?;
            revoke_role(&self.engine, &ctx, RevokeRole { telegram_id }).await?;
            Ok(RevokeRoleResponse {})
        })
        .await
    }

    async fn list_blocked_users(
        &self,
        request: Request<ListBlockedUsersRequest>,
    ) -> Result<Response<ListBlockedUsersResponse>, Status> {
        answer(async {
            let (ctx, ListBlockedUsersRequest { page_size, page_token }) = enter(request)?;
            let page = PageRequest { size: page_size, token: page_token };
            let (found, next_page_token) = self.engine.ask(&ctx, ListBlockedUsers { page }).await?;
            let blocked_users = found.into_iter().map(blocked).collect();
            Ok(ListBlockedUsersResponse { blocked_users, next_page_token })
        })
        .await
    }

    async fn block_user(&self, request: Request<BlockUserRequest>) -> Result<Response<BlockUserResponse>, Status> {
        answer(async {
            let (ctx, BlockUserRequest { telegram_id, reason, .. }) = enter(request)?;
            let found = block_user(&self.engine, &ctx, BlockUser { telegram_id, reason }).await?;
            Ok(BlockUserResponse { blocked_user: Some(blocked(found)) })
        })
        .await
    }

    async fn unblock_user(
        &self,
        request: Request<UnblockUserRequest>,
    ) -> Result<Response<UnblockUserResponse>, Status> {
        answer(async {
            let (ctx, UnblockUserRequest { telegram_id, .. }) = enter(request)?;
            unblock_user(&self.engine, &ctx, UnblockUser { telegram_id }).await?;
            Ok(UnblockUserResponse {})
        })
        .await
    }
}

/// A seller or an owner as callers see them.
pub(crate) fn member(member: StaffMember) -> pb::StaffMember {
    let StaffMember { telegram_id, first_name, username, standing, changed_by, change_time } = member;
    let role = if standing.is_owner() { StaffRole::Owner } else { StaffRole::Admin };
    pb::StaffMember {
        telegram_id,
        first_name,
        username,
        role: role.into(),
        rights: rights_of(standing.rights()),
        changed_by,
        change_time: Some(timestamp(change_time)),
    }
}

fn blocked(user: BlockedUser) -> pb::BlockedUser {
    let BlockedUser { telegram_id, first_name, username, reason, changed_by, change_time } = user;
    pb::BlockedUser { telegram_id, first_name, username, reason, changed_by, change_time: Some(timestamp(change_time)) }
}
