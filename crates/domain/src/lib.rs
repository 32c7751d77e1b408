//! The rules of FlashTix, pure.
//!
//! Everything that decides who gets a place lives here: charts, the inventory state machine,
//! best-available, holds, orders, limits, prices and rejections. Nothing here performs I/O, reads a
//! clock, draws a random number or knows a wire format: time, identifiers and randomness come in as
//! arguments, so that a decision can be replayed from the ledger alone.
//!
//! In reading order:
//!
//! - [`id`], [`time`], [`money`], [`limits`]: the small words everything else is written in
//! - [`chart`]: a venue's seating plan, packed and immutable
//! - [`seating`]: which seat of an event is where on its chart
//! - [`event`]: the settings of one sale: prices, window, limits
//! - [`place`] and [`basket`]: what is scarce, and what a buyer asks for
//! - [`command`]: everything that can be asked of an event
//! - [`entry`]: what was decided, as the ledger keeps it
//! - [`record`]: holds and orders with the integrator's own data, as a store keeps them
//! - [`inventory`]: the state machine: `decide` turns commands into entries, `apply` replays entries
//! - [`best_available`]: choosing seats for those who did not name any
//! - [`rejection`]: every expected "no", with a stable code

pub mod basket;
pub mod best_available;
pub mod chart;
pub mod command;
pub mod entry;
pub mod event;
pub mod id;
pub mod inventory;
pub mod limits;
pub mod money;
pub mod place;
pub mod record;
pub mod rejection;
pub mod seating;
pub mod spread;
pub mod time;
