//! What an answer means, read with as little work as possible: by the status, and by searching the
//! body for the few fields that decide what a buyer does next.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;

use crate::connection::Reply;
use crate::{Api, Outcome, limits};

/// An answer as a buyer understands it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    pub(crate) outcome: Outcome,
    pub(crate) status: u16,
    /// The problem's code; empty for a success.
    pub(crate) code: &'a str,
    /// How long the server asks to wait.
    pub(crate) retry_after: Option<Duration>,
    /// The same request served before, answered from memory.
    pub(crate) replay: bool,
    pub(crate) body: &'a [u8],
}

impl<'a> Answer<'a> {
    /// Understands a reply. `success` is what a 200 or 201 means for what was asked.
    pub(crate) fn read(api: Api, reply: &Reply, body: &'a [u8], success: Outcome) -> Self {
        let mut answer = Self {
            outcome: success,
            status: reply.status,
            code: "",
            retry_after: None,
            replay: reply.replay,
            body,
        };
        if matches!(reply.status, 200 | 201) {
            return answer;
        }
        match api {
            Api::V1 => answer.read_problem(reply),
            Api::Classic => answer.read_classic(reply),
        }
        answer
    }

    fn read_problem(&mut self, reply: &Reply) {
        let mut retryable = false;
        for_each_member(self.body, |name, value| match name {
            b"code" => self.code = plain_string(value).unwrap_or_default(),
            b"retryable" => retryable = value.starts_with(b"true"),
            b"retry_after_ms" => self.retry_after = leading_number(value).map(Duration::from_millis),
            _ => {}
        });
        self.outcome = match self.status {
            409 if retryable => Outcome::Contended,
            409 => Outcome::Refused,
            503 if self.code == "outcome_unknown" => Outcome::Unknown,
            429 | 503 => Outcome::Shed,
            _ => Outcome::Error,
        };
        if self.retry_after.is_none() {
            self.retry_after = in_seconds(reply);
        }
    }

    fn read_classic(&mut self, reply: &Reply) {
        let mut message = "";
        for_each_member(self.body, |name, value| {
            if name == b"message" {
                message = plain_string(value).unwrap_or_default();
            }
        });
        (self.outcome, self.code) = match (self.status, message) {
            (409, "Sold Out!") => (Outcome::Refused, "sold_out"),
            (409, message) if message.starts_with("Too many requests") => (Outcome::Contended, "too_many"),
            (409, "Invalid Ticket ID") => (Outcome::Error, "invalid_ticket"),
            (429 | 503, _) => (Outcome::Shed, "unavailable"),
            _ => (Outcome::Error, "unexpected"),
        };
        self.retry_after = in_seconds(reply);
    }
}

fn in_seconds(reply: &Reply) -> Option<Duration> {
    reply.retry_after_seconds.map(|seconds| Duration::from_secs(u64::from(seconds)))
}

/// Calls back with every member of the outermost object: its name, and the body from its value on.
///
/// One pass, no allocation, and no opinion on whether the rest is valid JSON: a refusal is read a
/// hundred thousand times a second on a core that the server needs.
fn for_each_member<'a>(body: &'a [u8], mut member: impl FnMut(&'a [u8], &'a [u8])) {
    let (mut at, mut depth) = (0, 0_u32);
    while at < body.len() {
        match body[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let start = at + 1;
                at = end_of_string(body, start);
                let text = &body[start..at.min(body.len())];
                let rest = body.get(at + 1..).unwrap_or_default().trim_ascii_start();
                if depth == 1
                    && let Some(value) = rest.strip_prefix(b":")
                {
                    member(text, value.trim_ascii_start());
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// Where the string that starts there has its closing quotation mark, or the body its end.
fn end_of_string(body: &[u8], start: usize) -> usize {
    let mut at = start;
    while at < body.len() && body[at] != b'"' {
        at += if body[at] == b'\\' { 2 } else { 1 };
    }
    at
}

/// A string that needs no unescaping, as codes and messages are.
fn plain_string(value: &[u8]) -> Option<&str> {
    let value = value.strip_prefix(b"\"")?;
    let end = value.iter().position(|&b| b == b'"' || b == b'\\')?;
    std::str::from_utf8(&value[..end]).ok()
}

fn leading_number(value: &[u8]) -> Option<u64> {
    let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
    std::str::from_utf8(&value[..digits]).ok()?.parse().ok()
}

/// How long to wait before asking again: what the server says, within limits.
pub(crate) fn wait_bounded(asked: Option<Duration>, otherwise: Duration) -> Duration {
    asked.unwrap_or(otherwise).clamp(limits::RETRY_WAIT_MIN, limits::RETRY_WAIT_MAX)
}

/// An order as the API shows it, as much of it as matters here.
#[derive(Debug, Deserialize)]
pub(crate) struct Order<'a> {
    #[serde(borrow)]
    pub(crate) id: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) buyer: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) tickets: Vec<Ticket<'a>>,
}

/// A ticket of an order.
#[derive(Debug, Deserialize)]
pub(crate) struct Ticket<'a> {
    /// The seat's label, or the area's name.
    #[serde(borrow)]
    pub(crate) label: Cow<'a, str>,
    #[serde(borrow, default)]
    status: Option<Cow<'a, str>>,
}

impl Ticket<'_> {
    /// Whether it still owns its place.
    pub(crate) fn is_valid(&self) -> bool {
        self.status.as_deref() != Some("cancelled")
    }
}

/// What of a hold is needed to confirm it.
#[derive(Debug, Deserialize)]
pub(crate) struct Hold {
    pub(crate) id: String,
    pub(crate) token: String,
    /// RFC 3339.
    #[serde(default)]
    expires_at: Option<String>,
}

impl Hold {
    #[cfg(test)]
    pub(crate) fn plain(id: &str, token: &str) -> Self {
        Self { id: id.to_owned(), token: token.to_owned(), expires_at: None }
    }

    /// When the server really lets go, in microseconds of Unix time, if it says when the hold ends.
    pub(crate) fn deadline_micros(&self) -> Option<i64> {
        let named: jiff::Timestamp = self.expires_at.as_deref()?.parse().ok()?;
        named.as_microsecond().checked_add(i64::try_from(limits::HOLD_GRACE.as_micros()).ok()?)
    }
}

/// The ticket that the classic API sells.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClassicTicket {
    pub(crate) id: u64,
    pub(crate) user_id: u64,
}

/// The places of a refusal and why each is not to be had.
#[derive(Debug, Deserialize)]
pub(crate) struct Reasons<'a> {
    #[serde(borrow, default)]
    pub(crate) reasons: HashMap<Cow<'a, str>, Cow<'a, str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> (Outcome, String, Option<u64>) {
        let reply = Reply::plain(status);
        let answer = Answer::read(Api::V1, &reply, body.as_bytes(), Outcome::Booked);
        let millis = answer.retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap());
        (answer.outcome, answer.code.to_owned(), millis)
    }

    #[test]
    fn problems_are_told_apart() {
        let cases = [
            (200, "{}", Outcome::Booked, ""),
            (201, "{}", Outcome::Booked, ""),
            (409, r#"{"code":"sold_out","retryable":false}"#, Outcome::Refused, "sold_out"),
            (
                409,
                r#"{ "retryable" : true, "code" : "place_contended" }"#,
                Outcome::Contended,
                "place_contended",
            ),
            (503, r#"{"code":"overloaded","retryable":true}"#, Outcome::Shed, "overloaded"),
            (503, "<html>", Outcome::Shed, ""),
            (503, r#"{"code":"outcome_unknown"}"#, Outcome::Unknown, "outcome_unknown"),
            (429, r#"{"code":"rate_limited"}"#, Outcome::Shed, "rate_limited"),
            (401, r#"{"code":"unauthorized"}"#, Outcome::Error, "unauthorized"),
            (500, "", Outcome::Error, ""),
            (302, "", Outcome::Error, ""),
            (
                409,
                r#"{"detail":"say \"code\":\"x\"","code":"limit_exceeded"}"#,
                Outcome::Refused,
                "limit_exceeded",
            ),
            (
                409,
                r#"{"code":"sold_out","errors":[{"code":"inner","retryable":true}]}"#,
                Outcome::Refused,
                "sold_out",
            ),
            (409, r#"{"code":"sold_o"#, Outcome::Refused, ""),
            (409, r#"{"code\"#, Outcome::Refused, ""),
        ];
        for (status, body, outcome, code) in cases {
            let (got, got_code, _) = answered(status, body);
            assert_eq!((got, got_code.as_str()), (outcome, code), "{status} {body}");
        }
    }

    #[test]
    fn waits_are_read_and_bounded() {
        assert_eq!(answered(503, r#"{"retry_after_ms":250}"#).2, Some(250));
        assert_eq!(answered(503, r#"{"retry_after_ms":"x"}"#).2, None);
        assert_eq!(answered(503, r#"{"retry_after_ms":99999999999999999999}"#).2, None);
        let wait = |asked| wait_bounded(asked, limits::RETRY_WAIT_DEFAULT);
        assert_eq!(wait(None), limits::RETRY_WAIT_DEFAULT);
        assert_eq!(wait(Some(Duration::ZERO)), limits::RETRY_WAIT_MIN);
        assert_eq!(wait(Some(Duration::MAX)), limits::RETRY_WAIT_MAX);
    }

    #[test]
    fn a_hold_ends_after_its_grace() {
        let deadline = |json: &str| serde_json::from_str::<Hold>(json).unwrap().deadline_micros();
        let named = r#"{"id":"hld_1","token":"t","expires_at":"1970-01-01T00:00:01.5Z"}"#;
        assert_eq!(deadline(named), Some(11_500_000));
        assert_eq!(deadline(r#"{"id":"hld_1","token":"t"}"#), None);
        assert_eq!(deadline(r#"{"id":"hld_1","token":"t","expires_at":"soon"}"#), None);
    }

    #[test]
    fn classic_messages() {
        let read = |status, body: &str| {
            Answer::read(Api::Classic, &Reply::plain(status), body.as_bytes(), Outcome::Booked).outcome
        };
        assert_eq!(read(200, r#"{"id":1}"#), Outcome::Booked);
        assert_eq!(read(409, r#"{"status":"error","message":"Sold Out!"}"#), Outcome::Refused);
        assert_eq!(read(409, r#"{"message":"Too many requests! Please try again."}"#), Outcome::Contended);
        assert_eq!(read(409, r#"{"message":"Invalid Ticket ID"}"#), Outcome::Error);
        assert_eq!(read(400, ""), Outcome::Error);
    }

    #[test]
    fn an_order_is_read_whatever_else_it_says() {
        let body = r#"{"id":"ord_1","new_field":[1],"buyer":"b","tickets":[
            {"id":"tkt_1","label":"A-1-\"7\"","status":"valid","x":null},{"label":"Floor","status":"cancelled"}]}"#;
        let order: Order<'_> = serde_json::from_str(body).unwrap();
        assert_eq!((order.id.as_ref(), order.buyer.as_deref()), ("ord_1", Some("b")));
        assert_eq!(order.tickets[0].label, "A-1-\"7\"");
        assert!(order.tickets[0].is_valid() && !order.tickets[1].is_valid());
    }
}
