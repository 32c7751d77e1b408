//! The nodes, the one store, and what everybody in a run shares.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use domain::command::Digest;
use domain::id::EventId;
use domain::time::Timestamp;
use engine::clock::{Outside, RuntimeClock};
use engine::store::Catalog as _;
use engine::supervisor::Supervisor;
use engine::{Engine, Ports};
use futures_util::FutureExt as _;
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use super::plan::Plan;
use super::trace::{Line, Trace};
use crate::entropy::SeededEntropy;
use crate::fault::FaultStore;
use crate::memory::{MemoryStore, Violation};
use crate::relay::{Office, mischief};
use crate::renderer::PlainRenderer;

/// One life of a node. (A watch channel would wake those who wait in an order that no seed decides.)
#[derive(Debug, Default)]
pub(super) struct Life {
    has_ended: AtomicBool,
    end: Notify,
}

impl Life {
    fn finish(&self) {
        self.has_ended.store(true, Ordering::Release);
        self.end.notify_waiters();
    }

    /// Returns when the node dies, or has died.
    pub(super) async fn ended(&self) {
        let end = self.end.notified();
        if !self.has_ended.load(Ordering::Acquire) {
            end.await;
        }
    }
}

/// What a node is while it lives.
struct Alive {
    engine: Arc<Engine>,
    supervisor: Supervisor,
    life: Arc<Life>,
}

/// One node: its own way to the store, and its engine while it lives.
pub(super) struct Node {
    pub(super) faults: Arc<FaultStore<MemoryStore>>,
    alive: Mutex<Option<Alive>>,
    /// Counts lives.
    lives: AtomicU64,
}

/// An idempotency key, and whether any attempt may have had an effect under it.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyUse {
    pub(super) event: EventId,
    pub(super) digest: Digest,
    pub(super) may_have_effect: bool,
}

/// What everybody shares.
pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) store: Arc<MemoryStore>,
    pub(super) nodes: Vec<Node>,
    /// Every base of the store's clock, with the time since when it had it.
    pub(super) clock_bases: Mutex<Vec<(Duration, Timestamp)>>,
    pub(super) keys: Mutex<Vec<KeyUse>>,
    counts: Mutex<BTreeMap<String, u64>>,
    office: Arc<Office>,
    trace: Trace,
    violation: watch::Sender<Option<Violation>>,
    is_calm: AtomicBool,
}

impl World {
    pub(super) async fn build(plan: Plan, trace: Trace) -> Arc<Self> {
        let store = Arc::new(MemoryStore::new());
        store.set_commit_time(plan.commit_time);
        for event in &plan.events {
            let made = store.create_event(event.clone(), None).await;
            assert!(made.is_ok(), "the oracle keeps every new event");
        }
        let node = |number| Node {
            faults: Arc::new(FaultStore::new(store.clone(), plan.seed ^ u64::from(number) << 32, plan.rates)),
            alive: Mutex::new(None),
            lives: 0.into(),
        };
        let world = Arc::new(Self {
            nodes: (1..=plan.nodes).map(node).collect(),
            clock_bases: Mutex::new(vec![(Duration::ZERO, store.clock().base())]),
            store,
            office: Office::with(mischief(plan.seed)),
            plan,
            keys: Mutex::default(),
            counts: Mutex::default(),
            trace,
            violation: watch::Sender::new(None),
            is_calm: false.into(),
        });
        world.say(format!("plan {:?}", world.plan));
        (0..world.nodes.len()).for_each(|at| world.start(at));
        world
    }

    /// Adds a line to the trace.
    pub(super) fn say(&self, text: String) {
        self.trace.add(Line::new(self.store.clock().elapsed(), text));
    }

    /// Counts something that happened.
    pub(super) fn count(&self, name: impl Into<String>) {
        *self.counts.lock().entry(name.into()).or_default() += 1;
    }

    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        let mut counts = self.counts.lock().clone();
        for (name, count) in self.nodes.iter().flat_map(|node| node.faults.counts()) {
            *counts.entry(format!("fault: {name}")).or_default() += count;
        }
        let commits = self.plan.events.iter().map(|event| self.store.position(event.id).seq.0).sum();
        counts.insert("commits".to_owned(), commits);
        counts
    }

    /// Ends the run.
    pub(super) fn fail(&self, violation: Violation) {
        self.say(violation.to_string());
        self.violation.send_if_modified(|known| {
            let is_first = known.is_none();
            known.get_or_insert(violation);
            is_first
        });
    }

    /// Ends the run if a check failed.
    pub(super) fn check(&self, checked: Result<(), Violation>) {
        if let Err(violation) = checked {
            self.fail(violation);
        }
    }

    /// Returns when an invariant was broken.
    pub(super) async fn failed(&self) -> Violation {
        let mut violation = self.violation.subscribe();
        match violation.wait_for(Option::is_some).await.map(|known| known.clone()) {
            Ok(Some(known)) => known,
            _ => Violation::new("asserts", "the world ended"),
        }
    }

    /// No more trouble from now on.
    pub(super) fn calm(&self) {
        self.is_calm.store(true, Ordering::Release);
        self.nodes.iter().for_each(|node| node.faults.heal());
    }

    pub(super) fn is_calm(&self) -> bool {
        self.is_calm.load(Ordering::Acquire)
    }

    /// Starts a node, unless it lives.
    pub(super) fn start(&self, at: usize) {
        let node = &self.nodes[at];
        let mut alive = node.alive.lock();
        if alive.is_some() {
            return;
        }
        let life = node.lives.fetch_add(1, Ordering::AcqRel);
        let seed = self.plan.seed ^ (at as u64 + 1) << 40 ^ life << 48;
        let outside =
            Outside { clock: Arc::new(RuntimeClock::start()), entropy: Arc::new(SeededEntropy::new(seed)) };
        let mut supervisor = Supervisor::new();
        let (store, renderer) = (node.faults.clone(), Arc::new(PlainRenderer));
        let relay = self.plan.relay.then(|| self.office.relaying(&[0; 32]));
        let ports = Ports { store, gate: None, relay, fleet: Arc::default(), renderer };
        let engine = Engine::start(ports, outside, self.plan.engine.clone(), &mut supervisor);
        *alive = Some(Alive { engine, supervisor, life: Arc::default() });
        self.say(format!("node {at} starts"));
    }

    /// Kills a node as `kill -9` does: nothing that it was doing goes on.
    pub(super) fn crash(&self, at: usize) {
        let node = &self.nodes[at];
        let alive = node.alive.lock().take();
        if let Some(alive) = alive {
            self.say(format!("node {at} dies"));
            self.count("nodes killed");
            alive.life.finish();
        }
    }

    /// A node's engine, and what changes when it dies.
    pub(super) fn engine(&self, at: usize) -> Option<(Arc<Engine>, Arc<Life>)> {
        let alive = self.nodes[at].alive.lock();
        alive.as_ref().map(|alive| (alive.engine.clone(), alive.life.clone()))
    }

    /// Lets the store's clock jump.
    pub(super) fn jump_clock(&self, millis: i64) {
        self.nodes[0].faults.jump_clock(millis);
        let clock = self.store.clock();
        self.clock_bases.lock().push((clock.elapsed(), clock.base()));
        self.say(format!("the store's clock jumps by {millis} ms"));
    }

    /// Adds every commit to the trace.
    pub(super) fn note_commits(&self) {
        for event in &self.plan.events {
            let lines = self.store.look(event.id, |table| {
                let at = |seq| table.past.iter().find(|past| past.seq == seq).map(|past| past.since);
                let line = |row: &engine::store::LedgerRow| {
                    let payload = String::from_utf8_lossy(&row.payload).into_owned();
                    let head = &row.head.to_hex()[..8];
                    let text = format!("commit {} {} at {} {head} {payload}", event.id, row.seq, row.at.0);
                    Line::new(at(row.seq).unwrap_or_default(), text)
                };
                table.ledger.iter().map(line).collect::<Vec<_>>()
            });
            lines.unwrap_or_default().into_iter().for_each(|line| self.trace.add(line));
        }
    }
}

/// Ends the run when a node's critical task ends by itself, or the oracle objects.
pub(super) async fn watch_nodes(world: Arc<World>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    loop {
        ticks.tick().await;
        if let Some(violation) = world.store.violations().into_iter().next() {
            world.fail(violation);
        }
        if world.store.panics() > 0 {
            world.fail(Violation::new("no decision panics", "one did"));
        }
        for (at, node) in world.nodes.iter().enumerate() {
            let end = match &mut *node.alive.lock() {
                Some(alive) => alive.supervisor.first_end().now_or_never(),
                None => None,
            };
            if let Some(end) = end {
                world.fail(Violation::new("liveness", format!("node {at}: {end}")));
            }
        }
    }
}
