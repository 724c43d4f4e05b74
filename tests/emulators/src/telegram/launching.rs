//! Opening a Mini App as a user.

use serde_json::{Value, json};

use super::actions::chat_instance;
use super::launch::{self, Launch};
use super::links;
use super::sim::{SimError, Source};
use super::state::{ChatKey, State};

/// How many opened Mini Apps wait for an `answerWebAppQuery`.
const WEB_APP_QUERIES_MAX: usize = 1_000;

impl State {
    /// Opens a Mini App from the menu button, or by a direct link.
    pub(crate) fn open_mini_app(
        &mut self,
        bot: i64,
        user: i64,
        source: &Source,
        dark: bool,
    ) -> Result<Launch, SimError> {
        self.key(bot, user)?;
        let menu = self.menu_button(bot, user);
        let menu_url = menu.get("web_app").and_then(|app| app.get("url")).and_then(Value::as_str).map(str::to_owned);
        let main_url = self.bots.get(&bot).and_then(|bot| bot.config.mini_app_url.clone());
        match source {
            Source::Menu => {
                let url = menu_url.ok_or(SimError::NoMiniApp)?;
                Ok(self.launch(bot, user, &url, None, dark))
            }
            Source::Link { start_param } => {
                if !links::is_startapp_payload(start_param) {
                    return Err(SimError::BadPayload(start_param.clone()));
                }
                let url = main_url.or(menu_url).ok_or(SimError::NoMiniApp)?;
                Ok(self.launch(bot, user, &url, Some(start_param), dark))
            }
        }
    }

    /// Signs a launch. A start parameter, even an empty one, means a direct link: no query id, but a chat instance.
    pub(crate) fn launch(&mut self, bot: i64, user: i64, url: &str, start_param: Option<&str>, dark: bool) -> Launch {
        let allows = self
            .chats
            .get(&ChatKey::Private { bot, user })
            .is_some_and(|chat| (chat.started || chat.write_access) && !chat.blocked);
        let person = self.users.get(&user).map(|user| init_data_user(user, allows)).unwrap_or_default();
        let auth_date = self.now().to_string();
        let instance = chat_instance(bot, user);
        let token = self.bots.get(&bot).map(|bot| bot.config.token.clone()).unwrap_or_default();
        let mut query_id = None;
        let mut fields = Vec::new();
        if let Some(start_param) = start_param {
            fields.extend([("user", person.as_str()), ("chat_instance", &instance), ("chat_type", "sender")]);
            if !start_param.is_empty() {
                fields.push(("start_param", start_param));
            }
        } else {
            let serial = self.next_serial().to_string();
            let id = format!("AAE{}", launch::digest_token(&["query", &bot.to_string(), &serial], 21));
            self.web_app_queries.push_back((id.clone(), bot, user));
            while self.web_app_queries.len() > WEB_APP_QUERIES_MAX {
                self.web_app_queries.pop_front();
            }
            query_id = Some(id);
            fields.push(("user", person.as_str()));
        }
        if let Some(id) = &query_id {
            fields.insert(0, ("query_id", id));
        }
        fields.push(("auth_date", &auth_date));
        let init_data = launch::sign(&token, Some(&self.signing_key), &fields);
        let theme = launch::theme_params(dark).to_string();
        let shown = start_param.filter(|param| !param.is_empty());
        Launch { url: launch::address(url, &init_data, shown, &theme), init_data, query_id }
    }
}

/// The `user` of launch parameters, with slashes escaped as Telegram escapes them.
fn init_data_user(user: &super::model::User, allows_write_to_pm: bool) -> String {
    let mut value =
        json!({"id": user.id, "first_name": user.first_name, "last_name": user.last_name.clone().unwrap_or_default()});
    user.add_optional(&mut value, true);
    if let (Some(fields), true) = (value.as_object_mut(), allows_write_to_pm) {
        fields.insert("allows_write_to_pm".into(), json!(true));
    }
    value.to_string().replace('/', "\\/")
}
