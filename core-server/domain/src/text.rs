//! Text: what search compares, what is safe to show, and where to cut.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// The longest search query, in characters.
pub const MAX_QUERY_CHARACTERS: usize = 100;
/// How many letters or digits a search query needs; one is enough beside a sign, as in `C++`.
pub const MIN_QUERY_LETTERS: usize = 2;
/// How many words of a query are looked for; further ones are left out.
pub const MAX_QUERY_WORDS: usize = 10;
/// The longest code, in characters.
pub const MAX_CODE_CHARACTERS: usize = 64;

/// Why a query searches nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// It has too few letters and digits.
    #[error("needs at least {MIN_QUERY_LETTERS} letters or digits")]
    TooShort,
    /// It has too many characters.
    #[error("has more than {MAX_QUERY_CHARACTERS} characters")]
    TooLong,
}

/// The words of a text as search compares them, with one space between: lower case, without accents, letters and
/// digits alone.
#[must_use]
pub fn search_text(text: &str) -> String {
    let mut found = String::with_capacity(text.len());
    let mut pending_space = false;
    // Compatibility forms too: the full-width and mathematical letters that people decorate names with.
    for character in text.nfkd().filter(|character| !is_combining_mark(*character)) {
        if character.is_alphanumeric() {
            if pending_space && !found.is_empty() {
                found.push(' ');
            }
            pending_space = false;
            // A lower-case form may carry a mark again.
            let lower = character.to_lowercase().nfkd();
            found.extend(lower.filter(|character| !is_combining_mark(*character)));
        } else {
            pending_space = true;
        }
    }
    found
}

/// What a name is found by: the words of [`search_text`], and those that punctuation divides as one as well, so that
/// "Spider-Man" is found as `spiderman` and "Don't" as `dont`.
#[must_use]
pub fn index_text(name: &str) -> String {
    let mut found = search_text(name);
    for word in name.split_whitespace().map(search_text).filter(|word| word.contains(' ')) {
        found.push(' ');
        found.extend(word.split(' '));
    }
    found
}

/// The words of a search query, as [`search_text`] has them; one that punctuation divides has a space between its parts. At
/// least one; the last may be the beginning of a word.
pub fn query_words(query: &str) -> Result<Vec<String>, QueryError> {
    if query.chars().count() > MAX_QUERY_CHARACTERS {
        return Err(QueryError::TooLong);
    }
    let words: Vec<_> = query.split_whitespace().map(search_text).filter(|word| !word.is_empty()).collect();
    let letters: usize = words.iter().map(|word| word.chars().filter(|character| *character != ' ').count()).sum();
    let has_sign = query.chars().any(|character| !character.is_alphanumeric() && !character.is_whitespace());
    let needed = if has_sign { 1 } else { MIN_QUERY_LETTERS };
    if letters < needed {
        return Err(QueryError::TooShort);
    }
    Ok(words.into_iter().take(MAX_QUERY_WORDS).collect())
}

/// The text if it has at most `max_characters`, else its beginning with "…", together that many.
#[must_use]
pub fn cut(text: &str, max_characters: usize) -> Cow<'_, str> {
    if text.chars().count() <= max_characters {
        return Cow::Borrowed(text);
    }
    let Some(kept) = max_characters.checked_sub(1) else { return Cow::Borrowed("") };
    let mut shortened: String = text.chars().take(kept).collect();
    shortened.truncate(shortened.trim_end().len());
    shortened.push('…');
    Cow::Owned(shortened)
}

/// A seller's own short name of something: 1 to 64 of `a-z 0-9 -`.
#[must_use]
pub fn is_code(text: &str) -> bool {
    (1..=MAX_CODE_CHARACTERS).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The text without what deceives a reader: control characters other than line ends and tabs, characters that change
/// the direction of what follows, and those without width.
///
/// They are removed rather than isolated: a text can end an isolation that was put round it with a character of its
/// own. Letters that are written from right to left keep their direction without them, and the joiners that emoji and
/// several scripts need stay.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().filter(|character| !is_deceptive(*character)).collect()
}

/// A name on one line: printable, single spaces, cut to `max_characters`; empty when nothing of it can be seen.
#[must_use]
pub fn one_line(name: &str, max_characters: usize) -> String {
    // Line ends and tabs are space here, before they would be lost.
    let words = name.split_whitespace().map(printable).filter(|word| word.chars().any(is_visible));
    cut(&words.collect::<Vec<_>>().join(" "), max_characters).into_owned()
}

/// The text reads, in part at least, from right to left.
#[must_use]
pub fn is_right_to_left(text: &str) -> bool {
    text.chars().any(|character| {
        matches!(character,
            '\u{0590}'..='\u{08ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    })
}

/// It deceives a reader: [`printable`] leaves it out.
pub(crate) fn is_deceptive(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        // Soft hyphen, Arabic letter mark, Mongolian vowel separator, zero-width space, direction marks, line and
        // paragraph separators, embeddings, overrides, word joiner and invisible operators, isolates, byte order mark.
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' => true,
        other => other.is_control(),
    }
}

/// Joiners, variation selectors and letters that are drawn as nothing make no name.
pub(crate) fn is_visible(character: char) -> bool {
    !(character.is_whitespace()
        || matches!(character,
            '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
            | '\u{2800}' | '\u{e0000}'..='\u{e0fff}'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn search_ignores_case_accents_and_punctuation() {
        for (text, expected) in [
            ("Cinta  di Balik Hujan!", "cinta di balik hujan"),
            ("  Amélie–Ünïcode ", "amelie unicode"),
            ("ＦＵＬＬ 𝕎𝕚𝕕𝕥𝕙", "full width"),
            ("İstanbul ΣΊΣΥΦΟΣ", "istanbul σισυφοσ"),
            ("Romeo & Juliet: Part 2", "romeo juliet part 2"),
            ("恋愛 ドラマ", "恋愛 トラマ"),
            ("❤️ — 🔥", ""),
            ("<b>x</b>", "b x b"),
        ] {
            assert_eq!(search_text(text), expected, "{text}");
        }
    }

    #[test]
    fn a_query_of_fewer_than_two_letters_is_refused_unless_a_sign_stands_beside_one() {
        for query in ["", "a", " a ", " - ", "%", "🎧", "❤️❤️❤️"] {
            assert_eq!(query_words(query), Err(QueryError::TooShort), "{query}");
        }
        for (query, word) in [("c++", "c"), ("C#", "c"), ("é!", "e")] {
            assert_eq!(query_words(query), Ok(vec![word.to_owned()]), "{query}");
        }
        assert_eq!(query_words("It"), Ok(vec!["it".to_owned()]));
        assert_eq!(query_words("恋愛").map(|words| words.len()), Ok(1));
        assert_eq!(query_words("Part I"), Ok(vec!["part".to_owned(), "i".to_owned()]));
    }

    #[test]
    fn punctuation_hides_no_word() {
        for (name, found) in [
            ("Spider-Man: No Way", "spider man no way spiderman"),
            ("Don’t", "don t dont"),
            ("Don´t Look", "don t look dont"),
            ("R.I.P.D. 2", "r i p d 2 ripd"),
            ("Kopi Susu", "kopi susu"),
        ] {
            assert_eq!(index_text(name), found, "{name}");
        }
        let words = |query| query_words(query).unwrap().join("/");
        assert_eq!((words("spider-man"), words("dont look")), ("spider man".to_owned(), "dont/look".to_owned()));
    }

    #[test]
    fn a_query_is_bounded() {
        assert_eq!(query_words(&"a".repeat(101)), Err(QueryError::TooLong));
        assert_eq!(query_words(&"a ".repeat(50)).map(|words| words.len()), Ok(MAX_QUERY_WORDS));
    }

    #[test]
    fn cutting_counts_characters() {
        assert_eq!(cut("selamat", 7), "selamat");
        assert_eq!(cut("selamat", 6), "selam…");
        assert_eq!(cut("ke pasar", 4), "ke…", "no space before the ellipsis");
        assert_eq!(cut("🎬🎬🎬", 2), "🎬…");
        assert_eq!((cut("ab", 1), cut("ab", 0)), ("…".into(), "".into()));
    }

    #[test]
    fn a_code_has_small_letters_digits_and_hyphens_alone() {
        assert!(is_code("cinta-2") && is_code("a") && is_code(&"a".repeat(64)));
        for text in ["", "A", "a_b", "a b", "é", "a/b", &"a".repeat(65)] {
            assert!(!is_code(text), "{text}");
        }
    }

    #[test]
    fn directions_and_characters_without_width_are_removed() {
        assert_eq!(printable("evil\u{202e}gpj.exe"), "evilgpj.exe");
        assert_eq!(printable("a\u{200b}b\u{2066}c\u{2069}\u{feff}\u{0}\u{7f}\u{85}"), "abc");
        assert_eq!(printable("line\nnext\tcell"), "line\nnext\tcell");
        assert_eq!(
            printable("👨\u{200d}👩\u{200d}👧 ❤\u{fe0f} می\u{200c}خواهم"),
            "👨\u{200d}👩\u{200d}👧 ❤\u{fe0f} می\u{200c}خواهم"
        );
    }

    #[test]
    fn a_name_is_one_line_and_empty_when_nothing_can_be_seen() {
        assert_eq!(one_line("  Budi \n\r Santoso\u{2028}Admin ", 64), "Budi Santoso Admin");
        assert_eq!(one_line(&"x".repeat(70), 64).chars().count(), 64);
        for name in ["", " ", "\u{3164}", "\u{200d}\u{2800}", "\u{202e}"] {
            assert_eq!(one_line(name, 64), "", "{name:?}");
        }
    }

    #[test]
    fn letters_from_right_to_left_are_known() {
        assert!(is_right_to_left("Budi שלום") && is_right_to_left("مرحبا") && !is_right_to_left("Budi 🎬 恋愛"));
    }

    proptest! {
        #[test]
        fn search_text_is_the_same_again(text in "\\PC{0,40}") {
            let once = search_text(&text);
            prop_assert_eq!(search_text(&once), once.clone());
            prop_assert!(!once.starts_with(' ') && !once.ends_with(' ') && !once.contains("  "));
        }

        #[test]
        fn search_text_ignores_case(text in "[a-zA-ZÀ-ÖØ-öø-ž ]{0,40}") {
            prop_assert_eq!(search_text(&text.to_lowercase()), search_text(&text));
        }

        #[test]
        fn a_cut_text_fits(text: String, max in 0_usize..50) {
            let cut = cut(&text, max);
            prop_assert!(cut.chars().count() <= max);
            let kept = cut.strip_suffix('…').unwrap_or(&cut);
            prop_assert!(text.starts_with(kept));
        }

        #[test]
        fn a_name_never_changes_direction_or_line(name: String) {
            let line = one_line(&name, 64);
            prop_assert!(line.chars().count() <= 64);
            let deceives = line.contains(['\n', '\r', '\t', '\u{202e}', '\u{2067}', '\u{200b}']);
            prop_assert!(!deceives);
        }
    }
}
