//! Public and private keys: what is read, what is refused and why, and what they sign and verify.

#![cfg(feature = "public-keys")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "support/attack_table.rs"]
mod attack_table;
#[path = "support/public_algorithms.rs"]
mod public_algorithms;

use std::collections::BTreeMap;

use attack_table::{tests_of_table, tests_of_this_program};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jwt_codec::{
    Algorithm, Error, Header, Key, KeyDefect, KeySet, PrivateKey, PublicKey, UnverifiedToken,
    Validation, decode, encode, sign,
};
use public_algorithms::ALL;
use serde_json::{Value, json};
use sha2::Sha256;

fn policy() -> Validation {
    Validation::new().allow_missing_exp()
}

/// Keys of every form, written by `tests/keys/make.py`.
#[test]
fn keys_of_every_form() {
    let (mut good, mut bad) = (0, 0);
    let mut wrong = Vec::new();
    let mut texts = BTreeMap::<String, u32>::new();
    for line in include_str!("keys/keys.jsonl").lines() {
        let case = json_value(line);
        let text = |name: &str| case[name].as_str().unwrap();
        let (name, thumbprint) = (text("name"), thumbprint_of(&case));
        match (text("expect"), thumbprint) {
            ("ok", Ok(thumbprint)) => {
                good += 1;
                if let Some(expected) = case["thumbprint"].as_str() {
                    assert_eq!(thumbprint, expected, "{name}");
                }
            }
            (expected, Err(error)) if error.code() == expected => {
                bad += 1;
                *texts.entry(error.to_string()).or_default() += 1;
            }
            (expected, got) => wrong.push(format!("{name}: wanted {expected}, got {got:?}")),
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!((good, bad), (98, 335));
    let texts: String = texts.iter().map(|(text, cases)| format!("{cases} {text}\n")).collect();
    assert_eq!(texts, include_str!("keys/texts.txt"), "{texts}");
}

/// Reads the key of a case and returns its thumbprint.
fn thumbprint_of(case: &Value) -> Result<String, Error> {
    let text = |name: &str| case[name].as_str().unwrap();
    let algorithm = text("alg").parse().unwrap();
    let der = || URL_SAFE_NO_PAD.decode(text("key")).unwrap();
    match (text("role"), text("form")) {
        ("private", "pem") => private(PrivateKey::from_pem(algorithm, text("key"))),
        ("private", "der") => private(PrivateKey::from_pkcs8_der(algorithm, &der())),
        ("private", "jwk") => private(PrivateKey::from_jwk_for(algorithm, text("key"))),
        ("public", "pem") => public(PublicKey::from_pem(algorithm, text("key"))),
        ("public", "der") => public(PublicKey::from_spki_der(algorithm, &der())),
        ("public", "jwk") => public(PublicKey::from_jwk_for(algorithm, text("key"))),
        other => unreachable!("{other:?}"),
    }
}

/// `checks/machines/run` runs this test on an emulated processor.
#[test]
#[ignore = "for a processor without the instructions that public keys need"]
fn an_older_processor_refuses_every_key() {
    let refused = Error::InvalidKey { defect: KeyDefect::Processor };
    for algorithm in ALL {
        for made in [
            PrivateKey::generate(algorithm),
            PrivateKey::from_der(algorithm, &[]),
            PrivateKey::from_bytes(algorithm, &[1; 32]),
        ] {
            assert_eq!(made.unwrap_err(), refused, "{algorithm}");
        }
        for read in [
            PublicKey::from_der(algorithm, &[]),
            PublicKey::from_bytes(algorithm, &[1; 32]),
            PublicKey::from_rsa_components(algorithm, "AQAB", "AQAB"),
        ] {
            assert_eq!(read.unwrap_err(), refused, "{algorithm}");
        }
    }
    let (mut keys, mut jwks) = (0, Vec::new());
    for line in include_str!("keys/keys.jsonl").lines() {
        let case = json_value(line);
        if case["expect"] != "ok" {
            // Another error may come first, but no panic.
            drop(thumbprint_of(&case));
            continue;
        }
        keys += 1;
        assert_eq!(thumbprint_of(&case), Err(refused.clone()), "{}", case["name"]);
        if case["role"] == "public" && case["form"] == "jwk" {
            let mut jwk = json_value(case["key"].as_str().unwrap());
            jwk["alg"] = case["alg"].clone();
            jwks.push(jwk);
        }
    }
    assert_eq!(keys, 98);
    assert!(!jwks.is_empty());
    let set = KeySet::from_public_jwks(&json!({ "keys": jwks }).to_string()).unwrap();
    assert_eq!((set.len(), set.skipped().len()), (0, jwks.len()));
    assert!(set.skipped().iter().all(|skipped| skipped.error == refused));
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        let key = Key::new(algorithm, [7; 64]).unwrap();
        let token = encode(&json!({ "a": 1 }), &key).unwrap();
        assert_eq!(decode::<Value>(&token, &key, &policy()).unwrap().claims, json!({ "a": 1 }));
    }
}

/// The backend fails to sign one text in fifty if it is given the smaller prime first, and says so.
#[test]
fn rsa_signs_every_text_with_its_primes_in_either_order() {
    let key = |name| {
        let mut cases = include_str!("keys/keys.jsonl")
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let case = cases.find(|case| case["name"] == name && case["form"] == "pem").unwrap();
        PrivateKey::from_pem(Algorithm::Rs256, case["key"].as_str().unwrap()).unwrap()
    };
    for name in ["rsa/greater-prime-first", "rsa/smaller-prime-first"] {
        let key = key(name);
        let public = key.public_key();
        for number in 0..120_u32 {
            let token = sign(&Header::new(), &number.to_be_bytes(), &key).unwrap();
            let verified = UnverifiedToken::parse(&token).unwrap().verify(&public).map(drop);
            assert_eq!(verified, Ok(()), "{name}, {number}");
        }
    }
}

#[test]
fn a_jwk_with_a_member_of_a_wrong_type() {
    for (member, found) in [("crv", "7"), ("kty", "[]"), ("alg", "{}")] {
        let others: String = [("kty", "EC"), ("crv", "P-256"), ("x", "AAAA"), ("y", "AAAA")]
            .into_iter()
            .filter(|(name, _)| *name != member)
            .map(|(name, value)| format!(r#","{name}":"{value}""#))
            .collect();
        let jwk = format!(r#"{{"{member}":{found}{others}}}"#);
        let error = Error::InvalidKey { defect: KeyDefect::JwkMemberType { member } };
        let refused = PublicKey::from_jwk_for(Algorithm::Es256, &jwk).unwrap_err();
        assert_eq!(refused, error);
        let refused = PrivateKey::from_jwk_for(Algorithm::Es256, &jwk).unwrap_err();
        assert_eq!(refused, error);
        let set = KeySet::from_jwks_for(Algorithm::Es256, &format!(r#"{{"keys":[{jwk}]}}"#));
        assert_eq!(set.unwrap().skipped()[0].error, error);
    }
}

/// The key's thumbprint, once it signed and its public part, read again, verified.
fn private(key: Result<PrivateKey, Error>) -> Result<String, Error> {
    let key = key?;
    let token = encode(&json!({ "a": 1 }), &key)?;
    let public = PublicKey::from_jwk(&key.public_key().to_jwk())?;
    assert_eq!(decode::<Value>(&token, &public, &policy())?.claims, json!({ "a": 1 }));
    let again = PrivateKey::from_pem(key.algorithm(), key.to_pem())?;
    assert_eq!(again.public_key().thumbprint(), public.thumbprint());
    Ok(public.thumbprint())
}

fn public(key: Result<PublicKey, Error>) -> Result<String, Error> {
    let key = key?;
    assert_eq!(PublicKey::from_jwk(&key.to_jwk())?.thumbprint(), key.thumbprint());
    Ok(key.thumbprint())
}

fn json_value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn every_algorithm_signs_and_refuses_what_is_forged() {
    let keys = ALL.map(|algorithm| PrivateKey::generate(algorithm).unwrap());
    let claims = json!({ "sub": "ada" });
    for (key, algorithm) in keys.iter().zip(ALL) {
        let token = encode(&claims, key).unwrap();
        let public = key.public_key();
        let data = decode::<Value>(&token, &public, &policy()).unwrap();
        assert_eq!((data.header.alg(), data.claims), (Some(algorithm.name()), claims.clone()));

        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let with = |bytes: &[u8]| format!("{input}.{}", URL_SAFE_NO_PAD.encode(bytes));
        let mut forged = signature.clone();
        forged[3] ^= 1;
        let zero = vec![0; signature.len()];
        let longer = [&signature[..], &[0]].concat();
        for bad in [&forged[..], &zero, &longer, &signature[1..], &[], &[0x30; 70], &[1; 1024]] {
            let error = decode::<Value>(&with(bad), &public, &policy()).unwrap_err();
            assert_eq!(error, Error::InvalidSignature, "{algorithm}");
        }

        // No other key takes it, whatever its kind.
        for (other, its) in keys.iter().zip(ALL).filter(|(_, its)| *its != algorithm) {
            let error = decode::<Value>(&token, &other.public_key(), &policy()).unwrap_err();
            let expected = Some(its);
            assert_eq!(
                error,
                Error::AlgorithmMismatch { expected, found: algorithm.name().into() }
            );
        }
    }
}

/// Signatures that are not as RFC 7518 §3 and RFC 8037 §3.1 want them, written by
/// `tests/keys/tokens.py`: in DER, with numbers out of range, of another padding, salt, mask, hash or
/// curve.
#[test]
fn signatures_of_other_forms() {
    let (mut good, mut bad) = (0, 0);
    let mut wrong = Vec::new();
    for line in include_str!("keys/tokens.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| case[name].as_str().unwrap();
        let key = PublicKey::from_pem(text("alg").parse().unwrap(), text("key")).unwrap();
        match (text("expect"), decode::<Value>(text("token"), &key, &policy())) {
            ("ok", Ok(data)) if data.claims == json!({ "sub": "ada" }) => good += 1,
            (expected, Err(error)) if error.code() == expected => bad += 1,
            (expected, got) => wrong.push(format!("{}: {expected}, {got:?}", text("name"))),
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!((good, bad), (12, 99));
}

/// Two signatures of the same input differ, where randomness is part of them.
#[test]
fn ecdsa_is_hedged() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Ps256] {
        let key = PrivateKey::generate(algorithm).unwrap();
        assert_ne!(encode(&json!({}), &key).unwrap(), encode(&json!({}), &key).unwrap());
    }
    let key = PrivateKey::generate(Algorithm::EdDsa).unwrap();
    assert_eq!(encode(&json!({}), &key).unwrap(), encode(&json!({}), &key).unwrap());
}

/// CVE-2016-10555 and its many successors: the public key, which everybody has, as the secret.
#[test]
fn a_public_key_is_no_secret() {
    for algorithm in ALL {
        let key = PrivateKey::generate(algorithm).unwrap();
        for text in [key.public_key().to_jwk(), key.to_pem()] {
            assert_eq!(Key::hs256(&text).unwrap_err().code(), "invalid_key");
        }
        // Nor does an algorithm of public keys take a secret.
        assert_eq!(Key::new(algorithm, [7; 64]).unwrap_err().code(), "invalid_key");
    }
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        assert_eq!(PrivateKey::generate(algorithm).unwrap_err().code(), "invalid_key");
    }
}

/// Unlike those of a private key, of which they would leave a copy in memory.
#[test]
fn numbers_of_a_public_key_may_have_escapes() {
    let public = PrivateKey::generate(Algorithm::Es256).unwrap().public_key();
    let jwk = public.to_jwk();
    let x = json_value(&jwk)["x"].as_str().unwrap().to_owned();
    let escaped = jwk.replace(&x, &format!("\\u{:04x}{}", x.as_bytes()[0], &x[1..]));
    assert_ne!(escaped, jwk);
    assert_eq!(PublicKey::from_jwk(&escaped).unwrap().thumbprint(), public.thumbprint());
}

/// What libraries accept whose key has no algorithm of its own: the header says HS256, and the secret
/// is a text of the public key.
#[test]
fn a_public_key_verifies_no_hmac() {
    let private = PrivateKey::generate(Algorithm::Rs256).unwrap().with_id("a");
    let public = private.public_key();
    let jwk = public.to_jwk();
    let input = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","kid":"a"}"#),
        URL_SAFE_NO_PAD.encode("{}")
    );
    let n = json_value(&jwk)["n"].as_str().unwrap().to_owned();
    for secret in [jwk.as_bytes(), private.to_pem().as_bytes(), n.as_bytes(), b""] {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(input.as_bytes());
        let token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
        let keys = KeySet::new().with(public.clone()).unwrap();
        let read = KeySet::from_jwks(&keys.public_jwks()).unwrap();
        let expected = Some(Algorithm::Rs256);
        let error = Error::AlgorithmMismatch { expected, found: "HS256".into() };
        assert_eq!(decode::<Value>(&token, &public, &policy()), Err(error.clone()));
        assert_eq!(decode::<Value>(&token, &keys, &policy()), Err(error.clone()));
        assert_eq!(decode::<Value>(&token, &read, &policy()), Err(error));
    }
}

/// A key in the header is never followed, and an `oct` key's id does not help RS256.
#[test]
fn the_header_brings_no_key() {
    let (ours, theirs) = [Algorithm::Es256; 2].map(|it| PrivateKey::generate(it).unwrap()).into();
    let header = Header::new()
        .with_member("jwk", json_value(&theirs.public_key().to_jwk()))
        .and_then(|header| header.with_member("jku", "https://evil.example/jwks.json"))
        .and_then(|header| header.with_member("x5u", "https://evil.example/cert.pem"))
        .unwrap();
    let token = sign(&header, b"{}", &theirs).unwrap();
    let error = UnverifiedToken::parse(&token).unwrap().verify(&ours.public_key()).unwrap_err();
    assert_eq!(error, Error::InvalidSignature);

    let keys = KeySet::new().with(Key::hs256([7; 32]).unwrap().with_id("a")).unwrap();
    let token = encode(&json!({}), &ours.with_id("a")).unwrap();
    assert_eq!(decode::<Value>(&token, &keys, &policy()).unwrap_err().code(), "algorithm_mismatch");
}

#[test]
fn a_set_of_mixed_keys() {
    let ec = PrivateKey::generate(Algorithm::Es256).unwrap().with_id("ec");
    let ed = PrivateKey::generate(Algorithm::EdDsa).unwrap().with_id("ed");
    let rsa = PrivateKey::generate(Algorithm::Rs256).unwrap().with_id("rsa");
    let secret = Key::hs256([7; 32]).unwrap().with_id("secret");
    let keys = KeySet::new()
        .with(ec.public_key())
        .and_then(|keys| keys.with(ed.public_key()))
        .and_then(|keys| keys.with(rsa.public_key()))
        .and_then(|keys| keys.with(secret.clone()))
        .unwrap();
    for token in [encode(&json!({}), &ec), encode(&json!({}), &ed), encode(&json!({}), &rsa)] {
        assert!(decode::<Value>(&token.unwrap(), &keys, &policy()).is_ok());
    }

    // What is published has no secret, and is read again.
    let published = keys.public_jwks();
    assert!(!published.contains(r#""oct""#), "{published}");
    let read = KeySet::from_jwks(&published).unwrap();
    assert_eq!(read.ids().collect::<Vec<_>>(), ["ec", "ed", "rsa"]);
    assert_eq!(
        decode::<Value>(&encode(&json!({}), &rsa).unwrap(), &read, &policy()).map(drop),
        Ok(())
    );

    // As issuers write it: no `alg`, a key for encryption, a private one, one without a curve.
    let without_alg = |key: &PrivateKey| {
        let mut jwk = json_value(&key.public_key().to_jwk());
        jwk.as_object_mut().unwrap().remove("alg");
        jwk["x5c"] = json!(["MIIB"]);
        jwk
    };
    let mut encryption = without_alg(&rsa);
    encryption["use"] = json!("enc");
    encryption["kid"] = json!("enc");
    let private = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "private", "x": "AA", "d": "AA" });
    let set = json!({ "keys": [
        without_alg(&ec), without_alg(&ed), without_alg(&rsa), encryption, private,
    ] });
    let read = KeySet::from_jwks_for(Algorithm::Rs256, &set.to_string()).unwrap();
    assert_eq!(read.ids().collect::<Vec<_>>(), ["ec", "ed", "rsa"]);
    let skipped: Vec<_> = read.skipped().iter().map(|it| it.kid.as_deref().unwrap()).collect();
    assert_eq!(skipped, ["enc", "private"]);
    for token in [encode(&json!({}), &ec), encode(&json!({}), &ed), encode(&json!({}), &rsa)] {
        assert!(decode::<Value>(&token.unwrap(), &read, &policy()).is_ok());
    }
}

/// A curve decides the algorithm of a key without `alg`; between the two names for Ed25519
/// (RFC 8037, RFC 9864), the caller does.
#[test]
fn a_curve_decides_the_algorithm() {
    let keys = [Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa]
        .map(|algorithm| PrivateKey::generate(algorithm).unwrap().with_id(algorithm.name()));
    let jwks: Vec<Value> = keys
        .iter()
        .map(|key| {
            let mut jwk = json_value(&key.public_key().to_jwk());
            jwk.as_object_mut().unwrap().remove("alg").unwrap();
            jwk
        })
        .collect();
    let set = json!({ "keys": jwks }).to_string();

    let read = KeySet::from_jwks(&set).unwrap();
    assert_eq!(read.skipped().len(), 0);
    for key in &keys {
        let token = encode(&json!({}), key).unwrap();
        assert_eq!(decode::<Value>(&token, &read, &policy()).map(drop), Ok(()));
    }

    let with_name = PublicKey::from_jwk(&jwks[2].to_string()).unwrap();
    assert_eq!(with_name.algorithm(), Algorithm::EdDsa);
    let ed25519 = KeySet::from_jwks_for(Algorithm::Ed25519, &set).unwrap();
    let algorithms: Vec<Value> = json_value(&ed25519.public_jwks())["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|jwk| jwk["alg"].clone())
        .collect();
    assert_eq!(algorithms, ["ES256", "ES384", "Ed25519"]);
}

/// The tokens of RFC 7515 A.2 and A.3, RFC 7520 §4.1 and §4.2, and RFC 8037 A.4.
#[test]
fn tokens_of_the_rfcs() {
    let mut count = 0;
    for line in include_str!("vectors/rfc-public-keys.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| case[name].as_str().unwrap();
        let (name, token, jwk) = (text("name"), text("token"), case["jwk"].to_string());
        let key = PrivateKey::from_jwk_for(text("alg").parse().unwrap(), &jwk).unwrap();
        let public = key.public_key();
        let unverified = UnverifiedToken::parse(token).unwrap();
        let payload = unverified.verify(&public).and_then(|token| token.payload()).unwrap();

        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        for bit in 0..signature.len() * 8 {
            let mut wrong = signature.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            let wrong = format!("{input}.{}", URL_SAFE_NO_PAD.encode(wrong));
            let error = UnverifiedToken::parse(&wrong).unwrap().verify(&public).unwrap_err();
            assert_eq!(error, Error::InvalidSignature, "{name}, bit {bit}");
        }
        // ECDSA and PSS are random; the others come out as printed.
        if case["deterministic"] == true {
            let header = Header::new().without_typ();
            assert_eq!(sign(&header, &payload, &key).as_deref(), Ok(token), "{name}");
        }
        count += 1;
    }
    assert_eq!(count, 5);
}

/// RFC 7638 §3.1 and RFC 8037 A.3.
#[test]
fn thumbprints_of_the_rfcs() {
    let eddsa = PrivateKey::from_jwk(
        r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    )
    .unwrap();
    assert_eq!(eddsa.public_key().thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");

    let rsa = PublicKey::from_jwk(
        r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#,
    )
    .unwrap();
    assert_eq!(rsa.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn debug_shows_no_key() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
        let key = PrivateKey::generate(algorithm).unwrap().with_id("2026-11");
        let shown = format!("algorithm: {algorithm:?}, id: Some(\"2026-11\"), .. }}");
        assert_eq!(format!("{key:?}"), format!("PrivateKey {{ {shown}"));
        assert_eq!(format!("{:?}", key.public_key()), format!("PublicKey {{ {shown}"));
    }
}

/// RFC 8725 §3.8: the key of one issuer verifies no token that names another.
#[test]
fn a_public_key_of_one_issuer() {
    let (ours, theirs) = ("https://a.example", "https://b.example");
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    assert_eq!(key.public_key().issuers(), [""; 0]);
    let public = key.public_key().with_issuer(ours);
    assert_eq!(public.issuers(), [ours]);

    let [good, bad, none] = [json!({ "iss": ours }), json!({ "iss": theirs }), json!({})]
        .map(|claims| encode(&claims, &key).unwrap());
    let unbound = KeySet::new().with(key.public_key()).unwrap();
    for keys in [KeySet::new().with(public.clone()).unwrap(), unbound.with_issuer(ours)] {
        assert_eq!(decode::<Value>(&good, &keys, &policy()).map(drop), Ok(()));
        let code = |token| decode::<Value>(token, &keys, &policy()).unwrap_err().code();
        assert_eq!([code(&bad), code(&none)], ["invalid_issuer", "missing_claim"]);
    }
    let code = |token| decode::<Value>(token, &public, &policy()).unwrap_err().code();
    assert_eq!([code(&bad), code(&none)], ["invalid_issuer", "missing_claim"]);
}

/// What a JWK is comes before what it is for.
#[test]
fn a_jwk_with_several_mistakes() {
    let twice = r#"{"kty":"EC","use":"enc","use":"enc"}"#;
    let secret = r#"{"kty":"oct","use":"enc"}"#;
    for (jwk, defect) in [(twice, KeyDefect::JwkSyntax), (secret, KeyDefect::JwkIsASecret)] {
        let errors = [PublicKey::from_jwk(jwk).map(drop), PrivateKey::from_jwk(jwk).map(drop)];
        let expected = Err(Error::InvalidKey { defect });
        assert_eq!(errors, [expected.clone(), expected], "{jwk}");
    }
}

/// Whoever publishes a private key by mistake is told so.
#[test]
fn a_public_jwk_has_no_private_member() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
        let public = json_value(&PrivateKey::generate(algorithm).unwrap().public_key().to_jwk());
        assert!(PublicKey::from_jwk(&public.to_string()).is_ok());
        for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            let mut jwk = public.clone();
            jwk[member] = json!("AQAB");
            let error = PublicKey::from_jwk(&jwk.to_string()).unwrap_err();
            let defect = KeyDefect::JwkPrivateMember { member };
            assert_eq!(error, Error::InvalidKey { defect }, "{algorithm}");
        }
    }
}

#[test]
fn a_published_secret_verifies_nothing() {
    let secret = Key::hs256([7; 32]).unwrap().with_id("a");
    let k = URL_SAFE_NO_PAD.encode([7; 32]);
    let published = PrivateKey::generate(Algorithm::Es256).unwrap().with_id("b").public_key();
    for alg in [r#""alg":"HS256","#, ""] {
        let oct = format!(r#"{{"kty":"oct",{alg}"kid":"a","k":"{k}"}}"#);
        let jwks = format!(r#"{{"keys":[{oct},{}]}}"#, published.to_jwk());
        let forged = encode(&json!({"sub": "root"}), &secret).unwrap();
        for set in [
            KeySet::from_public_jwks(&jwks),
            KeySet::from_public_jwks_for(Algorithm::Hs256, &jwks),
            KeySet::from_public_jwks_for(Algorithm::Rs256, &jwks),
        ] {
            let set = set.unwrap();
            assert_eq!((set.len(), set.contains("a"), set.contains("b")), (1, false, true));
            let [skipped] = set.skipped() else { panic!("one key is skipped") };
            let reason = Error::InvalidKey { defect: KeyDefect::JwkPublishedSecret };
            assert_eq!((skipped.kid.as_deref(), &skipped.error), (Some("a"), &reason));
            let error = decode::<Value>(&forged, &set, &policy()).unwrap_err();
            assert_eq!(error.code(), "unknown_key");
        }
    }
}

/// `docs/attacks.md` has rows whose tests are here.
#[test]
fn the_table_of_attacks_names_tests_of_this_file() {
    let tests = tests_of_this_program();
    let table = tests_of_table();
    let rows: Vec<&str> =
        table.iter().filter_map(|name| name.strip_prefix("public_keys::")).collect();
    for name in &rows {
        assert!(tests.contains(*name), "{name}");
    }
    assert_eq!(rows.len(), 8);
}
