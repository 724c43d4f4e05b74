//! How many files the process may have open, and how its listeners share them: each connection is one.

use rustix::process::{Resource, getrlimit, setrlimit};

/// What is kept for the database, the logs, and the process's own calls of others.
const KEPT: usize = 256;
/// As many as the process can make use of.
const WANTED: u64 = 65_536;

/// Raises the bound as far as the system lets the process, up to what it can make use of.
pub fn raise() {
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(WANTED, |most| most.min(WANTED));
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(wanted);
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "the bound on open files could not be raised");
        }
    }
}

/// How many connections the listeners may have together.
fn connections() -> usize {
    let files = getrlimit(Resource::Nofile).current.unwrap_or(WANTED);
    usize::try_from(files).unwrap_or(usize::MAX).saturating_sub(KEPT).max(KEPT / 2)
}

/// How many of at most `wanted` an HTTP listener may have: three quarters of all.
#[must_use]
pub fn for_http(wanted: usize) -> usize {
    wanted.min(connections() / 4 * 3)
}

/// How many of at most `wanted` the core's own port may have: a quarter of all.
#[must_use]
pub fn for_grpc(wanted: usize) -> usize {
    wanted.min(connections() / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_raised_as_far_as_it_can_be_and_shared() {
        raise();
        let limit = getrlimit(Resource::Nofile);
        assert!(limit.current >= limit.maximum.map(|most| most.min(WANTED)), "{limit:?}");
        let all = for_http(usize::MAX) + for_grpc(usize::MAX);
        assert!(u64::try_from(all + KEPT).unwrap() <= limit.current.unwrap_or(WANTED), "{all} of {limit:?}");
        assert_eq!((for_http(7), for_grpc(7)), (7, 7));
    }
}
