//! Compares what is stored of an event with what its ledger tells.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use backends::audit::AuditReader;
use domain::entry::Mapping;
use domain::event::Event;
use domain::id::{Seq, Serial};
use domain::inventory::{AreaRow, Hold};
use domain::money::Amount;
use domain::place::{AreaIndex, Place, Status};
use domain::record::{HoldRecord, HoldStatus, OrderRecord};
use engine::digest::Digester;
use engine::store::StoreError;

use super::replay::{HoldTold, Replayed, ToldTicket};
use super::uniques::Uniques;
use super::{FINDINGS_MAX, Findings, PAGE_ROWS};

/// What was counted on the way.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) orders: u64,
    pub(super) tickets_valid: u64,
}

/// Compares everything.
pub(super) fn compare(
    reader: &dyn AuditReader,
    digester: &Digester,
    event: &Arc<Event>,
    told: &Replayed,
    findings: &mut Findings,
) -> Result<Totals, StoreError> {
    conservation(told, findings);
    seats(reader, event, told, findings)?;
    areas(reader, event, told, findings)?;
    holds(reader, event, told, findings)?;
    let mut uniques = Uniques::new(reader, digester, event.id, told);
    let totals = orders(reader, event, told, &mut uniques, findings)?;
    uniques.no_others(findings)?;
    counters(reader, event, told, findings)?;
    replies(reader, event, told, findings)?;
    Ok(totals)
}

/// free + held + sold + blocked = capacity.
fn conservation(told: &Replayed, findings: &mut Findings) {
    // As the replay left it: the event may have been read before its last commits were.
    let event = told.inventory.event();
    let areas: u64 = event.areas.iter().map(|area| u64::from(area.capacity)).sum();
    let capacity = event.seats_len() as u64 + areas;
    let counted = u64::from(told.inventory.total_counts().capacity());
    findings.demand("places of the event, all together", &capacity, &counted);
}

fn seats(
    reader: &dyn AuditReader,
    event: &Event,
    told: &Replayed,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let mut expected = told.inventory.seat_rows();
    let mut after = None;
    loop {
        let rows = reader.seats(event.id, after, PAGE_ROWS)?;
        for row in &rows {
            let wanted = expected.next();
            if wanted.as_ref() != Some(row) {
                findings.demand(
                    format_args!("seat {}", event.seat_name(row.seat)),
                    &Some(row),
                    &wanted.as_ref(),
                );
                return Ok(());
            }
        }
        match rows.last() {
            Some(last) => after = Some(last.seat),
            None => break,
        }
    }
    if let Some(missing) = expected.next() {
        let name = event.seat_name(missing.seat);
        findings.add(format!("seat {name} has no row, but the ledger says {missing:?}"));
    }
    Ok(())
}

fn areas(
    reader: &dyn AuditReader,
    event: &Event,
    told: &Replayed,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let key = |row: &AreaRow| (row.area, row.channel.clone());
    let stored: HashMap<_, _> =
        reader.areas(event.id)?.into_iter().map(|row| (key(&row), row.pool)).collect();
    let all: Vec<AreaIndex> = (0_u16..).map(AreaIndex).take(event.areas.len()).collect();
    for row in told.inventory.area_pools(&all) {
        let name = &event.areas[row.area.at()].name;
        match stored.get(&key(&row)) {
            Some(pool) => findings.demand(format_args!("area {name}, {:?}", row.channel), pool, &row.pool),
            // A pool without a row is as it was when the event was made.
            None if row.channel.is_none() && row.pool.held == 0 && row.pool.sold == 0 => {}
            None => findings.add(format!("area {name} has no row, but the ledger says {row:?}")),
        }
    }
    Ok(())
}

fn holds(
    reader: &dyn AuditReader,
    event: &Event,
    told: &Replayed,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let mut after = Serial(0);
    let mut active = 0;
    loop {
        let page = reader.holds(event.id, after, PAGE_ROWS)?;
        for stored in &page {
            let record = &stored.record;
            after = record.id.serial;
            active += usize::from(record.status == HoldStatus::Active);
            one_hold(record, told, findings);
        }
        if page.is_empty() {
            break;
        }
    }
    findings.demand("running holds", &active, &told.inventory.holds().count());
    Ok(())
}

fn one_hold(record: &HoldRecord, told: &Replayed, findings: &mut Findings) {
    let stored = match record.status {
        HoldStatus::Active => HoldTold::Active,
        HoldStatus::Confirmed(order) => HoldTold::Confirmed(order),
        HoldStatus::Released => HoldTold::Released,
        HoldStatus::Expired => HoldTold::Expired,
    };
    findings.demand(record.id, &Some(stored), &told.holds.get(&record.id.serial).copied());
    if let Some(Hold { lines, deadline, .. }) = told.inventory.hold(record.id.serial) {
        findings.demand(format_args!("{}, its deadline", record.id), &record.deadline, deadline);
        findings.demand(format_args!("{}, its places", record.id), &record.lines, lines);
    }
}

fn orders(
    reader: &dyn AuditReader,
    event: &Event,
    told: &Replayed,
    uniques: &mut Uniques<'_>,
    findings: &mut Findings,
) -> Result<Totals, StoreError> {
    let mut totals = Totals::default();
    let mut owners: HashMap<Place, Serial> = HashMap::new();
    let mut units_sold: HashMap<AreaIndex, u32> = HashMap::new();
    let mut after = Serial(0);
    loop {
        let page = reader.orders(event.id, after, PAGE_ROWS)?;
        barcodes(reader, event, after, &page, findings)?;
        uniques.of_page(&page, findings)?;
        for order in &page {
            after = order.id.serial;
            totals.orders += 1;
            one_order(order, told, findings);
            for ticket in order.tickets.iter().filter(|ticket| !ticket.is_cancelled) {
                totals.tickets_valid += 1;
                match ticket.place {
                    Place::Area(area) => *units_sold.entry(area).or_default() += 1,
                    Place::Seat(seat) => {
                        if let Some(other) = owners.insert(ticket.place, order.id.serial) {
                            let name = event.seat_name(seat);
                            findings.add(format!(
                                "seat {name} is sold twice: by {} and by serial {}",
                                order.id, other.0
                            ));
                        }
                        let state = told.inventory.seat(seat);
                        let is_owner = state.status == Status::Sold && state.owner == order.id.serial;
                        findings.demand(
                            format_args!("{} owns {}", order.id, event.seat_name(seat)),
                            &true,
                            &is_owner,
                        );
                    }
                }
            }
        }
        if page.is_empty() {
            break;
        }
    }
    findings.demand("orders", &totals.orders, &(told.orders.len() as u64));
    for (at, area) in (0_u16..).map(AreaIndex).zip(&event.areas) {
        let sold = units_sold.get(&at).copied().unwrap_or_default();
        let told_sold = told.inventory.area(at).counts().sold;
        findings.demand(format_args!("valid tickets of area {}", area.name), &sold, &told_sold);
    }
    let sold = told.inventory.seat_rows().filter(|row| row.status == Status::Sold).count();
    findings.demand("valid tickets of seats", &owners.len(), &sold);
    Ok(totals)
}

/// What a search by barcode finds must be what the orders say: those of a page, and none that lies between or after them.
fn barcodes(
    reader: &dyn AuditReader,
    event: &Event,
    after: Serial,
    page: &[OrderRecord],
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let last = page.last().map_or(Serial(i64::MAX.cast_unsigned()), |order| order.id.serial);
    let stored = reader.barcodes(event.id, Serial(after.0.saturating_add(1)), last)?;
    let found: BTreeSet<(Serial, &str)> = stored.iter().map(|(order, code)| (*order, &**code)).collect();
    let coded =
        page.iter().flat_map(|order| order.tickets.iter().map(move |ticket| (order.id.serial, ticket)));
    let written: BTreeSet<(Serial, &str)> =
        coded.filter_map(|(order, ticket)| Some((order, ticket.code.as_deref()?))).collect();
    let named = |order: &Serial| {
        let known = page.iter().find(|known| known.id.serial == *order);
        known.map_or_else(|| format!("serial {}, which is no order", order.0), |order| order.id.to_string())
    };
    // The codes themselves stay untold: they open doors.
    for (order, _) in written.difference(&found).take(FINDINGS_MAX) {
        findings.add(format!("a barcode of {} leads nowhere", named(order)));
    }
    for (order, _) in found.difference(&written).take(FINDINGS_MAX) {
        findings.add(format!("a barcode leads to {}, but none of its tickets has it", named(order)));
    }
    Ok(())
}

fn one_order(order: &OrderRecord, told: &Replayed, findings: &mut Findings) {
    let Some((id, tickets)) = told.orders.get(&order.id.serial) else {
        findings.add(format!("{} is stored, but the ledger does not know it", order.id));
        return;
    };
    findings.demand(format_args!("order {}", order.id.serial.0), &order.id, id);
    let stored: Vec<ToldTicket> = order
        .tickets
        .iter()
        .map(|ticket| ToldTicket { place: ticket.place, price: ticket.price, is_valid: !ticket.is_cancelled })
        .collect();
    findings.demand(format_args!("{}, its tickets", order.id), &stored, tickets);
    let sum = |only_cancelled: bool| {
        let counted = tickets.iter().filter(|ticket| !only_cancelled || !ticket.is_valid);
        Amount(counted.map(|ticket| ticket.price.0).sum())
    };
    findings.demand(format_args!("{}, its amount", order.id), &order.amount, &sum(false));
    findings.demand(format_args!("{}, its cancelled amount", order.id), &order.amount_cancelled, &sum(true));
}

fn counters(
    reader: &dyn AuditReader,
    event: &Event,
    told: &Replayed,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let (mut after, mut given) = (Seq(0), HashSet::new());
    loop {
        let page = reader.limit_keys(event.id, after, PAGE_ROWS)?;
        for commit in &page {
            after = commit.seq;
            for (Mapping { surrogate, digest }, used) in &commit.keys {
                given.insert(*surrogate);
                let told_used = told.limits.used(*surrogate);
                findings.demand(
                    format_args!("units counted under pseudonym {}", surrogate.0),
                    used,
                    &told_used,
                );
                let known = told.limits.surrogate(digest);
                findings.demand(format_args!("pseudonym {}", surrogate.0), &Some(*surrogate), &known);
            }
        }
        if page.is_empty() {
            break;
        }
    }
    let mut after = Serial(0);
    loop {
        let page = reader.counters(event.id, after, PAGE_ROWS)?;
        for (surrogate, used) in &page {
            after = *surrogate;
            if !given.contains(surrogate) {
                let id = surrogate.0;
                findings.add(format!("{used} units are counted under pseudonym {id}, which no commit gave"));
            }
        }
        if page.is_empty() {
            return Ok(());
        }
    }
}

/// Replies must be those that the ledger's commits remembered.
fn replies(
    reader: &dyn AuditReader,
    event: &Event,
    told: &Replayed,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let serials: HashSet<Serial> = told.keys.iter().map(|(_, serial)| *serial).collect();
    let mut after = Seq(0);
    loop {
        let page = reader.replies(event.id, after, PAGE_ROWS)?;
        for stored in &page {
            after = stored.seq;
            for (serial, _) in &stored.replies {
                let is_told = serials.contains(serial);
                findings.demand(format_args!("the reply remembered under {}", serial.0), &true, &is_told);
            }
        }
        if page.is_empty() {
            return Ok(());
        }
    }
}
