//! `POST /login`, `POST /refresh`, `POST /logout`, `GET /protected`, `GET /protected_route`.

use std::sync::Arc;

use axum::{
    Form, Json, Router,
    extract::{DefaultBodyLimit, Request, State, rejection::FormRejection},
    http::header,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use jwt_codec::{Claims, RegisteredClaims};
use jwt_codec_axum::{Auth, Reason};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    auth::Active,
    error::ApiError,
    keys::Keys,
    session::{self, Session, Tokens},
    store::Store,
};

/// In bytes. The name is part of the token, and the token is in a header of every request.
const MAX_USERNAME_LEN: usize = 256;
/// In bytes. This is enough for the longest name with each byte written as `%XX`, and for any of our
/// tokens.
const MAX_FORM_LEN: usize = 4 * 1024;
/// In bytes, for the address and the headers. The HTTP library itself accepts about 400 KiB.
const MAX_HEAD_LEN: usize = 16 * 1024;

/// What all requests share.
pub struct App {
    pub auth: Auth,
    pub keys: Keys,
    pub store: Store,
}

pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/refresh", post(refresh))
        .route("/logout", post(logout))
        .route("/protected", get(protected))
        .route("/protected_route", get(protected))
        .layer(DefaultBodyLimit::max(MAX_FORM_LEN))
        .layer(middleware::from_fn(limit_head))
        .with_state(app)
}

async fn limit_head(request: Request, next: Next) -> Result<Response, ApiError> {
    let address = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    // With the colon, the space and the line's end.
    let header = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        name.as_str().len() + value.len() + 4
    };
    let len: usize = address + request.headers().iter().map(header).sum::<usize>();
    if len > MAX_HEAD_LEN { Err(ApiError::LongHead) } else { Ok(next.run(request).await) }
}

#[derive(Deserialize)]
struct Login {
    username: Option<String>,
}

/// A real server checks a password here.
async fn login(
    State(app): State<Arc<App>>,
    form: Result<Form<Login>, FormRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Form(Login { username }) = form.map_err(ApiError::Form)?;
    let username = username.unwrap_or_default();
    let username = username.trim();
    if username.is_empty() {
        return Err(ApiError::Field("The form field username is required".into()));
    }
    if username.len() > MAX_USERNAME_LEN {
        let error = format!("The username is longer than {MAX_USERNAME_LEN} bytes");
        return Err(ApiError::Field(error));
    }
    Ok(not_cached(app.keys.sign(|key| session::begin(username, key))?))
}

#[derive(Deserialize)]
struct Refresh {
    refresh_token: Option<String>,
}

/// Returns a new pair of tokens for a refresh token, once. If a token comes a second time, somebody
/// has a copy of it: the whole session ends, for the user and the thief.
async fn refresh(
    State(app): State<Arc<App>>,
    form: Result<Form<Refresh>, FormRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Form(Refresh { refresh_token }) = form.map_err(ApiError::Form)?;
    let Some(refresh_token) = refresh_token else {
        return Err(ApiError::Field("The form field refresh_token is required".into()));
    };
    let claims = app
        .keys
        .verify_refresh(&refresh_token)
        .map_err(|error| app.auth.refuse(Reason::Invalid(error.into())))?;
    let Claims { registered: RegisteredClaims { jti: Some(jti), exp: Some(exp), .. }, custom } =
        claims
    else {
        // This does not happen: the policy requires both claims.
        return Err(app.auth.refuse(Reason::Revoked).into());
    };
    let sid = custom.sid.clone();
    // The new tokens are made before the old one is used up, so that a failure costs nothing.
    let tokens = app.keys.sign(|key| session::go_on(custom, exp, key))?;
    if !app.store.use_once(&jti, session::forget_after(exp)).await? {
        tracing::warn!(sid, "a refresh token was used twice; its session ends");
        app.store.end(&sid, session::forget_session_after()).await?;
        return Err(app.auth.refuse(Reason::Revoked).into());
    }
    // This is asked last: if the session ends later, the new tokens are of a session that has ended.
    if app.store.is_ended(&sid).await? {
        return Err(app.auth.refuse(Reason::Revoked).into());
    }
    Ok(not_cached(tokens))
}

/// A token is a credential, which no cache may keep (RFC 6749 §5.1).
fn not_cached(tokens: Tokens) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], Json(tokens))
}

#[derive(Serialize)]
struct Protected {
    message: String,
    payload: Claims<Session>,
}

async fn protected(Active(payload): Active) -> Json<Protected> {
    let message = format!("Hello, {}! Your token is valid.", payload.custom.username);
    Json(Protected { message, payload })
}

/// Ends the session: from now on, no server with this store accepts any of its tokens.
async fn logout(
    State(app): State<Arc<App>>,
    Active(claims): Active,
) -> Result<impl IntoResponse, ApiError> {
    app.store.end(&claims.custom.sid, session::forget_session_after()).await?;
    Ok(Json(json!({ "message": "Logged out" })))
}
