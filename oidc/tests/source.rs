//! What counts as an answer, and where it may come from.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::time::Duration;

use jwt_codec::Algorithm;
use jwt_codec_oidc::{BoxError, FetchError, FetchRequest, Issuer};
use serde_json::json;
use support::{
    AUDIENCE, DISCOVERY, JWKS, NAME, Pages, access_header, claims, code, jwks, key, pause,
    signed_with, with,
};

async fn error(pages: &Pages) -> FetchError {
    pages.builder().connect().await.unwrap_err()
}

fn discovery(pages: &Pages, issuer: &str, jwks_uri: &str) {
    pages.set(DISCOVERY, 200, json!({ "issuer": issuer, "jwks_uri": jwks_uri }).to_string());
}

#[tokio::test(start_paused = true)]
async fn discovery_has_to_be_of_the_issuer_byte_for_byte() {
    let pages = Pages::publishing(&[&key("a")]);
    for found in ["https://login.example/", "https://LOGIN.example", "http://login.example", ""] {
        discovery(&pages, found, JWKS);
        let expected = FetchError::OtherIssuer { expected: NAME.into(), found: found.into() };
        assert_eq!(error(&pages).await, expected);
    }
    discovery(&pages, &"x".repeat(5000), JWKS);
    let found = format!("{}…", "x".repeat(200));
    assert_eq!(error(&pages).await, FetchError::OtherIssuer { expected: NAME.into(), found });
}

#[tokio::test(start_paused = true)]
async fn discovery_is_at_the_issuer_with_one_slash() {
    for (name, url) in [
        ("https://login.example/", DISCOVERY),
        (
            "https://login.example/realms/a",
            "https://login.example/realms/a/.well-known/openid-configuration",
        ),
        (
            "https://login.example/realms/a/",
            "https://login.example/realms/a/.well-known/openid-configuration",
        ),
    ] {
        let pages = Pages::publishing(&[&key("a")]);
        pages.set(url, 200, json!({ "issuer": name, "jwks_uri": JWKS }).to_string());
        let issuer = Issuer::builder(name).client(pages.clone()).connect().await.unwrap();
        assert_eq!(issuer.name(), name);
        assert_eq!(pages.urls(), [url, JWKS]);
    }
}

#[tokio::test(start_paused = true)]
async fn discovery_is_at_the_normal_form_of_the_name() {
    for (name, url) in [
        ("HTTPS://LOGIN.example", DISCOVERY),
        ("https://login.example:443/", DISCOVERY),
        (
            "https://müller.example",
            "https://xn--mller-kva.example/.well-known/openid-configuration",
        ),
    ] {
        let pages = Pages::publishing(&[&key("a")]);
        pages.set(url, 200, json!({ "issuer": name, "jwks_uri": JWKS }).to_string());
        let issuer = Issuer::builder(name).client(pages.clone()).connect().await.unwrap();
        assert_eq!(issuer.name(), name);
        assert_eq!(pages.urls(), [url, JWKS]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_is_any_text_if_nothing_is_discovered() {
    let signing = key("a");
    for name in ["accounts.google.com", "kubernetes/serviceaccount", "https://login.example?a#b"] {
        let pages = Pages::publishing(&[&signing]);
        let builder = || Issuer::builder(name).client(pages.clone());
        assert_eq!(builder().start().unwrap_err(), FetchError::NotHttps { url: name.into() });
        let issuer = builder().jwks_uri(JWKS).connect().await.unwrap();
        let claims = with(claims(), &json!({ "iss": name })).to_string();
        let token = jwt_codec::sign(&access_header(), claims.as_bytes(), &signing).unwrap();
        assert_eq!(code(&issuer.access_tokens(AUDIENCE), &token).await, "ok");
        assert_eq!(
            code(&issuer.access_tokens(AUDIENCE), &signed_with(&signing)).await,
            "invalid_issuer"
        );
        assert_eq!(pages.urls(), [JWKS]);
    }
    let nameless = Issuer::builder("").client(Pages::default()).jwks_uri(JWKS);
    assert_eq!(nameless.start().unwrap_err(), FetchError::NotHttps { url: String::new() });
}

#[tokio::test(start_paused = true)]
async fn bodies_that_are_no_discovery_document() {
    let pages = Pages::publishing(&[&key("a")]);
    for (body, reason) in [
        ("", "Eof error in line 1, column 0"),
        ("<html>secret</html>", "Syntax error in line 1, column 1"),
        ("7", "Data error in line 1, column 1"),
        (r#" ["https://login.example","https://login.example/jwks"]"#, "it is a list"),
        (r#"{"issuer":"https://login.example"}"#, "Data error in line 1, column 34"),
        (r#"{"issuer":"secret","jwks_uri":["secret"]}"#, "Data error in line 1, column 30"),
        (r#"{"issuer":"a","issuer":"b"}"#, "Data error in line 1, column 22"),
    ] {
        pages.set(DISCOVERY, 200, body);
        let found = error(&pages).await;
        let FetchError::NotJson { url, expected, reason: found_reason } = &found else {
            panic!("{found:?}")
        };
        assert_eq!((url.as_str(), found_reason.as_str()), (DISCOVERY, reason), "{body}");
        assert_eq!(*expected, "a discovery document with `issuer` and `jwks_uri`");
        assert!(!found.to_string().contains("secret"));
    }
    let body = b"{\"note\":\"\xff\",\"issuer\":\"https://login.example\",\"jwks_uri\":\"https://login.example/jwks\"}";
    pages.set(DISCOVERY, 200, body);
    let FetchError::NotJson { reason, .. } = error(&pages).await else { panic!("it counts") };
    assert_eq!(reason, "it is not UTF-8");
}

#[tokio::test(start_paused = true)]
async fn bodies_that_are_no_key_set() {
    let pages = Pages::publishing(&[&key("a")]);
    for body in ["", "<html>secret</html>", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":"secret"}"#] {
        pages.set(JWKS, 200, body);
        let found = error(&pages).await;
        let FetchError::NotJson { url, expected: "a JWK Set", .. } = &found else {
            panic!("{found:?}")
        };
        assert_eq!(url, JWKS);
        assert!(!found.to_string().contains("secret"));
    }
    pages.set(JWKS, 200, b"{\"keys\":[]}\xff");
    let reason = "it is not UTF-8".into();
    assert_eq!(
        error(&pages).await,
        FetchError::NotJson { url: JWKS.into(), expected: "a JWK Set", reason }
    );
}

#[tokio::test(start_paused = true)]
async fn only_status_200_counts() {
    let pages = Pages::publishing(&[&key("a")]);
    let body = jwks(&[&key("a")]);
    for status in [201, 204, 206, 301, 304, 404, 429, 500] {
        pages.set(JWKS, status, &body);
        assert_eq!(error(&pages).await, FetchError::Status { url: JWKS.into(), status });
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_of_the_longest_length_counts() {
    let body = jwks(&[&key("a")]);
    let pages = Pages::publishing(&[]);
    pages.set(JWKS, 200, &body);
    assert!(pages.builder().max_body(body.len()).connect().await.is_ok());
    let max = body.len() - 1;
    let error = pages.builder().max_body(max).connect().await.unwrap_err();
    assert_eq!(error, FetchError::TooLarge { url: JWKS.into(), max });
}

#[tokio::test(start_paused = true)]
async fn an_empty_set_is_a_failure_and_the_keys_stay() {
    let signing = key("a");
    let pages = Pages::publishing(&[&signing]);
    let issuer = pages.builder().connect().await.unwrap();
    let verifier = issuer.access_tokens(AUDIENCE);
    pages.set(JWKS, 200, r#"{"keys":[]}"#);
    pause(30).await;
    let expected = FetchError::NoUsableKey {
        url: JWKS.into(),
        skipped: 0,
        reasons: "the set is empty".into(),
    };
    assert_eq!(issuer.refresh().await, Err(expected.clone()));
    assert_eq!(code(&verifier, &signed_with(&signing)).await, "ok");
    assert_eq!(error(&pages).await, expected);
}

#[tokio::test(start_paused = true)]
async fn three_thousand_odd_keys_do_not_fill_the_log() {
    let odd = r#"{"kty":"oct","alg":"A256GCM","kid":"odd","k":"hidden"}"#;
    let pages = Pages::publishing(&[]);
    pages.set(JWKS, 200, format!(r#"{{"keys":[{}]}}"#, vec![odd; 3000].join(",")));
    let error = error(&pages).await;
    let FetchError::NoUsableKey { skipped: 3000, reasons, .. } = &error else {
        panic!("{error:?}")
    };
    assert!(reasons.ends_with("and 2997 more"), "{reasons}");
    let text = error.to_string();
    assert!(text.len() < 1500 && !text.contains("hidden"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn the_reasons_name_each_key() {
    let pages = Pages::publishing(&[]);
    let odd = r#"{"kty":"oct","k":"hidden","kid":"odd"},{"kty":"EC","crv":"P-192"}"#;
    pages.set(JWKS, 200, format!(r#"{{"keys":[{odd}]}}"#));
    let reasons = "key \"odd\": invalid key: the JWK is a secret in a published set, which everybody can read \
                   and sign with; key without an id: invalid key: the member \"crv\" of the JWK has a value \
                   that is not supported; the supported values are \"P-256\", \"P-384\" and \"Ed25519\""
        .into();
    assert_eq!(
        error(&pages).await,
        FetchError::NoUsableKey { url: JWKS.into(), skipped: 2, reasons }
    );
}

#[tokio::test(start_paused = true)]
async fn an_issuer_shows_its_name_and_status() {
    let pages = Pages::publishing(&[&key("a")]);
    let issuer = pages.builder().connect().await.unwrap();
    assert_eq!(
        format!("{issuer:?}"),
        "Issuer { name: \"https://login.example\", status: IssuerStatus { keys: 1, skipped: [], fetches: 1, \
         consecutive_failures: 0, age: Some(0ns), last_error: None }, .. }"
    );
}

#[test]
fn a_builder_shows_the_names_and_the_times() {
    let builder = Issuer::builder(NAME).timeout(Duration::from_millis(1500));
    assert_eq!(
        format!("{builder:?}"),
        "IssuerBuilder { names: [\"https://login.example\"], times: Times { refresh_every: 600s, cooldown: \
         30s, max_stale: 21600s, timeout: 1.5s }, .. }"
    );
}

#[tokio::test(start_paused = true)]
async fn odd_keys_cost_the_others_nothing() {
    let signing = key("a");
    let pages = Pages::publishing(&[]);
    let good = jwks(&[&signing]);
    let good = good.strip_prefix(r#"{"keys":["#).unwrap();
    let secret = r#"{"kty":"oct","alg":"HS256","kid":"s","k":"iLs0BFVV9FN0aqngEdO6xUbi_rurZtoAU8PqeZRmUDw"}"#;
    pages.set(JWKS, 200, format!(r#"{{"keys":[{secret},{{"kty":"new"}},7,{good}"#));
    let issuer = pages.builder().connect().await.unwrap();
    assert_eq!(code(&issuer.access_tokens(AUDIENCE), &signed_with(&signing)).await, "ok");
    let status = issuer.status();
    assert_eq!((status.keys, status.skipped.len()), (1, 3));
    // A secret that everybody can read verifies nothing.
    assert_eq!(status.skipped[0].kid.as_deref(), Some("s"));
    assert_eq!(status.skipped[0].error.code(), "invalid_key");
}

#[tokio::test(start_paused = true)]
async fn keys_without_an_algorithm_get_the_one_that_is_set() {
    let rsa = jwt_codec::PrivateKey::generate(Algorithm::Rs256).unwrap().with_id("r");
    let curve = key("e");
    let unnamed = |text: String| text.replace(r#""alg":"RS256","#, "");
    let pages = Pages::publishing(&[]);
    pages.set(JWKS, 200, unnamed(jwks(&[&rsa, &curve])));
    assert!(!unnamed(jwks(&[&rsa])).contains("RS256"));

    let issuer = pages.builder().connect().await.unwrap();
    assert_eq!((issuer.status().keys, issuer.status().skipped.len()), (1, 1));
    let issuer = pages.builder().algorithm_for_unnamed(Algorithm::Rs256).connect().await.unwrap();
    let verifier = issuer.access_tokens(AUDIENCE);
    assert_eq!(code(&verifier, &signed_with(&rsa)).await, "ok");
    assert_eq!(code(&verifier, &signed_with(&curve)).await, "ok", "its curve decides");
}

#[tokio::test(start_paused = true)]
async fn a_set_that_fails_where_it_was_is_asked_for_once() {
    let pages = Pages::publishing(&[&key("a")]);
    let issuer = pages.builder().connect().await.unwrap();
    pages.set(JWKS, 500, "");
    pause(30).await;
    let expected = FetchError::Status { url: JWKS.into(), status: 500 };
    assert_eq!(issuer.refresh().await, Err(expected));
    assert_eq!(pages.urls(), [DISCOVERY, JWKS, JWKS, DISCOVERY]);
}

#[tokio::test(start_paused = true)]
async fn a_set_that_moves_is_found_in_the_same_attempt() {
    let (old, new) = (key("old"), key("new"));
    let moved = "https://keys.example/jwks";
    let pages = Pages::publishing(&[&old]);
    let issuer = pages.builder().connect().await.unwrap();
    pages.set(JWKS, 404, "");
    pages.set(moved, 200, jwks(&[&new]));
    discovery(&pages, NAME, moved);
    pause(30).await;
    let verifier = issuer.access_tokens(AUDIENCE);
    assert_eq!(code(&verifier, &signed_with(&new)).await, "ok");
    assert_eq!(pages.urls(), [DISCOVERY, JWKS, JWKS, DISCOVERY, moved]);
    assert_eq!((issuer.status().fetches, issuer.status().last_error), (2, None));
    pause(30).await;
    assert_eq!(issuer.refresh().await, Ok(()));
    assert_eq!(pages.urls().last().unwrap(), moved);

    // Where it is does not change when discovery fails, too.
    pages.set(moved, 500, "");
    pages.set(DISCOVERY, 500, "");
    pause(30).await;
    let expected = FetchError::Status { url: moved.into(), status: 500 };
    assert_eq!(issuer.refresh().await, Err(expected));

    // What discovery refuses is said.
    for (found, url, expected) in [
        ("other", JWKS, FetchError::OtherIssuer { expected: NAME.into(), found: "other".into() }),
        (NAME, "https://127.0.0.1/", FetchError::LocalAddress { url: "https://127.0.0.1/".into() }),
        (NAME, "http://keys.example", FetchError::NotHttps { url: "http://keys.example".into() }),
    ] {
        discovery(&pages, found, url);
        pause(30).await;
        assert_eq!(issuer.refresh().await, Err(expected));
    }
    pages.set(moved, 200, jwks(&[&new]));
    pause(30).await;
    assert_eq!(issuer.refresh().await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_set_that_moves_and_leaves_a_silent_url_is_found_in_the_next_attempt() {
    let (old, new) = (key("old"), key("new"));
    let moved = "https://keys.example/jwks";
    let pages = Pages::publishing(&[&old]);
    let issuer = pages.builder().connect().await.unwrap();
    pages.set_slow(JWKS, 200, jwks(&[&old]), Duration::MAX);
    pages.set(moved, 200, jwks(&[&new]));
    discovery(&pages, NAME, moved);
    pause(30).await;
    let timeout = Duration::from_secs(5);
    let silent = FetchError::TimedOut { issuer: NAME.into(), timeout };
    assert_eq!(issuer.refresh().await, Err(silent));
    pause(30).await;
    assert_eq!(issuer.refresh().await, Ok(()));
    let verifier = issuer.access_tokens(AUDIENCE);
    assert_eq!(code(&verifier, &signed_with(&new)).await, "ok");
    assert_eq!(pages.urls(), [DISCOVERY, JWKS, JWKS, DISCOVERY, moved]);
    assert_eq!(issuer.status().fetches, 3);

    // One attempt that ends so does not lose where the set is.
    pages.set_slow(moved, 200, jwks(&[&new]), Duration::MAX);
    pause(30).await;
    assert!(issuer.refresh().await.is_err());
    pages.set(moved, 200, jwks(&[&new]));
    pages.set(DISCOVERY, 503, "");
    pause(30).await;
    assert_eq!(issuer.refresh().await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_discovered_url_may_not_lead_to_this_machine() {
    let pages = Pages::publishing(&[]);
    for url in ["https://127.1/keys", "https://0x7f000001/", "https://[::ffff:127.0.0.1]/"] {
        discovery(&pages, NAME, url);
        let error = error(&pages).await;
        assert!(matches!(error, FetchError::LocalAddress { .. }), "{url}: {error:?}");
    }
    for url in ["http://keys.example", "ftp://keys.example", "/jwks", ""] {
        discovery(&pages, NAME, url);
        assert_eq!(error(&pages).await, FetchError::NotHttps { url: url.into() });
    }
    assert!(pages.urls().iter().all(|url| url == DISCOVERY), "nothing else was asked");

    // One that the program sets may.
    let signing = key("a");
    let local = "http://127.0.0.1:8080/keys";
    pages.set(local, 200, jwks(&[&signing]));
    let issuer = pages.builder().jwks_uri(local).connect().await.unwrap();
    assert_eq!(code(&issuer.access_tokens(AUDIENCE), &signed_with(&signing)).await, "ok");
    assert_eq!(pages.urls().last().unwrap(), local);

    // And so may one of an issuer on this machine.
    let name = "http://localhost:8080";
    let found = format!("{name}/.well-known/openid-configuration");
    pages.set(&found, 200, json!({ "issuer": name, "jwks_uri": local }).to_string());
    assert!(Issuer::builder(name).client(pages.clone()).connect().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_name_and_the_url_that_the_program_sets_are_checked_at_once() {
    let not_https = |url: &str| FetchError::NotHttps { url: url.into() };
    for name in [
        "http://login.example",
        "login.example",
        "",
        "https://",
        "https://login.example?",
        "https://login.example/?tenant=a",
        "https://login.example/#a",
    ] {
        assert_eq!(Issuer::builder(name).start().unwrap_err(), not_https(name));
    }
    let builder = Issuer::builder(NAME).jwks_uri("http://login.example/keys");
    assert_eq!(builder.start().unwrap_err(), not_https("http://login.example/keys"));
}

#[tokio::test(start_paused = true)]
async fn a_client_s_own_error_is_told_by_its_innermost_cause() {
    let pages = Pages::default();
    let reason = "there is no such page".into();
    assert_eq!(error(&pages).await, FetchError::Unreachable { url: DISCOVERY.into(), reason });

    let own = |_: FetchRequest| async {
        let url = format!("{JWKS}?{}", "x".repeat(5000));
        Err(BoxError::from(FetchError::TooLarge { url, max: 1 }))
    };
    let url = format!("{JWKS}?{}…", "x".repeat(173));
    let error = Issuer::builder(NAME).client(own).connect().await.unwrap_err();
    assert_eq!(error, FetchError::TooLarge { url, max: 1 }, "its URL is cut");

    let odd = |_: FetchRequest| async { Err(BoxError::from("it can't\u{202e}\n\"é\"")) };
    let reason = "it can't\\u{202e}\\n\"é\"".into();
    let error = Issuer::builder(NAME).client(odd).connect().await.unwrap_err();
    assert_eq!(error, FetchError::Unreachable { url: DISCOVERY.into(), reason });
}
