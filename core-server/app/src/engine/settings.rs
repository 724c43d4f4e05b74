//! The settings that calls are made under.

use std::sync::Arc;

use warung_domain::{principal::Principal, settings::Settings};
use warung_store::Read;

use super::{Engine, Query};
use crate::{context::Context, error::Result};

/// All settings as they are now. A stored value that a later release no longer allows counts as the default.
struct CurrentSettings;

impl Query for CurrentSettings {
    type Output = Settings;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Settings> {
        let mut settings = Settings::default();
        for row in read.settings().await? {
            if let Err(error) = settings.set(&row.key, &row.value) {
                tracing::warn!(setting.key = row.key, %error, "a stored setting does not count");
            }
        }
        Ok(settings)
    }
}

impl Engine {
    /// Reads the settings again.
    pub async fn refresh_settings(&self) -> Result<()> {
        // One after another: what was read first must not count last.
        let _turn = self.0.refreshing.lock().await;
        let ctx = self.context(Principal::CORE, "settings");
        let settings = self.ask(&ctx, CurrentSettings).await?;
        self.0.settings.send_if_modified(|current| {
            let changed = **current != settings;
            if changed {
                *current = Arc::new(settings);
            }
            changed
        });
        Ok(())
    }
}
