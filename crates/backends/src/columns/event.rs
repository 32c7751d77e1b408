//! An event's settings.

use std::sync::Arc;

use domain::chart::Chart;
use domain::event::{Access, Event, EventStatus, Prices, SaleWindow};
use domain::id::{ChartId, EventId, OrganizationId};
use domain::time::Timestamp;
use engine::ledger::settings::WireSettings;

use super::{Damaged, json, to_json};

/// An event's row, its chart not yet read.
#[derive(Debug)]
pub(crate) struct EventRow {
    pub(crate) id: EventId,
    pub(crate) organization: OrganizationId,
    pub(crate) livemode: bool,
    pub(crate) chart: Option<ChartId>,
    pub(crate) reference: Option<Arc<str>>,
    pub(crate) metadata: Option<Arc<str>>,
    pub(crate) settings: String,
    pub(crate) created_at: Timestamp,
}

/// An event's settings as their column.
pub(crate) fn settings_to_json(event: &Event) -> String {
    to_json(&WireSettings::of(event))
}

impl EventRow {
    /// The event, with its chart.
    pub(crate) fn into_event(self, chart: Option<Arc<Chart>>) -> Result<Event, Damaged> {
        let id = self.id;
        let damaged = |what: &str| Damaged::new(format!("the settings of {id} {what}"));
        let settings: WireSettings = json(&self.settings, "events.settings")?;
        let currency = "XXX".parse().map_err(|_| damaged("have no currency"))?;
        // Everything that the settings hold is replaced by them.
        let base = Event {
            id,
            organization: self.organization,
            livemode: self.livemode,
            created_at: self.created_at,
            reference: self.reference,
            metadata: self.metadata,
            name: String::new(),
            starts_at: None,
            currency,
            status: EventStatus::Draft,
            sale: SaleWindow::default(),
            hold_seconds: 0,
            max_hold_seconds: 0,
            max_per_buyer: None,
            public_confirm: false,
            access: Access::Open,
            ticket_types: Vec::new(),
            prices: Prices::Unpriced,
            categories: Vec::new(),
            areas: Vec::new(),
            chart: self.chart.zip(chart),
        };
        settings.into_event(&base).map_err(|_| damaged("cannot be read"))
    }
}
