//! Claims → JSON → base64url → signature → one string (RFC 7515 §5.1, RFC 7519 §7.1).

use alloc::string::String;

use serde::Serialize;

use crate::{
    base64url,
    claims::write_claims,
    error::{Error, KeyDefect},
    header::Header,
    keys::{KeyInfo, SigningKey},
    signature,
};

/// Two dots, and the text of an HMAC with SHA-512.
const SIGNATURE_AND_DOTS: usize = 88;

/// Signs claims: a struct or map that serializes to a JSON object.
///
/// The header is `{"alg":"HS256","typ":"JWT"}`, or `{"alg":"HS256","kid":"…","typ":"JWT"}` if the
/// key has an id.
///
/// A registered claim that is `None` or `null` is left out. `encode` does not require `exp`, but
/// [`decode`](crate::decode()) does by default.
///
/// ```
/// use jwt_codec::{Key, encode};
///
/// let key = Key::hs256(b"at least 32 bytes, better random")?;
/// let token = encode(&serde_json::json!({ "sub": "ada", "exp": 4_102_444_800_i64 }), &key)?;
/// assert!(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Encode`] if the claims fail to serialize, are not a JSON object, or are not what
/// [`decode`](crate::decode()) accepts: a registered claim of a wrong type, a duplicate name, or a name
/// that `serde_json` reserves. To write such claims for another reader, sign their bytes with [`sign`].
#[doc(alias = "jwt.encode")]
pub fn encode<C: Serialize + ?Sized>(
    claims: &C,
    key: &(impl SigningKey + ?Sized),
) -> Result<String, Error> {
    encode_with_header(&Header::new(), claims, key)
}

/// Signs claims as [`encode`] does, with a header of your own.
///
/// ```
/// use jwt_codec::{Header, Key, decode_header, encode_with_header};
///
/// let key = Key::hs256(b"at least 32 bytes, better random")?;
/// let header = Header::new().with_typ("at+jwt");
/// let token = encode_with_header(&header, &serde_json::json!({ "sub": "ada" }), &key)?;
/// assert_eq!(decode_header(&token)?.typ(), Some("at+jwt"));
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// # Errors
///
/// The errors of [`encode`], and [`Error::Encode`] if the header segment would have more than the 8192
/// bytes that every decode reads, if `typ` is empty, or if the header was read from a token and has
/// `crit`, `b64` or a value that `serde_json::Value` cannot hold.
pub fn encode_with_header<C: Serialize + ?Sized>(
    header: &Header,
    claims: &C,
    key: &(impl SigningKey + ?Sized),
) -> Result<String, Error> {
    let mut out = String::new();
    encode_into(header, claims, key, &mut out)?;
    Ok(out)
}

/// Signs claims as [`encode_with_header`] does, and appends the token to a string. This saves an
/// allocation if the string has room. On an error the string is as it was.
///
/// ```
/// use jwt_codec::{Header, Key, encode_into};
///
/// let key = Key::hs256(b"at least 32 bytes, better random")?;
/// let mut line = String::from("Authorization: Bearer ");
/// encode_into(&Header::new(), &serde_json::json!({ "sub": "ada" }), &key, &mut line)?;
/// assert!(line.starts_with("Authorization: Bearer eyJ"));
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// # Errors
///
/// The errors of [`encode_with_header`].
pub fn encode_into<C: Serialize + ?Sized>(
    header: &Header,
    claims: &C,
    key: &(impl SigningKey + ?Sized),
    out: &mut String,
) -> Result<(), Error> {
    let json = write_claims(claims)?;
    sign_into(header, &json, key, out)
}

/// Signs any bytes: makes a JWS in compact form (RFC 7515 §7.1). A JWT is a JWS whose bytes are a JSON
/// object. [`VerifiedToken::payload`](crate::VerifiedToken::payload) returns the bytes.
///
/// ```
/// use jwt_codec::{Header, Key, UnverifiedToken, sign};
///
/// let key = Key::hs256(b"at least 32 bytes, better random")?;
/// let jws = sign(&Header::new().without_typ(), b"any bytes", &key)?;
/// assert_eq!(UnverifiedToken::parse(&jws)?.verify(&key)?.payload()?, b"any bytes");
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Encode`] for a header that [`encode_with_header`] rejects, too.
pub fn sign(
    header: &Header,
    payload: &[u8],
    key: &(impl SigningKey + ?Sized),
) -> Result<String, Error> {
    let mut out = String::new();
    sign_into(header, payload, key, &mut out)?;
    Ok(out)
}

fn sign_into(
    header: &Header,
    payload: &[u8],
    key: &(impl SigningKey + ?Sized),
    out: &mut String,
) -> Result<(), Error> {
    let start = out.len();
    let written = write_token(header, payload, key, out);
    if written.is_err() {
        out.truncate(start);
    }
    written
}

fn write_token(
    header: &Header,
    payload: &[u8],
    key: &(impl SigningKey + ?Sized),
    out: &mut String,
) -> Result<(), Error> {
    let start = out.len();
    write_signing_input(header, payload, key.info(), out)?;
    let mut buffer = [0; signature::MAX_LEN];
    let (_, signing_input) =
        out.split_at_checked(start).ok_or_else(|| Error::invalid_key(KeyDefect::Internal))?;
    let signature = key.sign(signing_input.as_bytes(), &mut buffer)?;
    append_signature(signature, out);
    Ok(())
}

/// Appends header and payload of a token that a key with this info signs (RFC 7515 §5.1).
pub(crate) fn write_signing_input(
    header: &Header,
    payload: &[u8],
    info: &KeyInfo,
    out: &mut String,
) -> Result<(), Error> {
    // Right for the default header. Another one is longer and makes the string grow once more.
    let payload_len = base64url::encoded_len(payload.len()).unwrap_or(usize::MAX);
    let header_len = info.header_text().map_or(0, str::len);
    out.reserve(payload_len.saturating_add(header_len).saturating_add(SIGNATURE_AND_DOTS));

    match info.header_text() {
        Some(text) if header.is_default(info.id()) => out.push_str(text),
        _ => header.write(info.algorithm(), info.id(), out)?,
    }
    out.push('.');
    base64url::encode(payload, out);
    Ok(())
}

/// Appends the signature to the signing input.
pub(crate) fn append_signature(signature: &[u8], out: &mut String) {
    out.push('.');
    base64url::encode(signature, out);
}

/// What a token of these claims signs (RFC 7515 §5.1).
#[cfg(feature = "public-keys")]
pub(crate) fn signing_input<C: Serialize + ?Sized>(
    header: &Header,
    claims: &C,
    info: &KeyInfo,
) -> Result<String, Error> {
    let json = write_claims(claims)?;
    let mut text = String::new();
    write_signing_input(header, &json, info, &mut text)?;
    Ok(text)
}
