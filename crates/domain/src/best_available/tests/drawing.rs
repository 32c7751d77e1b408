//! Halls drawn as text.
//!
//! A line is a row: its label (with `Section/` before it when it is not in the section before), and its seats:
//! `.` free and of category A, `,` of category B, `w` accessible, `c` a companion seat, `x` and `W` taken, `_` no seat:
//! an aisle. Rows are 10 apart, seats 1; the first row is at 10 and the stage, if the `*` line has only its column, at 0.

use std::fmt;

use crate::best_available::{Shortage, Wish, choose};
use crate::chart::Chart;
use crate::chart::plan::{CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};
use crate::inventory::FreeMap;
use crate::place::ChartSeat;

/// A hall with some seats taken.
pub(super) struct Hall {
    pub(super) chart: Chart,
    pub(super) free: FreeMap,
    rows: Vec<Vec<char>>,
}

/// A wish for so many seats, without any conditions.
pub(super) fn party(seats: usize) -> Wish<'static> {
    Wish { seats, categories: None, sections: None, accessible: false, adjacent: false }
}

fn category(key: &str) -> CategoryPlan {
    CategoryPlan { key: key.to_owned(), name: key.to_owned(), color: String::new() }
}

impl fmt::Debug for Hall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.draw(&[])).finish()
    }
}

impl Hall {
    /// Reads a drawing: where the stage is, and labelled rows.
    pub(super) fn new(stage: (f64, f64), rows: &[(&str, &str)]) -> Self {
        let mut sections: Vec<SectionPlan> = Vec::new();
        let mut y = 0.0;
        for (label, drawn) in rows {
            let (section, label) = label.split_once('/').map_or((None, *label), |(s, l)| (Some(s), l));
            if section.is_some() || sections.is_empty() {
                let name = section.unwrap_or("S").to_owned();
                sections.push(SectionPlan { name, rows: Vec::new() });
            }
            y += 10.0;
            let seats = (0_u32..).zip(drawn.chars()).filter(|(_, seat)| *seat != '_');
            let seats = seats.map(|(x, kind)| SeatPlan {
                label: x.to_string(),
                x: f64::from(x),
                y,
                category: if kind == ',' { "B" } else { "A" }.to_owned(),
                accessible: "wW".contains(kind),
                attributes: if kind == 'c' { vec!["companion".to_owned()] } else { Vec::new() },
                guid: None,
            });
            let row = RowPlan { label: label.to_owned(), seats: seats.collect() };
            sections.last_mut().unwrap().rows.push(row);
        }
        let plan = ChartPlan {
            name: "Hall".to_owned(),
            categories: vec![category("A"), category("B")],
            sections,
            focal_point: Some(stage),
            ..ChartPlan::default()
        };
        let chart = Chart::new(&plan).unwrap();
        let rows: Vec<Vec<char>> = rows.iter().map(|(_, drawn)| drawn.chars().collect()).collect();
        let drawn: Vec<char> = rows.iter().flatten().copied().filter(|seat| *seat != '_').collect();
        let free = FreeMap::new(&chart, |seat| !"xW".contains(drawn[seat.at()]));
        Self { chart, free, rows }
    }

    /// Draws the hall with the chosen seats as `#`.
    fn draw(&self, chosen: &[ChartSeat]) -> Vec<String> {
        let mut seat = 0;
        let mut row = |row: &Vec<char>| {
            row.iter()
                .map(|&kind| {
                    let is_chosen = kind != '_' && chosen.contains(&ChartSeat(seat));
                    seat += u32::from(kind != '_');
                    if is_chosen { '#' } else { kind }
                })
                .collect()
        };
        self.rows.iter().map(&mut row).collect()
    }
}

/// Chooses in a drawn hall; every line has a row's label, the row before, and the row with the chosen seats.
pub(super) fn check(wish: Wish<'_>, drawing: &str) {
    let (stage, rows) = read(drawing);
    let before: Vec<(&str, &str)> = rows.iter().map(|row| (row[0], row[1])).collect();
    let hall = Hall::new(stage, &before);
    let chosen = choose(&hall.chart, &hall.free, &wish).unwrap();
    assert!(chosen.is_sorted(), "in the chart's order");
    let expected: Vec<&str> = rows.iter().map(|row| row[2]).collect();
    assert_eq!(hall.draw(&chosen), expected, "for {wish:?} in {drawing}");
}

/// Chooses in a drawn hall, and expects a shortage.
pub(super) fn check_shortage(wish: Wish<'_>, drawing: &str, expected: Shortage) {
    let (stage, rows) = read(drawing);
    let rows: Vec<(&str, &str)> = rows.iter().map(|row| (row[0], row[1])).collect();
    let hall = Hall::new(stage, &rows);
    assert_eq!(choose(&hall.chart, &hall.free, &wish), Err(expected), "for {wish:?} in {drawing}");
}

/// Where the stage is, and the words of every other line.
fn read(drawing: &str) -> ((f64, f64), Vec<Vec<&str>>) {
    let mut stage = (0.0, 0.0);
    let mut rows = Vec::new();
    for line in drawing.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words[0] == "*" {
            stage = (words[1].parse().unwrap(), words.get(2).map_or(0.0, |y| y.parse().unwrap()));
        } else {
            rows.push(words);
        }
    }
    (stage, rows)
}
