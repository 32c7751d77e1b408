//! What a storm found, as data, as text for a terminal and as one HTML file.

mod html;
mod plot;
mod text;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

pub(crate) use crate::axis::grouped;
use crate::cpu::Machine;
use crate::recorder::Latencies;
use crate::verdict::Verdict;
use crate::{Api, Arrival, Error, Outcome, Scenario};

/// What a storm found. The names in JSON are stable; fields may be added.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// When the load started, RFC 3339 in UTC.
    pub started_at: String,
    /// What was asked for; without the keys.
    pub settings: Settings,
    /// The event that was stormed; nothing with the classic API.
    pub event: Option<Event>,
    /// `open` (buyers come by the schedule) or `closed` (as fast as the connections allow).
    pub load: &'static str,
    /// How much load there was.
    pub rates: Rates,
    /// When things happened, in seconds since the start.
    pub times: Times,
    /// How the buyers ended.
    pub buyers: Buyers,
    /// The requests by outcome, those that occurred.
    pub outcomes: Vec<OutcomeRow>,
    /// Final refusals by code.
    pub refusals: BTreeMap<String, u64>,
    /// Errors by status and code.
    pub errors: BTreeMap<String, u64>,
    /// Requests by what was asked (`order`, `hold`, `confirm`) and what became of it.
    pub questions: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    /// Answers that shed a request and did not say when to come back.
    pub shed_without_wait: u64,
    /// How long after their deadlines the holds that lapsed were seen to be free again, where the server names deadlines.
    /// Presumes that both read the same clock.
    pub lapse: Option<Lapse>,
    /// From a buyer's intended arrival to its last answer.
    pub served: Percentiles,
    /// From a buyer's intended arrival to when its first request went out: what the generator and
    /// busy connections add. Counted in the latencies, not beside them.
    pub lag: Percentiles,
    /// Questions that were asked again.
    pub retries: u64,
    /// Connections that were opened, first ones and again.
    pub connections_opened: u64,
    /// Attempts to connect that failed.
    pub connections_failed: u64,
    /// What the generator cost.
    pub cpu: Cpu,
    /// Where it ran.
    pub machine: Machine,
    /// Requests over time, and what was left.
    pub series: Series,
    /// Whether the sale was right.
    pub verdict: Verdict,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Settings {
    /// The server.
    pub url: String,
    /// The API.
    pub api: Api,
    /// What the buyers wanted.
    pub scenario: Scenario,
    /// How many buyers were to come.
    pub buyers: u64,
    /// Buyers a second, if there was a schedule.
    pub rate: Option<f64>,
    /// How they were to arrive.
    pub arrival: Arrival,
    /// Connections.
    pub connections: usize,
    /// Threads of the generator.
    pub threads: usize,
    /// The seed of their wishes.
    pub seed: u64,
    /// The exponent of a skewed crowd.
    pub zipf: Option<f64>,
    /// The limit of the load's duration.
    pub duration_max_seconds: Option<f64>,
    /// The time limit of a request.
    pub request_timeout_seconds: f64,
}

/// The event that was stormed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its seats and the units of its areas.
    pub capacity: u64,
    /// What was free or held at the start.
    pub obtainable_at_start: u64,
}

/// How much load there was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Rates {
    /// Buyers a second that were to come, on average over the schedule; none in a closed loop.
    pub offered_per_second: Option<f64>,
    /// Buyers a second that came, until the last one did.
    pub achieved_per_second: f64,
    /// Requests a second, fallbacks and retries included.
    pub requests_per_second: f64,
    /// Acknowledged orders a second, until the last one.
    pub bookings_per_second: f64,
    /// All requests.
    pub requests: u64,
    /// Buyers that were due and never started, because the duration ended or the server was gone.
    pub dropped: u64,
}

/// When things happened.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Times {
    /// Until the last buyer had gone home.
    pub wall_seconds: f64,
    /// Until the last booking was acknowledged.
    pub last_booking_seconds: Option<f64>,
    /// Until the last answer came.
    pub last_answer_seconds: Option<f64>,
    /// The longest time between two acknowledged bookings.
    pub booking_pause_max_seconds: f64,
    /// From the end of the load until all lapsed holds were visibly free.
    pub lapse_seconds: Option<f64>,
}

/// How late holds that lapsed were seen to be free again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Lapse {
    /// How many.
    pub holds: u64,
    /// How long after their deadlines, as finely as [`crate::limits::LAPSE_POLL`].
    pub late: Percentiles,
}

/// How the buyers ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Buyers {
    /// Came.
    pub started: u64,
    /// Have an order.
    pub booked: u64,
    /// Have a hold and let it lapse.
    pub lapsing: u64,
    /// Were told that nothing is left.
    pub sold_out: u64,
    /// Were told that others hold all that is left.
    pub all_held: u64,
    /// Were refused for another reason.
    pub refused: u64,
    /// Were told to come back, and did not or not any more.
    pub turned_away: u64,
    /// Got an answer that no buyer should get.
    pub errored: u64,
    /// Never learnt what became of their request.
    pub unanswered: u64,
    /// Acknowledged seats and units.
    pub units: u64,
}

/// Latencies in microseconds; all zero when there are none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Percentiles {
    /// Half are faster.
    pub p50_micros: u64,
    /// 90 % are faster.
    pub p90_micros: u64,
    /// 99 % are faster.
    pub p99_micros: u64,
    /// 99.9 % are faster.
    pub p999_micros: u64,
    /// The slowest.
    pub max_micros: u64,
}

impl Percentiles {
    pub(crate) fn of(latencies: &Latencies) -> Self {
        if latencies.is_empty() {
            return Self::default();
        }
        let at = |quantile| latencies.value_at_quantile(quantile);
        Self {
            p50_micros: at(0.5),
            p90_micros: at(0.9),
            p99_micros: at(0.99),
            p999_micros: at(0.999),
            max_micros: latencies.max(),
        }
    }

    /// With the names that tables and plots show.
    pub(crate) fn named(&self) -> [(&'static str, u64); 5] {
        [
            ("p50", self.p50_micros),
            ("p90", self.p90_micros),
            ("p99", self.p99_micros),
            ("p99.9", self.p999_micros),
            ("max", self.max_micros),
        ]
    }
}

/// The requests of one outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OutcomeRow {
    /// Which.
    pub outcome: Outcome,
    /// How many.
    pub count: u64,
    /// How long they took, from the intended start.
    #[serde(flatten)]
    pub latency: Percentiles,
}

/// What the generator cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Cpu {
    /// The generator's own threads.
    pub generator_seconds: f64,
    /// The whole process meanwhile; with the server in it, the server too.
    pub process_seconds: f64,
    /// The generator's share of one core.
    pub generator_cores: f64,
    /// The generator's time for a request.
    pub generator_micros_per_request: f64,
}

/// Requests over time, and what was left.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Series {
    /// The width of a step.
    pub step_seconds: f64,
    /// Ended requests per step, for each outcome that occurred.
    pub outcomes: BTreeMap<&'static str, Vec<u32>>,
    /// Seconds since the start, and places that nobody was told to have; if that is known.
    pub left: Vec<(f64, u64)>,
}

impl Report {
    /// As JSON, indented.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self)
            .unwrap_or_else(|_| unreachable!("a report has only text keys and numbers"))
    }

    /// As an aligned summary for a terminal, without colours.
    #[must_use]
    pub fn to_text(&self) -> String {
        text::render(self)
    }

    /// As one HTML file that needs nothing else.
    #[must_use]
    pub fn to_html(&self) -> String {
        html::render(self)
    }

    /// Writes [`Report::to_html`] to a file.
    ///
    /// # Errors
    /// [`Error::Report`] when the file cannot be written.
    pub fn write_html(&self, path: &Path) -> Result<(), Error> {
        std::fs::write(path, self.to_html()).map_err(|source| Error::Report { path: path.to_owned(), source })
    }

    /// What the event is called for people.
    fn title(&self) -> &str {
        match &self.event {
            Some(event) if !event.name.is_empty() => &event.name,
            Some(event) => &event.id,
            None => "classic tickets",
        }
    }
}

/// A rate or another figure that is rounded to what can be read.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are not negative")]
fn rounded(figure: f64) -> String {
    if figure >= 100.0 { grouped(figure.round() as u64) } else { format!("{figure:.1}") }
}

/// Microseconds with the unit that fits.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn time(micros: u64) -> String {
    let figure = micros as f64;
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..10_000 => format!("{:.2} ms", figure / 1e3),
        10_000..100_000 => format!("{:.1} ms", figure / 1e3),
        100_000..1_000_000 => format!("{:.0} ms", figure / 1e3),
        _ => format!("{:.2} s", figure / 1e6),
    }
}
