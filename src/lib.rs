//! Warung: a shop and a cinema that live inside Telegram.
//!
//! This package composes the core, the edge and the bot adapter into one binary. It holds no rules of its own: only it
//! reads the environment, and only it knows all the parts.

pub mod commands;
pub mod compose;
pub mod demo;
pub mod descriptors;
pub mod doctor;

pub mod import;
pub mod logging;
mod mini_app;
pub mod run;
pub mod settings;
pub mod tls;
