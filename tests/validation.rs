//! The policy, each rule at its boundary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "support/forge.rs"]
mod forge;

use std::time::Duration;

use forge::{forge, forge_claims, key};
use jwt_codec::{
    Claim, Claims, Error, JsonType, Key, KeySet, NumericDate, Requirement, Validation, decode,
    encode,
};
use serde_json::{Value, json};

const NOW: i64 = 1_600_000_000;

fn at(secs: i64) -> Validation {
    Validation::new().at(NumericDate::from_secs(secs)).allow_missing_exp()
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// The code of the outcome, `ok` for none.
fn outcome(claims: impl AsRef<str>, validation: &Validation) -> &'static str {
    code(&forge_claims(claims.as_ref()), validation)
}

fn code(token: &str, validation: &Validation) -> &'static str {
    decode::<Value>(token, &key(), validation).map_or_else(|error| error.code(), |_| "ok")
}

#[track_caller]
fn assert_outcomes(validation: &Validation, cases: &[(&str, &str)]) {
    for (claims, expected) in cases {
        assert_eq!(outcome(claims, validation), *expected, "{claims} under {validation:?}");
    }
}

#[test]
fn exp_is_the_first_second_that_is_too_late() {
    let claims = format!(r#"{{"exp":{NOW}}}"#);
    for (now, leeway, expected) in [
        (NOW - 1, 0, "ok"),
        (NOW, 0, "expired"),
        (NOW + 1, 0, "expired"),
        (NOW + 9, 10, "ok"),
        (NOW + 10, 10, "expired"),
        (NOW + 11, 10, "expired"),
        (i64::MIN, 0, "ok"),
        (i64::MAX, 0, "expired"),
        (i64::MAX - 1, u64::MAX, "ok"),
        (i64::MAX, u64::MAX, "expired"),
    ] {
        assert_eq!(outcome(&claims, &at(now).leeway(secs(leeway))), expected, "{now} {leeway}");
    }
}

#[test]
fn nbf_is_the_first_second_that_is_good() {
    let claims = format!(r#"{{"nbf":{NOW}}}"#);
    for (now, leeway, expected) in [
        (NOW - 1, 0, "not_yet_valid"),
        (NOW, 0, "ok"),
        (NOW + 1, 0, "ok"),
        (NOW - 11, 10, "not_yet_valid"),
        (NOW - 10, 10, "ok"),
        (i64::MIN, 0, "not_yet_valid"),
        (i64::MIN, u64::MAX, "ok"),
        (i64::MAX, u64::MAX, "ok"),
    ] {
        assert_eq!(outcome(&claims, &at(now).leeway(secs(leeway))), expected, "{now} {leeway}");
    }
}

#[test]
fn a_fraction_of_leeway_is_dropped() {
    let claims = format!(r#"{{"exp":{NOW}}}"#);
    assert_eq!(outcome(&claims, &at(NOW).leeway(Duration::from_millis(999))), "expired");
    assert_eq!(outcome(&claims, &at(NOW).leeway(Duration::from_millis(1999))), "ok");
}

#[test]
fn dates_are_any_json_number_a_fraction_as_exact_as_a_double() {
    for (date, first_late_second) in [
        ("1600000000.0", NOW),
        ("16e8", NOW),
        ("1.6E+9", NOW),
        ("16000000000e-1", NOW),
        ("1600000000.5", NOW + 1),
        ("1600000000.0000005", NOW + 1),
        ("1599999999.9999995", NOW),
        ("1599999999.0000005", NOW),
        // Too fine for one.
        ("1600000000.00000000000000000000000000000000000001", NOW),
        ("1599999999.99999999999999999999999999999999999999", NOW),
        ("9007199254740993", 9_007_199_254_740_993),
        ("9223372036854774785", 9_223_372_036_854_774_785),
        ("0", 0),
        ("-0", 0),
        ("-0.0", 0),
        ("0e400", 0),
        ("1e-300", 1),
        ("1e-400", 0),
        ("-1e-300", 0),
        ("-1e-400", 0),
        ("-1.5", -1),
        ("-2", -2),
        ("0.00016e13", NOW),
        ("9223372036854775806", i64::MAX - 1),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775807", i64::MIN + 1),
    ] {
        let claims = format!(r#"{{"exp":{date},"nbf":{date}}}"#);
        let exp = |now| outcome(&claims, &at(now).ignore_nbf());
        let nbf = |now| outcome(&claims, &at(now).ignore_exp());
        let last_good_second = first_late_second - 1;
        assert_eq!((exp(last_good_second), exp(first_late_second)), ("ok", "expired"), "{date}");
        assert_eq!(
            (nbf(last_good_second), nbf(first_late_second)),
            ("not_yet_valid", "ok"),
            "{date}"
        );
    }
}

#[test]
fn dates_outside_i64_count_as_its_ends() {
    for date in [
        "9223372036854775808",
        "18446744073709551616",
        "1e19",
        "1e308",
        "123456789012345678901234567890.5",
    ] {
        let claims = format!(r#"{{"exp":{date}}}"#);
        assert_eq!(outcome(&claims, &at(i64::MAX - 1)), "ok", "{date}");
        assert_eq!(outcome(&claims, &at(i64::MAX)), "expired", "{date}");
        assert_eq!(
            outcome(claims.replace("exp", "nbf"), &at(i64::MAX - 1)),
            "not_yet_valid",
            "{date}"
        );
    }
    for date in ["-9223372036854775808", "-9223372036854775809", "-1e20", "-1e308"] {
        let claims = format!(r#"{{"exp":{date},"nbf":{date}}}"#);
        assert_eq!(outcome(&claims, &at(i64::MIN)), "expired", "{date}");
        assert_eq!(outcome(&claims, &at(i64::MIN).ignore_exp()), "ok", "{date}");
    }
    // Beyond every double it is no date.
    for date in ["1e400", "-1e400", "1e99999999999999999999", &"9".repeat(400)] {
        for claim in ["exp", "nbf", "iat"] {
            let loosest = at(NOW).ignore_exp().ignore_nbf();
            assert_outcomes(&loosest, &[(&format!(r#"{{"{claim}":{date}}}"#), "malformed")]);
        }
    }
}

#[test]
fn exp_is_required_and_checked_unless_loosened() {
    let strict = Validation::new().at(NumericDate::from_secs(NOW));
    assert_outcomes(&strict, &[("{}", "missing_claim"), (r#"{"exp":1}"#, "expired")]);
    assert_outcomes(
        &strict.clone().ignore_exp(),
        &[
            ("{}", "missing_claim"),
            (r#"{"exp":1}"#, "ok"),
            (r#"{"exp":"1"}"#, "invalid_claim_type"),
        ],
    );
    assert_outcomes(
        &strict.clone().allow_missing_exp(),
        &[("{}", "ok"), (r#"{"exp":1}"#, "expired"), (r#"{"exp":null}"#, "invalid_claim_type")],
    );
    assert_outcomes(
        &strict.ignore_exp().allow_missing_exp(),
        &[("{}", "ok"), (r#"{"exp":1}"#, "ok")],
    );
}

#[test]
fn nbf_is_checked_unless_ignored() {
    let claims = r#"{"nbf":1600000001}"#;
    assert_outcomes(&at(NOW), &[(claims, "not_yet_valid")]);
    assert_outcomes(
        &at(NOW).ignore_nbf(),
        &[(claims, "ok"), (r#"{"nbf":null}"#, "invalid_claim_type")],
    );
}

#[test]
fn iat_matters_only_for_ages() {
    assert_outcomes(
        &at(NOW),
        &[
            (r#"{"iat":1600000001}"#, "ok"),
            (r#"{"iat":-1e300}"#, "ok"),
            (r#"{"iat":true}"#, "invalid_claim_type"),
        ],
    );

    let max_age = at(NOW).max_age(secs(60));
    assert_outcomes(
        &max_age,
        &[
            ("{}", "missing_claim"),
            (r#"{"iat":1600000000}"#, "ok"),
            (r#"{"iat":1600000001}"#, "not_yet_valid"),
            (r#"{"iat":1600000000.9}"#, "ok"),
            (r#"{"iat":1599999940}"#, "ok"),
            (r#"{"iat":1599999940.5}"#, "ok"),
            (r#"{"iat":1599999939.5}"#, "too_old"),
            (r#"{"iat":1599999939}"#, "too_old"),
            (r#"{"iat":-1e300}"#, "too_old"),
            (r#"{"iat":1e300}"#, "not_yet_valid"),
        ],
    );
    assert_outcomes(
        &max_age.leeway(secs(5)),
        &[
            (r#"{"iat":1600000005}"#, "ok"),
            (r#"{"iat":1600000006}"#, "not_yet_valid"),
            (r#"{"iat":1599999935}"#, "ok"),
            (r#"{"iat":1599999934}"#, "too_old"),
        ],
    );
    // The two durations are added before their fractions are dropped.
    let halves = at(NOW).max_age(Duration::from_millis(1500)).leeway(Duration::from_millis(500));
    assert_outcomes(
        &halves,
        &[(r#"{"iat":1599999998}"#, "ok"), (r#"{"iat":1599999997}"#, "too_old")],
    );
    // The whole span of i64, and ages beyond it.
    assert_outcomes(
        &at(i64::MAX).max_age(Duration::MAX),
        &[(r#"{"iat":-9223372036854775808}"#, "ok")],
    );
    assert_outcomes(
        &at(i64::MAX).max_age(secs(u64::MAX - 1)),
        &[(r#"{"iat":-9223372036854775807}"#, "ok")],
    );
    assert_outcomes(
        &at(i64::MAX).max_age(Duration::MAX).leeway(Duration::MAX),
        &[(r#"{"iat":0}"#, "ok")],
    );
}

#[test]
fn max_lifetime_needs_both_ends() {
    let validation = at(NOW).max_lifetime(secs(60));
    assert_outcomes(
        &validation,
        &[
            (r#"{"iat":1600000000}"#, "missing_claim"),
            (r#"{"exp":1600000060}"#, "missing_claim"),
            (r#"{"iat":1600000000,"exp":1600000060}"#, "ok"),
            (r#"{"iat":1600000000,"exp":1600000061}"#, "too_old"),
            (r#"{"iat":1600000000.9,"exp":1600000060}"#, "ok"),
            (r#"{"iat":1600000000,"exp":1600000060.1}"#, "too_old"),
            (r#"{"iat":-1e300,"exp":1e300}"#, "too_old"),
            (r#"{"iat":1e300,"exp":1600000060}"#, "not_yet_valid"),
            (r#"{"iat":1600000001,"exp":1600000060}"#, "not_yet_valid"),
        ],
    );
    // The lifetime has no leeway, because one clock set both ends. The start has.
    assert_outcomes(
        &validation.leeway(secs(5)),
        &[
            (r#"{"iat":1600000000,"exp":1600000061}"#, "too_old"),
            (r#"{"iat":1600000005,"exp":1600000060}"#, "ok"),
            (r#"{"iat":1600000006,"exp":1600000060}"#, "not_yet_valid"),
        ],
    );
}

#[test]
fn iss_is_one_of_those_to_the_letter() {
    let validation = at(NOW).issuers(["https://a.example", "b"]);
    assert_outcomes(
        &validation,
        &[
            (r#"{"iss":"https://a.example"}"#, "ok"),
            (r#"{"iss":"b"}"#, "ok"),
            (r#"{"iss":"\u0062"}"#, "ok"),
            (r#"{"iss":"B"}"#, "invalid_issuer"),
            (r#"{"iss":"https://a.example/"}"#, "invalid_issuer"),
            (r#"{"iss":"https://a"}"#, "invalid_issuer"),
            (r#"{"iss":""}"#, "invalid_issuer"),
            (r#"{"iss":["b"]}"#, "invalid_claim_type"),
            (r#"{"iss":null}"#, "invalid_claim_type"),
            ("{}", "missing_claim"),
        ],
    );
    assert_outcomes(
        &validation.issuer("c"),
        &[(r#"{"iss":"b"}"#, "invalid_issuer"), (r#"{"iss":"c"}"#, "ok")],
    );
    let none: [&str; 0] = [];
    assert_outcomes(&at(NOW).issuers(none), &[(r#"{"iss":"b"}"#, "invalid_issuer")]);
    assert_outcomes(&at(NOW), &[(r#"{"iss":"b"}"#, "ok"), (r#"{"iss":1}"#, "invalid_claim_type")]);
}

#[test]
fn aud_must_name_us_and_must_be_expected() {
    let validation = at(NOW).audiences(["api", "web"]);
    let cases = [
        (r#"{"aud":"api"}"#, "ok"),
        (r#"{"aud":["x","web"]}"#, "ok"),
        (r#"{"aud":["x","w\u0065b"]}"#, "ok"),
        (r#"{"aud":"Api"}"#, "invalid_audience"),
        (r#"{"aud":"api2"}"#, "invalid_audience"),
        (r#"{"aud":[]}"#, "invalid_audience"),
        (r#"{"aud":["x"]}"#, "invalid_audience"),
        (r#"{"aud":["api",1]}"#, "invalid_claim_type"),
        (r#"{"aud":["api",null]}"#, "invalid_claim_type"),
        (r#"{"aud":[["api"]]}"#, "invalid_claim_type"),
        (r#"{"aud":{"api":true}}"#, "invalid_claim_type"),
        (r#"{"aud":1}"#, "invalid_claim_type"),
        (r#"{"aud":null}"#, "invalid_claim_type"),
        ("{}", "missing_claim"),
    ];
    assert_outcomes(&validation, &cases);

    assert_outcomes(
        &at(NOW),
        &[
            ("{}", "ok"),
            (r#"{"aud":"api"}"#, "invalid_audience"),
            (r#"{"aud":""}"#, "invalid_audience"),
            (r#"{"aud":[]}"#, "invalid_audience"),
        ],
    );
    assert_outcomes(
        &validation.ignore_audience(),
        &[
            ("{}", "ok"),
            (r#"{"aud":"x"}"#, "ok"),
            (r#"{"aud":[]}"#, "ok"),
            (r#"{"aud":1}"#, "invalid_claim_type"),
        ],
    );
    assert_outcomes(
        &at(NOW).ignore_audience().audience("api"),
        &[(r#"{"aud":"x"}"#, "invalid_audience")],
    );
}

#[test]
fn sub_is_that_one_and_a_string() {
    assert_outcomes(
        &at(NOW).subject("ada"),
        &[
            (r#"{"sub":"ada"}"#, "ok"),
            (r#"{"sub":"Ada"}"#, "invalid_subject"),
            ("{}", "missing_claim"),
            (r#"{"sub":1}"#, "invalid_claim_type"),
        ],
    );
    let loose = at(NOW).allow_non_string_subject();
    assert_outcomes(
        &loose,
        &[
            (r#"{"sub":1}"#, "ok"),
            (r#"{"sub":-9223372036854775808}"#, "ok"),
            (r#"{"sub":18446744073709551615}"#, "ok"),
            (r#"{"sub":"ada"}"#, "ok"),
            // Two of these would be one as doubles.
            (r#"{"sub":110169484474386276334}"#, "invalid_claim_type"),
            (r#"{"sub":110169484474386276335}"#, "invalid_claim_type"),
            (r#"{"sub":1.0}"#, "invalid_claim_type"),
            (r#"{"sub":1e0}"#, "invalid_claim_type"),
            (r#"{"sub":-0}"#, "invalid_claim_type"),
            (r#"{"sub":{"id":1}}"#, "invalid_claim_type"),
            (r#"{"sub":[1]}"#, "invalid_claim_type"),
            (r#"{"sub":true}"#, "invalid_claim_type"),
            (r#"{"sub":null}"#, "invalid_claim_type"),
        ],
    );
    assert_outcomes(
        &loose.subject("1"),
        &[(r#"{"sub":1}"#, "invalid_subject"), (r#"{"sub":"1"}"#, "ok")],
    );
}

#[test]
fn jti_is_a_string() {
    assert_outcomes(
        &at(NOW),
        &[
            (r#"{"jti":"a"}"#, "ok"),
            (r#"{"jti":1}"#, "invalid_claim_type"),
            (r#"{"jti":null}"#, "invalid_claim_type"),
        ],
    );
}

#[test]
fn required_claims_are_there() {
    let validation = at(NOW).require("jti").require("role").require("role");
    assert_outcomes(
        &validation,
        &[
            (r#"{"jti":"a","role":"admin"}"#, "ok"),
            (r#"{"jti":"a","role":false}"#, "ok"),
            (r#"{"jti":"a","role":[null]}"#, "ok"),
            (r#"{"jti":"a","r\u006fle":""}"#, "ok"),
            (r#"{"jti":"a","role":null}"#, "missing_claim"),
            (r#"{"jti":"a","r\u006fle":null}"#, "missing_claim"),
            (r#"{"jti":"a","Role":1}"#, "missing_claim"),
            (r#"{"role":1}"#, "missing_claim"),
            (r#"{"jti":null,"role":1}"#, "invalid_claim_type"),
            (r#"{"jti":"a","nested":{"role":1}}"#, "missing_claim"),
        ],
    );
    let missing =
        |claims: &str| decode::<Value>(&forge_claims(claims), &key(), &validation).unwrap_err();
    let required_by = jwt_codec::Requirement::Require;
    assert_eq!(missing("{}"), Error::MissingClaim { claim: "jti".into(), required_by });
    let claims = r#"{"jti":""}"#;
    assert_eq!(missing(claims), Error::MissingClaim { claim: "role".into(), required_by });
}

/// A claim that is required goes to the type all the same, whatever it is.
#[test]
fn required_claims_reach_the_type() {
    let validation = at(NOW).require("a").require("b").require("c").require("d");
    let claims = r#"{"a":"x\n","b":-1.5,"c":{"d":[1]},"d":18446744073709551615}"#;
    let data = decode::<Value>(&forge_claims(claims), &key(), &validation).unwrap();
    assert_eq!(data.claims, json!({ "a": "x\n", "b": -1.5, "c": { "d": [1] }, "d": u64::MAX }));
}

#[test]
fn wrong_types_say_what_came() {
    let found = [
        ("null", JsonType::Null),
        ("true", JsonType::Bool),
        ("false", JsonType::Bool),
        ("-1", JsonType::Number),
        (r#""1""#, JsonType::String),
        ("[1]", JsonType::Array),
        ("{}", JsonType::Object),
    ];
    let mut count = 0;
    for (claim, name) in [
        (Claim::Issuer, "iss"),
        (Claim::Subject, "sub"),
        (Claim::Audience, "aud"),
        (Claim::ExpirationTime, "exp"),
        (Claim::NotBefore, "nbf"),
        (Claim::IssuedAt, "iat"),
        (Claim::JwtId, "jti"),
    ] {
        assert_eq!((claim.name(), claim.to_string().as_str()), (name, name));
        for (value, found) in found {
            let (expected, right) = match name {
                "aud" => ("a string or an array of strings", JsonType::String),
                "exp" | "nbf" | "iat" => ("a number", JsonType::Number),
                _ => ("a string", JsonType::String),
            };
            let token = forge_claims(format!(r#"{{"{name}":{value}}}"#));
            let loosest = at(NOW).ignore_exp().ignore_nbf().ignore_audience();
            let result = decode::<Value>(&token, &key(), &loosest);
            if found == right {
                assert!(result.is_ok(), "{name} {value}");
            } else {
                let error = Error::InvalidClaimType { claim, expected, found };
                assert_eq!(result.unwrap_err(), error, "{name} {value}");
            }
            count += 1;
        }
    }
    assert_eq!(count, 49);
}

#[test]
fn typ_is_jwt_or_absent_unless_named() {
    let with = |typ: &str| forge(format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#), "{}");
    let without = forge(r#"{"alg":"HS256"}"#, "{}");
    for (typ, expected) in [
        ("JWT", "ok"),
        ("jwt", "ok"),
        ("application/jwt", "ok"),
        ("Application/JWT", "ok"),
        ("at+jwt", "unexpected_type"),
        ("", "unexpected_type"),
        ("JWS", "unexpected_type"),
        ("application/", "unexpected_type"),
        ("application/application/jwt", "unexpected_type"),
        ("applicatioé/jwt", "unexpected_type"),
        ("publication/jwt", "unexpected_type"),
    ] {
        assert_eq!(code(&with(typ), &at(NOW)), expected, "{typ}");
    }
    assert_eq!(code(&without, &at(NOW)), "ok");

    let named = at(NOW).typ("at+jwt");
    for (typ, expected) in [
        ("at+jwt", "ok"),
        ("application/AT+JWT", "ok"),
        ("JWT", "unexpected_type"),
        ("at", "unexpected_type"),
    ] {
        assert_eq!(code(&with(typ), &named), expected, "{typ}");
    }
    assert_eq!(code(&with("at+jwt"), &at(NOW).typ("application/at+jwt")), "ok");
    assert_eq!(code(&without, &named), "unexpected_type");

    let any = named.allow_any_typ();
    assert_eq!((code(&with("x"), &any), code(&without, &any)), ("ok", "ok"));
}

/// Each fault with all later ones: the first one is reported.
#[test]
fn the_first_fault_in_the_order_is_reported() {
    let header = r#"{"alg":"HS256","typ":"other"}"#;
    let validation = at(NOW)
        .require("role")
        .max_age(secs(60))
        .max_lifetime(secs(60))
        .issuer("a")
        .audience("a")
        .subject("a");
    // Each claims object mends the fault that the one before it was refused for.
    let good = r#""role":1,"exp":1600000001"#;
    let mended = [
        (r#"{"iss":1,"role":null"#.to_owned(), "invalid_claim_type"),
        (
            r#"{"iss":"b","aud":"b","sub":"b","exp":1,"nbf":1600000001,"iat":1"#.to_owned(),
            "missing_claim",
        ),
        (
            r#"{"iss":"b","aud":"b","sub":"b","exp":1,"nbf":1600000001,"iat":1,"role":1"#
                .to_owned(),
            "expired",
        ),
        (
            format!(r#"{{"iss":"b","aud":"b","sub":"b","nbf":1600000001,"iat":1,{good}"#),
            "not_yet_valid",
        ),
        (format!(r#"{{"iss":"b","aud":"b","sub":"b","iat":1,{good}"#), "too_old"),
        (format!(r#"{{"iss":"b","aud":"b","sub":"b","iat":1600000000,{good}"#), "invalid_issuer"),
        (format!(r#"{{"iss":"a","aud":"b","sub":"b","iat":1600000000,{good}"#), "invalid_audience"),
        (format!(r#"{{"iss":"a","aud":"a","sub":"b","iat":1600000000,{good}"#), "invalid_subject"),
        (format!(r#"{{"iss":"a","aud":"a","sub":"a","iat":1600000000,{good}"#), "unexpected_type"),
    ];
    for (claims, expected) in mended {
        assert_eq!(
            code(&forge(header, format!("{claims},\"z\":0}}")), &validation),
            expected,
            "{claims}"
        );
        // Broken JSON comes before all of them, and so does a name that stands twice.
        assert_eq!(code(&forge(header, format!("{claims},\"z\":0")), &validation), "malformed");
        assert_eq!(
            code(&forge(header, format!("{claims},\"z\":0,\"z\":0}}")), &validation),
            "malformed"
        );
        // A bad signature comes before anything in the payload.
        let token = forge(header, format!("{claims},\"z\":0}}"));
        let other = Key::hs256([7; 32]).unwrap();
        let error = decode::<Value>(&token, &other, &validation).unwrap_err();
        assert_eq!(error, Error::InvalidSignature);
    }
}

/// Registered claims come before the caller's type, which would refuse this payload too.
#[test]
fn expired_comes_before_a_type_that_does_not_fit() {
    #[derive(Debug, serde::Deserialize)]
    struct Session {
        #[serde(rename = "role")]
        _role: String,
    }

    let decode =
        |claims: &str| decode::<Session>(&forge_claims(claims), &key(), &at(NOW)).unwrap_err();
    assert_eq!(decode(r#"{"exp":1}"#).code(), "expired");
    assert_eq!(decode(r#"{"role":1,"exp":1}"#).code(), "expired");
    assert_eq!(decode(r#"{"role":1,"exp":"1"}"#).code(), "invalid_claim_type");
    assert_eq!(decode(r#"{"role":1}"#).code(), "claims_mismatch");
    assert_eq!(decode(r#"{"role":1,"#).code(), "malformed");
}

#[test]
fn the_clock_is_the_systems_unless_given() {
    fn year_2020() -> NumericDate {
        NumericDate::from_secs(1_577_836_800)
    }

    let token = encode(&Claims::new(()).expires_in(secs(60)), &key()).unwrap();
    let is_ok = |validation: &Validation| decode::<Claims<()>>(&token, &key(), validation).is_ok();
    assert!(is_ok(&Validation::new()) && is_ok(&Validation::default()));
    assert!(is_ok(&Validation::with_clock(NumericDate::now)));
    assert!(!is_ok(&Validation::new().at(NumericDate::now() + secs(61))));

    let old = encode(&Claims::new(()).expires_at(year_2020() + secs(1)), &key()).unwrap();
    let decode = |validation: &Validation| decode::<Claims<()>>(&old, &key(), validation);
    assert!(decode(&Validation::new()).unwrap_err().is_expired());
    assert!(decode(&Validation::with_clock(year_2020)).is_ok());
    assert!(decode(&Validation::new().clock(year_2020)).is_ok());
    // The later call holds.
    assert!(decode(&Validation::new().clock(year_2020).at(year_2020() + secs(1))).is_err());
    assert!(
        decode(&Validation::new().at(NumericDate::from_secs(i64::MAX)).clock(year_2020)).is_ok()
    );
}

#[test]
fn the_clock_is_asked_only_where_a_rule_needs_it() {
    fn broken() -> NumericDate {
        unreachable!("no rule needs the time")
    }
    fn now() -> NumericDate {
        NumericDate::from_secs(NOW)
    }

    let timeless = Validation::with_clock(broken).ignore_exp().ignore_nbf();
    let claims = r#"{"exp":1,"nbf":1600000001,"iat":1}"#;
    assert_eq!(outcome(claims, &timeless), "ok");
    // Each rule on its own needs it.
    let timeless = timeless.clock(now).allow_missing_exp();
    assert_eq!(outcome(claims, &timeless.max_age(secs(1))), "too_old");
    assert_eq!(outcome(claims, &Validation::with_clock(now).ignore_nbf()), "expired");
    assert_eq!(outcome(claims, &Validation::with_clock(now).ignore_exp()), "not_yet_valid");
}

#[test]
fn registered_claims_can_be_required_by_their_type() {
    let missing = |validation: Validation| {
        decode::<Value>(&forge_claims("{}"), &key(), &validation).unwrap_err()
    };
    for claim in [Claim::Issuer, Claim::ExpirationTime, Claim::JwtId] {
        let error = missing(at(NOW).allow_missing_exp().require(claim));
        let required_by = jwt_codec::Requirement::Require;
        assert_eq!(error, Error::MissingClaim { claim: claim.name().into(), required_by });
    }
}

/// All loosenings together still want a signature, a known algorithm and right types.
#[test]
fn nothing_loosens_the_signature() {
    let loosest = Validation::new()
        .allow_missing_exp()
        .ignore_exp()
        .ignore_nbf()
        .ignore_audience()
        .allow_any_typ()
        .allow_non_string_subject();
    assert_eq!(code("eyJhbGciOiJub25lIn0.e30.", &loosest), "algorithm_mismatch");
    let forged = encode(&json!({}), &Key::hs256([7; 32]).unwrap()).unwrap();
    assert_eq!(code(&forged, &loosest), "invalid_signature");
    let error = decode::<Value>(&forged, &KeySet::new(), &loosest).unwrap_err();
    assert_eq!(error.code(), "unknown_key");
}

/// By value, at any depth: integers exactly, other numbers as doubles.
#[test]
fn a_claim_equals_the_value_that_is_asked_for() {
    for (expected, claims, outcome_code) in [
        (json!("acme"), r#"{"x":"acme"}"#, "ok"),
        (json!("acme"), r#"{"x":"Acme"}"#, "invalid_claim"),
        (json!("acme"), r#"{"x":"\u0061cme"}"#, "ok"),
        (json!("acme"), r#"{"X":"acme"}"#, "missing_claim"),
        (json!("acme"), r#"{"y":{"x":"acme"}}"#, "missing_claim"),
        (json!(1), r#"{"x":1.0}"#, "ok"),
        (json!(1.0), r#"{"x":1}"#, "ok"),
        (json!(1), r#"{"x":1e0}"#, "ok"),
        (json!(1), r#"{"x":"1"}"#, "invalid_claim"),
        (json!(1), r#"{"x":true}"#, "invalid_claim"),
        (json!(1.5), r#"{"x":1.5}"#, "ok"),
        (json!(1.5), r#"{"x":1}"#, "invalid_claim"),
        (json!(-1), r#"{"x":-1.0}"#, "ok"),
        (json!(0), r#"{"x":-0.0}"#, "ok"),
        (json!(9_007_199_254_740_993_i64), r#"{"x":9007199254740992.0}"#, "invalid_claim"),
        (json!(9_007_199_254_740_992_i64), r#"{"x":9007199254740992.0}"#, "ok"),
        (json!(u64::MAX), r#"{"x":18446744073709551615}"#, "ok"),
        (json!(u64::MAX), r#"{"x":18446744073709551614}"#, "invalid_claim"),
        (json!(1e300), r#"{"x":1e300}"#, "ok"),
        (json!(1e300), r#"{"x":2e300}"#, "invalid_claim"),
        (json!([1, { "a": 2 }]), r#"{"x":[1.0,{"a":2.0}]}"#, "ok"),
        (json!([1, 2]), r#"{"x":[2,1]}"#, "invalid_claim"),
        (json!([1, 2]), r#"{"x":[1,2,3]}"#, "invalid_claim"),
        (json!({ "a": 1, "b": 2 }), r#"{"x":{"b":2,"a":1}}"#, "ok"),
        (json!({ "a": 1 }), r#"{"x":{"a":1,"b":2}}"#, "invalid_claim"),
        (json!({ "a": 1 }), r#"{"x":{"b":1}}"#, "invalid_claim"),
        (json!(null), r#"{"x":null}"#, "ok"),
        (json!(null), "{}", "missing_claim"),
        (json!(false), r#"{"x":null}"#, "invalid_claim"),
    ] {
        let validation = at(NOW).claim("x", expected.clone());
        assert_eq!(outcome(claims, &validation), outcome_code, "{claims}, {expected} wanted");
    }
}

#[test]
fn claims_with_values_add_up_and_come_after_the_registered_ones() {
    let both = at(NOW).claim("x", 1).claim("y", "a").require("x");
    assert_outcomes(
        &both,
        &[
            (r#"{"x":1,"y":"a"}"#, "ok"),
            (r#"{"x":1,"y":"b"}"#, "invalid_claim"),
            (r#"{"x":2,"y":"a"}"#, "invalid_claim"),
            (r#"{"x":null,"y":"a"}"#, "missing_claim"),
        ],
    );
    assert_eq!(outcome(r#"{"x":1}"#, &at(NOW).claim("x", 1).claim("x", 2)), "invalid_claim");

    // Registered names too, beside their own rules.
    let registered = at(NOW).claim("sub", "ada").claim("aud", json!(["api", "web"]));
    let registered = registered.audience("api");
    assert_outcomes(
        &registered,
        &[
            (r#"{"sub":"ada","aud":["api","web"]}"#, "ok"),
            (r#"{"sub":"bob","aud":["api","web"]}"#, "invalid_claim"),
            (r#"{"sub":"ada","aud":"api"}"#, "invalid_claim"),
            (r#"{"sub":"ada","aud":["web"]}"#, "invalid_audience"),
            (r#"{"sub":7,"aud":["api","web"]}"#, "invalid_claim_type"),
            (r#"{"aud":["api","web"]}"#, "missing_claim"),
        ],
    );
    let number = at(NOW).allow_non_string_subject().claim("sub", 7);
    assert_outcomes(&number, &[(r#"{"sub":7}"#, "ok"), (r#"{"sub":"7"}"#, "invalid_claim")]);
    // A `null` that counts as absent is absent.
    let null = at(NOW).allow_null_claims().claim("sub", Value::Null);
    assert_eq!(outcome(r#"{"sub":null}"#, &null), "missing_claim");

    // `typ` comes after, `sub` before.
    let token = forge(r#"{"alg":"HS256","typ":"x"}"#, r#"{"x":2}"#);
    assert_eq!(code(&token, &at(NOW).claim("x", 1)), "invalid_claim");
    assert_eq!(code(&token, &at(NOW).claim("x", 1).subject("a")), "missing_claim");
}

/// Neither the value that is wanted nor the one that came is in the error.
#[test]
fn an_invalid_claim_shows_no_value() {
    let token = forge_claims(r#"{"x":"came-8842"}"#);
    let error = decode::<Value>(&token, &key(), &at(NOW).claim("x", "wanted-7431")).unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(!text.contains("8842") && !text.contains("7431"), "{text}");
}

#[test]
fn one_of_several_typs() {
    let with_typ = |typ: &str| forge(json!({ "alg": "HS256", "typ": typ }).to_string(), "{}");
    let both = at(NOW).typs(["at+jwt", "JWT"]);
    for (typ, expected) in [
        ("at+jwt", "ok"),
        ("application/AT+JWT", "ok"),
        ("jwt", "ok"),
        ("dpop+jwt", "unexpected_type"),
        ("", "unexpected_type"),
    ] {
        assert_eq!(code(&with_typ(typ), &both), expected, "{typ:?}");
        assert_eq!(code(&with_typ(typ), &at(NOW).typs(Vec::<String>::new())), "unexpected_type");
    }
    assert_eq!(code(&forge(r#"{"alg":"HS256"}"#, "{}"), &both), "unexpected_type");
    // The last call counts.
    assert_eq!(code(&with_typ("at+jwt"), &both.clone().typ("JWT")), "unexpected_type");
    assert_eq!(code(&with_typ("x"), &both.allow_any_typ()), "ok");
}

/// None of them lets in what another one is for.
#[test]
fn each_loosening_widens_what_it_names() {
    let strict = || Validation::new().at(NumericDate::from_secs(NOW));
    let loosened = [
        ("nothing", strict()),
        ("missing exp", strict().allow_missing_exp()),
        ("expired", strict().ignore_exp()),
        ("nbf", strict().ignore_nbf()),
        ("aud", strict().ignore_audience()),
        ("typ", strict().allow_any_typ()),
        ("sub", strict().allow_non_string_subject()),
        ("jti", strict().allow_non_string_id()),
        ("null", strict().allow_null_claims()),
    ];
    let exp = NOW + 60;
    let claims = |more: &str| forge_claims(format!(r#"{{"exp":{exp}{more}}}"#));
    for (name, validation) in &loosened {
        let check = |token: &str, loosening: &str, refused: &str| {
            let expected = if *name == loosening { "ok" } else { refused };
            assert_eq!(code(token, validation), expected, "{name}: {loosening}");
        };
        check(&claims(""), name, "ok");
        check(&forge_claims("{}"), "missing exp", "missing_claim");
        check(&forge_claims(format!(r#"{{"exp":{NOW}}}"#)), "expired", "expired");
        check(&claims(&format!(r#","nbf":{exp}"#)), "nbf", "not_yet_valid");
        check(&claims(r#","aud":"api""#), "aud", "invalid_audience");
        check(&claims(r#","sub":7"#), "sub", "invalid_claim_type");
        check(&claims(r#","jti":7"#), "jti", "invalid_claim_type");
        for claim in ["iss", "sub", "aud", "nbf", "iat", "jti"] {
            check(&claims(&format!(r#","{claim}":null"#)), "null", "invalid_claim_type");
        }
        let typed = forge(r#"{"alg":"HS256","typ":"x"}"#, format!(r#"{{"exp":{exp}}}"#));
        check(&typed, "typ", "unexpected_type");
        // Nobody accepts these.
        for wrong in [r#","iss":7"#, r#","aud":[7]"#, r#","aud":[null]"#, r#","iat":"1""#] {
            check(&claims(wrong), "nobody", "invalid_claim_type");
        }
        let null = if *name == "null" { "missing_claim" } else { "invalid_claim_type" };
        check(&forge_claims(r#"{"exp":null}"#), "nobody", null);
    }
    // `subject` compares strings.
    let subject = at(NOW).allow_non_string_subject().subject("7");
    assert_outcomes(&subject, &[(r#"{"sub":7}"#, "invalid_subject"), (r#"{"sub":"7"}"#, "ok")]);
}

#[test]
fn a_clock_may_capture() {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    let time = Arc::new(AtomicI64::new(NOW));
    let clock = {
        let time = Arc::clone(&time);
        move || NumericDate::from_secs(time.load(Ordering::Relaxed))
    };
    let validation = Validation::with_clock(clock.clone());
    let later = Validation::new().clock(clock);
    let claims = format!(r#"{{"exp":{}}}"#, NOW + 10);
    assert_eq!([outcome(&claims, &validation), outcome(&claims, &later)], ["ok"; 2]);
    time.store(NOW + 10, Ordering::Relaxed);
    assert_eq!([outcome(&claims, &validation.clone()), outcome(&claims, &later)], ["expired"; 2]);
    assert_eq!(outcome(&claims, &later.at(NumericDate::from_secs(NOW))), "ok");
}

/// Beside whatever `issuers` says (RFC 8725 §3.8).
#[test]
fn a_key_of_an_issuer_verifies_its_tokens_only() {
    let (a, b) = ("https://a.example", "https://b.example");
    let code = |iss: Value, keys: &Key, validation: Validation| {
        let claims = if iss.is_null() { json!({}) } else { json!({ "iss": iss }) };
        let token = encode(&claims, &key()).unwrap();
        decode::<Value>(&token, keys, &validation).map_or_else(|error| error.code(), |_| "ok")
    };
    let bound = key().with_issuer(a);
    assert_eq!(bound.issuers(), [a]);
    assert_eq!(code(json!(a), &bound, at(NOW)), "ok");
    assert_eq!(code(json!(b), &bound, at(NOW)), "invalid_issuer");
    assert_eq!(code(Value::Null, &bound, at(NOW)), "missing_claim");
    assert_eq!(code(json!(a), &bound, at(NOW).issuers([a, b])), "ok");
    assert_eq!(code(json!(b), &bound, at(NOW).issuers([a, b])), "invalid_issuer");
    assert_eq!(code(json!(a), &bound, at(NOW).issuer(b)), "invalid_issuer");
    // What is signed is the same.
    assert_eq!(encode(&json!({}), &bound), encode(&json!({}), &key()));
}

#[test]
fn debug_shows_the_rules() {
    let text = format!("{:?}", Validation::new().issuer("https://login.example"));
    assert!(text.contains("clock: Clock,"), "{text}");
    assert!(text.contains("https://login.example"), "{text}");
}

fn refusal(claims: impl AsRef<str>, validation: &Validation) -> Error {
    decode::<Value>(&forge_claims(claims.as_ref()), &key(), validation).unwrap_err()
}

fn missing(claim: &str, required_by: Requirement) -> Error {
    Error::MissingClaim { claim: claim.into(), required_by }
}

fn invalid(claim: &str, rule: Requirement) -> Error {
    Error::InvalidClaim { claim: claim.into(), rule }
}

#[test]
fn a_claim_is_one_of_several_values() {
    // As an issuer writes a flag, as a string or as itself.
    let verified = at(NOW).claim_one_of("email_verified", [json!("true"), json!(true)]);
    for value in ["true", r#""true""#, r#""tr\u0075e""#] {
        assert_eq!(outcome(format!(r#"{{"email_verified":{value}}}"#), &verified), "ok", "{value}");
    }
    for value in ["false", r#""false""#, "1", "null", "[true]", r#"{"true":true}"#] {
        let error = refusal(format!(r#"{{"email_verified":{value}}}"#), &verified);
        assert_eq!(error, invalid("email_verified", Requirement::ClaimOneOf), "{value}");
    }
    assert_eq!(refusal("{}", &verified), missing("email_verified", Requirement::ClaimOneOf));

    // Compared as `claim` does.
    let number = at(NOW).claim_one_of("x", [json!(1), json!([2.0]), json!(null)]);
    assert_outcomes(
        &number,
        &[
            (r#"{"x":1.0}"#, "ok"),
            (r#"{"x":[2]}"#, "ok"),
            (r#"{"x":null}"#, "ok"),
            (r#"{"x":2}"#, "invalid_claim"),
        ],
    );

    // An empty list accepts nothing.
    let none = at(NOW).claim_one_of("x", [""; 0]);
    assert_eq!(refusal(r#"{"x":null}"#, &none), invalid("x", Requirement::ClaimOneOf));
    assert_eq!(refusal("{}", &none), missing("x", Requirement::ClaimOneOf));

    // Calls add up, and each has to be met.
    let twice = at(NOW).claim_one_of("x", [1, 2]).claim_one_of("x", [2, 3]);
    assert_outcomes(&twice, &[(r#"{"x":2}"#, "ok"), (r#"{"x":1}"#, "invalid_claim")]);
}

#[test]
fn a_registered_claim_is_one_of_several_values() {
    let validation = at(NOW)
        .claim_one_of("sub", ["ada", "bob"])
        .claim_one_of("exp", [NOW + 1, NOW - 1])
        .claim_one_of("aud", [json!("api"), json!(["api", "web"])])
        .audience("api");
    let with =
        |sub: &str, exp: i64, aud: &str| format!(r#"{{"sub":{sub},"exp":{exp},"aud":{aud}}}"#);
    let rule = Requirement::ClaimOneOf;
    assert_eq!(outcome(with(r#""bob""#, NOW + 1, r#"["api","web"]"#), &validation), "ok");
    // The claim's own rules come first.
    let expired = with(r#""bob""#, NOW - 1, r#""api""#);
    assert_eq!(outcome(expired, &validation), "expired");
    assert_eq!(outcome(with("1", NOW + 1, r#""api""#), &validation), "invalid_claim_type");
    assert_eq!(refusal(with(r#""eve""#, NOW + 1, r#""api""#), &validation), invalid("sub", rule));
    assert_eq!(refusal(with(r#""ada""#, NOW + 2, r#""api""#), &validation), invalid("exp", rule));
    assert_eq!(
        refusal(with(r#""ada""#, NOW + 1, r#"["web","api"]"#), &validation),
        invalid("aud", rule)
    );
    assert_eq!(refusal(r#"{"aud":"api"}"#, &validation), missing("sub", rule));
    // A `null` that counts as absent is absent, even where `null` is among the values.
    let null = at(NOW).allow_null_claims().claim_one_of("jti", [Value::Null]);
    assert_eq!(refusal(r#"{"jti":null}"#, &null), missing("jti", rule));
}

#[test]
fn a_forbidden_claim_is_absent() {
    let rule = Requirement::Forbid;
    for validation in [at(NOW).forbid("nonce"), at(NOW).allow_null_claims().forbid("nonce")] {
        for claims in ["{}", r#"{"Nonce":1}"#, r#"{"x":{"nonce":1}}"#, r#"{"x":["nonce"]}"#] {
            assert_eq!(outcome(claims, &validation), "ok", "{claims}");
        }
        for value in ["1", "null", "\"\"", "false", "[]", "{}"] {
            for name in ["nonce", r"n\u006fnce"] {
                let error = refusal(format!(r#"{{"{name}":{value}}}"#), &validation);
                assert_eq!(error, invalid("nonce", rule), "{name} {value}");
            }
        }
    }
    for name in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] {
        let loosest = at(NOW).ignore_exp().ignore_nbf().ignore_audience().forbid(name);
        let value = if matches!(name, "exp" | "nbf" | "iat") { "0" } else { "\"\"" };
        assert_eq!(outcome("{}", &loosest), "ok");
        let error = refusal(format!(r#"{{"{name}":{value}}}"#), &loosest);
        assert_eq!(error, invalid(name, rule));
        // Its type comes first. A `null` that counts as absent is there all the same.
        let null = format!(r#"{{"{name}":null}}"#);
        assert_eq!(refusal(&null, &loosest).code(), "invalid_claim_type");
        assert_eq!(refusal(&null, &loosest.allow_null_claims()), invalid(name, rule));
    }
    // Required and forbidden at once, a claim meets no policy.
    let both = at(NOW).require("x").forbid("x");
    assert_eq!(refusal("{}", &both), missing("x", Requirement::Require));
    assert_eq!(refusal(r#"{"x":null}"#, &both), missing("x", Requirement::Require));
    assert_eq!(refusal(r#"{"x":1}"#, &both), invalid("x", rule));
}

/// `claim`, `claim_one_of` and `forbid` are checked in the order of their calls.
#[test]
fn rules_on_values_are_checked_in_the_order_of_their_calls() {
    type AddRule = fn(Validation) -> Validation;

    let wrong = r#"{"a":0,"b":0,"c":0}"#;
    let rules: [(&str, Requirement, AddRule); 3] = [
        ("a", Requirement::Claim, |validation| validation.claim("a", 1)),
        ("b", Requirement::ClaimOneOf, |validation| validation.claim_one_of("b", [1, 2])),
        ("c", Requirement::Forbid, |validation| validation.forbid("c")),
    ];
    for first in 0..3 {
        let validation = (first..first + 3).map(|n| rules[n % 3]);
        let validation = validation.fold(at(NOW), |validation, (.., rule)| rule(validation));
        let (name, requirement, _) = rules[first];
        assert_eq!(refusal(wrong, &validation), invalid(name, requirement));
    }
}

#[test]
fn a_typ_may_be_missing_where_that_is_allowed() {
    let with = |typ: &str| forge(format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#), "{}");
    let without = forge(r#"{"alg":"HS256"}"#, "{}");
    let unexpected = |expected: &[&str], found: Option<&str>| {
        let expected = expected.iter().map(|&typ| typ.to_owned()).collect();
        Err(Error::UnexpectedType { expected, found: found.map(String::from) })
    };
    let read =
        |token: &str, validation: &Validation| decode::<Value>(token, &key(), validation).map(drop);
    for validation in [
        at(NOW).typs(["JWT", "JOSE"]).allow_missing_typ(),
        at(NOW).allow_missing_typ().typs(["JWT", "JOSE"]),
    ] {
        for token in [&without, &with("JWT"), &with("jose"), &with("application/JOSE")] {
            assert_eq!(read(token, &validation), Ok(()));
        }
        for typ in ["", "at+jwt", "null"] {
            let expected = unexpected(&["JWT", "JOSE"], Some(typ));
            assert_eq!(read(&with(typ), &validation), expected);
        }
    }
    let one = at(NOW).typ("at+jwt");
    assert_eq!(read(&without, &one), unexpected(&["at+jwt"], None));
    let one = one.allow_missing_typ();
    assert_eq!(read(&without, &one), Ok(()));
    assert_eq!(read(&with("AT+JWT"), &one), Ok(()));
    assert_eq!(read(&with("JWT"), &one), unexpected(&["at+jwt"], Some("JWT")));
    // An empty list accepts no type, but its absence.
    let none = at(NOW).typs([""; 0]).allow_missing_typ();
    assert_eq!(read(&without, &none), Ok(()));
    assert_eq!(read(&with("JWT"), &none), unexpected(&[], Some("JWT")));
    // It changes nothing of the default.
    let default = at(NOW).allow_missing_typ();
    assert_eq!(read(&without, &default), Ok(()));
    assert_eq!(read(&with("at+jwt"), &default), unexpected(&["JWT"], Some("at+jwt")));
}

/// `encode` writes none, so no token of this crate has one.
#[test]
fn an_empty_typ_cannot_be_expected() {
    for policy in [at(NOW), at(NOW).typ(""), at(NOW).typs(["JWT", ""])] {
        for typ in ["", "application/", "APPLICATION/"] {
            let token = forge(json!({ "alg": "HS256", "typ": typ }).to_string(), "{}");
            let refused = decode::<Value>(&token, &key(), &policy.clone().allow_missing_exp());
            assert_eq!(refused.unwrap_err().code(), "unexpected_type", "{typ:?}");
        }
    }
}

#[test]
fn a_policy_tells_its_time_and_leeway() {
    let fixed = Validation::with_clock(|| NumericDate::from_secs(NOW));
    assert_eq!((fixed.now().as_secs(), fixed.current_leeway()), (NOW, Duration::ZERO));
    let leeway = Duration::from_millis(1999);
    let later = fixed.leeway(secs(5)).at(NumericDate::from_secs(NOW + 1)).leeway(leeway);
    assert_eq!((later.now().as_secs(), later.current_leeway()), (NOW + 1, leeway));
    assert_eq!(later.leeway(Duration::MAX).current_leeway(), Duration::MAX);
    let before = NumericDate::now();
    let now = Validation::new().now();
    assert!(before <= now && now <= NumericDate::now());
}

/// Otherwise it would bound nothing.
#[test]
fn a_lifetime_does_not_start_in_the_far_future() {
    let validation = at(NOW).max_lifetime(secs(60));
    for (iat, not_before) in [
        ("9223372036854775747", i64::MAX - 60),
        ("9223372036854775807", i64::MAX),
        ("1e30", i64::MAX),
        ("1600000001", NOW + 1),
    ] {
        let claims = format!(r#"{{"iat":{iat},"exp":{}}}"#, not_before.saturating_add(60));
        let (not_before, now) = (NumericDate::from_secs(not_before), NumericDate::from_secs(NOW));
        let error = Error::NotYetValid { claim: Claim::IssuedAt, not_before, now };
        assert_eq!(refusal(claims, &validation), error, "{iat}");
    }
    // Whatever else is ignored.
    let loose = validation.ignore_exp().ignore_nbf();
    assert_eq!(outcome(r#"{"iat":1600000001,"exp":1600000002}"#, &loose), "not_yet_valid");
}

/// Integers are compared as far as `serde_json` holds them: 64 bits, or any size under its feature
/// `arbitrary_precision`, which another crate may switch on.
#[test]
fn integers_are_compared_exactly() {
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let holds_any = serde_json::from_str::<Value>("1e400").is_ok();
    let near = [
        ["9007199254740991", "9007199254740992", "9007199254740993"],
        ["-9007199254740993", "-9007199254740992", "-9007199254740991"],
        ["9223372036854775806", "9223372036854775807", "9223372036854775808"],
        ["18446744073709551613", "18446744073709551614", "18446744073709551615"],
        ["-9223372036854775808", "-9223372036854775807", "-9223372036854775806"],
    ];
    let beyond = [
        ["18446744073709551616", "18446744073709551617", "18446744073709551618"],
        // The ends of 128 bits.
        [
            "170141183460469231731687303715884105726",
            "170141183460469231731687303715884105727",
            "170141183460469231731687303715884105728",
        ],
        [
            "-170141183460469231731687303715884105729",
            "-170141183460469231731687303715884105728",
            "-170141183460469231731687303715884105727",
        ],
        [
            "340282366920938463463374607431768211455",
            "340282366920938463463374607431768211456",
            "340282366920938463463374607431768211457",
        ],
        [
            "1000000000000000000000000000000000000000000",
            "1000000000000000000000000000000000000000001",
            "1000000000000000000000000000000000000000002",
        ],
    ];
    for numbers in near.iter().chain(beyond.iter().filter(|_| holds_any)) {
        for expected in numbers {
            let rules = [
                at(NOW).claim("x", parse(expected)),
                at(NOW).claim_one_of("x", [parse(expected)]),
                at(NOW).claim("x", json!({ "y": [parse(expected)] })),
            ];
            for found in numbers {
                let outcome_code = if found == expected { "ok" } else { "invalid_claim" };
                for (rule, x) in
                    rules.iter().zip([found, found, &&*format!(r#"{{"y":[{found}]}}"#)])
                {
                    let claims = format!(r#"{{"x":{x}}}"#);
                    assert_eq!(outcome(&claims, rule), outcome_code, "{expected}: {claims}");
                }
            }
        }
    }
    // However they are written.
    for (expected, found) in [
        ("9007199254740992", "9007199254740992.0"),
        ("9007199254740992", "9.007199254740992e15"),
        ("18446744073709551616", "18446744073709551616.0"),
        ("170141183460469231731687303715884105728", "1.7014118346046923e38"),
        ("1e22", "1.0E+22"),
        ("0", "-0"),
    ] {
        let claims = format!(r#"{{"x":{found}}}"#);
        assert_eq!(outcome(&claims, &at(NOW).claim("x", parse(expected))), "ok", "{claims}");
    }
}
