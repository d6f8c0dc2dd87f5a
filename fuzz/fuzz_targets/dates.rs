//! Any number as a date, alone and as `exp` and `nbf`, with every sum of it and a span: against
//! `i128`, which has room for them all.

#![no_main]

use std::{sync::LazyLock, time::Duration};

use arbitrary::Arbitrary;
use jwt_codec::{Algorithm, Error, Key, NumericDate, Validation, decode};
use jwt_codec_fuzz::{key, token};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

static KEY: LazyLock<Key> = LazyLock::new(|| key(Algorithm::Hs256));

const NUMBER: &[u8; 16] = b"0123456789e+E-. ";

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// Near the date, or anywhere.
    now: Result<i8, i64>,
    leeway: Result<u8, u64>,
    nanos: u32,
    is_exp: bool,
    /// One character of [`NUMBER`] each; digits, `+`, `-` and `.` are their own.
    text: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let text: String =
        input.text.iter().map(|byte| char::from(NUMBER[usize::from(byte % 16)])).collect();
    let date = serde_json::from_str::<NumericDate>(&text).ok().map(NumericDate::as_secs);
    assert_eq!(date, whole_second(&text, f64::floor), "{text}");

    let base = date.unwrap_or_default();
    let now = input.now.map_or_else(|any| any, |near| base.saturating_add(near.into()));
    let leeway = input.leeway.map_or_else(|any| any, u64::from);
    check_sums(base, now, Duration::new(leeway, input.nanos % 1_000_000_000));
    check_policy(&text, input.is_exp, now, leeway);
});

/// An integer is exact, any other number a double that is rounded; beyond the ends of `i64` it is
/// the nearer end. `None` if the text is no number that a double can hold.
fn whole_second(text: &str, round: fn(f64) -> f64) -> Option<i64> {
    let number: f64 = serde_json::from_str(text).ok()?;
    Some(text.trim().parse().unwrap_or_else(|_| nearest_end(round(number) as i128)))
}

fn nearest_end(exact: i128) -> i64 {
    exact.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

fn check_sums(date: i64, other: i64, span: Duration) {
    let [exact, other_exact, secs] = [date.into(), other.into(), i128::from(span.as_secs())];
    let (date, other) = (NumericDate::from_secs(date), NumericDate::from_secs(other));
    assert_eq!((date + span).as_secs(), nearest_end(exact + secs));
    assert_eq!((date - span).as_secs(), nearest_end(exact - secs));
    let since = date.duration_since(other);
    assert_eq!(i128::from(since.as_secs()), (exact - other_exact).max(0));
    assert_eq!((since.subsec_nanos(), date < other), (0, exact < other_exact));
    assert_eq!(date.to_string(), exact.to_string());
}

/// RFC 7519 §4.1.4 and §4.1.5: both dates round up.
fn check_policy(text: &str, is_exp: bool, now: i64, leeway: u64) {
    let name = if is_exp { "exp" } else { "nbf" };
    let payload = format!(r#"{{"{name}":{text}}}"#);
    let token = token(Algorithm::Hs256, br#"{"alg":"HS256"}"#, payload.as_bytes());
    let validation = Validation::new()
        .at(NumericDate::from_secs(now))
        .leeway(Duration::from_secs(leeway))
        .allow_missing_exp();
    let found = decode::<IgnoredAny>(&token, &*KEY, &validation).map(drop);

    let add = |secs: i64| i128::from(nearest_end(i128::from(secs) + i128::from(leeway)));
    let expected = match whole_second(text, f64::ceil) {
        None => Err("malformed"),
        Some(exp) if is_exp && i128::from(now) >= add(exp) => Err("expired"),
        Some(nbf) if !is_exp && add(now) < nbf.into() => Err("not_yet_valid"),
        Some(_) => Ok(()),
    };
    assert_eq!(found.as_ref().map_err(Error::code), expected.as_ref().map_err(|code| *code));
}
