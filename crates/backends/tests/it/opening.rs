//! Opening, closing, locking, and what is read back.

use std::path::Path;
use std::sync::Arc;

use backends::Migrating;
use backends::sqlite::migrate::MIGRATIONS;
use backends::sqlite::{Migrated, MigrationError, OpenError, SqliteOptions, SqliteStore, Synchronous};
use engine::store::Catalog;
use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use crate::teller::{GridReader, SetClock};
use crate::{Place, open, options};

#[tokio::test]
async fn commits_are_flushed_unless_another_mode_is_asked_for_by_name() {
    let place = Place::new();
    let durability = place.store.durability();
    assert_eq!((&*durability.journal_mode, durability.synchronous), ("wal", "full"));
    assert!(durability.to_string().starts_with("SQLite 3."), "{durability}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let weaker = SqliteOptions { synchronous: Synchronous::Off, ..SqliteOptions::new(path) };
    let store = SqliteStore::open(weaker, Arc::new(GridReader)).unwrap();
    assert_eq!(store.durability().synchronous, "off");
}

#[tokio::test]
async fn an_installation_keeps_its_identity() {
    let place = Place::new();
    let Migrated { from: 0, to: version } = place.store.migrated() else { panic!("it was not new") };
    let secret = place.store.secret().await.unwrap();
    let organization = place.store.default_organization().await.unwrap();
    let teller = place.event(1).await;
    let history = place.load(teller.event).await.history;
    drop(teller);

    let place = place.reopened();
    assert_eq!(place.store.migrated(), Migrated { from: version, to: version });
    assert_eq!(place.store.secret().await.unwrap(), secret);
    assert_eq!(place.store.default_organization().await.unwrap(), organization);
    assert_eq!(place.load(domain::id::EventId(1)).await.history, history);

    let other = Place::new();
    assert_ne!(other.store.secret().await.unwrap(), secret);
}

#[tokio::test]
async fn a_second_server_is_told_who_has_it_and_commands_are_let_in() {
    let place = Place::new();
    let error = SqliteStore::open(options(&place.path(), &place.clock), Arc::new(GridReader)).unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(error, OpenError::Locked { pid: Some(pid), .. } if pid == std::process::id()),
        "{error:?}"
    );
    assert!(text.contains(&format!("process {}", std::process::id())) && text.contains("stop"), "{text}");

    let command = SqliteOptions { exclusive: false, ..options(&place.path(), &place.clock) };
    let command = SqliteStore::open(command, Arc::new(GridReader)).unwrap();
    let organization = command.default_organization().await.unwrap();
    assert_eq!(place.store.default_organization().await.unwrap(), organization);
    drop(command);

    let place = place.reopened();
    assert_eq!(place.store.default_organization().await.unwrap(), organization);
}

/// Makes a database as the version before this one left it.
fn make_older(path: &Path) -> usize {
    let connection = Connection::open(path).unwrap();
    let record = "PRAGMA application_id = 0x464c5458; CREATE TABLE migrations \
        (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL, applied_at INTEGER NOT NULL) STRICT";
    connection.execute_batch(record).unwrap();
    let older = MIGRATIONS.len() - 1;
    for step in &MIGRATIONS[..older] {
        connection.execute_batch(step.sql).unwrap();
        let checksum: [u8; 32] = Sha256::digest(step.sql).into();
        let note = "INSERT INTO migrations VALUES (?1, ?2, ?3, 0)";
        connection.execute(note, params![step.version, step.name, checksum]).unwrap();
    }
    older
}

#[tokio::test]
async fn an_older_schema_is_migrated_only_by_who_may_and_never_beside_a_server() {
    let server = Place::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("older.db");
    let older = make_older(&path);
    let schema = || {
        let connection = Connection::open(&path).unwrap();
        let all = "SELECT group_concat(coalesce(sql, name), ';') FROM sqlite_schema";
        connection.query_row(all, [], |row| row.get::<_, String>(0)).unwrap()
    };
    let before = schema();
    let open = |migrating| {
        let options = SqliteOptions { migrating, ..SqliteOptions::new(&path) };
        SqliteStore::open(options, Arc::new(GridReader))
    };
    for migrating in [Migrating::Never, Migrating::NewOnly] {
        let error = open(migrating).unwrap_err();
        let OpenError::Migration { source: MigrationError::Older { found, .. }, .. } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(*found as usize, older);
    }
    // A server's lock is its file's lock, whatever is in the database.
    std::fs::hard_link(server.path().with_extension("db.lock"), path.with_extension("db.lock")).unwrap();
    let error = open(Migrating::Always).unwrap_err();
    assert!(matches!(error, OpenError::Locked { pid: Some(_), .. }), "{error:?}");
    assert_eq!(schema(), before, "a server may be at work on it");
    drop(server);
    let migrated = open(Migrating::Always).unwrap().migrated();
    assert_eq!(migrated, Migrated { from: older as u32, to: older as u32 + 1 });
    assert_eq!(open(Migrating::Never).unwrap().migrated().to, migrated.to);
}

#[tokio::test]
async fn a_store_of_this_schema_is_left_to_its_server() {
    let place = Place::new();
    for migrating in [Migrating::Never, Migrating::NewOnly, Migrating::Always] {
        let options = SqliteOptions { migrating, ..SqliteOptions::new(place.path()) };
        let beside = SqliteStore::open(options, Arc::new(GridReader)).unwrap();
        assert_eq!(beside.migrated().from, beside.migrated().to, "{migrating:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_database_can_be_read_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.event(1).await;
    for suffix in ["", "-wal"] {
        let path = format!("{}{suffix}", place.path().display());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.db");
    std::fs::write(&path, "Dear Sir or Madam, ".repeat(100)).unwrap();
    let error = SqliteStore::open(SqliteOptions::new(&path), Arc::new(GridReader)).unwrap_err();
    assert!(matches!(error, OpenError::Database { .. }), "{error:?}");
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("Dear Sir"));

    let nowhere = folder.path().join("no/such/folder/flashtix.db");
    let error = SqliteStore::open(SqliteOptions::exclusive(nowhere), Arc::new(GridReader)).unwrap_err();
    assert!(matches!(error, OpenError::File { .. }), "{error:?}");
}

#[test]
fn a_schema_that_was_tampered_with_or_is_newer_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flashtix.db");
    let clock = SetClock::at(1);
    drop(open(&path, &clock));
    let edit = |sql: &str| {
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(sql).unwrap();
    };
    let refusal = || {
        let error = SqliteStore::open(options(&path, &clock), Arc::new(GridReader)).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        format!("{error}: {}", source.unwrap_or_default())
    };
    edit("CREATE TABLE kept AS SELECT * FROM migrations");
    edit("UPDATE migrations SET checksum = zeroblob(32)");
    assert!(refusal().contains("was changed since"), "{}", refusal());
    edit("DELETE FROM migrations; INSERT INTO migrations SELECT * FROM kept");
    drop(open(&path, &clock));
    edit("INSERT INTO migrations SELECT 99, 'from the future', checksum, 1 FROM kept WHERE version = 1");
    assert!(refusal().contains("version 99"), "{}", refusal());
}

#[test]
fn bounds_of_the_options_are_checked() {
    let check = |change: fn(&mut SqliteOptions), expected: &str| {
        let mut options = SqliteOptions::new("flashtix.db");
        change(&mut options);
        assert!(options.validate().unwrap_err().contains(expected), "{expected}");
    };
    assert_eq!(SqliteOptions::new("flashtix.db").validate(), Ok(()));
    check(|options| options.cache_bytes = 1, "cache_bytes");
    check(|options| options.checkpoint_pages = 999, "checkpoint_pages");
    check(|options| options.checkpoint_pages = 100_000, "checkpoint_pages");
    check(|options| options.recent_seats = 0, "recent_seats");
    check(|options| options.recent_seats = 1_000_001, "recent_seats");
    check(|options| options.readers = 0, "readers");
    check(|options| options.readers = 1_000, "readers");
}
