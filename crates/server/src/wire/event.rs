//! Events on the wire.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::event::{
    Access, Event, EventPatch, EventStatus, NewChart, Price, Prices, SaleWindow, TicketType,
};
use domain::id::Seq;
use domain::inventory::Inventory;
use domain::limits;
use domain::money::Amount;
use domain::place::{AreaIndex, Counts};
use domain::rejection::Rejection;
use domain::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::chart::RAW_DEPTH_MAX;
use super::time::{parse_rfc3339, rfc3339};

/// An area of the event's own.
#[derive(Debug, Deserialize)]
pub struct EventAreaIn {
    /// Its name.
    pub name: String,
    /// How many units.
    pub capacity: u32,
    /// Its category's key.
    pub category: String,
}

/// Who a ticket is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TicketTypeWire {
    /// The key.
    pub key: String,
    /// The name; the key when missing.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether publishable keys may ask for it.
    #[serde(default = "yes")]
    pub public: bool,
}

fn yes() -> bool {
    true
}

/// A category's price: one for all, or by ticket type.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PriceWire {
    /// For every ticket type.
    Flat(i64),
    /// By ticket type.
    ByType(BTreeMap<String, i64>),
}

/// When an event sells.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SaleWire {
    /// From the beginning when missing.
    #[serde(default)]
    pub opens_at: Option<String>,
    /// Never when missing.
    #[serde(default)]
    pub closes_at: Option<String>,
}

/// Tells a field that is `null` from one that is missing.
#[expect(clippy::option_option, reason = "missing, null and a value are three things")]
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The body of `POST /v1/events` and of `PATCH /v1/events/{id}`.
#[derive(Debug, Default, Deserialize)]
pub struct EventIn {
    /// The seating plan; only on creation.
    pub chart_id: Option<String>,
    /// Areas beside the chart's.
    pub areas: Option<Vec<EventAreaIn>>,
    /// The name.
    pub name: Option<String>,
    /// When the show begins.
    #[serde(default, deserialize_with = "present")]
    pub starts_at: Option<Option<String>>,
    /// The currency; only on creation.
    pub currency: Option<String>,
    /// Who tickets are for.
    pub ticket_types: Option<Vec<TicketTypeWire>>,
    /// The price list.
    #[serde(default, deserialize_with = "present")]
    pub prices: Option<Option<BTreeMap<String, PriceWire>>>,
    /// The sale window.
    #[serde(default, deserialize_with = "present")]
    pub sale: Option<Option<SaleWire>>,
    /// Where it is in its life.
    pub status: Option<String>,
    /// How long a hold lasts.
    pub hold_seconds: Option<u32>,
    /// How long a hold may be kept alive.
    pub max_hold_seconds: Option<u32>,
    /// How many units a buyer may have.
    #[serde(default, deserialize_with = "present")]
    pub max_per_buyer: Option<Option<u32>>,
    /// Whether publishable keys may confirm.
    pub public_confirm: Option<bool>,
    /// `open` or `token`.
    pub access: Option<String>,
    /// The integrator's own reference.
    #[serde(default, rename = "ref", deserialize_with = "present")]
    pub reference: Option<Option<String>>,
    /// The integrator's own data.
    #[serde(default, deserialize_with = "present")]
    pub metadata: Option<Option<Box<RawValue>>>,
}

/// The body of `POST /v1/events/{id}/chart`.
#[derive(Debug, Deserialize)]
pub struct ChartMoveIn {
    /// The chart to sell over from now on.
    pub chart_id: String,
    /// The price list that goes with it; the event's own when missing.
    #[serde(default, deserialize_with = "present")]
    pub prices: Option<Option<BTreeMap<String, PriceWire>>>,
}

impl ChartMoveIn {
    /// The settings that a move to this chart changes.
    #[must_use]
    pub fn into_patch(self, chart: NewChart) -> EventPatch {
        let prices = self.prices.map(|prices| prices.map_or(Prices::Unpriced, prices_of));
        EventPatch { prices, chart: Some(chart), ..EventPatch::default() }
    }
}

/// Reads a time of the wire.
///
/// # Errors
/// What is no RFC 3339 time.
pub fn time_of(pointer: &str, text: &str) -> Result<Timestamp, Rejection> {
    parse_rfc3339(text)
        .ok_or_else(|| Rejection::invalid(pointer, "must be an RFC 3339 time such as 2027-03-01T19:30:00Z"))
}

/// Checks `metadata`: a JSON object of at most 4 KiB.
///
/// # Errors
/// Anything else.
pub fn metadata_of(raw: &RawValue) -> Result<Arc<str>, Rejection> {
    let text = raw.get();
    if !text.starts_with('{') {
        return Err(Rejection::invalid("/metadata", "must be an object"));
    }
    if text.len() > limits::METADATA_BYTES_MAX {
        let reason =
            format!("is {} bytes long; at most {} are allowed", text.len(), limits::METADATA_BYTES_MAX);
        return Err(Rejection::invalid("/metadata", reason));
    }
    // It is given back as it came, so it must be what every client can read: no number beyond a double, no half of
    // a character, not deeper than parsers go.
    let value: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| Rejection::invalid("/metadata", format!("cannot be read: {error}")))?;
    if levels(&value) > RAW_DEPTH_MAX {
        let reason = format!("is nested more than {RAW_DEPTH_MAX} levels deep");
        return Err(Rejection::invalid("/metadata", reason));
    }
    Ok(Arc::from(text))
}

/// How many arrays and objects are within each other.
fn levels(value: &serde_json::Value) -> usize {
    use serde_json::Value;
    match value {
        Value::Array(list) => 1 + list.iter().map(levels).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(levels).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn ticket_types_of(types: &[TicketTypeWire]) -> Vec<TicketType> {
    types
        .iter()
        .map(|wire| TicketType {
            key: Arc::from(&*wire.key),
            name: wire.name.clone().unwrap_or_else(|| wire.key.clone()),
            public: wire.public,
        })
        .collect()
}

fn prices_of(prices: BTreeMap<String, PriceWire>) -> Prices {
    let price = |wire| match wire {
        PriceWire::Flat(amount) => Price::Flat(Amount(amount)),
        PriceWire::ByType(by_type) => {
            Price::ByType(by_type.into_iter().map(|(key, amount)| (Arc::from(key), Amount(amount))).collect())
        }
    };
    Prices::ByCategory(prices.into_iter().map(|(key, wire)| (Arc::from(key), price(wire))).collect())
}

impl EventIn {
    /// The areas that it names: name, capacity, category key.
    pub fn take_areas(&mut self) -> Option<Vec<(String, u32, String)>> {
        let areas = self.areas.take()?;
        Some(areas.into_iter().map(|area| (area.name, area.capacity, area.category)).collect())
    }

    /// The settings it names, as a patch.
    ///
    /// # Errors
    /// The first field that is not what it must be.
    pub fn to_patch(&mut self) -> Result<EventPatch, Rejection> {
        let time = |pointer: &str, text: &Option<String>| {
            text.as_deref().map(|text| time_of(pointer, text)).transpose()
        };
        let reference = match &self.reference {
            Some(Some(text)) => {
                domain::event::check_text("/ref", text, limits::REF_BYTES_MAX)?;
                Some(Some(Arc::from(&**text)))
            }
            Some(None) => Some(None),
            None => None,
        };
        Ok(EventPatch {
            name: self.name.clone(),
            starts_at: self.starts_at.as_ref().map(|at| time("/starts_at", at)).transpose()?,
            status: self.status.as_deref().map(status_of).transpose()?,
            sale: match &self.sale {
                None => None,
                Some(None) => Some(SaleWindow::default()),
                Some(Some(sale)) => Some(SaleWindow {
                    opens_at: time("/sale/opens_at", &sale.opens_at)?,
                    closes_at: time("/sale/closes_at", &sale.closes_at)?,
                }),
            },
            hold_seconds: self.hold_seconds,
            max_hold_seconds: self.max_hold_seconds,
            max_per_buyer: self.max_per_buyer,
            public_confirm: self.public_confirm,
            access: self.access.as_deref().map(access_of).transpose()?,
            ticket_types: self.ticket_types.as_deref().map(ticket_types_of),
            prices: self.prices.take().map(|prices| prices.map_or(Prices::Unpriced, prices_of)),
            reference,
            areas: self.take_areas(),
            chart: None,
            metadata: match &self.metadata {
                None => None,
                Some(None) => Some(None),
                Some(Some(raw)) => Some(Some(metadata_of(raw)?)),
            },
        })
    }
}

fn status_of(name: &str) -> Result<EventStatus, Rejection> {
    EventStatus::from_name(name)
        .ok_or_else(|| Rejection::invalid("/status", "must be one of draft, open, paused, closed, cancelled"))
}

fn access_of(name: &str) -> Result<Access, Rejection> {
    match name {
        "open" => Ok(Access::Open),
        "token" => Ok(Access::Token),
        _ => Err(Rejection::invalid("/access", "must be open or token")),
    }
}

/// Counts by who has the places.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct CountsOut {
    free: u32,
    held: u32,
    sold: u32,
    blocked: u32,
}

impl From<Counts> for CountsOut {
    fn from(counts: Counts) -> Self {
        let Counts { free, held, sold, blocked } = counts;
        Self { free, held, sold, blocked }
    }
}

/// An area of an event.
#[derive(Debug, Serialize)]
pub struct EventAreaOut {
    name: Arc<str>,
    capacity: u32,
    category: Arc<str>,
}

/// An event, as every answer gives it.
#[derive(Debug, Serialize)]
pub struct EventOut {
    id: String,
    seq: u64,
    livemode: bool,
    name: String,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Box<RawValue>>,
    chart_id: Option<String>,
    areas: Vec<EventAreaOut>,
    categories: Vec<Arc<str>>,
    capacity: u64,
    starts_at: Option<String>,
    currency: String,
    status: &'static str,
    sale: SaleWire,
    ticket_types: Vec<TicketTypeWire>,
    prices: Option<BTreeMap<String, PriceWire>>,
    hold_seconds: u32,
    max_hold_seconds: u32,
    max_per_buyer: Option<u32>,
    public_confirm: bool,
    access: &'static str,
    created_at: String,
}

impl EventOut {
    /// An event at a commit; what only its organizer may see is left out for others.
    #[must_use]
    pub fn of(event: &Event, seq: Seq, for_organizer: bool) -> Self {
        let seats = event.seats_len() as u64;
        let units: u64 = event.areas.iter().map(|area| u64::from(area.capacity)).sum();
        let raw = |text: &Arc<str>| RawValue::from_string(text.to_string()).ok();
        Self {
            id: event.id.to_string(),
            seq: seq.0,
            livemode: event.livemode,
            name: event.name.clone(),
            reference: event.reference.clone().filter(|_| for_organizer),
            metadata: event.metadata.as_ref().filter(|_| for_organizer).and_then(raw),
            chart_id: event.chart_id().map(|id| id.to_string()),
            areas: event
                .areas
                .iter()
                .map(|area| EventAreaOut {
                    name: area.name.clone(),
                    capacity: area.capacity,
                    category: event.categories[usize::from(area.category)].clone(),
                })
                .collect(),
            categories: event.categories.clone(),
            capacity: seats + units,
            starts_at: event.starts_at.map(rfc3339),
            currency: event.currency.to_string(),
            status: event.status.as_str(),
            sale: SaleWire {
                opens_at: event.sale.opens_at.map(rfc3339),
                closes_at: event.sale.closes_at.map(rfc3339),
            },
            ticket_types: event
                .ticket_types
                .iter()
                .filter(|known| for_organizer || known.public)
                .map(|known| TicketTypeWire {
                    key: known.key.to_string(),
                    name: Some(known.name.clone()),
                    public: known.public,
                })
                .collect(),
            prices: prices_out(&event.prices),
            hold_seconds: event.hold_seconds,
            max_hold_seconds: event.max_hold_seconds,
            max_per_buyer: event.max_per_buyer,
            public_confirm: event.public_confirm,
            access: match event.access {
                Access::Open => "open",
                Access::Token => "token",
            },
            created_at: rfc3339(event.created_at),
        }
    }
}

fn prices_out(prices: &Prices) -> Option<BTreeMap<String, PriceWire>> {
    let Prices::ByCategory(prices) = prices else { return None };
    let wire = |price: &Price| match price {
        Price::Flat(amount) => PriceWire::Flat(amount.0),
        Price::ByType(by_type) => {
            PriceWire::ByType(by_type.iter().map(|(key, amount)| (key.to_string(), amount.0)).collect())
        }
    };
    Some(prices.iter().map(|(key, price)| (key.to_string(), wire(price))).collect())
}

/// The body of `GET …/availability`.
#[derive(Debug, Serialize)]
pub struct AvailabilityOut {
    seq: u64,
    chart_id: Option<String>,
    status: &'static str,
    seats: String,
    areas: BTreeMap<Arc<str>, CountsOut>,
    categories: BTreeMap<Arc<str>, CountsOut>,
}

impl AvailabilityOut {
    /// An inventory, as the public sees it.
    #[must_use]
    pub fn of(inventory: &Inventory) -> Self {
        let event = inventory.event();
        let areas = (0_u16..).map(AreaIndex).zip(&event.areas);
        Self {
            seq: inventory.seq().0,
            chart_id: event.chart_id().map(|id| id.to_string()),
            status: event.status.as_str(),
            seats: inventory.seat_characters().into_iter().map(char::from).collect(),
            areas: areas.map(|(at, area)| (area.name.clone(), inventory.area_counts(at).into())).collect(),
            categories: event
                .categories
                .iter()
                .cloned()
                .zip(inventory.category_counts().map(Into::into))
                .collect(),
        }
    }
}
