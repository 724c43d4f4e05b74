//! `/saldo`: the balance and what happened to it; topping it up.

pub(super) mod balance;
pub(super) mod top_up;

use super::{App, Failure, RequestIds, later, person::Person, screen, shop};
