//! Tokens in the `Authorization` header, and the answers to bad ones.

mod app;

use std::{sync::Arc, time::Duration};

use app::{
    FOREVER, answer, auth, bearer, expired, get_as, get_with, good, has_expired, invalid, key,
    malformed, missing, no_scope, ok, router, token,
};
use jwt_codec::{Claims, Error, Key, NumericDate, Validation, Verifier, encode};
use jwt_codec_axum::{Allowed, Auth, Authenticated, Policy, Reason, Scopes};
use serde_json::{Value, json};

#[tokio::test]
async fn a_good_token_gets_in_everywhere() {
    let app = router(auth());
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        for spaces in [" ", "   "] {
            let value = format!("{scheme}{spaces}{}", good());
            assert_eq!(get_as(&app, "/required", &value).await, ok("required ada"), "{value}");
            assert_eq!(get_as(&app, "/optional", &value).await, ok("optional ada"), "{value}");
            assert_eq!(get_as(&app, "/result", &value).await, ok("result ada"), "{value}");
        }
    }
    // White space around a header's value is not part of it (RFC 9110 §5.5).
    let value = format!(" \tBearer {}\t ", good());
    assert_eq!(get_as(&app, "/required", &value).await, ok("required ada"));
}

/// A header with another scheme is for somebody else, so it counts as no token.
#[tokio::test]
async fn no_token() {
    let app = router(auth());
    let glued = format!("Bearer{}", good());
    let colon = format!("Bearer: {}", good());
    let values = [
        "",
        " ",
        "Basic YWRhOmxvdmVsYWNl",
        "basic",
        "DPoP a.b.c",
        "Bear er",
        "Bearers a.b.c",
        "\u{e9} a.b.c",
        &glued,
        &colon,
        &good(),
    ];
    let values = values.map(str::as_bytes).into_iter().chain([&b"Basic \xE9\xFF"[..], b"\xFF"]);
    for value in values {
        let case = value.escape_ascii();
        assert_eq!(get_as(&app, "/required", value).await, missing(), "{case}");
        assert_eq!(get_as(&app, "/optional", value).await, ok("optional nobody"), "{case}");
        assert_eq!(get_as(&app, "/result", value).await, ok("result Missing"), "{case}");
        assert_eq!(get_as(&app, "/allowed", value).await, missing(), "{case}");
        assert_eq!(get_as(&app, "/perhaps-allowed", value).await, ok("allowed nobody"), "{case}");
    }
    assert_eq!(get_with(&app, "/required", &[]).await, missing());
    assert_eq!(get_with(&app, "/optional", &[]).await, ok("optional nobody"));
    assert_eq!(get_with(&app, "/result", &[]).await, ok("result Missing"));
    assert_eq!(get_with(&app, "/allowed", &[]).await, missing());
    assert_eq!(get_with(&app, "/perhaps-allowed", &[]).await, ok("allowed nobody"));
    // A token in the query is not read.
    let uri = format!("/required?access_token={}", good());
    assert_eq!(get_with(&app, &uri, &[]).await, missing());
}

#[tokio::test]
async fn malformed_requests() {
    let app = router(auth());
    let good = good();
    let texts = [
        "Bearer".into(),
        "bearer".into(),
        "Bearer ".into(),
        "Bearer \t".into(),
        format!("Bearer {good} {good}"),
        format!("Bearer {good},Bearer {good}"),
        format!("Bearer {good}, Basic YTpi"),
        format!("Bearer\t{good}"),
        format!("Bearer \t{good}"),
        format!("Bearer {good}\t{good}"),
        format!("Bearer token {good}"),
        format!("Bearer {good}é"),
    ];
    let not_utf8 = [b"Bearer ", good.as_bytes(), b"\xFF"].concat();
    let values = texts.iter().map(String::as_bytes).chain([&not_utf8[..], b"Bearer \xFF"]);
    for value in values {
        let case = value.escape_ascii();
        assert_eq!(get_as(&app, "/required", value).await, malformed(), "{case}");
        assert_eq!(get_as(&app, "/optional", value).await, malformed(), "{case}");
        assert_eq!(get_as(&app, "/result", value).await, ok("result Malformed"), "{case}");
        assert_eq!(get_as(&app, "/allowed", value).await, malformed(), "{case}");
        assert_eq!(get_as(&app, "/perhaps-allowed", value).await, malformed(), "{case}");
    }
    let bearer = bearer(&good);
    for (one, two) in [(&*bearer, &*bearer), (&bearer, "Basic YTpi"), ("Basic YTpi", "Basic YTpi")]
    {
        let headers = [("authorization", one.as_bytes()), ("authorization", two.as_bytes())];
        assert_eq!(get_with(&app, "/required", &headers).await, malformed(), "{one}, {two}");
        assert_eq!(get_with(&app, "/optional", &headers).await, malformed(), "{one}, {two}");
    }
}

#[tokio::test]
async fn a_bad_token_never_gets_in() {
    let app = router(auth());
    let good = good();
    let forger = Key::hs256("another secret of 32 bytes or more").unwrap();
    let forged = encode(&json!({ "sub": "ada", "exp": FOREVER }), &forger).unwrap();
    let cases = [
        ("a", "malformed"),
        ("a.b.c", "malformed"),
        ("...", "malformed"),
        (&format!("{good}="), "malformed"),
        (&forged, "invalid_signature"),
        (&token(&json!({ "sub": "ada" })), "missing_claim"),
        (&token(&json!({ "sub": "ada", "exp": FOREVER, "aud": "x" })), "invalid_audience"),
        (&token(&json!({ "exp": FOREVER })), "claims_mismatch"),
        (&"a".repeat(70_000), "token_too_long"),
        (&encode(&json!({ "exp": FOREVER }), &key().with_id("x")).unwrap(), "claims_mismatch"),
    ];
    for (token, code) in cases {
        let value = bearer(token);
        assert_eq!(get_as(&app, "/required", &value).await, invalid(), "{token}");
        assert_eq!(get_as(&app, "/optional", &value).await, invalid(), "{token}");
        let expected = ok(&format!("result Invalid {code}"));
        assert_eq!(get_as(&app, "/result", &value).await, expected, "{token}");
        assert_eq!(get_as(&app, "/allowed", &value).await, invalid(), "{token}");
        assert_eq!(get_as(&app, "/perhaps-allowed", &value).await, invalid(), "{token}");
    }
}

/// Only the expiry is told, and only if the signature was right.
#[tokio::test]
async fn an_expired_token_is_told_so() {
    let app = router(auth());
    let past = NumericDate::now() - Duration::from_secs(60);
    let claims = json!({ "sub": "ada", "exp": past, "aud": "another", "scope": [7] });
    for token in [expired(), token(&json!({ "exp": 0 })), token(&claims)] {
        let value = bearer(&token);
        for path in ["/required", "/optional", "/handed-on", "/allowed", "/perhaps-allowed"] {
            assert_eq!(get_as(&app, path, &value).await, has_expired(), "{path} {token}");
        }
        assert_eq!(get_as(&app, "/result", &value).await, ok("result Invalid expired"));
    }
    let forger = Key::hs256("another secret of 32 bytes or more").unwrap();
    let forged = encode(&json!({ "sub": "ada", "exp": past }), &forger).unwrap();
    let (signing_input, _) = forged.rsplit_once('.').unwrap();
    let unsigned = "eyJhbGciOiJub25lIn0.eyJleHAiOjB9.";
    let unknown = encode(&json!({ "exp": past }), &key().with_id("x")).unwrap();
    let named = Verifier::new(key().with_id("y"), Validation::new());
    let named = router(Auth::new(named));
    for (app, token) in [
        (&app, &*forged),
        (&app, &format!("{signing_input}.")),
        (&app, unsigned),
        (&app, &format!("{} ", expired()).replace(' ', "=")),
        (&named, &unknown),
    ] {
        for path in ["/required", "/optional", "/handed-on", "/allowed"] {
            assert_eq!(get_as(app, path, bearer(token)).await, invalid(), "{path} {token}");
        }
    }
    // Within the leeway, the token has not expired.
    let policy = Validation::new().leeway(Duration::from_secs(120));
    let app = router(Auth::new(Verifier::new(key(), policy)));
    assert_eq!(get_as(&app, "/required", bearer(&expired())).await, ok("required ada"));
}

/// The answer is what `decode` returns with the same keys and policy.
#[tokio::test]
async fn the_verifiers_policy_is_kept_whole() {
    let now = NumericDate::now();
    let policy = Validation::new()
        .at(now)
        .issuer("https://login.example")
        .audience("api")
        .require("jti")
        .max_age(Duration::from_secs(60))
        .leeway(Duration::from_secs(5));
    let verifier = Arc::new(Verifier::new(key(), policy));
    let app = router(Auth::new(Arc::clone(&verifier)));
    let claims = || {
        Claims::new(json!({ "scope": "" }))
            .subject("ada")
            .issuer("https://login.example")
            .audience("api")
            .id("1")
            .issued_at(now)
            .expires_at(now + Duration::from_secs(60))
    };
    let cases = [
        (claims(), "result ada"),
        (claims().issuer("https://login.example/"), "result Invalid invalid_issuer"),
        (claims().audience("web"), "result Invalid invalid_audience"),
        (claims().issued_at(now - Duration::from_secs(90)), "result Invalid too_old"),
        (claims().expires_at(now - Duration::from_secs(4)), "result ada"),
        (claims().expires_at(now - Duration::from_secs(50)), "result Invalid expired"),
    ];
    for (claims, expected) in cases {
        let token = encode(&claims, &key()).unwrap();
        assert_eq!(get_as(&app, "/result", bearer(&token)).await, ok(expected), "{claims:?}");
        let code = verifier.decode::<Value>(&token).err().map(|error| error.code());
        assert_eq!(code, expected.strip_prefix("result Invalid "), "{claims:?}");
    }
}

#[tokio::test]
async fn a_policy_decides_and_names_its_scope() {
    let app = router(auth());
    let with =
        |scope: Value| bearer(&token(&json!({ "sub": "ada", "exp": FOREVER, "scope": scope })));
    for scope in [
        json!("reports:read"),
        json!("profile reports:read"),
        json!("reports:read  profile"),
        json!(["reports:read"]),
        json!(["profile", "reports:read"]),
        json!(["", "reports:read"]),
    ] {
        let value = with(scope.clone());
        assert_eq!(get_as(&app, "/allowed", &value).await, ok("allowed ada"), "{scope}");
        assert_eq!(get_as(&app, "/perhaps-allowed", &value).await, ok("allowed ada"), "{scope}");
    }
    for scope in [
        json!(""),
        json!(" "),
        json!("reports"),
        json!("reports:read2"),
        json!("xreports:read"),
        json!("Reports:Read"),
        json!("reports:read,profile"),
        json!("reports:read\tprofile"),
        json!([]),
        json!(["profile"]),
    ] {
        let value = with(scope.clone());
        assert_eq!(get_as(&app, "/allowed", &value).await, no_scope(), "{scope}");
        assert_eq!(get_as(&app, "/perhaps-allowed", &value).await, no_scope(), "{scope}");
        assert_eq!(get_as(&app, "/required", &value).await, ok("required ada"), "{scope}");
    }
    // A claim of a wrong type does not count as absent.
    for scope in [json!(null), json!(7), json!([7]), json!({}), json!(["profile reports:read"])] {
        let value = with(scope.clone());
        assert_eq!(get_as(&app, "/allowed", &value).await, invalid(), "{scope}");
    }
    assert_eq!(get_as(&app, "/allowed", bearer(&good())).await, no_scope());
}

#[test]
fn scopes_there_and_back() {
    let scopes: Scopes = serde_json::from_value(json!(["a", "", "b:c"])).unwrap();
    assert_eq!(scopes, Scopes::from(" a  b:c "));
    assert_eq!(serde_json::to_value(&scopes).unwrap(), json!("a b:c"));
    assert_eq!(scopes.iter().collect::<Vec<_>>(), ["a", "b:c"]);
    for (scope, expected) in [
        ("a", true),
        ("b:c", true),
        ("A", false),
        ("b", false),
        ("", false),
        ("a b:c", false),
        (" ", false),
    ] {
        assert_eq!(scopes.contains(scope), expected, "{scope:?}");
    }
    assert_eq!(Scopes::default(), Scopes::from(""));
    assert!(!Scopes::default().contains(""));
    let error = serde_json::from_value::<Scopes>(json!({})).unwrap_err().to_string();
    assert!(error.contains("scopes as one string or as a list of strings"), "{error}");
}

/// This needs no server, no key and no token.
#[tokio::test]
async fn handlers_are_tested_with_claims_alone() {
    let ada = |scope: &str| app::Session { sub: "ada".into(), scope: scope.into() };
    assert_eq!(app::required(Authenticated(ada(""))).await, "required ada");
    assert_eq!(app::optional(Some(Authenticated(ada("")))).await, "optional ada");
    assert_eq!(app::optional(None).await, "optional nobody");
    assert_eq!(app::allowed(Allowed(ada(""))).await, "allowed ada");
    let read = Allowed::<app::Read>(ada("reports:read"));
    assert_eq!(
        format!("{read:?}"),
        r#"Allowed(Session { sub: "ada", scope: Scopes("reports:read") })"#
    );
    assert!(app::Read::allows(&ada("reports:read")) && !app::Read::allows(&ada("")));
    let reason = Reason::Invalid(Error::InvalidSignature.into());
    assert_eq!(app::result(Err(reason.into())).await, "result Invalid invalid_signature");
}

#[tokio::test]
async fn other_routes_are_open() {
    let app = router(auth());
    assert_eq!(get_as(&app, "/open", "Bearer a.b.c").await, ok("open"));
    assert_eq!(get_with(&app, "/open", &[]).await, answer(200, None, "open"));
}
