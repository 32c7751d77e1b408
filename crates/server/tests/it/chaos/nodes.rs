//! Nodes that die, or stand still.

use std::time::Duration;

use tokio::time::Instant;

use super::{PAUSE, any_node, campaign, deeds, is_by_hand, stand};
use crate::cluster::{NODES, Setup};
use crate::process::Process;

/// How long others may be kept from an event by a node that stands still.
const TAKEOVER_MAX: Duration = Duration::from_secs(3);

#[tokio::test]
async fn a_node_is_killed() {
    campaign(Setup::with_gate(), async |cluster, crowd, dice| {
        let at = any_node(dice);
        cluster.nodes[at].kill();
        crowd.more(deeds(dice)).await;
        cluster.restart(at).await;
    })
    .await;
}

#[tokio::test]
async fn all_nodes_are_killed() {
    campaign(Setup::with_gate(), async |cluster, _, _| {
        cluster.nodes.iter_mut().for_each(Process::kill);
        for at in 0..NODES {
            cluster.restart(at).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_node_stands_still() {
    campaign(Setup::with_gate(), async |cluster, crowd, dice| {
        let at = any_node(dice);
        cluster.nodes[at].pause(true);
        // Buyers at the others go on within the bound; those at this one wait for it.
        let since = Instant::now();
        crowd.more(5).await;
        let took = since.elapsed();
        // A gate shares its machine with others: there it is enough that they go on at all while the node stands.
        assert!(took <= TAKEOVER_MAX || !is_by_hand(), "the others sold again only after {took:?}");
        stand(PAUSE).await;
        cluster.nodes[at].pause(false);
    })
    .await;
}

/// Every request is decided under the store's lock: memory refuses nobody, and no gate stands before it.
#[tokio::test]
async fn a_node_is_killed_with_the_upper_layers_off() {
    let serve = &["--refuse-from-memory", "false"];
    campaign(Setup { serve, ..Setup::default() }, async |cluster, crowd, dice| {
        let at = any_node(dice);
        cluster.nodes[at].kill();
        crowd.more(deeds(dice)).await;
        cluster.restart(at).await;
    })
    .await;
}
