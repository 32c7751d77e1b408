//! PostgreSQL's own load generator: no HTTP, no Redis, one booking a transaction.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::ensure;

use crate::running::Ground;
use crate::sale::{Figures, WARM_UP, fact};

/// How long it sells, in seconds: of 200,000 tickets at most half are sold by then.
const SECONDS: u32 = 4;
/// The fact that names the number of clients that was best.
pub(crate) const CLIENTS: &str = "clients";

/// The seed of its permutation.
const SHUFFLE: u32 = 1;
/// The first turn of a client after the warm-up: far beyond all turns of the warm-up, and as far from the end.
const FIRST_TURN: u32 = 2_000;

/// What it sells.
pub(crate) struct Trade {
    /// What its best number of clients is kept under.
    name: &'static str,
    /// Makes the table.
    table: String,
    /// One booking.
    script: String,
    /// Counts what is sold.
    sold: &'static str,
}

impl Trade {
    /// The original's statements on its table of tickets, in random order: each client draws its next seat from one permutation
    /// of all, as the crowd on everybody else does, so that nobody asks for a seat that is sold.
    pub(crate) fn seats(seats: u32) -> Self {
        Self {
            name: "pgbench, seats",
            table: format!(
                "CREATE TABLE tickets (id int PRIMARY KEY, status text NOT NULL, buyer text, version bigint NOT NULL) \
                 WITH (fillfactor = 50); \
                 INSERT INTO tickets SELECT number, 'AVAILABLE', NULL, 0 FROM generate_series(0, {seats} - 1) AS number"
            ),
            script: format!(
                "\\set id permute(:client_id + :turn * :clients, {seats}, {SHUFFLE})\n\\set turn :turn + 1\nBEGIN;\nSELECT status, version FROM tickets WHERE id = :id;\n\
                 UPDATE tickets SET status = 'SOLD', buyer = 'b', version = version + 1 \
                 WHERE id = :id AND status = 'AVAILABLE';\nCOMMIT;\n"
            ),
            sold: "SELECT count(*) FROM tickets WHERE status = 'SOLD'",
        }
    }

    /// One row that everybody counts down: a single statement, since its friends would not look first.
    pub(crate) fn units(units: u32) -> Self {
        Self {
            name: "pgbench, units",
            table: format!(
                "CREATE TABLE counters (id int PRIMARY KEY, available int NOT NULL, sold int NOT NULL) \
                 WITH (fillfactor = 10); INSERT INTO counters VALUES (1, {units}, 0)"
            ),
            script: "UPDATE counters SET available = available - 1, sold = sold + 1 WHERE id = 1 AND available > 0;\n"
                .to_owned(),
            sold: "SELECT sold FROM counters WHERE id = 1",
        }
    }
}

/// Sells with each number of clients, a database each, and gives the best rate of what was sold; in later runs, with the number
/// that was best.
///
/// # Errors
/// When its script cannot be written, its database cannot be read, or nothing was sold.
pub(crate) fn best(ground: &Ground, trade: &Trade, clients: &[u32]) -> anyhow::Result<Figures> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("book.sql");
    std::fs::write(&script, &trade.script)?;
    open_to_all(folder.path())?;
    let known = ground.bests.borrow().get(trade.name).copied().filter(|best| clients.contains(best));
    let mut best = (0, Figures::default());
    for &clients in known.as_ref().map_or(clients, std::slice::from_ref) {
        let figures = with(ground, trade, clients, &script)?;
        if figures.value > best.1.value {
            best = (clients, figures);
        }
    }
    ensure!(best.1.value > 0.0, "pgbench sold nothing");
    if clients.len() > 1 {
        ground.bests.borrow_mut().insert(trade.name, best.0);
    }
    Ok(best.1)
}

fn with(ground: &Ground, trade: &Trade, clients: u32, script: &Path) -> anyhow::Result<Figures> {
    let postgres = &ground.servers.postgres;
    let url = ground.servers.database();
    let name = url.rsplit('/').next().unwrap_or_default();
    postgres.sql(name, &trade.table);
    postgres.sql(name, "VACUUM ANALYZE");
    let clients_text = clients.to_string();
    let run = |seconds: u32, turn: u32| {
        let (time, script) = (seconds.to_string(), script.display().to_string());
        let (turn, of) = (format!("--define=turn={turn}"), format!("--define=clients={clients}"));
        let fixed = ["--no-vacuum", "--protocol=prepared", "--jobs=2"];
        let chosen = ["--client", &clients_text, &turn, &of, "--time", &time, "--file", &script, &url];
        postgres.run("pgbench", &[&fixed[..], &chosen[..]].concat());
    };
    let sold = || anyhow::Ok(postgres.sql(name, trade.sold).parse::<f64>()?);
    run(u32::try_from(WARM_UP.as_secs())?, 0);
    let seconds = ground.or_quick(SECONDS, 1);
    let (flushes, bytes, sold_before) = (ground.servers.wal_flushes(), ground.servers.wal_bytes()?, sold()?);
    run(seconds, FIRST_TURN);
    let (bytes, sold) = (ground.servers.wal_bytes()? - bytes, sold()? - sold_before);
    ground.servers.drop_database(&url);
    let mut facts = BTreeMap::from([(CLIENTS, f64::from(clients)), (fact::WAL_BYTES, bytes / sold.max(1.0))]);
    if let (Some(before), Some(after)) = (flushes, ground.servers.wal_flushes()) {
        facts.insert(fact::FLUSHES, (after - before) / sold.max(1.0));
    }
    Ok(Figures { value: sold / f64::from(seconds), facts, ..Figures::default() })
}

/// PostgreSQL's programs run as somebody else where this runs as root.
fn open_to_all(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
}
