//! People's data: forgetting a buyer.

use axum::extract::State;
use axum::response::Response;
use domain::limits;
use http::StatusCode;

use super::purchase::json_response;
use crate::http::auth::{Caller, Right};
use crate::http::extract::{RawBody, parse};
use crate::http::openapi::problems;
use crate::http::problem::Problem;
use crate::http::state::SharedApp;
use crate::render::json;
use crate::wire::purchase::{EraseIn, ErasedOut};

/// Erase a buyer
///
/// Removes the text of this buyer from holds, orders and remembered answers of all events, with the `metadata` of
/// what is theirs, and wherever a `ref` or a `payment_ref` names them. Places, tickets, money and counts stay, and so does the
/// ledger, which never had the text. Erasing again finds nothing and is no fault.
#[utoipa::path(
    post, path = "/v1/buyers/erase", tag = "Orders", operation_id = "eraseBuyer",
    request_body(content = ref("#/components/schemas/EraseRequest"), content_type = "application/json"),
    responses(
        (status = 200, description = "How much forgot the buyer.", body = ref("#/components/schemas/Erased")),
        problems::Erasing,
    ),
    security(("secret_key" = [])),
)]
pub(super) async fn erase(
    State(app): State<SharedApp>,
    caller: Caller,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    caller.require(Right::Manage)?;
    let wanted: EraseIn = parse(&body)?;
    domain::event::check_text("/buyer", &wanted.buyer, limits::BUYER_BYTES_MAX)?;
    let buyer = app.limit_key(&wanted.buyer);
    let erased = app.engine.store().erase_buyer(caller.organization, caller.livemode, buyer).await?;
    Ok(json_response(StatusCode::OK, json(&ErasedOut::of(erased))))
}
