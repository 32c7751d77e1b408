//! What everybody sells: a hall of rows of a hundred seats, each with a number and a label, or an area without seats.

use std::fmt::Write as _;

/// Seats of a row.
const ROW_SEATS: u32 = 100;
/// Rows of a section.
const SECTION_ROWS: u32 = 100;
/// The area of those who sell no seats.
pub(crate) const AREA: &str = "Field";

/// What is for sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ware {
    /// So many seats with names.
    Seats(u32),
    /// So many units of one area.
    Units(u32),
}

impl Ware {
    /// How much there is.
    pub(crate) fn amount(self) -> u32 {
        match self {
            Self::Seats(amount) | Self::Units(amount) => amount,
        }
    }
}

/// A hall of so many seats, numbered from 0 in the order of the chart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hall {
    pub(crate) seats: u32,
}

impl Hall {
    /// As `POST /v1/charts` takes it. Written by hand, since a million seats as a tree would take a gigabyte.
    pub(crate) fn chart(self) -> String {
        let mut text = String::with_capacity(self.seats as usize * 64 + 256);
        text.push_str(
            "{\"name\":\"Bench Hall\",\"categories\":[{\"key\":\"hall\",\"name\":\"Hall\"}],\"sections\":[",
        );
        for number in 0..self.seats {
            let (section, row, place) = place(number);
            let opens_row = number % ROW_SEATS == 0;
            if number % (ROW_SEATS * SECTION_ROWS) == 0 {
                let before = if number == 0 { "" } else { "]}]}," };
                put(&mut text, format_args!("{before}{{\"name\":\"S{section}\",\"rows\":["));
            } else if opens_row {
                text.push_str("]},");
            }
            if opens_row {
                put(&mut text, format_args!("{{\"label\":\"{row}\",\"seats\":["));
            } else {
                text.push(',');
            }
            let depth = number / ROW_SEATS;
            put(
                &mut text,
                format_args!("{{\"label\":\"{place}\",\"x\":{place},\"y\":{depth},\"category\":\"hall\"}}"),
            );
        }
        put(&mut text, format_args!("]}}]}}],\"focal_point\":{{\"x\":{},\"y\":0}}}}", ROW_SEATS / 2));
        text
    }

    /// The number of a seat by its label.
    pub(crate) fn seat(self, label: &str) -> Option<u32> {
        let (section, rest) = label.strip_prefix('S')?.split_once('-')?;
        let (row, place) = rest.split_once('-')?;
        let (section, row, place): (u32, u32, u32) =
            (section.parse().ok()?, row.parse().ok()?, place.parse().ok()?);
        let rows = section.checked_sub(1)?.checked_mul(SECTION_ROWS)?.checked_add(row.checked_sub(1)?)?;
        let number = rows.checked_mul(ROW_SEATS)?.checked_add(place.checked_sub(1)?)?;
        (row <= SECTION_ROWS && place <= ROW_SEATS && number < self.seats).then_some(number)
    }
}

/// The label of a seat by its number.
pub(crate) fn label(number: u32) -> String {
    let (section, row, place) = place(number);
    format!("S{section}-{row}-{place}")
}

/// Section, row and place of a seat, from 1.
fn place(number: u32) -> (u32, u32, u32) {
    let row = number / ROW_SEATS;
    (row / SECTION_ROWS + 1, row % SECTION_ROWS + 1, number % ROW_SEATS + 1)
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("a text takes what is written to it");
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_label_names_its_seat_and_no_other() {
        let hall = Hall { seats: 20_150 };
        for number in 0..20_150 {
            assert_eq!(hall.seat(&label(number)), Some(number));
        }
        for wrong in [
            "",
            "S1",
            "S1-1",
            "T1-1-1",
            "S0-1-1",
            "S1-0-1",
            "S1-1-0",
            "S1-1-101",
            "S1-101-1",
            "S3-2-51",
            "S1-4294967295-1",
        ] {
            assert_eq!(hall.seat(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_chart_has_every_seat_once_in_order() {
        for seats in [1, 100, 250, 10_000, 10_001, 20_150] {
            let chart: Value = serde_json::from_str(&Hall { seats }.chart()).expect("JSON");
            let mut labels = Vec::new();
            for section in chart["sections"].as_array().expect("sections") {
                for row in section["rows"].as_array().expect("rows") {
                    for seat in row["seats"].as_array().expect("seats") {
                        let text = |value: &Value| value.as_str().expect("a text").to_owned();
                        labels.push(
                            [text(&section["name"]), text(&row["label"]), text(&seat["label"])].join("-"),
                        );
                    }
                }
            }
            assert_eq!(labels, (0..seats).map(label).collect::<Vec<_>>());
        }
    }
}
