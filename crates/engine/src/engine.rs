//! The engine: desks, lanes, and the tasks around them.

mod follow;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::id::{EventId, Seq, Serial};
use domain::rejection::{Missing, Rejection};
use futures_util::future::{Either, ready};
use parking_lot::{Mutex, RwLock};
use tokio::sync::{Mutex as AsyncMutex, Notify, Semaphore};

use crate::clock::Outside;
use crate::desk::{Admitted, Answer, Desk, Prospect, Quarantine, SharedDesk, Unread};
use crate::error::Error;
use crate::fleet::Fleet;
use crate::gate::Gate;
use crate::options::Options;
use crate::pulse::{Pulse, QUIET_MAX};
use crate::relay::{INBOX_BYTES_MAX, Outbox, Relaying, send_all};
use crate::request::{Idempotency, Renderer, Reply, Request};
use crate::sequencer::{Lane, Sequencer};
use crate::store::{Store, StoreError};
use crate::supervisor::Supervisor;

/// How long a reader waits for a commit that it names and this node does not have yet.
const WAIT_FOR_COMMIT_MAX: Duration = Duration::from_secs(1);
/// How exactly it is known when a desk was last used, in microseconds.
const USED_AT_MICROS: u64 = 1_000_000;
/// Pause between two looks for such a commit.
const WAIT_FOR_COMMIT_PAUSE: Duration = Duration::from_millis(10);

/// What an engine works with.
#[derive(Clone)]
pub struct Ports {
    /// Keeps everything.
    pub store: Arc<dyn Store>,
    /// Spares the losers of a race between nodes a wait; several nodes may share one, and one node needs none.
    pub gate: Option<Arc<dyn Gate>>,
    /// Carries commits to other nodes in passing; without one they read the ledger.
    pub relay: Option<Relaying>,
    /// This node's place among those that live.
    pub fleet: Arc<Fleet>,
    /// Makes answers of outcomes.
    pub renderer: Arc<dyn Renderer>,
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ports")
            .field("has_gate", &self.gate.is_some())
            .field("has_relay", &self.relay.is_some())
            .finish_non_exhaustive()
    }
}

/// All events of this process.
pub struct Engine {
    store: Arc<dyn Store>,
    renderer: Arc<dyn Renderer>,
    outside: Outside,
    options: Arc<Options>,
    /// Ordered, so that what goes over all of them does so in the same order in every replay.
    desks: RwLock<BTreeMap<EventId, SharedDesk>>,
    /// Loading is single-flight: a crowd that wakes an event up loads it once.
    loading: AsyncMutex<()>,
    /// Events that are not in memory because they cannot be read.
    unreadable: Mutex<BTreeMap<EventId, Quarantine>>,
    lanes: Vec<Arc<Lane>>,
    /// Told when a desk lacks commits that others announced.
    gap: Notify,
    /// Room for what was heard and waits, in bytes.
    inbox_room: Arc<Semaphore>,
    pulse: Arc<Pulse>,
    fleet: Arc<Fleet>,
    is_stopping: AtomicBool,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("desks", &self.desks.read().len()).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine over a store, with its tasks under a supervisor.
    ///
    /// # Panics
    /// When the options contradict each other; see [`Options::validate`].
    #[must_use]
    pub fn start(ports: Ports, outside: Outside, options: Options, supervisor: &mut Supervisor) -> Arc<Self> {
        let Ports { store, gate, relay, fleet, renderer } = ports;
        let valid = options.validate();
        assert!(valid.is_ok(), "the engine's options contradict each other: {valid:?}");
        let lanes: Vec<Arc<Lane>> = (0..options.lanes).map(|_| Arc::default()).collect();
        let pulse = Arc::new(Pulse::new(outside.clock.clone()));
        let engine = Arc::new(Self {
            store: store.clone(),
            renderer: renderer.clone(),
            outside: outside.clone(),
            options: Arc::new(options),
            desks: RwLock::default(),
            loading: AsyncMutex::default(),
            unreadable: Mutex::default(),
            lanes: lanes.clone(),
            gap: Notify::new(),
            inbox_room: Arc::new(Semaphore::new(INBOX_BYTES_MAX)),
            pulse: pulse.clone(),
            fleet: fleet.clone(),
            is_stopping: AtomicBool::new(false),
        });
        let mut outbox = Outbox::default();
        if let Some(relaying) = relay {
            let node = outside.entropy.next_u64();
            let (posting, posts) = Outbox::new();
            outbox = posting;
            supervisor.critical("relay sender", send_all(relaying.clone(), node, posts));
            supervisor.critical("relay hearer", engine.clone().hear_all(relaying, node));
        }
        for lane in lanes {
            let (store, gate, renderer) = (store.clone(), gate.clone(), renderer.clone());
            let (outside, options) = (outside.clone(), engine.options.clone());
            let (outbox, fleet, pulse) = (outbox.clone(), fleet.clone(), pulse.clone());
            let sequencer = Sequencer { lane, store, gate, outbox, fleet, pulse, renderer, outside, options };
            supervisor.sequencer(sequencer.run());
        }
        supervisor.keeper("heartbeat", fleet.beat_on(store));
        supervisor.keeper("follower", engine.clone().follow_all());
        supervisor.keeper("pulse", engine.clone().feel_pulse());
        supervisor.keeper("sweeper", engine.clone().sweep_all());
        supervisor.critical("feeds", engine.clone().tell_all());
        engine
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// This node's place among those that live.
    #[must_use]
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// What renders answers.
    #[must_use]
    pub fn renderer(&self) -> &Arc<dyn Renderer> {
        &self.renderer
    }

    /// The bounds.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Time and randomness.
    #[must_use]
    pub fn outside(&self) -> &Outside {
        &self.outside
    }

    fn monotonic(&self) -> Duration {
        self.outside.clock.monotonic()
    }

    /// The store's clock, as an event's desk knows it.
    #[must_use]
    pub fn now(&self, desk: &Desk) -> domain::time::Timestamp {
        desk.now(self.monotonic())
    }

    /// No new request is taken from now on; those that were taken are finished.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Release);
    }

    /// The desk of an event, loaded if it must be.
    ///
    /// # Errors
    /// `NotFound`, or the store cannot be read.
    pub async fn desk(&self, event: EventId) -> Result<SharedDesk, Error> {
        match self.known_desk(event) {
            Some(desk) => Ok(desk),
            // Rare, and large: callers that find the desk in memory do not carry its state along.
            None => Box::pin(self.load_desk(event)).await,
        }
    }

    async fn load_desk(&self, event: EventId) -> Result<SharedDesk, Error> {
        self.refuse_unreadable(event)?;
        let _turn = self.loading.lock().await;
        if let Some(desk) = self.known_desk(event) {
            return Ok(desk);
        }
        // Somebody may have tried meanwhile.
        self.refuse_unreadable(event)?;
        let asked_at = self.monotonic();
        let keep = i64::try_from(self.options.idempotency_keep.as_millis()).unwrap_or(i64::MAX);
        let snapshot = match self.store.load(event, keep).await {
            Ok(snapshot) => snapshot.ok_or(Rejection::NotFound(Missing::Event))?,
            Err(error) => return Err(self.unreadable(event, error)),
        };
        self.pulse.felt();
        let desk = Desk::new(snapshot, asked_at, &self.pulse, &self.options);
        let desk = Arc::new(desk.map_err(|error| self.unreadable(event, error))?);
        if let Some(quarantine) = self.unreadable.lock().remove(&event) {
            quarantine.over(event, desk.position().seq);
        }
        self.desks.write().insert(event, desk.clone());
        Ok(desk)
    }

    /// Refuses an event that is not in memory because it could not be read a moment ago: a crowd that asks for it must not keep
    /// others from being loaded.
    fn refuse_unreadable(&self, event: EventId) -> Result<(), Error> {
        let unreadable = self.unreadable.lock();
        let retry_in = unreadable.get(&event).map(|quarantine| quarantine.retry_in(self.monotonic()));
        if retry_in.is_some_and(|pause| !pause.is_zero()) { Err(Error::Unavailable) } else { Ok(()) }
    }

    /// Notes that an event which is not in memory cannot be read. A store that is away is asked again by whoever comes next.
    fn unreadable(&self, event: EventId, error: StoreError) -> Error {
        let unread = Unread { seq: Seq(0), error };
        if !unread.is_damage() {
            return log_unavailable(&unread.error);
        }
        let mut unreadable = self.unreadable.lock();
        let quarantine = Quarantine::after(unreadable.remove(&event), event, &unread, self.monotonic());
        unreadable.insert(event, quarantine);
        Error::Unavailable
    }

    fn known_desk(&self, event: EventId) -> Option<SharedDesk> {
        let desks = self.desks.read();
        let desk = desks.get(&event).filter(|desk| !desk.is_dropped.load(Ordering::Acquire))?;
        // Written rarely: every core reads what is beside it.
        let now = crate::desk::micros(self.monotonic());
        if now.saturating_sub(desk.used_at.load(Ordering::Relaxed)) > USED_AT_MICROS {
            desk.used_at.store(now, Ordering::Relaxed);
        }
        Some(desk.clone())
    }

    /// Forgets an event that was deleted.
    pub fn forget(&self, event: EventId) {
        if let Some(desk) = self.desks.write().remove(&event) {
            desk.is_dropped.store(true, Ordering::Release);
        }
    }

    /// Asks something of an event, and waits for the answer.
    ///
    /// Dropping the future takes nothing back: what was admitted is decided.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn submit(&self, event: EventId, request: Request) -> Result<Reply, Error> {
        if self.is_stopping.load(Ordering::Acquire) {
            return Err(Error::ShuttingDown);
        }
        let desk = self.desk(event).await?;
        self.submit_to(&desk, request).await
    }

    /// The same, for a caller that has the desk already. The request is admitted by the call, not by the first poll, so
    /// that the future is small.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn submit_to<'a>(
        &'a self,
        desk: &'a SharedDesk,
        request: Request,
    ) -> impl Future<Output = Result<Reply, Error>> + Send + use<'a> {
        let idempotency = request.idempotency;
        #[expect(clippy::cast_possible_truncation, reason = "any 32 of the random bits will do")]
        let salt = self.outside.entropy.next_u64() as u32;
        let admitted = desk.admit(request, self.monotonic(), salt, &self.options);
        match admitted {
            Ok(admitted) => Either::Left(Box::pin(self.answer_to(desk, admitted, idempotency))),
            // Most answers of an on-sale.
            Err(error) => Either::Right(ready(Err(error))),
        }
    }

    async fn answer_to(
        &self,
        desk: &SharedDesk,
        admitted: Admitted,
        idempotency: Option<Idempotency>,
    ) -> Result<Reply, Error> {
        let answer = match admitted {
            Admitted::Before(serial) => Answer::Before(serial),
            Admitted::Waits { answer, prospect, must_list } => {
                if must_list {
                    self.lane(desk.id()).list(desk.clone());
                }
                match tokio::time::timeout(self.options.answer_wait_max, answer).await {
                    // The sender is dropped without an answer only when the process is being torn down.
                    Ok(answer) => answer.map_err(|_| outcome_unknown(&prospect))??,
                    Err(_) if desk.front().withdraw(&prospect) => {
                        return Err(Error::Overloaded { retry_after: self.options.queue_wait_max });
                    }
                    Err(_) => return Err(outcome_unknown(&prospect)),
                }
            }
        };
        match answer {
            Answer::Done(reply, _) => Ok(reply),
            Answer::Refused(rejection) => Err(rejection.into()),
            Answer::Before(serial) => self.replay(desk.id(), serial, idempotency).await,
        }
    }

    fn lane(&self, event: EventId) -> &Lane {
        let lanes = self.lanes.len() as u64;
        &self.lanes[usize::try_from(event.0 % lanes).unwrap_or(0)]
    }

    /// The reply that an earlier commit gave to the same key.
    async fn replay(
        &self,
        event: EventId,
        serial: Serial,
        idempotency: Option<Idempotency>,
    ) -> Result<Reply, Error> {
        let stored = self.store.stored_reply(event, serial).await.map_err(|error| log_unavailable(&error))?;
        let Some(stored) = stored else { return Err(Error::Unavailable) };
        if idempotency.is_none_or(|idempotency| idempotency.fingerprint != stored.fingerprint) {
            return Err(Rejection::IdempotencyMismatch.into());
        }
        Ok(Reply { status: stored.status, body: stored.body, is_replay: true })
    }

    /// The desk of an event once it has a commit of its present history, or after a bounded wait.
    ///
    /// # Errors
    /// As [`Self::desk`].
    pub async fn desk_at(&self, event: EventId, seq: Seq) -> Result<SharedDesk, Error> {
        let desk = self.desk(event).await?;
        let until = self.monotonic() + WAIT_FOR_COMMIT_MAX;
        while desk.position().seq < seq && self.monotonic() < until {
            tokio::time::sleep(WAIT_FOR_COMMIT_PAUSE).await;
        }
        Ok(desk)
    }

    /// How many listen to feeds.
    #[must_use]
    pub fn feed_listeners(&self) -> usize {
        self.desks.read().values().map(|desk| desk.feed.listeners()).sum()
    }

    fn all_desks(&self) -> Vec<SharedDesk> {
        self.desks.read().values().cloned().collect()
    }

    /// Asks the store for a sign of life where nobody else heard of it: the follower may be busy with one event for a while, and
    /// that is no silence.
    async fn feel_pulse(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(QUIET_MAX / 2);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if self.pulse.is_quiet() && self.store.positions(Vec::new()).await.is_ok() {
                self.pulse.felt();
            }
        }
    }

    /// Forgets the longest unused desks when there are too many.
    fn drop_idle(&self) {
        let mut desks = self.desks.write();
        while desks.len() > self.options.desks_max {
            let idle = desks.values().filter(|desk| Arc::strong_count(desk) == 1 && desk.is_idle());
            let Some(oldest) =
                idle.min_by_key(|desk| desk.used_at.load(Ordering::Relaxed)).map(|desk| desk.id())
            else {
                return;
            };
            desks.remove(&oldest);
        }
    }

    /// Ends lapsed holds soon after their deadlines, so that everybody sees it.
    async fn sweep_all(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(self.options.sweep_interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            for desk in self.all_desks() {
                if desk.needs_sweep(self.monotonic()) && !desk.is_sweeping.swap(true, Ordering::AcqRel) {
                    self.sweep(&desk);
                }
            }
        }
    }

    fn sweep(&self, desk: &SharedDesk) {
        match desk.admit(Request::sweep(), self.monotonic(), 0, &self.options) {
            Ok(Admitted::Waits { must_list: true, .. }) => self.lane(desk.id()).list(desk.clone()),
            Ok(_) => {}
            // Housekeeping is the first to be shed.
            Err(_) => desk.is_sweeping.store(false, Ordering::Release),
        }
    }

    /// Tells feeds what was committed.
    async fn tell_all(self: Arc<Self>) {
        let interval = Duration::from_secs(1) / self.options.feed_frames_per_second / 5;
        let mut ticks = tokio::time::interval(interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            for desk in self.all_desks() {
                desk.tell(self.monotonic(), &*self.renderer);
            }
        }
    }
}

/// The store's own words go to the log; the client learns that it is unavailable.
fn log_unavailable(error: &StoreError) -> Error {
    tracing::warn!(%error, "the store cannot be read");
    Error::Unavailable
}

fn outcome_unknown(prospect: &Prospect) -> Error {
    Error::OutcomeUnknown { id: prospect.made().map(|made| made.to_string()) }
}
