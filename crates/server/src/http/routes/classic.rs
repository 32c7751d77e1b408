//! The wire of the original engine, for its clients: tickets by number, one event, no keys.
//!
//! Anybody who reaches the server may use it, so it is off unless enabled, and it sells nothing but an event of
//! its own in the test world: a hall of 100 seats that `seed` makes.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::basket::{Basket, SeatWanted};
use domain::command::{Actor, Command, Ignored, Payment, Purchase};
use domain::event::{Access, Event, EventStatus, Prices, SaleWindow, TicketType};
use domain::id::{ChartId, EventId, OrganizationId};
use domain::limits;
use domain::place::SeatIndex;
use domain::rejection::Rejection;
use domain::seating::Seating;
use engine::desk::SharedDesk;
use engine::digest::Kind;
use engine::request::Request;
use engine::store::{CatalogReply, ChartRecord, Made, StoredReply};
use http::{HeaderValue, StatusCode, Uri, header};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::operations::metrics;
use super::purchase::{json_response, order_ref};
use crate::app::charts;
use crate::http::openapi::problems;
use crate::http::problem::Problem;
use crate::http::state::{App, SharedApp};

/// The routes.
pub(super) fn router() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new()
        .routes(routes!(seed))
        .routes(routes!(book))
        .routes(routes!(health))
        .routes(routes!(prometheus))
        .routes(routes!(swagger_ui))
}

/// Metrics, classic
///
/// The same text as `/metrics`. Answers only where the classic API is enabled.
#[utoipa::path(
    get, path = "/actuator/prometheus", tag = "Classic", operation_id = "classicMetrics",
    responses((status = 200, description = "The metrics.", body = String, content_type = "text/plain")),
    security(()),
)]
async fn prometheus(app: State<SharedApp>) -> Response {
    metrics(app).await
}

/// Swagger UI, classic
///
/// Leads to Swagger UI. Answers only where the classic API is enabled.
#[utoipa::path(
    get, path = "/swagger-ui.html", tag = "Classic", operation_id = "classicSwaggerUi",
    responses((status = 307, description = "To `/swagger-ui/`.", headers(("Location" = String, description = "`/swagger-ui/`.")))),
    security(()),
)]
async fn swagger_ui() -> Redirect {
    Redirect::temporary("/swagger-ui/")
}

/// An error in the original's shape.
fn refusal(status: StatusCode, message: &str) -> Response {
    json_response(status, json!({ "status": "error", "message": message }).to_string().into())
}

fn text(message: &'static str) -> Response {
    let mut response = message.into_response();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

/// The key under which the classic event's identifier is remembered: there is one an installation. Its reply has the
/// status 200, which keeps it for good; replies of 201 are forgotten after a day or two.
fn seed_key(app: &App) -> domain::command::Digest {
    app.digester.digest(Kind::IdempotencyKey, &[b"the classic hall"])
}

/// The classic event, if it was seeded.
async fn classic_event(app: &App) -> Result<Option<EventId>, Problem> {
    let Some(stored) = app.engine.store().reply(seed_key(app)).await? else { return Ok(None) };
    let id = std::str::from_utf8(&stored.body).ok().and_then(|text| text.parse().ok());
    Ok(id)
}

/// Make the classic hall
///
/// A hall of 100 seats of its own, once an installation. Answers only where the classic API is enabled: always in a
/// `demo`, in `serve` with `--classic-api`.
#[utoipa::path(
    post, path = "/api/tickets/seed", tag = "Classic", operation_id = "classicSeed",
    responses(
        (status = 200, description = "It was made, or was there before.", body = String, content_type = "text/plain"),
        problems::NotReady,
    ),
    security(()),
)]
async fn seed(State(app): State<SharedApp>) -> Result<Response, Problem> {
    if classic_event(&app).await?.is_some() {
        return Ok(text("Database already has tickets."));
    }
    let store = app.engine.store();
    let organization = store.default_organization().await?;
    let created_at = store.now().await?;
    let chart_id = ChartId(app.engine.outside().entropy.next_u64());
    let made = charts::make(crate::demo::classic(), &[], chart_id, false, created_at)?;
    let chart = charts::unpack(&made.packed).map_err(|_| Problem::unavailable())?;
    let record = ChartRecord {
        id: chart_id,
        organization,
        livemode: false,
        name: chart.name().to_owned(),
        seats: u32::try_from(chart.seats_len()).unwrap_or(u32::MAX),
        capacity: chart.seats_len() as u64,
        reference: None,
        metadata: None,
        created_at,
    };
    store.create_chart(record, made.packed, None).await?;
    let event = hall(&app, organization, created_at, (chart_id, chart))?;
    let body = event.id.to_string().into_bytes().into();
    let reply = StoredReply { fingerprint: seed_key(&app), status: 200, body };
    match store.create_event(Arc::new(event), Some(CatalogReply { key: seed_key(&app), reply })).await? {
        Made::New => Ok(text("Created 100 Seats!")),
        Made::Before(_) => Ok(text("Database already has tickets.")),
    }
}

fn hall(
    app: &App,
    organization: OrganizationId,
    created_at: domain::time::Timestamp,
    chart: (ChartId, Arc<domain::chart::Chart>),
) -> Result<Event, Problem> {
    let (categories, areas) = Event::lay_out(Some(&chart.1), &[])?;
    Ok(Event {
        id: EventId(app.engine.outside().entropy.next_u64()),
        organization,
        livemode: false,
        created_at,
        reference: None,
        metadata: None,
        name: "Classic".to_owned(),
        starts_at: None,
        currency: "EUR".parse().map_err(|_| Problem::unavailable())?,
        status: EventStatus::Open,
        sale: SaleWindow::default(),
        hold_seconds: limits::HOLD_SECONDS_DEFAULT,
        max_hold_seconds: limits::MAX_HOLD_SECONDS_DEFAULT,
        max_per_buyer: None,
        public_confirm: false,
        access: Access::Open,
        ticket_types: vec![TicketType { key: "standard".into(), name: "Standard".to_owned(), public: true }],
        prices: Prices::Unpriced,
        categories,
        areas,
        seating: Some(Arc::new(Seating::new(chart.0, chart.1))),
    })
}

/// A positive whole number of the query, under this name.
fn number(uri: &Uri, name: &str) -> Result<i64, Box<Response>> {
    let invalid = |reason: &str| Box::new(refusal(StatusCode::BAD_REQUEST, &format!("{name} {reason}")));
    let query = uri.query().unwrap_or_default();
    let value = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
    let Some((_, value)) = value else { return Err(invalid("is missing")) };
    match value.parse::<i64>() {
        Ok(number) if number > 0 => Ok(number),
        Ok(_) => Err(invalid("must be positive")),
        Err(_) => Err(invalid("must be a whole number")),
    }
}

/// Book a classic ticket
///
/// One ticket by its number, for a user by theirs. The same user who asks again gets the same ticket. Answers only where
/// the classic API is enabled.
#[utoipa::path(
    post, path = "/api/tickets/book", tag = "Classic", operation_id = "classicBook",
    params(("ticketId" = i64, Query, description = "The ticket's number, from 1.", minimum = 1, example = 1),
        ("userId" = i64, Query, description = "The user's number.", minimum = 1, example = 1001)),
    responses(
        (status = 200, description = "The ticket is yours.", body = ref("#/components/schemas/ClassicTicket")),
        (status = 400, description = "A number is missing, not a number, or not positive.", body = ref("#/components/schemas/ClassicRefusal")),
        (status = 409, description = "`Sold Out!`, `Invalid Ticket ID`, or `Too many requests! Please try again.`", body = ref("#/components/schemas/ClassicRefusal")),
        (status = 503, description = "The store cannot be reached; nothing was changed.", body = ref("#/components/schemas/ClassicRefusal")),
    ),
    security(()),
)]
async fn book(State(app): State<SharedApp>, uri: Uri) -> Result<Response, Problem> {
    let (ticket, user) = match (number(&uri, "ticketId"), number(&uri, "userId")) {
        (Ok(ticket), Ok(user)) => (ticket, user),
        (Err(response), _) | (_, Err(response)) => return Ok(*response),
    };
    let invalid = || Ok(refusal(StatusCode::CONFLICT, "Invalid Ticket ID"));
    let Some(event) = classic_event(&app).await? else { return invalid() };
    let desk = app.engine.desk(event).await?;
    let label = format!("Classic-Seat-{ticket}");
    let Some(seat) = desk.read(|inventory| inventory.event().find_seat(&label)) else {
        return invalid();
    };
    Ok(match app.engine.submit_to(&desk, purchase(&app, event, seat, ticket, user)).await {
        Ok(_) => sold(&desk, seat, ticket, user),
        Err(error) => refused(&error),
    })
}

/// An order that stays one however often its buyer asks: the ticket and the user are its reference.
fn purchase(app: &App, event: EventId, seat: SeatIndex, ticket: i64, user: i64) -> Request {
    let buyer = user.to_string();
    let reference = format!("classic-{ticket}-{user}");
    let wanted = SeatWanted { seat, ticket_type: None, price: None, code: None };
    Request {
        command: Command::Book {
            purchase: Purchase {
                buyer: app.limit_key(&buyer),
                claims: Vec::new(),
                basket: Basket { seats: vec![wanted], ..Basket::default() },
                channels: Vec::new(),
                ignored: Ignored::default(),
                is_public: false,
                pass: None,
                metadata: None,
                reference: Some(Arc::from(&*reference)),
            },
            payment: Payment::default(),
        },
        actor: Actor::System,
        idempotency: None,
        order_ref: order_ref(app, event, Some(&reference), || "classic".to_owned()),
        codes: Vec::new(),
        at_least: None,
    }
}

fn sold(desk: &SharedDesk, seat: SeatIndex, ticket: i64, user: i64) -> Response {
    let version = desk.read(|inventory| inventory.seat(seat).version);
    let body = json!({
        "id": ticket,
        "seatNumber": format!("Seat-{ticket}"),
        "status": "SOLD",
        "userId": user,
        "version": version,
    });
    json_response(StatusCode::OK, body.to_string().into())
}

fn refused(error: &engine::Error) -> Response {
    match error {
        engine::Error::Rejected(Rejection::PlaceContended(_) | Rejection::IdempotencyInFlight) => {
            ::metrics::counter!("flashtix_lock_contention_total").increment(1);
            refusal(StatusCode::CONFLICT, "Too many requests! Please try again.")
        }
        engine::Error::Rejected(_) => {
            ::metrics::counter!("flashtix_sold_out_total").increment(1);
            refusal(StatusCode::CONFLICT, "Sold Out!")
        }
        _ => {
            let mut response =
                refusal(StatusCode::SERVICE_UNAVAILABLE, "Too many requests! Please try again.");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            response
        }
    }
}

/// Health, classic
///
/// As Spring Boot tells it. Answers only where the classic API is enabled.
#[utoipa::path(
    get, path = "/actuator/health", tag = "Classic", operation_id = "classicHealth",
    responses(
        (status = 200, description = "It serves.", body = ref("#/components/schemas/ActuatorHealth")),
        (status = 503, description = "Its store does not answer.", body = ref("#/components/schemas/ActuatorHealth")),
    ),
    security(()),
)]
async fn health(State(app): State<SharedApp>) -> Response {
    let is_up = app.engine.store().now().await.is_ok();
    let (status, word) =
        if is_up { (StatusCode::OK, "UP") } else { (StatusCode::SERVICE_UNAVAILABLE, "DOWN") };
    let body = json!({ "status": word, "components": { "db": { "status": word } } });
    json_response(status, body.to_string().into())
}
