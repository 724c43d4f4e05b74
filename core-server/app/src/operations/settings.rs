//! What a seller or an owner may set while the store runs.

use warung_domain::settings::{DEFINITIONS, Definition, SettingError, Settings, definition, parse};
use warung_store::{Read, Tx, rows};

use super::audit::{Change, audit};
use crate::{
    context::Context,
    engine::{Command, Query},
    error::{Error, Result},
};

/// All settings as they are now. A stored value that a later release no longer allows counts as the default.
pub(crate) struct CurrentSettings;

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

/// A setting and its value.
#[derive(Clone, Debug)]
pub struct SettingValue {
    /// What it is.
    pub definition: &'static Definition,
    /// Its value in text.
    pub value: String,
}

/// All settings, by key, or one.
#[derive(Clone, Debug, Default)]
pub struct ListSettings {
    /// This one alone.
    pub key: Option<String>,
}

impl Query for ListSettings {
    type Output = Vec<SettingValue>;

    async fn fetch(&self, read: &Read, _ctx: &Context) -> Result<Vec<SettingValue>> {
        let stored = read.settings().await?;
        let value = |definition: &Definition| {
            let row = stored.iter().find(|row| row.key == definition.key);
            let value = row.and_then(|row| parse(definition.key, &row.value).ok());
            value.unwrap_or_else(|| definition.kind.default_value()).to_string()
        };
        let mut settings: Vec<_> = DEFINITIONS
            .iter()
            .filter(|definition| self.key.as_ref().is_none_or(|key| key == definition.key))
            .map(|definition| SettingValue { definition, value: value(definition) })
            .collect();
        settings.sort_by_key(|setting| setting.definition.key);
        Ok(settings)
    }
}

/// Changes a setting.
#[derive(Clone, Debug)]
pub struct UpdateSetting {
    /// Which.
    pub key: String,
    /// Its value in text; empty gives the default back.
    pub value: String,
}

impl Command for UpdateSetting {
    type Output = ();
    const NAME: &'static str = "operations.update_setting";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<()> {
        let definition = definition(&self.key).ok_or_else(|| Error::not_found("setting", &self.key))?;
        let is_seller = ctx.principal.person.is_some_and(|person| !person.standing.is_owner());
        if definition.owner_only && is_seller {
            return Err(Error::Forbidden);
        }
        let wanted = (!self.value.is_empty())
            .then(|| parse(definition.key, &self.value))
            .transpose()
            .map_err(|error: SettingError| Error::invalid("value", &error.to_string()))?;
        let before: Option<rows::Setting> = tx.find(self.key.clone()).await?;
        let row = wanted.map(|value| rows::Setting {
            key: self.key.clone(),
            value: value.to_string(),
            updated_by: ctx.principal.to_string(),
            update_time: ctx.now,
        });
        if before.as_ref().map(|row| &row.value) == row.as_ref().map(|row| &row.value) {
            return Ok(());
        }
        let change = Change {
            command: Self::NAME,
            target: format!("setting:{}", self.key),
            before: before.map(|row| row.value.into()),
            after: row.as_ref().map(|row| row.value.clone().into()),
        };
        tx.put_setting(&self.key, row).await?;
        audit(tx, ctx, change).await
    }
}
