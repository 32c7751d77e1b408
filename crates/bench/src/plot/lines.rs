//! How something grows: points with their spreads, along a logarithmic axis where they span more than a decade.

use storm::axis::step_of;

use super::{Canvas, TOP, WIDTH, amount};
use crate::results::Spread;

const HEIGHT: f64 = 340.0;
const LEFT: f64 = 78.0;
const RIGHT: f64 = 30.0;
const BOTTOM: f64 = 52.0;
/// From this factor on, an axis is logarithmic.
const LOGARITHMIC_FROM: f64 = 10.0;

/// A point of the line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    pub(crate) at: f64,
    pub(crate) spread: Spread,
}

/// Positions along the lower axis.
struct Across {
    from: f64,
    to: f64,
    is_logarithmic: bool,
}

impl Across {
    fn of(points: &[Point]) -> Self {
        let (least, most) = points.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), point| {
            (least.min(point.at), most.max(point.at))
        });
        let is_logarithmic = least > 0.0 && most / least >= LOGARITHMIC_FROM;
        let scaled = |value: f64| if is_logarithmic { value.log10() } else { value };
        let (from, to) = (scaled(least), scaled(most));
        Self { from, to: if to > from { to } else { from + 1.0 }, is_logarithmic }
    }

    fn x(&self, value: f64) -> f64 {
        let value = if self.is_logarithmic { value.log10() } else { value };
        // Some room on both sides, so that the first point does not lie on the axis.
        let inset = 24.0;
        LEFT + inset + (value - self.from) / (self.to - self.from) * (WIDTH - LEFT - RIGHT - 2.0 * inset)
    }
}

/// A line through the medians; the orange lines show the least and the most. The upright axis begins at nothing.
pub(crate) fn lines(title: &str, axis: &str, points: &[Point]) -> String {
    let mut canvas = Canvas::new(HEIGHT, title);
    let across = Across::of(points);
    let highest = points.iter().map(|point| point.spread.most).fold(f64::MIN_POSITIVE, f64::max);
    let step = step_of(highest, 5.0);
    let top = (highest / step).ceil() * step;
    let bottom = HEIGHT - BOTTOM;
    let y = |value: f64| bottom - value / top * (bottom - TOP);
    let mut value = 0.0;
    while value <= top * 1.000_001 {
        canvas.line("grid", (LEFT, y(value)), (WIDTH - RIGHT, y(value)));
        canvas.tick(LEFT - 8.0, y(value) + 4.0, "end", &amount(value));
        value += step;
    }
    let mut path = String::new();
    for (at, point) in points.iter().enumerate() {
        let x = across.x(point.at);
        canvas.tick(x, bottom + 20.0, "middle", &amount(point.at));
        let letter = if at == 0 { 'M' } else { 'L' };
        path += &format!("{letter}{x:.1} {:.1}", y(point.spread.median));
    }
    let scale = if across.is_logarithmic { " (logarithmic)" } else { "" };
    canvas.tick(WIDTH - RIGHT, bottom + 40.0, "end", &format!("{axis}{scale}"));
    canvas.put(format_args!("<path class=\"line\" d=\"{path}\"/>"));
    for point in points {
        let x = across.x(point.at);
        canvas.line("spread", (x, y(point.spread.least)), (x, y(point.spread.most)));
        canvas.put(format_args!(
            "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{:.1}\" r=\"4\"><title>{}: {}</title></circle>",
            y(point.spread.median),
            amount(point.at),
            amount(point.spread.median)
        ));
    }
    canvas.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: f64, median: f64) -> Point {
        Point { at, spread: Spread { median, least: median, most: median } }
    }

    #[test]
    fn decades_are_as_wide_as_each_other_and_small_steps_stay_even() {
        let wide = Across::of(&[point(1.0, 1.0), point(10.0, 1.0), point(100.0, 1.0)]);
        let width = |across: &Across, from, to| (across.x(to) - across.x(from)).round();
        assert!(wide.is_logarithmic);
        assert_eq!(width(&wide, 1.0, 10.0), width(&wide, 10.0, 100.0));
        let narrow = Across::of(&[point(1.0, 1.0), point(2.0, 1.0), point(3.0, 1.0)]);
        assert!(!narrow.is_logarithmic);
        assert_eq!(width(&narrow, 1.0, 2.0), width(&narrow, 2.0, 3.0));
        assert!(Across::of(&[point(5.0, 1.0)]).x(5.0).is_finite());
    }

    #[test]
    fn what_is_more_stands_higher() {
        let svg = lines("t", "seats", &[point(1_000.0, 10_000.0), point(10_000.0, 20_000.0)]);
        let heights: Vec<f64> = svg
            .lines()
            .filter_map(|line| line.split_once("cy=\"")?.1.split('"').next()?.parse().ok())
            .collect();
        assert_eq!(heights.len(), 2);
        assert!(heights[0] > heights[1], "{svg}");
        assert!((heights[1] - TOP).abs() < 0.1, "the highest step is the top: {svg}");
        assert!(svg.contains(">seats (logarithmic)<") && svg.contains(">10,000<"), "{svg}");
    }
}
