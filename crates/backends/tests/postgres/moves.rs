//! What becomes of a database that is moved: a copy in another cluster, and a timeline that begins anew.

use domain::place::SeatIndex;
use engine::options::Options;
use engine::store::{Archive as _, Journal as _, OrderFilter, Page};
use testkit::ask::{book, seats};
use testkit::renderer::order_of;
use testkit::sale::ORGANIZATION;
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
