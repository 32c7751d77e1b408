//! What is seen while a storm runs.

use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use crate::Outcome;

/// What a storm is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Asking what is for sale, and connecting.
    Preparing,
    /// Buyers come.
    Load,
    /// Waiting until holds that were left alone have lapsed.
    Lapsing,
    /// Reading the server's account for the verdict, once those who storm beside are done as well.
    Auditing,
    /// Over.
    Done,
}

/// Where a storm stands; taken about ten times a second.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Snapshot {
    /// Since the start of the load.
    pub elapsed: Duration,
    /// Requests that have ended, by position in [`Outcome::ALL`].
    pub outcomes: [u64; Outcome::COUNT],
    /// Requests a second since the last snapshot.
    pub requests_per_second: f64,
    /// Buyers that have gone home.
    pub buyers_ended: u64,
    /// Buyers that are to come in all.
    pub buyers: u64,
    /// Places left by what buyers were told, where that is known.
    pub left: Option<u64>,
}

impl Snapshot {
    /// Requests that ended this way.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome.index()]
    }

    /// All requests that have ended.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.outcomes.iter().sum()
    }
}

/// Watches a storm. Called on the task that runs it, so it must be quick.
pub trait Observer {
    /// The storm begins with something else.
    fn phase(&mut self, phase: Phase) {
        let _ = phase;
    }

    /// Where it stands.
    fn progress(&mut self, snapshot: &Snapshot) {
        let _ = snapshot;
    }
}

/// Watches nothing.
impl Observer for () {}

impl<O: Observer + ?Sized> Observer for &mut O {
    fn phase(&mut self, phase: Phase) {
        (**self).phase(phase);
    }

    fn progress(&mut self, snapshot: &Snapshot) {
        (**self).progress(snapshot);
    }
}

/// A live display on standard error.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Draws on standard error; nothing where that is no terminal.
    #[must_use]
    pub fn terminal() -> Self {
        let bar = ProgressBar::new(0);
        let template =
            "{spinner} {prefix}  {elapsed_precise}  {wide_bar} {human_pos}/{human_len} buyers\n  {msg}";
        // A template that cannot be parsed leaves the plain bar; a test sees to it that it can.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar }
    }
}

impl Observer for Progress {
    fn phase(&mut self, phase: Phase) {
        match phase {
            Phase::Preparing => self.bar.set_prefix("preparing"),
            Phase::Load => {
                self.bar.reset_elapsed();
                self.bar.set_prefix("storm");
            }
            Phase::Lapsing => self.bar.set_prefix("waiting for holds to lapse"),
            Phase::Auditing => self.bar.set_prefix("reading the server's orders"),
            Phase::Done => self.bar.finish_and_clear(),
        }
    }

    fn progress(&mut self, snapshot: &Snapshot) {
        self.bar.set_length(snapshot.buyers);
        self.bar.set_position(snapshot.buyers_ended);
        self.bar.set_message(line(snapshot));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // A storm that failed must not leave half a display above the error.
        self.bar.finish_and_clear();
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is not negative")]
fn line(snapshot: &Snapshot) -> String {
    let mut line = format!("{}/s", HumanCount(snapshot.requests_per_second.round() as u64));
    for outcome in Outcome::ALL {
        let count = snapshot.count(outcome);
        if count > 0 {
            line += &format!(" · {} {}", HumanCount(count), outcome.title());
        }
    }
    if let Some(left) = snapshot.left {
        line += &format!(" · {} places left", HumanCount(left));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_happened_and_nothing_else() {
        let mut outcomes = [0; Outcome::COUNT];
        outcomes[Outcome::Booked.index()] = 1_234;
        let snapshot = Snapshot {
            elapsed: Duration::from_secs(1),
            outcomes,
            requests_per_second: 12_345.6,
            buyers_ended: 1_000,
            buyers: 2_000,
            left: Some(7),
        };
        assert_eq!(line(&snapshot), "12,346/s · 1,234 booked · 7 places left");
        assert_eq!(snapshot.requests(), 1_234);
    }

    #[test]
    fn the_display_follows_a_storm() {
        let mut progress = Progress::terminal();
        progress.phase(Phase::Load);
        let snapshot = Snapshot {
            elapsed: Duration::ZERO,
            outcomes: [0; Outcome::COUNT],
            requests_per_second: 0.0,
            buyers_ended: 3,
            buyers: 5,
            left: None,
        };
        progress.progress(&snapshot);
        assert_eq!((progress.bar.position(), progress.bar.length()), (3, Some(5)));
        progress.phase(Phase::Done);
        assert!(progress.bar.is_finished());
    }
}
