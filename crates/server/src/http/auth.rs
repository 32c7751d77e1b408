//! Who asks: API keys.
//!
//! A key's text is shown once and never stored; what is stored is its SHA-256. All keys are in memory, so that
//! authenticating a request costs a hash and a look-up.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::command::Actor;
use domain::event::Event;
use domain::id::{KeyId, OrganizationId};
use engine::store::{Catalog, KeyRecord, Scope, StoreError};
use http::request::Parts;
use http::{Method, header};
use parking_lot::RwLock;
use sha2::{Digest as _, Sha256};

use super::extract::Told;
use super::problem::Problem;
use super::state::{App, SharedApp};

/// How often keys are read anew: the longest that a revoked key works on.
const REFRESH_INTERVAL: Duration = Duration::from_secs(2);
/// A key's text is never longer.
const KEY_BYTES_MAX: usize = 128;

/// Every valid key.
pub struct Keys {
    store: Arc<dyn engine::store::Store>,
    by_hash: RwLock<HashMap<[u8; 32], KeyRecord>>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.by_hash.read().len())
    }
}

/// The hash under which a key is stored.
#[must_use]
pub fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Makes a key's text: its kind, its mode, and 160 random bits.
#[must_use]
pub fn new_text(is_secret: bool, livemode: bool) -> String {
    let random: [u8; 20] = rand::random();
    format!("{}{}", prefix(is_secret, livemode), domain::id::base32(&random))
}

/// What a key's text begins with.
#[must_use]
pub fn prefix(is_secret: bool, livemode: bool) -> &'static str {
    match (is_secret, livemode) {
        (true, true) => "sk_live_",
        (true, false) => "sk_test_",
        (false, true) => "pk_live_",
        (false, false) => "pk_test_",
    }
}

/// Kind and mode of a key, by its text: whether it is secret, and whether it is live.
#[must_use]
pub fn kind_of(text: &str) -> Option<(bool, bool)> {
    [(true, true), (true, false), (false, true), (false, false)]
        .into_iter()
        .find(|&(is_secret, livemode)| text.starts_with(prefix(is_secret, livemode)))
}

impl Keys {
    /// All keys of a store.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn load(store: Arc<dyn engine::store::Store>) -> Result<Self, StoreError> {
        let keys = Self { store, by_hash: RwLock::default() };
        keys.refresh().await?;
        Ok(keys)
    }

    /// Reads all keys anew.
    ///
    /// # Errors
    /// The store cannot be read; the keys stay as they are.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let keys = Catalog::keys(&*self.store).await?;
        let valid = keys.into_iter().filter(|key| key.revoked_at.is_none());
        *self.by_hash.write() = valid.map(|key| (key.hash, key)).collect();
        Ok(())
    }

    /// Keeps the keys up to date, for ever.
    pub async fn follow(app: SharedApp) {
        let mut ticks = tokio::time::interval(REFRESH_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let read = async { app.keys.refresh().await.and(app.access.refresh().await) };
            if let Err(error) = read.await {
                tracing::warn!(%error, "the keys cannot be read; those known stay valid");
            }
        }
    }

    fn find(&self, text: &str) -> Option<Caller> {
        if text.len() > KEY_BYTES_MAX {
            return None;
        }
        self.by_hash.read().get(&hash(text)).map(|record| Caller {
            key: record.id,
            organization: record.organization,
            livemode: record.livemode,
            is_secret: record.is_secret,
            scope: record.scope,
        })
    }
}

/// Whoever asks, known by a valid key.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The key.
    pub key: KeyId,
    /// Whose key it is.
    pub organization: OrganizationId,
    /// Which of the organization's two worlds it opens.
    pub livemode: bool,
    /// Whether it is a secret key, of the organizer's own servers and staff.
    pub is_secret: bool,
    /// What a secret key may do.
    pub scope: Scope,
}

/// What a route asks of a secret key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// To read.
    See,
    /// To hold, sell, change and cancel.
    Sell,
    /// To make and change what is sold, and everything else.
    Manage,
}

impl Right {
    /// The most that a scope allows.
    fn of(scope: Scope) -> Self {
        match scope {
            Scope::Integration => Self::Manage,
            Scope::BoxOffice => Self::Sell,
            Scope::Reports => Self::See,
        }
    }
}

impl Caller {
    /// The caller as the ledger names it.
    #[must_use]
    pub fn actor(self) -> Actor {
        Actor::Key(self.key)
    }

    /// Demands a secret key whose scope has this right.
    ///
    /// # Errors
    /// 403.
    pub fn require(self, right: Right) -> Result<(), Problem> {
        if !self.is_secret {
            return Err(Problem::forbidden("this needs a secret key"));
        }
        self.check_scope(right)
    }

    /// Demands that the scope has this right, if the key is a secret one.
    ///
    /// # Errors
    /// 403.
    pub fn check_scope(self, right: Right) -> Result<(), Problem> {
        if !self.is_secret || right <= Right::of(self.scope) {
            return Ok(());
        }
        let scope = self.scope.as_str();
        Err(Problem::forbidden(format!("this key may not do this: its scope is {scope}")))
    }

    /// Whether the caller may be told the tokens of holds: who only reads must not learn what releases them.
    #[must_use]
    pub fn may_see_tokens(self) -> bool {
        self.check_scope(Right::Sell).is_ok()
    }

    /// Whether an event is of the caller's organization and mode, and one it may know of.
    #[must_use]
    pub fn may_see(self, event: &Event) -> bool {
        event.organization == self.organization
            && event.livemode == self.livemode
            && (self.is_secret || event.status != domain::event::EventStatus::Draft)
    }
}

/// The value of `key` in a query; keys need no percent-decoding.
fn query_key(query: &str) -> Option<&str> {
    query.split('&').find_map(|pair| pair.strip_prefix("key="))
}

impl Told for Caller {
    fn told(parts: &Parts, app: &App) -> Result<Self, Problem> {
        let from_header = parts.headers.get(header::AUTHORIZATION);
        let (text, is_from_query) = match from_header {
            Some(value) => {
                let text = value.to_str().ok().and_then(|text| {
                    let (scheme, key) = text.split_once(' ')?;
                    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
                });
                (
                    text.ok_or_else(|| {
                        Problem::unauthorized("send the key as: Authorization: Bearer <key>")
                    })?,
                    false,
                )
            }
            None if parts.method == Method::GET => {
                (parts.uri.query().and_then(query_key).unwrap_or_default(), true)
            }
            None => ("", false),
        };
        if text.is_empty() {
            return Err(Problem::unauthorized("a key is missing: send Authorization: Bearer <key>"));
        }
        let caller = app.keys.find(text).ok_or_else(|| Problem::unauthorized("this key is not valid"))?;
        if is_from_query && caller.is_secret {
            return Err(Problem::unauthorized(
                "a secret key must never be in a URL: send it in Authorization",
            ));
        }
        Ok(caller)
    }
}
