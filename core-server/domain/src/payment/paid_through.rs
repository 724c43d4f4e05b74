//! Which gateways something may be paid through.

use std::collections::BTreeSet;

use crate::violation::Violations;

/// How many gateways may be named.
const GATEWAYS_MAX: usize = 16;
const NAME_BYTES: usize = 32;

/// The gateways that something may be paid through besides the balance, which pays anything; by default any. Names are in
/// capital letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaidThrough(Option<BTreeSet<String>>);

impl PaidThrough {
    /// Through these; without a name through any.
    pub fn these<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Self {
        let names: BTreeSet<_> = names.into_iter().map(|name| name.as_ref().to_uppercase()).collect();
        Self((!names.is_empty()).then_some(names))
    }

    /// As a column holds it: names with commas between them. `None` is any, and empty is none.
    #[must_use]
    pub fn from_column(column: Option<&str>) -> Self {
        Self(column.map(|names| names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()))
    }

    /// As [`Self::from_column`] reads it.
    #[must_use]
    pub fn to_column(&self) -> Option<String> {
        self.0.as_ref().map(|names| names.iter().map(String::as_str).collect::<Vec<_>>().join(","))
    }

    /// What both allow: several things that are paid together are paid with what each of them allows.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(mine), Some(theirs)) => Self(Some(&mine & &theirs)),
            (mine, theirs) => Self(mine.or(theirs)),
        }
    }

    /// Whether a gateway of this name is one of them.
    #[must_use]
    pub fn allows(&self, gateway: &str) -> bool {
        self.0.as_ref().is_none_or(|names| names.contains(&gateway.to_uppercase()))
    }

    /// Any gateway will do.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.0.is_none()
    }

    /// The names; none where any will do.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flatten().map(String::as_str)
    }

    /// Names what is wrong with gateways as a seller gives them.
    pub fn check(found: &mut Violations, field: &str, names: &[String]) {
        found.check(names.len() <= GATEWAYS_MAX, field, "must be at most 16");
        for (index, name) in names.iter().take(GATEWAYS_MAX).enumerate() {
            let is_name = (1..=NAME_BYTES).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            found.check(is_name, &format!("{field}[{index}]"), "must be the name of a gateway, such as pakasir");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_several_things_are_paid_through_is_what_each_of_them_allows(
            one in proptest::collection::vec("[a-d]", 0..4),
            other in proptest::collection::vec("[a-d]", 0..4),
        ) {
            let (mine, theirs) = (PaidThrough::these(&one), PaidThrough::these(&other));
            let both = mine.clone().and(theirs.clone());
            for name in ["A", "b", "C", "d", "E"] {
                prop_assert_eq!(both.allows(name), mine.allows(name) && theirs.allows(name));
            }
            prop_assert_eq!(PaidThrough::from_column(both.to_column().as_deref()), both);
        }
    }
}
