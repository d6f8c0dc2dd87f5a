//! Tokens that the crate would not write: any header and any payload under a right signature.

#![allow(dead_code, reason = "each test file uses some of it")]
#![allow(clippy::expect_used, reason = "a test may panic")]

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jwt_codec::Key;
use sha2::Sha256;

/// The secret that [`forge`] signs with.
pub(crate) const SECRET: &[u8] = b"an HS256 secret of 32 bytes or so";

/// The key that takes what [`forge`] signs.
pub(crate) fn key() -> Key {
    Key::hs256(SECRET).expect("it is long enough")
}

/// An HS256 token of this header and payload.
pub(crate) fn forge(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    sign_text(&format!(
        "{}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(header),
        BASE64_URL_SAFE_NO_PAD.encode(payload)
    ))
}

/// An HS256 token of the default header and this payload.
pub(crate) fn forge_claims(payload: impl AsRef<[u8]>) -> String {
    forge(r#"{"alg":"HS256","typ":"JWT"}"#, payload)
}

/// The text with its HS256 signature behind it.
pub(crate) fn sign_text(signing_input: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).expect("HMAC takes any length");
    mac.update(signing_input.as_bytes());
    format!("{signing_input}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}
