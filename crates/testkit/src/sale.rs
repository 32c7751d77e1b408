//! Events for tests: an open sale over a hall, with what the test cares about changed.

use std::sync::Arc;

use domain::chart::Chart;
use domain::event::{Access, Event, EventStatus, Price, Prices, SaleWindow, TicketType};
use domain::id::{ChartId, EventId, OrganizationId};
use domain::money::Amount;
use domain::seating::Seating;
use domain::time::Timestamp;

use crate::clock::EPOCH;

/// The organization of every test event.
pub const ORGANIZATION: OrganizationId = OrganizationId(1);

/// An event under construction.
#[derive(Debug, Clone)]
pub struct Sale {
    event: Event,
    own_areas: Vec<(String, u32, String)>,
}

/// An open test event without places yet: priced (front 5000, back 3000, floor 2000; children half), holds of
/// 60 s, no limits, no window.
///
/// # Panics
/// Never: its currency is one.
#[must_use]
pub fn event(id: u64) -> Sale {
    let ticket_type = |key: &str| TicketType { key: Arc::from(key), name: key.to_owned(), public: true };
    let event = Event {
        id: EventId(id),
        organization: ORGANIZATION,
        livemode: false,
        created_at: EPOCH,
        reference: None,
        metadata: None,
        name: format!("Event {id}"),
        starts_at: None,
        currency: "EUR".parse().expect("EUR is a currency"),
        status: EventStatus::Open,
        sale: SaleWindow::default(),
        hold_seconds: 60,
        max_hold_seconds: 120,
        max_per_buyer: None,
        public_confirm: false,
        access: Access::Open,
        ticket_types: vec![ticket_type("adult"), ticket_type("child")],
        prices: Prices::Unpriced,
        categories: Vec::new(),
        areas: Vec::new(),
        seating: None,
    };
    Sale { event, own_areas: Vec::new() }
}

impl Sale {
    /// Sells the places of a chart.
    #[must_use]
    pub fn chart(mut self, id: ChartId, chart: Arc<Chart>) -> Self {
        self.event.seating = Some(Arc::new(Seating::new(id, chart)));
        self
    }

    /// Sells units of an area of its own, of the category `floor`.
    #[must_use]
    pub fn area(mut self, name: &str, capacity: u32) -> Self {
        self.own_areas.push((name.to_owned(), capacity, "floor".to_owned()));
        self
    }

    /// How long holds last, and may last for the public, in seconds.
    #[must_use]
    pub fn hold_seconds(mut self, usual: u32, max: u32) -> Self {
        (self.event.hold_seconds, self.event.max_hold_seconds) = (usual, max);
        self
    }

    /// How many units a buyer may have.
    #[must_use]
    pub fn max_per_buyer(mut self, units: u32) -> Self {
        self.event.max_per_buyer = Some(units);
        self
    }

    /// When it sells.
    #[must_use]
    pub fn window(mut self, opens_at: Option<Timestamp>, closes_at: Option<Timestamp>) -> Self {
        self.event.sale = SaleWindow { opens_at, closes_at };
        self
    }

    /// Where it is in its life.
    #[must_use]
    pub fn status(mut self, status: EventStatus) -> Self {
        self.event.status = status;
        self
    }

    /// Makes it sell for real.
    #[must_use]
    pub fn live(mut self) -> Self {
        self.event.livemode = true;
        self
    }

    /// The event.
    ///
    /// # Panics
    /// When it breaks an event's rules.
    #[must_use]
    pub fn build(self) -> Arc<Event> {
        let Self { mut event, own_areas } = self;
        let (categories, areas) =
            Event::lay_out(event.chart(), &own_areas).expect("a test's areas keep to the rules");
        let prices = categories.iter().map(|key| (key.clone(), price_of(key))).collect();
        (event.categories, event.areas, event.prices) = (categories, areas, Prices::ByCategory(prices));
        event.check_settings().expect("a test's event keeps to the rules");
        Arc::new(event)
    }
}

fn price_of(category: &str) -> Price {
    let adult = match category {
        "front" => 5_000,
        "back" => 3_000,
        _ => 2_000,
    };
    let price = |key: &str, amount| (Arc::from(key), Amount(amount));
    Price::ByType(vec![price("adult", adult), price("child", adult / 2)])
}
