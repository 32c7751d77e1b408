//! Following: a node brings its desks up to date with what others commit, as the store and the relay tell it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::id::{EventId, Seq};
use domain::time::Timestamp;
use futures_util::StreamExt as _;
use tokio::sync::watch;

use super::Engine;
use crate::clock::{Reading, StepWatch};
use crate::desk::{Desk, SharedDesk, Unread};
use crate::ledger::Position;
use crate::relay::message::{Opened, Told, open};
use crate::relay::{Relaying, heard};
use crate::sequencer::{TAIL_COMMITS, reload};
use crate::store::{LedgerRow, Positions, StoreError};

/// How long the follower waits for its turn at a desk that must be loaded anew; else it is asked again at the next round.
const TURN_PATIENCE: Duration = Duration::from_secs(1);
/// Desks that are read side by side: each takes a connection of the pool.
const READS_AT_ONCE: usize = 4;

/// What the store said of all desks at once.
struct Round {
    /// Monotonic time, before it was asked.
    asked_at: Duration,
    /// Its clock, if the answer was prompt.
    now: Option<Timestamp>,
    /// Where the desks stood before it was asked.
    stood_at: HashMap<EventId, Seq>,
    stands_at: HashMap<EventId, Position>,
    damaged: Vec<EventId>,
}

/// What must be read of a desk, after what the store said of it.
enum Standing {
    /// The store has commits that the desk has not.
    Behind(Place),
    /// Whether the store has what the desk has must be looked up.
    Unsure(Place),
}

/// Where a desk stood when something was to be read of it.
struct Place {
    position: Position,
    /// Monotonic time, before it is read.
    asked_at: Duration,
}

impl Engine {
    /// Keeps every desk up to date with what other nodes commit.
    pub(super) async fn follow_all(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(self.options.follow_interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut news = self.store.news();
        let mut watch = StepWatch::default();
        let mut is_damage_told = false;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = changed(&mut news) => {}
                () = self.gap.notified() => {}
            }
            self.drop_idle();
            let desks = self.all_desks();
            // What a schema that does not serve this node says may look like damage.
            if desks.is_empty() || self.fleet.newer_schema().is_some() {
                continue;
            }
            let asked_at = self.monotonic();
            let stood_at: HashMap<_, _> = desks.iter().map(|desk| (desk.id(), desk.position().seq)).collect();
            let events = desks.iter().map(|desk| desk.id()).collect();
            let positions = match self.store.positions(events).await {
                Ok(positions) => positions,
                Err(error) => {
                    // A store that is away tells every batch that it is; this is said once.
                    if matches!(error, StoreError::Damaged(_)) && !is_damage_told {
                        is_damage_told = true;
                        tracing::error!(%error, "what other nodes commit cannot be followed; no event hears of it");
                    }
                    continue;
                }
            };
            is_damage_told = false;
            self.pulse.felt();
            let answered_at = self.monotonic();
            if let Some(step_ms) = watch.step(Reading { shown: positions.now, asked_at, answered_at }) {
                metrics::counter!("flashtix_clock_steps_total").increment(1);
                tracing::error!(step_ms, "the store's clock was set; every running deadline moved with it");
            }
            // A reading of the clock is as uncertain as its way was long.
            let is_prompt = answered_at.saturating_sub(asked_at) <= self.options.refusal_age_max;
            let Positions { now, history, positions, damaged } = positions;
            let stands_at: HashMap<_, _> = positions.into_iter().collect();
            // After a failover, what others were told may not have happened: desks that lost nothing say so too.
            let is_astray =
                |desk: &SharedDesk| stands_at.contains_key(&desk.id()) && history != desk.history();
            let (astray, desks): (Vec<_>, Vec<_>) = desks.into_iter().partition(is_astray);
            self.begin_anew(astray).await;
            let round = Round { asked_at, now: is_prompt.then_some(now), stood_at, stands_at, damaged };
            self.follow(desks, &round).await;
        }
    }

    /// Brings desks up to date with what the store said of them: first all of which there is no more to find out, since the others take
    /// time.
    async fn follow(&self, desks: Vec<SharedDesk>, round: &Round) {
        let unread: Vec<_> =
            desks.into_iter().filter_map(|desk| Some((self.compare(&desk, round)?, desk))).collect();
        let reads = unread.into_iter().map(|(standing, desk)| async move {
            match standing {
                Standing::Behind(from) => self.catch_up(&desk, from).await,
                Standing::Unsure(from) => self.check_history(&desk, from).await,
            }
        });
        futures_util::stream::iter(reads).buffer_unordered(READS_AT_ONCE).collect::<()>().await;
    }

    /// What a round says of a desk; `None` when there is no more to find out.
    fn compare(&self, desk: &SharedDesk, round: &Round) -> Option<Standing> {
        // Whose turn it is sees the news by itself.
        let Ok(_turn) = desk.turn.try_lock() else { return None };
        if !desk.retry_in(self.monotonic()).is_zero() {
            return None;
        }
        let Round { asked_at, now, stood_at, stands_at, damaged } = round;
        if let Some(now) = now {
            desk.set_now(*now, *asked_at);
        }
        desk.take_in(*asked_at, &self.options);
        // A desk that has gone on since the store was asked knows all that there was then. Where the store is behind
        // what the desk had before, it has lost commits.
        let is_known = |position: &Position| {
            stood_at.get(&desk.id()).is_some_and(|seq| position.seq >= *seq) && desk.has_passed(*position)
        };
        let read = match stands_at.get(&desk.id()) {
            None if damaged.contains(&desk.id()) => {
                Err(Unread { seq: desk.position().seq, error: Positions::damage_of(desk.id()) })
            }
            None => {
                self.forget(desk.id());
                Ok(())
            }
            Some(position) if is_known(position) => {
                desk.heard(*asked_at);
                Ok(())
            }
            Some(position) if position.seq > desk.position().seq => {
                return Some(Standing::Behind(self.place_of(desk)));
            }
            // The desk may have committed since the store was asked.
            Some(_) if desk.read(|inventory| inventory.seq()) > Seq(0) => {
                return Some(Standing::Unsure(self.place_of(desk)));
            }
            Some(_) => Ok(()),
        };
        desk.followed(read, self.monotonic());
        None
    }

    /// Where a desk stands, of which something is to be read. Only in its turn: a desk that is loaded anew in between may stand elsewhere
    /// in another history.
    fn place_of(&self, desk: &Desk) -> Place {
        Place { position: desk.position(), asked_at: self.monotonic() }
    }

    /// Hears what other nodes tell of their commits, for ever.
    pub(super) async fn hear_all(self: Arc<Self>, relaying: Relaying, node: u64) {
        loop {
            match open(&relaying.relay.hear().await, &relaying.key, node) {
                Opened::Own => {}
                Opened::Forged => heard("forged", 1),
                Opened::Commits(commits) => commits.into_iter().for_each(|told| self.hear(told)),
            }
        }
    }

    fn hear(&self, told: Told) {
        let Some(desk) = self.desks.read().get(&told.event).cloned() else { return };
        let is_announced = told.row.is_none();
        if !desk.hear(told, &self.inbox_room) {
            return;
        }
        // Whose turn it is takes in what was heard when it is done.
        let Ok(_turn) = desk.turn.try_lock() else { return };
        desk.take_in(self.monotonic(), &self.options);
        if is_announced || desk.lacks_commits() {
            self.gap.notify_one();
        }
    }

    /// Loads desks anew whose history is another one than the store's.
    async fn begin_anew(&self, desks: Vec<SharedDesk>) {
        let reloads = desks.into_iter().map(|desk| async move {
            // One that could not be read is tried in its time, and may be somebody else's to mend: all others would wait for its turn.
            if !desk.retry_in(self.monotonic()).is_zero() {
                return;
            }
            // A desk that is never idle would keep the old name for as long as the crowd stays.
            let Ok(_turn) = tokio::time::timeout(TURN_PATIENCE, desk.turn.lock()).await else { return };
            let asked_at = self.monotonic();
            let read = reload(&*self.store, &desk, asked_at, &self.options).await;
            desk.followed(read, self.monotonic());
        });
        futures_util::stream::iter(reloads).buffer_unordered(READS_AT_ONCE).collect::<()>().await;
    }

    /// Reads what others committed. Not in the desk's turn, since a batch would wait for the store.
    async fn catch_up(&self, desk: &SharedDesk, from: Place) {
        let mut from = from;
        loop {
            let Place { position, asked_at } = from;
            let rows = self.store.tail(desk.id(), position.seq, TAIL_COMMITS).await;
            // All that are read beside this one wait for it, so it does not wait for long; a batch that takes longer sees the news by itself.
            let patience = self.options.follow_interval;
            let Ok(_turn) = tokio::time::timeout(patience, desk.turn.lock()).await else { return };
            // After a full page there may be more, also when a batch has read some of it meanwhile: then this desk does not yet know
            // all commits before the store was asked.
            let is_last = rows.as_ref().map_or(true, |rows| rows.len() < TAIL_COMMITS);
            let rows = match rows {
                Ok(rows) => desk.unknown_of(rows).map(Ok),
                // A batch has had a better answer since.
                Err(_) if desk.position() != position => None,
                Err(error) => Some(Err(error)),
            };
            let Some(rows) = rows else { return };
            let known_until = if is_last { asked_at } else { Duration::ZERO };
            let read = self.apply(desk, rows, known_until).await;
            if is_last || read.is_err() {
                desk.followed(read, self.monotonic());
                return;
            }
            from = self.place_of(desk);
        }
    }

    /// Applies commits that were read of a desk whose turn the caller has, or loads it anew.
    async fn apply(
        &self,
        desk: &Desk,
        rows: Result<Vec<LedgerRow>, StoreError>,
        known_until: Duration,
    ) -> Result<(), Unread> {
        let now = self.monotonic();
        match rows {
            Ok(rows) => {
                if desk.follow_until(rows, known_until, now, &self.options) {
                    return Ok(());
                }
                reload(&*self.store, desk, now, &self.options).await
            }
            // Only the last commit of those need be readable for an event to be loaded.
            Err(error @ StoreError::Damaged(_)) => {
                let seq = desk.position().seq;
                reload(&*self.store, desk, now, &self.options).await?;
                tracing::error!(event = %desk.id(), seq = seq.0, %error, "commits of an event cannot be read; it was loaded without them");
                Ok(())
            }
            Err(error) => Err(Unread { seq: desk.position().seq, error }),
        }
    }

    /// Makes sure that the store has what a desk has. For the same reason it is looked for before the desk's turn is taken.
    async fn check_history(&self, desk: &SharedDesk, from: Place) {
        let position = from.position;
        let before = Seq(position.seq.0.saturating_sub(1));
        let rows = self.store.tail(desk.id(), before, 1).await;
        // A batch that is under way finds out by itself.
        let Ok(_turn) = desk.turn.try_lock() else { return };
        // What changed it meanwhile was committed upon what it had, or it was loaded anew.
        if desk.position() != position {
            return;
        }
        let is_there = rows.is_ok_and(|rows| {
            rows.first().is_some_and(|row| row.seq == position.seq && row.head == position.head)
        });
        let read = if is_there { Ok(()) } else { self.find_in_history(desk, position).await };
        desk.followed(read, self.monotonic());
    }

    /// Loads a desk anew whose position the store's history does not contain. Its turn is the caller's.
    async fn find_in_history(&self, desk: &Desk, position: Position) -> Result<(), Unread> {
        // What is not to be seen may still be under way: ask in the way that waits for it.
        let contains = self.store.contains(desk.id(), position).await;
        if contains.map_err(|error| Unread { seq: position.seq, error })? {
            // This desk has committed since the store was asked; what others have committed is not known yet.
            return Ok(());
        }
        reload(&*self.store, desk, self.monotonic(), &self.options).await?;
        tracing::error!(event = %desk.id(), seq = position.seq.0, "the store lost commits of this event; its desk was loaded anew");
        Ok(())
    }
}

/// Waits until other nodes say that they committed something; for ever where nobody would say it.
async fn changed(news: &mut Option<watch::Receiver<u64>>) {
    if let Some(heard) = news
        && heard.changed().await.is_ok()
    {
        return;
    }
    std::future::pending().await
}
