//! The threads of the sequencers: apart from those of requests, so that no batch waits in line behind a crowd's requests, and
//! the operating system shares the processors between both.

use std::num::NonZero;
use std::thread::available_parallelism;

use engine::supervisor::Supervisor;
use tokio::runtime::{Builder, Handle, Runtime};

/// A runtime of its own. Dropping it ends its threads without waiting for them.
#[derive(Debug)]
pub struct Lanes {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl Lanes {
    /// Starts a thread for each lane, and no more than there are processors.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub(crate) fn start(lanes: usize) -> std::io::Result<Self> {
        let processors = available_parallelism().map_or(1, NonZero::get);
        let threads = lanes.clamp(1, processors);
        let runtime =
            Builder::new_multi_thread().worker_threads(threads).thread_name("lane").enable_all().build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// A supervisor that has sequencers run here.
    pub(crate) fn supervisor(&self) -> Supervisor {
        Supervisor::with_sequencers_on(self.handle.clone())
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        // Waiting for its threads would block those of requests, which is where this is dropped.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
