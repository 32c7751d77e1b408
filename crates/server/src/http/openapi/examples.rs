//! What is asked and answered, in examples.
//!
//! They are data: `requests` and `answers`, by operation or by schema, each with names and summaries as OpenAPI wants
//! them. They tell one story, the sale of one small hall, which the tests play on a real server.

use anyhow::Context as _;
use serde_json::Value;

/// All of them.
///
/// # Errors
/// The file, which is compiled in, is no JSON.
pub(super) fn all() -> anyhow::Result<Value> {
    serde_json::from_str(include_str!("examples.json")).context("examples.json")
}
