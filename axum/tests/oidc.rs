//! The access tokens of issuers, and what is answered while their keys are not there.

#![cfg(feature = "oidc")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod app;

use std::{error::Error as _, marker::PhantomData, rc::Rc, time::Duration};

use app::{
    Answer, Session, answer, bearer, cross_site, get_as, get_with, has_expired, invalid,
    issuer::{AUDIENCE, NAME, auth, claims, connected, good, router, sign, started, with},
    malformed, missing, no_scope, ok, send, unavailable,
};
use axum::{
    Router,
    extract::FromRequestParts,
    http::{Request, request::Parts},
    response::IntoResponse,
    routing::get,
};
use jwt_codec::{Error, Header, NumericDate};
use jwt_codec_axum::{Auth, Authenticated, Reason, Refusal, TokenError};
use jwt_codec_oidc::{Fetch, FetchRequest, Issuer, Issuers, OidcError, testing::FakeIssuer};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// Every route that needs a good token where one is sent, and answers with the refusal.
const PATHS: [&str; 5] = ["/required", "/optional", "/handed-on", "/allowed", "/perhaps-allowed"];

/// Asserts that every route refuses the token so, and that the reason has this name.
async fn refused(app: &Router, token: &str, expected: fn() -> Answer, reason: &str) {
    for path in PATHS {
        assert_eq!(get_as(app, path, bearer(token)).await, expected(), "{path} {reason}");
    }
    assert_eq!(get_as(app, "/result", bearer(token)).await, ok(&format!("result {reason}")));
}

async fn accepted(app: &Router, token: &str) {
    assert_eq!(get_as(app, "/required", bearer(token)).await, ok("required ada"));
}

async fn pause(secs: u64) {
    sleep(Duration::from_secs(secs)).await;
}

#[tokio::test(start_paused = true)]
async fn a_good_access_token_gets_in_everywhere() {
    let fake = FakeIssuer::new(NAME);
    let app = router(&connected(&fake).await);
    let token = bearer(&good(&fake));
    assert_eq!(get_as(&app, "/required", &token).await, ok("required ada"));
    assert_eq!(get_as(&app, "/optional", &token).await, ok("optional ada"));
    assert_eq!(get_as(&app, "/result", &token).await, ok("result ada"));
    assert_eq!(get_as(&app, "/handed-on", &token).await, ok("let in"));
    assert_eq!(get_as(&app, "/allowed", &token).await, no_scope());
    let reader = with(claims(NAME), "scope", json!("openid reports:read"));
    let reader = bearer(&sign(&fake, &reader));
    assert_eq!(get_as(&app, "/allowed", &reader).await, ok("allowed ada"));
    assert_eq!(get_as(&app, "/perhaps-allowed", &reader).await, ok("allowed ada"));
    // A request without a token asks nothing of the issuer.
    assert_eq!(get_with(&app, "/required", &[]).await, missing());
    assert_eq!(get_with(&app, "/optional", &[]).await, ok("optional nobody"));
    assert_eq!(get_as(&app, "/required", "Bearer a b").await, malformed());
    assert_eq!(fake.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_bad_access_token_never_gets_in() {
    let fake = FakeIssuer::new(NAME);
    let app = router(&connected(&fake).await);
    let changed = |name: &str, value: Value| sign(&fake, &with(claims(NAME), name, value));
    // The same name and the same id of the key, and another key.
    let forger = FakeIssuer::new(NAME);
    let past = NumericDate::now() - Duration::from_secs(60);
    let forged_and_expired = sign(&forger, &with(claims(NAME), "exp", json!(past)));
    let cases = [
        ("a.b.c".into(), "malformed"),
        (app::good(), "algorithm_mismatch"),
        (good(&forger), "invalid_signature"),
        (forged_and_expired, "invalid_signature"),
        (changed("iss", json!("https://login.example/")), "invalid_issuer"),
        (changed("aud", json!("another")), "invalid_audience"),
        (changed("aud", Value::Null), "missing_claim"),
        (changed("exp", Value::Null), "missing_claim"),
        (changed("client_id", Value::Null), "missing_claim"),
        (changed("nbf", json!(app::FOREVER)), "not_yet_valid"),
        (changed("cnf", json!({ "jkt": "0ZcOCORZNYy" })), "sender_constrained"),
        (changed("scope", json!(7)), "claims_mismatch"),
        (fake.sign(&Header::new().with_typ("JWT"), &claims(NAME)), "unexpected_type"),
    ];
    for (token, code) in cases {
        refused(&app, &token, invalid, &format!("Invalid {code}")).await;
    }
    assert_eq!(fake.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_expired_access_token_is_told_so() {
    let fake = FakeIssuer::new(NAME);
    let issuer = connected(&fake).await;
    let app = router(&issuer);
    let past = NumericDate::now() - Duration::from_secs(60);
    let expired = sign(&fake, &with(claims(NAME), "exp", json!(past)));
    refused(&app, &expired, has_expired, "Invalid expired").await;
    // A policy of the program's own is kept.
    let verifier = issuer.access_tokens(AUDIENCE);
    let verifier = verifier.validation(|policy| policy.leeway(Duration::from_secs(120)));
    accepted(&app::router(Auth::from_access_tokens(verifier)), &expired).await;
}

/// A token that cannot be judged is not invalid: a client would throw it away.
#[tokio::test(start_paused = true)]
async fn before_the_first_keys_nobody_is_told_401() {
    let fake = FakeIssuer::new(NAME);
    fake.fail(500);
    let issuer = started(&fake);
    let app = router(&issuer);
    pause(1).await;
    let past = NumericDate::now() - Duration::from_secs(60);
    let expired = sign(&fake, &with(claims(NAME), "exp", json!(past)));
    for token in [good(&fake), good(&FakeIssuer::new(NAME)), expired] {
        refused(&app, &token, unavailable, "Unavailable").await;
    }
    // What needs no key is told as always.
    assert_eq!(get_with(&app, "/required", &[]).await, missing());
    assert_eq!(get_with(&app, "/optional", &[]).await, ok("optional nobody"));
    assert_eq!(get_as(&app, "/required", "Bearer a b").await, malformed());

    fake.recover();
    pause(10).await;
    accepted(&app, &good(&fake)).await;
    refused(&app, &good(&FakeIssuer::new(NAME)), invalid, "Invalid invalid_signature").await;
}

#[tokio::test(start_paused = true)]
async fn the_first_request_waits_for_a_fetch_that_is_under_way() {
    let fake = FakeIssuer::new(NAME);
    fake.hang();
    let app = router(&started(&fake));
    pause(1).await;
    let before = Instant::now();
    assert_eq!(get_as(&app, "/required", bearer(&good(&fake))).await, unavailable());
    // The time of a fetch, of which one second had passed.
    assert_eq!(before.elapsed().as_secs(), 4);
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_too_old_are_as_none() {
    let fake = FakeIssuer::new(NAME);
    let app = router(&connected(&fake).await);
    fake.fail(500);
    pause(5 * 60 * 60).await;
    accepted(&app, &good(&fake)).await;
    pause(2 * 60 * 60).await;
    refused(&app, &good(&fake), unavailable, "Unavailable").await;
    fake.recover();
    pause(10 * 60).await;
    accepted(&app, &good(&fake)).await;
}

/// A client whose answers take two seconds.
fn slow(fake: &FakeIssuer) -> impl Fetch + 'static {
    let fake = fake.clone();
    move |request: FetchRequest| {
        let fake = fake.clone();
        async move {
            pause(2).await;
            fake.get(request).await
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_of_a_new_key_waits_for_it() {
    let fake = FakeIssuer::new(NAME);
    let issuer = Issuer::builder(NAME).client(slow(&fake)).connect().await.unwrap();
    let app = router(&issuer);
    let old = good(&fake);
    accepted(&app, &old).await;
    let _ = fake.rotate();
    let new = good(&fake);
    // The cooldown of the first fetch.
    pause(30).await;
    let before = Instant::now();
    let (waited, other, known) = tokio::join!(
        async { (get_as(&app, "/required", bearer(&new)).await, before.elapsed().as_secs()) },
        async { (get_as(&app, "/optional", bearer(&new)).await, before.elapsed().as_secs()) },
        async { (get_as(&app, "/required", bearer(&old)).await, before.elapsed().as_secs()) },
    );
    assert_eq!(waited, (ok("required ada"), 2));
    assert_eq!(other, (ok("optional ada"), 2));
    // A token whose key is known does not wait.
    assert_eq!(known, (ok("required ada"), 0));
    assert_eq!(fake.fetches(), 2);

    // Within the cooldown, nobody waits for another key.
    let _ = fake.rotate();
    let before = Instant::now();
    refused(&app, &good(&fake), invalid, "Invalid unknown_key").await;
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert_eq!(fake.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn several_issuers() {
    let (one, two) = (FakeIssuer::new(NAME), FakeIssuer::new("https://staff.example"));
    two.fail(503);
    let issuers = [connected(&one).await, started(&two)];
    let verifiers = issuers.each_ref().map(|issuer| issuer.access_tokens(AUDIENCE));
    let app = app::router(Auth::from_issuers(Issuers::new(verifiers)));
    pause(1).await;
    accepted(&app, &good(&one)).await;
    refused(&app, &good(&two), unavailable, "Unavailable").await;
    two.recover();
    pause(10).await;
    accepted(&app, &good(&one)).await;
    accepted(&app, &good(&two)).await;

    // Each issuer speaks for itself alone.
    let of_another = sign(&two, &claims(NAME));
    refused(&app, &of_another, invalid, "Invalid invalid_signature").await;
    let unknown = sign(&one, &claims("https://evil.example"));
    refused(&app, &unknown, invalid, "Invalid invalid_issuer").await;
    let of_nobody = sign(&one, &with(claims(NAME), "iss", Value::Null));
    refused(&app, &of_nobody, invalid, "Invalid missing_claim").await;
    refused(&app, "a.b.c", invalid, "Invalid malformed").await;
    let past = NumericDate::now() - Duration::from_secs(60);
    let expired = sign(&two, &with(claims(two.name()), "exp", json!(past)));
    refused(&app, &expired, has_expired, "Invalid expired").await;

    let _ = two.rotate();
    pause(30).await;
    accepted(&app, &good(&two)).await;
    assert_eq!(one.fetches(), 1);

    let nobody = app::router(Auth::from_issuers(Issuers::new([])));
    refused(&nobody, &good(&one), invalid, "Invalid invalid_issuer").await;
}

/// A session that was not ended.
struct Active(Session);

impl FromRequestParts<Auth> for Active {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, auth: &Auth) -> Result<Self, Refusal> {
        let Authenticated(session) =
            Authenticated::<Session>::from_request_parts(parts, auth).await?;
        tokio::task::yield_now().await;
        if session.sub == "ada" { Ok(Self(session)) } else { Err(auth.refuse(Reason::Revoked)) }
    }
}

#[tokio::test(start_paused = true)]
async fn a_program_can_refuse_revoked_tokens() {
    async fn hello(Active(session): Active) -> String {
        session.sub
    }
    let fake = FakeIssuer::new(NAME);
    let auth = auth(&connected(&fake).await).realm("api");
    let app = Router::new().route("/", get(hello)).with_state(auth);
    assert_eq!(get_as(&app, "/", bearer(&good(&fake))).await, ok("ada"));
    let bob = sign(&fake, &with(claims(NAME), "sub", json!("bob")));
    let refused = r#"Bearer realm="api", error="invalid_token""#;
    let expected = || answer(401, refused, "the token is not valid");
    assert_eq!(get_as(&app, "/", bearer(&bob)).await, expected());
    let forged = good(&FakeIssuer::new(NAME));
    assert_eq!(get_as(&app, "/", bearer(&forged)).await, expected());
}

#[tokio::test(start_paused = true)]
async fn a_cookie_is_taken_from_the_same_origin_alone() {
    let fake = FakeIssuer::new(NAME);
    let cookie = format!("session={}", good(&fake));
    let same = [("host", "api.example"), ("origin", "https://api.example")];
    let cross = [("host", "api.example"), ("origin", "https://evil.example")];
    let upgrade = [("upgrade", "websocket"), ("connection", "upgrade")];
    let request = async |app: &Router, method: &str, headers: &[&[(&str, &str)]]| {
        let request = Request::builder().method(method).uri("/required").header("cookie", &cookie);
        let headers = headers.iter().copied().flatten();
        send(app, headers.fold(request, |r, &(name, value)| r.header(name, value))).await
    };
    let there = connected(&fake).await;
    let failing = FakeIssuer::new(NAME);
    failing.fail(500);
    let absent = started(&failing);
    pause(1).await;
    for (issuer, taken) in [(there, ok("required ada")), (absent, unavailable())] {
        let taken = || Answer { body: taken.body.clone(), ..answer(taken.status, None, "") };
        let app = app::router(auth(&issuer).cookie("session"));
        assert_eq!(request(&app, "GET", &[]).await, taken());
        assert_eq!(request(&app, "GET", &[&cross]).await, taken());
        assert_eq!(request(&app, "POST", &[&same]).await, taken());
        assert_eq!(request(&app, "GET", &[&upgrade, &same]).await, taken());
        // Without keys too, another site is told no more than that.
        assert_eq!(request(&app, "POST", &[&cross]).await, cross_site());
        assert_eq!(request(&app, "POST", &[]).await, cross_site());
        assert_eq!(request(&app, "GET", &[&upgrade, &cross]).await, cross_site());
        assert_eq!(request(&app, "GET", &[&upgrade]).await, cross_site());
    }
    // Without a name, no cookie is read.
    let app = router(&connected(&fake).await);
    assert_eq!(request(&app, "GET", &[]).await, missing());
}

#[test]
fn a_token_error_keeps_the_cause() {
    fn source<T: std::error::Error + Clone + 'static>(error: &TokenError) -> Option<T> {
        error.source().and_then(|source| source.downcast_ref::<T>()).cloned()
    }
    let exp = NumericDate::from_secs(1);
    let expired = Error::Expired { exp, now: NumericDate::from_secs(2) };
    let error = TokenError::from(OidcError::from(expired.clone()));
    assert_eq!((error.code(), error.is_expired()), ("expired", true));
    assert_eq!(source(&error), Some(expired.clone()));
    assert_eq!(error, TokenError::from(expired));

    let error = TokenError::from(OidcError::SenderConstrained);
    assert_eq!((error.code(), error.is_expired()), ("sender_constrained", false));
    assert_eq!(error.to_string(), "the token was rejected: sender_constrained");
    assert_eq!(source(&error), Some(OidcError::SenderConstrained));
    assert_eq!(source::<Error>(&error), None);

    let error = TokenError::from(OidcError::KeysUnavailable);
    assert_eq!((error.code(), error.is_expired()), ("keys_unavailable", false));
}

/// However a program makes its refusal of keys that are not there.
#[tokio::test]
async fn keys_that_are_not_there_are_never_401() {
    let missing = OidcError::KeysUnavailable;
    assert_eq!(Reason::from(missing.clone()), Reason::Unavailable);
    let auth = auth(&started(&FakeIssuer::new(NAME))).realm("api");
    for refusal in [
        auth.refuse(missing.clone()),
        auth.refuse(Reason::Invalid(missing.clone().into())),
        Refusal::from(Reason::from(missing.clone())),
        Refusal::from(Reason::Invalid(missing.into())),
    ] {
        assert_eq!(*refusal.reason(), Reason::Unavailable);
        assert_eq!(Answer::of(refusal.into_response()).await, unavailable());
    }
    let bound = OidcError::SenderConstrained;
    assert_eq!(Reason::from(bound.clone()), Reason::Invalid(bound.clone().into()));
    let challenge = r#"Bearer realm="api", error="invalid_token""#;
    let expected = answer(401, challenge, "the token is not valid");
    assert_eq!(Answer::of(auth.refuse(bound).into_response()).await, expected);
}

/// Claims that cannot be sent to another thread, although the future of their extractor can.
#[derive(serde::Deserialize)]
struct Local {
    #[serde(skip)]
    _not_send: PhantomData<Rc<()>>,
}

#[tokio::test(start_paused = true)]
async fn claims_need_not_be_send() {
    use axum::extract::OptionalFromRequestParts as Optional;

    type Claims = Authenticated<Local>;

    fn sent<F: Future + Send>(future: F) -> F {
        future
    }
    let fake = FakeIssuer::new(NAME);
    let auth = auth(&connected(&fake).await);
    let request = Request::get("/").header("authorization", bearer(&good(&fake)));
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let claims = <Claims as FromRequestParts<Auth>>::from_request_parts(&mut parts, &auth);
    assert!(sent(claims).await.is_ok());
    let claims = <Claims as Optional<Auth>>::from_request_parts(&mut parts, &auth);
    assert!(sent(claims).await.is_ok_and(|claims| claims.is_some()));
}
