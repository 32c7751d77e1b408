//! Parameters that several operations share.

use domain::limits;
use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use crate::http::extract::PageIn;

/// `Idempotency-Key`, on whatever changes something.
pub(crate) struct IdempotencyKey;

/// `Hold-Token`, where a hold is named in the path.
pub(crate) struct HoldToken;

/// `Access-Token`, where places are taken.
pub(crate) struct AccessToken;

/// `If-Seq`, where a refusal is decided from memory.
pub(crate) struct IfSeq;

/// `Last-Event-ID`, of the feed.
pub(crate) struct LastEventId;

const IDEMPOTENCY_KEY: &str = "Makes the request safe to repeat: the same key, route and body get the first answer \
    again, with `Idempotent-Replay: true`. Only a 2xx is remembered, for at least 24 hours; a refusal changed nothing \
    and is decided afresh. The same key with another body is a 422. Quoted or bare, 1 to 255 characters; from a \
    publishable key at least 22, since shorter ones can be guessed.";

const HOLD_TOKEN: &str = "The hold's `token`, as the answer that made it gave it. A publishable key must send it; a \
    secret key needs none, but one that is sent must match.";

const ACCESS_TOKEN: &str = "What lets this buyer in, as `POST /v1/events/{event}/access` made it. The buyer, the window, \
    the channels and the limits are then the token's. From publishable keys; a secret key needs none.";

const IF_SEQ: &str = "The newest `seq` that you have seen of this event. Where several servers share a store, the \
    answer is then never based on an older state.";

const LAST_EVENT_ID: &str = "The `id` of the last frame that you have processed. Browsers send it by themselves when \
    an EventSource reconnects.";

const LIMIT: &str = "How many items, at most.";

const CURSOR: &str = "The `next_cursor` of the page before this one. Opaque: do not make one yourself.";

fn optional(name: &str, within: ParameterIn, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(within)
        .required(Required::False)
        .description(Some(description))
}

fn text(length_max: usize) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .min_length(Some(1))
        .max_length(Some(length_max))
}

fn header(
    name: &str,
    description: &str,
    schema: ObjectBuilder,
    example: serde_json::Value,
) -> Vec<Parameter> {
    let parameter =
        optional(name, ParameterIn::Header, description).schema(Some(schema)).example(Some(example));
    vec![parameter.build()]
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = text(limits::IDEMPOTENCY_KEY_BYTES_MAX).pattern(Some("^[!-~]+$"));
        header("Idempotency-Key", IDEMPOTENCY_KEY, schema, json!("5f0c1d52-6f3e-4a53-9d8b-1f1f1c0a7a11"))
    }
}

impl IntoParams for HoldToken {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        header("Hold-Token", HOLD_TOKEN, text(255), json!("pvfg76kvfyrkgk4bm37bqpdynwqt9zzr"))
    }
}

impl IntoParams for AccessToken {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        header(
            "Access-Token",
            ACCESS_TOKEN,
            text(12 * 1_024),
            json!("act_eyJrIjowLCJlIjoiZXZ0XzEifQ.c2lnbmF0dXJl"),
        )
    }
}

impl IntoParams for IfSeq {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Integer)).minimum(Some(0));
        header("If-Seq", IF_SEQ, schema, json!(9))
    }
}

impl IntoParams for LastEventId {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        header("Last-Event-ID", LAST_EVENT_ID, text(64), json!("1.9"))
    }
}

impl IntoParams for PageIn {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let limit = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Integer))
            .minimum(Some(1))
            .maximum(Some(1_000))
            .default(Some(json!(50)));
        let cursor = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .pattern(Some("^c_[0-9a-z]{1,12}$"));
        vec![
            optional("limit", ParameterIn::Query, LIMIT).schema(Some(limit)).build(),
            optional("cursor", ParameterIn::Query, CURSOR).schema(Some(cursor)).build(),
        ]
    }
}
