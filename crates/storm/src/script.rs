//! How buyers behave: what the buyer with a given number wishes, and what it does after an answer.
//! Pure but for the notes it takes of what was told; the driver sends and waits.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::answer::{Answer, Reasons, wait_bounded};
use crate::buyer::{Buyer, End, Next, Step};
use crate::dice::{Dice, Preference};
use crate::suspicions::{Pool, Suspicions};
use crate::venue::Venue;
use crate::{Api, Options, Outcome, Scenario, limits};

/// Separates the chance that shuffles the seats from the chance of the buyers.
const SHUFFLE: u64 = u64::MAX;
/// The code of an answer that is not HTTP; no server's.
pub(crate) const MALFORMED: &str = "malformed_answer";
/// The code that says that the same question is being decided right now.
const IN_FLIGHT: &str = "idempotency_in_flight";

/// The behaviour of all buyers of a storm.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) api: Api,
    pub(crate) scenario: Scenario,
    pub(crate) venue: Arc<Venue>,
    pub(crate) suspicions: Arc<Suspicions>,
    seed: u64,
    /// Seats (classic: ticket ids) by how much they are wanted.
    ranked: Vec<u32>,
    preference: Preference,
    distinct: bool,
    has_accessible: bool,
    unknown_patience: Duration,
    retry_patience: Duration,
}

/// What a buyer wishes: up to four seats, or ticket ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    seats: [u32; limits::WANTED_MAX as usize],
    count: u8,
}

impl Wish {
    pub(crate) fn seats(&self) -> &[u32] {
        &self.seats[..usize::from(self.count)]
    }
}

impl Script {
    /// For the v1 API.
    pub(crate) fn new(options: &Options, venue: Arc<Venue>, suspicions: Arc<Suspicions>) -> Self {
        let mut ranked: Vec<u32> = match options.scenario {
            Scenario::Ga | Scenario::BestAvailable => Vec::new(),
            Scenario::OneSeat => {
                let named = options.place.as_deref().map(|place| venue.seat_index(place));
                named
                    .unwrap_or_else(|| venue.free_at_start().next())
                    .map(|seat| seat as u32)
                    .into_iter()
                    .collect()
            }
            Scenario::Sustained | Scenario::Holds => venue.free_at_start().map(|seat| seat as u32).collect(),
            Scenario::Arena => (0..venue.seats.len() as u32).collect(),
        };
        // Without it the hottest seats of a skewed crowd would all stand in the first row.
        Dice::of(options.seed, SHUFFLE).shuffle(&mut ranked);
        Self {
            api: options.api,
            scenario: options.scenario,
            preference: Preference::new(ranked.len(), options.zipf),
            distinct: options.zipf.is_none_or(|exponent| exponent <= 0.0)
                && matches!(options.scenario, Scenario::Sustained | Scenario::Holds),
            has_accessible: venue.accessible.contains(&true),
            ranked,
            seed: options.seed,
            venue,
            suspicions,
            unknown_patience: options.unknown_patience,
            retry_patience: options.retry_patience,
        }
    }

    /// For the classic API: tickets instead of seats.
    pub(crate) fn classic(options: &Options, tickets: Vec<u32>) -> Self {
        // A stand-in with a bit for every ticket id, to remember which ones were refused.
        let seats = (0..=limits::CLASSIC_TICKETS).map(|id| id.to_string().into_boxed_str()).collect();
        let accessible = vec![false; limits::CLASSIC_TICKETS as usize + 1];
        let venue = Arc::new(Venue { seats, accessible, ..Venue::default() });
        let mut script = Self::new(
            &Options { scenario: Scenario::Ga, ..options.clone() },
            Arc::clone(&venue),
            Arc::new(Suspicions::new(&venue)),
        );
        script.scenario = options.scenario;
        script.preference = Preference::new(tickets.len(), options.zipf);
        script.ranked = tickets;
        script
    }

    /// The buyer with this number, before its first question.
    pub(crate) fn arrives(&self, number: u64, arrived: Instant) -> Buyer {
        let step = match self.scenario {
            Scenario::OneSeat | Scenario::Arena | Scenario::Sustained => Step::Wish,
            Scenario::Ga => Step::Area(0),
            Scenario::BestAvailable => Step::Best { quantity: self.wanted(number) },
            Scenario::Holds => Step::Hold,
        };
        Buyer::new(number, step, arrived)
    }

    /// In which of the venue's events the buyer wishes for a seat, by position.
    pub(crate) fn event_of(&self, number: u64) -> usize {
        if self.venue.further_events.is_empty() {
            return 0;
        }
        self.wish(number).seats()[0] as usize / self.venue.seats_per_event().max(1)
    }

    /// How many seats a buyer wants.
    fn wanted(&self, number: u64) -> u8 {
        let mut dice = Dice::of(self.seed, number);
        match (self.api, self.scenario) {
            (Api::V1, Scenario::Arena) => {
                let wanted = 1 + dice.below(u64::from(limits::WANTED_MAX)) as u8;
                wanted.min(u8::try_from(self.ranked.len()).unwrap_or(u8::MAX))
            }
            (_, Scenario::BestAvailable) => 2 + 2 * dice.below(2) as u8,
            _ => 1,
        }
    }

    /// What a buyer wishes for by name; asked again, it is the same.
    pub(crate) fn wish(&self, number: u64) -> Wish {
        let mut wish = Wish { seats: [0; limits::WANTED_MAX as usize], count: 0 };
        if self.distinct {
            wish.seats[0] = self.ranked[(number % self.ranked.len() as u64) as usize];
            wish.count = 1;
            return wish;
        }
        let wanted = self.wanted(number);
        let mut dice = Dice::of(self.seed.rotate_left(32), number);
        while wish.count < wanted {
            let mut rank = self.preference.choose(&mut dice);
            // A seat that it wishes for already is replaced by its successor in popularity.
            while wish.seats().contains(&self.ranked[rank]) {
                rank = (rank + 1) % self.ranked.len();
            }
            wish.seats[usize::from(wish.count)] = self.ranked[rank];
            wish.count += 1;
        }
        wish
    }

    /// The units that the buyer's question takes if it succeeds.
    pub(crate) fn units_asked(&self, buyer: &Buyer) -> u64 {
        match buyer.step {
            Step::Wish => u64::from(if self.distinct { 1 } else { self.wanted(buyer.number) }),
            Step::Best { quantity } => u64::from(quantity),
            Step::Accessible | Step::Area(_) | Step::Confirm => 1,
            Step::Hold => 0,
        }
    }

    /// What a success of the buyer's question means.
    pub(crate) fn success(&self, buyer: &Buyer) -> Outcome {
        if buyer.step == Step::Hold { Outcome::Held } else { Outcome::Booked }
    }

    /// What the buyer does after an answer.
    pub(crate) fn react(&self, buyer: &mut Buyer, answer: &Answer<'_>, now: Instant) -> Next {
        match answer.outcome {
            Outcome::Timeout | Outcome::Lost | Outcome::Unknown => {
                return self.ask_until_known(buyer, answer.retry_after, now);
            }
            // Whatever was said instead of an answer, it does not say what happened.
            Outcome::Error if answer.code == MALFORMED => {
                return self.ask_until_known(buyer, None, now);
            }
            // The transaction may have been committed before what failed.
            Outcome::Error if answer.status >= 500 || answer.status == 0 => {
                buyer.errors += 1;
                if buyer.errors > limits::ERROR_RETRIES_MAX {
                    return Next::Done(End::Errored);
                }
                return Next::Retry(limits::RETRY_WAIT_DEFAULT);
            }
            // Being shed tells nothing about an earlier try whose answer was lost.
            Outcome::Shed => {}
            _ if answer.code == IN_FLIGHT => {}
            _ => buyer.unknown_since = None,
        }
        match answer.outcome {
            Outcome::Booked => Next::Done(End::Booked),
            Outcome::Held => self.after_hold(buyer),
            Outcome::Refused => self.after_refusal(buyer, answer),
            Outcome::Contended => self.after_contention(buyer, answer, now),
            Outcome::Shed if self.scenario == Scenario::Sustained && buyer.unknown_since.is_none() => {
                Next::Done(End::TurnedAway)
            }
            Outcome::Shed => self.come_back(buyer, answer.retry_after, now),
            _ => Next::Done(End::Errored),
        }
    }

    fn ask_until_known(&self, buyer: &mut Buyer, wait: Option<Duration>, now: Instant) -> Next {
        let since = *buyer.unknown_since.get_or_insert(now);
        if now.duration_since(since) >= self.unknown_patience {
            return Next::Done(End::Unanswered);
        }
        Next::Retry(wait_bounded(wait, limits::UNKNOWN_WAIT))
    }

    fn come_back(&self, buyer: &mut Buyer, wait: Option<Duration>, now: Instant) -> Next {
        let since = *buyer.retrying_since.get_or_insert(now);
        if now.duration_since(since) >= self.retry_patience {
            let known = buyer.unknown_since.is_none();
            return Next::Done(if known { End::TurnedAway } else { End::Unanswered });
        }
        Next::Retry(wait_bounded(wait, limits::RETRY_WAIT_DEFAULT))
    }

    fn after_hold(&self, buyer: &mut Buyer) -> Next {
        let confirms = Dice::of(self.seed, buyer.number).below(100) < limits::HOLDS_CONFIRMED_PERCENT;
        if !confirms {
            return Next::Done(End::Lapsing);
        }
        buyer.turn_to(Step::Confirm);
        Next::Ask
    }

    fn after_contention(&self, buyer: &mut Buyer, answer: &Answer<'_>, now: Instant) -> Next {
        // A key in flight is this buyer's own question: only its answer ends it.
        if answer.code == IN_FLIGHT {
            return self.come_back(buyer, answer.retry_after, now);
        }
        match self.scenario {
            Scenario::OneSeat | Scenario::Sustained => Next::Done(End::TurnedAway),
            Scenario::Holds if buyer.step == Step::Hold => Next::Done(End::TurnedAway),
            // The original's clients have nothing to fall back on: they try again.
            Scenario::Arena
                if self.api == Api::V1 && buyer.step == Step::Wish && answer.code == "place_contended" =>
            {
                self.fall_back(buyer)
            }
            // Others may hold the last seats for minutes: whoever wants to sit takes what there is.
            Scenario::Arena if answer.code == "all_held" => {
                buyer.heard_held = true;
                self.fall_back(buyer)
            }
            _ => self.come_back(buyer, answer.retry_after, now),
        }
    }

    fn after_refusal(&self, buyer: &mut Buyer, answer: &Answer<'_>) -> Next {
        let gone = matches!(answer.code, "sold_out" | "place_unavailable" | "not_enough_adjacent");
        if !gone {
            return Next::Done(End::Refused);
        }
        if self.api == Api::Classic {
            if self.scenario == Scenario::Arena {
                self.suspicions.told_gone(self.wish(buyer.number).seats()[0] as usize);
            }
            return Next::Done(End::SoldOut);
        }
        self.note(buyer, answer);
        match self.scenario {
            Scenario::Arena => self.fall_back(buyer),
            Scenario::BestAvailable => match buyer.step {
                Step::Best { quantity } if quantity > 1 => {
                    buyer.turn_to(Step::Best { quantity: quantity / 2 });
                    Next::Ask
                }
                _ => Next::Done(End::SoldOut),
            },
            Scenario::OneSeat | Scenario::Ga | Scenario::Holds | Scenario::Sustained => {
                Next::Done(End::SoldOut)
            }
        }
    }

    /// The next best thing for a buyer of the arena.
    fn fall_back(&self, buyer: &mut Buyer) -> Next {
        let next = match buyer.step {
            Step::Wish => Some(Step::Best { quantity: self.wanted(buyer.number) }),
            Step::Best { quantity } if quantity > 1 => Some(Step::Best { quantity: quantity - 1 }),
            Step::Best { .. } if self.has_accessible => Some(Step::Accessible),
            Step::Best { .. } | Step::Accessible => Some(Step::Area(0)),
            Step::Area(index) => Some(Step::Area(index + 1)),
            Step::Hold | Step::Confirm => None,
        };
        let nothing_left = if buyer.heard_held { End::AllHeld } else { End::SoldOut };
        match next {
            Some(Step::Area(index)) if index >= self.venue.areas.len() => Next::Done(nothing_left),
            Some(step) => {
                buyer.turn_to(step);
                Next::Ask
            }
            None => Next::Done(nothing_left),
        }
    }

    /// Keeps what was told, to hold it against the truth.
    fn note(&self, buyer: &Buyer, answer: &Answer<'_>) {
        let pool = match buyer.step {
            Step::Best { .. } => Pool::Standard,
            Step::Accessible => Pool::Accessible,
            Step::Area(index) => Pool::Area(index),
            Step::Wish | Step::Hold => return self.note_places(buyer, answer),
            Step::Confirm => return,
        };
        if answer.code == "sold_out" {
            self.suspicions.told_sold_out(pool, self.units_asked(buyer), buyer.claimed);
        }
    }

    fn note_places(&self, buyer: &Buyer, answer: &Answer<'_>) {
        let wish = self.wish(buyer.number);
        // The crowd around one seat hears the same a hundred thousand times; once is enough.
        if self.scenario == Scenario::OneSeat && self.suspicions.was_told_gone(wish.seats()[0] as usize) {
            return;
        }
        let Ok(Reasons { reasons }) = serde_json::from_slice::<Reasons<'_>>(answer.body) else { return };
        for &seat in wish.seats() {
            let reason = reasons.get(&*self.venue.seats[seat as usize]).map(|reason| reason.as_ref());
            match reason {
                Some("sold" | "blocked") => self.suspicions.told_gone(seat as usize),
                Some("unknown") => self.suspicions.wrong.add(|| {
                    format!("the seat {} of the chart was called unknown", self.venue.seats[seat as usize])
                }),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
