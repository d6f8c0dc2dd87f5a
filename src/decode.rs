//! Length → split → header → key → algorithm → signature → payload → registered claims → the
//! caller's type (RFC 7515 §5.2, RFC 7519 §7.2).

use alloc::vec::Vec;

use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    error::Error,
    header::Header,
    keys::Keys,
    token::{TokenData, UnverifiedToken, VerifiedToken},
    validation::Validation,
};

/// Verifies a token and returns its claims.
///
/// Give it the token alone: no `Bearer ` in front, no white space around it.
///
/// The order is fixed: length, segments, header, key by `kid`, `alg` and `crit`, signature. Only
/// then is the payload decoded and parsed, and the registered claims are checked with the policy:
/// types, presence, `exp`, `nbf`, ages, `iss`, `aud`, `sub`, values, `typ`. The caller's type comes
/// last. So a token that is both expired and forged is forged, and one that is expired and does not
/// fit the type is expired.
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
/// let (signed, _) = token.rsplit_once('.').unwrap();
/// let forged = format!("{signed}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
/// let error = decode::<Claims<()>>(&forged, &key, &Validation::new()).unwrap_err();
/// assert_eq!(error.code(), "invalid_signature");
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// It allocates nothing of its own for a payload of up to 1 KiB, a header that this crate and others
/// write by default, and up to sixteen claims of your own without escapes in their
/// names, nested no deeper than a list or object of scalars.
///
/// # Errors
///
/// Every variant of [`Error`] but [`Error::WeakKey`], [`Error::InvalidKey`] and
/// [`Error::Encode`]; the first that applies in the order above.
#[doc(alias = "verify")]
#[doc(alias = "jwt.decode")]
pub fn decode<C: DeserializeOwned>(
    token: &str,
    keys: &(impl Keys + ?Sized),
    validation: &Validation,
) -> Result<TokenData<C>, Error> {
    verify(token, keys, validation)?.into_claims(validation)
}

/// Verifies a token as [`decode`] does, and returns claims that borrow their strings from the
/// buffer. With a buffer that is large enough, it allocates no more than [`decode`] does.
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
    keys: &(impl Keys + ?Sized),
    validation: &Validation,
    buffer: &'b mut Vec<u8>,
) -> Result<TokenData<C>, Error> {
    verify(token, keys, validation)?.into_borrowed_claims(validation, buffer)
}

/// Reads the header of a token of at most 65 536 bytes **without verifying anything**: anybody can
/// write one. Use it for logs, and to find out which key to fetch; never to decide whom to let in.
/// For longer tokens use
/// [`UnverifiedToken::parse_with_max_len`](crate::UnverifiedToken::parse_with_max_len).
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
pub(crate) fn verify<'t>(
    token: &'t str,
    keys: &(impl Keys + ?Sized),
    validation: &Validation,
) -> Result<VerifiedToken<'t>, Error> {
    UnverifiedToken::read(token, validation.token_limit(), |text| keys.known_header(text))?
        .into_verified(keys)
}
