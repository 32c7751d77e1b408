//! What came of all runs: the medians and the spreads, as JSON, as tables and as plots.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use storm::Outcome;

use crate::machine::Machine;
use crate::model;
use crate::plot::{self, Point, Row, amount};
use crate::sale::{Figures, WARM_UP};
use crate::servers::Store;
use crate::workload::{Found, Held, Plan, Workload};

/// Median, least and most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// The middle one, the upper of two.
pub(crate) fn spread(values: &[f64]) -> Option<Spread> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = *sorted.get(sorted.len() / 2)?;
    Some(Spread { median, least: *sorted.first()?, most: *sorted.last()? })
}

/// Everything that was measured, and on what.
pub(crate) struct Results {
    pub(crate) store: Store,
    pub(crate) runs: u8,
    pub(crate) quick: bool,
    pub(crate) machine: Machine,
    pub(crate) postgres: String,
    pub(crate) has_wrk: bool,
    pub(crate) workloads: Vec<Measured>,
}

/// A workload and what came of it.
pub(crate) struct Measured {
    workload: Workload,
    plan: Plan,
    runs: u8,
    pub(crate) seconds: f64,
    /// Of each case, in the plan's order.
    figures: Vec<Vec<Figures>>,
    failures: Vec<String>,
}

impl Measured {
    pub(crate) fn new(workload: Workload, plan: Plan, runs: u8) -> Self {
        let figures = plan.cases.iter().map(|_| Vec::new()).collect();
        Self { workload, plan, runs, seconds: 0.0, figures, failures: Vec::new() }
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Takes a run of a case, or why it has no figure.
    pub(crate) fn add(&mut self, case: usize, run: u8, came: anyhow::Result<Figures>) {
        match came {
            Ok(figures) => self.figures[case].push(figures),
            Err(error) => {
                let name = &self.plan.cases[case].name;
                self.failures.push(format!("{}, {name}, run {run}: {error:#}", self.workload));
            }
        }
    }

    /// Runs without a figure. A case with one of them has none at all: what would be left might be the lucky ones.
    pub(crate) fn failures(&self) -> &[String] {
        &self.failures
    }

    fn spread(&self, case: usize) -> Option<Spread> {
        let runs =
            self.figures.get(case).filter(|runs| self.has_failed(case) == Some(false) && !runs.is_empty())?;
        spread(&runs.iter().map(|run| run.value).collect::<Vec<_>>())
    }

    fn has_failed(&self, case: usize) -> Option<bool> {
        let name = &self.plan.cases.get(case)?.name;
        let told = format!("{}, {name}, run ", self.workload);
        Some(self.failures.iter().any(|failure| failure.starts_with(&told)))
    }

    fn facts(&self, case: usize) -> BTreeSet<&'static str> {
        self.figures[case].iter().flat_map(|run| run.facts.keys().copied()).collect()
    }

    fn fact_spread(&self, case: usize, name: &str) -> Option<Spread> {
        self.spread(case)?;
        let runs = self.figures[case].iter();
        spread(&runs.filter_map(|run| run.facts.get(name).copied()).collect::<Vec<_>>())
    }

    /// All its bars, those for which there is no figure among them.
    pub(crate) fn held(&self) -> Vec<Held> {
        self.plan.bars.iter().map(|bar| bar.held(self)).collect()
    }

    fn table(&self) -> String {
        let mut text = String::new();
        let mut line = |arguments: std::fmt::Arguments<'_>| put(&mut text, arguments);
        let runs = if self.runs == 1 { "one run".to_owned() } else { format!("{} runs", self.runs) };
        line(format_args!("### {}\n", self.workload));
        line(format_args!("{} Median of {runs}; {:.0} s in all.\n", self.plan.what, self.seconds));
        let has =
            |column: &&&str| (0..self.plan.cases.len()).any(|case| self.fact_spread(case, column).is_some());
        let columns: Vec<&str> = self.plan.columns.iter().filter(has).copied().collect();
        // How many times as slow or as stale FlashTix is as itself says nothing.
        let compares =
            self.plan.cases.iter().any(|case| case.is_compared && !case.name.starts_with("FlashTix"));
        let mut head = vec!["who".to_owned(), format!("{} [least to most]", self.plan.unit)];
        head.extend(compares.then(|| "FlashTix is".to_owned()));
        head.extend(columns.iter().map(|column| (*column).to_owned()));
        line(format_args!("| {} |", head.join(" | ")));
        line(format_args!("|{}", " --- |".repeat(head.len())));
        for (case, told) in self.plan.cases.iter().enumerate() {
            let mut cells =
                vec![told.name.clone(), self.spread(case).map_or("no figure".to_owned(), spread_told)];
            if compares {
                let ratio = self.ratio(0, case).filter(|_| told.is_compared);
                cells.push(ratio.map_or(String::new(), |times| format!("{times:.2} ×")));
            }
            let fact = |column: &&str| self.fact(case, column).map(amount).unwrap_or_default();
            cells.extend(columns.iter().map(fact));
            line(format_args!("| {} |", cells.join(" | ")));
        }
        let held = self.held();
        if !held.is_empty() {
            line(format_args!("\n| bar | measured | |\n| --- | --- | --- |"));
        }
        for Held { bar, measured, met } in held {
            let verdict = match (measured, met) {
                (_, true) => "met",
                (Some(_), false) => "**missed**",
                (None, false) => "**not met**",
            };
            let measured = measured.map_or("no figure".to_owned(), amount);
            line(format_args!("| {bar} | {measured} | {verdict} |"));
        }
        for failure in &self.failures {
            line(format_args!("\n**No figure**: {failure}"));
        }
        text
    }

    fn json(&self) -> Value {
        let case = |(at, case): (usize, &crate::workload::Case)| {
            let facts: serde_json::Map<String, Value> = self
                .facts(at)
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), json!(self.fact_spread(at, name)?))))
                .collect();
            json!({
                "name": case.name,
                "at": case.at,
                "figure": self.spread(at),
                "facts": facts,
                "runs": self.figures[at],
            })
        };
        json!({
            "workload": self.workload.to_string(),
            "what": self.plan.what,
            "unit": self.plan.unit,
            "axis": self.plan.axis,
            "runs": self.runs,
            "seconds": self.seconds,
            "cases": self.plan.cases.iter().enumerate().map(case).collect::<Vec<_>>(),
            "bars": self.held(),
            "failures": self.failures,
        })
    }

    /// Plots by the ends of their names.
    fn plots(&self) -> Vec<(String, String)> {
        let title = format!("{}: {}", self.workload, self.plan.unit);
        let cases = || (0..self.plan.cases.len()).filter_map(|case| Some((case, self.spread(case)?)));
        let mut plots = Vec::new();
        if let Some(axis) = self.plan.axis {
            let point =
                |(case, spread): (usize, Spread)| Some(Point { at: self.plan.cases[case].at?, spread });
            let points: Vec<Point> = cases().filter_map(point).collect();
            if !points.is_empty() {
                plots.push((String::new(), plot::lines(&title, axis, &points)));
            }
            return plots;
        }
        let bars: Vec<_> =
            cases().map(|(case, spread)| (self.plan.cases[case].name.clone(), spread)).collect();
        if !bars.is_empty() {
            plots.push((String::new(), plot::bars(&title, &bars)));
        }
        let title = format!("{}: latency by outcome, from the intended time", self.workload);
        plots.extend(plot::percentiles(&title, &self.latencies()).map(|svg| ("-latency".to_owned(), svg)));
        plots
    }

    /// The median percentiles of every outcome of the first case's open loop; those of a closed one are not quoted.
    fn latencies(&self) -> Vec<Row> {
        let runs = self.figures.first().map(Vec::as_slice).unwrap_or_default();
        let reports = runs.iter().filter_map(|run| run.reports.iter().find(|report| report.load == "open"));
        let reports: Vec<_> = reports.collect();
        let row = |outcome: Outcome| {
            let of =
                reports.iter().filter_map(|report| report.outcomes.iter().find(|row| row.outcome == outcome));
            let of: Vec<[u64; 5]> = of
                .map(|row| row.latency)
                .map(|l| [l.p50_micros, l.p90_micros, l.p99_micros, l.p999_micros, l.max_micros])
                .collect();
            let median = |at: usize| {
                spread(&of.iter().map(|micros| crate::sale::number(micros[at])).collect::<Vec<_>>())
                    .map(|spread| spread.median)
            };
            let class = match outcome {
                Outcome::Booked | Outcome::Held => "good",
                Outcome::Refused | Outcome::Contended | Outcome::Shed => "no",
                _ => "bad",
            };
            let micros = [median(0)?, median(1)?, median(2)?, median(3)?, median(4)?];
            Some(Row { name: outcome.title().to_owned(), class, micros })
        };
        Outcome::ALL.into_iter().filter_map(row).collect()
    }
}

impl Found for Measured {
    fn value(&self, case: usize) -> Option<f64> {
        Some(self.spread(case)?.median)
    }

    fn fact(&self, case: usize, name: &str) -> Option<f64> {
        Some(self.fact_spread(case, name)?.median)
    }
}

impl Results {
    /// Writes results.json, table.md, model.md and the plots of every workload.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        let json = self.json();
        std::fs::write(folder.join("results.json"), serde_json::to_string_pretty(&json)?)?;
        std::fs::write(folder.join("model.md"), model::told(&[json]))?;
        std::fs::write(folder.join("table.md"), self.table())?;
        for measured in &self.workloads {
            for (end, svg) in measured.plots() {
                std::fs::write(folder.join(format!("{}{end}.svg", measured.workload)), svg)?;
            }
        }
        Ok(())
    }

    /// Every run that has no figure.
    pub(crate) fn failures(&self) -> Vec<&str> {
        self.workloads.iter().flat_map(Measured::failures).map(String::as_str).collect()
    }

    /// Markdown: the machine, then a table for each workload.
    pub(crate) fn table(&self) -> String {
        let mut text = String::new();
        if self.quick {
            text.push_str("A quick look: these figures say nothing.\n\n");
        }
        text += &self.machine_told();
        for measured in &self.workloads {
            text.push('\n');
            text += &measured.table();
        }
        text
    }

    fn machine_told(&self) -> String {
        let mut text = String::from("| | |\n| --- | --- |\n");
        let machine = &self.machine;
        let mut row = |name: &str, told: String| put(&mut text, format_args!("| {name} | {told} |"));
        row("measured", machine.measured_at.clone());
        row("processor", format!("{}, {} cores", machine.processor, machine.cores));
        row("memory", format!("{:.1} GiB", machine.memory_gib));
        row("kernel, system", format!("{}; {}", machine.kernel, machine.system));
        if let Some(writeback) = machine.writeback {
            row("what nobody flushes is written", writeback.to_string());
        }
        for disk in &machine.disks {
            let flush = format!(
                "{}; a write of 4 KiB is flushed in {} µs, p99 {} µs",
                disk.file_system,
                amount(disk.flush_micros_median),
                amount(disk.flush_micros_p99)
            );
            row(&format!("disk of {}", disk.of), flush);
        }
        row("PostgreSQL, as it says itself", self.postgres.clone());
        row(
            "warm-up",
            format!(
                "up to {:.0} s of load before what is counted, for every subject alike",
                WARM_UP.as_secs_f64()
            ),
        );
        let figures = || self.workloads.iter().flat_map(|measured| measured.figures.iter().flatten());
        let said: BTreeSet<&str> = figures().filter_map(|run| run.durability.as_deref()).collect();
        for said in said {
            row("FlashTix, as it says itself", said.to_owned());
        }
        let audits = figures().filter(|run| run.audit.is_some()).count();
        row("audits", format!("{audits} stores audited, {} runs without a figure", self.failures().len()));
        row(
            "wrk",
            if self.has_wrk { "installed" } else { "not installed: nothing is checked by it" }.to_owned(),
        );
        text
    }

    fn json(&self) -> Value {
        json!({
            "store": if self.store == Store::Sqlite { "sqlite" } else { "postgres" },
            "runs": self.runs,
            "quick": self.quick,
            "machine": self.machine,
            "postgres": self.postgres,
            "wrk": self.has_wrk,
            "warm_up_seconds_max": WARM_UP.as_secs_f64(),
            "failures": self.failures(),
            "workloads": self.workloads.iter().map(Measured::json).collect::<Vec<_>>(),
        })
    }
}

fn spread_told(Spread { median, least, most }: Spread) -> String {
    format!("{} [{} to {}]", amount(median), amount(least), amount(most))
}

pub(crate) fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments)
        .and_then(|()| text.write_char('\n'))
        .expect("a text takes what is written to it");
}

#[cfg(test)]
mod tests;
