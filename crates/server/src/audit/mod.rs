//! The audit: everything that is stored, held against the ledger.
//!
//! The ledger is replayed from an empty house with the domain's own rules, and its hash chain is checked on the
//! way. Then every table is compared with what the replay says: seats, areas, holds, orders with their tickets, what orders
//! are found by, counters, references, barcodes and remembered replies. A difference is a finding, in words; one finding is enough to fail.

mod compare;
mod replay;
mod uniques;

use std::sync::Arc;

use backends::audit::AuditReader;
use domain::event::Event;
use engine::digest::Digester;
use engine::ledger::Position;
use engine::store::StoreError;

/// Findings that are told of one event: a damaged store has too many to read.
const FINDINGS_MAX: usize = 20;
/// Rows that are read at a time.
const PAGE_ROWS: usize = 2_000;

/// What an audit of one event found.
#[derive(Debug)]
pub struct EventAudit {
    /// Where the event's history stands.
    pub position: Position,
    /// Commits that were replayed.
    pub commits: u64,
    /// Orders that are stored.
    pub orders: u64,
    /// Tickets that are valid.
    pub tickets_valid: u64,
    /// What is wrong, worst first; empty when nothing is.
    pub findings: Vec<String>,
}

/// Findings, up to a bound.
#[derive(Debug, Default)]
struct Findings(Vec<String>);

impl Findings {
    fn add(&mut self, finding: impl Into<String>) {
        if self.0.len() < FINDINGS_MAX {
            self.0.push(finding.into());
        }
    }

    /// Adds a finding unless two things are equal.
    fn demand<T: PartialEq + std::fmt::Debug>(&mut self, what: impl std::fmt::Display, stored: &T, told: &T) {
        if stored != told {
            self.add(format!("{what}: stored {stored:?}, but the ledger says {told:?}"));
        }
    }
}

/// Audits one event. `event` supplies the layout; its settings are the ledger's to tell. `digester` has the store's secret.
///
/// # Errors
/// The store cannot be read.
pub fn event(
    reader: &dyn AuditReader,
    digester: &Digester,
    event: &Arc<Event>,
) -> Result<EventAudit, StoreError> {
    let mut findings = Findings::default();
    let replayed = replay::replay(reader, event, &mut findings)?;
    let stored = reader.position(event.id)?.unwrap_or_default();
    findings.demand("the event's last commit", &stored.seq.0, &replayed.position.seq.0);
    findings.demand("the event's hash", &stored.head.to_hex(), &replayed.position.head.to_hex());
    let mut orders = compare::Totals::default();
    if !replayed.is_broken {
        orders = compare::compare(reader, digester, event, &replayed, &mut findings)?;
    }
    Ok(EventAudit {
        position: stored,
        commits: replayed.commits,
        orders: orders.orders,
        tickets_valid: orders.tickets_valid,
        findings: findings.0,
    })
}
