//! Plots as SVG that needs nothing else, all of one look: light and dark as the page that shows them.
//!
//! `bars` puts subjects beside each other, `lines` shows how something grows, `percentiles` how long things take, `flames` where
//! time goes.

mod bars;
mod flames;
mod lines;
mod percentiles;

use std::fmt::Write as _;

pub(crate) use bars::bars;
pub(crate) use flames::flames;
pub(crate) use lines::{Point, lines};
pub(crate) use percentiles::{Row, percentiles};
use storm::axis::grouped;

const WIDTH: f64 = 760.0;
/// Where the title stands, and where what is below it begins.
const TITLE: f64 = 24.0;
const TOP: f64 = 46.0;

/// Ours is dark blue, others are grey, spreads are orange; outcomes have a colour each.
const STYLE: &str = "text{fill:#18202b}.tick{fill:#55606e;font-size:12px}.bar{fill:#1b1f8a}.peer{fill:#8a94a3}\
    .spread{stroke:#e69f00;stroke-width:2}.grid{stroke:#d5dae1}.line{fill:none;stroke:#1b1f8a;stroke-width:2}\
    .dot{fill:#1b1f8a}.good{fill:#1b7f4d}.no{fill:#8a94a3}.bad{fill:#b3261e}.whisker{stroke:#8a94a3;stroke-width:2}\
    @media(prefers-color-scheme:dark){text{fill:#eef2f7}.tick{fill:#a9b4c2}.bar,.dot{fill:#aeb6ff}.peer{fill:#5b6a7c}\
    .grid{stroke:#2c3642}.line{stroke:#aeb6ff}.good{fill:#5fd39b}.no{fill:#8a98a8}.bad{fill:#ff8a80}.whisker{stroke:#5b6a7c}}";

/// An SVG in the making.
struct Canvas {
    svg: String,
}

impl Canvas {
    fn new(height: f64, title: &str) -> Self {
        let title = escaped(title);
        let mut canvas = Self { svg: String::new() };
        canvas.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\" \
             font-family=\"system-ui, sans-serif\" font-size=\"14\">\n<style>{STYLE}</style>\n\
             <text x=\"8\" y=\"{TITLE}\" font-weight=\"600\">{title}</text>"
        ));
        canvas
    }

    /// A line of it.
    fn put(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.svg.write_fmt(arguments).expect("a text takes what is written to it");
        self.svg.push('\n');
    }

    /// A word beside an axis: `anchor` is where its position is, `start`, `middle` or `end`.
    fn tick(&mut self, x: f64, y: f64, anchor: &str, word: &str) {
        let word = escaped(word);
        self.put(format_args!(
            "<text class=\"tick\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{word}</text>"
        ));
    }

    fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        self.put(format_args!(
            "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
            from.0, from.1, to.0, to.1
        ));
    }

    fn done(mut self) -> String {
        self.svg.push_str("</svg>\n");
        self.svg
    }
}

/// A figure with as many digits as say something.
pub(crate) fn amount(value: f64) -> String {
    match value.abs() {
        100.0.. => {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is rounded and not negative"
            )]
            let whole = grouped(value.abs().round() as u64);
            if value < 0.0 { format!("-{whole}") } else { whole }
        }
        _ if value == value.trunc() => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_as_many_digits_as_say_something() {
        let told = [0.0, 3.0, 0.4567, 12.34, 50.0, 123.6, 1_234_567.2, -4_000.0].map(amount);
        assert_eq!(told, ["0", "3", "0.46", "12.3", "50", "124", "1,234,567", "-4,000"]);
    }

    #[test]
    fn a_name_cannot_break_out_of_its_place() {
        assert_eq!(escaped("a<b & \"c\""), "a&lt;b &amp; &quot;c&quot;");
    }
}
