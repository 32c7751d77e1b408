//! Why a storm could not run, or could not be judged. Every message says what to do next.

use std::path::PathBuf;

/// A storm that could not start, or whose result could not be read.
///
/// A sale that went wrong is *not* an error: it is a [`crate::Verdict`] that is not ok.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is not one that this client can speak to.
    #[error("the URL {url:?} cannot be used: {reason}; give one like http://127.0.0.1:8080")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An option has a value that makes no sense.
    #[error("the option {option} cannot be used: {reason}")]
    Option {
        /// The field of [`crate::Options`].
        option: &'static str,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// No answer from the address at all.
    #[error("no server answers at {authority}: is `flashtix demo` or `flashtix serve` running there?")]
    Unreachable {
        /// Host and port.
        authority: String,
        /// What the network said.
        #[source]
        source: std::io::Error,
    },
    /// The v1 API needs a secret key, to buy and to read the orders for the verdict.
    #[error(
        "the v1 API needs the organizer's secret key (sk_test_…); `flashtix demo` prints one, `flashtix keys create` makes one"
    )]
    KeyMissing,
    /// The server does not take the key.
    #[error(
        "the server refused the key (401); check that it is a secret key of this server and was not revoked"
    )]
    KeyRefused,
    /// The key lacks a right that the storm needs.
    #[error("the server forbids this key to {what} (403); a storm needs a secret key (sk_…)")]
    Forbidden {
        /// What was asked.
        what: &'static str,
    },
    /// The event is not there.
    #[error(
        "there is no event {event} that this key can see (404); check the id and that the key is of the same mode, test or live"
    )]
    EventUnknown {
        /// The id that was asked for.
        event: String,
    },
    /// No event was named and none is open.
    #[error("no open event was found; create one, open one, or name one with its id")]
    NoOpenEvent,
    /// The scenario wants places that the event does not have.
    #[error("the event {event} has {what}; choose another event or scenario")]
    Unsuitable {
        /// The event's id.
        event: String,
        /// What is missing.
        what: String,
    },
    /// The classic API only knows single tickets.
    #[error("the scenario {scenario} needs the v1 API; the classic one knows one-seat and arena")]
    NotClassic {
        /// The scenario that was asked for.
        scenario: crate::Scenario,
    },
    /// The classic API is not there.
    #[error(
        "the server has no classic API (404 at /api/tickets/seed); start it with --classic-api, or use the v1 API"
    )]
    NoClassicApi,
    /// Something else than the expected answer.
    #[error("the server answered {status} when asked to {what}: {detail}")]
    Unexpected {
        /// What was asked.
        what: &'static str,
        /// The HTTP status.
        status: u16,
        /// The beginning of the body.
        detail: String,
    },
    /// The answer is not HTTP, or not the JSON that was promised.
    #[error("the answer when asked to {what} cannot be read ({reason}); is this a FlashTix server?")]
    Unreadable {
        /// What was asked.
        what: &'static str,
        /// Where reading stopped.
        reason: String,
    },
    /// A thread of the generator could not start or ended early.
    #[error("a thread of the load generator failed; try fewer connections or threads")]
    Generator {
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The report could not be serialized or written.
    #[error("the report could not be written to {path}; check that the folder exists and can be written")]
    Report {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}
