//! Checks a plan and packs it into a chart.

use std::collections::HashMap;
use std::fmt::Arguments;
use std::sync::Arc;

use super::label_index::LabelIndex;
use super::plan::{AreaPlan, CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};
use super::{Block, COMPANION, Category, Chart, ChartArea, Columns, Point, Row, Section};
use crate::limits;
use crate::place::ChartSeat;

/// Two seats of a row are neighbours when they are at most this many times the row's usual spacing
/// apart; a wider gap is an aisle.
const AISLE_SPACINGS: f32 = 1.6;

/// Why a plan is no chart: where, as a JSON pointer into the native format, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {reason}")]
pub struct ChartFault {
    /// A JSON pointer (RFC 6901) to the offending value.
    pub pointer: String,
    /// What is wrong with it, naming the place.
    pub reason: String,
}

fn fault(pointer: impl Into<String>, reason: impl Into<String>) -> ChartFault {
    ChartFault { pointer: pointer.into(), reason: reason.into() }
}

/// Demands a text of 1 to `bytes_max` bytes without control characters.
///
/// Pointers are arguments for a format, not texts: a million seats are checked, and none is at fault.
fn check_text(pointer: Arguments<'_>, text: &str, bytes_max: usize) -> Result<(), ChartFault> {
    let reason = if text.trim().is_empty() {
        "must not be empty".to_owned()
    } else if text.len() > bytes_max {
        format!("is {} bytes long; at most {bytes_max} are allowed", text.len())
    } else if text.chars().any(char::is_control) {
        "contains a control character".to_owned()
    } else {
        return Ok(());
    };
    Err(fault(pointer.to_string(), reason))
}

fn check_len(pointer: Arguments<'_>, len: usize, len_max: usize) -> Result<(), ChartFault> {
    if len > len_max {
        let reason = format!("has {len} entries; at most {len_max} are allowed");
        return Err(fault(pointer.to_string(), reason));
    }
    Ok(())
}

fn index(position: usize) -> u32 {
    // Every list is checked against a limit far below this before its positions are used.
    u32::try_from(position).unwrap_or(u32::MAX)
}

impl Chart {
    /// Checks and packs a plan.
    ///
    /// # Errors
    /// The first fault found: a list or a text over its limit, a duplicate label, guid or key, an
    /// unknown category, a coordinate that is no number or too large, a plan without any place.
    pub fn new(plan: &ChartPlan) -> Result<Self, ChartFault> {
        let mut builder = ChartBuilder::new(&plan.name, &plan.categories)?;
        check_len(format_args!("/sections"), plan.sections.len(), limits::CHART_SECTIONS_MAX)?;
        for section in &plan.sections {
            builder.section(section)?;
        }
        builder.finish(&plan.areas, plan.focal_point)
    }

    /// Fills both indexes, and finds labels and guids that stand twice.
    fn index_names(&mut self) -> Result<(), ChartFault> {
        let mut labels = LabelIndex::with_room_for(self.seats_len());
        let guids_len = self.seats().filter(|&seat| self.guid(seat).is_some()).count();
        let mut guids = LabelIndex::with_room_for(guids_len);
        for seat in self.seats() {
            let label = self.label(seat);
            labels
                .insert(&label, seat, |other| self.label_is(other, &label))
                .map_err(|_| fault(self.pointer(seat), format!("the label {label} is used by two seats")))?;
            if let Some(guid) = self.guid(seat) {
                guids.insert(guid, seat, |other| self.guid(other) == Some(guid)).map_err(|other| {
                    let (label, other) = (self.label(seat), self.label(other));
                    fault(
                        format!("{}/guid", self.pointer(seat)),
                        format!("the guid {guid} is used by both {other} and {label}"),
                    )
                })?;
            }
        }
        self.labels = labels;
        self.guids = guids;
        Ok(())
    }

    /// A seat's place in the native format.
    fn pointer(&self, seat: ChartSeat) -> String {
        let row_at = self.columns.row[seat.at()];
        let row = &self.rows[row_at as usize];
        let section = &self.sections[row.section as usize];
        format!(
            "/sections/{}/rows/{}/seats/{}",
            row.section,
            row_at - section.rows.start,
            seat.0 - row.seats.start
        )
    }
}

fn categories(plans: &[CategoryPlan]) -> Result<Vec<Category>, ChartFault> {
    check_len(format_args!("/categories"), plans.len(), limits::CATEGORIES_MAX)?;
    let mut categories: Vec<Category> = Vec::with_capacity(plans.len());
    for (at, plan) in plans.iter().enumerate() {
        check_text(format_args!("/categories/{at}/key"), &plan.key, limits::LABEL_BYTES_MAX)?;
        check_text(format_args!("/categories/{at}/name"), &plan.name, limits::NAME_BYTES_MAX)?;
        if plan.color.len() > limits::LABEL_BYTES_MAX {
            return Err(fault(format!("/categories/{at}/color"), "is too long for a colour"));
        }
        if categories.iter().any(|other| *other.key == *plan.key) {
            let reason = format!("the key {} is used by two categories", plan.key);
            return Err(fault(format!("/categories/{at}/key"), reason));
        }
        categories.push(Category {
            key: Arc::from(&*plan.key),
            name: plan.name.clone(),
            color: plan.color.clone(),
        });
    }
    Ok(categories)
}

fn areas(plans: &[AreaPlan], categories: &HashMap<Arc<str>, u16>) -> Result<Vec<ChartArea>, ChartFault> {
    check_len(format_args!("/areas"), plans.len(), limits::AREAS_MAX)?;
    let mut areas: Vec<ChartArea> = Vec::with_capacity(plans.len());
    for (at, plan) in plans.iter().enumerate() {
        check_text(format_args!("/areas/{at}/name"), &plan.name, limits::LABEL_BYTES_MAX)?;
        if areas.iter().any(|other| *other.name == *plan.name) {
            let reason = format!("the name {} is used by two areas", plan.name);
            return Err(fault(format!("/areas/{at}/name"), reason));
        }
        if plan.capacity == 0 || plan.capacity > limits::AREA_CAPACITY_MAX {
            let reason = format!("must be from 1 to {}", limits::AREA_CAPACITY_MAX);
            return Err(fault(format!("/areas/{at}/capacity"), reason));
        }
        let category = *categories.get(&*plan.category).ok_or_else(|| {
            let reason = format!("area {} names the unknown category {:?}", plan.name, plan.category);
            fault(format!("/areas/{at}/category"), reason)
        })?;
        areas.push(ChartArea { name: Arc::from(&*plan.name), capacity: plan.capacity, category });
    }
    Ok(areas)
}

#[expect(clippy::cast_possible_truncation, reason = "within the limit, single precision is enough to draw")]
fn coordinate(pointer: Arguments<'_>, value: f64) -> Result<f32, ChartFault> {
    if value.is_finite() && value.abs() <= limits::COORDINATE_MAX {
        Ok(value as f32)
    } else {
        Err(fault(pointer.to_string(), format!("must be a number from -{0} to {0}", limits::COORDINATE_MAX)))
    }
}

/// A chart under construction, section by section: a plan of a million seats takes several times the memory of its
/// chart, and whoever reads one from a stream need not have the whole of it.
#[derive(Debug, Default)]
pub struct ChartBuilder {
    name: String,
    categories: Vec<Category>,
    by_key: HashMap<Arc<str>, u16>,
    sections: Vec<Section>,
    rows: Vec<Row>,
    attributes: Vec<Box<str>>,
    columns: Columns,
}

impl ChartBuilder {
    /// Begins with what sections refer to.
    ///
    /// # Errors
    /// A text over its limit, or a category's key that stands twice.
    pub fn new(name: &str, plans: &[CategoryPlan]) -> Result<Self, ChartFault> {
        check_text(format_args!("/name"), name, limits::NAME_BYTES_MAX)?;
        let categories = categories(plans)?;
        let by_key = (0_u16..).zip(&categories).map(|(at, category)| (category.key.clone(), at)).collect();
        Ok(Self { name: name.to_owned(), categories, by_key, ..Self::default() })
    }

    /// Adds the next section.
    ///
    /// # Errors
    /// The first fault of the section, or one section too many. The builder is of no use after that.
    pub fn section(&mut self, section: &SectionPlan) -> Result<(), ChartFault> {
        let at = self.sections.len();
        check_len(format_args!("/sections"), at + 1, limits::CHART_SECTIONS_MAX)?;
        let pointer = format!("/sections/{at}");
        check_text(format_args!("{pointer}/name"), &section.name, limits::LABEL_BYTES_MAX)?;
        let rows_start = index(self.rows.len());
        check_len(
            format_args!("{pointer}/rows"),
            self.rows.len() + section.rows.len(),
            limits::CHART_ROWS_MAX,
        )?;
        for (row_at, row) in section.rows.iter().enumerate() {
            self.row(format_args!("{pointer}/rows/{row_at}"), index(at), row)?;
        }
        let rows = rows_start..index(self.rows.len());
        self.sections.push(Section { name: section.name.as_str().into(), rows });
        Ok(())
    }

    /// Ends with what needs all sections.
    ///
    /// # Errors
    /// A fault of an area or of the focal point, a label or a guid that stands twice, a chart without any place.
    pub fn finish(self, plans: &[AreaPlan], focal_point: Option<(f64, f64)>) -> Result<Chart, ChartFault> {
        let areas = areas(plans, &self.by_key)?;
        if self.columns.row.is_empty() && areas.is_empty() {
            return Err(fault("/sections", "has neither a seat nor an area"));
        }
        let focal_point = match focal_point {
            Some((x, y)) => Point {
                x: coordinate(format_args!("/focal_point/x"), x)?,
                y: coordinate(format_args!("/focal_point/y"), y)?,
            },
            None => self.upper_middle(),
        };
        let mut chart = self.pack(focal_point, areas);
        chart.index_names()?;
        Ok(chart)
    }

    fn row(&mut self, pointer: Arguments<'_>, section: u32, row: &RowPlan) -> Result<(), ChartFault> {
        check_text(format_args!("{pointer}/label"), &row.label, limits::LABEL_BYTES_MAX)?;
        check_len(format_args!("{pointer}/seats"), row.seats.len(), limits::ROW_SEATS_MAX)?;
        if self.columns.row.len() + row.seats.len() > limits::CHART_SEATS_MAX {
            let reason = format!("a chart has at most {} seats", limits::CHART_SEATS_MAX);
            return Err(fault(format!("{pointer}/seats"), reason));
        }
        let start = index(self.columns.row.len());
        for (at, seat) in row.seats.iter().enumerate() {
            self.seat(format_args!("{pointer}/seats/{at}"), seat)?;
        }
        let seats = start..index(self.columns.row.len());
        self.rows.push(Row { label: row.label.as_str().into(), section, seats });
        Ok(())
    }

    fn seat(&mut self, pointer: Arguments<'_>, seat: &SeatPlan) -> Result<(), ChartFault> {
        check_text(format_args!("{pointer}/label"), &seat.label, limits::LABEL_BYTES_MAX)?;
        let x = coordinate(format_args!("{pointer}/x"), seat.x)?;
        let y = coordinate(format_args!("{pointer}/y"), seat.y)?;
        let category = self.by_key.get(&*seat.category).copied().ok_or_else(|| {
            let reason = format!("seat {} names the unknown category {:?}", seat.label, seat.category);
            fault(format!("{pointer}/category"), reason)
        })?;
        let guid = seat.guid.as_deref().unwrap_or_default();
        if guid.len() > limits::GUID_BYTES_MAX || guid.chars().any(char::is_control) {
            let reason = format!("must be at most {} printable bytes", limits::GUID_BYTES_MAX);
            return Err(fault(format!("{pointer}/guid"), reason));
        }
        let flags = self.flags(pointer, seat)?;
        self.columns.row.push(index(self.rows.len()));
        self.columns.x.push(x);
        self.columns.y.push(y);
        self.columns.category.push(category);
        self.columns.flags.push(flags);
        self.columns.label.push(&seat.label);
        self.columns.guid.push(guid);
        Ok(())
    }

    fn flags(&mut self, pointer: Arguments<'_>, seat: &SeatPlan) -> Result<u16, ChartFault> {
        let mut flags = u16::from(seat.accessible);
        for (at, attribute) in seat.attributes.iter().enumerate() {
            let known = self.attributes.iter().position(|known| **known == **attribute);
            let bit = match known {
                Some(bit) => bit,
                None => {
                    let pointer = format!("{pointer}/attributes/{at}");
                    check_text(format_args!("{pointer}"), attribute, limits::LABEL_BYTES_MAX)?;
                    if self.attributes.len() == limits::ATTRIBUTES_MAX {
                        let reason =
                            format!("a chart has at most {} different attributes", limits::ATTRIBUTES_MAX);
                        return Err(fault(pointer, reason));
                    }
                    self.attributes.push(attribute.as_str().into());
                    self.attributes.len() - 1
                }
            };
            flags |= 1 << (bit + 1);
        }
        Ok(flags)
    }

    /// Where a stage usually is when the plan does not say: in the middle, above the first row.
    fn upper_middle(&self) -> Point {
        let (x, y) = (&self.columns.x, &self.columns.y);
        if x.is_empty() {
            return Point { x: 0.0, y: 0.0 };
        }
        let left = x.iter().copied().fold(f32::INFINITY, f32::min);
        let right = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        Point { x: f32::midpoint(left, right), y: y.iter().copied().fold(f32::INFINITY, f32::min) }
    }

    fn pack(mut self, focal_point: Point, areas: Vec<ChartArea>) -> Chart {
        let columns = &mut self.columns;
        columns.distance =
            columns.x.iter().zip(&columns.y).map(|(&x, &y)| Point { x, y }.distance(focal_point)).collect();
        columns.label.shrink();
        columns.guid.shrink();
        let mut blocks = Vec::new();
        for row in &self.rows {
            split_into_blocks(row, columns, &mut blocks);
        }
        columns.block = vec![0; columns.row.len()];
        for (at, block) in blocks.iter().enumerate() {
            columns.block[block.seats.start as usize..block.seats.end as usize].fill(index(at));
        }
        for column in [&mut columns.x, &mut columns.y] {
            column.shrink_to_fit();
        }
        columns.row.shrink_to_fit();
        columns.category.shrink_to_fit();
        columns.flags.shrink_to_fit();
        blocks.shrink_to_fit();
        let companion = self.attributes.iter().position(|attribute| **attribute == *COMPANION);
        Chart {
            companion_flag: companion.map_or(0, |bit| 1 << (bit + 1)),
            name: self.name,
            categories: self.categories,
            sections: self.sections,
            rows: self.rows,
            areas,
            focal_point,
            attributes: self.attributes,
            columns: self.columns,
            blocks,
            labels: LabelIndex::default(),
            guids: LabelIndex::default(),
        }
    }
}

/// Cuts a row at its aisles.
fn split_into_blocks(row: &Row, columns: &Columns, blocks: &mut Vec<Block>) {
    let point = |seat: u32| Point { x: columns.x[seat as usize], y: columns.y[seat as usize] };
    let mut gaps: Vec<f32> =
        (row.seats.start + 1..row.seats.end).map(|seat| point(seat).distance(point(seat - 1))).collect();
    gaps.sort_by(f32::total_cmp);
    let spacing = gaps.get(gaps.len().saturating_sub(1) / 2).copied().unwrap_or_default();
    let mut start = row.seats.start;
    for seat in row.seats.clone() {
        let is_last = seat + 1 == row.seats.end;
        let is_full = seat + 1 - start == Block::SEATS_MAX;
        if is_last || is_full || point(seat + 1).distance(point(seat)) > spacing * AISLE_SPACINGS {
            blocks.push(block(row.section, start..seat + 1, columns));
            start = seat + 1;
        }
    }
}

fn block(section: u32, seats: std::ops::Range<u32>, columns: &Columns) -> Block {
    let range = seats.start as usize..seats.end as usize;
    let first = columns.category[range.start];
    let same = columns.category[range.clone()].iter().all(|&category| category == first);
    let distance_min = columns.distance[range.clone()].iter().copied().fold(f32::INFINITY, f32::min);
    let (first_at, last_at) = (range.start, range.end - 1);
    Block {
        seats,
        section,
        category: same.then_some(first),
        distance_min,
        center: Point {
            x: f32::midpoint(columns.x[first_at], columns.x[last_at]),
            y: f32::midpoint(columns.y[first_at], columns.y[last_at]),
        },
    }
}
