//! Compares the references and barcodes that are taken with those that orders have.
//!
//! What an order has must be taken by it, and nothing else may be taken: a value that is missing may be had by a second
//! order, and one too many keeps an order from being made. Both are looked for a page at a time, whatever the event's size.
//!
//! Barcodes are compared with the tickets. A reference's text may have been erased with its buyer, in part or as a whole, and then
//! nobody can say any more what was taken; its digest is in the ledger for good, so what is taken is compared with that.

use std::collections::HashMap;

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
        self.each_taken(Unique::Code, |page| {
            codes += page.len() as u64;
            Ok(())
        })?;
        if codes != self.codes {
            self.no_other(Unique::Code, findings)?;
        }
        self.no_other(Unique::OrderRef, findings)
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
    fn no_other(&self, kind: Unique, findings: &mut Findings) -> Result<(), StoreError> {
        self.each_taken(kind, |page| {
            for taken in page {
                if !self.is_had(kind, taken)? {
                    let StoredUnique { order, .. } = taken;
                    findings.add(format!("a {} is taken for {order}, which does not have it", name(kind)));
                }
            }
            Ok(())
        })
    }

    fn is_had(&self, kind: Unique, taken: &StoredUnique) -> Result<bool, StoreError> {
        let StoredUnique { digest, order } = taken;
        let is_told = self.told.orders.get(&order.serial).is_some_and(|(told, _)| told == order);
        Ok(is_told
            && match kind {
                Unique::OrderRef => self.told.keys.contains(&(*digest, order.serial)),
                Unique::Code => {
                    let before = Serial(order.serial.0.saturating_sub(1));
                    let stored = self.reader.orders(self.event, before, 1)?;
                    stored.iter().flat_map(|stored| self.codes(stored)).any(|known| known == *digest)
                }
            })
    }

    /// Reads what is taken, a page at a time.
    fn each_taken(
        &self,
        kind: Unique,
        mut read: impl FnMut(&[StoredUnique]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let page = self.reader.uniques(self.event, kind, after, PAGE_ROWS)?;
            match page.last() {
                Some(last) => after = Some(last.digest),
                None => return Ok(()),
            }
            read(&page)?;
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
