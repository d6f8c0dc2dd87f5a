//! The steps of a decode as types: a token before and after its signature was verified.

use alloc::{string::String, vec::Vec};
use core::fmt;

use serde::de::DeserializeOwned;

use crate::{
    claims::read_issuer,
    decode::{TokenData, decode_payload, read_claims, utf8, verify, with_payload},
    error::Error,
    header::Header,
    keys::{BoundIssuers, Keys},
    segments::Segments,
    validation::{DEFAULT_MAX_TOKEN_LEN, Validation},
};

/// A token of which nothing is verified. Its claims can be read only after
/// [`verify`](UnverifiedToken::verify).
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
    segments: Segments<'t>,
}

impl<'t> UnverifiedToken<'t> {
    /// Splits a token of at most 65 536 bytes, reads its header and decodes its signature. Nothing
    /// is verified.
    ///
    /// # Errors
    ///
    /// [`Error::TokenTooLong`], and [`Error::Malformed`] if the token does not have three segments
    /// joined by dots, if the signature is not base64url, or if the header is not as RFC 7515 §4
    /// requires it.
    pub fn parse(token: &'t str) -> Result<Self, Error> {
        Self::parse_with_max_len(token, DEFAULT_MAX_TOKEN_LEN)
    }

    /// Parses a token as [`parse`](Self::parse) does, of at most `max_len` bytes. The header may have
    /// 8192 bytes, or an eighth of `max_len` if that is more.
    ///
    /// # Errors
    ///
    /// The errors of [`parse`](Self::parse).
    pub fn parse_with_max_len(token: &'t str, max_len: usize) -> Result<Self, Error> {
        let segments = Segments::split(token, max_len)?;
        Ok(Self { header: segments.parse_header()?, segments })
    }

    /// Returns the header, of which nothing is verified yet.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the claim `iss` **without verifying anything**: anybody can write one. Use it to choose
    /// the key or the [`Verifier`](crate::Verifier) that verifies the token, and decide nothing else by
    /// it. Returns `None` if the token has no `iss`.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use jwt_codec::{Key, UnverifiedToken, Validation, Verifier, encode};
    /// use serde_json::{Value, json};
    ///
    /// let key = Key::hs256(b"at least 32 bytes, better random")?;
    /// let issuer = "https://login.example";
    /// let verifier = Verifier::new(key.clone(), Validation::new().issuer(issuer));
    /// let verifiers = HashMap::from([(issuer, verifier)]);
    ///
    /// let token = encode(&json!({ "iss": issuer, "exp": 4_102_444_800_i64 }), &key)?;
    /// let hint = UnverifiedToken::parse(&token)?.issuer_hint()?;
    /// let verifier = hint.and_then(|issuer| verifiers.get(issuer.as_str())).expect("a known issuer");
    /// assert!(verifier.decode::<Value>(&token).is_ok());
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if the payload is not a JSON object as [`decode`](crate::decode()) reads it,
    /// and [`Error::InvalidClaimType`] if `iss` is not a string.
    pub fn issuer_hint(&self) -> Result<Option<String>, Error> {
        with_payload(self.segments.payload, |payload| read_issuer(utf8(payload)?))
    }

    /// Verifies the token: chooses the key by `kid`, compares `alg` with the key's, rejects `crit`
    /// and `b64`, and verifies the signature, in this order. No claim is checked.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownKey`], [`Error::AlgorithmMismatch`], [`Error::UnsupportedCritical`] or
    /// [`Error::Malformed`] (a `crit` of the wrong shape), [`Error::InvalidSignature`].
    pub fn verify(&self, keys: &(impl Keys + ?Sized)) -> Result<VerifiedToken<'t>, Error> {
        VerifiedToken::new(&self.segments, keys)
    }

    /// The payload segment, of which nothing is verified: for `dangerous` only.
    pub(crate) fn payload_segment(&self) -> &'t str {
        self.segments.payload
    }
}

impl fmt::Debug for UnverifiedToken<'_> {
    /// Shows the header only: whoever has the whole token can use it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedToken").field("header", &self.header).finish_non_exhaustive()
    }
}

/// A token whose signature is right. It may still be expired or meant for another service:
/// [`claims`](VerifiedToken::claims) checks that.
#[derive(Clone)]
pub struct VerifiedToken<'t> {
    header: Header,
    payload: &'t str,
    key_issuers: BoundIssuers,
}

impl<'t> VerifiedToken<'t> {
    pub(crate) fn new(segments: &Segments<'t>, keys: &(impl Keys + ?Sized)) -> Result<Self, Error> {
        let (header, key_issuers) = verify(segments, keys)?;
        Ok(Self { header, payload: segments.payload, key_issuers })
    }

    /// Returns the header, as it was signed.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the payload: any bytes, as [`sign`](crate::sign) accepts them.
    ///
    /// **Nothing in it is checked** but the signature. It may not be JSON, may be expired, or may have
    /// duplicate names, of which most parsers keep the last. Use [`claims`](Self::claims) for a JWT:
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
    /// [`Error::Malformed`] if the payload is not canonical base64url.
    pub fn payload(&self) -> Result<Vec<u8>, Error> {
        let mut buffer = Vec::new();
        let len = decode_payload(self.payload, &mut buffer)?.len();
        buffer.truncate(len);
        Ok(buffer)
    }

    /// Validates the claims with the policy, and reads them.
    ///
    /// # Errors
    ///
    /// The errors of [`decode`](crate::decode()) that concern the payload and the claims.
    pub fn claims<C: DeserializeOwned>(
        &self,
        validation: &Validation,
    ) -> Result<TokenData<C>, Error> {
        let claims = with_payload(self.payload, |payload| {
            read_claims(payload, &self.header, &self.key_issuers, validation)
        })?;
        Ok(TokenData { header: self.header.clone(), claims })
    }
}

impl fmt::Debug for VerifiedToken<'_> {
    /// Shows the header only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedToken").field("header", &self.header).finish_non_exhaustive()
    }
}
