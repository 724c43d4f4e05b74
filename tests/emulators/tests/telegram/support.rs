//! A started Telegram with two bots and a few users, and raw calls of its Bot API.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use warung_emulators::telegram::{BotConfig, BotRole, Channel, Rules, Sim, Telegram, TelegramConfig, User};

pub(crate) const TOKEN: &str = "42:TEST";
pub(crate) const BOT: i64 = 42;
pub(crate) const OWNER_TOKEN: &str = "43:OWNER";
pub(crate) const ALICE: i64 = 1001;
pub(crate) const STRANGER: i64 = 1002;
pub(crate) const CHANNEL: i64 = -1_001_234_567_890;
pub(crate) const SOON: Duration = Duration::from_secs(10);

pub(crate) struct World {
    pub(crate) telegram: Telegram,
    pub(crate) sim: Sim,
    pub(crate) http: reqwest::Client,
}

pub(crate) fn config() -> TelegramConfig {
    TelegramConfig {
        bots: vec![
            BotConfig::new(TOKEN, "warung_bot", "Warung", BotRole::Main),
            BotConfig::new(OWNER_TOKEN, "warung_owner_bot", "Owner", BotRole::Owner),
        ],
        users: vec![User::new(ALICE, "Alice"), User::new(STRANGER, "Stranger")],
        channels: vec![Channel { id: CHANNEL, title: "Storage".into(), bots: vec![BOT] }],
        ..TelegramConfig::default()
    }
}

/// Starts it; Alice has started the bot, the stranger has not.
pub(crate) async fn world_with(config: TelegramConfig) -> World {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let telegram = Telegram::start(listener, config);
    let sim = telegram.sim();
    sim.user(ALICE).press_start(BOT, None).unwrap();
    World { telegram, sim, http: reqwest::Client::builder().no_proxy().build().unwrap() }
}

pub(crate) async fn world() -> World {
    world_with(config()).await
}

pub(crate) async fn world_with_rules(rules: Rules) -> World {
    world_with(TelegramConfig { rules, ..config() }).await
}

impl World {
    pub(crate) fn method(&self, token: &str, method: &str) -> String {
        format!("{}/bot{token}/{method}", self.telegram.url())
    }

    /// Calls a method with a JSON body and returns the HTTP status and the body.
    pub(crate) async fn call_as(&self, token: &str, method: &str, params: Value) -> (StatusCode, Value) {
        let response = self.http.post(self.method(token, method)).json(&params).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Calls a method of the main bot that must succeed.
    pub(crate) async fn ok(&self, method: &str, params: Value) -> Value {
        let (status, body) = self.call_as(TOKEN, method, params).await;
        assert_eq!(status, StatusCode::OK, "{method}: {body}");
        assert_eq!(body["ok"], json!(true));
        body["result"].clone()
    }

    /// Calls a method of the main bot that must be refused, and returns code and description.
    pub(crate) async fn refused(&self, method: &str, params: Value) -> (u64, String) {
        let (status, body) = self.call_as(TOKEN, method, params).await;
        assert_eq!(body["ok"], json!(false), "{method} was not refused: {body}");
        assert_eq!(u64::from(status.as_u16()), body["error_code"].as_u64().unwrap());
        (body["error_code"].as_u64().unwrap(), body["description"].as_str().unwrap().to_owned())
    }
}
