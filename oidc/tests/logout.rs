//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.6).

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use jwt_codec::{Header, NumericDate, Validation};
use jwt_codec_oidc::{LogoutToken, LogoutTokenVerifier, testing::FakeIssuer};
use serde_json::{Value, json};
use support::{NAME, builder, pause, with};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn logout_claims() -> Value {
    json!({
        "iss": NAME, "aud": "shop", "sub": "ada", "sid": "s-1", "jti": "j-1",
        "iat": 1_600_000_000, "exp": 4_102_444_800_i64, "events": { EVENT: {} },
    })
}

fn header() -> Header {
    Header::new().with_typ("logout+jwt")
}

async fn verifier(fake: &FakeIssuer) -> LogoutTokenVerifier {
    builder(fake).connect().await.unwrap().logout_tokens("shop")
}

fn code(verifier: &LogoutTokenVerifier, token: &str) -> &'static str {
    verifier.try_decode(token).map_or_else(|error| error.code(), |_| "ok")
}

#[tokio::test(start_paused = true)]
async fn a_good_logout_token() {
    let fake = FakeIssuer::new(NAME);
    let verifier = verifier(&fake).await;
    let expected = LogoutToken {
        iss: NAME.into(),
        sub: Some("ada".into()),
        sid: Some("s-1".into()),
        jti: "j-1".into(),
        iat: NumericDate::from_secs(1_600_000_000),
    };
    let token = fake.sign(&header(), &logout_claims());
    assert_eq!(verifier.decode(&token).await, Ok(expected.clone()));
    assert_eq!(verifier.try_decode(&token), Ok(expected));
    pause(30).await;
    fake.rotate();
    let token = fake.sign(&header(), &logout_claims());
    assert_eq!(code(&verifier, &token), "unknown_key");
    assert!(verifier.decode(&token).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn rules() {
    let fake = FakeIssuer::new(NAME);
    let verifier = verifier(&fake).await;
    let lax = verifier
        .clone()
        .validation(|_| Validation::new().audience("shop").allow_any_typ().allow_missing_exp());
    for claim in ["iss", "aud", "iat", "exp", "jti"] {
        let token = fake.sign(&header(), &with(logout_claims(), &json!({ claim: null })));
        assert_eq!(code(&verifier, &token), "missing_claim", "{claim}");
        assert_eq!(code(&lax, &token), "missing_claim", "{claim}");
    }
    for (changes, expected) in [
        (json!({ "aud": "bank" }), "invalid_audience"),
        (json!({ "iss": "https://other.example" }), "invalid_issuer"),
        (json!({ "sub": null }), "ok"),
        (json!({ "sid": null }), "ok"),
        (json!({ "sub": null, "sid": null }), "missing_subject"),
        (json!({ "sid": 7 }), "claims_mismatch"),
        (json!({ "events": null }), "invalid_events"),
        (json!({ "events": [EVENT] }), "invalid_events"),
        (json!({ "events": EVENT }), "invalid_events"),
        (json!({ "events": {} }), "invalid_events"),
        (json!({ "events": { EVENT: null } }), "invalid_events"),
        (json!({ "events": { EVENT: [] } }), "invalid_events"),
        (json!({ "events": { EVENT: { "more": 1 }, "other": 1 } }), "ok"),
        (json!({ "nonce": "n-1" }), "unexpected_nonce"),
        (json!({ "nonce": [] }), "unexpected_nonce"),
    ] {
        let token = fake.sign(&header(), &with(logout_claims(), &changes));
        assert_eq!(code(&verifier, &token), expected, "{changes}");
        assert_eq!(code(&lax, &token), expected, "{changes}");
    }
    for (name, expected) in [("events", "invalid_events"), ("nonce", "unexpected_nonce")] {
        let mut claims = logout_claims();
        claims[name] = Value::Null;
        let token = fake.sign(&header(), &claims);
        assert_eq!(code(&verifier, &token), expected);
        let nulls = verifier.clone().validation(Validation::allow_null_claims);
        assert_eq!(code(&nulls, &token), expected);
    }
    for (header, expected) in [
        (Header::new(), "ok"),
        (Header::new().without_typ(), "ok"),
        (Header::new().with_typ("at+jwt"), "unexpected_type"),
    ] {
        assert_eq!(code(&verifier, &fake.sign(&header, &logout_claims())), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_token_ends_no_session() {
    let fake = FakeIssuer::new(NAME);
    let verifier = verifier(&fake).await;
    let id = with(logout_claims(), &json!({ "events": null, "nonce": "n-1" }));
    assert_eq!(code(&verifier, &fake.sign(&Header::new(), &id)), "invalid_events");
}

#[tokio::test(start_paused = true)]
async fn integers_as_ids_come_out_as_their_digits() {
    let fake = FakeIssuer::new(NAME);
    let strict = verifier(&fake).await;
    let lax =
        strict.clone().validation(|policy| policy.allow_non_string_subject().allow_non_string_id());
    let token = fake.sign(&header(), &with(logout_claims(), &json!({ "sub": 42, "jti": -7 })));
    assert_eq!(code(&strict, &token), "invalid_claim_type");
    let logout = lax.try_decode(&token).unwrap();
    assert_eq!((logout.sub.as_deref(), logout.jti.as_str()), (Some("42"), "-7"));
}
