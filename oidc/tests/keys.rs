//! When keys are fetched, kept and dropped: in paused time, with the fetches counted.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::time::Duration;

use jwt_codec_oidc::{FetchError, FetchRequest, testing::FakeIssuer};
use serde_json::Value;
use support::{
    AUDIENCE, DISCOVERY, JWKS, NAME, Pages, access_header, access_token, builder, claims, code,
    code_now, connected, invented, jwks, key, pause, signed_with, with,
};
use tokio::time::Instant;

fn status(url: &str, status: u16) -> FetchError {
    FetchError::Status { url: url.into(), status }
}

#[tokio::test(start_paused = true)]
async fn keys_are_there_when_connect_returns() {
    let fake = FakeIssuer::new(NAME);
    let (issuer, verifier) = connected(&fake).await;
    assert!(issuer.is_ready());
    let data = verifier.decode::<Value>(&access_token(&fake)).await.unwrap();
    assert_eq!(data.claims["sub"], "ada");
    assert_eq!(fake.fetches(), 1);
    let status = issuer.status();
    assert_eq!((status.keys, status.fetches, status.consecutive_failures), (1, 1, 0));
    assert_eq!((status.age, status.last_error), (Some(Duration::ZERO), None));
    assert!(status.skipped.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_token_joins_the_first_fetch() {
    let signing = key("a");
    let pages = Pages::publishing(&[&signing]);
    pages.set_slow(JWKS, 200, jwks(&[&signing]), Duration::from_secs(2));
    let verifier = pages.builder().start().unwrap().access_tokens(AUDIENCE);
    let begin = Instant::now();
    assert_eq!(code(&verifier, &signed_with(&signing)).await, "ok");
    assert_eq!(begin.elapsed(), Duration::from_secs(2));
    assert_eq!(pages.urls(), [DISCOVERY, JWKS]);
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_fetched_for_the_token_that_names_it() {
    let fake = FakeIssuer::new(NAME);
    let (issuer, verifier) = connected(&fake).await;
    let old = access_token(&fake);
    pause(30).await;
    assert_eq!(fake.rotate(), "key-2");
    let new = access_token(&fake);
    assert_eq!(code_now(&verifier, &new), "unknown_key", "it never waits");
    pause(1).await;
    assert_eq!(code_now(&verifier, &new), "ok", "but causes a fetch");
    assert_eq!(code(&verifier, &old).await, "ok");
    assert_eq!((issuer.status().keys, fake.fetches()), (2, 2));

    fake.rotate();
    let newer = access_token(&fake);
    assert_eq!(code(&verifier, &newer).await, "unknown_key", "the cooldown holds");
    assert_eq!(fake.fetches(), 2);
    pause(29).await;
    assert_eq!(code(&verifier, &newer).await, "ok", "the cooldown is over");
    assert_eq!(fake.fetches(), 3);
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_share_one_fetch_and_nobody_else_waits() {
    let (old, new) = (key("old"), key("new"));
    let pages = Pages::publishing(&[&old]);
    let verifier = pages.builder().connect().await.unwrap().access_tokens(AUDIENCE);
    pause(30).await;
    pages.set_slow(JWKS, 200, jwks(&[&new, &old]), Duration::from_secs(3));
    let begin = Instant::now();
    let waiting: Vec<_> = (0..100)
        .map(|_| {
            let (verifier, token) = (verifier.clone(), signed_with(&new));
            tokio::spawn(async move { code(&verifier, &token).await })
        })
        .collect();
    tokio::task::yield_now().await;
    for _ in 0..100 {
        assert_eq!(code(&verifier, &signed_with(&old)).await, "ok");
        assert_eq!(begin.elapsed(), Duration::ZERO);
    }
    for one in waiting {
        assert_eq!(one.await.unwrap(), "ok");
    }
    assert_eq!(begin.elapsed(), Duration::from_secs(3));
    assert_eq!(pages.urls(), [DISCOVERY, JWKS, JWKS]);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_invented_ids_cause_one_fetch_each_cooldown() {
    let fake = FakeIssuer::new(NAME);
    let (_issuer, verifier) = connected(&fake).await;
    let good = access_token(&fake);
    for round in 0..4 {
        // The first round is within the cooldown of the first fetch.
        let tasks: Vec<_> = (0..100)
            .map(|task| {
                let (verifier, good) = (verifier.clone(), good.clone());
                tokio::spawn(async move {
                    assert_eq!(code_now(&verifier, &good), "ok");
                    for id in 0..100 {
                        let forged = invented(&format!("{task}-{id}"));
                        assert_eq!(code(&verifier, &forged).await, "unknown_key");
                        assert_eq!(code_now(&verifier, &forged), "unknown_key");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(fake.fetches(), 1 + round);
        pause(30).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_issuer_in_memory_may_have_a_name_that_is_not_in_normal_form() {
    for name in ["https://login.example:443", "https://LOGIN.example", "HTTPS://login.example/a/"] {
        let fake = FakeIssuer::new(name);
        assert!(connected(&fake).await.0.is_ready(), "{name}");
        assert_eq!(fake.fetches(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_issuer_in_memory_counts_the_attempts_of_all_who_ask_it() {
    let fake = FakeIssuer::new(NAME);
    let (issuer, _) = connected(&fake).await;
    connected(&fake).await;
    assert_eq!(fake.fetches(), 2);
    pause(30).await;
    fake.fail(500);
    assert_eq!(builder(&fake).connect().await.unwrap_err(), status(DISCOVERY, 500));
    assert_eq!(fake.fetches(), 3);
    assert_eq!(issuer.refresh().await, Err(status(JWKS, 500)));
    assert_eq!(fake.fetches(), 4);
    assert_eq!(builder(&fake).connect().await.unwrap_err(), status(DISCOVERY, 500));
    assert_eq!(fake.fetches(), 5);
    fake.hang();
    builder(&fake).connect().await.unwrap_err();
    assert_eq!(fake.fetches(), 6);
    fake.recover();
    pause(25).await;
    assert_eq!(issuer.refresh().await, Ok(()));
    pause(30).await;
    assert_eq!(issuer.refresh().await, Ok(()));
    assert_eq!((fake.fetches(), issuer.status().fetches), (8, 4));
}

#[tokio::test(start_paused = true)]
async fn other_tokens_cause_no_fetch() {
    let fake = FakeIssuer::new(NAME);
    let (_issuer, verifier) = connected(&fake).await;
    pause(60).await;
    let forger = key("forged");
    let sign = |claims: &Value| {
        jwt_codec::sign(&access_header(), claims.to_string().as_bytes(), &forger).unwrap()
    };
    let elsewhere = serde_json::json!({ "iss": "https://other.example" });
    for (token, expected) in [
        (sign(&with(claims(), &elsewhere)), "unknown_key"),
        (sign(&with(claims(), &serde_json::json!({ "iss": null }))), "unknown_key"),
        (sign(&serde_json::json!({ "iss": [NAME] })), "unknown_key"),
        (signed_with(&forger.clone().with_id("key-1")), "invalid_signature"),
        ("eyJhbGciOiJFUzI1NiJ9.e30.".into(), "invalid_signature"),
        ("eyJhbGciOiJub25lIn0.e30.".into(), "algorithm_mismatch"),
        ("nothing".into(), "malformed"),
        (String::new(), "malformed"),
        ("x".repeat(100_000), "token_too_long"),
    ] {
        assert_eq!(code(&verifier, &token).await, expected, "{token}");
        assert_eq!(code_now(&verifier, &token), expected, "{token}");
    }
    pause(1).await;
    assert_eq!(fake.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_key_is_gone_after_the_next_refresh() {
    let fake = FakeIssuer::new(NAME);
    let (issuer, verifier) = connected(&fake).await;
    let old = access_token(&fake);
    fake.rotate();
    fake.withdraw("key-1");
    pause(530).await;
    assert_eq!((code(&verifier, &old).await, fake.fetches()), ("ok", 1));
    pause(140).await;
    assert_eq!((fake.fetches(), code_now(&verifier, &old)), (2, "unknown_key"));
    assert_eq!(issuer.status().keys, 1);
}

#[tokio::test(start_paused = true)]
async fn other_material_under_the_same_id_replaces_the_key() {
    let (old, new) = (key("a"), key("a"));
    let pages = Pages::publishing(&[&old]);
    let verifier = pages.builder().connect().await.unwrap().access_tokens(AUDIENCE);
    pages.set(JWKS, 200, jwks(&[&new]));
    assert_eq!(code(&verifier, &signed_with(&new)).await, "invalid_signature");
    pause(661).await;
    assert_eq!(code(&verifier, &signed_with(&new)).await, "ok");
    assert_eq!(code(&verifier, &signed_with(&old)).await, "invalid_signature");
}

#[tokio::test(start_paused = true)]
async fn cancelled_requests_cancel_no_fetch() {
    let (old, new) = (key("old"), key("new"));
    let pages = Pages::publishing(&[&old]);
    let verifier = pages.builder().connect().await.unwrap().access_tokens(AUDIENCE);
    pause(30).await;
    pages.set_slow(JWKS, 200, jwks(&[&new]), Duration::from_secs(4));
    let requests: Vec<_> = (0..50)
        .map(|_| {
            let (verifier, token) = (verifier.clone(), signed_with(&new));
            tokio::spawn(async move { code(&verifier, &token).await })
        })
        .collect();
    pause(1).await;
    for request in requests {
        request.abort();
        assert!(request.await.unwrap_err().is_cancelled());
    }
    pause(4).await;
    assert_eq!(code_now(&verifier, &signed_with(&new)), "ok");
    assert_eq!(pages.urls(), [DISCOVERY, JWKS, JWKS]);
}

#[tokio::test(start_paused = true)]
async fn refresh_obeys_the_cooldown() {
    let fake = FakeIssuer::new(NAME);
    let (issuer, verifier) = connected(&fake).await;
    fake.rotate();
    assert_eq!(issuer.refresh().await, Ok(()));
    assert_eq!(fake.fetches(), 1);
    pause(30).await;
    assert_eq!(issuer.refresh().await, Ok(()));
    assert_eq!(fake.fetches(), 2);
    assert_eq!(code_now(&verifier, &access_token(&fake)), "ok");
    fake.fail(500);
    pause(30).await;
    assert_eq!(issuer.refresh().await, Err(status(JWKS, 500)));
    fake.recover();
    assert_eq!(issuer.refresh().await, Err(status(JWKS, 500)), "what the last one came to");
    assert_eq!(fake.fetches(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_schedule_starts_the_cooldown_anew() {
    let fake = FakeIssuer::new(NAME);
    let (_issuer, verifier) = connected(&fake).await;
    while fake.fetches() < 2 {
        pause(1).await;
    }
    let forged = invented("x");
    pause(27).await;
    assert_eq!(code(&verifier, &forged).await, "unknown_key");
    assert_eq!(fake.fetches(), 2);
    pause(4).await;
    assert_eq!(code(&verifier, &forged).await, "unknown_key");
    assert_eq!(fake.fetches(), 3);
}

#[tokio::test(start_paused = true)]
async fn only_a_forced_fetch_asks_caches_to_ask_the_issuer() {
    let pages = Pages::publishing(&[&key("a")]);
    let verifier = pages.builder().max_body(1000).connect().await.unwrap().access_tokens(AUDIENCE);
    pause(661).await;
    assert_eq!(code(&verifier, &invented("x")).await, "unknown_key");
    pause(30).await;
    assert_eq!(code(&verifier, &invented("x")).await, "unknown_key");
    let request = |url: &str, no_cache| FetchRequest { url: url.into(), max_body: 1000, no_cache };
    assert_eq!(
        pages.asked().first_chunk::<3>().unwrap(),
        &[request(DISCOVERY, false), request(JWKS, false), request(JWKS, false)]
    );
    assert_eq!(pages.asked().last(), Some(&request(JWKS, true)));
}
