//! The engine and the rules of money, which only commands of a test's own can break.
#![cfg(test)]

mod audit;
mod engine;
mod goods;
mod late;
mod order;
mod pay;
mod refund;
mod shop;
mod sweep;
mod wallet;
