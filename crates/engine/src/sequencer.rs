//! The sequencer: takes everything that waits, has it committed as one batch, and starts over.
//!
//! A batch closes when the last one returned. With one request at a time a batch is one request; under load it grows
//! until the store's cost of a commit is spread over a thousand of them; in between, batches are begun a few
//! milliseconds apart.
//!
//! A lane is one sequencer with the events that hash to it. Whatever happens to the clients that wait, a batch
//! that was begun is finished here.

mod culprit;
mod unknown;

use std::collections::{BTreeSet, VecDeque};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::id::Seq;
use domain::place::SeatIndex;
use domain::rejection::{Reason, Rejection};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use parking_lot::Mutex;
use tokio::sync::{Notify, OwnedMutexGuard};

use crate::clock::Outside;
use crate::desk::{Admitted, Answer, Attempt, Desk, Resync, SharedDesk, Unread, Waiting};
use crate::error::Error;
use crate::fleet::Fleet;
use crate::gate::{Gate, GateSeat};
use crate::options::Options;
use crate::pulse::Pulse;
use crate::relay::Outbox;
use crate::request::{Class, Renderer, Request};
use crate::store::{CommitWrite, Decider, Locked, Store, StoreError, TransactError, Waits};

/// Requests of a batch, and as many that came while it was committed and within each step afterwards, for which the next
/// one is not begun before its time.
const PACED_REQUESTS_MIN: usize = 8;
/// Looks at what came, within an interval.
const PACE_STEPS: u32 = 2;
/// What is left of an interval is not waited for if it is shorter: a timer of the runtime takes a millisecond or two.
const PACE_MIN: Duration = Duration::from_micros(500);
/// How often a part of a batch is tried because its desk was not up to date.
const ATTEMPTS_MAX: u32 = 3;
/// How many parts that fail a batch are taken out of it one after the other; then each is tried alone.
const CULPRITS_MAX: u32 = 4;
/// Commits fetched at a time by a desk that is behind.
pub(crate) const TAIL_COMMITS: usize = 256;
/// How much longer than others a paid confirm may wait before it is shed.
const SETTLE_PATIENCE: u32 = 4;

/// The desks of one lane that have work.
#[derive(Debug, Default)]
pub struct Lane {
    ready: Mutex<VecDeque<SharedDesk>>,
    notify: Notify,
}

impl Lane {
    /// Puts a desk at the end of the list.
    pub(crate) fn list(&self, desk: SharedDesk) {
        self.ready.lock().push_back(desk);
        self.notify.notify_one();
    }

    /// How many requests wait for the next batch.
    fn waiting(&self) -> usize {
        // Copied, so that a desk's lock and the list's are never held at once.
        let listed: Vec<SharedDesk> = self.ready.lock().iter().cloned().collect();
        let takeable = listed.iter().filter(|desk| !desk.is_aside.load(Ordering::Acquire));
        takeable.map(|desk| desk.front().queued()).sum()
    }
}

/// One lane's worker.
pub(crate) struct Sequencer {
    pub(crate) lane: Arc<Lane>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) gate: Option<Arc<dyn Gate>>,
    pub(crate) outbox: Outbox,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) renderer: Arc<dyn Renderer>,
    pub(crate) outside: Outside,
    pub(crate) options: Arc<Options>,
}

/// One event's part of a batch.
struct Part {
    desk: SharedDesk,
    attempt: Mutex<Attempt>,
    /// The desk's turn, from when the part is processed until it is done with.
    turn: Mutex<Option<OwnedMutexGuard<()>>>,
    /// How its desk was brought up to date because it kept a batch from being written.
    resynced: Option<Resync>,
    /// Whether it is there for its desk alone, which must be loaded anew before anything else is decided on it.
    must_mend: bool,
}

impl Part {
    /// The same part, leaving an empty one behind.
    fn taken(&self) -> Self {
        Self {
            desk: self.desk.clone(),
            attempt: Mutex::new(std::mem::take(&mut *self.attempt.lock())),
            turn: Mutex::new(self.turn.lock().take()),
            resynced: self.resynced,
            must_mend: self.must_mend,
        }
    }

    /// What is left of it when its requests are answered: the desk, which must be loaded anew, and its turn, so that nobody else
    /// works on it until it is.
    fn to_mend(&self) -> Self {
        let (attempt, turn) = (Mutex::default(), Mutex::new(self.turn.lock().take()));
        Self { desk: self.desk.clone(), attempt, turn, resynced: None, must_mend: true }
    }

    /// Two parts of the same event with half of the requests each, in their order; only one when there is one request.
    fn halves(self) -> Vec<Self> {
        let attempt = self.attempt.into_inner();
        let version = attempt.payload_version;
        let mut first = attempt.waiting;
        let second = first.split_off(first.len().div_ceil(2));
        let halves = [first, second].into_iter().filter(|waiting| !waiting.is_empty());
        let half = |waiting| Self {
            desk: self.desk.clone(),
            attempt: Mutex::new(Attempt::new(waiting, version)),
            turn: Mutex::default(),
            resynced: self.resynced,
            must_mend: false,
        };
        halves.map(half).collect()
    }
}

/// What is left of a batch that was tried.
#[derive(Default)]
struct Left {
    /// Parts to be tried again, now that their desks are up to date.
    again: Vec<Part>,
    /// Parts that must be seen to each by itself: another node has their events, one of them fails the others, or their desks
    /// must be loaded anew.
    alone: Vec<Part>,
    /// A part that keeps a batch from being written although its desk is as the store says: one of its requests is to blame.
    blamed: Option<Part>,
    /// Whether a part was found that fails the others: they are fewer by it.
    has_culprit: bool,
}

impl Left {
    /// With these to be seen to alone, too.
    fn and_alone(mut self, parts: Vec<Part>) -> Self {
        self.alone.extend(parts);
        self
    }
}

/// A batch under way, as the store calls it back.
struct Batch {
    parts: Vec<Part>,
    renderer: Arc<dyn Renderer>,
}

impl Decider for Batch {
    fn decide(&self, at: usize, locked: Locked) -> Option<Arc<CommitWrite>> {
        let Part { desk, attempt, .. } = &self.parts[at];
        desk.decide(&mut attempt.lock(), locked, &*self.renderer)
    }

    fn take_back(&self, at: usize) {
        let Part { desk, attempt, .. } = &self.parts[at];
        desk.take_back(&mut attempt.lock());
    }
}

/// Parts that are tried alone, beside the lane's batches.
type Asides<'a> = FuturesUnordered<Pin<Box<dyn Future<Output = ()> + Send + 'a>>>;

/// Waits for a future, and has those that are aside go on meanwhile.
async fn beside<T>(asides: &mut Asides<'_>, awaited: impl Future<Output = T>) -> T {
    let mut awaited = pin!(awaited);
    loop {
        tokio::select! {
            biased;
            done = &mut awaited => return done,
            Some(()) = asides.next(), if !asides.is_empty() => {}
        }
    }
}

impl Sequencer {
    /// Runs until the process ends.
    pub(crate) async fn run(self) {
        let mut asides = Asides::new();
        loop {
            beside(&mut asides, self.lane.notify.notified()).await;
            while let Some(parts) = self.gather() {
                let began = self.monotonic();
                let requests = parts.iter().map(|part| part.attempt.lock().waiting.len()).sum();
                for part in beside(&mut asides, self.process(parts)).await {
                    part.desk.is_aside.store(true, Ordering::Release);
                    asides.push(Box::pin(self.process_aside(part)));
                }
                beside(&mut asides, self.pace(requests, began)).await;
            }
        }
    }

    /// Lets requests gather while they come fast: a commit costs much by itself, and who commits as often as the store can
    /// has no time left when it must. Whoever is alone on the lane does not wait for this, nor does a crowd whose batches take
    /// longer anyway. It ends when few came since the last look: clients who wait for their answers are all there then.
    async fn pace(&self, requests: usize, began: Duration) {
        let interval = self.options.batch_interval;
        let mut enough = PACED_REQUESTS_MIN;
        if requests < enough {
            return;
        }
        loop {
            let left = interval.saturating_sub(self.monotonic().saturating_sub(began));
            if left < PACE_MIN {
                break;
            }
            let waiting = self.lane.waiting();
            if !(enough..self.options.batch_requests_max).contains(&waiting) {
                break;
            }
            enough = waiting + PACED_REQUESTS_MIN;
            tokio::time::sleep(left.min(interval / PACE_STEPS)).await;
        }
    }

    fn monotonic(&self) -> Duration {
        self.outside.clock.monotonic()
    }

    /// Takes what waits: every listed desk gets its fair share of the batch.
    fn gather(&self) -> Option<Vec<Part>> {
        let desks: Vec<SharedDesk> = {
            let mut ready = self.lane.ready.lock();
            let some = ready.len().min(self.options.batch_requests_max);
            ready.drain(..some).collect()
        };
        let share = self.options.batch_requests_max.checked_div(desks.len())?.max(1);
        let mut parts = Vec::with_capacity(desks.len());
        let mut seen = BTreeSet::new();
        for desk in desks {
            let mut front = desk.front();
            if desk.is_aside.load(Ordering::Acquire) || !seen.insert(desk.id()) {
                // Listed again by whoever has it now.
                continue;
            }
            let waiting = front.take(share);
            front.is_listed = front.queued() > 0;
            let has_more = front.is_listed;
            drop(front);
            if has_more {
                self.lane.ready.lock().push_back(desk.clone());
            }
            let waiting = self.shed_late(&desk, waiting);
            if !waiting.is_empty() {
                let attempt = Mutex::new(Attempt::new(waiting, self.fleet.payload_version()));
                let turn = Mutex::default();
                parts.push(Part { desk, attempt, turn, resynced: None, must_mend: false });
            }
        }
        Some(parts)
    }

    /// Refuses what has waited for too long: its client would rather try again than wait on.
    fn shed_late(&self, desk: &Desk, waiting: Vec<Waiting>) -> Vec<Waiting> {
        let now = self.monotonic();
        let wait_max = self.options.queue_wait_max;
        let (late, in_time): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|waiting| {
            let patience = match Class::of(&waiting.request.command) {
                Class::Settle => SETTLE_PATIENCE,
                _ => 1,
            };
            now.saturating_sub(waiting.since) > wait_max * patience
        });
        if !late.is_empty() {
            metrics::counter!("flashtix_shed_total").increment(late.len() as u64);
            if late.iter().any(|waiting| Class::of(&waiting.request.command) == Class::Sweep) {
                desk.is_sweeping.store(false, Ordering::Release);
            }
            answer_all(desk, late, &Error::Overloaded { retry_after: wait_max });
        }
        in_time
    }

    /// Commits a batch and answers everybody in it, but for the parts that it returns: those must be tried alone.
    async fn process(&self, parts: Vec<Part>) -> Vec<Part> {
        for part in &parts {
            // Whoever else has a turn waits for nothing but the store until it is given back, so this cannot deadlock.
            let turn = part.desk.turn.clone().lock_owned().await;
            *part.turn.lock() = Some(turn);
            // What was heard of other nodes need not be read under the lock.
            part.desk.take_in(self.monotonic(), &self.options);
        }
        // A node that is alone has nobody to keep away.
        let Some(gate) = self.gate.as_ref().filter(|_| !self.fleet.is_alone()) else {
            return self.attempts(parts, Waits::ForNothing).await;
        };
        let wanted: BTreeSet<GateSeat> =
            parts.iter().flat_map(|part| part.desk.gated(&part.attempt.lock().waiting)).collect();
        let pass = gate.take(wanted.into_iter().collect()).await;
        let left = self.attempts(turned_away(parts, &pass.lost), Waits::ForNothing).await;
        // A part that is tried alone from here on goes without a lock: it waits for its event anyway.
        gate.release(pass);
        left
    }

    /// Commits one part by itself, or mends its desk, so that the lane need not wait for its event.
    async fn process_aside(&self, part: Part) {
        let desk = part.desk.clone();
        let broken = if part.must_mend { Some(part) } else { self.attempts_alone(part).await };
        if let Some(broken) = broken {
            self.mend(&broken).await;
        }
        let mut front = desk.front();
        desk.is_aside.store(false, Ordering::Release);
        front.is_listed = front.queued() > 0;
        let must_list = front.is_listed;
        drop(front);
        if must_list {
            self.lane.list(desk);
        }
    }

    /// Tries to commit a part by itself until it is done; returns it if its desk must be mended.
    async fn attempts_alone(&self, part: Part) -> Option<Part> {
        let left = self.attempts(vec![part], Waits::ForEvents).await;
        // A part that is alone is neither left nor divided from others.
        let (mut broken, left): (Vec<_>, Vec<_>) = left.into_iter().partition(|part| part.must_mend);
        self.fail(left);
        broken.pop()
    }

    /// Tries to commit parts together until all are done; returns those that must be seen to alone.
    async fn attempts(&self, mut parts: Vec<Part>, waits: Waits) -> Vec<Part> {
        let mut alone = Vec::new();
        let (mut attempts, mut culprits) = (0, 0);
        while attempts < ATTEMPTS_MAX {
            if parts.is_empty() {
                return alone;
            }
            if culprits == CULPRITS_MAX && waits == Waits::ForNothing {
                // There may be as many as there are parts, and the lane waits.
                alone.extend(parts);
                return alone;
            }
            let left = self.attempt(parts, waits).await;
            alone.extend(left.alone);
            match left.blamed {
                // Its requests are tried by halves, one after the other: not while the lane waits.
                Some(part) if waits == Waits::ForNothing => alone.push(part),
                Some(part) => alone.extend(self.divide(part).await),
                None => {}
            }
            parts = left.again;
            // However many parts are guilty, the innocent ones are not short of attempts by it.
            attempts += u32::from(!left.has_culprit);
            culprits += u32::from(left.has_culprit);
        }
        if parts.is_empty() {
            return alone;
        }
        tracing::error!(
            events = parts.len(),
            "events could not be brought up to date; their requests are refused"
        );
        self.fail(parts);
        alone
    }

    /// Tries once.
    async fn attempt(&self, parts: Vec<Part>, waits: Waits) -> Left {
        if let Some(newer) = self.fleet.newer_schema() {
            self.refuse(parts, &Error::NewerSchema(newer));
            return Left::default();
        }
        let started = self.monotonic();
        let works = parts.iter().map(|part| part.desk.work(&part.attempt.lock())).collect();
        let batch = Arc::new(Batch { parts, renderer: self.renderer.clone() });
        let result = self.store.transact(works, waits, batch.clone()).await;
        // The store may still hold the batch for an instant, so its parts are emptied, not moved.
        let mut parts: Vec<Part> = batch.parts.iter().map(Part::taken).collect();
        self.feel_pulse(&parts, &result, waits, started);
        match result {
            Ok(left) => {
                let alone: Vec<_> = left.iter().rev().map(|at| parts.remove(*at)).collect();
                self.settle(parts, started).await.and_alone(alone)
            }
            Err(TransactError::Divided) => {
                metrics::counter!("flashtix_conflicts_total").increment(1);
                parts.iter().for_each(|part| part.desk.take_back(&mut part.attempt.lock()));
                Left { alone: parts, ..Left::default() }
            }
            Err(TransactError::Undecidable(event, error)) => {
                tracing::warn!(%event, %error, "a part of a batch cannot be decided; the others go on without it");
                let to_mend = broken(&parts);
                let (failed, parts): (Vec<_>, Vec<_>) =
                    parts.into_iter().partition(|part| part.attempt.lock().is_broken);
                parts.iter().for_each(|part| part.desk.take_back(&mut part.attempt.lock()));
                if failed.is_empty() {
                    return self.suspect(parts, event, Resync::CatchUp).await;
                }
                metrics::counter!("flashtix_store_failures_total").increment(1);
                self.fail(failed);
                Left { again: parts, alone: to_mend, has_culprit: true, ..Left::default() }
            }
            Err(TransactError::Unknown(reason)) => {
                tracing::warn!(reason, "the outcome of a commit is unknown; looking it up");
                // Parts that were left have nothing to find out.
                let (asked, alone): (Vec<_>, Vec<_>) =
                    parts.into_iter().partition(|part| part.attempt.lock().is_decided());
                self.find_out(asked, started).await.and_alone(alone)
            }
            Err(TransactError::Stale(event)) => {
                tracing::error!(%event, "a guard found another state than the desk's");
                metrics::counter!("flashtix_conflicts_total").increment(1);
                parts.iter().for_each(|part| part.desk.take_back(&mut part.attempt.lock()));
                self.suspect(parts, event, Resync::Reload).await
            }
            Err(TransactError::Nothing(error)) => {
                tracing::warn!(%error, "a batch was not committed");
                metrics::counter!("flashtix_store_failures_total").increment(1);
                self.fail(parts);
                Left::default()
            }
        }
    }

    /// Notes what the end of a batch says of the store.
    fn feel_pulse(
        &self,
        parts: &[Part],
        result: &Result<Vec<usize>, TransactError>,
        waits: Waits,
        started: Duration,
    ) {
        match result {
            // Whoever answers and writes nothing may have no room for it.
            Ok(_) if parts.iter().any(|part| part.attempt.lock().position_after().is_some()) => {
                self.pulse.committed();
            }
            Ok(_) | Err(TransactError::Stale(_) | TransactError::Divided) => self.pulse.felt(),
            // One event's trouble says nothing of the store.
            Err(TransactError::Undecidable(..)) => {}
            // Whoever waited for one event may have waited in vain, and the others are sold.
            Err(TransactError::Nothing(_)) if waits == Waits::ForEvents => {}
            Err(TransactError::Nothing(_) | TransactError::Unknown(_)) => self.pulse.failed(started),
        }
    }

    /// Settles what committed; leaves the parts whose desks were not up to date.
    async fn settle(&self, parts: Vec<Part>, started: Duration) -> Left {
        let monotonic = self.monotonic();
        metrics::histogram!("flashtix_batch_seconds").record(monotonic.saturating_sub(started).as_secs_f64());
        let mut left = Left::default();
        for part in parts {
            let resync = part.attempt.lock().resync;
            if let Some(resync) = resync {
                part.desk.take_back(&mut part.attempt.lock());
                match self.resync(&part.desk, resync).await {
                    Ok(()) => left.again.push(part),
                    // The desk is behind and not wrong: it is asked again, and the follower does, too.
                    Err(unread) if resync == Resync::CatchUp && !unread.is_damage() => {
                        tracing::warn!(error = %unread.error, "the ledger cannot be read");
                        left.again.push(part);
                    }
                    Err(unread) => left.alone.push(self.give_up(part, &unread)),
                }
                continue;
            }
            let mut attempt = part.attempt.into_inner();
            part.desk.settle(&mut attempt, started, monotonic, &self.options);
            if let Some(write) = &attempt.write
                && !self.fleet.is_alone()
            {
                self.outbox.post(part.desk.history(), write);
            }
            record(&attempt);
            let (has_swept, sweep_again) = (attempt.has_swept, attempt.sweep_again);
            answer(&part.desk, attempt);
            part.desk.take_in(monotonic, &self.options);
            if has_swept {
                part.desk.is_sweeping.store(false, Ordering::Release);
            }
            if sweep_again {
                self.sweep_on(&part.desk);
            }
        }
        left
    }

    /// Lets the next batch end more lapsed holds, without waiting for the sweeper's next round.
    fn sweep_on(&self, desk: &SharedDesk) {
        if desk.is_sweeping.swap(true, Ordering::AcqRel) {
            return;
        }
        match desk.admit(Request::sweep(), self.monotonic(), 0, &self.options) {
            Ok(Admitted::Waits { must_list: true, .. }) => self.lane.list(desk.clone()),
            Ok(_) => {}
            // Housekeeping is the first to be shed.
            Err(_) => desk.is_sweeping.store(false, Ordering::Release),
        }
    }

    /// Takes a batch back and tells everybody that nothing happened.
    fn fail(&self, parts: Vec<Part>) {
        self.refuse(parts, &Error::Unavailable);
    }

    fn refuse(&self, parts: Vec<Part>, error: &Error) {
        for part in parts {
            let mut attempt = part.attempt.into_inner();
            part.desk.take_back(&mut attempt);
            part.desk.is_sweeping.store(false, Ordering::Release);
            answer_all(&part.desk, attempt.waiting, error);
        }
    }

    /// Refuses a part whose desk could not be brought up to date; what is left of it must be mended.
    fn give_up(&self, part: Part, unread: &Unread) -> Part {
        let broken = part.to_mend();
        self.fail(vec![part]);
        broken.desk.quarantine(unread, self.monotonic());
        broken
    }

    /// Loads a desk anew, however long that takes: nothing may be decided on what it has. Its turn is this part's.
    async fn mend(&self, broken: &Part) {
        let desk = &broken.desk;
        loop {
            let pause = desk.retry_in(self.monotonic());
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            match reload(&*self.store, desk, self.monotonic(), &self.options).await {
                Ok(()) => return desk.release(),
                Err(unread) => desk.quarantine(&unread, self.monotonic()),
            }
        }
    }

    /// Brings a desk up to date outside of any lock of the store.
    async fn resync(&self, desk: &Desk, resync: Resync) -> Result<(), Unread> {
        if resync == Resync::CatchUp && self.catch_up(desk).await? {
            return Ok(());
        }
        reload(&*self.store, desk, self.monotonic(), &self.options).await
    }

    /// Applies what others committed, however much it is; `false` when it cannot be applied.
    async fn catch_up(&self, desk: &Desk) -> Result<bool, Unread> {
        loop {
            let (after, asked_at) = (desk.position().seq, self.monotonic());
            match self.store.tail(desk.id(), after, TAIL_COMMITS).await {
                Ok(rows) => {
                    let is_last = rows.len() < TAIL_COMMITS;
                    let has_followed = desk.follow(rows, asked_at, &self.options);
                    if is_last || !has_followed {
                        return Ok(has_followed);
                    }
                }
                // Only the last commit of those need be readable for an event to be loaded.
                Err(StoreError::Damaged(_)) => return Ok(false),
                Err(error) => return Err(Unread { seq: after, error }),
            }
        }
    }
}

/// What is left of the parts whose decision panicked: with their turns, since nobody else may work on their desks until they are
/// mended.
fn broken(parts: &[Part]) -> Vec<Part> {
    let broken: Vec<_> =
        parts.iter().filter(|part| part.attempt.lock().is_broken).map(Part::to_mend).collect();
    for Part { desk, .. } in &broken {
        tracing::error!(event = %desk.id(), "deciding a batch panicked; its desk is loaded anew");
    }
    broken
}

/// Loads a desk anew, in place.
///
/// # Errors
/// The store cannot be read, and the desk is as it was.
pub(crate) async fn reload(
    store: &dyn Store,
    desk: &Desk,
    monotonic: Duration,
    options: &Options,
) -> Result<(), Unread> {
    let keep = i64::try_from(options.idempotency_keep.as_millis()).unwrap_or(i64::MAX);
    let loaded = store.load(desk.id(), keep).await;
    let Some(snapshot) = loaded.map_err(|error| Unread { seq: desk.position().seq, error })? else {
        desk.is_dropped.store(true, Ordering::Release);
        return Ok(());
    };
    // Whether there was an outage depends on when the last commit was made, and a snapshot does not say it.
    let seq = snapshot.position.seq;
    let rows = store.tail(desk.id(), Seq(seq.0.saturating_sub(1)), 1).await;
    let rows = rows.map_err(|error| Unread { seq, error })?;
    rows.first().into_iter().for_each(|row| desk.note_commit(row.at));
    desk.reload(snapshot, monotonic, options).map_err(|error| Unread { seq, error })?;
    metrics::counter!("flashtix_desk_reloads_total").increment(1);
    Ok(())
}

/// Refuses the requests for seats that other nodes are deciding about; returns the parts that have others left.
fn turned_away(parts: Vec<Part>, lost: &[GateSeat]) -> Vec<Part> {
    if lost.is_empty() {
        return parts;
    }
    metrics::counter!("flashtix_gate_lost_total").increment(lost.len() as u64);
    let turn_away = |part: &Part| {
        let lost: Vec<SeatIndex> =
            lost.iter().filter(|(event, _)| *event == part.desk.id()).map(|(_, seat)| *seat).collect();
        if lost.is_empty() {
            return true;
        }
        let mut attempt = part.attempt.lock();
        let (away, stay): (Vec<_>, Vec<_>) = std::mem::take(&mut attempt.waiting)
            .into_iter()
            .partition(|waiting| waiting.request.seats_to_take().any(|seat| lost.contains(&seat)));
        attempt.waiting = stay;
        for waiting in away {
            let name =
                |seat| (part.desk.read(|inventory| inventory.event().seat_name(seat)), Reason::Pending);
            let places =
                waiting.request.seats_to_take().filter(|seat| lost.contains(seat)).map(name).collect();
            answer_all(&part.desk, vec![waiting], &Rejection::PlaceContended(places).into());
        }
        !attempt.waiting.is_empty()
    };
    parts.into_iter().filter(turn_away).collect()
}

fn record(attempt: &Attempt) {
    let Some(write) = &attempt.write else { return };
    metrics::counter!("flashtix_commits_total").increment(1);
    let sold = write.entries.iter().flat_map(|entry| &entry.changes).filter(|change| change.ticket.is_some());
    let sold: u32 = sold.filter(|change| change.to == domain::place::Status::Sold).map(|c| c.units).sum();
    metrics::counter!("flashtix_places_sold_total").increment(u64::from(sold));
    metrics::histogram!("flashtix_bookings_per_commit").record(write.orders.len() as f64);
}

/// Gives everybody in a committed part their answers.
fn answer(desk: &Desk, attempt: Attempt) {
    let Attempt { waiting, answers, .. } = attempt;
    let mut front = desk.front();
    waiting.iter().for_each(|waiting| front.done(waiting));
    drop(front);
    for (waiting, answer) in waiting.into_iter().zip(answers) {
        send(waiting, Ok(answer));
    }
}

fn send(waiting: Waiting, answer: Result<Answer, Error>) {
    // Whoever asked may be gone; what was decided stands.
    drop(waiting.reply.send(answer));
}

/// Gives everybody the same answer.
pub(crate) fn answer_all(desk: &Desk, waiting: Vec<Waiting>, error: &Error) {
    let mut front = desk.front();
    waiting.iter().for_each(|waiting| front.done(waiting));
    drop(front);
    waiting.into_iter().for_each(|waiting| send(waiting, Err(error.clone())));
}
