//! The first answer: refuse from memory, replay, or wait for a batch.

use std::sync::Arc;
use std::time::Duration;

use domain::id::Serial;
use domain::inventory::Glance;
use domain::rejection::Rejection;
use tokio::sync::oneshot;

use super::{Answer, Desk, Prospect, Waiting};
use crate::error::Error;
use crate::options::Options;
use crate::request::{Class, Request};

/// What became of a request at the desk.
#[derive(Debug)]
pub(crate) enum Admitted {
    /// It waits for its batch; the answer comes here, whether or not anybody still listens.
    Waits {
        /// The answer.
        answer: oneshot::Receiver<Result<Answer, Error>>,
        /// What its batch makes of it.
        prospect: Arc<Prospect>,
        /// Whether the desk must be put on its lane's list.
        must_list: bool,
    },
    /// It was done before; the reply is kept under this serial.
    Before(Serial),
}

impl Desk {
    /// Looks at a request, and lets it wait for its batch unless memory can answer.
    ///
    /// # Errors
    /// A refusal from memory, or the queue is full.
    pub(crate) fn admit(
        &self,
        request: Request,
        monotonic: Duration,
        salt: u32,
        options: &Options,
    ) -> Result<Admitted, Error> {
        {
            let settled = self.settled.read();
            if let Some(idempotency) = &request.idempotency
                && let Some(serial) = settled.recent.get(&idempotency.key)
            {
                return Ok(Admitted::Before(serial));
            }
            // A reference outlives the memory of it: where it may be an old one, the store is asked.
            let is_known = request
                .order_ref
                .iter()
                .any(|(digest, _)| settled.recent.has_forgotten() || settled.recent.get(digest).is_some());
            let is_new_enough = request.at_least.is_none_or(|seq| settled.position.seq >= seq);
            if options.desk_refuses && is_new_enough && !is_known && self.is_fresh(monotonic, options) {
                let now = self.now(monotonic);
                let glance = settled
                    .inventory
                    .glance(&request.command, now, |seat| self.front.lock().is_pending(seat));
                match glance {
                    // Its own earlier attempt may be what is pending: say so rather than "contended".
                    Glance::Refused(Rejection::PlaceContended(_)) if self.is_in_flight(&request) => {
                        return Err(Rejection::IdempotencyInFlight.into());
                    }
                    Glance::Refused(rejection) => return Err(rejection.into()),
                    Glance::Undecided => {}
                }
            }
        }
        self.enqueue(request, monotonic, salt, options)
    }

    fn is_in_flight(&self, request: &Request) -> bool {
        let front = self.front.lock();
        request.idempotency.iter().any(|idempotency| front.is_in_flight(&idempotency.key))
            || request.order_ref.iter().any(|(digest, _)| front.is_in_flight(digest))
    }

    fn enqueue(
        &self,
        request: Request,
        monotonic: Duration,
        salt: u32,
        options: &Options,
    ) -> Result<Admitted, Error> {
        let class = Class::of(&request.command);
        let (sender, answer) = oneshot::channel();
        let prospect = Arc::new(Prospect::default());
        let waiting = Waiting { request, reply: sender, since: monotonic, salt, prospect: prospect.clone() };
        let mut front = self.front.lock();
        if waiting.digests().any(|digest| front.is_in_flight(&digest)) {
            return Err(Rejection::IdempotencyInFlight.into());
        }
        // The same request may have been settled since the glance: what is no longer in flight is in
        // memory by now, since settling writes there first. Recursive, because a glance waits for
        // the front while it reads: queueing up behind a writer here would be a deadlock.
        if let Some(idempotency) = &waiting.request.idempotency
            && let Some(serial) = self.settled.read_recursive().recent.get(&idempotency.key)
        {
            return Ok(Admitted::Before(serial));
        }
        if front.quarantine.is_some() {
            return Err(Error::Unavailable);
        }
        if !front.has_room(class, options.queue_requests_max) {
            return Err(Error::Overloaded { retry_after: options.queue_wait_max });
        }
        front.push(class, waiting);
        let must_list = !std::mem::replace(&mut front.is_listed, true);
        Ok(Admitted::Waits { answer, prospect, must_list })
    }
}
