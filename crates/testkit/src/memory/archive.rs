//! The memory store as an archive.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::command::{Digest, LimitKey};
use domain::id::{EventId, HoldId, OrderId, OrganizationId, Serial};
use domain::place::ChannelKey;
use domain::record::{HoldRecord, OrderRecord};
use domain::time::Timestamp;
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
    for hold in table.holds.values_mut() {
        let before = hold.clone();
        if &*hold.buyer == text {
            (hold.buyer, hold.metadata) = ("".into(), None);
        }
        without(&mut hold.reference);
        erased.holds += u64::from(*hold != before);
    }
    for order in table.orders.values_mut() {
        let before = order.clone();
        if &*order.buyer == text {
            (order.buyer, order.metadata) = ("".into(), None);
        }
        without(&mut order.reference);
        without(&mut order.payment_ref);
        order.changes.iter_mut().for_each(|change| without(&mut change.payment_ref));
        erased.orders += u64::from(*order != before);
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

/// Whether an event was over before an instant, and has people in it.
fn is_over(table: &super::EventTable, before: Timestamp) -> bool {
    let last = table.ledger.last().map_or(table.event.created_at, |row| row.at);
    let ends = [table.event.starts_at, table.event.sale.closes_at, Some(last)];
    ends.into_iter().flatten().all(|at| at < before) && !people_of(table).is_empty()
}

/// Everybody who is named in an event.
fn people_of(table: &super::EventTable) -> BTreeSet<Arc<str>> {
    let buyers = table.holds.values().map(|hold| &hold.buyer);
    let buyers = buyers.chain(table.orders.values().map(|order| &order.buyer));
    buyers.filter(|buyer| !buyer.is_empty()).cloned().collect()
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

    fn erase_people(&self, over_before: Timestamp) -> StoreFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let mut tables = self.tables.lock();
            let over: Vec<_> =
                tables.events.values_mut().filter(|table| is_over(table, over_before)).collect();
            let events = over.len() as u64;
            for table in over {
                for buyer in people_of(table) {
                    let key = LimitKey { text: buyer.to_string(), digest: Digest::default() };
                    erase(table, &key, &mut Erased::default());
                }
            }
            Ok(events)
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
