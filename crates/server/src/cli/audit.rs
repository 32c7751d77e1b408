//! `flashtix audit`.

use backends::audit::AuditReader;
use backends::postgres::audit::PostgresAudit;
use backends::sqlite::audit::SqliteAudit;
use domain::event::Event;
use engine::digest::Digester;
use serde_json::json;

use super::store::{StoreArgs, Target, Use, open};
use super::{Ended, say};
use crate::audit::{self, EventAudit};

/// The arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print each event's last commit and hash: keep them elsewhere, and later audits can be held against them
    #[arg(long)]
    head: bool,
    /// One line of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
}

pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    let target = args.store.target()?;
    let store = open(target.clone(), Use::Beside).await?.store();
    let reader: Box<dyn AuditReader + Send> = match target {
        Target::Sqlite(path) => Box::new(SqliteAudit::open(&path)?),
        Target::Postgres(options) => Box::new(PostgresAudit::open(&options).await?),
    };
    // After the reader: an event must know every chart that the ledger it reads speaks of.
    let events = store.all_events().await?;
    let mut layouts = Vec::with_capacity(events.len());
    for id in events {
        layouts.extend(store.event(id).await?);
    }
    let digester = Digester::new(&store.secret().await?);
    let audited = tokio::task::spawn_blocking(move || -> anyhow::Result<_> {
        let damage = reader.check_file()?;
        let mut audits = Vec::with_capacity(layouts.len());
        for event in layouts {
            let found = audit::event(&*reader, &digester, &event)?;
            audits.push((event, found));
        }
        Ok((damage, audits))
    });
    let (damage, audits) = audited.await??;
    if args.json {
        tell_json(&damage, &audits);
    } else {
        tell(&damage, &audits, args.head);
    }
    let is_clean = damage.is_empty() && audits.iter().all(|(_, found)| found.findings.is_empty());
    Ok(if is_clean { Ended::Well } else { Ended::Badly })
}

type Audited = (std::sync::Arc<Event>, EventAudit);

fn tell(damage: &[String], audits: &[Audited], with_heads: bool) {
    for finding in damage {
        say(format_args!("the database file is damaged: {finding}"));
    }
    for (event, found) in audits {
        let state = if found.findings.is_empty() { "clean" } else { "NOT CLEAN" };
        let EventAudit { commits, orders, tickets_valid, .. } = found;
        say(format_args!(
            "{} {:?}: {state}; {commits} commits, {orders} orders, {tickets_valid} valid tickets",
            event.id, event.name
        ));
        for finding in &found.findings {
            say(format_args!("  {finding}"));
        }
        if with_heads {
            say(format_args!("  head {} {}", found.position.seq, found.position.head.to_hex()));
        }
    }
    say(format_args!("{} events audited", audits.len()));
}

fn tell_json(damage: &[String], audits: &[Audited]) {
    let events = audits.iter().map(|(event, found)| {
        json!({
            "event_id": event.id.to_string(),
            "clean": found.findings.is_empty(),
            "seq": found.position.seq.0,
            "head": found.position.head.to_hex(),
            "commits": found.commits,
            "orders": found.orders,
            "tickets_valid": found.tickets_valid,
            "findings": found.findings,
        })
    });
    let events: Vec<_> = events.collect();
    let is_clean = damage.is_empty() && audits.iter().all(|(_, found)| found.findings.is_empty());
    say(json!({ "clean": is_clean, "file": damage, "events": events }));
}
