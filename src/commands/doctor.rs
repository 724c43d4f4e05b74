//! `warung doctor`.

use super::say;
use crate::{
    compose::Failure,
    doctor::{Verdict, examine},
};

/// Checks everything, and says how to mend what is wrong.
pub(super) async fn doctor() -> Result<(), Failure> {
    let findings = examine().await;
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
