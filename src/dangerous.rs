//! Functions that are easy to misuse. Each skips a check that keeps strangers out.

use serde::de::DeserializeOwned;

#[cfg(feature = "public-keys")]
use crate::keys::PublicKey;
use crate::{
    algorithm::Algorithm,
    claims::{ClaimSummary, Interest, TypeLeniency, scan},
    decode::{into_type, utf8, with_payload},
    error::Error,
    header::Header,
    keys::Key,
    token::UnverifiedToken,
};

/// The header and claims of a token of which **nothing was verified**: anybody can have written
/// them. This type cannot pass for a [`TokenData`](crate::TokenData).
#[derive(Debug, Clone, PartialEq)]
pub struct UnverifiedData<C> {
    /// The header, unverified.
    pub header: Header,
    /// The claims, unverified.
    pub claims: C,
}

/// Reads a token **without verifying anything**: no key, no time, no issuer, no audience. Anybody
/// can write such a token, so never decide anything by the result. Use it to look at a token while
/// debugging.
///
/// ```
/// use jwt_codec::dangerous::decode_unverified;
///
/// let data = decode_unverified::<serde_json::Value>("eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.")?;
/// assert_eq!(data.claims["sub"], "root"); // Anybody can write this.
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::TokenTooLong`], [`Error::Malformed`] and [`Error::ClaimsMismatch`]: the token must have
/// the shape of a JWT, and at most 65 536 bytes.
pub fn decode_unverified<C: DeserializeOwned>(token: &str) -> Result<UnverifiedData<C>, Error> {
    let token = UnverifiedToken::parse(token)?;
    let claims = with_payload(token.payload_segment(), |payload| {
        let json = utf8(payload)?;
        scan(json, TypeLeniency::default(), |_| Interest::None, &mut ClaimSummary::new())?;
        into_type(json)
    })?;
    Ok(UnverifiedData { header: token.header().clone(), claims })
}

/// Makes a key from a secret that may be shorter than RFC 7518 §3.2 allows, for a system that already
/// uses one. Only the rule on the length is switched off.
///
/// An attacker who has one token can guess short secrets offline, and then sign tokens.
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
/// [`Error::WeakKey`] if the secret is empty, and [`Error::InvalidKey`] as [`Key::new`].
pub fn short_key(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Key, Error> {
    Key::with_min_len(algorithm, secret.as_ref(), 1)
}

/// Reads the public key of an X.509 certificate in PEM (RFC 5280 §4.1). **Nothing of the certificate
/// is verified**: no signature, no date, no name, no use. So trust the key only if you trust the
/// file, such as one that you were handed by the owner of the key.
///
/// ```
/// use jwt_codec::{Algorithm, dangerous::certificate_key};
///
/// let pem = include_str!("../tests/keys/certificate.pem");
/// assert_eq!(certificate_key(Algorithm::Es256, pem)?.algorithm(), Algorithm::Es256);
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::InvalidKey`] if it is not one certificate, and the errors of
/// [`PublicKey::from_spki_der`] for its key.
#[cfg(feature = "public-keys")]
pub fn certificate_key(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<PublicKey, Error> {
    PublicKey::from_certificate(algorithm, pem.as_ref())
}

/// Makes a key from hexadecimal digits as [`Key::from_hex`] does, and from a short secret as
/// [`short_key`] does.
///
/// # Errors
///
/// [`Error::WeakKey`] if the text is empty, and [`Error::InvalidKey`] as [`Key::from_hex`].
pub fn short_key_from_hex(algorithm: Algorithm, text: &str) -> Result<Key, Error> {
    Key::from_hex_with_min_len(algorithm, text, 1)
}

/// Makes a key from base64 as [`Key::from_base64`] does, and from a short secret as [`short_key`] does.
///
/// # Errors
///
/// [`Error::WeakKey`] if the text is empty, and [`Error::InvalidKey`] as [`Key::from_base64`].
pub fn short_key_from_base64(algorithm: Algorithm, text: &str) -> Result<Key, Error> {
    Key::from_base64_with_min_len(algorithm, text, 1)
}
