//! Taking turns, each for all who wait.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{
    Semaphore,
    oneshot::{self, error::TryRecvError},
};

/// How many a turn is for at most.
const ITEMS_MAX: usize = 64;

/// Those who wait for one of `AT_ONCE` turns. Whoever gets one does the work of all who have gathered meanwhile.
#[derive(Debug)]
pub(crate) struct Turns<T, R, const AT_ONCE: usize> {
    waiting: Mutex<Vec<(T, oneshot::Sender<R>)>>,
    turns: Semaphore,
}

impl<T, R, const AT_ONCE: usize> Default for Turns<T, R, AT_ONCE> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), turns: Semaphore::new(AT_ONCE) }
    }
}

impl<T: Send + 'static, R: Send + 'static, const AT_ONCE: usize> Turns<T, R, AT_ONCE> {
    fn waiting(&self) -> MutexGuard<'_, Vec<(T, oneshot::Sender<R>)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those who wait longest: a power of two of them, as each number is a statement of its own, to be planned and kept.
    /// Who has gone away meanwhile is passed over: nothing was begun for them, and they may have asked again.
    fn gathered(&self) -> (Vec<T>, Vec<oneshot::Sender<R>>) {
        let mut waiting = self.waiting();
        waiting.retain(|(_, reply)| !reply.is_closed());
        let count = waiting.len().min(ITEMS_MAX);
        let count = if count.is_power_of_two() { count } else { count.next_power_of_two() / 2 };
        waiting.drain(..count).unzip()
    }

    /// What came of an item, after work on it and others, which answers in their order. `None`: nothing came of it.
    pub(crate) async fn take<W>(&self, item: T, together: impl Fn(Vec<T>) -> W) -> Option<R>
    where
        W: Future<Output = Vec<R>> + Send + 'static,
    {
        let (reply, mut answer) = oneshot::channel();
        self.waiting().push((item, reply));
        let _turn = tokio::select! {
            biased;
            result = &mut answer => return result.ok(),
            turn = self.turns.acquire() => turn.ok()?,
        };
        loop {
            match answer.try_recv() {
                Ok(result) => return Some(result),
                Err(TryRecvError::Closed) => return None,
                Err(TryRecvError::Empty) => {}
            }
            let (items, replies) = self.gathered();
            if items.is_empty() {
                // It is in another turn.
                return answer.await.ok();
            }
            let work = together(items);
            // A task of its own: a caller that goes away must not take the others with it.
            let working = tokio::spawn(async move {
                for (reply, result) in replies.into_iter().zip(work.await) {
                    // Whoever asked may have gone; what was asked for is done all the same.
                    let _ = reply.send(result);
                }
            });
            // When it panics, nothing comes of any of them.
            let _ = working.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn each_gets_its_own_answer_and_few_turns_serve_many() {
        let turns = Arc::new(Turns::<usize, usize, 1>::default());
        let worked = Arc::new(AtomicUsize::new(0));
        let mut tasks = tokio::task::JoinSet::new();
        for item in 0..200 {
            let (turns, worked) = (Arc::clone(&turns), Arc::clone(&worked));
            tasks.spawn(async move {
                let together = |items: Vec<usize>| {
                    worked.fetch_add(1, Ordering::Relaxed);
                    async move {
                        tokio::task::yield_now().await;
                        items.into_iter().map(|item| item * 2).collect()
                    }
                };
                (item, turns.take(item, together).await)
            });
        }
        assert!(tasks.join_all().await.into_iter().all(|(item, answer)| answer == Some(item * 2)));
        assert!(worked.load(Ordering::Relaxed) < 50);
    }

    #[tokio::test]
    async fn whoever_goes_away_takes_nobody_with_them() {
        let turns = Arc::new(Turns::<usize, usize, 1>::default());
        let (begun, begins) = oneshot::channel();
        let (go, may_go) = oneshot::channel::<()>();
        let hold = Mutex::new(Some((begun, may_go)));
        let first = turns.take(0, |items: Vec<usize>| {
            let (begun, may_go) = hold.lock().unwrap().take().unwrap();
            async move {
                let _ = begun.send(());
                let _ = may_go.await;
                items
            }
        });
        let others = Arc::clone(&turns);
        let mut first = Box::pin(first);
        assert!(futures_util::poll!(&mut first).is_pending());
        begins.await.unwrap();
        let second = tokio::spawn(async move { others.take(1, std::future::ready).await });
        drop(first);
        let _ = go.send(());
        assert_eq!(second.await.unwrap(), Some(1));
    }

    #[tokio::test]
    async fn what_a_caller_left_behind_before_its_turn_is_never_done() {
        let turns = Turns::<usize, usize, 1>::default();
        let (go, may_go) = oneshot::channel::<()>();
        let may_go = Mutex::new(Some(may_go));
        let mut first = Box::pin(turns.take(0, |items: Vec<usize>| {
            let may_go = may_go.lock().unwrap().take().unwrap();
            async move {
                let _ = may_go.await;
                items
            }
        }));
        assert!(futures_util::poll!(&mut first).is_pending());
        let mut left = Box::pin(turns.take(1, |items| async { items }));
        assert!(futures_util::poll!(&mut left).is_pending());
        drop(left);
        let _ = go.send(());
        assert_eq!(first.await, Some(0));
        let worked = Mutex::new(Vec::new());
        let answer = turns.take(2, |items: Vec<usize>| {
            worked.lock().unwrap().extend(items.clone());
            async { items }
        });
        assert_eq!(answer.await, Some(2));
        assert_eq!(*worked.lock().unwrap(), [2]);
    }

    #[tokio::test]
    async fn nothing_comes_of_work_that_panics_and_the_next_turn_is_as_any() {
        let turns = Turns::<usize, usize, 1>::default();
        let panics = |_: Vec<usize>| async { panic!("on purpose") };
        assert_eq!(turns.take(1, panics).await, None);
        assert_eq!(turns.take(2, |_| async { Vec::new() }).await, None, "no answer for it");
        assert_eq!(turns.take(3, |items| async { items }).await, Some(3));
    }
}
