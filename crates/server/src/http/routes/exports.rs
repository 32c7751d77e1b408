//! Orders, tickets and the ledger as files, and what was sold in a few sums.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::event::Event;
use domain::id::Seq;
use domain::inventory::Inventory;
use domain::place::Place;
use domain::record::{OrderRecord, Ticket};
use engine::desk::SharedDesk;
use engine::store::{OrderFilter, Page};
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::IntoParams;

use super::ledger::items_of;
use super::orders::render;
use super::purchase::{event_of, event_with, json_response};
use crate::http::auth::{Caller, Right};
use crate::http::extract::Query;
use crate::http::openapi::problems;
use crate::http::problem::Problem;
use crate::http::state::{App, SharedApp};
use crate::render::json;
use crate::wire::export::Export;
use crate::wire::time::rfc3339;

/// Orders, or commits, that one piece of a file is made of.
const PIECE_ROWS: usize = 500;

/// The form of a file.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportIn {
    /// `csv`, unless you say `ndjson`: an object a line.
    #[param(pattern = "^(csv|ndjson)$")]
    format: Option<String>,
}

/// Export orders, tickets or the ledger
///
/// The whole list as one file, oldest first, however long it is: `orders`, `tickets` (a line each, cancelled ones included),
/// or `ledger` (a line for each place that changed). Comma-separated values with a head and UTF-8, safe to open in a
/// spreadsheet; with `format=ndjson` a JSON object a line, as `application/x-ndjson`. A file that breaks off is an error of the transfer.
#[utoipa::path(
    get, path = "/v1/events/{event}/exports/{list}", tag = "Reports", operation_id = "exportList",
    params(("list" = String, Path, description = "`orders`, `tickets` or `ledger`.", pattern = "^(orders|tickets|ledger)$", example = "orders")),
    responses(
        (status = 200, description = "The file.", content_type = "text/csv", body = String),
        problems::EventListing,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn export(
    State(app): State<SharedApp>,
    caller: Caller,
    Path((event, list)): Path<(String, String)>,
    Query(wanted): Query<ExportIn>,
) -> Result<Response, Problem> {
    caller.require(Right::See)?;
    let (desk, event) = event_of(&app, caller, &event).await?;
    let export = Export::from_name(&list).ok_or_else(|| Problem::not_found("export"))?;
    let is_csv = match wanted.format.as_deref() {
        None | Some("csv") => true,
        Some("ndjson") => false,
        Some(_) => return Err(Problem::malformed("/query/format", "must be csv or ndjson")),
    };
    let name = format!("{}-{}.{}", event.id, export.as_str(), if is_csv { "csv" } else { "ndjson" });
    let mut file = FileInParts { app, caller, desk, event, export, is_csv, after: 0, has_begun: false };
    // The first piece is read before anything is sent: what is wrong then is an answer like any other.
    let first = file.next().await?;
    let rest = stream::unfold(Some(file), |file| async move {
        let mut file = file?;
        match file.next().await {
            Ok(Some(piece)) => Some((Ok(piece), Some(file))),
            Ok(None) => None,
            Err(problem) => Some((Err(io::Error::other(problem.code().to_owned())), None)),
        }
    });
    let first = stream::iter(first.map(Ok::<Bytes, io::Error>));
    let body = Body::from_stream(futures_util::StreamExt::chain(first, rest));
    let mut response = (StatusCode::OK, body).into_response();
    let kind = if is_csv { "text/csv; charset=utf-8" } else { "application/x-ndjson" };
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        fields.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// A file on its way out.
struct FileInParts {
    app: SharedApp,
    caller: Caller,
    desk: SharedDesk,
    event: Arc<Event>,
    export: Export,
    is_csv: bool,
    /// Where the list goes on.
    after: i64,
    has_begun: bool,
}

impl FileInParts {
    /// The next piece; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let values = match self.export {
            Export::Orders | Export::Tickets => self.orders().await?,
            Export::Ledger => self.ledger().await?,
        };
        let mut text = String::new();
        if !std::mem::replace(&mut self.has_begun, true) && self.is_csv {
            text = self.export.csv_head();
        }
        for line in values.into_iter().flat_map(|value| self.export.lines(value)) {
            if self.is_csv {
                text.push_str(&self.export.csv(&line));
            } else {
                text.push_str(&line.to_string());
                text.push('\n');
            }
        }
        Ok((!text.is_empty()).then(|| text.into()))
    }

    async fn orders(&mut self) -> Result<Vec<Value>, Problem> {
        let page = Page { after: self.after, limit: PIECE_ROWS };
        let orders = page_of(&self.app, self.caller, &self.event, page).await?;
        self.after = orders.last().map_or(self.after, |(position, _)| *position);
        let event = event_with(&self.app, &self.desk, tickets_of(&orders)).await?;
        Ok(orders.iter().map(|(_, order)| render(&event, order)).collect())
    }

    async fn ledger(&mut self) -> Result<Vec<Value>, Problem> {
        let after = Seq(u64::try_from(self.after).unwrap_or(0));
        let rows = self.app.engine.store().tail(self.event.id, after, PIECE_ROWS).await?;
        if let Some(last) = rows.last() {
            self.app.engine.desk_at(self.event.id, last.seq).await?;
        }
        let event = self.desk.read(|inventory| inventory.event().clone());
        let mut items = Vec::new();
        for row in &rows {
            items.extend(items_of(row, &event)?);
            self.after = i64::try_from(row.seq.0).unwrap_or(i64::MAX);
        }
        Ok(items)
    }
}

/// The places of some orders' tickets.
fn tickets_of(orders: &[(i64, OrderRecord)]) -> impl Iterator<Item = Place> {
    orders.iter().flat_map(|(_, order)| &order.tickets).map(|ticket| ticket.place)
}

async fn page_of(
    app: &App,
    caller: Caller,
    event: &Event,
    page: Page,
) -> Result<Vec<(i64, OrderRecord)>, Problem> {
    let filter = OrderFilter { event: Some(event.id), ..OrderFilter::default() };
    Ok(app.engine.store().orders(caller.organization, caller.livemode, filter, page).await?)
}

/// Report what was sold
///
/// Tickets and money, in all and by category, ticket type, channel, and the day (UTC) of the order. `sold` counts every ticket that was
/// ever made, `cancelled` those of them that are not valid any more; amounts likewise.
#[utoipa::path(
    get, path = "/v1/events/{event}/report", tag = "Reports", operation_id = "readReport",
    responses(
        (status = 200, description = "The sums.", body = ref("#/components/schemas/Report")),
        problems::SecretReading,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn report(
    State(app): State<SharedApp>,
    caller: Caller,
    Path(event): Path<String>,
) -> Result<Response, Problem> {
    caller.require(Right::See)?;
    let (desk, event) = event_of(&app, caller, &event).await?;
    let mut report =
        Report { event_id: event.id.to_string(), currency: event.currency.to_string(), ..Report::default() };
    let mut page = Page { after: 0, limit: PIECE_ROWS };
    loop {
        let orders = page_of(&app, caller, &event, page).await?;
        let Some((last, _)) = orders.last() else { break };
        page.after = *last;
        event_with(&app, &desk, tickets_of(&orders)).await?;
        desk.read(|inventory| orders.iter().for_each(|(_, order)| report.count(inventory, order)));
    }
    Ok(json_response(StatusCode::OK, json(&report)))
}

/// Tickets, and what they cost.
#[derive(Debug, Default, Serialize)]
struct Sums {
    sold: u64,
    cancelled: u64,
    amount: i64,
    amount_cancelled: i64,
}

impl Sums {
    fn count(&mut self, ticket: &Ticket) {
        self.sold += 1;
        self.amount += ticket.price.0;
        if ticket.is_cancelled {
            self.cancelled += 1;
            self.amount_cancelled += ticket.price.0;
        }
    }
}

/// What was sold.
#[derive(Debug, Default, Serialize)]
struct Report {
    event_id: String,
    currency: String,
    orders: u64,
    total: Sums,
    categories: BTreeMap<String, Sums>,
    ticket_types: BTreeMap<String, Sums>,
    channels: BTreeMap<String, Sums>,
    days: BTreeMap<String, Sums>,
}

impl Report {
    fn count(&mut self, inventory: &Inventory, order: &OrderRecord) {
        self.orders += 1;
        let event = inventory.event();
        let day = rfc3339(order.created_at)[..10].to_owned();
        for ticket in &order.tickets {
            let category = event.category_key(ticket.place);
            let channel = match ticket.place {
                Place::Seat(seat) => inventory.seat_channel(seat),
                Place::Area(_) => ticket.channel.as_ref(),
            };
            let channel = channel.map_or("", |key| &key.0);
            self.total.count(ticket);
            self.categories.entry(category.to_string()).or_default().count(ticket);
            self.ticket_types.entry(ticket.ticket_type.to_string()).or_default().count(ticket);
            self.channels.entry(channel.to_owned()).or_default().count(ticket);
            self.days.entry(day.clone()).or_default().count(ticket);
        }
    }
}
