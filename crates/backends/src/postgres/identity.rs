//! What the database is: its secret, the name of its history, and where its transaction numbers begin.

use domain::time::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio_postgres::Client;

use super::PostgresStore;
use super::error::{Failure, OpenError, told};
use super::rows::{bytes, column};

/// The database's own words about its installation.
#[derive(Clone, Copy)]
pub(super) struct Identity {
    /// The key under which tokens are made.
    pub(super) secret: [u8; 32],
    /// Names the history, together with what tells copies of the database from each other.
    name: [u8; 8],
    /// The server's `system_identifier`: a copy that was loaded elsewhere has another.
    cluster: [u8; 8],
    /// The numbers of the database and of a table of it: a copy that was loaded beside it, or in its place, has others.
    place: [u8; 8],
    /// What is added to the number of a transaction to place its commits in lists: the numbers start over in a cluster
    /// that a dump is loaded into, and the commits that came with it have higher ones.
    pub(super) xid_offset: i64,
}

/// Chosen by whoever opens the database first.
const CHOOSE: &str = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const READ: &str = "SELECT (SELECT value FROM meta WHERE key = 'secret'), (SELECT value FROM meta WHERE key = 'history'), \
     (SELECT value FROM meta WHERE key = 'cluster'), (SELECT value FROM meta WHERE key = 'xid_offset'), \
     (SELECT int8send(system_identifier) FROM pg_control_system()), \
     (SELECT oidsend(oid) || oidsend('meta'::regclass) FROM pg_database WHERE datname = current_database())";
/// A timeline is named by the first eight characters of its log's files.
const NOW: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, line.key, meta.value \
     FROM (SELECT 'timeline ' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS key) AS line \
     LEFT JOIN meta ON meta.key = line.key";
/// Nobody else does the same meanwhile.
const LOCK: &str = "LOCK TABLE meta IN SHARE ROW EXCLUSIVE MODE";
const PLACE: &str = "INSERT INTO meta (key, value) \
     SELECT 'xid_offset', int8send(greatest(0, coalesce(max(xid), 0) + 1 - pg_current_xact_id()::text::bigint)) FROM ledger \
     ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const NAME_CLUSTER: &str = "INSERT INTO meta (key, value) VALUES ('cluster', $1) \
     ON CONFLICT (key) DO UPDATE SET value = excluded.value";

/// Reads who the database is, after what is missing was chosen.
pub(super) async fn identify(client: &mut Client) -> Result<Identity, OpenError> {
    let unusable = |error: tokio_postgres::Error| OpenError::Unusable(told(&error));
    if let Some(identity) = read(client).await.map_err(unusable)? {
        // A role that may not write can still open a database that was used before.
        return Ok(identity);
    }
    choose(client).await.map_err(unusable)?;
    let identity = read(client).await.map_err(unusable)?;
    identity.ok_or_else(|| OpenError::Unusable("meta lacks what was just written to it".to_owned()))
}

/// `None` where something is missing, or was copied from another cluster.
async fn read(client: &Client) -> Result<Option<Identity>, tokio_postgres::Error> {
    let row = client.query_one(READ, &[]).await?;
    let read = || {
        let identity = Identity {
            secret: bytes(&row, 0)?,
            name: bytes(&row, 1)?,
            cluster: bytes(&row, 2)?,
            xid_offset: i64::from_be_bytes(bytes(&row, 3)?),
            place: bytes(&row, 5)?,
        };
        Ok::<_, Failure>((identity.cluster == bytes(&row, 4)?).then_some(identity))
    };
    Ok(read().ok().flatten())
}

async fn choose(client: &mut Client) -> Result<(), tokio_postgres::Error> {
    let transaction = client.transaction().await?;
    transaction.execute(LOCK, &[]).await?;
    let secret = rand::random::<[u8; 32]>();
    let name = rand::random::<[u8; 8]>();
    transaction.execute(CHOOSE, &[&"secret", &&secret[..]]).await?;
    transaction.execute(CHOOSE, &[&"history", &&name[..]]).await?;
    let row = transaction.query_one(READ, &[]).await?;
    let (known, own): (Option<&[u8]>, &[u8]) = (row.get(2), row.get(4));
    if known != Some(own) {
        transaction.execute(PLACE, &[]).await?;
        transaction.execute(NAME_CLUSTER, &[&own]).await?;
        if known.is_some() {
            tracing::warn!(
                "this database was loaded from another cluster's; its lists go on after what came with it"
            );
        }
    }
    transaction.commit().await
}

impl Identity {
    /// The name of the history on a timeline: a standby that took over, and a restored backup, may lack commits that
    /// were told, so what they commit is another history. `epoch` was chosen at random on this timeline: two standbys of one
    /// primary that are both promoted begin timelines of the same number.
    fn history(&self, epoch: [u8; 8]) -> u64 {
        let mut hash = Sha256::new();
        hash.update(self.name);
        hash.update(self.cluster);
        hash.update(self.place);
        hash.update(epoch);
        let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(hash.finalize());
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }
}

impl PostgresStore {
    /// The store's clock, and the name of the history that it serves right now.
    pub(super) async fn now_and_history(&self) -> Result<(Timestamp, u64), Failure> {
        let (now, timeline, epoch) = self.now_and_epoch().await?;
        let epoch = match epoch {
            Some(epoch) => epoch,
            None => {
                self.query(CHOOSE, &[&timeline, &&rand::random::<[u8; 8]>()[..]]).await?;
                // Another node may have been faster.
                let (_, _, epoch) = self.now_and_epoch().await?;
                epoch.ok_or_else(|| Failure::damaged("meta lacks what was just written to it"))?
            }
        };
        Ok((now, self.identity.history(epoch)))
    }

    /// The clock, the key of the server's timeline in `meta`, and what is there.
    async fn now_and_epoch(&self) -> Result<(Timestamp, String, Option<[u8; 8]>), Failure> {
        let rows = self.query(NOW, &[]).await?;
        let row = rows.first().ok_or_else(|| Failure::damaged("the clock says nothing"))?;
        let epoch: Option<&[u8]> = column(row, 2)?;
        let epoch = epoch.map(|_| bytes(row, 2)).transpose()?;
        Ok((Timestamp(column(row, 0)?), column(row, 1)?, epoch))
    }
}
