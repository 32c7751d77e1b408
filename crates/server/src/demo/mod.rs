//! What `flashtix demo` and the classic API put on sale: an arena, and the original's hall of 100 seats.
//!
//! Everything here is generated, deterministically and without a file to ship.

mod arena;
mod classic;
mod hall;
mod outline;
#[cfg(test)]
mod tests;

pub use arena::{SEATS_DEFAULT, arena, suggested_prices};
pub use classic::classic;
