//! Questions about the past: a hold, an order, lists of orders.
//!
//! A list is read in pieces, each a transaction of its own: a filter that almost nothing matches must walk far, and
//! a long read keeps the log from being emptied.

use domain::id::{EventId, HoldId, OrderId, OrganizationId, Serial};
use domain::record::{HoldRecord, OrderRecord};
use engine::store::{Archive, OrderFilter, Page, StoreError, StoreFuture, StoredReply};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::SqliteStore;
use super::error::Failure;
use super::journal::{all, hold_of, limit, order_of, orders_of};
use super::readers::at_one_commit;
use super::rows::{self, serial, signed, unsigned};
use super::writer::event_key;

/// Orders that one piece of a filtered walk looks at.
const WALK_ROWS: usize = 20_000;
/// Orders that share one reference, payment or barcode, at most, that a list considers.
const SAME_VALUE_MAX: usize = 10_000;

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

    fn stored_reply(
        &self,
        event: EventId,
        serial: Serial,
    ) -> StoreFuture<'_, Result<Option<StoredReply>, StoreError>> {
        Box::pin(self.readers.run(move |connection| {
            let Some(key) = event_key(connection, event)? else { return Ok(None) };
            let mut statement =
                connection.prepare_cached("SELECT replies FROM replies WHERE event = ?1 AND seq = ?2")?;
            let values = params![key.number, signed(serial.seq().0)];
            let packed = statement.query_row(values, |row| row.get::<_, Vec<u8>>(0)).optional()?;
            let Some(packed) = packed else { return Ok(None) };
            let replies = rows::reply::unpack(serial.seq(), &packed.into())?;
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

impl Walk {
    fn piece(&self, connection: &Connection, after: i64, wanted: usize) -> Result<Piece, Failure> {
        let (candidates, read_max) = self.candidates(connection, after)?;
        let mut orders = Vec::new();
        let mut last = after;
        for candidate in &candidates {
            if orders.len() == wanted {
                break;
            }
            last = candidate.position;
            if !candidate.is_wanted {
                continue;
            }
            let Candidate { number, event, serial, .. } = *candidate;
            let order = orders_of(connection, number, event, serial, serial, 1)?.pop();
            orders.extend(order.map(|order| (candidate.position, order)));
        }
        let next = (candidates.len() == read_max).then_some(last);
        Ok(Piece { orders, next })
    }

    /// The next orders of the list, and how many it would have been if there were more.
    fn candidates(
        &self,
        connection: &Connection,
        after: i64,
    ) -> Result<(Vec<Candidate>, usize), Failure> {
        let OrderFilter { event, reference, payment_ref, code, .. } = &self.filter;
        let of_value = match (reference, payment_ref, code) {
            (Some(value), ..) => Some(("orders.reference = ?1", value)),
            (None, Some(value), _) => Some(("orders.payment_ref = ?1", value)),
            (None, None, Some(value)) => Some((
                "EXISTS (SELECT 1 FROM tickets WHERE tickets.code = ?1 AND tickets.event = orders.event \
                 AND tickets.order_serial = orders.serial)",
                value,
            )),
            (None, None, None) => None,
        };
        match (of_value, event) {
            (Some((_, value)), _) if code.is_some() && reference.is_none() && payment_ref.is_none() => {
                self.of_code(connection, value, after)
            }
            (Some((condition, value)), _) => self.of_value(connection, condition, value, after),
            (None, Some(event)) => self.of_event(connection, *event, after),
            (None, None) => self.of_account(connection, after),
        }
    }

    /// Orders of one event, by serial.
    fn of_event(
        &self,
        connection: &Connection,
        event: EventId,
        after: i64,
    ) -> Result<(Vec<Candidate>, usize), Failure> {
        let key = event_key(connection, event)?
            .filter(|key| key.organization == self.organization && key.livemode == self.livemode);
        let Some(key) = key else { return Ok((Vec::new(), WALK_ROWS)) };
        let sql = format!(
            "SELECT serial, event, ?2, serial, {SEEN} FROM orders WHERE event = ?1 AND serial > ?3 \
             ORDER BY serial LIMIT ?4"
        );
        let values = params![key.number, signed(event.0), after, limit(WALK_ROWS)];
        let found = all(&mut *connection.prepare_cached(&sql)?, values, |row| self.candidate(row))?;
        Ok((found, WALK_ROWS))
    }

    /// Orders of all events of an account, by commit.
    fn of_account(
        &self,
        connection: &Connection,
        after: i64,
    ) -> Result<(Vec<Candidate>, usize), Failure> {
        let sql = format!(
            "SELECT {POSITION}, orders.event, events.id, orders.serial, {SEEN} FROM ledger \
             JOIN orders ON orders.event = ledger.event \
                 AND orders.serial BETWEEN ledger.seq << 16 AND (ledger.seq << 16) + 65535 \
             JOIN events ON events.number = ledger.event \
             WHERE ledger.organization = ?1 AND ledger.livemode = ?2 AND ledger.orders > 0 \
                 AND ledger.position >= ?3 >> 16 AND {POSITION} > ?3 \
             ORDER BY ledger.position, orders.serial LIMIT ?4"
        );
        let values = params![signed(self.organization.0), self.livemode, after, limit(WALK_ROWS)];
        let found = all(&mut *connection.prepare_cached(&sql)?, values, |row| self.candidate(row))?;
        Ok((found, WALK_ROWS))
    }

    /// The few orders that share a value, by the list's position.
    fn of_value(
        &self,
        connection: &Connection,
        condition: &str,
        value: &str,
        after: i64,
    ) -> Result<(Vec<Candidate>, usize), Failure> {
        self.few(connection, &format!("orders WHERE {condition}"), value, after)
    }

    /// The few orders with a ticket of a code.
    fn of_code(
        &self,
        connection: &Connection,
        code: &str,
        after: i64,
    ) -> Result<(Vec<Candidate>, usize), Failure> {
        let source = "orders WHERE (orders.event, orders.serial) IN \
             (SELECT event, order_serial FROM tickets WHERE code = ?1)";
        self.few(connection, source, code, after)
    }

    fn few(
        &self,
        connection: &Connection,
        source: &str,
        value: &str,
        after: i64,
    ) -> Result<(Vec<Candidate>, usize), Failure> {
        let position = if self.filter.event.is_some() { "orders.serial" } else { POSITION };
        let sql = format!(
            "SELECT {position} AS place, orders.event, events.id, orders.serial, {SEEN} \
             FROM (SELECT * FROM {source} LIMIT ?5) AS orders \
             JOIN events ON events.number = orders.event \
             JOIN ledger ON ledger.event = orders.event AND ledger.seq = orders.serial >> 16 \
             WHERE events.organization = ?2 AND events.livemode = ?3 AND place > ?4 ORDER BY place"
        );
        let values = params![
            value,
            signed(self.organization.0),
            self.livemode,
            after,
            limit(SAME_VALUE_MAX)
        ];
        let found = all(&mut *connection.prepare_cached(&sql)?, values, |row| self.candidate(row))?;
        let wanted_event = self.filter.event;
        let found: Vec<_> = found
            .into_iter()
            .filter(|candidate| wanted_event.is_none_or(|event| event == candidate.event))
            .collect();
        // All there are: a walk over them never goes on.
        let read_max = found.len() + 1;
        Ok((found, read_max))
    }

    fn candidate(&self, row: &Row<'_>) -> Result<Candidate, Failure> {
        let OrderFilter { buyer, is_cancelled, reference, payment_ref, code, .. } = &self.filter;
        let is = |column: usize, wanted: &Option<String>| -> Result<bool, Failure> {
            let Some(wanted) = wanted else { return Ok(true) };
            let text = row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?;
            Ok(text == Some(wanted))
        };
        // Barcodes are of tickets; whoever looks for one has found the orders by it already.
        let _ = code;
        let is_wanted = is(4, buyer)?
            && is(6, reference)?
            && is(7, payment_ref)?
            && match is_cancelled {
                Some(wanted) => row.get::<_, bool>(5)? == *wanted,
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

/// An order's position in a list over all events: its commit's, then its own in the commit.
const POSITION: &str = "((ledger.position << 16) | (orders.serial & 65535))";

/// What a filter sees of an order.
const SEEN: &str = "orders.buyer, orders.is_cancelled, orders.reference, orders.payment_ref";
