//! What a buyer asks for: named seats and area units together, or best-available seats.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use crate::command::Swap;
use crate::event::{self, Event};
use crate::id::{ChartId, TicketId};
use crate::limits;
use crate::money::Amount;
use crate::place::{AreaIndex, ChannelKey, Place, SeatIndex};
use crate::rejection::{Reason, Rejection};

/// A basket as it was asked for. All of it is had, or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Basket {
    /// Seats by name.
    pub seats: Vec<SeatWanted>,
    /// Units of areas.
    pub areas: Vec<AreaWanted>,
    /// Seats that the engine chooses.
    pub best_available: Option<PartyWanted>,
}

impl Basket {
    /// The units that are wanted of each area, in the order of the areas' first mention.
    pub(crate) fn area_units(&self) -> Vec<(AreaIndex, u32)> {
        let mut units: Vec<(AreaIndex, u32)> = Vec::new();
        let mut known: HashMap<AreaIndex, usize> = HashMap::new();
        for wanted in &self.areas {
            let at = *known.entry(wanted.area).or_insert(units.len());
            match units.get_mut(at) {
                Some((_, sum)) => *sum += wanted.quantity,
                None => units.push((wanted.area, wanted.quantity)),
            }
        }
        units
    }
}

/// One named seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatWanted {
    /// Which.
    pub seat: SeatIndex,
    /// The event's default when missing.
    pub ticket_type: Option<String>,
    /// Instead of the list price.
    pub price: Option<Amount>,
    /// The integrator's barcode.
    pub code: Option<String>,
}

/// Some units of one area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaWanted {
    /// Which.
    pub area: AreaIndex,
    /// How many units, at least 1.
    pub quantity: u32,
    /// The event's default when missing.
    pub ticket_type: Option<String>,
    /// Instead of the list price.
    pub price: Option<Amount>,
    /// The integrator's barcodes: none, or one a unit.
    pub codes: Vec<String>,
}

/// A party that takes the best seats there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyWanted {
    /// A ticket type a seat; `None` stands for the event's default.
    pub ticket_types: Vec<Option<String>>,
    /// Only these categories, as positions in the event's.
    pub categories: Option<Vec<u16>>,
    /// Only these sections, as positions in the chart's.
    pub sections: Option<Vec<u32>>,
    /// The chart that those positions are of.
    pub chart: Option<ChartId>,
    /// Accessible seats and their companions' instead of all others.
    pub accessible: bool,
    /// Side by side, or not at all.
    pub adjacent: bool,
    /// Only seats that are assigned to this channel.
    pub channel: Option<ChannelKey>,
}

impl PartyWanted {
    /// Whether its filters mean what they meant when they were looked up: an event that moved has other categories and
    /// sections.
    pub(crate) fn is_for(&self, event: &Event) -> bool {
        self.categories.is_none() && self.sections.is_none() || self.chart == event.chart_id()
    }
}

/// Names of one request, not yet looked up: what a client writes instead of positions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamedBasket {
    /// Seats by label or `guid:…`, with their terms.
    pub places: Vec<(String, Terms)>,
    /// Areas by name, with quantity, terms, and codes.
    pub areas: Vec<(String, u32, Terms, Vec<String>)>,
    /// The party, with category and section names.
    pub best_available: Option<NamedParty>,
}

/// How one place is bought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Who it is for.
    pub ticket_type: Option<String>,
    /// Instead of the list price.
    pub price: Option<Amount>,
    /// The barcode, for a seat.
    pub code: Option<String>,
}

/// A party in names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamedParty {
    /// A ticket type a seat.
    pub ticket_types: Vec<Option<String>>,
    /// Category keys.
    pub categories: Option<Vec<String>>,
    /// Section names.
    pub sections: Option<Vec<String>>,
    /// See [`PartyWanted::accessible`].
    pub accessible: bool,
    /// See [`PartyWanted::adjacent`].
    pub adjacent: bool,
    /// See [`PartyWanted::channel`].
    pub channel: Option<String>,
}

/// What a ticket is swapped for, in names: a seat, or a unit of an area.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamedSwap {
    /// A seat by label or `guid:…`.
    pub place: Option<String>,
    /// An area by name.
    pub area: Option<String>,
    /// The terms.
    pub terms: Terms,
}

impl NamedSwap {
    /// Looks up the place, and checks every field. `at` is the JSON pointer of the swap's target.
    ///
    /// # Errors
    /// [`Rejection::Validation`] for a broken field, and when it does not name one place;
    /// [`Rejection::PlaceUnavailable`] when there is no such place.
    pub fn resolve(self, ticket: TicketId, event: &Event, at: &str) -> Result<Swap, Rejection> {
        let (field, name) = match (self.place, self.area) {
            (Some(place), None) => ("place", place),
            (None, Some(area)) => ("area", area),
            _ => return Err(Rejection::invalid(at, "must name a place or an area, one of them")),
        };
        event::check_text(&format!("{at}/{field}"), &name, limits::PLACE_NAME_BYTES_MAX)?;
        check_terms(at, &self.terms, event)?;
        let found = if field == "place" {
            event.find_seat(&name).map(Place::Seat)
        } else {
            event.find_area(&name).map(Place::Area)
        };
        let Some(to) = found else {
            return Err(Rejection::PlaceUnavailable(vec![(name, Reason::Unknown)]));
        };
        let Terms { ticket_type, price, code } = self.terms;
        Ok(Swap { ticket, to, ticket_type, price, code })
    }
}

impl NamedBasket {
    /// Looks up every name, and checks every field. `at` is the JSON pointer of the basket itself.
    ///
    /// # Errors
    /// [`Rejection::Validation`] for a broken field, a place named twice, an empty basket, a basket over
    /// [`limits::BASKET_UNITS_MAX`]; [`Rejection::PlaceUnavailable`] naming every unknown place.
    pub fn resolve(self, event: &Event, at: &str) -> Result<Basket, Rejection> {
        let units: u64 = self.places.len() as u64
            + self.areas.iter().map(|(_, quantity, ..)| u64::from(*quantity)).sum::<u64>()
            + self.best_available.as_ref().map_or(0, |party| party.ticket_types.len() as u64);
        if self.places.is_empty() && self.areas.is_empty() && self.best_available.is_none() {
            let reason = "must not be empty: name places, areas or best_available";
            return Err(Rejection::invalid(format!("{at}/places"), reason));
        }
        if units > u64::from(limits::BASKET_UNITS_MAX) {
            let reason = format!("asks for {units} places; at most {} are allowed", limits::BASKET_UNITS_MAX);
            return Err(Rejection::invalid(format!("{at}/places"), reason));
        }
        if self.best_available.is_some() && !(self.places.is_empty() && self.areas.is_empty()) {
            let reason = "cannot be combined with places or areas";
            return Err(Rejection::invalid(format!("{at}/best_available"), reason));
        }
        let mut unknown = Vec::new();
        let seats = resolve_seats(self.places, event, at, &mut unknown)?;
        let areas = resolve_areas(self.areas, event, at, &mut unknown)?;
        if !unknown.is_empty() {
            return Err(Rejection::PlaceUnavailable(unknown));
        }
        let best_available = self.best_available.map(|party| resolve_party(party, event, at)).transpose()?;
        Ok(Basket { seats, areas, best_available })
    }
}

/// Demands a ticket type of the event; without a key it is the default one.
fn check_ticket_type(
    pointer: std::fmt::Arguments<'_>,
    key: Option<&str>,
    event: &Event,
) -> Result<(), Rejection> {
    match key {
        Some(name) if event.ticket_type(key).is_none() => {
            let reason = format!("this event has no ticket type {name:?}");
            Err(Rejection::invalid(pointer.to_string(), reason))
        }
        _ => Ok(()),
    }
}

fn check_terms(pointer: &str, terms: &Terms, event: &Event) -> Result<(), Rejection> {
    check_ticket_type(format_args!("{pointer}/ticket_type"), terms.ticket_type.as_deref(), event)?;
    if let Some(price) = terms.price {
        event::check_amount(&format!("{pointer}/price"), price)?;
    }
    match &terms.code {
        Some(code) => event::check_text(&format!("{pointer}/code"), code, limits::CODE_BYTES_MAX),
        None => Ok(()),
    }
}

fn resolve_seats(
    places: Vec<(String, Terms)>,
    event: &Event,
    at: &str,
    unknown: &mut Vec<(String, Reason)>,
) -> Result<Vec<SeatWanted>, Rejection> {
    let mut seats: Vec<SeatWanted> = Vec::with_capacity(places.len());
    for (position, (name, terms)) in places.into_iter().enumerate() {
        if name.len() > limits::PLACE_NAME_BYTES_MAX || terms != Terms::default() {
            let pointer = format!("{at}/places/{position}");
            event::check_text(&pointer, &name, limits::PLACE_NAME_BYTES_MAX)?;
            check_terms(&pointer, &terms, event)?;
        }
        match event.find_seat(&name) {
            Some(seat) => {
                seats.push(SeatWanted {
                    seat,
                    ticket_type: terms.ticket_type,
                    price: terms.price,
                    code: terms.code,
                });
            }
            None => unknown.push((name, Reason::Unknown)),
        }
    }
    if let Some(twice) = first_duplicate(&seats) {
        let reason = format!("names {} twice", event.seat_name(twice));
        return Err(Rejection::invalid(format!("{at}/places"), reason));
    }
    Ok(seats)
}

fn first_duplicate(seats: &[SeatWanted]) -> Option<SeatIndex> {
    // Most baskets hold a handful of seats; sorting is for the others.
    if seats.len() <= 8 {
        return (1..seats.len())
            .find(|&at| seats[..at].iter().any(|other| other.seat == seats[at].seat))
            .map(|at| seats[at].seat);
    }
    let mut sorted: Vec<SeatIndex> = seats.iter().map(|wanted| wanted.seat).collect();
    sorted.sort_unstable();
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

fn resolve_areas(
    wanted: Vec<(String, u32, Terms, Vec<String>)>,
    event: &Event,
    at: &str,
    unknown: &mut Vec<(String, Reason)>,
) -> Result<Vec<AreaWanted>, Rejection> {
    let mut areas: Vec<AreaWanted> = Vec::with_capacity(wanted.len());
    for (position, (name, quantity, terms, codes)) in wanted.into_iter().enumerate() {
        let pointer = format!("{at}/areas/{position}");
        event::check_text(&format!("{pointer}/name"), &name, limits::LABEL_BYTES_MAX)?;
        if quantity == 0 {
            return Err(Rejection::invalid(format!("{pointer}/quantity"), "must be at least 1"));
        }
        check_terms(&pointer, &terms, event)?;
        if !codes.is_empty() && codes.len() != quantity as usize {
            let reason = format!("must have one code a unit: {quantity}, not {}", codes.len());
            return Err(Rejection::invalid(format!("{pointer}/codes"), reason));
        }
        for (code_at, code) in codes.iter().enumerate() {
            event::check_text(&format!("{pointer}/codes/{code_at}"), code, limits::CODE_BYTES_MAX)?;
        }
        match event.find_area(&name) {
            Some(area) => areas.push(AreaWanted {
                area,
                quantity,
                ticket_type: terms.ticket_type,
                price: terms.price,
                codes,
            }),
            None => unknown.push((name, Reason::Unknown)),
        }
    }
    Ok(areas)
}

fn resolve_party(party: NamedParty, event: &Event, at: &str) -> Result<PartyWanted, Rejection> {
    let pointer = |field: &str| format!("{at}/best_available/{field}");
    let seats = party.ticket_types.len();
    if seats == 0 || seats > limits::PARTY_SEATS_MAX {
        let reason = format!("must be from 1 to {}", limits::PARTY_SEATS_MAX);
        return Err(Rejection::invalid(pointer("quantity"), reason));
    }
    for (position, key) in party.ticket_types.iter().enumerate() {
        let pointer = format_args!("{at}/best_available/ticket_types/{position}");
        check_ticket_type(pointer, key.as_deref(), event)?;
    }
    if let Some(name) = &party.channel {
        event::check_text(&pointer("channel"), name, limits::CHANNEL_BYTES_MAX)?;
    }
    let channel = party.channel.map(|name| ChannelKey(Arc::from(name)));
    let categories = event.categories.iter().map(|key| &**key);
    let categories = resolve_names(party.categories, categories, &pointer("categories"))?;
    let sections =
        event.chart().map_or(&[][..], |chart| chart.sections()).iter().map(|section| &*section.name);
    let sections = resolve_names(party.sections, sections, &pointer("sections"))?;
    Ok(PartyWanted {
        ticket_types: party.ticket_types,
        categories: categories
            .map(|found| found.into_iter().filter_map(|at| u16::try_from(at).ok()).collect()),
        sections,
        chart: event.chart_id(),
        accessible: party.accessible,
        adjacent: party.adjacent,
        channel,
    })
}

/// The positions of some names in a list, in one pass over each; a list may bear a name twice.
fn resolve_names<'a>(
    names: Option<Vec<String>>,
    known: impl Iterator<Item = &'a str>,
    pointer: &str,
) -> Result<Option<Vec<u32>>, Rejection> {
    let Some(names) = names else { return Ok(None) };
    if names.is_empty() {
        return Err(Rejection::invalid(pointer, "must not be empty: leave it out to allow all"));
    }
    let mut wanted: HashMap<&str, bool> = names.iter().map(|name| (&**name, false)).collect();
    let mut found = Vec::new();
    for (at, name) in (0..).zip(known) {
        if let Some(is_found) = wanted.get_mut(name) {
            *is_found = true;
            found.push(at);
        }
    }
    if let Some(position) = names.iter().position(|name| !wanted[&**name]) {
        let reason = "names what this event does not have";
        return Err(Rejection::invalid(format!("{pointer}/{position}"), reason));
    }
    Ok(Some(found))
}

/// What a hold keeps and an order sells: a seat, or units of an area on the same terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which place.
    pub place: Place,
    /// How many units; 1 for a seat.
    pub units: u32,
    /// Who it is for.
    pub ticket_type: Arc<str>,
    /// What one unit costs.
    pub price: Amount,
    /// The channel that it was taken from, and goes back to.
    pub channel: Option<crate::place::ChannelKey>,
}

/// The sum of some lines; `None` when it overflows or exceeds [`limits::AMOUNT_MAX`].
#[must_use]
pub fn total(lines: &[Line]) -> Option<Amount> {
    lines
        .iter()
        .try_fold(Amount::ZERO, |sum, line| sum.plus(line.price.times(line.units)?))
        .filter(|sum| sum.0 <= limits::AMOUNT_MAX)
}
