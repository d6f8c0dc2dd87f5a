//! Why a token of an issuer was rejected.

use std::time::Duration;

use jwt_codec::{Error, NumericDate};

/// Why a token was rejected, or cannot be judged now.
///
/// As [`jwt_codec::Error`], it never contains the token or a key, and its text is for logs, not for
/// clients. Answer 503 to [`KeysUnavailable`](Self::KeysUnavailable) and 401 to the others.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OidcError {
    /// The token breaks a rule that all JSON Web Tokens have.
    #[error(transparent)]
    Token(#[from] Error),

    /// The keys of the issuer are not there: no fetch has succeeded yet, or none for too long.
    #[error(
        "the keys of the issuer are not available; answer 503, and look at `Issuer::status` for the reason"
    )]
    KeysUnavailable,

    /// The ID token is also for an audience that the client does not trust
    /// (OpenID Connect Core 1.0 §3.1.3.7, rule 3).
    #[error(
        "the ID token is also for the audience {audience:?}; if that is right, use \
         `IdTokenVerifier::trust_audience`"
    )]
    UntrustedAudience {
        /// The audience, cut at 64 characters.
        audience: String,
    },

    /// The ID token was issued to another client (OpenID Connect Core 1.0 §3.1.3.7, rule 5).
    #[error(
        "the claim \"azp\" is neither this client nor a trusted audience: the ID token was issued to \
         another client"
    )]
    InvalidAzp,

    /// The ID token has no nonce, and the login had one
    /// (OpenID Connect Core 1.0 §3.1.3.7, rule 11).
    #[error("the claim \"nonce\" is missing, and the login was started with a nonce")]
    MissingNonce,

    /// The nonce is not the one of the login.
    #[error(
        "the claim \"nonce\" is not the nonce of this login: the ID token may be of another login"
    )]
    InvalidNonce,

    /// The token has a nonce, and must not have one.
    #[error(
        "the token has a nonce; for an ID token use `Login::with_nonce`, and reject a logout token"
    )]
    UnexpectedNonce,

    /// The user was not authenticated in the way that the login asked for
    /// (OpenID Connect Core 1.0 §3.1.3.7, rule 12).
    #[error("the claim \"acr\" is not {expected:?}, for which the login asked")]
    InvalidAcr {
        /// What the login asked for.
        expected: String,
    },

    /// The user was not authenticated recently (OpenID Connect Core 1.0 §3.1.3.7, rule 13).
    #[error(
        "{}, and `Login::max_age` allows {} s; it is now {now}; let the user log in again",
        authenticated(*.auth_time), .max_age.as_secs()
    )]
    AuthTooOld {
        /// When the user was authenticated; `None` if the claim is not a date.
        auth_time: Option<NumericDate>,
        /// The time at which the token was checked.
        now: NumericDate,
        /// The time that the login allows.
        max_age: Duration,
    },

    /// The ID token was issued with another access token (OpenID Connect Core 1.0 §3.1.3.8).
    #[error(
        "the claim \"at_hash\" is not the hash of the access token: they were not issued together"
    )]
    InvalidAtHash,

    /// The access token is bound to a key of its sender (RFC 9449, RFC 8705).
    #[error(
        "the access token is bound to a key of its sender by the claim \"cnf\", which is not checked \
         here; if the program checks it, use `AccessTokenVerifier::allow_sender_constrained`"
    )]
    SenderConstrained,

    /// The logout token has neither `sub` nor `sid` (Back-Channel Logout 1.0 §2.6).
    #[error("the logout token names neither a subject (\"sub\") nor a session (\"sid\")")]
    MissingSubject,

    /// The logout token does not say that it is one (Back-Channel Logout 1.0 §2.6).
    #[error(
        "the claim \"events\" has no back-channel logout event: the token is not a logout token"
    )]
    InvalidEvents,
}

impl OidcError {
    /// Returns the stable code of this error: one of [`jwt_codec::Error::code`], or one of this
    /// crate's.
    ///
    /// ```
    /// use jwt_codec_oidc::OidcError;
    ///
    /// assert_eq!(OidcError::KeysUnavailable.code(), "keys_unavailable");
    /// assert_eq!(OidcError::from(jwt_codec::Error::InvalidSignature).code(), "invalid_signature");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::KeysUnavailable => "keys_unavailable",
            Self::UntrustedAudience { .. } => "untrusted_audience",
            Self::InvalidAzp => "invalid_azp",
            Self::MissingNonce => "missing_nonce",
            Self::InvalidNonce => "invalid_nonce",
            Self::UnexpectedNonce => "unexpected_nonce",
            Self::InvalidAcr { .. } => "invalid_acr",
            Self::AuthTooOld { .. } => "auth_too_old",
            Self::InvalidAtHash => "invalid_at_hash",
            Self::SenderConstrained => "sender_constrained",
            Self::MissingSubject => "missing_subject",
            Self::InvalidEvents => "invalid_events",
        }
    }

    /// Returns whether the signature is right and `exp` has passed, as
    /// [`jwt_codec::Error::is_expired`] does.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        matches!(self, Self::Token(error) if error.is_expired())
    }
}

fn authenticated(auth_time: Option<NumericDate>) -> String {
    match auth_time {
        Some(time) => format!("the user was authenticated at {time}"),
        None => "the claim \"auth_time\" is not a date".into(),
    }
}
