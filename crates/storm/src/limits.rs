//! The limits of a storm. Every queue, buffer, wait and number of tries has one.

use std::time::Duration;

/// Buyers arriving per second unless said otherwise.
pub const RATE_DEFAULT: f64 = 5_000.0;
/// The highest rate that can be asked for, per second.
pub const RATE_MAX: f64 = 10_000_000.0;
/// Connections unless said otherwise.
pub const CONNECTIONS_DEFAULT: usize = 128;
/// The most connections; beyond, one client address runs out of ports.
pub const CONNECTIONS_MAX: usize = 20_000;
/// The most threads that drive connections.
pub const THREADS_MAX: usize = 64;
/// The most buyers of one storm.
pub const BUYERS_MAX: u64 = 100_000_000;
/// The steepest Zipf exponent; beyond, everybody wants the same seat.
pub const ZIPF_MAX: f64 = 5.0;
/// The most servers beside the first.
pub const FURTHER_URLS_MAX: usize = 64;
/// The most events beside the first; their seats are all in memory.
pub const FURTHER_EVENTS_MAX: usize = 100_000;
/// The longest hold of the holds scenario, in seconds; the storm waits for it to lapse.
pub const HOLD_SECONDS_MAX: u32 = 3_600;
/// The shortest time limit for an answer.
pub const REQUEST_TIMEOUT_MIN: Duration = Duration::from_millis(10);

/// The longest status line and headers of an answer, in bytes.
pub const HEAD_BYTES_MAX: usize = 16 * 1024;
/// The longest body of an answer to a buyer, in bytes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// The longest body of an answer to the auditor (a chart, a page of orders), in bytes.
pub const AUDIT_BODY_BYTES_MAX: usize = 256 * 1024 * 1024;
/// The longest line that announces a chunk, in bytes.
pub const CHUNK_LINE_BYTES_MAX: usize = 256;
/// What a connection's buffer starts with, in bytes.
pub const BUFFER_BYTES_START: usize = 8 * 1024;
/// How many interim (1xx) answers may come before the real one.
pub const INTERIM_ANSWERS_MAX: usize = 8;

/// The first wait before connecting again; it doubles from there.
pub const RECONNECT_WAIT_MIN: Duration = Duration::from_millis(10);
/// The longest wait before connecting again.
pub const RECONNECT_WAIT_MAX: Duration = Duration::from_secs(1);
/// The wait before a retry when the server does not name one.
pub const RETRY_WAIT_DEFAULT: Duration = Duration::from_millis(100);
/// The shortest wait before a retry, so that a server that says 0 is not hammered in a loop.
pub const RETRY_WAIT_MIN: Duration = Duration::from_millis(1);
/// The longest wait before a retry that a server can impose.
pub const RETRY_WAIT_MAX: Duration = Duration::from_secs(10);
/// The wait before asking again when the outcome is unknown and the server named none.
pub const UNKNOWN_WAIT: Duration = Duration::from_millis(50);
/// How often a buyer asks again after an internal error (500, 502, 504).
pub const ERROR_RETRIES_MAX: u8 = 3;
/// How many buyers may wait for their retry on one connection before it takes no new ones.
pub const WAITING_PER_CONNECTION_MAX: usize = 10_000;

/// How often the pacer releases the buyers that are due.
pub const PACER_TICK: Duration = Duration::from_micros(250);
/// The width of a step of the time series.
pub const SERIES_STEP: Duration = Duration::from_millis(100);
/// The most steps of the time series (an hour); what comes later counts in the last one.
pub const SERIES_STEPS_MAX: usize = 36_000;
/// The longest latency that is told apart; longer ones count as this.
pub const LATENCY_MAX: Duration = Duration::from_secs(3_600);
/// How many different refusal codes are counted apart; the rest is "other".
pub const CODES_MAX: usize = 64;
/// How many examples a check's detail shows.
pub const EXAMPLES_MAX: usize = 3;

/// The orders on a page that the auditor asks for first.
pub const ORDERS_PAGE: usize = 500;
/// The orders on a page if the server finds that too many.
pub const ORDERS_PAGE_SMALL: usize = 100;
/// The most pages of orders that are read.
pub const ORDERS_PAGES_MAX: usize = 1_000_000;
/// The most events that are looked at for an open one.
pub const EVENTS_LISTED_MAX: usize = 1_000;
/// How often the auditor reads everything again because others changed it meanwhile.
pub const AUDIT_ROUNDS_MAX: usize = 5;
/// After a hold's time, how long the server may take until the places are visibly free again:
/// ten seconds of grace for the buyer, and as many for the server.
pub const LAPSE_PATIENCE: Duration = Duration::from_secs(20);
/// How often the auditor looks whether the holds have lapsed: what it finds is no finer than this.
pub const LAPSE_POLL: Duration = Duration::from_millis(25);
/// How long after the moment that it names a server really lets go of a hold.
pub const HOLD_GRACE: Duration = Duration::from_secs(10);

/// The original API's number of tickets.
pub const CLASSIC_TICKETS: u64 = 100;
/// Of a hundred buyers of the holds scenario, those who confirm.
pub const HOLDS_CONFIRMED_PERCENT: u64 = 30;
/// The most seats that a buyer of the arena scenario wants.
pub const WANTED_MAX: u8 = 4;

const _: () = assert!(RETRY_WAIT_MIN.as_nanos() < RETRY_WAIT_MAX.as_nanos());
const _: () = assert!(RECONNECT_WAIT_MIN.as_nanos() < RECONNECT_WAIT_MAX.as_nanos());
const _: () = assert!(HEAD_BYTES_MAX >= BUFFER_BYTES_START);
