//! Redis, and what speaks its protocol: Valkey; [`super::redis_cluster`] is a cluster of either.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::sync_channel;

use tempfile::TempDir;

use super::{PATIENCE, fetched, free_port, unchecked, until};

/// Debian's server.
const REDIS: &str = "redis-server";
/// A server that `scripts/setup.sh --tests` fetches.
const VALKEY: &str = "valkey-server";

/// The programs that serve the protocol on this machine.
#[must_use]
pub fn programs() -> Vec<PathBuf> {
    let valkey = fetched("valkey", VALKEY);
    if valkey.is_none() {
        unchecked("the gate and the relay on Valkey", "it is not there, and was not fetched");
    }
    std::iter::once(PathBuf::from(REDIS)).chain(valkey).collect()
}

/// A running server that keeps nothing on disk. It ends when it is dropped.
#[derive(Debug)]
pub struct Redis {
    child: Child,
    port: u16,
    /// Where a replica leaves what it was sent.
    _folder: TempDir,
}

impl Redis {
    /// Starts a server with further arguments, such as `--requirepass`, `hush`.
    ///
    /// # Panics
    /// When it does not start: these tests need Debian's package redis-server.
    #[must_use]
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_on(free_port(), arguments)
    }

    /// Starts a server on a port that another has left.
    ///
    /// # Panics
    /// As [`Self::start`].
    #[must_use]
    pub fn start_on(port: u16, arguments: &[&str]) -> Self {
        Self::run(Path::new(REDIS), port, arguments)
    }

    /// Starts a server of one of the [`programs`].
    ///
    /// # Panics
    /// As [`Self::start`].
    #[must_use]
    pub fn run(program: &Path, port: u16, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let child = Command::new(program)
            .arg("--dir")
            .arg(folder.path())
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &port.to_string()])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be run: {error}", program.display()));
        let mut server = Self { child, port, _folder: folder };
        let output = server.child.stdout.take().expect("its output is piped");
        let (say, said) = sync_channel(1);
        std::thread::spawn(move || {
            let mut told = String::new();
            let mut lines = BufReader::new(output).lines().map_while(Result::ok);
            let is_ready = lines.any(|line| {
                told += &line;
                line.contains("Ready to accept connections")
            });
            // Whoever asked may have given up.
            drop(say.send(if is_ready { Ok(()) } else { Err(told) }));
        });
        match said.recv_timeout(PATIENCE) {
            Ok(Ok(())) => server,
            Ok(Err(told)) => panic!("{} ended: {told}", program.display()),
            Err(_) => panic!("{} is not ready after {PATIENCE:?}", program.display()),
        }
    }

    /// Has it follow another server, reached at a port, and waits until it has what that one has.
    ///
    /// # Panics
    /// When it does not get there.
    pub fn follow(&self, port: u16) {
        self.command(&["REPLICAOF", "127.0.0.1", &port.to_string()]);
        let is_up = || self.command(&["INFO", "replication"]).contains("master_link_status:up").then_some(());
        until("the replica follows", is_up);
    }

    /// Makes it a server of its own, with whatever it has heard until then.
    pub fn promote(&self) {
        self.command(&["REPLICAOF", "NO", "ONE"]);
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Runs one command by its client; returns what that prints.
    ///
    /// # Panics
    /// When it is refused.
    pub fn command(&self, words: &[&str]) -> String {
        let told = Command::new("redis-cli").args(["-e", "-p", &self.port.to_string()]).args(words).output();
        let told = told.expect("redis-cli can be run");
        assert!(told.status.success(), "{words:?} was refused");
        String::from_utf8_lossy(&told.stdout).into_owned()
    }

    /// A count of what it tells of itself: what follows `name` in a section; 0 when it says nothing of that.
    ///
    /// # Panics
    /// When it does not answer, or tells no number.
    #[must_use]
    pub fn count(&self, section: &str, name: &str) -> u64 {
        let told = self.command(&["INFO", section]);
        let count = told.lines().find_map(|line| line.trim().strip_prefix(name)?.split(',').next());
        count.map_or(0, |count| count.parse().expect("a count is a number"))
    }

    /// How many locks it was asked for since it started.
    ///
    /// # Panics
    /// As [`Self::count`].
    #[must_use]
    pub fn locks_asked(&self) -> u64 {
        self.count("commandstats", "cmdstat_set:calls=")
    }

    /// Kills the process with SIGKILL, and waits for its end.
    pub fn kill(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Stops the process where it stands, or lets it go on.
    ///
    /// # Panics
    /// When it cannot be told.
    pub fn signal(&self, name: &str) {
        let told = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(told.expect("kill can be run").success(), "the server takes signals");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
