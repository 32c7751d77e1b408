//! Replays an event's ledger from the first commit on.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use backends::audit::AuditReader;
use domain::command::Digest;
use domain::entry::{Entry, Kind};
use domain::event::Event;
use domain::id::{OrderId, Serial};
use domain::inventory::{Inventory, Limits};
use domain::money::Amount;
use domain::place::{Place, Status};
use engine::ledger::{self, Position};
use engine::store::{LedgerRow, StoreError};

use super::{Findings, PAGE_ROWS};

/// A ticket, as the ledger tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ToldTicket {
    pub(super) place: Place,
    pub(super) price: Amount,
    pub(super) is_valid: bool,
}

/// How a hold ended, as the ledger tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HoldTold {
    Active,
    Confirmed(OrderId),
    Released,
    Expired,
}

/// What an event must look like.
pub(super) struct Replayed {
    pub(super) position: Position,
    pub(super) commits: u64,
    pub(super) inventory: Inventory,
    pub(super) limits: Limits,
    pub(super) orders: HashMap<Serial, (OrderId, Vec<ToldTicket>)>,
    pub(super) holds: HashMap<Serial, HoldTold>,
    /// Every digest of every commit, with its serial.
    pub(super) keys: HashSet<(Digest, Serial)>,
    /// Whether replaying had to stop, so that there is nothing to compare with.
    pub(super) is_broken: bool,
}

/// Replays everything, and checks the chain on the way.
pub(super) fn replay(
    reader: &dyn AuditReader,
    event: &Arc<Event>,
    findings: &mut Findings,
) -> Result<Replayed, StoreError> {
    let made = event.as_made().map_err(|rejection| {
        StoreError::Damaged(format!("the areas of {} do not go with its first chart: {rejection}", event.id))
    })?;
    let mut replayed = Replayed {
        position: Position::default(),
        commits: 0,
        inventory: Inventory::new(Arc::new(made)),
        limits: Limits::default(),
        orders: HashMap::new(),
        holds: HashMap::new(),
        keys: HashSet::new(),
        is_broken: false,
    };
    loop {
        let rows = reader.ledger(event.id, replayed.position.seq, PAGE_ROWS)?;
        if rows.is_empty() {
            return Ok(replayed);
        }
        for row in &rows {
            if let Err(finding) = replayed.commit(row, event) {
                findings.add(finding);
                replayed.is_broken = true;
                return Ok(replayed);
            }
        }
    }
}

impl Replayed {
    fn commit(&mut self, row: &LedgerRow, event: &Event) -> Result<(), String> {
        let (seq, before) = (row.seq, self.position.seq);
        // Which of the two it must be, its entries say: the inventory takes no commit out of order.
        if seq != before.next() && seq != before.restored() {
            return Err(format!("commit {seq} follows commit {before}"));
        }
        let head = self.position.head.extended(event.id, seq, row.at, &row.payload);
        if head != row.head {
            let (stored, told) = (row.head.to_hex(), head.to_hex());
            return Err(format!(
                "commit {seq} breaks the hash chain: stored {stored}, but its content gives {told}"
            ));
        }
        let entries = ledger::decode(&row.payload, event)
            .map_err(|error| format!("commit {seq} cannot be read: {:#}", anyhow::Error::from(error)))?;
        row.mappings.iter().for_each(|mapping| self.limits.learn(mapping));
        // The inventory refuses to become what cannot be; an audit reports that instead of dying of it.
        let applied = catch_unwind(AssertUnwindSafe(|| {
            entries.iter().for_each(|entry| self.limits.apply(entry));
            self.inventory.apply_commit(seq, row.at, &entries);
        }));
        if let Err(panic) = applied {
            let reason = panic.downcast_ref::<String>().cloned();
            let reason = reason.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            return Err(format!("commit {seq} contradicts those before it: {}", reason.unwrap_or_default()));
        }
        entries
            .iter()
            .try_for_each(|entry| self.follow(entry))
            .map_err(|reason| format!("commit {seq}: {reason}"))?;
        self.keys.extend(row.keys.iter().copied());
        self.position = Position { seq, head };
        self.commits += 1;
        Ok(())
    }

    /// Follows holds and tickets, which an inventory does not keep for good.
    fn follow(&mut self, entry: &Entry) -> Result<(), String> {
        if let Some(hold) = entry.hold {
            let told = match (entry.kind, entry.order) {
                (Kind::Confirm, Some(order)) => HoldTold::Confirmed(order),
                (Kind::Release, _) => HoldTold::Released,
                (Kind::Expire, _) => HoldTold::Expired,
                _ => HoldTold::Active,
            };
            self.holds.insert(hold.serial, told);
        }
        let Some(order) = entry.order else { return Ok(()) };
        let (_, tickets) = self.orders.entry(order.serial).or_insert_with(|| (order, Vec::new()));
        for change in &entry.changes {
            let Some(first) = change.ticket.map(usize::from) else { continue };
            for index in first..first + change.units as usize {
                match (change.from, change.to) {
                    (_, Status::Sold) => {
                        if index != tickets.len() {
                            return Err(format!("ticket {index} of {order} is made out of turn"));
                        }
                        let price = change.terms.as_ref().map_or(Amount::ZERO, |(_, price)| *price);
                        tickets.push(ToldTicket { place: change.place, price, is_valid: true });
                    }
                    (Status::Sold, _) => match tickets.get_mut(index).filter(|ticket| ticket.is_valid) {
                        Some(ticket) => ticket.is_valid = false,
                        None => {
                            return Err(format!("ticket {index} of {order} is cancelled, but is not valid"));
                        }
                    },
                    _ => {}
                }
            }
        }
        Ok(())
    }
}
