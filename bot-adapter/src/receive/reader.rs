//! Reads an update as JSON first, and then by teloxide's types where they fit.
//!
//! teloxide speaks Bot API 9.1, and one detail that it does not know makes it lose all that a message says: an entity of a
//! new type takes the text with it, a video without a media type the film. So whatever it can't read and nobody here needs is
//! taken out before it looks. What remains unreadable is left out by its name, alone: the rest of its page is read.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use teloxide::types::{
    Animation, Audio, Chat, ChatMember, Document, ExternalReplyInfo, InlineKeyboardMarkup, LinkPreviewOptions, Message,
    MessageEntity, MessageKind, MessageOrigin, Story, TextQuote, Update, UpdateKind, User, Video, Voice,
};

type Fields = Map<String, Value>;
type Reads = fn(&Value) -> bool;

/// What is left of a message of which teloxide can't read more.
const PLAIN_FIELDS: [&str; 8] =
    ["message_id", "message_thread_id", "is_topic_message", "from", "date", "chat", "text", "reply_to_message"];
/// Fields that a message is read without when teloxide can't read them.
const OPTIONAL_FIELDS: [(&str, Reads); 16] = [
    ("forward_origin", reads::<MessageOrigin>),
    ("external_reply", reads::<ExternalReplyInfo>),
    ("quote", reads::<TextQuote>),
    ("reply_to_message", reads::<Message>),
    ("reply_to_story", reads::<Story>),
    ("reply_markup", reads::<InlineKeyboardMarkup>),
    ("link_preview_options", reads::<LinkPreviewOptions>),
    ("via_bot", reads::<User>),
    ("sender_business_bot", reads::<User>),
    ("sender_chat", reads::<Chat>),
    ("author_signature", reads::<String>),
    ("media_group_id", reads::<String>),
    ("business_connection_id", reads::<String>),
    ("paid_star_count", reads::<u32>),
    ("sender_boost_count", reads::<u16>),
    ("edit_date", reads::<u32>),
];
/// Files whose media type teloxide insists on, though Telegram may leave it out, and one that stands in for it.
const FILES: [(&str, Reads, &str); 5] = [
    ("video", reads::<Video>, "video/mp4"),
    ("animation", reads::<Animation>, "video/mp4"),
    ("audio", reads::<Audio>, "audio/mpeg"),
    ("voice", reads::<Voice>, "audio/ogg"),
    ("document", reads::<Document>, "application/octet-stream"),
];
/// What people send. A message with none of these tells of something that happened in the chat.
const CONTENTS: [&str; 20] = [
    "text",
    "rich_message",
    "animation",
    "audio",
    "checklist",
    "contact",
    "dice",
    "document",
    "game",
    "live_photo",
    "location",
    "paid_media",
    "photo",
    "poll",
    "sticker",
    "story",
    "venue",
    "video",
    "video_note",
    "voice",
];
/// The most characters of a kind's name that are told.
const NAME_LENGTH_MAX: usize = 40;

/// What became of an update that was read.
#[derive(Debug)]
pub(super) enum Reading {
    /// teloxide's update.
    Update(Box<Update>),
    /// Nothing that Warung can do anything with.
    LeftOut {
        /// Its number.
        id: i64,
        /// What it was, as Telegram names it.
        name: String,
    },
    /// It has no number, so it is no update.
    Nothing,
}

/// Reads an update.
pub(super) fn read(update: Value) -> Reading {
    let Some(id) = update.get("update_id").and_then(Value::as_i64) else {
        return Reading::Nothing;
    };
    let Value::Object(fields) = update else {
        return Reading::Nothing;
    };
    let Some((kind, content)) = fields.into_iter().find(|(name, _)| name != "update_id") else {
        return Reading::LeftOut { id, name: "nothing".to_owned() };
    };
    let name = told(&kind);
    let content = match kind.as_str() {
        "message" => match message(content) {
            Ok(content) => content,
            Err(name) => return Reading::LeftOut { id, name },
        },
        "callback_query" => callback_query(content),
        "my_chat_member" => chat_member(content),
        _ => content,
    };
    // teloxide reads the kind from text alone: of a value it finds none.
    let update = json!({"update_id": id, kind: content}).to_string();
    match serde_json::from_str::<Update>(&update) {
        Ok(Update { kind: UpdateKind::Error(_), .. }) | Err(_) => Reading::LeftOut { id, name },
        Ok(update) => Reading::Update(Box::new(update)),
    }
}

fn reads<T: DeserializeOwned>(value: &Value) -> bool {
    T::deserialize(value).is_ok()
}

/// A name from outside, fit for the log.
fn told(name: &str) -> String {
    name.chars()
        .filter(|character| character.is_ascii_alphanumeric() || *character == '_')
        .take(NAME_LENGTH_MAX)
        .collect()
}

/// The message as teloxide reads it with all that it says; else the name of what it is.
fn message(message: Value) -> Result<Value, String> {
    let Value::Object(mut fields) = message else {
        return Err("message".to_owned());
    };
    mend(&mut fields);
    let says_something = CONTENTS.iter().any(|name| fields.contains_key(*name));
    let kind = |fields: &Value| Message::deserialize(fields).map(|message| message.kind);
    let mended = Value::Object(fields);
    match kind(&mended) {
        Ok(MessageKind::Empty {}) if !says_something => Err(happening(&mended)),
        Ok(MessageKind::Empty {}) | Err(_) => {
            let plain = plain(mended);
            if kind(&plain).is_ok() { Ok(plain) } else { Err("message".to_owned()) }
        }
        Ok(_) => Ok(mended),
    }
}

/// What happened in a chat, by the field that only this message has.
fn happening(message: &Value) -> String {
    let is_common =
        |name: &str| PLAIN_FIELDS.contains(&name) || OPTIONAL_FIELDS.iter().any(|(known, _)| *known == name);
    let own = message.as_object().into_iter().flatten().map(|(name, _)| name).find(|name| !is_common(name));
    own.map_or_else(|| "message".to_owned(), |name| told(name))
}

/// The message with its text alone.
fn plain(message: Value) -> Value {
    let Value::Object(mut fields) = message else {
        return message;
    };
    fields.retain(|name, _| PLAIN_FIELDS.contains(&name.as_str()));
    Value::Object(fields)
}

/// Takes out of a message what teloxide can't read.
fn mend(fields: &mut Fields) {
    for nested in ["reply_to_message", "external_reply", "quote"] {
        if let Some(Value::Object(nested)) = fields.get_mut(nested) {
            mend(nested);
        }
    }
    for entities in ["entities", "caption_entities"] {
        match fields.get_mut(entities) {
            Some(Value::Array(entities)) => entities.retain(reads::<MessageEntity>),
            Some(_) => drop(fields.remove(entities)),
            None => {}
        }
    }
    fields.values_mut().for_each(cap_sizes);
    for (name, reads, media_type) in FILES {
        if let Some(file) = fields.get_mut(name)
            && !reads(file)
            && let Value::Object(file) = file
        {
            file.insert("mime_type".to_owned(), json!(media_type));
        }
    }
    for (name, reads) in OPTIONAL_FIELDS {
        if fields.get(name).is_some_and(|value| !reads(value)) {
            fields.remove(name);
        }
    }
}

/// Sizes that teloxide has no room for. Nothing here depends on the size of what is so large.
fn cap_sizes(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == "file_size" && value.as_u64().is_some_and(|size| u32::try_from(size).is_err()) {
                    *value = json!(u32::MAX);
                }
                cap_sizes(value);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(cap_sizes),
        _ => {}
    }
}

/// A press counts without the message that it was made on.
fn callback_query(mut query: Value) -> Value {
    let Some(fields) = query.as_object_mut() else {
        return query;
    };
    if let Some(Value::Object(shown)) = fields.get_mut("message") {
        mend(shown);
        if !reads::<Message>(&Value::Object(shown.clone())) {
            fields.remove("message");
        }
    }
    query
}

/// Whether the bot may write is told by the status alone; what else a member may do has new words with every release.
fn chat_member(mut update: Value) -> Value {
    for (name, present) in [("old_chat_member", "left"), ("new_chat_member", "member")] {
        if let Some(member) = update.get_mut(name)
            && !reads::<ChatMember>(member)
        {
            let status = match member.get("status").and_then(Value::as_str) {
                Some("creator" | "administrator" | "member") => present,
                Some("left" | "kicked") => "left",
                // What was before is of no interest here; what a new status means nobody knows.
                _ if name == "old_chat_member" => "left",
                _ => continue,
            };
            *member = json!({"user": member.get("user"), "status": status});
        }
    }
    update
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn update(content: &Value) -> Value {
        json!({"update_id": 7, "message": content})
    }

    #[test]
    fn what_has_no_number_is_no_update_and_what_says_nothing_is_left_out() {
        for value in [json!(null), json!([]), json!({}), json!({"update_id": "7"}), json!({"message": {}})] {
            assert!(matches!(read(value), Reading::Nothing));
        }
        for value in [json!({"update_id": 7}), update(&json!(null)), update(&json!({"text": "x"}))] {
            assert!(matches!(read(value), Reading::LeftOut { id: 7, .. }));
        }
        let beyond = json!({"update_id": 5_000_000_000_i64, "poll": {}});
        assert!(matches!(read(beyond), Reading::LeftOut { id: 5_000_000_000, name } if name == "poll"));
    }

    #[test]
    fn a_name_from_outside_brings_nothing_else_into_the_log() {
        let kind = format!("new\nkind\u{202e}{}", "x".repeat(100));
        let Reading::LeftOut { name, .. } = read(json!({"update_id": 7, kind: {}})) else { panic!("it is unknown") };
        assert_eq!(name, format!("newkind{}", "x".repeat(33)));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// Whatever a field of tomorrow holds, the words that stand beside it are read.
        #[test]
        fn no_field_takes_the_text_of_a_message_with_it(
            place in 0..OPTIONAL_FIELDS.len() + FILES.len() + 2,
            value in any_json(),
        ) {
            let names = OPTIONAL_FIELDS.iter().map(|(name, _)| *name).chain(FILES.iter().map(|(name, ..)| *name));
            let name = names.chain(["entities", "of_tomorrow"]).nth(place).unwrap_or_default();
            let user = json!({"id": 1, "is_bot": false, "first_name": "Budi"});
            let chat = json!({"id": 1, "type": "private", "first_name": "Budi"});
            let content = json!({"message_id": 1, "date": 1, "from": user, "chat": chat, "text": "/start", name: value});
            let Reading::Update(update) = read(update(&content)) else { panic!("{name} is left out") };
            let UpdateKind::Message(message) = update.kind else { panic!("no message") };
            prop_assert_eq!(message.text(), Some("/start"));
        }
    }
}
