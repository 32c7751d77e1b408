//! What a store that several nodes share must do with their beats.

use std::time::Duration;

use engine::fleet::{Beat, Roll};
use engine::store::Store;

/// Long enough for a test, however busy its machine.
const LONG: Duration = Duration::from_secs(3_600);

fn node(node: u64, reads: u32) -> Beat {
    Beat { node, version: format!("0.{reads}.0"), reads }
}

async fn beat(store: &dyn Store, beat: &Beat, live_max: Duration) -> Roll {
    store.beat(beat.clone(), live_max, true).await.expect("the store can be told")
}

fn names(roll: &Roll) -> Vec<u64> {
    let mut names: Vec<u64> = roll.nodes.iter().map(|node| node.node).collect();
    names.sort_unstable();
    names
}

/// What is written is what all live nodes read, and never goes back. `pass` lets some of the store's time pass.
///
/// # Panics
/// When the store does otherwise.
pub async fn what_is_written_is_what_all_read(store: &dyn Store, pass: impl AsyncFn()) {
    // Names with every bit, as chance gives them.
    let (old, new, newer) = (node(u64::MAX, 1), node(2, 2), node(1 << 63, 3));
    let alone = beat(store, &old, LONG).await;
    assert_eq!((alone.payload_version, &*alone.nodes), (1, &[old.clone()][..]));
    // Newer nodes come: what they write, the old one can still read.
    let both = beat(store, &new, LONG).await;
    assert_eq!((both.payload_version, names(&both)), (1, vec![2, u64::MAX]));
    assert_eq!(
        beat(store, &newer, LONG).await.payload_version,
        1,
        "while a node lives that reads version 1 only"
    );
    assert_eq!(beat(store, &new, LONG).await.nodes.len(), 3, "a node that says it again is no further one");
    // The old one is not heard of for too long.
    pass().await;
    let short = Duration::from_millis(1);
    let left = beat(store, &new, short).await;
    assert_eq!((left.payload_version, names(&left)), (2, vec![2]), "those that live read version 2");
    // It was taken for dead, and cannot read what may be written by now.
    let refused = beat(store, &old, LONG).await;
    assert_eq!((refused.payload_version, names(&refused)), (2, vec![2]), "it is not let in");
    assert_eq!(beat(store, &new, LONG).await.payload_version, 2);
    // Who reads more is welcome, and changes nothing as long as the other one lives.
    assert_eq!(beat(store, &newer, LONG).await.payload_version, 2);
    pass().await;
    // Who is not sure yet that there is nobody else raises nothing.
    let hesitant = store.beat(newer.clone(), short, false).await.expect("the store can be told");
    assert_eq!((hesitant.payload_version, names(&hesitant)), (2, vec![1 << 63]));
    assert_eq!(beat(store, &newer, LONG).await.payload_version, 3);
    // What was written stays, whoever comes after.
    let late = beat(store, &new, LONG).await;
    assert_eq!((late.payload_version, names(&late)), (3, vec![1 << 63]));
    // Who says that it ends is not waited for.
    store.leave(newer.node).await.expect("the store can be told");
    assert!(beat(store, &new, LONG).await.nodes.is_empty());
}
