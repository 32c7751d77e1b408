//! Judges every answer against the oracle: what was done is there, what was refused is true, what failed is not there.

use std::time::Duration;

use domain::basket::{Basket, PartyWanted};
use domain::chart::Chart;
use domain::command::{Command, Digest, Ignored};
use domain::event::EventStatus;
use domain::place::{ChartSeat, Place, Status};
use domain::record::HoldStatus;
use domain::rejection::{Missing, Reason, RefOwner, Rejection};
use engine::digest::Kind;
use engine::request::Reply;

use super::client::Outcome;
use super::errand::{Errand, basket_of};
use super::world::World;
use crate::ask;
use crate::memory::{EventTable, Past, Violation, demand};
use crate::renderer::{hold_of, order_of, seq_of};

/// A final refusal is true of a committed state at most so old.
const REFUSAL_AGE_MAX: Duration = Duration::from_millis(250);
/// How far a desk's idea of the store's clock may be off while it is fresh.
const CLOCK_SLACK_MS: i64 = 250;

const TRUTHFUL: &str = "truthful refusals";
const ONCE: &str = "once";
const NO_EFFECT: &str = "what failed had no effect";
const DURABLE: &str = "nothing acknowledged is lost";

/// Judges the outcome of an attempt that began at `started`.
pub(super) fn judge(
    world: &World,
    errand: &Errand,
    outcome: &Outcome,
    started: Duration,
) -> Result<(), Violation> {
    let event = world.plan.events[errand.event].id;
    let now = world.store.clock().elapsed();
    let key = errand.request.idempotency.map(|idempotency| idempotency.key);
    let judged = world.store.look(event, |table| match outcome {
        Outcome::Done(reply) => done(table, key, reply),
        Outcome::Refused(rejection) => {
            refused_once(table, key, rejection, started)?;
            let from = started.saturating_sub(REFUSAL_AGE_MAX);
            let moment = Moment { world, table, from, to: now };
            let is_true = moment.is_true(errand, rejection);
            demand!(is_true, TRUTHFUL, "{rejection:?} is true of no state from {from:?} to {now:?}");
            Ok(())
        }
        Outcome::Failed(why) => {
            let may_have_effect =
                world.keys.lock().iter().any(|k| Some(k.digest) == key && k.may_have_effect);
            let has_effect = key.is_some_and(|key| table.keys.contains_key(&key));
            demand!(may_have_effect || !has_effect, NO_EFFECT, "{why}, but its key was used");
            Ok(())
        }
        Outcome::Maybe(_) => Ok(()),
    });
    judged.unwrap_or(Ok(()))
}

/// What was acknowledged is in the store before the reply leaves.
fn done(table: &EventTable, key: Option<Digest>, reply: &Reply) -> Result<(), Violation> {
    if let Some(hold) = hold_of(reply) {
        let kept = table.holds.get(&hold.serial).map(|record| record.id);
        demand!(kept == Some(hold), DURABLE, "{hold} was acknowledged, but {kept:?} is kept");
    }
    if let Some(order) = order_of(reply) {
        let kept = table.orders.get(&order.serial).map(|record| record.id);
        demand!(kept == Some(order), DURABLE, "{order} was acknowledged, but {kept:?} is kept");
    }
    let seq = seq_of(reply);
    let is_committed = seq.is_none_or(|seq| seq <= table.position.seq);
    demand!(
        is_committed,
        DURABLE,
        "{:?} names a commit, but the last one is {}",
        reply.body,
        table.position.seq
    );
    let Some(serial) = key.and_then(|key| table.keys.get(&key)) else { return Ok(()) };
    // What changed nothing is not remembered; it was true before the key was used, at the same time elsewhere.
    if !reply.is_replay && seq.is_some_and(|seq| seq < serial.seq()) {
        return Ok(());
    }
    let stored = table.replies.get(serial);
    let is_same = stored.is_some_and(|stored| (stored.status, &stored.body) == (reply.status, &reply.body));
    demand!(is_same, ONCE, "{:?} is answered, but {stored:?} was", reply.body);
    Ok(())
}

/// Who did something is not told no when he asks again.
fn refused_once(
    table: &EventTable,
    key: Option<Digest>,
    rejection: &Rejection,
    started: Duration,
) -> Result<(), Violation> {
    if matches!(rejection, Rejection::IdempotencyInFlight | Rejection::IdempotencyMismatch) {
        return Ok(());
    }
    let used = table.ledger.iter().find(|row| row.keys.iter().any(|(digest, _)| Some(*digest) == key));
    let Some(row) = used else { return Ok(()) };
    let since = table.past.iter().find(|past| past.seq == row.seq).map(|past| past.since);
    // A node that has not yet heard of the commit may refuse as of the state before it.
    let is_fair = since.is_none_or(|since| since + REFUSAL_AGE_MAX >= started);
    demand!(is_fair, ONCE, "{rejection:?} is said to who succeeded {since:?}, asking at {started:?}");
    Ok(())
}

/// The states that a refusal may be true of.
struct Moment<'a> {
    world: &'a World,
    table: &'a EventTable,
    from: Duration,
    to: Duration,
}

impl Moment<'_> {
    fn any(&self, is_true: impl Fn(&Past) -> bool) -> bool {
        self.table.past_between(self.from, self.to).any(is_true)
    }

    fn status_was(&self, status: EventStatus) -> bool {
        self.any(|past| past.event.status == status)
    }

    fn is_true(&self, errand: &Errand, rejection: &Rejection) -> bool {
        let command = &errand.request.command;
        let table = self.table;
        match rejection {
            Rejection::PlaceUnavailable(places)
                if basket_of(command).is_some()
                    || matches!(command, Command::Change(_) | Command::Configure(_)) =>
            {
                self.any(|past| places.iter().all(|(name, reason)| is_reason(past, name, *reason)))
            }
            Rejection::SoldOut => self.any(|past| lacks(past, command, true)),
            Rejection::AllHeld => self.any(|past| lacks(past, command, false)),
            Rejection::LimitExceeded { key, max, used } => {
                let surrogate = table.surrogate(&ask::digest(Kind::LimitKey, key));
                let units = |past: &Past| surrogate.and_then(|key| past.used.get(&key)).copied().unwrap_or(0);
                used > max || self.any(|past| units(past) == *used)
            }
            Rejection::ChartMoved => {
                let party = basket_of(command).and_then(|basket| basket.best_available.as_ref());
                self.any(|past| party.is_some_and(|party| party.chart != past.event.chart_id()))
            }
            Rejection::SalePaused => self.status_was(EventStatus::Paused),
            Rejection::EventCancelled => self.status_was(EventStatus::Cancelled),
            Rejection::SaleClosed => {
                self.status_was(EventStatus::Closed)
                    || self.any(|past| past.event.sale.closes_at.is_some_and(|at| at.0 <= self.latest()))
            }
            Rejection::SaleNotOpen { .. } => {
                self.status_was(EventStatus::Draft)
                    || self.any(|past| past.event.sale.opens_at.is_some_and(|at| self.earliest() < at.0))
            }
            _ => self.is_record_so(errand, rejection),
        }
    }

    /// Refusals that a record bears out, for ever.
    fn is_record_so(&self, errand: &Errand, rejection: &Rejection) -> bool {
        let table = self.table;
        let hold = match &errand.request.command {
            Command::Edit(edit) => table.holds.get(&edit.hold.serial),
            Command::Confirm(confirm) => table.holds.get(&confirm.hold.serial),
            Command::Release(hold) => table.holds.get(&hold.serial),
            _ => None,
        };
        let status = hold.map(|hold| hold.status);
        match rejection {
            Rejection::HoldExpired { released: true } => status == Some(HoldStatus::Released),
            Rejection::HoldExpired { released: false } => status == Some(HoldStatus::Expired),
            Rejection::AlreadyConfirmed { order } => status == Some(HoldStatus::Confirmed(*order)),
            // Clients ask for what they were told exists.
            Rejection::NotFound(missing) => *missing == Missing::Ticket,
            Rejection::RefTaken { by: RefOwner::Event(_) | RefOwner::Hold(_) } => false,
            Rejection::RefTaken { by: RefOwner::Order(order) } => errand
                .request
                .order_ref
                .is_some_and(|(digest, _)| table.refs.get(&digest).is_some_and(|(_, of)| of == order)),
            Rejection::CodeTaken { .. } => {
                errand.request.codes.iter().any(|(digest, _)| table.codes.contains_key(digest))
            }
            Rejection::IdempotencyMismatch => errand.request.idempotency.is_some_and(|idempotency| {
                let reply = table.keys.get(&idempotency.key).and_then(|serial| table.replies.get(serial));
                reply.is_some_and(|reply| reply.fingerprint != idempotency.fingerprint)
            }),
            _ => true,
        }
    }

    /// The latest that the store's clock may have been taken for.
    fn latest(&self) -> i64 {
        let spans = self.clock_spans();
        spans.map(|(base, _, to)| base + to).max().unwrap_or(i64::MAX).saturating_add(CLOCK_SLACK_MS)
    }

    /// The earliest.
    fn earliest(&self) -> i64 {
        let spans = self.clock_spans();
        spans.map(|(base, from, _)| base + from).min().unwrap_or(i64::MIN).saturating_sub(CLOCK_SLACK_MS)
    }

    /// The bases that the store's clock had in the meantime, each with from when to when, in ms.
    fn clock_spans(&self) -> impl Iterator<Item = (i64, i64, i64)> {
        let bases = self.world.clock_bases.lock().clone();
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let ends: Vec<Duration> = bases.iter().skip(1).map(|(since, _)| *since).chain([self.to]).collect();
        let (from, to) = (self.from, self.to);
        bases
            .into_iter()
            .zip(ends)
            .filter(move |((since, _), end)| *since <= to && *end >= from)
            .map(move |((since, base), end)| (base.0, millis(since.max(from)), millis(end.min(to))))
    }
}

/// Whether a place was not to be had for this reason.
fn is_reason(past: &Past, name: &str, reason: Reason) -> bool {
    let Some(seat) = past.event.find_seat(name) else { return true };
    let (status, is_assigned) = past.seat(seat);
    match reason {
        Reason::Sold => status == Status::Sold,
        Reason::Held => status == Status::Held,
        // A lapsed hold's seat counts as free, and may be assigned.
        Reason::Blocked => status != Status::Sold && is_assigned,
        Reason::Pending => true,
        Reason::Unknown => false,
    }
}

/// Whether too few units were there for a basket: free ones, or held ones too.
fn lacks(past: &Past, command: &Command, with_held: bool) -> bool {
    let Some(basket) = basket_of(command) else { return false };
    let (channels, ignored) = match command {
        Command::Hold { purchase, .. } | Command::Book { purchase, .. } => {
            (&*purchase.channels, purchase.ignored)
        }
        Command::Edit(edit) => (&*edit.channels, edit.ignored),
        Command::Change(change) => (&*change.channels, change.ignored),
        _ => (&[][..], Ignored::default()),
    };
    let there = |place| {
        let (free, held) = past.hoped_for(place, |key| ignored.channels || channels.contains(key));
        free + if with_held { held } else { 0 }
    };
    let party = basket.best_available.as_ref();
    lacks_units(basket, there) || party.is_some_and(|party| lacks_seats(past, party, there))
}

fn lacks_units(basket: &Basket, there: impl Fn(Place) -> u32) -> bool {
    basket.areas.iter().any(|wanted| {
        let same = basket.areas.iter().filter(|other| other.area == wanted.area);
        let all: u32 = same.map(|other| other.quantity).sum();
        there(Place::Area(wanted.area)) < all
    })
}

fn lacks_seats(past: &Past, party: &PartyWanted, there: impl Fn(Place) -> u32) -> bool {
    let Some(seating) = &past.event.seating else { return true };
    let chart = seating.chart();
    let eligible = chart.seats().filter(|at| is_eligible(chart, *at, party));
    let seats: u32 = eligible.map(|at| there(Place::Seat(seating.seat(at)))).sum();
    (seats as usize) < party.ticket_types.len()
}

fn is_eligible(chart: &Chart, seat: ChartSeat, party: &PartyWanted) -> bool {
    let of_category = party.categories.as_ref().is_none_or(|wanted| wanted.contains(&chart.category(seat)));
    let section = chart.row_of(seat).section;
    let of_section = party.sections.as_ref().is_none_or(|wanted| wanted.contains(&section));
    // Companions of accessible seats are for who asks for accessible ones too; these halls have none.
    of_category && of_section && chart.is_accessible(seat) == party.accessible
}
