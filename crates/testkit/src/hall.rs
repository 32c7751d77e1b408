//! Charts for tests: a rectangular hall, and a reader that knows it again from a short document.

use std::sync::Arc;

use bytes::Bytes;
use domain::chart::Chart;
use domain::chart::plan::{AreaPlan, CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};
use domain::place::SeatIndex;
use engine::store::ChartReader;

/// A rectangular hall under construction: one section a category, rows named `A`, `B`, …, seats from 1.
///
/// The first third of the rows is `front`, the rest `back`. The stage is above the middle of the first row.
#[derive(Debug, Clone)]
pub struct Hall {
    section: String,
    first_row: Option<String>,
    rows: u32,
    seats_per_row: u32,
    accessible: u32,
    areas: Vec<(String, u32)>,
}

/// A hall of so many rows of so many seats, without areas or accessible seats.
#[must_use]
pub fn hall(rows: u32, seats_per_row: u32) -> Hall {
    Hall {
        section: "Hall".to_owned(),
        first_row: None,
        rows,
        seats_per_row,
        accessible: 0,
        areas: Vec::new(),
    }
}

impl Hall {
    /// Gives it another number of rows.
    #[must_use]
    pub fn rows(mut self, rows: u32) -> Self {
        self.rows = rows;
        self
    }

    /// Gives it another number of seats in each row.
    #[must_use]
    pub fn seats_per_row(mut self, seats: u32) -> Self {
        self.seats_per_row = seats;
        self
    }

    /// Names its section otherwise than `Hall`.
    #[must_use]
    pub fn section(mut self, name: &str) -> Self {
        name.clone_into(&mut self.section);
        self
    }

    /// Names its first row otherwise than `A`; such a hall has no document.
    #[must_use]
    pub fn first_row(mut self, label: &str) -> Self {
        self.first_row = Some(label.to_owned());
        self
    }

    /// Makes the first seats of the last row accessible.
    #[must_use]
    pub fn accessible(mut self, seats: u32) -> Self {
        self.accessible = seats;
        self
    }

    /// Adds a general-admission area of the category `floor`.
    #[must_use]
    pub fn area(mut self, name: &str, capacity: u32) -> Self {
        self.areas.push((name.to_owned(), capacity));
        self
    }

    /// The chart.
    ///
    /// # Panics
    /// When the hall breaks a chart's rules.
    #[must_use]
    pub fn build(&self) -> Arc<Chart> {
        Arc::new(Chart::new(&self.plan()).expect("a test's hall keeps to the rules of charts"))
    }

    /// A document from which [`HallReader`] builds the same chart.
    #[must_use]
    pub fn document(&self) -> Bytes {
        let mut text = format!("{}|{}|{}|{}", self.section, self.rows, self.seats_per_row, self.accessible);
        for (name, capacity) in &self.areas {
            text += &format!("|{name}|{capacity}");
        }
        Bytes::from(text)
    }

    fn plan(&self) -> ChartPlan {
        let category = |key: &str| CategoryPlan { key: key.into(), name: key.into(), color: String::new() };
        let rows = (0..self.rows).map(|row| self.row(row)).collect();
        let sections = vec![SectionPlan { name: self.section.clone(), rows }];
        ChartPlan {
            name: "A hall".to_owned(),
            categories: ["front", "back", "floor"].into_iter().map(category).collect(),
            sections: if self.rows == 0 { Vec::new() } else { sections },
            areas: self
                .areas
                .iter()
                .map(|(name, capacity)| AreaPlan {
                    name: name.clone(),
                    capacity: *capacity,
                    category: "floor".into(),
                })
                .collect(),
            focal_point: Some((f64::from(self.seats_per_row) / 2.0, -5.0)),
        }
    }

    fn row(&self, row: u32) -> RowPlan {
        let is_last = row + 1 == self.rows;
        let category = if row < self.rows.div_ceil(3) { "front" } else { "back" };
        let seats = (0..self.seats_per_row).map(|seat| SeatPlan {
            label: (seat + 1).to_string(),
            x: f64::from(seat),
            y: f64::from(row),
            category: category.into(),
            accessible: is_last && seat < self.accessible,
            ..SeatPlan::default()
        });
        let label = self.first_row.clone().filter(|_| row == 0).unwrap_or_else(|| row_label(row));
        RowPlan { label, seats: seats.collect() }
    }
}

/// `A` to `Z`, then `R26` and so on.
fn row_label(row: u32) -> String {
    char::from_digit(row + 10, 36)
        .map_or_else(|| format!("R{row}"), |letter| letter.to_uppercase().to_string())
}

/// The seat of a label, of an event that never moved.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn seat(chart: &Chart, label: &str) -> SeatIndex {
    chart.find(label).map(|at| SeatIndex(at.0)).expect("a test names seats that its chart has")
}

/// Reads the documents of [`Hall::document`]; what a store that keeps documents needs in a test.
#[derive(Debug, Clone, Copy, Default)]
pub struct HallReader;

impl ChartReader for HallReader {
    fn read(&self, document: &[u8]) -> Result<Arc<Chart>, String> {
        let text = std::str::from_utf8(document).map_err(|error| error.to_string())?;
        let parts: Vec<&str> = text.split('|').collect();
        let [section, rows, seats, accessible, areas @ ..] = &*parts else {
            return Err(format!("{text:?} describes no hall"));
        };
        let number = |text: &str| text.parse::<u32>().map_err(|error| format!("{text:?}: {error}"));
        let mut hall = hall(number(rows)?, number(seats)?).section(section).accessible(number(accessible)?);
        for area in areas.chunks_exact(2) {
            hall = hall.area(area[0], number(area[1])?);
        }
        Ok(hall.build())
    }
}
