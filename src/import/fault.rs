//! What is wrong with a file, and where.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// A fault of the file, in words for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its line, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// What is wrong, such as `titles[3].episodes[2].access`, counted from 0; empty for the file as a whole.
    pub path: String,
    /// What is wrong with it and what is accepted, in English.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column: _, path, message } = self;
        if path.is_empty() {
            write!(formatter, "{line}: {message}")
        } else {
            write!(formatter, "{line}: {path}: {message}")
        }
    }
}

/// A place in the file: line and column, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Position {
    pub(super) const START: Self = Self { line: 1, column: 1 };
}

/// The faults that were found so far.
#[derive(Debug, Default)]
pub(super) struct Faults {
    found: BTreeMap<(Position, String), String>,
    /// The paths of values that could not be read: what stands in for them breaks rules that the file does not.
    unread: BTreeSet<String>,
}

impl Faults {
    /// Records a fault; a second one of the same thing is no news.
    pub(super) fn add(&mut self, position: Position, path: impl Into<String>, message: impl Into<String>) {
        self.found.entry((position, path.into())).or_insert_with(|| message.into());
    }

    /// Records that a value is missing or can't be read.
    pub(super) fn add_unread(&mut self, position: Position, path: &str, message: impl Into<String>) {
        self.unread.insert(path.to_owned());
        self.add(position, path, message);
    }

    /// Records that a value breaks a rule, if it is the file's own value.
    pub(super) fn add_broken_rule(&mut self, position: Position, path: &str, message: impl Into<String>) {
        let ends = path.match_indices(['.', '[']).map(|(end, _)| end).chain([path.len()]);
        if !ends.filter_map(|end| path.get(..end)).any(|ancestor| self.unread.contains(ancestor)) {
            self.add(position, path, message);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// In the order of the file.
    pub(super) fn into_vec(self) -> Vec<Fault> {
        let fault = |((Position { line, column }, path), message)| Fault { line, column, path, message };
        self.found.into_iter().map(fault).collect()
    }
}
