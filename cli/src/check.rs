//! What the crate says of a header or of claims, whoever signed them. `jwt inspect` and `jwt sign`
//! ask here, so that they say the same as `jwt verify`.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jwt_codec::{Error, Header, Key, UnverifiedToken, Validation, sign};
use serde::de::IgnoredAny;

/// Returns the error that every decode has for these claims, whatever the time and whoever asks:
/// broken JSON, a name that appears twice, a registered claim of a wrong type.
pub(crate) fn claims(payload: &str) -> Result<(), Error> {
    let key = key()?;
    let token = sign(&Header::new(), payload.as_bytes(), &key)?;
    let loosest = Validation::new()
        .allow_missing_exp()
        .ignore_exp()
        .ignore_nbf()
        .ignore_audience()
        .max_token_len(usize::MAX);
    let token = UnverifiedToken::parse_with_max_len(&token, usize::MAX)?;
    token.verify(&key)?.claims::<IgnoredAny>(&loosest)?;
    Ok(())
}

/// Returns the error that every decode has for a header with this parameter.
pub(crate) fn parameter(name: &str, json: &str) -> Result<(), Error> {
    let header = format!(r#"{{"alg":"HS256",{name:?}:{json}}}"#);
    let token = format!("{}.e30.{}", encode(header), encode([0; 32]));
    match UnverifiedToken::parse_with_max_len(&token, usize::MAX)?.verify(&key()?) {
        // The signature is checked after the whole header.
        Err(Error::InvalidSignature) | Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

/// A key that signs and verifies nothing but the tokens made here.
fn key() -> Result<Key, Error> {
    Key::hs256([0; 32])
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
