//! Commits of other nodes that were heard in passing, until the desk's turn.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::id::Seq;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Desk;
use crate::options::Options;
use crate::relay::heard;
use crate::relay::message::Told;
use crate::store::LedgerRow;

/// Commits that wait at one desk at most; more are read from the ledger.
const INBOX_COMMITS_MAX: usize = 32;

/// What waits, in order.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    commits: BTreeMap<Seq, Kept>,
}

#[derive(Debug)]
struct Kept {
    history: u64,
    row: LedgerRow,
    /// The room that it takes.
    _room: OwnedSemaphorePermit,
}

impl Desk {
    /// Keeps a commit that was heard until the desk's turn; whether it is news.
    pub(crate) fn hear(&self, told: Told, room: &Arc<Semaphore>) -> bool {
        let (known, history) = {
            let settled = self.settled.read();
            (settled.position.seq, settled.history)
        };
        if told.history != history {
            heard("astray", 1);
            return false;
        }
        if told.seq <= known {
            heard("old", 1);
            return false;
        }
        let bytes = u32::try_from(told.bytes()).unwrap_or(u32::MAX);
        let Some(row) = told.row else {
            heard("announced", 1);
            return true;
        };
        let mut inbox = self.inbox.lock();
        // A repeated one takes the place of itself, and no more room.
        let has_room = inbox.commits.len() < INBOX_COMMITS_MAX && !inbox.commits.contains_key(&told.seq);
        match room.clone().try_acquire_many_owned(bytes) {
            Ok(room) if has_room => {
                inbox.commits.insert(told.seq, Kept { history, row, _room: room });
            }
            _ => heard("dropped", 1),
        }
        true
    }

    /// Takes in what was heard, as far as it extends the desk's chain. Only for who has the desk's turn, between batches.
    ///
    /// Says nothing about how new the desk is: what was not heard may have been committed before.
    pub(crate) fn take_in(&self, monotonic: Duration, options: &Options) {
        let rows: Vec<LedgerRow> = {
            // Settled before the inbox, as in `reload`.
            let settled = self.settled.read();
            let mut inbox = self.inbox.lock();
            if inbox.commits.is_empty() {
                return;
            }
            let known = settled.position.seq;
            let before = inbox.commits.len();
            inbox.commits.retain(|seq, kept| *seq > known && kept.history == settled.history);
            heard("old", (before - inbox.commits.len()) as u64);
            let mut next = known.next();
            std::iter::from_fn(|| {
                let kept = inbox.commits.remove(&next)?;
                next = next.next();
                Some(kept.row)
            })
            .collect()
        };
        if rows.is_empty() {
            return;
        }
        let count = rows.len() as u64;
        let is_taken = self.follow_until(rows, Duration::ZERO, monotonic, options);
        heard(if is_taken { "applied" } else { "astray" }, count);
    }

    /// Whether commits wait that do not follow from what the desk has: some in between were not heard.
    pub(crate) fn lacks_commits(&self) -> bool {
        !self.inbox.lock().commits.is_empty()
    }
}
