//! The extractor: a handler with an [`Active`] argument runs only with a valid token of a session
//! that was not ended.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use jwt_codec::Claims;
use jwt_codec_axum::{Auth, Authenticated, Reason};

use crate::{error::ApiError, routes::App, session::Session};

/// The claims of a token that was verified and has not expired, and whose session goes on.
pub struct Active(pub Claims<Session>);

impl FromRequestParts<Arc<App>> for Active {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let Authenticated(claims) =
            Authenticated::<Claims<Session>>::from_request_parts(parts, app).await?;
        if app.store.is_ended(&claims.custom.sid).await? {
            return Err(app.auth.refuse(Reason::Revoked).into());
        }
        Ok(Self(claims))
    }
}

impl FromRef<App> for Auth {
    fn from_ref(app: &App) -> Self {
        app.auth.clone()
    }
}
