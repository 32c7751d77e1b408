//! What the map says of its seats, and what it weighs.

use super::drawing::Hall;
use crate::place::ChartSeat;

#[test]
fn the_map_tells_free_seats_and_runs() {
    let mut hall = Hall::new((0.0, 0.0), &[("A", "..x...__wcW"), ("B", "....")]);
    assert_eq!(hall.free.block_bits(&hall.chart, 0), 0b11_1011);
    assert_eq!(hall.free.block_bits(&hall.chart, 1), 0b011, "accessible ones included");
    assert_eq!(hall.free.longest_run(0), 3);
    assert_eq!(hall.free.longest_run(1), 1, "accessible ones excluded");
    assert_eq!(hall.free.ordinary_free(), 10);
    hall.free.set(&hall.chart, ChartSeat(2), true);
    hall.free.set(&hall.chart, ChartSeat(2), true);
    assert_eq!((hall.free.longest_run(0), hall.free.ordinary_free()), (6, 11));
    hall.free.set(&hall.chart, ChartSeat(7), false);
    assert!(!hall.free.is_free(ChartSeat(7)));
    assert_eq!(hall.free.ordinary_free(), 10, "a companion seat is an ordinary one, too");
}

#[test]
fn a_seat_costs_less_than_a_byte() {
    let row = [".".repeat(20), ".".repeat(20)].join("__");
    let labels: Vec<String> = (0..500).map(|at| format!("{}/A", at)).collect();
    let rows: Vec<(&str, &str)> = labels.iter().map(|label| (label.as_str(), row.as_str())).collect();
    let hall = Hall::new((20.0, 0.0), &rows);
    assert_eq!(hall.chart.seats_len(), 20_000);
    assert!(hall.free.bytes() < 100_000, "{} bytes with a zone for every two blocks", hall.free.bytes());
}
