//! Connections of the pool, and how long an answer is waited for.
//!
//! The server has timeouts of its own, but a server that stands still, or a network that swallows its answers, applies
//! none. So everything is waited for within a deadline of the client's, a new session's settings included, and a connection that did not answer is closed:
//! its next user would wait behind what it still has to say. One whose user went away meanwhile is asked whether it answers before
//! anybody else gets it: clients that come and go must not cost the server a connection each.

use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use deadpool_postgres::{Client, Object, Pool};
use futures_util::future::BoxFuture;
use tokio_postgres::types::ToSql;
use tokio_postgres::{IsolationLevel, Row, Transaction};

use super::connect::Link;
use super::error::{Failure, is_fatal, told};
use super::{PostgresOptions, PostgresStore};

/// How much longer than the server's own timeouts an answer is waited for: what takes longer than that is not going to
/// come.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// Statements that the catalog writes in one transaction at most.
const WRITES_MAX: u32 = 9;

/// A connection of the pool.
pub(super) struct Pooled {
    /// There until it is given back.
    client: Option<Client>,
    /// How long its answer is waited for if its user goes away.
    patience: Duration,
}

impl Pooled {
    /// Gives the connection back, or closes it when what was asked of it was not answered.
    pub(super) fn after<T>(mut self, answer: Result<T, Failure>) -> Result<T, Failure> {
        let client = self.client.take();
        if matches!(answer, Err(Failure::NoConnection(_))) {
            drop(client.map(Object::take));
        }
        answer
    }

    /// A transaction that sees one commit.
    pub(super) async fn snapshot(&mut self) -> Result<deadpool_postgres::Transaction<'_>, Failure> {
        let read = self.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
        Ok(read.start().await?)
    }
}

/// Dropped by a user who went away: what was asked may still be unanswered.
impl Drop for Pooled {
    fn drop(&mut self) {
        let (Some(client), patience) = (self.client.take(), self.patience) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return drop(Object::take(client)) };
        runtime.spawn(async move {
            let answered = tokio::time::timeout(patience, client.simple_query("")).await;
            if !matches!(answered, Ok(Ok(_))) {
                drop(Object::take(client));
            }
        });
    }
}

impl Deref for Pooled {
    type Target = Client;

    fn deref(&self) -> &Client {
        self.client.as_ref().expect("a connection is there until it is given back")
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut Client {
        self.client.as_mut().expect("a connection is there until it is given back")
    }
}

impl PostgresStore {
    /// A connection of the pool.
    pub(super) async fn client(&self) -> Result<Pooled, Failure> {
        checkout(&self.pool, &self.options).await
    }

    /// Waits no longer than so many statements may take.
    pub(super) async fn in_time<T>(
        &self,
        statements: u32,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let patience = self.options.statement_timeout * statements + GRACE;
        tokio::time::timeout(patience, work).await.unwrap_or_else(|_| Err(no_answer()))
    }

    /// The rows of a statement that is kept prepared.
    pub(super) async fn query(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Failure> {
        let client = self.client().await?;
        let read = async {
            let statement = client.prepare_cached(sql).await?;
            Ok(client.query(&statement, values).await?)
        };
        let rows = self.in_time(1, read).await;
        client.after(rows)
    }

    /// Commits what `work` writes, on a connection of the catalog's own.
    ///
    /// # Errors
    /// Those of `work`, after which nothing was written; and [`Failure::Unknown`] when the commit itself was not answered, or
    /// the server warned of it, as it does when it stops waiting for a standby.
    pub(super) async fn write<T>(
        &self,
        work: impl for<'a> FnOnce(&'a Transaction<'a>) -> BoxFuture<'a, Result<T, Failure>> + Send,
    ) -> Result<T, Failure> {
        let mut lease = self.catalog_writers.take().await?;
        let (written, is_clean) = self.write_on(&mut lease.session.link, work).await;
        if is_clean {
            self.catalog_writers.put_back(lease);
        }
        written
    }

    /// Writes on a connection; says whether the connection can be used again.
    async fn write_on<T>(
        &self,
        link: &mut Link,
        work: impl for<'a> FnOnce(&'a Transaction<'a>) -> BoxFuture<'a, Result<T, Failure>> + Send,
    ) -> (Result<T, Failure>, bool) {
        let Link { client, warnings } = link;
        let transaction = match self.in_time(1, async { Ok(client.transaction().await?) }).await {
            Ok(transaction) => transaction,
            Err(failure) => return (Err(failure), false),
        };
        let written = match self.in_time(WRITES_MAX, work(&transaction)).await {
            Ok(written) => written,
            Err(failure) => {
                let rolled_back = tokio::time::timeout(GRACE, transaction.rollback()).await;
                return (Err(failure), matches!(rolled_back, Ok(Ok(()))));
            }
        };
        let before = warnings.count();
        let committed = tokio::time::timeout(self.options.statement_timeout + GRACE, transaction.commit());
        let failure = match committed.await {
            Ok(Ok(())) if warnings.count() == before => return (Ok(written), true),
            Ok(Ok(())) => Failure::Unknown("the server warned while it committed".to_owned()),
            Ok(Err(error)) if error.as_db_error().is_some() && !is_fatal(&error) => error.into(),
            Ok(Err(error)) => Failure::Unknown(told(&error)),
            Err(_) => Failure::Unknown("the database did not answer a commit".to_owned()),
        };
        (Err(failure), false)
    }
}

/// A connection of the pool, or an error in time. The pool bounds the waiting and the connecting, but not the settings of a new
/// session: a server may fall silent between the two.
pub(super) async fn checkout(pool: &Pool, options: &PostgresOptions) -> Result<Pooled, Failure> {
    let patience = options.checkout_timeout + options.connect_timeout + GRACE;
    match tokio::time::timeout(patience, pool.get()).await {
        Ok(client) => Ok(Pooled { client: Some(client?), patience: options.statement_timeout + GRACE }),
        Err(_) => Err(no_answer()),
    }
}

/// What is said of a server that does not answer.
pub(super) fn no_answer() -> Failure {
    Failure::NoConnection("the database did not answer".to_owned())
}
