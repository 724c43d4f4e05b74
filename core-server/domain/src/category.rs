//! Categories: the shelves of the shop, and those of the library.

use crate::{
    library::{check_code, check_name},
    named,
    violation::Violations,
};

const NAME_CHARACTERS: usize = 64;
const EMOJI_BYTES: usize = 16;

named! {
    /// What stands on a category.
    pub enum CategoryArea {
        /// Products.
        Catalog = "CATALOG",
        /// Titles.
        Library = "LIBRARY",
    }
}

/// A category as a seller gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CategoryInput {
    /// The key: 1 to 64 of `a-z 0-9 -`.
    pub code: String,
    /// 1 to 64 characters.
    pub name: String,
    /// One emoji of at most 16 bytes, or empty.
    pub emoji: String,
}

impl CategoryInput {
    /// Every rule that it breaks.
    #[must_use]
    pub fn violations(&self) -> Violations {
        let Self { code, name, emoji } = self;
        let mut found = Violations::new();
        check_code(&mut found, "code", code);
        check_name(&mut found, "name", name, 1, NAME_CHARACTERS);
        let is_emoji = |character: char| {
            !(character.is_alphabetic()
                || character.is_whitespace()
                || character.is_control()
                || "<>&\"".contains(character))
        };
        found.check(emoji.len() <= EMOJI_BYTES && emoji.chars().all(is_emoji), "emoji", "must be one emoji, or empty");
        found
    }
}
