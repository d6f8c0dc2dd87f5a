//! The steps of a decode (RFC 7515 §5.2, RFC 7519 §7.2): length → segments → header → keys → extensions
//! → signature → payload → registered claims → the caller's type.

use alloc::{vec, vec::Vec};

use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    base64url,
    claims::{ClaimSummary, scan},
    error::{Error, Reason, Segment},
    header::Header,
    keys::{BoundIssuers, Keys, Selection},
    segments::Segments,
    signature,
    validation::{DEFAULT_MAX_TOKEN_LEN, Validation},
};

/// A payload of 1 KiB is decoded on the stack. Base64url makes three bytes at a time.
const STACK_PAYLOAD: usize = 1024_usize.next_multiple_of(3);

/// The header and claims of a token that passed every check.
///
/// A claim that the policy does not check is only known to be written by the issuer.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias = "Payload")]
pub struct TokenData<C> {
    /// The header.
    pub header: Header,
    /// The claims.
    pub claims: C,
}

/// Verifies a token and returns its claims.
///
/// Pass the token alone: without the prefix `Bearer ` and without white space around it.
///
/// The order is fixed: length, segments, header, key by `kid`, `alg`, `crit`, signature. Only then is
/// the payload decoded and parsed, and the policy checks the registered claims: types, presence, `exp`,
/// `nbf`, ages, `iss`, `aud`, `sub`, values, `typ`. The caller's type comes last. So a token that is both
/// expired and forged is forged, and one that is expired and does not fit the type is expired.
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
/// `decode` allocates nothing of its own if
///
/// - the payload has at most 1 KiB,
/// - the header is one that this crate and others write by default,
/// - there are at most sixteen custom claims, without escapes in their names, and nested no deeper than
///   a list or object of scalars.
///
/// # Errors
///
/// The first that applies in the order above, of every variant of [`Error`] except [`Error::WeakKey`],
/// [`Error::InvalidKey`], [`Error::UnknownAlgorithm`] and [`Error::Encode`].
#[doc(alias = "verify")]
#[doc(alias = "jwt.decode")]
pub fn decode<C: DeserializeOwned>(
    token: &str,
    keys: &(impl Keys + ?Sized),
    validation: &Validation,
) -> Result<TokenData<C>, Error> {
    let segments = Segments::split(token, validation.token_limit())?;
    let (header, key_issuers) = verify(&segments, keys)?;
    let claims = with_payload(segments.payload, |payload| {
        read_claims(payload, &header, &key_issuers, validation)
    })?;
    Ok(TokenData { header, claims })
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
/// The errors of [`decode`]; also [`Error::ClaimsMismatch`] where a `&str` meets a string with an
/// escape, which cannot be borrowed (`Cow<str>` accepts both).
pub fn decode_borrowed<'b, C: Deserialize<'b>>(
    token: &str,
    keys: &(impl Keys + ?Sized),
    validation: &Validation,
    buffer: &'b mut Vec<u8>,
) -> Result<TokenData<C>, Error> {
    let segments = Segments::split(token, validation.token_limit())?;
    let (header, key_issuers) = verify(&segments, keys)?;
    let payload = decode_payload(segments.payload, buffer)?;
    let claims = read_claims(payload, &header, &key_issuers, validation)?;
    Ok(TokenData { header, claims })
}

/// Verifies the signature, with nothing of the payload read. Returns the header, and the issuers that
/// the key is bound to, if it is.
#[inline]
pub(crate) fn verify(
    segments: &Segments<'_>,
    keys: &(impl Keys + ?Sized),
) -> Result<(Header, BoundIssuers), Error> {
    let mut buffer = [0; signature::MAX_LEN];
    let signature = segments.decode_signature(&mut buffer)?;
    let header = segments.header()?;
    let Selection { header, candidates } =
        keys.select(header).map_err(|error| segments.explain(error))?;
    header.refuse_extensions()?;
    let key_issuers = candidates.verify(segments.signing_input.as_bytes(), signature)?;
    Ok((header, key_issuers))
}

/// Reads the claims of a verified payload: first for the policy, which so sees whatever the caller's
/// type does not, then into the type.
#[inline]
pub(crate) fn read_claims<'p, C: Deserialize<'p>>(
    payload: &'p [u8],
    header: &Header,
    key_issuers: &BoundIssuers,
    validation: &Validation,
) -> Result<C, Error> {
    let json = utf8(payload)?;
    let interest = |name: &str| validation.interest(name);
    let mut claims = ClaimSummary::new();
    scan(json, validation.type_leniency(), interest, &mut claims)
        .map_err(|error| explain_nested(error, header, json))?;
    validation.validate(header, &claims, key_issuers)?;
    into_type(json)
}

/// The text of a payload.
pub(crate) fn utf8(payload: &[u8]) -> Result<&str, Error> {
    core::str::from_utf8(payload).map_err(|error| {
        Error::malformed(Segment::Payload, Reason::Utf8 { offset: error.valid_up_to() })
    })
}

/// Reads the caller's type.
#[inline]
pub(crate) fn into_type<'p, C: Deserialize<'p>>(json: &'p str) -> Result<C, Error> {
    // Given a `str` that is not ASCII, `serde_json` 1.0.154 panics where it reads a map with `bool`
    // keys; given bytes, it does not, but it takes longer.
    let claims = if json.is_ascii() {
        serde_json::from_str(json)
    } else {
        serde_json::from_slice(json.as_bytes())
    };
    claims.map_err(|error| Error::claims_mismatch(&error))
}

/// Says it if the payload is a token itself, as the header's `cty` announces (RFC 7519 §5.2).
#[cold]
fn explain_nested(error: Error, header: &Header, payload: &str) -> Error {
    let is_of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    // Five segments are an encrypted token.
    let is_token =
        || matches!(payload.split('.').count(), 3 | 5) && payload.bytes().all(is_of_token);
    match (&error, header.cty()) {
        (Error::Malformed { reason: Reason::Json { .. }, .. }, Some(cty))
            if cty.eq_ignore_ascii_case("JWT") && is_token() =>
        {
            Error::malformed(Segment::Payload, Reason::NestedToken)
        }
        _ => error,
    }
}

/// Decodes the payload, on the stack if it is small.
#[inline]
pub(crate) fn with_payload<T>(
    text: &str,
    read: impl FnOnce(&[u8]) -> Result<T, Error>,
) -> Result<T, Error> {
    let (mut stack, mut heap);
    let capacity = base64url::decoded_capacity(text.len());
    let buffer: &mut [u8] = if capacity <= STACK_PAYLOAD {
        stack = [0; STACK_PAYLOAD];
        &mut stack
    } else {
        heap = vec![0; capacity];
        &mut heap
    };
    read(base64url::decode(text.as_bytes(), buffer).map_err(not_base64url)?)
}

/// Decodes the payload into the buffer, which grows as needed.
#[inline]
pub(crate) fn decode_payload<'b>(text: &str, buffer: &'b mut Vec<u8>) -> Result<&'b [u8], Error> {
    buffer.clear();
    buffer.resize(base64url::decoded_capacity(text.len()), 0);
    base64url::decode(text.as_bytes(), buffer).map_err(not_base64url)
}

fn not_base64url(defect: base64url::Defect) -> Error {
    Error::malformed(Segment::Payload, defect.into())
}

/// Reads the header of a token of at most 65 536 bytes **without verifying anything**: anybody can
/// write one. Use it for logs, and to find out which key to fetch, never to decide whom to let in.
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
/// The errors of [`UnverifiedToken::parse`](crate::UnverifiedToken::parse).
pub fn decode_header(token: &str) -> Result<Header, Error> {
    Segments::split(token, DEFAULT_MAX_TOKEN_LEN)?.parse_header()
}
