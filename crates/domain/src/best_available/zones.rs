//! Zones: up to 64 consecutive blocks of one section, sorted by how near they are to the focal point.
//!
//! A search that stops at the first zone that is too far, and steps over those with nothing to offer, looks at a
//! handful of blocks out of fifty thousand. Zones are derived from the chart alone and shared by all copies of a map.

use std::ops::Range;

use crate::chart::{Block, Chart, Point};
use crate::limits;
use crate::place::ChartSeat;

/// Blocks of one zone.
const ZONE_BLOCKS_MAX: usize = 64;

/// Neighbouring blocks of one section.
#[derive(Debug, PartialEq)]
pub(crate) struct Zone {
    /// Positions in [`Chart::blocks`].
    pub(crate) blocks: Range<u32>,
    /// The section's position in [`Chart::sections`].
    pub(crate) section: u32,
    /// The categories of its seats, folded into a word by [`category_bit`].
    pub(crate) categories: u64,
    /// The distance from the focal point to its nearest seat.
    pub(crate) distance_min: f32,
    /// The corners of the box around its seats: the smallest x and y, and the largest.
    corners: [Point; 2],
}

/// A chart's zones, nearest to the focal point first.
#[derive(Debug, PartialEq)]
pub(crate) struct Zones {
    zones: Vec<Zone>,
    /// Where each zone begins, ascending, and its position in `zones`.
    by_block: Vec<(u32, u32)>,
    /// For every zone its blocks from the nearest on, as offsets from its first block.
    order: Vec<u8>,
}

/// The bit of a category in [`Zone::categories`]; charts of more than 64 share bits.
pub(crate) fn category_bit(category: u16) -> u64 {
    1 << (category % 64)
}

impl Zones {
    /// Divides a chart.
    pub(crate) fn new(chart: &Chart) -> Self {
        let blocks = chart.blocks();
        let mut zones = Vec::new();
        for section in blocks.chunk_by(|a, b| a.section == b.section) {
            for chunk in section.chunks(ZONE_BLOCKS_MAX) {
                let start = zones.last().map_or(0, |zone: &Zone| zone.blocks.end);
                // A chart has at most a million blocks, see `limits::CHART_SEATS_MAX`.
                let end = start + u32::try_from(chunk.len()).unwrap_or(u32::MAX);
                zones.push(Zone::new(chart, start..end, chunk));
            }
        }
        let mut order = Vec::with_capacity(blocks.len());
        for zone in &zones {
            let distance =
                |&offset: &u8| blocks[zone.blocks.start as usize + usize::from(offset)].distance_min;
            let first = order.len();
            order.extend((0..=u8::MAX).take(zone.blocks.len()));
            order[first..].sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        }
        zones.sort_by(|a, b| a.distance_min.total_cmp(&b.distance_min));
        zones.shrink_to_fit();
        let mut by_block: Vec<(u32, u32)> = zones.iter().map(|zone| zone.blocks.start).zip(0..).collect();
        by_block.sort_unstable();
        Self { zones, by_block, order }
    }

    /// All of them, nearest first.
    pub(crate) fn all(&self) -> &[Zone] {
        &self.zones
    }

    /// The position in [`Self::all`] of the zone that a block is in.
    pub(crate) fn position_of(&self, block_at: usize) -> usize {
        let after = self.by_block.partition_point(|&(start, _)| start as usize <= block_at);
        self.by_block[after - 1].1 as usize
    }

    /// A zone's blocks, nearest to the focal point first, as positions in [`Chart::blocks`].
    pub(crate) fn nearest_blocks(&self, zone: &Zone) -> impl Iterator<Item = usize> {
        let first = zone.blocks.start as usize;
        self.order[first..zone.blocks.end as usize].iter().map(move |&offset| first + usize::from(offset))
    }

    /// Bytes that it keeps.
    pub(crate) fn bytes(&self) -> usize {
        self.zones.capacity() * size_of::<Zone>() + self.by_block.capacity() * 8 + self.order.capacity()
    }
}

const _: () = assert!(limits::CHART_SEATS_MAX < u32::MAX as usize, "positions of blocks fit");

impl Zone {
    fn new(chart: &Chart, range: Range<u32>, blocks: &[Block]) -> Self {
        let far = Point { x: f32::INFINITY, y: f32::INFINITY };
        let mut zone = Self {
            blocks: range,
            section: blocks.first().map_or(0, |block| block.section),
            categories: 0,
            distance_min: f32::INFINITY,
            corners: [far, Point { x: -far.x, y: -far.y }],
        };
        for block in blocks {
            zone.distance_min = zone.distance_min.min(block.distance_min);
            for seat in block.seats.clone().map(ChartSeat) {
                zone.categories |= category_bit(chart.category(seat));
                let Point { x, y } = chart.position(seat);
                let [least, most] = &mut zone.corners;
                *least = Point { x: least.x.min(x), y: least.y.min(y) };
                *most = Point { x: most.x.max(x), y: most.y.max(y) };
            }
        }
        zone
    }

    /// The square of the distance from a point to the box around the zone; zero inside.
    pub(crate) fn distance_squared(&self, [x, y]: [f64; 2]) -> f64 {
        let [least, most] = self.corners;
        let across = (f64::from(least.x) - x).max(x - f64::from(most.x)).max(0.0);
        let along = (f64::from(least.y) - y).max(y - f64::from(most.y)).max(0.0);
        across * across + along * along
    }
}
