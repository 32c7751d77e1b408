//! Long-lived tasks, and what happens when one of them ends.

use std::future::Future;

use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// Owns the tasks that must never end while the process lives.
///
/// A critical task that ends, by panic or otherwise, means that the process no longer does its work:
/// [`Supervisor::first_end`] returns, and the process stops, so that whoever runs it starts it anew.
#[derive(Debug, Default)]
pub struct Supervisor {
    tasks: JoinSet<&'static str>,
    /// Where the sequencers run, when that is not where everything else does.
    apart: Option<Handle>,
}

impl Supervisor {
    /// No task yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No task yet; sequencers will run on this runtime.
    ///
    /// A batch goes from the sequencer to its connection and back several times. On the runtime of a server's requests each of
    /// these steps would stand in line behind hundreds of them.
    #[must_use]
    pub fn with_sequencers_on(runtime: Handle) -> Self {
        Self { tasks: JoinSet::new(), apart: Some(runtime) }
    }

    /// Starts a sequencer, apart from the others where there is such a place.
    pub(crate) fn sequencer(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        match self.apart.clone() {
            Some(runtime) => {
                let named = async move {
                    task.await;
                    "sequencer"
                };
                self.tasks.spawn_on(named, &runtime);
            }
            None => self.critical("sequencer", task),
        }
    }

    /// Starts a critical task.
    pub fn critical(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(async move {
            task.await;
            name
        });
    }

    /// Waits until a critical task has ended, and says which and how. Never returns while all live.
    pub async fn first_end(&mut self) -> String {
        match self.tasks.join_next().await {
            Some(Ok(name)) => format!("the task {name} ended"),
            Some(Err(error)) => format!("a critical task failed: {error}"),
            None => std::future::pending().await,
        }
    }
}
