//! The algorithm and the signature.

use std::collections::BTreeSet;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jwt_codec::{Algorithm, Error, JsonType, Key, KeySet, Reason, Segment, decode, encode};
use serde_json::{Value, json};
use sha2::Sha512;

use crate::{
    forge::{SECRET, forge, forge_claims, sign_text},
    harness::{
        GOOD, NOW, accepted, assert_refused, base64url, header, malformed, policy, refused,
        segments, sign_with, unsigned,
    },
};

#[test]
fn alg_none_in_every_letter_case() {
    for letters in 0..16_u8 {
        let none: String = "none"
            .chars()
            .enumerate()
            .map(|(i, c)| if letters >> i & 1 == 1 { c.to_ascii_uppercase() } else { c })
            .collect();
        let found = none.clone();
        let expected = Error::AlgorithmMismatch { expected: Some(Algorithm::Hs256), found };
        let unsigned = unsigned(header(&none), GOOD);
        for token in [format!("{unsigned}."), format!("{unsigned}.AAAA"), sign_text(&unsigned)] {
            assert_eq!(refused(&token, &policy()), expected);
        }
    }
    for nearly in ["", " none", "none ", "none\u{0}", "ｎｏｎｅ", "null"] {
        assert_refused(&forge(header(nearly), GOOD), &policy(), "algorithm_mismatch");
    }
}

#[test]
fn signature_missing_or_cut_short() {
    let token = forge_claims(GOOD);
    assert_eq!(accepted(&token, &policy())["sub"], "ada");
    let dot = token.rfind('.').unwrap();
    assert_eq!(refused(&token[..dot], &policy()), segments(2));
    // Where the text ends within a byte it is not even base64url.
    let refusal = |signature: &str| match BASE64_URL_SAFE_NO_PAD.decode(signature) {
        Ok(_) => "invalid_signature",
        Err(_) => "malformed",
    };
    let mut codes = BTreeSet::new();
    for end in dot + 1..token.len() {
        let code = refused(&token[..end], &policy()).code();
        assert_eq!(code, refusal(&token[dot + 1..end]), "{end}");
        codes.insert(code);
    }
    assert_eq!(codes, BTreeSet::from(["invalid_signature", "malformed"]));
    for (more, code) in [
        ("A", "invalid_signature"),
        ("AA", "malformed"),
        ("AAA", "invalid_signature"),
        ("=", "malformed"),
        (".", "malformed"),
    ] {
        assert_refused(&format!("{token}{more}"), &policy(), code);
    }
    // The signature's own text, and its own bytes, twice.
    let text = &token[dot + 1..];
    assert_refused(&format!("{token}{text}"), &policy(), refusal(&text.repeat(2)));
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
    let twice = base64url(bytes.repeat(2));
    assert_refused(&format!("{}{twice}", &token[..=dot]), &policy(), "invalid_signature");
}

#[test]
fn signature_of_zeros() {
    let zeros = |len: usize| base64url(vec![0; len]);
    let own = unsigned(header("HS256"), GOOD);
    for len in [0, 1, 20, 31, 32, 33, 48, 64] {
        assert_refused(&format!("{own}.{}", zeros(len)), &policy(), "invalid_signature");
    }
    let ecdsa = unsigned(header("ES256"), GOOD);
    assert_refused(&format!("{ecdsa}.{}", zeros(64)), &policy(), "algorithm_mismatch");
}

#[test]
fn signature_of_another_token() {
    let (mine, wanted) = (forge_claims(r#"{"sub":"eve","exp":1600000060}"#), forge_claims(GOOD));
    let signature = &mine[mine.rfind('.').unwrap()..];
    let signing_input = &wanted[..wanted.rfind('.').unwrap()];
    assert_refused(&format!("{signing_input}{signature}"), &policy(), "invalid_signature");

    // Of the payload alone, of the header alone, of the bytes rather than their text.
    let (header, payload) = signing_input.split_once('.').unwrap();
    for wrong in [payload, header, GOOD] {
        let signed = sign_with(SECRET, wrong);
        let signature = &signed[signed.rfind('.').unwrap()..];
        assert_refused(&format!("{signing_input}{signature}"), &policy(), "invalid_signature");
    }
    // A dot moved: the same bytes in other segments would be another text, so another MAC.
    let moved = format!("{header}{}.{}", &payload[..4], &payload[4..]);
    let signature = &wanted[wanted.rfind('.').unwrap()..];
    assert_refused(&format!("{moved}{signature}"), &policy(), "malformed");
}

#[test]
fn alg_of_another_key() {
    for alg in [
        "HS384",
        "HS512",
        "RS256",
        "RS384",
        "RS512",
        "ES256",
        "ES256K",
        "ES384",
        "ES512",
        "PS256",
        "EdDSA",
        "Ed25519",
        "hs256",
        "Hs256",
        "HS256 ",
        " HS256",
        "HS256\u{0}",
        "HS-256",
        "HS2567",
        "HS25",
        "sha256",
        "HMACSHA256",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    ] {
        let error = refused(&forge(header(alg), GOOD), &policy());
        let expected = Some(Algorithm::Hs256);
        assert_eq!(error, Error::AlgorithmMismatch { expected, found: alg.into() });
    }

    // The same secret under another hash is another key, however right the signature.
    let secret = [7; 64];
    let keys = [Key::hs256(secret), Key::hs384(secret), Key::hs512(secret)].map(Result::unwrap);
    for signer in &keys {
        let token = encode(&json!({ "exp": NOW + 60 }), signer).unwrap();
        for verifier in &keys {
            let result = decode::<Value>(&token, verifier, &policy());
            if signer.algorithm() == verifier.algorithm() {
                assert!(result.is_ok());
                continue;
            }
            let found = signer.algorithm().to_string();
            let expected = Some(verifier.algorithm());
            let mismatch = Error::AlgorithmMismatch { expected, found };
            assert_eq!(result.unwrap_err(), mismatch);
            let set = KeySet::new().with(verifier.clone()).unwrap();
            assert_eq!(decode::<Value>(&token, &set, &policy()).unwrap_err(), mismatch);
            // No one key is the one that was meant.
            let set = set.with(verifier.clone()).unwrap();
            let error = decode::<Value>(&token, &set, &policy()).unwrap_err();
            let found = signer.algorithm().to_string();
            assert_eq!(error, Error::AlgorithmMismatch { expected: None, found });
        }
    }
}

#[test]
fn alg_says_one_hash_and_the_signature_is_of_another() {
    let unsigned = unsigned(header("HS256"), GOOD);
    let mut mac = Hmac::<Sha512>::new_from_slice(SECRET).unwrap();
    mac.update(unsigned.as_bytes());
    let tag = mac.finalize().into_bytes();
    for len in [32, 64] {
        let token = format!("{unsigned}.{}", base64url(&tag[..len]));
        assert_refused(&token, &policy(), "invalid_signature");
    }
}

#[test]
fn alg_missing_or_no_string() {
    let error = refused(&forge(r#"{"typ":"JWT"}"#, GOOD), &policy());
    assert_eq!(error, malformed(Segment::Header, Reason::MissingAlg));
    for (alg, found) in [
        ("null", JsonType::Null),
        ("true", JsonType::Bool),
        ("256", JsonType::Number),
        (r#"["HS256"]"#, JsonType::Array),
        (r#"{"HS256":1}"#, JsonType::Object),
    ] {
        let reason = Reason::ParameterType { name: "alg", expected: "a string", found };
        let token = forge(format!(r#"{{"alg":{alg},"typ":"JWT"}}"#), GOOD);
        assert_eq!(refused(&token, &policy()), malformed(Segment::Header, reason));
    }
    for name in ["kid", "typ", "cty"] {
        for value in ["null", "1", r#"["JWT"]"#, "{}", "false"] {
            let token = forge(format!(r#"{{"alg":"HS256","{name}":{value}}}"#), GOOD);
            assert_refused(&token, &policy(), "malformed");
        }
    }
}
