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

    /// The language for somebody who reads these, the best liked first: that of the first tag that tells of one.
    #[must_use]
    pub fn for_reader<'a>(tags: impl IntoIterator<Item = &'a str>) -> Self {
        tags.into_iter().find_map(Self::known).unwrap_or_default()
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
    fn a_reader_gets_the_language_that_they_like_best() {
        for (tags, code) in [
            (&[][..], "id"),
            (&["*"], "id"),
            (&["en"], "en"),
            (&["ID-id", "en"], "id"),
            (&["en-US", "en", "id"], "en"),
            (&["zh-CN", "id"], "en"),
            (&["", "*", "fr"], "en"),
        ] {
            assert_eq!(Language::for_reader(tags.iter().copied()).code(), code, "{tags:?}");
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
