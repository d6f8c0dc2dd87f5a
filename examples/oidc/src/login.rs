//! A login with the authorization code flow (OpenID Connect Core 1.0 §3.1) and PKCE (RFC 7636).

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use jwt_codec_oidc::{Login, OidcError};
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use crate::{
    App, random,
    sessions::{AGE, Session},
    token_endpoint::exchange,
};

/// The cookie of a login that is under way: state, nonce and PKCE verifier.
const LOGIN: &str = "login";

/// The cookie of somebody who is logged in.
const SESSION: &str = "session";

/// What the service needs of an ID token.
#[derive(Deserialize)]
struct User {
    sub: String,
    sid: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Answer {
    code: Option<String>,
    state: Option<String>,
}

pub(crate) async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    match cookie(&app, &headers, SESSION).and_then(|id| app.sessions.get(id)) {
        Some(session) => format!("Hello, {}!", session.sub).into_response(),
        None => Redirect::to("/login").into_response(),
    }
}

/// Sends the user to the issuer.
pub(crate) async fn begin(State(app): State<Arc<App>>) -> Result<Response, StatusCode> {
    let (Ok(state), Ok(nonce), Ok(verifier)) = (random::value(), random::value(), random::value())
    else {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let config = &app.config;
    let query = [
        ("response_type", "code"),
        ("scope", "openid"),
        ("client_id", &config.client_id),
        ("redirect_uri", &format!("{}/callback", config.base_url)),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge_method", "S256"),
        ("code_challenge", &random::challenge(&verifier)),
    ];
    let url = Url::parse_with_params(&config.authorization_endpoint, query)
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let cookie = set_cookie(&app, LOGIN, &format!("{state}.{nonce}.{verifier}"), "Max-Age=600");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(url.as_str())).into_response())
}

/// The issuer sends the user back.
pub(crate) async fn callback(
    State(app): State<Arc<App>>,
    Query(answer): Query<Answer>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let since = Instant::now();
    // Nobody could verify the ID token. On a processor without the instructions of public keys and of
    // TLS, this is always so, and the exchange would panic.
    if !app.issuer.is_ready() {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    let pending = cookie(&app, &headers, LOGIN).ok_or(StatusCode::BAD_REQUEST)?;
    let [state, nonce, verifier] = pending.split('.').collect::<Vec<_>>()[..] else {
        return Err(StatusCode::BAD_REQUEST);
    };
    // The answer of another login than this browser's, or of none.
    if answer.state.as_deref() != Some(state) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let code = answer.code.ok_or(StatusCode::UNAUTHORIZED)?;
    let tokens = exchange(&app.config, code, verifier.into()).await.map_err(|error| {
        tracing::warn!(%error, "a code could not be exchanged");
        StatusCode::BAD_GATEWAY
    })?;

    let login = Login::with_nonce(nonce).access_token(tokens.access_token);
    let user = app.id_tokens.decode::<User>(&tokens.id_token, &login).await.map_err(refuse)?;

    let id = random::value().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let max_age = format!("Max-Age={}", AGE.as_secs());
    let cookies = [
        (header::SET_COOKIE, set_cookie(&app, SESSION, &id, &max_age)),
        (header::SET_COOKIE, set_cookie(&app, LOGIN, "", "Max-Age=0")),
    ];
    let User { sub, sid } = user.claims;
    if !app.sessions.begin(id, Session { sub, sid }, since) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    Ok((axum::response::AppendHeaders(cookies), Redirect::to("/")).into_response())
}

fn refuse(error: OidcError) -> StatusCode {
    if error == OidcError::KeysUnavailable {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    tracing::warn!(code = error.code(), %error, "an ID token was rejected");
    StatusCode::UNAUTHORIZED
}

/// What the name of a cookie starts with, and what its attributes end with. A browser lets no other host, and no page over plain
/// http, set one that starts with `__Host-`: otherwise a neighbour could log the user in as somebody else.
fn prefix_and_secure(app: &App) -> (&'static str, &'static str) {
    if app.config.base_url.starts_with("https:") { ("__Host-", "; Secure") } else { ("", "") }
}

/// `Lax`, because the issuer sends the user back from another site.
fn set_cookie(app: &App, name: &str, value: &str, age: &str) -> String {
    let (prefix, secure) = prefix_and_secure(app);
    format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax; {age}{secure}")
}

/// `None`, too, if there are several of the name: one of them is somebody else's.
fn cookie<'h>(app: &App, headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let (prefix, _) = prefix_and_secure(app);
    let mut values = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split("; "))
        .filter_map(|pair| pair.strip_prefix(prefix)?.strip_prefix(name)?.strip_prefix('='));
    values.next().filter(|_| values.next().is_none())
}
