//! Sessions in a real Redis: several servers, and outages.
#![cfg(unix)] // for the signals

mod server;

use std::{
    net::TcpListener,
    thread,
    time::{Duration, Instant},
};

use jwt_codec::{Claims, dangerous::decode_unverified};
use serde_json::{Value, json};

use crate::server::{SECRET, Server, logout_request, redis::Redis, refresh_request, signal};

fn start(redis_url: &str) -> Server {
    Server::start(&[("JWT_SECRET", SECRET), ("REDIS_URL", redis_url)])
}

#[test]
fn a_token_revoked_at_one_server_is_refused_at_the_other() {
    let Some(redis) = Redis::start() else { return };
    let (one, two) = (start(&redis.url()), start(&redis.url()));
    let (token, other) = (one.log_in("ada"), one.log_in("ada"));
    assert_eq!(two.protected(&token).status, 200);

    let answer = one.log_out(&token);
    assert_eq!((answer.status, answer.body), (200, json!({ "message": "Logged out" })));
    one.protected(&token).assert_invalid_token("at the same server");
    two.protected(&token).assert_invalid_token("at the other server");
    two.log_out(&token).assert_invalid_token("logged out twice");
    assert_eq!(two.protected(&other).status, 200);

    // A server without that store accepts the token: only the store knows of the logout.
    let alone = Server::start(&[("JWT_SECRET", SECRET)]);
    assert_eq!(alone.protected(&token).status, 200);
}

#[test]
fn the_store_forgets_when_every_token_would_be_refused_anyway() {
    const DAYS_30: i64 = 30 * 24 * 60 * 60;
    let Some(redis) = Redis::start() else { return };
    let server = start(&redis.url());
    let (token, refresh_token) = server.log_in_pair("ada");
    assert_eq!(redis.ask::<Vec<String>>(&["KEYS", "*"]), [""; 0], "a login leaves nothing");
    assert_eq!(server.refresh(&refresh_token).status, 200);
    assert_eq!(server.log_out(&token).status, 200);

    let claims = |token| decode_unverified::<Claims<Value>>(token).unwrap().claims;
    let sid = claims(&token).custom["sid"].as_str().unwrap().to_owned();
    let jti = claims(&refresh_token).registered.jti.unwrap();
    let names = [format!("login-server:ended:{sid}"), format!("login-server:used:{jti}")];
    let mut found: Vec<String> = redis.ask(&["KEYS", "*"]);
    found.sort();
    assert_eq!(found, names);
    for name in names {
        // Plus the leeway of 5 seconds.
        let ttl: i64 = redis.ask(&["TTL", &name]);
        assert!((DAYS_30 - 60..=DAYS_30 + 5).contains(&ttl), "{name}: {ttl}");
    }
}

#[test]
fn with_the_store_stopped_nobody_gets_in() {
    let Some(mut redis) = Redis::start() else { return };
    let server = start(&redis.url());
    let (token, revoked) = (server.log_in("ada"), server.log_in("ada"));
    assert_eq!(server.log_out(&revoked).status, 200);

    redis.stop();
    for _ in 0..3 {
        server.protected(&token).assert_unavailable();
        server.protected(&revoked).assert_unavailable();
        server.log_out(&token).assert_unavailable();
    }
    // What needs no store still works.
    server.protected("abc").assert_invalid_token("no store is needed to refuse it");
    server.log_in("ada");

    // Back again: at once, and with what it knew.
    redis.restart();
    server.protected(&revoked).assert_invalid_token("it was revoked before");
    assert_eq!(server.protected(&token).status, 200);
    assert_eq!(server.log_out(&token).status, 200);
    server.protected(&token).assert_invalid_token("logged out");

    let log = server.stop();
    assert!(log.contains("the store cannot be used, so nobody gets in"), "{log}");
}

#[test]
fn a_logout_that_the_store_does_not_take_is_not_confirmed() {
    let Some(redis) = Redis::start() else { return };
    let server = start(&redis.url());
    let token = server.log_in("ada");

    // A full Redis still answers questions, but stores nothing new.
    redis.ask::<String>(&["CONFIG", "SET", "maxmemory", "1"]);
    assert_eq!(server.protected(&token).status, 200);
    server.log_out(&token).assert_unavailable();

    redis.ask::<String>(&["CONFIG", "SET", "maxmemory", "0"]);
    assert_eq!(server.log_out(&token).status, 200);
    server.protected(&token).assert_invalid_token("logged out");
}

#[test]
fn a_restart_of_the_store_between_two_requests_goes_unnoticed() {
    let Some(mut redis) = Redis::start() else { return };
    let server = start(&redis.url());
    let token = server.log_in("ada");
    assert_eq!(server.protected(&token).status, 200);
    redis.stop();
    redis.restart();
    assert_eq!(server.protected(&token).status, 200);
    let log = server.stop();
    assert!(!log.contains("cannot be used"), "{log}");
}

#[test]
fn a_store_that_hangs_is_not_waited_for() {
    let Some(redis) = Redis::start() else { return };
    let server = start(&redis.url());
    let token = server.log_in("ada");
    assert_eq!(server.protected(&token).status, 200);

    signal(&redis.child, "STOP");
    let start = Instant::now();
    server.protected(&token).assert_unavailable();
    // Two tries of half a second each.
    assert!(start.elapsed() < Duration::from_secs(2), "took {:?}", start.elapsed());

    signal(&redis.child, "CONT");
    let start = Instant::now();
    while server.protected(&token).status != 200 {
        assert!(start.elapsed() < Duration::from_secs(10), "does not recover");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Runs it while the store hangs. Returns whether the store was back before a server gave up, which it
/// does after two tries of half a second: a machine under load can be slower.
fn while_hanging(redis: &Redis, run: impl FnOnce()) -> bool {
    let start = Instant::now();
    signal(&redis.child, "STOP");
    run();
    thread::sleep(Duration::from_millis(100));
    signal(&redis.child, "CONT");
    start.elapsed() < Duration::from_millis(800)
}

/// The client is gone before the store has answered even the first question.
#[test]
fn what_ends_a_session_goes_on_without_the_client() {
    let Some(redis) = Redis::start() else { return };
    let server = start(&redis.url());
    let was_in_time = (0..20).any(|_| {
        let token = server.log_in("ada");
        let (other, used) = server.log_in_pair("ada");
        server.refresh(&used).pair();
        let in_time = while_hanging(&redis, || {
            let requests = [logout_request(&token), refresh_request(&used)];
            let requests = requests.map(|request| server.send(&request));
            thread::sleep(Duration::from_millis(100));
            drop(requests);
        });
        if in_time {
            server.wait_until_refused(&[token, other], "logged out, and used twice");
        }
        in_time
    });
    assert!(was_in_time);
}

/// A server that is told to stop does not forget a logout whose client is gone.
#[test]
fn a_stop_waits_for_a_logout_without_a_client() {
    let Some(redis) = Redis::start() else { return };
    let two = start(&redis.url());
    let was_in_time = (0..20).any(|_| {
        let one = start(&redis.url());
        let token = one.log_in("ada");
        let in_time = while_hanging(&redis, || {
            drop(one.send(&logout_request(&token)));
            thread::sleep(Duration::from_millis(100));
            one.signal("TERM");
        });
        one.stop();
        if in_time {
            two.protected(&token).assert_invalid_token("logged out");
        }
        in_time
    });
    assert!(was_in_time);
}

#[test]
fn a_store_that_comes_after_the_server_is_found() {
    let Some(mut redis) = Redis::start() else { return };
    redis.stop();
    let server = start(&redis.url());
    let token = server.log_in("ada");
    server.protected(&token).assert_unavailable();
    redis.restart();
    assert_eq!(server.protected(&token).status, 200);
}

/// Needs no Redis: there is none at that address.
#[test]
fn a_store_that_is_not_there_is_told_at_once() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let started = Instant::now();
    let server = start(&format!("redis://user:hunter2@{free}"));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    let log = server.stop();
    assert!(log.contains("the store cannot be used, so nobody gets in: "), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}

#[test]
fn an_outage_does_not_fill_the_log() {
    let Some(mut redis) = Redis::start() else { return };
    let server = start(&redis.url());
    let token = server.log_in("ada");
    redis.stop();
    let began = Instant::now();
    for _ in 0..500 {
        server.protected(&token).assert_unavailable();
    }
    let took = began.elapsed();
    redis.restart();
    thread::sleep(Duration::from_millis(1100));
    assert_eq!(server.protected(&token).status, 200);

    let log = server.stop();
    let lines = log.lines().filter(|line| line.contains("the store c")).count();
    // One each ten seconds, and one that it is over.
    let most = 2 + usize::try_from(took.as_secs() / 10).unwrap();
    assert!((2..=most).contains(&lines), "{took:?}: {log}");
    assert!(log.contains("the store can be used again failures=499") || most > 2, "{log}");
}

#[test]
fn a_refresh_that_the_store_does_not_take_gives_nothing() {
    let Some(redis) = Redis::start() else { return };
    let server = start(&redis.url());
    let (_, refresh_token) = server.log_in_pair("ada");

    redis.ask::<String>(&["CONFIG", "SET", "maxmemory", "1"]);
    server.refresh(&refresh_token).assert_unavailable();
    // It was not used up.
    redis.ask::<String>(&["CONFIG", "SET", "maxmemory", "0"]);
    server.refresh(&refresh_token).pair();
    server.refresh(&refresh_token).assert_invalid_token("used");
}

#[test]
fn a_refresh_token_is_used_once_by_all_servers_together() {
    let Some(redis) = Redis::start() else { return };
    let (one, two) = (start(&redis.url()), start(&redis.url()));
    let (_, refresh_token) = one.log_in_pair("ada");
    let (token, newer) = two.refresh(&refresh_token).pair();
    assert_eq!(one.protected(&token).status, 200);

    one.refresh(&refresh_token).assert_invalid_token("used at the other server");
    two.protected(&token).assert_invalid_token("its session has ended");
    two.refresh(&newer).assert_invalid_token("its session has ended");
}

/// A command may be sent twice when a connection breaks. That must not pass for a second use.
#[test]
fn a_lost_connection_does_not_end_a_session() {
    let Some(mut redis) = Redis::start() else { return };
    let server = start(&redis.url());
    let (_, mut refresh_token) = server.log_in_pair("ada");
    for _ in 0..5 {
        redis.stop();
        redis.restart();
        refresh_token = server.refresh(&refresh_token).pair().1;
        redis.ask::<i64>(&["CLIENT", "KILL", "TYPE", "normal"]);
        refresh_token = server.refresh(&refresh_token).pair().1;
    }
}
