//! An arena of any size: a stage at one end, a standing floor before it, tiers of seats around the floor, and a ring of
//! boxes between the first tier and the second.
//!
//! First the hall is dimensioned ([`super::hall`]): the smallest one with room for the seats, rounded up to whole rows.
//! What is too much is taken from the last rows, as roofs and doors do in real halls. Where people come in, wheelchairs
//! have their places, each with a companion's beside it. Then every seat is put where it belongs.
//!
//! One unit of the plan is the width of a seat, about half a metre.

use domain::chart::plan::{AreaPlan, CategoryPlan, ChartPlan, RowPlan, SeatPlan, SectionPlan};
use serde_json::value::to_raw_value;

use super::hall::{Hall, Kind, Row, Section};
use crate::wire::chart::ChartDocument;

/// The demo's size.
pub const SEATS_DEFAULT: u32 = 20_000;

/// One in so many seats is accessible.
const SEATS_PER_ACCESSIBLE: u32 = 80;
/// One in so many people stands on the floor.
const SEATS_PER_STANDING: u32 = 20;
/// The fewest people on the floor.
const STANDING_MIN: u32 = 10;
/// Seats so far behind the stage's front see it from the side.
const RESTRICTED_BEHIND: f64 = 1.0;
/// Lower sections whose middle is nearer to the stage than this share of the hall's depth are the best.
const PREMIUM_DEPTH: f64 = 0.7;

/// Key, name, colour and price in euro cents. The colours are from Okabe and Ito's palette, which people with
/// any colour vision can tell apart ("Color Universal Design", 2008).
const CATEGORIES: [(&str, &str, &str, i64); 5] = [
    ("floor", "Floor, standing", "#009E73", 7_900),
    ("box", "Box", "#CC79A7", 24_900),
    ("premium", "Lower tier, front sections", "#D55E00", 12_900),
    ("standard", "Lower tier", "#E69F00", 8_900),
    ("upper", "Upper tiers", "#56B4E9", 5_900),
];

/// Category keys and what they may cost, in euro cents.
#[must_use]
pub fn suggested_prices() -> [(&'static str, i64); 5] {
    CATEGORIES.map(|(key, _, _, price)| (key, price))
}

/// An arena with exactly `seats` seats, and a floor for a twentieth of that besides.
///
/// Believable from some hundred to some hundred thousand seats.
#[must_use]
pub fn arena(seats: u32) -> ChartDocument {
    let hall = Hall::with_room_for(seats);
    let mut sections = hall.sections();
    trim(&mut sections, seats);
    place_wheelchairs(&mut sections, (seats / SEATS_PER_ACCESSIBLE).max(1));
    let floor = AreaPlan {
        name: "Floor".to_owned(),
        capacity: (seats / SEATS_PER_STANDING).max(STANDING_MIN),
        category: "floor".to_owned(),
    };
    let categories = CATEGORIES.map(|(key, name, color, _)| CategoryPlan {
        key: key.to_owned(),
        name: name.to_owned(),
        color: color.to_owned(),
    });
    let sections = sections.iter().filter(|section| section.seats() > 0);
    let document = ChartDocument::new(ChartPlan {
        name: "FlashTix Arena".to_owned(),
        categories: categories.into(),
        sections: sections.map(|section| draw(&hall, section)).collect(),
        areas: vec![floor],
        focal_point: Some((0.0, 0.0)),
    });
    let points: Vec<[f64; 2]> = hall.floor().into_iter().map(|(x, y)| [rounded(x), rounded(y)]).collect();
    match to_raw_value(&serde_json::json!({ "type": "polygon", "points": points })) {
        Ok(shape) => document.with_shape(0, shape),
        Err(_) => document,
    }
}

/// Takes seats away, from the last row of the uppermost tier on, until `seats` are left.
fn trim(sections: &mut [Section], seats: u32) {
    let mut surplus = sections.iter().map(Section::seats).sum::<u32>().saturating_sub(seats);
    let mut kinds: Vec<Kind> = sections.iter().map(|section| section.kind).collect();
    kinds.dedup();
    for kind in kinds.into_iter().rev() {
        let of_kind = || sections.iter().filter(move |section| section.kind == kind);
        let rows_len = of_kind().map(|section| section.rows.len()).max().unwrap_or(0);
        for at in (0..rows_len).rev() {
            let of_kind = sections.iter_mut().filter(|section| section.kind == kind);
            let mut ring: Vec<&mut Row> = of_kind.filter_map(|section| section.rows.get_mut(at)).collect();
            surplus -= shorten(&mut ring, surplus);
        }
    }
}

/// Takes up to `surplus` seats from a ring of rows, from each in proportion; returns how many it took.
fn shorten(ring: &mut [&mut Row], surplus: u32) -> u32 {
    let total: u32 = ring.iter().map(|row| row.seats).sum();
    if surplus >= total {
        ring.iter_mut().for_each(|row| row.seats = 0);
        return total;
    }
    let mut taken = 0;
    let mut seen = 0;
    for row in ring {
        // Rounded so that all the takings together are `surplus`.
        seen += u64::from(row.seats);
        let so_far = u32::try_from(seen * u64::from(surplus) / u64::from(total)).unwrap_or(surplus);
        row.seats -= so_far - taken;
        taken = so_far;
    }
    taken
}

/// Spreads accessible seats over the rows where people come in: the last of the lower tier, the first of the upper
/// ones; and over the rows next to them when that is not enough.
fn place_wheelchairs(sections: &mut [Section], mut wanted: u32) {
    for nth in 0..2 {
        let mut rows: Vec<&mut Row> = sections
            .iter_mut()
            .filter_map(|Section { kind, rows, .. }| match kind {
                Kind::Lower => rows.iter_mut().rev().filter(|row| row.seats > 0).nth(nth),
                Kind::Upper(_) => rows.get_mut(nth),
                Kind::Boxes => None,
            })
            .collect();
        let rows_len = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let share = wanted;
        for (at, row) in (0_u32..).zip(&mut rows) {
            let quota = (at + 1) * share / rows_len - at * share / rows_len;
            row.wheelchairs = quota.min(row.wheelchairs_max());
            wanted -= row.wheelchairs;
        }
        // What the shortest rows could not take goes to whichever can.
        for row in rows {
            let more = wanted.min(row.wheelchairs_max() - row.wheelchairs);
            row.wheelchairs += more;
            wanted -= more;
        }
    }
}

fn draw(hall: &Hall, section: &Section) -> SectionPlan {
    let category = category(hall, section);
    let rows = section.rows.iter().enumerate().filter(|(_, row)| row.seats > 0);
    let rows = rows.map(|(at, row)| RowPlan {
        label: (at + 1).to_string(),
        seats: (0..row.seats).map(|at| seat(hall, section, row, at, category)).collect(),
    });
    SectionPlan { name: section.name.clone(), rows: rows.collect() }
}

fn category(hall: &Hall, section: &Section) -> &'static str {
    let depth = hall.middle(section).1 / hall.depth();
    match section.kind {
        Kind::Boxes => "box",
        Kind::Upper(_) => "upper",
        Kind::Lower if (0.0..PREMIUM_DEPTH).contains(&depth) => "premium",
        Kind::Lower => "standard",
    }
}

fn seat(hall: &Hall, section: &Section, row: &Row, at: u32, category: &str) -> SeatPlan {
    let (x, y) = hall.point(section, row, at);
    let attributes =
        [("companion", row.is_companion(at)), ("restricted_view", y < -RESTRICTED_BEHIND)].into_iter();
    SeatPlan {
        label: (at + 1).to_string(),
        x: rounded(x),
        y: rounded(y),
        category: category.to_owned(),
        accessible: row.is_accessible(at),
        attributes: attributes.filter(|(_, has)| *has).map(|(name, _)| name.to_owned()).collect(),
        guid: None,
    }
}

/// To half a millimetre, which keeps the chart's JSON short.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
