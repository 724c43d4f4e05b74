//! The shop: lists, a product, buying.

pub(super) mod buy;
pub(super) mod categories;
pub(super) mod checkout;
pub(super) mod list;
pub(super) mod methods;
pub(super) mod product;
pub(super) mod refusal;

use super::{App, Failure, RequestIds, later, person::Person, screen};
