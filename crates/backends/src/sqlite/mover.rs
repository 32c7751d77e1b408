//! The thread that moves a full log into the database while the writer goes on committing.
//!
//! SQLite flushes the database only in a checkpoint that leaves nothing in the log, which a busy writer never lets
//! another connection have. So this thread moves what was committed when it began, flushes the database itself, and
//! does the same with what came meanwhile, which is less each time; the last few pages are for the writer, which
//! stands still for those only. Once nothing is left, the next commit starts the log over.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use super::connection::{self, How, checkpoint};
use super::error::OpenError;
use super::options::{SqliteOptions, Synchronous};

/// Frames that are left to the writer: it moves and flushes so many in about a millisecond.
const FRAMES_LEFT_MAX: i64 = 256;
/// How often the thread looks for what was committed meanwhile before it leaves the rest to the writer.
const PASSES_MAX: u32 = 8;

/// What the thread is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing.
    Idle,
    /// Moving the log.
    Moving,
    /// It did what it can; the rest is for the writer.
    Moved,
    /// It is to end.
    Closing,
}

#[derive(Debug)]
struct Shared {
    phase: Mutex<Phase>,
    changed: Condvar,
}

impl Shared {
    /// Does nothing once the thread is to end.
    fn set(&self, phase: Phase) {
        let mut now = self.phase.lock();
        if *now != Phase::Closing {
            *now = phase;
            self.changed.notify_all();
        }
    }

    fn wait_until(&self, is_time: impl Fn(Phase) -> bool) -> Phase {
        let mut now = self.phase.lock();
        self.changed.wait_while(&mut now, |now| !is_time(*now));
        *now
    }
}

/// The thread, as its writer sees it. Dropping it waits until it has ended.
pub(super) struct Mover {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// Kept until everything else is closed: see [`open_file`].
    _file: Arc<File>,
}

impl Mover {
    /// Opens the thread's connection and starts it.
    pub(super) fn start(options: &SqliteOptions) -> Result<Self, OpenError> {
        let path = &options.path;
        let connection = connection::open_mover(options)
            .map_err(|source| OpenError::Database { path: path.clone(), source })?;
        let file = open_file(options)?;
        let shared = Arc::new(Shared { phase: Mutex::new(Phase::Idle), changed: Condvar::new() });
        let work =
            Work { connection, is_flushed: options.synchronous != Synchronous::Off, file: file.clone() };
        let thread = std::thread::Builder::new()
            .name("sqlite-mover".to_owned())
            .spawn({
                let shared = shared.clone();
                move || run(&work, &shared)
            })
            .map_err(OpenError::Thread)?;
        Ok(Self { shared, thread: Some(thread), _file: file })
    }

    /// What the thread is about.
    pub(super) fn phase(&self) -> Phase {
        *self.shared.phase.lock()
    }

    /// Has it move the log.
    pub(super) fn begin(&self) {
        self.shared.set(Phase::Moving);
    }

    /// Waits until it does not, and lets it rest.
    pub(super) fn rest(&self) {
        self.shared.wait_until(|phase| phase != Phase::Moving);
        self.shared.set(Phase::Idle);
    }
}

impl Drop for Mover {
    fn drop(&mut self) {
        self.shared.set(Phase::Closing);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that moves the log did not end in order");
        }
    }
}

/// Opens the database file to flush it, past SQLite. Closing any copy of such a file ends every lock that this process
/// has on the database, so this one is closed after all connections of its store.
fn open_file(options: &SqliteOptions) -> Result<Arc<File>, OpenError> {
    let path = &options.path;
    let file = File::options().read(true).write(true).open(path);
    file.map(Arc::new).map_err(|source| OpenError::File { path: path.clone(), source })
}

struct Work {
    connection: Connection,
    is_flushed: bool,
    file: Arc<File>,
}

impl Work {
    fn move_log(&self) -> rusqlite::Result<()> {
        for _ in 0..PASSES_MAX {
            let moved = checkpoint(&self.connection, How::Move)?.moved;
            self.flush();
            let frames = checkpoint(&self.connection, How::Look)?.frames;
            tracing::debug!(frames, moved, "moved the write-ahead log");
            if frames - moved <= FRAMES_LEFT_MAX {
                break;
            }
        }
        Ok(())
    }

    /// Waits until the disk has what was moved.
    ///
    /// Linux forgets pages that it could not write, and SQLite counts them as moved: nothing in this process would
    /// write them again, and the log that has them would be started over. The next process reads all of the log.
    fn flush(&self) {
        if self.is_flushed
            && let Err(error) = self.file.sync_data()
        {
            tracing::error!(%error, "the database could not be flushed: ending at once, so that the log is read again");
            std::process::abort();
        }
    }
}

fn run(work: &Work, shared: &Shared) {
    while shared.wait_until(|phase| matches!(phase, Phase::Moving | Phase::Closing)) == Phase::Moving {
        match catch_unwind(AssertUnwindSafe(|| work.move_log())) {
            Ok(Ok(())) => {}
            // The writer does it all then, and says what is wrong if it cannot either.
            Ok(Err(error)) => tracing::warn!(%error, "the write-ahead log could not be moved"),
            Err(_) => tracing::error!("moving the write-ahead log panicked"),
        }
        shared.set(Phase::Moved);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Command;

    use super::*;

    const CHILD: &str = "FLASHTIX_TEST_FLUSHES_A_DEVICE";

    #[test]
    fn a_flush_that_fails_ends_the_process() {
        let name = "sqlite::mover::tests::a_flush_that_fails_ends_the_process";
        let flush = |is_flushed| {
            // A device that cannot be flushed, and says so.
            let file = Arc::new(File::open("/dev/null").unwrap());
            Work { connection: Connection::open_in_memory().unwrap(), is_flushed, file }.flush();
        };
        flush(false);
        if std::env::var_os(CHILD).is_some() {
            flush(true);
            return;
        }
        let ended =
            Command::new(std::env::current_exe().unwrap()).args([name, "--exact"]).env(CHILD, "1").output();
        let aborted = 6;
        assert_eq!(ended.unwrap().status.signal(), Some(aborted));
    }
}
