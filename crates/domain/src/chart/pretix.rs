//! Turns a seating plan in pretix's shape into a plan of our own.
//!
//! The shape is that of pretix's published JSON schema for seating plans (`seating-plan.schema.json`), which its
//! editor exports; only what says something about places is kept. What its fields mean, and what becomes of them:
//!
//! - Positions are relative to the parent: a seat's to its row, a row's to its zone, a zone's to the plan.
//! - A category has only a name, by which seats refer to it: that is its key here.
//! - Zone name, row number and seat number make the label `Section-Row-Seat`. `row_label` and `seat_label` describe
//!   a place in sentences ("Row %s") and pretix itself does not identify a seat by them, so neither do we; a row
//!   without a number borrows its `row_label` when that is more than a pattern.
//! - A nameless zone takes its `zone_id`, else its number in the file; rows and seats without a number take
//!   their number in the parent.
//! - pretix tells seats apart by `seat_guid` alone, so labels may collide between zones. Where they do, every zone
//!   concerned gets its `zone_id` into its section's name, or its number where the id does not help. A label
//!   that stands twice within one zone is a fault: two tickets would send two people to one chair.
//! - Seats are put in the order in which one walks past them, since neighbours are found that way and
//!   files also list a row by number when odd and even numbers are on different sides.
//! - Areas are drawings. One whose text says "stage" (in one of a few languages) is the focal point; without it the
//!   focal point is the middle of the plan's upper edge, or of the seats' when the plan has no size.

use std::collections::{BTreeSet, HashMap};

use super::plan::{CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};
use super::{Chart, ChartFault};
use crate::limits;

#[cfg(test)]
mod tests;

/// What a drawing of the stage says, in lower case.
const STAGE_WORDS: [&str; 10] =
    ["stage", "bühne", "buehne", "scène", "scene", "escenario", "palcoscenico", "palco", "podium", "toneel"];

/// A seating plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The display name.
    pub name: String,
    /// The categories that seats refer to by name.
    pub categories: Vec<Category>,
    /// How large the drawing is.
    pub size: Option<Size>,
    /// Parts of the venue.
    pub zones: Vec<Zone>,
}

/// A category.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Category {
    /// By which seats refer to it.
    pub name: String,
    /// A CSS colour, or empty.
    pub color: String,
}

/// A drawing's size, from (0, 0).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Size {
    /// To the right.
    pub width: f64,
    /// Downwards.
    pub height: f64,
}

/// A point, relative to the parent's.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Position {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

/// A part of the venue, such as the balcony.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Zone {
    /// What people call it; may be empty.
    pub name: String,
    /// The editor's identifier; may be empty.
    pub zone_id: String,
    /// On the plan.
    pub position: Position,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Its drawings.
    pub areas: Vec<Area>,
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// The number or name by which it is identified; may be empty.
    pub row_number: String,
    /// A description, in which `%s` stands for the number; may be empty.
    pub row_label: String,
    /// Relative to the zone.
    pub position: Position,
    /// Its seats.
    pub seats: Vec<Seat>,
}

/// A seat.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seat {
    /// Unique in the plan; may be empty.
    pub seat_guid: String,
    /// The number that people read; may be empty.
    pub seat_number: String,
    /// Relative to the row.
    pub position: Position,
    /// A category's name.
    pub category: String,
    /// Not in the schema, but in real files: a place for a wheelchair.
    pub wheelchair: bool,
}

/// A drawing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Area {
    /// Relative to the zone.
    pub position: Position,
    /// What is written on it; may be empty.
    pub text: String,
    /// Where that is written, relative to the area.
    pub text_position: Position,
}

/// A plan of our own, and what it calls differently.
#[derive(Debug, Clone, PartialEq)]
pub struct Converted {
    /// The plan. It is sure to make a chart.
    pub plan: ChartPlan,
    /// Every seat whose label is not just zone, row and number.
    pub renamed: Vec<Renamed>,
}

/// A seat that got another label, because its own was another zone's as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    /// The seat's identifier, if it has one.
    pub seat_guid: Option<String>,
    /// The label that its zone, row and number make.
    pub from: String,
    /// Its label.
    pub to: String,
}

/// Converts a plan.
///
/// # Errors
/// What [`Chart::new`] finds wrong with the outcome, with pointers into the pretix document.
pub fn into_chart(plan: &Plan) -> Result<Converted, ChartFault> {
    let mut walks = Walks::new();
    let mut sections: Vec<SectionPlan> =
        plan.zones.iter().enumerate().map(|(at, zone)| section(at, zone, &mut walks)).collect();
    let original_names: Vec<String> = sections.iter().map(|section| section.name.clone()).collect();
    tell_apart(&plan.zones, &mut sections);
    let renamed = renamed(&original_names, &sections);
    let categories = plan
        .categories
        .iter()
        .map(|Category { name, color }| CategoryPlan {
            key: name.clone(),
            name: name.clone(),
            color: color.clone(),
        })
        .collect();
    let (focal_point, focal_pointer) = focal_point(plan);
    let focal_point = focal_point.map(|Position { x, y }| (x, y));
    let plan = ChartPlan { name: plan.name.clone(), categories, sections, areas: Vec::new(), focal_point };
    Chart::new(&plan).map_err(|fault| ChartFault {
        pointer: pretix_pointer(&fault.pointer, &walks, &focal_pointer),
        reason: fault.reason,
    })?;
    Ok(Converted { plan, renamed })
}

/// For a row whose seats are not in the file's order, by zone and row: each seat's position in the file.
type Walks = HashMap<(usize, usize), Vec<usize>>;

fn section(zone_at: usize, zone: &Zone, walks: &mut Walks) -> SectionPlan {
    let rows = zone
        .rows
        .iter()
        .enumerate()
        .map(|(row_at, row)| {
            let origin = zone.position + row.position;
            let mut seats: Vec<SeatPlan> =
                row.seats.iter().enumerate().map(|(at, source)| seat(at, source, origin)).collect();
            if let Some(order) = walk(&seats) {
                seats = order.iter().map(|&at| std::mem::take(&mut seats[at])).collect();
                walks.insert((zone_at, row_at), order);
            }
            RowPlan { label: row_label(row_at, row), seats }
        })
        .collect();
    let name = [&zone.name, &zone.zone_id].into_iter().find(|text| has_text(text));
    SectionPlan { name: name.cloned().unwrap_or_else(|| number(zone_at)), rows }
}

fn seat(at: usize, seat: &Seat, origin: Position) -> SeatPlan {
    let position = origin + seat.position;
    SeatPlan {
        label: if has_text(&seat.seat_number) { seat.seat_number.clone() } else { number(at) },
        x: position.x,
        y: position.y,
        category: seat.category.clone(),
        accessible: seat.wheelchair,
        attributes: Vec::new(),
        guid: Some(seat.seat_guid.clone()).filter(|guid| has_text(guid)),
    }
}

fn row_label(at: usize, row: &Row) -> String {
    if has_text(&row.row_number) {
        row.row_number.clone()
    } else if has_text(&row.row_label) && !row.row_label.contains("%s") {
        row.row_label.clone()
    } else {
        number(at)
    }
}

fn has_text(text: &str) -> bool {
    !text.trim().is_empty()
}

/// The number that people give to what stands at `at`.
fn number(at: usize) -> String {
    (at + 1).to_string()
}

/// The order in which one walks past the seats: the file's, or along the row's longer side if
/// that is a shorter walk. `None` for the file's.
///
/// A row bent to a horseshoe keeps the file's order, since along one axis one would hop from side to side.
fn walk(seats: &[SeatPlan]) -> Option<Vec<usize>> {
    let extent = |of: fn(&SeatPlan) -> f64| {
        let (low, high) = seats
            .iter()
            .map(of)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        high - low
    };
    let length = |order: &[usize]| -> f64 {
        order
            .windows(2)
            .map(|pair| {
                let (a, b) = (&seats[pair[0]], &seats[pair[1]]);
                (a.x - b.x).hypot(a.y - b.y)
            })
            .sum()
    };
    let along: fn(&SeatPlan) -> f64 =
        if extent(|seat| seat.x) >= extent(|seat| seat.y) { |seat| seat.x } else { |seat| seat.y };
    let as_listed: Vec<usize> = (0..seats.len()).collect();
    let mut sorted = as_listed.clone();
    sorted.sort_by(|&a, &b| along(&seats[a]).total_cmp(&along(&seats[b])));
    // A thousandth is less than any gap between seats and more than rounding.
    (length(&sorted) < length(&as_listed) * 0.999).then_some(sorted)
}

/// Renames sections until no two zones share a label, if that helps.
fn tell_apart(zones: &[Zone], sections: &mut [SectionPlan]) {
    let by_id = |at: usize, zone: &Zone, name: &str| {
        let helps = has_text(&zone.zone_id) && zone.zone_id != name;
        let named = format!("{name} {}", zone.zone_id);
        if helps && named.len() <= limits::LABEL_BYTES_MAX { named } else { format!("{name} {}", number(at)) }
    };
    let by_number = |at: usize, _: &Zone, name: &str| format!("{name} {}", number(at));
    let names: Vec<String> = sections.iter().map(|section| section.name.clone()).collect();
    for rename in [&by_id as &dyn Fn(usize, &Zone, &str) -> String, &by_number] {
        for at in colliding(sections) {
            sections[at].name = rename(at, &zones[at], &names[at]);
        }
    }
}

/// The sections of which a label is another section's as well.
fn colliding(sections: &[SectionPlan]) -> BTreeSet<usize> {
    let mut owners: HashMap<String, usize> = HashMap::new();
    let mut colliding = BTreeSet::new();
    for (at, section) in sections.iter().enumerate() {
        for (row, seat) in seats(section) {
            let owner = *owners.entry(label(&section.name, row, seat)).or_insert(at);
            if owner != at {
                colliding.extend([owner, at]);
            }
        }
    }
    colliding
}

fn renamed(original_names: &[String], sections: &[SectionPlan]) -> Vec<Renamed> {
    let pairs = original_names.iter().zip(sections).filter(|(name, section)| **name != section.name);
    pairs
        .flat_map(|(name, section)| {
            seats(section).map(move |(row, seat)| Renamed {
                seat_guid: seat.guid.clone(),
                from: label(name, row, seat),
                to: label(&section.name, row, seat),
            })
        })
        .collect()
}

fn seats(section: &SectionPlan) -> impl Iterator<Item = (&RowPlan, &SeatPlan)> {
    section.rows.iter().flat_map(|row| row.seats.iter().map(move |seat| (row, seat)))
}

fn label(section: &str, row: &RowPlan, seat: &SeatPlan) -> String {
    format!("{section}-{}-{}", row.label, seat.label)
}

/// The focal point, and what of the file it comes from.
fn focal_point(plan: &Plan) -> (Option<Position>, String) {
    for (zone_at, zone) in plan.zones.iter().enumerate() {
        if let Some(at) = zone.areas.iter().position(|area| says_stage(&area.text)) {
            let stage = zone.position + zone.areas[at].position + zone.areas[at].text_position;
            return (Some(stage), format!("/zones/{zone_at}/areas/{at}/position"));
        }
    }
    let upper_middle =
        plan.size.filter(|size| size.width > 0.0).map(|size| Position { x: size.width / 2.0, y: 0.0 });
    (upper_middle, "/size".to_owned())
}

/// Whether a drawing's text is nothing but words for the stage: "Bühne / Stage" is, "Stage entrance" is not.
fn says_stage(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(|word| STAGE_WORDS.contains(&word))
}

/// Where in the pretix document stands what a pointer into our own format points to.
fn pretix_pointer(native: &str, walks: &Walks, focal_pointer: &str) -> String {
    let parts: Vec<&str> = native.split('/').skip(1).collect();
    match parts.as_slice() {
        ["categories", at, "key"] => format!("/categories/{at}/name"),
        ["sections", zone, "rows", row, "label"] => format!("/zones/{zone}/rows/{row}/row_number"),
        ["sections", zone, "rows", row, "seats", seat, field @ ..] => {
            let seat = file_position(walks, [zone, row, seat]).unwrap_or_else(|| (*seat).to_owned());
            let field = match field {
                ["label"] => "/seat_number",
                ["guid"] => "/seat_guid",
                ["category"] => "/category",
                ["x"] => "/position/x",
                ["y"] => "/position/y",
                _ => "",
            };
            format!("/zones/{zone}/rows/{row}/seats/{seat}{field}")
        }
        ["sections", rest @ ..] => rest.iter().fold("/zones".to_owned(), |path, part| path + "/" + part),
        ["focal_point", ..] => focal_pointer.to_owned(),
        _ => native.to_owned(),
    }
}

/// The position in the file of a seat that was moved.
fn file_position(walks: &Walks, [zone, row, seat]: [&str; 3]) -> Option<String> {
    let order = walks.get(&(zone.parse().ok()?, row.parse().ok()?))?;
    Some(order.get(seat.parse::<usize>().ok()?)?.to_string())
}

impl std::ops::Add for Position {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { x: self.x + other.x, y: self.y + other.y }
    }
}
