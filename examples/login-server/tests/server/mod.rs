//! The real server as a child process, and a real HTTP client to talk to it.
#![allow(dead_code, reason = "each test file uses some of it")]

pub mod redis;

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use jwt_codec::{Algorithm, Key};
use serde_json::Value;
use ureq::{Agent, Body, http::Response};

/// Every variable that the server reads.
const VARIABLES: [&str; 6] =
    ["JWT_SECRET", "JWT_PREVIOUS_SECRET", "JWT_SECRETS_FILE", "REDIS_URL", "LISTEN_ADDR", "LOG"];

pub const SECRET: &str = "88bb34045555f453746aa9e011d3bac546e2febbab66da0053c3ea799466503c";

pub fn key() -> Key {
    Key::from_hex(Algorithm::Hs256, SECRET).unwrap()
}

/// The server's program with these variables and none of the caller's.
pub fn program(env: &[(&str, &str)]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_login-server"));
    for name in VARIABLES {
        program.env_remove(name);
    }
    program.env("LISTEN_ADDR", "127.0.0.1:0").envs(env.iter().copied());
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

pub struct Server {
    child: Child,
    /// What the server has written on stderr, and the thread that reads it.
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    /// Host and port.
    pub address: String,
    pub agent: Agent,
}

pub struct Answer {
    pub status: u16,
    pub body: Value,
    response: Response<Body>,
}

impl Server {
    /// Starts it on a free port and waits until it listens.
    pub fn start(env: &[(&str, &str)]) -> Self {
        let mut child = program(env).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let log = Arc::<Mutex<String>>::default();
        let written = Arc::clone(&log);
        let reader = thread::spawn(move || {
            for line in stderr.lines() {
                let mut log = written.lock().unwrap();
                log.push_str(&line.unwrap());
                log.push('\n');
            }
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(address) = line.trim_end().strip_prefix("listening on http://") else {
            child.kill().unwrap();
            reader.join().unwrap();
            panic!("printed {line:?}, and on stderr {:?}", log.lock());
        };
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(20)))
            .build()
            .into();
        Self { address: address.into(), child, log, reader: Some(reader), agent }
    }

    /// `GET path` with these `Authorization` headers.
    pub fn get(&self, path: &str, authorization: &[&[u8]]) -> Answer {
        let mut request = self.agent.get(self.url(path));
        for &value in authorization {
            request = request.header("Authorization", value);
        }
        Answer::read(request.call())
    }

    pub fn protected(&self, token: &str) -> Answer {
        self.get("/protected", &[format!("Bearer {token}").as_bytes()])
    }

    /// `POST path` with these form fields.
    pub fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = fields.iter().copied();
        Answer::read(self.agent.post(self.url(path)).send_form(form))
    }

    /// An access token.
    pub fn log_in(&self, username: &str) -> String {
        self.log_in_pair(username).0
    }

    /// An access token and a refresh token.
    pub fn log_in_pair(&self, username: &str) -> (String, String) {
        self.post_form("/login", &[("username", username)]).pair()
    }

    pub fn refresh(&self, refresh_token: &str) -> Answer {
        self.post_form("/refresh", &[("refresh_token", refresh_token)])
    }

    pub fn log_out(&self, token: &str) -> Answer {
        let request = self.agent.post(self.url("/logout"));
        Answer::read(request.header("Authorization", format!("Bearer {token}")).send_empty())
    }

    /// Sends these bytes on a new connection. Dropping the stream closes it.
    pub fn send(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(bytes).unwrap();
        stream
    }

    /// Sends a signal to the server.
    pub fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// Waits until the server has logged this so many times.
    pub fn wait_for_log(&self, text: &str, count: usize) {
        let start = Instant::now();
        while self.log.lock().unwrap().matches(text).count() < count {
            assert!(start.elapsed() < Duration::from_secs(10), "{text:?} is not logged");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the server refuses all of these tokens.
    pub fn wait_until_refused(&self, tokens: &[String], case: &str) {
        let start = Instant::now();
        let is_open = |token: &&String| self.protected(token).status == 200;
        loop {
            let open = tokens.iter().filter(is_open).count();
            if open == 0 {
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(5), "{case}: {open} sessions go on");
            thread::sleep(Duration::from_millis(20));
        }
        for token in tokens {
            self.protected(token).assert_invalid_token(case);
        }
    }

    /// Waits until the server has ended, and returns its status and what it wrote on stderr.
    pub fn wait(&mut self, limit: Duration) -> (ExitStatus, String) {
        let status = wait(&mut self.child, limit);
        self.reader.take().unwrap().join().unwrap();
        (status, self.log.lock().unwrap().clone())
    }

    /// Ends the server by SIGTERM, and returns what it wrote on stderr.
    pub fn stop(mut self) -> String {
        self.signal("TERM");
        let (status, stderr) = self.wait(Duration::from_secs(10));
        assert!(status.success(), "{status}: {stderr}");
        stderr
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Answer {
    pub fn read(response: Result<Response<Body>, ureq::Error>) -> Self {
        let mut response = response.unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status: response.status().as_u16(), body, response }
    }

    /// Returns the value of this header, which may be there only once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.response.headers().get_all(name).iter();
        let value = values.next().map(|value| value.to_str().unwrap());
        assert!(values.next().is_none(), "{name} is there twice");
        value
    }

    /// The two tokens of a success.
    #[track_caller]
    pub fn pair(&self) -> (String, String) {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.body.as_object().unwrap().len(), 2, "{}", self.body);
        let text = |name: &str| self.body[name].as_str().unwrap().to_owned();
        (text("token"), text("refresh_token"))
    }

    /// A failure with this status, `error` and challenge.
    #[track_caller]
    pub fn assert_failed(&self, status: u16, error: &str, challenge: Option<&str>, case: &str) {
        assert_eq!(self.status, status, "{case}: {}", self.body);
        assert_eq!(self.body, serde_json::json!({ "error": error }), "{case}");
        assert_eq!(self.header("www-authenticate"), challenge, "{case}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{case}");
    }

    #[track_caller]
    pub fn assert_no_token(&self, case: &str) {
        self.assert_failed(401, "Unauthorized", Some("Bearer"), case);
    }

    #[track_caller]
    pub fn assert_malformed(&self, case: &str) {
        let challenge = r#"Bearer error="invalid_request""#;
        self.assert_failed(400, "Malformed Authorization header", Some(challenge), case);
    }

    #[track_caller]
    pub fn assert_expired(&self, case: &str) {
        let challenge =
            r#"Bearer error="invalid_token", error_description="the token has expired""#;
        self.assert_failed(401, "Token has expired", Some(challenge), case);
    }

    #[track_caller]
    pub fn assert_invalid_token(&self, case: &str) {
        let challenge = r#"Bearer error="invalid_token""#;
        self.assert_failed(401, "Invalid token", Some(challenge), case);
    }

    #[track_caller]
    pub fn assert_unavailable(&self) {
        self.assert_failed(503, "Service Unavailable", None, "without the store");
    }
}

/// Returns the bytes of a logout.
pub fn logout_request(token: &str) -> Vec<u8> {
    format!("POST /logout HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n").into()
}

/// Returns the bytes of a refresh.
pub fn refresh_request(refresh_token: &str) -> Vec<u8> {
    let body = format!("refresh_token={refresh_token}");
    let len = body.len();
    format!(
        "POST /refresh HTTP/1.1\r\nHost: a\r\nContent-Length: {len}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}"
    )
    .into()
}

/// Waits for the end of a process. A process that goes on for longer is ended, and the test fails.
pub fn wait(child: &mut Child, limit: Duration) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if start.elapsed() > limit {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("still running after {limit:?}");
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Sends a signal by way of the shell, in which `kill` is always built in.
pub fn signal(child: &Child, name: &str) {
    let command = format!("kill -{name} {}", child.id());
    assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
}
