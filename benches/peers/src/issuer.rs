//! An access token of an issuer, by `jwt-codec-oidc`, and by the crate with the same key and policy.

use std::{hint::black_box, time::Duration};

use jwt_codec::{Algorithm, Header, KeySet, PrivateKey, Validation, decode, encode_with_header};
use jwt_codec_oidc::{BoxError, FetchRequest, FetchResponse, Issuer};
use serde_json::{Value, json};

use crate::race::{Candidate, Timing, race};

const NAME: &str = "https://login.example";

/// The time of `try_decode`, and of a decode with the same key.
pub fn contest() -> [Timing; 2] {
    eprintln!("a token of an issuer …");
    let private = PrivateKey::generate(Algorithm::EdDsa).unwrap().with_id("a");
    let keys = KeySet::new().with(private.public_key()).unwrap().with_issuer(NAME);
    let jwks = keys.public_jwks();
    let client = move |_: FetchRequest| {
        let body = jwks.clone().into_bytes();
        async move { Ok::<_, BoxError>(FetchResponse { status: 200, body }) }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let builder = Issuer::builder(NAME).jwks_uri("https://login.example/keys").client(client);
    let issuer = runtime.block_on(builder.connect()).unwrap();
    let verifier = issuer.access_tokens("api");

    let claims = ["sub", "client_id", "iat", "jti"];
    let policy = claims.into_iter().fold(Validation::new(), Validation::require);
    let policy = policy.audience("api").typ("at+jwt").forbid("cnf");
    let header = Header::new().with_typ("at+jwt");
    let claims = json!({
        "iss": NAME, "aud": "api", "exp": 4_102_444_800_i64, "iat": 1_600_000_000, "sub": "ada",
        "client_id": "web", "jti": "1", "scope": "read write",
    });
    let token = encode_with_header(&header, &claims, &private).unwrap();
    let token = token.as_str();
    assert_eq!(verifier.try_decode::<Value>(token).unwrap().claims, claims);

    race(
        Duration::from_secs(2),
        [
            Candidate::new(|| verifier.try_decode::<Value>(black_box(token)).unwrap()),
            Candidate::new(|| decode::<Value>(black_box(token), &keys, &policy).unwrap()),
        ],
    )
}
