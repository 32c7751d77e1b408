//! Gives the event new settings, or another chart.

use std::sync::Arc;

use crate::command::Actor;
use crate::entry::{Entry, Kind};
use crate::event::{EventPatch, EventStatus, NewChart};
use crate::id::Serial;
use crate::limits;
use crate::place::{AreaIndex, Place, SeatIndex, Status};
use crate::rejection::{Reason, Rejection};
use crate::seating::Seating;

use super::{Decided, Session};

impl Session<'_> {
    pub(super) fn configure(&mut self, patch: &EventPatch, actor: Actor) -> Result<Decided, Rejection> {
        if patch.chart.is_some() && self.other_chart(patch).is_none() {
            let else_nothing = EventPatch { chart: patch.chart.clone(), ..EventPatch::default() };
            if *patch == else_nothing {
                return Ok(Decided::Configured);
            }
        }
        let mut event = self.event().patched(patch);
        if let Some(areas) = &patch.areas {
            event = event.with_areas(areas)?;
        }
        let mut kind = Kind::Event;
        if let Some(new) = self.other_chart(patch) {
            if self.event().status == EventStatus::Cancelled {
                return Err(Rejection::EventCancelled);
            }
            kind = Kind::Chart;
            event = event.with_chart(new)?;
            if let Some(seating) = &event.seating {
                self.seats_stay(seating)?;
            }
        }
        event.check_settings()?;
        if self.event().status == EventStatus::Cancelled && event.status != EventStatus::Cancelled {
            return Err(Rejection::EventCancelled);
        }
        let mut entry = Entry::new(kind, actor);
        let areas = (0_u16..).map(AreaIndex).zip(event.areas.iter().zip(&self.event().areas));
        let grown = areas.filter(|(_, (after, before))| after.capacity > before.capacity);
        entry.grown = grown.map(|(area, _)| area).collect();
        entry.settings = Some(Arc::new(event));
        self.enter(entry);
        Ok(Decided::Configured)
    }

    /// The chart of a patch, if the event does not sell over it already.
    fn other_chart<'a>(&self, patch: &'a EventPatch) -> Option<&'a NewChart> {
        patch.chart.as_ref().filter(|new| Some(new.id) != self.event().chart_id())
    }

    /// Refuses a seating without a seat that somebody has, or that is assigned; ends lapsed holds that are in the way.
    fn seats_stay(&mut self, seating: &Seating) -> Result<(), Rejection> {
        let is_gone = |seat| seating.position(seat).is_none();
        let lapsed = self.inventory.lapsed(self.moment.now);
        let in_the_way = lapsed.filter(|hold| {
            hold.lines.iter().any(|line| matches!(line.place, Place::Seat(seat) if is_gone(seat)))
        });
        let serials: Vec<Serial> = in_the_way.map(|hold| hold.id.serial).collect();
        for serial in serials {
            self.expire_if_lapsed(serial);
        }
        let refused: Vec<(String, Reason)> = self
            .event()
            .seats()
            .filter(|seat| is_gone(*seat))
            .filter_map(|seat| Some((self.event().seat_name(seat), self.use_of(seat)?)))
            .take(limits::BLOCK_PLACES_MAX)
            .collect();
        if refused.is_empty() { Ok(()) } else { Err(Rejection::PlaceUnavailable(refused)) }
    }

    /// What a seat is used for, if for anything.
    fn use_of(&self, seat: SeatIndex) -> Option<Reason> {
        match self.inventory.seat(seat).status {
            Status::Held => Some(Reason::Held),
            Status::Sold => Some(Reason::Sold),
            Status::Free => self.inventory.seat_channel(seat).map(|_| Reason::Blocked),
        }
    }
}
