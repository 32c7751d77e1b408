//! The write-ahead log: when it is moved into the database, by whom, and what must not end with it.

use super::super::connection::{How, LogState, checkpoint};
use super::super::mover::Phase;
use super::super::writer::{Done, Writer};
use super::*;
use crate::audit::AuditReader as _;

/// Frames from which on the log is moved in any case.
const FULL: i64 = 20_000;

/// Commits about a thousand pages. A few large commits fill the log faster than many small ones.
async fn fill(store: &SqliteStore, byte: u8) {
    write(store, byte, 4_000_000).await;
}

/// Commits so many bytes.
async fn write(store: &SqliteStore, byte: u8, bytes: usize) {
    // Each time another byte: what does not change is not written.
    let body = Bytes::from(vec![byte; bytes]);
    let filled = store.change(move |writer| {
        writer.transaction(|writer| {
            let sql = "INSERT INTO meta (key, value) VALUES ('ballast', ?1) \
                       ON CONFLICT DO UPDATE SET value = excluded.value";
            writer.connection()?.execute(sql, [&body[..]])?;
            Ok(Done::Changed(()))
        })
    });
    filled.await.unwrap();
}

fn look(writer: &mut Writer) -> LogState {
    checkpoint(writer.connection().unwrap(), How::Look).unwrap().unwrap()
}

async fn log(store: &SqliteStore) -> LogState {
    store.writer.run(look).await.unwrap()
}

#[tokio::test]
async fn the_log_starts_over_when_it_was_full_and_never_outgrows_two() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    let (mut last, mut restarts) = (0, 0);
    for byte in 0..120 {
        fill(&store, byte).await;
        let now = log(&store).await.frames;
        restarts += u32::from(now < last);
        last = now;
        assert!(now < 2 * FULL + 1_100, "{now} frames");
    }
    assert!(restarts >= 2, "the log never started over");
    let path = store.path().to_owned();
    drop(store);
    let database = rusqlite::Connection::open(path).unwrap();
    let whole: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    let sql = "SELECT value FROM meta WHERE key = 'ballast'";
    let ballast: Vec<u8> = database.query_row(sql, [], |row| row.get(0)).unwrap();
    assert!(whole == "ok" && ballast.len() == 4_000_000 && ballast.iter().all(|byte| *byte == 119));
}

#[tokio::test]
async fn a_full_log_is_moved_while_the_writer_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    let mut byte = 0;
    // The commit that fills it has the mover begin; what it was about then, the next job sees.
    let begun = loop {
        fill(&store, byte).await;
        byte += 1;
        let (state, phase) = store.writer.run(|writer| (look(writer), writer.mover_phase())).await.unwrap();
        if state.frames >= FULL {
            assert!([Some(Phase::Moving), Some(Phase::Moved)].contains(&phase), "{phase:?}");
            break state.frames;
        }
        assert_eq!((state.moved, phase), (0, Some(Phase::Idle)));
    };
    let rested = store.writer.run(|writer| {
        writer.let_mover_rest();
        look(writer)
    });
    let moved = rested.await.unwrap().moved;
    assert!(moved >= begun - 256, "{moved} of {begun} frames");
    assert_eq!(position(&store).await.seq, Seq(0));
}

#[tokio::test]
async fn a_log_of_many_transactions_is_moved_long_before_it_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    for byte in 0..120 {
        write(&store, byte, 200_000).await;
        let (state, phase) = store.writer.run(|writer| (look(writer), writer.mover_phase())).await.unwrap();
        if phase != Some(Phase::Idle) {
            assert!(state.frames < FULL / 4, "{} frames", state.frames);
            assert!(byte >= 60, "after {byte} transactions");
            return;
        }
    }
    panic!("it is not moved");
}

#[tokio::test]
async fn a_reader_in_the_way_lets_the_log_grow_only_while_it_reads() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    let reader = super::super::audit::SqliteAudit::open(store.path()).unwrap();
    tick(&store).await.unwrap();
    assert_eq!(reader.position(EVENT).unwrap().unwrap().seq, Seq(0), "it sees what it began with");
    drop(reader);
    assert_eq!(position(&store).await.seq, Seq(1));
    assert!(store.all_events().await.unwrap() == [EVENT]);
}

/// Whoever closes a database last removes its log, and an older SQLite, somebody's `sqlite3`, goes by this lock alone.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_writer_that_opens_its_connection_anew_keeps_the_locks_of_the_others() {
    use std::os::unix::fs::MetadataExt as _;

    let folder = tempfile::tempdir().unwrap();
    let store = store_with_event(&folder).await;
    let inode = format!(":{} ", std::fs::metadata(store.path()).unwrap().ino());
    let pid = format!(" {} ", std::process::id());
    // The page is read in parts, between which it may move on when locks come and go elsewhere: it is looked at until it shows the
    // one lock that a process has on a file, or never.
    let is_locked = || {
        (0..1_000).any(|_| {
            let all = std::fs::read_to_string("/proc/locks").unwrap();
            all.lines().filter(|line| line.contains(&inode) && line.contains(&pid)).count() == 1
        })
    };
    assert!(is_locked());
    let lost = store.writer.run::<()>(|_| panic!("planted"));
    assert!(lost.await.is_err());
    tick(&store).await.unwrap();
    assert!(is_locked());
}

/// Up to 3.51.2 a checkpoint in one thread and a commit in another could lose what was committed.
#[test]
fn this_sqlite_may_be_written_and_moved_at_once() {
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}
