//! The codes of rejections are a promise: every one as documented, none twice.

use std::collections::BTreeSet;

use crate::id::{EventId, OrderId, Serial, TicketId};
use crate::rejection::{Missing, Reason, RefOwner, Rejection};

/// Every rejection, with its code and whether waiting may help.
fn all() -> Vec<(Rejection, &'static str, bool)> {
    let order = OrderId { event: EventId(1), serial: Serial(1), salt: 1 };
    let ticket = TicketId { order, index: 0 };
    let places = || vec![("A-1-7".to_owned(), Reason::Held)];
    let not_priced = Rejection::NotPriced { category: "vip".to_owned(), ticket_type: "child".to_owned() };
    vec![
        (Rejection::invalid("/buyer", "must not be empty"), "validation", false),
        (not_priced, "not_priced", false),
        (Rejection::NotFound(Missing::Hold), "not_found", false),
        (Rejection::Forbidden("not with this key"), "forbidden", false),
        (Rejection::AccessExpired, "access_required", false),
        (Rejection::PlaceUnavailable(places()), "place_unavailable", false),
        (Rejection::PlaceContended(places()), "place_contended", true),
        (Rejection::SoldOut, "sold_out", false),
        (Rejection::AllHeld, "all_held", true),
        (Rejection::NotEnoughAdjacent, "not_enough_adjacent", false),
        (Rejection::LimitExceeded { key: "bob".to_owned(), max: 4, used: 3 }, "limit_exceeded", false),
        (Rejection::SaleNotOpen { opens_at: None }, "sale_not_open", false),
        (Rejection::SaleClosed, "sale_closed", false),
        (Rejection::SalePaused, "sale_paused", true),
        (Rejection::EventCancelled, "event_cancelled", false),
        (Rejection::ChartMoved, "chart_moved", true),
        (Rejection::HoldExpired { released: false }, "hold_expired", false),
        (Rejection::HoldChanged { amount: 1 }, "hold_changed", false),
        (Rejection::AlreadyConfirmed { order }, "already_confirmed", false),
        (Rejection::OrderChanged { version: 2 }, "order_changed", false),
        (Rejection::TicketCancelled { ticket }, "ticket_cancelled", false),
        (Rejection::RefTaken { by: RefOwner::Order(order) }, "ref_taken", false),
        (Rejection::CodeTaken { place: "A-1-7".to_owned() }, "code_taken", false),
        (Rejection::IdempotencyInFlight, "idempotency_in_flight", true),
        (Rejection::IdempotencyMismatch, "idempotency_mismatch", false),
    ]
}

/// Fails to compile when a rejection is added that the table above does not have.
fn is_in_the_table(rejection: &Rejection) -> bool {
    match rejection {
        Rejection::Validation { .. }
        | Rejection::NotPriced { .. }
        | Rejection::NotFound(_)
        | Rejection::Forbidden(_)
        | Rejection::AccessExpired
        | Rejection::PlaceUnavailable(_)
        | Rejection::PlaceContended(_)
        | Rejection::SoldOut
        | Rejection::AllHeld
        | Rejection::NotEnoughAdjacent
        | Rejection::ChartMoved
        | Rejection::LimitExceeded { .. }
        | Rejection::SaleNotOpen { .. }
        | Rejection::SaleClosed
        | Rejection::SalePaused
        | Rejection::EventCancelled
        | Rejection::HoldExpired { .. }
        | Rejection::HoldChanged { .. }
        | Rejection::AlreadyConfirmed { .. }
        | Rejection::OrderChanged { .. }
        | Rejection::TicketCancelled { .. }
        | Rejection::RefTaken { .. }
        | Rejection::CodeTaken { .. }
        | Rejection::IdempotencyInFlight
        | Rejection::IdempotencyMismatch => true,
    }
}

#[test]
fn every_rejection_has_its_documented_code() {
    for (rejection, code, retryable) in all() {
        assert!(is_in_the_table(&rejection));
        assert_eq!(rejection.code(), code);
        assert_eq!(rejection.is_retryable(), retryable, "{code}");
        let text = rejection.to_string();
        assert!(!text.is_empty() && !text.contains(code), "{code}: {text}");
    }
}

#[test]
fn no_code_is_used_twice() {
    let codes: BTreeSet<&str> = all().iter().map(|(rejection, ..)| rejection.code()).collect();
    assert_eq!(codes.len(), all().len());
    let kinds: BTreeSet<_> =
        all().iter().map(|(rejection, ..)| format!("{:?}", std::mem::discriminant(rejection))).collect();
    assert_eq!(kinds.len(), all().len(), "a rejection stands in the table twice");
}

#[test]
fn reasons_and_missing_things_have_their_names() {
    let reasons = [
        (Reason::Held, "held"),
        (Reason::Sold, "sold"),
        (Reason::Blocked, "blocked"),
        (Reason::Pending, "pending"),
        (Reason::Unknown, "unknown"),
    ];
    reasons.iter().for_each(|(reason, name)| assert_eq!(reason.as_str(), *name));
    let missing = [
        (Missing::Event, "event"),
        (Missing::Hold, "hold"),
        (Missing::Order, "order"),
        (Missing::Ticket, "ticket"),
        (Missing::Chart, "chart"),
    ];
    missing.iter().for_each(|(missing, name)| assert_eq!(missing.as_str(), *name));
}
