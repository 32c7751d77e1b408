//! What the gate costs and what it saves: one event that everybody wants, sold by one node and by several.

use super::half::{Half, UNIT};
use super::{Case, Plan};
use crate::running::{Between, Installation, Subject, flashtix_on};
use crate::sale::fact;
use crate::servers::Store;

const SEATS: u32 = 100_000;
const SECONDS: u64 = 2;
const NODES: [usize; 3] = [1, 2, 3];
/// How much more the hot crowd wants some seats than others: as much as a real sale's.
const ZIPF: f64 = 1.0;

/// Nothing on SQLite, which has one node.
pub(super) fn plan(store: Store) -> Plan {
    let mut cases = Vec::new();
    if store == Store::Postgres {
        for (crowd, zipf) in [("each another seat", None), ("many the same seats", Some(ZIPF))] {
            for nodes in NODES {
                for between in Between::ALL {
                    let note = format!("nodes: {nodes}, {}, {crowd}", between.told());
                    let installation = Installation { nodes, between, ..Installation::on(store) };
                    let subject = Subject::FlashTix(installation);
                    cases.push(Case::of(flashtix_on(store, &note), subject, async move |ground, subject| {
                        let seats = ground.or_quick(SEATS, SEATS / 10);
                        Half { zipf, ..Half::of(ground, seats, SECONDS) }.sold_by(ground, subject).await
                    }));
                }
            }
        }
    }
    Plan {
        columns: &[
            fact::REQUESTS,
            fact::CONTENDED,
            fact::CONFLICTS,
            fact::GATE_LOST,
            fact::ORDERS_A_COMMIT,
            fact::SERVER,
            fact::BUSY,
        ],
        cases,
        ..Plan::new(
            "One event of 100,000 seats, sold for two seconds by one to three nodes on one PostgreSQL: without Redis, with Redis \
             as the gate, and with the relay as well; once each buyer wants another seat, once many want the same ones (a Zipf \
             distribution, exponent 1.0). Conflicts are batches that the store stopped because another node was first, refusals by \
             the gate are seats that another node was deciding about.",
            UNIT,
        )
    }
}
