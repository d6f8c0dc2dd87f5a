//! What the targets of public keys share.

#[path = "../../tests/support/public_algorithms.rs"]
mod public_algorithms;

use jwt_codec::{Algorithm, Error, PrivateKey, PublicKey};
use memchr::memmem;
use serde_json::Value;

pub const ALGORITHMS: [Algorithm; 10] = public_algorithms::ALL;

/// The first byte, a digit in the seeds, names the algorithm.
pub fn algorithm_and_rest(data: &[u8]) -> Option<(Algorithm, &[u8])> {
    let (first, rest) = data.split_first()?;
    Some((ALGORITHMS[usize::from(first.wrapping_sub(b'0')) % ALGORITHMS.len()], rest))
}

/// Lengths, texts that were there when the crate was compiled, and at most a name out of the text.
pub fn check_error(error: &Error, text: &[u8]) {
    assert!(matches!(error, Error::InvalidKey { .. } | Error::WeakKey { .. }), "{error:?}");
    let said = error.to_string();
    assert!(said.len() < 600, "{said}");
    check_quotes(&said, text);
}

/// At most a name of the text is quoted.
pub fn check_quotes(said: &str, text: &[u8]) {
    // Whatever is quoted at such a length has one of these pieces as a whole.
    for (number, piece) in said.as_bytes().chunks_exact(40).enumerate() {
        if memmem::find(text, piece).is_none() {
            continue;
        }
        let start = (number * 40).saturating_sub(40);
        let around = &said.as_bytes()[start..said.len().min(start + 120)];
        let quoted = around.windows(80).find(|quoted| memmem::find(text, quoted).is_some());
        assert!(quoted.is_none(), "{said}");
    }
}

pub fn check_public(key: &PublicKey) {
    let jwk = key.to_jwk();
    let again = PublicKey::from_jwk(&jwk).expect("it was written");
    assert_eq!((again.thumbprint(), again.id()), (key.thumbprint(), key.id()));
    assert_eq!(again.to_jwk(), jwk);
    assert!(PrivateKey::from_jwk(&jwk).is_err());
}

/// That it signs for its public part was seen when it was read. To do so once more takes RSA a
/// millisecond, so only other keys are written and read again.
pub fn check_private(key: &PrivateKey) {
    let public = key.public_key();
    check_public(&public);
    let is_rsa = public.to_jwk().contains(r#""kty":"RSA""#);
    if !is_rsa {
        let again = PrivateKey::from_pem(key.algorithm(), key.to_pem()).expect("it was written");
        assert_eq!(again.public_key().thumbprint(), public.thumbprint());
    }
}

/// A key out of an RFC, but for ES384.
pub fn example(algorithm: Algorithm) -> PrivateKey {
    let name = match algorithm {
        Algorithm::Es256 => "RFC 7515 A.3",
        Algorithm::EdDsa | Algorithm::Ed25519 => "RFC 8037 A.4",
        Algorithm::Es384 => return PrivateKey::generate(algorithm).expect("there is randomness"),
        _ => "RFC 7515 A.2",
    };
    let lines = include_str!("../../tests/vectors/rfc-public-keys.jsonl").lines();
    let mut cases = lines.map(|line| serde_json::from_str::<Value>(line).expect("it is JSON"));
    let case = cases.find(|case| case["name"] == name).expect("it is there");
    PrivateKey::from_jwk_for(algorithm, &case["jwk"].to_string()).expect("it is a key")
}
