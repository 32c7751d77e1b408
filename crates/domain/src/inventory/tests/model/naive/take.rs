//! Which units a basket takes.

use std::collections::BTreeSet;

use super::{Answer, Item, Model, Owner, Unit, place_channel};
use crate::basket::{Basket, PartyWanted};
use crate::command::Ignored;
use crate::place::{ChannelKey, Place, SeatIndex};

impl Model {
    /// The units that a basket takes, with their terms; `own` are units of the hold that is edited.
    pub(super) fn take(
        &self,
        basket: &Basket,
        own: &[usize],
        (channels, ignored, is_public): (&[ChannelKey], Ignored, bool),
        chosen: Option<&[Place]>,
    ) -> Result<Vec<Item>, String> {
        let presented =
            |unit: &Unit| unit.channel.as_ref().is_none_or(|key| ignored.channels || channels.contains(key));
        let mut refused = Vec::new();
        for wanted in &basket.seats {
            let unit = &self.units[wanted.seat.at()];
            let reason = match unit.owner {
                _ if !unit.is_there => "unknown",
                _ if own.contains(&wanted.seat.at()) => continue,
                Owner::Hold(_) => "held",
                Owner::Order(_) => "sold",
                Owner::Nobody if presented(unit) => continue,
                Owner::Nobody => "blocked",
            };
            refused.push(format!(" {} {reason}", self.event.seat_name(wanted.seat)));
        }
        if !refused.is_empty() {
            return Err(format!("place_unavailable{}", refused.join(",")));
        }
        for wanted in &basket.areas {
            let place = Place::Area(wanted.area);
            let all = || self.units.iter().filter(|unit| unit.place == place && presented(unit));
            let free = all().filter(|unit| unit.owner == Owner::Nobody).count();
            let held = all().filter(|unit| matches!(unit.owner, Owner::Hold(_))).count();
            let same = basket.areas.iter().filter(|other| other.area == wanted.area);
            let total = same.map(|other| other.quantity as usize).sum();
            shortage(free, held, total)?;
        }
        let mut items: Vec<Item> = Vec::new();
        for wanted in &basket.seats {
            let terms = (wanted.ticket_type.as_deref(), wanted.price.map(|price| price.0));
            items.push(self.item(wanted.seat.at(), terms, is_public)?);
        }
        for wanted in &basket.areas {
            let mut sources = vec![None];
            sources.extend(self.channels[wanted.area.at()].iter().map(Some));
            for _ in 0..wanted.quantity {
                let is_good = |unit: &Unit, channel: Option<&ChannelKey>| {
                    unit.place == Place::Area(wanted.area)
                        && unit.owner == Owner::Nobody
                        && unit.channel.as_ref() == channel
                        && presented(unit)
                };
                let free = sources.iter().find_map(|channel| {
                    (0..self.units.len()).find(|at| {
                        is_good(&self.units[*at], *channel) && !items.iter().any(|item| item.unit == *at)
                    })
                });
                let terms = (wanted.ticket_type.as_deref(), wanted.price.map(|price| price.0));
                items.push(self.item(free.expect("enough were free"), terms, is_public)?);
            }
        }
        if let Some(party) = &basket.best_available {
            let seats = self.party(party, presented, chosen)?;
            for (seat, ticket_type) in seats.iter().zip(&party.ticket_types) {
                items.push(self.item(seat.at(), (ticket_type.as_deref(), None), is_public)?);
            }
        }
        if items.iter().map(|item| item.terms.2).sum::<i64>() > 1_000_000_000_000 {
            return Err("validation /places".to_owned());
        }
        Ok(items)
    }

    /// The seats of a party: those that were chosen, once they are found to be good.
    fn party(
        &self,
        party: &PartyWanted,
        presented: impl Fn(&Unit) -> bool,
        chosen: Option<&[Place]>,
    ) -> Result<Vec<SeatIndex>, String> {
        let is_filtered = party.categories.is_some() || party.sections.is_some();
        if is_filtered && party.chart != self.event.chart_id() {
            return Err("chart_moved".to_owned());
        }
        let chart = self.event.chart().expect("a chart");
        let at = |seat: SeatIndex| self.event.home_of(seat).expect("a chart").1;
        let eligible = |seat: &SeatIndex| {
            let at = at(*seat);
            let is_companion = chart.attributes(at).any(|attribute| attribute == "companion");
            let kind = if party.accessible {
                chart.is_accessible(at) || is_companion
            } else {
                !chart.is_accessible(at)
            };
            let category = party.categories.as_ref().is_none_or(|list| list.contains(&chart.category(at)));
            let section = chart.row_of(at).section;
            kind && category && party.sections.as_ref().is_none_or(|list| list.contains(&section))
        };
        let eligible: Vec<SeatIndex> = self.event.seats().filter(eligible).collect();
        let has = |seat: &SeatIndex, wanted: &dyn Fn(Owner) -> bool| {
            let unit = &self.units[seat.at()];
            presented(unit) && wanted(unit.owner)
        };
        let is_free = |seat: &SeatIndex| has(seat, &|owner| owner == Owner::Nobody);
        let free = eligible.iter().filter(|seat| is_free(seat)).count();
        let held = eligible.iter().filter(|seat| has(seat, &|owner| matches!(owner, Owner::Hold(_)))).count();
        shortage(free, held, party.ticket_types.len())?;
        let side_by_side = |seats: &[SeatIndex]| {
            seats.windows(2).all(|pair| {
                let (left, right) = (at(pair[0]), at(pair[1]));
                right.0 == left.0 + 1 && chart.row_of(left).label == chart.row_of(right).label
            })
        };
        let wanted = party.ticket_types.len();
        let free: Vec<SeatIndex> = eligible.into_iter().filter(is_free).collect();
        if party.adjacent && !free.windows(wanted).any(side_by_side) {
            return Err("not_enough_adjacent".to_owned());
        }
        // Which seats is not the model's business, as long as they are good, and the terms are right.
        let fallback: Vec<Place> = free.iter().take(wanted).copied().map(Place::Seat).collect();
        let is_refused = chosen.is_none();
        let chosen = chosen.unwrap_or(&fallback);
        let seats: Vec<SeatIndex> = chosen
            .iter()
            .filter_map(|place| match place {
                Place::Seat(seat) => Some(*seat),
                Place::Area(_) => None,
            })
            .collect();
        assert!(
            seats.iter().all(|seat| free.contains(seat)),
            "best-available chose a seat that is not to be had"
        );
        assert_eq!(seats.iter().collect::<BTreeSet<_>>().len(), wanted, "a party gets a seat each");
        assert!(!party.adjacent || is_refused || side_by_side(&seats), "adjacent was demanded");
        Ok(seats)
    }

    pub(super) fn item(
        &self,
        unit: usize,
        terms: (Option<&str>, Option<i64>),
        is_public: bool,
    ) -> Result<Item, String> {
        let (ticket_type, price) = (terms.0.unwrap_or("adult"), terms.1);
        let place = self.units[unit].place;
        let category = match place {
            Place::Area(area) if area.0 == 0 => "floor",
            _ => "std",
        };
        if is_public && ticket_type == "staff" {
            return Err("forbidden".to_owned());
        }
        let listed = match (category, ticket_type) {
            ("floor", _) => Some(30),
            (_, "adult") => Some(100),
            (_, "child") => Some(50),
            _ => None,
        };
        let price = price.or(listed).ok_or_else(|| format!("not_priced {category} {ticket_type}"))?;
        let channel = place_channel(place, self.units[unit].channel.as_ref());
        Ok(Item { unit, terms: (place, ticket_type.to_owned(), price, channel) })
    }
}

fn shortage(free: usize, held: usize, wanted: usize) -> Answer {
    match wanted {
        _ if wanted <= free => Ok(()),
        _ if wanted <= free + held => Err("all_held".to_owned()),
        _ => Err("sold_out".to_owned()),
    }
}
