//! Pure rules of Warung: no async, no I/O. Time, ids and randomness are parameters.

pub mod api_key;
pub mod catalog;
pub mod delivery;
pub mod goods;
pub mod html;
pub mod https_url;
pub mod ids;
pub mod init_data;
pub mod ledger;
pub mod library;
pub mod membership;
pub mod message;
pub mod money;
pub mod order;
pub mod payment;
pub mod price;
pub mod principal;
pub mod qris;
pub mod review;
pub mod seal;
pub mod secret;
pub mod session;
pub mod settings;
pub mod settle;
pub mod text;
pub mod violation;
