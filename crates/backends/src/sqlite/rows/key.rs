//! API keys and charts.

use domain::id::{ChartId, KeyId, OrganizationId};
use domain::time::Timestamp;
use engine::store::{AccessKey, ChartRecord, KeyRecord};
use rusqlite::Row;

use super::super::error::Failure;
use crate::columns::{scope, unsigned};

/// The columns that [`key`] reads.
pub(in crate::sqlite) const KEY: &str =
    "id, organization, livemode, is_secret, hash, name, created_at, revoked_at, scope";

pub(in crate::sqlite) fn key(row: &Row<'_>) -> Result<KeyRecord, Failure> {
    Ok(KeyRecord {
        id: KeyId(unsigned(row.get(0)?)),
        organization: OrganizationId(unsigned(row.get(1)?)),
        livemode: row.get(2)?,
        is_secret: row.get(3)?,
        hash: row.get(4)?,
        name: row.get(5)?,
        created_at: Timestamp(row.get(6)?),
        revoked_at: row.get::<_, Option<_>>(7)?.map(Timestamp),
        scope: scope(row.get_ref(8)?.as_str().map_err(rusqlite::Error::from)?)?,
    })
}

/// The columns that [`access_key`] reads.
pub(in crate::sqlite) const ACCESS_KEY: &str = "number, secret, created_at, retired_at";

pub(in crate::sqlite) fn access_key(row: &Row<'_>) -> rusqlite::Result<AccessKey> {
    Ok(AccessKey {
        number: row.get(0)?,
        secret: row.get(1)?,
        created_at: Timestamp(row.get(2)?),
        retired_at: row.get::<_, Option<_>>(3)?.map(Timestamp),
    })
}

/// The columns that [`chart`] reads.
pub(in crate::sqlite) const CHART: &str =
    "id, organization, livemode, name, seats, capacity, reference, metadata, created_at, number";

pub(in crate::sqlite) fn chart(row: &Row<'_>) -> Result<ChartRecord, Failure> {
    Ok(ChartRecord {
        id: ChartId(unsigned(row.get(0)?)),
        organization: OrganizationId(unsigned(row.get(1)?)),
        livemode: row.get(2)?,
        name: row.get(3)?,
        seats: row.get(4)?,
        capacity: unsigned(row.get(5)?),
        reference: row.get(6)?,
        metadata: row.get(7)?,
        created_at: Timestamp(row.get(8)?),
    })
}
