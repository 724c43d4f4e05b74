//! A Telegram, a core and adapters between them.

use std::time::Duration;

use secrecy::SecretString;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use warung_bot::{Adapter, Clock, Config, Language, Limits, Mode};
use warung_emulators::telegram::{
    BotConfig, BotRole, Call, Fault, Message, Pressed, Sim, SimUser, Telegram, TelegramConfig, User,
};

use crate::core::{Core, PATIENCE, service_key};

pub(crate) const MAIN: i64 = 111_111;
pub(crate) const OWNER: i64 = 222_222;
pub(crate) const SECRET: &str = "AAmain-secret-of-35-characters-_abcd";
pub(crate) const BUDI: i64 = 1_001;
pub(crate) const SITI: i64 = 1_002;
pub(crate) const SELLER: i64 = 9_001;
pub(crate) const MINI_APP: &str = "https://shop.example/app/";

pub(crate) struct World {
    pub(crate) core: Core,
    pub(crate) telegram: Telegram,
    pub(crate) sim: Sim,
}

impl World {
    /// A Telegram with two bots and two people, and a core; no adapter yet.
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let token = format!("{MAIN}:{SECRET}");
        let bots = vec![
            BotConfig::new(&token, "warung_bot", "Warung", BotRole::Main),
            BotConfig::new(&format!("{OWNER}:AAowner"), "warung_owner_bot", "Owner", BotRole::Owner),
        ];
        let english = User { language_code: Some("en-GB".to_owned()), ..User::new(SITI, "Siti") };
        let users = vec![User::new(BUDI, "Budi"), english];
        let telegram = Telegram::start(listener, TelegramConfig { bots, users, ..TelegramConfig::default() });
        let sim = telegram.sim();
        Self { core: Core::start(), telegram, sim }
    }

    /// The same with an adapter that polls and sends.
    pub(crate) async fn with_adapter() -> (Self, Running) {
        let world = Self::new().await;
        let adapter = world.run(world.config("w1"));
        (world, adapter)
    }

    pub(crate) fn config(&self, worker_id: &str) -> Config {
        Config {
            store_name: "Warung Budi".to_owned(),
            token: SecretString::from(format!("{MAIN}:{SECRET}")),
            owner_token: Some(SecretString::from(format!("{OWNER}:AAowner"))),
            service_key: service_key(),
            api_url: self.telegram.url().parse().unwrap(),
            mini_app_url: Some(MINI_APP.parse().unwrap()),
            time_zone: chrono_tz::Tz::Asia__Jakarta,
            clock: Clock::fixed("2026-11-21T09:05:00Z".parse().unwrap()),
            default_language: Language::Indonesian,
            mode: Mode::Polling,
            worker_id: worker_id.to_owned(),
            limits: limits(),
        }
    }

    pub(crate) fn adapter(&self, config: Config) -> Adapter {
        Adapter::new(config, self.core.channel()).unwrap()
    }

    pub(crate) fn run(&self, config: Config) -> Running {
        let adapter = self.adapter(config);
        Running::start(adapter)
    }

    pub(crate) fn budi(&self) -> SimUser {
        self.sim.user(BUDI)
    }

    pub(crate) fn siti(&self) -> SimUser {
        self.sim.user(SITI)
    }

    /// A person who pressed Start before the adapter came, so that the bot may write to them.
    pub(crate) fn started(&self, user: i64) -> SimUser {
        let user = self.sim.user(user);
        user.allow_write(MAIN).unwrap();
        user
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.sim.fault(fault);
    }

    /// The calls of a method to a chat so far.
    pub(crate) fn calls(&self, method: &str, chat: i64) -> Vec<Call> {
        let fits = |call: &Call| call.method == method && call.chat_id == Some(chat);
        self.sim.calls().into_iter().filter(fits).collect()
    }

    /// Waits for a message of the main bot whose text has these words.
    pub(crate) async fn message(&self, user: &SimUser, words: &str) -> Message {
        user.wait_for_message(MAIN, |message| message.text().contains(words), PATIENCE).await.unwrap()
    }

    /// Presses a button of the last message and waits for the answer; answers the words of the window, if one opened.
    pub(crate) async fn tap(&self, user: &SimUser, label: &str) -> Option<String> {
        let screen = current(user);
        self.tap_on(user, screen.message_id, label).await
    }

    /// The same for a button of any message.
    pub(crate) async fn tap_on(&self, user: &SimUser, message_id: i64, label: &str) -> Option<String> {
        let pressed = user.press_button(MAIN, message_id, label).unwrap();
        let Pressed::Callback { query_id } = pressed else { panic!("{pressed:?}") };
        let answer = self.sim.wait_for_answer(&query_id, PATIENCE).await.unwrap();
        let answer = serde_json::to_value(answer).unwrap();
        answer["text"].as_str().map(str::to_owned).filter(|text| !text.is_empty())
    }

    /// Writes to the main bot and waits until it was dealt with; answers the last message of the bot.
    pub(crate) async fn say(&self, user: &SimUser, words: &str) -> Message {
        user.send_text(MAIN, words).unwrap();
        self.idle().await;
        current(user)
    }

    /// Waits until the main bot has dealt with all updates.
    pub(crate) async fn idle(&self) {
        self.sim.wait_until_idle(MAIN, PATIENCE).await.unwrap();
    }
}

/// The last message of the main bot that is not deleted.
pub(crate) fn current(user: &SimUser) -> Message {
    let messages = user.messages(MAIN).unwrap();
    messages.into_iter().rev().find(|message| message.from_bot && !message.deleted).expect("a message of the bot")
}

/// What a screen shows: its words, and its buttons row by row.
pub(crate) fn picture_of(message: &Message) -> String {
    let rows = message.content.keyboard.iter().map(|row| {
        let labels: Vec<_> = row.iter().map(|button| format!("[{}]", button.text)).collect();
        labels.join(" ")
    });
    format!("{}\n---\n{}", message.text(), rows.collect::<Vec<_>>().join("\n"))
}

/// The texts that the main bot wrote to a user.
pub(crate) fn texts(user: &SimUser) -> Vec<String> {
    let messages = user.messages(MAIN).unwrap();
    messages.iter().filter(|message| message.from_bot).map(|message| message.text().to_owned()).collect()
}

pub(crate) fn limits() -> Limits {
    Limits {
        claim_wait: Duration::from_secs(5),
        rpc_timeout: Duration::from_secs(5),
        poll_wait: Duration::from_secs(5),
        lease_retry: Duration::from_millis(50),
        pause_min: Duration::from_millis(5),
        pause_max: Duration::from_millis(50),
        token_pause: Duration::from_millis(50),
        drain: Duration::from_secs(5),
        // No test lasts so long: what is over the burst stays over it.
        answer_burst: 40,
        answer_period: Duration::from_mins(10),
        ..Limits::default()
    }
}

/// An adapter that runs; it is cut off without a word when this is dropped.
pub(crate) struct Running {
    shutdown: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn start(adapter: Adapter) -> Self {
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(adapter.run(shutdown.clone()));
        Self { shutdown, task: Some(task) }
    }

    /// Ends it in order.
    pub(crate) async fn stop(mut self) {
        self.shutdown.cancel();
        let task = self.task.take().unwrap();
        tokio::time::timeout(PATIENCE, task).await.expect("the adapter stops in time").unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// A picture that Telegram takes: a PNG of 1 by 1 pixel.
pub(crate) fn picture() -> Vec<u8> {
    const PNG: [u8; 67] = [
        0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00,
        0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1F, 0x15, 0xC4, 0x89, 0x00, 0x00, 0x00,
        0x0A, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9C, 0x63, 0x00, 0x01, 0x00, 0x00, 0x05, 0x00, 0x01, 0x0D, 0x0A, 0x2D,
        0xB4, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
    ];
    PNG.to_vec()
}
