//! Claims → JSON → base64url → HMAC → one string (RFC 7515 §5.1, RFC 7519 §7.1).

use alloc::string::String;

use serde::Serialize;

use crate::{base64url, error::Error, header::Header, json_writer::JsonWriter, key::Key};

/// Signs claims: a struct or map that serializes to a JSON object.
///
/// The header is `{"alg":"HS256","typ":"JWT"}`, or `{"alg":"HS256","kid":"…","typ":"JWT"}` if the
/// key has an id.
///
/// What the claims serialize to is taken as it is: a name that stands twice, or one that starts with
/// `$serde_json::private::`, is written, and refused when the token is decoded.
///
/// ```
/// use jwt_codec::{Key, encode};
///
/// let key = Key::hs256(b"at least 32 bytes, better random")?;
/// let token = encode(&serde_json::json!({ "sub": "ada" }), &key)?;
/// assert!(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEifQ."));
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Encode`] if the claims fail to serialize or are not a JSON object.
#[doc(alias = "sign")]
#[doc(alias = "jwt.encode")]
pub fn encode<C: Serialize + ?Sized>(claims: &C, key: &Key) -> Result<String, Error> {
    encode_with_header(&Header::new(), claims, key)
}

/// As [`encode`], with a header of one's own.
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
/// [`Error::Encode`] if the claims fail to serialize or are not a JSON object, if the header's
/// segment would be over 8192 bytes long, or if the header was read from a token and has `crit` or
/// `b64`.
pub fn encode_with_header<C: Serialize + ?Sized>(
    header: &Header,
    claims: &C,
    key: &Key,
) -> Result<String, Error> {
    let mut out = String::new();
    encode_into(header, claims, key, &mut out)?;
    Ok(out)
}

/// As [`encode_with_header`], appended to a string, which spares an allocation if it has room. On
/// an error the string is as it was.
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
/// Those of [`encode_with_header`].
pub fn encode_into<C: Serialize + ?Sized>(
    header: &Header,
    claims: &C,
    key: &Key,
    out: &mut String,
) -> Result<(), Error> {
    let mut json = JsonWriter::new();
    sign_into(header, json.write_object(claims)?, key, out)
}

/// Signs any bytes: a JWS in compact form (RFC 7515 §7.1), of which a JWT is the case where the
/// bytes are a JSON object. [`VerifiedToken::payload`](crate::VerifiedToken::payload) gives them
/// back.
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
/// [`Error::Encode`] if the header's segment would be over 8192 bytes long, or if the header was
/// read from a token and has `crit` or `b64`.
pub fn sign(header: &Header, payload: &[u8], key: &Key) -> Result<String, Error> {
    let mut out = String::new();
    sign_into(header, payload, key, &mut out)?;
    Ok(out)
}

fn sign_into(header: &Header, payload: &[u8], key: &Key, out: &mut String) -> Result<(), Error> {
    let start = out.len();
    // Right for the default header; another is longer and makes the string grow once more.
    let payload_len = base64url::encoded_len(payload.len()).unwrap_or(usize::MAX);
    out.reserve(
        payload_len.saturating_add(key.header_text().len()).saturating_add(SIGNATURE_AND_DOTS),
    );
    header.write(key, out)?;
    out.push('.');
    base64url::encode(payload, out);
    let signature = key.sign(out.get(start..).unwrap_or_default().as_bytes());
    out.push('.');
    out.push_str(signature.as_str());
    Ok(())
}

/// Two dots, and the text of an HMAC-SHA-512.
const SIGNATURE_AND_DOTS: usize = 88;
