//! `warung import`.

use std::path::Path;

use super::{core::Operated, note, say};
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
    let done = outcome?;
    say(done);
    if done.by_address > 0 && settings.public_url.is_none() {
        note(format_args!(
            "Nobody can watch {} of the episodes yet: they are given by address ({{url}}), and WARUNG_PUBLIC_URL is not set. \
             Set it and start the store again; these films need no second import.",
            done.by_address
        ));
    }
    Ok(())
}
