//! A Redis Cluster: three servers that share the keys, and a replica of each, which takes over when its server is gone.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::redis::Redis;
use super::{free_port, until};

/// Servers that share the keys of a cluster between them.
const PRIMARIES: u16 = 3;
/// Slots of a cluster.
const SLOTS: u16 = 16_384;
/// The first version whose clusters are told ranges of slots.
const VERSION_MIN: u32 = 7;
/// Keys that are moved at a time.
const MOVED_KEYS: &str = "100";
/// How long one server waits for another that it gives keys to.
const MOVE_TIMEOUT_MS: &str = "5000";

/// Three servers that share the keys of a cluster between them, and a replica of each.
#[derive(Debug)]
pub struct Cluster {
    /// The servers: at first the primaries, then their replicas in the same order.
    pub nodes: Vec<Redis>,
    program: PathBuf,
    folder: TempDir,
}

/// Why a cluster of this program cannot be had; `None` when it can.
#[must_use]
pub fn lacks(program: &Path) -> Option<String> {
    let told = Command::new(program).arg("--version").output();
    let told = told.map(|told| String::from_utf8_lossy(&told.stdout).into_owned());
    let Ok(told) = told else { return Some(format!("{} cannot be run", program.display())) };
    // "Redis server v=7.0.15 sha=…"
    let version = told.split(' ').find_map(|word| word.strip_prefix("v=")?.split('.').next()?.parse().ok());
    let is_old = version.is_none_or(|version: u32| version < VERSION_MIN);
    is_old.then(|| format!("{} is older than version {VERSION_MIN}", program.display()))
}

impl Cluster {
    /// Starts one, and waits until every node knows of all slots and every replica follows.
    ///
    /// # Panics
    /// When it does not come about.
    #[must_use]
    pub fn start(program: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut cluster = Self { nodes: Vec::new(), program: program.to_owned(), folder };
        for _ in 0..2 * PRIMARIES {
            // Its bus is 10,000 ports above, where nobody else is given one.
            let port = std::iter::repeat_with(free_port).find(|port| *port < 22_000);
            cluster.nodes.push(cluster.run(port.expect("there are free ports")));
        }
        cluster.share_slots();
        cluster.share_replicas();
        cluster
    }

    /// Starts one of its servers, which remembers the others if it was there before.
    fn run(&self, port: u16) -> Redis {
        let file = self.folder.path().join(format!("{port}.conf")).display().to_string();
        let quick = ["--cluster-node-timeout", "1000", "--repl-diskless-sync-delay", "0"];
        let cluster = ["--cluster-enabled", "yes", "--cluster-config-file", &file];
        Redis::run(&self.program, port, &[&cluster[..], &quick].concat())
    }

    fn share_slots(&self) {
        let share = SLOTS / PRIMARIES;
        for (at, primary) in (0..PRIMARIES).zip(&self.nodes) {
            let last = if at == PRIMARIES - 1 { SLOTS - 1 } else { (at + 1) * share - 1 };
            primary.command(&["CLUSTER", "ADDSLOTSRANGE", &(at * share).to_string(), &last.to_string()]);
        }
        for node in &self.nodes[1..] {
            node.command(&["CLUSTER", "MEET", "127.0.0.1", &self.nodes[0].port().to_string()]);
        }
        let knows = |node: &Redis| {
            let told = node.command(&["CLUSTER", "INFO"]);
            told.contains("cluster_state:ok")
                && told.contains(&format!("cluster_known_nodes:{}", 2 * PRIMARIES))
        };
        until("every node knows the cluster", || self.nodes.iter().all(knows).then_some(()));
    }

    fn share_replicas(&self) {
        let (primaries, replicas) = self.nodes.split_at(usize::from(PRIMARIES));
        for (primary, replica) in primaries.iter().zip(replicas) {
            replica.command(&["CLUSTER", "REPLICATE", &id_of(primary)]);
        }
        until("every replica follows", || replicas.iter().all(follows).then_some(()));
    }

    /// Its nodes, as a gate is told them.
    #[must_use]
    pub fn url(&self) -> String {
        self.nodes.iter().map(Redis::url).collect::<Vec<_>>().join(",")
    }

    /// Which node has a key, as far as this one knows.
    ///
    /// # Panics
    /// When it does not answer.
    #[must_use]
    pub fn owner(&self, key: &str, asked: usize) -> Option<usize> {
        let slot = slot_of(&self.nodes[asked], key);
        self.with_slots(asked, |line| has_slot(line, slot)).first().copied()
    }

    /// The nodes that have slots, as far as this one knows.
    ///
    /// # Panics
    /// When it does not answer.
    #[must_use]
    pub fn primaries(&self, asked: usize) -> Vec<usize> {
        self.with_slots(asked, |line| (0..SLOTS).any(|slot| has_slot(line, slot)))
    }

    /// The nodes of which a node tells such a line.
    fn with_slots(&self, asked: usize, is_such: impl Fn(&str) -> bool) -> Vec<usize> {
        let told = self.nodes[asked].command(&["CLUSTER", "NODES"]);
        let nodes = told.lines().filter(|line| is_such(line)).filter_map(|line| {
            // "7a9c… 127.0.0.1:20123@30123 master - …"
            let address = line.split(' ').nth(1)?.split('@').next()?;
            let port: u16 = address.rsplit(':').next()?.parse().ok()?;
            self.nodes.iter().position(|node| node.port() == port)
        });
        nodes.collect()
    }

    /// Starts a node again that was killed, at its old address.
    pub fn restart(&mut self, at: usize) {
        self.nodes[at] = self.run(self.nodes[at].port());
    }

    /// Whether a node follows another, and has what that one has.
    ///
    /// # Panics
    /// When it does not answer.
    #[must_use]
    pub fn follows(&self, at: usize) -> bool {
        follows(&self.nodes[at])
    }

    /// Begins to move the slot of a key: whatever is not there any more is asked for at its new owner.
    ///
    /// # Panics
    /// When a server refuses.
    pub fn begin_to_move(&self, key: &str, from: usize, to: usize) {
        let [giver, taker] = [&self.nodes[from], &self.nodes[to]];
        let slot = slot_of(giver, key).to_string();
        taker.command(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &id_of(giver)]);
        giver.command(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &id_of(taker)]);
    }

    /// Moves whatever there is in the slot of a key, and the slot.
    ///
    /// # Panics
    /// As [`Self::begin_to_move`].
    pub fn move_on(&self, key: &str, from: usize, to: usize) {
        let [giver, taker] = [&self.nodes[from], &self.nodes[to]];
        let slot = slot_of(giver, key).to_string();
        until("the slot is empty", || {
            let keys = giver.command(&["CLUSTER", "GETKEYSINSLOT", &slot, MOVED_KEYS]);
            let keys: Vec<&str> = keys.lines().filter(|key| !key.is_empty()).collect();
            if keys.is_empty() {
                return Some(());
            }
            let port = taker.port().to_string();
            let begin = ["MIGRATE", "127.0.0.1", &port, "", "0", MOVE_TIMEOUT_MS, "KEYS"];
            giver.command(&[&begin[..], &keys].concat());
            None
        });
        // The new owner first: whoever is sent on by the old one must not be sent back.
        for node in [taker, giver] {
            node.command(&["CLUSTER", "SETSLOT", &slot, "NODE", &id_of(taker)]);
        }
    }
}

fn id_of(node: &Redis) -> String {
    node.command(&["CLUSTER", "MYID"]).trim().to_owned()
}

fn follows(node: &Redis) -> bool {
    let told = node.command(&["INFO", "replication"]);
    told.contains("role:slave") && told.contains("master_link_status:up")
}

fn slot_of(node: &Redis, key: &str) -> u16 {
    let told = node.command(&["CLUSTER", "KEYSLOT", key]);
    told.trim().parse().expect("a slot is a number")
}

/// Whether a line of `CLUSTER NODES` gives a slot to its node: "… connected 0-5460 5462 [93->-7a9c…]".
fn has_slot(line: &str, slot: u16) -> bool {
    line.split(' ').skip(8).any(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let bounds = (first.parse::<u16>(), last.parse::<u16>());
        matches!(bounds, (Ok(first), Ok(last)) if (first..=last).contains(&slot))
    })
}

#[cfg(test)]
mod tests {
    use super::has_slot;

    #[test]
    fn slots_are_found_in_what_a_cluster_tells() {
        let line = "7a9c 127.0.0.1:20123@30123 myself,master - 0 1700 3 connected 0-5460 5462 [93->-8b0d]";
        assert!(has_slot(line, 0) && has_slot(line, 5460) && has_slot(line, 5462));
        assert!(!has_slot(line, 5461) && !has_slot(line, 5463));
        let replica = "8b0d 127.0.0.1:20124@30124 slave 7a9c 0 1700 3 connected";
        assert!(!has_slot(replica, 3));
    }
}
