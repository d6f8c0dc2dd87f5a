//! The claims, and what a header demands.

use std::time::Duration;

use jwt_codec::{Claim, Claims, Error, JsonType, NumericDate, UnverifiedToken, Validation, decode};
use serde::de::IgnoredAny;
use serde_json::json;

use crate::{
    forge::{forge, forge_claims, key, sign_text},
    harness::{
        GOOD, NOW, accepted, assert_claims_refused, assert_refused, base64url, decode_every_way,
        lax, policy, refused,
    },
};

#[test]
fn dates_of_a_wrong_type() {
    for claim in [Claim::ExpirationTime, Claim::NotBefore, Claim::IssuedAt] {
        for (json, found) in [
            ("null", JsonType::Null),
            ("true", JsonType::Bool),
            ("false", JsonType::Bool),
            (r#""""#, JsonType::String),
            (r#""1600000060""#, JsonType::String),
            (r#""never""#, JsonType::String),
            (r#""2030-01-01T00:00:00Z""#, JsonType::String),
            ("[]", JsonType::Array),
            ("[1600000060]", JsonType::Array),
            ("{}", JsonType::Object),
            (r#"{"$date":1600000060}"#, JsonType::Object),
        ] {
            let expected = Error::InvalidClaimType { claim, expected: "a number", found };
            let token = forge_claims(format!(r#"{{"{claim}":{json}}}"#));
            // However little of it the policy looks at.
            for validation in [
                policy(),
                lax(),
                lax().ignore_exp().ignore_nbf(),
                lax().max_age(Duration::MAX),
                policy().max_lifetime(Duration::MAX),
            ] {
                assert_eq!(refused(&token, &validation), expected, "{claim}: {json}");
            }
            let error = decode::<Claims<()>>(&token, &key(), &lax()).unwrap_err();
            assert_eq!(error, expected);
        }
    }
}

#[test]
fn dates_at_the_ends_of_numbers() {
    let min = NumericDate::from_secs(i64::MIN);
    let digits = "9".repeat(400);
    let zeros = "0".repeat(400);
    // No double can hold it, nor a reader of doubles.
    for date in [
        "1e400".to_owned(),
        "1E+400".into(),
        "1e99999999999999999999".into(),
        "1.7976931348623159e308".into(),
        digits.clone(),
        format!("{digits}.{digits}"),
        format!("0.{zeros}1e900"),
    ] {
        for claim in ["exp", "nbf", "iat"] {
            for date in [date.clone(), format!("-{date}")] {
                let claims = format!(r#"{{"{claim}":{date}}}"#);
                for validation in [policy(), lax(), lax().ignore_exp().ignore_nbf()] {
                    assert_claims_refused(&claims, &validation, "malformed");
                }
                let error = decode::<IgnoredAny>(&forge_claims(&claims), &key(), &lax());
                assert_eq!(error.unwrap_err().code(), "malformed");
            }
        }
    }
    let far = [
        "1e300".to_owned(),
        "9223372036854775807".into(),
        "9223372036854775808".into(),
        "18446744073709551615".into(),
        "18446744073709551616".into(),
        "340282366920938463463374607431768211456".into(),
        "1.7976931348623157e308".into(),
        "9".repeat(300),
        format!("{}.{digits}", "9".repeat(300)),
        format!("0.{zeros}1e700"),
    ];
    for date in &far {
        let claims = format!(r#"{{"exp":{date}}}"#);
        accepted(&forge_claims(&claims), &policy());
        accepted(&forge_claims(&claims), &policy().at(NumericDate::from_secs(i64::MAX - 1)));
        assert_claims_refused(
            &claims,
            &policy().at(NumericDate::from_secs(i64::MAX)).leeway(Duration::MAX),
            "expired",
        );
        assert!(decode::<Claims<()>>(&forge_claims(&claims), &key(), &policy()).is_ok(), "{date}");

        let claims = format!(r#"{{"nbf":{date}}}"#);
        assert_claims_refused(&claims, &lax(), "not_yet_valid");
        let claims = format!(r#"{{"iat":{date}}}"#);
        assert_claims_refused(&claims, &lax().max_age(Duration::ZERO), "not_yet_valid");

        // The other end.
        let claims = format!(r#"{{"exp":-{date}}}"#);
        let error = refused(&forge_claims(&claims), &policy());
        let past =
            matches!(error, Error::Expired { exp, .. } if exp <= NumericDate::from_secs(-i64::MAX));
        assert!(past, "{error}");
        let claims = format!(r#"{{"nbf":-{date}}}"#);
        accepted(&forge_claims(claims), &lax());
        let claims = format!(r#"{{"iat":-{date}}}"#);
        assert_claims_refused(&claims, &lax().max_age(Duration::from_secs(1 << 62)), "too_old");
    }
    let error = refused(&forge_claims(r#"{"exp":-1e20}"#), &policy());
    assert_eq!(error, Error::Expired { exp: min, now: NumericDate::from_secs(NOW) });
    for zero in ["0", "-0", "0.0", "-0.0", "0e0", "0e400", "-0e400", "0e-400"] {
        let error = refused(&forge_claims(format!(r#"{{"exp":{zero}}}"#)), &policy());
        let exp = NumericDate::from_secs(0);
        assert_eq!(error, Error::Expired { exp, now: NumericDate::from_secs(NOW) }, "{zero}");
    }
    // A fraction has the precision of a double; the last ones are too fine for it.
    for (exp, accepts) in [
        ("1600000000", false),
        ("1600000000.0", false),
        ("0.16e10", false),
        ("1600000000.0000005", true),
        ("1599999999.9999995", false),
        ("16000000000000005e-7", true),
        ("1600000000.00000000000000000000000000000000000001", false),
        ("1599999999.99999999999999999999999999999999999999", false),
        ("1600000001e0", true),
    ] {
        let token = forge_claims(format!(r#"{{"exp":{exp}}}"#));
        assert_eq!(decode_every_way(&token, &policy()).is_ok(), accepts, "{exp}");
    }
}

#[test]
fn leeway_and_ages_at_their_ends() {
    let ends = [i64::MIN, i64::MIN + 1, -1, 0, 1, NOW, i64::MAX - 1, i64::MAX];
    let spans = [0, 1, 60, 1 << 31, 1 << 32, 1 << 62, 1 << 63, u64::MAX - 1, u64::MAX];
    for date in ends {
        let token = forge_claims(format!(r#"{{"exp":{date},"nbf":{date},"iat":{date}}}"#));
        for now in ends {
            for span in spans {
                let (date, now, span) = (i128::from(date), i128::from(now), i128::from(span));
                let duration = Duration::from_secs(u64::try_from(span).unwrap());
                let clock = Validation::new().at(NumericDate::from_secs(now.try_into().unwrap()));
                let code = |validation: Validation| {
                    decode::<IgnoredAny>(&token, &key(), &validation)
                        .map_or_else(|error| error.code(), |_| "ok")
                };
                // What i128 says, as far as dates reach.
                let last = i128::from(i64::MAX);
                let expired = now >= (date + span).min(last);
                assert_eq!(
                    code(clock.clone().leeway(duration).ignore_nbf()) == "expired",
                    expired,
                    "exp {date} at {now} with {span}"
                );
                let early = (now + span).min(last) < date;
                assert_eq!(
                    code(clock.clone().leeway(duration).ignore_exp()) == "not_yet_valid",
                    early,
                    "nbf {date} at {now} with {span}"
                );
                let old = now > (date + span).min(last);
                assert_eq!(
                    code(clock.clone().ignore_exp().ignore_nbf().max_age(duration)) == "too_old",
                    old,
                    "iat {date} at {now} with {span}"
                );
                // An age and a leeway that overflow together are as long as can be.
                let both = clock.ignore_exp().ignore_nbf().max_age(duration);
                let both = code(both.leeway(Duration::MAX));
                assert_eq!(both, "ok", "iat {date} at {now} with {span} and more");
            }
        }
    }
    let whole_time = forge_claims(format!(r#"{{"iat":{},"exp":{}}}"#, i64::MIN, i64::MAX));
    let lifetime = |secs| policy().max_lifetime(Duration::from_secs(secs));
    accepted(&whole_time, &lifetime(u64::MAX));
    assert_refused(&whole_time, &lifetime(u64::MAX - 1), "too_old");
    // Issued in the future, a token would live as long as it likes.
    for iat in ["1600000001", "9223372036854775747", "9223372036854775807", "1e30"] {
        let later = forge_claims(format!(r#"{{"iat":{iat},"exp":9223372036854775807}}"#));
        assert_refused(&later, &lifetime(u64::MAX), "not_yet_valid");
    }
    let backwards = forge_claims(r#"{"iat":1600000030,"exp":1600000010}"#);
    assert_refused(&backwards, &lifetime(0), "not_yet_valid");
    accepted(&backwards, &lifetime(0).leeway(Duration::from_secs(30)));
}

#[test]
fn issued_in_the_future_or_never() {
    let aged = policy().max_age(Duration::from_secs(60));
    assert_claims_refused(GOOD, &aged, "missing_claim");
    assert_claims_refused(r#"{"exp":1600000060,"iat":1600000001}"#, &aged, "not_yet_valid");
    assert_claims_refused(r#"{"exp":1600000060,"iat":1599999939}"#, &aged, "too_old");
    accepted(&forge_claims(r#"{"exp":1600000060,"iat":1599999940}"#), &aged);
    let lived = lax().max_lifetime(Duration::from_secs(60));
    assert_claims_refused(r#"{"iat":1600000000}"#, &lived, "missing_claim");
    assert_claims_refused(GOOD, &lived, "missing_claim");
    assert_claims_refused(r#"{"iat":1600000000,"exp":1600000061}"#, &lived, "too_old");
}

#[test]
fn no_expiry() {
    for claims in ["{}", r#"{"sub":"ada"}"#, r#"{"expires":1600000060}"#, r#"{"a":{"exp":9e9}}"#] {
        let error = refused(&forge_claims(claims), &policy());
        assert_eq!(
            error,
            Error::MissingClaim {
                claim: "exp".into(),
                required_by: jwt_codec::Requirement::DefaultPolicy
            }
        );
    }
    // The loosenings are apart: to ignore when is not to ignore whether.
    assert_claims_refused("{}", &policy().ignore_exp(), "missing_claim");
    assert_claims_refused(r#"{"exp":1}"#, &lax(), "expired");
}

#[test]
fn issuer_in_part_in_a_list_or_in_another_case() {
    let issuer = "https://login.example";
    let strict = policy().issuer(issuer);
    for found in [
        "",
        "h",
        "https://login",
        "login.example",
        "https://login.example/",
        "https://login.example.evil",
        "https://login.example\u{0}",
        " https://login.example",
        "https://LOGIN.example",
        "HTTPS://login.example",
        "https://login.examp\u{131}e",
        "https://login%2eexample",
        "http://login.example",
        "*",
        ".*",
        "https://evil.example,https://login.example",
    ] {
        let claims = json!({ "exp": NOW + 60, "iss": found }).to_string();
        let expected = [issuer.to_owned()].into();
        let error = Error::InvalidIssuer { expected, found: found.into() };
        assert_eq!(refused(&forge_claims(&claims), &strict), error);
    }
    for list in
        [r#"["https://login.example"]"#, r#"["https://evil","https://login.example"]"#, "[]"]
    {
        let error =
            refused(&forge_claims(format!(r#"{{"exp":1600000060,"iss":{list}}}"#)), &strict);
        let (claim, found) = (Claim::Issuer, JsonType::Array);
        assert_eq!(error, Error::InvalidClaimType { claim, expected: "a string", found });
    }
    let escaped = r#"{"exp":1600000060,"iss":"https:\/\/login\u002eexample"}"#;
    accepted(&forge_claims(escaped), &strict);
    // An empty list of issuers takes none, rather than all.
    let none = policy().issuers(Vec::<String>::new());
    assert_claims_refused(
        format!(r#"{{"exp":1600000060,"iss":"{issuer}"}}"#),
        &none,
        "invalid_issuer",
    );
    assert_claims_refused(r#"{"exp":1600000060,"iss":""}"#, &none, "invalid_issuer");
}

#[test]
fn configured_claims_missing_or_of_a_wrong_type() {
    for (claim, validation) in [
        (Claim::Issuer, policy().issuer("a")),
        (Claim::Audience, policy().audience("a")),
        (Claim::Subject, policy().subject("a")),
    ] {
        let error = refused(&forge_claims(r#"{"exp":1600000060}"#), &validation);
        let required_by = match claim {
            Claim::Issuer => jwt_codec::Requirement::Issuer,
            Claim::Audience => jwt_codec::Requirement::Audience,
            _ => jwt_codec::Requirement::Subject,
        };
        assert_eq!(error, Error::MissingClaim { claim: claim.name().into(), required_by });
        for (json, found) in [
            ("null", JsonType::Null),
            ("true", JsonType::Bool),
            ("0", JsonType::Number),
            (r#"{"a":"a"}"#, JsonType::Object),
            (r#"["a",null]"#, JsonType::Array),
            ("[1]", JsonType::Array),
        ] {
            let expected = match claim {
                Claim::Audience => "a string or an array of strings",
                _ => "a string",
            };
            let expected = Error::InvalidClaimType { claim, expected, found };
            let token = forge_claims(format!(r#"{{"exp":1600000060,"{claim}":{json}}}"#));
            assert_eq!(refused(&token, &validation), expected, "{claim}: {json}");
            // Nor where nothing is configured.
            assert_eq!(refused(&token, &policy().ignore_audience()), expected, "{claim}: {json}");
        }
        let empty = format!(r#"{{"exp":1600000060,"{claim}":""}}"#);
        assert!(refused(&forge_claims(empty), &validation).code().starts_with("invalid_"));
    }
    // An integer as a subject is accepted where the policy says so, but never equals a string.
    let loose = policy().allow_non_string_subject();
    accepted(&forge_claims(r#"{"exp":1600000060,"sub":1}"#), &loose);
    let one = loose.clone().subject("1");
    assert_claims_refused(r#"{"exp":1600000060,"sub":1}"#, &one, "invalid_subject");
    assert_claims_refused(r#"{"exp":1600000060,"sub":["1"]}"#, &one, "invalid_claim_type");
    assert_claims_refused(r#"{"exp":1600000060,"sub":null}"#, &loose, "invalid_claim_type");
    assert_claims_refused(r#"{"exp":1600000060,"jti":1}"#, &policy(), "invalid_claim_type");
}

#[test]
fn subject_in_part_or_in_another_case() {
    let strict = policy().subject("ada");
    for found in ["", "ad", "adam", "Ada", "ADA", "ada ", "ada\u{0}", "аda", "ada\u{301}"] {
        let claims = json!({ "exp": NOW + 60, "sub": found }).to_string();
        let error = Error::InvalidSubject { expected: "ada".into(), found: Some(found.into()) };
        assert_eq!(refused(&forge_claims(claims), &strict), error);
    }
}

#[test]
fn audience_absent_empty_or_mixed() {
    let strict = policy().audience("api");
    let with = |aud: &str| forge_claims(format!(r#"{{"exp":1600000060,"aud":{aud}}}"#));
    for aud in [r#""api""#, r#"["api"]"#, r#"["web","api"]"#, r#"["api","api"]"#, r#""\u0061pi""#] {
        accepted(&with(aud), &strict);
    }
    for aud in [
        "[]",
        r#""""#,
        r#"[""]"#,
        r#""web""#,
        r#""API""#,
        r#""api/""#,
        r#""ap""#,
        r#""apis""#,
        r#""api,web""#,
        r#""api web""#,
        r#"" api""#,
        r#"["API"]"#,
        r#"["a","p","i"]"#,
        r#""*""#,
        r#""[\"api\"]""#,
    ] {
        assert_refused(&with(aud), &strict, "invalid_audience");
    }
    // One member of a wrong type spoils it, though another is right.
    for aud in [
        "null",
        "1",
        "true",
        "{}",
        r#"{"api":1}"#,
        r#"["api",1]"#,
        r#"[1,"api"]"#,
        r#"["api",null]"#,
        r#"["api",["api"]]"#,
        r#"[["api"]]"#,
        r#"["api",{}]"#,
        "[null]",
    ] {
        for validation in [&strict, &policy(), &policy().ignore_audience()] {
            assert_refused(&with(aud), validation, "invalid_claim_type");
        }
    }
    assert_claims_refused(GOOD, &strict, "missing_claim");
    // Who has not said who he is, is nobody's audience.
    for aud in [r#""api""#, "[]", r#"[""]"#, r#""""#] {
        assert_refused(&with(aud), &policy(), "invalid_audience");
        accepted(&with(aud), &policy().ignore_audience());
    }
    let none = policy().audiences(Vec::<String>::new());
    for aud in [r#""api""#, "[]", r#""""#] {
        assert_refused(&with(aud), &none, "invalid_audience");
    }
    let many = format!("[{}\"z\"]", "\"y\",".repeat(20));
    match refused(&with(&many), &strict) {
        Error::InvalidAudience { found, .. } => assert_eq!(found, ["y"; 8]),
        error => panic!("{error}"),
    }
    // A pattern in the token or in the policy is no pattern.
    let pattern = policy().audience("^(a+)+$");
    let hostile = format!(r#""{}!""#, "a".repeat(5000));
    assert_refused(&with(&hostile), &pattern, "invalid_audience");
}

#[test]
fn critical_extensions() {
    let with = |members: &str| forge(format!(r#"{{"alg":"HS256",{members}}}"#), GOOD);
    for (members, name) in [
        (r#""crit":["x"],"x":1"#, "x"),
        (r#""crit":["x"]"#, "x"),
        (r#""crit":["x","y"]"#, "x"),
        (r#""crit":["exp"],"exp":1"#, "exp"),
        (r#""crit":["alg"]"#, "alg"),
        (r#""crit":["b64"],"b64":true"#, "b64"),
        (r#""crit":["b64"],"b64":false"#, "b64"),
        (r#""crit":[""]"#, ""),
        (r#""\u0063rit":["x"]"#, "x"),
        (r#""crit":["http://example.com/UNDEFINED"]"#, "http://example.com/UNDEFINED"),
    ] {
        let error = refused(&with(members), &policy());
        assert_eq!(error, Error::UnsupportedCritical { name: name.into() }, "{members}");
    }
    for members in [
        r#""crit":[]"#,
        r#""crit":null"#,
        r#""crit":"x""#,
        r#""crit":{"x":1}"#,
        r#""crit":true"#,
        r#""crit":0"#,
        r#""crit":[1]"#,
        r#""crit":[null]"#,
        r#""crit":["x",1]"#,
        r#""crit":["x","x"]"#,
        r#""crit":["x","\u0078"]"#,
        r#""crit":[["x"]]"#,
    ] {
        assert_refused(&with(members), &policy(), "malformed");
    }
    // Also for a JWS of any bytes.
    let token = with(r#""crit":["x"]"#);
    let error = UnverifiedToken::parse(&token).unwrap().verify(&key()).unwrap_err();
    assert_eq!(error.code(), "unsupported_critical");
    let long = format!(r#""crit":["{}"]"#, "x".repeat(5000));
    let name = "x".repeat(63) + "…";
    assert_eq!(refused(&with(&long), &policy()), Error::UnsupportedCritical { name });
}

#[test]
fn unencoded_payload() {
    // RFC 7797: the payload as it is. Signed rightly in that sense.
    for members in
        [r#""b64":false"#, r#""b64":false,"crit":["b64"]"#, r#""crit":["b64"],"b64":false"#]
    {
        let header = base64url(format!(r#"{{"alg":"HS256",{members}}}"#));
        let payload = GOOD.replace('.', "");
        for payload in [payload.as_str(), "", &"\u{0}".repeat(40_000), &base64url(GOOD)] {
            let token = sign_text(&format!("{header}.{payload}"));
            let error = refused(&token, &policy());
            assert_eq!(error, Error::UnsupportedCritical { name: "b64".into() });
        }
    }
    for value in ["null", "0", "1", r#""true""#, r#""false""#, "[]", "[true]", "{}"] {
        let token = forge(format!(r#"{{"alg":"HS256","b64":{value}}}"#), GOOD);
        assert_eq!(refused(&token, &policy()), Error::UnsupportedCritical { name: "b64".into() });
    }
    accepted(&forge(r#"{"alg":"HS256","b64":true}"#, GOOD), &policy());
}

#[test]
fn token_made_for_another_purpose() {
    let types = |types: [&str; 1]| types.map(String::from).into();
    let with = |typ: &str| forge(json!({ "alg": "HS256", "typ": typ }).to_string(), GOOD);
    for typ in ["JWT", "jwt", "Jwt", "application/jwt", "APPLICATION/JWT"] {
        accepted(&with(typ), &policy());
    }
    for typ in [
        "at+jwt",
        "application/at+jwt",
        "secevent+jwt",
        "dpop+jwt",
        "id_token+jwt",
        "JWE",
        "JOSE",
        "JOSE+JSON",
        "",
        "application/",
        "application/application/jwt",
        "text/jwt",
        "JWT ",
        "JWT\u{0}",
        "JWT;a=b",
        "ＪＷＴ",
    ] {
        let expected = Error::UnexpectedType { expected: types(["JWT"]), found: Some(typ.into()) };
        assert_eq!(refused(&with(typ), &policy()), expected);
        accepted(&with(typ), &policy().allow_any_typ());
    }
    let access = policy().typ("at+jwt");
    accepted(&with("at+jwt"), &access);
    accepted(&with("application/AT+JWT"), &access);
    for token in [with("JWT"), with("at"), with("at+jwt2"), forge_claims(GOOD)] {
        assert_refused(&token, &access, "unexpected_type");
    }
    let absent = forge(r#"{"alg":"HS256"}"#, GOOD);
    let expected = Error::UnexpectedType { expected: types(["at+jwt"]), found: None };
    assert_eq!(refused(&absent, &access), expected);
    accepted(&absent, &policy());
}

#[test]
fn required_claim_that_is_null() {
    let strict = policy().require("role");
    for claims in [
        r#"{"exp":1600000060}"#,
        r#"{"exp":1600000060,"role":null}"#,
        r#"{"exp":1600000060,"rol\u0065":null}"#,
        r#"{"role": null ,"exp":1600000060}"#,
        r#"{"exp":1600000060,"Role":1}"#,
        r#"{"exp":1600000060,"a":{"role":1}}"#,
    ] {
        let error = refused(&forge_claims(claims), &strict);
        let required_by = jwt_codec::Requirement::Require;
        assert_eq!(error, Error::MissingClaim { claim: "role".into(), required_by }, "{claims}");
    }
    for role in ["0", "false", r#""""#, "[]", "{}", r#""null""#] {
        let claims = format!(r#"{{"exp":1600000060,"r\u006fle":{role}}}"#);
        accepted(&forge_claims(claims), &strict);
    }
    assert_claims_refused(
        r#"{"exp":1600000060,"jti":null}"#,
        &policy().require("jti"),
        "invalid_claim_type",
    );
    assert_claims_refused(r#"{"exp":1600000060}"#, &policy().require("jti"), "missing_claim");
}
