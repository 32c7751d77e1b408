//! Tests that plant faults where only the inside can.

mod log;

use std::sync::Arc;

use bytes::Bytes;
use domain::chart::Chart;
use domain::id::{EventId, HoldId, KeyId, OrganizationId, Seq, Serial};
use domain::time::Timestamp;
use engine::ledger::{Head, Position};
use engine::store::{
    Catalog, ChartReader, CommitWrite, Decider, Journal, KeyRecord, Locked, Probes, StoreError,
    TransactError, Waits, Work,
};

use super::writer::CommitFault;
use super::{SqliteOptions, SqliteStore};

struct NoCharts;

impl ChartReader for NoCharts {
    fn read(&self, _: &[u8]) -> Result<Arc<Chart>, String> {
        Err("no charts here".to_owned())
    }
}

/// Decides that nothing happened, as a commit.
struct Tick(Vec<EventId>);

impl Decider for Tick {
    fn decide(&self, at: usize, locked: Locked) -> Option<Arc<CommitWrite>> {
        Some(Arc::new(CommitWrite::of(self.0[at], locked.position, locked.now, Vec::new(), 1)))
    }
}

const EVENT: EventId = EventId(1);

async fn store_with_event(folder: &tempfile::TempDir) -> Arc<SqliteStore> {
    let options = SqliteOptions::exclusive(folder.path().join("flashtix.db"));
    let store = SqliteStore::open(options, Arc::new(NoCharts)).unwrap();
    // The settings are of no interest here, but must be there.
    change(
        &store,
        "INSERT INTO events (id, organization, livemode, settings, created_at) VALUES (1, 1, 0, '{}', 1);
         INSERT INTO heads (event, seq, head) SELECT number, 0, zeroblob(32) FROM events",
    )
    .await;
    store
}

async fn tick(store: &SqliteStore) -> Result<Vec<usize>, TransactError> {
    let works = vec![Work { event: EVENT, position: Position::default(), probes: Probes::default() }];
    store.transact(works, Waits::ForEvents, Arc::new(Tick(vec![EVENT]))).await
}

async fn position(store: &SqliteStore) -> Position {
    store.positions(vec![EVENT]).await.unwrap().positions[0].1
}

async fn change(store: &SqliteStore, sql: &'static str) {
    let changed = store.change(move |writer| {
        writer.transaction(|writer| {
            writer.connection()?.execute_batch(sql)?;
            Ok(super::writer::Done::Changed(()))
        })
    });
    changed.await.unwrap();
}

async fn plant(store: &SqliteStore, fault: CommitFault) {
    store.writer.run(move |writer| writer.commit_fault = Some(fault)).await.unwrap();
}

#[tokio::test]
async fn an_io_error_at_commit_is_unknown_until_it_is_looked_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    tick(&store).await.unwrap();

    plant(&store, CommitFault::AfterMark).await;
    let result = tick(&store).await;
    assert!(matches!(result, Err(TransactError::Unknown(_))), "{result:?}");
    let second = position(&store).await;
    assert_eq!(second.seq, Seq(2));
    assert!(store.contains(EVENT, second).await.unwrap(), "it was committed after all");

    plant(&store, CommitFault::BeforeMark).await;
    let result = tick(&store).await;
    assert!(matches!(result, Err(TransactError::Unknown(_))), "{result:?}");
    let third = Position { seq: Seq(3), head: Head([3; 32]) };
    assert!(!store.contains(EVENT, third).await.unwrap(), "it was not");
    assert_eq!(position(&store).await, second);
    tick(&store).await.unwrap();
    assert_eq!(position(&store).await.seq, Seq(3));
}

/// A second event, and a hold of the first that cannot be read; returns the hold.
async fn damage_a_hold(store: &SqliteStore) -> HoldId {
    change(
        store,
        "INSERT INTO events (id, organization, livemode, settings, created_at) VALUES (2, 1, 0, '{}', 1);
         INSERT INTO heads (event, seq, head) SELECT number, 0, zeroblob(32) FROM events WHERE id = 2;
         INSERT INTO holds (event, serial, salt, version, status, buyer_surrogate, buyer, created_at, deadline, lines, claims)
         SELECT number, 65536, 1, 1, 0, 1, 'Ada', 1, 1, 'no lines', '[]' FROM events WHERE id = 1",
    )
    .await;
    HoldId { event: EVENT, serial: Serial(65536), salt: 1 }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_fails_no_other_event() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    let hold = damage_a_hold(&store).await;
    let work = |event| Work { event, position: Position::default(), probes: Probes::default() };
    let damaged = || Work { probes: Probes { holds: vec![hold], ..Probes::default() }, ..work(EVENT) };
    let other = || work(EventId(2));
    let ask = async |works: Vec<Work>| {
        let tick = Tick(works.iter().map(|work| work.event).collect());
        store.transact(works, Waits::ForEvents, Arc::new(tick)).await
    };
    let result = ask(vec![other(), damaged()]).await;
    assert!(matches!(result, Err(TransactError::Undecidable(EVENT, StoreError::Damaged(_)))), "{result:?}");
    ask(vec![other()]).await.unwrap();
    let positions = store.positions(vec![EVENT, EventId(2)]).await.unwrap().positions;
    assert_eq!(positions.iter().map(|(_, position)| position.seq).collect::<Vec<_>>(), [Seq(0), Seq(1)]);
}

#[tokio::test]
async fn a_position_that_cannot_be_read_hides_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    damage_a_hold(&store).await;
    change(
        &store,
        "UPDATE heads SET head = zeroblob(5) WHERE event = (SELECT number FROM events WHERE id = 1)",
    )
    .await;
    let positions = store.positions(vec![EVENT, EventId(2), EventId(3)]).await.unwrap();
    assert_eq!(positions.damaged, [EVENT]);
    assert_eq!(positions.positions, [(EventId(2), Position::default())]);
}

#[tokio::test]
async fn no_room_for_a_commit_is_a_clean_no() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    plant(&store, CommitFault::DiskFull).await;
    let result = tick(&store).await;
    assert!(matches!(result, Err(TransactError::Nothing(StoreError::Unavailable(_)))), "{result:?}");
    assert_eq!(position(&store).await.seq, Seq(0));
    tick(&store).await.unwrap();
    assert_eq!(position(&store).await.seq, Seq(1));
}

#[tokio::test]
async fn a_doubt_is_written_over_before_it_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    let doubts = async || {
        let read = store.readers.run(|connection| {
            let sql = "SELECT coalesce((SELECT value FROM meta WHERE key = 'doubts'), 0)";
            Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0))?)
        });
        read.await.unwrap()
    };
    store.contains(EVENT, Position::default()).await.unwrap();
    assert_eq!(doubts().await, 0, "no doubt, no write");
    plant(&store, CommitFault::BeforeMark).await;
    tick(&store).await.unwrap_err();
    store.contains(EVENT, Position::default()).await.unwrap();
    assert_eq!(doubts().await, 1);
    store.contains(EVENT, Position::default()).await.unwrap();
    assert_eq!(doubts().await, 1, "once is enough");

    // As long as it cannot be written over, there is no answer.
    plant(&store, CommitFault::BeforeMark).await;
    tick(&store).await.unwrap_err();
    plant(&store, CommitFault::BeforeMark).await;
    let asked = store.contains(EVENT, Position::default()).await;
    assert!(matches!(asked, Err(StoreError::Unknown(_))), "{asked:?}");
}

#[tokio::test]
async fn what_is_made_may_be_there_when_its_outcome_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    for (id, fault, is_there) in [(7, CommitFault::AfterMark, true), (8, CommitFault::BeforeMark, false)] {
        plant(&store, fault).await;
        let key = KeyRecord {
            id: KeyId(id),
            organization: OrganizationId(1),
            livemode: false,
            is_secret: true,
            scope: engine::store::Scope::Integration,
            hash: [u8::try_from(id).unwrap(); 32],
            name: String::new(),
            created_at: Timestamp(0),
            revoked_at: None,
        };
        let made = store.create_key(key).await;
        assert!(matches!(made, Err(StoreError::Unknown(_))), "{made:?}");
        assert_eq!(store.keys().await.unwrap().iter().any(|key| key.id == KeyId(id)), is_there);
    }
}

#[tokio::test]
async fn a_read_only_database_is_a_clean_no_and_recovers_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    let query_only = async |on: bool| {
        let set = store.writer.run(move |writer| {
            let connection = writer.connection().unwrap();
            connection.pragma_update(None, "query_only", on).unwrap();
        });
        set.await.unwrap();
    };
    query_only(true).await;
    let result = tick(&store).await;
    assert!(matches!(result, Err(TransactError::Nothing(StoreError::Unavailable(_)))), "{result:?}");
    query_only(false).await;
    assert_eq!(position(&store).await.seq, Seq(0));
    tick(&store).await.unwrap();
}

#[tokio::test]
async fn another_process_that_writes_too_long_is_a_clean_no() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    let shorten = store.writer.run(|writer| {
        writer.connection().unwrap().busy_timeout(std::time::Duration::from_millis(1)).unwrap();
    });
    shorten.await.unwrap();
    let other = rusqlite::Connection::open(folder.path().join("flashtix.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let result = tick(&store).await;
    assert!(matches!(result, Err(TransactError::Nothing(StoreError::Unavailable(_)))), "{result:?}");
    other.execute_batch("ROLLBACK").unwrap();
    tick(&store).await.unwrap();
}

#[tokio::test]
async fn a_job_that_panics_loses_its_answer_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    let lost = store.change::<()>(|writer| {
        writer.transaction(|writer| {
            writer.connection()?.execute_batch("UPDATE heads SET seq = 77")?;
            panic!("planted");
        })
    });
    assert!(lost.await.is_err());
    let read = store.readers.run::<()>(|_| panic!("planted"));
    assert!(read.await.is_err());
    assert_eq!(position(&store).await.seq, Seq(0), "what it had done is taken back");
    tick(&store).await.unwrap();
}

#[tokio::test]
async fn readers_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    let written = store.readers.run(|connection| Ok(connection.execute_batch("DELETE FROM heads")?));
    assert!(matches!(written.await, Err(StoreError::Unavailable(_))));
    assert_eq!(position(&store).await.seq, Seq(0));
}
