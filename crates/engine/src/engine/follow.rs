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
use crate::store::{Positions, StoreError};

/// How long the follower waits for its turn at a desk that must be loaded anew; else it is asked again at the next round.
const TURN_PATIENCE: Duration = Duration::from_secs(1);
/// Desks that are loaded anew side by side after a failover: each takes a connection of the pool.
const RELOADS_AT_ONCE: usize = 4;

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
            for desk in desks {
                self.follow(&desk, &round).await;
            }
        }
    }

    /// Brings a desk up to date with what the store said of it.
    async fn follow(&self, desk: &SharedDesk, round: &Round) {
        // Whose turn it is sees the news by itself.
        let Ok(_turn) = desk.turn.try_lock() else { return };
        if !desk.retry_in(self.monotonic()).is_zero() {
            return;
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
            Some(position) if position.seq > desk.position().seq => self.catch_up(desk).await,
            // The desk may have committed since the store was asked.
            Some(_) if desk.read(|inventory| inventory.seq()) > Seq(0) => self.check_history(desk).await,
            Some(_) => Ok(()),
        };
        desk.followed(read, self.monotonic());
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
        futures_util::stream::iter(reloads).buffer_unordered(RELOADS_AT_ONCE).collect::<()>().await;
    }

    async fn catch_up(&self, desk: &Desk) -> Result<(), Unread> {
        loop {
            let (after, asked_at) = (desk.position().seq, self.monotonic());
            let rows = match self.store.tail(desk.id(), after, TAIL_COMMITS).await {
                Ok(rows) => rows,
                // Only the last commit of those need be readable for an event to be loaded.
                Err(error @ StoreError::Damaged(_)) => {
                    reload(&*self.store, desk, asked_at, &self.options).await?;
                    tracing::error!(event = %desk.id(), seq = after.0, %error, "commits of an event cannot be read; it was loaded without them");
                    return Ok(());
                }
                Err(error) => return Err(Unread { seq: after, error }),
            };
            let is_last = rows.len() < TAIL_COMMITS;
            if !desk.follow(rows, asked_at, &self.options) {
                return reload(&*self.store, desk, asked_at, &self.options).await;
            }
            if is_last {
                return Ok(());
            }
        }
    }

    /// Loads a desk anew when the store's history does not contain its position.
    async fn check_history(&self, desk: &Desk) -> Result<(), Unread> {
        let asked_at = self.monotonic();
        let position = desk.position();
        let before = Seq(position.seq.0.saturating_sub(1));
        if let Ok(rows) = self.store.tail(desk.id(), before, 1).await
            && rows.first().is_some_and(|row| row.seq == position.seq && row.head == position.head)
        {
            return Ok(());
        }
        // What is not to be seen may still be under way: ask in the way that waits for it.
        let contains = self.store.contains(desk.id(), position).await;
        if contains.map_err(|error| Unread { seq: position.seq, error })? {
            // This desk has committed since the store was asked; what others have committed is not known yet.
            return Ok(());
        }
        reload(&*self.store, desk, asked_at, &self.options).await?;
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
