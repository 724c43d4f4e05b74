//! Waiting for something to change.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use warung_store::{News, Waiter};

use crate::{context::Context, error::Result};

/// How things stand, as a look found them.
pub(crate) enum Found<T> {
    /// What was waited for.
    This(T),
    /// Not yet: how things stand so far, and the mark of the row that was looked at.
    NotYet(T, i64),
}

/// Looks now, unless it is `known` how things stand, and again whenever the row of `waiter` has changed, until a look finds
/// what is waited for. After `wait`, or when nobody may wait any longer, it looks once more and answers how things stand.
pub(crate) async fn wait_until<T, F>(
    ctx: &Context,
    mut waiter: Waiter,
    wait: Duration,
    known: Option<Found<T>>,
    look: impl Fn(News) -> F,
) -> Result<T>
where
    F: Future<Output = Result<Found<T>>>,
{
    let deadline = Instant::now() + wait;
    let mut found = match known {
        Some(known) => known,
        None => look(News::Changed).await?,
    };
    loop {
        let seen = match found {
            Found::This(found) => return Ok(found),
            Found::NotYet(found, _) if ctx.hurry.is_cancelled() || Instant::now() >= deadline => return Ok(found),
            Found::NotYet(_, seen) => seen,
        };
        let changed = ctx.hurry.run_until_cancelled(timeout_at(deadline, waiter.changed(seen))).await;
        found = look(changed.and_then(Result::ok).unwrap_or(News::Changed)).await?;
    }
}
