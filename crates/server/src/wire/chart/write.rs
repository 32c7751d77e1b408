//! Charts as they go out.
//!
//! Coordinates are written as the shortest decimal that reads back as the same double, whole ones without a point.

use domain::chart::plan::{CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};
use domain::chart::pretix::Renamed;
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use serde_json::value::RawValue;

use super::ChartDocument;

/// What the server knows of a chart beyond its document.
#[derive(Debug, Clone, Copy)]
pub struct ChartHead<'a> {
    /// `cht_…`.
    pub id: &'a str,
    /// Whether it belongs to live sales.
    pub livemode: bool,
    /// When it was made, RFC 3339 in UTC.
    pub created_at: &'a str,
}

/// A seat that an import named otherwise.
#[derive(Debug, Serialize)]
pub struct RenamedBody<'a> {
    /// The seat's own identifier.
    pub seat_guid: Option<&'a str>,
    /// The label that the plan's own names make.
    pub from: &'a str,
    /// The label it has.
    pub to: &'a str,
}

impl<'a> From<&'a Renamed> for RenamedBody<'a> {
    fn from(renamed: &'a Renamed) -> Self {
        Self { seat_guid: renamed.seat_guid.as_deref(), from: &renamed.from, to: &renamed.to }
    }
}

pub(super) fn geometry(document: &ChartDocument, head: &ChartHead<'_>) -> Vec<u8> {
    // Some hundred bytes a seat: growing by doubling would copy the whole several times.
    let room = 4_096 + document.seats() * 112;
    let body = body(document, head, Some(Sections(&document.plan.sections)), &[]);
    to_json(&body, room)
}

pub(super) fn summary(document: &ChartDocument, head: &ChartHead<'_>, renamed: &[Renamed]) -> Vec<u8> {
    to_json(&body(document, head, None, renamed), 4_096 + renamed.len() * 128)
}

fn to_json(body: &Body<'_>, room: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(room);
    if let Err(error) = serde_json::to_writer(&mut bytes, body) {
        // Writing to memory cannot fail, and every map here has texts for keys.
        unreachable!("a chart document that is no JSON: {error}");
    }
    bytes.shrink_to_fit();
    bytes
}

#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    name: &'a str,
    livemode: bool,
    r#ref: Option<&'a str>,
    metadata: Option<&'a RawValue>,
    seats: usize,
    capacity: u64,
    created_at: &'a str,
    categories: Vec<CategoryOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sections: Option<Sections<'a>>,
    areas: Vec<AreaOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    focal_point: Option<PointOut>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    renamed: Vec<RenamedBody<'a>>,
}

fn body<'a>(
    document: &'a ChartDocument,
    head: &ChartHead<'a>,
    sections: Option<Sections<'a>>,
    renamed: &'a [Renamed],
) -> Body<'a> {
    let ChartPlan { name, categories, areas, focal_point, .. } = &document.plan;
    Body {
        id: head.id,
        name,
        livemode: head.livemode,
        r#ref: document.reference(),
        metadata: document.metadata(),
        seats: document.seats(),
        capacity: document.capacity(),
        created_at: head.created_at,
        categories: categories.iter().map(CategoryOut::from).collect(),
        sections,
        areas: areas
            .iter()
            .zip(&document.shapes)
            .map(|(area, shape)| AreaOut {
                name: &area.name,
                capacity: area.capacity,
                category: &area.category,
                shape: shape.as_deref(),
            })
            .collect(),
        focal_point: focal_point.map(|(x, y)| PointOut { x: Coordinate(x), y: Coordinate(y) }),
        renamed: renamed.iter().map(RenamedBody::from).collect(),
    }
}

#[derive(Serialize)]
struct CategoryOut<'a> {
    key: &'a str,
    name: &'a str,
    color: &'a str,
}

impl<'a> From<&'a CategoryPlan> for CategoryOut<'a> {
    fn from(CategoryPlan { key, name, color }: &'a CategoryPlan) -> Self {
        Self { key, name, color }
    }
}

#[derive(Serialize)]
struct AreaOut<'a> {
    name: &'a str,
    capacity: u32,
    category: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shape: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct PointOut {
    x: Coordinate,
    y: Coordinate,
}

/// The sections, written one by one from the plan.
struct Sections<'a>(&'a [SectionPlan]);

impl Serialize for Sections<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        each(serializer, self.0, |SectionPlan { name, rows }| SectionOut { name, rows: Rows(rows) })
    }
}

#[derive(Serialize)]
struct SectionOut<'a> {
    name: &'a str,
    rows: Rows<'a>,
}

struct Rows<'a>(&'a [RowPlan]);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        each(serializer, self.0, |RowPlan { label, seats }| RowOut { label, seats: Seats(seats) })
    }
}

#[derive(Serialize)]
struct RowOut<'a> {
    label: &'a str,
    seats: Seats<'a>,
}

struct Seats<'a>(&'a [SeatPlan]);

impl Serialize for Seats<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        each(serializer, self.0, SeatOut::from)
    }
}

#[derive(Serialize)]
struct SeatOut<'a> {
    label: &'a str,
    x: Coordinate,
    y: Coordinate,
    category: &'a str,
    accessible: bool,
    attributes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    guid: Option<&'a str>,
}

impl<'a> From<&'a SeatPlan> for SeatOut<'a> {
    fn from(seat: &'a SeatPlan) -> Self {
        Self {
            label: &seat.label,
            x: Coordinate(seat.x),
            y: Coordinate(seat.y),
            category: &seat.category,
            accessible: seat.accessible,
            attributes: &seat.attributes,
            guid: seat.guid.as_deref(),
        }
    }
}

fn each<'a, S: Serializer, T, Out: Serialize>(
    serializer: S,
    items: &'a [T],
    out: impl Fn(&'a T) -> Out,
) -> Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(Some(items.len()))?;
    for item in items {
        sequence.serialize_element(&out(item))?;
    }
    sequence.end()
}

/// A double that is written without `.0`.
struct Coordinate(f64);

impl Serialize for Coordinate {
    #[expect(clippy::cast_possible_truncation, reason = "only whole numbers that an i64 holds exactly")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(value) = *self;
        if value.fract() == 0.0 && value.abs() < 1e15 {
            serializer.serialize_i64(value as i64)
        } else {
            serializer.serialize_f64(value)
        }
    }
}
