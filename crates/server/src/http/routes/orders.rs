//! Orders: book in one step, read, list, cancel.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use domain::command::{Assignment, Cancel, Command, Payment, Selection};
use domain::event::Event;
use domain::id::{EventId, OrderId, TicketId};
use domain::limits;
use domain::place::{ChannelKey, Place};
use domain::record::OrderRecord;
use domain::rejection::{Reason, Rejection};
use engine::request::Request;
use engine::store::OrderFilter;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::purchase::{asked, at_least, event_of, json_response, order_ref, owner_event, submit, text};
use crate::http::auth::Caller;
use crate::http::extract::{ClientAddress, Once, PageIn, Query, RawBody, cursor_after, parse, parse_or_default};
use crate::http::problem::Problem;
use crate::http::state::{App, SharedApp};
use crate::render::json;
use crate::wire::basket::check_labels;
use crate::wire::event::time_of;
use crate::wire::order::{OrderOut, valid_lines};
use crate::wire::purchase::{CancelIn, PurchaseIn};

fn order_id(text: &str) -> Result<OrderId, Problem> {
    text.parse().map_err(|_| Problem::not_found("order"))
}

/// `POST /v1/events/{event}/orders`.
pub(super) async fn create(
    State(app): State<SharedApp>,
    caller: Caller,
    client: ClientAddress,
    once: Once,
    headers: HeaderMap,
    Path(event): Path<String>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    let (desk, event) = event_of(&app, caller, &event).await?;
    if !caller.is_secret && !event.public_confirm {
        return Err(Problem::forbidden("this event sells through its organizer: use a secret key, or hold places"));
    }
    let mut wanted: PurchaseIn = parse(&body)?;
    if !once.has_key() && wanted.reference.is_none() {
        let reason = "an order needs an Idempotency-Key, or a ref, to be safe to repeat";
        return Err(Problem::malformed("/headers/Idempotency-Key", reason));
    }
    let asked = asked(&app, caller, client, &event, &mut wanted)?;
    let created_at = wanted.created_at.as_deref().map(|at| time_of("/created_at", at)).transpose()?;
    let payment = Payment {
        payment_ref: text("/payment_ref", wanted.payment_ref.as_deref(), limits::PAYMENT_REF_BYTES_MAX)?,
        created_at,
    };
    let same = format!("{:?} {}", wanted.buyer, asked.canonical);
    let request = Request {
        command: Command::Book { purchase: asked.purchase, payment },
        actor: caller.actor(),
        idempotency: once.of(&app, caller, &body)?,
        order_ref: order_ref(&app, event.id, wanted.reference.as_deref(), &same),
        codes: asked.codes,
        at_least: at_least(&headers)?,
    };
    submit(&app, &desk, request).await
}

/// `GET /v1/orders/{order}`.
pub(super) async fn read(
    State(app): State<SharedApp>,
    caller: Caller,
    Path(order): Path<String>,
) -> Result<Response, Problem> {
    caller.require_secret()?;
    let id = order_id(&order)?;
    let (_, event) = owner_event(&app, caller, id.event, "order").await?;
    let order = app.engine.store().order(id).await?.ok_or_else(|| Problem::not_found("order"))?;
    Ok(json_response(StatusCode::OK, json(&OrderOut::of(&event, &order, &valid_lines(&order)))))
}

/// The filters of a list of orders.
#[derive(Debug, Default, Deserialize)]
pub(super) struct OrdersIn {
    buyer: Option<String>,
    status: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    payment_ref: Option<String>,
    code: Option<String>,
}

impl OrdersIn {
    fn filter(self, event: Option<EventId>) -> Result<OrderFilter, Problem> {
        let is_cancelled = match self.status.as_deref() {
            None => None,
            Some("confirmed") => Some(false),
            Some("cancelled") => Some(true),
            Some(_) => return Err(Problem::malformed("/query/status", "must be confirmed or cancelled")),
        };
        Ok(OrderFilter {
            event,
            buyer: self.buyer,
            is_cancelled,
            reference: self.reference,
            payment_ref: self.payment_ref,
            code: self.code,
        })
    }
}

/// `GET /v1/events/{event}/orders`.
pub(super) async fn list_of_event(
    State(app): State<SharedApp>,
    caller: Caller,
    Path(event): Path<String>,
    Query(page): Query<PageIn>,
    Query(filter): Query<OrdersIn>,
) -> Result<Response, Problem> {
    caller.require_secret()?;
    let (_, event) = event_of(&app, caller, &event).await?;
    list_with(&app, caller, page, filter.filter(Some(event.id))?).await
}

/// `GET /v1/orders`.
pub(super) async fn list(
    State(app): State<SharedApp>,
    caller: Caller,
    Query(page): Query<PageIn>,
    Query(filter): Query<OrdersIn>,
) -> Result<Response, Problem> {
    caller.require_secret()?;
    list_with(&app, caller, page, filter.filter(None)?).await
}

async fn list_with(app: &App, caller: Caller, page: PageIn, filter: OrderFilter) -> Result<Response, Problem> {
    let page = page.page()?;
    let store = app.engine.store();
    let orders = store.orders(caller.organization, caller.livemode, filter, page).await?;
    let last = orders.last().filter(|_| orders.len() == page.limit).map(|(position, _)| *position);
    let mut items = Vec::with_capacity(orders.len());
    for (_, order) in &orders {
        let desk = app.engine.desk(order.id.event).await?;
        let event = desk.read(|inventory| inventory.event().clone());
        items.push(render(&event, order));
    }
    let body = serde_json::json!({ "items": items, "next_cursor": last.map(cursor_after) });
    Ok(json_response(StatusCode::OK, json(&body)))
}

fn render(event: &Event, order: &OrderRecord) -> serde_json::Value {
    serde_json::to_value(OrderOut::of(event, order, &valid_lines(order))).unwrap_or_default()
}

/// `POST /v1/orders/{order}/cancel`.
pub(super) async fn cancel(
    State(app): State<SharedApp>,
    caller: Caller,
    once: Once,
    headers: HeaderMap,
    Path(order): Path<String>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    caller.require_secret()?;
    let id = order_id(&order)?;
    let (desk, event) = owner_event(&app, caller, id.event, "order").await?;
    let wanted: CancelIn = parse_or_default(&body)?;
    let then = match wanted.then.as_deref() {
        None | Some("free") => None,
        Some(channel) => {
            domain::event::check_text("/then", channel, limits::CHANNEL_BYTES_MAX)?;
            Some(Assignment::Channel(ChannelKey(Arc::from(channel))))
        }
    };
    let request = Request {
        command: Command::Cancel(Cancel { order: id, selection: selection(&wanted, &event)?, then }),
        actor: caller.actor(),
        idempotency: once.of(&app, caller, &body)?,
        order_ref: None,
        codes: Vec::new(),
        at_least: at_least(&headers)?,
    };
    submit(&app, &desk, request).await
}

/// Which tickets a cancellation means.
fn selection(wanted: &CancelIn, event: &Event) -> Result<Selection, Problem> {
    match (&wanted.tickets, &wanted.places) {
        (Some(_), Some(_)) => Err(Problem::invalid("/places", "cannot be combined with tickets")),
        (None, None) => Ok(Selection::All),
        (Some(tickets), None) => {
            check_labels(tickets, "/tickets", limits::BASKET_UNITS_MAX as usize)?;
            let parsed: Result<Vec<TicketId>, Problem> =
                tickets.iter().map(|text| text.parse().map_err(|_| Problem::not_found("ticket"))).collect();
            not_empty(parsed?, "/tickets").map(Selection::Tickets)
        }
        (None, Some(places)) => {
            check_labels(places, "/places", limits::BASKET_UNITS_MAX as usize)?;
            let found: Result<Vec<Place>, Problem> =
                places.iter().map(|name| place_of(event, name)).collect();
            not_empty(found?, "/places").map(Selection::Places)
        }
    }
}

fn not_empty<T>(list: Vec<T>, pointer: &str) -> Result<Vec<T>, Problem> {
    if list.is_empty() { Err(Problem::invalid(pointer, "must not be empty")) } else { Ok(list) }
}

/// A seat or an area by its name.
fn place_of(event: &Event, name: &str) -> Result<Place, Problem> {
    let seat = event.chart().and_then(|chart| chart.find(name)).map(Place::Seat);
    seat.or_else(|| event.find_area(name).map(Place::Area))
        .ok_or_else(|| Rejection::PlaceUnavailable(vec![(name.to_owned(), Reason::Unknown)]).into())
}
