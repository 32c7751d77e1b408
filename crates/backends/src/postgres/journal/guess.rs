//! What a batch may take for granted without asking: that nobody has committed to its events since this store did, and
//! what time it is by then.
//!
//! A guess saves a batch its first round trip. It is never believed: the transaction itself locks the events, and goes no
//! further unless every one of them stands where it was taken to stand, and the server's clock shows what was reckoned.
//! A guess that was wrong cost a decision and has done nothing; the batch is decided again, under its locks.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::id::EventId;
use domain::time::Timestamp;
use engine::ledger::Position;
use engine::store::{Probes, Work};
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
/// For how long a reading of the server's clock is reckoned on.
const READING_AGE_MAX: Duration = Duration::from_secs(1);
/// How long nothing is guessed of an event after a wrong guess: somebody else sells it too.
const PAUSE: Duration = Duration::from_secs(1);
/// Events of which anything is kept: of more, everything is forgotten.
const EVENTS_MAX: usize = 100_000;

/// Locks the events that nobody else has and that stand where they are taken to stand, and reads the clock after it; raises an
/// error unless that is all of them, at about that time.
pub(super) const CHECK: &str = "WITH mine AS ( \
         SELECT 1 FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) AS w (event, seq, head) \
         JOIN heads AS h ON h.event = w.event AND h.seq = w.seq AND h.head = w.head \
         FOR UPDATE OF h SKIP LOCKED), \
     told AS (SELECT count(*) AS mine, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now FROM mine) \
     SELECT now, 1 / (mine = $4::bigint AND now BETWEEN $5::bigint AND $6::bigint)::integer FROM told";

/// What is known of an event.
enum Known {
    /// This store was the last that committed to it, as far as it knows.
    Stands(Position),
    /// A guess was wrong: no other until then.
    PausedUntil(Instant),
}

/// A reading of the server's clock, and when it had been read.
#[derive(Clone, Copy)]
struct Reading {
    shown: Timestamp,
    by: Instant,
}

/// What this store knows of what it has committed.
#[derive(Default)]
pub(in crate::postgres) struct Guesses {
    reading: Mutex<Option<Reading>>,
    events: Mutex<HashMap<EventId, Known>>,
    right: AtomicU64,
    wrong: AtomicU64,
}

impl Guesses {
    /// What the server's clock shows now, or showed a few ms ago, if it may be guessed that every event stands where its desk
    /// believes it to stand, and nothing else is asked.
    pub(super) fn guess(&self, works: &[Work]) -> Option<Timestamp> {
        let now = Instant::now();
        let reading = (*self.reading.lock())?;
        // The clock was read before the answer came, so what is reckoned is never ahead.
        let since = now.checked_duration_since(reading.by).filter(|since| *since <= READING_AGE_MAX)?;
        let events = self.events.lock();
        let is_guessed = |work: &Work| match events.get(&work.event) {
            Some(Known::Stands(position)) => *position == work.position && is_empty(&work.probes),
            Some(Known::PausedUntil(_)) | None => false,
        };
        let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        works.iter().all(is_guessed).then(|| reading.shown.plus_millis(millis))
    }

    /// Whether anything was committed a moment ago.
    pub(super) fn are_fresh(&self) -> bool {
        self.reading.lock().is_some_and(|reading| reading.by.elapsed() <= READING_AGE_MAX)
    }

    /// Notes what the server's clock showed, a moment ago.
    pub(super) fn clock_showed(&self, shown: Timestamp) {
        *self.reading.lock() = Some(Reading { shown, by: Instant::now() });
    }

    /// Notes where this store has brought events.
    pub(super) fn committed(&self, decided: &[Decided]) {
        let mut events = self.events.lock();
        let now = Instant::now();
        if events.len() >= EVENTS_MAX {
            events.clear();
        }
        for (_, write) in decided {
            let known = events.entry(write.event).or_insert(Known::Stands(write.after));
            if !matches!(known, Known::PausedUntil(until) if now < *until) {
                *known = Known::Stands(write.after);
            }
        }
    }

    /// The same, for events of which it was guessed; `shown` is what the server's clock showed.
    pub(super) fn was_right(&self, decided: &[Decided], shown: Option<Timestamp>) {
        self.right.fetch_add(1, Ordering::Relaxed);
        shown.into_iter().for_each(|shown| self.clock_showed(shown));
        self.committed(decided);
    }

    /// Notes that one of these events, at least, is not as it was taken to be.
    pub(super) fn was_wrong(&self, works: &[Work]) {
        self.wrong.fetch_add(1, Ordering::Relaxed);
        let until = Instant::now() + PAUSE;
        let mut events = self.events.lock();
        works.iter().for_each(|work| _ = events.insert(work.event, Known::PausedUntil(until)));
    }

    /// Forgets an event that is gone.
    pub(in crate::postgres) fn forget(&self, event: EventId) {
        self.events.lock().remove(&event);
    }
}

impl Guesses {
    /// How many batches were committed on a guess, and how many guesses were wrong.
    pub(in crate::postgres) fn counts(&self) -> (u64, u64) {
        (self.right.load(Ordering::Relaxed), self.wrong.load(Ordering::Relaxed))
    }
}

fn is_empty(probes: &Probes) -> bool {
    let Probes { holds, orders, refs, codes, event_refs, hold_refs } = probes;
    holds.is_empty()
        && orders.is_empty()
        && refs.is_empty()
        && codes.is_empty()
        && event_refs.is_empty()
        && hold_refs.is_empty()
}

/// What the clock showed when a guess was checked: that is the first answer.
pub(super) fn clock(answers: &Answers) -> Option<Timestamp> {
    let checked = answers.first()?.as_ref().ok()?;
    Some(Timestamp(column(checked.first()?, 0).ok()?))
}

/// The statement that finds out whether a guess was right.
pub(super) fn check(works: &[Work], keys: &HashMap<EventId, EventKey>, now: Timestamp) -> Option<Call> {
    let numbers: Option<Vec<i64>> =
        works.iter().map(|work| keys.get(&work.event).map(|key| key.number)).collect();
    let count = i64::try_from(works.len()).unwrap_or(i64::MAX);
    let call = Call::new(CHECK)
        .with(numbers?)
        .with(works.iter().map(|work| signed(work.position.seq.0)).collect::<Vec<_>>())
        .with(works.iter().map(|work| work.position.head.0.to_vec()).collect::<Vec<_>>())
        .with(count)
        .with(now.0.saturating_sub(OFF_MS_MAX))
        .with(now.0.saturating_add(OFF_MS_MAX));
    Some(call)
}
