//! What goes on in a connection.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// What goes on in a connection.
#[derive(Clone, Debug)]
pub struct Visit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    idle: Duration,
    closed: CancellationToken,
    activity: Mutex<Activity>,
}

#[derive(Debug)]
struct Activity {
    /// Requests that have no answer yet.
    in_work: usize,
    /// Answers that are being sent.
    sent: usize,
    /// When something last went on.
    last: Instant,
}

impl Visit {
    pub(crate) fn new(idle: Duration) -> Self {
        let activity = Activity { in_work: 0, sent: 0, last: Instant::now() };
        Self(Arc::new(Inner { idle, closed: CancellationToken::new(), activity: Mutex::new(activity) }))
    }

    fn lock(&self) -> MutexGuard<'_, Activity> {
        self.0.activity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request begins; it is in work until what this answers is dropped.
    pub fn begin(&self) -> Work {
        let mut activity = self.lock();
        activity.in_work = activity.in_work.saturating_add(1);
        activity.last = Instant::now();
        drop(activity);
        Work(self.clone())
    }

    /// For how long nothing was asked and nothing sent; `None` when there is something.
    pub(crate) fn idle_for(&self) -> Option<Duration> {
        let activity = self.lock();
        (activity.in_work == 0 && activity.sent == 0).then(|| activity.last.elapsed())
    }

    pub(crate) fn close(&self) {
        self.0.closed.cancel();
    }

    #[cfg(test)]
    pub(crate) fn is_closed(&self) -> bool {
        self.0.closed.is_cancelled()
    }

    /// When it is over, should nothing go on until then.
    fn end(&self, now: Instant) -> Instant {
        let activity = self.lock();
        let from = if activity.in_work == 0 { activity.last } else { now };
        from + self.0.idle
    }

    /// Ends when the connection has to be closed: it asked nothing, or took nothing of an answer, for too long, or had to
    /// make room.
    pub async fn over(&self) {
        loop {
            let end = self.end(Instant::now());
            if end <= Instant::now() || self.0.closed.run_until_cancelled(sleep_until(end)).await.is_none() {
                return;
            }
        }
    }
}

/// A request in work.
#[derive(Debug)]
#[must_use]
pub struct Work(Visit);

impl Work {
    /// The request is answered: its connection is watched until the answer is sent.
    pub fn answer<B>(self, body: B) -> Tended<B> {
        let visit = self.0.clone();
        let mut activity = visit.lock();
        activity.sent = activity.sent.saturating_add(1);
        drop(activity);
        Tended { body, visit }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let mut activity = self.0.lock();
        activity.in_work = activity.in_work.saturating_sub(1);
        activity.last = Instant::now();
    }
}

/// The body of an answer, which tells its connection that it goes on.
#[derive(Debug)]
pub struct Tended<B> {
    body: B,
    visit: Visit,
}

impl<B: Body + Unpin> Body for Tended<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.visit.lock().last = Instant::now();
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for Tended<B> {
    fn drop(&mut self) {
        let mut activity = self.visit.lock();
        activity.sent = activity.sent.saturating_sub(1);
        activity.last = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_mins(1);

    /// When the connection is over, as seconds after `start`, when looked at in the second `at`.
    fn over_after(visit: &Visit, start: Instant, at: u64) -> u64 {
        visit.end(start + Duration::from_secs(at)).duration_since(start).as_secs()
    }

    fn last(visit: &Visit, start: Instant, second: u64) {
        visit.lock().last = start + Duration::from_secs(second);
    }

    #[tokio::test]
    async fn a_connection_that_asks_nothing_is_over_and_one_in_work_is_not() {
        let (visit, start) = (Visit::new(IDLE), Instant::now());
        last(&visit, start, 0);
        assert_eq!(over_after(&visit, start, 30), 60);
        let work = visit.begin();
        assert_eq!((over_after(&visit, start, 600), visit.idle_for()), (660, None), "a call may wait for long");
        drop(work);
        last(&visit, start, 600);
        assert_eq!(over_after(&visit, start, 630), 660);
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_of_its_answer_is_not_waited_for() {
        let (visit, start) = (Visit::new(IDLE), Instant::now());
        let mut answer = visit.begin().answer(String::from("an answer"));
        last(&visit, start, 0);
        assert_eq!(visit.idle_for(), None, "it need not make room while it is sent");
        assert_eq!(over_after(&visit, start, 30), 60);
        let before = visit.lock().last;
        std::future::poll_fn(|context| Pin::new(&mut answer).poll_frame(context)).await.unwrap().unwrap();
        assert!(visit.lock().last >= before, "something of it was taken");
        drop(answer);
        assert!(visit.idle_for().is_some());
    }

    #[tokio::test]
    async fn it_is_over_at_once_when_its_time_has_passed_or_it_has_to_make_room() {
        Visit::new(Duration::ZERO).over().await;
        let visit = Visit::new(IDLE);
        let _work = visit.begin();
        visit.close();
        visit.over().await;
    }
}
