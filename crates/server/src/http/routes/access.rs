//! Access tokens: letting some people in before others, or to places that others may not have.

use axum::extract::{Path, State};
use axum::response::Response;
use domain::event::{Access, Event};
use domain::limits;
use domain::time::Timestamp;
use http::StatusCode;

use super::purchase::{channel_names, event_of, json_response};
use crate::access::Grant;
use crate::http::auth::{Caller, Right};
use crate::http::extract::{AccessToken, RawBody, parse};
use crate::http::openapi::problems;
use crate::http::problem::Problem;
use crate::http::state::{App, SharedApp};
use crate::render::json;
use crate::wire::event::time_of;
use crate::wire::purchase::{AccessIn, AccessOut, LimitIn};

/// How long a token lives when nobody says, in ms: a day.
const LIFE_DEFAULT_MS: i64 = 24 * 3_600_000;
/// How long a token lives at most, in ms: 400 days.
const LIFE_MAX_MS: i64 = 400 * 24 * 3_600_000;
/// Limits of one token or request: the address of whoever asks is counted beside them.
pub(super) const LIMITS_MAX: usize = limits::CLAIMS_MAX - 1;

/// Make an access token
///
/// Lets one buyer into this event on terms of their own: a window before everybody's, channels that the public cannot buy
/// from, limits such as one for a presale's code. Hand the token to the buyer's browser, which sends it as `Access-Token`
/// with what it holds or books. The token is signed and nothing is written: make as many as you like. A limit counts all
/// units that are held and sold under its key in this event, whoever has them, and gives back what is released, lapses or
/// is cancelled.
#[utoipa::path(
    post, path = "/v1/events/{event}/access", tag = "Channels", operation_id = "createAccessToken",
    request_body(content = ref("#/components/schemas/AccessRequest"), content_type = "application/json"),
    responses(
        (status = 201, description = "The token.", body = ref("#/components/schemas/AccessToken")),
        problems::AccessMaking,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn create(
    State(app): State<SharedApp>,
    caller: Caller,
    Path(event): Path<String>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    caller.require(Right::Manage)?;
    let (desk, event) = event_of(&app, caller, &event).await?;
    let wanted: AccessIn = parse(&body)?;
    let grant = grant_of(&event, wanted, app.engine.now(&desk))?;
    let expires_at = Timestamp(grant.expires_at);
    let token = app.access.sign(grant).ok_or_else(Problem::unavailable)?;
    Ok(json_response(StatusCode::CREATED, json(&AccessOut::of(token, expires_at))))
}

/// What a request for a token asks for, checked.
fn grant_of(event: &Event, wanted: AccessIn, now: Timestamp) -> Result<Grant, Problem> {
    domain::event::check_text("/buyer", &wanted.buyer, limits::BUYER_BYTES_MAX)?;
    let time = |pointer: &str, text: Option<&str>| text.map(|text| time_of(pointer, text)).transpose();
    let opens_at = time("/opens_at", wanted.opens_at.as_deref())?;
    let closes_at = time("/closes_at", wanted.closes_at.as_deref())?;
    if let (Some(opens_at), Some(closes_at)) = (opens_at, closes_at)
        && closes_at <= opens_at
    {
        return Err(Problem::invalid("/closes_at", "must be after opens_at"));
    }
    let end = closes_at.or(event.sale.closes_at).filter(|end| *end > now);
    let default = end.unwrap_or(now.plus_millis(LIFE_DEFAULT_MS)).min(now.plus_millis(LIFE_MAX_MS));
    let expires_at = time("/expires_at", wanted.expires_at.as_deref())?.unwrap_or(default);
    if expires_at <= now {
        return Err(Problem::invalid("/expires_at", "must be in the future"));
    }
    if expires_at > now.plus_millis(LIFE_MAX_MS) {
        return Err(Problem::invalid("/expires_at", "must be within 400 days"));
    }
    let channels = wanted.channels.unwrap_or_default();
    channel_names(&channels)?;
    Ok(Grant {
        event: event.id.to_string(),
        buyer: wanted.buyer,
        opens_at: opens_at.map(|at| at.0),
        closes_at: closes_at.map(|at| at.0),
        expires_at: expires_at.0,
        channels,
        limits: check_limits(wanted.limits.unwrap_or_default())?,
    })
}

/// Limits by key, each named once.
pub(super) fn check_limits(limits: Vec<LimitIn>) -> Result<Vec<(String, u32)>, Problem> {
    if limits.len() > LIMITS_MAX {
        return Err(Problem::invalid("/limits", format!("has more than {LIMITS_MAX} entries")));
    }
    let mut checked: Vec<(String, u32)> = Vec::with_capacity(limits.len());
    for (at, LimitIn { key, max }) in limits.into_iter().enumerate() {
        domain::event::check_text(&format!("/limits/{at}/key"), &key, limits::BUYER_BYTES_MAX)?;
        if max == 0 || max > limits::MAX_PER_BUYER_MAX {
            let reason = format!("must be from 1 to {}", limits::MAX_PER_BUYER_MAX);
            return Err(Problem::invalid(format!("/limits/{at}/max"), reason));
        }
        if checked.iter().any(|(known, _)| *known == key) {
            return Err(Problem::invalid(format!("/limits/{at}/key"), "is named twice"));
        }
        checked.push((key, max));
    }
    Ok(checked)
}

/// What a publishable key is granted in an event by the token that it sends, if it must send one or does.
pub(super) fn granted(
    app: &App,
    caller: Caller,
    event: &Event,
    AccessToken(token): &AccessToken,
) -> Result<Option<Grant>, Problem> {
    if caller.is_secret {
        return Ok(None);
    }
    let Some(token) = token else {
        if event.access == Access::Token {
            let detail = "this event sells only to those who present an access token";
            return Err(Problem::new(StatusCode::FORBIDDEN, "access_required", detail));
        }
        return Ok(None);
    };
    let wrong = |detail: &str| Problem::new(StatusCode::FORBIDDEN, "wrong_token", detail);
    let grant = app.access.read(token).ok_or_else(|| wrong("the access token is not valid"))?;
    if !grant.is_for(event.id) {
        return Err(wrong("the access token is for another event"));
    }
    Ok(Some(grant))
}
