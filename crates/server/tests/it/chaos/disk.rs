//! A database whose disk is full: the nodes say that nothing can be sold, and sell again when there is room.

use testkit::servers::postgres::Part;

use super::{campaign, deeds};
use crate::campaign::{Dice, Round};
use crate::cluster::{Cluster, Setup};
use crate::waiting::until;

/// Requests that are turned away before somebody makes room.
const TURNED_AWAY: usize = 50;

async fn fills_up(cluster: &mut Cluster, crowd: &Round, dice: &mut Dice) {
    cluster.postgres.disk().fill();
    crowd.turned_away(TURNED_AWAY).await;
    cluster.postgres.disk().empty();
    // Without room for its log the server gives itself up, and whoever supervises it starts it again.
    let enough = crowd.acknowledged() + deeds(dice);
    until("more deeds", async || {
        cluster.postgres.go_if_ended();
        (crowd.acknowledged() >= enough).then_some(())
    })
    .await;
}

/// Statements fail one by one, and their transactions with them.
#[tokio::test]
async fn the_disk_of_the_tables_is_full() {
    let setup = Setup { disk: Some(Part::Tables), ..Setup::with_gate() };
    campaign(setup, async |cluster, crowd, dice| fills_up(cluster, crowd, dice).await).await;
}

/// The server crashes, and cannot come back before there is room.
#[tokio::test]
async fn the_disk_of_the_log_is_full() {
    let setup = Setup { disk: Some(Part::Log), ..Setup::with_gate() };
    campaign(setup, async |cluster, crowd, dice| fills_up(cluster, crowd, dice).await).await;
}
