//! Subjects beside each other.

use super::{Canvas, TOP, WIDTH, amount, escaped};
use crate::results::Spread;

const ROW: f64 = 34.0;
const BAR: f64 = 20.0;
const NAMES: f64 = 340.0;
const VALUES: f64 = 90.0;

/// One bar for each name, as long as its median; the line across shows the least and the most.
pub(crate) fn bars(title: &str, rows: &[(String, Spread)]) -> String {
    let height = TOP + ROW * f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX)) + 12.0;
    let most = rows.iter().map(|(_, spread)| spread.most).fold(f64::MIN_POSITIVE, f64::max);
    let x = |value: f64| NAMES + value / most * (WIDTH - NAMES - VALUES);
    let mut canvas = Canvas::new(height, title);
    let mut y = TOP;
    for (name, spread) in rows {
        let class = if name.starts_with("FlashTix") { "bar" } else { "peer" };
        let middle = y + ROW / 2.0;
        canvas.put(format_args!(
            "<text x=\"8\" y=\"{:.1}\">{}</text><rect class=\"{class}\" x=\"{NAMES}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{BAR}\"/>",
            middle + 5.0,
            escaped(name),
            middle - BAR / 2.0,
            x(spread.median) - NAMES
        ));
        canvas.line("spread", (x(spread.least), middle), (x(spread.most), middle));
        canvas.put(format_args!(
            "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            x(spread.most) + 8.0,
            middle + 5.0,
            amount(spread.median)
        ));
        y += ROW;
    }
    canvas.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_medians() {
        let spread = |median| Spread { median, least: median / 2.0, most: median };
        let svg = bars("t", &[("FlashTix <x>".to_owned(), spread(200.0)), ("peer".to_owned(), spread(50.0))]);
        assert!(svg.contains("class=\"bar\" x=\"340\" y=\"53.0\" width=\"330.0\""), "{svg}");
        assert!(svg.contains("class=\"peer\" x=\"340\" y=\"87.0\" width=\"82.5\""), "{svg}");
        assert!(svg.contains("x1=\"505.0\" y1=\"63.0\" x2=\"670.0\""), "{svg}");
        assert!(svg.contains("FlashTix &lt;x>") && svg.ends_with("</svg>\n"), "{svg}");
    }
}
