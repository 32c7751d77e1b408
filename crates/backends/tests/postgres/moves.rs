//! What becomes of a database that is moved: a copy in another cluster, and a timeline that begins anew.

use domain::place::SeatIndex;
use engine::feed::FrameKind;
use engine::options::Options;
use engine::store::{Archive as _, Journal as _, OrderFilter, Page};
use testkit::ask::{book, seats};
use testkit::renderer::{PlainRenderer, order_of};
use testkit::sale::ORGANIZATION;
use testkit::servers::free_port;
use testkit::servers::postgres::{Postgres, versions};

use crate::nodes::{Node, sale};

/// Every order of the organization's test events, in the order of their commits, two a page.
async fn listed(node: &Node) -> Vec<domain::id::OrderId> {
    let mut after = i64::MIN;
    let mut orders = Vec::new();
    loop {
        let page = Page { after, limit: 2 };
        let found = node.store.orders(ORGANIZATION, false, OrderFilter::default(), page).await.unwrap();
        let Some((last, _)) = found.last() else { return orders };
        after = *last;
        orders.extend(found.iter().map(|(_, order)| order.id));
    }
}

/// A dump takes the numbers of transactions with it, and the other cluster counts its own from the beginning.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_made_after_a_copy_was_loaded_elsewhere_come_last() {
    let (old, new) = (Postgres::start(&versions()[0], &[]), Postgres::start(&versions()[0], &[]));
    let url = old.database();
    let node = Node::start(&url, Options::default(), 1).await;
    // Far ahead of a fresh cluster's numbers.
    let name = url.rsplit('/').next().unwrap().to_owned();
    old.sql(&name, "DO $$ BEGIN FOR i IN 1..500 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$");
    let event = sale(&node, 1).await;
    let mut made = Vec::new();
    for seat in 0..3 {
        let order = node.ask(&event, book("Ada", seats(&[SeatIndex(seat)]))).await.unwrap();
        made.push(order_of(&order).unwrap());
    }
    assert_eq!(listed(&node).await, made);
    let history = node.store.positions(Vec::new()).await.unwrap().history;
    drop(node);
    let copy = new.database();
    old.copy(&name, &copy);
    let node = Node::start(&copy, Options::default(), 2).await;
    assert_eq!(listed(&node).await, made, "what came with the copy is listed");
    assert_ne!(node.store.positions(Vec::new()).await.unwrap().history, history, "it is another history now");
    for seat in 3..5 {
        let order = node.ask(&event, book("Ada", seats(&[SeatIndex(seat)]))).await.unwrap();
        made.push(order_of(&order).unwrap());
    }
    assert_eq!(listed(&node).await, made, "what was made later is listed later");
    drop(node);
    // Opened once more it is where it was.
    let node = Node::start(&copy, Options::default(), 3).await;
    let order = node.ask(&event, book("Bob", seats(&[SeatIndex(5)]))).await.unwrap();
    made.push(order_of(&order).unwrap());
    assert_eq!(listed(&node).await, made);
}

/// A dump that is loaded beside the original is another history, and so is what is loaded in the original's place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_in_the_same_cluster_is_another_history() {
    let server = Postgres::shared();
    let url = server.database();
    let node = Node::start(&url, Options::default(), 1).await;
    sale(&node, 1).await;
    let history = node.store.positions(Vec::new()).await.unwrap().history;
    drop(node);
    let again = Node::start(&url, Options::default(), 1).await;
    assert_eq!(
        again.store.positions(Vec::new()).await.unwrap().history,
        history,
        "opened again it is the same"
    );
    drop(again);
    let copy = server.database();
    server.copy(url.rsplit('/').next().unwrap(), &copy);
    let node = Node::start(&copy, Options::default(), 2).await;
    assert_ne!(node.store.positions(Vec::new()).await.unwrap().history, history);
}

/// Both begin the timeline that follows their primary's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_standbys_of_one_primary_begin_two_histories() {
    let primary = Postgres::start(&versions()[0], &[]);
    let url = primary.database();
    sale(&*Node::start(&url, Options::default(), 1).await, 1).await;
    let standbys = [(); 2].map(|()| primary.standby_on(free_port(), primary.port()));
    primary.kill();
    let mut histories = Vec::new();
    for standby in &standbys {
        standby.promote();
        let node =
            Node::start(&standby.url("flashtix", url.rsplit('/').next().unwrap()), Options::default(), 2)
                .await;
        histories.push(node.store.positions(Vec::new()).await.unwrap().history);
    }
    assert_ne!(histories[0], histories[1]);
}

/// A standby may lack the last commits of its primary, so what it commits is another history even where it lacks none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promoted_standby_begins_another_history() {
    let primary = Postgres::start(&versions()[0], &[]);
    let url = primary.database();
    let node = Node::start(&url, Options::default(), 1).await;
    let event = sale(&node, 1).await;
    let standby = primary.standby_on(free_port(), primary.port());
    primary.wait_for_standbys(true);
    let sold = node.ask(&event, book("Ada", seats(&[SeatIndex(0)]))).await.unwrap();
    let history = node.store.positions(Vec::new()).await.unwrap().history;
    let desk = node.engine.desk(event.id).await.unwrap();
    let heard = (history, desk.position().seq);
    let resumed = desk.subscribe(Some(heard), &PlainRenderer).first;
    assert!(resumed.is_empty(), "nothing was missed: {resumed:?}");
    drop(node);
    primary.kill();
    standby.promote();
    let name = url.rsplit('/').next().unwrap();
    let node = Node::start(&standby.url("flashtix", name), Options::default(), 2).await;
    assert_eq!(listed(&node).await, [order_of(&sold).unwrap()], "what was acknowledged is there");
    assert_ne!(node.store.positions(Vec::new()).await.unwrap().history, history);
    let desk = node.engine.desk(event.id).await.unwrap();
    let resumed = desk.subscribe(Some(heard), &PlainRenderer).first;
    assert!(matches!(&resumed[..], [frame] if frame.kind == FrameKind::Snapshot), "{resumed:?}");
}
