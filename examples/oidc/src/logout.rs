//! The issuer says that a user has logged out (OpenID Connect Back-Channel Logout 1.0 §2.5, §2.8).

use std::sync::Arc;

use axum::{Form, extract::State, http::StatusCode};
use jwt_codec_oidc::OidcError;
use serde::Deserialize;

use crate::App;

#[derive(Deserialize)]
pub(crate) struct Request {
    logout_token: String,
}

pub(crate) async fn backchannel(
    State(app): State<Arc<App>>,
    Form(request): Form<Request>,
) -> StatusCode {
    match app.logout_tokens.decode(&request.logout_token).await {
        Ok(logout) => {
            if app.sessions.end(logout) {
                return StatusCode::OK;
            }
            tracing::info!("a logout token came again");
            StatusCode::BAD_REQUEST
        }
        Err(OidcError::KeysUnavailable) => StatusCode::SERVICE_UNAVAILABLE,
        Err(error) => {
            tracing::info!(code = error.code(), %error, "a logout token was rejected");
            StatusCode::BAD_REQUEST
        }
    }
}
