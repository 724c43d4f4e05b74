//! Records what a bot learnt of a user.

use serde::{Deserialize, Serialize};
use warung_domain::{contact::ContactState, ids::UserId};
use warung_store::{Tx, rows};

use super::user::{GetUser, Profile, User, ensure_user};
use crate::{
    context::Context,
    engine::{Command, Engine},
    error::Result,
    messaging,
};

/// What was learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Contact {
    /// The user pressed Start, allowed messages or took a block back.
    Started,
    /// The user wrote or pressed something.
    Seen,
    /// The user blocked the bot.
    Blocked,
}

impl Contact {
    fn state(self) -> ContactState {
        match self {
            Self::Started | Self::Seen => ContactState::Open,
            Self::Blocked => ContactState::Blocked,
        }
    }

    /// Whether it says nothing that the row does not say. A Start always says something: that what waits for it may go out.
    fn is_known(self, row: &rows::User) -> bool {
        self != Self::Started && row.contact_state == self.state()
    }
}

/// Tells what was learnt of a user, and answers how they are known, and whether they are new. Most of it is no news, and
/// writes nothing.
pub async fn record_contact(
    engine: &Engine,
    ctx: &Context,
    profile: Profile,
    contact: Contact,
) -> Result<(User, bool)> {
    let profile = profile.kept();
    if let Some(row) = engine.known_user(ctx, profile.telegram_id).await?
        && profile.fits(&row)
        && contact.is_known(&row)
    {
        return Ok((User::from_row(&row), false));
    }
    let telegram_id = profile.telegram_id;
    let written = engine.run(ctx, RecordContact { profile, contact }).await;
    engine.users().forget();
    let created = written?.created;
    Ok((engine.ask(ctx, GetUser { telegram_id }).await?, created))
}

/// Records a user and whether the main bot may write to them. What waited for their Start goes out.
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
        let (user, created) = ensure_user(tx, ctx, &self.profile.clone().kept()).await?;
        if !self.contact.is_known(&user) {
            match self.contact {
                Contact::Started | Contact::Seen => messaging::open_chat(tx, ctx, user.telegram_id).await?,
                Contact::Blocked => {
                    tx.set_contact_state(user.telegram_id, ContactState::Blocked).await?;
                }
            }
        }
        Ok(Recorded { user_id: UserId(user.id), created })
    }
}
