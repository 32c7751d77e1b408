//! Compares the references and barcodes that are taken with those that orders have.
//!
//! What an order has must be taken by it, and nothing else may be taken: a value that is missing may be had by a second
//! order, and one too many keeps an order from being made. Both are looked for a page at a time, whatever the event's size; only where barcodes
//! are found to be wrong are they all read into memory.
//!
//! Barcodes are compared with the tickets. A reference's text may have been erased with its buyer, in part or as a whole, and then
//! nobody can say any more what was taken; its digest is in the ledger for good, so what is taken is compared with that.

use std::collections::{HashMap, HashSet};

use backends::audit::{AuditReader, StoredUnique, Unique};
use domain::command::Digest;
use domain::id::{EventId, OrderId, Serial};
use domain::record::OrderRecord;
use engine::digest::Digester;
use engine::store::StoreError;

use super::replay::Replayed;
use super::{Findings, PAGE_ROWS};

/// The unique values of an event, compared while its orders are read.
pub(super) struct Uniques<'a> {
    reader: &'a dyn AuditReader,
    digester: &'a Digester,
    event: EventId,
    told: &'a Replayed,
    /// How many barcodes that tickets have are taken.
    codes: u64,
}

impl<'a> Uniques<'a> {
    pub(super) fn new(
        reader: &'a dyn AuditReader,
        digester: &'a Digester,
        event: EventId,
        told: &'a Replayed,
    ) -> Self {
        Self { reader, digester, event, told, codes: 0 }
    }

    /// What these orders have must be taken, by them.
    pub(super) fn of_page(
        &mut self,
        page: &[OrderRecord],
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        let refs = page.iter().filter_map(|order| Some((self.reference(order)?, order.id)));
        self.demand_taken(Unique::OrderRef, refs.collect(), findings)?;
        let codes = page.iter().flat_map(|order| self.codes(order).map(|digest| (digest, order.id)));
        self.codes += self.demand_taken(Unique::Code, codes.collect(), findings)?;
        Ok(())
    }

    /// After all pages: nothing else may be taken.
    pub(super) fn no_others(&self, findings: &mut Findings) -> Result<(), StoreError> {
        let mut codes = 0;
        self.each_taken(Unique::Code, |page| codes += page.len() as u64)?;
        if codes != self.codes {
            let had = self.all_codes()?;
            self.no_other(Unique::Code, |digest, serial| had.contains(&(digest, serial)), findings)?;
        }
        let had = &self.told.keys;
        self.no_other(Unique::OrderRef, |digest, serial| had.contains(&(digest, serial)), findings)
    }

    /// The barcodes of all tickets, with their orders: only where something is wrong, since it has the size of the event.
    fn all_codes(&self) -> Result<HashSet<(Digest, Serial)>, StoreError> {
        let mut codes = HashSet::new();
        let mut after = Serial(0);
        loop {
            let page = self.reader.orders(self.event, after, PAGE_ROWS)?;
            match page.last() {
                Some(last) => after = last.id.serial,
                None => return Ok(codes),
            }
            codes.extend(page.iter().flat_map(|order| self.codes(order).map(|code| (code, order.id.serial))));
        }
    }

    /// Demands that values are taken by the orders that have them; returns how many are taken by whomever.
    fn demand_taken(
        &self,
        kind: Unique,
        owners: Vec<(Digest, OrderId)>,
        findings: &mut Findings,
    ) -> Result<u64, StoreError> {
        let digests: Vec<Digest> = owners.iter().map(|(digest, _)| *digest).collect();
        let taken = self.reader.taken(self.event, kind, &digests)?;
        let taken: HashMap<Digest, OrderId> = taken.iter().map(|taken| (taken.digest, taken.order)).collect();
        // One by one: two of these orders may have the same value, and only one can have taken it.
        for (digest, owner) in &owners {
            match taken.get(digest) {
                Some(order) if order == owner => {}
                Some(order) => findings.add(format!("a {} of {owner} is taken for {order}", name(kind))),
                None => findings
                    .add(format!("a {} of {owner} is not taken: a second order may get it", name(kind))),
            }
        }
        Ok(taken.len() as u64)
    }

    /// Demands of everything that is taken that the order has it for which it is.
    fn no_other(
        &self,
        kind: Unique,
        is_had: impl Fn(Digest, Serial) -> bool,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        self.each_taken(kind, |page| {
            for StoredUnique { digest, order } in page {
                let is_told = self.told.orders.get(&order.serial).is_some_and(|(told, _)| told == order);
                if !is_told || !is_had(*digest, order.serial) {
                    findings.add(format!("a {} is taken for {order}, which does not have it", name(kind)));
                }
            }
        })
    }

    /// Reads what is taken, a page at a time.
    fn each_taken(&self, kind: Unique, mut read: impl FnMut(&[StoredUnique])) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let page = self.reader.uniques(self.event, kind, after, PAGE_ROWS)?;
            match page.last() {
                Some(last) => after = Some(last.digest),
                None => return Ok(()),
            }
            read(&page);
        }
    }

    /// The digest of an order's reference, unless its text was erased.
    fn reference(&self, order: &OrderRecord) -> Option<Digest> {
        let (digest, _) = self.digester.order_ref(self.event, order.reference.as_deref()?, "");
        self.told.keys.contains(&(digest, order.id.serial)).then_some(digest)
    }

    /// The digests of the barcodes of an order's tickets. The texts stay untold: they open doors.
    fn codes(&self, order: &OrderRecord) -> impl Iterator<Item = Digest> {
        let codes = order.tickets.iter().filter_map(|ticket| ticket.code.as_deref());
        codes.map(|code| self.digester.code(self.event, code))
    }
}

fn name(kind: Unique) -> &'static str {
    match kind {
        Unique::OrderRef => "ref",
        Unique::Code => "code",
    }
}
