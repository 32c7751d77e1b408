//! The fault store as a store: reads that fail or stall now and then, and everything else passed on.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::command::{Digest, LimitKey};
use domain::event::Event;
use domain::id::{ChartId, EventId, HoldId, KeyId, OrderId, OrganizationId, Seq, Serial};
use domain::record::{HoldRecord, OrderRecord};
use domain::time::Timestamp;
use engine::fleet::{Beat, Roll};
use engine::ledger::Position;
use engine::store::{
    AccessKey, Archive, Catalog, CatalogReply, ChannelNotes, ChartRecord, Decider, Erased, Journal,
    KeyRecord, LedgerRow, Made, OrderFilter, Page, Positions, Snapshot, Store, StoreError, StoreFuture,
    StoredReply, TransactError, Waits, Work,
};

use super::{FaultStore, damage};

impl<S: Store> Journal for FaultStore<S> {
    fn load(
        &self,
        event: EventId,
        keys_keep_ms: i64,
    ) -> StoreFuture<'_, Result<Option<Snapshot>, StoreError>> {
        Box::pin(async move {
            self.reading().await?;
            let mut snapshot = self.inner.load(event, keys_keep_ms).await;
            self.latency().await;
            if *self.contradicted.lock() == Some(event)
                && let Ok(Some(snapshot)) = &mut snapshot
            {
                self.count("holds lost");
                snapshot.holds.clear();
            }
            snapshot
        })
    }

    fn transact(
        &self,
        works: Vec<Work>,
        waits: Waits,
        decider: Arc<dyn Decider>,
    ) -> StoreFuture<'_, Result<Vec<usize>, TransactError>> {
        Box::pin(self.transact_now(works, waits, decider))
    }

    fn contains(&self, event: EventId, position: Position) -> StoreFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            self.reading().await?;
            if *self.damaged.lock() == Some(event) {
                self.count("ledger damaged");
                return Err(damage());
            }
            self.inner.contains(event, position).await
        })
    }

    fn positions(&self, events: Vec<EventId>) -> StoreFuture<'_, Result<Positions, StoreError>> {
        Box::pin(async move {
            self.reading().await?;
            let mut positions = self.inner.positions(events).await;
            let stall = *self.positions_stall.lock();
            if !stall.is_zero() {
                tokio::time::sleep(stall).await;
            }
            self.latency().await;
            if let Some(headless) = *self.headless.lock()
                && let Ok(told) = &mut positions
                && let Some(at) = told.positions.iter().position(|(event, _)| *event == headless)
            {
                self.count("position damaged");
                told.positions.remove(at);
                told.damaged.push(headless);
            }
            positions
        })
    }

    fn tail(
        &self,
        event: EventId,
        after: Seq,
        limit: usize,
    ) -> StoreFuture<'_, Result<Vec<LedgerRow>, StoreError>> {
        Box::pin(async move {
            self.reading().await?;
            if *self.damaged.lock() == Some(event) {
                self.count("ledger damaged");
                return Err(damage());
            }
            let rows = self.inner.tail(event, after, limit).await;
            let stall = *self.tail_stall.lock();
            if !stall.is_zero() {
                self.count("tail stalled");
                tokio::time::sleep(stall).await;
            }
            self.latency().await;
            rows
        })
    }
}

impl<S: Store> Catalog for FaultStore<S> {
    fn beat(
        &self,
        beat: Beat,
        live_max: Duration,
        may_raise: bool,
    ) -> StoreFuture<'_, Result<Roll, StoreError>> {
        Box::pin(async move {
            self.reading().await?;
            if let Some(newer) = *self.newer_schema.lock() {
                return Err(StoreError::NewerSchema(newer));
            }
            self.inner.beat(beat, live_max, may_raise).await
        })
    }

    fn leave(&self, node: u64) -> StoreFuture<'_, Result<(), StoreError>> {
        self.inner.leave(node)
    }

    fn secret(&self) -> StoreFuture<'_, Result<[u8; 32], StoreError>> {
        self.inner.secret()
    }

    fn now(&self) -> StoreFuture<'_, Result<Timestamp, StoreError>> {
        self.inner.now()
    }

    fn default_organization(&self) -> StoreFuture<'_, Result<OrganizationId, StoreError>> {
        self.inner.default_organization()
    }

    fn create_key(&self, key: KeyRecord) -> StoreFuture<'_, Result<(), StoreError>> {
        self.inner.create_key(key)
    }

    fn keys(&self) -> StoreFuture<'_, Result<Vec<KeyRecord>, StoreError>> {
        self.inner.keys()
    }

    fn revoke_key(&self, id: KeyId) -> StoreFuture<'_, Result<bool, StoreError>> {
        self.inner.revoke_key(id)
    }

    fn access_keys(&self) -> StoreFuture<'_, Result<Vec<AccessKey>, StoreError>> {
        self.inner.access_keys()
    }

    fn add_access_key(&self, secret: [u8; 32]) -> StoreFuture<'_, Result<u32, StoreError>> {
        self.inner.add_access_key(secret)
    }

    fn rename_history(&self) -> StoreFuture<'_, Result<(), StoreError>> {
        self.inner.rename_history()
    }

    fn retire_access_key(&self, number: u32) -> StoreFuture<'_, Result<bool, StoreError>> {
        self.inner.retire_access_key(number)
    }

    fn reply(&self, key: Digest) -> StoreFuture<'_, Result<Option<StoredReply>, StoreError>> {
        self.inner.reply(key)
    }

    fn create_chart(
        &self,
        chart: ChartRecord,
        document: Bytes,
        reply: Option<CatalogReply>,
    ) -> StoreFuture<'_, Result<Made, StoreError>> {
        self.inner.create_chart(chart, document, reply)
    }

    fn chart(&self, id: ChartId) -> StoreFuture<'_, Result<Option<ChartRecord>, StoreError>> {
        self.inner.chart(id)
    }

    fn chart_document(&self, id: ChartId) -> StoreFuture<'_, Result<Option<Bytes>, StoreError>> {
        self.inner.chart_document(id)
    }

    fn charts(
        &self,
        organization: OrganizationId,
        livemode: bool,
        page: Page,
    ) -> StoreFuture<'_, Result<Vec<(i64, ChartRecord)>, StoreError>> {
        self.inner.charts(organization, livemode, page)
    }

    fn create_event(
        &self,
        event: Arc<Event>,
        reply: Option<CatalogReply>,
    ) -> StoreFuture<'_, Result<Made, StoreError>> {
        self.inner.create_event(event, reply)
    }

    fn event(&self, id: EventId) -> StoreFuture<'_, Result<Option<Arc<Event>>, StoreError>> {
        self.inner.event(id)
    }

    fn events(
        &self,
        organization: OrganizationId,
        livemode: bool,
        page: Page,
    ) -> StoreFuture<'_, Result<Vec<(i64, EventId)>, StoreError>> {
        self.inner.events(organization, livemode, page)
    }

    fn all_events(&self) -> StoreFuture<'_, Result<Vec<EventId>, StoreError>> {
        self.inner.all_events()
    }

    fn delete_event(&self, id: EventId) -> StoreFuture<'_, Result<bool, StoreError>> {
        self.inner.delete_event(id)
    }
}

impl<S: Store> Archive for FaultStore<S> {
    fn hold(&self, id: HoldId) -> StoreFuture<'_, Result<Option<HoldRecord>, StoreError>> {
        Box::pin(async move {
            self.reading().await?;
            self.inner.hold(id).await
        })
    }

    fn order(&self, id: OrderId) -> StoreFuture<'_, Result<Option<OrderRecord>, StoreError>> {
        Box::pin(async move {
            self.reading().await?;
            self.inner.order(id).await
        })
    }

    fn orders(
        &self,
        organization: OrganizationId,
        livemode: bool,
        filter: OrderFilter,
        page: Page,
    ) -> StoreFuture<'_, Result<Vec<(i64, OrderRecord)>, StoreError>> {
        Box::pin(async move {
            self.reading().await?;
            self.inner.orders(organization, livemode, filter, page).await
        })
    }

    fn erase_buyer(
        &self,
        organization: OrganizationId,
        livemode: bool,
        buyer: LimitKey,
    ) -> StoreFuture<'_, Result<Erased, StoreError>> {
        self.inner.erase_buyer(organization, livemode, buyer)
    }

    fn erase_people(&self, over_before: Timestamp) -> StoreFuture<'_, Result<u64, StoreError>> {
        self.inner.erase_people(over_before)
    }

    fn channel_notes(&self, event: EventId) -> StoreFuture<'_, Result<ChannelNotes, StoreError>> {
        Box::pin(async move {
            self.reading().await?;
            self.inner.channel_notes(event).await
        })
    }

    fn stored_reply(
        &self,
        event: EventId,
        serial: Serial,
    ) -> StoreFuture<'_, Result<Option<StoredReply>, StoreError>> {
        Box::pin(async move {
            self.reading().await?;
            self.inner.stored_reply(event, serial).await
        })
    }
}
