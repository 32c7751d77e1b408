//! The states of all seats, sixteen bytes each, and the free ones among them as bits.

use crate::chart::Chart;
use crate::id::Serial;
use crate::place::{ChannelKey, ChartSeat, Counts, SeatIndex, Status};
use crate::seating::Seating;

use super::free::FreeMap;

/// Who has a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatState {
    /// The hold's or the order's serial; zero when free.
    pub owner: Serial,
    /// How often the seat changed.
    pub version: u32,
    /// Who has it.
    pub status: Status,
    /// The channel's number in [`Seats`]; 0 for the public.
    pub(super) channel: u16,
}

impl SeatState {
    /// A seat of a new event.
    const NEW: Self = Self { owner: Serial(0), version: 0, status: Status::Free, channel: 0 };

    /// Whether the public may have it.
    fn is_public(self) -> bool {
        self.status == Status::Free && self.channel == 0
    }
}

/// Which wishes a seat may serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SeatKind {
    /// Plain ones only.
    Ordinary,
    /// Plain ones, and accessible ones.
    Companion,
    /// Accessible ones only.
    Accessible,
}

impl SeatKind {
    fn of(chart: &Chart, seat: ChartSeat) -> Self {
        match (chart.is_accessible(seat), chart.is_companion(seat)) {
            (true, _) => Self::Accessible,
            (false, true) => Self::Companion,
            (false, false) => Self::Ordinary,
        }
    }
}

/// All seats of an event.
#[derive(Debug, Clone)]
pub(super) struct Seats {
    states: Vec<SeatState>,
    /// Channels by number, from 1.
    channels: Vec<ChannelKey>,
    /// Which seats the public may have.
    free: Option<FreeMap>,
    /// By category and [`SeatKind`], as [`Counts::hoped_for`] counts them.
    counts: Vec<[Counts; 3]>,
}

impl Seats {
    pub(super) fn new(seating: Option<&Seating>) -> Self {
        let mut seats = Self { states: Vec::new(), channels: Vec::new(), free: None, counts: Vec::new() };
        if let Some(seating) = seating {
            seats.take_places(seating);
        }
        seats
    }

    /// Keeps every seat's state, and counts the seats that the chart has now.
    pub(super) fn take_places(&mut self, seating: &Seating) {
        let chart = seating.chart();
        self.states.resize(seating.seats_len(), SeatState::NEW);
        self.counts = vec![[Counts::default(); 3]; chart.categories().len()];
        for at in chart.seats() {
            let state = self.states[seating.seat(at).at()];
            let of_category = &mut self.counts[usize::from(chart.category(at))];
            let counts = &mut of_category[SeatKind::of(chart, at) as usize];
            *counts.hoped_for(state.status, state.channel != 0) += 1;
        }
        self.free = Some(FreeMap::new(chart, |at| self.states[seating.seat(at).at()].is_public()));
    }

    pub(super) fn len(&self) -> u32 {
        // A chart's size is bounded far below this when it is built.
        u32::try_from(self.states.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn state(&self, seat: SeatIndex) -> SeatState {
        self.states[seat.at()]
    }

    pub(super) fn free(&self) -> Option<&FreeMap> {
        self.free.as_ref()
    }

    /// Seats by category and [`SeatKind`], as [`Counts::hoped_for`] counts them.
    pub(super) fn counts(&self) -> &[[Counts; 3]] {
        &self.counts
    }

    /// Every channel, by number from 1.
    pub(super) fn channels(&self) -> &[ChannelKey] {
        &self.channels
    }

    pub(super) fn channel(&self, number: u16) -> Option<&ChannelKey> {
        usize::from(number).checked_sub(1).and_then(|at| self.channels.get(at))
    }

    /// The number of a channel, given to it on its first use.
    ///
    /// # Panics
    /// When an event uses more than 65,535 channels; deciding allows far fewer.
    pub(super) fn channel_number(&mut self, key: Option<&ChannelKey>) -> u16 {
        let Some(key) = key else { return 0 };
        let at = self.channels.iter().position(|known| known == key).unwrap_or_else(|| {
            self.channels.push(key.clone());
            self.channels.len() - 1
        });
        let number = u16::try_from(at + 1).ok();
        assert!(number.is_some(), "an event has more channels than seat states can name");
        number.unwrap_or_default()
    }

    /// Puts a seat into a state; one that is gone is counted nowhere.
    pub(super) fn set(&mut self, seating: &Seating, seat: SeatIndex, after: SeatState) {
        let before = std::mem::replace(&mut self.states[seat.at()], after);
        let Some(at) = seating.position(seat) else { return };
        let chart = seating.chart();
        let of_category = &mut self.counts[usize::from(chart.category(at))];
        let counts = &mut of_category[SeatKind::of(chart, at) as usize];
        *counts.hoped_for(before.status, before.channel != 0) -= 1;
        *counts.hoped_for(after.status, after.channel != 0) += 1;
        if let Some(free) = &mut self.free {
            free.set(chart, at, after.is_public());
        }
    }
}
