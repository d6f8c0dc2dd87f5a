//! Refusals that a handler makes, the realm, and answers in the form of the program.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod app;

use app::{
    Answer, Session, answer, auth, bearer, cross_site, expired, get_as, get_with, good,
    has_expired, invalid, malformed, missing, no_scope, ok, router, unavailable,
};
use axum::{
    Json, Router,
    body::to_bytes,
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::get,
};
use jwt_codec::{Error, NumericDate};
use jwt_codec_axum::{Allowed, Auth, Authenticated, Reason, Refusal, TokenError};
use serde_json::json;

/// Each reason, with its answer.
fn reasons() -> [(Reason, Answer); 8] {
    let expired = Error::Expired { exp: NumericDate::from_secs(1), now: NumericDate::from_secs(2) };
    [
        (Reason::Missing, missing()),
        (Reason::Malformed, malformed()),
        (Reason::Invalid(Error::InvalidSignature.into()), invalid()),
        (Reason::Invalid(expired.into()), has_expired()),
        (Reason::Revoked, invalid()),
        (Reason::Scope("reports:read"), no_scope()),
        (Reason::CrossSite, cross_site()),
        (Reason::Unavailable, unavailable()),
    ]
}

#[tokio::test]
async fn each_has_its_answer() {
    for (reason, expected) in reasons() {
        let refusal = Refusal::from(reason.clone());
        assert_eq!(*refusal.reason(), reason);
        assert_eq!(refusal.status().as_u16(), expected.status, "{refusal:?}");
        assert_eq!(refusal.to_string(), expected.body, "{refusal:?}");
        assert_eq!(Answer::of(refusal.clone().into_response()).await, expected, "{refusal:?}");
        // Also from a handler, and as its error.
        let app = Router::new().route("/", get(async move || Err::<(), _>(refusal)));
        assert_eq!(get_with(&app, "/", &[]).await, expected);
    }
}

/// `?` makes a refusal of a reason, where there is no realm.
#[tokio::test]
async fn a_reason_becomes_a_refusal() {
    async fn revoked() -> Result<(), Refusal> {
        Err(Reason::Revoked)?
    }
    let app = Router::new().route("/", get(revoked));
    assert_eq!(get_with(&app, "/", &[]).await, invalid());
}

#[tokio::test]
async fn scopes_in_a_challenge() {
    let challenge = async |scope| {
        let refusal = Refusal::from(Reason::Scope(scope));
        Answer::of(refusal.into_response()).await.challenge.unwrap()
    };
    for scope in ["", " ", "a  b", " a", "a\"b", "a\\b", "a\nb", "a\tb", "é", "\0"] {
        assert_eq!(challenge(scope).await, r#"Bearer error="insufficient_scope""#, "{scope:?}");
    }
    for scope in ["a", "a b", "!#$[]^~", "https://example.com/read"] {
        let expected = format!(r#"Bearer error="insufficient_scope", scope="{scope}""#);
        assert_eq!(challenge(scope).await, expected);
    }
}

#[test]
fn it_is_an_error_with_a_source() {
    let error = Error::InvalidIssuer {
        expected: vec!["https://one.example".into()].into(),
        found: "https://two.example".into(),
    };
    let refusal = Refusal::from(Reason::Invalid(error.clone().into()));
    let source = std::error::Error::source(&refusal).unwrap();
    assert_eq!(source.to_string(), "the token was rejected: invalid_issuer");
    assert_eq!(source.downcast_ref(), Some(&TokenError::from(error.clone())));
    assert_eq!(source.source().unwrap().downcast_ref(), Some(&error));
    assert!(std::error::Error::source(&Refusal::from(Reason::Revoked)).is_none());
}

#[test]
fn a_token_error_is_the_error_that_it_is_made_of() {
    let at = NumericDate::from_secs;
    let expired = TokenError::from(Error::Expired { exp: at(1), now: at(2) });
    assert_eq!((expired.code(), expired.is_expired()), ("expired", true));
    assert_eq!(expired.to_string(), "the token was rejected: expired");
    let forged = TokenError::from(Error::InvalidSignature);
    assert_eq!((forged.code(), forged.is_expired()), ("invalid_signature", false));
    assert_eq!(forged, forged.clone());
    assert_ne!(forged, expired);
    assert_ne!(expired, TokenError::from(Error::Expired { exp: at(1), now: at(3) }));
}

#[test]
fn they_are_shared_between_threads() {
    fn shared<T: Clone + std::fmt::Debug + Send + Sync + 'static>() {}
    shared::<Refusal>();
    shared::<Reason>();
    shared::<TokenError>();
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
    }
    for path in ["/required", "/handed-on", "/allowed", "/optional", "/perhaps-allowed"] {
        let answer = get_as(&app, path, "Bearer a.b.c").await;
        assert_eq!(answer, with_realm(invalid(), realm), "{path}");
        let answer = get_as(&app, path, bearer(&expired())).await;
        assert_eq!(answer, with_realm(has_expired(), realm), "{path}");
    }
    let answer = get_as(&app, "/allowed", bearer(&good())).await;
    assert_eq!(answer, with_realm(no_scope(), realm));
    // An answer without a challenge has no realm.
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

/// A refusal keeps the realm wherever it is answered, and gives it to no other refusal.
#[tokio::test]
async fn the_realm_stays_with_its_refusal() {
    async fn much_later(session: Result<Authenticated<Session>, Refusal>) -> Refusal {
        let refusal = session.map(|_| ()).unwrap_err();
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        // Made in between, and answered by nobody.
        let _ = Refusal::from(Reason::Missing).into_response();
        tokio::spawn(async move { refusal.clone() }).await.unwrap()
    }
    async fn without(session: Option<Authenticated<Session>>) -> Refusal {
        assert!(session.is_none());
        Reason::Missing.into()
    }
    let app = Router::new()
        .route("/later", get(much_later))
        .route("/without", get(without))
        .with_state(auth().realm("one"));
    let others = router(auth());
    for _ in 0..2 {
        let one = |answer| with_realm(answer, r#""one""#);
        assert_eq!(get_with(&app, "/later", &[]).await, one(missing()));
        assert_eq!(get_as(&app, "/later", "Bearer a").await, one(invalid()));
        assert_eq!(get_with(&app, "/without", &[]).await, missing());
        assert_eq!(get_with(&others, "/required", &[]).await, missing());
        assert_eq!(get_with(&others, "/handed-on", &[]).await, missing());
    }
}

#[tokio::test]
async fn refuse_makes_one_with_the_realm() {
    let with = auth().realm("api");
    for (reason, expected) in reasons() {
        let refusal = with.refuse(reason.clone());
        assert_eq!(*refusal.reason(), reason);
        let has_challenge = expected.challenge.is_some();
        let expected_with = if has_challenge { with_realm(expected, r#""api""#) } else { expected };
        assert_eq!(Answer::of(refusal.into_response()).await, expected_with);
    }
    for (reason, expected) in reasons() {
        assert_eq!(Answer::of(auth().refuse(reason).into_response()).await, expected);
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
            _ => Err(state.refuse(Reason::Revoked).into()),
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
        if session.sub == "ada" {
            Ok(session.sub)
        } else {
            Err(Refusal::from(Reason::Unavailable).into())
        }
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
        ("/extractor", &bob, 401, Some(invalid), "the token is not valid"),
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
