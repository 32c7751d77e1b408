//! Parties for which no run is long enough: as few groups as possible, near to each other.
//!
//! The longest runs tell how few groups will do. From then on every group takes its even share of those that are
//! still to be seated, so that nobody sits alone; more than that only where what the others can take, at most,
//! would not suffice. Both together never need more groups, and leave somebody alone only when single seats
//! have to be used or an odd party meets nothing but pairs.

use crate::place::ChartSeat;

use super::bits::{self, Run};
use super::scatter;
use super::search::{Search, Wanted, Window};

/// Where the first group sits.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    first: ChartSeat,
    middle: [f64; 2],
}

/// A party that is being seated group by group.
struct Party<'s, 'a> {
    search: &'s mut Search<'a>,
    anchor: Option<Anchor>,
    chosen: Vec<ChartSeat>,
}

/// The longest eligible runs, as few as have enough seats together, in descending order.
struct Plan {
    /// A run with more seats than are missing is listed as one with as many.
    lengths: Vec<usize>,
    seats_max: usize,
}

/// Seats a party of `seats` in groups; `None` when too few seats are eligible.
///
/// With `accessible`, one of the first group's seats is an accessible one, which must exist.
pub(super) fn in_groups(search: &mut Search<'_>, seats: usize, accessible: bool) -> Option<Vec<ChartSeat>> {
    let mut plan = Plan::new(search, seats)?;
    let mut missing = seats;
    let mut party = Party { search, anchor: None, chosen: Vec::with_capacity(seats) };
    while missing > 0 {
        let accessible = accessible && party.anchor.is_none();
        if plan.has_only_singles() && !accessible && party.chosen.len() <= 1 {
            party.chosen.extend(scatter::nearest(party.search, missing)?);
            break;
        }
        let length = plan.length_min(missing);
        let (block_at, run) = if accessible { party.accessible_run(length) } else { party.next_run(length) }?;
        let is_short = (run.length as usize) < length;
        let size = if is_short { run.length as usize } else { plan.size(missing, run.length as usize) };
        party.seat(block_at, run, Wanted { seats: size, no_orphan: false, accessible })?;
        missing -= size;
        if is_short && missing > 0 {
            plan = Plan::new(party.search, missing)?;
        }
    }
    Some(party.chosen)
}

impl Plan {
    /// Collects one length after the other, and opens only blocks that have a run as long: those are fewer than
    /// `seats`. `None` when all runs together have too few seats.
    fn new(search: &Search<'_>, seats: usize) -> Option<Self> {
        let mut plan = Self { lengths: Vec::new(), seats_max: seats };
        let (mut length, mut missing) = (seats, seats);
        while length > 0 {
            let enough = missing.div_ceil(length);
            let (count, shorter) = plan.count_runs(search, length, enough);
            plan.lengths.extend(std::iter::repeat_n(length, count));
            missing = missing.saturating_sub(count * length);
            if missing == 0 {
                return Some(plan);
            }
            length = shorter;
        }
        None
    }

    /// Counts the eligible runs of this length, up to `enough`, and bounds the length of the next shorter ones.
    fn count_runs(&self, search: &Search<'_>, length: usize, enough: usize) -> (usize, usize) {
        let (mut count, mut shorter) = (0, 0);
        for (zone, supply) in search.offers() {
            if usize::from(supply.longest) < length {
                shorter = shorter.max(usize::from(supply.longest));
                continue;
            }
            for block_at in search.free_blocks(zone) {
                let longest = usize::from(search.supply.runs(block_at).longest());
                if longest < length {
                    shorter = shorter.max(longest);
                    continue;
                }
                for run in bits::runs(search.eligible(block_at)) {
                    let listed = self.seats_max.min(run.length as usize);
                    if listed == length {
                        count += 1;
                    } else if listed < length {
                        shorter = shorter.max(listed);
                    }
                }
                if count >= enough {
                    return (enough, shorter);
                }
            }
        }
        (count, shorter)
    }

    fn has_only_singles(&self) -> bool {
        self.lengths.first() == Some(&1)
    }

    /// The even share of a group of those that are missing.
    fn share(missing: usize, groups: usize) -> usize {
        missing.div_ceil(groups.max(1))
    }

    /// The length that the next group's run must have for the other groups to seat the rest. The longest run has it.
    fn length_min(&self, missing: usize) -> usize {
        let longest_others: usize = self.lengths.iter().rev().skip(1).sum();
        Self::share(missing, self.lengths.len()).max(missing.saturating_sub(longest_others))
    }

    /// How many sit in a run of that length: their share, or what the others cannot take. Takes the run off the plan;
    /// one that is not among the longest stands in for the shortest of them.
    fn size(&mut self, missing: usize, length: usize) -> usize {
        let share = Self::share(missing, self.lengths.len());
        let length = length.min(self.seats_max);
        match self.lengths.iter().position(|&listed| listed == length) {
            Some(at) => drop(self.lengths.remove(at)),
            None => drop(self.lengths.pop()),
        }
        share.max(missing.saturating_sub(self.lengths.iter().sum()))
    }
}

impl Party<'_, '_> {
    /// The nearest run with an accessible seat and `length` seats or more; the longest when all are shorter.
    fn accessible_run(&self, length: usize) -> Option<(usize, Run)> {
        let wanted = |seats| Wanted { seats, no_orphan: false, accessible: true };
        let window = (1..=length).rev().find_map(|seats| self.search.nearest(wanted(seats)))?;
        Some((window.block_at, self.run_of(window)))
    }

    /// The run that the next group sits in: it has `length` seats or more.
    fn next_run(&self, length: usize) -> Option<(usize, Run)> {
        let Some(anchor) = self.anchor else {
            let wanted = Wanted { seats: length, no_orphan: false, accessible: false };
            let window = self.search.nearest(wanted)?;
            return Some((window.block_at, self.run_of(window)));
        };
        let window = self.nearest_in_row(anchor, length).or_else(|| self.nearest_anywhere(anchor, length))?;
        Some((window.block_at, self.run_of(window)))
    }

    fn run_of(&self, window: Window) -> Run {
        let offset = window.first.0 - self.search.seat(window.block_at, 0).0;
        Run::around(self.search.eligible(window.block_at), offset)
    }

    /// The seats side by side that are the nearest to the anchor in its row.
    fn nearest_in_row(&self, anchor: Anchor, length: usize) -> Option<Window> {
        let search = &*self.search;
        let seats = &search.chart.row_of(anchor.first).seats;
        let block_of = |seat: u32| search.chart.block_of(ChartSeat(seat));
        let mut best = None;
        for block_at in block_of(seats.start)..=block_of(seats.end - 1) {
            self.nearer(anchor, block_at, length, &mut best);
        }
        best.map(|(_, window)| window)
    }

    /// The seats side by side that are the nearest to the anchor: in its own zone, and then in zones whose box is
    /// not too far away.
    fn nearest_anywhere(&self, anchor: Anchor, length: usize) -> Option<Window> {
        let search = &*self.search;
        let mut best: Option<(f64, Window)> = None;
        let own = search.zones.position_of(search.chart.block_of(anchor.first));
        let own = search.zones.all().iter().zip(search.supply.zones()).nth(own);
        for (zone, supply) in own.into_iter().chain(search.offers()) {
            let is_too_far =
                || best.is_some_and(|(distance, _)| zone.distance_squared(anchor.middle) > distance);
            if usize::from(supply.longest) < length || is_too_far() {
                continue;
            }
            for block_at in zone.blocks.clone() {
                self.nearer(anchor, block_at as usize, length, &mut best);
            }
        }
        best.map(|(_, window)| window)
    }

    /// Puts a block's best into `best` if that is nearer to the anchor, or as near and earlier in the chart.
    fn nearer(&self, anchor: Anchor, block_at: usize, length: usize, best: &mut Option<(f64, Window)>) {
        if usize::from(self.search.supply.runs(block_at).longest()) < length {
            return;
        }
        for offset in bits::ones(bits::starts(self.search.eligible(block_at), length)) {
            let window = Window { block_at, first: self.search.seat(block_at, offset), seats: length };
            let candidate = (self.distance_squared(anchor, window), window.first);
            if best.is_none_or(|(distance, best)| candidate < (distance, best.first)) {
                *best = Some((candidate.0, window));
            }
        }
    }

    /// The middle between a window's first seat and its last.
    fn middle(&self, window: Window) -> [f64; 2] {
        let last = window.iter().last().unwrap_or(window.first);
        let [a, b] = [window.first, last].map(|seat| self.search.chart.position(seat));
        [f64::midpoint(a.x.into(), b.x.into()), f64::midpoint(a.y.into(), b.y.into())]
    }

    /// The square of the distance from the anchor's middle to a window's.
    fn distance_squared(&self, anchor: Anchor, window: Window) -> f64 {
        let [x, y] = self.middle(window);
        (x - anchor.middle[0]).powi(2) + (y - anchor.middle[1]).powi(2)
    }

    /// Seats a group in a run, and keeps the other groups out of it.
    fn seat(&mut self, block_at: usize, run: Run, wanted: Wanted) -> Option<()> {
        let search = &*self.search;
        let window = search.part_of_run(block_at, run, wanted, |window| match self.anchor {
            None => search.focal_score(window),
            Some(anchor) => self.distance_squared(anchor, window),
        })?;
        if self.anchor.is_none() {
            self.anchor = Some(Anchor { first: window.first, middle: self.middle(window) });
        }
        self.chosen.extend(window.iter());
        self.search.keep_out_of(block_at, run);
        Some(())
    }
}
