//! Records what a bot learnt of a user.

use serde::{Deserialize, Serialize};
use warung_domain::ids::UserId;
use warung_store::Tx;

use super::user::{ContactState, Profile, ensure_user};
use crate::{context::Context, engine::Command, error::Result, messaging};

/// What was learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Contact {
    /// The user pressed Start, or allowed messages.
    Opened,
    /// The user blocked the bot.
    Blocked,
}

/// Records a user and whether the main bot may write to them. What waited for their first Start goes out.
#[derive(Clone, Debug)]
pub struct RecordContact {
    /// Who.
    pub profile: Profile,
    /// What was learnt.
    pub contact: Contact,
}

/// What was recorded.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Recorded {
    /// Who.
    pub user_id: UserId,
    /// They were not known before.
    pub created: bool,
}

impl Command for RecordContact {
    type Output = Recorded;
    const NAME: &'static str = "identity.record_contact";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<Recorded> {
        let profile = self.profile.clone().kept();
        let (user, created) = ensure_user(tx, ctx, &profile).await?;
        match self.contact {
            Contact::Opened => messaging::open_chat(tx, ctx, user.telegram_id).await?,
            Contact::Blocked => {
                tx.set_contact_state(user.telegram_id, ContactState::Blocked.name()).await?;
            }
        }
        Ok(Recorded { user_id: UserId(user.id), created })
    }
}
