//! Keyed digests: how texts that people wrote are found again without being written down.
//!
//! SHA-256 over the key, a word for the kind of text, and the parts, each with its length before it, cut to 16
//! bytes. Without the installation's key a digest can neither be guessed from a text nor told apart from noise.

use domain::command::{Digest, LimitKey};
use domain::id::EventId;
use sha2::{Digest as _, Sha256};

/// What a digest is of; keeps digests of equal texts of different kinds apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A buyer, or another limit key.
    LimitKey,
    /// An idempotency key, with organization, mode and route.
    IdempotencyKey,
    /// A request body.
    Body,
    /// The `ref` of an order.
    OrderRef,
    /// A barcode.
    Code,
}

/// Makes digests with an installation's own key.
#[derive(Clone)]
pub struct Digester {
    keyed: Sha256,
}

impl Digester {
    /// Digests with this key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        let mut keyed = Sha256::new();
        keyed.update(key);
        Self { keyed }
    }

    /// The digest of some parts.
    #[must_use]
    pub fn digest(&self, kind: Kind, parts: &[&[u8]]) -> Digest {
        let mut hasher = self.keyed.clone();
        hasher.update([kind as u8]);
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let mut digest = [0; 16];
        digest.copy_from_slice(&hasher.finalize()[..16]);
        Digest(digest)
    }

    /// A buyer, or another key that units are counted under.
    #[must_use]
    pub fn limit_key(&self, text: &str) -> LimitKey {
        LimitKey { text: text.to_owned(), digest: self.digest(Kind::LimitKey, &[text.as_bytes()]) }
    }

    /// The digest under which a barcode is unique in its event.
    #[must_use]
    pub fn code(&self, event: EventId, code: &str) -> Digest {
        self.digest(Kind::Code, &[&event.0.to_be_bytes(), code.as_bytes()])
    }

    /// The digest under which an order's reference is unique in its event, with the fingerprint of what was asked for.
    #[must_use]
    pub fn order_ref(&self, event: EventId, reference: &str, asked_for: &str) -> (Digest, Digest) {
        let reference = self.digest(Kind::OrderRef, &[&event.0.to_be_bytes(), reference.as_bytes()]);
        (reference, self.digest(Kind::Body, &[asked_for.as_bytes()]))
    }
}

impl std::fmt::Debug for Digester {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Digester(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_kinds_and_keys_are_kept_apart() {
        let digester = Digester::new(&[1; 32]);
        let digest = digester.digest(Kind::Code, &[b"ab", b"c"]);
        assert_eq!(digest, digester.digest(Kind::Code, &[b"ab", b"c"]));
        assert_ne!(digest, digester.digest(Kind::Code, &[b"a", b"bc"]));
        assert_ne!(digest, digester.digest(Kind::OrderRef, &[b"ab", b"c"]));
        assert_ne!(digest, Digester::new(&[2; 32]).digest(Kind::Code, &[b"ab", b"c"]));
    }
}
