//! Changes what a user may choose about themselves.

use warung_store::Tx;

use super::user::{GetUser, Profile, User, ensure_user};
use crate::{
    context::Context,
    engine::{Command, Engine},
    error::{Error, Result},
    words::Language,
};

/// Changes what the calling user may choose about themselves, and answers how they are known.
pub async fn update_me(engine: &Engine, ctx: &Context, change: UpdateMe) -> Result<User> {
    let written = engine.run(ctx, change).await;
    engine.users().forget();
    written?;
    engine.ask(ctx, GetUser { telegram_id: ctx.person()?.telegram_id }).await
}

/// Changes what a user may choose about themselves.
#[derive(Clone, Debug)]
pub struct UpdateMe {
    /// The code of a language that Warung speaks.
    pub language_code: String,
}

impl Command for UpdateMe {
    type Output = ();
    const NAME: &'static str = "identity.update_me";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let language = Language::from_code(&self.language_code)
            .ok_or_else(|| Error::invalid("language_code", "must be `id` or `en`"))?;
        let (user, _) = ensure_user(tx, ctx, &Profile::of(ctx.person()?.telegram_id)).await?;
        if user.language_code != language.code() || !user.language_chosen {
            tx.choose_user_language(user.id, language.code(), ctx.now).await?;
        }
        Ok(())
    }
}
