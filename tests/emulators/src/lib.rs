//! Stand-ins for the services that Warung talks to, for the demo and the tests.
//!
//! Each emulator is strict: it answers as the real service does, in its words and with its limits, and it
//! has a `/sim` API to act as the people on the other side, to look at what was sent, and to schedule faults.
//! An emulator runs in the process of its caller, on a listener that the caller binds.

mod clock;
mod leftover;
pub mod pakasir;
mod server;
mod shared;
pub mod telegram;

pub use clock::Clock;
