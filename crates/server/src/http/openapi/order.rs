//! The order in which people read an object's members: names first, sums last, the rest by the alphabet.

use serde::Serialize;
use serde::ser::{SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::Value;

/// Members that come first, in this order; all others follow by the alphabet.
const FIRST: &[&str] = &[
    // The document and its operations.
    "openapi",
    "info",
    "servers",
    "tags",
    "security",
    "operationId",
    "in",
    "title",
    "$ref",
    "type",
    "format",
    "id",
    "status",
    "detail",
    "code",
    "retryable",
    "summary",
    "description",
    "required",
    "parameters",
    "requestBody",
    "responses",
    "content",
    "schema",
    "examples",
    "example",
    "value",
    "properties",
    "items",
    // What is sold.
    "seq",
    "at",
    "hash",
    "actor",
    "kind",
    "version",
    "token",
    "event_id",
    "chart_id",
    "hold_id",
    "order_id",
    "ticket_id",
    "livemode",
    "name",
    "key",
    "ref",
    "buyer",
    "label",
    "section",
    "row",
    "seat",
    "guid",
    "place",
    "area",
    "quantity",
    "category",
    "ticket_type",
    "ticket_types",
    "price",
    "places",
    "areas",
    "best_available",
    "tickets",
    "amount",
    "amount_cancelled",
    "currency",
    "payment_ref",
    "created_at",
    "expires_at",
];

/// JSON with two blanks of indentation.
pub(super) fn pretty(value: &Value) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&InOrder(value))
}

/// A value that is written in reading order.
struct InOrder<'a>(&'a Value);

fn rank(key: &str) -> usize {
    FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len())
}

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                let mut sorted: Vec<_> = members.iter().collect();
                sorted.sort_by_key(|&(key, _)| (rank(key), key));
                let mut map = serializer.serialize_map(Some(sorted.len()))?;
                for (key, value) in sorted {
                    map.serialize_entry(key, &InOrder(value))?;
                }
                map.end()
            }
            Value::Array(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    sequence.serialize_element(&InOrder(item))?;
                }
                sequence.end()
            }
            plain => plain.serialize(serializer),
        }
    }
}
