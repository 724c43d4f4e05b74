//! The core as its callers see it: real databases, the generated clients, a clock that is set by hand.
#![cfg(test)]

mod access;
mod api_key;
mod catalog;
mod checkout;
mod deadlines;
mod deaths;
mod deliveries;
mod disk_full;
mod film;
mod frames;
mod gateway_faults;
mod goods;
mod handover;
mod hurry;
mod idempotency;
mod identity;
mod lost_commit;
mod other_amount;
mod pace;
mod pages;
mod request_identity;
mod restart;
mod rooms;
mod running;
mod sandbox;
mod sealed;
mod start;
mod support;
mod texts;
mod together;
mod undelivered;
mod watch;
mod ways_to_pay;
mod webhook;
