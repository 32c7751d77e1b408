//! The store's pulse: when this process last had an answer from the store, and how long it had none.
//!
//! A silence is of the store and not of one event: whatever is answered, a batch, the follower's question or one that is asked for no
//! other reason, shows that the store lives. So nobody who waits for a turn, for another event or for a slow read takes that for an
//! outage. What a silence means for an event its desk decides, in [`crate::desk`].

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::Clock;

/// A silence of the store that is none: nothing is made up for it.
const SILENCE_MIN: Duration = Duration::from_secs(2);
/// How long nobody may have heard of the store before it is asked for no other reason.
pub(crate) const QUIET_MAX: Duration = Duration::from_millis(500);
/// How much later than a silence's beginning a commit may be and still have been before it: the store may have gone on for a while
/// after its last answer to this process, and its clock is read in passing.
pub(crate) const EDGE: Duration = Duration::from_secs(1);

// What was committed before a silence must not seem to be of it, nor what was committed after it to be of before.
const _: () =
    assert!(2 * QUIET_MAX.as_millis() <= EDGE.as_millis() && EDGE.as_millis() < SILENCE_MIN.as_millis());

/// A long time in which nothing was heard of the store, by this process's own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Silence {
    /// When the last answer before it came.
    pub(crate) since: Duration,
    /// When the first one after it came; now, where it lasts.
    pub(crate) until: Duration,
}

impl Silence {
    fn is_long(&self) -> bool {
        self.until.saturating_sub(self.since) > SILENCE_MIN
    }

    /// Both as one where they touch, and else the later one.
    fn joined(self, other: Self) -> Self {
        let (earlier, later) = if self.until <= other.until { (self, other) } else { (other, self) };
        if later.since > earlier.until + EDGE {
            return later;
        }
        Self { since: earlier.since.min(later.since), until: later.until }
    }
}

/// Two silences as one; one of them, where there is no other.
fn joined(one: Option<Silence>, other: Option<Silence>) -> Option<Silence> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.joined(other)),
        (one, other) => one.or(other),
    }
}

/// When the store was heard of.
pub(crate) struct Pulse {
    clock: Arc<dyn Clock>,
    felt: Mutex<Felt>,
}

#[derive(Debug)]
struct Felt {
    last: Duration,
    /// The last long silence that is over.
    silence: Option<Silence>,
    /// The time in which batches failed one after the other, the last one not long after the one before, and none was committed.
    failing: Option<Silence>,
    /// When a batch was committed last.
    committed: Option<Duration>,
}

impl std::fmt::Debug for Pulse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pulse").field("felt", &*self.felt.lock()).finish_non_exhaustive()
    }
}

impl Pulse {
    /// A store that is heard of now.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let last = clock.monotonic();
        let felt = Mutex::new(Felt { last, silence: None, failing: None, committed: None });
        Self { clock, felt }
    }

    /// Notes that the store has just answered.
    pub(crate) fn felt(&self) {
        let mut felt = self.felt.lock();
        felt.answered(self.clock.monotonic());
    }

    /// Notes that a batch was committed.
    pub(crate) fn committed(&self) {
        let mut felt = self.felt.lock();
        let now = self.clock.monotonic();
        felt.answered(now);
        felt.committed = Some(now);
        // The batch that was committed may have waited for the store since the last one failed.
        let failing = felt.failing.take().map(|failing| Silence { until: now, ..failing });
        felt.silence = joined(failing.filter(Silence::is_long), felt.silence);
    }

    /// Notes that a batch which was begun at `started` could not be committed: a store that only answers questions, as one that is
    /// full or may not write, is of no more use to buyers than none.
    pub(crate) fn failed(&self, started: Duration) {
        let until = self.clock.monotonic();
        let mut felt = self.felt.lock();
        if felt.committed.is_some_and(|committed| committed >= started) {
            // Somebody could commit meanwhile, so it was this batch's own trouble.
            return;
        }
        let goes_on = felt.failing.filter(|failing| started.saturating_sub(failing.until) <= SILENCE_MIN);
        felt.failing = Some(Silence { since: goes_on.map_or(started, |failing| failing.since), until });
    }

    /// Whether nothing was heard for so long that the store should be asked.
    pub(crate) fn is_quiet(&self) -> bool {
        self.clock.monotonic().saturating_sub(self.felt.lock().last) >= QUIET_MAX
    }

    /// What time it is, and the silence that lasts, or else the last one: what a batch must know that is decided now.
    pub(crate) fn silence(&self) -> (Duration, Option<Silence>) {
        let felt = self.felt.lock();
        let now = self.clock.monotonic();
        let failing = felt.failing.filter(Silence::is_long);
        (now, joined(failing, felt.silence_until(now)))
    }
}

impl Felt {
    fn answered(&mut self, now: Duration) {
        self.silence = self.silence_until(now);
        self.last = self.last.max(now);
    }

    fn silence_until(&self, now: Duration) -> Option<Silence> {
        let lasting = Some(Silence { since: self.last, until: now }).filter(Silence::is_long);
        lasting.or(self.silence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that shows what it is told to.
    #[derive(Default)]
    struct Told(Mutex<Duration>);

    impl Clock for Told {
        fn monotonic(&self) -> Duration {
            *self.0.lock()
        }
    }

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// The pulse after these moments in ms: `+` of an answer, `c` of a commit, `f` of a batch that failed after 10 ms.
    fn after(moments: &[(char, u64)]) -> (Arc<Told>, Pulse) {
        let clock = Arc::new(Told::default());
        let pulse = Pulse::new(clock.clone());
        for &(what, at) in moments {
            *clock.0.lock() = millis(at);
            match what {
                '+' => pulse.felt(),
                'c' => pulse.committed(),
                _ => pulse.failed(millis(at - 10)),
            }
        }
        (clock, pulse)
    }

    fn silence(moments: &[(char, u64)], now: u64) -> Option<(u128, u128)> {
        let (clock, pulse) = after(moments);
        *clock.0.lock() = millis(now);
        let (_, silence) = pulse.silence();
        silence.map(|silence| (silence.since.as_millis(), silence.until.as_millis()))
    }

    #[test]
    fn a_silence_is_between_two_answers() {
        assert_eq!(silence(&[('+', 1_000), ('+', 2_900)], 4_000), None);
        assert_eq!(silence(&[('+', 1_000)], 3_000), None);
        assert_eq!(silence(&[('+', 1_000)], 3_001), Some((1_000, 3_001)), "it lasts");
        assert_eq!(silence(&[('+', 1_000), ('+', 6_000), ('+', 6_050)], 7_000), Some((1_000, 6_000)));
        assert_eq!(silence(&[('+', 5_000), ('+', 8_000), ('+', 12_000)], 12_000), Some((8_000, 12_000)));
    }

    #[test]
    fn a_store_that_commits_nothing_is_silent_though_it_answers() {
        let failing = [('+', 0), ('f', 1_010), ('+', 2_000), ('f', 3_000), ('+', 3_500), ('f', 4_900)];
        assert_eq!(silence(&failing, 5_000), Some((1_000, 4_900)));
        let over = [&failing[..], &[('c', 5_010), ('+', 6_000)]].concat();
        assert_eq!(silence(&over, 6_500), Some((1_000, 5_010)));
        // One that failed long ago says nothing of now, and some that failed in passing are no outage.
        assert_eq!(silence(&[('+', 0), ('f', 1_010), ('+', 2_000), ('f', 3_100), ('+', 3_200)], 3_200), None);
        assert_eq!(silence(&[('+', 0), ('f', 1_010), ('c', 2_000), ('f', 3_000), ('+', 3_200)], 3_200), None);
    }

    #[test]
    fn silences_that_touch_are_one_and_of_others_the_later_counts() {
        // It is away from the first moment to the thirtieth second, and the first batch fails only after three.
        let away = [('+', 0), ('f', 3_210), ('f', 5_000), ('f', 7_000), ('+', 10_000), ('c', 10_100)];
        assert_eq!(silence(&away, 10_200), Some((0, 10_100)));
        // Once it was away for a minute; much later it answers, and commits nothing for five seconds.
        let answers = (60..=105).map(|second| ('+', second * 1_000));
        let failing = [('f', 100_210), ('f', 102_000), ('f', 103_500), ('f', 105_000)];
        let mut both: Vec<_> = [('+', 0)].into_iter().chain(answers).chain(failing).collect();
        both.sort_by_key(|(_, at)| *at);
        assert_eq!(silence(&both, 105_010), Some((100_200, 105_000)));
    }

    #[test]
    fn a_batch_that_fails_while_others_are_committed_is_no_outage() {
        // Each takes 10 ms to fail: the last one was begun before the commit.
        let (_, pulse) = after(&[('+', 0), ('c', 3_595), ('f', 3_600)]);
        assert_eq!(pulse.felt.lock().failing, None, "somebody committed since that batch was begun");
    }

    #[test]
    fn a_quiet_store_is_asked() {
        let (clock, pulse) = after(&[('+', 1_000)]);
        *clock.0.lock() = millis(1_499);
        assert!(!pulse.is_quiet());
        *clock.0.lock() = millis(1_500);
        assert!(pulse.is_quiet());
    }
}
