//! Charts: upload, read, list.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::id::ChartId;
use domain::limits;
use engine::store::{CatalogReply, ChartRecord, Made, StoredReply};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;

use super::events::{replay, replayed};
use super::purchase::json_response;
use crate::app::charts;
use crate::gzip;
use crate::http::auth::{Caller, Right};
use crate::http::extract::{CHART_BODY_BYTES_MAX, Once, PageIn, Query, RawBody, cursor_after};
use crate::http::openapi::{parameters, problems};
use crate::http::problem::Problem;
use crate::http::state::SharedApp;
use crate::render::json;
use crate::wire::chart::WireFault;
use crate::wire::event::metadata_of;
use crate::wire::time::rfc3339;

impl From<WireFault> for Problem {
    fn from(fault: WireFault) -> Self {
        if fault.malformed {
            Self::malformed(fault.pointer, fault.reason)
        } else {
            Self::invalid(fault.pointer, fault.reason)
        }
    }
}

/// The format of an uploaded chart.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FormatIn {
    /// `native`, which is the default, or `pretix` for a seating plan as pretix's editor exports it.
    #[param(pattern = "^(native|pretix)$")]
    format: Option<String>,
}

/// Upload a chart
///
/// A chart is seats and areas, with categories that prices are about. It is immutable: to change one, upload another. A
/// seat's label is `Section-Row-Seat`, unique in the chart; `guid:<guid>` names the seat wherever its label does. The body
/// may have 32 MiB.
///
/// The body of `GET /v1/charts/{chart}` is a chart too, and makes a copy. A seating plan of pretix is taken with
/// `?format=pretix`: zone, row and seat number make the label; where labels collide, the zone's identifier or number goes
/// into the section, and the answer lists what was renamed.
#[utoipa::path(
    post, path = "/v1/charts", tag = "Charts", operation_id = "createChart",
    params(parameters::IdempotencyKey),
    request_body(content = ref("#/components/schemas/ChartUpload"), content_type = "application/json"),
    responses(
        (status = 201, description = "The chart was made.", body = ref("#/components/schemas/ChartSummary")),
        problems::ChartMaking,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn create(
    State(app): State<SharedApp>,
    caller: Caller,
    once: Once,
    Query(FormatIn { format }): Query<FormatIn>,
    RawBody(body): RawBody<CHART_BODY_BYTES_MAX>,
) -> Result<Response, Problem> {
    caller.require(Right::Manage)?;
    let idempotency = once.of(&app, caller, &body)?;
    if let Some(reply) = replay(&app, idempotency).await? {
        return Ok(reply);
    }
    if body.is_empty() {
        return Err(Problem::malformed("", "the body is empty; send a chart"));
    }
    let is_pretix = match format.as_deref() {
        None | Some("native") => false,
        Some("pretix") => true,
        Some(_) => return Err(Problem::malformed("/query/format", "must be native or pretix")),
    };
    let created_at = app.engine.store().now().await?;
    let id = ChartId(app.engine.outside().entropy.next_u64());
    // Large charts take a second to check: not on a thread that answers others.
    let livemode = caller.livemode;
    let made = tokio::task::spawn_blocking(move || charts::read(&body, is_pretix, id, livemode, created_at));
    let made = made.await.map_err(|_| Problem::unavailable())??;
    if let Some(text) = made.document.reference() {
        domain::event::check_text("/ref", text, limits::REF_BYTES_MAX)?;
    }
    let record = ChartRecord {
        id,
        organization: caller.organization,
        livemode,
        name: made.document.plan().name.clone(),
        seats: u32::try_from(made.document.seats()).unwrap_or(u32::MAX),
        capacity: made.document.capacity(),
        reference: made.document.reference().map(Into::into),
        metadata: made.document.metadata().map(metadata_of).transpose()?,
        created_at,
    };
    let body = Bytes::from(made.summary);
    let reply = idempotency.map(|idempotency| CatalogReply {
        key: idempotency.key,
        reply: StoredReply { fingerprint: idempotency.fingerprint, status: 201, body: body.clone() },
    });
    let made = app.engine.store().create_chart(record, made.packed, reply).await;
    match made.map_err(|error| Problem::of_making(error, id, idempotency.is_some()))? {
        Made::New => Ok(json_response(StatusCode::CREATED, body)),
        Made::Before(stored) => replayed(stored, idempotency),
    }
}

/// Read a chart
///
/// The whole geometry, for drawing a seat map. It never changes, so keep it for good: it comes with a strong `ETag` and a
/// cache life of a year, compressed for whoever takes gzip. `seats` of an availability and the numbers in the feed's
/// `seats` count through its seats in the order in which they stand here.
#[utoipa::path(
    get, path = "/v1/charts/{chart}", tag = "Charts", operation_id = "readChart",
    responses(
        (status = 200, description = "The chart.", body = ref("#/components/schemas/Chart"),
            headers(("ETag" = String, description = "Names this chart."))),
        (status = 304, description = "You have it: `If-None-Match` named it."),
        problems::Reading,
    ),
    security(("secret_key" = []), ("publishable_key" = []), ("publishable_key_in_url" = [])),
)]
pub(super) async fn read(
    State(app): State<SharedApp>,
    caller: Caller,
    headers: HeaderMap,
    Path(chart): Path<String>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("chart");
    let id: ChartId = chart.parse().map_err(|_| missing())?;
    let store = app.engine.store();
    let record = store.chart(id).await?.ok_or_else(missing)?;
    if record.organization != caller.organization || record.livemode != caller.livemode {
        return Err(missing());
    }
    let etag = format!("\"{id}\"");
    let is_known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|list| list.split(',').any(|tag| tag.trim() == etag || tag.trim() == "*"));
    let is_packed = !is_known && gzip::is_taken(&headers);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let packed = store.chart_document(id).await?.ok_or_else(missing)?;
        json_response(StatusCode::OK, if is_packed { packed } else { unpacked(&packed)? })
    };
    let fields = response.headers_mut();
    fields.insert(header::ETAG, HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("\"\"")));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    fields.insert(header::VARY, HeaderValue::from_static("authorization"));
    gzip::declare(fields, is_packed);
    Ok(response)
}

/// A stored document, for those who do not take gzip.
fn unpacked(packed: &[u8]) -> Result<Bytes, Problem> {
    let plain = charts::inflate(packed).map_err(|error| {
        tracing::error!(error, "a stored chart cannot be read");
        Problem::unavailable()
    })?;
    Ok(plain.into())
}

/// List charts
///
/// Oldest first, in short: without their geometry.
#[utoipa::path(
    get, path = "/v1/charts", tag = "Charts", operation_id = "listCharts",
    responses(
        (status = 200, description = "A page of charts.", body = ref("#/components/schemas/ChartPage")),
        problems::Listing,
    ),
    security(("secret_key" = []), ("publishable_key" = []), ("publishable_key_in_url" = [])),
)]
pub(super) async fn list(
    State(app): State<SharedApp>,
    caller: Caller,
    Query(page): Query<PageIn>,
) -> Result<Response, Problem> {
    let page = page.page()?;
    let charts = app.engine.store().charts(caller.organization, caller.livemode, page).await?;
    let last = charts.last().filter(|_| charts.len() == page.limit).map(|(position, _)| *position);
    let items: Vec<_> = charts
        .iter()
        .map(|(_, chart)| {
            serde_json::json!({
                "id": chart.id.to_string(),
                "livemode": chart.livemode,
                "name": chart.name,
                "ref": chart.reference,
                "seats": chart.seats,
                "capacity": chart.capacity,
                "created_at": rfc3339(chart.created_at),
            })
        })
        .collect();
    let body = serde_json::json!({ "items": items, "next_cursor": last.map(cursor_after) });
    Ok(json_response(StatusCode::OK, json(&body)))
}
