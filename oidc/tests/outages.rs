//! Issuers that fail, hang or are not there yet, and tasks that end: in paused time, with the fetches
//! counted.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use jwt_codec_oidc::{
    BoxError, FetchError, FetchRequest, FetchResponse, Issuer, OidcError, testing::FakeIssuer,
};
use serde_json::{Value, json};
use support::{
    AUDIENCE, DISCOVERY, JWKS, NAME, Pages, access_token, builder, code, code_now, connected,
    invented, jwks, key, pause, signed_with,
};
use tokio::time::Instant;

fn status(url: &str, status: u16) -> FetchError {
    FetchError::Status { url: url.into(), status }
}

#[tokio::test(start_paused = true)]
async fn connect_says_why_there_are_no_keys() {
    let fake = FakeIssuer::new(NAME);
    fake.fail(503);
    assert_eq!(builder(&fake).connect().await.unwrap_err(), status(DISCOVERY, 503));
    assert_eq!(fake.fetches(), 1);
    pause(3600).await;
    assert_eq!(fake.fetches(), 1, "the task has ended");

    fake.hang();
    let begin = Instant::now();
    let timeout = Duration::from_secs(5);
    let error = builder(&fake).connect().await.unwrap_err();
    assert_eq!(error, FetchError::TimedOut { issuer: NAME.into(), timeout });
    assert_eq!(begin.elapsed(), timeout);
}

#[tokio::test(start_paused = true)]
async fn a_fake_issuer_has_its_set_at_one_url() {
    let fake = FakeIssuer::new(NAME);
    assert_eq!(format!("{fake:?}"), r#"FakeIssuer { name: "https://login.example", .. }"#);
    assert!(builder(&fake).jwks_uri(JWKS).connect().await.is_ok());
    let other = "https://login.example/keys";
    let error = builder(&fake).jwks_uri(other).connect().await.unwrap_err();
    assert_eq!(error, status(other, 404));
}

#[tokio::test(start_paused = true)]
async fn a_fake_issuer_counts_the_attempts() {
    let fake = FakeIssuer::new(NAME);
    let (issuer, _) = connected(&fake).await;
    for fetches in [2, 4, 6] {
        fake.fail(500);
        pause(30).await;
        assert_eq!(issuer.refresh().await, Err(status(JWKS, 500)));
        assert_eq!((fake.fetches(), issuer.status().fetches), (fetches, fetches));
        fake.recover();
        pause(30).await;
        assert_eq!(issuer.refresh().await, Ok(()));
        assert_eq!((fake.fetches(), issuer.status().fetches), (fetches + 1, fetches + 1));
    }
    // After a timeout the document is asked for first.
    fake.hang();
    pause(30).await;
    assert!(issuer.refresh().await.is_err());
    assert_eq!((fake.fetches(), issuer.status().fetches), (8, 8));
    fake.fail(500);
    pause(30).await;
    assert_eq!(issuer.refresh().await, Err(status(DISCOVERY, 500)));
    assert_eq!((fake.fetches(), issuer.status().fetches), (9, 9));
    // Another service counts as well.
    fake.recover();
    for fetches in [10, 11] {
        pause(30).await;
        assert_eq!(issuer.refresh().await, Ok(()));
        assert_eq!((fake.fetches(), issuer.status().fetches), (fetches, fetches));
    }
    fake.fail(500);
    assert!(builder(&fake).connect().await.is_err());
    assert_eq!(fake.fetches(), 12);
}

#[tokio::test(start_paused = true)]
async fn a_service_may_start_before_its_issuer() {
    let fake = FakeIssuer::new(NAME);
    let token = access_token(&fake);
    fake.fail(503);
    let issuer = builder(&fake).start().unwrap();
    let verifier = issuer.access_tokens(AUDIENCE);
    assert_eq!(code_now(&verifier, &token), "keys_unavailable");
    assert_eq!(code(&verifier, &token).await, "keys_unavailable");
    assert!(!issuer.is_ready());
    pause(55).await;
    // After 5, 10 and 20 seconds, or up to a fifth earlier.
    assert_eq!(fake.fetches(), 4);
    let status = issuer.status();
    assert_eq!((status.keys, status.fetches, status.consecutive_failures), (0, 4, 4));
    assert_eq!((status.age, status.last_error), (None, Some(self::status(DISCOVERY, 503))));
    fake.recover();
    pause(30).await;
    assert_eq!(code(&verifier, &token).await, "ok");
    assert_eq!((issuer.status().consecutive_failures, issuer.status().last_error), (0, None));
}

#[tokio::test(start_paused = true)]
async fn tokens_without_keys_wait_for_the_second_attempt_too() {
    let signing = key("a");
    let pages = Pages::publishing(&[&signing]);
    pages.set_slow(JWKS, 200, jwks(&[&signing]), Duration::from_secs(3));
    pages.set(DISCOVERY, 503, "");
    let verifier = pages.builder().start().unwrap().access_tokens(AUDIENCE);
    pause(1).await;
    pages.set(DISCOVERY, 200, json!({ "issuer": NAME, "jwks_uri": JWKS }).to_string());
    pause(5).await;
    assert_eq!(code_now(&verifier, &signed_with(&signing)), "keys_unavailable");
    assert_eq!(code(&verifier, &signed_with(&signing)).await, "ok");
}

#[tokio::test(start_paused = true)]
async fn tokens_without_keys_start_no_fetch() {
    let fake = FakeIssuer::new(NAME);
    let token = access_token(&fake);
    fake.fail(500);
    let verifier = builder(&fake).start().unwrap().access_tokens(AUDIENCE);
    pause(1).await;
    let begin = Instant::now();
    for _ in 0..1000 {
        assert_eq!(verifier.decode::<Value>(&token).await, Err(OidcError::KeysUnavailable));
        assert_eq!(verifier.try_decode::<Value>(&token), Err(OidcError::KeysUnavailable));
    }
    assert_eq!((fake.fetches(), begin.elapsed()), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn failed_attempts_count_for_the_cooldown() {
    let fake = FakeIssuer::new(NAME);
    let (issuer, verifier) = connected(&fake).await;
    fake.fail(500);
    let forged = invented("forged");
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(300) {
        assert_eq!(code(&verifier, &forged).await, "unknown_key");
        pause(1).await;
    }
    assert_eq!(fake.fetches(), 10, "one at the start, and one each 30 seconds");
    assert_eq!(issuer.status().consecutive_failures, 9);
    assert_eq!(issuer.status().last_error, Some(status(JWKS, 500)));
    assert_eq!(code(&verifier, &access_token(&fake)).await, "ok");
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_an_hour_costs_nobody() {
    let fake = FakeIssuer::new(NAME);
    let (issuer, verifier) = connected(&fake).await;
    let token = access_token(&fake);
    fake.fail(502);
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(3600) {
        assert_eq!(code(&verifier, &token).await, "ok");
        assert_eq!(code_now(&verifier, &token), "ok");
        pause(7).await;
    }
    // After 10 min, give or take a tenth, then 1, 2, 4, 8 and 10 min, or up to a fifth earlier.
    let attempts = fake.fetches() - 1;
    assert!((8..=9).contains(&attempts), "{attempts}");
    assert_eq!(issuer.status().fetches, 1 + attempts);
    assert_eq!(issuer.status().consecutive_failures, attempts);
    fake.recover();
    fake.rotate();
    pause(661).await;
    assert_eq!(issuer.status().consecutive_failures, 0);
    assert_eq!(code_now(&verifier, &access_token(&fake)), "ok");
}

#[tokio::test(start_paused = true)]
async fn keys_are_dropped_when_they_are_too_old() {
    for hanging in [false, true] {
        let fake = FakeIssuer::new(NAME);
        let (issuer, verifier) = connected(&fake).await;
        let token = access_token(&fake);
        if hanging {
            fake.hang();
        } else {
            fake.fail(500);
        }
        pause(6 * 3600 - 1).await;
        assert_eq!(code(&verifier, &token).await, "ok");
        pause(2).await;
        assert_eq!(code_now(&verifier, &token), "keys_unavailable");
        assert!(!issuer.is_ready());
        assert_eq!(issuer.status().age, Some(Duration::from_secs(6 * 3600 + 1)));
        fake.recover();
        pause(5 * 60 + 5).await;
        assert_eq!(code(&verifier, &token).await, "ok", "attempts go on");
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_come_soon_after_the_keys_are_dropped() {
    let fake = FakeIssuer::new(NAME);
    let (issuer, _verifier) = connected(&fake).await;
    fake.fail(500);
    pause(6 * 3600 - 1).await;
    let before = issuer.status().fetches;
    pause(27).await;
    assert!(!issuer.is_ready());
    // After 5, then 5, 10 and 20 seconds, or up to a fifth earlier. One more if an attempt was due in the
    // last second with the keys.
    let attempts = issuer.status().fetches - before;
    assert!((3..=4).contains(&attempts), "{attempts}");
    assert!(issuer.status().consecutive_failures > 30, "the count goes on");
    fake.recover();
    pause(20).await;
    assert!(issuer.is_ready());
}

#[tokio::test(start_paused = true)]
async fn keys_are_dropped_while_a_fetch_hangs() {
    let fake = FakeIssuer::new(NAME);
    let issuer = builder(&fake)
        .timeout(Duration::from_secs(100_000))
        .max_stale(Duration::from_secs(7200))
        .connect()
        .await
        .unwrap();
    fake.hang();
    pause(7199).await;
    assert!(issuer.is_ready());
    pause(2).await;
    assert!(!issuer.is_ready());
    assert_eq!(fake.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_month_of_rotations() {
    let fake = FakeIssuer::new(NAME);
    let (issuer, verifier) = connected(&fake).await;
    let mut withdrawn = Vec::new();
    let mut newest = String::from("key-1");
    for _ in 0..30 * 4 {
        let old = access_token(&fake);
        let retired = std::mem::replace(&mut newest, fake.rotate());
        let new = access_token(&fake);
        if code(&verifier, &new).await != "ok" {
            // The last fetch was too recent.
            pause(30).await;
            assert_eq!(code(&verifier, &new).await, "ok");
        }
        assert_eq!(code(&verifier, &old).await, "ok");
        pause(3600).await;
        fake.withdraw(&retired);
        withdrawn.push(old);
        pause(5 * 3600).await;
    }
    for token in withdrawn {
        assert_eq!(code_now(&verifier, &token), "unknown_key");
    }
    assert_eq!(issuer.status().keys, 1);
    let expected = 30 * 24 * 6;
    let fetches = fake.fetches();
    assert!((expected..expected + 200).contains(&fetches), "{fetches}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_with_the_timeout() {
    let fake = FakeIssuer::new(NAME);
    let (issuer, verifier) = connected(&fake).await;
    pause(30).await;
    fake.hang();
    let begin = Instant::now();
    assert_eq!(code(&verifier, &invented("x")).await, "unknown_key");
    assert_eq!(begin.elapsed(), Duration::from_secs(5));
    let timeout = Duration::from_secs(5);
    let expected = FetchError::TimedOut { issuer: NAME.into(), timeout };
    assert_eq!(issuer.status().last_error, Some(expected));
}

#[tokio::test(start_paused = true)]
async fn the_last_drop_ends_the_task() {
    let fake = FakeIssuer::new(NAME);
    let (issuer, verifier) = connected(&fake).await;
    drop(issuer);
    pause(700).await;
    assert_eq!(fake.fetches(), 2, "a verifier keeps it");
    drop(verifier);
    pause(7000).await;
    assert_eq!(fake.fetches(), 2);
}

#[test]
fn the_end_of_the_runtime_drops_the_keys() {
    let fake = FakeIssuer::new(NAME);
    let new_runtime =
        || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let runtime = new_runtime();
    let (issuer, verifier) = runtime.block_on(connected(&fake));
    let token = access_token(&fake);
    assert_eq!(code_now(&verifier, &token), "ok", "decoding needs no runtime");
    drop(runtime);
    assert_eq!(code_now(&verifier, &token), "keys_unavailable");
    let other = new_runtime();
    assert_eq!(other.block_on(code(&verifier, &token)), "keys_unavailable");
    assert_eq!(other.block_on(issuer.refresh()), Err(FetchError::NoRuntime));
    assert!(!issuer.is_ready());
    assert_eq!(builder(&fake).start().unwrap_err(), FetchError::NoRuntime);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_panics_is_one_that_fails() {
    let fake = FakeIssuer::new(NAME);
    let calls = std::sync::Arc::new(AtomicUsize::new(0));
    let client = {
        let (fake, calls) = (fake.clone(), calls.clone());
        move |request: FetchRequest| {
            let (fake, call) = (fake.clone(), calls.fetch_add(1, Ordering::Relaxed));
            async move {
                assert_ne!(call, 2, "planted");
                jwt_codec_oidc::Fetch::get(&fake, request).await
            }
        }
    };
    let issuer = Issuer::builder(NAME).client(client).connect().await.unwrap();
    pause(30).await;
    let error = issuer.refresh().await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error:?}");
    assert!(issuer.is_ready());
    pause(70).await;
    assert_eq!((issuer.refresh().await, issuer.status().last_error), (Ok(()), None));
}

#[tokio::test(start_paused = true)]
async fn any_durations_are_possible() {
    for duration in [Duration::ZERO, Duration::MAX] {
        let fake = FakeIssuer::new(NAME);
        let issuer = builder(&fake)
            .refresh_every(duration)
            .cooldown(duration)
            .max_stale(duration)
            .timeout(Duration::MAX)
            .connect()
            .await
            .unwrap();
        pause(3600).await;
        let _ = code(&issuer.access_tokens(AUDIENCE), &invented("x")).await;
        assert!(fake.fetches() <= 1 + 3600 * 10 / 8 + 1, "no busy loop");
    }
    let answer = || async { Ok::<_, BoxError>(FetchResponse { status: 200, body: Vec::new() }) };
    let builder = Issuer::builder(NAME).client(move |_: FetchRequest| answer());
    let error = builder.timeout(Duration::ZERO).connect().await.unwrap_err();
    assert!(matches!(error, FetchError::TimedOut { .. } | FetchError::NotJson { .. }), "{error:?}");
}
