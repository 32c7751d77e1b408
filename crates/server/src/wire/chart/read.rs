//! The native format, as it comes in.
//!
//! What is optional: everything but a chart's name, a category's key, a section's name, a row's and a seat's label,
//! a seat's place and category, and an area's name, capacity and category. `null` is the same as nothing.

use std::borrow::Cow;

use domain::chart::plan::{AreaPlan, CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};
use domain::limits;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::number::{Number, Weighed, list, or_default, raw, raw_object, text};
use super::{ChartDocument, SHAPE_BYTES_MAX};

/// A chart.
#[derive(Deserialize)]
#[serde(expecting = "a chart")]
pub(super) struct ChartIn {
    name: String,
    #[serde(default, deserialize_with = "list::<_, CategoryIn, _, { limits::CATEGORIES_MAX }>")]
    categories: Vec<CategoryPlan>,
    #[serde(default, deserialize_with = "list::<_, SectionIn, _, { limits::CHART_SECTIONS_MAX }>")]
    sections: Vec<SectionPlan>,
    #[serde(default, deserialize_with = "list::<_, AreaIn, _, { limits::AREAS_MAX }>")]
    areas: Vec<DrawnArea>,
    #[serde(default)]
    focal_point: Option<PointIn>,
    #[serde(default, deserialize_with = "raw_object::<_, { limits::METADATA_BYTES_MAX }>")]
    metadata: Option<Box<RawValue>>,
    #[serde(default, rename = "ref", deserialize_with = "reference")]
    reference: Option<String>,
    /// Present in a copy of another chart.
    #[serde(default)]
    id: Option<IgnoredAny>,
}

/// An area's plan, and its drawing.
pub(super) struct DrawnArea {
    plan: AreaPlan,
    shape: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(expecting = "a category")]
pub(super) struct CategoryIn {
    #[serde(deserialize_with = "text")]
    key: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    color: String,
}

#[derive(Deserialize)]
#[serde(expecting = "a section")]
pub(super) struct SectionIn {
    #[serde(deserialize_with = "text")]
    name: String,
    #[serde(default, deserialize_with = "list::<_, RowIn, _, { limits::CHART_ROWS_MAX }>")]
    rows: Vec<RowPlan>,
}

#[derive(Deserialize)]
#[serde(expecting = "a row")]
struct RowIn {
    #[serde(deserialize_with = "text")]
    label: String,
    #[serde(default, deserialize_with = "list::<_, SeatIn<'de>, _, { limits::ROW_SEATS_MAX }>")]
    seats: Vec<SeatPlan>,
}

#[derive(Deserialize)]
#[serde(expecting = "a seat")]
struct SeatIn<'a> {
    #[serde(deserialize_with = "text")]
    label: String,
    x: Number,
    y: Number,
    #[serde(borrow)]
    category: Cow<'a, str>,
    #[serde(default, deserialize_with = "or_default")]
    accessible: bool,
    #[serde(default, deserialize_with = "list::<_, String, _, { limits::ATTRIBUTES_MAX }>")]
    attributes: Vec<String>,
    #[serde(default)]
    guid: Option<String>,
}

#[derive(Deserialize)]
#[serde(expecting = "an area")]
struct AreaIn {
    #[serde(deserialize_with = "text")]
    name: String,
    capacity: u32,
    category: String,
    #[serde(default, deserialize_with = "raw::<_, SHAPE_BYTES_MAX>")]
    shape: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(expecting = "a point")]
pub(super) struct PointIn {
    x: Number,
    y: Number,
}

impl PointIn {
    /// Across and down.
    pub(super) fn pair(self) -> (f64, f64) {
        (self.x.0, self.y.0)
    }
}

fn reference<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let reference = Option::<String>::deserialize(deserializer)?;
    let fits = reference.as_ref().is_none_or(|text| {
        !text.is_empty() && text.len() <= limits::REF_BYTES_MAX && !text.chars().any(char::is_control)
    });
    fits.then_some(reference).ok_or_else(|| {
        let most = limits::REF_BYTES_MAX;
        serde::de::Error::custom(format_args!(
            "must be a text of 1 to {most} bytes without control characters"
        ))
    })
}

impl From<ChartIn> for ChartDocument {
    fn from(chart: ChartIn) -> Self {
        let (areas, shapes) = chart.areas.into_iter().map(|area| (area.plan, area.shape)).unzip();
        let plan = ChartPlan {
            name: chart.name,
            categories: chart.categories,
            sections: chart.sections,
            areas,
            focal_point: chart.focal_point.map(PointIn::pair),
        };
        let is_copy = chart.id.is_some();
        let reference = chart.reference.filter(|_| !is_copy);
        Self { plan, shapes, metadata: chart.metadata, reference }
    }
}

impl From<CategoryIn> for CategoryPlan {
    fn from(CategoryIn { key, name, color }: CategoryIn) -> Self {
        Self { name: name.unwrap_or_else(|| key.clone()), key, color }
    }
}

impl From<SectionIn> for SectionPlan {
    fn from(SectionIn { name, rows }: SectionIn) -> Self {
        Self { name, rows }
    }
}

impl From<RowIn> for RowPlan {
    fn from(RowIn { label, seats }: RowIn) -> Self {
        Self { label, seats }
    }
}

impl From<SeatIn<'_>> for SeatPlan {
    fn from(seat: SeatIn<'_>) -> Self {
        Self {
            label: seat.label,
            x: seat.x.0,
            y: seat.y.0,
            category: seat.category.into_owned(),
            accessible: seat.accessible,
            attributes: seat.attributes,
            guid: seat.guid.filter(|guid| !guid.is_empty()),
        }
    }
}

impl From<AreaIn> for DrawnArea {
    fn from(AreaIn { name, capacity, category, shape }: AreaIn) -> Self {
        Self { plan: AreaPlan { name, capacity, category }, shape }
    }
}

impl Weighed for String {}
impl Weighed for CategoryPlan {}
impl Weighed for DrawnArea {}

impl Weighed for SeatPlan {
    fn seats(&self) -> usize {
        1
    }
}

impl Weighed for RowPlan {
    fn seats(&self) -> usize {
        self.seats.len()
    }
}

impl Weighed for SectionPlan {
    fn seats(&self) -> usize {
        self.rows.iter().map(|row| row.seats.len()).sum()
    }
}
