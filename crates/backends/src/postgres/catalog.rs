//! Organizations, keys, charts and events.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::command::Digest;
use domain::event::Event;
use domain::id::{ChartId, EventId, KeyId, OrganizationId};
use domain::time::Timestamp;
use engine::fleet::{Beat, Roll};
use engine::store::{
    AccessKey, Catalog, CatalogReply, ChartRecord, KeyRecord, Made, Page, StoreError, StoreFuture,
    StoredReply,
};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio_postgres::Transaction;
use tokio_postgres::error::SqlState;

use super::error::Failure;
use super::rows::{self, column, id};
use super::{PostgresStore, all, reference_lock};
use crate::columns::{event, signed};

/// Takes the lock of a name until the transaction ends.
const LOCK_REFERENCE: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

/// A page's bound.
fn limit(page: Page) -> i64 {
    i64::try_from(page.limit).unwrap_or(i64::MAX)
}

impl Catalog for PostgresStore {
    fn secret(&self) -> StoreFuture<'_, Result<[u8; 32], StoreError>> {
        Box::pin(std::future::ready(Ok(self.identity.secret)))
    }

    fn rename_history(&self) -> StoreFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let name = rand::random::<[u8; 8]>();
            self.query("UPDATE meta SET value = $1 WHERE key = 'history'", &[&&name[..]]).await?;
            Ok(())
        })
    }

    fn beat(
        &self,
        beat: Beat,
        live_max: Duration,
        may_raise: bool,
    ) -> StoreFuture<'_, Result<Roll, StoreError>> {
        Box::pin(async move { Ok(self.note_beat(beat, live_max, may_raise).await?) })
    }

    fn leave(&self, node: u64) -> StoreFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { Ok(self.forget_node(node).await?) })
    }

    fn now(&self) -> StoreFuture<'_, Result<Timestamp, StoreError>> {
        Box::pin(async move { Ok(self.read_now().await?) })
    }

    fn default_organization(&self) -> StoreFuture<'_, Result<OrganizationId, StoreError>> {
        Box::pin(async move { Ok(self.first_organization().await?) })
    }

    fn create_key(&self, key: KeyRecord) -> StoreFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let insert =
                self.write(move |transaction| async move { insert_key(transaction, &key).await }.boxed());
            Ok(insert.await?)
        })
    }

    fn keys(&self) -> StoreFuture<'_, Result<Vec<KeyRecord>, StoreError>> {
        Box::pin(async move {
            let sql = format!("SELECT {} FROM api_keys ORDER BY number", rows::KEY);
            Ok(all(&self.query(&sql, &[]).await?, rows::key)?)
        })
    }

    fn revoke_key(&self, id: KeyId) -> StoreFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            let sql = "UPDATE api_keys SET revoked_at = (extract(epoch FROM clock_timestamp()) * 1000)::bigint \
                       WHERE id = $1 AND revoked_at IS NULL";
            let revoke = self.write(move |transaction| {
                async move { Ok(transaction.execute(sql, &[&signed(id.0)]).await?) }.boxed()
            });
            Ok(revoke.await? == 1)
        })
    }

    fn access_keys(&self) -> StoreFuture<'_, Result<Vec<AccessKey>, StoreError>> {
        Box::pin(async move {
            let sql = format!("SELECT {} FROM access_keys ORDER BY number", rows::ACCESS_KEY);
            Ok(all(&self.query(&sql, &[]).await?, rows::access_key)?)
        })
    }

    fn add_access_key(&self, secret: [u8; 32]) -> StoreFuture<'_, Result<u32, StoreError>> {
        Box::pin(async move {
            // Two who add at once get two numbers: the second finds the first's row and fails, and may try again.
            let sql = "INSERT INTO access_keys (number, secret, created_at) \
                       SELECT coalesce(max(number), 0) + 1, $1, \
                           (extract(epoch FROM clock_timestamp()) * 1000)::bigint FROM access_keys RETURNING number";
            let add = self.write(move |transaction| {
                async move {
                    let made = transaction.query_one(sql, &[&&secret[..]]).await;
                    rows::access_number(
                        &made.map_err(|error| taken(error.into(), "another access key was made just now"))?,
                    )
                }
                .boxed()
            });
            Ok(add.await?)
        })
    }

    fn retire_access_key(&self, number: u32) -> StoreFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            let now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
            let sql = if number == 0 {
                format!(
                    "INSERT INTO access_keys (number, secret, created_at, retired_at) \
                     VALUES ($1, decode(repeat('00', 32), 'hex'), {now}, {now}) ON CONFLICT DO NOTHING"
                )
            } else {
                format!("UPDATE access_keys SET retired_at = {now} WHERE number = $1 AND retired_at IS NULL")
            };
            let retire = self.write(move |transaction| {
                async move { Ok(transaction.execute(&sql, &[&i64::from(number)]).await?) }.boxed()
            });
            Ok(retire.await? == 1)
        })
    }

    fn reply(&self, key: Digest) -> StoreFuture<'_, Result<Option<StoredReply>, StoreError>> {
        Box::pin(async move {
            let sql = format!("SELECT {} FROM catalog_replies WHERE key = $1", rows::REPLY);
            let found = self.query(&sql, &[&&key.0[..]]).await?;
            Ok(found.first().map(rows::catalog_reply).transpose()?)
        })
    }

    fn create_chart(
        &self,
        chart: ChartRecord,
        document: Bytes,
        reply: Option<CatalogReply>,
    ) -> StoreFuture<'_, Result<Made, StoreError>> {
        Box::pin(async move {
            let make = self.make(reply, move |transaction| {
                async move { insert_chart(transaction, &chart, &document).await }.boxed()
            });
            Ok(make.await?)
        })
    }

    fn chart(&self, id: ChartId) -> StoreFuture<'_, Result<Option<ChartRecord>, StoreError>> {
        Box::pin(async move {
            let sql = format!("SELECT {} FROM charts WHERE id = $1", rows::CHART);
            Ok(self.query(&sql, &[&signed(id.0)]).await?.first().map(rows::chart).transpose()?)
        })
    }

    fn chart_document(&self, id: ChartId) -> StoreFuture<'_, Result<Option<Bytes>, StoreError>> {
        Box::pin(async move { Ok(self.read_document(id).await?) })
    }

    fn charts(
        &self,
        organization: OrganizationId,
        livemode: bool,
        page: Page,
    ) -> StoreFuture<'_, Result<Vec<(i64, ChartRecord)>, StoreError>> {
        Box::pin(async move {
            let sql = format!(
                "SELECT {} FROM charts WHERE organization = $1 AND livemode = $2 AND number > $3 \
                 ORDER BY number LIMIT $4",
                rows::CHART
            );
            let found =
                self.query(&sql, &[&signed(organization.0), &livemode, &page.after, &limit(page)]).await?;
            Ok(all(&found, |row| Ok((column(row, 9)?, rows::chart(row)?)))?)
        })
    }

    fn create_event(
        &self,
        event: Arc<Event>,
        reply: Option<CatalogReply>,
    ) -> StoreFuture<'_, Result<Made, StoreError>> {
        Box::pin(async move {
            let make = self.make(reply, move |transaction| {
                async move { insert_event(transaction, &event).await }.boxed()
            });
            Ok(make.await?)
        })
    }

    fn event(&self, id: EventId) -> StoreFuture<'_, Result<Option<Arc<Event>>, StoreError>> {
        Box::pin(async move {
            let sql = format!("SELECT {} FROM events WHERE id = $1", rows::EVENT);
            let found = self.query(&sql, &[&signed(id.0)]).await?;
            let Some(row) = found.first().map(rows::event).transpose()? else { return Ok(None) };
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
        Box::pin(async move {
            let sql = "SELECT number, id FROM events WHERE organization = $1 AND livemode = $2 AND number > $3 \
                       ORDER BY number LIMIT $4";
            let found =
                self.query(sql, &[&signed(organization.0), &livemode, &page.after, &limit(page)]).await?;
            Ok(all(&found, |row| Ok((column(row, 0)?, EventId(id(row, 1)?))))?)
        })
    }

    fn all_events(&self) -> StoreFuture<'_, Result<Vec<EventId>, StoreError>> {
        Box::pin(async move {
            let found = self.query("SELECT id FROM events ORDER BY number", &[]).await?;
            Ok(all(&found, |row| Ok(EventId(id(row, 0)?)))?)
        })
    }

    fn delete_event(&self, id: EventId) -> StoreFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move { Ok(self.delete_test_event(id).await?) })
    }
}

impl PostgresStore {
    pub(super) async fn read_document(&self, id: ChartId) -> Result<Option<Bytes>, Failure> {
        let sql = "SELECT document FROM chart_documents WHERE chart = $1";
        let found = self.query(sql, &[&signed(id.0)]).await?;
        found.first().map(|row| Ok(Bytes::copy_from_slice(column(row, 0)?))).transpose()
    }

    /// Makes something once for a request, and remembers its reply with it.
    async fn make(
        &self,
        reply: Option<CatalogReply>,
        make: impl for<'a> FnOnce(&'a Transaction<'a>) -> BoxFuture<'a, Result<(), Failure>> + Send + 'static,
    ) -> Result<Made, Failure> {
        let write = self.write(move |transaction| {
            let made = async move {
                if let Some(before) = reply_before(transaction, reply.as_ref()).await? {
                    return Ok(Made::Before(before));
                }
                make(transaction).await?;
                keep_reply(transaction, reply.as_ref()).await?;
                Ok(Made::New)
            };
            made.boxed()
        });
        write.await
    }

    async fn first_organization(&self) -> Result<OrganizationId, Failure> {
        let first = "SELECT id FROM organizations ORDER BY number LIMIT 1";
        if let Some(row) = self.query(first, &[]).await?.first() {
            return Ok(OrganizationId(id(row, 0)?));
        }
        let make = self.write(move |transaction| {
            let made = async move {
                // One node makes it, the others find it.
                transaction.execute(LOCK_REFERENCE, &[&"organizations"]).await?;
                if let Some(row) = transaction.query_opt(first, &[]).await? {
                    return Ok(OrganizationId(id(&row, 0)?));
                }
                let made = rand::random::<u64>();
                let sql = "INSERT INTO organizations (id, created_at) \
                           VALUES ($1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)";
                transaction.execute(sql, &[&signed(made)]).await?;
                Ok(OrganizationId(made))
            };
            made.boxed()
        });
        make.await
    }
}

/// Names a constraint's violation.
fn taken(failure: Failure, conflict: &'static str) -> Failure {
    match &failure {
        Failure::Postgres(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
            Failure::Conflict(conflict)
        }
        _ => failure,
    }
}

/// What the same request was answered before. Requests with one key follow each other from here on.
async fn reply_before(
    transaction: &Transaction<'_>,
    reply: Option<&CatalogReply>,
) -> Result<Option<StoredReply>, Failure> {
    let Some(CatalogReply { key, .. }) = reply else { return Ok(None) };
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended(encode($1::bytea, 'hex'), 1))";
    transaction.execute(lock, &[&&key.0[..]]).await?;
    let sql = format!("SELECT {} FROM catalog_replies WHERE key = $1", rows::REPLY);
    transaction.query_opt(&sql, &[&&key.0[..]]).await?.as_ref().map(rows::catalog_reply).transpose()
}

async fn keep_reply(transaction: &Transaction<'_>, reply: Option<&CatalogReply>) -> Result<(), Failure> {
    let Some(CatalogReply { key, reply }) = reply else { return Ok(()) };
    let sql = "INSERT INTO catalog_replies (key, at, fingerprint, status, body) \
               VALUES ($1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, $2, $3, $4)";
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&&key.0[..], &&reply.fingerprint.0[..], &i32::from(reply.status), &&reply.body[..]];
    transaction.execute(sql, &values).await?;
    Ok(())
}

/// Takes the account's turn to make a thing of a kind, so that what has a higher number is committed later: lists go by
/// numbers, and would miss what appears in front of where they are.
async fn take_turn(
    transaction: &Transaction<'_>,
    table: &str,
    (organization, livemode): (OrganizationId, bool),
) -> Result<(), Failure> {
    let turn = format!("{table} of {}, {livemode}", organization.0);
    transaction.execute(LOCK_REFERENCE, &[&turn]).await?;
    Ok(())
}

/// A `ref` is unique within an organization and mode: looked for under a lock of its name.
async fn refuse_known_reference(
    transaction: &Transaction<'_>,
    table: &str,
    (organization, livemode): (OrganizationId, bool),
    reference: Option<&str>,
    conflict: &'static str,
) -> Result<(), Failure> {
    let Some(reference) = reference else { return Ok(()) };
    let lock = reference_lock(table, organization, livemode, reference);
    transaction.execute(LOCK_REFERENCE, &[&lock]).await?;
    let sql = format!("SELECT 1 FROM {table} WHERE reference = $1 AND organization = $2 AND livemode = $3");
    match transaction.query_opt(&sql, &[&reference, &signed(organization.0), &livemode]).await? {
        Some(_) => Err(Failure::Conflict(conflict)),
        None => Ok(()),
    }
}

async fn insert_key(transaction: &Transaction<'_>, key: &KeyRecord) -> Result<(), Failure> {
    let sql = "INSERT INTO api_keys (id, organization, livemode, is_secret, hash, name, created_at, revoked_at, \
               scope) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (hash) DO NOTHING";
    let inserted = transaction
        .execute(
            sql,
            &[
                &signed(key.id.0),
                &signed(key.organization.0),
                &key.livemode,
                &key.is_secret,
                &&key.hash[..],
                &key.name,
                &key.created_at.0,
                &key.revoked_at.map(|at| at.0),
                &key.scope.as_str(),
            ],
        )
        .await;
    inserted.map_err(|error| taken(error.into(), "a key with this identifier exists"))?;
    Ok(())
}

async fn insert_chart(
    transaction: &Transaction<'_>,
    chart: &ChartRecord,
    document: &Bytes,
) -> Result<(), Failure> {
    let account = (chart.organization, chart.livemode);
    let conflict = "a chart with this ref exists";
    refuse_known_reference(transaction, "charts", account, chart.reference.as_deref(), conflict).await?;
    take_turn(transaction, "charts", account).await?;
    let sql = "INSERT INTO charts (id, organization, livemode, name, seats, capacity, reference, metadata, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    transaction
        .execute(
            sql,
            &[
                &signed(chart.id.0),
                &signed(chart.organization.0),
                &chart.livemode,
                &chart.name,
                &i64::from(chart.seats),
                &signed(chart.capacity),
                &chart.reference.as_deref(),
                &chart.metadata.as_deref(),
                &chart.created_at.0,
            ],
        )
        .await
        .map_err(|error| taken(error.into(), "a chart with this identifier exists"))?;
    let sql = "INSERT INTO chart_documents (chart, document) VALUES ($1, $2)";
    transaction.execute(sql, &[&signed(chart.id.0), &&document[..]]).await?;
    Ok(())
}

async fn insert_event(transaction: &Transaction<'_>, event: &Event) -> Result<(), Failure> {
    let account = (event.organization, event.livemode);
    let conflict = "an event with this ref exists";
    refuse_known_reference(transaction, "events", account, event.reference.as_deref(), conflict).await?;
    take_turn(transaction, "events", account).await?;
    let chart = event.chart_id().map(|id| signed(id.0));
    if let Some(chart) = chart {
        let known = transaction.query_opt("SELECT 1 FROM charts WHERE id = $1", &[&chart]).await?;
        known.ok_or(Failure::Conflict("the event's chart does not exist"))?;
    }
    let sql = "INSERT INTO events (id, organization, livemode, chart, reference, metadata, settings, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING number";
    let made = transaction
        .query_one(
            sql,
            &[
                &signed(event.id.0),
                &signed(event.organization.0),
                &event.livemode,
                &chart,
                &event.reference.as_deref(),
                &event.metadata.as_deref(),
                &event::settings_to_json(event),
                &event.created_at.0,
            ],
        )
        .await
        .map_err(|error| taken(error.into(), "an event with this identifier exists"))?;
    let sql = "INSERT INTO heads (event, seq, head) VALUES ($1, 0, $2)";
    transaction.execute(sql, &[&column::<i64>(&made, 0)?, &&engine::ledger::Head::default().0[..]]).await?;
    Ok(())
}
