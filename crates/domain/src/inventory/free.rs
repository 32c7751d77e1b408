//! Which seats may be chosen: a bit a seat, and summaries that keep choosing fast until the last seat.
//!
//! Ordinary wishes never get accessible seats, and accessible wishes get nothing but accessible seats and the
//! companion seats beside them. So there are two supplies: each seat is in the first, in the second, or (companion
//! seats) in both, and either kind of wish searches only what it may have.

use std::sync::Arc;

use crate::best_available::is_eligible;
use crate::best_available::supply::Supply;
use crate::best_available::zones::Zones;
use crate::chart::Chart;
use crate::place::ChartSeat;

/// Which seats of a chart are free to be chosen.
///
/// Some 0.7 bytes a seat. Every method that takes a chart must be given the one that the map was made for.
#[derive(Debug, Clone, PartialEq)]
pub struct FreeMap {
    zones: Arc<Zones>,
    ordinary: Supply,
    accessible: Supply,
}

impl FreeMap {
    /// The map of the seats of which `is_free` holds.
    #[must_use]
    pub fn new(chart: &Chart, is_free: impl Fn(ChartSeat) -> bool) -> Self {
        let zones = Zones::new(chart);
        let supply = |accessible: bool| {
            Supply::new(chart, &zones, |seat| is_free(seat) && is_eligible(chart, seat, accessible))
        };
        let (ordinary, accessible) = (supply(false), supply(true));
        Self { zones: Arc::new(zones), ordinary, accessible }
    }

    /// Marks a seat as free or not; a seat that already is as told is left alone.
    pub fn set(&mut self, chart: &Chart, seat: ChartSeat, free: bool) {
        let is_accessible = chart.is_accessible(seat);
        if !is_accessible {
            self.ordinary.set(chart, &self.zones, seat, free);
        }
        if is_accessible || chart.is_companion(seat) {
            self.accessible.set(chart, &self.zones, seat, free);
        }
    }

    /// Whether a seat is free.
    #[must_use]
    pub fn is_free(&self, seat: ChartSeat) -> bool {
        self.ordinary.has(seat) || self.accessible.has(seat)
    }

    /// The free seats of a block, accessible ones included; bit *i* is its *i*-th seat.
    #[must_use]
    pub fn block_bits(&self, chart: &Chart, block_at: usize) -> u128 {
        self.ordinary.block_bits(chart, block_at) | self.accessible.block_bits(chart, block_at)
    }

    /// The longest run of neighbouring free seats of a block that are not accessible ones.
    #[must_use]
    pub fn longest_run(&self, block_at: usize) -> u8 {
        self.ordinary.runs(block_at).longest()
    }

    /// How many seats are free that are not accessible ones.
    #[must_use]
    pub fn ordinary_free(&self) -> usize {
        self.ordinary.free()
    }

    /// Bytes of memory that it keeps, with what copies of it share.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.zones.bytes() + self.ordinary.bytes() + self.accessible.bytes()
    }

    /// What one kind of wish may have.
    pub(crate) fn supply(&self, accessible: bool) -> &Supply {
        if accessible { &self.accessible } else { &self.ordinary }
    }

    /// The chart's zones.
    pub(crate) fn zones(&self) -> &Zones {
        &self.zones
    }
}
