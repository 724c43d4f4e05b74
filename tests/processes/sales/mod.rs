//! Goods that are bought in the chat and paid at the gateway, with every part a process of its own, and what may befall
//! them between the money and the goods.

mod buyer;
mod chat;
mod secrets;
mod till;
