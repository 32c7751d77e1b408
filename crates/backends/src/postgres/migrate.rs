//! Brings a schema up to date: forward only, one node at a time, each step's text on record.

use std::time::Duration;

use engine::fleet::NewerSchema;
use sha2::{Digest as _, Sha256};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, GenericClient};

use super::error::{Failure, told};
use super::rows::column;
use crate::Migrating;

/// The advisory lock that migrating nodes take in turn: "FLTX" and "MIGR".
const LOCK: i64 = 0x464c_5458_4d49_4752;
/// How long a step waits for a table that others use: whoever comes after it waits behind it. Below the second after which
/// PostgreSQL looks for deadlocks, so that it is the step that gives way and no commit.
pub(super) const TABLE_WAIT: Duration = Duration::from_millis(500);
/// How long every fifth try waits: PostgreSQL ends an autovacuum that is in somebody's way only once he has waited for that second.
const TABLE_WAIT_LONG: Duration = Duration::from_millis(1_500);
const TRIES_TO_A_LONG_WAIT: u32 = 5;
/// How long a step that gave way lets others work.
const TABLE_PAUSE: Duration = Duration::from_millis(1_500);
/// How often a step tries to have its tables: about five minutes.
const TABLE_TRIES_MAX: u32 = 150;

/// One step. Steps only ever add, so that the version before can run on the schema after; one that cannot says so by its
/// oldest binary.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Counts from 1, without gaps.
    pub version: i32,
    /// What it does.
    pub name: &'static str,
    /// The oldest version of a binary that works on the schema after it, as the number of the last step it knows.
    pub oldest_binary: i32,
    /// Its statements.
    pub sql: &'static str,
}

/// Every step, oldest first. A step that was ever released is never changed.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "initial",
        oldest_binary: 1,
        sql: include_str!("migrations/0001_initial.sql"),
    },
    Migration { version: 2, name: "shop", oldest_binary: 1, sql: include_str!("migrations/0002_shop.sql") },
    Migration {
        version: 3,
        name: "retention",
        oldest_binary: 1,
        sql: include_str!("migrations/0003_retention.sql"),
    },
    Migration {
        version: 4,
        name: "short bookings",
        oldest_binary: 4,
        sql: include_str!("migrations/0004_short_bookings.sql"),
    },
    Migration { version: 5, name: "nodes", oldest_binary: 4, sql: include_str!("migrations/0005_nodes.sql") },
];

/// Why a schema cannot be brought up to date. Nothing was changed by the step that failed.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// A newer FlashTix made it, and it does not serve this one any more.
    #[error(
        "it is version {found} and serves binaries from version {oldest} on; this one knows {known}: use a newer one"
    )]
    Newer {
        /// What the database has.
        found: i32,
        /// The oldest binary that it serves.
        oldest: i32,
        /// What this binary knows.
        known: i32,
    },
    /// It must be migrated first, and this command was told not to.
    #[error(
        "it is version {found}, and this FlashTix needs version {wanted}: run `flashtix migrate` when the nodes \
         that run allow it (docs/operations.md, Updates)"
    )]
    Older {
        /// What the database has.
        found: i32,
        /// What this binary needs.
        wanted: i32,
    },
    /// A step on record is not the step that this binary knows under its number.
    #[error(
        "migration {version} ({name}) is not the one that made this database: its text was changed since"
    )]
    Changed {
        /// Which.
        version: i32,
        /// Its name.
        name: String,
    },
    /// A step failed.
    #[error("migration {version} ({name}) failed: {reason}")]
    Step {
        /// Which.
        version: i32,
        /// Its name.
        name: &'static str,
        /// Why.
        reason: String,
    },
    /// Somebody uses a table all the time that a step must have for itself.
    #[error(
        "migration {version} ({name}) found its tables in use for {} s: stop the nodes, audits and dumps that use them ({reason})",
        waited.as_secs()
    )]
    InUse {
        /// Which.
        version: i32,
        /// Its name.
        name: &'static str,
        /// How long it was tried.
        waited: Duration,
        /// What the server said.
        reason: String,
    },
    /// The record of steps cannot be read or written.
    #[error("the record of migrations cannot be used: {0}")]
    Record(String),
}

impl From<Error> for MigrationError {
    fn from(error: Error) -> Self {
        Self::Record(told(&error))
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The version before.
    pub from: i32,
    /// The version now.
    pub to: i32,
}

/// Checks every step on record, and does the missing ones if they may be done.
///
/// The lock is the session's, and ends with the connection: one that is used for nothing else.
pub(super) async fn migrate(
    client: &Client,
    migrations: &[Migration],
    migrating: Migrating,
) -> Result<Migrated, MigrationError> {
    let wanted = migrations.last().map_or(0, |migration| migration.version);
    let found = check(client, migrations).await?;
    if found >= wanted {
        return Ok(Migrated { from: found, to: found });
    }
    if migrating == Migrating::Never {
        return Err(MigrationError::Older { found, wanted });
    }
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await?;
    // Another node may have done it while this one waited.
    let found = check(client, migrations).await?;
    let is_allowed = migrating == Migrating::Always || found == 0;
    if !is_allowed && found < wanted {
        client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await?;
        return Err(MigrationError::Older { found, wanted });
    }
    for migration in migrations.iter().filter(|migration| migration.version > found) {
        step_when_free(client, migration, TABLE_TRIES_MAX).await?;
    }
    client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await?;
    Ok(Migrated { from: found, to: found.max(wanted) })
}

/// The version that a database has.
async fn check(client: &Client, migrations: &[Migration]) -> Result<i32, MigrationError> {
    let known = migrations.last().map_or(0, |migration| migration.version);
    let has_record = client.query_one("SELECT to_regclass('migrations') IS NOT NULL", &[]).await?;
    if !has_record.get::<_, bool>(0) {
        return Ok(0);
    }
    let sql = "SELECT version, name, checksum, oldest_binary FROM migrations ORDER BY version";
    let mut found = 0;
    for row in client.query(sql, &[]).await? {
        let (version, name): (i32, String) = (row.get(0), row.get(1));
        match migrations.iter().find(|migration| migration.version == version) {
            None if version > known => {
                let oldest = row.get(3);
                if oldest > known {
                    return Err(MigrationError::Newer { found: version, oldest, known });
                }
            }
            Some(migration) if checksum(migration)[..] == *row.get::<_, &[u8]>(2) => {}
            _ => return Err(MigrationError::Changed { version, name }),
        }
        found = version;
    }
    Ok(found)
}

/// Checks that the schema, which somebody may have migrated since it was opened, still serves this binary.
pub(super) async fn still_serves(
    client: &impl GenericClient,
    migrations: &[Migration],
) -> Result<(), Failure> {
    let known = migrations.last().map_or(0, |migration| migration.version);
    let sql = "SELECT coalesce(max(version), 0), coalesce(max(oldest_binary), 0) FROM migrations";
    let row = client.query_one(sql, &[]).await?;
    let (found, oldest): (i32, i32) = (column(&row, 0)?, column(&row, 1)?);
    if oldest > known {
        let [found, oldest, known] = [found, oldest, known].map(i32::cast_unsigned);
        return Err(Failure::NewerSchema(NewerSchema { found, oldest, known }));
    }
    Ok(())
}

fn checksum(migration: &Migration) -> [u8; 32] {
    Sha256::digest(migration.sql).into()
}

/// How long a try waits, after so many others.
fn table_wait(tries: u32) -> Duration {
    if (tries + 1).is_multiple_of(TRIES_TO_A_LONG_WAIT) { TABLE_WAIT_LONG } else { TABLE_WAIT }
}

/// Does a step, once nobody uses the tables that it must have for itself.
pub(super) async fn step_when_free(
    client: &Client,
    migration: &Migration,
    tries_max: u32,
) -> Result<(), MigrationError> {
    let Migration { version, name, .. } = *migration;
    tracing::info!(version, name, "migrating the schema");
    let (mut tries, mut waited) = (0, Duration::ZERO);
    loop {
        let wait = table_wait(tries);
        let Err(error) = step(client, migration, wait).await else { return Ok(()) };
        waited += wait + TABLE_PAUSE;
        tries += 1;
        let reason = told(&error);
        let gave_way = [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED];
        if !error.code().is_some_and(|code| gave_way.contains(code)) {
            return Err(MigrationError::Step { version, name, reason });
        }
        if tries >= tries_max {
            return Err(MigrationError::InUse { version, name, waited, reason });
        }
        tracing::warn!(version, name, tries, tries_max, "the migration waits: somebody uses its tables");
        tokio::time::sleep(TABLE_PAUSE).await;
    }
}

async fn step(client: &Client, migration: &Migration, table_wait: Duration) -> Result<(), Error> {
    let Migration { version, name, oldest_binary, sql } = migration;
    client.batch_execute("BEGIN").await?;
    let done = async {
        client.batch_execute(&format!("SET LOCAL lock_timeout = {}", table_wait.as_millis())).await?;
        client
            .batch_execute(
                "CREATE TABLE IF NOT EXISTS migrations (version integer PRIMARY KEY, name text NOT NULL, \
                 checksum bytea NOT NULL, oldest_binary integer NOT NULL, \
                 applied_at timestamptz NOT NULL DEFAULT clock_timestamp())",
            )
            .await?;
        client.batch_execute(sql).await?;
        client
            .execute(
                "INSERT INTO migrations (version, name, checksum, oldest_binary) VALUES ($1, $2, $3, $4)",
                &[version, name, &&checksum(migration)[..], oldest_binary],
            )
            .await?;
        client.batch_execute("COMMIT").await
    };
    match done.await {
        Ok(()) => Ok(()),
        Err(error) => {
            // The error is what counts; a connection that cannot even roll back is closed by the caller.
            drop(client.batch_execute("ROLLBACK").await);
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_and_then_a_step_waits_until_an_autovacuum_is_ended() {
        let waits: Vec<Duration> = (0..10).map(table_wait).collect();
        let long = waits.iter().filter(|wait| **wait > Duration::from_secs(1)).count();
        assert_eq!((long, waits[0], waits[4]), (2, TABLE_WAIT, TABLE_WAIT_LONG));
    }
}
