//! Bars with their spread, as SVG that needs nothing else: light and dark as the page that shows it.

use std::fmt::Write as _;

use crate::results::Spread;

const WIDTH: f64 = 760.0;
const ROW: f64 = 34.0;
const TOP: f64 = 46.0;
const NAMES: f64 = 230.0;
const VALUES: f64 = 90.0;

/// One bar for each name, as long as its median; the line across shows the least and the most.
pub(crate) fn bars(title: &str, rows: &[(String, Spread)]) -> String {
    let height = TOP + ROW * f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX)) + 12.0;
    let most = rows.iter().map(|(_, spread)| spread.most).fold(f64::MIN_POSITIVE, f64::max);
    let x = |value: f64| NAMES + value / most * (WIDTH - NAMES - VALUES);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"14\">\n\
         <style>text{{fill:#18202b}}.bar{{fill:#1b1f8a}}.peer{{fill:#8a94a3}}.spread{{stroke:#e69f00;stroke-width:2}}\
         @media(prefers-color-scheme:dark){{text{{fill:#eef2f7}}.bar{{fill:#aeb6ff}}.peer{{fill:#5b6a7c}}}}</style>\n\
         <text x=\"8\" y=\"24\" font-weight=\"600\">{}</text>\n",
        escaped(title),
        escaped(title)
    );
    let mut y = TOP;
    for (name, spread) in rows {
        let class = if name.starts_with("FlashTix") { "bar" } else { "peer" };
        let middle = y + ROW / 2.0;
        let written = writeln!(
            svg,
            "<text x=\"8\" y=\"{:.1}\">{}</text><rect class=\"{class}\" x=\"{NAMES}\" y=\"{:.1}\" width=\"{:.1}\" height=\"20\"/>\
             <line class=\"spread\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{middle:.1}\" y2=\"{middle:.1}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{:.0}</text>",
            middle + 5.0,
            escaped(name),
            y + 7.0,
            x(spread.median) - NAMES,
            x(spread.least),
            x(spread.most),
            x(spread.most) + 8.0,
            middle + 5.0,
            spread.median
        );
        debug_assert!(written.is_ok(), "writing to memory");
        y += ROW;
    }
    svg.push_str("</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
