//! Finds the places that a basket asks for: named seats, area units, seats for a party.
//!
//! A place is free if nobody has it, if its hold has lapsed, or if the request gives it back itself; and
//! only to those who present its channel, if it has one. Lapsed holds are ended where they are in the way.

use std::sync::Arc;

use crate::basket::{AreaWanted, Basket, Line, PartyWanted};
use crate::best_available::{self, Shortage, Wish};
use crate::command::Ignored;
use crate::id::Serial;
use crate::place::{AreaIndex, ChannelKey, Counts, Place, SeatIndex, Status};
use crate::rejection::Rejection;
use crate::seating::Seating;

use super::super::glance::shortage;
use super::super::{FreeMap, Hold};
use super::Session;
use super::purchase::Codes;

/// Places that a request gives back, and may take anew.
#[derive(Debug, Clone, Copy)]
pub(super) struct Own<'a> {
    /// Which; an area's units with the channel that they go to.
    pub(super) lines: &'a [Line],
    /// Whether they are held or sold until then.
    pub(super) status: Status,
}

impl Own<'_> {
    /// For a request that gives nothing back.
    pub(super) const NOTHING: Self = Self { lines: &[], status: Status::Free };
}

impl Session<'_> {
    /// Refuses the basket when one of its named seats cannot be had; ends holds that lapsed.
    pub(super) fn seats_free(
        &mut self,
        basket: &Basket,
        own: Own<'_>,
        channels: &[ChannelKey],
        ignored: Ignored,
    ) -> Result<(), Rejection> {
        let now = self.moment.now;
        let mut refused = Vec::new();
        for wanted in &basket.seats {
            if own.lines.iter().any(|line| line.place == Place::Seat(wanted.seat)) {
                continue;
            }
            if let Some(reason) = self.inventory.seat_refusal(wanted.seat, channels, ignored, now) {
                refused.push((self.event().seat_name(wanted.seat), reason));
            }
        }
        if !refused.is_empty() {
            return Err(Rejection::PlaceUnavailable(refused));
        }
        for wanted in &basket.seats {
            let state = self.inventory.seat(wanted.seat);
            if state.status == Status::Held {
                self.expire_if_lapsed(state.owner);
            }
        }
        Ok(())
    }

    /// Refuses the basket when one of its areas has too few units; ends lapsed holds that are in the way.
    pub(super) fn areas_free(
        &mut self,
        basket: &Basket,
        own: Own<'_>,
        channels: &[ChannelKey],
        ignored: Ignored,
    ) -> Result<(), Rejection> {
        for (area, wanted) in basket.area_units() {
            let sources = self.area_sources(area, own, channels, ignored, &[]);
            let mut public = sources[0].1;
            if public >= wanted {
                continue;
            }
            // A lapsed hold is free: end those that have units for this request, if that is of any use.
            let lapsed = self.lapsed_units(area, &sources);
            let free: u32 = sources.iter().map(|(_, free)| *free).sum();
            let reclaimable: u32 = lapsed.iter().map(|(_, [public, channels])| public + channels).sum();
            if free + reclaimable < wanted {
                let state = self.inventory.area(area);
                // What goes back to a channel that is not presented was held of none of these pools.
                let of_sources = own.lines.iter().filter(|line| {
                    let is_source = |(channel, _): &(Option<ChannelKey>, u32)| *channel == line.channel;
                    line.place == Place::Area(area) && sources.iter().any(is_source)
                });
                let given_back: u32 =
                    if own.status == Status::Held { of_sources.map(|line| line.units).sum() } else { 0 };
                let held: u32 = sources.iter().map(|(channel, _)| state.pool(channel.as_ref()).held).sum();
                let counts = Counts { free, held: held.saturating_sub(given_back), ..Counts::default() };
                return Err(shortage(counts, wanted).unwrap_or(Rejection::AllHeld));
            }
            for (serial, [of_public, _]) in lapsed {
                if public >= wanted {
                    break;
                }
                self.expire_if_lapsed(serial);
                public += of_public;
            }
        }
        Ok(())
    }

    /// Takes area units, of which there are enough: from the public's pool first, then from the channels
    /// presented.
    #[expect(clippy::too_many_arguments, reason = "the two lists are one result, filled in step")]
    pub(super) fn area_units(
        &self,
        wanted: &AreaWanted,
        own: Own<'_>,
        channels: &[ChannelKey],
        ignored: Ignored,
        is_public: bool,
        lines: &mut Vec<Line>,
        codes: &mut Codes,
    ) -> Result<(), Rejection> {
        let place = Place::Area(wanted.area);
        let mut codes_left = wanted.codes.iter().map(|code| Some(Arc::from(&**code)));
        let mut missing = wanted.quantity;
        for (channel, free) in self.area_sources(wanted.area, own, channels, ignored, lines) {
            let units = missing.min(free);
            if units > 0 {
                let (ticket_type, price) = (wanted.ticket_type.as_deref(), wanted.price);
                lines.push(self.line(place, units, channel, ticket_type, price, is_public)?);
                codes.push(codes_left.by_ref().take(units as usize).collect());
                missing -= units;
            }
        }
        assert_eq!(missing, 0, "an area has fewer units than it was found to have");
        Ok(())
    }

    /// The pools that a request may take units of an area from, and how many each has left with what the
    /// request gives back, and beside what `lines` take already: the same area may stand in a basket
    /// twice, on different terms.
    fn area_sources(
        &self,
        area: AreaIndex,
        own: Own<'_>,
        channels: &[ChannelKey],
        ignored: Ignored,
        lines: &[Line],
    ) -> Vec<(Option<ChannelKey>, u32)> {
        let of = |lines: &[Line], channel: Option<&ChannelKey>| -> u32 {
            lines
                .iter()
                .filter(|line| line.place == Place::Area(area) && line.channel.as_ref() == channel)
                .map(|line| line.units)
                .sum()
        };
        let state = self.inventory.area(area);
        let left = |channel| state.pool(channel).free() + of(own.lines, channel) - of(lines, channel);
        let mut sources = vec![(None, left(None))];
        let mut keys: Vec<&ChannelKey> = state.channels().map(|(key, _)| key).collect();
        for key in own
            .lines
            .iter()
            .filter(|line| line.place == Place::Area(area))
            .filter_map(|line| line.channel.as_ref())
        {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let presented = keys.into_iter().filter(|key| ignored.channels || channels.contains(key));
        sources.extend(presented.map(|key| (Some(key.clone()), left(Some(key)))));
        sources
    }

    /// Lapsed holds that keep units of an area in one of these pools: how many of the public's, and how
    /// many of channels'.
    fn lapsed_units(
        &self,
        area: AreaIndex,
        sources: &[(Option<ChannelKey>, u32)],
    ) -> Vec<(Serial, [u32; 2])> {
        let units_of = |hold: &Hold| {
            let mut units = [0; 2];
            for line in hold.lines.iter().filter(|line| line.place == Place::Area(area)) {
                if sources.iter().any(|(channel, _)| *channel == line.channel) {
                    units[usize::from(line.channel.is_some())] += line.units;
                }
            }
            units
        };
        let lapsed = self.inventory.lapsed(self.moment.now);
        lapsed.map(|hold| (hold.id.serial, units_of(hold))).filter(|(_, units)| *units != [0; 2]).collect()
    }

    /// Chooses seats for a party: from the public's free seats, and where those do not suffice also from
    /// lapsed holds and the channels presented.
    pub(super) fn choose(
        &mut self,
        party: &PartyWanted,
        channels: &[ChannelKey],
        ignored: Ignored,
    ) -> Result<Vec<SeatIndex>, Rejection> {
        let event = self.event().clone();
        let (Some(seating), Some(free)) = (&event.seating, self.inventory.seats.free()) else {
            return Err(Rejection::SoldOut);
        };
        if !party.is_for(&event) {
            return Err(Rejection::ChartMoved);
        }
        let chart = seating.chart();
        let priced = self.event().priced_categories(party.categories.as_deref(), &party.ticket_types);
        let categories = priced.as_deref().or(party.categories.as_deref());
        let wish = Wish {
            seats: party.ticket_types.len(),
            categories,
            sections: party.sections.as_deref(),
            accessible: party.accessible,
            adjacent: party.adjacent,
        };
        if let Some(channel) = &party.channel
            && !(ignored.channels || channels.contains(channel))
        {
            return Err(Rejection::Forbidden(
                "best_available names a channel that the request does not present",
            ));
        }
        let mut choice = match &party.channel {
            Some(channel) => best_available::choose(chart, &self.free_in(seating, channel), &wish),
            None => best_available::choose(chart, free, &wish),
        };
        if choice.is_err()
            && party.channel.is_none()
            && let Some(more) = self.more_free(seating, free, channels, ignored)
        {
            choice = best_available::choose(chart, &more, &wish);
        }
        match choice {
            Ok(chosen) => {
                let seats: Vec<SeatIndex> = chosen.into_iter().map(|at| seating.seat(at)).collect();
                for &seat in &seats {
                    self.expire_if_lapsed(self.inventory.seat(seat).owner);
                }
                Ok(seats)
            }
            Err(Shortage::NotAdjacent) => Err(Rejection::NotEnoughAdjacent),
            Err(Shortage::TooFew { .. }) => {
                let wanted = u32::try_from(party.ticket_types.len()).unwrap_or(u32::MAX);
                let eligible = self.eligible_seats(party, categories, channels, ignored);
                Err(shortage(eligible, wanted).unwrap_or(Rejection::AllHeld))
            }
        }
    }

    /// The seats of a channel that nobody has, or whose hold has lapsed.
    fn free_in(&self, seating: &Seating, channel: &ChannelKey) -> FreeMap {
        let now = self.moment.now;
        FreeMap::new(seating.chart(), |at| {
            let seat = seating.seat(at);
            self.inventory.seat_channel(seat) == Some(channel)
                && self
                    .inventory
                    .seat_refusal(seat, &[], Ignored { channels: true, ..Ignored::default() }, now)
                    .is_none()
        })
    }

    /// The public's free seats, and those of lapsed holds and presented channels; `None` when there are
    /// no such.
    fn more_free(
        &self,
        seating: &Seating,
        free: &FreeMap,
        channels: &[ChannelKey],
        ignored: Ignored,
    ) -> Option<FreeMap> {
        let mut more: Option<FreeMap> = None;
        let now = self.moment.now;
        let mut add = |seat| {
            if let Some(at) = seating.position(seat)
                && self.inventory.seat_refusal(seat, channels, ignored, now).is_none()
            {
                more.get_or_insert_with(|| free.clone()).set(seating.chart(), at, true);
            }
        };
        for line in self.inventory.lapsed(now).flat_map(|hold| &hold.lines) {
            if let Place::Seat(seat) = line.place {
                add(seat);
            }
        }
        if ignored.channels || !channels.is_empty() {
            seating.seats().filter(|seat| self.inventory.seat_channel(*seat).is_some()).for_each(add);
        }
        more
    }

    /// Seats that a party's filters allow, by who has them.
    fn eligible_seats(
        &self,
        party: &PartyWanted,
        categories: Option<&[u16]>,
        channels: &[ChannelKey],
        ignored: Ignored,
    ) -> Counts {
        if party.sections.is_none() && party.channel.is_none() && channels.is_empty() && !ignored.channels {
            return self.inventory.eligible_seats(party.accessible, categories);
        }
        let mut counts = Counts::default();
        let Some(seating) = &self.event().seating else { return counts };
        let chart = seating.chart();
        for at in chart.seats() {
            let (seat, section) = (seating.seat(at), chart.row_of(at).section);
            if best_available::is_eligible(chart, at, party.accessible)
                && categories.is_none_or(|wanted| wanted.contains(&chart.category(at)))
                && party.sections.as_ref().is_none_or(|wanted| wanted.contains(&section))
                && party.channel.as_ref().is_none_or(|key| self.inventory.seat_channel(seat) == Some(key))
            {
                let state = self.inventory.seat(seat);
                let presented = |key| ignored.channels || channels.contains(key);
                let assigned = self.inventory.seat_channel(seat).is_some_and(|key| !presented(key));
                *counts.hoped_for(state.status, assigned) += 1;
            }
        }
        counts
    }
}
