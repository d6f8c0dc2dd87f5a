//! Any text as PEM and any bytes as DER, for the algorithm that the first byte names. What is accepted
//! is the same key when it is written and read again, and signs for its own public part alone; what
//! is refused says nothing of the text.

#![no_main]

use std::str;

use jwt_codec::{PrivateKey, PublicKey};
use jwt_codec_fuzz::{
    expand::expand,
    public_keys::{algorithm_and_rest, check_error, check_private, check_public},
};
use libfuzzer_sys::fuzz_target;

/// The longest text that is tried.
const MAX_PEM: usize = (1 << 17) + 4_096;

fuzz_target!(|data: &[u8]| {
    let Some((algorithm, rest)) = algorithm_and_rest(data) else { return };
    check(PublicKey::from_spki_der(algorithm, rest), rest, check_public);
    check(PrivateKey::from_pkcs8_der(algorithm, rest), rest, check_private);
    // Of DER, hardly any bytes are text, and those that are commands of `expand` are no commands.
    if str::from_utf8(rest).is_ok()
        && let Some(Ok(text)) = expand(rest, MAX_PEM).map(String::from_utf8)
    {
        check(PublicKey::from_pem(algorithm, &text), text.as_bytes(), check_public);
        check(PrivateKey::from_pem(algorithm, &text), text.as_bytes(), check_private);
    }
});

fn check<K>(read: Result<K, jwt_codec::Error>, text: &[u8], check: fn(&K)) {
    match read {
        Ok(key) => check(&key),
        Err(error) => check_error(&error, text),
    }
}
