//! Amounts of rupiah as people write them: `75000`, `Rp. 75.000,-`, `75rb`, `1,2jt`.
//!
//! What can be understood in two ways is refused rather than guessed: it is money. The table of cases, which other readers of
//! amounts are proved by as well, is `tests/amounts.json`.

/// The most digits of an amount.
const DIGITS_MAX: usize = 12;
/// The most digits before a unit: `1500rb` is written, `75000rb` is a slip.
const DIGITS_BEFORE_UNIT_MAX: usize = 4;
/// What a unit multiplies by.
const UNITS: [(&str, i64); 5] = [("ribu", 1_000), ("rb", 1_000), ("k", 1_000), ("juta", 1_000_000), ("jt", 1_000_000)];

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It says no amount.
    Unreadable,
    /// It is below zero.
    Negative,
    /// It can be understood in two ways, or has a part of a rupiah.
    Ambiguous,
    /// It has more digits than any amount here.
    TooLarge,
}

/// Reads an amount, in rupiah.
pub(crate) fn read(text: &str) -> Result<i64, Fault> {
    let lower = text.trim().to_lowercase();
    let (before, rest) = without_sign(&lower);
    let rest = ["rp.", "rp", "idr"].iter().find_map(|name| rest.strip_prefix(name)).unwrap_or(rest).trim_start();
    let (behind, rest) = without_sign(rest);
    let rest = ["rupiah", "idr"].iter().find_map(|name| rest.strip_suffix(name)).unwrap_or(rest).trim_end();
    let amount = unsigned(rest)?;
    if before || behind { Err(Fault::Negative) } else { Ok(amount) }
}

/// Whether a minus stands in front, and what stands behind it.
fn without_sign(text: &str) -> (bool, &str) {
    text.strip_prefix(['-', '−', '–']).map_or((false, text), |rest| (true, rest.trim_start()))
}

fn unsigned(text: &str) -> Result<i64, Fault> {
    if let Some((number, factor)) =
        UNITS.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?.trim_end(), *factor)))
    {
        return with_unit(number, factor);
    }
    // A million or, in Indonesian, a milliard.
    if text.strip_suffix('m').is_some_and(|number| groups(number.trim_end()).is_ok()) {
        return Err(Fault::Ambiguous);
    }
    plain([",-", ".-", ",–"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text))
}

/// Groups of digits, and the characters between them.
fn groups(number: &str) -> Result<(Vec<&str>, Vec<char>), Fault> {
    let is_separator = |character: char| matches!(character, '.' | ',') || character.is_whitespace();
    let groups: Vec<_> = number.split(is_separator).collect();
    if groups.iter().any(|group| group.is_empty() || !group.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(Fault::Unreadable);
    }
    // All kinds of space are one.
    let one = |character: char| if character.is_whitespace() { ' ' } else { character };
    Ok((groups, number.chars().filter(|character| is_separator(*character)).map(one).collect()))
}

fn with_unit(number: &str, factor: i64) -> Result<i64, Fault> {
    let (groups, separators) = groups(number)?;
    match (groups.as_slice(), separators.as_slice()) {
        ([whole], []) if whole.len() <= DIGITS_BEFORE_UNIT_MAX => Ok(digits(whole)?.saturating_mul(factor)),
        // Three digits behind it might be thousands.
        ([whole, part], ['.' | ',']) if whole.len() <= DIGITS_BEFORE_UNIT_MAX && part.len() <= 2 => {
            let of_part = if part.len() == 1 { factor / 10 } else { factor / 100 };
            Ok(digits(whole)?.saturating_mul(factor).saturating_add(digits(part)?.saturating_mul(of_part)))
        }
        _ => Err(Fault::Ambiguous),
    }
}

fn plain(number: &str) -> Result<i64, Fault> {
    let (mut groups, mut separators) = groups(number)?;
    let has_cents = separators.last().is_some_and(|last| {
        let is_decimal = *last != ' ' && separators.iter().rev().skip(1).all(|other| other != last);
        is_decimal && groups.last() == Some(&"00")
    });
    if has_cents {
        groups.pop();
        separators.pop();
        // "75.00" is rather a slip for "75.000".
        if groups.iter().map(|group| group.len()).sum::<usize>() < 4 {
            return Err(Fault::Ambiguous);
        }
    }
    let alike = separators.iter().all(|separator| Some(separator) == separators.first());
    let (first, rest) = groups.split_first().ok_or(Fault::Unreadable)?;
    let grouped = first.len() <= 3 && !first.starts_with('0') && rest.iter().all(|group| group.len() == 3);
    if !(rest.is_empty() || alike && grouped) {
        return Err(Fault::Ambiguous);
    }
    digits(&groups.concat())
}

fn digits(text: &str) -> Result<i64, Fault> {
    if text.len() > DIGITS_MAX {
        return Err(Fault::TooLarge);
    }
    text.parse().map_err(|_| Fault::Unreadable)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;
    use crate::format::rupiah;

    #[derive(Deserialize)]
    struct Table {
        read: BTreeMap<String, i64>,
        refused: BTreeMap<String, String>,
    }

    #[test]
    fn every_amount_of_the_table_is_read_or_refused_as_it_says() {
        let table: Table = serde_json::from_str(include_str!("../../tests/amounts.json")).expect("the table");
        for (text, amount) in table.read {
            assert_eq!(read(&text), Ok(amount), "{text:?}");
        }
        for (text, why) in table.refused {
            let fault = match why.as_str() {
                "unreadable" => Fault::Unreadable,
                "negative" => Fault::Negative,
                "ambiguous" => Fault::Ambiguous,
                "too_large" => Fault::TooLarge,
                other => panic!("{other} is no fault"),
            };
            assert_eq!(read(&text), Err(fault), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(amount in 0..=1_000_000_000_i64) {
            prop_assert_eq!(read(&rupiah(amount)), Ok(amount));
        }

        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,20}|[0-9., rbjtk-]{0,12}") {
            if let Ok(amount) = read(&text) {
                prop_assert!(amount >= 0);
                prop_assert!(text.bytes().any(|byte| byte.is_ascii_digit()));
            }
        }
    }
}
