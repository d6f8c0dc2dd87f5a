//! Real issuers on this machine: `jwt-codec-oidc` verifies their tokens, from the discovery document
//! and the JWK Set, through a rotation of the keys.

use std::{error::Error, process::Command, time::Duration};

use jwt_codec_oidc::{Issuer, Login, OidcError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::library::Peer;

const RS256: &str = "RS256";
const PS256: &str = "PS256";
const ES256: &str = "ES256";
const ED_DSA: &str = "EdDSA";

/// An issuer's program, and which tokens it makes.
struct Provider {
    name: &'static str,
    program: &'static str,
    script: &'static str,
    /// The algorithms of its access tokens.
    access: &'static [&'static str],
    /// Whether its ID tokens have an `at_hash`.
    at_hash: bool,
    /// The algorithms of its logout tokens.
    logout: &'static [&'static str],
    /// How many checks there are. A run with any other number has left something out.
    checks: usize,
}

const PROVIDERS: [Provider; 2] = [
    Provider {
        name: "oidc-provider",
        program: "node",
        script: ".deps/node/issuer.mjs",
        access: &[RS256, PS256, ES256, ED_DSA],
        at_hash: false,
        logout: &[RS256, PS256, ES256, ED_DSA],
        checks: 4 * ACCESS_CHECKS + 4 * ID_CHECKS + 4 * LOGOUT_CHECKS,
    },
    Provider {
        name: "Authlib",
        program: ".deps/python/bin/python",
        script: "issuer.py",
        // Authlib signs access tokens only with the algorithms that joserfc recommends.
        access: &[RS256, ES256],
        at_hash: true,
        logout: &[],
        checks: 2 * ACCESS_CHECKS + 4 * ID_CHECKS,
    },
];

/// The algorithms of the ID tokens of every issuer.
const ID_ALGORITHMS: [&str; 4] = [RS256, PS256, ES256, ED_DSA];

const ACCESS_CHECKS: usize = 8;
const ID_CHECKS: usize = 12;
const LOGOUT_CHECKS: usize = 9;

#[derive(Deserialize)]
struct Started {
    issuer: String,
}

#[derive(Deserialize)]
struct Issued {
    token: String,
}

/// What the client of a login has received.
#[derive(Deserialize)]
struct LoggedIn {
    id_token: String,
    access_token: String,
    nonce: String,
}

/// The tokens of one generation of keys, each with its algorithm.
struct Tokens {
    access: Vec<(&'static str, String)>,
    id: Vec<(&'static str, LoggedIn)>,
    logout: Vec<(&'static str, String)>,
}

#[derive(Default)]
struct Report {
    passed: usize,
    failed: usize,
}

pub fn run() -> Result<bool, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut agree = true;
    for provider in &PROVIDERS {
        agree &= runtime.block_on(check_issuer(provider))?;
    }
    Ok(agree)
}

async fn check_issuer(provider: &Provider) -> Result<bool, Box<dyn Error>> {
    let mut peer = Peer::start(Command::new(provider.program).arg(provider.script))?;
    let Started { issuer: name } = peer.ask(&json!({ "op": "start" }))?;
    let patient = Duration::from_secs(3600);
    let issuer = Issuer::builder(&*name).cooldown(patient).connect().await?;
    let eager = Issuer::builder(&*name).cooldown(Duration::ZERO).connect().await?;
    let mut report = Report::default();

    let old = Tokens::issue(&mut peer, provider)?;
    check_rules(&issuer, &old, provider, &mut report).await;

    peer.ask::<Value>(&json!({ "op": "rotate" }))?;
    let new = Tokens::issue(&mut peer, provider)?;
    // It is too early to fetch again, but not without a cooldown: then new and old keys are there.
    check_keys(&issuer, &new, "unknown_key", &mut report).await;
    check_keys(&eager, &new, "ok", &mut report).await;
    check_keys(&eager, &old, "ok", &mut report).await;

    peer.ask::<Value>(&json!({ "op": "drop" }))?;
    eager.refresh().await?;
    check_keys(&eager, &new, "ok", &mut report).await;
    check_keys(&eager, &old, "unknown_key", &mut report).await;

    let Report { passed, failed } = report;
    let complete = passed + failed == provider.checks;
    if !complete {
        println!("{} checks ran, and there should be {}", passed + failed, provider.checks);
    }
    println!("{}: {passed} passed, {failed} failed", provider.name);
    Ok(failed == 0 && complete)
}

/// Checks what each verifier accepts and rejects while the keys stay as they are.
async fn check_rules(issuer: &Issuer, tokens: &Tokens, provider: &Provider, report: &mut Report) {
    for (alg, token) in &tokens.access {
        report.access(issuer, "api", token, alg, "ok").await;
        report.access(issuer, "bank", token, alg, "invalid_audience").await;
        report.access(issuer, "api", &forged(token), alg, "invalid_signature").await;
    }
    for (alg, LoggedIn { id_token, access_token, nonce }) in &tokens.id {
        let client = format!("web-{alg}");
        let login = Login::with_nonce(nonce).access_token(access_token);
        let other_nonce = Login::with_nonce("another").access_token(access_token);
        let other_access = Login::with_nonce(nonce).access_token("another");
        let at_hash = if provider.at_hash { "invalid_at_hash" } else { "ok" };
        report.id(issuer, &client, id_token, &login, alg, "ok").await;
        report.id(issuer, &client, id_token, &other_nonce, alg, "invalid_nonce").await;
        report.id(issuer, &client, id_token, &other_access, alg, at_hash).await;
        report.id(issuer, "bank", id_token, &login, alg, "invalid_audience").await;
        report.id(issuer, &client, &forged(id_token), &login, alg, "invalid_signature").await;
        report.access(issuer, &client, id_token, alg, "missing_claim").await;
        report.logout(issuer, &client, id_token, alg, "missing_claim").await;
    }
    for (alg, token) in &tokens.logout {
        let client = format!("web-{alg}");
        report.logout(issuer, &client, token, alg, "ok").await;
        report.logout(issuer, "bank", token, alg, "invalid_audience").await;
        report.logout(issuer, &client, &forged(token), alg, "invalid_signature").await;
        report.id(issuer, &client, token, &Login::without_nonce(), alg, "invalid_claim").await;
    }
}

/// Checks whether the keys of the tokens are known.
async fn check_keys(issuer: &Issuer, tokens: &Tokens, expected: &str, report: &mut Report) {
    for (alg, token) in &tokens.access {
        report.access(issuer, "api", token, alg, expected).await;
    }
    for (alg, LoggedIn { id_token, access_token, nonce }) in &tokens.id {
        let login = Login::with_nonce(nonce).access_token(access_token);
        report.id(issuer, &format!("web-{alg}"), id_token, &login, alg, expected).await;
    }
    for (alg, token) in &tokens.logout {
        report.logout(issuer, &format!("web-{alg}"), token, alg, expected).await;
    }
}

impl Tokens {
    fn issue(peer: &mut Peer, provider: &Provider) -> Result<Self, Box<dyn Error>> {
        let mut tokens = Self { access: Vec::new(), id: Vec::new(), logout: Vec::new() };
        for alg in provider.access {
            let Issued { token } = peer.ask(&json!({ "op": "token", "alg": alg }))?;
            tokens.access.push((alg, token));
        }
        for alg in ID_ALGORITHMS {
            tokens.id.push((alg, peer.ask(&json!({ "op": "login", "alg": alg }))?));
        }
        for alg in provider.logout {
            let Issued { token } = peer.ask(&json!({ "op": "logout", "alg": alg }))?;
            tokens.logout.push((alg, token));
        }
        Ok(tokens)
    }
}

impl Report {
    async fn access(
        &mut self,
        issuer: &Issuer,
        audience: &str,
        token: &str,
        alg: &str,
        expected: &str,
    ) {
        let decoded = issuer.access_tokens(audience).decode::<Value>(token).await;
        let is_right = |claims: &Value| {
            claims["client_id"].as_str().is_some_and(|client| client.starts_with("shop"))
        };
        self.note("access token", alg, decoded.map(|data| is_right(&data.claims)), expected);
    }

    async fn id(
        &mut self,
        issuer: &Issuer,
        client: &str,
        token: &str,
        login: &Login,
        alg: &str,
        expected: &str,
    ) {
        let decoded = issuer.id_tokens(client).decode::<Value>(token, login).await;
        self.note("ID token", alg, decoded.map(|data| data.claims["sub"] == "ada"), expected);
    }

    async fn logout(
        &mut self,
        issuer: &Issuer,
        client: &str,
        token: &str,
        alg: &str,
        expected: &str,
    ) {
        let decoded = issuer.logout_tokens(client).decode(token).await;
        let decoded = decoded.map(|token| token.sub.as_deref() == Some("ada"));
        self.note("logout token", alg, decoded, expected);
    }

    /// Compares a verdict with the expected code. `Ok(false)` stands for claims that are not those
    /// of the client or user.
    fn note(&mut self, kind: &str, alg: &str, verdict: Result<bool, OidcError>, expected: &str) {
        let (code, error) = match &verdict {
            Ok(true) => ("ok", String::new()),
            Ok(false) => ("altered", String::new()),
            Err(error) => (error.code(), error.to_string()),
        };
        if code == expected {
            self.passed += 1;
        } else {
            self.failed += 1;
            println!("{kind}, {alg}: {code}, not {expected}: {error}");
        }
    }
}

/// Changes the tenth character from the end.
fn forged(token: &str) -> String {
    let (start, end) = token.split_at(token.len() - 10);
    let other = if end.starts_with('A') { "B" } else { "A" };
    format!("{start}{other}{}", &end[1..])
}
