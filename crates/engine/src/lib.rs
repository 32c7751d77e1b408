//! The engine of FlashTix: it turns requests into durable, totally ordered commits.
//!
//! The rules are the `domain`'s; the engine gives them memory, order and durability. It never speaks HTTP and knows
//! no database: stores and renderers are ports that others implement. No wall clock of this process decides
//! anything: time is the store's, read once a batch.
//!
//! In reading order:
//!
//! - [`error`] and [`options`]: what can go wrong, and every bound, by name
//! - [`clock`] and [`digest`]: monotonic time, randomness, and keyed digests of people's texts
//! - [`ledger`]: a commit as bytes, and the hash chain over them
//! - [`store`]: the ports: journal, catalog, archive
//! - [`request`]: what callers submit, and what they get back
//! - [`desk`]: one event in memory: refuses most of a crowd without any I/O
//! - [`gate`]: what spares the losers of a race between nodes a wait
//! - [`relay`]: what carries commits to other nodes in passing
//! - [`sequencer`]: batches what is left, decides it under the store's lock, settles
//! - [`feed`]: commits as a stream for browsers
//! - `pulse`: how long nothing was heard of the store
//! - [`fleet`]: the nodes that live, and what all of them can read
//! - [`restore`]: begins a new history in a store that was put back to an earlier state
//! - [`supervisor`]: long-lived tasks, and what happens when one ends
//! - [`engine`]: all of it together

pub mod clock;
pub mod desk;
pub mod digest;
pub mod engine;
pub mod error;
pub mod feed;
pub mod fleet;
pub mod gate;
pub mod ledger;
pub mod options;
pub(crate) mod pulse;
pub mod relay;
pub mod request;
pub mod restore;
pub mod sequencer;
pub mod store;
pub mod supervisor;

pub use engine::{Engine, Ports};
pub use error::Error;
