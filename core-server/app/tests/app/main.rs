//! The engine and what only it can show: commands of a test's own, and the sweep.
#![cfg(test)]

mod engine;
mod sweep;
