//! A message of the relay as bytes: some commits under one seal.
//!
//! ```text
//! version 1 · sender 8 · seal 32 · then each commit:
//!   event 8 · history 8 · seq 8 · kind 1: 0 announced, 1 told, and then
//!     at 8 · head 32 · payload: length 4, bytes · keys: count 4, (digest 16, serial 8) each · pseudonyms: count 4,
//!     (digest 16, surrogate 8) each
//! ```
//!
//! Numbers have their most significant byte first. The seal is HMAC-SHA-256 over everything before and after it, under a key that
//! follows from the installation's secret. It is needed for all of a commit and not only for what the hash chain leaves out: the chain
//! has no key, so whoever has read a head could make a commit that fits behind it.
//!
//! People's texts are not in it: a commit names them by pseudonyms.

use bytes::Bytes;
use domain::command::Digest;
use domain::entry::Mapping;
use domain::id::{EventId, Seq, Serial};
use domain::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::ledger::Head;
use crate::store::{CommitWrite, LedgerRow};

/// The format of this module.
const VERSION: u8 = 1;
const SENDER_AT: usize = 1;
const SEAL_AT: usize = SENDER_AT + 8;
const BODY_AT: usize = SEAL_AT + 32;
/// What a keyed digest and the serial beside it take.
const PAIR_BYTES: usize = 16 + 8;

/// A commit that takes more is only announced: whoever has a use for it reads the ledger.
pub(super) const COMMIT_BYTES_MAX: usize = 512 * 1024;
/// A message that has reached so much takes no further commit.
pub(super) const MESSAGE_BYTES_MAX: usize = 512 * 1024;

/// Makes and checks seals.
#[derive(Clone)]
pub struct RelayKey {
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for RelayKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RelayKey(…)")
    }
}

impl RelayKey {
    /// The key that follows from an installation's secret.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        let keyed = Hmac::new_from_slice(secret);
        assert!(keyed.is_ok(), "HMAC takes keys of any length");
        let mut keyed: Hmac<Sha256> = keyed.unwrap_or_else(|_| unreachable!("asserted above"));
        keyed.update(b"flashtix relay 1");
        Self { keyed }
    }

    /// A name for this installation that says nothing about its secret: two may share one server without hearing each other.
    #[must_use]
    pub fn installation(&self) -> String {
        let mut mac = self.keyed.clone();
        mac.update(b" installation");
        mac.finalize().into_bytes()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn over(&self, message: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        mac.update(&message[..SEAL_AT]);
        mac.update(&message[BODY_AT..]);
        mac
    }
}

/// A message that is being written.
pub(super) struct Letter {
    bytes: Vec<u8>,
}

impl Letter {
    pub(super) fn new(sender: u64) -> Self {
        let mut bytes = Vec::with_capacity(4_096);
        bytes.push(VERSION);
        bytes.extend(sender.to_be_bytes());
        bytes.resize(BODY_AT, 0);
        Self { bytes }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Adds a commit: whole, or only announced when it is too large (`false`).
    pub(super) fn add(&mut self, history: u64, write: &CommitWrite) -> bool {
        let size = write.payload.len() + (write.keys.len() + write.mappings.len()) * PAIR_BYTES;
        let is_told = size <= COMMIT_BYTES_MAX;
        let bytes = &mut self.bytes;
        bytes.extend(write.event.0.to_be_bytes());
        bytes.extend(history.to_be_bytes());
        bytes.extend(write.after.seq.0.to_be_bytes());
        bytes.push(u8::from(is_told));
        if is_told {
            bytes.extend(write.at.0.to_be_bytes());
            bytes.extend(write.after.head.0);
            put_count(bytes, write.payload.len());
            bytes.extend(&write.payload);
            put_count(bytes, write.keys.len());
            for (digest, serial) in &write.keys {
                bytes.extend(digest.0);
                bytes.extend(serial.0.to_be_bytes());
            }
            put_count(bytes, write.mappings.len());
            for mapping in &write.mappings {
                bytes.extend(mapping.digest.0);
                bytes.extend(mapping.surrogate.0.to_be_bytes());
            }
        }
        is_told
    }

    pub(super) fn sealed(mut self, key: &RelayKey) -> Bytes {
        let seal = key.over(&self.bytes).finalize().into_bytes();
        self.bytes[SEAL_AT..BODY_AT].copy_from_slice(&seal);
        self.bytes.into()
    }
}

/// A count that its bounds keep far below four bytes.
fn put_count(bytes: &mut Vec<u8>, count: usize) {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    bytes.extend(count.to_be_bytes());
}

/// One commit as a message tells it.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) event: EventId,
    pub(crate) history: u64,
    pub(crate) seq: Seq,
    /// `None` when it was only announced.
    pub(crate) row: Option<LedgerRow>,
}

impl Told {
    /// What it takes in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        let row = |row: &LedgerRow| row.payload.len() + (row.keys.len() + row.mappings.len()) * PAIR_BYTES;
        self.row.as_ref().map_or(0, row)
    }
}

/// What a message turned out to be.
#[derive(Debug)]
pub(crate) enum Opened {
    /// This node's own.
    Own,
    /// Another node's, with its commits in the order in which they were made.
    Commits(Vec<Told>),
    /// Nobody's of this installation, or not whole.
    Forged,
}

/// Checks a message and reads it.
pub(crate) fn open(message: &[u8], key: &RelayKey, own: u64) -> Opened {
    if message.len() < BODY_AT || message[0] != VERSION {
        return Opened::Forged;
    }
    // Whoever pretends to be this node is not listened to: nothing is lost, and its own seals need no check.
    if message[SENDER_AT..SEAL_AT] == own.to_be_bytes() {
        return Opened::Own;
    }
    if key.over(message).verify_slice(&message[SEAL_AT..BODY_AT]).is_err() {
        return Opened::Forged;
    }
    let mut rest = Rest(&message[BODY_AT..]);
    let mut commits = Vec::new();
    while !rest.0.is_empty() {
        let Some(told) = rest.told() else { return Opened::Forged };
        commits.push(told);
    }
    Opened::Commits(commits)
}

/// What is left to read of a message.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(u32::from_be_bytes(self.array()?)).ok()
    }

    fn pairs(&mut self) -> Option<Vec<(Digest, Serial)>> {
        let count = self.count()?;
        let mut pairs = Vec::with_capacity(count.min(self.0.len() / PAIR_BYTES));
        for _ in 0..count {
            pairs.push((Digest(self.array()?), Serial(self.number()?)));
        }
        Some(pairs)
    }

    fn told(&mut self) -> Option<Told> {
        let (event, history, seq) = (EventId(self.number()?), self.number()?, Seq(self.number()?));
        let row = match self.array()? {
            [0] => None,
            [1] => {
                let at = Timestamp(self.number()?.cast_signed());
                let head = Head(self.array()?);
                let length = self.count()?;
                let payload = Bytes::copy_from_slice(self.take(length)?);
                let keys = self.pairs()?;
                let mapping = |(digest, surrogate)| Mapping { surrogate, digest };
                let mappings = self.pairs()?.into_iter().map(mapping).collect();
                Some(LedgerRow { seq, at, head, payload, keys, mappings })
            }
            _ => return None,
        };
        Some(Told { event, history, seq, row })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Position;

    fn write(seq: u64) -> CommitWrite {
        let before = Position { seq: Seq(seq - 1), head: Head([7; 32]) };
        let mut write = CommitWrite::of(EventId(9), before, Timestamp(-5), Vec::new(), 1);
        write.keys = vec![(Digest([3; 16]), Serial::new(Seq(seq), 4))];
        write.mappings = vec![Mapping { surrogate: Serial::new(Seq(seq), 5), digest: Digest([6; 16]) }];
        write
    }

    fn sealed(key: &RelayKey, writes: &[CommitWrite]) -> Bytes {
        let mut letter = Letter::new(1);
        writes.iter().for_each(|write| _ = letter.add(77, write));
        letter.sealed(key)
    }

    fn commits(opened: Opened) -> Vec<Told> {
        match opened {
            Opened::Commits(commits) => commits,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_message_tells_what_a_reader_of_the_ledger_would_learn() {
        let key = RelayKey::new(&[1; 32]);
        let message = sealed(&key, &[write(1), write(2)]);
        let told = commits(open(&message, &key, 2));
        assert_eq!(told.iter().map(|told| told.seq.0).collect::<Vec<_>>(), [1, 2]);
        let (made, row) = (write(2), told[1].row.clone().expect("it is small"));
        assert_eq!((told[1].event, told[1].history), (EventId(9), 77));
        assert_eq!((row.at, row.head, &*row.payload), (made.at, made.after.head, &*made.payload));
        assert_eq!(row.keys, made.keys);
        assert_eq!(row.mappings, made.mappings);
        assert!(matches!(open(&message, &key, 1), Opened::Own));
    }

    #[test]
    fn whatever_is_changed_the_message_is_nobody_s() {
        let key = RelayKey::new(&[1; 32]);
        let message = sealed(&key, &[write(1)]);
        for at in 0..message.len() {
            let mut changed = message.to_vec();
            changed[at] ^= 1;
            assert!(matches!(open(&changed, &key, 2), Opened::Forged), "byte {at}");
            assert!(matches!(open(&message[..at], &key, 2), Opened::Forged), "cut at {at}");
        }
        let other = RelayKey::new(&[2; 32]);
        assert!(matches!(open(&message, &other, 2), Opened::Forged));
        assert_ne!(key.installation(), other.installation());
    }

    #[test]
    fn what_has_a_good_seal_and_makes_no_sense_is_refused_whole() {
        let key = RelayKey::new(&[1; 32]);
        for cut in 1..40 {
            let mut letter = Letter::new(1);
            letter.add(77, &write(1));
            let shorter = letter.len() - cut;
            letter.bytes.truncate(shorter);
            assert!(matches!(open(&letter.sealed(&key), &key, 2), Opened::Forged), "{cut} bytes less");
        }
        let mut letter = Letter::new(1);
        letter.add(77, &write(1));
        // The kind of a commit that this version does not know.
        letter.bytes[BODY_AT + 24] = 2;
        assert!(matches!(open(&letter.sealed(&key), &key, 2), Opened::Forged));
    }

    #[test]
    fn a_commit_that_is_too_large_is_announced() {
        let key = RelayKey::new(&[1; 32]);
        let mut large = write(1);
        large.payload = vec![b' '; COMMIT_BYTES_MAX + 1];
        let mut letter = Letter::new(1);
        assert!(!letter.add(77, &large) && letter.add(77, &write(2)));
        let told = commits(open(&letter.sealed(&key), &key, 2));
        assert!(told[0].row.is_none() && told[0].seq == Seq(1), "{:?}", told[0]);
        assert!(told[1].row.is_some());
    }
}
