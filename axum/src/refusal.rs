//! Why a request is not let in, and the answer to it.

use std::{error, fmt};

use axum_core::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use jwt_codec::Error;

use crate::realm;

/// Why a request is not let in. Its answer has the status and the challenge of RFC 6750 §3.
///
/// Extractors refuse with it, and handlers may too, for what only they know: that a token was
/// [`Revoked`](Self::Revoked), or that it cannot be found out now
/// ([`Unavailable`](Self::Unavailable)).
///
/// | refusal | status | `WWW-Authenticate` |
/// |---|---|---|
/// | `Missing` | 401 | `Bearer` |
/// | `Malformed` | 400 | `Bearer error="invalid_request"` |
/// | `Invalid`, `Revoked` | 401 | `Bearer error="invalid_token"` |
/// | `Scope` | 403 | `Bearer error="insufficient_scope", scope="…"` |
/// | `CrossSite` | 403 | |
/// | `Unavailable` | 503 | |
///
/// With [`Auth::realm`](crate::Auth::realm), `realm="…"` comes first in each of these headers. The
/// body is one line of plain text. Nothing of the token or its claims is in the answer, not even
/// whether the token has expired. For more, or for another form, see [`Refusal::with_body`].
///
/// ```
/// use axum::response::IntoResponse;
/// use jwt_codec_axum::Refusal;
///
/// let answer = Refusal::Scope("reports:read").into_response();
/// assert_eq!(answer.status(), 403);
/// assert_eq!(
///     answer.headers()["www-authenticate"],
///     r#"Bearer error="insufficient_scope", scope="reports:read""#,
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no token. An `Authorization` header of another scheme counts as none.
    Missing,
    /// There is more than one `Authorization` header, more than one cookie of the name, or not
    /// exactly one word after `Bearer`.
    Malformed,
    /// The token was refused. The error is for your log, not for the client.
    Invalid(Error),
    /// The token is genuine, but was revoked. The client gets the same answer as for
    /// [`Invalid`](Self::Invalid).
    Revoked,
    /// The token does not give this right, a scope of RFC 6750 §3. One that is no scope by that
    /// grammar, such as an empty one, is not named in the answer.
    Scope(&'static str),
    /// Another site made the browser send this request with its cookie.
    CrossSite,
    /// Whether the token is good cannot be found out now.
    Unavailable,
}

impl Refusal {
    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Missing | Self::Invalid(_) | Self::Revoked => StatusCode::UNAUTHORIZED,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Scope(_) | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The answer with your own body: the status and the challenge stay.
    ///
    /// ```
    /// use axum::{Json, response::{IntoResponse, Response}};
    /// use jwt_codec_axum::Refusal;
    /// use serde_json::json;
    ///
    /// /// The form in which this program answers errors.
    /// struct ApiError(Refusal);
    ///
    /// impl From<Refusal> for ApiError {
    ///     fn from(refusal: Refusal) -> Self {
    ///         Self(refusal)
    ///     }
    /// }
    ///
    /// impl IntoResponse for ApiError {
    ///     fn into_response(self) -> Response {
    ///         let error = match &self.0 {
    ///             Refusal::Invalid(error) if error.is_expired() => "expired",
    ///             Refusal::Invalid(_) | Refusal::Revoked => "invalid",
    ///             _ => "refused",
    ///         };
    ///         self.0.with_body(Json(json!({ "error": error })))
    ///     }
    /// }
    ///
    /// let answer = ApiError::from(Refusal::Revoked).into_response();
    /// assert_eq!(answer.status(), 401);
    /// assert_eq!(answer.headers()["content-type"], "application/json");
    /// assert_eq!(answer.headers()["www-authenticate"], r#"Bearer error="invalid_token""#);
    /// ```
    #[must_use]
    pub fn with_body(self, body: impl IntoResponse) -> Response {
        let challenge = self.challenge();
        let mut response = body.into_response();
        *response.status_mut() = self.status();
        if let Some(challenge) = challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }

    /// RFC 6750 §3.
    fn challenge(&self) -> Option<HeaderValue> {
        let realm = realm::take_over(self);
        let error = match self {
            Self::Missing => None,
            Self::Malformed => Some("invalid_request"),
            Self::Invalid(_) | Self::Revoked => Some("invalid_token"),
            Self::Scope(_) => Some("insufficient_scope"),
            Self::CrossSite | Self::Unavailable => return None,
        };
        let scope = match *self {
            Self::Scope(scope) if is_scope(scope) => Some(scope),
            _ => None,
        };
        let parameters = [
            realm.map(|realm| format!("realm={realm}")),
            error.map(|error| format!("error=\"{error}\"")),
            scope.map(|scope| format!("scope=\"{scope}\"")),
        ];
        let parameters: Vec<_> = parameters.into_iter().flatten().collect();
        // All that goes in is printable ASCII, so the bare scheme is never sent for want of better.
        let challenge = format!("Bearer {}", parameters.join(", "));
        HeaderValue::from_str(challenge.trim_end())
            .ok()
            .or(Some(HeaderValue::from_static("Bearer")))
    }

    /// Tells the log why, without a word of the token or its claims, which an error's own text may
    /// quote.
    pub(crate) fn log(&self) {
        match self {
            // Every browser that is not logged in.
            Self::Missing => tracing::debug!("refused: {self}"),
            // A genuine token that the program's own type does not take is a fault of the program.
            Self::Invalid(error @ Error::ClaimsMismatch { .. }) => {
                tracing::warn!(code = error.code(), "refused: {self}");
            }
            Self::Invalid(error) => tracing::info!(code = error.code(), "refused: {self}"),
            Self::Scope(scope) => tracing::info!(scope, "refused: {self}"),
            _ => tracing::info!("refused: {self}"),
        }
    }
}

/// `scope-token *( SP scope-token )` (RFC 6749 §3.3).
fn is_scope(scope: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| matches!(b, b'!' | b'#'..=b'[' | b']'..=b'~'))
    };
    scope.split(' ').all(word)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let text = self.to_string();
        self.with_body(text)
    }
}

impl fmt::Display for Refusal {
    /// Fit for the client: the same text for an invalid and a revoked token, and no details.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the request has no token",
            Self::Malformed => "the request does not have exactly one token",
            Self::Invalid(_) | Self::Revoked => "the token is not valid",
            Self::Scope(_) => "the token does not allow this",
            Self::CrossSite => "the request comes from another site",
            Self::Unavailable => "the token cannot be checked now",
        })
    }
}

impl error::Error for Refusal {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Invalid(error) => Some(error),
            _ => None,
        }
    }
}
