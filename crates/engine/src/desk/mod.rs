//! The desk: one event in memory.
//!
//! It holds the inventory twice. The *settled* one is what was committed; anybody may read it, and most of a crowd is
//! refused from it without any I/O. The *draft* belongs to whoever has the desk's turn, the
//! sequencer as a rule, which decides the next batch against it; it runs ahead of the settled one while a
//! batch is under way, and is thrown away when the batch fails.

mod admit;
mod inbox;
mod load;
mod outage;
mod quarantine;
mod queue;
mod recent;
mod settle;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use domain::id::EventId;
use domain::inventory::{Inventory, Limits, Outage};
use domain::place::{SeatIndex, Status};
use domain::time::Timestamp;
use parking_lot::{Mutex, RwLock};

use crate::feed::{Feed, Frame};
use crate::gate::GateSeat;
use crate::ledger::Position;
use crate::options::Options;
use crate::pulse::Pulse;
use crate::request::Renderer;
use crate::store::LedgerRow;

pub(crate) use admit::Admitted;
pub(crate) use quarantine::{Quarantine, Unread};
pub(crate) use queue::{Front, Prospect, Waiting};
pub(crate) use settle::{Answer, Attempt, Made, Resync};

use inbox::Inbox;
use recent::Recent;

/// Positions that a desk remembers to have been at: as many commits as may come while the store is asked where it stands.
const PASSED_MAX: usize = 64;

/// The availability of one commit, as it is shown to everybody.
#[derive(Debug)]
pub struct Shown {
    /// As the engine's renderer writes it.
    pub text: Bytes,
    /// What the text is compressed to; by whoever is the first to be sent that.
    pub packed: OnceLock<Bytes>,
    /// The frame that new listeners begin with.
    pub(crate) snapshot: OnceLock<Arc<Frame>>,
}

/// What was committed, as far as this process knows.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) inventory: Inventory,
    pub(crate) position: Position,
    pub(crate) history: u64,
    recent: Recent,
    /// Where it stood before, the last one last.
    passed: VecDeque<Position>,
    /// The availability as it is shown, once somebody asked for it.
    shown: OnceLock<Arc<Shown>>,
}

impl Settled {
    /// Goes on to the next commit.
    fn advance(&mut self, position: Position) {
        if self.passed.len() == PASSED_MAX {
            self.passed.pop_front();
        }
        self.passed.push_back(self.position);
        self.position = position;
        self.shown.take();
    }

    /// The availability as it is shown. It is rendered once a commit, however many ask for it.
    pub(crate) fn availability(&self, renderer: &dyn Renderer) -> &Arc<Shown> {
        self.shown.get_or_init(|| {
            let text = renderer.availability(&self.inventory);
            Arc::new(Shown { text, packed: OnceLock::new(), snapshot: OnceLock::new() })
        })
    }
}

/// What the batch under way makes of it.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) inventory: Inventory,
    pub(crate) limits: Limits,
    pub(crate) position: Position,
}

/// One event in memory.
#[derive(Debug)]
pub struct Desk {
    id: EventId,
    settled: RwLock<Settled>,
    draft: Mutex<Draft>,
    front: Mutex<Front>,
    inbox: Mutex<Inbox>,
    /// Whose turn it is to change the desk: a batch, or the follower.
    pub(crate) turn: Arc<tokio::sync::Mutex<()>>,
    pub(crate) feed: Feed,
    /// The store's clock at its last reading, in ms.
    store_now: AtomicI64,
    /// Monotonic time of that reading, in µs.
    read_at: AtomicU64,
    /// Monotonic time, in µs, up to which this desk is known to have all commits.
    heard_at: AtomicU64,
    pulse: Arc<Pulse>,
    /// Monotonic time of its load.
    loaded_at: Duration,
    /// When the last commit that is known was made, by the store's clock; the first of times before one is known.
    committed_at: AtomicI64,
    /// The outage that a commit has made up for in part.
    owed: Mutex<Option<Outage>>,
    /// Monotonic time of the last use, in µs.
    pub(crate) used_at: AtomicU64,
    pub(crate) is_sweeping: AtomicBool,
    /// Whether its batch is under way by itself, and its lane leaves it alone.
    pub(crate) is_aside: AtomicBool,
    /// Set when the desk was given up: whoever still has it must ask the engine again.
    pub(crate) is_dropped: AtomicBool,
}

/// Microseconds of a monotonic reading.
pub(crate) fn micros(monotonic: Duration) -> u64 {
    u64::try_from(monotonic.as_micros()).unwrap_or(u64::MAX)
}

impl Desk {
    /// The event.
    #[must_use]
    pub fn id(&self) -> EventId {
        self.id
    }

    /// Reads the committed inventory; `read` must be quick, since settling waits for it.
    pub fn read<T>(&self, read: impl FnOnce(&Inventory) -> T) -> T {
        read(&self.settled.read().inventory)
    }

    /// The committed availability, rendered once a commit.
    pub fn availability(&self, renderer: &dyn Renderer) -> Arc<Shown> {
        self.read_settled(|settled| Arc::clone(settled.availability(renderer)))
    }

    /// As [`Self::read`], of all that was committed.
    pub(crate) fn read_settled<T>(&self, read: impl FnOnce(&Settled) -> T) -> T {
        read(&self.settled.read())
    }

    /// Where the committed history stands.
    #[must_use]
    pub fn position(&self) -> Position {
        self.settled.read().position
    }

    /// Whether the committed history stands, or stood a moment ago, at a position.
    pub(crate) fn has_passed(&self, position: Position) -> bool {
        let settled = self.settled.read();
        settled.position == position || settled.passed.contains(&position)
    }

    /// The commits that a desk does not have, of those that were read in order; `None` when it went so far meanwhile that it cannot be
    /// said whether it has the others.
    pub(crate) fn unknown_of(&self, mut rows: Vec<LedgerRow>) -> Option<Vec<LedgerRow>> {
        let known = self.position().seq;
        let unknown = rows.split_off(rows.partition_point(|row| row.seq <= known));
        let last_known = rows.last().map(|row| Position { seq: row.seq, head: row.head });
        last_known.is_none_or(|position| self.has_passed(position)).then_some(unknown)
    }

    /// The name of the history.
    #[must_use]
    pub fn history(&self) -> u64 {
        self.settled.read().history
    }

    /// The store's clock by its last reading and the monotonic time since.
    #[must_use]
    pub fn now(&self, monotonic: Duration) -> Timestamp {
        let since = micros(monotonic).saturating_sub(self.read_at.load(Ordering::Acquire));
        let millis = i64::try_from(since / 1_000).unwrap_or(i64::MAX);
        Timestamp(self.store_now.load(Ordering::Acquire)).plus_millis(millis)
    }

    /// Takes a reading of the store's clock.
    pub(crate) fn set_now(&self, now: Timestamp, monotonic: Duration) {
        self.store_now.store(now.0, Ordering::Release);
        self.read_at.store(micros(monotonic), Ordering::Release);
    }

    /// Notes that all commits before `monotonic` are known.
    pub(crate) fn heard(&self, monotonic: Duration) {
        self.heard_at.fetch_max(micros(monotonic), Ordering::AcqRel);
    }

    /// Whether memory is new enough for a final refusal.
    fn is_fresh(&self, monotonic: Duration, options: &Options) -> bool {
        let age = micros(monotonic).saturating_sub(self.heard_at.load(Ordering::Acquire));
        age <= micros(options.refusal_age_max)
    }

    /// Whether nothing would be lost by forgetting this desk.
    pub(crate) fn is_idle(&self) -> bool {
        self.front.lock().is_empty() && !self.is_quarantined() && !self.feed.has_listeners()
    }

    /// Whether an undecided request wants a seat.
    #[must_use]
    pub fn is_pending(&self, seat: SeatIndex) -> bool {
        self.front.lock().is_pending(seat)
    }

    /// The free seats that these requests mean to take by name: what a gate is asked for.
    pub(crate) fn gated(&self, waiting: &[Waiting]) -> Vec<GateSeat> {
        let settled = self.settled.read();
        let seats = waiting.iter().flat_map(|waiting| waiting.request.seats_to_take());
        let free = seats.filter(|seat| settled.inventory.seat(*seat).status == Status::Free);
        free.map(|seat| (self.id, seat)).collect()
    }

    pub(crate) fn front(&self) -> parking_lot::MutexGuard<'_, Front> {
        self.front.lock()
    }

    /// Whether there are holds to end: lapsed ones, or any in a cancelled event.
    pub(crate) fn needs_sweep(&self, monotonic: Duration) -> bool {
        let now = self.now(monotonic);
        let settled = self.settled.read();
        let is_cancelled = settled.inventory.event().status == domain::event::EventStatus::Cancelled;
        settled.inventory.next_deadline().is_some_and(|deadline| deadline <= now || is_cancelled)
    }
}

/// A desk, shared.
pub type SharedDesk = Arc<Desk>;
