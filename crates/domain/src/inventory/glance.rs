//! The desk's first look at a request, in memory: most of a crowd is refused here.
//!
//! A glance refuses only what a committed state refuses; whatever it is not sure of is left to the
//! batch, which decides under the store's lock.

use crate::basket::Basket;
use crate::command::{Command, Edit, Ignored};
use crate::id::Serial;
use crate::place::{ChannelKey, Counts, SeatIndex, Status};
use crate::rejection::{Reason, Rejection};
use crate::time::Timestamp;

use super::Inventory;

/// What a glance tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Glance {
    /// A committed state refuses it, or a pending request has its places.
    Refused(Rejection),
    /// It has a chance; the batch must decide.
    Undecided,
}

impl Inventory {
    /// Looks at a command as of `now`. `is_pending` says which seats undecided requests want.
    pub fn glance(
        &self,
        command: &Command,
        now: Timestamp,
        is_pending: impl Fn(SeatIndex) -> bool,
    ) -> Glance {
        let (basket, channels, ignored) = match command {
            Command::Hold { purchase, .. } | Command::Book { purchase, .. } => {
                if let Err(rejection) =
                    self.event.check_sale(now, purchase.ignored.sale_window, purchase.pass.as_ref())
                {
                    return Glance::Refused(rejection);
                }
                (&purchase.basket, &purchase.channels, purchase.ignored)
            }
            Command::Edit(edit) => match &edit.add {
                Some(basket) if self.only_adds(edit, now) => (basket, &edit.channels, edit.ignored),
                _ => return Glance::Undecided,
            },
            _ => return Glance::Undecided,
        };
        match self.glance_basket(basket, channels, ignored, now, is_pending) {
            Some(rejection) => Glance::Refused(rejection),
            None => Glance::Undecided,
        }
    }

    /// Whether an edit comes down to the places that it adds: its hold runs, and gives nothing back that
    /// it may take anew on other terms. Whatever else stands against it, the batch says.
    fn only_adds(&self, edit: &Edit, now: Timestamp) -> bool {
        let hold = self.hold(edit.hold.serial);
        hold.is_some_and(|hold| hold.id == edit.hold && hold.deadline > now)
            && self.event.check_sale(now, edit.ignored.sale_window, edit.pass.as_ref()).is_ok()
            && edit.remove_seats.is_empty()
            && edit.remove_areas.is_empty()
    }

    fn glance_basket(
        &self,
        basket: &Basket,
        channels: &[ChannelKey],
        ignored: Ignored,
        now: Timestamp,
        is_pending: impl Fn(SeatIndex) -> bool,
    ) -> Option<Rejection> {
        let mut refused = Vec::new();
        let mut pending = Vec::new();
        for wanted in &basket.seats {
            match self.seat_refusal(wanted.seat, channels, ignored, now) {
                Some(reason) => refused.push((self.event.seat_name(wanted.seat), reason)),
                None if is_pending(wanted.seat) => {
                    pending.push((self.event.seat_name(wanted.seat), Reason::Pending));
                }
                None => {}
            }
        }
        if !refused.is_empty() {
            return Some(Rejection::PlaceUnavailable(refused));
        }
        if !pending.is_empty() {
            return Some(Rejection::PlaceContended(pending));
        }
        // Whoever presents a channel may be served from it: the batch looks.
        if !channels.is_empty() || ignored.channels {
            return None;
        }
        let lapses = self.holds.next_deadline().is_some_and(|deadline| deadline <= now);
        for (area, wanted) in basket.area_units() {
            let pool = self.areas[area.at()].pool(None);
            let counts = Counts { free: pool.free(), held: pool.held, ..Counts::default() };
            match shortage(counts, wanted) {
                // The first refusal is the one that is told: leave it to the batch.
                Some(Rejection::AllHeld) if lapses => return None,
                None => {}
                refusal => return refusal,
            }
        }
        let party = basket.best_available.as_ref()?;
        if party.sections.is_some() || party.channel.is_some() || !party.is_for(&self.event) {
            return None;
        }
        let wanted = u32::try_from(party.ticket_types.len()).unwrap_or(u32::MAX);
        let priced = self.event.priced_categories(party.categories.as_deref(), &party.ticket_types);
        let categories = priced.as_deref().or(party.categories.as_deref());
        match shortage(self.eligible_seats(party.accessible, categories), wanted) {
            Some(Rejection::AllHeld) if lapses => None,
            refusal => refusal,
        }
    }

    /// Why a seat cannot be had as of `now`; `None` when it can, as far as memory knows.
    pub(super) fn seat_refusal(
        &self,
        seat: SeatIndex,
        channels: &[ChannelKey],
        ignored: Ignored,
        now: Timestamp,
    ) -> Option<Reason> {
        if !self.is_on_chart(seat) {
            return Some(Reason::Unknown);
        }
        let state = self.seats.state(seat);
        match state.status {
            Status::Sold => return Some(Reason::Sold),
            Status::Held if !self.has_lapsed(state.owner, now) => return Some(Reason::Held),
            Status::Held | Status::Free => {}
        }
        let presented = match self.seats.channel(state.channel) {
            None => true,
            Some(key) => ignored.channels || channels.contains(key),
        };
        (!presented).then_some(Reason::Blocked)
    }

    /// Whether a hold is past its deadline, and its places free for whoever asks.
    pub(super) fn has_lapsed(&self, hold: Serial, now: Timestamp) -> bool {
        self.holds.get(hold).is_some_and(|hold| hold.deadline <= now)
    }

    /// Seats of some categories, or of all, that a plain or an accessible wish may have.
    pub(super) fn eligible_seats(&self, accessible: bool, categories: Option<&[u16]>) -> Counts {
        let mut counts = Counts::default();
        for (at, [ordinary, companion, accessible_ones]) in (0_u16..).zip(self.seats.counts()) {
            if categories.is_none_or(|wanted| wanted.contains(&at)) {
                counts += *companion;
                counts += if accessible { *accessible_ones } else { *ordinary };
            }
        }
        counts
    }
}

impl Counts {
    /// The counter for a status where it matters what a request may hope for: a held place that is
    /// assigned to a channel goes back there, and so is as good as blocked.
    pub(super) fn hoped_for(&mut self, status: Status, assigned: bool) -> &mut u32 {
        match (status, assigned) {
            (Status::Held, true) => &mut self.blocked,
            _ => self.of(status, assigned),
        }
    }
}

/// Why so many units cannot be had from these, if they cannot.
pub(super) fn shortage(counts: Counts, wanted: u32) -> Option<Rejection> {
    if counts.free >= wanted {
        None
    } else if counts.free + counts.held >= wanted {
        Some(Rejection::AllHeld)
    } else {
        Some(Rejection::SoldOut)
    }
}
