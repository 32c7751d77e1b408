//! Stored charts, read as a stream.
//!
//! A plan of a million seats takes some 300 MB, its chart 50. What is stored was checked when it came and is in the
//! order in which `write` writes it, so its sections go into the chart one by one, and the plan is never whole.

use std::fmt;
use std::io::Read;

use domain::chart::plan::{AreaPlan, CategoryPlan, SectionPlan};
use domain::chart::{Chart, ChartBuilder};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::read::{CategoryIn, PointIn, SectionIn};

/// Reads a chart from what `ChartDocument::geometry_json` wrote.
///
/// # Errors
/// What cannot be read, is no chart, or has its sections before its name and categories.
pub fn read_stored(reader: impl Read) -> Result<Chart, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let chart = deserializer.deserialize_map(ChartVisitor)?;
    deserializer.end()?;
    Ok(chart)
}

/// An area without its drawing, which only those want who draw it.
#[derive(Deserialize)]
struct AreaIn {
    name: String,
    capacity: u32,
    category: String,
}

impl From<AreaIn> for AreaPlan {
    fn from(AreaIn { name, capacity, category }: AreaIn) -> Self {
        Self { name, capacity, category }
    }
}

struct ChartVisitor;

impl<'de> Visitor<'de> for ChartVisitor {
    type Value = Chart;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a chart")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Chart, A::Error> {
        let mut name: Option<String> = None;
        let mut categories: Vec<CategoryPlan> = Vec::new();
        let mut builder: Option<ChartBuilder> = None;
        let mut areas: Vec<AreaPlan> = Vec::new();
        let mut focal_point = None;
        while let Some(key) = members.next_key::<String>()? {
            match &*key {
                "name" => name = Some(members.next_value()?),
                "categories" => {
                    let wire: Vec<CategoryIn> = members.next_value()?;
                    categories = wire.into_iter().map(Into::into).collect();
                }
                "sections" => {
                    let building = builder.insert(begin::<A::Error>(name.as_deref(), &categories)?);
                    members.next_value_seed(Sections(building))?;
                }
                "areas" => {
                    let wire: Vec<AreaIn> = members.next_value()?;
                    areas = wire.into_iter().map(Into::into).collect();
                }
                "focal_point" => focal_point = members.next_value::<Option<PointIn>>()?.map(PointIn::pair),
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        let builder = match builder {
            Some(builder) => builder,
            None => begin(name.as_deref(), &categories)?,
        };
        builder.finish(&areas, focal_point).map_err(A::Error::custom)
    }
}

fn begin<E: Error>(name: Option<&str>, categories: &[CategoryPlan]) -> Result<ChartBuilder, E> {
    let name = name.ok_or_else(|| E::missing_field("name"))?;
    ChartBuilder::new(name, categories).map_err(E::custom)
}

/// Puts sections into a chart as they come.
struct Sections<'a>(&'a mut ChartBuilder);

impl<'de> DeserializeSeed<'de> for Sections<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Sections<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of sections")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sections: A) -> Result<(), A::Error> {
        while let Some(section) = sections.next_element::<SectionIn>()? {
            self.0.section(&SectionPlan::from(section)).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}
