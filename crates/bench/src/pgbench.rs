//! The original's statements from PostgreSQL's own load generator: no HTTP, no Redis, one booking a transaction.

use crate::hall::Hall;
use crate::subject::Servers;
use crate::workload::Figures;

/// Numbers of clients that are tried; the best one counts.
const CLIENTS: [u32; 4] = [8, 16, 32, 64];
/// How long each is tried, in seconds: at most half of the tickets are sold by then.
const SECONDS: u32 = 5;

/// Sells tickets at random with each number of clients, and gives the best rate of sold tickets.
///
/// # Errors
/// When its script cannot be written.
pub(crate) fn run(servers: &Servers, hall: Hall, quick: bool) -> anyhow::Result<Figures> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("book.sql");
    std::fs::write(
        &script,
        format!(
            "\\set id random(0, {})\nBEGIN;\nSELECT status, version FROM tickets WHERE id = :id;\n\
             UPDATE tickets SET status = 'SOLD', buyer = 'b', version = version + 1 WHERE id = :id AND status = 'AVAILABLE';\nCOMMIT;\n",
            hall.seats - 1
        ),
    )?;
    open_to_all(folder.path())?;
    let script = script.display().to_string();
    let seconds = if quick { 1 } else { SECONDS };
    let mut best: f64 = 0.0;
    for clients in CLIENTS {
        let url = servers.postgres.database();
        let name = url.rsplit('/').next().unwrap_or_default().to_owned();
        servers.postgres.sql(
            &name,
            &format!(
                "CREATE TABLE tickets (id int PRIMARY KEY, status text NOT NULL, buyer text, version bigint NOT NULL) WITH (fillfactor = 50); \
                 INSERT INTO tickets SELECT number, 'AVAILABLE', NULL, 0 FROM generate_series(0, {} - 1) AS number",
                hall.seats
            ),
        );
        let (clients, time) = (clients.to_string(), seconds.to_string());
        let arguments = [
            "--no-vacuum",
            "--protocol=prepared",
            "--jobs=2",
            "--client",
            &clients,
            "--time",
            &time,
            "--file",
            &script,
            &url,
        ];
        servers.postgres.run("pgbench", &arguments);
        let sold: f64 =
            servers.postgres.sql(&name, "SELECT count(*) FROM tickets WHERE status = 'SOLD'").parse()?;
        best = best.max(sold / f64::from(seconds));
    }
    Ok(Figures {
        per_second: best,
        final_share: None,
        per_commit: Some(1.0),
        generator_cores: None,
        durability: None,
        report: None,
    })
}

/// PostgreSQL's programs run as somebody else where this runs as root.
fn open_to_all(folder: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
}
