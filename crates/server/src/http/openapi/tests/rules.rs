//! As much of JSON Schema as the document uses. Unknown members are faults, so that nothing goes undocumented.

use serde_json::Value;

/// What is wrong with a value, by a schema of the document.
pub(super) fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(document, schema, value, "", &mut faults);
    faults
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    if let Some(path) = schema["$ref"].as_str() {
        let found = document.pointer(path.trim_start_matches('#'));
        return check(document, found.unwrap_or_else(|| panic!("{path} does not exist")), value, at, faults);
    }
    let mut fault = |what: String| faults.push(format!("{at}: {what}"));
    if !is_of_type(&schema["type"], value) {
        return fault(format!("is no {}: {value}", schema["type"]));
    }
    if let Some(values) = schema["enum"].as_array()
        && !values.contains(value)
    {
        fault(format!("{value} is none of {values:?}"));
    }
    let length = value.as_str().map(|text| text.chars().count() as f64);
    let bounds = [
        ("minLength", length, 1.0),
        ("maxLength", length, -1.0),
        ("minimum", value.as_f64(), 1.0),
        ("maximum", value.as_f64(), -1.0),
        ("maxItems", value.as_array().map(|items| items.len() as f64), -1.0),
    ];
    for (keyword, actual, sign) in bounds {
        if let (Some(bound), Some(actual)) = (schema[keyword].as_f64(), actual)
            && sign * actual < sign * bound
        {
            fault(format!("{value} breaks {keyword} {bound}"));
        }
    }
    for keyword in ["oneOf", "anyOf"] {
        let Some(schemas) = schema[keyword].as_array() else { continue };
        let tried: Vec<_> = schemas.iter().map(|schema| self::faults(document, schema, value)).collect();
        if tried.iter().all(|faults| !faults.is_empty()) {
            fault(format!("fits no schema of {keyword}: {tried:?}"));
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        check(document, &schema["items"], item, &format!("{at}/{index}"), faults);
    }
    if let Some(members) = value.as_object() {
        check_members(document, schema, members, at, faults);
    }
}

fn check_members(
    document: &Value,
    schema: &Value,
    members: &serde_json::Map<String, Value>,
    at: &str,
    faults: &mut Vec<String>,
) {
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !members.contains_key(name) {
            faults.push(format!("{at}: {name} is missing"));
        }
    }
    for (name, value) in members {
        let at = format!("{at}/{name}");
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(schema), _) | (None, schema @ Value::Object(_)) => {
                check(document, schema, value, &at, faults)
            }
            (None, Value::Bool(true)) => {}
            (None, _) if schema["properties"].is_object() => faults.push(format!("{at} is not documented")),
            (None, _) => {}
        }
    }
}

fn is_of_type(of: &Value, value: &Value) -> bool {
    match of {
        Value::Array(types) => types.iter().any(|of| is_of_type(of, value)),
        Value::String(name) => match name.as_str() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "null" => value.is_null(),
            other => panic!("{other} is no type"),
        },
        _ => true,
    }
}

#[test]
fn the_rules_find_faults() {
    use serde_json::json;
    let document = json!({ "s": { "type": "object", "required": ["a"], "properties": {
        "a": { "type": ["string", "null"], "maxLength": 2 },
        "b": { "type": "array", "maxItems": 1, "items": { "type": "integer", "minimum": 1 } } } } });
    let check = |value: Value| faults(&document, &json!({ "$ref": "#/s" }), &value).len();
    assert_eq!(check(json!({ "a": "xx", "b": [1] })), 0);
    assert_eq!(check(json!({ "a": null })), 0);
    for wrong in [
        json!([]),
        json!({}),
        json!({ "a": 1 }),
        json!({ "a": "xxx" }),
        json!({ "a": "", "c": 1 }),
        json!({ "a": "", "b": [0] }),
        json!({ "a": "", "b": [1, 2] }),
    ] {
        assert_eq!(check(wrong.clone()), 1, "{wrong}");
    }
}
