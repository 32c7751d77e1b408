//! stub
use crate::chart::Chart;
use crate::inventory::FreeMap;
use crate::place::SeatIndex;
/// w
pub struct Wish<'a> {
    /// x
    pub seats: usize,
    /// x
    pub categories: Option<&'a [u16]>,
    /// x
    pub sections: Option<&'a [u32]>,
    /// x
    pub accessible: bool,
    /// x
    pub adjacent: bool,
}
/// s
pub enum Shortage {
    /// x
    TooFew {
        /// x
        free: usize,
    },
    /// x
    NotAdjacent,
}
/// c
pub fn choose(chart: &Chart, free: &FreeMap, wish: &Wish<'_>) -> Result<Vec<SeatIndex>, Shortage> {
    let v: Vec<_> = chart.seats().filter(|s| free.is_free(*s)).take(wish.seats).collect();
    if v.len() < wish.seats { Err(Shortage::TooFew { free: v.len() }) } else { Ok(v) }
}
/// e
pub fn is_eligible(chart: &Chart, seat: SeatIndex, accessible: bool) -> bool {
    chart.is_accessible(seat) == accessible
}
