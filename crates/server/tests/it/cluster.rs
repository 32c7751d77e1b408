//! Several nodes of the real binary over a PostgreSQL and a Redis of their own.

use std::path::Path;

use tempfile::TempDir;
use testkit::servers::free_port;
use testkit::servers::postgres::{Postgres, versions};
use testkit::servers::proxy::Proxy;
use testkit::servers::redis::Redis;

use crate::client::Client;
use crate::process::{Process, run};
use crate::sale::text_of;

/// Nodes of a cluster.
pub(crate) const NODES: usize = 3;

/// Who follows the database, and takes over when it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standby {
    /// Every commit waits for it.
    Synchronous,
    /// No commit waits for it.
    Asynchronous,
}

/// What a cluster is made of, beside its nodes and the database.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Setup {
    /// Arguments of the Redis that is its gate; without any there is none.
    pub(crate) gate: Option<&'static [&'static str]>,
    /// A network between the nodes and the database that can be broken.
    pub(crate) has_network: bool,
    /// A second database.
    pub(crate) standby: Option<Standby>,
    /// Further arguments of every node.
    pub(crate) serve: &'static [&'static str],
}

impl Setup {
    /// With a gate that has everything it needs.
    pub(crate) fn with_gate() -> Self {
        Self { gate: Some(&[]), ..Self::default() }
    }
}

/// A cluster. Dropping it ends everything.
pub(crate) struct Cluster {
    pub(crate) postgres: Postgres,
    pub(crate) redis: Option<Redis>,
    pub(crate) nodes: Vec<Process>,
    /// The database's, for whoever looks at what was kept.
    pub(crate) url: String,
    /// One a node, with a secret key; nodes keep their addresses when they start again.
    pub(crate) clients: Vec<Client>,
    /// Between the nodes and the database.
    pub(crate) network: Option<Proxy>,
    /// Between the database and its standby.
    pub(crate) replication: Option<Proxy>,
    standby: Option<Postgres>,
    setup: Setup,
    nodes_url: String,
    secret: String,
    ports: Vec<u16>,
    directory: TempDir,
}

impl Cluster {
    /// A cluster on a server that flushes what it commits.
    pub(crate) async fn start(setup: Setup) -> Self {
        let postgres = Postgres::start(&versions()[0], &["fsync=on"]);
        let redis = setup.gate.map(Redis::start);
        let url = postgres.database();
        let network = setup.has_network.then(|| Proxy::start(postgres.port()));
        let own = format!("127.0.0.1:{}", postgres.port());
        let nodes_url = match (&network, setup.standby) {
            (Some(network), _) => url.replace(&own, &format!("127.0.0.1:{}", network.port())),
            (None, Some(_)) => url.replace(&own, &format!("{own},127.0.0.1:{}", free_port())),
            (None, None) => url.clone(),
        };
        let keys = run(&["keys", "create", "--json", "--database-url", &url]).await.json();
        let mut cluster = Self {
            postgres,
            redis,
            nodes: Vec::new(),
            url,
            clients: Vec::new(),
            network,
            replication: None,
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
        cluster
    }

    async fn node(&self, at: usize) -> (Process, Client) {
        let listen = format!("127.0.0.1:{}", self.ports[at]);
        let gate = self.redis.as_ref().map(Redis::url);
        let mut arguments: Vec<&str> = gate.iter().flat_map(|url| ["--redis-url", url]).collect();
        arguments.extend(self.setup.serve);
        let directory: &Path = self.directory.path();
        let (node, client) = Process::serve_on(directory, &listen, &self.nodes_url, &arguments).await;
        (node, client.with_key(&self.secret))
    }

    /// Starts a node again that was killed.
    pub(crate) async fn restart(&mut self, at: usize) {
        let (node, _) = self.node(at).await;
        self.nodes[at] = node;
    }

    /// Starts the gate's server again, at its old address.
    pub(crate) fn restart_redis(&mut self) {
        if let Some(redis) = self.redis.take() {
            let port = redis.port();
            drop(redis);
            self.redis = Some(Redis::start_on(port, self.setup.gate.unwrap_or_default()));
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
