//! Refusals that a handler makes, the realm, and answers in a form of one's own.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod app;

use app::{
    Answer, Session, answer, auth, bearer, cross_site, get_as, get_with, good, invalid, malformed,
    missing, no_scope, ok, router, unavailable,
};
use axum::{
    Json, Router,
    body::to_bytes,
    extract::{FromRequestParts, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::get,
};
use jwt_codec::Error;
use jwt_codec_axum::{Allowed, Auth, Authenticated, Refusal};
use serde_json::json;

#[tokio::test]
async fn each_has_its_answer() {
    let cases = [
        (Refusal::Missing, missing()),
        (Refusal::Malformed, malformed()),
        (Refusal::Invalid(Error::InvalidSignature), invalid()),
        (Refusal::Revoked, invalid()),
        (Refusal::Scope("reports:read"), no_scope()),
        (Refusal::CrossSite, cross_site()),
        (Refusal::Unavailable, unavailable()),
    ];
    for (refusal, expected) in cases {
        assert_eq!(refusal.status().as_u16(), expected.status, "{refusal:?}");
        assert_eq!(refusal.to_string(), expected.body, "{refusal:?}");
        assert_eq!(Answer::of(refusal.clone().into_response()).await, expected, "{refusal:?}");
        // Also from a handler, and as its error.
        let app = Router::new().route("/", get(async move || Err::<(), _>(refusal)));
        assert_eq!(get_with(&app, "/", &[]).await, expected);
    }
}

#[tokio::test]
async fn scopes_in_a_challenge() {
    for scope in ["", " ", "a  b", " a", "a\"b", "a\\b", "a\nb", "a\tb", "é", "\0"] {
        let answer = Answer::of(Refusal::Scope(scope).into_response()).await;
        assert_eq!(answer.challenge.unwrap(), r#"Bearer error="insufficient_scope""#, "{scope:?}");
    }
    for scope in ["a", "a b", "!#$[]^~", "https://example.com/read"] {
        let answer = Answer::of(Refusal::Scope(scope).into_response()).await;
        let expected = format!(r#"Bearer error="insufficient_scope", scope="{scope}""#);
        assert_eq!(answer.challenge.unwrap(), expected);
    }
}

#[test]
fn it_is_an_error_with_a_source() {
    let refusal: Box<dyn std::error::Error> = Refusal::Invalid(Error::InvalidSignature).into();
    assert_eq!(refusal.source().unwrap().to_string(), Error::InvalidSignature.to_string());
    assert!(std::error::Error::source(&Refusal::Revoked).is_none());
}

fn with_realm(answer: Answer, realm: &str) -> Answer {
    let challenge = answer.challenge.unwrap();
    let challenge = match challenge.strip_prefix("Bearer ") {
        None => format!("Bearer realm={realm}"),
        Some(rest) => format!("Bearer realm={realm}, {rest}"),
    };
    Answer { challenge: Some(challenge), ..answer }
}

#[tokio::test]
async fn an_extractors_refusal_carries_the_realm() {
    let app = router(auth().cookie("session").realm("reports"));
    let realm = r#""reports""#;
    for path in ["/required", "/handed-on", "/allowed"] {
        let answer = get_with(&app, path, &[]).await;
        assert_eq!(answer, with_realm(missing(), realm), "{path}");
        let answer = get_as(&app, path, "Bearer").await;
        assert_eq!(answer, with_realm(malformed(), realm), "{path}");
        let answer = get_as(&app, path, "Bearer a.b.c").await;
        assert_eq!(answer, with_realm(invalid(), realm), "{path}");
    }
    for path in ["/optional", "/perhaps-allowed"] {
        let answer = get_as(&app, path, "Bearer a.b.c").await;
        assert_eq!(answer, with_realm(invalid(), realm), "{path}");
    }
    let answer = get_as(&app, "/allowed", bearer(&good())).await;
    assert_eq!(answer, with_realm(no_scope(), realm));
    // No challenge, no realm; and it can be matched as any other.
    let cookie = format!("session={}", good());
    let request = axum::http::Request::post("/required").header("cookie", &cookie);
    assert_eq!(app::send(&app, request).await, cross_site());
    assert_eq!(get_with(&app, "/result", &[]).await, ok("result Missing"));
    assert_eq!(get_as(&app, "/result", "Bearer").await, ok("result Malformed"));
}

#[tokio::test]
async fn a_realm_of_any_text_is_safe() {
    for (realm, expected) in [
        ("a b", r#""a b""#),
        ("a\"b", r#""a\"b""#),
        ("a\\", r#""a\\""#),
        (r#"", error="x"#, r#""\", error=\"x""#),
        ("a\tb", "\"a\tb\""),
        ("!~", r#""!~""#),
    ] {
        let app = router(auth().realm(realm));
        let answer = get_with(&app, "/required", &[]).await;
        assert_eq!(answer, with_realm(missing(), expected), "{realm:?}");
    }
    for realm in
        ["", "a\r\nSet-Cookie: x=y", "a\nb", "a\0b", "\u{7f}", "Zürich", "東京", "\u{202e}"]
    {
        let app = router(auth().realm(realm));
        assert_eq!(get_with(&app, "/required", &[]).await, missing(), "{realm:?}");
    }
    // A later call replaces an earlier one.
    let app = router(auth().realm("one").realm("two"));
    let answer = get_with(&app, "/required", &[]).await;
    assert_eq!(answer, with_realm(missing(), r#""two""#));
    let app = router(auth().realm("one").realm(""));
    assert_eq!(get_with(&app, "/required", &[]).await, missing());
}

/// One that a handler makes has none, whatever was refused before it.
#[tokio::test]
async fn the_realm_goes_to_no_other_refusal() {
    async fn revoked(_: Authenticated<Session>) -> Refusal {
        Refusal::Revoked
    }
    async fn missing_after_all(session: Option<Authenticated<Session>>) -> Refusal {
        assert!(session.is_none());
        Refusal::Missing
    }
    async fn other_kind(session: Result<Authenticated<Session>, Refusal>) -> Refusal {
        assert_eq!(session.unwrap_err(), Refusal::Missing);
        Refusal::Scope("reports:read")
    }
    async fn refuse(State(auth): State<Auth>) -> Response {
        auth.refuse(Refusal::Scope("reports:read"))
    }
    let one = auth().realm("one");
    let app = Router::new()
        .route("/revoked", get(revoked))
        .route("/missing", get(missing_after_all))
        .route("/other-kind", get(other_kind))
        .route("/refuse", get(refuse))
        .with_state(one.clone())
        .merge(router(one));
    let without = router(auth());

    for _ in 0..2 {
        // Kept and never answered.
        assert_eq!(get_with(&app, "/result", &[]).await, ok("result Missing"));
        assert_eq!(get_as(&app, "/revoked", bearer(&good())).await, invalid());
        assert_eq!(get_with(&app, "/result", &[]).await, ok("result Missing"));
        assert_eq!(get_with(&app, "/missing", &[]).await, missing());
        assert_eq!(get_with(&app, "/result", &[]).await, ok("result Missing"));
        assert_eq!(get_with(&without, "/required", &[]).await, missing());
        assert_eq!(get_with(&app, "/other-kind", &[]).await, no_scope());
        assert_eq!(
            get_with(&app, "/refuse", &[]).await,
            with_realm(no_scope(), r#""one""#),
            "said so"
        );
        // Answered once.
        assert_eq!(get_with(&app, "/required", &[]).await, with_realm(missing(), r#""one""#));
        assert_eq!(Answer::of(Refusal::Missing.into_response()).await, missing());
    }
}

/// Each answer has the realm of its own route, however many are under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn realms_do_not_mix() {
    let mut tasks = Vec::new();
    for n in 0..8 {
        let app = router(auth().realm(format!("realm {n}")));
        tasks.push(tokio::spawn(async move {
            for _ in 0..300 {
                let answer = get_with(&app, "/required", &[]).await;
                assert_eq!(answer, with_realm(missing(), &format!("\"realm {n}\"")));
                get_with(&app, "/result", &[]).await;
                tokio::task::yield_now().await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

/// The form of one program.
struct ApiError(Refusal);

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.0.to_string() }));
        self.0.with_body((StatusCode::IM_A_TEAPOT, [(header::WWW_AUTHENTICATE, "Basic")], body))
    }
}

/// A session that was not ended.
struct Active(Session);

impl FromRequestParts<Auth> for Active {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Auth) -> Result<Self, ApiError> {
        let Authenticated(session) =
            Authenticated::<Session>::from_request_parts(parts, state).await?;
        tokio::task::yield_now().await;
        match &*session.sub {
            "ada" => Ok(Self(session)),
            _ => Err(Refusal::Revoked.into()),
        }
    }
}

#[tokio::test]
async fn a_program_answers_in_its_own_form() {
    async fn by_result(
        session: Result<Authenticated<Session>, Refusal>,
    ) -> Result<String, ApiError> {
        let Authenticated(session) = session?;
        Ok(session.sub)
    }
    async fn by_extractor(Active(session): Active) -> String {
        session.sub
    }
    async fn own(Allowed(session): Allowed<app::Read>) -> Result<String, ApiError> {
        if session.sub == "ada" { Ok(session.sub) } else { Err(Refusal::Unavailable.into()) }
    }
    let app = Router::new()
        .route("/result", get(by_result))
        .route("/extractor", get(by_extractor))
        .route("/own", get(own))
        .with_state(auth().realm("api"));

    let of = |claims| bearer(&app::token(&claims));
    let bob = of(json!({ "sub": "bob", "exp": app::FOREVER, "scope": "reports:read" }));
    let invalid = r#"Bearer realm="api", error="invalid_token""#;
    let cases = [
        ("/result", "Basic a", 401, Some(r#"Bearer realm="api""#), "the request has no token"),
        ("/extractor", "Basic a", 401, Some(r#"Bearer realm="api""#), "the request has no token"),
        ("/result", "Bearer a", 401, Some(invalid), "the token is not valid"),
        ("/extractor", "Bearer a", 401, Some(invalid), "the token is not valid"),
        (
            "/extractor",
            &bob,
            401,
            Some(r#"Bearer error="invalid_token""#),
            "the token is not valid",
        ),
        ("/own", &bob, 503, Some("Basic"), "the token cannot be checked now"),
    ];
    for (path, authorization, status, challenge, error) in cases {
        use tower::ServiceExt;
        let request = axum::http::Request::get(path).header("authorization", authorization);
        let request = request.body(axum::body::Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{path} {authorization}");
        let headers = response.headers();
        assert_eq!(headers.get("www-authenticate").map(|c| c.to_str().unwrap()), challenge);
        assert_eq!(headers["content-type"], "application/json");
        let body = to_bytes(response.into_body(), 1024).await.unwrap();
        assert_eq!(body, json!({ "error": error }).to_string(), "{path} {authorization}");
    }
    assert_eq!(get_as(&app, "/result", bearer(&good())).await, answer(200, None, "ada"));
    assert_eq!(get_as(&app, "/extractor", bearer(&good())).await, answer(200, None, "ada"));
}
