//! The API: a resource server that takes the issuer's access tokens (RFC 9068, RFC 6750).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use jwt_codec_oidc::OidcError;
use serde::{Deserialize, Serialize};

use crate::App;

/// What the API needs of an access token.
#[derive(Serialize, Deserialize)]
pub(crate) struct Access {
    sub: String,
    #[serde(default)]
    scope: String,
}

/// Why a request is not let in.
pub(crate) enum Refusal {
    /// There is no bearer token.
    Missing,
    Token(OidcError),
}

pub(crate) async fn me(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Access>, Refusal> {
    let token = bearer(&headers).ok_or(Refusal::Missing)?;
    let access = app.access_tokens.decode::<Access>(token).await.map_err(Refusal::Token)?;
    Ok(Json(access.claims))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then_some(token)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let challenge = match self {
            Self::Missing => "Bearer",
            // Not the client's fault, and no reason for it to log in again.
            Self::Token(OidcError::KeysUnavailable) => {
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
            Self::Token(error) => {
                tracing::info!(code = error.code(), %error, "an access token was rejected");
                r#"Bearer error="invalid_token""#
            }
        };
        (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
    }
}
