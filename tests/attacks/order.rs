//! What comes first.

use std::time::Duration;

use jwt_codec::{Error, KeySet, decode};
use serde_json::Value;

use crate::{
    forge::{forge, forge_claims, key, sign_text},
    harness::{assert_refused, base64url, header, policy, refused, sign_with, unsigned},
};

#[test]
fn expired_and_forged_says_forged() {
    let expired = r#"{"exp":1}"#;
    let forged =
        sign_with(b"another secret of 32 bytes or more", &unsigned(header("HS256"), expired));
    let error = refused(&forged, &policy());
    assert_eq!(error, Error::InvalidSignature);
    assert!(!error.is_expired());
    assert!(refused(&forge_claims(expired), &policy()).is_expired());
}

#[test]
fn claims_never_matter_before_the_signature() {
    for payload in [
        r#"{"exp":1}"#,
        r#"{"exp":"never"}"#,
        r#"{"nbf":99999999999}"#,
        r#"{"iss":"evil","aud":"evil","sub":"evil"}"#,
        r#"{"exp":1,"exp":2}"#,
        "{}",
        "",
        "[]",
        "null",
        "not JSON",
        "{\"a\":",
    ] {
        let token = sign_with(b"wrong", &unsigned(header("HS256"), payload));
        let strict = policy().issuer("a").audience("b").subject("c").require("d");
        assert_eq!(refused(&token, &strict), Error::InvalidSignature, "{payload}");
    }
    // Not even its base64url is looked at.
    for payload in ["!", "a", "=", " ", "é", "AB", "%2e"] {
        let input = format!("{}.{payload}", base64url(header("HS256")));
        assert_eq!(refused(&sign_with(b"wrong", &input), &policy()), Error::InvalidSignature);
        let error = refused(&sign_text(&input), &policy());
        assert_eq!(error.code(), "malformed", "{payload}");
    }
}

#[test]
fn each_fault_hides_the_later_ones() {
    // All faults at once; mending the first brings up the next.
    let steps: [(&str, &str, &str); 7] = [
        (r#"{"alg":1,"crit":["x"],"typ":"x"}"#, "malformed", "wrong"),
        (r#"{"alg":"none","kid":"z","crit":["x"],"typ":"x"}"#, "unknown_key", "wrong"),
        (r#"{"alg":"none","kid":"a","crit":["x"],"typ":"x"}"#, "algorithm_mismatch", "wrong"),
        (r#"{"alg":"HS256","kid":"a","crit":[],"typ":"x"}"#, "malformed", "wrong"),
        (r#"{"alg":"HS256","kid":"a","crit":["x"],"typ":"x"}"#, "unsupported_critical", "wrong"),
        (r#"{"alg":"HS256","kid":"a","b64":false,"typ":"x"}"#, "unsupported_critical", "wrong"),
        (r#"{"alg":"HS256","kid":"a","typ":"x"}"#, "invalid_signature", "wrong"),
    ];
    let key = key().with_id("a");
    let set = KeySet::new().with(key.clone()).unwrap();
    for (header, code, secret) in steps {
        let token = sign_with(secret.as_bytes(), &unsigned(header, r#"{"exp":1"#));
        for error in [
            decode::<Value>(&token, &key, &policy()).unwrap_err(),
            decode::<Value>(&token, &set, &policy()).unwrap_err(),
        ] {
            assert_eq!(error.code(), code, "{header}");
        }
    }
    // Now signed. Types, presence, exp, nbf, iat, lifetime, iss, aud, sub, typ, the type asked for.
    let all = policy()
        .max_age(Duration::from_secs(10))
        .max_lifetime(Duration::from_secs(5))
        .issuer("i")
        .audience("a")
        .subject("s")
        .require("custom");
    let steps = [
        (r#"{"exp":1,"nbf":9999999999,"iat":0,"iss":"x","aud":"x","sub":"x""#, "malformed"),
        (r#"{"exp":1,"nbf":9999999999,"iat":0,"iss":"x","aud":1,"sub":"x"}"#, "invalid_claim_type"),
        (r#"{"exp":1,"nbf":9999999999,"iat":0,"iss":"x","aud":"x","sub":"x"}"#, "missing_claim"),
        (
            r#"{"exp":1,"nbf":9999999999,"iat":0,"iss":"x","aud":"x","sub":"x","custom":1}"#,
            "expired",
        ),
        (
            r#"{"exp":1600000060,"nbf":9999999999,"iat":0,"iss":"x","aud":"x","sub":"x","custom":1}"#,
            "not_yet_valid",
        ),
        (
            r#"{"exp":1600000060,"nbf":1,"iat":0,"iss":"x","aud":"x","sub":"x","custom":1}"#,
            "too_old",
        ),
        (
            r#"{"exp":1600000060,"nbf":1,"iat":1600000000,"iss":"x","aud":"x","sub":"x","custom":1}"#,
            "too_old",
        ),
        (
            r#"{"exp":1600000001,"nbf":1,"iat":1600000000,"iss":"x","aud":"x","sub":"x","custom":1}"#,
            "invalid_issuer",
        ),
        (
            r#"{"exp":1600000001,"nbf":1,"iat":1600000000,"iss":"i","aud":"x","sub":"x","custom":1}"#,
            "invalid_audience",
        ),
        (
            r#"{"exp":1600000001,"nbf":1,"iat":1600000000,"iss":"i","aud":"a","sub":"x","custom":1}"#,
            "invalid_subject",
        ),
        (
            r#"{"exp":1600000001,"nbf":1,"iat":1600000000,"iss":"i","aud":"a","sub":"s","custom":1}"#,
            "unexpected_type",
        ),
    ];
    for (payload, code) in steps {
        let token = forge(r#"{"alg":"HS256","typ":"x"}"#, payload);
        // The type asked for refuses them all, and is heard last.
        let error = decode::<Vec<u8>>(&token, &self::key(), &all).unwrap_err();
        assert_eq!(error.code(), code, "{payload}");
        assert_refused(&token, &all, code);
    }
    let token = forge(r#"{"alg":"HS256"}"#, steps[10].0);
    let error = decode::<Vec<u8>>(&token, &self::key(), &all).unwrap_err();
    assert_eq!(error.code(), "claims_mismatch");
    assert!(decode::<Value>(&token, &self::key(), &all).is_ok());
}
