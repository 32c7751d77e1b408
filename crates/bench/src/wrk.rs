//! `wrk`, so that the generator is not believed on its word: one figure is measured by both. It reads the map as well, which the
//! generator does not.

use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::running::{CONNECTIONS, Running};

/// Whether it is installed.
pub(crate) fn is_installed() -> bool {
    // Asked for its version, it says so and ends with 1.
    Command::new("wrk").arg("-v").output().is_ok()
}

/// Counts the answers of each thread, and tells of all of them in the end. wrk itself only knows success and everything else.
const COUNTING: &str = r#"
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  expected, others, first_other, body_bytes = 0, 0, "", 0
end

function response(status, _, body)
  body_bytes = #body
  if is_expected(status, body) then
    expected = expected + 1
  else
    others = others + 1
    if others == 1 then first_other = status .. " " .. body end
  end
end

function done(summary)
  local expected, others, first_other, body_bytes = 0, 0, "", 0
  for _, thread in ipairs(threads) do
    expected = expected + thread:get("expected")
    others = others + thread:get("others")
    first_other = first_other .. thread:get("first_other")
    body_bytes = thread:get("body_bytes")
  end
  local errors = summary.errors
  local sockets = errors.connect + errors.read + errors.write + errors.timeout
  print("Expected: " .. expected)
  print("Other answers: " .. others .. " " .. first_other)
  print("Connections failed: " .. sockets)
  print("Bytes of a body: " .. body_bytes)
end
"#;

/// Refusals a second of a seat that is sold: everybody asks for it.
///
/// # Errors
/// When it cannot be run, or is answered by anything but refusals.
pub(crate) fn refusals(running: &Running, place: &str, seconds: u64) -> anyhow::Result<Answered> {
    let asking = format!(
        "wrk.method = \"POST\"\n\
         wrk.headers[\"Content-Type\"] = \"application/json\"\n\
         wrk.headers[\"Idempotency-Key\"] = \"a-key-of-the-refused\"\n\
         wrk.body = '{{\"buyer\":\"b\",\"places\":[\"{place}\"]}}'\n\
         function is_expected(status, body)\n\
           return status == 409 and string.find(body, '\"place_unavailable\"', 1, true)\n\
         end\n"
    );
    rate(running, &format!("/v1/events/{}/orders", running.events[0]), &asking, seconds)
}

/// How an answer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Plain,
    Gzip,
}

/// How often a second the state of every place is read.
///
/// # Errors
/// When it cannot be run, or not everything is answered as it is asked for.
pub(crate) fn maps(running: &Running, seconds: u64, coding: Coding) -> anyhow::Result<Answered> {
    let (accepted, begins_with) = match coding {
        Coding::Plain => ("identity", "{"),
        Coding::Gzip => ("gzip", "\\31\\139"),
    };
    let asking = format!(
        "wrk.headers[\"Accept-Encoding\"] = \"{accepted}\"\n\
         function is_expected(status, body)\n\
           local begins_with = \"{begins_with}\"\n\
           return status == 200 and string.sub(body, 1, #begins_with) == begins_with\n\
         end\n"
    );
    rate(running, &format!("/v1/events/{}/availability", running.events[0]), &asking, seconds)
}

/// What was answered as expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Answered {
    pub(crate) per_second: f64,
    /// Of the last one.
    pub(crate) body_bytes: f64,
}

/// Answers a second to what a script asks, which says which of them are expected.
fn rate(running: &Running, path: &str, asking: &str, seconds: u64) -> anyhow::Result<Answered> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("asking.lua");
    let key = format!("wrk.headers[\"Authorization\"] = \"Bearer {}\"\n", running.key);
    std::fs::write(&script, format!("{key}{asking}{COUNTING}"))?;
    let url = format!("{}{path}", running.urls[0]);
    let told = Command::new("wrk")
        .args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{seconds}s"), "-s"])
        .arg(&script)
        .arg(&url)
        .output()
        .context("wrk cannot be run")?;
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    Told::read(&told).with_context(|| format!("wrk says {told:?}"))?.rate()
}

/// What it found.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    requests_per_second: f64,
    requests: u64,
    expected: u64,
    /// How many answers were others, and the first of them.
    others: String,
    socket_errors: u64,
    body_bytes: f64,
}

impl Told {
    fn read(told: &str) -> Option<Self> {
        let after = |name: &str| told.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::trim);
        let requests = told.lines().find_map(|line| line.trim().split_once(" requests in "))?.0;
        Some(Self {
            requests_per_second: after("Requests/sec:")?.parse().ok()?,
            requests: requests.parse().ok()?,
            expected: after("Expected:")?.parse().ok()?,
            others: after("Other answers:")?.to_owned(),
            socket_errors: after("Connections failed:")?.parse().ok()?,
            body_bytes: after("Bytes of a body:")?.parse().ok()?,
        })
    }

    /// Expected answers a second, if there was nothing else.
    fn rate(&self) -> anyhow::Result<Answered> {
        ensure!(self.socket_errors == 0, "{} connections failed", self.socket_errors);
        ensure!(
            self.requests > 0 && self.requests == self.expected,
            "{} of {} answers were expected; others: {}",
            self.expected,
            self.requests,
            self.others
        );
        Ok(Answered { per_second: self.requests_per_second, body_bytes: self.body_bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What wrk prints with these answers, the last part by the script.
    fn told(requests: u64, expected: u64, others: &str, sockets: u64) -> String {
        format!(
            "Running 5s test @ http://127.0.0.1\n  1 threads and 64 connections\n  {requests} requests in 5.00s, 97.34MB read\n  \
             Non-2xx or 3xx responses: {requests}\nRequests/sec:  50012.25\nTransfer/sec: 19.4MB\n\
             Expected: {expected}\nOther answers: {others}\nConnections failed: {sockets}\n\
             Bytes of a body: 412\n"
        )
    }

    #[test]
    fn only_what_is_expected_has_a_rate() {
        let rate = |text: &str| Told::read(text).map(|told| told.rate().map_err(|error| error.to_string()));
        let answered = Answered { per_second: 50_012.25, body_bytes: 412.0 };
        assert_eq!(rate(&told(250_123, 250_123, "0 ", 0)), Some(Ok(answered)));
        let shed = rate(&told(250_123, 250_100, "23 503 {}", 0)).expect("a report");
        assert!(shed.is_err_and(|told| told.contains("250100 of 250123") && told.contains("503 {}")));
        assert!(rate(&told(250_123, 250_123, "0 ", 7)).expect("a report").is_err());
        assert!(rate(&told(0, 0, "0 ", 0)).expect("a report").is_err());
        assert_eq!(rate("unable to connect"), None);
    }
}
