//! Single questions before and after the load: what is for sale, what was sold. Unlike a buyer it
//! has time, reads whole answers, and turns what goes wrong into an error that says what to do.

use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::answer::wait_bounded;
use crate::connection::{Connection, NoReply, Reply};
use crate::target::Target;
use crate::{Error, limits};

/// How much of an unexpected answer an error shows.
const DETAIL_BYTES_MAX: usize = 300;
/// A page of orders or a chart takes longer than a purchase.
const ENQUIRY_TIMEOUT: Duration = Duration::from_secs(60);

/// A client for single questions.
#[derive(Debug)]
pub(crate) struct Enquirer {
    connection: Connection,
    target: Target,
    /// The header line with the key, or nothing.
    authorization: String,
    request: Vec<u8>,
    /// How long a server that does not answer is asked again.
    pub(crate) patience: Duration,
}

/// An answer that is none of those expected.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(crate) status: u16,
    pub(crate) replay: bool,
    pub(crate) body: &'a [u8],
}

impl Enquirer {
    pub(crate) fn new(target: &Target, key: Option<&str>) -> Self {
        Self {
            connection: Connection::new(&target.authority, ENQUIRY_TIMEOUT, limits::AUDIT_BODY_BYTES_MAX),
            target: target.clone(),
            authorization: key.map(|key| format!("Authorization: Bearer {key}\r\n")).unwrap_or_default(),
            request: Vec::new(),
            patience: Duration::ZERO,
        }
    }

    /// Asks for JSON; anything but a 200 is an error.
    pub(crate) async fn get<T: DeserializeOwned>(
        &mut self,
        path: &str,
        what: &'static str,
    ) -> Result<T, Error> {
        let told = self.get_any(path, what).await?.expected(what)?;
        parse(told.body, what)
    }

    /// Asks for something; any status is an answer.
    pub(crate) async fn get_any(&mut self, path: &str, what: &'static str) -> Result<Told<'_>, Error> {
        self.request = format!(
            "GET {}{path} HTTP/1.1\r\nHost: {}\r\n{}\r\n",
            self.target.prefix, self.target.authority, self.authorization
        )
        .into_bytes();
        self.ask(what).await
    }

    /// Posts nothing to a path; any status is an answer.
    pub(crate) async fn post_empty(&mut self, path: &str, what: &'static str) -> Result<Told<'_>, Error> {
        self.request = format!(
            "POST {}{path} HTTP/1.1\r\nHost: {}\r\n{}Content-Length: 0\r\n\r\n",
            self.target.prefix, self.target.authority, self.authorization
        )
        .into_bytes();
        self.ask(what).await
    }

    /// Sends a request that a buyer has written; any status is an answer.
    pub(crate) async fn repeat(&mut self, request: &[u8], what: &'static str) -> Result<Told<'_>, Error> {
        self.request.clear();
        self.request.extend_from_slice(request);
        self.ask(what).await
    }

    /// Everything asked here may be asked twice: reads, the seeding, and purchases under their key.
    async fn ask(&mut self, what: &'static str) -> Result<Told<'_>, Error> {
        let patient_until = Instant::now() + self.patience;
        let mut pause = limits::RECONNECT_WAIT_MIN;
        loop {
            let error = match self.exchange().await {
                Ok(reply) if matches!(reply.status, 429 | 503) && Instant::now() < patient_until => {
                    let asked = reply.retry_after_seconds.map(|s| Duration::from_secs(u64::from(s)));
                    tokio::time::sleep(wait_bounded(asked, limits::RETRY_WAIT_DEFAULT)).await;
                    continue;
                }
                Ok(reply) => {
                    return Ok(Told {
                        status: reply.status,
                        replay: reply.replay,
                        body: self.connection.body(&reply),
                    });
                }
                Err(NoReply::Malformed(reason)) => {
                    return Err(Error::Unreadable { what, reason: reason.to_string() });
                }
                Err(NoReply::Timeout) => std::io::ErrorKind::TimedOut.into(),
                Err(NoReply::NotSent(error) | NoReply::Lost(error)) => error,
            };
            if Instant::now() >= patient_until {
                return Err(Error::Unreachable { authority: self.target.authority.clone(), source: error });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(limits::RECONNECT_WAIT_MAX);
        }
    }

    async fn exchange(&mut self) -> Result<Reply, NoReply> {
        self.connection.open().await?;
        self.connection.exchange(&self.request).await
    }
}

impl Told<'_> {
    /// The answer itself if it is a 200 or 201, else the error that fits the status.
    pub(crate) fn expected(self, what: &'static str) -> Result<Self, Error> {
        match self.status {
            200 | 201 => Ok(self),
            401 => Err(Error::KeyRefused),
            403 => Err(Error::Forbidden { what }),
            status => {
                let text = String::from_utf8_lossy(&self.body[..self.body.len().min(DETAIL_BYTES_MAX)]);
                let detail = if text.trim().is_empty() { "nothing".to_owned() } else { text.into_owned() };
                Err(Error::Unexpected { what, status, detail })
            }
        }
    }
}

/// Parses JSON that the API promises.
pub(crate) fn parse<'a, T: serde::Deserialize<'a>>(body: &'a [u8], what: &'static str) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| Error::Unreadable { what, reason: error.to_string() })
}
