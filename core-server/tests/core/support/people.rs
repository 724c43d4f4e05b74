//! Who may do what, changed by the operator.

use tonic::Status;
use warung_proto::{
    access::Right,
    identity::{
        BlockUserRequest, GrantRoleRequest, ListStaffRequest, RevokeRoleRequest, StaffMember, StaffRole,
        UnblockUserRequest, User,
    },
};

use super::{Caller, Shop};

/// Every right that there is.
pub(crate) fn all_rights() -> Vec<Right> {
    (1..=i32::MAX).map_while(|number| Right::try_from(number).ok()).collect()
}

impl Shop {
    /// Makes somebody a seller with these rights.
    pub(crate) async fn make_admin(&self, telegram_id: i64, rights: &[Right]) {
        self.grant(&Caller::operator(), telegram_id, StaffRole::Admin, rights).await.unwrap();
    }

    pub(crate) async fn grant(
        &self,
        caller: &Caller,
        telegram_id: i64,
        role: StaffRole,
        rights: &[Right],
    ) -> Result<StaffMember, Status> {
        let rights = rights.iter().map(|right| i32::from(*right)).collect();
        let message = GrantRoleRequest { request_id: self.request_id(), telegram_id, role: role.into(), rights };
        Ok(self.people().grant_role(caller.says(message)).await?.into_inner().member.unwrap())
    }

    pub(crate) async fn revoke_role(&self, caller: &Caller, telegram_id: i64) -> Result<(), Status> {
        let message = RevokeRoleRequest { request_id: self.request_id(), telegram_id };
        self.people().revoke_role(caller.says(message)).await.map(|_| ())
    }

    /// Blocks a buyer.
    pub(crate) async fn block(&self, caller: &Caller, telegram_id: i64) -> Result<(), Status> {
        let message = BlockUserRequest { request_id: self.request_id(), telegram_id, reason: "spam".into() };
        self.people().block_user(caller.says(message)).await.map(|_| ())
    }

    pub(crate) async fn unblock(&self, caller: &Caller, telegram_id: i64) -> Result<(), Status> {
        let message = UnblockUserRequest { request_id: self.request_id(), telegram_id };
        self.people().unblock_user(caller.says(message)).await.map(|_| ())
    }

    /// All owners and sellers: who, and what they are.
    pub(crate) async fn staff(&self) -> Vec<(i64, StaffRole)> {
        let listed = self.people().list_staff(Caller::operator().says(ListStaffRequest {})).await.unwrap();
        listed.into_inner().staff.iter().map(|member| (member.telegram_id, member.role())).collect()
    }

    /// A caller as the core knows them.
    pub(crate) async fn me(&self, caller: &Caller) -> Result<User, Status> {
        let message = warung_proto::identity::GetMeRequest {};
        Ok(self.identity().get_me(caller.says(message)).await?.into_inner().user.unwrap())
    }
}
