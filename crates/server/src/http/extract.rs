//! What is asked: bodies, paths, queries and headers, each with a clear error.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};

use axum::BoxError;
use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use domain::id::Seq;
use domain::limits;
use engine::digest::Kind;
use engine::request::Idempotency;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::auth::Caller;
use super::problem::Problem;
use super::request_id::too_large;
use super::state::{App, SharedApp};
use crate::front::{BodyTimedOut, PeerAddress};
use crate::wire::missing_member;

/// The default and the largest `limit` of a list.
const PAGE_ITEMS_DEFAULT: usize = 50;
/// The largest `limit` of a list.
const PAGE_ITEMS_MAX: usize = 1_000;

/// The largest body, in bytes.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// The largest body of a chart, in bytes.
pub const CHART_BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A request's whole body, within its route's limit.
#[derive(Debug)]
pub struct RawBody<const BYTES_MAX: usize = BODY_BYTES_MAX>(pub Bytes);

impl<const BYTES_MAX: usize> FromRequest<SharedApp> for RawBody<BYTES_MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &SharedApp) -> Result<Self, Problem> {
        Self::read(request.into_body()).await
    }
}

impl<const BYTES_MAX: usize> RawBody<BYTES_MAX> {
    /// Reads a body to its end.
    ///
    /// # Errors
    /// 413 for one over the limit, 408 for one that takes too long, 400 for one that breaks off.
    pub async fn read<B>(body: B) -> Result<Self, Problem>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        // Whoever says how much will come is refused before it does.
        if body.size_hint().lower() > BYTES_MAX as u64 {
            return Err(too_large());
        }
        let mut body = std::pin::pin!(Limited::new(body, BYTES_MAX));
        // Most come in one piece, which is the whole then.
        let Some(first) = body.frame().await else { return Ok(Self(Bytes::new())) };
        let first = first.map_err(unread)?.into_data().unwrap_or_default();
        if body.is_end_stream() {
            return Ok(Self(first));
        }
        let rest = body.collect().await.map_err(unread)?.to_bytes();
        Ok(Self(Bytes::from([first, rest].concat())))
    }
}

/// Why a body could not be read.
fn unread(error: BoxError) -> Problem {
    if error.is::<LengthLimitError>() {
        return too_large();
    }
    if BodyTimedOut::caused(&*error) {
        let detail = "the body took too long to arrive";
        return Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", detail);
    }
    Problem::malformed("", "the body could not be read")
}

/// Reads a JSON body.
///
/// # Errors
/// 400 for what is no JSON, 422 with a JSON pointer for what has another type than it must.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if body.is_empty() {
        return Err(Problem::malformed("", "the body is empty; send a JSON object"));
    }
    serde_json::from_slice(body).map_err(|_| explain::<T>(body))
}

/// The same, with an empty body standing for an empty object.
///
/// # Errors
/// As [`parse`].
pub fn parse_or_default<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if body.is_empty() { parse(b"{}") } else { parse(body) }
}

/// Parses once more, this time with a path: only those who err pay for it.
fn explain<T: DeserializeOwned>(body: &[u8]) -> Problem {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Ok(_) => Problem::malformed("", "the body has something behind its JSON"),
        Err(error) => {
            let mut pointer = String::new();
            for segment in error.path() {
                use serde_path_to_error::Segment;
                match segment {
                    Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
                    Segment::Map { key } | Segment::Enum { variant: key } => {
                        pointer.push('/');
                        pointer.push_str(&domain::event::escape_pointer(key));
                    }
                    Segment::Unknown => {}
                }
            }
            let inner = error.into_inner();
            let reason = inner.to_string();
            if let Some(name) = missing_member(&reason) {
                return Problem::invalid(format!("{pointer}/{name}"), "is missing");
            }
            if inner.is_data() {
                Problem::invalid(pointer, reason)
            } else {
                Problem::malformed(pointer, reason)
            }
        }
    }
}

/// What a request's head says, read without waiting for anything.
pub trait Told: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// It is not there, or not what it must be.
    fn told(parts: &Parts, app: &App) -> Result<Self, Problem>;
}

macro_rules! extracted {
    ($($told:ty),+) => {$(
        impl FromRequestParts<SharedApp> for $told {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, Problem> {
                Self::told(parts, app)
            }
        }
    )+};
}

extracted!(AccessToken, Asker, AtLeast, Caller, ClientAddress, Once);

/// The client's address.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

impl Told for ClientAddress {
    fn told(parts: &Parts, app: &App) -> Result<Self, Problem> {
        let peer =
            parts.extensions.get::<PeerAddress>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0.ip());
        if !app.options.trust_proxy || !is_near(peer) {
            return Ok(Self(peer));
        }
        // The last address is the one that our own proxy saw; those before it are anybody's word.
        let forwarded = parts.headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
        let client =
            forwarded.and_then(|list| list.rsplit(',').next()).and_then(|last| last.trim().parse().ok());
        Ok(Self(client.unwrap_or(peer)))
    }
}

/// Whether an address is one of our own machines': a proxy's of ours is, and nobody else's word counts.
fn is_near(peer: IpAddr) -> bool {
    match peer.to_canonical() {
        IpAddr::V4(peer) => peer.is_loopback() || peer.is_private() || peer.is_link_local(),
        IpAddr::V6(peer) => peer.is_loopback() || peer.is_unique_local() || peer.is_unicast_link_local(),
    }
}

/// The newest state that a client demands of a refusal, by the header `If-Seq`.
#[derive(Debug, Clone, Copy)]
pub struct AtLeast(pub Option<Seq>);

impl Told for AtLeast {
    fn told(parts: &Parts, _: &App) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("if-seq") else { return Ok(Self(None)) };
        let seq = value.to_str().ok().and_then(|text| text.trim().parse().ok());
        let seq = seq.ok_or_else(|| Problem::malformed("/headers/If-Seq", "must be a commit's number"))?;
        Ok(Self(Some(Seq(seq))))
    }
}

/// The token of a hold, by the header `Hold-Token`.
#[derive(Debug, Clone)]
pub struct HoldToken(pub Option<String>);

impl FromRequestParts<SharedApp> for HoldToken {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &SharedApp) -> Result<Self, Infallible> {
        let token = parts.headers.get("hold-token").and_then(|value| value.to_str().ok());
        Ok(Self(token.map(str::to_owned)))
    }
}

/// What lets somebody in, by the header `Access-Token`.
#[derive(Debug, Clone)]
pub struct AccessToken(pub Option<String>);

impl Told for AccessToken {
    fn told(parts: &Parts, _: &App) -> Result<Self, Problem> {
        let token = parts.headers.get("access-token").and_then(|value| value.to_str().ok());
        Ok(Self(token.map(|text| text.trim().to_owned())))
    }
}

/// What a request that changes something says about being asked twice.
#[derive(Debug, Clone)]
pub struct Once {
    key: Option<String>,
    method: Method,
    path: String,
}

impl Told for Once {
    fn told(parts: &Parts, _: &App) -> Result<Self, Problem> {
        let key = idempotency_key(&parts.headers)?;
        Ok(Self { key, method: parts.method.clone(), path: parts.uri.path().to_owned() })
    }
}

/// The key, quoted or bare.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let invalid = |reason: &str| Problem::malformed("/headers/Idempotency-Key", reason);
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().map_err(|_| invalid("must be printable ASCII"))?.trim();
    let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    if bare.is_empty() {
        return Err(invalid("must not be empty"));
    }
    if bare.len() > limits::IDEMPOTENCY_KEY_BYTES_MAX {
        return Err(invalid(&format!("must be at most {} bytes", limits::IDEMPOTENCY_KEY_BYTES_MAX)));
    }
    Ok(Some(bare.to_owned()))
}

impl Once {
    /// Whether there is a key.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// The key's digest within its organization, mode and route, and the body's fingerprint.
    ///
    /// # Errors
    /// 400 for a key that others could guess, from a publishable key.
    pub fn of(&self, app: &App, caller: Caller, body: &[u8]) -> Result<Option<Idempotency>, Problem> {
        let Some(key) = &self.key else { return Ok(None) };
        if !caller.is_secret && key.len() < limits::PUBLIC_IDEMPOTENCY_KEY_BYTES_MIN {
            let bytes_min = limits::PUBLIC_IDEMPOTENCY_KEY_BYTES_MIN;
            let reason = format!("must be at least {bytes_min} bytes with a publishable key");
            return Err(Problem::malformed("/headers/Idempotency-Key", reason));
        }
        let organization = caller.organization.0.to_be_bytes();
        let scope: &[&[u8]] = &[
            &organization,
            &[u8::from(caller.livemode)],
            self.method.as_str().as_bytes(),
            self.path.as_bytes(),
            key.as_bytes(),
        ];
        Ok(Some(Idempotency {
            key: app.digester.digest(Kind::IdempotencyKey, scope),
            fingerprint: app.digester.digest(Kind::Body, &[body]),
        }))
    }
}

/// Who asks for places, from where, and what they say about being asked twice and about old news.
#[derive(Debug, Clone)]
pub struct Asker {
    /// Whoever asks.
    pub caller: Caller,
    /// From where.
    pub client: ClientAddress,
    /// What lets them in.
    pub access: AccessToken,
    /// What repeating means.
    pub once: Once,
    /// The newest state that they demand of a refusal.
    pub at_least: Option<Seq>,
}

impl Told for Asker {
    fn told(parts: &Parts, app: &App) -> Result<Self, Problem> {
        let (caller, client) = (Caller::told(parts, app)?, ClientAddress::told(parts, app)?);
        let (once, AtLeast(at_least)) = (Once::told(parts, app)?, AtLeast::told(parts, app)?);
        let access = AccessToken::told(parts, app)?;
        Ok(Self { caller, client, access, once, at_least })
    }
}

/// The `limit` and `cursor` of a list.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
pub struct PageIn {
    limit: Option<usize>,
    cursor: Option<Cursor>,
}

/// An opaque position in a list.
#[derive(Debug, Clone, Copy)]
struct Cursor(i64);

impl<'de> serde::Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        i64::from_str_radix(text.strip_prefix("c_").unwrap_or("?"), 36)
            .map(Self)
            .map_err(|_| serde::de::Error::custom("cursor: is not one that a list gave"))
    }
}

/// The cursor after a position.
#[must_use]
pub fn cursor_after(position: i64) -> String {
    let mut rest = position.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit(u32::try_from(rest % 36).unwrap_or(0), 36).unwrap_or('0'));
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    format!("c_{}", digits.into_iter().rev().collect::<String>())
}

impl PageIn {
    /// As the store takes it.
    ///
    /// # Errors
    /// A `limit` out of bounds.
    pub fn page(self) -> Result<engine::store::Page, Problem> {
        let limit = self.limit.unwrap_or(PAGE_ITEMS_DEFAULT);
        if limit == 0 || limit > PAGE_ITEMS_MAX {
            return Err(Problem::malformed("/query/limit", format!("must be from 1 to {PAGE_ITEMS_MAX}")));
        }
        Ok(engine::store::Page { after: self.cursor.map_or(0, |cursor| cursor.0), limit })
    }
}

/// A query string, with a clear error.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<SharedApp> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &SharedApp) -> Result<Self, Problem> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|error| Problem::malformed("/query", error.body_text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_machines_of_ours_are_near() {
        for ours in
            ["127.0.0.1", "10.1.2.3", "172.16.0.9", "192.168.7.7", "169.254.1.1", "::1", "fd00::1", "fe80::1"]
        {
            assert!(is_near(ours.parse().expect("an address")), "{ours} may be a proxy of ours");
        }
        for theirs in ["8.8.8.8", "172.32.0.1", "100.64.0.1", "2001:db8::1", "::ffff:8.8.8.8"] {
            assert!(!is_near(theirs.parse().expect("an address")), "{theirs} is anybody");
        }
    }
}
