//! The adapter against the emulated Telegram and an in-memory core.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod core;
#[cfg(test)]
mod core_library;
#[cfg(test)]
mod core_review;
#[cfg(test)]
mod core_shop;
#[cfg(test)]
mod core_wallet;
#[cfg(test)]
mod deliveries;
#[cfg(test)]
mod drawn;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod money;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod reviews;
#[cfg(test)]
mod sellers;
#[cfg(test)]
mod shop;
#[cfg(test)]
mod topics;
#[cfg(test)]
mod updates;
#[cfg(test)]
mod watching;
#[cfg(test)]
mod webhook;
#[cfg(test)]
mod world;
