//! The start page: one document, without scripts and without anything from elsewhere.

use std::fmt::Write as _;

use serde_json::Value;

/// The page loads nothing; its styles stand in it.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#16181d;--soft:#5b6270;--line:#e2e5ea;--paper:#fff;--card:#f6f7f9;--hot:#d6336c}\
@media(prefers-color-scheme:dark){:root{--ink:#eceef2;--soft:#9aa2b1;--line:#2b303a;--paper:#101216;--card:#181b21;\
--hot:#ff6b9d}}\
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,sans-serif}\
main{max-width:46rem;margin:0 auto;padding:3.5rem 1.25rem 4rem}svg{display:block;width:100%;height:auto;margin:0 0 2rem}\
h1{font-size:2.4rem;line-height:1.1;letter-spacing:-.03em;margin:0 0 .75rem}h1 b{color:var(--hot)}\
h2{font-size:1.05rem;margin:2.5rem 0 .75rem}p{margin:0 0 1rem;color:var(--soft)}a{color:inherit}\
ul{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem}\
li a{display:block;padding:.8rem 1rem;border:1px solid var(--line);border-radius:.6rem;background:var(--card);\
text-decoration:none}li a:hover,li a:focus-visible{border-color:var(--hot)}li b{display:block}li span{color:var(--soft);\
font-size:.9rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.25rem;margin:0 0 1rem}\
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}code,pre{font:.86rem/1.6 ui-monospace,monospace}\
pre{margin:0 0 1rem;padding:1rem;overflow:auto;border:1px solid var(--line);border-radius:.6rem;background:var(--card)}";

const LINKS: [(&str, &str, &str); 5] = [
    ("/console", "Box office", "Watch a sale, and steer it"),
    ("/swagger-ui/", "Swagger UI", "Read the API, and try it"),
    ("/openapi.json", "openapi.json", "The same, for programs"),
    ("/healthz", "Health", "Does the server live?"),
    ("/metrics", "Metrics", "For Prometheus"),
];

/// The page. A demo names its event and its publishable key; `host` is what the browser calls this server.
pub(super) fn start(demo: Option<&Value>, classic_api: bool, host: &str) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <title>FlashTix</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{}\n\
         <h1>Flash<b>Tix</b></h1>\n\
         <p>A ticketing engine: it sells seats and general admission to a crowd that arrives all at once, and no \
         place twice. This server answers an HTTP API.</p>\n<ul>\n",
        rows()
    );
    for (path, name, what) in LINKS {
        put(&mut html, format_args!("<li><a href=\"{path}\"><b>{name}</b><span>{what}</span></a></li>\n"));
    }
    html.push_str("</ul>\n");
    if let Some(demo) = demo {
        introduce(&mut html, demo, host);
    }
    if classic_api {
        html.push_str(
            "<p>The classic API answers here too: <code>POST /api/tickets/seed</code>, then \
             <code>POST /api/tickets/book?ticketId=1&amp;userId=1001</code>.</p>\n",
        );
    }
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

fn put(html: &mut String, text: std::fmt::Arguments<'_>) {
    let written = html.write_fmt(text);
    debug_assert!(written.is_ok(), "writing to memory");
}

fn introduce(html: &mut String, demo: &Value, host: &str) {
    let host = escaped(host);
    let text = |name: &str| escaped(demo[name].as_str().unwrap_or_default());
    let (event, key) = (text("event_id"), text("publishable_key"));
    put(
        html,
        format_args!(
            "<h2>An arena is on sale</h2>\n<dl>\n<dt>Event</dt><dd><code>{event}</code></dd>\n\
         <dt>Publishable key</dt><dd><code>{key}</code></dd>\n</dl>\n\
         <p>Two seats together, please; from a terminal:</p>\n\
         <pre>curl -s http://{host}/v1/events/{event}/holds \\\n  \
         -H 'Authorization: Bearer {key}' \\\n  \
         -d '{{\"buyer\":\"me\",\"best_available\":{{\"quantity\":2}}}}'</pre>\n\
         <p><a href=\"/v1/events/{event}?key={key}\">The event</a> and its \
         <a href=\"/v1/events/{event}/availability?key={key}\">availability</a>, in this browser.</p>\n"
        ),
    );
}

/// A few rows of seats, some of them taken.
fn rows() -> String {
    let mut svg = String::from("<svg viewBox=\"0 0 640 92\" role=\"img\" aria-label=\"Rows of seats\">");
    for row in 0..4_u32 {
        for seat in 0..32_u32 {
            let mixed = (row * 37 + seat * 11 + row * seat) % 7;
            let fill = match mixed {
                0 | 3 => "var(--hot)",
                5 => "var(--soft)",
                _ => "var(--line)",
            };
            let bend = (i64::from(seat) - 16).pow(2) / 24;
            put(
                &mut svg,
                format_args!(
                    "<circle cx=\"{}\" cy=\"{}\" r=\"6\" fill=\"{fill}\"/>",
                    10 + seat * 20,
                    8 + i64::from(row) * 22 + (10 - bend)
                ),
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_page_loads_nothing_and_runs_nothing() {
        let html =
            start(Some(&json!({ "event_id": "evt_1", "publishable_key": "pk_test_1" })), true, "localhost");
        for forbidden in ["<script", "src=", "url(", "<link", "//cdn", "onload", "onclick"] {
            assert!(!html.contains(forbidden), "{forbidden} is in the page");
        }
    }

    #[test]
    fn a_demo_names_its_event_and_key() {
        let html =
            start(Some(&json!({ "event_id": "evt_1", "publishable_key": "pk_test_<" })), false, "localhost");
        assert!(html.contains("/v1/events/evt_1/holds") && html.contains("Bearer pk_test_&lt;"));
        assert!(!start(None, false, "localhost").contains("curl"));
    }
}
