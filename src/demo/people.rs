//! Who lives in the emulated Telegram.

use url::Url;
use warung_emulators::telegram::{BotConfig, BotRole, Channel, TelegramConfig, User};

/// The token of the store's bot.
pub const MAIN_TOKEN: &str = "7000000001:demo-main-bot";
/// The token of the owner's bot.
pub(super) const OWNER_TOKEN: &str = "7000000002:demo-owner-bot";
/// The username of the store's bot.
pub const BOT_USERNAME: &str = "warung_demo_bot";
/// The username of the owner's bot.
pub const OWNER_USERNAME: &str = "warung_owner_bot";
/// Ayu, whom the sample library makes a member.
pub const VIP: i64 = 700_000_001;
/// Budi, who has never pressed Start.
pub const NEWCOMER: i64 = 700_000_002;
/// Citra, who is no member.
pub const FREE: i64 = 700_000_003;
/// Dewi, who sells.
pub const SELLER: i64 = 700_000_004;
/// Eko, who owns the store.
pub const OWNER: i64 = 700_000_005;
/// The private channel from which the sample library copies videos.
pub const STORAGE: i64 = -1_001_000_000_001;

/// The emulated Telegram of a store whose edge is at `http_url`.
pub(super) fn telegram(http_url: &Url) -> TelegramConfig {
    let mut main = BotConfig::new(MAIN_TOKEN, BOT_USERNAME, "Warung Sinema", BotRole::Main);
    main.mini_app_url = http_url.join("app/").ok().map(String::from);
    let mut owner = BotConfig::new(OWNER_TOKEN, OWNER_USERNAME, "Warung Sinema: pemilik", BotRole::Owner);
    owner.name_by_language.insert("en".to_owned(), "Warung Sinema: owner".to_owned());
    let user = |id, name: &str, note: [&str; 2]| User {
        note: ["id", "en"].into_iter().map(str::to_owned).zip(note.map(str::to_owned)).collect(),
        ..User::new(id, name)
    };
    TelegramConfig {
        bots: vec![main, owner],
        users: vec![
            user(VIP, "Ayu", ["VIP", "VIP"]),
            user(NEWCOMER, "Budi", ["belum pernah menekan Start", "has never pressed Start"]),
            user(FREE, "Citra", ["bukan VIP", "no VIP"]),
            user(SELLER, "Dewi", ["penjual", "the seller"]),
            user(OWNER, "Eko", ["pemilik", "the owner"]),
        ],
        channels: vec![Channel { id: STORAGE, title: "Gudang film".to_owned(), bots: Vec::new() }],
        ..TelegramConfig::default()
    }
}
