//! The report as one HTML file: no script, nothing fetched, light and dark.

use std::fmt::Write as _;

use super::text::figures;
use super::{Report, grouped, plot, rounded, time};

const STYLE: &str = include_str!("style.css");

pub(super) fn render(report: &Report) -> String {
    let mut out = String::with_capacity(64 * 1024);
    write_page(report, &mut out).unwrap_or_else(|_| unreachable!("a String takes every text"));
    out
}

fn write_page(report: &Report, out: &mut String) -> std::fmt::Result {
    let title = format!("Storm: {} on {}", report.settings.scenario, report.title());
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<header>\n<p class=\"kicker\">FlashTix storm</p>\n<h1>{} <span>on {}</span></h1>\n\
         <p class=\"meta\">{} · {} · {} loop</p>\n</header>\n",
        escaped(&title),
        escaped(report.settings.scenario.word()),
        escaped(report.title()),
        escaped(&report.started_at),
        escaped(&report.settings.url),
        report.load
    )?;
    write_verdict(report, out)?;
    write_tiles(report, out)?;
    write_plots(report, out)?;
    write_outcomes(report, out)?;
    write_lists(report, out)?;
    out.push_str("</main>\n</body>\n</html>\n");
    Ok(())
}

fn write_verdict(report: &Report, out: &mut String) -> std::fmt::Result {
    let (class, word) =
        if report.verdict.ok { ("right", "The sale was right") } else { ("wrong", "The sale was wrong") };
    let failed = report.verdict.checks.iter().filter(|check| !check.ok).count();
    let checks = report.verdict.checks.len();
    let summary = if failed == 0 {
        format!("all {checks} checks passed")
    } else {
        format!("{failed} of {checks} checks failed")
    };
    write!(
        out,
        "<section class=\"verdict {class}\">\n<h2>{word}</h2><p class=\"summary\">{summary}</p>\n<ul>\n"
    )?;
    // What failed comes first: it is what the reader came for.
    let (passed, failed): (Vec<_>, Vec<_>) = report.verdict.checks.iter().partition(|check| check.ok);
    for check in failed.into_iter().chain(passed) {
        let (class, mark, word) =
            if check.ok { ("pass", "✓", "passed") } else { ("fail", "✗", "failed") };
        writeln!(
            out,
            "<li class=\"{class}\"><span class=\"mark\" role=\"img\" aria-label=\"{word}\">{mark}</span>\
             <span><b>{}</b><br><small>{}</small></span></li>",
            escaped(check.name),
            escaped(&check.detail)
        )?;
    }
    out.push_str("</ul>\n</section>\n");
    Ok(())
}

fn write_tiles(report: &Report, out: &mut String) -> std::fmt::Result {
    let seconds = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.2} s"));
    let offered = match report.rates.offered_per_second {
        Some(offered) => format!("{} buyers/s offered", rounded(offered)),
        None => "closed loop".to_owned(),
    };
    let tiles = [
        (
            "bookings",
            grouped(report.buyers.booked),
            format!("{}/s", rounded(report.rates.bookings_per_second)),
        ),
        (
            "requests",
            grouped(report.rates.requests),
            format!("{}/s", rounded(report.rates.requests_per_second)),
        ),
        ("buyers", grouped(report.buyers.started), offered),
        ("last booking", seconds(report.times.last_booking_seconds), "since the start".to_owned()),
        ("last answer", seconds(report.times.last_answer_seconds), "since the start".to_owned()),
        (
            "generator",
            format!("{:.1} µs", report.cpu.generator_micros_per_request),
            format!("CPU a request, {:.0} % of a core", report.cpu.generator_cores * 100.0),
        ),
    ];
    out.push_str("<section class=\"tiles\">\n");
    for (name, figure, note) in tiles {
        writeln!(out, "<div><p>{name}</p><strong>{figure}</strong><small>{note}</small></div>")?;
    }
    out.push_str("</section>\n");
    Ok(())
}

fn write_plots(report: &Report, out: &mut String) -> std::fmt::Result {
    if let Some(plot) = plot::requests_over_time(report) {
        out.push_str("<section>\n<h2>Requests per second</h2>\n<p class=\"legend\">");
        for row in &report.outcomes {
            write!(out, "<span><i class=\"{}\"></i>{}</span>", row.outcome.name(), row.outcome.title())?;
        }
        write!(out, "</p>\n<figure>{plot}</figure>\n</section>\n")?;
    }
    if let Some(plot) = plot::latencies(report) {
        let from = if report.rates.offered_per_second.is_some() {
            "from the intended start of each request"
        } else {
            "from the start of each request; a closed loop leaves out who could not ask yet"
        };
        write!(
            out,
            "<section>\n<h2>Latency</h2>\n<p class=\"note\">{from}; dots from large to small: p50, p90, p99, p99.9; \
             the bar is the slowest</p>\n<figure>{plot}</figure>\n</section>\n"
        )?;
    }
    if let Some(plot) = plot::places_left(report) {
        write!(
            out,
            "<section>\n<h2>Places left</h2>\n<p class=\"note\">by what buyers were told</p>\n\
             <figure>{plot}</figure>\n</section>\n"
        )?;
    }
    Ok(())
}

fn write_outcomes(report: &Report, out: &mut String) -> std::fmt::Result {
    out.push_str(
        "<section>\n<h2>Requests by outcome</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>outcome</th><th>count</th>\
         <th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>max</th></tr></thead>\n<tbody>\n",
    );
    for row in &report.outcomes {
        write!(
            out,
            "<tr><th><i class=\"{}\"></i>{}</th><td>{}</td>",
            row.outcome.name(),
            row.outcome.title(),
            grouped(row.count)
        )?;
        for (_, micros) in row.latency.named() {
            write!(out, "<td>{}</td>", time(micros))?;
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n</section>\n");
    Ok(())
}

fn write_lists(report: &Report, out: &mut String) -> std::fmt::Result {
    out.push_str("<section>\n<h2>Figures</h2>\n<dl>\n");
    for (name, value) in figures(report) {
        writeln!(out, "<dt>{name}</dt><dd>{}</dd>", escaped(&value))?;
    }
    for (name, counts) in [("refusals", &report.refusals), ("errors", &report.errors)] {
        for (word, count) in counts {
            writeln!(out, "<dt>{name}</dt><dd>{} × {}</dd>", grouped(*count), escaped(word))?;
        }
    }
    let (settings, machine) = (&report.settings, &report.machine);
    let zipf = settings.zipf.map_or("even wishes".to_owned(), |zipf| format!("Zipf {zipf}"));
    writeln!(
        out,
        "<dt>settings</dt><dd>{} API, {} buyers, {} connections, generator threads: {}, seed {}, {zipf}, time limit {} s</dd>",
        settings.api,
        grouped(settings.buyers),
        settings.connections,
        settings.threads,
        settings.seed,
        settings.request_timeout_seconds
    )?;
    if let Some(event) = &report.event {
        writeln!(
            out,
            "<dt>event</dt><dd>{}: {} places, {} to be had at the start</dd>",
            escaped(&event.id),
            grouped(event.capacity),
            grouped(event.obtainable_at_start)
        )?;
    }
    writeln!(
        out,
        "<dt>machine</dt><dd>{} cores, {}, Linux {}</dd>\n</dl>\n</section>",
        machine.cores,
        escaped(&machine.processor),
        escaped(&machine.kernel)
    )
}

/// Names and messages come from a server: here they are only text.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
