//! Who calls: users, sessions and services.

mod api_key;
mod authenticate;
mod create_session;
mod known;
mod record_contact;
mod standing;
mod update_me;
mod user;

pub use api_key::{ApiKey, Grant, ListApiKeys, NewApiKey, create_api_key, revoke_api_key};
pub use authenticate::Presented;
pub use create_session::{Session, create_session};
pub use record_contact::{Contact, RecordContact, Recorded, record_contact};
pub use standing::{
    BlockUser, BlockedUser, GrantRole, ListBlockedUsers, ListStaff, RevokeRole, SeedStandings, StaffMember,
    StandingChanges, Standings, UnblockUser, block_user, grant_role, revoke_role, unblock_user,
};
pub use update_me::{UpdateMe, update_me};
pub use user::{GetUser, Profile, User};
pub(crate) use user::{ensure_user, in_seconds, language_of, languages_of};
pub use warung_domain::contact::ContactState;
