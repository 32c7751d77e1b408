//! Storms against a small fake server: right ones must pass, and every planted fault must be caught.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fake;
mod faults;
mod refusals_to_start;
mod report;
mod scenarios;

use std::time::Duration;

use fake::{Fake, Fault, Shop, Transport};
use storm::{Options, Report, Scenario};

/// Seats of the fake hall.
const SEATS: usize = 100;

fn options(url: &str, scenario: Scenario) -> Options {
    let mut options = Options::new(url, scenario);
    options.key = Some("sk_test_1".to_owned());
    options.rate = None;
    options.connections = 8;
    options.buyers = 300;
    options.hold_seconds = 1;
    options.request_timeout = Duration::from_millis(300);
    options.unknown_patience = Duration::from_secs(10);
    options
}

async fn storm(fault: Fault, transport: Transport, scenario: Scenario) -> (Report, Fake) {
    let fake = Fake::start(Shop::new(SEATS, fault), transport).await;
    let report = storm::run(options(&fake.url, scenario), ()).await.unwrap();
    (report, fake)
}

/// The checks that failed, with what was found.
fn failed(report: &Report) -> Vec<(&'static str, &str)> {
    report
        .verdict
        .checks
        .iter()
        .filter(|check| !check.ok)
        .map(|check| (check.name, check.detail.as_str()))
        .collect()
}

#[track_caller]
fn assert_right(report: &Report) {
    assert!(report.verdict.ok, "{:#?}", failed(report));
    assert!(report.verdict.checks.len() >= 2);
}
