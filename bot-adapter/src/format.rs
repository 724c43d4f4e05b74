//! Amounts, times and texts as people read them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use prost_types::Timestamp;
use warung_proto::types::Money;

use crate::words::Language;

/// The short names of the months in Indonesian.
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"];
/// The code of rupiah.
pub(crate) const IDR: &str = "IDR";

/// So many rupiah, for the API.
pub(crate) fn idr(amount: i64) -> Money {
    Money { currency_code: IDR.to_owned(), minor_units: amount }
}

/// The number of an amount; 0 where there is none.
pub(crate) fn units(money: Option<&Money>) -> i64 {
    money.map_or(0, |money| money.minor_units)
}

/// An amount as Indonesians write it: `Rp105.000`, `-Rp500`, `12 XTR`.
pub(crate) fn money(money: Option<&Money>) -> String {
    match money {
        None => rupiah(0),
        Some(money) if money.currency_code == IDR => rupiah(money.minor_units),
        Some(money) => format!("{} {}", money.minor_units, money.currency_code),
    }
}

/// So many rupiah as Indonesians write it.
pub(crate) fn rupiah(amount: i64) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    format!("{}Rp{grouped}", if amount < 0 { "-" } else { "" })
}

/// The time of a day: `16.05 WIB`.
pub(crate) fn time_of_day(language: Language, time: DateTime<Utc>, zone: Tz) -> String {
    let form = match language {
        Language::Indonesian => "%H.%M %Z",
        Language::English => "%H:%M %Z",
    };
    time.with_timezone(&zone).format(form).to_string()
}

/// A day and a time: `21 Nov 2026 16.05 WIB`.
pub(crate) fn moment(language: Language, time: DateTime<Utc>, zone: Tz) -> String {
    format!("{} {}", day(language, time, zone), time_of_day(language, time, zone))
}

/// A day: `21 Nov 2026`.
pub(crate) fn day(language: Language, time: DateTime<Utc>, zone: Tz) -> String {
    use chrono::Datelike as _;
    let local = time.with_timezone(&zone);
    match language {
        Language::Indonesian => {
            let month = usize::try_from(local.month0()).ok().and_then(|month| MONTHS.get(month)).unwrap_or(&"");
            format!("{} {month} {}", local.day(), local.year())
        }
        Language::English => local.format("%-d %b %Y").to_string(),
    }
}

/// Until when something lasts that ends at `time`: the last day that is covered, with the time of day where it ends within
/// one. What ends at midnight has its last day before.
pub(crate) fn until(language: Language, time: DateTime<Utc>, zone: Tz) -> String {
    use chrono::{TimeDelta, Timelike as _};
    if time.with_timezone(&zone).num_seconds_from_midnight() > 0 {
        return moment(language, time, zone);
    }
    day(language, time - TimeDelta::seconds(1), zone)
}

/// A time of the API; `None` when it is absent or out of all bounds.
pub(crate) fn time(timestamp: Option<&Timestamp>) -> Option<DateTime<Utc>> {
    let timestamp = timestamp?;
    DateTime::from_timestamp(timestamp.seconds, u32::try_from(timestamp.nanos).ok()?)
}

/// Text of at most so many UTF-16 units, which is how Telegram counts, with `…` where it was cut.
pub(crate) fn cut(text: &str, units_max: usize) -> String {
    if text.encode_utf16().count() <= units_max {
        return text.to_owned();
    }
    let mut units = 1;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= units_max
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_written_as_indonesians_do() {
        let cases = [(0, "Rp0"), (500, "Rp500"), (105_000, "Rp105.000"), (-1_234_567, "-Rp1.234.567")];
        for (amount, words) in cases {
            assert_eq!(rupiah(amount), words);
        }
        assert_eq!(money(Some(&Money { currency_code: "XTR".to_owned(), minor_units: 12 })), "12 XTR");
    }

    #[test]
    fn times_are_those_of_the_store_s_zone() {
        let time = Utc.with_ymd_and_hms(2026, 5, 21, 17, 5, 0).unwrap();
        let zone = Tz::Asia__Jakarta;
        assert_eq!(moment(Language::Indonesian, time, zone), "22 Mei 2026 00.05 WIB");
        assert_eq!(moment(Language::English, time, Tz::Asia__Jayapura), "22 May 2026 02:05 WIT");
        assert_eq!(time_of_day(Language::Indonesian, time, Tz::Asia__Makassar), "01.05 WITA");
    }

    #[test]
    fn what_ends_at_midnight_lasts_until_the_day_before() {
        let zone = Tz::Asia__Jakarta;
        let midnight = Utc.with_ymd_and_hms(2031, 1, 31, 17, 0, 0).unwrap();
        assert_eq!(until(Language::Indonesian, midnight, zone), "31 Jan 2031");
        assert_eq!(until(Language::English, midnight, zone), "31 Jan 2031");
        assert_eq!(until(Language::English, midnight, Tz::Asia__Makassar), "1 Feb 2031 01:00 WITA");
        let noon = Utc.with_ymd_and_hms(2026, 12, 7, 9, 5, 0).unwrap();
        assert_eq!(until(Language::Indonesian, noon, zone), "7 Des 2026 16.05 WIB");
    }

    proptest! {
        #[test]
        fn a_cut_text_fits(text in ".{0,40}", units in 1..30_usize) {
            let cut = cut(&text, units);
            prop_assert!(cut.encode_utf16().count() <= units);
            prop_assert!(text.starts_with(cut.trim_end_matches('…')));
        }
    }
}
