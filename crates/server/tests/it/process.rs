//! The real binary as a process of its own, ended by its own identifier.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use testkit::servers::wall_clock::WallClock;

use crate::client::Client;
use crate::waiting::until;

/// The binary under test.
const FLASHTIX: &str = env!("CARGO_BIN_EXE_flashtix");

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(FLASHTIX);
    // Whatever is set where the tests run must not reach a server under test.
    command.env_clear().args(arguments).stdin(Stdio::null());
    command
}

/// A store's URL.
pub(crate) fn url_of(database: &Path) -> String {
    format!("sqlite:{}", database.display())
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// What it printed, when it ended well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// The JSON that it printed on one line.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        let text = self.ok();
        assert_eq!(text.lines().count(), 1, "{text}");
        serde_json::from_str(&text).unwrap()
    }
}

/// Runs a command to its end.
pub(crate) async fn run(arguments: &[&str]) -> Ran {
    let directory = TempDir::new().unwrap();
    // Owned by a value that kills it: one that never ends fails its test and not the whole run.
    let mut process = Process::start(directory.path(), arguments);
    let status = process.ended().await;
    let read = |path| std::fs::read_to_string(path).unwrap();
    Ran { code: status.code(), stdout: read(&process.stdout), stderr: read(&process.stderr) }
}

/// A running command, a server as a rule. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Process {
    /// Starts the binary; what it says goes to files in `directory`.
    pub(crate) fn start(directory: &Path, arguments: &[&str]) -> Self {
        Self::start_by(None, directory, arguments)
    }

    /// The same, by another wall clock than the machine's.
    fn start_by(clock: Option<&WallClock>, directory: &Path, arguments: &[&str]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let (stdout, stderr) =
            (directory.join(format!("{number}.stdout")), directory.join(format!("{number}.stderr")));
        let child = command(arguments)
            .envs(clock.into_iter().flat_map(WallClock::environment))
            .stdout(File::create(&stdout).unwrap())
            .stderr(File::create(&stderr).unwrap())
            .spawn()
            .unwrap();
        Self { child, stdout, stderr }
    }

    /// Starts `serve` on a store, and waits until it listens.
    pub(crate) async fn serve(directory: &Path, database_url: &str, more: &[&str]) -> (Self, Client) {
        Self::serve_on(directory, "127.0.0.1:0", database_url, more).await
    }

    /// The same, at an address of the caller's.
    pub(crate) async fn serve_on(
        directory: &Path,
        listen: &str,
        database_url: &str,
        more: &[&str],
    ) -> (Self, Client) {
        Self::serve_by(None, directory, listen, database_url, more).await
    }

    /// The same, by another wall clock than the machine's.
    pub(crate) async fn serve_by(
        clock: Option<&WallClock>,
        directory: &Path,
        listen: &str,
        database_url: &str,
        more: &[&str],
    ) -> (Self, Client) {
        let mut arguments = vec!["serve", "--listen", listen, "--database-url", database_url];
        arguments.extend_from_slice(more);
        // No load balancer has to notice that it stops.
        if !more.contains(&"--drain-seconds") {
            arguments.extend(["--drain-seconds", "0"]);
        }
        let mut process = Self::start_by(clock, directory, &arguments);
        let url = process.line(false, "flashtix serves ").await;
        (process, Client::of_url(&url))
    }

    /// Waits for a line that begins so, and gives the rest of it.
    pub(crate) async fn line(&mut self, on_stdout: bool, begin: &str) -> String {
        let path = if on_stdout { self.stdout.clone() } else { self.stderr.clone() };
        until(&format!("a line {begin:?}"), async || {
            let text = std::fs::read_to_string(&path).unwrap();
            let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
            let found = whole.lines().find_map(|line| line.strip_prefix(begin)).map(str::to_owned);
            let ended = self.child.try_wait().unwrap();
            assert!(found.is_some() || ended.is_none(), "it ended: {ended:?}\n{}", self.said());
            found
        })
        .await
    }

    /// Everything that it said so far.
    pub(crate) fn said(&self) -> String {
        let read = |path| std::fs::read_to_string(path).unwrap();
        format!("{}{}", read(&self.stdout), read(&self.stderr))
    }

    /// What the system calls it.
    #[cfg(target_os = "linux")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it at once, as a crash does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops it where it stands, or lets it go on.
    pub(crate) fn pause(&self, pauses: bool) {
        let signal = if pauses { Signal::STOP } else { Signal::CONT };
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// How it ended, if it has.
    pub(crate) fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        until("the process's end", async || self.child.try_wait().unwrap()).await
    }

    /// Asks it to end, and demands that it ends well.
    pub(crate) async fn stop(mut self) {
        self.terminate();
        let status = self.ended().await;
        assert!(status.success(), "{status}: {}", self.said());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails where it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
