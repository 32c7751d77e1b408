//! Questions about the past: a hold, an order, lists of orders.
//!
//! A list is read in pieces, each a transaction of its own: a filter that almost nothing matches must walk far, and
//! a long read keeps the log from being emptied.

use domain::command::LimitKey;
use domain::id::{EventId, HoldId, OrderId, OrganizationId, Serial};
use domain::place::ChannelKey;
use domain::record::{HoldRecord, OrderRecord};
use domain::time::Timestamp;
use engine::store::{Archive, ChannelNotes, Erased, OrderFilter, Page, StoreError, StoreFuture, StoredReply};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::SqliteStore;
use super::error::Failure;
use super::journal::{hold_of, limit, order_of};
use super::readers::at_one_commit;
use super::rows::order::BY_COMMIT;
use super::writer::event_key;
use crate::columns::{self, serial, signed, unsigned};

/// Orders that one piece of a filtered walk looks at.
const WALK_ROWS: usize = 20_000;

impl Archive for SqliteStore {
    fn hold(&self, id: HoldId) -> StoreFuture<'_, Result<Option<HoldRecord>, StoreError>> {
        Box::pin(self.readers.run(move |connection| {
            let Some(key) = event_key(connection, id.event)? else { return Ok(None) };
            let hold = hold_of(connection, key.number, id.event, id.serial)?;
            Ok(hold.filter(|hold| hold.id == id))
        }))
    }

    fn order(&self, id: OrderId) -> StoreFuture<'_, Result<Option<OrderRecord>, StoreError>> {
        Box::pin(self.readers.run(move |connection| {
            at_one_commit(connection, || {
                let Some(key) = event_key(connection, id.event)? else { return Ok(None) };
                let order = order_of(connection, key.number, id.event, id.serial)?;
                Ok(order.filter(|order| order.id == id))
            })
        }))
    }

    fn orders(
        &self,
        organization: OrganizationId,
        livemode: bool,
        filter: OrderFilter,
        page: Page,
    ) -> StoreFuture<'_, Result<Vec<(i64, OrderRecord)>, StoreError>> {
        let walk = Walk { organization, livemode, filter };
        Box::pin(async move {
            let mut found = Vec::new();
            let mut after = page.after;
            while found.len() < page.limit {
                let (walk, wanted) = (walk.clone(), page.limit - found.len());
                let piece = self.readers.run(move |connection| {
                    at_one_commit(connection, || walk.piece(connection, after, wanted))
                });
                let Piece { orders, next } = piece.await?;
                found.extend(orders);
                match next {
                    Some(next) => after = next,
                    None => break,
                }
            }
            Ok(found)
        })
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
        Box::pin(self.readers.run(move |connection| {
            let Some(key) = event_key(connection, event)? else { return Ok(Vec::new()) };
            let sql = "SELECT channel, note FROM channel_notes WHERE event = ?1 ORDER BY channel";
            let mut statement = connection.prepare_cached(sql)?;
            let notes =
                statement.query_map([key.number], |row| Ok((ChannelKey(row.get(0)?), row.get(1)?)))?;
            Ok(notes.collect::<Result<_, _>>()?)
        }))
    }

    fn stored_reply(
        &self,
        event: EventId,
        serial: Serial,
    ) -> StoreFuture<'_, Result<Option<StoredReply>, StoreError>> {
        Box::pin(self.readers.run(move |connection| {
            let Some(key) = event_key(connection, event)? else { return Ok(None) };
            let sql = "SELECT replies FROM replies \
                       WHERE position = (SELECT position FROM ledger WHERE event = ?1 AND seq = ?2)";
            let mut statement = connection.prepare_cached(sql)?;
            let values = params![key.number, signed(serial.seq().0)];
            let packed = statement.query_row(values, |row| row.get::<_, Vec<u8>>(0)).optional()?;
            let Some(packed) = packed else { return Ok(None) };
            let replies = columns::reply::unpack(serial.seq(), &packed)?;
            Ok(replies.into_iter().find(|(known, _)| *known == serial).map(|(_, reply)| reply))
        }))
    }
}

/// Which orders are wanted, of whom.
#[derive(Clone)]
struct Walk {
    organization: OrganizationId,
    livemode: bool,
    filter: OrderFilter,
}

/// What one piece of a walk found, and where to go on if there is more.
struct Piece {
    orders: Vec<(i64, OrderRecord)>,
    next: Option<i64>,
}

/// An order that may be wanted: as little of it as a filter must see.
struct Candidate {
    position: i64,
    number: i64,
    event: EventId,
    serial: Serial,
    is_wanted: bool,
}

/// What a candidate is made of, after its position.
const CANDIDATE: &str = "orders.event, events.id, orders.serial, orders.buyer, orders.is_cancelled";

impl Walk {
    fn piece(&self, connection: &Connection, after: i64, wanted: usize) -> Result<Piece, Failure> {
        // What no index finds is walked over, many rows at a time.
        let walks = self.filter.buyer.is_some() || self.filter.is_cancelled.is_some();
        let rows_max = if walks { WALK_ROWS } else { wanted };
        let candidates = self.candidates(connection, after, rows_max)?;
        let mut orders = Vec::new();
        let mut last = after;
        for candidate in &candidates {
            if orders.len() == wanted {
                break;
            }
            last = candidate.position;
            if candidate.is_wanted {
                let Candidate { number, event, serial, .. } = *candidate;
                let order = order_of(connection, number, event, serial)?;
                orders.extend(order.map(|order| (candidate.position, order)));
            }
        }
        Ok(Piece { orders, next: (candidates.len() == rows_max).then_some(last) })
    }

    /// The next orders of the list, at most so many.
    fn candidates(
        &self,
        connection: &Connection,
        after: i64,
        rows_max: usize,
    ) -> Result<Vec<Candidate>, Failure> {
        let OrderFilter { event, reference, payment_ref, code, .. } = &self.filter;
        let has_value = reference.is_some() || payment_ref.is_some() || code.is_some();
        let sql = match (event, has_value) {
            (_, true) => self.of_values(),
            (Some(_), false) => of_event(),
            (None, false) => of_account(),
        };
        let mut statement = connection.prepare_cached(&sql)?;
        let texts = [(":reference", reference), (":payment_ref", payment_ref), (":code", code)];
        for (name, text) in texts {
            if let (Some(at), Some(text)) = (statement.parameter_index(name)?, text) {
                statement.raw_bind_parameter(at, text)?;
            }
        }
        let numbers = [
            (":organization", signed(self.organization.0)),
            (":livemode", i64::from(self.livemode)),
            (":event", event.map_or(0, |event| signed(event.0))),
            (":after", after),
            (":limit", limit(rows_max)),
        ];
        for (name, number) in numbers {
            if let Some(at) = statement.parameter_index(name)? {
                statement.raw_bind_parameter(at, number)?;
            }
        }
        let mut rows = statement.raw_query();
        let mut candidates = Vec::new();
        while let Some(row) = rows.next()? {
            candidates.push(self.candidate(row)?);
        }
        Ok(candidates)
    }

    /// The few orders that have some values, of all events or of one.
    fn of_values(&self) -> String {
        let (from, key, of_event) = match self.filter.event {
            Some(_) => (
                "events CROSS JOIN orders ON orders.event = events.number",
                "orders.serial",
                "AND events.id = :event AND orders.number > coalesce((SELECT (position << 16) | 65535 FROM ledger \
                 WHERE event = events.number AND seq < :after >> 16 ORDER BY seq DESC LIMIT 1), -1)",
            ),
            None => ("orders CROSS JOIN events ON events.number = orders.event", "orders.number", ""),
        };
        format!(
            "SELECT {key}, {CANDIDATE} FROM {from} \
             WHERE events.organization = :organization AND events.livemode = :livemode AND {key} > :after {of_event} {} \
             ORDER BY orders.number LIMIT :limit",
            self.conditions()
        )
    }

    /// What an index can find.
    fn conditions(&self) -> String {
        let OrderFilter { reference, payment_ref, code, .. } = &self.filter;
        let mut conditions = String::new();
        if reference.is_some() {
            conditions += " AND orders.reference = :reference";
        }
        if payment_ref.is_some() {
            conditions += " AND orders.payment_ref = :payment_ref";
        }
        if code.is_some() {
            conditions += " AND orders.number IN \
                           (SELECT (ledger.position << 16) | (order_serial & 65535) FROM barcodes CROSS JOIN ledger \
                            ON ledger.event = barcodes.event AND ledger.seq = order_serial >> 16 \
                            WHERE barcodes.code = :code)";
        }
        conditions
    }

    /// Judges what no index can find.
    fn candidate(&self, row: &Row<'_>) -> Result<Candidate, Failure> {
        let is_wanted = match &self.filter.buyer {
            Some(buyer) => row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)? == buyer,
            None => true,
        };
        let is_wanted = is_wanted
            && match self.filter.is_cancelled {
                Some(wanted) => row.get::<_, bool>(5)? == wanted,
                None => true,
            };
        Ok(Candidate {
            position: row.get(0)?,
            number: row.get(1)?,
            event: EventId(unsigned(row.get(2)?)),
            serial: serial(row.get(3)?),
            is_wanted,
        })
    }
}

/// Orders of one event, by serial.
fn of_event() -> String {
    format!(
        "SELECT orders.serial, {CANDIDATE} FROM events CROSS JOIN {BY_COMMIT} \
         WHERE events.id = :event AND events.organization = :organization AND events.livemode = :livemode \
             AND ledger.event = events.number AND ledger.seq >= :after >> 16 AND orders.serial > :after \
         ORDER BY ledger.seq, orders.number LIMIT :limit"
    )
}

/// Orders of all events of an account, by commit.
fn of_account() -> String {
    format!(
        "SELECT orders.number, {CANDIDATE} FROM {BY_COMMIT} CROSS JOIN events ON events.number = orders.event \
         WHERE ledger.organization = :organization AND ledger.livemode = :livemode AND ledger.orders > 0 \
             AND ledger.position >= :after >> 16 AND orders.number > :after \
         ORDER BY ledger.position, orders.number LIMIT :limit"
    )
}

#[cfg(test)]
mod tests {
    use super::super::migrate::{MIGRATIONS, migrate};
    use super::super::rows::ledger::REPLIES_AFTER;
    use super::super::rows::order;
    use super::*;
    use crate::Migrating;

    #[test]
    fn every_list_is_found_by_keys_and_walks_need_no_sorting() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS, 1, Migrating::Always).unwrap();
        let plan = |sql: &str| -> String {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let (mut steps, mut plan) = (statement.raw_query(), String::new());
            while let Some(step) = steps.next().unwrap() {
                plan += &(step.get::<_, String>(3).unwrap() + "\n");
            }
            plan
        };
        let some = || Some("some".into());
        let filters = [
            OrderFilter { reference: some(), ..OrderFilter::default() },
            OrderFilter { payment_ref: some(), ..OrderFilter::default() },
            OrderFilter { code: some(), ..OrderFilter::default() },
        ];
        for event in [None, Some(EventId(1))] {
            for filter in &filters {
                let filter = OrderFilter { event, ..filter.clone() };
                let walk = Walk { organization: OrganizationId(1), livemode: true, filter };
                let plan = plan(&walk.of_values());
                let found_by = ["orders_by_reference", "orders_by_payment_ref", "barcodes_by_code"];
                assert!(found_by.iter().any(|index| plan.contains(index)), "{:?}\n{plan}", walk.filter);
                assert!(!plan.contains("SCAN"), "{:?}\n{plan}", walk.filter);
                assert!(event.is_none() || !plan.contains("TEMP B-TREE"), "{:?}\n{plan}", walk.filter);
            }
        }
        let replies = format!("SELECT replies FROM {REPLIES_AFTER} LIMIT ?3");
        for sql in [of_event(), of_account(), order::by_serials(), replies] {
            let plan = plan(&sql);
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
        }
        let plan = plan(&order::by_serial());
        assert!(plan.contains("SEARCH orders USING INTEGER PRIMARY KEY (rowid=?)"), "{plan}");
    }
}
