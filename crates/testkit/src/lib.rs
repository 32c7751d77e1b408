//! The test kit of FlashTix: what tests need in the stead of a database, a clock, randomness, and a crowd.
//!
//! Nothing here ships. Assertions and panics are how it speaks; everything in it is deterministic, so that a seed
//! replays byte for byte.
//!
//! In reading order:
//!
//! - [`clock`] and [`entropy`]: time and randomness that a test sets
//! - [`hall`] and [`sale`]: charts and events
//! - [`ask`] and [`renderer`]: requests, and answers that can be compared
//! - [`memory`]: the oracle, a store that checks every commit
//! - [`fault`]: a store that fails as stores do
//! - [`relay`]: messages between nodes, which are lost and garbled as a test likes
//! - [`node`]: an engine over both, for one test
//! - [`log`]: what a test's own thread logs
//! - [`simulation`]: nodes, clients and faults, decided by one seed
//! - [`conformance`]: what every store must do
//! - [`servers`]: real databases, for as long as a test needs them

pub mod ask;
pub mod clock;
pub mod conformance;
pub mod entropy;
pub mod fault;
pub mod hall;
pub mod log;
pub mod memory;
pub mod node;
pub mod relay;
pub mod renderer;
pub mod sale;
pub mod servers;
pub mod simulation;
