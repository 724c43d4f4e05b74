//! What is kept of a request that was carried out: the version of its form, and the command's output.

use super::Command;
use crate::error::{Error, Result};

/// The output as it is kept.
pub(super) fn keep<C: Command>(output: &C::Output) -> Result<String> {
    Ok(serde_json::to_string(&(C::OUTPUT_VERSION, output))?)
}

/// The output that was kept. One that this version can't read was kept by another, which can: where both run, the next try
/// may meet it.
pub(super) fn read<C: Command>(kept: &str) -> Result<C::Output> {
    let found: Option<(u16, serde_json::Value)> = serde_json::from_str(kept).ok();
    let output = found.and_then(|(version, output)| {
        let is_ours = version == C::OUTPUT_VERSION;
        if is_ours { serde_json::from_value(output).ok() } else { C::output_of(version, output) }
    });
    output.ok_or_else(|| {
        let cause = format!("what {} answered was kept by another version", C::NAME);
        Error::Store(warung_store::Error::Unavailable(cause))
    })
}
