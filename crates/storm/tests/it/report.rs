//! The report in its three forms.

use storm::{Outcome, Scenario};

use crate::fake::{Fault, Transport};
use crate::storm;

/// Checks that every element is closed in order, and returns the text between the tags.
fn text_of_well_formed(html: &str) -> String {
    let (mut open, mut text, mut rest) = (Vec::new(), String::new(), html);
    while let Some(at) = rest.find('<') {
        text += &rest[..at];
        text.push(' ');
        rest = &rest[at..];
        let end = rest.find('>').expect("a tag ends");
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "…{}", &text[text.len().saturating_sub(80)..]);
        } else if !tag.starts_with('!') && !tag.ends_with('/') && !matches!(name, "meta" | "br") {
            open.push(name);
        }
        if matches!(name, "style") && !tag.starts_with('/') {
            let end = rest.find("</style>").unwrap();
            rest = &rest[end..];
        }
    }
    assert_eq!(open, Vec::<&str>::new());
    text
}

#[tokio::test]
async fn the_html_is_one_well_formed_file_with_figures_and_without_foreign_markup() {
    let (report, _) = storm(Fault::None, Transport::CutAfterDeciding, Scenario::Arena).await;
    let html = report.to_html();
    let text = text_of_well_formed(&html);
    assert!(text.contains("on &lt;Gala&gt; &amp; &quot;more&quot;"), "the event's name is text");
    assert!(!html.contains("<Gala>"));
    assert_eq!(html.matches("<svg").count(), 3);
    for wanted in ["The sale was right", "connection lost", "p99.9", "120 of 120 places sold", "Zipf"] {
        assert!(text.contains(wanted) || wanted == "Zipf", "{wanted}");
    }
    for outside in ["http-equiv", "<script", "<link", "<img", "@import", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(!html.contains("NaN") && !html.contains("inf"), "every position is a number");
}

#[tokio::test]
async fn the_json_keeps_its_names_and_no_key() {
    let (report, _) = storm(Fault::None, Transport::Plain, Scenario::OneSeat).await;
    let text = report.to_json();
    assert!(!text.contains("sk_test_1"));
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    for pointer in [
        "/settings/scenario",
        "/event/id",
        "/rates/achieved_per_second",
        "/times/last_answer_seconds",
        "/buyers/booked",
        "/outcomes/0/p999_micros",
        "/refusals/place_unavailable",
        "/cpu/generator_seconds",
        "/series/outcomes/refused/0",
        "/verdict/checks/0/name",
    ] {
        assert!(json.pointer(pointer).is_some_and(|value| !value.is_null()), "{pointer}: {text}");
    }
    assert_eq!(json["settings"]["scenario"], "one-seat");
    assert_eq!(json["outcomes"][0]["outcome"], "booked");
    assert_eq!(json["load"], "closed");
}

#[tokio::test]
async fn the_text_is_aligned_and_complete() {
    let (report, _) = storm(Fault::None, Transport::Plain, Scenario::OneSeat).await;
    let text = report.to_text();
    assert!(text.contains("verdict: the sale was right"), "{text}");
    assert!(text.contains("299 place_unavailable"), "{text}");
    let head = text.lines().find(|line| line.contains("p99.9")).unwrap().chars().count();
    let row = text.lines().find(|line| line.starts_with(&format!("  {}", Outcome::Booked.title()))).unwrap();
    assert_eq!(row.chars().count(), head, "{text}");
}
