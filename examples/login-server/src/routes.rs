//! `POST /login`, `GET /protected`, `GET /protected_route`, `POST /logout`.

use std::sync::Arc;

use axum::{
    Form, Json, Router,
    extract::{DefaultBodyLimit, State, rejection::FormRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use jwt_codec::{Claims, Key, KeySet, RegisteredClaims, Validation};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    auth::{AuthError, Authenticated},
    revocation::Revocations,
    session::{self, IssueError, LEEWAY, Session},
};

/// A name goes into the token, and the token into a header of every request.
const MAX_USERNAME_LEN: usize = 256;
/// Enough for the longest name with each of its bytes written as `%XX`.
const MAX_FORM_LEN: usize = 4 * 1024;

/// What all requests share.
pub struct App {
    pub signing_key: Key,
    pub keys: KeySet,
    pub validation: Validation,
    pub revocations: Revocations,
}

pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/protected", get(protected))
        .route("/protected_route", get(protected))
        .route("/logout", post(logout))
        .layer(DefaultBodyLimit::max(MAX_FORM_LEN))
        .with_state(app)
}

#[derive(Deserialize)]
struct Login {
    #[serde(default)]
    username: String,
}

/// A real server checks a password here.
async fn login(
    State(app): State<Arc<App>>,
    form: Result<Form<Login>, FormRejection>,
) -> Result<Response, LoginError> {
    let Form(Login { username }) = form.map_err(LoginError::Form)?;
    let username = username.trim();
    if username.is_empty() {
        return Err(LoginError::NoUsername);
    }
    if username.len() > MAX_USERNAME_LEN {
        return Err(LoginError::LongUsername);
    }
    let token = session::issue(username, &app.signing_key).map_err(LoginError::Issue)?;
    // A token is a credential, which no cache may keep (RFC 6749 §5.1).
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(json!({ "token": token }))).into_response())
}

#[derive(Serialize)]
struct Protected {
    message: String,
    payload: Claims<Session>,
}

async fn protected(Authenticated(payload): Authenticated) -> Json<Protected> {
    let message = format!("Hello, {}! Your token is valid.", payload.custom.username);
    Json(Protected { message, payload })
}

/// Has the token refused from now on, by all servers that share the store.
async fn logout(
    State(app): State<Arc<App>>,
    Authenticated(claims): Authenticated,
) -> Result<Response, AuthError> {
    let RegisteredClaims { jti: Some(jti), exp: Some(exp), .. } = claims.registered else {
        return Err(AuthError::Invalid);
    };
    app.revocations.revoke(&jti, exp + LEEWAY).await?;
    Ok(Json(json!({ "message": "Logged out" })).into_response())
}

/// Why nobody was logged in.
enum LoginError {
    NoUsername,
    LongUsername,
    Form(FormRejection),
    Issue(IssueError),
}

impl IntoResponse for LoginError {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            // The body could not be read: too long, or cut off.
            Self::Form(FormRejection::BytesRejection(rejection)) => {
                (rejection.status(), rejection.body_text())
            }
            // No form at all lacks the field as well.
            Self::NoUsername | Self::Form(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "The form field username is required".into())
            }
            Self::LongUsername => (
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("The username is longer than {MAX_USERNAME_LEN} bytes"),
            ),
            Self::Issue(error) => {
                eprintln!("login-server: cannot issue a token: {error}");
                (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error".into())
            }
        };
        (status, Json(json!({ "error": error }))).into_response()
    }
}
