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
    /// Where some of them run, when that is not where everything else does.
    apart: Option<Apart>,
}

/// The runtimes of tasks that must not stand in line behind a crowd's requests.
///
/// A batch goes from the sequencer to its connection and back several times, and on the runtime of a server's requests each of these
/// steps would stand in line behind hundreds of them. A batch also waits for its desk's turn: whoever takes that must be as quick.
#[derive(Debug, Clone)]
pub struct Apart {
    /// For the sequencers.
    pub sequencers: Handle,
    /// For those who keep desks, and this node's word in the store, up to date.
    pub keepers: Handle,
}

impl Supervisor {
    /// No task yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No task yet; sequencers and keepers will run on these runtimes.
    #[must_use]
    pub fn with_tasks_apart(apart: Apart) -> Self {
        Self { tasks: JoinSet::new(), apart: Some(apart) }
    }

    /// Starts a sequencer, apart from the others where there is such a place.
    pub(crate) fn sequencer(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        let runtime = self.apart.as_ref().map(|apart| apart.sequencers.clone());
        self.spawn("sequencer", task, runtime);
    }

    /// Starts a critical task that keeps desks up to date, apart from the others where there is such a place.
    pub(crate) fn keeper(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let runtime = self.apart.as_ref().map(|apart| apart.keepers.clone());
        self.spawn(name, task, runtime);
    }

    /// Starts a critical task.
    pub fn critical(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn(name, task, None);
    }

    fn spawn(
        &mut self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
        runtime: Option<Handle>,
    ) {
        let named = async move {
            task.await;
            name
        };
        match runtime {
            Some(runtime) => self.tasks.spawn_on(named, &runtime),
            None => self.tasks.spawn(named),
        };
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn runtime(name: &str) -> Runtime {
        Builder::new_multi_thread().worker_threads(1).thread_name(name).build().expect("a thread")
    }

    /// A crowd's requests would stand between a batch and its store, and between a batch and its turn.
    #[test]
    fn sequencers_and_keepers_run_apart() {
        let (requests, sequencers, keepers) = (runtime("request"), runtime("lane"), runtime("keeper"));
        let apart = Apart { sequencers: sequencers.handle().clone(), keepers: keepers.handle().clone() };
        let mut supervisor = Supervisor::with_tasks_apart(apart);
        let (say, hear) = mpsc::sync_channel(3);
        let task = |kind: &'static str| {
            let say = say.clone();
            async move {
                let thread = thread::current().name().map(str::to_owned);
                say.send((kind, thread)).expect("somebody listens");
            }
        };
        let _here = requests.enter();
        supervisor.sequencer(task("sequencer"));
        supervisor.keeper("follower", task("keeper"));
        supervisor.critical("feeds", task("critical"));
        drop(say);
        let mut ran: Vec<_> = hear.iter().collect();
        ran.sort_unstable();
        let on = |name: &str| Some(name.to_owned());
        assert_eq!(ran, [("critical", on("request")), ("keeper", on("keeper")), ("sequencer", on("lane"))]);
    }
}
