//! A test double of a desk: it decides with the real rules, and writes what a desk writes.
#![allow(unreachable_pub, reason = "shared by the tests and an example, which are crates of their own")]

use std::sync::Arc;

use backends::clock::WallClock;
use bytes::Bytes;
use domain::basket::{AreaWanted, Basket, SeatWanted};
use domain::chart::Chart;
use domain::chart::plan::{AreaPlan, CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};
use domain::command::{Actor, Command, Digest, Ignored, LimitKey, Payment, Purchase};
use domain::entry::Entry;
use domain::event::{Access, Event, EventStatus, Prices, SaleWindow, TicketType};
use domain::id::{ChartId, EventId, OrderId, OrganizationId, Serial};
use domain::inventory::{AreaRow, Decided, Inventory, Limits, Moment, Records, SeatRow, Session};
use domain::place::{AreaIndex, Place, SeatIndex};
use domain::rejection::Rejection;
use domain::seating::Seating;
use domain::time::Timestamp;
use engine::ledger::{self, Position};
use engine::store::{
    ChartReader, ChartRecord, CommitWrite, Decider, Locked, OrderWrite, Probes, Snapshot, StoredReply, Work,
};
use parking_lot::Mutex;
use sha2::Digest as _;

pub const ORGANIZATION: OrganizationId = OrganizationId(0xf1a5_0000_0000_0001);

/// A clock that only moves when it is told to.
pub struct SetClock(pub std::sync::atomic::AtomicI64);

impl SetClock {
    pub fn at(now_ms: i64) -> Arc<Self> {
        Arc::new(Self(now_ms.into()))
    }

    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, std::sync::atomic::Ordering::SeqCst);
    }
}

impl WallClock for SetClock {
    fn now_ms(&self) -> i64 {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }
}

/// Reads documents that only say how large a chart is: `rows x seats`.
pub struct GridReader;

impl ChartReader for GridReader {
    fn read(&self, document: &[u8]) -> Result<Arc<Chart>, String> {
        let text = std::str::from_utf8(document).map_err(|error| error.to_string())?;
        let (rows, seats) = text.split_once('x').ok_or("no grid")?;
        let parse = |text: &str| text.parse::<usize>().map_err(|error| error.to_string());
        Ok(Arc::new(grid(parse(rows)?, parse(seats)?)))
    }
}

/// A chart of rows with so many seats each, and a floor of 1,000 units.
pub fn grid(rows: usize, seats: usize) -> Chart {
    let row = |y: usize| RowPlan {
        label: format!("{}", y + 1),
        seats: (0..seats)
            .map(|x| SeatPlan {
                label: format!("{}", x + 1),
                x: x as f64,
                y: y as f64,
                category: "stalls".to_owned(),
                ..SeatPlan::default()
            })
            .collect(),
    };
    let category =
        |key: &str| CategoryPlan { key: key.to_owned(), name: key.to_owned(), color: String::new() };
    Chart::new(&ChartPlan {
        name: "grid".to_owned(),
        categories: vec![category("stalls"), category("floor")],
        sections: vec![SectionPlan { name: "A".to_owned(), rows: (0..rows).map(row).collect() }],
        areas: vec![AreaPlan { name: "Floor".to_owned(), capacity: 1_000, category: "floor".to_owned() }],
        focal_point: None,
    })
    .unwrap()
}

pub fn chart_record(id: ChartId) -> ChartRecord {
    ChartRecord {
        id,
        organization: ORGANIZATION,
        livemode: false,
        name: "grid".to_owned(),
        seats: 10,
        capacity: 1_010,
        reference: None,
        metadata: None,
        created_at: Timestamp(1),
    }
}

pub fn event(id: EventId, chart: ChartId, document: &[u8]) -> Event {
    let read = GridReader.read(document).unwrap();
    let (categories, areas) =
        Event::lay_out(Some(&read), &[("Balcony".to_owned(), 50, "balcony".to_owned())]).unwrap();
    Event {
        id,
        organization: ORGANIZATION,
        livemode: false,
        created_at: Timestamp(5),
        reference: Some("show".into()),
        metadata: Some("{\"a\":1}".into()),
        name: "A show".to_owned(),
        starts_at: Some(Timestamp(77)),
        currency: "EUR".parse().unwrap(),
        status: EventStatus::Open,
        sale: SaleWindow::default(),
        hold_seconds: 600,
        max_hold_seconds: 900,
        max_per_buyer: None,
        public_confirm: false,
        access: Access::Open,
        ticket_types: vec![TicketType { key: "standard".into(), name: "Standard".to_owned(), public: true }],
        prices: Prices::Unpriced,
        categories,
        areas,
        seating: Some(Arc::new(Seating::new(chart, read))),
    }
}

pub fn digest(text: &str) -> Digest {
    let hash: [u8; 32] = sha2::Sha256::digest(text).into();
    Digest(*hash.first_chunk().unwrap())
}

pub fn purchase(buyer: &str, seats: &[u32], floor_units: u32) -> Purchase {
    let seat = |seat: &u32| SeatWanted { seat: SeatIndex(*seat), ticket_type: None, price: None, code: None };
    let floor = AreaWanted {
        area: AreaIndex(0),
        quantity: floor_units,
        ticket_type: None,
        price: None,
        codes: vec![],
    };
    Purchase {
        buyer: LimitKey { text: buyer.to_owned(), digest: digest(buyer) },
        claims: Vec::new(),
        basket: Basket {
            seats: seats.iter().map(seat).collect(),
            areas: (floor_units > 0).then_some(floor).into_iter().collect(),
            best_available: None,
        },
        channels: Vec::new(),
        ignored: Ignored::default(),
        is_public: false,
        pass: None,
        metadata: None,
        reference: None,
    }
}

pub fn book(buyer: &str, seats: &[u32]) -> Asked {
    Asked::new(Command::Book { purchase: purchase(buyer, seats, 0), payment: Payment::default() })
}

/// One request, with what must be unique about it.
#[derive(Clone)]
pub struct Asked {
    pub command: Command,
    pub key: Option<Digest>,
    pub order_ref: Option<(Digest, Digest)>,
    pub codes: Vec<Digest>,
    /// What the reply says.
    pub body: Bytes,
}

impl Asked {
    pub fn new(command: Command) -> Self {
        Self { command, key: None, order_ref: None, codes: Vec::new(), body: Bytes::from_static(b"{}") }
    }

    pub fn keyed(mut self, key: &str) -> Self {
        self.key = Some(digest(key));
        self
    }
}

/// What a teller believes, and what it was last asked.
pub struct Beliefs {
    pub inventory: Inventory,
    pub limits: Limits,
    pub position: Position,
    pub asked: Vec<Asked>,
    pub answers: Vec<Result<Decided, Rejection>>,
    /// Everything that was decided, by commit.
    pub commits: Vec<Vec<Entry>>,
    /// What the store said under the lock.
    pub found: Option<engine::store::Found>,
    pub now: Timestamp,
    pub news: usize,
    pub resyncs: usize,
    /// Changes what is written, to plant a fault.
    pub spoil: Option<fn(&mut CommitWrite)>,
    /// Panics instead of deciding.
    pub panics: bool,
}

/// A desk of one event, in as few words as a test needs.
pub struct Teller {
    pub event: EventId,
    pub beliefs: Mutex<Beliefs>,
}

impl Teller {
    pub fn new(snapshot: Snapshot) -> Arc<Self> {
        let Snapshot { event, position, seats, areas, holds, limits: rows, .. } = snapshot;
        let id = event.id;
        let mut limits = Limits::default();
        for (digest, surrogate, used) in rows {
            limits.restore(digest, surrogate, used);
        }
        let inventory = Inventory::restore(event, position.seq, seats, areas, holds);
        let beliefs = Beliefs {
            inventory,
            limits,
            position,
            asked: Vec::new(),
            answers: Vec::new(),
            commits: Vec::new(),
            found: None,
            now: Timestamp(0),
            news: 0,
            resyncs: 0,
            spoil: None,
            panics: false,
        };
        Arc::new(Self { event: id, beliefs: Mutex::new(beliefs) })
    }

    /// The work for what is to be asked next.
    pub fn work(&self, asked: Vec<Asked>) -> Work {
        let mut probes = Probes::default();
        for Asked { command, order_ref, codes, .. } in &asked {
            match command {
                Command::Edit(edit) => probes.holds.push(edit.hold),
                Command::Release(hold) => probes.holds.push(*hold),
                Command::Confirm(confirm) => probes.holds.push(confirm.hold),
                Command::Cancel(cancel) => probes.orders.push(cancel.order),
                Command::Change(change) => probes.orders.push(change.order),
                _ => {}
            }
            probes.refs.extend(order_ref.map(|(digest, _)| digest));
            probes.codes.extend(codes);
        }
        let mut beliefs = self.beliefs.lock();
        beliefs.asked = asked;
        Work { event: self.event, position: beliefs.position, probes }
    }

    fn decide_one(&self, locked: Locked) -> Option<Arc<CommitWrite>> {
        let mut beliefs = self.beliefs.lock();
        assert!(!beliefs.panics, "a planted panic");
        let Locked { now, position, news, found } = locked;
        beliefs.now = now;
        beliefs.news = news.len();
        for row in news {
            let event = beliefs.inventory.event().clone();
            let entries = ledger::decode(&row.payload, &event).unwrap();
            row.mappings.iter().for_each(|mapping| beliefs.limits.learn(mapping));
            entries.iter().for_each(|entry| beliefs.limits.apply(entry));
            beliefs.inventory.apply_commit(row.seq, row.at, &entries);
            let head = beliefs.position.head.extended(event.id, row.seq, row.at, &row.payload);
            assert_eq!(head, row.head, "the chain holds");
            beliefs.position = Position { seq: row.seq, head };
        }
        if position != beliefs.position {
            beliefs.resyncs += 1;
            return None;
        }
        let before = beliefs.position;
        let seq = before.seq.next();
        let records =
            Records { holds: found.holds.clone(), orders: found.orders.clone(), ..Records::default() };
        beliefs.found = Some(found);
        let asked = std::mem::take(&mut beliefs.asked);
        let Beliefs { inventory, limits, .. } = &mut *beliefs;
        let mut session = Session::new(inventory, limits, records, Moment { now, seq });
        let answers: Vec<_> = (1_u32..)
            .zip(&asked)
            .map(|(salt, asked)| session.decide(&asked.command, Actor::System, salt))
            .collect();
        let Session { records, entries, mappings, .. } = session;
        let mut write = (!entries.is_empty()).then(|| {
            commit_write(self.event, before, now, &beliefs, records, entries, mappings, &asked, &answers)
        });
        beliefs.answers = answers;
        if let Some(write) = &mut write {
            if let Some(spoil) = beliefs.spoil {
                spoil(write);
            }
            beliefs.commits.push(write.entries.clone());
            beliefs.position = write.after;
        }
        write.map(Arc::new)
    }
}

#[expect(clippy::too_many_arguments, reason = "all of what was decided, for one caller")]
fn commit_write(
    event: EventId,
    before: Position,
    now: Timestamp,
    beliefs: &Beliefs,
    records: Records,
    entries: Vec<Entry>,
    mappings: Vec<domain::entry::Mapping>,
    asked: &[Asked],
    answers: &[Result<Decided, Rejection>],
) -> CommitWrite {
    let seq = before.seq.next();
    let mut seats: Vec<(SeatIndex, u32)> = Vec::new();
    let mut areas: Vec<AreaIndex> = Vec::new();
    for change in entries.iter().flat_map(|entry| &entry.changes) {
        match change.place {
            Place::Seat(seat) => seats.push((seat, change.version - 1)),
            Place::Area(area) => areas.push(area),
        }
    }
    seats.sort_unstable();
    seats.dedup_by_key(|(seat, _)| *seat);
    areas.sort_unstable();
    areas.dedup();
    let seat_row = |(seat, before): (SeatIndex, u32)| {
        let state = beliefs.inventory.seat(seat);
        let channel = beliefs.inventory.seat_channel(seat).cloned();
        let row = SeatRow { seat, version: state.version, status: state.status, owner: state.owner, channel };
        (before, row)
    };
    let mut used: Vec<_> =
        entries.iter().flat_map(|entry| &entry.counted).map(|counted| counted.key).collect();
    used.sort_unstable();
    used.dedup();
    let areas: Vec<AreaRow> =
        if areas.is_empty() { Vec::new() } else { beliefs.inventory.area_pools(&areas) };
    let versions = |serial: &Serial| {
        beliefs.found.as_ref().and_then(|found| found.orders.get(serial)).map_or(0, |order| order.version)
    };
    let once = |mut serials: Vec<Serial>| {
        serials.sort_unstable();
        serials.dedup();
        serials
    };
    let mut write = CommitWrite {
        seats: seats.into_iter().map(seat_row).collect(),
        areas,
        holds: once(records.holds_touched.clone())
            .iter()
            .map(|serial| records.holds[serial].clone())
            .collect(),
        holds_ended: records.holds_ended.clone(),
        orders: once(records.orders_touched.clone())
            .iter()
            .map(|serial| OrderWrite {
                version_before: versions(serial),
                order: records.orders[serial].clone(),
            })
            .collect(),
        used: used.into_iter().map(|key| (key, beliefs.limits.used(key))).collect(),
        mappings,
        ..CommitWrite::of(event, before, now, entries, ledger::wire::VERSION)
    };
    for ((position, asked), answer) in (0_u16..).zip(asked).zip(answers) {
        let Ok(decided) = answer else { continue };
        if let Decided::Order(serial) = decided {
            let order: OrderId = records.orders[serial].id;
            if let Some((digest, fingerprint)) = asked.order_ref {
                write.refs.push((digest, fingerprint, order));
                write.keys.push((digest, *serial));
            }
            write.codes.extend(asked.codes.iter().map(|code| (*code, order)));
        }
        if let Some(key) = asked.key {
            let serial = Serial::new(seq, position);
            write.keys.push((key, serial));
            let reply = StoredReply { fingerprint: key, status: 201, body: asked.body.clone() };
            write.replies.push((serial, reply));
        }
    }
    write
}

/// Tellers as one batch.
pub struct Batch(pub Vec<Arc<Teller>>);

impl Decider for Batch {
    fn decide(&self, at: usize, locked: Locked) -> Option<Arc<CommitWrite>> {
        self.0[at].decide_one(locked)
    }
}
