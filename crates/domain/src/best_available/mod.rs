//! Choosing seats for those who did not name any.
//!
//! # The rules
//!
//! A seat is *eligible* when it is free, in one of the wanted sections and categories, and of the wanted kind:
//! ordinary wishes never get accessible seats; accessible wishes get accessible seats and seats with the attribute
//! `companion`, and at least one of the former as long as one is eligible. In this order, the first that can be
//! granted:
//!
//! 1. **Side by side, leaving no orphan**: in one block, with the smallest sum of the seats' distances to the focal
//!    point, among all choices anywhere that leave no orphan. An *orphan* is a free seat with a taken seat or the
//!    block's end on either side that was not alone before. It is judged among the seats that a wish of the same kind
//!    may have: to an ordinary buyer a lone seat beside a free accessible one is an orphan.
//! 2. **Side by side**, with the smallest sum of distances.
//! 3. Unless `adjacent` is demanded, **in groups**: as few as possible. None is a single person where that can be
//!    avoided (four are two and two before they are three and one), for which shares are even wherever the free runs
//!    allow it. The first group is as near to the focal point as a group of its share can be; every further group as
//!    near as possible to the first, in its row if there is a place, otherwise wherever the straight line
//!    from middle to middle is the shortest. Within its run a group leaves no orphan if it can, and no two groups use
//!    the same run. With an accessible wish the first group has the accessible seat.
//! 4. When nobody can sit beside anybody: the eligible seats **nearest to the focal point**; with an accessible wish,
//!    the nearest accessible one and the nearest others.
//!
//! Of equal choices the first in the chart's order is taken, so that the same state always gives the same answer.
//! Choosing never refuses while enough seats are eligible, unless `adjacent` is demanded.
//!
//! # How it is fast
//!
//! [`FreeMap`] keeps, up to date on every flip, what each block and each zone of up to 64 blocks can offer. A search is
//! a branch and bound through zones in the order of their distance; sold blocks are stepped over by the zone,
//! and within a block, runs and orphans are found by a few operations on one 128-bit word. What costs most is parting
//! the largest parties where hardly anybody can sit beside anybody: a search for each group.
//!
//! In reading order: `bits`, `zones`, `supply`, `search` (rules 1 and 2), `split` (rule 3), `scatter` (rule 4).

mod bits;
mod scatter;
mod search;
mod split;
pub(crate) mod supply;
pub(crate) mod zones;

#[cfg(test)]
mod tests;

use crate::chart::Chart;
use crate::inventory::FreeMap;
use crate::limits;
use crate::place::ChartSeat;
use search::{Search, Wanted};

/// What a party would like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish<'a> {
    /// How many seats: from 1 to [`limits::PARTY_SEATS_MAX`].
    pub seats: usize,
    /// The categories it may be, as positions in [`Chart::categories`]; any when missing.
    pub categories: Option<&'a [u16]>,
    /// The sections it may be, as positions in [`Chart::sections`]; any when missing.
    pub sections: Option<&'a [u32]>,
    /// Whether it is accessible seats, and companion seats beside them, that are wanted.
    pub accessible: bool,
    /// Whether only seats side by side will do.
    pub adjacent: bool,
}

/// Why a wish cannot be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Shortage {
    /// Fewer seats are eligible than were wanted.
    #[error("only {free} eligible seats are free")]
    TooFew {
        /// How many are.
        free: usize,
    },
    /// Enough seats are eligible, but nowhere as many side by side, which was demanded.
    #[error("nowhere are as many eligible seats free side by side")]
    NotAdjacent,
}

/// Whether wishes of this kind may have a seat, its state aside.
#[must_use]
pub fn is_eligible(chart: &Chart, seat: ChartSeat, accessible: bool) -> bool {
    chart.is_accessible(seat) == accessible || accessible && chart.is_companion(seat)
}

/// Chooses seats by the rules above, and returns them in the chart's order.
///
/// # Errors
/// [`Shortage::TooFew`] only when fewer seats are eligible than wanted; [`Shortage::NotAdjacent`] only when seats side
/// by side were demanded.
///
/// # Panics
/// When the wish is for no seat or for more than [`limits::PARTY_SEATS_MAX`], or the map is not the chart's.
pub fn choose(chart: &Chart, free: &FreeMap, wish: &Wish<'_>) -> Result<Vec<ChartSeat>, Shortage> {
    assert!((1..=limits::PARTY_SEATS_MAX).contains(&wish.seats), "a party has a size within its limit");
    if free.supply(wish.accessible).free() < wish.seats {
        return Err(Shortage::TooFew { free: Search::new(chart, free, wish).count() });
    }
    let mut search = Search::new(chart, free, wish);
    let accessible = wish.accessible && search.has_accessible();
    for no_orphan in [true, false] {
        if let Some(window) = search.nearest(Wanted { seats: wish.seats, no_orphan, accessible }) {
            return Ok(window.iter().collect());
        }
    }
    let count = search.count();
    if count < wish.seats {
        return Err(Shortage::TooFew { free: count });
    }
    if wish.adjacent {
        return Err(Shortage::NotAdjacent);
    }
    let chosen = split::in_groups(&mut search, wish.seats, accessible);
    let mut seats = chosen.ok_or(Shortage::TooFew { free: count })?;
    seats.sort_unstable();
    assert_eq!(seats.len(), wish.seats, "a party gets as many seats as it wants");
    Ok(seats)
}
