//! Changes a hold: adds and removes places in one step, and asks for a later deadline.

use crate::basket::{self, Line};
use crate::command::{Actor, Claim, Digest, Edit, LimitKey};
use crate::entry::{Counted, Entry, Kind};
use crate::event::{EventStatus, check_hold_seconds};
use crate::id::{Serial, Surrogate};
use crate::limits;
use crate::place::{Place, Status};
use crate::record::{HoldRecord, HoldStatus};
use crate::rejection::Rejection;
use crate::time::Timestamp;

use super::super::holds::{add_line, position_of, remove_line};
use super::find::Own;
use super::purchase::{Codes, Taking};
use super::{Decided, Session};

impl Session<'_> {
    pub(super) fn edit(&mut self, edit: &Edit, actor: Actor) -> Result<Decided, Rejection> {
        let serial = self.known_hold(edit.hold)?;
        match self.records.holds[&serial].status {
            HoldStatus::Confirmed(order) => return Err(Rejection::AlreadyConfirmed { order }),
            // However it ended: nothing can be had any more.
            _ if self.event().status == EventStatus::Cancelled => return Err(Rejection::EventCancelled),
            HoldStatus::Active => {}
            HoldStatus::Released => return Err(Rejection::HoldExpired { released: true }),
            HoldStatus::Expired => return Err(Rejection::HoldExpired { released: false }),
        }
        if self.expire_if_lapsed(serial) {
            return Err(Rejection::HoldExpired { released: false });
        }
        if let Some(pass) = &edit.pass
            && self.limits.surrogate(&pass.buyer) != Some(self.records.holds[&serial].buyer_surrogate)
        {
            return Err(Rejection::Forbidden("this access token is another buyer's"));
        }
        let deadline = self.extended(serial, edit)?;
        let removed = self.removed(serial, edit)?;
        let added = match &edit.add {
            Some(basket) => {
                self.event().check_sale(self.moment.now, edit.ignored.sale_window, edit.pass.as_ref())?;
                let own = Own { lines: &removed, status: Status::Held };
                Some(self.take_basket(basket, own, &edit.channels, edit.ignored, edit.is_public)?)
            }
            None => None,
        };
        self.check_size(serial, &removed, added.as_ref())?;
        self.enter_edit(serial, edit, actor, deadline, removed, added)
    }

    /// The new deadline: never an earlier one, and within the cap of whoever asks.
    fn extended(&self, serial: Serial, edit: &Edit) -> Result<Option<Timestamp>, Rejection> {
        let (Some(seconds), Some(hold)) = (edit.seconds, self.inventory.hold(serial)) else {
            return Ok(None);
        };
        check_hold_seconds("/seconds", seconds)?;
        let grace = limits::DEADLINE_GRACE_SECONDS;
        let wished = self.moment.now.plus_seconds(seconds).plus_seconds(grace);
        let cap_seconds =
            if edit.is_public { self.event().max_hold_seconds } else { limits::HOLD_SECONDS_MAX };
        let cap = hold.created_at.plus_seconds(cap_seconds).plus_seconds(grace);
        let deadline = wished.min(cap);
        Ok((deadline > hold.deadline).then_some(deadline))
    }

    /// The lines that an edit lets go.
    fn removed(&self, serial: Serial, edit: &Edit) -> Result<Vec<Line>, Rejection> {
        let mut left = self.records.holds[&serial].lines.clone();
        let mut removed = Vec::new();
        for (at, seat) in edit.remove_seats.iter().enumerate() {
            let Some(line_at) = left.iter().position(|line| line.place == Place::Seat(*seat)) else {
                let pointer = format!("/remove/places/{at}");
                return Err(Rejection::invalid(pointer, "names a place that the hold does not keep"));
            };
            removed.push(left.remove(line_at));
        }
        for (at, (area, quantity, ticket_type)) in edit.remove_areas.iter().enumerate() {
            let pointer = format!("/remove/areas/{at}/quantity");
            if *quantity == 0 {
                return Err(Rejection::invalid(pointer, "must be at least 1"));
            }
            let mut missing = *quantity;
            for line in left.iter_mut().filter(|line| {
                line.place == Place::Area(*area)
                    && ticket_type.as_ref().is_none_or(|wanted| **wanted == *line.ticket_type)
            }) {
                let units = missing.min(line.units);
                line.units -= units;
                missing -= units;
                if units > 0 {
                    removed.push(Line { units, ..line.clone() });
                }
            }
            left.retain(|line| line.units > 0);
            if missing > 0 {
                return Err(Rejection::invalid(pointer, "exceeds what the hold keeps of this area"));
            }
        }
        Ok(removed)
    }

    fn check_size(&self, serial: Serial, removed: &[Line], added: Option<&Taking>) -> Result<(), Rejection> {
        let units_removed: u32 = removed.iter().map(|line| line.units).sum();
        let units = self.inventory.hold(serial).map_or(0, super::super::Hold::units) - units_removed
            + added.map_or(0, |taking| taking.units);
        if units == 0 {
            return Err(Rejection::invalid("/remove", "would leave nothing: release the hold instead"));
        }
        if units > limits::BASKET_UNITS_MAX {
            let reason =
                format!("would make {units} places; at most {} are allowed", limits::BASKET_UNITS_MAX);
            return Err(Rejection::invalid("/add", reason));
        }
        Ok(())
    }

    fn enter_edit(
        &mut self,
        serial: Serial,
        edit: &Edit,
        actor: Actor,
        deadline: Option<Timestamp>,
        removed: Vec<Line>,
        added: Option<Taking>,
    ) -> Result<Decided, Rejection> {
        if removed.is_empty() && added.is_none() && deadline.is_none() {
            return Ok(Decided::Hold(serial));
        }
        let kind = if removed.is_empty() && added.is_none() { Kind::Extend } else { Kind::Edit };
        let mut entry = Entry::new(kind, actor);
        entry.ignored = edit.ignored;
        entry.hold = Some(edit.hold);
        entry.deadline = deadline;
        entry.counted = self.recount(serial, edit, &removed, added.as_ref())?;
        entry.changes = removed
            .iter()
            .map(|line| self.change_of(&self.assigned_now(line), Status::Held, Status::Free))
            .collect();
        let added = added.unwrap_or_default();
        for line in &added.lines {
            let mut taken = self.change_of(line, Status::Free, Status::Held);
            if matches!(line.place, Place::Seat(_)) && removed.iter().any(|known| known.place == line.place) {
                // The same seat on other terms: this comes after its removal.
                taken.version += 1;
            }
            entry.changes.push(taken);
        }
        entry.buyer = self.inventory.hold(serial).map(|hold| hold.buyer);
        if let Some(record) = self.records.holds.get_mut(&serial) {
            let (lines, codes) = edited(record, &removed, &added);
            if basket::total(&lines).is_none() {
                let reason = format!("would amount to more than {} minor units", limits::AMOUNT_MAX);
                return Err(Rejection::invalid("/add", reason));
            }
            record.codes = codes;
            record.lines = lines;
            record.version += 1;
            record.deadline = deadline.unwrap_or(record.deadline);
            self.records.holds_touched.push(serial);
        }
        self.enter(entry);
        Ok(Decided::Hold(serial))
    }

    /// Counts the difference under every key of the hold, within the buyer's limit and the request's.
    fn recount(
        &mut self,
        serial: Serial,
        edit: &Edit,
        removed: &[Line],
        added: Option<&Taking>,
    ) -> Result<Vec<Counted>, Rejection> {
        let Some(hold) = self.inventory.hold(serial) else { return Ok(Vec::new()) };
        let (buyer, claims) = (hold.buyer, hold.claims.clone());
        let units_removed: u32 = removed.iter().map(|line| line.units).sum();
        let units_added = added.map_or(0, |taking| taking.units);
        let more = units_added.saturating_sub(units_removed);
        if more > 0 && !edit.ignored.limits {
            let text = self.records.holds[&serial].buyer.to_string();
            let max = self.buyer_max(edit.pass.as_ref(), &edit.claims, |key| {
                self.limits.surrogate(&key.digest) == Some(buyer)
            });
            let claim = Claim { key: LimitKey { text, digest: Digest::default() }, max, held_only: false };
            self.check_used(&claim, Some(buyer), more)?;
            let lasting = claims.iter().filter(|(_, held_only)| !held_only).map(|(key, _)| *key);
            let lasting: Vec<Surrogate> = lasting.collect();
            self.check_pass(edit, buyer, &lasting)?;
            self.check_further(buyer, &lasting, &edit.claims, more, "hold")?;
            for claim in edit.claims.iter().filter(|claim| claim.held_only) {
                self.check_claim(claim, more)?;
                // The units are counted under the keys that the hold was made with: whoever edits it from
                // elsewhere must not get past them.
                for (key, _) in claims.iter().filter(|(_, held_only)| *held_only) {
                    self.check_used(claim, Some(*key), more)?;
                }
            }
        }
        let units = i64::from(units_added) - i64::from(units_removed);
        let counted = claims.into_iter().map(|(key, held_only)| Counted { key, units, held_only });
        Ok(counted.filter(|counted| counted.units != 0).collect())
    }

    /// Refuses an access token with other limits than those that the hold is counted under for good.
    fn check_pass(&self, edit: &Edit, buyer: Surrogate, lasting: &[Surrogate]) -> Result<(), Rejection> {
        let granted = edit.claims.iter().filter(|claim| !claim.held_only);
        let granted: Vec<_> = granted.map(|claim| self.limits.surrogate(&claim.key.digest)).collect();
        let is_counted = |key: &Option<Surrogate>| key.is_some_and(|key| lasting.contains(&key));
        let is_granted = |key: &Surrogate| *key == buyer || granted.contains(&Some(*key));
        if edit.pass.is_some() && !(granted.iter().all(is_counted) && lasting.iter().all(is_granted)) {
            return Err(Rejection::Forbidden("this hold was not made with this access token"));
        }
        Ok(())
    }
}

/// The lines of a hold after an edit, and their barcodes: every unit keeps its own, and those of removed
/// units go, the last ones of their line first.
fn edited(record: &HoldRecord, removed: &[Line], added: &Taking) -> (Vec<Line>, Codes) {
    let mut lines = record.lines.clone();
    if record.codes.is_empty() && added.codes.is_empty() {
        removed.iter().for_each(|line| remove_line(&mut lines, line));
        added.lines.iter().for_each(|line| add_line(&mut lines, line.clone()));
        return (lines, Codes::new());
    }
    let mut codes = padded(&lines, &record.codes);
    for line in removed {
        let Some(at) = position_of(&lines, line) else { continue };
        let left = lines[at].units.saturating_sub(line.units);
        codes[at].truncate(left as usize);
        if left == 0 {
            codes.remove(at);
        }
        remove_line(&mut lines, line);
    }
    for (line, new) in added.lines.iter().zip(padded(&added.lines, &added.codes)) {
        match position_of(&lines, line) {
            Some(at) => codes[at].extend(new),
            None => codes.push(new),
        }
        add_line(&mut lines, line.clone());
    }
    if codes.iter().flatten().all(Option::is_none) {
        codes.clear();
    }
    (lines, codes)
}

/// Barcodes with one entry a unit of every line.
fn padded(lines: &[Line], codes: &Codes) -> Codes {
    let of = |at: usize| codes.get(at).map_or(&[][..], |codes| &codes[..]);
    (0..)
        .zip(lines)
        .map(|(at, line)| (0..line.units as usize).map(|unit| of(at).get(unit).cloned().flatten()).collect())
        .collect()
}
