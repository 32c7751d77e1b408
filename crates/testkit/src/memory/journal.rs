//! The memory store as a journal: locks, lets decide, verifies, keeps.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::event::Event;
use domain::id::{EventId, Seq};
use engine::ledger::Position;
use engine::store::{
    CommitWrite, Decider, Found, Journal, LedgerRow, Locked, Positions, Probes, Snapshot, StoreError,
    StoreFuture, TransactError, Waits, Work,
};

use super::tables::{EventTable, Tables};
use super::verify::{guards_hold, past_of, verify};
use super::{MemoryStore, Past, Violation};

impl MemoryStore {
    async fn transact_now(
        &self,
        works: Vec<Work>,
        decider: Arc<dyn Decider>,
    ) -> Result<Vec<usize>, TransactError> {
        let ids: BTreeSet<EventId> = works.iter().map(|work| work.event).collect();
        assert_eq!(ids.len(), works.len(), "a batch has one part an event");
        let mut locks = Vec::with_capacity(ids.len());
        for id in ids {
            // In the order of their numbers, or two batches could wait for each other.
            locks.push(self.lock_of(id).lock_owned().await);
        }
        let mut writes = Vec::new();
        for (at, work) in works.iter().enumerate() {
            let locked = self.locked(work)?;
            let now = locked.now;
            let decided = catch_unwind(AssertUnwindSafe(|| decider.decide(at, locked)));
            let Ok(decided) = decided else {
                self.panics.fetch_add(1, Ordering::AcqRel);
                let error = StoreError::Unavailable("a decision panicked".to_owned());
                return Err(TransactError::Undecidable(work.event, error));
            };
            let Some(write) = decided else { continue };
            if write.at != now || write.event != work.event {
                let detail = format!("{} is decided at {}, locked at {now}", write.event, write.at);
                self.violated(Violation::new("a guess until locked", detail));
            }
            writes.push(write);
        }
        let time = self.commit_time();
        if !time.is_zero() && !writes.is_empty() {
            tokio::time::sleep(time).await;
        }
        self.keep(&writes)?;
        Ok(Vec::new())
    }

    /// Reads what a batch asks for, under the event's lock.
    fn locked(&self, work: &Work) -> Result<Locked, TransactError> {
        let now = self.clock.now();
        let tables = self.tables.lock();
        let locked = tables.events.get(&work.event).map(|table| {
            let mut found = found(table, &work.probes);
            for text in &work.probes.event_refs {
                found
                    .event_refs
                    .extend(event_with(&tables, &table.event, text).map(|event| (text.clone(), event)));
            }
            let news = rows_after(table, work.position.seq, usize::MAX);
            Locked { now, position: table.position, news, found }
        });
        locked.ok_or(TransactError::Nothing(StoreError::Conflict("there is no such event")))
    }

    /// Keeps all of the writes, or none.
    fn keep(&self, writes: &[Arc<CommitWrite>]) -> Result<(), TransactError> {
        let mut tables = self.tables.lock();
        for write in writes {
            let table = tables.events.get(&write.event);
            let is_sole = write.settings.as_ref().is_none_or(|settings| {
                let reference = settings.reference.as_ref();
                reference.is_none_or(|text| event_with(&tables, settings, text).is_none())
            });
            if !is_sole || !table.is_some_and(|table| guards_hold(table, write)) {
                self.guard_failures.fetch_add(1, Ordering::AcqRel);
                return Err(TransactError::Stale(write.event));
            }
        }
        let since = self.clock.elapsed();
        for write in writes {
            let Some(table) = tables.events.get_mut(&write.event) else { continue };
            let mut past = Vec::with_capacity(write.entries.len());
            let verified = verify(table, write, |walk| past.push(past_of(walk, write, since)));
            match verified.map(|walk| (walk.seats, walk.pools, walk.holds, walk.used)) {
                Ok((seats, pools, holds, used)) => {
                    table.seats.extend(seats);
                    table.pools.extend(pools);
                    table.used.extend(used);
                    for (serial, hold) in holds {
                        match hold {
                            Some(hold) => table.running.insert(serial, hold),
                            None => table.running.remove(&serial),
                        };
                    }
                    keep_rows(table, write, past);
                }
                Err(violation) => {
                    drop(tables);
                    self.violated(violation);
                }
            }
            let made = write.orders.iter().filter(|order| order.version_before == 0);
            let made: Vec<_> = made.map(|order| order.order.id).collect();
            tables.order_list.extend(made);
        }
        Ok(())
    }

    fn snapshot(&self, event: EventId, keys_keep_ms: i64) -> Option<Snapshot> {
        let now = self.clock.now();
        let keys_from = now.plus_millis(-keys_keep_ms);
        self.look(event, |table| Snapshot {
            event: table.event.clone(),
            position: table.position,
            history: self.history(),
            now,
            seats: table.seats.values().cloned().collect(),
            areas: table
                .pools
                .iter()
                .map(|((area, channel), pool)| domain::inventory::AreaRow {
                    area: *area,
                    channel: channel.clone(),
                    pool: *pool,
                })
                .collect(),
            holds: table.running.values().cloned().collect(),
            limits: table
                .mappings
                .iter()
                .map(|(key, digest)| (*digest, *key, table.used.get(key).copied().unwrap_or(0)))
                .collect(),
            keys: table
                .ledger
                .iter()
                .filter(|row| row.at >= keys_from)
                .flat_map(|row| row.keys.iter().copied())
                .collect(),
        })
    }
}

/// Another event of the same organization and mode that has this reference.
fn event_with(tables: &Tables, event: &Event, reference: &str) -> Option<EventId> {
    let mut others = tables.events.values().map(|table| &table.event).filter(|other| other.id != event.id);
    let other = others.find(|other| {
        let is_near = other.organization == event.organization && other.livemode == event.livemode;
        is_near && other.reference.as_deref() == Some(reference)
    });
    other.map(|other| other.id)
}

/// Commits after one, oldest first.
fn rows_after(table: &EventTable, after: Seq, limit: usize) -> Vec<LedgerRow> {
    let skip = usize::try_from(after.0).unwrap_or(usize::MAX);
    table.ledger.iter().skip(skip).take(limit).cloned().collect()
}

fn found(table: &EventTable, probes: &Probes) -> Found {
    let mut found = Found::default();
    for id in &probes.holds {
        let Some(record) = table.holds.get(&id.serial).filter(|record| record.id == *id) else { continue };
        if let domain::record::HoldStatus::Confirmed(order) = record.status {
            found.orders.extend(table.orders.get(&order.serial).map(|known| (order.serial, known.clone())));
        }
        found.holds.insert(id.serial, record.clone());
    }
    for id in &probes.orders {
        let record = table.orders.get(&id.serial).filter(|record| record.id == *id);
        found.orders.extend(record.map(|record| (id.serial, record.clone())));
    }
    for digest in &probes.refs {
        let Some((fingerprint, order)) = table.refs.get(digest) else { continue };
        found.refs.insert(*digest, (*fingerprint, *order));
        found.orders.extend(table.orders.get(&order.serial).map(|known| (order.serial, known.clone())));
    }
    for digest in &probes.codes {
        found.codes.extend(table.codes.get(digest).map(|order| (*digest, *order)));
    }
    for text in &probes.hold_refs {
        let active =
            table.holds.values().filter(|record| record.status == domain::record::HoldStatus::Active);
        let bearers = active.filter(|record| record.reference.as_ref() == Some(text));
        found.hold_refs.extend(bearers.map(|record| (text.clone(), record.id)));
    }
    found
}

/// Keeps the rows of a verified commit.
fn keep_rows(table: &mut EventTable, write: &CommitWrite, past: Vec<Past>) {
    for record in &write.holds {
        table.holds.insert(record.id.serial, record.clone());
    }
    for moved in &write.holds_moved {
        if let Some(record) = table.holds.get_mut(&moved.serial) {
            record.deadline = moved.deadline;
            record.version += 1;
        }
    }
    for end in &write.holds_ended {
        if let Some(record) = table.holds.get_mut(&end.serial) {
            (record.status, record.ended_at) = (end.status, Some(end.at));
            record.version += 1;
        }
    }
    for order in &write.orders {
        table.orders.insert(order.order.id.serial, order.order.clone());
    }
    for mapping in &write.mappings {
        table.mappings.insert(mapping.surrogate, mapping.digest);
    }
    table
        .refs
        .extend(write.refs.iter().map(|(digest, fingerprint, order)| (*digest, (*fingerprint, *order))));
    table.codes.extend(write.codes.iter().copied());
    table.keys.extend(write.keys.iter().copied());
    table.replies.extend(write.replies.iter().cloned());
    table.notes.extend(write.notes.iter().map(|(channel, note)| (channel.0.clone(), note.clone())));
    if let Some(settings) = &write.settings {
        table.event = settings.clone();
    }
    table.ledger.push(LedgerRow {
        seq: write.after.seq,
        at: write.at,
        head: write.after.head,
        payload: write.payload.clone().into(),
        keys: write.keys.clone(),
        mappings: write.mappings.clone(),
    });
    table.past.extend(past);
    table.position = write.after;
}

/// Whether a history contains a position.
fn has_position(table: &EventTable, position: Position) -> bool {
    match usize::try_from(position.seq.0).unwrap_or(usize::MAX).checked_sub(1) {
        None => position == Position::default(),
        Some(at) => table.ledger.get(at).is_some_and(|row| row.head == position.head),
    }
}

impl Journal for MemoryStore {
    fn load(
        &self,
        event: EventId,
        keys_keep_ms: i64,
    ) -> StoreFuture<'_, Result<Option<Snapshot>, StoreError>> {
        Box::pin(async move { Ok(self.snapshot(event, keys_keep_ms)) })
    }

    fn transact(
        &self,
        works: Vec<Work>,
        _: Waits,
        decider: Arc<dyn Decider>,
    ) -> StoreFuture<'_, Result<Vec<usize>, TransactError>> {
        Box::pin(self.transact_now(works, decider))
    }

    fn contains(&self, event: EventId, position: Position) -> StoreFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            // Whoever might still commit has the lock.
            let _lock = self.lock_of(event).lock_owned().await;
            Ok(self.look(event, |table| has_position(table, position)).unwrap_or(false))
        })
    }

    fn positions(&self, events: Vec<EventId>) -> StoreFuture<'_, Result<Positions, StoreError>> {
        Box::pin(async move {
            let tables = self.tables.lock();
            let positions = events.into_iter().filter_map(|id| Some((id, tables.events.get(&id)?.position)));
            let positions = positions.collect();
            let (now, history) = (self.clock.now(), self.history());
            Ok(Positions { now, history, positions, damaged: Vec::new() })
        })
    }

    fn tail(
        &self,
        event: EventId,
        after: Seq,
        limit: usize,
    ) -> StoreFuture<'_, Result<Vec<LedgerRow>, StoreError>> {
        Box::pin(
            async move { Ok(self.look(event, |table| rows_after(table, after, limit)).unwrap_or_default()) },
        )
    }
}
