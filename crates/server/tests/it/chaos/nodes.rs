//! Nodes that die, stand still, or are restarted in good order.

use std::time::Duration;

use testkit::servers::proxy::Network;
use tokio::time::Instant;

use super::{ALL_NODES, COMMIT, PAUSE, any_node, campaign, deeds, is_by_hand, stand};
use crate::campaign::{Dice, Round, Tally, event};
use crate::cluster::{Cluster, NODES, Setup};
use crate::process::Process;
use crate::waiting::until;

/// How long others may be kept from an event by a node that stands still, and from another event.
const TAKEOVER_MAX: Duration = Duration::from_secs(3);
const ELSEWHERE_MAX: Duration = Duration::from_secs(1);
/// Deeds at each of the other nodes that show that they sell again.
const TAKEOVER_DEEDS: usize = 3;
/// How a batch begins, as it stands in the bytes: other transactions begin in other words.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED\0";
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

/// A node stands still wherever it is.
#[tokio::test]
async fn a_node_stands_still() {
    campaign(Setup::with_gate(), async |cluster, crowd, dice| {
        stands_still(cluster, crowd, dice, None).await;
    })
    .await;
}

/// A node stands still when it has locked an event, and has not heard yet what is written there: it has not decided.
#[tokio::test]
async fn a_node_stands_still_between_its_round_trips() {
    campaign(Setup { has_network: true, ..Setup::with_gate() }, async |cluster, crowd, dice| {
        stands_still(cluster, crowd, dice, Some(Network::DelaysAnswersTo { word: BEGIN })).await;
    })
    .await;
}

/// A node stands still when it has decided: what it writes arrives when its event has long been somebody else's.
#[tokio::test]
async fn a_node_stands_still_before_it_writes() {
    campaign(Setup { has_network: true, ..Setup::with_gate() }, async |cluster, crowd, dice| {
        stands_still(cluster, crowd, dice, Some(Network::Delays { after: BEGIN, word: COMMIT })).await;
    })
    .await;
}

/// A node stands still, at any moment or where its network stops it; the others sell its event again in time, and another
/// event all the while.
async fn stands_still(cluster: &mut Cluster, crowd: &Round, dice: &mut Dice, network: Option<Network>) {
    let at = any_node(dice);
    let others: Vec<usize> = ALL_NODES.into_iter().filter(|node| *node != at).collect();
    let elsewhere = Elsewhere::begin(cluster, &others, dice).await;
    match network {
        Some(network) => stop_with_a_lock(cluster, crowd, at, network).await,
        None => cluster.nodes[at].pause(true),
    }
    // Buyers at this one wait for it; the others go on elsewhere.
    crowd.avoid(Some(at));
    let since = Instant::now();
    let (own, other) =
        tokio::join!(crowd.more_at(&others, TAKEOVER_DEEDS), elsewhere.crowd.more_at(&[0, 1], 1));
    if network.is_some() {
        assert!(other < own, "another event waited for a node that stands still");
    }
    // A gate shares its machine with others: there it is enough that they go on at all while the node stands.
    if is_by_hand() {
        assert!(own - since <= TAKEOVER_MAX, "the others sold again only after {:?}", own - since);
        assert!(
            other - since <= ELSEWHERE_MAX,
            "another event was sold again only after {:?}",
            other - since
        );
        stand(PAUSE).await;
    }
    cluster.nodes[at].pause(false);
    cluster.weather(Network::Passes);
    crowd.avoid(None);
    crowd.more_at(&[at], 1).await;
    elsewhere.end(cluster).await;
}

/// Stops a node where it has an event locked.
async fn stop_with_a_lock(cluster: &Cluster, crowd: &Round, at: usize, network: Network) {
    until("a node stands still with a lock", async || {
        cluster.networks[at].set(network);
        until("the network stops the node", async || (cluster.networks[at].strikes() > 0).then_some(()))
            .await;
        cluster.nodes[at].pause(true);
        crowd.avoid(Some(at));
        // An event that another node has locked at the moment it waits for, or leaves: then nobody is kept from anything.
        let has_lock = until("it is seen whether it has a lock", async || has_lock(cluster, at)).await;
        if !has_lock {
            cluster.nodes[at].pause(false);
            cluster.networks[at].set(Network::Passes);
            crowd.avoid(None);
        }
        has_lock.then_some(())
    })
    .await;
}

/// Whether a session of a node that its network has stopped has locked something; `None` while it waits for that.
fn has_lock(cluster: &Cluster, at: usize) -> Option<bool> {
    let ports: Vec<String> = cluster.networks[at].struck().iter().map(u16::to_string).collect();
    // Whoever locks a row has a transaction's number from then on.
    let told = cluster.postgres.sql(
        "postgres",
        &format!(
            "SELECT coalesce(bool_or(state = 'idle in transaction' AND backend_xid IS NOT NULL), false), \
             coalesce(bool_or(state = 'active'), false) FROM pg_stat_activity WHERE client_port IN ({})",
            ports.join(", ")
        ),
    );
    match told.as_str() {
        "f|t" => None,
        told => Some(told.starts_with('t')),
    }
}

/// Another event, with a crowd of its own at the nodes that go on.
struct Elsewhere {
    event: String,
    crowd: Round,
}

impl Elsewhere {
    async fn begin(cluster: &Cluster, nodes: &[usize], dice: &mut Dice) -> Self {
        let clients: Vec<_> = nodes.iter().map(|node| cluster.clients[*node].clone()).collect();
        let event = event(&clients[0], &cluster.chart, "Elsewhere").await;
        let crowd = Round::begin(&clients, &event, dice);
        crowd.more_at(&[0, 1], 1).await;
        Self { event, crowd }
    }

    async fn end(self, cluster: &Cluster) {
        let told = self.crowd.end().await;
        Tally::default().check(&cluster.clients, &self.event, told, false).await;
    }
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

/// As in an upgrade: whatever a node has taken it answers, and what it does not answer has not happened.
#[tokio::test]
async fn nodes_are_restarted_in_turn() {
    campaign(Setup { serve: DRAIN, ..Setup::with_gate() }, async |cluster, crowd, dice| {
        are_restarted_in_turn(cluster, crowd, dice).await;
    })
    .await;
}

/// The same, and all that buyers know of is the load balancer.
#[tokio::test]
async fn nodes_are_restarted_in_turn_behind_nginx() {
    let setup = Setup { serve: DRAIN, has_balancer: true, ..Setup::with_gate() };
    campaign(setup, async |cluster, crowd, dice| are_restarted_in_turn(cluster, crowd, dice).await).await;
}

/// So that load balancers notice.
const DRAIN: &[&str] = &["--drain-seconds", "1"];

async fn are_restarted_in_turn(cluster: &mut Cluster, crowd: &Round, dice: &mut Dice) {
    crowd.demand_answers();
    for at in 0..NODES {
        cluster.nodes[at].terminate();
        until("readiness to fall", async || {
            (cluster.clients[at].get("/readyz").await.status == 503).then_some(())
        })
        .await;
        let status = cluster.nodes[at].ended().await;
        assert!(status.success(), "{status}: {}", cluster.nodes[at].said());
        cluster.restart(at).await;
        crowd.more(deeds(dice) / 3 + 1).await;
    }
}
