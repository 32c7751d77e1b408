//! General-admission areas: units by who has them, in one pool for the public and one a channel.

use crate::place::{AreaIndex, ChannelKey, Counts, Status};

use super::AreaRow;

/// Units that are assigned alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pool {
    /// All of its units.
    pub units: u32,
    /// How many of them are held.
    pub held: u32,
    /// How many of them are sold.
    pub sold: u32,
}

impl Pool {
    /// How many of its units nobody has.
    #[must_use]
    pub fn free(self) -> u32 {
        self.units - self.held - self.sold
    }

    fn counter(&mut self, status: Status) -> Option<&mut u32> {
        match status {
            Status::Free => None,
            Status::Held => Some(&mut self.held),
            Status::Sold => Some(&mut self.sold),
        }
    }
}

/// One area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaState {
    public: Pool,
    channels: Vec<(ChannelKey, Pool)>,
    capacity: u32,
}

impl AreaState {
    pub(super) fn new(capacity: u32) -> Self {
        Self { public: Pool { units: capacity, ..Pool::default() }, channels: Vec::new(), capacity }
    }

    /// The pool of a channel, or the public's.
    #[must_use]
    pub fn pool(&self, channel: Option<&ChannelKey>) -> Pool {
        match channel {
            None => self.public,
            Some(key) => self
                .channels
                .iter()
                .find(|(known, _)| known == key)
                .map_or(Pool::default(), |(_, pool)| *pool),
        }
    }

    /// Every channel's pool.
    pub fn channels(&self) -> impl Iterator<Item = (&ChannelKey, Pool)> {
        self.channels.iter().map(|(key, pool)| (key, *pool))
    }

    /// Units by who has them.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts =
            Counts { free: self.public.free(), held: self.public.held, sold: self.public.sold, blocked: 0 };
        for (_, pool) in &self.channels {
            counts.held += pool.held;
            counts.sold += pool.sold;
            counts.blocked += pool.free();
        }
        counts
    }

    fn pool_mut(&mut self, channel: Option<&ChannelKey>) -> &mut Pool {
        let Some(key) = channel else { return &mut self.public };
        let at = self.channels.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
            self.channels.push((key.clone(), Pool::default()));
            self.channels.len() - 1
        });
        &mut self.channels[at].1
    }

    pub(super) fn restore(&mut self, channel: Option<ChannelKey>, pool: Pool) {
        *self.pool_mut(channel.as_ref()) = pool;
    }

    /// Gives the public so many units more that there are `capacity`; returns how many.
    ///
    /// # Panics
    /// When there are more already.
    pub(super) fn grow(&mut self, capacity: u32) -> u32 {
        assert!(capacity >= self.capacity, "an area has fewer units than it had");
        let added = capacity - self.capacity;
        self.public.units += added;
        self.capacity = capacity;
        added
    }

    /// Moves units from one owner, and one assignment, to another.
    ///
    /// # Panics
    /// When there are not so many: a decision that oversells must stop the process, not the buyer.
    pub(super) fn transfer(
        &mut self,
        units: u32,
        from: (Status, Option<&ChannelKey>),
        to: (Status, Option<&ChannelKey>),
    ) {
        let source = self.pool_mut(from.1);
        match source.counter(from.0) {
            Some(counter) => {
                assert!(*counter >= units, "an area gives up units that nobody has");
                *counter -= units;
            }
            None => assert!(source.free() >= units, "an area gives more units than are free"),
        }
        if from.1 != to.1 {
            source.units -= units;
            self.pool_mut(to.1).units += units;
        }
        let target = self.pool_mut(to.1);
        if let Some(counter) = target.counter(to.0) {
            *counter += units;
        }
        assert!(target.held + target.sold <= target.units, "an area is oversold");
        self.assert_conserved();
    }

    /// Asserts that the pools together have the area's units, no more and no fewer.
    pub(super) fn assert_conserved(&self) {
        assert_eq!(self.counts().capacity(), self.capacity, "an area's units are not conserved");
    }

    /// Rows of all pools, unless nothing ever happened here.
    pub(super) fn rows(&self, area: AreaIndex) -> impl Iterator<Item = AreaRow> {
        let is_new = self.channels.is_empty() && self.public.held == 0 && self.public.sold == 0;
        self.pools(area).filter(move |_| !is_new)
    }

    /// Rows of all pools.
    pub(super) fn pools(&self, area: AreaIndex) -> impl Iterator<Item = AreaRow> {
        let public = AreaRow { area, channel: None, pool: self.public };
        std::iter::once(public).chain(self.channels.iter().map(move |(key, pool)| AreaRow {
            area,
            channel: Some(key.clone()),
            pool: *pool,
        }))
    }
}
