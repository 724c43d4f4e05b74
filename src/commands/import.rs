//! `warung import`.

use std::path::Path;

use super::{core::Operated, say};
use crate::{
    compose::Failure,
    settings::{Role, Settings},
};

/// Fills the library and the shop from a file: through the core that is running, or through one of its own when none is.
pub(super) async fn import(file: &Path) -> Result<(), Failure> {
    let settings = Settings::load(Role::Operate)?;
    let core = Operated::reach(&settings).await?;
    let outcome = crate::import::import(file, core.channel.clone(), &core.key, settings.time_zone).await;
    core.end().await;
    say(outcome?);
    Ok(())
}
