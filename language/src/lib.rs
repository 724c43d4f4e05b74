//! The languages that Warung speaks, and to whom it speaks which. One rule for all its parts: the core, the edge and the
//! bot take it from here, and the Mini App keeps it too, which the table of `cases.txt` proves of both.

use serde::{Deserialize, Serialize};

/// A language that Warung speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// Indonesian.
    #[default]
    Indonesian,
    /// English.
    English,
}

/// Whose readers read Indonesian: Indonesian by both of its codes, the other languages of Indonesia that phones offer, and
/// Malay. Subtags of the IANA registry (RFC 5646); `in` and `jw` are what old systems say for `id` and `jv`.
const READ_INDONESIAN: &[&str] =
    &["id", "in", "ms", "jv", "jw", "su", "ace", "ban", "bbc", "bew", "bjn", "bug", "mad", "min", "sas"];

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::Indonesian, Self::English];

    /// Its code in the API, in the database, and in HTML and HTTP.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Indonesian => "id",
            Self::English => "en",
        }
    }

    /// The language of a code of ours, as it was stored or chosen.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The language for somebody whose client speaks `tag`, such as `en-US` or `zh_hans`, in letters of any case: Indonesian
    /// for its own speakers, for their neighbours and for those of whom nothing is known, English for the rest of the world.
    #[must_use]
    pub fn for_client(tag: &str) -> Self {
        Self::known(tag).unwrap_or_default()
    }

    /// The language for a browser that accepts these, as the header `Accept-Language` has them (RFC 9110): that of the one
    /// it likes best.
    #[must_use]
    pub fn for_accepted(header: &str) -> Self {
        let mut best: Option<(u16, Self)> = None;
        for entry in header.split(',') {
            let mut parts = entry.split(';');
            let Some(language) = Self::known(parts.next().unwrap_or_default()) else { continue };
            let weight = weight(parts);
            if weight > best.map_or(0, |(best, _)| best) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language).unwrap_or_default()
    }

    /// `None` of a tag that tells of no language.
    fn known(tag: &str) -> Option<Self> {
        let first = tag.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        match first.as_str() {
            "" | "*" | "und" | "mul" | "zxx" => None,
            first if READ_INDONESIAN.contains(&first) => Some(Self::Indonesian),
            _ => Some(Self::English),
        }
    }
}

/// How much a language is liked, in thousandths: `q=0.8` among the parameters; 1 without it, 0 when it can't be read.
fn weight<'a>(mut parameters: impl Iterator<Item = &'a str>) -> u16 {
    let Some(value) = parameters.find_map(|parameter| parameter.trim().strip_prefix("q=")) else { return 1_000 };
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    let thousandths = format!("{decimals:0<3}");
    match (whole, thousandths.get(..3).and_then(|digits| digits.parse::<u16>().ok())) {
        ("1", Some(_)) => 1_000,
        ("0", Some(thousandths)) => thousandths,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tags and the language for each, which the Mini App's tests read as well.
    const CASES: &str = include_str!("../cases.txt");

    #[test]
    fn a_tag_has_the_language_of_the_table_in_letters_of_any_case() {
        let cases: Vec<_> = CASES.lines().filter_map(|line| line.split_once(' ')).collect();
        assert!(cases.len() > 20, "{cases:?}");
        for (code, tag) in cases {
            let language = Language::from_code(code).unwrap();
            let tag = tag.trim_matches('"');
            for tag in [tag.to_owned(), tag.to_uppercase(), tag.to_lowercase(), tag.replace('-', "_")] {
                assert_eq!(Language::for_client(&tag), language, "{tag:?}");
            }
        }
    }

    #[test]
    fn a_browser_gets_the_language_that_it_likes_best() {
        for (header, code) in [
            ("", "id"),
            ("*", "id"),
            ("en", "en"),
            ("ID-id", "id"),
            ("en-US,en;q=0.9,id;q=0.8", "en"),
            ("id;q=0.5, en;q=0.4", "id"),
            ("id;q=0.4, en;q=0.5", "en"),
            ("en;q=0, id", "id"),
            ("zh-CN,zh;q=0.9", "en"),
            ("in-ID, en;q=0.8", "id"),
            ("en;q=x, id;q=0.001", "id"),
            (", ;q=1, fr", "en"),
        ] {
            assert_eq!(Language::for_accepted(header).code(), code, "{header:?}");
        }
    }

    #[test]
    fn codes_are_read_back() {
        for language in Language::ALL {
            assert_eq!(Language::from_code(language.code()), Some(language));
        }
        for code in ["", "EN", "in", "id-ID", "fr"] {
            assert_eq!(Language::from_code(code), None, "{code}");
        }
    }
}
