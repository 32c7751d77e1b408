//! The journal: batches in, snapshots and commits out.

mod guard;
mod read;
mod recent;
mod records;
mod transact;
mod write;

use std::sync::Arc;

use domain::id::{EventId, Seq};
use engine::ledger::{Head, Position};
use engine::store::{
    Decider, Journal, LedgerRow, Positions, Snapshot, StoreError, StoreFuture, TransactError, Waits, Work,
};

use super::SqliteStore;
use super::writer::{CommitFailure, NoAnswer, Writer};

pub(super) use read::{all, limit, limit_keys_of, orders_of, position_of, tail};
pub(super) use recent::{Change, Recent, Stored};
pub(super) use transact::{hold_of, order_of};

/// The position of an event that is gone: a history that no desk is in, so that each loads anew.
const GONE: Position = Position { seq: Seq(0), head: Head([0xff; 32]) };

impl Journal for SqliteStore {
    fn load(
        &self,
        event: EventId,
        keys_keep_ms: i64,
    ) -> StoreFuture<'_, Result<Option<Snapshot>, StoreError>> {
        Box::pin(self.load_snapshot(event, keys_keep_ms))
    }

    fn transact(
        &self,
        works: Vec<Work>,
        _: Waits,
        decider: Arc<dyn Decider>,
    ) -> StoreFuture<'_, Result<Vec<usize>, TransactError>> {
        Box::pin(async move {
            let batch = self.writer.run(move |writer| transact::transact(writer, &works, &*decider));
            match batch.await {
                // One file has one writer, who waits for nobody.
                Ok(result) => result.map(|()| Vec::new()),
                Err(NoAnswer::NotTaken) => Err(TransactError::Nothing(NoAnswer::NotTaken.into())),
                Err(NoAnswer::Lost) => Err(TransactError::Unknown("the writer lost the batch".to_owned())),
            }
        })
    }

    fn contains(&self, event: EventId, position: Position) -> StoreFuture<'_, Result<bool, StoreError>> {
        Box::pin(async move { Ok(self.writer.run(move |writer| contains(writer, event, position)).await??) })
    }

    fn positions(&self, events: Vec<EventId>) -> StoreFuture<'_, Result<Positions, StoreError>> {
        let (clock, history) = (self.clock.clone(), self.history);
        Box::pin(self.readers.run(move |connection| read::positions(connection, &events, &*clock, history)))
    }

    fn tail(
        &self,
        event: EventId,
        after: Seq,
        limit: usize,
    ) -> StoreFuture<'_, Result<Vec<LedgerRow>, StoreError>> {
        Box::pin(self.readers.run(move |connection| read::tail_of(connection, event, after, limit)))
    }
}

/// Whether a history contains a position. On the writer, so that whatever was in doubt is over.
fn contains(writer: &mut Writer, event: EventId, position: Position) -> Result<bool, CommitFailure> {
    // Whatever keeps the doubt from being resolved is no word on what is stored.
    writer
        .resolve_doubt()
        .map_err(|failure| CommitFailure::Unknown(StoreError::from(failure).to_string()))?;
    let Some(key) = writer.event_key(event).map_err(CommitFailure::Nothing)? else { return Ok(false) };
    let connection = writer.connection().map_err(CommitFailure::Nothing)?;
    read::contains(connection, key.number, position).map_err(CommitFailure::Nothing)
}
