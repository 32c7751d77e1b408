//! Real servers for tests: started on free ports in folders of their own, ended with what started them.
//!
//! The binaries are Debian's, those that `scripts/setup.sh --tests` fetches, and those of the folders that an environment variable
//! names.

pub mod disk;
pub mod fake_redis;
pub mod flashtix;
pub mod nginx;
pub mod postgres;
pub mod prometheus;
pub mod proxy;
pub mod redis;
pub mod redis_cluster;
pub mod stripe;
pub mod wall_clock;

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use parking_lot::Mutex;

/// Where `scripts/setup.sh --tests` puts servers that Debian does not have.
const FETCHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/servers");

/// Below those that the system gives to connections and to listeners that name none: a server that is down for a moment
/// finds its port again.
const PORTS: Range<u16> = 20_000..30_000;

/// How long a server may take to start, or to do what it is told: far longer than any does, on however busy a machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked at meanwhile.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// Names a file to which tests add what this machine does not let them check: `cargo xtask ci` prints it at the end.
const UNCHECKED: &str = "FLASHTIX_UNCHECKED";

/// Says what this machine does not let a test check, and why. A test that passes is not heard otherwise.
///
/// # Panics
/// When the file that is named for it cannot be written.
pub fn unchecked(what: &str, reason: &str) {
    use std::io::Write as _;
    let Some(file) = std::env::var_os(UNCHECKED) else { return };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
    // In one piece: others add to it at the same time.
    let line = format!("{what}: {}\n", reason.replace('\n', " "));
    file.and_then(|mut file| file.write_all(line.as_bytes())).expect("what is not checked can be noted");
}

/// Waits until `look` finds something.
///
/// # Panics
/// When it finds nothing for as long as a server is waited for.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let since = tokio::time::Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(since.elapsed() < PATIENCE, "{what}: not after {PATIENCE:?}");
        std::thread::park_timeout(LOOK_INTERVAL);
    }
}

/// A fetched program, if it is there: `folder` is the server's, `program` a path in it.
fn fetched(folder: &str, program: &str) -> Option<PathBuf> {
    let path = Path::new(FETCHED).join(folder).join(program);
    // Whoever runs it may be another than whoever fetched it, and may not get there.
    let shows = command(&path, Nobody::when_root()).arg("--version").stdout(Stdio::null()).status();
    shows.is_ok_and(|status| status.success()).then_some(path)
}

/// A port of the loopback that nobody listens on right now.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    for _ in 0..PORTS.len() {
        let port = rand::random_range(PORTS);
        if is_free(port) && GIVEN.lock().insert(port) {
            return port;
        }
    }
    panic!("the loopback has no free port from {} to {}", PORTS.start, PORTS.end);
}

/// Somebody without privileges, as whom servers run that refuse to run as root; `None` for whoever is not root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nobody {
    uid: u32,
    gid: u32,
}

impl Nobody {
    /// The user `postgres`, or `nobody`, when this process is root's.
    pub(crate) fn when_root() -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let own = std::fs::metadata("/proc/self").expect("/proc tells whose this process is");
        if own.uid() != 0 {
            return None;
        }
        let users = std::fs::read_to_string("/etc/passwd").expect("users are in /etc/passwd");
        let of = |name: &str| {
            let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            Some(Self { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
        };
        Some(of("postgres").or_else(|| of("nobody")).expect("there is a user without privileges"))
    }

    /// Gives a folder to this user.
    pub(crate) fn own(self, path: &Path) {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid)).expect("root may give a folder away");
    }
}

/// A command, run as somebody without privileges if need be.
pub(crate) fn command(program: &Path, nobody: Option<Nobody>) -> std::process::Command {
    use std::os::unix::process::CommandExt as _;
    let mut command = std::process::Command::new(program);
    if let Some(Nobody { uid, gid }) = nobody {
        command.uid(uid).gid(gid);
    }
    command.stdin(std::process::Stdio::null());
    command
}
