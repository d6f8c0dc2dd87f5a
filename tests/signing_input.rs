//! Tokens whose private key is elsewhere: in a KMS, an HSM or a smart card.

#![cfg(feature = "public-keys")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may panic"
)]

#[path = "support/public_algorithms.rs"]
mod public_algorithms;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jwt_codec::{
    Algorithm, Error, Header, PrivateKey, PublicKey, SigningInput, Validation, decode,
    encode_with_header,
};
use public_algorithms::ALL;
use serde_json::{Value, json};

/// Signs as somebody elsewhere does: what comes back is the signature of the same bytes.
fn sign(header: &Header, claims: &Value, key: &PrivateKey) -> (SigningInput, Vec<u8>) {
    let input = SigningInput::new(header, claims, &key.public_key()).unwrap();
    let token = encode_with_header(header, claims, key).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    assert_eq!(input.as_bytes(), signed.as_bytes());
    (input, URL_SAFE_NO_PAD.decode(signature).unwrap())
}

/// One number of an ECDSA signature in DER, with as many zeros before it as are asked for.
fn integer(number: &[u8], zeros: usize) -> Vec<u8> {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len() - 1);
    let sign = usize::from(number[start] >= 0x80);
    let mut bytes = vec![0; sign + zeros];
    bytes.extend(&number[start..]);
    let mut der = vec![0x02, u8::try_from(bytes.len()).unwrap()];
    der.extend(bytes);
    der
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    [vec![0x30, u8::try_from(content.len()).unwrap()], content].concat()
}

/// An ECDSA signature in DER (RFC 3279 §2.2.3), as a KMS returns it.
fn to_der(signature: &[u8]) -> Vec<u8> {
    let (r, s) = signature.split_at(signature.len() / 2);
    sequence(&[&integer(r, 0), &integer(s, 0)])
}

#[test]
fn every_algorithm() {
    let claims = json!({ "sub": "ada", "exp": 4_102_444_800_i64 });
    for algorithm in ALL {
        let key = PrivateKey::generate(algorithm).unwrap().with_id("2026-11");
        for header in [Header::new(), Header::new().with_typ("at+jwt").with_kid("other")] {
            let (input, signature) = sign(&header, &claims, &key);
            let token = input.finish(&signature).unwrap();
            let keys = key.public_key().with_id(header.kid().unwrap_or("2026-11"));
            let policy = Validation::new().typ(header.typ().unwrap());
            let data = decode::<Value>(&token, &keys, &policy).unwrap();
            assert_eq!(data.claims, claims);
            assert_eq!(data.header.alg(), Some(algorithm.name()));

            // A signature of other bytes, of another key, or none.
            let mut altered = signature.clone();
            altered[5] ^= 1;
            let other = PrivateKey::generate(algorithm).unwrap();
            let (_, of_other) = sign(&header, &claims, &other.with_id("2026-11"));
            let (_, of_others) = sign(&header, &json!({ "sub": "eve" }), &key);
            let longer = [&signature[..], &[0]].concat();
            for wrong in [&altered, &of_other, &of_others, &longer, &vec![], &vec![0x30; 3000]] {
                assert_eq!(input.finish(wrong), Err(Error::InvalidSignature), "{algorithm}");
            }
        }
    }
}

#[test]
fn ecdsa_in_der() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384] {
        let key = PrivateKey::generate(algorithm).unwrap();
        // Often enough that numbers with a sign byte and with leading zeros come up.
        let mut lens = std::collections::BTreeSet::new();
        for number in 0..200 {
            let (input, signature) = sign(&Header::new(), &json!({ "n": number }), &key);
            let der = to_der(&signature);
            lens.insert(der.len());
            assert_eq!(input.finish(&der), input.finish(&signature));
            assert!(input.finish(&der).is_ok());
        }
        assert!(lens.len() >= 3, "{lens:?}");
    }
}

#[test]
fn der_that_is_not_right() {
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let (input, signature) = sign(&Header::new(), &json!({}), &key);
    let (r, s) = signature.split_at(32);
    let der = to_der(&signature);
    assert!(input.finish(&der).is_ok());

    let long = [&[0x30, 0x81], &der[1..]].concat();
    for wrong in [
        sequence(&[&integer(s, 0), &integer(r, 0)]),
        sequence(&[&integer(r, 1), &integer(s, 0)]),
        sequence(&[&integer(r, 0), &integer(s, 1)]),
        sequence(&[&integer(r, 0)]),
        sequence(&[&integer(r, 0), &integer(s, 0), &integer(&[1], 0)]),
        sequence(&[&integer(&[0; 32], 0), &integer(s, 0)]),
        sequence(&[&[0x02, 0], &integer(s, 0)]),
        sequence(&[&integer(&[1; 64], 0), &integer(s, 0)]),
        [&der[..], &[0]].concat(),
        long,
    ] {
        assert_eq!(input.finish(&wrong), Err(Error::InvalidSignature), "{wrong:02x?}");
    }
    for len in 0..der.len() {
        assert_eq!(input.finish(&der[..len]), Err(Error::InvalidSignature), "{len}");
    }
    for bit in 0..der.len() * 8 {
        let mut wrong = der.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(input.finish(&wrong), Err(Error::InvalidSignature), "{bit}");
    }
    // Of other algorithms it is not a signature.
    for algorithm in [Algorithm::EdDsa, Algorithm::Ps256] {
        let key = PrivateKey::generate(algorithm).unwrap();
        let (input, signature) = sign(&Header::new(), &json!({}), &key);
        assert!(input.finish(&signature).is_ok());
        if algorithm == Algorithm::EdDsa {
            assert_eq!(input.finish(&to_der(&signature)), Err(Error::InvalidSignature));
        }
    }
}

/// What `encode` refuses to sign is not given out to be signed.
#[test]
fn claims_and_headers_are_checked_first() {
    let key = PrivateKey::generate(Algorithm::EdDsa).unwrap();
    let public: PublicKey = key.public_key();
    for claims in [json!([1]), json!({ "sub": 42 }), json!("text")] {
        let refused = SigningInput::new(&Header::new(), &claims, &public).unwrap_err();
        let expected = encode_with_header(&Header::new(), &claims, &key).unwrap_err();
        assert_eq!((refused.code(), &refused), ("encode", &expected));
    }
    let long = Header::new().with_kid("k".repeat(8192));
    let refused = SigningInput::new(&long, &json!({}), &public).unwrap_err();
    assert_eq!(refused, encode_with_header(&long, &json!({}), &key).unwrap_err());
}

#[test]
fn debug_shows_the_key_alone() {
    let key = PrivateKey::generate(Algorithm::EdDsa).unwrap().public_key();
    let input = SigningInput::new(&Header::new(), &json!({ "sub": "ada" }), &key).unwrap();
    let shown = "SigningInput { key: PublicKey { algorithm: EdDsa, id: None, .. }, .. }";
    assert_eq!(format!("{input:?}"), shown);
}
