//! The hall that everybody sells: rows of a hundred seats, each with a number and a label.

use serde_json::{Value, json};

/// Seats of a row.
const ROW_SEATS: u32 = 100;
/// The one section.
const SECTION: &str = "A";

/// A hall of so many seats, numbered from 0 in the order of the chart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hall {
    pub(crate) seats: u32,
}

impl Hall {
    /// As `POST /v1/charts` takes it.
    pub(crate) fn chart(self) -> Value {
        let seat = |number: u32| {
            let (row, place) = place(number);
            json!({ "label": place.to_string(), "x": place, "y": row, "category": "hall" })
        };
        let row = |row: u32| {
            let first = row * ROW_SEATS;
            let seats = (first..(first + ROW_SEATS).min(self.seats)).map(seat).collect::<Vec<_>>();
            json!({ "label": (row + 1).to_string(), "seats": seats })
        };
        json!({
            "name": "Bench Hall",
            "categories": [{ "key": "hall", "name": "Hall" }],
            "sections": [{ "name": SECTION, "rows": (0..self.seats.div_ceil(ROW_SEATS)).map(row).collect::<Vec<_>>() }],
            "focal_point": { "x": ROW_SEATS / 2, "y": 0 },
        })
    }

    /// The number of a seat by its label.
    pub(crate) fn seat(self, label: &str) -> Option<u32> {
        let (section, rest) = label.split_once('-')?;
        let (row, place) = rest.split_once('-')?;
        let (row, place): (u32, u32) = (row.parse().ok()?, place.parse().ok()?);
        let number = row.checked_sub(1)?.checked_mul(ROW_SEATS)?.checked_add(place.checked_sub(1)?)?;
        (section == SECTION && place <= ROW_SEATS && number < self.seats).then_some(number)
    }
}

/// The label of a seat by its number.
pub(crate) fn label(number: u32) -> String {
    let (row, place) = place(number);
    format!("{SECTION}-{row}-{place}")
}

fn place(number: u32) -> (u32, u32) {
    (number / ROW_SEATS + 1, number % ROW_SEATS + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_names_its_seat_and_no_other() {
        let hall = Hall { seats: 250 };
        for number in 0..250 {
            assert_eq!(hall.seat(&label(number)), Some(number));
        }
        for wrong in ["", "A", "A-1", "B-1-1", "A-0-1", "A-1-0", "A-1-101", "A-3-51", "A-4294967295-1"] {
            assert_eq!(hall.seat(wrong), None, "{wrong}");
        }
        let rows = hall.chart()["sections"][0]["rows"].as_array().expect("rows").len();
        assert_eq!(rows, 3);
    }
}
