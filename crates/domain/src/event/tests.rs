//! Settings: what is accepted, what a patch changes, what things cost.

use super::*;
use crate::chart::plan::{AreaPlan, CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};

fn chart(areas: &[(&str, u32)]) -> Chart {
    let category =
        |key: &str| CategoryPlan { key: key.to_owned(), name: key.to_owned(), color: String::new() };
    let seat = |label: &str, x, category: &str| SeatPlan {
        label: label.to_owned(),
        x,
        category: category.to_owned(),
        ..SeatPlan::default()
    };
    let row = RowPlan { label: "1".to_owned(), seats: vec![seat("1", 0.0, "std"), seat("2", 1.0, "vip")] };
    let area = |&(name, capacity): &(&str, u32)| AreaPlan {
        name: name.to_owned(),
        capacity,
        category: "std".to_owned(),
    };
    Chart::new(&ChartPlan {
        name: "Hall".to_owned(),
        categories: vec![category("vip"), category("std")],
        sections: vec![SectionPlan { name: "A".to_owned(), rows: vec![row] }],
        areas: areas.iter().map(area).collect(),
        focal_point: None,
    })
    .unwrap()
}

fn own(name: &str, capacity: u32, category: &str) -> (String, u32, String) {
    (name.to_owned(), capacity, category.to_owned())
}

fn event() -> Event {
    let chart = Arc::new(chart(&[("Floor", 5)]));
    let (categories, areas) = Event::lay_out(Some(&chart), &[own("Lawn", 7, "green")]).unwrap();
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
        prices: Prices::ByCategory(vec![
            ("vip".into(), Price::Flat(Amount(9_000))),
            ("std".into(), Price::ByType(vec![("adult".into(), Amount(4_500)), ("child".into(), Amount(0))])),
        ]),
        categories,
        areas,
        seating: Some(Arc::new(Seating::new(ChartId(1), chart))),
    }
}

fn pointer<T: std::fmt::Debug>(result: Result<T, Rejection>) -> String {
    match result {
        Err(Rejection::Validation { pointer, .. }) => pointer,
        other => panic!("no validation: {other:?}"),
    }
}

/// Spoils an event, which must then be refused at `expected`.
#[track_caller]
fn check(expected: &str, spoil: impl FnOnce(&mut Event)) {
    let mut event = event();
    event.check_settings().unwrap();
    spoil(&mut event);
    assert_eq!(pointer(event.check_settings()), expected);
}

#[test]
fn settings_have_bounds() {
    check("/name", |event| event.name = " ".to_owned());
    check("/name", |event| event.name = "x".repeat(limits::NAME_BYTES_MAX + 1));
    check("/name", |event| event.name = "a\nb".to_owned());
    let window = |opens_at: i64, closes_at: i64| SaleWindow {
        opens_at: Some(Timestamp(opens_at)),
        closes_at: Some(Timestamp(closes_at)),
    };
    check("/sale/closes_at", |event| event.sale = window(5, 5));
    check("/sale/closes_at", |event| event.sale = window(5, 4));
    check("/hold_seconds", |event| event.hold_seconds = 0);
    check("/hold_seconds", |event| event.hold_seconds = limits::HOLD_SECONDS_MAX + 1);
    check("/max_hold_seconds", |event| event.max_hold_seconds = limits::HOLD_SECONDS_MAX + 1);
    check("/max_hold_seconds", |event| event.max_hold_seconds = 599);
    check("/max_per_buyer", |event| event.max_per_buyer = Some(0));
    check("/max_per_buyer", |event| event.max_per_buyer = Some(limits::MAX_PER_BUYER_MAX + 1));
    let mut event = event();
    event.name = "x".repeat(limits::NAME_BYTES_MAX);
    event.sale = window(5, 6);
    event.max_hold_seconds = 600;
    event.max_per_buyer = Some(limits::MAX_PER_BUYER_MAX);
    event.check_settings().unwrap();
}

#[test]
fn ticket_types_have_bounds() {
    let ticket_type =
        |key: &str, name: &str| TicketType { key: key.into(), name: name.to_owned(), public: true };
    check("/ticket_types", |event| event.ticket_types.clear());
    check("/ticket_types", |event| {
        event.ticket_types =
            (0..=limits::TICKET_TYPES_MAX).map(|at| ticket_type(&at.to_string(), "x")).collect();
    });
    check("/ticket_types/1/key", |event| event.ticket_types[1].key = "adult".into());
    check("/ticket_types/1/key", |event| event.ticket_types[1].key = "".into());
    check("/ticket_types/1/key", |event| event.ticket_types[1].key = "x".repeat(65).into());
    check("/ticket_types/0/name", |event| event.ticket_types[0].name.clear());
}

#[test]
fn prices_have_bounds() {
    let flat =
        |category: &str, amount| Prices::ByCategory(vec![(category.into(), Price::Flat(Amount(amount)))]);
    let by_type = |ticket_type: &str, amount| {
        Prices::ByCategory(vec![("vip".into(), Price::ByType(vec![(ticket_type.into(), Amount(amount))]))])
    };
    check("/prices/vip", |event| event.prices = flat("vip", -1));
    check("/prices/vip", |event| event.prices = flat("vip", limits::AMOUNT_MAX + 1));
    check("/prices/vip", |event| event.prices = flat("vip", i64::MIN));
    check("/prices/mars", |event| event.prices = flat("mars", 1));
    check("/prices/a~1b~0c", |event| event.prices = flat("a/b~c", 1));
    check("/prices/vip/adult", |event| event.prices = by_type("adult", -1));
    check("/prices/vip/se~1nior", |event| event.prices = by_type("se/nior", 1));
    check("/prices/std/child", |event| drop(event.ticket_types.pop()));
    let mut event = event();
    event.prices = flat("green", limits::AMOUNT_MAX);
    event.check_settings().unwrap();
}

#[test]
fn prices_are_found_by_category_and_type() {
    let mut event = event();
    let categories: Vec<&str> = event.categories.iter().map(|key| &**key).collect();
    assert_eq!(categories, ["vip", "std", "green"]);
    assert_eq!(event.price(0, "child"), Some(Amount(9_000)));
    assert_eq!(event.price(1, "adult"), Some(Amount(4_500)));
    assert_eq!(event.price(1, "child"), Some(Amount(0)));
    assert_eq!(event.price(1, "senior"), None);
    assert_eq!(event.price(2, "adult"), None, "left out of the list, not sold");
    assert_eq!(event.price(3, "adult"), None, "no such category");
    event.prices = Prices::Unpriced;
    assert_eq!(event.price(2, "adult"), Some(Amount::ZERO));
}

#[test]
fn ticket_types_default_to_the_first() {
    let event = event();
    let key = |wanted| event.ticket_type(wanted).map(|found| &*found.key);
    assert_eq!(key(None), Some("adult"));
    assert_eq!(key(Some("child")), Some("child"));
    assert_eq!(key(Some("Adult")), None);
}

#[test]
fn places_have_names_and_categories() {
    let event = event();
    assert_eq!(event.seats_len(), 2);
    assert_eq!(event.find_area("Floor"), Some(AreaIndex(0)));
    assert_eq!(event.find_area("Lawn"), Some(AreaIndex(1)));
    assert_eq!(event.find_area("lawn"), None);
    let name = |place| (event.name_of(place), event.category_of(place));
    assert_eq!(name(Place::Seat(SeatIndex(0))), ("A-1-1".to_owned(), 1));
    assert_eq!(name(Place::Seat(SeatIndex(1))), ("A-1-2".to_owned(), 0));
    assert_eq!(name(Place::Area(AreaIndex(0))), ("Floor".to_owned(), 1));
    assert_eq!(name(Place::Area(AreaIndex(1))), ("Lawn".to_owned(), 2));
}

#[test]
fn a_patch_changes_what_it_names_and_nothing_else() {
    let event = event();
    let same = event.patched(&EventPatch::default());
    assert_eq!(format!("{same:?}"), format!("{event:?}"));
    let patch = EventPatch {
        name: Some("Other".to_owned()),
        starts_at: Some(Some(Timestamp(9))),
        status: Some(EventStatus::Paused),
        sale: Some(SaleWindow { opens_at: Some(Timestamp(1)), closes_at: None }),
        hold_seconds: Some(30),
        max_hold_seconds: Some(40),
        max_per_buyer: Some(Some(4)),
        public_confirm: Some(true),
        access: Some(Access::Token),
        ticket_types: Some(vec![TicketType { key: "one".into(), name: "One".to_owned(), public: false }]),
        prices: Some(Prices::Unpriced),
        reference: Some(Some("r".into())),
        metadata: Some(Some("{}".into())),
        areas: None,
        chart: None,
    };
    let other = event.patched(&patch);
    other.check_settings().unwrap();
    assert_eq!(
        (&*other.name, other.starts_at, other.status),
        ("Other", Some(Timestamp(9)), EventStatus::Paused)
    );
    assert_eq!((other.hold_seconds, other.max_hold_seconds, other.max_per_buyer), (30, 40, Some(4)));
    assert_eq!((other.public_confirm, other.access, &other.prices), (true, Access::Token, &Prices::Unpriced));
    assert_eq!((other.reference.as_deref(), other.metadata.as_deref()), (Some("r"), Some("{}")));
    assert_eq!((other.sale.opens_at, other.ticket_types.len()), (Some(Timestamp(1)), 1));
    let back = EventPatch {
        starts_at: Some(None),
        max_per_buyer: Some(None),
        reference: Some(None),
        metadata: Some(None),
        ..EventPatch::default()
    };
    let back = other.patched(&back);
    assert_eq!((back.starts_at, back.max_per_buyer, back.reference, back.metadata), (None, None, None, None));
    assert_eq!((back.name, back.hold_seconds), ("Other".to_owned(), 30));
}

#[test]
fn the_window_and_the_status() {
    let mut event = event();
    event.sale = SaleWindow { opens_at: Some(Timestamp(10)), closes_at: Some(Timestamp(20)) };
    let at =
        |event: &Event, now, ignore| event.check_sale(Timestamp(now), ignore, None).map_err(|no| no.code());
    assert_eq!(at(&event, 9, false), Err("sale_not_open"));
    assert_eq!(at(&event, 10, false), Ok(()));
    assert_eq!(at(&event, 19, false), Ok(()));
    assert_eq!(at(&event, 20, false), Err("sale_closed"));
    assert_eq!((at(&event, 9, true), at(&event, 20, true)), (Ok(()), Ok(())));
    for (status, code) in [
        (EventStatus::Draft, "sale_not_open"),
        (EventStatus::Paused, "sale_paused"),
        (EventStatus::Closed, "sale_closed"),
    ] {
        event.status = status;
        assert_eq!((at(&event, 15, false), at(&event, 15, true)), (Err(code), Ok(())));
    }
    event.status = EventStatus::Cancelled;
    assert_eq!(
        (at(&event, 15, false), at(&event, 15, true)),
        (Err("event_cancelled"), Err("event_cancelled"))
    );
    for (status, name) in EventStatus::ALL {
        assert_eq!((status.as_str(), EventStatus::from_name(name)), (name, Some(status)));
    }
    assert_eq!(EventStatus::from_name("Open"), None);
}

#[test]
fn areas_of_the_chart_come_first() {
    let chart = chart(&[("Floor", 5), ("Pit", 2)]);
    let own = [own("Lawn", 7, "green"), own("Bar", 1, "std"), own("Deck", 1, "green")];
    let (categories, areas) = Event::lay_out(Some(&chart), &own).unwrap();
    let categories: Vec<&str> = categories.iter().map(|key| &**key).collect();
    assert_eq!(categories, ["vip", "std", "green"]);
    let areas: Vec<(&str, u32, u16, bool)> =
        areas.iter().map(|area| (&*area.name, area.capacity, area.category, area.of_chart)).collect();
    assert_eq!(
        areas,
        [
            ("Floor", 5, 1, true),
            ("Pit", 2, 1, true),
            ("Lawn", 7, 2, false),
            ("Bar", 1, 1, false),
            ("Deck", 1, 2, false)
        ]
    );
}

#[test]
fn areas_have_bounds() {
    let chart = chart(&[("Floor", 5)]);
    let check = |areas: &[(String, u32, String)], expected: &str| {
        assert_eq!(pointer(Event::lay_out(Some(&chart), areas)), expected);
    };
    check(&[own("", 1, "std")], "/areas/0/name");
    check(&[own("Lawn", 1, "std"), own(&"x".repeat(65), 1, "std")], "/areas/1/name");
    check(&[own("Floor", 1, "std")], "/areas/0/name");
    check(&[own("Lawn", 1, "std"), own("Lawn", 1, "std")], "/areas/1/name");
    check(&[own("Lawn", 0, "std")], "/areas/0/capacity");
    check(&[own("Lawn", limits::AREA_CAPACITY_MAX + 1, "std")], "/areas/0/capacity");
    check(&[own("Lawn", 1, "")], "/areas/0/category");
    let many: Vec<_> = (0..limits::AREAS_MAX).map(|at| own(&at.to_string(), 1, "std")).collect();
    check(&many, "/areas");
    Event::lay_out(Some(&chart), &many[1..]).unwrap();
    let categories: Vec<_> =
        (0..limits::CATEGORIES_MAX).map(|at| own(&at.to_string(), 1, &at.to_string())).collect();
    check(&categories, &format!("/areas/{}/category", limits::CATEGORIES_MAX - 2));
    assert_eq!(pointer(Event::lay_out(None, &[])), "/chart_id");
    Event::lay_out(None, &[own("Lawn", limits::AREA_CAPACITY_MAX, "std")]).unwrap();
}

/// Counts are 32 bits wide; a thousand areas of ten million units would not fit.
#[test]
fn an_event_cannot_have_more_units_than_can_be_counted() {
    let large = |len: usize, last: u32| {
        let mut areas: Vec<_> = (0..len).map(|at| own(&at.to_string(), 10_000_000, "std")).collect();
        areas.push(own("last", last, "std"));
        areas
    };
    Event::lay_out(None, &large(429, 4_967_295)).unwrap();
    assert_eq!(pointer(Event::lay_out(None, &large(429, 4_967_296))), "/areas");
    let chart = chart(&[]);
    assert_eq!(pointer(Event::lay_out(Some(&chart), &large(429, 4_967_294))), "/areas");
    Event::lay_out(Some(&chart), &large(429, 4_967_293)).unwrap();
}

/// The event of these tests over a chart of such areas; refused at `/chart_id` for this reason.
#[track_caller]
fn check_move(event: &Event, areas: &[(&str, u32)], reason: &str) {
    let new = NewChart { id: ChartId(2), chart: Arc::new(chart(areas)), seating: None };
    let Err(Rejection::Validation { pointer, reason: told }) = event.clone().with_chart(&new) else {
        panic!("the event moved");
    };
    assert_eq!(pointer, "/chart_id");
    assert!(told.contains(reason), "{told:?}");
}

#[test]
fn an_event_moves_with_all_its_areas() {
    let event = event();
    let floor = event.areas[0].capacity;
    check_move(&event, &[], "Floor is not in its place");
    check_move(&event, &[("Balcony", floor)], "Floor is not in its place");
    check_move(&event, &[("Floor", floor - 1)], "has fewer units of Floor");
    check_move(&event, &[("Floor", floor), ("Lawn", 9)], "the name Lawn is used by two areas");
    check_move(&event, &[("Floor", floor), ("Bar", 9)], "Lawn is not in its place");
    let new = NewChart { id: ChartId(2), chart: Arc::new(chart(&[("Floor", floor + 3)])), seating: None };
    let moved = event.clone().with_chart(&new).unwrap();
    assert_eq!(moved.chart_id(), Some(ChartId(2)));
    let areas = moved.areas.iter().map(|area| (&*area.name, area.capacity, area.first_capacity));
    let lawn = event.areas[1].capacity;
    assert_eq!(areas.collect::<Vec<_>>(), [("Floor", floor + 3, floor), ("Lawn", lawn, lawn)]);
    let made = moved.as_made().unwrap();
    assert_eq!((made.chart_id(), &made.areas), (Some(ChartId(1)), &event.areas));
}

#[test]
fn an_event_without_areas_of_its_own_moves_to_more_areas() {
    let mut event = event();
    let floor = event.areas[0].capacity;
    event.areas.truncate(1);
    let new =
        NewChart { id: ChartId(2), chart: Arc::new(chart(&[("Floor", floor), ("Bar", 9)])), seating: None };
    event.prices = Prices::Unpriced;
    let moved = event.clone().with_chart(&new).unwrap();
    assert_eq!(moved.find_area("Bar"), Some(AreaIndex(1)));
    assert_eq!(moved.as_made().unwrap().areas, event.areas);
}

#[test]
fn an_event_moves_only_where_its_prices_go() {
    let mut event = event();
    let floor = event.areas[0].capacity;
    let mut categories = event.categories.clone();
    categories.push("loge".into());
    event.prices = Prices::ByCategory(vec![("loge".into(), Price::Flat(Amount(1)))]);
    event.categories = categories;
    check_move(&event, &[("Floor", floor)], "has no category loge, which has a price");
}

#[test]
fn an_event_moves_from_a_chart_and_so_many_times() {
    let mut event = event();
    let floor = [("Floor", event.areas[0].capacity)];
    for id in 2..=limits::EVENT_CHARTS_MAX as u64 {
        let new = NewChart { id: ChartId(id), chart: Arc::new(chart(&floor)), seating: None };
        event = event.with_chart(&new).unwrap();
    }
    check_move(&event, &floor, "would be one chart too many");
    event.seating = None;
    check_move(&event, &floor, "was made without a chart");
}
