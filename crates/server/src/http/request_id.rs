//! Every answer carries a request identifier, and every "no" is a problem.

use std::collections::HashMap;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, StatusCode};
use metrics::Counter;
use parking_lot::RwLock;
use uuid::{NoContext, Timestamp, Uuid};

use super::problem::Problem;

/// The header that carries the identifier, both ways.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Identifiers of clients that are longer are replaced.
const REQUEST_ID_BYTES_MAX: usize = 64;

/// A client's own identifier, if it is one that a log can bear.
fn of_client<B>(request: &Request<B>) -> Option<HeaderValue> {
    let value = request.headers().get(&X_REQUEST_ID)?;
    let is_plain = value.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte));
    (is_plain && !value.is_empty() && value.len() <= REQUEST_ID_BYTES_MAX).then(|| value.clone())
}

fn fresh() -> HeaderValue {
    // No counter for equal instants, which all threads would share: random bits tell them apart as well.
    let mut buffer = Uuid::encode_buffer();
    let text = Uuid::new_v7(Timestamp::now(NoContext)).simple().encode_lower(&mut buffer);
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}

/// The client's identifier for a request, or a new one.
pub(super) fn of<B>(request: &Request<B>) -> HeaderValue {
    of_client(request).unwrap_or_else(fresh)
}

/// Gives an answer its identifier and, if it is a "no", its body.
pub(super) fn finish(answer: Result<Response, Problem>, id: HeaderValue, refusals: &Refusals) -> Response {
    let (mut response, problem) = match answer {
        Ok(mut response) => {
            let problem = response.extensions_mut().remove().or_else(|| bare_failure(&response));
            (response, problem)
        }
        Err(problem) => (Response::default(), Some(problem)),
    };
    if let Some(problem) = problem {
        refusals.count(problem.code());
        let body = problem.render(&mut response, id.to_str().unwrap_or_default());
        *response.body_mut() = body.into();
    }
    response.headers_mut().insert(X_REQUEST_ID, id);
    response
}

/// The counters of refusals. Each is looked up once: most answers of an on-sale are refusals.
#[derive(Debug, Default)]
pub(super) struct Refusals(RwLock<HashMap<&'static str, Counted>>);

#[derive(Debug)]
struct Counted {
    by_code: Counter,
    by_kind: Option<Counter>,
}

impl Refusals {
    fn count(&self, code: &'static str) {
        if let Some(counted) = self.0.read().get(code) {
            return counted.add();
        }
        let counted = Counted {
            by_code: metrics::counter!("flashtix_refusals_total", "code" => code),
            by_kind: match code {
                "sold_out" | "place_unavailable" => Some(metrics::counter!("flashtix_sold_out_total")),
                "place_contended" => Some(metrics::counter!("flashtix_lock_contention_total")),
                _ => None,
            },
        };
        counted.add();
        self.0.write().insert(code, counted);
    }
}

impl Counted {
    fn add(&self) {
        self.by_code.increment(1);
        if let Some(counter) = &self.by_kind {
            counter.increment(1);
        }
    }
}

/// What the connection's own code refuses, before there is a request.
pub fn refusal(status: StatusCode) -> http::Response<Bytes> {
    let id = fresh();
    let mut response = Response::default();
    let body = failure(status).render(&mut response, id.to_str().unwrap_or_default());
    response.headers_mut().insert(X_REQUEST_ID, id);
    response.map(|_| body)
}

/// A failure that the framework answered by itself, without a problem's body.
fn bare_failure(response: &Response) -> Option<Problem> {
    let status = response.status();
    let is_failure = status.is_client_error() || status.is_server_error();
    let is_bare = !response.headers().get(http::header::CONTENT_TYPE).is_some_and(is_own_answer);
    (is_failure && is_bare).then(|| failure(status))
}

/// The problem behind a bare status.
fn failure(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::not_found("route"),
        StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(status, "method_not_allowed", "this route does not know this method; see Allow")
        }
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        StatusCode::REQUEST_TIMEOUT => {
            Problem::new(status, "request_timeout", "the request took too long to arrive")
        }
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Problem::malformed("", "cannot be read")
        }
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            Problem::new(status, "headers_too_large", "the request's head is longer than this server reads")
        }
        _ => Problem::unavailable(),
    }
}

/// The classic API and health checks answer failures in shapes of their own.
fn is_own_answer(content_type: &HeaderValue) -> bool {
    content_type.as_bytes().starts_with(b"application/json")
        || content_type.as_bytes().starts_with(b"application/problem+json")
}

/// A body over its route's limit.
pub(super) fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "payload_too_large",
        "the body is larger than this route takes",
    )
}
