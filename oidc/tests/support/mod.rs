//! What the tests share: tokens of an issuer in memory, and a client whose answers a test writes.

#![allow(dead_code, unreachable_pub, reason = "each test file is a program that uses a part")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

pub mod server;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jwt_codec::{Algorithm, Header, KeySet, PrivateKey, sign};
use jwt_codec_oidc::{
    AccessTokenVerifier, BoxError, Fetch, FetchFuture, FetchRequest, FetchResponse, Issuer,
    IssuerBuilder, testing::FakeIssuer,
};
use serde_json::{Value, json};

pub const NAME: &str = "https://login.example";
pub const DISCOVERY: &str = "https://login.example/.well-known/openid-configuration";
pub const JWKS: &str = "https://login.example/jwks";
pub const AUDIENCE: &str = "https://api.example";

/// The claims of an access token that is good in every respect.
pub fn claims() -> Value {
    json!({
        "iss": NAME, "aud": AUDIENCE, "sub": "ada", "client_id": "app", "jti": "1",
        "iat": 1_600_000_000, "exp": 4_102_444_800_i64,
    })
}

/// The claims with some of them replaced, or removed where the change is `null`.
pub fn with(mut claims: Value, changes: &Value) -> Value {
    let members = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    claims
}

pub fn access_header() -> Header {
    Header::new().with_typ("at+jwt")
}

pub fn access_token(fake: &FakeIssuer) -> String {
    fake.sign(&access_header(), &claims())
}

pub fn key(id: &str) -> PrivateKey {
    PrivateKey::generate(Algorithm::Es256).unwrap().with_id(id)
}

/// A good access token, but for its key.
pub fn signed_with(key: &PrivateKey) -> String {
    sign(&access_header(), claims().to_string().as_bytes(), key).unwrap()
}

/// A token of the issuer that names an invented key, with a signature of nobody.
pub fn invented(id: &str) -> String {
    let encode = |json: String| URL_SAFE_NO_PAD.encode(json);
    let header = encode(json!({ "alg": "ES256", "kid": id, "typ": "at+jwt" }).to_string());
    format!("{header}.{}.{}", encode(claims().to_string()), "A".repeat(86))
}

pub fn builder(fake: &FakeIssuer) -> IssuerBuilder {
    Issuer::builder(fake.name()).client(fake.clone())
}

pub async fn connected(fake: &FakeIssuer) -> (Issuer, AccessTokenVerifier) {
    let issuer = builder(fake).connect().await.unwrap();
    let verifier = issuer.access_tokens(AUDIENCE);
    (issuer, verifier)
}

pub async fn code(verifier: &AccessTokenVerifier, token: &str) -> &'static str {
    verifier.decode::<Value>(token).await.map_or_else(|error| error.code(), |_| "ok")
}

pub fn code_now(verifier: &AccessTokenVerifier, token: &str) -> &'static str {
    verifier.try_decode::<Value>(token).map_or_else(|error| error.code(), |_| "ok")
}

pub async fn pause(secs: u64) {
    tokio::time::sleep(Duration::from_secs(secs)).await;
}

pub fn jwks(keys: &[&PrivateKey]) -> String {
    let set = keys.iter().fold(KeySet::new(), |set, key| set.with(key.public_key()).unwrap());
    set.public_jwks()
}

/// Status, body, and how long it takes.
type Page = (u16, Vec<u8>, Duration);

/// A client that answers with pages, and notes what it is asked.
#[derive(Clone, Default)]
pub struct Pages {
    pages: Arc<Mutex<HashMap<String, Page>>>,
    asked: Arc<Mutex<Vec<FetchRequest>>>,
}

impl Pages {
    /// Of an issuer that publishes these keys.
    pub fn publishing(keys: &[&PrivateKey]) -> Self {
        let pages = Self::default();
        pages.set(DISCOVERY, 200, json!({ "issuer": NAME, "jwks_uri": JWKS }).to_string());
        pages.set(JWKS, 200, jwks(keys));
        pages
    }

    pub fn set(&self, url: &str, status: u16, body: impl AsRef<[u8]>) {
        self.set_slow(url, status, body, Duration::ZERO);
    }

    pub fn set_slow(&self, url: &str, status: u16, body: impl AsRef<[u8]>, delay: Duration) {
        let page = (status, body.as_ref().to_vec(), delay);
        self.pages.lock().unwrap().insert(url.into(), page);
    }

    pub fn asked(&self) -> Vec<FetchRequest> {
        self.asked.lock().unwrap().clone()
    }

    pub fn urls(&self) -> Vec<String> {
        self.asked().into_iter().map(|request| request.url).collect()
    }

    pub fn builder(&self) -> IssuerBuilder {
        Issuer::builder(NAME).client(self.clone())
    }
}

impl Fetch for Pages {
    fn get(&self, request: FetchRequest) -> FetchFuture<'_> {
        let page = self.pages.lock().unwrap().get(&request.url).cloned();
        self.asked.lock().unwrap().push(request);
        Box::pin(async {
            let Some((status, body, delay)) = page else {
                return Err(BoxError::from("there is no such page"));
            };
            tokio::time::sleep(delay).await;
            Ok(FetchResponse { status, body })
        })
    }
}
