//! The outermost layer: every answer carries a request identifier, and every "no" is a problem.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode};
use uuid::Uuid;

use super::problem::Problem;

/// The header that carries the identifier, both ways.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Identifiers of clients that are longer are replaced.
const REQUEST_ID_BYTES_MAX: usize = 64;

/// A client's own identifier, if it is one that a log can bear.
fn of_client(request: &Request) -> Option<HeaderValue> {
    let value = request.headers().get(&X_REQUEST_ID)?;
    let is_plain = value.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte));
    (is_plain && !value.is_empty() && value.len() <= REQUEST_ID_BYTES_MAX).then(|| value.clone())
}

fn fresh() -> HeaderValue {
    let mut buffer = Uuid::encode_buffer();
    let text = Uuid::now_v7().simple().encode_lower(&mut buffer);
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}

/// Wraps everything.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    let id = of_client(&request).unwrap_or_else(fresh);
    let mut response = next.run(request).await;
    let problem = response.extensions_mut().remove::<Problem>().or_else(|| bare_failure(&response));
    if let Some(problem) = problem {
        let code = problem.code();
        metrics::counter!("flashtix_refusals_total", "code" => code).increment(1);
        match code {
            "sold_out" | "place_unavailable" => metrics::counter!("flashtix_sold_out_total").increment(1),
            "place_contended" => metrics::counter!("flashtix_lock_contention_total").increment(1),
            _ => {}
        }
        let headers = std::mem::take(response.headers_mut());
        response = problem.render(id.to_str().unwrap_or_default());
        // What layers below added (CORS, Allow) stays, but not what described the old body.
        for (name, value) in &headers {
            if name != http::header::CONTENT_LENGTH && !response.headers().contains_key(name) {
                response.headers_mut().insert(name.clone(), value.clone());
            }
        }
    }
    response.headers_mut().insert(X_REQUEST_ID, id);
    response
}

/// A failure that the framework answered by itself, without a problem's body.
fn bare_failure(response: &Response) -> Option<Problem> {
    let status = response.status();
    let is_failure = status.is_client_error() || status.is_server_error();
    if !is_failure || response.headers().get(http::header::CONTENT_TYPE).is_some_and(is_own_answer) {
        return None;
    }
    Some(match status {
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
        _ => Problem::unavailable(),
    })
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
