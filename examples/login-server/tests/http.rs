//! Every answer of the server, over real HTTP.
#![cfg(unix)] // for the signals and the file names that are no UTF-8

mod server;

use std::{
    ffi::OsStr,
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::ffi::OsStrExt,
    path::PathBuf,
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

const OTHER_SECRET: &str = "73b37d909da65f06694eae2f2ebf2c61bd6e1dde5f19ad1e5a2de8327ea14331";
const FORM: &str = "application/x-www-form-urlencoded";

fn start() -> Server {
    Server::start(&[("JWT_SECRET", SECRET)])
}

/// `POST path` with this body of that content type. A server that answers before it has read the
/// body may close the connection, so none of them is used again.
fn post(server: &Server, path: &str, content_type: &str, body: &str) -> Answer {
    let request = server.agent.post(server.url(path)).header("Content-Type", content_type);
    Answer::read(request.header("Connection", "close").send(body))
}

/// Claims as the server itself issues them.
fn good_claims() -> Claims<Value> {
    Claims::new(json!({ "username": "ada", "user_id": 1, "sid": "a session" }))
        .issuer("https://login.example")
        .audience("https://api.example")
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
    let (token, _) = answer.pair();
    let token = &*token;
    let policy = Validation::new().ignore_audience();
    let data = decode::<Claims<Value>>(token, &key(), &policy).unwrap();
    let registered = data.claims.registered;
    let (iat, exp) = (registered.iat.unwrap(), registered.exp.unwrap());
    assert!(before <= iat && iat <= NumericDate::now());
    assert_eq!(exp, iat + Duration::from_secs(30 * 60));
    assert_eq!(registered.iss.as_deref(), Some("https://login.example"));
    assert_eq!(registered.aud, Some(Audience::from("https://api.example")));
    assert_eq!((registered.sub, registered.nbf, registered.jti), (None, None, None));
    let custom = data.claims.custom;
    assert_eq!(custom["username"], "ada");
    assert_eq!(custom.as_object().unwrap().len(), 3);
    let sid = custom["sid"].as_str().unwrap();
    assert!(sid.len() == 32 && sid.bytes().all(|byte| byte.is_ascii_hexdigit()), "{sid}");

    let again = decode_unverified::<Claims<Value>>(&server.log_in("ada")).unwrap().claims;
    assert_eq!(again.custom["user_id"], custom["user_id"]);
    assert_ne!(again.custom["sid"], custom["sid"]);
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
        (FORM, "&&="),
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
fn what_is_no_form_is_told_so() {
    let server = start();
    for path in ["/login", "/refresh"] {
        for (content_type, body) in [
            ("application/json", r#"{"username":"ada"}"#),
            ("application/json", ""),
            ("text/plain", "username=ada"),
            ("multipart/form-data; boundary=x", "--x--"),
            ("", "username=ada"),
        ] {
            let answer = post(&server, path, content_type, body);
            let error = "Send a form (Content-Type: application/x-www-form-urlencoded), \
                         not JSON or anything else";
            answer.assert_failed(415, error, None, content_type);
        }
        for body in ["username=ada&username=bob", "refresh_token=a&refresh_token=b"] {
            let answer = post(&server, path, FORM, body);
            let own = (path == "/login") == body.starts_with("username");
            assert_eq!(answer.status, 422, "{path} {body}");
            assert_eq!(answer.body.to_string().contains("duplicate field"), own, "{}", answer.body);
        }
        let answer = post(&server, path, FORM, &format!("a={}", "x".repeat(5000)));
        assert_eq!(answer.status, 413);
        assert!(answer.body["error"].is_string(), "{}", answer.body);
    }
}

#[test]
fn a_head_over_its_limit_is_refused() {
    let server = start();
    let token = server.log_in("ada");
    let ask = |path: &str, headers: &str| {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        let head = format!("Host: a\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n");
        let request = format!("GET {path} HTTP/1.1\r\n{head}{headers}\r\n");
        // The server may close the connection before everything was sent.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    };
    let lines = |n: usize| "X: y\r\n".repeat(n);
    let long = |n: usize| format!("X: {}\r\n", "y".repeat(n));

    for headers in [lines(90), long(15 * 1024)] {
        let answer = ask("/protected", &headers);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    let long_path = format!("/protected?{}", "y".repeat(17 * 1024));
    for (path, headers) in
        [("/protected", long(17 * 1024)), ("/login", long(300 * 1024)), (&long_path, String::new())]
    {
        let answer = ask(path, &headers);
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
        assert!(answer.ends_with(r#"{"error":"The headers are too long"}"#), "{answer}");
    }
    // The HTTP library answers this one.
    assert!(ask("/protected", &lines(120)).starts_with("HTTP/1.1 431 "));
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
fn without_exactly_one_token_there_is_no_entry() {
    let server = start();
    let token = server.log_in("ada");
    let good = format!("Bearer {token}");
    let basic = format!("Basic {token}");
    let glued = format!("Bearer{token}");
    let tab = format!("Bearer\t{token}");
    let colon = format!("Bearer: {token}");
    let two_tokens = format!("Bearer {token} {token}");
    let none: [&[&[u8]]; 6] = [
        &[],
        &[b""],
        &[token.as_bytes()],
        &[basic.as_bytes()],
        &[glued.as_bytes()],
        &[colon.as_bytes()],
    ];
    let malformed: [&[&[u8]]; 6] = [
        &[b"Bearer"],
        &[b"Bearer "],
        &[tab.as_bytes()],
        &[two_tokens.as_bytes()],
        &[good.as_bytes(), good.as_bytes()],
        &[good.as_bytes(), basic.as_bytes()],
    ];
    for path in ["/protected", "/protected_route"] {
        for headers in none {
            server.get(path, headers).assert_no_token(&format!("{path} {headers:?}"));
        }
        for headers in malformed {
            server.get(path, headers).assert_malformed(&format!("{path} {headers:?}"));
        }
    }
    // The client refuses to send this one.
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let request =
        format!("GET /protected HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: {good}");
    stream.write_all(&[request.as_bytes(), b"\xE9\r\n\r\n"].concat()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.ends_with(r#"{"error":"Malformed Authorization header"}"#), "{answer}");

    post(&server, "/logout", FORM, "").assert_no_token("logout");
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
        server.protected(&token).assert_expired(&case);
        server.log_out(&token).assert_expired(&case);
    }
    let within_leeway = token(&issued(60).expires_at(NumericDate::now()));
    assert_eq!(server.protected(&within_leeway).status, 200);

    // A token that is both expired and forged is forged.
    let forger = Key::from_hex(Algorithm::Hs256, OTHER_SECRET).unwrap();
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
    let other_key = Key::from_hex(Algorithm::Hs256, OTHER_SECRET).unwrap();
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
        // `encode` would not write some of them.
        jwt_codec::sign(&Header::new(), claims.to_string().as_bytes(), &key()).unwrap()
    };

    let cases = [
        ("no token at all", "abc".into()),
        ("dots", "..".into()),
        ("many dots", ".".repeat(1000)),
        ("12 kB", format!("{good}{}", "A".repeat(12_000))),
        ("another secret", encode(&good_claims(), &other_key).unwrap()),
        ("another secret and a kid", encode(&good_claims(), &other_key.with_id("other")).unwrap()),
        ("another algorithm", encode(&good_claims(), &hs512).unwrap()),
        ("another payload", format!("{header}.{root_payload}.{signature}")),
        ("no signature", format!("{signing_input}.")),
        ("a signature cut short", good[..good.len() - 1].into()),
        ("padding", format!("{good}=")),
        // {"alg":"none"}, {"alg":"nOnE"}
        ("alg none", format!("eyJhbGciOiJub25lIn0.{payload}.")),
        ("alg none with a signature", format!("eyJhbGciOiJub25lIn0.{payload}.{signature}")),
        ("alg nOnE", format!("eyJhbGciOiJuT25FIn0.{payload}.")),
        (
            "another typ",
            encode_with_header(&Header::new().with_typ("at+jwt"), &good_claims(), &key()).unwrap(),
        ),
        ("another issuer", token(&good_claims().issuer("https://login.example/"))),
        ("another audience", token(&good_claims().audience("https://other.example"))),
        ("no issuer", without("iss")),
        ("no audience", without("aud")),
        ("no session", without("sid")),
        ("a numeric session", with("sid", json!(7))),
        ("no exp", without("exp")),
        ("no iat", without("iat")),
        ("no username", without("username")),
        ("a numeric id", with("jti", json!(7))),
        ("a numeric subject", with("sub", json!(7))),
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

    // A session of the old secret can be ended, too.
    assert_eq!(during.log_out(&old_token).status, 200);
    during.protected(&old_token).assert_invalid_token("logged out");
}

#[test]
fn the_secrets_of_a_file_are_read_again_on_sighup() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("secrets");
    let file = path.to_str().unwrap();
    let write = |text: &str| fs::write(&path, text).unwrap();
    write(&format!("{SECRET}\n"));
    let server = Server::start(&[("JWT_SECRETS_FILE", file)]);
    // What the server is to have done with a token once it has read the file again.
    let reload_until = |token: &str, status: u16| {
        server.signal("HUP");
        let start = Instant::now();
        while server.protected(token).status != status {
            assert!(start.elapsed() < Duration::from_secs(5), "not read again");
            thread::sleep(Duration::from_millis(5));
        }
    };
    let other_key = Key::from_hex(Algorithm::Hs256, OTHER_SECRET).unwrap();
    let (old, new) = (server.log_in("ada"), encode(&good_claims(), &other_key).unwrap());
    assert_eq!(server.protected(&old).status, 200);
    server.protected(&new).assert_invalid_token("not yet");

    write(&format!("\n{OTHER_SECRET}\n\n  {SECRET}  \r\n"));
    reload_until(&new, 200);
    assert_eq!(server.protected(&old).status, 200);
    let policy = Validation::new().ignore_audience();
    let signed_by_new = server.log_in("ada");
    assert!(decode::<Value>(&signed_by_new, &other_key, &policy).is_ok());

    // A bad file changes nothing.
    let kept = "the keys stay as they are";
    for (count, bad) in ["", "\n \n", "short", &format!("{OTHER_SECRET}\nshort")].iter().enumerate()
    {
        write(bad);
        server.signal("HUP");
        server.wait_for_log(kept, count + 1);
        assert_eq!(server.protected(&old).status, 200, "{bad:?}");
        assert_eq!(server.protected(&new).status, 200, "{bad:?}");
    }
    fs::remove_file(&path).unwrap();
    server.signal("HUP");
    server.wait_for_log(kept, 5);
    assert_eq!(server.protected(&new).status, 200);

    write(OTHER_SECRET);
    reload_until(&old, 401);
    assert_eq!(server.protected(&signed_by_new).status, 200);

    let log = server.stop();
    assert_eq!(log.matches("the keys were replaced").count(), 2, "{log}");
    assert_eq!(log.matches(kept).count(), 5, "{log}");
    assert!(!log.contains(SECRET) && !log.contains(OTHER_SECRET), "{log}");
    fs::remove_file(&path).unwrap();
}

#[test]
fn the_log_says_why_if_asked() {
    let server = Server::start(&[("JWT_SECRET", SECRET), ("LOG", "jwt_codec_axum=info")]);
    let token = token(&good_claims().issuer("hunter2"));
    server.protected(&token).assert_invalid_token("another issuer");
    let log = server.stop();
    assert!(log.contains("refused: the token is not valid code=\"invalid_issuer\""), "{log}");
    let (_, signature) = token.rsplit_once('.').unwrap();
    assert!(!log.contains("hunter2") && !log.contains(signature), "{log}");

    let server = start();
    server.protected(&token).assert_invalid_token("another issuer");
    assert!(!server.stop().contains("refused"));
}

#[test]
fn without_a_secret_one_is_made_with_a_warning() {
    let (one, two) = (Server::start(&[]), Server::start(&[]));
    let token = one.log_in("ada");
    assert_eq!(one.protected(&token).status, 200);
    two.protected(&token).assert_invalid_token("of a server with another random secret");
    one.protected(&self::token(&good_claims())).assert_invalid_token("of a known secret");
    assert!(one.stop().contains("WARN login_server: JWT_SECRET is not set"));

    assert!(!start().stop().contains("WARN"));
}

type Environment<'e> = &'e [(&'e str, &'e str)];

#[test]
fn a_bad_environment_stops_the_start_without_a_secret_in_the_message() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let spaced = SECRET.replace("a", " a");
    let short = "73686f72742d736563726574";
    let password_url = "postgres://user:hunter2@127.0.0.1";
    let secrets = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bad-secrets");
    fs::write(&secrets, format!("{SECRET}\n\n{short}\n")).unwrap();
    let secrets = secrets.to_str().unwrap();
    let cases: [(Environment, &str, &str); 16] = [
        (&[("JWT_SECRET", "")], "JWT_SECRET: the key of 0 bytes is too short for HS256", "\0"),
        (&[("JWT_SECRET", short)], "JWT_SECRET: the key of 12 bytes is too short for HS256", short),
        (
            &[("JWT_SECRET", &spaced)],
            "JWT_SECRET: invalid key: the text is not hexadecimal",
            &spaced,
        ),
        (&[("JWT_SECRET", "\n")], "JWT_SECRET: the key of 0 bytes is too short for HS256", "\0"),
        (
            &[("JWT_SECRETS_FILE", secrets)],
            "JWT_SECRETS_FILE, line 3: the key of 12 bytes is too short for HS256",
            short,
        ),
        (&[("JWT_SECRETS_FILE", "/nowhere")], "JWT_SECRETS_FILE: /nowhere cannot be read", SECRET),
        (&[("JWT_SECRETS_FILE", "/dev/null")], "/dev/null has no secret in it", SECRET),
        (
            &[("JWT_SECRETS_FILE", secrets), ("JWT_SECRET", SECRET)],
            "JWT_SECRETS_FILE is set, so JWT_SECRET",
            SECRET,
        ),
        (&[("LOG", "=loud=")], "LOG is not a filter", SECRET),
        (&[("JWT_SECRET", "hunter2 zz")], "JWT_SECRET: invalid key", "hunter2"),
        (
            &[("JWT_SECRET", SECRET), ("JWT_PREVIOUS_SECRET", short)],
            "JWT_PREVIOUS_SECRET: the key of 12 bytes is too short for HS256",
            short,
        ),
        (
            &[("JWT_SECRET", SECRET), ("JWT_PREVIOUS_SECRET", "")],
            "JWT_PREVIOUS_SECRET: the key of 0",
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

/// Runs a program that should not start, and returns its output.
fn failed_start(program: &mut Command) -> Output {
    let mut child = program.spawn().unwrap();
    wait(&mut child, Duration::from_secs(20));
    child.wait_with_output().unwrap()
}

/// Sends half of a login on a connection of its own.
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
        assert!(stderr.ends_with("INFO login_server: stopping\n"), "{signal}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{signal}: {stderr}");
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
