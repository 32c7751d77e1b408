//! What a batch may take for granted without asking: that nobody has committed to its events since this store did, and
//! what time it is by then.
//!
//! A guess saves a batch its first round trip. It is never believed: the transaction itself locks the events, and goes no
//! further unless every one of them is as this store left it, and the server's clock shows what was reckoned.
//! A guess that was wrong has cost time and done nothing; the batch is decided again, under its locks.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::id::EventId;
use domain::time::Timestamp;
use engine::ledger::Position;
use engine::store::Work;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::super::EventKey;
use super::super::rows::column;
use super::super::session::{Answers, Call};
use super::transact::Decided;
use crate::columns::signed;

/// How far the time that was reckoned may be from the server's, in ms: as far as what a desk refuses on may be from what is.
/// A batch that was stopped on its way, as a node that stands still is, comes too late by it.
const OFF_MS_MAX: i64 = 250;
/// For how long the server's clock is reckoned after it was last seen to show what was reckoned.
const UNSEEN_MAX: Duration = Duration::from_secs(1);
/// How long nothing is guessed of an event that somebody else has committed to, or has locked: he sells it too.
const PAUSE: Duration = Duration::from_secs(1);
/// Events of which anything is kept: of more, everything is forgotten.
const EVENTS_MAX: usize = 100_000;

/// Locks the events that nobody else has and that are as this store left them, and reads the clock after it; raises an error
/// unless that is all of them, at about that time. Whoever looks an outcome up writes the row over, so that what was under way then fails
/// here: it must not be committed after somebody was told that it was not.
pub(super) const CHECK: &str = "WITH mine AS ( \
         SELECT 1 FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::text[]) AS w (event, seq, head, xid) \
         JOIN heads AS h ON h.event = w.event AND h.seq = w.seq AND h.head = w.head AND h.xmin = w.xid::xid \
         FOR UPDATE OF h SKIP LOCKED), \
     told AS (SELECT count(*) AS mine, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now FROM mine) \
     SELECT now, 1 / (mine = $5::bigint AND now BETWEEN $6::bigint AND $7::bigint)::integer FROM told";

/// What is known of an event.
#[derive(Clone)]
enum Known {
    /// This store was the last that committed to it, as far as it knows: where it stands, and the transaction that left it there.
    Stands(Position, Arc<str>),
    /// Somebody else sells it: no guess until then.
    PausedUntil(Instant),
}

/// The server's clock, as it is reckoned.
#[derive(Clone, Copy)]
struct Reckoning {
    shown: Timestamp,
    /// When it had shown that: a moment after it did, so that what is reckoned is never ahead.
    by: Instant,
    /// When it was last seen to be right.
    seen_at: Instant,
}

impl Reckoning {
    /// What it shows, or showed, at a moment; rounded down.
    fn at(self, moment: Instant) -> Timestamp {
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        match moment.checked_duration_since(self.by) {
            Some(since) => self.shown.plus_millis(millis(since)),
            None => self.shown.plus_millis(-millis(self.by - moment) - 1),
        }
    }
}

#[derive(Default)]
struct Clock {
    reckoning: Option<Reckoning>,
    /// When it was last found to be wrong: what was asked for before says nothing.
    wrong_at: Option<Instant>,
}

/// What a batch takes for granted.
pub(super) struct Guess {
    /// What the server's clock shows.
    pub(super) now: Timestamp,
    /// The transaction that left each event as it is.
    transactions: Vec<Arc<str>>,
}

/// What this store knows of what it has committed.
#[derive(Default)]
pub(in crate::postgres) struct Guesses {
    clock: Mutex<Clock>,
    events: Mutex<HashMap<EventId, Known>>,
    right: AtomicU64,
    wrong: AtomicU64,
}

impl Guesses {
    /// What may be guessed, if every event stands where its desk believes it to stand and nothing else is asked.
    pub(super) fn guess(&self, works: &[Work]) -> Option<Guess> {
        let now = Instant::now();
        let clock = self.reckoning(now)?;
        let events = self.events.lock();
        let transaction = |work: &Work| match events.get(&work.event) {
            Some(Known::Stands(position, transaction))
                if *position == work.position && work.probes.is_empty() =>
            {
                Some(transaction.clone())
            }
            _ => None,
        };
        let transactions = works.iter().map(transaction).collect::<Option<_>>()?;
        Some(Guess { now: clock.at(now), transactions })
    }

    /// Whether the server was heard a moment ago: then there is more to come.
    pub(super) fn is_busy(&self) -> bool {
        self.reckoning(Instant::now()).is_some()
    }

    /// The clock, if it was seen to be right a moment ago.
    fn reckoning(&self, now: Instant) -> Option<Reckoning> {
        self.clock.lock().reckoning.filter(|clock| now - clock.seen_at <= UNSEEN_MAX)
    }

    /// Notes what the server's clock showed at some moment since `asked_at`. What is reckoned stays if it is a moment of that time:
    /// it was read more closely then, and does not go back.
    pub(super) fn clock_showed(&self, shown: Timestamp, asked_at: Instant) {
        let now = Instant::now();
        let mut clock = self.clock.lock();
        if clock.wrong_at.is_some_and(|wrong_at| asked_at < wrong_at) {
            return;
        }
        let is_right = |clock: &&mut Reckoning| (clock.at(asked_at)..=clock.at(now)).contains(&shown);
        match clock.reckoning.as_mut().filter(is_right) {
            Some(reckoning) => reckoning.seen_at = reckoning.seen_at.max(now),
            None => clock.reckoning = Some(Reckoning { shown, by: now, seen_at: now }),
        }
    }

    /// Notes where a transaction of this store has brought events.
    pub(super) fn committed(&self, decided: &[Decided], transaction: Option<String>) {
        let Some(transaction) = transaction.map(Arc::<str>::from) else { return };
        let mut events = self.events.lock();
        let now = Instant::now();
        if events.len() >= EVENTS_MAX {
            events.clear();
        }
        for (_, write) in decided {
            let stands = Known::Stands(write.after, transaction.clone());
            let known = events.entry(write.event).or_insert_with(|| stands.clone());
            if !matches!(known, Known::PausedUntil(until) if now < *until) {
                *known = stands;
            }
        }
    }

    /// Notes that somebody else has committed to an event, or has it.
    pub(super) fn has_rival(&self, event: EventId) {
        self.events.lock().insert(event, Known::PausedUntil(Instant::now() + PAUSE));
    }

    /// Notes that a guess was right.
    pub(super) fn was_right(&self) {
        self.right.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that a guess was wrong. Which event it was the locks tell; if it was the clock, that is read anew.
    pub(super) fn was_wrong(&self) {
        self.wrong.fetch_add(1, Ordering::Relaxed);
        *self.clock.lock() = Clock { reckoning: None, wrong_at: Some(Instant::now()) };
    }

    /// Forgets what is known of an event.
    pub(in crate::postgres) fn forget(&self, event: EventId) {
        self.events.lock().remove(&event);
    }

    /// How many batches were committed on a guess, and how many guesses were wrong.
    pub(in crate::postgres) fn counts(&self) -> (u64, u64) {
        (self.right.load(Ordering::Relaxed), self.wrong.load(Ordering::Relaxed))
    }
}

/// What the clock showed when a guess was checked: that is the first answer.
pub(super) fn clock(answers: &Answers) -> Option<Timestamp> {
    let checked = answers.first()?.as_ref().ok()?;
    Some(Timestamp(column(checked.first()?, 0).ok()?))
}

/// The statement that finds out whether a guess is right.
pub(super) fn check(works: &[Work], keys: &HashMap<EventId, EventKey>, guess: &Guess) -> Option<Call> {
    let numbers: Option<Vec<i64>> =
        works.iter().map(|work| keys.get(&work.event).map(|key| key.number)).collect();
    let transactions = guess.transactions.iter().map(|transaction| transaction.to_string());
    let call = Call::new(CHECK)
        .with(numbers?)
        .with(works.iter().map(|work| signed(work.position.seq.0)).collect::<Vec<_>>())
        .with(works.iter().map(|work| work.position.head.0.to_vec()).collect::<Vec<_>>())
        .with(transactions.collect::<Vec<_>>())
        .with(i64::try_from(works.len()).unwrap_or(i64::MAX))
        .with(guess.now.0.saturating_sub(OFF_MS_MAX))
        .with(guess.now.0.saturating_add(OFF_MS_MAX));
    Some(call)
}
