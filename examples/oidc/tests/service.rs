//! The service against an issuer in memory, and a token endpoint on this machine.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::HashMap,
    future::pending,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Form, Json, Router,
    body::{Body, to_bytes},
    http::{Request, Response, StatusCode, header},
    routing::post,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jwt_codec::Header;
use jwt_codec_oidc::{Fetch, FetchRequest, Issuer, testing::FakeIssuer};
use oidc::{Config, router, serve};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::{Mutex, oneshot},
    time::{advance, pause, sleep, timeout},
};
use tower::ServiceExt;
use url::Url;

const NAME: &str = "https://login.example";
const EXP: i64 = 4_102_444_800;

/// The service, its issuer, and what the issuer's token endpoint answers to the next code.
struct World {
    fake: FakeIssuer,
    app: Router,
    next: Arc<Mutex<Value>>,
    asked: Arc<Mutex<HashMap<String, String>>>,
}

impl World {
    async fn new() -> Self {
        Self::with_fetches_of(Duration::ZERO).await
    }

    /// Every token with a new key causes a fetch, and each document takes this long.
    async fn with_fetches_of(delay: Duration) -> Self {
        let (next, asked) =
            (Arc::<Mutex<Value>>::default(), Arc::<Mutex<HashMap<_, _>>>::default());
        let endpoint = {
            let (next, asked) = (next.clone(), asked.clone());
            post(async move |Form(form): Form<HashMap<String, String>>| {
                *asked.lock().await = form;
                Json(next.lock().await.clone())
            })
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let token_endpoint = format!("http://{}/token", listener.local_addr().unwrap());
        tokio::spawn(async {
            axum::serve(listener, Router::new().route("/token", endpoint)).await
        });

        let fake = FakeIssuer::new(NAME);
        let client = {
            let fake = fake.clone();
            move |request: FetchRequest| {
                let fake = fake.clone();
                async move {
                    sleep(delay).await;
                    fake.get(request).await
                }
            }
        };
        let builder = Issuer::builder(NAME).client(client).cooldown(Duration::ZERO);
        let issuer = builder.connect().await.unwrap();
        let config = Config {
            audience: "https://api.example".into(),
            client_id: "shop".into(),
            client_secret: "a secret for this test".into(),
            base_url: "https://shop.example".into(),
            authorization_endpoint: "https://login.example/authorize".into(),
            token_endpoint,
        };
        Self { fake, app: router(config, issuer), next, asked }
    }

    async fn get(&self, path: &str, name: header::HeaderName, value: &str) -> Response<Body> {
        let request = Request::get(path).header(name, value).body(Body::empty()).unwrap();
        self.app.clone().oneshot(request).await.unwrap()
    }

    /// Begins a login: its cookie, and the query with which the issuer is asked.
    async fn begin(&self) -> (String, HashMap<String, String>) {
        let answer = self.get("/login", header::COOKIE, "").await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let url = Url::parse(answer.headers()[header::LOCATION].to_str().unwrap()).unwrap();
        assert_eq!((url.host_str(), url.path()), (Some("login.example"), "/authorize"));
        (cookies(&answer).remove(0), url.query_pairs().into_owned().collect())
    }

    async fn callback(&self, cookie: &str, state: &str) -> Response<Body> {
        self.get(&format!("/callback?code=c-1&state={state}"), header::COOKIE, cookie).await
    }

    fn id_token(&self, nonce: &str, sid: Option<&str>) -> String {
        let claims = json!({
            "iss": NAME, "aud": "shop", "sub": "ada", "sid": sid, "nonce": nonce, "iat": 1, "exp": EXP,
            "at_hash": URL_SAFE_NO_PAD.encode(&Sha256::digest("an access token")[..16]),
        });
        self.fake.sign(&Header::new(), &claims)
    }

    /// Logs in: the cookie of the session.
    async fn log_in(&self) -> String {
        self.log_in_to(Some("s-1")).await
    }

    /// Logs in, with this session at the issuer.
    async fn log_in_to(&self, sid: Option<&str>) -> String {
        let (cookie, query) = self.begin().await;
        let id_token = self.id_token(&query["nonce"], sid);
        *self.next.lock().await =
            json!({ "id_token": id_token, "access_token": "an access token" });
        let answer = self.callback(&cookie, &query["state"]).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let asked = self.asked.lock().await;
        assert_eq!(asked["code"], "c-1");
        assert_eq!(asked["redirect_uri"], "https://shop.example/callback");
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&asked["code_verifier"]));
        assert_eq!(challenge, query["code_challenge"]);
        cookies(&answer).into_iter().find(|cookie| cookie.starts_with("__Host-session=")).unwrap()
    }

    async fn home(&self, cookie: &str) -> (StatusCode, String) {
        let answer = self.get("/", header::COOKIE, cookie).await;
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// The body of a request of the issuer, with an id that no other has.
    fn logout(&self, changes: &Value) -> String {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let jti = format!("j-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut claims = json!({
            "iss": NAME, "aud": "shop", "jti": jti, "iat": 1, "exp": EXP,
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        let members = claims.as_object_mut().unwrap();
        members.extend(changes.as_object().unwrap().clone());
        let token = self.fake.sign(&Header::new().with_typ("logout+jwt"), &claims);
        format!("logout_token={token}")
    }

    async fn log_out(&self, changes: &Value) -> StatusCode {
        let request = Request::post("/backchannel-logout")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(self.logout(changes)))
            .unwrap();
        self.app.clone().oneshot(request).await.unwrap().status()
    }
}

/// The cookies that an answer sets, as a browser sends them back.
fn cookies(answer: &Response<Body>) -> Vec<String> {
    let set = answer.headers().get_all(header::SET_COOKIE).iter();
    set.map(|value| {
        let value = value.to_str().unwrap();
        assert!(value.contains("; HttpOnly; SameSite=Lax;") && value.ends_with("; Secure"));
        value.split(';').next().unwrap().to_owned()
    })
    .collect()
}

#[tokio::test]
async fn the_api_takes_access_tokens() {
    let world = World::new().await;
    let sign = |audience: &str| {
        let claims = json!({
            "iss": NAME, "aud": audience, "sub": "ada", "client_id": "app", "jti": "1",
            "iat": 1, "exp": EXP, "scope": "read",
        });
        world.fake.sign(&Header::new().with_typ("at+jwt"), &claims)
    };
    let me = async |value: &str| world.get("/api/me", header::AUTHORIZATION, value).await;
    let answer = me(&format!("Bearer {}", sign("https://api.example"))).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let body = to_bytes(answer.into_body(), 1000).await.unwrap();
    assert_eq!(body, r#"{"sub":"ada","scope":"read"}"#);

    for (value, challenge) in [
        (String::new(), "Bearer"),
        ("Basic YTpi".into(), "Bearer"),
        (format!("Bearer {}", sign("shop")), r#"Bearer error="invalid_token""#),
        (format!("Bearer {}", world.id_token("n", None)), r#"Bearer error="invalid_token""#),
    ] {
        let answer = me(&value).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers()[header::WWW_AUTHENTICATE], challenge);
    }
}

#[tokio::test(start_paused = true)]
async fn without_keys_the_service_is_unavailable_and_then_ready() {
    let fake = FakeIssuer::new(NAME);
    fake.fail(503);
    let issuer = Issuer::builder(NAME).client(fake.clone()).start().unwrap();
    let config = Config {
        audience: "api".into(),
        client_id: "shop".into(),
        client_secret: String::new(),
        base_url: "https://shop.example".into(),
        authorization_endpoint: "https://login.example/authorize".into(),
        token_endpoint: "https://login.example/token".into(),
    };
    let app = router(config, issuer);
    let status = async |path: &str| {
        let request = Request::get(path).header(header::AUTHORIZATION, "Bearer x.y.z");
        let request = request.body(Body::empty()).unwrap();
        app.clone().oneshot(request).await.unwrap().status()
    };
    assert_eq!(status("/ready").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(status("/api/me").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(status("/callback").await, StatusCode::SERVICE_UNAVAILABLE);
    fake.recover();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(status("/ready").await, StatusCode::OK);
    assert_eq!(status("/api/me").await, StatusCode::UNAUTHORIZED);
    assert_eq!(status("/callback").await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_login() {
    let world = World::new().await;
    assert_eq!(world.home("").await.0, StatusCode::SEE_OTHER);
    let session = world.log_in().await;
    let home = world.home(&format!("other=1; {session}")).await;
    assert_eq!(home, (StatusCode::OK, "Hello, ada!".into()));
    // A cookie that another host could have set.
    for cookies in [format!("__Host-session=x; {session}"), session.replace("__Host-", "")] {
        assert_eq!(world.home(&cookies).await.0, StatusCode::SEE_OTHER, "{cookies}");
    }
    assert_eq!(world.home("__Host-session=invented").await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn answers_of_other_logins() {
    let world = World::new().await;
    let (cookie, query) = world.begin().await;
    let (_, other) = world.begin().await;
    assert_eq!(world.callback(&cookie, &other["state"]).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(world.callback("", &query["state"]).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        world.callback("__Host-login=x", &query["state"]).await.status(),
        StatusCode::BAD_REQUEST
    );

    for (id_token, access_token) in [
        // An ID token of another login, and one that came with another access token.
        (world.id_token(&other["nonce"], Some("s-1")), "an access token"),
        (world.id_token(&query["nonce"], Some("s-1")), "another access token"),
    ] {
        *world.next.lock().await = json!({ "id_token": id_token, "access_token": access_token });
        let answer = world.callback(&cookie, &query["state"]).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert!(cookies(&answer).is_empty());
    }
    *world.next.lock().await = json!({ "error": "invalid_grant" });
    assert_eq!(world.callback(&cookie, &query["state"]).await.status(), StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn the_issuer_ends_sessions() {
    let world = World::new().await;
    let session = world.log_in().await;
    for (changes, status) in [
        (json!({ "sid": "s-2" }), StatusCode::OK),
        (json!({ "sub": "bob" }), StatusCode::OK),
        (json!({ "sid": "s-1", "aud": "bank" }), StatusCode::BAD_REQUEST),
        (json!({ "sid": "s-1", "events": {} }), StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(world.log_out(&changes).await, status, "{changes}");
        assert_eq!(world.home(&session).await.0, StatusCode::OK);
    }
    assert_eq!(world.log_out(&json!({ "sid": "s-1", "sub": "ada" })).await, StatusCode::OK);
    assert_eq!(world.home(&session).await.0, StatusCode::SEE_OTHER);

    let session = world.log_in().await;
    assert_eq!(world.log_out(&json!({ "sub": "ada" })).await, StatusCode::OK);
    assert_eq!(world.home(&session).await.0, StatusCode::SEE_OTHER);

    // The ID token did not say which session it was.
    let session = world.log_in_to(None).await;
    assert_eq!(world.log_out(&json!({ "sid": "s-1", "sub": "bob" })).await, StatusCode::OK);
    assert_eq!(world.log_out(&json!({ "sid": "s-1" })).await, StatusCode::OK);
    assert_eq!(world.home(&session).await.0, StatusCode::OK);
    assert_eq!(world.log_out(&json!({ "sid": "s-1", "sub": "ada" })).await, StatusCode::OK);
    assert_eq!(world.home(&session).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_logout_token_that_comes_again_ends_nothing() {
    let world = World::new().await;
    let logout = json!({ "sub": "ada", "jti": "j-0" });
    let session = world.log_in().await;
    assert_eq!(world.log_out(&logout).await, StatusCode::OK);
    assert_eq!(world.home(&session).await.0, StatusCode::SEE_OTHER);

    let session = world.log_in().await;
    assert_eq!(world.log_out(&logout).await, StatusCode::BAD_REQUEST);
    assert_eq!(world.home(&session).await.0, StatusCode::OK);
    // It is remembered for ten minutes; the service forgets it then.
    pause();
    advance(Duration::from_secs(10 * 60)).await;
    assert_eq!(world.log_out(&logout).await, StatusCode::OK);
}

#[tokio::test]
async fn a_session_ends_after_eight_hours() {
    let world = World::new().await;
    let session = world.log_in().await;
    pause();
    advance(Duration::from_secs(8 * 60 * 60 - 60)).await;
    assert_eq!(world.home(&session).await.0, StatusCode::OK);
    advance(Duration::from_secs(60)).await;
    assert_eq!(world.home(&session).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_logout_that_overtakes_its_login() {
    for (changes, expected) in [
        (json!({ "sid": "s-1", "sub": "ada" }), StatusCode::UNAUTHORIZED),
        (json!({ "sub": "ada" }), StatusCode::UNAUTHORIZED),
        (json!({ "sid": "s-2", "sub": "ada" }), StatusCode::SEE_OTHER),
        (json!({ "sub": "bob" }), StatusCode::SEE_OTHER),
    ] {
        let world = World::new().await;
        // One that came before the login does not count.
        assert_eq!(world.log_out(&json!({ "sub": "ada" })).await, StatusCode::OK);
        let (cookie, query) = world.begin().await;
        let id_token = world.id_token(&query["nonce"], Some("s-1"));
        // The token endpoint waits for this lock.
        let mut next = world.next.lock().await;
        *next = json!({ "id_token": id_token, "access_token": "an access token" });
        let logout = async {
            while world.asked.lock().await.is_empty() {
                sleep(Duration::from_millis(1)).await;
            }
            assert_eq!(world.log_out(&changes).await, StatusCode::OK);
            drop(next);
        };
        let (answer, ()) = tokio::join!(world.callback(&cookie, &query["state"]), logout);
        assert_eq!(answer.status(), expected, "{changes}");
        assert_eq!(cookies(&answer).is_empty(), expected == StatusCode::UNAUTHORIZED);
    }
}

/// How a client hangs up once it has sent all of its request.
#[derive(Debug, Clone, Copy)]
enum HangUp {
    AtOnce,
    AMomentLater,
    /// The client closes a connection with an answer that it has not read, so its system resets the
    /// connection.
    WithReset,
}

impl HangUp {
    async fn send(self, address: SocketAddr, request: &str) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        if matches!(self, Self::WithReset) {
            stream.write_all(b"GET /ready HTTP/1.1\r\nhost: shop\r\n\r\n").await.unwrap();
        }
        stream.write_all(request.as_bytes()).await.unwrap();
        match self {
            Self::AtOnce => {}
            Self::AMomentLater => sleep(Duration::from_millis(5)).await,
            Self::WithReset => drop(stream.peek(&mut [0]).await.unwrap()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_counts_even_if_the_issuer_hangs_up() {
    let world = World::with_fetches_of(Duration::from_millis(20)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, world.app.clone(), pending()));
    for hang_up in [HangUp::AtOnce, HangUp::AMomentLater, HangUp::WithReset] {
        for _ in 0..10 {
            let session = world.log_in().await;
            // The service has to fetch the key of the token, and the client does not wait for that.
            world.fake.rotate();
            let body = world.logout(&json!({ "sid": "s-1" }));
            let request = format!(
                "POST /backchannel-logout HTTP/1.1\r\nhost: shop\r\n\
                 content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            hang_up.send(address, &request).await;
            let is_ended = async {
                while world.home(&session).await.0 != StatusCode::SEE_OTHER {
                    sleep(Duration::from_millis(1)).await;
                }
            };
            let ended = timeout(Duration::from_secs(2), is_ended).await;
            assert!(ended.is_ok(), "{hang_up:?}");
        }
    }
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_keep_the_service_alive() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async { stopped.await.unwrap() };
    let service = tokio::spawn(serve(listener, world.app.clone(), stopped));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let half = b"POST /backchannel-logout HTTP/1.1\r\nhost: shop\r\n\
        content-type: application/x-www-form-urlencoded\r\ncontent-length: 20\r\n\r\nlogout_tok";
    stream.write_all(half).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    stop.send(()).unwrap();
    pause();
    let ended = timeout(Duration::from_secs(20), service).await;
    assert!(matches!(ended, Ok(Ok(()))), "{ended:?}");
}
