//! The text of a file as records, each with its line.
//!
//! A record is an object. A file may hold one after the other (a line each, as a rule), an array of them, or pages of a
//! list with the records in `results` (pretix) or `items` (FlashTix); also several arrays or pages, one after the other.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Fault;

/// A page of a list.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow, default)]
    results: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    items: Option<Vec<&'a RawValue>>,
}

/// Every record of a text with its line, from 1.
///
/// # Errors
/// Where the text stops being JSON, or holds something else than records.
pub fn records(text: &str) -> Result<Vec<(usize, &str)>, Fault> {
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut records = Vec::new();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    loop {
        let begin = text.len() - text[values.byte_offset()..].trim_start().len();
        let Some(value) = values.next() else { return Ok(records) };
        let line = lines.of(begin);
        let value = value.map_err(|error| {
            let reason = if error.is_eof() {
                "the file ends in the middle of a record: fetch it again, or cut off what is torn".to_owned()
            } else {
                format!("cannot be read as JSON: {error}")
            };
            Fault { line: if error.is_eof() { line } else { line.max(error.line()) }, reason }
        })?;
        let parts = match value.get().as_bytes().first() {
            Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(value.get()).ok(),
            Some(b'{') => match serde_json::from_str::<Page<'_>>(value.get()) {
                Ok(Page { results: Some(parts), .. } | Page { items: Some(parts), .. }) => Some(parts),
                // An order, or something that is none: whoever reads it will say.
                _ => Some(vec![value]),
            },
            _ => None,
        };
        let Some(parts) = parts else {
            return Err(Fault { line, reason: "is no order, and no list of orders".to_owned() });
        };
        for part in parts {
            let part = part.get();
            // A part of a text that was read in place lies within it.
            let offset = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize);
            let line = offset.filter(|offset| *offset <= text.len()).map_or(line, |offset| lines.of(offset));
            records.push((line, part));
        }
    }
}

/// Counts lines on the way through a text.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of an offset, at or after the last one that was asked for.
    fn of(&mut self, offset: usize) -> usize {
        if offset > self.at {
            let passed = &self.text.as_bytes()[self.at..offset];
            self.line += passed.iter().filter(|byte| **byte == b'\n').count();
            self.at = offset;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(usize, &str)> {
        records(text).unwrap()
    }

    #[test]
    fn records_have_their_lines_whatever_they_are_wrapped_in() {
        assert_eq!(lines("{\"a\":1}\n\n{\"a\":2}\n"), [(1, "{\"a\":1}"), (3, "{\"a\":2}")]);
        assert_eq!(lines("[\n {\"a\":1},\n {\"a\":2}]"), [(2, "{\"a\":1}"), (3, "{\"a\":2}")]);
        let pages = "{\"count\":2,\"results\":[{\"a\":1}]}\n{\"results\":[\n{\"a\":2}],\"next\":null}";
        assert_eq!(lines(pages), [(1, "{\"a\":1}"), (3, "{\"a\":2}")]);
        assert_eq!(lines("{\"items\":[{\"a\":1}],\"next_cursor\":null}"), [(1, "{\"a\":1}")]);
        assert_eq!(lines(" \n"), []);
    }

    #[test]
    fn a_torn_end_and_other_texts_are_named_with_their_line() {
        let torn = records("{\"a\":1}\n{\"a\":").unwrap_err();
        assert!(torn.line == 2 && torn.reason.contains("torn"), "{torn}");
        let torn = records("{\"a\":1}\n[{\"a\":2},\n{\"a").unwrap_err();
        assert!(torn.line == 2 && torn.reason.contains("torn"), "{torn}");
        assert_eq!(records("{}\n\nid;name\n").unwrap_err().line, 3);
        assert_eq!(
            records("{}\n7").unwrap_err(),
            Fault { line: 2, reason: "is no order, and no list of orders".into() }
        );
    }
}
