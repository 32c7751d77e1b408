//! A server in this process over a store of its own, a clock that tests move, and a small hall to sell.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use backends::clock::WallClock;
use backends::sqlite::{SqliteOptions, SqliteStore};
use domain::id::OrganizationId;
use engine::options::Options;
use engine::store::Store;
use engine::supervisor::Supervisor;
use serde_json::{Value, json};
use server::app::{Between, JsonCharts, Server, ServerOptions, assemble, keys};
use server::front;
use server::http::HttpOptions;
use tempfile::TempDir;
use testkit::log::Log;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use crate::client::Client;
use crate::waiting::bounded;

/// 2030-01-01T00:00:00Z: when every test begins.
pub(crate) const BEGIN_MS: i64 = 1_893_456_000_000;
/// Seats of the hall: three rows of ten, and one more.
pub(crate) const SEATS: usize = 31;
/// The seat that everybody wants.
pub(crate) const VIP: &str = "VIP-TEST-1";

/// What the server logs when somebody sets the store's clock.
pub(crate) const CLOCK_IS_SET: &str = "the store's clock was set";

/// A clock that moves when it is told to.
#[derive(Debug, Clone)]
pub(crate) struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(BEGIN_MS)))
    }

    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }
}

impl WallClock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// The texts of a server's keys.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) secret: String,
    pub(crate) publishable: String,
    pub(crate) live_secret: String,
    pub(crate) live_publishable: String,
    pub(crate) other_secret: String,
    pub(crate) other_publishable: String,
}

impl Keys {
    async fn make(store: &Arc<dyn Store>) -> Self {
        let own = store.default_organization().await.unwrap();
        let other = OrganizationId(own.0.wrapping_add(1));
        let make = async |organization, is_secret, livemode| {
            keys::create(store, organization, is_secret, livemode, "test").await.unwrap().text
        };
        Self {
            secret: make(own, true, false).await,
            publishable: make(own, false, false).await,
            live_secret: make(own, true, true).await,
            live_publishable: make(own, false, true).await,
            other_secret: make(other, true, false).await,
            other_publishable: make(other, false, false).await,
        }
    }
}

/// How a server is started, where it differs from the default.
#[derive(Clone, Default)]
pub(crate) struct Setup {
    pub(crate) http: HttpOptions,
    pub(crate) engine: Options,
    pub(crate) front: front::Options,
}

/// A running server. Dropping it cuts everything off; [`TestServer::stop`] lets it finish.
pub(crate) struct TestServer {
    pub(crate) clock: ManualClock,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) keys: Keys,
    pub(crate) log: Log,
    address: SocketAddr,
    setup: Setup,
    /// What the server tells itself when it begins to stop.
    pub(crate) stopping: watch::Sender<bool>,
    stop: Option<oneshot::Sender<()>>,
    running: JoinSet<anyhow::Result<()>>,
    directory: Arc<TempDir>,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(Setup::default()).await
    }

    pub(crate) async fn start_with(setup: Setup) -> Self {
        Self::open(Arc::new(TempDir::new().unwrap()), ManualClock::new(), setup, None).await
    }

    async fn open(directory: Arc<TempDir>, clock: ManualClock, setup: Setup, known: Option<Keys>) -> Self {
        let log = Log::of_this_thread();
        let path = directory.path().join("flashtix.db");
        let options = SqliteOptions { clock: Arc::new(clock.clone()), ..SqliteOptions::exclusive(path) };
        let store = SqliteStore::open(options, Arc::new(JsonCharts)).unwrap();
        let shared: Arc<dyn Store> = store.clone();
        let keys = match known {
            Some(keys) => keys,
            None => Keys::make(&shared).await,
        };
        let (engine, http) = (setup.engine.clone(), setup.http.clone());
        let (between, supervisor) = (Between::default(), Supervisor::new());
        let assembled = assemble(shared, between, engine, http, None, supervisor).await.unwrap();
        let stopping = assembled.stopping.clone();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let server =
            Server::bind(assembled, ServerOptions { listen, front: setup.front.clone() }).await.unwrap();
        let address = server.address().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let mut running = JoinSet::new();
        running.spawn(server.run(async { drop(stopped.await) }));
        Self { clock, store, keys, log, address, setup, stopping, stop: Some(stop), running, directory }
    }

    /// Lets the server finish what it accepted.
    pub(crate) fn request_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until the server has ended.
    pub(crate) async fn ended(&mut self) {
        bounded("the server's end", self.running.join_next()).await.unwrap().unwrap().unwrap();
    }

    /// Ends the server in good order, and starts another over the same store.
    pub(crate) async fn restart(mut self) -> Self {
        self.request_stop();
        self.ended().await;
        let parts = (self.directory.clone(), self.clock.clone(), self.setup.clone(), self.keys.clone());
        drop(self);
        let (directory, clock, setup, keys) = parts;
        Self::open(directory, clock, setup, Some(keys)).await
    }

    /// A client without a key.
    pub(crate) fn nobody(&self) -> Client {
        Client::new(self.address)
    }

    /// The organizer.
    pub(crate) fn organizer(&self) -> Client {
        self.nobody().with_key(&self.keys.secret)
    }

    /// A browser.
    pub(crate) fn browser(&self) -> Client {
        self.nobody().with_key(&self.keys.publishable)
    }

    /// Uploads the hall.
    pub(crate) async fn chart(&self) -> String {
        id_of(&self.organizer().post("/v1/charts", &hall()).await.ok(201))
    }

    /// Puts the hall on sale, with these settings instead of the usual ones.
    pub(crate) async fn event(&self, settings: Value) -> String {
        let chart = self.chart().await;
        self.event_of(&self.organizer(), &chart, settings).await
    }

    /// The same for whoever has a chart.
    pub(crate) async fn event_of(&self, client: &Client, chart: &str, settings: Value) -> String {
        let mut body = settings_of(chart);
        body.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        id_of(&client.post("/v1/events", &body).await.ok(201))
    }

    /// The availability, as the organizer sees it.
    pub(crate) async fn availability(&self, event: &str) -> Value {
        self.organizer().get(format!("/v1/events/{event}/availability")).await.ok(200)
    }

    /// What the metrics page says of a series; nought when it does not know it.
    pub(crate) async fn metric(&self, series: &str) -> f64 {
        metric_of(&self.nobody().get("/metrics").await.text(), series)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let errors = self.log.errors();
            // Its clock stands still until a test moves it, which is what the server must not overlook.
            let others: Vec<&str> = errors.lines().filter(|line| !line.contains(CLOCK_IS_SET)).collect();
            assert!(others.is_empty(), "an ERROR was logged: {others:#?}");
        }
    }
}

/// The value of a series on a metrics page.
pub(crate) fn metric_of(page: &str, series: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().unwrap())
}

/// The `id` of an answer.
#[track_caller]
pub(crate) fn id_of(answer: &Value) -> String {
    text_of(&answer["id"])
}

/// A JSON text's text.
#[track_caller]
pub(crate) fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The hall: `A-1-1` to `A-3-10` (the first row `front`, the others `back`, two seats of the last one accessible), the
/// seat [`VIP`], and a floor for fifty.
pub(crate) fn hall() -> Value {
    let row = |row: u32| {
        let seats: Vec<Value> = (1..=10)
            .map(|seat: u32| {
                json!({
                    "label": seat.to_string(),
                    "x": seat,
                    "y": row,
                    "category": if row == 1 { "front" } else { "back" },
                    "accessible": row == 3 && seat <= 2,
                    "guid": format!("g-{row}-{seat}"),
                })
            })
            .collect();
        json!({ "label": row.to_string(), "seats": seats })
    };
    json!({
        "name": "Small Hall",
        "categories": [
            { "key": "front", "name": "Front", "color": "#aa0000" },
            { "key": "back", "name": "Back", "color": "#00aa00" },
            { "key": "vip", "name": "VIP", "color": "#0000aa" },
            { "key": "floor", "name": "Floor", "color": "#aaaaaa" },
        ],
        "sections": [
            { "name": "A", "rows": [row(1), row(2), row(3)] },
            { "name": "VIP", "rows": [{ "label": "TEST", "seats": [{ "label": "1", "x": 0, "y": 0, "category": "vip" }] }] },
        ],
        "areas": [{ "name": "Floor", "capacity": 50, "category": "floor" }],
        "focal_point": { "x": 5.5, "y": 0 },
    })
}

/// The usual settings of an event over the hall.
pub(crate) fn settings_of(chart: &str) -> Value {
    json!({
        "chart_id": chart,
        "name": "Opening Night",
        "currency": "EUR",
        "ticket_types": [
            { "key": "adult", "name": "Adult", "public": true },
            { "key": "child", "name": "Child", "public": true },
            { "key": "staff", "name": "Staff", "public": false },
        ],
        "prices": {
            "front": { "adult": 5_000, "child": 2_500, "staff": 0 },
            "back": 3_000,
            "vip": { "adult": 10_000 },
            "floor": 2_000,
        },
    })
}
