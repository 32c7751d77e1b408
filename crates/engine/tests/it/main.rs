//! The engine as its callers see it: real desks and sequencers over the oracle, with the runtime's time paused.

mod desk;
mod feed;
mod fleet;
mod gate;
mod idempotency;
mod outage;
mod outcome;
mod overload;
mod pace;
mod quarantine;
mod relay;
mod simulation;
mod stampede;
mod store;
mod sweep;
