//! How often batches are begun: at once for whoever is alone, and not before their time while a crowd is there.

use std::sync::Arc;
use std::time::Duration;

use domain::id::ChartId;
use domain::place::AreaIndex;
use engine::options::Options;
use testkit::ask::{hold, units};
use testkit::hall::hall;
use testkit::node::{Node, store_with};
use testkit::sale::event;
use tokio::task::JoinSet;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a_crowd_shares_commits_and_a_lone_buyer_waits_for_nothing() {
    let event = event(1).chart(ChartId(1), hall(2, 5).area("Floor", 1_000).build()).build();
    let store = store_with(&event).await;
    let node = Arc::new(Node::start(&store, Options::default(), 1));
    // How long so many buyers at once wait, on a store that takes no time.
    let wait = async |buyers: u32| {
        let begun = Instant::now();
        let mut asking = JoinSet::new();
        for buyer in 0..buyers {
            let (node, id) = (node.clone(), event.id);
            asking.spawn(async move {
                node.ask(id, hold(&format!("buyer {buyer}"), units(AreaIndex(0), 1))).await
            });
        }
        assert!(asking.join_all().await.iter().all(Result::is_ok));
        begun.elapsed()
    };
    let seq = async || node.desk(event.id).await.position().seq.0;
    assert_eq!(wait(1).await, Duration::ZERO);
    assert_eq!(wait(7).await, Duration::ZERO, "too few to be worth a wait");
    assert_eq!(wait(1).await, Duration::ZERO);
    let before = seq().await;
    assert_eq!(wait(8).await, Duration::ZERO, "a crowd's first batch waits for nobody");
    assert_eq!(seq().await, before + 1);
    let interval = Options::default().batch_interval;
    let paced = wait(20).await;
    assert!((interval..interval * 2).contains(&paced), "{paced:?}");
    assert_eq!(seq().await, before + 2, "who came meanwhile shares a commit");
}
