//! Who is measured, and how one is started: processes with something fresh to sell, on servers that all share.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use storm::{Options, Scenario, cpu};
use testkit::servers::flashtix::{Node, ask, secret_key};
use testkit::servers::free_port;

use crate::front;
use crate::hall::{AREA, Hall, Ware};
use crate::peers::{Name, POOL_SIZE};
use crate::profile::Profiler;
use crate::servers::{Servers, Store, audit, ensure_durable};

/// Connections of the load unless a workload says otherwise; each waits for its answer before it asks again.
pub(crate) const CONNECTIONS: usize = 512;
/// Seats of the largest chart that is sent as a request; a larger one is imported from a file.
const SEATS_UPLOADED_MAX: u32 = 200_000;
/// Requests at a time while events are made.
const MAKERS: usize = 8;

/// What all runs share.
pub(crate) struct Ground {
    pub(crate) store: Store,
    pub(crate) quick: bool,
    pub(crate) servers: Servers,
    /// The binary that is measured.
    pub(crate) binary: PathBuf,
    /// The program that measures choosing alone.
    pub(crate) choosing: PathBuf,
    /// Numbers of connections with which others do most, by what they do: found once, and kept for all runs.
    pub(crate) bests: RefCell<BTreeMap<&'static str, u32>>,
    /// If loads are profiled.
    pub(crate) profiler: Option<Profiler>,
}

impl Ground {
    /// The whole, or what a quick look takes.
    pub(crate) fn or_quick<T>(&self, whole: T, quick: T) -> T {
        if self.quick { quick } else { whole }
    }
}

/// Who is measured.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    FlashTix(Installation),
    /// With so many connections to its database.
    Peer(Name, u32),
}

impl Subject {
    /// A peer with the pool of the original.
    pub(crate) fn peer(name: Name) -> Self {
        Self::Peer(name, POOL_SIZE)
    }
}

/// What stands between the nodes beside PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Between {
    Nothing,
    /// Redis, as the gate alone.
    Gate,
    /// Redis, as the gate and the relay: how FlashTix is meant to be run.
    GateAndRelay,
}

impl Between {
    pub(crate) const ALL: [Self; 3] = [Self::Nothing, Self::Gate, Self::GateAndRelay];

    /// In the name of a case.
    pub(crate) fn told(self) -> &'static str {
        match self {
            Self::Nothing => "no Redis",
            Self::Gate => "gate",
            Self::GateAndRelay => "gate and relay",
        }
    }

    /// Arguments of `flashtix serve`.
    fn arguments(self, redis_url: String) -> Vec<String> {
        let relay = match self {
            Self::Nothing => return Vec::new(),
            Self::Gate => "false",
            Self::GateAndRelay => "true",
        };
        ["--redis-url", &redis_url, "--relay", relay].map(str::to_owned).to_vec()
    }
}

/// How FlashTix is set up.
#[derive(Debug, Clone)]
pub(crate) struct Installation {
    pub(crate) store: Store,
    pub(crate) nodes: usize,
    pub(crate) events: usize,
    /// On PostgreSQL.
    pub(crate) between: Between,
    /// Further arguments of `flashtix serve`.
    pub(crate) arguments: Vec<String>,
}

impl Installation {
    /// One node with one event and its defaults.
    pub(crate) fn on(store: Store) -> Self {
        Self { store, nodes: 1, events: 1, between: Between::GateAndRelay, arguments: Vec::new() }
    }

    /// With another event to warm up on, which is not the one that is measured.
    pub(crate) fn with_another_event(mut self) -> Self {
        self.events += 1;
        self
    }

    /// With one more setting.
    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.arguments.extend([name.to_owned(), value.to_string()]);
        self
    }
}

/// A running subject, ready to be stormed. Dropping it ends it.
pub(crate) struct Running {
    pub(crate) urls: Vec<String>,
    pub(crate) events: Vec<String>,
    pub(crate) key: String,
    /// What the subject says of how durable it is.
    pub(crate) durability: Option<String>,
    /// Where it stores, if it does.
    pub(crate) database: Option<String>,
    pub(crate) is_ours: bool,
    /// Connections to its database, of a peer.
    pub(crate) pool_size: Option<u32>,
    /// What each event sells.
    pub(crate) ware: Ware,
    /// Flushes of PostgreSQL's log when the first load on it began, and what all loads on it have booked.
    pub(crate) flushes_before: Cell<Option<f64>>,
    pub(crate) booked: Cell<u64>,
    ports: Vec<u16>,
    serve: Vec<String>,
    nodes: Vec<Node>,
    peer: Option<tokio::process::Child>,
    folder: tempfile::TempDir,
}

impl Running {
    /// Starts a subject with everything free.
    pub(crate) async fn start(subject: &Subject, ware: Ware, ground: &Ground) -> anyhow::Result<Self> {
        match subject {
            Subject::FlashTix(installation) => Self::flashtix(installation, ware, ground),
            Subject::Peer(name, pool_size) => Self::peer(*name, *pool_size, ware, ground).await,
        }
    }

    fn flashtix(installation: &Installation, ware: Ware, ground: &Ground) -> anyhow::Result<Self> {
        let binary = &ground.binary;
        let folder = tempfile::tempdir_in(store_folder(Store::Sqlite, binary)?)?;
        let database = match installation.store {
            Store::Sqlite => format!("sqlite:{}", folder.path().join("flashtix.db").display()),
            Store::Postgres => ground.servers.database(),
        };
        let key = secret_key(binary, &database)?;
        let imported = match ware {
            Ware::Seats(seats) if seats > SEATS_UPLOADED_MAX => {
                Some(import(binary, folder.path(), &database, Hall { seats })?)
            }
            _ => None,
        };
        let mut serve = vec!["--database-url".to_owned(), database.clone()];
        if installation.store == Store::Postgres {
            serve.extend(installation.between.arguments(ground.servers.redis_url()));
        }
        serve.extend_from_slice(&installation.arguments);
        let log = |node: usize| folder.path().join(format!("log-{node}"));
        let nodes = (0..installation.nodes)
            .map(|node| Node::start(binary, &serve, &log(node)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let ports: Vec<u16> = nodes.iter().map(Node::port).collect();
        let sale = match (ware, imported) {
            (Ware::Units(units), _) => json!({
                "name": "Bench Field", "areas": [{ "name": AREA, "capacity": units, "category": "field" }],
            }),
            (Ware::Seats(_), Some(chart)) => json!({ "chart_id": chart, "name": "Bench Night" }),
            (Ware::Seats(seats), None) => {
                let chart = post(ports[0], "/v1/charts", &key, &Hall { seats }.chart())?;
                json!({ "chart_id": chart, "name": "Bench Night" })
            }
        };
        let events = make_events(ports[0], &key, &sale.to_string(), installation.events)?;
        let durability = durability(installation.store, (0..installation.nodes).map(log))?;
        Ok(Self {
            urls: ports.iter().map(|port| format!("http://127.0.0.1:{port}")).collect(),
            events,
            key,
            durability: Some(durability),
            database: Some(database),
            is_ours: true,
            pool_size: None,
            ware,
            flushes_before: Cell::new(None),
            booked: Cell::new(0),
            ports,
            serve,
            nodes,
            peer: None,
            folder,
        })
    }

    async fn peer(name: Name, pool_size: u32, ware: Ware, ground: &Ground) -> anyhow::Result<Self> {
        let port = free_port();
        let database = (name != Name::Bare).then(|| ground.servers.database());
        let mut command = tokio::process::Command::new(std::env::current_exe()?);
        let what = match ware {
            Ware::Seats(_) => "--seats",
            Ware::Units(_) => "--units",
        };
        command.args(["peer", name.as_str(), "--port", &port.to_string(), what, &ware.amount().to_string()]);
        if let Some(database) = &database {
            command.args(["--database", database, "--redis", &ground.servers.redis_url()]);
            command.args(["--pool", &pool_size.to_string()]);
        }
        let mut child = command.stdin(Stdio::null()).kill_on_drop(true).spawn()?;
        while !matches!(ask(port, "GET", "/readyz", "", ""), Ok((200, _))) {
            if let Some(ended) = child.try_wait()? {
                bail!("{} ended: {ended}", name.as_str());
            }
            tokio::task::yield_now().await;
        }
        Ok(Self {
            urls: vec![format!("http://127.0.0.1:{port}")],
            events: vec![front::EVENT.to_owned()],
            key: "sk_test_peer".to_owned(),
            durability: None,
            database,
            is_ours: false,
            pool_size: (name != Name::Bare).then_some(pool_size),
            ware,
            flushes_before: Cell::new(None),
            booked: Cell::new(0),
            ports: vec![port],
            serve: Vec::new(),
            nodes: Vec::new(),
            peer: Some(child),
            folder: tempfile::tempdir()?,
        })
    }

    /// A storm on all of it, as fast as its connections allow.
    pub(crate) fn options(&self, scenario: Scenario) -> Options {
        let mut options = Options::new(self.urls[0].clone(), scenario);
        options.further_urls = self.urls[1..].to_vec();
        options.event = Some(self.events[0].clone());
        if scenario == Scenario::Sustained {
            options.further_events = self.events[1..].to_vec();
        }
        options.key = Some(self.key.clone());
        options.rate = None;
        options.connections = CONNECTIONS;
        options
    }

    /// The first node's port.
    pub(crate) fn port(&self) -> u16 {
        self.ports[0]
    }

    /// Whether what it sells is stored in PostgreSQL.
    pub(crate) fn is_on_postgres(&self) -> bool {
        self.database.as_ref().is_some_and(|url| url.starts_with("postgres"))
    }

    /// The processes that serve.
    pub(crate) fn processes(&self) -> Vec<u32> {
        self.nodes
            .iter()
            .map(Node::id)
            .chain(self.peer.as_ref().and_then(tokio::process::Child::id))
            .collect()
    }

    /// The sums over all nodes of figures of `/metrics`.
    pub(crate) fn metrics<const COUNT: usize>(&self, names: [&str; COUNT]) -> [f64; COUNT] {
        let pages = self.ports.iter().filter_map(|port| Some(ask(*port, "GET", "/metrics", "", "").ok()?.1));
        let pages: Vec<String> = pages.collect();
        names.map(|name| pages.iter().map(|page| metric_of(page, name)).sum())
    }

    /// Asks a node for something that it must have.
    pub(crate) fn get(&self, path: &str) -> anyhow::Result<Value> {
        let (status, body) = ask(self.port(), "GET", path, &self.key, "")?;
        ensure!(status == 200, "{path}: {status} {body}");
        Ok(serde_json::from_str(&body)?)
    }

    /// Posts something that must succeed, and gives the identifier of what it made.
    pub(crate) fn post(&self, path: &str, body: &Value) -> anyhow::Result<String> {
        post(self.port(), path, &self.key, &body.to_string())
    }

    /// Ends the first node and starts it anew, on the same store.
    pub(crate) fn restart(&mut self, binary: &Path) -> anyhow::Result<()> {
        self.nodes.truncate(0);
        let node = Node::start(binary, &self.serve, &self.folder.path().join("log-again"))?;
        (self.urls, self.ports) = (vec![format!("http://127.0.0.1:{}", node.port())], vec![node.port()]);
        self.nodes.push(node);
        Ok(())
    }

    /// Ends it, and gives what the audit of its store says; only FlashTix has one.
    ///
    /// # Errors
    /// When the audit is not clean.
    pub(crate) async fn end(mut self, ground: &Ground) -> anyhow::Result<Option<String>> {
        self.nodes.truncate(0);
        if let Some(mut peer) = self.peer.take() {
            peer.kill().await?;
        }
        let found = match &self.database {
            Some(database) if self.is_ours => Some(audit(&ground.binary, database)),
            _ => None,
        };
        if let Some(database) = self.database.as_ref().filter(|_| self.is_on_postgres()) {
            ground.servers.drop_database(database);
        }
        found.transpose()
    }

    /// User and system time of all its processes so far, in seconds.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        self.processes().into_iter().map(|process| cpu::of_process(process).as_secs_f64()).sum()
    }
}

/// What the nodes say of their durability, by their logs.
fn durability(store: Store, logs: impl Iterator<Item = PathBuf>) -> anyhow::Result<String> {
    let said = |line: &str| line.split_once("the store is open").map(|(_, said)| said.trim().to_owned());
    let mut all = Vec::new();
    for log in logs {
        let said = std::fs::read_to_string(log)?.lines().find_map(said);
        ensure_durable(store, said.as_deref())?;
        all.extend(said);
    }
    all.into_iter().next().context("no node runs")
}

/// Where a store has its folder: PostgreSQL where its server makes it, the embedded one on the disk that the build is on, since what is
/// in /tmp may be in memory.
pub(crate) fn store_folder(store: Store, binary: &Path) -> anyhow::Result<PathBuf> {
    match store {
        Store::Sqlite => Ok(binary.parent().context("a binary is in a folder")?.to_owned()),
        Store::Postgres => Ok(std::env::temp_dir()),
    }
}

fn import(binary: &Path, folder: &Path, database: &str, hall: Hall) -> anyhow::Result<String> {
    let file = folder.join("chart.json");
    std::fs::write(&file, hall.chart())?;
    let mut command = std::process::Command::new(binary);
    command.arg("import").arg(&file).args(["--json", "--database-url", database]);
    let told = command.output()?;
    let error = String::from_utf8_lossy(&told.stderr);
    let chart: Value = serde_json::from_slice(&told.stdout)
        .with_context(|| format!("flashtix import says no JSON: {error}"))?;
    std::fs::remove_file(&file)?;
    Ok(chart["id"].as_str().context("flashtix import names no chart")?.to_owned())
}

/// Makes one thing, and gives its identifier.
fn post(port: u16, path: &str, key: &str, body: &str) -> anyhow::Result<String> {
    let (status, answer) = ask(port, "POST", path, key, body)?;
    ensure!(matches!(status, 200 | 201), "{path}: {status} {answer}");
    let answer: Value = serde_json::from_str(&answer)?;
    Ok(answer["id"].as_str().context("an answer without an id")?.to_owned())
}

fn make_events(port: u16, key: &str, sale: &str, events: usize) -> anyhow::Result<Vec<String>> {
    let make = |share: usize| -> anyhow::Result<Vec<String>> {
        (0..share).map(|_| post(port, "/v1/events", key, sale)).collect()
    };
    std::thread::scope(|scope| {
        let makers: Vec<_> = (0..MAKERS.min(events))
            .map(|maker| scope.spawn(move || make(events / MAKERS + usize::from(maker < events % MAKERS))))
            .collect();
        let mut made = Vec::with_capacity(events);
        for maker in makers {
            made.extend(maker.join().map_err(|_| anyhow::anyhow!("making events failed"))??);
        }
        Ok(made)
    })
}

/// The figure of a page by name; nothing counted is 0.
fn metric_of(page: &str, name: &str) -> f64 {
    let mut sum = 0.0;
    for line in page.lines() {
        let Some(rest) = line.strip_prefix(name) else { continue };
        if rest.starts_with([' ', '{']) {
            sum += rest.rsplit(' ').next().and_then(|value| value.parse::<f64>().ok()).unwrap_or(0.0);
        }
    }
    sum
}

/// What a subject is called in tables.
pub(crate) fn flashtix_on(store: Store, note: &str) -> String {
    let mut name = format!("FlashTix on {}", store.name());
    if !note.is_empty() {
        write!(name, ", {note}").expect("a text takes what is written to it");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_the_sum_of_its_lines_and_of_no_others() {
        let page = "# HELP a_total x\na_total 3\na_total_more 50\nb{code=\"x\"} 2\nb{code=\"y\"} 4.5\n";
        assert_eq!(metric_of(page, "a_total"), 3.0);
        assert_eq!(metric_of(page, "b"), 6.5);
        assert_eq!(metric_of(page, "c"), 0.0);
    }
}
