//! What holds and orders have in common: finding the event, checking rights, submitting.

use std::pin::pin;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::command::{Claim, Command, Ignored, Purchase};
use domain::event::Event;
use domain::id::{EventId, HoldId, Seq};
use domain::limits;
use domain::place::{ChannelKey, Place};
use engine::desk::SharedDesk;
use engine::request::{Reply, Request};
use futures_util::FutureExt as _;
use http::{HeaderValue, StatusCode, header};

use super::access::{check_limits, granted};
use crate::access::Grant;
use crate::http::auth::Caller;
use crate::http::extract::{Asker, ClientAddress};
use crate::http::problem::Problem;
use crate::http::state::{App, SharedApp};
use crate::wire::basket::BasketIn;
use crate::wire::event::metadata_of;
use crate::wire::purchase::{LimitIn, PurchaseIn};

/// Channels that one request may present.
const CHANNELS_MAX: usize = 32;

/// The desk of an event that the caller may see, and the event's settings.
pub(super) async fn event_of(
    app: &App,
    caller: Caller,
    id: &str,
) -> Result<(SharedDesk, Arc<Event>), Problem> {
    let id: EventId = id.parse().map_err(|_| Problem::not_found("event"))?;
    let desk = app.engine.desk(id).await?;
    let event = desk.read(|inventory| inventory.event().clone());
    if !caller.may_see(&event) {
        return Err(Problem::not_found("event"));
    }
    Ok((desk, event))
}

/// The event of a hold or an order, for a caller who may know of it.
pub(super) async fn owner_event(
    app: &App,
    caller: Caller,
    id: EventId,
    what: &'static str,
) -> Result<(SharedDesk, Arc<Event>), Problem> {
    let missing = || Problem::not_found(what);
    let desk = match app.engine.desk(id).await {
        Ok(desk) => desk,
        Err(engine::Error::Rejected(_)) => return Err(missing()),
        Err(error) => return Err(error.into()),
    };
    let event = desk.read(|inventory| inventory.event().clone());
    if event.organization != caller.organization || event.livemode != caller.livemode {
        return Err(missing());
    }
    Ok((desk, event))
}

/// Checks the token of a hold: a publishable key must present it, a secret key may.
pub(super) fn check_token(
    app: &App,
    caller: Caller,
    hold: HoldId,
    token: Option<&str>,
) -> Result<(), Problem> {
    let wrong = |detail: &str| Problem::new(StatusCode::FORBIDDEN, "wrong_token", detail);
    match token {
        Some(token) if app.tokens.matches(hold, token) => Ok(()),
        Some(_) => Err(wrong("the token does not belong to this hold")),
        None if caller.is_secret => Ok(()),
        None => Err(wrong("a publishable key must present the hold's token")),
    }
}

/// Which rules staff leaves aside.
pub(super) fn ignored(caller: Caller, names: Option<&[String]>) -> Result<Ignored, Problem> {
    let mut ignored = Ignored::default();
    let Some(names) = names else { return Ok(ignored) };
    if !caller.is_secret {
        return Err(Problem::forbidden("ignore is for secret keys"));
    }
    for (at, name) in names.iter().enumerate() {
        if !ignored.add(name) {
            let reason = "must be one of sale_window, limits, channels";
            return Err(Problem::invalid(format!("/ignore/{at}"), reason));
        }
    }
    Ok(ignored)
}

/// The channels that a request presents.
pub(super) fn channels(caller: Caller, names: Option<&[String]>) -> Result<Vec<ChannelKey>, Problem> {
    let Some(names) = names else { return Ok(Vec::new()) };
    if !caller.is_secret {
        return Err(Problem::forbidden("channels are for secret keys"));
    }
    channel_names(names)?;
    Ok(names.iter().map(|name| ChannelKey(Arc::from(&**name))).collect())
}

/// An event that has these places, which a record from the store names: this node may not have heard yet that the event
/// moved to a chart with more of them.
pub(super) async fn event_with(
    app: &App,
    desk: &SharedDesk,
    places: impl Iterator<Item = Place>,
) -> Result<Arc<Event>, Problem> {
    let places: Vec<Place> = places.collect();
    let has_all = |event: &Event| places.iter().all(|place| event.has_place(*place));
    let event = desk.read(|inventory| inventory.event().clone());
    if has_all(&event) {
        return Ok(event);
    }
    let known = app.engine.store().positions(vec![event.id]).await?;
    let seq = known.positions.first().map_or(Seq(0), |(_, position)| position.seq);
    let desk = app.engine.desk_at(event.id, seq).await?;
    let event = desk.read(|inventory| inventory.event().clone());
    if has_all(&event) { Ok(event) } else { Err(Problem::unavailable()) }
}

/// The limits that a request names.
pub(super) fn limit_claims(app: &App, limits: Option<Vec<LimitIn>>) -> Result<Vec<Claim>, Problem> {
    let claim =
        |(text, max): (String, u32)| Claim { key: app.limit_key(&text), max: Some(max), held_only: false };
    Ok(check_limits(limits.unwrap_or_default())?.into_iter().map(claim).collect())
}

/// Checks the names of channels.
pub(super) fn channel_names(names: &[String]) -> Result<(), Problem> {
    if names.len() > CHANNELS_MAX {
        return Err(Problem::invalid("/channels", format!("has more than {CHANNELS_MAX} entries")));
    }
    for (at, name) in names.iter().enumerate() {
        domain::event::check_text(&format!("/channels/{at}"), name, limits::CHANNEL_BYTES_MAX)?;
    }
    Ok(())
}

/// The channels that a request presents: its own, or its token's.
pub(super) fn presented(
    caller: Caller,
    names: Option<&[String]>,
    grant: Option<&Grant>,
) -> Result<Vec<ChannelKey>, Problem> {
    let own = channels(caller, names)?;
    Ok(grant.map_or(own, Grant::channels))
}

/// An optional text within its limit, shared.
pub(super) fn text(
    pointer: &str,
    value: Option<&str>,
    bytes_max: usize,
) -> Result<Option<Arc<str>>, Problem> {
    let Some(value) = value else { return Ok(None) };
    domain::event::check_text(pointer, value, bytes_max)?;
    Ok(Some(Arc::from(value)))
}

/// Everything about a purchase besides the command itself.
pub(super) struct Asked {
    pub(super) purchase: Purchase,
    pub(super) codes: Vec<(domain::command::Digest, String)>,
    /// What the basket asks for, for comparing two requests under one `ref`; empty without one.
    pub(super) canonical: String,
}

/// Checks the rights and the fields of a purchase, and resolves its basket.
pub(super) fn asked(
    app: &App,
    asker: &Asker,
    event: &Event,
    body: &mut PurchaseIn,
) -> Result<Asked, Problem> {
    let caller = asker.caller;
    let grant = granted(app, caller, event, &asker.access)?;
    if !caller.is_secret {
        check_public(body)?;
    }
    // A token says who buys; whatever the browser says is a courtesy.
    let buyer = match (&grant, body.buyer.take()) {
        (Some(grant), _) => grant.buyer.clone(),
        (None, Some(buyer)) => buyer,
        (None, None) => return Err(Problem::invalid("/buyer", "is missing")),
    };
    domain::event::check_text("/buyer", &buyer, limits::BUYER_BYTES_MAX)?;
    let buyer = app.limit_key(&buyer);
    let mut claims = public_claims(app, caller, asker.client, grant.as_ref());
    claims.extend(limit_claims(app, body.limits.take())?);
    let basket = body.take_basket();
    let canonical = body.reference.as_ref().map(|_| basket.canonical()).unwrap_or_default();
    let asked = basket_of(app, caller, event, basket, "")?;
    Ok(Asked {
        purchase: Purchase {
            pass: grant.as_ref().map(|grant| grant.pass(buyer.digest)),
            buyer,
            claims,
            basket: asked.basket,
            channels: presented(caller, body.channels.as_deref(), grant.as_ref())?,
            ignored: ignored(caller, body.ignore.as_deref())?,
            is_public: !caller.is_secret,
            metadata: body.metadata.as_deref().map(metadata_of).transpose()?,
            reference: text("/ref", body.reference.as_deref(), limits::REF_BYTES_MAX)?,
        },
        codes: asked.codes,
        canonical,
    })
}

/// The limits that a publishable key is under, besides the buyer's.
pub(super) fn public_claims(
    app: &App,
    caller: Caller,
    client: ClientAddress,
    grant: Option<&Grant>,
) -> Vec<Claim> {
    if caller.is_secret {
        return Vec::new();
    }
    let granted = grant.into_iter().flat_map(|grant| grant.claims(|text| app.limit_key(text)));
    granted.chain(app.client_claim(client.0)).collect()
}

fn check_public(body: &PurchaseIn) -> Result<(), Problem> {
    let privileged = [
        (body.reference.is_some(), "ref is for secret keys"),
        (body.created_at.is_some(), "created_at is for secret keys"),
        (body.limits.is_some(), "limits are for secret keys"),
    ];
    match privileged.into_iter().find(|(is_used, _)| *is_used) {
        Some((_, detail)) => Err(Problem::forbidden(detail)),
        None => Ok(()),
    }
}

/// A basket, resolved.
pub(super) struct BasketAsked {
    pub(super) basket: domain::basket::Basket,
    pub(super) codes: Vec<(domain::command::Digest, String)>,
}

/// Checks a basket's rights and fields, and looks its places up.
pub(super) fn basket_of(
    app: &App,
    caller: Caller,
    event: &Event,
    basket: BasketIn,
    pointer: &str,
) -> Result<BasketAsked, Problem> {
    if !caller.is_secret && basket.is_privileged() {
        return Err(Problem::forbidden("price and code are for secret keys"));
    }
    let codes =
        basket.codes().map(|(code, place)| (app.digester.code(event.id, code), place.to_owned())).collect();
    let basket = basket.into_named(pointer)?.resolve(event, pointer)?;
    Ok(BasketAsked { basket, codes })
}

/// The digest under which an order's reference is unique in its event, with the request's fingerprint.
pub(super) fn order_ref(
    app: &App,
    event: EventId,
    reference: Option<&str>,
    asked_for: impl FnOnce() -> String,
) -> Option<(domain::command::Digest, domain::command::Digest)> {
    reference.map(|reference| app.digester.order_ref(event, reference, &asked_for()))
}

/// Turns a body into what the engine is asked, if the caller may ask it.
pub(super) type ReadRequest = fn(&App, &Asker, &Event, &[u8]) -> Result<Request, Problem>;

/// Takes places of an event, as a body asks for them.
pub(super) async fn take(
    app: SharedApp,
    asker: Asker,
    event: String,
    body: Bytes,
    read: ReadRequest,
) -> Result<Response, Problem> {
    let (desk, event) = event_of(&app, asker.caller, &event).await?;
    let request = read(&app, &asker, &event, &body)?;
    pin!(submit(&app, &desk, request)).await
}

/// Submits a request in a way that the client's going away cannot undo, and turns the reply into an answer.
pub(super) fn submit<'a>(
    app: &'a SharedApp,
    desk: &'a SharedDesk,
    request: Request,
) -> impl Future<Output = Result<Response, Problem>> + Send + use<'a> {
    let takes_places = matches!(request.command, Command::Hold { .. } | Command::Book { .. });
    let asked_at = tokio::time::Instant::now();
    let may_repeat = request.idempotency.is_some() || request.order_ref.is_some();
    let replied = app.engine.submit_to(desk, request);
    replied.map(move |replied| {
        if takes_places {
            app.booking_duration.record(asked_at.elapsed().as_secs_f64());
        }
        match replied {
            Ok(reply) => Ok(answer(reply)),
            Err(engine::Error::OutcomeUnknown { id }) => Err(Problem::outcome_unknown(id, may_repeat)),
            Err(error) => Err(error.into()),
        }
    })
}

/// A reply as a response.
pub(super) fn answer(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let mut response = json_response(status, reply.body);
    if reply.is_replay {
        response.headers_mut().insert("idempotent-replay", HeaderValue::from_static("true"));
    }
    response
}

/// A JSON body that nobody may cache.
pub(super) fn json_response(status: StatusCode, body: Bytes) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
