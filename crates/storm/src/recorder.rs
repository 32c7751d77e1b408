//! What is counted and timed while the load runs. One recorder per thread, merged at the end.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::acknowledged::Acknowledged;
use crate::buyer::{End, Question};
use crate::{Outcome, limits};

/// Three significant digits: a value is off by at most 0.1 %.
const SIGNIFICANT_DIGITS: u8 = 3;

/// Latencies in microseconds.
pub(crate) type Latencies = Histogram<u64>;

/// Requests by outcome in one step of the time series.
pub(crate) type SeriesStep = [u32; Outcome::COUNT];

/// Counters and timings of one thread, or of all after merging.
#[derive(Debug)]
pub(crate) struct Recorder {
    latencies: Vec<Latencies>,
    /// From a buyer's intended arrival until its last answer.
    pub(crate) served: Latencies,
    /// From a buyer's intended arrival until its first request went out.
    pub(crate) lag: Latencies,
    pub(crate) series: Vec<SeriesStep>,
    /// Final refusals by code.
    pub(crate) refusals: Vec<(String, u64)>,
    /// Errors by status and code.
    pub(crate) errors: Vec<(String, u64)>,
    /// Requests by what was asked and what became of it.
    pub(crate) questions: [[u64; Outcome::COUNT]; Question::COUNT],
    /// Answers that shed a request and did not say when to come back.
    pub(crate) shed_without_wait: u64,
    /// Holds that were left to lapse: the seat, and when the server lets go of it, in microseconds of Unix time.
    pub(crate) lapsing: Vec<(u32, i64)>,
    pub(crate) ends: [u64; End::COUNT],
    pub(crate) retries: u64,
    pub(crate) connections_opened: u64,
    pub(crate) connections_failed: u64,
    pub(crate) last_start: Option<Duration>,
    pub(crate) last_booking: Option<Duration>,
    /// The longest time between two bookings of one thread: with several, no less than that of all.
    pub(crate) booking_pause_max: Duration,
    pub(crate) last_answer: Option<Duration>,
    pub(crate) acknowledged: Acknowledged,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            latencies: Outcome::ALL.iter().map(|_| new_latencies()).collect(),
            served: new_latencies(),
            lag: new_latencies(),
            series: Vec::new(),
            refusals: Vec::new(),
            errors: Vec::new(),
            questions: [[0; Outcome::COUNT]; Question::COUNT],
            shed_without_wait: 0,
            lapsing: Vec::new(),
            ends: [0; End::COUNT],
            retries: 0,
            connections_opened: 0,
            connections_failed: 0,
            last_start: None,
            last_booking: None,
            booking_pause_max: Duration::ZERO,
            last_answer: None,
            acknowledged: Acknowledged::default(),
        }
    }
}

/// An empty histogram of latencies.
pub(crate) fn new_latencies() -> Latencies {
    Histogram::new_with_bounds(1, micros(limits::LATENCY_MAX), SIGNIFICANT_DIGITS)
        .unwrap_or_else(|_| unreachable!("the bounds are constants that fit"))
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl Recorder {
    /// One request has ended `at` after the start of the load, `latency` after it was meant to start.
    pub(crate) fn request(&mut self, outcome: Outcome, latency: Duration, at: Duration) {
        self.latencies[outcome.index()].saturating_record(micros(latency).max(1));
        let steps = at.as_millis() / limits::SERIES_STEP.as_millis();
        let step = usize::try_from(steps).unwrap_or(usize::MAX).min(limits::SERIES_STEPS_MAX - 1);
        if step >= self.series.len() {
            self.series.resize(step + 1, [0; Outcome::COUNT]);
        }
        self.series[step][outcome.index()] += 1;
        if outcome == Outcome::Booked {
            let pause = self.last_booking.map_or(Duration::ZERO, |last| at.saturating_sub(last));
            self.booking_pause_max = self.booking_pause_max.max(pause);
            self.last_booking = Some(at);
        }
        if !matches!(outcome, Outcome::Timeout | Outcome::Lost) {
            self.last_answer = Some(at);
        }
    }

    /// What the request that has just ended was, and whether it was shed without a word on when to come back.
    pub(crate) fn asked(&mut self, question: Question, outcome: Outcome, says_when: bool) {
        self.questions[question as usize][outcome.index()] += 1;
        self.shed_without_wait += u64::from(outcome == Outcome::Shed && !says_when);
    }

    /// A buyer's first request went out `at` after the start, this much later than intended.
    pub(crate) fn started(&mut self, lag: Duration, at: Duration) {
        self.last_start = Some(at);
        self.lag.saturating_record(micros(lag).max(1));
    }

    /// A buyer has gone home, this long after it meant to come.
    pub(crate) fn ended(&mut self, end: End, since_arrival: Duration) {
        self.ends[end as usize] += 1;
        self.served.saturating_record(micros(since_arrival).max(1));
    }

    pub(crate) fn refusal(&mut self, code: &str) {
        count_word(&mut self.refusals, code, 1);
    }

    pub(crate) fn error(&mut self, word: &str) {
        count_word(&mut self.errors, word, 1);
    }

    pub(crate) fn latencies(&self, outcome: Outcome) -> &Latencies {
        &self.latencies[outcome.index()]
    }

    pub(crate) fn count(&self, outcome: Outcome) -> u64 {
        self.latencies(outcome).len()
    }

    /// All requests that have ended.
    pub(crate) fn requests(&self) -> u64 {
        self.latencies.iter().map(Histogram::len).sum()
    }

    pub(crate) fn ended_as(&self, end: End) -> u64 {
        self.ends[end as usize]
    }

    /// All buyers that have gone home.
    pub(crate) fn buyers_ended(&self) -> u64 {
        self.ends.iter().sum()
    }

    /// Takes over what another thread has recorded.
    pub(crate) fn merge(&mut self, mut other: Self) {
        let histograms = self.latencies.iter_mut().chain([&mut self.served, &mut self.lag]);
        let others = other.latencies.iter().chain([&other.served, &other.lag]);
        for (mine, theirs) in histograms.zip(others) {
            mine.add(theirs).unwrap_or_else(|_| unreachable!("all recorders have the same bounds"));
        }
        if other.series.len() > self.series.len() {
            self.series.resize(other.series.len(), [0; Outcome::COUNT]);
        }
        for (mine, theirs) in self.series.iter_mut().zip(&other.series) {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
        other.refusals.iter().for_each(|(word, count)| count_word(&mut self.refusals, word, *count));
        other.errors.iter().for_each(|(word, count)| count_word(&mut self.errors, word, *count));
        self.ends.iter_mut().zip(other.ends).for_each(|(mine, theirs)| *mine += theirs);
        self.retries += other.retries;
        self.connections_opened += other.connections_opened;
        self.connections_failed += other.connections_failed;
        self.last_start = self.last_start.max(other.last_start);
        self.last_booking = self.last_booking.max(other.last_booking);
        self.booking_pause_max = self.booking_pause_max.max(other.booking_pause_max);
        for (mine, theirs) in self.questions.iter_mut().zip(&other.questions) {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
        self.shed_without_wait += other.shed_without_wait;
        self.lapsing.append(&mut other.lapsing);
        self.last_answer = self.last_answer.max(other.last_answer);
        self.acknowledged.append(&mut other.acknowledged);
    }
}

fn count_word(counts: &mut Vec<(String, u64)>, word: &str, count: u64) {
    if let Some((_, sum)) = counts.iter_mut().find(|(known, _)| known == word) {
        *sum += count;
    } else if counts.len() < limits::CODES_MAX {
        counts.push((word.to_owned(), count));
    } else {
        // The server invents words; the last entry takes what has no place of its own.
        let last = counts.len() - 1;
        counts[last].0 = "other".to_owned();
        counts[last].1 += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn outcomes_are_never_mixed_and_merging_adds() {
        let (mut one, mut other) = (Recorder::default(), Recorder::default());
        one.request(Outcome::Booked, 5 * MS, 50 * MS);
        one.request(Outcome::Refused, MS, 950 * MS);
        other.request(Outcome::Booked, 7 * MS, 1_250 * MS);
        other.request(Outcome::Lost, MS, 9_000 * MS);
        other.ended(End::Booked, 7 * MS);
        one.refusal("sold_out");
        other.refusal("sold_out");
        one.merge(other);
        assert_eq!(one.requests(), 4);
        assert_eq!((one.count(Outcome::Booked), one.count(Outcome::Refused)), (2, 1));
        assert!(one.latencies(Outcome::Booked).min() >= 4_990);
        assert_eq!(one.series.len(), 91);
        assert_eq!(one.series[12][Outcome::Booked.index()], 1);
        assert_eq!(one.refusals, [("sold_out".to_owned(), 2)]);
        assert_eq!((one.last_booking, one.last_answer), (Some(1_250 * MS), Some(1_250 * MS)));
        assert_eq!(one.buyers_ended(), 1);
    }

    #[test]
    fn the_longest_pause_is_between_two_bookings_and_nothing_else() {
        let (mut one, mut other) = (Recorder::default(), Recorder::default());
        for (at, outcome) in [(500, Outcome::Booked), (510, Outcome::Booked), (690, Outcome::Refused)] {
            one.request(outcome, MS, at * MS);
        }
        one.request(Outcome::Booked, MS, 700 * MS);
        one.request(Outcome::Refused, MS, 9_000 * MS);
        other.request(Outcome::Booked, MS, 600 * MS);
        one.merge(other);
        assert_eq!(one.booking_pause_max, 190 * MS);
    }

    #[test]
    fn questions_are_counted_apart() {
        let (mut one, mut other) = (Recorder::default(), Recorder::default());
        one.asked(Question::Hold, Outcome::Shed, true);
        other.asked(Question::Hold, Outcome::Shed, false);
        other.asked(Question::Confirm, Outcome::Booked, false);
        one.merge(other);
        assert_eq!(one.questions[Question::Hold as usize][Outcome::Shed.index()], 2);
        assert_eq!(one.questions[Question::Confirm as usize][Outcome::Booked.index()], 1);
        assert_eq!(one.questions[Question::Order as usize], [0; Outcome::COUNT]);
        assert_eq!(one.shed_without_wait, 1);
    }

    #[test]
    fn nothing_grows_without_bound() {
        let mut recorder = Recorder::default();
        recorder.request(Outcome::Booked, Duration::MAX, Duration::MAX);
        assert_eq!(recorder.series.len(), limits::SERIES_STEPS_MAX);
        for number in 0..200 {
            recorder.refusal(&format!("code_{number}"));
        }
        assert_eq!(recorder.refusals.len(), limits::CODES_MAX);
        assert_eq!(recorder.refusals.iter().map(|(_, count)| count).sum::<u64>(), 200);
    }
}
