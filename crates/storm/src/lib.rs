//! `storm`: a crowd for FlashTix, and the judge of what became of it.
//!
//! A black-box client: it speaks HTTP/1.1 to a server, records what every request came to, then reads
//! the server's own account and says whether the sale was right: nothing sold twice, no acknowledged
//! order lost, nobody refused wrongly, everybody answered. It knows the API and nothing of what is
//! behind it, and never depends on the engine, the stores or the server.
//!
//! [`run()`] takes [`Options`] and an [`Observer`] and returns a [`Report`] with its [`Verdict`].
//!
//! In reading order:
//!
//! - [`options`](Options), [`limits`], [`Error`]: what can be asked for;
//! - `target`, `response`, `connection`: the HTTP client, written for little CPU since it shares the
//!   machine with the server it measures;
//! - `enquiry`, `venue`: what is for sale;
//! - `dice`, `buyer`, `script`, `wire`, `answer`: what buyers wish, ask, understand and do next;
//! - `schedule`, `lane`, `driver`: when they come, one connection's loop, the threads;
//! - `outcome`, `recorder`, `acknowledged`, `suspicions`: what is kept of it;
//! - `lapse`, `audit`, `verdict`, `classic`: the truth, held against it;
//! - `run`, `progress`, `report`: the whole, watched and told.

mod acknowledged;
mod answer;
mod audit;
pub mod axis;
mod buyer;
mod classic;
mod connection;
pub mod cpu;
mod dice;
mod driver;
mod enquiry;
mod error;
mod lane;
mod lapse;
pub mod limits;
mod options;
mod outcome;
mod progress;
mod recorder;
mod report;
mod response;
mod run;
mod schedule;
mod script;
mod suspicions;
mod target;
mod venue;
mod verdict;
mod wire;

pub use cpu::Machine;
pub use error::Error;
pub use options::{Api, Arrival, Options, Scenario, UnknownWord};
pub use outcome::Outcome;
pub use progress::{Observer, Phase, Progress, Snapshot};
pub use report::{
    Buyers, Cpu, Event, Lapse, OutcomeRow, Percentiles, Rates, Report, Series, Settings, Times,
};
pub use run::run;
pub use verdict::{Check, Verdict};
