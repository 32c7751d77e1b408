//! A seating plan as people write it: names and nested lists, not yet checked.
//!
//! Wire formats are read into this shape; [`super::Chart::new`] checks it and packs it.

/// A whole plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChartPlan {
    /// The chart's display name.
    pub name: String,
    /// The categories that seats and areas refer to by key.
    pub categories: Vec<CategoryPlan>,
    /// The sections with their rows and seats.
    pub sections: Vec<SectionPlan>,
    /// The general-admission areas.
    pub areas: Vec<AreaPlan>,
    /// The stage; when missing, the middle of the plan's upper edge.
    pub focal_point: Option<(f64, f64)>,
}

/// A category.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CategoryPlan {
    /// Unique in the plan.
    pub key: String,
    /// What buyers see.
    pub name: String,
    /// A CSS colour, or empty.
    pub color: String,
}

/// A section.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SectionPlan {
    /// The first part of its seats' labels.
    pub name: String,
    /// Its rows.
    pub rows: Vec<RowPlan>,
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowPlan {
    /// The middle part of its seats' labels.
    pub label: String,
    /// Its seats, in the order in which one walks past them.
    pub seats: Vec<SeatPlan>,
}

/// A seat.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SeatPlan {
    /// The last part of its label.
    pub label: String,
    /// Horizontally, to the right, in the plan's own units.
    pub x: f64,
    /// Vertically, downwards.
    pub y: f64,
    /// A category's key.
    pub category: String,
    /// For people with disabilities; sold only to those who ask for such a seat.
    pub accessible: bool,
    /// Further properties, such as `companion` or `restricted_view`.
    pub attributes: Vec<String>,
    /// A global identifier that outlives changes of labels.
    pub guid: Option<String>,
}

/// A general-admission area.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AreaPlan {
    /// Its name; unique in the plan.
    pub name: String,
    /// How many units it has.
    pub capacity: u32,
    /// A category's key.
    pub category: String,
}
