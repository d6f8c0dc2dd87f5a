//! The programs of the guides in `docs`. Each is printed there as it stands here, and runs here.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod axum_api;
mod refresh;

use std::cell::Cell;

use axum::{Router, body::Body, body::to_bytes, http::Request, http::StatusCode};
use jwt_codec::{Key, NumericDate, Validation};
use serde_json::Value;
use tower::ServiceExt;

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

thread_local! {
    /// The time of the server under test: `tokio::test` runs each test on one thread.
    static NOW: Cell<i64> = const { Cell::new(1_800_000_000) };
}

fn pass(secs: i64) {
    NOW.set(NOW.get() + secs);
}

fn app() -> refresh::App {
    let key = Key::hs256("the first secret, of 32 bytes or more").unwrap();
    let clock = || NumericDate::from_secs(NOW.get());
    refresh::App::new(key, Validation::with_clock(clock)).unwrap()
}

fn is_password(user: &str, password: &str) -> bool {
    user == "ada" && password == "correct horse"
}

async fn send(router: &Router, request: Request<Body>) -> (StatusCode, String) {
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let is_kept_by_no_cache =
        answer.headers().get("cache-control").is_some_and(|value| value == "no-store");
    let body = to_bytes(answer.into_body(), 65_536).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    assert_eq!(is_kept_by_no_cache, body.contains("token\":"), "{body}");
    (status, body)
}

async fn post(router: &Router, path: &str, form: String) -> (StatusCode, String) {
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    send(router, request.body(form.into()).unwrap()).await
}

async fn get(router: &Router, path: &str, token: &str) -> (StatusCode, String) {
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    send(router, request.body(Body::empty()).unwrap()).await
}

/// Access token and refresh token of an answer.
#[track_caller]
fn pair((status, body): (StatusCode, String)) -> (String, String) {
    assert_eq!(status, StatusCode::OK, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    (text("token"), text("refresh_token"))
}

async fn login(router: &Router) -> (String, String) {
    pair(post(router, "/login", "username=ada&password=correct+horse".into()).await)
}

async fn refresh(router: &Router, refresh_token: &str) -> (StatusCode, String) {
    post(router, "/refresh", format!("refresh_token={refresh_token}")).await
}

#[test]
fn guides_print_these_programs() {
    for (guide, program) in [
        (include_str!("../../../../docs/refresh.md"), include_str!("refresh.rs")),
        (include_str!("../../../../docs/from-jsonwebtoken.md"), include_str!("axum_api.rs")),
    ] {
        assert!(guide.contains(&format!("\n```rust,ignore\n{program}```\n")));
    }
}

#[tokio::test]
async fn login_opens_and_wrong_passwords_do_not() {
    let router = refresh::router(app());
    let wrong = post(&router, "/login", "username=ada&password=wrong".into()).await;
    assert_eq!(wrong.0, StatusCode::UNAUTHORIZED);

    let (access, refresh) = login(&router).await;
    assert_eq!(get(&router, "/hello", &access).await, (StatusCode::OK, "Hello, ada!".into()));
    assert_eq!(get(&router, "/hello", &refresh).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(self::refresh(&router, &access).await.0, StatusCode::UNAUTHORIZED);
    pass(10 * MINUTE);
    let expired = (StatusCode::UNAUTHORIZED, "the token has expired".into());
    assert_eq!(get(&router, "/hello", &access).await, expired);
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_reuse_ends_the_session() {
    let router = refresh::router(app());
    let (_, first) = login(&router).await;
    let (_, other_session) = login(&router).await;
    let (access, second) = pair(refresh(&router, &first).await);
    assert_eq!(get(&router, "/hello", &access).await.0, StatusCode::OK);

    assert_eq!(refresh(&router, &first).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(refresh(&router, &second).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(get(&router, "/hello", &access).await.0, StatusCode::UNAUTHORIZED);
    pair(refresh(&router, &other_session).await);
}

#[tokio::test]
async fn logout_ends_the_session_at_once() {
    let router = refresh::router(app());
    let (access, refresh) = login(&router).await;
    let form = format!("refresh_token={refresh}");
    assert_eq!(post(&router, "/logout", form).await.0, StatusCode::OK);
    assert_eq!(get(&router, "/hello", &access).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(self::refresh(&router, &refresh).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn sessions_end_when_idle_and_in_any_case() {
    let router = refresh::router(app());
    let (_, idle) = login(&router).await;
    let (_, mut busy) = login(&router).await;
    for _ in 0..6 {
        pass(14 * DAY - 1);
        (_, busy) = pair(refresh(&router, &busy).await);
    }
    assert_eq!(refresh(&router, &idle).await.0, StatusCode::UNAUTHORIZED);
    // 84 days have passed, but for 6 seconds: the last refresh token ends with the session.
    pass(6 * DAY);
    (_, busy) = pair(refresh(&router, &busy).await);
    pass(6);
    assert_eq!(refresh(&router, &busy).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_new_key_signs_and_the_old_one_still_verifies() {
    let app = app();
    let router = refresh::router(app.clone());
    let (old_access, old_refresh) = login(&router).await;
    let key = Key::hs256("the second secret, of 32 bytes or more").unwrap().with_id("2026-12");
    app.rotate(key).unwrap();
    assert_eq!(get(&router, "/hello", &old_access).await.0, StatusCode::OK);
    let (access, _) = pair(refresh(&router, &old_refresh).await);
    assert!(jwt_codec::decode_header(&access).unwrap().kid() == Some("2026-12"));
    assert_eq!(get(&router, "/hello", &access).await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_moved_api_accepts_its_own_tokens() {
    let tokens = axum_api::Tokens::new("8f2a6c1be07d4935a1c4f7be9d20c683").unwrap();
    let router = axum_api::router(tokens);
    let login = Request::post("/authorize").header("content-type", "application/json");
    let login = login.body(r#"{"client_id":"ada"}"#.into()).unwrap();
    let (status, token) = send(&router, login).await;
    assert_eq!(status, StatusCode::OK);
    let welcome = (StatusCode::OK, "Welcome, ada of ACME!".into());
    assert_eq!(get(&router, "/protected", &token).await, welcome);
    let invalid = (StatusCode::UNAUTHORIZED, "invalid".into());
    assert_eq!(get(&router, "/protected", "x.y.z").await, invalid);
}
