//! A token split into its segments (RFC 7515 §7.1), before and after its signature was checked.

use alloc::{vec, vec::Vec};
use core::fmt;

use serde::de::DeserializeOwned;

use crate::{
    base64url,
    error::{Error, Reason, Segment},
    header::{self, Header},
    key::Key,
    key_set::{Candidates, Keys},
    payload::{self, Seen},
    validation::{DEFAULT_MAX_TOKEN_LEN, Validation},
};

/// A payload of up to so many bytes is decoded on the stack.
const STACK_PAYLOAD: usize = 1024;

/// Most payloads are no longer than this: for them there is less of the stack to clear.
const SHORT_PAYLOAD: usize = 256;

/// A token of which only the shape of its header was looked at. There is no way from here to the
/// claims but through [`verify`](UnverifiedToken::verify).
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
    /// The first two segments with the dot between them: what is signed.
    signing_input: &'t str,
    payload: &'t str,
    signature: &'t str,
}

impl<'t> UnverifiedToken<'t> {
    /// Splits a token of at most 65 536 bytes and reads its header. No signature is checked.
    ///
    /// # Errors
    ///
    /// [`Error::TokenTooLong`], and [`Error::Malformed`] if it is not three segments joined by
    /// dots or the header is not as RFC 7515 §4 wants it.
    pub fn parse(token: &'t str) -> Result<Self, Error> {
        Self::read(token, DEFAULT_MAX_TOKEN_LEN, |_| None)
    }

    /// As [`parse`](Self::parse), but with a limit, and with a way to know a header by its text.
    #[inline]
    pub(crate) fn read(
        token: &'t str,
        max_len: usize,
        known_header: impl FnOnce(&str) -> Option<Header>,
    ) -> Result<Self, Error> {
        if token.len() > max_len {
            return Err(Error::TokenTooLong { len: token.len(), max: max_len });
        }
        let (signing_input, [header, payload, signature]) =
            split(token).ok_or(Error::malformed(Segment::Token, Reason::SegmentCount))?;
        header::check_len(header)?;
        let header = match known_header(header) {
            Some(header) => header,
            None => Header::parse(header)?,
        };
        Ok(Self { header, signing_input, payload, signature })
    }

    /// The header, of which nothing is verified yet.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Chooses the key by `kid`, holds `alg` against it, refuses `crit` and `b64`, and checks the
    /// signature in constant time; in this order.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownKey`], [`Error::AlgorithmMismatch`], [`Error::UnsupportedCritical`] or
    /// [`Error::Malformed`] (a `crit` of the wrong shape), [`Error::InvalidSignature`].
    pub fn verify(&self, keys: &impl Keys) -> Result<VerifiedToken<'t>, Error> {
        self.check(None, keys)?;
        Ok(VerifiedToken { header: self.header.clone(), payload: self.payload })
    }

    /// As [`verify`](Self::verify), without a copy of the header, and without choosing a key if it
    /// is known that this one writes the header.
    #[inline]
    pub(crate) fn into_verified(
        self,
        writer: Option<&Key>,
        keys: &impl Keys,
    ) -> Result<VerifiedToken<'t>, Error> {
        self.check(writer, keys)?;
        Ok(VerifiedToken { header: self.header, payload: self.payload })
    }

    #[inline]
    fn check(&self, writer: Option<&Key>, keys: &impl Keys) -> Result<(), Error> {
        let candidates = match writer {
            Some(key) => Candidates::one(key, &self.header)?,
            None => keys.choose(&self.header)?,
        };
        self.header.check_critical()?;
        if candidates.any_verifies(self.signing_input, self.signature) {
            Ok(())
        } else {
            Err(Error::InvalidSignature)
        }
    }

    /// Takes the signature for right, unseen: for `dangerous` alone.
    pub(crate) fn trust_without_check(self) -> VerifiedToken<'t> {
        VerifiedToken { header: self.header, payload: self.payload }
    }
}

impl fmt::Debug for UnverifiedToken<'_> {
    /// The header alone: whoever has the token whole can use it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedToken").field("header", &self.header).finish_non_exhaustive()
    }
}

impl fmt::Debug for VerifiedToken<'_> {
    /// The header alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedToken").field("header", &self.header).finish_non_exhaustive()
    }
}

/// A token whose signature is right. Its claims may still be expired or meant for somebody else:
/// [`claims`](VerifiedToken::claims) checks that.
#[derive(Clone)]
pub struct VerifiedToken<'t> {
    header: Header,
    payload: &'t str,
}

impl VerifiedToken<'_> {
    /// The header, as it was signed.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The payload: any bytes, as [`sign`](crate::sign) takes them. No claim is checked.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if the payload is not base64url in its canonical spelling.
    pub fn payload(&self) -> Result<Vec<u8>, Error> {
        let mut buffer = Vec::new();
        let len = decode_payload(self.payload, &mut buffer)?.len();
        buffer.truncate(len);
        Ok(buffer)
    }

    /// The claims, once they satisfy the policy.
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
        let required = validation.required_custom();
        let check = |seen: &Seen<'_>| validation.check(&self.header, seen);
        let claims = self.with_payload(|bytes| payload::read(bytes, required, check))?;
        Ok(TokenData { header: self.header, claims })
    }

    #[inline]
    pub(crate) fn into_borrowed_claims<'b, C: serde::Deserialize<'b>>(
        self,
        validation: &Validation,
        buffer: &'b mut Vec<u8>,
    ) -> Result<TokenData<C>, Error> {
        let bytes = decode_payload(self.payload, buffer)?;
        let check = |seen: &Seen<'_>| validation.check(&self.header, seen);
        let claims = payload::read(bytes, validation.required_custom(), check)?;
        Ok(TokenData { header: self.header, claims })
    }

    pub(crate) fn into_unchecked_claims<C: DeserializeOwned>(self) -> Result<TokenData<C>, Error> {
        let claims = self.with_payload(|bytes| payload::read(bytes, &[], |_| Ok(())))?;
        Ok(TokenData { header: self.header, claims })
    }

    /// Decodes the payload on the stack if it is small.
    #[inline]
    fn with_payload<T>(&self, read: impl FnOnce(&[u8]) -> Result<T, Error>) -> Result<T, Error> {
        let (mut short, mut longer, mut heap);
        let capacity = base64url::decoded_capacity(self.payload.len());
        let buffer: &mut [u8] = if capacity <= SHORT_PAYLOAD {
            short = [0; SHORT_PAYLOAD];
            &mut short
        } else if capacity <= STACK_PAYLOAD {
            longer = [0; STACK_PAYLOAD];
            &mut longer
        } else {
            heap = vec![0; capacity];
            &mut heap
        };
        read(base64url::decode(self.payload, buffer).map_err(malformed_payload)?)
    }
}

/// Decodes the payload into the buffer, which grows as needed.
#[inline]
fn decode_payload<'b>(text: &str, buffer: &'b mut Vec<u8>) -> Result<&'b [u8], Error> {
    buffer.clear();
    buffer.resize(base64url::decoded_capacity(text.len()), 0);
    base64url::decode(text, buffer).map_err(malformed_payload)
}

fn malformed_payload(offset: usize) -> Error {
    Error::malformed(Segment::Payload, Reason::Base64url { offset })
}

/// The signing input and the three segments, if two dots and no more stand between them.
#[inline]
fn split(token: &str) -> Option<(&str, [&str; 3])> {
    let (header, rest) = split_at_dot(token)?;
    let (payload, signature) = split_at_dot(rest)?;
    if split_at_dot(signature).is_some() {
        return None;
    }
    let behind = signature.len().checked_add(1)?;
    let signing_input = token.get(..token.len().checked_sub(behind)?)?;
    Some((signing_input, [header, payload, signature]))
}

/// What stands before the first dot and behind it. Whole blocks without a dot are passed over, for
/// which the compiler uses vectors: a microsecond for 64 KiB of anything.
fn split_at_dot(text: &str) -> Option<(&str, &str)> {
    const BLOCK: usize = 32;

    let is_dot = |&byte: &u8| byte == b'.';
    let has_dot =
        |block: &[u8; BLOCK]| block.iter().fold(0, |any, byte| any | u8::from(is_dot(byte))) != 0;
    let (blocks, _) = text.as_bytes().as_chunks();
    let passed = blocks.iter().take_while(|block| !has_dot(block)).count().saturating_mul(BLOCK);
    let rest = text.as_bytes().get(passed..)?;
    let dot = rest.iter().position(is_dot)?.saturating_add(passed);
    Some((text.get(..dot)?, text.get(dot.saturating_add(1)..)?))
}

/// A token's header and claims, after every check.
///
/// What the policy does not check is merely signed: that the issuer wrote it is all that is known.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias = "Payload")]
pub struct TokenData<C> {
    /// The header.
    pub header: Header,
    /// The claims.
    pub claims: C,
}
