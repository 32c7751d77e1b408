//! The memory store as an archive.

use std::sync::Arc;

use domain::command::LimitKey;
use domain::id::{EventId, HoldId, OrderId, OrganizationId, Serial};
use domain::place::ChannelKey;
use domain::record::{HoldRecord, OrderRecord};
use engine::store::{Archive, ChannelNotes, Erased, OrderFilter, Page, StoreError, StoreFuture, StoredReply};

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

/// Takes a person's text out of everything.
fn erase(table: &mut super::EventTable, buyer: &LimitKey, erased: &mut Erased) {
    let text = &*buyer.text;
    let without = |value: &mut Option<Arc<str>>| {
        if let Some(known) = value.as_ref().filter(|known| known.contains(text)) {
            *value = Some(known.replace(text, "")).filter(|left| !left.is_empty()).map(Into::into);
        }
    };
    for hold in table.holds.values_mut().filter(|hold| &*hold.buyer == text) {
        (hold.buyer, hold.metadata) = ("".into(), None);
        without(&mut hold.reference);
        erased.holds += 1;
    }
    for order in table.orders.values_mut().filter(|order| &*order.buyer == text) {
        (order.buyer, order.metadata) = ("".into(), None);
        without(&mut order.reference);
        without(&mut order.payment_ref);
        order.changes.iter_mut().for_each(|change| without(&mut change.payment_ref));
        erased.orders += 1;
    }
    for (_, known) in table.mappings.values_mut().filter(|(digest, _)| *digest == buyer.digest) {
        erased.limit_keys += u64::from(!std::mem::take(known).is_empty());
    }
    // The tests' renderer writes no buyer into an answer, but a test may.
    for reply in table.replies.values_mut() {
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        if body.contains(text) {
            reply.body = body.replace(text, "").into();
            erased.replies += 1;
        }
    }
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

    fn erase_buyer(
        &self,
        organization: OrganizationId,
        livemode: bool,
        buyer: LimitKey,
    ) -> StoreFuture<'_, Result<Erased, StoreError>> {
        Box::pin(async move {
            let mut erased = Erased::default();
            let mut tables = self.tables.lock();
            let events = tables.events.values_mut();
            for table in events
                .filter(|table| (table.event.organization, table.event.livemode) == (organization, livemode))
            {
                erase(table, &buyer, &mut erased);
            }
            Ok(erased)
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
