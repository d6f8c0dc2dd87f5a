//! What holds for any input, held against inputs made at random.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[path = "../support/forge.rs"]
mod forge;

use std::{
    collections::BTreeMap,
    fmt::{Debug, Write},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use forge::{SECRET, forge, forge_claims, key, sign_text};
use hmac::{Hmac, KeyInit, Mac};
use jwt_codec::{
    Algorithm, Audience, Claims, EncodeDefect, Error, Header, Key, KeySet, NumericDate, Reason,
    RegisteredClaims, Segment, UnknownKeyReason, UnverifiedToken, Validation, dangerous, decode,
    decode_borrowed, decode_header, encode, encode_into, encode_with_header, sign,
};
use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
    sample::{Index, select},
};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::{Map, Value, json, value::RawValue};
use sha2::{Sha256, Sha384, Sha512};

const NOW: i64 = 1_600_000_000;
const ALGORITHMS: [Algorithm; 3] = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];

/// A failure prints the case; there is no file of old ones to keep.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn at(secs: i64) -> Validation {
    Validation::new().at(NumericDate::from_secs(secs))
}

/// A policy that takes any claims of the right types.
fn any_claims() -> Validation {
    at(NOW).allow_missing_exp().ignore_exp().ignore_nbf().ignore_audience()
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

// Inputs.

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{0,8}",
        2 => any::<String>(),
        1 => vec(any::<char>(), 0..20).prop_map(String::from_iter),
        1 => select(vec!["", "\"", "\\", "\u{0}", "\u{7f}", "é", "😀", "\u{2028}", "\\u0061", "null", "1"])
            .prop_map(String::from),
        1 => (0_usize..1500).prop_map(|len| "x".repeat(len)),
    ]
}

/// A name that is no registered claim and not reserved by `serde_json`.
fn custom_name() -> impl Strategy<Value = String> {
    text().prop_filter("its own", |name| {
        !["iss", "sub", "aud", "exp", "nbf", "iat", "jti"].contains(&name.as_str())
            && !name.starts_with("$serde_json::private::")
    })
}

/// Any JSON value, its names not reserved.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(custom_name(), inner, 0..6)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

fn custom_claims() -> impl Strategy<Value = BTreeMap<String, Value>> {
    btree_map(custom_name(), json_value(), 0..24)
}

fn date() -> impl Strategy<Value = i64> {
    prop_oneof![
        any::<i64>(),
        NOW - 100..NOW + 100,
        select(vec![i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX]),
    ]
}

fn span() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), 0_u64..200, select(vec![0, 1 << 63, u64::MAX - 1, u64::MAX])]
}

fn registered() -> impl Strategy<Value = RegisteredClaims> {
    let audience =
        prop_oneof![text().prop_map(Audience::from), vec(text(), 0..4).prop_map(Audience::from),];
    let date = || option::of(date().prop_map(NumericDate::from_secs));
    (
        option::of(text()),
        option::of(text()),
        option::of(audience),
        date(),
        date(),
        date(),
        option::of(text()),
    )
        .prop_map(|(iss, sub, aud, exp, nbf, iat, jti)| RegisteredClaims {
            iss,
            sub,
            aud,
            exp,
            nbf,
            iat,
            jti,
        })
}

/// JSON, or what was JSON before a few bytes of it changed.
fn nearly_json(valid: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<u8>> {
    let edit =
        (any::<Index>(), prop_oneof![any::<u8>(), select(b"\"\\{}[]:,0e-.\x00 ".to_vec())], 0..3);
    (valid, prop_oneof![2 => Just(vec![]), 3 => vec(edit, 1..4)]).prop_map(|(json, edits)| {
        let mut bytes = json.into_bytes();
        for (index, byte, kind) in edits {
            let at = index.index(bytes.len() + 1);
            match kind {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => bytes[at] = byte,
                _ if at < bytes.len() => drop(bytes.remove(at)),
                _ => {}
            }
        }
        bytes
    })
}

fn header_json() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        select(vec![
            "alg",
            "kid",
            "typ",
            "cty",
            "crit",
            "b64",
            "jwk",
            "x",
            "\\u0061lg",
            "a\\ud800"
        ])
        .prop_map(String::from),
        "[a-z]{1,3}",
    ];
    let value = prop_oneof![
        select(vec![
            r#""HS256""#,
            r#""none""#,
            r#""JWT""#,
            "null",
            "true",
            "[]",
            r#"["b64"]"#,
            r#"{"kty":"oct"}"#,
            r#""\ud800""#,
            "1e400",
        ])
        .prop_map(String::from),
        json_value().prop_map(|value| value.to_string()),
    ];
    (any::<bool>(), vec((name, value), 0..5)).prop_map(|(alg, members)| {
        let alg = alg.then(|| (String::from("alg"), String::from(r#""HS256""#)));
        object(alg.into_iter().chain(members))
    })
}

fn claims_json() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        select(vec!["exp", "nbf", "iat", "iss", "sub", "aud", "jti", "role", "e\\u0078p"])
            .prop_map(String::from),
        "[a-z]{1,3}",
    ];
    let value = prop_oneof![
        select(vec![
            "1600000060",
            "1599999999",
            "-1",
            "1e400",
            "16e8",
            "1600000000.5",
            r#""ada""#,
            r#"["a","b"]"#,
            "[]",
            "null",
            r#""\ud800""#,
            "[[[]]]",
        ])
        .prop_map(String::from),
        json_value().prop_map(|value| value.to_string()),
    ];
    vec((name, value), 0..8).prop_map(object)
}

fn object(members: impl IntoIterator<Item = (String, String)>) -> String {
    let members: Vec<String> =
        members.into_iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
    format!("{{{}}}", members.join(","))
}

/// Equal as numbers, floats to within the units in the last place that `serde_json` may lose.
fn same_json(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || {
                let bits = |number: &serde_json::Number| number.as_f64().unwrap().to_bits();
                one.is_f64() && other.is_f64() && bits(one).abs_diff(bits(other)) <= 4
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| same_json(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|((name, one), (other_name, other))| {
                    name == other_name && same_json(one, other)
                })
        }
        (one, other) => one == other,
    }
}

fn same_members(one: &BTreeMap<String, Value>, other: &BTreeMap<String, Value>) -> bool {
    let object = |members: &BTreeMap<String, Value>| Value::from_iter(members.clone());
    same_json(&object(one), &object(other))
}

/// Whatever a token says, an error is one line of bounded length.
fn check_error(error: &Error) -> Result<(), TestCaseError> {
    let text = error.to_string();
    prop_assert!(text.len() <= 1500, "{text}");
    prop_assert!(format!("{error:?}").len() <= 8000, "{error:?}");
    prop_assert!(!text.contains(char::is_control), "{text:?}");
    let known = [
        "token_too_long",
        "malformed",
        "algorithm_mismatch",
        "unsupported_critical",
        "unexpected_type",
        "unknown_key",
        "invalid_signature",
        "missing_claim",
        "invalid_claim_type",
        "invalid_claim",
        "expired",
        "not_yet_valid",
        "too_old",
        "invalid_issuer",
        "invalid_audience",
        "invalid_subject",
        "claims_mismatch",
    ];
    prop_assert!(known.contains(&error.code()), "{error:?}");
    Ok(())
}

/// Decodes in every way; all agree, and an error is as an error should be.
fn check_decode<C: DeserializeOwned + Debug>(
    token: &str,
    validation: &Validation,
) -> Result<(), TestCaseError> {
    let result = decode::<C>(token, &key(), validation);
    let mut buffer = vec![b'x'; 99];
    let borrowed = decode_borrowed::<C>(token, &key(), validation, &mut buffer);
    let in_steps = UnverifiedToken::parse(token)
        .and_then(|token| token.verify(&key()))
        .and_then(|token| token.claims::<C>(validation));
    let result = format!("{result:?}");
    prop_assert_eq!(&result, &format!("{borrowed:?}"));
    prop_assert_eq!(&result, &format!("{in_steps:?}"));
    if let Err(error) = &in_steps {
        check_error(error)?;
    }
    for keys in [KeySet::new(), KeySet::new().with(key().with_id("a")).unwrap()] {
        if let Err(error) = decode::<C>(token, &keys, validation) {
            check_error(&error)?;
        }
    }
    if let Err(error) = dangerous::decode_unverified::<C>(token) {
        check_error(&error)?;
    }
    if let Err(error) = decode_header(token) {
        check_error(&error)?;
    }
    Ok(())
}

fn check_decode_as_any_type(token: &str) -> Result<(), TestCaseError> {
    let strict = at(NOW).issuer("ada").audience("a").subject("ada").require("role").leeway(secs(1));
    let aged = any_claims().max_age(secs(10)).max_lifetime(secs(10)).allow_non_string_subject();
    let loose = any_claims().allow_null_claims().allow_non_string_id().allow_non_string_subject();
    let named = loose.clone().claim("exp", 1_600_000_060).claim("role", json!(["a", "b"]));
    for validation in [at(NOW), any_claims(), strict, aged, loose, named] {
        check_decode::<Value>(token, &validation)?;
        check_decode::<Claims<Value>>(token, &validation)?;
        check_decode::<Claims<()>>(token, &validation)?;
        check_decode::<Box<RawValue>>(token, &validation)?;
        let raw = decode::<Box<RawValue>>(token, &key(), &validation);
        let mut buffer = Vec::new();
        let borrowed = decode_borrowed::<&RawValue>(token, &key(), &validation, &mut buffer);
        let text =
            |result: Result<String, Error>| result.unwrap_or_else(|error| error.code().into());
        let borrowed = text(borrowed.map(|data| data.claims.get().into()));
        prop_assert_eq!(text(raw.map(|data| data.claims.get().into())), borrowed);
        check_decode::<IgnoredAny>(token, &validation)?;
        check_decode::<Vec<u8>>(token, &validation)?;
        check_decode::<BTreeMap<String, i64>>(token, &validation)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn any_object_comes_out_as_it_went_in(claims in custom_claims(), algorithm in select(ALGORITHMS.to_vec())) {
        let key = Key::new(algorithm, [7; 64]).unwrap();
        let claims = Value::from_iter(claims);
        let token = encode(&claims, &key).unwrap();
        let validation = any_claims().max_token_len(usize::MAX);
        let data = decode::<Value>(&token, &key, &validation).unwrap();
        prop_assert!(same_json(&data.claims, &claims), "{} from {claims}", data.claims);
        prop_assert_eq!(data.header.alg(), Some(algorithm.name()));

        let mut out = String::from("Bearer ");
        encode_into(&Header::new(), &claims, &key, &mut out).unwrap();
        prop_assert_eq!(out.strip_prefix("Bearer "), Some(token.as_str()));
    }

    #[test]
    fn any_claims_come_out_as_they_went_in(registered in registered(), custom in custom_claims()) {
        let claims = Claims { registered, custom };
        let token = encode(&claims, &key()).unwrap();
        let validation = any_claims().max_token_len(usize::MAX);
        let data = decode::<Claims<BTreeMap<String, Value>>>(&token, &key(), &validation).unwrap();
        prop_assert_eq!(&data.claims.registered, &claims.registered);
        prop_assert!(same_members(&data.claims.custom, &claims.custom), "{:?}", data.claims.custom);

        // Without one's own claims, and as plain JSON, the same ones stand there.
        let data = decode::<Claims<()>>(&token, &key(), &validation).unwrap();
        prop_assert_eq!(&data.claims.registered, &claims.registered);
        let data = decode::<Value>(&token, &key(), &validation).unwrap();
        let exp = claims.registered.exp.map(|exp| json!(exp.as_secs()));
        prop_assert_eq!(data.claims.get("exp"), exp.as_ref());
    }

    #[test]
    fn any_header_comes_out_as_it_went_in(
        kid in option::of(text()),
        typ in option::of(text()),
        cty in option::of(text()),
        members in btree_map(custom_name(), json_value(), 0..6),
    ) {
        let mut header = Header::new().without_typ();
        if let Some(kid) = &kid {
            header = header.with_kid(kid);
        }
        if let Some(typ) = &typ {
            header = header.with_typ(typ);
        }
        if let Some(cty) = &cty {
            header = header.with_cty(cty);
        }
        for (name, value) in &members {
            if !["alg", "crit", "b64", "kid", "typ", "cty"].contains(&name.as_str()) {
                header = header.with_member(name, value.clone()).unwrap();
            }
        }
        if typ.as_ref().is_some_and(|typ| ["", "application/"].contains(&&*typ.to_ascii_lowercase())) {
            let refused = encode_with_header(&header, &json!({}), &key());
            prop_assert_eq!(refused, Err(Error::Encode { defect: EncodeDefect::EmptyTyp }));
            return Ok(());
        }
        let Ok(token) = encode_with_header(&header, &json!({}), &key()) else {
            let len: usize = members.iter().map(|(name, value)| name.len() + value.to_string().len()).sum();
            let texts = [kid, typ, cty].map(|text| text.map_or(0, |text| json!(text).to_string().len()));
            prop_assert!(len + texts.iter().sum::<usize>() > 5500, "an encode of a short header failed");
            return Ok(());
        };
        let read = decode_header(&token).unwrap();
        prop_assert_eq!(read.alg(), Some("HS256"));
        prop_assert_eq!((read.kid(), read.typ(), read.cty()), (kid.as_deref(), typ.as_deref(), cty.as_deref()));
        for (name, value) in &members {
            let came = read.get(name).map(|came| same_json(&came, value));
            prop_assert!(matches!(came, None | Some(true)), "{name}: {value}");
            prop_assert_eq!(came, header.get(name).map(|_| true));
        }
        // What was read can be written again, with the same text.
        if members.iter().all(|(name, value)| read.get(name).is_none_or(|came| came == *value)) {
            prop_assert_eq!(encode_with_header(&read, &json!({}), &key()), Ok(token));
        }
    }

    #[test]
    fn any_bytes_come_out_as_they_went_in(payload in vec(any::<u8>(), 0..3000)) {
        let token = sign(&Header::new().without_typ(), &payload, &key()).unwrap();
        let verified = UnverifiedToken::parse(&token).unwrap().verify(&key()).unwrap();
        prop_assert_eq!(verified.payload(), Ok(payload));
    }

    /// Of a secret and a text of any length, shorter and longer than the blocks of the hashes.
    #[test]
    fn a_signature_is_the_hmac(secret in vec(any::<u8>(), 64..300), payload in vec(any::<u8>(), 0..400)) {
        fn tag<M: Mac + KeyInit>(secret: &[u8], text: &str) -> String {
            let mac = <M as KeyInit>::new_from_slice(secret).unwrap().chain_update(text);
            BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        }
        for algorithm in ALGORITHMS {
            let token = sign(&Header::new(), &payload, &Key::new(algorithm, &secret).unwrap()).unwrap();
            let (text, signature) = token.rsplit_once('.').unwrap();
            let expected = match algorithm {
                Algorithm::Hs256 => tag::<Hmac<Sha256>>(&secret, text),
                Algorithm::Hs384 => tag::<Hmac<Sha384>>(&secret, text),
                _ => tag::<Hmac<Sha512>>(&secret, text),
            };
            prop_assert_eq!(signature, expected);
        }
    }

    #[test]
    fn no_text_makes_a_decode_panic(
        text in prop_oneof![
            any::<String>(),
            "[A-Za-z0-9_.=+/-]{0,60}",
            "(eyJ[A-Za-z0-9_-]{0,30}\\.?){0,4}",
            vec(any::<u8>(), 0..200).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        ],
    ) {
        check_decode_as_any_type(&text)?;
    }

    #[test]
    fn no_signed_header_makes_a_decode_panic(header in nearly_json(header_json())) {
        check_decode_as_any_type(&forge(header, r#"{"exp":1600000060}"#))?;
    }

    #[test]
    fn no_signed_payload_makes_a_decode_panic(payload in nearly_json(claims_json())) {
        check_decode_as_any_type(&forge_claims(payload))?;
    }

    #[test]
    fn no_signed_bytes_make_a_decode_panic(header in vec(any::<u8>(), 0..80), payload in vec(any::<u8>(), 0..80)) {
        check_decode_as_any_type(&forge(&header, r#"{"exp":1600000060}"#))?;
        check_decode_as_any_type(&forge_claims(&payload))?;
    }

    #[test]
    fn no_text_makes_a_key_panic(
        text in prop_oneof![
            any::<String>(),
            nearly_json(Just(json!({
                "keys": [{ "kty": "oct", "alg": "HS256", "kid": "a", "k": BASE64_URL_SAFE_NO_PAD.encode(SECRET),
                           "use": "sig", "key_ops": ["verify"] }]
            }).to_string())).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        ],
    ) {
        for skipped in KeySet::from_jwks(&text).iter().flat_map(KeySet::skipped) {
            prop_assert!(["invalid_key", "weak_key"].contains(&skipped.error.code()), "{skipped:?}");
        }
        let jwk = text.trim_start_matches(r#"{"keys":["#).trim_end_matches("]}");
        let errors = [
            KeySet::from_jwks(&text).err(),
            Key::from_jwk(jwk).err(),
            Key::from_base64url(Algorithm::Hs256, &text).err(),
            Key::from_base64(Algorithm::Hs256, &text).err(),
            Key::from_hex(Algorithm::Hs256, &text).err(),
            Key::from_jwk_for(Algorithm::Hs256, jwk).err(),
            KeySet::from_jwks_for(Algorithm::Hs384, &text).err(),
            Key::hs512(&text).err(),
            dangerous::short_key(Algorithm::Hs384, &text).err(),
        ];
        for error in errors.into_iter().flatten() {
            prop_assert!(["invalid_key", "weak_key"].contains(&error.code()), "{error:?}");
        }
    }
}

// One text, two readings.

/// The value as JSON in one of its many spellings: spaces, escapes and number forms by the choices.
fn spell(value: &Value, choices: &mut dyn Iterator<Item = u8>, out: &mut String) {
    fn space(choices: &mut dyn Iterator<Item = u8>, out: &mut String) {
        let spaces = ["", "", "", "", "", " ", "\n", "\t", "\r\n", "    \t  \n   "];
        out.push_str(spaces[usize::from(choices.next().unwrap()) % spaces.len()]);
    }
    fn string(text: &str, choices: &mut dyn Iterator<Item = u8>, out: &mut String) {
        out.push('"');
        for c in text.chars() {
            match (c, choices.next().unwrap() % 8) {
                ('"' | '\\', 1..) => out.extend(['\\', c]),
                ('/', 1) => out.push_str("\\/"),
                ('\n', 1..) => out.push_str("\\n"),
                (c, 1..) if c >= ' ' => out.push(c),
                (c, _) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write!(out, "\\u{unit:04X}").unwrap();
                    }
                }
            }
        }
        out.push('"');
    }

    match value {
        Value::String(text) => string(text, choices, out),
        Value::Number(number)
            // Of more digits than a double has, it would be another number.
            if number.as_i64().is_some_and(|n| n != 0 && n.unsigned_abs() < 1 << 43)
                && choices.next().unwrap().is_multiple_of(4) =>
        {
            write!(out, "{number}0.0e-1").unwrap();
        }
        Value::Array(elements) => {
            out.push('[');
            for (i, element) in elements.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                space(choices, out);
                spell(element, choices, out);
                space(choices, out);
            }
            space(choices, out);
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (i, (name, member)) in members.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                space(choices, out);
                string(name, choices, out);
                space(choices, out);
                out.push(':');
                space(choices, out);
                spell(member, choices, out);
                space(choices, out);
            }
            space(choices, out);
            out.push('}');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

proptest! {
    #![proptest_config(cases(100))]

    /// The policy reads the claims in its own way, and must find there what the type finds.
    #[test]
    fn the_policy_sees_what_the_type_sees(
        registered in registered(),
        custom in btree_map(custom_name(), json_value(), 0..5),
        choices in vec(any::<u8>(), 1..200),
    ) {
        let claims = serde_json::to_value(Claims { registered, custom }).unwrap();
        let mut choices = choices.into_iter().cycle();
        let mut json = String::new();
        spell(&claims, &mut choices, &mut json);
        let token = forge_claims(&json);
        let claims = &Claims::<BTreeMap<String, Value>>::deserialize(&claims).unwrap();
        let policy = any_claims().max_token_len(usize::MAX);
        let code = |validation: &Validation| {
            let result = decode::<IgnoredAny>(&token, &key(), validation).map(drop);
            let as_claims = decode::<Claims<()>>(&token, &key(), validation).map(drop);
            assert_eq!(result, as_claims, "{json}");
            result.map_or_else(|error| error.code(), |()| "ok")
        };
        prop_assert_eq!(code(&policy), "ok", "{}", &json);
        for (name, value) in &claims.custom {
            let expected = if value.is_null() { "missing_claim" } else { "ok" };
            prop_assert_eq!(code(&policy.clone().require(name)), expected, "{}: {}", name, &json);
            let other = format!("{name}_");
            if !claims.custom.contains_key(&other) {
                prop_assert_eq!(code(&policy.clone().require(other)), "missing_claim", "{}", &json);
            }
        }
        let RegisteredClaims { iss, sub, aud, exp, nbf, iat, jti } = &claims.registered;
        let wants = |policy: &Validation, is_there: bool, wrong: &'static str| {
            let code = code(policy);
            assert_eq!(code, if is_there { wrong } else { "missing_claim" }, "{json}");
        };
        let other = "somebody else's and nobody's";
        if let Some(iss) = iss {
            prop_assert_eq!(code(&policy.clone().issuer(iss)), "ok", "{}", &json);
        }
        wants(&policy.clone().issuer(other), iss.is_some(), "invalid_issuer");
        if let Some(sub) = sub {
            prop_assert_eq!(code(&policy.clone().subject(sub)), "ok", "{}", &json);
        }
        wants(&policy.clone().subject(other), sub.is_some(), "invalid_subject");
        for aud in aud.iter().flat_map(Audience::as_slice) {
            prop_assert_eq!(code(&policy.clone().audience(aud)), "ok", "{}", &json);
        }
        wants(&policy.clone().audience(other), aud.is_some(), "invalid_audience");
        wants(&policy.clone().require("jti"), jti.is_some(), "ok");
        let by_now = |now: NumericDate| at(now.as_secs()).max_token_len(usize::MAX).ignore_audience();
        let exp_alone = |now| by_now(now).ignore_nbf();
        if let Some(exp) = *exp {
            prop_assert_eq!(code(&exp_alone(exp)), "expired", "{}", &json);
            let before = exp - secs(1);
            prop_assert_eq!(code(&exp_alone(before)), if before < exp { "ok" } else { "expired" });
        } else {
            prop_assert_eq!(code(&exp_alone(NumericDate::from_secs(NOW))), "missing_claim");
        }
        if let Some(nbf) = *nbf {
            let nbf_alone = |now| by_now(now).allow_missing_exp().ignore_exp();
            prop_assert_eq!(code(&nbf_alone(nbf)), "ok", "{}", &json);
            let before = nbf - secs(1);
            prop_assert_eq!(code(&nbf_alone(before)), if before < nbf { "not_yet_valid" } else { "ok" });
        }
        if let Some(iat) = *iat {
            let age = |now| policy.clone().at(now).max_age(secs(0));
            prop_assert_eq!(code(&age(iat)), "ok", "{}", &json);
            let after = iat + secs(1);
            prop_assert_eq!(code(&age(after)), if after > iat { "too_old" } else { "ok" });
        }
    }
}

// One spelling.

/// A decoder that takes whatever could be meant.
fn lenient() -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&URL_SAFE, config)
}

proptest! {
    #![proptest_config(cases(400))]

    /// A segment is accepted if it is what its bytes would be written as, and only then.
    #[test]
    fn a_segment_has_one_spelling(text in "[A-Za-z0-9_-]{0,40}={0,2}") {
        let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
        let token = sign_text(&format!("{header}.{text}"));
        let payload = UnverifiedToken::parse(&token).unwrap().verify(&key()).unwrap().payload();
        let meant = lenient().decode(&text);
        let canonical =
            meant.as_ref().is_ok_and(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes) == text);
        prop_assert_eq!(payload.is_ok(), canonical, "{}", text);
        if let (Ok(payload), Ok(meant)) = (payload, meant) {
            prop_assert_eq!(payload, meant);
        }
    }

    /// Another text for the same three segments is another token, and refused.
    #[test]
    fn an_accepted_token_re_encoded_is_itself(token in accepted_token()) {
        prop_assert!(decode::<Value>(&token, &key(), &any_claims()).is_ok());
        let segments: Vec<String> = token
            .split('.')
            .map(|segment| BASE64_URL_SAFE_NO_PAD.encode(lenient().decode(segment).unwrap()))
            .collect();
        prop_assert_eq!(segments.join("."), token);
    }

    #[test]
    fn a_token_with_one_character_changed_is_refused(
        token in accepted_token(),
        index in any::<Index>(),
        other in prop_oneof!["[A-Za-z0-9_.=+/ -]", any::<char>().prop_map(String::from)],
        kind in 0..4,
    ) {
        let at = index.index(token.len());
        let rest = &token[at + 1..];
        let edited = match kind {
            0 => format!("{}{other}{rest}", &token[..at]),
            1 => format!("{}{other}{}", &token[..at], &token[at..]),
            2 => format!("{}{rest}", &token[..at]),
            _ => format!("{token}{other}"),
        };
        prop_assume!(edited != token);
        let error = decode::<Value>(&edited, &key(), &any_claims()).unwrap_err();
        prop_assert!(
            ["malformed", "invalid_signature", "algorithm_mismatch", "unsupported_critical"]
                .contains(&error.code()),
            "{error:?}"
        );
    }
}

/// Tokens of headers and payloads that end at every place of a group of four letters.
fn accepted_token() -> impl Strategy<Value = String> {
    (custom_name(), text(), 0_usize..4, 0_usize..4).prop_map(|(name, value, one, two)| {
        let header = format!(r#"{{"alg":"HS256"{}}}"#, " ".repeat(one));
        let claims = Value::from_iter([(name, value)]).to_string() + &" ".repeat(two);
        forge(header, claims)
    })
}

// The order of the checks.

/// What can be wrong with a token, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    TooLong,
    Dots,
    HeaderText,
    HeaderMember,
    UnknownKey,
    Algorithm,
    Critical,
    Signature,
    PayloadText,
    PayloadJson,
    ClaimType,
    Missing,
    Expired,
    Early,
    Old,
    Lifetime,
    Issuer,
    Audience,
    Subject,
    Typ,
    CallersType,
}

impl Fault {
    const ALL: [Self; 21] = [
        Self::TooLong,
        Self::Dots,
        Self::HeaderText,
        Self::HeaderMember,
        Self::UnknownKey,
        Self::Algorithm,
        Self::Critical,
        Self::Signature,
        Self::PayloadText,
        Self::PayloadJson,
        Self::ClaimType,
        Self::Missing,
        Self::Expired,
        Self::Early,
        Self::Old,
        Self::Lifetime,
        Self::Issuer,
        Self::Audience,
        Self::Subject,
        Self::Typ,
        Self::CallersType,
    ];

    /// What tells this error from all others.
    fn is_told_by(self, error: &Error) -> bool {
        match self {
            Self::Lifetime => matches!(error, Error::LifetimeTooLong { .. }),
            Self::Old => matches!(error, Error::TooOld { .. }),
            Self::Dots => {
                matches!(error, Error::Malformed { reason: Reason::SegmentCount { .. }, .. })
            }
            Self::HeaderText => matches!(
                error,
                Error::Malformed { segment: Segment::Header, reason: Reason::Base64url { .. } }
            ),
            Self::HeaderMember => {
                matches!(error, Error::Malformed { reason: Reason::ParameterType { .. }, .. })
            }
            Self::PayloadText => matches!(
                error,
                Error::Malformed { segment: Segment::Payload, reason: Reason::Base64url { .. } }
            ),
            Self::PayloadJson => matches!(
                error,
                Error::Malformed { segment: Segment::Payload, reason: Reason::Json { .. } }
            ),
            Self::TooLong => error.code() == "token_too_long",
            Self::UnknownKey => error.code() == "unknown_key",
            Self::Algorithm => error.code() == "algorithm_mismatch",
            Self::Critical => error.code() == "unsupported_critical",
            Self::Signature => error.code() == "invalid_signature",
            Self::ClaimType => error.code() == "invalid_claim_type",
            Self::Missing => error.code() == "missing_claim",
            Self::Expired => error.code() == "expired",
            Self::Early => error.code() == "not_yet_valid",
            Self::Issuer => error.code() == "invalid_issuer",
            Self::Audience => error.code() == "invalid_audience",
            Self::Subject => error.code() == "invalid_subject",
            Self::Typ => error.code() == "unexpected_type",
            Self::CallersType => error.code() == "claims_mismatch",
        }
    }
}

fn token_with(faults: &[Fault]) -> String {
    let either = |fault, wrong: &'static str, right: &'static str| {
        if faults.contains(&fault) { wrong } else { right }
    };
    let header = [
        r#""alg":"#,
        either(Fault::Algorithm, r#""none""#, r#""HS256""#),
        r#","kid":"#,
        either(Fault::UnknownKey, r#""z""#, r#""a""#),
        either(Fault::HeaderMember, r#","cty":1"#, ""),
        either(Fault::Critical, r#","crit":["x"]"#, ""),
        either(Fault::Typ, r#","typ":"at+jwt""#, r#","typ":"JWT""#),
    ];
    let claims = [
        r#""exp":"#,
        either(Fault::Expired, "1600000000", "1600000005"),
        r#","nbf":"#,
        either(Fault::Early, "1600000001", "1600000000"),
        // Not older than its lifetime by itself.
        r#","iat":"#,
        either(Fault::Old, "1599999900", either(Fault::Lifetime, "1599999990", "1599999996")),
        r#","iss":"#,
        either(Fault::Issuer, r#""x""#, r#""i""#),
        r#","aud":"#,
        either(Fault::Audience, r#"["x"]"#, r#"["a"]"#),
        r#","sub":"#,
        either(Fault::Subject, r#""x""#, r#""s""#),
        either(Fault::Missing, "", r#","custom":1"#),
        either(Fault::ClaimType, r#","jti":1"#, ""),
        either(Fault::PayloadJson, ",", ""),
    ];
    let segment =
        |json: String, fault| BASE64_URL_SAFE_NO_PAD.encode(json) + either(fault, "!", "");
    let header = segment(format!("{{{}}}", header.concat()), Fault::HeaderText);
    let payload = segment(format!("{{{}}}", claims.concat()), Fault::PayloadText);
    let mut token = sign_text(&format!("{header}.{payload}"));
    if faults.contains(&Fault::Signature) {
        // Whole bytes, but too few.
        token.truncate(token.len() - 3);
    }
    token + either(Fault::Dots, ".", "")
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn the_first_fault_is_told(wrong in vec(prop::bool::weighted(0.15), Fault::ALL.len())) {
        let faults: Vec<Fault> =
            Fault::ALL.into_iter().zip(wrong).filter_map(|(fault, wrong)| wrong.then_some(fault)).collect();
        let token = token_with(&faults);
        // A lifetime is refused only where an age of the same length is not.
        let span = if faults.contains(&Fault::Old) && faults.contains(&Fault::Lifetime) { 100 } else { 14 };
        let mut validation = at(NOW)
            .max_age(secs(50))
            .max_lifetime(secs(span))
            .issuer("i")
            .audience("a")
            .subject("s")
            .require("custom");
        if faults.contains(&Fault::TooLong) {
            validation = validation.max_token_len(token.len() - 1);
        }
        let keys = KeySet::new().with(key().with_id("a")).unwrap();
        let results = if faults.contains(&Fault::CallersType) {
            [
                decode::<Vec<u8>>(&token, &keys, &validation).map(drop),
                decode::<Claims<Vec<u8>>>(&token, &key().with_id("a"), &validation).map(drop),
            ]
        } else {
            [
                decode::<Value>(&token, &keys, &validation).map(drop),
                decode::<Claims<()>>(&token, &key().with_id("a"), &validation).map(drop),
            ]
        };
        // Old tokens have the longer lifetime of their fault.
        let first = faults.iter().min();
        for result in results {
            match (first, result) {
                (None, result) => prop_assert_eq!(result, Ok(())),
                (Some(first), Err(error)) => {
                    prop_assert!(first.is_told_by(&error), "{faults:?} gave {error:?}");
                }
                (Some(_), Ok(())) => prop_assert!(false, "{faults:?} was accepted"),
            }
        }
    }
}

// Time.

fn outcome(token: &str, validation: &Validation) -> &'static str {
    decode::<IgnoredAny>(token, &key(), validation).map_or_else(|error| error.code(), |_| "ok")
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn time_only_makes_older(
        (exp, nbf, iat) in (date(), date(), date()),
        (now, later, leeway, more, age) in (date(), date(), span(), span(), span()),
    ) {
        let (now, later) = (now.min(later), now.max(later));
        let (leeway, more) = (leeway.min(more), leeway.max(more));
        let token = forge_claims(format!(r#"{{"exp":{exp},"nbf":{nbf},"iat":{iat}}}"#));
        let exp_alone = |now, leeway| outcome(&token, &at(now).ignore_nbf().leeway(secs(leeway)));
        let nbf_alone = |now, leeway| outcome(&token, &at(now).ignore_exp().leeway(secs(leeway)));
        let age_alone = |now, leeway, age| {
            let validation = at(now).ignore_exp().ignore_nbf().leeway(secs(leeway));
            outcome(&token, &validation.max_age(secs(age)))
        };
        let all = |leeway| outcome(&token, &at(now).leeway(secs(leeway)).max_age(secs(age)));

        // Once expired or too old, always so; once valid, never again not yet valid.
        if exp_alone(now, leeway) == "expired" {
            prop_assert_eq!(exp_alone(later, leeway), "expired");
        }
        if nbf_alone(now, leeway) == "ok" {
            prop_assert_eq!(nbf_alone(later, leeway), "ok");
        }
        if age_alone(now, leeway, age) == "too_old" {
            prop_assert_eq!(age_alone(later, leeway, age), "too_old");
        }
        if age_alone(later, leeway, age) == "not_yet_valid" {
            prop_assert_eq!(age_alone(now, leeway, age), "not_yet_valid");
        }
        // More leeway, or a greater age, takes no less.
        for (narrow, wide) in [
            (exp_alone(now, leeway), exp_alone(now, more)),
            (nbf_alone(now, leeway), nbf_alone(now, more)),
            (age_alone(now, leeway, age), age_alone(now, more, age)),
            (age_alone(now, age, leeway), age_alone(now, age, more)),
            (all(leeway), all(more)),
        ] {
            prop_assert!(narrow != "ok" || wide == "ok", "{narrow} and then {wide}");
        }
        let lifetime = |span| {
            outcome(&token, &at(now).ignore_exp().ignore_nbf().max_lifetime(secs(span)))
        };
        prop_assert!(lifetime(leeway) != "ok" || lifetime(more) == "ok" && iat <= now);
        // Only these can be the matter.
        prop_assert!(["ok", "expired"].contains(&exp_alone(now, leeway)));
        prop_assert!(["ok", "not_yet_valid"].contains(&nbf_alone(now, leeway)));
        prop_assert!(["ok", "not_yet_valid", "too_old"].contains(&age_alone(now, leeway, age)));
        prop_assert!(["ok", "not_yet_valid", "too_old"].contains(&lifetime(leeway)));
    }

    /// However a date is spelt, it compares as the number that it is: an integer exactly, another
    /// as far as a double has its digits.
    #[test]
    fn dates_compare_as_numbers(
        negative in any::<bool>(),
        whole in prop_oneof![
            Just(String::from("0")), "[1-9][0-9]{0,17}", "1600000000", "1599999999", "1600000001",
        ],
        fraction in prop_oneof![Just(String::new()), "[0-9]{1,8}", "0{1,8}"],
        exponent in option::of((select(vec!["e", "E", "e+", "e-", "E-"]), 0_u32..14, 0_usize..4)),
        far in date(),
        near in option::weighted(0.7, -2_i64..3),
    ) {
        let mut text = format!("{}{whole}", if negative { "-" } else { "" });
        if !fraction.is_empty() {
            text = format!("{text}.{fraction}");
        }
        if let Some((e, exponent, zeros)) = exponent {
            text = format!("{text}{e}{}{exponent}", "0".repeat(zeros));
        }
        // The number times 10^22, of at most 18 + 14 + 22 digits: in two parts that i128 can hold.
        let digits: i128 = format!("{whole}{fraction}").parse().unwrap();
        let shift = i64::try_from(fraction.len()).unwrap();
        let shift = match exponent {
            Some((e, exponent, _)) if e.ends_with('-') => -i64::from(exponent) - shift,
            Some((_, exponent, _)) => i64::from(exponent) - shift,
            None => -shift,
        };
        let power = 10_i128.pow(u32::try_from(shift.abs()).unwrap());
        let (floor, exact) = if shift >= 0 {
            (digits.saturating_mul(power), true)
        } else {
            (digits / power, digits % power == 0)
        };
        let (down, up) = match (negative, exact) {
            (false, _) => (floor, floor + i128::from(!exact)),
            (true, _) => (-floor - i128::from(!exact), -floor),
        };
        let in_range = |secs: i128| {
            i64::try_from(secs).unwrap_or(if secs < 0 { i64::MIN } else { i64::MAX })
        };
        // As far as it may be off where a double does not have all digits.
        let is_exact = digits.max(floor) < 1 << 53 || !text.contains(['.', 'e', 'E']);
        let slack = if is_exact { 0 } else { (floor >> 50) + 1 };
        let dates = |date: i128| (in_range(date - slack), in_range(date + slack));

        // Most are of no interest but where the outcome changes.
        let now = near.map_or(far, |near| in_range(down).saturating_add(near));
        let is_between = |is_past: bool, (first, last): (i64, i64)| {
            if is_past { now >= first } else { now < last }
        };
        let exp = forge_claims(format!(r#"{{"exp":{text}}}"#));
        let expired = outcome(&exp, &at(now)) == "expired";
        prop_assert!(is_between(expired, dates(up)), "exp {text} at {now}: {expired}");
        let nbf = forge_claims(format!(r#"{{"nbf":{text}}}"#));
        let early = outcome(&nbf, &at(now).allow_missing_exp()) == "not_yet_valid";
        prop_assert!(is_between(!early, dates(up)), "nbf {text} at {now}: {early}");
        let iat = forge_claims(format!(r#"{{"iat":{text}}}"#));
        let old = outcome(&iat, &at(now).allow_missing_exp().max_age(secs(0))) == "too_old";
        let (first, last) = dates(down);
        let next = |date: i64| date.saturating_add(1);
        let is_last = now == i64::MAX && last == i64::MAX;
        prop_assert!(is_last || is_between(old, (next(first), next(last))), "iat {text} at {now}: {old}");
    }

    #[test]
    fn date_arithmetic_saturates(date in date(), secs in span(), nanos in 0..1_000_000_000_u32) {
        let duration = Duration::new(secs, nanos);
        let (sum, difference) = (i128::from(date) + i128::from(secs), i128::from(date) - i128::from(secs));
        let numeric = NumericDate::from_secs(date);
        prop_assert_eq!((numeric + duration).as_secs(), i64::try_from(sum).unwrap_or(i64::MAX));
        prop_assert_eq!((numeric - duration).as_secs(), i64::try_from(difference).unwrap_or(i64::MIN));
        prop_assert_eq!(numeric.to_string(), date.to_string());
        prop_assert_eq!(serde_json::to_string(&numeric).unwrap(), date.to_string());
        prop_assert_eq!(serde_json::from_str::<NumericDate>(&date.to_string()).unwrap(), numeric);

        if let Some(time) = UNIX_EPOCH.checked_add(duration) {
            let after = i64::try_from(secs).unwrap_or(i64::MAX);
            prop_assert_eq!(NumericDate::from(time).as_secs(), after);
        }
        if let Some(time) = UNIX_EPOCH.checked_sub(duration) {
            let before = -i128::from(secs) - i128::from(nanos > 0);
            let before = i64::try_from(before).unwrap_or(i64::MIN);
            prop_assert_eq!(NumericDate::from(time).as_secs(), before);
        }
        prop_assert!(NumericDate::from(SystemTime::now()) <= NumericDate::now());
    }

    /// Also one that comes as a double, by way of its shortest text.
    #[test]
    fn any_number_is_a_date(number in prop_oneof![any::<f64>(), -1e19..1e19], unsigned in any::<u64>()) {
        prop_assume!(number.is_finite());
        let date: NumericDate = serde_json::from_value(json!(number)).unwrap();
        // The cast saturates as dates do.
        #[allow(clippy::cast_possible_truncation, clippy::as_conversions)]
        let expected = number.floor() as i64;
        let unit_in_the_last_place = expected.unsigned_abs() >> 52;
        prop_assert!(date.as_secs().abs_diff(expected) <= unit_in_the_last_place, "{number}: {date}");
        let date: NumericDate = serde_json::from_value(json!(unsigned)).unwrap();
        prop_assert_eq!(date.as_secs(), i64::try_from(unsigned).unwrap_or(i64::MAX));
    }
}

// Keys.

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_key_set_answers_as_its_members(
        members in vec((select(ALGORITHMS.to_vec()), 0_u8..3, option::of("[ab]{1,2}")), 0..6),
        signer in (select(ALGORITHMS.to_vec()), 0_u8..3, option::of("[ab]{1,2}")),
        alg in option::weighted(0.2, select(vec!["HS256", "HS384", "HS512", "none", "RS256"])),
        plain_header in any::<bool>(),
    ) {
        let key = |(algorithm, secret, id): &(Algorithm, u8, Option<String>)| {
            let key = Key::new(*algorithm, [*secret; 64]).unwrap();
            id.iter().fold(key, Key::with_id)
        };
        let mut set = KeySet::new();
        let mut keys: Vec<Key> = Vec::new();
        for member in &members {
            let member = key(member);
            let is_same = |key: &Key| (key.id(), key.algorithm()) == (member.id(), member.algorithm());
            let known = member.id().is_some() && keys.iter().any(is_same);
            match set.clone().with(member.clone()) {
                Ok(with) => {
                    prop_assert!(!known);
                    set = with;
                    keys.push(member);
                }
                Err(error) => {
                    prop_assert!(known, "{error}");
                    prop_assert_eq!(error.code(), "invalid_key");
                }
            }
        }
        prop_assert_eq!((set.len(), set.is_empty()), (keys.len(), keys.is_empty()));

        let signer = key(&signer);
        // The header as the key writes it, and in another spelling, for which no shortcut is there.
        let header = if plain_header { Header::new() } else { Header::new().with_typ("jwt") };
        let mut token = encode_with_header(&header, &json!({ "exp": NOW + 60 }), &signer).unwrap();
        if let Some(alg) = alg {
            let (_, rest) = token.split_once('.').unwrap();
            let mut header = json!({ "alg": alg });
            if let Some(kid) = signer.id() {
                header["kid"] = kid.into();
            }
            token = format!("{}.{rest}", BASE64_URL_SAFE_NO_PAD.encode(header.to_string()));
        }
        let alg = alg.unwrap_or(signer.algorithm().name());

        let by = |key: &Key| decode::<Value>(&token, key, &at(NOW));
        let by_set = decode::<Value>(&token, &set, &at(NOW));
        // The keys that the token names; if there are none, those that nobody named.
        let with_id = |id: Option<&str>| keys.iter().filter(|key| key.id() == id).collect::<Vec<_>>();
        let named = with_id(signer.id());
        let pool = match signer.id() {
            None => keys.iter().collect(),
            Some(kid) => {
                prop_assert_eq!(set.contains(kid), !named.is_empty());
                if named.is_empty() { with_id(None) } else { named }
            }
        };
        let candidates: Vec<&Key> =
            pool.iter().copied().filter(|key| key.algorithm().name() == alg).collect();
        let expected = match &*pool {
            [] => {
                let kid = signer.id().map(String::from);
                let reason = if keys.is_empty() {
                    UnknownKeyReason::EmptySet { skipped: 0 }
                } else {
                    UnknownKeyReason::NoSuchId
                };
                Err(Error::UnknownKey { kid, reason })
            }
            pool if candidates.is_empty() => {
                // The only key is the one that was meant; of several, none is.
                let expected = if let [only] = pool { Some(only.algorithm()) } else { None };
                Err(Error::AlgorithmMismatch { expected, found: alg.into() })
            }
            _ => candidates.into_iter().find_map(|key| by(key).ok()).ok_or(Error::InvalidSignature),
        };
        prop_assert_eq!(by_set, expected);
    }

    #[test]
    fn a_key_is_the_same_however_it_is_read(
        secret in vec(any::<u8>(), 64..200),
        algorithm in select(ALGORITHMS.to_vec()),
        kid in option::of(text()),
    ) {
        let text = BASE64_URL_SAFE_NO_PAD.encode(&secret);
        let mut jwk = json!({ "kty": "oct", "alg": algorithm, "k": text, "ext": true });
        if let Some(kid) = &kid {
            jwk["kid"] = json!(kid);
        }
        let plain = Key::new(algorithm, &secret).unwrap();
        let named = Key::from_jwk(&jwk.to_string()).unwrap();
        prop_assert_eq!(named.id(), kid.as_deref());
        let set = KeySet::from_jwks(&json!({ "keys": [jwk, { "kty": "RSA" }] }).to_string()).unwrap();
        prop_assert_eq!(set.len(), 1);
        let token = encode(&json!({ "exp": NOW + 60 }), &plain).unwrap();
        prop_assert!(decode::<IgnoredAny>(&token, &Key::from_base64url(algorithm, &text).unwrap(), &at(NOW)).is_ok());
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let base64 = BASE64_STANDARD.encode(&secret);
        for key in [
            Key::from_hex(algorithm, &format!("{hex}\n")),
            Key::from_hex(algorithm, &hex.to_uppercase()),
            Key::from_base64(algorithm, &format!(" {base64}\r\n")),
            Key::from_base64(algorithm, base64.trim_end_matches('=')),
            Key::from_base64(algorithm, &text),
        ] {
            prop_assert!(decode::<IgnoredAny>(&token, &key.unwrap(), &at(NOW)).is_ok());
        }
        prop_assert!(decode::<IgnoredAny>(&token, &named, &at(NOW)).is_ok());
        prop_assert!(decode::<IgnoredAny>(&token, &set, &at(NOW)).is_ok());

        // One bit of the secret makes another key.
        let mut other = secret;
        other[0] ^= 1;
        let error = decode::<IgnoredAny>(&token, &Key::new(algorithm, other).unwrap(), &at(NOW));
        prop_assert_eq!(error.unwrap_err(), Error::InvalidSignature);
    }
}
