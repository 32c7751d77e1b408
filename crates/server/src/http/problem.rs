//! Problems (RFC 9457): what every 4xx and 5xx answer is.
//!
//! Handlers return a [`Problem`]; the outermost layer adds the request's identifier and writes the
//! body, so that extractors, unknown routes and handlers all answer alike.

use std::fmt::Display;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::rejection::{Reason, RefOwner, Rejection};
use engine::fleet::NewerSchema;
use engine::store::StoreError;
use http::{HeaderValue, StatusCode, header};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

use crate::render::json;
use crate::wire::time::rfc3339;

/// What the type of every problem begins with, before its code.
const TYPES: &str = "https://flashtix.dev/problems/";
/// How long losers of a race are told to wait at least, in milliseconds; up to twice that by chance, so that they do
/// not return in lockstep.
const CONTENDED_RETRY_MS: u64 = 40;
/// What clients are told to wait when the store is away, in milliseconds.
const UNAVAILABLE_RETRY_MS: u64 = 1_000;

/// An answer that is a "no".
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    retryable: bool,
    retry_after: Option<Duration>,
    extra: Vec<(&'static str, Value)>,
    places: Vec<(String, Reason)>,
}

impl Problem {
    /// A problem without anything but its code.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            status,
            code,
            detail,
            retryable: false,
            retry_after: None,
            extra: Vec::new(),
            places: Vec::new(),
        }
    }

    /// A field that breaks its rule: 422.
    #[must_use]
    pub fn invalid(pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::validation(StatusCode::UNPROCESSABLE_ENTITY, pointer, reason)
    }

    /// A request that cannot even be read: 400.
    #[must_use]
    pub fn malformed(pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::validation(StatusCode::BAD_REQUEST, pointer, reason)
    }

    fn validation(status: StatusCode, pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        let (pointer, reason) = (pointer.into(), reason.into());
        let place = if pointer.is_empty() { "the request" } else { &pointer };
        Self::new(status, "validation", format!("{place}: {reason}"))
            .with("pointer", pointer)
            .with("reason", reason)
    }

    /// No key, or not a valid one: 401.
    #[must_use]
    pub fn unauthorized(detail: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    /// A key without the right: 403.
    #[must_use]
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// Nothing of this name for whoever asks: 404.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }

    /// The store cannot be reached; nothing happened: 503.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "the store cannot be reached at the moment; nothing was changed",
        )
        .retry(jittered(UNAVAILABLE_RETRY_MS))
    }

    /// The store was migrated past this server; nothing happened, and another one may do it: 503.
    #[must_use]
    pub fn outdated(newer: NewerSchema) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", format!("{newer}; nothing was changed"))
            .retry(jittered(UNAVAILABLE_RETRY_MS))
    }

    /// It is not known whether the request happened: 503. `id` is what the hold or the order has if it did; only a
    /// request with an idempotency key or a `ref` may be repeated without happening twice.
    #[must_use]
    pub fn outcome_unknown(id: Option<String>, may_repeat: bool) -> Self {
        let detail = if may_repeat {
            "the store did not say whether this happened; \
                repeat the request with the same Idempotency-Key or ref to find out"
        } else {
            "the store did not say whether this happened; \
                look it up before you repeat the request, which has neither an Idempotency-Key nor a ref"
        };
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "outcome_unknown", detail);
        if may_repeat {
            problem = problem.retry(jittered(UNAVAILABLE_RETRY_MS));
        }
        match id {
            Some(id) => problem.with("id", id),
            None => problem,
        }
    }

    /// What the store said when something was to be made: `id` is what it has if it was, and `may_repeat` says
    /// whether the request has an idempotency key.
    #[must_use]
    pub fn of_making(error: StoreError, id: impl Display, may_repeat: bool) -> Self {
        if let StoreError::Unknown(reason) = &error {
            tracing::warn!(%id, reason, "the store did not say whether this was made");
            return Self::outcome_unknown(Some(id.to_string()), may_repeat);
        }
        error.into()
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.extra.push((name, value.into()));
        self
    }

    /// Says that trying again later may help.
    #[must_use]
    pub fn retry(mut self, after: Duration) -> Self {
        self.retryable = true;
        self.retry_after = Some(after);
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Makes `response`, which may have headers already, the whole answer but for the body, which it returns.
    pub(super) fn render(&self, response: &mut Response, request_id: &str) -> Bytes {
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(after) = self.retry_after {
            // The header counts whole seconds; nought would mean "at once".
            headers
                .insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs_f64().ceil().max(1.0) as u64));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        json(&Body { problem: self, request_id })
    }
}

/// A problem as JSON.
struct Body<'a> {
    problem: &'a Problem,
    request_id: &'a str,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { problem, request_id } = self;
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("type", &Type(problem.code))?;
        members.serialize_entry("title", title(problem.code))?;
        members.serialize_entry("status", &problem.status.as_u16())?;
        members.serialize_entry("detail", &problem.detail)?;
        members.serialize_entry("code", problem.code)?;
        members.serialize_entry("retryable", &problem.retryable)?;
        members.serialize_entry("request_id", request_id)?;
        if let Some(after) = problem.retry_after {
            let millis = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
            members.serialize_entry("retry_after_ms", &millis)?;
        }
        if !problem.places.is_empty() {
            members.serialize_entry("places", &Names(&problem.places))?;
            members.serialize_entry("reasons", &Reasons(&problem.places))?;
        }
        for (name, value) in &problem.extra {
            members.serialize_entry(name, value)?;
        }
        members.end()
    }
}

/// What kind of problem it is, as an address.
struct Type(&'static str);

impl Serialize for Type {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{TYPES}{}", self.0))
    }
}

/// What a refusal is about: `["A-1-7"]`.
struct Names<'a>(&'a [(String, Reason)]);

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(name, _)| name))
    }
}

/// Why each of them cannot be had: `{"A-1-7": "sold"}`.
struct Reasons<'a>(&'a [(String, Reason)]);

impl Serialize for Reasons<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, reason)| (name, reason.as_str())))
    }
}

impl IntoResponse for Problem {
    /// A response that carries the problem to the outermost layer.
    fn into_response(self) -> Response {
        let mut response = Response::default();
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self);
        response
    }
}

/// At least `millis`, at most twice that.
fn jittered(millis: u64) -> Duration {
    Duration::from_millis(millis + rand::random_range(0..=millis))
}

fn title(code: &str) -> &'static str {
    match code {
        "validation" => "The request is not valid",
        "not_priced" => "This ticket type is not sold in this category",
        "unauthorized" => "No valid key",
        "forbidden" => "This key may not do this",
        "wrong_token" => "The token does not match",
        "access_required" => "An access token is required",
        "not_found" => "Not found",
        "place_unavailable" => "A place cannot be had",
        "place_contended" => "A place is being decided about right now",
        "sold_out" => "Sold out",
        "all_held" => "Everything that is left is held",
        "not_enough_adjacent" => "Not enough adjacent seats",
        "chart_moved" => "The event has just moved to another chart",
        "limit_exceeded" => "A limit would be exceeded",
        "sale_not_open" => "The sale has not opened",
        "sale_closed" => "The sale is closed",
        "sale_paused" => "The sale is paused",
        "event_cancelled" => "The event is cancelled",
        "hold_expired" => "The hold has ended",
        "hold_changed" => "The hold has changed",
        "already_confirmed" => "The hold is confirmed already",
        "order_changed" => "The order has changed",
        "ticket_cancelled" => "A ticket is cancelled already",
        "ref_taken" => "The ref is taken",
        "code_taken" => "A code is taken",
        "idempotency_in_flight" => "The same request is in flight",
        "idempotency_mismatch" => "The Idempotency-Key was used for another request",
        "payload_too_large" => "The body is too large",
        "rate_limited" => "Too many requests",
        "overloaded" => "Overloaded",
        "outcome_unknown" => "It is not known whether this happened",
        "method_not_allowed" => "This method is not allowed here",
        "headers_too_large" => "The request's head is too large",
        "request_timeout" => "The request took too long to arrive",
        _ => "Unavailable",
    }
}

impl From<engine::Error> for Problem {
    fn from(error: engine::Error) -> Self {
        use engine::Error;
        match error {
            Error::Rejected(rejection) => rejection.into(),
            Error::Overloaded { retry_after } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "overloaded",
                "too many requests are waiting; nothing was changed",
            )
            .retry(jittered(u64::try_from(retry_after.as_millis()).unwrap_or(UNAVAILABLE_RETRY_MS))),
            Error::Unavailable => Self::unavailable(),
            Error::NewerSchema(newer) => Self::outdated(newer),
            Error::ShuttingDown => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "this server is shutting down; nothing was changed",
            )
            .retry(jittered(UNAVAILABLE_RETRY_MS)),
            Error::OutcomeUnknown { id } => Self::outcome_unknown(id, false),
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let status = match &rejection {
            Rejection::Validation { .. } | Rejection::NotPriced { .. } | Rejection::IdempotencyMismatch => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Rejection::NotFound(_) => StatusCode::NOT_FOUND,
            Rejection::Forbidden(_) | Rejection::AccessExpired => StatusCode::FORBIDDEN,
            Rejection::PlaceUnavailable(_)
            | Rejection::PlaceContended(_)
            | Rejection::SoldOut
            | Rejection::AllHeld
            | Rejection::NotEnoughAdjacent
            | Rejection::ChartMoved
            | Rejection::LimitExceeded { .. }
            | Rejection::SaleNotOpen { .. }
            | Rejection::SaleClosed
            | Rejection::SalePaused
            | Rejection::EventCancelled
            | Rejection::HoldExpired { .. }
            | Rejection::HoldChanged { .. }
            | Rejection::AlreadyConfirmed { .. }
            | Rejection::OrderChanged { .. }
            | Rejection::TicketCancelled { .. }
            | Rejection::RefTaken { .. }
            | Rejection::CodeTaken { .. }
            | Rejection::IdempotencyInFlight => StatusCode::CONFLICT,
        };
        let mut problem = Self::new(status, rejection.code(), rejection.to_string());
        if rejection.is_retryable() {
            let wait = match &rejection {
                Rejection::PlaceContended(_) | Rejection::ChartMoved | Rejection::IdempotencyInFlight => {
                    CONTENDED_RETRY_MS
                }
                _ => UNAVAILABLE_RETRY_MS,
            };
            problem = problem.retry(jittered(wait));
        }
        match rejection {
            Rejection::Validation { pointer, reason } => Self::invalid(pointer, reason),
            Rejection::NotPriced { category, ticket_type } => {
                problem.with("category", category).with("ticket_type", ticket_type)
            }
            Rejection::PlaceUnavailable(places) | Rejection::PlaceContended(places) => {
                Self { places, ..problem }
            }
            Rejection::LimitExceeded { key, max, used } => {
                problem.with("key", key).with("max", max).with("used", used)
            }
            Rejection::SaleNotOpen { opens_at: Some(opens_at) } => {
                problem.with("opens_at", rfc3339(opens_at))
            }
            Rejection::HoldExpired { released } => {
                problem.with("hold_status", if released { "released" } else { "expired" })
            }
            Rejection::HoldChanged { amount } => problem.with("amount", amount),
            Rejection::AlreadyConfirmed { order } => problem.with("order_id", order.to_string()),
            Rejection::OrderChanged { version } => problem.with("version", version),
            Rejection::TicketCancelled { ticket } => problem.with("ticket_id", ticket.to_string()),
            Rejection::RefTaken { by: RefOwner::Order(order) } => problem.with("order_id", order.to_string()),
            Rejection::RefTaken { by: RefOwner::Event(event) } => problem.with("event_id", event.to_string()),
            Rejection::RefTaken { by: RefOwner::Hold(hold) } => problem.with("hold_id", hold.to_string()),
            Rejection::CodeTaken { place } => problem.with("places", vec![place]),
            Rejection::NotFound(_)
            | Rejection::Forbidden(_)
            | Rejection::AccessExpired
            | Rejection::SoldOut
            | Rejection::AllHeld
            | Rejection::NotEnoughAdjacent
            | Rejection::ChartMoved
            | Rejection::SaleNotOpen { opens_at: None }
            | Rejection::SaleClosed
            | Rejection::SalePaused
            | Rejection::EventCancelled
            | Rejection::IdempotencyInFlight
            | Rejection::IdempotencyMismatch => problem,
        }
    }
}

/// A store's failure on a path that does not go through the engine.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Conflict(what) => Self::new(StatusCode::CONFLICT, "ref_taken", what.to_owned()),
            StoreError::Unavailable(_) => {
                tracing::warn!(%error, "the store failed");
                Self::unavailable()
            }
            // Whoever knows what was being made says more.
            StoreError::Unknown(_) => {
                tracing::warn!(%error, "the store did not say what became of a change");
                Self::outcome_unknown(None, false)
            }
            StoreError::NewerSchema(newer) => Self::outdated(*newer),
            StoreError::Damaged(_) => {
                tracing::error!(%error, "the store is damaged");
                Self::unavailable()
            }
        }
    }
}
