//! Length → split → header → key → algorithm → signature → payload → registered claims → the
//! caller's type (RFC 7515 §5.2, RFC 7519 §7.2).

use alloc::vec::Vec;

use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    error::Error,
    header::Header,
    key_set::Keys,
    token::{TokenData, UnverifiedToken, VerifiedToken},
    validation::Validation,
};

/// Verifies a token and gives its claims.
///
/// The order is fixed: length, segments, header, key by `kid`, `alg` and `crit`, signature; only
/// then is the payload decoded and parsed; then the registered claims are held against the policy
/// (types, presence, `exp`, `nbf`, ages, `iss`, `aud`, `sub`, `typ`); last comes the caller's type.
/// So a token that is both expired and forged is forged, and one that is expired and does not fit
/// the type is expired.
///
/// ```
/// use jwt_codec::{Claims, Key, Validation, decode, encode};
/// # use std::time::Duration;
///
/// let key = Key::hs256(b"at least 32 bytes, better random")?;
/// let token = encode(&Claims::new(()).subject("ada").expires_in(Duration::from_secs(60)), &key)?;
///
/// let data = decode::<Claims<()>>(&token, &key, &Validation::new())?;
/// assert_eq!(data.claims.registered.sub.as_deref(), Some("ada"));
///
/// let forged = token.replace("eyJ", "eyK");
/// assert_eq!(
///     decode::<Claims<()>>(&forged, &key, &Validation::new()).unwrap_err().code(),
///     "malformed"
/// );
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// It allocates nothing of its own for a default header without `kid`, up to sixteen claims of your
/// own without escapes in their names, and a payload of up to 1 KiB.
///
/// # Errors
///
/// Every variant of [`Error`] but [`Error::WeakKey`], [`Error::InvalidKey`] and
/// [`Error::Encode`]; the first that applies in the order above.
#[doc(alias = "verify")]
#[doc(alias = "jwt.decode")]
pub fn decode<C: DeserializeOwned>(
    token: &str,
    keys: &impl Keys,
    validation: &Validation,
) -> Result<TokenData<C>, Error> {
    verify(token, keys, validation)?.into_claims(validation)
}

/// As [`decode`], into a type that borrows its strings from the buffer. With a buffer that is large
/// enough, a default header without `kid`, and up to sixteen claims of your own without escapes in
/// their names, the crate allocates nothing.
///
/// ```
/// use jwt_codec::{Key, Validation, decode_borrowed, encode};
///
/// #[derive(serde::Deserialize)]
/// struct Session<'b> { sub: &'b str }
///
/// let key = Key::hs256(b"at least 32 bytes, better random")?;
/// let token = encode(&serde_json::json!({ "sub": "ada", "exp": 4_102_444_800_i64 }), &key)?;
///
/// let mut buffer = Vec::new();
/// let data = decode_borrowed::<Session>(&token, &key, &Validation::new(), &mut buffer)?;
/// assert_eq!(data.claims.sub, "ada");
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`decode`]; also [`Error::ClaimsMismatch`] where a `&str` meets a string with an
/// escape in it, which cannot be borrowed (`Cow<str>` takes both).
pub fn decode_borrowed<'b, C: Deserialize<'b>>(
    token: &str,
    keys: &impl Keys,
    validation: &Validation,
    buffer: &'b mut Vec<u8>,
) -> Result<TokenData<C>, Error> {
    verify(token, keys, validation)?.into_borrowed_claims(validation, buffer)
}

/// Reads the header of a token **without verifying anything**: anybody can write one. Good for
/// logs and for finding out which issuer's keys to fetch; never for deciding whom to let in.
///
/// ```
/// use jwt_codec::{Key, decode_header, encode};
///
/// let key = Key::hs256(b"at least 32 bytes, better random")?.with_id("2026-11");
/// let token = encode(&serde_json::json!({}), &key)?;
/// assert_eq!(decode_header(&token)?.kid(), Some("2026-11"));
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`UnverifiedToken::parse`].
pub fn decode_header(token: &str) -> Result<Header, Error> {
    UnverifiedToken::parse(token).map(|token| token.header().clone())
}

#[inline]
fn verify<'t>(
    token: &'t str,
    keys: &impl Keys,
    validation: &Validation,
) -> Result<VerifiedToken<'t>, Error> {
    let mut writer = None;
    let token = UnverifiedToken::read(token, validation.token_limit(), |header_text| {
        writer = keys.writer_of(header_text);
        writer.map(Header::written_by)
    })?;
    token.into_verified(writer, keys)
}
