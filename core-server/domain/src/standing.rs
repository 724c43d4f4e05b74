//! What a person may do in a store.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{named, violation::Violations};

/// How long the reason of a block may be, in characters.
const REASON_CHARACTERS: usize = 200;

named! {
    /// An area that an admin works in. The API declares of each RPC for admins which of them it belongs to.
    #[derive(Serialize, Deserialize)]
    pub enum Right {
        /// Products, their categories, pictures and stock.
        Catalog = "CATALOG",
        /// Films, their categories and pictures.
        Library = "LIBRARY",
        /// Orders: to see them and to hand them over. Who has it is told of sales.
        Orders = "ORDERS",
        /// Money: refunds, and payments that need a look. Who has it is told of those.
        Payments = "PAYMENTS",
        /// Buyers: memberships and blocks.
        Users = "USERS",
        /// Settings that are not the owner's alone.
        Settings = "SETTINGS",
    }
}

impl Right {
    fn bit(self) -> u8 {
        match self {
            Self::Catalog => 1,
            Self::Library => 2,
            Self::Orders => 4,
            Self::Payments => 8,
            Self::Users => 16,
            Self::Settings => 32,
        }
    }
}

/// A set of rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rights(u8);

impl Rights {
    /// No right.
    pub const NONE: Self = Self(0);

    /// Every right.
    #[must_use]
    pub fn all() -> Self {
        Right::ALL.into_iter().collect()
    }

    /// Whether a right is among them.
    #[must_use]
    pub fn contains(self, right: Right) -> bool {
        self.0 & right.bit() != 0
    }

    /// They, one by one, in their written order.
    pub fn iter(self) -> impl Iterator<Item = Right> {
        Right::ALL.into_iter().filter(move |right| self.contains(*right))
    }

    /// The rights that [`fmt::Display`] wrote. A name that this release does not know gives nothing.
    #[must_use]
    pub fn from_names(names: &str) -> Self {
        names.split_ascii_whitespace().filter_map(Right::from_name).collect()
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        Self(rights.into_iter().fold(0, |bits, right| bits | right.bit()))
    }
}

/// Their names, with a space between them.
impl fmt::Display for Rights {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Right::name).collect();
        formatter.write_str(&names.join(" "))
    }
}

named! {
    /// A standing without its rights, as it stands in the database and in logs.
    pub enum StandingName {
        /// [`Standing::Buyer`].
        Buyer = "BUYER",
        /// [`Standing::Blocked`].
        Blocked = "BLOCKED",
        /// [`Standing::Admin`].
        Admin = "ADMIN",
        /// [`Standing::Owner`].
        Owner = "OWNER",
    }
}

/// What a person is to a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Standing {
    /// Anybody.
    #[default]
    Buyer,
    /// A buyer who may begin nothing new. What they paid for is theirs.
    Blocked,
    /// A seller, with what they may do.
    Admin(Rights),
    /// An owner, who may do everything. The rights are those that they work with as a seller: what they are told of.
    Owner(Rights),
}

impl Standing {
    /// Its name.
    #[must_use]
    pub fn name(self) -> StandingName {
        match self {
            Self::Buyer => StandingName::Buyer,
            Self::Blocked => StandingName::Blocked,
            Self::Admin(_) => StandingName::Admin,
            Self::Owner(_) => StandingName::Owner,
        }
    }

    /// The standing of a name, with these rights where it has any.
    #[must_use]
    pub fn of(name: StandingName, rights: Rights) -> Self {
        match name {
            StandingName::Buyer => Self::Buyer,
            StandingName::Blocked => Self::Blocked,
            StandingName::Admin => Self::Admin(rights),
            StandingName::Owner => Self::Owner(rights),
        }
    }

    /// The rights that stand in its row.
    #[must_use]
    pub fn rights(self) -> Rights {
        match self {
            Self::Admin(rights) | Self::Owner(rights) => rights,
            Self::Buyer | Self::Blocked => Rights::NONE,
        }
    }

    /// They are a seller. An owner is one too.
    #[must_use]
    pub fn is_admin(self) -> bool {
        matches!(self, Self::Admin(_) | Self::Owner(_))
    }

    /// They are an owner.
    #[must_use]
    pub fn is_owner(self) -> bool {
        matches!(self, Self::Owner(_))
    }

    /// They may do what belongs to this right.
    #[must_use]
    pub fn may(self, right: Right) -> bool {
        match self {
            Self::Owner(_) => true,
            Self::Admin(rights) => rights.contains(right),
            Self::Buyer | Self::Blocked => false,
        }
    }
}

/// Everything that is wrong with the reason of a block.
#[must_use]
pub fn reason_violations(reason: &str) -> Violations {
    let mut found = Violations::new();
    found.length("reason", reason, 1..=REASON_CHARACTERS);
    found.check(!reason.contains(char::is_control), "reason", "must be on one line");
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_read_back_from_their_names() {
        for number in 0..64_u8 {
            let rights: Rights = Right::ALL.into_iter().filter(|right| number & right.bit() != 0).collect();
            assert_eq!(Rights::from_names(&rights.to_string()), rights);
            assert_eq!(rights.iter().collect::<Rights>(), rights);
        }
        assert_eq!(Rights::all().to_string(), "CATALOG LIBRARY ORDERS PAYMENTS USERS SETTINGS");
        assert_eq!(Rights::from_names("ORDERS SOMETHING_NEW"), [Right::Orders].into_iter().collect());
    }

    #[test]
    fn a_standing_reads_back_from_its_name_and_rights() {
        let rights = [Right::Orders, Right::Users].into_iter().collect();
        for standing in [Standing::Buyer, Standing::Blocked, Standing::Admin(rights), Standing::Owner(rights)] {
            assert_eq!(Standing::of(standing.name(), standing.rights()), standing);
        }
    }

    #[test]
    fn an_owner_may_everything_and_an_admin_what_they_have() {
        for right in Right::ALL {
            assert!(Standing::Owner(Rights::NONE).may(right));
            assert!(Standing::Admin(Rights::all()).may(right));
            assert!(!Standing::Admin(Rights::NONE).may(right));
            for other in Right::ALL {
                assert_eq!(Standing::Admin([right].into_iter().collect()).may(other), right == other);
            }
            assert!(!Standing::Buyer.may(right) && !Standing::Blocked.may(right));
        }
        assert!(Standing::Owner(Rights::NONE).is_admin() && !Standing::Admin(Rights::all()).is_owner());
    }

    #[test]
    fn a_reason_is_one_short_line() {
        let fields = |reason: &str| reason_violations(reason).iter().count();
        assert_eq!((fields("spam"), fields(&"é".repeat(200))), (0, 0));
        assert!(fields("") > 0 && fields(" ") > 0 && fields(&"x".repeat(201)) > 0 && fields("a\nb") > 0);
    }
}
