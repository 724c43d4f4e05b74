//! An emulated Telegram with a small scripted bot, to look at the chat page without a shop behind it.
//!
//! `cargo run -p warung-emulators --example telegram`, then open the printed address.

use std::io::Write as _;

use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use warung_emulators::telegram::{BotConfig, BotRole, Channel, FileSpec, Telegram, TelegramConfig, User};

const TOKEN: &str = "7000000001:EXAMPLE";
const BOT: i64 = 7_000_000_001;
const OWNER_TOKEN: &str = "7000000002:EXAMPLE";
const STORAGE: i64 = -1_001_000_000_001;

/// A Mini App of one file that shows what it was given and speaks Telegram's protocol.
const MINI_APP: &str = include_str!("mini_app.html");

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pages = TcpListener::bind("127.0.0.1:0").await?;
    let app = format!("http://{}/app/", pages.local_addr()?);
    let page = || async { axum::response::Html(MINI_APP) };
    let router = axum::Router::new().route("/app/", axum::routing::get(page));
    tokio::spawn(async move { axum::serve(pages, router).await });

    let port = std::env::args().nth(1).unwrap_or_else(|| "0".into());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let telegram = Telegram::start(listener, config(&app));
    let sim = telegram.sim();
    let spec = FileSpec { file_name: None, ..FileSpec::video("senja-1.mp4", 95) };
    sim.register_file(BOT, "example-episode-1", spec);
    sim.post_video(STORAGE, "Episode 1", FileSpec::video("senja-1.mp4", 95))?;
    writeln!(std::io::stdout(), "{}", telegram.url())?;
    let bot = Bot { http: Client::new(), base: format!("{}/bot{TOKEN}", telegram.url()), app };
    bot.run().await?;
    Ok(())
}

fn config(app: &str) -> TelegramConfig {
    let person = |id, name: &str, note: &str, language: &str| User {
        note: [("id".to_owned(), note.to_owned())].into(),
        language_code: Some(language.into()),
        username: Some(name.to_lowercase()),
        ..User::new(id, name)
    };
    let main = BotConfig::new(TOKEN, "warung_contoh_bot", "Warung Contoh", BotRole::Main);
    TelegramConfig {
        bots: vec![
            BotConfig { mini_app_url: Some(app.into()), ..main },
            BotConfig::new(OWNER_TOKEN, "warung_owner_bot", "Warung Alerts", BotRole::Owner),
        ],
        users: vec![
            person(1001, "Dewi", "VIP", "id"),
            person(1002, "Budi", "tanpa VIP", "id"),
            person(1003, "Nina", "baru", "en"),
            person(1004, "Sari", "penjual", "id"),
            person(1005, "Oka", "pemilik", "en"),
        ],
        channels: vec![Channel { id: STORAGE, title: "Storage".into(), bots: vec![BOT] }],
        ..TelegramConfig::default()
    }
}

struct Bot {
    http: Client,
    base: String,
    app: String,
}

impl Bot {
    async fn call(&self, method: &str, params: Value) -> Result<Value, reqwest::Error> {
        let url = format!("{}/{method}", self.base);
        self.http.post(url).json(&params).send().await?.json().await
    }

    async fn run(&self) -> Result<(), reqwest::Error> {
        let menu = json!({"type": "web_app", "text": "Buka", "web_app": {"url": self.app}});
        self.call("setChatMenuButton", json!({"menu_button": menu})).await?;
        let commands =
            json!([{"command": "start", "description": "Mulai"}, {"command": "help", "description": "Bantuan"}]);
        self.call("setMyCommands", json!({"commands": commands})).await?;
        let mut offset = 0;
        loop {
            let updates = self.call("getUpdates", json!({"offset": offset, "timeout": 50})).await?;
            for update in updates.get("result").and_then(Value::as_array).into_iter().flatten() {
                offset = update.get("update_id").and_then(Value::as_i64).unwrap_or(0) + 1;
                self.handle(update).await?;
            }
        }
    }

    async fn handle(&self, update: &Value) -> Result<(), reqwest::Error> {
        if let Some(query) = update.get("callback_query") {
            let vip = query.pointer("/from/id") == Some(&json!(1001));
            let answer = if vip {
                json!({"text": "Selamat menonton!"})
            } else {
                json!({"text": "Film ini khusus VIP. Buka Mini App untuk berlangganan.", "show_alert": true})
            };
            let mut answer = answer;
            if let (Some(fields), Some(id)) = (answer.as_object_mut(), query.get("id")) {
                fields.insert("callback_query_id".into(), id.clone());
            }
            self.call("answerCallbackQuery", answer).await?;
            if vip {
                let chat = query.pointer("/from/id");
                let caption = "<b>Senja di Pelabuhan</b> · Episode 1";
                let video = json!({"chat_id": chat, "video": "example-episode-1", "caption": caption, "parse_mode": "HTML", "protect_content": true});
                self.call("sendVideo", video).await?;
            }
            return Ok(());
        }
        let Some(message) = update.get("message") else {
            return Ok(());
        };
        let chat = message.pointer("/chat/id");
        let text = message.get("text").and_then(Value::as_str).unwrap_or_default();
        if text.starts_with("/start") {
            self.welcome(chat).await?;
        } else {
            let text = "Maaf, saya belum mengerti. Coba <code>/start</code>, atau lihat <a href=\"https://t.me/warung_contoh_bot?startapp=t_1\">daftar film</a>.";
            self.call("sendMessage", json!({"chat_id": chat, "parse_mode": "HTML", "text": text})).await?;
        }
        Ok(())
    }

    async fn welcome(&self, chat: Option<&Value>) -> Result<(), reqwest::Error> {
        let text = "<b>Selamat datang di Warung Contoh!</b>\n\nFilm pendek Indonesia, langsung di chat ini.\n\
                    <i>Pilih film di Mini App</i>, lalu tonton di sini.\n<blockquote>Ketik /help kalau bingung.</blockquote>";
        let keyboard = json!({"inline_keyboard": [
            [{"text": "Buka daftar film", "web_app": {"url": self.app}}],
            [{"text": "Bantuan", "callback_data": "help"}, {"text": "Situs kami", "url": "https://example.test/"}],
        ]});
        self.call(
            "sendMessage",
            json!({"chat_id": chat, "parse_mode": "HTML", "text": text, "reply_markup": keyboard}),
        )
        .await?;
        let poster = "https://example.test/poster.jpg";
        let keyboard = json!({"inline_keyboard": [[{"text": "▶ Tonton Sekarang", "callback_data": "w:1"}]]});
        let caption = "<b>Senja di Pelabuhan</b>\nSeorang nelayan muda menunggu kapal terakhir.";
        let photo = json!({"chat_id": chat, "photo": poster, "caption": caption, "parse_mode": "HTML", "reply_markup": keyboard});
        self.call("sendPhoto", photo).await?;
        Ok(())
    }
}
