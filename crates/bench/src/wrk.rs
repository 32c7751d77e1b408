//! `wrk`, so that the generator is not believed on its word: one figure is measured by both.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::running::{CONNECTIONS, Running};

/// Whether it is installed.
pub(crate) fn is_installed() -> bool {
    // Asked for its version, it says so and ends with 1.
    Command::new("wrk").arg("-v").output().is_ok()
}

/// Refusals a second of a seat that is sold: everybody asks for it.
///
/// # Errors
/// When it cannot be run, or is answered by anything but refusals.
pub(crate) fn refusals(running: &Running, place: &str, seconds: u64, folder: &Path) -> anyhow::Result<f64> {
    let script = folder.join("refusals.lua");
    std::fs::write(
        &script,
        format!(
            "wrk.method = \"POST\"\n\
             wrk.headers[\"Authorization\"] = \"Bearer {}\"\n\
             wrk.headers[\"Content-Type\"] = \"application/json\"\n\
             wrk.headers[\"Idempotency-Key\"] = \"a-key-of-the-refused\"\n\
             wrk.body = '{{\"buyer\":\"b\",\"places\":[\"{place}\"]}}'\n",
            running.key
        ),
    )?;
    let url = format!("{}/v1/events/{}/orders", running.urls[0], running.events[0]);
    let told = Command::new("wrk")
        .args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{seconds}s"), "-s"])
        .arg(&script)
        .arg(&url)
        .output()
        .context("wrk cannot be run")?;
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let (rate, requests, refused) = read(&told).with_context(|| format!("wrk says {told:?}"))?;
    ensure!(requests > 0.0 && requests == refused, "{refused} of {requests} requests were refused");
    Ok(rate)
}

/// Requests a second, all requests, and those that were answered with something else than success.
fn read(told: &str) -> Option<(f64, f64, f64)> {
    let mut requests = None;
    let (mut rate, mut refused) = (None, 0.0);
    for line in told.lines().map(str::trim) {
        if let Some(found) = line.strip_prefix("Requests/sec:") {
            rate = found.trim().parse().ok();
        } else if let Some(found) = line.strip_prefix("Non-2xx or 3xx responses:") {
            refused = found.trim().parse().ok()?;
        } else if let Some((count, _)) = line.split_once(" requests in ") {
            requests = count.parse().ok();
        }
    }
    Some((rate?, requests?, refused))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_report_is_read() {
        let told = "Running 5s test @ http://127.0.0.1\n  1 threads and 64 connections\n  \
                    250123 requests in 5.00s, 97.34MB read\n  Non-2xx or 3xx responses: 250122\nRequests/sec:  50012.25\n";
        assert_eq!(read(told), Some((50_012.25, 250_123.0, 250_122.0)));
        assert_eq!(read("unable to connect"), None);
    }
}
