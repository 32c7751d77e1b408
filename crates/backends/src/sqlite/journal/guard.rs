//! The guard on every row that a commit writes.

use rusqlite::{CachedStatement, Connection, Params, ToSql};

use super::super::error::Failure;

/// A statement that must change exactly one row each time.
pub(super) struct Guarded<'c> {
    statement: CachedStatement<'c>,
    what: &'static str,
}

impl<'c> Guarded<'c> {
    pub(super) fn new(connection: &'c Connection, what: &'static str, sql: &str) -> Result<Self, Failure> {
        Ok(Self { statement: connection.prepare_cached(sql)?, what })
    }

    /// Runs the statement. Values as a tuple: they are bound without a call through a table each.
    pub(super) fn run(&mut self, values: impl Params) -> Result<(), Failure> {
        let changed = self.statement.execute(values)?;
        self.check(changed)
    }

    /// Binds one value, for statements with more of them than tuples have fields.
    pub(super) fn bind(&mut self, at: usize, value: impl ToSql) -> Result<&mut Self, Failure> {
        self.statement.raw_bind_parameter(at, value)?;
        Ok(self)
    }

    /// Runs the statement with what was bound.
    pub(super) fn run_bound(&mut self) -> Result<(), Failure> {
        let changed = self.statement.raw_execute()?;
        self.check(changed)
    }

    fn check(&self, changed: usize) -> Result<(), Failure> {
        if changed == 1 { Ok(()) } else { Err(Failure::Stale(self.what)) }
    }
}
