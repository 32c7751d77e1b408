//! Decides and writes commits without an engine: the domain's decisions, turned into rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::chart::Chart;
use domain::command::{Command, Digest};
use domain::entry::Entry;
use domain::event::Event;
use domain::id::{ChartId, EventId, HoldId, OrderId, OrganizationId, Serial};
use domain::inventory::{Decided, Inventory, Limits, Moment, Records, SeatRow, Session};
use domain::place::{Place, SeatIndex};
use engine::ledger::wire::VERSION;
use engine::ledger::{self, Position};
use engine::request::Request;
use engine::store::{
    ChartRecord, CommitWrite, Decider, Locked, Made, OrderWrite, Probes, Snapshot, Store, StoredReply,
    TransactError, Waits, Work,
};
use parking_lot::Mutex;

use crate::clock::EPOCH;
use crate::hall::{Hall, hall};
use crate::sale::{ORGANIZATION, Sale, event};

/// Long enough for every key.
pub(super) const KEEP_MS: i64 = 1 << 40;

/// The hall that the checks sell: four rows of six, and a floor of ten.
pub(super) fn a_hall() -> Hall {
    hall(4, 6).accessible(2).area("Floor", 10)
}

/// Keeps the chart of the usual hall.
pub(super) async fn keep_chart(store: &dyn Store, id: ChartId, organization: OrganizationId, livemode: bool) {
    keep_hall(store, id, organization, livemode, &a_hall()).await;
}

/// Keeps a hall's chart.
pub(super) async fn keep_hall(
    store: &dyn Store,
    id: ChartId,
    organization: OrganizationId,
    livemode: bool,
    hall: &Hall,
) -> Arc<Chart> {
    let chart = hall.build();
    let seats = u32::try_from(chart.seats_len()).expect("a small hall");
    let units: u32 = chart.areas().iter().map(|area| area.capacity).sum();
    let record = ChartRecord {
        id,
        organization,
        livemode,
        name: format!("Chart {}", id.0),
        seats,
        capacity: u64::from(seats + units),
        reference: Some(Arc::from(format!("ref {}", id.0))),
        metadata: Some(Arc::from("{\"a\":1}")),
        created_at: EPOCH,
    };
    let made = store.create_chart(record, hall.document(), None).await;
    assert!(matches!(made, Ok(Made::New)), "a chart is not kept: {made:?}");
    chart
}

/// Keeps an event over a hall, changed as the check likes.
pub(super) async fn keep_event(store: &dyn Store, id: u64, change: impl FnOnce(Sale) -> Sale) -> Arc<Event> {
    let chart = ChartId(id);
    let event = change(event(id).chart(chart, a_hall().build())).build();
    keep_chart(store, chart, ORGANIZATION, event.livemode).await;
    let made = store.create_event(event.clone(), None).await;
    assert!(matches!(made, Ok(Made::New)), "an event is not kept: {made:?}");
    event
}

/// What an event's desk would begin with.
pub(super) async fn load(store: &dyn Store, event: EventId) -> Snapshot {
    let loaded = store.load(event, KEEP_MS).await;
    loaded.expect("an event can be loaded").expect("an event that was made is there")
}

/// An inventory and the counters from a snapshot.
pub(super) fn restore(snapshot: Snapshot) -> (Inventory, Limits) {
    let Snapshot { event, position, seats, areas, holds, limits: rows, .. } = snapshot;
    let mut limits = Limits::default();
    rows.into_iter().for_each(|(digest, key, used)| limits.restore(digest, key, used));
    (Inventory::restore(event, position.seq, seats, areas, holds), limits)
}

/// What came of a commit.
#[derive(Debug)]
pub(super) struct Committed {
    pub(super) write: Option<Arc<CommitWrite>>,
    pub(super) decided: Vec<Decided>,
    pub(super) locked: Locked,
}

impl Committed {
    /// The hold that the request at this position made or changed.
    pub(super) fn hold(&self, at: usize) -> HoldId {
        let Decided::Hold(serial) = &self.decided[at] else { panic!("no hold: {:?}", self.decided[at]) };
        let write = self.write.as_ref().expect("a hold is a commit");
        write.holds.iter().find(|hold| hold.id.serial == *serial).expect("a hold has a row").id
    }

    /// The order that the request at this position made or changed.
    pub(super) fn order(&self, at: usize) -> OrderId {
        let Decided::Order(serial) = &self.decided[at] else { panic!("no order: {:?}", self.decided[at]) };
        let write = self.write.as_ref().expect("an order is a commit");
        write
            .orders
            .iter()
            .find(|order| order.order.id.serial == *serial)
            .expect("an order has a row")
            .order
            .id
    }

    pub(super) fn after(&self) -> Position {
        self.write.as_ref().expect("there is a commit").after
    }
}

type Tamper = Box<dyn Fn(&mut CommitWrite) + Send + Sync>;

/// One event's part of a batch: its requests, decided under the lock.
pub(super) struct Part {
    event: EventId,
    position: Position,
    desk: (Inventory, Limits),
    requests: Vec<Request>,
    tamper: Tamper,
    committed: Mutex<Option<Committed>>,
}

impl Part {
    pub(super) async fn new(store: &dyn Store, event: EventId, requests: Vec<Request>) -> Self {
        let snapshot = load(store, event).await;
        let position = snapshot.position;
        Self {
            event,
            position,
            desk: restore(snapshot),
            requests,
            tamper: Box::new(|_| {}),
            committed: Mutex::new(None),
        }
    }

    /// Changes what is written, after it was decided.
    pub(super) fn tampered(mut self, tamper: impl Fn(&mut CommitWrite) + Send + Sync + 'static) -> Self {
        self.tamper = Box::new(tamper);
        self
    }

    fn work(&self) -> Work {
        let mut probes = Probes::default();
        for request in &self.requests {
            match &request.command {
                Command::Edit(edit) => probes.holds.push(edit.hold),
                Command::Release(hold) => probes.holds.push(*hold),
                Command::Confirm(confirm) => probes.holds.push(confirm.hold),
                Command::Cancel(cancel) => probes.orders.push(cancel.order),
                Command::Change(change) => probes.orders.push(change.order),
                _ => {}
            }
            probes.refs.extend(request.order_ref.iter().map(|(digest, _)| *digest));
            probes.codes.extend(request.codes.iter().map(|(digest, _)| *digest));
            match &request.command {
                Command::Configure(patch) => probes.event_refs.extend(patch.reference.clone().flatten()),
                Command::Hold { purchase, .. } => probes.hold_refs.extend(purchase.reference.clone()),
                _ => {}
            }
        }
        Work { event: self.event, position: self.position, probes }
    }

    fn decide(&self, locked: Locked) -> Option<Arc<CommitWrite>> {
        let (inventory, limits) = &mut self.desk.clone();
        for row in &locked.news {
            let entries = ledger::decode(&row.payload, inventory.event()).expect("a ledger row can be read");
            row.mappings.iter().for_each(|mapping| limits.learn(mapping));
            entries.iter().for_each(|entry| limits.apply(entry));
            inventory.apply_commit(row.seq, row.at, &entries);
        }
        let records = Records {
            holds: locked.found.holds.clone(),
            orders: locked.found.orders.clone(),
            ..Records::default()
        };
        let moment = Moment { now: locked.now, seq: locked.position.seq.next() };
        let mut session = Session::new(inventory, limits, records, moment);
        let mut decided = Vec::new();
        for (at, request) in (0_u32..).zip(&self.requests) {
            let result = session.decide(&request.command, request.actor, at + 1);
            decided.push(result.expect("what a check asks for can be had"));
        }
        let write = self.write(session, &locked, &decided);
        *self.committed.lock() = Some(Committed { write: write.clone(), decided, locked });
        write
    }

    fn write(&self, session: Session<'_>, locked: &Locked, decided: &[Decided]) -> Option<Arc<CommitWrite>> {
        let Session { records, entries, mappings, inventory, limits, notes, .. } = session;
        if entries.is_empty() {
            return None;
        }
        let seq = locked.position.seq.next();
        let holds: BTreeSet<Serial> = records.holds_touched.iter().copied().collect();
        let orders: BTreeSet<Serial> = records.orders_touched.iter().copied().collect();
        let counted: BTreeSet<Serial> = entries.iter().flat_map(|e| &e.counted).map(|c| c.key).collect();
        let version_before = |serial| locked.found.orders.get(&serial).map_or(0, |order| order.version);
        let mut write = CommitWrite {
            seats: seats(&entries, inventory),
            areas: areas(&entries, inventory),
            holds: holds.iter().map(|serial| records.holds[serial].clone()).collect(),
            holds_ended: records.holds_ended.clone(),
            orders: orders
                .iter()
                .map(|serial| OrderWrite {
                    version_before: version_before(*serial),
                    order: records.orders[serial].clone(),
                })
                .collect(),
            mappings,
            used: counted.iter().map(|key| (*key, limits.used(*key))).collect(),
            notes,
            ..CommitWrite::of(self.event, locked.position, locked.now, entries, VERSION)
        };
        for (at, (request, decided)) in (0_u16..).zip(self.requests.iter().zip(decided)) {
            remember(&mut write, request, decided, Serial::new(seq, at));
        }
        (self.tamper)(&mut write);
        Some(Arc::new(write))
    }
}

/// Adds what a request takes that is unique, and a reply.
fn remember(write: &mut CommitWrite, request: &Request, decided: &Decided, reply: Serial) {
    if let Decided::Order(serial) = decided {
        let order = write.orders.iter().find(|order| order.order.id.serial == *serial);
        let order = order.expect("an order that was made is written").order.id;
        if let Some((digest, fingerprint)) = request.order_ref {
            write.refs.push((digest, fingerprint, order));
            write.keys.push((digest, *serial));
        }
        write.codes.extend(request.codes.iter().map(|(digest, _)| (*digest, order)));
    }
    if let Some(idempotency) = request.idempotency {
        let body = format!("reply {}", reply.0).into();
        let stored = StoredReply { fingerprint: idempotency.fingerprint, status: 201, body };
        write.keys.push((idempotency.key, reply));
        write.replies.push((reply, stored));
    }
}

fn seats(entries: &[Entry], inventory: &Inventory) -> Vec<(u32, SeatRow)> {
    let mut before: Vec<(SeatIndex, u32)> = Vec::new();
    for change in entries.iter().flat_map(|entry| &entry.changes) {
        if let Place::Seat(seat) = change.place
            && !before.iter().any(|(known, _)| *known == seat)
        {
            before.push((seat, change.version - 1));
        }
    }
    let rows = before.into_iter().map(|(seat, version)| {
        let row = inventory.seat_rows().find(|row| row.seat == seat);
        (version, row.expect("a seat that changed has a row"))
    });
    rows.collect()
}

fn areas(entries: &[Entry], inventory: &Inventory) -> Vec<domain::inventory::AreaRow> {
    let changes = entries.iter().flat_map(|entry| &entry.changes);
    let areas: BTreeSet<_> = changes
        .filter_map(|change| match change.place {
            Place::Area(area) => Some(area),
            Place::Seat(_) => None,
        })
        .collect();
    inventory.area_pools(&areas.into_iter().collect::<Vec<_>>())
}

struct Batch(Arc<Vec<Part>>);

impl Decider for Batch {
    fn decide(&self, at: usize, locked: Locked) -> Option<Arc<CommitWrite>> {
        self.0[at].decide(locked)
    }

    fn take_back(&self, at: usize) {
        *self.0[at].committed.lock() = None;
    }
}

/// Runs a batch of parts.
pub(super) async fn transact(
    store: &dyn Store,
    parts: Vec<Part>,
) -> (Result<Vec<usize>, TransactError>, Vec<Option<Committed>>) {
    let works = parts.iter().map(Part::work).collect();
    let parts = Arc::new(parts);
    let result = store.transact(works, Waits::ForEvents, Arc::new(Batch(parts.clone()))).await;
    let committed = parts.iter().map(|part| part.committed.lock().take()).collect();
    (result, committed)
}

/// Commits requests of one event, all of which can be had.
pub(super) async fn commit(store: &dyn Store, event: EventId, requests: Vec<Request>) -> Committed {
    let part = Part::new(store, event, requests).await;
    let (result, committed) = transact(store, vec![part]).await;
    result.expect("a sound batch commits");
    committed.into_iter().flatten().next().expect("a batch that committed was decided")
}

/// A digest that a request used.
pub(super) fn key_of(request: &Request) -> Digest {
    request.idempotency.expect("the request has a key").key
}
