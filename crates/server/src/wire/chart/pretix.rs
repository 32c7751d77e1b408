//! pretix's seating plans, as they come in.
//!
//! The shape is described at [`domain::chart::pretix`]. Beyond the published schema, whole numbers are taken for
//! texts and `null` for nothing, and rows and areas may leave out their position.

use std::borrow::Cow;

use domain::chart::pretix::{Area, Category, Plan, Position, Row, Seat, Size, Zone};
use domain::limits;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::number::{Number, Text, Weighed, list, or_default, text};

/// Drawings of one zone.
const DRAWINGS_MAX: usize = 10_000;

/// A plan.
#[derive(Deserialize)]
#[serde(expecting = "a seating plan")]
pub(super) struct PlanIn {
    #[serde(deserialize_with = "text")]
    name: String,
    #[serde(deserialize_with = "list::<_, CategoryIn, _, { limits::CATEGORIES_MAX }>")]
    categories: Vec<Category>,
    #[serde(default)]
    size: Option<SizeIn>,
    #[serde(deserialize_with = "list::<_, ZoneIn, _, { limits::CHART_SECTIONS_MAX }>")]
    zones: Vec<Zone>,
}

#[derive(Deserialize)]
#[serde(expecting = "a category")]
struct CategoryIn {
    #[serde(deserialize_with = "text")]
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    color: String,
}

#[derive(Deserialize)]
#[serde(expecting = "a size")]
struct SizeIn {
    width: Number,
    height: Number,
}

#[derive(Default, Deserialize)]
#[serde(expecting = "a position")]
struct PositionIn {
    x: Number,
    y: Number,
}

#[derive(Deserialize)]
#[serde(expecting = "a zone")]
struct ZoneIn {
    #[serde(default, deserialize_with = "or_default")]
    name: Text,
    #[serde(default, deserialize_with = "or_default")]
    zone_id: Text,
    position: PositionIn,
    #[serde(deserialize_with = "list::<_, RowIn, _, { limits::CHART_ROWS_MAX }>")]
    rows: Vec<Row>,
    #[serde(default, deserialize_with = "list::<_, AreaIn<'de>, _, DRAWINGS_MAX>")]
    areas: Vec<Area>,
}

#[derive(Deserialize)]
#[serde(expecting = "a row")]
struct RowIn {
    #[serde(default, deserialize_with = "or_default")]
    row_number: Text,
    #[serde(default, deserialize_with = "or_default")]
    row_label: Text,
    #[serde(default, deserialize_with = "or_default")]
    position: PositionIn,
    #[serde(deserialize_with = "list::<_, SeatIn<'de>, _, { limits::ROW_SEATS_MAX }>")]
    seats: Vec<Seat>,
}

#[derive(Deserialize)]
#[serde(expecting = "a seat")]
struct SeatIn<'a> {
    #[serde(default, deserialize_with = "or_default")]
    seat_guid: Text,
    #[serde(default, deserialize_with = "or_default")]
    seat_number: Text,
    position: PositionIn,
    #[serde(borrow)]
    category: Cow<'a, str>,
    /// Nobody specified this key, so nothing but `true` means anything.
    #[serde(default, borrow)]
    wheelchair: Option<&'a RawValue>,
}

/// A drawing. Nothing of it is sold, so whatever is unexpected in it is skipped.
#[derive(Deserialize)]
#[serde(expecting = "an area")]
struct AreaIn<'a> {
    #[serde(default, deserialize_with = "or_default")]
    position: PositionIn,
    #[serde(default, borrow)]
    text: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct TextIn {
    #[serde(default)]
    text: String,
    #[serde(default, deserialize_with = "or_default")]
    position: PositionIn,
}

impl From<PlanIn> for Plan {
    fn from(PlanIn { name, categories, size, zones }: PlanIn) -> Self {
        let size = size.map(|size| Size { width: size.width.0, height: size.height.0 });
        Self { name, categories, size, zones }
    }
}

impl From<CategoryIn> for Category {
    fn from(CategoryIn { name, color }: CategoryIn) -> Self {
        Self { name, color }
    }
}

impl From<PositionIn> for Position {
    fn from(PositionIn { x, y }: PositionIn) -> Self {
        Self { x: x.0, y: y.0 }
    }
}

impl From<ZoneIn> for Zone {
    fn from(ZoneIn { name, zone_id, position, rows, areas }: ZoneIn) -> Self {
        Self { name: name.0, zone_id: zone_id.0, position: position.into(), rows, areas }
    }
}

impl From<RowIn> for Row {
    fn from(RowIn { row_number, row_label, position, seats }: RowIn) -> Self {
        Self { row_number: row_number.0, row_label: row_label.0, position: position.into(), seats }
    }
}

impl From<SeatIn<'_>> for Seat {
    fn from(seat: SeatIn<'_>) -> Self {
        Self {
            seat_guid: seat.seat_guid.0,
            seat_number: seat.seat_number.0,
            position: seat.position.into(),
            category: seat.category.into_owned(),
            wheelchair: seat.wheelchair.is_some_and(|raw| raw.get() == "true"),
        }
    }
}

impl From<AreaIn<'_>> for Area {
    fn from(area: AreaIn<'_>) -> Self {
        // The schema's first version had a bare string here.
        let text = area.text.map(RawValue::get).unwrap_or_default();
        let text: TextIn = serde_json::from_str(text)
            .or_else(|_| serde_json::from_str(text).map(|text| TextIn { text, ..TextIn::default() }))
            .unwrap_or_default();
        Self { position: area.position.into(), text: text.text, text_position: text.position.into() }
    }
}

impl Weighed for Category {}
impl Weighed for Area {}

impl Weighed for Seat {
    fn seats(&self) -> usize {
        1
    }
}

impl Weighed for Row {
    fn seats(&self) -> usize {
        self.seats.len()
    }
}

impl Weighed for Zone {
    fn seats(&self) -> usize {
        self.rows.iter().map(|row| row.seats.len()).sum()
    }
}
