//! Seats that changed recently: with their commit in the ledger first, and in their own table later.
//!
//! A crowd wants seats all over the house, so two hundred bookings would write nearly two hundred pages of their table.
//! Instead a commit packs the seats that it changed into its own row. The writer remembers those that are not in
//! their table yet, in the order of their numbers, and once they are many, each commit *files* some neighbours, which
//! share pages: a sorted run beside the table, as in a log-structured merge tree (O'Neil and others, 1996).
//! `heads.filed` is a commit of which all seats are filed, with those of all commits before it. What came after it
//! is laid over the table by whoever reads seats ([`Stored`]).
//!
//! What is remembered is a copy. It counts only at the position that it was kept up to; at any other the ledger is read.

use std::collections::{BTreeMap, HashMap, btree_map, hash_map};

use domain::id::Seq;
use domain::inventory::SeatRow;
use engine::ledger::Position;
use engine::store::CommitWrite;
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use super::super::error::Failure;
use super::super::rows;
use super::read::{all, position_of};
use crate::columns::{inventory, seats, signed, unsigned};

/// Commits after `heads.filed` from which on seats are filed, however few: who reads an event's seats reads their rows of the
/// ledger.
const COMMITS_MAX: u64 = 2_048;
/// Rounds that take so many times longer were broken off again and again, since other events took the room: the next one
/// is over at once.
const ROUNDS_LATE: u64 = 4;
/// How often the seats of one event may be remembered of all events together.
const EVENTS_FULL: usize = 4;
/// Into how many parts the seats of a round are divided at most, to be filed one with each commit; as if they were as many as one
/// event may have, when they are fewer: some neighbours cost little more than one of them.
const PARTS_OF_ROUND: usize = 1_024;

/// Recently changed seats, newest versions, by their number.
type Seats = BTreeMap<u32, SeatRow>;

/// What the writer remembers, some 60 bytes a seat.
pub(in crate::sqlite) struct Recent {
    /// Seats of an event from which on they are filed, if it need not share with others.
    seats_of_event: usize,
    events: HashMap<i64, Unfiled>,
    /// How many seats all of them have.
    seats: usize,
    /// Counts batches.
    batch: u64,
}

/// One event's.
struct Unfiled {
    /// As of this position.
    at: Position,
    /// All seats of this commit and of those before it are filed.
    filed: Seq,
    seats: Seats,
    round: Option<Round>,
    /// When it was last written.
    batch: u64,
}

/// A walk through an event's recent seats, from the first to the last, that files them.
#[derive(Debug, Clone, Copy)]
struct Round {
    /// The commit at which it began: once it is over, all seats of this one are filed.
    began: Seq,
    /// The seat it goes on with.
    next: u32,
    /// Seats that a commit files at least.
    share: usize,
}

/// What a commit changes about what is remembered, once it is one.
pub(in crate::sqlite) struct Change {
    event: i64,
    before: Position,
    after: Position,
    filed: Seq,
    round: Option<Round>,
    /// Seats that are as new in their table as they were remembered.
    gone: Vec<u32>,
    changed: Vec<SeatRow>,
}

impl Change {
    /// What `heads.filed` is with this commit.
    pub(super) fn filed(&self) -> Seq {
        self.filed
    }
}

impl Recent {
    pub(in crate::sqlite) fn new(seats_of_event: usize) -> Self {
        Self { seats_of_event, events: HashMap::new(), seats: 0, batch: 0 }
    }

    /// Forgets an event.
    pub(in crate::sqlite) fn forget(&mut self, event: i64) {
        self.seats -= self.events.remove(&event).map_or(0, |unfiled| unfiled.seats.len());
    }

    /// Forgets everything.
    pub(in crate::sqlite) fn clear(&mut self) {
        self.events.clear();
        self.seats = 0;
    }

    /// Guards the versions of the seats that a commit changes, and files some that changed before. The commit's own row
    /// must take its seats along, and the event's head what is filed.
    pub(super) fn write(
        &mut self,
        connection: &Connection,
        event: i64,
        write: &CommitWrite,
    ) -> Result<Change, Failure> {
        let allowed = self.allowed();
        let seats_of_event = self.seats_of_event;
        let unfiled = self.remembered(connection, event, write.before)?;
        unfiled.guard(connection, event, &write.seats)?;
        let before = write.before.seq;
        let mut change = Change {
            event,
            before: write.before,
            after: write.after,
            filed: unfiled.filed,
            round: unfiled.round,
            gone: Vec::new(),
            changed: write.seats.iter().map(|(_, row)| row.clone()).collect(),
        };
        let many = unfiled.seats.len() + change.changed.len() > allowed;
        let late = before.0.saturating_sub(unfiled.filed.0) / COMMITS_MAX;
        if change.round.is_none() && (many || late > 0) {
            let share = (unfiled.seats.len().max(seats_of_event) / PARTS_OF_ROUND).max(1);
            let share = if late < ROUNDS_LATE { share } else { usize::MAX };
            change.round = Some(Round { began: before, next: 0, share });
        }
        if unfiled.seats.is_empty() {
            (change.filed, change.round) = (before, None);
        } else if let Some(round) = change.round {
            unfiled.file(connection, event, round, &mut change)?;
        }
        Ok(change)
    }

    /// Seats of an event from which on they are filed.
    fn allowed(&self) -> usize {
        let full = self.seats_of_event * EVENTS_FULL;
        if self.seats <= full { self.seats_of_event } else { full / self.events.len().max(EVENTS_FULL) }
    }

    /// An event as of a position, which must be where it stands.
    fn remembered(
        &mut self,
        connection: &Connection,
        event: i64,
        at: Position,
    ) -> Result<&mut Unfiled, Failure> {
        let is_remembered = self.events.get(&event).is_some_and(|unfiled| unfiled.at == at);
        if !is_remembered {
            self.forget(event);
            if self.seats > self.seats_of_event * EVENTS_FULL * 2 {
                self.forget_idle();
            }
        }
        let unfiled = match self.events.entry(event) {
            hash_map::Entry::Occupied(kept) => kept.into_mut(),
            hash_map::Entry::Vacant(place) => {
                let unfiled = place.insert(Unfiled::read(connection, event, at)?);
                self.seats += unfiled.seats.len();
                unfiled
            }
        };
        unfiled.batch = self.batch;
        Ok(unfiled)
    }

    /// Forgets the half of all events that was written longest ago.
    fn forget_idle(&mut self) {
        let mut written: Vec<_> =
            self.events.iter().map(|(event, unfiled)| (unfiled.batch, *event)).collect();
        let half = written.len() / 2;
        let (_, &mut last, _) = written.select_nth_unstable(half);
        self.events.retain(|event, unfiled| (unfiled.batch, *event) > last);
        self.seats = self.events.values().map(|unfiled| unfiled.seats.len()).sum();
    }

    /// Remembers what a batch committed.
    pub(in crate::sqlite) fn keep(&mut self, changes: Vec<Change>) {
        self.batch += 1;
        for change in changes {
            // It may have been forgotten since, and is read again then.
            let remembered = self.events.get_mut(&change.event);
            if let Some(unfiled) = remembered.filter(|unfiled| unfiled.at == change.before) {
                self.seats -= unfiled.seats.len();
                unfiled.keep(change);
                self.seats += unfiled.seats.len();
            }
        }
    }
}

impl Unfiled {
    fn read(connection: &Connection, event: i64, at: Position) -> Result<Self, Failure> {
        if position_of(connection, event)? != Some(at) {
            return Err(Failure::Stale("the event's head"));
        }
        let (filed, seats) = unfiled(connection, event)?;
        Ok(Self { at, filed, seats, round: None, batch: 0 })
    }

    /// Stops a commit that believes a seat to have another version than it has, or none.
    fn guard(&self, connection: &Connection, event: i64, seats: &[(u32, SeatRow)]) -> Result<(), Failure> {
        let sql = "SELECT version FROM filed_seats WHERE event = ?1 AND seat = ?2";
        let mut find = connection.prepare_cached(sql)?;
        let mut filed = |seat| -> Result<u32, Failure> {
            Ok(find.query_row((event, seat), |row| row.get(0)).optional()?.unwrap_or(0))
        };
        for (version_before, row) in seats {
            let seat = row.seat.0;
            let version = match self.seats.get(&seat).map(|recent| recent.version) {
                Some(recent) if recent == *version_before => recent,
                // Whoever reads seats takes a row that is newer than every commit for what it says.
                recent => filed(seat)?.max(recent.unwrap_or(0)),
            };
            if version != *version_before {
                return Err(Failure::Stale("a seat's version"));
            }
        }
        Ok(())
    }

    /// Files the next seats of a round.
    fn file(
        &self,
        connection: &Connection,
        event: i64,
        round: Round,
        change: &mut Change,
    ) -> Result<(), Failure> {
        // Faster than they come, or a round would never be over; little faster, or it would be felt.
        let most = round.share.max((change.changed.len() * 3).div_ceil(2));
        let mut upsert = connection.prepare_cached(
            "INSERT INTO filed_seats (event, seat, version, status, owner, channel) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT DO UPDATE SET version = excluded.version, status = excluded.status, \
             owner = excluded.owner, channel = excluded.channel WHERE excluded.version >= version",
        )?;
        let mut ahead = self.seats.range(round.next..);
        for (seat, row) in ahead.by_ref().take(most) {
            file_seat(&mut upsert, event, row)?;
            change.gone.push(*seat);
        }
        (change.filed, change.round) = match ahead.next() {
            Some((&next, _)) => (change.filed, Some(Round { next, ..round })),
            None => (round.began, None),
        };
        Ok(())
    }

    fn keep(&mut self, change: Change) {
        let Change { after, filed, round, gone, changed, .. } = change;
        gone.iter().for_each(|seat| drop(self.seats.remove(seat)));
        self.seats.extend(changed.into_iter().map(|row| (row.seat.0, row)));
        (self.at, self.filed, self.round) = (after, filed, round);
    }
}

fn file_seat(upsert: &mut CachedStatement<'_>, event: i64, row: &SeatRow) -> Result<(), Failure> {
    let (seat, status, owner) = (row.seat.0, inventory::status_code(row.status), signed(row.owner.0));
    let channel = row.channel.as_ref().map(|key| &*key.0);
    if upsert.execute((event, seat, row.version, status, owner, channel))? == 0 {
        // Damage, which must not stop the event: what is read of this seat stays what it was.
        tracing::error!(
            event,
            seat,
            "a seat's row is newer than every commit that changed it: see `flashtix audit`"
        );
    }
    Ok(())
}

/// A commit of which all seats are filed, and the seats of those after it.
fn unfiled(connection: &Connection, event: i64) -> Result<(Seq, Seats), Failure> {
    let mut statement = connection.prepare_cached("SELECT filed FROM heads WHERE event = ?1")?;
    let filed = statement.query_row([event], |row| Ok(Seq(unsigned(row.get(0)?)))).optional()?;
    // Without a head, which the audit has its own word for, everything is read.
    let filed = filed.unwrap_or_default();
    let sql = "SELECT seats FROM ledger WHERE event = ?1 AND seq > ?2 ORDER BY seq";
    let mut statement = connection.prepare_cached(sql)?;
    let mut commits = statement.query(params![event, signed(filed.0)])?;
    let mut recent = Seats::new();
    while let Some(row) = commits.next()? {
        let packed = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        recent.extend(seats::unpack(packed)?.into_iter().map(|row| (row.seat.0, row)));
    }
    Ok((filed, recent))
}

/// Seats as they are stored, by their number: the table's rows, and what changed since they were filed.
#[derive(Debug)]
pub(in crate::sqlite) struct Stored {
    recent: Seats,
}

impl Stored {
    /// Of one event, as of the transaction that this is read in, as everything that is asked of it must be.
    pub(in crate::sqlite) fn read(connection: &Connection, event: i64) -> Result<Self, Failure> {
        Ok(Self { recent: unfiled(connection, event)?.1 })
    }

    /// Seats from a number on, at most so many.
    pub(in crate::sqlite) fn seats(
        &self,
        connection: &Connection,
        event: i64,
        first: u32,
        limit_rows: usize,
    ) -> Result<Vec<SeatRow>, Failure> {
        let sql = format!(
            "SELECT {} FROM filed_seats WHERE event = ?1 AND seat >= ?2 ORDER BY seat LIMIT ?3",
            rows::inventory::SEAT
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let values = params![event, first, super::limit(limit_rows)];
        let filed = all(&mut statement, values, rows::inventory::seat)?;
        Ok(merged(filed, self.recent.range(first..), limit_rows))
    }
}

/// Lays recent seats over filed ones; both are sorted. Of a seat that is in both the newer one counts, so that a row
/// which no commit wrote is not hidden by one that did.
fn merged(
    filed: Vec<SeatRow>,
    recent: btree_map::Range<'_, u32, SeatRow>,
    limit_rows: usize,
) -> Vec<SeatRow> {
    let mut recent = recent.peekable();
    let mut merged = Vec::with_capacity(filed.len());
    for row in filed {
        while let Some((_, before)) = recent.next_if(|(seat, _)| **seat < row.seat.0) {
            merged.push(before.clone());
        }
        match recent.next_if(|(seat, _)| **seat == row.seat.0) {
            Some((_, newer)) if newer.version > row.version => merged.push(newer.clone()),
            _ => merged.push(row),
        }
    }
    // After a full page of the table's come others, between which the rest belongs.
    let room = limit_rows.saturating_sub(merged.len());
    merged.extend(recent.take(room).map(|(_, row)| row.clone()));
    merged.truncate(limit_rows);
    merged
}

#[cfg(test)]
mod tests;
