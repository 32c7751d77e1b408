//! Health, readiness and metrics.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::purchase::json_response;
use crate::http::problem::Problem;
use crate::http::state::SharedApp;

/// The routes.
pub(super) fn router() -> Router<SharedApp> {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// `GET /healthz`: the process lives.
async fn alive() -> Response {
    json_response(StatusCode::OK, json!({ "status": "ok" }).to_string().into())
}

/// `GET /readyz`: the store answers, and the server is not stopping.
async fn ready(State(app): State<SharedApp>) -> Result<Response, Problem> {
    if *app.stopping.borrow() {
        return Err(engine::Error::ShuttingDown.into());
    }
    app.engine.store().now().await?;
    Ok(json_response(StatusCode::OK, json!({ "status": "ready" }).to_string().into()))
}

/// `GET /metrics`: the Prometheus text format.
pub(super) async fn metrics(State(app): State<SharedApp>) -> Response {
    let listeners = u32::try_from(app.engine.feed_listeners()).unwrap_or(u32::MAX);
    metrics::gauge!("flashtix_feed_clients").set(f64::from(listeners));
    let mut response = app.metrics.render().into_response();
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}
