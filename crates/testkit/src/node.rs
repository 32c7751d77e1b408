//! One node for a test: an engine over a fault store over the oracle, with its tasks.

use std::sync::Arc;

use domain::event::Event;
use domain::id::EventId;
use engine::clock::{Outside, RuntimeClock};
use engine::desk::SharedDesk;
use engine::fleet::Fleet;
use engine::gate::Gate;
use engine::options::Options;
use engine::relay::Relaying;
use engine::request::{Reply, Request};
use engine::store::Catalog as _;
use engine::supervisor::Supervisor;
use engine::{Engine, Error, Ports};

use crate::entropy::SeededEntropy;
use crate::fault::{FaultStore, Rates};
use crate::memory::MemoryStore;
use crate::renderer::PlainRenderer;

/// A node; dropping it ends its tasks as a crash would.
#[derive(Debug)]
pub struct Node {
    /// Its engine.
    pub engine: Arc<Engine>,
    /// Its way to the store; nothing goes wrong there until a test says so.
    pub faults: Arc<FaultStore<MemoryStore>>,
    supervisor: Supervisor,
}

/// What a node has to do with others, beside their store.
#[derive(Clone, Default)]
pub struct Others {
    /// The gate.
    pub gate: Option<Arc<dyn Gate>>,
    /// What carries commits between them.
    pub relay: Option<Relaying>,
    /// Its place among those that live.
    pub fleet: Arc<Fleet>,
}

impl Node {
    /// Starts a node over a store that others may share; `seed` decides its randomness.
    #[must_use]
    pub fn start(store: &Arc<MemoryStore>, options: Options, seed: u64) -> Self {
        Self::behind(None, store, options, seed)
    }

    /// The same, behind a gate.
    #[must_use]
    pub fn behind(
        gate: Option<Arc<dyn Gate>>,
        store: &Arc<MemoryStore>,
        options: Options,
        seed: u64,
    ) -> Self {
        Self::beside(Others { gate, ..Others::default() }, store, options, seed)
    }

    /// The same, with whatever stands between it and other nodes.
    #[must_use]
    pub fn beside(others: Others, store: &Arc<MemoryStore>, options: Options, seed: u64) -> Self {
        let Others { gate, relay, fleet } = others;
        let faults = Arc::new(FaultStore::new(store.clone(), seed, Rates::default()));
        let outside =
            Outside { clock: Arc::new(RuntimeClock::start()), entropy: Arc::new(SeededEntropy::new(seed)) };
        let mut supervisor = Supervisor::new();
        let ports = Ports { store: faults.clone(), gate, relay, fleet, renderer: Arc::new(PlainRenderer) };
        let engine = Engine::start(ports, outside, options, &mut supervisor);
        Self { engine, faults, supervisor }
    }

    /// Asks something of an event.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn ask(&self, event: EventId, request: Request) -> Result<Reply, Error> {
        self.engine.submit(event, request).await
    }

    /// The desk of an event.
    ///
    /// # Panics
    /// When it cannot be loaded.
    pub async fn desk(&self, event: EventId) -> SharedDesk {
        self.engine.desk(event).await.expect("a test's events can be loaded")
    }

    /// Waits until a critical task ends, which none should.
    pub async fn first_end(&mut self) -> String {
        self.supervisor.first_end().await
    }
}

/// A store that keeps an event.
///
/// # Panics
/// When the event cannot be kept.
pub async fn store_with(event: &Arc<Event>) -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::new());
    store.create_event(event.clone(), None).await.expect("a new store keeps every event");
    store
}
