//! Threads that read, each with a connection of its own that can do nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use engine::store::StoreError;
use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::connection::open_reader;
use super::error::{Failure, OpenError};
use super::options::READER_JOBS_MAX;
use super::writer::NoAnswer;

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// The threads, from outside. Dropping it waits until every job that was taken is done.
pub(super) struct Readers {
    jobs: Option<mpsc::Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Opens the connections and starts the threads.
    pub(super) fn start(path: &Path, count: usize) -> Result<Self, OpenError> {
        let (jobs, receiver) = mpsc::channel::<Job>(READER_JOBS_MAX);
        let receiver = Arc::new(Mutex::new(receiver));
        let mut threads = Vec::with_capacity(count);
        for number in 0..count {
            let connection =
                open_reader(path).map_err(|source| OpenError::Database { path: path.to_owned(), source })?;
            let receiver = receiver.clone();
            let thread = std::thread::Builder::new()
                .name(format!("sqlite-reader-{number}"))
                .spawn(move || run(&connection, &receiver))
                .map_err(OpenError::Thread)?;
            threads.push(thread);
        }
        Ok(Self { jobs: Some(jobs), threads })
    }

    /// Has something read.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let jobs = self.jobs.as_ref().ok_or(NoAnswer::NotTaken)?;
        let (sender, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Nobody needs to be told when whoever asked is gone.
            if !sender.is_closed() {
                drop(sender.send(read(connection)));
            }
        });
        jobs.send(job).await.map_err(|_| NoAnswer::NotTaken)?;
        Ok(answer.await.map_err(|_| NoAnswer::Lost)??)
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            if thread.thread().id() != std::thread::current().id() && thread.join().is_err() {
                tracing::error!("a reader of the store did not end in order");
            }
        }
    }
}

fn run(connection: &Connection, jobs: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        // One thread waits in the queue, the others wait for their turn to.
        let job = jobs.lock().blocking_recv();
        let Some(job) = job else { return };
        if catch_unwind(AssertUnwindSafe(|| job(connection))).is_err() {
            tracing::error!("a read of the store panicked");
        }
        if !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a read could not be ended");
        }
    }
}

/// Runs several reads at one commit. Short ones only: it keeps the log from being emptied.
pub(super) fn at_one_commit<T>(
    connection: &Connection,
    read: impl FnOnce() -> Result<T, Failure>,
) -> Result<T, Failure> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    let result = read();
    connection.prepare_cached("COMMIT")?.execute([])?;
    result
}
