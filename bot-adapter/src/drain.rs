//! The end of an adapter.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Waits until the shutdown has begun and the time for what is under way is over.
pub(crate) async fn drained(shutdown: &CancellationToken, time: Duration) {
    shutdown.cancelled().await;
    sleep(time).await;
}
