//! The rules by which a pretix plan becomes ours, one by one.

use super::*;

fn seat(number: &str, x: f64) -> Seat {
    Seat {
        seat_number: number.to_owned(),
        position: Position { x, y: 0.0 },
        category: "Stalls".to_owned(),
        ..Seat::default()
    }
}

fn row(number: &str, numbers: &[&str]) -> Row {
    let seats = numbers.iter().zip(0_u8..).map(|(number, at)| seat(number, f64::from(at))).collect();
    Row { row_number: number.to_owned(), seats, ..Row::default() }
}

fn zone(name: &str, zone_id: &str, rows: Vec<Row>) -> Zone {
    Zone { name: name.to_owned(), zone_id: zone_id.to_owned(), rows, ..Zone::default() }
}

fn plan(zones: Vec<Zone>) -> Plan {
    let categories = vec![Category { name: "Stalls".to_owned(), color: "red".to_owned() }];
    Plan { name: "Hall".to_owned(), categories, size: None, zones }
}

fn labels(plan: &Plan) -> Vec<String> {
    let converted = into_chart(plan).unwrap();
    let chart = Chart::new(&converted.plan).unwrap();
    chart.seats().map(|seat| chart.label(seat)).collect()
}

fn pointer(plan: &Plan) -> String {
    into_chart(plan).unwrap_err().pointer
}

fn area(text: &str, x: f64) -> Area {
    Area {
        position: Position { x, y: 1.0 },
        text: text.to_owned(),
        text_position: Position { x: 0.5, y: 0.25 },
    }
}

#[test]
fn positions_add_up() {
    let mut plan = plan(vec![zone("A", "", vec![row("1", &["1", "2"])])]);
    plan.zones[0].position = Position { x: 100.0, y: 10.0 };
    plan.zones[0].rows[0].position = Position { x: 20.0, y: 5.0 };
    let seats = &into_chart(&plan).unwrap().plan.sections[0].rows[0].seats;
    assert_eq!([(seats[0].x, seats[0].y), (seats[1].x, seats[1].y)], [(120.0, 15.0), (121.0, 15.0)]);
}

#[test]
fn a_category_is_known_by_its_name() {
    let converted = into_chart(&plan(vec![zone("A", "", vec![row("1", &["1"])])])).unwrap();
    let category = &converted.plan.categories[0];
    assert_eq!([&*category.key, &*category.name, &*category.color], ["Stalls", "Stalls", "red"]);
}

#[test]
fn zone_row_and_seat_make_the_label() {
    let mut plan = plan(vec![zone("Balcony", "b", vec![row("C", &["7", "8"])])]);
    plan.zones[0].rows[0].row_label = "Row %s".to_owned();
    assert_eq!(labels(&plan), ["Balcony-C-7", "Balcony-C-8"]);
    assert_eq!(into_chart(&plan).unwrap().renamed, []);
}

#[test]
fn what_has_no_name_gets_one() {
    let mut plan = plan(vec![
        zone(" ", "left", vec![row("", &["", ""])]),
        zone("", "", vec![row("", &["1"]), row("", &["1"]), row("", &["1"])]),
    ]);
    plan.zones[1].rows[1].row_label = "Box %s".to_owned();
    plan.zones[1].rows[2].row_label = "Royal box".to_owned();
    assert_eq!(labels(&plan), ["left-1-1", "left-1-2", "2-1-1", "2-2-1", "2-Royal box-1"]);
}

#[test]
fn colliding_zones_get_their_ids() {
    let mut plan = plan(vec![
        zone("Box", "left", vec![row("1", &["1"])]),
        zone("Box", "right", vec![row("1", &["1", "2"])]),
        zone("Stalls", "s", vec![row("1", &["1"])]),
    ]);
    plan.zones[1].rows[0].seats[0].seat_guid = "g".to_owned();
    assert_eq!(labels(&plan), ["Box left-1-1", "Box right-1-1", "Box right-1-2", "Stalls-1-1"]);
    let renamed = |guid: Option<&str>, from: &str, to: &str| Renamed {
        seat_guid: guid.map(str::to_owned),
        from: from.to_owned(),
        to: to.to_owned(),
    };
    assert_eq!(
        into_chart(&plan).unwrap().renamed,
        [
            renamed(None, "Box-1-1", "Box left-1-1"),
            renamed(Some("g"), "Box-1-1", "Box right-1-1"),
            renamed(None, "Box-1-2", "Box right-1-2"),
        ]
    );
}

#[test]
fn colliding_zones_without_helpful_ids_get_their_numbers() {
    let same = |id: &str| zone("Box", id, vec![row("1", &["1"])]);
    assert_eq!(labels(&plan(vec![same(""), same("")])), ["Box 1-1-1", "Box 2-1-1"]);
    assert_eq!(labels(&plan(vec![same("x"), same("x")])), ["Box 1-1-1", "Box 2-1-1"]);
    assert_eq!(labels(&plan(vec![same("Box"), same("y")])), ["Box 1-1-1", "Box y-1-1"]);
    let long = "x".repeat(limits::LABEL_BYTES_MAX);
    assert_eq!(labels(&plan(vec![same(&long), same("y")])), ["Box 1-1-1", "Box y-1-1"]);
}

#[test]
fn zones_of_one_name_without_collisions_keep_it() {
    let plan = plan(vec![zone("S", "a", vec![row("1", &["1"])]), zone("S", "b", vec![row("1", &["2"])])]);
    assert_eq!(labels(&plan), ["S-1-1", "S-1-2"]);
}

#[test]
fn hyphens_collide_as_well() {
    let plan = plan(vec![zone("A", "a", vec![row("1-2", &["3"])]), zone("A-1", "b", vec![row("2", &["3"])])]);
    assert_eq!(labels(&plan), ["A a-1-2-3", "A-1 b-2-3"]);
}

#[test]
fn a_label_twice_within_one_zone_is_a_fault() {
    let plan = plan(vec![zone("A", "a", vec![row("1", &["1"]), row("1", &["2", "1"])])]);
    assert_eq!(pointer(&plan), "/zones/0/rows/1/seats/1");
}

#[test]
fn wheelchair_places_are_accessible() {
    let mut plan = plan(vec![zone("A", "", vec![row("1", &["1", "2"])])]);
    plan.zones[0].rows[0].seats[1].wheelchair = true;
    let seats = &into_chart(&plan).unwrap().plan.sections[0].rows[0].seats;
    assert_eq!([seats[0].accessible, seats[1].accessible], [false, true]);
}

#[test]
fn a_guid_stands_once() {
    let mut plan = plan(vec![zone("A", "", vec![row("1", &["1", "2", "3"])])]);
    plan.zones[0].rows[0].seats[0].seat_guid = "g".to_owned();
    assert_eq!(into_chart(&plan).unwrap().plan.sections[0].rows[0].seats[0].guid.as_deref(), Some("g"));
    plan.zones[0].rows[0].seats[2].seat_guid = "g".to_owned();
    let fault = into_chart(&plan).unwrap_err();
    assert_eq!(fault.pointer, "/zones/0/rows/0/seats/2/seat_guid");
    assert!(fault.reason.contains("A-1-1") && fault.reason.contains("A-1-3"), "{fault}");
}

#[test]
fn seats_are_put_in_walking_order() {
    let mut plan = plan(vec![zone("A", "", vec![row("1", &["1", "2", "3", "4"])])]);
    for (seat, x) in plan.zones[0].rows[0].seats.iter_mut().zip([-1.0, 1.0, -2.0, 2.0]) {
        seat.position.x = x;
    }
    assert_eq!(labels(&plan), ["A-1-3", "A-1-1", "A-1-2", "A-1-4"]);
    // A fault still points to where the seat is in the file.
    plan.zones[0].rows[0].seats[2].category = "none".to_owned();
    assert_eq!(pointer(&plan), "/zones/0/rows/0/seats/2/category");
}

#[test]
fn a_horseshoe_keeps_its_order() {
    let mut plan = plan(vec![zone("A", "", vec![row("1", &["1", "2", "3", "4", "5", "6"])])]);
    let around = [(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (1.0, 2.0), (1.0, 1.0), (1.0, 0.0)];
    for (seat, (x, y)) in plan.zones[0].rows[0].seats.iter_mut().zip(around) {
        seat.position = Position { x, y };
    }
    assert_eq!(labels(&plan), ["A-1-1", "A-1-2", "A-1-3", "A-1-4", "A-1-5", "A-1-6"]);
}

#[test]
fn the_focal_point_is_the_stage_else_the_upper_middle() {
    let mut plan = plan(vec![zone("A", "", vec![row("1", &["1", "2", "3"])])]);
    let focal_point = |plan: &Plan| into_chart(plan).unwrap().plan.focal_point;
    assert_eq!(focal_point(&plan), None);
    plan.size = Some(Size { width: 30.0, height: 9.0 });
    assert_eq!(focal_point(&plan), Some((15.0, 0.0)));
    plan.zones[0].position.x = 100.0;
    plan.zones[0].areas = vec![area("Stage entrance", 1.0), area("", 2.0), area("BÜHNE / stage", 4.0)];
    assert_eq!(focal_point(&plan), Some((104.5, 1.25)));
    plan.zones[0].areas[2].position.x = 1e9;
    assert_eq!(pointer(&plan), "/zones/0/areas/2/position");
}

#[test]
fn faults_point_into_the_file() {
    let long = "x".repeat(limits::LABEL_BYTES_MAX + 1);
    let check = |expect: &str, spoil: &dyn Fn(&mut Plan)| {
        let mut plan = plan(vec![zone("A", "", vec![row("1", &["1", "2"])])]);
        spoil(&mut plan);
        assert_eq!(pointer(&plan), expect);
    };
    check("/name", &|plan| plan.name.clear());
    check("/categories/0/name", &|plan| plan.categories[0].name = long.clone());
    check("/zones", &|plan| plan.zones.clear());
    check("/zones/0/name", &|plan| plan.zones[0].name = "a\u{7}".to_owned());
    check("/zones/0/rows/0/row_number", &|plan| plan.zones[0].rows[0].row_number = long.clone());
    let seat = |plan: &mut Plan, spoil: &dyn Fn(&mut Seat)| spoil(&mut plan.zones[0].rows[0].seats[1]);
    let at = |field: &str| format!("/zones/0/rows/0/seats/1/{field}");
    check(&at("seat_number"), &|plan| seat(plan, &|seat| seat.seat_number = long.clone()));
    check(&at("category"), &|plan| seat(plan, &|seat| seat.category = "Balcony".to_owned()));
    check(&at("position/x"), &|plan| seat(plan, &|seat| seat.position.x = f64::INFINITY));
    check(&at("position/y"), &|plan| seat(plan, &|seat| seat.position.y = -2e6));
    check(&at("seat_guid"), &|plan| seat(plan, &|seat| seat.seat_guid = "a\nb".to_owned()));
}
