//! What is easy to do wrong, out of the way of those who do not look for it.

use serde::de::DeserializeOwned;

use crate::{
    algorithm::Algorithm,
    error::Error,
    key::Key,
    token::{TokenData, UnverifiedToken},
};

/// Reads a token **without verifying anything**: no key, no time, no issuer, no audience. Anybody
/// can write such a token, so what comes out decides nothing; it is good for looking at a token
/// while debugging.
///
/// ```
/// use jwt_codec::dangerous::decode_unverified;
///
/// let data = decode_unverified::<serde_json::Value>("eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.")?;
/// assert_eq!(data.claims["sub"], "root"); // says anybody
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::TokenTooLong`], [`Error::Malformed`] and [`Error::ClaimsMismatch`]: the token must have
/// the shape of a JWT, of at most 65 536 bytes.
pub fn decode_unverified<C: DeserializeOwned>(token: &str) -> Result<TokenData<C>, Error> {
    UnverifiedToken::parse(token)?.trust_without_check().into_unchecked_claims()
}

/// A key of a secret that may be shorter than RFC 7518 §3.2 allows, to get along with somebody who
/// uses one. Whoever has one token can try such secrets by the billion and then sign his own.
///
/// ```
/// use jwt_codec::{Algorithm, dangerous::short_key};
///
/// assert!(short_key(Algorithm::Hs256, "secret").is_ok());
/// assert_eq!(short_key(Algorithm::Hs256, "").unwrap_err().code(), "weak_key");
/// ```
///
/// # Errors
///
/// [`Error::WeakKey`] if it is empty, and [`Error::InvalidKey`] as [`Key::new`].
pub fn short_key(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Key, Error> {
    Key::with_min_len(algorithm, secret.as_ref(), 1)
}
