//! How long things may take, and looking until they are there.

use std::time::{Duration, Instant};

/// How long anything may take that has no time of its own. Machines that run tests are busy.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
/// How long what hangs on a worker's lease may take: the lease of a worker that was killed has to end first.
pub(crate) const LEASE_DEADLINE: Duration = Duration::from_secs(100);

/// Looks again and again until there is something.
pub(crate) async fn eventually<T>(what: &str, deadline: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < deadline, "{what} did not happen within {deadline:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
