//! One node sells an event that the others leave alone, so that its batches are committed on a guess, in one round trip; then
//! something breaks.

use testkit::servers::proxy::Network;

use super::{COMMIT, COMMITS, PAUSE, any_node, campaign, deeds, stand};
use crate::campaign::{Dice, Round};
use crate::cluster::{Cluster, Setup, metric};
use crate::waiting::until;

const GUESSES: &str = "flashtix_guesses_total{outcome=\"right\"}";

/// Sends the crowd to one node, for as long as that answers, and waits until it guesses.
async fn one_node_guesses(cluster: &Cluster, crowd: &Round, dice: &mut Dice) -> usize {
    let at = any_node(dice);
    crowd.prefer(at);
    guesses(cluster, at).await;
    at
}

async fn guesses(cluster: &Cluster, at: usize) {
    let client = &cluster.clients[at];
    let before = metric(client, GUESSES).await;
    until("a node guesses", async || (metric(client, GUESSES).await > before).then_some(())).await;
}

#[tokio::test]
async fn a_node_that_guesses_is_killed() {
    campaign(Setup::with_gate(), async |cluster, crowd, dice| {
        let at = one_node_guesses(cluster, crowd, dice).await;
        cluster.nodes[at].kill();
        crowd.more(deeds(dice)).await;
        cluster.restart(at).await;
    })
    .await;
}

#[tokio::test]
async fn a_node_that_guesses_stands_still() {
    campaign(Setup::with_gate(), async |cluster, crowd, dice| {
        let at = one_node_guesses(cluster, crowd, dice).await;
        cluster.nodes[at].pause(true);
        // Long enough for the server to end what it was in the middle of. Everybody is at this node, and waits for it.
        stand(PAUSE).await;
        cluster.nodes[at].pause(false);
        guesses(cluster, at).await;
    })
    .await;
}

#[tokio::test]
async fn a_node_that_guesses_is_not_told_of_its_commits() {
    campaign(Setup { has_network: true, ..Setup::with_gate() }, async |cluster, crowd, dice| {
        let at = one_node_guesses(cluster, crowd, dice).await;
        for every in [5, 2] {
            cluster.networks[at].set(Network::CutsOffAnswersTo { word: COMMIT, every });
            crowd.more(deeds(dice) / 2 + 1).await;
            let struck = async || (cluster.networks[at].strikes() >= COMMITS).then_some(());
            until("lost answers", struck).await;
        }
        cluster.networks[at].set(Network::Passes);
        guesses(cluster, at).await;
    })
    .await;
}

#[tokio::test]
async fn the_database_of_a_node_that_guesses_is_killed() {
    campaign(Setup::with_gate(), async |cluster, crowd, dice| {
        let at = one_node_guesses(cluster, crowd, dice).await;
        cluster.postgres.kill();
        cluster.postgres.go();
        guesses(cluster, at).await;
    })
    .await;
}
