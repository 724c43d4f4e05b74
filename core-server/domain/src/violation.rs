//! What is wrong with a request: every fault at once, each with the field it is in.

use std::{fmt, ops::RangeInclusive};

/// A field that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The path of the field, such as `episodes[2].number`.
    pub field: String,
    /// What is wrong and what is accepted, in English.
    pub description: String,
}

/// Every violation that was found, in the order of the checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Records one.
    pub fn add(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.0.push(Violation { field: field.into(), description: description.into() });
    }

    /// Records one unless the condition holds.
    pub fn check(&mut self, holds: bool, field: &str, description: &str) {
        if !holds {
            self.add(field, description);
        }
    }

    /// The text has more than white space.
    pub fn required(&mut self, field: &str, text: &str) {
        self.check(!text.trim().is_empty(), field, "is required");
    }

    /// The text has so many characters. A lower end above 0 asks for more than white space, too.
    pub fn length(&mut self, field: &str, text: &str, characters: RangeInclusive<usize>) {
        if *characters.start() > 0 && text.trim().is_empty() {
            self.add(field, "is required");
        } else if !characters.contains(&text.chars().count()) {
            let (min, max) = characters.into_inner();
            let bounds = if min == 0 { format!("at most {max}") } else { format!("{min} to {max}") };
            self.add(field, format!("must have {bounds} characters"));
        }
    }

    /// The number lies within the range.
    pub fn range(&mut self, field: &str, number: i64, range: RangeInclusive<i64>) {
        if !range.contains(&number) {
            self.add(field, format!("must be from {} to {}", range.start(), range.end()));
        }
    }

    /// The text is one of those accepted.
    pub fn one_of(&mut self, field: &str, text: &str, accepted: &[&str]) {
        if !accepted.contains(&text) {
            self.add(field, format!("must be one of: {}", accepted.join(", ")));
        }
    }

    /// Adds the violations of a part, whose fields lie below `field`.
    pub fn nest(&mut self, field: &str, part: Self) {
        let below = part.0.into_iter().map(|Violation { field: name, description }| Violation {
            field: if name.is_empty() { field.to_owned() } else { format!("{field}.{name}") },
            description,
        });
        self.0.extend(below);
    }

    /// None was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those found so far.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }

    /// An error that carries all of them, unless there is none.
    pub fn finish(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Violation { field, description }) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(formatter, "{separator}{field} {description}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_violation_is_told_at_once() {
        let mut violations = Violations::new();
        violations.required("request_id", " ");
        violations.length("name", "", 1..=3);
        violations.length("name", "four", 1..=3);
        violations.length("note", "four", 0..=3);
        violations.range("days", 0, 1..=3_660);
        violations.one_of("language_code", "de", &["id", "en"]);
        let mut part = Violations::new();
        part.check(false, "url", "must be https");
        part.add("", "is a duplicate");
        violations.nest("episodes[1]", part);
        assert_eq!(
            violations.finish().unwrap_err().to_string(),
            "request_id is required; name is required; name must have 1 to 3 characters; note must have at most 3 \
             characters; days must be from 1 to 3660; language_code must be one of: id, en; episodes[1].url must be \
             https; episodes[1] is a duplicate"
        );
    }

    #[test]
    fn what_keeps_the_rules_is_no_violation() {
        let mut violations = Violations::new();
        violations.required("a", "x");
        violations.length("b", "🎬🎬🎬", 1..=3);
        violations.length("c", "", 0..=3);
        violations.range("d", 3_660, 1..=3_660);
        violations.one_of("e", "id", &["id", "en"]);
        violations.check(true, "f", "never");
        assert!(violations.is_empty());
        assert_eq!(violations.finish(), Ok(()));
    }
}
