//! A token split into its segments (RFC 7515 §7.1), before and after its signature was checked.

use alloc::{borrow::ToOwned, string::String, sync::Arc, vec, vec::Vec};
use core::fmt;

use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    base64url,
    error::{Error, Reason, Segment},
    header::Header,
    keys::{Keys, Signed},
    payload::{self, Wanted},
    signature::Signature,
    validation::{DEFAULT_MAX_TOKEN_LEN, Validation},
};

/// A payload of up to so many bytes is decoded on the stack.
const STACK_PAYLOAD: usize = 1024;

/// A token of which nothing is verified. You cannot read its claims: there is no way from here to
/// them but through [`verify`](UnverifiedToken::verify).
///
/// ```
/// use jwt_codec::{Key, UnverifiedToken, Validation, encode};
/// # let key = Key::hs256(b"at least 32 bytes, better random")?;
/// # let token = encode(&serde_json::json!({ "exp": 4_102_444_800_i64, "sub": "ada" }), &key)?;
///
/// let unverified = UnverifiedToken::parse(&token)?;
/// assert_eq!(unverified.header().alg(), Some("HS256"));
///
/// let verified = unverified.verify(&key)?;
/// let data = verified.claims::<serde_json::Value>(&Validation::new())?;
/// assert_eq!(data.claims["sub"], "ada");
/// # Ok::<(), jwt_codec::Error>(())
/// ```
#[derive(Clone)]
pub struct UnverifiedToken<'t> {
    header: Header,
    /// The first two segments with the dot between them.
    signing_input: &'t str,
    payload: &'t str,
    signature: Signature,
}

impl<'t> UnverifiedToken<'t> {
    /// Splits a token of at most 65 536 bytes, reads its header and decodes its signature. Nothing
    /// is verified.
    ///
    /// # Errors
    ///
    /// [`Error::TokenTooLong`], and [`Error::Malformed`] if it is not three segments joined by
    /// dots, if the signature is not base64url, or if the header is not as RFC 7515 §4 wants it.
    pub fn parse(token: &'t str) -> Result<Self, Error> {
        Self::parse_with_max_len(token, DEFAULT_MAX_TOKEN_LEN)
    }

    /// As [`parse`](Self::parse), of at most `max_len` bytes.
    ///
    /// # Errors
    ///
    /// Those of [`parse`](Self::parse).
    pub fn parse_with_max_len(token: &'t str, max_len: usize) -> Result<Self, Error> {
        Self::read(token, max_len, |_| None)
    }

    /// As [`parse_with_max_len`](Self::parse_with_max_len), with a way to know a header by its text.
    #[inline]
    pub(crate) fn read(
        token: &'t str,
        max_len: usize,
        known_header: impl FnOnce(&str) -> Option<Header>,
    ) -> Result<Self, Error> {
        if token.len() > max_len {
            return Err(Error::TokenTooLong { len: token.len(), max: max_len });
        }
        Self::read_segments(token, known_header).map_err(|error| pasted(token).unwrap_or(error))
    }

    #[inline]
    fn read_segments(
        token: &'t str,
        known_header: impl FnOnce(&str) -> Option<Header>,
    ) -> Result<Self, Error> {
        let (header, rest) = token.split_once('.').ok_or_else(|| segment_count(token))?;
        let (payload, signature) = rest.split_once('.').ok_or_else(|| segment_count(token))?;
        // A third dot is no base64url.
        let signature = Signature::decode(signature).map_err(|defect| {
            if signature.contains('.') {
                return segment_count(token);
            }
            malformed(Segment::Signature)(defect)
        })?;
        let signed_len = header.len().saturating_add(1).saturating_add(payload.len());
        let signing_input = token.get(..signed_len).unwrap_or_default();
        let header = match known_header(header) {
            Some(header) => header,
            None => Header::parse(header)?,
        };
        Ok(Self { header, signing_input, payload, signature })
    }

    /// Returns the header, of which nothing is verified yet.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Verifies the token: chooses the key by `kid`, compares `alg` with the key's, refuses `crit`
    /// and `b64`, and checks the signature; in this order. No claim is checked.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownKey`], [`Error::AlgorithmMismatch`], [`Error::UnsupportedCritical`] or
    /// [`Error::Malformed`] (a `crit` of the wrong shape), [`Error::InvalidSignature`].
    pub fn verify(&self, keys: &(impl Keys + ?Sized)) -> Result<VerifiedToken<'t>, Error> {
        self.clone().into_verified(keys)
    }

    /// As [`verify`](Self::verify), without a copy of the header.
    #[inline]
    pub(crate) fn into_verified(
        self,
        keys: &(impl Keys + ?Sized),
    ) -> Result<VerifiedToken<'t>, Error> {
        let signed = Signed {
            signing_input: self.signing_input.as_bytes(),
            signature: self.signature.as_bytes(),
        };
        let verified = keys.check(&self.header, signed)?;
        Ok(VerifiedToken { header: self.header, payload: self.payload, issuers: verified.issuers })
    }

    /// The claims, of which nothing is verified: for `dangerous` only.
    pub(crate) fn unverified_claims<C: DeserializeOwned>(&self) -> Result<C, Error> {
        with_payload(self.payload, |bytes| payload::read(bytes, Wanted::default(), |_| Ok(())))
    }
}

impl fmt::Debug for UnverifiedToken<'_> {
    /// Shows the header only: whoever has the whole token can use it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedToken").field("header", &self.header).finish_non_exhaustive()
    }
}

impl fmt::Debug for VerifiedToken<'_> {
    /// Shows the header only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedToken").field("header", &self.header).finish_non_exhaustive()
    }
}

/// A token whose signature is right. It may still be expired or meant for another service:
/// [`claims`](VerifiedToken::claims) checks that.
#[derive(Clone)]
pub struct VerifiedToken<'t> {
    header: Header,
    payload: &'t str,
    /// The issuers whose tokens the key may verify, if it is bound to one.
    issuers: Option<Arc<[String]>>,
}

impl VerifiedToken<'_> {
    /// Returns the header, as it was signed.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the payload: any bytes, as [`sign`](crate::sign) takes them.
    ///
    /// **Nothing of it is checked** but the signature. It may be no JSON at all, be expired, or have
    /// a name twice, of which most parsers keep the last. Use [`claims`](Self::claims) for a JWT:
    ///
    /// ```
    /// use jwt_codec::{Header, Key, UnverifiedToken, Validation, sign};
    /// use serde_json::Value;
    ///
    /// let key = Key::hs256(b"at least 32 bytes, better random")?;
    /// let token = sign(&Header::new(), br#"{"sub":"ada","exp":1,"sub":"root"}"#, &key)?;
    ///
    /// let verified = UnverifiedToken::parse(&token)?.verify(&key)?;
    /// let by_hand: Value = serde_json::from_slice(&verified.payload()?).unwrap();
    /// assert_eq!(by_hand["sub"], "root"); // and long expired
    /// let error = verified.claims::<Value>(&Validation::new()).unwrap_err();
    /// assert_eq!(error.code(), "malformed");
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if the payload is not base64url in its canonical encoding.
    pub fn payload(&self) -> Result<Vec<u8>, Error> {
        let mut buffer = Vec::new();
        let len = decode_payload(self.payload, &mut buffer)?.len();
        buffer.truncate(len);
        Ok(buffer)
    }

    /// Checks the claims with the policy, and reads them.
    ///
    /// # Errors
    ///
    /// Those of [`decode`](crate::decode()) that concern the payload and the claims.
    pub fn claims<C: DeserializeOwned>(
        &self,
        validation: &Validation,
    ) -> Result<TokenData<C>, Error> {
        self.clone().into_claims(validation)
    }

    #[inline]
    pub(crate) fn into_claims<C: DeserializeOwned>(
        self,
        validation: &Validation,
    ) -> Result<TokenData<C>, Error> {
        let claims = with_payload(self.payload, |bytes| self.read(bytes, validation))?;
        Ok(TokenData { header: self.header, claims })
    }

    #[inline]
    pub(crate) fn into_borrowed_claims<'b, C: Deserialize<'b>>(
        self,
        validation: &Validation,
        buffer: &'b mut Vec<u8>,
    ) -> Result<TokenData<C>, Error> {
        let claims = self.read(decode_payload(self.payload, buffer)?, validation)?;
        Ok(TokenData { header: self.header, claims })
    }

    #[inline]
    fn read<'p, C: Deserialize<'p>>(
        &self,
        bytes: &'p [u8],
        validation: &Validation,
    ) -> Result<C, Error> {
        payload::read(bytes, validation.wanted(), |seen| {
            validation.check(&self.header, seen, self.issuers.as_ref())
        })
    }
}

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

/// Decodes the payload, on the stack if it is small.
#[inline]
fn with_payload<T>(text: &str, read: impl FnOnce(&[u8]) -> Result<T, Error>) -> Result<T, Error> {
    let (mut stack, mut heap);
    let capacity = base64url::decoded_capacity(text.len());
    let buffer: &mut [u8] = if capacity <= STACK_PAYLOAD {
        stack = [0; STACK_PAYLOAD];
        &mut stack
    } else {
        heap = vec![0; capacity];
        &mut heap
    };
    read(base64url::decode(text.as_bytes(), buffer).map_err(malformed(Segment::Payload))?)
}

/// Decodes the payload into the buffer, which grows as needed.
#[inline]
fn decode_payload<'b>(text: &str, buffer: &'b mut Vec<u8>) -> Result<&'b [u8], Error> {
    buffer.clear();
    buffer.resize(base64url::decoded_capacity(text.len()), 0);
    base64url::decode(text.as_bytes(), buffer).map_err(malformed(Segment::Payload))
}

fn malformed(segment: Segment) -> impl Fn(base64url::Defect) -> Error {
    move |defect| Error::malformed(segment, defect.into())
}

/// Counts dots in parts whose count fits a byte, for which the compiler uses vectors: a microsecond
/// for 64 KiB.
#[cold]
fn segment_count(token: &str) -> Error {
    let dots = |part: &[u8]| part.iter().map(|&byte| u8::from(byte == b'.')).sum::<u8>();
    let found =
        token.as_bytes().chunks(usize::from(u8::MAX)).map(dots).map(usize::from).sum::<usize>();
    Error::malformed(Segment::Token, Reason::SegmentCount { found: found.saturating_add(1) })
}

/// The common mistake that the text as a whole shows, if it shows one.
#[cold]
fn pasted(token: &str) -> Option<Error> {
    let is_space = |c: char| c.is_whitespace() || c == '\u{feff}';
    let trimmed = token.trim_matches(is_space);
    let bearer = trimmed.split_at_checked("Bearer".len()).is_some_and(|(scheme, rest)| {
        scheme.eq_ignore_ascii_case("Bearer") && rest.starts_with(is_space)
    });
    let reason = if trimmed.is_empty() {
        Reason::Empty
    } else if ["undefined", "null", "None", "nil", "[object Object]"].contains(&trimmed) {
        Reason::Placeholder { text: trimmed.to_owned() }
    } else if bearer {
        Reason::Bearer
    } else if trimmed.starts_with(['"', '\'']) {
        Reason::Quoted
    } else if trimmed.len() < token.len() {
        Reason::WhiteSpace
    } else {
        return None;
    };
    Some(Error::malformed(Segment::Token, reason))
}
