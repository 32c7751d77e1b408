//! Replays entries: the only way an inventory changes.

use std::sync::Arc;

use crate::basket::Line;
use crate::entry::{Change, Entry, Kind, number_after};
use crate::event::Event;
use crate::id::{Seq, Serial};
use crate::place::{Place, Status};
use crate::time::Timestamp;

use super::holds::Hold;
use super::{AreaState, Inventory, SeatState};

impl Inventory {
    /// Applies all entries of the commit `seq`, decided at `at`.
    ///
    /// # Panics
    /// When the commit does not follow the last one, or an entry contradicts the inventory.
    pub fn apply_commit<'a>(
        &mut self,
        seq: Seq,
        at: Timestamp,
        entries: impl IntoIterator<Item = &'a Entry, IntoIter: Clone>,
    ) {
        let entries = entries.into_iter();
        assert_eq!(seq, number_after(self.seq, entries.clone()), "a commit is applied out of order");
        entries.for_each(|entry| self.apply(entry, at));
        self.seq = seq;
    }

    /// Applies one entry of a commit that was decided at `at`.
    ///
    /// # Panics
    /// When the entry contradicts the inventory: a place is not with whom the entry takes it from.
    pub fn apply(&mut self, entry: &Entry, at: Timestamp) {
        if let Some(settings) = &entry.settings {
            self.set_event(settings.clone());
        }
        for change in &entry.changes {
            self.apply_change(entry, change);
        }
        let Some(hold) = entry.hold else { return };
        match entry.kind {
            Kind::Hold => {
                let created = Hold {
                    id: hold,
                    created_at: at,
                    deadline: entry.deadline.unwrap_or(at),
                    lines: entry.changes.iter().filter_map(line_of).collect(),
                    buyer: entry.buyer.unwrap_or_default(),
                    claims: entry.counted.iter().map(|counted| (counted.key, counted.held_only)).collect(),
                };
                self.holds.insert(created);
            }
            Kind::Edit => self.apply_edit(entry, hold.serial),
            Kind::Release | Kind::Expire | Kind::Confirm => {
                self.holds.remove(hold.serial);
            }
            _ => {}
        }
        if let (Kind::Edit | Kind::Extend, Some(deadline)) = (entry.kind, entry.deadline) {
            self.holds.set_deadline(hold.serial, deadline);
        }
    }

    /// Takes new settings, with room for as many units as they say, over the chart that they name.
    fn set_event(&mut self, event: Arc<Event>) {
        let known = self.areas.len();
        assert!(known <= event.areas.len(), "an event has fewer areas than before");
        let is_moved = self.event.chart_id() != event.chart_id();
        for (state, area) in self.areas.iter_mut().zip(&event.areas) {
            let added = state.grow(area.capacity);
            if !is_moved {
                self.counts[usize::from(area.category)].free += added;
            }
        }
        self.areas.extend(event.areas[known..].iter().map(|area| AreaState::new(area.capacity)));
        self.event = event;
        if let Some(seating) = self.event.seating.as_deref().filter(|_| is_moved) {
            self.seats.take_places(seating);
            self.count();
        }
    }

    fn apply_edit(&mut self, entry: &Entry, serial: Serial) {
        let Some(hold) = self.holds.get_mut(serial) else { return };
        for change in &entry.changes {
            let Some(line) = line_of(change) else { continue };
            match change.to {
                Status::Held => hold.add(line),
                Status::Free | Status::Sold => hold.remove(&line),
            }
        }
    }

    fn apply_change(&mut self, entry: &Entry, change: &Change) {
        match change.place {
            Place::Seat(seat) => {
                let before = self.seats.state(seat);
                assert_eq!(before.status, change.from, "seat {} is not as the entry takes it", seat.0);
                assert_eq!(before.version + 1, change.version, "seat {} has another version", seat.0);
                let owner = match change.to {
                    Status::Free => Serial(0),
                    Status::Held => entry.hold.map_or(before.owner, |hold| hold.serial),
                    Status::Sold => entry.order.map_or(before.owner, |order| order.serial),
                };
                let channel = self.seats.channel_number(change.channel_to.as_ref());
                let after = SeatState { owner, version: change.version, status: change.to, channel };
                self.set_seat(seat, before, after);
            }
            Place::Area(area) => {
                let state = &mut self.areas[area.at()];
                let before = state.counts();
                state.transfer(
                    change.units,
                    (change.from, change.channel_from.as_ref()),
                    (change.to, change.channel_to.as_ref()),
                );
                let after = state.counts();
                let counts = &mut self.counts[usize::from(self.event.areas[area.at()].category)];
                counts.replace(before, after);
            }
        }
    }
}

/// The line that a change adds to a hold, or takes from it.
fn line_of(change: &Change) -> Option<Line> {
    let (ticket_type, price) = change.terms.clone()?;
    Some(Line {
        place: change.place,
        units: change.units,
        ticket_type,
        price,
        channel: change.channel_to.clone(),
    })
}
