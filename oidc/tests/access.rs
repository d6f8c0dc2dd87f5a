//! Access tokens (RFC 9068 §4).

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jwt_codec::{Error, Header, NumericDate, Reason, Segment};
use jwt_codec_oidc::{AccessTokenVerifier, Issuers, OidcError, testing::FakeIssuer};
use serde::Deserialize;
use serde_json::{Value, json};
use support::{
    AUDIENCE, NAME, access_header, builder, claims, code, code_now, connected, pause, with,
};

async fn verdict(
    verifier: &AccessTokenVerifier,
    fake: &FakeIssuer,
    header: &Header,
    changes: &Value,
) -> &'static str {
    let token = fake.sign(header, &with(claims(), changes));
    let waited = code(verifier, &token).await;
    assert_eq!(code_now(verifier, &token), waited);
    waited
}

#[tokio::test(start_paused = true)]
async fn every_required_claim() {
    let fake = FakeIssuer::new(NAME);
    let (_issuer, strict) = connected(&fake).await;
    let lax = strict.clone().allow_typ_jwt();
    let header = access_header();
    for claim in ["iss", "aud", "exp", "sub", "client_id", "iat", "jti"] {
        let changes = json!({ claim: null });
        assert_eq!(verdict(&strict, &fake, &header, &changes).await, "missing_claim", "{claim}");
        assert_eq!(verdict(&lax, &fake, &header, &changes).await, "missing_claim", "{claim}");
        let token = fake.sign(&header, &with(claims(), &changes));
        let error = strict.decode::<Value>(&token).await.unwrap_err();
        assert!(error.to_string().contains(claim), "{error}");
        // A token that does not say that it is an access token needs the first three.
        let expected = if ["iss", "aud", "exp"].contains(&claim) { "missing_claim" } else { "ok" };
        for header in [Header::new(), Header::new().without_typ()] {
            assert_eq!(verdict(&lax, &fake, &header, &changes).await, expected, "{claim}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn values_of_claims() {
    let fake = FakeIssuer::new(NAME);
    let (_issuer, verifier) = connected(&fake).await;
    let header = access_header();
    for (changes, expected) in [
        (json!({}), "ok"),
        (json!({ "iss": "https://login.example/" }), "invalid_issuer"),
        (json!({ "aud": "https://other.example" }), "invalid_audience"),
        (json!({ "aud": ["https://other.example", AUDIENCE] }), "ok"),
        (json!({ "aud": [] }), "invalid_audience"),
        (json!({ "exp": 1_600_000_001 }), "expired"),
        (json!({ "nbf": 4_102_444_800_i64 }), "not_yet_valid"),
        (json!({ "sub": 7 }), "invalid_claim_type"),
        (json!({ "cnf": {} }), "sender_constrained"),
        (
            json!({ "cnf": { "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } }),
            "sender_constrained",
        ),
    ] {
        assert_eq!(verdict(&verifier, &fake, &header, &changes).await, expected, "{changes}");
    }
    // `null` is there, and `with` removes it.
    let mut claims = claims();
    claims["cnf"] = Value::Null;
    assert_eq!(code(&verifier, &fake.sign(&header, &claims)).await, "sender_constrained");
}

#[tokio::test(start_paused = true)]
async fn typ() {
    let fake = FakeIssuer::new(NAME);
    let (_issuer, strict) = connected(&fake).await;
    let lax = strict.clone().allow_typ_jwt();
    for (header, expected) in [
        (Header::new().with_typ("at+jwt"), ["ok", "ok"]),
        (Header::new().with_typ("application/at+jwt"), ["ok", "ok"]),
        (Header::new().with_typ("AT+JWT"), ["ok", "ok"]),
        (Header::new(), ["unexpected_type", "ok"]),
        (Header::new().with_typ("application/jwt"), ["unexpected_type", "ok"]),
        (Header::new().without_typ(), ["unexpected_type", "ok"]),
        (Header::new().with_typ("logout+jwt"), ["unexpected_type", "unexpected_type"]),
        (Header::new().with_typ("dpop+jwt"), ["unexpected_type", "unexpected_type"]),
    ] {
        let found = [
            verdict(&strict, &fake, &header, &json!({})).await,
            verdict(&lax, &fake, &header, &json!({})).await,
        ];
        assert_eq!(found, expected, "{header:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn sender_constrained_tokens_may_be_allowed() {
    let fake = FakeIssuer::new(NAME);
    let (_issuer, verifier) = connected(&fake).await;
    let lax = verifier.clone().allow_sender_constrained();
    let bound = json!({ "cnf": { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" } });
    assert_eq!(verdict(&lax, &fake, &access_header(), &bound).await, "ok");
    let lax = verifier.clone().allow_typ_jwt();
    assert_eq!(verdict(&lax, &fake, &Header::new(), &bound).await, "sender_constrained");
    // Of other rules of the program, and of its own rule where bound tokens may be, the error is theirs.
    let tenant = verifier.clone().validation(|policy| policy.claim("tenant", "acme"));
    let other = json!({ "tenant": "other" });
    assert_eq!(verdict(&tenant, &fake, &access_header(), &other).await, "invalid_claim");
    let own = verifier.clone().allow_sender_constrained();
    let own = own.validation(|policy| policy.claim("cnf", json!({ "jkt": "x" })));
    assert_eq!(verdict(&own, &fake, &access_header(), &bound).await, "invalid_claim");
    // The program's own rule on the claim does not hide that it is there.
    let own = verifier.validation(|policy| policy.claim("cnf", json!({ "jkt": "x" })));
    assert_eq!(
        verdict(&own, &fake, &access_header(), &json!({ "cnf": { "jkt": "x" } })).await,
        "sender_constrained"
    );
}

#[tokio::test(start_paused = true)]
async fn the_policy_can_be_changed_before_and_after_the_other_methods() {
    let fake = FakeIssuer::new(NAME);
    let (_issuer, verifier) = connected(&fake).await;
    let plain = Header::new();
    let custom = Header::new().with_typ("custom+jwt");
    let at = NumericDate::from_secs(1_600_000_000);

    let custom_typ = |v: AccessTokenVerifier| v.validation(|policy| policy.typ("custom+jwt"));
    for verifier in
        [custom_typ(verifier.clone()).allow_typ_jwt(), custom_typ(verifier.clone().allow_typ_jwt())]
    {
        assert_eq!(verdict(&verifier, &fake, &custom, &json!({})).await, "ok");
        assert_eq!(verdict(&verifier, &fake, &plain, &json!({})).await, "unexpected_type");
        assert_eq!(
            verdict(&verifier, &fake, &custom, &json!({ "jti": null })).await,
            "missing_claim"
        );
    }
    for verifier in [
        verifier.clone().validation(move |policy| policy.at(at)).allow_typ_jwt(),
        verifier.clone().allow_typ_jwt().validation(move |policy| policy.at(at)),
    ] {
        let early = json!({ "exp": 1_600_000_001, "nbf": 1_600_000_001 });
        assert_eq!(verdict(&verifier, &fake, &plain, &early).await, "not_yet_valid");
        let verifier = verifier.validation(|policy| policy.leeway(Duration::from_secs(1)));
        assert_eq!(verdict(&verifier, &fake, &plain, &early).await, "ok");
    }
    // A hook may move what it captured.
    let clock = Arc::new(at);
    let old = verifier.clone().validation(move |policy| policy.clock(move || *clock));
    assert_eq!(
        verdict(&old, &fake, &access_header(), &json!({ "exp": 1_600_000_001 })).await,
        "ok"
    );
    let any = verifier.clone().validation(jwt_codec::Validation::allow_any_typ);
    assert_eq!(verdict(&any, &fake, &plain, &json!({})).await, "ok");
    let none = verifier.clone().validation(jwt_codec::Validation::ignore_audience);
    assert_eq!(verdict(&none, &fake, &access_header(), &json!({ "aud": null })).await, "ok");
    let short = verifier.validation(|policy| policy.max_token_len(300));
    assert_eq!(verdict(&short, &fake, &access_header(), &json!({})).await, "token_too_long");
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_replaces_the_policy_replaces_no_rule_of_the_profile() {
    let fake = FakeIssuer::new(NAME);
    let (_issuer, verifier) = connected(&fake).await;
    let verifier = verifier.validation(|_| {
        jwt_codec::Validation::new().ignore_audience().allow_any_typ().allow_missing_exp()
    });
    let header = access_header();
    assert_eq!(verdict(&verifier, &fake, &header, &json!({ "aud": null })).await, "ok");
    for claim in ["iss", "exp", "sub", "client_id", "iat", "jti"] {
        let changes = json!({ claim: null });
        assert_eq!(verdict(&verifier, &fake, &header, &changes).await, "missing_claim", "{claim}");
    }
    let other = json!({ "iss": "https://other.example" });
    assert_eq!(verdict(&verifier, &fake, &header, &other).await, "invalid_issuer");
    let nulls = verifier.clone().validation(jwt_codec::Validation::allow_null_claims);
    for claim in ["iss", "exp", "sub", "client_id", "iat", "jti"] {
        let mut claims = claims();
        claims[claim] = Value::Null;
        let token = fake.sign(&header, &claims);
        assert_eq!(code(&nulls, &token).await, "missing_claim", "{claim}");
    }
    let bound = json!({ "cnf": {} });
    assert_eq!(verdict(&verifier, &fake, &header, &bound).await, "sender_constrained");
}

#[tokio::test(start_paused = true)]
async fn another_name_of_the_issuer() {
    let fake = FakeIssuer::new(NAME);
    let short = json!({ "iss": "login.example" });
    let (_issuer, verifier) = connected(&fake).await;
    assert_eq!(verdict(&verifier, &fake, &access_header(), &short).await, "invalid_issuer");
    let issuer = builder(&fake).also_named("login.example").connect().await.unwrap();
    assert_eq!(issuer.name(), NAME);
    let verifier = issuer.access_tokens(AUDIENCE);
    assert_eq!(verdict(&verifier, &fake, &access_header(), &short).await, "ok");
    assert_eq!(verdict(&verifier, &fake, &access_header(), &json!({})).await, "ok");
    // A new key is fetched for a token with the other name, too.
    pause(30).await;
    fake.rotate();
    let token = fake.sign(&access_header(), &with(claims(), &short));
    assert_eq!(code(&verifier, &token).await, "ok");
}

#[tokio::test(start_paused = true)]
async fn the_caller_s_type_comes_last() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Claims {
        scope: Vec<String>,
    }
    let fake = FakeIssuer::new(NAME);
    let (_issuer, verifier) = connected(&fake).await;
    let decode = |changes: Value| {
        verifier.try_decode::<Claims>(&fake.sign(&access_header(), &with(claims(), &changes)))
    };
    assert_eq!(
        decode(json!({ "scope": ["a"] })).unwrap().claims,
        Claims { scope: vec!["a".into()] }
    );
    assert_eq!(decode(json!({ "scope": "a" })).unwrap_err().code(), "claims_mismatch");
    let bound = json!({ "scope": "a", "cnf": {} });
    assert_eq!(decode(bound).unwrap_err(), OidcError::SenderConstrained);
}

#[test]
fn everything_can_be_shared_among_threads() {
    fn shared<T: Clone + std::fmt::Debug + Send + Sync + 'static>() {}
    shared::<jwt_codec_oidc::Issuer>();
    shared::<jwt_codec_oidc::IssuerStatus>();
    shared::<AccessTokenVerifier>();
    shared::<jwt_codec_oidc::IdTokenVerifier>();
    shared::<jwt_codec_oidc::LogoutTokenVerifier>();
    shared::<jwt_codec_oidc::Login>();
    shared::<jwt_codec_oidc::LogoutToken>();
    shared::<Issuers>();
    shared::<OidcError>();
    shared::<jwt_codec_oidc::FetchError>();
    shared::<FakeIssuer>();
}

#[tokio::test(start_paused = true)]
async fn each_of_several_issuers_has_its_own_keys() {
    let (a, b) = (FakeIssuer::new("https://a.example"), FakeIssuer::new("https://b.example"));
    let connect =
        async |fake: &FakeIssuer| builder(fake).connect().await.unwrap().access_tokens(AUDIENCE);
    let issuers = Issuers::new([connect(&a).await, connect(&b).await]);
    let sign = |fake: &FakeIssuer, iss: &Value| {
        let mut claims = claims();
        claims["iss"] = iss.clone();
        fake.sign(&access_header(), &claims)
    };
    let code = async |token: &str| {
        let now = issuers.try_decode::<Value>(token).map_or_else(|error| error.code(), |_| "ok");
        let waited = issuers.decode::<Value>(token).await;
        assert_eq!(waited.map_or_else(|error| error.code(), |_| "ok"), now);
        now
    };
    for (fake, iss, expected) in [
        (&a, json!("https://a.example"), "ok"),
        (&b, json!("https://b.example"), "ok"),
        // Both call their key key-1.
        (&a, json!("https://b.example"), "invalid_signature"),
        (&b, json!("https://a.example"), "invalid_signature"),
        (&a, json!("https://c.example"), "invalid_issuer"),
        (&a, json!(null), "invalid_claim_type"),
        (&a, json!(["https://a.example"]), "invalid_claim_type"),
    ] {
        assert_eq!(code(&sign(fake, &iss)).await, expected, "{iss}");
    }
    let nameless = a.sign(&access_header(), &with(claims(), &json!({ "iss": null })));
    assert_eq!(code(&nameless).await, "missing_claim");
    assert_eq!(code("x.y").await, "malformed");

    pause(30).await;
    b.rotate();
    let token = sign(&b, &json!("https://b.example"));
    assert!(issuers.decode::<Value>(&token).await.is_ok());
    assert_eq!((a.fetches(), b.fetches()), (1, 2));

    let none = Issuers::new([]);
    let expected = Arc::from([]);
    let found = "https://b.example".into();
    assert_eq!(
        none.decode::<Value>(&token).await.unwrap_err(),
        OidcError::Token(Error::InvalidIssuer { expected, found })
    );
}

#[tokio::test(start_paused = true)]
async fn of_a_long_issuer_the_end_is_shown_if_only_that_differs() {
    let long = format!("https://long.example/{}", "x".repeat(60));
    let fake = FakeIssuer::new(&*long);
    let issuers = Issuers::new([builder(&fake).connect().await.unwrap().access_tokens(AUDIENCE)]);
    for (name, found) in [
        (format!("{long}/"), format!("…{}/", &long[19..])),
        (
            format!("https://other.example/{long}"),
            format!("https://other.example/{}…", &long[..41]),
        ),
    ] {
        let token = fake.sign(&access_header(), &with(claims(), &json!({ "iss": name })));
        let expected = Arc::from([long.clone()]);
        assert_eq!(
            issuers.try_decode::<Value>(&token).unwrap_err(),
            OidcError::Token(Error::InvalidIssuer { expected, found })
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_policy_of_the_chosen_issuer_limits_the_length() {
    let (a, b) = (FakeIssuer::new("https://a.example"), FakeIssuer::new("https://b.example"));
    let long = builder(&a).connect().await.unwrap().access_tokens(AUDIENCE);
    let long = long.validation(|policy| policy.max_token_len(200_000));
    let usual = builder(&b).connect().await.unwrap().access_tokens(AUDIENCE);
    let token = |fake: &FakeIssuer, len: usize| {
        let changes = json!({ "iss": fake.name(), "note": "x".repeat(len) });
        fake.sign(&access_header(), &with(claims(), &changes))
    };
    let issuers = Issuers::new([usual.clone(), long.clone()]);
    for (fake, verifier, len, expected) in [
        (&a, &long, 100_000, "ok"),
        (&b, &usual, 100_000, "token_too_long"),
        (&a, &long, 150_000, "token_too_long"),
    ] {
        let token = token(fake, len);
        assert_eq!(code(verifier, &token).await, expected, "{len}");
        let outcome = issuers.decode::<Value>(&token).await;
        assert_eq!(outcome.map_or_else(|error| error.code(), |_| "ok"), expected, "{len}");
    }
    let outcome = Issuers::new([usual]).decode::<Value>(&token(&a, 100_000)).await;
    assert_eq!(outcome.unwrap_err().code(), "token_too_long", "nobody reads it");
}

/// The header may have 8192 bytes, or an eighth of what a policy allows, whatever issuer a token names.
#[tokio::test(start_paused = true)]
async fn a_policy_limits_the_length_of_the_header() {
    let fake = FakeIssuer::new(NAME);
    let (issuer, usual) = connected(&fake).await;
    let long = issuer.access_tokens(AUDIENCE);
    let long = long.validation(|policy| policy.max_token_len(200_000));
    // A header as long as that cannot be written, so its signature is not right.
    let token = |iss: &str, header_len: usize| {
        let token = fake.sign(&access_header(), &with(claims(), &json!({ "iss": iss })));
        let (header, rest) = token.split_once('.').unwrap();
        let header = String::from_utf8(URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
        let spaces = " ".repeat(header_len / 4 * 3 - header.len());
        let header = URL_SAFE_NO_PAD.encode(header + &spaces);
        assert_eq!(header.len(), header_len);
        format!("{header}.{rest}")
    };
    let too_long = |len, max| {
        let (segment, reason) = (Segment::Header, Reason::TooLong { len, max });
        OidcError::Token(Error::Malformed { segment, reason })
    };
    let forged = OidcError::Token(Error::InvalidSignature);
    let (expected, found) = (vec![NAME.to_owned()].into(), "https://evil.example".into());
    let of_nobody = OidcError::Token(Error::InvalidIssuer { expected, found });
    for (verifier, len, by_verifier, by_issuers) in [
        (&usual, 8192, &forged, &of_nobody),
        (&usual, 8196, &too_long(8196, 8192), &too_long(8196, 8192)),
        (&usual, 64_408, &too_long(64_408, 8192), &too_long(64_408, 8192)),
        (&long, 8196, &forged, &of_nobody),
        (&long, 25_000, &forged, &of_nobody),
        (&long, 64_408, &too_long(64_408, 25_000), &too_long(64_408, 25_000)),
    ] {
        let ours = token(NAME, len);
        let issuers = Issuers::new([verifier.clone()]);
        assert_eq!(verifier.decode::<Value>(&ours).await.as_ref(), Err(by_verifier), "{len}");
        assert_eq!(issuers.decode::<Value>(&ours).await.as_ref(), Err(by_verifier), "{len}");
        let other = token("https://evil.example", len);
        assert_eq!(issuers.decode::<Value>(&other).await.as_ref(), Err(by_issuers), "{len}");
    }
}
