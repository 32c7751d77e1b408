//! The committed figures, and whether what was counted is near enough.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use toml::Table;

/// How far a count may be from its committed figure, in percent, in both directions: a gain that is not committed to could be lost
/// again unseen.
///
/// Two counts of one program differ by a thousandth at most. The rest is for other versions of the C library and of the C compiler,
/// which no file here pins.
pub(super) const BAND_PERCENT: u64 = 3;

/// The table's first line.
pub(super) const HEADING: &str = "kernel            committed     counted    change   a repetition is to";

/// One kernel, as the example lists it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kernel {
    /// Its name.
    pub(super) name: String,
    /// How often it is repeated.
    pub(super) repetitions: u64,
    /// What a repetition does.
    pub(super) what: String,
}

impl Kernel {
    /// Reads `NAME\tREPETITIONS\tWHAT`.
    pub(super) fn listed(line: &str) -> Option<Self> {
        let mut parts = line.splitn(3, '\t');
        let (name, repetitions, what) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        (repetitions > 0).then(|| Self { name: name.to_owned(), repetitions, what: what.to_owned() })
    }
}

/// How a count stands to its figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is near enough.
    Within,
    /// It is not near enough to this figure.
    Without(u64),
    /// There is no figure.
    Unknown,
}

impl Verdict {
    /// Judges a count.
    pub(super) fn of(committed: Option<u64>, count: u64) -> Self {
        match committed {
            None => Self::Unknown,
            Some(committed) if committed.abs_diff(count) * 100 <= committed * BAND_PERCENT => Self::Within,
            Some(committed) => Self::Without(committed),
        }
    }

    /// What is wrong, if something is.
    pub(super) fn fault(self, kernel: &Kernel, count: u64) -> Option<String> {
        let Kernel { name, what, .. } = kernel;
        match self {
            Self::Within => None,
            Self::Without(committed) => Some(format!(
                "{name}: to {what} costs {} instructions, and {} are committed: {}, where {BAND_PERCENT} % are allowed",
                grouped(count),
                grouped(committed),
                change(committed, count),
            )),
            Self::Unknown => Some(format!(
                "{name}: to {what} costs {} instructions, and no figure is committed",
                grouped(count)
            )),
        }
    }
}

/// The figures that no kernel goes by.
pub(super) fn gone(kernels: &[Kernel], committed: &BTreeMap<String, u64>) -> Vec<String> {
    let is_known = |name: &&String| kernels.iter().any(|kernel| kernel.name == **name);
    committed.keys().filter(|name| !is_known(name)).cloned().collect()
}

/// Reads the committed figures.
///
/// # Errors
/// When they are no table of counts.
pub(super) fn read(text: &str) -> Result<BTreeMap<String, u64>> {
    let table: Table = text.parse()?;
    let figure = |(name, value): (String, toml::Value)| {
        let count = value.as_integer().and_then(|count| u64::try_from(count).ok());
        Ok((name.clone(), count.with_context(|| format!("{name} is no count"))?))
    };
    table.into_iter().map(figure).collect()
}

/// The figures as they are committed.
pub(super) fn written(figures: &BTreeMap<String, u64>) -> String {
    let mut text = "# What one repetition of each kernel costs, in instructions; see \"The guard\" in docs/benchmarks.md.\n\
                    # Written by `cargo xtask instructions --accept`.\n"
        .to_owned();
    for (name, count) in figures {
        text += &format!("{name} = {}\n", grouped(*count).replace(',', "_"));
    }
    text
}

/// One line of the table.
pub(super) fn line(kernel: &Kernel, committed: Option<u64>, count: u64) -> String {
    let Kernel { name, what, .. } = kernel;
    let before = committed.map_or_else(|| "none".to_owned(), grouped);
    let change = committed.map(|committed| change(committed, count)).unwrap_or_default();
    format!("{name:<16}{before:>11} {:>11} {change:>9}   {what}", grouped(count))
}

/// How much more a count is than its figure: `+3.2 %`.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn change(committed: u64, count: u64) -> String {
    format!("{:+.1} %", (count as f64 / committed as f64 - 1.0) * 100.0)
}

/// `1234567` as `1,234,567`.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel(name: &str) -> Kernel {
        Kernel { name: name.to_owned(), repetitions: 10, what: "do it".to_owned() }
    }

    #[test]
    fn a_kernel_is_read_as_it_is_listed() {
        assert_eq!(Kernel::listed("apply\t10\tdo it"), Some(kernel("apply")));
        for no_kernel in ["apply", "apply\t10", "apply\tmany\tdo it", "apply\t0\tdo it"] {
            assert_eq!(Kernel::listed(no_kernel), None, "{no_kernel:?}");
        }
    }

    #[test]
    fn the_band_ends_where_it_says_on_both_sides() {
        let band = 1_000 * BAND_PERCENT / 100;
        for count in [1_000, 1_000 + band, 1_000 - band] {
            assert_eq!(Verdict::of(Some(1_000), count), Verdict::Within, "{count}");
        }
        for count in [1_001 + band, 999 - band] {
            assert_eq!(Verdict::of(Some(1_000), count), Verdict::Without(1_000), "{count}");
        }
        assert_eq!(Verdict::of(None, 1_000), Verdict::Unknown);
        assert_eq!(Verdict::of(Some(0), 1), Verdict::Without(0), "nothing is no excuse");
    }

    #[test]
    fn a_fault_names_the_kernel_and_both_figures() {
        let fault = Verdict::Without(12_345).fault(&kernel("apply"), 13_579).expect("it is out of its band");
        let expected = "apply: to do it costs 13,579 instructions, and 12,345 are committed: +10.0 %, where 3 % are allowed";
        assert_eq!(fault, expected);
        let fault = Verdict::Unknown.fault(&kernel("apply"), 999).expect("it has no figure");
        assert_eq!(fault, "apply: to do it costs 999 instructions, and no figure is committed");
        assert_eq!(Verdict::Within.fault(&kernel("apply"), 12_345), None);
    }

    #[test]
    fn figures_are_read_as_they_were_written() {
        let figures = BTreeMap::from([("apply".to_owned(), 999), ("decide-booking".to_owned(), 1_234_567)]);
        assert_eq!(read(&written(&figures)).expect("it was written by us"), figures);
        assert!(read("apply = \"many\"").is_err());
        assert!(read("apply = -1").is_err());
    }

    #[test]
    fn a_figure_whose_kernel_is_gone_is_found() {
        let figures = BTreeMap::from([("apply".to_owned(), 1), ("read".to_owned(), 2)]);
        assert_eq!(gone(&[kernel("read"), kernel("new")], &figures), ["apply"]);
    }
}
