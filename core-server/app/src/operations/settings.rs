//! What a seller or an owner may set while the store runs.

use warung_domain::settings::{DEFINITIONS, Definition, SettingError, definition, parse};
use warung_store::{Read, Tx, rows};

use super::put::{Etag, made_at_once};
use crate::{
    context::Context,
    engine::{AdminCommand, Change, Query, Told},
    error::{Error, Result},
};

/// A setting and its value.
#[derive(Clone, Debug)]
pub struct SettingValue {
    /// What it is.
    pub definition: &'static Definition,
    /// Its value in text.
    pub value: String,
    /// Of its last change; empty while it has its default.
    pub etag: Etag,
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
            let value = value.unwrap_or_else(|| definition.kind.default_value()).to_string();
            (value, row.map(|row| Etag::of(row.update_time)).unwrap_or_default())
        };
        let mut settings: Vec<_> = DEFINITIONS
            .iter()
            .filter(|definition| self.key.as_ref().is_none_or(|key| key == definition.key))
            .map(|definition| {
                let (value, etag) = value(definition);
                SettingValue { definition, value, etag }
            })
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
    /// What the caller saw of it.
    pub etag: Etag,
}

impl AdminCommand for UpdateSetting {
    type Output = ();
    const NAME: &'static str = "operations.update_setting";

    async fn change(&self, tx: &mut Tx, ctx: &Context) -> Result<Told<()>> {
        let definition = definition(&self.key).ok_or_else(|| Error::not_found("setting", &self.key))?;
        let is_seller = ctx.principal.person.is_some_and(|person| !person.standing.is_owner());
        if definition.owner_only && is_seller {
            return Err(Error::Forbidden);
        }
        let wanted = (!self.value.is_empty())
            .then(|| parse(definition.key, &self.value))
            .transpose()
            .map_err(|error: SettingError| Error::invalid("value", &error.to_string()))?;
        let before = tx.lock_setting(&self.key).await?;
        let wanted = wanted.map(|value| value.to_string());
        if before.as_ref().map(|row| &row.value) == wanted.as_ref() {
            return Ok(Told::unchanged(()));
        }
        let update_time = self.etag.edit(ctx, before.as_ref().map(|row| row.update_time))?;
        let is_new = before.is_none();
        let change = Change::of("setting", &self.key)
            .from(before.map(|row| row.value.into()))
            .to(wanted.clone().map(serde_json::Value::from));
        let updated_by = ctx.principal.to_string();
        let row = wanted.map(|value| rows::Setting { key: self.key.clone(), value, updated_by, update_time });
        tx.put_setting(&self.key, row, is_new).await.map_err(made_at_once)?;
        Ok(Told::changed((), change))
    }
}
