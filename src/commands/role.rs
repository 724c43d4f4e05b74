//! `warung role`.

use clap::{Subcommand, ValueEnum};
use warung_proto::{
    access::Right,
    channel::Channel,
    identity::{
        GrantRoleRequest, ListStaffRequest, RevokeRoleRequest, StaffMember, StaffRole,
        people_service_client::PeopleServiceClient,
    },
};

use super::{
    core::{Operated, told},
    note, say,
};
use crate::{
    compose::{self, Failure},
    settings::{Role, Settings},
};

/// What to do with roles.
#[derive(Debug, Subcommand)]
pub(super) enum RoleCommand {
    /// List the owners and sellers.
    List,
    /// Make somebody a seller or an owner, or change what they may do.
    Grant {
        /// Their Telegram id (@userinfobot tells it).
        telegram_id: i64,
        /// Make them an owner, who may do everything.
        #[arg(long)]
        owner: bool,
        /// What a seller may do, once for each; unless one is named, everything. Of an owner: what they are told of.
        #[arg(long = "right")]
        rights: Vec<RightName>,
    },
    /// Make a seller or an owner a buyer.
    Revoke {
        /// Their Telegram id.
        telegram_id: i64,
    },
}

/// What a seller works in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RightName {
    /// Products, their categories, pictures and stock.
    Catalog,
    /// Films, their categories and pictures.
    Library,
    /// Orders: to see them and to hand them over.
    Orders,
    /// Refunds, and payments that need a look.
    Payments,
    /// Memberships and blocks.
    Users,
    /// Settings that are not the owner's alone.
    Settings,
}

impl From<RightName> for Right {
    fn from(name: RightName) -> Self {
        match name {
            RightName::Catalog => Self::Catalog,
            RightName::Library => Self::Library,
            RightName::Orders => Self::Orders,
            RightName::Payments => Self::Payments,
            RightName::Users => Self::Users,
            RightName::Settings => Self::Settings,
        }
    }
}

/// Lists, grants or revokes roles: through the core that is running, or through one of its own when none is.
pub(super) async fn role(command: RoleCommand) -> Result<(), Failure> {
    let settings = Settings::load(Role::Operate)?;
    let core = Operated::reach(&settings).await?;
    let outcome = run(&core, command).await;
    core.end().await;
    outcome
}

async fn run(core: &Operated, command: RoleCommand) -> Result<(), Failure> {
    let mut client: PeopleServiceClient<Channel> = PeopleServiceClient::new(core.channel.clone());
    let request_id = compose::new_id().to_string();
    match command {
        RoleCommand::List => {
            let listed = client.list_staff(core.request(ListStaffRequest {})?).await;
            let staff = listed.map_err(|status| told(&status))?.into_inner().staff;
            note(if staff.is_empty() { "There is nobody." } else { "id\trole\trights\tname" });
            for member in staff {
                say(described(&member));
            }
        }
        RoleCommand::Grant { telegram_id, owner, rights } => {
            let role = if owner { StaffRole::Owner } else { StaffRole::Admin };
            let all = if owner { &[][..] } else { RightName::value_variants() };
            let rights = if rights.is_empty() { all } else { &rights };
            let rights = rights.iter().map(|right| Right::from(*right).into()).collect();
            let message = GrantRoleRequest { request_id, telegram_id, role: role.into(), rights };
            let granted = client.grant_role(core.request(message)?).await.map_err(|status| told(&status))?;
            say(described(&granted.into_inner().member.unwrap_or_default()));
        }
        RoleCommand::Revoke { telegram_id } => {
            let message = RevokeRoleRequest { request_id, telegram_id };
            client.revoke_role(core.request(message)?).await.map_err(|status| told(&status))?;
            note(format_args!("{telegram_id} has no role any more."));
        }
    }
    Ok(())
}

/// A seller or an owner on one line, with tabs between its parts.
fn described(member: &StaffMember) -> String {
    let role = if member.role() == StaffRole::Owner { "owner" } else { "seller" };
    let name = |right: Right| right.as_str_name().trim_start_matches("RIGHT_").to_ascii_lowercase();
    let rights: Vec<_> = member.rights().map(name).collect();
    format!("{}\t{role}\t{}\t{}", member.telegram_id, rights.join(" "), member.first_name)
}
