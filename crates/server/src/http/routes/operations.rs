//! Health, readiness and metrics.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::purchase::json_response;
use crate::http::openapi::problems;
use crate::http::problem::Problem;
use crate::http::state::SharedApp;

/// The routes.
pub(super) fn router() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new().routes(routes!(alive)).routes(routes!(ready)).routes(routes!(metrics))
}

/// Is it alive?
///
/// Whether the process answers at all: for a supervisor that restarts it.
#[utoipa::path(
    get, path = "/healthz", tag = "Operations", operation_id = "readHealth",
    responses(
        (status = 200, description = "It is.", body = ref("#/components/schemas/Health")),
    ),
    security(()),
)]
async fn alive() -> Response {
    json_response(StatusCode::OK, json!({ "status": "ok" }).to_string().into())
}

/// Is it ready?
///
/// Whether the store answers, still serves this version, and the server is not stopping: for a load balancer that sends it requests.
#[utoipa::path(
    get, path = "/readyz", tag = "Operations", operation_id = "readReadiness",
    responses(
        (status = 200, description = "It is.", body = ref("#/components/schemas/Health")),
        problems::NotReady,
    ),
    security(()),
)]
async fn ready(State(app): State<SharedApp>) -> Result<Response, Problem> {
    if *app.draining.borrow() || *app.stopping.borrow() {
        return Err(engine::Error::ShuttingDown.into());
    }
    if let Some(newer) = app.engine.fleet().newer_schema() {
        return Err(Problem::outdated(newer));
    }
    app.engine.store().now().await?;
    Ok(json_response(StatusCode::OK, json!({ "status": "ready" }).to_string().into()))
}

/// Metrics
///
/// In Prometheus' text format: refusals by code, commits, bookings per commit, how long bookings take, feed clients.
#[utoipa::path(
    get, path = "/metrics", tag = "Operations", operation_id = "readMetrics",
    responses(
        (status = 200, description = "The metrics.", body = String, content_type = "text/plain"),
    ),
    security(()),
)]
pub(super) async fn metrics(State(app): State<SharedApp>) -> Response {
    let listeners = u32::try_from(app.engine.feed_listeners()).unwrap_or(u32::MAX);
    metrics::gauge!("flashtix_feed_clients").set(f64::from(listeners));
    let mut response = app.metrics.render().into_response();
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}
