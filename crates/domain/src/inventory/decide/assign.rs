//! Assigns places to a channel, or back to the public.

use std::collections::HashSet;

use crate::basket::Line;
use crate::command::{Actor, Assign, Assignment};
use crate::entry::{Change, Entry, Kind};
use crate::id::Serial;
use crate::limits;
use crate::place::{AreaIndex, ChannelKey, Place, SeatIndex, Status};
use crate::rejection::{Reason, Rejection};

use super::{Decided, Session};

/// Channels of one event that places may be assigned to over its life.
///
/// Seat states name a channel by 16 bits, and every change of a place looks its channel up in a list.
pub(super) const CHANNELS_MAX: usize = 1_000;

impl Session<'_> {
    /// Refuses a channel that would be one too many.
    pub(super) fn check_channel(&self, pointer: &str, key: Option<&ChannelKey>) -> Result<(), Rejection> {
        let Some(key) = key else { return Ok(()) };
        let known = self.inventory.channels();
        if known.len() >= CHANNELS_MAX && !known.contains(key) {
            let reason = format!("would be one channel too many: an event has at most {CHANNELS_MAX}");
            return Err(Rejection::invalid(pointer, reason));
        }
        Ok(())
    }

    pub(super) fn assign(&mut self, assign: &Assign, actor: Actor) -> Result<Decided, Rejection> {
        self.check_channel("/channel", assign.to.channel())?;
        self.expire_assigned(assign);
        let (seats, areas) = self.assigned_places(assign)?;
        let to = assign.to.channel().cloned();
        let kind = if to.is_some() { Kind::Block } else { Kind::Unblock };
        let mut entry = Entry::new(kind, actor);
        let mut later = Vec::new();
        let mut moved = 0;
        for seat in seats {
            let state = self.inventory.seat(seat);
            if state.status == Status::Free {
                moved += 1;
            } else {
                later.push((seat, state.status));
            }
            let channel_from = self.inventory.seat_channel(seat).cloned();
            if channel_from == to {
                continue;
            }
            entry.changes.push(Change {
                place: Place::Seat(seat),
                units: 1,
                from: state.status,
                to: state.status,
                channel_from,
                channel_to: to.clone(),
                version: state.version + 1,
                terms: None,
                ticket: None,
            });
        }
        for (area, quantity, from) in areas {
            moved += quantity;
            if from == assign.to {
                continue;
            }
            entry.changes.push(Change {
                place: Place::Area(area),
                units: quantity,
                from: Status::Free,
                to: Status::Free,
                channel_from: from.channel().cloned(),
                channel_to: to.clone(),
                version: 0,
                terms: None,
                ticket: None,
            });
        }
        let note = assign.to.channel().cloned().zip(assign.note.clone());
        if !entry.changes.is_empty() || note.is_some() {
            self.enter(entry);
            self.notes.extend(note);
        }
        Ok(Decided::Assigned { moved, later })
    }

    /// Ends the lapsed holds that keep any of these places.
    fn expire_assigned(&mut self, assign: &Assign) {
        let seats: HashSet<SeatIndex> = assign.seats.iter().copied().collect();
        let is_meant = |line: &Line| match (line.place, &assign.whole_channel) {
            (Place::Seat(seat), Some(channel)) => self.inventory.seat_channel(seat) == Some(channel),
            (Place::Area(_), Some(channel)) => line.channel.as_ref() == Some(channel),
            (Place::Seat(seat), None) => seats.contains(&seat),
            (Place::Area(area), None) => assign.areas.iter().any(|(known, _)| *known == area),
        };
        let lapsed = self.inventory.lapsed(self.moment.now);
        let meant = lapsed.filter(|hold| hold.lines.iter().any(is_meant));
        let serials: Vec<Serial> = meant.map(|hold| hold.id.serial).collect();
        for serial in serials {
            self.expire_if_lapsed(serial);
        }
    }

    /// What is assigned anew, each area with the pool its units come from.
    #[expect(clippy::type_complexity, reason = "two lists that exist only between these two functions")]
    fn assigned_places(
        &self,
        assign: &Assign,
    ) -> Result<(Vec<SeatIndex>, Vec<(AreaIndex, u32, Assignment)>), Rejection> {
        if let Some(channel) = &assign.whole_channel {
            return self.whole_channel(channel);
        }
        let gone = assign.seats.iter().filter(|seat| !self.inventory.is_on_chart(**seat));
        let gone: Vec<_> = gone.map(|seat| (self.event().seat_name(*seat), Reason::Unknown)).collect();
        if !gone.is_empty() {
            return Err(Rejection::PlaceUnavailable(gone));
        }
        let mut areas: Vec<(AreaIndex, u32, Assignment)> = Vec::new();
        for (at, &(area, quantity)) in assign.areas.iter().enumerate() {
            if areas.iter().any(|(known, ..)| *known == area) {
                return Err(Rejection::invalid(format!("/areas/{at}/name"), "names an area twice"));
            }
            if quantity == 0 {
                return Err(Rejection::invalid(format!("/areas/{at}/quantity"), "must be at least 1"));
            }
            let state = self.inventory.area(area);
            let from = match (&assign.to, &assign.from) {
                // Unblocking without naming a channel takes from whichever channel has enough.
                (Assignment::Public, Assignment::Public) => state
                    .channels()
                    .find(|(_, pool)| pool.free() >= quantity)
                    .map_or(Assignment::Public, |(key, _)| Assignment::Channel(key.clone())),
                (_, from) => from.clone(),
            };
            let free = match (&assign.to, &from) {
                (Assignment::Public, Assignment::Public) => 0,
                _ => state.pool(from.channel()).free(),
            };
            if free < quantity {
                let name = self.event().name_of(Place::Area(area));
                let counts = state.counts();
                let reason = match &assign.to {
                    Assignment::Public => Reason::Blocked,
                    Assignment::Channel(_) if counts.held > 0 => Reason::Held,
                    Assignment::Channel(_) if counts.blocked > 0 => Reason::Blocked,
                    Assignment::Channel(_) => Reason::Sold,
                };
                return Err(Rejection::PlaceUnavailable(vec![(name, reason)]));
            }
            areas.push((area, quantity, from));
        }
        let is_meant = |seat: &SeatIndex| match assign.from.channel() {
            Some(channel) => self.inventory.seat_channel(*seat) == Some(channel),
            None => true,
        };
        let mut seats: Vec<SeatIndex> = assign.seats.iter().copied().filter(is_meant).collect();
        seats.sort_unstable();
        seats.dedup();
        Ok((seats, areas))
    }

    /// Everything that is assigned to a channel now; at most [`limits::CHANNEL_SEATS_MAX`] seats at once.
    #[expect(clippy::type_complexity, reason = "as above")]
    fn whole_channel(
        &self,
        channel: &ChannelKey,
    ) -> Result<(Vec<SeatIndex>, Vec<(AreaIndex, u32, Assignment)>), Rejection> {
        let seats: Vec<SeatIndex> = self
            .inventory
            .seat_rows()
            .filter(|row| row.channel.as_ref() == Some(channel))
            .map(|row| row.seat)
            .collect();
        if seats.len() > limits::CHANNEL_SEATS_MAX {
            let reason = format!(
                "names a channel with {} seats; more than {} are unblocked by name, at most {} at once",
                seats.len(),
                limits::CHANNEL_SEATS_MAX,
                limits::BLOCK_PLACES_MAX
            );
            return Err(Rejection::invalid("/channel", reason));
        }
        let areas = (0_u16..).map(AreaIndex).take(self.event().areas.len());
        let areas = areas
            .filter_map(|area| {
                let free = self.inventory.area(area).pool(Some(channel)).free();
                (free > 0).then(|| (area, free, Assignment::Channel(channel.clone())))
            })
            .collect();
        Ok((seats, areas))
    }
}
