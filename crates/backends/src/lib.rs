//! The stores and gates of FlashTix: what the engine's ports are made of.
//!
//! A backend writes down what the engine decided, and guards every row of it; it decides nothing. SQL is written
//! here and nowhere else, and nothing here knows of HTTP.
//!
//! - [`audit`]: reading all of it
//! - `columns`, `charts`: what is the same in every store
//! - [`Migrating`]: what opening a store may do about its schema
//! - [`clock`]: the wall clock that a store on this machine goes by
//! - [`sqlite`]: the embedded store, the default
//! - [`postgres`]: the store for production and many nodes
//! - [`redis`]: the gate

pub mod audit;
mod charts;
pub mod clock;
mod columns;
mod migrating;
pub mod postgres;
pub mod purged;
pub mod redis;
pub mod sqlite;

pub use migrating::Migrating;
