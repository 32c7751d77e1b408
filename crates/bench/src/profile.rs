//! Where a server's time goes while it is loaded: Linux's `perf` samples its stacks and counts what it asks of the kernel.
//!
//! Sampling costs the server time of its own, so a run that is profiled is for its profile and not for its figure.

pub(crate) mod stacks;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};

use crate::plot;
use stacks::Stacks;

/// Samples a second and thread.
const SAMPLES_PER_SECOND: u32 = 299;
/// How much of a stack is kept with a sample, in bytes: futures within futures are deep.
const STACK_BYTES: u32 = 16_384;
/// What is counted, by its name in `perf stat`, and in words.
const COUNTED: [(&str, &str); 3] = [
    ("raw_syscalls:sys_enter", "system calls"),
    ("context-switches", "context switches"),
    ("page-faults", "page faults"),
];
/// Owners of time that are told; the rest is little.
const OWNERS_TOLD: usize = 8;

/// `perf`, attached to processes.
pub(crate) struct Recording {
    samples: Child,
    counts: Child,
    folder: tempfile::TempDir,
}

/// What was found during one load.
pub(crate) struct Profile {
    stacks: Stacks,
    counts: BTreeMap<&'static str, f64>,
    /// Processor time of the processes, in seconds.
    seconds: f64,
    requests: f64,
}

impl Recording {
    /// Begins to watch.
    ///
    /// # Errors
    /// When `perf` cannot be run.
    pub(crate) fn start(processes: &[u32]) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let processes = processes.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let perf = |arguments: &[&str]| {
            Command::new("perf")
                .args(arguments)
                .args(["--pid", &processes])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .context("perf cannot be run; Debian has it in linux-perf")
        };
        let (samples, counts) = (data(folder.path()), counts(folder.path()));
        let graph = format!("dwarf,{STACK_BYTES}");
        let rate = SAMPLES_PER_SECOND.to_string();
        let events = COUNTED.map(|(event, _)| event).join(",");
        let path = |path: &PathBuf| path.display().to_string();
        Ok(Self {
            samples: perf(&["record", "--call-graph", &graph, "--freq", &rate, "--output", &path(&samples)])?,
            counts: perf(&[
                "stat",
                "--field-separator",
                ";",
                "--event",
                &events,
                "--output",
                &path(&counts),
            ])?,
            folder,
        })
    }

    /// Ends watching.
    ///
    /// # Errors
    /// When `perf` has ended by itself.
    pub(crate) fn stop(&mut self) -> anyhow::Result<()> {
        for child in [&mut self.samples, &mut self.counts] {
            // It writes what it has when it is interrupted.
            let interrupted = format!("kill -INT {}", child.id());
            ensure!(Command::new("sh").args(["-c", &interrupted]).status()?.success(), "perf has ended");
            child.wait()?;
        }
        Ok(())
    }

    /// What was found until it was stopped; `seconds` and `requests` are what the processes worked and did meanwhile.
    ///
    /// # Errors
    /// When `perf` has nothing to say.
    pub(crate) fn read(self, seconds: f64, requests: f64) -> anyhow::Result<Profile> {
        let script = Command::new("perf")
            .args(["script", "--no-inline", "--fields", "comm,ip,sym,dso", "--input"])
            .arg(data(self.folder.path()))
            .stderr(Stdio::null())
            .output()?;
        let stacks = Stacks::read(&String::from_utf8_lossy(&script.stdout));
        ensure!(stacks.samples() > 0, "perf has taken no samples; is kernel.perf_event_paranoid above 1?");
        let told = std::fs::read_to_string(counts(self.folder.path()))?;
        Ok(Profile { stacks, counts: counted(&told), seconds, requests })
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        for child in [&mut self.samples, &mut self.counts] {
            // It may have ended.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

fn data(folder: &Path) -> PathBuf {
    folder.join("perf.data")
}

fn counts(folder: &Path) -> PathBuf {
    folder.join("counts.csv")
}

/// What `perf stat` says in its lines of `count;unit;event;…`.
fn counted(told: &str) -> BTreeMap<&'static str, f64> {
    let count = |line: &str| {
        let mut fields = line.split(';');
        let (count, _, event) = (fields.next()?.parse().ok()?, fields.next()?, fields.next()?);
        let (_, name) = COUNTED.into_iter().find(|(known, _)| *known == event)?;
        Some((name, count))
    };
    told.lines().filter_map(count).collect()
}

impl Profile {
    pub(crate) fn samples(&self) -> u64 {
        self.stacks.samples()
    }

    /// As a picture.
    fn flames(&self, title: &str) -> String {
        plot::flames(title, &self.stacks)
    }

    /// The head of the table of which [`Self::row`] gives a row.
    fn head() -> String {
        let counted = COUNTED.map(|(_, name)| name).join(" | ");
        let columns = "| --- ".repeat(COUNTED.len() + 4);
        format!("| what | requests | server, µs | {counted} | whose time it was |\n{columns}|\n")
    }

    /// What a request cost, counted and by whose code it was.
    fn row(&self, name: &str) -> String {
        let each = |sum: f64| sum / self.requests.max(1.0);
        let mut row = format!("| {name} | {:.0} | {:.1} |", self.requests, each(self.seconds) * 1e6);
        for (_, counted) in COUNTED {
            let told = self.counts.get(counted).map(|count| format!("{:.2}", each(*count)));
            write!(row, " {} |", told.unwrap_or_default()).expect("a text takes what is written to it");
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
        let file: String =
            name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
        let file = format!("flames-{}.svg", file.to_lowercase().replace("--", "-"));
        self.pictures.push((file, profile.flames(&name)));
    }

    /// Writes profiles.md and a picture for each load; nothing when nothing was profiled.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        if self.pictures.is_empty() {
            return Ok(());
        }
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("profiles.md"), Profile::head() + &self.rows)?;
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
        let told = "# started on a day\n\n2000;;raw_syscalls:sys_enter;99;100.00;1;K/sec\n\
                    <not counted>;;page-faults;0;0.00;;\n500;;context-switches;99;100.00;1;K/sec\n";
        let counts = counted(told);
        assert_eq!(counts, BTreeMap::from([("context switches", 500.0), ("system calls", 2_000.0)]));
        let stacks = Stacks::read("http \n\t  1 engine::a (/x/flashtix)\n\n");
        let profile = Profile { stacks, counts, seconds: 0.02, requests: 1_000.0 };
        assert_eq!(profile.row("x"), "| x | 1000 | 20.0 | 2.00 | 0.50 |  | engine 100 % |\n");
    }
}
