//! One batch: two round trips, the decision between them; or one, if what it is decided on can be guessed.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use domain::id::EventId;
use engine::ledger::Position;
use engine::store::{CommitWrite, Decider, Found, Locked, StoreError, TransactError, Waits, Work};
use tokio::time::Instant;

use super::super::error::{Failure, is_damage, is_fatal, is_guard, told};
use super::super::pooled::{GRACE, no_answer};
use super::super::rows::{bytes, column};
use super::super::session::{Call, Ended, Lease, Session};
use super::super::{EventKey, PostgresStore};
use super::{GONE, guess, lock, write};
use crate::columns::signed;

/// Looking an outcome up locks the event first: whatever has locked it and may still commit to it is over then. What is read is then
/// written over and committed, so that it is not lost again by a standby that never got it, and so that a batch that is still on its
/// way, on a guess, finds the row changed ([`guess::CHECK`]).
const RESOLVE_LOCK: &str = "SELECT seq FROM heads WHERE event = $1 FOR UPDATE";
const RESOLVE_READ: &str = "SELECT hash FROM ledger WHERE event = $1 AND seq = $2";
const RESOLVE_WRITE: &str = "UPDATE heads SET seq = seq WHERE event = $1";

/// What came of a guess.
enum Guessed {
    /// Nothing: none could be made, or it was wrong.
    Nothing,
    /// It was right.
    Committed,
}

/// One event's part, decided.
pub(super) type Decided = (EventKey, Arc<CommitWrite>);

impl PostgresStore {
    /// Commits a batch, whole or not at all; the parts of events that others have locked are left.
    pub(super) async fn commit_batch(
        &self,
        works: &[Work],
        waits: Waits,
        decider: &dyn Decider,
    ) -> Result<Vec<usize>, TransactError> {
        let goes_on = self.guesses.is_busy();
        let mut lease = self.writers.take().await.map_err(nothing)?;
        match self.commit_guessed(&mut lease.session, works, decider).await? {
            Guessed::Nothing => self.commit_locked(lease, works, waits, decider, goes_on).await,
            Guessed::Committed => {
                self.writers.put_back(lease);
                self.news.committed();
                Ok(Vec::new())
            }
        }
    }

    /// Commits a batch in one round trip, if what is guessed of its events is right. The session is clean afterwards, or this is an
    /// error.
    async fn commit_guessed(
        &self,
        session: &mut Session,
        works: &[Work],
        decider: &dyn Decider,
    ) -> Result<Guessed, TransactError> {
        let guess = session.has_begun().then(|| self.guesses.guess(works)).flatten();
        let Some(guess) = guess else { return Ok(Guessed::Nothing) };
        let keys = self.event_keys(works.iter().map(|work| work.event)).await.map_err(nothing)?;
        let Some(check) = guess::check(works, &keys, &guess) else { return Ok(Guessed::Nothing) };
        let mut decided = Vec::new();
        for (at, work) in works.iter().enumerate() {
            let (now, position) = (guess.now, work.position);
            let locked = Locked { now, position, news: Vec::new(), found: Found::default() };
            let write = decide(at, work, locked, decider).map_err(|failure| failed(failure, works))?;
            decided.extend(write.map(|write| (keys[&work.event], write)));
        }
        // What is not written is not checked either, and nobody may be refused on a guess.
        let calls = if decided.is_empty() { None } else { write::calls(&decided, self.identity.xid_offset) };
        let Some(mut calls) = calls else {
            take_back(works, decider);
            return Ok(Guessed::Nothing);
        };
        calls.insert(0, check);
        let sent_at = Instant::now();
        let ended = self.send(session, &calls, true).await?;
        match outcome(&ended, &decided) {
            Ok(()) => {
                self.guesses.was_right();
                if let Some(shown) = guess::clock(&ended.answers) {
                    self.guesses.clock_showed(shown, sent_at);
                }
                self.guesses.committed(&decided, write::transaction(&ended.answers[1]));
                Ok(Guessed::Committed)
            }
            // Another time under the locks: they tell what a guard really found.
            Err(_) if ended.commit.is_ok() && failure_of(&ended).is_some_and(is_guard) => {
                self.guesses.was_wrong();
                take_back(works, decider);
                Ok(Guessed::Nothing)
            }
            Err(error) => {
                tell_failure(&ended);
                Err(error)
            }
        }
    }

    /// Commits a batch in two round trips: what it is decided on is locked and read first. `goes_on` as in [`Session::commit`].
    async fn commit_locked(
        &self,
        mut lease: Lease,
        works: &[Work],
        waits: Waits,
        decider: &dyn Decider,
        goes_on: bool,
    ) -> Result<Vec<usize>, TransactError> {
        let begun = self.begin(&mut lease.session, works, waits, decider).await;
        let (decided, left) = match begun {
            Ok(begun) => begun,
            Err(failure) => {
                // Nothing was written, so nothing can have been committed. A session that answered is clean again
                // once it has rolled back; any other is closed.
                let rolled_back = tokio::time::timeout(GRACE, lease.session.roll_back()).await;
                if matches!(rolled_back, Ok(Ok(()))) {
                    self.writers.put_back(lease);
                }
                return Err(failed(failure, works));
            }
        };
        if decided.is_empty() {
            if matches!(tokio::time::timeout(GRACE, lease.session.roll_back()).await, Ok(Ok(()))) {
                self.writers.put_back(lease);
            }
            return Ok(left);
        }
        let Some(calls) = write::calls(&decided, self.identity.xid_offset) else {
            // The session is closed, and its transaction with it.
            return Err(stopped(&decided));
        };
        let ended = self.send(&mut lease.session, &calls, goes_on).await?;
        let outcome = outcome(&ended, &decided);
        if outcome.is_err() {
            tell_failure(&ended);
        }
        let is_of_event = matches!(outcome, Err(TransactError::Stale(_) | TransactError::Undecidable(..)));
        if outcome.is_ok() || is_of_event && ended.commit.is_ok() {
            self.writers.put_back(lease);
        }
        outcome.map(|()| {
            self.guesses.committed(&decided, write::transaction(&ended.answers[0]));
            self.news.committed();
            left
        })
    }

    /// Has a transaction written and committed, within the time that it may take.
    async fn send(
        &self,
        session: &mut Session,
        calls: &[Call],
        goes_on: bool,
    ) -> Result<Ended, TransactError> {
        let patience = self.options.statement_timeout + GRACE;
        match tokio::time::timeout(patience, session.commit(calls, goes_on)).await {
            Ok(Ok(ended)) => Ok(ended),
            // Preparing a statement failed: the commit was not sent.
            Ok(Err(failure)) => Err(nothing(failure)),
            Err(_) => Err(TransactError::Unknown("the database did not answer a commit".to_owned())),
        }
    }

    /// Locks, reads and decides; returns what is to be written, and the parts that were left.
    async fn begin(
        &self,
        session: &mut Session,
        works: &[Work],
        waits: Waits,
        decider: &dyn Decider,
    ) -> Result<(Vec<Decided>, Vec<usize>), Failure> {
        let keys = self.event_keys(works.iter().map(|work| work.event)).await?;
        let waits = waits == Waits::ForEvents;
        // A name is waited for as well, so whoever takes one is left when others would wait with it.
        let is_tried = |work: &&Work| waits || work.probes.event_refs.is_empty();
        let known: Vec<(&Work, EventKey)> =
            works.iter().filter(is_tried).filter_map(|work| Some((work, *keys.get(&work.event)?))).collect();
        let patience = self.options.lock_timeout + self.options.statement_timeout + GRACE;
        let asked_at = Instant::now();
        let locked = tokio::time::timeout(patience, lock::lock(session, &known, waits)).await;
        let mut locked = locked.map_err(|_| no_answer())??;
        let now = locked.values().next().map(|locked| locked.now);
        now.into_iter().for_each(|now| self.guesses.clock_showed(now, asked_at));
        let mut decided = Vec::new();
        let mut left = Vec::new();
        for (at, work) in works.iter().enumerate() {
            let part = match locked.remove(&work.event) {
                Some(part) => {
                    if part.position != work.position {
                        self.guesses.has_rival(work.event);
                    }
                    part
                }
                None if !waits && keys.contains_key(&work.event) => {
                    if is_tried(&work) {
                        self.guesses.has_rival(work.event);
                    }
                    left.push(at);
                    continue;
                }
                None => {
                    self.forget(work.event);
                    let now = match now {
                        Some(now) => now,
                        None => self.read_now().await?,
                    };
                    Locked { now, position: GONE, news: Vec::new(), found: Found::default() }
                }
            };
            if let Some(write) = decide(at, work, part, decider)? {
                let key = keys.get(&work.event).copied();
                let key = key.filter(|_| write.event == work.event && write.before.head != GONE.head);
                let wrong = || Failure::damaged(format!("{} was decided as another event", work.event));
                decided.push((key.ok_or_else(wrong)?, write));
            }
        }
        Ok((decided, left))
    }

    /// Whether a history contains a position, once no transaction is under way that might put it there.
    pub(super) async fn resolve(&self, event: EventId, position: Position) -> Result<bool, Failure> {
        let Some(key) = self.event_keys([event]).await?.remove(&event) else { return Ok(false) };
        self.guesses.forget(event);
        let mut lease = self.writers.take().await?;
        let calls = [
            Call::new(RESOLVE_LOCK).with(key.number),
            Call::new(RESOLVE_READ).with(key.number).with(signed(position.seq.0)),
        ];
        let patience = self.options.lock_timeout + self.options.statement_timeout + GRACE;
        let late = |_| no_answer();
        let answers = tokio::time::timeout(patience, lease.session.begin(&calls)).await.map_err(late)??;
        let is_there = !answers[0].is_empty();
        let contains = match answers[1].first() {
            _ if position.seq.0 == 0 => position.head == engine::ledger::Head::default(),
            Some(row) => bytes::<32>(row, 0)? == position.head.0,
            None => false,
        };
        let write = [Call::new(RESOLVE_WRITE).with(key.number)];
        let ended =
            tokio::time::timeout(patience, lease.session.commit(&write, false)).await.map_err(late)??;
        let failed = ended.answers.into_iter().find_map(Result::err).or(ended.commit.err());
        if let Some(error) = failed {
            return Err(error.into());
        }
        if ended.is_warned {
            return Err(Failure::Unknown("the server warned while it committed".to_owned()));
        }
        self.writers.put_back(lease);
        Ok(is_there && contains)
    }

    /// What the hot tables call these events; events that are gone are left out.
    pub(in crate::postgres) async fn event_keys(
        &self,
        events: impl IntoIterator<Item = EventId>,
    ) -> Result<HashMap<EventId, EventKey>, Failure> {
        let mut keys = HashMap::new();
        let mut unknown = Vec::new();
        {
            let known = self.keys.lock();
            for event in events {
                match known.get(&event) {
                    Some(key) => _ = keys.insert(event, *key),
                    None => unknown.push(signed(event.0)),
                }
            }
        }
        if !unknown.is_empty() {
            let sql = "SELECT id, number, organization, livemode FROM events WHERE id = ANY($1)";
            for row in self.query(sql, &[&unknown]).await? {
                let key = EventKey {
                    number: column(&row, 1)?,
                    organization: domain::id::OrganizationId(super::super::rows::id(&row, 2)?),
                    livemode: column(&row, 3)?,
                };
                let event = EventId(super::super::rows::id(&row, 0)?);
                keys.insert(event, key);
                self.keys.lock().insert(event, key);
            }
        }
        Ok(keys)
    }
}

fn nothing(failure: Failure) -> TransactError {
    TransactError::Nothing(failure.into())
}

/// Why a batch was not written. What one event has wrong must not fail the others: it is named, or each is tried alone.
fn failed(failure: Failure, works: &[Work]) -> TransactError {
    let failure = match works {
        [work] => failure.of(work.event),
        _ => failure,
    };
    match failure {
        Failure::Undecidable(event, error) => TransactError::Undecidable(event, error),
        failure if failure.is_damage() => {
            tracing::warn!(%failure, "one event fails its batch; each is tried alone");
            TransactError::Divided
        }
        failure => nothing(failure),
    }
}

/// Takes back what was decided of a batch.
fn take_back(works: &[Work], decider: &dyn Decider) {
    (0..works.len()).for_each(|at| decider.take_back(at));
}

fn decide(
    at: usize,
    work: &Work,
    locked: Locked,
    decider: &dyn Decider,
) -> Result<Option<Arc<CommitWrite>>, Failure> {
    catch_unwind(AssertUnwindSafe(|| decider.decide(at, locked))).map_err(|_| {
        let error = StoreError::Unavailable("a decision panicked; its batch is rolled back".to_owned());
        Failure::Undecidable(work.event, error)
    })
}

/// A guard stopped a batch: of several events it is not told which.
fn stopped(decided: &[Decided]) -> TransactError {
    match decided {
        [(_, write)] => TransactError::Stale(write.event),
        _ => TransactError::Divided,
    }
}

/// Tells the log which statement failed, if one did.
fn tell_failure(ended: &Ended) {
    if let Some(error) = failure_of(ended) {
        tracing::warn!(error = told(error), "a statement of a batch failed");
    }
}

/// The first statement's error.
fn failure_of(ended: &Ended) -> Option<&tokio_postgres::Error> {
    ended.answers.iter().find_map(|answer| answer.as_ref().err())
}

/// What came of a transaction: a commit counts only when every statement before it was answered well.
fn outcome(ended: &Ended, decided: &[Decided]) -> Result<(), TransactError> {
    match (failure_of(ended), &ended.commit) {
        (None, Ok(())) if ended.is_warned => {
            Err(TransactError::Unknown("the server warned while it committed".to_owned()))
        }
        (None, Ok(())) => Ok(()),
        // The server itself refused a statement: nothing after it counts, its COMMIT rolled back.
        (Some(error), _) if error.as_db_error().is_some() && !is_fatal(error) => match decided {
            [(_, write)] if is_damage(error) => {
                Err(TransactError::Undecidable(write.event, StoreError::Damaged(told(error))))
            }
            [_] if !is_guard(error) => Err(TransactError::Nothing(StoreError::Unavailable(told(error)))),
            _ => Err(stopped(decided)),
        },
        (Some(error), _) | (None, Err(error)) => Err(TransactError::Unknown(told(error))),
    }
}
