//! Holds: make, read, change, end, confirm.

use axum::extract::{Path, State};
use axum::response::Response;
use domain::basket::NamedBasket;
use domain::command::{Command, Confirm, Digest, Edit};
use domain::event::Event;
use domain::id::HoldId;
use domain::limits;
use domain::money::Amount;
use domain::rejection::{Reason, Rejection};
use engine::desk::SharedDesk;
use engine::request::Request;
use http::StatusCode;

use super::access::granted;
use super::purchase::{
    asked, basket_of, check_token, event_of, event_with, ignored, json_response, limit_claims, order_ref,
    owner_event, presented, public_claims, submit, take, text,
};
use crate::http::auth::{Caller, Right};
use crate::http::extract::{
    Asker, AtLeast, HoldToken, Once, PageIn, Query, RawBody, cursor_after, parse, parse_or_default,
};
use crate::http::openapi::{parameters, problems};
use crate::http::problem::Problem;
use crate::http::state::{App, SharedApp};
use crate::render::json;
use crate::wire::basket::check_labels;
use crate::wire::event::metadata_of;
use crate::wire::order::HoldOut;
use crate::wire::purchase::{ConfirmIn, EditIn, PurchaseIn, RemoveIn};

/// How often a confirm looks its hold's barcodes up before it gives up on a hold that is edited all the time.
const CODE_LOOKUPS_MAX: usize = 3;

fn hold_id(text: &str) -> Result<HoldId, Problem> {
    text.parse().map_err(|_| Problem::not_found("hold"))
}

/// Hold places
///
/// Keeps places for a buyer until a deadline, all of them or none. Name seats and area units, or let the server choose
/// with `best_available`. The prices of this moment are kept, whatever happens to the list. The answer's `token` is what
/// a browser needs to do anything further with the hold.
///
/// A refusal changed nothing. `place_contended` and `all_held` are worth another try after `retry_after_ms`;
/// `place_unavailable` and `sold_out` are not.
#[utoipa::path(
    post, path = "/v1/events/{event}/holds", tag = "Holds", operation_id = "createHold",
    params(parameters::IdempotencyKey, parameters::AccessToken, parameters::IfSeq),
    request_body(content = ref("#/components/schemas/HoldRequest"), content_type = "application/json"),
    responses(
        (status = 201, description = "The places are held.", body = ref("#/components/schemas/Hold")),
        problems::Holding,
    ),
    security(("secret_key" = []), ("publishable_key" = [])),
)]
pub(super) async fn create(
    State(app): State<SharedApp>,
    asker: Asker,
    Path(event): Path<String>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    take(app, asker, event, body, holding).await
}

/// What the engine is asked, if the caller may ask it.
pub(super) fn holding(app: &App, asker: &Asker, event: &Event, body: &[u8]) -> Result<Request, Problem> {
    let Asker { caller, once, at_least, .. } = asker;
    caller.check_scope(Right::Sell)?;
    let mut wanted: PurchaseIn = parse(body)?;
    let asked = asked(app, asker, event, &mut wanted)?;
    Ok(Request {
        idempotency: once.of(app, *caller, body)?,
        codes: asked.codes,
        at_least: *at_least,
        ..Request::new(Command::Hold { purchase: asked.purchase, seconds: wanted.seconds }, caller.actor())
    })
}

/// The token of a hold, for who may act on it.
fn token_for(app: &App, caller: Caller, hold: HoldId) -> Option<String> {
    caller.may_see_tokens().then(|| app.tokens.of(hold))
}

/// Read a hold
///
/// Active, or how it ended; it stays readable for 30 days.
#[utoipa::path(
    get, path = "/v1/holds/{hold}", tag = "Holds", operation_id = "readHold",
    params(parameters::HoldToken),
    responses(
        (status = 200, description = "The hold.", body = ref("#/components/schemas/Hold")),
        problems::HoldReading,
    ),
    security(("secret_key" = []), ("publishable_key" = []), ("publishable_key_in_url" = [])),
)]
pub(super) async fn read(
    State(app): State<SharedApp>,
    caller: Caller,
    HoldToken(token): HoldToken,
    Path(hold): Path<String>,
) -> Result<Response, Problem> {
    let id = hold_id(&hold)?;
    let (desk, _) = owner_event(&app, caller, id.event, "hold").await?;
    check_token(&app, caller, id, token.as_deref())?;
    let record = app.engine.store().hold(id).await?.ok_or_else(|| Problem::not_found("hold"))?;
    let event = event_with(&app, &desk, record.lines.iter().map(|line| line.place)).await?;
    let now = app.engine.now(&desk);
    let body = json(&HoldOut::of(&event, &record, token_for(&app, caller, id), now));
    Ok(json_response(StatusCode::OK, body))
}

/// List an event's running holds
///
/// Oldest first; those that ended are left out.
#[utoipa::path(
    get, path = "/v1/events/{event}/holds", tag = "Holds", operation_id = "listHolds",
    responses(
        (status = 200, description = "A page of holds.", body = ref("#/components/schemas/HoldPage")),
        problems::EventListing,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn list(
    State(app): State<SharedApp>,
    caller: Caller,
    Path(event): Path<String>,
    Query(page): Query<PageIn>,
) -> Result<Response, Problem> {
    caller.require(Right::See)?;
    let (desk, _) = event_of(&app, caller, &event).await?;
    let page = page.page()?;
    let after = u64::try_from(page.after).unwrap_or(0);
    let now = app.engine.now(&desk);
    let mut running: Vec<HoldId> = desk.read(|inventory| {
        let holds = inventory.holds().filter(|hold| hold.id.serial.0 > after && hold.deadline > now);
        holds.map(|hold| hold.id).collect()
    });
    running.sort_unstable_by_key(|id| id.serial);
    let has_more = running.len() > page.limit;
    running.truncate(page.limit);
    let mut items = Vec::with_capacity(running.len());
    for id in &running {
        if let Some(record) = app.engine.store().hold(*id).await? {
            let event = event_with(&app, &desk, record.lines.iter().map(|line| line.place)).await?;
            let out = HoldOut::of(&event, &record, token_for(&app, caller, *id), now);
            items.push(serde_json::to_value(&out).unwrap_or_default());
        }
    }
    let next = running.last().filter(|_| has_more).and_then(|id| i64::try_from(id.serial.0).ok());
    let body = serde_json::json!({ "items": items, "next_cursor": next.map(cursor_after) });
    Ok(json_response(StatusCode::OK, json(&body)))
}

/// Change a hold
///
/// Adds places, removes places, moves the deadline: one change, all of it or nothing. Adding and removing never move the
/// deadline. `seconds` asks for a deadline that many seconds from now and never shortens a hold; with a publishable key
/// it reaches at most `max_hold_seconds` of the event from the hold's creation. The token goes into the body or into
/// `Hold-Token`.
#[utoipa::path(
    patch, path = "/v1/holds/{hold}", tag = "Holds", operation_id = "updateHold",
    params(parameters::IdempotencyKey, parameters::HoldToken, parameters::AccessToken, parameters::IfSeq),
    request_body(content = ref("#/components/schemas/HoldPatch"), content_type = "application/json"),
    responses(
        (status = 200, description = "The hold as it is now.", body = ref("#/components/schemas/Hold")),
        problems::HoldChanging,
    ),
    security(("secret_key" = []), ("publishable_key" = [])),
)]
pub(super) async fn edit(
    State(app): State<SharedApp>,
    Asker { caller, client, access, once, at_least }: Asker,
    HoldToken(token): HoldToken,
    Path(hold): Path<String>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    caller.check_scope(Right::Sell)?;
    let id = hold_id(&hold)?;
    let (desk, event) = owner_event(&app, caller, id.event, "hold").await?;
    let wanted: EditIn = parse(&body)?;
    check_token(&app, caller, id, wanted.token.as_deref().or(token.as_deref()))?;
    let grant = if wanted.add.is_some() { granted(&app, caller, &event, &access)? } else { None };
    if wanted.add.is_some() && grant.is_none() && !caller.is_secret && has_further_limits(&desk, id) {
        let detail = "this hold was made with an access token: send it to add to the hold";
        return Err(Problem::new(StatusCode::FORBIDDEN, "access_required", detail));
    }
    let added =
        wanted.add.map(|add| basket_of(&app, caller, &event, add.into_basket(), "/add")).transpose()?;
    let (codes, add) = added.map_or((Vec::new(), None), |added| (added.codes, Some(added.basket)));
    let (remove_seats, remove_areas) = removed(wanted.remove, &event)?;
    if add.is_none() && remove_seats.is_empty() && remove_areas.is_empty() && wanted.seconds.is_none() {
        return Err(Problem::invalid("", "must have at least one of add, remove and seconds"));
    }
    if wanted.limits.is_some() && !caller.is_secret {
        return Err(Problem::forbidden("limits are for secret keys"));
    }
    let mut claims = public_claims(&app, caller, client, grant.as_ref());
    claims.extend(limit_claims(&app, wanted.limits)?);
    let edit = Edit {
        hold: id,
        add,
        remove_seats,
        remove_areas,
        seconds: wanted.seconds,
        is_public: !caller.is_secret,
        pass: grant.as_ref().map(|grant| grant.pass(app.limit_key(&grant.buyer).digest)),
        claims,
        channels: presented(caller, wanted.channels.as_deref(), grant.as_ref())?,
        ignored: ignored(caller, wanted.ignore.as_deref())?,
    };
    let request = Request {
        idempotency: once.of(&app, caller, &body)?,
        codes,
        at_least,
        ..Request::new(Command::Edit(edit), caller.actor())
    };
    submit(&app, &desk, request).await
}

/// Whether a hold's units are counted under keys that only its access token has the limits of.
fn has_further_limits(desk: &SharedDesk, id: HoldId) -> bool {
    desk.read(|inventory| {
        let hold = inventory.hold(id.serial);
        hold.is_some_and(|hold| hold.claims.iter().any(|(key, held_only)| !held_only && *key != hold.buyer))
    })
}

type Removed = (Vec<domain::place::SeatIndex>, Vec<(domain::place::AreaIndex, u32, Option<String>)>);

/// What an edit lets go, looked up.
fn removed(remove: Option<RemoveIn>, event: &Event) -> Result<Removed, Problem> {
    let Some(remove) = remove else { return Ok((Vec::new(), Vec::new())) };
    let labels = remove.places.unwrap_or_default();
    check_labels(&labels, "/remove/places", limits::BASKET_UNITS_MAX as usize)?;
    let wanted_areas = remove.areas.unwrap_or_default();
    if wanted_areas.len() > limits::BASKET_UNITS_MAX as usize {
        return Err(Problem::invalid("/remove/areas", "has too many entries"));
    }
    let named = NamedBasket {
        places: labels.into_iter().map(|label| (label, domain::basket::Terms::default())).collect(),
        ..NamedBasket::default()
    };
    let seats = if named.places.is_empty() { Vec::new() } else { named.resolve(event, "/remove")?.seats };
    let mut areas = Vec::with_capacity(wanted_areas.len());
    for (at, area) in wanted_areas.into_iter().enumerate() {
        if area.quantity == 0 {
            return Err(Problem::invalid(format!("/remove/areas/{at}/quantity"), "must be at least 1"));
        }
        let index = event
            .find_area(&area.name)
            .ok_or_else(|| Rejection::PlaceUnavailable(vec![(area.name.clone(), Reason::Unknown)]))?;
        areas.push((index, area.quantity, area.ticket_type));
    }
    Ok((seats.into_iter().map(|wanted| wanted.seat).collect(), areas))
}

/// Release a hold
///
/// Its places go back to where they came from at once. A hold that ended already is answered as it is.
#[utoipa::path(
    delete, path = "/v1/holds/{hold}", tag = "Holds", operation_id = "releaseHold",
    params(parameters::HoldToken),
    responses(
        (status = 200, description = "The hold, which has ended.", body = ref("#/components/schemas/Hold")),
        problems::Releasing,
    ),
    security(("secret_key" = []), ("publishable_key" = [])),
)]
pub(super) async fn release(
    State(app): State<SharedApp>,
    caller: Caller,
    HoldToken(token): HoldToken,
    Path(hold): Path<String>,
) -> Result<Response, Problem> {
    caller.check_scope(Right::Sell)?;
    let id = hold_id(&hold)?;
    let (desk, _) = owner_event(&app, caller, id.event, "hold").await?;
    check_token(&app, caller, id, token.as_deref())?;
    let request = Request::new(Command::Release(id), caller.actor());
    submit(&app, &desk, request).await
}

/// Confirm a hold
///
/// Turns the hold into an order; call it when the payment succeeded. Send `amount` to be sure that the hold still amounts
/// to what you charged. The same `payment_ref` again gets the same order with a 200, for ever and under any
/// `Idempotency-Key`; another one is `already_confirmed` and names the order. A publishable key may do this only in an
/// event with `public_confirm`.
#[utoipa::path(
    post, path = "/v1/holds/{hold}/confirm", tag = "Holds", operation_id = "confirmHold",
    params(parameters::IdempotencyKey, parameters::HoldToken, parameters::IfSeq),
    request_body(content = ref("#/components/schemas/ConfirmRequest"), content_type = "application/json", description = "May be empty."),
    responses(
        (status = 200, description = "The order that the hold became before.", body = ref("#/components/schemas/Order")),
        (status = 201, description = "The order.", body = ref("#/components/schemas/Order")),
        problems::Confirming,
    ),
    security(("secret_key" = []), ("publishable_key" = [])),
)]
pub(super) async fn confirm(
    State(app): State<SharedApp>,
    caller: Caller,
    once: Once,
    HoldToken(token): HoldToken,
    AtLeast(at_least): AtLeast,
    Path(hold): Path<String>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    caller.check_scope(Right::Sell)?;
    let id = hold_id(&hold)?;
    let (desk, event) = owner_event(&app, caller, id.event, "hold").await?;
    let wanted: ConfirmIn = parse_or_default(&body)?;
    if !caller.is_secret && !event.public_confirm {
        return Err(Problem::forbidden("this event is confirmed by its organizer: use a secret key"));
    }
    if !caller.is_secret && wanted.reference.is_some() {
        return Err(Problem::forbidden("ref is for secret keys"));
    }
    check_token(&app, caller, id, wanted.token.as_deref().or(token.as_deref()))?;
    let buyer = text("/buyer", wanted.buyer.as_deref(), limits::BUYER_BYTES_MAX)?;
    let reference = text("/ref", wanted.reference.as_deref(), limits::REF_BYTES_MAX)?;
    if let Some(amount) = wanted.amount {
        domain::event::check_amount("/amount", Amount(amount))?;
    }
    let confirm = Confirm {
        hold: id,
        payment_ref: text("/payment_ref", wanted.payment_ref.as_deref(), limits::PAYMENT_REF_BYTES_MAX)?,
        amount: wanted.amount.map(Amount),
        buyer: buyer.map(|buyer| app.limit_key(&buyer)),
        reference: reference.clone(),
        metadata: wanted.metadata.as_deref().map(metadata_of).transpose()?,
    };
    let request = Request {
        command: Command::Confirm(confirm),
        actor: caller.actor(),
        idempotency: once.of(&app, caller, &body)?,
        order_ref: order_ref(&app, id.event, reference.as_deref(), || id.to_string()),
        codes: Vec::new(),
        at_least,
    };
    submit_with_codes(&app, &desk, request, id).await
}

/// Submits a confirm together with the barcodes of its hold.
///
/// Few holds have any, so they are looked up only once the engine has said that the hold keeps others than the
/// request names; again when it was edited meanwhile.
async fn submit_with_codes(
    app: &SharedApp,
    desk: &SharedDesk,
    mut request: Request,
    id: HoldId,
) -> Result<Response, Problem> {
    for _ in 0..CODE_LOOKUPS_MAX {
        match submit(app, desk, request.clone()).await {
            Err(problem) if problem.code() == "hold_changed" => {
                let codes = codes_of(app, desk, id).await?;
                if codes == request.codes {
                    return Err(problem);
                }
                request.codes = codes;
            }
            answer => return answer,
        }
    }
    submit(app, desk, request).await
}

/// The barcodes that a hold keeps, each with its place.
async fn codes_of(app: &App, desk: &SharedDesk, id: HoldId) -> Result<Vec<(Digest, String)>, Problem> {
    let Some(hold) = app.engine.store().hold(id).await? else { return Ok(Vec::new()) };
    let event = desk.read(|inventory| inventory.event().clone());
    let of_lines = hold.lines.iter().zip(&hold.codes);
    let coded = of_lines.flat_map(|(line, codes)| codes.iter().flatten().map(|code| (line.place, code)));
    Ok(coded.map(|(place, code)| (app.digester.code(id.event, code), event.name_of(place))).collect())
}
