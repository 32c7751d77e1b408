//! A person's text, taken out of remembered answers.

use bytes::Bytes;
use domain::id::{Seq, Serial};
use engine::store::StoredReply;
use serde_json::Value;

use super::reply;

/// A text as it stands inside JSON, without its quotes.
pub(crate) fn in_json(text: &str) -> String {
    let quoted = super::to_json(&text);
    quoted[1..quoted.len() - 1].to_owned()
}

/// Whether some bytes contain others.
fn mentions(bytes: &[u8], text: &[u8]) -> bool {
    !text.is_empty() && bytes.windows(text.len()).any(|window| window == text)
}

/// A commit's remembered answers without a buyer, as their column, and how many changed; `None` when none did.
///
/// Whether the buyer is in answers that cannot be read nobody can say, so nothing of them is kept. They answer nobody any
/// more in any case, and must not keep everybody else from being erased.
pub(crate) fn erase_packed(seq: Seq, packed: &[u8], buyer: &str) -> Option<(u64, Vec<u8>)> {
    let mut replies = match reply::unpack(seq, packed) {
        Ok(replies) => replies,
        Err(damaged) => {
            tracing::error!(%damaged, "answers that cannot be read are erased with a buyer");
            return Some((0, reply::pack(&[])));
        }
    };
    let changed = erase(&mut replies, buyer);
    (changed > 0).then(|| (changed, reply::pack(&replies)))
}

/// Takes a buyer out of the answers that mention them: the buyer's text wherever it stands, and the metadata of what is
/// theirs. Returns how many answers changed.
fn erase(replies: &mut [(Serial, StoredReply)], buyer: &str) -> u64 {
    let needle = in_json(buyer);
    let mut erased = 0;
    for (_, reply) in replies.iter_mut() {
        if !mentions(&reply.body, needle.as_bytes()) {
            continue;
        }
        reply.body = match serde_json::from_slice(&reply.body) {
            Ok(mut value) => {
                clean(&mut value, buyer);
                Bytes::from(super::to_json(&value))
            }
            // Not JSON: nothing of it is worth keeping.
            Err(_) => Bytes::new(),
        };
        erased += 1;
    }
    erased
}

fn clean(value: &mut Value, buyer: &str) {
    match value {
        Value::String(text) if text.contains(buyer) => *text = text.replace(buyer, ""),
        Value::Array(items) => items.iter_mut().for_each(|item| clean(item, buyer)),
        Value::Object(members) => {
            if members.get("buyer").and_then(Value::as_str) == Some(buyer) {
                members.remove("metadata");
            }
            members.values_mut().for_each(|member| clean(member, buyer));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use domain::command::Digest;

    use super::*;

    #[test]
    fn only_the_buyer_s_answers_change_and_nothing_of_the_buyer_is_left() {
        let reply = |body: &str| {
            let body = Bytes::copy_from_slice(body.as_bytes());
            (Serial(1), StoredReply { fingerprint: Digest([1; 16]), status: 201, body })
        };
        let theirs = r#"{"id":"ord_1","buyer":"a\"da","ref":"of a\"da","metadata":{"phone":1},"amount":5}"#;
        let other = r#"{"id":"ord_2","buyer":"eve","metadata":{"phone":2}}"#;
        let mut replies = vec![reply(theirs), reply(other), reply("a\\\"da, plainly")];
        assert_eq!(erase(&mut replies, "a\"da"), 2);
        let told: Value = serde_json::from_slice(&replies[0].1.body).unwrap();
        assert_eq!(told, serde_json::json!({ "id": "ord_1", "buyer": "", "ref": "of ", "amount": 5 }));
        assert_eq!((&replies[1].1.body[..], replies[2].1.body.len()), (other.as_bytes(), 0));
    }

    #[test]
    fn what_cannot_be_read_is_emptied_once_and_what_is_not_theirs_stays() {
        let (changed, packed) = erase_packed(Seq(7), b"\0\0\0\x09", "ada").unwrap();
        assert_eq!((changed, reply::unpack(Seq(7), &packed).unwrap()), (0, Vec::new()));
        assert_eq!(erase_packed(Seq(7), &packed, "ada"), None);
    }
}
