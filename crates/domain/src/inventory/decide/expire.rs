//! Ends holds: those that lapsed, and those of a cancelled event.

use crate::command::Actor;
use crate::entry::{Entry, Kind};
use crate::event::EventStatus;
use crate::id::{HoldId, Serial, Surrogate};
use crate::limits;
use crate::place::Status;
use crate::record::HoldStatus;
use crate::rejection::{Missing, Rejection};
use crate::time::Timestamp;

use super::super::Hold;
use super::{Decided, HoldEnd, HoldMove, Session};

/// Places that one sweep frees at most: a bound on how long it keeps other requests waiting.
pub(super) const SWEEP_PLACES_MAX: u32 = 1_000;

/// Holds that one commit gives more time at most; the next one goes on.
pub(in crate::inventory) const MADE_UP_HOLDS_MAX: usize = 10_000;

/// A time in which nobody could do anything with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// When it began, by the store's clock as it is now.
    pub since: Timestamp,
    /// What it took, in ms.
    pub lost_ms: i64,
    /// Deadlines after this one did not pass in it.
    pub until: Timestamp,
}

/// What was made up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MadeUp {
    /// Holds that got more time.
    pub holds: usize,
    /// Whether more of them must get it than one commit moves.
    pub are_left: bool,
}

// Otherwise a sweep would never end the largest hold.
const _: () = assert!(SWEEP_PLACES_MAX >= limits::BASKET_UNITS_MAX);

impl Session<'_> {
    /// Releases a hold.
    pub(super) fn release(&mut self, id: HoldId, actor: Actor) -> Result<Decided, Rejection> {
        let serial = self.known_hold(id)?;
        match self.records.holds[&serial].status {
            HoldStatus::Confirmed(order) => return Err(Rejection::AlreadyConfirmed { order }),
            // Whoever releases wants the places gone from the hold, and they are.
            HoldStatus::Released | HoldStatus::Expired => return Ok(Decided::Hold(serial)),
            HoldStatus::Active => {}
        }
        let (kind, status) = if self.inventory.has_lapsed(serial, self.moment.now) {
            (Kind::Expire, HoldStatus::Expired)
        } else {
            (Kind::Release, HoldStatus::Released)
        };
        self.end(serial, kind, status, actor);
        Ok(Decided::Hold(serial))
    }

    /// The serial of a hold that was read, salt and all.
    pub(super) fn known_hold(&self, id: HoldId) -> Result<Serial, Rejection> {
        match self.records.holds.get(&id.serial) {
            Some(record) if record.id == id => Ok(id.serial),
            _ => Err(Rejection::NotFound(Missing::Hold)),
        }
    }

    /// Ends a hold that lapsed, if it did.
    pub(super) fn expire_if_lapsed(&mut self, serial: Serial) -> bool {
        let lapsed = self.inventory.has_lapsed(serial, self.moment.now);
        if lapsed {
            self.end(serial, Kind::Expire, HoldStatus::Expired, Actor::System);
        }
        lapsed
    }

    /// Gives the holds more time whose deadlines passed while nobody could do anything about them. They get what was lost, up to
    /// [`limits::OUTAGE_SECONDS_MAX`], if they run again then. Before anything else of its batch, or that would end them.
    ///
    /// Those that the batch names come first, then those that lapsed first. Where a commit cannot move all of them, no sweep of
    /// this batch ends what is left.
    pub fn make_up(&mut self, outage: Outage) -> MadeUp {
        if self.event().status == EventStatus::Cancelled {
            return MadeUp::default();
        }
        let now = self.moment.now;
        let more = outage.lost_ms.clamp(0, i64::from(limits::OUTAGE_SECONDS_MAX) * 1_000);
        let until = now.min(outage.until);
        // Sorted, or a replay would write another ledger.
        let mut named: Vec<Serial> = self.records.holds.keys().copied().collect();
        named.sort_unstable();
        let named = named.into_iter().filter_map(|serial| self.inventory.hold(serial));
        let named = named.filter(|hold| hold.deadline <= until);
        let others = self.inventory.lapsed(until);
        let others = others.filter(|hold| !self.records.holds.contains_key(&hold.id.serial));
        let lapsed = named.chain(others).filter(|hold| hold.deadline > outage.since);
        let moved = lapsed.map(|hold| (hold.id, hold.buyer, hold.deadline.plus_millis(more)));
        let moved = moved.filter(|(.., deadline)| *deadline > now).take(MADE_UP_HOLDS_MAX + 1);
        let mut moved: Vec<_> = moved.collect();
        self.is_owing = moved.len() > MADE_UP_HOLDS_MAX;
        moved.truncate(MADE_UP_HOLDS_MAX);
        for (hold, buyer, deadline) in &moved {
            let mut entry = Entry::new(Kind::Extend, Actor::System);
            (entry.hold, entry.buyer, entry.deadline) = (Some(*hold), Some(*buyer), Some(*deadline));
            self.enter(entry);
            match self.records.holds.get_mut(&hold.serial) {
                Some(record) => {
                    record.deadline = *deadline;
                    record.version += 1;
                    self.records.holds_touched.push(hold.serial);
                }
                None => {
                    self.records.holds_moved.push(HoldMove { serial: hold.serial, deadline: *deadline });
                }
            }
        }
        MadeUp { holds: moved.len(), are_left: self.is_owing }
    }

    /// Ends the lapsed holds that are counted under a key.
    pub(super) fn expire_counted(&mut self, key: Surrogate) {
        let lapsed = self.inventory.lapsed(self.moment.now);
        let counted = lapsed.filter(|hold| hold.claims.iter().any(|(known, _)| *known == key));
        let serials: Vec<Serial> = counted.map(|hold| hold.id.serial).collect();
        for serial in serials {
            self.expire_if_lapsed(serial);
        }
    }

    /// Ends lapsed holds, up to a bound; in a cancelled event, all holds. None while some are owed more time.
    pub(super) fn sweep(&mut self) -> Decided {
        if self.is_owing {
            return Decided::Swept { ended: 0, more: true };
        }
        let is_cancelled = self.event().status == EventStatus::Cancelled;
        let (mut ended, mut places) = (0, 0);
        loop {
            let next = self.inventory.holds().next().map(|hold| (hold.id.serial, hold.units()));
            let Some((serial, units)) = next else { return Decided::Swept { ended, more: false } };
            let has_lapsed = self.inventory.has_lapsed(serial, self.moment.now);
            if !(has_lapsed || is_cancelled) {
                return Decided::Swept { ended, more: false };
            }
            places += units;
            if places > SWEEP_PLACES_MAX {
                return Decided::Swept { ended, more: true };
            }
            if !self.expire_if_lapsed(serial) {
                self.end(serial, Kind::Release, HoldStatus::Released, Actor::System);
            }
            ended += 1;
        }
    }

    fn end(&mut self, serial: Serial, kind: Kind, status: HoldStatus, actor: Actor) {
        let Some(hold) = self.inventory.hold(serial) else { return };
        let entry = self.ending(hold, kind, actor);
        self.enter(entry);
        let at = self.moment.now;
        match self.records.holds.get_mut(&serial) {
            Some(record) => {
                record.status = status;
                record.ended_at = Some(at);
                record.version += 1;
                self.records.holds_touched.push(serial);
            }
            None => self.records.holds_ended.push(HoldEnd { serial, status, at }),
        }
    }

    fn ending(&self, hold: &Hold, kind: Kind, actor: Actor) -> Entry {
        let mut entry = Entry::new(kind, actor);
        entry.hold = Some(hold.id);
        entry.buyer = Some(hold.buyer);
        entry.changes = hold
            .lines
            .iter()
            .map(|line| self.change_of(&self.assigned_now(line), Status::Held, Status::Free))
            .collect();
        entry.counted = Self::uncount(&hold.claims, hold.units(), false);
        entry
    }
}
