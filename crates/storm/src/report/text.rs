//! The summary for a terminal.

use std::fmt::Write as _;

use super::{Report, grouped, rounded, time};

const LABEL_WIDTH: usize = 16;

pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    write_all(report, &mut out).unwrap_or_else(|_| unreachable!("a String takes every text"));
    out
}

fn write_all(report: &Report, out: &mut String) -> std::fmt::Result {
    let settings = &report.settings;
    writeln!(out, "storm: {} on {} ({})", settings.scenario, report.title(), settings.url)?;
    writeln!(out)?;
    for (label, value) in figures(report) {
        writeln!(out, "  {label:<LABEL_WIDTH$}{value}")?;
    }
    writeln!(out)?;
    write_outcomes(report, out)?;
    for (title, counts) in [("refusals", &report.refusals), ("errors", &report.errors)] {
        if !counts.is_empty() {
            let list: Vec<String> =
                counts.iter().map(|(word, n)| format!("{} {}", grouped(*n), printable(word))).collect();
            writeln!(out, "  {title:<LABEL_WIDTH$}{}", list.join(", "))?;
        }
    }
    writeln!(out)?;
    for check in &report.verdict.checks {
        let mark = if check.ok { "ok  " } else { "FAIL" };
        writeln!(out, "  {mark}  {}: {}", check.name, printable(&check.detail))?;
    }
    writeln!(out)?;
    let summary = if report.verdict.ok { "the sale was right" } else { "THE SALE WAS WRONG" };
    writeln!(out, "verdict: {summary}")
}

/// The figures above the tables; the HTML file shows them too.
pub(super) fn figures(report: &Report) -> Vec<(&'static str, String)> {
    let (rates, times, buyers) = (&report.rates, &report.times, &report.buyers);
    let load = match rates.offered_per_second {
        Some(offered) => format!(
            "open loop, {}: {} buyers/s offered, {} achieved, {} dropped",
            report.settings.arrival,
            rounded(offered),
            rounded(rates.achieved_per_second),
            grouped(rates.dropped)
        ),
        None => format!(
            "closed loop on {} connections: latencies leave out who could not ask yet",
            report.settings.connections
        ),
    };
    let seconds = |value: Option<f64>| value.map_or("never".to_owned(), |value| format!("{value:.2} s"));
    let mut figures = vec![
        ("load", load),
        ("requests", format!("{} ({}/s)", grouped(rates.requests), rounded(rates.requests_per_second))),
        (
            "bookings",
            format!(
                "{} of {} places ({}/s)",
                grouped(buyers.booked),
                grouped(buyers.units),
                rounded(rates.bookings_per_second)
            ),
        ),
        ("buyers", buyers_line(report)),
        ("last booking", seconds(times.last_booking_seconds)),
        ("last answer", seconds(times.last_answer_seconds)),
        ("wall time", format!("{:.2} s", times.wall_seconds)),
    ];
    if let Some(lapse) = times.lapse_seconds {
        figures.push(("holds lapsed", format!("{lapse:.2} s after the load")));
    }
    figures.push((
        "retries",
        format!(
            "{}; {} connections opened, {} attempts failed",
            grouped(report.retries),
            grouped(report.connections_opened),
            grouped(report.connections_failed)
        ),
    ));
    figures.push((
        "buyer served",
        format!(
            "p50 {}, p99 {}, max {}",
            time(report.served.p50_micros),
            time(report.served.p99_micros),
            time(report.served.max_micros)
        ),
    ));
    if rates.offered_per_second.is_some() {
        figures.push((
            "lag at start",
            format!(
                "p50 {}, p99 {}, max {}",
                time(report.lag.p50_micros),
                time(report.lag.p99_micros),
                time(report.lag.max_micros)
            ),
        ));
    }
    figures.push((
        "generator CPU",
        format!(
            "{:.2} s on its own threads ({:.0} % of a core, {:.1} µs a request); process {:.2} s",
            report.cpu.generator_seconds,
            report.cpu.generator_cores * 100.0,
            report.cpu.generator_micros_per_request,
            report.cpu.process_seconds
        ),
    ));
    figures
}

fn buyers_line(report: &Report) -> String {
    let buyers = &report.buyers;
    let parts = [
        (buyers.booked, "booked"),
        (buyers.lapsing, "let a hold lapse"),
        (buyers.sold_out, "told sold out"),
        (buyers.all_held, "told that the rest is held"),
        (buyers.refused, "refused"),
        (buyers.turned_away, "turned away"),
        (buyers.errored, "with an error"),
        (buyers.unanswered, "unanswered"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(*count)))
        .collect();
    format!("{} came: {}", grouped(buyers.started), parts.join(", "))
}

fn write_outcomes(report: &Report, out: &mut String) -> std::fmt::Result {
    write!(out, "  {:<LABEL_WIDTH$}{:>12}", "outcome", "count")?;
    for name in ["p50", "p90", "p99", "p99.9", "max"] {
        write!(out, "{name:>10}")?;
    }
    writeln!(out)?;
    for row in &report.outcomes {
        write!(out, "  {:<LABEL_WIDTH$}{:>12}", row.outcome.title(), grouped(row.count))?;
        for (_, micros) in row.latency.named() {
            write!(out, "{:>10}", time(micros))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// What servers say may hold control characters, and a terminal obeys those.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
