//! The gate: a short lock across nodes on seats that a batch is about to take.
//!
//! It spares the losers of a race between nodes a wait for the event's lock in the store, and nothing depends on it: a
//! gate that is slow, gone or wrong lets everybody pass, and the store decides as it would without one. It is asked for
//! seats by name only, and only where they are free: never for areas, and never by who gives places back, or the owner of a
//! place would be kept from it by his own lock.

use std::future::Future;
use std::pin::Pin;

use domain::id::EventId;
use domain::place::SeatIndex;

/// What a gate's methods return.
pub type GateFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One seat of one event.
pub type GateSeat = (EventId, SeatIndex);

/// What came of asking for some locks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pass {
    /// The value that the locks were taken with: only who knows it may release them. 0 when none were.
    pub token: u128,
    /// Seats whose lock was taken.
    pub taken: Vec<GateSeat>,
    /// Seats whose lock another node has right now.
    pub lost: Vec<GateSeat>,
}

/// Locks seats across nodes for a few seconds.
pub trait Gate: Send + Sync + 'static {
    /// Tries to take the locks of some seats, each named once. Never fails and answers soon: where it cannot
    /// tell, no seat is lost.
    fn take(&self, seats: Vec<GateSeat>) -> GateFuture<'_, Pass>;

    /// Releases what was taken, in the background.
    fn release(&self, pass: Pass);
}
