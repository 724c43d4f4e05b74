//! The adapter against the emulated Telegram and an in-memory core.

#[cfg(test)]
mod core;
#[cfg(test)]
mod deliveries;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod updates;
#[cfg(test)]
mod watching;
#[cfg(test)]
mod webhook;
#[cfg(test)]
mod world;
