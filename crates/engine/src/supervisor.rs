//! Long-lived tasks, and what happens when one of them ends.

use std::future::Future;

use tokio::task::JoinSet;

/// Owns the tasks that must never end while the process lives.
///
/// A critical task that ends, by panic or otherwise, means that the process no longer does its work:
/// [`Supervisor::first_end`] returns, and the process stops, so that whoever runs it starts it anew.
#[derive(Debug, Default)]
pub struct Supervisor {
    tasks: JoinSet<&'static str>,
}

impl Supervisor {
    /// No task yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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
