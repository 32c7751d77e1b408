//! The memory store as an archive.

use domain::id::{EventId, HoldId, OrderId, OrganizationId, Serial};
use domain::place::ChannelKey;
use domain::record::{HoldRecord, OrderRecord};
use engine::store::{Archive, ChannelNotes, OrderFilter, Page, StoreError, StoreFuture, StoredReply};

use super::MemoryStore;
use super::catalog::page_of;

fn is_wanted(filter: &OrderFilter, order: &OrderRecord) -> bool {
    let is = |wanted: &Option<String>, text: Option<&str>| wanted.as_deref().is_none_or(|w| Some(w) == text);
    let has_code = |code: &str| order.tickets.iter().any(|ticket| ticket.code.as_deref() == Some(code));
    filter.event.is_none_or(|event| order.id.event == event)
        && is(&filter.buyer, Some(&*order.buyer))
        && is(&filter.reference, order.reference.as_deref())
        && is(&filter.payment_ref, order.payment_ref.as_deref())
        && filter.is_cancelled.is_none_or(|wanted| order.is_cancelled() == wanted)
        && filter.code.as_deref().is_none_or(has_code)
}

impl Archive for MemoryStore {
    fn hold(&self, id: HoldId) -> StoreFuture<'_, Result<Option<HoldRecord>, StoreError>> {
        Box::pin(async move {
            let record = self.look(id.event, |table| table.holds.get(&id.serial).cloned()).flatten();
            Ok(record.filter(|record| record.id == id))
        })
    }

    fn order(&self, id: OrderId) -> StoreFuture<'_, Result<Option<OrderRecord>, StoreError>> {
        Box::pin(async move {
            let record = self.look(id.event, |table| table.orders.get(&id.serial).cloned()).flatten();
            Ok(record.filter(|record| record.id == id))
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
            let tables = self.tables.lock();
            let orders = page_of(tables.order_list.iter(), page).filter_map(|(at, id)| {
                let table = tables.events.get(&id.event)?;
                let is_theirs = (table.event.organization, table.event.livemode) == (organization, livemode);
                let order = table.orders.get(&id.serial).filter(|order| is_theirs && order.id == *id)?;
                is_wanted(&filter, order).then(|| (at, order.clone()))
            });
            Ok(orders.take(page.limit).collect())
        })
    }

    fn channel_notes(&self, event: EventId) -> StoreFuture<'_, Result<ChannelNotes, StoreError>> {
        Box::pin(async move {
            let notes = |table: &super::EventTable| {
                table
                    .notes
                    .iter()
                    .map(|(channel, note)| (ChannelKey(channel.clone()), note.clone()))
                    .collect()
            };
            Ok(self.look(event, notes).unwrap_or_default())
        })
    }

    fn stored_reply(
        &self,
        event: EventId,
        serial: Serial,
    ) -> StoreFuture<'_, Result<Option<StoredReply>, StoreError>> {
        Box::pin(async move { Ok(self.look(event, |table| table.replies.get(&serial).cloned()).flatten()) })
    }
}
