//! What a store must do with deadlines that move unread. Not among the checks of every store: the oracle wants a reason.

use domain::id::Serial;
use domain::inventory::HoldMove;
use domain::place::SeatIndex;
use domain::record::HoldStatus;
use engine::store::{Store, TransactError};

use super::scribe::{Part, commit, keep_event, load, transact};
use crate::ask::{hold, release, seats};

/// A deadline is moved on the hold's row, without the rest of it having been read; and only while the hold runs.
///
/// # Panics
/// When the store does otherwise.
pub async fn a_deadline_moves_while_its_hold_runs(store: &dyn Store) {
    let event = keep_event(store, 1, |sale| sale).await;
    let made = commit(store, event.id, vec![hold("Ada", seats(&[SeatIndex(0)]))]).await.hold(0);
    let before = store.hold(made).await.expect("a look").expect("a hold");
    let later = before.deadline.plus_millis(5_000);
    let moving = |serial: Serial| {
        move |write: &mut engine::store::CommitWrite| {
            write.holds_moved = vec![HoldMove { serial, deadline: later }];
        }
    };
    let wish = |seat: u32| vec![hold("Bob", seats(&[SeatIndex(seat)]))];
    let part = Part::new(store, event.id, wish(1)).await.tampered(moving(made.serial));
    transact(store, vec![part]).await.0.expect("a running hold can be moved");
    let after = store.hold(made).await.expect("a look").expect("a hold");
    assert_eq!(
        (after.deadline, after.version, after.status),
        (later, before.version + 1, HoldStatus::Active)
    );
    assert_eq!((&after.lines, &after.buyer), (&before.lines, &before.buyer), "nothing else changes");
    let loaded = load(store, event.id).await;
    assert!(loaded.holds.iter().any(|hold| hold.id == made && hold.deadline == later));
    // One that has ended, or never was, is another state than the desk believed.
    commit(store, event.id, vec![release(made)]).await;
    for serial in [made.serial, Serial(made.serial.0 + 1)] {
        let part = Part::new(store, event.id, wish(2)).await.tampered(moving(serial));
        let (result, _) = transact(store, vec![part]).await;
        assert!(matches!(&result, Err(TransactError::Stale(of)) if *of == event.id), "{result:?}");
    }
    let last = store.hold(made).await.expect("a look").expect("a hold");
    assert_eq!(last.status, HoldStatus::Released);
}
