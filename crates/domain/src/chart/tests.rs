//! What the builder accepts, what it refuses, and how it packs.

use super::plan::{AreaPlan, CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};
use super::*;
use crate::limits;

fn seat(label: &str, x: f64, y: f64) -> SeatPlan {
    SeatPlan { label: label.to_owned(), x, y, category: "a".to_owned(), ..SeatPlan::default() }
}

fn row(label: &str, seats: Vec<SeatPlan>) -> RowPlan {
    RowPlan { label: label.to_owned(), seats }
}

/// A section of one row of seats at these x, labelled 1, 2, ….
fn section(name: &str, xs: &[f64]) -> SectionPlan {
    let seats = (1_u32..).zip(xs).map(|(number, &x)| seat(&number.to_string(), x, 0.0)).collect();
    SectionPlan { name: name.to_owned(), rows: vec![row("1", seats)] }
}

fn plan(sections: Vec<SectionPlan>) -> ChartPlan {
    let category =
        |key: &str| CategoryPlan { key: key.to_owned(), name: key.to_owned(), ..Default::default() };
    ChartPlan {
        name: "Hall".to_owned(),
        categories: vec![category("a"), category("b")],
        sections,
        ..ChartPlan::default()
    }
}

fn area(name: &str, capacity: u32) -> AreaPlan {
    AreaPlan { name: name.to_owned(), capacity, category: "b".to_owned() }
}

fn blocks(chart: &Chart) -> Vec<std::ops::Range<u32>> {
    chart.blocks().iter().map(|block| block.seats.clone()).collect()
}

#[track_caller]
fn check_fault(pointer: &str, spoil: impl FnOnce(&mut ChartPlan)) {
    let mut plan = plan(vec![section("A", &[0.0, 1.0, 2.0]), section("B", &[0.0])]);
    plan.areas = vec![area("Floor", 5), area("Lawn", 7)];
    Chart::new(&plan).unwrap();
    spoil(&mut plan);
    assert_eq!(Chart::new(&plan).unwrap_err().pointer, pointer);
}

#[test]
fn packs_everything() {
    let mut plan = plan(vec![section("A", &[0.0, 1.0]), section("B", &[3.0])]);
    plan.sections[1].rows[0].seats[0].guid = Some("h".to_owned());
    plan.focal_point = Some((3.0, 4.0));
    plan.areas = vec![area("Floor", 5)];
    let second = &mut plan.sections[0].rows[0].seats[1];
    second.accessible = true;
    second.attributes = vec!["companion".to_owned(), "restricted_view".to_owned()];
    second.guid = Some("g".to_owned());
    second.category = "b".to_owned();
    let chart = Chart::new(&plan).unwrap();
    assert_eq!((chart.name(), chart.seats_len(), chart.rows().len()), ("Hall", 3, 2));
    assert_eq!(chart.areas()[0], ChartArea { name: "Floor".into(), capacity: 5, category: 1 });
    let second = chart.find("A-1-2").unwrap();
    assert_eq!(chart.find("guid:g"), Some(second));
    assert_eq!((chart.guid(second), chart.guid(ChartSeat(0))), (Some("g"), None));
    assert_eq!((chart.category(second), chart.is_accessible(second)), (1, true));
    assert_eq!(chart.attributes(second).collect::<Vec<_>>(), ["companion", "restricted_view"]);
    assert_eq!(chart.attributes(ChartSeat(0)).count(), 0);
    assert_eq!(chart.distance(ChartSeat(0)), 5.0);
    assert_eq!((chart.label(ChartSeat(2)), &*chart.section_of(ChartSeat(2)).name), ("B-1-1".to_owned(), "B"));
    assert_eq!(chart.blocks()[0].category, None);
    assert_eq!(chart.blocks()[1].category, Some(0));
    for absent in ["A-1-3", "a-1-1", "A-1-", "", "g", "guid:", "guid:A-1-1", "A-1-1 "] {
        assert_eq!(chart.find(absent), None, "{absent:?}");
    }
}

#[test]
fn every_label_is_found() {
    let sections = (0..20).map(|at| section(&at.to_string(), &[0.0, 1.0, 2.0, 3.0, 4.0])).collect();
    let chart = Chart::new(&plan(sections)).unwrap();
    for seat in chart.seats() {
        assert_eq!(chart.find(&chart.label(seat)), Some(seat));
    }
}

#[test]
fn rows_are_cut_at_aisles() {
    let chart = Chart::new(&plan(vec![section("A", &[0.0, 1.0, 2.0, 4.0, 5.0, 5.9, 10.0])])).unwrap();
    assert_eq!(blocks(&chart), [0..3, 3..6, 6..7]);
    assert_eq!(chart.block_of(ChartSeat(5)), 1);
    assert_eq!(chart.blocks()[1].center, Point { x: 4.95, y: 0.0 });
}

#[test]
fn wide_seats_are_no_aisles() {
    let chart = Chart::new(&plan(vec![section("A", &[0.0, 30.0, 60.0, 90.0, 135.0, 190.0])])).unwrap();
    assert_eq!(blocks(&chart), [0..5, 5..6]);
}

#[test]
fn blocks_stay_within_a_word() {
    let xs: Vec<f64> = (0..300).map(f64::from).collect();
    assert_eq!(blocks(&Chart::new(&plan(vec![section("A", &xs)])).unwrap()), [0..128, 128..256, 256..300]);
}

#[test]
fn without_a_focal_point_it_is_the_upper_middle() {
    let mut plan = plan(vec![section("A", &[10.0, 20.0])]);
    plan.sections[0].rows.push(row("2", vec![seat("1", 40.0, -7.0)]));
    assert_eq!(Chart::new(&plan).unwrap().focal_point(), Point { x: 25.0, y: -7.0 });
}

#[test]
fn an_area_alone_is_a_chart() {
    let mut plan = plan(Vec::new());
    assert_eq!(Chart::new(&plan).unwrap_err().pointer, "/sections");
    plan.areas = vec![area("Floor", 1)];
    let chart = Chart::new(&plan).unwrap();
    assert_eq!((chart.seats_len(), chart.find("Floor-1-1")), (0, None));
}

#[test]
fn texts_are_checked() {
    let long = "x".repeat(limits::LABEL_BYTES_MAX + 1);
    check_fault("/name", |plan| plan.name = "x".repeat(limits::NAME_BYTES_MAX + 1));
    check_fault("/name", |plan| plan.name = " ".to_owned());
    check_fault("/categories/1/key", |plan| plan.categories[1].key = long.clone());
    check_fault("/categories/1/name", |plan| plan.categories[1].name.clear());
    check_fault("/categories/0/color", |plan| plan.categories[0].color = long.clone());
    check_fault("/sections/1/name", |plan| plan.sections[1].name = "\u{1b}[2J".to_owned());
    check_fault("/sections/1/rows/0/label", |plan| plan.sections[1].rows[0].label = "a\u{0}".to_owned());
    check_fault("/sections/0/rows/0/seats/2/label", |plan| {
        plan.sections[0].rows[0].seats[2].label = long.clone();
    });
    check_fault("/sections/0/rows/0/seats/2/guid", |plan| {
        plan.sections[0].rows[0].seats[2].guid = Some("x".repeat(limits::GUID_BYTES_MAX + 1));
    });
    check_fault("/areas/0/name", |plan| plan.areas[0].name.clear());
}

#[test]
fn duplicates_are_refused() {
    check_fault("/categories/1/key", |plan| plan.categories[1].key = "a".to_owned());
    check_fault("/areas/1/name", |plan| plan.areas[1].name = "Floor".to_owned());
    check_fault("/sections/0/rows/0/seats/2", |plan| {
        plan.sections[0].rows[0].seats[2].label = "1".to_owned();
    });
    check_fault("/sections/1/rows/0/seats/0", |plan| plan.sections[1].name = "A".to_owned());
    check_fault("/sections/1/rows/0/seats/0/guid", |plan| {
        plan.sections[0].rows[0].seats[1].guid = Some("g".to_owned());
        plan.sections[1].rows[0].seats[0].guid = Some("g".to_owned());
    });
}

#[test]
fn labels_that_read_the_same_are_duplicates() {
    check_fault("/sections/1/rows/0/seats/0", |plan| {
        plan.sections[0].name = "A-B".to_owned();
        plan.sections[0].rows[0].label = "C".to_owned();
        plan.sections[1].name = "A".to_owned();
        plan.sections[1].rows[0].label = "B-C".to_owned();
    });
}

#[test]
fn categories_must_exist() {
    check_fault("/sections/0/rows/0/seats/1/category", |plan| {
        plan.sections[0].rows[0].seats[1].category = "A".to_owned();
    });
    check_fault("/areas/1/category", |plan| plan.areas[1].category.clear());
}

#[test]
fn numbers_are_checked() {
    check_fault("/sections/0/rows/0/seats/1/x", |plan| {
        plan.sections[0].rows[0].seats[1].x = limits::COORDINATE_MAX * 1.01;
    });
    check_fault("/sections/0/rows/0/seats/1/y", |plan| plan.sections[0].rows[0].seats[1].y = f64::NAN);
    check_fault("/focal_point/y", |plan| plan.focal_point = Some((0.0, f64::NEG_INFINITY)));
    check_fault("/areas/0/capacity", |plan| plan.areas[0].capacity = 0);
    check_fault("/areas/0/capacity", |plan| plan.areas[0].capacity = limits::AREA_CAPACITY_MAX + 1);
}

#[test]
fn lists_are_bounded() {
    check_fault("/categories", |plan| {
        plan.categories.resize(limits::CATEGORIES_MAX + 1, CategoryPlan::default());
    });
    check_fault("/areas", |plan| plan.areas.resize(limits::AREAS_MAX + 1, AreaPlan::default()));
    check_fault("/sections", |plan| {
        plan.sections.resize(limits::CHART_SECTIONS_MAX + 1, SectionPlan::default());
    });
    check_fault("/sections/1/rows", |plan| {
        plan.sections[1].rows.resize(limits::CHART_ROWS_MAX, RowPlan::default());
    });
    check_fault("/sections/0/rows/0/seats", |plan| {
        plan.sections[0].rows[0].seats.resize(limits::ROW_SEATS_MAX + 1, SeatPlan::default());
    });
    check_fault("/sections/0/rows/0/seats/2/attributes/1", |plan| {
        let name = |at: usize| format!("attribute {at}");
        let seats = &mut plan.sections[0].rows[0].seats;
        seats[1].attributes = (1..limits::ATTRIBUTES_MAX).map(name).collect();
        seats[2].attributes = (limits::ATTRIBUTES_MAX..=limits::ATTRIBUTES_MAX + 1).map(name).collect();
    });
}
