//! The JSON of a header and a payload.

use std::fmt::{Debug, Write};

use jwt_codec::{
    Claims, Error, Reason, Segment, UnverifiedToken, Validation, dangerous, decode, decode_header,
};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::{Value, json, value::RawValue};

use crate::{
    forge::{forge, forge_claims, key},
    harness::{
        GOOD, accepted, assert_claims_refused, assert_refused, base64url, lax, malformed,
        on_a_small_stack, policy, refused, set, tame,
    },
};

#[test]
fn nesting_in_the_header() {
    on_a_small_stack(|| {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            for (depth, closed) in [(127, true), (500, true), (900, true), (900, false)] {
                let inner = if open == "[" { "" } else { "1" };
                let close = if closed { close.repeat(depth) } else { String::new() };
                let x = format!("{}{inner}{close}", open.repeat(depth));
                // What nobody looks at is passed over, without recursion.
                let token = forge(format!(r#"{{"alg":"HS256","x":{x}}}"#), GOOD);
                if closed {
                    accepted(&token, &policy());
                } else {
                    assert_refused(&token, &policy(), "malformed");
                }
                for header in [
                    format!(r#"{{"alg":{x}}}"#),
                    format!(r#"{{"alg":"HS256","kid":{x}}}"#),
                    format!(r#"{{"alg":"HS256","crit":{x}}}"#),
                    format!(r#"{{"alg":"HS256","crit":["x",{x}]}}"#),
                    x,
                ] {
                    assert_refused(&forge(&header, GOOD), &policy(), "malformed");
                }
            }
        }
        // Deeper does not fit under the limit.
        let header =
            format!(r#"{{"alg":"HS256","x":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        assert_refused(&forge(header, GOOD), &policy(), "malformed");
    });
}

#[test]
fn nesting_in_the_payload() {
    fn code<C: DeserializeOwned>(token: &str, validation: &Validation) -> &'static str {
        let validation = validation.clone().max_token_len(1 << 20);
        let by_set = decode::<C>(token, &set(), &validation).map(drop).map_err(tame);
        assert_eq!(decode::<C>(token, &key(), &validation).map(drop), by_set);
        by_set.map_or_else(|error| error.code(), |()| "ok")
    }

    on_a_small_stack(|| {
        let deep = |open: &str, inner: &str, close: &str| {
            format!("{}{inner}{}", open.repeat(10_000), close.repeat(10_000))
        };
        for value in [deep("[", "", "]"), deep(r#"{"a":"#, "1", "}")] {
            // A type that looks has a limit; one that passes over it does not care.
            let token = forge_claims(format!(r#"{{"x":{value}}}"#));
            for validation in [lax(), lax().require("x")] {
                assert_eq!(code::<Value>(&token, &validation), "claims_mismatch");
                assert_eq!(code::<Claims<Value>>(&token, &validation), "claims_mismatch");
                assert_eq!(code::<Claims<()>>(&token, &validation), "ok");
                assert_eq!(code::<Box<RawValue>>(&token, &validation), "ok");
                assert_eq!(code::<IgnoredAny>(&token, &validation), "ok");
            }
            assert_eq!(code::<IgnoredAny>(&token, &lax().require("y")), "missing_claim");
            assert_eq!(code::<Value>(&token, &policy()), "missing_claim");
            // A policy that names its value looks at it.
            assert_eq!(code::<IgnoredAny>(&token, &lax().claim("x", 1)), "malformed");

            for name in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] {
                let token = forge_claims(format!(r#"{{"{name}":{value}}}"#));
                assert_eq!(code::<Value>(&token, &lax()), "invalid_claim_type", "{name}");
                assert_eq!(code::<Claims<()>>(&token, &lax()), "invalid_claim_type", "{name}");
                assert_eq!(code::<IgnoredAny>(&token, &lax()), "invalid_claim_type", "{name}");
                assert_eq!(code::<Box<RawValue>>(&token, &lax()), "invalid_claim_type", "{name}");
            }
            let token = forge_claims(format!(r#"{{"aud":["a",{value}]}}"#));
            assert_eq!(code::<IgnoredAny>(&token, &lax().audience("a")), "invalid_claim_type");
            let token = forge_claims(format!(r#"{{"sub":{value}}}"#));
            let loose = lax().allow_non_string_subject();
            assert_eq!(code::<IgnoredAny>(&token, &loose), "invalid_claim_type");
        }
        // Not closed, or no object at the top.
        for claims in [
            "[".repeat(10_000),
            deep("[", "", "]"),
            r#"{"a":"#.repeat(10_000),
            r#"{"exp":["#.repeat(10_000),
            format!(r#"{{"exp":1600000060,"x":{}}}"#, "[".repeat(10_000)),
            format!(r#"{{"exp":1600000060,"x":{}}}"#, "]".repeat(10_000)),
        ] {
            let token = forge_claims(&claims);
            assert_eq!(code::<Value>(&token, &lax()), "malformed", "{claims:.20}");
            assert_eq!(code::<IgnoredAny>(&token, &lax()), "malformed", "{claims:.20}");
            assert_eq!(code::<Claims<()>>(&token, &lax()), "malformed", "{claims:.20}");
        }
    });
}

/// JSON that starts anew inside a string, under a name that `serde_json` keeps for itself: each
/// level would count its nesting from zero. Spelt so that a level costs the length of its brackets.
fn nested_in_strings(levels: usize, brackets: usize, innermost: &str) -> String {
    let (open, close) = ("[".repeat(brackets), "]".repeat(brackets));
    (0..levels).fold(innermost.to_owned(), |json, _| {
        let mut string = String::new();
        for c in json.chars() {
            match c {
                '"' => string.push_str("\\u0022"),
                '\\' => string.push_str("\\u005c"),
                c => string.push(c),
            }
        }
        format!(r#"{open}{{"$serde_json::private::RawValue":"{string}"}}{close}"#)
    })
}

#[test]
fn json_in_strings_does_not_nest_in_the_header() {
    for value in ["\"HS256\"", "true", "1", "[\"x\"]"] {
        let hidden = nested_in_strings(1, 0, value);
        for header in [
            format!(r#"{{"alg":{hidden}}}"#),
            format!(r#"{{"alg":"HS256","kid":{hidden}}}"#),
            format!(r#"{{"alg":"HS256","typ":{hidden}}}"#),
            format!(r#"{{"alg":"HS256","crit":{hidden}}}"#),
            format!(r#"{{"alg":"HS256","crit":[{hidden}]}}"#),
            format!(r#"{{"alg":"HS256","b64":{hidden}}}"#),
            format!(r#"{{"alg":"HS256",{}"#, &hidden[1..]),
            format!(r#"{{"alg":"HS256","x":{hidden}}}"#),
            format!(r#"{{"alg":"HS256","x":[{{"y":{hidden}}}]}}"#),
        ] {
            let escaped = header.replace("$serde", "\\u0024serde");
            for header in [header, escaped] {
                let token = forge(&header, GOOD);
                let expected = malformed(Segment::Header, Reason::ReservedName);
                assert_eq!(refused(&token, &policy()), expected, "{header}");
                assert_eq!(decode_header(&token), Err(expected), "{header}");
            }
        }
    }
    on_a_small_stack(|| {
        for levels in [3, 14] {
            let header =
                format!(r#"{{"alg":"HS256","x":{}}}"#, nested_in_strings(levels, 100, "1"));
            assert!(base64url(&header).len() <= 8192);
            let error = refused(&forge(header, GOOD), &policy());
            assert_eq!(error, malformed(Segment::Header, Reason::ReservedName));
        }
    });
}

#[test]
fn json_in_strings_does_not_nest_in_the_payload() {
    let expected = malformed(Segment::Payload, Reason::ReservedName);
    for claim in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "role"] {
        for value in ["\"root\"", "null", "[\"a\"]", "1600000060"] {
            let hidden = nested_in_strings(1, 0, value);
            for hidden in [hidden.clone(), hidden.replace('$', "\\u0024")] {
                for x in [hidden.clone(), format!("[{hidden}]"), format!(r#"{{"y":{hidden}}}"#)] {
                    let token = forge_claims(format!(r#"{{"{claim}":{x}}}"#));
                    // Whatever the policy looks at.
                    for validation in [lax(), lax().require("role"), lax().claim("role", "root")] {
                        assert_eq!(refused(&token, &validation), expected, "{claim}: {x}");
                    }
                }
            }
        }
    }
    // As deep as a token has room for.
    on_a_small_stack(|| {
        for levels in [3, 14] {
            let claims = format!(r#"{{"x":{}}}"#, nested_in_strings(levels, 100, "1"));
            let token = forge_claims(claims);
            let expected = malformed(Segment::Payload, Reason::ReservedName);
            assert_eq!(refused(&token, &lax()), expected);
            assert_eq!(refused(&token, &lax().claim("x", 1)), expected);
            let error = dangerous::decode_unverified::<Value>(&token).unwrap_err();
            assert_eq!(error, expected);
        }
    });
}

#[test]
fn names_that_the_json_parser_keeps_for_itself() {
    for name in ["$serde_json::private::RawValue", "$serde_json::private::Number"] {
        for spelling in
            [name.to_owned(), name.replace('$', "\\u0024"), name.replace("::", "\\u003a:")]
        {
            for claims in [
                format!(r#"{{"{spelling}":"{{\"exp\":9999999999}}"}}"#),
                format!(r#"{{"{spelling}":"1"}}"#),
                format!(r#"{{"exp":1600000060,"{spelling}":"{{\"sub\":\"root\"}}"}}"#),
                format!(r#"{{"{spelling}":"{{\"sub\":\"root\"}}","exp":1600000060}}"#),
            ] {
                let expected = malformed(Segment::Payload, Reason::ReservedName);
                let token = forge_claims(&claims);
                assert_eq!(refused(&token, &policy()), expected, "{claims}");
                let error = decode::<Claims<Value>>(&token, &key(), &policy()).unwrap_err();
                assert_eq!(error, expected, "{claims}");
                let error = decode::<Box<RawValue>>(&token, &key(), &policy()).unwrap_err();
                assert_eq!(error, expected, "{claims}");
            }
            // As the value of a claim, or further down, and in a header too.
            for claim in ["exp", "nbf", "iat", "iss", "sub", "aud", "jti", "other"] {
                let object = format!(r#"{{"{spelling}":"1600000060"}}"#);
                for value in
                    [object.clone(), format!("[[{object}]]"), format!(r#"{{"a":{object}}}"#)]
                {
                    let token = forge_claims(format!(r#"{{"{claim}":{value}}}"#));
                    let expected = malformed(Segment::Payload, Reason::ReservedName);
                    assert_eq!(refused(&token, &lax()), expected, "{value}");
                    let token = forge(format!(r#"{{"alg":"HS256","{claim}":{value}}}"#), GOOD);
                    let expected = malformed(Segment::Header, Reason::ReservedName);
                    assert_eq!(refused(&token, &policy()), expected, "{value}");
                }
            }
        }
    }
}

#[test]
fn thousands_of_members() {
    on_a_small_stack(|| {
        let wide = lax().max_token_len(usize::MAX);
        // Names of one length with the same ends, escaped every third, long enough to hurt if each
        // were compared with each.
        let names: Vec<String> = (0..30_000)
            .map(|i| if i % 3 == 0 { format!("\\u0061{i:06}z") } else { format!("a{i:06}z") })
            .collect();
        let mut members = String::new();
        for name in &names {
            write!(members, r#""{name}":0,"#).unwrap();
        }
        let token = forge_claims(format!(r#"{{{members}"exp":1600000060}}"#));
        assert!(decode::<IgnoredAny>(&token, &key(), &wide).is_ok());
        let data = decode::<Value>(&token, &key(), &wide.clone().require("a029999z")).unwrap();
        assert_eq!(data.claims.as_object().unwrap().len(), 30_001);
        let error = decode::<IgnoredAny>(&token, &key(), &wide.clone().require("a030000z"));
        assert_eq!(error.unwrap_err().code(), "missing_claim");
        for again in ["a029998z", "\\u0061029998z", "a000000z", "exp"] {
            let token = forge_claims(format!(r#"{{{members}"exp":1600000060,"{again}":0}}"#));
            let name = again.replace("\\u0061", "a");
            let error = decode::<Value>(&token, &key(), &wide).unwrap_err();
            assert_eq!(error, malformed(Segment::Payload, Reason::DuplicateName { name }));
        }
        // An array of them.
        let audiences = format!("[{}\"b\"]", "\"a\",".repeat(100_000));
        let token = forge_claims(format!(r#"{{"aud":{audiences}}}"#));
        assert!(decode::<IgnoredAny>(&token, &key(), &wide.clone().audience("b")).is_ok());
        let error = decode::<Value>(&token, &key(), &wide.clone().audience("c")).unwrap_err();
        assert_eq!(tame(error).code(), "invalid_audience");

        // In the header, as many as there is room for.
        let mut members = String::new();
        for i in 0..550 {
            write!(members, r#","a{i:03}z":0"#).unwrap();
        }
        let header = format!(r#"{{"alg":"HS256"{members}}}"#);
        let token = forge(&header, GOOD);
        assert_eq!(decode_header(&token).unwrap().get("a549z"), Some(json!(0)));
        accepted(&token, &policy());
        let again = header.replace("a549z", "a\\u0030\\u0030\\u0030z");
        let name = "a000z".into();
        assert_eq!(
            refused(&forge(again, GOOD), &policy()),
            malformed(Segment::Header, Reason::DuplicateName { name })
        );
    });
}

#[test]
fn repeated_members_of_the_header() {
    for (one, other, name) in [
        (r#""alg":"HS256""#, r#""alg":"none""#, "alg"),
        (r#""alg":"HS256""#, r#""alg":"HS256""#, "alg"),
        (r#""alg":"HS256""#, r#""\u0061lg":"none""#, "alg"),
        (r#""alg":"HS256""#, r#""\u0061\u006c\u0067":"HS256""#, "alg"),
        (r#""alg":"HS256","kid":"a""#, r#""kid":"b""#, "kid"),
        (r#""alg":"HS256","typ":"JWT""#, r#""t\u0079p":"JWT""#, "typ"),
        (r#""alg":"HS256","cty":"a""#, r#""cty":"b""#, "cty"),
        (r#""alg":"HS256","crit":["x"]"#, r#""\u0063rit":[]"#, "crit"),
        (r#""alg":"HS256","b64":true"#, r#""b64":false"#, "b64"),
        (r#""alg":"HS256","x":1"#, r#""x":1"#, "x"),
        (r#""alg":"HS256","":1"#, r#""":1"#, ""),
        (r#""alg":"HS256","é":1"#, r#""\u00e9":1"#, "é"),
        (r#""alg":"HS256","😀":1"#, r#""\ud83d\ude00":1"#, "😀"),
    ] {
        let (first, last) = (format!("{{{one},{other}}}"), format!("{{{other},{one}}}"));
        for header in [first, last] {
            let reason = Reason::DuplicateName { name: name.into() };
            let token = forge(&header, GOOD);
            assert_eq!(refused(&token, &policy()), malformed(Segment::Header, reason), "{header}");
        }
    }
    // Not the same name.
    let header = r#"{"alg":"HS256","ALG":"none","Alg":"none","alg ":"none","a\u006cg\u0000":1}"#;
    accepted(&forge(header, GOOD), &policy());
}

#[test]
fn repeated_members_of_the_payload() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Role {
        role: Option<Value>,
    }
    fn asked_for<C: DeserializeOwned + Debug>(token: &str) -> Error {
        decode::<C>(token, &key(), &policy()).unwrap_err()
    }

    for (one, other, name) in [
        (r#""exp":1600000060"#, r#""exp":1"#, "exp"),
        (r#""exp":1600000060"#, r#""exp":1600000060"#, "exp"),
        (r#""exp":1600000060"#, r#""e\u0078p":1"#, "exp"),
        (r#""exp":1600000060"#, r#""\u0065\u0078\u0070":null"#, "exp"),
        (r#""exp":1600000060,"sub":"ada""#, r#""sub":"root""#, "sub"),
        (r#""exp":1600000060,"sub":"ada""#, r#""s\u0075b":"root""#, "sub"),
        (r#""exp":1600000060,"aud":[]"#, r#""aud":"api""#, "aud"),
        (r#""exp":1600000060,"iss":"a""#, r#""iss":"b""#, "iss"),
        (r#""exp":1600000060,"nbf":1"#, r#""nbf":2"#, "nbf"),
        (r#""exp":1600000060,"iat":1"#, r#""iat":2"#, "iat"),
        (r#""exp":1600000060,"jti":"1""#, r#""jti":"2""#, "jti"),
        (r#""exp":1600000060,"role":"user""#, r#""role":"admin""#, "role"),
        (r#""exp":1600000060,"role":"user""#, r#""rol\u0065":"admin""#, "role"),
        (r#""exp":1600000060,"role":null"#, r#""role":"admin""#, "role"),
        (r#""exp":1600000060,"role":1"#, r#""a":1,"b":2,"c":3,"role":2"#, "role"),
        (r#""exp":1600000060,"":1"#, r#""":2"#, ""),
        (r#""exp":1600000060,"é":1"#, r#""\u00E9":2"#, "é"),
    ] {
        let (first, last) = (format!("{{{one},{other}}}"), format!("{{{other},{one}}}"));
        for claims in [first, last] {
            let reason = Reason::DuplicateName { name: name.into() };
            let expected = malformed(Segment::Payload, reason);
            let token = forge_claims(&claims);
            for validation in [policy(), policy().ignore_exp().require("role")] {
                assert_eq!(refused(&token, &validation), expected, "{claims}");
            }
            assert_eq!(asked_for::<Claims<Value>>(&token), expected, "{claims}");
            assert_eq!(asked_for::<Claims<()>>(&token), expected, "{claims}");
            assert_eq!(asked_for::<Role>(&token), expected, "{claims}");
            assert_eq!(asked_for::<Box<RawValue>>(&token), expected, "{claims}");
            assert_eq!(asked_for::<Vec<u8>>(&token), expected, "{claims}");
            let error = dangerous::decode_unverified::<Value>(&token).unwrap_err();
            assert_eq!(error, expected, "{claims}");
        }
    }
}

#[test]
fn names_that_only_resemble_exp() {
    for name in
        ["EXP", "Exp", "exp ", " exp", "exp\\u0000", "ехр", "ｅｘｐ", "exp\u{200b}", "e\u{301}xp"]
    {
        assert_claims_refused(format!(r#"{{"{name}":1600000060}}"#), &policy(), "missing_claim");
        let claims = format!(r#"{{"exp":1600000060,"{name}":1}}"#);
        accepted(&forge_claims(claims), &policy());
    }
    // Escaped it is the same name, and checked.
    assert_claims_refused(r#"{"\u0065xp":1}"#, &policy(), "expired");
}

#[test]
fn header_and_payload_not_utf8_json() {
    let utf16 = |json: &str, big: bool| -> Vec<u8> {
        json.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    };
    let json = r#"{"alg":"HS256","exp":1600000060}"#;
    accepted(&forge(json, json), &policy());
    let mut texts: Vec<Vec<u8>> = vec![
        [b"\xef\xbb\xbf", json.as_bytes()].concat(),
        utf16(json, false),
        utf16(json, true),
        [b"\xff\xfe".to_vec(), utf16(json, false)].concat(),
        [b"\xfe\xff".to_vec(), utf16(json, true)].concat(),
        json.bytes().flat_map(|byte| u32::from(byte).to_be_bytes()).collect(),
    ];
    for (from, to) in [
        ("60", b"60\xff".as_slice()),
        ("HS256", b"HS\xff256"),
        ("HS256", b"HS256\xc0\x80"),
        ("HS256", b"HS256\xed\xa0\x80"),
        ("HS256", b"HS256\xf4\x90\x80\x80"),
        ("HS256", b"HS256\xe2\x82"),
        ("HS256", b"HS256\x00"),
        ("HS256", b"HS256\n"),
        ("HS256", b"HS256\\x41"),
        ("HS256", b"HS256\\u00"),
        ("alg", b"al\xffg"),
    ] {
        let (before, after) = json.split_once(from).unwrap();
        texts.push([before.as_bytes(), to, after.as_bytes()].concat());
    }
    for text in [
        format!("{json}{json}"),
        format!("{json},"),
        format!("{json}\u{0}"),
        format!("{json} x"),
        format!("\u{0}{json}"),
        format!("\u{a0}{json}"),
        format!("/**/{json}"),
        format!("{json}//"),
        json.replace('}', ",}"),
        json.replace('"', "'"),
        json.replace("\"alg\"", "alg"),
        json.replace("60}", "60"),
        json.replace(':', "="),
        json.replace("1600000060", "+1600000060"),
        json.replace("1600000060", "01600000060"),
        json.replace("1600000060", "1600000060."),
        json.replace("1600000060", ".5"),
        json.replace("1600000060", "0x5F5E1000"),
        json.replace("1600000060", "1_600_000_060"),
        json.replace("1600000060", "NaN"),
        json.replace("1600000060", "Infinity"),
        json.replace("1600000060", "-Infinity"),
        json.replace("1600000060", "-"),
        json.replace("1600000060", "1e"),
        json.replace("1600000060", "True"),
        json.replace("1600000060", "undefined"),
        json.replace("1600000060", ""),
        json.replace("alg", "alg\\ud800"),
    ] {
        texts.push(text.into_bytes());
    }
    for text in texts {
        let shown = String::from_utf8_lossy(&text).into_owned();
        assert_refused(&forge(&text, GOOD), &policy(), "malformed");
        assert_eq!(refused(&forge_claims(&text), &policy()).code(), "malformed", "{shown}");
        let error = decode::<Claims<Value>>(&forge_claims(&text), &key(), &policy()).unwrap_err();
        assert_eq!(error.code(), "malformed", "{shown}");
    }
    // Half a character, where a rule looks at it.
    for half in ["\\ud800", "\\udc00\\ud800", "\\ud800\\u0041"] {
        let text = json.replace("HS256", &format!("HS256{half}"));
        assert_refused(&forge(&text, GOOD), &policy(), "malformed");
        // In other claims it is for the type to refuse.
        assert_refused(&forge_claims(&text), &policy(), "claims_mismatch");
        assert!(decode::<Claims<()>>(&forge_claims(&text), &key(), &policy()).is_ok());
        assert_refused(&forge_claims(&text), &policy().claim("alg", 1), "malformed");
    }
    for claim in ["iss", "sub", "jti", "aud"] {
        let claims = format!(r#"{{"exp":1600000060,"{claim}":"\ud800"}}"#);
        assert_claims_refused(claims, &policy().ignore_audience(), "malformed");
    }
    assert_claims_refused(r#"{"aud":["\udfff"]}"#, &lax().audience("a"), "malformed");
}

#[test]
fn payload_that_is_no_object() {
    fn asked_for<C: DeserializeOwned>(token: &str) -> &'static str {
        decode::<C>(token, &key(), &lax()).map_or_else(|error| error.code(), |_| "ok")
    }

    for payload in [
        "",
        " ",
        "null",
        "true",
        "false",
        "0",
        "1600000060",
        "\"\"",
        "\"ada\"",
        "[]",
        "[{}]",
        r#"[{"exp":1600000060}]"#,
        r#"["exp",1600000060]"#,
        r#""{\"exp\":1600000060}""#,
        "exp=1600000060",
    ] {
        let token = forge_claims(payload);
        assert_refused(&token, &lax(), "malformed");
        for code in [
            asked_for::<()>(&token),
            asked_for::<Option<Value>>(&token),
            asked_for::<bool>(&token),
            asked_for::<f64>(&token),
            asked_for::<String>(&token),
            asked_for::<Vec<Value>>(&token),
            asked_for::<(String, i64)>(&token),
            asked_for::<IgnoredAny>(&token),
            asked_for::<Box<RawValue>>(&token),
            asked_for::<Claims<()>>(&token),
            asked_for::<Claims<Value>>(&token),
        ] {
            assert_eq!(code, "malformed", "{payload}");
        }
        // The header neither.
        assert_refused(&forge(payload, GOOD), &policy(), "malformed");
        // As a JWS over any bytes it is good.
        let verified = UnverifiedToken::parse(&token).unwrap().verify(&key()).unwrap();
        assert_eq!(verified.payload().unwrap(), payload.as_bytes());
    }
}
