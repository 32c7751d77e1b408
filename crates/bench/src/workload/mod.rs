//! What is done, to whom, and what is counted: a file for each workload, or for each family of them.
//!
//! A workload is a [`Plan`]: cases that are run one after the other and over again, so that a slow moment of the machine meets
//! all of them, what their figure counts, and the bars that the figures are held against.

mod arena;
mod arrivals;
mod availability;
mod best_available;
mod feed;
mod ga;
mod gate;
mod half;
mod holds;
mod load;
mod many_events;
mod memory;
mod one_seat;
mod scaling;
mod sustained;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use clap::ValueEnum;
use serde::Serialize;

use crate::running::{Ground, Subject};
use crate::sale::Figures;
use crate::servers::Store;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Workload {
    /// One seat, and crowds that are refused
    OneSeat,
    /// Half of 200,000 seats in random order, as fast as they can be booked
    Sustained,
    /// The same by a crowd that mostly wants the same seats
    SustainedZipf,
    /// 20,000 seats and 200,000 buyers who take what is left until nothing is
    Arena,
    /// Units of one area
    Ga,
    /// The same number of seats in 1,000 events
    ManyEvents,
    /// Pairs and fours, chosen by the server, to the last seat
    BestAvailable,
    /// 20,000 holds of which most lapse at once, while others book
    Holds,
    /// Bookings while 2,000 listeners follow them
    Feed,
    /// The whole map, read by everybody who opens it
    Availability,
    /// A million seats in memory
    Memory,
    /// At half of the peak, how long it takes
    Latency,
    /// At twice the peak, what is left
    Overload,
    /// Buyers who come all at once, and more and more of them
    Arrivals,
    /// Bookings by the number of seats
    ScalingSeats,
    /// Bookings by the number of events
    ScalingEvents,
    /// Bookings by the number of connections
    ScalingConnections,
    /// Bookings by the most requests of a commit
    ScalingBatch,
    /// Bookings by the number of holds that run beside them
    ScalingHolds,
    /// Bookings by the number of nodes, on PostgreSQL
    ScalingNodes,
    /// One event on several nodes, with and without the gate and the relay, on PostgreSQL
    Gate,
}

impl Workload {
    pub(crate) const ALL: [Self; 21] = [
        Self::OneSeat,
        Self::Sustained,
        Self::SustainedZipf,
        Self::Arena,
        Self::Ga,
        Self::ManyEvents,
        Self::BestAvailable,
        Self::Holds,
        Self::Feed,
        Self::Availability,
        Self::Memory,
        Self::Latency,
        Self::Overload,
        Self::Arrivals,
        Self::ScalingSeats,
        Self::ScalingEvents,
        Self::ScalingConnections,
        Self::ScalingBatch,
        Self::ScalingHolds,
        Self::ScalingNodes,
        Self::Gate,
    ];

    /// What is run for it. Without cases, it says nothing about this store.
    pub(crate) fn plan(self, store: Store, quick: bool) -> Plan {
        match self {
            Self::OneSeat => one_seat::plan(store),
            Self::Sustained => sustained::plan(store),
            Self::SustainedZipf => sustained::zipf(store),
            Self::Arena => arena::plan(store),
            Self::Ga => ga::plan(store),
            Self::ManyEvents => many_events::plan(store),
            Self::BestAvailable => best_available::plan(store),
            Self::Holds => holds::plan(store),
            Self::Feed => feed::plan(store),
            Self::Availability => availability::plan(store),
            Self::Memory => memory::plan(store),
            Self::Latency => load::latency(store),
            Self::Overload => load::overload(store),
            Self::Arrivals => arrivals::plan(store),
            Self::ScalingSeats => scaling::seats(store, quick),
            Self::ScalingEvents => scaling::events(store, quick),
            Self::ScalingConnections => scaling::connections(store, quick),
            Self::ScalingBatch => scaling::batch(store, quick),
            Self::ScalingHolds => scaling::holds(store, quick),
            Self::ScalingNodes => scaling::nodes(store, quick),
            Self::Gate => gate::plan(store),
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.to_possible_value().map(|value| value.get_name().to_owned());
        f.write_str(&name.unwrap_or_default())
    }
}

/// Workloads as a command line names them: one, or all whose names begin so.
///
/// # Errors
/// A sentence with the names that there are.
pub(crate) fn named(word: &str) -> Result<Vec<Workload>, String> {
    let all = || Workload::ALL.into_iter();
    let exact: Vec<_> = all().filter(|workload| workload.to_string() == word).collect();
    let found = if exact.is_empty() && !word.is_empty() {
        all().filter(|workload| workload.to_string().starts_with(&format!("{word}-"))).collect()
    } else {
        exact
    };
    if found.is_empty() {
        let names: Vec<_> = all().map(|workload| workload.to_string()).collect();
        return Err(format!(
            "no workload is called so; there are {}, and scaling for all of those",
            names.join(", ")
        ));
    }
    Ok(found)
}

/// How a workload is run, and how what comes of it is told.
pub(crate) struct Plan {
    /// What is done, in a sentence.
    pub(crate) what: &'static str,
    /// What its figure counts.
    pub(crate) unit: &'static str,
    /// The facts that are shown beside the figure.
    pub(crate) columns: &'static [&'static str],
    /// What changes from case to case, if they are points of one line.
    pub(crate) axis: Option<&'static str>,
    /// Who is measured, in the order of a round; the first is what others are compared with.
    pub(crate) cases: Vec<Case>,
    pub(crate) bars: Vec<Bar>,
}

impl Plan {
    /// Without cases and bars.
    fn new(what: &'static str, unit: &'static str) -> Self {
        Self { what, unit, columns: &[], axis: None, cases: Vec::new(), bars: Vec::new() }
    }
}

type Ran<'a> = Pin<Box<dyn Future<Output = anyhow::Result<Figures>> + 'a>>;

/// One of those that are measured beside each other.
pub(crate) struct Case {
    pub(crate) name: String,
    /// Where on the axis, if there is one.
    pub(crate) at: Option<f64>,
    /// Whether it does the same as the first, so that their figures can be compared.
    pub(crate) is_compared: bool,
    run: Box<dyn for<'a> Fn(&'a Ground) -> Ran<'a>>,
}

impl Case {
    fn new(name: impl Into<String>, run: impl for<'a> Fn(&'a Ground) -> Ran<'a> + 'static) -> Self {
        Self { name: name.into(), at: None, is_compared: true, run: Box::new(run) }
    }

    /// A subject, and what is done to it.
    fn of(
        name: impl Into<String>,
        subject: Subject,
        run: impl AsyncFn(&Ground, &Subject) -> anyhow::Result<Figures> + Copy + 'static,
    ) -> Self {
        Self::new(name, move |ground| {
            let subject = subject.clone();
            Box::pin(async move { run(ground, &subject).await })
        })
    }

    /// A point of a line.
    fn at(mut self, at: f64) -> Self {
        self.at = Some(at);
        self
    }

    /// One that does something else, and tells of what the others stand on.
    fn apart(mut self) -> Self {
        self.is_compared = false;
        self
    }

    /// Runs it once.
    ///
    /// # Errors
    /// When something cannot be started, or a sale was wrong.
    pub(crate) async fn run(&self, ground: &Ground) -> anyhow::Result<Figures> {
        (self.run)(ground).await
    }
}

/// The medians of a workload, by the position of its cases.
pub(crate) trait Found {
    /// A case's figure.
    fn value(&self, case: usize) -> Option<f64>;
    /// A fact of a case.
    fn fact(&self, case: usize, name: &str) -> Option<f64>;

    /// How many times as much the one has as the other.
    fn ratio(&self, one: usize, other: usize) -> Option<f64> {
        let other = self.value(other).filter(|value| *value > 0.0)?;
        Some(self.value(one)? / other)
    }
}

/// Something that must be reached.
pub(crate) struct Bar {
    pub(crate) text: &'static str,
    bound: f64,
    is_least: bool,
    measured: fn(&dyn Found) -> Option<f64>,
}

/// A bar, held against what was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Held {
    pub(crate) bar: &'static str,
    /// Nothing where there is no figure to hold against it; such a bar is not met.
    pub(crate) measured: Option<f64>,
    pub(crate) met: bool,
}

impl Bar {
    fn at_least(text: &'static str, bound: f64, measured: fn(&dyn Found) -> Option<f64>) -> Self {
        Self { text, bound, is_least: true, measured }
    }

    fn at_most(text: &'static str, bound: f64, measured: fn(&dyn Found) -> Option<f64>) -> Self {
        Self { text, bound, is_least: false, measured }
    }

    /// Whether it is met.
    pub(crate) fn held(&self, found: &dyn Found) -> Held {
        let measured = (self.measured)(found);
        let is_within =
            |measured: f64| if self.is_least { measured >= self.bound } else { measured <= self.bound };
        Held { bar: self.text, measured, met: measured.is_some_and(is_within) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workloads_are_named_alone_or_by_family() {
        assert_eq!(named("sustained"), Ok(vec![Workload::Sustained]));
        assert_eq!(named("scaling").map(|found| found.len()), Ok(6));
        assert_eq!(named("scaling-batch"), Ok(vec![Workload::ScalingBatch]));
        for wrong in ["", "sust", "everything"] {
            assert!(named(wrong).is_err_and(|told| told.contains("best-available")), "{wrong}");
        }
    }

    #[test]
    fn every_plan_can_be_told() {
        for workload in Workload::ALL {
            for store in [Store::Sqlite, Store::Postgres] {
                let plan = workload.plan(store, false);
                assert!(!plan.what.is_empty() && !plan.unit.is_empty(), "{workload}");
                let names: std::collections::BTreeSet<_> = plan.cases.iter().map(|case| &case.name).collect();
                assert_eq!(names.len(), plan.cases.len(), "{workload}: two cases of one name");
                let points = plan.cases.iter().filter(|case| case.at.is_some()).count();
                assert_eq!(points, if plan.axis.is_some() { plan.cases.len() } else { 0 }, "{workload}");
                let alone =
                    store == Store::Sqlite && matches!(workload, Workload::ScalingNodes | Workload::Gate);
                let without_wrk = workload == Workload::Availability && !crate::wrk::is_installed();
                assert_eq!(plan.cases.is_empty(), alone || without_wrk, "{workload}");
            }
        }
    }

    #[test]
    fn a_bar_is_met_from_its_bound_on_and_never_without_a_figure() {
        struct Two([Option<f64>; 2]);
        impl Found for Two {
            fn value(&self, case: usize) -> Option<f64> {
                self.0[case]
            }
            fn fact(&self, _: usize, _: &str) -> Option<f64> {
                None
            }
        }
        let least = Bar::at_least("x", 0.7, |found| found.ratio(0, 1));
        let most = Bar::at_most("y", 5.0, |found| found.value(0));
        let met = |bar: &Bar, values| {
            let held = bar.held(&Two(values));
            held.measured.map(|_| held.met).ok_or(held.met)
        };
        assert_eq!(met(&least, [Some(7.0), Some(10.0)]), Ok(true));
        assert_eq!(met(&least, [Some(6.9), Some(10.0)]), Ok(false));
        assert_eq!(met(&least, [Some(7.0), Some(0.0)]), Err(false));
        assert_eq!(met(&least, [None, Some(1.0)]), Err(false));
        assert_eq!(met(&most, [Some(5.0), None]), Ok(true));
        assert_eq!(met(&most, [Some(5.1), None]), Ok(false));
        assert_eq!(met(&most, [None, None]), Err(false));
    }
}
