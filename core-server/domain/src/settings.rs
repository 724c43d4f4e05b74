//! What a seller or an owner may set while the store runs: every setting with its kind, bounds and default.

/// What a setting's value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Integer {
        /// The smallest.
        min: i64,
        /// The greatest.
        max: i64,
        /// When nobody changed it.
        default: i64,
    },
    /// `true` or `false`.
    Switch {
        /// When nobody changed it.
        default: bool,
    },
    /// Words on one line.
    Text {
        /// How many characters at most.
        max: usize,
        /// When nobody changed it.
        default: &'static str,
    },
}

impl Kind {
    /// The value when nobody changed it.
    #[must_use]
    pub fn default_value(self) -> Value {
        match self {
            Self::Integer { default, .. } => Value::Integer(default),
            Self::Switch { default } => Value::Switch(default),
            Self::Text { default, .. } => Value::Text(default.to_owned()),
        }
    }

    fn parse(self, text: &str) -> Result<Value, SettingError> {
        match self {
            Self::Integer { min, max, .. } => text
                .parse()
                .ok()
                .filter(|number| (min..=max).contains(number))
                .map(Value::Integer)
                .ok_or(SettingError::Integer { min, max }),
            Self::Switch { .. } => text.parse().map(Value::Switch).map_err(|_| SettingError::Switch),
            Self::Text { max, .. } => {
                let text = text.trim();
                let fits = text.chars().count() <= max && !text.contains(char::is_control);
                fits.then(|| Value::Text(text.to_owned())).ok_or(SettingError::Text { max })
            }
        }
    }
}

/// A setting's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// On or off.
    Switch(bool),
    /// Words.
    Text(String),
}

/// As [`parse`] reads it back.
impl std::fmt::Display for Value {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(number) => write!(formatter, "{number}"),
            Self::Switch(on) => write!(formatter, "{on}"),
            Self::Text(text) => formatter.write_str(text),
        }
    }
}

/// Why a setting can't have a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// There is no such setting.
    #[error("there is no such setting")]
    Unknown,
    /// Not a whole number within the bounds.
    #[error("must be a whole number from {min} to {max}")]
    Integer {
        /// The smallest.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// Neither `true` nor `false`.
    #[error("must be `true` or `false`")]
    Switch,
    /// Too long, or of several lines.
    #[error("must have at most {max} characters, on one line")]
    Text {
        /// How many characters at most.
        max: usize,
    },
}

/// A setting as it is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Such as `library.start_token_ttl_seconds`.
    pub key: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// Only an owner may change it.
    pub owner_only: bool,
    /// What it does, in English.
    pub description: &'static str,
}

/// The definition of a setting.
#[must_use]
pub fn definition(key: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.key == key)
}

/// Reads a setting's value from text.
pub fn parse(key: &str, text: &str) -> Result<Value, SettingError> {
    definition(key).ok_or(SettingError::Unknown)?.kind.parse(text)
}

/// A field of [`Settings`] that holds values of one kind.
trait Field: Default {
    fn from_value(value: Value) -> Option<Self>;
}

impl Field for i64 {
    fn from_value(value: Value) -> Option<Self> {
        if let Value::Integer(number) = value { Some(number) } else { None }
    }
}

impl Field for String {
    fn from_value(value: Value) -> Option<Self> {
        if let Value::Text(text) = value { Some(text) } else { None }
    }
}

macro_rules! settings {
    ($($key:literal $field:ident: $type:ty = $kind:expr, $who:ident, $description:literal;)*) => {
        /// Every setting, by key.
        pub const DEFINITIONS: &[Definition] =
            &[$(Definition { key: $key, kind: $kind, owner_only: settings!(@$who), description: $description }),*];

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
    "identity.init_data_max_age_seconds" init_data_max_age_seconds: i64 = integer(60, 86_400, 86_400), admin,
        "How old, in seconds, the launch of a Mini App may be that somebody signs in with.";
    "identity.session_ttl_seconds" session_ttl_seconds: i64 = integer(300, 86_400, 3_600), admin,
        "How long, in seconds, a session holds.";
    "library.request_repeat_window_seconds" request_repeat_window_seconds: i64 = integer(0, 60, 10), admin,
        "Within so many seconds the same user and episode get the first request again; 0: never.";
    "library.request_wait_ms" request_wait_ms: i64 = integer(0, 10_000, 3_000), admin,
        "How long, in milliseconds, a film request waits for the film's arrival before it answers that it is queued.";
    "library.start_token_ttl_seconds" start_token_ttl_seconds: i64 = integer(300, 900, 900), admin,
        "How long, in seconds, a link is good with which a user presses Start.";
    "library.watch_link_ttl_seconds" watch_link_ttl_seconds: i64 = integer(600, 86_400, 21_600), admin,
        "How long, in seconds, a user's link to a video is good.";
    "messaging.bot_per_second" bot_per_second: i64 = integer(1, 10_000, 30), owner,
        "How many messages a second a bot sends, all replicas together. Telegram's free limit is 30.";
    "messaging.chat_interval_ms" chat_interval_ms: i64 = integer(0, 10_000, 1_000), admin,
        "The shortest time, in milliseconds, between two messages to the same chat.";
    "messaging.lease_seconds" lease_seconds: i64 = integer(60, 300, 90), admin,
        "How long, in seconds, a worker may take to send what it claimed before another takes over.";
    "operations.activity_ttl_days" activity_ttl_days: i64 = integer(1, 365, 30), admin,
        "How many days the record of requests is kept.";
    "operations.idempotency_ttl_hours" idempotency_ttl_hours: i64 = integer(24, 720, 72), admin,
        "How many hours the answer to a request is kept for those who ask again with its id.";
    "order.payments_max" payments_max: i64 = integer(1, 1_000, 20), admin,
        "How often an order may be begun to be paid, ways to pay that were changed or failed included.";
    "order.switched_hold_seconds" switched_hold_seconds: i64 = integer(60, 604_800, 3_600), admin,
        "How long, in seconds after it was placed, an order is kept for its buyer at most by changing the way to pay.";
    "order.unpaid_max" unpaid_max: i64 = integer(1, 100, 3), admin,
        "How many unpaid orders a buyer may have at once.";
    "order.unpaid_ttl_seconds" unpaid_ttl_seconds: i64 = integer(60, 86_400, 900), admin,
        "How long, in seconds, an order without an open invoice is kept for its buyer.";
    "rate.film_per_minute" film_per_minute: i64 = integer(1, 1_000_000, 30), admin,
        "How many films a minute a user may request.";
    "rate.read_per_minute" read_per_minute: i64 = integer(10, 1_000_000, 300), admin,
        "How many reading requests a minute a user may make.";
    "rate.write_per_minute" write_per_minute: i64 = integer(1, 1_000_000, 60), admin,
        "How many changing requests a minute a user may make.";
    "store.contact" contact: String = Kind::Text { max: 100, default: "" }, admin,
        "Where users reach the seller: a username with `@`, or a link.";
    "wallet.top_up_maximum" top_up_maximum: i64 = integer(1, 100_000_000, 10_000_000), admin,
        "The most, in rupiah, that a user may add to their balance at once.";
    "wallet.top_up_minimum" top_up_minimum: i64 = integer(1, 100_000_000, 10_000), admin,
        "The least, in rupiah, that a user may add to their balance at once.";
}

#[cfg(test)]
mod tests {
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
    fn a_switch_is_true_or_false() {
        let kind = Kind::Switch { default: true };
        assert_eq!(kind.default_value(), Value::Switch(true));
        assert_eq!(kind.parse("false"), Ok(Value::Switch(false)));
        for text in ["", "1", "True", "yes"] {
            assert_eq!(kind.parse(text), Err(SettingError::Switch), "{text}");
        }
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert_eq!(parse("library.nothing", "1"), Err(SettingError::Unknown));
        assert_eq!(Settings::default().set("", "1"), Err(SettingError::Unknown));
    }

    #[test]
    fn only_an_owner_sets_how_fast_a_bot_sends() {
        let owner_only: Vec<_> =
            DEFINITIONS.iter().filter(|setting| setting.owner_only).map(|setting| setting.key).collect();
        assert_eq!(owner_only, ["messaging.bot_per_second"]);
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
