//! Channels: assigning places to them and back, and what each has.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use domain::command::{Assign, Assignment, Command};
use domain::event::Event;
use domain::limits;
use domain::place::{AreaIndex, ChannelKey, SeatIndex, Status};
use domain::rejection::{Reason, Rejection};
use engine::request::Request;
use http::StatusCode;

use super::purchase::{event_of, json_response, submit, text};
use crate::http::auth::{Caller, Right};
use crate::http::extract::{Once, PageIn, Query, RawBody, cursor_after, parse};
use crate::http::openapi::{parameters, problems};
use crate::http::problem::Problem;
use crate::http::state::SharedApp;
use crate::render::json;
use crate::wire::basket::check_labels;
use crate::wire::channel::{AssignedSeat, ChannelOut, Units};
use crate::wire::purchase::{AssignAreaIn, BlockIn, UnblockIn};

/// The channel of a block that names none.
const CHANNEL_DEFAULT: &str = "house";

/// List an event's channels
///
/// What is assigned to each, by who has it: `free` places are those that the public sees as blocked.
#[utoipa::path(
    get, path = "/v1/events/{event}/channels", tag = "Channels", operation_id = "listChannels",
    responses(
        (status = 200, description = "All channels, by key.", body = ref("#/components/schemas/ChannelPage")),
        problems::SecretReading,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn list(
    State(app): State<SharedApp>,
    caller: Caller,
    Path(event): Path<String>,
) -> Result<Response, Problem> {
    caller.require(Right::See)?;
    let (desk, event) = event_of(&app, caller, &event).await?;
    let notes = app.engine.store().channel_notes(event.id).await?;
    let mut channels = desk.read(Units::by_channel);
    for (key, note) in notes {
        channels.entry(key).or_default().note = Some(note);
    }
    let items: Vec<_> = channels.iter().map(|(key, channel)| ChannelOut::of(key, channel, &event)).collect();
    let body = serde_json::json!({ "items": items, "next_cursor": null });
    Ok(json_response(StatusCode::OK, json(&body)))
}

/// Read a channel
///
/// Its counts, and its seats in the order of the chart, each with its state.
#[utoipa::path(
    get, path = "/v1/events/{event}/channels/{channel}", tag = "Channels", operation_id = "readChannel",
    params(("channel" = String, Path, description = "The channel's key.", example = "house")),
    responses(
        (status = 200, description = "The channel, with a page of its seats.", body = ref("#/components/schemas/Channel")),
        problems::EventListing,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn read(
    State(app): State<SharedApp>,
    caller: Caller,
    Path((event, key)): Path<(String, String)>,
    Query(page): Query<PageIn>,
) -> Result<Response, Problem> {
    caller.require(Right::See)?;
    let (desk, event) = event_of(&app, caller, &event).await?;
    let page = page.page()?;
    let key = ChannelKey(Arc::from(key));
    let mut notes = app.engine.store().channel_notes(event.id).await?;
    let note = notes.iter().position(|(known, _)| *known == key).map(|at| notes.swap_remove(at).1);
    // A cursor is the position after the last seat that was told.
    let first = usize::try_from(page.after).unwrap_or(usize::MAX);
    let (channel, seats) = desk.read(|inventory| {
        let of_channel = inventory.seat_rows().filter(|row| row.channel.as_ref() == Some(&key));
        let rest = of_channel.skip_while(|row| row.seat.at() < first);
        let seats: Vec<(SeatIndex, Status)> =
            rest.take(page.limit + 1).map(|row| (row.seat, row.status)).collect();
        (Units::by_channel(inventory).remove(&key), seats)
    });
    let mut channel = channel
        .or_else(|| note.is_some().then(Units::default))
        .ok_or_else(|| Problem::not_found("channel"))?;
    channel.note = note;
    let more = seats.len() > page.limit;
    let seats = &seats[..seats.len().min(page.limit)];
    let next = seats.last().filter(|_| more).map(|(seat, _)| cursor_after(i64::from(seat.0) + 1));
    let places = seats.iter().map(|(seat, status)| AssignedSeat::of(&event, *seat, *status)).collect();
    let out = ChannelOut::of(&key, &channel, &event).with_places(places, next);
    Ok(json_response(StatusCode::OK, json(&out)))
}

fn channel(pointer: &str, name: &str) -> Result<ChannelKey, Problem> {
    domain::event::check_text(pointer, name, limits::CHANNEL_BYTES_MAX)?;
    if name == "free" {
        return Err(Problem::invalid(pointer, "must not be free, which means the public"));
    }
    Ok(ChannelKey(Arc::from(name)))
}

type Named = (Vec<SeatIndex>, Vec<(AreaIndex, u32)>);

/// Looks up the places of a block or an unblock.
fn named(
    event: &Event,
    places: Option<Vec<String>>,
    areas: Option<Vec<AssignAreaIn>>,
) -> Result<Named, Problem> {
    let places = places.unwrap_or_default();
    check_labels(&places, "/places", limits::BLOCK_PLACES_MAX)?;
    let mut unknown = Vec::new();
    let mut seats = Vec::with_capacity(places.len());
    for name in places {
        match event.find_seat(&name) {
            Some(seat) => seats.push(seat),
            None => unknown.push((name, Reason::Unknown)),
        }
    }
    let mut units = Vec::new();
    for (at, area) in areas.unwrap_or_default().into_iter().enumerate() {
        if at >= limits::AREAS_MAX {
            return Err(Problem::invalid("/areas", "has too many entries"));
        }
        if area.quantity == 0 {
            return Err(Problem::invalid(format!("/areas/{at}/quantity"), "must be at least 1"));
        }
        match event.find_area(&area.name) {
            Some(index) => units.push((index, area.quantity)),
            None => unknown.push((area.name, Reason::Unknown)),
        }
    }
    if !unknown.is_empty() {
        return Err(Rejection::PlaceUnavailable(unknown).into());
    }
    Ok((seats, units))
}

async fn assign(
    app: &SharedApp,
    caller: Caller,
    desk: &engine::desk::SharedDesk,
    assign: Assign,
    once: &Once,
    body: &[u8],
) -> Result<Response, Problem> {
    let request = Request {
        idempotency: once.of(app, caller, body)?,
        ..Request::new(Command::Assign(assign), caller.actor())
    };
    submit(app, desk, request).await
}

/// Block places
///
/// Keeps places from the public: they are assigned to a channel, `house` unless you name one. A block is an assignment
/// and not a state: what is held or sold keeps its owner, is listed in `later`, and falls to the channel when its hold ends
/// or its order is cancelled. A secret key that presents the channel in `channels` may hold and sell from it. Units of an
/// area must be free.
#[utoipa::path(
    post, path = "/v1/events/{event}/block", tag = "Channels", operation_id = "blockPlaces",
    params(parameters::IdempotencyKey),
    request_body(content = ref("#/components/schemas/BlockRequest"), content_type = "application/json"),
    responses(
        (status = 200, description = "What is blocked now.", body = ref("#/components/schemas/Assigned")),
        problems::Assigning,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn block(
    State(app): State<SharedApp>,
    caller: Caller,
    once: Once,
    Path(event): Path<String>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    caller.require(Right::Manage)?;
    let (desk, event) = event_of(&app, caller, &event).await?;
    let wanted: BlockIn = parse(&body)?;
    let note = text("/note", wanted.note.as_deref(), limits::NOTE_BYTES_MAX)?;
    let to = channel("/channel", wanted.channel.as_deref().unwrap_or(CHANNEL_DEFAULT))?;
    let (seats, areas) = named(&event, wanted.places, wanted.areas)?;
    if seats.is_empty() && areas.is_empty() {
        return Err(Problem::invalid("/places", "must not be empty: name places or areas"));
    }
    let (from, to) = (Assignment::Public, Assignment::Channel(to));
    let wanted = Assign { seats, areas, whole_channel: None, from, to, note };
    assign(&app, caller, &desk, wanted, &once, &body).await
}

/// Unblock places
///
/// Gives places back to the public, or to another channel with `to`: those you name, or everything of a `channel`, all in
/// one commit. The public never sees a place free that moves from one channel to another.
#[utoipa::path(
    post, path = "/v1/events/{event}/unblock", tag = "Channels", operation_id = "unblockPlaces",
    params(parameters::IdempotencyKey),
    request_body(content = ref("#/components/schemas/UnblockRequest"), content_type = "application/json"),
    responses(
        (status = 200, description = "What is the public's now.", body = ref("#/components/schemas/Assigned")),
        problems::Assigning,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn unblock(
    State(app): State<SharedApp>,
    caller: Caller,
    once: Once,
    Path(event): Path<String>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    caller.require(Right::Manage)?;
    let (desk, event) = event_of(&app, caller, &event).await?;
    let wanted: UnblockIn = parse(&body)?;
    let named_channel = wanted.channel.as_deref().map(|name| channel("/channel", name)).transpose()?;
    let (seats, areas) = named(&event, wanted.places, wanted.areas)?;
    let is_whole = seats.is_empty() && areas.is_empty();
    let (whole_channel, from) = match named_channel {
        None if is_whole => {
            return Err(Problem::invalid("/places", "must not be empty: name places, areas or a channel"));
        }
        None => (None, Assignment::Public),
        Some(key) if is_whole => (Some(key), Assignment::Public),
        Some(key) => (None, Assignment::Channel(key)),
    };
    let to = match wanted.to.as_deref() {
        None => Assignment::Public,
        Some(name) => Assignment::Channel(channel("/to", name)?),
    };
    let wanted = Assign { seats, areas, whole_channel, from, to, note: None };
    assign(&app, caller, &desk, wanted, &once, &body).await
}
