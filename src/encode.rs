//! Claims → JSON → base64url → signature → one string (RFC 7515 §5.1, RFC 7519 §7.1).

use alloc::{format, string::String, vec::Vec};

use serde::Serialize;

use crate::{
    base64url,
    error::{Error, JsonType, Reason},
    header::Header,
    keys::{Label, SigningKey},
    payload::{Seen, Wanted},
    validation::check_types,
};

/// Room for the JSON of most claims.
#[cfg(feature = "std")]
const JSON_CAPACITY: usize = 256;

/// Two dots, and the text of an HMAC-SHA-512.
const SIGNATURE_AND_DOTS: usize = 88;

/// Signs claims: a struct or map that serializes to a JSON object.
///
/// The header is `{"alg":"HS256","typ":"JWT"}`, or `{"alg":"HS256","kid":"…","typ":"JWT"}` if the
/// key has an id.
///
/// `encode` does not require `exp`, but [`decode`](crate::decode()) does by default.
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
/// [`decode`](crate::decode()) accepts: a registered claim of a wrong type (`null` included), a name
/// twice, or a name that `serde_json` keeps for itself. To write such claims for another reader,
/// sign their bytes with [`sign`].
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
/// Those of [`encode`], and [`Error::Encode`] if the header's segment would be over 8192 bytes
/// long, if its `typ` is empty, or if it was read from a token and has `crit` or `b64`.
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
/// Those of [`encode_with_header`].
pub fn encode_into<C: Serialize + ?Sized>(
    header: &Header,
    claims: &C,
    key: &(impl SigningKey + ?Sized),
    out: &mut String,
) -> Result<(), Error> {
    let json = to_json(claims).map_err(|error| Error::unserializable(&error))?;
    check(&json)?;
    sign_into(header, &json, key, out)
}

/// Into a buffer that need not grow, which is 5 % of an encode.
#[cfg(feature = "std")]
fn to_json<C: Serialize + ?Sized>(claims: &C) -> serde_json::Result<Vec<u8>> {
    let mut json = Vec::with_capacity(JSON_CAPACITY);
    serde_json::to_writer(&mut json, claims)?;
    Ok(json)
}

#[cfg(not(feature = "std"))]
fn to_json<C: Serialize + ?Sized>(claims: &C) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(claims)
}

/// Reads what was written, as a decode will.
fn check(json: &[u8]) -> Result<(), Error> {
    let json = core::str::from_utf8(json).map_err(|error| Error::unserializable(&error))?;
    let mut seen = Seen::new(Wanted::default());
    seen.read(json).map_err(|reason| {
        Error::encode(match reason {
            Reason::NotAnObject { .. } => "claims must be a JSON object: a struct or a map".into(),
            Reason::DuplicateName { name } => {
                format!("claim {name:?} would be written twice; keep one of the two")
            }
            Reason::ReservedName { .. } => {
                "a `RawValue` cannot be flattened into the claims, nor be all of them in `Claims`"
                    .into()
            }
            reason => format!("claims cannot be read again: {reason}"),
        })
    })?;
    check_types(&seen).map_err(|error| match error {
        Error::InvalidClaimType { claim, expected, found: JsonType::Null } => {
            Error::encode(format!(
                "claim \"{claim}\" must be {expected}, not null; leave it out with \
                 #[serde(skip_serializing_if = \"Option::is_none\")]"
            ))
        }
        Error::InvalidClaimType { claim, expected, found } => {
            Error::encode(format!("claim \"{claim}\" must be {expected}, not {found}"))
        }
        other => other,
    })
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
/// [`Error::Encode`] for a header that [`encode_with_header`] refuses, too.
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
    write_signing_input(header, payload, key.label(), out)?;
    let signature = key.sign(out.get(start..).unwrap_or_default().as_bytes())?;
    out.push('.');
    base64url::encode(signature.as_bytes(), out);
    Ok(())
}

/// Header and payload as they are signed (RFC 7515 §5.1).
fn write_signing_input(
    header: &Header,
    payload: &[u8],
    label: &Label,
    out: &mut String,
) -> Result<(), Error> {
    // Right for the default header; another is longer and makes the string grow once more.
    let payload_len = base64url::encoded_len(payload.len()).unwrap_or(usize::MAX);
    let header_len = label.header_text().len();
    out.reserve(payload_len.saturating_add(header_len).saturating_add(SIGNATURE_AND_DOTS));

    if header.is_default(label.id()) && header_len <= Header::MAX_LEN {
        out.push_str(label.header_text());
    } else {
        header.write(label.algorithm(), label.id(), out)?;
    }
    out.push('.');
    base64url::encode(payload, out);
    Ok(())
}

/// What a token of these claims signs (RFC 7515 §5.1).
#[cfg(feature = "public-keys")]
pub(crate) fn signing_input<C: Serialize + ?Sized>(
    header: &Header,
    claims: &C,
    label: &Label,
) -> Result<String, Error> {
    let json = to_json(claims).map_err(|error| Error::unserializable(&error))?;
    check(&json)?;
    let mut text = String::new();
    write_signing_input(header, &json, label, &mut text)?;
    Ok(text)
}
