//! The document against itself, and against a real server.

mod document;
mod pages;
mod rules;
mod story;

use serde_json::Value;

/// The document, as anybody gets it.
fn document() -> Value {
    let text = super::document().expect("the document can be made");
    serde_json::from_str(&text).expect("the document is JSON")
}

/// Every operation: its method, its path, itself.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().expect("a path's item");
        item.iter().map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    });
    operations.collect()
}

fn id_of(operation: &Value) -> &str {
    operation["operationId"].as_str().expect("an operationId")
}
