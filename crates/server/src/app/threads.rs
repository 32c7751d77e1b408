//! The engine's threads: apart from those of requests, so that neither a batch nor who takes a desk's turn waits in line behind a
//! crowd's requests, and the operating system shares the processors between them.

use std::num::NonZero;
use std::thread::available_parallelism;

use engine::supervisor::{Apart, Supervisor};
use tokio::runtime::{Builder, Handle, Runtime};

/// Threads of the keepers: while one reads an event of a million seats, another hears whether the store answers.
const KEEPER_THREADS: usize = 2;

/// Runtimes of their own: one for the sequencers, and one for who keeps desks up to date. Dropping them ends their threads without
/// waiting for them.
#[derive(Debug)]
pub struct Threads {
    sequencers: Background,
    keepers: Background,
}

impl Threads {
    /// Starts a thread for each lane, and no more than there are processors, and those of the keepers.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub(crate) fn start(lanes: usize) -> std::io::Result<Self> {
        let processors = available_parallelism().map_or(1, NonZero::get);
        Ok(Self {
            sequencers: Background::start("lane", lanes.clamp(1, processors))?,
            keepers: Background::start("keeper", KEEPER_THREADS)?,
        })
    }

    /// A supervisor that has sequencers and keepers run here.
    pub(crate) fn supervisor(&self) -> Supervisor {
        Supervisor::with_tasks_apart(Apart {
            sequencers: self.sequencers.handle.clone(),
            keepers: self.keepers.handle.clone(),
        })
    }
}

/// A runtime that nobody waits for at its end.
#[derive(Debug)]
struct Background {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl Background {
    fn start(name: &str, threads: usize) -> std::io::Result<Self> {
        let runtime =
            Builder::new_multi_thread().worker_threads(threads).thread_name(name).enable_all().build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Waiting for its threads would block those of requests, which is where this is dropped.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
