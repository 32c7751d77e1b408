//! Version 1 of the ledger's payload.
//!
//! An entry: `k` kind · `a` the key that acted, absent for the system · `i` rules that staff left aside · `h` hold ·
//! `o` order · `b` buyer's pseudonym · `d` deadline in ms · `c` changes · `n` counted: pseudonym, units, held only ·
//! `s` settings. A change: `s` seat or `a` area · `u` units (absent: 1) · `f`, `t` from and to: `f` free, `h` held,
//! `s` sold · `x`, `y` channel before and after · `v` version · `y`… `p` price, `q` ticket type · `n` first ticket.

use std::sync::Arc;

use domain::command::{Actor, Ignored};
use domain::entry::{Change, Counted, Entry, Kind};
use domain::event::Event;
use domain::id::Serial;
use domain::money::Amount;
use domain::place::{AreaIndex, ChannelKey, Place, SeatIndex, Status};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Unreadable;
use super::settings::WireSettings;

/// The highest version that this binary reads and can write; it reads all up to it. Which one it writes, all live nodes decide
/// ([`crate::fleet`]): whoever adds a version keeps on writing the one before as well.
pub const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct WirePayload {
    v: u32,
    e: Vec<WireEntry>,
}

#[derive(Serialize, Deserialize)]
struct WireEntry {
    k: std::borrow::Cow<'static, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    a: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    i: Vec<std::borrow::Cow<'static, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    h: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    o: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    b: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    d: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    c: Vec<WireChange>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    n: Vec<(u64, i64, bool)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s: Option<WireSettings>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    g: Vec<u16>,
}

#[derive(Serialize, Deserialize)]
struct WireChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    a: Option<u16>,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    u: u32,
    f: char,
    t: char,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    y: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "is_zero")]
    v: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    q: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<u16>,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_one(units: &u32) -> bool {
    *units == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(version: &u32) -> bool {
    *version == 0
}

fn letter(status: Status) -> char {
    match status {
        Status::Free => 'f',
        Status::Held => 'h',
        Status::Sold => 's',
    }
}

fn status(letter: char) -> Result<Status, Unreadable> {
    match letter {
        'f' => Ok(Status::Free),
        'h' => Ok(Status::Held),
        's' => Ok(Status::Sold),
        other => Err(Unreadable::because(format!("unknown state {other:?}"))),
    }
}

fn change_to_wire(change: &Change) -> WireChange {
    let (seat, area) = match change.place {
        Place::Seat(seat) => (Some(seat.0), None),
        Place::Area(area) => (None, Some(area.0)),
    };
    WireChange {
        s: seat,
        a: area,
        u: change.units,
        f: letter(change.from),
        t: letter(change.to),
        x: change.channel_from.as_ref().map(|key| key.0.clone()),
        y: change.channel_to.as_ref().map(|key| key.0.clone()),
        v: change.version,
        q: change.terms.as_ref().map(|(ticket_type, _)| ticket_type.clone()),
        p: change.terms.as_ref().map(|(_, price)| price.0),
        n: change.ticket,
    }
}

fn area_of(area: u16, event: &Event) -> Result<AreaIndex, Unreadable> {
    let is_known = usize::from(area) < event.areas.len();
    is_known.then_some(AreaIndex(area)).ok_or_else(|| Unreadable::because("an area is none of the event's"))
}

fn change_from_wire(wire: WireChange, event: &Event) -> Result<Change, Unreadable> {
    let place = match (wire.s, wire.a) {
        (Some(seat), None) if event.has_seat(SeatIndex(seat)) => Place::Seat(SeatIndex(seat)),
        (None, Some(area)) => Place::Area(area_of(area, event)?),
        _ => return Err(Unreadable::because("a change names no place of the event")),
    };
    Ok(Change {
        place,
        units: wire.u,
        from: status(wire.f)?,
        to: status(wire.t)?,
        channel_from: wire.x.map(ChannelKey),
        channel_to: wire.y.map(ChannelKey),
        version: wire.v,
        terms: wire.q.zip(wire.p.map(Amount)),
        ticket: wire.n,
    })
}

fn entry_to_wire(entry: &Entry) -> WireEntry {
    WireEntry {
        k: entry.kind.as_str().into(),
        a: match entry.actor {
            Actor::Key(key) => Some(key.to_string()),
            Actor::System => None,
        },
        i: entry.ignored.names().map(Into::into).collect(),
        h: entry.hold.map(|hold| hold.to_string()),
        o: entry.order.map(|order| order.to_string()),
        b: entry.buyer.map(|buyer| buyer.0),
        d: entry.deadline.map(|deadline| deadline.0),
        c: entry.changes.iter().map(change_to_wire).collect(),
        n: entry.counted.iter().map(|counted| (counted.key.0, counted.units, counted.held_only)).collect(),
        s: entry.settings.as_deref().map(WireSettings::of),
        g: entry.grown.iter().map(|area| area.0).collect(),
    }
}

fn entry_from_wire(wire: WireEntry, event: &Event) -> Result<Entry, Unreadable> {
    fn id<T: std::str::FromStr>(text: Option<String>) -> Result<Option<T>, Unreadable> {
        text.map(|text| text.parse().map_err(|_| Unreadable::because(format!("bad identifier {text}"))))
            .transpose()
    }
    let kind =
        Kind::from_name(&wire.k).ok_or_else(|| Unreadable::because(format!("unknown kind {}", wire.k)))?;
    let actor = id(wire.a)?.map_or(Actor::System, Actor::Key);
    let mut ignored = Ignored::default();
    for name in &wire.i {
        if !ignored.add(name) {
            return Err(Unreadable::because(format!("unknown rule {name}")));
        }
    }
    Ok(Entry {
        kind,
        actor,
        ignored,
        hold: id(wire.h)?,
        order: id(wire.o)?,
        buyer: wire.b.map(Serial),
        deadline: wire.d.map(Timestamp),
        changes: wire
            .c
            .into_iter()
            .map(|change| change_from_wire(change, event))
            .collect::<Result<_, _>>()?,
        counted: wire
            .n
            .into_iter()
            .map(|(key, units, held_only)| Counted { key: Serial(key), units, held_only })
            .collect(),
        settings: wire.s.map(|settings| settings.into_event(event)).transpose()?.map(Arc::new),
        grown: wire.g.into_iter().map(|area| area_of(area, event)).collect::<Result<_, _>>()?,
    })
}

pub(super) fn encode(entries: &[Entry], version: u32) -> Vec<u8> {
    let payload = WirePayload { v: version, e: entries.iter().map(entry_to_wire).collect() };
    let mut bytes = Vec::with_capacity(64 + entries.len() * 256);
    // A map with text keys and finite numbers, written to memory, has no way to fail.
    let written = serde_json::to_writer(&mut bytes, &payload);
    assert!(written.is_ok(), "a ledger payload could not be written to memory");
    bytes
}

pub(super) fn decode(payload: &[u8], event: &Event) -> Result<Vec<Entry>, Unreadable> {
    let payload: WirePayload =
        serde_json::from_slice(payload).map_err(|error| Unreadable::Payload(Box::new(error)))?;
    if payload.v == 0 || payload.v > VERSION {
        let reason = format!("version {} is newer than this binary reads ({VERSION})", payload.v);
        return Err(Unreadable::because(reason));
    }
    payload.e.into_iter().map(|entry| entry_from_wire(entry, event)).collect()
}
