//! A venue's seating plan: sections, rows, seats, general-admission areas, categories, focal point.
//!
//! A chart is immutable. It is packed in columns, because a million of its seats must fit in memory
//! beside everything else: a seat costs some forty bytes plus its labels. Seats have a fixed order (sections, rows
//! and seats as the plan lists them), and everything that lists seat states uses it.

mod build;
mod label_index;
pub mod plan;
pub mod pretix;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use crate::place::ChartSeat;
use label_index::LabelIndex;

pub use build::{ChartBuilder, ChartFault};

/// The attribute of seats for those who accompany somebody.
pub const COMPANION: &str = "companion";

/// A category: what a place costs is said per category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// The key that prices and filters use; unique in the chart.
    pub key: Arc<str>,
    /// The name that buyers see.
    pub name: String,
    /// A CSS colour, or empty.
    pub color: String,
}

/// A point of the plan, in the chart's own units; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Horizontally, to the right.
    pub x: f32,
    /// Vertically, downwards.
    pub y: f32,
}

impl Point {
    /// The straight-line distance to `other`.
    #[must_use]
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// A section, and which rows are its own.
#[derive(Debug, Clone)]
pub struct Section {
    /// The first part of its seats' labels.
    pub name: Box<str>,
    /// Its rows, as positions in [`Chart::rows`].
    pub rows: Range<u32>,
}

/// A row, and which seats are its own.
#[derive(Debug, Clone)]
pub struct Row {
    /// The middle part of its seats' labels.
    pub label: Box<str>,
    /// The section's position in [`Chart::sections`].
    pub section: u32,
    /// Its seats.
    pub seats: Range<u32>,
}

/// A general-admission area of a chart: places without numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartArea {
    /// Its name, by which it is booked; unique in the chart.
    pub name: Arc<str>,
    /// How many units it has.
    pub capacity: u32,
    /// Its category's position in [`Chart::categories`].
    pub category: u16,
}

/// Neighbouring seats of one row without an aisle between them: what best-available calls adjacent.
///
/// At most [`Block::SEATS_MAX`] seats; a longer stretch is cut into several blocks.
#[derive(Debug, Clone)]
pub struct Block {
    /// The seats, in the chart's order.
    pub seats: Range<u32>,
    /// The section's position in [`Chart::sections`].
    pub section: u32,
    /// The one category of all its seats, or `None` when they differ.
    pub category: Option<u16>,
    /// The distance from the focal point to its nearest seat.
    pub distance_min: f32,
    /// The centre, for finding blocks near to each other.
    pub center: Point,
}

impl Block {
    /// One machine word of free bits covers a block.
    pub const SEATS_MAX: u32 = 128;
}

/// A seating plan, packed and immutable.
#[derive(Debug)]
pub struct Chart {
    name: String,
    categories: Vec<Category>,
    sections: Vec<Section>,
    rows: Vec<Row>,
    areas: Vec<ChartArea>,
    focal_point: Point,
    attributes: Vec<Box<str>>,
    /// The flag of the attribute [`COMPANION`]; 0 when no seat has it.
    companion_flag: u16,
    columns: Columns,
    blocks: Vec<Block>,
    labels: LabelIndex,
    guids: LabelIndex,
}

/// What is known of each seat, a column a property.
#[derive(Debug, Default)]
struct Columns {
    row: Vec<u32>,
    block: Vec<u32>,
    x: Vec<f32>,
    y: Vec<f32>,
    /// From the focal point.
    distance: Vec<f32>,
    category: Vec<u16>,
    /// Bit 0: accessible; bit n + 1: the chart's n-th attribute.
    flags: Vec<u16>,
    label: Texts,
    guid: Texts,
}

/// Many short texts in one allocation.
#[derive(Debug, Default)]
struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.text[start..self.ends[at] as usize]
    }

    fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

impl Chart {
    /// The name that the organizer gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many seats it has.
    #[must_use]
    pub fn seats_len(&self) -> usize {
        self.columns.row.len()
    }

    /// Every seat, in the chart's order.
    pub fn seats(&self) -> impl ExactSizeIterator<Item = ChartSeat> + use<> {
        (0..u32::try_from(self.seats_len()).unwrap_or(u32::MAX)).map(ChartSeat)
    }

    /// Its categories, as the plan lists them.
    #[must_use]
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// Its sections, as the plan lists them.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Its rows: section by section, front to back as the plan lists them.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Its general-admission areas.
    #[must_use]
    pub fn areas(&self) -> &[ChartArea] {
        &self.areas
    }

    /// The point that everybody wants to be near to: the stage.
    #[must_use]
    pub fn focal_point(&self) -> Point {
        self.focal_point
    }

    /// Its blocks of adjacent seats, in the chart's order.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The position in [`Self::blocks`] of the block that a seat is in.
    #[must_use]
    pub fn block_of(&self, seat: ChartSeat) -> usize {
        self.columns.block[seat.at()] as usize
    }

    /// The row that a seat is in.
    #[must_use]
    pub fn row_of(&self, seat: ChartSeat) -> &Row {
        &self.rows[self.columns.row[seat.at()] as usize]
    }

    /// The section that a seat is in.
    #[must_use]
    pub fn section_of(&self, seat: ChartSeat) -> &Section {
        &self.sections[self.row_of(seat).section as usize]
    }

    /// The last part of a seat's label: its number in the row.
    #[must_use]
    pub fn seat_label(&self, seat: ChartSeat) -> &str {
        self.columns.label.get(seat.at())
    }

    /// A seat's global identifier, if its plan gave one.
    #[must_use]
    pub fn guid(&self, seat: ChartSeat) -> Option<&str> {
        Some(self.columns.guid.get(seat.at())).filter(|guid| !guid.is_empty())
    }

    /// A seat's category, as a position in [`Self::categories`].
    #[must_use]
    pub fn category(&self, seat: ChartSeat) -> u16 {
        self.columns.category[seat.at()]
    }

    /// The key of a seat's category.
    #[must_use]
    pub fn category_key(&self, seat: ChartSeat) -> &str {
        &self.categories[usize::from(self.category(seat))].key
    }

    /// Whether a seat is one for people with disabilities.
    #[must_use]
    pub fn is_accessible(&self, seat: ChartSeat) -> bool {
        self.columns.flags[seat.at()] & 1 != 0
    }

    /// Whether a seat is one for whoever accompanies somebody on an accessible seat.
    #[must_use]
    pub fn is_companion(&self, seat: ChartSeat) -> bool {
        self.columns.flags[seat.at()] & self.companion_flag != 0
    }

    /// A seat's attributes, such as `companion`.
    pub fn attributes(&self, seat: ChartSeat) -> impl Iterator<Item = &str> {
        let flags = self.columns.flags[seat.at()];
        self.attributes
            .iter()
            .enumerate()
            .filter(move |(at, _)| flags >> (at + 1) & 1 != 0)
            .map(|(_, a)| &**a)
    }

    /// Where a seat is.
    #[must_use]
    pub fn position(&self, seat: ChartSeat) -> Point {
        Point { x: self.columns.x[seat.at()], y: self.columns.y[seat.at()] }
    }

    /// How far a seat is from the focal point.
    #[must_use]
    pub fn distance(&self, seat: ChartSeat) -> f32 {
        self.columns.distance[seat.at()]
    }

    /// A seat's full label, `Section-Row-Seat`.
    #[must_use]
    pub fn label(&self, seat: ChartSeat) -> String {
        self.label_parts(seat).join("-")
    }

    /// The three parts of a seat's label: section, row, seat.
    #[must_use]
    pub fn label_parts(&self, seat: ChartSeat) -> [&str; 3] {
        let row = self.row_of(seat);
        [&self.sections[row.section as usize].name, &row.label, self.seat_label(seat)]
    }

    /// The seat of this name: `Section-Row-Seat`, or `guid:` and its guid.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<ChartSeat> {
        match name.strip_prefix("guid:") {
            Some(guid) => self.guids.find(guid, |seat| self.columns.guid.get(seat.at()) == guid),
            None => self.labels.find(name, |seat| self.label_is(seat, name)),
        }
    }

    /// Compares a seat's label without building it.
    fn label_is(&self, seat: ChartSeat, name: &str) -> bool {
        let [section, row, number] = self.label_parts(seat);
        name.strip_prefix(section)
            .and_then(|rest| rest.strip_prefix('-'))
            .and_then(|rest| rest.strip_prefix(row))
            .and_then(|rest| rest.strip_prefix('-'))
            .is_some_and(|rest| rest == number)
    }
}
