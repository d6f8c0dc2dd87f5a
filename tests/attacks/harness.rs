//! How every attack is decoded, and what is asserted of each refusal.

use std::{panic::resume_unwind, thread};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jwt_codec::{
    Algorithm, Error, KeySet, NumericDate, Reason, Segment, UnverifiedToken, Validation,
    VerificationKey, decode, decode_borrowed, decode_header,
};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::forge::{forge_claims, key};

pub(crate) const NOW: i64 = 1_600_000_000;

/// Claims that the policy of these tests takes.
pub(crate) const GOOD: &str = r#"{"sub":"ada","exp":1600000060}"#;

/// The default policy.
pub(crate) fn policy() -> Validation {
    Validation::new().at(NumericDate::from_secs(NOW))
}

/// As [`policy`], for claims without `exp`.
pub(crate) fn lax() -> Validation {
    policy().allow_missing_exp()
}

pub(crate) fn set() -> KeySet {
    KeySet::new().with(key()).unwrap()
}

/// Decodes in every way there is, which must agree.
#[track_caller]
pub(crate) fn decode_every_way(token: &str, validation: &Validation) -> Result<Value, Error> {
    let result = decode::<Value>(token, &key(), validation);
    let mut buffer = b"left over from another token".to_vec();
    let borrowed = decode_borrowed::<Value>(token, &key(), validation, &mut buffer);
    assert_eq!(borrowed, result, "decode_borrowed differs for {token:.200}");
    let in_steps = UnverifiedToken::parse(token)
        .and_then(|token| token.verify(&key()))
        .and_then(|token| token.claims::<Value>(validation));
    assert_eq!(in_steps, result, "UnverifiedToken differs for {token:.200}");
    let by_either = decode::<Value>(token, &VerificationKey::from(key()), validation);
    assert_eq!(by_either, result, "`VerificationKey` differs for {token:.200}");
    // Without `kid`, a set of one key is that key.
    if decode_header(token).is_ok_and(|header| header.kid().is_none()) {
        let by_set = decode::<Value>(token, &set(), validation);
        assert_eq!(by_set, result, "a key set differs for {token:.200}");
    }
    result.map(|data| data.claims)
}

#[track_caller]
pub(crate) fn accepted(token: &str, validation: &Validation) -> Value {
    decode_every_way(token, validation).unwrap_or_else(|error| panic!("{error}: {token:.200}"))
}

#[track_caller]
pub(crate) fn refused(token: &str, validation: &Validation) -> Error {
    match decode_every_way(token, validation) {
        Ok(claims) => panic!("accepted {claims}: {token:.200}"),
        Err(error) => tame(error),
    }
}

/// Whatever a token says, an error is one short line that a log can take.
#[track_caller]
pub(crate) fn tame(error: Error) -> Error {
    let (text, debug) = (error.to_string(), format!("{error:?}"));
    assert!(text.len() <= 1500 && debug.len() <= 8000, "too long an error: {text}");
    assert!(!text.contains(char::is_control), "a control character in {text:?}");
    error
}

#[track_caller]
pub(crate) fn assert_refused(token: &str, validation: &Validation, code: &str) {
    let error = refused(token, validation);
    assert_eq!(error.code(), code, "{error}: {token:.200}");
}

/// A token with these claims, under the default header, is refused so.
#[track_caller]
pub(crate) fn assert_claims_refused(claims: impl AsRef<[u8]>, validation: &Validation, code: &str) {
    let claims = claims.as_ref();
    let error = refused(&forge_claims(claims), validation);
    assert_eq!(error.code(), code, "{error}: {:.200}", String::from_utf8_lossy(claims));
}

pub(crate) fn malformed(segment: Segment, reason: Reason) -> Error {
    Error::Malformed { segment, reason }
}

/// What a text of so many segments is refused as.
pub(crate) fn segments(found: usize) -> Error {
    malformed(Segment::Token, Reason::SegmentCount { found })
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The text with the HS256 signature of another secret.
pub(crate) fn sign_with(secret: &[u8], signing_input: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(signing_input.as_bytes());
    format!("{signing_input}.{}", base64url(mac.finalize().into_bytes()))
}

/// A header and a payload, not signed yet.
pub(crate) fn unsigned(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    format!("{}.{}", base64url(header), base64url(payload))
}

pub(crate) fn header(alg: &str) -> String {
    json!({ "alg": alg, "typ": "JWT" }).to_string()
}

/// RFC 7518 §3.2: as many bytes as the hash has.
pub(crate) fn min_len(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Hs256 => 32,
        Algorithm::Hs384 => 48,
        _ => 64,
    }
}

/// Runs it where a recursion as deep as the input would not fit. (`serde_json` reads 127 levels and
/// no more, which take a third of a megabyte without optimisation.)
pub(crate) fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let size = if cfg!(debug_assertions) { 512 * 1024 } else { 256 * 1024 };
    let thread = thread::Builder::new().stack_size(size).spawn(test).unwrap();
    if let Err(panic) = thread.join() {
        resume_unwind(panic);
    }
}
