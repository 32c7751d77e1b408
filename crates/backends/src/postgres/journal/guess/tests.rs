//! Guesses that are right cost a round trip less; those that are wrong cost nothing but themselves.

use std::sync::Arc;
use std::time::Duration;

use engine::ledger::wire::VERSION;
use engine::store::{Catalog as _, CommitWrite, Decider, Journal as _, Locked, Waits};
use testkit::hall::HallReader;
use testkit::sale::event;
use testkit::servers::postgres::Postgres;
use tokio_postgres::NoTls;

use super::*;
use crate::postgres::{PostgresOptions, PostgresStore};

const EVENT: EventId = EventId(1);
/// What none of this takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A decision that was asked for: on what, and whether it was taken back.
#[derive(Debug)]
struct Asked {
    locked: Locked,
    is_taken_back: bool,
}

/// Decides that nothing changes, which is a commit nevertheless; or, to be silent, that nothing is written.
struct Clerk {
    asked: Mutex<Vec<Asked>>,
    is_silent: bool,
}

impl Decider for Clerk {
    fn decide(&self, _: usize, locked: Locked) -> Option<Arc<CommitWrite>> {
        let write = CommitWrite::of(EVENT, locked.position, locked.now, Vec::new(), VERSION);
        self.asked.lock().push(Asked { locked, is_taken_back: false });
        (!self.is_silent).then(|| Arc::new(write))
    }

    fn take_back(&self, _: usize) {
        self.asked.lock().last_mut().expect("nothing is taken back that was not decided").is_taken_back =
            true;
    }
}

/// A store with an event, and as much of its history as a desk would know.
struct Desk {
    server: Arc<Postgres>,
    url: String,
    store: Arc<PostgresStore>,
    position: Position,
}

impl Desk {
    async fn open() -> Self {
        let server = Postgres::shared();
        let url = server.database();
        let store = store(&url).await;
        store.create_event(event(EVENT.0).area("Field", 5).build(), None).await.unwrap();
        Self { server, url, store, position: Position::default() }
    }

    /// The same over a store that has committed a moment ago, twice, and guesses from now on.
    async fn guessing() -> Self {
        let mut desk = Self::open().await;
        for _ in 0..2 {
            assert_eq!(desk.commit().await.len(), 1);
        }
        assert_eq!(desk.store.guesses.counts(), (0, 0));
        desk
    }

    fn sql(&self, sql: &str) -> String {
        self.server.sql(self.url.rsplit('/').next().unwrap(), sql)
    }

    async fn transact(&self, waits: Waits, is_silent: bool) -> (Vec<usize>, Vec<Asked>) {
        let clerk = Arc::new(Clerk { asked: Mutex::default(), is_silent });
        let work = Work { event: EVENT, position: self.position, probes: Probes::default() };
        let left = self.store.transact(vec![work], waits, clerk.clone()).await.unwrap();
        (left, std::mem::take(&mut *clerk.asked.lock()))
    }

    /// Commits, as the next batch of a desk that learns what it missed; says what was decided on on the way.
    async fn commit(&mut self) -> Vec<Asked> {
        let (left, asked) = self.transact(Waits::ForEvents, false).await;
        assert_eq!(left, [0_usize; 0]);
        let last = &asked.last().unwrap().locked;
        self.position = CommitWrite::of(EVENT, last.position, last.now, Vec::new(), VERSION).after;
        let stands = self.store.positions(vec![EVENT]).await.unwrap();
        assert_eq!(stands.positions, [(EVENT, self.position)], "what was decided last is what was committed");
        asked
    }
}

async fn store(url: &str) -> Arc<PostgresStore> {
    let options = PostgresOptions { allow_unsafe_durability: true, ..PostgresOptions::new(url) };
    PostgresStore::open(options, Arc::new(HallReader)).await.unwrap()
}

#[tokio::test]
async fn what_nobody_else_changes_is_decided_once_and_committed_on_a_guess() {
    let mut desk = Desk::guessing().await;
    let mut last = Timestamp::default();
    for _ in 0..10 {
        let asked = desk.commit().await;
        let [Asked { locked, is_taken_back: false }] = &asked[..] else { panic!("decided again: {asked:?}") };
        assert!(locked.now >= last, "the clock was reckoned backwards");
        last = locked.now;
    }
    assert_eq!(desk.store.guesses.counts(), (10, 0));
    let tail = desk.store.tail(EVENT, domain::id::Seq(0), 100).await.unwrap();
    assert_eq!(tail.iter().map(|row| row.seq.0).collect::<Vec<_>>(), (1..=12).collect::<Vec<_>>());
    let clock = desk.store.now().await.unwrap();
    assert!((0..1_000).contains(&clock.millis_since(last)), "{last:?} was reckoned, and it is {clock:?}");
}

#[tokio::test]
async fn what_somebody_else_changed_is_decided_again_under_its_lock() {
    let mut desk = Desk::guessing().await;
    // Another node, and its commits of which this one has not heard.
    let other = Desk {
        server: desk.server.clone(),
        url: desk.url.clone(),
        store: store(&desk.url).await,
        position: desk.position,
    };
    let (_, asked) = other.transact(Waits::ForEvents, false).await;
    assert_eq!(asked.len(), 1);
    let asked = desk.commit().await;
    let [guessed, locked] = &asked[..] else { panic!("{asked:?}") };
    assert!(guessed.is_taken_back && guessed.locked.news.is_empty());
    assert!(!locked.is_taken_back);
    assert_eq!(locked.locked.news.len(), 1, "it decided on what the other has done");
    assert_eq!(desk.store.guesses.counts(), (0, 1));
    // Whoever has a rival does not go on guessing.
    assert_eq!(desk.commit().await.len(), 1);
    assert_eq!(desk.store.guesses.counts(), (0, 1));
    assert_eq!(desk.sql("SELECT count(*) FROM ledger"), "5");
}

#[tokio::test]
async fn a_guess_waits_for_nobody() {
    let desk = Desk::guessing().await;
    let (stranger, connection) = tokio_postgres::connect(&desk.url, NoTls).await.unwrap();
    tokio::task::LocalSet::new()
        .run_until(async {
            tokio::task::spawn_local(connection);
            stranger.batch_execute("BEGIN; SELECT seq FROM heads FOR UPDATE").await.unwrap();
            let asked = tokio::time::timeout(PATIENCE, desk.transact(Waits::ForNothing, false)).await;
            let (left, asked) = asked.unwrap();
            assert_eq!(left, [0], "it is left to whoever has it");
            assert!(matches!(&asked[..], [Asked { is_taken_back: true, .. }]), "{asked:?}");
            stranger.batch_execute("ROLLBACK").await.unwrap();
        })
        .await;
    assert_eq!(desk.sql("SELECT count(*) FROM ledger"), "2");
}

#[tokio::test]
async fn a_guess_at_another_time_is_wrong() {
    for off in [1_500, -1_500] {
        let mut desk = Desk::guessing().await;
        let clock = desk.store.now().await.unwrap();
        desk.store.guesses.clock_showed(clock.plus_millis(off));
        let asked = desk.commit().await;
        let [guessed, locked] = &asked[..] else { panic!("{off} ms off: {asked:?}") };
        assert!(guessed.is_taken_back);
        let wrong = guessed.locked.now.millis_since(locked.locked.now);
        assert!(wrong.abs() > 1_000, "{off} ms off, {wrong} were seen");
    }
}

#[tokio::test]
async fn nobody_is_refused_on_a_guess() {
    let desk = Desk::guessing().await;
    let (left, asked) = desk.transact(Waits::ForEvents, true).await;
    assert_eq!(left, [0_usize; 0]);
    let taken_back: Vec<bool> = asked.iter().map(|asked| asked.is_taken_back).collect();
    assert_eq!(taken_back, [true, false], "it was not decided under the lock");
}

#[tokio::test]
async fn who_asks_for_more_is_told_under_the_lock() {
    let desk = Desk::guessing().await;
    let clerk = Arc::new(Clerk { asked: Mutex::default(), is_silent: false });
    let hold = domain::id::HoldId { event: EVENT, serial: domain::id::Serial(1), salt: 1 };
    let probes = Probes { holds: vec![hold], ..Probes::default() };
    let work = Work { event: EVENT, position: desk.position, probes };
    desk.store.transact(vec![work], Waits::ForEvents, clerk.clone()).await.unwrap();
    assert_eq!(clerk.asked.lock().len(), 1);
    assert_eq!(desk.store.guesses.counts(), (0, 0));
}

/// Asks until a question has an answer; what is waited for is the server's doing.
async fn until(what: &str, mut has_come: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !has_come().await {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "{what} did not come");
}

/// The writer's session in the server: its process, and its state.
const WRITER: &str = "SELECT pid || ' ' || state FROM pg_stat_activity \
    WHERE datname = current_database() AND query IN ('COMMIT AND CHAIN', 'ROLLBACK')";

#[tokio::test]
async fn a_transaction_that_nobody_needs_is_ended_and_its_session_kept() {
    let mut desk = Desk::guessing().await;
    let begun = desk.sql(WRITER);
    let (process, state) = begun.split_once(' ').unwrap();
    assert_eq!(state, "idle in transaction");
    let idle = format!("{process} idle");
    until("the end of the transaction", async || desk.sql(WRITER) == idle).await;
    assert_eq!(desk.commit().await.len(), 1);
    assert!(desk.sql(WRITER).starts_with(process), "another session took its place");
}

/// The server hands on what a session did only when it is in no transaction, and autovacuum goes by it.
#[tokio::test]
async fn the_server_hears_of_rows_while_it_is_written_to_without_a_pause() {
    let mut desk = Desk::guessing().await;
    let stats = "SELECT n_tup_ins > 0 FROM pg_stat_user_tables WHERE relname = 'ledger'";
    until("word of rows", async || {
        for _ in 0..20 {
            desk.commit().await;
        }
        desk.sql(stats) == "t"
    })
    .await;
    assert!(desk.store.guesses.counts().0 > 0);
}
