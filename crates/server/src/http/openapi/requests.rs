//! Schemas of what clients send, with the limits of the domain.
//!
//! Written by hand, since most of it is deserialised by hand (a place is a text or an object), and since the limits
//! are constants, which derived schemas cannot name. The tests send every example to a real server.

mod sold;

use domain::limits;
use serde_json::{Map, Value, json};

use crate::http::routes::GRACE_SECONDS_MAX;

/// A text of at most so many bytes.
pub(super) fn text(bytes_max: usize, description: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": bytes_max, "description": description })
}

/// A whole number within bounds.
pub(super) fn number(minimum: i64, maximum: i64, description: &str) -> Value {
    json!({ "type": "integer", "minimum": minimum, "maximum": maximum, "description": description })
}

/// A list of at most so many.
pub(super) fn list(of: Value, len_max: usize, description: &str) -> Value {
    json!({ "type": "array", "items": of, "maxItems": len_max, "description": description })
}

/// Another schema of the document.
pub(super) fn of(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The same, or `null`.
pub(super) fn or_null(mut schema: Value) -> Value {
    match schema.get("type").cloned() {
        Some(Value::String(name)) => {
            schema["type"] = json!([name, "null"]);
            if let Some(Value::Array(values)) = schema.get_mut("enum") {
                values.push(Value::Null);
            }
            schema
        }
        _ => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

/// A time.
pub(super) fn time(description: &str) -> Value {
    json!({ "type": "string", "format": "date-time", "description": description })
}

/// An object of these members. A name that ends with `?` may be missing, or `null`; one that ends with `~` may only be
/// missing.
pub(super) fn request(description: &str, members: &[(&str, Value)]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, schema) in members {
        if let Some(name) = name.strip_suffix('?') {
            properties.insert(name.to_owned(), or_null(schema.clone()));
        } else if let Some(name) = name.strip_suffix('~') {
            properties.insert(name.to_owned(), schema.clone());
        } else {
            required.push(*name);
            properties.insert((*name).to_owned(), schema.clone());
        }
    }
    let mut object = json!({ "type": "object", "description": description, "properties": properties });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

/// The same, with at least one of these members.
fn with_any(mut schema: Value, names: &[&str]) -> Value {
    schema["anyOf"] = names.iter().map(|name| json!({ "required": [name] })).collect();
    schema
}

fn metadata() -> Value {
    let bytes_max = limits::METADATA_BYTES_MAX;
    json!({
        "type": "object",
        "additionalProperties": true,
        "description": format!("Data of your own, given back as it came. At most {bytes_max} bytes of JSON."),
    })
}

fn amount(description: &str) -> Value {
    number(0, limits::AMOUNT_MAX, description)
}

fn label(description: &str) -> Value {
    text(limits::LABEL_BYTES_MAX, description)
}

fn seconds(description: &str) -> Value {
    number(i64::from(limits::HOLD_SECONDS_MIN), i64::from(limits::HOLD_SECONDS_MAX), description)
}

fn payment_ref(description: &str) -> Value {
    text(limits::PAYMENT_REF_BYTES_MAX, description)
}

fn units() -> Value {
    number(1, i64::from(limits::BASKET_UNITS_MAX), "How many units.")
}

fn place_name(description: &str) -> Value {
    text(limits::PLACE_NAME_BYTES_MAX, description)
}

fn reference(description: &str) -> Value {
    text(limits::REF_BYTES_MAX, description)
}

/// The members that name places, wherever places are asked for.
fn basket() -> Vec<(&'static str, Value)> {
    let units_max = limits::BASKET_UNITS_MAX as usize;
    vec![
        ("places?", list(of("PlaceWanted"), units_max, "Seats by name. With or without `areas`.")),
        ("areas?", list(of("AreaWanted"), units_max, "Units of general-admission areas.")),
        ("best_available?", of("BestAvailable")),
    ]
}

/// Members for staff.
fn staff() -> Vec<(&'static str, Value)> {
    let rule = json!({ "type": "string", "enum": ["sale_window", "limits", "channels"] });
    let channel = text(limits::CHANNEL_BYTES_MAX, "A channel's key.");
    vec![
        ("ignore?", list(rule, 3, "Rules to leave aside; the ledger notes which. Secret keys only.")),
        ("channels?", list(channel, 32, "Channels whose places may be taken too. Secret keys only.")),
    ]
}

/// Limits by key.
fn counted(description: &str) -> Value {
    let limit = request(
        "A limit.",
        &[
            ("key", text(limits::BUYER_BYTES_MAX, "What is counted: a buyer, a code, a campaign.")),
            (
                "max",
                number(1, i64::from(limits::MAX_PER_BUYER_MAX), "How many units, held and sold together."),
            ),
        ],
    );
    list(limit, limits::CLAIMS_MAX - 1, description)
}

fn purchase(description: &str, more: Vec<(&'static str, Value)>) -> Value {
    let buyer = text(
        limits::BUYER_BYTES_MAX,
        "Who buys: your own name for them, such as a customer number. `max_per_buyer` counts under it. Needed, unless an \
         `Access-Token` says who it is.",
    );
    let mut members = vec![("buyer?", buyer)];
    members.extend(basket());
    members.extend(more);
    members.extend(staff());
    members.push((
        "limits?",
        counted("Limits beside the buyer's that the units are counted under. Secret keys only."),
    ));
    members.push(("metadata?", metadata()));
    request(description, &members)
}

/// Every schema of a request, by name.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let mut all = wanted();
    all.extend(charts());
    all.extend(events());
    all.extend(holds());
    all.extend(sold::orders());
    all.extend(sold::assignments());
    all
}

fn wanted() -> Vec<(&'static str, Value)> {
    let code =
        text(limits::CODE_BYTES_MAX, "Your barcode for the ticket, unique in the event. Secret keys only.");
    let price = || amount("Instead of the list price, in minor units. Secret keys only.");
    let ticket_type = || label("A ticket type of the event; its first when missing.");
    let name = "A seat: `Section-Row-Seat`, or `guid:` and its guid.";
    let with_terms = request(
        "A seat on terms of its own.",
        &[
            ("place", place_name(name)),
            ("ticket_type?", ticket_type()),
            ("price?", price()),
            ("code?", code.clone()),
        ],
    );
    let party_max = limits::PARTY_SEATS_MAX;
    let categories = |what: &str| list(label("A key."), limits::CATEGORIES_MAX, what);
    vec![
        (
            "PlaceWanted",
            json!({
                "description": "A seat: its label alone, or with terms.",
                "oneOf": [place_name(name), with_terms],
            }),
        ),
        (
            "TicketTypeWanted",
            request(
                "Who a ticket is for.",
                &[
                    ("key", label("The key that baskets and prices use.")),
                    (
                        "name?",
                        text(limits::NAME_BYTES_MAX, "The name that buyers see; the key when missing."),
                    ),
                    (
                        "public~",
                        json!({ "type": "boolean", "default": true, "description": "Whether publishable keys may ask for it." }),
                    ),
                ],
            ),
        ),
        (
            "AreaWanted",
            request(
                "Units of one area.",
                &[
                    ("name", label("The area's name.")),
                    ("quantity", units()),
                    ("ticket_type?", ticket_type()),
                    ("price?", price()),
                    (
                        "codes?",
                        list(
                            code,
                            limits::BASKET_UNITS_MAX as usize,
                            "Barcodes, one a unit. Secret keys only.",
                        ),
                    ),
                ],
            ),
        ),
        (
            "BestAvailable",
            request(
                "The best seats there are, for a party: side by side in one row, as near to the focal point as can be. \
             Say `quantity` or `ticket_types`, one of them.",
                &[
                    ("quantity?", number(1, party_max as i64, "How many seats, of the first ticket type.")),
                    (
                        "ticket_types?",
                        list(label("A ticket type's key."), party_max, "A ticket type a seat."),
                    ),
                    ("categories?", categories("Only in these categories.")),
                    ("sections?", categories("Only in these sections.")),
                    (
                        "accessible~",
                        json!({ "type": "boolean", "default": false,
                    "description": "Accessible seats and their companions' instead of all others." }),
                    ),
                    (
                        "channel?",
                        text(
                            limits::CHANNEL_BYTES_MAX,
                            "Only seats of this channel, which the request must present.",
                        ),
                    ),
                    (
                        "adjacent~",
                        json!({ "type": "boolean", "default": false,
                    "description": "Side by side or not at all. Otherwise the party is split when it must be." }),
                    ),
                ],
            ),
        ),
    ]
}

fn charts() -> Vec<(&'static str, Value)> {
    let coordinate =
        || json!({ "type": "number", "minimum": -limits::COORDINATE_MAX, "maximum": limits::COORDINATE_MAX });
    let point = || json!({ "type": "object", "required": ["x", "y"], "properties": { "x": coordinate(), "y": coordinate() } });
    let number_or_text = |what: &str| {
        json!({
            "description": what,
            "oneOf": [label("A text."), { "type": "integer", "minimum": 0, "maximum": u32::MAX }],
        })
    };
    let seat = request(
        "A seat.",
        &[
            ("label", number_or_text("Its number in the row.")),
            ("x", coordinate()),
            ("y", coordinate()),
            ("category", label("A category's key.")),
            (
                "accessible?",
                json!({ "type": "boolean", "description": "For wheelchairs. Sold by best-available on request only." }),
            ),
            (
                "attributes?",
                list(
                    label("Such as `companion` or `restricted_view`."),
                    limits::ATTRIBUTES_MAX,
                    "What else is true of it.",
                ),
            ),
            (
                "guid?",
                text(
                    limits::GUID_BYTES_MAX,
                    "Your own identifier: `guid:<guid>` names the seat wherever its label does.",
                ),
            ),
        ],
    );
    let row = request(
        "A row.",
        &[
            ("label", number_or_text("Its name in the section.")),
            (
                "seats?",
                list(
                    seat,
                    limits::ROW_SEATS_MAX,
                    "From left to right: neighbours in this list sit side by side.",
                ),
            ),
        ],
    );
    let section = request(
        "A section.",
        &[("name", number_or_text("Its name.")), ("rows?", list(row, limits::CHART_ROWS_MAX, "Its rows."))],
    );
    let area = request(
        "A general-admission area.",
        &[
            ("name", number_or_text("Its name.")),
            ("capacity", number(1, i64::from(limits::AREA_CAPACITY_MAX), "How many units it has.")),
            ("category", label("A category's key.")),
            ("shape?", json!({ "description": "A drawing, given back as it came." })),
        ],
    );
    let category = request(
        "A category: what prices are about.",
        &[
            ("key", number_or_text("Its key.")),
            ("name?", text(limits::NAME_BYTES_MAX, "Its name; the key when missing.")),
            (
                "color?",
                json!({ "type": "string", "maxLength": limits::LABEL_BYTES_MAX, "description": "For drawing." }),
            ),
        ],
    );
    let chart = request(
        "A seating chart. The body of `GET /v1/charts/{chart}` is one too, and makes a copy.",
        &[
            ("name", text(limits::NAME_BYTES_MAX, "Its name.")),
            ("categories?", list(category, limits::CATEGORIES_MAX, "Its categories.")),
            (
                "sections?",
                list(section, limits::CHART_SECTIONS_MAX, "Its sections; at most 1,000,000 seats in all."),
            ),
            ("areas?", list(area, limits::AREAS_MAX, "Its general-admission areas.")),
            ("focal_point?", point()),
            ("metadata?", metadata()),
            ("ref?", reference("Your own name for it.")),
        ],
    );
    let upload = json!({
        "description": "A chart; with `?format=pretix` a pretix seating plan.",
        "anyOf": [of("ChartRequest"), of("PretixPlan")],
    });
    vec![("ChartUpload", upload), ("ChartRequest", chart), ("PretixPlan", pretix(&point()))]
}

fn pretix(point: &Value) -> Value {
    let name = || json!({ "type": ["string", "integer", "null"] });
    let number = || json!({ "type": "number" });
    let drawing = json!({ "type": "object" });
    let seat = request(
        "A seat; `wheelchair: true` makes it accessible.",
        &[
            ("seat_guid~", name()),
            ("seat_number~", name()),
            ("position", point.clone()),
            ("category", json!({ "type": "string" })),
        ],
    );
    let row = request(
        "A row.",
        &[
            ("row_number~", name()),
            ("row_label~", name()),
            ("position?", point.clone()),
            ("seats", list(seat, limits::ROW_SEATS_MAX, "Its seats.")),
        ],
    );
    let zone = request(
        "A zone.",
        &[
            ("name~", name()),
            ("zone_id~", name()),
            ("position", point.clone()),
            ("rows", list(row, limits::CHART_ROWS_MAX, "Its rows.")),
            ("areas?", json!({ "type": "array", "items": drawing, "description": "Drawings." })),
        ],
    );
    let category = request(
        "A category; its key is its name.",
        &[("name", label("Its name.")), ("color?", json!({ "type": "string" }))],
    );
    request(
        "A seating plan as pretix's editor exports it, with `?format=pretix`. Positions are relative to the parent; \
         unknown keys are ignored; areas are drawings, not places.",
        &[
            ("name", text(limits::NAME_BYTES_MAX, "Its name.")),
            ("categories", list(category, limits::CATEGORIES_MAX, "Its categories.")),
            ("size?", request("Its extent.", &[("width", number()), ("height", number())])),
            ("zones", list(zone, limits::CHART_SECTIONS_MAX, "Its zones.")),
        ],
    )
}

fn events() -> Vec<(&'static str, Value)> {
    let own_area = request(
        "An area beside the chart's.",
        &[
            ("name", label("Its name.")),
            ("capacity", number(1, i64::from(limits::AREA_CAPACITY_MAX), "How many units it has.")),
            ("category", label("Its category: the chart's, or a new one.")),
        ],
    );
    let status = json!({ "type": "string", "enum": ["draft", "open", "paused", "closed", "cancelled"],
        "description": "`draft`: nobody but you knows of it. `paused`: no new holds, running ones may confirm. \
            `closed`: likewise, for good. `cancelled`: holds are released, nothing is sold ever again." });
    let settings = || {
        vec![
            ("starts_at?", time("When the show begins.")),
            (
                "ticket_types?",
                list(
                    of("TicketTypeWanted"),
                    limits::TICKET_TYPES_MAX,
                    "Who tickets are for; the first is the default.",
                ),
            ),
            ("prices?", of("Prices")),
            ("sale?", of("Sale")),
            ("status?", status.clone()),
            ("hold_seconds?", seconds("How long a hold lasts; 600 when missing.")),
            (
                "max_hold_seconds?",
                seconds(
                    "How long after its creation a publishable key may keep a hold alive; 900 when missing.",
                ),
            ),
            (
                "max_per_buyer?",
                number(
                    1,
                    i64::from(limits::MAX_PER_BUYER_MAX),
                    "How many units one buyer may have, held and sold together.",
                ),
            ),
            (
                "public_confirm?",
                json!({ "type": "boolean", "description": "Whether publishable keys may confirm and book; false when missing." }),
            ),
            (
                "access?",
                json!({ "type": "string", "enum": ["open", "token"],
            "description": "`token`: publishable keys hold and book only with an access token." }),
            ),
            ("ref?", reference("Your own name for it.")),
            ("metadata?", metadata()),
        ]
    };
    let name = text(limits::NAME_BYTES_MAX, "Its name.");
    let mut making = vec![
        ("name", name.clone()),
        ("chart_id?", text(64, "The seating chart; or `areas`, or both.")),
        ("areas?", list(own_area.clone(), limits::AREAS_MAX, "Areas beside the chart's.")),
        (
            "currency?",
            json!({ "type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217; EUR when missing." }),
        ),
    ];
    making.extend(settings());
    let more = "All areas beside the chart's, each as large as it is or larger.";
    let mut changing = vec![("name?", name), ("areas?", list(own_area, limits::AREAS_MAX, more))];
    changing.extend(settings());
    vec![
        ("EventRequest", request("A new event. A chart, areas, or both; the rest has defaults.", &making)),
        (
            "ChartMove",
            request(
                "Another chart for an event, with the prices that go with it.",
                &[("chart_id", text(64, "The chart to sell over from now on.")), ("prices?", of("Prices"))],
            ),
        ),
        (
            "EventPatch",
            request(
                "New values for some settings; what is missing stays. `null` clears what can be empty.",
                &changing,
            ),
        ),
    ]
}

fn holds() -> Vec<(&'static str, Value)> {
    let token = || text(255, "The hold's token, unless `Hold-Token` carries it.");
    let units_max = limits::BASKET_UNITS_MAX as usize;
    let area = request(
        "Units of an area that the hold keeps.",
        &[
            ("name", label("The area's name.")),
            ("quantity", units()),
            ("ticket_type?", label("Only of this ticket type.")),
        ],
    );
    let remove = request(
        "What the hold lets go.",
        &[
            ("places?", list(place_name("A seat."), units_max, "Seats that it keeps.")),
            ("areas?", list(area, units_max, "Units that it keeps.")),
        ],
    );
    let mut patch = vec![
        ("token?", token()),
        ("add?", request("What the hold gets.", &basket())),
        ("remove?", remove),
        ("seconds?", seconds("A deadline so many seconds from now; never an earlier one than there is.")),
    ];
    patch.extend(staff());
    patch.push((
        "limits?",
        counted(
            "The limits that the hold is counted under, beside the buyer's: needed when it is to have more units. Secret keys only.",
        ),
    ));
    vec![
        (
            "HoldRequest",
            purchase(
                "Places to keep for a buyer, all of them or none: `places` and `areas`, or `best_available`.",
                vec![
                    ("seconds?", seconds("How long; the event's `hold_seconds` when missing.")),
                    ("ref?", reference("Your own name for it. Secret keys only.")),
                ],
            ),
        ),
        (
            "HoldPatch",
            with_any(
                request(
                    "One change, all of it or nothing. At least one of `add`, `remove` and `seconds`.",
                    &patch,
                ),
                &["add", "remove", "seconds"],
            ),
        ),
        (
            "GraceRequest",
            request(
                "How much longer every running hold may last.",
                &[("seconds", number(1, i64::from(GRACE_SECONDS_MAX), "So many seconds more."))],
            ),
        ),
        (
            "ConfirmRequest",
            request(
                "How a hold was paid. Everything may be left out.",
                &[
                    ("token?", token()),
                    (
                        "payment_ref?",
                        payment_ref("The payment. The same one again gets the same order, for ever."),
                    ),
                    (
                        "amount?",
                        amount(
                            "What you charged, in minor units. Refused with `hold_changed` when the hold amounts to something else.",
                        ),
                    ),
                    ("buyer?", text(limits::BUYER_BYTES_MAX, "Who buys; the hold's buyer when missing.")),
                    (
                        "ref?",
                        reference("Your own name for the order, unique in the event. Secret keys only."),
                    ),
                    ("metadata?", metadata()),
                ],
            ),
        ),
    ]
}
