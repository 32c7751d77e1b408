//! The secret tokens of holds.
//!
//! A token is an HMAC-SHA-256 of the hold's identifier under the installation's secret, so every node
//! knows it and no store keeps it.

use domain::id::{HoldId, base32};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Bytes of the HMAC that a token shows.
const TOKEN_BYTES: usize = 20;

/// Makes and checks tokens.
#[derive(Clone)]
pub struct Tokens {
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}

impl Tokens {
    /// Tokens under an installation's secret.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        let keyed = Hmac::new_from_slice(secret);
        assert!(keyed.is_ok(), "HMAC takes keys of any length");
        let mut keyed = keyed.unwrap_or_else(|_| unreachable!("asserted above"));
        keyed.update(b"flashtix hold token 1");
        Self { keyed }
    }

    /// The token of a hold.
    #[must_use]
    pub fn of(&self, hold: HoldId) -> String {
        let mut mac = self.keyed.clone();
        mac.update(&hold.to_bytes());
        let code = mac.finalize().into_bytes();
        base32(&code[..TOKEN_BYTES])
    }

    /// Whether a text is the token of a hold; takes the same time for every wrong text of the right length.
    #[must_use]
    pub fn matches(&self, hold: HoldId, text: &str) -> bool {
        self.of(hold).as_bytes().ct_eq(text.as_bytes()).into()
    }
}
