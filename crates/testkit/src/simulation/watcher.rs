//! A browser: it follows one event's feed, across nodes and lost connections, and must always see a committed state.

use std::sync::Arc;
use std::time::Duration;

use domain::event::EventStatus;
use domain::id::Seq;
use domain::place::Status;
use engine::feed::{Frame, FrameKind, Subscription};
use rand::RngExt as _;
use tokio::task::JoinSet;

use super::world::World;
use crate::entropy::seeded;
use crate::memory::{Violation, demand};
use crate::renderer::PlainRenderer;

const FEED: &str = "a feed tells committed states in order";

/// Starts a browser for every event.
pub(super) fn start_all(world: &Arc<World>, tasks: &mut JoinSet<()>) {
    for at in 0..world.plan.events.len() {
        tasks.spawn(watch(world.clone(), at));
    }
}

/// What a browser shows.
#[derive(Debug, Default)]
struct View {
    /// Where it stands: history and commit.
    at: Option<(u64, Seq)>,
    seats: Vec<u8>,
}

async fn watch(world: Arc<World>, event_at: usize) {
    let event = world.plan.events[event_at].id;
    let mut rng = seeded(world.plan.seed, 50 + event_at as u64);
    let mut view = View::default();
    loop {
        let node = rng.random_range(0..world.nodes.len());
        tokio::time::sleep(Duration::from_millis(rng.random_range(1..=300))).await;
        let Some((engine, life)) = world.engine(node) else { continue };
        let seq = view.at.map_or(Seq(0), |(_, seq)| seq);
        let found = tokio::select! {
            biased;
            () = life.ended() => continue,
            found = engine.desk_at(event, seq) => found,
        };
        let Ok(desk) = found else { continue };
        // A node that lags further behind than a browser waits has nothing to tell it yet.
        if desk.position().seq < seq {
            continue;
        }
        let Subscription { first, mut rest } = desk.subscribe(view.at, &PlainRenderer);
        drop(engine);
        for frame in first {
            world.check(view.apply(&world, event_at, &frame));
        }
        let leaves_after = Duration::from_millis(rng.random_range(100..=10_000));
        let leaves = tokio::time::sleep(leaves_after);
        tokio::pin!(leaves);
        loop {
            let frame = tokio::select! {
                biased;
                () = life.ended() => break,
                () = &mut leaves => break,
                frame = rest.recv() => frame,
            };
            let Ok(frame) = frame else { break };
            world.count("feed frames");
            world.check(view.apply(&world, event_at, &frame));
        }
    }
}

impl View {
    fn apply(&mut self, world: &World, event_at: usize, frame: &Frame) -> Result<(), Violation> {
        let event = world.plan.events[event_at].id;
        if let Some((history, seq)) = self.at
            && history == frame.history
        {
            demand!(frame.seq >= seq, FEED, "{event}: a frame of {} after {seq}", frame.seq);
        }
        let text = String::from_utf8_lossy(&frame.data).into_owned();
        match frame.kind {
            FrameKind::Snapshot => {
                let seats = text.split(" seats ").nth(1).and_then(|rest| rest.split(' ').next());
                self.seats = seats.unwrap_or_default().as_bytes().to_vec();
            }
            FrameKind::Commit => {
                let from = number_after(&text, "\"from\":");
                let expected = self.at.map(|(_, seq)| seq.next().0);
                demand!(from <= expected, FEED, "{event}: commits from {from:?} follow {:?}", self.at);
                self.change_seats(&text);
            }
            FrameKind::Event => {}
        }
        self.at = Some((frame.history, frame.seq));
        // After an event frame the places of the same commit follow in a frame of their own.
        if frame.kind == FrameKind::Event {
            return Ok(());
        }
        let expected = committed_seats(world, event, frame.seq);
        let (shown, expected) = (String::from_utf8_lossy(&self.seats), String::from_utf8_lossy(&expected));
        demand!(shown == expected, FEED, "{event} at {} is {expected}, but {shown} is shown", frame.seq);
        Ok(())
    }

    /// `"seats":{"17":"h",…}`.
    fn change_seats(&mut self, json: &str) {
        let seats =
            json.split("\"seats\":{").nth(1).and_then(|rest| rest.split('}').next()).unwrap_or_default();
        for pair in seats.split(',').filter(|pair| !pair.is_empty()) {
            let mut parts = pair.split('"').filter(|part| !part.is_empty() && *part != ":");
            let seat = parts.next().and_then(|text| text.parse::<usize>().ok());
            let state = parts.next().and_then(|text| text.bytes().next());
            if let (Some(place), Some(state)) = (seat.and_then(|seat| self.seats.get_mut(seat)), state) {
                *place = state;
            }
        }
    }
}

fn number_after(text: &str, key: &str) -> Option<u64> {
    let digits = text.split(key).nth(1)?;
    digits.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

/// Every seat's character as the oracle has it at a commit.
fn committed_seats(world: &World, event: domain::id::EventId, seq: Seq) -> Vec<u8> {
    let seats = world.store.look(event, |table| {
        let at = table.past.partition_point(|past| past.seq <= seq).saturating_sub(1);
        let past = &table.past[at];
        let is_cancelled = past.event.status == EventStatus::Cancelled;
        let character = |seat| match past.seat(seat) {
            (Status::Held, _) => b'h',
            (Status::Sold, _) => b's',
            (Status::Free, is_assigned) if is_assigned || is_cancelled => b'b',
            (Status::Free, _) => b'f',
        };
        past.event.seats().map(character).collect()
    });
    seats.unwrap_or_default()
}
