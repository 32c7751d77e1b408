//! Turns a hold into an order.

use std::sync::Arc;

use crate::basket;
use crate::command::{Actor, Claim, Confirm};
use crate::entry::{Counted, Entry, Kind};
use crate::event::EventStatus;
use crate::id::{Serial, Surrogate};
use crate::money::Amount;
use crate::place::Status;
use crate::record::{HoldStatus, OrderRecord};
use crate::rejection::Rejection;

use super::purchase::tickets_of;
use super::{Decided, Session};

impl Session<'_> {
    pub(super) fn confirm(
        &mut self,
        confirm: &Confirm,
        actor: Actor,
        salt: u32,
    ) -> Result<Decided, Rejection> {
        let serial = self.known_hold(confirm.hold)?;
        match self.records.holds[&serial].status {
            HoldStatus::Confirmed(order) => {
                return match self.records.orders.get(&order.serial) {
                    Some(known) if known.payment_ref == confirm.payment_ref => {
                        Ok(Decided::OrderBefore(order.serial))
                    }
                    _ => Err(Rejection::AlreadyConfirmed { order }),
                };
            }
            // However it ended: nothing can be had any more.
            _ if self.event().status == EventStatus::Cancelled => return Err(Rejection::EventCancelled),
            HoldStatus::Active => {}
            HoldStatus::Released => return Err(Rejection::HoldExpired { released: true }),
            HoldStatus::Expired => return Err(Rejection::HoldExpired { released: false }),
        }
        if self.expire_if_lapsed(serial) {
            return Err(Rejection::HoldExpired { released: false });
        }
        self.confirm_running(serial, confirm, actor, salt)
    }

    fn confirm_running(
        &mut self,
        serial: Serial,
        confirm: &Confirm,
        actor: Actor,
        salt: u32,
    ) -> Result<Decided, Rejection> {
        let hold = self.records.holds[&serial].clone();
        let amount = basket::total(&hold.lines).unwrap_or_default();
        if confirm.amount.is_some_and(|expected| expected != amount) {
            return Err(Rejection::HoldChanged { amount: amount.0 });
        }
        let Some(running) = self.inventory.hold(serial) else {
            return Err(Rejection::HoldExpired { released: false });
        };
        let (claims, units) = (running.claims.clone(), running.units());
        let (mut counted, buyer_surrogate) =
            self.change_buyer(confirm, hold.buyer_surrogate, &claims, units)?;
        counted.extend(Self::uncount(&claims, units, true));

        let id = self.next_order(salt);
        let mut entry = Entry::new(Kind::Confirm, actor);
        entry.hold = Some(hold.id);
        entry.order = Some(id);
        entry.buyer = Some(buyer_surrogate);
        entry.counted = counted;
        let mut ticket = 0;
        for line in &hold.lines {
            let mut change = self.change_of(&self.assigned_now(line), Status::Held, Status::Sold);
            change.ticket = Some(ticket);
            ticket += u16::try_from(line.units).unwrap_or(u16::MAX);
            entry.changes.push(change);
        }
        let buyers = [hold.buyer_surrogate, buyer_surrogate];
        let kept = claims.iter().filter(|(key, held_only)| !held_only && !buyers.contains(key));
        let order = OrderRecord {
            id,
            version: 1,
            seq: self.moment.seq,
            hold: Some(hold.id),
            buyer: confirm.buyer.as_ref().map_or_else(|| hold.buyer.clone(), |buyer| Arc::from(&*buyer.text)),
            buyer_surrogate,
            claims: std::iter::once(buyer_surrogate).chain(kept.map(|(key, _)| *key)).collect(),
            amount,
            amount_cancelled: Amount::ZERO,
            payment_ref: confirm.payment_ref.clone(),
            reference: confirm.reference.clone(),
            metadata: confirm.metadata.clone().or_else(|| hold.metadata.clone()),
            created_at: self.moment.now,
            tickets: tickets_of(&hold.lines, &hold.codes),
            changes: Vec::new(),
        };
        self.enter(entry);
        let now = self.moment.now;
        if let Some(record) = self.records.holds.get_mut(&serial) {
            record.status = HoldStatus::Confirmed(id);
            record.version += 1;
            record.ended_at = Some(now);
            self.records.holds_touched.push(serial);
        }
        self.records.orders.insert(id.serial, order);
        self.records.orders_touched.push(id.serial);
        Ok(Decided::Order(id.serial))
    }

    /// Moves the units to another buyer's key, when somebody else buys than held.
    fn change_buyer(
        &mut self,
        confirm: &Confirm,
        holder: Serial,
        claims: &[(Surrogate, bool)],
        units: u32,
    ) -> Result<(Vec<Counted>, Serial), Rejection> {
        let Some(key) = &confirm.buyer else { return Ok((Vec::new(), holder)) };
        if self.limits.surrogate(&key.digest) == Some(holder) {
            return Ok((Vec::new(), holder));
        }
        let claim = Claim { key: key.clone(), max: self.event().max_per_buyer, held_only: false };
        // The hold's units may be counted under this key already, by one of its other limits.
        let known = self.limits.surrogate(&key.digest);
        let counted_as =
            claims.iter().find(|(claim, _)| Some(*claim) == known).map(|(_, held_only)| *held_only);
        self.check_claim(&claim, if counted_as.is_some() { 0 } else { units })?;
        let buyer = self.surrogate(key);
        let units = i64::from(units);
        let mut counted = vec![Counted { key: holder, units: -units, held_only: false }];
        if counted_as != Some(false) {
            counted.push(Counted { key: buyer, units, held_only: false });
        }
        Ok((counted, buyer))
    }
}
