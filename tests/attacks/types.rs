//! The caller's type, and what a log gets to see.

use std::collections::BTreeMap;

use jwt_codec::{Algorithm, Claims, KeySet, decode};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Value, json, value::RawValue};

use crate::{
    forge::{forge, forge_claims, key},
    harness::{GOOD, assert_claims_refused, lax, policy, refused, tame},
};

#[test]
fn types_read_in_another_way_are_checked_as_well() {
    #[derive(Deserialize)]
    #[allow(dead_code)]
    enum Enum {
        #[serde(rename = "exp")]
        Exp(i64),
    }
    #[derive(Deserialize)]
    #[allow(dead_code)]
    #[serde(untagged)]
    enum Untagged {
        Other { nothing: i64 },
        Exp { exp: i64 },
    }
    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Flat {
        #[serde(flatten)]
        rest: std::collections::BTreeMap<String, Value>,
    }
    #[derive(Deserialize)]
    #[serde(transparent)]
    #[allow(dead_code)]
    struct Transparent(Value);

    fn code<C: DeserializeOwned>(claims: &str) -> &'static str {
        decode::<C>(&forge_claims(claims), &key(), &policy())
            .map_or_else(|error| error.code(), |_| "ok")
    }
    for (claims, expected) in [
        (r#"{"exp":1}"#, "expired"),
        (r#"{"exp":"1600000060"}"#, "invalid_claim_type"),
        (r#"{"exp":1600000060,"exp":1600000060}"#, "malformed"),
        (r#"{"exp":1600000060}"#, "ok"),
        ("{}", "missing_claim"),
    ] {
        assert_eq!(code::<Enum>(claims), expected, "{claims}");
        assert_eq!(code::<Untagged>(claims), expected, "{claims}");
        assert_eq!(code::<Flat>(claims), expected, "{claims}");
        assert_eq!(code::<Transparent>(claims), expected, "{claims}");
        assert_eq!(code::<Box<RawValue>>(claims), expected, "{claims}");
        assert_eq!(code::<IgnoredAny>(claims), expected, "{claims}");
        assert_eq!(code::<Option<Value>>(claims), expected, "{claims}");
        assert_eq!(code::<Claims<Option<Value>>>(claims), expected, "{claims}");
        assert_eq!(code::<Claims<IgnoredAny>>(claims), expected, "{claims}");
    }
}

/// A type that takes no notice of errors sees no more than another.
#[test]
fn types_that_swallow_errors() {
    struct Swallow;
    impl<'de> Deserialize<'de> for Swallow {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Members;
            impl<'de> Visitor<'de> for Members {
                type Value = Swallow;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("anything")
                }
                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Swallow, A::Error> {
                    for _ in 0..8 {
                        if let Ok(None) = map.next_key::<String>() {
                            break;
                        }
                        let _ = map.next_value::<IgnoredAny>();
                    }
                    Ok(Swallow)
                }
            }
            deserializer.deserialize_map(Members)
        }
    }
    struct Blind;
    impl<'de> Deserialize<'de> for Blind {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            Ok(Self)
        }
    }
    #[derive(Debug, Default, PartialEq)]
    struct OrDefault<T>(T);
    impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for OrDefault<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Ok(Self(T::deserialize(deserializer).unwrap_or_default()))
        }
    }
    type Maps = BTreeMap<String, OrDefault<BTreeMap<String, OrDefault<String>>>>;
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only what is accepted matters")]
    struct LenientA {
        a: OrDefault<BTreeMap<String, OrDefault<String>>>,
        exp: Option<i64>,
    }
    struct Lenient;
    impl<'de> Deserialize<'de> for Lenient {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let _ = bool::deserialize(deserializer);
            Ok(Self)
        }
    }
    fn code<C: DeserializeOwned>(claims: &str) -> &'static str {
        decode::<C>(&forge_claims(claims), &key(), &policy())
            .map_or_else(|error| error.code(), |_| "ok")
    }
    for (claims, expected) in [
        (r#"{"exp":1,"exp":1600000060}"#, "malformed"),
        (r#"{"exp":1600000060,"exp":1}"#, "malformed"),
        (r#"{"role":1,"exp":1600000060,"role":2}"#, "malformed"),
        (r#"{"exp":1600000060,"$serde_json::private::RawValue":"{}"}"#, "malformed"),
        (r#"{"exp":1}"#, "expired"),
        (r#"{"\u0065xp":1}"#, "expired"),
        (r#"{"exp":1600000060,"\u006ebf":9999999999}"#, "not_yet_valid"),
        (r#"{"exp":1600000060"#, "malformed"),
        ("{}", "missing_claim"),
        (r#"{"exp":null}"#, "invalid_claim_type"),
    ] {
        assert_eq!(code::<Swallow>(claims), expected, "{claims}");
        assert_eq!(code::<Blind>(claims), expected, "{claims}");
        assert_eq!(code::<Lenient>(claims), expected, "{claims}");
    }

    // Such a type goes on wherever an error has left the parser, here with a string of another
    // reading, in which `exp` is a name in a map of its own.
    let claims =
        r#"{"k":{"\ud800A,":":{"},":1,":":tru","exp":1,"z":"\ud800A},",":{":{":1,":":tru"}}"#;
    for error in [
        decode::<Maps>(&forge_claims(claims), &key(), &lax()).map(drop),
        decode::<OrDefault<Maps>>(&forge_claims(claims), &key(), &lax()).map(drop),
        decode::<Claims<Maps>>(&forge_claims(claims), &key(), &lax()).map(drop),
    ] {
        assert_eq!(error.unwrap_err().code(), "expired");
    }
    // Without an end.
    let claims = r#"{"a":{"x":1,"exp":99999}"#;
    for validation in [policy(), lax()] {
        let error = decode::<LenientA>(&forge_claims(claims), &key(), &validation).unwrap_err();
        assert_eq!(error.code(), "malformed");
        assert_claims_refused(claims, &validation, "malformed");
    }
}

#[test]
fn hostile_text_in_errors() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Strict {
        exp: i64,
        #[serde(default)]
        role: Role,
        #[serde(default)]
        level: u8,
    }
    #[derive(Debug, Default, Deserialize)]
    enum Role {
        #[default]
        User,
    }

    for text in [
        "\r\n2026-11-01 INFO login ok user=root",
        "\u{1b}[2J\u{1b}[31m",
        "\u{0}\u{7}\u{8}\u{7f}\u{85}",
        &"x".repeat(5000),
        &"\u{1}".repeat(800),
        &"\u{10ffff}".repeat(1000),
    ] {
        let quoted = json!(text).to_string();
        let claims = |member: &str| forge_claims(format!(r#"{{"exp":1600000060,{member}}}"#));
        let header = |member: &str| forge(format!(r#"{{"alg":"HS256",{member}}}"#), GOOD);
        let all = policy().issuer("i");
        let tokens = [
            (forge(format!(r#"{{"alg":{quoted}}}"#), GOOD), policy()),
            (header(&format!(r#""typ":{quoted}"#)), policy()),
            (header(&format!(r#""crit":[{quoted}]"#)), policy()),
            (header(&format!("{quoted}:1,{quoted}:2")), policy()),
            (forge(&quoted, GOOD), policy()),
            (claims(&format!("{quoted}:1,{quoted}:2")), policy()),
            (forge_claims(&quoted), policy()),
            (claims(&format!(r#""iss":{quoted}"#)), all),
            (claims(&format!(r#""aud":[{quoted},{quoted}]"#)), policy()),
            (claims(&format!(r#""aud":{quoted}"#)), policy().audience("a")),
            (claims(&format!(r#""sub":{quoted}"#)), policy().subject("a")),
            (claims("\"a\":1"), policy().require(text)),
        ];
        for (token, validation) in tokens {
            if token.find('.').unwrap() <= 8192 {
                refused(&token, &validation);
            }
        }
        let named = forge(json!({ "alg": "HS256", "kid": text }).to_string(), GOOD);
        tame(decode::<Value>(&named, &KeySet::new(), &policy()).unwrap_err());
        // What the caller's type says, too.
        for member in
            [format!("{quoted}:1"), format!(r#""role":{quoted}"#), format!(r#""level":{quoted}"#)]
        {
            let error = decode::<Strict>(&claims(&member), &key(), &policy()).unwrap_err();
            assert_eq!(tame(error).code(), "claims_mismatch", "{member:.80}");
        }
        tame(text.parse::<Algorithm>().unwrap_err());
    }
}
