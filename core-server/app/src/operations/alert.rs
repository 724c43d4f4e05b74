//! What the owner has to know, told by the owner's own bot.

use chrono::TimeDelta;
use warung_domain::{
    delivery::Lane,
    html::Html,
    message::{Bot, Content, Operation},
};
use warung_store::Tx;

use crate::{
    context::Context,
    engine::Command,
    error::{Error, Result},
    identity::languages_of,
    messaging::{NewDelivery, Purpose, write_delivery},
    words::{Language, words},
};

/// The same alert is told once in this time.
const QUIET: TimeDelta = TimeDelta::hours(1);
const TEXT_CHARACTERS_MAX: usize = 1_000;
const KEY_CHARACTERS_MAX: usize = 100;

/// Tells the owner of something that needs them.
#[derive(Clone, Debug)]
pub struct RaiseAlert {
    /// What is told once an hour.
    pub key: String,
    /// What is wrong and what to do: plain text, without secrets.
    pub text: String,
}

impl Command for RaiseAlert {
    /// It was told now.
    type Output = bool;
    const NAME: &'static str = "operations.raise_alert";

    async fn execute(&self, tx: &mut Tx, ctx: &Context) -> Result<bool> {
        let is_key = |character: char| {
            character.is_ascii_lowercase() || character.is_ascii_digit() || "._:-".contains(character)
        };
        if self.key.is_empty() || self.key.len() > KEY_CHARACTERS_MAX || !self.key.chars().all(is_key) {
            return Err(Error::invalid("key", "must have 1 to 100 of `a-z 0-9 . _ : -`"));
        }
        if self.text.is_empty() || self.text.chars().count() > TEXT_CHARACTERS_MAX {
            return Err(Error::invalid("text", "must have 1 to 1,000 characters"));
        }
        alert(tx, ctx, &self.key, &self.text).await
    }
}

/// Tells every owner, unless the same key was told within the hour. Answers whether it was told.
pub(crate) async fn alert(tx: &mut Tx, ctx: &Context, key: &str, text: &str) -> Result<bool> {
    alert_each(tx, ctx, key, |_| text.to_owned()).await
}

/// Tells every owner in their language, unless the same key was told within the hour. Answers whether it was told.
pub(crate) async fn alert_each(
    tx: &mut Tx,
    ctx: &Context,
    key: &str,
    text: impl Fn(Language) -> String + Send,
) -> Result<bool> {
    tracing::warn!(alert.key = key, "{}", text(Language::English));
    let environment = &ctx.environment;
    metrics::counter!("alerts.raised", "store" => environment.store_name.clone()).increment(1);
    let owners: Vec<_> = ctx.people.owners().collect();
    if !environment.has_owner_bot || owners.is_empty() {
        return Ok(false);
    }
    if !tx.tell_alert(key, ctx.now, ctx.now - QUIET).await? {
        return Ok(false);
    }
    for (owner, language) in languages_of(tx, &owners).await? {
        let heading = words(language, "alert", &[("store", &environment.store_name)]);
        let mut message = Html::text(&heading).bold();
        message.push_text("\n").push_text(&text(language));
        let content = Content { text_html: message.to_string(), without_preview: true, ..Content::default() };
        let delivery = NewDelivery {
            bot: Bot::Owner,
            chat_id: owner,
            lane: Lane::Order,
            operation: Operation::Send(content),
            purpose: Purpose::Alert,
        };
        write_delivery(tx, ctx, delivery).await?;
    }
    Ok(true)
}
