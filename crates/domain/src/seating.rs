//! The seats of one event, and which of them is where on the chart that it sells over now.
//!
//! An event may move to another chart while it sells: camera positions cost it some seats, a row is added. What was
//! committed names seats, so a [`SeatIndex`] is never given to another seat. The first chart's seats are numbered in its
//! order; a later chart's seat keeps its number if an earlier chart had it, and gets the next one otherwise. That makes the
//! numbers a function of the charts alone, so only the list of charts is stored.
//!
//! Two charts have a seat in common when both give it the same guid; where neither gives one, the same label.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use crate::chart::Chart;
use crate::id::ChartId;
use crate::place::{ChartSeat, SeatIndex};

/// Marks a seat that the current chart does not have.
const GONE: u32 = u32::MAX;

/// An event's seats.
#[derive(Debug, Clone)]
pub struct Seating {
    /// The charts that the event sold over; never empty, the current one last.
    stages: Vec<Stage>,
    /// By seat of the event, its position on the current chart, or [`GONE`]. Empty on the first chart, where the two are the
    /// same.
    positions: Vec<u32>,
    /// Seats that are gone: the last stage that had them, and where on its chart.
    gone: HashMap<SeatIndex, (usize, ChartSeat)>,
}

/// A chart that an event sold over.
#[derive(Debug, Clone)]
struct Stage {
    id: ChartId,
    chart: Arc<Chart>,
    /// By seat of the chart, the event's seat; empty for the first chart, where the two are the same.
    seats: Arc<[SeatIndex]>,
    /// Seats that the event had by then, those that were gone included.
    seats_len: usize,
}

impl Stage {
    fn seat(&self, at: ChartSeat) -> SeatIndex {
        self.seats.get(at.at()).copied().unwrap_or(SeatIndex(at.0))
    }
}

impl Seating {
    /// The seats of a new event.
    #[must_use]
    pub fn new(id: ChartId, chart: Arc<Chart>) -> Self {
        let seats_len = chart.seats_len();
        let stage = Stage { id, chart, seats: Arc::from([]), seats_len };
        Self { stages: vec![stage], positions: Vec::new(), gone: HashMap::new() }
    }

    /// The seats after a move to another chart.
    #[must_use]
    pub fn moved_to(&self, id: ChartId, chart: Arc<Chart>) -> Self {
        let mut seats_len = self.seats_len();
        // No two seats of a chart are like the same one: a seat is known by its guid or by its label for good, and a chart
        // has each of them once.
        let seats = chart.seats().map(|at| {
            self.seat_like(&chart, at).unwrap_or_else(|| {
                seats_len += 1;
                SeatIndex(u32::try_from(seats_len - 1).unwrap_or(GONE))
            })
        });
        let seats = seats.collect();
        let mut stages = self.stages.clone();
        stages.push(Stage { id, chart, seats, seats_len });
        Self::of(stages)
    }

    /// Whether these are the seats after a move from others to a chart.
    #[must_use]
    pub fn is_next_of(&self, before: &Self, id: ChartId) -> bool {
        self.chart_ids().eq(before.chart_ids().chain([id]))
    }

    /// The seats as they were on the first so many charts; `None` when there were not so many.
    #[must_use]
    pub fn after_charts(&self, charts: usize) -> Option<Self> {
        let stages = self.stages.get(..charts).filter(|stages| !stages.is_empty())?;
        Some(Self::of(stages.to_vec()))
    }

    /// Finds every seat's place, given all seats' numbers.
    fn of(stages: Vec<Stage>) -> Self {
        let mut seating = Self { stages, positions: Vec::new(), gone: HashMap::new() };
        let (current, earlier) = seating.current_and_earlier();
        if earlier.is_empty() {
            return seating;
        }
        let mut positions = vec![GONE; current.seats_len];
        current.chart.seats().for_each(|at| positions[current.seat(at).at()] = at.0);
        let mut gone = HashMap::new();
        for (stage_at, stage) in earlier.iter().enumerate() {
            let places = stage.chart.seats().map(|at| (stage.seat(at), (stage_at, at)));
            // Later stages take the place of earlier ones.
            gone.extend(places.filter(|(seat, _)| positions[seat.at()] == GONE));
        }
        (seating.positions, seating.gone) = (positions, gone);
        seating
    }

    fn current_and_earlier(&self) -> (&Stage, &[Stage]) {
        let last = self.stages.len() - 1;
        (&self.stages[last], &self.stages[..last])
    }

    /// The event's seat that a seat of another chart is.
    fn seat_like(&self, chart: &Chart, at: ChartSeat) -> Option<SeatIndex> {
        let guid = chart.guid(at);
        let name = guid.map_or_else(|| chart.label(at), |guid| format!("guid:{guid}"));
        self.stages.iter().rev().find_map(|stage| {
            let found = stage.chart.find(&name)?;
            (stage.chart.guid(found) == guid).then(|| stage.seat(found))
        })
    }

    /// The chart that the event sells over now.
    #[must_use]
    pub fn chart(&self) -> &Arc<Chart> {
        &self.current_and_earlier().0.chart
    }

    /// That chart's identifier.
    #[must_use]
    pub fn chart_id(&self) -> ChartId {
        self.current_and_earlier().0.id
    }

    /// Every chart that the event sold over, the current one last.
    pub fn chart_ids(&self) -> impl ExactSizeIterator<Item = ChartId> {
        self.stages.iter().map(|stage| stage.id)
    }

    /// How many seats the event ever had; every [`SeatIndex`] of it is below.
    #[must_use]
    pub fn seats_len(&self) -> usize {
        self.current_and_earlier().0.seats_len
    }

    /// Where a seat is on the current chart; `None` when it is gone.
    #[must_use]
    pub fn position(&self, seat: SeatIndex) -> Option<ChartSeat> {
        if self.positions.is_empty() {
            return (seat.at() < self.seats_len()).then_some(ChartSeat(seat.0));
        }
        self.positions.get(seat.at()).filter(|position| **position != GONE).copied().map(ChartSeat)
    }

    /// The event's seat at a position of the current chart.
    #[must_use]
    pub fn seat(&self, at: ChartSeat) -> SeatIndex {
        self.current_and_earlier().0.seat(at)
    }

    /// The seats that the current chart has, in its order.
    pub fn seats(&self) -> impl ExactSizeIterator<Item = SeatIndex> {
        self.chart().seats().map(|at| self.seat(at))
    }

    /// A seat's chart and position: the current one's, or those of the last chart that had it; `None` when the event never
    /// had it.
    #[must_use]
    pub fn home(&self, seat: SeatIndex) -> Option<(&Chart, ChartSeat)> {
        match self.position(seat) {
            Some(at) => Some((self.chart(), at)),
            None => self.gone.get(&seat).map(|&(stage, at)| (&*self.stages[stage].chart, at)),
        }
    }

    /// The seat of this label, or of `guid:` and its guid, on the current chart.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<SeatIndex> {
        self.chart().find(name).map(|at| self.seat(at))
    }
}
