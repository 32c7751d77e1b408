//! The HTTP API: routes, who may call them, and what they answer.
//!
//! In reading order: [`service()`] (all of it), [`problem`] (every "no"), `auth` (who asks), `extract` (what is asked),
//! `routes`.
//! Handlers never write to a store: they submit requests to the engine and pass its answers on.

pub mod auth;
pub mod extract;
pub mod openapi;
pub mod problem;
mod request_id;
mod routes;
mod service;
pub mod state;

pub use request_id::refusal;
pub use service::service;
pub use state::{App, HttpOptions};
