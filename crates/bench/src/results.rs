//! What came of all runs: the median and the spread, as JSON, as a table and as plots.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::plot;
use crate::subject::{Servers, Store, Subject};
use crate::workload::{Figures, Workload};

/// All runs of one subject in one workload.
struct Series {
    workload: Workload,
    subject: Subject,
    runs: Vec<Figures>,
}

/// Median, least and most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

pub(crate) struct Results {
    store: Store,
    runs: u8,
    quick: bool,
    durability: String,
    series: Vec<Series>,
}

impl Results {
    pub(crate) fn new(store: Store, runs: u8, quick: bool, servers: &Servers) -> Self {
        Self { store, runs, quick, durability: servers.durability(), series: Vec::new() }
    }

    pub(crate) fn add(&mut self, workload: Workload, subject: Subject, figures: Figures) {
        let known =
            self.series.iter_mut().find(|series| series.workload == workload && series.subject == subject);
        match known {
            Some(series) => series.runs.push(figures),
            None => self.series.push(Series { workload, subject, runs: vec![figures] }),
        }
    }

    /// Writes results.json, table.md and a plot a workload.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::write(folder.join("results.json"), serde_json::to_string_pretty(&self.json())?)?;
        std::fs::write(folder.join("table.md"), self.table())?;
        for workload in Workload::ALL {
            let bars = self
                .of(workload)
                .map(|series| (series.subject.to_string(), series.spread()))
                .collect::<Vec<_>>();
            if !bars.is_empty() {
                std::fs::write(
                    folder.join(format!("{workload}.svg")),
                    plot::bars(&format!("{workload}: {}", workload.counts()), &bars),
                )?;
            }
        }
        Ok(())
    }

    fn of(&self, workload: Workload) -> impl Iterator<Item = &Series> {
        self.series.iter().filter(move |series| series.workload == workload)
    }

    /// Markdown: each subject beside FlashTix.
    pub(crate) fn table(&self) -> String {
        let mut table = String::new();
        let mut line = |text: std::fmt::Arguments<'_>| {
            table
                .write_fmt(text)
                .and_then(|()| table.write_char('\n'))
                .expect("a text takes what is written to it");
        };
        if self.quick {
            line(format_args!("A quick look: these figures say nothing.\n"));
        }
        line(format_args!(
            "| workload | who | median [least to most] of {} | FlashTix is | final | orders a commit |",
            self.runs
        ));
        line(format_args!("| --- | --- | --- | --- | --- | --- |"));
        for workload in Workload::ALL {
            let ours = self.of(workload).next().map(Series::spread);
            for series in self.of(workload) {
                let Spread { median, least, most } = series.spread();
                let times = ours.map_or(0.0, |ours| ours.median / median);
                let per_commit = series.runs.iter().filter_map(|run| run.per_commit).collect::<Vec<_>>();
                let per_commit = if per_commit.is_empty() {
                    String::new()
                } else {
                    format!("{:.0}", spread(&per_commit).median)
                };
                let last = series.runs.iter().filter_map(|run| run.final_share).collect::<Vec<_>>();
                let last = if last.is_empty() {
                    String::new()
                } else {
                    format!("{:.0} %", spread(&last).median * 100.0)
                };
                line(format_args!(
                    "| {workload} | {} | {median:.0} [{least:.0} to {most:.0}] {} | {times:.2} × | {last} | {per_commit} |",
                    series.subject,
                    workload.counts()
                ));
            }
        }
        line(format_args!("\nPostgreSQL, as it says itself: {}.", self.durability));
        let ours =
            self.series.iter().flat_map(|series| &series.runs).find_map(|run| run.durability.as_deref());
        if let Some(said) = ours {
            line(format_args!("FlashTix, as it says itself: {said}."));
        }
        table
    }

    fn json(&self) -> Value {
        let series = self.series.iter().map(|series| {
            let Spread { median, least, most } = series.spread();
            json!({
                "workload": series.workload.to_string(),
                "subject": series.subject.to_string(),
                "counts": series.workload.counts(),
                "median": median,
                "least": least,
                "most": most,
                "runs": series.runs,
            })
        });
        json!({
            "store": if self.store == Store::Sqlite { "sqlite" } else { "postgres" },
            "runs": self.runs,
            "quick": self.quick,
            "postgres": self.durability,
            "series": series.collect::<Vec<_>>(),
        })
    }
}

impl Series {
    fn spread(&self) -> Spread {
        spread(&self.runs.iter().map(|run| run.per_second).collect::<Vec<_>>())
    }
}

/// The middle one, the upper of two; there is at least one.
fn spread(values: &[f64]) -> Spread {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    Spread { median: at(sorted.len() / 2), least: at(0), most: at(sorted.len().saturating_sub(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_none_of_the_extremes() {
        let found = spread(&[5.0, 1.0, 100.0, 4.0, 3.0]);
        assert_eq!(found, Spread { median: 4.0, least: 1.0, most: 100.0 });
        assert_eq!(spread(&[2.0]), Spread { median: 2.0, least: 2.0, most: 2.0 });
    }
}
