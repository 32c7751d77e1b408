//! Adds up the `test result:` lines of many test binaries.

use std::fmt;
use std::io::{BufRead, Write};

use anyhow::{Context as _, Result};

/// How many tests of the whole run ended how.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Totals {
    /// Tests that passed.
    pub(super) passed: u64,
    /// Tests that failed.
    pub(super) failed: u64,
    /// Tests that were not run: examples in documentation marked so. The house rules allow no others.
    pub(super) skipped: u64,
}

impl fmt::Display for Totals {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(out, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

impl Totals {
    /// Adds what one line of a test runner's output reports; most lines report nothing.
    ///
    /// The line: `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s`.
    fn add(&mut self, line: &str) {
        let Some((_, report)) = line.split_once("test result:") else { return };
        for part in report.split(';') {
            let mut words = part.split_whitespace().rev();
            let (Some(word), Some(number)) = (words.next(), words.next()) else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }
}

/// Copies a test runner's output line by line, as it comes, and adds up what it reports.
///
/// # Errors
/// When reading or writing fails.
pub(super) fn copy(mut from: impl BufRead, to: &mut impl Write) -> Result<Totals> {
    let mut totals = Totals::default();
    let mut line = Vec::new();
    // Bytes, not strings: a test may print anything.
    while from.read_until(b'\n', &mut line).context("cannot read the test runner's output")? > 0 {
        to.write_all(&line).and_then(|()| to.flush()).context("cannot pass the test runner's output on")?;
        totals.add(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(totals)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_BINARIES: &[u8] = b"running 3 tests\ntest a ... ok\n\
        test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
        \xff not text\n\
        test result: FAILED. 4 passed; 2 failed; 1 ignored; 0 measured; 9 filtered out; finished in 1.20s";

    #[test]
    fn the_reports_of_all_binaries_are_added_up() {
        let mut passed_on = Vec::new();
        let totals = copy(TWO_BINARIES, &mut passed_on).expect("memory does not fail");
        assert_eq!(totals, Totals { passed: 7, failed: 2, skipped: 1 });
        assert_eq!(passed_on, TWO_BINARIES, "every byte is passed on");
    }

    #[test]
    fn the_plain_line_names_what_was_skipped_only_if_something_was() {
        let mut totals = Totals { passed: 7, failed: 0, skipped: 0 };
        assert_eq!(totals.to_string(), "7 passed, 0 failed");
        totals.skipped = 1;
        assert_eq!(totals.to_string(), "7 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn colours_do_not_hide_a_report() {
        let mut totals = Totals::default();
        totals
            .add("test result: \x1b[32mok\x1b[0m. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
        assert_eq!(totals.passed, 5);
    }
}
