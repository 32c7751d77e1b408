//! The OpenAPI document: what the API is, as data.
//!
//! Every handler carries its operation (`#[utoipa::path]`), and the router is built of handlers that do, so a route
//! cannot exist without its documentation. What operations share is here, in reading order:
//!
//! - `parameters`: headers and lists
//! - `problems`: every code, and which routes answer it
//! - `requests` and `answers`: schemas, with the limits of [`domain::limits`]
//! - `examples`: what is asked and answered, as JSON that the tests send to a real server
//! - `assembly`: puts them into one document
//! - `order`: the order in which people read an object's members

mod answers;
mod assembly;
mod examples;
mod order;
pub(crate) mod parameters;
pub(crate) mod problems;
mod requests;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use anyhow::Context as _;

/// The document as pretty JSON, without a newline at its end. The same bytes from every build.
///
/// # Errors
/// The examples, which are compiled in, are no JSON or name what does not exist.
pub fn document() -> anyhow::Result<String> {
    let document = assembly::assemble(super::routes::operations())?;
    order::pretty(&document).context("the document cannot be written")
}

/// The document, made once; `None` when it cannot be made, which the tests exclude.
pub(crate) fn shared() -> Option<&'static str> {
    static DOCUMENT: OnceLock<Option<String>> = OnceLock::new();
    let made = DOCUMENT.get_or_init(|| match document() {
        Ok(text) => Some(text),
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the OpenAPI document cannot be made");
            None
        }
    });
    made.as_deref()
}
