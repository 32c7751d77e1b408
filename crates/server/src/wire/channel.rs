//! Channels as answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::event::Event;
use domain::inventory::{Inventory, Pool};
use domain::place::{AreaIndex, ChannelKey, SeatIndex, Status};
use serde::Serialize;

/// Units by who has them.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct UnitsOut {
    free: u32,
    held: u32,
    sold: u32,
}

impl UnitsOut {
    fn of(pool: Pool) -> Self {
        Self { free: pool.free(), held: pool.held, sold: pool.sold }
    }

    fn count(&mut self, status: Status) {
        match status {
            Status::Free => self.free += 1,
            Status::Held => self.held += 1,
            Status::Sold => self.sold += 1,
        }
    }

    fn add(&mut self, other: Self) {
        self.free += other.free;
        self.held += other.held;
        self.sold += other.sold;
    }
}

/// What a channel has.
#[derive(Debug, Default)]
pub struct Units {
    /// What it is for.
    pub note: Option<Arc<str>>,
    /// Its seats.
    seats: UnitsOut,
    /// Its units by area.
    areas: BTreeMap<AreaIndex, UnitsOut>,
}

impl Units {
    /// Every channel that has anything.
    #[must_use]
    pub fn by_channel(inventory: &Inventory) -> BTreeMap<ChannelKey, Self> {
        let mut channels: BTreeMap<ChannelKey, Self> = BTreeMap::new();
        for row in inventory.seat_rows() {
            let Some(key) = row.channel else { continue };
            channels.entry(key).or_default().seats.count(row.status);
        }
        let areas: Vec<AreaIndex> = (0_u16..).map(AreaIndex).take(inventory.event().areas.len()).collect();
        for row in inventory.area_pools(&areas) {
            if let Some(key) = row.channel.filter(|_| row.pool.units > 0) {
                channels.entry(key).or_default().areas.insert(row.area, UnitsOut::of(row.pool));
            }
        }
        channels
    }
}

/// Units of one area.
#[derive(Debug, Serialize)]
struct AreaUnitsOut<'a> {
    name: &'a str,
    #[serde(flatten)]
    units: UnitsOut,
}

/// A seat of a channel.
#[derive(Debug, Serialize)]
pub struct AssignedSeat {
    place: String,
    state: &'static str,
}

impl AssignedSeat {
    /// A seat, and who has it.
    #[must_use]
    pub fn of(event: &Event, seat: SeatIndex, status: Status) -> Self {
        let state = match status {
            Status::Free => "blocked",
            Status::Held => "held",
            Status::Sold => "sold",
        };
        Self { place: event.seat_name(seat), state }
    }
}

/// A channel.
#[derive(Debug, Serialize)]
pub struct ChannelOut<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(flatten)]
    units: UnitsOut,
    areas: Vec<AreaUnitsOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    places: Option<Vec<AssignedSeat>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<Option<String>>,
}

impl<'a> ChannelOut<'a> {
    /// A channel with its counts, seats and area units together.
    #[must_use]
    pub fn of(key: &'a ChannelKey, channel: &'a Units, event: &'a Event) -> Self {
        let mut units = channel.seats;
        channel.areas.values().for_each(|area| units.add(*area));
        let areas = channel.areas.iter();
        let areas =
            areas.map(|(area, units)| AreaUnitsOut { name: &event.areas[area.at()].name, units: *units });
        Self {
            key: &key.0,
            note: channel.note.as_deref(),
            units,
            areas: areas.collect(),
            places: None,
            next_cursor: None,
        }
    }

    /// The same with a page of its seats.
    #[must_use]
    pub fn with_places(self, places: Vec<AssignedSeat>, next_cursor: Option<String>) -> Self {
        Self { places: Some(places), next_cursor: Some(next_cursor), ..self }
    }
}
