//! Any text, and structured JWK Sets, as keys: accepted is what a plain second reading of the rules
//! accepts, with the same id, algorithm and secret; and what is refused says nothing of the secret.

#![no_main]

use std::collections::HashSet;

use arbitrary::{Arbitrary, Unstructured};
use jwt_codec::{Algorithm, Error, Header, Key, KeySet, PublicKey, UnverifiedToken, sign};
use jwt_codec_fuzz::{
    ALGORITHMS, MAX_JWK, MAX_SKIPPED, Members, ReservedNames, decode_base64url, encode_base64url,
    expand::{expand, length, on_a_small_stack},
    mac, reserved_names,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json, value::RawValue};

fuzz_target!(|data: &[u8]| {
    if let Some(Ok(text)) = expand(data, MAX_JWK).map(String::from_utf8) {
        on_a_small_stack(|| {
            check_key(&text);
            check_set(&text);
        });
    }
    on_a_small_stack(|| check_structured(data));
});

fn check_structured(data: &[u8]) {
    if let Ok(jwks) = Vec::<Jwk>::arbitrary(&mut Unstructured::new(data)) {
        let texts: Vec<String> = jwks.iter().map(|jwk| jwk.json(&jwk.secret)).collect();
        check_set(&format!(r#"{{"keys":[{}]}}"#, texts.join(",")));
        for (jwk, text) in jwks.iter().zip(&texts) {
            check_key(text);
            check_secrecy(jwk);
        }
    }
}

#[derive(Debug, PartialEq)]
struct Parts {
    algorithm: Algorithm,
    id: Option<String>,
    secret: Vec<u8>,
}

/// The rules, once more. `None` for a key of another `kty`.
fn read(json: &str) -> Result<Option<Parts>, &'static str> {
    const INVALID: &str = "invalid_key";
    if reserved_names(json) == ReservedNames::Some {
        return Err(INVALID);
    }
    let jwk = Members::read(json).filter(|jwk| !jwk.has_repeated_name()).ok_or(INVALID)?;
    let string = |name| match jwk.get(name) {
        None => Ok(None),
        Some(json) if json.starts_with('"') => match serde_json::from_str(json) {
            Ok(Value::String(text)) => Ok(Some(text)),
            _ => Err(INVALID),
        },
        Some(_) => Err(INVALID),
    };
    if string("kty")?.as_deref() != Some("oct") {
        return Ok(None);
    }
    let alg = string("alg")?.ok_or(INVALID)?;
    let algorithm = ALGORITHMS.into_iter().find(|algorithm| algorithm.to_string() == alg);
    let algorithm = algorithm.ok_or(INVALID)?;
    if !matches!(string("use")?.as_deref(), None | Some("sig" | "jwt-svid")) {
        return Err(INVALID);
    }
    if let Some(operations) = jwk.get("key_ops") {
        let operations: Vec<String> = serde_json::from_str(operations).map_err(|_| INVALID)?;
        let distinct: HashSet<&String> = operations.iter().collect();
        if distinct.len() < operations.len() {
            return Err(INVALID);
        }
        if !operations.iter().any(|operation| operation == "sign" || operation == "verify") {
            return Err(INVALID);
        }
    }
    // Base64url needs no escapes, and a secret may have none.
    if jwk.get("k").is_some_and(|k| k.contains('\\')) {
        return Err(INVALID);
    }
    let secret = string("k")?.and_then(|text| decode_base64url(&text)).ok_or(INVALID)?;
    // What secrets are too short, or look like another kind of key, is not asked here.
    Key::new(algorithm, &secret).map_err(|error| error.code())?;
    Ok(Some(Parts { algorithm, id: string("kid")?, secret }))
}

/// A key of a set that can be used: a secret, or a public key, which the target `public_jwk` checks.
#[derive(Debug)]
struct Usable {
    id: Option<String>,
    algorithm: Algorithm,
    secret: Option<Parts>,
}

/// `None` for each key that is skipped.
fn read_set(json: &str) -> Result<Vec<Option<Usable>>, &'static str> {
    const INVALID: &str = "invalid_key";
    if reserved_names(json) == ReservedNames::Some {
        return Err(INVALID);
    }
    let set = Members::read(json).filter(|set| !set.has_repeated_name()).ok_or(INVALID)?;
    let keys: Vec<&RawValue> =
        set.get("keys").and_then(|keys| serde_json::from_str(keys).ok()).ok_or(INVALID)?;
    let mut ids = HashSet::new();
    let is_usable = |key: &RawValue| {
        let key = match read(key.get()).ok()? {
            Some(parts) => {
                let (id, algorithm) = (parts.id.clone(), parts.algorithm);
                Usable { id, algorithm, secret: Some(parts) }
            }
            None => {
                let public = PublicKey::from_jwk(key.get()).ok()?;
                let (id, algorithm) = (public.id().map(Into::into), public.algorithm());
                Usable { id, algorithm, secret: None }
            }
        };
        // The first of an id and an algorithm is the one that counts.
        key.id.clone().is_none_or(|id| ids.insert((id, key.algorithm))).then_some(key)
    };
    Ok(keys.into_iter().map(is_usable).collect())
}

fn check_key(text: &str) {
    let expected = read(text).and_then(|key| key.ok_or("invalid_key"));
    let key = Key::from_jwk(text);
    if reserved_names(text) == ReservedNames::Perhaps {
        return;
    }
    match (&key, &expected) {
        (Ok(key), Ok(parts)) => check_parts(key, parts),
        (Err(error), Err(code)) => {
            check_error(error);
            assert_eq!(error.code(), *code);
        }
        _ => panic!("{key:?}, expected {expected:?}"),
    }
}

fn check_set(text: &str) {
    let expected = read_set(text);
    let set = KeySet::from_jwks(text);
    if reserved_names(text) == ReservedNames::Perhaps {
        return;
    }
    match (&set, &expected) {
        (Ok(set), Ok(keys)) => {
            let usable = keys.iter().flatten().count();
            assert_eq!((set.len(), set.is_empty()), (usable, usable == 0));
            assert_eq!(set.skipped().len(), (keys.len() - usable).min(MAX_SKIPPED));
            set.skipped().iter().for_each(|skipped| check_error(&skipped.error));
            let ids: HashSet<&str> =
                keys.iter().flatten().filter_map(|key| key.id.as_deref()).collect();
            assert_eq!(set.ids().collect::<HashSet<_>>(), ids);
            let all = keys.iter().flatten().map(|key| (key.id.as_deref(), key.algorithm));
            let in_set = set.iter().map(|key| (key.id(), key.algorithm()));
            assert_eq!(in_set.collect::<HashSet<_>>(), all.collect::<HashSet<_>>());
            for parts in keys.iter().flatten().filter_map(|key| key.secret.as_ref()) {
                let Parts { algorithm, id, secret } = parts;
                let key = Key::new(*algorithm, secret).expect("it was made once");
                let key = id.iter().fold(key, |key, id| key.with_id(id));
                if let Ok(token) = sign(&Header::new(), b"", &key) {
                    assert!(UnverifiedToken::parse(&token).unwrap().verify(set).is_ok());
                }
            }
        }
        (Err(error), Err(code)) => {
            check_error(error);
            assert_eq!(error.code(), *code);
        }
        _ => panic!("{set:?}, expected {expected:?}"),
    }
}

fn check_parts(key: &Key, parts: &Parts) {
    let Parts { algorithm, id, secret } = parts;
    assert_eq!((key.algorithm(), key.id()), (*algorithm, id.as_deref()));
    assert_eq!(format!("{key:?}"), format!("Key {{ algorithm: {algorithm:?}, id: {id:?}, .. }}"));
    match sign(&Header::new(), b"", key) {
        Ok(token) => {
            let (input, signature) = token.rsplit_once('.').expect("two dots");
            assert_eq!(signature, mac(*algorithm, secret, input));
        }
        Err(error) => {
            assert_eq!(error.code(), "encode");
            assert!(id.as_ref().is_some_and(|id| id.len() > 1_000), "only a long id fails");
        }
    }
}

/// These carry the lengths and a text that was there when the crate was compiled.
fn check_error(error: &Error) {
    assert!(matches!(error, Error::InvalidKey { .. } | Error::WeakKey { .. }), "{error:?}");
}

/// What an error says does not depend on what the secret is.
fn check_secrecy(jwk: &Jwk) {
    let other: Vec<u8> = jwk.secret.iter().map(|byte| byte ^ 0x5a).collect();
    let text =
        |secret| Key::from_jwk(&jwk.json(secret)).map(drop).map_err(|e| format!("{e} {e:?}"));
    let kind = |secret| Key::hs256(secret).is_err_and(|error| error.code() == "invalid_key");
    // That it is the text of another kind of key is said.
    if !kind(&jwk.secret) && !kind(&other) {
        assert_eq!(text(&jwk.secret), text(&other));
    }
}

#[derive(Arbitrary, Debug)]
struct Jwk {
    kty: Member,
    alg: Member,
    usage: Member,
    key_ops: Member,
    kid: Member,
    k: Spelling,
    extra: Option<(Name, Member)>,
    secret: Vec<u8>,
}

#[derive(Arbitrary, Debug)]
enum Member {
    Right(u8),
    Absent,
    Null,
    Number(i8),
    String(String),
    Long(u8),
    Array(Vec<String>),
}

#[derive(Arbitrary, Debug)]
enum Spelling {
    Right,
    Lengthened,
    Long(u8),
    Padded,
    Absent,
    Number,
}

#[derive(Arbitrary, Debug)]
enum Name {
    Kty,
    K,
    Kid,
    Other(String),
}

impl Member {
    fn value(&self, right: &[Value]) -> Option<Value> {
        match self {
            Self::Right(index) => Some(right[usize::from(*index) % right.len()].clone()),
            Self::Absent => None,
            Self::Null => Some(Value::Null),
            Self::Number(number) => Some((*number).into()),
            Self::String(text) => Some((**text).into()),
            Self::Long(number) => Some("a".repeat(length(*number)).into()),
            Self::Array(items) => Some(items.clone().into()),
        }
    }
}

impl Jwk {
    /// Its text, with that secret, lengthened to what the longest algorithm wants if so asked.
    fn json(&self, secret: &[u8]) -> String {
        let mut long = secret.to_vec();
        long.resize(secret.len().max(64), 0);
        let k = match self.k {
            Spelling::Right => Some(encode_base64url(secret).into()),
            Spelling::Lengthened => Some(encode_base64url(&long).into()),
            Spelling::Long(number) => Some("A".repeat(length(number)).into()),
            Spelling::Padded => Some(format!("{}=", encode_base64url(&long)).into()),
            Spelling::Absent => None,
            Spelling::Number => Some(json!(1)),
        };
        let members = [
            ("kty", self.kty.value(&[json!("oct"), json!("RSA")])),
            ("alg", self.alg.value(&[json!("HS256"), json!("HS384"), json!("HS512")])),
            ("use", self.usage.value(&[json!("sig"), json!("enc")])),
            ("key_ops", self.key_ops.value(&[json!(["verify"]), json!(["x", "sign"])])),
            ("kid", self.kid.value(&[json!("a"), json!("b"), json!("c")])),
            ("k", k),
        ];
        let extra = self.extra.as_ref().map(|(name, value)| {
            let name = match name {
                Name::Kty => "kty",
                Name::K => "k",
                Name::Kid => "kid",
                Name::Other(name) => name,
            };
            (name, value.value(&[json!("oct")]))
        });
        let members = members.into_iter().chain(extra);
        let members = members.filter_map(|(name, value)| Some((name, value?)));
        let members: Vec<String> =
            members.map(|(name, value)| format!("{}:{value}", Value::from(name))).collect();
        format!("{{{}}}", members.join(","))
    }
}
