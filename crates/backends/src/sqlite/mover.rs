//! The thread that moves a full log into the database while the writer goes on committing.
//!
//! SQLite flushes the database only in a checkpoint that leaves nothing in the log, which a busy writer never lets
//! another connection have. So this thread moves what was committed when it began, flushes the database itself, and
//! does the same with what came meanwhile, which is less each time; the last few pages are for the writer, which
//! stands still for those only. Once nothing is left, the next commit starts the log over.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use super::connection::{self, How, LogState, checkpoint};
use super::error::OpenError;
use super::flush::DatabaseFile;
use super::options::SqliteOptions;

/// Frames that are left to the writer: it moves and flushes so many in about a millisecond.
const FRAMES_LEFT_MAX: i64 = 256;
/// How often the thread looks for what was committed meanwhile before it leaves the rest to the writer.
const PASSES_MAX: u32 = 8;
/// How much the thread gives way to all others, whom somebody waits for: a third of the weight of an ordinary one (`nice(2)`).
const NICENESS: i32 = 5;

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

/// The thread, as its writer sees it. Dropping it waits until it has ended, and closes the file last.
pub(super) struct Mover {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    file: Arc<DatabaseFile>,
}

impl Mover {
    /// Opens the thread's connection and starts it.
    pub(super) fn start(options: &SqliteOptions) -> Result<Self, OpenError> {
        let path = &options.path;
        let connection = connection::open_mover(options)
            .map_err(|source| OpenError::Database { path: path.clone(), source })?;
        let file = Arc::new(DatabaseFile::open(options)?);
        let shared = Arc::new(Shared { phase: Mutex::new(Phase::Idle), changed: Condvar::new() });
        let work = Work { connection, file: file.clone() };
        let thread = std::thread::Builder::new()
            .name("sqlite-mover".to_owned())
            .spawn({
                let shared = shared.clone();
                move || {
                    give_way();
                    run(&work, &shared);
                }
            })
            .map_err(OpenError::Thread)?;
        Ok(Self { shared, thread: Some(thread), file })
    }

    /// Flushes the database. For a writer whose own checkpoint failed, or did not flush since a reader was in its way.
    pub(super) fn flush(&self) {
        self.file.flush();
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

struct Work {
    connection: Connection,
    file: Arc<DatabaseFile>,
}

impl Work {
    fn move_log(&self) -> rusqlite::Result<()> {
        for _ in 0..PASSES_MAX {
            let moved = checkpoint(&self.connection, How::Move);
            // Also when SQLite says that it could not: it may have been the flush.
            self.file.flush();
            // Somebody else moves it, a command that wrote much: the writer looks again.
            let Some(LogState { moved, .. }) = moved? else { break };
            let Some(LogState { frames, .. }) = checkpoint(&self.connection, How::Look)? else { break };
            tracing::debug!(frames, moved, "moved the write-ahead log");
            if frames - moved <= FRAMES_LEFT_MAX {
                break;
            }
        }
        Ok(())
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

/// Lowers the priority of this thread. Elsewhere than on Linux it would be that of the whole process.
fn give_way() {
    if cfg!(target_os = "linux")
        && let Err(error) = rustix::process::nice(NICENESS)
    {
        tracing::warn!(%error, "the thread that moves SQLite's log runs as fast as others");
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Command;

    use super::super::connection::{open_reader, open_writer};
    use super::super::flush::{MARK_SUFFIX, take_up, tests::unflushable};
    use super::super::lock::with_suffix;
    use super::*;

    const CHILD: &str = "FLASHTIX_TEST_DATABASE";

    /// What a server does whose disk loses a write.
    fn commit_and_fail_to_flush(options: &SqliteOptions) {
        let (writer, _) = open_writer(options).unwrap();
        writer
            .execute_batch("CREATE TABLE promises (promise TEXT); INSERT INTO promises VALUES ('A-1-1')")
            .unwrap();
        let file = Arc::new(unflushable(options));
        Work { connection: connection::open_mover(options).unwrap(), file }.move_log().unwrap();
    }

    /// The niceness of the threads of this process that have a name.
    #[cfg(target_os = "linux")]
    fn nicenesses(name: &str) -> Vec<i32> {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
        // Threads of other tests come and go.
        let named = tasks.filter(|task| {
            std::fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim() == name)
        });
        let pids = named.filter_map(|task| task.file_name().to_str()?.parse().ok());
        let pids = pids.filter_map(rustix::process::Pid::from_raw);
        pids.filter_map(|pid| rustix::process::getpriority_process(Some(pid)).ok()).collect()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_thread_gives_way_to_the_writer() {
        // On Linux, that of the thread that asks.
        let own = || rustix::process::getpriority_process(None).unwrap();
        let before = own();
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions::exclusive(folder.path().join("flashtix.db"));
        let (_writer, _) = open_writer(&options).unwrap();
        let mover = Mover::start(&options).unwrap();
        mover.begin();
        mover.rest();
        assert!(nicenesses("sqlite-mover").contains(&(before + NICENESS).min(19)));
        assert_eq!(own(), before);
    }

    #[test]
    fn pages_that_could_not_be_flushed_are_moved_again() {
        if let Some(path) = std::env::var_os(CHILD) {
            commit_and_fail_to_flush(&SqliteOptions::exclusive(path));
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flashtix.db");
        let options = SqliteOptions::exclusive(&path);
        // Somebody who has it open all the time, as a backup has.
        drop(open_writer(&options).unwrap());
        let other = open_reader(&path).unwrap();
        other.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).unwrap();

        let name = "sqlite::mover::tests::pages_that_could_not_be_flushed_are_moved_again";
        let child =
            Command::new(std::env::current_exe().unwrap()).args([name, "--exact"]).env(CHILD, &path).output();
        let aborted = 6;
        assert_eq!(child.unwrap().status.signal(), Some(aborted));
        assert!(with_suffix(&path, MARK_SUFFIX).exists());

        let (writer, _) = open_writer(&options).unwrap();
        let refused = take_up(&writer, &path).unwrap_err();
        assert!(matches!(refused, OpenError::LogInUse { .. }), "{refused}");
        // A process that is killed closes nothing; in this one, a reader that is last leaves the log as it is.
        drop((writer, other));
        assert!(with_suffix(&path, "-wal").exists());

        let (writer, _) = open_writer(&options).unwrap();
        take_up(&writer, &path).unwrap();
        let state = checkpoint(&writer, How::Look).unwrap().unwrap();
        assert!(state.frames > 0 && state.moved == 0, "{state:?}");
        assert!(!with_suffix(&path, MARK_SUFFIX).exists());
    }
}
