//! The one thread that writes, and its one connection.
//!
//! Everything that changes the database is a job in its queue, so that no two transactions of this process ever
//! wait for each other's locks, and whatever runs here runs after everything that was asked before it. The thread
//! outlives any job: a job that panics loses its answer, and nothing else.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;

use domain::id::{EventId, OrganizationId};
use engine::store::StoreError;
use rusqlite::{Connection, OptionalExtension};
use tokio::sync::{mpsc, oneshot};

use super::connection::{self, How, LogState, checkpoint};
use super::error::{Failure, OpenError, is_certain};
use super::journal::{Change, Recent};
use super::mover::{Mover, Phase};
use super::options::{CHECKPOINT_PAGES_MAX, SqliteOptions, WRITER_JOBS_MAX};
use crate::columns::{signed, unsigned};

/// The part of a full log that may be written before a log that could not be started over is looked at again.
const CHECKPOINT_AGAIN: i64 = 8;

/// Transactions after which a log of `checkpoint_pages` is moved; before, only one of the most pages that it may have.
const TRANSACTIONS_MIN: u32 = 64;

/// How many full logs a command leaves to a server, which moves them before there are two.
const COMMANDS_FULL: i64 = 3;

/// What the hot tables call an event, and whose it is. Nothing of it ever changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct EventKey {
    pub(super) number: i64,
    pub(super) organization: OrganizationId,
    pub(super) livemode: bool,
}

/// Why a transaction did not commit, or may not have.
#[derive(Debug)]
pub(super) enum CommitFailure {
    /// Nothing was changed.
    Nothing(Failure),
    /// SQLite did not say.
    Unknown(String),
}

impl From<CommitFailure> for StoreError {
    fn from(failure: CommitFailure) -> Self {
        match failure {
            CommitFailure::Nothing(failure) => failure.into(),
            CommitFailure::Unknown(reason) => Self::Unknown(reason),
        }
    }
}

/// What a transaction did.
pub(super) enum Done<T> {
    /// It changed something: commit.
    Changed(T),
    /// It did not: there is nothing to flush.
    Same(T),
}

/// Faults that unit tests plant at COMMIT.
#[cfg(test)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CommitFault {
    /// An I/O error after the commit mark was written.
    AfterMark,
    /// An I/O error before.
    BeforeMark,
    /// No room for the log.
    DiskFull,
}

/// The state of the thread.
pub(super) struct Writer {
    options: SqliteOptions,
    // Dropped in this order: closing the mover's file ends the locks of every connection that is still open.
    connection: Option<Connection>,
    /// None for a command.
    mover: Option<Mover>,
    events: HashMap<EventId, EventKey>,
    recent: Recent,
    /// Whether a COMMIT failed in a way that may have left its mark in the log.
    in_doubt: bool,
    has_written: bool,
    /// Frames before which a log that could not be started over is not looked at again.
    checkpoint_at: i64,
    /// Transactions since the log was last begun to be moved.
    transactions: u32,
    pages_max: Option<u32>,
    #[cfg(test)]
    pub(super) commit_fault: Option<CommitFault>,
}

impl Writer {
    pub(super) fn new(options: SqliteOptions, connection: Connection, mover: Option<Mover>) -> Self {
        let recent = Recent::new(options.recent_seats);
        Self {
            options,
            connection: Some(connection),
            mover,
            events: HashMap::new(),
            recent,
            in_doubt: false,
            has_written: true,
            checkpoint_at: 0,
            transactions: 0,
            pages_max: None,
            #[cfg(test)]
            commit_fault: None,
        }
    }

    /// The store's clock.
    pub(super) fn now_ms(&self) -> i64 {
        self.options.clock.now_ms()
    }

    /// Gives up the connection; the next job opens another.
    fn abandon(&mut self) {
        self.connection = None;
        self.events.clear();
        self.recent.clear();
        self.in_doubt = true;
    }

    /// The connection, opened anew if the last one was given up.
    pub(super) fn connection(&mut self) -> Result<&Connection, Failure> {
        if self.connection.is_none() {
            let (connection, _) = connection::open_writer(&self.options).map_err(|error| {
                let reason = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                Failure::Closed(format!("{error}: {reason}"))
            })?;
            bound_pages(&connection, self.pages_max)?;
            self.connection = Some(connection);
            tracing::info!("the writer opened its connection anew");
        }
        self.connection.as_ref().ok_or_else(|| Failure::Closed(String::new()))
    }

    /// The connection, and what is remembered of the seats that changed recently.
    pub(super) fn with_recent(&mut self) -> Result<(&Connection, &mut Recent), Failure> {
        self.connection()?;
        let Self { connection: Some(connection), recent, .. } = self else {
            return Err(Failure::Closed(String::new()));
        };
        Ok((connection, recent))
    }

    /// Remembers seats that were committed.
    pub(super) fn keep(&mut self, changes: Vec<Change>) {
        self.recent.keep(changes);
    }

    /// Bounds the database file to so many pages, or lifts the bound.
    pub(super) fn set_pages_max(&mut self, pages_max: Option<u32>) -> Result<(), Failure> {
        self.pages_max = pages_max;
        bound_pages(self.connection()?, pages_max)
    }

    /// What the hot tables call an event.
    pub(super) fn event_key(&mut self, id: EventId) -> Result<Option<EventKey>, Failure> {
        if let Some(key) = self.events.get(&id) {
            return Ok(Some(*key));
        }
        let found = event_key(self.connection()?, id)?;
        if let Some(key) = found {
            self.events.insert(id, key);
        }
        Ok(found)
    }

    /// Forgets an event that is gone.
    pub(super) fn forget(&mut self, id: EventId) {
        if let Some(key) = self.events.remove(&id) {
            self.recent.forget(key.number);
        }
    }

    /// Runs a transaction: commits durably when something was changed, and else leaves no trace.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<Done<T>, Failure>,
    ) -> Result<T, CommitFailure> {
        let begun = self.connection().and_then(|connection| {
            connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            Ok(())
        });
        begun.map_err(CommitFailure::Nothing)?;
        match work(self) {
            Ok(Done::Changed(value)) => self.commit().map(|()| value),
            Ok(Done::Same(value)) => {
                self.roll_back();
                Ok(value)
            }
            Err(failure) => {
                self.roll_back();
                Err(CommitFailure::Nothing(failure))
            }
        }
    }

    fn commit(&mut self) -> Result<(), CommitFailure> {
        let Some(connection) = &self.connection else {
            // Given up while the work was done; whatever it had written went with it.
            return Err(CommitFailure::Nothing(Failure::Closed(String::new())));
        };
        #[cfg(test)]
        let committed = plant(self.commit_fault.take(), connection);
        #[cfg(not(test))]
        let committed = commit(connection);
        match committed {
            Ok(()) => {
                self.in_doubt = false;
                self.has_written = true;
                self.transactions = self.transactions.saturating_add(1);
                Ok(())
            }
            Err(error) if is_certain(&error) => {
                self.roll_back();
                Err(CommitFailure::Nothing(error.into()))
            }
            Err(error) => {
                tracing::error!(%error, "a commit failed in a way that leaves its outcome open");
                self.abandon();
                Err(CommitFailure::Unknown(error.to_string()))
            }
        }
    }

    /// Ends a transaction that is not to be. A connection that cannot even do that is given up.
    fn roll_back(&mut self) {
        let Some(connection) = &self.connection else { return };
        if connection.is_autocommit() {
            return;
        }
        let rolled_back =
            connection.prepare_cached("ROLLBACK").and_then(|mut statement| statement.execute([]));
        if let Err(error) = rolled_back {
            tracing::error!(%error, "a transaction could not be rolled back; its connection is closed");
            self.abandon();
        }
    }

    /// Makes an unknown outcome known.
    ///
    /// A commit mark that was written but never acknowledged is not seen by this process, and might be found by
    /// the next one that recovers the log. Committing something else writes over it: after that, what can be
    /// read is what there is.
    pub(super) fn resolve_doubt(&mut self) -> Result<(), CommitFailure> {
        if !self.in_doubt {
            return Ok(());
        }
        self.transaction(|writer| {
            writer.connection()?.execute(
                "INSERT INTO meta (key, value) VALUES ('doubts', 1) ON CONFLICT DO UPDATE SET value = value + 1",
                [],
            )?;
            Ok(Done::Changed(()))
        })
    }

    /// Cleans up after a job, once its answer is out.
    fn tidy(&mut self) {
        self.roll_back();
        if std::mem::take(&mut self.has_written)
            && let Err(error) = self.checkpoint_if_due()
        {
            tracing::warn!(%error, "the write-ahead log could not be emptied");
        }
    }

    /// Empties the log and cuts it, so that what was overwritten is in no file any more; as far as no reader is in it.
    pub(super) fn empty_log(&mut self) -> Result<(), CommitFailure> {
        self.let_mover_rest();
        self.connection().map_err(CommitFailure::Nothing)?;
        let emptied = self.checkpoint(How::Empty);
        emptied.map(drop).map_err(|error| CommitFailure::Nothing(error.into()))
    }

    /// Runs a checkpoint that leaves nothing moved and not flushed, though it failed or a reader was in its way.
    fn checkpoint(&self, how: How) -> rusqlite::Result<Option<LogState>> {
        let Some(connection) = &self.connection else { return Ok(None) };
        let done = checkpoint(connection, how);
        let is_flushed = matches!(done, Ok(Some(LogState { frames, moved })) if moved == frames);
        if let Some(mover) = &self.mover
            && !is_flushed
        {
            mover.flush();
        }
        done
    }

    /// What the thread that moves the log is about, if there is one.
    pub(super) fn mover_phase(&self) -> Option<Phase> {
        self.mover.as_ref().map(Mover::phase)
    }

    /// Waits until nobody else moves the log. Only this thread has it begun.
    pub(super) fn let_mover_rest(&self) {
        if let Some(mover) = &self.mover {
            mover.rest();
        }
    }

    fn checkpoint_if_due(&mut self) -> rusqlite::Result<()> {
        let Some(connection) = &self.connection else { return Ok(()) };
        let Some(LogState { frames, .. }) = checkpoint(connection, How::Look)? else { return Ok(()) };
        let most = self.frames_most();
        if frames < self.checkpoint_at - most / CHECKPOINT_AGAIN {
            self.checkpoint_at = 0;
        }
        let due_at = self.full().max(self.checkpoint_at);
        match next_step(frames, due_at, most, self.mover_phase()) {
            Step::Nothing => return Ok(()),
            Step::Begin => {
                self.transactions = 0;
                if let Some(mover) = &self.mover {
                    mover.begin();
                }
                return Ok(());
            }
            Step::Finish => self.let_mover_rest(),
        }
        // The next commit starts the log over, unless a reader is still in it; then it grows a little more.
        self.checkpoint_at = frames + most / CHECKPOINT_AGAIN;
        self.transactions = 0;
        if let Some(LogState { frames, moved }) = self.checkpoint(How::Move)? {
            metrics::counter!("flashtix_sqlite_checkpoints_total").increment(1);
            tracing::debug!(frames, moved, "emptied the write-ahead log");
        }
        Ok(())
    }

    /// Frames from which on the log is moved. Few transactions write many pages where many events sell, and nearly the same ones
    /// each time: those are moved once for many of them.
    fn full(&self) -> i64 {
        let full = i64::from(self.options.checkpoint_pages);
        if self.mover.is_some() && self.transactions >= TRANSACTIONS_MIN { full } else { self.frames_most() }
    }

    /// Frames from which on it is moved in any case. A command sees a log that a server fills and has moved, and leaves it alone.
    fn frames_most(&self) -> i64 {
        let most = i64::from(CHECKPOINT_PAGES_MAX);
        if self.mover.is_some() { most } else { most * COMMANDS_FULL }
    }
}

/// What the writer does about the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Nothing,
    /// Has the mover begin.
    Begin,
    /// Waits for the mover, if it is at work, and moves the rest itself.
    Finish,
}

/// Whatever the mover is about, the log does not outgrow what is due by more than `most` while nobody reads: a disk that is
/// slower than the writer must slow it down.
fn next_step(frames: i64, due_at: i64, most: i64, mover: Option<Phase>) -> Step {
    match mover {
        Some(Phase::Moved) => Step::Finish,
        Some(Phase::Moving) if frames < due_at + most => Step::Nothing,
        _ if frames < due_at => Step::Nothing,
        Some(Phase::Idle) => Step::Begin,
        Some(Phase::Moving | Phase::Closing) | None => Step::Finish,
    }
}

fn commit(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("COMMIT")?.execute([]).map(drop)
}

#[cfg(test)]
fn plant(fault: Option<CommitFault>, connection: &Connection) -> rusqlite::Result<()> {
    let error = |code| {
        let error = rusqlite::ffi::Error::new(code);
        Err(rusqlite::Error::SqliteFailure(error, Some("planted".to_owned())))
    };
    let io_error = || error(rusqlite::ffi::SQLITE_IOERR_FSYNC);
    match fault {
        None => commit(connection),
        Some(CommitFault::BeforeMark) => io_error(),
        Some(CommitFault::DiskFull) => error(rusqlite::ffi::SQLITE_FULL),
        Some(CommitFault::AfterMark) => commit(connection).and_then(|()| io_error()),
    }
}

fn bound_pages(connection: &Connection, pages_max: Option<u32>) -> Result<(), Failure> {
    // SQLite's own bound, and its way to lift another.
    let pages_max = pages_max.unwrap_or(0xffff_fffe);
    connection.query_row(&format!("PRAGMA max_page_count = {pages_max}"), [], |_| Ok(()))?;
    Ok(())
}

/// What the hot tables call an event.
pub(super) fn event_key(connection: &Connection, id: EventId) -> Result<Option<EventKey>, Failure> {
    let mut statement =
        connection.prepare_cached("SELECT number, organization, livemode FROM events WHERE id = ?1")?;
    let key = statement.query_row([signed(id.0)], |row| {
        let organization = OrganizationId(unsigned(row.get(1)?));
        Ok(EventKey { number: row.get(0)?, organization, livemode: row.get(2)? })
    });
    Ok(key.optional()?)
}

type Job = Box<dyn FnOnce(&mut Writer) + Send>;

/// Why a job has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// It was not begun.
    NotTaken,
    /// It was, and did not end as it should.
    Lost,
}

impl From<NoAnswer> for StoreError {
    fn from(reason: NoAnswer) -> Self {
        Self::Unavailable(match reason {
            NoAnswer::NotTaken => "the store is closed".to_owned(),
            NoAnswer::Lost => "a job of the store ended without an answer".to_owned(),
        })
    }
}

/// The thread, from outside. Dropping it waits until every job that was taken is done.
pub(super) struct WriterHandle {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl WriterHandle {
    /// Starts the thread.
    pub(super) fn start(writer: Writer) -> Result<Self, OpenError> {
        let (jobs, receiver) = mpsc::channel(WRITER_JOBS_MAX);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || run(writer, receiver))
            .map_err(OpenError::Thread)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Has a job done. Once it is in the queue it is done, whether or not anybody waits for it.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Writer) -> T + Send + 'static,
    ) -> Result<T, NoAnswer> {
        let jobs = self.jobs.as_ref().ok_or(NoAnswer::NotTaken)?;
        let (sender, answer) = oneshot::channel();
        let job: Job = Box::new(move |writer| {
            let value = job(writer);
            // Whoever asked may be gone; what was done is done.
            drop(sender.send(value));
        });
        jobs.send(job).await.map_err(|_| NoAnswer::NotTaken)?;
        answer.await.map_err(|_| NoAnswer::Lost)
    }
}

impl Drop for WriterHandle {
    fn drop(&mut self) {
        self.jobs = None;
        let Some(thread) = self.thread.take() else { return };
        // The last owner may be a job on the thread itself, which cannot wait for its own end.
        if thread.thread().id() != std::thread::current().id() && thread.join().is_err() {
            tracing::error!("the store's writer did not end in order");
        }
    }
}

fn run(mut writer: Writer, mut jobs: mpsc::Receiver<Job>) {
    while let Some(job) = jobs.blocking_recv() {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            job(&mut writer);
            writer.tidy();
        }));
        if outcome.is_err() {
            tracing::error!("a job of the store's writer panicked; its connection is closed");
            writer.abandon();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_moves_the_log_and_when() {
        let step = |frames, mover| next_step(frames, 18_000, 18_000, mover);
        assert_eq!(step(17_999, Some(Phase::Idle)), Step::Nothing);
        assert_eq!(step(18_000, Some(Phase::Idle)), Step::Begin);
        assert_eq!(step(35_999, Some(Phase::Moving)), Step::Nothing);
        assert_eq!(step(36_000, Some(Phase::Moving)), Step::Finish, "a slow disk slows the writer down");
        assert_eq!(step(18_200, Some(Phase::Moved)), Step::Finish);
        assert_eq!(step(5, Some(Phase::Moved)), Step::Finish, "its rest would never end otherwise");
        assert_eq!(step(17_999, None), Step::Nothing);
        assert_eq!(step(18_000, None), Step::Finish, "a command moves it itself");
        assert_eq!(step(18_000, Some(Phase::Closing)), Step::Finish);
    }
}
