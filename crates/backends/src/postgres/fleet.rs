//! The nodes that live, in a table: letting one in, and raising what may be written, are one transaction under one lock.

use std::time::Duration;

use engine::fleet::{Beat, Roll};
use futures_util::FutureExt as _;

use super::error::Failure;
use super::migrate::{MIGRATIONS, still_serves};
use super::rows::{column, id};
use super::{PostgresStore, all};
use crate::columns::signed;

/// The lock under which nodes come and go: "FLTX" and "NODE".
const LOCK: &str = "SELECT pg_advisory_xact_lock(x'464c54584e4f4445'::bigint)";
/// After the lock, in a statement of its own: those before it might not see what others did while it was waited for.
const CLAMP: &str = "UPDATE nodes SET seen_at = clock_timestamp() WHERE seen_at > clock_timestamp()";
const FORGET: &str = "DELETE FROM nodes WHERE seen_at < clock_timestamp() - make_interval(secs => $1)";
const WRITTEN: &str = "SELECT version FROM payload_version";
const LET_IN: &str = "INSERT INTO nodes (id, version, reads, seen_at) VALUES ($1, $2, $3, clock_timestamp()) \
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, reads = excluded.reads, seen_at = excluded.seen_at";
const LIVE: &str = "SELECT id, version, reads FROM nodes ORDER BY id";
const RAISE: &str = "UPDATE payload_version SET version = $1 WHERE version < $1";

impl PostgresStore {
    /// Notes that a node lives, and says who else does; a node that cannot read what is written is not let in.
    pub(super) async fn note_beat(
        &self,
        beat: Beat,
        live_max: Duration,
        may_raise: bool,
    ) -> Result<Roll, Failure> {
        let note = self.write(move |transaction| {
            async move {
                // First: in a schema that does not serve this binary, nothing else need be as it knows it.
                still_serves(transaction, MIGRATIONS).await?;
                let reads = i32::try_from(beat.reads).unwrap_or(i32::MAX);
                transaction.execute(LOCK, &[]).await?;
                // Said by a clock that was set back since: it would be kept until that time comes.
                transaction.execute(CLAMP, &[]).await?;
                transaction.execute(FORGET, &[&live_max.as_secs_f64()]).await?;
                let written: i32 = column(&transaction.query_one(WRITTEN, &[]).await?, 0)?;
                let is_let_in = written <= reads;
                if is_let_in {
                    transaction.execute(LET_IN, &[&signed(beat.node), &beat.version, &reads]).await?;
                }
                let nodes = all(&transaction.query(LIVE, &[]).await?, |row| {
                    let reads = column::<i32>(row, 2)?.cast_unsigned();
                    Ok(Beat { node: id(row, 0)?, version: column(row, 1)?, reads })
                })?;
                let mut written = written.cast_unsigned();
                let all_read = nodes.iter().map(|node| node.reads).min().unwrap_or(written);
                if may_raise && is_let_in && all_read > written {
                    transaction.execute(RAISE, &[&all_read.cast_signed()]).await?;
                    written = all_read;
                }
                Ok(Roll { payload_version: written, nodes })
            }
            .boxed()
        });
        note.await
    }

    /// Forgets a node that ends.
    pub(super) async fn forget_node(&self, node: u64) -> Result<(), Failure> {
        self.query("DELETE FROM nodes WHERE id = $1", &[&signed(node)]).await?;
        Ok(())
    }
}
