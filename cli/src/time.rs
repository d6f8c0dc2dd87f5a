//! Times and spans, as people write and read them.

use std::time::Duration;

use jiff::{
    SignedDuration, Span, SpanRelativeTo,
    civil::{self, DateTime},
    fmt::temporal::Pieces,
};
use jwt_codec::NumericDate;

/// Dates are counted from it in civil time of UTC, which reaches the end of the year 9999. A
/// `Timestamp` of jiff ends a day before.
const EPOCH: DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

/// Reads seconds since 1970, or RFC 3339.
pub(crate) fn parse_time(text: &str) -> Result<NumericDate, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(NumericDate::from_secs(seconds));
    }
    let wrong = || "expected seconds since 1970, or a date such as 2026-11-23T14:03:07Z".to_owned();
    let pieces = Pieces::parse(text).map_err(|_| wrong())?;
    let (Some(time), Some(offset)) = (pieces.time(), pieces.to_numeric_offset()) else {
        return Err(wrong());
    };
    // Before 1970, too, a fraction belongs to the second that it is in.
    let local = pieces.date().at(time.hour(), time.minute(), time.second(), 0);
    let offset = SignedDuration::from_secs(offset.seconds().into());
    Ok(NumericDate::from_secs(local.duration_since(EPOCH).saturating_sub(offset).as_secs()))
}

/// Reads seconds, or a number and a unit: `30s`, `15m`, `1h 30m`, `7d`. A day has 24 hours.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let example = "expected a span such as 30s, 15m, 1h or 7d";
    let span: Span = text.parse().map_err(|_| example.to_owned())?;
    if span.is_negative() {
        return Err(format!("{example}, not a negative one"));
    }
    if span.get_years() != 0 || span.get_months() != 0 {
        return Err(format!("{example}; months and years differ in length, so use days"));
    }
    let span = span.to_duration(SpanRelativeTo::days_are_24_hours());
    let span = span.ok().and_then(|span| Duration::try_from(span).ok());
    let span = span.ok_or_else(|| example.to_owned())?;
    // The dates of a token count whole seconds.
    if span.subsec_nanos() != 0 {
        return Err(format!("{example}, in whole seconds"));
    }
    Ok(span)
}

/// As in `2026-11-23 14:03:07 UTC`.
pub(crate) fn date(at: NumericDate) -> String {
    match EPOCH.checked_add(SignedDuration::from_secs(at.as_secs())) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => "a date beyond the calendar".to_owned(),
    }
}

/// As in `in 29 min` and `5 min ago`.
pub(crate) fn distance(at: NumericDate, now: NumericDate) -> String {
    let seconds = at.as_secs().abs_diff(now.as_secs());
    let (count, unit) = match seconds {
        0..60 => (seconds, "s"),
        60..3_600 => (seconds / 60, "min"),
        3_600..172_800 => (seconds / 3_600, "h"),
        172_800..63_072_000 => (seconds / 86_400, "days"),
        _ => (seconds / 31_536_000, "years"),
    };
    if at > now { format!("in {count} {unit}") } else { format!("{count} {unit} ago") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jwt_codec::NumericDate;

    use super::{date, distance, parse_duration, parse_time};

    #[test]
    fn spans() {
        for (text, seconds) in [
            ("0", 0),
            ("90", 90),
            ("30s", 30),
            ("15m", 900),
            ("15 min", 900),
            ("1h", 3600),
            ("1h30m", 5400),
            ("1h 30m", 5400),
            ("7d", 604_800),
            ("2w", 1_209_600),
            ("PT1H", 3600),
            ("1.5h", 5400),
            ("1000ms", 1),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["500ms", "1.5s", "1h 0.1s", "1ns"] {
            let error = "expected a span such as 30s, 15m, 1h or 7d, in whole seconds";
            assert_eq!(parse_duration(text), Err(error.to_owned()), "{text}");
        }
        for text in ["", "-1", "-1h", "1 hour ago", "1y", "2mo", "soon", "1e3", "1h junk"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times() {
        for (text, seconds) in [
            ("0", 0),
            ("-1", -1),
            ("1600000000", 1_600_000_000),
            ("2020-09-13T12:26:40Z", 1_600_000_000),
            ("2020-09-13T14:26:40.9+02:00", 1_600_000_000),
            ("1969-12-31T23:59:59Z", -1),
            ("1969-12-31T23:59:58.5Z", -2),
            ("2020-09-13T12:26:40+00:00[UTC]", 1_600_000_000),
            // The last second of the calendar, east and west of Greenwich.
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("9999-12-31T23:59:59.9-01:00", 253_402_304_399),
        ] {
            assert_eq!(parse_time(text), Ok(NumericDate::from_secs(seconds)), "{text}");
        }
        for text in ["", "now", "2020-09-13", "2020-09-13T12:26:40", "2020-09-13Z", "1.5"] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn dates() {
        let at = NumericDate::from_secs;
        assert_eq!(date(at(1_600_000_000)), "2020-09-13 12:26:40 UTC");
        assert_eq!(date(at(-1)), "1969-12-31 23:59:59 UTC");
        assert_eq!(date(at(253_402_300_799)), "9999-12-31 23:59:59 UTC");
        for seconds in [253_402_300_800, i64::MAX, i64::MIN] {
            assert_eq!(date(at(seconds)), "a date beyond the calendar");
        }
        for (seconds, expected) in [
            (1, "in 1 s"),
            (0, "0 s ago"),
            (-59, "59 s ago"),
            (-60, "1 min ago"),
            (3_600, "in 1 h"),
            (172_799, "in 47 h"),
            (172_800, "in 2 days"),
            (63_072_000, "in 2 years"),
            (i64::MIN, "292471208677 years ago"),
        ] {
            assert_eq!(distance(at(seconds), at(0)), expected);
        }
    }
}
