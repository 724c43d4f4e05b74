//! The engine and the rules of money, which only commands of a test's own can break.
#![cfg(test)]

mod asking;
mod audit;
mod awaiting;
mod clocks;
mod contact;
mod crowd;
mod currencies;
mod engine;
mod failover;
mod gateway;
mod give_back;
mod goods;
mod held_goods;
mod late;
mod lines;
mod locks;
mod one_text;
mod order;
mod pay;
mod receiver;
mod refund;
mod reversal;
mod settle_many;
mod shop;
mod staff;
mod sweep;
mod waiting;
mod wallet;
