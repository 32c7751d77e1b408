//! A million seats in memory.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::json;
use tokio::time::Instant;

use super::{Bar, Case, Plan};
use crate::hall::Ware;
use crate::machine;
use crate::running::{Ground, Installation, Running, Subject, flashtix_on};
use crate::sale::{Figures, close};
use crate::servers::Store;

const SEATS: u32 = 1_000_000;
const AT_MOST: &str = "at most ever, MB";
const LOADED: &str = "first answer, ms";

pub(super) fn plan(store: Store) -> Plan {
    let subject = Subject::FlashTix(Installation::on(store));
    let case = Case::of(flashtix_on(store, ""), subject, loaded);
    Plan {
        columns: &[AT_MOST, LOADED],
        cases: vec![case],
        bars: vec![Bar::at_most("≤ 150 MB resident", 150.0, |found| found.value(0))],
        ..Plan::new(
            "An event of 1,000,000 seats, imported from a file, on a server that was started anew and has answered one request \
             for two seats of its choice.",
            "MB resident",
        )
    }
}

async fn loaded(ground: &Ground, subject: &Subject) -> anyhow::Result<Figures> {
    // A tenth would say nothing about memory, and this takes some seconds as it is.
    let mut running = Running::start(subject, Ware::Seats(SEATS), ground).await?;
    running.restart(&ground.binary)?;
    let asked = Instant::now();
    let path = format!("/v1/events/{}/holds", running.events[0]);
    running.post(&path, &json!({ "buyer": "b", "best_available": { "quantity": 2 } }))?;
    let first_answer = asked.elapsed().as_secs_f64() * 1e3;
    let process = *running.processes().first().context("nothing runs")?;
    let (now, most) = machine::resident_megabytes(process).context("the system does not tell of memory")?;
    let facts = BTreeMap::from([(AT_MOST, most), (LOADED, first_answer)]);
    close(running, ground, now, facts, Vec::new()).await
}
