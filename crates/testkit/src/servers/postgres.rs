//! PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tempfile::TempDir;

use super::disk::Disk;
use super::wall_clock::WallClock;
use super::{Nobody, command, fetched, free_port, unchecked, until};

/// Names the folders with PostgreSQL's programs, one a version, separated by colons.
const BINARIES: &str = "FLASHTIX_TEST_POSTGRES";
/// Where Debian keeps them, a folder a version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// What a server stands on, where that is not the machine's own.
#[derive(Debug, Default)]
pub struct Machine {
    /// Its wall clock.
    pub clock: Option<WallClock>,
    /// A disk, and what is on it.
    pub disk: Option<(Part, Disk)>,
}

/// A part of what a server keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everything but the write-ahead log.
    Tables,
    /// The write-ahead log.
    Log,
}

/// A running server. It ends when the last owner drops it.
#[derive(Debug)]
pub struct Postgres {
    machine: Machine,
    binaries: PathBuf,
    folder: TempDir,
    port: u16,
    nobody: Option<Nobody>,
    databases: AtomicU64,
}

/// The folders with programs of PostgreSQL on this machine, one a version, those with clients first.
///
/// # Panics
/// When there are none: tests need them, and say how to get them.
#[must_use]
pub fn versions() -> Vec<PathBuf> {
    let found: Vec<PathBuf> = match std::env::var(BINARIES) {
        Ok(folders) => folders.split(':').map(PathBuf::from).collect(),
        Err(_) => {
            let debian = std::fs::read_dir(DEBIAN).into_iter().flatten();
            let mut folders: Vec<PathBuf> =
                debian.filter_map(|version| Some(version.ok()?.path().join("bin"))).collect();
            // The others' clients are older servers' friends, and not the other way round.
            folders.sort();
            folders.extend(
                fetched("postgresql", "bin/postgres").and_then(|path| Some(path.parent()?.to_owned())),
            );
            folders
        }
    };
    let found: Vec<PathBuf> = found.into_iter().filter(|folder| folder.join("initdb").exists()).collect();
    assert!(
        !found.is_empty(),
        "these tests need PostgreSQL: install Debian's package postgresql, or name the folders of its programs in {BINARIES}"
    );
    if found.len() < 2 {
        unchecked(
            "the store on a second version of PostgreSQL",
            "there is one version, and none was fetched",
        );
    }
    found
}

impl Postgres {
    /// The server that tests share, on the first version there is; started when nobody has it.
    #[must_use]
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock();
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::start(&versions()[0], &[]));
        *shared = Arc::downgrade(&server);
        server
    }

    /// Starts a server of a version with further settings, such as `fsync=on`: without them nothing is flushed, for
    /// speed.
    ///
    /// # Panics
    /// When it does not start, with what it wrote.
    #[must_use]
    pub fn start(binaries: &Path, settings: &[&str]) -> Self {
        Self::start_on(Machine::default(), binaries, settings)
    }

    /// The same, on a machine that can be tampered with.
    ///
    /// # Panics
    /// As [`Self::start`].
    #[must_use]
    pub fn start_on(machine: Machine, binaries: &Path, settings: &[&str]) -> Self {
        let server = Self::at(machine, binaries);
        if let (Some(nobody), Some((_, disk))) = (server.nobody, &server.machine.disk) {
            nobody.own(disk.path());
        }
        let log = format!("--waldir={}", server.log().display());
        let mut initdb =
            vec!["--username=flashtix", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"];
        if server.machine.disk.is_some() {
            // Small pieces of the log: a small disk is full at some moment, and not at the first.
            initdb.extend([&*log, "--wal-segsize=1"]);
        }
        server.run("initdb", &initdb);
        let mut all = vec!["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
        all.extend(["max_connections=200", "shared_buffers=128MB", "logging_collector=off"]);
        if matches!(server.machine.disk, Some((Part::Log, _))) {
            // What is written needs room of its own: old pieces of the log are not written over.
            all.extend(["wal_recycle=off", "min_wal_size=2MB"]);
        }
        all.extend(settings);
        server.set(&all);
        server.go();
        server
    }

    /// Starts a standby of this server on a port, which follows it until one of them ends or it is promoted. It reaches
    /// this server at the port `through`, the server's own or that of a proxy.
    ///
    /// # Panics
    /// When it does not start, with what it wrote.
    #[must_use]
    pub fn standby_on(&self, port: u16, through: u16) -> Self {
        let mut standby = Self::at(Machine::default(), &self.binaries);
        standby.port = port;
        let (data, port) = (standby.data().display().to_string(), through.to_string());
        let from = ["--host=127.0.0.1", "--username=flashtix", "--port", &port, "--pgdata", &data];
        let how = ["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"];
        standby.run("pg_basebackup", &[&from[..], &how[..]].concat());
        standby.set(&[]);
        standby.go();
        standby
    }

    /// Makes a standby a server of its own.
    ///
    /// # Panics
    /// When it was none.
    pub fn promote(&self) {
        self.run("pg_ctl", &["promote", "--wait"]);
    }

    /// Has every commit wait for a standby, or no commit any more.
    ///
    /// # Panics
    /// When the server does not run.
    pub fn wait_for_standbys(&self, waits: bool) {
        let names = if waits { "*" } else { "" };
        self.sql("postgres", &format!("ALTER SYSTEM SET synchronous_standby_names = '{names}'"));
        self.run("pg_ctl", &["reload"]);
        let is = || self.sql("postgres", "SHOW synchronous_standby_names");
        until("the server has read its settings", || (is() == names).then_some(()));
    }

    /// Waits until a standby has everything that was committed before this.
    ///
    /// # Panics
    /// When there is none, or it does not get there.
    pub fn wait_until_followed(&self) {
        let position = self.sql("postgres", "SELECT pg_current_wal_lsn()");
        let sql = format!("SELECT count(*) FROM pg_stat_replication WHERE flush_lsn >= '{position}'");
        until("a standby has it all", || (self.sql("postgres", &sql) != "0").then_some(()));
    }

    /// A database's tables, indexes and rules, as statements.
    #[must_use]
    pub fn schema(&self, database: &str) -> String {
        let url = self.url("flashtix", database);
        let all = self.run("pg_dump", &["--schema-only", "--dbname", &url]);
        // The tool's own remarks differ from one time to the next.
        let lines = all.lines().filter(|line| !line.starts_with("--") && !line.starts_with('\\'));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Copies a database into another server's, as statements.
    ///
    /// # Panics
    /// When either server refuses.
    pub fn copy(&self, database: &str, url: &str) {
        let file = self.folder.path().join("copy.sql").display().to_string();
        self.run("pg_dump", &["--dbname", &self.url("flashtix", database), "--file", &file]);
        let quietly = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"];
        self.run("psql", &[&quietly[..], &["--dbname", url, "--file", &file]].concat());
    }

    /// A server that has a folder and a port, and nothing in the folder yet.
    fn at(machine: Machine, binaries: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let nobody = Nobody::when_root();
        if let Some(nobody) = nobody {
            nobody.own(folder.path());
        }
        Self {
            machine,
            binaries: binaries.to_owned(),
            folder,
            port: free_port(),
            nobody,
            databases: 0.into(),
        }
    }

    /// Adds settings for the next start, the port among them.
    fn set(&self, settings: &[&str]) {
        let port = format!("port={}", self.port);
        let file = self.data().join("postgresql.auto.conf");
        let mut lines = std::fs::read_to_string(&file).unwrap_or_default();
        for setting in settings.iter().chain([&&*port]) {
            let (name, value) = setting.split_once('=').expect("a setting is name=value");
            lines += &format!("{name} = '{value}'\n");
        }
        std::fs::write(&file, lines).expect("a file can be written");
    }

    /// Starts the server again after it was stopped.
    ///
    /// # Panics
    /// When it does not start.
    pub fn go(&self) {
        let log = self.folder.path().join("log");
        self.run("pg_ctl", &["start", "--wait", "--timeout=60", &format!("--log={}", log.display())]);
    }

    /// Stops the server: `fast` ends its sessions in order, `immediate` as a crash would.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop(&self, mode: &str) {
        self.run("pg_ctl", &["stop", "--wait", &format!("--mode={mode}")]);
    }

    /// Kills the server's first process, and waits until all of its processes have noticed.
    ///
    /// # Panics
    /// When there is none.
    pub fn kill(&self) {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid")).expect("the server runs");
        let process: i32 = file.lines().next().and_then(|line| line.trim().parse().ok()).expect("a process");
        let children = format!("/proc/{process}/task/{process}/children");
        let children = std::fs::read_to_string(children).unwrap_or_default();
        let all = std::iter::once(process.to_string()).chain(children.split_whitespace().map(str::to_owned));
        let all: Vec<String> = all.collect();
        let told = std::process::Command::new("kill").args(["-s", "KILL", &all[0]]).status();
        assert!(told.expect("kill can be run").success(), "the server takes signals");
        // A new one refuses to start on the memory that these still share.
        until("the server is gone", || all.iter().all(|process| !is_alive(process)).then_some(()));
        // Where nobody asks after the dead, a new server would take the number in it for a living one's.
        std::fs::remove_file(self.data().join("postmaster.pid"))
            .expect("a dead server's lock can be removed");
    }

    /// Makes a database; returns its URL.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::AcqRel));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url("flashtix", &name)
    }

    /// The URL of a database, for a role.
    #[must_use]
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{database}", self.port)
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs statements as the superuser; returns what `psql` prints of their rows.
    ///
    /// # Panics
    /// When one fails.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let url = self.url("flashtix", database);
        self.run(
            "psql",
            &[
                "--no-psqlrc",
                "--quiet",
                "--tuples-only",
                "--no-align",
                "--set=ON_ERROR_STOP=1",
                "--dbname",
                &url,
                "--command",
                sql,
            ],
        )
    }

    fn data(&self) -> PathBuf {
        match &self.machine.disk {
            Some((Part::Tables, disk)) => disk.path().join("data"),
            _ => self.folder.path().join("data"),
        }
    }

    /// Where the write-ahead log is kept when a part of the server has a disk of its own.
    fn log(&self) -> PathBuf {
        match &self.machine.disk {
            Some((Part::Log, disk)) => disk.path().join("log"),
            _ => self.folder.path().join("write_ahead"),
        }
    }

    /// The disk of its own.
    ///
    /// # Panics
    /// When it was started without.
    #[must_use]
    pub fn disk(&self) -> &Disk {
        &self.machine.disk.as_ref().expect("the server has a disk of its own").1
    }

    /// Whether it has a wall clock of its own.
    #[must_use]
    pub fn has_clock(&self) -> bool {
        self.machine.clock.is_some()
    }

    /// The wall clock of its own.
    ///
    /// # Panics
    /// When it was started without.
    #[must_use]
    pub fn clock(&self) -> &WallClock {
        self.machine.clock.as_ref().expect("the server has a clock of its own")
    }

    /// Starts the server again if it has given itself up, as whoever supervises it would.
    ///
    /// # Panics
    /// When it does not start.
    pub fn go_if_ended(&self) {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        if !file.lines().next().is_some_and(|process| is_alive(process.trim())) {
            self.go();
        }
    }

    /// Runs one of PostgreSQL's programs against this server's data; returns what it prints.
    ///
    /// # Panics
    /// When it fails, with what it wrote.
    pub fn run(&self, program: &str, arguments: &[&str]) -> String {
        // Where a version comes without clients, another's serve as well.
        let folders = std::iter::once(self.binaries.clone()).chain(versions());
        let program = folders.map(|folder| folder.join(program)).find(|path| path.exists());
        let program = program.expect("PostgreSQL comes with its clients");
        let clock = self.machine.clock.iter().flat_map(WallClock::environment);
        let output = command(&program, self.nobody)
            .args(arguments)
            .env("PGDATA", self.data())
            .envs(clock)
            .current_dir(self.folder.path())
            .stderr(Stdio::piped())
            .output()
            .unwrap_or_else(|error| panic!("{} cannot be run: {error}", program.display()));
        let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        assert!(
            output.status.success(),
            "{} {arguments:?} failed: {}{}\n{}",
            program.display(),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
            log()
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

/// Whether a process lives; one that only waits for its parent to ask after it does not.
fn is_alive(process: &str) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    !state.is_empty() && !state.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z')
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Whatever becomes of it, the folder goes with it.
        drop(
            command(&self.binaries.join("pg_ctl"), self.nobody)
                .args(["stop", "--wait", "--mode=immediate", "--silent"])
                .env("PGDATA", self.data())
                .current_dir(self.folder.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status(),
        );
    }
}
