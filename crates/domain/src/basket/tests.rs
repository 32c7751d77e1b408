//! Names are looked up, and every broken field is named by its JSON pointer.

use super::*;
use crate::chart::Chart;
use crate::chart::plan::{CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};
use crate::event::{Access, EventStatus, Prices, SaleWindow, TicketType};
use crate::id::{ChartId, EventId, OrganizationId};
use crate::seating::Seating;
use crate::time::Timestamp;

/// Two sections of one row of ten seats each; and two areas.
fn event() -> Event {
    let section = |name: &str, row: &str, category: &str| {
        let seats = (1..=10).map(|label| SeatPlan {
            label: label.to_string(),
            x: f64::from(label),
            category: category.to_owned(),
            guid: Some(format!("{row}.{label}")),
            ..SeatPlan::default()
        });
        let row = RowPlan { label: row.to_owned(), seats: seats.collect() };
        SectionPlan { name: name.to_owned(), rows: vec![row] }
    };
    let category =
        |key: &str| CategoryPlan { key: key.to_owned(), name: key.to_owned(), color: String::new() };
    let chart = Chart::new(&ChartPlan {
        name: "Hall".to_owned(),
        categories: vec![category("vip"), category("std")],
        sections: vec![section("A", "1", "vip"), section("B", "2", "std")],
        ..ChartPlan::default()
    });
    let chart = Arc::new(chart.unwrap());
    let own = [("Floor".to_owned(), 5_000, "std".to_owned()), ("Lawn".to_owned(), 5, "green".to_owned())];
    let (categories, areas) = Event::lay_out(Some(&chart), &own).unwrap();
    let ticket_type = |key: &str| TicketType { key: key.into(), name: key.to_owned(), public: true };
    Event {
        id: EventId(1),
        organization: OrganizationId(1),
        livemode: true,
        created_at: Timestamp(0),
        reference: None,
        metadata: None,
        name: "Show".to_owned(),
        starts_at: None,
        currency: "EUR".parse().unwrap(),
        status: EventStatus::Open,
        sale: SaleWindow::default(),
        hold_seconds: 600,
        max_hold_seconds: 900,
        max_per_buyer: None,
        public_confirm: false,
        access: Access::Open,
        ticket_types: vec![ticket_type("adult"), ticket_type("child")],
        prices: Prices::Unpriced,
        categories,
        areas,
        seating: Some(Arc::new(Seating::new(ChartId(1), chart))),
    }
}

fn seat(name: &str) -> (String, Terms) {
    (name.to_owned(), Terms::default())
}

/// An area as [`NamedBasket`] lists it.
type NamedArea = (String, u32, Terms, Vec<String>);

fn area(name: &str, quantity: u32) -> NamedArea {
    (name.to_owned(), quantity, Terms::default(), Vec::new())
}

fn places(names: &[&str]) -> NamedBasket {
    NamedBasket { places: names.iter().copied().map(seat).collect(), ..NamedBasket::default() }
}

fn areas(wanted: &[(&str, u32)]) -> NamedBasket {
    NamedBasket {
        areas: wanted.iter().map(|(name, quantity)| area(name, *quantity)).collect(),
        ..NamedBasket::default()
    }
}

fn party(seats: usize, change: impl FnOnce(&mut NamedParty)) -> NamedBasket {
    let mut party = NamedParty { ticket_types: vec![None; seats], ..NamedParty::default() };
    change(&mut party);
    NamedBasket { best_available: Some(party), ..NamedBasket::default() }
}

/// Resolving must fail at this pointer, wherever the basket itself is.
#[track_caller]
fn check(basket: &NamedBasket, expected: &str) {
    for at in ["", "/add"] {
        match basket.clone().resolve(&event(), at) {
            Err(Rejection::Validation { pointer, reason }) => {
                assert_eq!(pointer, format!("{at}{expected}"), "{reason}");
            }
            other => panic!("no validation: {other:?}"),
        }
    }
}

#[test]
fn names_become_positions() {
    let mut basket = places(&["B-2-1", "guid:1.2", "A-1-10"]);
    basket.places[0].1 =
        Terms { ticket_type: Some("child".to_owned()), price: Some(Amount(5)), code: Some("c".to_owned()) };
    basket.areas = areas(&[("Lawn", 2), ("Floor", 1), ("Lawn", 1)]).areas;
    basket.areas[0].3 = vec!["x".to_owned(), "y".to_owned()];
    let basket = basket.resolve(&event(), "").unwrap();
    let seats: Vec<u32> = basket.seats.iter().map(|wanted| wanted.seat.0).collect();
    assert_eq!(seats, [10, 1, 9]);
    let first = &basket.seats[0];
    assert_eq!(
        (first.ticket_type.as_deref(), first.price, first.code.as_deref()),
        (Some("child"), Some(Amount(5)), Some("c"))
    );
    let areas: Vec<(u16, u32, usize)> =
        basket.areas.iter().map(|wanted| (wanted.area.0, wanted.quantity, wanted.codes.len())).collect();
    assert_eq!(areas, [(1, 2, 2), (0, 1, 0), (1, 1, 0)]);
    assert_eq!(basket.area_units(), [(AreaIndex(1), 3), (AreaIndex(0), 1)]);
}

#[test]
fn parties_become_positions() {
    let basket = party(3, |party| {
        party.ticket_types[1] = Some("child".to_owned());
        party.categories = Some(vec!["green".to_owned(), "vip".to_owned(), "vip".to_owned()]);
        party.sections = Some(vec!["B".to_owned()]);
        party.adjacent = true;
    });
    let party = basket.resolve(&event(), "").unwrap().best_available.unwrap();
    assert_eq!(party.ticket_types, [None, Some("child".to_owned()), None]);
    assert_eq!((party.categories, party.sections), (Some(vec![0, 2]), Some(vec![1])));
    assert!(party.adjacent && !party.accessible);
}

#[test]
fn baskets_have_bounds() {
    check(&NamedBasket::default(), "/places");
    let names: Vec<String> = (0..1_001).map(|at| format!("A-1-{at}")).collect();
    check(&places(&names.iter().map(|name| &**name).collect::<Vec<_>>()), "/places");
    check(&areas(&[("Floor", 1_001)]), "/places");
    check(&areas(&[("Floor", 999), ("Lawn", 2)]), "/places");
    check(&areas(&[("Floor", u32::MAX), ("Floor", u32::MAX), ("Floor", 2)]), "/places");
    check(&NamedBasket { places: vec![seat("A-1-1")], ..areas(&[("Floor", 1_000)]) }, "/places");
    check(&NamedBasket { places: vec![seat("A-1-1")], ..party(1, |_| ()) }, "/best_available");
    check(&NamedBasket { areas: vec![area("Floor", 1)], ..party(1, |_| ()) }, "/best_available");
    areas(&[("Floor", 500), ("Floor", 500)]).resolve(&event(), "").unwrap();
}

#[test]
fn seats_have_terms_within_bounds() {
    let with = |change: &dyn Fn(&mut Terms)| {
        let mut basket = places(&["A-1-1", "A-1-2"]);
        change(&mut basket.places[1].1);
        basket
    };
    check(&with(&|terms| terms.ticket_type = Some("senior".to_owned())), "/places/1/ticket_type");
    check(&with(&|terms| terms.price = Some(Amount(-1))), "/places/1/price");
    check(&with(&|terms| terms.price = Some(Amount(limits::AMOUNT_MAX + 1))), "/places/1/price");
    check(&with(&|terms| terms.code = Some(String::new())), "/places/1/code");
    check(&with(&|terms| terms.code = Some("c".repeat(limits::CODE_BYTES_MAX + 1))), "/places/1/code");
    check(&with(&|terms| terms.code = Some("a\u{7f}".to_owned())), "/places/1/code");
    check(&places(&["A-1-1", &"x".repeat(limits::PLACE_NAME_BYTES_MAX + 1)]), "/places/1");
}

#[test]
fn areas_have_terms_within_bounds() {
    let with = |change: &dyn Fn(&mut NamedArea)| {
        let mut basket = areas(&[("Lawn", 1), ("Floor", 2)]);
        change(&mut basket.areas[1]);
        basket
    };
    check(&with(&|area| area.0.clear()), "/areas/1/name");
    check(&with(&|area| area.0 = "x".repeat(limits::LABEL_BYTES_MAX + 1)), "/areas/1/name");
    check(&with(&|area| area.1 = 0), "/areas/1/quantity");
    check(&with(&|area| area.2.ticket_type = Some("senior".to_owned())), "/areas/1/ticket_type");
    check(&with(&|area| area.2.price = Some(Amount(-1))), "/areas/1/price");
    check(&with(&|area| area.3 = vec!["a".to_owned()]), "/areas/1/codes");
    check(&with(&|area| area.3 = vec!["a".to_owned(), " ".to_owned()]), "/areas/1/codes/1");
}

#[test]
fn parties_have_bounds() {
    let list = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    check(&party(0, |_| ()), "/best_available/quantity");
    check(&party(limits::PARTY_SEATS_MAX + 1, |_| ()), "/best_available/quantity");
    check(&party(2, |party| party.ticket_types[1] = Some("x".to_owned())), "/best_available/ticket_types/1");
    check(&party(1, |party| party.categories = list(&["vip", "x"])), "/best_available/categories/1");
    check(&party(1, |party| party.categories = list(&[])), "/best_available/categories");
    check(&party(1, |party| party.sections = list(&["A", "B", "Z"])), "/best_available/sections/2");
    check(&party(1, |party| party.sections = list(&[])), "/best_available/sections");
    party(limits::PARTY_SEATS_MAX, |_| ()).resolve(&event(), "").unwrap();
}

#[test]
fn a_seat_stands_in_a_basket_once() {
    check(&places(&["A-1-1", "A-1-2", "A-1-1"]), "/places");
    check(&places(&["A-1-1", "guid:1.1"]), "/places");
    let all: Vec<String> = (1..=10).map(|at| format!("A-1-{at}")).collect();
    let mut names: Vec<&str> = all.iter().map(|name| &**name).collect();
    places(&names).resolve(&event(), "").unwrap();
    names.push("guid:1.3");
    check(&places(&names), "/places");
}

#[test]
fn every_unknown_place_is_named() {
    let mut basket = places(&["A-1-1", "A-1-11", "", "guid:9.9", "Floor"]);
    basket.areas = areas(&[("Floor", 1), ("floor", 1), ("A-1-2", 1)]).areas;
    let unknown = match basket.resolve(&event(), "") {
        Err(Rejection::PlaceUnavailable(unknown)) => unknown,
        other => panic!("{other:?}"),
    };
    assert!(unknown.iter().all(|(_, reason)| *reason == Reason::Unknown));
    let names: Vec<&str> = unknown.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["A-1-11", "", "guid:9.9", "Floor", "floor", "A-1-2"]);
}

#[test]
fn events_without_seats_have_no_seats() {
    let mut event = event();
    event.seating = None;
    let unknown = places(&["A-1-1"]).resolve(&event, "").unwrap_err();
    assert_eq!(unknown, Rejection::PlaceUnavailable(vec![("A-1-1".to_owned(), Reason::Unknown)]));
    let section = party(1, |party| party.sections = Some(vec!["A".to_owned()])).resolve(&event, "");
    assert_eq!(section.unwrap_err().code(), "validation");
}

#[test]
fn totals_do_not_overflow() {
    let line = |units, price| Line {
        place: Place::Area(AreaIndex(0)),
        units,
        ticket_type: "adult".into(),
        price: Amount(price),
        channel: None,
    };
    assert_eq!(total(&[]), Some(Amount::ZERO));
    assert_eq!(total(&[line(3, 5), line(1, 7)]), Some(Amount(22)));
    assert_eq!(total(&[line(1, limits::AMOUNT_MAX)]), Some(Amount(limits::AMOUNT_MAX)));
    assert_eq!(total(&[line(1, limits::AMOUNT_MAX), line(1, 1)]), None);
    assert_eq!(total(&[line(u32::MAX, i64::MAX)]), None);
    assert_eq!(total(&[line(1, i64::MAX), line(1, i64::MAX)]), None);
}
