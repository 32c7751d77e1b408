//! Sessions that batches are written on, and round trips of many statements.
//!
//! A session that did not end as it should is closed and never used again: the next user would inherit a transaction
//! that is not its own.
//!
//! While there is much to do, a commit begins the next transaction (`COMMIT AND CHAIN`), so that a batch may send everything in one
//! round trip. Sending `BEGIN` along instead would not do: should that statement fail, those behind it would be committed
//! one by one.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join, join_all};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Statement};

use super::connect::{Connector, Link};
use super::error::Failure;
use super::pooled::GRACE;

/// Statements of one round trip at most: so many are sent in the order in which they stand.
const CALLS_MAX: usize = 28;
/// For how long a session goes from one transaction to the next. The server publishes what a session did, the dead rows that
/// autovacuum goes by among it, only when it is in none.
const CHAIN_MAX: Duration = Duration::from_secs(1);
/// How long a session may be idle in a transaction that has done nothing yet: less than the server bears.
const IDLE_MAX: Duration = Duration::from_millis(500);
/// When such a session is given up, if nobody saw to it, as when this process stood still: the server ends it about now.
const IDLE_LOST: Duration = Duration::from_millis(1_500);

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
    /// Since when it goes from one transaction to the next; `None` while it is in none.
    begun_at: Option<Instant>,
    /// When it was put back last.
    idle_since: Instant,
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
        Self { link, statements: HashMap::new(), begun_at: None, idle_since: Instant::now() }
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

    /// Whether a transaction has begun that has done nothing yet.
    pub(super) fn has_begun(&self) -> bool {
        self.begun_at.is_some()
    }

    /// Runs the calls in a transaction that it begins unless one has begun, in one round trip.
    pub(super) async fn begin(&mut self, calls: &[Call]) -> Result<Vec<Vec<Row>>, Failure> {
        assert!(calls.len() <= CALLS_MAX, "a round trip of {} statements", calls.len());
        self.prepare(calls).await?;
        let is_new = !self.has_begun();
        let begin = async {
            match is_new {
                true => self.link.client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await,
                false => Ok(()),
            }
        };
        let (begun, answers) = join(begin, join_all(calls.iter().map(|call| self.answer(call)))).await;
        begun?;
        self.begun_at.get_or_insert_with(Instant::now);
        Ok(answers.into_iter().collect::<Result<_, _>>()?)
    }

    /// Runs the calls in the transaction that has begun and commits it, in one round trip: the commit is sent before any answer
    /// is there. With `goes_on` the next transaction has begun then, unless this has gone on for long.
    pub(super) async fn commit(&mut self, calls: &[Call], goes_on: bool) -> Result<Ended, Failure> {
        assert!(calls.len() <= CALLS_MAX, "a round trip of {} statements", calls.len());
        self.prepare(calls).await?;
        let warnings = self.link.warnings.count();
        let goes_on = goes_on && self.begun_at.is_some_and(|begun| begun.elapsed() < CHAIN_MAX);
        let commit = if goes_on { "COMMIT AND CHAIN" } else { "COMMIT AND NO CHAIN" };
        let commit = async { self.link.client.batch_execute(commit).await };
        let (answers, commit) = join(join_all(calls.iter().map(|call| self.answer(call))), commit).await;
        if !goes_on {
            self.begun_at = None;
        }
        Ok(Ended { answers, commit, is_warned: self.link.warnings.count() != warnings })
    }

    /// Ends a transaction that is not to be.
    pub(super) async fn roll_back(&mut self) -> Result<(), Failure> {
        self.begun_at = None;
        Ok(self.link.client.batch_execute("ROLLBACK").await?)
    }
}

/// The sessions that batches are written on.
pub(super) struct Writers {
    connector: Connector,
    idle: Arc<Mutex<Idle>>,
    permits: Arc<Semaphore>,
    patience: Duration,
}

/// Sessions that nobody uses, the one that was used last at the end.
#[derive(Default)]
struct Idle {
    sessions: Vec<Session>,
    /// Whether somebody sees to those that have begun a transaction.
    is_watched: bool,
}

/// A session for one transaction. Dropping it closes the connection.
pub(super) struct Lease {
    pub(super) session: Session,
    permit: OwnedSemaphorePermit,
}

impl Writers {
    pub(super) fn new(connector: Connector, sessions: usize, patience: Duration) -> Self {
        let permits = Arc::new(Semaphore::new(sessions));
        Self { connector, idle: Arc::default(), permits, patience }
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
            let Some(session) = self.idle.lock().sessions.pop() else { break };
            let is_lost = session.has_begun() && session.idle_since.elapsed() >= IDLE_LOST;
            if !session.link.client.is_closed() && !is_lost {
                return Ok(Lease { session, permit });
            }
        }
        let link = tokio::time::timeout(self.patience, self.connector.writer()).await;
        let link = link.map_err(|_| Failure::NoConnection("connecting took too long".to_owned()))??;
        Ok(Lease { session: Session::new(link), permit })
    }

    /// Takes back a session whose transaction has ended and was read to its end; the next one may have begun.
    pub(super) fn put_back(&self, mut lease: Lease) {
        lease.session.idle_since = Instant::now();
        let must_watch = lease.session.has_begun();
        let mut idle = self.idle.lock();
        idle.sessions.push(lease.session);
        if must_watch && !idle.is_watched {
            idle.is_watched = true;
            #[expect(
                clippy::disallowed_methods,
                reason = "it ends when no idle session has begun a transaction"
            )]
            tokio::spawn(end_idle_transactions(self.idle.clone(), self.permits.clone()));
        }
        drop(idle);
        drop(lease.permit);
    }

    /// How many sessions are idle, and how many may be opened or used beside them.
    pub(super) fn use_of(&self) -> (usize, usize) {
        (self.idle.lock().sessions.len(), self.permits.available_permits())
    }
}

/// Ends the transactions that sessions have begun and that nobody has used for a while, until there are none.
async fn end_idle_transactions(idle: Arc<Mutex<Idle>>, permits: Arc<Semaphore>) {
    loop {
        tokio::time::sleep(IDLE_MAX / 2).await;
        loop {
            // Without a permit every session is in use.
            let Ok(permit) = permits.clone().try_acquire_owned() else { break };
            let Some(session) = idle.lock().take_forgotten() else { break };
            let mut lease = Lease { session, permit };
            if matches!(tokio::time::timeout(GRACE, lease.session.roll_back()).await, Ok(Ok(()))) {
                // Before all others: it is the last that anybody needs.
                idle.lock().sessions.insert(0, lease.session);
            }
        }
        let mut idle = idle.lock();
        if !idle.sessions.iter().any(Session::has_begun) {
            idle.is_watched = false;
            return;
        }
    }
}

impl Idle {
    /// Takes out a session that has begun a transaction and been idle for too long.
    fn take_forgotten(&mut self) -> Option<Session> {
        let is_forgotten =
            |session: &Session| session.has_begun() && session.idle_since.elapsed() >= IDLE_MAX;
        let at = self.sessions.iter().position(is_forgotten)?;
        Some(self.sessions.remove(at))
    }
}
