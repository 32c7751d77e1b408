//! Wiring: from a store and settings to a running server.

pub mod charts;
pub(crate) mod forget;
pub mod keys;
mod metrics_page;
mod serve;
mod store;
mod threads;

use std::sync::Arc;

use anyhow::Context as _;
use engine::clock::{Entropy, Outside, RuntimeClock};
use engine::digest::Digester;
use engine::fleet::{Beat, Fleet};
use engine::gate::Gate;
use engine::relay::Relaying;
use engine::store::Store;
use engine::supervisor::Supervisor;
use engine::{Engine, Ports, options::Options};
use tokio::sync::watch;

use crate::access::AccessTokens;
use crate::http::auth::Keys;
use crate::http::{App, HttpOptions};
use crate::render::JsonRenderer;
use crate::token::Tokens;

pub use charts::JsonCharts;
pub use serve::{Server, ServerOptions, asked_to_stop};
pub use store::AnyStore;
pub use threads::Threads;

/// The operating system's randomness.
#[derive(Debug, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn next_u64(&self) -> u64 {
        rand::random()
    }
}

/// An application with the tasks that keep it going.
#[derive(Debug)]
pub struct Assembled {
    /// What handlers share.
    pub app: Arc<App>,
    /// Its place among the nodes that live.
    pub fleet: Arc<Fleet>,
    /// Its long-lived tasks.
    pub supervisor: Supervisor,
    /// Set to true to make readiness fail.
    pub draining: watch::Sender<bool>,
    /// Set to true to make streams end and readiness fail.
    pub stopping: watch::Sender<bool>,
}

/// What stands between nodes beside their store. Nothing depends on it.
#[derive(Clone, Default)]
pub struct Between {
    /// Spares the losers of a race between nodes a wait.
    pub gate: Option<Arc<dyn Gate>>,
    /// Carries commits to other nodes in passing.
    pub relay: Option<Relaying>,
}

/// Puts an application together over a store. Its long-lived tasks are the supervisor's.
///
/// # Errors
/// The store cannot be read.
pub async fn assemble(
    store: Arc<dyn Store>,
    between: Between,
    options: Options,
    http: HttpOptions,
    demo: Option<serde_json::Value>,
    mut supervisor: Supervisor,
) -> anyhow::Result<Assembled> {
    // The recorder first: whatever is counted before it is there is lost.
    let metrics = metrics_page::handle();
    let Between { gate, relay } = between;
    if gate.is_some() {
        metrics::gauge!("flashtix_gate_bypassed").set(0.0);
    }
    let secret = store.secret().await.context("the installation's secret cannot be read")?;
    let fleet = Fleet::join(&*store, Beat::of_this_binary(rand::random())).await?;
    let keys = Keys::load(store.clone()).await.context("the API keys cannot be read")?;
    let access = AccessTokens::load(store.clone(), &secret).await;
    let access = access.context("the keys of access tokens cannot be read")?;
    let tokens = Tokens::new(&secret);
    let outside = Outside { clock: Arc::new(RuntimeClock::start()), entropy: Arc::new(SystemEntropy) };
    let renderer = Arc::new(JsonRenderer::new(tokens.clone()));
    let ports = Ports { store, gate, relay, fleet: fleet.clone(), renderer };
    let engine = Engine::start(ports, outside, options, &mut supervisor);
    let (stopping, watched) = watch::channel(false);
    let (draining, watched_drain) = watch::channel(false);
    let app = Arc::new(App {
        engine,
        keys,
        digester: Digester::new(&secret),
        tokens,
        access,
        options: http,
        metrics,
        booking_duration: metrics::histogram!("flashtix_booking_duration_seconds"),
        draining: watched_drain,
        stopping: watched,
        demo,
    });
    supervisor.critical("keys", Keys::follow(app.clone()));
    supervisor.critical("metrics", metrics_page::upkeep(app.metrics.clone()));
    Ok(Assembled { app, fleet, supervisor, draining, stopping })
}
