//! What a seller or an owner may set while the store runs: every setting with its kind, bounds and default.

mod kind;

use self::kind::Field;
pub use self::kind::{Decimal, Kind, SettingError, Value};

/// A setting as it is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Such as `library.start_token_ttl_seconds`.
    pub key: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// Only an owner may change it.
    pub owner_only: bool,
    /// Its name for people.
    pub label: Label,
    /// What it does, in English.
    pub description: &'static str,
}

impl Definition {
    /// The settings that it stands among.
    #[must_use]
    pub fn group(&self) -> &'static Group {
        let area = self.key.split('.').next().unwrap_or_default();
        // A test looks that each setting has one of them.
        GROUPS.iter().find(|group| group.key == area).unwrap_or(&NO_GROUP)
    }
}

/// A name for people, in the languages that Warung speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// In Indonesian.
    pub indonesian: &'static str,
    /// In English.
    pub english: &'static str,
}

const fn label(indonesian: &'static str, english: &'static str) -> Label {
    Label { indonesian, english }
}

/// Settings that stand together: those of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// The area: the first part of their keys.
    pub key: &'static str,
    /// Its name for people.
    pub label: Label,
}

const fn group(key: &'static str, indonesian: &'static str, english: &'static str) -> Group {
    Group { key, label: label(indonesian, english) }
}

const NO_GROUP: Group = group("", "Lainnya", "Other");

/// Every group, by key.
pub const GROUPS: &[Group] = &[
    group("identity", "Masuk", "Signing in"),
    group("library", "Film", "Films"),
    group("messaging", "Pesan", "Messages"),
    group("operations", "Catatan", "Records"),
    group("order", "Pesanan", "Orders"),
    group("rate", "Batas permintaan", "Request limits"),
    group("store", "Toko", "Store"),
    group("wallet", "Saldo", "Balance"),
];

/// The definition of a setting.
#[must_use]
pub fn definition(key: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.key == key)
}

/// Reads a setting's value from text.
pub fn parse(key: &str, text: &str) -> Result<Value, SettingError> {
    definition(key).ok_or(SettingError::Unknown)?.kind.parse(text)
}

macro_rules! settings {
    ($($key:literal $field:ident: $type:ty = $kind:expr, $who:ident,
        $indonesian:literal / $english:literal, $description:literal;)*) => {
        /// Every setting, by key.
        pub const DEFINITIONS: &[Definition] = &[$(Definition {
            key: $key,
            kind: $kind,
            owner_only: settings!(@$who),
            label: label($indonesian, $english),
            description: $description,
        }),*];

        /// The values of all settings.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Settings {
            $(#[doc = $description] pub $field: $type,)*
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($field: Field::from_value($kind.default_value()).unwrap_or_default(),)* }
            }
        }

        impl Settings {
            /// Changes one, by its key and its value in text.
            pub fn set(&mut self, key: &str, text: &str) -> Result<(), SettingError> {
                match key {
                    $($key => if let Some(value) = Field::from_value($kind.parse(text)?) { self.$field = value },)*
                    _ => return Err(SettingError::Unknown),
                }
                Ok(())
            }
        }
    };
    (@owner) => { true };
    (@admin) => { false };
}

const fn integer(min: i64, max: i64, default: i64) -> Kind {
    Kind::Integer { min, max, default }
}

settings! {
    "identity.init_data_max_age_seconds" init_data_max_age_seconds: i64 = integer(60, 86_400, 86_400), owner,
        "Umur Mini App saat masuk (detik)" / "Age of a Mini App launch (seconds)",
        "How old, in seconds, the launch of a Mini App may be that somebody signs in with.";
    "identity.session_ttl_seconds" session_ttl_seconds: i64 = integer(300, 86_400, 3_600), owner,
        "Lama sesi (detik)" / "Session length (seconds)",
        "How long, in seconds, a session holds.";
    "library.request_repeat_window_seconds" request_repeat_window_seconds: i64 = integer(0, 60, 10), admin,
        "Jeda permintaan film yang sama (detik)" / "Same film again within (seconds)",
        "Within so many seconds the same user and episode get the first request again; 0: never.";
    "library.request_wait_ms" request_wait_ms: i64 = integer(0, 10_000, 3_000), admin,
        "Tunggu film terkirim (milidetik)" / "Wait for a film to arrive (milliseconds)",
        "How long, in milliseconds, a film request waits for the film's arrival before it answers that it is queued.";
    "library.start_token_ttl_seconds" start_token_ttl_seconds: i64 = integer(300, 900, 900), admin,
        "Masa berlaku tautan Start (detik)" / "Start link lifetime (seconds)",
        "How long, in seconds, a link is good with which a user presses Start.";
    "library.watch_link_ttl_seconds" watch_link_ttl_seconds: i64 = integer(600, 86_400, 21_600), admin,
        "Masa berlaku tautan tonton (detik)" / "Watch link lifetime (seconds)",
        "How long, in seconds, a user's link to a video is good.";
    "messaging.bot_per_second" bot_per_second: i64 = integer(1, 10_000, 30), owner,
        "Pesan bot per detik" / "Bot messages per second",
        "How many messages a second a bot sends, all replicas together. Telegram's free limit is 30.";
    "messaging.chat_interval_ms" chat_interval_ms: i64 = integer(0, 10_000, 1_000), admin,
        "Jeda antarpesan di satu chat (milidetik)" / "Pause between messages in a chat (milliseconds)",
        "The shortest time, in milliseconds, between two messages to the same chat.";
    "messaging.lease_seconds" lease_seconds: i64 = integer(60, 300, 90), admin,
        "Batas waktu pengiriman (detik)" / "Time to send (seconds)",
        "How long, in seconds, a worker may take to send what it claimed before another takes over.";
    "operations.activity_ttl_days" activity_ttl_days: i64 = integer(1, 365, 30), owner,
        "Simpan catatan permintaan (hari)" / "Keep the request log (days)",
        "How many days the record of requests is kept.";
    "operations.idempotency_ttl_hours" idempotency_ttl_hours: i64 = integer(24, 720, 72), owner,
        "Simpan jawaban permintaan (jam)" / "Keep answers to requests (hours)",
        "How many hours the answer to a request is kept for those who ask again with its id.";
    "order.payments_max" payments_max: i64 = integer(1, 1_000, 20), admin,
        "Batas percobaan bayar per pesanan" / "Payment attempts per order",
        "How often an order may be begun to be paid, ways to pay that were changed or failed included.";
    "order.switched_hold_seconds" switched_hold_seconds: i64 = integer(60, 604_800, 3_600), admin,
        "Simpan pesanan saat ganti cara bayar (detik)" / "Hold while changing how to pay (seconds)",
        "How long, in seconds after it was placed, an order is kept for its buyer at most by changing the way to pay.";
    "order.unpaid_max" unpaid_max: i64 = integer(1, 100, 3), admin,
        "Batas pesanan belum dibayar" / "Unpaid orders per buyer",
        "How many unpaid orders a buyer may have at once.";
    "order.unpaid_ttl_seconds" unpaid_ttl_seconds: i64 = integer(60, 86_400, 900), admin,
        "Simpan pesanan belum dibayar (detik)" / "Hold an unpaid order (seconds)",
        "How long, in seconds, an order without an open invoice is kept for its buyer.";
    "rate.film_per_minute" film_per_minute: i64 = integer(1, 1_000_000, 30), owner,
        "Permintaan film per menit" / "Film requests per minute",
        "How many films a minute a user may request.";
    "rate.read_per_minute" read_per_minute: i64 = integer(10, 1_000_000, 300), owner,
        "Permintaan baca per menit" / "Read requests per minute",
        "How many reading requests a minute a user may make.";
    "rate.write_per_minute" write_per_minute: i64 = integer(1, 1_000_000, 60), owner,
        "Permintaan ubah per menit" / "Change requests per minute",
        "How many changing requests a minute a user may make.";
    "store.contact" contact: String = Kind::Text { max: 100, default: "" }, admin,
        "Kontak penjual" / "Seller's contact",
        "Where users reach the seller: a username with `@`, or a link.";
    "wallet.top_up_maximum" top_up_maximum: i64 = integer(1, 100_000_000, 10_000_000), admin,
        "Isi saldo paling banyak (rupiah)" / "Largest top-up (rupiah)",
        "The most, in rupiah, that a user may add to their balance at once.";
    "wallet.top_up_minimum" top_up_minimum: i64 = integer(1, 100_000_000, 10_000), admin,
        "Isi saldo paling sedikit (rupiah)" / "Smallest top-up (rupiah)",
        "The least, in rupiah, that a user may add to their balance at once.";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_in_order_once_and_of_one_form() {
        assert!(DEFINITIONS.is_sorted_by(|one, next| one.key < next.key));
        for Definition { key, description, .. } in DEFINITIONS {
            let (area, name) = key.split_once('.').unwrap();
            let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            assert!(plain(area) && plain(name), "{key}");
            assert!(description.ends_with('.'), "{key}");
        }
    }

    #[test]
    fn a_default_keeps_its_own_bounds() {
        let mut settings = Settings::default();
        for Definition { key, kind, .. } in DEFINITIONS {
            let default = kind.default_value();
            assert_eq!(parse(key, &default.to_string()), Ok(default.clone()), "{key}");
            settings.set(key, &default.to_string()).unwrap();
        }
        assert_eq!(settings, Settings::default(), "every field has the kind of its setting");
    }

    #[test]
    fn a_number_keeps_its_bounds_to_the_unit() {
        let mut settings = Settings::default();
        let key = "library.start_token_ttl_seconds";
        let refused = Err(SettingError::Integer { min: 300, max: 900 });
        for text in ["299", "901", "", " 300", "300.0", "-300", "0x300", "99999999999999999999", "dua"] {
            assert_eq!(settings.set(key, text), refused, "{text}");
        }
        assert_eq!(settings.start_token_ttl_seconds, 900, "a refused value changes nothing");
        assert_eq!(settings.set(key, "300"), Ok(()));
        assert_eq!(settings.start_token_ttl_seconds, 300);
    }

    #[test]
    fn words_are_trimmed_short_and_on_one_line() {
        let mut settings = Settings::default();
        settings.set("store.contact", " @warung_budi ").unwrap();
        assert_eq!(settings.contact, "@warung_budi");
        for text in ["a\nb", "a\u{0}b", &"x".repeat(101)] {
            assert_eq!(settings.set("store.contact", text), Err(SettingError::Text { max: 100 }));
        }
        assert_eq!(settings.contact, "@warung_budi");
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert_eq!(parse("library.nothing", "1"), Err(SettingError::Unknown));
        assert_eq!(Settings::default().set("", "1"), Err(SettingError::Unknown));
    }

    #[test]
    fn what_guards_the_store_is_the_owners() {
        for Definition { key, owner_only, .. } in DEFINITIONS {
            let area = key.split('.').next().unwrap();
            let guards = ["identity", "operations", "rate"].contains(&area) || *key == "messaging.bot_per_second";
            assert_eq!(*owner_only, guards, "{key}");
        }
    }

    #[test]
    fn every_setting_has_a_group_and_a_name_in_both_languages() {
        assert!(GROUPS.is_sorted_by(|one, next| one.key < next.key));
        let mut names = HashSet::new();
        for definition in DEFINITIONS {
            assert!(definition.key.starts_with(&format!("{}.", definition.group().key)), "{}", definition.key);
            for name in [definition.label.indonesian, definition.label.english] {
                assert!((1..=60).contains(&name.chars().count()) && names.insert(name), "{name}");
            }
        }
        for Group { key, label } in GROUPS {
            assert!(DEFINITIONS.iter().any(|definition| definition.group().key == *key), "{key} is of no setting");
            assert!(!label.indonesian.is_empty() && !label.english.is_empty());
        }
    }

    /// A setting of each kind, as the store has them.
    #[expect(unreachable_pub, reason = "the macro writes what the store's own settings need")]
    mod of_each_kind {
        use super::super::{Decimal, Definition, Field, Kind, SettingError, integer, label};

        settings! {
            "order.count" count: i64 = integer(1, 5, 3), admin, "Jumlah" / "Count", "How many.";
            "order.fee" fee: Decimal = Kind::Decimal { places: 2, min: 0, max: 10_000, default: 70 }, owner,
                "Biaya" / "Fee", "How much, in percent.";
            "order.names" names: Vec<String> = Kind::List { items_max: 2, max: 8, default: &["satu"] }, admin,
                "Nama" / "Names", "Which.";
            "order.note" note: String = Kind::Text { max: 5, default: "halo" }, admin, "Catatan" / "Note", "What.";
            "order.open" open: bool = Kind::Switch { default: true }, admin, "Buka" / "Open", "Whether.";
        }
    }

    #[test]
    fn each_kind_has_a_field_of_its_own_type() {
        let mut settings = of_each_kind::Settings::default();
        assert_eq!((settings.count, settings.fee.units, settings.open), (3, 70, true));
        assert_eq!((&*settings.names.concat(), &*settings.note), ("satu", "halo"));
        for (key, value) in [("count", "5"), ("fee", "1.5"), ("names", "a, b"), ("note", "ya"), ("open", "false")] {
            settings.set(&format!("order.{key}"), value).unwrap();
        }
        assert_eq!((settings.count, settings.fee.units, settings.open), (5, 150, false));
        assert_eq!((&*settings.names.concat(), &*settings.note), ("ab", "ya"));
        let before = settings.clone();
        for (key, value) in [("count", "6"), ("fee", "1.555"), ("names", "a,b,c"), ("note", "a\nb"), ("open", "on")] {
            assert!(settings.set(&format!("order.{key}"), value).is_err(), "{key}");
        }
        assert_eq!(settings.set("order.nothing", "1"), Err(SettingError::Unknown));
        assert_eq!(settings, before, "a refused value changes nothing");
        let owners: Vec<_> = of_each_kind::DEFINITIONS.iter().filter(|definition| definition.owner_only).collect();
        assert_eq!(owners.iter().map(|definition| definition.key).collect::<Vec<_>>(), ["order.fee"]);
    }

    proptest! {
        #[test]
        fn what_is_accepted_reads_back_from_its_text(index: prop::sample::Index, text in "\\PC{0,8}|[0-9]{1,6}") {
            let key = index.get(DEFINITIONS).key;
            if let Ok(value) = parse(key, &text) {
                prop_assert_eq!(parse(key, &value.to_string()), Ok(value));
            }
        }
    }
}
