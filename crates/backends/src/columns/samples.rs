//! Rows of schema 3, which kept tickets and pseudonyms in tables of their own, and what must become of them.

use domain::command::Digest;
use domain::entry::Mapping;
use domain::id::{Seq, Serial};
use domain::money::Amount;
use domain::place::{AreaIndex, ChannelKey, Place, SeatIndex};
use domain::record::Ticket;

use super::{order, pseudonyms};

/// Orders 5 and 6, the first of two tickets, the second of one. Both databases read this.
pub(crate) const OLD_ROWS: &str = "\
    INSERT INTO orders (event, serial, salt, version, seq, is_cancelled, buyer, buyer_surrogate, amount, amount_cancelled, \
        created_at) VALUES (1, 5, 1, 1, 3, FALSE, 'ada', 196608, 7, 2, 1), (1, 6, 1, 1, 3, FALSE, 'eve', 196608, 1, 0, 1); \
    INSERT INTO tickets (event, order_serial, idx, seat, area, ticket_type, price, is_cancelled, channel, code, replaces) VALUES \
        (1, 5, 1, NULL, 2, 'child', 2, TRUE, 'house', 'X', 0), (1, 5, 0, 70000, NULL, 'adult \"a\"', 5, FALSE, NULL, NULL, NULL), \
        (1, 6, 0, 0, NULL, 'adult', 1, FALSE, NULL, NULL, NULL);";

/// Compares both orders' tickets, and the pseudonyms of commit 3: 0 with 2 units, 300 with 70,000.
pub(crate) fn check(five: &str, six: &str, packed: &[u8]) {
    let first = Ticket {
        index: 0,
        place: Place::Seat(SeatIndex(70_000)),
        ticket_type: "adult \"a\"".into(),
        price: Amount(5),
        is_cancelled: false,
        channel: None,
        code: None,
        replaces: None,
    };
    let second = Ticket {
        index: 1,
        place: Place::Area(AreaIndex(2)),
        ticket_type: "child".into(),
        price: Amount(2),
        is_cancelled: true,
        channel: Some(ChannelKey("house".into())),
        code: Some("X".into()),
        replaces: Some(0),
    };
    let only = Ticket {
        place: Place::Seat(SeatIndex(0)),
        ticket_type: "adult".into(),
        price: Amount(1),
        ..first.clone()
    };
    assert_eq!(order::tickets(five).unwrap(), [first, second]);
    assert_eq!(order::tickets(six).unwrap(), [only]);
    let up: [u8; 16] = std::array::from_fn(|at| u8::try_from(at * 0x11).unwrap());
    let down: [u8; 16] = std::array::from_fn(|at| up[15 - at]);
    let given =
        |position, digest| Mapping { surrogate: Serial::new(Seq(3), position), digest: Digest(digest) };
    assert_eq!(pseudonyms::unpack(Seq(3), packed).unwrap(), [(given(0, up), 2), (given(300, down), 70_000)]);
}
