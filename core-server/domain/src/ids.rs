//! Typed ids: a `UUIDv7` inside, a prefix and 26 characters of Crockford base32 outside.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use ulid::Ulid;
use uuid::Uuid;

/// A text that is no id of the kind that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}_ and 26 characters")]
pub struct InvalidId {
    prefix: &'static str,
}

fn format(prefix: &str, id: Uuid, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut buffer = [0; ulid::ULID_LEN];
    let text = Ulid(id.as_u128()).array_to_str(&mut buffer);
    text.make_ascii_lowercase();
    write!(formatter, "{prefix}_{text}")
}

fn parse(prefix: &'static str, text: &str) -> Result<Uuid, InvalidId> {
    let invalid = InvalidId { prefix };
    let digits = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(invalid.clone())?;
    // One text per id: a decoder that takes capitals, or the letters that look like digits, would make several.
    if digits.bytes().any(|byte| !byte.is_ascii_digit() && !byte.is_ascii_lowercase()) {
        return Err(invalid);
    }
    let id = Ulid::from_string(digits).map_err(|_| invalid.clone())?;
    let id = Uuid::from_u128(id.0);
    let mut buffer = [0; ulid::ULID_LEN];
    let canonical = Ulid(id.as_u128()).array_to_str(&mut buffer);
    if canonical.eq_ignore_ascii_case(digits) { Ok(id) } else { Err(invalid) }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                format($prefix, self.0, formatter)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse($prefix, text).map(Self)
            }
        }
    )*};
}

ids! {
    /// A user.
    UserId = "usr";
    /// A category: a shelf of the shop or of the library.
    CategoryId = "cat";
    /// A film or series.
    TitleId = "ttl";
    /// A part of a title.
    EpisodeId = "eps";
    /// A user's request for an episode.
    TitleRequestId = "req";
    /// What waits for a user's first Start.
    PendingActionId = "pac";
    /// Something to do at a messenger.
    DeliveryId = "dlv";
    /// A row of the audit trail.
    AuditEntryId = "aud";
    /// Something that can be bought.
    ProductId = "prd";
    /// An order.
    OrderId = "ord";
    /// A line of an order.
    OrderLineId = "orl";
    /// An attempt to pay an order.
    PaymentId = "pay";
    /// Money that goes back.
    RefundId = "rfd";
    /// A line of the books.
    LedgerEntryId = "ent";
    /// A key of a program.
    ApiKeyId = "key";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = TitleId(Uuid::from_u128(7));
        assert_eq!(id.to_string(), "ttl_00000000000000000000000007");
        assert!(id.to_string().parse::<EpisodeId>().is_err());
        for text in ["", "ttl", "ttl_", "ttl_7", "ttl_0000000000000000000000000u", "TTL_00000000000000000000000007"] {
            assert!(text.parse::<TitleId>().is_err(), "{text}");
        }
        assert!("ttl_80000000000000000000000000".parse::<TitleId>().is_err(), "128 bits have a first digit up to 7");
        assert!("ttl_0000000000000000000000000o".parse::<TitleId>().is_err(), "one text per id");
    }

    proptest! {
        #[test]
        fn an_id_reads_back_from_its_text(number: u128) {
            let id = DeliveryId(Uuid::from_u128(number));
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }

        #[test]
        fn texts_sort_as_ids_do(one: u128, other: u128) {
            let (one, other) = (UserId(Uuid::from_u128(one)), UserId(Uuid::from_u128(other)));
            prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
        }
    }
}
