//! The four libraries behind one face: ours in this process, the others as child processes that
//! are given one JSON line and answer with one.

use std::{
    error::Error,
    fmt,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use jwt_codec::{Algorithm, Header, Key, KeySet, NumericDate, Validation, decode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

/// In the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    JwtCodec,
    PyJwt,
    Jose,
    JsonWebToken,
}

pub use Library::{Jose, JsonWebToken, JwtCodec, PyJwt};

impl Library {
    pub const ALL: [Self; 4] = [JwtCodec, PyJwt, Jose, JsonWebToken];

    /// What runs it; `None` is this process.
    fn command(self) -> Option<Command> {
        let (program, arguments): (_, &[&str]) = match self {
            JwtCodec => return None,
            PyJwt => (".deps/python/bin/python", &["peer.py"]),
            Jose => ("node", &[".deps/node/peer.mjs", "jose"]),
            JsonWebToken => ("node", &[".deps/node/peer.mjs", "jsonwebtoken"]),
        };
        let mut command = Command::new(program);
        command.args(arguments);
        Some(command)
    }
}

impl fmt::Display for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            JwtCodec => "jwt-codec",
            PyJwt => "PyJWT",
            Jose => "jose",
            JsonWebToken => "jsonwebtoken",
        })
    }
}

/// A secret as a JWK (RFC 7517).
#[derive(Clone, Serialize)]
pub struct Jwk {
    pub kty: &'static str,
    pub alg: Algorithm,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<&'static str>,
    pub k: String,
}

/// What a verifier is asked to check.
#[derive(Clone, Serialize)]
pub struct Policy {
    pub now: i64,
    pub leeway: u64,
    pub require: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuers: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audiences: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typ: Option<&'static str>,
}

impl Policy {
    fn validation(&self) -> Validation {
        let mut validation = Validation::new()
            .at(NumericDate::from_secs(self.now))
            .leeway(Duration::from_secs(self.leeway));
        if !self.require.contains(&"exp") {
            validation = validation.allow_missing_exp();
        }
        for claim in &self.require {
            validation = validation.require(*claim);
        }
        if let Some(issuers) = &self.issuers {
            validation = validation.issuers(issuers.iter().copied());
        }
        if let Some(audiences) = &self.audiences {
            validation = validation.audiences(audiences.iter().copied());
        }
        if let Some(subject) = self.subject {
            validation = validation.subject(subject);
        }
        if let Some(max_age) = self.max_age {
            validation = validation.max_age(Duration::from_secs(max_age));
        }
        if let Some(typ) = self.typ {
            validation = validation.typ(typ);
        }
        validation
    }
}

/// A verifier's answer.
#[derive(Debug, Deserialize)]
pub struct Verdict {
    /// `accepted`, or an error code of ours that says the same as the library's own error.
    pub kind: String,
    /// The error in the library's own words.
    #[serde(default)]
    pub message: String,
    /// JSON text, as the library's language writes it.
    #[serde(default)]
    pub header: String,
    #[serde(default)]
    pub claims: String,
}

#[derive(Deserialize)]
struct Version {
    version: String,
    runtime: String,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

/// A library that is ready to be asked.
pub struct Side {
    pub library: Library,
    peer: Option<Peer>,
}

/// A child process that answers each JSON line with one.
pub struct Peer {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Side {
    pub fn start(library: Library) -> Result<Self, Box<dyn Error>> {
        let Some(mut command) = library.command() else {
            return Ok(Self { library, peer: None });
        };
        let peer = Peer::start(&mut command)
            .map_err(|error| format!("cannot start {library}: {error}"))?;
        Ok(Self { library, peer: Some(peer) })
    }

    pub fn version(&mut self) -> Result<String, Box<dyn Error>> {
        let Some(peer) = &mut self.peer else { return Ok("this crate".into()) };
        let Version { version, runtime } = peer.ask(&json!({ "op": "version" }))?;
        Ok(format!("{version} on {runtime}"))
    }

    /// Has a token issued.
    pub fn encode(
        &mut self,
        key: &Jwk,
        header: &Map<String, Value>,
        claims: &Value,
    ) -> Result<String, Box<dyn Error>> {
        match &mut self.peer {
            None => encode_here(key, header, claims).map_err(Into::into),
            Some(peer) => {
                let request =
                    json!({ "op": "encode", "key": key, "header": header, "claims": claims });
                peer.ask::<Token>(&request).map(|answer| answer.token)
            }
        }
    }

    /// Has a token verified: with one key whatever it names, with several by its `kid`.
    pub fn decode(
        &mut self,
        token: &str,
        keys: &[Jwk],
        policy: &Policy,
    ) -> Result<Verdict, Box<dyn Error>> {
        match &mut self.peer {
            None => decode_here(token, keys, policy).map_err(Into::into),
            Some(peer) => {
                let request =
                    json!({ "op": "decode", "token": token, "keys": keys, "policy": policy });
                peer.ask(&request)
            }
        }
    }
}

impl Peer {
    pub fn start(command: &mut Command) -> Result<Self, Box<dyn Error>> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let requests = child.stdin.take().ok_or("no pipe to the peer")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no pipe from the peer")?);
        Ok(Self { child, requests, answers })
    }

    pub fn ask<T: DeserializeOwned>(&mut self, request: &Value) -> Result<T, Box<dyn Error>> {
        writeln!(self.requests, "{request}")?;
        let mut answer = String::new();
        if self.answers.read_line(&mut answer)? == 0 {
            return Err("a peer ended before it had answered; its own message is above".into());
        }
        Ok(serde_json::from_str(&answer)?)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // After an error it may still be at work; it has nothing to lose.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn key_of(jwk: &Jwk) -> Result<Key, jwt_codec::Error> {
    let key = Key::from_base64url(jwk.alg, &jwk.k)?;
    Ok(match jwk.kid {
        Some(kid) => key.with_id(kid),
        None => key,
    })
}

fn encode_here(
    key: &Jwk,
    header: &Map<String, Value>,
    claims: &Value,
) -> Result<String, jwt_codec::Error> {
    let header = header
        .iter()
        .try_fold(Header::new(), |header, (name, value)| header.with_member(name, value.clone()))?;
    jwt_codec::encode_with_header(&header, claims, &key_of(key)?)
}

fn decode_here(token: &str, keys: &[Jwk], policy: &Policy) -> Result<Verdict, jwt_codec::Error> {
    let validation = policy.validation();
    let result = match keys {
        [key] => decode::<Value>(token, &key_of(key)?, &validation),
        keys => {
            let keys = KeySet::from_jwks(&json!({ "keys": keys }).to_string())?;
            decode::<Value>(token, &keys, &validation)
        }
    };
    Ok(match result {
        Ok(data) => Verdict {
            kind: "accepted".into(),
            message: String::new(),
            header: Value::Object(members(&data.header)).to_string(),
            claims: data.claims.to_string(),
        },
        Err(error) => Verdict {
            kind: error.code().into(),
            message: error.to_string(),
            header: String::new(),
            claims: String::new(),
        },
    })
}

/// The members of a header, of those that the cases use.
fn members(header: &Header) -> Map<String, Value> {
    let texts = [
        ("alg", header.alg()),
        ("kid", header.kid()),
        ("typ", header.typ()),
        ("cty", header.cty()),
    ];
    let texts = texts.map(|(name, text)| (name, text.map(Value::from)));
    let others = ["region", "jwk", "b64"].map(|name| (name, header.get(name)));
    texts
        .into_iter()
        .chain(others)
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}
