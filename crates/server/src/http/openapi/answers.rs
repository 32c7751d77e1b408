//! Schemas of what the server answers.
//!
//! Answers may get new members, so no schema here is closed; what is `required` is always there.

use domain::limits;
use serde_json::{Value, json};

use super::problems;
use super::requests::{of, or_null, request, text, time};

/// An object of these members; a name that ends with `?` may be missing or `null`, with `~` missing.
fn answer(description: &str, members: &[(&str, Value)]) -> Value {
    request(description, members)
}

/// A member that is always there, and may be `null`.
fn present(schema: Value) -> Value {
    or_null(schema)
}

fn word(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn count(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": description })
}

fn money(description: &str) -> Value {
    json!({ "type": "integer", "description": description })
}

fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

/// An identifier: its prefix, and so many digits of base 32.
fn id(prefix: &str, digits: usize, description: &str) -> Value {
    json!({
        "type": "string",
        "pattern": format!("^{prefix}_[0-9a-z]{{{digits}}}$"),
        "description": description,
    })
}

fn chart_id() -> Value {
    id("cht", 13, "The chart.")
}

fn event_id() -> Value {
    id("evt", 13, "The event.")
}

fn hold_id() -> Value {
    id("hld", 32, "The hold.")
}

fn order_id() -> Value {
    id("ord", 32, "The order.")
}

fn ticket_id() -> Value {
    id("tkt", 36, "The ticket.")
}

fn seq() -> Value {
    count(
        "The event's commit that this is true of: it counts up by one a commit, with jumps after a restore.",
    )
}

fn livemode() -> Value {
    flag("Whether this belongs to live sales; test and live share nothing.")
}

fn one_of(values: &[&str], description: &str) -> Value {
    json!({ "type": "string", "enum": values, "description": description })
}

fn metadata() -> Value {
    json!({ "type": "object", "additionalProperties": true, "description": "Data of your own." })
}

fn page(of_what: &str) -> Value {
    answer(
        "One page of a list.",
        &[
            ("items", list(of(of_what))),
            ("next_cursor", present(word("For the next page; `null` on the last one."))),
        ],
    )
}

/// Every schema of an answer, by name.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let mut all = vec![("Problem", problem())];
    all.extend(charts());
    all.extend(events());
    all.extend(places());
    all.extend(sold());
    all.extend(ledger());
    all.extend(small());
    all
}

fn problem() -> Value {
    let code = json!({
        "description": "What went wrong, as a stable word. Codes may be added: branch on `status` and `retryable`.",
        "anyOf": [{ "type": "string", "enum": problems::codes() }, { "type": "string", "pattern": "^[a-z_]+$" }],
    });
    let reason = "Why each place cannot be had. Only `sold` and `blocked` should be shown as gone: `held` may end, \
        `pending` is being decided right now, `unknown` is no place of this event.";
    let reasons = json!({ "type": "object", "description": reason, "additionalProperties": {
        "type": "string", "enum": ["held", "sold", "blocked", "pending", "unknown"] } });
    answer(
        "A problem (RFC 9457): what every 4xx and 5xx answer is. Nothing was changed, but where `code` is \
        `outcome_unknown`.",
        &[
            ("type", json!({ "type": "string", "format": "uri", "description": "Identifies the code." })),
            ("title", word("What the code means.")),
            (
                "status",
                json!({ "type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status." }),
            ),
            ("detail", word("What happened here, for a developer.")),
            ("code", code),
            ("retryable", flag("Whether the same request may succeed later without anybody changing it.")),
            ("request_id", word("The answer's `X-Request-Id`; quote it when you ask for help.")),
            (
                "retry_after_ms~",
                count("How long to wait, in milliseconds, different for every loser of a race."),
            ),
            (
                "pointer~",
                word(
                    "Of `validation`: where the fault is, as a JSON pointer into the body; or below `/query` or `/headers`.",
                ),
            ),
            ("reason~", word("Of `validation`: what is wrong there.")),
            ("places~", list(word("A place."))),
            ("reasons~", reasons),
            ("key~", word("Of `limit_exceeded`: what the limit counts under.")),
            ("max~", count("Of `limit_exceeded`: how many units it allows.")),
            ("used~", count("Of `limit_exceeded`: how many of them are held or sold.")),
            ("opens_at~", time("Of `sale_not_open`: when it opens.")),
            ("hold_status~", word("Of `hold_expired`: `released` or `expired`.")),
            ("amount~", money("Of `hold_changed`: what the hold amounts to.")),
            ("version~", count("Of `order_changed`: the order's version now.")),
            ("ticket_id~", ticket_id()),
            ("order_id~", order_id()),
            ("category~", word("Of `not_priced`.")),
            ("ticket_type~", word("Of `not_priced`.")),
            ("id~", word("Of `outcome_unknown`: the identifier that the hold or order has if it happened.")),
        ],
    )
}

fn charts() -> Vec<(&'static str, Value)> {
    let coordinate = || json!({ "type": "number" });
    let seat = answer(
        "A seat.",
        &[
            ("label", word("Its number in the row.")),
            ("x", coordinate()),
            ("y", coordinate()),
            ("category", word("A category's key.")),
            ("accessible", flag("For wheelchairs.")),
            ("attributes", list(word("An attribute."))),
            ("guid~", word("Your own identifier.")),
        ],
    );
    let row = answer("A row.", &[("label", word("Its name.")), ("seats", list(seat))]);
    let sections = list(answer("A section.", &[("name", word("Its name.")), ("rows", list(row))]));
    let category = answer(
        "A category.",
        &[("key", word("Its key.")), ("name", word("Its name.")), ("color", word("For drawing."))],
    );
    let area = answer(
        "An area.",
        &[
            ("name", word("Its name.")),
            ("capacity", count("Its units.")),
            ("category", word("Its category's key.")),
            ("shape~", json!({ "description": "A drawing, as it came." })),
        ],
    );
    let point = answer("Where people look.", &[("x", coordinate()), ("y", coordinate())]);
    let renamed = answer(
        "A seat whose label collided.",
        &[
            ("seat_guid", present(word("Its guid."))),
            ("from", word("The label that the plan's own names make.")),
            ("to", word("The label that it has.")),
        ],
    );
    let head = vec![
        ("id", chart_id()),
        ("name", word("Its name.")),
        ("livemode", livemode()),
        ("ref", present(word("Your own name for it."))),
        ("seats", count("How many seats it has.")),
        ("capacity", count("How many people find a place: seats and areas' units.")),
        ("created_at", time("When it was made.")),
    ];
    let mut summary = head.clone();
    summary.extend([
        ("metadata", present(metadata())),
        ("categories", list(category)),
        ("areas", list(area)),
        ("focal_point~", point),
    ]);
    let mut whole = summary.clone();
    whole.push(("sections", sections));
    summary.push(("renamed~", list(renamed)));
    vec![
        (
            "Chart",
            answer(
                "A chart, whole. The order of its seats never changes, and `seats` of an availability follows it.",
                &whole,
            ),
        ),
        ("ChartSummary", answer("A chart without its sections, and what an import renamed.", &summary)),
        ("ChartInList", answer("A chart, in short.", &head)),
        ("ChartPage", page("ChartInList")),
    ]
}

fn events() -> Vec<(&'static str, Value)> {
    let amounts = json!({ "type": "integer", "minimum": 0, "maximum": limits::AMOUNT_MAX });
    let prices = json!({
        "type": "object",
        "description": "By category key: one price for every ticket type, or prices by ticket type, in minor units. \
            What is left out is not sold; no price list at all sells everything for nothing.",
        "additionalProperties": { "oneOf": [amounts, { "type": "object", "additionalProperties": amounts }] },
    });
    let sale = answer(
        "When new holds and orders are taken.",
        &[
            ("opens_at?", time("From then on; from the beginning when missing.")),
            ("closes_at?", time("Until just before then; for ever when missing.")),
        ],
    );
    let ticket_type = answer(
        "Who a ticket is for.",
        &[
            ("key", word("The key that baskets and prices use.")),
            ("name", present(word("The name that buyers see."))),
            ("public", flag("Whether publishable keys may ask for it.")),
        ],
    );
    let area = answer(
        "An area: the chart's, or the event's own.",
        &[
            ("name", word("Its name.")),
            ("capacity", count("Its units.")),
            ("category", word("Its category's key.")),
        ],
    );
    let event = answer(
        "An event: one sale of places.",
        &[
            ("id", event_id()),
            ("seq", seq()),
            ("livemode", livemode()),
            ("name", word("Its name.")),
            ("ref~", word("Your own name for it; for secret keys.")),
            ("metadata~", metadata()),
            ("chart_id", present(chart_id())),
            ("areas", list(area)),
            ("categories", list(word("A category's key."))),
            ("capacity", count("How many places it has.")),
            ("starts_at", present(time("When the show begins."))),
            ("currency", word("ISO 4217.")),
            (
                "status",
                one_of(
                    &["draft", "open", "paused", "closed", "cancelled"],
                    "Where it is in its life, beside the sale window.",
                ),
            ),
            ("sale", of("Sale")),
            ("ticket_types", list(of("TicketType"))),
            ("prices", present(of("Prices"))),
            ("hold_seconds", count("How long a hold lasts.")),
            ("max_hold_seconds", count("How long a publishable key may keep a hold alive.")),
            ("max_per_buyer", present(count("How many units one buyer may have."))),
            ("public_confirm", flag("Whether publishable keys may confirm and book.")),
            ("access", one_of(&["open", "token"], "Whether publishable keys need an access token to hold.")),
            ("created_at", time("When it was made.")),
        ],
    );
    vec![
        ("Event", event),
        ("EventPage", page("Event")),
        ("TicketType", ticket_type),
        ("Prices", prices),
        ("Sale", sale),
    ]
}

fn places() -> Vec<(&'static str, Value)> {
    let counts = answer(
        "Units by who has them.",
        &[
            ("free", count("Anybody may have them.")),
            ("held", count("Held, for a time.")),
            ("sold", count("Sold.")),
            ("blocked", count("Free, but for a channel only.")),
        ],
    );
    let by_name =
        |what: &str| json!({ "type": "object", "description": what, "additionalProperties": of("Counts") });
    let states = "One character a seat, in chart order: `f` free, `h` held, `s` sold, `b` blocked. More may be added: \
        take every character but `f` as not free.";
    let availability = answer(
        "Who has what, as committed at `seq`.",
        &[
            ("seq", seq()),
            ("chart_id", present(chart_id())),
            ("status", word("The event's status.")),
            ("seats", word(states)),
            ("areas", by_name("By area's name.")),
            ("categories", by_name("By category's key, seats and areas together.")),
        ],
    );
    let later = answer(
        "A place that somebody has.",
        &[("place", word("The seat.")), ("state", one_of(&["free", "held", "sold"], "Who has it."))],
    );
    let assigned = answer(
        "What a block or an unblock came to.",
        &[
            ("seq", seq()),
            ("blocked~", count("Of a block: how many units are blocked by it now.")),
            ("unblocked~", count("Of an unblock: how many units are the public's now.")),
            ("later", list(later)),
        ],
    );
    vec![("Counts", counts), ("Availability", availability), ("Assigned", assigned)]
}

fn sold() -> Vec<(&'static str, Value)> {
    let terms = || {
        vec![
            ("category", word("Its category's key.")),
            ("ticket_type", word("Who it is for.")),
            ("price", money("In minor units; what was agreed, whatever the list says later.")),
        ]
    };
    let guid = || ("guid~", word("The chart's guid of the seat."));
    let mut place = vec![
        ("label", word("Section, row and seat.")),
        ("section", word("Its section.")),
        ("row", word("Its row.")),
        ("seat", word("Its number in the row.")),
        guid(),
    ];
    place.extend(terms());
    let mut ticket = vec![
        ("id", ticket_id()),
        ("label", word("The seat, or the area's name.")),
        ("section~", word("The seat's section.")),
        ("row~", word("The seat's row.")),
        ("seat~", word("The seat's number in its row.")),
        guid(),
    ];
    ticket.extend(terms());
    ticket.extend([
        ("code~", text(limits::CODE_BYTES_MAX, "Your barcode.")),
        ("status", one_of(&["valid", "cancelled"], "Whether it admits anybody.")),
        ("replaces~", ticket_id()),
    ]);
    let mut area = vec![("name", word("The area's name.")), ("quantity", count("How many units."))];
    area.extend(terms());
    vec![
        ("PlaceOfHold", answer("A seat on its terms.", &place)),
        ("AreaOfHold", answer("Units of an area on the same terms.", &area)),
        ("Hold", hold()),
        ("HoldPage", page("Hold")),
        ("Ticket", answer("One unit, sold.", &ticket)),
        ("Channel", channel()),
        ("ChannelPage", page("Channel")),
        (
            "Grace",
            answer(
                "What came of a grace.",
                &[
                    ("extended", count("Holds that have more time.")),
                    ("ended", count("Holds that ended before it reached them.")),
                ],
            ),
        ),
        ("Report", report()),
        (
            "Erased",
            answer(
                "How much forgot the buyer.",
                &[
                    ("holds", count("Holds.")),
                    ("orders", count("Orders.")),
                    ("replies", count("Answers that were remembered for requests that are repeated.")),
                ],
            ),
        ),
        (
            "AccessToken",
            answer(
                "What lets one buyer in.",
                &[
                    ("token", word("To be sent as `Access-Token`.")),
                    ("expires_at", time("When it ends to be worth anything.")),
                ],
            ),
        ),
        ("Order", order()),
        ("OrderPage", page("Order")),
    ]
}

fn report() -> Value {
    let sums = || {
        answer(
            "Tickets, and what they cost in minor units.",
            &[
                ("sold", count("Tickets that were ever made.")),
                ("cancelled", count("Those of them that are not valid any more.")),
                ("amount", money("What all of them cost.")),
                ("amount_cancelled", money("What the cancelled ones cost.")),
            ],
        )
    };
    let by = |what: &str| json!({ "type": "object", "description": what, "additionalProperties": sums() });
    answer(
        "What was sold.",
        &[
            ("event_id", event_id()),
            ("currency", word("ISO 4217.")),
            ("orders", count("Orders, cancelled ones included.")),
            ("total", sums()),
            ("categories", by("By category.")),
            ("ticket_types", by("By ticket type.")),
            ("channels", by("By channel; the public's under an empty key.")),
            ("days", by("By the day on which the order was made, in UTC.")),
        ],
    )
}

fn channel() -> Value {
    let units = || {
        vec![
            ("free", count("How many nobody has: the public sees them as blocked.")),
            ("held", count("How many are held.")),
            ("sold", count("How many are sold.")),
        ]
    };
    let mut area = vec![("name", word("The area."))];
    area.extend(units());
    let seat = answer(
        "A seat of the channel.",
        &[("place", word("The seat.")), ("state", one_of(&["blocked", "held", "sold"], "Who has it."))],
    );
    let mut members =
        vec![("key", word("Its key.")), ("note~", word("What it is for, as a block said last."))];
    members.extend(units());
    members.push(("areas", list(answer("Its units of one area.", &area))));
    members.push(("places~", list(seat)));
    let next = "For the next page of seats; `null` on the last one. A list of channels has none.";
    members.push(("next_cursor~", json!({ "type": ["string", "null"], "description": next })));
    answer("Places that are assigned alike, seats and area units counted together.", &members)
}

fn hold() -> Value {
    answer(
        "Places kept for a buyer until a deadline.",
        &[
            ("id", hold_id()),
            (
                "status",
                one_of(
                    &["active", "confirmed", "released", "expired"],
                    "Stays readable for 30 days after it ends.",
                ),
            ),
            ("version", count("Counts its changes.")),
            (
                "token~",
                word(
                    "Whoever presents it may read, change, release and confirm the hold. Not for keys that only read.",
                ),
            ),
            ("event_id", event_id()),
            ("livemode", livemode()),
            ("buyer", word("Who it is for.")),
            ("ref~", word("Your own name for it.")),
            ("places", list(of("PlaceOfHold"))),
            ("areas", list(of("AreaOfHold"))),
            ("amount", money("The sum of its prices, in minor units.")),
            ("currency", word("ISO 4217.")),
            ("created_at", time("When it was made.")),
            (
                "expires_at",
                time(
                    "Its deadline, 10 seconds before the store lets go, so that a confirm sent in time wins.",
                ),
            ),
            ("ended_at~", time("When it ended.")),
            ("order_id~", order_id()),
            ("metadata~", metadata()),
        ],
    )
}

fn order() -> Value {
    let change = answer(
        "A change of the order.",
        &[
            ("at", time("When.")),
            ("difference", money("What it cost, in minor units; negative when it was given back.")),
            ("payment_ref~", word("The payment, or refund, of the difference.")),
        ],
    );
    answer(
        "Places sold, one ticket a unit.",
        &[
            ("id", order_id()),
            ("event_id", event_id()),
            ("livemode", livemode()),
            ("ref~", word("Your own name for it.")),
            ("buyer", word("Who bought.")),
            ("status", one_of(&["confirmed", "cancelled"], "`cancelled` when no ticket of it is valid.")),
            ("version", count("Counts its changes.")),
            ("seq", count("The commit that made it, or changed it last.")),
            ("currency", word("ISO 4217.")),
            ("amount", money("The sum of its tickets' prices when it was sold, in minor units.")),
            ("amount_cancelled", money("How much of that is cancelled: what is yours to give back.")),
            ("payment_ref", present(word("The payment."))),
            ("metadata~", metadata()),
            ("created_at", time("When it was sold.")),
            ("hold_id~", hold_id()),
            ("places", list(of("PlaceOfHold"))),
            ("areas", list(of("AreaOfHold"))),
            ("tickets", list(of("Ticket"))),
            ("changes~", list(change)),
            (
                "difference~",
                money("In the answer to a change: what it costs; negative, what is to be given back."),
            ),
        ],
    )
}

fn ledger() -> Vec<(&'static str, Value)> {
    let state = |what: &str| one_of(&["free", "held", "sold", "blocked"], what);
    let change = answer(
        "What happened to one place: a seat (`place`) or units of an area (`area`).",
        &[
            ("place~", word("The seat.")),
            ("area~", word("The area.")),
            ("units", count("How many.")),
            ("from", state("What it was.")),
            ("to", state("What it is.")),
            ("channel~", word("The channel it came from or went to.")),
            ("hold_id~", hold_id()),
            ("order_id~", order_id()),
            ("ticket_id~", ticket_id()),
            ("ticket_ids~", list(word("A ticket."))),
            ("ticket_type~", word("Who it is for.")),
            ("price~", money("In minor units.")),
        ],
    );
    let kinds = "What was done: `hold`, `edit`, `extend`, `release`, `expire`, `confirm`, `book`, `change`, `cancel`, \
        `block`, `unblock`, `event`, `chart` or `restored`. More may be added.";
    let item = answer(
        "One entry. Entries of one commit share `seq`, `at` and `hash`.",
        &[
            ("seq", seq()),
            ("at", time("When it was committed, by the store's clock.")),
            (
                "hash",
                json!({ "type": "string", "pattern": "^[0-9a-f]{64}$",
            "description": "The chain's hash after this commit: it covers everything before." }),
            ),
            ("actor", word("The key's identifier, or `system`.")),
            ("kind", word(kinds)),
            ("ignored", list(word("A rule that staff left aside."))),
            ("changes", list(change)),
            ("buyer~", word("The buyer's surrogate in this event. No name is ever in the ledger.")),
        ],
    );
    vec![("LedgerItem", item), ("LedgerPage", page("LedgerItem"))]
}

fn small() -> Vec<(&'static str, Value)> {
    let health = answer("Alive, or ready.", &[("status", word("`ok` or `ready`."))]);
    let sold = answer(
        "A ticket that was sold.",
        &[
            ("id", count("The ticket's number.")),
            ("seatNumber", word("Its name.")),
            ("status", word("`SOLD`.")),
            ("userId", count("Who has it.")),
            ("version", count("Counts its changes.")),
        ],
    );
    let refused = answer("A classic refusal.", &[("status", word("`error`.")), ("message", word("Why."))]);
    let actuator = answer(
        "Health as Spring Boot tells it.",
        &[
            ("status", one_of(&["UP", "DOWN"], "Whether it serves.")),
            (
                "components",
                json!({ "type": "object", "additionalProperties": {
            "type": "object", "properties": { "status": word("`UP` or `DOWN`.") } } }),
            ),
        ],
    );
    let document = json!({ "type": "object", "description": "An OpenAPI document.", "required": ["openapi", "info", "paths"] });
    vec![
        ("Document", document),
        ("Health", health),
        ("ClassicTicket", sold),
        ("ClassicRefusal", refused),
        ("ActuatorHealth", actuator),
    ]
}
