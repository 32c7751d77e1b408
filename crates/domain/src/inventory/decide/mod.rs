//! Decides commands, one after the other, against an inventory that it owns while it does.
//!
//! Each decision is applied at once, so that the next one sees it. The caller makes the entries
//! durable as one commit, or throws the inventory away.

mod assign;
mod cancel;
mod change;
mod configure;
mod confirm;
mod edit;
mod expire;
mod find;
mod purchase;

use std::collections::HashMap;
use std::sync::Arc;

use crate::basket::Line;
use crate::command::{Actor, Claim, Command, LimitKey};
use crate::entry::{Change, Counted, Entry, Mapping};
use crate::event::Event;
use crate::id::{HoldId, OrderId, Seq, Serial, Surrogate};
use crate::money::Amount;
use crate::place::{ChannelKey, Place, SeatIndex, Status};
use crate::record::{HoldRecord, HoldStatus, OrderRecord};
use crate::rejection::Rejection;
use crate::time::Timestamp;

#[cfg(test)]
pub(super) use expire::MADE_UP_HOLDS_MAX;
pub use expire::{MadeUp, Outage};

use super::{Inventory, Limits};

/// When a batch is decided, and as which commit.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The store's clock, read after the lock.
    pub now: Timestamp,
    /// The number that the commit will have.
    pub seq: Seq,
}

/// Holds and orders that commands of a batch name, read under the lock, and what became of them.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// By serial.
    pub holds: HashMap<Serial, HoldRecord>,
    /// By serial.
    pub orders: HashMap<Serial, OrderRecord>,
    /// Which holds were made or changed; may name one twice.
    pub holds_touched: Vec<Serial>,
    /// Which orders were made or changed; may name one twice.
    pub orders_touched: Vec<Serial>,
    /// Holds that ended without having been read.
    pub holds_ended: Vec<HoldEnd>,
    /// Holds that got another deadline without having been read.
    pub holds_moved: Vec<HoldMove>,
}

/// The end of a hold whose record was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldEnd {
    /// Which.
    pub serial: Serial,
    /// Lapsed, or released.
    pub status: HoldStatus,
    /// When.
    pub at: Timestamp,
}

/// The new deadline of a hold whose record was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldMove {
    /// Which.
    pub serial: Serial,
    /// The new deadline.
    pub deadline: Timestamp,
}

/// What a command came to.
#[derive(Debug, Clone)]
pub enum Decided {
    /// A hold was made, changed or released; its record is in [`Records`].
    Hold(Serial),
    /// An order was made or changed; its record is in [`Records`].
    Order(Serial),
    /// An order was changed; its record is in [`Records`].
    OrderChanged {
        /// Which.
        order: Serial,
        /// See [`crate::record::OrderChange::difference`].
        difference: Amount,
    },
    /// It was done before: the order stands as it is.
    OrderBefore(Serial),
    /// Places were assigned.
    Assigned {
        /// How many of them are free, and so blocked now (or unblocked).
        moved: u32,
        /// Those that somebody has, and who follow later.
        later: Vec<(SeatIndex, Status)>,
    },
    /// The event has new settings.
    Configured,
    /// So many holds were ended, and whether there are more to end.
    Swept {
        /// How many.
        ended: u32,
        /// Whether there are more.
        more: bool,
    },
}

/// One batch under decision.
#[derive(Debug)]
pub struct Session<'a> {
    /// The inventory, ahead of its last commit by the entries so far.
    pub inventory: &'a mut Inventory,
    /// The counters, likewise.
    pub limits: &'a mut Limits,
    /// What was read, and what became of it.
    pub records: Records,
    /// What was decided so far.
    pub entries: Vec<Entry>,
    /// Pseudonyms that were given so far.
    pub mappings: Vec<Mapping>,
    /// What channels are for, in the integrator's words.
    pub notes: Vec<(ChannelKey, Arc<str>)>,
    moment: Moment,
    position: u16,
    /// Whether lapsed holds are owed time that this commit has no room for.
    is_owing: bool,
}

impl<'a> Session<'a> {
    /// Begins a batch.
    ///
    /// # Panics
    /// When the batch does not follow the inventory's last commit.
    pub fn new(
        inventory: &'a mut Inventory,
        limits: &'a mut Limits,
        records: Records,
        moment: Moment,
    ) -> Self {
        assert_eq!(moment.seq, inventory.seq.next(), "a batch is decided out of order");
        Self {
            inventory,
            limits,
            records,
            entries: Vec::new(),
            mappings: Vec::new(),
            notes: Vec::new(),
            moment,
            position: 0,
            is_owing: false,
        }
    }

    /// Decides one command. A rejection changed nothing, but for holds that had lapsed anyway.
    ///
    /// `salt` is random, and goes into the identifier of what is made.
    ///
    /// # Errors
    /// The rejection.
    pub fn decide(&mut self, command: &Command, actor: Actor, salt: u32) -> Result<Decided, Rejection> {
        match command {
            Command::Hold { purchase, seconds } => self.hold(purchase, *seconds, actor, salt),
            Command::Book { purchase, payment } => self.book(purchase, payment, actor, salt),
            Command::Edit(edit) => self.edit(edit, actor),
            Command::Release(hold) => self.release(*hold, actor),
            Command::Confirm(confirm) => self.confirm(confirm, actor, salt),
            Command::Cancel(cancel) => self.cancel(cancel, actor),
            Command::Change(change) => self.change(change, actor),
            Command::Assign(assign) => self.assign(assign, actor),
            Command::Configure(patch) => self.configure(patch, actor),
            Command::Sweep => Ok(self.sweep()),
        }
    }

    /// Whether a hold keeps its places still: a lapsed one does not, though nobody ended it yet.
    #[must_use]
    pub fn is_running(&self, hold: Serial) -> bool {
        self.inventory.hold(hold).is_some_and(|hold| hold.deadline > self.moment.now)
    }

    /// The event's settings as of now.
    fn event(&self) -> &Arc<Event> {
        self.inventory.event()
    }

    /// Where in the commit the next thing is made.
    ///
    /// # Panics
    /// When a batch makes more than 65,535 things: the engine's batches are far smaller.
    fn next_serial(&mut self) -> Serial {
        let serial = Serial::new(self.moment.seq, self.position);
        let next = self.position.checked_add(1);
        assert!(next.is_some(), "a batch makes more things than serials can tell apart");
        self.position = next.unwrap_or(u16::MAX);
        serial
    }

    fn next_hold(&mut self, salt: u32) -> HoldId {
        HoldId { event: self.event().id, serial: self.next_serial(), salt }
    }

    fn next_order(&mut self, salt: u32) -> OrderId {
        OrderId { event: self.event().id, serial: self.next_serial(), salt }
    }

    /// Applies an entry to inventory and counters, and keeps it.
    fn enter(&mut self, entry: Entry) {
        self.limits.apply(&entry);
        self.inventory.apply(&entry, self.moment.now);
        // From its first entry on the inventory is at the batch's commit, as one that replays it will be.
        self.inventory.seq = self.moment.seq;
        self.entries.push(entry);
    }

    /// The pseudonym of a key; a new one is given, and kept, on the key's first use.
    fn surrogate(&mut self, key: &LimitKey) -> Surrogate {
        if let Some(known) = self.limits.surrogate(&key.digest) {
            return known;
        }
        let mapping = Mapping { surrogate: self.next_serial(), digest: key.digest };
        self.limits.learn(&mapping);
        let surrogate = mapping.surrogate;
        self.mappings.push(mapping);
        surrogate
    }

    /// Refuses more units than a key may have; `units` are those that it would have more than now.
    fn check_claim(&mut self, claim: &Claim, units: u32) -> Result<(), Rejection> {
        let key = self.limits.surrogate(&claim.key.digest);
        self.check_used(claim, key, units)
    }

    /// The same, for a key whose pseudonym is known, if it has one.
    fn check_used(&mut self, claim: &Claim, key: Option<Surrogate>, units: u32) -> Result<(), Rejection> {
        let Some(max) = claim.max else { return Ok(()) };
        let used = |limits: &Limits| key.map_or(0, |key| limits.used(key));
        let exceeds = |used: u32| units > max || used > max - units;
        if exceeds(used(self.limits)) {
            // What lapsed counts no more, whether or not a sweep came by.
            key.into_iter().for_each(|key| self.expire_counted(key));
            let used = used(self.limits);
            if exceeds(used) {
                return Err(Rejection::LimitExceeded { key: claim.key.text.clone(), max, used });
            }
        }
        Ok(())
    }

    /// Refuses more units than the named limits allow, of those whose keys a hold or an order is counted under for good.
    /// All of these must be named but the buyer's: how much they allow, the integrator alone knows.
    fn check_further(
        &mut self,
        buyer: Surrogate,
        keys: &[Surrogate],
        named: &[Claim],
        more: u32,
        what: &str,
    ) -> Result<(), Rejection> {
        let surrogates: Vec<Option<Surrogate>> =
            named.iter().map(|claim| self.limits.surrogate(&claim.key.digest)).collect();
        if keys.iter().any(|key| *key != buyer && !surrogates.contains(&Some(*key))) {
            let reason =
                format!("must name every limit that this {what} is counted under: it would have more units");
            return Err(Rejection::invalid("/limits", reason));
        }
        for (claim, key) in named.iter().zip(surrogates) {
            if key.is_some_and(|key| keys.contains(&key)) {
                self.check_used(claim, key, more)?;
            }
        }
        Ok(())
    }

    /// A change that a line of a hold or an order goes through.
    fn change_of(&self, line: &Line, from: Status, to: Status) -> Change {
        Change {
            place: line.place,
            units: line.units,
            from,
            to,
            channel_from: line.channel.clone(),
            channel_to: line.channel.clone(),
            version: self.version_after(line.place),
            terms: Some((line.ticket_type.clone(), line.price)),
            ticket: None,
        }
    }

    /// A seat's current assignment wins over the one a line remembers: a block reaches held and sold
    /// seats too, and they fall to the channel when they become free.
    fn assigned_now(&self, line: &Line) -> Line {
        let channel: Option<ChannelKey> = match line.place {
            Place::Seat(seat) => self.inventory.seat_channel(seat).cloned(),
            Place::Area(_) => line.channel.clone(),
        };
        Line { channel, ..line.clone() }
    }

    fn version_after(&self, place: Place) -> u32 {
        match place {
            Place::Seat(seat) => self.inventory.seat(seat).version + 1,
            Place::Area(_) => 0,
        }
    }

    /// Gives back units under every key that a hold was counted under.
    fn uncount(claims: &[(Surrogate, bool)], units: u32, held_only: bool) -> Vec<Counted> {
        claims
            .iter()
            .filter(|(_, only)| *only || !held_only)
            .map(|&(key, only)| Counted { key, units: -i64::from(units), held_only: only })
            .collect()
    }
}
