//! ID tokens (OpenID Connect Core 1.0 §3.1.3.7).

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::time::Duration;

use jwt_codec::{Header, NumericDate, Validation};
use jwt_codec_oidc::{IdTokenVerifier, Login, OidcError, testing::FakeIssuer};
use serde_json::{Value, json};
use support::{NAME, builder, pause, with};

const CLIENT: &str = "shop";
const NOW: i64 = 1_600_000_000;

fn id_claims() -> Value {
    json!({
        "iss": NAME, "aud": CLIENT, "sub": "ada", "nonce": "n-1",
        "iat": NOW, "exp": 4_102_444_800_i64,
    })
}

async fn verifier(fake: &FakeIssuer) -> IdTokenVerifier {
    builder(fake).connect().await.unwrap().id_tokens(CLIENT)
}

fn judge(
    verifier: &IdTokenVerifier,
    fake: &FakeIssuer,
    login: &Login,
    claims: &Value,
) -> Result<Value, OidcError> {
    let token = fake.sign(&Header::new(), claims);
    verifier.try_decode::<Value>(&token, login).map(|data| data.claims)
}

fn code(
    verifier: &IdTokenVerifier,
    fake: &FakeIssuer,
    login: &Login,
    changes: &Value,
) -> &'static str {
    let claims = with(id_claims(), changes);
    judge(verifier, fake, login, &claims).map_or_else(|error| error.code(), |_| "ok")
}

/// Such as a name that JavaScript cut inside of an emoji: nobody reads it, so it is no reason to reject.
#[tokio::test(start_paused = true)]
async fn a_claim_that_nobody_reads_may_be_anything() {
    #[derive(serde::Deserialize)]
    struct Subject {
        sub: String,
    }

    let fake = FakeIssuer::new(NAME);
    let verifier = verifier(&fake).await;
    let deep = (0..200).fold(json!([]), |inner, _| json!([inner]));
    let token = fake.sign(&Header::new(), &with(id_claims(), &json!({ "x": deep })));
    let login = Login::with_nonce("n-1");
    let found = verifier.try_decode::<Subject>(&token, &login).map(|data| data.claims.sub);
    assert_eq!(found, Ok("ada".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn required_claims_and_their_values() {
    let fake = FakeIssuer::new(NAME);
    let verifier = verifier(&fake).await;
    let login = Login::with_nonce("n-1");
    assert_eq!(judge(&verifier, &fake, &login, &id_claims()).unwrap()["sub"], "ada");
    for claim in ["iss", "aud", "sub", "exp", "iat"] {
        let changes = json!({ claim: null });
        assert_eq!(code(&verifier, &fake, &login, &changes), "missing_claim", "{claim}");
    }
    for (changes, expected) in [
        (json!({ "aud": "bank" }), "invalid_audience"),
        (json!({ "exp": 1_600_000_001 }), "expired"),
        (json!({ "iss": "https://other.example" }), "invalid_issuer"),
        (json!({ "azp": CLIENT }), "ok"),
        (json!({ "events": {} }), "invalid_claim"),
        (json!({ "azp": "bank" }), "invalid_azp"),
        (json!({ "azp": [CLIENT] }), "invalid_azp"),
        (json!({ "aud": [CLIENT] }), "ok"),
        (json!({ "aud": [CLIENT, CLIENT] }), "ok"),
        (json!({ "aud": [CLIENT, "bank"] }), "untrusted_audience"),
        (json!({ "aud": ["bank", CLIENT], "azp": CLIENT }), "untrusted_audience"),
    ] {
        assert_eq!(code(&verifier, &fake, &login, &changes), expected, "{changes}");
    }
    for (header, expected) in [
        (Header::new(), "ok"),
        (Header::new().without_typ(), "ok"),
        (Header::new().with_typ("at+jwt"), "unexpected_type"),
        (Header::new().with_typ("logout+jwt"), "unexpected_type"),
    ] {
        let token = fake.sign(&header, &id_claims());
        let found = verifier.decode::<Value>(&token, &login).await;
        assert_eq!(found.map_or_else(|error| error.code(), |_| "ok"), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn trusted_audiences() {
    let fake = FakeIssuer::new(NAME);
    let verifier = verifier(&fake).await.trust_audience("bank").trust_audience("post");
    let login = Login::with_nonce("n-1");
    for (changes, expected) in [
        (json!({ "aud": [CLIENT, "bank", "post"] }), "ok"),
        (json!({ "aud": [CLIENT, "bank", "spy"] }), "untrusted_audience"),
        (json!({ "aud": ["bank"] }), "invalid_audience"),
        (json!({ "azp": "post" }), "ok"),
        (json!({ "azp": "spy" }), "invalid_azp"),
    ] {
        assert_eq!(code(&verifier, &fake, &login, &changes), expected, "{changes}");
    }
    let long = "x".repeat(1000);
    let claims = with(id_claims(), &json!({ "aud": [CLIENT, long] }));
    let expected = OidcError::UntrustedAudience { audience: "x".repeat(63) + "…" };
    assert_eq!(judge(&verifier, &fake, &login, &claims), Err(expected));
}

#[tokio::test(start_paused = true)]
async fn nonces() {
    let fake = FakeIssuer::new(NAME);
    let verifier = verifier(&fake).await;
    let (with_nonce, without) = (Login::with_nonce("n-1"), Login::without_nonce());
    let absent = with(id_claims(), &json!({ "nonce": null }));
    let mut null = id_claims();
    null["nonce"] = Value::Null;
    let mut other = id_claims();
    other["nonce"] = json!("n-2");
    let mut list = id_claims();
    list["nonce"] = json!(["n-1"]);
    let mut empty = id_claims();
    empty["nonce"] = json!("");
    for (login, claims, expected) in [
        (&with_nonce, &absent, Some(OidcError::MissingNonce)),
        (&with_nonce, &null, Some(OidcError::InvalidNonce)),
        (&with_nonce, &other, Some(OidcError::InvalidNonce)),
        (&with_nonce, &list, Some(OidcError::InvalidNonce)),
        (&Login::with_nonce(""), &empty, Some(OidcError::InvalidNonce)),
        (&without, &absent, None),
        (&without, &null, Some(OidcError::UnexpectedNonce)),
        (&without, &other, Some(OidcError::UnexpectedNonce)),
    ] {
        assert_eq!(judge(&verifier, &fake, login, claims).err(), expected, "{claims}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_of_authentication() {
    let fake = FakeIssuer::new(NAME);
    let now = NumericDate::from_secs(NOW);
    let verifier = verifier(&fake).await.validation(move |policy| policy.at(now));
    let max_age = Duration::from_secs(60);
    let login = Login::with_nonce("n-1").max_age(max_age);
    assert_eq!(code(&verifier, &fake, &login, &json!({})), "missing_claim");
    let too_old = |auth_time: Option<i64>| OidcError::AuthTooOld {
        auth_time: auth_time.map(NumericDate::from_secs),
        now,
        max_age,
    };
    for (auth_time, expected) in [
        (json!(NOW), None),
        (json!(NOW - 60), None),
        (json!(NOW - 61), Some(too_old(Some(NOW - 61)))),
        (json!(NOW + 1), Some(too_old(Some(NOW + 1)))),
        (json!("yesterday"), Some(too_old(None))),
    ] {
        let claims = with(id_claims(), &json!({ "auth_time": auth_time }));
        assert_eq!(judge(&verifier, &fake, &login, &claims).err(), expected, "{auth_time}");
    }
    let verifier = verifier.validation(|policy| policy.leeway(Duration::from_secs(1)));
    for (auth_time, expected) in [(NOW - 61, "ok"), (NOW - 62, "auth_too_old"), (NOW + 1, "ok")] {
        let changes = json!({ "auth_time": auth_time });
        assert_eq!(code(&verifier, &fake, &login, &changes), expected, "{auth_time}");
    }
    let forever = Login::with_nonce("n-1").max_age(Duration::MAX);
    assert_eq!(code(&verifier, &fake, &forever, &json!({ "auth_time": 0 })), "ok");
}

#[tokio::test(start_paused = true)]
async fn the_authentication_context() {
    let fake = FakeIssuer::new(NAME);
    let verifier = verifier(&fake).await;
    let login = Login::with_nonce("n-1").acr("phr");
    assert_eq!(code(&verifier, &fake, &login, &json!({ "acr": "phr" })), "ok");
    for changes in [json!({}), json!({ "acr": "pwd" }), json!({ "acr": ["phr"] })] {
        assert_eq!(code(&verifier, &fake, &login, &changes), "invalid_acr", "{changes}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_hash_of_the_access_token() {
    let fake = FakeIssuer::new(NAME);
    let verifier = verifier(&fake).await;
    // The example of OpenID Connect Core 1.0 §A.3, with SHA-256 as for ES256.
    let login = |token: &str| Login::with_nonce("n-1").access_token(token);
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    let hash = json!({ "at_hash": "77QmUPtjPfzWtF2AnpK9RQ" });
    assert_eq!(code(&verifier, &fake, &login(token), &hash), "ok");
    assert_eq!(code(&verifier, &fake, &login("another"), &hash), "invalid_at_hash");
    assert_eq!(code(&verifier, &fake, &login(token), &json!({})), "ok", "it is optional");
    assert_eq!(code(&verifier, &fake, &Login::with_nonce("n-1"), &hash), "ok");
    let mut null = id_claims();
    null["at_hash"] = Value::Null;
    let error = judge(&verifier, &fake, &login(token), &null).unwrap_err();
    assert_eq!(error, OidcError::InvalidAtHash);
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_replaces_the_policy_replaces_no_rule_of_the_profile() {
    let fake = FakeIssuer::new(NAME);
    let verifier = verifier(&fake)
        .await
        .validation(|_| Validation::new().ignore_audience().allow_any_typ().allow_missing_exp());
    let login = Login::with_nonce("n-1");
    for (changes, expected) in [
        (json!({ "aud": null }), "ok"),
        (json!({ "aud": "bank" }), "untrusted_audience"),
        (json!({ "azp": "bank" }), "invalid_azp"),
        (json!({ "iss": "https://other.example" }), "invalid_issuer"),
        (json!({ "iss": null }), "missing_claim"),
        (json!({ "sub": null }), "missing_claim"),
        (json!({ "exp": null }), "missing_claim"),
        (json!({ "nonce": "n-2" }), "invalid_nonce"),
    ] {
        assert_eq!(code(&verifier, &fake, &login, &changes), expected, "{changes}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_fetched_for_an_id_token() {
    let fake = FakeIssuer::new(NAME);
    let verifier = verifier(&fake).await;
    pause(30).await;
    fake.rotate();
    let token = fake.sign(&Header::new(), &id_claims());
    let login = Login::with_nonce("n-1");
    let error = verifier.try_decode::<Value>(&token, &login).unwrap_err();
    assert_eq!(error.code(), "unknown_key");
    assert!(verifier.decode::<Value>(&token, &login).await.is_ok());
    assert_eq!(fake.fetches(), 2);
}

#[test]
fn a_login_shows_no_secret() {
    let login = Login::with_nonce("secret-nonce").access_token("secret-token").acr("phr");
    assert_eq!(format!("{login:?}"), r#"Login { max_age: None, acr: Some("phr"), .. }"#);
}
