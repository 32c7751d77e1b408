//! The original's hall: 100 seats, of which number n is `Classic-Seat-n`.

use domain::chart::plan::{CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};

use crate::wire::chart::ChartDocument;

/// Seats of the hall: as many as the original seeds.
const SEATS: u32 = 100;
/// Seats side by side.
const SEATS_ABREAST: u32 = 10;
/// From one line of seats to the next, in widths of a seat.
const LINE_PITCH: f64 = 1.8;

/// The classic hall. Its only category is `standard`.
#[must_use]
pub fn classic() -> ChartDocument {
    let seats = (0..SEATS)
        .map(|at| SeatPlan {
            label: (at + 1).to_string(),
            x: f64::from(at % SEATS_ABREAST),
            y: 3.0 + f64::from(at / SEATS_ABREAST) * LINE_PITCH,
            category: "standard".to_owned(),
            ..SeatPlan::default()
        })
        .collect();
    let rows = vec![RowPlan { label: "Seat".to_owned(), seats }];
    ChartDocument::new(ChartPlan {
        name: "Classic Hall".to_owned(),
        categories: vec![CategoryPlan {
            key: "standard".to_owned(),
            name: "Standard".to_owned(),
            color: "#0072B2".to_owned(),
        }],
        sections: vec![SectionPlan { name: "Classic".to_owned(), rows }],
        areas: Vec::new(),
        focal_point: Some((f64::from(SEATS_ABREAST - 1) / 2.0, 0.0)),
    })
}
