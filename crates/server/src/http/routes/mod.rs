//! The routes, one module a resource.

mod charts;
mod classic;
mod docs;
mod events;
mod feed;
mod holds;
mod ledger;
mod operations;
mod orders;
mod purchase;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use http::{HeaderName, Method, header};
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any, CorsLayer};

use super::request_id;
use super::state::SharedApp;

/// The largest body, in bytes.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// The largest body of a chart, in bytes.
const CHART_BODY_BYTES_MAX: usize = 32 * 1024 * 1024;
/// How long a browser may remember what CORS allows, in seconds.
const CORS_MAX_AGE_SECONDS: u64 = 3_600;
/// Answers below this size are not worth compressing, in bytes.
const COMPRESS_BYTES_MIN: u64 = 1_400;

/// All routes over an application.
pub fn router(app: SharedApp) -> Router {
    let charts = Router::new()
        .route("/v1/charts", get(charts::list).post(charts::create))
        .layer(DefaultBodyLimit::max(CHART_BODY_BYTES_MAX));
    // Only what is large and cacheable is compressed; charts are stored that way.
    let large = Router::new().route("/v1/events/{event}/availability", get(events::availability)).layer(
        CompressionLayer::new()
            .compress_when(SizeAbove::new(COMPRESS_BYTES_MIN).and(NotForContentType::const_new("text/event-stream"))),
    );
    let v1 = Router::new()
        .route("/v1/charts/{chart}", get(charts::read))
        .route("/v1/events", get(events::list).post(events::create))
        .route("/v1/events/{event}", get(events::read).patch(events::update).delete(events::delete))
        .route("/v1/events/{event}/holds", get(holds::list).post(holds::create))
        .route("/v1/events/{event}/orders", get(orders::list_of_event).post(orders::create))
        .route("/v1/events/{event}/block", post(events::block))
        .route("/v1/events/{event}/unblock", post(events::unblock))
        .route("/v1/events/{event}/feed", get(feed::follow))
        .route("/v1/events/{event}/ledger", get(ledger::list))
        .route("/v1/holds/{hold}", get(holds::read).patch(holds::edit).delete(holds::release))
        .route("/v1/holds/{hold}/confirm", post(holds::confirm))
        .route("/v1/orders", get(orders::list))
        .route("/v1/orders/{order}", get(orders::read))
        .route("/v1/orders/{order}/cancel", post(orders::cancel))
        .merge(charts)
        .merge(large)
        .layer(cors());
    let mut all = Router::new().merge(v1).merge(operations::router()).merge(docs::router());
    if app.options.classic_api {
        all = all.merge(classic::router());
    }
    all.layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(axum::middleware::from_fn(request_id::layer))
        .with_state(app)
}

/// Browsers of any shop may use publishable keys: no cookie is ever involved.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("hold-token"),
            HeaderName::from_static("access-token"),
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("if-seq"),
            HeaderName::from_static("x-request-id"),
        ])
        .expose_headers([
            header::ETAG,
            header::RETRY_AFTER,
            HeaderName::from_static("idempotent-replay"),
            HeaderName::from_static("x-request-id"),
        ])
        .max_age(std::time::Duration::from_secs(CORS_MAX_AGE_SECONDS))
}
