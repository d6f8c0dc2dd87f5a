//! An issuer in memory, its tokens, and a router that takes them.

use axum::Router;
use jwt_codec::Header;
use jwt_codec_axum::Auth;
use jwt_codec_oidc::{Issuer, testing::FakeIssuer};
use serde_json::{Value, json};

pub(crate) const NAME: &str = "https://login.example";
pub(crate) const AUDIENCE: &str = "https://api.example";

/// The claims of an access token of Ada's that is good in every respect.
pub(crate) fn claims(issuer: &str) -> Value {
    json!({
        "iss": issuer, "aud": AUDIENCE, "sub": "ada", "client_id": "app", "jti": "1",
        "iat": 1_600_000_000, "exp": super::FOREVER,
    })
}

/// The claims with one of them replaced, or removed if the value is `null`.
pub(crate) fn with(mut claims: Value, name: &str, value: Value) -> Value {
    let members = claims.as_object_mut().unwrap();
    match value {
        Value::Null => drop(members.remove(name)),
        value => drop(members.insert(name.into(), value)),
    }
    claims
}

pub(crate) fn sign(fake: &FakeIssuer, claims: &Value) -> String {
    fake.sign(&Header::new().with_typ("at+jwt"), claims)
}

/// Ada's, without any scope.
pub(crate) fn good(fake: &FakeIssuer) -> String {
    sign(fake, &claims(fake.name()))
}

pub(crate) async fn connected(fake: &FakeIssuer) -> Issuer {
    Issuer::builder(fake.name()).client(fake.clone()).connect().await.unwrap()
}

/// An issuer whose keys come when they can be had.
pub(crate) fn started(fake: &FakeIssuer) -> Issuer {
    Issuer::builder(fake.name()).client(fake.clone()).start().unwrap()
}

pub(crate) fn auth(issuer: &Issuer) -> Auth {
    Auth::from_access_tokens(issuer.access_tokens(AUDIENCE))
}

pub(crate) fn router(issuer: &Issuer) -> Router {
    super::router(auth(issuer))
}
