//! The document against itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::problems;
use super::rules::faults;
use super::{document, id_of, operations};

/// How many operations there are; change it with the routes.
const OPERATIONS: usize = 46;

#[test]
fn every_operation_says_what_it_does() {
    let document = document();
    let operations = operations(&document);
    assert_eq!(operations.len(), OPERATIONS);
    let ids: BTreeSet<_> = operations.iter().map(|(_, _, operation)| id_of(operation)).collect();
    assert_eq!(ids.len(), OPERATIONS, "an operationId is used twice");
    let tags: Vec<_> = document["tags"].as_array().expect("tags").iter().map(|tag| &tag["name"]).collect();
    for (method, path, operation) in operations {
        let route = format!("{method} {path}");
        for member in ["summary", "description"] {
            let text = operation[member].as_str().unwrap_or_default();
            assert!(
                !text.is_empty() && !text.contains("`POST /v1/events/{event}/orders`."),
                "{route}: {member}"
            );
        }
        assert!(tags.contains(&&operation["tags"][0]), "{route}: its tag is unknown");
        assert!(operation["security"].is_array(), "{route}: says nothing about keys");
        for parameter in operation["parameters"].as_array().expect("parameters") {
            assert!(parameter["description"].is_string(), "{route}: {} is not explained", parameter["name"]);
            assert!(parameter["schema"].is_object(), "{route}: {} has no schema", parameter["name"]);
        }
    }
}

#[test]
fn every_reference_resolves() {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|member| walk(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            _ => {}
        }
    }
    let document = document();
    let mut references = Vec::new();
    walk(&document, &mut references);
    assert!(references.len() > OPERATIONS);
    for reference in &references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
    for name in document["components"]["schemas"].as_object().expect("schemas").keys() {
        let reference = format!("#/components/schemas/{name}");
        assert!(references.contains(&reference), "nothing refers to the schema {name}");
    }
}

/// Every content of the document, with where it is.
fn contents(document: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (_, _, operation) in operations(document) {
        let id = id_of(operation);
        let mut put = |what: String, holder: &Value| {
            let media = holder["content"].as_object().into_iter().flat_map(|content| content.values());
            all.extend(media.map(|media| (what.clone(), media.clone())));
        };
        put(format!("{id}: the request"), &operation["requestBody"]);
        for (status, response) in operation["responses"].as_object().expect("responses") {
            put(format!("{id}: {status}"), response);
        }
    }
    all
}

#[test]
fn every_body_has_examples_that_fit_its_schema() {
    let document = document();
    for (what, media) in contents(&document) {
        let examples = media["examples"].as_object().unwrap_or_else(|| panic!("{what} has no examples"));
        assert!(!examples.is_empty(), "{what} has no examples");
        for (name, example) in examples {
            let shared =
                example["$ref"].as_str().and_then(|path| document.pointer(path.trim_start_matches('#')));
            let found = faults(&document, &media["schema"], &shared.unwrap_or(example)["value"]);
            assert!(found.is_empty(), "{what}, {name}: {found:#?}");
        }
    }
}

#[test]
fn problems_are_what_the_server_makes_of_their_codes() {
    let source = include_str!("../../problem.rs");
    for known in problems::KNOWN {
        assert!(known.status >= 400, "{}", known.code);
        let title = format!("\"{}\" =>", known.code);
        assert!(
            source.contains(&title) || known.code == "unavailable",
            "the server knows no code {}",
            known.code
        );
    }
}

#[test]
fn the_document_is_the_same_every_time() {
    let text = super::super::document().expect("the document");
    assert_eq!(text, super::super::document().expect("the document"));
    assert!(text.starts_with("{\n  \"openapi\": \"3.1.0\",\n  \"info\"") && text.ends_with('}'));
}
