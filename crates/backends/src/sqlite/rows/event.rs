//! Events.

use std::sync::Arc;

use domain::chart::Chart;
use domain::event::{Access, Event, EventStatus, Prices, SaleWindow};
use domain::id::{ChartId, EventId, OrganizationId};
use domain::time::Timestamp;
use engine::ledger::settings::WireSettings;
use rusqlite::Row;

use super::super::error::Failure;
use super::{json, to_json, unsigned};

/// An event's row, its chart not yet read.
#[derive(Debug)]
pub(in crate::sqlite) struct EventRow {
    id: EventId,
    organization: OrganizationId,
    livemode: bool,
    pub(in crate::sqlite) chart: Option<ChartId>,
    reference: Option<Arc<str>>,
    metadata: Option<Arc<str>>,
    settings: String,
    created_at: Timestamp,
}

/// The columns that [`row`] reads.
pub(in crate::sqlite) const COLUMNS: &str =
    "id, organization, livemode, chart, reference, metadata, settings, created_at";

pub(in crate::sqlite) fn row(row: &Row<'_>) -> Result<EventRow, Failure> {
    Ok(EventRow {
        id: EventId(unsigned(row.get(0)?)),
        organization: OrganizationId(unsigned(row.get(1)?)),
        livemode: row.get(2)?,
        chart: row.get::<_, Option<i64>>(3)?.map(|bits| ChartId(unsigned(bits))),
        reference: row.get(4)?,
        metadata: row.get(5)?,
        settings: row.get(6)?,
        created_at: Timestamp(row.get(7)?),
    })
}

/// An event's settings as their column.
pub(in crate::sqlite) fn settings_to_json(event: &Event) -> String {
    to_json(&WireSettings::of(event))
}

impl EventRow {
    /// The event, with its chart.
    pub(in crate::sqlite) fn into_event(self, chart: Option<Arc<Chart>>) -> Result<Event, Failure> {
        let id = self.id;
        let damaged = |what: &str| Failure::damaged(format!("the settings of {id} {what}"));
        let settings: WireSettings = json(&self.settings, "events.settings")?;
        let (categories, areas) = Event::lay_out(chart.as_deref(), &settings.own_areas())
            .map_err(|_| damaged("do not fit its chart"))?;
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
            categories,
            areas,
            chart: self.chart.zip(chart),
        };
        settings.into_event(&base).map_err(|_| damaged("cannot be read"))
    }
}
