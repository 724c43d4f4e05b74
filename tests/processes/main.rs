//! The whole of Warung as operators run it: its processes, the emulated Telegram beside them, and what may befall both.

#[cfg(test)]
mod api;
#[cfg(test)]
mod composition;
#[cfg(test)]
mod contracts;
#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod env_file;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod films;
#[cfg(test)]
mod follow;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod outside;
#[cfg(test)]
mod process;
#[cfg(test)]
mod replicas;
mod roles;
#[cfg(test)]
mod sales;
#[cfg(test)]
mod secret;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod shop;
#[cfg(test)]
mod signals;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod stores;
#[cfg(test)]
mod time;
#[cfg(test)]
mod transports;
#[cfg(test)]
mod webhook;
