//! The free seats that one kind of wish may have, and summaries of them by block and zone.
//!
//! A flip costs a tenth of a microsecond or two, so that choosing never has to look at what is sold.

use crate::chart::Chart;
use crate::place::ChartSeat;

use super::bits::{self, Runs};
use super::zones::Zones;

/// One bit a seat, two bytes a block, and a few words a zone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Supply {
    /// The chart's seats in order, and two words of zeros behind them, which spare reading a check.
    words: Vec<u64>,
    /// By block.
    runs: Vec<Runs>,
    /// By block: which of its free seats is the nearest to the focal point; 0 when none is free.
    nearest: Vec<u8>,
    /// In the order of [`Zones::all`].
    zones: Vec<ZoneSupply>,
    free: usize,
}

/// What a zone has to offer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ZoneSupply {
    /// The union of its blocks' [`Runs::fits`].
    pub(crate) fits: u64,
    /// The distance from the focal point to its nearest free seat; infinite when none is free.
    pub(crate) distance_min: f32,
    /// Free seats.
    pub(crate) free: u32,
    /// The longest run of free seats.
    pub(crate) longest: u8,
}

impl Supply {
    /// The seats of `chart` of which `is_free` holds.
    pub(crate) fn new(chart: &Chart, zones: &Zones, is_free: impl Fn(ChartSeat) -> bool) -> Self {
        let mut supply = Self {
            words: vec![0; chart.seats_len().div_ceil(64) + 2],
            runs: vec![Runs::default(); chart.blocks().len()],
            nearest: vec![0; chart.blocks().len()],
            zones: Vec::with_capacity(zones.all().len()),
            free: 0,
        };
        for seat in chart.seats().filter(|&seat| is_free(seat)) {
            supply.words[seat.at() / 64] |= 1 << (seat.at() % 64);
            supply.free += 1;
        }
        for block_at in 0..chart.blocks().len() {
            let free = supply.block_bits(chart, block_at);
            supply.runs[block_at] = Runs::of(free);
            supply.nearest[block_at] = nearest_of(chart, block_at, free);
        }
        for zone_at in 0..zones.all().len() {
            let blocks = zones.all()[zone_at].blocks.clone();
            let free = blocks.map(|block_at| supply.block_bits(chart, block_at as usize).count_ones()).sum();
            supply.zones.push(supply.read_zone(chart, zones, zone_at, free));
        }
        supply
    }

    /// Whether a seat is free for this kind of wish.
    pub(crate) fn has(&self, seat: ChartSeat) -> bool {
        self.words[seat.at() / 64] >> (seat.at() % 64) & 1 != 0
    }

    /// How many seats are free.
    pub(crate) fn free(&self) -> usize {
        self.free
    }

    /// By zone, in the order of [`Zones::all`].
    pub(crate) fn zones(&self) -> &[ZoneSupply] {
        &self.zones
    }

    /// A block's runs of free seats.
    pub(crate) fn runs(&self, block_at: usize) -> Runs {
        self.runs[block_at]
    }

    /// A lower bound for the distance of a block's free seats: that of the nearest.
    pub(crate) fn distance_min(&self, chart: &Chart, block_at: usize) -> f32 {
        chart.distance(ChartSeat(chart.blocks()[block_at].seats.start + u32::from(self.nearest[block_at])))
    }

    /// A block's free seats as bits.
    pub(crate) fn block_bits(&self, chart: &Chart, block_at: usize) -> u128 {
        let seats = &chart.blocks()[block_at].seats;
        let (word, shift) = (seats.start as usize / 64, seats.start % 64);
        let low = u128::from(self.words[word]) | u128::from(self.words[word + 1]) << 64;
        let high = if shift == 0 { 0 } else { u128::from(self.words[word + 2]) << (u128::BITS - shift) };
        let bits = low >> shift | high;
        bits & u128::MAX >> (u128::BITS - (seats.end - seats.start))
    }

    /// Marks a seat as free or not; a seat that already is as told is left alone.
    pub(crate) fn set(&mut self, chart: &Chart, zones: &Zones, seat: ChartSeat, free: bool) {
        if self.has(seat) == free {
            return;
        }
        self.words[seat.at() / 64] ^= 1 << (seat.at() % 64);
        let block_at = chart.block_of(seat);
        let bits = self.block_bits(chart, block_at);
        let before = std::mem::replace(&mut self.runs[block_at], Runs::of(bits));
        self.nearest[block_at] = self.nearest_after(chart, seat, free, bits);
        let zone_at = zones.position_of(block_at);
        if free {
            self.free += 1;
            self.zones[zone_at].free += 1;
        } else {
            self.free -= 1;
            self.zones[zone_at].free -= 1;
        }
        let (now, zone, distance) = (self.runs[block_at], &mut self.zones[zone_at], chart.distance(seat));
        let is_less = before.fits() & !now.fits() != 0 || before.longest() > now.longest();
        if is_less || !free && distance <= zone.distance_min {
            let count = zone.free;
            self.zones[zone_at] = self.read_zone(chart, zones, zone_at, count);
        } else {
            // A taken seat can add sizes, too: it may part a run into just the right lengths.
            zone.fits |= now.fits();
            zone.longest = zone.longest.max(now.longest());
            if free {
                zone.distance_min = zone.distance_min.min(distance);
            }
        }
    }

    /// A block's nearest free seat after `seat` was flipped and `bits` are free.
    fn nearest_after(&self, chart: &Chart, seat: ChartSeat, free: bool, bits: u128) -> u8 {
        let block_at = chart.block_of(seat);
        let start = chart.blocks()[block_at].seats.start;
        let (before, flipped) = (u32::from(self.nearest[block_at]), seat.0 - start);
        let key = |offset: u32| (chart.distance(ChartSeat(start + offset)), offset);
        let nearest = match free {
            true if bits.count_ones() > 1 && key(before) <= key(flipped) => before,
            true => flipped,
            false if flipped != before => before,
            false => return nearest_of(chart, block_at, bits),
        };
        u8::try_from(nearest).unwrap_or_default()
    }

    /// Reads a zone's summary off its blocks, of which `free` seats are known to be free.
    fn read_zone(&self, chart: &Chart, zones: &Zones, zone_at: usize, free: u32) -> ZoneSupply {
        let mut read = ZoneSupply { fits: 0, distance_min: f32::INFINITY, free, longest: 0 };
        let blocks = &zones.all()[zone_at].blocks;
        for block_at in blocks.start as usize..blocks.end as usize {
            let runs = self.runs[block_at];
            if runs.longest() > 0 {
                read.fits |= runs.fits();
                read.longest = read.longest.max(runs.longest());
                read.distance_min = read.distance_min.min(self.distance_min(chart, block_at));
            }
        }
        read
    }

    /// Bytes that it keeps.
    pub(crate) fn bytes(&self) -> usize {
        self.words.capacity() * 8
            + self.runs.capacity()
            + self.nearest.capacity()
            + self.zones.capacity() * size_of::<ZoneSupply>()
    }
}

/// Which of a block's free seats is the nearest to the focal point; the first of equals, and 0 when none is free.
fn nearest_of(chart: &Chart, block_at: usize, free: u128) -> u8 {
    let start = chart.blocks()[block_at].seats.start;
    let distance = |offset: u32| chart.distance(ChartSeat(start + offset));
    let nearest = bits::ones(free).min_by(|&a, &b| distance(a).total_cmp(&distance(b)));
    u8::try_from(nearest.unwrap_or_default()).unwrap_or_default()
}
