//! Requests as tests write them.

use std::sync::Arc;

use domain::basket::{AreaWanted, Basket, PartyWanted, SeatWanted};
use domain::command::{
    Actor, Cancel, Command, Confirm, Digest, Edit, Ignored, LimitKey, Payment, Purchase, Selection,
};
use domain::event::EventPatch;
use domain::id::{HoldId, KeyId, OrderId};
use domain::place::{AreaIndex, Place, SeatIndex};
use engine::digest::{Digester, Kind};
use engine::request::{Idempotency, Request};

/// The digest of a text, under the key that all tests share.
#[must_use]
pub fn digest(kind: Kind, text: &str) -> Digest {
    Digester::new(&[7; 32]).digest(kind, &[text.as_bytes()])
}

/// A basket of named seats.
#[must_use]
pub fn seats(seats: &[SeatIndex]) -> Basket {
    let wanted = |seat: &SeatIndex| SeatWanted { seat: *seat, ticket_type: None, price: None, code: None };
    Basket { seats: seats.iter().map(wanted).collect(), ..Basket::default() }
}

/// A basket of some units of an area.
#[must_use]
pub fn units(area: AreaIndex, quantity: u32) -> Basket {
    let wanted = AreaWanted { area, quantity, ticket_type: None, price: None, codes: Vec::new() };
    Basket { areas: vec![wanted], ..Basket::default() }
}

/// A basket of the best seats there are.
#[must_use]
pub fn party(seats: usize) -> Basket {
    let wanted = PartyWanted {
        ticket_types: vec![None; seats],
        categories: None,
        sections: None,
        chart: None,
        accessible: false,
        adjacent: false,
        channel: None,
    };
    Basket { best_available: Some(wanted), ..Basket::default() }
}

/// A buyer as limits know him.
#[must_use]
pub fn buyer_key(buyer: &str) -> LimitKey {
    LimitKey { text: buyer.to_owned(), digest: digest(Kind::LimitKey, buyer) }
}

/// A purchase by the public.
#[must_use]
pub fn purchase(buyer: &str, basket: Basket) -> Purchase {
    Purchase {
        buyer: buyer_key(buyer),
        claims: Vec::new(),
        basket,
        channels: Vec::new(),
        ignored: Ignored::default(),
        is_public: true,
        pass: None,
        metadata: None,
        reference: None,
    }
}

/// A request of the tests' key, without anything that makes it safe to ask twice.
#[must_use]
pub fn request(command: Command) -> Request {
    Request { command, actor: Actor::Key(KeyId(1)), ..Request::sweep() }
}

/// Asks for a hold.
#[must_use]
pub fn hold(buyer: &str, basket: Basket) -> Request {
    request(Command::Hold { purchase: purchase(buyer, basket), seconds: None })
}

/// Asks for an order in one step.
#[must_use]
pub fn book(buyer: &str, basket: Basket) -> Request {
    request(Command::Book { purchase: purchase(buyer, basket), payment: Payment::default() })
}

/// An edit that changes nothing yet.
#[must_use]
pub fn edit(hold: HoldId) -> Edit {
    Edit {
        hold,
        add: None,
        remove_seats: Vec::new(),
        remove_areas: Vec::new(),
        seconds: None,
        is_public: true,
        pass: None,
        claims: Vec::new(),
        channels: Vec::new(),
        ignored: Ignored::default(),
    }
}

/// Asks for a later deadline.
#[must_use]
pub fn extend(hold: HoldId, seconds: u32) -> Request {
    request(Command::Edit(Edit { seconds: Some(seconds), ..edit(hold) }))
}

/// Ends a hold.
#[must_use]
pub fn release(hold: HoldId) -> Request {
    request(Command::Release(hold))
}

/// Turns a hold into an order.
#[must_use]
pub fn confirm(hold: HoldId) -> Request {
    request(Command::Confirm(Confirm {
        hold,
        payment_ref: Some(Arc::from("paid")),
        amount: None,
        buyer: None,
        reference: None,
        metadata: None,
    }))
}

/// Takes back a whole order.
#[must_use]
pub fn cancel(order: OrderId) -> Request {
    request(Command::Cancel(Cancel { order, selection: Selection::All, then: None }))
}

/// Changes settings.
#[must_use]
pub fn configure(patch: EventPatch) -> Request {
    request(Command::Configure(Box::new(patch)))
}

/// The same request under an idempotency key; its fingerprint is that of the command.
#[must_use]
pub fn keyed(mut request: Request, key: &str) -> Request {
    let fingerprint = digest(Kind::Body, &format!("{:?}", request.command));
    request.idempotency = Some(Idempotency { key: digest(Kind::IdempotencyKey, key), fingerprint });
    request
}

/// The same request for a hold that takes a reference.
///
/// # Panics
/// When it asks for something else.
#[must_use]
pub fn with_hold_ref(mut request: Request, reference: &str) -> Request {
    let Command::Hold { purchase, .. } = &mut request.command else { panic!("only a hold takes this ref") };
    purchase.reference = Some(Arc::from(reference));
    request
}

/// The same request for an order that takes a reference.
#[must_use]
pub fn with_ref(mut request: Request, reference: &str) -> Request {
    let text = Some(Arc::from(reference));
    match &mut request.command {
        Command::Book { purchase, .. } => purchase.reference = text,
        Command::Confirm(confirm) => confirm.reference = text,
        _ => {}
    }
    let fingerprint = digest(Kind::Body, &format!("{:?}", request.command));
    request.order_ref = Some((digest(Kind::OrderRef, reference), fingerprint));
    request
}

/// The same request with a barcode for its first seat.
#[must_use]
pub fn with_code(mut request: Request, code: &str) -> Request {
    if let Command::Hold { purchase, .. } | Command::Book { purchase, .. } = &mut request.command
        && let Some(wanted) = purchase.basket.seats.first_mut()
    {
        wanted.code = Some(code.to_owned());
        request.codes.push((digest(Kind::Code, code), format!("seat {}", wanted.seat.0)));
    }
    request
}

/// The places that a request names.
pub fn named_places(request: &Request) -> impl Iterator<Item = Place> {
    let basket = match &request.command {
        Command::Hold { purchase, .. } | Command::Book { purchase, .. } => Some(&purchase.basket),
        Command::Edit(edit) => edit.add.as_ref(),
        _ => None,
    };
    let seats = basket.into_iter().flat_map(|basket| &basket.seats).map(|wanted| Place::Seat(wanted.seat));
    seats.chain(basket.into_iter().flat_map(|basket| &basket.areas).map(|wanted| Place::Area(wanted.area)))
}
