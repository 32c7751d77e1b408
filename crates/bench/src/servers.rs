//! The servers that everybody shares: PostgreSQL, tuned for sales, and Redis. Each run has a database of its own.

use std::cell::OnceCell;
use std::path::Path;

use anyhow::{Context as _, ensure};
use clap::ValueEnum;
use testkit::servers::postgres::{Postgres, versions};
use testkit::servers::redis::Redis;

/// What a server for sales is given, beside full flushes: room for its pages, no checkpoint in the middle, and a log that keeps its files.
const POSTGRES: [&str; 7] = [
    "fsync=on",
    "synchronous_commit=on",
    "shared_buffers=1GB",
    "max_wal_size=8GB",
    "min_wal_size=2GB",
    "checkpoint_timeout=30min",
    "max_connections=400",
];
/// What counts statements, while it is asked to: counting costs those who send many.
const COUNTING: [&str; 2] = ["shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=none"];
/// Has the log's files made, 16 MiB each, as they are on a server that has been used: else whoever fills one makes the next, and everybody
/// waits for it. It is more than a run writes; the checkpoint before each run makes the files of the one before usable again.
const GROW_LOG: &str = "DO $$ BEGIN FOR n IN 1..64 LOOP \
     PERFORM pg_logical_emit_message(false, 'bench', ''); PERFORM pg_switch_wal(); END LOOP; END $$";
/// The database that belongs to nobody who is measured.
const OURS: &str = "postgres";

/// What FlashTix stores in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Store {
    /// The embedded store.
    Sqlite,
    /// PostgreSQL, with Redis as the gate.
    Postgres,
}

impl Store {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// The running servers. They end when this is dropped.
pub(crate) struct Servers {
    pub(crate) postgres: Postgres,
    redis: Redis,
    counts_statements: bool,
    /// Once the log has its files.
    has_log: OnceCell<()>,
}

impl Servers {
    pub(crate) fn start() -> Self {
        let version = &versions()[0];
        let counts_statements = version.join("../lib/pg_stat_statements.so").exists();
        let counting: &[&str] = if counts_statements { &COUNTING } else { &[] };
        let postgres = Postgres::start(version, &[&POSTGRES[..], counting].concat());
        if counts_statements {
            postgres.sql(OURS, "CREATE EXTENSION pg_stat_statements");
        }
        Self { postgres, redis: Redis::start(&[]), counts_statements, has_log: OnceCell::new() }
    }

    pub(crate) fn redis_url(&self) -> String {
        self.redis.url()
    }

    /// A database of one's own, on a server that has nothing left to write.
    pub(crate) fn database(&self) -> String {
        // A gigabyte, which would be on its way to the disk beside those who need no database.
        self.has_log.get_or_init(|| _ = self.postgres.sql(OURS, GROW_LOG));
        self.postgres.sql(OURS, "CHECKPOINT");
        self.postgres.database()
    }

    /// Removes a database when those who used it have ended, so that their last figures are in.
    pub(crate) fn drop_database(&self, url: &str) {
        let name = database_name(url);
        let sessions = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'");
        // A session notices that its client is gone when it writes to it, at the latest.
        for _ in 0..SESSIONS_LOOKED_AT_MAX {
            if self.postgres.sql(OURS, &sessions) == "0" {
                break;
            }
        }
        self.postgres.sql(OURS, &format!("DROP DATABASE {name} WITH (FORCE)"));
    }

    /// Whether a commit is one, as PostgreSQL itself says, and how it is tuned.
    ///
    /// # Errors
    /// When it does not flush each commit: nothing may be measured on such a server.
    pub(crate) fn durability(&self) -> anyhow::Result<String> {
        let of = |setting: &str| format!("{setting}={}", self.postgres.sql(OURS, &format!("SHOW {setting}")));
        let told = [
            "server_version",
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "wal_sync_method",
            "shared_buffers",
        ]
        .map(of)
        .join(", ");
        ensure_said(&told, &["fsync=on", "synchronous_commit=on", "full_page_writes=on"])?;
        Ok(told)
    }

    /// Bytes of log written so far, exactly.
    pub(crate) fn wal_bytes(&self) -> anyhow::Result<f64> {
        self.number("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")
    }

    /// Flushes of the log so far, as far as sessions have told: they do when they end, or once a second. `None` on a version
    /// that counts them elsewhere.
    pub(crate) fn wal_flushes(&self) -> Option<f64> {
        self.number("SELECT to_jsonb(w)->>'wal_sync' FROM pg_stat_wal w").ok()
    }

    fn number(&self, sql: &str) -> anyhow::Result<f64> {
        let told = self.postgres.sql(OURS, sql);
        told.parse().with_context(|| format!("{sql} gives {told:?}"))
    }

    /// Counts the statements of a database from now on; false where that cannot be done.
    pub(crate) fn count_statements(&self) -> bool {
        if self.counts_statements {
            self.track("top");
            self.postgres.sql(OURS, "SELECT pg_stat_statements_reset()");
        }
        self.counts_statements
    }

    /// The statements of a database since then; they are no longer counted.
    pub(crate) fn statements_counted(&self, url: &str) -> anyhow::Result<f64> {
        let name = database_name(url);
        let sum = self.number(&format!(
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = '{name}'"
        ));
        self.track("none");
        sum
    }

    fn track(&self, which: &str) {
        self.postgres.sql(OURS, &format!("ALTER SYSTEM SET pg_stat_statements.track = '{which}'"));
        self.postgres.sql(OURS, "SELECT pg_reload_conf()");
    }
}

/// Finds fault with a node whose own word, from its log, is not that it flushes each commit.
///
/// # Errors
/// When it says something else, or nothing.
pub(crate) fn ensure_durable(store: Store, said: Option<&str>) -> anyhow::Result<()> {
    let said = said.context("a node does not say how durable it is")?.replace('\\', "");
    let wanted: &[&str] = match store {
        Store::Sqlite => &["synchronous: \"full\""],
        Store::Postgres => &["fsync: \"on\"", "synchronous_commit: \"on\"", "full_page_writes: \"on\""],
    };
    ensure_said(&said, wanted)
}

fn ensure_said(said: &str, wanted: &[&str]) -> anyhow::Result<()> {
    let missing = wanted.iter().find(|setting| !said.contains(*setting));
    ensure!(missing.is_none(), "not every commit is flushed: there is no {missing:?} in {said:?}");
    Ok(())
}

/// How often the sessions of a database are looked at before it is removed all the same; each look takes some 20 ms.
const SESSIONS_LOOKED_AT_MAX: u32 = 250;

fn database_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}

/// What `flashtix audit` finds in a store, in one line.
///
/// # Errors
/// When the audit cannot be made or is not clean: such a run has no figure.
pub(crate) fn audit(binary: &Path, url: &str) -> anyhow::Result<String> {
    let told =
        std::process::Command::new(binary).args(["audit", "--json", "--database-url", url]).output()?;
    let (out, error) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    let found: serde_json::Value =
        serde_json::from_str(&out).with_context(|| format!("flashtix audit says no JSON: {out}{error}"))?;
    let events = found["events"].as_array().map(Vec::as_slice).unwrap_or_default();
    let dirty = events.iter().find(|event| event["clean"] != true);
    ensure!(
        told.status.success() && found["clean"] == true && dirty.is_none() && !events.is_empty(),
        "the audit is not clean: file {}, {}",
        found["file"],
        dirty.map_or_else(String::new, ToString::to_string)
    );
    let sum = |field: &str| events.iter().filter_map(|event| event[field].as_u64()).sum::<u64>();
    Ok(format!(
        "clean: {} events, {} commits, {} orders, {} valid tickets",
        events.len(),
        sum("commits"),
        sum("orders"),
        sum("tickets_valid")
    ))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A program that says this when it is asked for an audit.
    fn audited(says: &str, code: u8) -> anyhow::Result<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("flashtix");
        std::fs::write(&program, format!("#!/bin/sh\necho '{says}'\nexit {code}\n")).expect("a file");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("a mode");
        audit(&program, "sqlite:x")
    }

    #[test]
    fn only_a_clean_audit_of_something_counts() {
        let event = |clean: bool| format!(r#"{{"clean":{clean},"commits":2,"orders":3,"tickets_valid":4}}"#);
        let whole = |clean: bool, event: &str| format!(r#"{{"clean":{clean},"file":[],"events":[{event}]}}"#);
        let found = audited(&whole(true, &event(true)), 0).expect("clean");
        assert_eq!(found, "clean: 1 events, 2 commits, 3 orders, 4 valid tickets");
        for (says, code) in [
            (whole(true, &event(true)), 1),
            (whole(false, &event(true)), 0),
            (whole(true, &event(false)), 0),
            (whole(true, ""), 0),
            ("no database".to_owned(), 0),
        ] {
            assert!(audited(&says, code).is_err(), "{says}");
        }
    }

    #[test]
    fn whoever_does_not_flush_is_not_measured() {
        let sqlite =
            r#"durability="Durability { journal_mode: \"wal\", synchronous: \"full\", page_bytes: 4096 }""#;
        let postgres = r#"durability="Durability { version: \"15\", fsync: \"on\", synchronous_commit: \"on\", full_page_writes: \"on\" }""#;
        assert!(ensure_durable(Store::Sqlite, Some(sqlite)).is_ok());
        assert!(ensure_durable(Store::Postgres, Some(postgres)).is_ok());
        let off = |said: &str, setting: &str, on: &str| {
            said.replace(&format!("{setting}: \\\"{on}\\\""), &format!("{setting}: \\\"off\\\""))
        };
        assert!(ensure_durable(Store::Sqlite, Some(&off(sqlite, "synchronous", "full"))).is_err());
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let told = ensure_durable(Store::Postgres, Some(&off(postgres, setting, "on")));
            assert!(told.is_err_and(|error| error.to_string().contains(setting)), "{setting}");
        }
        assert!(ensure_durable(Store::Sqlite, None).is_err());
    }

    #[test]
    fn a_database_is_named_by_the_end_of_its_url() {
        assert_eq!(database_name("postgres://flashtix@127.0.0.1:5432/test_7"), "test_7");
    }
}
