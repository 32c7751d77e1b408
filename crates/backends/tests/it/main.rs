//! The embedded store through its ports, on real files.
#![expect(clippy::unwrap_used, reason = "a test stops at its first fault")]

mod catalog;
mod conformance;
mod copies;
mod guards;
mod lists;
mod opening;
mod purging;
mod round_trip;
mod teller;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use backends::sqlite::{SqliteOptions, SqliteStore};
use bytes::Bytes;
use domain::id::{ChartId, EventId};
use domain::inventory::Inventory;
use engine::store::{Catalog, Journal, Snapshot, TransactError, Waits};
use teller::{Asked, Batch, GridReader, SetClock, Teller, chart_record, event};

/// A day, in ms.
const DAY_MS: i64 = 24 * 3_600_000;

/// A store in a folder of its own.
struct Place {
    folder: tempfile::TempDir,
    clock: Arc<SetClock>,
    store: Arc<SqliteStore>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = SetClock::at(1_700_000_000_000);
        let store = open(&folder.path().join("flashtix.db"), &clock);
        Self { folder, clock, store }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("flashtix.db")
    }

    /// Closes the store, and opens it again.
    fn reopened(self) -> Self {
        let Self { folder, clock, store } = self;
        assert_eq!(Arc::strong_count(&store), 1, "nobody else keeps it open");
        drop(store);
        let store = open(&folder.path().join("flashtix.db"), &clock);
        Self { folder, clock, store }
    }

    /// A new event over ten rows of ten seats, and its desk.
    async fn event(&self, id: u64) -> Arc<Teller> {
        self.event_of(teller::event(EventId(id), ChartId(1), b"10x10")).await
    }

    async fn event_of(&self, made: domain::event::Event) -> Arc<Teller> {
        let id = made.id;
        if self.store.chart(ChartId(1)).await.unwrap().is_none() {
            let document = Bytes::from_static(b"10x10");
            self.store.create_chart(chart_record(ChartId(1)), document, None).await.unwrap();
        }
        let made = domain::event::Event { reference: Some(format!("show {}", id.0).into()), ..made };
        self.store.create_event(Arc::new(made), None).await.unwrap();
        self.teller(id).await
    }

    async fn load(&self, id: EventId) -> Snapshot {
        self.store.load(id, DAY_MS).await.unwrap().unwrap()
    }

    async fn teller(&self, id: EventId) -> Arc<Teller> {
        Teller::new(self.load(id).await)
    }

    async fn ask(&self, teller: &Arc<Teller>, asked: Vec<Asked>) -> Result<Vec<usize>, TransactError> {
        let works = vec![teller.work(asked)];
        self.store.transact(works, Waits::ForEvents, Arc::new(Batch(vec![teller.clone()]))).await
    }

    /// Asks, and demands that all of it is done.
    async fn done(&self, teller: &Arc<Teller>, asked: Vec<Asked>) {
        self.ask(teller, asked).await.unwrap();
        let beliefs = teller.beliefs.lock();
        assert!(beliefs.answers.iter().all(Result::is_ok), "{:?}", beliefs.answers);
    }

    /// Demands that what is stored is what the teller believes.
    async fn is_as_believed(&self, teller: &Teller) {
        let snapshot = self.load(teller.event).await;
        let beliefs = teller.beliefs.lock();
        assert_eq!(snapshot.position, beliefs.position);
        for (_, surrogate, used) in &snapshot.limits {
            assert_eq!(*used, beliefs.limits.used(*surrogate), "{surrogate:?}");
        }
        let Snapshot { event, position, seats, areas, holds, .. } = snapshot;
        let stored = Inventory::restore(event, position.seq, seats, areas, holds);
        is_same(&stored, &beliefs.inventory);
    }
}

fn is_same(a: &Inventory, b: &Inventory) {
    assert_eq!(a.seq(), b.seq());
    assert!(a.seat_rows().eq(b.seat_rows()), "seats");
    assert_eq!(a.area_rows().collect::<Vec<_>>(), b.area_rows().collect::<Vec<_>>(), "areas");
    assert_eq!(a.holds().collect::<Vec<_>>(), b.holds().collect::<Vec<_>>(), "holds");
    assert_eq!(a.total_counts(), b.total_counts(), "counts");
}

/// Seats are kept with their commits for so short a time that most tests see them in their table as well.
fn options(path: &Path, clock: &Arc<SetClock>) -> SqliteOptions {
    SqliteOptions { clock: clock.clone(), recent_seats: 3, ..SqliteOptions::exclusive(path) }
}

fn open(path: &Path, clock: &Arc<SetClock>) -> Arc<SqliteStore> {
    SqliteStore::open(options(path, clock), Arc::new(GridReader)).unwrap()
}

/// The event of a fixed identifier, without its store.
fn plain_event(id: u64) -> domain::event::Event {
    event(EventId(id), ChartId(1), b"10x10")
}
