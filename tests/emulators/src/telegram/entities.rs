//! Formatted text: the HTML parse mode, and the links and commands that Telegram finds by itself.
//!
//! Offsets and lengths are in UTF-16 code units, as in the Bot API.

mod html;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::ApiError;

pub(crate) use html::parse as parse_html;

/// A formatted or clickable part of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// `bold`, `italic`, `underline`, `strikethrough`, `spoiler`, `code`, `pre`, `text_link`, `blockquote`,
    /// `expandable_blockquote`, `custom_emoji`, or one found by itself: `bot_command`, `url`, `mention`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it begins, in UTF-16 units.
    pub offset: usize,
    /// How long it is, in UTF-16 units.
    pub length: usize,
    /// The address of a `text_link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The language of a `pre`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl Entity {
    pub(crate) fn plain(kind: &str, offset: usize, length: usize) -> Self {
        Self { kind: kind.into(), offset, length, url: None, language: None }
    }
}

/// The length of a text as Telegram counts it.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Makes the formatted text of a message from what a bot sent.
pub(crate) fn formatted(
    text: &str,
    parse_mode: Option<&str>,
    entities: Option<Value>,
) -> Result<(String, Vec<Entity>), ApiError> {
    let (text, mut entities) = match parse_mode.map(str::to_ascii_lowercase).as_deref() {
        Some("html") => {
            parse_html(text).map_err(|reason| ApiError::bad_request(format!("can't parse entities: {reason}")))?
        }
        // Markdown is left out on purpose: Warung writes HTML alone, so that escaping has one form.
        Some(mode) if !mode.is_empty() => {
            return Err(ApiError::bad_request("unsupported parse_mode"));
        }
        _ => (text.to_owned(), given_entities(entities)?),
    };
    let text = trim(text, &mut entities);
    for found in detect(&text) {
        let taken = entities.iter().any(|e| {
            matches!(e.kind.as_str(), "code" | "pre" | "text_link")
                && e.offset < found.offset + found.length
                && found.offset < e.offset + e.length
        });
        if !taken {
            entities.push(found);
        }
    }
    entities.sort_by_key(|e| (e.offset, usize::MAX - e.length));
    Ok((text, entities))
}

fn given_entities(entities: Option<Value>) -> Result<Vec<Entity>, ApiError> {
    match entities {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(value) => serde_json::from_value(value)
            .map_err(|_| ApiError::bad_request("can't parse MessageEntity: Field \"type\" must be of type String")),
    }
}

/// Telegram removes white space at both ends; the entities move along.
fn trim(text: String, entities: &mut Vec<Entity>) -> String {
    let trimmed = text.trim();
    if trimmed.len() == text.len() {
        return text;
    }
    let cut = utf16_len(&text) - utf16_len(text.trim_start());
    let length = utf16_len(trimmed);
    for entity in entities.iter_mut() {
        let end = (entity.offset + entity.length).saturating_sub(cut).min(length);
        entity.offset = entity.offset.saturating_sub(cut);
        entity.length = end.saturating_sub(entity.offset);
    }
    entities.retain(|entity| entity.length > 0);
    trimmed.to_owned()
}

/// Finds commands, web addresses and mentions that stand as words of their own.
pub(crate) fn detect(text: &str) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let (bare, kind) = match bare.chars().next() {
            Some('/') => (bare, is_command(bare).then_some("bot_command")),
            Some('@') => (bare, is_name(bare.trim_start_matches('@')).then_some("mention")),
            _ => {
                let bare = bare.trim_end_matches(['.', ',', ')', '!', '?', ';']);
                let is_url =
                    ["http://", "https://", "t.me/"].iter().any(|p| bare.len() > p.len() && bare.starts_with(p));
                (bare, is_url.then_some("url"))
            }
        };
        if let Some(kind) = kind {
            found.push(Entity::plain(kind, offset, utf16_len(bare)));
        }
        offset += utf16_len(word);
    }
    found
}

fn is_name(name: &str) -> bool {
    (1..=32).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_command(word: &str) -> bool {
    let mut parts = word.trim_start_matches('/').splitn(2, '@');
    parts.next().is_some_and(is_name) && parts.next().is_none_or(is_name)
}
