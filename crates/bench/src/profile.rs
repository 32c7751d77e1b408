//! Where a server's time goes while it is loaded: Linux's `perf` samples its stacks and counts what it asks of the kernel.
//!
//! Sampling costs the server time of its own, so a run that is profiled is for its profile and has no figure.

pub(crate) mod stacks;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::time::Instant;

use crate::plot;
use stacks::Stacks;

/// Samples a second and thread.
const SAMPLES_PER_SECOND: u32 = 299;
/// How much of a stack is kept with a sample, in bytes: futures within futures are deep.
const STACK_BYTES: u32 = 16_384;
/// Processor time, in ms.
const WORKED: &str = "task-clock";
/// What is counted, by its name in `perf stat`, and in words.
const COUNTED: [(&str, &str); 3] = [
    (SYSTEM_CALLS, "system calls"),
    ("context-switches", "context switches"),
    ("page-faults", "page faults"),
];
/// Only who may read the kernel's trace points, root as a rule, may count these.
const SYSTEM_CALLS: &str = "raw_syscalls:sys_enter";
const SYSTEM_CALLS_POINT: &str = "/sys/kernel/tracing/events/raw_syscalls/sys_enter/id";
/// Owners of time that are told; the rest is little.
const OWNERS_TOLD: usize = 8;

/// Profiles loads, and keeps the profile of the longest.
#[derive(Default)]
pub(crate) struct Profiler {
    kept: RefCell<Option<Profile>>,
    is_recording: Cell<bool>,
    has_overlap: Cell<bool>,
}

impl Profiler {
    /// Begins to watch processes; nothing while others are watched, whose profile would then be of two loads.
    ///
    /// # Errors
    /// When `perf` cannot be run.
    pub(crate) fn start(&self, processes: &[u32]) -> anyhow::Result<Option<Recording>> {
        if self.is_recording.replace(true) {
            self.has_overlap.set(true);
            return Ok(None);
        }
        self.has_overlap.set(false);
        Recording::start(processes).map(Some)
    }

    /// Ends watching.
    ///
    /// # Errors
    /// When `perf` has ended by itself, or its words cannot be read.
    pub(crate) fn stop(&self, recording: Recording) -> anyhow::Result<Option<Recorded>> {
        self.is_recording.set(false);
        let recorded = recording.stop()?;
        Ok((!self.has_overlap.get()).then_some(recorded))
    }

    /// Keeps what was found during a load of so many requests a second, if it is of more than what is kept.
    ///
    /// # Errors
    /// When `perf` cannot read what it wrote.
    pub(crate) fn keep(&self, recorded: &Recorded, requests_per_second: f64) -> anyhow::Result<()> {
        self.keep_longer(recorded.read(requests_per_second)?);
        Ok(())
    }

    fn keep_longer(&self, profile: Profile) {
        let mut kept = self.kept.borrow_mut();
        // A load may be over before perf is there.
        if profile.stacks.samples() > kept.as_ref().map_or(0, |kept| kept.stacks.samples()) {
            *kept = Some(profile);
        }
    }

    /// What is kept, which then is kept no longer.
    pub(crate) fn take(&self) -> Option<Profile> {
        self.is_recording.set(false);
        self.kept.take()
    }
}

/// A `perf` that ends with this.
struct Perf(Child);

impl Perf {
    fn start(arguments: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new("perf");
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self(command.spawn().context("perf cannot be run; Debian has it in linux-perf")?))
    }

    /// Has it write what it has.
    fn interrupt(&mut self) -> anyhow::Result<()> {
        ensure!(self.0.try_wait()?.is_none(), "perf has ended; may it watch other processes?");
        let interrupt = format!("kill -INT {}", self.0.id());
        ensure!(
            Command::new("sh").args(["-c", &interrupt]).status()?.success(),
            "perf cannot be interrupted"
        );
        Ok(())
    }
}

impl Drop for Perf {
    fn drop(&mut self) {
        // It may have ended.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// `perf`, attached to processes.
pub(crate) struct Recording {
    samples: Perf,
    counts: Perf,
    /// When counting was asked for, a little before it began. `perf` has a `duration_time` of its own, but counts it once for each thread,
    /// and adds it up.
    since: Instant,
    folder: tempfile::TempDir,
}

impl Recording {
    fn start(processes: &[u32]) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let processes = processes.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let path = |path: PathBuf| path.display().to_string();
        let (samples, counts) = (path(samples_in(folder.path())), path(counts_in(folder.path())));
        let graph = format!("dwarf,{STACK_BYTES}");
        let rate = SAMPLES_PER_SECOND.to_string();
        let may_count = |event: &&str| *event != SYSTEM_CALLS || std::fs::read(SYSTEM_CALLS_POINT).is_ok();
        let events = [WORKED].into_iter().chain(COUNTED.map(|(event, _)| event));
        let events = events.filter(may_count).collect::<Vec<_>>().join(",");
        let record =
            ["record", "--call-graph", &graph, "--freq", &rate, "--output", &samples, "--pid", &processes];
        let stat =
            ["stat", "--field-separator", ";", "--event", &events, "--output", &counts, "--pid", &processes];
        let (samples, counts) = (Perf::start(&record)?, Perf::start(&stat)?);
        Ok(Self { samples, counts, since: Instant::now(), folder })
    }

    fn stop(mut self) -> anyhow::Result<Recorded> {
        self.counts.interrupt()?;
        let passed = self.since.elapsed();
        self.samples.interrupt()?;
        self.counts.0.wait()?;
        self.samples.0.wait()?;
        Ok(Recorded { folder: self.folder, passed })
    }
}

/// What `perf` wrote.
pub(crate) struct Recorded {
    folder: tempfile::TempDir,
    passed: Duration,
}

impl Recorded {
    fn read(&self, requests_per_second: f64) -> anyhow::Result<Profile> {
        let script = Command::new("perf")
            .args(["script", "--no-inline", "--fields", "comm,ip,sym,dso", "--input"])
            .arg(samples_in(self.folder.path()))
            .stderr(Stdio::null())
            .output()?;
        let stacks = Stacks::read(&String::from_utf8_lossy(&script.stdout));
        // It is not there if it was interrupted before it began.
        let told = std::fs::read_to_string(counts_in(self.folder.path())).unwrap_or_default();
        Ok(Profile { stacks, counts: counted(&told), passed: self.passed, requests_per_second })
    }
}

fn samples_in(folder: &Path) -> PathBuf {
    folder.join("perf.data")
}

fn counts_in(folder: &Path) -> PathBuf {
    folder.join("counts.csv")
}

/// What `perf stat` says in its lines of `count;unit;event;…`.
fn counted(told: &str) -> BTreeMap<String, f64> {
    let count = |line: &str| {
        let mut fields = line.split(';');
        let (count, _, event) = (fields.next()?.parse().ok()?, fields.next()?, fields.next()?);
        Some((event.to_owned(), count))
    };
    told.lines().filter_map(count).collect()
}

/// What was found during one load.
pub(crate) struct Profile {
    stacks: Stacks,
    counts: BTreeMap<String, f64>,
    /// How long everything was counted.
    passed: Duration,
    requests_per_second: f64,
}

impl Profile {
    /// The head of the table of which [`Self::row`] gives a row.
    fn head() -> String {
        let counted = COUNTED.map(|(_, name)| name).join(" | ");
        let columns = "| --- ".repeat(COUNTED.len() + 4);
        format!("| what | requests/s | server, µs each | {counted} | whose time it was |\n{columns}|\n")
    }

    /// What a request cost, and by whose code it was. All of it was counted over the same time, which is not the whole load: `perf`
    /// comes a little late.
    fn row(&self, name: &str) -> String {
        let each = |event: &str| {
            let requests = self.passed.as_secs_f64() * self.requests_per_second;
            (requests > 0.0).then_some(self.counts.get(event)? / requests)
        };
        let worked = each(WORKED).map(|millis| format!("{:.1}", millis * 1e3)).unwrap_or_default();
        let mut row = format!("| {name} | {:.0} | {worked} |", self.requests_per_second);
        for (event, _) in COUNTED {
            let told = each(event).map(|count| format!("{count:.2}")).unwrap_or_default();
            write!(row, " {told} |").expect("a text takes what is written to it");
        }
        let owners = self.stacks.owners();
        let told: Vec<String> = owners
            .into_iter()
            .take(OWNERS_TOLD)
            .map(|(owner, share)| format!("{owner} {:.0} %", share * 100.0))
            .collect();
        format!("{row} {} |\n", told.join(", "))
    }
}

/// The profiles of many loads.
#[derive(Default)]
pub(crate) struct Profiles {
    rows: String,
    pictures: Vec<(String, String)>,
}

impl Profiles {
    pub(crate) fn add(&mut self, workload: &str, case: &str, profile: &Profile) {
        let name = format!("{workload}, {case}");
        self.rows.push_str(&profile.row(&name));
        let words: String =
            name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { ' ' }).collect();
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let picture = plot::flames(&name, &profile.stacks);
        self.pictures.push((format!("flames-{}.svg", words.join("-")), picture));
    }

    /// What each request cost.
    pub(crate) fn table(&self) -> String {
        Profile::head() + &self.rows
    }

    /// Writes profiles.md, and a picture of each load.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("profiles.md"), self.table())?;
        for (file, picture) in &self.pictures {
            std::fs::write(folder.join(file), picture)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told_a_request() {
        let told = "# started on a day\n\n40.00;msec;task-clock;99;100.00;1;CPUs\n\
                    2000;;raw_syscalls:sys_enter;99;100.00;1;K/sec\n<not counted>;;page-faults;0;0.00;;\n\
                    500;;context-switches;99;100.00;1;K/sec\n";
        let stacks = Stacks::read("http \n\t  1 engine::a (/x/flashtix)\n\n");
        let of = |stacks, told| {
            let passed = Duration::from_secs(2);
            Profile { stacks, counts: counted(told), passed, requests_per_second: 500.0 }
        };
        let profile = of(stacks, told);
        assert_eq!(profile.row("x"), "| x | 500 | 40.0 | 2.00 | 0.50 |  | engine 100 % |\n");
        let stacks = Stacks::read("");
        let nothing = of(stacks, "");
        assert_eq!(nothing.row("x"), "| x | 500 |  |  |  |  |  |\n");
    }

    #[test]
    fn of_two_profiles_the_longer_is_kept() {
        let sample = "http \n\t  1 engine::a (/x/flashtix)\n\n";
        let of = |samples: usize| {
            let stacks = Stacks::read(&sample.repeat(samples));
            Profile { stacks, counts: BTreeMap::new(), passed: Duration::ZERO, requests_per_second: 1.0 }
        };
        let profiler = Profiler::default();
        profiler.keep_longer(of(0));
        assert!(profiler.take().is_none(), "a load that was over too soon has no profile");
        for samples in [2, 3, 1] {
            profiler.keep_longer(of(samples));
        }
        assert_eq!(profiler.take().map(|kept| kept.stacks.samples()), Some(3));
        assert!(profiler.take().is_none(), "what was taken is kept no longer");
    }

    #[test]
    fn what_cannot_be_interrupted_is_told() {
        let mut ended = Perf(Command::new("true").spawn().expect("it is everywhere"));
        ended.0.wait().expect("it ends");
        assert!(ended.interrupt().is_err_and(|told| told.to_string().contains("has ended")));
    }
}
