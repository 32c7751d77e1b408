//! A database that dies, whose sessions and connections break, and whose place another one takes.

use std::time::Duration;

use testkit::servers::proxy::Network;
use tokio::time::Instant;

use super::{COMMIT, COMMITS, PAUSE, campaign, deeds, stand};
use crate::cluster::{Setup, Standby};
use crate::waiting::until;

/// What a node counts of the events that it loaded anew because history was another.
const RELOADS: &str = "flashtix_desk_reloads_total";
/// How long a synchronous standby hears nothing before it takes over.
const FALLS_BEHIND: Duration = Duration::from_millis(500);
/// How long answers may lie unread that a database made possible which is gone since.
const LAST_WORDS: Duration = Duration::from_secs(1);

#[tokio::test]
async fn the_database_restarts() {
    campaign(Setup::default(), async |cluster, _, dice| {
        let mode = if dice.below(2) == 0 { "fast" } else { "immediate" };
        cluster.postgres.stop(mode);
        cluster.postgres.go();
    })
    .await;
}

#[tokio::test]
async fn the_database_is_killed() {
    campaign(Setup::with_gate(), async |cluster, _, _| {
        cluster.postgres.kill();
        cluster.postgres.go();
    })
    .await;
}

#[tokio::test]
async fn the_databases_sessions_are_ended() {
    campaign(Setup::with_gate(), async |cluster, crowd, dice| {
        for _ in 0..5 {
            let ended = cluster.postgres.sql(
                "postgres",
                "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE application_name = 'flashtix'",
            );
            assert_ne!(ended, "0", "nobody was at the database");
            crowd.more(deeds(dice) / 5 + 1).await;
        }
    })
    .await;
}

/// Connections to the database that break on the way, whatever they carry.
#[tokio::test]
async fn the_network_cuts_connections() {
    campaign(Setup { has_network: true, ..Setup::with_gate() }, async |cluster, crowd, dice| {
        for every in [200, 100, 50] {
            cluster.weather(Network::CutsOff { every });
            crowd.more(deeds(dice) / 3 + 1).await;
            cluster.until_struck(1).await;
        }
        cluster.weather(Network::Passes);
    })
    .await;
}

/// Commits of which nobody hears what came: each of them took place, and is looked up.
#[tokio::test]
async fn the_network_loses_answers_to_commits() {
    campaign(Setup { has_network: true, ..Setup::with_gate() }, async |cluster, crowd, dice| {
        for every in [5, 2] {
            cluster.weather(Network::CutsOffAnswersTo { word: COMMIT, every });
            crowd.more(deeds(dice) / 2 + 1).await;
            cluster.until_struck(COMMITS).await;
        }
        cluster.weather(Network::Passes);
    })
    .await;
}

/// What is asked of the database gets there, and nobody hears what came of it.
#[tokio::test]
async fn the_network_loses_answers() {
    campaign(Setup { has_network: true, ..Setup::with_gate() }, async |cluster, _, _| {
        cluster.weather(Network::LosesAnswers);
        cluster.until_struck(1).await;
        stand(PAUSE).await;
        cluster.weather(Network::Passes);
    })
    .await;
}

#[tokio::test]
async fn the_network_stands_still() {
    campaign(Setup { has_network: true, ..Setup::with_gate() }, async |cluster, _, _| {
        cluster.weather(Network::StandsStill);
        cluster.until_struck(1).await;
        stand(PAUSE).await;
        cluster.weather(Network::Passes);
    })
    .await;
}

#[tokio::test]
async fn a_synchronous_standby_takes_over() {
    let standby = Some(Standby::Synchronous);
    campaign(Setup { standby, ..Setup::with_gate() }, async |cluster, crowd, dice| {
        // What has not reached the standby is told to nobody: for a while nothing reaches it.
        let replication = cluster.replication.as_ref().unwrap();
        replication.set(Network::StandsStill);
        until("the standby falls behind", async || (replication.strikes() > 0).then_some(())).await;
        stand(FALLS_BEHIND).await;
        cluster.fail_over();
        crowd.more(deeds(dice)).await;
        cluster.follow();
    })
    .await;
}

/// What was acknowledged and had not reached the standby is lost, and counted; what had reached it is there, and whatever
/// is there is whole.
#[tokio::test]
async fn an_asynchronous_standby_takes_over() {
    let standby = Some(Standby::Asynchronous);
    campaign(Setup { standby, ..Setup::with_gate() }, async |cluster, crowd, dice| {
        // All that was told before this moment gets there.
        let since = Instant::now();
        cluster.postgres.wait_until_followed();
        // It falls behind by so many deeds.
        cluster.replication.as_ref().unwrap().set(Network::StandsStill);
        crowd.more(deeds(dice)).await;
        let before = cluster.metrics(RELOADS).await;
        cluster.fail_over();
        // By now everybody has read what the old one still told.
        stand(LAST_WORDS).await;
        crowd.forgive(since..Instant::now());
        crowd.more(deeds(dice)).await;
        // No desk outlives its history.
        cluster.until_beyond(RELOADS, &before).await;
        cluster.follow();
    })
    .await;
}
