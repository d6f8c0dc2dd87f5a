//! What went wrong: facts, as a log needs them. What to do about it is in `hint.rs`.

mod display;
mod encode_defect;
mod excerpt;
mod hint;
mod json_type;
mod key_defect;
mod malformed;
mod requirement;

use alloc::{
    boxed::Box,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use core::{fmt, str::FromStr, time::Duration};

use crate::{
    algorithm::Algorithm,
    claims::{name::Claim, numeric_date::NumericDate},
};

use self::excerpt::shorten;
pub(crate) use self::excerpt::{excerpt, excerpt_beside};
#[cfg(feature = "public-keys")]
pub use self::key_defect::KeyKind;
pub use self::{
    encode_defect::EncodeDefect,
    json_type::JsonType,
    key_defect::KeyDefect,
    malformed::{Reason, Segment},
    requirement::Requirement,
};

/// Why a token, a key or a set of claims was rejected.
///
/// Each variant carries the facts: which segment and why, which claim, what was expected and what came.
/// It never carries the token, a key or unbounded text of the sender: a quoted name is cut at 64 characters,
/// and so is the message of a parser, in its middle. So the text is safe to log. Do not show it to
/// clients: it may name what the policy expects, and it advises developers.
///
/// [`code`](Error::code) is stable. Use it in metrics, and to tell errors apart outside of Rust.
///
/// `Display` writes what is wrong, and then what to do about it:
///
/// ```
/// use jwt_codec::{Error, Key};
///
/// let error = Key::hs256("too short").unwrap_err();
/// assert_eq!(error.code(), "weak_key");
/// assert_eq!(
///     error.to_string(),
///     "the key of 9 bytes is too short for HS256; use at least 32 random bytes"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The token is longer than the limit. Nothing of it was read.
    TokenTooLong {
        /// Length of the token, in bytes.
        len: usize,
        /// The limit, in bytes.
        max: usize,
    },

    /// The token is not a JWS in compact form (RFC 7515 §7.1) whose payload is a JWT's (RFC 7519 §7.2).
    Malformed {
        /// The segment that is malformed.
        segment: Segment,
        /// What is wrong with it.
        reason: Reason,
    },

    /// The header's `alg` is not the algorithm of the key (RFC 8725 §3.1).
    AlgorithmMismatch {
        /// The key's algorithm. `None` if several keys may verify the token.
        expected: Option<Algorithm>,
        /// The header's `alg`, cut at 64 characters.
        found: String,
    },

    /// The header demands an extension with `crit` or `b64`, and this crate supports none
    /// (RFC 7515 §4.1.11, RFC 7797).
    UnsupportedCritical {
        /// The first name that `crit` lists, or `b64`; cut at 64 characters.
        name: String,
    },

    /// The text is not the name of an algorithm that this build supports.
    UnknownAlgorithm {
        /// The text, cut at 64 characters.
        name: String,
    },

    /// The header's `typ` is not one that the policy accepts (RFC 8725 §3.11).
    UnexpectedType {
        /// The types that the policy accepts.
        expected: Arc<[String]>,
        /// The header's `typ`, cut at 64 characters.
        found: Option<String>,
    },

    /// No key can be tried for the header's `kid`, or for a token without one.
    UnknownKey {
        /// The header's `kid`, cut at 64 characters.
        kid: Option<String>,
        /// Why no key can be tried.
        reason: UnknownKeyReason,
    },

    /// The signature does not match: the token is forged, altered, or signed with another key.
    InvalidSignature,

    /// A claim is absent that the policy requires.
    MissingClaim {
        /// Name of the claim, cut at 64 characters.
        claim: String,
        /// The rule that requires it.
        required_by: Requirement,
    },

    /// A registered claim has a JSON type that RFC 7519 §4.1 does not allow for it.
    InvalidClaimType {
        /// The claim.
        claim: Claim,
        /// The type that RFC 7519 requires, in words.
        expected: &'static str,
        /// The JSON type that it has.
        found: JsonType,
    },

    /// A claim does not have the value that the policy requires, or is there although the policy
    /// forbids it.
    InvalidClaim {
        /// Name of the claim, cut at 64 characters.
        claim: String,
        /// The rule that rejects it.
        rule: Requirement,
    },

    /// The time is not before `exp` plus the leeway (RFC 7519 §4.1.4).
    Expired {
        /// When the token expired, a fraction rounded up.
        exp: NumericDate,
        /// The time of the check.
        now: NumericDate,
    },

    /// The time is before `nbf` (RFC 7519 §4.1.5), or before `iat` where
    /// [`Validation::max_age`](crate::Validation::max_age) or
    /// [`max_lifetime`](crate::Validation::max_lifetime) checks it.
    NotYetValid {
        /// [`Claim::NotBefore`] or [`Claim::IssuedAt`].
        claim: Claim,
        /// That claim's value.
        not_before: NumericDate,
        /// The time of the check.
        now: NumericDate,
    },

    /// The token was issued longer ago than
    /// [`Validation::max_age`](crate::Validation::max_age) allows.
    TooOld {
        /// When the token was issued, a fraction rounded down.
        iat: NumericDate,
        /// The time of the check.
        now: NumericDate,
        /// The age that is allowed.
        max_age: Duration,
    },

    /// From `iat` to `exp` is longer than
    /// [`Validation::max_lifetime`](crate::Validation::max_lifetime) allows. The code is `too_old`, as
    /// for [`Error::TooOld`].
    LifetimeTooLong {
        /// When the token was issued, a fraction rounded down.
        iat: NumericDate,
        /// When the token expires, a fraction rounded up.
        exp: NumericDate,
        /// The lifetime that is allowed.
        max_lifetime: Duration,
    },

    /// `iss` is not an issuer that the policy accepts, or not one that the key is bound to.
    InvalidIssuer {
        /// The issuers that are accepted.
        expected: Arc<[String]>,
        /// The token's issuer, cut at 64 characters: at its start if only its end differs.
        found: String,
    },

    /// The token is for another service: no member of `aud` is one that the policy accepts, or the
    /// policy names no audience and the token has one (RFC 7519 §4.1.3).
    InvalidAudience {
        /// The audiences that are accepted. Empty if the policy names none.
        expected: Arc<[String]>,
        /// The token's first eight audiences, each cut at 64 characters.
        found: Vec<String>,
    },

    /// `sub` is not the subject that the policy requires.
    InvalidSubject {
        /// The subject that is required.
        expected: String,
        /// The token's subject, cut at 64 characters. `None` if it is not a string.
        found: Option<String>,
    },

    /// The claims do not fit the caller's type. The token is genuine and its registered claims are
    /// right, except after [`dangerous::decode_unverified`](crate::dangerous::decode_unverified).
    ClaimsMismatch {
        /// The message of the type, in at most 64 characters.
        message: String,
    },

    /// The secret is shorter than the output of the hash function (RFC 7518 §3.2), or the RSA modulus
    /// has fewer than 2048 bits (§3.3).
    WeakKey {
        /// The algorithm of the key.
        algorithm: Algorithm,
        /// Length of the secret in bytes, or of an RSA modulus in bits.
        len: usize,
        /// The least that is allowed, in the same unit.
        min: usize,
    },

    /// The key cannot be used, or does not fit the set that it was added to.
    InvalidKey {
        /// What is wrong with it. It quotes nothing of the key.
        defect: KeyDefect,
    },

    /// The claims or the header cannot be written as a token.
    Encode {
        /// What is wrong with them.
        defect: EncodeDefect,
    },
}

/// Why no key can be tried for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownKeyReason {
    /// No key has the id that the token names, and every key has an id.
    NoSuchId,
    /// The token names no key, and [`KeySet::require_kid`](crate::KeySet::require_kid) requires a `kid`.
    KidRequired,
    /// The set has no key.
    EmptySet {
        /// The number of keys of its JWK Set that were skipped; see
        /// [`KeySet::skipped`](crate::KeySet::skipped).
        skipped: usize,
    },
    /// The key of that id was skipped when its JWK Set was read.
    Skipped {
        /// Why it cannot be used.
        error: Box<Error>,
    },
}

impl Error {
    /// Returns the stable code of this error: lower-case words joined by `_`.
    ///
    /// ```
    /// use jwt_codec::{NumericDate, Error};
    ///
    /// let (exp, now) = (NumericDate::from_secs(10), NumericDate::from_secs(11));
    /// assert_eq!(Error::Expired { exp, now }.code(), "expired");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TokenTooLong { .. } => "token_too_long",
            Self::Malformed { .. } => "malformed",
            Self::AlgorithmMismatch { .. } => "algorithm_mismatch",
            Self::UnsupportedCritical { .. } => "unsupported_critical",
            Self::UnknownAlgorithm { .. } => "unknown_algorithm",
            Self::UnexpectedType { .. } => "unexpected_type",
            Self::UnknownKey { .. } => "unknown_key",
            Self::InvalidSignature => "invalid_signature",
            Self::MissingClaim { .. } => "missing_claim",
            Self::InvalidClaimType { .. } => "invalid_claim_type",
            Self::InvalidClaim { .. } => "invalid_claim",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::TooOld { .. } | Self::LifetimeTooLong { .. } => "too_old",
            Self::InvalidIssuer { .. } => "invalid_issuer",
            Self::InvalidAudience { .. } => "invalid_audience",
            Self::InvalidSubject { .. } => "invalid_subject",
            Self::ClaimsMismatch { .. } => "claims_mismatch",
            Self::WeakKey { .. } => "weak_key",
            Self::InvalidKey { .. } => "invalid_key",
            Self::Encode { .. } => "encode",
        }
    }

    /// Returns whether the signature is right and `exp` has passed.
    ///
    /// Issuer, audience, subject and `typ` are checked after `exp`, so they were not checked. Rely on
    /// nothing in the token.
    ///
    /// ```
    /// use jwt_codec::{Error, NumericDate};
    ///
    /// let (exp, now) = (NumericDate::from_secs(10), NumericDate::from_secs(11));
    /// assert!(Error::Expired { exp, now }.is_expired());
    /// assert!(!Error::InvalidSignature.is_expired());
    /// ```
    #[must_use]
    pub fn is_expired(&self) -> bool {
        matches!(self, Self::Expired { .. })
    }

    pub(crate) fn malformed(segment: Segment, reason: Reason) -> Self {
        Self::Malformed { segment, reason }
    }

    pub(crate) fn invalid_key(defect: KeyDefect) -> Self {
        Self::InvalidKey { defect }
    }

    pub(crate) fn claims_mismatch(error: &serde_json::Error) -> Self {
        Self::ClaimsMismatch { message: shorten(&error.to_string()) }
    }

    pub(crate) fn encode(defect: EncodeDefect) -> Self {
        Self::Encode { defect }
    }

    pub(crate) fn unserializable(error: &impl fmt::Display) -> Self {
        Self::Encode { defect: EncodeDefect::Serialize { message: shorten(&error.to_string()) } }
    }
}

impl core::error::Error for Error {}

impl FromStr for Algorithm {
    type Err = Error;

    /// Reads the name of an algorithm. The comparison is case-sensitive.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownAlgorithm`] for any other text.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::from_name(name).ok_or_else(|| Error::UnknownAlgorithm { name: excerpt(name) })
    }
}
