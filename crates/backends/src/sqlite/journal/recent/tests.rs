//! Against a model that has every seat where it belongs, at once.

use domain::id::{EventId, OrganizationId, Serial};
use domain::place::{ChannelKey, SeatIndex, Status};
use domain::time::Timestamp;
use engine::ledger::Head;
use rand::RngExt as _;
use testkit::entropy::{SeededRng, seeded};
use testkit::log::Log;

use super::*;
use crate::Migrating;
use crate::sqlite::journal::write;
use crate::sqlite::migrate::{MIGRATIONS, migrate};
use crate::sqlite::writer::EventKey;

/// The seats of each event.
const HOUSE: u32 = 2_000;
/// Recent seats of one event from which on they are filed.
const SEATS_OF_EVENT: usize = 100;

/// What becomes of a commit.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Committed,
    /// Committed, and the writer was not told.
    Unknown,
    RolledBack,
}

/// A store of some events, what its writer remembers, and what must be read of each.
struct Place {
    connection: Connection,
    recent: Recent,
    events: Vec<(Position, Seats)>,
}

impl Place {
    fn of(events: usize) -> Self {
        Self::after(events, 0)
    }

    /// The same, whose last commits changed no seats, and none of them counts as filed.
    fn after(events: usize, commits: u64) -> Self {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS, 1, Migrating::Always).unwrap();
        let position = Position { seq: Seq(commits), ..Position::default() };
        for event in 0..events {
            let new = "INSERT INTO heads (event, seq, head) VALUES (?1, ?2, ?3)";
            let row = (i64::try_from(event).unwrap(), signed(commits), position.head.0);
            connection.execute(new, row).unwrap();
        }
        let events = vec![(position, Seats::new()); events];
        Self { connection, recent: Recent::new(SEATS_OF_EVENT), events }
    }

    /// A commit that changes no seat.
    fn empty_commit(&self, event: usize) -> CommitWrite {
        CommitWrite::of(EventId(1), self.events[event].0, Timestamp(1), Vec::new(), 1)
    }

    /// A commit that changes so many seats or fewer, each once.
    fn commit_of(&self, dice: &mut SeededRng, event: usize, seats: u32) -> CommitWrite {
        let (_, model) = &self.events[event];
        let before = |seat: u32| model.get(&seat).map_or(0, |row| row.version);
        let mut changed = Seats::new();
        for _ in 0..seats {
            let seat = dice.random_range(0..HOUSE);
            let (status, owner) =
                [(Status::Free, 0), (Status::Held, 7), (Status::Sold, 9)][dice.random_range(0..3)];
            let channel = dice.random_bool(0.1).then(|| ChannelKey("house".into()));
            let version = before(seat) + dice.random_range(1..3);
            let row = SeatRow { seat: SeatIndex(seat), version, status, owner: Serial(owner), channel };
            changed.insert(seat, row);
        }
        let mut write = self.empty_commit(event);
        write.seats = changed.iter().map(|(seat, row)| (before(*seat), row.clone())).collect();
        write
    }

    fn write(&mut self, event: usize, commit: &CommitWrite, end: End) -> Result<(), Failure> {
        let number = i64::try_from(event).unwrap();
        let key = EventKey { number, organization: OrganizationId(1), livemode: false };
        let transaction = self.connection.transaction().unwrap();
        let change = write::write(&transaction, &mut self.recent, key, commit)?;
        if end == End::RolledBack {
            return Ok(());
        }
        transaction.commit().unwrap();
        if end == End::Committed {
            self.recent.keep(vec![change]);
        }
        let (position, model) = &mut self.events[event];
        *position = commit.after;
        model.extend(commit.seats.iter().map(|(_, row)| (row.seat.0, row.clone())));
        Ok(())
    }

    /// Writes what the dice say, so often.
    fn write_some(&mut self, seed: u64, times: usize, seats: u32) {
        let mut dice = seeded(seed, 0);
        for _ in 0..times {
            let event = dice.random_range(0..self.events.len());
            let commit = self.commit_of(&mut dice, event, seats);
            self.write(event, &commit, End::Committed).unwrap();
        }
    }

    fn unfiled(&self, event: usize) -> Stored {
        Stored::read(&self.connection, i64::try_from(event).unwrap()).unwrap()
    }

    fn stored(&self, event: usize) -> Vec<SeatRow> {
        let number = i64::try_from(event).unwrap();
        self.unfiled(event).seats(&self.connection, number, 0, usize::MAX).unwrap()
    }

    fn believed(&self, event: usize) -> Vec<SeatRow> {
        self.events[event].1.values().cloned().collect()
    }

    fn number(&self, sql: &str) -> i64 {
        self.connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

#[test]
fn seats_are_read_as_if_each_had_been_written_where_it_belongs() {
    for seed in 0..8 {
        let mut dice = seeded(seed, 0);
        let (mut place, mut other) = (Place::of(1), Recent::new(SEATS_OF_EVENT));
        let (mut rounds, mut filed) = (0, 0);
        for _ in 0..900 {
            let seats = dice.random_range(0..40);
            let commit = place.commit_of(&mut dice, 0, seats);
            let end = match dice.random_range(0..30) {
                0 => End::RolledBack,
                1 => End::Unknown,
                _ => End::Committed,
            };
            place.write(0, &commit, end).unwrap();
            if dice.random_bool(0.02) {
                // Another process, which wrote before and has not seen what was written since.
                std::mem::swap(&mut place.recent, &mut other);
            }
            assert_eq!(place.stored(0), place.believed(0), "seed {seed}");
            let now = place.number("SELECT filed FROM heads");
            assert!(now >= filed, "seed {seed}");
            rounds += u32::from(now > filed);
            filed = now;
        }
        assert!(rounds > 5, "seed {seed}: seats were filed to the last only {rounds} times");
    }
}

#[test]
fn a_round_goes_on_from_commit_to_commit() {
    let mut place = Place::of(1);
    place.write_some(7, 12, 10);
    assert!(place.recent.events[&0].round.is_some_and(|round| round.next > 0));
    assert!(place.number("SELECT count(*) FROM filed_seats") > 0);
    assert_eq!(place.number("SELECT filed FROM heads"), 0, "not before it is over");
}

#[test]
fn a_commit_files_some_neighbours_however_few_seats_it_changes() {
    let mut place = Place::after(1, COMMITS_MAX);
    place.recent = Recent::new(8 * PARTS_OF_ROUND);
    place.write_some(9, 1, 40);
    // As if its seats had waited since the first commit.
    place.connection.execute("UPDATE heads SET filed = 0", []).unwrap();
    place.recent.clear();
    let mut dice = seeded(9, 1);
    for (seats, filed) in [(1, 8), (1, 16), (10, 31)] {
        let commit = place.commit_of(&mut dice, 0, seats);
        place.write(0, &commit, End::Committed).unwrap();
        assert_eq!(place.number("SELECT count(*) FROM filed_seats"), filed);
    }
}

#[test]
fn pages_of_seats_make_the_whole() {
    let mut place = Place::of(1);
    place.write_some(1, 30, 20);
    assert!(place.number("SELECT count(*) FROM filed_seats") > 0 && !place.unfiled(0).recent.is_empty());
    for rows in [1, 7, 100, 5_000] {
        let (mut first, mut all) = (0, Vec::new());
        loop {
            let page = place.unfiled(0).seats(&place.connection, 0, first, rows).unwrap();
            assert!(page.len() <= rows);
            let Some(last) = page.last() else { break };
            first = last.seat.0 + 1;
            all.extend(page);
        }
        assert_eq!(all, place.believed(0), "{rows} a page");
    }
}

#[test]
fn a_version_is_guarded_wherever_the_seat_is() {
    let mut place = Place::of(1);
    place.write_some(2, 40, 20);
    let recent = place.unfiled(0).recent;
    let model = &place.events[0].1;
    let filed = model.keys().copied().find(|seat| !recent.contains_key(seat)).unwrap();
    let remembered = place.recent.events[&0].seats.keys().copied().next().unwrap();
    let new = (0..HOUSE).find(|seat| !model.contains_key(seat)).unwrap();
    for (seat, wrong) in [(filed, 0), (filed, 90), (remembered, 0), (remembered, 90), (new, 1)] {
        let row = SeatRow {
            seat: SeatIndex(seat),
            version: 99,
            status: Status::Sold,
            owner: Serial(5),
            channel: None,
        };
        let mut commit = place.empty_commit(0);
        commit.seats = vec![(wrong, row.clone())];
        let stopped = place.write(0, &commit, End::Committed);
        assert!(matches!(stopped, Err(Failure::Stale("a seat's version"))), "seat {seat}, version {wrong}");
        assert_eq!(place.stored(0), place.believed(0));
        let right = place.events[0].1.get(&seat).map_or(0, |row| row.version);
        commit.seats = vec![(right, row)];
        place.write(0, &commit, End::RolledBack).unwrap();
    }
}

#[test]
fn another_head_is_stale_whether_the_event_is_remembered_or_not() {
    let mut place = Place::of(1);
    place.write_some(3, 3, 20);
    let mut commit = place.commit_of(&mut seeded(3, 1), 0, 5);
    commit.before.head = Head([1; 32]);
    for _ in 0..2 {
        assert!(matches!(place.write(0, &commit, End::Committed), Err(Failure::Stale("the event's head"))));
        place.recent.clear();
    }
    place.write_some(3, 3, 20);
    assert_eq!(place.stored(0), place.believed(0));
}

#[test]
fn few_commits_are_read_where_few_seats_change_or_none() {
    let mut place = Place::of(1);
    for _ in 0..3 {
        place.write(0, &place.empty_commit(0), End::Committed).unwrap();
    }
    assert_eq!(place.number("SELECT seq - filed FROM heads"), 1, "nothing waits");
    place.write_some(3, 1, 5);
    for _ in 0..COMMITS_MAX + 20 {
        place.write(0, &place.empty_commit(0), End::Committed).unwrap();
    }
    assert_eq!(place.number("SELECT seq - filed FROM heads"), 1);
    assert_eq!(place.number("SELECT count(*) FROM filed_seats"), 5);
    assert_eq!(place.stored(0), place.believed(0));
}

#[test]
fn what_is_remembered_of_many_events_is_bounded() {
    let mut place = Place::of(60);
    let mut most = 0;
    let mut dice = seeded(4, 0);
    for _ in 0..3_000 {
        let event = dice.random_range(0..60);
        let commit = place.commit_of(&mut dice, event, 10);
        place.write(event, &commit, End::Committed).unwrap();
        let counted: usize = place.recent.events.values().map(|unfiled| unfiled.seats.len()).sum();
        assert_eq!(place.recent.seats, counted);
        most = most.max(counted);
    }
    assert!(most < 3 * EVENTS_FULL * SEATS_OF_EVENT, "{most} seats");
    let unfiled = (0..60).map(|event| place.unfiled(event).recent.len()).max().unwrap();
    assert!(unfiled < 3 * SEATS_OF_EVENT, "{unfiled} seats of one event are not filed");
    for event in 0..60 {
        assert_eq!(place.stored(event), place.believed(event), "event {event}");
    }
    place.recent.forget(7);
    place.recent.forget(7);
    place.recent.clear();
    assert_eq!(place.recent.seats, 0);
}

#[test]
fn events_that_nobody_buys_are_forgotten_first() {
    let mut place = Place::of(30);
    // As if each had been filled while it was the only one.
    let mut dice = seeded(5, 0);
    for event in 0..30 {
        let commit = place.commit_of(&mut dice, event, 90);
        place.write(event, &commit, End::Unknown).unwrap();
        place.recent.forget(i64::try_from(event).unwrap());
    }
    for event in 0..30 {
        let commit = place.commit_of(&mut dice, event, 1);
        place.write(event, &commit, End::Committed).unwrap();
        assert!(place.recent.events.contains_key(&i64::try_from(event).unwrap()));
        assert!(place.recent.seats < 3 * EVENTS_FULL * SEATS_OF_EVENT, "{} seats", place.recent.seats);
    }
    assert!(!place.recent.events.contains_key(&0));
}

#[test]
fn a_round_ends_though_others_take_the_room_again_and_again() {
    let most_commits = COMMITS_MAX * ROUNDS_LATE;
    let mut place = Place::after(2, most_commits - 1_000);
    let mut dice = seeded(10, 0);
    for event in 0..2 {
        let commit = place.commit_of(&mut dice, event, 95);
        place.write(event, &commit, End::Unknown).unwrap();
    }
    // As if none had been filed since the first commit.
    place.connection.execute("UPDATE heads SET filed = 0", []).unwrap();
    place.recent.clear();
    for at in 0..3_000 {
        let event = at % 2;
        let commit = place.commit_of(&mut dice, event, 1);
        place.write(event, &commit, End::Committed).unwrap();
        // As another process would that writes in turn.
        place.recent.forget(i64::try_from(event).unwrap());
    }
    let most = place.number("SELECT max(seq - filed) FROM heads");
    assert!(most <= signed(most_commits), "{most} commits");
    assert_eq!(place.stored(1), place.believed(1));
}

#[test]
fn what_waits_for_nothing_takes_no_room_from_a_crowd() {
    let mut place = Place::of(200);
    for event in 1..200 {
        let commit = place.empty_commit(event);
        place.write(event, &commit, End::Committed).unwrap();
    }
    let mut dice = seeded(11, 0);
    for _ in 0..4 {
        let commit = place.commit_of(&mut dice, 0, 20);
        place.write(0, &commit, End::Committed).unwrap();
    }
    assert_eq!(place.number("SELECT count(*) FROM filed_seats"), 0);
}

#[test]
fn what_cannot_be_read_is_damage() {
    let mut place = Place::of(1);
    place.write_some(6, 1, 5);
    place.connection.execute("UPDATE ledger SET seats = substr(seats, 2)", []).unwrap();
    assert!(matches!(Stored::read(&place.connection, 0), Err(Failure::Damaged(_))));
    place.recent.clear();
    let commit = place.commit_of(&mut seeded(6, 1), 0, 5);
    assert!(matches!(place.write(0, &commit, End::Committed), Err(Failure::Damaged(_))));
}

#[test]
fn a_row_that_is_newer_than_every_commit_is_read_and_stops_nobody() {
    let log = Log::of_this_thread();
    let mut place = Place::of(1);
    place.write_some(8, 1, 5);
    let seat = place.believed(0)[2].seat;
    let sql = "INSERT INTO filed_seats (event, seat, version, status, owner) VALUES (0, ?1, 77, 0, 0)";
    place.connection.execute(sql, [seat.0]).unwrap();
    assert_eq!((place.stored(0).len(), place.stored(0)[2].version), (5, 77));
    for _ in 0..COMMITS_MAX + 20 {
        let commit = place.empty_commit(0);
        place.write(0, &commit, End::Committed).unwrap();
    }
    assert!(log.errors().contains("newer than every commit"), "{}", log.errors());
    assert_eq!(place.stored(0)[2].version, 77);
    // Who reads it goes on from it.
    place.events[0].1.get_mut(&seat.0).unwrap().version = 77;
    let mut commit = place.empty_commit(0);
    let row = SeatRow { version: 78, ..place.believed(0)[2].clone() };
    commit.seats = vec![(77, row)];
    place.write(0, &commit, End::Committed).unwrap();
    assert_eq!(place.stored(0)[2].version, 78);
}

#[test]
fn an_event_without_a_head_is_read_whole() {
    let mut place = Place::of(1);
    place.write_some(9, 1, 5);
    place.connection.execute("DELETE FROM heads", []).unwrap();
    assert_eq!(place.stored(0), place.believed(0));
}
