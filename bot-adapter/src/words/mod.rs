//! What the bot says, in Indonesian and English.

mod keys;

use std::{borrow::Cow, collections::HashMap};

use fluent_bundle::{FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;
pub use warung_language::Language;

use crate::error::Error;

pub(crate) use keys::Key;

fn source(language: Language) -> &'static str {
    match language {
        Language::Indonesian => include_str!("../../locales/id.ftl"),
        Language::English => include_str!("../../locales/en.ftl"),
    }
}

/// The locale files, read once.
pub(crate) struct Words {
    bundles: HashMap<Language, FluentBundle<FluentResource>>,
}

impl Words {
    pub(crate) fn load() -> Result<Self, Error> {
        let bundles = Language::ALL.into_iter().map(|language| bundle(language).map(|bundle| (language, bundle)));
        Ok(Self { bundles: bundles.collect::<Result<_, _>>()? })
    }

    /// The message as HTML. The values are plain text of whoever, and are escaped here.
    pub(crate) fn html(&self, language: Language, key: Key, values: &[(&'static str, &str)]) -> String {
        self.format(language, key, values, escape)
    }

    /// The message as plain text, for buttons, commands and alerts.
    pub(crate) fn plain(&self, language: Language, key: Key, values: &[(&'static str, &str)]) -> String {
        self.format(language, key, values, Cow::Borrowed)
    }

    fn format<'a>(
        &self,
        language: Language,
        key: Key,
        values: &'a [(&'static str, &'a str)],
        prepare: impl Fn(&'a str) -> Cow<'a, str>,
    ) -> String {
        let values = values.iter().map(|(name, value)| (*name, FluentValue::String(prepare(value)))).collect();
        let message = self.bundles.get(&language).and_then(|bundle| {
            let pattern = bundle.get_message(key.id())?.value()?;
            let mut faults = Vec::new();
            Some(bundle.format_pattern(pattern, Some(&values), &mut faults).into_owned())
        });
        // A test proves that no language lacks a key.
        message.unwrap_or_else(|| key.id().to_owned())
    }
}

fn bundle(language: Language) -> Result<FluentBundle<FluentResource>, Error> {
    let fault = |fault: String| Error::Words { language: language.code(), fault };
    let tag: LanguageIdentifier = language.code().parse().map_err(|error| fault(format!("{error}")))?;
    let resource =
        FluentResource::try_new(source(language).to_owned()).map_err(|(_, errors)| fault(format!("{errors:?}")))?;
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Its marks would break a value that stands in an address; `isolate` puts them where they are needed.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).map_err(|errors| fault(format!("{errors:?}")))?;
    Ok(bundle)
}

/// Text of whoever within Telegram's HTML.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['<', '>', '&', '"']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"))
}

/// A name of whoever on one line, between marks that keep its writing direction from turning the sentence round; empty when
/// nothing of it can be seen.
///
/// What deceives a reader is taken out rather than isolated: a text can end an isolation that was put round it with a
/// character of its own.
pub(crate) fn isolate(text: &str) -> String {
    let words = text.split(|character: char| character.is_whitespace() || character.is_control());
    let words = words.map(|word| word.chars().filter(|character| !is_deceptive(*character)).collect::<String>());
    let line = words.filter(|word| word.chars().any(is_visible)).collect::<Vec<_>>().join(" ");
    if line.is_empty() { line } else { format!("\u{2068}{line}\u{2069}") }
}

/// Changes the direction of what follows, or has no width and is no joiner that scripts and emoji need.
fn is_deceptive(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Joiners, variation selectors and letters that are drawn as nothing make no name.
fn is_visible(character: char) -> bool {
    !matches!(character,
        '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
        | '\u{2800}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// Every value that a message may have.
    const NAMES: [&str; 29] = [
        "name",
        "query",
        "store",
        "title",
        "synopsis",
        "seller",
        "episodes",
        "emoji",
        "time",
        "page",
        "number",
        "price",
        "stock",
        "description",
        "quantity",
        "amount",
        "balance",
        "code",
        "state",
        "total",
        "kind",
        "least",
        "most",
        "days",
        "refunded",
        "left",
        "paid",
        "fee",
        "method",
    ];

    fn keys_of(language: Language) -> BTreeSet<&'static str> {
        let starts_message = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
        source(language).lines().filter(starts_message).filter_map(|line| line.split(" =").next()).collect()
    }

    /// The sources that use the words, as one text.
    fn sources(folder: &Path) -> String {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let text = entries.map(|path| match path.file_name().and_then(|name| name.to_str()) {
            Some("words") => String::new(),
            _ if path.is_dir() => sources(&path),
            _ => fs::read_to_string(&path).expect("a source"),
        });
        text.collect()
    }

    #[test]
    fn every_language_has_every_key_and_no_other() {
        let ours: BTreeSet<_> = Key::ALL.iter().map(|(key, _)| key.id()).collect();
        for language in Language::ALL {
            assert_eq!(keys_of(language), ours, "{language:?}");
        }
    }

    #[test]
    fn every_key_is_used() {
        let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        for (_, variant) in Key::ALL {
            assert!(sources.contains(&format!("Key::{variant}")), "{variant} is not used");
        }
    }

    #[test]
    fn every_message_is_complete_in_every_language() {
        let words = Words::load().expect("words");
        let values: Vec<_> = NAMES.into_iter().map(|name| (name, "X")).collect();
        for language in Language::ALL {
            for (key, _) in Key::ALL {
                let text = words.html(language, *key, &values);
                assert!(!text.contains('{') && text != key.id(), "{language:?} {key:?}: {text}");
            }
        }
    }

    #[test]
    fn alerts_fit_telegram_s_200_characters() {
        let words = Words::load().expect("words");
        let alerts = [
            Key::VipRequired,
            Key::VideoMissing,
            Key::EpisodeUnknown,
            Key::ButtonUnknown,
            Key::TooManyCalls,
            Key::Blocked,
            Key::NotUnderstood,
            Key::NotPossible,
            Key::StorageFull,
            Key::Trouble,
            Key::PaymentPaid,
            Key::PaymentMissing,
            Key::PaymentExpired,
            Key::PaymentCancelled,
            Key::PaymentReturned,
            Key::PaidFromBalance,
            Key::GoodsSent,
            Key::GatewayUnavailable,
            Key::OrderNotPayable,
            Key::OrderNotCancellable,
            Key::NothingToSend,
            Key::NotFound,
            Key::PaymentMethodUnavailable,
            Key::NoWayToPay,
            Key::AmountBelowMinimum,
            Key::BalanceTooLow,
            Key::OutOfStock,
            Key::PriceChanged,
            Key::TooManyUnpaidOrders,
        ];
        for language in Language::ALL {
            for key in alerts {
                assert!(words.plain(language, key, &[]).chars().count() <= 200, "{language:?} {key:?}");
            }
        }
    }

    #[test]
    fn names_are_escaped_and_kept_from_turning_the_sentence_round() {
        let words = Words::load().expect("words");
        let text =
            words.html(Language::English, Key::Welcome, &[("name", &isolate("<b>&\u{202e}عمر🎬")), ("store", "A & B")]);
        assert!(text.contains("\u{2068}&lt;b&gt;&amp;عمر🎬\u{2069}"), "{text}");
        assert!(text.contains("A &amp; B"), "{text}");
    }

    #[test]
    fn a_name_ends_no_isolation_and_no_line_and_is_empty_when_nothing_can_be_seen() {
        assert_eq!(isolate("Budi\u{2069}\u{202e}\r\n Admin\u{2028}!"), "\u{2068}Budi Admin !\u{2069}");
        assert_eq!(
            isolate("👨\u{200d}👩\u{200d}👧 می\u{200c}خواهم"),
            "\u{2068}👨\u{200d}👩\u{200d}👧 می\u{200c}خواهم\u{2069}"
        );
        for name in ["", " ", "\u{3164}", "\u{200d}\u{2800}", "\u{202e}\u{2069}", "\u{0}"] {
            assert_eq!(isolate(name), "", "{name:?}");
        }
    }
}
