//! Several nodes of the real binary over a PostgreSQL and a Redis of their own.

use std::path::Path;

use tempfile::TempDir;
use testkit::servers::free_port;
use testkit::servers::postgres::{Postgres, versions};
use testkit::servers::redis::Redis;

use crate::client::Client;
use crate::process::{Process, run};
use crate::sale::text_of;

/// Nodes of a cluster.
pub(crate) const NODES: usize = 3;

/// A cluster. Dropping it ends everything.
pub(crate) struct Cluster {
    pub(crate) postgres: Postgres,
    pub(crate) redis: Option<Redis>,
    pub(crate) nodes: Vec<Process>,
    pub(crate) url: String,
    /// One a node, with a secret key; nodes keep their addresses when they start again.
    pub(crate) clients: Vec<Client>,
    secret: String,
    redis_url: Option<String>,
    ports: Vec<u16>,
    directory: TempDir,
}

impl Cluster {
    /// A cluster on a server that flushes what it commits, with a gate or without.
    pub(crate) async fn start(has_gate: bool) -> Self {
        let postgres = Postgres::start(&versions()[0], &["fsync=on"]);
        let redis = has_gate.then(|| Redis::start(&[]));
        let url = postgres.database();
        let keys = run(&["keys", "create", "--json", "--database-url", &url]).await.json();
        let mut cluster = Self {
            redis_url: redis.as_ref().map(Redis::url),
            postgres,
            redis,
            nodes: Vec::new(),
            url,
            clients: Vec::new(),
            secret: text_of(&keys["secret_key"]),
            ports: (0..NODES).map(|_| free_port()).collect(),
            directory: TempDir::new().unwrap(),
        };
        for at in 0..NODES {
            let (node, client) = cluster.node(at).await;
            cluster.nodes.push(node);
            cluster.clients.push(client);
        }
        cluster
    }

    async fn node(&self, at: usize) -> (Process, Client) {
        let listen = format!("127.0.0.1:{}", self.ports[at]);
        let gate: Vec<&str> = self.redis_url.iter().flat_map(|url| ["--redis-url", url]).collect();
        let directory: &Path = self.directory.path();
        let (node, client) = Process::serve_on(directory, &listen, &self.url, &gate).await;
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
            self.redis = Some(Redis::start_on(port, &[]));
        }
    }
}
