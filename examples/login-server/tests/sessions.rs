//! Refresh and logout. Each test runs with the store in memory, and with a real Redis.
#![cfg(unix)] // for the signals of the Redis

mod server;

use std::{thread, time::Duration};

use jwt_codec::{
    Claims, Header, Key, NumericDate,
    dangerous::{self, decode_unverified},
    encode_with_header, sign,
};
use serde_json::{Value, json};

use crate::server::{SECRET, Server, key, logout_request, redis::Redis, refresh_request};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn with_each_store(test: impl Fn(&Server)) {
    test(&Server::start(&[("JWT_SECRET", SECRET)]));
    if let Some(redis) = Redis::start() {
        test(&Server::start(&[("JWT_SECRET", SECRET), ("REDIS_URL", &redis.url())]));
    }
}

fn read(token: &str) -> dangerous::UnverifiedData<Claims<Value>> {
    decode_unverified(token).unwrap()
}

/// Claims of a refresh token as the server itself issues them.
fn good_claims() -> Claims<Value> {
    let now = NumericDate::now();
    Claims::new(json!({ "username": "ada", "user_id": 1, "sid": "a session" }))
        .issuer("https://login.example")
        .audience("https://api.example")
        .id("a token's own id")
        .issued_at(now)
        .expires_at(now + 30 * DAY)
}

fn refresh_header() -> Header {
    Header::new().with_typ("refresh+jwt")
}

fn refresh_token(claims: &Claims<Value>) -> String {
    encode_with_header(&refresh_header(), claims, &key()).unwrap()
}

#[test]
fn a_refresh_token_gives_a_new_pair() {
    with_each_store(|server| {
        let before = NumericDate::now();
        let (first_token, mut refresh_token) = server.log_in_pair("ada");
        let first = read(&refresh_token);
        assert_eq!(first.header.typ(), Some("refresh+jwt"));
        let end = first.claims.registered.exp.unwrap();
        assert!((before + 30 * DAY..=NumericDate::now() + 30 * DAY).contains(&end));

        let mut ids = vec![first.claims.registered.jti.unwrap()];
        for _ in 0..3 {
            let (token, newer) = server.refresh(&refresh_token).pair();
            let answer = server.protected(&token);
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert_eq!(answer.body["payload"]["username"], "ada");
            let claims = read(&newer).claims;
            assert_eq!(claims.custom, first.claims.custom, "the same session");
            assert_eq!(claims.registered.exp, Some(end), "which ends when it always would");
            ids.push(claims.registered.jti.unwrap());
            refresh_token = newer;
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 4, "each has its own id");
        // An access token goes on until it expires.
        assert_eq!(server.protected(&first_token).status, 200);
    });
}

#[test]
fn neither_kind_of_token_passes_for_the_other() {
    with_each_store(|server| {
        let (token, refresh_token) = server.log_in_pair("ada");
        server.protected(&refresh_token).assert_invalid_token("a refresh token as access token");
        server.log_out(&refresh_token).assert_invalid_token("a refresh token to log out");
        server.refresh(&token).assert_invalid_token("an access token to refresh");
        assert_eq!(server.protected(&token).status, 200);
        server.refresh(&refresh_token).pair();
    });
}

#[test]
fn one_that_is_used_twice_ends_the_session() {
    with_each_store(|server| {
        let (token, refresh_token) = server.log_in_pair("ada");
        let (other_token, other_refresh_token) = server.log_in_pair("ada");
        let (newer_token, newer) = server.refresh(&refresh_token).pair();
        let (newest_token, newest) = server.refresh(&newer).pair();

        server.refresh(&refresh_token).assert_invalid_token("used twice");
        for token in [token, newer_token, newest_token] {
            server.protected(&token).assert_invalid_token("of the session that has ended");
        }
        for token in [refresh_token, newer, newest] {
            server.refresh(&token).assert_invalid_token("of the session that has ended");
        }
        // Another session of the same user goes on.
        assert_eq!(server.protected(&other_token).status, 200);
        server.refresh(&other_refresh_token).pair();
    });
}

#[test]
fn of_many_at_once_one_gets_in_at_most() {
    with_each_store(|server| {
        for _ in 0..10 {
            let (_, refresh_token) = server.log_in_pair("ada");
            let answers: Vec<_> = thread::scope(|scope| {
                let threads: Vec<_> =
                    (0..8).map(|_| scope.spawn(|| server.refresh(&refresh_token))).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let (good, bad): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == 200);
            assert!(good.len() <= 1, "{}", good.len());
            bad.iter().for_each(|answer| answer.assert_invalid_token("used at once"));
            for answer in good {
                let (token, newer) = answer.pair();
                server.protected(&token).assert_invalid_token("its session has ended");
                server.refresh(&newer).assert_invalid_token("its session has ended");
            }
        }
    });
}

#[test]
fn logout_ends_that_session_alone() {
    with_each_store(|server| {
        let (token, refresh_token) = server.log_in_pair("ada");
        let (newer_token, newer) = server.refresh(&refresh_token).pair();
        let (other_token, other_refresh_token) = server.log_in_pair("ada");
        let answer = server.log_out(&newer_token);
        assert_eq!((answer.status, answer.body), (200, json!({ "message": "Logged out" })));

        for token in [token, newer_token] {
            server.protected(&token).assert_invalid_token("logged out");
            let header = format!("Bearer {token}");
            server.get("/protected_route", &[header.as_bytes()]).assert_invalid_token("logged out");
            server.log_out(&token).assert_invalid_token("logged out twice");
        }
        server.refresh(&newer).assert_invalid_token("logged out");
        assert_eq!(server.protected(&other_token).status, 200);
        server.refresh(&other_refresh_token).pair();
    });
}

/// How a client hangs up once it has sent all of its request.
#[derive(Debug, Clone, Copy)]
enum HangUp {
    AtOnce,
    AMomentLater,
    /// The client closes a connection with an answer that it has not read, so its system resets the
    /// connection.
    WithReset,
}

impl HangUp {
    const ALL: [Self; 3] = [Self::AtOnce, Self::AMomentLater, Self::WithReset];

    fn send(self, server: &Server, request: &[u8]) {
        match self {
            Self::AtOnce => drop(server.send(request)),
            Self::AMomentLater => {
                let stream = server.send(request);
                thread::sleep(Duration::from_micros(300));
                drop(stream);
            }
            Self::WithReset => {
                let other = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
                let stream = server.send(&[other, request].concat());
                // Waits for the answer to the first request, and does not read it.
                stream.peek(&mut [0]).unwrap();
                drop(stream);
            }
        }
    }
}

#[test]
fn a_logout_counts_even_if_the_client_hangs_up() {
    with_each_store(|server| {
        for hang_up in HangUp::ALL {
            let tokens: Vec<_> = (0..50).map(|_| server.log_in("ada")).collect();
            tokens.iter().for_each(|token| hang_up.send(server, &logout_request(token)));
            server.wait_until_refused(&tokens, &format!("{hang_up:?}"));
        }
    });
}

#[test]
fn a_second_use_is_noticed_even_if_the_client_hangs_up() {
    with_each_store(|server| {
        for hang_up in HangUp::ALL {
            let (tokens, used): (Vec<_>, Vec<_>) =
                (0..50).map(|_| server.log_in_pair("ada")).unzip();
            used.iter().for_each(|refresh_token| drop(server.refresh(refresh_token).pair()));
            used.iter().for_each(|token| hang_up.send(server, &refresh_request(token)));
            server.wait_until_refused(&tokens, &format!("{hang_up:?}"));
        }
    });
}

#[test]
fn a_session_has_an_end() {
    with_each_store(|server| {
        let now = NumericDate::now();
        let at = |id: &str, iat, exp| {
            refresh_token(&good_claims().id(id).issued_at(iat).expires_at(exp))
        };
        let day_31 = now - 31 * DAY;
        server.refresh(&at("a", now - 2 * DAY, now - DAY)).assert_expired("ended yesterday");
        server.refresh(&at("b", day_31, day_31 + 30 * DAY)).assert_expired("begun long ago");
        server.refresh(&at("c", day_31, now + DAY)).assert_invalid_token("too long ago");
        server.refresh(&at("d", now, now + 31 * DAY)).assert_invalid_token("too long");

        // The last access token ends with the session.
        let end = now + Duration::from_secs(60);
        let (token, newer) = server.refresh(&at("e", now - DAY, end)).pair();
        assert_eq!(read(&token).claims.registered.exp, Some(end));
        assert_eq!(read(&newer).claims.registered.exp, Some(end));
    });
}

#[test]
fn any_other_refresh_token_is_invalid() {
    with_each_store(|server| {
        let good = refresh_token(&good_claims());
        let forged = encode_with_header(
            &refresh_header(),
            &good_claims(),
            &Key::hs256("another secret of 32 bytes or more").unwrap(),
        );
        let with = |claim: &str, value: Option<Value>| {
            let mut claims = serde_json::to_value(good_claims()).unwrap();
            match value {
                Some(value) => claims[claim] = value,
                None => drop(claims.as_object_mut().unwrap().remove(claim).unwrap()),
            }
            sign(&refresh_header(), claims.to_string().as_bytes(), &key()).unwrap()
        };
        for (case, token) in [
            ("empty", String::new()),
            ("no token", "abc".into()),
            ("with a prefix", format!("Bearer {good}")),
            ("forged", forged.unwrap()),
            ("another typ", sign(&Header::new(), b"{}", &key()).unwrap()),
            ("another issuer", with("iss", Some(json!("https://other.example")))),
            ("another audience", with("aud", Some(json!("https://other.example")))),
            ("no id", with("jti", None)),
            ("a numeric id", with("jti", Some(json!(7)))),
            ("no session", with("sid", None)),
            ("no end", with("exp", None)),
            ("no beginning", with("iat", None)),
        ] {
            server.refresh(&token).assert_invalid_token(case);
        }
        let answer = server.post_form("/refresh", &[("token", &good)]);
        let error = "The form field refresh_token is required";
        answer.assert_failed(422, error, None, "another field");
        server.refresh(&good).pair();
    });
}
