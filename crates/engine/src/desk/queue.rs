//! What waits at a desk: requests by class, the seats they want, the keys they use.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use domain::command::{Command, Digest};
use domain::place::SeatIndex;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::error::Error;
use crate::request::{Class, Request};

use super::quarantine::Quarantine;
use super::{Answer, Made};

/// What a request's batch makes of it, for whoever stops waiting before the store has answered.
#[derive(Debug, Default)]
pub(crate) struct Prospect(Mutex<Option<Made>>);

impl Prospect {
    /// Notes what there will be if the batch commits.
    pub(super) fn set(&self, made: Option<Made>) {
        *self.0.lock() = made;
    }

    /// What there is if the batch committed.
    pub(crate) fn made(&self) -> Option<Made> {
        *self.0.lock()
    }
}

/// A request that waits for its batch, and everything needed to answer it without its client.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) request: Request,
    pub(crate) reply: oneshot::Sender<Result<Answer, Error>>,
    /// Monotonic time of its arrival.
    pub(crate) since: Duration,
    /// Random bits for the identifier of what it makes.
    pub(crate) salt: u32,
    pub(crate) prospect: Arc<Prospect>,
}

impl Waiting {
    /// The seats it names.
    pub(super) fn seats(&self) -> impl Iterator<Item = SeatIndex> {
        let basket = match &self.request.command {
            Command::Hold { purchase, .. } | Command::Book { purchase, .. } => Some(&purchase.basket),
            Command::Edit(edit) => edit.add.as_ref(),
            _ => None,
        };
        basket.into_iter().flat_map(|basket| &basket.seats).map(|wanted| wanted.seat)
    }

    /// The digests that no second request may use while it is under way.
    pub(super) fn digests(&self) -> impl Iterator<Item = Digest> {
        let request = &self.request;
        request
            .idempotency
            .iter()
            .map(|idempotency| idempotency.key)
            .chain(request.order_ref.iter().map(|(d, _)| *d))
    }
}

/// Everything that has been admitted and not yet settled.
#[derive(Debug, Default)]
pub(crate) struct Front {
    queues: [VecDeque<Waiting>; Class::ALL.len()],
    queued: usize,
    under_way: usize,
    pending: HashMap<SeatIndex, u32>,
    in_flight: HashSet<Digest>,
    /// Set while the event cannot be read.
    pub(super) quarantine: Option<Quarantine>,
    /// Whether the desk stands in its lane's list of those with work.
    pub(crate) is_listed: bool,
}

impl Front {
    pub(super) fn is_empty(&self) -> bool {
        self.queued == 0 && self.under_way == 0
    }

    pub(super) fn is_pending(&self, seat: SeatIndex) -> bool {
        self.pending.contains_key(&seat)
    }

    pub(super) fn is_in_flight(&self, digest: &Digest) -> bool {
        self.in_flight.contains(digest)
    }

    /// How many requests wait.
    pub(crate) fn queued(&self) -> usize {
        self.queued
    }

    /// Whether the queue has room left for a class.
    pub(super) fn has_room(&self, class: Class, requests_max: usize) -> bool {
        self.queued < requests_max * class.queue_eighths() / 8
    }

    pub(super) fn push(&mut self, class: Class, waiting: Waiting) {
        for seat in waiting.seats() {
            *self.pending.entry(seat).or_default() += 1;
        }
        self.in_flight.extend(waiting.digests());
        self.queues[class as usize].push_back(waiting);
        self.queued += 1;
    }

    /// Takes up to `requests_max` requests for a batch, those that matter most first.
    pub(crate) fn take(&mut self, requests_max: usize) -> Vec<Waiting> {
        let mut taken = Vec::with_capacity(self.queued.min(requests_max));
        for queue in &mut self.queues {
            let some = queue.len().min(requests_max - taken.len());
            taken.extend(queue.drain(..some));
        }
        self.queued -= taken.len();
        self.under_way += taken.len();
        taken
    }

    /// Takes a request out of the queue, so that nothing happens; `false` when it is in a batch already.
    pub(crate) fn withdraw(&mut self, prospect: &Arc<Prospect>) -> bool {
        let withdrawn = self.queues.iter_mut().find_map(|queue| {
            let at = queue.iter().position(|waiting| Arc::ptr_eq(&waiting.prospect, prospect))?;
            queue.remove(at)
        });
        let Some(waiting) = withdrawn else { return false };
        self.queued -= 1;
        self.under_way += 1;
        self.done(&waiting);
        true
    }

    /// Forgets a request that was taken and has its answer.
    pub(crate) fn done(&mut self, waiting: &Waiting) {
        self.under_way -= 1;
        for seat in waiting.seats() {
            if let Some(wanted) = self.pending.get_mut(&seat) {
                *wanted -= 1;
                if *wanted == 0 {
                    self.pending.remove(&seat);
                }
            }
        }
        for digest in waiting.digests() {
            self.in_flight.remove(&digest);
        }
    }
}
