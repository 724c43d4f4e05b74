//! `warung doctor`.

use super::{note, say};
use crate::{
    compose::Failure,
    doctor::{Depth, Verdict, examine},
};

/// Checks everything, and says how to mend what is wrong.
pub(super) async fn doctor(full: bool) -> Result<(), Failure> {
    let findings = examine(Depth { full, tell: |text| note(text) }).await;
    for finding in &findings {
        say(finding);
    }
    let faults = findings.iter().filter(|finding| finding.verdict == Verdict::Fault).count();
    if faults == 0 {
        say("\nNo faults.");
        Ok(())
    } else {
        Err(format!("{faults} of {} checks found a fault", findings.len()).into())
    }
}
