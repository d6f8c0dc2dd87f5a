//! Any bytes as a key in each form that is not a PEM or a JWK, for the algorithm that the first byte
//! names: DER that says its own form, bytes without a format, the numbers of an RSA key, and the key
//! of a certificate.

#![no_main]

use std::str;

use base64::{Engine, prelude::BASE64_STANDARD};
use jwt_codec::{Error, PrivateKey, PublicKey, dangerous::certificate_key};
use jwt_codec_fuzz::public_keys::{algorithm_and_rest, check_error, check_private, check_public};
use libfuzzer_sys::fuzz_target;

/// The exponent 65537.
const EXPONENT: &str = "AQAB";

fuzz_target!(|data: &[u8]| {
    let Some((algorithm, rest)) = algorithm_and_rest(data) else { return };

    let public = PublicKey::from_der(algorithm, rest);
    let private = PrivateKey::from_der(algorithm, rest);
    assert!(public.is_err() || private.is_err(), "no DER is two forms of key");
    if let Ok(key) = &public {
        // PKCS#1 is the other form.
        assert!(key.to_spki_der() == rest || key.to_bytes().is_none());
    }
    if PublicKey::from_spki_der(algorithm, rest).is_ok() {
        assert!(public.is_ok(), "SPKI is known by its structure");
    }
    if PrivateKey::from_pkcs8_der(algorithm, rest).is_ok() {
        assert!(private.is_ok(), "PKCS#8 is known by its structure");
    }
    check(public, rest, check_public_forms);
    check(private, rest, check_private_forms);

    if let Ok(key) = PublicKey::from_bytes(algorithm, rest) {
        assert_eq!(key.to_bytes().as_deref(), Some(rest));
    }
    check(PublicKey::from_bytes(algorithm, rest), rest, check_public_forms);
    check(PrivateKey::from_bytes(algorithm, rest), rest, check_private_forms);

    if let Ok(text) = str::from_utf8(rest) {
        let (n, e) = text.split_once(',').unwrap_or((text, EXPONENT));
        check(PublicKey::from_rsa_components(algorithm, n, e), rest, check_public_forms);
    }
    let certificate = pem("CERTIFICATE", rest);
    check(certificate_key(algorithm, &certificate), rest, check_public_forms);
    check(certificate_key(algorithm, rest), rest, check_public_forms);
});

fn check<K>(read: Result<K, Error>, text: &[u8], check: fn(&K)) {
    match read {
        Ok(key) => check(&key),
        Err(error) => check_error(&error, text),
    }
}

/// What goes out in each form comes in again as the same key.
fn check_public_forms(key: &PublicKey) {
    check_public(key);
    let algorithm = key.algorithm();
    let again = [
        PublicKey::from_pem(algorithm, key.to_pem()),
        PublicKey::from_spki_der(algorithm, &key.to_spki_der()),
        PublicKey::from_der(algorithm, &key.to_spki_der()),
    ];
    for again in again {
        assert_eq!(again.expect("it was written").thumbprint(), key.thumbprint());
    }
    if let Some(bytes) = key.to_bytes() {
        let again = PublicKey::from_bytes(algorithm, &bytes).expect("it was written");
        assert_eq!(again.thumbprint(), key.thumbprint());
    }
}

fn check_private_forms(key: &PrivateKey) {
    check_private(key);
    // To read an RSA key takes a millisecond.
    let public = key.public_key();
    if public.to_bytes().is_some() {
        let again = PrivateKey::from_jwk(&key.to_jwk()).expect("it was written");
        assert_eq!(again.public_key().thumbprint(), public.thumbprint());
        assert_eq!(again.to_jwk(), key.to_jwk());
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = BASE64_STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}
