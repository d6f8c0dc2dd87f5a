//! Every answer of the server, over real HTTP.
#![cfg(unix)] // for the signals and the file names that are no UTF-8

mod server;

use std::{
    ffi::OsStr,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::ffi::OsStrExt,
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

use jwt_codec::{
    Algorithm, Audience, Claims, Header, Key, NumericDate, Validation,
    dangerous::decode_unverified, decode, encode, encode_with_header,
};
use serde_json::{Value, json};

use crate::server::{Answer, SECRET, Server, key, program, wait};

const OTHER_SECRET: &str = "c7N9kJ2mXwZpTq4vLr8sYb1uHd5fGa0eWi3oMn6hQzE";
const FORM: &str = "application/x-www-form-urlencoded";

fn start() -> Server {
    Server::start(&[("JWT_SECRET", SECRET)])
}

/// `POST path` with this body of that content type.
fn post(server: &Server, path: &str, content_type: &str, body: &str) -> Answer {
    let request = server.agent.post(server.url(path)).header("Content-Type", content_type);
    Answer::read(request.send(body))
}

/// Claims as the server itself issues them.
fn good_claims() -> Claims<Value> {
    Claims::new(json!({ "username": "ada", "user_id": 1 }))
        .issuer("https://login.example")
        .audience("https://api.example")
        .id("a token's own id")
        .issued_now()
        .expires_in(Duration::from_secs(1800))
}

fn token(claims: &Claims<Value>) -> String {
    encode(claims, &key()).unwrap()
}

#[test]
fn login_issues_a_token_for_thirty_minutes() {
    let server = start();
    let before = NumericDate::now();
    let answer = post(&server, "/login", FORM, "username=ada&password=ignored");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.body.as_object().unwrap().len(), 1);

    let token = answer.body["token"].as_str().unwrap();
    let policy = Validation::new().ignore_audience();
    let data = decode::<Claims<Value>>(token, &key(), &policy).unwrap();
    let registered = data.claims.registered;
    let (iat, exp) = (registered.iat.unwrap(), registered.exp.unwrap());
    assert!(before <= iat && iat <= NumericDate::now());
    assert_eq!(exp, iat + Duration::from_secs(30 * 60));
    assert_eq!(registered.iss.as_deref(), Some("https://login.example"));
    assert_eq!(registered.aud, Some(Audience::from("https://api.example")));
    assert_eq!((registered.sub, registered.nbf), (None, None));
    let jti = registered.jti.unwrap();
    assert!(jti.len() == 32 && jti.bytes().all(|byte| byte.is_ascii_hexdigit()), "{jti}");
    let custom = data.claims.custom;
    assert_eq!(custom["username"], "ada");
    assert_eq!(custom.as_object().unwrap().len(), 2);

    let again = decode_unverified::<Claims<Value>>(&server.log_in("ada")).unwrap().claims;
    assert_eq!(again.custom["user_id"], custom["user_id"]);
    assert_ne!(again.registered.jti.unwrap(), jti);
    let other = decode_unverified::<Claims<Value>>(&server.log_in("grace")).unwrap().claims;
    assert_ne!(other.custom["user_id"], custom["user_id"]);
}

#[test]
fn login_needs_a_username() {
    let server = start();
    for (content_type, body) in [
        (FORM, ""),
        (FORM, "username="),
        (FORM, "username=%20%09"),
        (FORM, "user=ada"),
        (FORM, "username=ada&username=bob"),
        ("application/json", r#"{"username":"ada"}"#),
        ("text/plain", "username=ada"),
    ] {
        let answer = post(&server, "/login", content_type, body);
        let case = format!("{content_type} {body}");
        assert_eq!(answer.status, 422, "{case}");
        assert_eq!(
            answer.body,
            json!({ "error": "The form field username is required" }),
            "{case}"
        );
        assert_eq!(answer.header("content-type"), Some("application/json"), "{case}");
    }
}

#[test]
fn login_takes_names_of_any_script_and_bounded_length() {
    let server = start();
    let longest = "é".repeat(128);
    for name in ["José Ñandú", "李雷", "a&b=c+d%\"\\", &longest] {
        let answer = server.protected(&server.log_in(name));
        assert_eq!(answer.status, 200, "{name}");
        assert_eq!(answer.body["payload"]["username"], name);
    }
    assert_eq!(server.protected(&server.log_in("  ada ")).body["payload"]["username"], "ada");

    let answer = post(&server, "/login", FORM, &format!("username={longest}x"));
    assert_eq!(answer.status, 422);
    assert_eq!(answer.body, json!({ "error": "The username is longer than 256 bytes" }));
    let answer = post(&server, "/login", FORM, &format!("username={}", "x".repeat(5000)));
    assert_eq!(answer.status, 413);
    assert!(answer.body["error"].is_string(), "{}", answer.body);
}

#[test]
fn a_valid_token_opens_both_routes() {
    let server = start();
    let token = server.log_in("ada");
    let claims = decode_unverified::<Value>(&token).unwrap().claims;
    for path in ["/protected", "/protected_route"] {
        for scheme in ["Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer   "] {
            let answer = server.get(path, &[format!("{scheme}{token}").as_bytes()]);
            assert_eq!(answer.status, 200, "{path} {scheme}");
            let expected =
                json!({ "message": "Hello, ada! Your token is valid.", "payload": claims });
            assert_eq!(answer.body, expected, "{path} {scheme}");
            assert_eq!(answer.header("www-authenticate"), None);
        }
    }
}

#[test]
fn without_a_well_formed_header_there_is_no_entry() {
    let server = start();
    let token = server.log_in("ada");
    let good = format!("Bearer {token}");
    let basic = format!("Basic {token}");
    let glued = format!("Bearer{token}");
    let tab = format!("Bearer\t{token}");
    let colon = format!("Bearer: {token}");
    let two_tokens = format!("Bearer {token} {token}");
    let cases: [&[&[u8]]; 11] = [
        &[],
        &[b""],
        &[b"Bearer"],
        &[b"Bearer "],
        &[token.as_bytes()],
        &[basic.as_bytes()],
        &[glued.as_bytes()],
        &[tab.as_bytes()],
        &[colon.as_bytes()],
        &[two_tokens.as_bytes()],
        &[good.as_bytes(), good.as_bytes()],
    ];
    for path in ["/protected", "/protected_route"] {
        for headers in cases {
            let case = format!(
                "{path} {:?}",
                headers.iter().map(|h| h.escape_ascii().to_string()).collect::<Vec<_>>()
            );
            let answer = server.get(path, headers);
            answer.assert_refused("Unauthorized", "the request has no bearer token", &case);
        }
    }
    // The client refuses to send this one.
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let request =
        format!("GET /protected HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: {good}");
    stream.write_all(&[request.as_bytes(), b"\xE9\r\n\r\n"].concat()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 401 ") && answer.ends_with(r#"{"error":"Unauthorized"}"#),
        "{answer}"
    );

    let answer = post(&server, "/logout", FORM, "");
    answer.assert_refused("Unauthorized", "the request has no bearer token", "logout");
}

#[test]
fn an_expired_token_says_so() {
    let server = start();
    let now = NumericDate::now();
    let issued = |ago| good_claims().issued_at(now - Duration::from_secs(ago));

    // Just out of the leeway of 5 seconds, and long ago.
    for ago in [5, 3600, 86_400 * 365] {
        let exp = now - Duration::from_secs(ago);
        let token = token(&issued(ago + 60).expires_at(exp));
        let case = format!("expired {ago} s ago");
        let (error, description) = ("Token has expired", "the token has expired");
        server.protected(&token).assert_refused(error, description, &case);
        server.log_out(&token).assert_refused(error, description, &case);
    }
    let within_leeway = token(&issued(60).expires_at(NumericDate::now()));
    assert_eq!(server.protected(&within_leeway).status, 200);

    // Expired and forged is forged.
    let forger = Key::from_base64url(Algorithm::Hs256, OTHER_SECRET).unwrap();
    let forged = encode(&issued(3600).expires_at(now - Duration::from_secs(60)), &forger).unwrap();
    server.protected(&forged).assert_invalid_token("expired and forged");
}

#[test]
fn any_other_token_is_invalid() {
    let server = start();
    let good = token(&good_claims());
    assert_eq!(server.protected(&good).status, 200, "else the cases below show nothing");

    let (signing_input, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = signing_input.split_once('.').unwrap();
    let other_key = Key::from_base64url(Algorithm::Hs256, OTHER_SECRET).unwrap();
    let hs512 = Key::hs512([7; 64]).unwrap();
    let root =
        token(&Claims { custom: json!({ "username": "root", "user_id": 0 }), ..good_claims() });
    let root_payload = root.split('.').nth(1).unwrap();
    let now = NumericDate::now();
    let without = |claim: &str| {
        let mut claims = serde_json::to_value(good_claims()).unwrap();
        claims.as_object_mut().unwrap().remove(claim).unwrap();
        encode(&claims, &key()).unwrap()
    };
    let with = |claim: &str, value: Value| {
        let mut claims = serde_json::to_value(good_claims()).unwrap();
        claims[claim] = value;
        encode(&claims, &key()).unwrap()
    };

    let cases = [
        ("no token at all", "abc".into()),
        ("dots", "..".into()),
        ("many dots", ".".repeat(1000)),
        ("70 kB", format!("{good}{}", "A".repeat(70_000))),
        ("another secret", encode(&good_claims(), &other_key).unwrap()),
        ("another algorithm", encode(&good_claims(), &hs512).unwrap()),
        ("another payload", format!("{header}.{root_payload}.{signature}")),
        ("no signature", format!("{signing_input}.")),
        ("a signature cut short", good[..good.len() - 1].into()),
        ("padding", format!("{good}=")),
        // {"alg":"none"}, {"alg":"nOnE"}
        ("alg none", format!("eyJhbGciOiJub25lIn0.{payload}.")),
        ("alg none with a signature", format!("eyJhbGciOiJub25lIn0.{payload}.{signature}")),
        ("alg nOnE", format!("eyJhbGciOiJuT25FIn0.{payload}.")),
        ("unknown kid", encode(&good_claims(), &key().with_id("other")).unwrap()),
        (
            "another typ",
            encode_with_header(&Header::new().with_typ("at+jwt"), &good_claims(), &key()).unwrap(),
        ),
        ("another issuer", token(&good_claims().issuer("https://login.example/"))),
        ("another audience", token(&good_claims().audience("https://other.example"))),
        ("no issuer", without("iss")),
        ("no audience", without("aud")),
        ("no id", without("jti")),
        ("no exp", without("exp")),
        ("no iat", without("iat")),
        ("no username", without("username")),
        ("a numeric id", with("jti", json!(7))),
        ("exp as text", with("exp", json!("4102444800"))),
        ("a user id of another type", with("user_id", json!("1"))),
        ("not valid yet", token(&good_claims().not_before(now + Duration::from_secs(60)))),
        ("a lifetime of a day", token(&good_claims().expires_in(Duration::from_secs(86_400)))),
        (
            "issued in the future",
            token(
                &good_claims()
                    .issued_at(now + Duration::from_secs(60))
                    .expires_at(now + Duration::from_secs(120)),
            ),
        ),
        ("no object", jwt_codec::sign(&Header::new(), b"[]", &key()).unwrap()),
    ];
    for (case, token) in cases {
        server.protected(&token).assert_invalid_token(case);
        server.log_out(&token).assert_invalid_token(case);
    }
    assert_eq!(server.protected(&good).status, 200, "and none of them revoked the good one");
}

#[test]
fn other_paths_and_methods_are_refused() {
    let server = start();
    assert_eq!(server.get("/", &[]).status, 404);
    assert_eq!(server.get("/login", &[]).status, 405);
    assert_eq!(server.get("/logout", &[]).status, 405);
    assert_eq!(post(&server, "/protected", FORM, "").status, 405);
}

#[test]
fn a_rotated_secret_still_verifies_and_no_longer_signs() {
    let before = start();
    let old_token = before.log_in("ada");
    let during = Server::start(&[("JWT_SECRET", OTHER_SECRET), ("JWT_PREVIOUS_SECRET", SECRET)]);
    let new_token = during.log_in("ada");
    let after = Server::start(&[("JWT_SECRET", OTHER_SECRET)]);

    assert_eq!(during.protected(&old_token).status, 200);
    assert_eq!(during.protected(&new_token).status, 200);
    assert_eq!(after.protected(&new_token).status, 200);
    after.protected(&old_token).assert_invalid_token("the old secret is gone");
    before.protected(&new_token).assert_invalid_token("the new secret has not come yet");

    // A token of the old secret can be logged out, too.
    assert_eq!(during.log_out(&old_token).status, 200);
    during.protected(&old_token).assert_invalid_token("logged out");
}

#[test]
fn logout_revokes_that_token_alone() {
    let server = start();
    let (token, other) = (server.log_in("ada"), server.log_in("ada"));
    let answer = server.log_out(&token);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, json!({ "message": "Logged out" }));

    server.protected(&token).assert_invalid_token("logged out");
    server
        .get("/protected_route", &[format!("Bearer {token}").as_bytes()])
        .assert_invalid_token("logged out");
    server.log_out(&token).assert_invalid_token("logged out twice");
    assert_eq!(server.protected(&other).status, 200);
}

#[test]
fn without_a_secret_one_is_made_with_a_warning() {
    let (one, two) = (Server::start(&[]), Server::start(&[]));
    let token = one.log_in("ada");
    assert_eq!(one.protected(&token).status, 200);
    two.protected(&token).assert_invalid_token("of a server with another random secret");
    one.protected(&self::token(&good_claims())).assert_invalid_token("of a known secret");
    assert!(one.stop().contains("warning: JWT_SECRET is not set"));

    assert!(!start().stop().contains("warning"));
}

type Environment<'e> = &'e [(&'e str, &'e str)];

#[test]
fn a_bad_environment_stops_the_start_without_a_secret_in_the_message() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let padded = format!("{SECRET}=");
    let newline = format!("{SECRET}\n");
    let short = "c2hvcnQtc2VjcmV0";
    let password_url = "postgres://user:hunter2@127.0.0.1";
    let cases: [(Environment, &str, &str); 11] = [
        (&[("JWT_SECRET", "")], "JWT_SECRET: key of 0 bytes is too short for HS256", "\0"),
        (&[("JWT_SECRET", short)], "JWT_SECRET: key of 12 bytes is too short for HS256", short),
        (&[("JWT_SECRET", &padded)], "JWT_SECRET: invalid key: the text is not base64url", SECRET),
        (&[("JWT_SECRET", &newline)], "JWT_SECRET: invalid key: the text is not base64url", SECRET),
        (&[("JWT_SECRET", "not base64url")], "JWT_SECRET: invalid key", "not base64url at"),
        (
            &[("JWT_SECRET", SECRET), ("JWT_PREVIOUS_SECRET", short)],
            "JWT_PREVIOUS_SECRET: key of 12 bytes is too short for HS256",
            short,
        ),
        (
            &[("JWT_SECRET", SECRET), ("JWT_PREVIOUS_SECRET", "")],
            "JWT_PREVIOUS_SECRET: key of 0",
            SECRET,
        ),
        (&[("JWT_PREVIOUS_SECRET", SECRET)], "JWT_SECRET is not", SECRET),
        (&[("JWT_SECRET", SECRET), ("REDIS_URL", password_url)], "REDIS_URL is not", "hunter2"),
        (&[("JWT_SECRET", SECRET), ("LISTEN_ADDR", "nowhere")], "cannot listen on nowhere", SECRET),
        (&[("JWT_SECRET", SECRET), ("LISTEN_ADDR", &taken)], "(LISTEN_ADDR)", SECRET),
    ];
    for (env, message, secret) in cases {
        let output = failed_start(&mut program(env));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{env:?}: {stderr}");
        assert!(stderr.contains(message), "{env:?}: {stderr}");
        assert!(!stderr.contains(secret), "{env:?}: {stderr}");
        assert_eq!(output.stdout, b"", "{env:?}");
    }

    let output = failed_start(program(&[]).env("JWT_SECRET", OsStr::from_bytes(b"\xFF")));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stderr, b"login-server: JWT_SECRET is not UTF-8\n");
}

/// What the program leaves behind that should not start.
fn failed_start(program: &mut Command) -> Output {
    let mut child = program.spawn().unwrap();
    wait(&mut child, Duration::from_secs(20));
    child.wait_with_output().unwrap()
}

/// Half of a login on a connection of its own.
fn half_a_login(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let half = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 12\r\n\
        Content-Type: application/x-www-form-urlencoded\r\n\r\nuserna";
    stream.write_all(half.as_bytes()).unwrap();
    // The server must have accepted it: connections that wait in the queue are not under way.
    thread::sleep(Duration::from_millis(200));
    stream
}

#[test]
fn requests_under_way_are_answered_after_the_signal_to_stop() {
    for signal in ["TERM", "INT"] {
        let mut server = start();
        let mut stream = half_a_login(&server);
        server.signal(signal);
        let start = Instant::now();
        while TcpStream::connect(&server.address).is_ok() {
            assert!(start.elapsed() < Duration::from_secs(3), "still takes connections");
            thread::sleep(Duration::from_millis(10));
        }
        stream.write_all(b"me=ada").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{signal}: {answer}");
        assert!(answer.contains(r#"{"token":"eyJ"#), "{signal}: {answer}");

        let (status, stderr) = server.wait(Duration::from_secs(4));
        assert!(status.success(), "{signal}: {status}");
        assert_eq!(stderr, "login-server: stopping\n", "{signal}");
    }
}

#[test]
fn a_request_that_never_ends_does_not_keep_the_server_alive() {
    let mut server = start();
    let stream = half_a_login(&server);
    server.signal("TERM");
    let (status, stderr) = server.wait(Duration::from_secs(15));
    assert!(status.success(), "{status}");
    assert!(stderr.contains("gave up on requests still open"), "{stderr}");
    drop(stream);
}
