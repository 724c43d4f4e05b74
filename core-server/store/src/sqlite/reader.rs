//! The threads that read.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use futures_util::FutureExt as _;
use tokio::sync::oneshot;

use super::{Connection, connection::Durability};
use crate::{
    error::{Error, Result},
    tx::Read,
    work::ReadWork,
};

/// How many reads may wait; more are refused at once rather than answered too late.
const QUEUE_MAX: usize = 4_096;

type Job = Box<dyn FnOnce(&Read) + Send>;

/// A handle to the threads. They end when the last handle is gone.
#[derive(Clone, Debug)]
pub(crate) struct Readers {
    jobs: mpsc::SyncSender<Job>,
}

impl Readers {
    /// Starts `count` threads over one file. Each drops its `reading` when it has ended.
    pub(crate) fn start(path: &Path, durability: Durability, count: usize, reading: &mpsc::Sender<()>) -> Result<Self> {
        let (jobs, queue) = mpsc::sync_channel::<Job>(QUEUE_MAX);
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..count {
            let connection = Arc::new(Connection::open(path, durability, true)?);
            let queue = Arc::clone(&queue);
            let reading = reading.clone();
            thread::Builder::new()
                .name(format!("sqlite-reader-{number}"))
                .spawn(move || {
                    serve(&connection, &queue);
                    // In this order: whoever hears that it has ended takes the file to be closed.
                    drop(connection);
                    drop(reading);
                })
                .map_err(|error| Error::Unavailable(error.to_string()))?;
        }
        Ok(Self { jobs })
    }

    pub(crate) async fn submit<W: ReadWork>(&self, work: W) -> Result<W::Output, W::Error> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |read| {
            let polled = catch_unwind(AssertUnwindSafe(|| work.run(read).now_or_never()));
            let output = match polled {
                Ok(Some(output)) => output,
                Ok(None) => Err(Error::Yielded.into()),
                Err(_) => Err(Error::Panicked.into()),
            };
            let _ = reply.send(output);
        });
        self.jobs.try_send(job).map_err(|refused| match refused {
            mpsc::TrySendError::Full(_) => Error::Unavailable("too many reads are waiting".into()),
            mpsc::TrySendError::Disconnected(_) => Error::Unavailable("the readers have stopped".into()),
        })?;
        answer.await.map_err(|_| Error::Unavailable("the readers have stopped".into()))?
    }
}

fn serve(connection: &Arc<Connection>, queue: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        // The guard is gone before the job runs, so that the other threads may take the next one.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // One transaction a job: all its statements see the same state. Without one its caller is told that nobody
        // answers.
        if connection.run("begin").is_ok() {
            job(&Read::sqlite(Arc::clone(connection)));
            if connection.run("commit").is_err() && !connection.is_autocommit() {
                let _ = connection.run("rollback");
            }
        }
    }
}
