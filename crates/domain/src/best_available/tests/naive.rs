//! A reference without any tricks, and what must hold of every answer, on random halls.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::drawing::{Hall, party};
use crate::best_available::{Shortage, Wish, choose, is_eligible};
use crate::place::ChartSeat;

/// The seats that stand alone among the free ones of their block, and are of the wished-for kind.
fn loners(hall: &Hall, wish: &Wish<'_>, free: impl Fn(ChartSeat) -> bool) -> Vec<ChartSeat> {
    let chart = &hall.chart;
    let is_free = |seat: ChartSeat| free(seat) && is_eligible(chart, seat, wish.accessible);
    let stands = |seat: u32, beside: u32| {
        (beside as usize) < chart.seats_len()
            && chart.block_of(ChartSeat(seat)) == chart.block_of(ChartSeat(beside))
            && is_free(ChartSeat(beside))
    };
    let is_alone = |seat: &ChartSeat| {
        is_free(*seat) && !stands(seat.0, seat.0.wrapping_sub(1)) && !stands(seat.0, seat.0 + 1)
    };
    chart.seats().filter(is_alone).collect()
}

fn is_wanted(hall: &Hall, wish: &Wish<'_>, seat: ChartSeat) -> bool {
    let chart = &hall.chart;
    let section = chart.row_of(seat).section;
    hall.free.is_free(seat)
        && is_eligible(chart, seat, wish.accessible)
        && wish.categories.is_none_or(|wanted| wanted.contains(&chart.category(seat)))
        && wish.sections.is_none_or(|wanted| wanted.contains(&section))
}

/// Rules 1 and 2 by trying every choice: the least by (leaves an orphan, sum of distances, order).
fn side_by_side(hall: &Hall, wish: &Wish<'_>) -> Option<Vec<ChartSeat>> {
    let chart = &hall.chart;
    let wanted: Vec<bool> = chart.seats().map(|seat| is_wanted(hall, wish, seat)).collect();
    let must_be_accessible =
        wish.accessible && chart.seats().any(|seat| wanted[seat.at()] && chart.is_accessible(seat));
    let before = loners(hall, wish, |seat| hall.free.is_free(seat));
    let mut best: Option<(bool, f64, Vec<ChartSeat>)> = None;
    for first in 0..chart.seats_len() {
        let seats: Vec<ChartSeat> = chart.seats().skip(first).take(wish.seats).collect();
        let is_possible = seats.len() == wish.seats
            && seats
                .iter()
                .all(|&seat| wanted[seat.at()] && chart.block_of(seat) == chart.block_of(seats[0]))
            && (!must_be_accessible || seats.iter().any(|&seat| chart.is_accessible(seat)));
        if !is_possible {
            continue;
        }
        let after = loners(hall, wish, |seat| hall.free.is_free(seat) && !seats.contains(&seat));
        let orphans = after.iter().any(|seat| !before.contains(seat));
        let sum: f64 = seats.iter().map(|&seat| f64::from(chart.distance(seat))).sum();
        if best.as_ref().is_none_or(|best| (orphans, sum) < (best.0, best.1)) {
            best = Some((orphans, sum, seats));
        }
    }
    best.map(|(_, _, seats)| seats)
}

/// The lengths of the runs of `seats`, longest first.
fn run_lengths(hall: &Hall, seats: &[ChartSeat]) -> Vec<usize> {
    let next =
        |a: &ChartSeat, b: &ChartSeat| a.0 + 1 == b.0 && hall.chart.block_of(*a) == hall.chart.block_of(*b);
    let mut lengths: Vec<usize> = seats.chunk_by(next).map(<[ChartSeat]>::len).collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    lengths
}

/// How few groups will do, and how many people must sit alone then, reckoned without any search.
fn fewest(lengths: &[usize], seats: usize) -> (usize, usize) {
    let mut room = 0;
    let groups = 1 + lengths
        .iter()
        .take_while(|&&length| {
            room += length;
            room < seats
        })
        .count();
    let in_company: usize = lengths.iter().filter(|&&length| length > 1).sum();
    let only_pairs = lengths.iter().all(|&length| length <= 2);
    (groups, if in_company < seats { seats - in_company } else { usize::from(only_pairs && seats % 2 == 1) })
}

fn check_against_naive(hall: &Hall, wish: &Wish<'_>) {
    let eligible: Vec<ChartSeat> = hall.chart.seats().filter(|&seat| is_wanted(hall, wish, seat)).collect();
    let chosen = choose(&hall.chart, &hall.free, wish);
    if eligible.len() < wish.seats {
        assert_eq!(chosen, Err(Shortage::TooFew { free: eligible.len() }));
        return;
    }
    if let Some(seats) = side_by_side(hall, wish) {
        assert_eq!(chosen, Ok(seats));
        return;
    }
    if wish.adjacent {
        assert_eq!(chosen, Err(Shortage::NotAdjacent));
        return;
    }
    let chosen = chosen.expect("no refusal while enough seats are eligible");
    assert_eq!(chosen.len(), wish.seats);
    assert!(chosen.is_sorted_by(|a, b| a < b), "in order, and no seat twice");
    assert!(chosen.iter().all(|seat| eligible.contains(seat)));
    let accessible = |seats: &[ChartSeat]| seats.iter().any(|&seat| hall.chart.is_accessible(seat));
    assert!(!wish.accessible || accessible(&chosen) || !accessible(&eligible));
    let (sizes, lengths) = (run_lengths(hall, &chosen), run_lengths(hall, &eligible));
    if lengths[0] == 1 && !wish.accessible {
        let mut nearest = eligible;
        nearest.sort_by(|&a, &b| hall.chart.distance(a).total_cmp(&hall.chart.distance(b)));
        nearest.truncate(wish.seats);
        nearest.sort_unstable();
        assert_eq!(chosen, nearest);
    } else if !wish.accessible {
        let alone = sizes.iter().filter(|&&size| size == 1).count();
        assert_eq!((sizes.len(), alone), fewest(&lengths, wish.seats), "{sizes:?} out of {lengths:?}");
    }
}

/// Seats as drawn, more or less of them taken.
fn row() -> impl Strategy<Value = String> {
    let kind = |taken| {
        prop_oneof![
            8 => Just('.'), 2 => Just(','), taken => Just('x'), 1 => Just('w'), 1 => Just('c'),
            1 => Just('W'), 1 => Just('_'),
        ]
    };
    let seats = prop_oneof![
        prop::collection::vec(kind(2), 1..24),
        prop::collection::vec(kind(16), 1..24),
        prop::collection::vec(kind(16), 120..150),
    ];
    seats.prop_map(|seats| seats.into_iter().collect())
}

fn hall() -> impl Strategy<Value = Hall> {
    let section = prop::collection::vec(row(), 1..6);
    (-5_i8..30, 0_i8..80, prop::collection::vec(section, 1..5)).prop_filter_map(
        "a hall has seats",
        |(x, y, sections)| {
            let mut rows = Vec::new();
            for (section, drawn) in sections.iter().enumerate() {
                for (at, row) in drawn.iter().enumerate() {
                    rows.push((if at == 0 { format!("{section}/0") } else { at.to_string() }, row.as_str()));
                }
            }
            let has_seats = rows.iter().any(|(_, row)| row.contains(|seat| seat != '_'));
            let rows: Vec<(&str, &str)> = rows.iter().map(|(label, row)| (label.as_str(), *row)).collect();
            has_seats.then(|| Hall::new((f64::from(x), f64::from(y)), &rows))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_is_the_reference_s_or_obeys_the_rules(
        hall in hall(),
        seats in prop_oneof![4 => 1_usize..7, 1 => 7_usize..40],
        category in prop::option::weighted(0.3, 0_u16..2),
        section in prop::option::weighted(0.3, 0_u32..4),
        accessible in prop::bool::weighted(0.3),
        adjacent in prop::bool::weighted(0.2),
    ) {
        let (category, section) = (category.map(|at| [at]), section.map(|at| [at]));
        let wish = Wish {
            categories: category.as_ref().map(<[u16; 1]>::as_slice),
            sections: section.as_ref().map(<[u32; 1]>::as_slice),
            accessible,
            adjacent,
            ..party(seats)
        };
        check_against_naive(&hall, &wish);
    }

    #[test]
    fn flips_leave_the_map_as_if_made_anew(
        hall in hall(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 1..60),
    ) {
        let mut map = hall.free.clone();
        let mut told = BTreeMap::new();
        for (index, free) in flips {
            let seat = ChartSeat(u32::try_from(index.index(hall.chart.seats_len())).unwrap());
            map.set(&hall.chart, seat, free);
            told.insert(seat, free);
            prop_assert_eq!(map.is_free(seat), free);
        }
        let is_free = |seat| told.get(&seat).copied().unwrap_or_else(|| hall.free.is_free(seat));
        prop_assert_eq!(&map, &crate::inventory::FreeMap::new(&hall.chart, is_free));
        for (block_at, block) in hall.chart.blocks().iter().enumerate() {
            let bits = (0..).zip(block.seats.clone()).map(|(at, seat)| u128::from(is_free(ChartSeat(seat))) << at);
            prop_assert_eq!(map.block_bits(&hall.chart, block_at), bits.fold(0, |bits, bit| bits | bit));
        }
    }
}
