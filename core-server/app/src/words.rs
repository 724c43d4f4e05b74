//! The words of messages that the core itself writes, in the languages that Warung speaks.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc};
use chrono_tz::Tz;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

pub use warung_language::Language;

static INDONESIAN: LazyLock<FluentBundle<FluentResource>> =
    LazyLock::new(|| bundle("id", include_str!("../locales/id.ftl")));
static ENGLISH: LazyLock<FluentBundle<FluentResource>> =
    LazyLock::new(|| bundle("en", include_str!("../locales/en.ftl")));

fn bundle(tag: &str, source: &str) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Isolating marks round values are for text that mixes directions; names are isolated where they are made.
    bundle.set_use_isolating(false);
    // What can't be read is left out; a test proves that there is nothing of the kind.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
    let _ = bundle.add_resource(resource);
    bundle
}

/// The words of `key`, as plain text.
#[must_use]
pub fn words(language: Language, key: &str, values: &[(&str, &str)]) -> String {
    let bundle = match language {
        Language::Indonesian => &*INDONESIAN,
        Language::English => &*ENGLISH,
    };
    let mut arguments = FluentArgs::new();
    for (name, value) in values {
        arguments.set(*name, FluentValue::from(*value));
    }
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        return key.to_owned();
    };
    bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
}

/// A time as the store's people read it, such as `21 Nov 2026 16.05 WIB`.
#[must_use]
pub fn local_time(language: Language, zone: Tz, time: DateTime<Utc>) -> String {
    let form = match language {
        Language::Indonesian => "%H.%M %Z",
        Language::English => "%H:%M %Z",
    };
    format!("{} {}", local_day(language, zone, time), time.with_timezone(&zone).format(form))
}

/// Until when something lasts that ends at `time`: the last day that is covered, with the time of day where it ends within
/// one. What ends at midnight has its last day before.
#[must_use]
pub fn local_until(language: Language, zone: Tz, time: DateTime<Utc>) -> String {
    if time.with_timezone(&zone).num_seconds_from_midnight() > 0 {
        return local_time(language, zone, time);
    }
    local_day(language, zone, time - TimeDelta::seconds(1))
}

/// A day as the store's people read it, such as `21 Nov 2026`.
fn local_day(language: Language, zone: Tz, time: DateTime<Utc>) -> String {
    const INDONESIAN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"];
    let local = time.with_timezone(&zone);
    match language {
        Language::Indonesian => {
            let month = usize::try_from(local.month0()).ok().and_then(|index| INDONESIAN.get(index));
            format!("{} {} {}", local.day(), month.unwrap_or(&""), local.year())
        }
        Language::English => local.format("%-d %b %Y").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_at_midnight_lasts_until_the_day_before() {
        let midnight = DateTime::parse_from_rfc3339("2031-02-01T00:00:00+07:00").unwrap().to_utc();
        for (zone, told) in
            [(chrono_tz::Asia::Jakarta, "31 Jan 2031"), (chrono_tz::Asia::Makassar, "1 Feb 2031 01.00 WITA")]
        {
            assert_eq!(local_until(Language::Indonesian, zone, midnight), told);
        }
        assert_eq!(local_until(Language::English, chrono_tz::Asia::Jakarta, midnight), "31 Jan 2031");
    }

    #[test]
    fn a_time_is_told_where_the_store_is() {
        let time = DateTime::from_timestamp(1_795_251_600, 0).unwrap();
        for (language, zone, told) in [
            (Language::Indonesian, chrono_tz::Asia::Jakarta, "21 Nov 2026 16.00 WIB"),
            (Language::English, chrono_tz::Asia::Makassar, "21 Nov 2026 17:00 WITA"),
            (Language::English, chrono_tz::Asia::Jayapura, "21 Nov 2026 18:00 WIT"),
        ] {
            assert_eq!(local_time(language, zone, time), told);
        }
        let may = DateTime::from_timestamp(1_778_000_000, 0).unwrap();
        assert_eq!(local_time(Language::Indonesian, chrono_tz::Asia::Jakarta, may), "5 Mei 2026 23.53 WIB");
    }

    fn keys(source: &str) -> Vec<String> {
        FluentResource::try_new(source.to_owned()).expect("every line can be read");
        let messages = source.lines().filter(|line| !line.starts_with('#'));
        let mut keys: Vec<_> = messages.filter_map(|line| Some(line.split_once(" = ")?.0.to_owned())).collect();
        keys.sort();
        keys
    }

    #[test]
    fn both_languages_have_the_same_words() {
        let (indonesian, english) = (keys(include_str!("../locales/id.ftl")), keys(include_str!("../locales/en.ftl")));
        assert_eq!(indonesian, english);
        for key in &english {
            for language in [Language::Indonesian, Language::English] {
                assert_ne!(words(language, key, &[("number", "1"), ("store", "Warung")]), *key, "{language:?}");
            }
        }
    }

    #[test]
    fn a_value_stands_in_its_place() {
        assert_eq!(words(Language::Indonesian, "episode-number", &[("number", "7")]), "Episode 7");
    }
}
