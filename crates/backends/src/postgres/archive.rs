//! Questions about the past: a hold, an order, lists of orders.

use std::collections::HashMap;

use domain::command::LimitKey;
use domain::id::{EventId, HoldId, OrderId, OrganizationId, Serial};
use domain::place::ChannelKey;
use domain::record::{HoldRecord, OrderRecord};
use domain::time::Timestamp;
use engine::store::{Archive, ChannelNotes, Erased, OrderFilter, Page, StoreError, StoreFuture, StoredReply};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::PostgresStore;
use super::error::Failure;
use super::journal::{orders_of, position_of};
use super::rows::{self, column, id};
use crate::columns::{reply, serial, signed};

/// Orders that one piece of a filtered walk looks at.
const WALK_ROWS: usize = 20_000;

impl Archive for PostgresStore {
    fn hold(&self, id: HoldId) -> StoreFuture<'_, Result<Option<HoldRecord>, StoreError>> {
        Box::pin(async move {
            let Some(key) = self.event_keys([id.event]).await?.remove(&id.event) else { return Ok(None) };
            let sql = format!(
                "SELECT {} FROM holds WHERE event = $1 AND serial = $2 AND EXISTS (SELECT FROM heads WHERE event = $1)",
                rows::HOLD
            );
            let found = self.query(&sql, &[&key.number, &signed(id.serial.0)]).await?;
            let hold = found.first().map(|row| rows::hold(row, id.event)).transpose()?;
            Ok(hold.filter(|hold| hold.id == id))
        })
    }

    fn order(&self, id: OrderId) -> StoreFuture<'_, Result<Option<OrderRecord>, StoreError>> {
        Box::pin(async move {
            let Some(key) = self.event_keys([id.event]).await?.remove(&id.event) else { return Ok(None) };
            let order = self.read_order(key.number, id.event, id.serial).await?;
            Ok(order.filter(|order| order.id == id))
        })
    }

    fn orders(
        &self,
        organization: OrganizationId,
        livemode: bool,
        filter: OrderFilter,
        page: Page,
    ) -> StoreFuture<'_, Result<Vec<(i64, OrderRecord)>, StoreError>> {
        let walk = Walk { organization, livemode, filter };
        Box::pin(async move { Ok(walk.run(self, page).await?) })
    }

    fn erase_buyer(
        &self,
        organization: OrganizationId,
        livemode: bool,
        buyer: LimitKey,
    ) -> StoreFuture<'_, Result<Erased, StoreError>> {
        Box::pin(self.forget_buyer(organization, livemode, buyer))
    }

    fn erase_people(&self, over_before: Timestamp) -> StoreFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.forget_people(over_before))
    }

    fn channel_notes(&self, event: EventId) -> StoreFuture<'_, Result<ChannelNotes, StoreError>> {
        Box::pin(async move {
            let Some(key) = self.event_keys([event]).await?.remove(&event) else { return Ok(Vec::new()) };
            let sql = "SELECT channel, note FROM channel_notes WHERE event = $1 ORDER BY channel";
            let found = self.query(sql, &[&key.number]).await?;
            let note = |row: &Row| Ok((ChannelKey(rows::text(row, 0)?), rows::text(row, 1)?));
            Ok(found.iter().map(note).collect::<Result<_, Failure>>()?)
        })
    }

    fn stored_reply(
        &self,
        event: EventId,
        serial: Serial,
    ) -> StoreFuture<'_, Result<Option<StoredReply>, StoreError>> {
        Box::pin(async move {
            let Some(key) = self.event_keys([event]).await?.remove(&event) else { return Ok(None) };
            let sql = "SELECT replies FROM replies WHERE event = $1 AND seq = $2";
            let found = self.query(sql, &[&key.number, &signed(serial.seq().0)]).await?;
            let Some(row) = found.first() else { return Ok(None) };
            let replies = reply::unpack(serial.seq(), column(row, 0)?)?;
            Ok(replies.into_iter().find(|(known, _)| *known == serial).map(|(_, reply)| reply))
        })
    }
}

impl PostgresStore {
    /// Orders by their serials, in one statement however many they are.
    async fn read_orders(
        &self,
        wanted: &[&Candidate],
    ) -> Result<HashMap<(i64, Serial), OrderRecord>, Failure> {
        let events: HashMap<i64, EventId> = wanted.iter().map(|one| (one.number, one.event)).collect();
        let numbers: Vec<i64> = wanted.iter().map(|one| one.number).collect();
        let serials: Vec<i64> = wanted.iter().map(|one| signed(one.serial.0)).collect();
        let sql = format!(
            "SELECT {}, event FROM unnest($1::bigint[], $2::bigint[]) AS w (of_event, of_serial) \
             JOIN orders ON event = of_event AND serial = of_serial",
            rows::ORDER
        );
        let mut orders = HashMap::new();
        for row in self.query(&sql, &[&numbers, &serials]).await? {
            let number: i64 = column(&row, 17)?;
            let Some(event) = events.get(&number) else { continue };
            let order = rows::order(&row, *event)?;
            orders.insert((number, order.id.serial), order);
        }
        Ok(orders)
    }

    /// An order of an event that is there.
    async fn read_order(
        &self,
        number: i64,
        event: EventId,
        serial: Serial,
    ) -> Result<Option<OrderRecord>, Failure> {
        let mut client = self.client().await?;
        let read = async {
            let transaction = client.snapshot().await?;
            let mut orders = orders_of(&*transaction, number, event, (serial, serial), 1).await?;
            let is_there = position_of(&*transaction, number).await?.is_some();
            transaction.commit().await?;
            Ok(orders.pop().filter(|_| is_there))
        };
        let order = self.in_time(2, read).await;
        client.after(order)
    }
}

/// Which orders are wanted, of whom.
struct Walk {
    organization: OrganizationId,
    livemode: bool,
    filter: OrderFilter,
}

/// An order that may be wanted: as little of it as a filter must see.
struct Candidate {
    position: i64,
    number: i64,
    event: EventId,
    serial: Serial,
    is_wanted: bool,
}

/// An order's position in a list over all events: its transaction, then its own in it. Transactions are not listed
/// before all older ones have ended, so nothing is ever added in front of a position.
const POSITION: &str = "((l.xid << 16) | o.nth)";
const ACCOUNT: &str = "e.organization = $1 AND e.livemode = $2";
const CANDIDATE: &str = "o.event, e.id, o.serial, o.buyer, o.is_cancelled";

/// Orders of one event that the conditions name, by serial, which is the order of its commits: $1 and $2 are the account, $3
/// where to begin, $4 how many.
pub(super) fn list_of_event(conditions: &str) -> String {
    format!(
        "SELECT o.serial, {CANDIDATE} FROM orders AS o JOIN events AS e ON e.number = o.event \
         WHERE {ACCOUNT} AND o.serial > $3 {conditions} ORDER BY o.serial LIMIT $4"
    )
}

impl Walk {
    async fn run(&self, store: &PostgresStore, page: Page) -> Result<Vec<(i64, OrderRecord)>, Failure> {
        // What no index finds is walked over, many rows at a time.
        let walks = self.filter.buyer.is_some() || self.filter.is_cancelled.is_some();
        let mut found = Vec::new();
        let mut after = page.after;
        loop {
            let rows_max = if walks { WALK_ROWS } else { page.limit - found.len() };
            let candidates = self.candidates(store, after, rows_max).await?;
            let missing = page.limit - found.len();
            let wanted: Vec<&Candidate> =
                candidates.iter().filter(|one| one.is_wanted).take(missing).collect();
            let mut orders = store.read_orders(&wanted).await?;
            for Candidate { position, number, serial, .. } in wanted {
                found.extend(orders.remove(&(*number, *serial)).map(|order| (*position, order)));
            }
            after = candidates.last().map_or(after, |last| last.position);
            if candidates.len() < rows_max || found.len() == page.limit {
                return Ok(found);
            }
        }
    }

    /// The next orders of the list, at most so many.
    async fn candidates(
        &self,
        store: &PostgresStore,
        after: i64,
        rows_max: usize,
    ) -> Result<Vec<Candidate>, Failure> {
        let OrderFilter { event, reference, payment_ref, code, .. } = &self.filter;
        let rows_max = i64::try_from(rows_max).unwrap_or(i64::MAX);
        let (organization, livemode) = (signed(self.organization.0), self.livemode);
        let keys = store.event_keys(*event).await?;
        let number = event.map(|event| keys.get(&event).map(|key| key.number));
        if number == Some(None) {
            return Ok(Vec::new());
        }
        let number = number.flatten();
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![&organization, &livemode, &after, &rows_max];
        let mut conditions = String::new();
        let mut add = |condition: &str, value| {
            values.push(value);
            conditions += &condition.replace('?', &format!("${}", values.len()));
        };
        if let Some(number) = &number {
            // The number itself, so that the orders come out of their index in the order of the list.
            add(" AND o.event = ?", number);
        }
        if let Some(reference) = reference {
            add(" AND o.reference = ?", reference);
        }
        if let Some(payment_ref) = payment_ref {
            add(" AND o.payment_ref = ?", payment_ref);
        }
        if let Some(code) = code {
            let of_ticket =
                " AND (o.event, o.serial) IN (SELECT event, order_serial FROM barcodes WHERE code = ?)";
            add(of_ticket, code);
        }
        let offset = store.identity.xid_offset;
        let is_settled = format!("l.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint + {offset}");
        let sql = if event.is_some() {
            list_of_event(&conditions)
        } else {
            format!(
                "SELECT {POSITION}, {CANDIDATE} FROM ledger AS l \
                 JOIN orders AS o ON o.event = l.event \
                     AND o.serial BETWEEN (l.seq << 16) AND (l.seq << 16) + 65535 \
                 JOIN events AS e ON e.number = l.event \
                 WHERE {ACCOUNT} AND l.organization = $1 AND l.livemode = $2 AND l.orders > 0 \
                     AND l.xid >= ($3::bigint >> 16) AND {POSITION} > $3 AND {is_settled} {conditions} \
                 ORDER BY l.xid, o.nth LIMIT $4"
            )
        };
        let found = store.query(&sql, &values).await?;
        found.iter().map(|row| self.candidate(row)).collect()
    }

    /// Judges what no index can find.
    fn candidate(&self, row: &Row) -> Result<Candidate, Failure> {
        let is_wanted = match &self.filter.buyer {
            Some(buyer) => column::<&str>(row, 4)? == buyer,
            None => true,
        };
        let is_wanted = is_wanted
            && match self.filter.is_cancelled {
                Some(wanted) => column::<bool>(row, 5)? == wanted,
                None => true,
            };
        Ok(Candidate {
            position: column(row, 0)?,
            number: column(row, 1)?,
            event: EventId(id(row, 2)?),
            serial: serial(column(row, 3)?),
            is_wanted,
        })
    }
}
