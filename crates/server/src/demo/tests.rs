//! What the demo's halls promise.

use std::collections::{HashMap, HashSet};

use domain::chart::{Chart, Point};

use super::{SEATS_DEFAULT, arena, classic, suggested_prices};

const SIZES: [u32; 8] = [100, 101, 777, 1_000, 5_003, SEATS_DEFAULT, 33_333, 80_000];

fn charts() -> impl Iterator<Item = (u32, Chart)> {
    SIZES.into_iter().map(|seats| (seats, Chart::new(arena(seats).plan()).unwrap()))
}

#[test]
fn has_exactly_the_seats_asked_for() {
    for seats in [0, 1, 2, 7, 50].into_iter().chain(SIZES) {
        // The builder refuses labels that stand twice.
        assert_eq!(Chart::new(arena(seats).plan()).unwrap().seats_len(), seats as usize);
    }
}

#[test]
fn has_a_floor_besides() {
    for (seats, chart) in charts() {
        assert_eq!((&*chart.areas()[0].name, chart.areas()[0].capacity), ("Floor", (seats / 20).max(10)));
    }
}

#[test]
fn has_aisles_that_cut_rows() {
    for (seats, chart) in charts() {
        let (blocks, rows) = (chart.blocks().len(), chart.rows().len());
        assert!(blocks > rows, "{seats} seats: {blocks} blocks in {rows} rows");
    }
}

#[test]
fn one_in_eighty_is_accessible_with_a_companion_beside() {
    for (seats, chart) in charts() {
        let is_companion = |seat| chart.attributes(seat).any(|attribute| attribute == "companion");
        let (mut accessible, mut companions) = (0, 0);
        for row in chart.rows() {
            let seats: Vec<_> = row.seats.clone().map(domain::place::ChartSeat).collect();
            for (at, &seat) in seats.iter().enumerate() {
                companions += u32::from(is_companion(seat));
                if chart.is_accessible(seat) {
                    accessible += 1;
                    let mut beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
                    assert!(beside.any(|at| seats.get(at).is_some_and(|&seat| is_companion(seat))));
                }
            }
        }
        assert_eq!((accessible, companions), (seats / 80, seats / 80), "{seats} seats");
    }
}

#[test]
fn no_two_seats_overlap() {
    for (seats, chart) in charts() {
        let cell = |point: Point| ((point.x / 2.0).floor() as i32, (point.y / 2.0).floor() as i32);
        let mut cells: HashMap<(i32, i32), Vec<Point>> = HashMap::new();
        for seat in chart.seats() {
            let point = chart.position(seat);
            let (x, y) = cell(point);
            for near in (x - 1..=x + 1).flat_map(|x| (y - 1..=y + 1).map(move |y| (x, y))) {
                for other in cells.get(&near).into_iter().flatten() {
                    assert!(point.distance(*other) > 0.6, "{seats} seats: {}", chart.label(seat));
                }
            }
            cells.entry((x, y)).or_default().push(point);
        }
    }
}

#[test]
fn sections_are_named_like_real_ones() {
    let document = arena(SEATS_DEFAULT);
    let names: Vec<&str> = document.plan().sections.iter().map(|section| &*section.name).collect();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    for name in ["101", "201", "Box 1"] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    for section in document.plan().sections.iter().filter(|section| section.name.starts_with("Box")) {
        let seats: usize = section.rows.iter().map(|row| row.seats.len()).sum();
        assert!((8..=12).contains(&seats), "{} has {seats} seats", section.name);
    }
}

#[test]
fn rows_grow_with_the_curve() {
    let document = arena(SEATS_DEFAULT);
    let grows = |section: &&domain::chart::plan::SectionPlan| {
        section.rows.len() > 10 && section.rows[0].seats.len() + 4 < section.rows[9].seats.len()
    };
    assert!(document.plan().sections.iter().filter(grows).count() >= 4);
}

#[test]
fn beside_the_stage_the_view_is_restricted() {
    let chart = Chart::new(arena(SEATS_DEFAULT).plan()).unwrap();
    let mut restricted = 0;
    for seat in chart.seats() {
        let is_restricted = chart.attributes(seat).any(|attribute| attribute == "restricted_view");
        assert_eq!(is_restricted, chart.position(seat).y < -1.0, "{}", chart.label(seat));
        restricted += u32::from(is_restricted);
    }
    assert!((200..2_000).contains(&restricted), "{restricted}");
}

#[test]
fn every_category_is_used_and_priced() {
    let chart = Chart::new(arena(SEATS_DEFAULT).plan()).unwrap();
    let mut used: Vec<&str> =
        chart.seats().map(|seat| &*chart.categories()[usize::from(chart.category(seat))].key).collect();
    used.push("floor");
    let used: HashSet<&str> = used.into_iter().collect();
    let priced: HashSet<&str> = suggested_prices().iter().map(|&(key, _)| key).collect();
    assert_eq!((used.len(), &used), (5, &priced));
    assert!(suggested_prices().iter().all(|&(_, price)| price > 0));
    let colors: HashSet<&str> = chart.categories().iter().map(|category| &*category.color).collect();
    assert_eq!(colors.len(), 5);
}

#[test]
fn the_classic_hall_numbers_its_seats() {
    let chart = Chart::new(classic().plan()).unwrap();
    assert_eq!((chart.seats_len(), chart.blocks().len()), (100, 10));
    for (number, seat) in (1..).zip(chart.seats()) {
        assert_eq!(chart.find(&format!("Classic-Seat-{number}")), Some(seat));
    }
}
