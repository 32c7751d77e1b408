//! Brings a schema up to date: forward only, each step in a transaction, each step's text on record.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use sha2::{Digest as _, Sha256};

use crate::Migrating;

/// Marks the file as FlashTix's, for `file` and for us: "FLTX".
pub(super) const APPLICATION_ID: i64 = 0x464c_5458;

/// One step.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Counts from 1, without gaps.
    pub version: u32,
    /// What it does.
    pub name: &'static str,
    /// Its statements.
    pub sql: &'static str,
}

/// Every step, oldest first. A step that was ever released is never changed.
pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "initial", sql: include_str!("migrations/0001_initial.sql") },
    Migration { version: 2, name: "shop", sql: include_str!("migrations/0002_shop.sql") },
    Migration { version: 3, name: "retention", sql: include_str!("migrations/0003_retention.sql") },
    Migration { version: 4, name: "short bookings", sql: include_str!("migrations/0004_short_bookings.sql") },
    Migration { version: 5, name: "recent seats", sql: include_str!("migrations/0005_recent_seats.sql") },
    Migration {
        version: 6,
        name: "orders by commit",
        sql: include_str!("migrations/0006_orders_by_commit.sql"),
    },
];

/// Why a schema cannot be brought up to date. Nothing was changed by the step that failed.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// It is another program's.
    #[error("the file is a database of another program")]
    Foreign,
    /// A newer FlashTix made it.
    #[error("its schema is version {found}, and this FlashTix knows versions up to {known}: use a newer one")]
    Newer {
        /// What the database has.
        found: u32,
        /// What this binary knows.
        known: u32,
    },
    /// It must be migrated first, and this command was told not to.
    #[error(
        "its schema is version {found}, and this FlashTix needs version {wanted}: stop its server and run `flashtix migrate`"
    )]
    Older {
        /// What the database has.
        found: u32,
        /// What this binary needs.
        wanted: u32,
    },
    /// A step on record is not the step that this binary knows under its number.
    #[error(
        "migration {version} ({name}) is not the one that made this database: its text was changed since"
    )]
    Changed {
        /// Which.
        version: u32,
        /// Its name.
        name: String,
    },
    /// A step failed.
    #[error("migration {version} ({name}) failed")]
    Step {
        /// Which.
        version: u32,
        /// Its name.
        name: &'static str,
        /// Why.
        source: rusqlite::Error,
    },
    /// The record of steps cannot be read or written.
    #[error("the record of migrations cannot be used")]
    Record(#[from] rusqlite::Error),
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The version before.
    pub from: u32,
    /// The version now.
    pub to: u32,
}

/// Checks every step on record, and does the missing ones if they may be done.
pub(super) fn migrate(
    connection: &mut Connection,
    migrations: &[Migration],
    now_ms: i64,
    migrating: Migrating,
) -> Result<Migrated, MigrationError> {
    let from = check(connection, migrations)?;
    let wanted = migrations.last().map_or(0, |migration| migration.version);
    let mut found = from;
    if found == 0 && migrating != Migrating::Never {
        make(connection, migrations, now_ms)?;
        found = check(connection, migrations)?;
    }
    if found == wanted {
        return Ok(Migrated { from, to: wanted });
    }
    if migrating != Migrating::Always {
        return Err(MigrationError::Older { found, wanted });
    }
    // What a statement would have to take back again is kept aside, and is as large as the tables that a step rewrites.
    let usual: i64 = connection.pragma_query_value(None, "temp_store", |row| row.get(0))?;
    connection.pragma_update(None, "temp_store", "FILE")?;
    for migration in migrations {
        // Another process may have done it since, so each step looks again under its lock.
        step(connection, migrations, migration, now_ms)?;
    }
    connection.pragma_update(None, "temp_store", usual)?;
    Ok(Migrated { from, to: wanted })
}

/// Whether a database has an older schema: not none, and not this binary's.
pub(super) fn is_older(connection: &Connection, migrations: &[Migration]) -> Result<bool, MigrationError> {
    let found = check(connection, migrations)?;
    Ok(found != 0 && migrations.last().is_some_and(|migration| found < migration.version))
}

/// The version that a database has.
fn check(connection: &Connection, migrations: &[Migration]) -> Result<u32, MigrationError> {
    let known = migrations.last().map_or(0, |migration| migration.version);
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID {
        return if application == 0 && tables == 0 { Ok(0) } else { Err(MigrationError::Foreign) };
    }
    let has_record = connection
        .query_row("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'", [], |_| Ok(()))
        .optional()?;
    if has_record.is_none() {
        return Ok(0);
    }
    let mut found = 0;
    let mut statement =
        connection.prepare("SELECT version, name, checksum FROM migrations ORDER BY version")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (version, name): (u32, String) = (row.get(0)?, row.get(1)?);
        match migrations.iter().find(|migration| migration.version == version) {
            None if version > known => return Err(MigrationError::Newer { found: version, known }),
            Some(migration) if checksum(migration) == row.get::<_, [u8; 32]>(2)? => found = version,
            _ => return Err(MigrationError::Changed { version, name }),
        }
    }
    Ok(found)
}

fn checksum(migration: &Migration) -> [u8; 32] {
    Sha256::digest(migration.sql).into()
}

/// Gives an empty database its schema, in one transaction: whoever opens it meanwhile sees none of it or all.
fn make(connection: &mut Connection, migrations: &[Migration], now_ms: i64) -> Result<(), MigrationError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if check(&transaction, migrations)? != 0 {
        return Ok(());
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (
             version    INTEGER PRIMARY KEY,
             name       TEXT    NOT NULL,
             checksum   BLOB    NOT NULL,
             applied_at INTEGER NOT NULL
         ) STRICT",
    )?;
    for migration in migrations {
        apply(&transaction, migration, now_ms)?;
    }
    Ok(transaction.commit()?)
}

fn step(
    connection: &mut Connection,
    migrations: &[Migration],
    migration: &Migration,
    now_ms: i64,
) -> Result<(), MigrationError> {
    let Migration { version, name, .. } = *migration;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if check(&transaction, migrations)? >= version {
        return Ok(());
    }
    apply(&transaction, migration, now_ms)?;
    transaction.commit().map_err(|source| MigrationError::Step { version, name, source })?;
    tracing::info!(version, name, "migrated the schema");
    Ok(())
}

/// Runs a step's statements, and puts it on record.
fn apply(connection: &Connection, migration: &Migration, now_ms: i64) -> Result<(), MigrationError> {
    let Migration { version, name, sql } = *migration;
    let failed = |source| MigrationError::Step { version, name, source };
    connection.execute_batch(sql).map_err(failed)?;
    connection
        .execute(
            "INSERT INTO migrations (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)",
            params![version, name, checksum(migration), now_ms],
        )
        .map(drop)
        .map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::samples;

    const FIRST: Migration = Migration { version: 1, name: "first", sql: "CREATE TABLE one (a INTEGER)" };
    const SECOND: Migration = Migration { version: 2, name: "second", sql: "CREATE TABLE two (a INTEGER)" };
    const BROKEN: Migration =
        Migration { version: 2, name: "broken", sql: "CREATE TABLE two (a INTEGER); CREATE TABLE one (a)" };

    fn fresh() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    fn tables(connection: &Connection) -> Vec<String> {
        let mut statement =
            connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        names.map(Result::unwrap).collect()
    }

    #[test]
    fn steps_are_done_once_and_in_order() {
        let mut connection = fresh();
        assert_eq!(
            migrate(&mut connection, &[FIRST], 1, Migrating::Always).unwrap(),
            Migrated { from: 0, to: 1 }
        );
        assert_eq!(
            migrate(&mut connection, &[FIRST], 1, Migrating::Always).unwrap(),
            Migrated { from: 1, to: 1 }
        );
        assert_eq!(
            migrate(&mut connection, &[FIRST, SECOND], 1, Migrating::Always).unwrap(),
            Migrated { from: 1, to: 2 }
        );
        assert_eq!(tables(&connection), ["migrations", "one", "two"]);
    }

    #[test]
    fn a_changed_step_is_named() {
        let mut connection = fresh();
        migrate(&mut connection, &[FIRST], 1, Migrating::Always).unwrap();
        let changed = Migration { sql: "CREATE TABLE one (b INTEGER)", ..FIRST };
        let error = migrate(&mut connection, &[changed, SECOND], 1, Migrating::Always).unwrap_err();
        assert!(matches!(error, MigrationError::Changed { version: 1, .. }), "{error}");
        assert_eq!(
            tables(&connection),
            ["migrations", "one"],
            "nothing is built on a step that is not known"
        );
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let mut connection = fresh();
        migrate(&mut connection, &[FIRST, SECOND], 1, Migrating::Always).unwrap();
        let error = migrate(&mut connection, &[FIRST], 1, Migrating::Always).unwrap_err();
        assert!(matches!(error, MigrationError::Newer { found: 2, known: 1 }), "{error}");
    }

    #[test]
    fn an_older_schema_is_refused_where_it_must_not_be_migrated() {
        let mut connection = fresh();
        migrate(&mut connection, &[FIRST], 1, Migrating::Always).unwrap();
        let error = migrate(&mut connection, &[FIRST, SECOND], 1, Migrating::Never).unwrap_err();
        assert!(matches!(error, MigrationError::Older { found: 1, wanted: 2 }), "{error}");
    }

    #[test]
    fn who_may_make_a_schema_only_leaves_an_older_one_as_it_is() {
        let mut connection = fresh();
        let made = migrate(&mut connection, &[FIRST], 1, Migrating::NewOnly).unwrap();
        assert_eq!(made, Migrated { from: 0, to: 1 });
        let error = migrate(&mut connection, &[FIRST, SECOND], 1, Migrating::NewOnly).unwrap_err();
        assert!(matches!(error, MigrationError::Older { found: 1, wanted: 2 }), "{error}");
        assert_eq!(tables(&connection), ["migrations", "one"]);
    }

    #[test]
    fn a_new_schema_is_made_whole_or_not_at_all() {
        let mut connection = fresh();
        let error = migrate(&mut connection, &[FIRST, BROKEN], 1, Migrating::Always).unwrap_err();
        assert!(matches!(error, MigrationError::Step { version: 2, .. }), "{error}");
        assert_eq!(tables(&connection), Vec::<String>::new());
    }

    #[test]
    fn a_step_keeps_what_it_sets_aside_on_the_disk() {
        const SEEING: Migration = Migration {
            version: 2,
            name: "seeing",
            sql: "CREATE TABLE seen AS SELECT * FROM pragma_temp_store",
        };
        let mut connection = fresh();
        connection.pragma_update(None, "temp_store", "MEMORY").unwrap();
        migrate(&mut connection, &[FIRST], 1, Migrating::Always).unwrap();
        migrate(&mut connection, &[FIRST, SEEING], 1, Migrating::Always).unwrap();
        let seen = connection.query_row("SELECT * FROM seen", [], |row| row.get::<_, i64>(0));
        let after = connection.pragma_query_value(None, "temp_store", |row| row.get::<_, i64>(0));
        assert_eq!((seen.unwrap(), after.unwrap()), (1, 2), "in files meanwhile, in memory afterwards");
    }

    #[test]
    fn a_step_that_fails_leaves_nothing_behind() {
        let mut connection = fresh();
        migrate(&mut connection, &[FIRST], 1, Migrating::Always).unwrap();
        let error = migrate(&mut connection, &[FIRST, BROKEN], 1, Migrating::Always).unwrap_err();
        assert!(matches!(error, MigrationError::Step { version: 2, .. }), "{error}");
        assert_eq!(tables(&connection), ["migrations", "one"]);
        migrate(&mut connection, &[FIRST, SECOND], 1, Migrating::Always).unwrap();
        assert_eq!(tables(&connection), ["migrations", "one", "two"]);
    }

    #[test]
    fn another_programs_database_is_left_alone() {
        let mut connection = fresh();
        connection.execute_batch("CREATE TABLE theirs (a)").unwrap();
        let error = migrate(&mut connection, &[FIRST], 1, Migrating::Always).unwrap_err();
        assert!(matches!(error, MigrationError::Foreign), "{error}");
        assert_eq!(tables(&connection), ["theirs"]);
    }

    #[test]
    fn what_an_older_schema_kept_in_rows_is_where_this_one_looks() {
        let mut connection = fresh();
        migrate(&mut connection, &MIGRATIONS[..3], 1, Migrating::Always).unwrap();
        connection.execute_batch(samples::OLD_ROWS).unwrap();
        connection
            .execute_batch(
                "INSERT INTO ledger (event, seq, at, organization, livemode, orders, hash, keys, payload) VALUES \
                 (1, 1, 1, 1, 0, 0, x'', x'', x''), (1, 0, 1, 1, 0, 2, x'', x'', x''), (1, 3, 1, 1, 0, 2, x'01', x'02', x'03'), (2, 1, 1, 1, 0, 0, x'', x'', x''); \
                 DELETE FROM ledger WHERE seq = 1; \
                 INSERT INTO heads (event, seq, head) VALUES (1, 3, x'01'), (2, 1, x''); \
                 INSERT INTO limit_keys VALUES (1, 3 << 16, 2, x'00112233445566778899aabbccddeeff', 'ada'), \
                 (1, (3 << 16) + 300, 70000, x'ffeeddccbbaa99887766554433221100', ''); \
                 UPDATE orders SET reference = 'r' || serial, payment_ref = 'p' || serial; \
                 INSERT INTO replies (position, event, seq, at, replies) VALUES (3, 1, 3, 8, x'04')",
            )
            .unwrap();
        migrate(&mut connection, MIGRATIONS, 1, Migrating::Always).unwrap();
        let text = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        let blob = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        samples::check(
            &text("SELECT tickets FROM orders WHERE serial = 5"),
            &text("SELECT tickets FROM orders WHERE serial = 6"),
            &blob("SELECT pseudonyms FROM ledger WHERE seq = 3"),
        );
        assert_eq!(text("SELECT group_concat(code || order_serial) FROM barcodes"), "X5");
        assert_eq!(
            text("SELECT position || hex(hash || keys || payload) FROM ledger WHERE seq = 3"),
            "3010203"
        );
        assert_eq!(
            text("SELECT group_concat(number || reference || payment_ref, ' ' ORDER BY serial) FROM orders"),
            "131077r5p5 131078r6p6",
            "the second commit's"
        );
        assert_eq!(text("SELECT position || ' ' || at || hex(replies) FROM replies"), "3 804");
        assert_eq!(
            text("SELECT group_concat(seq || '=' || filed ORDER BY event) FROM heads"),
            "3=3,1=1",
            "all seats were in their table"
        );
        let next = "INSERT INTO ledger (event, seq, at, organization, livemode, orders, hash, keys, pseudonyms, payload) \
                    SELECT 1, 4, 1, 1, 0, 0, hash, hash, hash, hash FROM ledger WHERE seq = 3 RETURNING CAST(position AS TEXT)";
        assert_eq!(text(next), "5", "no position is given twice, that of a row which is gone included");
    }

    /// Two events' first commits, of one order each, at schema 5.
    const COMMITS_OF_5: &str = "\
        INSERT INTO ledger (event, seq, at, organization, livemode, orders, hash, keys, pseudonyms, payload) VALUES \
            (7, 1, 1, 1, 0, 1, x'', x'', x'', x''), (8, 1, 1, 1, 0, 1, x'', x'', x'', x''); \
        INSERT INTO orders (event, serial, salt, version, seq, is_cancelled, buyer, buyer_surrogate, amount, amount_cancelled, \
            created_at) VALUES (8, 65538, 1, 1, 4, 0, 'eve', 65536, 1, 0, 1), (7, 65538, 1, 1, 3, 0, 'ada', 65536, 1, 0, 1); \
        INSERT INTO replies (position, event, seq, at, replies) VALUES (1, 7, 1, 5, x'01'), (2, 8, 1, 6, x'02');";

    #[test]
    fn orders_and_replies_go_with_their_own_events_commit() {
        let mut connection = fresh();
        migrate(&mut connection, &MIGRATIONS[..5], 1, Migrating::Always).unwrap();
        connection.execute_batch(COMMITS_OF_5).unwrap();
        migrate(&mut connection, MIGRATIONS, 1, Migrating::Always).unwrap();
        let text = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        let orders =
            "SELECT group_concat(number || buyer || event || last_seq, ' ' ORDER BY number) FROM orders";
        assert_eq!(text(orders), "65538ada73 131074eve84");
        let replies =
            "SELECT group_concat(position || ':' || at || hex(replies), ' ' ORDER BY position) FROM replies";
        assert_eq!(text(replies), "1:501 2:602");
        let old = "INSERT INTO orders (event, serial, salt, version, seq, is_cancelled, buyer, buyer_surrogate, amount, \
                   amount_cancelled, created_at, tickets) VALUES (7, 65539, 1, 1, 3, 0, '', 65536, 1, 0, 1, '[]')";
        let error = connection.execute(old, []).unwrap_err().to_string();
        assert!(error.contains("no column named seq"), "what an older command writes fails: {error}");
    }

    #[test]
    fn an_order_or_a_reply_without_its_commit_is_not_lost_in_silence() {
        for gone in [
            "DELETE FROM ledger WHERE event = 7; DELETE FROM replies WHERE event = 7",
            "DELETE FROM replies; INSERT INTO replies (position, event, seq, at, replies) VALUES (2, 7, 1, 5, x'')",
        ] {
            let mut connection = fresh();
            migrate(&mut connection, &MIGRATIONS[..5], 1, Migrating::Always).unwrap();
            connection.execute_batch(COMMITS_OF_5).unwrap();
            connection.execute_batch(gone).unwrap();
            let error = migrate(&mut connection, MIGRATIONS, 1, Migrating::Always).unwrap_err();
            let MigrationError::Step { version: 6, source, .. } = error else { panic!("{error}") };
            assert!(source.to_string().contains("every_order_and_reply_has_its_commit"), "{source}");
            let kept = connection.query_row("SELECT count(*) FROM orders", [], |row| row.get::<_, i64>(0));
            assert_eq!(kept.unwrap(), 2);
        }
    }

    #[test]
    fn positions_go_on_after_a_ledger_that_lost_all_its_rows() {
        let mut connection = fresh();
        migrate(&mut connection, &MIGRATIONS[..3], 1, Migrating::Always).unwrap();
        let row = "INSERT INTO ledger (event, seq, at, organization, livemode, orders, hash, keys, payload) \
                   VALUES (1, 1, 1, 1, 0, 0, x'', x'', x''); DELETE FROM ledger";
        connection.execute_batch(row).unwrap();
        migrate(&mut connection, MIGRATIONS, 1, Migrating::Always).unwrap();
        let next = "INSERT INTO ledger (event, seq, at, organization, livemode, orders, hash, keys, pseudonyms, payload) \
                    VALUES (1, 1, 1, 1, 0, 0, x'', x'', x'', x'') RETURNING position";
        assert_eq!(connection.query_row(next, [], |row| row.get::<_, i64>(0)).unwrap(), 2);
    }

    /// What a statement gathers before it writes grows with its table, and what is gathered is kept in memory; so is what an
    /// index over rows that are there is sorted in. An aggregate that orders its own few rows is neither.
    #[test]
    fn no_step_gathers_a_table_in_memory() {
        let mut connection = fresh();
        migrate(&mut connection, &MIGRATIONS[..1], 1, Migrating::Always).unwrap();
        for Migration { name, sql, .. } in &MIGRATIONS[1..] {
            let text: Vec<_> = sql.lines().filter(|line| !line.starts_with("--")).collect();
            let mut empty: Vec<String> = Vec::new();
            for sql in text.join("\n").split(';').map(str::trim).filter(|sql| !sql.is_empty()) {
                let explain = |what: &str, column: usize| {
                    let mut explained = connection.prepare(&format!("{what} {sql}")).unwrap();
                    let rows = explained.query_map([], |row| row.get::<_, String>(column)).unwrap();
                    rows.map(Result::unwrap).collect::<Vec<_>>()
                };
                let words: Vec<&str> = sql.split_whitespace().collect();
                let after = |word: &str| words[1 + words.iter().position(|found| *found == word).unwrap()];
                match words[0] {
                    "CREATE" if words[1] == "TABLE" => empty.push(after("TABLE").to_owned()),
                    "CREATE" => assert!(empty.iter().any(|table| table == after("ON")), "{name}: {sql}"),
                    "INSERT" | "UPDATE" if !sql.contains("sqlite_sequence") => {
                        empty.retain(|table| table != words[1] && table != words[2]);
                        let plan = explain("EXPLAIN QUERY PLAN", 3);
                        let ordered = plan.iter().filter(|line| line.ends_with("(ORDER BY)")).count();
                        let operations = explain("EXPLAIN", 1);
                        let gathered = operations.iter().filter(|name| *name == "OpenEphemeral").count();
                        let sorted = operations.iter().filter(|name| *name == "SorterOpen").count();
                        assert_eq!((gathered, sorted), (ordered, 0), "{name}: {sql}\n{plan:#?}");
                    }
                    _ => {}
                }
                connection.execute_batch(sql).unwrap();
            }
        }
    }

    #[test]
    fn the_steps_of_this_binary_are_numbered_without_gaps() {
        for (version, migration) in (1_u32..).zip(MIGRATIONS) {
            assert_eq!(migration.version, version, "{}", migration.name);
        }
    }
}
