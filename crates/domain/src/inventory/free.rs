//! stub
use crate::chart::Chart;
use crate::place::SeatIndex;
/// f
#[derive(Debug, Clone)]
pub struct FreeMap(Vec<bool>);
impl FreeMap {
    /// n
    pub fn new(chart: &Chart, f: impl Fn(SeatIndex) -> bool) -> Self {
        Self(chart.seats().map(f).collect())
    }
    /// s
    pub fn set(&mut self, _c: &Chart, seat: SeatIndex, free: bool) {
        self.0[seat.at()] = free;
    }
    /// i
    pub fn is_free(&self, seat: SeatIndex) -> bool {
        self.0[seat.at()]
    }
}
