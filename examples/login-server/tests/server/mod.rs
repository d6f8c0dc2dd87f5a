//! The real server as a child process, and a real HTTP client to talk to it.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use jwt_codec::{Algorithm, Key};
use serde_json::Value;
use ureq::{Agent, Body, http::Response};

/// Every variable that the server reads.
const VARIABLES: [&str; 4] = ["JWT_SECRET", "JWT_PREVIOUS_SECRET", "REDIS_URL", "LISTEN_ADDR"];

pub const SECRET: &str = "iLs0BFVV9FN0aqngEdO6xUbi_rurZtoAU8PqeZRmUDw";

pub fn key() -> Key {
    Key::from_base64url(Algorithm::Hs256, SECRET).unwrap()
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
    stderr: Option<JoinHandle<String>>,
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
        let mut stderr = child.stderr.take().unwrap();
        let stderr = thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(address) = line.trim_end().strip_prefix("listening on http://") else {
            child.kill().unwrap();
            panic!("printed {line:?}, and on stderr {:?}", stderr.join());
        };
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(20)))
            .build()
            .into();
        Self { address: address.into(), child, stderr: Some(stderr), agent }
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

    pub fn log_in(&self, username: &str) -> String {
        let form = [("username", username)];
        let answer = Answer::read(self.agent.post(self.url("/login")).send_form(form));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["token"].as_str().unwrap().into()
    }

    pub fn log_out(&self, token: &str) -> Answer {
        let request = self.agent.post(self.url("/logout"));
        Answer::read(request.header("Authorization", format!("Bearer {token}")).send_empty())
    }

    /// Sends it the signal.
    pub fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// Waits for its end; gives also what it wrote on stderr.
    pub fn wait(&mut self, limit: Duration) -> (ExitStatus, String) {
        let status = wait(&mut self.child, limit);
        (status, self.stderr.take().unwrap().join().unwrap())
    }

    /// Ends it by SIGTERM; gives what it wrote on stderr.
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

    /// The value of that header, which must be there once at most.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.response.headers().get_all(name).iter();
        let value = values.next().map(|value| value.to_str().unwrap());
        assert!(values.next().is_none(), "{name} is there twice");
        value
    }

    /// A refusal with status 401, this `error` and this description.
    #[track_caller]
    pub fn assert_refused(&self, error: &str, description: &str, case: &str) {
        assert_eq!(self.status, 401, "{case}: {}", self.body);
        assert_eq!(self.body, serde_json::json!({ "error": error }), "{case}");
        let challenge =
            format!(r#"Bearer error="invalid_token", error_description="{description}""#);
        assert_eq!(self.header("www-authenticate"), Some(&*challenge), "{case}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{case}");
    }

    #[track_caller]
    pub fn assert_invalid_token(&self, case: &str) {
        self.assert_refused("Invalid token", "the token is not valid", case);
    }
}

/// Waits for the end of a process; one that goes on for longer is ended, and is a failure.
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

/// By way of the shell, which has `kill` built in everywhere.
pub fn signal(child: &Child, name: &str) {
    let command = format!("kill -{name} {}", child.id());
    assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
}
