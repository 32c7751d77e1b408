//! Unknown outcomes: a store did not say whether a batch committed, so it is looked up before anybody is answered.

use std::time::Duration;

use super::{Left, Part, Sequencer};
use crate::desk::{Answer, Attempt, Unread};
use crate::error::Error;
use crate::store::StoreError;

/// Pause between two look-ups.
const LOOKUP_PAUSE: Duration = Duration::from_millis(50);

impl Sequencer {
    /// Waits until the store says whether a batch committed. Clients are told that it is unknown when
    /// that takes too long; the desk waits on, because nothing can be decided before it is known.
    pub(super) async fn find_out(&self, parts: Vec<Part>, started: Duration) -> Left {
        let mut are_told = false;
        loop {
            match self.look_up(&parts).await {
                Ok(true) => return self.settle(parts, started).await,
                Ok(false) => {
                    self.fail(parts);
                    return Left::default();
                }
                // Waiting does not help, and whatever was committed is found when the events can be loaded again.
                Err(error @ StoreError::Damaged(_)) => return self.leave_unknown(parts, &error),
                Err(error) => tracing::warn!(%error, "an unknown outcome cannot be looked up yet"),
            }
            if !are_told && self.monotonic().saturating_sub(started) > self.options.outcome_wait_max {
                are_told = true;
                parts.iter().for_each(|part| tell_unknown(&mut part.attempt.lock()));
            }
            tokio::time::sleep(LOOKUP_PAUSE).await;
        }
    }

    /// Whether a batch committed, which any event of it tells that can be read.
    async fn look_up(&self, parts: &[Part]) -> Result<bool, StoreError> {
        let mut damaged = None;
        for part in parts {
            let Some(position) = part.attempt.lock().position_after() else { continue };
            match self.store.contains(part.desk.id(), position).await {
                // Somebody may have deleted a test event since.
                Ok(false) if !part.desk.read(|inventory| inventory.event().livemode) => {}
                Err(error @ StoreError::Damaged(_)) => damaged = Some(error),
                told => return told,
            }
        }
        // Where nothing was to be written, nothing was.
        damaged.map_or(Ok(false), Err)
    }

    /// Tells everybody in a batch that its outcome is unknown, and leaves its desks to be loaded anew.
    fn leave_unknown(&self, parts: Vec<Part>, error: &StoreError) -> Left {
        let (written, rest): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|part| part.attempt.lock().position_after().is_some());
        self.fail(rest);
        // One that is sound is loaded at the first try.
        let give_up = |part: Part| {
            tell_unknown(&mut part.attempt.lock());
            let unread = Unread { seq: part.desk.position().seq, error: error.clone() };
            self.give_up(part, &unread)
        };
        Left { alone: written.into_iter().map(give_up).collect(), ..Left::default() }
    }
}

/// Tells clients that it is not known whether their requests were done. Their places stay as they are.
fn tell_unknown(attempt: &mut Attempt) {
    for (waiting, answer) in attempt.waiting.iter_mut().zip(&attempt.answers) {
        let (sender, _) = tokio::sync::oneshot::channel();
        let sender = std::mem::replace(&mut waiting.reply, sender);
        let id = match answer {
            Answer::Done(_, made) => made.map(|made| made.to_string()),
            Answer::Before(_) | Answer::Refused(_) => None,
        };
        drop(sender.send(Err(Error::OutcomeUnknown { id })));
    }
}
