//! Several nodes of the real binary over a PostgreSQL and a Redis of their own.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use testkit::servers::disk::Disk;
use testkit::servers::fake_redis::{FakeRedis, Lie};
use testkit::servers::free_port;
use testkit::servers::nginx::Nginx;
use testkit::servers::postgres::{Machine, Part, Postgres, versions};
use testkit::servers::proxy::{Network, Proxy};
use testkit::servers::redis::{Redis, programs};
use testkit::servers::redis_cluster::{self, Cluster as RedisCluster};
use testkit::servers::wall_clock::WallClock;

use crate::campaign::{audit, chart};
use crate::client::Client;
use crate::process::{Process, run};
use crate::sale::{id_of, metric_of, text_of};
use crate::waiting::until;

/// Nodes of a cluster.
pub(crate) const NODES: usize = 3;
/// Small enough to be filled at once, and large enough for what a campaign sells until then.
const DISK_MEBIBYTES: u32 = 128;

/// Who follows the database, and takes over when it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standby {
    /// Every commit waits for it.
    Synchronous,
    /// No commit waits for it.
    Asynchronous,
}

/// What the nodes' gate is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gate {
    /// A server with these arguments.
    Real(Program, &'static [&'static str]),
    /// A server behind an address that can be led to another one.
    Moving(Program),
    /// A cluster of servers.
    Cluster(Program),
    /// Servers that lie, one a node.
    Lying,
}

/// What serves the locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    Redis,
    Valkey,
}

impl Program {
    /// Where it is; nothing where this machine has none.
    fn path(self) -> Option<PathBuf> {
        programs().into_iter().nth(usize::from(self == Self::Valkey))
    }

    /// Starts one.
    pub(crate) fn run(self, port: u16, arguments: &[&str]) -> Redis {
        Redis::run(&self.path().unwrap(), port, arguments)
    }
}

impl Gate {
    fn program(self) -> Option<Program> {
        match self {
            Self::Real(program, _) | Self::Moving(program) | Self::Cluster(program) => Some(program),
            Self::Lying => None,
        }
    }

    fn start(self, port: u16) -> Option<Redis> {
        match self {
            Self::Real(program, arguments) => Some(program.run(port, arguments)),
            Self::Moving(program) => Some(program.run(port, &[])),
            Self::Cluster(_) | Self::Lying => None,
        }
    }

    fn start_cluster(self) -> Option<RedisCluster> {
        let Self::Cluster(program) = self else { return None };
        Some(RedisCluster::start(&program.path().unwrap()))
    }

    /// What this machine has not and the gate needs.
    fn lacks(self) -> Option<String> {
        let program = self.program()?;
        let Some(path) = program.path() else { return Some(format!("there is no {program:?}")) };
        if matches!(self, Self::Cluster(_)) { redis_cluster::lacks(&path) } else { None }
    }
}

/// What a cluster is made of, beside its nodes and the database.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Setup {
    /// The nodes' gate.
    pub(crate) gate: Option<Gate>,
    /// Networks between the nodes and the database that can be broken, one a node.
    pub(crate) has_network: bool,
    /// A second database.
    pub(crate) standby: Option<Standby>,
    /// Whether each node has a wall clock of its own that can be set.
    pub(crate) nodes_have_clocks: bool,
    /// Whether the database has one.
    pub(crate) database_has_clock: bool,
    /// The part of the database that has a small disk of its own.
    pub(crate) disk: Option<Part>,
    /// Whether buyers go through a load balancer.
    pub(crate) has_balancer: bool,
    /// Further arguments of every node.
    pub(crate) serve: &'static [&'static str],
}

impl Setup {
    /// With a gate that has everything it needs.
    pub(crate) fn with_gate() -> Self {
        Self { gate: Some(Gate::Real(Program::Redis, &[])), ..Self::default() }
    }

    /// What this machine has not and the setup needs.
    pub(crate) fn lacks(&self) -> Option<String> {
        if (self.nodes_have_clocks || self.database_has_clock) && !WallClock::is_there() {
            return Some("there is no libfaketime".to_owned());
        }
        if let Some(what) = self.gate.and_then(Gate::lacks) {
            return Some(what);
        }
        if self.has_balancer && !Nginx::is_there() {
            return Some("there is no nginx".to_owned());
        }
        let unmounted = self.disk.and_then(|_| Disk::mount(1).err());
        unmounted.map(|reason| format!("no disk can be mounted: {reason}"))
    }
}

/// A cluster. Dropping it ends everything.
pub(crate) struct Cluster {
    pub(crate) postgres: Postgres,
    pub(crate) redis: Option<Redis>,
    /// The servers of a gate that is a cluster.
    pub(crate) shards: Option<RedisCluster>,
    /// The gates that lie, one a node: what each node asked is counted.
    pub(crate) liars: Vec<FakeRedis>,
    pub(crate) nodes: Vec<Process>,
    /// The database's, for whoever looks at what was kept.
    pub(crate) url: String,
    /// One a node, with a secret key; nodes keep their addresses when they start again.
    pub(crate) clients: Vec<Client>,
    /// Where buyers go: to the nodes, or to the load balancer before them.
    pub(crate) doors: Vec<Client>,
    /// The hall of every event.
    pub(crate) chart: String,
    /// The nodes' wall clocks, where they have their own.
    pub(crate) clocks: Vec<WallClock>,
    /// Between each node and the database.
    pub(crate) networks: Vec<Proxy>,
    /// Between the database and its standby.
    pub(crate) replication: Option<Proxy>,
    /// Leads the nodes to their gate.
    pub(crate) gateway: Option<Proxy>,
    balancer: Option<Nginx>,
    standby: Option<Postgres>,
    setup: Setup,
    nodes_url: String,
    secret: String,
    ports: Vec<u16>,
    directory: TempDir,
}

/// What a node's metrics say of a series.
pub(crate) async fn metric(client: &Client, series: &str) -> f64 {
    metric_of(&client.get("/metrics").await.text(), series)
}

impl Cluster {
    /// A cluster on a server that flushes what it commits.
    pub(crate) async fn start(setup: Setup) -> Self {
        let clock = setup.database_has_clock.then(|| WallClock::find().unwrap());
        let disk = setup.disk.map(|part| (part, Disk::mount(DISK_MEBIBYTES).unwrap()));
        let postgres = Postgres::start_on(Machine { clock, disk }, &versions()[0], &["fsync=on"]);
        let url = postgres.database();
        Self::over(postgres, url, setup).await
    }

    /// A cluster over a database of a server's.
    pub(crate) async fn over(postgres: Postgres, url: String, setup: Setup) -> Self {
        let redis = setup.gate.and_then(|gate| gate.start(free_port()));
        let shards = setup.gate.and_then(Gate::start_cluster);
        let is_moving = matches!(setup.gate, Some(Gate::Moving(_)));
        let gateway = redis.as_ref().filter(|_| is_moving).map(|redis| Proxy::start(redis.port()));
        let is_lying = matches!(setup.gate, Some(Gate::Lying));
        let liars = (0..NODES).filter(|_| is_lying).map(|_| FakeRedis::start(Lie::Grants)).collect();
        let clocks =
            (0..NODES).filter(|_| setup.nodes_have_clocks).filter_map(|_| WallClock::find()).collect();
        let networks =
            (0..NODES).filter(|_| setup.has_network).map(|_| Proxy::start(postgres.port())).collect();
        let own = format!("127.0.0.1:{}", postgres.port());
        let nodes_url = match setup.standby {
            Some(_) => url.replace(&own, &format!("{own},127.0.0.1:{}", free_port())),
            None => url.clone(),
        };
        let keys = run(&["keys", "create", "--json", "--database-url", &url]).await.json();
        let mut cluster = Self {
            postgres,
            redis,
            shards,
            liars,
            nodes: Vec::new(),
            url,
            clients: Vec::new(),
            doors: Vec::new(),
            chart: String::new(),
            clocks,
            networks,
            replication: None,
            gateway,
            balancer: None,
            standby: None,
            setup,
            nodes_url,
            secret: text_of(&keys["secret_key"]),
            ports: (0..NODES).map(|_| free_port()).collect(),
            directory: TempDir::new().unwrap(),
        };
        if setup.standby.is_some() {
            cluster.follow();
        }
        for at in 0..NODES {
            let (node, client) = cluster.node(at).await;
            cluster.nodes.push(node);
            cluster.clients.push(client);
        }
        cluster.doors = cluster.clients.clone();
        if setup.has_balancer {
            let balancer = Nginx::start(&cluster.ports).unwrap();
            let door = Client::of_url(&format!("http://127.0.0.1:{}", balancer.port()));
            cluster.doors = vec![door.with_key(&cluster.secret)];
            cluster.balancer = Some(balancer);
        }
        if setup.gate.is_some() {
            cluster.know_each_other().await;
        }
        cluster.chart = id_of(&cluster.clients[0].post("/v1/charts", &chart()).await.ok(201));
        cluster
    }

    /// Waits until each node knows that it is not alone: until then the first one asks no gate.
    async fn know_each_other(&self) {
        for client in &self.clients {
            until("a node knows of the others", async || {
                (metric(client, "flashtix_nodes_live").await >= NODES as f64).then_some(())
            })
            .await;
        }
    }

    /// What each node's metrics say of a series.
    pub(crate) async fn metrics(&self, series: &str) -> Vec<f64> {
        let mut values = Vec::new();
        for client in &self.clients {
            values.push(metric(client, series).await);
        }
        values
    }

    /// Waits until a series of each node's metrics is beyond what it was.
    pub(crate) async fn until_beyond(&self, series: &str, before: &[f64]) {
        for (client, before) in self.clients.iter().zip(before) {
            let what = format!("{series} beyond {before}");
            until(&what, async || (metric(client, series).await > *before).then_some(())).await;
        }
    }

    /// Changes the networks of all nodes.
    pub(crate) fn weather(&self, network: Network) {
        self.networks.iter().for_each(|own| own.set(network));
    }

    /// Waits until each node's network has struck as often, since it is what it is.
    pub(crate) async fn until_struck(&self, times: usize) {
        for network in &self.networks {
            until("the network strikes", async || (network.strikes() >= times).then_some(())).await;
        }
    }

    /// The gate's URL, as a node is told it.
    fn gate_url(&self, at: usize) -> Option<String> {
        let gateway = self.gateway.as_ref().map(|proxy| format!("redis://127.0.0.1:{}", proxy.port()));
        let shards = self.shards.as_ref().map(RedisCluster::url);
        let single = self.redis.as_ref().map(Redis::url);
        gateway.or(single).or(shards).or(self.liars.get(at).map(FakeRedis::url))
    }

    /// How many locks the gate was asked for since its servers started; `None` where it has none of its own.
    pub(crate) fn locks_asked(&self) -> Option<u64> {
        let shards = self.shards.as_ref().map(|shards| shards.nodes.iter().map(Redis::locks_asked).sum());
        self.redis.as_ref().map(Redis::locks_asked).or(shards)
    }

    /// The database's URL, as a node is told it.
    fn database_url(&self, at: usize) -> String {
        match self.networks.get(at) {
            Some(network) => self.nodes_url.replace(
                &format!("127.0.0.1:{}", self.postgres.port()),
                &format!("127.0.0.1:{}", network.port()),
            ),
            None => self.nodes_url.clone(),
        }
    }

    async fn node(&self, at: usize) -> (Process, Client) {
        let listen = format!("127.0.0.1:{}", self.ports[at]);
        let gate = self.gate_url(at);
        let mut arguments: Vec<&str> = gate.iter().flat_map(|url| ["--redis-url", url]).collect();
        arguments.extend(self.setup.serve);
        let directory: &Path = self.directory.path();
        let clock = self.clocks.get(at);
        let (node, client) =
            Process::serve_by(clock, directory, &listen, &self.database_url(at), &arguments).await;
        (node, client.with_key(&self.secret))
    }

    /// Lets the nodes finish, and demands that the audit finds nothing; returns the database's server.
    pub(crate) async fn end(mut self) -> Postgres {
        drop(self.balancer.take());
        for node in self.nodes.drain(..) {
            node.stop().await;
        }
        audit(&self.url).await;
        self.postgres
    }

    /// Starts a node again that was killed.
    pub(crate) async fn restart(&mut self, at: usize) {
        let (node, _) = self.node(at).await;
        self.nodes[at] = node;
    }

    /// Starts the gate's server again, at its old address.
    pub(crate) fn restart_redis(&mut self) {
        if let Some(old) = self.redis.take() {
            let port = old.port();
            drop(old);
            self.redis = self.setup.gate.and_then(|gate| gate.start(port));
        }
    }

    /// Starts a standby at the one of the two addresses where no database is.
    pub(crate) fn follow(&mut self) {
        let hosts = self.nodes_url.split(['@', '/', ',']);
        let mut ports = hosts.filter_map(|host| host.strip_prefix("127.0.0.1:")?.parse::<u16>().ok());
        let port = ports.find(|port| *port != self.postgres.port()).unwrap();
        let replication = Proxy::start(self.postgres.port());
        self.standby = Some(self.postgres.standby_on(port, replication.port()));
        self.replication = Some(replication);
        if self.setup.standby == Some(Standby::Synchronous) {
            self.postgres.wait_for_standbys(true);
        }
    }

    /// Kills the database and has its standby take its place.
    pub(crate) fn fail_over(&mut self) {
        self.postgres.kill();
        let standby = self.standby.take().expect("the cluster has a standby");
        standby.promote();
        self.url = self.url.replace(&format!(":{}/", self.postgres.port()), &format!(":{}/", standby.port()));
        self.postgres = standby;
    }
}
