//! Events: make, read, change; availability.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::command::Command;
use domain::event::{Access, Event, EventStatus, NewChart, TicketType};
use domain::id::{ChartId, EventId, Seq};
use domain::limits;
use domain::rejection::Rejection;
use domain::seating::Seating;
use engine::request::Request;
use engine::store::{CatalogReply, Made, StoredReply};
use flate2::Compression;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;

use super::purchase::{answer, event_of, json_response, submit};
use crate::gzip;
use crate::http::auth::{Caller, Right};
use crate::http::extract::{AtLeast, Once, PageIn, Query, RawBody, cursor_after, parse};
use crate::http::openapi::{parameters, problems};
use crate::http::problem::Problem;
use crate::http::state::{App, SharedApp};
use crate::render::json;
use crate::wire::event::{ChartMoveIn, EventIn, EventOut};

/// An availability that is smaller is not worth compressing, in bytes.
const PACKED_BYTES_MIN: usize = 1_400;

/// The ticket type of an event that names none.
const TICKET_TYPE_DEFAULT: &str = "standard";
/// The currency of an event that names none.
const CURRENCY_DEFAULT: &str = "EUR";

/// Make an event
///
/// An event is one sale: a chart's places, areas of its own, or both, with prices and rules. Everything but the name and
/// the places has a default: on sale at once, holds of ten minutes, one ticket type `standard`, everything for nothing.
/// The currency is for good, and areas only grow; all else may be changed.
#[utoipa::path(
    post, path = "/v1/events", tag = "Events", operation_id = "createEvent",
    params(parameters::IdempotencyKey),
    request_body(content = ref("#/components/schemas/EventRequest"), content_type = "application/json"),
    responses(
        (status = 201, description = "The event was made.", body = ref("#/components/schemas/Event")),
        problems::EventMaking,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn create(
    State(app): State<SharedApp>,
    caller: Caller,
    once: Once,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    caller.require(Right::Manage)?;
    let idempotency = once.of(&app, caller, &body)?;
    if let Some(reply) = replay(&app, idempotency).await? {
        return Ok(reply);
    }
    let mut wanted: EventIn = parse(&body)?;
    let event = Arc::new(new_event(&app, caller, &mut wanted).await?);
    let id = event.id;
    let body = json(&EventOut::of(&event, Seq(0), true));
    let reply = idempotency.map(|idempotency| CatalogReply {
        key: idempotency.key,
        reply: StoredReply { fingerprint: idempotency.fingerprint, status: 201, body: body.clone() },
    });
    let made = app.engine.store().create_event(event, reply).await;
    match made.map_err(|error| Problem::of_making(error, id, idempotency.is_some()))? {
        Made::New => Ok(json_response(StatusCode::CREATED, body)),
        Made::Before(stored) => replayed(stored, idempotency),
    }
}

/// The answer that the same request got before.
pub(super) async fn replay(
    app: &App,
    idempotency: Option<engine::request::Idempotency>,
) -> Result<Option<Response>, Problem> {
    let Some(asked) = idempotency else { return Ok(None) };
    match app.engine.store().reply(asked.key).await? {
        None => Ok(None),
        Some(stored) => replayed(stored, idempotency).map(Some),
    }
}

/// A remembered answer, if it is to the same request.
pub(super) fn replayed(
    stored: StoredReply,
    idempotency: Option<engine::request::Idempotency>,
) -> Result<Response, Problem> {
    if idempotency.is_none_or(|asked| asked.fingerprint != stored.fingerprint) {
        return Err(Rejection::IdempotencyMismatch.into());
    }
    Ok(answer(engine::request::Reply { status: stored.status, body: stored.body, is_replay: true }))
}

/// An event of the request's settings, with defaults for what it leaves out.
async fn new_event(app: &App, caller: Caller, wanted: &mut EventIn) -> Result<Event, Problem> {
    let chart = match &wanted.chart_id {
        None => None,
        Some(text) => Some(chart_of(app, caller, text).await?),
    };
    let own_areas = wanted.take_areas().unwrap_or_default();
    let (categories, areas) = Event::lay_out(chart.as_ref().map(|(_, chart)| &**chart), &own_areas)?;
    let currency = wanted.currency.as_deref().unwrap_or(CURRENCY_DEFAULT);
    let currency = currency
        .parse()
        .map_err(|error: domain::money::InvalidCurrency| Problem::invalid("/currency", error.to_string()))?;
    // Either alone draws the other's default with it.
    let hold_seconds = wanted.hold_seconds.unwrap_or_else(|| {
        let max = wanted.max_hold_seconds.unwrap_or(limits::HOLD_SECONDS_DEFAULT);
        limits::HOLD_SECONDS_DEFAULT.min(max.max(1))
    });
    let base = Event {
        id: EventId(app.engine.outside().entropy.next_u64()),
        organization: caller.organization,
        livemode: caller.livemode,
        created_at: app.engine.store().now().await?,
        reference: None,
        metadata: None,
        name: String::new(),
        starts_at: None,
        currency,
        status: EventStatus::Open,
        sale: domain::event::SaleWindow::default(),
        hold_seconds,
        max_hold_seconds: limits::MAX_HOLD_SECONDS_DEFAULT.max(hold_seconds),
        max_per_buyer: None,
        public_confirm: false,
        access: Access::Open,
        ticket_types: vec![TicketType {
            key: Arc::from(TICKET_TYPE_DEFAULT),
            name: "Standard".to_owned(),
            public: true,
        }],
        prices: domain::event::Prices::Unpriced,
        categories,
        areas,
        seating: chart.map(|(id, chart)| Arc::new(Seating::new(id, chart))),
    };
    let event = base.patched(&wanted.to_patch()?);
    event.check_settings()?;
    Ok(event)
}

/// A chart of the caller's, packed.
async fn chart_of(
    app: &App,
    caller: Caller,
    text: &str,
) -> Result<(ChartId, Arc<domain::chart::Chart>), Problem> {
    let missing = || Problem::not_found("chart");
    let id: ChartId = text.parse().map_err(|_| missing())?;
    let store = app.engine.store();
    let record = store.chart(id).await?.ok_or_else(missing)?;
    if record.organization != caller.organization || record.livemode != caller.livemode {
        return Err(missing());
    }
    let document = store.chart_document(id).await?.ok_or_else(missing)?;
    let unpacked = tokio::task::spawn_blocking(move || crate::app::charts::unpack(&document)).await;
    let chart = unpacked.map_err(|error| error.to_string()).and_then(|chart| chart).map_err(|error| {
        tracing::error!(chart = %id, error, "a stored chart cannot be read");
        Problem::unavailable()
    })?;
    Ok((id, chart))
}

/// Read an event
///
/// A draft is a 404 to publishable keys, and so is an event of the other mode or of another organization. `ref` and
/// `metadata` are for secret keys.
#[utoipa::path(
    get, path = "/v1/events/{event}", tag = "Events", operation_id = "readEvent",
    responses(
        (status = 200, description = "The event.", body = ref("#/components/schemas/Event")),
        problems::Reading,
    ),
    security(("secret_key" = []), ("publishable_key" = []), ("publishable_key_in_url" = [])),
)]
pub(super) async fn read(
    State(app): State<SharedApp>,
    caller: Caller,
    Path(event): Path<String>,
) -> Result<Response, Problem> {
    let (desk, _) = event_of(&app, caller, &event).await?;
    let body = desk.read(|inventory| EventOut::of(inventory.event(), inventory.seq(), caller.is_secret));
    Ok(json_response(StatusCode::OK, json(&body)))
}

/// The filters of a list of events.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsIn {
    /// Only events of this status: `draft`, `open`, `paused`, `closed` or `cancelled`.
    #[param(pattern = "^(draft|open|paused|closed|cancelled)$")]
    status: Option<String>,
    /// Only the event that you gave this name.
    #[serde(rename = "ref")]
    reference: Option<String>,
}

/// List events
///
/// Oldest first. Publishable keys see no drafts.
#[utoipa::path(
    get, path = "/v1/events", tag = "Events", operation_id = "listEvents",
    responses(
        (status = 200, description = "A page of events.", body = ref("#/components/schemas/EventPage")),
        problems::Listing,
    ),
    security(("secret_key" = []), ("publishable_key" = []), ("publishable_key_in_url" = [])),
)]
pub(super) async fn list(
    State(app): State<SharedApp>,
    caller: Caller,
    Query(page): Query<PageIn>,
    Query(filter): Query<EventsIn>,
) -> Result<Response, Problem> {
    let page = page.page()?;
    let status = match filter.status.as_deref() {
        None => None,
        Some(name) => Some(EventStatus::from_name(name).ok_or_else(|| {
            Problem::malformed("/query/status", "must be one of draft, open, paused, closed, cancelled")
        })?),
    };
    let mut items = Vec::new();
    let mut position = page.after;
    let mut is_last = false;
    while items.len() < page.limit && !is_last {
        let wanted = engine::store::Page { after: position, limit: page.limit };
        let found = app.engine.store().events(caller.organization, caller.livemode, wanted).await?;
        is_last = found.len() < page.limit;
        for (at, id) in found {
            if items.len() == page.limit {
                is_last = false;
                break;
            }
            position = at;
            let desk = match app.engine.desk(id).await {
                Ok(desk) => desk,
                // Deleted since the list was read.
                Err(engine::Error::Rejected(_)) => continue,
                Err(error) => return Err(error.into()),
            };
            let shown = desk.read(|inventory| {
                let event = inventory.event();
                let is_wanted = caller.may_see(event)
                    && status.is_none_or(|status| status == event.status)
                    && filter
                        .reference
                        .as_deref()
                        .is_none_or(|wanted| event.reference.as_deref() == Some(wanted));
                is_wanted.then(|| EventOut::of(event, inventory.seq(), caller.is_secret))
            });
            items.extend(shown);
        }
    }
    let next = (!is_last).then(|| cursor_after(position));
    let body = serde_json::json!({ "items": items, "next_cursor": next });
    Ok(json_response(StatusCode::OK, json(&body)))
}

/// Change an event
///
/// What the body leaves out stays as it is. Holds keep the prices that they were made at. `paused` stops new holds and
/// lets running ones confirm, `closed` likewise; `cancelled` is for good: every hold is released, nothing is sold ever
/// again, and orders stay until they are cancelled one by one.
#[utoipa::path(
    patch, path = "/v1/events/{event}", tag = "Events", operation_id = "updateEvent",
    params(parameters::IdempotencyKey, parameters::IfSeq),
    request_body(content = ref("#/components/schemas/EventPatch"), content_type = "application/json"),
    responses(
        (status = 200, description = "The event as it is now.", body = ref("#/components/schemas/Event")),
        problems::EventChanging,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn update(
    State(app): State<SharedApp>,
    caller: Caller,
    once: Once,
    AtLeast(at_least): AtLeast,
    Path(event): Path<String>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    caller.require(Right::Manage)?;
    let (desk, _) = event_of(&app, caller, &event).await?;
    let mut wanted: EventIn = parse(&body)?;
    let fixed = [
        (wanted.chart_id.is_some(), "/chart_id", "is changed with POST /v1/events/{event}/chart"),
        (wanted.currency.is_some(), "/currency", "cannot be changed after the event was made"),
    ];
    if let Some((_, pointer, reason)) = fixed.into_iter().find(|(is_named, ..)| *is_named) {
        return Err(Problem::invalid(pointer, reason));
    }
    let request = Request {
        idempotency: once.of(&app, caller, &body)?,
        at_least,
        ..Request::new(Command::Configure(Box::new(wanted.to_patch()?)), caller.actor())
    };
    submit(&app, &desk, request).await
}

/// Move an event to another chart
///
/// While it sells, in one commit or not at all: seats that the new chart has too stay with whoever has them, those that it adds
/// can be had at once, those that it lacks are gone. Two charts have a seat in common when both give it the same guid; where
/// neither gives one, the same label. Every seat that is held, sold or assigned to a channel must be on the new chart, or 409
/// `place_unavailable` names those that are not (the first thousand); every area must be too, in the same order and at least
/// as large. Open maps follow through the feed: an `event` with the other `chart_id`, and a snapshot. Repeated, it changes
/// nothing more.
#[utoipa::path(
    post, path = "/v1/events/{event}/chart", tag = "Events", operation_id = "moveChart",
    params(parameters::IdempotencyKey, parameters::IfSeq),
    request_body(content = ref("#/components/schemas/ChartMove"), content_type = "application/json"),
    responses(
        (status = 200, description = "The event as it is now.", body = ref("#/components/schemas/Event")),
        problems::ChartMoving,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn move_chart(
    State(app): State<SharedApp>,
    caller: Caller,
    once: Once,
    AtLeast(at_least): AtLeast,
    Path(event): Path<String>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    caller.require(Right::Manage)?;
    let (desk, _) = event_of(&app, caller, &event).await?;
    let wanted: ChartMoveIn = parse(&body)?;
    let (id, chart) = chart_of(&app, caller, &wanted.chart_id).await?;
    let known = desk.read(|inventory| inventory.event().clone());
    let new = tokio::task::spawn_blocking(move || NewChart::new(id, chart, &known)).await;
    let patch = wanted.into_patch(new.map_err(|_| Problem::unavailable())?);
    let request = Request {
        idempotency: once.of(&app, caller, &body)?,
        at_least,
        ..Request::new(Command::Configure(Box::new(patch)), caller.actor())
    };
    submit(&app, &desk, request).await
}

/// Delete a test event
///
/// With all its holds, orders and history. A live event cannot be deleted: 403.
#[utoipa::path(
    delete, path = "/v1/events/{event}", tag = "Events", operation_id = "deleteEvent",
    responses(
        (status = 204, description = "The event is gone."),
        problems::SecretReading,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn delete(
    State(app): State<SharedApp>,
    caller: Caller,
    Path(event): Path<String>,
) -> Result<Response, Problem> {
    caller.require(Right::Manage)?;
    let (_, event) = event_of(&app, caller, &event).await?;
    if event.livemode {
        return Err(Problem::forbidden("only test events can be deleted; cancel or close a live one"));
    }
    app.engine.store().delete_event(event.id).await?;
    app.engine.forget(event.id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Read an event's availability
///
/// Who has what, as committed at `seq`: one character a seat, in the chart's order, and counts by area and category.
/// Requests that are being decided never show. Follow the feed from here rather than asking again.
#[utoipa::path(
    get, path = "/v1/events/{event}/availability", tag = "Events", operation_id = "readAvailability",
    params(parameters::IfSeq),
    responses(
        (status = 200, description = "The availability.", body = ref("#/components/schemas/Availability")),
        problems::EventReading,
    ),
    security(("secret_key" = []), ("publishable_key" = []), ("publishable_key_in_url" = [])),
)]
pub(super) async fn availability(
    State(app): State<SharedApp>,
    caller: Caller,
    headers: HeaderMap,
    AtLeast(at_least): AtLeast,
    Path(event): Path<String>,
) -> Result<Response, Problem> {
    let (desk, event) = event_of(&app, caller, &event).await?;
    let desk = match at_least {
        Some(seq) => app.engine.desk_at(event.id, seq).await?,
        None => desk,
    };
    let shown = desk.availability(&**app.engine.renderer());
    let is_packed = shown.text.len() >= PACKED_BYTES_MIN && gzip::is_taken(&headers);
    let body = if is_packed {
        shown.packed.get_or_init(|| gzip::file(&shown.text, Compression::fast())).clone()
    } else {
        shown.text.clone()
    };
    let mut response = json_response(StatusCode::OK, body);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    gzip::declare(response.headers_mut(), is_packed);
    Ok(response)
}
