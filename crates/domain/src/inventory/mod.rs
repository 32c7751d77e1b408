//! The inventory of one event: who has what.
//!
//! A plain state machine. [`Session::decide`] turns a command into entries or a rejection, and
//! [`Inventory::apply`] replays an entry, whoever decided it; a decision *is* its entry applied, so
//! a node that only ever replays the ledger holds the same inventory as the node that decided.
//!
//! Holds end by comparison: a hold past its deadline is free for whoever asks, at the instant of the
//! batch that asks; sweeping only makes it visible sooner.

mod apply;
mod areas;
mod decide;
mod free;
mod glance;
mod holds;
mod limits;
mod seats;

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::event::{Event, EventStatus};
use crate::id::{Seq, Serial};
use crate::place::{AreaIndex, ChannelKey, Counts, Place, SeatIndex, Status};
use crate::time::Timestamp;

pub use areas::{AreaState, Pool};
pub use decide::{Decided, HoldEnd, HoldMove, MadeUp, Moment, Outage, Records, Session};
pub use free::FreeMap;
pub use glance::Glance;
pub use holds::Hold;
pub use limits::Limits;
pub use seats::SeatState;

/// Who has what, at one commit.
#[derive(Debug, Clone)]
pub struct Inventory {
    event: Arc<Event>,
    seq: Seq,
    seats: seats::Seats,
    areas: Vec<AreaState>,
    holds: holds::Holds,
    /// Seats and area units by category.
    counts: Vec<Counts>,
}

/// A seat that is not as a new event's seats are; what a store keeps of a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatRow {
    /// Which.
    pub seat: SeatIndex,
    /// How often it changed.
    pub version: u32,
    /// Who has it.
    pub status: Status,
    /// The hold's or the order's serial; zero when free.
    pub owner: Serial,
    /// What it is assigned to.
    pub channel: Option<ChannelKey>,
}

/// One pool of one area; what a store keeps of an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaRow {
    /// Which area.
    pub area: AreaIndex,
    /// The channel the pool belongs to; `None` for the public's.
    pub channel: Option<ChannelKey>,
    /// The pool's units.
    pub pool: Pool,
}

impl Inventory {
    /// A new event's inventory: everything free, nothing assigned.
    #[must_use]
    pub fn new(event: Arc<Event>) -> Self {
        let seats = seats::Seats::new(event.seating.as_deref());
        let areas = event.areas.iter().map(|area| AreaState::new(area.capacity)).collect();
        let holds = holds::Holds::default();
        let mut inventory = Self { event, seq: Seq(0), seats, areas, holds, counts: Vec::new() };
        inventory.count();
        inventory
    }

    /// Counts all places that there are by category.
    fn count(&mut self) {
        self.counts = vec![Counts::default(); self.event.categories.len()];
        for seat in self.event.seats() {
            let state = self.seats.state(seat);
            let category = usize::from(self.event.category_of(Place::Seat(seat)));
            *self.counts[category].of(state.status, state.channel != 0) += 1;
        }
        for (area, state) in self.event.areas.iter().zip(&self.areas) {
            self.counts[usize::from(area.category)] += state.counts();
        }
    }

    /// The inventory that a store kept: rows of changed seats and areas, and the running holds.
    ///
    /// # Panics
    /// When the rows do not fit the event or contradict each other: a store that lies must not sell.
    #[must_use]
    pub fn restore(
        event: Arc<Event>,
        seq: Seq,
        seats: impl IntoIterator<Item = SeatRow>,
        areas: impl IntoIterator<Item = AreaRow>,
        holds: impl IntoIterator<Item = Hold>,
    ) -> Self {
        let mut inventory = Self::new(event);
        inventory.seq = seq;
        for row in seats {
            let before = inventory.seats.state(row.seat);
            let channel = inventory.seats.channel_number(row.channel.as_ref());
            let state = SeatState { owner: row.owner, version: row.version, status: row.status, channel };
            inventory.set_seat(row.seat, before, state);
        }
        for row in areas {
            inventory.restore_area(row);
        }
        for hold in holds {
            inventory.holds.insert(hold);
        }
        inventory.assert_consistent();
        inventory
    }

    /// Asserts that seats, areas and holds tell the same story.
    fn assert_consistent(&self) {
        let mut seats_held = 0_usize;
        let mut areas_held: HashMap<(AreaIndex, Option<&ChannelKey>), u32> = HashMap::new();
        for hold in self.holds() {
            for line in &hold.lines {
                match line.place {
                    Place::Seat(seat) => {
                        let state = self.seats.state(seat);
                        let is_its = state.status == Status::Held && state.owner == hold.id.serial;
                        assert!(is_its, "seat {} is not with the hold that keeps it", seat.0);
                        seats_held += 1;
                    }
                    Place::Area(area) => {
                        *areas_held.entry((area, line.channel.as_ref())).or_default() += line.units;
                    }
                }
            }
        }
        let held = (0..self.seats.len()).filter(|&at| self.seats.state(SeatIndex(at)).status == Status::Held);
        assert_eq!(held.count(), seats_held, "a seat is held by no hold, or by two");
        for row in self.seat_rows().filter(|row| !self.is_on_chart(row.seat)) {
            let is_idle = row.status == Status::Free && row.channel.is_none();
            assert!(is_idle, "seat {} is in use, and not on the chart", row.seat.0);
        }
        for (area, state) in (0_u16..).map(AreaIndex).zip(&self.areas) {
            state.assert_conserved();
            for row in state.pools(area) {
                let held = areas_held.get(&(area, row.channel.as_ref())).copied().unwrap_or_default();
                assert_eq!(row.pool.held, held, "area {} is held by other holds than there are", area.0);
            }
        }
    }

    fn restore_area(&mut self, row: AreaRow) {
        let category = usize::from(self.event.areas[row.area.at()].category);
        let state = &mut self.areas[row.area.at()];
        let Pool { units, held, sold } = row.pool;
        assert!(
            held.checked_add(sold).is_some_and(|taken| taken <= units),
            "area {} is oversold",
            row.area.0
        );
        let before = state.counts();
        state.restore(row.channel, row.pool);
        let after = state.counts();
        let counts = &mut self.counts[category];
        counts.replace(before, after);
    }

    /// The event's settings.
    #[must_use]
    pub fn event(&self) -> &Arc<Event> {
        &self.event
    }

    /// The last commit that was applied.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// A seat's state.
    #[must_use]
    pub fn seat(&self, seat: SeatIndex) -> SeatState {
        self.seats.state(seat)
    }

    /// The channel a seat is assigned to.
    #[must_use]
    pub fn seat_channel(&self, seat: SeatIndex) -> Option<&ChannelKey> {
        self.seats.channel(self.seats.state(seat).channel)
    }

    /// An area's state.
    #[must_use]
    pub fn area(&self, area: AreaIndex) -> &AreaState {
        &self.areas[area.at()]
    }

    /// How many units an area has, by who has them, as the public sees it.
    #[must_use]
    pub fn area_counts(&self, area: AreaIndex) -> Counts {
        self.as_public(self.areas[area.at()].counts())
    }

    /// Units by category, in the order of [`Event::categories`], as the public sees it.
    pub fn category_counts(&self) -> impl ExactSizeIterator<Item = Counts> {
        self.counts.iter().map(|&counts| self.as_public(counts))
    }

    /// Units of the whole event, as the public sees it.
    #[must_use]
    pub fn total_counts(&self) -> Counts {
        let mut total = Counts::default();
        self.category_counts().for_each(|counts| total += counts);
        total
    }

    /// A cancelled event has no free place, whatever its seats' states are.
    fn as_public(&self, counts: Counts) -> Counts {
        if self.event.status == EventStatus::Cancelled {
            return Counts { free: 0, blocked: counts.blocked + counts.free, ..counts };
        }
        counts
    }

    /// Whether the event's chart has a seat.
    pub(super) fn is_on_chart(&self, seat: SeatIndex) -> bool {
        self.event.seating.as_ref().is_some_and(|seating| seating.position(seat).is_some())
    }

    /// A seat's state as one character of the wire: `f` free, `h` held, `s` sold, `b` blocked.
    #[must_use]
    pub fn seat_character(&self, seat: SeatIndex) -> u8 {
        let state = self.seats.state(seat);
        match state.status {
            Status::Held => b'h',
            Status::Sold => b's',
            Status::Free if state.channel != 0 || self.event.status == EventStatus::Cancelled => b'b',
            Status::Free => b'f',
        }
    }

    /// Every seat's character, in the chart's order.
    #[must_use]
    pub fn seat_characters(&self) -> Vec<u8> {
        self.event.seats().map(|seat| self.seat_character(seat)).collect()
    }

    /// Every channel that places are, or were, assigned to.
    fn channels(&self) -> BTreeSet<&ChannelKey> {
        let of_areas = self.areas.iter().flat_map(AreaState::channels).map(|(key, _)| key);
        self.seats.channels().iter().chain(of_areas).collect()
    }

    /// A running hold.
    #[must_use]
    pub fn hold(&self, serial: Serial) -> Option<&Hold> {
        self.holds.get(serial)
    }

    /// Every running hold, the next to lapse first.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.by_deadline()
    }

    /// Holds that are past their deadline at `now`, though nobody ended them yet.
    fn lapsed(&self, now: Timestamp) -> impl Iterator<Item = &Hold> {
        self.holds().take_while(move |hold| hold.deadline <= now)
    }

    /// When the next hold lapses.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.holds.next_deadline()
    }

    /// The rows of all seats that are not as a new event's are, for comparison with a store.
    pub fn seat_rows(&self) -> impl Iterator<Item = SeatRow> {
        (0..self.seats.len()).map(SeatIndex).filter_map(|seat| {
            let state = self.seats.state(seat);
            (state.version > 0).then(|| SeatRow {
                seat,
                version: state.version,
                status: state.status,
                owner: state.owner,
                channel: self.seats.channel(state.channel).cloned(),
            })
        })
    }

    /// The rows of all area pools that were ever used, for a store and for comparison with one.
    pub fn area_rows(&self) -> impl Iterator<Item = AreaRow> {
        (0_u16..).map(AreaIndex).zip(&self.areas).flat_map(|(area, state)| state.rows(area))
    }

    /// Every pool of some areas, used or not.
    #[must_use]
    pub fn area_pools(&self, areas: &[AreaIndex]) -> Vec<AreaRow> {
        areas.iter().flat_map(|&area| self.areas[area.at()].pools(area)).collect()
    }

    /// Puts a seat into a state and keeps every count in step.
    fn set_seat(&mut self, seat: SeatIndex, before: SeatState, after: SeatState) {
        let Some(seating) = &self.event.seating else { return };
        if let Some(at) = seating.position(seat) {
            let counts = &mut self.counts[usize::from(seating.chart().category(at))];
            *counts.of(before.status, before.channel != 0) -= 1;
            *counts.of(after.status, after.channel != 0) += 1;
        }
        self.seats.set(seating, seat, after);
    }
}
