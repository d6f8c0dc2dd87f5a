//! Any text as PEM and any bytes as DER, for the algorithm that the first byte names. What is accepted
//! is the same key when it is written and read again, and signs for its own public part alone; what
//! is refused says nothing of the text.

#![no_main]

use std::str;

use jwt_codec::{PrivateKey, PublicKey};
use jwt_codec_fuzz::public_keys::{algorithm_and_rest, check_error, check_private, check_public};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((algorithm, rest)) = algorithm_and_rest(data) else { return };
    check(PublicKey::from_spki_der(algorithm, rest), rest, check_public);
    check(PrivateKey::from_pkcs8_der(algorithm, rest), rest, check_private);
    if let Ok(text) = str::from_utf8(rest) {
        check(PublicKey::from_pem(algorithm, text), rest, check_public);
        check(PrivateKey::from_pem(algorithm, text), rest, check_private);
    }
});

fn check<K>(read: Result<K, jwt_codec::Error>, text: &[u8], check: fn(&K)) {
    match read {
        Ok(key) => check(&key),
        Err(error) => check_error(&error, text),
    }
}
