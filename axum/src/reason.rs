//! Why a request is refused.

use std::{error, fmt};

use jwt_codec::Error;
#[cfg(feature = "oidc")]
use jwt_codec_oidc::OidcError;

/// Why a request is refused: [`Refusal::reason`](crate::Refusal::reason).
///
/// The extractors find some of these reasons. Others only your program can know: that a token was
/// [`Revoked`](Self::Revoked), or that it cannot be checked at the moment
/// ([`Unavailable`](Self::Unavailable)). [`Auth::refuse`](crate::Auth::refuse) makes a
/// [`Refusal`](crate::Refusal) of a reason.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// The request has no token. An `Authorization` header with another scheme counts as none.
    Missing,
    /// The request has more than one `Authorization` header, more than one cookie with that name, or
    /// not exactly one word after `Bearer`.
    Malformed,
    /// The token was rejected.
    Invalid(TokenError),
    /// The token is genuine, but it was revoked. The client receives the same answer as for
    /// [`Invalid`](Self::Invalid).
    Revoked,
    /// The token does not grant this scope (RFC 6749 §3.3). The answer names the scope, unless it
    /// is no scope by that grammar, as an empty string is not.
    Scope(&'static str),
    /// Another site made the browser send this request with its cookie.
    CrossSite,
    /// The token cannot be checked at the moment: the keys of its issuer are not available, or your
    /// program cannot find out whether the token was revoked.
    Unavailable,
}

/// Converts [`OidcError::KeysUnavailable`] into [`Unavailable`](Reason::Unavailable), and every other
/// error into [`Invalid`](Reason::Invalid). Needs the feature `oidc`.
#[cfg(feature = "oidc")]
impl From<OidcError> for Reason {
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::KeysUnavailable => Self::Unavailable,
            error => Self::Invalid(error.into()),
        }
    }
}

/// Why a token was rejected.
///
/// Its own text contains the [code](Self::code) and nothing of the token. The error that
/// [`source`](error::Error::source) returns is the [`jwt_codec::Error`] itself; its text may quote
/// claims, so it is for your log and not for the client. For a rule of access tokens alone, such as
/// the one on tokens that are bound to their sender, the source is the `OidcError`.
///
/// ```
/// use std::error::Error;
/// use jwt_codec_axum::TokenError;
///
/// let error = TokenError::from(jwt_codec::Error::InvalidSignature);
/// assert_eq!(error.code(), "invalid_signature");
/// assert_eq!(error.to_string(), "the token was rejected: invalid_signature");
/// let source = error.source().and_then(|source| source.downcast_ref());
/// assert_eq!(source, Some(&jwt_codec::Error::InvalidSignature));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TokenError(Cause);

#[derive(Debug, Clone, PartialEq)]
enum Cause {
    Core(Error),
    /// Never an [`OidcError::Token`].
    #[cfg(feature = "oidc")]
    Oidc(OidcError),
}

impl TokenError {
    /// Returns the stable code of the error, as [`jwt_codec::Error::code`] does, and with the feature
    /// `oidc` as `OidcError::code` does.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match &self.0 {
            Cause::Core(error) => error.code(),
            #[cfg(feature = "oidc")]
            Cause::Oidc(error) => error.code(),
        }
    }

    /// Returns whether the token has expired, as [`jwt_codec::Error::is_expired`] does. A token
    /// with a wrong signature is never expired.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        match &self.0 {
            Cause::Core(error) => error.is_expired(),
            #[cfg(feature = "oidc")]
            Cause::Oidc(error) => error.is_expired(),
        }
    }

    pub(crate) fn is_keys_unavailable(&self) -> bool {
        match &self.0 {
            Cause::Core(_) => false,
            #[cfg(feature = "oidc")]
            Cause::Oidc(error) => matches!(error, OidcError::KeysUnavailable),
        }
    }
}

impl From<Error> for TokenError {
    fn from(error: Error) -> Self {
        Self(Cause::Core(error))
    }
}

/// Keeps the [`jwt_codec::Error`] where there is one. To refuse a request, convert the error into a
/// [`Reason`] instead, which is [`Unavailable`](Reason::Unavailable) if the keys are not available.
/// Needs the feature `oidc`.
#[cfg(feature = "oidc")]
impl From<OidcError> for TokenError {
    fn from(error: OidcError) -> Self {
        Self(match error {
            OidcError::Token(error) => Cause::Core(error),
            error => Cause::Oidc(error),
        })
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the token was rejected: {}", self.code())
    }
}

impl error::Error for TokenError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.0 {
            Cause::Core(error) => Some(error),
            #[cfg(feature = "oidc")]
            Cause::Oidc(error) => Some(error),
        }
    }
}
