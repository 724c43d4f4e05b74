//! Goods as text: one form for counting, fingerprint and delivery, whatever way they come in.
//!
//! The form is the one that RFC 8265 gives passwords (`OpaqueString`): Unicode NFC, every blank a plain one, nothing that
//! can't be seen. Besides, what clings to the ends of a copied text is taken off, since nobody sees it there.

use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use zeroize::Zeroizing;

use crate::{
    text::{is_deceptive, is_visible},
    violation::Violations,
};

/// Goods in the clear, in their one form: the memory is wiped when they go, and no log shows them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Goods(Zeroizing<String>);

impl Goods {
    /// Takes a text, and gives it the one form that goods have: equal goods are equal texts.
    ///
    /// * Blanks, line ends, byte order marks and characters without width go from its ends, and blanks from the end of
    ///   each line of it.
    /// * Blanks of other kinds (U+00A0 and its like) become plain ones, and CR LF a line end.
    /// * Letters and their accents are put together (NFC).
    ///
    /// What may not be inside stays, and so does a text of which nothing would be left, for [`Goods::check`] to name.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        // Wiped as well, once it has its form.
        let text = Zeroizing::new(text.into());
        Self(Zeroizing::new(formed(&text)))
    }

    /// Takes what was sealed, which had its form then.
    pub(crate) fn opened(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Nothing was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Records what keeps it from being sold, each rule once: it has nothing that can be seen, more than
    /// `characters_max` characters, or one inside that can't be seen or changes how the others read. Nothing of the text
    /// itself is told.
    pub fn check(&self, found: &mut Violations, field: &str, characters_max: usize) {
        if !self.0.chars().any(|character| is_visible(character) && !is_deceptive(character)) {
            return found.add(field, "has nothing that can be seen");
        }
        found.length(field, &self.0, 1..=characters_max);
        if let Some((line, character)) = self.unfit() {
            let place = if self.0.contains('\n') { format!("in its line {line} ") } else { String::new() };
            let code = u32::from(character);
            let why = match character {
                '\u{fffd}' => "stands for a letter that was lost when the text was saved in another encoding",
                character if character.is_control() => "is a control character",
                _ => "can't be seen, or changes how the rest reads",
            };
            found.add(field, format!("{place}has U+{code:04X}, which {why}: type it anew without"));
        }
    }

    /// The first character that goods may not have, and in which of their lines it is.
    fn unfit(&self) -> Option<(usize, char)> {
        let mut line = 1;
        let mut before = None;
        let mut characters = self.0.chars().peekable();
        while let Some(character) = characters.next() {
            if !fits(before, character, characters.peek().copied()) {
                return Some((line, character));
            }
            if character == '\n' {
                line += 1;
            }
            before = Some(character);
        }
        None
    }
}

impl std::fmt::Debug for Goods {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Goods([redacted])")
    }
}

fn formed(text: &str) -> String {
    let composed = Zeroizing::new(if is_nfc(text) { text.to_owned() } else { text.nfc().collect::<String>() });
    let mut formed = String::with_capacity(composed.len());
    for line in composed.trim_start_matches(clings).split('\n') {
        let line = line.trim_end_matches(|character: char| character == '\r' || is_blank(character));
        formed.extend(
            line.chars().map(|character| if is_blank(character) && character != '\t' { ' ' } else { character }),
        );
        formed.push('\n');
    }
    formed.truncate(formed.trim_end_matches(clings).len());
    if formed.is_empty() { text.to_owned() } else { formed }
}

/// A blank within a line: the space separators of Unicode, and the tab.
fn is_blank(character: char) -> bool {
    matches!(
        character,
        ' ' | '\t' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// At an end of a text it is something that copying brought along.
fn clings(character: char) -> bool {
    character.is_whitespace() || is_joiner(character) || (is_deceptive(character) && !character.is_control())
}

fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}')
}

/// Whether a character may stand between these two. What makes emoji and several scripts what they are may stand where
/// it does that, and nowhere else: after an `a` it would make another text that looks the same.
fn fits(before: Option<char>, character: char, after: Option<char>) -> bool {
    let is_picture = |beside: Option<char>| beside.is_some_and(|beside| !beside.is_ascii() && !beside.is_whitespace());
    match character {
        '\n' | '\t' => true,
        '\u{fffd}' => false,
        // Text or picture: after what has both looks. `1️⃣` has it before its frame.
        '\u{fe0e}' | '\u{fe0f}' => is_picture(before) || after == Some('\u{20e3}'),
        // Tags spell the flag that they follow (England, Scotland, Wales).
        '\u{e0020}'..='\u{e007f}' => matches!(before, Some('\u{1f3f4}' | '\u{e0020}'..='\u{e007e}')),
        character if is_joiner(character) => is_picture(before) && is_picture(after),
        // Fillers, and what is drawn as nothing.
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0d}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => false,
        character => !is_deceptive(character),
    }
}

#[cfg(test)]
mod tests;
