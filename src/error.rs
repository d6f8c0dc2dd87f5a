//! What went wrong, with the evidence that a log needs.

mod hint;
mod key_defect;

use alloc::{
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use core::{fmt, time::Duration};

use crate::{
    algorithm::Algorithm,
    base64url::Defect,
    claims::{Claim, NumericDate},
};

pub use self::key_defect::KeyDefect;
#[cfg(feature = "public-keys")]
pub use self::key_defect::KeyKind;

/// Why a token, a key or a set of claims was refused.
///
/// Each variant carries the evidence: which segment and why, which claim, what was expected and
/// what came. It never carries the token, a key or unbounded foreign text: a quoted name is cut at
/// 64 characters, the message of a parser in its middle. So the text is safe to log. Do not show it
/// to clients: it may name what the policy expects, and gives advice to developers.
///
/// [`code`](Error::code) is stable: use it in metrics, and to tell errors apart elsewhere.
///
/// ```
/// use jwt_codec::{Error, Key};
///
/// let error = Key::hs256("too short").unwrap_err();
/// assert_eq!(error.code(), "weak_key");
/// assert_eq!(
///     error.to_string(),
///     "key of 9 bytes is too short for HS256; use at least 32 random bytes"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The token is longer than the policy allows; nothing of it was read.
    #[error(
        "token of {len} bytes is longer than the {max} that are read; \
         `Validation::max_token_len` or `UnverifiedToken::parse_with_max_len` changes that"
    )]
    TokenTooLong {
        /// Length of the token, in bytes.
        len: usize,
        /// The most that was allowed, in bytes.
        max: usize,
    },

    /// The token is not a JWS in compact form (RFC 7515 §7.1) that holds a JWT (RFC 7519 §7.2).
    #[error("malformed {segment}: {reason}")]
    Malformed {
        /// The segment in which the defect lies.
        segment: Segment,
        /// The defect.
        reason: Reason,
    },

    /// The header's `alg` is not the algorithm that the key is for (RFC 8725 §3.1).
    #[error("token has alg {found:?}, {}; a token cannot choose how it is verified", expected_algorithm(*.expected))]
    AlgorithmMismatch {
        /// The key's algorithm; `None` for a key set in which no key is for `found`.
        expected: Option<Algorithm>,
        /// What the header said, cut at 64 characters.
        found: String,
    },

    /// The header demands an extension (`crit` or `b64`); this crate has none (RFC 7515 §4.1.11,
    /// RFC 7797).
    #[error("token requires the header extension {name:?}, which is not supported")]
    UnsupportedCritical {
        /// The first name that `crit` lists, or `b64`; cut at 64 characters.
        name: String,
    },

    /// The header's `typ` is not the one that the policy wants (RFC 8725 §3.11).
    #[error(
        "token has {}, expected {}; `Validation::typ` or `allow_any_typ` changes that",
        found_type(.found.as_deref()), quoted(.expected)
    )]
    UnexpectedType {
        /// What the policy accepts.
        expected: Arc<[String]>,
        /// What the header said, cut at 64 characters.
        found: Option<String>,
    },

    /// The header's `kid` names no key that was given, or it has none and
    /// [`KeySet::require_kid`](crate::KeySet::require_kid) wants one.
    #[error("{}", unknown_key(.kid.as_deref()))]
    UnknownKey {
        /// The header's `kid`, cut at 64 characters.
        kid: Option<String>,
    },

    /// The signature is not the one that the key gives: the token is forged, altered, or signed
    /// with another key.
    #[error("signature does not match: the token was altered or signed with another key")]
    InvalidSignature,

    /// A claim that the policy needs is not there.
    #[error("claim {claim:?} is missing; {}", missing_advice(.required_by))]
    MissingClaim {
        /// Name of the claim.
        claim: String,
        /// What requires it: the default policy, or a method such as `Validation::issuer`.
        required_by: &'static str,
    },

    /// A registered claim has a JSON type that RFC 7519 §4.1 does not allow for it.
    #[error("claim \"{claim}\" must be {expected}, not {found}{}", type_advice(*.claim, *.found))]
    InvalidClaimType {
        /// The claim.
        claim: Claim,
        /// What RFC 7519 wants, in words.
        expected: &'static str,
        /// The JSON type that came.
        found: JsonType,
    },

    /// A claim does not have the value that [`Validation::claim`](crate::Validation::claim) wants.
    #[error("claim {claim:?} does not have the value that `Validation::claim` requires")]
    InvalidClaim {
        /// Name of the claim, cut at 64 characters.
        claim: String,
    },

    /// The time is not before `exp` plus the leeway (RFC 7519 §4.1.4).
    #[error(
        "token expired {} s ago, at {exp}; it is now {now}; get a new one",
        .now.duration_since(*.exp).as_secs()
    )]
    Expired {
        /// When the token expired, a fraction rounded up.
        exp: NumericDate,
        /// The time at which it was checked.
        now: NumericDate,
    },

    /// The time is before `nbf` (RFC 7519 §4.1.5), or before `iat` where
    /// [`Validation::max_age`](crate::Validation::max_age) checks it.
    #[error(
        "token is not valid for another {} s, before its {claim} {not_before}; it is now {now}; \
         `Validation::leeway` allows for clocks that differ",
        .not_before.duration_since(*.now).as_secs()
    )]
    NotYetValid {
        /// [`Claim::NotBefore`] or [`Claim::IssuedAt`].
        claim: Claim,
        /// That claim's value.
        not_before: NumericDate,
        /// The time at which it was checked.
        now: NumericDate,
    },

    /// The token was issued longer ago than
    /// [`Validation::max_age`](crate::Validation::max_age) allows.
    #[error(
        "token was issued {} s ago, at {iat}; `Validation::max_age` allows {} s; it is now {now}",
        .now.duration_since(*.iat).as_secs(), .max_age.as_secs()
    )]
    TooOld {
        /// When the token was issued, a fraction rounded down.
        iat: NumericDate,
        /// The time at which it was checked.
        now: NumericDate,
        /// The age that was allowed.
        max_age: Duration,
    },

    /// From `iat` to `exp` is longer than
    /// [`Validation::max_lifetime`](crate::Validation::max_lifetime) allows. Its code is
    /// `too_old`, as that of [`Error::TooOld`].
    #[error(
        "token lives for {} s, from {iat} to {exp}; `Validation::max_lifetime` allows {} s",
        .exp.duration_since(*.iat).as_secs(), .max_lifetime.as_secs()
    )]
    LifetimeTooLong {
        /// When the token was issued, a fraction rounded down.
        iat: NumericDate,
        /// When the token expires, a fraction rounded up.
        exp: NumericDate,
        /// The span that was allowed.
        max_lifetime: Duration,
    },

    /// `iss` is none of the issuers that the policy accepts, or not the one that the key is bound to.
    #[error("token is from the issuer {found:?}, expected {}", quoted(.expected))]
    InvalidIssuer {
        /// The issuers that are accepted.
        expected: Arc<[String]>,
        /// The token's, cut at 64 characters.
        found: String,
    },

    /// The token is for somebody else: no member of `aud` is one that the policy accepts, or the
    /// policy names no audience while the token has one (RFC 7519 §4.1.3).
    #[error("token is for {}, {}", audiences(.found), expected_audiences(.expected))]
    InvalidAudience {
        /// The audiences that are accepted; empty if the policy names none.
        expected: Arc<[String]>,
        /// The token's first eight, each cut at 64 characters.
        found: Vec<String>,
    },

    /// `sub` is not the subject that the policy wants.
    #[error("token is about {}, expected {expected:?}", found_subject(.found.as_deref()))]
    InvalidSubject {
        /// The subject that is wanted.
        expected: String,
        /// The token's, cut at 64 characters; `None` if it is no string.
        found: Option<String>,
    },

    /// The claims do not fit the caller's type. But for
    /// [`dangerous::decode_unverified`](crate::dangerous::decode_unverified), the token is genuine
    /// and its registered claims are right.
    #[error("claims do not fit the type: {message}")]
    ClaimsMismatch {
        /// What the type said, with long text cut out of its middle.
        message: String,
    },

    /// The secret is shorter than the output of the hash function (RFC 7518 §3.2), or the RSA modulus
    /// has fewer than 2048 bits (§3.3).
    #[error("{}", weak_key(*.algorithm, *.len, *.min))]
    WeakKey {
        /// The algorithm that the key was meant for.
        algorithm: Algorithm,
        /// Length of the secret in bytes, or of an RSA modulus in bits.
        len: usize,
        /// The least that is allowed, in the same unit.
        min: usize,
    },

    /// The key or the set of keys cannot be used.
    #[error("invalid key: {defect}{}", advice(hint::for_key(.defect)))]
    InvalidKey {
        /// What is wrong with it.
        defect: KeyDefect,
    },

    /// The claims or the header cannot be written as a token.
    #[error("cannot encode: {reason}")]
    Encode {
        /// The defect.
        reason: String,
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
    /// Issuer, audience, subject and `typ` come after `exp`, so they were not checked. Rely on
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
        Self::ClaimsMismatch { message: ends(&error.to_string()) }
    }

    pub(crate) fn encode(reason: impl Into<String>) -> Self {
        Self::Encode { reason: reason.into() }
    }

    pub(crate) fn unserializable(error: &impl fmt::Display) -> Self {
        Self::Encode { reason: ends(&error.to_string()) }
    }
}

/// The part of a token that an error speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Segment {
    /// The whole text, before it is split.
    Token,
    /// What stands before the first dot.
    Header,
    /// What stands between the dots.
    Payload,
    /// What stands behind the second dot.
    Signature,
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token => "token",
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// What makes a segment malformed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The text is empty, or only white space.
    Empty,
    /// The text is what a program writes for a value that was never set, such as `undefined`.
    Placeholder {
        /// The text.
        text: String,
    },
    /// The text starts with `Bearer `: the whole header of a request was given.
    Bearer,
    /// The token is in quotes.
    Quoted,
    /// There is white space or a line end before or behind the token.
    WhiteSpace,
    /// Not exactly three segments (RFC 7515 §7.1).
    SegmentCount {
        /// How many there are.
        found: usize,
    },
    /// The header's text is longer than what is read.
    TooLong {
        /// Length of the text, in bytes.
        len: usize,
        /// The most that is read, in bytes.
        max: usize,
    },
    /// Not base64url without padding in its one canonical encoding (RFC 7515 §2).
    Base64url {
        /// Where in the segment's text, in bytes.
        offset: usize,
        /// The byte there, if it is none of base64url; otherwise characters are missing or were
        /// changed.
        byte: Option<u8>,
    },
    /// The bytes under the base64url are not UTF-8.
    Utf8 {
        /// Where in the decoded bytes.
        offset: usize,
    },
    /// The text under the base64url is JSON, but no object.
    NotAnObject {
        /// The JSON type that came.
        found: JsonType,
    },
    /// The text under the base64url is not JSON, or not JSON that can be read.
    Json {
        /// What the JSON parser said, with long text cut out of its middle.
        message: String,
    },
    /// A member name appears twice, with escapes or without (RFC 7515 §4, RFC 7519 §4).
    DuplicateName {
        /// The name, cut at 64 characters.
        name: String,
    },
    /// A member has a name that `serde_json` keeps for itself, and would not read as it is.
    ReservedName {
        /// The name, cut at 64 characters.
        name: String,
    },
    /// The header has no `alg` (RFC 7515 §4.1.1).
    MissingAlg,
    /// A header parameter has the wrong JSON type.
    ParameterType {
        /// Name of the parameter.
        name: &'static str,
        /// What it must be, in words.
        expected: &'static str,
        /// The JSON type that came.
        found: JsonType,
    },
    /// `crit` is empty or lists a name twice (RFC 7515 §4.1.11).
    Critical,
}

impl From<Defect> for Reason {
    fn from(defect: Defect) -> Self {
        Self::Base64url { offset: defect.offset, byte: defect.byte }
    }
}

impl Reason {
    pub(crate) fn json(error: &serde_json::Error) -> Self {
        Self::Json { message: ends(&error.to_string()) }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the text is empty, so no token came"),
            Self::Placeholder { text } => {
                write!(f, "the text is {text:?}, which a variable that was never set gives")
            }
            Self::Bearer => f.write_str("take off the \"Bearer \" in front of it"),
            Self::Quoted => f.write_str("take off the quotes around it"),
            Self::WhiteSpace => f.write_str("trim the white space or line end around it"),
            Self::SegmentCount { found: 5 } => f.write_str(
                "it has five segments: an encrypted token (JWE), which is not supported",
            ),
            Self::SegmentCount { found } => {
                write!(f, "a token has three segments joined by dots, this one has {found}")
            }
            Self::TooLong { len, max } => write!(f, "{len} bytes are more than the {max} read"),
            Self::Base64url { offset, byte } => {
                write!(
                    f,
                    "not base64url without padding at byte {offset}: {}",
                    base64_advice(*byte)
                )
            }
            Self::Utf8 { offset } => write!(f, "not UTF-8 at decoded byte {offset}"),
            Self::NotAnObject { found } => write!(f, "it must be a JSON object, not {found}"),
            Self::Json { message } => write!(f, "not readable as JSON: {message}"),
            Self::DuplicateName { name } => write!(f, "the name {name:?} appears twice"),
            Self::ReservedName { name } => write!(f, "the name {name:?} is reserved"),
            Self::MissingAlg => f.write_str("\"alg\" is missing"),
            Self::ParameterType { name, expected, found } => {
                write!(f, "\"{name}\" must be {expected}, not {found}")
            }
            Self::Critical => f.write_str("\"crit\" must list at least one name, each once"),
        }
    }
}

fn base64_advice(byte: Option<u8>) -> &'static str {
    match byte {
        None => "characters are missing or were changed",
        Some(b'=') => "remove the padding, \"=\"",
        Some(b'+' | b'/') => {
            "\"+\" and \"/\" are of the standard alphabet, base64url has \"-\" and \"_\""
        }
        Some(byte) if byte.is_ascii_whitespace() => "remove the white space or line end",
        Some(_) => "the byte is not of the alphabet",
    }
}

/// The type of a JSON value (RFC 8259 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JsonType {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for JsonType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

/// The most characters of foreign text that an error quotes.
const EXCERPT_CHARS: usize = 64;

/// The first [`EXCERPT_CHARS`] characters, the last of them `…` if something was cut off.
pub(crate) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT_CHARS) {
        None => text.into(),
        Some(_) => text.chars().take(EXCERPT_CHARS.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// A message of another crate, which may quote foreign text in its middle: both ends of it, short
/// enough that a foreign name of over [`EXCERPT_CHARS`] is cut. Nothing in it can pass for another
/// line of a log or turn the direction of the text.
fn ends(message: &str) -> String {
    const END: usize = EXCERPT_CHARS / 4 * 3;

    let unfit = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let fit = || message.chars().map(|c| if unfit(c) { char::REPLACEMENT_CHARACTER } else { c });
    let chars = message.chars().count();
    match chars.checked_sub(END) {
        Some(tail) if tail > END => fit().take(END).chain(['…']).chain(fit().skip(tail)).collect(),
        _ => fit().collect(),
    }
}

/// Shows by a function.
fn shown(show: impl Fn(&mut fmt::Formatter<'_>) -> fmt::Result) -> impl fmt::Display {
    struct Shown<F>(F);
    impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Shown<F> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (self.0)(f)
        }
    }
    Shown(show)
}

/// Advice, where there is some, after a fact.
fn advice(hint: Option<&'static str>) -> impl fmt::Display {
    shown(move |f| match hint {
        Some(hint) => write!(f, "; {hint}"),
        None => Ok(()),
    })
}

/// The texts in quotes, with `or` between them.
fn quoted(texts: &[String]) -> impl fmt::Display {
    joined(texts, " or ")
}

fn joined(texts: &[String], between: &'static str) -> impl fmt::Display {
    shown(move |f| {
        if texts.is_empty() {
            return f.write_str("none");
        }
        for (index, text) in texts.iter().enumerate() {
            if index > 0 {
                f.write_str(between)?;
            }
            write!(f, "{text:?}")?;
        }
        Ok(())
    })
}

fn expected_algorithm(expected: Option<Algorithm>) -> impl fmt::Display {
    shown(move |f| match expected {
        Some(algorithm) => write!(f, "and the key is for {algorithm}"),
        None => f.write_str("and no key of the set is for it"),
    })
}

fn weak_key(algorithm: Algorithm, len: usize, min: usize) -> impl fmt::Display {
    let (unit, wanted) = match algorithm.tag_len() {
        Some(_) => ("bytes", "random bytes"),
        None => ("bits", "bits"),
    };
    shown(move |f| {
        write!(f, "key of {len} {unit} is too short for {algorithm}; use at least {min} {wanted}")
    })
}

fn unknown_key(kid: Option<&str>) -> impl fmt::Display {
    shown(move |f| match kid {
        Some(kid) => write!(f, "no key has the id {kid:?} that the token names"),
        None => f.write_str("token names no key, and `KeySet::require_kid` requires a kid"),
    })
}

fn missing_advice(by: &'static str) -> impl fmt::Display {
    shown(move |f| match by {
        // It requires `exp` and no other claim.
        "the default policy" => {
            write!(
                f,
                "required by {by}; `Validation::allow_missing_exp` accepts a token without it"
            )
        }
        _ => write!(f, "required by `{by}`"),
    })
}

/// Which method of `Validation` accepts a claim of this type, if one does.
fn type_advice(claim: Claim, found: JsonType) -> &'static str {
    match (claim, found) {
        (_, JsonType::Null) => "; `Validation::allow_null_claims` takes null as absent",
        (Claim::Subject, _) => "; `Validation::allow_non_string_subject` accepts it",
        (Claim::JwtId, _) => "; `Validation::allow_non_string_id` accepts it",
        _ => "",
    }
}

fn found_type(found: Option<&str>) -> impl fmt::Display {
    shown(move |f| match found {
        Some(typ) => write!(f, "typ {typ:?}"),
        None => f.write_str("no typ"),
    })
}

fn found_subject(found: Option<&str>) -> impl fmt::Display {
    shown(move |f| match found {
        Some(subject) => write!(f, "{subject:?}"),
        None => f.write_str("a subject that is no string"),
    })
}

fn audiences(found: &[String]) -> impl fmt::Display {
    shown(move |f| match found {
        [] => f.write_str("no audience"),
        found => write!(f, "the audience {}", joined(found, " and ")),
    })
}

fn expected_audiences(expected: &[String]) -> impl fmt::Display {
    shown(move |f| match expected {
        [] => f.write_str(
            "and none is expected; name this service with `Validation::audience`, or accept any \
             with `ignore_audience`",
        ),
        expected => write!(f, "expected {}", quoted(expected)),
    })
}
