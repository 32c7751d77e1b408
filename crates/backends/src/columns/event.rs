//! An event's settings.

use std::sync::Arc;

use domain::chart::Chart;
use domain::event::{Access, Event, EventStatus, Prices, SaleWindow};
use domain::id::{ChartId, EventId, OrganizationId};
use domain::seating::Seating;
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
    pub(crate) settings: WireSettings,
    pub(crate) created_at: Timestamp,
}

/// An event's settings as their column.
pub(crate) fn settings_to_json(event: &Event) -> String {
    to_json(&WireSettings::of(event))
}

/// The settings of a column.
pub(crate) fn settings_from_json(text: &str) -> Result<WireSettings, Damaged> {
    json(text, "events.settings")
}

impl EventRow {
    fn damaged(&self, what: &str) -> Damaged {
        Damaged::new(format!("the settings of {} {what}", self.id))
    }

    /// Every chart that the event sold over, the current one last.
    pub(crate) fn charts(&self) -> Result<Vec<ChartId>, Damaged> {
        self.settings.charts(self.chart).map_err(|_| self.damaged("name a chart that is none"))
    }

    /// The event, with all its charts.
    pub(crate) fn into_event(self, charts: Vec<(ChartId, Arc<Chart>)>) -> Result<Event, Damaged> {
        let currency = "XXX".parse().map_err(|_| self.damaged("have no currency"))?;
        let seating = charts.into_iter().fold(None, |seating: Option<Seating>, (id, chart)| {
            Some(seating.map_or_else(
                || Seating::new(id, chart.clone()),
                |earlier| earlier.moved_to(id, chart.clone()),
            ))
        });
        if seating.as_ref().map(Seating::chart_id) != self.chart {
            return Err(self.damaged("name other charts than its row"));
        }
        let id = self.id;
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
            seating: seating.map(Arc::new),
        };
        let read = self.settings.into_event(&base);
        read.map_err(|_| Damaged::new(format!("the settings of {id} cannot be read")))
    }
}
