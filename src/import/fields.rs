//! Reading the keys of a mapping: each has its type, and what can't be read is a fault.

use super::{
    doubt::Doubt,
    fault::Faults,
    tree::{Node, Value, join},
};

/// A misspelt word differs from the one that was meant by one letter of so many, at most.
const LETTERS_PER_SLIP: usize = 3;

/// A mapping of the file.
pub(super) struct Fields<'a> {
    node: &'a Node,
    path: String,
}

impl<'a> Fields<'a> {
    /// Takes a value for a mapping that has no other keys than `keys`.
    pub(super) fn open(node: &'a Node, path: &str, keys: &[&str], faults: &mut Faults) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            faults.add_unread(node.position, path, format!("must be keys with values: {}", keys.join(", ")));
            return None;
        };
        for (key, value) in entries.iter().filter(|(key, _)| !keys.contains(&key.as_str())) {
            let hint =
                did_you_mean(key, keys.iter().copied()).unwrap_or_else(|| format!("; there are: {}", keys.join(", ")));
            faults.add(value.position, join(path, key), format!("is an unknown key{hint}"));
        }
        Some(Self { node, path: path.to_owned() })
    }

    /// The path of a key.
    pub(super) fn path(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// The value of a key, unless it says nothing.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.node.get(key).filter(|node| !node.is_null())
    }

    /// Records a fault of a value that could not be read; `key` may be missing.
    pub(super) fn refuse(&self, key: &str, message: impl Into<String>, faults: &mut Faults) {
        let position = self.node.get(key).unwrap_or(self.node).position;
        faults.add_unread(position, &self.path(key), message);
    }

    /// A value that has to be there.
    pub(super) fn required(&self, key: &str, faults: &mut Faults) -> Option<&'a Node> {
        let found = self.get(key);
        if found.is_none() {
            self.refuse(key, "is required", faults);
        }
        found
    }

    /// Text, without the line end that block texts have; empty when there is none. A number is text, too: a film may
    /// be called 1917.
    pub(super) fn text(&self, key: &str, faults: &mut Faults) -> String {
        match self.get(key).map(|node| &node.value) {
            None => String::new(),
            Some(Value::Scalar { text, .. }) => text.trim_end_matches('\n').to_owned(),
            Some(_) => {
                self.refuse(key, "must be text", faults);
                String::new()
            }
        }
    }

    /// Text that a person wrote and another reads: what YAML leaves out of it without a word is a fault.
    pub(super) fn free_text(&self, key: &str, faults: &mut Faults) -> String {
        if let Some(Value::Scalar { doubt: Some(doubt @ Doubt::Comment), .. }) = self.get(key).map(|node| &node.value) {
            self.refuse(key, doubt.words(), faults);
        }
        self.text(key, faults)
    }

    /// Text that has to be there.
    pub(super) fn required_text(&self, key: &str, faults: &mut Faults) -> String {
        if self.required(key, faults).is_some() { self.text(key, faults) } else { String::new() }
    }

    /// Text that has to be there and that a person wrote.
    pub(super) fn required_free_text(&self, key: &str, faults: &mut Faults) -> String {
        if self.required(key, faults).is_some() { self.free_text(key, faults) } else { String::new() }
    }

    /// A whole number; `None` when there is none.
    pub(super) fn number(&self, key: &str, faults: &mut Faults) -> Option<i64> {
        let node = self.get(key)?;
        let number = match &node.value {
            Value::Scalar { text, plain: true, .. } => text.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.refuse(key, "must be a whole number", faults);
        }
        number
    }

    /// A whole number that has to be there; 0 when it is not.
    pub(super) fn required_number(&self, key: &str, faults: &mut Faults) -> i64 {
        if self.required(key, faults).is_some() { self.number(key, faults).unwrap_or_default() } else { 0 }
    }

    /// Yes or no; no when it is not given.
    pub(super) fn flag(&self, key: &str, faults: &mut Faults) -> bool {
        match self.get(key).map(|node| &node.value) {
            Some(Value::Scalar { text, plain: true, .. }) if matches!(text.as_str(), "true" | "True" | "TRUE") => true,
            Some(Value::Scalar { text, plain: true, .. }) if matches!(text.as_str(), "false" | "False" | "FALSE") => {
                false
            }
            None => false,
            Some(_) => {
                self.refuse(key, "must be true or false", faults);
                false
            }
        }
    }

    /// The items of a list; none when it is not given.
    pub(super) fn list(&self, key: &str, faults: &mut Faults) -> &'a [Node] {
        match self.get(key).map(|node| &node.value) {
            None => &[],
            Some(Value::List(items)) => items,
            Some(_) => {
                self.refuse(key, "must be a list: each item on a line that begins with a hyphen", faults);
                &[]
            }
        }
    }
}

/// "; did you mean …?", when one of `known` is like `word`.
pub(super) fn did_you_mean<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(slips, candidate)| *slips <= candidate.chars().count().div_ceil(LETTERS_PER_SLIP))
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, candidate)| format!("; did you mean {candidate}?"))
}
