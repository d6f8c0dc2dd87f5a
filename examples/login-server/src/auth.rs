//! The extractor: a handler that takes an [`Authenticated`] is reached with a valid token only.

use std::sync::Arc;

use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use jwt_codec::{Claims, decode};
use serde_json::json;

use crate::{revocation::StoreUnavailable, routes::App, session::Session};

/// The claims of a token that was verified, has not expired and is not revoked.
pub struct Authenticated(pub Claims<Session>);

impl FromRequestParts<Arc<App>> for Authenticated {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, AuthError> {
        let token = bearer_token(&parts.headers).ok_or(AuthError::Unauthorized)?;
        let claims = match decode::<Claims<Session>>(token, &app.keys, &app.validation) {
            Ok(data) => data.claims,
            Err(error) if error.is_expired() => return Err(AuthError::Expired),
            Err(_) => return Err(AuthError::Invalid),
        };
        let Some(jti) = &claims.registered.jti else { return Err(AuthError::Invalid) };
        if app.revocations.is_revoked(jti).await? {
            return Err(AuthError::Invalid);
        }
        Ok(Self(claims))
    }
}

/// What stands after `Bearer` (RFC 6750 §2.1, its letter case free by RFC 9110 §11.1) in a single
/// `Authorization` header.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    let well_formed = !token.is_empty() && !token.contains([' ', '\t']);
    (scheme.eq_ignore_ascii_case("Bearer") && well_formed).then_some(token)
}

/// Why a request is not let in.
#[derive(Debug)]
pub enum AuthError {
    /// There is no bearer token.
    Unauthorized,
    /// The token is genuine, but its time is over.
    Expired,
    /// The token is anything else but good; the client need not know in which way.
    Invalid,
    /// Whether the token is revoked cannot be found out, so nobody is let in.
    Unavailable,
}

impl From<StoreUnavailable> for AuthError {
    fn from(_: StoreUnavailable) -> Self {
        Self::Unavailable
    }
}

impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        let (error, description) = match self {
            Self::Unauthorized => ("Unauthorized", "the request has no bearer token"),
            Self::Expired => ("Token has expired", "the token has expired"),
            Self::Invalid => ("Invalid token", "the token is not valid"),
            Self::Unavailable => {
                let body = Json(json!({ "error": "Service Unavailable" }));
                return (StatusCode::SERVICE_UNAVAILABLE, body).into_response();
            }
        };
        // RFC 6750 §3 would have no error code where there are no credentials. One shape of
        // answer for all refusals is easier on clients, and the description tells them apart.
        let challenge =
            format!(r#"Bearer error="invalid_token", error_description="{description}""#);
        let headers = [(header::WWW_AUTHENTICATE, challenge)];
        (StatusCode::UNAUTHORIZED, headers, Json(json!({ "error": error }))).into_response()
    }
}
