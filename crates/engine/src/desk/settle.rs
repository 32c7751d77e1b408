//! One event's part of a batch: decided under the store's lock, then settled or taken back.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use domain::command::{Command, Digest};
use domain::entry::{Entry, Mapping};
use domain::id::{HoldId, OrderId, Seq, Serial, Surrogate};
use domain::inventory::{Decided, Inventory, Limits, MadeUp, Moment, Outage, Records, SeatRow, Session};
use domain::place::{Place, SeatIndex};
use domain::record::HoldStatus;
use domain::rejection::{RefOwner, Rejection};
use domain::time::Timestamp;

use super::recent::Recent;
use super::{Desk, Draft, Waiting};
use crate::ledger::{self, Position, Unreadable};
use crate::options::Options;
use crate::request::{Outcome, Renderer, Reply, Request, named};
use crate::sequencer::TAIL_COMMITS;
use crate::store::{CommitWrite, Found, LedgerRow, Locked, OrderWrite, Probes, StoredReply, Work};

/// Commits that a batch catches up with under the lock; more are fetched outside of it.
const CATCH_UP_COMMITS_MAX: usize = 8;

/// What a request came to, before it is known whether the batch commits.
#[derive(Debug)]
pub(crate) enum Answer {
    /// This, which made that.
    Done(Reply, Option<Made>),
    /// What an earlier commit answered.
    Before(Serial),
    /// A no.
    Refused(Rejection),
}

/// The identifier that something has if its batch committed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Made {
    /// A hold.
    Hold(HoldId),
    /// An order.
    Order(OrderId),
}

impl std::fmt::Display for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hold(id) => id.fmt(f),
            Self::Order(id) => id.fmt(f),
        }
    }
}

/// Why an event could not be decided as its desk stands; the later one is the more thorough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resync {
    /// Too many commits are missing: fetch them outside the lock.
    CatchUp,
    /// Another history than the desk's: load it anew.
    Reload,
}

/// One event's part of a batch.
#[derive(Debug, Default)]
pub(crate) struct Attempt {
    pub(crate) waiting: Vec<Waiting>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) resync: Option<Resync>,
    pub(crate) write: Option<Arc<CommitWrite>>,
    news: Vec<(LedgerRow, Vec<Entry>)>,
    now: Option<Timestamp>,
    /// The outage that it makes up for in part, if more holds lost time than one commit moves.
    owed: Option<Outage>,
    /// The version of the ledger that it is written in.
    pub(crate) payload_version: u32,
    /// Whether deciding it panicked: then its desk must be loaded anew.
    pub(crate) is_broken: bool,
    /// Whether it ended lapsed holds.
    pub(crate) has_swept: bool,
    /// Whether more lapsed holds are left than one batch ends.
    pub(crate) sweep_again: bool,
}

impl Attempt {
    pub(crate) fn new(waiting: Vec<Waiting>, payload_version: u32) -> Self {
        Self { waiting, payload_version, ..Self::default() }
    }

    /// Whether a store has had it decided.
    pub(crate) fn is_decided(&self) -> bool {
        self.now.is_some()
    }

    /// What must be read under the lock for these requests.
    pub(crate) fn probes(&self) -> Probes {
        let mut probes = Probes::default();
        for Waiting { request, .. } in &self.waiting {
            let (hold, order) = named(&request.command);
            probes.holds.extend(hold);
            probes.orders.extend(order);
            probes.refs.extend(request.order_ref.iter().map(|(digest, _)| *digest));
            probes.codes.extend(request.codes.iter().map(|(digest, _)| *digest));
            probes.event_refs.extend(wanted_event_ref(&request.command).cloned());
            probes.hold_refs.extend(wanted_hold_ref(&request.command).cloned());
        }
        probes
    }

    /// Where the history stands if the attempt commits; `None` when it writes nothing.
    pub(crate) fn position_after(&self) -> Option<Position> {
        self.write.as_ref().map(|write| write.after)
    }
}

impl Desk {
    /// The work that an attempt asks of the store.
    pub(crate) fn work(&self, attempt: &Attempt) -> Work {
        Work { event: self.id, position: self.draft.lock().position, probes: attempt.probes() }
    }

    /// Decides an attempt, under the store's lock.
    pub(crate) fn decide(
        &self,
        attempt: &mut Attempt,
        locked: Locked,
        renderer: &dyn Renderer,
    ) -> Option<Arc<CommitWrite>> {
        if attempt.now.is_some() {
            // The store has to decide this part once more; what it decided before is void.
            self.take_back(attempt);
        }
        // What others did while the request waited may have reached memory already, and is then no news.
        let settled = self.settled.read();
        let mut draft = self.draft.lock();
        let Locked { now, position, news, found } = locked;
        attempt.now = Some(now);
        attempt.resync = catch_up(&mut draft, attempt, position, news);
        if attempt.resync.is_some() {
            return None;
        }
        // Whatever breaks while it is decided, whoever waits must not be lost with it.
        let waiting = std::mem::take(&mut attempt.waiting);
        let mut batch = Batch::new(attempt, &settled.recent, found);
        let decided =
            catch_unwind(AssertUnwindSafe(|| batch.decide(self, &mut draft, now, &waiting, renderer)));
        attempt.waiting = waiting;
        match decided {
            Ok(write) => {
                attempt.write.clone_from(&write);
                write
            }
            Err(panic) => {
                // The draft is half decided, and its limits cannot be told from those before.
                attempt.is_broken = true;
                resume_unwind(panic)
            }
        }
    }

    /// Takes back what an attempt did to the draft, because it did not commit.
    pub(crate) fn take_back(&self, attempt: &mut Attempt) {
        let settled = self.settled.read();
        let mut draft = self.draft.lock();
        if let Some(write) = attempt.write.take() {
            revert_limits(&mut draft.limits, &write.entries, &write.mappings);
        }
        for (row, entries) in attempt.news.drain(..).rev() {
            revert_limits(&mut draft.limits, &entries, &row.mappings);
        }
        draft.inventory = settled.inventory.clone();
        draft.position = settled.position;
        attempt.answers.clear();
        attempt.waiting.iter().for_each(|waiting| waiting.prospect.set(None));
        attempt.resync = None;
        attempt.now = None;
        attempt.has_swept = false;
        attempt.sweep_again = false;
        attempt.owed = None;
    }

    /// Makes a committed attempt visible to everybody.
    pub(crate) fn settle(
        &self,
        attempt: &mut Attempt,
        started: Duration,
        monotonic: Duration,
        options: &Options,
    ) {
        let keep = options.idempotency_keep;
        {
            let mut settled = self.settled.write();
            for (row, entries) in attempt.news.drain(..) {
                settled.inventory.apply_commit(row.seq, row.at, &entries);
                settled.recent.add(&row.keys, monotonic, keep);
                settled.advance(Position { seq: row.seq, head: row.head });
                self.feed.note(row.seq, &entries);
                self.note_commit(row.at);
            }
            if let Some(write) = &attempt.write {
                settled.inventory.apply_commit(write.after.seq, write.at, &write.entries);
                settled.recent.add(&write.keys, monotonic, keep);
                settled.advance(write.after);
                self.feed.note(write.after.seq, &write.entries);
                self.note_commit(write.at);
            }
        }
        // The clock was read somewhere in between: too long a stall makes that no reading.
        if let Some(now) = attempt.now
            && monotonic.saturating_sub(started) <= options.refusal_age_max
        {
            self.set_now(now, monotonic);
        }
        self.heard(started);
        if attempt.is_decided() {
            *self.owed.lock() = attempt.owed;
        }
    }

    /// Applies commits of others that were asked for outside of any batch, at `monotonic`; `false` when
    /// they do not follow from what the desk has.
    pub(crate) fn follow(&self, rows: Vec<LedgerRow>, monotonic: Duration, options: &Options) -> bool {
        // After a full page there may be more: then this desk does not yet know all commits before `monotonic`.
        let known_until = if rows.len() < TAIL_COMMITS { monotonic } else { Duration::ZERO };
        self.follow_until(rows, known_until, monotonic, options)
    }

    /// The same, for a desk that has all commits before `known_until` then.
    pub(crate) fn follow_until(
        &self,
        rows: Vec<LedgerRow>,
        known_until: Duration,
        monotonic: Duration,
        options: &Options,
    ) -> bool {
        let mut attempt = Attempt::default();
        let position = {
            let mut draft = self.draft.lock();
            let before = draft.position;
            for row in rows {
                if extend(&mut draft, &mut attempt, row).is_err() {
                    drop(draft);
                    self.take_back(&mut attempt);
                    return false;
                }
            }
            debug_assert!(draft.position.seq >= before.seq, "following never goes back");
            draft.position
        };
        self.settle(&mut attempt, known_until, monotonic, options);
        debug_assert_eq!(self.position(), position, "draft and settled are one after following");
        true
    }

    /// Asserts that draft and settled inventory are the same; for tests between batches.
    #[must_use]
    pub fn is_settled_equal_to_draft(&self) -> bool {
        let settled = self.settled.read();
        let draft = self.draft.lock();
        settled.position == draft.position
            && settled.inventory.seat_rows().eq(draft.inventory.seat_rows())
            && settled.inventory.area_rows().eq(draft.inventory.area_rows())
            && settled.inventory.holds().eq(draft.inventory.holds())
    }
}

fn revert_limits(limits: &mut Limits, entries: &[Entry], mappings: &[Mapping]) {
    entries.iter().rev().for_each(|entry| limits.revert(entry));
    mappings.iter().for_each(|mapping| limits.unlearn(mapping));
}

/// Applies one commit of somebody else to the draft.
fn extend(draft: &mut Draft, attempt: &mut Attempt, row: LedgerRow) -> Result<(), Resync> {
    let event = draft.inventory.event().clone();
    let expected = draft.position.head.extended(event.id, row.seq, row.at, &row.payload);
    if row.seq != draft.position.seq.next() || expected != row.head {
        return Err(Resync::Reload);
    }
    let entries = ledger::decode(&row.payload, &event).map_err(|error| {
        match error {
            Unreadable::LaterChart => tracing::info!(event = %event.id, "the event moved to another chart"),
            error => {
                tracing::error!(event = %event.id, seq = row.seq.0, ?error, "a ledger row cannot be read")
            }
        }
        Resync::Reload
    })?;
    // What does not fit is refused by an assertion. Limits come after it: whoever takes the commits back leaves theirs alone then.
    let apply = || draft.inventory.apply_commit(row.seq, row.at, &entries);
    if catch_unwind(AssertUnwindSafe(apply)).is_err() {
        tracing::error!(event = %event.id, seq = row.seq.0, "a commit does not fit what this desk has");
        return Err(Resync::Reload);
    }
    row.mappings.iter().for_each(|mapping| draft.limits.learn(mapping));
    entries.iter().for_each(|entry| draft.limits.apply(entry));
    draft.position = Position { seq: row.seq, head: row.head };
    attempt.news.push((row, entries));
    Ok(())
}

/// Brings the draft up to what is locked, or says why it cannot.
fn catch_up(
    draft: &mut Draft,
    attempt: &mut Attempt,
    position: Position,
    news: Vec<LedgerRow>,
) -> Option<Resync> {
    if position.seq < draft.position.seq {
        return Some(Resync::Reload);
    }
    if position.seq.0 - draft.position.seq.0 > CATCH_UP_COMMITS_MAX as u64 {
        return Some(Resync::CatchUp);
    }
    for row in news {
        if let Err(resync) = extend(draft, attempt, row) {
            return Some(resync);
        }
    }
    (draft.position != position).then_some(Resync::Reload)
}

/// The requests of one event's part, on their way to one commit.
struct Batch<'a> {
    attempt: &'a mut Attempt,
    recent: &'a Recent,
    found: Found,
    refs: Vec<(Digest, Digest, OrderId)>,
    codes: Vec<(Digest, OrderId)>,
    keys: Vec<(Digest, Serial)>,
    replies: Vec<(Serial, StoredReply)>,
    orders_before: std::collections::HashMap<Serial, u32>,
}

impl<'a> Batch<'a> {
    fn new(attempt: &'a mut Attempt, recent: &'a Recent, found: Found) -> Self {
        let orders_before = found.orders.iter().map(|(serial, order)| (*serial, order.version)).collect();
        Self {
            attempt,
            recent,
            found,
            refs: Vec::new(),
            codes: Vec::new(),
            keys: Vec::new(),
            replies: Vec::new(),
            orders_before,
        }
    }

    fn decide(
        &mut self,
        desk: &Desk,
        draft: &mut Draft,
        now: Timestamp,
        waiting: &[Waiting],
        renderer: &dyn Renderer,
    ) -> Option<Arc<CommitWrite>> {
        let before = draft.position;
        let seq = before.seq.next();
        let records = Records {
            holds: std::mem::take(&mut self.found.holds),
            orders: std::mem::take(&mut self.found.orders),
            ..Records::default()
        };
        let Draft { inventory, limits, .. } = draft;
        let mut session = Session::new(inventory, limits, records, Moment { now, seq });
        if let Some(outage) = desk.outage(&self.attempt.news, now) {
            let MadeUp { holds, are_left } = session.make_up(outage);
            // What comes later lapsed in the time that it was given.
            self.attempt.owed = are_left.then_some(outage);
            if holds > 0 {
                let seconds = outage.lost_ms / 1_000;
                tracing::warn!(event = %desk.id, holds, seconds, "holds that lapsed during an outage get that time back");
            }
        }
        for (position, waiting) in (0_u16..).zip(waiting) {
            let answer = self.one(&mut session, waiting, seq, position, renderer);
            waiting.prospect.set(match &answer {
                Answer::Done(_, made) => *made,
                Answer::Before(_) | Answer::Refused(_) => None,
            });
            self.attempt.answers.push(answer);
        }
        let Session { records, entries, mappings, notes, .. } = session;
        if entries.is_empty() {
            // Pseudonyms of refused requests were given to nobody.
            mappings.iter().for_each(|mapping| draft.limits.unlearn(mapping));
            return None;
        }
        let payload_version = self.attempt.payload_version;
        let write = CommitWrite {
            seats: seat_writes(&entries, &draft.inventory),
            areas: area_writes(&entries, &draft.inventory),
            used: counters(&entries, &draft.limits),
            holds: touched(&records.holds, records.holds_touched.clone()),
            holds_ended: records.holds_ended.clone(),
            holds_moved: records.holds_moved.clone(),
            orders: touched(&records.orders, records.orders_touched.clone())
                .into_iter()
                .map(|order| OrderWrite {
                    version_before: self.orders_before.get(&order.id.serial).copied().unwrap_or(0),
                    order,
                })
                .collect(),
            mappings,
            refs: std::mem::take(&mut self.refs),
            codes: std::mem::take(&mut self.codes),
            keys: std::mem::take(&mut self.keys),
            replies: std::mem::take(&mut self.replies),
            notes,
            ..CommitWrite::of(desk.id, before, now, entries, payload_version)
        };
        draft.position = write.after;
        Some(Arc::new(write))
    }

    fn one(
        &mut self,
        session: &mut Session<'_>,
        waiting: &Waiting,
        seq: Seq,
        position: u16,
        renderer: &dyn Renderer,
    ) -> Answer {
        let request = &waiting.request;
        if let Some(serial) = self.used_by_others(request) {
            return Answer::Before(serial);
        }
        if let Some(answer) = self.same_ref(session, request, renderer) {
            return answer;
        }
        if let Some(rejection) = self.refused_codes(session, request) {
            return Answer::Refused(rejection);
        }
        if let Some(by) = self.owner_of_ref(session, &request.command) {
            return Answer::Refused(Rejection::RefTaken { by });
        }
        match session.decide(&request.command, request.actor, waiting.salt) {
            Err(rejection) => Answer::Refused(rejection),
            Ok(decided) => {
                if let Decided::Swept { more, .. } = decided {
                    self.attempt.has_swept = true;
                    self.attempt.sweep_again |= more;
                }
                self.accept(session, request, &decided, seq, position, renderer)
            }
        }
    }

    /// Renders the answer, and keeps what must be unique, and the reply.
    fn accept(
        &mut self,
        session: &Session<'_>,
        request: &Request,
        decided: &Decided,
        seq: Seq,
        position: u16,
        renderer: &dyn Renderer,
    ) -> Answer {
        if let Decided::Order(serial) | Decided::OrderChanged { order: serial, .. } = decided {
            let order = session.records.orders[serial].id;
            if let Some((digest, fingerprint)) = request.order_ref {
                self.refs.push((digest, fingerprint, order));
                self.keys.push((digest, *serial));
            }
            for (digest, _) in &request.codes {
                self.codes.push((*digest, order));
            }
        }
        let outcome = Outcome::of(&request.command, decided, &session.records);
        // A batch that changes nothing makes no commit: its answers are true of the last one.
        let (status, body) = renderer.render(session.inventory.event(), session.inventory.seq(), &outcome);
        if let Some(idempotency) = request.idempotency
            && !session.entries.is_empty()
        {
            let serial = Serial::new(seq, position);
            let stored = StoredReply { fingerprint: idempotency.fingerprint, status, body: body.clone() };
            self.keys.push((idempotency.key, serial));
            self.replies.push((serial, stored));
        }
        let made = match outcome {
            Outcome::HoldMade(hold) => Some(Made::Hold(hold.id)),
            Outcome::OrderMade(order) => Some(Made::Order(order.id)),
            _ => None,
        };
        Answer::Done(Reply { status, body, is_replay: false }, made)
    }

    /// The serial of a reply that another node gave to the same key since the desk looked.
    fn used_by_others(&self, request: &Request) -> Option<Serial> {
        let key = request.idempotency?.key;
        let mut keys = self.attempt.news.iter().flat_map(|(row, _)| &row.keys);
        let in_news = keys.find(|(digest, _)| *digest == key).map(|(_, serial)| *serial);
        in_news.or_else(|| self.recent.get(&key))
    }

    /// The answer to a request whose reference is taken: by the same request, or by another.
    fn same_ref(&self, session: &Session<'_>, request: &Request, renderer: &dyn Renderer) -> Option<Answer> {
        let (digest, fingerprint) = request.order_ref?;
        let (known, order) = *self.found.refs.get(&digest)?;
        if known == fingerprint && matches!(request.command, Command::Confirm(_)) {
            // The hold knows its order, and whether it was paid by the same payment.
            return None;
        }
        let record = session.records.orders.get(&order.serial);
        Some(match record {
            Some(record) if known == fingerprint => {
                let outcome = Outcome::Order(record);
                let (status, body) =
                    renderer.render(session.inventory.event(), session.inventory.seq(), &outcome);
                Answer::Done(Reply { status, body, is_replay: true }, None)
            }
            _ => Answer::Refused(Rejection::RefTaken { by: RefOwner::Order(order) }),
        })
    }

    /// What has the reference that an event or a hold is to have.
    fn owner_of_ref(&self, session: &Session<'_>, command: &Command) -> Option<RefOwner> {
        if let Some(text) = wanted_event_ref(command) {
            return self.found.event_refs.get(text).copied().map(RefOwner::Event);
        }
        let text = wanted_hold_ref(command)?;
        let stored = self.found.hold_refs.iter().filter(|(known, _)| known == text).map(|(_, hold)| *hold);
        let made = session.records.holds.values().filter(|hold| hold.reference.as_ref() == Some(text));
        stored
            .chain(made.map(|hold| hold.id))
            .find(|hold| session.is_running(hold.serial))
            .map(RefOwner::Hold)
    }

    /// Why the barcodes of a request cannot be had, in the store or earlier in this batch.
    ///
    /// A confirm must name those that its hold keeps: they become tickets' only now.
    fn refused_codes(&self, session: &Session<'_>, request: &Request) -> Option<Rejection> {
        if let Command::Confirm(confirm) = &request.command
            && let Some(hold) = session.records.holds.get(&confirm.hold.serial)
        {
            if hold.status != HoldStatus::Active {
                // An order that was made before has its codes, and nothing else gets any.
                return None;
            }
            if hold.codes.iter().flatten().flatten().count() != request.codes.len() {
                let amount = domain::basket::total(&hold.lines).unwrap_or_default().0;
                return Some(Rejection::HoldChanged { amount });
            }
        }
        self.taken_code(request).map(|place| Rejection::CodeTaken { place })
    }

    /// The place whose barcode is taken.
    fn taken_code(&self, request: &Request) -> Option<String> {
        let taken = |digest: &Digest| {
            self.found.codes.contains_key(digest) || self.codes.iter().any(|(known, _)| known == digest)
        };
        request.codes.iter().find(|(digest, _)| taken(digest)).map(|(_, place)| place.clone())
    }
}

/// The reference that the event is to have from now on.
fn wanted_event_ref(command: &Command) -> Option<&Arc<str>> {
    match command {
        Command::Configure(patch) => patch.reference.as_ref()?.as_ref(),
        _ => None,
    }
}

/// The reference that a new hold is to have.
fn wanted_hold_ref(command: &Command) -> Option<&Arc<str>> {
    match command {
        Command::Hold { purchase, .. } => purchase.reference.as_ref(),
        _ => None,
    }
}

/// The records of some serials, each once.
fn touched<T: Clone>(records: &std::collections::HashMap<Serial, T>, mut serials: Vec<Serial>) -> Vec<T> {
    serials.sort_unstable();
    serials.dedup();
    serials.iter().filter_map(|serial| records.get(serial)).cloned().collect()
}

/// Every seat that the entries changed: its version before them, and its row after.
fn seat_writes(entries: &[Entry], inventory: &Inventory) -> Vec<(u32, SeatRow)> {
    let mut changed: Vec<(SeatIndex, u32)> = Vec::new();
    for change in entries.iter().flat_map(|entry| &entry.changes) {
        if let Place::Seat(seat) = change.place {
            changed.push((seat, change.version - 1));
        }
    }
    // The lowest version of a seat is the one that the store has.
    changed.sort_unstable();
    changed.dedup_by_key(|(seat, _)| *seat);
    changed
        .into_iter()
        .map(|(seat, before)| {
            let state = inventory.seat(seat);
            let channel = inventory.seat_channel(seat).cloned();
            let (owner, version, status) = (state.owner, state.version, state.status);
            (before, SeatRow { seat, version, status, owner, channel })
        })
        .collect()
}

/// Every pool of every area that the entries changed, as it is after them.
fn area_writes(entries: &[Entry], inventory: &Inventory) -> Vec<domain::inventory::AreaRow> {
    let mut areas: Vec<_> = entries.iter().flat_map(Entry::areas).collect();
    if areas.is_empty() {
        return Vec::new();
    }
    areas.sort_unstable();
    areas.dedup();
    inventory.area_pools(&areas)
}

/// Every counter that the entries changed, as it is after them.
fn counters(entries: &[Entry], limits: &Limits) -> Vec<(Surrogate, u32)> {
    let mut keys: Vec<_> =
        entries.iter().flat_map(|entry| &entry.counted).map(|counted| counted.key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().map(|key| (key, limits.used(key))).collect()
}
