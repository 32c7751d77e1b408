//! Sessions that batches are written on, and round trips of many statements.
//!
//! A session that did not end as it should is closed and never used again: the next user would inherit a transaction
//! that is not its own.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join, join_all};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Statement};

use super::connect::{Connector, Link};
use super::error::Failure;

/// Statements of one round trip at most: so many are sent in the order in which they stand.
const CALLS_MAX: usize = 28;

/// One statement with its values.
pub(super) struct Call {
    sql: &'static str,
    values: Vec<Box<dyn ToSql + Send + Sync>>,
}

impl Call {
    pub(super) fn new(sql: &'static str) -> Self {
        Self { sql, values: Vec::new() }
    }

    /// Adds the next value.
    pub(super) fn with(mut self, value: impl ToSql + Send + Sync + 'static) -> Self {
        self.values.push(Box::new(value));
        self
    }
}

/// One connection with its prepared statements.
pub(super) struct Session {
    pub(super) link: Link,
    statements: HashMap<&'static str, Statement>,
}

/// What a round trip answered, call by call.
pub(super) type Answers = Vec<Result<Vec<Row>, Error>>;

/// How a transaction that was asked to commit ended.
pub(super) struct Ended {
    /// The answers to the calls before the commit.
    pub(super) answers: Answers,
    /// The answer to the commit itself.
    pub(super) commit: Result<(), Error>,
    /// Whether the server warned meanwhile, as it does when it stops waiting for a standby.
    pub(super) is_warned: bool,
}

impl Session {
    fn new(link: Link) -> Self {
        Self { link, statements: HashMap::new() }
    }

    /// Prepares what is not prepared yet.
    async fn prepare(&mut self, calls: &[Call]) -> Result<(), Failure> {
        for call in calls {
            if !self.statements.contains_key(call.sql) {
                let statement = self.link.client.prepare(call.sql).await?;
                self.statements.insert(call.sql, statement);
            }
        }
        Ok(())
    }

    async fn answer(&self, call: &Call) -> Result<Vec<Row>, Error> {
        let values: Vec<&(dyn ToSql + Sync)> =
            call.values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
        self.link.client.query(&self.statements[call.sql], &values).await
    }

    /// Begins a transaction and runs the calls in it, in one round trip.
    pub(super) async fn begin(&mut self, calls: &[Call]) -> Result<Vec<Vec<Row>>, Failure> {
        assert!(calls.len() <= CALLS_MAX, "a round trip of {} statements", calls.len());
        self.prepare(calls).await?;
        let begin = self.link.client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED");
        let (begun, answers) = join(begin, join_all(calls.iter().map(|call| self.answer(call)))).await;
        begun?;
        Ok(answers.into_iter().collect::<Result<_, _>>()?)
    }

    /// Runs the calls and commits, in one round trip: the commit is sent before any answer is there.
    pub(super) async fn commit(&mut self, calls: &[Call]) -> Result<Ended, Failure> {
        assert!(calls.len() <= CALLS_MAX, "a round trip of {} statements", calls.len());
        self.prepare(calls).await?;
        let warnings = self.link.warnings.count();
        let commit = async { self.link.client.batch_execute("COMMIT").await };
        let (answers, commit) = join(join_all(calls.iter().map(|call| self.answer(call))), commit).await;
        Ok(Ended { answers, commit, is_warned: self.link.warnings.count() != warnings })
    }

    /// Ends a transaction that is not to be.
    pub(super) async fn roll_back(&mut self) -> Result<(), Failure> {
        Ok(self.link.client.batch_execute("ROLLBACK").await?)
    }
}

/// The sessions that batches are written on.
pub(super) struct Writers {
    connector: Connector,
    idle: Mutex<Vec<Session>>,
    permits: Arc<Semaphore>,
    patience: Duration,
}

/// A session for one transaction. Dropping it closes the connection.
pub(super) struct Lease {
    pub(super) session: Session,
    permit: OwnedSemaphorePermit,
}

impl Writers {
    pub(super) fn new(connector: Connector, sessions: usize, patience: Duration) -> Self {
        let permits = Arc::new(Semaphore::new(sessions));
        Self { connector, idle: Mutex::default(), permits, patience }
    }

    /// What makes sessions.
    pub(super) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// A session, a new one if none is idle.
    pub(super) async fn take(&self) -> Result<Lease, Failure> {
        let permit = tokio::time::timeout(self.patience, self.permits.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = permit else {
            return Err(Failure::NoConnection("every writing connection is in use".to_owned()));
        };
        loop {
            let Some(session) = self.idle.lock().pop() else { break };
            if !session.link.client.is_closed() {
                return Ok(Lease { session, permit });
            }
        }
        let link = tokio::time::timeout(self.patience, self.connector.writer()).await;
        let link = link.map_err(|_| Failure::NoConnection("connecting took too long".to_owned()))??;
        Ok(Lease { session: Session::new(link), permit })
    }

    /// Takes back a session whose transaction has ended and was read to its end.
    pub(super) fn put_back(&self, lease: Lease) {
        self.idle.lock().push(lease.session);
        drop(lease.permit);
    }

    /// How many sessions are idle, and how many may be opened or used beside them.
    pub(super) fn use_of(&self) -> (usize, usize) {
        (self.idle.lock().len(), self.permits.available_permits())
    }
}
