//! The relay: commits themselves, from node to node in passing, so that a desk shows what others did without asking.
//!
//! Nothing depends on it. What is committed is posted after its clients have their answers' worth, and never waited for; what does not
//! get through is found in the ledger, where it would have been found anyway. A message that was lost, repeated, put in
//! another order or made up changes nothing but how soon a desk knows: it never says that a desk is up to date, and what it
//! brings is taken only where it extends the desk's own chain, under a MAC that only nodes of this installation can make.
//!
//! - [`message`]: a message as bytes, and what keeps others from making one

pub mod message;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::store::CommitWrite;

pub use message::RelayKey;
use message::{Letter, MESSAGE_BYTES_MAX};

/// Commits that wait to be sent at most. What finds no room is not sent.
pub(crate) const OUTBOX_COMMITS_MAX: usize = 256;
/// Bytes of commits that were heard and wait for their desks' turns, of the whole process. What finds no room is read from the
/// ledger.
pub(crate) const INBOX_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What a relay's methods return.
pub type RelayFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Carries messages between nodes, if it can.
pub trait Relay: Send + Sync + 'static {
    /// Hands a message to whoever hears; whether it was taken. Never fails and answers within a bound.
    fn send(&self, message: Bytes) -> RelayFuture<'_, bool>;

    /// The next message that anybody sent, this node included; waits for it, for ever if need be. One task asks.
    fn hear(&self) -> RelayFuture<'_, Bytes>;
}

/// A relay, and what its messages are sealed with.
#[derive(Clone)]
pub struct Relaying {
    /// What carries them.
    pub relay: Arc<dyn Relay>,
    /// Makes and checks their seals.
    pub key: RelayKey,
}

/// A commit on its way to the relay, with the name of the history that it belongs to.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) history: u64,
    pub(crate) write: Arc<CommitWrite>,
}

/// Where sequencers leave what they committed. Never waits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outbox(Option<mpsc::Sender<Post>>);

impl Outbox {
    /// An outbox, and what comes out of it.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Post>) {
        let (sender, posts) = mpsc::channel(OUTBOX_COMMITS_MAX);
        (Self(Some(sender)), posts)
    }

    /// Leaves a commit, if there is a relay and room.
    pub(crate) fn post(&self, history: u64, write: &Arc<CommitWrite>) {
        let Some(sender) = &self.0 else { return };
        if sender.try_send(Post { history, write: write.clone() }).is_err() {
            sent("dropped", 1);
        }
    }
}

/// Sends what sequencers leave, for ever. While a message is on its way others gather, and go as one: there is no timer.
pub(crate) async fn send_all(relaying: Relaying, node: u64, mut posts: mpsc::Receiver<Post>) {
    while let Some(first) = posts.recv().await {
        let mut letter = Letter::new(node);
        let (mut told, mut announced) = (0, 0);
        let mut next = Some(first);
        while let Some(post) = next {
            if letter.add(post.history, &post.write) {
                told += 1
            } else {
                announced += 1
            }
            next = if letter.len() < MESSAGE_BYTES_MAX { posts.try_recv().ok() } else { None };
        }
        if relaying.relay.send(letter.sealed(&relaying.key)).await {
            sent("told", told);
            sent("announced", announced);
        } else {
            sent("dropped", told + announced);
        }
    }
    // The engine is gone.
    std::future::pending().await
}

/// Counts commits that were to be sent, by what became of them.
fn sent(outcome: &'static str, commits: u64) {
    if commits > 0 {
        metrics::counter!("flashtix_relay_sent_total", "outcome" => outcome).increment(commits);
    }
}

/// Counts commits that were heard, by what became of them.
pub(crate) fn heard(outcome: &'static str, commits: u64) {
    if commits > 0 {
        metrics::counter!("flashtix_relay_heard_total", "outcome" => outcome).increment(commits);
    }
}
