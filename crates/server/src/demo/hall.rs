//! An arena's dimensions: how wide the floor is, how many tiers and rows surround it, and how they are cut into sections.
//!
//! Every section has a stair in its middle and stairs on both sides; in the first rows of the upper tiers the middle
//! stair widens into an entrance.

use super::outline::{Outline, PARTS, Part};

/// From one row to the next: 0.9 m.
const ROW_PITCH: f64 = 1.8;
/// From the floor's barrier to the first row.
const FIRST_ROW: f64 = 3.0;
/// Between a tier's last row and what is behind it.
const GANGWAY: f64 = 4.0;
/// From the last seat beside a stair to the first behind it: far enough apart not to be neighbours.
const STAIR: f64 = 2.6;
/// The same across an entrance.
const ENTRANCE: f64 = 6.0;
/// How many of an upper tier's rows an entrance cuts into.
const ENTRANCE_ROWS: usize = 5;
/// Where this many seats do not fit on either side, a row has no stair in its middle.
const HALF_ROW_SEATS_MIN: u32 = 3;
/// How wide sections are, about.
const SECTION_WIDTH: f64 = 24.0;
/// How wide boxes are, walls included, about.
const BOX_WIDTH: f64 = 8.0;
/// The fewest and the most seats of a box's row; a box has two rows.
const BOX_ROW_SEATS: (u32, u32) = (4, 6);
/// A tier with more rows would be too steep.
const TIER_ROWS_MAX: usize = 30;
/// Halls of fewer rows than this have one tier.
const TWO_TIERS_ROWS_MIN: usize = 8;
/// Halls smaller than this share of the default have no boxes.
const BOXES_SCALE_MIN: f64 = 0.15;

/// The hall's dimensions.
pub(super) struct Hall {
    outline: Outline,
    tiers: Vec<Tier>,
}

/// A ring of rows.
struct Tier {
    kind: Kind,
    /// Of its first row, from the floor's edge.
    distance: f64,
    rows: usize,
}

/// What a section belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first tier.
    Lower,
    /// The ring behind it.
    Boxes,
    /// A further tier, counted from 2.
    Upper(usize),
}

/// A section before it is drawn.
pub(super) struct Section {
    /// As on the tickets.
    pub(super) name: String,
    /// Its tier.
    pub(super) kind: Kind,
    /// Front to back.
    pub(super) rows: Vec<Row>,
    part: Part,
    /// Where on the part its middle is, from 0 to 1.
    middle: f64,
}

/// A row before it is drawn.
pub(super) struct Row {
    /// How many seats it has.
    pub(super) seats: u32,
    /// How many of them are accessible, each with a companion's beside it.
    pub(super) wheelchairs: u32,
    /// From the floor's edge.
    distance: f64,
    /// From the last seat left of the middle to the first right of it.
    gap: f64,
}

impl Hall {
    /// The smallest hall with room for `seats`.
    pub(super) fn with_room_for(seats: u32) -> Self {
        let room = |scale: f64| Self::of_scale(scale).sections().iter().map(Section::seats).sum::<u32>();
        let (mut low, mut high) = (0.0, 1.0);
        while room(high) < seats {
            high *= 2.0;
        }
        // To a thousandth of the default hall's size, which is less than one seat a row.
        while high - low > 0.001 {
            let middle = f64::midpoint(low, high);
            if room(middle) < seats {
                low = middle;
            } else {
                high = middle;
            }
        }
        Self::of_scale(high)
    }

    /// The default arena at 1.0; lengths grow in proportion, rows and seats keep their sizes.
    fn of_scale(scale: f64) -> Self {
        let outline = Outline {
            half_width: 6.0 + 26.0 * scale,
            side_start: -14.0 * scale,
            side_end: 6.0 + 64.0 * scale,
            corner_radius: 3.0 + 17.0 * scale,
        };
        let rows = rounded_down(2.5 + 48.0 * scale);
        let tiers_len = if rows < TWO_TIERS_ROWS_MIN { 1 } else { rows.div_ceil(TIER_ROWS_MAX).max(2) };
        let mut distance = FIRST_ROW;
        let mut tiers = Vec::new();
        for at in 0..tiers_len {
            if at == 1 && scale >= BOXES_SCALE_MIN {
                tiers.push(Tier { kind: Kind::Boxes, distance, rows: 2 });
                distance += 2.0 * ROW_PITCH + GANGWAY;
            }
            let kind = if at == 0 { Kind::Lower } else { Kind::Upper(at + 1) };
            let rows = (rows + at) / tiers_len;
            tiers.push(Tier { kind, distance, rows });
            distance += across(rows) + GANGWAY;
        }
        Self { outline, tiers }
    }

    /// All sections, as one walks around tier by tier.
    pub(super) fn sections(&self) -> Vec<Section> {
        let mut sections = Vec::new();
        for tier in &self.tiers {
            let start = sections.len();
            sections.extend(PARTS.into_iter().flat_map(|part| self.part_sections(tier, part)));
            name(tier.kind, &mut sections[start..]);
        }
        sections
    }

    /// Cuts one part of a tier into sections of about the usual width.
    fn part_sections(&self, tier: &Tier, part: Part) -> impl Iterator<Item = Section> {
        let width = if tier.kind == Kind::Boxes { BOX_WIDTH } else { SECTION_WIDTH };
        let middle_row = tier.distance + across(tier.rows) / 2.0;
        let count = rounded_down(self.outline.len(part, middle_row) / width + 0.5).max(1) as f64;
        let sections = (0..).map(f64::from).take_while(move |&at| at < count).map(move |at| Section {
            name: String::new(),
            kind: tier.kind,
            part,
            middle: (at + 0.5) / count,
            rows: (0..tier.rows)
                .map(|row| {
                    let distance = tier.distance + across(row);
                    Row::new(tier.kind, row, distance, self.outline.len(part, distance) / count - STAIR)
                })
                .collect(),
        });
        sections.filter(|section| section.seats() > 0)
    }

    /// Where a row's seat number `at`, counted from 0, stands.
    pub(super) fn point(&self, section: &Section, row: &Row, at: u32) -> (f64, f64) {
        let middle = self.outline.len(section.part, row.distance) * section.middle;
        self.outline.point(section.part, row.distance, middle + row.way_from_middle(at))
    }

    /// The middle of a section's first row.
    pub(super) fn middle(&self, section: &Section) -> (f64, f64) {
        let distance = section.rows.first().map_or(0.0, |row| row.distance);
        let len = self.outline.len(section.part, distance);
        self.outline.point(section.part, distance, len * section.middle)
    }

    /// From the stage to the far end of the floor.
    pub(super) fn depth(&self) -> f64 {
        self.outline.point(Part::End, 0.0, 0.0).1
    }

    /// The floor's corners.
    pub(super) fn floor(&self) -> Vec<(f64, f64)> {
        let half_width = self.outline.half_width;
        let corners = [false, true].map(|right| Part::Corner { right });
        let arcs = corners.into_iter().flat_map(|part| {
            let step = self.outline.len(part, 0.0) / 6.0;
            (0..=6).map(move |at| self.outline.point(part, 0.0, step * f64::from(at)))
        });
        [(half_width, 0.0), (-half_width, 0.0)].into_iter().chain(arcs).collect()
    }
}

impl Section {
    /// How many seats it has.
    pub(super) fn seats(&self) -> u32 {
        self.rows.iter().map(|row| row.seats).sum()
    }
}

impl Row {
    /// As many seats as fit into `len`, the `at`-th row of its section.
    fn new(kind: Kind, at: usize, distance: f64, len: f64) -> Self {
        let entire = count_within(len);
        let (seats, gap) = match kind {
            Kind::Boxes if entire < BOX_ROW_SEATS.0 => (0, 1.0),
            Kind::Boxes => (entire.min(BOX_ROW_SEATS.1), 1.0),
            Kind::Lower | Kind::Upper(_) => {
                let gap = if kind != Kind::Lower && at < ENTRANCE_ROWS { ENTRANCE } else { STAIR };
                match count_within((len - gap) / 2.0) {
                    half if half >= HALF_ROW_SEATS_MIN => (2 * half, gap),
                    _ => (entire, 1.0),
                }
            }
        };
        Self { seats, wheelchairs: 0, distance, gap }
    }

    /// The seat's way from the middle of the row, negative on the left.
    fn way_from_middle(&self, at: u32) -> f64 {
        let (is_left, outwards) = self.outwards(at);
        let way = self.gap / 2.0 + f64::from(outwards);
        if is_left { -way } else { way }
    }

    /// On which side a seat is, and how many are between it and the middle.
    fn outwards(&self, at: u32) -> (bool, u32) {
        let left = self.seats / 2;
        if at < left { (true, left - 1 - at) } else { (false, at - left) }
    }

    /// How many accessible seats, each with a companion's, have room on both sides of the middle.
    pub(super) fn wheelchairs_max(&self) -> u32 {
        let left = self.seats / 2;
        let right = self.seats - left;
        (left / 2) * 2 + u32::from(right / 2 > left / 2)
    }

    /// Whether a seat is accessible: every other one from the middle, where one comes in.
    pub(super) fn is_accessible(&self, at: u32) -> bool {
        self.is_wheelchair_pair(at) && self.outwards(at).1.is_multiple_of(2)
    }

    /// Whether a seat is a companion's.
    pub(super) fn is_companion(&self, at: u32) -> bool {
        self.is_wheelchair_pair(at) && !self.outwards(at).1.is_multiple_of(2)
    }

    fn is_wheelchair_pair(&self, at: u32) -> bool {
        let (is_left, outwards) = self.outwards(at);
        let left = self.wheelchairs / 2;
        outwards / 2 < if is_left { left } else { self.wheelchairs - left }
    }
}

/// Names a tier's sections as they are walked past: 101, 102, …; 201, …; Box 1, ….
fn name(kind: Kind, sections: &mut [Section]) {
    let hundred = if sections.len() < 100 { 100 } else { 1_000 };
    for (number, section) in (1..).zip(sections) {
        section.name = match kind {
            Kind::Lower => (hundred + number).to_string(),
            Kind::Upper(tier) => (tier * hundred + number).to_string(),
            Kind::Boxes => format!("Box {number}"),
        };
    }
}

/// How far `rows` rows reach.
fn across(rows: usize) -> f64 {
    rows as f64 * ROW_PITCH
}

/// How many seats stand on a line of this length, one at either end.
fn count_within(len: f64) -> u32 {
    if len < 0.0 { 0 } else { u32::try_from(rounded_down(len)).map_or(u32::MAX, |count| count + 1) }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts, never negative")]
fn rounded_down(value: f64) -> usize {
    value as usize
}
