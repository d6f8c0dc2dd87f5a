//! Keys, key sets and JSON Web Keys.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may panic"
)]

#[path = "support/forge.rs"]
mod forge;

use std::thread;

use forge::{forge, key};
use jwt_codec::{
    Algorithm, Error, Header, Key, KeyDefect, KeySet, Keys, Requirement, SkippedKey,
    UnknownKeyReason, Validation, VerificationKey,
    dangerous::{short_key, short_key_from_base64, short_key_from_hex},
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
        "AAAAB3NzaC1yc2EAAAADAQABAAABAQDHf7Zy4Xx0x2bdYVq1 ada@host",
        "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl grace\n",
        "git@host\tAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA ",
        "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIOMqqnkV (token) ",
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
fn keys_after_a_byte_order_mark_are_no_secret() {
    // An Ed25519 key as an SPKI.
    let base64 = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let marked = format!("\u{feff}{base64}");
    let le: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for secret in [marked.as_bytes(), &le, &be] {
        let error = Key::hs256(secret).unwrap_err();
        assert_eq!(error, Error::InvalidKey { defect: KeyDefect::SecretIsDer }, "{secret:?}");
    }
}

/// Configuration files and lists hold the lines of a key so.
#[test]
fn lines_of_a_key_with_something_between_them_are_no_secret() {
    let lines = [
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9",
        "q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==",
    ];
    for between in
        ["\\n", "\\r\\n", "\\\n", "\",\"", "', '", "\n# ", "\n| ", "\u{b}", "\u{a0}", "\u{2028}"]
    {
        let text = lines.join(between);
        for text in [text.clone(), format!("[\"{text}\"]"), text.replace('/', "\\/")] {
            assert_eq!(Key::hs256(&text).unwrap_err(), invalid(KeyDefect::SecretIsDer), "{text}");
        }
    }
    // A secret of two such lines is one.
    assert!(Key::hs256(["a"; 2].map(|line| line.repeat(60)).join("\\n")).is_ok());
}

#[test]
fn encrypted_private_keys_are_no_secret() {
    // The start of an `EncryptedPrivateKeyInfo` (RFC 5208 §6) under PBES2, and under a scheme of PKCS#12.
    for (identifier, len) in [
        (&b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d"[..], 11),
        (b"\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03", 12),
    ] {
        let der = [&[0x30, 62, 0x30, len][..], identifier, &[4; 60]].concat();
        let der = &der[..64];
        for secret in [der.to_vec(), [b"\n", der].concat(), [b"\xef\xbb\xbf", der].concat()] {
            assert_eq!(Key::hs256(&secret).unwrap_err(), invalid(KeyDefect::SecretIsDer));
        }
    }
}

/// With or without a key in it.
#[test]
fn jwk_sets_are_no_secret() {
    for text in [
        r#"{ "keys" : [ ] , "comment" : "no key yet at all" }"#,
        r#"{"keys":[{"n":"abcdefghijklmnopqrstuvwxyz","e":"AQAB"}]}"#,
        r"{'keys':[{'n':'abcdefghijklmnopqrstuvwxyz','e':'AQAB'}]}",
        r#"{"\u006beys":[{"n":"abcdefghijklmnopqrstuvwxyz","e":"AQAB"}]}"#,
    ] {
        assert_eq!(Key::hs256(text).unwrap_err(), invalid(KeyDefect::SecretIsJwk), "{text}");
    }
}

/// Lax decoders ignore bits of the last character that stand for nothing.
#[test]
fn base64_with_trailing_bits_is_searched_for_keys() {
    let exact = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9\
                 q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg";
    let lax = exact.replace("POxg", "POxh");
    for text in [exact.to_owned(), format!("{lax}=="), format!("{lax} ada"), lax] {
        assert_eq!(Key::hs256(&text).unwrap_err(), invalid(KeyDefect::SecretIsDer), "{text}");
    }
    // A secret is still read without them alone.
    let secret = format!("{}B", "A".repeat(42));
    let error = Key::from_base64(Algorithm::Hs256, &secret).unwrap_err();
    assert_eq!(error, invalid(KeyDefect::NotBase64));
}

#[test]
fn xml_keys_in_a_namespace_are_no_secret() {
    for name in ["RSAKeyValue", "DSAKeyValue", "ECKeyValue"] {
        for prefix in ["", "ds:", "dsig11:"] {
            let secret = format!("<{prefix}{name} Id=\"{}\">", "a".repeat(32));
            let error = Key::hs256(&secret).unwrap_err();
            assert_eq!(error, Error::InvalidKey { defect: KeyDefect::SecretIsXml }, "{secret}");
        }
    }
}

#[test]
fn public_keys_against_quantum_computers_are_no_secret() {
    // The `AlgorithmIdentifier` of ML-DSA-44 (RFC 9881 §2), and of SLH-DSA-SHA2-128s (RFC 9909 §3).
    for (last, len) in [(0x11, 1312), (0x14, 32)] {
        let identifier = [0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, last];
        let len = u16::try_from(len).unwrap();
        let [bits, outer] = [len + 1, len + 18].map(u16::to_be_bytes);
        let mut spki = vec![0x30, 0x82, outer[0], outer[1]];
        spki.extend(identifier);
        spki.extend([3, 0x82, bits[0], bits[1], 0]);
        spki.resize(spki.len() + usize::from(len), 7);
        let error = Key::hs256(&spki).unwrap_err();
        assert_eq!(error, Error::InvalidKey { defect: KeyDefect::SecretIsDer });
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

fn invalid(defect: KeyDefect) -> Error {
    Error::InvalidKey { defect }
}

fn unknown(kid: Option<&str>, reason: UnknownKeyReason) -> Error {
    Error::UnknownKey { kid: kid.map(String::from), reason }
}

/// The claims, or why there are none.
fn read(token: &str, keys: &dyn Keys) -> Result<Value, Error> {
    decode::<Value>(token, keys, &validation()).map(|data| data.claims)
}

/// A token with these claims and this `kid`, signed by the key.
fn token_of(key: &Key, kid: Option<&str>, claims: &Value) -> String {
    let header = kid.map_or_else(Header::new, |kid| Header::new().with_kid(kid));
    encode_with_header(&header, claims, key).unwrap()
}

#[test]
fn short_secrets_may_be_text() {
    let hs256 = Algorithm::Hs256;
    for (hex, base64, secret) in [
        ("00", "AA", &[0][..]),
        ("c0ffee", "wP/u", &[0xc0, 0xff, 0xee]),
        (" C0ffEE\r\n", "\twP_u\n", &[0xc0, 0xff, 0xee]),
        ("0001", "AAE=", &[0, 1]),
    ] {
        for made in [short_key_from_hex(hs256, hex), short_key_from_base64(hs256, base64)] {
            let expected = short_key(hs256, secret).unwrap();
            assert_eq!(encode(&json!({}), &made.unwrap()), encode(&json!({}), &expected));
        }
        // The rule on lengths is waived nowhere else.
        let weak = Error::WeakKey { algorithm: hs256, len: secret.len(), min: 32 };
        assert_eq!(Key::from_hex(hs256, hex).unwrap_err(), weak);
        assert_eq!(Key::from_base64(hs256, base64).unwrap_err(), weak);
    }
    for algorithm in ALGORITHMS {
        let empty = Error::WeakKey { algorithm, len: 0, min: min_len(algorithm) };
        for text in ["", " \n"] {
            assert_eq!(short_key_from_hex(algorithm, text).unwrap_err(), empty);
            assert_eq!(short_key_from_base64(algorithm, text).unwrap_err(), empty);
        }
    }
    // No other rule is.
    for text in ["0", "0x00", "0 0", "g0"] {
        let error = short_key_from_hex(hs256, text).unwrap_err();
        assert_eq!(error, invalid(KeyDefect::NotHexadecimal), "{text}");
    }
    for text in ["A", "A A=", "AB", "AA===", "A.A"] {
        let error = short_key_from_base64(hs256, text).unwrap_err();
        assert_eq!(error, invalid(KeyDefect::NotBase64), "{text}");
    }
    let digits = "0f".repeat(32);
    let error = short_key_from_base64(hs256, &digits).unwrap_err();
    assert_eq!(error, invalid(KeyDefect::Hexadecimal));
    let spki =
        "302a300506032b6570032100a787b2f05e91ae59b92a6cb2ac93e73a91e20045070bd622c26ee26117022877";
    let error = short_key_from_hex(hs256, spki).unwrap_err();
    assert_eq!(error, invalid(KeyDefect::SecretIsDer));
}

#[test]
fn keys_of_a_set_are_seen() {
    let a = Key::hs256([1; 32]).unwrap().with_id("a").with_issuers(["x", "y"]);
    let plain = Key::hs512([2; 64]).unwrap();
    let set = [a.clone(), plain.clone()].into_iter().try_fold(KeySet::new(), KeySet::with).unwrap();
    let seen = |key: &VerificationKey| {
        (key.id().map(String::from), key.algorithm(), key.issuers().to_vec())
    };
    let expected = [
        (Some("a".to_owned()), Algorithm::Hs256, vec!["x".to_owned(), "y".into()]),
        (None, Algorithm::Hs512, vec![]),
    ];
    assert_eq!(set.iter().map(seen).collect::<Vec<_>>(), expected);
    assert_eq!((&set).into_iter().map(seen).collect::<Vec<_>>(), expected);
    let mut count = 0;
    for key in &set {
        assert!(!format!("{key:?}").is_empty());
        count += 1;
    }
    assert_eq!((count, KeySet::new().iter().count()), (2, 0));

    // Such a key verifies as the key that it is made of, and goes into another set.
    let made = VerificationKey::from(a.clone());
    assert_eq!(format!("{made:?}"), format!("{a:?}"));
    let first = set.iter().next().unwrap();
    let copy = KeySet::new().with(first.clone()).unwrap();
    for iss in ["x", "z"] {
        for kid in [None, Some("a"), Some("b")] {
            let token = token_of(&a, kid, &json!({ "iss": iss }));
            let expected = read(&token, &a);
            let all: [&dyn Keys; 3] = [&made, first, &copy.iter().next().unwrap()];
            for keys in all {
                assert_eq!(read(&token, keys), expected, "{iss} {kid:?}");
            }
        }
    }
    assert_eq!(
        read(&token_of(&plain, None, &json!({})), first).unwrap_err().code(),
        "algorithm_mismatch"
    );
    assert!(read(&token_of(&plain, Some("any"), &json!({})), &set.iter().nth(1).unwrap()).is_ok());
}

#[test]
fn a_key_may_have_several_issuers() {
    let (a, b, c) = ("https://a.example", "https://b.example", "https://c.example");
    let secret = Key::hs256([1; 32]).unwrap();
    let of = |iss: &str| token_of(&secret, None, &json!({ "iss": iss }));
    let rejected = |expected: &[&str], found: &str| {
        let expected = expected.iter().map(|&issuer| issuer.to_owned()).collect();
        Err(Error::InvalidIssuer { expected, found: found.into() })
    };
    let both = secret.clone().with_issuers([a, b]);
    assert_eq!(both.issuers(), [a, b]);
    assert_eq!(read(&of(a), &both), Ok(json!({ "iss": a })));
    assert_eq!(read(&of(b), &both), Ok(json!({ "iss": b })));
    assert_eq!(read(&of(c), &both), rejected(&[a, b], c));
    let missing = Error::MissingClaim { claim: "iss".into(), required_by: Requirement::KeyIssuer };
    assert_eq!(read(&token_of(&secret, None, &json!({})), &both), Err(missing.clone()));

    // A later binding replaces an earlier one, either way round. Nothing of what is signed changes.
    let replaced = both.clone().with_issuer(c);
    assert_eq!(replaced.issuers(), [c]);
    assert_eq!(read(&of(a), &replaced), rejected(&[c], a));
    assert_eq!(replaced.with_issuers([a, b]).issuers(), [a, b]);
    assert_eq!(encode(&json!({}), &both), encode(&json!({}), &secret));

    // An empty list accepts no issuer, nor the lack of one.
    let nobody = secret.clone().with_issuers([""; 0]);
    assert!(nobody.issuers().is_empty());
    assert_eq!(read(&of(a), &nobody), rejected(&[], a));
    assert_eq!(read(&token_of(&secret, None, &json!({})), &nobody), Err(missing));

    // A set binds the keys that are not bound yet. A key that is bound to nobody stays so.
    let set = KeySet::new()
        .with(secret.clone().with_id("free"))
        .and_then(|set| set.with(secret.clone().with_id("c").with_issuer(c)))
        .and_then(|set| set.with(secret.clone().with_id("nobody").with_issuers([""; 0])))
        .unwrap()
        .with_issuers([a, b])
        .with_issuer("https://later.example");
    let issuers: Vec<_> = set.iter().map(VerificationKey::issuers).collect();
    assert_eq!(issuers, [&[a.to_owned(), b.into()][..], &[c.into()], &[]]);
    let named =
        |kid: &str, iss: &str| read(&token_of(&secret, Some(kid), &json!({ "iss": iss })), &set);
    assert!(named("free", a).is_ok() && named("free", b).is_ok() && named("c", c).is_ok());
    assert_eq!(named("free", c), rejected(&[a, b], c));
    assert_eq!(named("c", a), rejected(&[c], a));
    assert_eq!(named("nobody", a), rejected(&[], a));
    // A set that is bound to nobody accepts nothing, but names what it has.
    let shut = KeySet::new().with(secret.clone()).unwrap().with_issuers([""; 0]);
    assert_eq!((read(&of(a), &shut), shut.len()), (rejected(&[], a), 1));
}

/// Two keys of one id and algorithm have to be of different issuers. A key that is not bound is of all.
#[test]
fn keys_of_one_id_have_disjoint_issuers() {
    let key = |secret: u8, issuers: Option<&[&str]>| {
        let key = Key::hs256([secret; 32]).unwrap().with_id("1");
        match issuers {
            None => key,
            Some(issuers) => key.with_issuers(issuers.iter().copied()),
        }
    };
    for (one, other, are_disjoint) in [
        (None, None, false),
        (None, Some(&["a"][..]), false),
        (Some(&["a"][..]), Some(&["a"][..]), false),
        (Some(&["a", "b"]), Some(&["b", "c"]), false),
        (Some(&["a", "b"]), Some(&["c"]), true),
        (Some(&["a"]), Some(&["A"]), true),
        (None, Some(&[]), true),
        (Some(&["a"]), Some(&[]), true),
        (Some(&[]), Some(&[]), true),
    ] {
        for (one, other) in [(one, other), (other, one)] {
            let first = KeySet::new().with(key(1, one)).unwrap();
            let second = KeySet::new().with(key(2, other)).unwrap();
            for result in [first.clone().with(key(2, other)), first.merge(second)] {
                if are_disjoint {
                    let set = result.unwrap();
                    assert_eq!((set.len(), set.ids().collect::<Vec<_>>()), (2, vec!["1"]));
                } else {
                    assert_eq!(result.unwrap_err(), invalid(KeyDefect::DuplicateId));
                }
            }
        }
    }
    // Of another algorithm or id, or without one, they have nothing to do with each other.
    let set = KeySet::new().with(key(1, None)).unwrap();
    assert!(set.clone().with(Key::hs384([1; 48]).unwrap().with_id("1")).is_ok());
    assert!(set.clone().with(key(1, None).with_id("2")).is_ok());
    let set = set.with(Key::hs256([1; 32]).unwrap()).unwrap();
    assert!(set.with(Key::hs256([2; 32]).unwrap()).is_ok());
}

/// RFC 7517 §4.5: "different keys might use the same "kid" value" for different algorithms.
#[test]
fn algorithms_may_share_an_id() {
    let [hs256, hs512] = [Algorithm::Hs256, Algorithm::Hs512]
        .map(|algorithm| Key::new(algorithm, [7; 64]).unwrap().with_id("a"));
    let set = KeySet::new().with(hs256.clone()).and_then(|set| set.with(hs512.clone())).unwrap();
    assert_eq!((set.len(), set.ids().collect::<Vec<_>>()), (2, vec!["a"]));
    let claims = json!({ "sub": "ada" });
    for key in [&hs256, &hs512] {
        assert_eq!(read(&token_of(key, None, &claims), &set), Ok(claims.clone()));
    }
    // The other algorithm's key is not tried for a signature that it did not make.
    let other = Key::hs512([8; 64]).unwrap().with_id("a");
    assert_eq!(read(&token_of(&other, None, &claims), &set), Err(Error::InvalidSignature));
    let hs384 = Key::hs384([7; 64]).unwrap().with_id("a");
    let mismatch = |expected| Error::AlgorithmMismatch { expected, found: "HS384".into() };
    assert_eq!(read(&token_of(&hs384, None, &claims), &set), Err(mismatch(None)));
    assert_eq!(set.clone().with(hs512).unwrap_err(), invalid(KeyDefect::DuplicateId));
    let without = set.without("a");
    assert_eq!((without.len(), without.contains("a")), (0, false));

    // As two issuers publish it, one of them with every key for two algorithms.
    let jwk = |kid: &str, alg: &str| json!({ "kty": "oct", "alg": alg, "k": format!("{K}{K}"), "kid": kid });
    let jwks = json!({ "keys": [jwk("a", "HS256"), jwk("a", "HS512"), jwk("a", "HS256")] });
    let set = KeySet::from_jwks(&jwks.to_string()).unwrap();
    assert_eq!(
        set.iter().map(VerificationKey::algorithm).collect::<Vec<_>>(),
        [Algorithm::Hs256, Algorithm::Hs512]
    );
    let skipped = SkippedKey { kid: Some("a".into()), error: invalid(KeyDefect::DuplicateId) };
    assert_eq!(set.skipped(), [skipped]);
}

/// As a single key without an id would be, unless every token has to name its key.
#[test]
fn keys_without_an_id_are_for_ids_that_no_key_has() {
    let [named, first, second] = [1, 2, 3].map(|n| Key::hs256([n; 32]).unwrap());
    let long = Key::hs512([4; 64]).unwrap();
    let set = KeySet::new()
        .with(named.clone().with_id("a"))
        .and_then(|set| set.with(first.clone()))
        .and_then(|set| set.with(second.clone()))
        .unwrap();
    let token = |key: &Key, kid: &str| token_of(key, Some(kid), &json!({}));
    for key in [&first, &second] {
        assert_eq!(read(&token(key, "x"), &set), Ok(json!({})));
        // A key that was named is the only one.
        assert_eq!(read(&token(key, "a"), &set), Err(Error::InvalidSignature));
    }
    assert_eq!(read(&token(&named, "x"), &set), Err(Error::InvalidSignature));
    let mismatch = |expected| Error::AlgorithmMismatch { expected, found: "HS512".into() };
    assert_eq!(read(&token(&long, "x"), &set), Err(mismatch(None)));
    let one =
        KeySet::new().with(named.clone().with_id("a")).and_then(|set| set.with(first.clone()));
    let one = one.unwrap();
    assert_eq!(read(&token(&long, "x"), &one), Err(mismatch(Some(Algorithm::Hs256))));

    // They are never tried where a `kid` is required, nor is a token without one.
    let strict = set.require_kid();
    let no_such_id = unknown(Some("x"), UnknownKeyReason::NoSuchId);
    assert_eq!(read(&token(&first, "x"), &strict), Err(no_such_id.clone()));
    assert_eq!(read(&token(&named, "a"), &strict), Ok(json!({})));
    let required = unknown(None, UnknownKeyReason::KidRequired);
    for key in [&named, &first] {
        assert_eq!(read(&token_of(key, None, &json!({})), &strict), Err(required.clone()));
    }
    // Without one, no key is left for such a token.
    let ids_only = KeySet::new().with(named.clone().with_id("a")).unwrap();
    assert_eq!(read(&token(&first, "x"), &ids_only), Err(no_such_id));
}

/// What helps: that there is no key, or that the key was skipped, and why.
#[test]
fn an_unknown_key_is_explained() {
    let oct = |kid: &str, k: &str| json!({ "kty": "oct", "alg": "HS256", "k": k, "kid": kid });
    let read_set = |keys: Value| KeySet::from_jwks(&json!({ "keys": keys }).to_string()).unwrap();
    let with = |kid: &str| token_of(&key(), Some(kid), &json!({}));
    let without = token_of(&key(), None, &json!({}));
    let empty = |skipped| UnknownKeyReason::EmptySet { skipped };
    let weak = || UnknownKeyReason::Skipped {
        error: Box::new(Error::WeakKey { algorithm: Algorithm::Hs256, len: 3, min: 32 }),
    };

    for set in [
        KeySet::new(),
        read_set(json!([])),
        KeySet::new().with(key().with_id("a")).unwrap().without("a"),
    ] {
        assert_eq!(read(&without, &set), Err(unknown(None, empty(0))));
        assert_eq!(read(&with("a"), &set), Err(unknown(Some("a"), empty(0))));
        let strict = set.require_kid();
        assert_eq!(read(&without, &strict), Err(unknown(None, empty(0))));
        assert_eq!(read(&with("a"), &strict), Err(unknown(Some("a"), empty(0))));
    }
    let all_skipped = read_set(json!([oct("a", "AAAA"), 1, { "kty": "oct" }]));
    assert_eq!(all_skipped.len(), 0);
    assert_eq!(read(&without, &all_skipped), Err(unknown(None, empty(3))));
    assert_eq!(read(&with("a"), &all_skipped), Err(unknown(Some("a"), weak())));
    assert_eq!(read(&with("b"), &all_skipped), Err(unknown(Some("b"), empty(3))));

    let some_skipped = read_set(json!([oct("a", "AAAA"), oct("b", K)]));
    assert_eq!(read(&with("a"), &some_skipped), Err(unknown(Some("a"), weak())));
    let removed = some_skipped.clone().without("a");
    assert_eq!(read(&with("a"), &removed), Err(unknown(Some("a"), UnknownKeyReason::NoSuchId)));
    assert_eq!(
        read(&with("c"), &some_skipped),
        Err(unknown(Some("c"), UnknownKeyReason::NoSuchId))
    );
    assert_eq!(read(&without, &some_skipped), Err(Error::InvalidSignature));
    // Skipped keys are merged, too.
    let merged = KeySet::new().with(key().with_id("d")).unwrap().merge(some_skipped).unwrap();
    assert_eq!(read(&with("a"), &merged), Err(unknown(Some("a"), weak())));
    assert_eq!(merged.skipped().len(), 1);
    // A key without an id is tried first.
    let merged = merged.with(key()).unwrap();
    assert_eq!(read(&with("a"), &merged), Ok(json!({})));
    // The id is cut as any foreign text.
    let long = "k".repeat(65);
    let cut = format!("{}…", "k".repeat(63));
    assert_eq!(read(&with(&long), &KeySet::new()), Err(unknown(Some(&cut), empty(0))));
}

#[test]
fn a_byte_order_mark_before_a_jwk_is_told_so() {
    let jwk = json!({ "kty": "oct", "alg": "HS256", "k": K }).to_string();
    let set = format!(r#"{{"keys":[{jwk}]}}"#);
    let hs256 = Algorithm::Hs256;
    let mark = invalid(KeyDefect::JwkByteOrderMark);
    let marked = format!("\u{feff}{jwk}");
    assert_eq!(Key::from_jwk(&marked).unwrap_err(), mark);
    assert_eq!(Key::from_jwk_for(hs256, &marked).unwrap_err(), mark);
    let marked = format!("\u{feff}{set}");
    assert_eq!(KeySet::from_jwks(&marked).unwrap_err(), mark);
    assert_eq!(KeySet::from_jwks_for(hs256, &marked).unwrap_err(), mark);
    // Elsewhere it is no white space of JSON.
    for json in [format!(" \u{feff}{jwk}"), format!("{jwk}\u{feff}")] {
        assert_eq!(Key::from_jwk(&json).unwrap_err(), invalid(KeyDefect::JwkSyntax));
        assert_eq!(
            KeySet::from_jwks(&json.replace(&jwk, &set)).unwrap_err(),
            invalid(KeyDefect::JwkSetSyntax)
        );
    }
}

#[test]
fn uses_and_operations_of_a_jwk() {
    let read = |member: &str| {
        let jwk = format!(r#"{{"kty":"oct","alg":"HS256","k":"{K}",{member}}}"#);
        let set = KeySet::from_jwks(&format!(r#"{{"keys":[{jwk}]}}"#)).unwrap();
        let one = Key::from_jwk(&jwk).map(drop);
        let in_set = set.skipped().first().map_or(Ok(()), |skipped| Err(skipped.error.clone()));
        assert_eq!(one, in_set, "{member}");
        one
    };
    for member in [
        r#""use":"sig""#,
        r#""use":"jwt-svid""#,
        r#""use":"jwt\u002dsvid""#,
        r#""key_ops":["verify"],"use":"jwt-svid""#,
        r#""key_ops":["sign","verify"]"#,
        r#""key_ops":["unknown","Sign","sign"]"#,
    ] {
        assert_eq!(read(member), Ok(()), "{member}");
    }
    for (member, defect) in [
        (r#""use":"x509-svid""#, KeyDefect::JwkUse),
        (r#""use":"JWT-SVID""#, KeyDefect::JwkUse),
        (r#""use":"jwt-svid ""#, KeyDefect::JwkUse),
        (r#""use":"""#, KeyDefect::JwkUse),
        (r#""use":null"#, KeyDefect::JwkMemberType { member: "use" }),
        (r#""key_ops":["sign","sign"]"#, KeyDefect::JwkOperationTwice),
        (r#""key_ops":["sign","si\u0067n"]"#, KeyDefect::JwkOperationTwice),
        (r#""key_ops":["verify","x","sign","x"]"#, KeyDefect::JwkOperationTwice),
        (r#""key_ops":["x","x"]"#, KeyDefect::JwkOperationTwice),
        (r#""key_ops":["x"]"#, KeyDefect::JwkOperations),
        (r#""key_ops":["sign",null]"#, KeyDefect::JwkOperationsType),
    ] {
        assert_eq!(read(member), Err(invalid(defect)), "{member}");
    }
}

/// It costs that key, and no other.
#[test]
fn a_duplicate_member_in_one_key_of_a_set() {
    let oct = |kid: &str| format!(r#""kty":"oct","alg":"HS256","k":"{K}","kid":"{kid}""#);
    for again in [
        r#""k":"AAAA""#,
        r#""\u006b":"AAAA""#,
        r#""kid":"b""#,
        r#""kty":"oct""#,
        r#""x":1,"x":1"#,
        r#""x":[],"\u0078":1"#,
    ] {
        let jwk = format!("{{{},{again}}}", oct("b"));
        assert_eq!(Key::from_jwk(&jwk).unwrap_err(), invalid(KeyDefect::JwkSyntax), "{again}");
        let jwks = format!(r#"{{"keys":[{{{}}},{jwk},{{{}}}]}}"#, oct("a"), oct("c"));
        let set = KeySet::from_jwks(&jwks).unwrap();
        assert_eq!(set.ids().collect::<Vec<_>>(), ["a", "c"], "{again}");
        let skipped = SkippedKey { kid: Some("b".into()), error: invalid(KeyDefect::JwkSyntax) };
        assert_eq!(set.skipped(), [skipped], "{again}");
    }
    // Of the set itself, it costs the set.
    for jwks in [r#"{"keys":[],"\u006beys":[]}"#, r#"{"x":1,"keys":[],"x":1}"#] {
        assert_eq!(KeySet::from_jwks(jwks).unwrap_err(), invalid(KeyDefect::JwkSetSyntax));
    }
}

/// Base64url needs no escapes, and `serde_json` would leave a copy of what they spell in memory.
#[test]
fn a_secret_is_written_without_escapes() {
    let jwk = |k: &str| format!(r#"{{"kty":"oct","alg":"HS256","k":"{k}"}}"#);
    let escaped = |text: &str| format!("\\u{:04x}{}", text.as_bytes()[0], &text[1..]);
    let error = invalid(KeyDefect::JwkMemberEncoding { member: "k" });
    assert!(Key::from_jwk(&jwk(K)).is_ok());
    assert_eq!(Key::from_jwk(&jwk(&escaped(K))).unwrap_err(), error);
    let set = KeySet::from_jwks(&format!(r#"{{"keys":[{}]}}"#, jwk(&escaped(K)))).unwrap();
    assert_eq!(set.skipped(), [SkippedKey { kid: None, error }]);
    // Its name and the other members may have some.
    let others = format!(
        r#"{{"\u006bty":"o\u0063t","\u0061lg":"HS\u0032\u0035\u0036","\u006b":"{K}","kid":"\u0061"}}"#
    );
    let named = Key::from_jwk(&others).unwrap();
    assert_eq!((named.algorithm(), named.id()), (Algorithm::Hs256, Some("a")));
    let plain = Key::from_jwk(&jwk(K)).unwrap().with_id("a");
    assert_eq!(encode(&json!({}), &named), encode(&json!({}), &plain));
}

/// Around each power of two up to 1 MiB.
#[test]
fn members_of_a_jwk_have_any_length() {
    let oct = format!(r#""kty":"oct","alg":"HS256","k":"{K}""#);
    for len in (0..=20).map(|power| 1_usize << power).flat_map(|len| [len - 1, len, len + 1]) {
        let long = "A".repeat(len);
        let secret = format!(r#"{{"kty":"oct","alg":"HS256","k":"{long}"}}"#);
        let bytes = len / 4 * 3 + [0, 0, 1, 2][len % 4];
        let expected = if len % 4 == 1 {
            Some(invalid(KeyDefect::JwkMemberEncoding { member: "k" }))
        } else {
            let weak = Error::WeakKey { algorithm: Algorithm::Hs256, len: bytes, min: 32 };
            (bytes < 32).then_some(weak)
        };
        assert_eq!(Key::from_jwk(&secret).err(), expected, "{len}");
        for (member, defect) in [
            (format!(r#""kid":"{long}""#), None),
            (format!(r#""x":"{long}""#), None),
            (format!(r#""x{long}":1"#), None),
            (format!(r#""key_ops":["sign","{long}"]"#), None),
            (format!(r#""use":"{long}""#), Some(KeyDefect::JwkUse)),
        ] {
            let jwk = format!("{{{oct},{member}}}");
            let error = defect.map(invalid);
            assert_eq!(Key::from_jwk(&jwk).err(), error, "{len} {member:.10}");
            let set = KeySet::from_jwks(&format!(r#"{{"keys":[{jwk},{{{oct}}}]}}"#)).unwrap();
            let skipped = set.skipped().first().map(|skipped| skipped.error.clone());
            assert_eq!((skipped, set.len()), (error.clone(), 2 - usize::from(error.is_some())));
        }
    }
}

/// No random secret looks like another kind of key, as bytes or as the text that stands for them.
#[test]
fn random_secrets_are_secrets() {
    use base64::{
        Engine,
        prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
    };

    fn try_secrets(count: usize, mut state: u64) {
        // xorshift64*, so that a failure can be repeated.
        let mut random = || {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_be_bytes()
        };
        let hs256 = Algorithm::Hs256;
        for number in 0..count {
            let secret: Vec<u8> = (0..8).flat_map(|_| random()).take(32 + number % 33).collect();
            let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
            let base64 = BASE64_STANDARD.encode(&secret);
            let base64url = BASE64_URL_SAFE_NO_PAD.encode(&secret);
            // A text as the secret itself, and as what stands for one.
            let (text, read) = match number % 3 {
                0 => (&hex, Key::from_hex(hs256, &hex)),
                1 => (&base64, Key::from_base64(hs256, &base64)),
                _ => (&base64url, Key::from_base64url(hs256, &base64url)),
            };
            assert!(Key::hs256(&secret).is_ok() && Key::hs256(text).is_ok(), "{hex}");
            assert!(read.is_ok(), "{hex}");
        }
    }

    thread::scope(|scope| {
        for seed in 1..=4 {
            scope.spawn(move || try_secrets(5_000, 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed)));
        }
    });
}

/// What `serde_json` cannot read of one key costs that key alone.
#[test]
fn a_key_that_cannot_be_read_is_skipped() {
    let good = |kid: &str| format!(r#"{{"kty":"oct","alg":"HS256","kid":"{kid}","k":"{K}"}}"#);
    for odd in [
        r#"{"kty":"oct","kid":"\ud800"}"#,
        r#"{"\ud800":1}"#,
        r#"{"kty":1e400}"#,
        "1e400",
        r#""\udfff""#,
    ] {
        let text = format!(r#"{{"keys":[{},{odd},{},{odd}]}}"#, good("a"), good("b"));
        let set = KeySet::from_jwks(&text).unwrap();
        assert_eq!(set.ids().collect::<Vec<_>>(), ["a", "b"], "{odd}");
        let skipped = SkippedKey { kid: None, error: invalid(KeyDefect::JwkSyntax) };
        assert_eq!(set.skipped(), [skipped.clone(), skipped], "{odd}");
    }
    // A text that is not JSON is no set, wherever it goes wrong.
    for text in [r#"{"keys":[{"kty":]}"#, r#"{"keys":[{}, x]}"#, r#"{"keys":[{}],"a":x}"#] {
        assert_eq!(KeySet::from_jwks(text).unwrap_err(), invalid(KeyDefect::JwkSetSyntax));
    }
    let many = |count| format!(r#"{{"keys":[{}{}]}}"#, r#""\udfff","#.repeat(count), good("a"));
    assert_eq!(KeySet::from_jwks(&many(64)).unwrap().len(), 1);
    let error = KeySet::from_jwks(&many(65)).unwrap_err();
    assert_eq!(error, invalid(KeyDefect::JwkSetUnreadableKeys { max: 64 }));
}

/// Whoever publishes a set could fill the memory with them otherwise.
#[test]
fn the_first_ten_thousand_skipped_keys_are_kept() {
    let good = format!(r#"{{"kty":"oct","alg":"HS256","kid":"a","k":"{K}"}}"#);
    let set =
        |odd: usize| KeySet::from_jwks(&format!(r#"{{"keys":[{}{good}]}}"#, "0,".repeat(odd)));
    for (odd, kept) in [(9_999, 9_999), (10_000, 10_000), (10_001, 10_000), (100_000, 10_000)] {
        let set = set(odd).unwrap();
        assert_eq!((set.len(), set.skipped().len()), (1, kept));
    }
}

/// A secret in a published set is known to everybody.
#[cfg(feature = "public-keys")]
#[test]
fn a_published_set_has_no_secret() {
    let public = r#"{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let secret = format!(r#"{{"kty":"oct","alg":"HS256","kid":"b","k":"{K}"}}"#);
    let unnamed = format!(r#"{{"kty":"oct","k":"{K}"}}"#);
    let jwks = format!(r#"{{"keys":[{secret},{public},{unnamed}]}}"#);
    let skipped = |kid: Option<&str>| SkippedKey {
        kid: kid.map(String::from),
        error: invalid(KeyDefect::JwkPublishedSecret),
    };
    for set in [
        KeySet::from_public_jwks(&jwks),
        KeySet::from_public_jwks_for(Algorithm::Hs256, &jwks),
        KeySet::from_public_jwks_for(Algorithm::Es256, &jwks),
    ] {
        let set = set.unwrap();
        assert_eq!(
            set.iter().map(VerificationKey::algorithm).collect::<Vec<_>>(),
            [Algorithm::EdDsa]
        );
        assert_eq!(set.skipped(), [skipped(Some("b")), skipped(None)]);
        let forged = encode(&json!({}), &Key::from_jwk(&secret).unwrap()).unwrap();
        let reason = UnknownKeyReason::Skipped { error: Box::new(skipped(None).error) };
        assert_eq!(read(&forged, &set), Err(unknown(Some("b"), reason)));
    }
    // A set of one's own may have both.
    let own = KeySet::from_jwks(&format!(r#"{{"keys":[{secret},{public}]}}"#)).unwrap();
    assert_eq!((own.len(), own.skipped()), (2, &[][..]));
    // The algorithm is for keys that name none and whose curve decides none.
    let ed25519 = KeySet::from_public_jwks_for(Algorithm::Ed25519, &jwks).unwrap();
    assert_eq!(ed25519.iter().next().map(VerificationKey::algorithm), Some(Algorithm::Ed25519));
    let named = public.replace('{', r#"{"alg":"EdDSA","#);
    let set = KeySet::from_public_jwks_for(Algorithm::Ed25519, &format!(r#"{{"keys":[{named}]}}"#));
    assert_eq!(set.unwrap().iter().next().map(VerificationKey::algorithm), Some(Algorithm::EdDsa));
    for (text, defect) in [
        ("[]".to_owned(), KeyDefect::JwkSetSyntax),
        ("{}".into(), KeyDefect::JwkSetWithoutKeys),
        (format!("\u{feff}{jwks}"), KeyDefect::JwkByteOrderMark),
    ] {
        assert_eq!(KeySet::from_public_jwks(&text).unwrap_err(), invalid(defect));
    }
}
