//! Guesses that are right cost a round trip less; those that are wrong cost nothing but themselves.
//!
//! Nothing is guessed on a machine that takes its time, so what is to happen on a guess is done again until there was one.

use std::sync::Arc;
use std::time::Duration;

use engine::ledger::wire::VERSION;
use engine::store::{Catalog as _, CommitWrite, Decider, Journal as _, Locked, Probes, TransactError, Waits};
use testkit::hall::HallReader;
use testkit::sale::event;
use testkit::servers::postgres::Postgres;
use testkit::servers::proxy::{Network, Proxy};
use tokio_postgres::NoTls;

use super::*;
use crate::postgres::{PostgresOptions, PostgresStore};

const EVENT: EventId = EventId(1);
const OTHER: EventId = EventId(2);
/// What none of this takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A decision that was asked for: on what, and whether it was taken back.
#[derive(Debug)]
struct Asked {
    locked: Locked,
    is_taken_back: bool,
}

/// Decides that nothing changes, which is a commit nevertheless; of some parts, that nothing is written.
struct Clerk {
    events: Vec<EventId>,
    refused: Vec<EventId>,
    asked: Mutex<Vec<Asked>>,
}

fn write(event: EventId, locked: &Locked) -> CommitWrite {
    CommitWrite::of(event, locked.position, locked.now, Vec::new(), VERSION)
}

impl Decider for Clerk {
    fn decide(&self, at: usize, locked: Locked) -> Option<Arc<CommitWrite>> {
        let event = self.events[at];
        let write = write(event, &locked);
        self.asked.lock().push(Asked { locked, is_taken_back: false });
        (!self.refused.contains(&event)).then(|| Arc::new(write))
    }

    fn take_back(&self, at: usize) {
        let mut asked = self.asked.lock();
        let from = asked.len() - self.events.len();
        asked[from + at].is_taken_back = true;
    }
}

/// A store, and as much of the history of an event as its desk would know.
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
        for id in [EVENT, OTHER] {
            store.create_event(event(id.0).area("Field", 5).build(), None).await.unwrap();
        }
        Self { server, url, store, position: Position::default() }
    }

    /// Another store over the same database, as another node's.
    async fn rival(&self) -> Self {
        let store = store(&self.url).await;
        Self { server: self.server.clone(), url: self.url.clone(), store, position: self.position }
    }

    fn sql(&self, sql: &str) -> String {
        self.server.sql(self.url.rsplit('/').next().unwrap(), sql)
    }

    async fn transact(&self, waits: Waits) -> (Result<Vec<usize>, TransactError>, Vec<Asked>) {
        self.transact_all(&[EVENT], &[self.position], &[], waits).await
    }

    async fn transact_all(
        &self,
        events: &[EventId],
        positions: &[Position],
        refused: &[EventId],
        waits: Waits,
    ) -> (Result<Vec<usize>, TransactError>, Vec<Asked>) {
        let (events, refused) = (events.to_vec(), refused.to_vec());
        let clerk = Arc::new(Clerk { events, refused, asked: Mutex::default() });
        let work = |(event, position): (&EventId, &Position)| Work {
            event: *event,
            position: *position,
            probes: Probes::default(),
        };
        let works = clerk.events.iter().zip(positions).map(work).collect();
        let came = self.store.transact(works, waits, clerk.clone()).await;
        (came, std::mem::take(&mut *clerk.asked.lock()))
    }

    /// Commits, as the next batch of a desk that learns what it missed; says what was decided on on the way.
    async fn commit(&mut self) -> Vec<Asked> {
        let (came, asked) = self.transact(Waits::ForEvents).await;
        assert_eq!(came.unwrap(), [0_usize; 0]);
        self.position = write(EVENT, &asked.last().unwrap().locked).after;
        let stands = self.store.positions(vec![EVENT]).await.unwrap();
        assert_eq!(stands.positions, [(EVENT, self.position)], "what was decided last is what was committed");
        asked
    }

    fn right(&self) -> u64 {
        self.store.guesses.counts().0
    }

    fn wrong(&self) -> u64 {
        self.store.guesses.counts().1
    }

    /// Commits until a guess was right: the next batch is guessed as well, unless the machine stands still.
    async fn guess(&mut self) {
        let before = self.right();
        while self.right() == before {
            self.commit().await;
        }
    }
}

async fn store(url: &str) -> Arc<PostgresStore> {
    let options = PostgresOptions { allow_unsafe_durability: true, ..PostgresOptions::new(url) };
    PostgresStore::open(options, Arc::new(HallReader)).await.unwrap()
}

/// Within the time that none of this takes.
async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it takes too long")
}

#[tokio::test]
async fn what_nobody_else_changes_is_decided_once_and_committed_on_a_guess() {
    let mut desk = Desk::open().await;
    let mut last = Timestamp::default();
    in_time(async {
        while desk.right() < 10 {
            let (right, wrong) = desk.store.guesses.counts();
            let asked = desk.commit().await;
            assert_eq!(asked.len(), if desk.wrong() > wrong { 2 } else { 1 });
            if desk.right() > right {
                let now = asked[0].locked.now;
                assert!(now >= last, "time went back");
                last = now;
            }
        }
    })
    .await;
    let tail = desk.store.tail(EVENT, domain::id::Seq(0), 1_000).await.unwrap();
    let seqs: Vec<u64> = tail.iter().map(|row| row.seq.0).collect();
    assert_eq!(seqs, (1..=desk.position.seq.0).collect::<Vec<_>>());
}

/// An answer that was long under way says less of the time than one that was not, and does not replace it.
#[tokio::test(start_paused = true)]
async fn the_clock_that_is_reckoned_does_not_go_back() {
    let guesses = Guesses::default();
    let reckoned = || guesses.clock.lock().reckoning.map(|clock| clock.at(Instant::now()));
    let (start, millis) = (Instant::now(), Duration::from_millis);
    tokio::time::advance(millis(20)).await;
    guesses.clock_showed(Timestamp(1_000), start);
    tokio::time::advance(millis(11)).await;
    guesses.clock_showed(Timestamp(1_031), start + millis(30));
    tokio::time::advance(millis(5)).await;
    // Asked before the other, and answered after it.
    guesses.clock_showed(Timestamp(1_025), start + millis(25));
    assert_eq!(reckoned(), Some(Timestamp(1_036)));
    guesses.was_wrong();
    guesses.clock_showed(Timestamp(1_036), start + millis(35));
    assert_eq!(reckoned(), None, "that was before it was found to be wrong");
    guesses.clock_showed(Timestamp(9_000), Instant::now());
    assert_eq!(reckoned(), Some(Timestamp(9_000)));
}

#[tokio::test]
async fn what_somebody_else_changed_is_decided_again_under_its_lock() {
    let mut desk = Desk::open().await;
    in_time(async {
        while desk.wrong() == 0 {
            desk.guess().await;
            // Of what this one commits, its desk has not heard.
            let mut rival = desk.rival().await;
            assert_eq!(rival.commit().await.len(), 1);
            let asked = desk.commit().await;
            let under_lock = asked.last().unwrap();
            assert!(!under_lock.is_taken_back);
            assert_eq!(under_lock.locked.news.len(), 1, "it is decided on what the other has done");
            if desk.wrong() > 0 {
                let [guessed, _] = &asked[..] else { panic!("{asked:?}") };
                assert!(guessed.is_taken_back && guessed.locked.news.is_empty());
                // Whoever has a rival does not go on guessing.
                let right = desk.right();
                assert_eq!(desk.commit().await.len(), 1);
                assert_eq!(desk.store.guesses.counts(), (right, 1));
            }
        }
    })
    .await;
    let commits = desk.position.seq.0.to_string();
    assert_eq!(desk.sql("SELECT count(*) FROM ledger"), commits);
}

/// Who is refused beside somebody who books is refused on what the transaction has checked.
#[tokio::test]
async fn nobody_is_refused_on_what_another_has_changed() {
    let mut desk = Desk::open().await;
    in_time(async {
        let mut other = Position::default();
        while desk.wrong() == 0 {
            // Both events are this store's, as far as it knows.
            let (came, asked) = desk.transact_all(&[OTHER], &[other], &[], Waits::ForEvents).await;
            came.unwrap();
            other = write(OTHER, &asked.last().unwrap().locked).after;
            desk.guess().await;
            let rival = desk.rival().await;
            let (came, asked) = rival.transact_all(&[OTHER], &[other], &[], Waits::ForEvents).await;
            came.unwrap();
            let moved = write(OTHER, &asked.last().unwrap().locked).after;
            let works = ([EVENT, OTHER], [desk.position, other]);
            let (came, asked) = desk.transact_all(&works.0, &works.1, &[OTHER], Waits::ForEvents).await;
            came.unwrap();
            let [.., booked, refused] = &asked[..] else { panic!("{asked:?}") };
            assert_eq!(refused.locked.news.len(), 1, "it is refused on what the other has done");
            desk.position = write(EVENT, &booked.locked).after;
            other = moved;
        }
    })
    .await;
}

#[tokio::test]
async fn a_guess_waits_for_nobody() {
    let mut desk = Desk::open().await;
    let (stranger, connection) = tokio_postgres::connect(&desk.url, NoTls).await.unwrap();
    let playing = async {
        while desk.wrong() == 0 {
            desk.guess().await;
            stranger.batch_execute("BEGIN; SELECT seq FROM heads FOR UPDATE").await.unwrap();
            let (left, asked) = desk.transact(Waits::ForNothing).await;
            assert_eq!(left.unwrap(), [0], "it is left to whoever has it");
            assert!(asked.iter().all(|asked| asked.is_taken_back), "{asked:?}");
            stranger.batch_execute("ROLLBACK").await.unwrap();
        }
    };
    tokio::select! {
        () = in_time(playing) => {}
        _ = connection => unreachable!("it is used to the end"),
    }
    let commits = desk.position.seq.0.to_string();
    assert_eq!(desk.sql("SELECT count(*) FROM ledger"), commits);
}

#[tokio::test]
async fn a_guess_at_another_time_is_wrong() {
    for off in [1_500, -1_500] {
        let mut desk = Desk::open().await;
        in_time(async {
            while desk.wrong() == 0 {
                desk.guess().await;
                let clock = desk.store.now().await.unwrap();
                desk.store.guesses.clock_showed(clock.plus_millis(off), Instant::now());
                let asked = desk.commit().await;
                if let [guessed, locked] = &asked[..] {
                    assert!(guessed.is_taken_back);
                    let wrong = guessed.locked.now.millis_since(locked.locked.now);
                    assert!(wrong.abs() > 1_000, "{off} ms off, {wrong} were seen");
                } else {
                    let seen = asked[0].locked.now.millis_since(clock);
                    assert!(seen.abs() < 1_000, "what is {seen} ms off was believed");
                }
            }
        })
        .await;
    }
}

#[tokio::test]
async fn who_gets_nothing_is_told_under_the_lock() {
    let mut desk = Desk::open().await;
    in_time(async {
        loop {
            desk.guess().await;
            let (came, asked) =
                desk.transact_all(&[EVENT], &[desk.position], &[EVENT], Waits::ForEvents).await;
            assert_eq!(came.unwrap(), [0_usize; 0]);
            assert!(!asked.last().unwrap().is_taken_back, "it was not decided under the lock");
            if asked.len() == 2 {
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn who_asks_for_more_is_told_under_the_lock() {
    let mut desk = Desk::open().await;
    let hold = domain::id::HoldId { event: EVENT, serial: domain::id::Serial(1), salt: 1 };
    let work =
        |position| Work { event: EVENT, position, probes: Probes { holds: vec![hold], ..Probes::default() } };
    in_time(desk.guess()).await;
    assert!(desk.store.guesses.guess(&[work(desk.position)]).is_none());
}

/// A guess may still be under way when its outcome is looked up: what was told not to be committed must not be committed then.
#[tokio::test]
async fn a_guess_that_is_late_for_its_outcome_is_wrong() {
    let mut desk = Desk::open().await;
    let rival = desk.rival().await;
    in_time(async {
        while desk.wrong() == 0 {
            desk.guess().await;
            let unheard = Locked {
                now: Timestamp(1),
                position: desk.position,
                news: Vec::new(),
                found: engine::store::Found::default(),
            };
            let unheard = write(EVENT, &unheard).after;
            // On another connection, while a guess is on its way on this store's.
            assert!(!rival.store.contains(EVENT, unheard).await.unwrap());
            let right = desk.right();
            desk.commit().await;
            assert_eq!(desk.right(), right, "it was committed after it was told that it was not");
        }
    })
    .await;
}

/// An answer that is lost after a guess is looked up like any other.
#[tokio::test]
async fn a_guess_whose_answer_is_lost_is_looked_up() {
    let mut desk = Desk::open().await;
    let proxy = Proxy::start(desk.server.port());
    let through = desk.url.replace(&format!(":{}", desk.server.port()), &format!(":{}", proxy.port()));
    desk.store = store(&through).await;
    in_time(desk.guess()).await;
    proxy.set(Network::CutsOffAnswersTo { word: "COMMIT AND ", every: 1 });
    let (came, asked) = desk.transact(Waits::ForEvents).await;
    proxy.set(Network::Passes);
    assert!(matches!(came, Err(TransactError::Unknown(_))), "{came:?}");
    let committed = write(EVENT, &asked.last().unwrap().locked).after;
    // The server may have it still before it: then it is too late from now on.
    if desk.store.contains(EVENT, committed).await.unwrap() {
        desk.position = committed;
    }
    assert!(desk.commit().await[0].locked.news.is_empty(), "it was not as it was told");
    in_time(desk.guess()).await;
}

#[tokio::test]
async fn a_transaction_that_nobody_needs_is_ended_and_its_session_kept() {
    let mut desk = Desk::open().await;
    let is_written_on =
        "FROM pg_stat_activity WHERE datname = current_database() AND query = 'COMMIT AND CHAIN'";
    let mut process = String::new();
    in_time(async {
        while process.is_empty() {
            desk.guess().await;
            process = desk.sql(&format!("SELECT pid {is_written_on}"));
        }
        let state = format!("SELECT query || ', ' || state FROM pg_stat_activity WHERE pid = {process}");
        // And until its store has heard of it.
        while desk.sql(&state) != "ROLLBACK, idle" || desk.store.writers.use_of().0 == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(desk.commit().await.len(), 1);
    let used =
        format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {process} AND query LIKE 'COMMIT%'");
    assert_eq!(desk.sql(&used), "1", "another session took its place");
}

/// The server hands on what a session did only when it is in no transaction, and autovacuum goes by it.
#[tokio::test]
async fn the_server_hears_of_rows_while_it_is_written_to_without_a_pause() {
    let mut desk = Desk::open().await;
    let stats = "SELECT n_tup_ins > 0 FROM pg_stat_user_tables WHERE relname = 'ledger'";
    in_time(async {
        // A session that goes on and on, and is never idle for long enough to be seen to.
        while desk.sql(stats) != "t" {
            for _ in 0..20 {
                desk.commit().await;
            }
        }
    })
    .await;
    assert!(desk.right() > 0);
}
