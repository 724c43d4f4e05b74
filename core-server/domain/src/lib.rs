//! Pure rules of Warung: no async, no I/O. Time, ids and randomness are parameters.

pub mod delivery;
pub mod html;
pub mod https_url;
pub mod ids;
pub mod init_data;
pub mod library;
pub mod membership;
pub mod message;
pub mod money;
pub mod principal;
pub mod secret;
pub mod session;
pub mod settings;
pub mod text;
pub mod violation;
