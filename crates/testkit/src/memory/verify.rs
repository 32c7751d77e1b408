//! Judges one commit before it is kept: its guards, its place in the ledger, its rows against its entries.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::command::Digest;
use domain::entry::number_after;
use domain::id::{Serial, Surrogate};
use domain::record::{HoldRecord, HoldStatus};
use engine::ledger;
use engine::ledger::wire::VERSION;
use engine::store::CommitWrite;

use super::past::Past;
use super::tables::{EventTable, PoolKey};
use super::walk::{CONSERVATION, FENCED, LIMITS, ONE_OWNER, Walk};
use super::{Violation, demand};

/// The ledger is the whole truth.
pub(super) const LEDGER: &str = "the ledger is the whole truth";
/// Same key and same body: same answer, one effect.
pub(super) const ONCE: &str = "once";
/// References and barcodes belong to one order.
pub(super) const UNIQUE: &str = "unique references";

/// Whether the rows are as the desk believes; `false` is a conflict, and no violation.
pub(super) fn guards_hold(table: &EventTable, write: &CommitWrite) -> bool {
    let seat_version = |seat| table.seats.get(&seat).map_or(0, |row| row.version);
    let order_version = |serial| table.orders.get(&serial).map_or(0, |order| order.version);
    let is_free = |digest| !table.refs.contains_key(digest) && !table.codes.contains_key(digest);
    table.position == write.before
        && write.refs.iter().all(|(digest, ..)| is_free(digest))
        && write.codes.iter().all(|(digest, _)| is_free(digest))
        && write.seats.iter().all(|(before, row)| seat_version(row.seat) == *before)
        && write.orders.iter().all(|order| order_version(order.order.id.serial) == order.version_before)
}

/// Judges a commit whose guards hold.
///
/// # Errors
/// The first invariant that it breaks.
pub(super) fn verify<'a>(
    table: &'a EventTable,
    write: &CommitWrite,
    mut keep_past: impl FnMut(&Walk<'a>),
) -> Result<Walk<'a>, Violation> {
    check_ledger(table, write)?;
    let mut walk = Walk::new(table, write.at);
    for entry in &write.entries {
        walk.entry(entry)?;
        keep_past(&walk);
    }
    check_seats(&walk, write)?;
    check_pools(&walk, write)?;
    check_counters(&walk, write)?;
    check_holds(&walk, write)?;
    check_orders(&walk, write)?;
    check_unique(table, write)?;
    let is_same = match &write.settings {
        Some(settings) => Arc::ptr_eq(settings, &walk.event),
        None => Arc::ptr_eq(&table.event, &walk.event),
    };
    demand!(is_same, LEDGER, "the settings that are written are not the entries'");
    Ok(walk)
}

fn check_ledger(table: &EventTable, write: &CommitWrite) -> Result<(), Violation> {
    let seq = number_after(write.before.seq, &write.entries);
    demand!(write.after.seq == seq, LEDGER, "commit {} follows {}", write.after.seq, write.before.seq);
    let head = write.before.head.extended(write.event, seq, write.at, &write.payload);
    demand!(write.after.head == head, LEDGER, "the head of commit {seq} is not the hash of its row");
    demand!(!write.entries.is_empty(), LEDGER, "commit {seq} is empty");
    demand!(
        ledger::encode(&write.entries, VERSION) == write.payload,
        LEDGER,
        "the payload of {seq} is of other entries"
    );
    let decoded = ledger::decode(&write.payload, write.settings.as_deref().unwrap_or(&table.event));
    let Ok(decoded) = decoded else {
        return Err(Violation::new(LEDGER, format!("the payload of {seq} cannot be read: {decoded:?}")));
    };
    demand!(
        ledger::encode(&decoded, VERSION) == write.payload,
        LEDGER,
        "the payload of {seq} reads as something else"
    );
    Ok(())
}

fn check_seats(walk: &Walk<'_>, write: &CommitWrite) -> Result<(), Violation> {
    let written: BTreeMap<_, _> = write.seats.iter().map(|(_, row)| (row.seat, row.clone())).collect();
    demand!(written.len() == write.seats.len(), ONE_OWNER, "a seat is written twice");
    demand!(written == walk.seats, ONE_OWNER, "seats are written as {written:?}, not {:?}", walk.seats);
    for seat in walk.seats.keys() {
        demand!(walk.event.has_seat(*seat), ONE_OWNER, "the event has no seat {}", seat.0);
    }
    Ok(())
}

fn check_pools(walk: &Walk<'_>, write: &CommitWrite) -> Result<(), Violation> {
    let written: BTreeMap<PoolKey, _> =
        write.areas.iter().map(|row| ((row.area, row.channel.clone()), row.pool)).collect();
    demand!(written.len() == write.areas.len(), CONSERVATION, "a pool is written twice");
    for (key, pool) in &walk.pools {
        let row = written.get(key);
        demand!(row == Some(pool), CONSERVATION, "the pool {key:?} is written as {row:?}, not {pool:?}");
    }
    for (key, pool) in &written {
        let kept = walk.pools.get(key).copied().unwrap_or_else(|| walk.table.pool(key));
        demand!(kept == *pool, CONSERVATION, "the pool {key:?} is written as {pool:?}, but it is {kept:?}");
    }
    Ok(())
}

fn check_counters(walk: &Walk<'_>, write: &CommitWrite) -> Result<(), Violation> {
    let written: BTreeMap<Surrogate, u32> = write.used.iter().copied().collect();
    demand!(written == walk.used, LIMITS, "counters are written as {written:?}, not {:?}", walk.used);
    let mut known: BTreeSet<Surrogate> = walk.table.mappings.keys().copied().collect();
    for mapping in &write.mappings {
        let is_new = walk.table.surrogate(&mapping.digest).is_none();
        demand!(is_new, LIMITS, "a second pseudonym is given: {:?}", mapping.surrogate);
        demand!(
            known.insert(mapping.surrogate),
            LIMITS,
            "a pseudonym is given twice: {:?}",
            mapping.surrogate
        );
    }
    let unknown = walk.used.keys().find(|key| !known.contains(key));
    demand!(unknown.is_none(), LIMITS, "{unknown:?} is counted, but nobody's pseudonym");
    Ok(())
}

fn check_holds(walk: &Walk<'_>, write: &CommitWrite) -> Result<(), Violation> {
    let mut named: BTreeSet<Serial> = BTreeSet::new();
    for record in &write.holds {
        demand!(named.insert(record.id.serial), LEDGER, "the hold {} is written twice", record.id);
        check_hold(walk, record)?;
    }
    for moved in &write.holds_moved {
        demand!(named.insert(moved.serial), LEDGER, "the hold of {moved:?} is written twice");
        let Some(Some(hold)) = walk.holds.get(&moved.serial) else {
            return Err(Violation::new(LEDGER, format!("no hold runs on as {moved:?}")));
        };
        demand!(hold.deadline == moved.deadline, FENCED, "{moved:?} is written of {}", hold.deadline);
    }
    for end in &write.holds_ended {
        demand!(named.insert(end.serial), LEDGER, "the end of a hold is written twice: {end:?}");
        demand!(walk.table.holds.contains_key(&end.serial), LEDGER, "no hold ends as {end:?}");
        let has_ended = matches!(walk.holds.get(&end.serial), Some(None));
        demand!(has_ended, FENCED, "a hold that runs on is written as ended: {end:?}");
        demand!(end.at == walk.at, LEDGER, "a hold ends at another time than its commit: {end:?}");
    }
    let unwritten = walk.holds.keys().find(|serial| !named.contains(serial));
    demand!(unwritten.is_none(), LEDGER, "what happens to the hold {unwritten:?} is not written");
    Ok(())
}

fn check_hold(walk: &Walk<'_>, record: &HoldRecord) -> Result<(), Violation> {
    let id = record.id;
    let before = walk.table.holds.get(&id.serial);
    let version = before.map_or(0, |known| known.version);
    demand!(record.version > version, LEDGER, "the hold {id} stays at version {version}");
    demand!(before.is_none_or(|known| known.id == id), ONE_OWNER, "the hold {id} replaces another");
    match (walk.holds.get(&id.serial), record.status) {
        (Some(Some(hold)), HoldStatus::Active) => {
            demand!(
                hold.deadline == record.deadline,
                FENCED,
                "{id}: {} is not {}",
                record.deadline,
                hold.deadline
            );
            let sorted = |lines: &[domain::basket::Line]| {
                let mut texts: Vec<_> = lines.iter().map(|line| format!("{line:?}")).collect();
                texts.sort();
                texts
            };
            let (kept, written) = (sorted(&hold.lines), sorted(&record.lines));
            demand!(kept == written, LEDGER, "{id} keeps {kept:?}, but {written:?} is written");
            demand!(hold.buyer == record.buyer_surrogate, LIMITS, "{id} is counted under another buyer");
        }
        (Some(None), HoldStatus::Active) => {
            return Err(Violation::new(FENCED, format!("{id} is written as running, but it ended")));
        }
        (Some(None), HoldStatus::Confirmed(order)) => {
            demand!(walk.orders.contains(&order.serial), FENCED, "{id} became {order}, which is not made");
        }
        (Some(None), HoldStatus::Released | HoldStatus::Expired) => {}
        (running, status) => {
            return Err(Violation::new(
                FENCED,
                format!("{id} is written as {status:?}, but its entries make it {running:?}"),
            ));
        }
    }
    Ok(())
}

fn check_orders(walk: &Walk<'_>, write: &CommitWrite) -> Result<(), Violation> {
    let written: BTreeSet<Serial> = write.orders.iter().map(|order| order.order.id.serial).collect();
    demand!(written.len() == write.orders.len(), LEDGER, "an order is written twice");
    demand!(written == walk.orders, LEDGER, "orders {written:?} are written, not {:?}", walk.orders);
    for order in &write.orders {
        let (id, version) = (order.order.id, order.order.version);
        demand!(version > order.version_before, LEDGER, "the order {id} stays at version {version}");
        demand!(order.order.seq == write.after.seq, LEDGER, "the order {id} is changed by another commit");
        super::audit::check_order(&order.order, |seat| {
            walk.seats.get(&seat).or_else(|| walk.table.seats.get(&seat)).cloned()
        })?;
    }
    Ok(())
}

fn check_unique(table: &EventTable, write: &CommitWrite) -> Result<(), Violation> {
    let mut keys: BTreeSet<Digest> = BTreeSet::new();
    for (digest, _) in &write.keys {
        let is_new = keys.insert(*digest) && !table.keys.contains_key(digest);
        demand!(is_new, ONCE, "commit {} has a second effect under the key {digest:?}", write.after.seq);
    }
    let mut refs: BTreeSet<Digest> = BTreeSet::new();
    for (digest, _, order) in &write.refs {
        demand!(refs.insert(*digest), UNIQUE, "{order} takes the reference of another order");
    }
    let mut codes: BTreeSet<Digest> = BTreeSet::new();
    for (digest, order) in &write.codes {
        demand!(codes.insert(*digest), UNIQUE, "{order} takes the barcode of another ticket");
    }
    let mut replies: BTreeSet<Serial> = BTreeSet::new();
    for (serial, _) in &write.replies {
        let is_new = replies.insert(*serial) && !table.replies.contains_key(serial);
        demand!(is_new, ONCE, "two replies are kept as {serial:?}");
        demand!(write.keys.iter().any(|(_, of)| of == serial), ONCE, "a reply is kept that no key finds");
    }
    Ok(())
}

/// The event after one more entry.
pub(super) fn past_of(walk: &Walk<'_>, write: &CommitWrite, since: std::time::Duration) -> Past {
    fn merged<K: Ord + Clone, V: Clone>(
        before: &BTreeMap<K, V>,
        after: &BTreeMap<K, V>,
    ) -> Arc<BTreeMap<K, V>> {
        let mut all = before.clone();
        all.extend(after.iter().map(|(key, value)| (key.clone(), value.clone())));
        Arc::new(all)
    }
    Past {
        since,
        seq: write.after.seq,
        event: walk.event.clone(),
        seats: merged(&walk.table.seats, &walk.seats),
        pools: merged(&walk.table.pools, &walk.pools),
        used: merged(&walk.table.used, &walk.used),
    }
}
