//! The line that an arena's rows follow: a U with rounded corners around the floor, open towards the stage.
//!
//! A row at the distance `d` behind the barrier runs parallel to the floor's edge: as long as that along the straight
//! sides, longer by a quarter of a circle's growth in each corner. Lengths are in widths of a seat.

use std::f64::consts::FRAC_PI_2;

/// The floor's edge. The stage's front is at y = 0, its middle at x = 0; the audience is below, at y > 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outline {
    /// Half the floor's width.
    pub(super) half_width: f64,
    /// Where the sides begin, beside the stage (so it is negative).
    pub(super) side_start: f64,
    /// Where the sides end and the corners begin.
    pub(super) side_end: f64,
    /// The corners' radius, at most `half_width`.
    pub(super) corner_radius: f64,
}

/// A part of the outline: `Side` and `Corner` come twice, the first time on the left as the stage's guests see the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A straight side.
    Side {
        /// Whether it is the second one, which runs upwards.
        right: bool,
    },
    /// A quarter of a circle.
    Corner {
        /// Whether it is the second one.
        right: bool,
    },
    /// The straight end opposite the stage.
    End,
}

/// All parts in the order in which one walks around.
pub(super) const PARTS: [Part; 5] = [
    Part::Side { right: false },
    Part::Corner { right: false },
    Part::End,
    Part::Corner { right: true },
    Part::Side { right: true },
];

impl Outline {
    /// How long `part` is at the distance `d`.
    pub(super) fn len(&self, part: Part, d: f64) -> f64 {
        match part {
            Part::Side { .. } => self.side_end - self.side_start,
            Part::Corner { .. } => (self.corner_radius + d) * FRAC_PI_2,
            Part::End => 2.0 * (self.half_width - self.corner_radius),
        }
    }

    /// The point `along` the way from the start of `part`, at the distance `d`.
    pub(super) fn point(&self, part: Part, d: f64, along: f64) -> (f64, f64) {
        let corner_x = self.half_width - self.corner_radius;
        let radius = self.corner_radius + d;
        match part {
            Part::Side { right: false } => (-(self.half_width + d), self.side_start + along),
            Part::Side { right: true } => (self.half_width + d, self.side_end - along),
            Part::Corner { right: false } => {
                let (sin, cos) = (along / radius).sin_cos();
                (-corner_x - radius * cos, self.side_end + radius * sin)
            }
            Part::Corner { right: true } => {
                let (sin, cos) = (along / radius).sin_cos();
                (corner_x + radius * sin, self.side_end + radius * cos)
            }
            Part::End => (along - corner_x, self.side_end + radius),
        }
    }
}
