//! The first round trip: locks the events of a batch, and reads what must be known under the lock.
//!
//! Everything that is read has a statement of its own after the one that locks: a statement sees what was committed
//! when it began, and the one that waited for the lock began before the wait.

use std::collections::HashMap;

use domain::command::Digest;
use domain::id::EventId;
use domain::time::Timestamp;
use engine::store::{Found, Locked, Work};
use tokio_postgres::Row;

use super::super::EventKey;
use super::super::error::Failure;
use super::super::rows::{self, bytes, column};
use super::super::session::{Call, Session};
use crate::columns::{signed, unsigned};

/// Commits that are read under the lock at most: a desk further behind catches up outside of it.
const NEWS_MAX: u64 = 8;

/// Orders that are named, that holds became, and that have a reference, as the table `wanted`.
macro_rules! wanted_orders {
    () => {
        "WITH wanted AS ( \
         SELECT event, serial FROM unnest($1::bigint[], $2::bigint[]) AS w (event, serial) \
         UNION SELECT h.event, h.order_serial FROM unnest($3::bigint[], $4::bigint[]) AS w (event, serial) \
             JOIN holds AS h ON h.event = w.event AND h.serial = w.serial WHERE h.status = 1 \
         UNION SELECT r.event, r.order_serial FROM unnest($5::bigint[], $6::bytea[]) AS w (event, digest) \
             JOIN order_refs AS r ON r.event = w.event AND r.digest = w.digest) "
    };
}

const LOCK: &str = "SELECT event, seq, head FROM heads WHERE event = ANY($1) ORDER BY event FOR UPDATE";
const LOCK_FREE: &str =
    "SELECT event, seq, head FROM heads WHERE event = ANY($1) ORDER BY event FOR UPDATE SKIP LOCKED";
const TAIL: &str = "SELECT l.seq, l.at, l.hash, l.payload, l.keys, l.pseudonyms, w.event \
     FROM unnest($1::bigint[], $2::bigint[]) AS w (event, seq) \
     CROSS JOIN LATERAL (SELECT * FROM ledger WHERE ledger.event = w.event AND ledger.seq > w.seq \
         ORDER BY ledger.seq LIMIT 9) AS l \
     ORDER BY w.event, l.seq";
const HOLDS: &str = "SELECT h.serial, h.salt, h.version, h.status, h.order_serial, h.order_salt, h.buyer_surrogate, \
     h.buyer, h.created_at, h.deadline, h.ended_at, h.lines, h.codes, h.reference, h.metadata, h.claims, h.event \
     FROM unnest($1::bigint[], $2::bigint[]) AS w (event, serial) \
     JOIN holds AS h ON h.event = w.event AND h.serial = w.serial";
const ORDERS: &str = concat!(
    wanted_orders!(),
    "SELECT o.serial, o.salt, o.version, o.seq, o.buyer, o.buyer_surrogate, o.amount, o.amount_cancelled, \
         o.created_at, o.hold_serial, o.hold_salt, o.claims, o.payment_ref, o.reference, o.metadata, \
         o.changes, o.tickets, o.event \
     FROM wanted JOIN orders AS o ON o.event = wanted.event AND o.serial = wanted.serial"
);
const REFS: &str = "SELECT r.event, r.digest, r.fingerprint, r.order_serial, r.order_salt \
     FROM unnest($1::bigint[], $2::bytea[]) AS w (event, digest) \
     JOIN order_refs AS r ON r.event = w.event AND r.digest = w.digest";
const CODES: &str = "SELECT c.event, c.digest, c.order_serial, c.order_salt \
     FROM unnest($1::bigint[], $2::bytea[]) AS w (event, digest) \
     JOIN codes AS c ON c.event = w.event AND c.digest = w.digest";
/// Whoever makes or renames an event takes this lock for the name first, so that no two can take one name.
pub(in crate::postgres) const LOCK_REFERENCES: &str = "SELECT pg_advisory_xact_lock(lock) FROM ( \
     SELECT DISTINCT hashtextextended(name, 0) AS lock FROM unnest($1::text[]) AS w (name) ORDER BY 1) AS locks";
const EVENT_REFS: &str = "SELECT w.event, e.reference, e.id \
     FROM unnest($1::bigint[], $2::text[]) AS w (event, reference) \
     JOIN events AS own ON own.number = w.event \
     JOIN events AS e ON e.reference = w.reference AND e.organization = own.organization \
         AND e.livemode = own.livemode AND e.number <> own.number";
const HOLD_REFS: &str = "SELECT h.event, h.reference, h.serial, h.salt \
     FROM unnest($1::bigint[], $2::text[]) AS w (event, reference) \
     JOIN holds AS h ON h.event = w.event AND h.reference = w.reference AND h.status = 0";

/// Every statement of the first round trip, for tests of their plans.
#[cfg(test)]
pub(super) const STATEMENTS: [&str; 10] =
    [LOCK, LOCK_FREE, TAIL, HOLDS, ORDERS, REFS, CODES, LOCK_REFERENCES, EVENT_REFS, HOLD_REFS];

/// Which answer is which call's.
#[derive(Default)]
struct Plan {
    calls: Vec<Call>,
    holds: Option<usize>,
    orders: Option<usize>,
    refs: Option<usize>,
    codes: Option<usize>,
    event_refs: Option<usize>,
    hold_refs: Option<usize>,
}

impl Plan {
    fn add(&mut self, call: Call) -> Option<usize> {
        self.calls.push(call);
        Some(self.calls.len() - 1)
    }
}

/// Every probe of a batch, with its event's number.
#[derive(Default)]
struct Probed {
    holds: (Vec<i64>, Vec<i64>),
    orders: (Vec<i64>, Vec<i64>),
    refs: (Vec<i64>, Vec<Vec<u8>>),
    codes: (Vec<i64>, Vec<Vec<u8>>),
    event_refs: (Vec<i64>, Vec<String>),
    hold_refs: (Vec<i64>, Vec<String>),
    names: Vec<String>,
}

impl Probed {
    fn of(works: &[(&Work, EventKey)]) -> Self {
        let mut probed = Self::default();
        for (work, key) in works {
            let probes = &work.probes;
            for hold in &probes.holds {
                push(&mut probed.holds, key.number, signed(hold.serial.0));
            }
            for order in &probes.orders {
                push(&mut probed.orders, key.number, signed(order.serial.0));
            }
            for digest in &probes.refs {
                push(&mut probed.refs, key.number, digest.0.to_vec());
            }
            for digest in &probes.codes {
                push(&mut probed.codes, key.number, digest.0.to_vec());
            }
            for reference in &probes.event_refs {
                push(&mut probed.event_refs, key.number, reference.to_string());
                probed.names.push(key.reference_lock(reference));
            }
            for reference in &probes.hold_refs {
                push(&mut probed.hold_refs, key.number, reference.to_string());
            }
        }
        probed
    }
}

fn push<T>((events, values): &mut (Vec<i64>, Vec<T>), event: i64, value: T) {
    events.push(event);
    values.push(value);
}

fn plan(works: &[(&Work, EventKey)], waits: bool) -> Plan {
    let numbers: Vec<i64> = works.iter().map(|(_, key)| key.number).collect();
    let seqs: Vec<i64> = works.iter().map(|(work, _)| signed(work.position.seq.0)).collect();
    let lock = Call::new(if waits { LOCK } else { LOCK_FREE }).with(numbers.clone());
    let tail = Call::new(TAIL).with(numbers).with(seqs);
    let mut plan = Plan { calls: vec![lock, Call::new(rows::CLOCK), tail], ..Plan::default() };
    let Probed { holds, orders, refs, codes, event_refs, hold_refs, names } = Probed::of(works);
    if !holds.0.is_empty() {
        plan.holds = plan.add(Call::new(HOLDS).with(holds.0.clone()).with(holds.1.clone()));
    }
    if !(holds.0.is_empty() && orders.0.is_empty() && refs.0.is_empty()) {
        let call = Call::new(ORDERS).with(orders.0).with(orders.1).with(holds.0).with(holds.1);
        plan.orders = plan.add(call.with(refs.0.clone()).with(refs.1.clone()));
    }
    if !refs.0.is_empty() {
        plan.refs = plan.add(Call::new(REFS).with(refs.0).with(refs.1));
    }
    if !codes.0.is_empty() {
        plan.codes = plan.add(Call::new(CODES).with(codes.0).with(codes.1));
    }
    if !event_refs.0.is_empty() {
        plan.calls.push(Call::new(LOCK_REFERENCES).with(names));
        plan.event_refs = plan.add(Call::new(EVENT_REFS).with(event_refs.0).with(event_refs.1));
    }
    if !hold_refs.0.is_empty() {
        plan.hold_refs = plan.add(Call::new(HOLD_REFS).with(hold_refs.0).with(hold_refs.1));
    }
    plan
}

/// Begins a transaction, locks the events, and reads; what is not in the answer could not be locked, or is gone.
///
/// `waits` says whether events that others have locked are waited for. Only a transaction over one event may wait: of
/// several, one that stands still would keep all others from their events.
pub(super) async fn lock(
    session: &mut Session,
    works: &[(&Work, EventKey)],
    waits: bool,
) -> Result<HashMap<EventId, Locked>, Failure> {
    let Plan { calls, holds, orders, refs, codes, event_refs, hold_refs } = plan(works, waits);
    let answers = session.begin(&calls).await?;
    let now = match answers[1].first() {
        Some(row) => Timestamp(column(row, 0)?),
        None => return Err(Failure::damaged("the clock says nothing")),
    };
    let by_number: HashMap<i64, &Work> = works.iter().map(|(work, key)| (key.number, *work)).collect();
    let mut locked = HashMap::new();
    for row in &answers[0] {
        let number = column::<i64>(row, 0)?;
        let Some(work) = by_number.get(&number) else { continue };
        let position = rows::position(row, 1).map_err(|failure| failure.of(work.event))?;
        locked.insert(number, Locked { now, position, news: Vec::new(), found: Found::default() });
    }
    news(&mut locked, &by_number, &answers[2])?;
    let rows = |at: Option<usize>| at.map_or(&[][..], |at| &answers[at][..]);
    let mut finding = Finding { locked, works: by_number };
    finding.holds(rows(holds))?;
    finding.orders(rows(orders))?;
    finding.refs(rows(refs))?;
    finding.codes(rows(codes))?;
    finding.event_refs(rows(event_refs))?;
    finding.hold_refs(rows(hold_refs))?;
    let Finding { locked, works } = finding;
    Ok(locked.into_iter().filter_map(|(number, locked)| Some((works.get(&number)?.event, locked))).collect())
}

/// Puts what others committed since the desks looked where it belongs.
fn news(locked: &mut HashMap<i64, Locked>, works: &HashMap<i64, &Work>, tail: &[Row]) -> Result<(), Failure> {
    for row in tail {
        let number = column(row, 6)?;
        if let (Some(event), Some(work)) = (locked.get_mut(&number), works.get(&number)) {
            event.news.push(rows::ledger(row).map_err(|failure| failure.of(work.event))?);
        }
    }
    for (number, event) in locked {
        let Some(work) = works.get(number) else { continue };
        let behind = event.position.seq.0.saturating_sub(work.position.seq.0);
        if behind > NEWS_MAX {
            event.news.clear();
        } else if event.news.len() as u64 != behind {
            let read = event.news.len();
            return Err(Failure::damaged(format!("it lacks commits: {read} of {behind}")).of(work.event));
        }
    }
    Ok(())
}

/// The answers to probes, on their way to the events that asked.
struct Finding<'a> {
    locked: HashMap<i64, Locked>,
    works: HashMap<i64, &'a Work>,
}

impl Finding<'_> {
    fn of(&mut self, number: i64) -> Option<(EventId, &mut Found)> {
        let event = self.works.get(&number)?.event;
        Some((event, &mut self.locked.get_mut(&number)?.found))
    }

    fn holds(&mut self, found: &[Row]) -> Result<(), Failure> {
        for row in found {
            if let Some((event, found)) = self.of(column(row, 16)?) {
                let hold = rows::hold(row, event).map_err(|failure| failure.of(event))?;
                found.holds.insert(hold.id.serial, hold);
            }
        }
        Ok(())
    }

    fn orders(&mut self, found: &[Row]) -> Result<(), Failure> {
        for row in found {
            if let Some((event, found)) = self.of(column(row, 17)?) {
                let order = rows::order(row, event).map_err(|failure| failure.of(event))?;
                found.orders.insert(order.id.serial, order);
            }
        }
        Ok(())
    }

    fn refs(&mut self, found: &[Row]) -> Result<(), Failure> {
        for row in found {
            if let Some((event, found)) = self.of(column(row, 0)?) {
                let order = rows::order_id(row, event, 3)?;
                let fingerprint = bytes(row, 2).map_err(|failure| failure.of(event))?;
                found.refs.insert(Digest(bytes(row, 1)?), (Digest(fingerprint), order));
            }
        }
        Ok(())
    }

    fn codes(&mut self, found: &[Row]) -> Result<(), Failure> {
        for row in found {
            if let Some((event, found)) = self.of(column(row, 0)?) {
                let order = rows::order_id(row, event, 2)?;
                found.codes.insert(Digest(bytes(row, 1)?), order);
            }
        }
        Ok(())
    }

    fn event_refs(&mut self, found: &[Row]) -> Result<(), Failure> {
        for row in found {
            if let Some((_, found)) = self.of(column(row, 0)?) {
                found.event_refs.insert(rows::text(row, 1)?, EventId(unsigned(column(row, 2)?)));
            }
        }
        Ok(())
    }

    fn hold_refs(&mut self, found: &[Row]) -> Result<(), Failure> {
        for row in found {
            if let Some((event, found)) = self.of(column(row, 0)?) {
                found.hold_refs.push((rows::text(row, 1)?, rows::hold_id(row, event, 2)?));
            }
        }
        Ok(())
    }
}
