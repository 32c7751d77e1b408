//! What the generator costs, and others, read from `/proc`: a load that eats the server's cores says so.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The kernel counts CPU time for user space in hundredths of a second, on every architecture that
/// this runs on.
const TICKS_PER_SECOND: u64 = 100;

/// CPU time of the whole process so far; zero where there is no `/proc`.
pub(crate) fn of_this_process() -> Duration {
    from_stat("/proc/self/stat")
}

/// CPU time of a process so far; zero when it is gone.
#[must_use]
pub fn of_process(process: u32) -> Duration {
    from_stat(format!("/proc/{process}/stat"))
}

/// The calling thread's folder below `/proc`, for others to read of it.
///
/// # Errors
/// Where there is no `/proc`.
pub fn this_thread() -> io::Result<PathBuf> {
    Ok(Path::new("/proc").join(std::fs::read_link("/proc/thread-self")?))
}

/// CPU time of the calling thread so far.
pub(crate) fn of_this_thread() -> Duration {
    of_thread(Path::new("/proc/thread-self"))
}

/// CPU time so far of the thread with this folder; zero when it is gone.
#[must_use]
pub fn of_thread(thread: &Path) -> Duration {
    // In nanoseconds where the kernel keeps scheduler statistics, else in ticks.
    std::fs::read_to_string(thread.join("schedstat"))
        .ok()
        .and_then(|text| text.split_ascii_whitespace().next()?.parse().ok())
        .filter(|&nanos| nanos > 0)
        .map_or_else(|| from_stat(thread.join("stat")), Duration::from_nanos)
}

fn from_stat(path: impl AsRef<Path>) -> Duration {
    let ticks = std::fs::read_to_string(path).ok().and_then(|text| parse_ticks(&text)).unwrap_or(0);
    Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND)
}

/// User and system time, fields 14 and 15 of proc(5). The command's name may hold anything, so
/// counting starts behind its last parenthesis.
fn parse_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// What machine this is.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Machine {
    /// Cores that the process may use.
    pub cores: usize,
    /// The processor's name, if the system tells.
    pub processor: String,
    /// The kernel's release.
    pub kernel: String,
}

impl Machine {
    /// What the system tells of it.
    #[must_use]
    pub fn read() -> Self {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        Self {
            cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            processor: processor.map(|(_, name)| name.trim().to_owned()).unwrap_or_default(),
            kernel: std::fs::read_to_string("/proc/sys/kernel/osrelease")
                .unwrap_or_default()
                .trim()
                .to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_behind_any_name() {
        let stat = "7 (a) b (c) R 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0";
        assert_eq!(parse_ticks(stat), Some(300));
        assert_eq!(parse_ticks("7 (x) R 1"), None);
        assert_eq!(parse_ticks(""), None);
    }

    #[test]
    fn work_costs_time() {
        let before = of_this_thread();
        let mut sum = 0_u64;
        while of_this_thread() == before {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(of_this_process() + Duration::from_millis(20) >= before);
    }
}
