//! A user's orders: the list, one of them, paying it, cancelling it, its goods again.

pub(super) mod cancel;
pub(super) mod check;
pub(super) mod goods;
pub(super) mod list;
pub(super) mod order;
pub(super) mod pay;

use super::{App, Failure, RequestIds, later, person::Person, screen, shop};
