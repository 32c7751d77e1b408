//! What changes orders, channels, and what is kept of people.

use domain::limits;
use serde_json::Value;

use super::{
    amount, basket, counted, label, list, number, payment_ref, place_name, purchase, reference, request,
    staff, text, time, with_any,
};

pub(super) fn orders() -> Vec<(&'static str, Value)> {
    let units_max = limits::BASKET_UNITS_MAX as usize;
    vec![
        (
            "OrderRequest",
            purchase(
                "Places to sell in one step, all of them or none. Needs an `Idempotency-Key` or a `ref`.",
                vec![
                    ("payment_ref?", payment_ref("The payment.")),
                    (
                        "ref?",
                        reference(
                            "Your own name for the order, unique in the event: the same `ref` and basket again get the same order. Secret keys only.",
                        ),
                    ),
                    (
                        "created_at?",
                        time("When it was sold, if that was elsewhere and before. Secret keys only."),
                    ),
                ],
            ),
        ),
        ("ChangeRequest", with_any(change(), &["swap", "add", "cancel"])),
        (
            "EraseRequest",
            request(
                "Whom to forget.",
                &[("buyer", text(limits::BUYER_BYTES_MAX, "The buyer, as holds and orders have them."))],
            ),
        ),
        (
            "CancelRequest",
            request(
                "Which tickets to cancel: all of them when both lists are missing.",
                &[
                    (
                        "tickets?",
                        list(text(64, "A ticket's identifier."), units_max, "Tickets by identifier."),
                    ),
                    (
                        "places?",
                        list(
                            place_name("A seat, or an area's name."),
                            units_max,
                            "Tickets by place; not with `tickets`.",
                        ),
                    ),
                    (
                        "then?",
                        text(
                            limits::CHANNEL_BYTES_MAX,
                            "Where the places go: `free` is the public, anything else a channel. Missing: back to where they came from.",
                        ),
                    ),
                ],
            ),
        ),
    ]
}

fn change() -> Value {
    let units_max = limits::BASKET_UNITS_MAX as usize;
    let to = request(
        "What the ticket is swapped for: `place` or `area`, one of them.",
        &[
            ("place?", place_name("A seat; also the ticket's own, on other terms.")),
            ("area?", label("An area: one unit of it.")),
            ("ticket_type?", label("Who the new ticket is for; as before when missing.")),
            ("price?", amount("Instead of the list price, in minor units.")),
            ("code?", text(limits::CODE_BYTES_MAX, "Your barcode for the new ticket, unique in the event.")),
        ],
    );
    let swap =
        request("A ticket to exchange.", &[("ticket", text(64, "The ticket's identifier.")), ("to", to)]);
    let then = "Where the places go that are given up: `free` is the public, anything else a channel. Missing: back to \
        where they came from.";
    let mut members = vec![
        (
            "version?",
            number(
                1,
                i64::from(u32::MAX),
                "The order's version as you know it: refused with `order_changed` when it is another.",
            ),
        ),
        ("swap?", list(swap, units_max, "Tickets to exchange. Not with `add.best_available`.")),
        ("add?", request("Places to add.", &basket())),
        ("cancel?", list(text(64, "A ticket's identifier."), units_max, "Tickets to cancel.")),
        ("then?", text(limits::CHANNEL_BYTES_MAX, then)),
        ("payment_ref?", payment_ref("The payment, or refund, of the difference.")),
        (
            "limits?",
            counted(
                "The limits that the order is counted under, beside the buyer's: needed when it is to have more tickets.",
            ),
        ),
    ];
    members.extend(staff());
    request("One change, all of it or nothing. At least one of `swap`, `add` and `cancel`.", &members)
}

pub(super) fn assignments() -> Vec<(&'static str, Value)> {
    let area = || {
        request(
            "Units of one area.",
            &[
                ("name", label("The area's name.")),
                ("quantity", number(1, i64::from(limits::AREA_CAPACITY_MAX), "How many units.")),
            ],
        )
    };
    let members = || {
        vec![
            ("places?", list(place_name("A seat."), limits::BLOCK_PLACES_MAX, "Seats by name.")),
            ("areas?", list(area(), limits::AREAS_MAX, "Units of areas.")),
        ]
    };
    let mut block = members();
    block.push((
        "channel?",
        text(limits::CHANNEL_BYTES_MAX, "The channel they go to; `house` when missing. Not `free`."),
    ));
    block.push((
        "note?",
        text(limits::NOTE_BYTES_MAX, "Why. Kept with the channel, until another one is sent."),
    ));
    let mut unblock = members();
    unblock.push((
        "channel?",
        text(
            limits::CHANNEL_BYTES_MAX,
            "Alone: everything of this channel. With places: only those of this channel.",
        ),
    ));
    unblock.push((
        "to?",
        text(limits::CHANNEL_BYTES_MAX, "The channel that they go to; the public when missing."),
    ));
    let access = request(
        "Whom a token lets in, and to what.",
        &[
            (
                "buyer",
                text(limits::BUYER_BYTES_MAX, "Whose token it is: holds and orders made with it are theirs."),
            ),
            ("opens_at?", time("From when they may buy, instead of the event's own beginning.")),
            ("closes_at?", time("Until when, instead of the event's own end.")),
            (
                "channels?",
                list(
                    text(limits::CHANNEL_BYTES_MAX, "A channel's key."),
                    32,
                    "Channels that they may buy from, beside the public's places.",
                ),
            ),
            (
                "limits?",
                counted(
                    "Limits that their units are counted under. One whose key is the buyer replaces `max_per_buyer`.",
                ),
            ),
            (
                "expires_at?",
                time(
                    "When the token ends to be worth anything: at `closes_at`, or the sale's end, or in a day, when missing. Within 400 days.",
                ),
            ),
        ],
    );
    vec![
        ("AccessRequest", access),
        (
            "BlockRequest",
            with_any(
                request(
                    "Places that the public cannot buy for now: name `places`, `areas`, or both.",
                    &block,
                ),
                &["places", "areas"],
            ),
        ),
        (
            "UnblockRequest",
            with_any(
                request(
                    "Places to give back to the public: name `places`, `areas`, or a `channel`.",
                    &unblock,
                ),
                &["places", "areas", "channel"],
            ),
        ),
    ]
}
