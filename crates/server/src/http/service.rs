//! The application as one service: the routes, and around them what every answer has.
//!
//! A request identifier and, where an answer is a "no", a problem's body (`request_id`); for `/v1`, what lets
//! browsers of any shop call it (CORS).

use std::convert::Infallible;
use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use axum::{BoxError, Router};
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{Either, ready};
use http::{HeaderName, Method, Request, header};
use hyper::service::{Service, service_fn};
use tower::{Layer as _, ServiceExt as _};
use tower_http::cors::{Any, CorsLayer};

use super::problem::Problem;
use super::request_id::{self, Refusals};
use super::routes::{direct, router};
use super::state::SharedApp;

/// How long a browser may remember what CORS allows, in seconds.
const CORS_MAX_AGE_SECONDS: u64 = 3_600;
/// What the paths begin with that browsers of other origins may call; metrics, for one, are nobody else's.
const SHARED_PATHS: &str = "/v1/";

/// The whole HTTP API over an application.
pub fn service<B>(
    app: SharedApp,
) -> impl Service<
    Request<B>,
    Response = Response,
    Error = Infallible,
    Future: Future<Output = Result<Response, Infallible>> + Send,
> + Clone
+ Send
+ Sync
+ 'static
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (router, cors) = (router(app.clone()), cors());
    let refusals = Arc::new(Refusals::default());
    service_fn(move |request: Request<B>| {
        let id = request_id::of(&request);
        let answer = if is_of_a_browser(&request) {
            let (app, router) = (app.clone(), router.clone());
            let inner = tower::service_fn(move |request| {
                routed(&app, &router, request).map(|answer| Ok::<_, Infallible>(answer.into_response()))
            });
            Either::Left(cors.layer(inner).oneshot(request).map(|Ok(response)| Ok(response)))
        } else {
            Either::Right(routed(&app, &router, request))
        };
        let refusals = refusals.clone();
        answer.map(move |answer| Ok(request_id::finish(answer, id, &refusals)))
    })
}

/// What a request's own route answers.
fn routed<B>(
    app: &SharedApp,
    router: &Router,
    request: Request<B>,
) -> impl Future<Output = Result<Response, Problem>> + Send + use<B>
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    // What a server does that is too old for its store may not be what it should be. Reading goes on while it is being updated.
    if !request.method().is_safe()
        && let Some(newer) = app.engine.fleet().newer_schema()
    {
        return Either::Left(Either::Left(ready(Err(Problem::outdated(newer)))));
    }
    match direct::answer(app, request) {
        Ok(answer) => Either::Left(Either::Right(answer)),
        Err(request) => Either::Right(router.clone().oneshot(request).map(|Ok(response)| Ok(response))),
    }
}

/// Whether CORS concerns an answer. A cache may keep answers to GET for somebody else, so all of those say it.
fn is_of_a_browser<B>(request: &Request<B>) -> bool {
    let may_be_kept = matches!(*request.method(), Method::GET | Method::HEAD);
    request.uri().path().starts_with(SHARED_PATHS)
        && (may_be_kept || request.headers().contains_key(header::ORIGIN))
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
