//! What is scarce: seats, and units of areas.

use std::fmt;
use std::sync::Arc;

/// A seat's position in a chart's fixed order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChartSeat(pub u32);

impl ChartSeat {
    /// As an index into a column of the chart's seats.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// A seat of an event, for good, whatever chart the event moves to; see [`crate::seating`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeatIndex(pub u32);

impl SeatIndex {
    /// As an index into a column of the event's seats.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// An area's position among its event's areas: the chart's first, then the event's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AreaIndex(pub u16);

impl AreaIndex {
    /// As an index into a list of areas.
    #[must_use]
    pub fn at(self) -> usize {
        usize::from(self.0)
    }
}

/// A seat, or an area of which some units are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// One seat.
    Seat(SeatIndex),
    /// Units of one area.
    Area(AreaIndex),
}

/// Who has a place. A blocked place is a free one that is assigned to a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Nobody.
    Free,
    /// A hold, until its deadline.
    Held,
    /// An order.
    Sold,
}

/// A channel: a named assignment of places, such as `house` or `sponsors`.
///
/// Cheap to clone. The organizer's own word, so it may appear in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelKey(pub Arc<str>);

impl fmt::Display for ChannelKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Units by who has them; together they are the capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Free for the public.
    pub free: u32,
    /// Held.
    pub held: u32,
    /// Sold.
    pub sold: u32,
    /// Free, but assigned to a channel.
    pub blocked: u32,
}

impl Counts {
    /// All units together.
    #[must_use]
    pub fn capacity(self) -> u32 {
        self.free + self.held + self.sold + self.blocked
    }

    /// Puts one part's counts after a change in the stead of those before it.
    pub(crate) fn replace(&mut self, before: Self, after: Self) {
        self.free = self.free + after.free - before.free;
        self.held = self.held + after.held - before.held;
        self.sold = self.sold + after.sold - before.sold;
        self.blocked = self.blocked + after.blocked - before.blocked;
    }

    /// The counter for a status, given whether the place is assigned to a channel.
    pub(crate) fn of(&mut self, status: Status, assigned: bool) -> &mut u32 {
        match (status, assigned) {
            (Status::Free, false) => &mut self.free,
            (Status::Free, true) => &mut self.blocked,
            (Status::Held, _) => &mut self.held,
            (Status::Sold, _) => &mut self.sold,
        }
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.free += other.free;
        self.held += other.held;
        self.sold += other.sold;
        self.blocked += other.blocked;
    }
}
