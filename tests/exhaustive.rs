//! Every input up to a bound, compared with a plain reference: dates with `i128`, which cannot wrap
//! here, and the splitting of a token with a count of its dots.

use std::time::{Duration, UNIX_EPOCH};

use jwt_codec::{
    Claim, Error, Key, NumericDate, Reason, Segment, UnverifiedToken, Validation, decode, encode,
};
use serde_json::{Value, json};

/// Each second near the ends of `i64` and near the epoch.
fn dates() -> Vec<i64> {
    let near = |centre: i64| (-4..=4).filter_map(move |n| centre.checked_add(n));
    near(i64::MIN).chain(near(0)).chain(near(i64::MAX)).collect()
}

/// Each number of seconds near the ends of what a span can be, and near the distance of two ends.
fn spans() -> Vec<u64> {
    let near = |centre: u64| (-4..=4).filter_map(move |n| centre.checked_add_signed(n));
    let half = i64::MAX.unsigned_abs();
    near(0).chain(near(half)).chain(near(u64::MAX)).collect()
}

fn nearest_end(exact: i128) -> i64 {
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}

#[test]
fn dates_and_spans() {
    let mut checked = 0;
    for date in dates() {
        for secs in spans() {
            for nanos in [0, 1, 999_999_999] {
                let (of_date, span) = (NumericDate::from_secs(date), Duration::new(secs, nanos));
                let later = nearest_end(i128::from(date) + i128::from(secs));
                let earlier = nearest_end(i128::from(date) - i128::from(secs));
                assert_eq!((of_date + span).as_secs(), later, "{date} + {span:?}");
                assert_eq!((of_date - span).as_secs(), earlier, "{date} - {span:?}");
                checked += 1;
            }
        }
        for other in dates() {
            let distance = (i128::from(date) - i128::from(other)).max(0);
            let since = NumericDate::from_secs(date).duration_since(NumericDate::from_secs(other));
            assert_eq!(i128::from(since.as_secs()), distance, "{date} since {other}");
            assert_eq!(since.subsec_nanos(), 0);
            checked += 1;
        }
    }
    assert_eq!(checked, 19 * 19 * 3 + 19 * 19);
}

#[test]
fn times_of_the_system() {
    for half_seconds in -9_i64..=9 {
        let span = Duration::from_millis(half_seconds.unsigned_abs() * 500);
        let time = if half_seconds < 0 { UNIX_EPOCH - span } else { UNIX_EPOCH + span };
        assert_eq!(NumericDate::from(time).as_secs(), half_seconds.div_euclid(2), "{time:?}");
    }
}

/// The code that the policy should give, by the sentences of RFC 7519 §4.1.4 and §4.1.5.
#[expect(clippy::arithmetic_side_effects, reason = "`i128` has room for it")]
fn expected(exp: i64, nbf: i64, now: i64, leeway: u64) -> Result<(), &'static str> {
    let [exp, nbf, now, leeway] = [exp.into(), nbf.into(), now.into(), i128::from(leeway)];
    // What lies beyond the ends counts as the end, so nothing is before or after it.
    let end = |exact| i128::from(nearest_end(exact));
    match (now < end(exp + leeway), end(now + leeway) >= nbf) {
        (false, _) => Err("expired"),
        (true, false) => Err("not_yet_valid"),
        (true, true) => Ok(()),
    }
}

#[test]
fn exp_and_nbf_at_each_time_with_each_leeway() {
    let key = Key::hs256([7; 32]).unwrap();
    let mut checked = 0;
    for exp in dates() {
        for nbf in dates() {
            let token = encode(&json!({ "exp": exp, "nbf": nbf }), &key).unwrap();
            for now in dates() {
                for leeway in [0, 1, 2, 4, 8, i64::MAX.unsigned_abs(), u64::MAX] {
                    let validation = Validation::new()
                        .at(NumericDate::from_secs(now))
                        .leeway(Duration::from_secs(leeway));
                    let found = decode::<Value>(&token, &key, &validation).map(|_| ());
                    let want = expected(exp, nbf, now, leeway);
                    let what = format!("exp {exp}, nbf {nbf}, at {now}, leeway {leeway}");
                    assert_eq!(
                        found.as_ref().map_err(Error::code),
                        want.as_ref().map_err(|c| *c),
                        "{what}"
                    );
                    if let Err(Error::NotYetValid { claim, not_before, .. }) = found {
                        assert_eq!(
                            (claim, not_before.as_secs()),
                            (Claim::NotBefore, nbf),
                            "{what}"
                        );
                    }
                    checked += 1;
                }
            }
        }
    }
    assert_eq!(checked, 19 * 19 * 19 * 7);
}

/// Quarters of a second: those of `exp` and `nbf` round up, which compares as the fraction would.
#[test]
fn fractions_compare_as_they_are() {
    let key = Key::hs256([7; 32]).unwrap();
    let mut checked = 0;
    for quarters in -24..=24_i32 {
        let date = |claim: &str| {
            let text = format!(r#"{{"{claim}":{}}}"#, f64::from(quarters) / 4.0);
            serde_json::from_str::<Value>(&text).unwrap()
        };
        let exp = encode(&date("exp"), &key).unwrap();
        let nbf = encode(&date("nbf"), &key).unwrap();
        for now in -8..=8_i32 {
            let at = Validation::new().at(NumericDate::from_secs(now.into()));
            let code = |token: &str, policy: &Validation| {
                decode::<Value>(token, &key, policy).err().map(|error| error.code())
            };
            let is_over = now * 4 >= quarters;
            assert_eq!(code(&exp, &at), is_over.then_some("expired"), "exp {quarters}/4 at {now}");
            let (at, is_early) = (at.allow_missing_exp(), now * 4 < quarters);
            assert_eq!(
                code(&nbf, &at),
                is_early.then_some("not_yet_valid"),
                "nbf {quarters}/4 at {now}"
            );
            checked += 2;
        }
    }
    assert_eq!(checked, 49 * 17 * 2);
}

/// Every text of up to nine characters of which some are dots, and every number of dots up to where
/// they are counted in several parts.
#[test]
fn segments() {
    let segment_count = |text: &str| match UnverifiedToken::parse(text) {
        Err(Error::Malformed {
            segment: Segment::Token,
            reason: Reason::SegmentCount { found },
        }) => Some(found),
        _ => None,
    };
    let expected = |text: &str| match text.split('.').count() {
        3 => None,
        other => Some(other),
    };
    let mut checked = 0;
    for len in 1..=9 {
        for dots in 0..1_u32 << len {
            let text: String =
                (0..len).map(|n| if dots >> n & 1 == 1 { '.' } else { 'A' }).collect();
            assert_eq!(segment_count(&text), expected(&text), "{text}");
            checked += 1;
        }
    }
    for dots in 0..=1200 {
        for between in ["", "A", "AAAA"] {
            let text = vec![between; dots + 1].join(".") + "A";
            assert_eq!(segment_count(&text), expected(&text), "{dots} dots, {between:?} between");
            checked += 1;
        }
    }
    assert_eq!(checked, (2 << 9) - 2 + 1201 * 3);
}
