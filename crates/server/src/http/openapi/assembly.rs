//! Puts the document together: operations from the handlers, schemas, examples, and what all of them share.

use anyhow::{Context as _, ensure};
use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use super::{answers, examples, problems, requests};

const DESCRIPTION: &str = include_str!("introduction.md");

/// Tags in reading order.
const TAGS: &[(&str, &str)] = &[
    ("Charts", "Seats and areas: uploaded once, immutable, shared by events."),
    ("Events", "One sale of a chart's places: its settings, and who has what."),
    ("Holds", "Places kept for a buyer until a deadline: the way from a seat map to a payment."),
    ("Orders", "Places sold, one ticket a unit."),
    ("Reports", "Whole lists as files, and sums."),
    ("Channels", "Places kept from the public, and tokens that let some people in."),
    ("Feed", "What changes, as it changes."),
    ("Ledger", "Everything that ever happened, in order, chained by hashes."),
    ("Operations", "For whoever runs the server. No key."),
    ("Classic", "The original engine's wire, for its clients. No key; a hall of 100 seats of its own."),
];

/// Operations whose body may be left out: everything in it is optional.
const BODY_IS_OPTIONAL: [&str; 2] = ["confirmHold", "cancelOrder"];

/// The whole document.
///
/// # Errors
/// Examples that are no JSON, or that belong to nothing.
pub(super) fn assemble(operations: OpenApi) -> anyhow::Result<Value> {
    let found = serde_json::to_value(operations).context("the operations cannot be written")?;
    let mut paths = found.get("paths").cloned().unwrap_or_default();
    let examples = examples::all()?;
    for operation in operations_of(&mut paths) {
        finish(operation, &examples)?;
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "FlashTix",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The server that serves this document." }],
        "tags": TAGS.iter().map(|(name, what)| json!({ "name": name, "description": what })).collect::<Vec<_>>(),
        "paths": paths,
        "components": { "schemas": schemas(), "examples": problems::examples(), "securitySchemes": security() },
    }))
}

fn schemas() -> Map<String, Value> {
    let all = requests::schemas().into_iter().chain(answers::schemas());
    all.map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn security() -> Value {
    json!({
        "secret_key": { "type": "http", "scheme": "bearer", "bearerFormat": "sk_live_… or sk_test_…",
            "description": "For the organizer's own server: it may do everything in its organization and mode." },
        "publishable_key": { "type": "http", "scheme": "bearer", "bearerFormat": "pk_live_… or pk_test_…",
            "description": "Safe in a browser: it reads, holds, and handles holds whose token it presents." },
        "publishable_key_in_url": { "type": "apiKey", "in": "query", "name": "key",
            "description": "A publishable key in the URL, on GET only, since an EventSource has no headers. \
                A secret key there is a 401." },
    })
}

/// Every operation of the paths.
fn operations_of(paths: &mut Value) -> impl Iterator<Item = &mut Value> {
    let items = paths.as_object_mut().into_iter().flat_map(Map::values_mut);
    items.filter_map(Value::as_object_mut).flat_map(Map::values_mut)
}

/// Adds what all operations share, and the examples.
fn finish(operation: &mut Value, examples: &Value) -> anyhow::Result<()> {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let parameters = operation.as_object_mut().context("an operation is no object")?.entry("parameters");
    let parameters = parameters.or_insert_with(|| json!([]));
    let mut is_repeatable = false;
    for parameter in parameters.as_array_mut().into_iter().flatten() {
        is_repeatable |= parameter["name"] == "Idempotency-Key";
        explain_path(parameter);
        never_null(parameter);
    }
    if let Some(list) = parameters.as_array_mut() {
        list.push(request_id());
    }
    if let Some(body) = operation.get_mut("requestBody") {
        body["content"] = with_examples(&id, &body["content"], examples, "requests")?;
        body["required"] = json!(!BODY_IS_OPTIONAL.contains(&id.as_str()));
    }
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    for (status, response) in responses.context("an operation without responses")? {
        let headers = response.as_object_mut().context("a response is no object")?.entry("headers");
        let headers = headers.or_insert_with(|| json!({}));
        headers["X-Request-Id"] =
            header("string", "Names this answer in the server's log; the request's own, if it sent one.");
        if is_repeatable && status.starts_with('2') {
            headers["Idempotent-Replay"] =
                header("string", "`true` when this is a remembered answer to the same request.");
        }
        // Problems have theirs already.
        if response.get("content").is_some_and(|content| content.get("application/problem+json").is_none()) {
            let name = if status.starts_with('2') { id.clone() } else { format!("{id} {status}") };
            response["content"] = with_examples(&name, &response["content"], examples, "answers")?;
        }
    }
    Ok(())
}

fn header(of: &str, description: &str) -> Value {
    json!({ "description": description, "schema": { "type": of } })
}

fn request_id() -> Value {
    json!({
        "name": "X-Request-Id",
        "in": "header",
        "required": false,
        "description": "Your own name for this request: up to 64 letters, digits and `-_.:`. It comes back in the \
            answer; without one, or with one of another shape, the server makes one.",
        "schema": { "type": "string" },
    })
}

/// What may be missing from a query is no `null`, which a URL cannot say.
fn never_null(parameter: &mut Value) {
    if let Some([of, _]) = parameter["schema"]["type"].as_array().map(Vec::as_slice) {
        parameter["schema"]["type"] = of.clone();
    }
}

/// Path parameters are texts; the name says which.
fn explain_path(parameter: &mut Value) {
    if parameter["in"] != "path" {
        return;
    }
    let (pattern, description, example) = match parameter["name"].as_str().unwrap_or_default() {
        "chart" => ("^cht_[0-9a-z]{13}$", "The chart's identifier.", "cht_chjxfdcwje1e4"),
        "event" => ("^evt_[0-9a-z]{13}$", "The event's identifier.", "evt_ccjw35zmpy9c8"),
        "hold" => ("^hld_[0-9a-z]{32}$", "The hold's identifier.", "hld_ccjw35zmpy9c8000000000g0079mw2h2"),
        "order" => ("^ord_[0-9a-z]{32}$", "The order's identifier.", "ord_ccjw35zmpy9c80000000018002c3arxt"),
        "file" => ("^.+$", "A file of Swagger UI.", "index.html"),
        _ => return,
    };
    parameter["schema"] = json!({ "type": "string", "pattern": pattern });
    parameter["description"] = json!(description);
    parameter["example"] = json!(example);
}

/// Gives every content its examples: those of the operation, or else those of its schema.
fn with_examples(id: &str, content: &Value, examples: &Value, kind: &str) -> anyhow::Result<Value> {
    let mut content = content.clone();
    for media in content.as_object_mut().into_iter().flat_map(Map::values_mut) {
        let schema =
            media["schema"]["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let found = examples[kind].get(id).or_else(|| examples[kind].get(schema));
        let found =
            found.with_context(|| format!("{id} has no example in {kind}, nor has its schema {schema:?}"))?;
        ensure!(
            found.as_object().is_some_and(|named| !named.is_empty()),
            "{id} has an empty list of examples"
        );
        media["examples"] = found.clone();
    }
    Ok(content)
}
