//! Every vendored vector gives the outcome it expects; see `vectors/README.md` for their origin.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::float_cmp)]

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jwt_codec::{
    Algorithm, Error, Key, NumericDate, UnverifiedToken, Validation, dangerous, decode,
    decode_borrowed,
};
use serde::Deserialize;
use serde_json::Value;

/// One line of a file, as `vectors/README.md` describes it.
#[derive(Deserialize)]
struct Case {
    name: String,
    alg: Algorithm,
    key_b64url: String,
    token: String,
    now: Option<i64>,
    options: Options,
    expect: Option<String>,
    #[serde(default)]
    expect_any: Vec<String>,
    claims: Option<Value>,
    #[serde(default)]
    weak_key: bool,
    jws_expect: Option<String>,
    jws_payload_b64url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    aud: Option<Vec<String>>,
    iss: Option<Vec<String>>,
    sub: Option<String>,
    leeway: Option<u64>,
    #[serde(default)]
    required: Vec<String>,
}

impl Case {
    fn key(&self) -> Result<Key, Error> {
        Key::from_base64url(self.alg, &self.key_b64url)
    }

    /// The key even if it is too short for `Key`; `None` if it is empty, which is no key at all.
    fn any_key(&self) -> Option<Key> {
        let secret = BASE64_URL_SAFE_NO_PAD.decode(&self.key_b64url).expect(&self.name);
        (!secret.is_empty()).then(|| dangerous::short_key(self.alg, secret).expect(&self.name))
    }

    fn validation(&self) -> Validation {
        let mut validation = Validation::new().allow_missing_exp().allow_any_typ();
        validation = match self.now {
            Some(now) => validation.at(NumericDate::from_secs(now)),
            None => validation.ignore_exp().ignore_nbf(),
        };
        validation = match &self.options.aud {
            Some(aud) => validation.audiences(aud),
            None => validation.ignore_audience(),
        };
        if let Some(iss) = &self.options.iss {
            validation = validation.issuers(iss);
        }
        if let Some(sub) = &self.options.sub {
            validation = validation.subject(sub);
        }
        if let Some(leeway) = self.options.leeway {
            validation = validation.leeway(Duration::from_secs(leeway));
        }
        self.options.required.iter().fold(validation, Validation::require)
    }

    fn expects(&self, outcome: &str) -> bool {
        self.expect.as_deref() == Some(outcome) || self.expect_any.iter().any(|any| any == outcome)
    }
}

/// The vectors' name for an outcome.
fn outcome<T>(result: &Result<T, Error>) -> &'static str {
    let Err(error) = result else { return "valid" };
    match error.code() {
        "malformed" | "token_too_long" => "Malformed",
        "algorithm_mismatch" => "AlgorithmMismatch",
        "unsupported_critical" => "CriticalHeader",
        "invalid_signature" => "InvalidSignature",
        "expired" => "Expired",
        "not_yet_valid" => "NotYetValid",
        "invalid_issuer" => "InvalidIssuer",
        "invalid_audience" => "InvalidAudience",
        "invalid_subject" => "InvalidSubject",
        "missing_claim" => "MissingClaim",
        "invalid_claim_type" => "InvalidClaimType",
        code => code,
    }
}

fn cases(file: &str) -> Vec<Case> {
    file.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

const GENERATED: &str = include_str!("vectors/generated.jsonl");
const RFC: &str = include_str!("vectors/rfc.jsonl");
const WYCHEPROOF: &str = include_str!("vectors/wycheproof.jsonl");

/// Equal as numbers, floats to within one unit in the last place; see `vectors/README.md`.
fn same_json(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let integers = one.as_i128().zip(other.as_i128());
            integers.map_or_else(
                || {
                    let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
                    one == other || one.next_up() == other || one.next_down() == other
                },
                |(one, other)| one == other,
            )
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| same_json(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, one)| other.get(name).is_some_and(|other| same_json(one, other)))
        }
        (one, other) => one == other,
    }
}

/// Runs a check on each case and names every one that fails it.
fn check_all(file: &str, expected_count: usize, check: impl Fn(&Case) -> Result<(), String>) {
    let cases = cases(file);
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| check(case).err().map(|why| format!("{}: {why}", case.name)))
        .collect();
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(cases.len(), expected_count);
}

fn decodes_as_expected(case: &Case) -> Result<(), String> {
    if case.weak_key {
        let code = case.key().err().map(|error| error.code());
        if code != Some("weak_key") {
            return Err(format!("its short key gave {code:?}"));
        }
    } else if let Err(error) = case.key() {
        return Err(format!("its key gave {error}"));
    }
    let Some(key) = case.any_key() else { return Ok(()) };
    let result = decode::<Value>(&case.token, &key, &case.validation());
    let mut buffer = Vec::new();
    let borrowed = decode_borrowed::<Value>(&case.token, &key, &case.validation(), &mut buffer);
    if borrowed.as_ref().map(|data| &data.claims) != result.as_ref().map(|data| &data.claims) {
        return Err("decode and decode_borrowed differ".into());
    }
    if !case.expects(outcome(&result)) {
        return Err(format!("{result:?}, expected {:?} {:?}", case.expect, case.expect_any));
    }
    match (result, &case.claims) {
        (Ok(data), Some(claims)) if !same_json(&data.claims, claims) => {
            Err(format!("claims {} instead of {claims}", data.claims))
        }
        _ => Ok(()),
    }
}

#[test]
fn generated() {
    check_all(GENERATED, 181, decodes_as_expected);
}

#[test]
fn rfc() {
    check_all(RFC, 20, decodes_as_expected);
}

#[test]
fn wycheproof() {
    check_all(WYCHEPROOF, 111, decodes_as_expected);
}

/// Wycheproof's verdicts are about the JWS, whatever its payload is.
#[test]
fn wycheproof_as_jws() {
    let mut outcomes = BTreeMap::new();
    for case in cases(WYCHEPROOF) {
        let (Some(expected), Some(key)) = (&case.jws_expect, case.any_key()) else { continue };
        let payload = UnverifiedToken::parse(&case.token)
            .and_then(|token| token.verify(&key))
            .and_then(|token| token.payload());
        let outcome = outcome(&payload);
        assert!(
            outcome == expected || case.expects(outcome),
            "{}: {payload:?}, expected {expected}",
            case.name
        );
        *outcomes.entry(outcome).or_insert(0) += 1;
        if let (Ok(payload), Some(expected)) = (payload, &case.jws_payload_b64url) {
            assert_eq!(&BASE64_URL_SAFE_NO_PAD.encode(payload), expected, "{}", case.name);
        }
    }
    let expected =
        [("AlgorithmMismatch", 2), ("InvalidSignature", 14), ("Malformed", 32), ("valid", 19)];
    assert_eq!(outcomes, expected.into());
}
