//! Taking places, past the router: what the crowd of an on-sale asks.
//!
//! A router boxes the request's body, the route's future and every layer's: a seventh of what a refusal costs. The
//! requests that come by the hundred thousand are taken to the router's own handlers without it.

use std::pin::Pin;

use axum::BoxError;
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request};

use super::{holds, orders};
use crate::http::auth::Caller;
use crate::http::extract::{AtLeast, ClientAddress, Once, RawBody, Told as _};
use crate::http::problem::Problem;
use crate::http::state::{App, SharedApp};

/// What is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taking {
    Hold,
    Book,
}

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
    let Some((taking, event)) = asked_for(request.method(), request.uri().path()) else {
        return Err(request);
    };
    let event = event.to_owned();
    let (parts, body) = request.into_parts();
    let told = told(&parts, app);
    let app = app.clone();
    Ok(Box::pin(async move {
        let (caller, client, once, at_least) = told?;
        let body = RawBody::read(body).await?;
        match taking {
            Taking::Hold => {
                holds::create(State(app), caller, client, once, at_least, Path(event), body).await
            }
            Taking::Book => {
                orders::create(State(app), caller, client, once, at_least, Path(event), body).await
            }
        }
    }))
}

/// What the handlers want to know of a request's head, in the order of their arguments.
fn told(parts: &Parts, app: &App) -> Result<(Caller, ClientAddress, Once, AtLeast), Problem> {
    let (caller, client) = (Caller::told(parts, app)?, ClientAddress::told(parts, app)?);
    Ok((caller, client, Once::told(parts, app)?, AtLeast::told(parts, app)?))
}

/// What a request takes, and from which event. Escapes in a path are the router's affair.
fn asked_for<'a>(method: &Method, path: &'a str) -> Option<(Taking, &'a str)> {
    let (event, what) = path.strip_prefix("/v1/events/")?.split_once('/')?;
    let taking = match what {
        "holds" => Taking::Hold,
        "orders" => Taking::Book,
        _ => return None,
    };
    (*method == Method::POST && !event.is_empty() && !event.contains('%')).then_some((taking, event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_takes_places_passes_the_router() {
        let post = |path| asked_for(&Method::POST, path);
        assert_eq!(post("/v1/events/evt_1/holds"), Some((Taking::Hold, "evt_1")));
        assert_eq!(post("/v1/events/evt_1/orders"), Some((Taking::Book, "evt_1")));
        assert_eq!(asked_for(&Method::GET, "/v1/events/evt_1/orders"), None);
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
