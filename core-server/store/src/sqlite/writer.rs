//! The thread that writes.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    thread,
};

use futures_util::FutureExt as _;
use sea_orm::DbErr;
use tokio::sync::{oneshot, watch};

use super::{Checkpointer, Connection, FileLock};
use crate::{
    error::{Error, Result},
    tx::{Changes, Tx},
    watch::Watch,
    work::Work,
};

/// How many commands share one commit.
pub(super) const GROUP_MAX: usize = 64;
/// How many commands may wait; more are refused at once rather than answered too late.
const QUEUE_MAX: usize = 4_096;

/// A handle to the thread. It ends when the last handle is gone.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    jobs: mpsc::SyncSender<Box<dyn Job>>,
}

trait Job: Send {
    /// Runs inside the savepoint; answers whether to keep what it wrote.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// The group has been committed, or has failed as a whole.
    fn finish(self: Box<Self>, group: Result<()>);
}

struct Task<W: Work> {
    work: W,
    output: Option<Result<W::Output, W::Error>>,
    reply: oneshot::Sender<Result<W::Output, W::Error>>,
}

impl<W: Work> Job for Task<W> {
    fn run(&mut self, tx: &mut Tx) -> bool {
        // Every await on a Tx is ready at once here: work that is not ready has waited for something else.
        let polled = catch_unwind(AssertUnwindSafe(|| self.work.run(tx).now_or_never()));
        let output = match polled {
            Ok(Some(Ok(output))) => tx.sound().map(|()| output).map_err(W::Error::from),
            Ok(Some(Err(error))) => Err(error),
            Ok(None) => Err(Error::Yielded.into()),
            Err(_) => Err(Error::Panicked.into()),
        };
        let keep = output.is_ok();
        self.output = Some(output);
        keep
    }

    fn finish(self: Box<Self>, group: Result<()>) {
        let output = match (group, self.output) {
            (_, Some(Err(error))) => Err(error),
            (Err(error), _) => Err(error.into()),
            (Ok(()), Some(Ok(output))) => Ok(output),
            (Ok(()), None) => Err(Error::Panicked.into()),
        };
        // The caller may have gone; what it asked for stands all the same.
        let _ = self.reply.send(output);
    }
}

impl Writer {
    /// Starts the thread. `watch` is told after every commit. `lock` keeps other processes out until the last command
    /// has ended; the file is closed when the others have closed theirs, which `reading` tells.
    pub(crate) fn start(
        connection: Arc<Connection>,
        watch: Watch,
        lock: FileLock,
        reading: mpsc::Receiver<()>,
        running: watch::Sender<()>,
        mut checkpointer: Checkpointer,
    ) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::sync_channel::<Box<dyn Job>>(QUEUE_MAX);
        thread::Builder::new().name("sqlite-writer".into()).spawn(move || {
            let mut tx = Tx::sqlite(Arc::clone(&connection));
            while let Ok(first) = queue.recv() {
                let (done, changes, group) = run_group(&connection, &mut tx, first, &queue);
                checkpointer.committed(done.len());
                for job in done {
                    job.finish(group.clone());
                }
                watch.committed(&changes);
            }
            drop(checkpointer);
            // The last connection puts the log into the file and removes it; two that close at once both leave it.
            while reading.recv().is_ok() {}
            drop((tx, connection));
            // In this order: whoever hears that it has ended may open the file.
            drop(lock);
            drop(running);
        })?;
        Ok(Self { jobs })
    }

    pub(crate) async fn submit<W: Work>(&self, work: W) -> Result<W::Output, W::Error> {
        let (reply, answer) = oneshot::channel();
        self.jobs.try_send(Box::new(Task { work, output: None, reply })).map_err(|refused| match refused {
            mpsc::TrySendError::Full(_) => Error::Unavailable("too many commands are waiting".into()),
            mpsc::TrySendError::Disconnected(_) => Error::Unavailable("the writer has stopped".into()),
        })?;
        answer.await.map_err(|_| Error::Unavailable("the writer has stopped".into()))?
    }
}

/// Runs the first job and those that wait behind it in one transaction. Answers what they changed.
fn run_group(
    connection: &Connection,
    tx: &mut Tx,
    first: Box<dyn Job>,
    queue: &mpsc::Receiver<Box<dyn Job>>,
) -> (Vec<Box<dyn Job>>, Changes, Result<()>) {
    let mut changes = Changes::new();
    let mut done: Vec<Box<dyn Job>> = Vec::new();
    let mut group = connection.run("begin immediate").map_err(Error::from);
    let mut next = Some(first);
    while let Some(mut job) = next.take() {
        if group.is_ok() {
            group = run_job(connection, tx, job.as_mut()).map_err(Error::from);
            changes.extend(tx.take_changes());
        }
        done.push(job);
        if done.len() < GROUP_MAX && group.is_ok() {
            next = queue.try_recv().ok();
        }
    }
    if group.is_ok() {
        group = connection.run("commit").map_err(Error::from);
    }
    if group.is_err() && !connection.is_autocommit() {
        // Nothing can be done about a rollback that fails: the next "begin" will say what is wrong.
        let _ = connection.run("rollback");
    }
    (done, changes, group)
}

fn run_job(connection: &Connection, tx: &mut Tx, job: &mut dyn Job) -> Result<(), DbErr> {
    connection.run("savepoint command")?;
    tx.renew();
    let keep = job.run(tx);
    if connection.is_autocommit() {
        // A full disk, among others: the commands before this one in the group are lost with it.
        return Err(tx.failure().unwrap_or_else(|| DbErr::Custom("SQLite ended the transaction by itself".into())));
    }
    if !keep {
        connection.run("rollback to command")?;
    }
    connection.run("release command")
}
