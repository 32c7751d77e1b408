//! The machine that all of it runs on, and what its disk does.

use std::io::Write as _;
use std::path::Path;

use serde::Serialize;
use tokio::time::Instant;

/// The kernel counts processor time for user space in hundredths of a second.
const TICKS_PER_SECOND: f64 = 100.0;
/// Flushes of the disk's figure, and what each flushes.
const FLUSHES: usize = 1_000;
const FLUSH_BYTES: usize = 4_096;
/// Where the kernel says when it writes, in hundredths of a second.
const DIRTY_AGE: &str = "/proc/sys/vm/dirty_expire_centisecs";
const DIRTY_EVERY: &str = "/proc/sys/vm/dirty_writeback_centisecs";

/// What a figure must not be quoted without.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory_gib: f64,
    pub(crate) kernel: String,
    pub(crate) system: String,
    /// When the kernel writes to the disk what nobody flushes: such a burst stands before everybody's flush.
    pub(crate) writeback: Option<Writeback>,
    /// Of the folder that the embedded store is in, and of PostgreSQL's.
    pub(crate) disks: Vec<Disk>,
    pub(crate) measured_at: String,
}

/// The kernel's own writing of pages that are only in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Writeback {
    /// How old a page must be.
    pub(crate) age_centiseconds: u32,
    /// How often it looks for them.
    pub(crate) every_centiseconds: u32,
}

/// A folder's disk.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Disk {
    pub(crate) of: &'static str,
    /// Kind and options.
    pub(crate) file_system: String,
    /// A write of 4 KiB until it is flushed, measured here and now.
    pub(crate) flush_micros_median: f64,
    pub(crate) flush_micros_p99: f64,
}

impl Machine {
    /// Reads what the system tells, and flushes for a moment in each folder.
    pub(crate) fn read(store: &Path, postgres: &Path) -> anyhow::Result<Self> {
        let file = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let machine = storm::Machine::read();
        let memory_kib = field(&file("/proc/meminfo"), "MemTotal:").unwrap_or(0.0);
        let release = file("/etc/os-release");
        let system = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
        let date = std::process::Command::new("date").args(["-u", "+%Y-%m-%dT%H:%MZ"]).output()?;
        Ok(Self {
            processor: machine.processor,
            cores: machine.cores,
            memory_gib: (memory_kib / 1024.0 / 1024.0 * 10.0).round() / 10.0,
            kernel: format!("Linux {}", machine.kernel),
            system: system.unwrap_or_default().trim_matches('"').to_owned(),
            writeback: Writeback::of(&file(DIRTY_AGE), &file(DIRTY_EVERY)),
            disks: vec![
                Disk::of("the embedded store", store, FLUSHES)?,
                Disk::of("PostgreSQL", postgres, FLUSHES)?,
            ],
            measured_at: String::from_utf8_lossy(&date.stdout).trim().to_owned(),
        })
    }
}

/// Cores that this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

impl Writeback {
    /// From what the two files say; `None` where there are none.
    fn of(age: &str, every: &str) -> Option<Self> {
        let centiseconds = |told: &str| told.trim().parse().ok();
        Some(Self { age_centiseconds: centiseconds(age)?, every_centiseconds: centiseconds(every)? })
    }
}

impl std::fmt::Display for Writeback {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = |centiseconds: u32| f64::from(centiseconds) / 100.0;
        write!(
            out,
            "after {} s, looked for each {} s",
            seconds(self.age_centiseconds),
            seconds(self.every_centiseconds)
        )
    }
}

impl Disk {
    fn of(of: &'static str, folder: &Path, flushes: usize) -> anyhow::Result<Self> {
        let mut file = tempfile::tempfile_in(folder)?;
        let mut micros = Vec::with_capacity(flushes);
        for _ in 0..flushes {
            let start = Instant::now();
            file.write_all(&[b'x'; FLUSH_BYTES])?;
            file.sync_data()?;
            micros.push(start.elapsed().as_secs_f64() * 1e6);
        }
        micros.sort_by(f64::total_cmp);
        let mounts = std::fs::read_to_string("/proc/self/mountinfo")?;
        Ok(Self {
            of,
            file_system: file_system(&mounts, &folder.canonicalize()?),
            flush_micros_median: micros[flushes / 2].round(),
            flush_micros_p99: micros[flushes * 99 / 100].round(),
        })
    }
}

/// Kind and options of the file system that a path is on: of the mounts that it is below, the deepest, and of those that
/// cover each other the last.
fn file_system(mounts: &str, path: &Path) -> String {
    let mount = |line: &str| {
        let (left, right) = line.split_once(" - ")?;
        let mut left = left.split(' ').skip(4);
        let (point, options) = (left.next()?.to_owned(), left.next()?);
        path.starts_with(&point)
            .then(|| (point, format!("{} ({options})", right.split(' ').next().unwrap_or_default())))
    };
    let deepest = mounts.lines().filter_map(mount).max_by_key(|(point, _)| point.len());
    deepest.map(|(_, told)| told).unwrap_or_default()
}

/// The number behind a name at the beginning of a line.
fn field(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.split_ascii_whitespace().next()?.parse().ok())
}

/// Time that all cores together have worked so far, in seconds.
pub(crate) fn busy_seconds() -> f64 {
    busy(&std::fs::read_to_string("/proc/stat").unwrap_or_default()).unwrap_or(0.0)
}

/// Of the first line: user, nice and system time, and interrupts; neither idle time nor what others took.
fn busy(stat: &str) -> Option<f64> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<f64> = line.split_ascii_whitespace().filter_map(|word| word.parse().ok()).collect();
    let working = [0, 1, 2, 5, 6].map(|at| ticks.get(at).copied().unwrap_or(0.0));
    Some(working.iter().sum::<f64>() / TICKS_PER_SECOND)
}

/// What a process has in memory now and had at most, in MB of a million bytes.
pub(crate) fn resident_megabytes(process: u32) -> Option<(f64, f64)> {
    resident(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

fn resident(status: &str) -> Option<(f64, f64)> {
    let megabytes = |name| Some(field(status, name)? * 1_024.0 / 1e6);
    Some((megabytes("VmRSS:")?, megabytes("VmHWM:")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_mount_is_the_one() {
        let mounts = "1 0 8:1 / / rw,relatime shared:1 - ext4 /dev/vda rw\n\
                      2 1 0:5 / /tmp rw,nosuid - tmpfs tmpfs rw\n\
                      3 1 8:2 / /tmp/disk rw - xfs /dev/vdb rw\n";
        let of = |path: &str| file_system(mounts, Path::new(path));
        assert_eq!(of("/srv/x"), "ext4 (rw,relatime)");
        assert_eq!(of("/tmp/x"), "tmpfs (rw,nosuid)");
        assert_eq!(of("/tmp/disk/x"), "xfs (rw)");
        assert_eq!(of("/tmpdisk"), "ext4 (rw,relatime)");
    }

    #[test]
    fn idle_time_and_what_others_took_is_no_work() {
        assert_eq!(busy("cpu  100 200 300 9999 9999 40 60 7 0 0\ncpu0 1 2 3"), Some(7.0));
        assert_eq!(busy("intr 1"), None);
    }

    #[test]
    fn memory_is_told_in_megabytes() {
        let status = "Name:\tflashtix\nVmHWM:\t  200000 kB\nVmRSS:\t  100000 kB\n";
        assert_eq!(resident(status), Some((102.4, 204.8)));
        assert_eq!(resident("Name:\tx\n"), None);
    }

    #[test]
    fn when_the_kernel_writes_is_told_in_seconds() {
        let told = |age, every| Writeback::of(age, every).map(|writeback| writeback.to_string());
        assert_eq!(told("3000\n", "500\n").as_deref(), Some("after 30 s, looked for each 5 s"));
        assert_eq!(told("150", "50").as_deref(), Some("after 1.5 s, looked for each 0.5 s"));
        assert_eq!(told("", "500"), None);
    }

    #[test]
    fn a_disk_takes_time() {
        let disk = Disk::of("a test", &std::env::temp_dir(), 20).expect("a folder");
        assert!(disk.flush_micros_median > 0.0 && disk.flush_micros_p99 >= disk.flush_micros_median);
        assert!(!disk.file_system.is_empty());
    }
}
