//! What the emulated Pakasir promises: that it behaves as the real one is known to.

// The attribute is for clippy, which lets helpers of tests unwrap only inside of it.
#[cfg(test)]
mod api;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod page;
#[cfg(test)]
mod support;
#[cfg(test)]
mod webhooks;
