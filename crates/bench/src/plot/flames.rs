//! Where time goes: stacks as boxes under their callers, as wide as the time that they took.

use super::{Canvas, TOP, WIDTH, escaped};
use crate::profile::stacks::{Frame, Stacks};

const ROW: f64 = 17.0;
const MARGIN: f64 = 8.0;
/// What is narrower is not drawn.
const NARROWEST: f64 = 1.0;
/// About as much as a letter takes.
const LETTER: f64 = 5.6;
/// What is deeper is not drawn.
const DEPTH_MAX: u32 = 64;
/// The product's own crates.
const OURS: [&str; 5] = ["server::", "engine::", "domain::", "backends::", "flashtix::"];

/// The outermost functions are at the top. Boxes of the product's own code are blue, those of libraries and the kernel grey; each says
/// its whole name and its share when it is pointed at.
pub(crate) fn flames(title: &str, stacks: &Stacks) -> String {
    let share = (WIDTH - 2.0 * MARGIN) / samples(&stacks.root).max(1.0);
    let depth = f64::from(depth(&stacks.root, share, 0));
    let mut canvas = Canvas::new(TOP + ROW * depth + MARGIN, title);
    canvas.put(format_args!(
        "<style>.flame{{stroke:#fff;stroke-width:.5}}.name{{font-size:10px;pointer-events:none;fill:#fff}}</style>"
    ));
    let total = samples(&stacks.root);
    draw(&mut canvas, &stacks.root, MARGIN, TOP, share, total);
    canvas.done()
}

fn samples(frame: &Frame) -> f64 {
    f64::from(u32::try_from(frame.samples).unwrap_or(u32::MAX))
}

/// Rows that are drawn below a function.
fn depth(frame: &Frame, share: f64, above: u32) -> u32 {
    let drawn = frame.callees.values().filter(|callee| samples(callee) * share >= NARROWEST);
    drawn.map(|callee| depth(callee, share, above + 1)).max().unwrap_or(above).min(DEPTH_MAX)
}

fn draw(canvas: &mut Canvas, frame: &Frame, x: f64, y: f64, share: f64, total: f64) {
    if y > TOP + ROW * f64::from(DEPTH_MAX - 1) {
        return;
    }
    let mut x = x;
    let mut callees: Vec<(&String, &Frame)> = frame.callees.iter().collect();
    callees.sort_by_key(|(_, callee)| std::cmp::Reverse(callee.samples));
    for (name, callee) in callees {
        let width = samples(callee) * share;
        if width < NARROWEST {
            continue;
        }
        let percent = samples(callee) / total * 100.0;
        let class = if is_ours(name) { "bar" } else { "peer" };
        canvas.put(format_args!(
            "<rect class=\"flame {class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{ROW}\"><title>{} {percent:.1} %</title></rect>",
            escaped(name)
        ));
        let told = short(name);
        let letters = ((width - 4.0) / LETTER).max(0.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "some letters fit, and not many"
        )]
        let fitting: String = told.chars().take(letters as usize).collect();
        if fitting.chars().count() > 3 {
            canvas.put(format_args!(
                "<text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                x + 2.0,
                y + ROW - 5.0,
                escaped(&fitting)
            ));
        }
        draw(canvas, callee, x, y + ROW, share, total);
        x += width;
    }
}

fn is_ours(name: &str) -> bool {
    OURS.iter().any(|begin| name.trim_start_matches(['<', '&']).starts_with(begin))
}

/// The last words of a name: what is in angle brackets is left out, and of a path its last two parts are told.
fn short(name: &str) -> String {
    let mut depth = 0_u32;
    let mut outside = String::new();
    let inside_first = name.strip_prefix('<').map(|rest| rest.split([' ', '>', '<']).next().unwrap_or(rest));
    for letter in name.chars() {
        match letter {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(letter),
            _ => {}
        }
    }
    let whole = format!("{}{outside}", inside_first.unwrap_or_default());
    let parts: Vec<&str> = whole.split("::").filter(|part| *part != "{{closure}}").collect();
    parts[parts.len().saturating_sub(2)..].join("::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_as_wide_as_their_share() {
        let told = "http \n\t 1 engine::desk::glance (/x/flashtix)\n\nhttp \n\t 2 tcp_sendmsg ([kernel.kallsyms])\n\n";
        let svg = flames("t", &Stacks::read(told));
        let boxed = |class: &str, x: &str, y: &str, width: &str, name: &str| {
            let told = format!(
                "<rect class=\"flame {class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"17\"><title>{name}"
            );
            assert!(svg.contains(&told), "{told}\n{svg}");
        };
        boxed("peer", "8.0", "46.0", "744.0", "http 100.0 %");
        boxed("bar", "8.0", "63.0", "372.0", "engine::desk::glance 50.0 %");
        boxed("peer", "380.0", "63.0", "372.0", "tcp_sendmsg 50.0 %");
    }

    #[test]
    fn names_are_told_by_their_last_words() {
        let told = [
            "tcp_sendmsg",
            "engine::desk::Desk::glance",
            "<server::http::Service<S> as tower::Service<R>>::call",
        ]
        .map(short);
        assert_eq!(told, ["tcp_sendmsg", "Desk::glance", "Service::call"]);
        assert_eq!(short("server::http::answer::{{closure}}"), "http::answer");
    }
}
