//! A transaction whose statements travel together: what its friends would do who count round trips.

use deadpool_postgres::{Client, Object};

/// A connection with an open transaction. Dropped before it is closed, the connection is given up and not back to the pool:
/// whoever had it next would find itself in the middle of that transaction.
pub(super) struct Transaction {
    client: Option<Client>,
}

impl Transaction {
    pub(super) fn on(client: Client) -> Self {
        Self { client: Some(client) }
    }

    pub(super) fn client(&self) -> &Client {
        self.client.as_ref().unwrap_or_else(|| unreachable!("it is there until it is closed or dropped"))
    }

    /// Gives the connection back, after its `COMMIT` or `ROLLBACK`.
    pub(super) fn close(mut self) {
        self.client.take();
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}
