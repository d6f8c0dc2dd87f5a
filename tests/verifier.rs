//! Keys and policy together, keys behind pointers, and keys that are replaced.

#![allow(clippy::unwrap_used)]

#[path = "support/forge.rs"]
mod forge;

use std::{
    rc::Rc,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use forge::{forge_claims, key};
use jwt_codec::{
    Error, Header, Key, KeySet, Keys, Requirement, SigningKey, UnverifiedToken, Validation,
    Verifier, decode, encode, encode_into, encode_with_header, sign,
};
use serde_json::{Value, json};

fn lasting() -> Value {
    json!({ "exp": i64::MAX })
}

fn set(id: &str) -> KeySet {
    KeySet::new().with(key().with_id(id)).unwrap()
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "ok")
}

static KEY: LazyLock<Key> = LazyLock::new(key);
static SET: LazyLock<KeySet> = LazyLock::new(|| set("static"));

#[test]
fn keys_work_behind_pointers() {
    let plain = encode(&lasting(), &key()).unwrap();
    let policy = Validation::new();
    let (rc, arc, boxed) = (Rc::new(key()), Arc::new(key()), Box::new(key()));
    for token in [
        encode(&lasting(), &rc),
        encode(&lasting(), &arc),
        encode(&lasting(), &boxed),
        encode(&lasting(), &&&key()),
        encode(&lasting(), &KEY),
        encode_with_header(&Header::new(), &lasting(), &KEY),
        sign(&Header::new(), lasting().to_string().as_bytes(), &arc),
    ] {
        assert_eq!(token.as_ref(), Ok(&plain));
    }
    let mut out = String::new();
    encode_into(&Header::new(), &lasting(), &rc, &mut out).unwrap();
    assert_eq!(out, plain);

    let dynamic: &dyn SigningKey = &key();
    assert_eq!(encode(&lasting(), dynamic).as_ref(), Ok(&plain));
    let one = key();
    let all: [&dyn Keys; 5] = [&one, &rc, &arc, &boxed, &KEY];
    for keys in all {
        assert_eq!(code(decode::<Value>(&plain, keys, &policy)), "ok");
        assert_eq!(code(UnverifiedToken::parse(&plain).unwrap().verify(keys)), "ok");
    }
    let token = encode(&lasting(), &key().with_id("static")).unwrap();
    assert_eq!(code(decode::<Value>(&token, &SET, &policy)), "ok");
    assert_eq!(code(decode::<Value>(&token, &Arc::new(Box::new(set("static"))), &policy)), "ok");
}

#[test]
fn a_verifier_says_what_decode_says() {
    let policy = || Validation::new().audience("api").max_token_len(200);
    let verifier = Verifier::new(key(), policy());
    let long = forge_claims(format!(r#"{{"a":"{}"}}"#, "x".repeat(200)));
    for token in [
        forge_claims(r#"{"aud":"api","exp":4102444800}"#),
        forge_claims(r#"{"aud":"web","exp":4102444800}"#),
        forge_claims(r#"{"aud":"api","exp":1}"#),
        "undefined".into(),
        long.clone(),
        encode(&lasting(), &Key::hs256([1; 32]).unwrap()).unwrap(),
    ] {
        assert_eq!(
            verifier.decode::<Value>(&token),
            decode::<Value>(&token, &key(), &policy()),
            "{token}"
        );
    }
    // The steps up to the signature, under the policy's length.
    let expired = forge_claims(r#"{"aud":"api","exp":1}"#);
    let verified = verifier.verify(&expired).unwrap();
    assert_eq!(code(verified.claims::<Value>(verifier.validation())), "expired");
    assert_eq!(code(verifier.verify(&long)), "token_too_long");
    let elsewhere = forge_claims(r#"{"aud":"web","exp":4102444800}"#);
    let verified = verifier.verify(&elsewhere).unwrap();
    let with = |policy| verified.claims::<Value>(policy);
    assert_eq!(with(verifier.validation()), with(&policy()));
}

#[test]
fn a_verifier_shows_no_secret() {
    let verifier = Verifier::new(set("a"), Validation::new());
    let text = format!("{verifier:?}");
    assert!(text.starts_with(r#"Verifier { keys: [Key { algorithm: Hs256, id: Some("a"), .. }]"#));
    assert!(text.contains("clock: Clock"), "{text}");
}

#[test]
fn keys_are_replaced_while_threads_decode() {
    let verifier = Verifier::new(set("old"), Validation::new());
    let [old, new] = ["old", "new"].map(|id| encode(&lasting(), &key().with_id(id)).unwrap());
    let before = verifier.keys();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    for token in [&old, &new] {
                        let code = code(verifier.decode::<Value>(token));
                        assert!(matches!(code, "ok" | "unknown_key"), "{code}");
                    }
                }
            });
        }
        let replaced = [("new", ["unknown_key", "ok"]), ("old", ["ok", "unknown_key"])]
            .into_iter()
            .cycle()
            .take(200)
            .all(|(id, codes)| {
                verifier.replace_keys(set(id));
                [&old, &new].map(|token| code(verifier.decode::<Value>(token))) == codes
            });
        stop.store(true, Ordering::Relaxed);
        assert!(replaced, "a decode with other keys than the last ones");
    });
    assert!(before.contains("old") && verifier.keys().contains("old"));
}

/// What `replace_keys` drops is dropped when the lock is free again.
#[test]
fn a_verifier_of_shared_keys() {
    let shared = Arc::new(set("a"));
    let verifier = Verifier::new(Arc::clone(&shared), Validation::new());
    let token = encode(&lasting(), &key().with_id("a")).unwrap();
    assert_eq!(code(verifier.decode::<Value>(&token)), "ok");
    verifier.replace_keys(Arc::new(KeySet::new()));
    assert_eq!(code(verifier.decode::<Value>(&token)), "unknown_key");
    assert_eq!((verifier.keys().len(), shared.len(), Arc::strong_count(&shared)), (0, 1, 1));
}

/// For a rule of one request: the keys are the verifier's, the policy is the caller's.
#[test]
fn a_policy_of_one_request() {
    let verifier = Verifier::new(set("a"), Validation::new().audience("api"));
    let claims = |nonce: &str| json!({ "exp": i64::MAX, "aud": "api", "nonce": nonce });
    let token = encode(&claims("n-1"), &key().with_id("a")).unwrap();
    let login = |nonce: &str| verifier.validation().clone().claim("nonce", nonce);
    let error = Error::InvalidClaim { claim: "nonce".into(), rule: Requirement::Claim };
    assert_eq!(verifier.decode_with::<Value>(&token, &login("n-1")).unwrap().claims, claims("n-1"));
    assert_eq!(verifier.decode_with::<Value>(&token, &login("n-2")).unwrap_err(), error);
    // It is the whole policy, its length too, and changes nothing of the verifier.
    let other = Validation::new().audience("web");
    assert_eq!(code(verifier.decode_with::<Value>(&token, &other)), "invalid_audience");
    let short = login("n-1").max_token_len(token.len() - 1);
    let error = Error::TokenTooLong { len: token.len(), max: token.len() - 1 };
    assert_eq!(verifier.decode_with::<Value>(&token, &short).unwrap_err(), error);
    assert_eq!(code(verifier.decode::<Value>(&token)), "ok");
    for validation in [&login("n-1"), &login("n-2"), &other, &short] {
        let expected = decode::<Value>(&token, &*verifier.keys(), validation);
        assert_eq!(verifier.decode_with::<Value>(&token, validation), expected);
    }
    verifier.replace_keys(set("b"));
    assert_eq!(code(verifier.decode_with::<Value>(&token, &login("n-1"))), "unknown_key");
}
