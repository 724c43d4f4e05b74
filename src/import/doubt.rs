//! What YAML makes of a text without a word. Of a secret, such as a stock line, that would be a loss that nobody sees before
//! a buyer does.

use saphyr_parser::{ScalarStyle, Span};

/// Why a text may not be what its writer meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// What stands behind it, from a ` #` on, was left out.
    Comment,
    /// Its lines were joined to one.
    Joined,
    /// Something was put in place of a `\`.
    Escape,
    /// A comma without a blank cut it from what stands before it.
    Comma,
}

impl Doubt {
    /// What is told of it, and what to do.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Comment => {
                "is cut by YAML at \" #\", which begins a comment: put all of it in quotes, or the comment on a line of its own"
            }
            Self::Joined => {
                "goes over several lines, which YAML joins to one: begin it with | to keep them, or make them items of \
                 their own"
            }
            Self::Escape => "has a \\ in double quotes, of which YAML makes something else: use single quotes",
            Self::Comma => {
                "follows a comma without a blank: put texts with commas in quotes, or each on a line of its own with \"- \""
            }
        }
    }
}

/// The text of a file, which is looked at again where it was read.
pub(super) struct Source<'a> {
    text: &'a str,
    /// A place that was looked for: its characters and its bytes from the beginning. Places come in order, nearly always.
    character: usize,
    byte: usize,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, character: 0, byte: 0 }
    }

    /// What was made of a text of this style, which is at `span`.
    pub(super) fn doubt(&mut self, style: ScalarStyle, span: Span) -> Option<Doubt> {
        let (start, end) = match style {
            ScalarStyle::Literal => return None,
            ScalarStyle::Folded => return Some(Doubt::Joined),
            // Nothing at all: it may be said to stand anywhere.
            _ if span.end.index() <= span.start.index() => return None,
            _ => (self.byte(span.start.index()), self.byte(span.end.index())),
        };
        let (before, inside, behind) = (self.text.get(..start)?, self.text.get(start..end)?, self.text.get(end..)?);
        let is_comment =
            |rest: &str| rest.starts_with([' ', '\t']) && rest.trim_start_matches([' ', '\t']).starts_with('#');
        match style {
            ScalarStyle::Plain if is_comment(behind) => Some(Doubt::Comment),
            _ if inside.contains(['\n', '\r']) => Some(Doubt::Joined),
            ScalarStyle::Plain if before.ends_with(',') => Some(Doubt::Comma),
            ScalarStyle::DoubleQuoted if has_escape(inside) => Some(Doubt::Escape),
            _ => None,
        }
    }

    /// Where a character is, in bytes.
    fn byte(&mut self, character: usize) -> usize {
        if character < self.character {
            (self.character, self.byte) = (0, 0);
        }
        let rest = self.text.get(self.byte..).unwrap_or_default();
        let far = character.saturating_sub(self.character);
        let bytes = rest.char_indices().nth(far).map_or(rest.len(), |(byte, _)| byte);
        self.character = character;
        self.byte = self.byte.saturating_add(bytes);
        self.byte
    }
}

/// A `\` that stands for something else than what follows it.
fn has_escape(quoted: &str) -> bool {
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        if character == '\\' && !matches!(characters.next(), Some('\\' | '"' | '/')) {
            return true;
        }
    }
    false
}
