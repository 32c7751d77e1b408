//! Taking places, past the router: what the crowd of an on-sale asks.
//!
//! A router boxes the request's body, the route's future and every layer's: a seventh of what a refusal costs. The
//! requests that come by the hundred thousand are read and taken as the router's handlers do it, without it.

use std::pin::Pin;

use axum::BoxError;
use axum::response::Response;
use bytes::Bytes;
use http::{Method, Request};

use super::purchase::{ReadRequest, take};
use super::{holds, orders};
use crate::http::extract::{Asker, RawBody, Told as _};
use crate::http::problem::Problem;
use crate::http::state::SharedApp;

/// The answer to a request that takes places; every other request comes back, for the router.
///
/// # Errors
/// The request, which is not such a one.
#[expect(clippy::result_large_err, reason = "the request goes on its way; boxing it is what this avoids")]
pub(in crate::http) fn answer<B>(
    app: &SharedApp,
    request: Request<B>,
) -> Result<Pin<Box<impl Future<Output = Result<Response, Problem>> + Send + use<B>>>, Request<B>>
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let Some((read, event)) = asked_for(request.method(), request.uri().path()) else {
        return Err(request);
    };
    let event = event.to_owned();
    let (parts, body) = request.into_parts();
    let asker = Asker::told(&parts, app);
    let app = app.clone();
    Ok(Box::pin(async move {
        let (asker, RawBody(body)) = (asker?, <RawBody>::read(body).await?);
        take(app, asker, event, body, read).await
    }))
}

/// How a request that takes places is read, and from which event it takes them. Escapes in a path are the router's affair.
fn asked_for<'a>(method: &Method, path: &'a str) -> Option<(ReadRequest, &'a str)> {
    let (event, what) = path.strip_prefix("/v1/events/")?.split_once('/')?;
    let read: ReadRequest = match what {
        "holds" => holds::holding,
        "orders" => orders::booking,
        _ => return None,
    };
    (*method == Method::POST && !event.is_empty() && !event.contains('%')).then_some((read, event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_takes_places_passes_the_router() {
        let event_of = |method: &Method, path| asked_for(method, path).map(|(_, event)| event);
        let post = |path| event_of(&Method::POST, path);
        assert_eq!(post("/v1/events/evt_1/holds"), Some("evt_1"));
        assert_eq!(post("/v1/events/evt_1/orders"), Some("evt_1"));
        assert_eq!(event_of(&Method::GET, "/v1/events/evt_1/orders"), None);
        for other in [
            "/v1/events/evt_1/block",
            "/v1/events/evt_1/orders/",
            "/v1/events/evt_1/orders/x",
            "/v1/events//orders",
            "/v1/events/evt%5f1/orders",
            "/v1/events/orders",
            "/v1/orders",
            "/v2/events/evt_1/orders",
        ] {
            assert_eq!(post(other), None, "{other}");
        }
    }
}
