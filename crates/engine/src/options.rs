//! Every bound of the engine, by name.

use std::time::Duration;

/// How an engine is bounded. The defaults suit one event of a million seats on two cores.
#[derive(Debug, Clone)]
pub struct Options {
    /// Sequencers, each with the events that hash to it and a transaction of its own. A store with one writer has no
    /// use for more than one.
    pub lanes: usize,
    /// Requests of one commit at most.
    pub batch_requests_max: usize,
    /// From the beginning of one batch to that of the next at least, while requests come fast; nought for none.
    pub batch_interval: Duration,
    /// Requests that wait on one event at most, of all classes; each class has its own share.
    pub queue_requests_max: usize,
    /// How long a request may wait for its batch before it is shed.
    pub queue_wait_max: Duration,
    /// How long an answer is waited for before its client is told that the outcome is unknown. What still waits for
    /// its batch by then is taken back, and nothing happened.
    pub answer_wait_max: Duration,
    /// How old the last word from the store may be for a final refusal from memory.
    pub refusal_age_max: Duration,
    /// How often desks that nobody writes to ask the store for news.
    pub follow_interval: Duration,
    /// How often lapsed holds are swept.
    pub sweep_interval: Duration,
    /// How long an unknown outcome is looked up before the waiting clients are told so.
    pub outcome_wait_max: Duration,
    /// Events kept in memory at most; the longest unused ones are dropped first.
    pub desks_max: usize,
    /// Feed frames a second and event at most.
    pub feed_frames_per_second: u32,
    /// Commits that a feed keeps for those who resume.
    pub feed_commits_kept: usize,
    /// How long an idempotency key is remembered at least.
    pub idempotency_keep: Duration,
    /// How long ended holds stay readable.
    pub hold_keep: Duration,
    /// Whether the desk refuses from memory. Off, every request goes to the store: slower, equally right.
    pub desk_refuses: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lanes: 1,
            batch_requests_max: 1_024,
            batch_interval: Duration::from_millis(2),
            queue_requests_max: 8_192,
            queue_wait_max: Duration::from_secs(1),
            answer_wait_max: Duration::from_secs(15),
            refusal_age_max: Duration::from_millis(250),
            follow_interval: Duration::from_millis(50),
            sweep_interval: Duration::from_millis(250),
            outcome_wait_max: Duration::from_secs(5),
            desks_max: 10_000,
            feed_frames_per_second: 10,
            feed_commits_kept: 4_096,
            idempotency_keep: Duration::from_secs(24 * 3_600),
            hold_keep: Duration::from_secs(30 * 24 * 3_600),
            desk_refuses: true,
        }
    }
}

impl Options {
    /// Checks the relations between the bounds.
    ///
    /// # Errors
    /// A sentence that names the bound that is off.
    pub fn validate(&self) -> Result<(), &'static str> {
        // Serials tell 65,536 things of one commit apart; a request makes at most an order, its limit
        // keys and the ends of the holds it meets.
        if self.batch_requests_max == 0 || self.batch_requests_max > 4_096 {
            return Err("batch_requests_max must be from 1 to 4096");
        }
        if self.batch_interval > Duration::from_millis(100) {
            return Err("batch_interval_ms must be from 0 to 100");
        }
        if self.lanes == 0 || self.lanes > 64 {
            return Err("lanes must be from 1 to 64");
        }
        if self.queue_requests_max < self.batch_requests_max {
            return Err("queue_requests_max must not be below batch_requests_max");
        }
        if self.follow_interval * 2 > self.refusal_age_max {
            return Err("follow_interval must be at most half of refusal_age_max");
        }
        if self.feed_frames_per_second == 0 || self.desks_max == 0 {
            return Err("feed_frames_per_second and desks_max must not be zero");
        }
        Ok(())
    }
}
