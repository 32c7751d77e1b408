//! The memory store as a catalog.

use std::sync::Arc;
use std::sync::atomic::Ordering;
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

use super::tables::{EventTable, Tables};
use super::{MemoryStore, Past};
use crate::sale::ORGANIZATION;

/// Answers as before when the reply's key was used, else makes something and remembers the reply.
fn make_once(
    tables: &mut Tables,
    reply: Option<CatalogReply>,
    make: impl FnOnce(&mut Tables) -> Result<(), StoreError>,
) -> Result<Made, StoreError> {
    if let Some(known) = reply.as_ref().and_then(|reply| tables.replies.get(&reply.key)) {
        return Ok(Made::Before(known.clone()));
    }
    make(tables)?;
    tables.replies.extend(reply.map(|reply| (reply.key, reply.reply)));
    Ok(Made::New)
}

/// The part of a list that is wanted; positions count from 1 over the whole list.
pub(super) fn page_of<T: Clone>(list: impl Iterator<Item = T>, page: Page) -> impl Iterator<Item = (i64, T)> {
    (1..).zip(list).filter(move |(at, _)| *at > page.after)
}

impl Catalog for MemoryStore {
    fn beat(
        &self,
        beat: Beat,
        live_max: Duration,
        may_raise: bool,
    ) -> StoreFuture<'_, Result<Roll, StoreError>> {
        Box::pin(async move {
            let now = self.clock.now();
            let tables = &mut *self.tables.lock();
            let since = now.plus_millis(-i64::try_from(live_max.as_millis()).unwrap_or(i64::MAX));
            tables.nodes.values_mut().for_each(|(_, seen_at)| *seen_at = now.min(*seen_at));
            tables.nodes.retain(|_, (_, seen_at)| *seen_at >= since);
            tables.payload_version = tables.payload_version.max(1);
            if beat.reads >= tables.payload_version {
                tables.nodes.insert(beat.node, (beat, now));
                let all_read = tables.nodes.values().map(|(beat, _)| beat.reads).min().unwrap_or(0);
                if may_raise {
                    tables.payload_version = tables.payload_version.max(all_read);
                }
            }
            let nodes = tables.nodes.values().map(|(beat, _)| beat.clone()).collect();
            Ok(Roll { payload_version: tables.payload_version, nodes })
        })
    }

    fn leave(&self, node: u64) -> StoreFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.tables.lock().nodes.remove(&node);
            Ok(())
        })
    }

    fn secret(&self) -> StoreFuture<'_, Result<[u8; 32], StoreError>> {
        Box::pin(async { Ok([7; 32]) })
    }

    fn now(&self) -> StoreFuture<'_, Result<Timestamp, StoreError>> {
        Box::pin(async { Ok(self.clock.now()) })
    }

    fn default_organization(&self) -> StoreFuture<'_, Result<OrganizationId, StoreError>> {
        Box::pin(async { Ok(ORGANIZATION) })
    }

    fn create_key(&self, key: KeyRecord) -> StoreFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let keys = &mut self.tables.lock().keys;
            if !keys.iter().any(|known| known.hash == key.hash) {
                keys.push(key);
            }
            Ok(())
        })
    }

    fn keys(&self) -> StoreFuture<'_, Result<Vec<KeyRecord>, StoreError>> {
        Box::pin(async { Ok(self.tables.lock().keys.clone()) })
    }

    fn revoke_key(&self, id: KeyId) -> StoreFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            let now = self.clock.now();
            let keys = &mut self.tables.lock().keys;
            let key = keys.iter_mut().find(|key| key.id == id && key.revoked_at.is_none());
            Ok(key.map(|key| key.revoked_at = Some(now)).is_some())
        })
    }

    fn rename_history(&self) -> StoreFuture<'_, Result<(), StoreError>> {
        Box::pin(async {
            self.restores.fetch_add(1, Ordering::AcqRel);
            Ok(())
        })
    }

    fn access_keys(&self) -> StoreFuture<'_, Result<Vec<AccessKey>, StoreError>> {
        Box::pin(async { Ok(self.tables.lock().access_keys.clone()) })
    }

    fn add_access_key(&self, secret: [u8; 32]) -> StoreFuture<'_, Result<u32, StoreError>> {
        Box::pin(async move {
            let created_at = self.clock.now();
            let keys = &mut self.tables.lock().access_keys;
            let number = keys.iter().map(|key| key.number).max().unwrap_or(0) + 1;
            keys.push(AccessKey { number, secret, created_at, retired_at: None });
            Ok(number)
        })
    }

    fn retire_access_key(&self, number: u32) -> StoreFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            let now = self.clock.now();
            let keys = &mut self.tables.lock().access_keys;
            if number == 0 && !keys.iter().any(|key| key.number == 0) {
                let retired_at = Some(now);
                keys.insert(0, AccessKey { number, secret: [0; 32], created_at: now, retired_at });
                return Ok(true);
            }
            let key = keys.iter_mut().find(|key| key.number == number && key.retired_at.is_none());
            Ok(key.map(|key| key.retired_at = Some(now)).is_some())
        })
    }

    fn reply(&self, key: Digest) -> StoreFuture<'_, Result<Option<StoredReply>, StoreError>> {
        Box::pin(async move { Ok(self.tables.lock().replies.get(&key).cloned()) })
    }

    fn create_chart(
        &self,
        chart: ChartRecord,
        document: Bytes,
        reply: Option<CatalogReply>,
    ) -> StoreFuture<'_, Result<Made, StoreError>> {
        Box::pin(async move {
            make_once(&mut self.tables.lock(), reply, |tables| {
                if tables.charts.iter().any(|(known, _)| known.id == chart.id) {
                    return Err(StoreError::Conflict("there is such a chart"));
                }
                let whose =
                    |chart: &ChartRecord| (chart.organization, chart.livemode, chart.reference.clone());
                let has_ref = chart.reference.is_some();
                if has_ref && tables.charts.iter().any(|(known, _)| whose(known) == whose(&chart)) {
                    return Err(StoreError::Conflict("a chart with this ref exists"));
                }
                tables.charts.push((chart, document));
                Ok(())
            })
        })
    }

    fn chart(&self, id: ChartId) -> StoreFuture<'_, Result<Option<ChartRecord>, StoreError>> {
        Box::pin(async move {
            let tables = self.tables.lock();
            Ok(tables.charts.iter().find(|(chart, _)| chart.id == id).map(|(chart, _)| chart.clone()))
        })
    }

    fn chart_document(&self, id: ChartId) -> StoreFuture<'_, Result<Option<Bytes>, StoreError>> {
        Box::pin(async move {
            let tables = self.tables.lock();
            Ok(tables.charts.iter().find(|(chart, _)| chart.id == id).map(|(_, document)| document.clone()))
        })
    }

    fn charts(
        &self,
        organization: OrganizationId,
        livemode: bool,
        page: Page,
    ) -> StoreFuture<'_, Result<Vec<(i64, ChartRecord)>, StoreError>> {
        Box::pin(async move {
            let tables = self.tables.lock();
            let charts = page_of(tables.charts.iter().map(|(chart, _)| chart), page);
            let wanted = charts
                .filter(|(_, chart)| chart.organization == organization && chart.livemode == livemode)
                .take(page.limit);
            Ok(wanted.map(|(at, chart)| (at, chart.clone())).collect())
        })
    }

    fn create_event(
        &self,
        event: Arc<Event>,
        reply: Option<CatalogReply>,
    ) -> StoreFuture<'_, Result<Made, StoreError>> {
        Box::pin(async move {
            let since = self.clock.elapsed();
            make_once(&mut self.tables.lock(), reply, |tables| {
                if tables.event_list.iter().any(|(known, ..)| *known == event.id) {
                    return Err(StoreError::Conflict("there is such an event"));
                }
                let whose = |event: &Event| (event.organization, event.livemode, event.reference.clone());
                let has_ref = event.reference.is_some();
                if has_ref && tables.events.values().any(|table| whose(&table.event) == whose(&event)) {
                    return Err(StoreError::Conflict("an event with this ref exists"));
                }
                tables.event_list.push((event.id, event.organization, event.livemode));
                let table = EventTable::new(event.clone(), Past::new(event.clone(), since));
                tables.events.insert(event.id, table);
                Ok(())
            })
        })
    }

    fn event(&self, id: EventId) -> StoreFuture<'_, Result<Option<Arc<Event>>, StoreError>> {
        Box::pin(async move { Ok(self.look(id, |table| table.event.clone())) })
    }

    fn events(
        &self,
        organization: OrganizationId,
        livemode: bool,
        page: Page,
    ) -> StoreFuture<'_, Result<Vec<(i64, EventId)>, StoreError>> {
        Box::pin(async move {
            let tables = self.tables.lock();
            let wanted = page_of(tables.event_list.iter(), page)
                .filter(|(_, (id, of, live))| {
                    (*of, *live) == (organization, livemode) && tables.events.contains_key(id)
                })
                .take(page.limit);
            Ok(wanted.map(|(at, (id, ..))| (at, *id)).collect())
        })
    }

    fn all_events(&self) -> StoreFuture<'_, Result<Vec<EventId>, StoreError>> {
        Box::pin(async { Ok(self.tables.lock().events.keys().copied().collect()) })
    }

    fn delete_event(&self, id: EventId) -> StoreFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            let _lock = self.lock_of(id).lock_owned().await;
            let mut tables = self.tables.lock();
            if tables.events.get(&id).is_none_or(|table| table.event.livemode) {
                return Ok(false);
            }
            tables.events.remove(&id);
            Ok(true)
        })
    }
}
