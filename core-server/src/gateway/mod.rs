//! Payment gateways over the network.

pub mod pakasir;
