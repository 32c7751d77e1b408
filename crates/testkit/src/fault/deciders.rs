//! What stands between a store and whoever decides, when something goes wrong in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::store::{CommitWrite, Decider, Locked};
use tokio::sync::Notify;

/// Lets decide, and writes nothing: a transaction that fails after the decision.
pub(super) struct Losing(pub(super) Arc<dyn Decider>);

impl Decider for Losing {
    fn decide(&self, at: usize, locked: Locked) -> Option<Arc<CommitWrite>> {
        drop(self.0.decide(at, locked));
        None
    }

    fn take_back(&self, at: usize) {
        self.0.take_back(at);
    }
}

/// Lets decide twice; the second decision counts.
pub(super) struct Twice(pub(super) Arc<dyn Decider>);

impl Decider for Twice {
    fn decide(&self, at: usize, locked: Locked) -> Option<Arc<CommitWrite>> {
        drop(self.0.decide(at, locked.clone()));
        self.0.decide(at, locked)
    }

    fn take_back(&self, at: usize) {
        self.0.take_back(at);
    }
}

/// Lets decide, takes it back, and writes nothing: a guess that was wrong.
pub(super) struct Guessing(pub(super) Arc<dyn Decider>);

impl Decider for Guessing {
    fn decide(&self, at: usize, locked: Locked) -> Option<Arc<CommitWrite>> {
        drop(self.0.decide(at, locked));
        self.0.take_back(at);
        None
    }
}

/// Lets decide all parts but the first.
pub(super) struct Rest(pub(super) Arc<dyn Decider>);

impl Decider for Rest {
    fn decide(&self, at: usize, locked: Locked) -> Option<Arc<CommitWrite>> {
        self.0.decide(at + 1, locked)
    }

    fn take_back(&self, at: usize) {
        self.0.take_back(at + 1);
    }
}

/// Tells when everything is decided.
pub(super) struct Telling {
    inner: Arc<dyn Decider>,
    missing: AtomicUsize,
    notify: Notify,
}

impl Telling {
    pub(super) fn new(inner: Arc<dyn Decider>, parts: usize) -> Self {
        Self { inner, missing: parts.into(), notify: Notify::new() }
    }

    pub(super) async fn decided(&self) {
        self.notify.notified().await;
    }
}

impl Decider for Telling {
    fn decide(&self, at: usize, locked: Locked) -> Option<Arc<CommitWrite>> {
        let write = self.inner.decide(at, locked);
        if self.missing.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.notify.notify_one();
        }
        write
    }

    fn take_back(&self, at: usize) {
        self.inner.take_back(at);
    }
}
