//! Running a store: settings, pictures, categories, alerts, the audit trail, and the sweeping of what is old.

pub mod alert;
pub mod audit;
pub mod category;
pub mod lease;
pub mod media;
pub mod put;
pub mod settings;
pub mod sweep;
