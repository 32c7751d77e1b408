//! An event's settings as JSON: in the ledger, and in the store's row of the event.
//!
//! Only what the organizer decides about the sale. The integrator's own texts (`ref`, `metadata`) are kept
//! beside it and never get here.

use std::sync::Arc;

use domain::event::{Access, Event, EventStatus, Price, Prices, SaleWindow, TicketType};
use domain::id::ChartId;
use domain::money::Amount;
use domain::seating::Seating;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Unreadable;

/// The settings; times in milliseconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireSettings {
    name: String,
    starts_at: Option<i64>,
    currency: String,
    status: String,
    opens_at: Option<i64>,
    closes_at: Option<i64>,
    hold_seconds: u32,
    max_hold_seconds: u32,
    max_per_buyer: Option<u32>,
    public_confirm: bool,
    token_access: bool,
    ticket_types: Vec<(Arc<str>, String, bool)>,
    prices: Option<Vec<(Arc<str>, WirePrice)>>,
    /// The event's own areas, the chart's left out: name, capacity, category.
    areas: Vec<(Arc<str>, u32, Arc<str>)>,
    /// How large they were at first, in the same order; nothing when none has grown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    first_capacities: Vec<u32>,
    /// Every chart that it sold over, the current one last; nothing when it never moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    charts: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum WirePrice {
    Flat(i64),
    ByType(Vec<(Arc<str>, i64)>),
}

impl WireSettings {
    /// The settings of an event.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        let category = |at: u16| event.categories[usize::from(at)].clone();
        let own = event.areas.iter().filter(|area| !area.of_chart);
        Self {
            name: event.name.clone(),
            starts_at: event.starts_at.map(|at| at.0),
            currency: event.currency.to_string(),
            status: event.status.as_str().to_owned(),
            opens_at: event.sale.opens_at.map(|at| at.0),
            closes_at: event.sale.closes_at.map(|at| at.0),
            hold_seconds: event.hold_seconds,
            max_hold_seconds: event.max_hold_seconds,
            max_per_buyer: event.max_per_buyer,
            public_confirm: event.public_confirm,
            token_access: event.access == Access::Token,
            ticket_types: event
                .ticket_types
                .iter()
                .map(|known| (known.key.clone(), known.name.clone(), known.public))
                .collect(),
            prices: match &event.prices {
                Prices::Unpriced => None,
                Prices::ByCategory(prices) => {
                    Some(prices.iter().map(|(key, price)| (key.clone(), price_to_wire(price))).collect())
                }
            },
            areas: own
                .clone()
                .map(|area| (area.name.clone(), area.capacity, category(area.category)))
                .collect(),
            first_capacities: if own.clone().any(|area| area.capacity != area.first_capacity) {
                own.map(|area| area.first_capacity).collect()
            } else {
                Vec::new()
            },
            charts: match &event.seating {
                Some(seating) if seating.chart_ids().len() > 1 => {
                    seating.chart_ids().map(|id| id.to_string()).collect()
                }
                _ => Vec::new(),
            },
        }
    }

    /// Every chart that an event with these settings sold over, given the one that its row names.
    ///
    /// # Errors
    /// When a name is none of a chart's.
    pub fn charts(&self, current: Option<ChartId>) -> Result<Vec<ChartId>, Unreadable> {
        if self.charts.is_empty() {
            return Ok(current.into_iter().collect());
        }
        let parse = |text: &String| text.parse().map_err(|error| Unreadable::Payload(Box::new(error)));
        self.charts.iter().map(parse).collect()
    }

    /// The seats under these settings, by those of the same event under its newest ones.
    fn seating(&self, newest: Option<&Arc<Seating>>) -> Result<Option<Arc<Seating>>, Unreadable> {
        let Some(newest) = newest else { return Ok(None) };
        let known: Vec<ChartId> = newest.chart_ids().collect();
        let charts = self.charts(known.first().copied())?;
        if charts == known {
            return Ok(Some(newest.clone()));
        }
        let earlier = newest.after_charts(charts.len()).filter(|_| known.starts_with(&charts));
        Ok(Some(Arc::new(earlier.ok_or(Unreadable::LaterChart)?)))
    }

    /// The event's own areas: name, capacity, category key.
    pub fn own_areas(&self) -> Vec<(String, u32, String)> {
        self.areas
            .iter()
            .map(|(name, capacity, category)| (name.to_string(), *capacity, category.to_string()))
            .collect()
    }

    /// An event with these settings and everything else of `base`: identity and charts, of which it may have more than there
    /// were then.
    ///
    /// # Errors
    /// When a text is none that this binary knows, `base` lacks a chart, or the areas do not go with the chart.
    pub fn into_event(self, base: &Event) -> Result<Event, Unreadable> {
        let status = EventStatus::from_name(&self.status)
            .ok_or_else(|| Unreadable::because(format!("unknown status {}", self.status)))?;
        let seating = self.seating(base.seating.as_ref())?;
        let chart = seating.as_ref().map(|seating| &**seating.chart());
        let (categories, mut areas) = Event::lay_out(chart, &self.own_areas())
            .map_err(|rejection| Unreadable::because(rejection.to_string()))?;
        let own = areas.iter_mut().filter(|area| !area.of_chart);
        own.zip(&self.first_capacities).for_each(|(area, first)| area.first_capacity = *first);
        Ok(Event {
            categories,
            areas,
            seating,
            name: self.name,
            starts_at: self.starts_at.map(Timestamp),
            currency: self.currency.parse().map_err(|error| Unreadable::Payload(Box::new(error)))?,
            status,
            sale: SaleWindow {
                opens_at: self.opens_at.map(Timestamp),
                closes_at: self.closes_at.map(Timestamp),
            },
            hold_seconds: self.hold_seconds,
            max_hold_seconds: self.max_hold_seconds,
            max_per_buyer: self.max_per_buyer,
            public_confirm: self.public_confirm,
            access: if self.token_access { Access::Token } else { Access::Open },
            ticket_types: self
                .ticket_types
                .into_iter()
                .map(|(key, name, public)| TicketType { key, name, public })
                .collect(),
            prices: match self.prices {
                None => Prices::Unpriced,
                Some(prices) => Prices::ByCategory(
                    prices.into_iter().map(|(key, price)| (key, price_from_wire(price))).collect(),
                ),
            },
            ..base.clone()
        })
    }
}

fn price_to_wire(price: &Price) -> WirePrice {
    match price {
        Price::Flat(amount) => WirePrice::Flat(amount.0),
        Price::ByType(by_type) => {
            WirePrice::ByType(by_type.iter().map(|(key, amount)| (key.clone(), amount.0)).collect())
        }
    }
}

fn price_from_wire(price: WirePrice) -> Price {
    match price {
        WirePrice::Flat(amount) => Price::Flat(Amount(amount)),
        WirePrice::ByType(by_type) => {
            Price::ByType(by_type.into_iter().map(|(key, amount)| (key, Amount(amount))).collect())
        }
    }
}
