//! Access tokens: what a presale's code grants to one buyer in one event.
//!
//! A token carries its grant and a signature, so nothing is written when it is made, and every node can read it:
//! `act_`, the grant as JSON, a dot, an HMAC-SHA-256 of the grant; both in unpadded base64url (RFC 4648). A grant names
//! the key that signed it. Keys are in the store and in memory; a new one signs only once every node has had the time to
//! hear of it.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::command::{Claim, Digest, LimitKey, Pass};
use domain::id::EventId;
use domain::place::ChannelKey;
use domain::time::Timestamp;
use engine::store::{AccessKey, Catalog, Store, StoreError};
use hmac::{Hmac, KeyInit, Mac};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// What every token begins with.
const PREFIX: &str = "act_";
/// A token is never longer: the largest grant that the API takes fits.
const TOKEN_BYTES_MAX: usize = 12 * 1_024;
/// How long a new key waits before it signs: nodes read the keys anew every other second.
const SETTLING: Duration = Duration::from_secs(10);

/// What a token grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// In which event.
    #[serde(rename = "e")]
    pub event: String,
    /// To whom.
    #[serde(rename = "b")]
    pub buyer: String,
    /// From when, in ms; the event's own beginning when missing.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<i64>,
    /// Until when, in ms; the event's own end when missing.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<i64>,
    /// When the token ends to be worth anything, in ms.
    #[serde(rename = "x")]
    pub expires_at: i64,
    /// Channels that may be taken from.
    #[serde(rename = "h", default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// Limits by key.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<(String, u32)>,
}

impl Grant {
    /// Whether it is for this event.
    #[must_use]
    pub fn is_for(&self, event: EventId) -> bool {
        self.event == event.to_string()
    }

    /// What deciding must know of it; `buyer` is the buyer's digest.
    #[must_use]
    pub fn pass(&self, buyer: Digest) -> Pass {
        Pass {
            buyer,
            opens_at: self.opens_at.map(Timestamp),
            closes_at: self.closes_at.map(Timestamp),
            expires_at: Timestamp(self.expires_at),
        }
    }

    /// The channels that it presents.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelKey> {
        self.channels.iter().map(|key| ChannelKey(Arc::from(&**key))).collect()
    }

    /// Its limits, counted while held and sold.
    pub fn claims(&self, key: impl Fn(&str) -> LimitKey) -> impl Iterator<Item = Claim> {
        self.limits.iter().map(move |(text, max)| Claim { key: key(text), max: Some(*max), held_only: false })
    }
}

/// A grant as it is signed: with the number of the key.
#[derive(Serialize, Deserialize)]
struct Signed {
    #[serde(rename = "k")]
    key: u32,
    #[serde(flatten)]
    grant: Grant,
}

struct Known {
    number: u32,
    mac: Hmac<Sha256>,
    may_sign: bool,
}

/// Makes and reads access tokens.
pub struct AccessTokens {
    store: Arc<dyn Store>,
    /// The secret of the key 0.
    first: [u8; 32],
    /// Keys that are not retired, oldest first.
    keys: RwLock<Vec<Known>>,
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccessTokens({})", self.keys.read().len())
    }
}

fn keyed(secret: &[u8; 32], purpose: &[u8]) -> Hmac<Sha256> {
    let keyed = Hmac::new_from_slice(secret);
    assert!(keyed.is_ok(), "HMAC takes keys of any length");
    let mut keyed = keyed.unwrap_or_else(|_| unreachable!("asserted above"));
    keyed.update(purpose);
    keyed
}

impl AccessTokens {
    /// Tokens of an installation.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn load(store: Arc<dyn Store>, secret: &[u8; 32]) -> Result<Self, StoreError> {
        let first = keyed(secret, b"flashtix access key 0").finalize().into_bytes().into();
        let tokens = Self { store, first, keys: RwLock::default() };
        tokens.refresh().await?;
        Ok(tokens)
    }

    /// Reads the keys anew.
    ///
    /// # Errors
    /// The store cannot be read; the keys stay as they are.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let (stored, now) = (self.store.access_keys().await?, Catalog::now(&*self.store).await?);
        let has_first = stored.iter().any(|key| key.number == 0);
        let known = |number: u32, secret: &[u8; 32], may_sign: bool| Known {
            number,
            mac: keyed(secret, b"flashtix access token 1"),
            may_sign,
        };
        let mut keys = Vec::new();
        if !has_first {
            keys.push(known(0, &self.first, true));
        }
        let settled = |key: &AccessKey| {
            let age_ms = now.0.saturating_sub(key.created_at.0);
            u128::try_from(age_ms).is_ok_and(|age| age >= SETTLING.as_millis())
        };
        let valid = stored.iter().filter(|key| key.retired_at.is_none());
        keys.extend(valid.map(|key| known(key.number, &key.secret, settled(key))));
        *self.keys.write() = keys;
        Ok(())
    }

    /// The token of a grant; `None` when every key is retired.
    #[must_use]
    pub fn sign(&self, grant: Grant) -> Option<String> {
        let keys = self.keys.read();
        // A key that all nodes know, if there is one.
        let key = keys.iter().rev().find(|key| key.may_sign).or_else(|| keys.last())?;
        let body = serde_json::to_vec(&Signed { key: key.number, grant }).ok()?;
        let mut mac = key.mac.clone();
        mac.update(&body);
        let signature = mac.finalize().into_bytes();
        Some(format!("{PREFIX}{}.{}", URL_SAFE_NO_PAD.encode(&body), URL_SAFE_NO_PAD.encode(signature)))
    }

    /// What a token grants; `None` for anything that no valid key has signed.
    #[must_use]
    pub fn read(&self, token: &str) -> Option<Grant> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (body, signature) = token.strip_prefix(PREFIX)?.split_once('.')?;
        let body = URL_SAFE_NO_PAD.decode(body).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let signed: Signed = serde_json::from_slice(&body).ok()?;
        let keys = self.keys.read();
        let mut mac = keys.iter().find(|key| key.number == signed.key)?.mac.clone();
        mac.update(&body);
        mac.verify_slice(&signature).ok()?;
        Some(signed.grant)
    }
}

#[cfg(test)]
mod tests {
    use testkit::memory::MemoryStore;

    use super::*;

    fn grant() -> Grant {
        Grant {
            event: "evt_1".to_owned(),
            buyer: "ada \"漢\"".to_owned(),
            opens_at: Some(1),
            closes_at: None,
            expires_at: 9,
            channels: vec!["presale".to_owned()],
            limits: vec![("code 7".to_owned(), 4)],
        }
    }

    async fn tokens() -> AccessTokens {
        AccessTokens::load(Arc::new(MemoryStore::new()), &[7; 32]).await.unwrap()
    }

    #[tokio::test]
    async fn a_grant_survives_its_token_and_nothing_else_does() {
        let tokens = tokens().await;
        let token = tokens.sign(grant()).unwrap();
        assert_eq!(tokens.read(&token), Some(grant()));
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            // The last letter of a base64 text has bits that mean nothing; everything else counts.
            assert!(at == token.len() - 1 || tokens.read(&forged).is_none(), "{at}: {forged}");
        }
        for nonsense in
            ["", "act_", "act_.", "act_e30.e30", &token[4..], &format!("{token}A"), &"x".repeat(99_999)]
        {
            assert_eq!(tokens.read(nonsense), None);
        }
        let other = AccessTokens::load(Arc::new(MemoryStore::new()), &[8; 32]).await.unwrap();
        assert_eq!(other.read(&token), None, "another installation's");
    }

    #[tokio::test]
    async fn what_an_old_key_signed_is_good_until_the_key_is_retired() {
        let tokens = tokens().await;
        let old = tokens.sign(grant()).unwrap();
        tokens.store.add_access_key([9; 32]).await.unwrap();
        tokens.refresh().await.unwrap();
        // Other nodes may not know the new one yet.
        assert_eq!(tokens.sign(grant()).unwrap(), old);
        tokens.store.retire_access_key(0).await.unwrap();
        tokens.refresh().await.unwrap();
        assert_eq!(tokens.read(&old), None);
        let new = tokens.sign(grant()).unwrap();
        assert_eq!(tokens.read(&new), Some(grant()));
        tokens.store.retire_access_key(1).await.unwrap();
        tokens.refresh().await.unwrap();
        assert_eq!((tokens.read(&new), tokens.sign(grant())), (None, None));
    }
}
