//! The crash campaign: a real server is killed at a random moment while buyers are at it, and started again on what it
//! left. Nothing acknowledged may be lost, and nothing sold twice.
//!
//! `FLASHTIX_CRASH_ROUNDS` is the number of kills (20 by default), `FLASHTIX_CRASH_SEED` replays a campaign's dice.

use tempfile::TempDir;

use crate::campaign::{Round, Tally, audit, chart, dice, event, number_from_environment};
use crate::process::{Process, run, url_of};
use crate::sale::{id_of, text_of};

/// Kills of a campaign, unless the environment says otherwise.
const ROUNDS_DEFAULT: u64 = 20;
/// A round's kill comes after so many acknowledged deeds.
const DEEDS: std::ops::Range<u64> = 30..400;

#[tokio::test]
async fn a_crash_loses_nothing_that_was_acknowledged() {
    let rounds = number_from_environment("FLASHTIX_CRASH_ROUNDS").unwrap_or(ROUNDS_DEFAULT);
    let mut dice = dice("crash", "FLASHTIX_CRASH_SEED");
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("flashtix.db");
    let url = url_of(&database);
    let keys = run(&["keys", "create", "--json", "--database-url", &url]).await.json();
    let secret = text_of(&keys["secret_key"]);
    let (mut process, nobody) = Process::serve(directory.path(), &url, &[]).await;
    let mut client = nobody.with_key(&secret);
    let chart = id_of(&client.post("/v1/charts", &chart()).await.ok(201));
    let mut tally = Tally::default();
    for round in 0..rounds {
        let event = event(&client, &chart, &format!("Round {round}")).await;
        let buyers = Round::begin(std::slice::from_ref(&client), &event, &mut dice);
        buyers.more(dice.within(DEEDS)).await;
        process.kill();
        let told = buyers.end().await;
        let (next, nobody) = Process::serve(directory.path(), &url, &[]).await;
        (process, client) = (next, nobody.with_key(&secret));
        tally.check(std::slice::from_ref(&client), &event, told, false).await;
    }
    process.stop().await;
    audit(&url).await;
    eprintln!("crash: {rounds} kills, {tally:?}, the audit is clean");
}
