//! Wiring: from settings to a running application.

pub mod charts;

pub use charts::JsonCharts;
