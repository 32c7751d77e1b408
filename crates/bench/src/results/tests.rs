//! Runs that are made up, and what is said of them.

use super::*;

#[test]
fn the_median_is_none_of_the_extremes() {
    let found = spread(&[5.0, 1.0, 100.0, 4.0, 3.0]);
    assert_eq!(found, Some(Spread { median: 4.0, least: 1.0, most: 100.0 }));
    assert_eq!(spread(&[2.0]), Some(Spread { median: 2.0, least: 2.0, most: 2.0 }));
    assert_eq!(spread(&[]), None);
}

fn figures(value: f64, per_commit: f64) -> Figures {
    let facts = [crate::sale::fact::ORDERS_A_COMMIT, crate::sale::fact::ORDERS_A_BATCH]
        .map(|name| (name, per_commit))
        .into();
    Figures { value, facts, ..Figures::default() }
}

/// The sustained workload with these runs of its first two cases.
fn sustained(ours: &[f64], theirs: &[f64]) -> Measured {
    let plan = Workload::Sustained.plan(Store::Sqlite, false);
    let mut measured = Measured::new(Workload::Sustained, plan, 3);
    for (run, value) in (1..).zip(ours) {
        measured.add(0, run, Ok(figures(*value, value / 100.0)));
    }
    for (run, value) in (1..).zip(theirs) {
        measured.add(1, run, Ok(Figures { value: *value, ..Figures::default() }));
    }
    measured
}

#[test]
fn bars_are_held_against_medians() {
    let measured = sustained(&[40_000.0, 10_000.0, 30_000.0], &[6_000.0, 8_000.0, 7_000.0]);
    assert_eq!(measured.value(0), Some(30_000.0));
    let of = |text: &str| measured.held().into_iter().find(|held| held.bar.contains(text));
    assert!(of("30,000").is_some_and(|held| held.met));
    assert!(of("setnx").is_some_and(
        |held| !held.met && held.measured.is_some_and(|times| (times - 30.0 / 7.0).abs() < 1e-9)
    ));
    assert!(of("a flush").is_some_and(|held| held.met && held.measured == Some(300.0)));
    assert!(of("pgbench").is_some_and(|held| !held.met && held.measured.is_none()));
    let table = measured.table();
    assert!(table.contains("| ≥ 3 × `pgbench` | no figure | **not met** |"), "{table}");
}

#[test]
fn a_case_with_a_failed_run_has_no_figure() {
    let mut measured = sustained(&[40_000.0, 40_000.0], &[5_000.0, 5_000.0]);
    measured.add(0, 3, Err(anyhow::anyhow!("the audit is not clean")));
    assert_eq!((measured.value(0), measured.value(1)), (None, Some(5_000.0)));
    assert!(measured.held().iter().all(|held| !held.met && held.measured.is_none()));
    let table = measured.table();
    assert!(table.contains("| FlashTix on SQLite | no figure |"), "{table}");
    assert!(table.contains("run 3: the audit is not clean"), "{table}");
    assert_eq!(measured.plots().len(), 1);
    assert!(!measured.plots()[0].1.contains("40,000"));
}

#[test]
fn a_table_shows_what_somebody_has() {
    let table = sustained(&[30_000.0, 31_000.0, 29_000.0], &[6_000.0]).table();
    assert!(
        table.contains("| FlashTix on SQLite | 30,000 [29,000 to 31,000] | 1.00 × | 300 | 300 |"),
        "{table}"
    );
    assert!(table.contains("| setnx-version | 6,000 [6,000 to 6,000] | 5.00 × |  |  |"), "{table}");
    assert!(!table.contains("WAL bytes"), "nobody told of them: {table}");
}

#[test]
fn who_does_something_else_is_not_compared() {
    let mut measured = Measured::new(Workload::Latency, Workload::Latency.plan(Store::Sqlite, false), 1);
    measured.add(0, 1, Ok(figures(12.0, 40.0)));
    measured.add(1, 1, Ok(Figures { value: 2.0, ..Figures::default() }));
    let table = measured.table();
    assert!(table.contains("| the disk alone, 500 flushes/s of 16 KiB | 2 [2 to 2] |"), "{table}");
    assert!(!table.contains("FlashTix is"), "{table}");
}
