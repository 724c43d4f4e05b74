//! What a bot says of itself, and what it may learn of a chat.

use serde_json::{Value, json};

use super::super::error::{ApiError, ApiResult};
use super::super::links;
use super::super::markup::web_app_url;
use super::super::state::ChatKey;
use super::{Cx, done, text_field};

/// The most commands of a scope.
const COMMANDS_MAX: usize = 100;
/// The most characters of a menu button's text that clients show whole.
const MENU_TEXT_MAX: usize = 64;

/// `getMe`.
pub(crate) fn get_me(cx: &mut Cx<'_>) -> ApiResult {
    let bot = cx.state.bot(cx.bot)?;
    let mut me = bot.to_user();
    let has_main_web_app = bot.config.mini_app_url.is_some();
    if let Some(fields) = me.as_object_mut() {
        for name in
            ["can_join_groups", "can_connect_to_business", "can_read_all_group_messages", "supports_inline_queries"]
        {
            fields.insert(name.into(), json!(name == "can_join_groups"));
        }
        fields.insert("has_main_web_app".into(), json!(has_main_web_app));
    }
    Ok(me)
}

/// `getChat`. The bot knows a user once they have met, blocked or not.
pub(crate) fn get_chat(cx: &mut Cx<'_>) -> ApiResult {
    let id = cx.params.integer("chat_id").unwrap_or(0);
    let met = cx.state.chats.contains_key(&ChatKey::Private { bot: cx.bot, user: id });
    let mut chat = match (cx.state.users.get(&id).filter(|_| met), cx.state.channels.get(&id)) {
        (Some(user), _) => user.to_chat(),
        (None, Some(channel)) if channel.has(cx.bot) => channel.to_chat(),
        _ => return Err(ApiError::chat_not_found()),
    };
    if let Some(fields) = chat.as_object_mut() {
        fields.insert("accent_color_id".into(), json!(0));
        fields.insert("max_reaction_count".into(), json!(11));
        fields.insert(
            "accepted_gift_types".into(),
            json!({"unlimited_gifts": true, "limited_gifts": true, "unique_gifts": true, "premium_subscription": true}),
        );
    }
    Ok(chat)
}

/// `setMyCommands`.
pub(crate) fn set_my_commands(cx: &mut Cx<'_>) -> ApiResult {
    let place = cx.command_place()?;
    let commands = cx.params.json("commands", "commands")?.unwrap_or_else(|| json!([]));
    let list = commands.as_array().ok_or_else(|| ApiError::bad_request("expected an Array of BotCommand"))?;
    if list.len() > COMMANDS_MAX {
        return Err(ApiError::bad_request("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in list {
        let name = text_field(command, "command").unwrap_or_default();
        let name = name.strip_prefix('/').unwrap_or(&name);
        let fits = (1..=32).contains(&name.len())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !fits {
            return Err(ApiError::bad_request("BOT_COMMAND_INVALID"));
        }
        let description = text_field(command, "description").unwrap_or_default();
        if description.is_empty() || description.chars().count() > 256 {
            return Err(ApiError::bad_request("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    cx.state.bot(cx.bot)?.commands.insert(place, commands);
    cx.state.touch_bot(cx.bot);
    Ok(done())
}

/// `getMyCommands`.
pub(crate) fn get_my_commands(cx: &mut Cx<'_>) -> ApiResult {
    let place = cx.command_place()?;
    Ok(cx.state.bot(cx.bot)?.commands.get(&place).cloned().unwrap_or_else(|| json!([])))
}

/// `deleteMyCommands`.
pub(crate) fn delete_my_commands(cx: &mut Cx<'_>) -> ApiResult {
    let place = cx.command_place()?;
    cx.state.bot(cx.bot)?.commands.remove(&place);
    Ok(done())
}

/// `setChatMenuButton`.
pub(crate) fn set_chat_menu_button(cx: &mut Cx<'_>) -> ApiResult {
    let button = cx.params.json("menu_button", "menu button")?.unwrap_or_else(|| json!({"type": "default"}));
    let button = checked_menu_button(cx, &button)?;
    match cx.params.integer("chat_id") {
        Some(user) if cx.state.users.contains_key(&user) => {
            cx.state.bot(cx.bot)?.menu_buttons.insert(user, button);
        }
        Some(_) => return Err(ApiError::chat_not_found()),
        None => cx.state.bot(cx.bot)?.menu_button = button,
    }
    cx.state.touch_bot(cx.bot);
    Ok(done())
}

fn checked_menu_button(cx: &Cx<'_>, button: &Value) -> ApiResult {
    match text_field(button, "type").as_deref() {
        Some(kind @ ("commands" | "default")) => Ok(json!({"type": kind})),
        Some("web_app") => {
            let text = text_field(button, "text").unwrap_or_default();
            if text.is_empty() || text.chars().count() > MENU_TEXT_MAX {
                return Err(ApiError::bad_request("menu button text must be non-empty"));
            }
            let url = button.get("web_app").and_then(|app| text_field(app, "url")).unwrap_or_default();
            let url = web_app_url(&url, "menu button Web App", &cx.state.rules)?;
            Ok(json!({"type": "web_app", "text": text, "web_app": {"url": url}}))
        }
        _ => Err(ApiError::bad_request("can't parse menu button: invalid type specified")),
    }
}

/// `getChatMenuButton`.
pub(crate) fn get_chat_menu_button(cx: &mut Cx<'_>) -> ApiResult {
    let user = cx.params.integer("chat_id");
    let bot = cx.state.bot(cx.bot)?;
    let own = user.and_then(|user| bot.menu_buttons.get(&user));
    Ok(own.unwrap_or(&bot.menu_button).clone())
}

impl Cx<'_> {
    fn command_place(&self) -> Result<(String, String), ApiError> {
        let scope = self.params.json("scope", "bot command scope")?.unwrap_or_else(|| json!({"type": "default"}));
        let language = self.params.text("language_code").unwrap_or_default();
        if !language.is_empty() && language.len() != 2 {
            return Err(ApiError::bad_request("language code must be a two-letter ISO 639-1 code"));
        }
        let kind = text_field(&scope, "type").unwrap_or_else(|| "default".to_owned());
        let chat = scope.get("chat_id").map(ToString::to_string).unwrap_or_default();
        Ok((format!("{kind}:{chat}"), language))
    }
}

/// Whether a callback's answer may open this address: only links into Telegram.
pub(crate) fn is_telegram_link(url: &str) -> bool {
    !matches!(links::Link::parse(url), links::Link::External { .. })
}
