//! Replies: all of a commit's in one value.
//!
//! A count (4 bytes), then for each reply its position in the commit (2), its status (2), its fingerprint (16) and
//! its body's length (4), then the bodies one after the other. Numbers have their most significant byte first. All of it
//! compressed where it is long and that is shorter.

use bytes::Bytes;
use domain::command::Digest;
use domain::id::{Seq, Serial};
use engine::store::StoredReply;

use super::Damaged;
use super::compact::{compact, expand};

/// Bytes of one reply's head.
const HEAD_BYTES: usize = 24;

/// All replies of a commit as their column. Their serials are all of that commit.
pub(crate) fn pack(replies: &[(Serial, StoredReply)]) -> Vec<u8> {
    let bodies: usize = replies.iter().map(|(_, reply)| reply.body.len()).sum();
    let mut packed = Vec::with_capacity(4 + replies.len() * HEAD_BYTES + bodies);
    packed.extend_from_slice(&length(replies.len()));
    for (serial, reply) in replies {
        packed.extend_from_slice(&serial.position().to_be_bytes());
        packed.extend_from_slice(&reply.status.to_be_bytes());
        packed.extend_from_slice(&reply.fingerprint.0);
        packed.extend_from_slice(&length(reply.body.len()));
    }
    replies.iter().for_each(|(_, reply)| packed.extend_from_slice(&reply.body));
    compact(&packed).into_owned()
}

fn length(len: usize) -> [u8; 4] {
    // A commit's replies are far smaller than this: a batch has at most some thousand requests.
    u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes()
}

/// All replies of the commit `seq`, in the order in which they were packed.
pub(crate) fn unpack(seq: Seq, packed: &[u8]) -> Result<Vec<(Serial, StoredReply)>, Damaged> {
    let packed = Bytes::from(expand(packed, "replies.replies")?.into_owned());
    read(seq, &packed).ok_or_else(|| Damaged::new(format!("replies of commit {seq} cannot be read")))
}

fn read(seq: Seq, packed: &Bytes) -> Option<Vec<(Serial, StoredReply)>> {
    let (count, rest) = packed.split_first_chunk::<4>()?;
    let count = usize::try_from(u32::from_be_bytes(*count)).ok()?;
    let heads = rest.get(..count.checked_mul(HEAD_BYTES)?)?;
    let mut body_at = 4 + heads.len();
    let mut replies = Vec::with_capacity(count);
    for head in heads.chunks_exact(HEAD_BYTES) {
        let (position, head) = head.split_first_chunk::<2>()?;
        let (status, head) = head.split_first_chunk::<2>()?;
        let (fingerprint, head) = head.split_first_chunk::<16>()?;
        let len = usize::try_from(u32::from_be_bytes(*head.first_chunk::<4>()?)).ok()?;
        let end = body_at.checked_add(len).filter(|end| *end <= packed.len())?;
        let reply = StoredReply {
            fingerprint: Digest(*fingerprint),
            status: u16::from_be_bytes(*status),
            body: packed.slice(body_at..end),
        };
        replies.push((Serial::new(seq, u16::from_be_bytes(*position)), reply));
        body_at = end;
    }
    (body_at == packed.len()).then_some(replies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(position: u16, body: &'static str) -> (Serial, StoredReply) {
        let fingerprint = Digest([u8::try_from(position % 251).unwrap(); 16]);
        (Serial::new(Seq(7), position), StoredReply { fingerprint, status: 201, body: Bytes::from(body) })
    }

    #[test]
    fn replies_survive_their_column() {
        for replies in [
            vec![],
            vec![reply(0, "{}")],
            vec![reply(3, ""), reply(900, "{\"id\":1}"), reply(65_535, "x")],
            (0..900).map(|at| reply(at, "{\"buyer\":\"ada\"}")).collect(),
        ] {
            let packed = pack(&replies);
            assert_eq!(unpack(Seq(7), &packed).unwrap(), replies);
        }
    }

    #[test]
    fn a_cut_or_longer_column_is_damage_and_no_panic() {
        let packed = pack(&[reply(1, "one"), reply(2, "two")]);
        for len in 0..packed.len() {
            assert!(unpack(Seq(7), &packed[..len]).is_err(), "{len}");
        }
        let longer = [&packed[..], b"!"].concat();
        assert!(unpack(Seq(7), &longer).is_err());
        assert!(unpack(Seq(7), &[0xff; 40]).is_err());
    }
}
