//! The state machine, told as scripts, against a naive model, and against those who would break it.

mod assign;
mod best;
mod book;
mod change;
mod codes;
mod hold;
mod hostile;
mod limit;
mod model;
mod outage;
mod pass;
mod regressions;
mod restore;
mod sale;
mod script;
mod stage;
