//! What a wish may have, and the nearest seats side by side among that.

use crate::chart::Chart;
use crate::inventory::FreeMap;
use crate::limits;
use crate::place::ChartSeat;

use super::Wish;
use super::bits::{self, Run};
use super::supply::{Supply, ZoneSupply};
use super::zones::{Zone, Zones, category_bit};

/// Sections of a chart as bits; on the stack, as every request may bring its own.
type SectionSet = [u64; limits::CHART_SECTIONS_MAX.div_ceil(64)];
/// Categories of a chart as bits.
type CategorySet = [u64; limits::CATEGORIES_MAX.div_ceil(64)];

/// The seats among which one wish is to be granted.
pub(super) struct Search<'a> {
    pub(super) chart: &'a Chart,
    pub(super) zones: &'a Zones,
    pub(super) supply: &'a Supply,
    sections: Option<SectionSet>,
    categories: Option<CategorySet>,
    /// The wanted categories, folded as zones fold theirs.
    categories_folded: u64,
    /// Runs that earlier groups of the same party sit in, by block: they are as good as taken.
    used: Vec<(usize, u128)>,
}

/// Seats side by side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) block_at: usize,
    /// The first of them.
    pub(super) first: ChartSeat,
    pub(super) seats: usize,
}

/// Which seats side by side are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// How many.
    pub(super) seats: usize,
    /// Whether they must leave no orphan.
    pub(super) no_orphan: bool,
    /// Whether one of them must be an accessible seat.
    pub(super) accessible: bool,
}

/// The set of these positions; those that no chart can have are left out.
fn set_of<const WORDS: usize>(positions: impl Iterator<Item = usize>) -> [u64; WORDS] {
    let mut set = [0; WORDS];
    for at in positions {
        if let Some(word) = set.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }
    set
}

fn has(set: &[u64], at: usize) -> bool {
    set.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 != 0)
}

/// Multiplies a distance by a number of seats, exactly: 24 bits by 7.
fn times(distance: f32, seats: usize) -> f64 {
    f64::from(distance) * f64::from(u32::try_from(seats).unwrap_or(u32::MAX))
}

impl<'a> Search<'a> {
    pub(super) fn new(chart: &'a Chart, free: &'a FreeMap, wish: &Wish<'_>) -> Self {
        let categories = wish.categories.unwrap_or_default();
        Self {
            chart,
            zones: free.zones(),
            supply: free.supply(wish.accessible),
            sections: wish.sections.map(|wanted| set_of(wanted.iter().map(|&section| section as usize))),
            categories: wish.categories.map(|wanted| set_of(wanted.iter().map(|&at| usize::from(at)))),
            categories_folded: categories.iter().fold(0, |folded, &category| folded | category_bit(category)),
            used: Vec::new(),
        }
    }

    /// Whether a zone may have eligible seats.
    pub(super) fn admits(&self, zone: &Zone) -> bool {
        (self.categories.is_none() || zone.categories & self.categories_folded != 0)
            && self.sections.as_ref().is_none_or(|sections| has(sections, zone.section as usize))
    }

    /// A block's seats that are free and not used by this party.
    fn unused(&self, block_at: usize) -> u128 {
        let free = self.supply.block_bits(self.chart, block_at);
        self.used.iter().filter(|used| used.0 == block_at).fold(free, |free, used| free & !used.1)
    }

    /// Those of a block's `free` seats that the wish's categories allow.
    fn of_category(&self, block_at: usize, free: u128) -> u128 {
        let Some(wanted) = &self.categories else { return free };
        let block = &self.chart.blocks()[block_at];
        match block.category {
            Some(category) if has(wanted, usize::from(category)) => free,
            Some(_) => 0,
            None => bits::ones(free)
                .filter(|&offset| {
                    has(wanted, usize::from(self.chart.category(ChartSeat(block.seats.start + offset))))
                })
                .fold(0, |eligible, offset| eligible | 1 << offset),
        }
    }

    /// The eligible seats of a block, given that its zone is admitted.
    pub(super) fn eligible(&self, block_at: usize) -> u128 {
        self.of_category(block_at, self.unused(block_at))
    }

    /// Those of a block's `eligible` seats that are accessible ones.
    fn accessible(&self, block_at: usize, eligible: u128) -> u128 {
        bits::ones(eligible)
            .filter(|&offset| self.chart.is_accessible(self.seat(block_at, offset)))
            .fold(0, |accessible, offset| accessible | 1 << offset)
    }

    /// The seat at a position of a block.
    pub(super) fn seat(&self, block_at: usize, offset: u32) -> ChartSeat {
        ChartSeat(self.chart.blocks()[block_at].seats.start + offset)
    }

    /// The zones that may have eligible seats, nearest first, with what they offer.
    pub(super) fn offers(&self) -> impl Iterator<Item = (&'a Zone, &'a ZoneSupply)> {
        let (zones, supplies) = (self.zones.all(), self.supply.zones());
        zones.iter().zip(supplies).filter(|(zone, supply)| supply.free > 0 && self.admits(zone))
    }

    /// How many seats are eligible.
    pub(super) fn count(&self) -> usize {
        if self.sections.is_none() && self.categories.is_none() {
            return self.supply.free();
        }
        let in_zone = |(zone, supply): (&Zone, &ZoneSupply)| match self.categories {
            None => supply.free as usize,
            Some(_) => self
                .free_blocks(zone)
                .map(|block_at| self.of_category(block_at, self.supply.block_bits(self.chart, block_at)))
                .map(|eligible| eligible.count_ones() as usize)
                .sum(),
        };
        self.offers().map(in_zone).sum()
    }

    /// Whether an accessible seat is eligible.
    pub(super) fn has_accessible(&self) -> bool {
        self.offers().any(|(zone, _)| {
            self.free_blocks(zone).any(|block_at| self.accessible(block_at, self.eligible(block_at)) != 0)
        })
    }

    /// A zone's blocks that have a free seat, nearest first.
    pub(super) fn free_blocks(&self, zone: &Zone) -> impl Iterator<Item = usize> {
        self.zones.nearest_blocks(zone).filter(|&block_at| self.supply.runs(block_at).longest() > 0)
    }

    /// The seats side by side with the smallest sum of distances to the focal point; the first of equals.
    ///
    /// Goes through zones and their blocks from the nearest on, and stops where even seats as near as the nearest
    /// one could not win: a branch and bound over a fixed order.
    pub(super) fn nearest(&self, wanted: Wanted) -> Option<Window> {
        let mut best: Option<(f64, ChartSeat)> = None;
        let loses = |best: Option<(f64, ChartSeat)>, distance: f32| {
            best.is_some_and(|(sum, _)| times(distance, wanted.seats) > sum)
        };
        let size = bits::size_bit(wanted.seats);
        for (zone, supply) in self.zones.all().iter().zip(self.supply.zones()) {
            if loses(best, zone.distance_min) {
                break;
            }
            let may_seat =
                usize::from(supply.longest) >= wanted.seats && (!wanted.no_orphan || supply.fits & size != 0);
            if !may_seat || loses(best, supply.distance_min) || !self.admits(zone) {
                continue;
            }
            for block_at in self.zones.nearest_blocks(zone) {
                let runs = self.supply.runs(block_at);
                if usize::from(runs.longest()) < wanted.seats || wanted.no_orphan && runs.fits() & size == 0 {
                    continue;
                }
                if loses(best, self.chart.blocks()[block_at].distance_min) {
                    break;
                }
                if !loses(best, self.supply.distance_min(self.chart, block_at)) {
                    best = self.nearer(block_at, wanted, best);
                }
            }
        }
        let (_, first) = best?;
        Some(Window { block_at: self.chart.block_of(first), first, seats: wanted.seats })
    }

    /// The nearer one of the best so far and the best of a block.
    fn nearer(
        &self,
        block_at: usize,
        wanted: Wanted,
        best: Option<(f64, ChartSeat)>,
    ) -> Option<(f64, ChartSeat)> {
        let free = self.unused(block_at);
        let eligible = self.of_category(block_at, free);
        let mut starts = bits::starts(eligible, wanted.seats);
        if wanted.no_orphan {
            starts &= bits::starts_without_orphan(free, wanted.seats);
        }
        if wanted.accessible && starts != 0 {
            starts &= bits::starts_covering(self.accessible(block_at, eligible), wanted.seats);
        }
        bits::ones(starts).map(|offset| self.seat(block_at, offset)).fold(best, |best, first| {
            let candidate = (self.sum(first, wanted.seats), first);
            if best.is_none_or(|best| candidate < best) { Some(candidate) } else { best }
        })
    }

    /// The sum of the distances to the focal point.
    ///
    /// Always added up from the first seat on, so that equal sums are equal to the last bit; and never below the
    /// smallest distance times the number of seats, since that product is exact and rounding keeps the order.
    fn sum(&self, first: ChartSeat, seats: usize) -> f64 {
        (first.0..).take(seats).map(|seat| f64::from(self.chart.distance(ChartSeat(seat)))).sum()
    }

    /// The part of a run for a group of `seats` with the smallest `score`, without leaving an orphan if it can.
    pub(super) fn part_of_run(
        &self,
        block_at: usize,
        run: Run,
        wanted: Wanted,
        score: impl Fn(Window) -> f64,
    ) -> Option<Window> {
        let free = self.unused(block_at);
        let mut starts = bits::starts(run.mask(), wanted.seats);
        if wanted.accessible {
            let accessible = self.accessible(block_at, run.mask());
            starts &= bits::starts_covering(accessible, wanted.seats);
        }
        let without_orphan = starts & bits::starts_without_orphan(free, wanted.seats);
        let starts = if without_orphan != 0 { without_orphan } else { starts };
        bits::ones(starts)
            .map(|offset| Window { block_at, first: self.seat(block_at, offset), seats: wanted.seats })
            .map(|window| (score(window), window))
            .min_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, window)| window)
    }

    /// The sum of a window's distances to the focal point.
    pub(super) fn focal_score(&self, window: Window) -> f64 {
        self.sum(window.first, window.seats)
    }

    /// Keeps the rest of a party out of a run.
    pub(super) fn keep_out_of(&mut self, block_at: usize, run: Run) {
        self.used.push((block_at, run.mask()));
    }
}

impl Window {
    /// Its seats, in the chart's order.
    pub(super) fn iter(self) -> impl Iterator<Item = ChartSeat> {
        (self.first.0..).take(self.seats).map(ChartSeat)
    }
}
