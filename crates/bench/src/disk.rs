//! What the disk does beside a sale, and without one. Whoever must flush waits for it, and a disk that others use stands still at
//! times, for everybody at once: somebody who does nothing else sees it, too.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::process::Command;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use tokio::time::Instant;

use crate::running::{Ground, store_folder};
use crate::sale::{Figures, fact};

/// What is written over and over, as a log is: a file that does not grow.
const RING_BYTES: usize = 4 << 20;
/// A flush that takes longer is out of the common.
const LONG: Duration = Duration::from_millis(10);

/// The longest flush during the load, in ms.
pub(crate) const LONGEST: &str = "longest flush, ms";
/// Which part of the load's time passed in flushes of more than 10 ms.
pub(crate) const IN_LONG: &str = "in flushes > 10 ms, %";
/// How late the one who flushes woke at most from the sleep before a flush, in ms: how long such a thread waits for a processor.
pub(crate) const LATE: &str = "latest wake, ms";

/// How somebody flushes.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// Written before each flush.
    bytes: usize,
    /// From one due time to the next.
    every: Duration,
}

/// Beside a sale, which flushes some ten times as often.
const WATCH: Pace = Pace { bytes: 4 << 10, every: Duration::from_millis(20) };
/// About what a sale at half of its peak has flushed, on either store.
const COMMITS: Pace = Pace { bytes: 16 << 10, every: Duration::from_millis(2) };
/// How long nothing is sold then, and how long before it: the file system is still busy with the store that was deleted.
const ALONE: Duration = Duration::from_secs(30);
const SETTLING: Duration = Duration::from_secs(10);
const QUICK: Duration = Duration::from_secs(1);

/// One flush.
#[derive(Debug)]
struct Flush {
    begun: Instant,
    took: Duration,
    /// How late it was begun after a sleep, if after one.
    late: Duration,
}

/// What became of flushes.
#[derive(Debug, Default)]
struct Flushes {
    all: Vec<Flush>,
    /// Of each due time, how long it was until a flush that began after it was done.
    waits: Vec<Duration>,
}

impl Flushes {
    /// The wait that this share of all is below, in ms.
    fn wait_millis(&self, share: f64) -> Option<f64> {
        let mut waits = self.waits.clone();
        waits.sort_unstable();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is below the length")]
        let at = (waits.len() as f64 * share) as usize;
        waits.get(at).map(|wait| millis(*wait))
    }

    /// What was seen between two moments.
    fn facts(&self, from: Instant, to: Instant) -> BTreeMap<&'static str, f64> {
        let within = |flush: &&Flush| flush.begun < to && flush.begun + flush.took > from;
        let seen: Vec<&Flush> = self.all.iter().filter(within).collect();
        let most = |of: fn(&Flush) -> Duration| seen.iter().map(|flush| of(flush)).max().unwrap_or_default();
        let part = |flush: &Flush| (flush.begun + flush.took).min(to) - flush.begun.max(from);
        let long: Duration = seen.iter().filter(|flush| flush.took > LONG).map(|flush| part(flush)).sum();
        BTreeMap::from([
            (LONGEST, millis(most(|flush| flush.took))),
            (LATE, millis(most(|flush| flush.late))),
            (IN_LONG, long.as_secs_f64() / (to - from).as_secs_f64().max(f64::MIN_POSITIVE) * 100.0),
        ])
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Somebody who flushes until he is told to stop. Dropping it stops him without waiting for it.
pub(crate) struct Flusher {
    stop: SyncSender<()>,
    thread: JoinHandle<std::io::Result<Flushes>>,
}

impl Flusher {
    /// Lets somebody flush beside a sale, on the disk that the store is on.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub(crate) fn beside(ground: &Ground) -> anyhow::Result<Self> {
        Self::start(ground, WATCH)
    }

    fn start(ground: &Ground, pace: Pace) -> anyhow::Result<Self> {
        let file = tempfile::tempfile_in(store_folder(ground.store, &ground.binary)?)?;
        file.write_all_at(&vec![0; RING_BYTES], 0)?;
        file.sync_all()?;
        let (stop, stopped) = sync_channel(0);
        let is_over = move |wait| !matches!(stopped.recv_timeout(wait), Err(RecvTimeoutError::Timeout));
        let thread = std::thread::Builder::new().name("flusher".to_owned());
        let thread = thread.spawn(move || flush(&file, pace, is_over))?;
        Ok(Self { stop, thread })
    }

    /// Stops him, and says what he saw between two moments.
    ///
    /// # Errors
    /// When a flush failed.
    pub(crate) fn saw(self, from: Instant, to: Instant) -> anyhow::Result<BTreeMap<&'static str, f64>> {
        Ok(self.stop()?.facts(from, to))
    }

    fn stop(self) -> anyhow::Result<Flushes> {
        drop(self.stop);
        let flushes = self.thread.join().map_err(|_| anyhow!("the thread that flushes panicked"))?;
        flushes.context("a file cannot be flushed")
    }
}

/// Flushes until it is over, which is waited for until the next one is due. As with commits, one flush is for all that were due when it
/// began, and the last one is for those that are due at the end.
fn flush(file: &File, pace: Pace, mut is_over: impl FnMut(Duration) -> bool) -> std::io::Result<Flushes> {
    let bytes = vec![b'x'; pace.bytes];
    let (mut flushes, mut due, mut at) = (Flushes::default(), Instant::now(), 0);
    loop {
        let wait = due.saturating_duration_since(Instant::now());
        let is_last = is_over(wait);
        let begun = Instant::now();
        if is_last && begun < due {
            return Ok(flushes);
        }
        file.write_all_at(&bytes, at)?;
        file.sync_data()?;
        let done = Instant::now();
        let late = if wait.is_zero() { Duration::ZERO } else { begun - due };
        flushes.all.push(Flush { begun, took: done - begun, late });
        while due <= begun {
            flushes.waits.push(done - due);
            due += pace.every;
        }
        if is_last {
            return Ok(flushes);
        }
        at = (at + bytes.len() as u64) % RING_BYTES as u64;
    }
}

/// What flushes wait for where nothing is sold: p99, p50 and p99.9 in ms, from when each was due until it was done, of somebody who
/// does nothing else.
///
/// # Errors
/// When nothing can be written.
pub(crate) async fn alone(ground: &Ground) -> anyhow::Result<Figures> {
    Command::new("sync").status().context("sync cannot be run")?;
    tokio::time::sleep(ground.or_quick(SETTLING, QUICK)).await;
    let flusher = Flusher::start(ground, COMMITS)?;
    let from = Instant::now();
    tokio::time::sleep(ground.or_quick(ALONE, QUICK)).await;
    let to = Instant::now();
    let flushes = flusher.stop()?;
    let wait = |share| flushes.wait_millis(share).context("nothing was flushed");
    let mut facts = flushes.facts(from, to);
    facts.extend([(fact::P50, wait(0.5)?), (fact::P999, wait(0.999)?)]);
    Ok(Figures { value: wait(0.99)?, facts, ..Figures::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn what_is_seen_is_of_the_load_and_of_nothing_else() {
        let start = Instant::now();
        let flush = |at, took, late| Flush { begun: start + ms(at), took: ms(took), late: ms(late) };
        // Before the load, half before it, a common one, a long one, half after it, and after it.
        let all = vec![
            flush(0, 90, 80),
            flush(980, 40, 0),
            flush(1_100, 2, 3),
            flush(1_200, 50, 0),
            flush(1_990, 30, 1),
            flush(2_100, 70, 60),
        ];
        let facts = Flushes { all, waits: Vec::new() }.facts(start + ms(1_000), start + ms(2_000));
        assert_eq!((facts[LONGEST], facts[LATE], facts[IN_LONG]), (50.0, 3.0, 8.0));
    }

    #[test]
    fn a_share_of_the_waits_is_below_the_one_that_is_told() {
        let waits = (0..1_000).rev().map(ms).collect();
        let flushes = Flushes { all: Vec::new(), waits };
        let told = [0.5, 0.99, 0.999].map(|share| flushes.wait_millis(share));
        assert_eq!(told, [Some(500.0), Some(990.0), Some(999.0)]);
        assert_eq!(Flushes::default().wait_millis(0.99), None);
    }

    #[test]
    fn one_flush_is_for_all_that_are_due_and_nobody_is_forgotten() {
        let file = tempfile::tempfile().expect("a file");
        let pace = Pace { bytes: 4 << 10, every: Duration::from_nanos(50) };
        let began = Instant::now();
        let mut left = 5;
        let flushes = flush(&file, pace, |_| {
            left -= 1;
            left == 0
        });
        let flushes = flushes.expect("a disk");
        // Nothing flushes within this, a file system in memory neither, so at the end some are due.
        assert_eq!(flushes.all.len(), 5);
        let last = &flushes.all[4];
        let due = (last.begun - began).as_nanos() / 50;
        assert!(flushes.waits.len() as u128 <= due + 1, "{} of {due}", flushes.waits.len());
        assert!(flushes.waits.last().is_some_and(|wait| *wait >= last.took), "the last flush was for nobody");
        assert!(flushes.waits.len() > 5, "one flush was for one alone");
    }

    #[test]
    fn nothing_is_flushed_that_is_not_due() {
        let file = tempfile::tempfile().expect("a file");
        let pace = Pace { bytes: 4 << 10, every: Duration::from_secs(3_600) };
        let mut asked = 0;
        let flushes = flush(&file, pace, |_| {
            asked += 1;
            asked == 2
        });
        assert_eq!(flushes.expect("a disk").all.len(), 1);
    }
}
