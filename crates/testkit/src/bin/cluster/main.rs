//! `cluster`: the production topology on one machine, without containers, until Ctrl-C, through one storm, or to measure how stale
//! other nodes are.
//!
//! PostgreSQL, perhaps with a standby; Redis, or a Redis Cluster; nodes of the real binary; nginx by the deployment's own
//! file; Prometheus with the deployment's rules. Everything is in temporary folders, on free ports of the loopback.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to whoever runs it")]

mod staleness;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Parser, ValueEnum};
use serde_json::{Value, json};
use testkit::servers::flashtix::{Node, make, secret_key};
use testkit::servers::free_port;
use testkit::servers::nginx::Nginx;
use testkit::servers::postgres::{Postgres, versions};
use testkit::servers::prometheus::Prometheus;
use testkit::servers::redis::{Redis, programs};
use testkit::servers::redis_cluster::Cluster as RedisCluster;

/// Rows of the hall, and seats of a row.
const ROWS: u32 = 200;
const ROW_SEATS: u32 = 100;

/// Runs PostgreSQL, Redis, several nodes and nginx on this machine, and sells a hall of 20,000 seats on them.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask cluster", bin_name = "cargo xtask cluster")]
struct Arguments {
    /// The binary that the nodes run
    #[arg(long, value_name = "FILE")]
    flashtix: PathBuf,
    /// How many nodes
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=16))]
    nodes: u8,
    /// What stands before the database
    #[arg(long, value_enum, default_value_t = Gate::Redis)]
    gate: Gate,
    /// Who follows the database
    #[arg(long, value_enum, default_value_t = Standby::None)]
    standby: Standby,
    /// Leave nginx out
    #[arg(long)]
    no_nginx: bool,
    /// Run Prometheus as well, with the deployment's rules
    #[arg(long)]
    prometheus: bool,
    /// Send so many buyers through nginx, audit what they left, and end
    #[arg(long, value_name = "BUYERS", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    storm: Option<u32>,
    /// Measure how long other nodes take to show what one has answered, with and without the relay, and end
    #[arg(long, conflicts_with_all = ["storm", "prometheus"])]
    staleness: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Gate {
    None,
    Redis,
    /// Three servers that share the keys.
    Cluster,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Standby {
    None,
    /// Every commit waits for it.
    Synchronous,
    /// No commit waits for it.
    Asynchronous,
}

/// What is sold.
struct Sale {
    chart: Option<Value>,
    event: Value,
}

/// A hall of one section.
fn hall() -> Sale {
    let row = |row: u32| {
        let seat = |seat: u32| json!({ "label": seat.to_string(), "x": seat, "y": row, "category": "hall" });
        json!({ "label": row.to_string(), "seats": (1..=ROW_SEATS).map(seat).collect::<Vec<_>>() })
    };
    let chart = json!({
        "name": "Cluster Hall",
        "categories": [{ "key": "hall", "name": "Hall" }],
        "sections": [{ "name": "A", "rows": (1..=ROWS).map(row).collect::<Vec<_>>() }],
        "focal_point": { "x": ROW_SEATS / 2, "y": 0 },
    });
    Sale { chart: Some(chart), event: json!({ "name": "Cluster Night", "prices": { "hall": 4_500 } }) }
}

/// Everything that runs. Its parts end in this order.
struct Topology {
    prometheus: Option<Prometheus>,
    nginx: Option<Nginx>,
    nodes: Vec<Node>,
    redis: Vec<Redis>,
    redis_cluster: Option<RedisCluster>,
    standby: Option<Postgres>,
    /// Ends last.
    _postgres: Postgres,
    url: String,
    key: String,
    event: String,
}

impl Topology {
    /// Starts everything; every node gets some more arguments.
    fn start(arguments: &Arguments, folder: &Path, sale: &Sale, more: &[&str]) -> anyhow::Result<Self> {
        eprintln!("starting PostgreSQL");
        let postgres = Postgres::start(&versions()[0], &["fsync=on"]);
        let url = postgres.database();
        let standby = (arguments.standby != Standby::None).then(|| {
            eprintln!("starting its standby");
            postgres.standby_on(free_port(), postgres.port())
        });
        if arguments.standby == Standby::Synchronous {
            postgres.wait_for_standbys(true);
        }
        let redis: Vec<Redis> =
            (arguments.gate == Gate::Redis).then(|| Redis::start(&[])).into_iter().collect();
        let redis_cluster = (arguments.gate == Gate::Cluster).then(|| RedisCluster::start(&programs()[0]));
        let gate = redis.first().map(Redis::url).or(redis_cluster.as_ref().map(RedisCluster::url));
        let key = secret_key(&arguments.flashtix, &url)?;
        // Nodes know both databases, and find the one that takes writes.
        let nodes_url = match &standby {
            Some(standby) => url.replace(
                &format!("127.0.0.1:{}", postgres.port()),
                &format!("127.0.0.1:{},127.0.0.1:{}", postgres.port(), standby.port()),
            ),
            None => url.clone(),
        };
        let mut nodes = Vec::new();
        for at in 0..arguments.nodes {
            eprintln!("starting node {} of {}", at + 1, arguments.nodes);
            let mut options = vec!["--database-url", &nodes_url, "--trust-proxy", "--drain-seconds", "0"];
            options.extend(gate.iter().flat_map(|url| ["--redis-url", url]));
            options.extend(more);
            nodes.push(Node::start(&arguments.flashtix, &options, &folder.join(format!("node-{at}.log")))?);
        }
        let ports: Vec<u16> = nodes.iter().map(Node::port).collect();
        let mut event = sale.event.clone();
        if let Some(chart) = &sale.chart {
            event["chart_id"] = make(ports[0], "/v1/charts", &key, chart)?.into();
        }
        let event = make(ports[0], "/v1/events", &key, &event)?;
        let nginx =
            (!arguments.no_nginx).then(|| Nginx::start(&ports)).transpose().map_err(anyhow::Error::msg)?;
        let prometheus = arguments.prometheus.then(|| Prometheus::start(&ports));
        let prometheus = prometheus.transpose().map_err(anyhow::Error::msg)?;
        Ok(Self {
            prometheus,
            nginx,
            nodes,
            redis,
            redis_cluster,
            standby,
            _postgres: postgres,
            url,
            key,
            event,
        })
    }

    /// Where buyers go.
    fn front(&self) -> String {
        format!("http://127.0.0.1:{}", self.nginx.as_ref().map_or(self.nodes[0].port(), Nginx::port))
    }

    fn told(&self, flashtix: &Path) -> String {
        let mut told = format!("front         {}\n", self.front());
        let mut line = |name: &str, value: String| {
            writeln!(told, "{name:<13} {value}").expect("a text takes what is written to it");
        };
        for node in &self.nodes {
            line("node", format!("http://127.0.0.1:{} (process {})", node.port(), node.id()));
        }
        line("postgresql", self.url.clone());
        self.standby.iter().for_each(|standby| line("standby", format!("port {}", standby.port())));
        self.redis.iter().for_each(|redis| line("redis", redis.url()));
        self.redis_cluster.iter().for_each(|cluster| line("redis", cluster.url()));
        self.prometheus
            .iter()
            .for_each(|server| line("prometheus", format!("http://127.0.0.1:{}", server.port())));
        line("event", self.event.clone());
        line("secret key", self.key.clone());
        let storm = format!(
            "{} storm --url {} --key {} --event {} --scenario arena --buyers 20000",
            flashtix.display(),
            self.front(),
            self.key,
            self.event
        );
        line("a crowd", storm);
        told
    }

    /// A crowd through the front, then the audit of the database.
    fn storm(&self, flashtix: &Path, buyers: u32) -> anyhow::Result<bool> {
        let (front, buyers) = (self.front(), buyers.to_string());
        let crowd =
            ["storm", "--scenario", "arena", "--connections", "512", "--url", &front, "--key", &self.key];
        let sold = Command::new(flashtix)
            .args(crowd)
            .args(["--event", &self.event, "--buyers", &buyers])
            .status()?;
        let audit = Command::new(flashtix).args(["audit", "--database-url", &self.url]).status()?;
        Ok(sold.success() && audit.success())
    }
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    if arguments.staleness {
        let is_kept = staleness::measure(&arguments, folder.path())?;
        return Ok(if is_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let topology = Topology::start(&arguments, folder.path(), &hall(), &[])?;
    println!("{}", topology.told(&arguments.flashtix));
    if let Some(buyers) = arguments.storm {
        let is_right = topology.storm(&arguments.flashtix, buyers)?;
        return Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    eprintln!("logs are in {}; Ctrl-C ends everything", folder.path().display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(tokio::signal::ctrl_c())?;
    Ok(ExitCode::SUCCESS)
}
