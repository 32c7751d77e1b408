//! The bytes of a buyer's request. Everything that does not change is written once; what does is
//! formatted into buffers that are used again.

use std::io::Write as _;
use std::sync::Arc;

use crate::buyer::{Buyer, Step};
use crate::script::Script;
use crate::target::Target;
use crate::{Api, Options};

/// Room between two runs' user ids of the classic API, and how many runs fit before ids repeat; the
/// product stays below 2^31, since the original's clients may keep them in 32 bits.
const CLASSIC_USERS_PER_RUN: u64 = 1_000_000;
const CLASSIC_RUNS: u64 = 2_000;

/// Writes requests. One per connection, for its buffer.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    /// Method and path of a purchase in each event, and of a hold, up to the end of the fixed headers.
    order_heads: Arc<[String]>,
    hold_head: String,
    /// What comes before a path that is not fixed, and the headers after it.
    prefix: String,
    headers: String,
    /// Tells this run's buyers and keys from all others'.
    run: String,
    classic_user_base: u64,
    hold_seconds: u32,
    body: Vec<u8>,
}

impl Wire {
    /// `events` are those of the venue, in its order; the classic API has one without a name.
    pub(crate) fn new(options: &Options, target: &Target, events: &[String], run: u64) -> Self {
        let key = options.publishable_key.as_deref().or(options.key.as_deref());
        let authorization = key.map(|key| format!("Authorization: Bearer {key}\r\n")).unwrap_or_default();
        let headers = format!(
            "Host: {}\r\n{authorization}Content-Type: application/json\r\nIdempotency-Key: ",
            target.authority
        );
        let head = |event: &String, what: &str| {
            format!("POST {}/v1/events/{event}/{what} HTTP/1.1\r\n{headers}", target.prefix)
        };
        let order_heads = match options.api {
            Api::V1 => events.iter().map(|event| head(event, "orders")).collect(),
            Api::Classic => {
                Arc::new([format!("POST {}/api/tickets/book?ticketId=", target.prefix)]) as Arc<[_]>
            }
        };
        Self {
            order_heads,
            hold_head: events.first().map(|event| head(event, "holds")).unwrap_or_default(),
            prefix: target.prefix.clone(),
            headers: match options.api {
                Api::V1 => headers,
                Api::Classic => format!("Host: {}\r\nContent-Length: 0\r\n\r\n", target.authority),
            },
            run: format!("{run:016x}"),
            classic_user_base: run % CLASSIC_RUNS * CLASSIC_USERS_PER_RUN + 1,
            hold_seconds: options.hold_seconds,
            body: Vec::new(),
        }
    }

    /// What this run's buyers are called: this and a number.
    pub(crate) fn buyer_prefix(&self) -> String {
        format!("storm-{}-", self.run)
    }

    /// The classic API's name for a buyer.
    pub(crate) fn classic_user(&self, number: u64) -> u64 {
        self.classic_user_base + number
    }

    /// Writes the buyer's current question; asked again, it is byte for byte the same.
    pub(crate) fn write(&mut self, script: &Script, buyer: &Buyer, out: &mut Vec<u8>) {
        out.clear();
        match script.api {
            Api::V1 => self.write_v1(script, buyer, out),
            Api::Classic => {
                let ticket = script.wish(buyer.number).seats()[0];
                let user = self.classic_user(buyer.number);
                put(out, &self.order_heads[0]);
                put_args(out, format_args!("{ticket}&userId={user} HTTP/1.1\r\n"));
                put(out, &self.headers);
            }
        }
    }

    fn write_v1(&mut self, script: &Script, buyer: &Buyer, out: &mut Vec<u8>) {
        match (buyer.step, &buyer.hold) {
            (Step::Hold, _) => put(out, &self.hold_head),
            (Step::Confirm, Some(hold)) => {
                let (prefix, headers) = (&self.prefix, &self.headers);
                put_args(
                    out,
                    format_args!("POST {prefix}/v1/holds/{}/confirm HTTP/1.1\r\n{headers}", hold.id),
                );
            }
            _ => put(out, &self.order_heads[script.event_of(buyer.number)]),
        }
        self.write_body(script, buyer);
        let (run, length) = (&self.run, self.body.len());
        put_args(
            out,
            format_args!("storm-{run}-{}-{}\r\nContent-Length: {length}\r\n\r\n", buyer.number, buyer.asks),
        );
        out.extend_from_slice(&self.body);
    }

    fn write_body(&mut self, script: &Script, buyer: &Buyer) {
        let (run, number) = (&self.run, buyer.number);
        let body = &mut self.body;
        body.clear();
        if let (Step::Confirm, Some(hold)) = (buyer.step, &buyer.hold) {
            put(body, "{\"token\":");
            put_json(body, &hold.token);
            put_args(body, format_args!(",\"payment_ref\":\"pay-{run}-{number}\"}}"));
            return;
        }
        put_args(body, format_args!("{{\"buyer\":\"storm-{run}-{number}\""));
        match buyer.step {
            Step::Wish | Step::Hold => {
                for (position, &seat) in script.wish(number).seats().iter().enumerate() {
                    put(body, if position == 0 { ",\"places\":[" } else { "," });
                    put_json(body, &script.venue.seats[seat as usize]);
                }
                put(body, "]");
                if buyer.step == Step::Hold {
                    let seconds = if buyer.hold_seconds > 0 { buyer.hold_seconds } else { self.hold_seconds };
                    put_args(body, format_args!(",\"seconds\":{seconds}"));
                }
            }
            Step::Best { quantity } => {
                put_args(body, format_args!(",\"best_available\":{{\"quantity\":{quantity}}}"));
            }
            Step::Accessible => put(body, ",\"best_available\":{\"quantity\":1,\"accessible\":true}"),
            Step::Area(index) => {
                put(body, ",\"areas\":[{\"name\":");
                put_json(body, &script.venue.areas[index]);
                put(body, ",\"quantity\":1}]");
            }
            // Only reached with a hold, handled above.
            Step::Confirm => {}
        }
        put(body, "}");
    }
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn put_args(out: &mut Vec<u8>, arguments: std::fmt::Arguments<'_>) {
    out.write_fmt(arguments).unwrap_or_else(|_| unreachable!("a Vec takes every byte"));
}

fn put_json(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).unwrap_or_else(|_| unreachable!("a Vec takes every byte"));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::time::Instant;

    use super::*;
    use crate::Scenario;
    use crate::answer::Hold;
    use crate::suspicions::Suspicions;
    use crate::venue::{Availability, Counts, Venue};

    fn written(scenario: Scenario, change: impl FnOnce(&mut Buyer)) -> String {
        let mut options = Options::new("http://127.0.0.1:1/shop", scenario);
        options.key = Some("sk_test_1".to_owned());
        let mut at_start = Availability { seats: "f".to_owned(), ..Availability::default() };
        at_start.areas.insert("Stehplatz \"Süd\"".to_owned(), Counts { free: 1, ..Counts::default() });
        let venue = Arc::new(Venue {
            event: "evt_1".to_owned(),
            seats: vec!["Rang \"A\"-1-7".into()],
            accessible: vec![false],
            areas: vec!["Stehplatz \"Süd\"".to_owned()],
            at_start,
            ..Venue::default()
        });
        let script = Script::new(&options, Arc::clone(&venue), Arc::new(Suspicions::new(&venue)));
        let mut wire =
            Wire::new(&options, &Target::parse(&options.url).unwrap(), &["evt_1".to_owned()], 0xabc);
        let mut buyer = script.arrives(5, Instant::now());
        change(&mut buyer);
        let mut out = b"rest of the last one".to_vec();
        wire.write(&script, &buyer, &mut out);
        let text = String::from_utf8(out).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("\r\nContent-Length: {}", body.len())), "{text}");
        serde_json::from_str::<serde_json::Value>(body).unwrap();
        text
    }

    #[test]
    fn a_purchase_by_label() {
        assert_eq!(
            written(Scenario::OneSeat, |_| {}),
            "POST /shop/v1/events/evt_1/orders HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\
             Authorization: Bearer sk_test_1\r\nContent-Type: application/json\r\n\
             Idempotency-Key: storm-0000000000000abc-5-0\r\nContent-Length: 64\r\n\r\n\
             {\"buyer\":\"storm-0000000000000abc-5\",\"places\":[\"Rang \\\"A\\\"-1-7\"]}"
        );
    }

    #[test]
    fn other_questions_and_their_keys() {
        let best = written(Scenario::Arena, |buyer| buyer.turn_to(Step::Best { quantity: 3 }));
        assert!(
            best.contains("abc-5-1\r\n") && best.ends_with(",\"best_available\":{\"quantity\":3}}"),
            "{best}"
        );
        let accessible = written(Scenario::Arena, |buyer| buyer.turn_to(Step::Accessible));
        assert!(accessible.ends_with("{\"quantity\":1,\"accessible\":true}}"), "{accessible}");
        let area = written(Scenario::Ga, |_| {});
        assert!(
            area.ends_with(",\"areas\":[{\"name\":\"Stehplatz \\\"Süd\\\"\",\"quantity\":1}]}"),
            "{area}"
        );
        let hold = written(Scenario::Holds, |_| {});
        assert!(
            hold.starts_with("POST /shop/v1/events/evt_1/holds ") && hold.contains("\"seconds\":5"),
            "{hold}"
        );
        let shorter = written(Scenario::Holds, |buyer| buyer.hold_seconds = 3);
        assert!(shorter.contains("\"seconds\":3}"), "{shorter}");
        let confirm = written(Scenario::Holds, |buyer| {
            buyer.turn_to(Step::Confirm);
            buyer.hold = Some(Box::new(Hold::plain("hld_9", "t\"")));
        });
        assert!(confirm.starts_with("POST /shop/v1/holds/hld_9/confirm "), "{confirm}");
        assert!(
            confirm.ends_with("{\"token\":\"t\\\"\",\"payment_ref\":\"pay-0000000000000abc-5\"}"),
            "{confirm}"
        );
    }
}
