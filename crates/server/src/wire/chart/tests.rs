//! The wire formats of charts: what is read, what is refused and where, what is written.

use domain::chart::Chart;
use domain::limits;

use super::*;

const HEAD: ChartHead<'static> =
    ChartHead { id: "cht_1", livemode: false, created_at: "2030-01-01T00:00:00Z" };

/// As much of the native format as one chart can show.
const NATIVE: &str = r##"{
  "name": "Hall", "future": {"key": [1, {}]}, "metadata": {"a": [1]}, "ref": "mine",
  "categories": [{"key": "a", "name": "Best", "color": "#fff"}, {"key": "b"}],
  "sections": [
    {"name": "S", "rows": [{"label": 7, "seats": [
      {"label": 1, "x": 0.1, "y": -2, "category": "a", "guid": "g", "accessible": true},
      {"label": "2", "x": 3.0000000000000004, "y": 1e2, "category": "b", "attributes": ["companion"], "z": 0},
      {"label": "é\u0041", "x": 123456.78901234567, "y": 0, "category": "a", "guid": null, "attributes": null}
    ]}]},
    {"name": 9, "rows": []}
  ],
  "areas": [{"name": "Floor", "capacity": 40, "category": "b", "shape": {"d": "M0 0", "k": [[1.50]]}}],
  "focal_point": {"x": 1.5, "y": 0}
}"##;

fn native(text: &str) -> Result<ChartDocument, WireFault> {
    ChartDocument::parse_native(text.as_bytes())
}

/// A chart with this as its only seat.
fn with_seat(seat: &str) -> String {
    format!(
        r#"{{"name":"n","categories":[{{"key":"a"}}],"sections":[{{"name":"s","rows":[{{"label":"r","seats":[{seat}]}}]}}]}}"#
    )
}

#[track_caller]
fn check_fault(text: &str, pointer: &str, reason: &str, malformed: bool) {
    let fault = native(text).unwrap_err();
    assert_eq!((&*fault.pointer, fault.malformed), (pointer, malformed), "{fault}");
    assert!(fault.reason.contains(reason), "{fault}");
    assert!(fault.reason.len() < 400 && fault.pointer.len() < 400);
}

#[test]
fn reads_the_native_format() {
    let document = native(NATIVE).unwrap();
    let plan = document.plan();
    assert_eq!((document.seats(), document.capacity()), (3, 43));
    assert_eq!((document.reference(), document.metadata().unwrap().get()), (Some("mine"), r#"{"a": [1]}"#));
    assert_eq!((&*plan.categories[1].name, &*plan.sections[1].name), ("b", "9"));
    let row = &plan.sections[0].rows[0];
    assert_eq!(row.label, "7");
    let [first, second, third] = &row.seats[..] else { panic!("three seats") };
    assert_eq!((&*first.label, first.accessible, first.guid.as_deref()), ("1", true, Some("g")));
    assert_eq!((second.x.to_bits(), second.y), (3.000_000_000_000_000_4_f64.to_bits(), 100.0));
    assert_eq!((&*third.label, third.guid.as_ref(), third.attributes.len()), ("éA", None, 0));
    Chart::new(plan).unwrap();
}

#[test]
fn what_is_given_back_makes_the_same_chart() {
    let document = native(NATIVE).unwrap();
    let body = document.geometry_json(&HEAD);
    let again = ChartDocument::parse_native(&body).unwrap();
    assert_eq!(again.plan(), document.plan());
    let shapes = |document: &ChartDocument| document.shapes[0].as_ref().map(|shape| shape.get().to_owned());
    assert_eq!(shapes(&again), shapes(&document));
    assert_eq!(again.metadata().map(RawValue::get), document.metadata().map(RawValue::get));
    // The original keeps its name.
    assert_eq!(again.reference(), None);
}

#[test]
fn what_is_stored_makes_the_same_chart() {
    let document = native(NATIVE).unwrap();
    let stored = document.geometry_json(&HEAD);
    let (whole, streamed) = (Chart::new(document.plan()).unwrap(), read_stored(&*stored).unwrap());
    assert_eq!(format!("{streamed:?}"), format!("{whole:?}"), "column by column");
    for end in [0, 1, stored.len() / 2, stored.len() - 1] {
        assert!(read_stored(&stored[..end]).is_err(), "the first {end} bytes are no chart");
    }
    let early = br#"{"sections":[{"name":"A","rows":[]}],"name":"late","categories":[]}"#;
    assert!(read_stored(&early[..]).unwrap_err().to_string().contains("name"));
    // Whatever is wrong with what is stored is found as it is in an upload.
    let twice = String::from_utf8(stored).unwrap().replace(r#""label":"2""#, r#""label":"1""#);
    assert!(read_stored(twice.as_bytes()).unwrap_err().to_string().contains("used by two seats"));
}

#[test]
fn every_double_survives() {
    let mut bits = 0x3ff1_2345_6789_abcd_u64;
    for _ in 0..20_000 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let x = f64::from_bits((bits >> 12) | 0x40c0_0000_0000_0000) - 9_000.0;
        let document =
            native(&with_seat(&format!(r#"{{"label":"1","x":{x},"y":0,"category":"a"}}"#))).unwrap();
        let again = ChartDocument::parse_native(&document.geometry_json(&HEAD)).unwrap();
        assert_eq!(again.plan().sections[0].rows[0].seats[0].x.to_bits(), x.to_bits());
    }
}

#[test]
fn answers_have_their_shape() {
    let document = native(NATIVE).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&document.geometry_json(&HEAD)).unwrap();
    let keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = [
        "id",
        "name",
        "livemode",
        "ref",
        "metadata",
        "seats",
        "capacity",
        "created_at",
        "categories",
        "sections",
        "areas",
        "focal_point",
    ];
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!((body["seats"].as_u64(), body["capacity"].as_u64()), (Some(3), Some(43)));
    let seat = serde_json::json!(
        {"label": "1", "x": 0.1, "y": -2, "category": "a", "accessible": true, "attributes": [], "guid": "g"}
    );
    assert_eq!(body["sections"][0]["rows"][0]["seats"][0], seat);
    let renamed = [Renamed { seat_guid: None, from: "A-1-1".to_owned(), to: "A b-1-1".to_owned() }];
    let summary: serde_json::Value = serde_json::from_slice(&document.summary_json(&HEAD, &renamed)).unwrap();
    assert_eq!(summary.get("sections"), None);
    assert_eq!(
        summary["renamed"],
        serde_json::json!([{"seat_guid": null, "from": "A-1-1", "to": "A b-1-1"}])
    );
    let summary = document.summary_json(&HEAD, &[]);
    assert!(!String::from_utf8(summary).unwrap().contains("renamed"));
}

#[test]
fn a_count_of_seats_is_ignored() {
    let document = native(r#"{"name":"n","seats":7,"sections":[]}"#).unwrap();
    assert_eq!((document.seats(), document.plan().categories.len()), (0, 0));
}

#[test]
fn faults_name_their_place() {
    let seat = "/sections/0/rows/0/seats/0";
    let check = |json: &str, field: &str, reason: &str| {
        check_fault(&with_seat(json), &format!("{seat}{field}"), reason, false);
    };
    check(r#"{"label":"1","x":0,"category":"a"}"#, "/y", "is missing");
    check(r#"{"label":"1","x":1e999,"y":0,"category":"a"}"#, "/x", "too large");
    check(r#"{"label":"1","x":-1e999,"y":0,"category":"a"}"#, "/x", "too large");
    check(r#"{"label":"1","x":"0","y":0,"category":"a"}"#, "/x", "expected a number");
    check(r#"{"label":"1","x":null,"y":0,"category":"a"}"#, "/x", "expected a number");
    check(r#"{"label":1.5,"x":0,"y":0,"category":"a"}"#, "/label", "expected a text or a whole number");
    check(r#"{"label":["1"],"x":0,"y":0,"category":"a"}"#, "/label", "expected a text");
    check(r#"{"label":"1","x":0,"y":0,"category":5}"#, "/category", "expected a");
    check(r#"{"label":"1","x":0,"y":0,"category":"a","accessible":"yes"}"#, "/accessible", "boolean");
    check(r#"{"label":"1","x":0,"y":0,"category":"a","attributes":[1]}"#, "/attributes/0", "string");
    check(r#""a seat""#, "", "a seat");
    check_fault("{}", "/name", "is missing", false);
    check_fault("7", "", "a chart", false);
    check_fault(r#"{"name":"n","sections":{}}"#, "/sections", "a list", false);
    check_fault(r#"{"name":"n","focal_point":{"x":0}}"#, "/focal_point/y", "is missing", false);
    check_fault(r#"{"name":"n","metadata":[]}"#, "/metadata", "must be an object", false);
    check_fault(r#"{"name":"n","ref":""}"#, "/ref", "must be a text", false);
    let area = |capacity: &str| {
        format!(r#"{{"name":"n","areas":[{{"name":"F","category":"a","capacity":{capacity}}}]}}"#)
    };
    for capacity in ["-1", "1.5", "4294967296", "1e999", "null"] {
        check_fault(&area(capacity), "/areas/0/capacity", "", false);
    }
    check_fault(&area(&format!("\"{}\"", "x".repeat(5_000))), "/areas/0/capacity", "invalid type", false);
}

#[test]
fn what_is_no_json_is_malformed() {
    for text in ["", "{", "{\"name\":\"n\"}}", "{\"name\":NaN}", "{\"name\":\"\u{1}\"}", "nul", "{'name':1}"]
    {
        assert!(native(text).unwrap_err().malformed, "{text:?}");
    }
    assert!(ChartDocument::parse_native(b"{\"name\":\"\xff\"}").unwrap_err().malformed);
    check_fault(&with_seat(r#"{"label":"1","x":NaN,"y":0}"#), "/sections/0/rows/0/seats/0/x", "", true);
}

#[test]
fn deep_nesting_is_harmless() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let shape = |levels| {
        format!(
            r#"{{"name":"n","areas":[{{"name":"F","category":"a","capacity":1,"shape":{}}}]}}"#,
            nested(levels)
        )
    };
    native(&shape(RAW_DEPTH_MAX)).unwrap();
    check_fault(&shape(RAW_DEPTH_MAX + 1), "/areas/0/shape", "levels deep", false);
    native(r#"{"name":"n","areas":[{"name":"F","category":"a","capacity":1,"shape":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}]}"#).unwrap();
    native(&format!(r#"{{"name":"n","unknown":{}}}"#, nested(200_000))).unwrap();
    assert!(native(&format!(r#"{{"name":{}}}"#, nested(200_000))).is_err());
    assert!(native(&"[".repeat(200_000)).is_err());
    assert!(native(&with_seat(&"{\"x\":".repeat(100_000))).is_err());
}

#[test]
fn lists_and_raw_json_are_bounded() {
    let many = |len: usize, entry: &str| vec![entry; len].join(",");
    let attributes = |len| {
        with_seat(&format!(
            r#"{{"label":"1","x":0,"y":0,"category":"a","attributes":[{}]}}"#,
            many(len, "\"w\"")
        ))
    };
    native(&attributes(limits::ATTRIBUTES_MAX)).unwrap();
    check_fault(
        &attributes(limits::ATTRIBUTES_MAX + 1),
        "/sections/0/rows/0/seats/0/attributes",
        "entries",
        false,
    );
    let seat = r#"{"label":"1","x":0,"y":0,"category":"a"}"#;
    check_fault(
        &with_seat(&many(limits::ROW_SEATS_MAX + 1, seat)),
        "/sections/0/rows/0/seats",
        "entries",
        false,
    );
    let categories = |len| format!(r#"{{"name":"n","categories":[{}]}}"#, many(len, r#"{"key":"a"}"#));
    check_fault(&categories(limits::CATEGORIES_MAX + 1), "/categories", "entries", false);
    let metadata = |len| format!(r#"{{"name":"n","metadata":{{"a":"{}"}}}}"#, "x".repeat(len));
    native(&metadata(limits::METADATA_BYTES_MAX - 8)).unwrap();
    check_fault(&metadata(limits::METADATA_BYTES_MAX - 7), "/metadata", "bytes", false);
    let shape = format!(
        r#"{{"name":"n","areas":[{{"name":"F","capacity":1,"category":"a","shape":"{}"}}]}}"#,
        "x".repeat(SHAPE_BYTES_MAX)
    );
    check_fault(&shape, "/areas/0/shape", "bytes", false);
}

#[test]
fn one_seat_too_many_is_refused_while_reading() {
    let seat = r#"{"label":"1","x":0,"y":0,"category":"a"},"#;
    let row =
        format!(r#"{{"label":"r","seats":[{}]}},"#, seat.repeat(limits::ROW_SEATS_MAX).trim_end_matches(','));
    let rows = row.repeat(limits::CHART_SEATS_MAX / limits::ROW_SEATS_MAX);
    // What follows is not even looked at.
    let chart = |more: &str| {
        format!(
            r#"{{"name":"n","sections":[{{"name":"s","rows":[{rows}{{"label":"r","seats":[{more}]}}]}}]}}"#
        )
    };
    native(&chart("")).unwrap();
    let fault = native(&chart(seat.trim_end_matches(','))).unwrap_err();
    assert!(fault.pointer.starts_with("/sections/0/rows"), "{fault}");
    assert!(fault.reason.contains("at most 1000000 seats"), "{fault}");
}

#[test]
fn the_builders_faults_convert() {
    let twice =
        with_seat(r#"{"label":"1","x":0,"y":0,"category":"a"},{"label":1,"x":1,"y":0,"category":"a"}"#);
    let fault = WireFault::from(Chart::new(native(&twice).unwrap().plan()).unwrap_err());
    assert_eq!((&*fault.pointer, fault.malformed), ("/sections/0/rows/0/seats/1", false));
}

const THEATRE: &[u8] = include_bytes!("../../../tests/data/pretix_theatre.json");

#[test]
fn a_pretix_plan_of_a_theatre_imports() {
    let (document, renamed) = ChartDocument::parse_pretix(THEATRE).unwrap();
    let chart = Chart::new(document.plan()).unwrap();
    assert_eq!(
        (chart.name(), chart.seats_len(), chart.areas().len()),
        ("Stadttheater, Großes Haus", 1_134, 0)
    );
    assert_eq!(chart.seats().filter(|&seat| chart.is_accessible(seat)).count(), 8);
    assert!(chart.find("Rollstuhlplätze-Rollstuhl-8").is_some_and(|seat| chart.is_accessible(seat)));
    assert_eq!((chart.focal_point().x, chart.focal_point().y), (700.0, 140.0));
    // Both zones of boxes, and nothing else.
    assert_eq!(renamed.len(), 72);
    assert_eq!((&*renamed[0].from, &*renamed[0].to), ("Loge-1-1", "Loge loge-links-1-1"));
    assert_eq!(chart.find("Loge loge-rechts-6-6"), chart.find("guid:loge-rechts-6-6"));
    // Odd numbers are on the left, and every row has its middle aisle.
    let positions = ["1. Rang-1-3", "1. Rang-1-1", "1. Rang-1-2"].map(|label| chart.find(label).unwrap());
    let [third, first, second] = positions;
    assert_eq!((third.0 + 1, first.0 + 1), (first.0, second.0));
    assert_ne!(chart.block_of(first), chart.block_of(second));
    let again = ChartDocument::parse_native(&document.geometry_json(&HEAD)).unwrap();
    assert_eq!(again.plan(), document.plan());
}

fn pretix(seats: &str) -> String {
    format!(
        r#"{{"name":"n","categories":[{{"name":"a","color":"red"}}],"size":{{"width":100,"height":50}},"zones":[{{"name":"z","position":{{"x":0,"y":0}},"rows":[{{"row_number":"1","seats":[{seats}]}}]}}]}}"#
    )
}

#[test]
fn pretix_plans_are_read_kindly() {
    let text = pretix(
        r#"{"seat_guid":"g1","seat_number":1,"position":{"x":1,"y":2},"category":"a","wheelchair":"maybe","uuid":null},
           {"seat_guid":"g2","seat_number":"2","position":{"x":2.5,"y":2},"category":"a","wheelchair":true}"#,
    );
    let (document, renamed) = ChartDocument::parse_pretix(text.as_bytes()).unwrap();
    let seats = &document.plan().sections[0].rows[0].seats;
    assert_eq!(
        (&*seats[0].label, seats[0].accessible, seats[1].accessible, renamed.len()),
        ("1", false, true, 0)
    );
    assert_eq!(document.plan().focal_point, Some((50.0, 0.0)));
}

#[test]
fn pretix_faults_name_their_place() {
    let check = |text: &str, pointer: &str, reason: &str| {
        let fault = ChartDocument::parse_pretix(text.as_bytes()).unwrap_err();
        assert_eq!((&*fault.pointer, fault.malformed), (pointer, false), "{fault}");
        assert!(fault.reason.contains(reason), "{fault}");
    };
    check("{}", "/name", "is missing");
    check(NATIVE, "/categories/1/name", "is missing");
    check(r#"{"name":"n","categories":[],"zones":7}"#, "/zones", "a list");
    check(r#"{"name":"n","categories":[],"size":{"width":1,"height":1},"zones":[]}"#, "/zones", "neither");
    let seat = |guid: &str, number: u8, category: &str, x: &str| {
        format!(
            r#"{{"seat_guid":"{guid}","seat_number":"{number}","position":{{"x":{x},"y":0}},"category":"{category}"}}"#
        )
    };
    let two = |a: String, b: String| pretix(&format!("{a},{b}"));
    let at = "/zones/0/rows/0/seats/1";
    check(&two(seat("g", 1, "a", "0"), seat("g", 2, "a", "1")), &format!("{at}/seat_guid"), "z-1-2");
    check(&two(seat("g", 1, "a", "0"), seat("h", 2, "x", "1")), &format!("{at}/category"), "\"x\"");
    check(&two(seat("g", 1, "a", "0"), seat("h", 2, "a", "1e999")), &format!("{at}/position/x"), "too large");
    check(&two(seat("g", 1, "a", "0"), seat("h", 1, "a", "1")), at, "z-1-1");
    assert!(ChartDocument::parse_pretix(b"<plan/>").unwrap_err().malformed);
}
