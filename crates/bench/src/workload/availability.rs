//! Everybody who opens the map reads the state of every place.

use std::collections::BTreeMap;

use super::{Case, Plan};
use crate::hall::Ware;
use crate::running::{Ground, Installation, Running, Subject, flashtix_on};
use crate::sale::{Figures, WARM_UP, close, profiled, warm_up};
use crate::servers::Store;
use crate::wrk::{self, Coding};

const SEATS: u32 = 20_000;
const SECONDS: u64 = 5;
const BYTES: &str = "bytes each";

pub(super) fn plan(store: Store) -> Plan {
    // The generator only buys.
    let is_measured = wrk::is_installed();
    let case = |note: &str, coding: Coding| {
        let subject = Subject::FlashTix(Installation::on(store));
        Case::of(flashtix_on(store, note), subject, async move |ground, subject| {
            read(ground, subject, coding).await
        })
    };
    let cases = || vec![case("", Coding::Plain), case("as gzip", Coding::Gzip)];
    Plan {
        columns: &[BYTES],
        cases: is_measured.then(cases).unwrap_or_default(),
        ..Plan::new(
            "The availability of an arena of 20,000 seats, some of them sold, as every map reads it first, as it is and as \
             gzip; driven by wrk, which must be installed.",
            "maps/s",
        )
    }
}

async fn read(ground: &Ground, subject: &Subject, coding: Coding) -> anyhow::Result<Figures> {
    let running = Running::start(subject, Ware::Seats(SEATS), ground).await?;
    warm_up(&running, ground).await?;
    wrk::maps(&running, WARM_UP.as_secs(), coding)?;
    let seconds = ground.or_quick(SECONDS, 1);
    let mut bytes = 0.0;
    let maps = profiled(&running, ground, || {
        let answered = wrk::maps(&running, seconds, coding)?;
        bytes = answered.body_bytes;
        Ok(answered.per_second)
    })?;
    close(running, ground, maps, BTreeMap::from([(BYTES, bytes)]), Vec::new()).await
}
