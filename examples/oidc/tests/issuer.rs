//! Against a small issuer on this machine, whose documents the tests change.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use jwt_codec::{Algorithm, Claims, Error, KeySet, PrivateKey, Validation, encode};
use oidc::{FetchError, Issuer, MIN_INTERVAL};
use serde_json::{Value, json};

const DISCOVERY: &str = "/.well-known/openid-configuration";
const JWKS: &str = "/jwks";

/// A web server of two documents.
struct Server {
    url: String,
    pages: Arc<Mutex<HashMap<&'static str, (u16, String)>>>,
    hits: Arc<Mutex<HashMap<String, usize>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { url, pages: Arc::default(), hits: Arc::default() };
        let (pages, hits) = (Arc::clone(&server.pages), Arc::clone(&server.hits));
        thread::spawn(move || {
            for mut stream in listener.incoming().map(Result::unwrap) {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let Some(Ok(first)) = lines.next() else { continue };
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
                *hits.lock().unwrap().entry(path.clone()).or_default() += 1;
                let found = pages.lock().unwrap().get(path.as_str()).cloned();
                let (status, body) = found.unwrap_or((404, String::new()));
                let len = body.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} -\r\ncontent-length: {len}\r\nconnection: close\r\n\r\n{body}"
                );
            }
        });
        server.page(DISCOVERY, 200, &server.discovery(&server.url, JWKS));
        server
    }

    fn discovery(&self, issuer: &str, jwks: &str) -> String {
        json!({ "issuer": issuer, "jwks_uri": format!("{}{jwks}", self.url) }).to_string()
    }

    fn page(&self, path: &'static str, status: u16, body: &str) {
        self.pages.lock().unwrap().insert(path, (status, body.into()));
    }

    fn publish(&self, keys: &[&PrivateKey]) {
        let set = keys.iter().fold(KeySet::new(), |set, key| set.with(key.public_key()).unwrap());
        self.page(JWKS, 200, &set.public_jwks());
    }

    fn fetches(&self) -> usize {
        self.hits.lock().unwrap().get(JWKS).copied().unwrap_or_default()
    }

    fn discover(&self) -> Result<Issuer, FetchError> {
        let policy = Validation::new().audience("shop").claim("nonce", "n-1");
        Issuer::discover(&self.url, None, policy, Instant::now())
    }

    fn token(&self, key: &PrivateKey) -> String {
        self.token_with(key, "shop", "n-1")
    }

    fn token_with(&self, key: &PrivateKey, audience: &str, nonce: &str) -> String {
        let claims = Claims::new(json!({ "nonce": nonce }))
            .issuer(&*self.url)
            .audience(audience)
            .expires_in(Duration::from_secs(60));
        encode(&claims, key).unwrap()
    }
}

fn key(id: &str) -> PrivateKey {
    PrivateKey::generate(Algorithm::Es256).unwrap().with_id(id)
}

fn code(issuer: &Issuer, token: &str, now: Instant) -> &'static str {
    issuer.decode::<Value>(token, now).map_or_else(|error| error.code(), |_| "ok")
}

#[test]
fn tokens_of_the_issuer_for_this_client() {
    let (server, key) = (Server::start(), key("a"));
    server.publish(&[&key]);
    let issuer = server.discover().unwrap();
    let now = Instant::now();
    let data = issuer.decode::<Value>(&server.token(&key), now).unwrap();
    assert_eq!(data.claims["nonce"], "n-1");
    assert_eq!(code(&issuer, &server.token_with(&key, "bank", "n-1"), now), "invalid_audience");
    assert_eq!(code(&issuer, &server.token_with(&key, "shop", "n-2"), now), "invalid_claim");
    let forged = server.token(&self::key("a"));
    assert_eq!(code(&issuer, &forged, now), "invalid_signature");
    assert_eq!(server.fetches(), 1);
}

#[test]
fn a_new_key_is_fetched_and_an_old_one_goes() {
    let (server, old, new) = (Server::start(), key("old"), key("new"));
    server.publish(&[&old]);
    let issuer = server.discover().unwrap();
    let later = Instant::now() + MIN_INTERVAL;
    server.publish(&[&new, &old]);
    assert_eq!(code(&issuer, &server.token(&new), later), "ok");
    assert_eq!(code(&issuer, &server.token(&old), later), "ok");
    server.publish(&[&new]);
    // As long as nobody asks for an unknown key, the old one is still known.
    assert_eq!(code(&issuer, &server.token(&old), later + MIN_INTERVAL), "ok");
    assert_eq!(code(&issuer, &server.token(&key("x")), later + MIN_INTERVAL), "unknown_key");
    assert_eq!(code(&issuer, &server.token(&old), later + MIN_INTERVAL), "unknown_key");
    assert_eq!(server.fetches(), 3);
}

#[test]
fn unknown_ids_fetch_once_a_minute() {
    let (server, known) = (Server::start(), key("a"));
    server.publish(&[&known]);
    let issuer = server.discover().unwrap();
    let start = Instant::now();
    let flood = |now| {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for id in 0..50 {
                        let token = server.token(&known.clone().with_id(format!("x{id}")));
                        assert_eq!(code(&issuer, &token, now), "unknown_key");
                    }
                });
            }
        });
    };
    flood(start);
    assert_eq!(server.fetches(), 1, "the first minute began with the first fetch");
    flood(start + MIN_INTERVAL);
    assert_eq!(server.fetches(), 2);
    flood(start + MIN_INTERVAL * 2 - Duration::from_millis(1));
    assert_eq!(server.fetches(), 2);
    assert_eq!(code(&issuer, &server.token(&known), start), "ok");
}

#[test]
fn the_old_keys_stay_when_a_fetch_fails() {
    let (server, known, new) = (Server::start(), key("a"), key("b"));
    server.publish(&[&known]);
    let issuer = server.discover().unwrap();
    let mut now = Instant::now();
    for (status, body) in [
        (500, String::new()),
        (302, String::new()),
        (200, "no JSON".into()),
        (200, r#"{"keys":{}}"#.into()),
        (200, r#"{"keys":[]}"#.into()),
        (200, format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(300_000))),
    ] {
        server.page(JWKS, status, &body);
        now += MIN_INTERVAL;
        assert_eq!(code(&issuer, &server.token(&new), now), "unknown_key", "{status}");
        assert_eq!(code(&issuer, &server.token(&known), now), "ok", "{status}");
    }
    assert_eq!(server.fetches(), 7);
    // It is well again.
    server.publish(&[&known, &new]);
    assert_eq!(code(&issuer, &server.token(&new), now + MIN_INTERVAL), "ok");
}

#[test]
fn what_cannot_be_discovered() {
    let server = Server::start();
    let error = || server.discover().map(drop).unwrap_err();
    server.page(JWKS, 200, "{}");
    assert!(matches!(error(), FetchError::Keys { error: Error::InvalidKey { .. }, .. }));
    server.page(JWKS, 200, r#"{"keys":[{"kty":"oct","k":"AA"}]}"#);
    assert!(matches!(error(), FetchError::NoKeys { .. }));
    server.page(JWKS, 404, "");
    assert!(matches!(error(), FetchError::Http { .. }));

    // RFC 8414 §3.3: who answers has to be who was asked.
    server.publish(&[&key("a")]);
    server.page(DISCOVERY, 200, &server.discovery("https://accounts.example", JWKS));
    let expected = format!(
        "the discovery document is of \"https://accounts.example\", and {:?} was asked for",
        server.url
    );
    assert_eq!(error().to_string(), expected);
    server.page(DISCOVERY, 200, "[]");
    assert!(matches!(error(), FetchError::Json { .. }));
    server.page(DISCOVERY, 500, "");
    assert!(matches!(error(), FetchError::Http { .. }));
}

#[test]
fn rsa_keys_without_alg_are_for_the_algorithm_that_is_named() {
    let (server, key) = (Server::start(), PrivateKey::generate(Algorithm::Rs256).unwrap());
    let key = key.with_id("a");
    let mut jwk: Value = serde_json::from_str(&key.public_key().to_jwk()).unwrap();
    jwk.as_object_mut().unwrap().remove("alg");
    server.page(JWKS, 200, &json!({ "keys": [jwk] }).to_string());
    assert!(matches!(server.discover().map(drop), Err(FetchError::NoKeys { .. })));

    let policy = Validation::new().audience("shop");
    let now = Instant::now();
    let issuer = Issuer::discover(&server.url, Some(Algorithm::Rs256), policy, now).unwrap();
    assert_eq!(code(&issuer, &server.token(&key), now), "ok");
}
