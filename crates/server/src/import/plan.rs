//! In which order tickets can be written.
//!
//! A seat may have been sold, cancelled, and sold again; the file says so in any order. Whatever was cancelled must have
//! been sold and given back before its place is sold for good. So tickets go in *waves*: a first pass over all orders
//! writes cancelled tickets of such places, a second one what is left.

use std::collections::{BTreeSet, HashSet};

use domain::place::Place;

use super::{OrderWanted, TicketWanted};

/// Tickets of one order that are written together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wave {
    /// Positions in the order's tickets.
    pub tickets: Vec<usize>,
}

/// What is done with one order, pass by pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// The order's position in the list.
    pub order: usize,
    /// How many of its tickets earlier passes write.
    pub first: usize,
    /// Its waves in this pass.
    pub waves: Vec<Wave>,
}

impl Steps {
    /// How many of the order's tickets are written after it.
    #[must_use]
    pub fn next(&self) -> usize {
        self.first + self.waves.iter().map(|wave| wave.tickets.len()).sum::<usize>()
    }
}

/// The passes, each over some orders: within a pass the orders do not get in each other's way.
#[must_use]
pub fn passes(orders: &[OrderWanted]) -> Vec<Vec<Steps>> {
    let places = |is_cancelled: bool| -> BTreeSet<Place> {
        let tickets = orders.iter().flat_map(|order| &order.tickets);
        tickets.filter(|ticket| ticket.is_cancelled == is_cancelled).map(|ticket| ticket.place).collect()
    };
    let (cancelled, sold) = (places(true), places(false));
    let is_contested =
        |ticket: &TicketWanted| cancelled.contains(&ticket.place) && sold.contains(&ticket.place);
    let mut passes = vec![Vec::new(), Vec::new()];
    for (at, order) in orders.iter().enumerate() {
        let early = order.tickets.iter().any(|ticket| ticket.is_cancelled && is_contested(ticket));
        let late = order.tickets.iter().any(|ticket| !ticket.is_cancelled && is_contested(ticket));
        let all = 0..order.tickets.len();
        let (ended, kept): (Vec<usize>, Vec<usize>) =
            all.clone().partition(|at| order.tickets[*at].is_cancelled);
        let parts = match (early, late) {
            (true, true) => [ended, kept],
            (true, false) => [all.collect(), Vec::new()],
            (false, _) => [Vec::new(), all.collect()],
        };
        let mut first = 0;
        for (pass, tickets) in passes.iter_mut().zip(parts) {
            if !tickets.is_empty() {
                let steps = Steps { order: at, first, waves: waves(order, tickets) };
                first = steps.next();
                pass.push(steps);
            }
        }
    }
    passes.retain(|pass| !pass.is_empty());
    passes
}

/// Splits tickets so that no wave has a seat twice.
fn waves(order: &OrderWanted, tickets: Vec<usize>) -> Vec<Wave> {
    let mut waves: Vec<(HashSet<Place>, Wave)> = vec![Default::default()];
    for at in tickets {
        let place = order.tickets[at].place;
        let is_seat = matches!(place, Place::Seat(_));
        let free = waves.iter_mut().find(|(seats, _)| !is_seat || !seats.contains(&place));
        let (seats, wave) = match free {
            Some(wave) => wave,
            None => {
                waves.push(Default::default());
                let last = waves.len() - 1;
                &mut waves[last]
            }
        };
        seats.insert(place);
        wave.tickets.push(at);
    }
    // Tickets are made of seats first, and then of area units: have them in the order that they will have.
    let is_area = |at: &usize| matches!(order.tickets[*at].place, Place::Area(_));
    let sorted = |(_, mut wave): (_, Wave)| {
        wave.tickets.sort_by_key(is_area);
        wave
    };
    waves.into_iter().map(sorted).collect()
}
