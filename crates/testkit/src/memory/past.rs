//! What an event looked like at every moment, so that a refusal can be judged afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::event::Event;
use domain::id::{Seq, Surrogate};
use domain::inventory::{Pool, SeatRow};
use domain::place::{ChannelKey, Place, SeatIndex, Status};

use super::tables::{EventTable, PoolKey, new_pool};

/// An event after one entry, or before any.
#[derive(Debug, Clone)]
pub struct Past {
    /// Since when, by the time that the store's clock has been running.
    pub since: Duration,
    /// The commit.
    pub seq: Seq,
    /// The settings.
    pub event: Arc<Event>,
    /// Seats that differ from a new event's.
    pub seats: Arc<BTreeMap<SeatIndex, SeatRow>>,
    /// Pools that differ from a new event's.
    pub pools: Arc<BTreeMap<PoolKey, Pool>>,
    /// Units by pseudonym.
    pub used: Arc<BTreeMap<Surrogate, u32>>,
}

impl Past {
    /// A new event.
    pub(super) fn new(event: Arc<Event>, since: Duration) -> Self {
        let (seats, pools, used) = Default::default();
        Self { since, seq: Seq(0), event, seats, pools, used }
    }

    /// Who has a seat, and whether it is assigned to a channel.
    #[must_use]
    pub fn seat(&self, seat: SeatIndex) -> (Status, bool) {
        self.seats.get(&seat).map_or((Status::Free, false), |row| (row.status, row.channel.is_some()))
    }

    /// Units of a place that somebody may have, or hope for: free ones, and held ones that may come back.
    ///
    /// What is assigned to a channel that is not presented is neither.
    pub fn hoped_for(&self, place: Place, is_presented: impl Fn(&ChannelKey) -> bool) -> (u32, u32) {
        let is_open = |channel: Option<&ChannelKey>| channel.is_none_or(&is_presented);
        match place {
            Place::Seat(seat) => match self.seats.get(&seat) {
                None => (1, 0),
                Some(row) if !is_open(row.channel.as_ref()) => (0, 0),
                Some(row) => (u32::from(row.status == Status::Free), u32::from(row.status == Status::Held)),
            },
            Place::Area(area) => {
                let new = ((area, None), new_pool(&self.event, &(area, None)));
                let is_new = !self.pools.contains_key(&new.0);
                let pools =
                    self.pools.iter().map(|(key, pool)| (key.clone(), *pool)).chain(is_new.then_some(new));
                let open = pools.filter(|((of, channel), _)| *of == area && is_open(channel.as_ref()));
                open.fold((0, 0), |(free, held), (_, pool)| (free + pool.free(), held + pool.held))
            }
        }
    }

    /// Units of a place by who has them: free for the public, held, sold.
    #[must_use]
    pub fn units(&self, place: Place) -> (u32, u32, u32) {
        match place {
            Place::Seat(seat) => match self.seat(seat) {
                (Status::Free, assigned) => (u32::from(!assigned), 0, 0),
                (Status::Held, _) => (0, 1, 0),
                (Status::Sold, _) => (0, 0, 1),
            },
            Place::Area(area) => {
                let mut units = (self.event.areas[area.at()].capacity, 0, 0);
                for ((of, channel), pool) in self.pools.iter() {
                    if *of == area {
                        units.1 += pool.held;
                        units.2 += pool.sold;
                        if channel.is_none() {
                            units.0 = pool.free();
                        }
                    }
                }
                units
            }
        }
    }
}

impl EventTable {
    /// What the event looked like in a span of time: the last state before it, and all within it.
    pub fn past_between(&self, from: Duration, to: Duration) -> impl Iterator<Item = &Past> {
        let first = self.past.partition_point(|past| past.since <= from).saturating_sub(1);
        self.past[first..].iter().take_while(move |past| past.since <= to)
    }
}
