//! Orders: book in one step, read, list, cancel.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use domain::command::{Assignment, Cancel, ChangeOrder, Command, Digest, Payment, Selection};
use domain::event::Event;
use domain::id::{EventId, OrderId, TicketId};
use domain::limits;
use domain::place::{ChannelKey, Place};
use domain::record::OrderRecord;
use domain::rejection::{Reason, Rejection};
use engine::request::Request;
use engine::store::OrderFilter;
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use super::purchase::{
    asked, basket_of, channels, event_of, event_with, ignored, json_response, limit_claims, order_ref,
    owner_event, submit, take, text,
};
use crate::http::auth::{Caller, Right};
use crate::http::extract::{
    Asker, AtLeast, Once, PageIn, Query, RawBody, cursor_after, parse, parse_or_default,
};
use crate::http::openapi::{parameters, problems};
use crate::http::problem::Problem;
use crate::http::state::{App, SharedApp};
use crate::render::json;
use crate::wire::basket::check_labels;
use crate::wire::event::time_of;
use crate::wire::order::{OrderOut, valid_lines};
use crate::wire::purchase::{CancelIn, ChangeIn, PurchaseIn, SwapIn};

fn order_id(text: &str) -> Result<OrderId, Problem> {
    text.parse().map_err(|_| Problem::not_found("order"))
}

/// Sell places in one step
///
/// Books without a hold: for a box office, or where no payment stands between. It needs an `Idempotency-Key` or a `ref`,
/// so that it is safe to repeat: the same `ref` and basket again get the same order with a 200, another basket is
/// `ref_taken`. A publishable key may do this only in an event with `public_confirm`.
#[utoipa::path(
    post, path = "/v1/events/{event}/orders", tag = "Orders", operation_id = "createOrder",
    params(parameters::IdempotencyKey, parameters::AccessToken, parameters::IfSeq),
    request_body(content = ref("#/components/schemas/OrderRequest"), content_type = "application/json"),
    responses(
        (status = 200, description = "The order that this `ref` made before.", body = ref("#/components/schemas/Order")),
        (status = 201, description = "The order.", body = ref("#/components/schemas/Order")),
        problems::Booking,
    ),
    security(("secret_key" = []), ("publishable_key" = [])),
)]
pub(super) async fn create(
    State(app): State<SharedApp>,
    asker: Asker,
    Path(event): Path<String>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    take(app, asker, event, body, booking).await
}

/// What the engine is asked, if the caller may ask it.
pub(super) fn booking(app: &App, asker: &Asker, event: &Event, body: &[u8]) -> Result<Request, Problem> {
    let Asker { caller, once, at_least, .. } = asker;
    caller.check_scope(Right::Sell)?;
    if !caller.is_secret && !event.public_confirm {
        return Err(Problem::forbidden(
            "this event sells through its organizer: use a secret key, or hold places",
        ));
    }
    let mut wanted: PurchaseIn = parse(body)?;
    if !once.has_key() && wanted.reference.is_none() {
        let reason = "an order needs an Idempotency-Key, or a ref, to be safe to repeat";
        return Err(Problem::malformed("/headers/Idempotency-Key", reason));
    }
    let asked = asked(app, asker, event, &mut wanted)?;
    let buyer = asked.purchase.buyer.text.clone();
    let created_at = wanted.created_at.as_deref().map(|at| time_of("/created_at", at)).transpose()?;
    let payment = Payment {
        payment_ref: text("/payment_ref", wanted.payment_ref.as_deref(), limits::PAYMENT_REF_BYTES_MAX)?,
        created_at,
        cancelled: Vec::new(),
    };
    Ok(Request {
        command: Command::Book { purchase: asked.purchase, payment },
        actor: caller.actor(),
        idempotency: once.of(app, *caller, body)?,
        order_ref: order_ref(app, event.id, wanted.reference.as_deref(), || {
            format!("{buyer:?} {}", asked.canonical)
        }),
        codes: asked.codes,
        at_least: *at_least,
    })
}

/// Read an order
///
/// With all its tickets, cancelled ones included; `places` and `areas` are of the valid ones.
#[utoipa::path(
    get, path = "/v1/orders/{order}", tag = "Orders", operation_id = "readOrder",
    responses(
        (status = 200, description = "The order.", body = ref("#/components/schemas/Order")),
        problems::SecretReading,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn read(
    State(app): State<SharedApp>,
    caller: Caller,
    Path(order): Path<String>,
) -> Result<Response, Problem> {
    caller.require(Right::See)?;
    let id = order_id(&order)?;
    let (desk, _) = owner_event(&app, caller, id.event, "order").await?;
    let order = app.engine.store().order(id).await?.ok_or_else(|| Problem::not_found("order"))?;
    let event = event_with(&app, &desk, order.tickets.iter().map(|ticket| ticket.place)).await?;
    Ok(json_response(StatusCode::OK, json(&OrderOut::of(&event, &order, &valid_lines(&order)))))
}

/// The filters of a list of orders.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OrdersIn {
    /// Only orders of this buyer.
    buyer: Option<String>,
    /// Only orders of this status: `confirmed` or `cancelled`.
    #[param(pattern = "^(confirmed|cancelled)$")]
    status: Option<String>,
    /// Only the order that you gave this name.
    #[serde(rename = "ref")]
    reference: Option<String>,
    /// Only orders that were paid by this payment.
    payment_ref: Option<String>,
    /// Only the order that has the ticket with this barcode.
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

/// List an event's orders
///
/// Oldest first. Filters may be combined.
#[utoipa::path(
    get, path = "/v1/events/{event}/orders", tag = "Orders", operation_id = "listOrdersOfEvent",
    responses(
        (status = 200, description = "A page of orders.", body = ref("#/components/schemas/OrderPage")),
        problems::EventListing,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn list_of_event(
    State(app): State<SharedApp>,
    caller: Caller,
    Path(event): Path<String>,
    Query(page): Query<PageIn>,
    Query(filter): Query<OrdersIn>,
) -> Result<Response, Problem> {
    caller.require(Right::See)?;
    let (_, event) = event_of(&app, caller, &event).await?;
    list_with(&app, caller, page, filter.filter(Some(event.id))?).await
}

/// List orders
///
/// Of all events, oldest first. Filters may be combined.
#[utoipa::path(
    get, path = "/v1/orders", tag = "Orders", operation_id = "listOrders",
    responses(
        (status = 200, description = "A page of orders.", body = ref("#/components/schemas/OrderPage")),
        problems::SecretListing,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn list(
    State(app): State<SharedApp>,
    caller: Caller,
    Query(page): Query<PageIn>,
    Query(filter): Query<OrdersIn>,
) -> Result<Response, Problem> {
    caller.require(Right::See)?;
    list_with(&app, caller, page, filter.filter(None)?).await
}

async fn list_with(
    app: &App,
    caller: Caller,
    page: PageIn,
    filter: OrderFilter,
) -> Result<Response, Problem> {
    let page = page.page()?;
    let store = app.engine.store();
    let orders = store.orders(caller.organization, caller.livemode, filter, page).await?;
    let last = orders.last().filter(|_| orders.len() == page.limit).map(|(position, _)| *position);
    let mut items = Vec::with_capacity(orders.len());
    for (_, order) in &orders {
        let desk = app.engine.desk(order.id.event).await?;
        let event = event_with(app, &desk, order.tickets.iter().map(|ticket| ticket.place)).await?;
        items.push(render(&event, order));
    }
    let body = serde_json::json!({ "items": items, "next_cursor": last.map(cursor_after) });
    Ok(json_response(StatusCode::OK, json(&body)))
}

pub(super) fn render(event: &Event, order: &OrderRecord) -> serde_json::Value {
    serde_json::to_value(OrderOut::of(event, order, &valid_lines(order))).unwrap_or_default()
}

/// Cancel an order, or some of its tickets
///
/// All of it, unless you name `tickets` or `places`. The places go back to where they came from, the public or a
/// channel, unless `then` says where: `free` is the public, anything else a channel. The money is yours to give back:
/// `amount_cancelled` says how much. Cancelling again what is cancelled changes nothing.
#[utoipa::path(
    post, path = "/v1/orders/{order}/cancel", tag = "Orders", operation_id = "cancelOrder",
    params(parameters::IdempotencyKey, parameters::IfSeq),
    request_body(content = ref("#/components/schemas/CancelRequest"), content_type = "application/json", description = "May be empty: everything."),
    responses(
        (status = 200, description = "The order as it is now.", body = ref("#/components/schemas/Order")),
        problems::Cancelling,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn cancel(
    State(app): State<SharedApp>,
    caller: Caller,
    once: Once,
    AtLeast(at_least): AtLeast,
    Path(order): Path<String>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    caller.require(Right::Sell)?;
    let id = order_id(&order)?;
    let (desk, event) = owner_event(&app, caller, id.event, "order").await?;
    let wanted: CancelIn = parse_or_default(&body)?;
    let then = assignment(wanted.then.as_deref())?;
    let request = Request {
        idempotency: once.of(&app, caller, &body)?,
        at_least,
        ..Request::new(
            Command::Cancel(Cancel { order: id, selection: selection(&wanted, &event)?, then }),
            caller.actor(),
        )
    };
    submit(&app, &desk, request).await
}

/// Change an order
///
/// Swaps tickets for other places (or for the same on other terms), adds places, cancels tickets: all of it in one
/// commit, or nothing. Nobody ever sees an old seat free while the new one is not yet taken. A swapped ticket is cancelled,
/// and the new one names it in `replaces`. `difference` is what is to be paid; negative, what is to be given back.
/// Send `version` to be told, with `order_changed`, when a colleague was faster; a ticket that is not valid any more
/// is `ticket_cancelled` in any case.
#[utoipa::path(
    post, path = "/v1/orders/{order}/change", tag = "Orders", operation_id = "changeOrder",
    params(parameters::IdempotencyKey, parameters::IfSeq),
    request_body(content = ref("#/components/schemas/ChangeRequest"), content_type = "application/json"),
    responses(
        (status = 200, description = "The order as it is now, with the difference in money.", body = ref("#/components/schemas/Order")),
        problems::Changing,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn change(
    State(app): State<SharedApp>,
    caller: Caller,
    once: Once,
    AtLeast(at_least): AtLeast,
    Path(order): Path<String>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    caller.require(Right::Sell)?;
    let id = order_id(&order)?;
    let (desk, event) = owner_event(&app, caller, id.event, "order").await?;
    let wanted: ChangeIn = parse(&body)?;
    let (change, codes) = asked_change(&app, caller, &event, id, wanted)?;
    let request = Request {
        idempotency: once.of(&app, caller, &body)?,
        codes,
        at_least,
        ..Request::new(Command::Change(change), caller.actor())
    };
    submit(&app, &desk, request).await
}

/// A change with everything looked up, and the barcodes of its new tickets.
fn asked_change(
    app: &App,
    caller: Caller,
    event: &Event,
    order: OrderId,
    wanted: ChangeIn,
) -> Result<(ChangeOrder, Vec<(Digest, String)>), Problem> {
    let swaps = wanted.swap.unwrap_or_default();
    let cancelled = wanted.cancel.unwrap_or_default();
    let units_max = limits::BASKET_UNITS_MAX as usize;
    if swaps.len() > units_max {
        return Err(Problem::invalid("/swap", format!("has more than {units_max} entries")));
    }
    check_labels(&cancelled, "/cancel", units_max)?;
    let mut codes = Vec::new();
    let mut swap = Vec::with_capacity(swaps.len());
    for (at, SwapIn { ticket, to }) in swaps.into_iter().enumerate() {
        let code = to.code().map(|(code, place)| (app.digester.code(event.id, code), place.to_owned()));
        codes.extend(code);
        swap.push(to.into_named().resolve(ticket_id(&ticket)?, event, &format!("/swap/{at}/to"))?);
    }
    let add = match wanted.add {
        Some(add) => {
            let asked = basket_of(app, caller, event, add.into_basket(), "/add")?;
            codes.extend(asked.codes);
            Some(asked.basket)
        }
        None => None,
    };
    let mut seen = HashSet::new();
    if let Some((_, place)) = codes.iter().find(|(code, _)| !seen.insert(*code)) {
        return Err(Problem::invalid("/swap", format!("gives {place} a code that another ticket gets")));
    }
    let change = ChangeOrder {
        order,
        version: wanted.version,
        swap,
        add,
        cancel: cancelled.iter().map(|ticket| ticket_id(ticket)).collect::<Result<_, _>>()?,
        then: assignment(wanted.then.as_deref())?,
        payment_ref: text("/payment_ref", wanted.payment_ref.as_deref(), limits::PAYMENT_REF_BYTES_MAX)?,
        claims: limit_claims(app, wanted.limits)?,
        channels: channels(caller, wanted.channels.as_deref())?,
        ignored: ignored(caller, wanted.ignore.as_deref())?,
    };
    Ok((change, codes))
}

/// Where places go that an order gives up: `free` is the public.
fn assignment(then: Option<&str>) -> Result<Option<Assignment>, Problem> {
    Ok(match then {
        None => None,
        Some("free") => Some(Assignment::Public),
        Some(channel) => {
            domain::event::check_text("/then", channel, limits::CHANNEL_BYTES_MAX)?;
            Some(Assignment::Channel(ChannelKey(Arc::from(channel))))
        }
    })
}

fn ticket_id(text: &str) -> Result<TicketId, Problem> {
    text.parse().map_err(|_| Problem::not_found("ticket"))
}

/// Which tickets a cancellation means.
fn selection(wanted: &CancelIn, event: &Event) -> Result<Selection, Problem> {
    match (&wanted.tickets, &wanted.places) {
        (Some(_), Some(_)) => Err(Problem::invalid("/places", "cannot be combined with tickets")),
        (None, None) => Ok(Selection::All),
        (Some(tickets), None) => {
            check_labels(tickets, "/tickets", limits::BASKET_UNITS_MAX as usize)?;
            let parsed: Result<Vec<TicketId>, Problem> = tickets.iter().map(|text| ticket_id(text)).collect();
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
    event
        .find_place(name)
        .ok_or_else(|| Rejection::PlaceUnavailable(vec![(name.to_owned(), Reason::Unknown)]).into())
}
