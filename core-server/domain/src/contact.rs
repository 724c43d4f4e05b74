//! Whether a user lets the main bot write to them.

use crate::named;

named! {
    /// What the main bot may do with a user.
    pub enum ContactState {
        /// Nothing is known.
        Unknown = "UNKNOWN",
        /// It may write.
        Open = "OPEN",
        /// The user has not pressed Start yet.
        NeverStarted = "NEVER_STARTED",
        /// The user blocked it.
        Blocked = "BLOCKED",
    }
}
