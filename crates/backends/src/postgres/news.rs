//! Word between nodes that something was committed: `NOTIFY` after the commit, on another connection.
//!
//! Within the transaction it would make one queue of all commits of the cluster. It only wakes: what was committed is read
//! from the ledger, and whoever misses a word looks a poll's interval later.

use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::join;
use tokio::sync::{Notify, watch};
use tokio_postgres::AsyncMessage;

use super::PostgresStore;
use super::connect::Connector;
use super::error::Failure;

/// The channel, one in every database.
const CHANNEL: &str = "flashtix_commits";
/// The shortest time between two words of one node: a hundred a second at most, whatever it commits.
const TELL_INTERVAL: Duration = Duration::from_millis(10);
/// How long a node that cannot listen waits before it tries again.
const LISTEN_PAUSE: Duration = Duration::from_secs(1);

/// What a node has to say, and what it heard.
pub(super) struct News {
    /// Tells the node's own words from others'.
    node: String,
    committed: Notify,
    heard: watch::Sender<u64>,
}

impl News {
    pub(super) fn new() -> Self {
        let node = format!("{:016x}", rand::random::<u64>());
        Self { node, committed: Notify::new(), heard: watch::Sender::new(0) }
    }

    /// Something was committed here.
    pub(super) fn committed(&self) {
        self.committed.notify_one();
    }

    /// Changes whenever another node says that it committed.
    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.heard.subscribe()
    }

    fn hear(&self, from: &str) {
        if from != self.node {
            self.heard.send_modify(|count| *count = count.wrapping_add(1));
        }
    }
}

impl PostgresStore {
    /// Tells other nodes of what is committed here, and hears what they say, for ever.
    ///
    /// Without it everything works, and desks of other nodes follow by polling.
    pub async fn exchange_news(&self) {
        join(self.tell_news(), self.hear_news()).await;
    }

    async fn tell_news(&self) {
        loop {
            self.news.committed.notified().await;
            if let Err(error) = self.query("SELECT pg_notify($1, $2)", &[&CHANNEL, &self.news.node]).await {
                tracing::debug!(%error, "other nodes could not be told of a commit");
            }
            tokio::time::sleep(TELL_INTERVAL).await;
        }
    }

    async fn hear_news(&self) {
        loop {
            if let Err(error) = self.writers.connector().listen(|from| self.news.hear(from)).await {
                tracing::debug!(%error, "other nodes cannot be heard for now");
            }
            tokio::time::sleep(LISTEN_PAUSE).await;
        }
    }
}

impl Connector {
    /// Hears until the connection ends.
    async fn listen(&self, heard: impl Fn(&str)) -> Result<(), Failure> {
        let (client, mut connection) = self.connect().await?;
        let listen = format!("LISTEN {CHANNEL}");
        let mut listening = pin!(client.batch_execute(&listen));
        let mut is_listening = false;
        loop {
            tokio::select! {
                listened = &mut listening, if !is_listening => {
                    listened?;
                    is_listening = true;
                }
                message = poll_fn(|context| connection.poll_message(context)) => match message {
                    Some(Ok(AsyncMessage::Notification(word))) => heard(word.payload()),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(error.into()),
                    None => return Ok(()),
                },
            }
        }
    }
}
