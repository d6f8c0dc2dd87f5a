//! The answer to a request that is refused.

use std::{error, fmt};

use axum_core::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::{
    realm::Realm,
    reason::{Reason, TokenError},
};

const EXPIRED: &str = "the token has expired";

/// A request is refused: the [`Reason`], and the answer with the status and the challenge of
/// RFC 6750 §3.
///
/// | reason | status | `WWW-Authenticate` |
/// |---|---|---|
/// | `Missing` | 401 | `Bearer` |
/// | `Malformed` | 400 | `Bearer error="invalid_request"` |
/// | `Invalid`, if the token has expired | 401 | `Bearer error="invalid_token", error_description="the token has expired"` |
/// | `Invalid` otherwise, `Revoked` | 401 | `Bearer error="invalid_token"` |
/// | `Scope` | 403 | `Bearer error="insufficient_scope", scope="…"` |
/// | `CrossSite` | 403 | |
/// | `Unavailable` | 503 | |
///
/// With [`Auth::realm`](crate::Auth::realm), `realm="…"` comes first in each of these headers. The
/// refusals of the extractors and of [`Auth::refuse`](crate::Auth::refuse) contain the realm; one
/// that is made of a [`Reason`] by `From` has none.
///
/// The body is one line of plain text, which is also what `Display` writes. Nothing of the token
/// or its claims is in the answer. That a token has expired is said, because a client then asks
/// for a new one; it is known only after the signature was found right. All other reasons for
/// which a token is rejected have one answer. For another form of the answer, see
/// [`Refusal::with_body`].
///
/// ```
/// use axum::response::IntoResponse;
/// use jwt_codec_axum::{Reason, Refusal};
///
/// let answer = Refusal::from(Reason::Scope("reports:read")).into_response();
/// assert_eq!(answer.status(), 403);
/// assert_eq!(
///     answer.headers()["www-authenticate"],
///     r#"Bearer error="insufficient_scope", scope="reports:read""#,
/// );
/// ```
#[derive(Debug, Clone)]
pub struct Refusal {
    reason: Reason,
    realm: Option<Realm>,
}

impl Refusal {
    /// Keys that are not available say nothing about the token. So a client is never told then that
    /// its token is invalid, however the program made the reason.
    pub(crate) fn new(reason: Reason, realm: Option<Realm>) -> Self {
        let reason = match reason {
            Reason::Invalid(error) if error.is_keys_unavailable() => Reason::Unavailable,
            reason => reason,
        };
        Self { reason, realm }
    }

    /// Returns why the request is refused.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// Returns the status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.reason {
            Reason::Missing | Reason::Invalid(_) | Reason::Revoked => StatusCode::UNAUTHORIZED,
            Reason::Malformed => StatusCode::BAD_REQUEST,
            Reason::Scope(_) | Reason::CrossSite => StatusCode::FORBIDDEN,
            Reason::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns the answer with a body of your own. The status and the challenge stay.
    ///
    /// ```
    /// use axum::{Json, response::{IntoResponse, Response}};
    /// use jwt_codec_axum::{Reason, Refusal};
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
    ///         let error = match self.0.reason() {
    ///             Reason::Invalid(error) if error.is_expired() => "expired",
    ///             Reason::Invalid(_) | Reason::Revoked => "invalid",
    ///             _ => "refused",
    ///         };
    ///         self.0.with_body(Json(json!({ "error": error })))
    ///     }
    /// }
    ///
    /// let answer = ApiError::from(Refusal::from(Reason::Revoked)).into_response();
    /// assert_eq!(answer.status(), 401);
    /// assert_eq!(answer.headers()["content-type"], "application/json");
    /// assert_eq!(answer.headers()["www-authenticate"], r#"Bearer error="invalid_token""#);
    /// ```
    #[must_use]
    pub fn with_body(self, body: impl IntoResponse) -> Response {
        let mut response = body.into_response();
        *response.status_mut() = self.status();
        if let Some(challenge) = self.challenge() {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }

    /// RFC 6750 §3.
    fn challenge(&self) -> Option<HeaderValue> {
        let error = match self.reason {
            Reason::Missing => None,
            Reason::Malformed => Some("invalid_request"),
            Reason::Invalid(_) | Reason::Revoked => Some("invalid_token"),
            Reason::Scope(_) => Some("insufficient_scope"),
            Reason::CrossSite | Reason::Unavailable => return None,
        };
        let description = match &self.reason {
            Reason::Invalid(error) if error.is_expired() => Some(EXPIRED),
            _ => None,
        };
        let scope = match self.reason {
            Reason::Scope(scope) if is_scope(scope) => Some(scope),
            _ => None,
        };
        let parameters = [
            self.realm.as_ref().map(|realm| format!("realm={realm}")),
            error.map(|error| format!("error=\"{error}\"")),
            description.map(|description| format!("error_description=\"{description}\"")),
            scope.map(|scope| format!("scope=\"{scope}\"")),
        ];
        let parameters: Vec<_> = parameters.into_iter().flatten().collect();
        let challenge = format!("Bearer {}", parameters.join(", "));
        // All parameters are printable ASCII, so the conversion does not fail.
        let challenge = HeaderValue::from_str(challenge.trim_end());
        Some(challenge.unwrap_or(HeaderValue::from_static("Bearer")))
    }

    /// Writes the reason to the log. Nothing of the token or its claims is in it: the text of a
    /// [`jwt_codec::Error`] may quote them, its code does not.
    pub(crate) fn log(&self) {
        match &self.reason {
            // Every browser without a session.
            Reason::Missing => tracing::debug!("refused: {self}"),
            // A genuine token that does not fit the program's own type is a server bug.
            Reason::Invalid(error) if is_claims_mismatch(error) => {
                tracing::warn!(code = error.code(), "refused: {self}");
            }
            Reason::Invalid(error) => tracing::info!(code = error.code(), "refused: {self}"),
            Reason::Scope(scope) => tracing::info!(scope, "refused: {self}"),
            // The keys of an issuer are not available. `jwt-codec-oidc` writes why.
            Reason::Unavailable => tracing::warn!("refused: {self}"),
            _ => tracing::info!("refused: {self}"),
        }
    }
}

fn is_claims_mismatch(error: &TokenError) -> bool {
    error.code() == "claims_mismatch"
}

/// `scope-token *( SP scope-token )` (RFC 6749 §3.3).
fn is_scope(scope: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| matches!(b, b'!' | b'#'..=b'[' | b']'..=b'~'))
    };
    scope.split(' ').all(word)
}

/// Makes a refusal without a realm. [`Auth::refuse`](crate::Auth::refuse) makes one with it.
impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::new(reason, None)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let text = self.to_string();
        self.with_body(text)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.reason {
            Reason::Missing => "the request has no token",
            Reason::Malformed => "the request does not have exactly one token",
            Reason::Invalid(error) if error.is_expired() => EXPIRED,
            Reason::Invalid(_) | Reason::Revoked => "the token is not valid",
            Reason::Scope(_) => "the token does not allow this",
            Reason::CrossSite => "the request comes from another site",
            Reason::Unavailable => "the token cannot be checked now",
        })
    }
}

impl error::Error for Refusal {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.reason {
            Reason::Invalid(error) => Some(error),
            _ => None,
        }
    }
}
