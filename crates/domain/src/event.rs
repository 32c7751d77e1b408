//! The settings of one sale: what is sold, when, to whom, for how much.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::chart::Chart;
use crate::command::Pass;
use crate::id::{ChartId, EventId, OrganizationId};
use crate::limits;
use crate::money::{Amount, Currency};
use crate::place::{AreaIndex, ChartSeat, Place, SeatIndex};
use crate::rejection::Rejection;
use crate::seating::Seating;
use crate::time::Timestamp;

/// Where an event is in its life, beside its sale window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventStatus {
    /// Being prepared: nobody but its organizer knows of it, and nothing is sold to anybody else.
    Draft,
    /// On sale, within its window.
    Open,
    /// No new holds for now; running ones may be confirmed.
    Paused,
    /// No new holds any more; running ones may be confirmed.
    Closed,
    /// Called off, for good.
    Cancelled,
}

impl EventStatus {
    /// Every status with its name on the wire.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Draft, "draft"),
        (Self::Open, "open"),
        (Self::Paused, "paused"),
        (Self::Closed, "closed"),
        (Self::Cancelled, "cancelled"),
    ];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(status, _)| *status)
    }
}

/// When new holds and orders are taken: from `opens_at` on, until just before `closes_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SaleWindow {
    /// From the beginning of time when missing.
    pub opens_at: Option<Timestamp>,
    /// Never when missing.
    pub closes_at: Option<Timestamp>,
}

/// Who a ticket is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketType {
    /// The key that baskets and prices use.
    pub key: Arc<str>,
    /// The name that buyers see.
    pub name: String,
    /// Whether publishable keys may ask for it.
    pub public: bool,
}

/// What a category costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Price {
    /// The same for every ticket type.
    Flat(Amount),
    /// By ticket type; a type that is left out is not sold in this category.
    ByType(Vec<(Arc<str>, Amount)>),
}

/// The price list. A category that is left out of a price list is not sold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Prices {
    /// The event sells without prices: every amount is zero.
    #[default]
    Unpriced,
    /// By category key.
    ByCategory(Vec<(Arc<str>, Price)>),
}

/// A general-admission area of an event: its chart's, or its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Its name, by which it is booked.
    pub name: Arc<str>,
    /// How many units it has.
    pub capacity: u32,
    /// How many it had when the event was made.
    pub first_capacity: u32,
    /// Its category's position in [`Event::categories`].
    pub category: u16,
    /// Whether it comes from the chart.
    pub of_chart: bool,
}

/// Whether a publishable key needs an access token to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// Anybody may hold.
    #[default]
    Open,
    /// Only whoever presents a token.
    Token,
}

/// One sale over a chart, over areas, or over both.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its identifier.
    pub id: EventId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Whether it sells for real; test events never mix with live ones.
    pub livemode: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// The integrator's own reference; never in the ledger.
    pub reference: Option<Arc<str>>,
    /// The integrator's own JSON text; never in the ledger.
    pub metadata: Option<Arc<str>>,
    /// The name that buyers see.
    pub name: String,
    /// When the show begins.
    pub starts_at: Option<Timestamp>,
    /// The currency of all its amounts.
    pub currency: Currency,
    /// Where it is in its life.
    pub status: EventStatus,
    /// When it sells.
    pub sale: SaleWindow,
    /// How long a hold lasts when its buyer does not say, in seconds.
    pub hold_seconds: u32,
    /// How long after its creation a publishable key may keep a hold alive, in seconds.
    pub max_hold_seconds: u32,
    /// How many units one buyer may have, held and sold together.
    pub max_per_buyer: Option<u32>,
    /// Whether a publishable key may confirm and book.
    pub public_confirm: bool,
    /// Whether a publishable key needs an access token.
    pub access: Access,
    /// Who tickets are for; the first is the default. Never empty.
    pub ticket_types: Vec<TicketType>,
    /// What they cost.
    pub prices: Prices,
    /// Category keys: the chart's in its order, then those of the event's own areas.
    pub categories: Vec<Arc<str>>,
    /// The chart's areas, then the event's own.
    pub areas: Vec<Area>,
    /// The seats, if there are any.
    pub seating: Option<Arc<Seating>>,
}

impl Event {
    /// The event with the fields of a patch in the stead of its own; areas are [`Self::with_areas`]', the chart
    /// [`Self::with_chart`]'s.
    #[must_use]
    pub fn patched(&self, patch: &EventPatch) -> Self {
        let mut event = self.clone();
        let EventPatch { name, starts_at, status, sale, hold_seconds, max_hold_seconds, .. } = patch.clone();
        name.into_iter().for_each(|name| event.name = name);
        starts_at.into_iter().for_each(|starts_at| event.starts_at = starts_at);
        status.into_iter().for_each(|status| event.status = status);
        sale.into_iter().for_each(|sale| event.sale = sale);
        hold_seconds.into_iter().for_each(|seconds| event.hold_seconds = seconds);
        max_hold_seconds.into_iter().for_each(|seconds| event.max_hold_seconds = seconds);
        let EventPatch { max_per_buyer, public_confirm, access, ticket_types, prices, .. } = patch.clone();
        max_per_buyer.into_iter().for_each(|units| event.max_per_buyer = units);
        public_confirm.into_iter().for_each(|allowed| event.public_confirm = allowed);
        access.into_iter().for_each(|access| event.access = access);
        ticket_types.into_iter().for_each(|types| event.ticket_types = types);
        prices.into_iter().for_each(|prices| event.prices = prices);
        patch.reference.iter().for_each(|reference| event.reference.clone_from(reference));
        patch.metadata.iter().for_each(|metadata| event.metadata.clone_from(metadata));
        event
    }

    /// The event with as much room in all areas of its own as they are wanted with (name, capacity, category key), in any
    /// order.
    ///
    /// Areas grow and never shrink, so that whatever was sold before still fits; to sell less, block units. None is added
    /// or taken away: what names an area in memory, in a queue or on another node stays right.
    ///
    /// # Errors
    /// [`Rejection::Validation`] for an area that is missing, unknown, named twice, smaller or too large, or of another
    /// category; for more units than can be counted.
    pub fn with_areas(mut self, wanted: &[(String, u32, String)]) -> Result<Self, Rejection> {
        let is_own = |name: &str| self.areas.iter().any(|area| !area.of_chart && *area.name == *name);
        if let Some(at) = wanted.iter().position(|(name, ..)| !is_own(name)) {
            let reason = "is no area of the event's own: areas grow, and none is added";
            return Err(Rejection::invalid(format!("/areas/{at}/name"), reason));
        }
        let mut own = 0;
        for area in self.areas.iter_mut().filter(|area| !area.of_chart) {
            own += 1;
            let Some(at) = wanted.iter().position(|(name, ..)| **name == *area.name) else {
                let reason = format!("leaves out {}: an area stays; block its units to sell none", area.name);
                return Err(Rejection::invalid("/areas", reason));
            };
            let (_, capacity, category) = &wanted[at];
            let bounds = area.capacity..=limits::AREA_CAPACITY_MAX;
            if !bounds.contains(capacity) {
                let (least, most) = bounds.into_inner();
                let reason = format!("must be from {least} to {most}; to sell fewer units, block them");
                return Err(Rejection::invalid(format!("/areas/{at}/capacity"), reason));
            }
            if **category != *self.categories[usize::from(area.category)] {
                return Err(Rejection::invalid(format!("/areas/{at}/category"), "cannot be changed"));
            }
            area.capacity = *capacity;
        }
        if wanted.len() != own {
            return Err(Rejection::invalid("/areas", "name an area twice"));
        }
        check_units(self.seats_len(), &self.areas)?;
        Ok(self)
    }

    /// The event over another chart, if that has all its areas, and a category for every price.
    ///
    /// Areas stay where they are in the list, for the reasons of [`Self::with_areas`]. Whether every seat that somebody has is
    /// on the chart is not looked at here.
    ///
    /// # Errors
    /// [`Rejection::Validation`], at `/chart_id`.
    pub fn with_chart(self, new: &NewChart) -> Result<Self, Rejection> {
        let invalid = |reason: String| Rejection::invalid("/chart_id", reason);
        let Some(seating) = &self.seating else {
            return Err(invalid("cannot be set: the event was made without a chart".to_owned()));
        };
        if seating.chart_ids().len() >= limits::EVENT_CHARTS_MAX {
            let most = limits::EVENT_CHARTS_MAX;
            return Err(invalid(format!("would be one chart too many: an event sells over at most {most}")));
        }
        let laid_out = Self::lay_out(Some(&new.chart), &self.own_areas(|area| area.capacity));
        let (categories, mut areas) =
            laid_out.map_err(|rejection| invalid(format!("does not go with the event: {rejection}")))?;
        for (at, before) in self.areas.iter().enumerate() {
            let same = |area: &&mut Area| area.name == before.name && area.of_chart == before.of_chart;
            let Some(area) = areas.get_mut(at).filter(same) else {
                let reason = "must have the areas of the chart before it, in their order, and others only where the event \
                              has none of its own";
                return Err(invalid(format!("{reason}: {} is not in its place", before.name)));
            };
            if area.capacity < before.capacity {
                let (name, units) = (&before.name, before.capacity);
                return Err(invalid(format!(
                    "has fewer units of {name} than the {units} there are: areas only grow"
                )));
            }
            area.first_capacity = before.first_capacity;
        }
        if let Prices::ByCategory(prices) = &self.prices
            && let Some((key, _)) = prices.iter().find(|(key, _)| !categories.contains(key))
        {
            return Err(invalid(format!(
                "has no category {key}, which has a price: send prices with the chart"
            )));
        }
        let seating = Some(new.seating_after(seating));
        Ok(Self { categories, areas, seating, ..self })
    }

    /// The areas that are not the chart's, as [`Self::lay_out`] takes them, each as large as `capacity` says.
    fn own_areas(&self, capacity: impl Fn(&Area) -> u32) -> Vec<(String, u32, String)> {
        let own = self.areas.iter().filter(|area| !area.of_chart);
        let key = |area: &Area| self.categories[usize::from(area.category)].to_string();
        own.map(|area| (area.name.to_string(), capacity(area), key(area))).collect()
    }

    /// The event as it was made: over its first chart, its areas as large as they were then.
    ///
    /// # Errors
    /// When its areas do not go with its first chart, which they did then.
    pub fn as_made(&self) -> Result<Self, Rejection> {
        let seating = self.seating.as_ref().and_then(|seating| seating.after_charts(1)).map(Arc::new);
        let chart = seating.as_ref().map(|seating| &**seating.chart());
        let (categories, areas) = Self::lay_out(chart, &self.own_areas(|area| area.first_capacity))?;
        Ok(Self { categories, areas, seating, ..self.clone() })
    }

    /// Puts the categories and areas of a chart and the event's own areas into one order.
    ///
    /// # Errors
    /// [`Rejection::Validation`] for an area whose name is taken, whose capacity is out of bounds, or
    /// whose category is missing; for an event without any place, or with more than can be counted.
    pub fn lay_out(
        chart: Option<&Chart>,
        own: &[(String, u32, String)],
    ) -> Result<(Vec<Arc<str>>, Vec<Area>), Rejection> {
        let mut categories: Vec<Arc<str>> =
            chart.into_iter().flat_map(Chart::categories).map(|category| category.key.clone()).collect();
        let mut areas: Vec<Area> = chart
            .into_iter()
            .flat_map(Chart::areas)
            .map(|area| Area {
                name: area.name.clone(),
                capacity: area.capacity,
                first_capacity: area.capacity,
                category: area.category,
                of_chart: true,
            })
            .collect();
        if areas.len() + own.len() > limits::AREAS_MAX {
            let reason = format!("an event has at most {} areas", limits::AREAS_MAX);
            return Err(Rejection::invalid("/areas", reason));
        }
        for (at, (name, capacity, category)) in own.iter().enumerate() {
            let pointer = |field| format!("/areas/{at}/{field}");
            check_label(&pointer("name"), name)?;
            check_label(&pointer("category"), category)?;
            if areas.iter().any(|area| *area.name == **name) {
                let reason = format!("the name {name} is used by two areas");
                return Err(Rejection::invalid(pointer("name"), reason));
            }
            if *capacity == 0 || *capacity > limits::AREA_CAPACITY_MAX {
                let reason = format!("must be from 1 to {}", limits::AREA_CAPACITY_MAX);
                return Err(Rejection::invalid(pointer("capacity"), reason));
            }
            let known = categories.iter().position(|key| **key == **category);
            let known = known.unwrap_or_else(|| {
                categories.push(Arc::from(&**category));
                categories.len() - 1
            });
            if categories.len() > limits::CATEGORIES_MAX {
                let reason = format!("an event has at most {} categories", limits::CATEGORIES_MAX);
                return Err(Rejection::invalid(pointer("category"), reason));
            }
            areas.push(Area {
                name: Arc::from(&**name),
                capacity: *capacity,
                first_capacity: *capacity,
                category: u16::try_from(known).unwrap_or(u16::MAX),
                of_chart: false,
            });
        }
        check_units(chart.map_or(0, Chart::seats_len), &areas)?;
        if areas.is_empty() && chart.is_none_or(|chart| chart.seats_len() == 0) {
            return Err(Rejection::invalid("/chart_id", "an event needs a chart, areas, or both"));
        }
        Ok((categories, areas))
    }

    /// The chart, when the event has seats.
    #[must_use]
    pub fn chart(&self) -> Option<&Chart> {
        self.seating.as_ref().map(|seating| &**seating.chart())
    }

    /// The chart's identifier, when the event has seats.
    #[must_use]
    pub fn chart_id(&self) -> Option<ChartId> {
        self.seating.as_ref().map(|seating| seating.chart_id())
    }

    /// How many seats there are, those that are gone left out.
    #[must_use]
    pub fn seats_len(&self) -> usize {
        self.chart().map_or(0, Chart::seats_len)
    }

    /// The seats, in the order of the chart.
    pub fn seats(&self) -> impl Iterator<Item = SeatIndex> {
        self.seating.iter().flat_map(|seating| seating.seats())
    }

    /// Whether a seat is one that the event has, or had.
    #[must_use]
    pub fn has_seat(&self, seat: SeatIndex) -> bool {
        self.seating.as_ref().is_some_and(|seating| seat.at() < seating.seats_len())
    }

    /// Whether a place is one that the event has, or had.
    #[must_use]
    pub fn has_place(&self, place: Place) -> bool {
        match place {
            Place::Seat(seat) => self.has_seat(seat),
            Place::Area(area) => area.at() < self.areas.len(),
        }
    }

    /// A seat's chart, and where it is on it: see [`Seating::home`].
    #[must_use]
    pub fn home_of(&self, seat: SeatIndex) -> Option<(&Chart, ChartSeat)> {
        self.seating.as_ref().and_then(|seating| seating.home(seat))
    }

    /// The seat of this label, or of `guid:` and its guid.
    #[must_use]
    pub fn find_seat(&self, name: &str) -> Option<SeatIndex> {
        self.seating.as_ref()?.find(name)
    }

    /// The seat of this label or guid; else the area of this name.
    #[must_use]
    pub fn find_place(&self, name: &str) -> Option<Place> {
        self.find_seat(name).map(Place::Seat).or_else(|| self.find_area(name).map(Place::Area))
    }

    /// The area of this name.
    #[must_use]
    pub fn find_area(&self, name: &str) -> Option<AreaIndex> {
        let at = self.areas.iter().position(|area| *area.name == *name)?;
        u16::try_from(at).ok().map(AreaIndex)
    }

    /// A place's category, as a position in [`Self::categories`]; of no meaning for a seat that is gone.
    #[must_use]
    pub fn category_of(&self, place: Place) -> u16 {
        match place {
            Place::Seat(seat) => self.home_of(seat).map_or(0, |(chart, at)| chart.category(at)),
            Place::Area(area) => self.areas[area.at()].category,
        }
    }

    /// The key of a place's category; of a seat that is gone, the one it had.
    #[must_use]
    pub fn category_key(&self, place: Place) -> &str {
        match place {
            Place::Seat(seat) => self.home_of(seat).map_or("", |(chart, at)| chart.category_key(at)),
            Place::Area(area) => &self.categories[usize::from(self.areas[area.at()].category)],
        }
    }

    /// A place as people write it: a seat's label, or an area's name.
    #[must_use]
    pub fn name_of(&self, place: Place) -> String {
        match place {
            Place::Seat(seat) => self.seat_name(seat),
            Place::Area(area) => self.areas[area.at()].name.to_string(),
        }
    }

    /// A seat's label.
    #[must_use]
    pub fn seat_name(&self, seat: SeatIndex) -> String {
        self.home_of(seat).map(|(chart, at)| chart.label(at)).unwrap_or_default()
    }

    /// The ticket type of this key, or the default one.
    #[must_use]
    pub fn ticket_type(&self, key: Option<&str>) -> Option<&TicketType> {
        match key {
            None => self.ticket_types.first(),
            Some(key) => self.ticket_types.iter().find(|known| *known.key == *key),
        }
    }

    /// The list price of a ticket type in a category; `None` when it is not sold there.
    #[must_use]
    pub fn price(&self, category: u16, ticket_type: &str) -> Option<Amount> {
        let Prices::ByCategory(prices) = &self.prices else { return Some(Amount::ZERO) };
        let key = self.categories.get(usize::from(category))?;
        match &prices.iter().find(|(known, _)| known == key)?.1 {
            Price::Flat(amount) => Some(*amount),
            Price::ByType(by_type) => {
                by_type.iter().find(|(known, _)| **known == *ticket_type).map(|(_, amount)| *amount)
            }
        }
    }

    /// Those of some categories (all of them when `None`) that have a list price for each of these ticket
    /// types; `None` when that leaves nothing out, or nothing at all, so that asking for it is refused by name.
    #[must_use]
    pub fn priced_categories(
        &self,
        wanted: Option<&[u16]>,
        ticket_types: &[Option<String>],
    ) -> Option<Vec<u16>> {
        if matches!(self.prices, Prices::Unpriced) {
            return None;
        }
        let categories = u16::try_from(self.categories.len()).unwrap_or(u16::MAX);
        let is_wanted = |category: &u16| wanted.is_none_or(|wanted| wanted.contains(category));
        let is_priced = |category: &u16| {
            ticket_types.iter().all(|name| {
                let ticket_type = self.ticket_type(name.as_deref());
                ticket_type.is_some_and(|known| self.price(*category, &known.key).is_some())
            })
        };
        let (priced, unpriced): (Vec<u16>, Vec<u16>) = (0..categories).filter(is_wanted).partition(is_priced);
        (!priced.is_empty() && !unpriced.is_empty()).then_some(priced)
    }

    /// Whether new holds and orders are taken at `now`; `ignore_window` leaves out all but cancellation. A pass has a window
    /// of its own, and an end.
    ///
    /// # Errors
    /// The rejection that says why not.
    pub fn check_sale(
        &self,
        now: Timestamp,
        ignore_window: bool,
        pass: Option<&Pass>,
    ) -> Result<(), Rejection> {
        if pass.is_some_and(|pass| pass.expires_at <= now) {
            return Err(Rejection::AccessExpired);
        }
        if self.status == EventStatus::Cancelled {
            return Err(Rejection::EventCancelled);
        }
        if ignore_window {
            return Ok(());
        }
        match self.status {
            EventStatus::Closed => return Err(Rejection::SaleClosed),
            EventStatus::Paused => return Err(Rejection::SalePaused),
            EventStatus::Draft => return Err(Rejection::SaleNotOpen { opens_at: self.sale.opens_at }),
            EventStatus::Open | EventStatus::Cancelled => {}
        }
        let opens_at = pass.and_then(|pass| pass.opens_at).or(self.sale.opens_at);
        if opens_at.is_some_and(|opens_at| now < opens_at) {
            return Err(Rejection::SaleNotOpen { opens_at });
        }
        let closes_at = pass.and_then(|pass| pass.closes_at).or(self.sale.closes_at);
        if closes_at.is_some_and(|closes_at| now >= closes_at) {
            return Err(Rejection::SaleClosed);
        }
        Ok(())
    }

    /// Checks everything that an organizer may set.
    ///
    /// # Errors
    /// [`Rejection::Validation`], naming the field.
    pub fn check_settings(&self) -> Result<(), Rejection> {
        check_name("/name", &self.name)?;
        if let (Some(opens_at), Some(closes_at)) = (self.sale.opens_at, self.sale.closes_at)
            && closes_at <= opens_at
        {
            return Err(Rejection::invalid("/sale/closes_at", "must be later than opens_at"));
        }
        check_hold_seconds("/hold_seconds", self.hold_seconds)?;
        check_hold_seconds("/max_hold_seconds", self.max_hold_seconds)?;
        if self.max_hold_seconds < self.hold_seconds {
            return Err(Rejection::invalid("/max_hold_seconds", "must not be below hold_seconds"));
        }
        if self.max_per_buyer.is_some_and(|units| units == 0 || units > limits::MAX_PER_BUYER_MAX) {
            let reason = format!("must be from 1 to {}", limits::MAX_PER_BUYER_MAX);
            return Err(Rejection::invalid("/max_per_buyer", reason));
        }
        self.check_ticket_types()?;
        self.check_prices()
    }

    fn check_ticket_types(&self) -> Result<(), Rejection> {
        let types = &self.ticket_types;
        if types.is_empty() || types.len() > limits::TICKET_TYPES_MAX {
            let reason = format!("must have 1 to {} entries", limits::TICKET_TYPES_MAX);
            return Err(Rejection::invalid("/ticket_types", reason));
        }
        for (at, ticket_type) in types.iter().enumerate() {
            check_label(&format!("/ticket_types/{at}/key"), &ticket_type.key)?;
            check_name(&format!("/ticket_types/{at}/name"), &ticket_type.name)?;
            if types[..at].iter().any(|other| other.key == ticket_type.key) {
                let reason = format!("the key {} is used by two ticket types", ticket_type.key);
                return Err(Rejection::invalid(format!("/ticket_types/{at}/key"), reason));
            }
        }
        Ok(())
    }

    fn check_prices(&self) -> Result<(), Rejection> {
        let Prices::ByCategory(prices) = &self.prices else { return Ok(()) };
        for (category, price) in prices {
            let pointer = format!("/prices/{}", escape_pointer(category));
            if !self.categories.contains(category) {
                let reason = format!("no place of this event has the category {category}");
                return Err(Rejection::invalid(pointer, reason));
            }
            match price {
                Price::Flat(amount) => check_amount(&pointer, *amount)?,
                Price::ByType(by_type) => {
                    for (ticket_type, amount) in by_type {
                        let pointer = format!("{pointer}/{}", escape_pointer(ticket_type));
                        if self.ticket_type(Some(ticket_type)).is_none() {
                            let reason = format!("this event has no ticket type {ticket_type}");
                            return Err(Rejection::invalid(pointer, reason));
                        }
                        check_amount(&pointer, *amount)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// New values for some settings of an event; the outer `None` leaves a setting as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each field is the field of the same name of `Event`")]
pub struct EventPatch {
    pub name: Option<String>,
    pub starts_at: Option<Option<Timestamp>>,
    pub status: Option<EventStatus>,
    pub sale: Option<SaleWindow>,
    pub hold_seconds: Option<u32>,
    pub max_hold_seconds: Option<u32>,
    pub max_per_buyer: Option<Option<u32>>,
    pub public_confirm: Option<bool>,
    pub access: Option<Access>,
    pub ticket_types: Option<Vec<TicketType>>,
    pub prices: Option<Prices>,
    pub reference: Option<Option<Arc<str>>>,
    pub metadata: Option<Option<Arc<str>>>,
    /// The event's own areas as [`Event::with_areas`] takes them.
    pub areas: Option<Vec<(String, u32, String)>>,
    /// The chart as [`Event::with_chart`] takes it.
    pub chart: Option<NewChart>,
}

/// A chart that an event is to move to.
#[derive(Debug, Clone)]
pub struct NewChart {
    /// Its identifier.
    pub id: ChartId,
    /// The chart.
    pub chart: Arc<Chart>,
    /// The event's seats after the move, where somebody found them out beforehand: for a large chart that takes long, and
    /// deciding should not. Of no use once the event has moved elsewhere.
    pub seating: Option<Arc<Seating>>,
}

impl NewChart {
    /// A chart, and where the seats of an event would be on it.
    #[must_use]
    pub fn new(id: ChartId, chart: Arc<Chart>, event: &Event) -> Self {
        let seating = event.seating.as_ref().map(|seating| Arc::new(seating.moved_to(id, chart.clone())));
        Self { id, chart, seating }
    }

    /// The seats of an event that has these now, after the move.
    fn seating_after(&self, now: &Seating) -> Arc<Seating> {
        let known = self.seating.as_ref().filter(|after| after.is_next_of(now, self.id));
        known.cloned().unwrap_or_else(|| Arc::new(now.moved_to(self.id, self.chart.clone())))
    }
}

impl PartialEq for NewChart {
    /// A chart never changes, so its identifier tells.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for NewChart {}

/// Demands that an event's places can be counted.
fn check_units(seats: usize, areas: &[Area]) -> Result<(), Rejection> {
    let units: u64 = areas.iter().map(|area| u64::from(area.capacity)).sum();
    if seats as u64 + units > u64::from(u32::MAX) {
        let reason = format!("have {units} units; an event counts at most {} places", u32::MAX);
        return Err(Rejection::invalid("/areas", reason));
    }
    Ok(())
}

/// A reference token of a JSON pointer (RFC 6901).
#[must_use]
pub fn escape_pointer(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// Demands a price from 0 to [`limits::AMOUNT_MAX`].
///
/// # Errors
/// [`Rejection::Validation`].
pub fn check_amount(pointer: &str, amount: Amount) -> Result<(), Rejection> {
    if (0..=limits::AMOUNT_MAX).contains(&amount.0) {
        return Ok(());
    }
    let reason = format!("must be from 0 to {} minor units", limits::AMOUNT_MAX);
    Err(Rejection::invalid(pointer, reason))
}

/// Demands a hold time from [`limits::HOLD_SECONDS_MIN`] to [`limits::HOLD_SECONDS_MAX`].
///
/// # Errors
/// [`Rejection::Validation`].
pub fn check_hold_seconds(pointer: &str, seconds: u32) -> Result<(), Rejection> {
    if (limits::HOLD_SECONDS_MIN..=limits::HOLD_SECONDS_MAX).contains(&seconds) {
        return Ok(());
    }
    let reason = format!("must be from {} to {}", limits::HOLD_SECONDS_MIN, limits::HOLD_SECONDS_MAX);
    Err(Rejection::invalid(pointer, reason))
}

/// Demands a display name.
///
/// # Errors
/// [`Rejection::Validation`].
pub fn check_name(pointer: &str, text: &str) -> Result<(), Rejection> {
    check_text(pointer, text, limits::NAME_BYTES_MAX)
}

/// Demands a label or a key.
///
/// # Errors
/// [`Rejection::Validation`].
pub fn check_label(pointer: &str, text: &str) -> Result<(), Rejection> {
    check_text(pointer, text, limits::LABEL_BYTES_MAX)
}

/// Demands a text that is not blank, not over `bytes_max` bytes, and free of control characters.
///
/// # Errors
/// [`Rejection::Validation`].
pub fn check_text(pointer: &str, text: &str, bytes_max: usize) -> Result<(), Rejection> {
    if text.trim().is_empty() {
        Err(Rejection::invalid(pointer, "must not be empty"))
    } else if text.len() > bytes_max {
        Err(Rejection::invalid(
            pointer,
            format!("is {} bytes long; at most {bytes_max} are allowed", text.len()),
        ))
    } else if text.chars().any(char::is_control) {
        Err(Rejection::invalid(pointer, "contains a control character"))
    } else {
        Ok(())
    }
}
