//! Organizations, keys, charts and events.

use std::sync::Arc;

use bytes::Bytes;
use domain::command::Digest;
use domain::event::Event;
use domain::id::{ChartId, EventId, KeyId, OrganizationId};
use domain::time::Timestamp;
use engine::store::{
    AccessKey, Catalog, CatalogReply, ChartRecord, KeyRecord, Made, Page, StoreError, StoreFuture,
    StoredReply,
};
use rusqlite::{Connection, OptionalExtension, params};

use super::SqliteStore;
use super::error::Failure;
use super::journal::{all, limit};
use super::rows;
use super::writer::{CommitFailure, Done, Writer};
use crate::columns::{self, signed, unsigned};

impl SqliteStore {
    /// Has a change made by the writer.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Writer) -> Result<T, CommitFailure> + Send + 'static,
    ) -> Result<T, StoreError> {
        Ok(self.writer.run(change).await??)
    }
}

impl Catalog for SqliteStore {
    fn secret(&self) -> StoreFuture<'_, Result<[u8; 32], StoreError>> {
        Box::pin(std::future::ready(Ok(self.secret)))
    }

    fn rename_history(&self) -> StoreFuture<'_, Result<(), StoreError>> {
        Box::pin(self.change(|writer| {
            writer.transaction(|writer| {
                let sql = "UPDATE meta SET value = ?1 WHERE key = 'history'";
                writer.connection()?.execute(sql, [signed(rand::random::<u64>())])?;
                Ok(Done::Changed(()))
            })
        }))
    }

    fn now(&self) -> StoreFuture<'_, Result<Timestamp, StoreError>> {
        Box::pin(std::future::ready(Ok(Timestamp(self.clock.now_ms()))))
    }

    fn default_organization(&self) -> StoreFuture<'_, Result<OrganizationId, StoreError>> {
        Box::pin(self.change(|writer| writer.transaction(default_organization)))
    }

    fn create_key(&self, key: KeyRecord) -> StoreFuture<'_, Result<(), StoreError>> {
        Box::pin(self.change(move |writer| writer.transaction(|writer| create_key(writer, &key))))
    }

    fn keys(&self) -> StoreFuture<'_, Result<Vec<KeyRecord>, StoreError>> {
        Box::pin(self.readers.run(|connection| {
            let sql = format!("SELECT {} FROM api_keys ORDER BY number", rows::key::KEY);
            all(&mut *connection.prepare_cached(&sql)?, [], rows::key::key)
        }))
    }

    fn revoke_key(&self, id: KeyId) -> StoreFuture<'_, Result<bool, StoreError>> {
        Box::pin(self.change(move |writer| writer.transaction(|writer| revoke_key(writer, id))))
    }

    fn access_keys(&self) -> StoreFuture<'_, Result<Vec<AccessKey>, StoreError>> {
        Box::pin(self.readers.run(|connection| {
            let sql = format!("SELECT {} FROM access_keys ORDER BY number", rows::key::ACCESS_KEY);
            let mut statement = connection.prepare_cached(&sql)?;
            let keys = statement.query_map([], rows::key::access_key)?;
            Ok(keys.collect::<Result<_, _>>()?)
        }))
    }

    fn add_access_key(&self, secret: [u8; 32]) -> StoreFuture<'_, Result<u32, StoreError>> {
        Box::pin(self.change(move |writer| writer.transaction(|writer| add_access_key(writer, secret))))
    }

    fn retire_access_key(&self, number: u32) -> StoreFuture<'_, Result<bool, StoreError>> {
        Box::pin(self.change(move |writer| writer.transaction(|writer| retire_access_key(writer, number))))
    }

    fn reply(&self, key: Digest) -> StoreFuture<'_, Result<Option<StoredReply>, StoreError>> {
        Box::pin(self.readers.run(move |connection| reply(connection, key)))
    }

    fn create_chart(
        &self,
        chart: ChartRecord,
        document: Bytes,
        reply: Option<CatalogReply>,
    ) -> StoreFuture<'_, Result<Made, StoreError>> {
        Box::pin(self.change(move |writer| {
            writer.transaction(|writer| {
                make(writer, reply.as_ref(), |connection| create_chart(connection, &chart, &document))
            })
        }))
    }

    fn chart(&self, id: ChartId) -> StoreFuture<'_, Result<Option<ChartRecord>, StoreError>> {
        Box::pin(self.readers.run(move |connection| {
            let sql = format!("SELECT {} FROM charts WHERE id = ?1", rows::key::CHART);
            let found = all(&mut *connection.prepare_cached(&sql)?, [signed(id.0)], rows::key::chart)?;
            Ok(found.into_iter().next())
        }))
    }

    fn chart_document(&self, id: ChartId) -> StoreFuture<'_, Result<Option<Bytes>, StoreError>> {
        Box::pin(self.readers.run(move |connection| document(connection, id)))
    }

    fn charts(
        &self,
        organization: OrganizationId,
        livemode: bool,
        page: Page,
    ) -> StoreFuture<'_, Result<Vec<(i64, ChartRecord)>, StoreError>> {
        Box::pin(self.readers.run(move |connection| {
            let sql = format!(
                "SELECT {} FROM charts WHERE organization = ?1 AND livemode = ?2 AND number > ?3 \
                 ORDER BY number LIMIT ?4",
                rows::key::CHART
            );
            let values = params![signed(organization.0), livemode, page.after, limit(page.limit)];
            all(&mut *connection.prepare_cached(&sql)?, values, |row| {
                Ok((row.get("number")?, rows::key::chart(row)?))
            })
        }))
    }

    fn create_event(
        &self,
        event: Arc<Event>,
        reply: Option<CatalogReply>,
    ) -> StoreFuture<'_, Result<Made, StoreError>> {
        Box::pin(self.change(move |writer| {
            writer.transaction(|writer| {
                make(writer, reply.as_ref(), |connection| create_event(connection, &event))
            })
        }))
    }

    fn event(&self, id: EventId) -> StoreFuture<'_, Result<Option<Arc<Event>>, StoreError>> {
        Box::pin(async move {
            let row = self.readers.run(move |connection| {
                let sql = format!("SELECT {} FROM events WHERE id = ?1", rows::event::COLUMNS);
                let found = all(&mut *connection.prepare_cached(&sql)?, [signed(id.0)], rows::event::row)?;
                Ok(found.into_iter().next())
            });
            let Some(row) = row.await? else { return Ok(None) };
            let charts = self.charts_of(&row).await?;
            Ok(Some(Arc::new(row.into_event(charts)?)))
        })
    }

    fn events(
        &self,
        organization: OrganizationId,
        livemode: bool,
        page: Page,
    ) -> StoreFuture<'_, Result<Vec<(i64, EventId)>, StoreError>> {
        Box::pin(self.readers.run(move |connection| {
            let sql = "SELECT number, id FROM events WHERE organization = ?1 AND livemode = ?2 AND number > ?3 \
                       ORDER BY number LIMIT ?4";
            let values = params![signed(organization.0), livemode, page.after, limit(page.limit)];
            all(&mut *connection.prepare_cached(sql)?, values, |row| {
                Ok((row.get(0)?, EventId(unsigned(row.get(1)?))))
            })
        }))
    }

    fn all_events(&self) -> StoreFuture<'_, Result<Vec<EventId>, StoreError>> {
        Box::pin(self.readers.run(all_events))
    }

    fn delete_event(&self, id: EventId) -> StoreFuture<'_, Result<bool, StoreError>> {
        Box::pin(self.delete_test_event(id))
    }
}

/// Every event, oldest first.
pub(super) fn all_events(connection: &Connection) -> Result<Vec<EventId>, Failure> {
    let mut statement = connection.prepare_cached("SELECT id FROM events ORDER BY number")?;
    all(&mut statement, [], |row| Ok(EventId(unsigned(row.get(0)?))))
}

/// A chart's document.
pub(super) fn document(connection: &Connection, id: ChartId) -> Result<Option<Bytes>, Failure> {
    let mut statement = connection.prepare_cached("SELECT document FROM chart_documents WHERE chart = ?1")?;
    let document = statement.query_row([signed(id.0)], |row| row.get::<_, Vec<u8>>(0));
    Ok(document.optional()?.map(Bytes::from))
}

fn default_organization(writer: &mut Writer) -> Result<Done<OrganizationId>, Failure> {
    let now = writer.now_ms();
    let connection = writer.connection()?;
    let first = connection.query_row("SELECT id FROM organizations ORDER BY number LIMIT 1", [], |row| {
        row.get(0).map(unsigned)
    });
    if let Some(id) = first.optional()? {
        return Ok(Done::Same(OrganizationId(id)));
    }
    let id = rand::random::<u64>();
    connection
        .execute("INSERT INTO organizations (id, created_at) VALUES (?1, ?2)", params![signed(id), now])?;
    Ok(Done::Changed(OrganizationId(id)))
}

fn create_key(writer: &mut Writer, key: &KeyRecord) -> Result<Done<()>, Failure> {
    let made = writer.connection()?.execute(
        "INSERT INTO api_keys (id, organization, livemode, is_secret, hash, name, created_at, revoked_at, scope) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (hash) DO NOTHING",
        params![
            signed(key.id.0),
            signed(key.organization.0),
            key.livemode,
            key.is_secret,
            key.hash,
            key.name,
            key.created_at.0,
            key.revoked_at.map(|at| at.0),
            key.scope.as_str(),
        ],
    );
    taken(made, "a key with this identifier exists").map(|made| match made {
        0 => Done::Same(()),
        _ => Done::Changed(()),
    })
}

fn revoke_key(writer: &mut Writer, id: KeyId) -> Result<Done<bool>, Failure> {
    let now = writer.now_ms();
    let revoked = writer.connection()?.execute(
        "UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
        params![signed(id.0), now],
    )?;
    Ok(if revoked == 1 { Done::Changed(true) } else { Done::Same(false) })
}

fn add_access_key(writer: &mut Writer, secret: [u8; 32]) -> Result<Done<u32>, Failure> {
    let now = writer.now_ms();
    let number = writer.connection()?.query_row(
        "INSERT INTO access_keys (number, secret, created_at) \
         SELECT coalesce(max(number), 0) + 1, ?1, ?2 FROM access_keys RETURNING number",
        params![secret, now],
        |row| row.get(0),
    )?;
    Ok(Done::Changed(number))
}

fn retire_access_key(writer: &mut Writer, number: u32) -> Result<Done<bool>, Failure> {
    let now = writer.now_ms();
    let retired = if number == 0 {
        writer.connection()?.execute(
            "INSERT INTO access_keys (number, secret, created_at, retired_at) \
             VALUES (0, zeroblob(32), ?1, ?1) ON CONFLICT DO NOTHING",
            [now],
        )?
    } else {
        writer.connection()?.execute(
            "UPDATE access_keys SET retired_at = ?2 WHERE number = ?1 AND retired_at IS NULL",
            params![number, now],
        )?
    };
    Ok(if retired == 1 { Done::Changed(true) } else { Done::Same(false) })
}

fn reply(connection: &Connection, key: Digest) -> Result<Option<StoredReply>, Failure> {
    let sql = "SELECT fingerprint, status, body FROM catalog_replies WHERE key = ?1";
    let found = connection.prepare_cached(sql)?.query_row([key.0], |row| {
        let body = Bytes::from(row.get::<_, Vec<u8>>(2)?);
        Ok(StoredReply { fingerprint: Digest(row.get(0)?), status: row.get(1)?, body })
    });
    Ok(found.optional()?)
}

/// Makes something once a key, and keeps the reply beside it.
fn make(
    writer: &mut Writer,
    keep: Option<&CatalogReply>,
    create: impl FnOnce(&Connection) -> Result<(), Failure>,
) -> Result<Done<Made>, Failure> {
    let now = writer.now_ms();
    let connection = writer.connection()?;
    if let Some(CatalogReply { key, .. }) = keep
        && let Some(before) = reply(connection, *key)?
    {
        return Ok(Done::Same(Made::Before(before)));
    }
    create(connection)?;
    if let Some(CatalogReply { key, reply }) = keep {
        connection.execute(
            "INSERT INTO catalog_replies (key, at, fingerprint, status, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![key.0, now, reply.fingerprint.0, reply.status, &reply.body[..]],
        )?;
    }
    Ok(Done::Changed(Made::New))
}

fn create_chart(connection: &Connection, chart: &ChartRecord, document: &Bytes) -> Result<(), Failure> {
    let account = (chart.organization, chart.livemode);
    refuse_known_reference(
        connection,
        "charts",
        account,
        chart.reference.as_deref(),
        "a chart with this ref exists",
    )?;
    let made = connection.execute(
        "INSERT INTO charts (id, organization, livemode, name, seats, capacity, reference, metadata, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            signed(chart.id.0),
            signed(chart.organization.0),
            chart.livemode,
            chart.name,
            chart.seats,
            signed(chart.capacity),
            chart.reference.as_deref(),
            chart.metadata.as_deref(),
            chart.created_at.0
        ],
    );
    taken(made, "a chart with this identifier exists")?;
    connection.execute(
        "INSERT INTO chart_documents (chart, document) VALUES (?1, ?2)",
        params![signed(chart.id.0), &document[..]],
    )?;
    Ok(())
}

fn create_event(connection: &Connection, event: &Event) -> Result<(), Failure> {
    let account = (event.organization, event.livemode);
    refuse_known_reference(
        connection,
        "events",
        account,
        event.reference.as_deref(),
        "an event with this ref exists",
    )?;
    let chart = event.chart_id();
    if let Some(chart) = chart {
        let known = connection
            .query_row("SELECT 1 FROM charts WHERE id = ?1", [signed(chart.0)], |_| Ok(()))
            .optional()?;
        known.ok_or(Failure::Conflict("the event's chart does not exist"))?;
    }
    let made = connection.execute(
        "INSERT INTO events (id, organization, livemode, chart, reference, metadata, settings, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            signed(event.id.0),
            signed(event.organization.0),
            event.livemode,
            chart.map(|chart| signed(chart.0)),
            event.reference.as_deref(),
            event.metadata.as_deref(),
            columns::event::settings_to_json(event),
            event.created_at.0
        ],
    );
    taken(made, "an event with this identifier exists")?;
    let number = connection.last_insert_rowid();
    connection.execute(
        "INSERT INTO heads (event, seq, head) VALUES (?1, 0, ?2)",
        params![number, engine::ledger::Head::default().0],
    )?;
    Ok(())
}

/// A `ref` is unique within an organization and mode.
///
/// Looked up when something is made, and no unique index: a later change of settings must not be able to fail a
/// batch because of it.
fn refuse_known_reference(
    connection: &Connection,
    table: &str,
    (organization, livemode): (OrganizationId, bool),
    reference: Option<&str>,
    conflict: &'static str,
) -> Result<(), Failure> {
    let Some(reference) = reference else { return Ok(()) };
    let sql = format!("SELECT 1 FROM {table} WHERE reference = ?1 AND organization = ?2 AND livemode = ?3");
    let values = params![reference, signed(organization.0), livemode];
    match connection.query_row(&sql, values, |_| Ok(())).optional()? {
        Some(()) => Err(Failure::Conflict(conflict)),
        None => Ok(()),
    }
}

/// Names a constraint's violation.
fn taken<T>(result: rusqlite::Result<T>, conflict: &'static str) -> Result<T, Failure> {
    result.map_err(|error| {
        let failure = Failure::from(error);
        if failure.is_constraint() { Failure::Conflict(conflict) } else { failure }
    })
}
