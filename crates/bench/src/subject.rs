//! Who is measured, and how one is started: a process with a fresh hall, on servers that all share.

use std::fmt;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use serde_json::json;
use testkit::servers::flashtix::{Node, ask, make, secret_key};
use testkit::servers::free_port;
use testkit::servers::postgres::{Postgres, versions};
use testkit::servers::redis::Redis;

use crate::front;
use crate::hall::Hall;
use crate::peers::Name;

/// What a server for sales is given, beside full flushes: room for its pages, and no checkpoint in the middle.
const POSTGRES: [&str; 5] = [
    "fsync=on",
    "synchronous_commit=on",
    "shared_buffers=1GB",
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
];

/// What FlashTix stores in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Store {
    /// The embedded store.
    Sqlite,
    /// PostgreSQL, with Redis as the gate.
    Postgres,
}

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    FlashTix(Store),
    /// FlashTix on PostgreSQL with one request a commit: what batching is worth.
    OneByOne(Store),
    Peer(Name),
    /// The same statements without any HTTP, from PostgreSQL's own load generator.
    Pgbench,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = |store: Store| if store == Store::Sqlite { "SQLite" } else { "PostgreSQL and Redis" };
        match self {
            Self::FlashTix(on) => write!(f, "FlashTix on {}", store(*on)),
            Self::OneByOne(on) => write!(f, "FlashTix on {}, batch=1", store(*on)),
            Self::Peer(name) => f.write_str(name.as_str()),
            Self::Pgbench => f.write_str("pgbench"),
        }
    }
}

/// The servers that everybody shares; each run has a database of its own.
pub(crate) struct Servers {
    pub(crate) postgres: Postgres,
    redis: Redis,
}

impl Servers {
    pub(crate) fn start() -> Self {
        Self { postgres: Postgres::start(&versions()[0], &POSTGRES), redis: Redis::start(&[]) }
    }

    /// Whether a commit is one, as PostgreSQL itself says.
    pub(crate) fn durability(&self) -> String {
        let of = |setting: &str| {
            format!("{setting}={}", self.postgres.sql("postgres", &format!("SHOW {setting}")))
        };
        ["server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"]
            .map(of)
            .join(", ")
    }
}

/// A running subject, ready to be stormed. Dropping it ends it.
pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) event: String,
    pub(crate) key: String,
    /// What the subject says of how durable it is.
    pub(crate) durability: Option<String>,
    port: u16,
    _process: Process,
    _folder: tempfile::TempDir,
}

enum Process {
    Node { _node: Node },
    Peer { _child: tokio::process::Child },
}

impl Running {
    /// Starts a subject with a hall of free seats.
    pub(crate) async fn start(
        subject: Subject,
        hall: Hall,
        servers: &Servers,
        binary: &Path,
    ) -> anyhow::Result<Self> {
        match subject {
            Subject::FlashTix(store) => Self::flashtix(store, &[], hall, servers, binary),
            Subject::OneByOne(store) => {
                Self::flashtix(store, &["--batch-requests-max", "1"], hall, servers, binary)
            }
            Subject::Peer(name) => Self::peer(name, hall, servers).await,
            Subject::Pgbench => bail!("pgbench serves nobody"),
        }
    }

    fn flashtix(
        store: Store,
        further: &[&str],
        hall: Hall,
        servers: &Servers,
        binary: &Path,
    ) -> anyhow::Result<Self> {
        // Beside the build, on a disk: what is in /tmp may be in memory.
        let folder = tempfile::tempdir_in(binary.parent().context("a binary is in a folder")?)?;
        let (database, redis) = match store {
            Store::Sqlite => (format!("sqlite:{}", folder.path().join("flashtix.db").display()), None),
            Store::Postgres => (servers.postgres.database(), Some(servers.redis.url())),
        };
        let key = secret_key(binary, &database)?;
        let mut options = vec!["--database-url", &database];
        options.extend(redis.iter().flat_map(|url| ["--redis-url", url]));
        options.extend(further);
        let log = folder.path().join("log");
        let node = Node::start(binary, &options, &log)?;
        let port = node.port();
        let chart = make(port, "/v1/charts", &key, &hall.chart())?;
        let event = make(port, "/v1/events", &key, &json!({ "chart_id": chart, "name": "Bench Night" }))?;
        let log = std::fs::read_to_string(&log)?;
        let durability = log
            .lines()
            .find_map(|line| line.split_once("the store is open").map(|(_, said)| said.trim().to_owned()));
        Ok(Self {
            url: format!("http://127.0.0.1:{port}"),
            event,
            key,
            durability,
            port,
            _process: Process::Node { _node: node },
            _folder: folder,
        })
    }

    async fn peer(name: Name, hall: Hall, servers: &Servers) -> anyhow::Result<Self> {
        let port = free_port();
        let mut command = tokio::process::Command::new(std::env::current_exe()?);
        command.args([
            "peer",
            name.as_str(),
            "--port",
            &port.to_string(),
            "--seats",
            &hall.seats.to_string(),
        ]);
        if name != Name::Bare {
            command.args(["--database", &servers.postgres.database(), "--redis", &servers.redis.url()]);
        }
        let mut child = command.stdin(Stdio::null()).kill_on_drop(true).spawn()?;
        while !matches!(ask(port, "GET", "/readyz", "", ""), Ok((200, _))) {
            if let Some(ended) = child.try_wait()? {
                bail!("{} ended: {ended}", name.as_str());
            }
            tokio::task::yield_now().await;
        }
        Ok(Self {
            url: format!("http://127.0.0.1:{port}"),
            event: front::EVENT.to_owned(),
            key: "sk_test_peer".to_owned(),
            durability: None,
            port,
            _process: Process::Peer { _child: child },
            _folder: tempfile::tempdir()?,
        })
    }

    /// Orders a commit, on average since the start; only FlashTix tells.
    pub(crate) fn bookings_per_commit(&self) -> Option<f64> {
        let (_, page) = ask(self.port, "GET", "/metrics", "", "").ok()?;
        let of = |name: &str| {
            let line = page.lines().find(|line| line.starts_with(name))?;
            line.rsplit(' ').next()?.parse::<f64>().ok()
        };
        let commits = of("flashtix_bookings_per_commit_count ")?;
        (commits > 0.0).then_some(of("flashtix_bookings_per_commit_sum ")? / commits)
    }
}
