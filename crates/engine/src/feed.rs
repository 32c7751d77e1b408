//! The feed: an event's commits as a stream for whoever watches.
//!
//! The first commit after a silence is told at once; under load several commits share a frame, so that there are at most
//! ten frames a second. A frame is encoded once, and compressed once, however many listen. Whoever reads too slowly is
//! dropped and comes back with the identifier of the last frame that it has.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use domain::entry::{Entry, Kind};
use domain::id::Seq;
use domain::inventory::Inventory;
use domain::place::{AreaIndex, Place, SeatIndex};
use parking_lot::Mutex;
use tokio::sync::broadcast;

use crate::desk::{Desk, Settled};
use crate::options::Options;
use crate::request::Renderer;

/// Frames that a listener may lag behind before it is dropped.
const FRAMES_BEHIND_MAX: usize = 64;

/// What one commit touched.
#[derive(Debug)]
struct Touched {
    seq: Seq,
    seats: Vec<SeatIndex>,
    areas: Vec<AreaIndex>,
    settings: bool,
    /// Whether the event moved to another chart, so that positions of seats mean something else.
    moved: bool,
}

/// What a frame tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// Places changed.
    Commit,
    /// Settings changed.
    Event,
    /// Everything, from the beginning.
    Snapshot,
}

/// One frame, encoded for everybody.
#[derive(Debug)]
pub struct Frame {
    /// What it tells.
    pub kind: FrameKind,
    /// The last commit that it covers.
    pub seq: Seq,
    /// The history that the commit belongs to.
    pub history: u64,
    /// The JSON.
    pub data: Bytes,
    /// The frame as it is sent; written by whoever sends it first.
    pub text: OnceLock<Bytes>,
    /// The text as it is sent to those who take it compressed; likewise.
    pub packed: OnceLock<Packed>,
}

impl Frame {
    fn new(kind: FrameKind, seq: Seq, history: u64, data: Bytes) -> Arc<Self> {
        Arc::new(Self { kind, seq, history, data, text: OnceLock::new(), packed: OnceLock::new() })
    }
}

/// A text that was compressed by itself, so that it can follow whatever was sent before it.
#[derive(Debug)]
pub struct Packed {
    /// What it was compressed to.
    pub bytes: Bytes,
    /// The CRC-32 of the text.
    pub crc: u32,
    /// The text's length, in bytes.
    pub length: u64,
}

#[derive(Debug)]
struct State {
    /// The latest commits, oldest first, without a gap.
    commits: VecDeque<Touched>,
    /// The last commit that was told.
    told: Seq,
    told_at: Option<Duration>,
    sender: Option<broadcast::Sender<Arc<Frame>>>,
    /// What those were told who resumed last: a crowd that lost its connections comes back to the same commit.
    resumed: Option<Resumed>,
}

/// The frames that lead from one commit to another.
#[derive(Debug)]
struct Resumed {
    after: Seq,
    now: Seq,
    frames: Vec<Arc<Frame>>,
}

/// One event's feed.
#[derive(Debug)]
pub struct Feed {
    state: Mutex<State>,
    commits_kept: usize,
    frame_interval: Duration,
}

/// A listener's place in the stream: what it must be told first, and then everything after.
#[derive(Debug)]
pub struct Subscription {
    /// What brings it up to date; nothing when it is.
    pub first: Vec<Arc<Frame>>,
    /// What comes after; closes when the listener lags, or the history is another one.
    pub rest: broadcast::Receiver<Arc<Frame>>,
}

impl Feed {
    pub(crate) fn new(seq: Seq, options: &Options) -> Self {
        Self {
            state: Mutex::new(State {
                commits: VecDeque::new(),
                told: seq,
                told_at: None,
                sender: None,
                resumed: None,
            }),
            commits_kept: options.feed_commits_kept,
            frame_interval: Duration::from_secs(1) / options.feed_frames_per_second,
        }
    }

    /// Whether anybody listens.
    pub(crate) fn has_listeners(&self) -> bool {
        self.listeners() > 0
    }

    /// How many listen.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.state.lock().sender.as_ref().map_or(0, broadcast::Sender::receiver_count)
    }

    /// Notes what a commit touched; called under the desk's write lock, so in order.
    pub(crate) fn note(&self, seq: Seq, entries: &[Entry]) {
        let mut touched =
            Touched { seq, seats: Vec::new(), areas: Vec::new(), settings: false, moved: false };
        for entry in entries {
            touched.moved |= entry.kind == Kind::Chart;
            touched.settings |= entry.settings.is_some();
            touched.areas.extend(entry.areas());
            touched.seats.extend(entry.changes.iter().filter_map(|change| match change.place {
                Place::Seat(seat) => Some(seat),
                Place::Area(_) => None,
            }));
        }
        let mut state = self.state.lock();
        if state.commits.len() == self.commits_kept {
            state.commits.pop_front();
        }
        state.commits.push_back(touched);
    }

    /// Begins anew after the desk was reloaded: listeners must come back and ask.
    pub(crate) fn restart(&self, seq: Seq) {
        let mut state = self.state.lock();
        state.commits.clear();
        state.told = seq;
        state.sender = None;
        state.resumed = None;
    }
}

impl Desk {
    /// Tells listeners what was committed since the last frame, unless that was just now. Returns
    /// whether something is left to tell.
    pub(crate) fn tell(&self, monotonic: Duration, renderer: &dyn Renderer) -> bool {
        self.read_settled(|settled| {
            let inventory = &settled.inventory;
            let mut state = self.feed.state.lock();
            if state.told == inventory.seq() {
                return false;
            }
            if state.sender.as_ref().is_none_or(|sender| sender.receiver_count() == 0) {
                state.told = inventory.seq();
                return false;
            }
            let interval = self.feed.frame_interval;
            if state.told_at.is_some_and(|told_at| monotonic.saturating_sub(told_at) < interval) {
                return true;
            }
            let frames = frames_after(&state, state.told, settled, renderer);
            state.told = inventory.seq();
            state.told_at = Some(monotonic);
            if let Some(sender) = &state.sender {
                for frame in frames {
                    // Fails only when the last listener has just left.
                    drop(sender.send(frame));
                }
            }
            false
        })
    }

    /// Joins the stream after a commit of a history, or from the beginning.
    ///
    /// The past is told from memory where it reaches back far enough, else as a snapshot. Call only
    /// when the desk has the commit that the listener names, if it is of this history.
    #[must_use]
    pub fn subscribe(&self, after: Option<(u64, Seq)>, renderer: &dyn Renderer) -> Subscription {
        self.read_settled(|settled| {
            let history = settled.history;
            let mut state = self.feed.state.lock();
            let now = settled.inventory.seq();
            // Those who listen already are told first, so that all continue from the same commit.
            if state.told != now {
                let frames = frames_after(&state, state.told, settled, renderer);
                state.told = now;
                if let Some(sender) = &state.sender {
                    frames.into_iter().for_each(|frame| drop(sender.send(frame)));
                }
            }
            let sender = state.sender.get_or_insert_with(|| broadcast::Sender::new(FRAMES_BEHIND_MAX));
            let rest = sender.subscribe();
            let first = match after {
                Some((of, seq)) if of == history && seq == now => Vec::new(),
                Some((of, seq)) if of == history && seq < now && reaches(&state, seq) => {
                    resume(&mut state, seq, settled, renderer)
                }
                _ => vec![snapshot(settled, renderer)],
            };
            Subscription { first, rest }
        })
    }
}

/// Whether memory has every commit after `seq`.
fn reaches(state: &State, seq: Seq) -> bool {
    state.commits.front().is_some_and(|oldest| oldest.seq <= seq.next())
}

fn snapshot(settled: &Settled, renderer: &dyn Renderer) -> Arc<Frame> {
    let shown = settled.availability(renderer);
    let seq = settled.inventory.seq();
    let frame = || Frame::new(FrameKind::Snapshot, seq, settled.history, shown.text.clone());
    Arc::clone(shown.snapshot.get_or_init(frame))
}

/// As [`frames_after`], the same frames for all who ask between two commits.
fn resume(state: &mut State, after: Seq, settled: &Settled, renderer: &dyn Renderer) -> Vec<Arc<Frame>> {
    let now = settled.inventory.seq();
    if let Some(last) = &state.resumed
        && (last.after, last.now) == (after, now)
    {
        return last.frames.clone();
    }
    let frames = frames_after(state, after, settled, renderer);
    state.resumed = Some(Resumed { after, now, frames: frames.clone() });
    frames
}

/// The frames that lead from `after` to now; a snapshot where memory does not reach back.
fn frames_after(state: &State, after: Seq, settled: &Settled, renderer: &dyn Renderer) -> Vec<Arc<Frame>> {
    let (inventory, history) = (&settled.inventory, settled.history);
    if !reaches(state, after) {
        return vec![snapshot(settled, renderer)];
    }
    let mut seats = BTreeSet::new();
    let mut areas = BTreeSet::new();
    let (mut has_settings, mut is_moved) = (false, false);
    for touched in state.commits.iter().filter(|touched| touched.seq > after) {
        seats.extend(touched.seats.iter().copied());
        areas.extend(touched.areas.iter().copied());
        has_settings |= touched.settings;
        is_moved |= touched.moved;
    }
    let seq = inventory.seq();
    let is_cancelled = inventory.event().status == domain::event::EventStatus::Cancelled;
    let places = if is_moved || has_settings && is_cancelled {
        // Every seat has another position, or every free place became blocked at once.
        Some(snapshot(settled, renderer))
    } else if !has_settings || !seats.is_empty() || !areas.is_empty() {
        let data = encode(after.next(), inventory, &seats, &areas);
        Some(Frame::new(FrameKind::Commit, seq, history, data))
    } else {
        None
    };
    let mut frames = Vec::with_capacity(2);
    if has_settings {
        // Both frames tell of the same commits: whoever is cut off between them must get both again.
        let told = if places.is_some() { after } else { seq };
        let data = renderer.event_changed(inventory.event(), seq);
        frames.push(Frame::new(FrameKind::Event, told, history, data));
    }
    frames.extend(places);
    frames
}

/// `{"from":8,"seq":9,"seats":{"17":"h"},"areas":{"Floor":{…}}}`.
fn encode(
    from: Seq,
    inventory: &Inventory,
    seats: &BTreeSet<SeatIndex>,
    areas: &BTreeSet<AreaIndex>,
) -> Bytes {
    use std::fmt::Write as _;
    let mut json = String::with_capacity(64 + seats.len() * 12 + areas.len() * 80);
    let mut write = |text: std::fmt::Arguments<'_>| {
        // Writing to a string does not fail.
        let written = json.write_fmt(text);
        debug_assert!(written.is_ok(), "writing to memory");
    };
    write(format_args!("{{\"from\":{from},\"seq\":{},\"seats\":{{", inventory.seq()));
    let seating = inventory.event().seating.as_ref();
    let positions = seats.iter().filter_map(|seat| Some((seat, seating?.position(*seat)?)));
    for (at, (seat, position)) in positions.enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let state = char::from(inventory.seat_character(*seat));
        write(format_args!("{comma}\"{}\":\"{state}\"", position.0));
    }
    write(format_args!("}},\"areas\":{{"));
    for (at, area) in areas.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let name = serde_json::Value::from(&*inventory.event().areas[area.at()].name);
        let counts = inventory.area_counts(*area);
        write(format_args!(
            "{comma}{name}:{{\"free\":{},\"held\":{},\"sold\":{},\"blocked\":{}}}",
            counts.free, counts.held, counts.sold, counts.blocked
        ));
    }
    write(format_args!("}}}}"));
    Bytes::from(json)
}
