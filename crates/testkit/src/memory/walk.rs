//! The second opinion: an event's rules, written again as plainly as possible, change by change.
//!
//! It shares no logic with the inventory that it judges; it knows rows, entries, and what may follow what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::basket::Line;
use domain::command::Actor;
use domain::entry::{Change, Entry, Kind};
use domain::event::{Event, EventStatus};
use domain::id::{Serial, Surrogate};
use domain::inventory::{Hold, Pool, SeatRow};
use domain::place::{AreaIndex, Place, SeatIndex, Status};
use domain::time::Timestamp;

use super::tables::{EventTable, PoolKey, new_pool};
use super::verify::LEDGER;
use super::{Violation, demand};

/// No place has two owners.
pub(super) const ONE_OWNER: &str = "one owner";
/// free + held + sold + blocked = capacity.
pub(super) const CONSERVATION: &str = "conservation";
/// A hold is confirmed by its owner, before its deadline.
pub(super) const FENCED: &str = "fenced holds";
/// No key has more than its limit, and units are counted under their keys.
pub(super) const LIMITS: &str = "limits";
/// Nothing is sold outside of the sale.
pub(super) const SALE: &str = "sale window";

/// What an outage may be made up for, in ms.
const MADE_UP_MS_MAX: i64 = 120_000;

type Checked = Result<(), Violation>;

/// One commit's entries over a table's rows: what they make of them.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) table: &'a EventTable,
    pub(super) at: Timestamp,
    pub(super) event: Arc<Event>,
    pub(super) seats: BTreeMap<SeatIndex, SeatRow>,
    pub(super) pools: BTreeMap<PoolKey, Pool>,
    /// Holds that began or changed; `None` when they ended.
    pub(super) holds: BTreeMap<Serial, Option<Hold>>,
    pub(super) used: BTreeMap<Surrogate, u32>,
    /// Orders that were made or changed.
    pub(super) orders: BTreeSet<Serial>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(table: &'a EventTable, at: Timestamp) -> Self {
        Self {
            table,
            at,
            event: table.event.clone(),
            seats: BTreeMap::new(),
            pools: BTreeMap::new(),
            holds: BTreeMap::new(),
            used: BTreeMap::new(),
            orders: BTreeSet::new(),
        }
    }

    fn seat(&self, seat: SeatIndex) -> SeatRow {
        let new = SeatRow { seat, version: 0, status: Status::Free, owner: Serial(0), channel: None };
        self.seats.get(&seat).or_else(|| self.table.seats.get(&seat)).cloned().unwrap_or(new)
    }

    fn pool(&self, key: &PoolKey) -> Pool {
        self.pools.get(key).copied().unwrap_or_else(|| self.table.pool(key))
    }

    fn hold(&self, serial: Serial) -> Option<&Hold> {
        match self.holds.get(&serial) {
            Some(hold) => hold.as_ref(),
            None => self.table.running.get(&serial),
        }
    }

    fn used(&self, key: Surrogate) -> u32 {
        self.used.get(&key).or_else(|| self.table.used.get(&key)).copied().unwrap_or(0)
    }

    /// Applies one entry, and objects to whatever is wrong with it.
    pub(super) fn entry(&mut self, entry: &Entry) -> Checked {
        self.check_moment(entry)?;
        for change in &entry.changes {
            check_transition(entry, change)?;
            match change.place {
                Place::Seat(seat) => self.seat_change(entry, change, seat)?,
                Place::Area(_) => self.area_change(change)?,
            }
        }
        self.count(entry)?;
        self.follow_hold(entry)?;
        self.orders.extend(entry.order.map(|order| order.serial));
        if let Some(settings) = &entry.settings {
            self.move_chart(entry.kind, settings)?;
            self.grow_areas(settings)?;
            self.event = settings.clone();
        }
        Ok(())
    }

    /// An event moves only with all its seats that somebody has, or that are assigned; and only when it says so.
    fn move_chart(&self, kind: Kind, settings: &Event) -> Checked {
        let is_moved = settings.chart_id() != self.event.chart_id();
        demand!(
            is_moved == (kind == Kind::Chart),
            LEDGER,
            "{kind:?} names the chart {:?}",
            settings.chart_id()
        );
        if !is_moved {
            return Ok(());
        }
        let changed = self.table.seats.keys().chain(self.seats.keys()).copied().collect::<BTreeSet<_>>();
        for row in changed.into_iter().map(|seat| self.seat(seat)) {
            let is_used = row.status != Status::Free || row.channel.is_some();
            let Some((chart, at)) = self.event.home_of(row.seat).filter(|_| is_used) else { continue };
            let name = chart.guid(at).map_or_else(|| chart.label(at), |guid| format!("guid:{guid}"));
            let found = settings.find_seat(&name);
            demand!(
                found == Some(row.seat),
                ONE_OWNER,
                "{row:?}, {name}, is {found:?} on the chart to move to"
            );
        }
        Ok(())
    }

    /// New settings may add units to the areas that there are.
    fn grow_areas(&mut self, settings: &Event) -> Checked {
        let known = self.event.clone();
        let is_moved = settings.chart_id() != known.chart_id();
        let (before, after) = (known.areas.len(), settings.areas.len());
        demand!(after == before || is_moved && after > before, CONSERVATION, "there are other areas");
        for ((at, area), before) in (0_u16..).map(AreaIndex).zip(&settings.areas).zip(&known.areas) {
            demand!(area.name == before.name, CONSERVATION, "{} stands where {} was", area.name, before.name);
            demand!(area.capacity >= before.capacity, CONSERVATION, "the area {} loses units", area.name);
            if area.capacity > before.capacity {
                let mut pool = self.pool(&(at, None));
                pool.units += area.capacity - before.capacity;
                self.pools.insert((at, None), pool);
            }
        }
        Ok(())
    }

    /// Whether this may happen now.
    fn check_moment(&self, entry: &Entry) -> Checked {
        let takes =
            entry.changes.iter().any(|change| change.from == Status::Free && change.to != Status::Free);
        let kind = entry.kind;
        if takes && !entry.ignored.sale_window {
            let (event, at) = (&self.event, self.at);
            let (opens, closes) = (event.sale.opens_at, event.sale.closes_at);
            demand!(event.status == EventStatus::Open, SALE, "{kind:?} while {:?}", event.status);
            demand!(opens.is_none_or(|opens| opens <= at), SALE, "{kind:?} at {at}, before the sale opens");
            demand!(closes.is_none_or(|closes| at < closes), SALE, "{kind:?} at {at}, after the sale closed");
        }
        demand!(!takes || self.event.status != EventStatus::Cancelled, SALE, "{kind:?} in a cancelled event");
        let Some(id) = entry.hold else { return Ok(()) };
        if kind == Kind::Hold {
            let is_new = self.hold(id.serial).is_none() && !self.table.holds.contains_key(&id.serial);
            demand!(is_new, "once", "the hold {id} is made twice");
            return Ok(());
        }
        let Some(hold) = self.hold(id.serial) else {
            return Err(Violation::new(FENCED, format!("{kind:?} of the hold {id}, which is not running")));
        };
        demand!(hold.id == id, FENCED, "{kind:?} names {id}, but the hold is {}", hold.id);
        let has_lapsed = hold.deadline <= self.at;
        match kind {
            // What an outage took is given back afterwards, by nobody else.
            Kind::Extend if entry.actor == Actor::System => {
                let more = entry.deadline.map_or(0, |deadline| deadline.0 - hold.deadline.0);
                let runs_again = entry.deadline.is_some_and(|deadline| deadline > self.at);
                demand!(has_lapsed && runs_again, FENCED, "{id} is extended at {} for no reason", self.at);
                demand!(more <= MADE_UP_MS_MAX, FENCED, "{id} is given {more} ms back");
            }
            Kind::Expire => demand!(has_lapsed, FENCED, "{id} expires before {}", hold.deadline),
            _ => demand!(!has_lapsed, FENCED, "{kind:?} of {id} at {}, after {}", self.at, hold.deadline),
        }
        Ok(())
    }

    fn seat_change(&mut self, entry: &Entry, change: &Change, seat: SeatIndex) -> Checked {
        let mut row = self.seat(seat);
        let kind = entry.kind;
        demand!(
            row.status == change.from,
            ONE_OWNER,
            "{kind:?} takes seat {} as {:?}, but it is {:?} of {}",
            seat.0,
            change.from,
            row.status,
            row.owner.0
        );
        demand!(row.version + 1 == change.version, ONE_OWNER, "seat {} skips a version", seat.0);
        demand!(row.channel == change.channel_from, ONE_OWNER, "seat {} is of another channel", seat.0);
        demand!(change.units == 1, CONSERVATION, "seat {} counts as {} units", seat.0, change.units);
        let is_assignment = matches!(kind, Kind::Block | Kind::Unblock);
        let giver = match change.from {
            Status::Free => Some(Serial(0)),
            Status::Held => entry.hold.map(|hold| hold.serial),
            Status::Sold => entry.order.map(|order| order.serial),
        };
        demand!(
            is_assignment || giver == Some(row.owner),
            ONE_OWNER,
            "{kind:?} takes seat {} from {:?}, but it is {}'s",
            seat.0,
            giver,
            row.owner.0
        );
        row.owner = match change.to {
            _ if is_assignment => row.owner,
            Status::Free => Serial(0),
            Status::Held => entry.hold.map_or(Serial(0), |hold| hold.serial),
            Status::Sold => entry.order.map_or(Serial(0), |order| order.serial),
        };
        (row.status, row.version) = (change.to, change.version);
        row.channel.clone_from(&change.channel_to);
        self.seats.insert(seat, row);
        Ok(())
    }

    fn area_change(&mut self, change: &Change) -> Checked {
        let Place::Area(area) = change.place else { return Ok(()) };
        demand!(change.version == 0, CONSERVATION, "an area has no version");
        let from = (area, change.channel_from.clone());
        let to = (area, change.channel_to.clone());
        let mut source = self.pool(&from);
        let units = change.units;
        let had = match change.from {
            Status::Free => source.units.checked_sub(source.held + source.sold),
            Status::Held => Some(source.held),
            Status::Sold => Some(source.sold),
        };
        demand!(had >= Some(units), CONSERVATION, "{units} units are taken from {had:?} of {change:?}");
        match change.from {
            Status::Free => {}
            Status::Held => source.held -= units,
            Status::Sold => source.sold -= units,
        }
        source.units -= units;
        self.pools.insert(from, source);
        let mut target = self.pool(&to);
        target.units += units;
        match change.to {
            Status::Free => {}
            Status::Held => target.held += units,
            Status::Sold => target.sold += units,
        }
        self.pools.insert(to, target);
        self.conserve(area)
    }

    /// All pools of an area together have its capacity, and none gives more than it has.
    fn conserve(&self, area: domain::place::AreaIndex) -> Checked {
        let mut keys: BTreeSet<PoolKey> = self.table.pools.keys().chain(self.pools.keys()).cloned().collect();
        keys.insert((area, None));
        let mut all = 0;
        for key in keys.iter().filter(|(of, _)| *of == area) {
            let pool = self.pool(key);
            demand!(pool.held + pool.sold <= pool.units, CONSERVATION, "{key:?} is oversold: {pool:?}");
            all += pool.units;
        }
        let capacity = new_pool(&self.event, &(area, None)).units;
        demand!(all == capacity, CONSERVATION, "area {} has {all} units of {capacity}", area.0);
        Ok(())
    }

    fn count(&mut self, entry: &Entry) -> Checked {
        for counted in &entry.counted {
            let used = i64::from(self.used(counted.key)) + counted.units;
            let used = u32::try_from(used).ok();
            demand!(
                used.is_some(),
                LIMITS,
                "{:?} of {:?} leaves less than no units",
                entry.kind,
                counted.key
            );
            self.used.insert(counted.key, used.unwrap_or_default());
        }
        let grown =
            entry.counted.iter().find(|counted| Some(counted.key) == entry.buyer && counted.units > 0);
        if let (Some(counted), Some(max), false) = (grown, self.event.max_per_buyer, entry.ignored.limits) {
            let used = self.used(counted.key);
            demand!(used <= max, LIMITS, "{:?} gives a buyer {used} units of {max}", entry.kind);
        }
        Ok(())
    }

    /// Keeps the running hold that an entry is about.
    fn follow_hold(&mut self, entry: &Entry) -> Checked {
        let Some(id) = entry.hold else { return Ok(()) };
        let mut hold = match (entry.kind, self.hold(id.serial)) {
            (Kind::Hold, _) => Hold {
                id,
                created_at: self.at,
                deadline: entry.deadline.unwrap_or(self.at),
                lines: Vec::new(),
                buyer: entry.buyer.unwrap_or_default(),
                claims: entry.counted.iter().map(|counted| (counted.key, counted.held_only)).collect(),
            },
            (_, Some(hold)) => hold.clone(),
            (_, None) => return Ok(()),
        };
        for change in &entry.changes {
            let Some((ticket_type, price)) = change.terms.clone() else {
                return Err(Violation::new(FENCED, format!("{id} changes without terms: {change:?}")));
            };
            let (units, place, channel) = (change.units, change.place, change.channel_to.clone());
            let line = Line { place, units, ticket_type, price, channel };
            if change.to == Status::Held {
                give(&mut hold.lines, line)
            } else {
                take(&mut hold.lines, &line)?
            }
        }
        match entry.kind {
            Kind::Release | Kind::Expire | Kind::Confirm => {
                let left = hold.lines.len();
                demand!(left == 0, CONSERVATION, "{:?} of {id} leaves {left} lines with nobody", entry.kind);
                self.holds.insert(id.serial, None);
            }
            Kind::Hold | Kind::Edit | Kind::Extend => {
                if let Some(deadline) = entry.deadline {
                    let is_later = entry.kind == Kind::Hold || deadline > hold.deadline;
                    demand!(is_later, FENCED, "{id} gets an earlier deadline, {deadline}");
                    hold.deadline = deadline;
                }
                demand!(!hold.lines.is_empty(), FENCED, "{id} keeps nothing");
                self.holds.insert(id.serial, Some(hold));
            }
            other => return Err(Violation::new(FENCED, format!("{other:?} is about the hold {id}"))),
        }
        Ok(())
    }
}

fn is_same(a: &Line, b: &Line) -> bool {
    let terms = (&a.ticket_type, a.price, &a.channel) == (&b.ticket_type, b.price, &b.channel);
    a.place == b.place && (terms || matches!(a.place, Place::Seat(_)))
}

fn give(lines: &mut Vec<Line>, line: Line) {
    match lines.iter_mut().find(|known| is_same(known, &line)) {
        Some(known) => known.units += line.units,
        None => lines.push(line),
    }
}

fn take(lines: &mut Vec<Line>, line: &Line) -> Checked {
    let known = lines.iter_mut().find(|known| is_same(known, line) && known.units >= line.units);
    let Some(known) = known else {
        return Err(Violation::new(CONSERVATION, format!("a hold gives up what it does not keep: {line:?}")));
    };
    known.units -= line.units;
    lines.retain(|line| line.units > 0);
    Ok(())
}

/// Whether an entry of this kind may move a place like this.
fn check_transition(entry: &Entry, change: &Change) -> Checked {
    use Status::{Free, Held, Sold};
    let allowed = match entry.kind {
        Kind::Hold => (change.from, change.to) == (Free, Held),
        Kind::Edit => matches!((change.from, change.to), (Free, Held) | (Held, Free)),
        Kind::Release | Kind::Expire => (change.from, change.to) == (Held, Free),
        Kind::Confirm => (change.from, change.to) == (Held, Sold),
        Kind::Book => (change.from, change.to) == (Free, Sold),
        Kind::Cancel => (change.from, change.to) == (Sold, Free),
        Kind::Change => matches!((change.from, change.to), (Free, Sold) | (Sold, Free)),
        Kind::Block | Kind::Unblock => change.from == change.to,
        Kind::Extend | Kind::Event | Kind::Restored | Kind::Chart => false,
    };
    demand!(allowed, ONE_OWNER, "{:?} moves a place from {:?} to {:?}", entry.kind, change.from, change.to);
    demand!(change.units > 0, CONSERVATION, "{:?} moves no units", entry.kind);
    Ok(())
}
