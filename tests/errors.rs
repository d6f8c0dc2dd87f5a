//! Each error as it comes out of the API: its code and its exact text.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod forge;

use std::time::Duration;

use forge::{forge, forge_claims, key, sign_text};
use jwt_codec::{
    Algorithm, Claim, Claims, Error, Header, JsonType, Key, KeySet, NumericDate, Validation,
    decode, encode, encode_with_header,
};
use serde_json::{Value, json};

const NOW: i64 = 1_600_000_000;

fn validation() -> Validation {
    Validation::new().at(NumericDate::from_secs(NOW)).allow_missing_exp()
}

fn refuse(token: &str, validation: &Validation) -> Error {
    decode::<Value>(token, &key(), validation).unwrap_err()
}

#[track_caller]
fn assert_error(error: &Error, code: &str, text: &str) {
    assert_eq!((error.code(), error.to_string().as_str()), (code, text));
    assert_eq!(error.is_expired(), code == "expired");
}

#[test]
fn token_too_long() {
    let token = forge_claims("{}");
    let error = refuse(&token, &validation().max_token_len(10));
    assert_eq!(error, Error::TokenTooLong { len: token.len(), max: 10 });
    assert_error(
        &error,
        "token_too_long",
        "token of 84 bytes is longer than the 10 allowed; see `Validation::max_token_len`",
    );
    assert!(decode::<Value>(&token, &key(), &validation().max_token_len(token.len())).is_ok());
}

#[test]
fn malformed() {
    let cases = [
        ("a.b".into(), "malformed token: a token is three segments joined by two dots"),
        ("a.b.c.d".into(), "malformed token: a token is three segments joined by two dots"),
        (
            "eyJhbGciOiJIUzI1Ni+9.e30.x".into(),
            "malformed header: not canonical base64url without padding at byte 18",
        ),
        (
            "eyI.e30.x".into(),
            "malformed header: not readable as JSON: EOF while parsing a string at line 1 column 2",
        ),
        (forge("[]", "{}"), "malformed header: a JSON object is wanted, not an array"),
        (forge("{}", "{}"), "malformed header: \"alg\" is missing"),
        (forge([0xff], "{}"), "malformed header: not UTF-8 at decoded byte 0"),
        (
            forge(r#"{"alg":"HS256","alg":"HS256"}"#, "{}"),
            "malformed header: the name \"alg\" stands twice",
        ),
        (forge(r#"{"alg":256}"#, "{}"), "malformed header: \"alg\" must be a string, not a number"),
        (
            forge(r#"{"alg":"HS256","crit":[]}"#, "{}"),
            "malformed header: \"crit\" must list at least one name, each once",
        ),
        (
            format!("{}.e30.x", "A".repeat(8193)),
            "malformed header: 8193 bytes are more than the 8192 read",
        ),
        (
            sign_text("eyJhbGciOiJIUzI1NiJ9.e31"),
            "malformed payload: not canonical base64url without padding at byte 2",
        ),
        (
            sign_text("eyJhbGciOiJIUzI1NiJ9.e30="),
            "malformed payload: not canonical base64url without padding at byte 3",
        ),
        (
            sign_text("eyJhbGciOiJIUzI1NiJ9.e30A0"),
            "malformed payload: not canonical base64url without padding at byte 5",
        ),
        (forge_claims([b'{', 0xff]), "malformed payload: not UTF-8 at decoded byte 1"),
        (forge_claims("[]"), "malformed payload: a JSON object is wanted, not an array"),
        (forge_claims(r#"{"a":1,"\u0061":2}"#), "malformed payload: the name \"a\" stands twice"),
        (
            forge_claims(r#"{"$serde_json::private::RawValue":"{}"}"#),
            "malformed payload: the name \"$serde_json::private::RawValue\" is reserved",
        ),
    ];
    for (token, text) in cases {
        assert_error(&refuse(&token, &validation()), "malformed", text);
    }
}

#[test]
fn algorithm_mismatch() {
    let error = refuse(&forge(r#"{"alg":"none"}"#, "{}"), &validation());
    assert_error(
        &error,
        "algorithm_mismatch",
        "token says alg \"none\", the key is for HS256; the key decides, not the token",
    );
    let error = decode::<Value>(&forge_claims("{}"), &KeySet::new(), &validation()).unwrap_err();
    assert_error(
        &error,
        "algorithm_mismatch",
        "token says alg \"HS256\", and no key of the set is for it; the key decides, not the token",
    );
}

#[test]
fn unsupported_critical() {
    let token = forge(r#"{"alg":"HS256","crit":["exp","b64"],"exp":1}"#, "{}");
    assert_error(
        &refuse(&token, &validation()),
        "unsupported_critical",
        "token demands the header extension \"exp\", which is not supported",
    );
}

#[test]
fn unexpected_type() {
    let token = forge(r#"{"alg":"HS256","typ":"at+jwt"}"#, "{}");
    assert_error(
        &refuse(&token, &validation()),
        "unexpected_type",
        "token has typ \"at+jwt\", expected \"JWT\"; see `Validation::typ`",
    );
    assert_error(
        &refuse(&forge(r#"{"alg":"HS256"}"#, "{}"), &validation().typ("JWT")),
        "unexpected_type",
        "token has no typ, expected \"JWT\"; see `Validation::typ`",
    );
}

#[test]
fn unknown_key() {
    let token = forge(r#"{"alg":"HS256","kid":"other"}"#, "{}");
    let error = decode::<Value>(&token, &key().with_id("mine"), &validation()).unwrap_err();
    assert_eq!(error, Error::UnknownKey { kid: "other".into() });
    assert_error(&error, "unknown_key", "no key has the id \"other\" that the token names");
}

#[test]
fn invalid_signature() {
    let token = encode(&json!({}), &Key::hs256([0; 32]).unwrap()).unwrap();
    assert_error(
        &refuse(&token, &validation()),
        "invalid_signature",
        "signature does not match: the token was altered or signed with another key",
    );
}

#[test]
fn missing_claim() {
    let error = refuse(&forge_claims("{}"), &Validation::new());
    assert_eq!(error, Error::MissingClaim { claim: "exp".into() });
    assert_error(&error, "missing_claim", "claim \"exp\" is missing");
}

#[test]
fn invalid_claim_type() {
    let error = refuse(&forge_claims(r#"{"exp":"1600000001"}"#), &validation());
    assert_eq!(
        error,
        Error::InvalidClaimType {
            claim: Claim::ExpirationTime,
            expected: "a number",
            found: JsonType::String
        }
    );
    assert_error(&error, "invalid_claim_type", "claim \"exp\" must be a number, not a string");
}

#[test]
fn expired() {
    let error = refuse(&forge_claims(r#"{"exp":1600000000}"#), &validation());
    let exp = NumericDate::from_secs(NOW);
    assert_eq!(error, Error::Expired { exp, now: exp });
    assert_error(
        &error,
        "expired",
        "token expired at 1600000000, it is now 1600000000; ask for a new one",
    );
}

#[test]
fn not_yet_valid() {
    let error = refuse(&forge_claims(r#"{"nbf":1600000001}"#), &validation());
    assert_eq!(
        error,
        Error::NotYetValid {
            claim: Claim::NotBefore,
            not_before: NumericDate::from_secs(NOW + 1),
            now: NumericDate::from_secs(NOW)
        }
    );
    assert_error(
        &error,
        "not_yet_valid",
        "token is not valid before its \"nbf\" 1600000001, it is now 1600000000",
    );
    let max_age = validation().max_age(Duration::from_secs(1));
    let error = refuse(&forge_claims(r#"{"iat":1600000001}"#), &max_age);
    assert_error(
        &error,
        "not_yet_valid",
        "token is not valid before its \"iat\" 1600000001, it is now 1600000000",
    );
}

#[test]
fn too_old() {
    let max_age = validation().max_age(Duration::from_secs(60));
    assert_error(
        &refuse(&forge_claims(r#"{"iat":1599999939}"#), &max_age),
        "too_old",
        "token was issued at 1599999939, more than 60 s before now, 1600000000",
    );
    let max_lifetime = validation().max_lifetime(Duration::from_secs(60));
    assert_error(
        &refuse(&forge_claims(r#"{"iat":1600000000,"exp":1600000061}"#), &max_lifetime),
        "too_old",
        "token lives from 1600000000 to 1600000061, longer than the 60 s allowed",
    );
}

#[test]
fn invalid_issuer() {
    let error = refuse(&forge_claims(r#"{"iss":"b\n"}"#), &validation().issuer("a"));
    assert_eq!(
        error,
        Error::InvalidIssuer { expected: ["a".to_owned()].into(), found: "b\n".into() }
    );
    assert_error(&error, "invalid_issuer", "issuer \"b\\n\" is not accepted here");
}

#[test]
fn invalid_audience() {
    let token = forge_claims(r#"{"aud":["a","b"]}"#);
    assert_error(
        &refuse(&token, &validation().audience("c")),
        "invalid_audience",
        "audience [\"a\", \"b\"] is not this service",
    );
    assert_error(
        &refuse(&token, &validation()),
        "invalid_audience",
        "audience [\"a\", \"b\"] is not accepted here; name this service with `Validation::audience`",
    );
}

#[test]
fn invalid_subject() {
    assert_error(
        &refuse(&forge_claims(r#"{"sub":"b"}"#), &validation().subject("a")),
        "invalid_subject",
        "subject \"b\" is not the expected \"a\"",
    );
}

#[test]
fn claims_mismatch() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Session {
        username: String,
    }

    let error =
        decode::<Session>(&forge_claims(r#"{"user":"ada"}"#), &key(), &validation()).unwrap_err();
    assert_error(
        &error,
        "claims_mismatch",
        "claims do not fit the type asked for: missing field `username` at line 1 column 14",
    );
}

#[test]
fn weak_key() {
    let error = Key::hs512([0; 63]).unwrap_err();
    assert_eq!(error, Error::WeakKey { algorithm: Algorithm::Hs512, len: 63, min: 64 });
    assert_error(
        &error,
        "weak_key",
        "key of 63 bytes is too short for HS512; use at least 64 random bytes",
    );
}

#[test]
fn invalid_key() {
    assert_error(
        &Key::from_base64url(Algorithm::Hs256, "a secret").unwrap_err(),
        "invalid_key",
        "invalid key: the text is not base64url without padding",
    );
}

#[test]
fn encode_errors() {
    assert_error(
        &encode(&[1], &key()).unwrap_err(),
        "encode",
        "cannot encode: claims must be a JSON object: a struct or a map",
    );
    assert_error(
        &encode(&Claims::new(json!({ "exp": 1 })), &key()).unwrap_err(),
        "encode",
        "cannot encode: custom claim \"exp\" has the name of a registered one; set it in `registered`",
    );
    let long = Header::new().with_kid("k".repeat(8192));
    assert_error(
        &encode_with_header(&long, &json!({}), &key()).unwrap_err(),
        "encode",
        "cannot encode: header of 10971 bytes is longer than the 8192 that are read",
    );
}

/// Text of the sender is cut at 64 characters wherever it is quoted.
#[test]
fn quotes_are_bounded() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Session {
        n: u8,
    }

    let long = "é".repeat(5000);
    let wide: String = (0..5000).map(|i| format!(r#""{i}{long}","#)).take(20).collect();
    let cut = format!("{}…", "é".repeat(63));
    let refusals = [
        refuse(&forge(format!(r#"{{"alg":"{}"}}"#, "é".repeat(2000)), "{}"), &validation()),
        refuse(
            &forge(format!(r#"{{"alg":"HS256","typ":"{}"}}"#, "é".repeat(2000)), "{}"),
            &validation(),
        ),
        refuse(
            &forge(format!(r#"{{"alg":"HS256","crit":["{}"]}}"#, "é".repeat(2000)), "{}"),
            &validation(),
        ),
        refuse(&forge_claims(format!(r#"{{"iss":"{long}"}}"#)), &validation().issuer("a")),
        refuse(&forge_claims(format!(r#"{{"sub":"{long}"}}"#)), &validation().subject("a")),
        refuse(&forge_claims(format!(r#"{{"{long}":1,"{long}":1}}"#)), &validation()),
        refuse(&forge_claims(format!(r#"{{"aud":"{long}"}}"#)), &validation()),
    ];
    for error in refusals {
        assert!(error.to_string().contains(&cut), "{error}");
        assert!(!format!("{error:?}").contains(&"é".repeat(64)), "{error:?}");
    }

    let many = refuse(
        &forge_claims(format!(r#"{{"aud":[{}"z"]}}"#, &wide)),
        &validation().max_token_len(1_000_000),
    );
    assert!(format!("{many:?}").chars().count() < 1000, "{many:?}");

    match refuse(&forge_claims(r#"{"aud":["1","2","3","4","5","6","7","8","9"]}"#), &validation()) {
        Error::InvalidAudience { found, .. } => {
            assert_eq!(found, ["1", "2", "3", "4", "5", "6", "7", "8"]);
        }
        error => unreachable!("{error}"),
    }

    let mismatch =
        decode::<Session>(&forge_claims(format!(r#"{{"n":"{long}"}}"#)), &key(), &validation())
            .unwrap_err();
    assert_eq!(
        mismatch.to_string(),
        format!(
            "claims do not fit the type asked for: invalid type: string \"{}…{}\", expected u8 at line 1 column 10007",
            "é".repeat(26),
            "é".repeat(11),
        )
    );
}

/// A message of another crate is whole up to 96 characters; of a longer one both ends are kept.
#[test]
fn long_messages_lose_their_middle() {
    struct Fails(String);
    impl serde::Serialize for Fails {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom(&self.0))
        }
    }

    let reason = |text: &str| match encode(&Fails(text.into()), &key()).unwrap_err() {
        Error::Encode { reason } => reason,
        error => unreachable!("{error}"),
    };
    let (start, end) = ("é".repeat(48), "z".repeat(48));
    assert_eq!(reason(&format!("{start}{end}")), format!("{start}{end}"));
    assert_eq!(reason(&format!("{start}x{end}")), format!("{start}…{end}"));
    assert_eq!(reason(&format!("{start}{}{end}", "x".repeat(1000))), format!("{start}…{end}"));
}

/// Nothing that another crate quotes can pass for another line or turn the direction of the text.
#[test]
fn messages_are_fit_for_a_log() {
    struct Fails(char);
    impl serde::Serialize for Fails {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom(format_args!("a{}z", self.0)))
        }
    }

    let reason = |c| encode(&Fails(c), &key()).unwrap_err();
    let fit = |c| Error::Encode { reason: format!("a{c}z") };
    for unfit in [
        '\0', '\n', '\r', '\u{7f}', '\u{85}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}',
        '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}',
    ] {
        assert_eq!(reason(unfit), fit('\u{fffd}'), "{unfit:?}");
    }
    for good in [' ', 'é', '\u{200d}', '\u{2027}', '\u{202f}', '\u{2065}', '\u{206a}', '😀'] {
        assert_eq!(reason(good), fit(good));
    }
}
