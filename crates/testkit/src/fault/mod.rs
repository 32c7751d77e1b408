//! A store that fails as stores do: by a seeded plan, or when a test says so. Every fault is counted.
//!
//! Whatever it reports is what the ports allow: "nothing" when nothing was changed, "unknown" when nobody was told.
//! It never commits half of a batch, and never lies about a commit; a store that does is caught by the oracle.

mod deciders;
mod ports;
mod rates;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use domain::command::Digest;
use domain::id::EventId;
use engine::fleet::NewerSchema;
use engine::store::{Decider, Store, StoreError, TransactError, Waits, Work};
use parking_lot::Mutex;
use rand::RngExt as _;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::entropy::{SeededRng, seeded};
use crate::memory::MemoryStore;
use deciders::{Guessing, Losing, Rest, Telling, Twice};

pub use rates::Rates;

/// What goes wrong with one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails before anything was read.
    Nothing,
    /// It is decided, fails, and says so.
    RolledBack,
    /// It commits, and nobody is told.
    UnknownCommitted,
    /// It is decided, fails, and nobody is told.
    UnknownLost,
    /// It commits some time after nobody was told.
    InDoubt,
    /// It reports a guard that failed.
    Stale,
    /// It takes long to begin.
    StallBefore(Duration),
    /// It takes long to answer.
    StallAfter(Duration),
    /// It has to decide everything once more.
    DecideTwice,
    /// It is decided on a guess that is wrong. Then others have its first event, unless it waits for it, and nobody is told what
    /// became of the rest.
    GuessesWrong,
    /// It goes on when whoever asked is gone.
    Detached,
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::RolledBack => "rolled back",
            Self::UnknownCommitted => "unknown, committed",
            Self::UnknownLost => "unknown, lost",
            Self::InDoubt => "in doubt",
            Self::Stale => "stale",
            Self::StallBefore(_) => "stall before",
            Self::StallAfter(_) => "stall after",
            Self::DecideTwice => "decided twice",
            Self::GuessesWrong => "guessed wrong",
            Self::Detached => "detached",
        }
    }
}

/// What stops a request, whatever batch it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// A unique value that nobody finds before it is written.
    AtGuard,
    /// A row that it needs and that cannot be read.
    AtRow,
}

/// A store, with faults in front of it.
#[derive(Debug)]
pub struct FaultStore<S> {
    inner: Arc<S>,
    rng: Mutex<SeededRng>,
    rates: Mutex<Rates>,
    /// Faults of the next transactions, before any that the rates bring.
    next: Mutex<VecDeque<Fault>>,
    /// A reference that stops whatever order is to have it, and how.
    stopped: Mutex<Option<(Digest, Stop)>>,
    reads_fail_until: Mutex<Option<Instant>>,
    writes_fail_until: Mutex<Option<Instant>>,
    /// How long what was read of a ledger is on its way.
    tail_stall: Mutex<Duration>,
    /// How long the positions of all events are on their way.
    positions_stall: Mutex<Duration>,
    /// What every beat is told, if the schema was migrated past the node.
    newer_schema: Mutex<Option<NewerSchema>>,
    /// An event whose ledger cannot be read.
    damaged: Mutex<Option<EventId>>,
    /// An event whose rows contradict each other.
    contradicted: Mutex<Option<EventId>>,
    /// An event whose position cannot be read.
    headless: Mutex<Option<EventId>>,
    counts: Mutex<BTreeMap<&'static str, u64>>,
    /// Transactions that outlive whoever asked for them.
    detached: Mutex<JoinSet<()>>,
}

impl<S: Store> FaultStore<S> {
    /// A store that fails at these rates, as a seed decides.
    #[must_use]
    pub fn new(inner: Arc<S>, seed: u64, rates: Rates) -> Self {
        Self {
            inner,
            rng: Mutex::new(seeded(seed, 1)),
            rates: Mutex::new(rates),
            next: Mutex::default(),
            stopped: Mutex::default(),
            reads_fail_until: Mutex::default(),
            writes_fail_until: Mutex::default(),
            tail_stall: Mutex::default(),
            positions_stall: Mutex::default(),
            newer_schema: Mutex::default(),
            damaged: Mutex::default(),
            contradicted: Mutex::default(),
            headless: Mutex::default(),
            counts: Mutex::default(),
            detached: Mutex::default(),
        }
    }

    /// The store behind the faults.
    #[must_use]
    pub fn inner(&self) -> &Arc<S> {
        &self.inner
    }

    /// Fails at other rates from now on.
    pub fn set_rates(&self, rates: Rates) {
        *self.rates.lock() = rates;
    }

    /// Makes this go wrong with the next transaction that has no fault waiting for it yet.
    pub fn fail_next(&self, fault: Fault) {
        self.next.lock().push_back(fault);
    }

    /// Stops every transaction in which an order is to have this reference.
    pub fn stop_reference(&self, reference: Digest, stop: Stop) {
        *self.stopped.lock() = Some((reference, stop));
    }

    /// Fails every read for a while.
    pub fn fail_reads(&self, during: Duration) {
        *self.reads_fail_until.lock() = Some(Instant::now() + during);
    }

    /// Fails every transaction for a while.
    pub fn fail_writes(&self, during: Duration) {
        *self.writes_fail_until.lock() = Some(Instant::now() + during);
    }

    /// Lets what is read of a ledger be on its way for so long from now on.
    pub fn stall_tails(&self, stall: Duration) {
        *self.tail_stall.lock() = stall;
    }

    /// Lets the positions of all events be on their way for so long from now on.
    pub fn stall_positions(&self, stall: Duration) {
        *self.positions_stall.lock() = stall;
    }

    /// Has the schema migrated past the node.
    pub fn outgrow(&self, newer: NewerSchema) {
        *self.newer_schema.lock() = Some(newer);
    }

    /// Fails every read of this event's ledger from now on, as a damaged row would.
    pub fn damage_ledger(&self, event: EventId) {
        *self.damaged.lock() = Some(event);
    }

    /// Fails to read this event's position from now on, in batches too, and tells those of all others.
    pub fn damage_position(&self, event: EventId) {
        *self.headless.lock() = Some(event);
    }

    /// Loses this event's holds in every snapshot from now on, though seats are held by them.
    pub fn lose_holds(&self, event: EventId) {
        *self.contradicted.lock() = Some(event);
    }

    /// Ends whatever fails for a while, and all rates.
    pub fn heal(&self) {
        self.set_rates(Rates::default());
        self.next.lock().clear();
        self.stall_tails(Duration::ZERO);
        self.stall_positions(Duration::ZERO);
        *self.newer_schema.lock() = None;
        *self.damaged.lock() = None;
        *self.contradicted.lock() = None;
        *self.headless.lock() = None;
        *self.reads_fail_until.lock() = None;
        *self.writes_fail_until.lock() = None;
    }

    /// Every fault so far, by name.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.counts.lock().clone()
    }

    fn count(&self, name: &'static str) {
        *self.counts.lock().entry(name).or_default() += 1;
    }

    fn draw(&self) -> Option<Fault> {
        if let Some(fault) = self.next.lock().pop_front() {
            return Some(fault);
        }
        self.rates.lock().draw(&mut self.rng.lock())
    }

    /// A little while, as every call takes.
    async fn latency(&self) {
        let micros_max = u64::try_from(self.rates.lock().latency_max.as_micros()).unwrap_or(u64::MAX);
        if micros_max > 0 {
            let micros = self.rng.lock().random_range(0..=micros_max);
            tokio::time::sleep(Duration::from_micros(micros)).await;
        }
    }

    /// Whether a read fails now, after it took its time.
    async fn reading(&self) -> Result<(), StoreError> {
        self.latency().await;
        let stall = self.rates.lock().read_stall(&mut self.rng.lock());
        if let Some(stall) = stall {
            self.count("read stalled");
            tokio::time::sleep(stall).await;
        }
        let is_down = self.reads_fail_until.lock().is_some_and(|until| Instant::now() < until);
        if is_down || self.rates.lock().read_fails(&mut self.rng.lock()) {
            self.count("read failed");
            return Err(StoreError::Unavailable("a planned failure".to_owned()));
        }
        Ok(())
    }

    async fn transact_now(
        &self,
        works: Vec<Work>,
        waits: Waits,
        decider: Arc<dyn Decider>,
    ) -> Result<Vec<usize>, TransactError> {
        self.latency().await;
        if self.writes_fail_until.lock().is_some_and(|until| Instant::now() < until) {
            self.count("write failed");
            return Err(nothing());
        }
        let headless = *self.headless.lock();
        if let Some(work) = works.iter().find(|work| headless == Some(work.event)) {
            self.count("position damaged in a batch");
            return Err(TransactError::Undecidable(work.event, damage()));
        }
        if let Some((reference, stop)) = *self.stopped.lock()
            && let Some(work) = works.iter().find(|work| work.probes.refs.contains(&reference))
        {
            self.count("stopped");
            return Err(match stop {
                Stop::AtGuard => TransactError::Stale(work.event),
                Stop::AtRow => TransactError::Undecidable(work.event, damage()),
            });
        }
        let fault = self.draw();
        if let Some(fault) = fault {
            self.count(fault.name());
        }
        let result = self.transact_with(fault, works, waits, decider).await;
        self.latency().await;
        result
    }

    async fn transact_with(
        &self,
        fault: Option<Fault>,
        works: Vec<Work>,
        waits: Waits,
        decider: Arc<dyn Decider>,
    ) -> Result<Vec<usize>, TransactError> {
        match fault {
            None => self.inner.transact(works, waits, decider).await,
            Some(Fault::Nothing) => Err(nothing()),
            Some(Fault::RolledBack) => {
                self.inner.transact(works, waits, Arc::new(Losing(decider))).await?;
                Err(nothing())
            }
            Some(Fault::UnknownCommitted) => {
                self.detach(works, waits, decider).await.map_err(|_| unknown())??;
                Err(unknown())
            }
            Some(Fault::UnknownLost) => {
                self.inner.transact(works, waits, Arc::new(Losing(decider))).await?;
                Err(unknown())
            }
            Some(Fault::InDoubt) => {
                let telling = Arc::new(Telling::new(decider, works.len()));
                let done = self.detach(works, waits, telling.clone());
                tokio::select! {
                    biased;
                    result = done => result.map_err(|_| unknown())?,
                    () = telling.decided() => Err(unknown()),
                }
            }
            Some(Fault::Stale) => match works.first() {
                Some(work) => Err(TransactError::Stale(work.event)),
                None => Ok(Vec::new()),
            },
            Some(Fault::StallBefore(stall)) => {
                tokio::time::sleep(stall).await;
                self.inner.transact(works, waits, decider).await
            }
            Some(Fault::StallAfter(stall)) => {
                let result = self.inner.transact(works, waits, decider).await;
                tokio::time::sleep(stall).await;
                result
            }
            Some(Fault::GuessesWrong) => {
                let guessing = Arc::new(Guessing(decider.clone()));
                self.inner.transact(works.clone(), waits, guessing).await?;
                match waits {
                    Waits::ForNothing if works.len() == 1 => Ok(vec![0]),
                    Waits::ForNothing => {
                        let rest = works[1..].to_vec();
                        self.inner.transact(rest, waits, Arc::new(Rest(decider))).await?;
                        Err(unknown())
                    }
                    Waits::ForEvents => self.inner.transact(works, waits, decider).await,
                }
            }
            Some(Fault::DecideTwice) => self.inner.transact(works, waits, Arc::new(Twice(decider))).await,
            Some(Fault::Detached) => self.detach(works, waits, decider).await.map_err(|_| unknown())?,
        }
    }

    /// A transaction that goes on whatever becomes of the caller.
    fn detach(
        &self,
        works: Vec<Work>,
        waits: Waits,
        decider: Arc<dyn Decider>,
    ) -> oneshot::Receiver<Result<Vec<usize>, TransactError>> {
        let (sender, receiver) = oneshot::channel();
        let inner = self.inner.clone();
        let mut detached = self.detached.lock();
        while detached.try_join_next().is_some() {}
        detached.spawn(async move {
            let result = inner.transact(works, waits, decider).await;
            // Whoever asked may be gone.
            drop(sender.send(result));
        });
        receiver
    }
}

impl FaultStore<MemoryStore> {
    /// Lets the store's clock jump.
    pub fn jump_clock(&self, millis: i64) {
        self.count("clock jumped");
        self.inner.clock().jump(millis);
    }
}

fn damage() -> StoreError {
    StoreError::Damaged("a planned damage".to_owned())
}

fn nothing() -> TransactError {
    TransactError::Nothing(StoreError::Unavailable("a planned failure".to_owned()))
}

fn unknown() -> TransactError {
    TransactError::Unknown("a planned silence".to_owned())
}
