//! Copies of a database in use: backups, and what a crash leaves behind.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use backends::audit::AuditReader as _;
use backends::sqlite::audit::SqliteAudit;
use backends::sqlite::{BackupError, backup_file};
use domain::id::EventId;
use domain::place::Status;
use engine::store::Journal;

use crate::teller::{SetClock, Teller, book};
use crate::{DAY_MS, Place, open};

/// How many seats a copy of the database says are sold.
async fn sold_in(path: &Path) -> usize {
    let audit = SqliteAudit::open(path).unwrap();
    assert_eq!(audit.check_file().unwrap(), [""; 0]);
    drop(audit);
    let store = open(path, &SetClock::at(1_800_000_000_000));
    let snapshot = store.load(EventId(1), DAY_MS).await.unwrap().unwrap();
    assert!(store.contains(EventId(1), snapshot.position).await.unwrap());
    snapshot.seats.iter().filter(|row| row.status == Status::Sold).count()
}

/// Sells one seat after the other until told to stop; counts what was acknowledged.
async fn sell(place: &Place, teller: &Arc<Teller>, acknowledged: &AtomicU32, until: u32) {
    for seat in acknowledged.load(Ordering::SeqCst)..until {
        place.done(teller, vec![book("ann", &[seat]).keyed(&format!("key {seat}"))]).await;
        acknowledged.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_while_selling_is_whole() {
    let place = Place::new();
    let teller = place.event(1).await;
    let acknowledged = AtomicU32::new(0);
    sell(&place, &teller, &acknowledged, 20).await;
    let copy = place.folder.path().join("copy.db");
    let (backed_up, ()) =
        tokio::join!(place.store.backup(&copy, false), sell(&place, &teller, &acknowledged, 100));
    backed_up.unwrap();
    let sold = sold_in(&copy).await;
    assert!((20..=100).contains(&sold), "{sold}");

    // From outside the server, as another process would.
    let other = place.folder.path().join("other.db");
    backup_file(&place.path(), &other, false).unwrap();
    assert_eq!(sold_in(&other).await, 100);
    let left: Vec<_> =
        std::fs::read_dir(place.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("unfinished")), "{left:?}");
}

#[tokio::test]
async fn a_backup_replaces_only_what_it_is_told_to() {
    let place = Place::new();
    place.event(1).await;
    let copy = place.folder.path().join("copy.db");
    std::fs::write(&copy, "precious").unwrap();
    let refused = place.store.backup(&copy, false).await;
    assert!(matches!(refused, Err(BackupError::Exists(_))), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&copy).unwrap(), "precious");
    place.store.backup(&copy, true).await.unwrap();
    assert_eq!(sold_in(&copy).await, 0);

    let nowhere = place.folder.path().join("no/folder/copy.db");
    let refused = place.store.backup(&nowhere, false).await;
    assert!(matches!(refused, Err(BackupError::File { .. })), "{refused:?}");
    let nothing = backup_file(&place.folder.path().join("nothing.db"), &nowhere, false);
    assert!(nothing.is_err());
}

#[tokio::test]
async fn after_a_crash_everything_acknowledged_is_there() {
    let place = Place::new();
    let teller = place.event(1).await;
    let acknowledged = AtomicU32::new(0);
    for round in 1..=5 {
        sell(&place, &teller, &acknowledged, round * 20).await;
        // What the disk has at this instant: the database, and the log that was never emptied into it.
        let crashed = place.folder.path().join(format!("crashed-{round}.db"));
        std::fs::copy(place.path(), &crashed).unwrap();
        std::fs::copy(
            place.folder.path().join("flashtix.db-wal"),
            place.folder.path().join(format!("crashed-{round}.db-wal")),
        )
        .unwrap();
        assert_eq!(sold_in(&crashed).await, acknowledged.load(Ordering::SeqCst) as usize);
    }
}

#[tokio::test]
async fn a_log_that_was_cut_loses_commits_from_its_end_only_and_whole() {
    let place = Place::new();
    let teller = place.event(1).await;
    sell(&place, &teller, &AtomicU32::new(0), 60).await;
    let log = std::fs::read(place.folder.path().join("flashtix.db-wal")).unwrap();
    for cut in [log.len() - 1, log.len() - 5_000, log.len() / 2, log.len() / 3] {
        let crashed = place.folder.path().join(format!("cut-{cut}.db"));
        std::fs::copy(place.path(), &crashed).unwrap();
        std::fs::write(place.folder.path().join(format!("cut-{cut}.db-wal")), &log[..cut]).unwrap();
        let store = open(&crashed, &place.clock);
        let snapshot = store.load(EventId(1), DAY_MS).await.unwrap().unwrap();
        let sold = snapshot.seats.iter().filter(|row| row.status == Status::Sold).count() as u64;
        assert_eq!(snapshot.position.seq.0, sold, "one seat a commit, and no half of one");
        assert!(sold < 60);
        assert!(store.contains(EventId(1), snapshot.position).await.unwrap());
    }
}
