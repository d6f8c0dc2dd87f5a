//! A small program that uses the extractors, and requests to it without a network.
#![allow(dead_code, reason = "each test file uses some of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[cfg(feature = "oidc")]
pub(crate) mod issuer;

use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::FromRef,
    http::{Request, header, request::Builder},
    response::{IntoResponse, Response},
    routing::get,
};
use jwt_codec::{Key, NumericDate, Validation, Verifier, encode};
use jwt_codec_axum::{Allowed, Auth, Authenticated, Policy, Reason, Refusal, Scopes};
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) const FOREVER: i64 = 4_102_444_800;

/// What our tokens say.
#[derive(Debug, Deserialize)]
pub(crate) struct Session {
    pub(crate) sub: String,
    #[serde(default)]
    pub(crate) scope: Scopes,
}

pub(crate) struct Read;

impl Policy for Read {
    type Claims = Session;
    const SCOPE: &'static str = "reports:read";

    fn allows(session: &Session) -> bool {
        session.scope.contains(Self::SCOPE)
    }
}

pub(crate) async fn required(Authenticated(session): Authenticated<Session>) -> String {
    format!("required {}", session.sub)
}

pub(crate) async fn optional(session: Option<Authenticated<Session>>) -> String {
    match session {
        Some(Authenticated(session)) => format!("optional {}", session.sub),
        None => "optional nobody".into(),
    }
}

/// Names the reason, as a program would that answers in its own form.
pub(crate) async fn result(session: Result<Authenticated<Session>, Refusal>) -> String {
    match session {
        Ok(Authenticated(session)) => format!("result {}", session.sub),
        Err(refusal) => match refusal.reason() {
            Reason::Invalid(error) => format!("result Invalid {}", error.code()),
            other => format!("result {other:?}"),
        },
    }
}

/// Answers with the refusal that it took.
pub(crate) async fn handed_on(session: Result<Authenticated<Session>, Refusal>) -> Response {
    match session {
        Ok(_) => "let in".into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

pub(crate) async fn allowed(Allowed(session): Allowed<Read>) -> String {
    format!("allowed {}", session.sub)
}

pub(crate) async fn perhaps_allowed(session: Option<Allowed<Read>>) -> String {
    match session {
        Some(Allowed(session)) => format!("allowed {}", session.sub),
        None => "allowed nobody".into(),
    }
}

/// Every kind of route, for every method.
pub(crate) fn router<S>(state: S) -> Router
where
    S: Clone + Send + Sync + 'static,
    Auth: FromRef<S>,
{
    use axum::routing::any;

    Router::new()
        .route("/required", any(required))
        .route("/optional", any(optional))
        .route("/result", any(result))
        .route("/handed-on", any(handed_on))
        .route("/allowed", any(allowed))
        .route("/perhaps-allowed", any(perhaps_allowed))
        .route("/open", get(async || "open"))
        .with_state(state)
}

pub(crate) fn key() -> Key {
    Key::hs256("this secret is for the tests only!").unwrap()
}

pub(crate) fn auth() -> Auth {
    Auth::new(Verifier::new(key(), Validation::new()))
}

pub(crate) fn token(claims: &Value) -> String {
    encode(claims, &key()).unwrap()
}

/// Ada's, without any scope.
pub(crate) fn good() -> String {
    token(&json!({ "sub": "ada", "exp": FOREVER }))
}

pub(crate) fn expired() -> String {
    let exp = NumericDate::now() - Duration::from_secs(60);
    token(&json!({ "sub": "ada", "exp": exp }))
}

#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) challenge: Option<String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        let mut challenges = response.headers().get_all(header::WWW_AUTHENTICATE).iter();
        let challenge = challenges.next().map(|value| value.to_str().unwrap().into());
        assert_eq!(challenges.next(), None);
        let content_type = response.headers()[header::CONTENT_TYPE].to_str().unwrap();
        assert_eq!(content_type, "text/plain; charset=utf-8");
        let body = to_bytes(response.into_body(), 1 << 16).await.unwrap();
        Self { status, challenge, body: String::from_utf8(body.into()).unwrap() }
    }
}

pub(crate) fn answer(
    status: u16,
    challenge: impl Into<Option<&'static str>>,
    body: &str,
) -> Answer {
    Answer { status, challenge: challenge.into().map(Into::into), body: body.into() }
}

pub(crate) fn missing() -> Answer {
    answer(401, "Bearer", "the request has no token")
}

pub(crate) fn malformed() -> Answer {
    let body = "the request does not have exactly one token";
    answer(400, r#"Bearer error="invalid_request""#, body)
}

pub(crate) fn invalid() -> Answer {
    answer(401, r#"Bearer error="invalid_token""#, "the token is not valid")
}

pub(crate) fn has_expired() -> Answer {
    let challenge = r#"Bearer error="invalid_token", error_description="the token has expired""#;
    answer(401, challenge, "the token has expired")
}

pub(crate) fn no_scope() -> Answer {
    let challenge = r#"Bearer error="insufficient_scope", scope="reports:read""#;
    answer(403, challenge, "the token does not allow this")
}

pub(crate) fn cross_site() -> Answer {
    answer(403, None, "the request comes from another site")
}

pub(crate) fn unavailable() -> Answer {
    answer(503, None, "the token cannot be checked now")
}

pub(crate) fn ok(body: &str) -> Answer {
    answer(200, None, body)
}

pub(crate) async fn send(app: &Router, request: Builder) -> Answer {
    let request = request.body(Body::empty()).unwrap();
    Answer::of(app.clone().oneshot(request).await.unwrap()).await
}

/// `GET path` with these headers.
pub(crate) async fn get_with(app: &Router, path: &str, headers: &[(&str, &[u8])]) -> Answer {
    let request =
        headers.iter().fold(Request::get(path), |r, &(name, value)| r.header(name, value));
    send(app, request).await
}

/// `GET path` with this `Authorization`.
pub(crate) async fn get_as(app: &Router, path: &str, authorization: impl AsRef<[u8]>) -> Answer {
    get_with(app, path, &[("authorization", authorization.as_ref())]).await
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}
