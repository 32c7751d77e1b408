//! Replays an event's ledger from the first commit and compares what comes out with what is kept.

use std::collections::BTreeMap;

use domain::entry::number_after;
use domain::id::{Serial, Surrogate};
use domain::inventory::{Inventory, SeatRow};
use domain::place::{Place, SeatIndex, Status};
use domain::record::{HoldStatus, OrderRecord};
use engine::ledger::settings::WireSettings;
use engine::ledger::{self, Position};

use super::tables::EventTable;
use super::verify::LEDGER;
use super::walk::{LIMITS, ONE_OWNER};
use super::{Violation, demand};

/// Checks everything about an event.
pub(super) fn audit(table: &EventTable) -> Result<(), Violation> {
    let replayed = replay(table)?;
    compare(table, &replayed)?;
    check_owners(table)?;
    check_units(table)
}

/// The inventory that the ledger alone makes.
fn replay(table: &EventTable) -> Result<Inventory, Violation> {
    let mut inventory = Inventory::new(table.origin.clone());
    let mut position = Position::default();
    for row in &table.ledger {
        let seq = row.seq;
        let head = position.head.extended(table.event.id, seq, row.at, &row.payload);
        demand!(head == row.head, LEDGER, "the chain breaks at commit {seq}");
        let entries = ledger::decode(&row.payload, &table.event);
        let Ok(entries) = entries else {
            return Err(Violation::new(LEDGER, format!("commit {seq} cannot be read")));
        };
        let next = number_after(position.seq, &entries);
        demand!(seq == next, LEDGER, "commit {seq} follows {}", position.seq);
        position = Position { seq, head };
        inventory.apply_commit(seq, row.at, &entries);
    }
    demand!(position == table.position, LEDGER, "the ledger ends at {position:?}, not {:?}", table.position);
    Ok(inventory)
}

fn compare(table: &EventTable, replayed: &Inventory) -> Result<(), Violation> {
    let id = table.event.id;
    let seats: Vec<SeatRow> = table.seats.values().cloned().collect();
    let replayed_seats: Vec<SeatRow> = replayed.seat_rows().collect();
    demand!(seats == replayed_seats, LEDGER, "{id}: the seats {seats:?} replay as {replayed_seats:?}");
    for row in replayed.area_rows() {
        let kept = table.pool(&(row.area, row.channel.clone()));
        demand!(kept == row.pool, LEDGER, "{id}: the pool {kept:?} replays as {row:?}");
    }
    let kept: Vec<_> = table.running.values().map(|hold| (hold.id, hold.deadline, hold.units())).collect();
    let mut holds: Vec<_> = replayed.holds().map(|hold| (hold.id, hold.deadline, hold.units())).collect();
    holds.sort_unstable();
    demand!(kept == holds, LEDGER, "{id}: the running holds {kept:?} replay as {holds:?}");
    let settings = [&table.event, replayed.event()].map(|event| format!("{:?}", WireSettings::of(event)));
    demand!(
        settings[0] == settings[1],
        LEDGER,
        "{id}: the settings {} replay as {}",
        settings[0],
        settings[1]
    );
    Ok(())
}

/// Every seat belongs to the hold or order that names it, and the other way round.
fn check_owners(table: &EventTable) -> Result<(), Violation> {
    for row in table.seats.values() {
        let place = Place::Seat(row.seat);
        let is_owned = match row.status {
            Status::Free => row.owner == Serial(0),
            Status::Held => table
                .running
                .get(&row.owner)
                .is_some_and(|hold| hold.lines.iter().any(|line| line.place == place)),
            Status::Sold => table.orders.get(&row.owner).is_some_and(|order| {
                order.tickets.iter().filter(|ticket| ticket.place == place && !ticket.is_cancelled).count()
                    == 1
            }),
        };
        demand!(is_owned, ONE_OWNER, "{row:?} is not with its owner");
    }
    for order in table.orders.values() {
        check_order(order, |seat| table.seats.get(&seat).cloned())?;
    }
    for record in table.holds.values() {
        let (id, runs) = (record.id, table.running.contains_key(&record.id.serial));
        demand!(runs == (record.status == HoldStatus::Active), LEDGER, "{id} is {:?}", record.status);
        if let HoldStatus::Confirmed(order) = record.status {
            let of = table.orders.get(&order.serial).and_then(|order| order.hold);
            demand!(of == Some(id), ONE_OWNER, "{id} became {order}, which came from {of:?}");
        }
    }
    Ok(())
}

/// Checks an order against itself and against its seats.
pub(super) fn check_order(
    order: &OrderRecord,
    seat: impl Fn(SeatIndex) -> Option<SeatRow>,
) -> Result<(), Violation> {
    let id = order.id;
    let (mut amount, mut cancelled) = (0, 0);
    for (at, ticket) in order.tickets.iter().enumerate() {
        demand!(usize::from(ticket.index) == at, LEDGER, "{id}: ticket {at} has the index {}", ticket.index);
        amount += ticket.price.0;
        cancelled += if ticket.is_cancelled { ticket.price.0 } else { 0 };
        if let (Place::Seat(index), false) = (ticket.place, ticket.is_cancelled) {
            let row = seat(index);
            let is_its = row.as_ref().is_some_and(|row| (row.status, row.owner) == (Status::Sold, id.serial));
            demand!(is_its, ONE_OWNER, "{id} has a ticket for {index:?}, which is {row:?}");
        }
    }
    let sums = (order.amount.0, order.amount_cancelled.0);
    demand!(
        sums == (amount, cancelled),
        LEDGER,
        "{id} amounts to {sums:?}, its tickets to {amount}, {cancelled}"
    );
    Ok(())
}

/// Every counter is what running holds and valid tickets make of it; areas likewise.
fn check_units(table: &EventTable) -> Result<(), Violation> {
    let mut used: BTreeMap<Surrogate, u32> = BTreeMap::new();
    let mut areas: BTreeMap<Place, (u32, u32)> = BTreeMap::new();
    for hold in table.running.values() {
        hold.claims.iter().for_each(|(key, _)| *used.entry(*key).or_default() += hold.units());
        hold.lines.iter().for_each(|line| areas.entry(line.place).or_default().0 += line.units);
    }
    for order in table.orders.values() {
        for ticket in order.tickets.iter().filter(|ticket| !ticket.is_cancelled) {
            order.claims.iter().for_each(|key| *used.entry(*key).or_default() += 1);
            areas.entry(ticket.place).or_default().1 += 1;
        }
    }
    for (key, digest) in &table.mappings {
        let (kept, counted) = (table.used.get(key), used.get(key));
        let is_same = kept.copied().unwrap_or(0) == counted.copied().unwrap_or(0);
        demand!(is_same, LIMITS, "{digest:?} has {kept:?} units, its holds and orders {counted:?}");
    }
    let last = table.past.last();
    for (place, (held, sold)) in areas {
        if let (Place::Area(_), Some(past)) = (place, last) {
            let (_, kept_held, kept_sold) = past.units(place);
            demand!(
                (kept_held, kept_sold) == (held, sold),
                super::walk::CONSERVATION,
                "{place:?} has {kept_held} held and {kept_sold} sold, its holds and orders {held} and {sold}"
            );
        }
    }
    Ok(())
}
