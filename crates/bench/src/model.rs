//! What bounds the figures: constants that were measured, what follows from them, and how figures grow.
//!
//! Two laws, both fitted to what was measured in the same run. **Shared processors**: whatever a request costs all processes
//! together, the cores do not do more of them than their time allows. **Shared commits**: a commit of so many bookings takes a
//! time that does not depend on them, and a time for each; so bookings a second rise with the size of a commit until the second
//! part is all that counts.

use serde_json::Value;

use crate::plot::amount;
use crate::results::put;
use crate::sale::fact;
use crate::workload::{Found, Workload};

/// What results.json tells of a workload.
struct Known<'a>(&'a Value);

impl Known<'_> {
    /// Where each case is on the axis, if there is one.
    fn points(&self) -> Vec<f64> {
        let cases = self.0["cases"].as_array().map(Vec::as_slice).unwrap_or_default();
        cases.iter().map_while(|case| case["at"].as_f64()).collect()
    }
}

impl Found for Known<'_> {
    fn value(&self, case: usize) -> Option<f64> {
        self.0["cases"][case]["figure"]["median"].as_f64()
    }

    fn fact(&self, case: usize, name: &str) -> Option<f64> {
        self.0["cases"][case]["facts"][name]["median"].as_f64()
    }
}

/// Growth by less than this power of what grows is none.
const FLAT: f64 = 0.1;
/// FlashTix is the first case of every workload.
const OURS: usize = 0;
/// The crowd that is only refused has its figure of `bare` beside it.
const BARE: usize = 1;

const SWEEPS: [Workload; 6] = [
    Workload::ScalingSeats,
    Workload::ScalingEvents,
    Workload::ScalingConnections,
    Workload::ScalingBatch,
    Workload::ScalingHolds,
    Workload::ScalingNodes,
];

/// Processor time that one request costs, in µs, by who works.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cost {
    server: f64,
    generator: f64,
    /// The database, where there is one, and what the system does for all of them.
    rest: f64,
}

impl Cost {
    /// Of a figure that counts requests a second.
    fn of(found: &dyn Found, case: usize) -> Option<Self> {
        let per_second = found.value(case).filter(|value| *value > 0.0)?;
        let [server, generator, busy] = [fact::SERVER, fact::GENERATOR, fact::BUSY]
            .map(|name| found.fact(case, name).map(|cores| cores / per_second * 1e6));
        let (server, generator) = (server?, generator?);
        Some(Self { server, generator, rest: (busy? - server - generator).max(0.0) })
    }

    fn sum(self) -> f64 {
        self.server + self.generator + self.rest
    }

    /// Requests a second that so many cores have time for.
    fn per_second(self, cores: f64) -> f64 {
        cores * 1e6 / self.sum()
    }
}

/// A time that a commit takes whatever is in it, and a time for each booking in it, in µs.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Commit {
    fixed: f64,
    each: f64,
}

impl Commit {
    /// The commit that fits best to points of bookings a commit and bookings a second: by least squares of the relative errors of
    /// a commit's time. Fewer than three points fit anything.
    fn fitted(points: &[(f64, f64)]) -> Option<Self> {
        if points.len() < 3 {
            return None;
        }
        let (mut s, mut sx, mut sxx, mut sy, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (size, per_second) in points {
            let time = size / per_second * 1e6;
            let weight = 1.0 / (time * time);
            s += weight;
            sx += weight * size;
            sxx += weight * size * size;
            sy += weight * time;
            sxy += weight * size * time;
        }
        let determinant = s * sxx - sx * sx;
        let fixed = (sxx * sy - sx * sxy) / determinant;
        let each = (s * sxy - sx * sy) / determinant;
        (determinant > 0.0 && fixed.is_finite() && each.is_finite()).then_some(Self { fixed, each })
    }

    fn per_second(self, size: f64) -> f64 {
        size * 1e6 / (self.fixed + self.each * size)
    }
}

/// The power of `at` with which a figure grows, by least squares of the logarithms; nothing of fewer than three points.
fn power(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<(f64, f64)> = points
        .iter()
        .filter(|(at, value)| *at > 0.0 && *value > 0.0)
        .map(|(at, value)| (at.ln(), value.ln()))
        .collect();
    if logs.len() < 3 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a sweep has a handful of points")]
    let count = logs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|log| log.0), mean(|log| log.1));
    let covered: f64 = logs.iter().map(|log| (log.0 - x) * (log.1 - y)).sum();
    let spread: f64 = logs.iter().map(|log| (log.0 - x).powi(2)).sum();
    (spread > 0.0).then(|| covered / spread)
}

/// How a power is called.
fn shape(power: f64) -> &'static str {
    match power {
        power if power.abs() < FLAT => "flat",
        power if (power - 1.0).abs() < FLAT => "linear",
        power if power > 0.0 => "grows, less than linearly",
        _ => "falls",
    }
}

/// The whole page, as far as there are figures for it, from one or several results.json of one store; the later of two counts.
pub(crate) fn told(results: &[Value]) -> String {
    let machine = results.last().map_or(&Value::Null, |results| &results["machine"]);
    let cores = machine["cores"].as_f64().unwrap_or(1.0);
    let flush_micros =
        machine["disks"].as_array().and_then(|disks| disks.last()?["flush_micros_median"].as_f64());
    let known = |workload: Workload| {
        let name = workload.to_string();
        let all = results.iter().rev().filter_map(|results| results["workloads"].as_array()).flatten();
        all.filter(|told| told["workload"] == name.as_str()).map(Known).next()
    };
    let mut page = String::new();
    let costs = [("a booking", Workload::Sustained, OURS), ("a refusal", Workload::OneSeat, OURS)];
    let cost = |workload, case| known(workload).and_then(|found| Cost::of(&found, case));
    put(
        &mut page,
        format_args!(
            "### Constants\n\n| | server, µs | generator, µs | rest, µs | all, µs |\n| --- | --- | --- | --- | --- |"
        ),
    );
    let others = [("a refusal by `bare`", Workload::OneSeat, BARE)];
    for (name, workload, case) in costs.into_iter().chain(others) {
        if let Some(cost) = cost(workload, case) {
            let Cost { server, generator, rest } = cost;
            let cells = [server, generator, rest, cost.sum()].map(|micros| format!("{micros:.1}"));
            put(&mut page, format_args!("| {name} | {} |", cells.join(" | ")));
        }
    }
    put(
        &mut page,
        format_args!(
            "\nA write of 4 KiB is flushed in {} µs; there are {} cores.\n",
            flush_micros.map_or("?".to_owned(), amount),
            amount(cores)
        ),
    );
    let (booking, refusal) = (cost(Workload::Sustained, OURS), cost(Workload::OneSeat, OURS));
    put(
        &mut page,
        format_args!(
            "### Shared processors\n\n| | predicted at most | measured | reached |\n| --- | --- | --- | --- |"
        ),
    );
    for (name, predicted, measured) in predictions(cores, booking, refusal, &known) {
        let reached = measured / predicted * 100.0;
        put(
            &mut page,
            format_args!("| {name} | {} | {} | {reached:.0} % |", amount(predicted), amount(measured)),
        );
    }
    for workload in [Workload::ScalingBatch, Workload::ScalingConnections] {
        if let Some(found) = known(workload) {
            page += &commits_told(workload, &found);
        }
    }
    put(
        &mut page,
        format_args!(
            "\n### Growth\n\n| by | from | to | bookings/s, first and last | power | which is |\n| --- | --- | --- | --- | --- | --- |"
        ),
    );
    for workload in SWEEPS {
        let Some(found) = known(workload) else { continue };
        let points: Vec<(f64, f64)> =
            (0..).zip(found.points()).filter_map(|(case, at)| Some((at, found.value(case)?))).collect();
        let (Some(first), Some(last)) = (points.first(), points.last()) else { continue };
        let told = power(&points).map_or(["".to_owned(), "too few points".to_owned()], |power| {
            [format!("{power:.2}"), shape(power).to_owned()]
        });
        put(
            &mut page,
            format_args!(
                "| {workload} | {} | {} | {}, {} | {} |",
                amount(first.0),
                amount(last.0),
                amount(first.1),
                amount(last.1),
                told.join(" | ")
            ),
        );
    }
    page
}

/// What the processors' time allows: its name, what is predicted from the constants of a booking and a refusal, what was measured.
fn predictions<'a>(
    cores: f64,
    booking: Option<Cost>,
    refusal: Option<Cost>,
    known: &impl Fn(Workload) -> Option<Known<'a>>,
) -> Vec<(&'static str, f64, f64)> {
    let (Some(booking), Some(refusal)) = (booking, refusal) else { return Vec::new() };
    let mixed = |share: f64| cores * 1e6 / (share * booking.sum() + (1.0 - share) * refusal.sum());
    let value = |workload| known(workload)?.value(OURS);
    let mut found = Vec::new();
    let simple = [
        ("sustained, bookings/s", Workload::Sustained, booking),
        ("one-seat, refusals/s", Workload::OneSeat, refusal),
        ("ga, bookings/s", Workload::Ga, booking),
        ("many-events, bookings/s", Workload::ManyEvents, booking),
    ];
    for (name, workload, cost) in simple {
        found.extend(value(workload).map(|measured| (name, cost.per_second(cores), measured)));
    }
    let of = |workload, name| known(workload)?.fact(OURS, name);
    if let (Some(bookings), Some(requests)) =
        (value(Workload::SustainedZipf), of(Workload::SustainedZipf, fact::REQUESTS))
    {
        found.push(("sustained-zipf, requests/s", mixed(bookings / requests), requests));
    }
    if let Some(requests) = of(Workload::Arena, fact::REQUESTS) {
        // Nearly all of an arena's requests are refused: ten buyers want each seat, and ask until nothing is left.
        found.push(("arena, requests/s", mixed(0.0), requests));
    }
    found
}

/// How well the law of commits fits a sweep.
fn commits_told(workload: Workload, found: &Known<'_>) -> String {
    let size = |case| found.fact(case, fact::ORDERS_A_BATCH);
    let points: Vec<(f64, f64, f64)> = (0..)
        .zip(found.points())
        .filter_map(|(case, at)| Some((at, size(case)?, found.value(case)?)))
        .collect();
    let fitted = Commit::fitted(&points.iter().map(|(_, size, rate)| (*size, *rate)).collect::<Vec<_>>());
    let Some(commit) = fitted else { return String::new() };
    let mut text = String::new();
    put(
        &mut text,
        format_args!(
            "\n### Shared commits: {workload}\n\nA commit takes {:.2} ms, and {:.1} µs for each booking in it.\n\n\
         | at | bookings a commit | predicted, bookings/s | measured, bookings/s |\n| --- | --- | --- | --- |",
            commit.fixed / 1e3,
            commit.each
        ),
    );
    for (at, size, rate) in points {
        let predicted = commit.per_second(size);
        put(
            &mut text,
            format_args!("| {} | {} | {} | {} |", amount(at), amount(size), amount(predicted), amount(rate)),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_commit_is_found_behind_its_points() {
        let commit = Commit { fixed: 900.0, each: 30.0 };
        let points: Vec<(f64, f64)> =
            [1.0, 8.0, 64.0, 200.0].map(|size| (size, commit.per_second(size))).to_vec();
        let found = Commit::fitted(&points).expect("four points");
        assert!((found.fixed - 900.0).abs() < 1e-6 && (found.each - 30.0).abs() < 1e-6, "{found:?}");
        assert_eq!(Commit::fitted(&points[..2]), None);
        assert_eq!(Commit::fitted(&[(5.0, 10.0), (5.0, 10.0), (5.0, 10.0)]), None, "one size tells nothing");
    }

    #[test]
    fn growth_is_called_by_its_power() {
        let of = |law: fn(f64) -> f64| power(&[1.0, 10.0, 100.0].map(|at| (at, law(at)))).map(shape);
        assert_eq!(of(|_| 7.0), Some("flat"));
        assert_eq!(of(|at| 3.0 * at), Some("linear"));
        assert_eq!(of(f64::sqrt), Some("grows, less than linearly"));
        assert_eq!(of(|at| 1.0 / at), Some("falls"));
        assert_eq!(power(&[(0.0, 5.0), (1.0, 5.0), (2.0, 5.0)]), None, "nothing has no logarithm");
    }

    fn workload(name: &str, value: f64, [server, generator, busy]: [f64; 3]) -> Value {
        let median = |value: f64| json!({ "median": value });
        let facts = json!({
            fact::SERVER: median(server), fact::GENERATOR: median(generator), fact::BUSY: median(busy),
        });
        json!({ "workload": name, "cases": [{ "at": null, "figure": median(value), "facts": facts }] })
    }

    #[test]
    fn what_the_cores_have_time_for_is_what_all_of_it_costs() {
        let machine = json!({ "cores": 2, "disks": [{ "flush_micros_median": 190.0 }] });
        let one = json!({ "machine": machine, "workloads": [
            workload("sustained", 20_000.0, [0.8, 0.3, 1.5]), workload("one-seat", 1.0, [1.0, 1.0, 2.0]),
        ] });
        let two =
            json!({ "machine": machine, "workloads": [workload("one-seat", 40_000.0, [1.2, 0.6, 2.0])] });
        let page = told(&[one, two]);
        assert!(page.contains("| a booking | 40.0 | 15.0 | 20.0 | 75.0 |"), "{page}");
        assert!(page.contains("| sustained, bookings/s | 26,667 | 20,000 | 75 % |"), "{page}");
        assert!(page.contains("| one-seat, refusals/s | 40,000 | 40,000 | 100 % |"), "{page}");
        let nothing = told(&[]);
        assert!(!nothing.contains('%') && nothing.contains("### Growth"), "{nothing}");
    }
}
