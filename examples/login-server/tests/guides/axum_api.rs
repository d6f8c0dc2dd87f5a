use std::{sync::Arc, time::Duration};

use axum::extract::{FromRequestParts, Json, State};
use axum::http::{StatusCode, header::AUTHORIZATION, request::Parts};
use axum::{Router, routing::get, routing::post};
use jwt_codec::{Error, Key, NumericDate, Validation, Verifier, encode};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    company: String,
    exp: NumericDate,
}

pub struct Tokens {
    key: Key,
    verifier: Verifier<Key>,
}

impl Tokens {
    pub fn new(secret: &str) -> Result<Self, Error> {
        let key = Key::hs256(secret)?;
        Ok(Self { key: key.clone(), verifier: Verifier::new(key, Validation::new()) })
    }
}

#[derive(Deserialize)]
struct Login {
    client_id: String,
}

async fn authorize(
    State(tokens): State<Arc<Tokens>>,
    Json(login): Json<Login>,
) -> Result<String, StatusCode> {
    let exp = NumericDate::now() + Duration::from_secs(3600);
    let claims = Claims { sub: login.client_id, company: "ACME".to_owned(), exp };
    encode(&claims, &tokens.key).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn protected(claims: Claims) -> String {
    format!("Welcome, {} of {}!", claims.sub, claims.company)
}

impl FromRequestParts<Arc<Tokens>> for Claims {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(
        parts: &mut Parts,
        tokens: &Arc<Tokens>,
    ) -> Result<Self, Self::Rejection> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or((StatusCode::UNAUTHORIZED, "no token"))?;
        match tokens.verifier.decode(token) {
            Ok(data) => Ok(data.claims),
            Err(error) if error.is_expired() => Err((StatusCode::UNAUTHORIZED, "expired")),
            Err(_) => Err((StatusCode::UNAUTHORIZED, "invalid")),
        }
    }
}

pub fn router(tokens: Tokens) -> Router {
    Router::new()
        .route("/authorize", post(authorize))
        .route("/protected", get(protected))
        .with_state(Arc::new(tokens))
}
