//! Charts as JSON: the native format of `POST /v1/charts`, pretix's plans, and what is answered.
//!
//! A [`ChartDocument`] is a chart as its organizer wrote it: coordinates in double precision, areas with their
//! drawings. The domain's packed `Chart` is made of [`ChartDocument::plan`]; the document is what is stored
//! and given back, so the body of `GET /v1/charts/{id}` can be posted again.
//!
//! Requests are hostile. Lists are counted while they are read, not afterwards; whatever is kept as raw JSON has a
//! size and a depth; unknown keys are skipped without building anything. A fault names its place by a JSON
//! pointer, which is found by parsing a second time: only who sends a faulty chart pays for it.
//!
//! In reading order: `number`, `read`, `pretix`, `write`, `stored`, `fault`.

mod fault;
mod number;
mod pretix;
mod read;
mod stored;
#[cfg(test)]
mod tests;
mod write;

use domain::chart::plan::ChartPlan;
use domain::chart::pretix::Renamed;
use serde_json::value::RawValue;

pub use fault::WireFault;
pub use stored::read_stored;
pub use write::{ChartHead, RenamedBody};

/// A drawing of an area, as raw JSON, in bytes.
pub const SHAPE_BYTES_MAX: usize = 64 * 1024;
/// Arrays and objects within each other, in what is kept as raw JSON.
pub const RAW_DEPTH_MAX: usize = 32;

/// A chart as its organizer wrote it.
#[derive(Debug, Clone, Default)]
pub struct ChartDocument {
    plan: ChartPlan,
    /// The areas' drawings, in the plan's order.
    shapes: Vec<Option<Box<RawValue>>>,
    metadata: Option<Box<RawValue>>,
    reference: Option<String>,
}

impl ChartDocument {
    /// A document of a plan, without drawings.
    #[must_use]
    pub fn new(plan: ChartPlan) -> Self {
        let shapes = vec![None; plan.areas.len()];
        Self { plan, shapes, metadata: None, reference: None }
    }

    /// Adds a drawing to the area at position `area`; without effect when there is none.
    #[must_use]
    pub fn with_shape(mut self, area: usize, shape: Box<RawValue>) -> Self {
        if let Some(place) = self.shapes.get_mut(area) {
            *place = Some(shape);
        }
        self
    }

    /// Reads the native format.
    ///
    /// Unknown keys are ignored, and so is a top-level `seats`, a count in answers. A body with an `id` is a copy of
    /// another chart: its `ref` is that chart's and is ignored as well.
    ///
    /// # Errors
    /// What is no JSON, of the wrong type, missing, or beyond a limit. Whether labels are unique and categories exist
    /// is left to `Chart::new`, whose faults convert into [`WireFault`].
    pub fn parse_native(bytes: &[u8]) -> Result<Self, WireFault> {
        fault::parse::<read::ChartIn>(bytes).map(Self::from)
    }

    /// Reads a pretix seating plan, and tells which seats got another label.
    ///
    /// # Errors
    /// As [`Self::parse_native`], and all that `domain::chart::pretix::into_chart` finds.
    pub fn parse_pretix(bytes: &[u8]) -> Result<(Self, Vec<Renamed>), WireFault> {
        let plan = fault::parse::<pretix::PlanIn>(bytes)?.into();
        let converted = domain::chart::pretix::into_chart(&plan)?;
        Ok((Self::new(converted.plan), converted.renamed))
    }

    /// The plan that `Chart::new` takes.
    #[must_use]
    pub fn plan(&self) -> &ChartPlan {
        &self.plan
    }

    /// A copy of the plan.
    #[must_use]
    pub fn to_plan(&self) -> ChartPlan {
        self.plan.clone()
    }

    /// Calls the chart otherwise.
    pub fn rename(&mut self, name: String) {
        self.plan.name = name;
    }

    /// How many seats it has.
    #[must_use]
    pub fn seats(&self) -> usize {
        self.plan.sections.iter().flat_map(|section| &section.rows).map(|row| row.seats.len()).sum()
    }

    /// How many people find a place: its seats and its areas' units.
    #[must_use]
    pub fn capacity(&self) -> u64 {
        let units: u64 = self.plan.areas.iter().map(|area| u64::from(area.capacity)).sum();
        self.seats() as u64 + units
    }

    /// The integrator's `metadata`, a JSON object of at most `METADATA_BYTES_MAX`.
    #[must_use]
    pub fn metadata(&self) -> Option<&RawValue> {
        self.metadata.as_deref()
    }

    /// The integrator's `ref`.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }

    /// The body of `GET /v1/charts/{id}`.
    #[must_use]
    pub fn geometry_json(&self, head: &ChartHead<'_>) -> Vec<u8> {
        write::geometry(self, head)
    }

    /// The body of the answer to `POST /v1/charts`: everything but the sections, and what was renamed.
    #[must_use]
    pub fn summary_json(&self, head: &ChartHead<'_>, renamed: &[Renamed]) -> Vec<u8> {
        write::summary(self, head, renamed)
    }
}
