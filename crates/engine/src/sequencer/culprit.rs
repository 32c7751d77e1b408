//! Whoever fails a batch: an event whose desk is not as the store says, or a request that cannot be decided or written.

use std::future::Future;
use std::pin::Pin;

use domain::id::EventId;

use super::{Left, Part, Sequencer};
use crate::desk::{Desk, Resync, Unread};

impl Sequencer {
    /// Sees to an event whose part keeps a batch from being written: brings its desk up to date, so that it can be tried once
    /// more. If it could be tried once more before, one of its requests is to blame.
    pub(super) async fn suspect(&self, mut parts: Vec<Part>, event: EventId, resync: Resync) -> Left {
        let Some(at) = parts.iter().position(|part| part.desk.id() == event) else {
            return Left { again: parts, ..Left::default() };
        };
        let mut part = parts.remove(at);
        if part.was_stopped {
            return Left { again: parts, blamed: Some(part), has_culprit: true, ..Left::default() };
        }
        let read = match self.find(&part.desk).await {
            Ok(()) => self.resync(&part.desk, resync).await,
            Err(unread) => Err(unread),
        };
        if let Err(unread) = read {
            let alone = vec![self.give_up(part, &unread)];
            return Left { again: parts, alone, has_culprit: true, ..Left::default() };
        }
        part.was_stopped = true;
        if parts.is_empty() {
            return Left { again: vec![part], ..Left::default() };
        }
        // It may be stopped again, and that must be nobody else's trouble.
        Left { again: parts, alone: vec![part], has_culprit: true, ..Left::default() }
    }

    /// Whether the store can tell where an event's history stands.
    async fn find(&self, desk: &Desk) -> Result<(), Unread> {
        let seq = desk.position().seq;
        let told = self.store.positions(vec![desk.id()]).await.map_err(|error| Unread { seq, error })?;
        match told.damaged.first() {
            Some(_) => Err(Unread::nowhere(seq)),
            None => Ok(()),
        }
    }

    /// Tries each half of a part by itself, and so on, until the request that keeps it from being written is alone: it is refused,
    /// and no other suffers from it. Returns the part if its desk must be mended: what is left of it then is refused too.
    pub(super) fn divide(&self, part: Part) -> Pin<Box<dyn Future<Output = Option<Part>> + Send + '_>> {
        Box::pin(async move {
            // Nobody else may come between the halves.
            let turn = part.turn.lock().take();
            let part_of = part.desk.id();
            let halves = part.halves();
            if halves.len() < 2 {
                metrics::counter!("flashtix_store_failures_total").increment(1);
                tracing::error!(
                    event = %part_of,
                    "a request meets a guard that should not have met it, or a row that cannot be read; it is refused"
                );
                self.fail(halves);
                return None;
            }
            let mut halves = halves.into_iter();
            while let Some(half) = halves.next() {
                if let Some(broken) = self.attempts_alone(half).await {
                    self.fail(halves.collect());
                    *broken.turn.lock() = turn;
                    return Some(broken);
                }
            }
            None
        })
    }
}
