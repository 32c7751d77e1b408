//! Grace: more time for everybody who holds something, after an outage or a pause.

use axum::extract::{Path, State};
use axum::response::Response;
use domain::command::{Command, Edit, Ignored};
use domain::id::HoldId;
use domain::limits;
use domain::rejection::Rejection;
use domain::time::Timestamp;
use engine::digest::Kind;
use engine::request::{Idempotency, Request};
use futures_util::StreamExt as _;
use http::StatusCode;

use super::purchase::{event_of, json_response};
use crate::http::auth::{Caller, Right};
use crate::http::extract::{Once, RawBody, parse};
use crate::http::openapi::{parameters, problems};
use crate::http::problem::Problem;
use crate::http::state::SharedApp;
use crate::render::json;
use crate::wire::purchase::GraceIn;

/// The longest grace, in seconds: a day.
pub(in crate::http) const GRACE_SECONDS_MAX: u32 = 24 * 3_600;
/// Holds that are extended side by side: a share of a batch.
const AT_ONCE: usize = 256;
/// How often one hold is tried while too many requests wait.
const TRIES_MAX: usize = 20;

/// Give running holds more time
///
/// Moves the deadline of every hold of this event that runs right now by so many seconds: after an outage, or a pause. Needs an
/// `Idempotency-Key`: repeated with the same one, no hold is moved twice. Holds that are made meanwhile keep their own time.
#[utoipa::path(
    post, path = "/v1/events/{event}/grace", tag = "Holds", operation_id = "giveGrace",
    params(parameters::IdempotencyKey),
    request_body(content = ref("#/components/schemas/GraceRequest"), content_type = "application/json"),
    responses(
        (status = 200, description = "How many have more time now.", body = ref("#/components/schemas/Grace")),
        problems::Gracing,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn give(
    State(app): State<SharedApp>,
    caller: Caller,
    once: Once,
    Path(event): Path<String>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    caller.require(Right::Manage)?;
    let (desk, _) = event_of(&app, caller, &event).await?;
    let wanted: GraceIn = parse(&body)?;
    if wanted.seconds == 0 || wanted.seconds > GRACE_SECONDS_MAX {
        return Err(Problem::invalid("/seconds", format!("must be from 1 to {GRACE_SECONDS_MAX}")));
    }
    let Some(key) = once.of(&app, caller, &body)? else {
        let reason = "grace needs an Idempotency-Key, so that no hold is moved twice";
        return Err(Problem::malformed("/headers/Idempotency-Key", reason));
    };
    let now = app.engine.now(&desk);
    let running: Vec<(HoldId, Timestamp)> = desk.read(|inventory| {
        let holds = inventory.holds().filter(|hold| hold.deadline > now);
        holds.map(|hold| (hold.id, hold.deadline)).collect()
    });
    let extend = |(hold, deadline): (HoldId, Timestamp)| {
        let request = extension(&app, caller, hold, seconds_to(deadline, now, wanted.seconds), key);
        let (app, desk) = (&app, &desk);
        async move {
            for _ in 1..TRIES_MAX {
                match app.engine.submit_to(desk, request.clone()).await {
                    Err(engine::Error::Overloaded { retry_after }) => tokio::time::sleep(retry_after).await,
                    other => return other,
                }
            }
            app.engine.submit_to(desk, request).await
        }
    };
    let mut answers = futures_util::stream::iter(running).map(extend).buffer_unordered(AT_ONCE);
    let (mut extended, mut ended, mut unknown) = (0_u64, 0_u64, 0_u64);
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(_) => extended += 1,
            Err(engine::Error::Rejected(
                Rejection::HoldExpired { .. }
                | Rejection::AlreadyConfirmed { .. }
                | Rejection::EventCancelled,
            )) => ended += 1,
            Err(_) => unknown += 1,
        }
    }
    if unknown > 0 {
        return Err(Problem::outcome_unknown(None, true));
    }
    let told = serde_json::json!({ "extended": extended, "ended": ended });
    Ok(json_response(StatusCode::OK, json(&told)))
}

/// The wish that moves a deadline by so many seconds: counted from now, as buyers are told it, and not a moment less.
fn seconds_to(deadline: Timestamp, now: Timestamp, more: u32) -> u32 {
    let grace = i64::from(limits::DEADLINE_GRACE_SECONDS);
    let left_ms = deadline.0 - now.0 + 1_000 * (i64::from(more) - grace);
    u32::try_from(left_ms.max(0)).map_or(limits::HOLD_SECONDS_MAX, |left| left.div_ceil(1_000)).max(1)
}

fn extension(app: &SharedApp, caller: Caller, hold: HoldId, seconds: u32, key: Idempotency) -> Request {
    let edit = Edit {
        hold,
        add: None,
        remove_seats: Vec::new(),
        remove_areas: Vec::new(),
        seconds: Some(seconds),
        is_public: false,
        pass: None,
        claims: Vec::new(),
        channels: Vec::new(),
        ignored: Ignored::default(),
    };
    let parts: [&[u8]; 2] = [&key.key.0, &hold.to_bytes()];
    let key = Idempotency { key: app.digester.digest(Kind::IdempotencyKey, &parts), ..key };
    Request { idempotency: Some(key), ..Request::new(Command::Edit(edit), caller.actor()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_moves_by_what_was_given_and_not_a_moment_less() {
        // What a hold of ten minutes, made two minutes ago, must ask for to have five minutes more.
        assert_eq!(seconds_to(Timestamp(610_000), Timestamp(120_000), 300), 480 + 300);
        assert_eq!(seconds_to(Timestamp(610_001), Timestamp(120_000), 300), 480 + 301);
        // In its last ten seconds, which no buyer is told of.
        assert_eq!(seconds_to(Timestamp(3_000), Timestamp(0), 60), 53);
        assert_eq!(seconds_to(Timestamp(1), Timestamp(0), 1), 1);
    }
}
