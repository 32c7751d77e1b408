//! How long things take, outcome by outcome, on a logarithmic axis.

use super::{Canvas, TOP, WIDTH, escaped};

const ROW: f64 = 34.0;
const NAMES: f64 = 230.0;
const RIGHT: f64 = 30.0;
const BOTTOM: f64 = 34.0;
/// Dots for the percentiles, the lower the larger; the slowest of all is a stroke.
const RADII: [f64; 4] = [7.0, 5.5, 4.5, 3.5];

/// An outcome with its percentiles in microseconds: the 50th, 90th, 99th, 99.9th, and the slowest.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// `good`, `no` or `bad`.
    pub(crate) class: &'static str,
    pub(crate) micros: [f64; 5],
}

/// A row for each outcome. Nothing if there is none.
pub(crate) fn percentiles(title: &str, rows: &[Row]) -> Option<String> {
    let all = || rows.iter().flat_map(|row| row.micros).map(|micros| micros.max(1.0));
    let (least, most) = (all().reduce(f64::min)?, all().reduce(f64::max)?);
    let from = least.log10().floor();
    let to = most.log10().ceil().max(from + 1.0);
    let bottom = TOP + ROW * f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX));
    let x = |micros: f64| NAMES + (micros.max(1.0).log10() - from) / (to - from) * (WIDTH - NAMES - RIGHT);
    let mut canvas = Canvas::new(bottom + BOTTOM, title);
    let mut decade = from;
    while decade <= to {
        let at = x(10_f64.powf(decade));
        canvas.line("grid", (at, TOP), (at, bottom));
        canvas.tick(at, bottom + 18.0, "middle", &duration(10_f64.powf(decade)));
        decade += 1.0;
    }
    let mut y = TOP + ROW / 2.0;
    for row in rows {
        let [p50, .., most] = row.micros;
        canvas.put(format_args!("<text x=\"8\" y=\"{:.1}\">{}</text>", y + 5.0, escaped(&row.name)));
        canvas.line("whisker", (x(p50), y), (x(most), y));
        canvas.line("whisker", (x(most), y - 7.0), (x(most), y + 7.0));
        for ((micros, radius), name) in row.micros.into_iter().zip(RADII).zip(["p50", "p90", "p99", "p99.9"])
        {
            canvas.put(format_args!(
                "<circle class=\"{}\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"{radius}\"><title>{name}: {}</title></circle>",
                row.class,
                x(micros),
                duration(micros)
            ));
        }
        y += ROW;
    }
    Some(canvas.done())
}

fn duration(micros: f64) -> String {
    match micros {
        1e6.. => format!("{} s", super::amount(micros / 1e6)),
        1e3.. => format!("{} ms", super::amount(micros / 1e3)),
        _ => format!("{} µs", super::amount(micros)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decade_is_a_decade_wherever_it_is() {
        let row = |name: &str, micros| Row { name: name.to_owned(), class: "good", micros };
        let rows = [
            row("booked", [100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0]),
            row("shed", [50.0, 50.0, 50.0, 50.0, 50.0]),
        ];
        let svg = percentiles("t", &rows).expect("a plot");
        let x: Vec<f64> = svg
            .lines()
            .filter_map(|line| line.split_once("cx=\"")?.1.split('"').next()?.parse().ok())
            .collect();
        assert_eq!(x.len(), 8);
        let wide = x[1] - x[0];
        assert!(wide > 50.0 && x[..4].windows(2).all(|pair| (pair[1] - pair[0] - wide).abs() < 0.2), "{x:?}");
        assert!(x[4] < x[0]);
        assert!(svg.contains(">100 ms<") && svg.contains(">10 µs<") && svg.contains("p99: 10 ms"), "{svg}");
        assert_eq!(percentiles("t", &[]), None);
    }
}
