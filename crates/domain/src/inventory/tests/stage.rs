//! What an engine and a store do around a session, and an audit of the whole state after every step.
//!
//! A draft is decided on; its entries are replayed on a second, settled inventory; records are kept by serial
//! and handed to a session only when a command names them. After every command the draft is audited
//! from scratch: everything the records say is counted again, and must be what the inventory says.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::super::{AreaRow, Decided, Glance, Inventory, Limits, Moment, Outage, Records, SeatRow, Session};
use crate::basket;
use crate::command::{Actor, Command, Digest, LimitKey};
use crate::entry::{Entry, Kind, Mapping};
use crate::event::Event;
use crate::id::{KeyId, Seq, Serial, Surrogate};
use crate::money::Amount;
use crate::place::{AreaIndex, ChannelKey, Counts, Place, SeatIndex, Status};
use crate::record::{HoldRecord, HoldStatus, OrderRecord};
use crate::rejection::Rejection;
use crate::time::Timestamp;

/// One commit, as a ledger keeps it.
pub(super) struct Commit {
    pub(super) seq: Seq,
    pub(super) at: Timestamp,
    pub(super) entries: Vec<Entry>,
    pub(super) mappings: Vec<Mapping>,
}

/// One event with everything that an engine and a store keep of it.
pub(super) struct Stage {
    /// The settings at the beginning.
    pub(super) born: Arc<Event>,
    /// By the store's clock.
    pub(super) now: Timestamp,
    pub(super) draft: Inventory,
    pub(super) settled: Inventory,
    draft_limits: Limits,
    pub(super) limits: Limits,
    pub(super) holds: BTreeMap<Serial, HoldRecord>,
    pub(super) orders: BTreeMap<Serial, OrderRecord>,
    pub(super) ledger: Vec<Commit>,
    /// The texts of all limit keys that were ever presented.
    keys: BTreeMap<[u8; 16], String>,
    salt: u32,
    /// What the next batch makes up for.
    pub(super) outage: Option<Outage>,
    /// Whether the last batch left holds that must get time back.
    pub(super) is_owing: bool,
}

/// A limit key of this text; its digest is the text itself, cut or padded.
pub(super) fn key(text: &str) -> LimitKey {
    let mut digest = [0; 16];
    for (to, from) in digest.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    LimitKey { text: text.to_owned(), digest: Digest(digest) }
}

impl Stage {
    pub(super) fn new(event: Event) -> Self {
        let born = Arc::new(event);
        Self {
            now: Timestamp(0),
            draft: Inventory::new(born.clone()),
            settled: Inventory::new(born.clone()),
            born,
            draft_limits: Limits::default(),
            limits: Limits::default(),
            holds: BTreeMap::new(),
            orders: BTreeMap::new(),
            ledger: Vec::new(),
            keys: BTreeMap::new(),
            salt: 0,
            outage: None,
            is_owing: false,
        }
    }

    pub(super) fn event(&self) -> &Event {
        self.draft.event()
    }

    /// Decides some commands as one commit.
    pub(super) fn batch(&mut self, commands: &[Command]) -> Vec<Result<Decided, Rejection>> {
        let glance = match commands {
            // A desk that heard of no store for so long has no glances.
            [command] if self.outage.is_none() => self.settled.glance(command, self.now, |_| false),
            _ => Glance::Undecided,
        };
        commands.iter().for_each(|command| self.note_keys(command));
        let limits_before = self.draft_limits.clone();
        let records = self.read(commands);
        let moment = Moment { now: self.now, seq: self.settled.seq().next() };
        let mut session = Session::new(&mut self.draft, &mut self.draft_limits, records, moment);
        let made_up = self.outage.take().map(|outage| session.make_up(outage));
        self.is_owing = made_up.is_some_and(|made_up| made_up.are_left);
        let mut answers = Vec::new();
        for command in commands {
            self.salt += 1;
            let so_far = session.entries.len();
            let mappings = session.mappings.len();
            let answer = session.decide(command, Actor::Key(KeyId(1)), self.salt);
            check_conserved(session.inventory);
            if answer.is_err() {
                let new = &session.entries[so_far..];
                assert!(new.iter().all(|entry| entry.kind == Kind::Expire), "a refusal changed something");
                assert_eq!(session.mappings.len(), mappings, "a refusal gave a pseudonym");
            }
            answers.push(answer);
        }
        let Session { records, entries, mappings, .. } = session;
        if let Glance::Refused(rejection) = glance {
            assert_eq!(Some(&rejection), answers[0].as_ref().err(), "a glance refuses what a batch refuses");
        }
        self.check_take_back(&limits_before, &entries, &mappings);
        if entries.is_empty() {
            assert!(mappings.is_empty(), "a pseudonym without an entry");
            assert!(
                records.holds_touched.is_empty() && records.orders_touched.is_empty(),
                "a record without an entry"
            );
        } else {
            self.settle(records, Commit { seq: moment.seq, at: moment.now, entries, mappings });
        }
        self.audit();
        answers
    }

    /// The records that these commands name, and the orders that named holds became.
    fn read(&self, commands: &[Command]) -> Records {
        let mut records = Records::default();
        for command in commands {
            let (hold, order) = match command {
                Command::Edit(edit) => (Some(edit.hold.serial), None),
                Command::Release(hold) => (Some(hold.serial), None),
                Command::Confirm(confirm) => (Some(confirm.hold.serial), None),
                Command::Cancel(cancel) => (None, Some(cancel.order.serial)),
                Command::Change(change) => (None, Some(change.order.serial)),
                _ => (None, None),
            };
            let hold = hold.and_then(|serial| self.holds.get(&serial));
            let became = hold.and_then(|hold| match hold.status {
                HoldStatus::Confirmed(order) => Some(order.serial),
                _ => None,
            });
            for order in order.into_iter().chain(became).filter_map(|serial| self.orders.get(&serial)) {
                records.orders.insert(order.id.serial, order.clone());
            }
            records.holds.extend(hold.map(|hold| (hold.id.serial, hold.clone())));
        }
        records
    }

    fn note_keys(&mut self, command: &Command) {
        let mut note = |key: &LimitKey| drop(self.keys.insert(key.digest.0, key.text.clone()));
        match command {
            Command::Hold { purchase, .. } | Command::Book { purchase, .. } => {
                note(&purchase.buyer);
                purchase.claims.iter().for_each(|claim| note(&claim.key));
            }
            Command::Confirm(confirm) => confirm.buyer.iter().for_each(note),
            _ => {}
        }
    }

    /// An attempt that does not commit must leave no trace in the counters.
    fn check_take_back(&self, before: &Limits, entries: &[Entry], mappings: &[Mapping]) {
        let mut limits = self.draft_limits.clone();
        entries.iter().rev().for_each(|entry| limits.revert(entry));
        mappings.iter().for_each(|mapping| limits.unlearn(mapping));
        assert_eq!(self.used_by_text(&limits), self.used_by_text(before), "taking back leaves a trace");
    }

    fn settle(&mut self, records: Records, commit: Commit) {
        commit.mappings.iter().for_each(|mapping| self.limits.learn(mapping));
        commit.entries.iter().for_each(|entry| self.limits.apply(entry));
        self.settled.apply_commit(commit.seq, commit.at, &commit.entries);
        for serial in &records.holds_touched {
            self.holds.insert(*serial, records.holds[serial].clone());
        }
        for moved in &records.holds_moved {
            let hold = self.holds.get_mut(&moved.serial).expect("a hold that moves is on record");
            hold.deadline = moved.deadline;
            hold.version += 1;
        }
        for end in &records.holds_ended {
            let hold = self.holds.get_mut(&end.serial).expect("a hold that ends is on record");
            assert_eq!(hold.status, HoldStatus::Active, "a hold ends once");
            hold.status = end.status;
            hold.ended_at = Some(end.at);
            hold.version += 1;
        }
        for serial in records.orders_touched.iter().collect::<BTreeSet<_>>() {
            let order = &records.orders[serial];
            let version = self.orders.get(serial).map_or(0, |order| order.version);
            assert!(order.version > version, "an order's version counts its changes");
            self.orders.insert(*serial, order.clone());
        }
        self.ledger.push(commit);
    }

    /// Units by limit key, as far as they are not zero.
    fn used_by_text(&self, limits: &Limits) -> BTreeMap<&str, u32> {
        let texts = self.keys.iter();
        texts
            .filter_map(|(digest, text)| {
                let used = limits.used(limits.surrogate(&Digest(*digest))?);
                (used > 0).then_some((text.as_str(), used))
            })
            .collect()
    }

    /// The same, as it is settled.
    pub(super) fn used(&self) -> BTreeMap<&str, u32> {
        self.used_by_text(&self.limits)
    }

    /// Counts everything anew from the records, and compares.
    fn audit(&self) {
        assert_same(&self.settled, &self.draft);
        assert_eq!(self.used_by_text(&self.draft_limits), self.used(), "draft and settled limits");
        let mut seats: HashMap<SeatIndex, (Status, Serial)> = HashMap::new();
        let mut units: HashMap<(AreaIndex, Option<ChannelKey>), [u32; 2]> = HashMap::new();
        let mut used: HashMap<Surrogate, u32> = HashMap::new();
        let mut running = 0;
        for record in self.holds.values().filter(|record| record.status == HoldStatus::Active) {
            running += 1;
            let hold = self.settled.hold(record.id.serial).expect("an active hold runs");
            assert_eq!((hold.id, &hold.lines), (record.id, &record.lines), "a hold and its record");
            assert_eq!((hold.deadline, hold.buyer), (record.deadline, record.buyer_surrogate));
            assert_eq!(hold.created_at, record.created_at);
            for (key, _) in &hold.claims {
                *used.entry(*key).or_default() += hold.units();
            }
            for line in &record.lines {
                match line.place {
                    Place::Seat(seat) => {
                        let before = seats.insert(seat, (Status::Held, record.id.serial));
                        assert_eq!(before, None, "two owners of seat {}", seat.0);
                    }
                    Place::Area(area) => {
                        units.entry((area, line.channel.clone())).or_default()[0] += line.units;
                    }
                }
            }
        }
        assert_eq!(self.settled.holds().count(), running, "a running hold has an active record");
        for order in self.orders.values() {
            check_order(order);
            for ticket in order.tickets.iter().filter(|ticket| !ticket.is_cancelled) {
                for key in &order.claims {
                    *used.entry(*key).or_default() += 1;
                }
                match ticket.place {
                    Place::Seat(seat) => {
                        let before = seats.insert(seat, (Status::Sold, order.id.serial));
                        assert_eq!(before, None, "two owners of seat {}", seat.0);
                    }
                    Place::Area(area) => {
                        units.entry((area, ticket.channel.clone())).or_default()[1] += 1;
                    }
                }
            }
        }
        for at in (0_u32..).map(SeatIndex).take(self.event().seats_len()) {
            let state = self.settled.seat(at);
            let owner = seats.get(&at).copied().unwrap_or((Status::Free, Serial(0)));
            assert_eq!((state.status, state.owner), owner, "seat {} and its owner's record", at.0);
        }
        for row in self.settled.area_rows() {
            let [held, sold] = units.remove(&(row.area, row.channel.clone())).unwrap_or_default();
            assert_eq!((row.pool.held, row.pool.sold), (held, sold), "area {} and its owners", row.area.0);
        }
        assert!(units.is_empty(), "units in a pool that is not there");
        for digest in self.keys.keys() {
            let Some(surrogate) = self.limits.surrogate(&Digest(*digest)) else { continue };
            let counted = used.remove(&surrogate).unwrap_or_default();
            assert_eq!(self.limits.used(surrogate), counted, "a limit counts what is held and sold under it");
        }
        used.retain(|_, units| *units > 0);
        assert!(used.is_empty(), "units under a key that nobody presented");
    }

    /// Replays the whole ledger, and restores from rows; both must be the inventory there is.
    pub(super) fn audit_history(&self) {
        let mut replayed = Inventory::new(self.born.clone());
        let mut limits = Limits::default();
        for commit in &self.ledger {
            commit.mappings.iter().for_each(|mapping| limits.learn(mapping));
            commit.entries.iter().for_each(|entry| limits.apply(entry));
            replayed.apply_commit(commit.seq, commit.at, &commit.entries);
        }
        assert_same(&replayed, &self.settled);
        assert_eq!(self.used_by_text(&limits), self.used(), "replayed limits");
        assert_same(&restored(&self.settled), &self.settled);
    }
}

/// The inventory that a store would restore.
pub(super) fn restored(inventory: &Inventory) -> Inventory {
    Inventory::restore(
        inventory.event().clone(),
        inventory.seq(),
        inventory.seat_rows().collect::<Vec<SeatRow>>(),
        inventory.area_rows().collect::<Vec<AreaRow>>(),
        inventory.holds().cloned().collect::<Vec<_>>(),
    )
}

/// Asserts that two inventories are the same in everything that can be seen of them.
pub(super) fn assert_same(a: &Inventory, b: &Inventory) {
    assert_eq!(a.seq(), b.seq());
    assert_eq!(a.seat_characters(), b.seat_characters());
    assert!(a.seat_rows().eq(b.seat_rows()), "seats differ");
    assert!(a.area_rows().eq(b.area_rows()), "areas differ");
    assert!(a.holds().eq(b.holds()), "holds differ");
    assert_eq!(a.next_deadline(), b.next_deadline());
    assert!(a.category_counts().eq(b.category_counts()), "counts by category differ");
    assert_eq!(a.seats.counts(), b.seats.counts(), "counts of seats differ");
    assert_eq!(a.seats.free(), b.seats.free(), "free seats differ");
}

/// Every unit is free, held, sold or blocked, and counted as what it is.
fn check_conserved(inventory: &Inventory) {
    let event = inventory.event();
    let mut counts = vec![Counts::default(); event.categories.len()];
    for (seat, character) in (0_u32..).map(SeatIndex).zip(inventory.seat_characters()) {
        let counts = &mut counts[usize::from(event.category_of(Place::Seat(seat)))];
        match character {
            b'f' => counts.free += 1,
            b'h' => counts.held += 1,
            b's' => counts.sold += 1,
            b'b' => counts.blocked += 1,
            other => panic!("a seat is {other:?}"),
        }
    }
    for (area, settings) in (0_u16..).map(AreaIndex).zip(&event.areas) {
        let of_area = inventory.area_counts(area);
        assert_eq!(of_area.capacity(), settings.capacity, "units of area {}", settings.name);
        counts[usize::from(settings.category)] += of_area;
    }
    assert!(inventory.category_counts().eq(counts), "counts by category are not what was counted");
    if let (Some(seating), Some(free)) = (&event.seating, inventory.seats.free()) {
        for at in seating.chart().seats() {
            let state = inventory.seat(seating.seat(at));
            let is_free = state.status == Status::Free && state.channel == 0;
            assert_eq!(free.is_free(at), is_free, "the free map and seat {}", at.0);
        }
    }
}

fn check_order(order: &OrderRecord) {
    let sum = |wanted: &dyn Fn(bool) -> bool| {
        let tickets = order.tickets.iter().filter(|ticket| wanted(ticket.is_cancelled));
        Amount(tickets.map(|ticket| ticket.price.0).sum())
    };
    assert_eq!(order.amount, sum(&|_| true), "an order's amount is its tickets'");
    assert_eq!(order.amount_cancelled, sum(&|is_cancelled| is_cancelled));
    for (index, ticket) in (0_u16..).zip(&order.tickets) {
        assert_eq!(ticket.index, index, "tickets are in the order of their indexes");
    }
}

/// What a hold amounts to.
pub(super) fn amount(record: &HoldRecord) -> i64 {
    basket::total(&record.lines).expect("a hold's amount has a limit").0
}
