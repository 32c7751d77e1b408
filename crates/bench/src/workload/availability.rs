//! Everybody who opens the map reads the state of every place.

use std::collections::BTreeMap;

use super::{Case, Plan};
use crate::hall::Ware;
use crate::running::{Ground, Installation, Running, Subject, flashtix_on};
use crate::sale::{Figures, WARM_UP, close, number, profiled, warm_up};
use crate::servers::Store;
use crate::wrk;

const SEATS: u32 = 20_000;
const SECONDS: u64 = 5;
const BYTES: &str = "bytes each";

pub(super) fn plan(store: Store) -> Plan {
    // The generator only buys.
    let is_measured = wrk::is_installed();
    let case = || Case::of(flashtix_on(store, ""), Subject::FlashTix(Installation::on(store)), read);
    Plan {
        columns: &[BYTES],
        cases: is_measured.then(case).into_iter().collect(),
        ..Plan::new(
            "The availability of an arena of 20,000 seats, some of them sold, as every map reads it first; driven by wrk, \
             which must be installed.",
            "maps/s",
        )
    }
}

async fn read(ground: &Ground, subject: &Subject) -> anyhow::Result<Figures> {
    let running = Running::start(subject, Ware::Seats(SEATS), ground).await?;
    warm_up(&running, ground).await?;
    wrk::maps(&running, WARM_UP.as_secs())?;
    let seconds = ground.or_quick(SECONDS, 1);
    let maps = profiled(&running, ground, || wrk::maps(&running, seconds))?;
    let path = format!("/v1/events/{}/availability", running.events[0]);
    let bytes = number(running.get(&path)?.to_string().len() as u64);
    close(running, ground, maps, BTreeMap::from([(BYTES, bytes)]), Vec::new()).await
}
