//! Events.

use domain::id::{ChartId, EventId, OrganizationId};
use domain::time::Timestamp;
use rusqlite::Row;

use super::super::error::Failure;
use crate::columns::event::{EventRow, settings_from_json};
use crate::columns::unsigned;

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
        settings: settings_from_json(row.get_ref(6)?.as_str().map_err(rusqlite::Error::from)?)?,
        created_at: Timestamp(row.get(7)?),
    })
}
