//! The feed as server-sent events.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::id::Seq;
use engine::feed::{Frame, FrameKind, Packed, Subscription};
use flate2::Compression;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::Instant;
use utoipa::IntoParams;

use super::purchase::event_of;
use crate::gzip;
use crate::http::auth::Caller;
use crate::http::extract::Query;
use crate::http::openapi::{parameters, problems};
use crate::http::problem::Problem;
use crate::http::state::SharedApp;

/// How often a comment shows that the stream lives.
const COMMENT_INTERVAL: Duration = Duration::from_secs(15);
/// Shows that the stream lives.
static COMMENT: Fixed = Fixed::new(": still here\n\n");
/// How soon a browser comes back after the stream ended, in milliseconds.
static RETRY: Fixed = Fixed::new("retry: 1000\n\n");

/// Where a stream resumes, for clients that cannot send headers.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ResumeIn {
    /// As the header `Last-Event-ID`, which wins, for clients that cannot send headers.
    last_event_id: Option<String>,
}

/// `history.seq`, as the `id` of every frame names it.
fn resume_after(text: &str) -> Option<(u64, Seq)> {
    let (history, seq) = text.split_once('.')?;
    Some((u64::from_str_radix(history, 16).ok()?, Seq(seq.parse().ok()?)))
}

/// Follow an event
///
/// Server-sent events, for as long as you listen. The first frame is `event: snapshot`, an availability; then
/// `event: commit` tells which seats and areas changed between the commits `from` and `seq`, and what they are now: seats
/// by their number in the chart, areas by name. One frame may carry several commits. `event: event` carries the event
/// when its settings change. Ignore frames of other kinds. A comment every 15 seconds shows that the stream lives.
///
/// Every frame has an opaque `id`. Who comes back with it, in `Last-Event-ID` (an EventSource does that by itself) or in
/// `last_event_id`, goes on from there; where that is not possible any more, the stream begins with a snapshot again. A
/// reader who is too slow is dropped, and comes back likewise. Who takes gzip is sent gzip, in which every frame can be
/// read as soon as it is there.
#[utoipa::path(
    get, path = "/v1/events/{event}/feed", tag = "Feed", operation_id = "followEvent",
    params(parameters::LastEventId),
    responses(
        (status = 200, description = "A stream of frames.", content_type = "text/event-stream", body = String),
        problems::EventReading,
    ),
    security(("secret_key" = []), ("publishable_key" = []), ("publishable_key_in_url" = [])),
)]
pub(super) async fn follow(
    State(app): State<SharedApp>,
    caller: Caller,
    headers: HeaderMap,
    Path(event): Path<String>,
    Query(resume): Query<ResumeIn>,
) -> Result<Response, Problem> {
    let (desk, event) = event_of(&app, caller, &event).await?;
    let from_header = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let after = from_header.or(resume.last_event_id.as_deref()).and_then(resume_after);
    let desk = match after {
        // Another node may have told the client of commits that this one is about to get.
        Some((history, seq)) if history == desk.history() => app.engine.desk_at(event.id, seq).await?,
        _ => desk,
    };
    let Subscription { first, rest } = desk.subscribe(after, &**app.engine.renderer());
    let is_packed = gzip::is_taken(&headers);
    let listener = Listener {
        queue: first.into_iter().rev().collect(),
        rest,
        stopping: app.stopping.clone(),
        told_at: Instant::now(),
        is_new: true,
        gzip: is_packed.then(gzip::Stream::default),
        is_over: false,
    };
    let body = Body::from_stream(stream::unfold(listener, |mut listener| async move {
        let bytes = listener.next().await?;
        Some((Ok::<_, Infallible>(bytes), listener))
    }));
    let mut response = (StatusCode::OK, body).into_response();
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    gzip::declare(fields, is_packed);
    // Proxies must not collect frames.
    fields.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// One client's end of a feed.
struct Listener {
    /// Frames to send before those that come, the next one last.
    queue: Vec<Arc<Frame>>,
    rest: tokio::sync::broadcast::Receiver<Arc<Frame>>,
    stopping: watch::Receiver<bool>,
    told_at: Instant,
    is_new: bool,
    /// Where the stream stands, for a client that takes gzip.
    gzip: Option<gzip::Stream>,
    is_over: bool,
}

impl Listener {
    /// The next piece of the stream; `None` ends it.
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        let Some(text) = self.next_text().await else {
            self.is_over = true;
            return self.gzip.take().map(gzip::Stream::end);
        };
        Some(match &mut self.gzip {
            Some(stream) => stream.add(text.packed()),
            None => text.plain(),
        })
    }

    async fn next_text(&mut self) -> Option<Text> {
        if std::mem::take(&mut self.is_new) {
            return Some(Text::Fixed(&RETRY));
        }
        if let Some(frame) = self.queue.pop() {
            return Some(Text::Frame(frame));
        }
        if *self.stopping.borrow() {
            return None;
        }
        tokio::select! {
            frame = self.rest.recv() => match frame {
                Ok(frame) => {
                    self.told_at = Instant::now();
                    Some(Text::Frame(frame))
                }
                // Too slow, or another history: the client comes back and is brought up to date.
                Err(RecvError::Lagged(_) | RecvError::Closed) => None,
            },
            _ = self.stopping.changed() => None,
            () = tokio::time::sleep_until(self.told_at + COMMENT_INTERVAL) => {
                self.told_at = Instant::now();
                Some(Text::Fixed(&COMMENT))
            }
        }
    }
}

/// What a stream is made of. Each is written, and compressed, once for all listeners.
enum Text {
    Frame(Arc<Frame>),
    Fixed(&'static Fixed),
}

impl Text {
    fn plain(&self) -> Bytes {
        match self {
            Self::Frame(frame) => frame.text.get_or_init(|| encode(frame)).clone(),
            Self::Fixed(fixed) => Bytes::from_static(fixed.text.as_bytes()),
        }
    }

    /// Where everybody takes this, the plain text is not kept.
    fn packed(&self) -> &Packed {
        let pack = |text: &[u8]| gzip::pack(text, Compression::fast());
        match self {
            Self::Frame(frame) => frame.packed.get_or_init(|| pack(&encode(frame))),
            Self::Fixed(fixed) => fixed.packed.get_or_init(|| pack(fixed.text.as_bytes())),
        }
    }
}

/// A text that is always the same.
struct Fixed {
    text: &'static str,
    packed: OnceLock<Packed>,
}

impl Fixed {
    const fn new(text: &'static str) -> Self {
        Self { text, packed: OnceLock::new() }
    }
}

/// A frame on the wire.
fn encode(frame: &Frame) -> Bytes {
    let kind = match frame.kind {
        FrameKind::Commit => "commit",
        FrameKind::Event => "event",
        FrameKind::Snapshot => "snapshot",
    };
    let head = format!("event: {kind}\nid: {:x}.{}\ndata: ", frame.history, frame.seq);
    let mut bytes = Vec::with_capacity(head.len() + frame.data.len() + 2);
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(&frame.data);
    bytes.extend_from_slice(b"\n\n");
    bytes.into()
}
