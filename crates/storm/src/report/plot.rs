//! The plots of the HTML report: SVG, coloured by the page's style sheet so that they follow its
//! light and dark mode.

use std::fmt::Write as _;

use super::{Report, grouped, time};
use crate::Outcome;
use crate::axis::step_of;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 300.0;
/// Room for the labels of the axes.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 34.0;
/// The most points along the time axis; a finer series is summed up.
const POINTS_MAX: usize = 240;
/// One outcome's row in the plot of latencies, and the room for its name.
const LANE_HEIGHT: f64 = 34.0;
const LANE_NAME_WIDTH: f64 = 150.0;

/// Positions of the plotting area.
#[derive(Debug, Clone, Copy)]
struct Area {
    left: f64,
    height: f64,
    x_max: f64,
    y_max: f64,
}

impl Area {
    fn x(&self, value: f64) -> f64 {
        self.left + value / self.x_max * (WIDTH - self.left - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        TOP + (1.0 - value / self.y_max) * (self.height - TOP - BOTTOM)
    }

    fn bottom(&self) -> f64 {
        self.height - BOTTOM
    }
}

fn open_svg(out: &mut String, height: f64, label: &str) {
    push(out, format_args!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{label}\">"));
}

fn push(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    out.write_fmt(arguments).unwrap_or_else(|_| unreachable!("a String takes every text"));
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "axes start at zero")]
fn amount(value: f64, step: f64) -> String {
    // One way of writing along an axis: thousands if every step is whole ones.
    if step >= 1_000.0 && value > 0.0 {
        format!("{}k", grouped((value / 1_000.0).round() as u64))
    } else if step >= 1.0 {
        grouped(value.round() as u64)
    } else {
        format!("{value:.1}")
    }
}

fn seconds(value: f64, step: f64) -> String {
    if step < 1.0 { format!("{value:.*} s", if step < 0.1 { 2 } else { 1 }) } else { format!("{value:.0} s") }
}

/// Horizontal lines with amounts, and times along the bottom.
fn draw_axes(out: &mut String, area: &Area) {
    let step = step_of(area.y_max, 5.0);
    let mut value = 0.0;
    while value <= area.y_max * 1.000_001 {
        let y = area.y(value);
        push(
            out,
            format_args!(
                "<line class=\"grid\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                area.left,
                WIDTH - RIGHT,
                area.left - 8.0,
                y + 4.0,
                amount(value, step)
            ),
        );
        value += step;
    }
    let step = step_of(area.x_max, 10.0);
    let mut value = 0.0;
    while value <= area.x_max * 1.000_001 {
        let x = area.x(value);
        // At the right edge a centred label would be cut off.
        let anchor = if x > WIDTH - RIGHT - 20.0 { "end" } else { "middle" };
        push(
            out,
            format_args!(
                "<text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                area.bottom() + 20.0,
                seconds(value, step)
            ),
        );
        value += step;
    }
}

/// Requests per second over time, stacked by outcome. Nothing if there were none.
#[expect(clippy::cast_precision_loss, reason = "pixels")]
pub(super) fn requests_over_time(report: &Report) -> Option<String> {
    let series = &report.series;
    let steps = series.outcomes.values().map(Vec::len).max().filter(|&steps| steps > 0)?;
    let merged = steps.div_ceil(POINTS_MAX);
    let points = steps.div_ceil(merged);
    let width_seconds = series.step_seconds * merged as f64;
    // The last step is rarely a whole one; its rate is taken over the time it covered.
    let whole_seconds = report.times.wall_seconds.max(series.step_seconds);
    let rate_at = |counts: &[u32], point: usize| {
        let range = point * merged..((point + 1) * merged).min(counts.len());
        let sum: u64 = counts.get(range).unwrap_or_default().iter().map(|&count| u64::from(count)).sum();
        let covered =
            (whole_seconds - point as f64 * width_seconds).clamp(series.step_seconds / 2.0, width_seconds);
        sum as f64 / covered
    };
    let mut below = vec![0.0; points];
    let mut layers: Vec<(Outcome, Vec<(f64, f64)>)> = Vec::new();
    for outcome in Outcome::ALL {
        let Some(counts) = series.outcomes.get(outcome.name()) else { continue };
        let layer = below.iter_mut().enumerate().map(|(point, below)| {
            let from = *below;
            *below += rate_at(counts, point);
            (from, *below)
        });
        layers.push((outcome, layer.collect()));
    }
    let highest = below.iter().copied().fold(0.0, f64::max).max(1.0);
    let y_max = (highest / step_of(highest, 5.0)).ceil() * step_of(highest, 5.0);
    let area = Area { left: LEFT, height: HEIGHT, x_max: points as f64 * width_seconds, y_max };
    let mut out = String::new();
    open_svg(&mut out, HEIGHT, "Requests per second over time, by outcome");
    draw_axes(&mut out, &area);
    for (outcome, layer) in &layers {
        // Steps, not slopes: a point is a sum over its time, nothing in between is known.
        let mut path = String::new();
        for (point, (_, top)) in layer.iter().enumerate() {
            let (x0, x1) = (area.x(point as f64 * width_seconds), area.x((point + 1) as f64 * width_seconds));
            let command = if point == 0 { 'M' } else { 'L' };
            push(&mut path, format_args!("{command}{x0:.1} {0:.1}H{x1:.1}", area.y(*top)));
        }
        for (point, (bottom, _)) in layer.iter().enumerate().rev() {
            let (x0, x1) = (area.x(point as f64 * width_seconds), area.x((point + 1) as f64 * width_seconds));
            push(&mut path, format_args!("L{x1:.1} {0:.1}H{x0:.1}", area.y(*bottom)));
        }
        push(
            &mut out,
            format_args!(
                "<path class=\"layer {}\" d=\"{path}Z\"><title>{}</title></path>",
                outcome.name(),
                outcome.title()
            ),
        );
    }
    out.push_str("</svg>");
    Some(out)
}

/// Percentiles of every outcome on a logarithmic scale. Nothing if there were no requests.
#[expect(clippy::cast_precision_loss, reason = "pixels")]
pub(super) fn latencies(report: &Report) -> Option<String> {
    let rows: Vec<_> = report.outcomes.iter().filter(|row| row.count > 0).collect();
    let least = rows.iter().map(|row| row.latency.p50_micros).min()?.max(1) as f64;
    let most = rows.iter().map(|row| row.latency.max_micros).max()?.max(1) as f64;
    let (from, to) = (least.log10().floor(), (most * 1.000_001).log10().ceil());
    let to = to.max(from + 1.0);
    let height = TOP + rows.len() as f64 * LANE_HEIGHT + BOTTOM;
    let area = Area { left: LANE_NAME_WIDTH, height, x_max: to - from, y_max: 1.0 };
    let x = |micros: u64| area.x(((micros.max(1) as f64).log10() - from).max(0.0));
    let mut out = String::new();
    open_svg(&mut out, height, "Latency percentiles by outcome, logarithmic");
    let mut decade = from;
    while decade <= to {
        let at = area.x(decade - from);
        let anchor = if decade >= to { "end" } else { "middle" };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a power of ten")]
        let name = decade_name(10_f64.powf(decade) as u64);
        push(
            &mut out,
            format_args!(
                "<line class=\"grid\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{:.1}\"/>\
             <text class=\"tick\" x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{name}</text>",
                area.bottom(),
                area.bottom() + 20.0
            ),
        );
        decade += 1.0;
    }
    for (lane, row) in rows.iter().enumerate() {
        let y = TOP + (lane as f64 + 0.5) * LANE_HEIGHT;
        let (class, latency) = (row.outcome.name(), &row.latency);
        push(
            &mut out,
            format_args!(
                "<text class=\"lane\" x=\"0\" y=\"{:.1}\">{}</text>\
             <line class=\"whisker {class}\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>",
                y + 4.5,
                row.outcome.title(),
                x(latency.p50_micros),
                x(latency.max_micros)
            ),
        );
        for ((name, micros), radius) in latency.named().into_iter().zip([7.0, 5.5, 4.5, 3.5, 0.0]) {
            let at = x(micros);
            let tip = format!("{} {name}: {}", row.outcome.title(), time(micros));
            if radius > 0.0 {
                push(
                    &mut out,
                    format_args!(
                        "<circle class=\"dot {class}\" cx=\"{at:.1}\" cy=\"{y:.1}\" r=\"{radius}\"><title>{tip}</title></circle>"
                    ),
                );
            } else {
                push(
                    &mut out,
                    format_args!(
                        "<line class=\"end {class}\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"><title>{tip}</title></line>",
                        y - 8.0,
                        y + 8.0
                    ),
                );
            }
        }
    }
    out.push_str("</svg>");
    Some(out)
}

fn decade_name(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{} ms", micros / 1_000),
        _ => format!("{} s", grouped(micros / 1_000_000)),
    }
}

/// Places left over time. Nothing if that is not known.
#[expect(clippy::cast_precision_loss, reason = "pixels")]
pub(super) fn places_left(report: &Report) -> Option<String> {
    let left = &report.series.left;
    let most = left.iter().map(|(_, left)| *left).max()?.max(1) as f64;
    let last = left.last().map(|(at, _)| *at).filter(|&at| at > 0.0)?;
    let y_max = (most / step_of(most, 5.0)).ceil() * step_of(most, 5.0);
    let area = Area { left: LEFT, height: HEIGHT, x_max: last, y_max };
    let mut line = String::new();
    for (index, (at, left)) in thinned(left) {
        let command = if index == 0 { 'M' } else { 'L' };
        push(&mut line, format_args!("{command}{:.1} {:.1}", area.x(at), area.y(left as f64)));
    }
    let (first, bottom) = (area.x(left[0].0), area.bottom());
    let mut out = String::new();
    open_svg(&mut out, HEIGHT, "Places left over time");
    draw_axes(&mut out, &area);
    push(
        &mut out,
        format_args!(
            "<path class=\"under\" d=\"{line}L{:.1} {bottom:.1}L{first:.1} {bottom:.1}Z\"/>\
         <path class=\"left\" d=\"{line}\"/></svg>",
            area.x(last)
        ),
    );
    Some(out)
}

/// At most about [`POINTS_MAX`] points, the last one always.
fn thinned(points: &[(f64, u64)]) -> impl Iterator<Item = (usize, (f64, u64))> + '_ {
    let every = points.len().div_ceil(POINTS_MAX).max(1);
    let last = points.len() - 1;
    points.iter().copied().enumerate().filter(move |(index, _)| index % every == 0 || *index == last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_both_ends() {
        let points: Vec<(f64, u64)> = (0..10_001).map(|n| (f64::from(n), 0)).collect();
        let kept: Vec<usize> = thinned(&points).map(|(index, _)| index).collect();
        assert!(kept.len() <= POINTS_MAX + 1);
        assert_eq!((kept[0], kept.last().copied()), (0, Some(10_000)));
    }
}
