//! Every "no" that the API can give: its code, and which routes give it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::IntoResponses;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::Example;
use utoipa::openapi::header::Header;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::{Ref, RefOr};

/// What a code looks like in an answer.
pub(super) struct Known {
    /// The name that lists of routes use; the code itself, but for the two kinds of `validation`.
    name: &'static str,
    pub(super) code: &'static str,
    pub(super) status: u16,
    title: &'static str,
    detail: &'static str,
    /// How long the example says to wait, in milliseconds; none means that repeating the request does not help.
    retry_after_ms: Option<u64>,
    /// Members beside those that every problem has.
    extra: fn() -> Value,
}

const fn known(name: &'static str, status: u16, title: &'static str, detail: &'static str) -> Known {
    Known { name, code: name, status, title, detail, retry_after_ms: None, extra: || Value::Null }
}

impl Known {
    const fn of_code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    const fn retry(mut self, millis: u64) -> Self {
        self.retry_after_ms = Some(millis);
        self
    }

    const fn with(mut self, extra: fn() -> Value) -> Self {
        self.extra = extra;
        self
    }

    fn example(&self) -> Value {
        let mut problem = json!({
            "type": format!("https://flashtix.dev/problems/{}", self.code),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "retryable": self.retry_after_ms.is_some(),
            "request_id": "019aad3c5d7e7c21a2a8d0f3b1c94e6f",
        });
        let retry = self.retry_after_ms.map(|millis| json!({ "retry_after_ms": millis }));
        for members in [(self.extra)(), retry.unwrap_or_default()] {
            if let (Some(known), Value::Object(members)) = (problem.as_object_mut(), members) {
                known.extend(members);
            }
        }
        problem
    }
}

fn about(reason: &str) -> Value {
    json!({ "places": ["Block 104-C-7"], "reasons": { "Block 104-C-7": reason } })
}

/// Every code, by status.
#[rustfmt::skip]
pub(super) const KNOWN: &[Known] = &[
    known("malformed", 400, "The request is not valid", "/query/limit: must be from 1 to 1000")
        .of_code("validation").with(|| json!({ "pointer": "/query/limit", "reason": "must be from 1 to 1000" })),
    known("unauthorized", 401, "No valid key", "a key is missing: send Authorization: Bearer <key>"),
    known("forbidden", 403, "This key may not do this", "this needs a secret key"),
    known("wrong_token", 403, "The token does not match", "the token does not belong to this hold"),
    known("access_required", 403, "An access token is required",
        "this event sells only to those who present an access token"),
    known("not_found", 404, "Not found", "there is no such event"),
    known("method_not_allowed", 405, "This method is not allowed here",
        "this route does not know this method; see Allow"),
    known("request_timeout", 408, "The request took too long to arrive", "the body took too long to arrive"),
    known("place_unavailable", 409, "A place cannot be had", "1 of the places cannot be had")
        .with(|| about("sold")),
    known("place_contended", 409, "A place is being decided about right now",
        "1 of the places cannot be had at the moment").retry(57).with(|| about("pending")),
    known("sold_out", 409, "Sold out", "sold out: too few places are left for this request"),
    known("all_held", 409, "Everything that is left is held",
        "too few places are free, but some are only held and may come back").retry(1_320),
    known("not_enough_adjacent", 409, "Not enough adjacent seats",
        "enough places are free, but not next to each other"),
    known("chart_moved", 409, "The event has just moved to another chart",
        "the event has just moved to another chart").retry(61),
    known("limit_exceeded", 409, "A limit would be exceeded",
        "the limit of 4 would be exceeded: 3 are taken already")
        .with(|| json!({ "key": "ada@example.org", "max": 4, "used": 3 })),
    known("sale_not_open", 409, "The sale has not opened", "the sale has not opened yet")
        .with(|| json!({ "opens_at": "2027-01-10T09:00:00.000Z" })),
    known("sale_closed", 409, "The sale is closed", "the sale is closed"),
    known("sale_paused", 409, "The sale is paused", "the sale is paused").retry(1_480),
    known("event_cancelled", 409, "The event is cancelled", "the event is cancelled"),
    known("hold_expired", 409, "The hold has ended", "the hold has expired")
        .with(|| json!({ "hold_status": "expired" })),
    known("hold_changed", 409, "The hold has changed", "the hold has changed: its amount is 12800")
        .with(|| json!({ "amount": 12_800 })),
    known("already_confirmed", 409, "The hold is confirmed already", "the hold is confirmed already")
        .with(|| json!({ "order_id": "ord_ccjw35zmpy9c80000000018002c3arxt" })),
    known("order_changed", 409, "The order has changed", "the order has changed: its version is 3")
        .with(|| json!({ "version": 3 })),
    known("ticket_cancelled", 409, "A ticket is cancelled already", "the ticket is cancelled already")
        .with(|| json!({ "ticket_id": "tkt_ccjw35zmpy9c80000000018002c3arxt0000" })),
    known("ref_taken", 409, "The ref is taken", "the ref is used by another order of this event")
        .with(|| json!({ "order_id": "ord_ccjw35zmpy9c80000000018002c3arxt" })),
    known("code_taken", 409, "A code is taken", "the code of Block 104-C-7 is used by another ticket of this event")
        .with(|| json!({ "places": ["Block 104-C-7"] })),
    known("idempotency_in_flight", 409, "The same request is in flight",
        "a request with the same Idempotency-Key is in flight").retry(66),
    known("payload_too_large", 413, "The body is too large", "the body is larger than this route takes"),
    known("invalid", 422, "The request is not valid", "/buyer: must not be empty")
        .of_code("validation").with(|| json!({ "pointer": "/buyer", "reason": "must not be empty" })),
    known("not_priced", 422, "This ticket type is not sold in this category",
        "category vip is not sold as ticket type child")
        .with(|| json!({ "category": "vip", "ticket_type": "child" })),
    known("idempotency_mismatch", 422, "The Idempotency-Key was used for another request",
        "the Idempotency-Key was used with another request body"),
    known("rate_limited", 429, "Too many requests", "too many requests from this client").retry(2_000),
    known("headers_too_large", 431, "The request's head is too large",
        "the request's head is longer than this server reads"),
    known("overloaded", 503, "Overloaded", "too many requests are waiting; nothing was changed").retry(740),
    known("unavailable", 503, "Unavailable", "the store cannot be reached; nothing was changed").retry(1_510),
    known("outcome_unknown", 503, "It is not known whether this happened",
        "the store did not say whether this happened; \
         repeat the request with the same Idempotency-Key or ref to find out").retry(1_190),
];

/// Every code once, for the schema of problems.
pub(super) fn codes() -> Vec<&'static str> {
    let mut codes: Vec<_> = KNOWN.iter().map(|known| known.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// An example of every code, by the name that lists of routes use.
pub(super) fn examples() -> Map<String, Value> {
    let example = |known: &Known| json!({ "summary": known.title, "value": known.example() });
    KNOWN.iter().map(|known| (known.name.to_owned(), example(known))).collect()
}

fn header(description: &str, of: Type) -> Header {
    let mut header = Header::new(Object::with_type(of));
    header.description = Some(description.to_owned());
    header
}

fn answer(status: u16, named: &[&Known]) -> Response {
    // Each example stands in the document once.
    let examples = named.iter().map(|known| {
        let shared = Ref::new(format!("#/components/examples/{}", known.name));
        (known.code.to_owned(), RefOr::<Example>::Ref(shared))
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .examples_from_iter(examples)
        .build();
    let codes: Vec<String> = named.iter().map(|known| format!("`{}`", known.code)).collect();
    let mut response = ResponseBuilder::new()
        .description(format!("{}: {}.", phrase(status), codes.join(", ")))
        .content("application/problem+json", content);
    if named.iter().any(|known| known.retry_after_ms.is_some()) {
        response = response
            .header("Retry-After", header("Whole seconds to wait; see `retry_after_ms`.", Type::Integer));
    }
    if status == 401 {
        response = response.header("WWW-Authenticate", header("Always `Bearer`.", Type::String));
    }
    response.build()
}

fn phrase(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be read",
        401 => "No valid key",
        403 => "Not with this key",
        404 => "Not there, or not for this key",
        408 => "The request took too long to arrive",
        409 => "Not in this state",
        413 => "The body is too large",
        422 => "The request can be read, but not be meant",
        429 => "Too many requests",
        _ => "Not now",
    }
}

/// The responses of a route that answers these codes.
fn responses(names: &[&str]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<&Known>> = BTreeMap::new();
    for name in names.iter().flat_map(|names| names.split_whitespace()) {
        let found = KNOWN.iter().find(|known| known.name == name);
        debug_assert!(found.is_some(), "no code is called {name}");
        if let Some(known) = found {
            let named = by_status.entry(known.status).or_default();
            if !named.iter().any(|other| other.name == name) {
                named.push(known);
            }
        }
    }
    by_status.iter().map(|(status, named)| (status.to_string(), RefOr::T(answer(*status, named)))).collect()
}

/// What any route with a key may answer.
const KEYED: &str = "unauthorized unavailable";
/// What any route with a body may answer.
const BODY: &str = "malformed invalid request_timeout payload_too_large";
/// What any route that goes through the engine may answer.
const ENGINE: &str = "malformed idempotency_in_flight idempotency_mismatch overloaded outcome_unknown";
/// What taking places may come to.
const TAKING: &str = "forbidden not_found place_unavailable place_contended sold_out all_held not_enough_adjacent \
    chart_moved limit_exceeded sale_not_open sale_closed sale_paused event_cancelled code_taken not_priced";

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident: $($codes:expr),+;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                responses(&[$($codes),+])
            }
        }
    )*};
}

refusals! {
    /// Of a list that both kinds of key may read.
    Listing: KEYED, "malformed";
    /// Of a list that takes a secret key.
    SecretListing: KEYED, "malformed forbidden";
    /// Of a list within an event that takes a secret key.
    EventListing: KEYED, "malformed forbidden not_found";
    /// Of one thing.
    Reading: KEYED, "not_found";
    /// Of one event's state.
    EventReading: KEYED, "malformed not_found";
    /// Of one thing that takes a secret key.
    SecretReading: KEYED, "forbidden not_found";
    /// Of one hold.
    HoldReading: KEYED, "wrong_token not_found";
    /// `POST /v1/charts`.
    ChartMaking: KEYED, BODY, "forbidden ref_taken idempotency_mismatch";
    /// `POST /v1/events`.
    EventMaking: KEYED, BODY, "forbidden not_found ref_taken idempotency_mismatch";
    /// `PATCH /v1/events/{event}`.
    EventChanging: KEYED, BODY, ENGINE, "forbidden not_found event_cancelled ref_taken";
    /// `POST …/chart`.
    ChartMoving: KEYED, BODY, ENGINE, "forbidden not_found place_unavailable event_cancelled";
    /// `POST …/block` and `…/unblock`.
    Assigning: KEYED, BODY, ENGINE, "forbidden not_found place_unavailable event_cancelled";
    /// `POST …/access`.
    AccessMaking: KEYED, BODY, "forbidden not_found";
    /// `POST …/holds`.
    Holding: KEYED, BODY, ENGINE, TAKING, "access_required wrong_token ref_taken";
    /// `PATCH /v1/holds/{hold}`.
    HoldChanging: KEYED, BODY, ENGINE, TAKING, "access_required wrong_token hold_expired already_confirmed";
    /// `DELETE /v1/holds/{hold}`.
    Releasing: KEYED, "forbidden wrong_token not_found already_confirmed overloaded outcome_unknown";
    /// `POST /v1/holds/{hold}/confirm`.
    Confirming: KEYED, BODY, ENGINE, "forbidden wrong_token not_found hold_expired hold_changed already_confirmed \
        event_cancelled limit_exceeded ref_taken";
    /// `POST …/orders`.
    Booking: KEYED, BODY, ENGINE, TAKING, "access_required wrong_token ref_taken";
    /// `POST /v1/orders/{order}/cancel`.
    Cancelling: KEYED, BODY, ENGINE, "forbidden not_found place_unavailable";
    /// `POST /v1/orders/{order}/change`.
    Changing: KEYED, BODY, ENGINE, TAKING, "order_changed ticket_cancelled";
    /// `POST …/grace`.
    Gracing: KEYED, BODY, ENGINE, "forbidden not_found";
    /// `POST /v1/buyers/erase`.
    Erasing: KEYED, BODY, "forbidden outcome_unknown";
    /// Of what needs no key, but the store.
    NotReady: "unavailable";
    /// Of a file by its name.
    NoFile: "not_found";
}
