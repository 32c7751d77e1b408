//! The ledger, for organizers.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Response;
use domain::command::Actor;
use domain::entry::{Change, Entry};
use domain::event::Event;
use domain::id::{Seq, TicketId};
use domain::place::{ChannelKey, Place, Status};
use engine::store::LedgerRow;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::IntoParams;

use super::purchase::{event_of, json_response};
use crate::http::auth::{Caller, Right};
use crate::http::extract::Query;
use crate::http::openapi::problems;
use crate::http::problem::Problem;
use crate::http::state::SharedApp;
use crate::wire::time::rfc3339;

/// The longest that a request may wait for news, in seconds.
const WAIT_SECONDS_MAX: u64 = 30;
/// Commits of one answer by default.
const COMMITS_DEFAULT: usize = 100;
/// Commits of one answer at most.
const COMMITS_MAX: usize = 1_000;
/// How often a waiting request looks.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// Which part of the ledger is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LedgerIn {
    /// The `seq` that you have; from the beginning when missing.
    #[param(minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    after: Option<u64>,
    /// The `next_cursor` of the page before; instead of `after`.
    #[param(minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    cursor: Option<u64>,
    /// How long to wait for news when there are none, in seconds.
    #[param(minimum = 0, maximum = 30)]
    wait: Option<u64>,
    /// How many commits, at most; a commit may have several items.
    #[param(minimum = 1, maximum = 1_000)]
    limit: Option<usize>,
}

/// Read an event's ledger
///
/// Every change of every place since the event was made, in order, with who did it and which rules staff left aside. The
/// hashes form a chain: each covers everything before it. Buyers are surrogates here, and no text of yours is in it.
///
/// To follow it, ask for `after=<the last seq you have>` with `wait=25`: the answer comes when there is news, or empty
/// after 25 seconds.
#[utoipa::path(
    get, path = "/v1/events/{event}/ledger", tag = "Ledger", operation_id = "readLedger",
    responses(
        (status = 200, description = "A page of entries.", body = ref("#/components/schemas/LedgerPage")),
        problems::EventListing,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn list(
    State(app): State<SharedApp>,
    caller: Caller,
    Path(event): Path<String>,
    Query(wanted): Query<LedgerIn>,
) -> Result<Response, Problem> {
    caller.require(Right::See)?;
    let (desk, event) = event_of(&app, caller, &event).await?;
    let after = Seq(wanted.cursor.or(wanted.after).unwrap_or(0));
    if after.0 > i64::MAX as u64 {
        return Err(Problem::malformed("/query/after", "is no commit's number"));
    }
    let limit = wanted.limit.unwrap_or(COMMITS_DEFAULT);
    if limit == 0 || limit > COMMITS_MAX {
        return Err(Problem::malformed("/query/limit", format!("must be from 1 to {COMMITS_MAX}")));
    }
    let wait = wanted.wait.unwrap_or(0);
    if wait > WAIT_SECONDS_MAX {
        return Err(Problem::malformed("/query/wait", format!("must be at most {WAIT_SECONDS_MAX} seconds")));
    }
    let until = tokio::time::Instant::now() + Duration::from_secs(wait);
    let mut stopping = app.stopping.clone();
    while desk.position().seq <= after && tokio::time::Instant::now() < until && !*stopping.borrow() {
        tokio::select! {
            () = tokio::time::sleep(LOOK_INTERVAL) => {}
            _ = stopping.changed() => {}
        }
    }
    let rows = app.engine.store().tail(event.id, after, limit).await?;
    let next = rows.last().filter(|_| rows.len() == limit).map(|row| row.seq.0.to_string());
    // What was read may be newer than what this node had heard of: the event may have moved to another chart.
    let event = match rows.last() {
        Some(row) => app.engine.desk_at(event.id, row.seq).await?.read(|inventory| inventory.event().clone()),
        None => event,
    };
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        items.extend(items_of(row, &event)?);
    }
    let body = json!({ "items": items, "next_cursor": next });
    Ok(json_response(StatusCode::OK, body.to_string().into()))
}

/// The items of one commit, an entry each.
pub(super) fn items_of(row: &LedgerRow, event: &Event) -> Result<Vec<Value>, Problem> {
    let entries = engine::ledger::decode(&row.payload, event).map_err(|error| {
        tracing::error!(event = %event.id, seq = row.seq.0, ?error, "a ledger row cannot be read");
        Problem::unavailable()
    })?;
    Ok(entries.iter().map(|entry| item_of(row, entry, event)).collect())
}

fn item_of(row: &LedgerRow, entry: &Entry, event: &Event) -> Value {
    let mut item = json!({
        "seq": row.seq.0,
        "at": rfc3339(row.at),
        "hash": row.head.to_hex(),
        "actor": match entry.actor {
            Actor::Key(key) => key.to_string(),
            Actor::System => "system".to_owned(),
        },
        "kind": entry.kind.as_str(),
        "ignored": entry.ignored.names().collect::<Vec<_>>(),
        "changes": entry.changes.iter().map(|change| change_of(change, entry, event)).collect::<Vec<_>>(),
    });
    if let (Some(members), Some(buyer)) = (item.as_object_mut(), entry.buyer) {
        members.insert("buyer".to_owned(), format!("byr_{}", buyer.0).into());
    }
    item
}

fn state_of(status: Status, channel: Option<&ChannelKey>) -> &'static str {
    match status {
        Status::Free if channel.is_some() => "blocked",
        Status::Free => "free",
        Status::Held => "held",
        Status::Sold => "sold",
    }
}

fn change_of(change: &Change, entry: &Entry, event: &Event) -> Value {
    let mut members = Map::new();
    let place = match change.place {
        Place::Seat(_) => "place",
        Place::Area(_) => "area",
    };
    members.insert(place.to_owned(), event.name_of(change.place).into());
    members.insert("units".to_owned(), change.units.into());
    members.insert("from".to_owned(), state_of(change.from, change.channel_from.as_ref()).into());
    members.insert("to".to_owned(), state_of(change.to, change.channel_to.as_ref()).into());
    if let Some(channel) = change.channel_to.as_ref().or(change.channel_from.as_ref()) {
        members.insert("channel".to_owned(), channel.to_string().into());
    }
    if let Some(hold) = entry.hold {
        members.insert("hold_id".to_owned(), hold.to_string().into());
    }
    if let Some(order) = entry.order {
        members.insert("order_id".to_owned(), order.to_string().into());
        if let Some(index) = change.ticket {
            let ticket = |index| TicketId { order, index }.to_string();
            members.insert("ticket_id".to_owned(), ticket(index).into());
            if change.units > 1 {
                let last = index.saturating_add(u16::try_from(change.units - 1).unwrap_or(u16::MAX));
                members.insert("ticket_ids".to_owned(), (index..=last).map(ticket).collect());
            }
        }
    }
    if let Some((ticket_type, price)) = &change.terms {
        members.insert("ticket_type".to_owned(), (**ticket_type).into());
        members.insert("price".to_owned(), price.0.into());
    }
    Value::Object(members)
}
