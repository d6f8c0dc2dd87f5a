//! A web service whose users log in at an OpenID Connect issuer, and whose API takes the issuer's
//! access tokens.

mod api;
mod login;
mod logout;
mod random;
mod serve;
mod sessions;
mod token_endpoint;

use std::sync::Arc;

use axum::{
    Router,
    http::StatusCode,
    routing::{get, post},
};
use jwt_codec_oidc::{AccessTokenVerifier, IdTokenVerifier, Issuer, LogoutTokenVerifier};

pub use crate::serve::serve;
use crate::sessions::Sessions;

/// How the service and its issuer know each other. Without `Debug`, which would show the secret.
#[derive(Clone)]
pub struct Config {
    /// The `aud` of access tokens for the API.
    pub audience: String,
    pub client_id: String,
    pub client_secret: String,
    /// The URL of this service, without a slash at its end.
    pub base_url: String,
    /// `authorization_endpoint` and `token_endpoint` of the issuer's discovery document.
    pub authorization_endpoint: String,
    pub token_endpoint: String,
}

/// What the handlers share.
struct App {
    config: Config,
    issuer: Issuer,
    access_tokens: AccessTokenVerifier,
    id_tokens: IdTokenVerifier,
    logout_tokens: LogoutTokenVerifier,
    sessions: Sessions,
}

/// Makes the service. The issuer need not be reachable yet: `/ready` says whether its keys are there.
pub fn router(config: Config, issuer: Issuer) -> Router {
    let app = App {
        access_tokens: issuer.access_tokens(&*config.audience),
        id_tokens: issuer.id_tokens(&*config.client_id),
        logout_tokens: issuer.logout_tokens(&*config.client_id),
        issuer,
        config,
        sessions: Sessions::default(),
    };
    Router::new()
        .route("/api/me", get(api::me))
        .route("/", get(login::home))
        .route("/login", get(login::begin))
        .route("/callback", get(login::callback))
        .route("/backchannel-logout", post(logout::backchannel))
        .route("/ready", get(ready))
        .with_state(Arc::new(app))
}

async fn ready(axum::extract::State(app): axum::extract::State<Arc<App>>) -> StatusCode {
    if app.issuer.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}
