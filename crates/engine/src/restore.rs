//! Begins a new history in a store that was put back to an earlier state.
//!
//! What was told of the lost commits cannot be untold, so nothing of the new history may look like it: every event gets one
//! commit whose number is far ahead of any that was told, open sales are paused until somebody has closed the gap, and
//! the history gets another name, by which feeds are told apart.

use std::sync::Arc;

use domain::command::Actor;
use domain::entry::{Entry, Kind};
use domain::event::{Event, EventStatus};
use domain::id::EventId;

use crate::fleet::Fleet;
use crate::ledger::Position;
use crate::store::{CommitWrite, Decider, Locked, Probes, Store, StoreError, TransactError, Waits, Work};

/// What was begun anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Restored {
    /// Events, all of them.
    pub events: usize,
    /// Those whose sale is paused by it.
    pub paused: usize,
}

/// Begins a new history in every event of a store that nobody serves, in the version that the `fleet` which the caller joined may write:
/// whoever serves it next may be older. `progress` hears how many events are done, and of
/// how many.
///
/// # Errors
/// When the store cannot be written, or somebody else writes to it. What was begun stays; it can be begun again.
pub async fn begin_history(
    store: &dyn Store,
    fleet: &Fleet,
    mut progress: impl FnMut(usize, usize),
) -> Result<Restored, StoreError> {
    let events = store.all_events().await?;
    let mut restored = Restored { events: events.len(), paused: 0 };
    // First the name: whoever opens the store from here on tells nobody that it is what it was.
    store.rename_history().await?;
    for (done, id) in events.iter().enumerate() {
        progress(done, events.len());
        restored.paused += usize::from(begin(store, fleet.payload_version(), *id).await?);
    }
    progress(events.len(), events.len());
    Ok(restored)
}

/// Begins one event anew; returns whether its sale was paused.
async fn begin(store: &dyn Store, payload_version: u32, id: EventId) -> Result<bool, StoreError> {
    let (event, positions) = (store.event(id).await?, store.positions(vec![id]).await?);
    let (Some(event), Some(position)) = (event, positions.of(id)?) else { return Ok(false) };
    let is_open = event.status == EventStatus::Open;
    let work = Work { event: id, position, probes: Probes::default() };
    let decider = Arc::new(Beginning { event, position, payload_version });
    match store.transact(vec![work], Waits::ForEvents, decider).await {
        Ok(_) => {}
        Err(TransactError::Nothing(error) | TransactError::Undecidable(_, error)) => return Err(error),
        Err(TransactError::Unknown(reason)) => return Err(StoreError::Unknown(reason)),
        Err(TransactError::Stale(_) | TransactError::Divided) => return Err(somebody_writes(id)),
    }
    let after = store.positions(vec![id]).await?.of(id)?.map(|position| position.seq);
    if after == Some(position.seq.restored()) { Ok(is_open) } else { Err(somebody_writes(id)) }
}

fn somebody_writes(event: EventId) -> StoreError {
    StoreError::Unavailable(format!("somebody sells {event} meanwhile: stop every server, and begin again"))
}

/// Decides the commit that begins an event's new history.
struct Beginning {
    event: Arc<Event>,
    position: Position,
    payload_version: u32,
}

impl Decider for Beginning {
    fn decide(&self, _: usize, locked: Locked) -> Option<Arc<CommitWrite>> {
        let Self { event, position, payload_version } = self;
        if locked.position != *position {
            return None;
        }
        let mut entry = Entry::new(Kind::Restored, Actor::System);
        if event.status == EventStatus::Open {
            entry.settings = Some(Arc::new(Event { status: EventStatus::Paused, ..Event::clone(event) }));
        }
        Some(Arc::new(CommitWrite::of(event.id, *position, locked.now, vec![entry], *payload_version)))
    }
}
