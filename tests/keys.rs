//! Keys, key sets and JSON Web Keys.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "support/forge.rs"]
mod forge;

use forge::{forge, key};
use jwt_codec::{
    Algorithm, Error, Header, Key, KeyDefect, KeySet, SkippedKey, Validation, dangerous::short_key,
    decode, decode_header, encode, encode_with_header,
};
use serde_json::{Value, json};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];
const K: &str = "iLs0BFVV9FN0aqngEdO6xUbi_rurZtoAU8PqeZRmUDw";

/// RFC 7518 §3.2: as many bytes as the hash has.
fn min_len(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Hs256 => 32,
        Algorithm::Hs384 => 48,
        _ => 64,
    }
}

fn validation() -> Validation {
    Validation::new().allow_missing_exp()
}

#[test]
fn algorithms_are_their_names() {
    for (algorithm, name, len) in [
        (Algorithm::Hs256, "HS256", 32),
        (Algorithm::Hs384, "HS384", 48),
        (Algorithm::Hs512, "HS512", 64),
    ] {
        assert_eq!(algorithm.name(), name);
        assert!(Key::new(algorithm, vec![7; len]).is_ok());
        let weak = Error::WeakKey { algorithm, len: len - 1, min: len };
        assert_eq!(Key::new(algorithm, vec![7; len - 1]).unwrap_err(), weak);
        assert_eq!(format!("{algorithm} {algorithm:>6}"), format!("{name}  {name}"));
        assert_eq!(name.parse(), Ok(algorithm));
        assert_eq!(serde_json::to_value(algorithm).unwrap(), json!(name));
        assert_eq!(serde_json::from_value::<Algorithm>(json!(name)).unwrap(), algorithm);
    }
    for name in ["hs256", "HS256 ", "RS1024", "none", ""] {
        let error = Error::UnknownAlgorithm { name: name.into() };
        assert_eq!(name.parse::<Algorithm>(), Err(error));
        assert!(serde_json::from_value::<Algorithm>(json!(name)).is_err());
    }
    let error = serde_json::from_str::<Algorithm>("1").unwrap_err().to_string();
    assert!(error.contains(r#"expected the name of an algorithm, such as "HS256""#), "{error}");
}

#[test]
fn secrets_are_as_long_as_the_hash() {
    for algorithm in ALGORITHMS {
        let min = min_len(algorithm);
        for len in [0, 1, min - 1] {
            let error = Error::WeakKey { algorithm, len, min };
            assert_eq!(Key::new(algorithm, vec![7; len]).unwrap_err(), error);
        }
        let key = Key::new(algorithm, vec![7; min]).unwrap();
        assert_eq!((key.algorithm(), key.id(), key.issuers().len()), (algorithm, None, 0));
        let bound = key.with_issuer("https://a.example");
        assert_eq!(bound.issuers(), ["https://a.example"]);

        let empty = Error::WeakKey { algorithm, len: 0, min };
        assert_eq!(short_key(algorithm, "").unwrap_err(), empty);
        assert_eq!(short_key(algorithm, "x").unwrap().algorithm(), algorithm);
    }
    assert_eq!(Key::hs256([7; 32]).unwrap().algorithm(), Algorithm::Hs256);
    assert_eq!(Key::hs384([7; 48]).unwrap().algorithm(), Algorithm::Hs384);
    assert_eq!(Key::hs512([7; 64]).unwrap().algorithm(), Algorithm::Hs512);
    assert_eq!(Key::hs384([7; 47]).unwrap_err().code(), "weak_key");
}

/// RFC 2104: a secret longer than the hash's block counts as its hash.
#[test]
fn secrets_may_be_longer_than_a_block() {
    let token = encode(&json!({}), &Key::hs256([7; 65]).unwrap()).unwrap();
    for (len, expected) in [(65, true), (64, false), (66, false)] {
        let key = Key::hs256(vec![7; len]).unwrap();
        assert_eq!(decode::<Value>(&token, &key, &validation()).is_ok(), expected, "{len}");
    }
}

#[test]
fn text_of_other_keys_is_no_secret() {
    let padding = "A".repeat(64);
    for text in [
        "-----BEGIN PUBLIC KEY-----\nMFkw",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "---- BEGIN SSH2 PUBLIC KEY ----",
        "PuTTY-User-Key-File-3: ssh-ed25519",
        " \r\n\t-----BEGIN PUBLIC KEY-----",
        "comment\n-----BEGIN PUBLIC KEY-----",
        "\u{feff}-----BEGIN PUBLIC KEY-----",
        "ssh-rsa AAAAB3",
        "ssh-dss AAAAB3",
        "ssh-ed25519 AAAAC3",
        "ssh-ed448 AAAA",
        "ssh-ed25519-cert-v01@openssh.com AAAA",
        "ecdsa-sha2-nistp256 AAAA",
        "sk-ssh-ed25519@openssh.com AAAA",
        "sk-ecdsa-sha2-nistp256@openssh.com AAAA",
        "\n ssh-rsa AAAAB3",
        "ssh-rsa\tB3",
        "no-pty ssh-ed25519 AAAAC3",
        "\u{feff} ssh-rsa AAAAB3",
        r#"{"kty":"RSA","n":"#,
        r#" { "e": "AQAB", "kty" : "RSA" "#,
        r#"a {"kty":1}"#,
    ] {
        for secret in [text.to_owned(), format!("{text}{padding}")] {
            for result in [Key::hs256(&secret), short_key(Algorithm::Hs256, &secret)] {
                assert_eq!(result.unwrap_err().code(), "invalid_key", "{secret}");
            }
        }
    }
    for text in
        ["not -----BEGI", "my ssh-rsa", "{kty}", r#"{"key":1}"#, r#"a {kty":1}"#, "ssh", "----"]
    {
        assert!(Key::hs256(format!("{text}{padding}")).is_ok(), "{text}");
    }
}

#[test]
fn base64url_secrets_have_one_spelling() {
    let key = Key::from_base64url(Algorithm::Hs256, K).unwrap();
    let token = encode(&json!({ "a": 1 }), &key).unwrap();
    let raw =
        Key::hs256(base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, K).unwrap());
    assert!(decode::<Value>(&token, &raw.unwrap(), &validation()).is_ok());

    // As a file has it, whose editor ends the last line.
    for text in [&format!(" {K}"), &format!("{K}\n"), &format!("\t{K}\r\n")] {
        let key = Key::from_base64url(Algorithm::Hs256, text).unwrap();
        assert!(decode::<Value>(&token, &key, &validation()).is_ok());
    }

    let invalid = Error::InvalidKey { defect: KeyDefect::NotBase64url };
    for text in [
        &format!("{K}="),
        &format!("{K} {K}"),
        &format!("{K}\u{a0}"),
        &format!("{K}\0"),
        &K.replace('_', "/"),
        &K.replace("UDw", "UDx"),
        &format!("{K}AA"),
        "é",
    ] {
        let error = Key::from_base64url(Algorithm::Hs256, text).unwrap_err();
        assert_eq!(error, invalid, "{text}");
    }
    for (text, len) in [("", 0), ("AA", 1), (&K[..42], 31)] {
        let error = Error::WeakKey { algorithm: Algorithm::Hs256, len, min: 32 };
        let text = if len == 31 { format!("{}A", &text[..41]) } else { text.to_owned() };
        assert_eq!(Key::from_base64url(Algorithm::Hs256, &text).unwrap_err(), error);
    }
}

#[test]
fn debug_shows_no_secret() {
    let secret = "0123456789abcdef0123456789abcdef";
    let key = Key::hs256(secret).unwrap();
    assert_eq!(format!("{key:?}"), "Key { algorithm: Hs256, id: None, .. }");
    let keys =
        KeySet::new().with(key).unwrap().with(Key::hs384([7; 48]).unwrap().with_id("a")).unwrap();
    assert_eq!(
        format!("{keys:?}"),
        r#"[Key { algorithm: Hs256, id: None, .. }, Key { algorithm: Hs384, id: Some("a"), .. }]"#
    );
}

#[test]
fn a_key_writes_its_id_and_refuses_others() {
    for id in ["2026-11", "", "quote\" and \\ and é", "../../etc/passwd\0"] {
        for algorithm in ALGORITHMS {
            let key = Key::new(algorithm, [7; 64]).unwrap().with_id(id);
            assert_eq!(key.id(), Some(id));
            let token = encode(&json!({}), &key).unwrap();
            let header = decode_header(&token).unwrap();
            assert_eq!(
                (header.alg(), header.kid(), header.typ()),
                (Some(algorithm.name()), Some(id), Some("JWT"))
            );
            let data = decode::<Value>(&token, &key, &validation()).unwrap();
            assert_eq!(data.header, header);
            // A key without an id takes any; one with another takes none; a token without takes any.
            let plain = Key::new(algorithm, [7; 64]).unwrap();
            assert!(decode::<Value>(&token, &plain, &validation()).is_ok());
            let other = plain.clone().with_id("other");
            let error = decode::<Value>(&token, &other, &validation()).unwrap_err();
            assert_eq!(
                error,
                Error::UnknownKey {
                    kid: Some(id.into()),
                    reason: jwt_codec::UnknownKeyReason::NoSuchId
                }
            );
            let without = encode(&json!({}), &plain).unwrap();
            assert!(decode::<Value>(&without, &key, &validation()).is_ok());
        }
    }
}

#[test]
fn the_default_header_is_written_to_the_letter() {
    let token = encode(&json!({}), &key()).unwrap();
    assert!(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30."));
    let token = encode(&json!({}), &key().with_id("x")).unwrap();
    // {"alg":"HS256","kid":"x","typ":"JWT"}
    assert!(token.starts_with("eyJhbGciOiJIUzI1NiIsImtpZCI6IngiLCJ0eXAiOiJKV1QifQ.e30."));
    // The same by way of a header with that kid, and of one that names another.
    let by_header = |kid: &str, key: &Key| {
        encode_with_header(&Header::new().with_kid(kid), &json!({}), key).unwrap()
    };
    assert_eq!(by_header("x", &key()), token);
    assert_eq!(by_header("x", &key().with_id("x")), token);
    assert_eq!(by_header("x", &key().with_id("y")), token);
    assert_eq!(
        decode_header(&encode(&json!({}), &key().with_id("x").with_id("y")).unwrap())
            .unwrap()
            .kid(),
        Some("y")
    );
}

#[test]
fn a_set_chooses_by_kid_then_by_alg() {
    let secret = |n: u8| [n; 64];
    let a = Key::hs256(secret(1)).unwrap().with_id("a");
    let b = Key::hs512(secret(2)).unwrap().with_id("b");
    let plain = Key::hs256(secret(3)).unwrap();
    let keys = [&a, &b, &plain].into_iter().cloned().try_fold(KeySet::new(), KeySet::with).unwrap();
    assert_eq!((keys.len(), keys.is_empty()), (3, false));
    assert_eq!(keys.ids().collect::<Vec<_>>(), ["a", "b"]);
    assert!(keys.contains("a") && keys.contains("b"));
    assert!(!keys.contains("c") && !keys.contains(""));

    let outcome = |token: &str| {
        decode::<Value>(token, &keys, &validation()).map_or_else(|error| error.code(), |_| "ok")
    };
    let sign = |key: &Key| encode(&json!({}), key).unwrap();
    let sign_as = |kid: &str, key: &Key| {
        encode_with_header(&Header::new().with_kid(kid), &json!({}), key).unwrap()
    };
    let nameless = |n: u8| sign(&Key::hs256(secret(n)).unwrap());

    // By kid, whether the header is in the usual spelling or not.
    assert_eq!((outcome(&sign(&a)), outcome(&sign(&b))), ("ok", "ok"));
    let typed = Header::new().with_typ("application/jwt");
    assert_eq!(outcome(&encode_with_header(&typed, &json!({}), &a).unwrap()), "ok");
    // Another key's kid is that key alone, even if a key of the set did sign.
    assert_eq!(outcome(&sign_as("a", &plain)), "invalid_signature");
    assert_eq!(outcome(&sign_as("b", &a)), "algorithm_mismatch");
    // An id that no key has: the keys without one, which nobody named.
    assert_eq!(outcome(&sign_as("c", &a)), "invalid_signature");
    assert_eq!(outcome(&sign_as("c", &plain)), "ok");
    // Without kid: any key of that alg, with or without an id.
    assert_eq!((outcome(&nameless(1)), outcome(&nameless(3))), ("ok", "ok"));
    assert_eq!(outcome(&sign(&Key::hs512(secret(2)).unwrap())), "ok");
    assert_eq!(outcome(&nameless(2)), "invalid_signature");
    assert_eq!(outcome(&nameless(9)), "invalid_signature");
    assert_eq!(outcome(&sign(&Key::hs384(secret(1)).unwrap())), "algorithm_mismatch");
}

#[test]
fn a_set_has_each_id_once() {
    let key = |n: u8| Key::hs256([n; 32]).unwrap();
    let error = KeySet::new().with(key(1).with_id("a")).unwrap().with(key(2).with_id("a"));
    assert_eq!(error.unwrap_err(), Error::InvalidKey { defect: KeyDefect::DuplicateId });
    let keys = KeySet::default().with(key(1)).unwrap().with(key(1)).unwrap();
    assert_eq!(keys.len(), 2);
    assert!(KeySet::new().is_empty());
}

#[test]
fn jwk_members_are_held_to_the_rfc() {
    let good = json!({ "kty": "oct", "alg": "HS256", "k": K });
    let with = |name: &str, value: Value| {
        let mut jwk = good.clone();
        jwk[name] = value;
        jwk.to_string()
    };
    let without = |name: &str| {
        let mut jwk = good.clone();
        jwk.as_object_mut().unwrap().remove(name);
        jwk.to_string()
    };
    let read = |json: &str| Key::from_jwk(json);

    let key = Key::from_jwk(&good.to_string()).unwrap();
    assert_eq!((key.algorithm(), key.id()), (Algorithm::Hs256, None));
    assert_eq!(read(&with("kid", json!("é\"x"))).unwrap().id(), Some("é\"x"));
    for (name, value) in [
        ("use", json!("sig")),
        ("key_ops", json!(["sign"])),
        ("key_ops", json!(["encrypt", "verify"])),
        ("x5t", json!({ "anything": [1, null] })),
    ] {
        assert!(read(&with(name, value.clone())).is_ok(), "{name} {value}");
    }

    let cases = [
        (with("kty", json!("RSA")), KeyDefect::JwkNotASecret),
        (with("kty", json!("OCT")), KeyDefect::JwkUnsupported { member: "kty" }),
        (with("kty", json!(1)), KeyDefect::JwkMemberType { member: "kty" }),
        (without("kty"), KeyDefect::JwkMemberMissing { member: "kty" }),
        (with("alg", json!("hs256")), KeyDefect::JwkUnsupported { member: "alg" }),
        (with("alg", json!("A128KW")), KeyDefect::JwkUnsupported { member: "alg" }),
        (with("alg", json!(null)), KeyDefect::JwkMemberType { member: "alg" }),
        (without("alg"), KeyDefect::JwkWithoutAlgorithm),
        (with("k", json!(5)), KeyDefect::JwkMemberType { member: "k" }),
        (with("k", json!(format!("{K}="))), KeyDefect::JwkMemberEncoding { member: "k" }),
        (with("k", json!(format!("{K}\n"))), KeyDefect::JwkMemberEncoding { member: "k" }),
        (without("k"), KeyDefect::JwkMemberMissing { member: "k" }),
        (with("kid", json!(7)), KeyDefect::JwkMemberType { member: "kid" }),
        (with("use", json!("enc")), KeyDefect::JwkUse),
        (with("use", json!(["sig"])), KeyDefect::JwkMemberType { member: "use" }),
        (with("key_ops", json!(["encrypt"])), KeyDefect::JwkOperations),
        (with("key_ops", json!([])), KeyDefect::JwkOperations),
        (with("key_ops", json!("sign")), KeyDefect::JwkOperationsType),
        (with("key_ops", json!([1])), KeyDefect::JwkOperationsType),
        (format!("{good} x"), KeyDefect::JwkSyntax),
        (format!("[{good}]"), KeyDefect::JwkSyntax),
        (good.to_string().replacen('{', r#"{"\u006b":"AAAA","#, 1), KeyDefect::JwkSyntax),
        (String::new(), KeyDefect::JwkSyntax),
    ];
    for (jwk, defect) in cases {
        assert_eq!(read(&jwk).unwrap_err(), Error::InvalidKey { defect }, "{jwk}");
    }
    let error = Key::from_jwk(&with("k", json!("AAAA"))).unwrap_err();
    assert_eq!(error, Error::WeakKey { algorithm: Algorithm::Hs256, len: 3, min: 32 });
}

/// One that cannot be used never costs the others, and is told with its reason.
#[test]
fn a_jwk_set_passes_over_odd_keys() {
    let oct = |kid: &str| json!({ "kty": "oct", "alg": "HS256", "k": K, "kid": kid });
    let with = |kid: &str, name: &str, value: Value| {
        let mut jwk = oct(kid);
        jwk[name] = value;
        jwk
    };
    let no_alg = json!({ "kty": "oct", "k": K, "kid": "no alg" });
    let jwks = |keys: Value| json!({ "keys": keys, "other": 1 }).to_string();
    let invalid = |defect| Error::InvalidKey { defect };

    let odd = [
        (
            json!({ "kty": "RSA", "n": 1, "alg": null }),
            None,
            if cfg!(feature = "public-keys") {
                KeyDefect::JwkMemberType { member: "alg" }
            } else {
                KeyDefect::JwkNotASecret
            },
        ),
        (json!({ "no": "kty" }), None, KeyDefect::JwkMemberMissing { member: "kty" }),
        (with("1", "kty", json!(5)), Some("1"), KeyDefect::JwkMemberType { member: "kty" }),
        (with("2", "use", json!("enc")), Some("2"), KeyDefect::JwkUse),
        (
            with("3", "alg", json!("A256GCM")),
            Some("3"),
            KeyDefect::JwkUnsupported { member: "alg" },
        ),
        (no_alg.clone(), Some("no alg"), KeyDefect::JwkWithoutAlgorithm),
        (with("a", "k", json!(K)), Some("a"), KeyDefect::DuplicateId),
        (with("", "kid", json!(7)), None, KeyDefect::JwkMemberType { member: "kid" }),
        (json!(1), None, KeyDefect::JwkSyntax),
    ];
    let mut keys = vec![oct("a")];
    keys.extend(odd.iter().map(|(jwk, ..)| jwk.clone()));
    let weak = with("weak", "alg", json!("HS512"));
    keys.extend([weak, oct("b")]);
    let set = KeySet::from_jwks(&jwks(json!(keys))).unwrap();
    assert_eq!((set.len(), set.ids().collect::<Vec<_>>()), (2, vec!["a", "b"]));
    let skipped = |kid: Option<&str>, error| SkippedKey { kid: kid.map(String::from), error };
    let mut expected: Vec<SkippedKey> =
        odd.into_iter().map(|(_, kid, defect)| skipped(kid, invalid(defect))).collect();
    let too_short = Error::WeakKey { algorithm: Algorithm::Hs512, len: 32, min: 64 };
    expected.push(skipped(Some("weak"), too_short));
    assert_eq!(set.skipped(), expected);

    // A first one that cannot be used keeps the id from no later one.
    let set = KeySet::from_jwks(&jwks(json!([with("a", "use", json!("enc")), oct("a")]))).unwrap();
    assert_eq!((set.len(), set.skipped().len(), set.contains("a")), (1, 1, true));

    // Keys that name no algorithm are for the caller's; those that name another are passed over.
    let both = jwks(json!([oct("a"), no_alg]));
    let set = KeySet::from_jwks_for(Algorithm::Hs256, &both).unwrap();
    assert_eq!((set.len(), set.skipped()), (2, &[][..]));
    let set = KeySet::from_jwks_for(Algorithm::Hs384, &both).unwrap();
    let weak = Error::WeakKey { algorithm: Algorithm::Hs384, len: 32, min: 48 };
    let other = |algorithm| invalid(KeyDefect::JwkOtherAlgorithm { algorithm });
    assert_eq!(
        set.skipped(),
        [skipped(Some("a"), other(Algorithm::Hs384)), skipped(Some("no alg"), weak)]
    );
    let one = |algorithm| Key::from_jwk_for(algorithm, &oct("a").to_string());
    assert_eq!(one(Algorithm::Hs256).unwrap().id(), Some("a"));
    assert_eq!(one(Algorithm::Hs512).unwrap_err(), other(Algorithm::Hs512));

    // Without a key it is empty, and refuses every token.
    for text in [jwks(json!([])), jwks(json!([1])), jwks(json!([{ "kty": "RSA" }]))] {
        let set = KeySet::from_jwks(&text).unwrap();
        assert!(set.is_empty());
        let error = decode::<Value>(&forge(r#"{"alg":"HS256"}"#, "{}"), &set, &validation());
        assert_eq!(error.unwrap_err().code(), "unknown_key");
    }

    let cases = [
        (jwks(json!({})), KeyDefect::JwkSetKeysType),
        (jwks(json!(null)), KeyDefect::JwkSetKeysType),
        ("{}".into(), KeyDefect::JwkSetWithoutKeys),
        ("[]".into(), KeyDefect::JwkSetSyntax),
        (String::new(), KeyDefect::JwkSetSyntax),
        (r#"{"keys":[],"keys":[]}"#.into(), KeyDefect::JwkSetSyntax),
    ];
    for (jwks, defect) in cases {
        assert_eq!(KeySet::from_jwks(&jwks).unwrap_err(), invalid(defect), "{jwks}");
    }
}

/// The familiar spellings of the header give what parsing them would, and no more.
#[test]
fn familiar_headers_are_no_shortcut_around_the_rules() {
    let with_id = key().with_id("a");
    for (header, alg, typ, kid) in [
        (r#"{"alg":"HS256","typ":"JWT"}"#, "HS256", Some("JWT"), None),
        (r#"{"typ":"JWT","alg":"HS256"}"#, "HS256", Some("JWT"), None),
        (r#"{"alg":"HS256"}"#, "HS256", None, None),
        (r#"{"alg":"HS256","kid":"a","typ":"JWT"}"#, "HS256", Some("JWT"), Some("a")),
        (r#"{"alg":"HS256","typ":"JWT","kid":"a"}"#, "HS256", Some("JWT"), Some("a")),
        (r#"{"typ":"JWT","alg":"HS256","kid":"a"}"#, "HS256", Some("JWT"), Some("a")),
        (r#"{"kid":"a","typ":"JWT","alg":"HS256"}"#, "HS256", Some("JWT"), Some("a")),
        (r#"{ "alg":"HS256","kid":"a","typ":"JWT"}"#, "HS256", Some("JWT"), Some("a")),
    ] {
        let token = forge(header, "{}");
        let keys = KeySet::new().with(with_id.clone()).unwrap();
        for data in [
            decode::<Value>(&token, &with_id, &validation()).unwrap(),
            decode::<Value>(&token, &keys, &validation()).unwrap(),
        ] {
            let header = data.header;
            assert_eq!((header.alg(), header.typ(), header.kid()), (Some(alg), typ, kid));
        }
        assert_eq!(decode_header(&token).unwrap().kid(), kid);
        for other in [Key::hs384([7; 48]).unwrap(), Key::hs512([7; 64]).unwrap()] {
            let error = decode::<Value>(&token, &other, &validation()).unwrap_err();
            assert_eq!(
                error,
                Error::AlgorithmMismatch { expected: Some(other.algorithm()), found: alg.into() }
            );
        }
    }
}

/// The text made the key of these bytes, which its signature shows.
#[track_caller]
fn assert_key_of(made: Result<Key, Error>, secret: &[u8]) {
    let made = made.unwrap();
    let expected = Key::new(made.algorithm(), secret).unwrap();
    assert_eq!(encode(&json!({}), &made), encode(&json!({}), &expected));
}

#[test]
fn secrets_as_openssl_writes_them() {
    use base64::{
        Engine,
        prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
    };

    let hs256 = Algorithm::Hs256;
    let secret: Vec<u8> = (0..32_u8).map(|byte| byte.wrapping_mul(0x9d) ^ 0xf8).collect();
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    for around in ["", "\n", "\r\n", " \t\u{c}\n"] {
        let with = |text: &str| format!("{around}{text}{around}");
        let (standard, url) =
            (BASE64_STANDARD.encode(&secret), BASE64_URL_SAFE_NO_PAD.encode(&secret));
        assert_key_of(Key::from_hex(hs256, &with(&hex)), &secret);
        assert_key_of(Key::from_hex(hs256, &with(&hex.to_uppercase())), &secret);
        assert_key_of(Key::from_base64(hs256, &with(&standard)), &secret);
        assert_key_of(Key::from_base64(hs256, &with(standard.trim_end_matches('='))), &secret);
        assert_key_of(Key::from_base64(hs256, &with(&url)), &secret);
        assert_key_of(Key::from_base64url(hs256, &with(&url)), &secret);
        // Hexadecimal is base64, too: of another key.
        for text in [with(&hex), with(&hex.to_uppercase())] {
            for key in [Key::from_base64(hs256, &text), Key::from_base64url(hs256, &text)] {
                let defect = KeyDefect::Hexadecimal;
                assert_eq!(key.unwrap_err(), Error::InvalidKey { defect });
            }
        }
    }
    // From 64 characters on; shorter ones are weak anyway, or were not meant so.
    assert_eq!(Key::from_base64url(hs256, &hex[..60]).map(|key| key.algorithm()), Ok(hs256));

    for bad in [
        &hex[1..],
        &format!("{} {}", &hex[..32], &hex[32..]),
        &format!("0x{hex}"),
        &hex.replace('a', "g"),
        &format!("{}:{}", &hex[..2], &hex[2..]),
        &format!("{}\u{e9}", &hex[..62]),
    ] {
        let defect = KeyDefect::NotHexadecimal;
        assert_eq!(Key::from_hex(hs256, bad).unwrap_err(), Error::InvalidKey { defect }, "{bad}");
    }
    let url = BASE64_URL_SAFE_NO_PAD.encode(&secret);
    for bad in [format!("{}\n{}", &url[..20], &url[20..]), format!("{url}!"), "a".into()] {
        let defect = KeyDefect::NotBase64;
        assert_eq!(Key::from_base64(hs256, &bad).unwrap_err(), Error::InvalidKey { defect });
    }
    let weak = |len| Error::WeakKey { algorithm: hs256, len, min: 32 };
    assert_eq!(Key::from_hex(hs256, &hex[..32]).unwrap_err(), weak(16));
    assert_eq!(Key::from_hex(hs256, "").unwrap_err(), weak(0));
}

#[test]
fn a_set_gives_keys_back() {
    let [a, b] = [Key::hs256([1; 32]), Key::hs256([2; 32])].map(Result::unwrap);
    let plain = |key: &Key| encode(&json!({}), key).unwrap();
    let set = KeySet::new()
        .with(a.clone().with_id("a"))
        .and_then(|set| set.with(b.clone().with_id("b")))
        .and_then(|set| set.with(Key::hs384([3; 48])?))
        .unwrap();
    let code = |token: &str, set: &KeySet| {
        decode::<Value>(token, set, &validation()).map_or_else(|error| error.code(), |_| "ok")
    };
    assert_eq!(set.ids().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((set.len(), set.contains("a"), set.contains("c")), (3, true, false));

    let without = set.clone().without("a").without("no such id");
    assert_eq!(without.ids().collect::<Vec<_>>(), ["b"]);
    let (by_a, by_b) = (plain(&a.clone().with_id("a")), plain(&b.clone().with_id("b")));
    assert_eq!([code(&by_a, &set), code(&plain(&a), &set)], ["ok"; 2]);
    assert_eq!(code(&by_a, &without), "algorithm_mismatch");
    assert_eq!(code(&by_a, &without.clone().require_kid()), "unknown_key");
    assert_eq!(code(&plain(&a), &without), "invalid_signature");
    assert_eq!(code(&by_b, &without), "ok");
    assert!(without.with(a.clone().with_id("a")).is_ok(), "the id is free again");

    let named = set.require_kid();
    assert_eq!(code(&plain(&a), &named), "unknown_key");
    assert_eq!(code(&by_b, &named), "ok");
    // Either set's rule holds for both.
    let merged = KeySet::new().merge(named).unwrap();
    assert_eq!(code(&plain(&a), &merged), "unknown_key");
}

#[test]
fn issuers_may_share_an_id() {
    let (a, b) = ("https://a.example", "https://b.example");
    let [first, second] = [Key::hs256([1; 32]), Key::hs256([2; 32])].map(Result::unwrap);
    let of = |key: &Key, issuer: &str| {
        KeySet::new().with(key.clone().with_id("1")).unwrap().with_issuer(issuer)
    };
    let both = of(&first, a).merge(of(&second, b)).unwrap();
    assert_eq!((both.len(), both.ids().collect::<Vec<_>>()), (2, vec!["1"]));
    let code = |iss: &str, key: &Key, set: &KeySet| {
        let token = encode(&json!({ "iss": iss }), &key.clone().with_id("1")).unwrap();
        decode::<Value>(&token, set, &validation()).map_or_else(|error| error.code(), |_| "ok")
    };
    assert_eq!([code(a, &first, &both), code(b, &second, &both)], ["ok"; 2]);
    assert_eq!([code(b, &first, &both), code(a, &second, &both)], ["invalid_issuer"; 2]);
    assert_eq!(code(a, &first, &both.clone().without("1")), "unknown_key");

    // One secret for both: either issuer's token is right.
    let same = of(&first, a).merge(of(&first, b)).unwrap();
    assert_eq!([code(a, &first, &same), code(b, &first, &same)], ["ok"; 2]);
    assert_eq!(code("https://c.example", &first, &same), "invalid_issuer");

    // A key that is bound stays so; of one issuer, or of none, an id is there once.
    let mixed = both.with_issuer("https://c.example");
    assert_eq!(code(a, &first, &mixed), "ok");
    for other in [of(&second, a), KeySet::new().with(second.clone().with_id("1")).unwrap()] {
        let error = of(&first, a).merge(other).unwrap_err();
        assert_eq!(error, Error::InvalidKey { defect: KeyDefect::DuplicateId });
    }
}
