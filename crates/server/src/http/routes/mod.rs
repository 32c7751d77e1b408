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
use http::{HeaderName, Method, header};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::cors::{Any, CorsLayer};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

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
    let mut all = always();
    if app.options.classic_api {
        all = all.merge(classic::router());
    }
    let (all, _) = all.split_for_parts();
    all.layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(axum::middleware::from_fn(request_id::layer))
        .with_state(app)
}

/// What every route does, as `#[utoipa::path]` says it beside its handler; the classic ones included.
pub(super) fn operations() -> OpenApi {
    always().merge(classic::router()).into_openapi()
}

/// The routes of every server.
fn always() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new().merge(v1()).merge(operations::router()).merge(docs::router())
}

fn v1() -> OpenApiRouter<SharedApp> {
    let charts = OpenApiRouter::new()
        .routes(routes!(charts::list, charts::create))
        .layer(DefaultBodyLimit::max(CHART_BODY_BYTES_MAX));
    // Only what is large and cacheable is compressed; charts are stored that way.
    let large = OpenApiRouter::new().routes(routes!(events::availability)).layer(
        CompressionLayer::new().compress_when(
            SizeAbove::new(COMPRESS_BYTES_MIN).and(NotForContentType::const_new("text/event-stream")),
        ),
    );
    OpenApiRouter::new()
        .routes(routes!(charts::read))
        .routes(routes!(events::list, events::create))
        .routes(routes!(events::read, events::update, events::delete))
        .routes(routes!(holds::list, holds::create))
        .routes(routes!(orders::list_of_event, orders::create))
        .routes(routes!(events::block))
        .routes(routes!(events::unblock))
        .routes(routes!(feed::follow))
        .routes(routes!(ledger::list))
        .routes(routes!(holds::read, holds::edit, holds::release))
        .routes(routes!(holds::confirm))
        .routes(routes!(orders::list))
        .routes(routes!(orders::read))
        .routes(routes!(orders::cancel))
        .merge(charts)
        .merge(large)
        .layer(cors())
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
