//! The last resort: nobody can sit beside anybody, so everybody sits as near to the focal point as can be.

use crate::place::ChartSeat;

use super::bits;
use super::search::Search;

/// The `count` eligible seats that are the nearest to the focal point; the first of equals. `None` when there are
/// not as many.
pub(super) fn nearest(search: &Search<'_>, count: usize) -> Option<Vec<ChartSeat>> {
    // In ascending order, never longer than `count`: a party is small enough to insert.
    let mut nearest: Vec<(f32, ChartSeat)> = Vec::with_capacity(count + 1);
    let loses = |nearest: &[(f32, ChartSeat)], distance: f32| {
        nearest.len() == count && nearest.last().is_some_and(|&(farthest, _)| distance > farthest)
    };
    for (zone, supply) in search.offers() {
        if loses(&nearest, zone.distance_min) {
            break;
        }
        if loses(&nearest, supply.distance_min) {
            continue;
        }
        for block_at in search.free_blocks(zone) {
            if loses(&nearest, search.supply.distance_min(search.chart, block_at)) {
                continue;
            }
            for seat in bits::ones(search.eligible(block_at)).map(|offset| search.seat(block_at, offset)) {
                let candidate = (search.chart.distance(seat), seat);
                let at = nearest.partition_point(|&known| known < candidate);
                nearest.insert(at, candidate);
                nearest.truncate(count);
            }
        }
    }
    (nearest.len() == count).then(|| nearest.into_iter().map(|(_, seat)| seat).collect())
}
