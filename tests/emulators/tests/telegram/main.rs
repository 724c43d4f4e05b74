//! What the emulated Telegram promises: that it behaves as the real one does.

// The attribute is for clippy, which lets helpers of tests unwrap only inside of it.
#[cfg(test)]
mod bot_api;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod launch;
#[cfg(test)]
mod page;
#[cfg(test)]
mod support;
#[cfg(test)]
mod updates;
