//! Whoever fails a batch: an event whose desk is not as the store says, or a request that cannot be decided or written.

use std::future::Future;
use std::pin::Pin;

use domain::id::EventId;

use super::{Left, Part, Sequencer};
use crate::desk::{Desk, Resync, Unread};

impl Sequencer {
    /// Sees to an event whose part keeps a batch from being written: it is tried alone, then once more with its desk brought up to
    /// date, and after that one of its requests is to blame.
    pub(super) async fn suspect(&self, mut parts: Vec<Part>, event: EventId, resync: Resync) -> Left {
        let Some(at) = parts.iter().position(|part| part.desk.id() == event) else {
            return Left { again: parts, ..Left::default() };
        };
        let mut part = parts.remove(at);
        if !parts.is_empty() {
            // It is seen to beside the lane, and is nobody else's trouble there.
            return Left { again: parts, alone: vec![part], has_culprit: true, ..Left::default() };
        }
        if part.resynced.is_some_and(|done| done >= resync) {
            return Left { blamed: Some(part), has_culprit: true, ..Left::default() };
        }
        let read = match self.find(&part.desk).await {
            Ok(()) => self.resync(&part.desk, resync).await,
            Err(unread) => Err(unread),
        };
        match read {
            Ok(()) => {
                part.resynced = Some(resync);
                Left { again: vec![part], ..Left::default() }
            }
            // The desk is not wrong: it is asked again, and the follower does, too.
            Err(unread) if resync == Resync::CatchUp && !unread.is_damage() => {
                self.fail(vec![part]);
                Left::default()
            }
            Err(unread) => Left { alone: vec![self.give_up(part, &unread)], ..Left::default() },
        }
    }

    /// Whether the store can tell where an event's history stands.
    async fn find(&self, desk: &Desk) -> Result<(), Unread> {
        let told = self.store.positions(vec![desk.id()]).await;
        let found = told.and_then(|told| told.of(desk.id()));
        found.map(drop).map_err(|error| Unread { seq: desk.position().seq, error })
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
