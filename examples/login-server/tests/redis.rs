//! Logout through a real `redis-server`, which the tests start and stop themselves.
#![cfg(unix)] // for the signals

mod server;

use std::{
    fs,
    io::{self, Write},
    net::TcpListener,
    path::PathBuf,
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use jwt_codec::{Claims, NumericDate, dangerous::decode_unverified, encode};
use serde_json::{Value, json};

use crate::server::{Answer, SECRET, Server, key, signal};

/// A `redis-server` that keeps its data on disk over a restart.
struct Redis {
    child: Child,
    port: u16,
    dir: PathBuf,
}

impl Redis {
    /// `None` where Redis is not installed, unless `CI` is set.
    fn start() -> Option<Self> {
        let found = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status();
        if let Err(error) = found {
            let advice = "redis-server cannot be run: install it (Debian: redis-server)";
            assert!(std::env::var_os("CI").is_none(), "{advice}: {error}");
            // Past the test harness, which swallows what a passing test prints; in one piece, as
            // several tests say so at once.
            let _ = io::stderr().write_all(format!("SKIPPED: {advice}: {error}\n").as_bytes());
            return None;
        }
        let port = free_port();
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("redis-{port}"));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        let mut redis = Self { child: Self::spawn(port, &dir), port, dir };
        redis.wait_until_ready();
        Some(redis)
    }

    fn spawn(port: u16, dir: &PathBuf) -> Child {
        Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--daemonize", "no"])
            .args(["--save", "", "--appendonly", "yes", "--appendfsync", "always", "--dir"])
            .arg(dir)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn wait_until_ready(&mut self) {
        let start = Instant::now();
        while self.try_ask::<String>(&["PING"]).is_err() {
            assert_eq!(self.child.try_wait().unwrap(), None, "redis-server ended");
            assert!(start.elapsed() < Duration::from_secs(20), "redis-server does not answer");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn restart(&mut self) {
        self.child = Self::spawn(self.port, &self.dir);
        self.wait_until_ready();
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn try_ask<T: redis::FromRedisValue>(&self, command: &[&str]) -> redis::RedisResult<T> {
        let mut connection = redis::Client::open(self.url())?.get_connection()?;
        redis::cmd(command[0]).arg(&command[1..]).query(&mut connection)
    }

    fn ask<T: redis::FromRedisValue>(&self, command: &[&str]) -> T {
        self.try_ask(command).unwrap()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Not one that the system would hand out: while Redis is stopped, somebody else would get it.
fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let offset = process::id().wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        let port = 10_000 + u16::try_from(offset).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn start(redis_url: &str) -> Server {
    Server::start(&[("JWT_SECRET", SECRET), ("REDIS_URL", redis_url)])
}

#[track_caller]
fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert_eq!(answer.body, json!({ "error": "Service Unavailable" }));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("www-authenticate"), None, "it is not the token's fault");
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

    // A server without that store shows that it is the store that knows.
    let alone = Server::start(&[("JWT_SECRET", SECRET)]);
    assert_eq!(alone.protected(&token).status, 200);
}

#[test]
fn the_store_forgets_a_token_when_it_would_be_refused_anyway() {
    let Some(redis) = Redis::start() else { return };
    let server = start(&redis.url());
    let token = server.log_in("ada");
    assert_eq!(server.log_out(&token).status, 200);

    let claims = decode_unverified::<Claims<Value>>(&token).unwrap().claims.registered;
    let name = format!("login-server:revoked:{}", claims.jti.unwrap());
    assert_eq!(redis.ask::<Vec<String>>(&["KEYS", "*"]), [&*name]);
    // exp plus the leeway of 5 seconds; both clocks tick between the steps.
    let left = || claims.exp.unwrap().as_secs() + 5 - NumericDate::now().as_secs();
    let latest = left() + 1;
    let ttl: i64 = redis.ask(&["TTL", &name]);
    assert!((left() - 1..=latest).contains(&ttl), "{ttl} is not {}", left());
    assert!(ttl > 1800 - 60, "{ttl}");

    // A token in its leeway is remembered to the end of it, and then forgotten.
    let session = Claims::new(json!({ "username": "ada", "user_id": 1 }))
        .issuer("https://login.example")
        .audience("https://api.example")
        .id("brief")
        .issued_at(NumericDate::now() - Duration::from_secs(60))
        .expires_at(NumericDate::now());
    let token = encode(&session, &key()).unwrap();
    assert_eq!(server.log_out(&token).status, 200);
    server.protected(&token).assert_invalid_token("revoked within its leeway");
    let start = Instant::now();
    while redis.ask::<Vec<String>>(&["KEYS", "*"]) != [&*name] {
        assert!(start.elapsed() < Duration::from_secs(12), "not forgotten");
        thread::sleep(Duration::from_millis(50));
    }
    server.protected(&token).assert_refused("Token has expired", "the token has expired", "later");
}

#[test]
fn with_the_store_stopped_nobody_gets_in() {
    let Some(mut redis) = Redis::start() else { return };
    let server = start(&redis.url());
    let (token, revoked) = (server.log_in("ada"), server.log_in("ada"));
    assert_eq!(server.log_out(&revoked).status, 200);

    redis.stop();
    for _ in 0..3 {
        assert_unavailable(&server.protected(&token));
        assert_unavailable(&server.protected(&revoked));
        assert_unavailable(&server.log_out(&token));
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

    assert!(server.stop().contains("the revocation store cannot be used"));
}

#[test]
fn a_logout_that_the_store_does_not_take_is_not_confirmed() {
    let Some(redis) = Redis::start() else { return };
    let server = start(&redis.url());
    let token = server.log_in("ada");

    // Full: it still answers questions, but takes nothing new.
    redis.ask::<String>(&["CONFIG", "SET", "maxmemory", "1"]);
    assert_eq!(server.protected(&token).status, 200);
    assert_unavailable(&server.log_out(&token));

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
    assert_eq!(server.stop(), "login-server: stopping\n");
}

#[test]
fn a_store_that_hangs_is_not_waited_for() {
    let Some(redis) = Redis::start() else { return };
    let server = start(&redis.url());
    let token = server.log_in("ada");
    assert_eq!(server.protected(&token).status, 200);

    signal(&redis.child, "STOP");
    let start = Instant::now();
    assert_unavailable(&server.protected(&token));
    assert!(start.elapsed() < Duration::from_secs(4), "took {:?}", start.elapsed());

    signal(&redis.child, "CONT");
    let start = Instant::now();
    while server.protected(&token).status != 200 {
        assert!(start.elapsed() < Duration::from_secs(10), "does not recover");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_store_that_comes_after_the_server_is_found() {
    let Some(mut redis) = Redis::start() else { return };
    redis.stop();
    let server = start(&redis.url());
    let token = server.log_in("ada");
    assert_unavailable(&server.protected(&token));
    redis.restart();
    assert_eq!(server.protected(&token).status, 200);
}
